//! Where to send a citizen: for that the matter and the municipality must be known. They may come in any order, all at
//! once or one by one, and be put right at any time.

use super::heard::{Band, Choice, Heard, Place, TopicSlug};
use super::{Dialogue, Move, Retort, Slot};

impl Dialogue {
    /// In mid-route, a message that names the missing detail continues the route; anything else is a digression.
    pub(super) fn answers_the_question_asked(&self, heard: &Heard) -> bool {
        let Some(routing) = &self.routing else { return false };
        // "Nej, jeg mente pas": another matter takes the place of the one under way.
        let names_a_matter = heard.best_in(Band::Answer).is_some_and(|best| best.can_be_routed());
        let corrected = heard.aside.retort == Retort::Corrects && names_a_matter;
        match routing.asked {
            Some(Slot::Municipality) => heard.place != Place::None || corrected,
            // A general question ("hvad med hotlinen?") is a digression, however sure: nobody is sent there.
            Some(Slot::Matter) => match heard.band {
                Band::Answer => heard.topics.first().is_some_and(|best| best.topic.can_be_routed()),
                Band::Choices => true,
                Band::Abstain => heard.place != Place::None,
            },
            // Another way was wanted, and several matters were offered.
            None => routing.topic.is_none() && names_a_matter,
        }
    }

    /// A bare place name: the same matter for that municipality. A general topic is answered again, for there.
    pub(super) fn somewhere_else(&self, heard: &Heard) -> Move {
        match &self.topic {
            Some(topic) if self.routing.is_none() && self.offered.is_empty() && decided(topic).is_none() => {
                Move::Answer { topic: topic.clone(), score: 1000, runner_up: None }
            }
            _ => self.route_in(self.under_way(), heard),
        }
    }

    /// The slots may come in any order, all at once or one by one, and may be corrected midway.
    pub(super) fn route(&self, heard: &Heard) -> Move {
        self.route_in(self.wanted(heard), heard)
    }

    /// The matter that a message asks for, or goes on with.
    pub(super) fn wanted(&self, heard: &Heard) -> Option<TopicSlug> {
        let known = self.under_way();
        // An uncertain matter replaces none that is certain already, and "hun er flyttet til Odense" names a place.
        let named = heard
            .best_in(Band::Answer)
            .filter(TopicSlug::can_be_routed)
            .filter(|_| known.is_none() || !heard.aside.tells_move);
        named.or(known)
    }

    pub(super) fn route_in(&self, topic: Option<TopicSlug>, heard: &Heard) -> Move {
        let municipality = match &heard.place {
            Place::One(place) => Some(*place),
            // "ja, Lyngby nord for København" confirms what was said before.
            Place::Several(among) if self.municipality.is_some_and(|known| among.contains(&known)) => {
                self.municipality
            }
            Place::Several(among) => {
                return Move::Ask { slot: Slot::Municipality, about: topic, among: among.clone() };
            }
            Place::Withheld if self.municipality.is_none() && topic.is_some() => {
                return topic.map_or(Move::Person, |topic| Move::Route { topic, municipality: None });
            }
            Place::None | Place::Withheld => self.municipality,
        };
        // Who lives nowhere is not asked where, and who would not say is not asked twice.
        let nowhere = self.unnamed || self.situation.after(&heard.aside).no_address;
        match (topic, municipality) {
            (None, _) if heard.band == Band::Choices => Move::Offer { topics: heard.nearest(3) },
            (None, _) => ask(Slot::Matter, None),
            (about, None) if !nowhere => ask(Slot::Municipality, about),
            (Some(topic), municipality) => Move::Route { topic, municipality },
        }
    }

    pub(super) fn chosen(&self, choice: &Choice, heard: &Heard) -> Move {
        match choice {
            Choice::Topic(topic) => {
                let route = topic.can_be_routed() && (self.routing.is_some() || self.without_eid);
                if route {
                    self.route_in(Some(topic.clone()), heard)
                } else {
                    Move::Answer { topic: topic.clone(), score: 1000, runner_up: None }
                }
            }
            Choice::Place(municipality) => match (&self.topic, self.under_way()) {
                (Some(general), _)
                    if self.routing.is_none() && self.offered.is_empty() && decided(general).is_none() =>
                {
                    Move::Answer { topic: general.clone(), score: 1000, runner_up: None }
                }
                (_, Some(topic)) => Move::Route { topic, municipality: Some(*municipality) },
                (_, None) => ask(Slot::Matter, None),
            },
            Choice::WithoutEid(topic) => self.route_in(Some(topic.clone()), heard),
            Choice::Skip => match self.under_way() {
                Some(topic) => Move::Route { topic, municipality: None },
                None => Move::Person,
            },
            Choice::Person => Move::Person,
            Choice::NoneOfThese => Move::Abstain { nearest: Vec::new() },
            Choice::Language(_) => Move::Greet,
        }
    }

    /// The matter that a message without one goes on with: the one under way, else the last one that somebody decides
    /// in, else what was offered last and is likeliest.
    pub fn under_way(&self) -> Option<TopicSlug> {
        let offered = || self.offered.iter().find(|topic| topic.can_be_routed()).cloned();
        self.matter().or_else(offered)
    }

    pub(super) fn is_about_something(&self) -> bool {
        self.topic.is_some() || self.under_way().is_some()
    }

    pub(super) fn matter(&self) -> Option<TopicSlug> {
        let routed = self.routing.as_ref().and_then(|routing| routing.topic.clone());
        let talked_about = routed.as_ref().or(self.topic.as_ref()).and_then(decided);
        talked_about.or_else(|| self.decided.clone())
    }
}

fn ask(slot: Slot, about: Option<TopicSlug>) -> Move {
    Move::Ask { slot, about, among: Vec::new() }
}

/// The matter that somebody decides in, if somebody does.
pub(super) fn decided(topic: &TopicSlug) -> Option<TopicSlug> {
    Some(topic.decided_as()).filter(TopicSlug::can_be_routed)
}
