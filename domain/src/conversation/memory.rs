//! What a conversation remembers: the state after each of its events.

use super::event::{ConversationEvent, Withheld};
use super::heard::TopicSlug;
use super::route::decided;
use super::{Conversation, Dialogue, Move, Routing, Slot};

/// How often something can be said before nobody counts any more.
const OFTEN: u8 = 9;

/// How likely a topic must be to be gone on with after advice for danger.
const LIKELY: u16 = 450;

/// What is said with a move, apart from its words: said twice, it is said in other words.
fn thing_said(step: &Move) -> String {
    match step {
        Move::Safety => "safety".to_owned(),
        Move::Answer { topic, .. } => format!("answer/{}", topic.as_str()),
        Move::Offer { .. } => "offer".to_owned(),
        Move::Abstain { .. } => "abstain".to_owned(),
        Move::Ask { slot, among, .. } => asked(*slot, among.is_empty()).to_owned(),
        Move::Route { topic, municipality } => match municipality {
            Some(place) => format!("card/{}/{place}", topic.as_str()),
            None => format!("card/{}", topic.as_str()),
        },
        Move::ConcreteCase { .. } => "concrete-case".to_owned(),
        Move::Person => "person".to_owned(),
        Move::Greet | Move::Welcome => "small-talk".to_owned(),
        Move::Foreign { .. } => "other-language".to_owned(),
        Move::OnlyRemoved => "only-removed".to_owned(),
    }
}

const fn asked(slot: Slot, freely: bool) -> &'static str {
    match (slot, freely) {
        (Slot::Matter, _) => "ask/matter",
        (Slot::Municipality, true) => "ask/municipality",
        (Slot::Municipality, false) => "ask/among",
    }
}

/// As [`thing_said`], of what was said already.
fn thing_told(event: &ConversationEvent) -> Option<String> {
    use ConversationEvent as Event;
    Some(match event {
        Event::SafetyAdviceGiven(_) => "safety".to_owned(),
        Event::AnswerGiven(answer) => format!("answer/{}", answer.topic.as_str()),
        Event::DetailAsked(detail) => asked(detail.slot, detail.among.is_empty()).to_owned(),
        Event::RoutedToAuthority(routed) => {
            let (topic, municipality) = (routed.topic.clone(), routed.municipality);
            thing_said(&Move::Route { topic, municipality })
        }
        Event::AnswerWithheld(withheld) => match withheld.reason {
            Withheld::Unknown => "abstain",
            Withheld::Unsure => "offer",
            Withheld::ConcreteCase => "concrete-case",
            Withheld::PersonWanted => "person",
            Withheld::SmallTalk => "small-talk",
            Withheld::OtherLanguage => "other-language",
            Withheld::OnlyRemoved => "only-removed",
        }
        .to_owned(),
        Event::ConversationStarted(_)
        | Event::MessageReceived(_)
        | Event::MunicipalityNamed(_)
        | Event::MatterNamed(_)
        | Event::MattersNoted(_)
        | Event::SituationTold(_)
        | Event::HandedOver(_)
        | Event::FeedbackGiven(_)
        | Event::ConversationEnded(_) => return None,
    })
}

impl Dialogue {
    /// How often the same was said before, whatever the words were.
    pub fn times_said(&self, step: &Move) -> usize {
        self.said.get(&thing_said(step)).copied().map_or(0, usize::from)
    }

    fn count(&mut self, thing: String) {
        let times = self.said.entry(thing).or_default();
        *times = OFTEN.min(*times + 1);
    }

    /// Takes up what the conversation is about.
    fn turn_to(&mut self, topic: TopicSlug) {
        if let Some(decided) = decided(&topic) {
            self.decided = Some(decided);
        }
        self.waiting.retain(|waiting| *waiting != topic);
        self.topic = Some(topic);
    }

    /// A turn came to something.
    fn arrived(&mut self) {
        (self.unsure, self.fruitless) = (0, 0);
        self.offered.clear();
    }

    /// A turn came to nothing.
    const fn went_nowhere(&mut self) {
        self.fruitless = self.fruitless.saturating_add(1);
    }
}

