//! Takes personal numbers out of a message before anybody keeps it.
//!
//! Citizens write their CPR number although nobody asks for it. It must never be stored, logged or repeated, so the
//! first thing that happens to a message is [`redact`]: whatever looks like a CPR number, a payment card, an e-mail
//! address or a phone number is replaced by a mark such as `[CPR-nummer fjernet]`.
//!
//! - A number is found however it is spaced or disguised: hyphens, dashes, dots, slashes, single digits with blanks
//!   between, the letters O and I or l for 0 and 1, full-width and other scripts' digits, invisible characters inside.
//! - Modulus 11 is not asked: numbers given out since 2007 need not satisfy it.
//! - Dates, years, amounts, postcodes, case numbers and references stay. So do the public numbers that everybody may
//!   know (112, 114, the hotline). In doubt between a CPR number and something else, it is removed.
//!
//! One pass over the text finds groups of digits and the gaps between them; everything after that looks at a
//! bounded number of neighbouring groups. The time is therefore proportional to the length of the message.

mod spelled;

use skranke_domain::Lang;
use skranke_domain::conversation::{Redacted, Removed};

/// Phone numbers that stay in a message because everybody may know them: emergencies, the life-line, and the authorities
/// that the content names.
pub const PUBLIC_NUMBERS: [&str; 14] = [
    "112", "114", "116111", "33980010", "36751793", "70101881", "70128063", "70200000", "70201201",
    "70277477", "72221616", "72221818", "72330500", "72354000",
];

/// What stands before a number that is nobody's: cases, laws, postcodes, companies.
const NUMBERED: [&str; 12] =
    ["sag", "sags", "sagsnr", "journal", "jnr", "lov", "lovnr", "post", "postnr", "postnumre", "cvr", "case"];

/// The fewest real digits in a number that is disguised with letters: no word has two.
const FEWEST_DIGITS: usize = 2;

/// Removes personal numbers and addresses from a message, with marks in `lang`.
pub fn redact(raw: &str, lang: Lang) -> (Redacted, Removed) {
    redact_keeping(raw, lang, &PUBLIC_NUMBERS)
}

/// As [`redact`], with the phone numbers (digits only, without country code) that may stay.
pub fn redact_keeping(raw: &str, lang: Lang, public: &[&str]) -> (Redacted, Removed) {
    let mut found = emails(raw);
    found.extend(spelled::spelled(raw));
    found.sort_unstable_by_key(|span| span.from);
    let mut reading = Reading::of(raw, &found);
    reading.find(public);
    found.extend(reading.found);
    found.sort_unstable_by_key(|span| span.from);

    let mut removed = Removed::default();
    let mut text = String::with_capacity(raw.len());
    let mut done = 0;
    for span in found {
        if span.from < done {
            continue;
        }
        text.push_str(raw.get(done..span.from).unwrap_or_default());
        text.push_str(span.what.mark(lang));
        done = span.to;
        let count = match span.what {
            What::Cpr => &mut removed.cpr,
            What::Card => &mut removed.card,
            What::Email => &mut removed.email,
            What::Phone => &mut removed.phone,
        };
        // A ceiling far below the type's, so that sums of the four never overflow.
        *count = count.saturating_add(1).min(9_999);
    }
    text.push_str(raw.get(done..).unwrap_or_default());
    (Redacted::vouch(text), removed)
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Cpr,
    Card,
    Email,
    Phone,
}

impl What {
    const fn mark(self, lang: Lang) -> &'static str {
        match self {
            Self::Cpr => lang.pick("[CPR-nummer fjernet]", "[CPR number removed]"),
            Self::Card => lang.pick("[kortnummer fjernet]", "[card number removed]"),
            Self::Email => lang.pick("[e-mailadresse fjernet]", "[e-mail address removed]"),
            Self::Phone => lang.pick("[telefonnummer fjernet]", "[phone number removed]"),
        }
    }
}

/// A piece of the message, in bytes.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: usize,
    to: usize,
    what: What,
}

/// What stands between two groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gap {
    /// Words, or too much else: the groups have nothing to do with each other.
    Break,
    Space,
    Hyphen,
    Dot,
    Slash,
    Comma,
    Colon,
    Underscore,
    Other,
}

