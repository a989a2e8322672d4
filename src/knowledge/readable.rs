//! How hard a text is to read: LIX (läsbarhetsindex), the number of words per sentence and the share of words with more
//! than six letters, added up (C. H. Björnsson, Läsbarhet, Stockholm 1968).
//!
//! A number, a phone number or an address on the web is read at a glance and not counted. A full stop behind an
//! abbreviation or a day of the month ends no sentence; the end of a paragraph or list item does.

/// The most an article may have: the border between a newspaper and a textbook.
pub(super) const LIMIT: u32 = 45;

/// Words with more letters than this are long.
const LONG: usize = 6;

/// What ends in a full stop that ends no sentence.
const ABBREVIATIONS: [&str; 28] = [
    "fx", "f.eks", "bl.a", "dvs", "osv", "evt", "ca", "kl", "nr", "kr", "stk", "jf", "inkl", "ekskl", "pct",
    "mv", "m.v", "tlf", "mio", "mia", "max", "min", "e.g", "i.e", "etc", "no", "dr", "approx",
];

/// The LIX of a text given as its paragraphs; `None` where there is no word.
pub(super) fn lix(paragraphs: &[String]) -> Option<u32> {
    let (mut words, mut long, mut sentences) = (0_usize, 0, 0);
    for paragraph in paragraphs {
        let mut open = false;
        for token in paragraph.split_whitespace() {
            let ends = ends_sentence(token);
            let letters = token.chars().filter(|c| c.is_alphabetic()).count();
            if letters > 0 && !is_glanced_at(token) {
                words += 1;
                long += usize::from(letters > LONG);
                open = true;
            }
            if ends && open {
                sentences += 1;
                open = false;
            }
        }
        sentences += usize::from(open);
    }
    if words == 0 {
        return None;
    }
    // Rounded to a whole number, as LIX is told.
    let per_sentence = (2 * words + sentences) / (2 * sentences);
    let share = (200 * long + words) / (2 * words);
    u32::try_from(per_sentence + share).ok()
}

/// Whether a word is a number or an address: read at a glance.
fn is_glanced_at(token: &str) -> bool {
    let inner = token.trim_matches(|c: char| !c.is_alphanumeric());
    let address = inner.contains('@') || inner.contains("://") || has_domain(inner);
    address || inner.chars().any(|c| c.is_ascii_digit())
}

/// Whether a word is the name of a web site: `borger.dk`, `skat.dk/tastselv`.
fn has_domain(word: &str) -> bool {
    let host = word.split('/').next().unwrap_or(word);
    host.rsplit_once('.').is_some_and(|(name, top)| {
        name.len() > 1 && matches!(top, "dk" | "gl" | "fo" | "com" | "org" | "net" | "eu" | "nu")
    })
}

fn ends_sentence(token: &str) -> bool {
    let token = token.trim_end_matches([')', '"', '”', '»', '\'']);
    let Some(rest) = token.strip_suffix(['.', '!', '?', ':']) else { return false };
    if !token.ends_with('.') {
        return true;
    }
    let word = rest.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    // "1. januar": the day of a month is one or two digits. A year ends a sentence.
    let day = (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    !day && !ABBREVIATIONS.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paragraphs: &[&str]) -> Option<u32> {
        lix(&paragraphs.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn words_per_sentence_and_the_share_of_long_words_are_added() {
        // Ten words in two sentences, two of them long: 5 + 20.
        assert_eq!(of(&["Du skal bo her nu. Kontakt Borgerservice i din by."]), Some(25));
        assert_eq!(of(&["Du skal bo her nu"]), Some(5));
        assert_eq!(of(&["12 34 56 78", ""]), None);
    }

    #[test]
    fn numbers_addresses_and_abbreviations_neither_count_nor_end_a_sentence() {
        // Two short sentences: the figures are not words, and "fx", "1." and "kr." end nothing.
        assert_eq!(
            of(&["Ring fx. på 33 98 00 10 den 1. maj. Det er 225 kr. for dig."]),
            of(&["Ring fx på den maj. Det er kr for dig."])
        );
        assert_eq!(of(&["Gå ind på www.meget-langt-navn.dk/side nu."]), of(&["Gå ind på nu."]));
        assert_eq!(of(&["Det var i 2024. Nu er det nyt."]), of(&["Det var i. Nu er det nyt."]));
    }

    #[test]
    fn a_list_item_is_a_sentence_of_its_own() {
        assert_eq!(of(&["Det skal du have:", "- et pas", "- et kort"]), Some(3));
    }

    #[test]
    fn officialese_is_over_the_limit_and_plain_words_are_not() {
        let officialese = "Myndigheden iværksætter sagsbehandlingen umiddelbart efter modtagelsen af ansøgningen \
            vedlagt fornøden dokumentation for opholdsgrundlaget, medmindre særlige forhold foreligger.";
        assert!(of(&[officialese]).is_some_and(|lix| lix > LIMIT));
        assert!(
            of(&["Ring til os. Så hjælper vi dig. Du skal have dit pas med."]).is_some_and(|lix| lix < 30)
        );
    }
}
