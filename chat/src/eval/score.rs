//! Sets what came of the questions against what was wanted.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};
use skranke_content::Library;
use skranke_domain::conversation::{Band, Foreign, TopicSlug};
use skranke_domain::{Lang, Tenant};

use super::question::{Item, Kind, Message, Talk};
use super::run::{Outcome, Prediction, Run, ShownCard};

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub part: u32,
    /// Of how many.
    pub of: u32,
}

impl Share {
    fn count(&mut self, holds: bool) {
        self.part += u32::from(holds);
        self.of += 1;
    }

    /// The share, 0 to 1; of nothing, 0.
    pub fn share(self) -> f64 {
        f64::from(self.part) / f64::from(self.of.max(1))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            part: u32,
            of: u32,
            share: f64,
        }
        let share = (self.share() * 10_000.0).round() / 10_000.0;
        Written { part: self.part, of: self.of, share }.serialize(to)
    }
}

/// How long turns took: half of them at most `p50_ms`, all but one in a hundred at most `p99_ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// The median, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile, in milliseconds.
    pub p99_ms: f64,
}

impl Latency {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let time = times.get((times.len() * percent).div_ceil(100).saturating_sub(1));
            (time.copied().unwrap_or_default().as_secs_f64() * 1e6).round() / 1e3
        };
        Self { p50_ms: at(50), p99_ms: at(99) }
    }
}

/// The figures of one language, or of all.
///
/// *Topical* messages are those of the kinds answer and route that name a right topic; a topic is *right* when it is the
/// line's `topic` or stands in its `accept`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// Messages whose kind was told right, of all messages.
    pub kind: Share,
    /// The same for each kind.
    pub kinds: BTreeMap<Kind, Share>,
    /// Messages whose language was told right, of all messages.
    pub language: Share,
    /// Topical messages whose likeliest topic is right, whatever the counter did with it (forced choice).
    pub topic_first: Share,
    /// Topical messages with a right topic among the three likeliest.
    pub topic_third: Share,
    /// Topical messages that were acted on with a right topic: answered, or sent on with it.
    pub direct: Share,
    /// Topical messages that were acted on with a right topic, or offered a right one among at most three.
    pub helped: Share,
    /// Messages that were answered wrongly, of all messages: acted on with a wrong topic, or acted on with any topic
    /// where none is right or the chat should have refused (a concrete case, a person wanted, no article, danger).
    pub wrong: Share,
    /// Messages of the kind `out_of_scope` that were acted on with a topic all the same.
    pub outside_answered: Share,
    /// Messages that name a municipality and were understood to name exactly that.
    pub municipality: Share,
    /// Dialogues whose last card has the expected matter, municipality and first place to go.
    pub dialogues: Share,
    /// Dialogues whose last card has the expected matter.
    pub dialogue_topic: Share,
    /// Dialogues whose last card has the expected municipality.
    pub dialogue_municipality: Share,
    /// Dialogues whose last card has the expected first place to go.
    pub dialogue_authority: Share,
    /// Lines of which a CPR number is in a stored event, as it lies there or opened with its key.
    pub cpr_leaks: u32,
    /// Lines of the program's own log that hold a CPR number. They have no language: counted in all.
    pub cpr_leaks_logged: u32,
    /// How long a turn took from message to answer, storing included.
    pub turn: Latency,
    /// How long redaction and understanding took of it.
    pub understanding: Latency,
    #[serde(skip)]
    turns: Vec<Duration>,
    #[serde(skip)]
    thoughts: Vec<Duration>,
}

/// The figures of all lines, and of each language by its tag.
///
/// `logged` is what the program logged meanwhile.
pub fn score(run: &Run, library: &Library, logged: &str) -> (Figures, BTreeMap<String, Figures>) {
    let mut all = Figures::default();
    let mut languages: BTreeMap<String, Figures> = BTreeMap::new();
    for (item, outcome) in &run.outcomes {
        let leaked = run.leaked.iter().any(|id| id == item.id());
        let language = languages.entry(item.lang().to_owned()).or_default();
        for figures in [&mut all, language] {
            figures.add(item, outcome, library);
            figures.cpr_leaks += u32::from(leaked);
        }
    }
    all.cpr_leaks_logged = u32::try_from(run.leaks_in(logged)).unwrap_or(u32::MAX);
    for figures in languages.values_mut().chain([&mut all]) {
        figures.turn = Latency::of(std::mem::take(&mut figures.turns));
        figures.understanding = Latency::of(std::mem::take(&mut figures.thoughts));
    }
    (all, languages)
}

