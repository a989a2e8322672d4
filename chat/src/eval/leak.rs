//! Whether a CPR number that a citizen wrote is still anywhere.
//!
//! What is looked for is told from the message alone, without the redaction that is under test: ten digits that begin
//! with a day and a month, however they are spaced, also with the letter O for a nought.

/// The numbers of a text that may be CPR numbers, as ten digits.
pub(super) fn numbers(text: &str) -> Vec<String> {
    let mut numbers = Vec::new();
    for run in runs(text) {
        for at in 0..run.len().saturating_sub(9) {
            let Some(number) = run.get(at..at + 10).filter(|number| begins_with_a_date(number)) else {
                continue;
            };
            numbers.push(number.to_owned());
        }
    }
    numbers
}

/// Whether a text holds one of the numbers, in whatever spacing.
pub(super) fn holds(text: &str, numbers: &[String]) -> bool {
    !numbers.is_empty()
        && runs(text).iter().any(|run| numbers.iter().any(|number| run.contains(number.as_str())))
}

/// The runs of at least ten digits, whatever separates the digits.
fn runs(text: &str) -> Vec<String> {
    let (mut runs, mut run) = (Vec::new(), String::new());
    let mut end = |run: &mut String| {
        let run = std::mem::take(run);
        if run.len() >= 10 {
            runs.push(run);
        }
    };
    for c in text.chars() {
        match c {
            '0'..='9' => run.push(c),
            'o' | 'O' if !run.is_empty() => run.push('0'),
            ' ' | '\u{A0}' | '-' | '–' | '—' | '.' | '/' | '_' | ',' => {}
            _ => end(&mut run),
        }
    }
    end(&mut run);
    runs
}

/// A day and a month, also the days of replacement numbers (60 added).
fn begins_with_a_date(digits: &str) -> bool {
    let two = |at: usize| digits.get(at..at + 2).and_then(|two| two.parse::<u8>().ok()).unwrap_or(0);
    matches!(two(0), 1..=31 | 61..=91) && matches!(two(2), 1..=12)
}

#[cfg(test)]
mod tests {
    use super::{holds, numbers};

    #[test]
    fn a_number_is_found_however_it_is_spaced() {
        for text in ["010190-1234", "0101901234", "01 01 90 12 34", "cpr:010190 / 1234!"] {
            let found = numbers(text);
            assert!(holds("det er 010190 1234", &found), "{text}");
            assert!(holds(text, &found), "{text}");
        }
        assert!(numbers("ring 70 20 00 00 den 24. december").is_empty());
        assert!(!holds("070120 2026", &numbers("010190-1234")));
    }
}
