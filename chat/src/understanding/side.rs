//! What one language's articles and examples make of a message: its kind, the topics, and how sure they are.

use std::collections::HashSet;
use std::ops::Range;

use skranke_domain::conversation::{Band, Intent, Slot};

use super::cues::Cues;
use super::danger::Alarm;
use super::intent::{self, KINDS, Kinds, can_be_done_otherwise};
use super::place::Places;
use super::retrieval::{self, Found, Index, thousand};
use super::{ExplainedTopic, Thresholds};

/// How likely danger must be where an article answers the message, and in a part of a long text.
pub(super) const SURE_OF_DANGER: f32 = 0.7;
/// As [`SURE_OF_DANGER`], where a rule says that the words are harmless.
const MORE_THAN_DOUBT: f32 = 0.85;

/// What one language's articles make of a message.
#[derive(Debug)]
pub(super) struct Thought {
    pub(super) intent: Intent,
    pub(super) because: &'static str,
    pub(super) kinds: Vec<(Intent, f32)>,
    pub(super) band: Band,
    pub(super) topics: Vec<ExplainedTopic>,
    pub(super) covered: f32,
    pub(super) outside: f32,
    pub(super) doubt: f32,
    pub(super) searched: Vec<String>,
}

impl Thought {
    /// Whether nothing came of it although something was asked.
    pub(super) fn is_lost(&self) -> bool {
        self.band == Band::Abstain && matches!(self.intent, Intent::Question | Intent::OutOfScope)
    }
}

/// A message, read but not yet understood.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) read: &'a [&'a str],
    /// Its clauses, where there are several.
    pub(super) clauses: &'a [Range<usize>],
    pub(super) places: &'a Places,
    /// The words that look like people's names, by number.
    pub(super) names: &'a HashSet<usize>,
    /// What the counter has just asked for.
    pub(super) asked: Option<Slot>,
    /// Whether the conversation is about a matter already.
    pub(super) going_on: bool,
    /// Whether it sounds like danger.
    pub(super) alarm: Alarm,
}

/// What a search came to.
pub(super) struct Search<'a> {
    /// The words that were searched for.
    words: Vec<&'a str>,
    /// Whether any of them says something.
    asks: bool,
    pub(super) topics: Vec<ExplainedTopic>,
    band: Band,
    /// As [`Self::band`] at the program's own thresholds: what kind of message it is does not hang on how sure an answer
    /// has to be.
    fit: Band,
    covered: f32,
    outside: f32,
}

impl Search<'_> {
    /// Whether the judges agree on the first topic.
    pub(super) fn is_certain(&self) -> bool {
        let first = self.topics.first().filter(|_| self.fit == Band::Answer);
        first.is_some_and(|first| first.learned >= 0.5 && first.words >= 0.4)
    }

    /// Whether no judge thinks much of the first topic.
    fn is_weak(&self) -> bool {
        let weak = |first: &ExplainedTopic| first.score < 500 && first.learned < 0.3 && first.nearest < 0.45;
        self.topics.first().is_none_or(weak)
    }
}

/// One language's articles and kinds of messages.
pub(super) struct Side<'a> {
    pub(super) index: &'a Index,
    pub(super) kinds: &'a Kinds,
    pub(super) cues: &'a Cues,
}

