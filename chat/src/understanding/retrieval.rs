//! Which article a question is about: three independent judges, one score.
//!
//! - *Words* (BM25): how many of the question's meaningful words, rare ones most, stand in the article's title,
//!   keywords, example questions and text. Word forms, slips and compounds are seen through.
//! - *Likeness*: how much the question looks like the nearest example question, and like all of the article's
//!   questions together, letter by letter.
//! - *Learned*: a classifier trained on all example questions at once, with the questions that no article answers as a
//!   class of their own, so that a near miss has somewhere else to go than the nearest article.
//!
//! The three are added up with fixed weights. The sum, its lead over the runner-up and the share of the question that
//! the base has words for become a score from 0 to 1000 that can be read as "how often such an answer is right".

use std::collections::HashMap;

use skranke_domain::Lang;
use skranke_domain::conversation::TopicSlug;

use super::CorpusArticle;
use super::features::{Features, Vector, scale_to_one, to_f32};
use super::learner::{Learner, Schedule};
use super::normalise::words;
use super::vocabulary::{Term, Vocabulary};

/// How the judges are weighed, and how their sum becomes a score.
mod weights {
    pub(super) const WORDS: f32 = 1.0;
    pub(super) const NEAREST: f32 = 0.4;
    pub(super) const CENTRE: f32 = 1.1;
    pub(super) const LEARNED: f32 = 1.0;

    pub(super) const ONE: f32 = -2.03;
    pub(super) const SUM: f32 = 0.53;
    pub(super) const LEAD: f32 = 1.38;
    pub(super) const COVERED: f32 = 1.82;
    pub(super) const OUTSIDE: f32 = -3.08;
    pub(super) const OUTSIDE_NEAR: f32 = -1.13;
}

/// What the judges say of one topic.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opinion {
    /// Which topic, by number.
    pub(crate) topic: usize,
    /// Share of the question's meaningful words, by rarity, that the article has: 0 to 1.
    pub(crate) words: f32,
    /// Likeness to the nearest example question: 0 to 1.
    pub(crate) nearest: f32,
    /// Likeness to all its questions together: 0 to 1.
    pub(crate) centre: f32,
    /// What the classifier gives it: 0 to 1.
    pub(crate) learned: f32,
    /// The weighed sum.
    pub(crate) sum: f32,
    /// The words that were found in it.
    pub(crate) matched: Vec<String>,
}

/// What came of a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// The topics, best first.
    pub(crate) topics: Vec<Opinion>,
    /// Share of the question's meaningful words that the base knows at all.
    pub(crate) covered: f32,
    /// What the classifier gives to "no article answers this".
    pub(crate) outside: f32,
    /// Likeness to the nearest question that no article answers: 0 to 1.
    pub(crate) outside_near: f32,
}

/// The articles of one language, ready to be searched.
#[derive(Debug)]
pub(crate) struct Index {
    topics: Vec<TopicSlug>,
    vocabulary: Vocabulary,
    /// Stem to the topics that have it, with how much it counts there.
    postings: HashMap<String, Vec<(usize, f32)>>,
    rarity: HashMap<String, f32>,
    features: Features,
    /// Feature to the examples that have it.
    examples: Table<u32>,
    topic_of_example: Vec<usize>,
    /// Those of the topics first, then those that no article answers.
    count_of_examples: usize,
    centres: Table<usize>,
    learner: Learner,
}

/// For each feature those that have it, and how strongly: one row after the other in one piece of memory.
#[derive(Debug)]
struct Table<T> {
    /// Where each row begins; the last entry is where the last row ends.
    starts: Vec<usize>,
    entries: Vec<(T, f32)>,
}

impl<T> Table<T> {
    fn of(rows: Vec<Vec<(T, f32)>>) -> Self {
        let mut starts = Vec::with_capacity(rows.len() + 1);
        let mut entries = Vec::with_capacity(rows.iter().map(Vec::len).sum());
        for row in rows {
            starts.push(entries.len());
            entries.extend(row);
        }
        starts.push(entries.len());
        Self { starts, entries }
    }

    fn row(&self, feature: u32) -> &[(T, f32)] {
        let at = feature as usize;
        let ends = self.starts.get(at).zip(self.starts.get(at + 1));
        ends.and_then(|(start, end)| self.entries.get(*start..*end)).unwrap_or_default()
    }
}

