//! Puts questions to the counter, each in a conversation of its own, and reads back from the log what came of them.

use std::time::{Duration, Instant};

use serde::{Serialize, Serializer};
use skranke_domain::conversation::{
    Band, ChatChannel, ConversationEvent, Dialogue, Foreign, Intent, Removed, Slot, TopicSlug, Withheld,
};
use skranke_domain::sealed::Seen;
use skranke_domain::{ConversationId, Lang, Tenant};

use super::leak;
use super::question::{Half, Item, Kind};
use crate::counter::{Counter, CounterFailure, Incoming, Standing, conversation_of};
use crate::understanding::{Explanation, Hint};

/// How many topics a prediction names.
const MOST_TOPICS: usize = 3;

/// What the counter made of one message.
#[derive(Clone, Debug, Serialize)]
pub struct Prediction {
    /// The kind of message, as the counter acted on it.
    pub kind: Kind,
    /// Whether it acted on one topic (`answer`), offered several (`choices`), or neither (`abstain`).
    pub band: Band,
    /// The topics it held likeliest, best first: those it acted on, then the next best of the understanding.
    pub topics: Vec<TopicSlug>,
    /// The municipality that the conversation is about from then on, by its everyday name.
    pub municipality: Option<String>,
    /// Whether anything personal was removed from the message.
    pub redacted: bool,
    /// How long the whole turn took, the durable storing of both sides included.
    #[serde(rename = "ms", serialize_with = "milliseconds")]
    pub turn: Duration,
    /// How long it took to redact and understand the message.
    #[serde(skip)]
    pub understanding: Duration,
    /// The language it was taken for.
    #[serde(skip)]
    pub lang: Lang,
    /// Another language that was recognised.
    #[serde(skip)]
    pub foreign: Option<Foreign>,
    /// The municipality's code.
    #[serde(skip)]
    pub place: Option<Tenant>,
}

/// A card as far as a dialogue is judged by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownCard {
    /// The matter.
    pub topic: TopicSlug,
    /// The municipality, by its everyday name; `None` when the card holds for all.
    pub municipality: Option<String>,
    /// Where to go first.
    pub authority: String,
    /// The municipality's code.
    #[serde(skip)]
    pub place: Option<Tenant>,
}

/// What came of one line. Serialised, it is a line of the predictions file.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Of a message.
    Message {
        /// The line's id.
        id: String,
        /// What the counter made of it.
        #[serde(flatten)]
        prediction: Box<Prediction>,
    },
    /// Of a dialogue.
    Talk {
        /// The line's id.
        id: String,
        /// What the counter made of each turn.
        turns: Vec<Prediction>,
        /// The last card it showed.
        card: Option<ShownCard>,
    },
}

impl Outcome {
    /// What the counter made of each message.
    pub fn turns(&self) -> &[Prediction] {
        match self {
            Self::Message { prediction, .. } => std::slice::from_ref(&**prediction),
            Self::Talk { turns, .. } => turns,
        }
    }
}

/// What came of all lines.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Each line with what came of it.
    pub outcomes: Vec<(Item, Outcome)>,
    /// The lines of which a CPR number is in a stored event: as it lies in the log, or opened with its key.
    pub leaked: Vec<String>,
    /// Every CPR number that was written, to look for elsewhere.
    numbers: Vec<String>,
}

impl Run {
    /// One half of it.
    #[must_use]
    pub fn half(&self, half: Half) -> Self {
        let outcomes = self.outcomes.iter().filter(|(item, _)| Half::of(item.id()) == half);
        let leaked = self.leaked.iter().filter(|id| Half::of(id) == half);
        Self {
            outcomes: outcomes.cloned().collect(),
            leaked: leaked.cloned().collect(),
            numbers: self.numbers.clone(),
        }
    }

    /// Counts the lines of a text (the program's own log) that hold a CPR number which a citizen wrote.
    pub fn leaks_in(&self, text: &str) -> usize {
        text.lines().filter(|line| leak::holds(line, &self.numbers)).count()
    }
}