impl Conversation {
    /// The state after one event.
    pub(super) fn evolve(&mut self, event: ConversationEvent) {
        let Self::Going(dialogue) = self else {
            if let ConversationEvent::ConversationStarted(started) = event {
                *self = Self::Going(Dialogue { lang: started.lang, events: 1, ..Dialogue::default() });
            }
            return;
        };
        if event.reply().is_some() {
            dialogue.answers.insert(dialogue.events, None);
        }
        dialogue.events += 1;
        if let Some(thing) = thing_told(&event) {
            dialogue.count(thing);
        }
        match event {
            ConversationEvent::ConversationStarted(_) => {}
            ConversationEvent::MessageReceived(message) => {
                dialogue.lang = message.lang;
                dialogue.messages += 1;
            }
            ConversationEvent::MunicipalityNamed(named) => {
                dialogue.municipality = Some(named.municipality);
                dialogue.unnamed = false;
            }
            ConversationEvent::MatterNamed(named) => {
                if let Some(topic) = &named.topic {
                    dialogue.turn_to(topic.clone());
                }
                dialogue.without_eid |= named.without_eid;
                let routing = Routing { topic: named.topic, asked: None, among: Vec::new() };
                dialogue.routing = named.without_eid.then_some(routing);
            }
            ConversationEvent::MattersNoted(noted) => {
                for topic in noted.topics {
                    if !dialogue.waiting.contains(&topic) {
                        dialogue.waiting.push(topic);
                    }
                }
            }
            ConversationEvent::SituationTold(told) => dialogue.situation = told.situation,
            ConversationEvent::DetailAsked(asked) => {
                let before = dialogue.routing.take();
                if before.as_ref().is_some_and(|before| before.asked == Some(asked.slot)) {
                    dialogue.went_nowhere();
                } else {
                    dialogue.fruitless = 0;
                }
                let topic = before.and_then(|routing| routing.topic);
                if topic.is_some() {
                    dialogue.offered.clear();
                }
                dialogue.routing = Some(Routing { topic, asked: Some(asked.slot), among: asked.among });
                dialogue.unsure = 0;
            }
            ConversationEvent::AnswerGiven(answer) => {
                dialogue.turn_to(answer.topic);
                dialogue.arrived();
            }
            ConversationEvent::AnswerWithheld(withheld) => {
                // What somebody's own case is about is what the conversation is about.
                if let (Withheld::ConcreteCase, [topic]) = (withheld.reason, withheld.offered.as_slice()) {
                    dialogue.turn_to(topic.clone());
                }
                match withheld.reason {
                    Withheld::Unknown | Withheld::Unsure => {
                        dialogue.unsure = dialogue.unsure.saturating_add(1);
                        dialogue.went_nowhere();
                    }
                    Withheld::OtherLanguage | Withheld::OnlyRemoved => dialogue.went_nowhere(),
                    // From here on another start is made.
                    Withheld::PersonWanted => dialogue.fruitless = 0,
                    Withheld::ConcreteCase | Withheld::SmallTalk => {}
                }
                if withheld.reason == Withheld::Unsure {
                    dialogue.offered = withheld.offered;
                }
            }
            ConversationEvent::RoutedToAuthority(routed) => {
                dialogue.turn_to(routed.topic);
                dialogue.municipality = routed.municipality.or(dialogue.municipality);
                dialogue.unnamed = dialogue.municipality.is_none();
                dialogue.routing = None;
                dialogue.arrived();
            }
            ConversationEvent::SafetyAdviceGiven(advice) => {
                (dialogue.unsure, dialogue.fruitless) = (0, 0);
                // A long story may only sound like danger: what else it was about is not forgotten.
                let likely = advice.scores.into_iter().filter(|scored| scored.score >= LIKELY);
                dialogue.offered = likely.map(|scored| scored.topic).collect();
            }
            ConversationEvent::HandedOver(_) => {
                dialogue.arrived();
                dialogue.routing = None;
            }
            ConversationEvent::FeedbackGiven(feedback) => {
                let last = dialogue.answers.keys().next_back().copied();
                if let Some(answer) = feedback.answer.or(last) {
                    dialogue.answers.insert(answer, Some(feedback.helpful));
                }
            }
            ConversationEvent::ConversationEnded(_) => *self = Self::Ended,
        }
    }
}
