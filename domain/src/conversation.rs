//! A conversation at the counter (samtale): one pure state machine.
//!
//! The chat room understands a message ([`Heard`]) and puts replies into words ([`Voice`]); what happens next is
//! decided here, in [`Dialogue::next`], from the state and what was heard. Every turn is events, so a conversation
//! can be replayed, and re-run against a newer knowledge base. Nothing here can see a case: there is no way to ask.

mod aside;
mod command;
mod event;
mod heard;
mod memory;
mod refusal;
mod reply;
mod route;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use aside::{Aside, Kin, Minor, Retort, Situation};
pub use command::{ConversationCommand, Voice, Words};
pub use event::{
    AnswerGiven, AnswerWithheld, ChatChannel, ConversationEnded, ConversationEvent, ConversationStarted,
    DetailAsked, FeedbackGiven, HandedOver, MatterNamed, MattersNoted, MessageReceived, MunicipalityNamed,
    RoutedToAuthority, SafetyAdviceGiven, SituationTold, Withheld,
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
        /// The matter that it is for, once known.
        about: Option<TopicSlug>,
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
    /// A short text in another language, the topics it may be about, and the choice of Danish or English.
    Foreign {
        /// Which.
        language: Foreign,
        /// At most three topics.
        topics: Vec<TopicSlug>,
    },
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
    /// The municipalities that were asked about, when the name was ambiguous.
    #[serde(default)]
    pub among: Vec<Tenant>,
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
    /// Other matters that were named and are still to be taken up, in their order.
    #[serde(default)]
    pub waiting: Vec<TopicSlug>,
    /// The topics that were offered last, as long as none was chosen.
    #[serde(default)]
    pub offered: Vec<TopicSlug>,
    /// A way without an eID is wanted: in the next matter, too.
    #[serde(default)]
    pub without_eid: bool,
    /// The citizen got a card without naming a municipality, and is not asked for one again.
    #[serde(default)]
    pub unnamed: bool,
    /// What the citizen has told of themselves.
    #[serde(default)]
    pub situation: Situation,
    /// How many turns in a row came to nothing.
    #[serde(default)]
    pub fruitless: u8,
    /// How often each thing was said.
    #[serde(default)]
    pub said: BTreeMap<String, u8>,
    /// The answers by their numbers in the stream, with what was said about their help.
    #[serde(default)]
    pub answers: BTreeMap<u64, Option<bool>>,
    /// How many events the stream has.
    #[serde(default)]
    pub events: u64,
}

