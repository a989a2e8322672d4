//! What a citizen's message means: its language, what kind of message it is, which matter and which municipality.
//!
//! One message goes through these steps, each in a file of its own:
//!
//! 1. personal numbers are taken out ([`crate::redact`]); nothing below this line ever sees them;
//! 2. the text becomes plain words (`normalise`), so that *Lægeskift*, *laegeskift* and *lage skift* meet;
//! 3. the language is told (`language`, `tongues`); a message in a language that is not spoken here is only looked up for
//!    the topics that it may be about (`foreign`), after danger;
//! 4. the kind of message: acute danger before everything else, then a greeting, "I have no `MitID`", a wish for a
//!    person, a question about one's own case, or a general question (`intent`, weighed in `side`);
//! 5. the municipality (`place`);
//! 6. the matter: the articles that fit best, each with a score from 0 to 1000 (`retrieval`).
//!
//! The score says how often such an answer is right. From it follows the band: *answer*, *"mener du …?"* or *abstain*
//! ([`Thresholds`], found in a `rehearsal`). [`Understanding::explain`] shows every number behind a decision.
//!
//! Everything is learned from the articles when the counter opens; there is no model file, no network and no dice. The
//! same articles and the same message give the same result on every machine.

mod asides;
mod cues;
mod danger;
mod features;
mod foreign;
mod intent;
mod language;
mod learner;
mod letters;
mod lists;
mod manner;
mod normalise;
mod place;
mod rehearsal;
mod retrieval;
mod side;
#[cfg(test)]
mod tests;
mod tongues;
#[cfg(test)]
mod tuning;
mod vocabulary;
mod words;

use std::collections::HashSet;
use std::ops::Range;

use serde::Serialize;
use skranke_domain::conversation::{
    Band, Dialogue, Foreign, Heard, Intent, Place, Redacted, Scored, Slot, TopicSlug,
};
use skranke_domain::{Lang, Tenant};

use crate::redact::{Public, redact};
use asides::Asides;
use cues::Cues;
use danger::{Alarm, Danger};
use foreign::Abroad;
use intent::{Examples, KINDS, Kinds};
use language::{Languages, Verdict};
use normalise::Word;
use place::Gazetteer;
pub use place::PlaceMatch;
pub use rehearsal::{Calibration, Measured, Rehearsed, calibrate, measure, rehearse};
use retrieval::Index;
use side::{Message, SURE_OF_DANGER, Side, Thought};
use tongues::Tongue;
use vocabulary::Vocabulary;

/// What there is to understand a message against.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// The published articles, both languages.
    pub articles: Vec<CorpusArticle>,
    /// The municipalities.
    pub places: Vec<CorpusPlace>,
    /// The topics in the languages that are recognised but not spoken here.
    pub foreign: Vec<CorpusForeign>,
    /// Phone numbers and addresses that stay in a message.
    pub public: Public,
    /// From which score on articles answer.
    pub thresholds: Thresholds,
}

/// One article in one language.
#[derive(Clone, Debug)]
pub struct CorpusArticle {
    /// Its topic.
    pub slug: TopicSlug,
    /// Its language.
    pub lang: Lang,
    /// Its title.
    pub title: String,
    /// Words that stand for the topic.
    pub keywords: Vec<String>,
    /// How people ask.
    pub questions: Vec<String>,
    /// The answer.
    pub body: String,
}

/// One topic in another language.
#[derive(Clone, Debug)]
pub struct CorpusForeign {
    /// The language.
    pub language: Foreign,
    /// The topic.
    pub slug: TopicSlug,
    /// Its title.
    pub title: String,
    /// How people ask.
    pub questions: Vec<String>,
}

/// One municipality.
#[derive(Clone, Debug)]
pub struct CorpusPlace {
    /// Its code.
    pub code: Tenant,
    /// Its name, official name and the other names people use.
    pub names: Vec<String>,
    /// Villages of it that share their name with a better known place elsewhere.
    pub villages: Vec<String>,
}