/// Puts every line to the counter. Its log should be a throw-away one: each line becomes a conversation in it.
pub async fn run(counter: &Counter, items: Vec<Item>) -> Result<Run, CounterFailure> {
    let mut run = Run::default();
    for (number, item) in items.into_iter().enumerate() {
        let conversation = conversation_of(format!("evaluation {number}").as_bytes());
        let outcome = ask(counter, conversation, &item).await?;
        let numbers: Vec<String> = item.texts().iter().flat_map(|text| leak::numbers(text)).collect();
        // A message that is told to hold a number must have lost it, in whatever way the number is written.
        let kept = matches!(&item, Item::Message(message) if message.kind == Kind::Cpr)
            && !outcome.turns().iter().any(|turn| turn.redacted);
        if kept || (!numbers.is_empty() && is_stored(counter, conversation, &numbers).await?) {
            run.leaked.push(item.id().to_owned());
        }
        run.numbers.extend(numbers);
        run.outcomes.push((item, outcome));
    }
    Ok(run)
}

async fn ask(
    counter: &Counter,
    conversation: ConversationId,
    item: &Item,
) -> Result<Outcome, CounterFailure> {
    // Other languages are written on the Danish page, as it opens.
    let page = Lang::from_tag(item.lang());
    let mut turns = Vec::new();
    for (number, text) in item.texts().iter().enumerate() {
        turns.push(turn(counter, conversation, text, page, number).await?);
    }
    let id = item.id().to_owned();
    Ok(match item {
        Item::Talk(_) => Outcome::Talk { id, turns, card: card(counter, conversation).await? },
        Item::Message(_) => {
            let prediction = Box::new(turns.remove(0));
            Outcome::Message { id, prediction }
        }
    })
}

async fn turn(
    counter: &Counter,
    conversation: ConversationId,
    text: &str,
    page: Lang,
    number: usize,
) -> Result<Prediction, CounterFailure> {
    let dialogue = dialogue(counter, conversation).await?;
    let started = Instant::now();
    let thought = counter.learned().understanding.explain(text, &Hint { page, dialogue });
    let understanding = started.elapsed();

    let started = Instant::now();
    let key = number.to_string();
    counter.hear(conversation, ChatChannel::Web, Incoming::Text(text.to_owned()), Some(page), &key).await?;
    let turn = started.elapsed();

    let events = counter.told(conversation).await?;
    let heard = |event: &ConversationEvent| matches!(event, ConversationEvent::MessageReceived(_));
    let (removed, said) = match events.iter().rposition(heard) {
        Some(at) => (removed(&events[at]), events[at..].iter().rev().find(|event| event.reply().is_some())),
        None => (Removed::default(), None),
    };
    let after = self::dialogue(counter, conversation).await?;
    let (band, acted_on) = band(said, &after);
    let mut topics = acted_on;
    for next in thought.topics.iter().map(|topic| &topic.topic) {
        if !topics.contains(next) {
            topics.push(next.clone());
        }
    }
    topics.truncate(MOST_TOPICS);
    Ok(Prediction {
        kind: kind(said, &thought, removed),
        band,
        topics,
        municipality: after.municipality.map(|code| name(counter, code)),
        redacted: removed.any(),
        turn,
        understanding,
        lang: thought.lang,
        foreign: thought.foreign,
        place: after.municipality,
    })
}

async fn dialogue(counter: &Counter, conversation: ConversationId) -> Result<Dialogue, CounterFailure> {
    Ok(match counter.standing(conversation).await? {
        Standing::Going(dialogue) => *dialogue,
        Standing::New | Standing::Ended => Dialogue::default(),
    })
}

const fn removed(event: &ConversationEvent) -> Removed {
    match event {
        ConversationEvent::MessageReceived(message) => message.removed,
        _ => Removed { cpr: 0, card: 0, email: 0, phone: 0 },
    }
}

