//! A rehearsal: every example is held back once and asked of a counter that has learned all the others.
//!
//! What was learned says nothing of what will be understood, so a fifth of every article's questions, and of the messages
//! that no article is an answer to, is taken out at a time. From what the others make of them follow the thresholds
//! ([`calibrate`]): the lowest from which on answers are wrong no more often than is allowed. Nobody's held-back list plays
//! a part, so such a list can still tell how good the thresholds are.

use serde::Serialize;
use skranke_domain::Lang;
use skranke_domain::conversation::{Band, Dialogue, Intent, TopicSlug};

use super::intent::Examples;
use super::retrieval::thousand;
use super::side::{EASE_OF_A_ROUTE, band};
use super::{Corpus, CorpusArticle, ExplainedTopic, Explanation, Hint, Thresholds, Understanding};

/// The doubts that are tried, in thousandths.
const DOUBTS: [u16; 6] = [100, 150, 200, 300, 400, 500];

/// How many rounds: the share of the questions that is held back at a time is one in so many.
const ROUNDS: usize = 5;

/// What came of one question that was held back.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// The question, an example of ours.
    pub text: String,
    /// The article whose question it is; `None` where no article is an answer to it.
    pub wanted: Option<TopicSlug>,
    /// The kind of message it is.
    pub kind: Intent,
    /// Its language.
    pub lang: Lang,
    /// What was made of it.
    pub heard: Explanation,
}

impl Rehearsed {
    /// Whether its kind was told. Somebody without `MitID` asks a question too.
    pub fn is_told(&self) -> bool {
        let told = self.heard.intent;
        told == self.kind || (self.kind == Intent::Question && told == Intent::NoEid)
    }

    /// The article that is answered with at these thresholds, if it is none that should be.
    pub fn wrongly(&self, thresholds: Thresholds) -> Option<&TopicSlug> {
        let answered = self.heard.topics.first().filter(|_| self.band(thresholds) == Band::Answer);
        answered.map(|found| &found.topic).filter(|topic| self.wanted.as_ref() != Some(topic))
    }

    /// What the counter would do at these thresholds.
    fn band(&self, thresholds: Thresholds) -> Band {
        let Explanation { intent, topics, doubt, .. } = &self.heard;
        let most = if thousand(*doubt) >= thresholds.doubt { Band::Choices } else { Band::Answer };
        match intent {
            Intent::Question => band(topics, thresholds, 0).min(most),
            Intent::NoEid => band(topics, thresholds, EASE_OF_A_ROUTE).min(most),
            Intent::Danger
            | Intent::ConcreteCase
            | Intent::Human
            | Intent::Greeting
            | Intent::Thanks
            | Intent::OutOfScope => Band::Abstain,
        }
    }
}

/// What a rehearsal comes to at some thresholds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// Questions that were asked.
    pub asked: usize,
    /// Of these, the ones that no article is an answer to.
    pub outside: usize,
    /// Answered with the right article.
    pub right: usize,
    /// Answered with the right article, or offered it among at most three.
    pub helped: usize,
    /// Answered with a wrong article, or although no article answers it.
    pub wrong: usize,
    /// Of these, the ones that no article is an answer to.
    pub outside_answered: usize,
}

impl Measured {
    /// Wrong answers, of all questions: 0 to 1.
    pub fn wrong_share(&self) -> f64 {
        share(self.wrong, self.asked)
    }

    /// Right answers, of the questions that an article answers: 0 to 1.
    pub fn right_share(&self) -> f64 {
        share(self.right, self.asked - self.outside)
    }

    /// Questions that were helped, of those that an article answers: 0 to 1.
    pub fn helped_share(&self) -> f64 {
        share(self.helped, self.asked - self.outside)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are below a million")]
fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}

/// Thresholds with what a rehearsal comes to at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Calibration {
    /// The thresholds.
    pub thresholds: Thresholds,
    /// What came of it.
    pub measured: Measured,
}

/// Asks every question that was held back. This takes some seconds: each round learns anew.
pub fn rehearse(corpus: &Corpus) -> Vec<Rehearsed> {
    let mut rehearsed = Vec::new();
    for round in 0..ROUNDS {
        let mut held_back: Vec<(Option<TopicSlug>, Intent, Lang, String)> = Vec::new();
        let articles = corpus.articles.iter().enumerate().map(|(number, article)| {
            let mut questions = Vec::new();
            for (n, question) in article.questions.iter().enumerate() {
                if (n + number) % ROUNDS == round && article.questions.len() > 1 {
                    let wanted = Some(article.slug.clone());
                    held_back.push((wanted, Intent::Question, article.lang, question.clone()));
                } else {
                    questions.push(question.clone());
                }
            }
            CorpusArticle { questions, ..article.clone() }
        });
        let articles = articles.collect();
        for lang in [Lang::Da, Lang::En] {
            let held = Examples::of(lang).all().filter(|(_, number, _)| number % ROUNDS == round);
            held_back.extend(held.map(|(kind, _, text)| (None, kind, lang, text.to_owned())));
        }
        let known = Corpus { articles, ..corpus.clone() };
        let understanding = Understanding::learn(&known, |number| number % ROUNDS != round);
        rehearsed.extend(held_back.into_iter().map(|(wanted, kind, lang, text)| {
            let dialogue = Dialogue { lang, ..Dialogue::default() };
            let heard = understanding.explain(&text, &Hint { page: lang, dialogue });
            Rehearsed { text, wanted, kind, lang, heard }
        }));
    }
    rehearsed
}

