//! What a message says by the way: that it takes something back, for whom it is written, that its writer has no
//! address or will not tell it, and that it names more than one matter.
//!
//! The words stand in `asides.txt`. They change nothing of what a message asks; they tell how it goes on from what was
//! said before.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::Range;

use skranke_domain::conversation::{
    Aside, Band, Dialogue, Intent, Kin, Minor, Place, Retort, Scored, Slot, TopicSlug,
};

use super::Thresholds;
use super::lists::{Lists, Phrase, find, has};
use super::normalise::Word;
use super::place::Places;
use super::side::{Message, Side, Thought, band};

/// How many parts of one message are looked at by themselves.
const MOST_PARTS: usize = 8;
/// What it speaks for a topic that it was offered for the message before.
const OFFERED_BEFORE: u16 = 200;
/// The highest score.
const SURE: u16 = 1000;
/// How many further matters are kept of one message.
const MOST_ALSO: usize = 3;
/// Topics that are about the digital way itself: whoever tells that it fails asks for none of them.
const THE_DIGITAL_WAY: [&str; 7] = [
    "mitid",
    "nemid",
    "digital-hjaelp",
    "obligatorisk-selvbetjening",
    "fritagelse-selvbetjening",
    "hvem-gaelder-det",
    "blanket",
];
/// Topics that somebody seems to ask for who only tells where they have moved to.
const OF_MOVING: [&str; 5] = ["flytning", "indrejse", "udrejse", "adressebeskyttelse", "folkeregisterattest"];
/// Who children are taken for when they tell their age: others have grandchildren of it.
const AGES: std::ops::RangeInclusive<u8> = 8..=17;
/// What an age is not measured in.
const NO_YEARS: [&str; 12] = [
    "uger", "uge", "weeks", "week", "maaneder", "months", "dage", "days", "minutter", "minutes", "procent",
    "boern",
];

/// The lists.
#[derive(Debug)]
pub(crate) struct Asides {
    corrects: Vec<Phrase>,
    beside_place: HashSet<&'static str>,
    yes: Answers,
    no: Answers,
    declines: Vec<Phrase>,
    no_place: Vec<Phrase>,
    no_answer: Vec<Phrase>,
    no_address: Vec<Phrase>,
    only_paper: Vec<Phrase>,
    digital: Vec<Phrase>,
    fails: HashSet<&'static str>,
    asks: HashSet<&'static str>,
    wants: Vec<Phrase>,
    moved: Vec<Phrase>,
    for_other: Vec<Phrase>,
    can: HashSet<&'static str>,
    not_for: HashSet<&'static str>,
    kin: Vec<(Kin, Vec<Phrase>)>,
    and: HashSet<&'static str>,
}

/// Words that make a bare answer, and those that may stand around them.
#[derive(Debug)]
struct Answers {
    these: HashSet<&'static str>,
    around: HashSet<&'static str>,
}

impl Answers {
    fn are(&self, read: &[&str]) -> bool {
        let known = |word: &&str| self.these.contains(*word) || self.around.contains(*word);
        (1..=6).contains(&read.len())
            && read.iter().all(known)
            && read.iter().any(|word| self.these.contains(word))
    }
}

impl Asides {
    /// Reads the lists.
    pub(crate) fn new() -> Self {
        let lists = Lists::of(include_str!("asides.txt"));
        let (words, phrases) = (|name: &str| lists.words(name), |name: &str| lists.phrases(name));
        let answers = |name: &str| {
            let mut rows = lists.rows(name);
            Answers { these: rows.next().into_iter().flatten().collect(), around: rows.flatten().collect() }
        };
        let kin = [
            (Kin::Mother, "mother"),
            (Kin::Father, "father"),
            (Kin::Parents, "parents"),
            (Kin::Grandparent, "grandparent"),
            (Kin::Partner, "partner"),
            (Kin::Son, "son"),
            (Kin::Daughter, "daughter"),
            (Kin::Sibling, "sibling"),
            (Kin::Neighbour, "neighbour"),
            (Kin::Other, "other"),
        ];
        Self {
            corrects: phrases("corrects"),
            beside_place: words("beside-place"),
            yes: answers("yes"),
            no: answers("no"),
            declines: phrases("declines"),
            no_place: phrases("no-place"),
            no_answer: phrases("no-answer"),
            no_address: phrases("no-address"),
            only_paper: phrases("only-paper"),
            digital: phrases("digital"),
            fails: words("fails"),
            asks: words("asks"),
            wants: phrases("wants"),
            moved: phrases("moved"),
            for_other: phrases("for-other"),
            can: words("can"),
            not_for: words("not-for"),
            kin: kin.into_iter().map(|(kin, name)| (kin, phrases(name))).collect(),
            and: words("and"),
        }
    }

