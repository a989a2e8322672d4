//! Payment cards.

use super::What;
use super::glyph::Gap;
use super::reading::Reading;

impl Reading<'_> {
    /// Finds them.
    pub(super) fn cards(&mut self) {
        for at in 0..self.groups.len() {
            self.card(at);
        }
    }

    /// Payment cards: 13 to 19 digits that satisfy Luhn, in one piece or in the groups printed on the card.
    fn card(&mut self, at: usize) {
        let chain = self.chain(at, 6);
        let mut total = 0;
        let mut hit = None;
        for (n, group) in chain.iter().enumerate() {
            let grouped = n == 0 || (matches!(group.gap, Gap::Space | Gap::Hyphen | Gap::Dot) && group.tight);
            if !grouped || group.lookalikes > 0 {
                break;
            }
            total += group.len;
            if total > 19 || (n > 0 && !(3..=6).contains(&group.len)) {
                break;
            }
            let printed = n == 0 || chain[0].len == 4;
            if total >= 13 && printed && luhn(&self.joined(&chain[..=n])) {
                hit = Some(n + 1);
            }
        }
        // Sixteen digits as they are printed on a card are one, also with a slip in them.
        let printed = self.chain(at, 4);
        let slip = printed.len() == 4
            && printed.iter().all(|group| group.len == 4 && group.lookalikes == 0)
            && printed.iter().skip(1).all(|group| group.tight && group.gap == printed[1].gap)
            && matches!(printed[1].gap, Gap::Space | Gap::Hyphen)
            && matches!(self.digits_of(&printed[0]), [3..=6, ..])
            // Postcodes in a row are rounder than that.
            && printed.iter().any(|group| !self.number(group).is_multiple_of(10));
        if let Some(count) = hit.or(slip.then_some(4)) {
            self.take(at, count, What::Card);
        }
    }
}

/// The check that payment card numbers satisfy.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(n, digit)| {
            let digit = u32::from(*digit);
            match (n % 2, digit) {
                (0, digit) => digit,
                (_, digit @ 5..) => digit * 2 - 9,
                (_, digit) => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}