impl Gap {
    const fn is_plain(self) -> bool {
        matches!(self, Self::Space | Self::Hyphen | Self::Dot | Self::Slash | Self::Underscore)
    }
}

/// Digits that stand together.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about one group")]
struct Group {
    from: usize,
    to: usize,
    /// Where its digits start in [`Reading::digits`], and how many they are.
    first: usize,
    len: usize,
    /// How many are letters that look like digits.
    lookalikes: usize,
    /// The gap before it.
    gap: Gap,
    /// Whether the gap before it is one character.
    tight: bool,
    /// A plus sign stands before it.
    plus: bool,
    /// One letter that is no part of a word stands before it, as in `S2026-00123`.
    lettered: bool,
    /// Already decided: removed, or known to be something harmless.
    settled: bool,
}

/// A character, seen as part of a number.
enum Glyph {
    Digit(u8),
    Lookalike(u8),
    Invisible,
    Separator(Gap),
    Letter,
}

/// The first characters of the runs of ten decimal digits that Unicode has for the scripts met here.
const ZEROS: [u32; 14] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0E50, 0xFF10, 0x1_D7CE, 0x1_D7D8, 0x1_D7E2, 0x1_D7EC, 0x1_D7F6,
    0x0AE6, 0x0BE6,
];

fn glyph(c: char) -> Glyph {
    match c {
        '0'..='9' => Glyph::Digit(c as u8 - b'0'),
        'O' | 'o' | 'О' | 'о' | 'Ο' | 'ο' => Glyph::Lookalike(0),
        'I' | 'l' | 'І' | 'ӏ' | '|' => Glyph::Lookalike(1),
        '\u{00AD}'
        | '\u{034F}'
        | '\u{061C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{20E3}'
        | '\u{0300}'..='\u{033F}' => Glyph::Invisible,
        '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '﹣' | '－' | '~' | '\u{2043}' => {
            Glyph::Separator(Gap::Hyphen)
        }
        '.' | '·' | '•' | '．' | '。' | '∙' | '\u{2024}' => Glyph::Separator(Gap::Dot),
        '/' | '\\' | '⁄' | '∕' | '／' => Glyph::Separator(Gap::Slash),
        ',' | ';' | '，' => Glyph::Separator(Gap::Comma),
        ':' | '：' => Glyph::Separator(Gap::Colon),
        '_' | '＿' => Glyph::Separator(Gap::Underscore),
        _ if c.is_whitespace() => Glyph::Separator(Gap::Space),
        // Control characters that are no white space are as good as not there.
        _ if c.is_control() => Glyph::Invisible,
        _ => match u32::from(c) {
            code @ 0x2460..=0x2468 => Glyph::Digit(u8::try_from(code - 0x245F).unwrap_or(0)),
            0x24EA | 0x2070 => Glyph::Digit(0),
            0x00B9 => Glyph::Digit(1),
            code @ 0x00B2..=0x00B3 => Glyph::Digit(u8::try_from(code - 0x00B0).unwrap_or(0)),
            code @ 0x2074..=0x2079 => Glyph::Digit(u8::try_from(code - 0x2070).unwrap_or(0)),
            code @ 0x2080..=0x2089 => Glyph::Digit(u8::try_from(code - 0x2080).unwrap_or(0)),
            code => match ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)) {
                Some(zero) => Glyph::Digit(u8::try_from(code - zero).unwrap_or(0)),
                None if c.is_alphanumeric() => Glyph::Letter,
                None => Glyph::Separator(Gap::Other),
            },
        },
    }
}

