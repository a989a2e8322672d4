//! What the chat room understood of one message.

use serde::{Deserialize, Serialize};

use crate::Lang;
use crate::id::Tenant;

use super::aside::Aside;

/// The slug of a topic of the knowledge base, for example `flytning`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicSlug(String);

/// General topics that no authority decides and nobody can be routed for.
const NOT_ROUTED: [&str; 13] = [
    "obligatorisk-selvbetjening",
    "hvem-gaelder-det",
    "digital-hjaelp",
    "hotline",
    "hotline-sagsindsigt",
    "borger-dk",
    "nemid",
    "forkert-myndighed",
    "begrundelse",
    "sletning",
    "tilslutning",
    "handlingsside",
    "direkte-link",
];

impl TopicSlug {
    /// Takes a slug: lower-case letters, digits and hyphens.
    pub fn new(slug: impl Into<String>) -> Self {
        Self(slug.into())
    }

    /// Reads a slug that came from outside.
    pub fn try_new(slug: &str) -> Option<Self> {
        let well_formed = (1..=64).contains(&slug.len())
            && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        well_formed.then(|| Self(slug.to_owned()))
    }

    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The matter in which somebody is sent on who asks about this: `NemID` is no more, `MitID` is given out.
    #[must_use]
    pub fn decided_as(&self) -> Self {
        if self.0 == "nemid" { Self::new("mitid") } else { self.clone() }
    }

    /// Whether somebody decides in this matter, so that a person can be sent there.
    pub fn can_be_routed(&self) -> bool {
        !NOT_ROUTED.contains(&self.0.as_str())
    }
}

/// A message with everything personal that looks like a number or an address already removed.
///
/// The chat room's redaction is the only maker; its marks (`[CPR-nummer fjernet]`) stand where something was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redacted(String);

impl Redacted {
    /// Vouches that `text` has been through redaction.
    pub const fn vouch(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many of each kind were removed from a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Anything that looks like a CPR number.
    #[serde(default)]
    pub cpr: u16,
    /// Payment card numbers.
    #[serde(default)]
    pub card: u16,
    /// E-mail addresses.
    #[serde(default)]
    pub email: u16,
    /// Phone numbers.
    #[serde(default)]
    pub phone: u16,
}

impl Removed {
    /// Whether anything was removed.
    pub const fn any(self) -> bool {
        self.cpr + self.card + self.email + self.phone > 0
    }
}

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// Acute danger to life or health.
    Danger,
    /// A general question (the normal case).
    Question,
    /// "Jeg har ikke NemID / MitID", or cannot do it digitally: wants another way.
    NoEid,
    /// About one concrete case: how far, why not paid, what was decided.
    ConcreteCase,
    /// Wants a person.
    Human,
    /// Hello.
    Greeting,
    /// Thanks, goodbye.
    Thanks,
    /// Not the counter's business.
    OutOfScope,
}

/// How sure the retrieval is of its first topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Band {
    /// Not at all.
    Abstain,
    /// Enough to ask "mener du …?".
    Choices,
    /// Enough to answer.
    Answer,
}

/// A topic with its score, 0 to 1000.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// The topic.
    pub topic: TopicSlug,
    /// The score.
    pub score: u16,
}

/// The municipality that a message names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// None.
    #[default]
    None,
    /// One.
    One(Tenant),
    /// A name that several municipalities go by ("Nykøbing"), at most six.
    Several(Vec<Tenant>),
    /// The citizen cannot or does not want to name one: lives nowhere, abroad, or under protection.
    Withheld,
}

/// A language that is recognised but not spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Foreign {
    /// German.
    De,
    /// Polish.
    Pl,
    /// Ukrainian.
    Uk,
    /// Arabic.
    Ar,
    /// Turkish.
    Tr,
    /// Swedish.
    Sv,
    /// Norwegian.
    No,
    /// Another one, which nothing is said in here.
    Other,
}

impl Foreign {
    /// Those that have a name: something is said and asked for in each of them.
    pub const ALL: [Self; 7] = [Self::De, Self::Pl, Self::Uk, Self::Ar, Self::Tr, Self::Sv, Self::No];

    /// Which of the two languages somebody reads who was not asked yet and came by a page in `page`: Scandinavians
    /// read each other's languages, the others English.
    pub const fn reads(self, page: Lang) -> Lang {
        match self {
            Self::Sv | Self::No => page,
            Self::De | Self::Pl | Self::Uk | Self::Ar | Self::Tr | Self::Other => Lang::En,
        }
    }

    /// The language tag (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::Pl => "pl",
            Self::Uk => "uk",
            Self::Ar => "ar",
            Self::Tr => "tr",
            Self::Sv => "sv",
            Self::No => "no",
            Self::Other => "und",
        }
    }
}

