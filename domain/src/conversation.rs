//! A conversation at the counter (samtale): one pure state machine.
//!
//! The chat room understands a message ([`Heard`]) and puts replies into words ([`Voice`]); what happens next is
//! decided here, in [`Dialogue::next`], from the state and what was heard. Every turn is events, so a conversation
//! can be replayed, and re-run against a newer knowledge base. Nothing here can see a case: there is no way to ask.

mod command;
mod event;
mod heard;
mod refusal;
mod reply;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::{ConversationCommand, Voice, Words};
pub use event::{
    AnswerGiven, AnswerWithheld, ChatChannel, ConversationEnded, ConversationEvent, ConversationStarted,
    DetailAsked, FeedbackGiven, HandedOver, MatterNamed, MessageReceived, MunicipalityNamed,
    RoutedToAuthority, SafetyAdviceGiven, Withheld,
};
pub use heard::{Band, Choice, Foreign, Heard, Intent, Place, Redacted, Removed, Scored, TopicSlug};
pub use refusal::ConversationRefusal;
pub use reply::{Button, Card, CardLine, LinkTo, Open, Reply, Source, Tone};

use crate::Lang;
use crate::id::{StreamId, Tenant};

/// A detail that a route still needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// Which matter (hvad drejer det sig om).
    Matter,
    /// Which municipality.
    Municipality,
}

/// What to do next. The voice puts it into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Acute danger: 112 and the life-line, before everything else.
    Safety,
    /// Answer from one article.
    Answer {
        /// Which.
        topic: TopicSlug,
        /// How sure, 0 to 1000.
        score: u16,
        /// The next best topic.
        runner_up: Option<TopicSlug>,
    },
    /// "Mener du …?"
    Offer {
        /// At most three topics.
        topics: Vec<TopicSlug>,
    },
    /// Say that the counter does not know, offer the two nearest topics and a person.
    Abstain {
        /// At most two topics, and none that is far off.
        nearest: Vec<TopicSlug>,
    },
    /// Ask for a detail.
    Ask {
        /// Which.
        slot: Slot,
        /// Municipalities to choose among, when the place was ambiguous.
        among: Vec<Tenant>,
    },
    /// Show the card: who decides, where to go first.
    Route {
        /// The matter.
        topic: TopicSlug,
        /// The municipality; `None` when the citizen cannot or does not want to name one.
        municipality: Option<Tenant>,
    },
    /// The counter cannot see cases; say who can be asked.
    ConcreteCase {
        /// The matter, if it was named.
        topic: Option<TopicSlug>,
    },
    /// Offer a person: the hotline, a call-back, a written inquiry.
    Person,
    /// Greet.
    Greet,
    /// Answer a thank-you.
    Welcome,
    /// A short text in another language, with the choice of Danish or English.
    Foreign(Foreign),
    /// The message held nothing to answer once personal numbers were removed.
    OnlyRemoved,
}

/// A route under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    /// The matter, once known.
    pub topic: Option<TopicSlug>,
    /// What was asked for last.
    pub asked: Option<Slot>,
}

/// Where the dialogue stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialogue {
    /// The language of the last reply.
    pub lang: Lang,
    /// The municipality, once named; it is remembered for the whole conversation.
    pub municipality: Option<Tenant>,
    /// The matter talked about last.
    pub topic: Option<TopicSlug>,
    /// The last one in which somebody decides: a question about the hotline in between does not lose it.
    #[serde(default)]
    pub decided: Option<TopicSlug>,
    /// A route under way.
    pub routing: Option<Routing>,
    /// How many times in a row the counter could not answer.
    pub unsure: u8,
    /// How many messages the citizen has sent.
    pub messages: u32,
}

/// A conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Conversation {
    /// Nothing was said yet.
    #[default]
    New,
    /// Going on.
    Going(Dialogue),
    /// Ended by the citizen.
    Ended,
}

