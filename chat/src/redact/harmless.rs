//! Numbers that are nobody's: dates, amounts, case numbers, laws, postcodes, companies. They are settled so that nothing
//! else claims them.

use super::cpr::{CALLED, plausible};
use super::glyph::Gap;
use super::reading::{Group, Reading};

/// What stands before a number that is nobody's: cases, laws, postcodes, companies.
pub(super) const NUMBERED: [&str; 15] = [
    "sag",
    "sags",
    "sagsnr",
    "sags-id",
    "journal",
    "j",
    "jnr",
    "lov",
    "lovnr",
    "post",
    "postnr",
    "postnumre",
    "cvr",
    "case",
    "ref",
];

/// What stands before a phone number, also where its digits read as a date or an amount.
pub(super) const CALLING: [&str; 8] = ["tlf", "telefon", "mobil", "ring", "phone", "call", "45", "0045"];

impl Reading<'_> {
    /// Settles the numbers of companies and places, which are as long as a payment card's.
    pub(super) fn set_companies_aside(&mut self) {
        for at in 0..self.groups.len() {
            let company = self.groups.get(at).is_some_and(|group| {
                group.len == 13 && group.lookalikes == 0 && before(self.raw, group.from, &["ean", "gln"])
            });
            if company {
                self.keep(at, 1);
            }
        }
    }

    /// Settles the others.
    pub(super) fn set_harmless_aside(&mut self) {
        for at in 0..self.groups.len() {
            self.harmless(at);
        }
    }

    /// A date with four digits for the year: how many groups it takes, and the year.
    pub(super) fn date(&self, at: usize) -> Option<(usize, u32)> {
        let chain = self.chain(at, 3);
        if let [day, month, year] = chain
            && day.len <= 2
            && month.len <= 2
            && year.len == 4
            && date_gaps(month.gap, year.gap)
        {
            let year = sensible(self.number(day), self.number(month), self.number(year))?;
            return Some((3, year));
        }
        if let [year, month, day] = chain
            && year.len == 4
            && month.len == 2
            && day.len == 2
            && matches!(month.gap, Gap::Space | Gap::Hyphen | Gap::Dot | Gap::Slash)
            && month.gap == day.gap
        {
            let year = sensible(self.number(day), self.number(month), self.number(year))?;
            return Some((3, year));
        }
        Some((1, self.date_in(chain.first()?)?))
    }

    /// The year of a date in eight digits, `22112026` or `20261122`.
    pub(super) fn date_in(&self, group: &Group) -> Option<u32> {
        let number = (group.len == 8).then(|| self.number(group))?;
        sensible(number / 1_000_000, number / 10_000 % 100, number % 10_000)
            .or_else(|| sensible(number % 100, number / 100 % 100, number / 10_000))
    }

    /// Dates, amounts, case numbers and company numbers: they are settled so that nothing else claims them.
    fn harmless(&mut self, at: usize) {
        let chain = self.chain(at, 6);
        let Some(first) = chain.first() else { return };
        if first.lettered && first.len == 4 && chain.get(1).is_some_and(|next| next.gap == Gap::Hyphen) {
            return self.keep(at, 2);
        }
        let thousands =
            1 + chain.iter().skip(1).take_while(|g| g.gap == Gap::Dot && g.tight && g.len == 3).count();
        let called = || before(self.raw, first.from, &CALLING);
        let hangs_on = first.tight && first.gap == Gap::Dot;
        if thousands > 1
            && !hangs_on
            && first.len <= 3
            && self.digits_of(first).first() != Some(&0)
            && !called()
        {
            // The next group must not hang on with another dot: 010.190.123.4 is no amount.
            let open_end = chain.get(thousands).is_some_and(|next| next.gap == Gap::Dot && next.tight);
            if !open_end {
                return self.keep(at, thousands);
            }
        }
        if let Some((count, _)) = self.date(at).filter(|(count, _)| *count == 3) {
            // 2011-10-12-34 and 26 01 1967 55 go on like a number; 26-01-1967 55 does not, nor 26 01 1967 10:30.
            let clock = chain.get(4).is_some_and(|minute| minute.tight && minute.gap == Gap::Colon);
            let goes_on = chain.get(3).is_some_and(|next| {
                let hyphens = next.tight && next.gap == Gap::Hyphen && first.len == 4;
                let blanks = next.gap == Gap::Space && chain[1].gap == Gap::Space;
                next.len <= 2 && (hyphens || blanks) && !clock
            });
            if !goes_on {
                return self.keep(at, count);
            }
        }
        let clock = chain.get(2).is_some_and(|minute| minute.tight && minute.gap == Gap::Colon);
        if clock && self.date_in(first).is_some() {
            return self.keep(at, 1);
        }
        if before(self.raw, first.from, &NUMBERED) {
            let chain = self.chain(at, 6);
            let mut total = 0;
            let parts = chain.iter().take_while(|group| {
                total += group.len;
                total <= 14
            });
            let count = parts.count();
            // Ten digits that begin with a birthday are no case number, whatever stands before them.
            let digits = self.joined(&chain[..count]);
            if digits.len() < 10 || !digits.windows(6).any(plausible) {
                return self.keep(at, count);
            }
        }
        if let Some(count) = self.dates(at) {
            return self.keep(at, count);
        }
        if let Some(count) = self.counted_by_year(at) {
            self.keep(at, count);
        }
    }

    /// Case numbers that start with a year (`2026-004711`), also behind a municipality's code (`190-2026-4711`): how many
    /// groups.
    fn counted_by_year(&self, at: usize) -> Option<usize> {
        let chain = self.chain(at, 4);
        let hangs = |group: &Group| group.tight && matches!(group.gap, Gap::Hyphen | Gap::Slash | Gap::Dot);
        let year = |group: &Group| group.len == 4 && (1990..=2039).contains(&self.number(group));
        let count = |group: &Group| hangs(group) && group.gap != Gap::Dot && (3..=6).contains(&group.len);
        let groups = match chain {
            [first, second, ..] if year(first) && count(second) => 2,
            [code, middle, last, ..] if code.len == 3 && year(middle) && count(middle) && count(last) => 3,
            _ => return None,
        };
        let goes_on = chain.get(groups).is_some_and(hangs);
        (!goes_on && !before(self.raw, chain.first()?.from, &CALLED)).then_some(groups)
    }

    /// Two short dates ("12.05.26-13.06.26") or a short date and a time of day ("12/05-26 10:30"): how many groups.
    /// The years are ours: whoever was born in 1948 writes something else behind it.
    fn dates(&self, at: usize) -> Option<usize> {
        let short = |[day, month, year]: [&Group; 3]| {
            let written =
                date_gaps(month.gap, year.gap) && month.gap != Gap::Space && month.tight && year.tight;
            let lengths = day.len <= 2 && month.len <= 2 && year.len == 2;
            let ours = self.number(day) <= 31 && (20..40).contains(&self.number(year));
            written && lengths && ours && self.is_date(day, month)
        };
        match self.chain(at, 7) {
            [day, month, year, until @ ..]
                if until.len() == 3
                    && short([day, month, year])
                    && short([&until[0], &until[1], &until[2]]) =>
            {
                Some(6)
            }
            [day, month, year, hour, minute, ..] if short([day, month, year]) => {
                let time = hour.len <= 2 && minute.len == 2 && minute.tight;
                let gaps = matches!(hour.gap, Gap::Space | Gap::Comma)
                    && matches!(minute.gap, Gap::Dot | Gap::Colon);
                let clock = self.number(hour) < 24 && self.number(minute) < 60;
                (time && gaps && clock).then_some(5)
            }
            _ => None,
        }
    }

    /// Whether a currency or a measure stands beside the number.
    pub(super) fn is_amount(&self, first: &Group, last: &Group) -> bool {
        let mut end = (last.to + 12).min(self.raw.len());
        while !self.raw.is_char_boundary(end) {
            end -= 1;
        }
        let after = self.raw.get(last.to..end).unwrap_or_default().trim_start().to_lowercase();
        let units = ["kr", "dkk", "€", "eur", ",-", ",00", "mio", "mia", "%", "m2", "kvm", "kwh"];
        units.iter().any(|unit| after.starts_with(unit))
            || before(self.raw, first.from, &["kr", "dkk", "€", "eur"])
    }
}

/// The year, where a day, a month and a year make a date.
fn sensible(day: u32, month: u32, year: u32) -> Option<u32> {
    ((1..=31).contains(&day) && (1..=12).contains(&month) && (1850..=2099).contains(&year)).then_some(year)
}

/// Whether one of `words` stands right before `from`, with at most a dot, a colon, a hyphen and blanks between.
pub(super) fn before(raw: &str, from: usize, words: &[&str]) -> bool {
    let mut start = from.saturating_sub(24);
    while !raw.is_char_boundary(start) {
        start += 1;
    }
    let text = raw.get(start..from).unwrap_or_default().to_lowercase();
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '€');
    let text = text.strip_suffix("nummer").or_else(|| text.strip_suffix("nr")).unwrap_or(text);
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '€');
    words.iter().any(|word| {
        text.strip_suffix(word)
            .is_some_and(|rest| !rest.chars().next_back().is_some_and(char::is_alphanumeric))
    })
}

/// The separators that may stand in a date: twice the same, or Danish `24/12-1990`.
pub(super) fn date_gaps(one: Gap, two: Gap) -> bool {
    (one == two && one.is_plain()) || (one == Gap::Slash && two == Gap::Hyphen)
}
