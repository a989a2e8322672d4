//! What comes along with a reply and does not hang on the move alone: other words for what was said before, what
//! follows from the citizen's situation, further matters, and the question that is still open.

use skranke_content::fill;
use skranke_domain::conversation::{Band, Button, Choice, Move, Reply, Retort, Slot, TopicSlug};

use super::{Speaker, button, ways_on};

impl Speaker<'_> {
    /// A sentence, or other words for it where it was said before. They are taken in turn.
    pub(super) fn vary<'t>(&self, usual: &'t str, again: &'t [String]) -> &'t str {
        let other = |times: usize| again.get((times - 1) % again.len()).map(String::as_str);
        match self.times {
            0 => usual,
            _ if again.is_empty() => usual,
            times => other(times).unwrap_or(usual),
        }
    }

    /// Adds to a reply what comes along with it.
    pub(super) fn round_off(&self, step: &Move, reply: &mut Reply) {
        let (again, texts) = (&self.texts.again, &self.texts.besides);
        match step {
            Move::Answer { .. } => {
                if self.times > 0 {
                    reply.paragraphs.insert(0, self.vary("", &again.answer).to_owned());
                    reply.links = ways_on();
                }
                if let Some(minor) = self.heard.aside.minor {
                    reply.paragraphs.push(texts.minor(minor).clone());
                }
            }
            Move::Route { topic, municipality } => {
                let situation = self.dialogue.situation;
                if self.times > 0 {
                    reply.paragraphs.insert(0, self.vary("", &again.card).to_owned());
                }
                self.say_what_is_assumed(topic, reply);
                let nowhere = match municipality {
                    Some(_) => None,
                    None if situation.no_address => Some(&texts.no_address),
                    None => Some(&texts.no_municipality),
                };
                let other = situation.for_other.map(|_| &texts.for_other);
                let minor = situation.minor.map(|minor| texts.minor(minor));
                reply.paragraphs.extend([nowhere, other, minor].into_iter().flatten().cloned());
            }
            Move::Ask { about: Some(topic), .. } => self.say_what_is_assumed(topic, reply),
            _ => {}
        }
        self.ask_for_namesakes(reply);
        self.offer_what_waits(step, reply);
        self.remind(step, reply);
    }

    /// Where topics were offered and none was chosen, the matter is named as what it is: a guess.
    fn say_what_is_assumed(&self, topic: &TopicSlug, reply: &mut Reply) {
        let guessed = !self.dialogue.offered.is_empty()
            && !matches!(self.heard.choice, Some(Choice::Topic(_) | Choice::WithoutEid(_)))
            && self.heard.aside.retort != Retort::Yes
            && self.heard.best_in(Band::Answer).as_ref() != Some(topic);
        let others: Vec<TopicSlug> =
            self.dialogue.offered.iter().filter(|offered| *offered != topic).cloned().collect();
        if !guessed || others.is_empty() {
            return;
        }
        let matter = self.library.title(topic, self.lang).unwrap_or(topic.as_str());
        reply.paragraphs.insert(0, fill(&self.texts.besides.assumed, &[("matter", matter)]));
        prepend(self.topic_buttons(&others), reply);
    }

    /// A card for Lyngby north of Copenhagen: there are others.
    fn ask_for_namesakes(&self, reply: &mut Reply) {
        let namesakes = &self.heard.aside.namesakes;
        if reply.card.is_some() && !namesakes.is_empty() {
            reply.paragraphs.push(self.texts.besides.namesakes.clone());
            prepend(self.place_buttons(namesakes), reply);
        }
    }

    /// "Du nævnte også …": what was named besides comes after what was answered.
    fn offer_what_waits(&self, step: &Move, reply: &mut Reply) {
        let waiting = &self.dialogue.waiting;
        if waiting.is_empty() || !matches!(step, Move::Answer { .. } | Move::Route { .. } | Move::Welcome) {
            return;
        }
        reply.paragraphs.push(self.texts.besides.also.clone());
        prepend(self.topic_buttons(waiting), reply);
    }

    /// After a digression: the question that is still open.
    fn remind(&self, step: &Move, reply: &mut Reply) {
        let digressed = matches!(
            step,
            Move::Answer { .. }
                | Move::Welcome
                | Move::Greet
                | Move::ConcreteCase { .. }
                | Move::OnlyRemoved
                | Move::Abstain { .. }
                | Move::Person
        );
        let open = self.dialogue.routing.as_ref().filter(|routing| routing.asked == Some(Slot::Municipality));
        let matter = open.and_then(|routing| routing.topic.as_ref());
        let Some(matter) = matter.filter(|_| digressed && self.dialogue.municipality.is_none()) else {
            return;
        };
        let title = self.library.title(matter, self.lang).unwrap_or(matter.as_str());
        reply.paragraphs.push(fill(&self.texts.besides.reminder, &[("matter", title)]));
        reply.asks = Some(Slot::Municipality);
        reply.buttons.push(self.skip_button());
    }

    pub(super) fn skip_button(&self) -> Button {
        button(&self.texts.counter.button_skip, &Choice::Skip)
    }
}

fn prepend(mut buttons: Vec<Button>, reply: &mut Reply) {
    buttons.append(&mut reply.buttons);
    reply.buttons = buttons;
}