/// A conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "nearly every one that is held is going on")]
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
        let step = self.first_thought(heard);
        let asks_again = match &step {
            Move::Ask { slot, among, .. } => {
                among.is_empty() && self.routing.as_ref().is_some_and(|routing| routing.asked == Some(*slot))
            }
            Move::Offer { .. } | Move::Abstain { .. } => true,
            _ => false,
        };
        // The third turn that would come to nothing: a person may understand better.
        let in_a_loop = asks_again && self.fruitless >= 2 && heard.choice.is_none();
        if in_a_loop { Move::Person } else { step }
    }

    fn first_thought(&self, heard: &Heard) -> Move {
        // Danger comes before everything, whatever else the message holds.
        if heard.intent == Intent::Danger {
            return Move::Safety;
        }
        if let Some(choice) = &heard.choice {
            return self.chosen(choice, heard);
        }
        if heard.is_empty() {
            return if heard.removed.any() { Move::OnlyRemoved } else { Move::Greet };
        }
        if heard.removed.any() && heard.asks_nothing() {
            return Move::OnlyRemoved;
        }
        if let Some(language) = heard.foreign.filter(|foreign| !self.goes_on_in_danish(*foreign, heard)) {
            // "Ich wohne in Odense": a municipality is understood in any language when it was asked for.
            return if self.waits_for_a_municipality() && heard.place != Place::None {
                self.route(heard)
            } else {
                Move::Foreign { language, topics: heard.nearest(3) }
            };
        }
        if let Some(step) = self.retorted(heard).or_else(|| self.told(heard)) {
            return step;
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
            Intent::OutOfScope if heard.place != Place::None && self.is_about_something() => {
                self.somewhere_else(heard)
            }
            Intent::OutOfScope if self.answers_the_question_asked(heard) => self.route(heard),
            Intent::Danger | Intent::OutOfScope => Move::Abstain { nearest: heard.near(2) },
        }
    }

    fn waits_for_a_municipality(&self) -> bool {
        self.routing.as_ref().is_some_and(|routing| routing.asked == Some(Slot::Municipality))
    }

    /// Whether a message that looks Norwegian or Swedish was understood as the next one of a conversation in Danish.
    const fn goes_on_in_danish(&self, foreign: Foreign, heard: &Heard) -> bool {
        let near = matches!(foreign, Foreign::No | Foreign::Sv);
        let understood = matches!(heard.band, Band::Answer)
            || matches!(heard.intent, Intent::NoEid)
            || !matches!(heard.place, Place::None);
        near && understood && self.messages > 0 && matches!(self.lang, Lang::Da)
    }

    /// A bare "ja tak" or "nej" to what was offered last.
    fn retorted(&self, heard: &Heard) -> Option<Move> {
        let sure = heard.band == Band::Answer || heard.place != Place::None;
        match (heard.aside.retort, self.offered.as_slice()) {
            (Retort::Yes, [topic]) if !sure => Some(self.chosen(&Choice::Topic(topic.clone()), heard)),
            (Retort::Yes, []) if !sure => {
                let next = self.waiting.first()?;
                Some(self.chosen(&Choice::Topic(next.clone()), heard))
            }
            (Retort::No, [_, ..]) if !sure => Some(self.chosen(&Choice::NoneOfThese, heard)),
            _ => None,
        }
    }

    /// What a message tells that asks nothing: where somebody lives, that they will not say so, that the digital way is
    /// closed to them. It goes on with the matter that the conversation is about.
    fn told(&self, heard: &Heard) -> Option<Move> {
        let Some(matter) = self.under_way() else {
            // "Jeg har ingen adresse": and what can be done for them?
            let nothing_else = heard.place == Place::Withheld && heard.band == Band::Abstain;
            return nothing_else.then(|| self.route_in(None, heard));
        };
        let aside = &heard.aside;
        let corrects = aside.retort == Retort::Corrects;
        let names_one = matches!(heard.place, Place::One(_) | Place::Several(_));
        // "Undskyld, han er flyttet til Aarhus": the place is put right, and nobody wants to report a move.
        let put_right = corrects && (heard.band != Band::Answer || aside.tells_move);
        let asks_no_more = matches!(heard.intent, Intent::Question | Intent::NoEid | Intent::OutOfScope);
        let closed = aside.tells_no_eid && asks_no_more;
        match heard.place {
            // "Det vil jeg ikke sige": what holds everywhere is said, and nobody is pressed.
            Place::Withheld if heard.band != Band::Answer => Some(self.route_in(Some(matter), heard)),
            _ if names_one && aside.only_place => Some(self.somewhere_else(heard)),
            _ if names_one && (put_right || closed) => Some(self.route_in(Some(matter), heard)),
            _ if closed && matter.decided_as().as_str() != "mitid" => {
                Some(self.route_in(Some(matter), heard))
            }
            _ => None,
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
            _ if heard.place != Place::None && self.is_about_something() => self.somewhere_else(heard),
            // Twice in a row unsure: offer a person rather than a third guess.
            _ if self.unsure >= 1 => Move::Person,
            _ => Move::Abstain { nearest: heard.near(2) },
        }
    }

    /// The matters that a message names besides the one it is answered in.
    fn named_besides(&self, heard: &Heard, step: &Move) -> Vec<TopicSlug> {
        let now = match step {
            Move::Answer { topic, .. } | Move::Route { topic, .. } => Some(topic.clone()),
            Move::Ask { about, .. } => about.clone(),
            _ => None,
        };
        let also = heard.aside.also.iter().filter(|topic| now.is_some() && Some(*topic) != now.as_ref());
        also.filter(|topic| !self.waiting.contains(topic)).cloned().collect()
    }
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
            ConversationCommand::RateAnswer { answer, helpful } => match self {
                Self::New => Err(ConversationRefusal::NothingSaid),
                Self::Ended => Err(ConversationRefusal::Ended),
                Self::Going(dialogue) => match dialogue.answers.get(&answer) {
                    None => Err(ConversationRefusal::NoSuchAnswer),
                    Some(Some(before)) if *before == helpful => Ok(Vec::new()),
                    Some(_) => {
                        let answer = Some(answer);
                        Ok(vec![ConversationEvent::FeedbackGiven(FeedbackGiven { helpful, answer })])
                    }
                },
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
        known.municipality = place.or(known.municipality);
        let situation = known.situation.after(&heard.aside);
        if situation != known.situation {
            events.push(ConversationEvent::SituationTold(SituationTold { situation }));
            known.situation = situation;
        }
        let besides = known.named_besides(heard, &step);
        if !besides.is_empty() {
            events.push(ConversationEvent::MattersNoted(MattersNoted { topics: besides.clone() }));
            known.waiting.extend(besides);
        }
        if let Move::Answer { topic, .. } | Move::Route { topic, .. } = &step {
            known.waiting.retain(|waiting| waiting != topic);
        }
        let words = voice.say(&step, heard, &known);
        events.push(ConversationEvent::said(subject, step, words, heard));
        events
    }
}

impl Dialogue {
    /// The fact that a matter, or the wish for a way without an eID, was named; `None` when nothing new was.
    fn matter_named(&self, heard: &Heard, step: &Move) -> Option<MatterNamed> {
        let routes = matches!(step, Move::Ask { .. } | Move::Route { .. });
        let topic = match (step, &heard.choice) {
            // "Hvad med hotlinen?" by button is a digression, too: the route goes on.
            (Move::Answer { .. }, Some(Choice::Topic(_))) if self.routing.is_some() => return None,
            (Move::Ask { about, .. }, _) => about.clone(),
            (Move::Route { topic, .. }, _) | (_, Some(Choice::Topic(topic) | Choice::WithoutEid(topic))) => {
                Some(topic.clone())
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