impl Dialogue {
    /// What follows from what was heard. Total: every message gets a move.
    pub fn next(&self, heard: &Heard) -> Move {
        // Danger comes before everything, whatever else the message holds.
        if heard.intent == Intent::Danger {
            return Move::Safety;
        }
        if let Some(choice) = &heard.choice {
            return self.chosen(choice);
        }
        if heard.is_empty() {
            return if heard.removed.any() { Move::OnlyRemoved } else { Move::Greet };
        }
        if heard.removed.any() && heard.asks_nothing() {
            return Move::OnlyRemoved;
        }
        if let Some(foreign) = heard.foreign {
            return Move::Foreign(foreign);
        }
        // "Det vil jeg ikke sige": what holds everywhere is said, and nobody is pressed.
        if heard.place == Place::Withheld && heard.band != Band::Answer && self.matter().is_some() {
            return self.route(heard);
        }
        match heard.intent {
            // A question about one's own case is never answered with general knowledge as if it were about the case.
            Intent::ConcreteCase => {
                // Only a matter that somebody decides tells whom to ask.
                let named = heard.best_in(Band::Answer).filter(TopicSlug::can_be_routed);
                Move::ConcreteCase { topic: named.or_else(|| self.matter()) }
            }
            Intent::Human => Move::Person,
            Intent::Greeting => Move::Greet,
            Intent::Thanks => Move::Welcome,
            // "Ingen MitID, hvem hjælper mig på nettet?": nobody decides in it, but there is an article.
            Intent::NoEid
                if heard.place == Place::None
                    && heard.best_in(Band::Answer).is_some_and(|best| !best.can_be_routed()) =>
            {
                self.answer(heard)
            }
            Intent::NoEid => self.route(heard),
            Intent::Question if self.answers_the_question_asked(heard) => self.route(heard),
            Intent::Question => self.answer(heard),
            // "nej, jeg mente Odense": a correction, whatever else the words look like.
            Intent::OutOfScope if heard.place != Place::None && self.topic.is_some() => {
                self.somewhere_else(heard)
            }
            Intent::OutOfScope if self.answers_the_question_asked(heard) => self.route(heard),
            Intent::Danger | Intent::OutOfScope => Move::Abstain { nearest: heard.near(2) },
        }
    }

    /// In mid-route, a message that names the missing detail continues the route; anything else is a digression.
    fn answers_the_question_asked(&self, heard: &Heard) -> bool {
        let Some(routing) = &self.routing else { return false };
        match routing.asked {
            Some(Slot::Municipality) => heard.place != Place::None,
            // A general question ("hvad med hotlinen?") is a digression, however sure: nobody is sent there.
            Some(Slot::Matter) => match heard.band {
                Band::Answer => heard.topics.first().is_some_and(|best| best.topic.can_be_routed()),
                Band::Choices => true,
                Band::Abstain => heard.place != Place::None,
            },
            None => false,
        }
    }

    fn answer(&self, heard: &Heard) -> Move {
        let best = || heard.topics.first();
        match (heard.band, best()) {
            (Band::Answer, Some(scored)) => Move::Answer {
                topic: scored.topic.clone(),
                score: scored.score,
                runner_up: heard.topics.get(1).map(|second| second.topic.clone()),
            },
            (Band::Choices, Some(_)) => Move::Offer { topics: heard.nearest(3) },
            _ if heard.place != Place::None && self.topic.is_some() => self.somewhere_else(heard),
            // Twice in a row unsure: offer a person rather than a third guess.
            _ if self.unsure >= 1 => Move::Person,
            _ => Move::Abstain { nearest: heard.near(2) },
        }
    }

    /// A bare place name: the same matter for that municipality. A general topic is answered again, for there.
    fn somewhere_else(&self, heard: &Heard) -> Move {
        match &self.topic {
            Some(topic) if self.routing.is_none() && decided(topic).is_none() => {
                Move::Answer { topic: topic.clone(), score: 1000, runner_up: None }
            }
            _ => self.route(heard),
        }
    }

    /// The slots may come in any order, all at once or one by one, and may be corrected midway.
    fn route(&self, heard: &Heard) -> Move {
        let under_way = self.routing.as_ref().and_then(|routing| routing.topic.clone());
        let named = match heard.band {
            Band::Answer => heard.best_in(Band::Answer),
            // An uncertain matter replaces none that is certain already.
            Band::Choices if under_way.is_none() => None,
            Band::Choices | Band::Abstain => None,
        };
        let before = if self.routing.is_some() { None } else { self.matter() };
        let topic = named.filter(TopicSlug::can_be_routed).or(under_way).or(before);
        let municipality = match &heard.place {
            Place::One(place) => Some(*place),
            // "ja, Lyngby nord for København" confirms what was said before.
            Place::Several(among) if self.municipality.is_some_and(|known| among.contains(&known)) => {
                self.municipality
            }
            Place::Several(among) => {
                return Move::Ask { slot: Slot::Municipality, among: among.clone() };
            }
            Place::Withheld if self.municipality.is_none() && topic.is_some() => {
                return topic.map_or(Move::Person, |topic| Move::Route { topic, municipality: None });
            }
            Place::None | Place::Withheld => self.municipality,
        };
        match (topic, municipality) {
            (None, _) if heard.band == Band::Choices => Move::Offer { topics: heard.nearest(3) },
            (None, _) => Move::Ask { slot: Slot::Matter, among: Vec::new() },
            (Some(_), None) => Move::Ask { slot: Slot::Municipality, among: Vec::new() },
            (Some(topic), municipality) => Move::Route { topic, municipality },
        }
    }

