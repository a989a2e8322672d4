//! One spelling for many: how a message is written down before anything is looked up in it.
//!
//! People write *læge*, *laege* and *lage*; *`MitID`*, *mit id* and *mit-id*; with capitals, accents, invisible
//! characters and full-width letters. Here every message becomes a list of plain words: lower case, `ae`, `oe`, `aa`
//! for æ, ø, å, and the names that are written in two words joined into one. A second, looser key without those
//! vowels' second letter ([`loose`]) lets *lage* meet *læge* where the exact spelling is unknown.

/// How many characters of a message are looked at. Redaction sees all of it.
pub(crate) const MOST_CHARACTERS: usize = 4_000;

/// A word of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about one word")]
pub(crate) struct Word {
    /// The plain spelling.
    pub(crate) text: String,
    /// Whether it was written with a capital first letter.
    pub(crate) capital: bool,
    /// Whether it opens the message or a sentence.
    pub(crate) opens: bool,
    /// Whether it opens a clause: after a comma, a dash, a bracket, or as [`Self::opens`].
    pub(crate) clause: bool,
    /// Whether it was joined from two written words, such as "mit id".
    pub(crate) joined: bool,
}

/// Splits a message into plain words, as far as it is looked at. The marks of what was removed (`[… fjernet]`) are left
/// out.
pub(crate) fn words(message: &str) -> Vec<Word> {
    split(message, MOST_CHARACTERS)
}

/// As [`words`], however long the message is.
pub(crate) fn every_word(message: &str) -> Vec<Word> {
    split(message, usize::MAX)
}

fn split(message: &str, most: usize) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut text = String::new();
    let (mut capital, mut opens, mut next_opens) = (false, true, true);
    let (mut clause, mut next_clause) = (true, true);
    let mut brackets = 0_u32;
    let mut previous = ' ';
    for c in message.chars().take(most) {
        if is_invisible(c) {
            continue;
        }
        let combining = accent(c);
        if let Some(letter) = combining.and_then(|mark| with_accent(text.chars().next_back(), mark)) {
            text.truncate(text.len() - 1);
            text.push_str(letter);
            continue;
        }
        if combining.is_some() {
            continue;
        }
        match c {
            '[' => brackets += 1,
            ']' => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        let c = half_width(c);
        if c.is_alphanumeric() && brackets == 0 {
            if text.is_empty() {
                capital = c.is_uppercase();
                opens = std::mem::take(&mut next_opens);
                clause = std::mem::take(&mut next_clause);
            }
            push_plain(&mut text, c);
        } else {
            // "MitID's" and "don't": the apostrophe belongs to the word.
            if matches!(c, '\'' | '’' | '´' | '`') && !text.is_empty() {
                previous = c;
                continue;
            }
            if !text.is_empty() {
                words.push(Word { text: std::mem::take(&mut text), capital, opens, clause, joined: false });
            }
            if matches!(c, '.' | '!' | '?' | '\n') && previous != '.' {
                (next_opens, next_clause) = (true, true);
            }
            next_clause |= matches!(c, ',' | ';' | ':' | '(' | ')' | '–' | '—');
        }
        previous = c;
    }
    if !text.is_empty() {
        words.push(Word { text, capital, opens, clause, joined: false });
    }
    join(words)
}

/// The plain spelling of one name or word, with blanks between its parts.
pub(crate) fn plain(text: &str) -> String {
    let words: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
    words.join(" ")
}

/// A looser key: æ/ae/a, ø/oe/o and å/aa/a fall together, and so do doubled letters.
pub(crate) fn loose(plain: &str) -> String {
    let mut key = String::with_capacity(plain.len());
    let mut previous = ' ';
    for c in plain.chars() {
        let second = matches!((previous, c), ('a' | 'o', 'e')) || (previous == c && c.is_alphabetic());
        if !second {
            key.push(c);
        }
        previous = c;
    }
    key
}

fn is_invisible(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{20E3}')
}

/// Combining ring, diaeresis and other accents.
const fn accent(c: char) -> Option<char> {
    match c {
        '\u{0300}'..='\u{036F}' => Some(c),
        _ => None,
    }
}

fn with_accent(letter: Option<char>, mark: char) -> Option<&'static str> {
    match (letter?, mark) {
        ('a', '\u{030A}') => Some("aa"),
        ('a', '\u{0308}') => Some("ae"),
        ('o', '\u{0308}' | '\u{0338}') => Some("oe"),
        _ => None,
    }
}

