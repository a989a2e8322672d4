//! A tree that only grows, in the least memory that its root can be told from: one hash for each bit that is
//! set in its size (a compact range from 0).

use super::hash::Hash;

/// The roots of the full subtrees that a tree is made of, largest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peaks {
    size: u64,
    peaks: Vec<Hash>,
}

impl Peaks {
    /// The tree without leaves.
    pub const fn new() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// The tree of a size; `None` when it has another number of peaks, or more leaves than can be counted on.
    pub fn try_new(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        let fits = peaks.len() == size.count_ones() as usize && i64::try_from(size).is_ok();
        fits.then_some(Self { size, peaks })
    }

    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Two subtrees of one size become one, as a carry runs through the bits of the size.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = Hash::node(left, hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The full subtrees' roots, largest first.
    pub fn as_slice(&self) -> &[Hash] {
        &self.peaks
    }

    /// The root of the tree as it is.
    pub fn root(&self) -> Hash {
        self.peaks
            .iter()
            .copied()
            .rev()
            .reduce(|right, left| Hash::node(left, right))
            .unwrap_or_else(Hash::empty)
    }

    /// Where the peaks of a tree stand: level (0 for leaves) and index in that level, largest first.
    pub(crate) fn places(size: u64) -> impl Iterator<Item = (u32, u64)> {
        (0..u64::BITS)
            .rev()
            .filter(move |level| size >> level & 1 == 1)
            .map(move |level| (level, (size >> level) - 1))
    }
}

impl Default for Peaks {
    fn default() -> Self {
        Self::new()
    }
}