/// The kind of message that the counter acted on.
fn kind(said: Option<&ConversationEvent>, thought: &Explanation, removed: Removed) -> Kind {
    use ConversationEvent as Event;
    let asked = if thought.intent == Intent::NoEid { Kind::Route } else { Kind::Answer };
    match said {
        Some(Event::SafetyAdviceGiven(_)) => Kind::Emergency,
        _ if removed.cpr > 0 => Kind::Cpr,
        Some(Event::RoutedToAuthority(_) | Event::DetailAsked(_)) => Kind::Route,
        // The article about ways without a screen is where somebody who has none is sent.
        Some(Event::AnswerGiven(_)) => asked,
        Some(Event::AnswerWithheld(withheld)) => match withheld.reason {
            // Somebody who writes another language gets a text in it, whatever was asked.
            Withheld::Unsure | Withheld::OtherLanguage => asked,
            Withheld::ConcreteCase => Kind::ConcreteCase,
            Withheld::PersonWanted => Kind::Human,
            Withheld::SmallTalk => Kind::Greeting,
            Withheld::OnlyRemoved => Kind::Cpr,
            Withheld::Unknown => Kind::OutOfScope,
        },
        Some(Event::HandedOver(_)) => Kind::Human,
        _ => Kind::OutOfScope,
    }
}

/// How sure the counter acted, and on which topics.
fn band(said: Option<&ConversationEvent>, after: &Dialogue) -> (Band, Vec<TopicSlug>) {
    use ConversationEvent as Event;
    match said {
        Some(Event::AnswerGiven(answer)) => (Band::Answer, vec![answer.topic.clone()]),
        Some(Event::RoutedToAuthority(routed)) => (Band::Answer, vec![routed.topic.clone()]),
        // It asks for the municipality because it is sure of the matter.
        Some(Event::DetailAsked(asked)) => match after.routing.as_ref().and_then(|route| route.topic.clone())
        {
            Some(topic) if asked.slot == Slot::Municipality => (Band::Answer, vec![topic]),
            _ => (Band::Abstain, Vec::new()),
        },
        Some(Event::AnswerWithheld(withheld)) if withheld.reason == Withheld::Unsure => {
            (Band::Choices, withheld.offered.clone())
        }
        // In another language topics are only ever offered.
        Some(Event::AnswerWithheld(withheld))
            if withheld.reason == Withheld::OtherLanguage && !withheld.offered.is_empty() =>
        {
            (Band::Choices, withheld.offered.clone())
        }
        _ => (Band::Abstain, Vec::new()),
    }
}

async fn card(counter: &Counter, conversation: ConversationId) -> Result<Option<ShownCard>, CounterFailure> {
    let events = counter.told(conversation).await?;
    let shown =
        events.iter().rev().filter_map(ConversationEvent::reply).find_map(|reply| match reply.see() {
            Seen::Open(reply) => reply.card.as_ref(),
            Seen::Locked | Seen::Erased => None,
        });
    Ok(shown.map(|card| ShownCard {
        topic: card.topic.clone(),
        municipality: card.municipality.map(|code| name(counter, code)),
        authority: card.front_desk.clone(),
        place: card.municipality,
    }))
}

fn name(counter: &Counter, code: Tenant) -> String {
    counter.library().municipality(code).map_or_else(|| code.to_string(), |place| place.name.clone())
}

/// Whether one of the numbers is in a stored event of a conversation.
async fn is_stored(
    counter: &Counter,
    conversation: ConversationId,
    numbers: &[String],
) -> Result<bool, CounterFailure> {
    let raw = counter.recorded(conversation).await?;
    let opened = counter.told(conversation).await?;
    let written = opened.iter().any(|event| match event {
        ConversationEvent::MessageReceived(message) => {
            matches!(message.text.see(), Seen::Open(text) if leak::holds(text, numbers))
        }
        _ => false,
    });
    let answered = opened.iter().filter_map(ConversationEvent::reply).any(|reply| match reply.see() {
        Seen::Open(reply) => serde_json::to_string(reply).is_ok_and(|text| leak::holds(&text, numbers)),
        Seen::Locked | Seen::Erased => false,
    });
    let lies_there = |bytes: &[u8]| leak::holds(&String::from_utf8_lossy(bytes), numbers);
    let sealed = raw.iter().any(|event| lies_there(&event.data) || lies_there(&event.metadata));
    Ok(written || answered || sealed)
}

fn milliseconds<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64((time.as_secs_f64() * 1e6).round() / 1e3)
}