impl Figures {
    fn add(&mut self, item: &Item, outcome: &Outcome, library: &Library) {
        self.turns.extend(outcome.turns().iter().map(|turn| turn.turn));
        self.thoughts.extend(outcome.turns().iter().map(|turn| turn.understanding));
        match (item, outcome) {
            (Item::Message(message), Outcome::Message { prediction, .. }) => {
                self.message(message, prediction, library);
            }
            (Item::Talk(talk), Outcome::Talk { card, .. }) => self.dialogue(talk, card.as_ref(), library),
            (Item::Message(_), Outcome::Talk { .. }) | (Item::Talk(_), Outcome::Message { .. }) => {}
        }
    }

    fn message(&mut self, wanted: &Message, told: &Prediction, library: &Library) {
        self.kind.count(told.kind == wanted.kind);
        self.kinds.entry(wanted.kind).or_default().count(told.kind == wanted.kind);
        self.language.count(is_language(told, &wanted.lang));
        let right = |topic: &TopicSlug| wanted.topic.as_ref() == Some(topic) || wanted.accept.contains(topic);
        let first = told.topics.first().is_some_and(right);
        let any = told.topics.iter().any(right);
        let acted = told.band == Band::Answer;
        let may_be_answered = matches!(wanted.kind, Kind::Answer | Kind::Route | Kind::Cpr);
        if matches!(wanted.kind, Kind::Answer | Kind::Route) && wanted.topic.is_some() {
            self.topic_first.count(first);
            self.topic_third.count(any);
            self.direct.count(acted && first);
            self.helped.count((acted && first) || (told.band == Band::Choices && any));
        }
        self.wrong.count(acted && !(may_be_answered && first));
        if wanted.kind == Kind::OutOfScope {
            self.outside_answered.count(acted);
        }
        if let Some(place) = &wanted.municipality {
            self.municipality.count(told.place.is_some() && told.place == place_named(library, place));
        }
    }

    fn dialogue(&mut self, talk: &Talk, card: Option<&ShownCard>, library: &Library) {
        let wanted = &talk.expect;
        let topic = card.is_some_and(|card| card.topic == wanted.topic);
        let place = |name: &String| {
            card.is_some_and(|card| card.place.is_some() && card.place == place_named(library, name))
        };
        let municipality = wanted.municipality.as_ref().is_none_or(place);
        let first = |card: &ShownCard| {
            wanted.authority.as_ref().is_none_or(|first| *first == card.authority)
                || wanted.accept_authority.contains(&card.authority)
        };
        let authority = card.is_some_and(first);
        self.dialogues.count(topic && municipality && authority);
        self.dialogue_topic.count(topic);
        self.dialogue_municipality.count(card.is_some() && municipality);
        self.dialogue_authority.count(authority);
    }
}

fn is_language(told: &Prediction, wanted: &str) -> bool {
    let foreign = match wanted.get(..2).unwrap_or(wanted) {
        "da" => return told.foreign.is_none() && told.lang == Lang::Da,
        "en" => return told.foreign.is_none() && told.lang == Lang::En,
        "de" => Foreign::De,
        "pl" => Foreign::Pl,
        "uk" => Foreign::Uk,
        "ar" => Foreign::Ar,
        "tr" => Foreign::Tr,
        "sv" => Foreign::Sv,
        "nb" | "nn" | "no" => Foreign::No,
        _ => Foreign::Other,
    };
    told.foreign == Some(foreign)
}

/// The municipality with a name, slug or code; `None` when nobody calls one so.
pub(super) fn place_named(library: &Library, name: &str) -> Option<Tenant> {
    let wanted = name.trim().to_lowercase();
    let is = |own: &str| own.to_lowercase() == wanted;
    let known = library.municipalities();
    let exact = known.iter().find(|place| {
        is(&place.name)
            || is(&place.official_name)
            || is(&place.slug)
            || is(&place.code.to_string())
            || is(place.code.code3())
    });
    exact
        .or_else(|| known.iter().find(|place| place.aliases.iter().any(|alias| is(alias))))
        .map(|place| place.code)
}