/// Full-width letters and digits as the ordinary ones.
fn half_width(c: char) -> char {
    match u32::from(c) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

fn push_plain(text: &mut String, c: char) {
    for c in c.to_lowercase() {
        match c {
            'æ' | 'ä' | 'ǽ' => text.push_str("ae"),
            'ø' | 'ö' | 'ǿ' | 'œ' => text.push_str("oe"),
            'å' => text.push_str("aa"),
            'ß' => text.push_str("ss"),
            'á' | 'à' | 'â' | 'ã' | 'ą' => text.push('a'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ė' => text.push('e'),
            'í' | 'ì' | 'î' | 'ï' | 'ı' => text.push('i'),
            'ó' | 'ò' | 'ô' | 'õ' => text.push('o'),
            'ú' | 'ù' | 'û' => text.push('u'),
            'ü' | 'ý' => text.push('y'),
            'ñ' | 'ń' => text.push('n'),
            'ç' | 'ć' => text.push('c'),
            'ł' => text.push('l'),
            'ś' | 'ş' | 'š' => text.push('s'),
            'ż' | 'ź' | 'ž' => text.push('z'),
            'ğ' => text.push('g'),
            'ð' => text.push('d'),
            '\u{0300}'..='\u{036F}' => {}
            c => text.push(c),
        }
    }
}

/// Names that people write in two words, and the words that must not follow ("mit id-kort" is a card).
const JOINED: [(&str, &str, &str, &[&str]); 20] = [
    ("mit", "id", "mitid", &["kort", "kortet", "nummer", "nr", "papir"]),
    ("nem", "id", "nemid", &[]),
    ("mit", "idet", "mitid", &[]),
    ("min", "id", "mitid", &["kort", "kortet"]),
    ("nem", "konto", "nemkonto", &[]),
    ("e", "boks", "eboks", &[]),
    ("e", "box", "eboks", &[]),
    ("e", "post", "epost", &[]),
    ("e", "mail", "email", &[]),
    ("borger", "dk", "borgerdk", &[]),
    ("sundhed", "dk", "sundheddk", &[]),
    ("c", "o", "co", &[]),
    ("borger", "service", "borgerservice", &[]),
    ("folke", "register", "folkeregister", &[]),
    ("folke", "registeret", "folkeregister", &[]),
    ("folke", "pension", "folkepension", &[]),
    ("bolig", "stoette", "boligstoette", &[]),
    ("koere", "kort", "koerekort", &[]),
    ("sundheds", "kort", "sundhedskort", &[]),
    ("boerne", "have", "boernehave", &[]),
];

fn join(words: Vec<Word>) -> Vec<Word> {
    let mut joined: Vec<Word> = Vec::with_capacity(words.len());
    let mut words = words.into_iter().peekable();
    while let Some(mut word) = words.next() {
        let hit = words.peek().and_then(|next| {
            let second = next.text.strip_suffix('s').filter(|stem| stem.len() > 2).unwrap_or(&next.text);
            JOINED.iter().find(|(a, b, ..)| *a == word.text && (*b == next.text || *b == second))
        });
        if let Some((_, _, whole, not_before)) = hit {
            let second = words.next();
            let stops = words.peek().is_some_and(|third| not_before.contains(&third.text.as_str()));
            if stops {
                joined.push(word);
                joined.extend(second);
                continue;
            }
            (*whole).clone_into(&mut word.text);
            word.joined = true;
        }
        joined.push(word);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::{loose, plain, words};

    #[test]
    fn both_spellings_meet() {
        assert_eq!(plain("Læge, Børn; Århus"), "laege boern aarhus");
        assert_eq!(plain("LAEGE boern aarhus"), "laege boern aarhus");
        assert_eq!(plain("A\u{030A}rhus bo\u{0308}rn"), "aarhus boern");
        assert_eq!(loose("laege"), loose("lage"));
        assert_eq!(loose("aarhus"), loose("arhus"));
    }

    #[test]
    fn names_in_two_words_become_one() {
        assert_eq!(plain("mit id, nem-id, e-Boks, borger.dk"), "mitid nemid eboks borgerdk");
        assert_eq!(plain("mit id-kort"), "mit id kort");
        assert_eq!(plain("mit"), "mit");
    }

    #[test]
    fn marks_and_invisible_characters_are_left_out() {
        assert_eq!(plain("hej [CPR-nummer fjernet] med \u{202E}dig\u{200B}\u{0}"), "hej med dig");
    }

    #[test]
    fn sentences_open_with_a_capital() {
        let words = words("Hej. Jeg bor i Vejen");
        let opening: Vec<bool> = words.iter().map(|word| word.opens).collect();
        assert_eq!(opening, [true, true, false, false, false]);
        assert!(words[4].capital && !words[3].capital);
    }
}