/// A button that was pressed. Its text form travels through forms and Telegram: `topic:flytning`, `place:0190`,
/// `no-eid:flytning`, `person`, `none`, `skip`, `lang:en`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// One of the offered topics.
    Topic(TopicSlug),
    /// One of the offered municipalities.
    Place(Tenant),
    /// "Jeg har ikke MitID" under an answer.
    WithoutEid(TopicSlug),
    /// "Tal med et menneske".
    Person,
    /// "Ingen af disse".
    NoneOfThese,
    /// "Det ved jeg ikke, eller vil ikke sige" under the question for a detail.
    Skip,
    /// The other language.
    Language(Lang),
}

impl Choice {
    /// Reads the text form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("topic", slug)) => TopicSlug::try_new(slug).map(Self::Topic),
            Some(("no-eid", slug)) => TopicSlug::try_new(slug).map(Self::WithoutEid),
            Some(("place", code)) => Tenant::try_new(code).ok().map(Self::Place),
            Some(("lang", "da")) => Some(Self::Language(Lang::Da)),
            Some(("lang", "en")) => Some(Self::Language(Lang::En)),
            None if text == "person" => Some(Self::Person),
            None if text == "none" => Some(Self::NoneOfThese),
            None if text == "skip" => Some(Self::Skip),
            _ => None,
        }
    }

    /// The text form.
    pub fn code(&self) -> String {
        match self {
            Self::Topic(slug) => format!("topic:{}", slug.as_str()),
            Self::WithoutEid(slug) => format!("no-eid:{}", slug.as_str()),
            Self::Place(code) => format!("place:{code}"),
            Self::Person => "person".to_owned(),
            Self::NoneOfThese => "none".to_owned(),
            Self::Skip => "skip".to_owned(),
            Self::Language(lang) => format!("lang:{}", lang.tag()),
        }
    }
}

/// From which score on a topic is near enough to be offered by a counter that does not know the answer.
const NEAR: u16 = 120;
/// Topics that nobody wants to be offered by mistake.
const DELICATE: [&str; 4] = ["doedsfald", "begravelseshjaelp", "efterlevelseshjaelp", "skilsmisse"];
/// As [`NEAR`], for those.
const DELICATE_NEAR: u16 = 300;

/// One message, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The message as it may be kept; for a pressed button, its label.
    pub text: Redacted,
    /// What was removed from it.
    pub removed: Removed,
    /// The language to answer in.
    pub lang: Lang,
    /// Another language that was recognised.
    pub foreign: Option<Foreign>,
    /// What kind of message it is.
    pub intent: Intent,
    /// How sure the first topic is.
    pub band: Band,
    /// Topics, best first, at most five.
    pub topics: Vec<Scored>,
    /// The municipality.
    pub place: Place,
    /// What it says by the way.
    pub aside: Aside,
    /// The button that was pressed, if one was.
    pub choice: Option<Choice>,
}

impl Heard {
    /// A pressed button: nothing to understand.
    pub fn choice(choice: Choice, label: Redacted, lang: Lang) -> Self {
        Self {
            text: label,
            removed: Removed::default(),
            lang,
            foreign: None,
            intent: Intent::Question,
            band: Band::Abstain,
            topics: Vec::new(),
            place: Place::None,
            aside: Aside::default(),
            choice: Some(choice),
        }
    }

    /// Whether nothing is left to understand: no letters outside the marks of what was removed.
    pub fn is_empty(&self) -> bool {
        let mut rest = self.text.as_str();
        while let Some((before, after)) = rest.split_once('[') {
            if before.contains(char::is_alphanumeric) {
                return false;
            }
            // Only our own marks are passed over; brackets that a citizen types are part of the message.
            rest = match after.split_once(']') {
                Some((mark, behind)) if mark.ends_with(" fjernet") || mark.ends_with(" removed") => behind,
                _ => after,
            };
        }
        !rest.contains(char::is_alphanumeric)
    }

    /// Whether the understanding found no matter, no place and no wish in it.
    pub fn asks_nothing(&self) -> bool {
        self.intent == Intent::Question && self.topics.is_empty() && self.place == Place::None
    }

    /// The best topic, if the band is at least `band`.
    pub fn best_in(&self, band: Band) -> Option<TopicSlug> {
        self.topics.first().filter(|_| self.band >= band).map(|scored| scored.topic.clone())
    }

    /// As [`Self::nearest`], of what is near at all: a far guess helps nobody, and one about a death may hurt.
    pub fn near(&self, count: usize) -> Vec<TopicSlug> {
        let near = |scored: &&Scored| {
            let delicate = DELICATE.contains(&scored.topic.as_str());
            scored.score >= if delicate { DELICATE_NEAR } else { NEAR }
        };
        self.topics.iter().filter(near).take(count).map(|scored| scored.topic.clone()).collect()
    }

    /// The nearest topics, at most `count`.
    pub fn nearest(&self, count: usize) -> Vec<TopicSlug> {
        self.topics.iter().take(count).map(|scored| scored.topic.clone()).collect()
    }
}
