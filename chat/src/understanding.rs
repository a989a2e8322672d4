//! What a citizen's message means: its language, what kind of message it is, which matter and which municipality.
//!
//! One message goes through these steps, each in a file of its own:
//!
//! 1. personal numbers are taken out ([`crate::redact`]); nothing below this line ever sees them;
//! 2. the text becomes plain words (`normalise`), so that *Lægeskift*, *laegeskift* and *lage skift* meet;
//! 3. the language is told (`language`);
//! 4. the kind of message: acute danger before everything else, then a greeting, "I have no `MitID`", a wish for a
//!    person, a question about one's own case, or a general question (`intent`);
//! 5. the municipality (`place`);
//! 6. the matter: the articles that fit best, each with a score from 0 to 1000 (`retrieval`).
//!
//! The score says how often such an answer is right. From it follows the band: *answer*, *"mener du …?"* or *abstain*
//! ([`Thresholds`]). [`Understanding::explain`] shows every number behind a decision.
//!
//! Everything is learned from the articles when the counter opens; there is no model file, no network and no dice. The
//! same articles and the same message give the same result on every machine.

mod asides;
mod cues;
mod danger;
mod features;
mod intent;
mod language;
mod learner;
mod normalise;
mod place;
mod retrieval;
#[cfg(test)]
mod tests;
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

use crate::redact::redact;
use asides::Asides;
use cues::Cues;
use danger::{Alarm, Danger};
use intent::{Examples, KINDS, Kinds, can_be_done_otherwise};
use language::Languages;
use normalise::Word;
pub use place::PlaceMatch;
use place::{Gazetteer, Places};
use retrieval::{Found, Index};
use vocabulary::Vocabulary;

/// What there is to understand a message against.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// The published articles, both languages.
    pub articles: Vec<CorpusArticle>,
    /// The municipalities.
    pub places: Vec<CorpusPlace>,
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
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { answer: 640, choices: 320, lead: 80 }
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
    places: Gazetteer,
    cues: Cues,
    asides: Asides,
    danger: Danger,
    thresholds: Thresholds,
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

/// How likely danger must be where an article answers the message, and in a part of a long text.
const SURE_OF_DANGER: f32 = 0.65;
/// As [`SURE_OF_DANGER`], where a rule says that the words are harmless.
const MORE_THAN_DOUBT: f32 = 0.85;
/// How many words of a long text are judged together.
const DANGER_WINDOW: usize = 60;

/// How many topics are handed on.
const MOST_TOPICS: usize = 5;

impl Understanding {
    /// Learns from the corpus.
    pub fn new(corpus: Corpus) -> Self {
        let Corpus { articles, places } = corpus;
        let cues = Cues::new();
        let side = |lang: Lang| {
            let index = Index::new(lang, &articles, &Examples::of(lang).outside());
            let own = articles.iter().filter(|article| article.lang == lang);
            let questions = own.flat_map(|article| article.questions.iter().map(String::as_str));
            (index, Kinds::new(lang, &cues, questions))
        };
        // The two languages know nothing of each other, so they are learned side by side.
        let ((danish, danish_kinds), (english, english_kinds), languages) = std::thread::scope(|scope| {
            let english = scope.spawn(|| side(Lang::En));
            let languages = scope.spawn(Languages::new);
            let danish = side(Lang::Da);
            let english = english.join().unwrap_or_else(|_| side(Lang::En));
            (danish, english, languages.join().unwrap_or_else(|_| Languages::new()))
        });
        Self {
            danish,
            english,
            danish_kinds,
            english_kinds,
            languages,
            places: Gazetteer::new(&places),
            cues,
            asides: Asides::new(),
            danger: Danger::new(),
            thresholds: Thresholds::default(),
        }
    }

