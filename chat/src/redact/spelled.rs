//! CPR numbers that are told rather than written: with number words, with the month by name, or with a few words between
//! the date and the last four digits.
//!
//! The message is read as words here, not as groups of digits. A run of number words that comes to exactly ten digits is
//! no sentence in any language, so ordinary words such as *en* and *to* do no harm.

use super::cpr::plausible;
use super::{Span, What};

/// A word or number of the message, in bytes.
struct Token<'a> {
    from: usize,
    to: usize,
    text: &'a str,
    lower: String,
}

/// The fewest number words in a spelled number.
const FEWEST_WORDS: usize = 2;
/// The most words between a date and the last four digits.
const MOST_BETWEEN: usize = 7;

/// Finds them.
pub(super) fn spelled(raw: &str) -> Vec<Span> {
    // Most messages hold nothing of the sort, and need not be taken apart.
    let tokens = tokens(raw);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let count = run(&tokens[at..]).or_else(|| told(&tokens[at..]));
        if let Some(count) = count {
            found.push(Span { from: tokens[at].from, to: tokens[at + count - 1].to, what: What::Cpr });
        }
        at += count.unwrap_or(1);
    }
    found
}

fn tokens(raw: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut from = None;
    for (at, c) in raw.char_indices().chain([(raw.len(), ' ')]) {
        match (c.is_alphanumeric(), from) {
            (true, None) => from = Some(at),
            (false, Some(start)) => {
                let text = raw.get(start..at).unwrap_or_default();
                tokens.push(Token { from: start, to: at, text, lower: text.to_lowercase() });
                from = None;
            }
            _ => {}
        }
    }
    tokens
}

