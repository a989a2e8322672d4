//! Replacement numbers (erstatningspersonnumre): a birthday and four characters with a letter among them (`010190-2E44`).
//!
//! Hospitals and authorities give them to people who have no CPR number yet. They name a person as well as one does.

use super::cpr::plausible;
use super::{Span, What};

/// How many digits the day is.
const DAY: usize = 6;
/// How many characters follow.
const SERIAL: usize = 4;

/// The replacement numbers of a message.
pub(super) fn replacements(raw: &str) -> Vec<Span> {
    let text = raw.as_bytes();
    let begins = |at: &usize| {
        let alone =
            at.checked_sub(1).and_then(|before| text.get(before)).is_none_or(|before| !is_word(*before));
        alone && text.get(*at..at + DAY).is_some_and(is_day)
    };
    (0..text.len())
        .filter(begins)
        .filter_map(|at| Some(Span { from: at, to: end(text, at)?, what: What::Cpr }))
        .collect()
}

/// Where the number that begins with a day at `at` ends, if it is one.
fn end(text: &[u8], at: usize) -> Option<usize> {
    let after = at + DAY;
    let (hyphen, gap) = match text.get(after)? {
        b'-' => (true, 1),
        b' ' => (false, 1),
        _ => (false, 0),
    };
    let from = after + gap;
    let to = from + SERIAL;
    let serial = text.get(from..to)?;
    let ends = text.get(to).is_none_or(|next| !is_word(*next));
    (ends && (is_serial(serial) || (hyphen && is_lettered(serial)))).then_some(to)
}

/// A digit, a letter, either, a digit: no unit and no word is written so.
const fn is_serial(serial: &[u8]) -> bool {
    matches!(serial, [first, second, third, last]
        if first.is_ascii_digit() && second.is_ascii_alphabetic() && third.is_ascii_alphanumeric() && last.is_ascii_digit())
}

/// Capital letters and digits, both. A hyphen after a day makes them one number.
fn is_lettered(serial: &[u8]) -> bool {
    serial.iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
        && serial.iter().any(u8::is_ascii_digit)
        && serial.iter().any(u8::is_ascii_uppercase)
}

/// Whether it is a day, a month and a year as a CPR number has them.
fn is_day(digits: &[u8]) -> bool {
    let values: Vec<u8> = digits.iter().map(|digit| digit.wrapping_sub(b'0')).collect();
    values.iter().all(|value| *value < 10) && plausible(&values)
}

const fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::super::{Public, redact};
    use skranke_domain::Lang;

    #[test]
    fn numbers_with_a_letter_go_and_what_looks_like_them_stays() {
        let public = Public::default();
        for number in
            ["240190-2F44", "240190 2f44", "2401902F44", "640285-3B16", "240190-A12B", "240190 4KB7"]
        {
            let (text, removed) = redact(&format!("nummeret er {number}, tak"), Lang::Da, &public);
            assert_eq!(
                (text.as_str(), removed.cpr),
                ("nummeret er [CPR-nummer fjernet], tak", 1),
                "{number}"
            );
        }
        for text in
            ["240126 kl 14", "den 240126 2 stk", "bestilling 991290-2F44", "x240190-2F44", "240190-SAGS"]
        {
            assert_eq!(redact(text, Lang::Da, &public).0.as_str(), text);
        }
    }
}
