//! The words the knowledge base knows, and how a word it does not know is brought back to them.
//!
//! Three ways, in this order: the looser spelling (*lage* for *læge*), one slip of the finger (*fltyning* for
//! *flytning*), and taking a compound apart (*huslejetilskud* is *husleje* and *tilskud*). No dictionary is needed:
//! the words are those of the articles and their example questions.

use std::collections::HashMap;

use skranke_domain::Lang;

use super::normalise::loose;
use super::words::Words;

/// How short a part of a compound may be.
const SHORTEST_PART: usize = 3;

/// A word as it is looked up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Term {
    /// The stem.
    pub(crate) stem: String,
    /// The word as it was read, after correction.
    pub(crate) word: String,
    /// How much it counts: 1 for a word as written, less for a corrected one or a part of a compound.
    pub(crate) weight: f32,
}

/// The words of one language's articles.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    words: Words,
    /// Every plain word and how often it occurs.
    known: HashMap<String, u32>,
    /// Stems, with the number of words behind them.
    stems: HashMap<String, u32>,
    /// From the looser key to the most frequent plain word.
    loose: HashMap<String, String>,
    /// Words by first letter and length, for finding slips.
    alike: HashMap<(u8, usize), Vec<String>>,
    lang: Lang,
}

impl Vocabulary {
    /// Learns the words of some texts, given as plain words.
    pub(crate) fn learn<'a>(lang: Lang, texts: impl Iterator<Item = &'a str>) -> Self {
        let words = Words::of(lang);
        let mut known: HashMap<String, u32> = HashMap::new();
        for word in texts {
            *known.entry(word.to_owned()).or_default() += 1;
        }
        let mut sorted: Vec<(&String, &u32)> = known.iter().collect();
        sorted.sort_unstable_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let mut stems: HashMap<String, u32> = HashMap::new();
        let mut loosely = HashMap::new();
        let mut alike: HashMap<(u8, usize), Vec<String>> = HashMap::new();
        for (word, count) in sorted {
            *stems.entry(words.stem(word).into_owned()).or_default() += count;
            loosely.entry(loose(word)).or_insert_with(|| word.clone());
            if let Some(first) = word.bytes().next() {
                alike.entry((first, word.len())).or_default().push(word.clone());
            }
        }
        Self { words, known, stems, loose: loosely, alike, lang }
    }

    /// Whether the plain word occurs in the articles.
    pub(crate) fn knows(&self, word: &str) -> bool {
        self.known.contains_key(word)
    }

    /// Whether the plain word is a form of one that occurs, or a compound of such.
    pub(crate) fn knows_form(&self, word: &str) -> bool {
        self.stems.contains_key(self.words.stem(word).as_ref()) || !self.parts(word).is_empty()
    }

    /// The word forms of the language.
    pub(crate) const fn words(&self) -> &Words {
        &self.words
    }

    /// The known word that an unknown one was meant to be, if any: the word itself, another spelling, or one slip.
    pub(crate) fn correct<'a>(&'a self, word: &'a str) -> Option<&'a str> {
        if self.known.contains_key(word) || self.words.is_stop(word) {
            return Some(word);
        }
        if word.len() < 3 || word.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let by_sound = self.loose.get(&loose(word)).map(String::as_str);
        if by_sound.is_some_and(|known| known.len() >= 4) {
            return by_sound;
        }
        // A form of a known stem is known.
        if self.stems.contains_key(self.words.stem(word).as_ref()) {
            return None;
        }
        if word.len() >= 5 { self.slip(word) } else { None }
    }

    /// The most frequent word at edit distance one, with the same first letter.
    fn slip(&self, word: &str) -> Option<&str> {
        let lengths = word.len().saturating_sub(1)..=word.len() + 1;
        let first = word.bytes().next()?;
        let alike = lengths.filter_map(|length| self.alike.get(&(first, length))).flatten();
        let near = alike.filter(|known| within_one(word, known));
        let best = near
            .max_by_key(|known| (self.known.get(*known).copied().unwrap_or(0), std::cmp::Reverse(*known)))?;
        (best.len() >= 4).then_some(best.as_str())
    }

    /// Puts together what was written apart: "bolig støtte" is *boligstøtte*, if the articles know that word.
    pub(crate) fn join(&self, words: &[&str]) -> Vec<String> {
        let mut joined = Vec::with_capacity(words.len());
        let mut words = words.iter().copied().peekable();
        while let Some(word) = words.next() {
            let whole = words.peek().filter(|next| word.len() >= 3 && next.len() >= 3).and_then(|next| {
                let apart = self.words.is_stop(word) || self.words.is_stop(next);
                let whole = if apart { None } else { Some(format!("{word}{next}")) }?;
                self.correct(&whole).filter(|known| known.len() >= 8).map(ToOwned::to_owned)
            });
            if whole.is_some() {
                words.next();
            }
            joined.push(whole.unwrap_or_else(|| word.to_owned()));
        }
        joined
    }

    /// What to look up for a plain word: its stem, and the parts of a compound.
    pub(crate) fn terms(&self, word: &str) -> Vec<Term> {
        let corrected = self.correct(word);
        let read = corrected.unwrap_or(word);
        let stem = self.words.stem(read).into_owned();
        let weight = if read == word { 1.0 } else { 0.9 };
        let mut terms = vec![Term { stem, word: read.to_owned(), weight }];
        if self.lang == Lang::Da {
            for part in self.parts(read) {
                let stem = self.words.stem(&part).into_owned();
                if terms.iter().all(|term| term.stem != stem) {
                    terms.push(Term { stem, word: part, weight: 0.5 });
                }
            }
        }
        terms
    }

    /// The known parts of a compound: the split whose parts are longest, perhaps with an s or e between.
    pub(crate) fn parts(&self, word: &str) -> Vec<String> {
        if word.len() < 2 * SHORTEST_PART + 1 || !word.is_ascii() {
            return Vec::new();
        }
        let known = |part: &str| {
            part.len() >= SHORTEST_PART
                && !self.words.is_stop(part)
                && (self.known.contains_key(part)
                    || (part.len() >= 4 && self.stems.contains_key(self.words.stem(part).as_ref())))
        };
        let mut best: Option<(usize, Vec<String>)> = None;
        for at in SHORTEST_PART..=word.len() - SHORTEST_PART {
            let (head, tail) = word.split_at(at);
            let bare = head.strip_suffix('s').filter(|bare| bare.len() >= SHORTEST_PART);
            let bare_e = head.strip_suffix('e').filter(|bare| bare.len() > SHORTEST_PART);
            let whole = Some(head).filter(|head| self.known.contains_key(*head));
            let head = [whole, bare, bare_e, Some(head)].into_iter().flatten().find(|head| known(head));
            let score = match (head, known(tail)) {
                // Two known parts: the more even, the likelier.
                (Some(head), true) => 100 + head.len().min(tail.len()),
                // A known long head or tail of an unknown whole.
                (Some(head), false) if head.len() >= 5 => head.len(),
                (None, true) if tail.len() >= 5 => tail.len(),
                _ => continue,
            };
            if best.as_ref().is_none_or(|(before, _)| score > *before) {
                let mut parts: Vec<String> = head.map(ToOwned::to_owned).into_iter().collect();
                if known(tail) {
                    parts.push(tail.to_owned());
                }
                best = Some((score, parts));
            }
        }
        best.map(|(_, parts)| parts).unwrap_or_default()
    }
}

