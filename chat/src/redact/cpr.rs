//! CPR numbers written with digits.

use super::What;
use super::glyph::Gap;
use super::harmless::{NUMBERED, before, date_gaps};
use super::reading::{Group, Reading};

/// The fewest real digits in a number that is disguised with letters: no word has two.
const FEWEST_DIGITS: usize = 2;

/// The most letters that stand for the hyphen in a number.
const MOST_LETTERS: usize = 3;

/// Letters between digits that measure something or begin a time of day (`20261122T1030`), and join nothing.
const UNITS: [&str; 9] = ["kl", "kr", "kg", "km", "cm", "mm", "til", "år", "t"];

/// What stands before a number that somebody calls a CPR number.
pub(super) const CALLED: [&str; 3] = ["cpr", "person", "cprnr"];

impl Reading<'_> {
    /// Finds those that nothing else can be.
    pub(super) fn certain_cprs(&mut self) {
        for at in 0..self.groups.len() {
            self.certain_cpr(at);
            self.lettered_cpr(at);
        }
    }

    /// Finds those that are spread over several groups, after what is harmless was set aside.
    pub(super) fn spaced_cprs(&mut self) {
        for at in 0..self.groups.len() {
            self.spaced_cpr(at);
        }
    }

    /// Ten digits in one piece, six and four, or a whole date and four.
    fn certain_cpr(&mut self, at: usize) {
        let chain = self.chain(at, 5);
        let Some(first) = chain.first() else { return };
        let digits = self.digits_of(first);
        let disguised = first.lookalikes > 0;
        let enough = first.len - first.lookalikes >= FEWEST_DIGITS;
        let danish_phone = first.len == 10 && digits.starts_with(&[4, 5]) && !plausible(digits);
        let abroad = (11..=15).contains(&first.len) && digits.starts_with(&[0, 0]);
        if danish_phone || abroad || (first.plus && first.len <= 15 && !plausible(digits)) {
            return;
        }
        if before(self.raw, first.from, &NUMBERED)
            && (first.len == 9 || (first.len < 9 && !plausible(digits)))
        {
            return;
        }
        let alone = match first.len {
            // An amount in one piece is written without a leading zero.
            10 if !disguised => plausible(digits) || !self.is_amount(first, first),
            10 => enough && plausible(digits),
            // A spreadsheet drops the leading zero.
            9 => enough && plausible_short(digits),
            11.. => enough && digits.windows(10).any(plausible),
            _ => false,
        };
        if alone {
            return self.take(at, 1, What::Cpr);
        }
        if let Some(second) = chain.get(1) {
            let lookalikes = first.lookalikes + second.lookalikes;
            let real = first.len + second.len - lookalikes;
            let six_four = first.len == 6
                && second.len == 4
                && real >= FEWEST_DIGITS
                && (plausible(digits)
                    || second.gap == Gap::Hyphen
                    || (second.gap == Gap::Space && before(self.raw, first.from, &CALLED)));
            let five_four = first.len == 5
                && second.len == 4
                && real >= FEWEST_DIGITS
                && second.gap.is_plain()
                && plausible_short(digits);
            if six_four || five_four {
                return self.take(at, 2, What::Cpr);
            }
        }
        // In "25-05-1964 - 08-02-1965" no date begins with the year.
        let within = at.checked_sub(2).and_then(|from| self.date(from)).is_some_and(|(count, _)| count == 3);
        if !within
            && let Some((count, year)) = self.date(at)
            && let Some(four) = self.chain(at, count + 1).get(count).filter(|group| group.len == 4)
        {
            let begins_a_date = self.date(at + count).is_some();
            // "01.01.2026 2800 Lyngby" is a date and a postcode; "01.01.1990 1234" is somebody, and so is a child.
            let after = self.raw.get(four.to..).unwrap_or_default().trim_start_matches(' ');
            let town = after.starts_with(char::is_uppercase);
            let apart = matches!(four.gap, Gap::Space | Gap::Comma) && year >= 2020 && town;
            if !begins_a_date && !apart {
                self.take(at, count + 1, What::Cpr);
            }
        }
    }

    /// Ten digits with the same few letters between them: `010190x1234`, `010190og1234`, `01x01x90x1234`; or a whole
    /// date, such letters and four digits.
    fn lettered_cpr(&mut self, at: usize) {
        if let Some((count, _)) = self.date(at)
            && self.link(at + count).is_some()
            && self.groups.get(at + count).is_some_and(|four| four.len == 4 && !four.settled)
        {
            return self.take(at, count + 1, What::Cpr);
        }
        let Some(first) = self.groups.get(at).filter(|group| !group.settled && matches!(group.len, 2 | 6))
        else {
            return;
        };
        let (mut total, mut count) = (first.len, 1);
        while total < 10
            && let Some(next) = self.groups.get(at + count).filter(|group| !group.settled)
            && let Some(link) = self.link(at + count)
            && (count == 1 || self.link(at + 1) == Some(link))
        {
            total += next.len;
            count += 1;
        }
        let window = self.groups.get(at..at + count).unwrap_or_default();
        if total == 10 && plausible(&self.joined(window)) {
            self.take(at, count, What::Cpr);
        }
    }

    /// The few letters that stand between the group before `at` and the one there, if nothing else does.
    fn link(&self, at: usize) -> Option<&str> {
        let before = self.groups.get(at.checked_sub(1)?)?;
        let text = self.raw.get(before.to..self.groups.get(at)?.from)?;
        let letters = text.chars().count();
        let few = (1..=MOST_LETTERS).contains(&letters) && text.chars().all(char::is_alphabetic);
        (few && !UNITS.contains(&text.to_lowercase().as_str())).then_some(text)
    }

    /// A CPR number over several groups: `01 01 90 1234`, `0 1 0 1 9 0 - 1 2 3 4`, `1.1.90-1234`.
    fn spaced_cpr(&mut self, at: usize) {
        let chain = self.chain(at, 10);
        if let [day, month, year, four, ..] = chain
            && day.len <= 2
            && month.len <= 2
            && year.len == 2
            && four.len == 4
            && date_gaps(month.gap, year.gap)
            && chain[..4].iter().map(|group| group.len - group.lookalikes).sum::<usize>() >= FEWEST_DIGITS
            && (self.is_date(day, month) || (day.len == 2 && month.len == 2 && four.gap == Gap::Hyphen))
        {
            return self.take(at, 4, What::Cpr);
        }
        let mut total = 0;
        let count = chain.iter().take_while(|group| {
            total += group.len;
            total <= 10
        });
        let window = &chain[..count.count()];
        let digits = self.joined(window);
        let real = digits.len() - window.iter().map(|group| group.lookalikes).sum::<usize>();
        if digits.len() == 10
            && real >= FEWEST_DIGITS
            && window.len() > 1
            && plausible(&digits)
            && gaps_fit(window)
        {
            let thousands = digits[0] != 0 && window.iter().skip(1).all(|group| group.len == 3);
            let ends = window.first().zip(window.last());
            if !(thousands && ends.is_some_and(|(first, last)| self.is_amount(first, last))) {
                self.take(at, window.len(), What::Cpr);
            }
        }
    }

    pub(super) fn is_date(&self, day: &Group, month: &Group) -> bool {
        plausible_day(self.number(day)) && (1..=12).contains(&self.number(month))
    }

    /// "Født 010190, de sidste fire er 1234": the four go as well.
    pub(super) fn last_four(&mut self) {
        let start: String = self.raw.chars().take(4_000).collect::<String>().to_lowercase();
        let cues =
            ["cpr", "personnum", "sidste fire", "sidste 4", "fire sidste", "4 sidste", "last four", "last 4"];
        if !cues.iter().any(|cue| start.contains(cue)) {
            return;
        }
        let mut removed_spans = self.found.clone();
        removed_spans.sort_unstable_by_key(|span| span.from);
        let mut removed_spans = removed_spans.into_iter().peekable();
        let mut birth: Option<usize> = None;
        let mut hits = Vec::new();
        for (at, group) in self.groups.iter().enumerate() {
            let short_date = group.len == 6 && plausible(self.digits_of(group));
            while removed_spans.next_if(|span| span.to <= group.from).is_some() {}
            let removed = removed_spans.peek().is_some_and(|span| span.from <= group.from);
            let dated = !removed && (short_date || self.ends_a_date(at));
            if dated {
                birth = Some(group.to);
            } else if group.len == 4
                && group.lookalikes == 0
                && !removed
                && birth.is_some_and(|to| group.from >= to && group.from - to <= 80)
            {
                hits.push(at);
                birth = None;
            }
        }
        for at in hits {
            self.take(at, 1, What::Cpr);
        }
    }

    /// Whether the group at `at` is the last of day, month and year.
    fn ends_a_date(&self, at: usize) -> bool {
        let Some([day, month, year]) = at.checked_sub(2).and_then(|from| self.groups.get(from..=at)) else {
            return false;
        };
        day.len <= 2
            && month.len <= 2
            && matches!(year.len, 2 | 4)
            && date_gaps(month.gap, year.gap)
            && plausible_day(self.number(day))
            && (1..=12).contains(&self.number(month))
    }
}

