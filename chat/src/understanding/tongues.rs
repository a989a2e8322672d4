//! Which language a text is likely in, by the pieces of one to four letters in it and its whole words.
//!
//! Every language is a table of how rare each piece is in it, learned when the counter opens: Danish and English from the
//! articles, the seven that are understood a little from `content/foreign`, all of them and the rest of the world from
//! `tongues.txt`. A text costs more in a language, the rarer its pieces are there; a piece that no language has costs
//! the same in all, so that names and noise tell nothing. A table is a few bytes per piece and nothing is ever looked
//! up outside it.

use std::collections::{HashMap, HashSet};

use skranke_domain::Lang;
use skranke_domain::conversation::Foreign;

use super::features::{hash, to_f32};
use super::lists::sections;

/// How many places a language's table has. Pieces that share one are taken for the same.
const PLACES: usize = 1 << 16;
/// How much of a language is left for pieces that its examples do not have.
const UNSEEN: f32 = 0.02;
/// A cost of one in the table: the dearest piece must fit into a byte.
const UNIT: f32 = 14.0;
/// The longest piece, in letters.
const LONGEST: usize = 4;

/// A language that is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    /// One that is spoken here.
    Own(Lang),
    /// Another one.
    Foreign(Foreign),
}

impl Tongue {
    /// The language that a section of `tongues.txt` is in.
    fn named(section: &str) -> Self {
        let tag = section.split('-').next().unwrap_or(section);
        match tag {
            "da" => Self::Own(Lang::Da),
            "en" => Self::Own(Lang::En),
            _ => {
                let known = Foreign::ALL.into_iter().find(|foreign| foreign.tag() == tag);
                Self::Foreign(known.unwrap_or(Foreign::Other))
            }
        }
    }
}

/// What a text looks like beside Danish and English.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    /// The other language that it looks most like.
    pub(crate) foreign: Foreign,
    /// By how much it looks more like that than like Danish or English; below zero, less.
    pub(crate) lead: f32,
    /// How many of its words that language has and neither Danish nor English has.
    pub(crate) signs: usize,
    /// How many different words it has.
    pub(crate) words: usize,
}

/// The languages, ready to be told apart.
#[derive(Debug)]
pub(crate) struct Tongues {
    names: Vec<Tongue>,
    /// Place by place, what a piece costs in each language.
    costs: Vec<u8>,
    /// The languages that have a word, one bit each.
    words: HashMap<u64, u64>,
    /// The bits of the languages that are spoken here.
    own: u64,
}

