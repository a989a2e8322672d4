//! Reading the tree as it lies on disk: tiles of 256 hashes, laid out as C2SP tlog-tiles wants them, so that
//! any node is one file read and a proof a handful.

use std::path::{Path, PathBuf};

use super::fault::LedgerError;
use super::files;
use super::hash::Hash;
use super::peaks::Peaks;
use crate::recent::Recent;

/// The levels of the tree that one tile spans.
pub(crate) const HEIGHT: u32 = 8;
/// The hashes in a full tile.
pub(crate) const WIDTH: u64 = 1 << HEIGHT;
/// Tiles held in memory, 8 KiB each, twice as many at most.
const CACHED: usize = 128;

/// Where a tile lies under the ledger folder; `width` below 256 names a partial one.
pub(crate) fn path(dir: &Path, level: u32, index: u64, width: usize) -> PathBuf {
    let mut name = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        name = format!("x{:03}/{name}", rest % 1000);
        rest /= 1000;
    }
    if (width as u64) < WIDTH {
        name = format!("{name}.p/{width}");
    }
    dir.join("tile").join(level.to_string()).join(name)
}

/// The hash over hashes that are the leaves of a full subtree.
pub(crate) fn fold(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Hash::empty(),
        [one] => *one,
        more => {
            let (left, right) = more.split_at(more.len() / 2);
            Hash::node(fold(left), fold(right))
        }
    }
}

/// The tiles of a tree of a size.
pub struct Tiles {
    dir: PathBuf,
    size: u64,
    recent: Recent<(u32, u64), Vec<Hash>>,
}

impl Tiles {
    /// Those in the ledger folder `dir`, where a tree of at least `size` leaves lies.
    pub fn new(dir: &Path, size: u64) -> Self {
        Self { dir: dir.to_owned(), size, recent: Recent::new(CACHED) }
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hash of a leaf.
    pub fn leaf(&mut self, index: u64) -> Result<Hash, LedgerError> {
        self.node(0, index)
    }

    /// The hash of the full subtree at `index` among those with 2^`level` leaves.
    pub fn node(&mut self, level: u32, index: u64) -> Result<Hash, LedgerError> {
        let (tile, inner) = (level / HEIGHT, level % HEIGHT);
        let first = index << inner;
        let start = usize::try_from(first % WIDTH).unwrap_or(0);
        let hashes = self.tile(tile, first / WIDTH)?;
        match hashes.get(start..start + (1 << inner)) {
            Some(hashes) => Ok(fold(hashes)),
            None => Err(LedgerError::NotThere(format!("the tree has no node {index} at level {level}"))),
        }
    }

    /// The root that the tree had when it had `size` leaves.
    pub fn root_at(&mut self, size: u64) -> Result<Hash, LedgerError> {
        let peaks: Result<Vec<_>, _> =
            Peaks::places(size).map(|(level, index)| self.node(level, index)).collect();
        let not_there = || LedgerError::NotThere(format!("the tree has fewer than {size} leaves"));
        Ok(Peaks::try_new(size, peaks?).ok_or_else(not_there)?.root())
    }

    /// The hashes of a tile, as many as the tree has there.
    pub(crate) fn tile(&mut self, level: u32, index: u64) -> Result<&[Hash], LedgerError> {
        let key = (level, index);
        if self.recent.get(&key).is_none() {
            let read = self.read(level, index)?;
            self.recent.insert(key, read);
        }
        Ok(self.recent.get(&key).map_or(&[], Vec::as_slice))
    }

    fn read(&self, level: u32, index: u64) -> Result<Vec<Hash>, LedgerError> {
        let there = self.size.checked_shr(HEIGHT * level).unwrap_or(0);
        let width = usize::try_from(there.saturating_sub(index * WIDTH).min(WIDTH)).unwrap_or(0);
        let full = path(&self.dir, level, index, usize::MAX);
        if width == 0 {
            return Err(LedgerError::NotThere(format!("the tree has no tile {index} at level {level}")));
        }
        // A partial tile may have grown full since, and is deleted then.
        let partial = path(&self.dir, level, index, width);
        let mut bytes = files::read(&partial)?;
        if bytes.is_none() {
            bytes = files::read(&full)?;
        }
        let bytes = bytes.ok_or_else(|| LedgerError::damaged(&partial, "it is missing"))?;
        bytes
            .get(..width * Hash::LEN)
            .and_then(Hash::many)
            .ok_or_else(|| LedgerError::damaged(&partial, "it is too short"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_lie_where_the_specification_puts_them() {
        let at = |level, index, width| path(Path::new(""), level, index, width).display().to_string();
        assert_eq!(at(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(at(1, 0, 17), "tile/1/000.p/17");
        assert_eq!(at(0, 273, 112), "tile/0/273.p/112");
    }
}