/// The language in which somebody who writes another one is answered: the conversation's once there is one.
const fn reading(foreign: Foreign, hint: &Hint) -> Lang {
    if hint.dialogue.messages > 0 { hint.dialogue.lang } else { foreign.reads(hint.page) }
}

/// What is known when a message arrives.
#[derive(Clone, Debug, Default)]
pub struct Hint {
    /// The language of the page.
    pub page: Lang,
    /// Where the dialogue stands.
    pub dialogue: Dialogue,
}

/// From which score on the counter answers, or asks "mener du …?".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Thresholds {
    /// From here on it answers.
    pub answer: u16,
    /// From here on it offers topics to choose among.
    pub choices: u16,
    /// By how much the first topic must lead the second to be answered at once.
    pub lead: u16,
    /// From which likelihood on, in thousandths, that it is no general question topics are offered and none is answered.
    pub doubt: u16,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { answer: 640, choices: 320, lead: 80, doubt: 300 }
    }
}

/// Understands messages against one knowledge release.
#[derive(Debug)]
pub struct Understanding {
    danish: Index,
    english: Index,
    danish_kinds: Kinds,
    english_kinds: Kinds,
    languages: Languages,
    abroad: Abroad,
    places: Gazetteer,
    cues: Cues,
    asides: Asides,
    danger: Danger,
    thresholds: Thresholds,
    public: Public,
}

/// Why a message was understood as it was.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The language.
    pub lang: Lang,
    /// Whether the message itself showed the language, rather than the page.
    pub lang_is_sure: bool,
    /// Another language that was recognised.
    pub foreign: Option<Foreign>,
    /// The kind of message.
    pub intent: Intent,
    /// Why it is that kind: a rule's name, or `learned`.
    pub because: &'static str,
    /// How likely the learned kinds are, 0 to 1.
    pub kinds: Vec<(Intent, f32)>,
    /// How sure the first topic is.
    pub band: Band,
    /// The thresholds in force.
    pub thresholds: Thresholds,
    /// The topics, best first.
    pub topics: Vec<ExplainedTopic>,
    /// Share of the meaningful words that the articles know, 0 to 1.
    pub covered: f32,
    /// What the classifier gives to "no article answers this", 0 to 1.
    pub outside: f32,
    /// How likely it is after all that no article is an answer to it, 0 to 1.
    pub doubt: f32,
    /// The words that were searched for, after places and "no `MitID`" were taken out.
    pub searched: Vec<String>,
    /// The places that were found.
    pub places: Vec<PlaceMatch>,
}

/// Why a topic was found.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainedTopic {
    /// The topic.
    pub topic: TopicSlug,
    /// Its score, 0 to 1000.
    pub score: u16,
    /// Share of the question's meaningful words that it has, 0 to 1.
    pub words: f32,
    /// Likeness to its nearest example question, 0 to 1.
    pub nearest: f32,
    /// Likeness to all of its questions, 0 to 1.
    pub centre: f32,
    /// What the classifier gives it, 0 to 1.
    pub learned: f32,
    /// The words that were found in it.
    pub matched: Vec<String>,
}

/// How many words of a long text are judged together.
const DANGER_WINDOW: usize = 60;

/// How many topics are handed on.
const MOST_TOPICS: usize = 5;