impl Tongues {
    /// Learns from the texts, each in one of the languages that have a tag here, and from `tongues.txt`.
    pub(crate) fn learn<'a>(texts: impl Iterator<Item = (Tongue, &'a str)>) -> Self {
        let mut sections: Vec<(Tongue, Vec<&str>)> = sections(include_str!("tongues.txt"))
            .into_iter()
            .map(|(name, lines)| (Tongue::named(name), lines))
            .collect();
        for (tongue, text) in texts {
            // The first section of a language is the one in its own letters.
            if let Some((_, lines)) = sections.iter_mut().find(|(known, _)| *known == tongue) {
                lines.push(text);
            }
        }
        let width = sections.len();
        let (mut words, mut own) = (HashMap::new(), 0);
        let mut counts = vec![0_u32; PLACES];
        let mut costs = vec![0; PLACES * width];
        for (at, (tongue, lines)) in sections.iter().enumerate() {
            let bit = 1_u64 << at.min(63);
            if matches!(tongue, Tongue::Own(_)) {
                own |= bit;
            }
            counts.fill(0);
            for line in lines {
                let bare = bare(line);
                // As it is written, and as people write it whose keyboard lacks the letters.
                for text in std::iter::once(*line).chain((bare != *line).then_some(bare.as_str())) {
                    each_word(text, |word| {
                        *words.entry(word_hash(word)).or_default() |= bit;
                        each_piece(word, |place| counts[place] += 1);
                    });
                }
            }
            let all = to_f32(counts.iter().sum::<u32>() as usize).max(1.0);
            for (place, count) in counts.iter().enumerate() {
                let share = to_f32(*count as usize) / all;
                let odds = (1.0 - UNSEEN).mul_add(share, UNSEEN / to_f32(PLACES));
                costs[place * width + at] = byte(-odds.ln() * UNIT);
            }
        }
        Self { names: sections.into_iter().map(|(tongue, _)| tongue).collect(), costs, words, own }
    }

    /// What a text looks like; `None` where it has no words.
    pub(crate) fn tell(&self, text: &str) -> Option<Told> {
        let width = self.names.len();
        let mut sums = vec![0_u32; width];
        let mut pieces = 0_usize;
        let mut seen: HashSet<u64> = HashSet::new();
        each_word(text, |word| {
            seen.insert(word_hash(word));
            each_piece(word, |place| {
                pieces += 1;
                let costs = self.costs.get(place * width..(place + 1) * width).unwrap_or_default();
                for (sum, cost) in sums.iter_mut().zip(costs) {
                    *sum += u32::from(*cost);
                }
            });
        });
        let cheapest = |wanted: fn(&Tongue) -> bool| {
            let of_kind = self.names.iter().zip(&sums).enumerate().filter(|(_, (tongue, _))| wanted(tongue));
            of_kind.min_by_key(|(_, (_, sum))| **sum).map(|(at, (tongue, sum))| (at, *tongue, *sum))
        };
        let (_, _, ours) = cheapest(|tongue| matches!(tongue, Tongue::Own(_)))?;
        let (at, tongue, theirs) = cheapest(|tongue| matches!(tongue, Tongue::Foreign(_)))?;
        let Tongue::Foreign(foreign) = tongue else { return None };
        if pieces == 0 {
            return None;
        }
        // A long text repeats itself: its lead grows with the root of its length.
        let lead = (to_f32(ours as usize) - to_f32(theirs as usize)) / UNIT / to_f32(pieces).sqrt();
        let bit = 1_u64 << at.min(63);
        let is_sign = |word: &&u64| {
            let have = self.words.get(word).copied().unwrap_or_default();
            have & bit != 0 && have & self.own == 0
        };
        Some(Told { foreign, lead, signs: seen.iter().filter(is_sign).count(), words: seen.len() })
    }
}

/// The words of a text that have a letter in them, in small letters.
fn each_word(text: &str, mut visit: impl FnMut(&[char])) {
    let mut word: Vec<char> = Vec::new();
    for c in text.chars().chain(std::iter::once(' ')) {
        if matches!(c, '\u{0300}'..='\u{036F}') {
            // A mark that stands by itself belongs to the letter before it.
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase().filter(|c| c.is_alphanumeric()));
        } else {
            if word.iter().any(|c| c.is_alphabetic()) {
                visit(&word);
            }
            word.clear();
        }
    }
}

/// The places of a word's pieces: every one to four letters of it, its ends marked by blanks, and the word itself.
fn each_piece(word: &[char], mut visit: impl FnMut(usize)) {
    let mut padded = Vec::with_capacity(word.len() + 2);
    padded.push(' ');
    padded.extend_from_slice(word);
    padded.push(' ');
    for length in 2..=LONGEST {
        padded.windows(length).for_each(|piece| visit(place(piece_hash(b'c', piece))));
    }
    for letter in word {
        visit(place(piece_hash(b'c', std::slice::from_ref(letter))));
    }
    visit(place(word_hash(word)));
}

fn word_hash(word: &[char]) -> u64 {
    piece_hash(b'w', word)
}

