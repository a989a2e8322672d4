//! What kind of message it is, as far as no unmistakable phrase says so (see [`super::cues`]).
//!
//! It is learned from the example sentences in `examples/` and from the articles' own questions: people ask about their
//! own case in more ways than anybody can list. A file is one kind of message in one language; a line is one message.

use skranke_domain::Lang;
use skranke_domain::conversation::{Intent, TopicSlug};

use super::CorpusArticle;
use super::cues::Cues;
use super::features::{Features, Vector};
use super::learner::{Learner, Schedule};
use super::manner::Manner;
use super::words::Words;

/// The kinds that are learned. Thanks are told by rule; the learned greeting is small talk of every sort.
pub(crate) const KINDS: [Intent; 7] = [
    Intent::Question,
    Intent::ConcreteCase,
    Intent::Danger,
    Intent::Human,
    Intent::OutOfScope,
    Intent::NoEid,
    Intent::Greeting,
];

/// How much an example of each of [`KINDS`] counts.
const WEIGHTS: [f32; KINDS.len()] = [2.0, 1.8, 4.0, 2.8, 1.0, 1.7, 1.5];

/// The example sentences of one language, by kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Examples {
    concrete_case: &'static str,
    danger: &'static str,
    greeting: &'static str,
    human: &'static str,
    no_eid: &'static str,
    question: &'static str,
    out_of_scope: &'static str,
}

impl Examples {
    /// The examples of a language.
    pub(crate) const fn of(lang: Lang) -> Self {
        match lang {
            Lang::Da => Self {
                concrete_case: include_str!("examples/concrete_case.da.txt"),
                danger: include_str!("examples/danger.da.txt"),
                greeting: include_str!("examples/greeting.da.txt"),
                human: include_str!("examples/human.da.txt"),
                no_eid: include_str!("examples/no_eid.da.txt"),
                question: include_str!("examples/question.da.txt"),
                out_of_scope: include_str!("examples/out_of_scope.da.txt"),
            },
            Lang::En => Self {
                concrete_case: include_str!("examples/concrete_case.en.txt"),
                danger: include_str!("examples/danger.en.txt"),
                greeting: include_str!("examples/greeting.en.txt"),
                human: include_str!("examples/human.en.txt"),
                no_eid: include_str!("examples/no_eid.en.txt"),
                question: include_str!("examples/question.en.txt"),
                out_of_scope: include_str!("examples/out_of_scope.en.txt"),
            },
        }
    }

    /// The questions that no article answers.
    pub(crate) fn outside(self) -> Vec<&'static str> {
        lines(self.out_of_scope).collect()
    }

    /// Every example: its kind, its number in its file, and the message.
    pub(crate) fn all(self) -> impl Iterator<Item = (Intent, usize, &'static str)> {
        KINDS
            .into_iter()
            .zip(self.files())
            .flat_map(|(kind, text)| lines(text).enumerate().map(move |(number, line)| (kind, number, line)))
    }

    /// The files, in the order of [`KINDS`].
    const fn files(self) -> [&'static str; KINDS.len()] {
        let Self { question, concrete_case, danger, human, out_of_scope, no_eid, greeting } = self;
        [question, concrete_case, danger, human, out_of_scope, no_eid, greeting]
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Tells the kinds of messages of one language apart.
#[derive(Debug)]
pub(crate) struct Kinds {
    lang: Lang,
    forms: Words,
    features: Features,
    learner: Learner,
}

impl Kinds {
    /// Learns from the articles' questions and from the examples. Of the messages that no article is an answer to those are
    /// learned that `is_learned` picks by number: a rehearsal holds some of them back.
    pub(crate) fn new(
        lang: Lang,
        cues: &Cues,
        articles: &[CorpusArticle],
        is_learned: impl Fn(usize) -> bool,
    ) -> Self {
        let examples = Examples::of(lang);
        let own = || articles.iter().filter(|article| article.lang == lang);
        let plain = |text: &str| -> Vec<String> {
            super::normalise::words(text).into_iter().map(|word| word.text).collect()
        };
        let mut texts: Vec<(usize, f32, Vec<String>)> = Vec::new();
        for question in own().flat_map(|article| &article.questions) {
            let words = plain(question);
            let read: Vec<&str> = words.iter().map(String::as_str).collect();
            // What the rule for "no MitID" takes is no example of anything here.
            if cues.without_eid(&read, lang).is_none() && !words.is_empty() {
                texts.push((0, 0.8, words));
            }
        }
        for (kind, (weight, text)) in WEIGHTS.into_iter().zip(examples.files()).enumerate() {
            let learned = lines(text).enumerate().filter(|(number, _)| is_learned(*number));
            texts.extend(learned.map(|(_, line)| (kind, weight, plain(line))));
        }
        let forms = Words::of(lang);
        let read: Vec<Vec<&str>> =
            texts.iter().map(|(_, _, words)| words.iter().map(String::as_str).collect()).collect();
        let named: Vec<String> = own()
            .flat_map(|article| article.keywords.iter().chain([&article.title]))
            .flat_map(|text| plain(text))
            .collect();
        let manner = Manner::new(&forms, named.iter().map(String::as_str));
        let features = Features::learn(&read, &forms, 2, Some(manner));
        let training: Vec<(Vector, usize, f32)> = texts
            .iter()
            .zip(&read)
            .map(|((kind, weight, _), words)| (features.of(words, &forms), *kind, *weight))
            .collect();
        let schedule = Schedule { rounds: 10, pace: 2.0, doubt: 0.02 };
        let trained = Learner::train(&training, features.len(), KINDS.len(), schedule);
        Self { lang, forms, features, learner: trained }
    }

    /// How likely each of [`KINDS`] is.
    pub(crate) fn odds(&self, words: &[&str]) -> Vec<f32> {
        self.learner.odds(&self.features.of(words, &self.forms))
    }

    /// The language.
    pub(crate) const fn lang(&self) -> Lang {
        self.lang
    }
}

/// How much a single clause counts for a kind, whatever else the message tells.
pub(crate) const fn weight_of_a_clause(kind: Intent) -> f32 {
    match kind {
        Intent::NoEid => 1.0,
        // What is said by the way ("min kone fik en blodprop") alarms less than what is the whole message.
        Intent::Danger | Intent::Human | Intent::ConcreteCase => 0.8,
        Intent::Question | Intent::Greeting | Intent::Thanks | Intent::OutOfScope => 0.0,
    }
}

/// Topics that are themselves about doing without the digital way.
const ABOUT_OTHER_WAYS: [&str; 6] = [
    "fritagelse-selvbetjening",
    "digital-post-fritagelse",
    "digital-fuldmagt",
    "laeseadgang",
    "blanket",
    "mitid",
];

/// Whether somebody who "cannot do it on the net" wants another way in this matter, rather than an answer about other
/// ways in general.
pub(crate) fn can_be_done_otherwise(topic: &TopicSlug) -> bool {
    topic.can_be_routed() && !ABOUT_OTHER_WAYS.contains(&topic.as_str())
}
