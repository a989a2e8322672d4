//! The counter's voice: puts a move of the dialogue into words, from reviewed articles and fixed sentences only.
//! Nothing is made up here, and nothing a citizen wrote is repeated.

mod besides;

use std::sync::Arc;

use jiff::Timestamp;
use skranke_content::{Article, CounterTexts, Hotline, Library, Messages, Municipality, Service, fill};
use skranke_domain::conversation::{
    Band, Button, Choice, Dialogue, Foreign, Heard, Intent, LinkTo, Move, Place, Removed, Reply, Retort,
    Slot, Source, Tone, TopicSlug, Voice, Words,
};
use skranke_domain::time::local_date;
use skranke_domain::{Lang, Tenant};

use crate::card::{self, Route};
use crate::hours;

/// Topics that many people come for: offered where a start is needed.
const COMMON: [&str; 6] = ["flytning", "laegeskift", "sundhedskort", "boligstoette", "folkepension", "mitid"];
/// The municipalities with most people (in 2025), which are offered where one is asked for.
const LARGEST: [&str; 6] = ["0101", "0751", "0461", "0851", "0630", "0561"];
/// How many sources a reply names.
const SOURCES_SHOWN: usize = 4;
/// The topic whose answer tells whether the hotline is open.
const HOTLINE_TOPIC: &str = "hotline";
/// The topic that says why the counter cannot see cases.
const NO_CASES_TOPIC: &str = "hotline-sagsindsigt";

/// What is wrong with a message that is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Longer than the counter reads.
    TooLong,
    /// Bytes that are no text.
    Unreadable,
}

/// Speaks for one knowledge release and one instant.
#[derive(Clone, Debug)]
pub struct CounterVoice {
    library: Arc<Library>,
    now: Timestamp,
    unfit: Option<Unfit>,
}

impl CounterVoice {
    /// A voice that speaks from `library` at `now`.
    pub const fn new(library: Arc<Library>, now: Timestamp) -> Self {
        Self { library, now, unfit: None }
    }

    /// The same voice, answering a message that cannot be answered as it is. Danger still comes first.
    #[must_use]
    pub const fn unfit(mut self, unfit: Unfit) -> Self {
        self.unfit = Some(unfit);
        self
    }
}

impl Voice for CounterVoice {
    fn say(&self, step: &Move, heard: &Heard, dialogue: &Dialogue) -> Words {
        let lang = heard.lang;
        let speaker = Speaker {
            library: &self.library,
            now: self.now,
            lang,
            texts: self.library.messages(lang),
            heard,
            dialogue,
            times: dialogue.times_said(step),
        };
        let mut words = match (self.unfit, step) {
            (None, _) | (Some(_), Move::Safety) => speaker.say(step),
            (Some(Unfit::TooLong), step) if is_understood(step) => speaker.of_the_beginning(step),
            (Some(unfit), _) => Words { reply: speaker.unfit(unfit), ..Words::default() },
        };
        words.reply.lang = lang;
        words.reply.notice = notice(&self.library.messages(lang).counter, heard.removed);
        words
    }
}

/// The notice that stands on top when something was removed.
pub(crate) fn notice(texts: &CounterTexts, removed: Removed) -> Option<String> {
    let parts = [
        (removed.cpr, &texts.removed_cpr),
        (removed.card, &texts.removed_card),
        (removed.email, &texts.removed_email),
        (removed.phone, &texts.removed_phone),
    ];
    let said: Vec<&str> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text.as_str()).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// The paragraphs of a sentence of the message file: a blank line parts them.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// The button for a choice.
pub(crate) fn button(label: &str, choice: &Choice) -> Button {
    Button { label: label.to_owned(), choice: choice.code() }
}

/// One reply in the making.
struct Speaker<'a> {
    library: &'a Library,
    now: Timestamp,
    lang: Lang,
    texts: &'a Messages,
    heard: &'a Heard,
    dialogue: &'a Dialogue,
    /// How often the same was said before in this conversation.
    times: usize,
}

impl<'a> Speaker<'a> {
    fn say(&self, step: &Move) -> Words {
        let mut words = match step {
            Move::Answer { topic, .. } => self.answer(topic),
            Move::Route { topic, municipality } => self.route(topic, *municipality),
            other => Words { reply: self.other(other), ..Words::default() },
        };
        self.round_off(step, &mut words.reply);
        words
    }