    /// The same with other thresholds.
    #[must_use]
    pub const fn with_thresholds(mut self, thresholds: Thresholds) -> Self {
        self.thresholds = thresholds;
        self
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

    fn think(&self, raw: &str, hint: &Hint) -> (Heard, Explanation) {
        let bases = [self.danish.vocabulary(), self.english.vocabulary()];
        let asked = hint.dialogue.routing.as_ref().and_then(|routing| routing.asked);

        // Only the marks depend on the language, so the language is told twice: it must not hang on a number.
        let written = normalise::words(raw);
        let read: Vec<&str> = written.iter().map(|word| word.text.as_str()).collect();
        let verdict = self.languages.tell(raw, &read, hint.page, bases);
        let (text, removed) = redact(raw, verdict.lang);
        let words = normalise::words(text.as_str());
        let read: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();

        let mut places = self.places.find(&words, asked == Some(Slot::Municipality), bases);
        places.narrow(&read, hint.dialogue.routing.as_ref().map_or(&[][..], |routing| &routing.among));
        // A place and nothing else says nothing of a language ("Aarhus"): the conversation's goes on.
        let lang = match places.place {
            Place::One(_) | Place::Several(_) if words.len() <= 2 && hint.dialogue.messages > 0 => {
                hint.dialogue.lang
            }
            Place::One(_) | Place::Several(_) if words.len() <= 2 => hint.page,
            Place::One(_) | Place::Several(_) | Place::Withheld | Place::None => verdict.lang,
        };
        let place = match places.place {
            Place::None
                if self.cues.withholds_place(&read, asked == Some(Slot::Municipality))
                    || self.asides.withholds_place(&read, &hint.dialogue) =>
            {
                Place::Withheld
            }
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
        let mut thought = self.side(lang).consider(message, self.thresholds);
        if thought.is_lost() {
            // "sfo", or English with a Danish word in it: perhaps the other language's articles know the word. The
            // answer stays in the language of the message.
            let other = if lang == Lang::Da { Lang::En } else { Lang::Da };
            let second = self.side(other).consider(message, self.thresholds);
            if second.band == Band::Answer && second.intent == Intent::Question {
                thought = second;
            }
        }
        let side = self.side(lang);
        self.asides.settle(&mut aside, &mut thought, (&side, message, self.thresholds), &hint.dialogue);
        let foreign = match alarm {
            Alarm::Danger { foreign: Some(foreign), .. } => Some(foreign),
            Alarm::Danger { .. } | Alarm::Harmless | Alarm::Doubtful | Alarm::Silent => verdict.foreign,
        };
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
            searched: thought.searched,
            places: places.matches,
        };
        (heard, explanation)
    }

    const fn side(&self, lang: Lang) -> Side<'_> {
        match lang {
            Lang::Da => Side { index: &self.danish, kinds: &self.danish_kinds, cues: &self.cues },
            Lang::En => Side { index: &self.english, kinds: &self.english_kinds, cues: &self.cues },
        }
    }
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

/// What one language's articles make of a message.
#[derive(Debug)]
struct Thought {
    intent: Intent,
    because: &'static str,
    kinds: Vec<(Intent, f32)>,
    band: Band,
    topics: Vec<ExplainedTopic>,
    covered: f32,
    outside: f32,
    searched: Vec<String>,
}

impl Thought {
    /// Whether nothing came of it although something was asked.
    fn is_lost(&self) -> bool {
        self.band == Band::Abstain && matches!(self.intent, Intent::Question | Intent::OutOfScope)
    }
}

/// A message, read but not yet understood.
#[derive(Clone, Copy)]
struct Message<'a> {
    read: &'a [&'a str],
    /// Its clauses, where there are several.
    clauses: &'a [Range<usize>],
    places: &'a Places,
    /// The words that look like people's names, by number.
    names: &'a HashSet<usize>,
    /// What the counter has just asked for.
    asked: Option<Slot>,
    /// Whether the conversation is about a matter already.
    going_on: bool,
    /// Whether it sounds like danger.
    alarm: Alarm,
}

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
        let known =
            bases.iter().any(|base| base.correct(&word.text).is_some() || base.knows_form(&word.text));
        word.capital && (!word.opens || with_surname) && !known
    };
    (0..words.len()).filter(named).collect()
}