/// How many tokens from the first on are number words and digits that come to ten digits.
fn run(tokens: &[Token<'_>]) -> Option<usize> {
    let said = |n: usize| tokens.get(n).map(|token| token.lower.as_str());
    let (mut digits, mut words, mut n) = (String::new(), 0, 0);
    let mut reaches = None;
    while let Some(token) = tokens.get(n) {
        // A month stands behind the day; anywhere else it begins another date.
        if digits.len() != 2 && month(&token.lower).is_some() {
            break;
        }
        // "fem og halvtreds", "fire nuller", "double zero".
        let both = match (unit(&token.lower), said(n + 1), said(n + 2)) {
            (Some(unit), Some("og"), Some(last)) => {
                tens(last).filter(|tens| tens % 10 == 0).map(|tens| tens + unit)
            }
            _ => None,
        };
        let (part, taken, spoken) = if let Some(both) = both {
            (both.to_string(), 3, 2)
        } else if let Some(part) = several(&token.lower, said(n + 1)) {
            (part, 2, 2)
        } else if let Some(part) = word(&token.lower) {
            (part, 1, 1)
        } else if is_number(token.text) && token.text.len() <= 6 {
            // "3. marts": a day before a month has two digits.
            let day = token.text.len() == 1 && said(n + 1).is_some_and(|next| month(next).is_some());
            (if day { format!("0{}", token.text) } else { token.text.to_owned() }, 1, 0)
        } else if n > 0 && BETWEEN.contains(&token.lower.as_str()) {
            (String::new(), 1, 0)
        } else {
            break;
        };
        digits.push_str(&part);
        words += spoken;
        n += taken;
        if digits.len() > 10 {
            break;
        }
        if digits.len() == 10 && words >= FEWEST_WORDS && !part.is_empty() && begins_with_a_day(&digits) {
            reaches = Some(n);
        }
    }
    reaches
}

fn begins_with_a_day(digits: &str) -> bool {
    let digits: Vec<u8> = digits.bytes().map(|byte| byte - b'0').collect();
    plausible(&digits)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// "fire nuller" and "double zero": the digits of two words.
fn several(first: &str, second: Option<&str>) -> Option<String> {
    let times = match first {
        "triple" | "tripel" | "tre" | "three" => 3,
        "double" | "dobbelt" | "to" | "two" => 2,
        "fire" | "four" => 4,
        _ => return None,
    };
    let digit = match (first, second?) {
        (_, "nuller" | "zeros" | "zeroes" | "ohs") => 0,
        ("double" | "dobbelt" | "triple" | "tripel", second) => unit(second)?,
        _ => return None,
    };
    Some(digit.to_string().repeat(times))
}

/// The number of a month's name.
fn month(word: &str) -> Option<usize> {
    const MONTHS: [&[&str]; 12] = [
        &["jan", "januar", "january"],
        &["feb", "februar", "february"],
        &["mar", "marts", "march"],
        &["apr", "april"],
        &["maj", "may"],
        &["jun", "juni", "june"],
        &["jul", "juli", "july"],
        &["aug", "august"],
        &["sep", "sept", "september"],
        &["okt", "oct", "oktober", "october"],
        &["nov", "november"],
        &["dec", "december"],
    ];
    MONTHS.iter().position(|names| names.contains(&word)).map(|at| at + 1)
}

/// The day that an ordinal names.
fn ordinal(word: &str) -> Option<usize> {
    const DANISH: [&str; 31] = [
        "første",
        "anden",
        "tredje",
        "fjerde",
        "femte",
        "sjette",
        "syvende",
        "ottende",
        "niende",
        "tiende",
        "ellevte",
        "tolvte",
        "trettende",
        "fjortende",
        "femtende",
        "sekstende",
        "syttende",
        "attende",
        "nittende",
        "tyvende",
        "enogtyvende",
        "toogtyvende",
        "treogtyvende",
        "fireogtyvende",
        "femogtyvende",
        "seksogtyvende",
        "syvogtyvende",
        "otteogtyvende",
        "niogtyvende",
        "tredivte",
        "enogtredivte",
    ];
    const ENGLISH: [&str; 20] = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    let among = |names: &[&str]| names.iter().position(|name| *name == word).map(|at| at + 1);
    among(&DANISH).or_else(|| among(&ENGLISH))
}

/// "3. marts 1948, de sidste fire er 1234" and "030348 og så 1234": how many tokens.
fn told(tokens: &[Token<'_>]) -> Option<usize> {
    let number = |n: usize| tokens.get(n).filter(|token| is_number(token.text));
    let value = |n: usize| number(n).and_then(|token| token.text.parse::<u32>().ok());
    let first = number(0)?;
    let year = |n: usize| number(n).is_some_and(|token| matches!(token.text.len(), 2 | 4));
    let day = value(0).is_some_and(|day| (1..=31).contains(&day)) && first.text.len() <= 2;
    let six: Vec<u8> = first.text.bytes().map(|byte| byte - b'0').chain([0; 4]).collect();
    let (date, sure) = if first.text.len() == 6 && plausible(&six) {
        (1, true)
    } else if day && tokens.get(1).is_some_and(|token| month(&token.lower).is_some()) && year(2) {
        (3, true)
    } else if day && value(1).is_some_and(|month| (1..=12).contains(&month)) && year(2) {
        (3, false)
    } else {
        return None;
    };
    let mut asked_for = sure;
    for (between, token) in tokens.iter().enumerate().skip(date).take(MOST_BETWEEN + 1) {
        if token.text.len() == 4 && is_number(token.text) {
            // "3. marts 1948 2800 Lyngby" is a date and a postcode.
            let town = tokens.get(between + 1).is_some_and(|next| next.text.starts_with(char::is_uppercase));
            let between = between - date;
            return (asked_for && (between > 0 || (date == 3 && !town))).then_some(date + between + 1);
        }
        asked_for |= LAST.contains(&token.lower.as_str());
        let joins = |words: &[&str]| words.contains(&token.lower.as_str());
        if !joins(&LAST) && !joins(&BETWEEN) && !joins(&JOINING) {
            return None;
        }
    }
    None
}

/// Words that announce the last four digits.
const LAST: [&str; 21] = [
    "sidste",
    "fire",
    "cifre",
    "tal",
    "kontrol",
    "kontrolcifre",
    "kontrolcifrene",
    "kontrolcifferet",
    "resten",
    "slutter",
    "ender",
    "efterfulgt",
    "løbenummer",
    "endelsen",
    "last",
    "four",
    "digits",
    "ending",
    "ends",
    "rest",
    "numbers",
];
/// Words that may stand between a birthday in figures and the last four, but not between number words.
const JOINING: [&str; 7] = ["x", "på", "af", "samt", "by", "followed", "in"];
/// Words that may stand between.
const BETWEEN: [&str; 18] = [
    "og",
    "så",
    "saa",
    "de",
    "er",
    "derefter",
    "bagefter",
    "streg",
    "bindestreg",
    "med",
    "and",
    "then",
    "the",
    "are",
    "is",
    "dash",
    "hyphen",
    "plus",
];

/// The digits that a number word stands for.
fn word(word: &str) -> Option<String> {
    if let Some(unit) = unit(word) {
        return Some(unit.to_string());
    }
    if let Some(number) = tens(word) {
        return Some(number.to_string());
    }
    if let Some(number) = month(word).or_else(|| ordinal(word)) {
        return Some(format!("{number:02}"));
    }
    // "femogtyve", "fem-og-tyve" is three words; "twentyfive".
    let (unit_word, tens_word) = word.split_once("og")?;
    Some((tens(tens_word).filter(|tens| tens % 10 == 0)? + unit(unit_word)?).to_string())
}

fn unit(word: &str) -> Option<u32> {
    Some(match word {
        "nul" | "zero" | "oh" | "o" => 0,
        "en" | "et" | "én" | "ét" | "one" => 1,
        "to" | "two" => 2,
        "tre" | "three" => 3,
        "fire" | "four" => 4,
        "fem" | "five" => 5,
        "seks" | "six" => 6,
        "syv" | "seven" => 7,
        "otte" | "eight" => 8,
        "ni" | "nine" => 9,
        _ => return None,
    })
}

fn tens(word: &str) -> Option<u32> {
    Some(match word {
        "ti" | "ten" => 10,
        "elleve" | "eleven" => 11,
        "tolv" | "twelve" => 12,
        "tretten" | "thirteen" => 13,
        "fjorten" | "fourteen" => 14,
        "femten" | "fifteen" => 15,
        "seksten" | "sixteen" => 16,
        "sytten" | "seventeen" => 17,
        "atten" | "eighteen" => 18,
        "nitten" | "nineteen" => 19,
        "tyve" | "twenty" => 20,
        "tredive" | "thirty" => 30,
        "fyrre" | "forty" => 40,
        "halvtreds" | "fifty" => 50,
        "tres" | "sixty" => 60,
        "halvfjerds" | "seventy" => 70,
        "firs" | "eighty" => 80,
        "halvfems" | "ninety" => 90,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use skranke_domain::Lang;

    use crate::redact::{Public, redact};

    #[test]
    fn a_number_that_is_told_is_removed() {
        for text in [
            "nul en nul et ni nul et to tre fire",
            "nul en nul et halvfems tolv fireogtredive",
            "zero one zero one nine zero one two three four",
            "010190 og så 1234",
            "010190, de sidste fire er 1234",
            "010190 en to tre fire",
            "første januar fem og halvfems, en to tre fire",
            "010190 og fire nuller",
            "one five oh seven nine zero double zero double oh",
            "3. marts 1948-1234",
            "den 3 marts 48 og de sidste fire cifre er 1234",
            "1.1.1990, sidste fire: 1234",
        ] {
            let (redacted, removed) = redact(text, Lang::Da, &Public::default());
            assert_eq!(removed.cpr, 1, "{text} -> {}", redacted.as_str());
            assert!(!redacted.as_str().contains("1234"), "{text}");
        }
    }

    #[test]
    fn ordinary_sentences_stay() {
        for text in [
            "vi er to voksne og tre børn på en, fire og seks år",
            "mødet er 3. marts 2026 kl. 1000",
            "den 1. januar 2024 og den 31. december 2025",
            "010190",
        ] {
            assert_eq!(redact(text, Lang::Da, &Public::default()).0.as_str(), text);
        }
    }
}