    /// Everything that rests on no article of its own.
    fn other(&self, step: &Move) -> Reply {
        match step {
            Move::Safety => self.safety(),
            Move::Offer { topics } => self.offer(topics),
            Move::Abstain { nearest } => self.abstain(nearest),
            Move::Ask { slot: Slot::Matter, .. } => self.ask_matter(),
            Move::Ask { slot: Slot::Municipality, about, among } => {
                self.ask_municipality(about.as_ref(), among)
            }
            Move::ConcreteCase { topic } => self.concrete_case(topic.as_ref()),
            Move::Person => self.person(),
            Move::Greet | Move::Answer { .. } | Move::Route { .. } => self.greeting(),
            Move::Welcome => {
                let welcome = self.vary(&self.texts.counter.welcome, &self.texts.again.welcome);
                self.plain(welcome, &self.texts.counter.welcome_next)
            }
            Move::Foreign { language, topics } => self.foreign(*language, topics),
            Move::OnlyRemoved => {
                let removed = self.vary(&self.texts.counter.only_removed, &self.texts.again.only_removed);
                self.plain(removed, &self.texts.counter.only_removed_next)
            }
        }
    }

    fn plain(&self, text: &str, next: &str) -> Reply {
        Reply {
            lang: self.lang,
            paragraphs: paragraphs(text),
            next_step: Some(next.to_owned()).filter(|next| !next.is_empty()),
            ..Reply::default()
        }
    }

    fn unfit(&self, unfit: Unfit) -> Reply {
        let texts = &self.texts.counter;
        match unfit {
            Unfit::TooLong => {
                let limit = crate::counter::MESSAGE_LIMIT.to_string();
                let text = fill(&texts.too_long, &[("limit", &limit)]);
                Reply { links: vec![LinkTo::WrittenInquiry], ..self.plain(&text, &texts.too_long_next) }
            }
            Unfit::Unreadable => self.plain(&texts.unreadable, &texts.unreadable_next),
        }
    }

    /// Answers what stands first in a message that is longer than anything the counter reads, and says so.
    fn of_the_beginning(&self, step: &Move) -> Words {
        let mut words = self.say(step);
        let limit = crate::counter::MESSAGE_LIMIT.to_string();
        let said = fill(&self.texts.besides.only_beginning, &[("limit", &limit)]);
        words.reply.paragraphs.insert(0, said);
        words
    }

    fn safety(&self) -> Reply {
        let texts = &self.texts.counter;
        // In their own language first: somebody in danger has no time to be understood.
        let own = self.heard.foreign.map(|foreign| self.texts.foreign_safety.of(foreign));
        let lines = [&texts.safety, &texts.safety_lifeline, &texts.safety_unwatched];
        Reply {
            tone: Tone::Urgent,
            paragraphs: own.into_iter().chain(lines).cloned().collect(),
            ..self.plain("", &texts.safety_next)
        }
    }

    fn greeting(&self) -> Reply {
        let texts = &self.texts.counter;
        let greeting = self.vary(&texts.greeting, &self.texts.again.greeting);
        Reply { buttons: self.common_topics(4), ..self.plain(greeting, &texts.greeting_next) }
    }

    fn answer(&self, topic: &TopicSlug) -> Words {
        let Some(answer) = self.library.reviewed(topic, self.lang, local_date(self.now)) else {
            return Words { reply: self.expired(topic), ..Words::default() };
        };
        let article = answer.article();
        let mut reply = self.article(article);
        if topic.as_str() == HOTLINE_TOPIC {
            // Whoever asks "er der åbent nu?" reads that first.
            if let Some(now) = self.hotline_now() {
                reply.paragraphs.insert(0, now);
            }
            reply.paragraphs.extend(self.membership());
        }
        if let Some(service) = self.library.service(topic) {
            // Whoever has named the municipality sees at once who decides there.
            reply.card = self.municipality().and_then(|place| self.to(service, Some(place)).card());
            reply
                .buttons
                .push(button(&self.texts.counter.button_without_eid, &Choice::WithoutEid(topic.clone())));
        }
        Words { reply, version: answer.version(), ..Words::default() }
    }