    /// Whether the citizen has no municipality, or will not or cannot name it. In a conversation that is about something
    /// less will say so, and to the question for it still less.
    pub(crate) fn withholds_place(&self, read: &[&str], dialogue: &Dialogue) -> bool {
        let asked = dialogue.routing.as_ref().and_then(|routing| routing.asked);
        [&self.no_address, &self.no_place].into_iter().any(|list| has(read, list))
            || (dialogue.under_way().is_some() && has(read, &self.declines))
            || (asked == Some(Slot::Municipality) && has(read, &self.no_answer))
    }

    /// What a message says by the way. The words that say nothing else are marked as used, so that nobody searches for
    /// them.
    pub(crate) fn hear(&self, raw: &str, words: &[Word], read: &[&str], places: &mut Places) -> Aside {
        let says_nothing_else = |n: usize| {
            let number = read[n].bytes().all(|byte| byte.is_ascii_digit());
            places.used.contains(&n) || self.beside_place.contains(read[n]) || number
        };
        let only_place = places.place != Place::None && (0..read.len()).all(says_nothing_else);
        let no_address = find(read, &self.no_address);
        places.used.extend(no_address.clone().into_iter().flatten());
        if let Some(paper) = find(read, &self.only_paper) {
            places.used.extend(paper);
        }
        let retort = if self.yes.are(read) {
            Retort::Yes
        } else if self.no.are(read) {
            Retort::No
        } else if has(read, &self.corrects) {
            Retort::Corrects
        } else {
            Retort::None
        };
        Aside {
            also: Vec::new(),
            for_other: self.written_for(read),
            minor: age(read).and_then(Minor::of),
            no_address: no_address.is_some(),
            retort,
            only_place,
            tells_no_eid: self.tells_no_eid(raw, words, read),
            tells_move: has(read, &self.moved),
            namesakes: places.namesakes.clone(),
        }
    }

    /// "Mit MitID er spærret", "hun har ikke noget digitalt": told, not asked.
    fn tells_no_eid(&self, raw: &str, words: &[Word], read: &[&str]) -> bool {
        let digital = find(read, &self.digital);
        let fails = read.iter().any(|word| self.fails.contains(word));
        // "Kan ikke finde ud af nettet" is no question.
        let asks = |n: usize| {
            let negated = read.get(n + 1).is_some_and(|next| self.fails.contains(next));
            self.asks.contains(read[n]) && !negated
        };
        let opens = words.iter().enumerate().any(|(n, word)| word.opens && asks(n));
        let wants = has(read, &self.wants);
        digital.is_some() && fails && !opens && !wants && !raw.contains('?')
    }

    /// "Min mor kan ikke …", "jeg hjælper min nabo".
    fn written_for(&self, read: &[&str]) -> Option<Kin> {
        if read.iter().any(|word| self.not_for.contains(word)) {
            return None;
        }
        self.kin.iter().find_map(|(kin, phrases)| {
            let named = find(read, phrases)?;
            let before = read.get(..named.start).unwrap_or_default();
            let helped = self.for_other.iter().any(|phrase| before.ends_with(phrase));
            let acts = read.get(named.end).is_some_and(|next| self.can.contains(next));
            (helped || acts).then_some(*kin)
        })
    }