/// How many topics a search returns.
const KEPT: usize = 6;

/// How the fields of an article count.
const FIELDS: [f32; 4] = [3.0, 3.0, 1.0, 1.0];

impl Index {
    /// Reads the articles of one language, and the questions that none of them answers.
    pub(crate) fn new(lang: Lang, articles: &[CorpusArticle], outside: &[&str]) -> Self {
        let mut articles: Vec<&CorpusArticle> =
            articles.iter().filter(|article| article.lang == lang).collect();
        articles.sort_unstable_by(|a, b| a.slug.cmp(&b.slug));
        let plain = |text: &str| -> Vec<String> { words(text).into_iter().map(|word| word.text).collect() };
        // Title, keywords, questions, body: as plain words, each text by itself.
        let fields: Vec<[Vec<Vec<String>>; 4]> = articles
            .iter()
            .map(|article| {
                [
                    vec![plain(&article.title)],
                    article.keywords.iter().map(|text| plain(text)).collect(),
                    article.questions.iter().map(|text| plain(text)).collect(),
                    sentences(&article.body).map(plain).collect(),
                ]
            })
            .collect();
        let all = fields.iter().flatten().flatten().flatten().map(String::as_str);
        let vocabulary = Vocabulary::learn(lang, all);
        let (postings, rarity) = postings(&fields, &vocabulary);

        let mut examples: Vec<(usize, f32, Vec<&str>)> = Vec::new();
        for (topic, [titles, keywords, questions, bodies]) in fields.iter().enumerate() {
            for (texts, weight) in [(titles, 1.0), (keywords, 1.0), (questions, 1.0), (bodies, 0.4)] {
                let texts = texts.iter().filter(|text| !text.is_empty());
                examples.extend(texts.map(|text| (topic, weight, text.iter().map(String::as_str).collect())));
            }
        }
        let outside: Vec<Vec<String>> = outside.iter().map(|text| plain(text)).collect();
        let none = fields.len();
        let mut texts: Vec<Vec<&str>> = examples.iter().map(|(_, _, words)| words.clone()).collect();
        texts.extend(outside.iter().map(|text| text.iter().map(String::as_str).collect::<Vec<&str>>()));
        let features = Features::learn(&texts, vocabulary.words(), 2, None);

        let count_of_examples = texts.len();
        let vectors: Vec<Vector> = texts.iter().map(|text| features.of(text, vocabulary.words())).collect();
        let mut by_feature: Vec<Vec<(u32, f32)>> = vec![Vec::new(); features.len()];
        let mut sums: Vec<HashMap<u32, f32>> = vec![HashMap::new(); fields.len()];
        for ((number, example), vector) in (0_u32..).zip(0..).zip(&vectors) {
            let own = examples.get::<usize>(example);
            for (feature, value) in vector {
                by_feature[*feature as usize].push((number, *value));
                if let Some((topic, weight, _)) = own {
                    *sums[*topic].entry(*feature).or_default() += value * weight;
                }
            }
        }
        let mut centres: Vec<Vec<(usize, f32)>> = vec![Vec::new(); features.len()];
        for (topic, sum) in sums.into_iter().enumerate() {
            let mut centre: Vector = sum.into_iter().collect();
            centre.sort_unstable_by_key(|(feature, _)| *feature);
            scale_to_one(&mut centre);
            for (feature, value) in centre {
                centres[feature as usize].push((topic, value));
            }
        }
        let classes =
            examples.iter().map(|(topic, weight, _)| (*topic, *weight)).chain(std::iter::repeat((none, 0.8)));
        let training: Vec<(Vector, usize, f32)> = vectors
            .into_iter()
            .zip(classes)
            .map(|(vector, (class, weight))| (vector, class, weight))
            .collect();
        let schedule = Schedule { rounds: 3, pace: 3.0, doubt: 0.05 };
        let learner = Learner::train(&training, features.len(), none + 1, schedule);
        Self {
            topics: articles.iter().map(|article| article.slug.clone()).collect(),
            vocabulary,
            postings,
            rarity,
            features,
            examples: Table::of(by_feature),
            topic_of_example: examples.iter().map(|(topic, ..)| *topic).collect(),
            count_of_examples,
            centres: Table::of(centres),
            learner,
        }
    }

