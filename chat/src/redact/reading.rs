//! A message read as groups of digits and the gaps between them, and what has been decided about each group.

use super::glyph::{Gap, Glyph, glyph};
use super::{Span, What};

/// Digits that stand together.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about one group")]
pub(super) struct Group {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Where its digits start in [`Reading::digits`], and how many they are.
    pub(super) first: usize,
    pub(super) len: usize,
    /// How many are letters that look like digits.
    pub(super) lookalikes: usize,
    /// The gap before it.
    pub(super) gap: Gap,
    /// Whether the gap before it is one character.
    pub(super) tight: bool,
    /// A plus sign stands before it.
    pub(super) plus: bool,
    /// One letter that is no part of a word stands before it, as in `S2026-00123`.
    pub(super) lettered: bool,
    /// Already decided: removed, or known to be something harmless.
    pub(super) settled: bool,
}

/// A message read as groups of digits.
pub(super) struct Reading<'a> {
    pub(super) raw: &'a str,
    pub(super) digits: Vec<u8>,
    pub(super) groups: Vec<Group>,
    pub(super) found: Vec<Span>,
}

/// The state of the scanner between two groups.
struct Between {
    gap: Gap,
    characters: usize,
    spaced: bool,
    plus: bool,
}

impl Between {
    const fn broken() -> Self {
        Self { gap: Gap::Break, characters: 0, spaced: false, plus: false }
    }

    const fn nothing() -> Self {
        Self { gap: Gap::Space, characters: 0, spaced: false, plus: false }
    }

    fn add(&mut self, separator: Gap, c: char) {
        if separator == Gap::Space {
            // Any number of blanks counts as one.
            self.characters += usize::from(!self.spaced);
            self.spaced = true;
            return;
        }
        self.spaced = false;
        self.plus = c == '+';
        // A row of hyphens is one long one.
        self.characters += usize::from(self.characters == 0 || self.gap != separator);
        self.gap = match self.gap {
            Gap::Break => Gap::Break,
            Gap::Space => separator,
            same if same == separator => same,
            _ => Gap::Other,
        };
        if self.characters > 5 {
            self.gap = Gap::Break;
        }
    }
}

impl<'a> Reading<'a> {
    /// Reads a message. What stands in `already` was understood as something else, and is letters here.
    pub(super) fn of(raw: &'a str, already: &[Span]) -> Self {
        let mut reading = Self { raw, digits: Vec::new(), groups: Vec::new(), found: Vec::new() };
        let mut between = Between::broken();
        let mut open: Option<Group> = None;
        let mut already = already.iter().peekable();
        // The kind of the last two visible characters: letters?
        let (mut letter, mut letter_before) = (false, false);
        for (at, c) in raw.char_indices() {
            while already.peek().is_some_and(|span| span.to <= at) {
                already.next();
            }
            let kind =
                if already.peek().is_some_and(|span| span.from <= at) { Glyph::Letter } else { glyph(c) };
            let (digit, lookalike) = match kind {
                Glyph::Invisible => continue,
                Glyph::Digit(digit) => (digit, false),
                Glyph::Lookalike(digit) if open.is_some() || !letter => (digit, true),
                Glyph::Separator(separator) => {
                    if let Some(group) = open.take() {
                        reading.close(group, false);
                        between = Between::nothing();
                    }
                    between.add(separator, c);
                    (letter_before, letter) = (letter, false);
                    continue;
                }
                Glyph::Lookalike(_) | Glyph::Letter => {
                    if let Some(group) = open.take() {
                        reading.close(group, true);
                    }
                    between = Between::broken();
                    (letter_before, letter) = (letter, true);
                    continue;
                }
            };
            let group = open.get_or_insert(Group {
                from: at,
                to: at,
                first: reading.digits.len(),
                len: 0,
                lookalikes: 0,
                gap: between.gap,
                tight: between.characters == 1,
                plus: between.plus,
                lettered: letter && !letter_before,
                settled: false,
            });
            reading.digits.push(digit);
            group.len += 1;
            group.lookalikes += usize::from(lookalike);
            group.to = at + c.len_utf8();
            (letter_before, letter) = (letter, false);
        }
        if let Some(group) = open.take() {
            reading.close(group, false);
        }
        reading
    }

    /// Takes up a group; letters that only looked like digits go back to the word they belong to.
    fn close(&mut self, mut group: Group, before_letter: bool) {
        if before_letter && group.lookalikes > 0 {
            let text = self.raw.get(group.from..group.to).unwrap_or_default();
            let mut to = group.to;
            for (at, c) in text.char_indices().rev() {
                match glyph(c) {
                    Glyph::Lookalike(_) => {
                        group.len -= 1;
                        group.lookalikes -= 1;
                        to = group.from + at;
                    }
                    Glyph::Invisible => {}
                    _ => break,
                }
            }
            group.to = to;
        }
        self.digits.truncate(group.first + group.len);
        // A word of nothing but l and o is no number, unless it is so short that it may be a digit by itself.
        if group.len == 0 || (group.lookalikes == group.len && group.len > 4) {
            self.digits.truncate(group.first);
            return;
        }
        self.groups.push(group);
    }

    /// The open groups from `at` on that hang together, at most `most`.
    pub(super) fn chain(&self, at: usize, most: usize) -> &[Group] {
        let rest = self.groups.get(at..).unwrap_or_default();
        let joined = |(n, group): &(usize, &Group)| !group.settled && (*n == 0 || group.gap != Gap::Break);
        let length = rest.iter().enumerate().take(most).take_while(joined).count();
        &rest[..length]
    }

    pub(super) fn take(&mut self, at: usize, count: usize, what: What) {
        let Some(groups) = self.groups.get_mut(at..at + count) else { return };
        if let (Some(first), Some(last)) = (groups.first(), groups.last()) {
            self.found.push(Span { from: first.from, to: last.to, what });
        }
        for group in groups {
            group.settled = true;
        }
    }

    pub(super) fn keep(&mut self, at: usize, count: usize) {
        if let Some(groups) = self.groups.get_mut(at..at + count) {
            for group in groups {
                group.settled = true;
            }
        }
    }

    pub(super) fn digits_of(&self, group: &Group) -> &[u8] {
        self.digits.get(group.first..group.first + group.len).unwrap_or_default()
    }

    /// The digits of neighbouring groups as one number.
    pub(super) fn joined(&self, groups: &[Group]) -> Vec<u8> {
        groups.iter().flat_map(|group| self.digits_of(group)).copied().collect()
    }

    pub(super) fn number(&self, group: &Group) -> u32 {
        self.digits_of(group).iter().take(9).fold(0, |sum, digit| sum * 10 + u32::from(*digit))
    }
}