    /// What follows once it is known which matters a message names: the others are found, and the one that is wanted now
    /// comes first.
    pub(super) fn settle(
        &self,
        aside: &mut Aside,
        thought: &mut Thought,
        (side, message, thresholds): (&Side<'_>, Message<'_>, Thresholds),
        dialogue: &Dialogue,
    ) {
        aside.tells_move &=
            thought.topics.first().is_some_and(|best| OF_MOVING.contains(&best.topic.as_str()));
        let names_a_matter = thought.band == Band::Answer
            && thought.topics.first().is_some_and(|best| !is_digital(&best.topic));
        aside.tells_no_eid &= !names_a_matter;
        let told_digital = thought.topics.first().filter(|best| is_digital(&best.topic));
        if aside.tells_no_eid && thought.band == Band::Answer && dialogue.under_way().is_some() {
            // The digital way is what fails, and may be asked about afterwards.
            aside.also.extend(told_digital.map(|best| best.topic.clone()).filter(TopicSlug::can_be_routed));
        }
        if !matches!(thought.intent, Intent::Question | Intent::NoEid) {
            return;
        }
        if thought.band == Band::Choices {
            narrow(thought, thresholds, &dialogue.offered);
        }
        let named = self.matters(side, message, thresholds);
        let best = thought.topics.first().map(|best| &best.topic);
        // "The bike is reported already, I just need the doctor": what was answered before is not asked for again.
        let answered = best.is_some() && best == dialogue.topic.as_ref();
        let undecided = thought.band == Band::Choices && best.is_some_and(|best| is_among(best, &named));
        let main = match named.as_slice() {
            named if answered => named.iter().find(|named| Some(&named.topic) != best),
            [first, _, ..] if undecided => Some(first),
            _ => None,
        };
        if let Some(main) = main
            && let Some(at) = thought.topics.iter().position(|topic| topic.topic == main.topic)
        {
            let topic = thought.topics.remove(at);
            thought.topics.insert(0, topic);
            thought.band = Band::Answer;
        }
        let best = thought.topics.first().map(|best| best.topic.clone());
        let others = named.into_iter().map(|named| named.topic).filter(|topic| Some(topic) != best.as_ref());
        aside.also.extend(others.take(MOST_ALSO));
    }

    /// The matters that the parts of a message name surely, each once, in their order.
    fn matters(&self, side: &Side<'_>, message: Message<'_>, thresholds: Thresholds) -> Vec<Scored> {
        let mut named: Vec<Scored> = Vec::new();
        let parts = self.parts(message);
        if parts.len() < 2 {
            return named;
        }
        let without_eid = side.cues.without_eid(message.read, side.kinds.lang());
        for part in parts {
            let outside = (0..message.read.len()).filter(|n| !part.contains(n));
            let mut left_out: HashSet<usize> = outside.collect();
            left_out.extend(without_eid.iter().flat_map(|without| without.said.iter().copied()));
            let search = side.search(message, 0, &left_out, thresholds);
            let Some(best) = search.topics.first().filter(|_| search.is_certain()) else { continue };
            if best.topic.can_be_routed() && !is_digital(&best.topic) && !is_among(&best.topic, &named) {
                named.push(Scored { topic: best.topic.clone(), score: best.score });
            }
        }
        named
    }

    /// The parts that may name a matter each: clauses, cut again at "og".
    fn parts(&self, message: Message<'_>) -> Vec<Range<usize>> {
        let read = message.read;
        let mut cuts: Vec<usize> = message.clauses.iter().map(|clause| clause.start).collect();
        cuts.extend((0..read.len()).filter(|n| self.and.contains(read[*n])));
        cuts.push(0);
        cuts.push(read.len());
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|cut| cut[0]..cut[1]).filter(|part| part.len() > 1).take(MOST_PARTS).collect()
    }
}

/// Other words after an offer speak for what was offered and fits them, too.
fn narrow(thought: &mut Thought, thresholds: Thresholds, offered: &[TopicSlug]) {
    let mut again = false;
    for found in thought.topics.iter_mut().filter(|found| offered.contains(&found.topic)) {
        found.score = SURE.min(found.score + OFFERED_BEFORE);
        again = true;
    }
    if !again {
        // Whatever made it no answer stands.
        return;
    }
    thought.topics.sort_by_key(|found| Reverse(found.score));
    thought.band = thought.band.max(band(&thought.topics, thresholds, 0));
}

fn is_digital(topic: &TopicSlug) -> bool {
    THE_DIGITAL_WAY.contains(&topic.as_str())
}