    fn chosen(&self, choice: &Choice) -> Move {
        match choice {
            Choice::Topic(topic) => {
                match (self.routing.as_ref().filter(|_| topic.can_be_routed()), self.municipality) {
                    (Some(_), municipality @ Some(_)) => Move::Route { topic: topic.clone(), municipality },
                    (Some(_), None) => Move::Ask { slot: Slot::Municipality, among: Vec::new() },
                    (None, _) => Move::Answer { topic: topic.clone(), score: 1000, runner_up: None },
                }
            }
            Choice::Place(municipality) => match self.matter() {
                Some(topic) => Move::Route { topic, municipality: Some(*municipality) },
                None => Move::Ask { slot: Slot::Matter, among: Vec::new() },
            },
            Choice::WithoutEid(topic) => match self.municipality {
                municipality @ Some(_) => Move::Route { topic: topic.clone(), municipality },
                None => Move::Ask { slot: Slot::Municipality, among: Vec::new() },
            },
            Choice::Person => Move::Person,
            Choice::NoneOfThese => Move::Abstain { nearest: Vec::new() },
            Choice::Language(_) => Move::Greet,
        }
    }

    fn matter(&self) -> Option<TopicSlug> {
        let routed = self.routing.as_ref().and_then(|routing| routing.topic.clone());
        let talked_about = routed.as_ref().or(self.topic.as_ref()).and_then(decided);
        talked_about.or_else(|| self.decided.clone())
    }

    /// Takes up what the conversation is about.
    fn turn_to(&mut self, topic: TopicSlug) {
        if let Some(decided) = decided(&topic) {
            self.decided = Some(decided);
        }
        self.topic = Some(topic);
    }
}

/// The matter that somebody decides in, if somebody does.
fn decided(topic: &TopicSlug) -> Option<TopicSlug> {
    Some(topic.decided_as()).filter(TopicSlug::can_be_routed)
}

impl Conversation {
    /// The stream of a conversation. Conversations belong to the shared counter until they are handed over.
    pub fn stream(id: crate::ConversationId) -> StreamId {
        StreamId::new(Self::TYPE, Tenant::COUNTER, id)
    }

    /// Where the dialogue stands; a new one stands at the beginning.
    pub fn dialogue(&self) -> Dialogue {
        match self {
            Self::Going(dialogue) => dialogue.clone(),
            Self::New | Self::Ended => Dialogue::default(),
        }
    }

    /// Tells what follows from `command`, or why nothing does.
    pub fn decide(
        &self,
        command: ConversationCommand,
    ) -> Result<Vec<ConversationEvent>, ConversationRefusal> {
        if matches!(self, Self::Ended) {
            return Err(ConversationRefusal::Ended);
        }
        match command {
            ConversationCommand::Hear { subject, channel, heard, voice } => {
                Ok(self.hear(subject, channel, &heard, voice.as_ref()))
            }
            ConversationCommand::HandOver { subject, inquiry, reference, municipality, said } => match self {
                Self::New => Err(ConversationRefusal::NothingSaid),
                Self::Going(_) | Self::Ended => Ok(vec![ConversationEvent::HandedOver(HandedOver {
                    inquiry,
                    reference,
                    municipality,
                    said: crate::Sealed::new(subject, said),
                })]),
            },
            ConversationCommand::RateAnswer { helpful } => match self {
                Self::New => Err(ConversationRefusal::NothingSaid),
                Self::Going(_) | Self::Ended => {
                    Ok(vec![ConversationEvent::FeedbackGiven(FeedbackGiven { helpful })])
                }
            },
            ConversationCommand::End => match self {
                Self::New => Err(ConversationRefusal::NothingSaid),
                Self::Going(_) | Self::Ended => {
                    Ok(vec![ConversationEvent::ConversationEnded(ConversationEnded {})])
                }
            },
        }
    }