/// What a rehearsal comes to at some thresholds.
pub fn measure(rehearsed: &[Rehearsed], thresholds: Thresholds) -> Measured {
    let mut measured = Measured::default();
    for one in rehearsed {
        // Which article is right for a question of nobody's is not known.
        if one.wanted.is_none() && matches!(one.kind, Intent::Question | Intent::NoEid) {
            continue;
        }
        measured.asked += 1;
        let band = one.band(thresholds);
        let is_wanted = |found: &ExplainedTopic| one.wanted.as_ref() == Some(&found.topic);
        let topics = &one.heard.topics;
        let first = topics.first().is_some_and(is_wanted);
        let answered = band == Band::Answer;
        let offered = band == Band::Choices && topics.iter().take(3).any(is_wanted);
        measured.outside += usize::from(one.wanted.is_none());
        measured.right += usize::from(answered && first);
        measured.helped += usize::from((answered && first) || offered);
        measured.wrong += usize::from(answered && !first);
        measured.outside_answered += usize::from(answered && one.wanted.is_none());
    }
    measured
}

/// The thresholds that answer most questions rightly while at most `most_wrong` (a share of all questions) are answered
/// wrongly. From which score on topics are offered is left as it is; `None` when no thresholds are good enough.
pub fn calibrate(rehearsed: &[Rehearsed], choices: u16, most_wrong: f64) -> Option<Calibration> {
    let tried = (choices..=980).step_by(20).flat_map(|answer| {
        (0..=400)
            .step_by(20)
            .flat_map(move |lead| DOUBTS.map(move |doubt| Thresholds { answer, choices, lead, doubt }))
    });
    tried
        .map(|thresholds| Calibration { thresholds, measured: measure(rehearsed, thresholds) })
        .filter(|tried| tried.measured.wrong_share() <= most_wrong)
        // Of equally good ones the more careful.
        .max_by_key(|tried| (tried.measured.right, tried.thresholds.answer, tried.thresholds.lead))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(topic: &str, score: u16) -> ExplainedTopic {
        ExplainedTopic {
            topic: TopicSlug::new(topic),
            score,
            words: 0.0,
            nearest: 0.0,
            centre: 0.0,
            learned: 0.0,
            matched: Vec::new(),
        }
    }

    fn asked(wanted: Option<&str>, intent: Intent, first: u16, second: u16) -> Rehearsed {
        let topics = vec![found("pas", first), found("skat", second)];
        let nothing = Understanding::new(Corpus::default()).explain("", &Hint::default());
        let kind = if wanted.is_some() { Intent::Question } else { Intent::OutOfScope };
        let heard = Explanation { intent, topics, doubt: 0.0, ..nothing };
        Rehearsed { text: String::new(), wanted: wanted.map(TopicSlug::new), kind, lang: Lang::Da, heard }
    }

    #[test]
    fn thresholds_are_as_low_as_the_wrong_answers_allow() {
        let rehearsed = [
            asked(Some("pas"), Intent::Question, 900, 100),
            asked(Some("pas"), Intent::Question, 700, 100),
            asked(Some("skat"), Intent::Question, 660, 640),
            asked(None, Intent::Question, 500, 100),
            asked(None, Intent::OutOfScope, 999, 0),
        ];
        let all = calibrate(&rehearsed, 320, 1.0).unwrap();
        assert_eq!((all.measured.right, all.measured.outside), (2, 2));
        let none_wrong = calibrate(&rehearsed, 320, 0.0).unwrap();
        assert_eq!((none_wrong.measured.right, none_wrong.measured.wrong), (2, 0));
        assert!(none_wrong.thresholds.lead > 20 || none_wrong.thresholds.answer > 660);
        assert_eq!(none_wrong.measured.helped, 3);
        let careless = Thresholds { answer: 400, choices: 320, lead: 0, doubt: 300 };
        let measured = measure(&rehearsed, careless);
        assert_eq!((measured.wrong, measured.outside_answered), (2, 1));
        let wrong = rehearsed.iter().filter_map(|one| one.wrongly(careless));
        assert_eq!(wrong.map(TopicSlug::as_str).collect::<Vec<_>>(), ["pas", "pas"]);
        let doubted = rehearsed.map(|one| {
            let heard = Explanation { doubt: 0.4, ..one.heard };
            Rehearsed { heard, ..one }
        });
        let measured = measure(&doubted, careless);
        assert_eq!((measured.right, measured.wrong, measured.helped), (0, 0, 3));
    }
}