impl Understanding {
    /// Learns from the corpus.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what was learned has no further use for what it was learned from"
    )]
    pub fn new(corpus: Corpus) -> Self {
        Self::learn(&corpus, |_| true)
    }

    /// As [`Self::new`]; of the messages that no article is an answer to those are learned that `is_learned` picks by
    /// number.
    fn learn(corpus: &Corpus, is_learned: impl Fn(usize) -> bool + Sync) -> Self {
        let Corpus { articles, places, foreign, public, thresholds } = corpus;
        let cues = Cues::new();
        let side = |lang: Lang| {
            let outside = Examples::of(lang).outside().into_iter().enumerate();
            let outside: Vec<&str> =
                outside.filter(|(number, _)| is_learned(*number)).map(|(_, text)| text).collect();
            (Index::new(lang, articles, &outside), Kinds::new(lang, &cues, articles, &is_learned))
        };
        // The languages know nothing of each other, so they are learned side by side.
        let abroad =
            || (Languages::learn(articles, in_every_language(articles, foreign)), Abroad::new(foreign));
        let ((danish, danish_kinds), (english, english_kinds), (languages, abroad)) =
            std::thread::scope(|scope| {
                let english = scope.spawn(|| side(Lang::En));
                let others = scope.spawn(abroad);
                let danish = side(Lang::Da);
                let english = english.join().unwrap_or_else(|_| side(Lang::En));
                (danish, english, others.join().unwrap_or_else(|_| abroad()))
            });
        Self {
            danish,
            english,
            danish_kinds,
            english_kinds,
            languages,
            abroad,
            places: Gazetteer::new(places),
            cues,
            asides: Asides::new(),
            danger: Danger::new(),
            thresholds: *thresholds,
            public: public.clone(),
        }
    }

    /// The phone numbers and addresses that stay in a message.
    pub const fn public(&self) -> &Public {
        &self.public
    }

    /// Understands one message.
    pub fn hear(&self, raw: &str, hint: &Hint) -> Heard {
        self.think(raw, hint).0
    }

    /// Whether a text of any length holds a cry for help: for what is kept but not understood as a message.
    pub fn hears_danger(&self, text: &Redacted) -> bool {
        let words = normalise::every_word(text.as_str());
        let read: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let alarm = self.danger.sounds(&read);
        let danger = KINDS.iter().position(|kind| *kind == Intent::Danger);
        let learned = |window: &[&str]| {
            [&self.danish_kinds, &self.english_kinds]
                .into_iter()
                .any(|kinds| danger.and_then(|at| kinds.odds(window).get(at).copied()) > Some(SURE_OF_DANGER))
        };
        // Windows that overlap by half: nothing is cut in two.
        let starts = (0..read.len()).step_by(DANGER_WINDOW / 2);
        matches!(alarm, Alarm::Danger { .. })
            || starts.filter_map(|start| read.get(start..read.len().min(start + DANGER_WINDOW))).any(learned)
    }

    /// Tells why a message is understood as it is.
    pub fn explain(&self, raw: &str, hint: &Hint) -> Explanation {
        self.think(raw, hint).1
    }

    /// Understands one message, and tells why.
    pub fn think(&self, raw: &str, hint: &Hint) -> (Heard, Explanation) {
        let bases = [self.danish.vocabulary(), self.english.vocabulary()];
        let asked = hint.dialogue.routing.as_ref().and_then(|routing| routing.asked);

        // Only the marks depend on the language, so the language is told twice: it must not hang on a number.
        let written = normalise::words(raw);
        let verdict = self.language(raw, &written, hint);
        let (text, removed) = redact(raw, verdict.lang, &self.public);
        let words = if removed.any() { normalise::words(text.as_str()) } else { written };
        let read: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();

        let mut places = self.places.find(&words, asked == Some(Slot::Municipality), bases);
        places.narrow(&read, hint.dialogue.routing.as_ref().map_or(&[][..], |routing| &routing.among));
        // A place and nothing else says nothing of a language ("Aarhus"): the conversation's goes on.
        let lang = match places.place {
            Place::One(_) | Place::Several(_) if words.len() <= 2 && hint.dialogue.messages > 0 => {
                hint.dialogue.lang
            }
            Place::One(_) | Place::Several(_) if words.len() <= 2 && verdict.foreign.is_none() => hint.page,
            Place::One(_) | Place::Several(_) | Place::Withheld | Place::None => verdict.lang,
        };
        let place = match places.place {
            Place::None if self.asides.withholds_place(&read, &hint.dialogue) => Place::Withheld,
            _ => places.place.clone(),
        };
        let mut aside = self.asides.hear(text.as_str(), &words, &read, &mut places);
        let names = names(&words, bases);
        let clauses = clauses(&words);
        let going_on = hint.dialogue.under_way().is_some();
        let alarm = self.danger.sounds(&read);
        let message = Message {
            read: &read,
            clauses: &clauses,
            places: &places,
            names: &names,
            asked,
            going_on,
            alarm,
        };
        let mut thought = self.consider(message, lang, verdict.foreign);
        let side = self.side(lang);
        self.asides.settle(&mut aside, &mut thought, (&side, message, self.thresholds), &hint.dialogue);
        let foreign = match alarm {
            Alarm::Danger { foreign: Some(foreign), .. } => Some(foreign),
            Alarm::Danger { .. } | Alarm::Harmless | Alarm::Doubtful | Alarm::Silent => verdict.foreign,
        };
        if let Some(language) = verdict.foreign {
            self.abroad(language, text.as_str(), &mut thought);
        }
        if removed.any() && read.iter().all(|word| NUMBER_TALK.contains(word)) {
            // "mit cpr er …": once the number is gone, nothing was asked.
            (thought.intent, thought.band) = (Intent::Question, Band::Abstain);
            thought.topics.clear();
        }
        // "I Odense er I nogle idioter" says nothing of where anybody lives.
        let insulted = asked.is_none() && thought.is_lost() && self.cues.insults(&read);
        let place = if insulted { Place::None } else { place };
        let open = matches!(thought.intent, Intent::Question | Intent::OutOfScope);
        if open && asked.is_none() && self.cues.affirms(&read) {
            // A bare "ja" asks for nothing that a search could find.
            (thought.intent, thought.band) = (Intent::Question, Band::Abstain);
            thought.topics.clear();
        }
        let topics: Vec<Scored> = thought
            .topics
            .iter()
            .take(MOST_TOPICS)
            .map(|topic| Scored { topic: topic.topic.clone(), score: topic.score })
            .collect();
        let heard = Heard {
            text,
            removed,
            lang,
            foreign,
            intent: thought.intent,
            band: thought.band,
            topics,
            place,
            aside,
            choice: None,
        };
        let explanation = Explanation {
            lang,
            lang_is_sure: verdict.sure,
            foreign,
            intent: thought.intent,
            because: thought.because,
            kinds: thought.kinds,
            band: thought.band,
            thresholds: self.thresholds,
            topics: thought.topics,
            covered: thought.covered,
            outside: thought.outside,
            doubt: thought.doubt,
            searched: thought.searched,
            places: places.matches,
        };
        (heard, explanation)
    }

    /// The language of a message, and the one to answer it in.
    fn language(&self, raw: &str, written: &[Word], hint: &Hint) -> Verdict {
        let bases = [self.danish.vocabulary(), self.english.vocabulary()];
        let read: Vec<&str> = written.iter().map(|word| word.text.as_str()).collect();
        let verdict = self.languages.tell(raw, &read, hint.page, bases);
        match verdict.foreign {
            Some(foreign) => Verdict { lang: reading(foreign, hint), ..verdict },
            None => verdict,
        }
    }

    /// What the articles of the message's language make of it, or those of the other one where they know better.
    fn consider(&self, message: Message<'_>, lang: Lang, foreign: Option<Foreign>) -> Thought {
        // Danish words are nearest to what is written in another language, and danger in it is told by rule.
        let side = if foreign.is_some() { Lang::Da } else { lang };
        let thought = self.side(side).consider(message, self.thresholds);
        if thought.is_lost() && foreign.is_none() {
            // "sfo", or English with a Danish word in it: perhaps the other language's articles know the word. The
            // answer stays in the language of the message.
            let other = if lang == Lang::Da { Lang::En } else { Lang::Da };
            let second = self.side(other).consider(message, self.thresholds);
            if second.band == Band::Answer && second.intent == Intent::Question {
                return second;
            }
        }
        thought
    }

    /// What is left of a thought about a message in another language: danger, and the topics it may be about.
    fn abroad(&self, language: Foreign, message: &str, thought: &mut Thought) {
        if thought.intent == Intent::Danger {
            return;
        }
        let found = self.abroad.find(language, message, &thought.topics);
        let neighbour = matches!(language, Foreign::Sv | Foreign::No);
        (thought.intent, thought.because) = match thought.intent {
            _ if found.without_eid => (Intent::NoEid, "without-eid"),
            Intent::NoEid | Intent::ConcreteCase if neighbour => (thought.intent, thought.because),
            _ => (Intent::Question, "foreign"),
        };
        thought.band = if found.topics.is_empty() { Band::Abstain } else { Band::Choices };
        thought.topics = found.topics;
    }

    const fn side(&self, lang: Lang) -> Side<'_> {
        match lang {
            Lang::Da => Side { index: &self.danish, kinds: &self.danish_kinds, cues: &self.cues },
            Lang::En => Side { index: &self.english, kinds: &self.english_kinds, cues: &self.cues },
        }
    }
}