/// Whether the gaps in ten digits are such as people put into a CPR number.
fn gaps_fit(window: &[Group]) -> bool {
    let gaps: Vec<Gap> = window.iter().skip(1).map(|group| group.gap).collect();
    let alike = |gaps: &[Gap]| gaps.windows(2).all(|pair| pair[0] == pair[1]);
    let singles = window.iter().all(|group| group.len == 1);
    if alike(&gaps) && (singles || gaps.iter().all(|gap| gap.is_plain())) {
        return true;
    }
    let mut total = 0;
    let parts = window.iter().take_while(|group| {
        total += group.len;
        total <= 6
    });
    let head = parts.count();
    if window[..head].iter().map(|group| group.len).sum::<usize>() == 6 && head < window.len() {
        let (date, rest) = (&gaps[..head - 1], &gaps[head..]);
        let time = rest == [Gap::Colon];
        let dated = alike(date) || date == [Gap::Slash, Gap::Hyphen];
        let free = singles || date.iter().chain(rest).all(|gap| gap.is_plain());
        return dated && alike(rest) && free && !time;
    }
    gaps.len() <= 2 && gaps.iter().all(|gap| gap.is_plain())
}

/// A day of the month; 61 to 91 stand in replacement numbers.
pub(super) const fn plausible_day(day: u32) -> bool {
    matches!(day, 1..=31 | 61..=91)
}

/// Whether the digits start with a day and a month.
pub(super) fn plausible(digits: &[u8]) -> bool {
    let [a, b, c, d, _, _, ..] = digits else { return false };
    plausible_day(u32::from(a * 10 + b)) && (1..=12).contains(&(c * 10 + d))
}

/// As [`plausible`], with the day's leading zero missing.
pub(super) fn plausible_short(digits: &[u8]) -> bool {
    let [day, c, d, _, _, ..] = digits else { return false };
    *day > 0 && (1..=12).contains(&(c * 10 + d))
}
