//! Which topics a message in another language may be about.
//!
//! It is compared with the questions of `content/foreign` in its own language, letter by letter, as the articles'
//! example questions are: by the nearest question and by all of a topic's questions together. Every script is written
//! down in Latin letters first, and Latin ones without their marks, so that people may leave them out or write their
//! language in other letters. Three topics at most are handed on, as buttons: nothing is ever answered from here.

use std::collections::{HashMap, HashSet};

use skranke_domain::conversation::{Foreign, TopicSlug};

use super::features::{Features, Vector, to_f32};
use super::normalise;
use super::tongues::bare;
use super::words::Words;
use super::{CorpusForeign, ExplainedTopic};

/// From which score on a topic is offered.
const OFFERED: u16 = 120;
/// From which score on the rest of a message that lacks `MitID` is a matter of its own.
const MATTER: u16 = 220;
/// What the Danish articles' opinion of a Scandinavian message counts for.
const NEIGHBOUR: f32 = 0.25;
/// What is left of a score when none of a message's words is known.
const UNKNOWN: f32 = 0.4;
/// How many letters of a word tell it from others; the rest is its ending.
const TELLING: usize = 5;
/// How many topics are handed on.
const MOST: usize = 3;
/// How many words from `MitID` a "no" may stand.
const NEAR_EID: usize = 3;

/// What came of a message.
#[derive(Clone, Debug, Default)]
pub(crate) struct FoundAbroad {
    /// The topics, best first, at most three.
    pub(crate) topics: Vec<ExplainedTopic>,
    /// Whether the message says that somebody has no `MitID`.
    pub(crate) without_eid: bool,
}

/// The topics in every other language.
#[derive(Debug, Default)]
pub(crate) struct Abroad {
    languages: HashMap<Foreign, Phrases>,
}

/// The questions of one language.
#[derive(Debug)]
struct Phrases {
    topics: Vec<TopicSlug>,
    forms: Words,
    features: Features,
    /// Feature to the questions that have it.
    questions: Vec<Vec<(u16, f32)>>,
    topic_of: Vec<usize>,
    /// How long all the questions of a topic are together.
    lengths: Vec<f32>,
    /// How the words of the questions begin.
    beginnings: HashSet<String>,
}

impl Abroad {
    /// Reads the questions.
    pub(crate) fn new(corpus: &[CorpusForeign]) -> Self {
        let languages = Foreign::ALL.into_iter().filter_map(|language| {
            let own: Vec<&CorpusForeign> = corpus.iter().filter(|topic| topic.language == language).collect();
            (!own.is_empty()).then(|| (language, Phrases::new(language, &own)))
        });
        Self { languages: languages.collect() }
    }

    /// The topics that a message may be about; `danish` are those of the Danish articles, which count where the
    /// language is a neighbour's.
    pub(crate) fn find(&self, language: Foreign, message: &str, danish: &[ExplainedTopic]) -> FoundAbroad {
        let Some(phrases) = self.languages.get(&language) else { return FoundAbroad::default() };
        let words = plain(message, language);
        let read: Vec<&str> = words.iter().map(String::as_str).collect();
        let neighbours = if matches!(language, Foreign::Sv | Foreign::No) { danish } else { &[] };
        let rest = without_eid(&read, language);
        let mut topics = phrases.like(&read, neighbours);
        if let Some(rest) = &rest {
            // "I have no MitID and must register my move" is about the move. MitID stays among the three.
            let is_eid = |topic: &ExplainedTopic| topic.topic.as_str() == "mitid";
            let mut matter = phrases.like(rest, &[]);
            matter.retain(|topic| !is_eid(topic));
            if matter.first().is_some_and(|topic| topic.score >= MATTER) {
                matter.truncate(MOST - 1);
                matter.extend(topics.into_iter().find(is_eid));
                topics = matter;
            }
        }
        topics.truncate(MOST);
        FoundAbroad { topics, without_eid: rest.is_some() }
    }
}