/// The texts that languages are told by: articles, and how people ask in other languages.
fn in_every_language<'a>(
    articles: &'a [CorpusArticle],
    foreign: &'a [CorpusForeign],
) -> impl Iterator<Item = (Tongue, &'a str)> {
    let own = articles.iter().flat_map(|article| {
        let CorpusArticle { lang, title, questions, body, .. } = article;
        let texts = [title, body].into_iter().chain(questions);
        texts.map(move |text| (Tongue::Own(*lang), text.as_str()))
    });
    let others = foreign.iter().flat_map(|topic| {
        let texts = std::iter::once(&topic.title).chain(&topic.questions);
        texts.map(move |text| (Tongue::Foreign(topic.language), text.as_str()))
    });
    own.chain(others)
}

/// What people say around a number, and the marks that stand where one was.
const NUMBER_TALK: [&str; 33] = [
    "cpr",
    "nummer",
    "nr",
    "cprnr",
    "cprnummer",
    "personnummer",
    "mit",
    "min",
    "er",
    "hedder",
    "her",
    "det",
    "har",
    "jeg",
    "og",
    "my",
    "number",
    "is",
    "it",
    "the",
    "here",
    "fjernet",
    "removed",
    "kort",
    "kortnummer",
    "card",
    "telefonnummer",
    "telefon",
    "phone",
    "mail",
    "email",
    "adresse",
    "address",
];