    fn hear(
        &self,
        subject: crate::SubjectId,
        channel: ChatChannel,
        heard: &Heard,
        voice: &dyn Voice,
    ) -> Vec<ConversationEvent> {
        let mut events = Vec::with_capacity(5);
        if matches!(self, Self::New) {
            events.push(ConversationEvent::ConversationStarted(ConversationStarted {
                channel,
                lang: heard.lang,
            }));
        }
        events.push(ConversationEvent::MessageReceived(MessageReceived {
            text: crate::Sealed::new(subject, heard.text.as_str().to_owned()),
            lang: heard.lang,
            removed: heard.removed,
        }));
        let before = self.dialogue();
        let step = before.next(heard);
        // What the message taught us, as facts of their own: a replay can tell what was known when.
        let place = match (&heard.place, &heard.choice) {
            (_, Some(Choice::Place(place))) | (Place::One(place), None) => Some(*place),
            _ => None,
        };
        if let Some(municipality) = place.filter(|place| before.municipality != Some(*place)) {
            events.push(ConversationEvent::MunicipalityNamed(MunicipalityNamed { municipality }));
        }
        if let Some(matter) = before.matter_named(heard, &step) {
            events.push(ConversationEvent::MatterNamed(matter));
        }
        let mut known = before;
        if let Some(municipality) = place {
            known.municipality = Some(municipality);
        }
        let words = voice.say(&step, heard, &known);
        events.push(ConversationEvent::said(subject, step, words));
        events
    }

    /// The state after one event.
    fn evolve(&mut self, event: ConversationEvent) {
        let Self::Going(dialogue) = self else {
            if let ConversationEvent::ConversationStarted(started) = event {
                *self = Self::Going(Dialogue { lang: started.lang, ..Dialogue::default() });
            }
            return;
        };
        match event {
            ConversationEvent::ConversationStarted(_) | ConversationEvent::FeedbackGiven(_) => {}
            ConversationEvent::MessageReceived(message) => {
                dialogue.lang = message.lang;
                dialogue.messages += 1;
            }
            ConversationEvent::MunicipalityNamed(named) => dialogue.municipality = Some(named.municipality),
            ConversationEvent::MatterNamed(named) => {
                if let Some(topic) = &named.topic {
                    dialogue.turn_to(topic.clone());
                }
                dialogue.routing = named.without_eid.then_some(Routing { topic: named.topic, asked: None });
            }
            ConversationEvent::DetailAsked(asked) => {
                let topic = dialogue.routing.take().and_then(|routing| routing.topic);
                dialogue.routing = Some(Routing { topic, asked: Some(asked.slot) });
                dialogue.unsure = 0;
            }
            ConversationEvent::AnswerGiven(answer) => {
                dialogue.turn_to(answer.topic);
                dialogue.unsure = 0;
            }
            ConversationEvent::AnswerWithheld(withheld) => {
                // What somebody's own case is about is what the conversation is about.
                if let (Withheld::ConcreteCase, [topic]) = (withheld.reason, withheld.offered.as_slice()) {
                    dialogue.turn_to(topic.clone());
                }
                if matches!(withheld.reason, Withheld::Unknown | Withheld::Unsure) {
                    dialogue.unsure = dialogue.unsure.saturating_add(1);
                }
            }
            ConversationEvent::RoutedToAuthority(routed) => {
                dialogue.turn_to(routed.topic);
                dialogue.municipality = routed.municipality.or(dialogue.municipality);
                dialogue.routing = None;
                dialogue.unsure = 0;
            }
            ConversationEvent::SafetyAdviceGiven(_) => dialogue.unsure = 0,
            ConversationEvent::HandedOver(_) => {
                dialogue.unsure = 0;
                dialogue.routing = None;
            }
            ConversationEvent::ConversationEnded(_) => *self = Self::Ended,
        }
    }
}

impl Dialogue {
    /// The fact that a matter, or the wish for a way without an eID, was named; `None` when nothing new was.
    fn matter_named(&self, heard: &Heard, step: &Move) -> Option<MatterNamed> {
        let routes = matches!(step, Move::Ask { .. } | Move::Route { .. });
        let topic = match (step, &heard.choice) {
            (Move::Route { topic, .. }, _) | (_, Some(Choice::Topic(topic) | Choice::WithoutEid(topic))) => {
                Some(topic.clone())
            }
            (Move::Ask { .. }, None) => {
                let named = heard.best_in(Band::Answer).filter(TopicSlug::can_be_routed);
                named.or_else(|| self.matter())
            }
            (Move::Offer { .. }, None) if heard.intent == Intent::NoEid => None,
            _ => return None,
        };
        let without_eid = routes || (heard.intent == Intent::NoEid && matches!(step, Move::Offer { .. }));
        let named = MatterNamed { topic, without_eid };
        let known = self.routing.as_ref().is_some_and(|routing| routing.topic == named.topic) && without_eid;
        (!known && (named.topic.is_some() || named.without_eid)).then_some(named)
    }
}

impl Aggregate for Conversation {
    const TYPE: &'static str = "conversation";
    type Command = ConversationCommand;
    type Event = ConversationEvent;
    type Error = ConversationRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: ConversationCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), ConversationRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: ConversationEvent) {
        self.evolve(event);
    }
}