/// A message read as groups of digits.
struct Reading<'a> {
    raw: &'a str,
    digits: Vec<u8>,
    groups: Vec<Group>,
    found: Vec<Span>,
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
    fn of(raw: &'a str, emails: &[Span]) -> Self {
        let mut reading = Self { raw, digits: Vec::new(), groups: Vec::new(), found: Vec::new() };
        let mut between = Between::broken();
        let mut open: Option<Group> = None;
        let mut emails = emails.iter().peekable();
        // The kind of the last two visible characters: letters?
        let (mut letter, mut letter_before) = (false, false);
        for (at, c) in raw.char_indices() {
            while emails.peek().is_some_and(|span| span.to <= at) {
                emails.next();
            }
            let kind =
                if emails.peek().is_some_and(|span| span.from <= at) { Glyph::Letter } else { glyph(c) };
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

    fn find(&mut self, public: &[&str]) {
        for at in 0..self.groups.len() {
            self.card(at);
        }
        for at in 0..self.groups.len() {
            self.certain_cpr(at);
        }
        for at in 0..self.groups.len() {
            self.harmless(at);
        }
        for at in 0..self.groups.len() {
            self.spaced_cpr(at);
        }
        for at in 0..self.groups.len() {
            self.phone(at, public);
        }
        self.last_four();
    }

    /// The open groups from `at` on that hang together, at most `most`.
    fn chain(&self, at: usize, most: usize) -> &[Group] {
        let rest = self.groups.get(at..).unwrap_or_default();
        let joined = |(n, group): &(usize, &Group)| !group.settled && (*n == 0 || group.gap != Gap::Break);
        let length = rest.iter().enumerate().take(most).take_while(joined).count();
        &rest[..length]
    }

    fn take(&mut self, at: usize, count: usize, what: What) {
        let Some(groups) = self.groups.get_mut(at..at + count) else { return };
        if let (Some(first), Some(last)) = (groups.first(), groups.last()) {
            self.found.push(Span { from: first.from, to: last.to, what });
        }
        for group in groups {
            group.settled = true;
        }
    }

    fn keep(&mut self, at: usize, count: usize) {
        if let Some(groups) = self.groups.get_mut(at..at + count) {
            for group in groups {
                group.settled = true;
            }
        }
    }

    fn digits_of(&self, group: &Group) -> &[u8] {
        self.digits.get(group.first..group.first + group.len).unwrap_or_default()
    }

    /// The digits of neighbouring groups as one number.
    fn joined(&self, groups: &[Group]) -> Vec<u8> {
        groups.iter().flat_map(|group| self.digits_of(group)).copied().collect()
    }

    fn number(&self, group: &Group) -> u32 {
        self.digits_of(group).iter().take(9).fold(0, |sum, digit| sum * 10 + u32::from(*digit))
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
            if total > 19 || (n > 0 && group.len > 6) {
                break;
            }
            let printed = n == 0 || chain[0].len == 4;
            if total >= 13 && printed && luhn(&self.joined(&chain[..=n])) {
                hit = Some(n + 1);
            }
        }
        if let Some(count) = hit {
            self.take(at, count, What::Card);
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
        if before(self.raw, first.from, &NUMBERED) && !plausible(digits) && first.len <= 8 {
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
                    || (lookalikes == 0 && second.gap == Gap::Space));
            let five_four = first.len == 5
                && second.len == 4
                && real >= FEWEST_DIGITS
                && second.gap.is_plain()
                && plausible_short(digits);
            if six_four || five_four {
                return self.take(at, 2, What::Cpr);
            }
        }
        if let Some((count, year)) = self.date(at)
            && let Some(four) = self.chain(at, count + 1).get(count).filter(|group| group.len == 4)
        {
            let begins_a_date = self.date(at + count).is_some();
            // "01.01.2026 2800 Lyngby" is a date and a postcode; "01.01.1990 1234" is somebody.
            let apart = matches!(four.gap, Gap::Space | Gap::Comma) && year >= 2020;
            if !begins_a_date && !apart {
                self.take(at, count + 1, What::Cpr);
            }
        }
    }

    /// A date with four digits for the year: how many groups it takes, and the year.
    fn date(&self, at: usize) -> Option<(usize, u32)> {
        let chain = self.chain(at, 3);
        let sensible = |day: u32, month: u32, year: u32| {
            ((1..=31).contains(&day) && (1..=12).contains(&month) && (1850..=2099).contains(&year))
                .then_some(year)
        };
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
            && matches!(month.gap, Gap::Hyphen | Gap::Dot | Gap::Slash)
            && month.gap == day.gap
        {
            let year = sensible(self.number(day), self.number(month), self.number(year))?;
            return Some((3, year));
        }
        let first = chain.first().filter(|group| group.len == 8)?;
        let number = self.number(first);
        let year = sensible(number / 1_000_000, number / 10_000 % 100, number % 10_000)
            .or_else(|| sensible(number % 100, number / 100 % 100, number / 10_000))?;
        Some((1, year))
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
        if thousands > 1 && first.len <= 3 && self.digits_of(first).first() != Some(&0) {
            // The next group must not hang on with another dot: 010.190.123.4 is no amount.
            let open_end = chain.get(thousands).is_some_and(|next| next.gap == Gap::Dot && next.tight);
            if !open_end {
                return self.keep(at, thousands);
            }
        }
        if let Some((count, _)) = self.date(at).filter(|(count, _)| *count == 3) {
            // 2011-10-12-34 and 26 01 1967 55 go on like a number; 26-01-1967 55 does not.
            let goes_on = chain.get(3).is_some_and(|next| {
                let hyphens = next.tight && next.gap == Gap::Hyphen && first.len == 4;
                let blanks = next.gap == Gap::Space && chain[1].gap == Gap::Space;
                next.len <= 2 && (hyphens || blanks)
            });
            if !goes_on {
                return self.keep(at, count);
            }
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
        if first.len == 13 && before(self.raw, first.from, &["ean", "gln"]) {
            self.keep(at, 1);
        }
    }

    /// Two short dates ("12.05.26-13.06.26") or a short date and a time of day ("12.05.26 10.30"): how many groups.
    fn dates(&self, at: usize) -> Option<usize> {
        let short = |[day, month, year]: [&Group; 3]| {
            let dots = month.gap == Gap::Dot && year.gap == Gap::Dot && month.tight && year.tight;
            let lengths = day.len <= 2 && month.len <= 2 && year.len == 2;
            dots && lengths && self.is_date(day, month) && self.number(day) <= 31 && self.number(year) >= 20
        };
        match self.chain(at, 7) {
            [day, month, year, until @ ..]
                if until.len() == 3
                    && short([day, month, year])
                    && short([&until[0], &until[1], &until[2]]) =>
            {
                Some(6)
            }
            [day, month, year, hour, minute] if short([day, month, year]) => {
                let time = hour.len == 2 && minute.len == 2 && minute.tight && minute.gap == Gap::Dot;
                let clock = self.number(hour) < 24 && self.number(minute) < 60;
                (hour.gap == Gap::Space && time && clock).then_some(5)
            }
            _ => None,
        }
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

    fn is_date(&self, day: &Group, month: &Group) -> bool {
        plausible_day(self.number(day)) && (1..=12).contains(&self.number(month))
    }

    fn phone(&mut self, at: usize, public: &[&str]) {
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
            if public.contains(&number.as_str()) {
                return self.keep(at, 1);
            }
            return self.take(at, 1, What::Phone);
        }
        if first.plus || (starts.starts_with(&[0, 0]) && starts.len() >= 4) {
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

    fn remove_phone(&mut self, at: usize, skip: usize, count: usize, public: &[&str]) {
        let groups = self.groups.get(at + skip..at + skip + count).unwrap_or_default();
        let number: String = self.joined(groups).iter().map(|digit| char::from(b'0' + digit)).collect();
        if public.contains(&number.as_str()) {
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
        let year = |group: &Group| (1900..=2099).contains(&self.number(group));
        let years = count == 2 && groups.iter().all(|group| group.len == 4 && year(group));
        // No Danish number starts with 0; one that starts with 1 and reads as a date is a date.
        let dated = count == 1 && digits[0] == 1 && {
            let number = self.number(first);
            let ordinary = |day: u32, month: u32, year: u32| {
                (1..=31).contains(&day) && (1..=12).contains(&month) && (1900..=2099).contains(&year)
            };
            ordinary(number / 1_000_000, number / 10_000 % 100, number % 10_000)
                || ordinary(number % 100, number / 100 % 100, number / 10_000)
        };
        // "7500-8500" is an amount from and to.
        let round = |group: &Group| self.number(group).is_multiple_of(50);
        let from_to = count == 2
            && groups.iter().all(|group| group.len == 4 && round(group))
            && last.gap == Gap::Hyphen
            && self.number(first) < self.number(last);
        let fits = same_gaps
            && !from_to
            && digits[0] != 0
            && !years
            && !dated
            && !first.lettered
            && !self.is_amount(first, last);
        fits.then_some(count)
    }

    /// Whether a currency or a measure stands beside the number.
    fn is_amount(&self, first: &Group, last: &Group) -> bool {
        let mut end = (last.to + 12).min(self.raw.len());
        while !self.raw.is_char_boundary(end) {
            end -= 1;
        }
        let after = self.raw.get(last.to..end).unwrap_or_default().trim_start().to_lowercase();
        let units = ["kr", "dkk", "€", "eur", ",-", ",00", "mio", "mia", "%", "m2", "kvm", "kwh"];
        units.iter().any(|unit| after.starts_with(unit))
            || before(self.raw, first.from, &["kr", "dkk", "€", "eur"])
    }

    /// "Født 010190, de sidste fire er 1234": the four go as well.
    fn last_four(&mut self) {
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

/// Whether one of `words` stands right before `from`, with at most a dot, a colon, a hyphen and blanks between.
fn before(raw: &str, from: usize, words: &[&str]) -> bool {
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
fn date_gaps(one: Gap, two: Gap) -> bool {
    (one == two && one.is_plain()) || (one == Gap::Slash && two == Gap::Hyphen)
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
const fn plausible_day(day: u32) -> bool {
    matches!(day, 1..=31 | 61..=91)
}

/// Whether the digits start with a day and a month.
fn plausible(digits: &[u8]) -> bool {
    let [a, b, c, d, _, _, ..] = digits else { return false };
    plausible_day(u32::from(a * 10 + b)) && (1..=12).contains(&(c * 10 + d))
}

/// As [`plausible`], with the day's leading zero missing.
fn plausible_short(digits: &[u8]) -> bool {
    let [day, c, d, _, _, ..] = digits else { return false };
    *day > 0 && (1..=12).contains(&(c * 10 + d))
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

/// E-mail addresses, also with blanks around the at sign or with "(at)" for it.
fn emails(raw: &str) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let local = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let domain = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    for (at, c) in raw.char_indices() {
        let width = match c {
            '@' | '＠' | '﹫' => c.len_utf8(),
            '(' | '[' | '{' => {
                let rest = raw.get(at + 1..).unwrap_or_default();
                let signs =
                    ["at)", "at]", "at}", "a)", "a]", "snabel-a)", "snabela)", "AT)", "AT]", "@)", "@]"];
                match signs.iter().find(|sign| rest.starts_with(**sign)) {
                    Some(sign) => 1 + sign.len(),
                    None => continue,
                }
            }
            _ => continue,
        };
        let left = raw.get(..at).unwrap_or_default();
        let blanks = left.len() - left.trim_end_matches(' ').len();
        let left = if blanks <= 2 { left.trim_end_matches(' ') } else { left };
        let name: usize = left.chars().rev().take(80).take_while(|c| local(*c)).map(char::len_utf8).sum();
        let right = raw.get(at + width..).unwrap_or_default();
        let skipped = right.chars().take(2).take_while(|c| *c == ' ').count();
        let right = right.get(skipped..).unwrap_or_default();
        let host: usize = right.chars().take(255).take_while(|c| domain(*c)).map(char::len_utf8).sum();
        let host = right.get(..host).unwrap_or_default().trim_end_matches(['.', '-']);
        let tight = blanks == 0 && skipped == 0;
        let dotted = host.rsplit_once('.').is_some_and(|(name, end)| {
            !name.is_empty() && end.len() >= 2 && end.chars().all(char::is_alphabetic)
        });
        let named = left.get(left.len() - name..).unwrap_or_default().contains(char::is_alphanumeric);
        if !named || !(dotted || (tight && host.len() >= 2)) {
            continue;
        }
        let (from, to) = (left.len() - name, at + width + skipped + host.len());
        let from = from.max(found.last().map_or(0, |last| last.to));
        if from < at {
            found.push(Span { from, to, what: What::Email });
        }
    }
    found
}