/// The fewest words that are judged by themselves.
const SHORTEST_CLAUSE: usize = 3;

/// The clauses of a message that say something by themselves; none where it is one clause.
fn clauses(words: &[Word]) -> Vec<Range<usize>> {
    let mut clauses: Vec<Range<usize>> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match clauses.last_mut() {
            // A short one belongs to what follows: "Hej, ..." and "Ja, ...".
            Some(last) if !word.clause || (last.len() < SHORTEST_CLAUSE && !word.opens) => last.end = at + 1,
            _ => clauses.push(at..at + 1),
        }
    }
    clauses.retain(|clause| clause.len() >= SHORTEST_CLAUSE && clause.len() < words.len());
    clauses
}

/// Words with a capital in mid-sentence that no article knows: most are people's names, and say nothing of the matter.
fn names(words: &[Word], bases: [&Vocabulary; 2]) -> HashSet<usize> {
    let capitals = words.iter().filter(|word| word.capital).count();
    if capitals * 2 > words.len() {
        return HashSet::new();
    }
    let named = |n: &usize| {
        let word = &words[*n];
        let with_surname = words.get(n + 1).is_some_and(|next| next.capital && !next.opens);
        // Asked last: it is the dearest question.
        let known =
            || bases.iter().any(|base| base.correct(&word.text).is_some() || base.knows_form(&word.text));
        word.capital && (!word.opens || with_surname) && !known()
    };
    (0..words.len()).filter(named).collect()
}