fn piece_hash(kind: u8, letters: &[char]) -> u64 {
    letters.iter().fold(hash(kind, &[]), |sum, letter| {
        u32::from(*letter)
            .to_le_bytes()
            .iter()
            .take(3)
            .fold(sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
    })
}

/// The top bits, once they are well mixed.
#[expect(clippy::cast_possible_truncation, reason = "16 bits are left")]
const fn place(hash: u64) -> usize {
    (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - PLACES.trailing_zeros())) as usize
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte first")]
fn byte(cost: f32) -> u8 {
    cost.clamp(0.0, 255.0).round() as u8
}

/// A text in the letters that every keyboard has: the Latin ones without their marks, the others as they are.
pub(crate) fn bare(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'ą' | 'ă' | 'ā' => bare.push('a'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ė' | 'ě' | 'ē' => bare.push('e'),
            'í' | 'ì' | 'î' | 'ï' | 'ı' | 'į' | 'ī' => bare.push('i'),
            'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' => bare.push('o'),
            'ú' | 'ù' | 'û' | 'ü' | 'ů' | 'ű' | 'ų' | 'ū' => bare.push('u'),
            'ý' | 'ÿ' => bare.push('y'),
            'ç' | 'ć' | 'č' => bare.push('c'),
            'ñ' | 'ń' | 'ň' | 'ņ' => bare.push('n'),
            'ś' | 'ş' | 'š' | 'ș' => bare.push('s'),
            'ź' | 'ż' | 'ž' => bare.push('z'),
            'ł' | 'ļ' => bare.push('l'),
            'ğ' | 'ģ' => bare.push('g'),
            'ř' => bare.push('r'),
            'ť' | 'ț' | 'ţ' => bare.push('t'),
            'ď' | 'đ' | 'ð' => bare.push('d'),
            'ķ' => bare.push('k'),
            'æ' => bare.push_str("ae"),
            'œ' => bare.push_str("oe"),
            'ß' => bare.push_str("ss"),
            'þ' => bare.push_str("th"),
            // A mark that stands by itself behind its letter.
            '\u{0300}'..='\u{036F}' => {}
            c => bare.push(c),
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tongues() -> Tongues {
        Tongues::learn(std::iter::empty())
    }

    #[test]
    fn everyday_sentences_of_many_languages_are_told_from_danish_and_english() {
        let tongues = tongues();
        for (text, foreign) in [
            ("Ich habe meinen Brief nicht bekommen", Foreign::De),
            ("Nie wiem gdzie mam iść", Foreign::Pl),
            ("nie wiem gdzie mam isc", Foreign::Pl),
            ("Nereye gitmem gerekiyor", Foreign::Tr),
            ("Jag vet inte vart jag ska gå", Foreign::Sv),
            ("Jeg trenger noen som kan hjelpe meg", Foreign::No),
            ("ya ne znayu kudy meni yty", Foreign::Uk),
            ("wein lazim aroo7 3ashan hada", Foreign::Ar),
            ("¿Dónde tengo que ir con mi hijo?", Foreign::Other),
            ("Je ne sais pas où aller", Foreign::Other),
            ("Unde trebuie să merg cu copilul meu?", Foreign::Other),
            ("Hvar á ég að sækja um þetta?", Foreign::Other),
        ] {
            let told = tongues.tell(text).unwrap();
            assert_eq!(told.foreign, foreign, "{text}");
            assert!(told.lead > 0.5 && told.signs > 0, "{text}: {told:?}");
        }
        for text in
            ["jeg ved ikke hvor jeg skal gå hen", "I do not know where to go", "xqzw vbnmp", "Kjærsgaard"]
        {
            let told = tongues.tell(text).unwrap();
            assert!(told.lead < 0.5 || told.signs == 0, "{text}: {told:?}");
        }
        assert!(tongues.tell("12 45 ?! 🙂").is_none());
    }

    #[test]
    fn letters_lose_their_marks() {
        assert_eq!(bare("Żółć, Größe, Şükrü, Ærø, i\u{0308}"), "zolc, grosse, sukru, aero, i");
    }
}
