//! Which language a message is in: Danish or English, or one that is recognised but not spoken here.
//!
//! Short messages are judged by their words: those that only one of the two languages has, first among them the words
//! of the articles. Longer ones that stay undecided are told by their letters ([`Letters`]). Where nothing decides
//! ("sfo"), the language of the page does.
//!
//! Other languages are told by their script, and in Latin letters by their pieces and words ([`super::tongues`]). The
//! bar is high, and highest for the neighbours: a slip in Danish must never look Norwegian.

use std::collections::HashSet;

use skranke_domain::Lang;
use skranke_domain::conversation::Foreign;

use super::CorpusArticle;
use super::intent::Examples;
use super::letters::Letters;
use super::normalise::every_word;
use super::tongues::{Told, Tongue, Tongues};
use super::vocabulary::Vocabulary;

/// Danish words that are no English ones.
const DANISH: &str = "jeg ikke hvordan hvad hvor hvornaar hvorfor hvem og er det den kan skal vil til med hos min mit mine \
    af paa fra for som der vi du i har have faa faar naar om eller en et man mig dig sig vores jeres kommune kommunen \
    noget nogen ingen uden ogsaa men at ny nyt nye gerne tak hej goddag maa kunne skulle ville blive bliver blev vaere \
    hvilken hvilke hvis efter inden op ud ind ned her hva ikk ik oensker soege soeger betaler koster hjaelp";

/// English words that are no Danish ones.
const ENGLISH: &str = "the is are was were am how what where when why who whom which do does did can cant cannot could \
    should would will my your our their his of to and a an have has had get got need want with without from you me we \
    they it this that there if or not no dont doesnt didnt im ive please thanks thank hello hi on at by about apply \
    help someone for in be been any some after before out up be need needs must may live lives living use still";

/// Danish words that rule Norwegian out.
const ONLY_DANISH: &str = "af hvad mig dig noget nogen uden ud bruge soege soeger goer goere laege hjaelp meget \
    op boern koerekort sygedagpenge";

/// How much more a text must look like another language than like Danish or English, and how much if half of its words
/// are of that language alone.
const LEAD: f32 = 4.0;
const LEAD_OF_HALF: f32 = 2.5;
/// The same for Swedish.
const LEAD_OF_SWEDISH: f32 = 2.5;
/// The same for Norwegian, most of which is Danish too: with two words that Danish lacks, with one, and with none, in
/// which case there must be some words to judge by.
const LEAD_OF_NORWEGIAN: [f32; 3] = [-1.0, 0.0, 1.4];
const WORDS_OF_NORWEGIAN: usize = 6;

/// How many characters of a message tell its language.
const JUDGED: usize = 300;

/// What was found out about a message's language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    /// The language to answer in.
    pub(crate) lang: Lang,
    /// Another language, if it is one.
    pub(crate) foreign: Option<Foreign>,
    /// Whether Danish and English were told apart by evidence rather than by the page.
    pub(crate) sure: bool,
}

/// Tells languages apart.
#[derive(Debug)]
pub(crate) struct Languages {
    danish: HashSet<&'static str>,
    english: HashSet<&'static str>,
    only_danish: HashSet<&'static str>,
    tongues: Tongues,
    letters: Letters,
}