impl Phrases {
    fn new(language: Foreign, topics: &[&CorpusForeign]) -> Self {
        let mut texts: Vec<(usize, Vec<String>)> = Vec::new();
        for (at, topic) in topics.iter().enumerate() {
            let own = std::iter::once(&topic.title).chain(&topic.questions);
            texts.extend(own.map(|text| (at, plain(text, language))));
        }
        let read: Vec<Vec<&str>> =
            texts.iter().map(|(_, words)| words.iter().map(String::as_str).collect()).collect();
        let forms = Words::as_written();
        let features = Features::learn(&read, &forms, 2, None);
        let mut questions: Vec<Vec<(u16, f32)>> = vec![Vec::new(); features.len()];
        let mut sums: Vec<HashMap<u32, f32>> = vec![HashMap::new(); topics.len()];
        for ((number, (topic, _)), words) in (0_u16..).zip(&texts).zip(&read) {
            for (feature, value) in features.of(words, &forms) {
                questions[feature as usize].push((number, value));
                *sums[*topic].entry(feature).or_default() += value;
            }
        }
        let length = |sum: &HashMap<u32, f32>| {
            let mut values: Vec<f32> = sum.values().copied().collect();
            // Added up in one order, so that every machine gets the same sum.
            values.sort_unstable_by(f32::total_cmp);
            values.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE)
        };
        Self {
            topics: topics.iter().map(|topic| topic.slug.clone()).collect(),
            lengths: sums.iter().map(length).collect(),
            beginnings: read.iter().flatten().map(|word| beginning(word)).collect(),
            topic_of: texts.iter().map(|(topic, _)| *topic).collect(),
            forms,
            features,
            questions,
        }
    }

    /// The topics that are like a message, best first.
    fn like(&self, words: &[&str], neighbours: &[ExplainedTopic]) -> Vec<ExplainedTopic> {
        let vector: Vector = self.features.of(words, &self.forms);
        let mut likeness = vec![0.0_f32; self.topic_of.len()];
        for (feature, value) in &vector {
            for (question, other) in self.questions.get(*feature as usize).into_iter().flatten() {
                likeness[usize::from(*question)] += value * other;
            }
        }
        let mut nearest = vec![0.0_f32; self.topics.len()];
        // Likeness to the sum of a topic's questions is the sum of the likenesses.
        let mut sums = vec![0.0_f32; self.topics.len()];
        for (topic, like) in self.topic_of.iter().zip(&likeness) {
            nearest[*topic] = nearest[*topic].max(*like);
            sums[*topic] += like;
        }
        let known = UNKNOWN + (1.0 - UNKNOWN) * self.covered(words);
        let alike = self.topics.iter().zip(nearest).zip(sums.iter().zip(&self.lengths));
        let mut topics: Vec<ExplainedTopic> = alike
            .map(|((slug, nearest), (sum, length))| {
                let centre = sum / length;
                let neighbour = neighbours.iter().find(|topic| topic.topic == *slug);
                let lift = neighbour.map_or(0.0, |topic| f32::from(topic.score) / 1000.0 * NEIGHBOUR);
                ExplainedTopic {
                    topic: slug.clone(),
                    score: thousand(f32::midpoint(nearest, centre) * known + lift),
                    words: 0.0,
                    nearest,
                    centre,
                    learned: 0.0,
                    matched: Vec::new(),
                }
            })
            .collect();
        topics.retain(|topic| topic.score >= OFFERED);
        topics.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.topic.cmp(&b.topic)));
        topics
    }

    /// How much of a message is in words that the questions have, whatever their endings: 0 to 1.
    fn covered(&self, words: &[&str]) -> f32 {
        let letters = |known: bool| {
            let counted = words.iter().filter(|word| !known || self.beginnings.contains(&beginning(word)));
            to_f32(counted.map(|word| word.len()).sum())
        };
        letters(true) / letters(false).max(1.0)
    }
}

/// The letters that tell a word from others.
fn beginning(word: &str) -> String {
    word.chars().take(TELLING).collect()
}

