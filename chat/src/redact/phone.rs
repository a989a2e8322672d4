//! Phone numbers.

use super::What;
use super::glyph::Gap;
use super::harmless::{CALLING, before};
use super::public::Public;
use super::reading::{Group, Reading};

impl Reading<'_> {
    /// Finds them. Public ones are settled, and stay.
    pub(super) fn phones(&mut self, public: &Public) {
        for at in 0..self.groups.len() {
            self.phone(at, public);
        }
    }

    fn phone(&mut self, at: usize, public: &Public) {
        let chain = self.chain(at, 10);
        let Some(first) = chain.first().copied() else { return };
        if chain.iter().take(5).any(|group| group.lookalikes > 0) && first.lookalikes > 0 {
            return;
        }
        // How many groups hang together as a phone number is written.
        let plain = |(n, group): &(usize, &Group)| {
            let bracket = *n == 1 && first.plus && group.gap == Gap::Other;
            (bracket || matches!(group.gap, Gap::Space | Gap::Hyphen | Gap::Dot | Gap::Slash))
                && group.lookalikes == 0
        };
        let length = 1 + chain.iter().enumerate().skip(1).take_while(plain).count();
        let chain = &chain[..length];
        let starts = self.digits_of(&first);
        let prefixed = match starts {
            [4, 5] if first.plus => Some(1),
            [0, 0, 4, 5] | [4, 5] if length > 1 => Some(1),
            _ => None,
        };
        if let Some(skip) = prefixed
            && let Some(count) = self.eight(&chain[skip..])
        {
            return self.remove_phone(at, skip, count, public);
        }
        let whole = match (first.len, starts) {
            (10, [4, 5, ..]) => Some(2),
            (12, [0, 0, 4, 5, ..]) => Some(4),
            _ => None,
        };
        if let Some(skip) = whole {
            let number: String = starts[skip..].iter().map(|digit| char::from(b'0' + digit)).collect();
            if public.has_phone(&number) {
                return self.keep(at, 1);
            }
            return self.take(at, 1, What::Phone);
        }
        let apart = chain.get(1).is_none_or(|next| matches!(next.gap, Gap::Space | Gap::Hyphen));
        if first.plus || (starts.starts_with(&[0, 0]) && !first.lettered && (starts.len() >= 4 || apart)) {
            let mut total = 0;
            let count = chain.iter().take_while(|group| {
                total += group.len;
                total <= 15
            });
            let count = count.count();
            let digits: usize = chain[..count].iter().map(|group| group.len).sum();
            if digits >= 8 {
                return self.take(at, count, What::Phone);
            }
        }
        if let Some(count) = self.eight(chain) {
            self.remove_phone(at, 0, count, public);
        }
    }

    fn remove_phone(&mut self, at: usize, skip: usize, count: usize, public: &Public) {
        let groups = self.groups.get(at + skip..at + skip + count).unwrap_or_default();
        let number: String = self.joined(groups).iter().map(|digit| char::from(b'0' + digit)).collect();
        if public.has_phone(&number) {
            self.keep(at, skip + count);
        } else {
            self.take(at, skip + count, What::Phone);
        }
    }

    /// Eight digits in one of the groupings Danes write: how many groups they take.
    fn eight(&self, chain: &[Group]) -> Option<usize> {
        let lengths: Vec<usize> = chain.iter().take(4).map(|group| group.len).collect();
        let count = match lengths.as_slice() {
            [8, ..] => 1,
            [4, 4, ..] | [3, 5, ..] | [5, 3, ..] | [2, 6, ..] | [6, 2, ..] => 2,
            [2, 3, 3, ..] | [3, 2, 3, ..] | [3, 3, 2, ..] | [2, 2, 4, ..] | [4, 2, 2, ..] => 3,
            [2, 2, 2, 2] => 4,
            _ => return None,
        };
        let groups = &chain[..count];
        let (first, last) = groups.first().zip(groups.last())?;
        let digits = self.joined(groups);
        let same_gaps = groups.iter().skip(2).all(|group| group.gap == groups[1].gap);
        // "26/012345" is a case.
        let slashed = groups.iter().skip(1).any(|group| group.gap == Gap::Slash);
        let year = |group: &Group| (1900..=2099).contains(&self.number(group));
        let years = count == 2 && groups.iter().all(|group| group.len == 4 && year(group));
        // Eight digits that read as a date are one, unless somebody says that they are a phone number.
        let dated = count == 1 && self.date_in(first).is_some() && !before(self.raw, first.from, &CALLING);
        // "7500-8500" is an amount from and to.
        let round = |group: &Group| self.number(group).is_multiple_of(50);
        let from_to = count == 2
            && groups.iter().all(|group| group.len == 4 && round(group))
            && last.gap == Gap::Hyphen
            && self.number(first) < self.number(last);
        let fits = same_gaps
            && !slashed
            && !from_to
            && digits[0] != 0
            && !years
            && !dated
            && !first.lettered
            && !self.is_amount(first, last);
        fits.then_some(count)
    }
}