    fn article(&self, article: &Article) -> Reply {
        Reply {
            lang: self.lang,
            paragraphs: article.paragraphs.clone(),
            next_step: Some(article.next_step.clone()),
            sources: self.sources(&article.sources),
            reviewed: Some(article.reviewed.to_string()),
            ..Reply::default()
        }
    }

    fn expired(&self, topic: &TopicSlug) -> Reply {
        let texts = &self.texts.counter;
        let matter = self.library.title(topic, self.lang).unwrap_or(topic.as_str());
        let reply = self.plain(&fill(&texts.expired, &[("matter", matter)]), &texts.abstain_next);
        Reply { buttons: vec![self.person_button()], links: ways_on(), ..reply }
    }

    /// The sources by their keys, each once. The first few: nobody reads ten on a phone, and the content files
    /// have them all.
    fn sources(&self, keys: &[String]) -> Vec<Source> {
        let mut sources: Vec<Source> = Vec::new();
        for note in keys.iter().filter_map(|key| self.library.source(key)) {
            let url = Some(note.url.clone()).filter(|url| !url.is_empty());
            if sources.len() < SOURCES_SHOWN && !sources.iter().any(|known| known.name == note.name) {
                sources.push(Source { name: note.name.clone(), url });
            }
        }
        sources
    }

    fn hotline_phone(&self) -> &str {
        self.library.authority(card::HOTLINE).map_or("", |hotline| &hotline.phone)
    }

    /// "Den Digitale Hotline, 70 20 00 00: Åbent nu. Lukker kl. 20."
    fn hotline_now(&self) -> Option<String> {
        let hotline = self.library.authority(card::HOTLINE)?;
        let (_, open) = hours::opening(&self.texts.hours, self.lang, hotline.hours.as_ref()?, self.now);
        let values =
            [("name", hotline.name(self.lang)), ("phone", hotline.phone.as_str()), ("open", open.as_str())];
        Some(fill(&self.texts.hours.hotline_now, &values))
    }

    /// Which line serves the municipality that the citizen named.
    fn membership(&self) -> Option<String> {
        let (texts, place) = (&self.texts.hours, self.municipality()?);
        let text = match place.hotline {
            Some(Hotline::Digital) => &texts.member_digital,
            Some(Hotline::South) => &texts.member_south,
            None => &texts.member_none,
        };
        Some(fill(text, &[("municipality", &place.official_name), ("domain", &place.domain)]))
    }