    /// The slug of a topic by number.
    pub(crate) fn slug(&self, topic: usize) -> Option<&TopicSlug> {
        self.topics.get(topic)
    }

    /// The words of the articles.
    pub(crate) const fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Whether there is nothing to search.
    pub(crate) fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Searches for a question, given as plain words: the best topics.
    pub(crate) fn search(&self, question: &[&str]) -> Found {
        let (mut found, terms) = self.weigh(question);
        for opinion in &mut found.topics {
            opinion.sum = weights::WORDS * opinion.words
                + weights::NEAREST * opinion.nearest
                + weights::CENTRE * opinion.centre
                + weights::LEARNED * opinion.learned;
        }
        found.topics.sort_by(|a, b| b.sum.total_cmp(&a.sum).then(a.topic.cmp(&b.topic)));
        found.topics.truncate(KEPT);
        for opinion in &mut found.topics {
            opinion.matched = self.matched(opinion.topic, &terms);
        }
        found
    }

    /// The words of the question that an article has.
    fn matched(&self, topic: usize, terms: &[Term]) -> Vec<String> {
        let has = |term: &&Term| {
            let postings = self.postings.get(&term.stem);
            postings
                .is_some_and(|postings| postings.binary_search_by_key(&topic, |(topic, _)| *topic).is_ok())
        };
        terms.iter().filter(has).map(|term| term.word.clone()).collect()
    }

    /// What the judges say of every topic.
    #[cfg(test)]
    pub(crate) fn judge(&self, question: &[&str]) -> Found {
        self.weigh(question).0
    }

    /// What the judges say of every topic, and the words that were looked up.
    fn weigh(&self, question: &[&str]) -> (Found, Vec<Term>) {
        let forms = self.vocabulary.words();
        let question = self.vocabulary.join(question);
        let question: Vec<&str> = question.iter().map(String::as_str).collect();
        let corrected: Vec<&str> =
            question.iter().map(|word| self.vocabulary.correct(word).unwrap_or(*word)).collect();
        let mut opinions: Vec<Opinion> =
            (0..self.topics.len()).map(|topic| Opinion { topic, ..Opinion::default() }).collect();

        // Words.
        let terms: Vec<Term> = question
            .iter()
            .filter(|word| !forms.is_stop(word))
            .flat_map(|word| self.vocabulary.terms(word))
            .collect();
        let unknown = (to_f32(self.topics.len()) + 1.0).ln() * 0.8;
        let (mut possible, mut covered) = (0.0, 0.0);
        let mut best_of_term = vec![0.0_f32; self.topics.len()];
        let mut groups = terms.as_slice();
        // A compound and its parts are one word of the question: the best of them counts.
        while let Some((whole, rest)) = groups.split_first() {
            let parts = rest.iter().take_while(|term| term.weight <= 0.5).count();
            let (parts, rest) = rest.split_at(parts);
            groups = rest;
            best_of_term.fill(0.0);
            let mut heaviest = 0.0_f32;
            for term in std::iter::once(whole).chain(parts) {
                let Some(rarity) = self.rarity.get(&term.stem) else { continue };
                heaviest = heaviest.max(rarity * term.weight.max(0.7));
                for (topic, strength) in self.postings.get(&term.stem).into_iter().flatten() {
                    let gain = rarity * strength * term.weight;
                    best_of_term[*topic] = gain.max(best_of_term[*topic]);
                }
            }
            possible += if heaviest > 0.0 { heaviest } else { unknown };
            covered += heaviest;
            for (opinion, gain) in opinions.iter_mut().zip(&best_of_term) {
                opinion.words += gain;
            }
        }
        if possible > 0.0 {
            for opinion in &mut opinions {
                opinion.words /= possible;
            }
            covered /= possible;
        }

        // Likeness.
        let vector = self.features.of(&corrected, forms);
        let mut likeness = vec![0.0_f32; self.count_of_examples];
        for (feature, value) in &vector {
            for (example, other) in self.examples.row(*feature) {
                likeness[*example as usize] += value * other;
            }
            for (topic, other) in self.centres.row(*feature) {
                opinions[*topic].centre += value * other;
            }
        }
        for (topic, like) in self.topic_of_example.iter().zip(&likeness) {
            let nearest = &mut opinions[*topic].nearest;
            *nearest = nearest.max(*like);
        }
        let outside_near = likeness.iter().skip(self.topic_of_example.len()).copied().fold(0.0, f32::max);

        // Learned.
        let odds = self.learner.odds(&vector);
        let outside = odds.last().copied().unwrap_or(0.0);
        for (opinion, odd) in opinions.iter_mut().zip(&odds) {
            opinion.learned = *odd;
        }
        (Found { topics: opinions, covered, outside, outside_near }, terms)
    }
}

