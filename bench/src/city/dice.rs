//! Chance that is the same every time: Splitmix64 (Steele, Lea and Flood 2014).

use jiff::Timestamp;
use uuid::Uuid;

/// A die of its own for every case, so that cases can be made in any order.
pub(super) struct Dice(u64);

impl Dice {
    /// The die of a case in a city of that seed.
    pub(super) const fn new(seed: u64, number: u64) -> Self {
        Self(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ seed)
    }

    pub(super) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`, which must be above nought.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.roll() % limit as u64).unwrap_or(0)
    }

    /// Whether one thing in a hundred happened, or so many in a hundred.
    pub(super) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub(super) fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }

    /// An id as the program would have made it at that moment.
    pub(super) fn uuid(&mut self, at: Timestamp) -> Uuid {
        let (mut random, millis) = ([0; 10], u64::try_from(at.as_millisecond()).unwrap_or(0));
        random[..8].copy_from_slice(&self.roll().to_be_bytes());
        random[8..].copy_from_slice(&self.roll().to_be_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