    fn municipality(&self) -> Option<&'a Municipality> {
        self.dialogue.municipality.and_then(|code| self.library.municipality(code))
    }

    const fn to(&self, service: &'a Service, municipality: Option<&'a Municipality>) -> Route<'a> {
        Route { library: self.library, lang: self.lang, now: self.now, service, municipality }
    }

    fn route(&self, topic: &TopicSlug, municipality: Option<Tenant>) -> Words {
        let municipality = municipality.and_then(|code| self.library.municipality(code));
        let Some(service) = self.library.service(topic) else {
            // Nobody decides in a general topic; its article is what there is to say.
            return self.answer(topic);
        };
        let route = self.to(service, municipality);
        let (Some(card), Some(desk)) = (route.card(), route.desk_name()) else { return self.answer(topic) };
        let mut said = Vec::new();
        if names_nemid(self.heard.text.as_str()) {
            said.push(self.texts.counter.nemid_closed.clone());
        }
        said.push(service.without_eid(self.lang).to_owned());
        let reviewed = self.library.reviewed(topic, self.lang, local_date(self.now));
        let reply = Reply {
            lang: self.lang,
            paragraphs: said,
            card: Some(card),
            next_step: Some(fill(&self.texts.card.next, &[("desk", &desk)])),
            sources: self.sources(&service.sources),
            reviewed: reviewed.map(|answer| answer.article().reviewed.to_string()),
            buttons: vec![self.person_button()],
            links: ways_on(),
            ..Reply::default()
        };
        let (authority, front_desk) = (service.authority.clone(), service.front_desk.clone());
        Words { reply, version: reviewed.map_or(0, |answer| answer.version()), authority, front_desk }
    }

    fn concrete_case(&self, topic: Option<&TopicSlug>) -> Reply {
        let texts = &self.texts.counter;
        let mut said = vec![self.vary(&texts.concrete_case, &self.texts.again.concrete_case).to_owned()];
        let service = topic.and_then(|topic| self.library.service(topic));
        let authority = service.and_then(|service| self.library.authority(&service.authority));
        match authority {
            Some(authority) => {
                let name = card::name_in(self.library, self.lang, authority, self.municipality());
                let mut line = fill(&texts.concrete_case_at, &[("authority", &name)]);
                if !authority.phone.is_empty() {
                    line.push(' ');
                    line.push_str(&fill(&texts.concrete_case_phone, &[("phone", &authority.phone)]));
                }
                said.push(line);
            }
            None => said.push(texts.concrete_case_anywhere.clone()),
        }
        if let Some(time) = service.and_then(|service| service.processing(self.lang)) {
            said.push(fill(&texts.concrete_case_time, &[("time", time)]));
        }
        let no_cases =
            self.library.reviewed(&TopicSlug::new(NO_CASES_TOPIC), self.lang, local_date(self.now));
        let mut keys: Vec<String> = no_cases.map_or_else(Vec::new, |answer| answer.article().sources.clone());
        keys.extend(service.map_or(&[][..], |service| service.sources.as_slice()).iter().cloned());
        Reply {
            lang: self.lang,
            paragraphs: said,
            next_step: Some(texts.concrete_case_next.clone()),
            sources: self.sources(&keys),
            reviewed: no_cases.map(|answer| answer.article().reviewed.to_string()),
            buttons: vec![self.person_button()],
            links: ways_on(),
            ..Reply::default()
        }
    }

    fn offer(&self, topics: &[TopicSlug]) -> Reply {
        let texts = &self.texts.counter;
        let mut buttons = self.topic_buttons(topics);
        buttons.push(button(&texts.button_none, &Choice::NoneOfThese));
        Reply {
            tone: Tone::Question,
            buttons,
            ..self.plain(self.vary(&texts.offer, &self.texts.again.offer), &texts.offer_next)
        }
    }

    fn abstain(&self, nearest: &[TopicSlug]) -> Reply {
        let texts = &self.texts.counter;
        let refused = matches!(self.heard.choice, Some(Choice::NoneOfThese))
            || (self.heard.aside.retort == Retort::No && !self.dialogue.offered.is_empty());
        let usual = if refused { &texts.none_of_these } else { &texts.abstain };
        let first = self.vary(usual, &self.texts.again.abstain);
        let mut reply = self.plain(first, &texts.abstain_next);
        let mut buttons = self.topic_buttons(nearest);
        if !buttons.is_empty() {
            reply.paragraphs.push(texts.abstain_nearest.clone());
        }
        buttons.push(self.person_button());
        Reply { buttons, links: ways_on(), ..reply }
    }

    fn ask_matter(&self) -> Reply {
        let texts = &self.texts.counter;
        // Who has just named a municipality hears that it was understood.
        let named = self.municipality().filter(|_| self.heard.place != Place::None);
        let question = match named {
            Some(place) if self.times == 0 => {
                fill(&texts.ask_matter_in, &[("municipality", &place.official_name)])
            }
            _ => self.vary(&texts.ask_matter, &self.texts.again.ask_matter).to_owned(),
        };
        let reply = self.plain(&question, &texts.ask_matter_next);
        let buttons = self.common_topics(COMMON.len());
        Reply { tone: Tone::Question, asks: Some(Slot::Matter), buttons, ..reply }
    }

    fn ask_municipality(&self, about: Option<&TopicSlug>, among: &[Tenant]) -> Reply {
        let (texts, again) = (&self.texts.counter, &self.texts.again);
        let mut buttons = self.place_buttons(among);
        let matter = about.and_then(|topic| self.library.title(topic, self.lang));
        let question = match (matter, self.dialogue.situation.for_other) {
            _ if !buttons.is_empty() => self.vary(&texts.ask_municipality_among, &again.ask_among).to_owned(),
            _ if self.times > 0 => self.vary("", &again.ask_municipality).to_owned(),
            (Some(matter), Some(other)) => {
                let values = [("matter", matter), ("person", self.texts.kin.of(other).as_str())];
                fill(&texts.ask_municipality_other, &values)
            }
            (Some(matter), None) => fill(&texts.ask_municipality_for, &[("matter", matter)]),
            (None, _) => texts.ask_municipality.clone(),
        };
        if buttons.is_empty() {
            let largest: Vec<Tenant> =
                LARGEST.into_iter().filter_map(|code| Tenant::try_new(code).ok()).collect();
            buttons = self.place_buttons(&largest);
        }
        buttons.push(self.skip_button());
        let reply = self.plain(&question, &texts.ask_municipality_next);
        Reply { tone: Tone::Question, asks: Some(Slot::Municipality), buttons, ..reply }
    }

    fn person(&self) -> Reply {
        let (texts, again) = (&self.texts.counter, &self.texts.again.person);
        let wanted = self.heard.intent == Intent::Human || self.heard.choice == Some(Choice::Person);
        // Whoever did not ask for one is not told "of course".
        let other = again.get(self.times.checked_rem(again.len()).unwrap_or_default());
        let text = match other.filter(|_| !wanted || self.times > 0) {
            Some(other) => other.clone(),
            None => fill(&texts.person, &[("phone", self.hotline_phone())]),
        };
        let mut reply = self.plain(&text, &texts.person_next);
        reply.paragraphs.extend(self.hotline_now());
        reply.paragraphs.extend(self.membership());
        reply.paragraphs.push(texts.person_forms.clone());
        let hotline = self.library.authority(card::HOTLINE);
        let sources = hotline.map_or_else(Vec::new, |hotline| self.sources(&hotline.sources));
        // What would have been offered for the third time stays at hand.
        let near =
            if self.heard.band == Band::Choices && !wanted { self.heard.nearest(3) } else { Vec::new() };
        Reply { sources, buttons: self.topic_buttons(&near), links: ways_on(), ..reply }
    }

    /// In the citizen's language; the topics lead to articles in the language of the reply.
    fn foreign(&self, language: Foreign, topics: &[TopicSlug]) -> Reply {
        let texts = &self.texts.foreign;
        let foreign = self.library.foreign();
        let mut reply =
            self.plain(&fill(texts.of(language), &[("phone", self.hotline_phone())]), &texts.next);
        let titled = topics.iter().filter_map(|topic| Some((topic, foreign.title(topic, language)?)));
        reply.buttons.extend(titled.map(|(topic, title)| button(title, &Choice::Topic(topic.clone()))));
        if !reply.buttons.is_empty() {
            reply.paragraphs.extend(foreign.offer(language).map(ToOwned::to_owned));
        }
        reply.buttons.push(button(&self.texts.counter.button_danish, &Choice::Language(Lang::Da)));
        reply.buttons.push(button(&self.texts.counter.button_english, &Choice::Language(Lang::En)));
        reply
    }

    fn place_buttons(&self, codes: &[Tenant]) -> Vec<Button> {
        let known = codes.iter().filter_map(|code| self.library.municipality(*code));
        known.map(|place| button(&place.official_name, &Choice::Place(place.code))).collect()
    }

    fn topic_buttons(&self, topics: &[TopicSlug]) -> Vec<Button> {
        let titled = topics.iter().filter_map(|topic| Some((topic, self.library.title(topic, self.lang)?)));
        titled.map(|(topic, title)| button(title, &Choice::Topic(topic.clone()))).collect()
    }

    fn common_topics(&self, count: usize) -> Vec<Button> {
        let topics: Vec<TopicSlug> = COMMON.into_iter().take(count).map(TopicSlug::new).collect();
        self.topic_buttons(&topics)
    }

    fn person_button(&self) -> Button {
        button(&self.texts.counter.button_person, &Choice::Person)
    }
}

/// Whether a message led to anything that is worth saying without having read its end.
const fn is_understood(step: &Move) -> bool {
    match step {
        Move::Safety
        | Move::Answer { .. }
        | Move::Offer { .. }
        | Move::Ask { .. }
        | Move::Route { .. }
        | Move::ConcreteCase { .. }
        | Move::Person
        | Move::Foreign { .. } => true,
        Move::Abstain { .. } | Move::Greet | Move::Welcome | Move::OnlyRemoved => false,
    }
}

fn ways_on() -> Vec<LinkTo> {
    vec![LinkTo::CallBack, LinkTo::WrittenInquiry]
}

/// Whether a message speaks of NemID, so that the answer says what became of it.
fn names_nemid(text: &str) -> bool {
    let text = text.to_lowercase();
    ["nemid", "nem id", "nem-id"].iter().any(|name| text.contains(name))
}

#[cfg(test)]
mod tests;