/// A text's sentences, as far as they say something.
fn sentences(body: &str) -> impl Iterator<Item = &str> {
    body.split(['.', '?', '!', '\n']).map(str::trim).filter(|sentence| sentence.split(' ').count() > 2)
}

type Postings = HashMap<String, Vec<(usize, f32)>>;

/// Where each stem stands and how rare it is.
fn postings(fields: &[[Vec<Vec<String>>; 4]], vocabulary: &Vocabulary) -> (Postings, HashMap<String, f32>) {
    let mut frequency: HashMap<String, HashMap<usize, f32>> = HashMap::new();
    // What stands in the text only says little about the topic ("uden MitID …" stands in all of them).
    let mut about: HashMap<String, HashMap<usize, f32>> = HashMap::new();
    let mut lengths = vec![0.0_f32; fields.len()];
    for (topic, article) in fields.iter().enumerate() {
        for (field, (texts, weight)) in article.iter().zip(FIELDS).enumerate() {
            for word in texts.iter().flatten().filter(|word| !vocabulary.words().is_stop(word)) {
                for term in vocabulary.terms(word) {
                    let gain = weight * term.weight;
                    lengths[topic] += gain;
                    if field < 2 {
                        *about.entry(term.stem.clone()).or_default().entry(topic).or_default() += gain;
                    }
                    *frequency.entry(term.stem).or_default().entry(topic).or_default() += gain;
                }
            }
        }
    }
    let all = to_f32(fields.len());
    let usual = lengths.iter().sum::<f32>() / all.max(1.0);
    let mut postings = Postings::new();
    let mut rarities = HashMap::new();
    for (stem, topics) in frequency {
        let mentioned = topics.values().filter(|count| **count >= 1.0).count().max(1);
        let have = about
            .get(&stem)
            .map_or(mentioned, |about| usize::midpoint(about.len(), mentioned.min(about.len() * 4)))
            .max(1);
        let rarity = (1.0 + (all - to_f32(have) + 0.5) / (to_f32(have) + 0.5)).ln();
        let mut entries: Vec<(usize, f32)> = topics
            .into_iter()
            .map(|(topic, count)| {
                let norm = 0.6 + 0.4 * lengths[topic] / usual.max(1.0);
                // BM25's saturation, scaled so that a word that is all over an article counts one.
                (topic, (count / (count + 1.6 * norm)).min(1.0))
            })
            .collect();
        entries.sort_unstable_by_key(|(topic, _)| *topic);
        rarities.insert(stem.clone(), rarity);
        postings.insert(stem, entries);
    }
    (postings, rarities)
}

/// The scores of what was found, 0 to 1000, best first.
pub(crate) fn scores(found: &Found) -> Vec<u16> {
    let best = found.topics.first().map_or(0.0, |opinion| opinion.sum);
    let second = found.topics.get(1).map_or(0.0, |opinion| opinion.sum);
    found
        .topics
        .iter()
        .enumerate()
        .map(|(n, opinion)| {
            let lead = opinion.sum - if n == 0 { second } else { best };
            let x = weights::ONE
                + weights::SUM * opinion.sum
                + weights::LEAD * lead
                + weights::COVERED * found.covered
                + weights::OUTSIDE * found.outside
                + weights::OUTSIDE_NEAR * found.outside_near;
            thousand(1.0 / (1.0 + (-x).exp()))
        })
        .collect()
}

/// A share, 0 to 1, in thousandths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1000 first")]
pub(crate) fn thousand(share: f32) -> u16 {
    (share * 1000.0).clamp(0.0, 1000.0).round() as u16
}