/// The words of a message without those that say that somebody has no `MitID`; `None` where it says no such thing.
fn without_eid<'a>(words: &[&'a str], language: Foreign) -> Option<Vec<&'a str>> {
    let lacking: &[&str] = match language {
        Foreign::De => &["kein", "keine", "keinen", "ohne", "nicht"],
        Foreign::Pl => &["nie", "bez", "brak"],
        Foreign::Uk => &["nemae", "nema", "bez", "ne"],
        Foreign::Ar => &["lys", "bdwn", "bla", "ma", "la", "ma3ndy", "m3ndy"],
        Foreign::Tr => &["yok", "olmadan", "degil"],
        Foreign::Sv => &["inget", "ingen", "inte", "utan", "saknar"],
        Foreign::No => &["ikke", "ingen", "uten", "mangler", "ikkje", "utan"],
        Foreign::Other => &[],
    };
    let is_eid = |word: &str| ["mitid", "mitaidi", "nemid"].iter().any(|eid| word.starts_with(eid));
    let lacks = |word: &str| lacking.contains(&word);
    // "MitID'siz": without, in one word.
    let in_one = |word: &str| language == Foreign::Tr && is_eid(word) && word.contains("siz");
    let at = words.iter().position(|word| is_eid(word))?;
    // "MitID does not work" is something else: the "no" stands before it, in Turkish behind.
    let around = match language {
        Foreign::Tr => at..words.len().min(at + NEAR_EID + 1),
        _ => at.saturating_sub(NEAR_EID)..at,
    };
    let missing = words.get(around).is_some_and(|words| words.iter().any(|word| lacks(word) || in_one(word)));
    missing.then(|| words.iter().copied().filter(|word| !is_eid(word) && !lacks(word)).collect())
}

/// A message as plain words in Latin letters.
fn plain(message: &str, language: Foreign) -> Vec<String> {
    let latin = match language {
        Foreign::Uk => ukrainian(&bare(message)),
        Foreign::Ar => pairs(
            &arabic(&bare(message)),
            &[("myt ayd", "mitid"), ("myt ay d", "mitid"), ("nym ayd", "nemid")],
        ),
        Foreign::De => pairs(&bare(message), &[("ae", "a"), ("oe", "o"), ("ue", "u")]),
        Foreign::Sv | Foreign::No => pairs(&bare(message), &[("ae", "a"), ("oe", "o"), ("aa", "a")]),
        Foreign::Pl | Foreign::Tr | Foreign::Other => bare(message),
    };
    normalise::words(&latin).into_iter().map(|word| word.text).collect()
}

/// Replaces pairs of letters by those that people write instead.
fn pairs(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (pair, letter)| text.replace(pair, letter))
}

/// Ukrainian in Latin letters, however those are chosen: *й*, *и* and *і* become one, and so do *я* and *a*.
fn ukrainian(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for c in text.chars() {
        let letters = match c {
            'а' | 'я' => "a",
            'б' => "b",
            'в' | 'w' => "v",
            'г' | 'ґ' | 'х' | 'h' => "g",
            'д' => "d",
            'е' | 'є' | 'э' | 'ё' => "e",
            'ж' => "zh",
            'з' => "z",
            'и' | 'і' | 'ї' | 'й' | 'ы' | 'y' | 'j' => "i",
            'к' => "k",
            'л' => "l",
            'м' => "m",
            'н' => "n",
            'о' => "o",
            'п' => "p",
            'р' => "r",
            'с' => "s",
            'т' => "t",
            'у' | 'ю' => "u",
            'ф' => "f",
            'ц' => "c",
            'ч' => "ch",
            'ш' | 'щ' => "sh",
            'ь' | 'ъ' | '\'' | '’' | 'ʼ' => "",
            c => {
                latin.push(c);
                continue;
            }
        };
        latin.push_str(letters);
    }
    let soft = [("kg", "g"), ("zg", "zh"), ("cg", "ch"), ("sg", "sh"), ("shch", "sh"), ("ts", "c")];
    let soft = pairs(&latin, &soft);
    pairs(&soft, &[("ia", "a"), ("ie", "e"), ("iu", "u"), ("ii", "i")])
}