impl Side<'_> {
    pub(super) fn consider(&self, message: Message<'_>, thresholds: Thresholds) -> Thought {
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
            search.asks && search.fit != Band::Abstain && routed
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
            search.band = band(&search.topics, thresholds, EASE_OF_A_ROUTE);
        }
        // "Men han stoler ikke på MitID" names no new matter, whatever its words resemble.
        if intent == Intent::NoEid && message.going_on && !search.is_certain() {
            search.band = Band::Abstain;
        }
        let doubt = doubt(intent, &odds, &search);
        // Whoever was asked for the matter names one.
        if message.asked != Some(Slot::Matter) && thousand(doubt) >= thresholds.doubt {
            search.band = search.band.min(Band::Choices);
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
            doubt,
            searched: search.words.into_iter().map(ToOwned::to_owned).collect(),
        }
    }

    /// Searches for what is left of a message without greeting, place, names and the words in `said`.
    pub(super) fn search<'m>(
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
        let ease = if asked == Some(Slot::Matter) { EASE_OF_A_REPLY } else { 0 };
        let (band, fit) = (band(&topics, thresholds, ease), band(&topics, Thresholds::default(), ease));
        Search { words, asks, topics, band, fit, covered: found.covered, outside: found.outside }
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
            |usual: f32, answered: f32| if search.fit == Band::Answer { answered } else { usual };
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
            unless_answered(0.6, SURE_OF_DANGER)
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
        if odd(Intent::Human) > unless_answered(0.45, 0.65) {
            return (Intent::Human, "learned");
        }
        if odd(Intent::Greeting) > unless_answered(0.5, 0.7) {
            return (Intent::Greeting, "learned");
        }
        // Somebody who cannot do it digitally, or has only just come, wants to be sent somewhere.
        let routed = search.topics.first().is_some_and(|topic| can_be_done_otherwise(&topic.topic));
        let matter = search.asks && search.fit != Band::Abstain;
        let fits = if matter { routed } else { !search.asks };
        let of_the_matter = message.going_on && search.fit != Band::Answer;
        let likely = odd(Intent::NoEid) > if fits || of_the_matter { 0.3 } else { 0.35 };
        if likely && !self.cues.wants_eid(read) {
            return (Intent::NoEid, "learned");
        }
        // A bare word ("pas") is no case, unless it says "min".
        let of_ones_own = read.len() > 2 || read.iter().any(|word| matches!(*word, "min" | "mit" | "my"));
        if odd(Intent::ConcreteCase) > 0.35 && of_ones_own {
            return (Intent::ConcreteCase, "learned");
        }
        // Two who learned it apart say whether no article answers it. The less an article fits, the sooner they are
        // believed; one that fits very well is right all the same.
        let (outside, also) = (odd(Intent::OutOfScope), search.outside);
        let surely = match search.fit {
            Band::Abstain => outside.max(also) > 0.4,
            Band::Choices => {
                outside > 0.45 || outside + also > 0.8 || (outside.max(also) > 0.05 && search.is_weak())
            }
            Band::Answer => (outside > 0.5 || outside + also > 0.9) && !search.is_certain(),
        };
        if search.asks && surely {
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

/// How likely it is after all that no article is an answer to a message: another kind of message was not much less likely,
/// or nothing that was learned is about it.
fn doubt(intent: Intent, odds: &[f32], search: &Search<'_>) -> f32 {
    // Judges who agree on an article are half an answer to the doubt whether there is one.
    let unless_certain = if search.is_certain() { 0.5 } else { 1.0 };
    let outside = search.outside * unless_certain;
    if intent != Intent::Question {
        return outside;
    }
    KINDS.iter().zip(odds).fold(outside, |most, (kind, odd)| match kind {
        Intent::ConcreteCase | Intent::Human => most.max(*odd),
        Intent::OutOfScope => most.max(*odd * unless_certain),
        // What sounds like danger has been heard before.
        Intent::Question | Intent::Danger | Intent::Greeting | Intent::Thanks | Intent::NoEid => most,
    })
}

/// How much less is enough where another way in some matter is wanted.
pub(super) const EASE_OF_A_ROUTE: u16 = 150;
/// How much less is enough for a reply to "what is the matter?".
const EASE_OF_A_REPLY: u16 = 300;

/// The band that follows from the scores. A citizen who names a matter for certain needs so much less, and the matter so
/// much less of a lead.
pub(super) fn band(topics: &[ExplainedTopic], thresholds: Thresholds, ease: u16) -> Band {
    let first = topics.first().map_or(0, |topic| topic.score);
    let second = topics.get(1).map_or(0, |topic| topic.score);
    if first + ease >= thresholds.answer
        && first.saturating_sub(second) >= thresholds.lead.saturating_sub(ease)
    {
        Band::Answer
    } else if first + ease >= thresholds.choices {
        Band::Choices
    } else {
        Band::Abstain
    }
}