fn set(words: &'static str) -> HashSet<&'static str> {
    words.split_whitespace().collect()
}

impl Languages {
    /// Ready to tell, once it has learned the letters of the two languages from the articles and the examples, and has
    /// read texts in the languages that are known here.
    pub(crate) fn learn<'a>(
        articles: &[CorpusArticle],
        texts: impl Iterator<Item = (Tongue, &'a str)>,
    ) -> Self {
        let danish = set(DANISH);
        let english = set(ENGLISH);
        let only = |words: &HashSet<&'static str>, other: &HashSet<&'static str>| {
            words.difference(other).copied().collect::<HashSet<_>>()
        };
        let plain = |lang: Lang| -> Vec<String> {
            let own = articles.iter().filter(|article| article.lang == lang);
            let texts =
                own.flat_map(|article| article.questions.iter().chain([&article.body]).map(String::as_str));
            texts
                .chain(Examples::of(lang).all().map(|(_, _, text)| text))
                .flat_map(every_word)
                .map(|word| word.text)
                .collect()
        };
        let (read_danish, read_english) = (plain(Lang::Da), plain(Lang::En));
        let letters =
            Letters::learn(read_danish.iter().map(String::as_str), read_english.iter().map(String::as_str));
        Self {
            only_danish: set(ONLY_DANISH),
            tongues: Tongues::learn(texts),
            letters,
            danish: only(&danish, &english),
            english: only(&english, &danish),
        }
    }

    /// Judges a message, given as it was written and as plain words.
    pub(crate) fn tell(&self, raw: &str, words: &[&str], page: Lang, bases: [&Vocabulary; 2]) -> Verdict {
        let mut danish = 0.0_f32;
        let mut english = 0.0_f32;
        let [known_danish, known_english] = bases;
        for word in words {
            if self.danish.contains(word) {
                danish += 1.0;
            } else if self.english.contains(word) {
                english += 1.0;
            } else if word.len() > 2 {
                match (known_danish.knows(word), known_english.knows(word)) {
                    (true, false) => danish += 0.8,
                    (false, true) => english += 0.8,
                    _ => {}
                }
            }
        }
        if raw.chars().take(super::normalise::MOST_CHARACTERS).any(|c| "æøåÆØÅ".contains(c)) {
            danish += 0.7;
        }
        if let Some(foreign) = self.foreign(raw, words) {
            return Verdict { lang: page, foreign: Some(foreign), sure: true };
        }
        let letters: usize = words.iter().map(|word| word.len()).sum();
        let mut lead = danish - english;
        if lead.abs() < 2.0 && letters >= 12 {
            // Few telling words: let the letter patterns have their say.
            lead += 3.0 * (self.letters.danish(words) - 0.5);
        }
        let (lang, sure) = match lead {
            0.6.. => (Lang::Da, true),
            ..=-0.6 => (Lang::En, true),
            _ => (page, false),
        };
        Verdict { lang, foreign: None, sure }
    }

    fn foreign(&self, raw: &str, words: &[&str]) -> Option<Foreign> {
        let start: String = raw.chars().take(JUDGED).collect();
        match Script::of(&start)? {
            Script::Arabic => Some(Foreign::Ar),
            Script::Ukrainian => Some(Foreign::Uk),
            Script::Another => Some(Foreign::Other),
            // Bulgarian and Russian share most letters with Ukrainian.
            Script::Cyrillic => {
                let told = self.tongues.tell(&start).map(|told| told.foreign);
                Some(told.filter(|told| *told == Foreign::Other).unwrap_or(Foreign::Uk))
            }
            Script::Latin => {
                let told = self.tongues.tell(&start)?;
                let danish = words.iter().any(|word| self.only_danish.contains(word));
                enough(told, danish).then_some(told.foreign)
            }
        }
    }
}

/// Whether what a text looks like is enough to answer it in another language; `danish` where it has a word that only
/// Danish has.
fn enough(told: Told, danish: bool) -> bool {
    let Told { foreign, lead, signs, words } = told;
    let [two_signs, one_sign, no_sign] = LEAD_OF_NORWEGIAN;
    match (foreign, signs) {
        (Foreign::Sv, 1..) => lead >= LEAD_OF_SWEDISH,
        (Foreign::No, _) if danish => false,
        (Foreign::No, 2..) => lead >= two_signs,
        (Foreign::No, 1) => lead >= one_sign,
        (Foreign::No, 0) => lead >= no_sign && words >= WORDS_OF_NORWEGIAN,
        // Many languages are one name here, so one word of one of them proves less.
        (Foreign::Other, _) => signs >= words.min(2) && lead >= LEAD,
        (_, 0) => false,
        (_, 1..) if signs * 2 >= words => lead >= LEAD_OF_HALF,
        (_, 1..) => lead >= LEAD,
    }
}

/// The letters that most of a text is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Arabic,
    Cyrillic,
    /// Cyrillic with a letter that only Ukrainian has.
    Ukrainian,
    /// None of these, or Arabic letters of Persian, Urdu or Kurdish, or Cyrillic ones that Ukrainian lacks.
    Another,
}

impl Script {
    /// The script of a text; `None` where it has no letters.
    fn of(text: &str) -> Option<Self> {
        let (mut latin, mut arabic, mut cyrillic, mut another) = (0_u32, 0_u32, 0_u32, 0_u32);
        let (mut ukrainian, mut not_ukrainian, mut not_arabic) = (0_u32, 0_u32, 0_u32);
        for c in text.chars().filter(|c| c.is_alphabetic()) {
            // Names like MitID stand in Latin letters anywhere, so those count half.
            match c {
                '\u{0600}'..='\u{06FF}'
                | '\u{0750}'..='\u{077F}'
                | '\u{FB50}'..='\u{FDFF}'
                | '\u{FE70}'..='\u{FEFC}' => arabic += 2,
                '\u{0400}'..='\u{04FF}' => cyrillic += 2,
                '\u{0000}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}' | '\u{FF21}'..='\u{FF5A}' => latin += 1,
                _ => another += 2,
            }
            match c {
                'і' | 'ї' | 'є' | 'ґ' | 'І' | 'Ї' | 'Є' | 'Ґ' => ukrainian += 1,
                'ы' | 'э' | 'ё' | 'ъ' | 'Ы' | 'Э' | 'Ё' | 'Ъ' => not_ukrainian += 1,
                // Telling letters count double; the others also stand in Arabic dialects.
                'ک' | 'ی' | 'ہ' | 'ے' | 'ں' | 'ٹ' | 'ڈ' | 'ڑ' | 'ێ' | 'ۆ' | 'ە' | 'ڵ' => {
                    not_arabic += 2;
                }
                'پ' | 'چ' | 'گ' | 'ژ' => not_arabic += 1,
                _ => {}
            }
        }
        let most = latin.max(arabic).max(cyrillic).max(another);
        Some(match most {
            0 => return None,
            _ if most == latin => Self::Latin,
            _ if most == arabic && not_arabic < 2 => Self::Arabic,
            _ if most == cyrillic && ukrainian > not_ukrainian => Self::Ukrainian,
            _ if most == cyrillic && not_ukrainian == 0 => Self::Cyrillic,
            _ => Self::Another,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Script;

    #[test]
    fn scripts_are_told_by_their_letters() {
        for (text, script) in [
            ("Як змінити адресу?", Script::Ukrainian),
            ("нова адреса", Script::Cyrillic),
            ("Где получить новый паспорт, он мне нужен", Script::Another),
            ("нема MitID", Script::Cyrillic),
            ("كيف أغير الطبيب؟", Script::Arabic),
            ("ضاعت البطاقة", Script::Arabic),
            ("چگونه می‌توانم آدرس را تغییر دهم", Script::Another),
            ("我没有 MitID", Script::Another),
            ("ስልክ ቁጥር", Script::Another),
            ("Lægeskift", Script::Latin),
        ] {
            assert_eq!(Script::of(text), Some(script), "{text}");
        }
        assert_eq!(Script::of("112 ?! 🙂"), None);
    }
}