/// Arabic in Latin letters and digits, one for each letter, without short vowels, the article and the marks of
/// carelessness: *أ*, *إ* and *ا* are one letter, and so are *ة* and *ه*.
fn arabic(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let bare = ["وال", "بال", "كال", "فال", "ال"].iter().find_map(|article| word.strip_prefix(article));
        let bare = bare.filter(|rest| rest.chars().count() > 2);
        let bare = bare.or_else(|| word.strip_prefix("لل").filter(|rest| rest.chars().count() > 2));
        for c in bare.unwrap_or(word).chars() {
            latin.push(match c {
                'ا' | 'أ' | 'إ' | 'آ' => 'a',
                'ب' => 'b',
                'ت' => 't',
                'ث' => '4',
                'ج' | 'چ' => 'j',
                'ح' => '7',
                'خ' => 'x',
                'د' => 'd',
                'ذ' => '1',
                'ر' => 'r',
                'ز' => 'z',
                'س' => 's',
                'ش' => 'c',
                'ص' => '9',
                'ض' => '2',
                'ط' => '6',
                'ظ' => '0',
                'ع' => '3',
                'غ' => 'g',
                'ف' => 'f',
                'ق' => 'q',
                'ك' | 'گ' | 'ک' => 'k',
                'ل' => 'l',
                'م' => 'm',
                'ن' => 'n',
                'ه' | 'ة' => 'h',
                'و' | 'ؤ' => 'w',
                'ي' | 'ى' | 'ئ' | 'ی' => 'y',
                'پ' => 'p',
                '\u{0621}' | '\u{0640}' | '\u{064B}'..='\u{0655}' => continue,
                '؟' | '،' | '؛' => ' ',
                c => c,
            });
        }
        latin.push(' ');
    }
    latin
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1000 first")]
fn thousand(share: f32) -> u16 {
    (share * 1000.0).clamp(0.0, 1000.0).round() as u16
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;

    fn abroad() -> &'static Abroad {
        static ONE: OnceLock<Abroad> = OnceLock::new();
        let content = || crate::corpus::corpus(&skranke_content::Library::builtin().expect("content"));
        ONE.get_or_init(|| Abroad::new(&content().foreign))
    }

    fn best(language: Foreign, message: &str) -> Vec<String> {
        let found = abroad().find(language, message, &[]);
        found.topics.iter().map(|topic| topic.topic.as_str().to_owned()).collect()
    }

    #[test]
    fn a_message_finds_its_topic_with_and_without_marks_and_in_other_letters() {
        for (language, message, topic) in [
            (Foreign::De, "Wie kann ich meine Adresse ändern?", "flytning"),
            (Foreign::De, "adresse aendern", "flytning"),
            (Foreign::De, "ich habe meinen reisepas verloren", "pas"),
            (Foreign::Uk, "Як змінити адресу?", "flytning"),
            (Foreign::Uk, "yak zminyty adresu", "flytning"),
            (Foreign::Uk, "noviy pasport", "pas"),
            (Foreign::Ar, "كيف أغيّر عنواني؟", "flytning"),
            (Foreign::Ar, "ضاع جوازي", "pas"),
        ] {
            let found = best(language, message);
            assert!(found.iter().any(|found| found == topic), "{message}: {found:?}");
        }
    }

    #[test]
    fn who_has_no_mitid_finds_the_matter_first_and_mitid_beside_it() {
        let both =
            abroad().find(Foreign::De, "Ich habe kein MitID und muss meine neue Wohnung anmelden", &[]);
        let slugs: Vec<&str> = both.topics.iter().map(|topic| topic.topic.as_str()).collect();
        assert!(both.without_eid && slugs[0] == "flytning" && slugs.contains(&"mitid"), "{slugs:?}");
        let alone = abroad().find(Foreign::De, "ich habe keine mitid", &[]);
        assert!(alone.without_eid && alone.topics.iter().any(|topic| topic.topic.as_str() == "mitid"));
        assert!(!abroad().find(Foreign::De, "MitID gesperrt", &[]).without_eid);
    }

    #[test]
    fn nothing_is_offered_for_what_no_topic_is_like() {
        assert!(best(Foreign::De, "xqzw vbnmp").is_empty());
        assert!(best(Foreign::Other, "nuevo pasaporte").is_empty(), "nothing was learned in it");
        assert!(Abroad::new(&[]).find(Foreign::De, "Pass", &[]).topics.is_empty());
    }

    #[test]
    fn arabic_and_ukrainian_become_plain_latin_words() {
        assert_eq!(plain("البطاقة الصفراء", Foreign::Ar), ["b6aqh", "9fra"]);
        assert_eq!(plain("Щоб мій МітІД", Foreign::Uk), plain("shchob miy mitid", Foreign::Uk));
        assert_eq!(plain("Größe für Übung", Foreign::De), plain("Groesse fuer Uebung", Foreign::De));
    }
}