fn is_among(topic: &TopicSlug, named: &[Scored]) -> bool {
    named.iter().any(|named| named.topic == *topic)
}

/// The age that somebody gives as their own: "jeg er 14", "I'm 16".
fn age(read: &[&str]) -> Option<u8> {
    let own = |at: usize| {
        let before = |n: usize| at.checked_sub(n).and_then(|n| read.get(n)).copied();
        matches!(
            (before(2), before(1)),
            (Some("jeg"), Some("er")) | (Some("i"), Some("am")) | (_, Some("im"))
        )
    };
    let years = |at: usize| !read.get(at + 1).is_some_and(|next| NO_YEARS.contains(next));
    (0..read.len())
        .filter(|at| own(*at) && years(*at))
        .find_map(|at| read[at].parse().ok().filter(|age| AGES.contains(age)))
}

#[cfg(test)]
mod tests {
    use super::super::normalise;
    use super::*;

    fn hear(text: &str) -> Aside {
        let words = normalise::words(text);
        let read: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        Asides::new().hear(text, &words, &read, &mut Places::default())
    }

    #[test]
    fn every_list_is_there() {
        let asides = Asides::new();
        let phrases = [
            &asides.corrects,
            &asides.declines,
            &asides.no_place,
            &asides.no_answer,
            &asides.no_address,
            &asides.only_paper,
            &asides.digital,
            &asides.wants,
            &asides.moved,
            &asides.for_other,
        ];
        assert!(phrases.iter().all(|list| !list.is_empty()));
        let words = [
            &asides.beside_place,
            &asides.fails,
            &asides.asks,
            &asides.can,
            &asides.not_for,
            &asides.and,
            &asides.yes.these,
            &asides.yes.around,
            &asides.no.these,
            &asides.no.around,
        ];
        assert!(words.iter().all(|list| !list.is_empty()));
        assert!(asides.kin.iter().all(|(_, phrases)| !phrases.is_empty()));
    }

    #[test]
    fn a_retort_is_short_or_takes_back() {
        for (text, retort) in [
            ("ja tak", Retort::Yes),
            ("Det næste, tak", Retort::Yes),
            ("nej tak", Retort::No),
            ("none of these", Retort::No),
            ("nej, jeg mente pas", Retort::Corrects),
            ("sorry, I meant Odense", Retort::Corrects),
            ("ja jeg er i en a-kasse", Retort::None),
            ("hvordan får jeg pas", Retort::None),
        ] {
            assert_eq!(hear(text).retort, retort, "{text}");
        }
    }

    #[test]
    fn ages_are_ones_own_and_in_years() {
        for (text, minor) in [
            ("jeg er 14, må jeg flytte hjemmefra", Some(Minor::UnderFifteen)),
            ("I'm 16 and moving in with my sister", Some(Minor::UnderEighteen)),
            ("jeg er 18 år", None),
            ("min søn er 16", None),
            ("jeg er 12 uger henne", None),
            ("jeg er 82", None),
        ] {
            assert_eq!(hear(text).minor, minor, "{text}");
        }
    }

    #[test]
    fn somebody_else_is_written_for_when_they_want_something() {
        for (text, kin) in [
            ("min mor har ikke mitid", Some(Kin::Mother)),
            ("jeg skriver for min nabo", Some(Kin::Neighbour)),
            ("my dad needs a new passport", Some(Kin::Father)),
            ("min kone og jeg skal flytte", None),
            ("min mor er død", None),
            ("min mor hjælper mig", None),
        ] {
            assert_eq!(hear(text).for_other, kin, "{text}");
        }
    }

    #[test]
    fn that_the_digital_way_fails_is_told_or_asked() {
        for text in [
            "Mit MitID er spærret.",
            "hun har ikke noget digitalt",
            "my MitID doesn't work",
            "kan ikke finde ud af nettet",
        ] {
            assert!(hear(text).tells_no_eid, "{text}");
        }
        for text in [
            "hvordan får jeg mitid?",
            "hvad gør jeg når mitid er spærret",
            "jeg vil gerne have mitid, har ikke noget",
            "nyt pas",
        ] {
            assert!(!hear(text).tells_no_eid, "{text}");
        }
    }
}