/// What a search came to.
struct Search<'a> {
    /// The words that were searched for.
    words: Vec<&'a str>,
    /// Whether any of them says something.
    asks: bool,
    topics: Vec<ExplainedTopic>,
    band: Band,
    covered: f32,
    outside: f32,
}

impl Search<'_> {
    /// Whether the judges agree on the first topic.
    fn is_certain(&self) -> bool {
        let first = self.topics.first().filter(|_| self.band == Band::Answer);
        first.is_some_and(|first| first.learned >= 0.5 && first.words >= 0.4)
    }
}

/// One language's articles and kinds of messages.
struct Side<'a> {
    index: &'a Index,
    kinds: &'a Kinds,
    cues: &'a Cues,
}

impl Side<'_> {
    fn consider(&self, message: Message<'_>, thresholds: Thresholds) -> Thought {
        let read = message.read;
        let without_eid =
            self.cues.without_eid(read, self.kinds.lang()).filter(|_| !self.cues.wants_eid(read));
        let opening = self.cues.opening(read);
        let nothing = HashSet::new();
        let said = without_eid.as_ref().map_or(&nothing, |without| &without.said);
        let mut search = self.search(message, opening, said, thresholds);
        // "Jeg kan ikke det der digitale" is a wish for another way in some matter; alone it is a question.
        let otherwise = |search: &Search<'_>| {
            let routed = search.topics.first().is_some_and(|topic| can_be_done_otherwise(&topic.topic));
            search.asks && search.band != Band::Abstain && routed
        };
        let mut other_way = without_eid.as_ref().is_some_and(|without| without.eid || otherwise(&search));
        if without_eid.is_some() && !other_way {
            search = self.search(message, opening, &nothing, thresholds);
            other_way = otherwise(&search);
        }
        let mut odds = self.kinds.odds(read.get(opening..).unwrap_or_default());
        // What somebody wants may stand in one sentence of a long story.
        for clause in message.clauses {
            let said = self.kinds.odds(read.get(clause.clone()).unwrap_or_default());
            for ((kind, odd), said) in KINDS.iter().zip(&mut odds).zip(said) {
                *odd = odd.max(said * intent::weight_of_a_clause(*kind));
            }
        }
        let (intent, because) = self.kind(message, &odds, &search, other_way);
        if intent == Intent::NoEid {
            // Somebody who wants to be sent somewhere has a matter, so less will tell it.
            search.band = band(&search.topics, thresholds, true);
        }
        // "Men han stoler ikke på MitID" names no new matter, whatever its words resemble.
        if intent == Intent::NoEid && message.going_on && !search.is_certain() {
            search.band = Band::Abstain;
        }
        let calm = !matches!(intent, Intent::Danger | Intent::Greeting | Intent::Thanks | Intent::OutOfScope);
        Thought {
            intent,
            because,
            kinds: KINDS.iter().copied().zip(odds).collect(),
            band: if calm { search.band } else { Band::Abstain },
            topics: search.topics,
            covered: search.covered,
            outside: search.outside,
            searched: search.words.into_iter().map(ToOwned::to_owned).collect(),
        }
    }

    /// Searches for what is left of a message without greeting, place, names and the words in `said`.
    fn search<'m>(
        &self,
        message: Message<'m>,
        opening: usize,
        said: &HashSet<usize>,
        thresholds: Thresholds,
    ) -> Search<'m> {
        let Message { read, places, names, asked, .. } = message;
        let left =
            |n: &usize| *n >= opening && !places.used.contains(n) && !names.contains(n) && !said.contains(n);
        let words: Vec<&str> = (0..read.len()).filter(left).map(|n| read[n]).collect();
        let forms = self.index.vocabulary().words();
        let filler = |word: &&str| forms.is_stop(word) || (!said.is_empty() && self.cues.is_rest(word));
        let asks = !words.iter().all(filler);
        let found = if asks && !self.index.is_empty() { self.index.search(&words) } else { Found::default() };
        let topics = self.scored(&found);
        let band = band(&topics, thresholds, asked == Some(Slot::Matter));
        Search { words, asks, topics, band, covered: found.covered, outside: found.outside }
    }

    /// The kind of message, and why: what must not be missed comes first.
    fn kind(
        &self,
        message: Message<'_>,
        odds: &[f32],
        search: &Search<'_>,
        other_way: bool,
    ) -> (Intent, &'static str) {
        let read = message.read;
        let odd = |kind: Intent| {
            let at = KINDS.iter().position(|k| *k == kind);
            at.and_then(|n| odds.get(n)).copied().unwrap_or(0.0)
        };
        // An article that fits well speaks against everything but a general question.
        let unless_answered =
            |usual: f32, answered: f32| if search.band == Band::Answer { answered } else { usual };
        if let Alarm::Danger { cue, .. } = message.alarm {
            return (Intent::Danger, cue);
        }
        if let Some(pleasantry) = self.cues.pleasantry(read) {
            return (pleasantry, "pleasantry");
        }
        if message.asked.is_none() && self.cues.closes(read) {
            return (Intent::Thanks, "closing");
        }
        let bar = if message.alarm == Alarm::Doubtful {
            MORE_THAN_DOUBT
        } else {
            unless_answered(0.4, SURE_OF_DANGER)
        };
        if message.alarm != Alarm::Harmless && odd(Intent::Danger) > bar {
            return (Intent::Danger, "learned");
        }
        if other_way {
            return (Intent::NoEid, "without-eid");
        }
        if self.cues.wants_person(read) {
            return (Intent::Human, "person");
        }
        if odd(Intent::Human) > unless_answered(0.55, 0.8) {
            return (Intent::Human, "learned");
        }
        if odd(Intent::Greeting) > unless_answered(0.5, 0.8) {
            return (Intent::Greeting, "learned");
        }
        // Another way is wanted in some matter that there is another way in; alone it is a question.
        let routed = search.topics.first().is_some_and(|topic| can_be_done_otherwise(&topic.topic));
        let matter = search.asks && search.band != Band::Abstain;
        let fits = if matter { routed } else { !search.asks };
        let of_the_matter = message.going_on && search.band != Band::Answer;
        if odd(Intent::NoEid) > 0.5 && (fits || of_the_matter) {
            return (Intent::NoEid, "learned");
        }
        // A bare word ("pas") is no case, unless it says "min".
        let of_ones_own = read.len() > 2 || read.iter().any(|word| matches!(*word, "min" | "mit" | "my"));
        if odd(Intent::ConcreteCase) > 0.5 && of_ones_own {
            return (Intent::ConcreteCase, "learned");
        }
        let outside = odd(Intent::OutOfScope) > 0.5 || search.outside > 0.5;
        // Two who learned it apart agree that no article answers it: an article must fit very well to be right all the same.
        let surely = odd(Intent::OutOfScope) > 0.5 && !search.is_certain();
        if search.asks && ((outside && search.band == Band::Abstain) || surely) {
            return (Intent::OutOfScope, "learned");
        }
        (Intent::Question, "otherwise")
    }

    fn scored(&self, found: &Found) -> Vec<ExplainedTopic> {
        let scores = retrieval::scores(found);
        let topics = found.topics.iter().zip(scores).filter_map(|(opinion, score)| {
            Some(ExplainedTopic {
                topic: self.index.slug(opinion.topic)?.clone(),
                score,
                words: opinion.words,
                nearest: opinion.nearest,
                centre: opinion.centre,
                learned: opinion.learned,
                matched: opinion.matched.clone(),
            })
        });
        topics.collect()
    }
}

/// The band that follows from the scores. A citizen who names a matter, because one is asked for or another way in it is
/// wanted, needs less.
fn band(topics: &[ExplainedTopic], thresholds: Thresholds, named: bool) -> Band {
    let first = topics.first().map_or(0, |topic| topic.score);
    let second = topics.get(1).map_or(0, |topic| topic.score);
    let ease = if named { 150 } else { 0 };
    if first + ease >= thresholds.answer
        && first.saturating_sub(second) >= thresholds.lead.saturating_sub(ease / 3)
    {
        Band::Answer
    } else if first + ease >= thresholds.choices {
        Band::Choices
    } else {
        Band::Abstain
    }
}
