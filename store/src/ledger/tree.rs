//! The tree that grows on disk, safe against a crash at any instant.
//!
//! Order of writing: tiles first, synced; then `head`, which says how far they count, replaced as a whole.
//! Whatever stands in files beyond the head is written again. Invariant: a file that the head covers is never
//! opened for writing; partial tiles go only when a head that covers the full one is in place.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::fault::LedgerError;
use super::files;
use super::hash::Hash;
use super::peaks::Peaks;
use super::tiles::{HEIGHT, Tiles, WIDTH, fold, path};
use crate::port::Position;

/// How far the tree on disk counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    size: u64,
    /// Where the last leaf's event stands in the log.
    position: Position,
    root: String,
}

/// A tree of leaf hashes in a folder.
pub struct Tree {
    dir: PathBuf,
    peaks: Peaks,
    position: Position,
    last: Option<Hash>,
    /// The rightmost, unfinished tile of each level.
    edge: Vec<Vec<Hash>>,
    /// Tiles that are full and not on disk yet: level, index, hashes.
    full: Vec<(u32, u64, Vec<Hash>)>,
    flushed: u64,
}

impl Tree {
    /// Opens the tree in `dir`, or an empty one. What a crash left behind the head is not counted.
    pub fn open(dir: &Path) -> Result<Self, LedgerError> {
        files::make_dir(dir)?;
        let Some(head) = read_head(dir)? else {
            let (peaks, position) = (Peaks::new(), Position(0));
            return Ok(Self {
                dir: dir.to_owned(),
                peaks,
                position,
                last: None,
                edge: Vec::new(),
                full: Vec::new(),
                flushed: 0,
            });
        };
        let mut tiles = Tiles::new(dir, head.size);
        let mut edge = Vec::new();
        let levels = (0..).take_while(|level| head.size.checked_shr(level * HEIGHT).unwrap_or(0) > 0);
        for level in levels {
            let there = head.size >> (level * HEIGHT);
            edge.push(if there.is_multiple_of(WIDTH) {
                Vec::new()
            } else {
                tiles.tile(level, there / WIDTH)?.to_vec()
            });
        }
        let peaks: Result<Vec<_>, _> =
            Peaks::places(head.size).map(|(level, index)| tiles.node(level, index)).collect();
        let peaks = Peaks::try_new(head.size, peaks?)
            .filter(|peaks| peaks.root().to_string() == head.root)
            .ok_or_else(|| {
            LedgerError::damaged(&dir.join("tile"), "its hashes do not give the recorded root")
        })?;
        let last = head.size.checked_sub(1).map(|last| tiles.leaf(last)).transpose()?;
        Ok(Self {
            dir: dir.to_owned(),
            flushed: head.size,
            peaks,
            position: head.position,
            last,
            edge,
            full: Vec::new(),
        })
    }

    /// How many leaves it has, flushed or not.
    pub const fn size(&self) -> u64 {
        self.peaks.size()
    }

    /// The root over all of them.
    pub fn root(&self) -> Hash {
        self.peaks.root()
    }

    /// Where the last leaf's event stands in the log; 0 when there is none.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The last leaf.
    pub const fn last(&self) -> Option<Hash> {
        self.last
    }

    /// How many leaves a crash now would make the tree forget.
    pub const fn unflushed(&self) -> u64 {
        self.peaks.size() - self.flushed
    }

    /// Adds the leaf of the event at `position`, in memory.
    pub fn push(&mut self, leaf: Hash, position: Position) {
        self.peaks.push(leaf);
        (self.position, self.last) = (position, Some(leaf));
        let mut hash = leaf;
        for level in 0.. {
            let at = level as usize;
            if self.edge.len() == at {
                self.edge.push(Vec::new());
            }
            let tile = &mut self.edge[at];
            tile.push(hash);
            if (tile.len() as u64) < WIDTH {
                break;
            }
            hash = fold(tile);
            let index = (self.peaks.size() >> (HEIGHT * (level + 1))) - 1;
            self.full.push((level, index, std::mem::take(tile)));
        }
    }