/// Whether two words differ by at most one letter more, less, other or swapped with its neighbour.
pub(crate) fn within_one(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    match (a, b) {
        ([], []) => true,
        _ if a.len() == b.len() => {
            a[1..] == b[1..] || (a.len() > 1 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..])
        }
        _ if a.len() + 1 == b.len() => *a == b[1..],
        _ if b.len() + 1 == a.len() => a[1..] == *b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Vocabulary, within_one};
    use skranke_domain::Lang;

    fn vocabulary() -> Vocabulary {
        let words = "husleje tilskud flytning laege boern bidrag pension koerekort forny sundhed kort";
        Vocabulary::learn(Lang::Da, words.split(' '))
    }

    #[test]
    fn slips_and_other_spellings_come_back() {
        let vocabulary = vocabulary();
        assert_eq!(vocabulary.correct("fltyning"), Some("flytning"));
        assert_eq!(vocabulary.correct("flyning"), Some("flytning"));
        assert_eq!(vocabulary.correct("lage"), Some("laege"));
        assert_eq!(vocabulary.correct("born"), Some("boern"));
        assert_eq!(vocabulary.correct("xylofon"), None);
    }

    #[test]
    fn compounds_come_apart() {
        let vocabulary = vocabulary();
        assert_eq!(vocabulary.parts("huslejetilskud"), ["husleje", "tilskud"]);
        assert_eq!(vocabulary.parts("boernebidrag"), ["boern", "bidrag"]);
        assert_eq!(vocabulary.parts("sundhedskort"), ["sundhed", "kort"]);
        assert!(vocabulary.parts("xylofon").is_empty());
    }

    #[test]
    fn one_letter_more_less_other_or_swapped() {
        for near in ["pension", "pesion", "penssion", "pemsion", "pesnion"] {
            assert!(within_one("pension", near), "{near}");
        }
        assert!(!within_one("pension", "passion") && !within_one("pension", "penge"));
    }
}