    /// Makes everything that was added durable.
    pub fn flush(&mut self) -> Result<(), LedgerError> {
        if self.unflushed() == 0 {
            return Ok(());
        }
        let size = self.size();
        let partial = self.edge.iter().zip(0_u32..).filter(|(tile, _)| !tile.is_empty());
        let partial = partial.map(|(tile, level)| (level, size >> (HEIGHT * level) >> HEIGHT, tile));
        let full = self.full.iter().map(|(level, index, tile)| (*level, *index, tile));
        let mut written = Vec::new();
        for (level, index, tile) in full.chain(partial) {
            let path = path(&self.dir, level, index, tile.len());
            path.parent().map_or(Ok(()), files::make_dir)?;
            let bytes: Vec<u8> = tile.iter().flat_map(|hash| *hash.as_bytes()).collect();
            files::write(&path, &bytes)?;
            written.push(path);
        }
        files::sync_names(written.into_iter(), &self.dir)?;
        let head = Head { size, position: self.position, root: self.root().to_string() };
        let head = serde_json::to_vec(&head).map_err(|_| LedgerError::Aborted)?;
        files::replace(&self.dir.join("head"), &head)?;
        self.flushed = size;
        for (level, index, _) in self.full.drain(..) {
            // The full tile counts from now on; its earlier, partial states are its beginning.
            let partial = path(&self.dir, level, index, 1);
            let Some(partial) = partial.parent() else { continue };
            match fs::remove_dir_all(partial) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(LedgerError::io(partial)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// How many leaves the tree in `dir` has on disk.
pub fn size_on_disk(dir: &Path) -> Result<u64, LedgerError> {
    Ok(read_head(dir)?.map_or(0, |head| head.size))
}

fn read_head(dir: &Path) -> Result<Option<Head>, LedgerError> {
    let path = dir.join("head");
    let Some(bytes) = files::read(&path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|_| LedgerError::damaged(&path, "it cannot be read"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::proof;
    use super::*;

    fn leaf(n: u64) -> Hash {
        Hash::leaf(&n.to_be_bytes())
    }

    fn grown(size: u64) -> Peaks {
        let mut peaks = Peaks::new();
        (0..size).for_each(|n| peaks.push(leaf(n)));
        peaks
    }

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }

    #[test]
    fn proofs_read_from_tiles_hold_across_tile_borders() {
        let dir = tempfile::tempdir().unwrap();
        let mut tree = Tree::open(dir.path()).unwrap();
        let size = 70_000;
        (0..size).for_each(|n| tree.push(leaf(n), Position(n + 1)));
        tree.flush().unwrap();
        for expected in ["0/272", "0/273.p/112", "1/000", "1/001.p/17", "2/000.p/1"] {
            assert!(dir.path().join("tile").join(expected).exists(), "{expected}");
        }
        let mut tiles = Tiles::new(dir.path(), size);
        for index in [0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
            let made = proof::inclusion(index, size, &mut |level, index| tiles.node(level, index)).unwrap();
            assert!(proof::proves_inclusion(leaf(index), index, size, tree.root(), &made), "{index}");
        }
        for old in [1, 255, 256, 257, 65_536, 65_537, 69_999] {
            let made = proof::consistency(old, size, &mut |level, index| tiles.node(level, index)).unwrap();
            assert!(proof::proves_consistency((old, grown(old).root()), (size, tree.root()), &made), "{old}");
        }
        assert!(matches!(tiles.leaf(size), Err(LedgerError::NotThere(_))));
    }

    #[test]
    fn a_changed_tile_on_the_edge_is_noticed_at_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        let mut tree = Tree::open(dir.path()).unwrap();
        (0..300).for_each(|n| tree.push(leaf(n), Position(n + 1)));
        tree.flush().unwrap();
        let file = dir.path().join("tile/0/001.p/44");
        let mut bytes = fs::read(&file).unwrap();
        bytes[40] ^= 1;
        fs::write(&file, &bytes).unwrap();
        assert!(matches!(Tree::open(dir.path()), Err(LedgerError::Damaged { .. })));
        fs::remove_file(&file).unwrap();
        assert!(matches!(Tree::open(dir.path()), Err(LedgerError::Damaged { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        /// A crash leaves some of the files that a flush writes, the last of them torn, and never the new head.
        #[test]
        fn whatever_a_crash_leaves_the_tree_continues_from_its_head(
            steps in proptest::collection::vec((1_u64..700, any::<prop::sample::Index>(), any::<bool>()), 1..6),
        ) {
            let place = tempfile::tempdir().unwrap();
            let (mut dir, mut size) = (place.path().join("0"), 0);
            for (n, (more, cut, finished)) in steps.into_iter().enumerate() {
                let mut tree = Tree::open(&dir).unwrap();
                prop_assert_eq!((tree.size(), tree.root()), (size, grown(size).root()));
                prop_assert_eq!(tree.position(), Position(size));
                prop_assert_eq!(tree.last(), size.checked_sub(1).map(leaf));
                let crashed = place.path().join(format!("{}", n + 1));
                copy(&dir, &crashed);
                (size..size + more).for_each(|n| tree.push(leaf(n), Position(n + 1)));
                tree.flush().unwrap();
                if finished {
                    size += more;
                    continue;
                }
                // The files that are new, in the order of their writing, up to the cut; the last one torn.
                let mut new = Vec::new();
                files_under(&dir.join("tile"), &mut new);
                new.retain(|file| !crashed.join(file.strip_prefix(&dir).unwrap()).exists());
                new.sort_by_key(|file| fs::metadata(file).unwrap().modified().unwrap());
                let kept = cut.index(new.len() + 1);
                for (at, file) in new[..kept].iter().enumerate() {
                    let to = crashed.join(file.strip_prefix(&dir).unwrap());
                    fs::create_dir_all(to.parent().unwrap()).unwrap();
                    let bytes = fs::read(file).unwrap();
                    let torn = if at + 1 == kept { bytes.len() / 2 } else { bytes.len() };
                    fs::write(to, &bytes[..torn]).unwrap();
                }
                dir = crashed;
            }
            let tree = Tree::open(&dir).unwrap();
            prop_assert_eq!((tree.size(), tree.root()), (size, grown(size).root()));
            let mut tiles = Tiles::new(&dir, size);
            for n in 0..size {
                prop_assert_eq!(tiles.leaf(n).unwrap(), leaf(n));
            }
        }
    }

    fn files_under(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { files_under(&path, found) } else { found.push(path) }
        }
    }
}
