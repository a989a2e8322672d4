//! What has happened to an exemption. The names and fields written here are in the log for good.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::authority::AuthoritySlug;
use crate::conversation::TopicSlug;
use crate::id::{InquiryId, SubjectId};
use crate::inquiry::Channel;
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Sealed, codec};

/// An event of an exemption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum ExemptionEvent {
    ExemptionRequested(ExemptionRequested),
    ExemptionGranted(ExemptionGranted),
    ExemptionRefused(ExemptionRefused),
    ExemptionExpired(ExemptionExpired),
    ExemptionWithdrawn(ExemptionWithdrawn),
}

/// What of an authority's self-service an exemption is about. Stored as the topic, or as nothing for all of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Option<TopicSlug>", into = "Option<TopicSlug>")]
pub enum Area {
    /// Everything of that authority (a general exemption, as for Udbetaling Danmark).
    Everything,
    /// One self-service area.
    Topic(TopicSlug),
}

impl Area {
    /// The self-service area, if it is one.
    pub const fn topic(&self) -> Option<&TopicSlug> {
        match self {
            Self::Everything => None,
            Self::Topic(topic) => Some(topic),
        }
    }
}

impl From<Option<TopicSlug>> for Area {
    fn from(topic: Option<TopicSlug>) -> Self {
        topic.map_or(Self::Everything, Self::Topic)
    }
}

impl From<Area> for Option<TopicSlug> {
    fn from(area: Area) -> Self {
        match area {
            Area::Everything => None,
            Area::Topic(topic) => Some(topic),
        }
    }
}

/// Who an exemption is for, and who asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// The person's name.
    pub name: String,
    /// Who asked for them, if they did not ask themselves.
    #[serde(default)]
    pub through: Option<Representative>,
}

/// Somebody who acts for another.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representative {
    /// The name.
    pub name: String,
    /// What they are to the person, in a few words ("datter", "værge"); may be empty.
    pub relation: String,
}

/// Why somebody cannot be expected to act online.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// Short names of grounds on the list.
    pub named: Vec<String>,
    /// What is on no list, in words; may be empty.
    #[serde(default)]
    pub text: String,
}

impl Grounds {
    /// Each ground once, and the text without blanks around it.
    #[must_use]
    pub(super) fn trimmed(self) -> Self {
        let mut named = self.named;
        named.sort();
        named.dedup();
        Self { named, text: self.text.trim().to_owned() }
    }
}

macro_rules! silent {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}
silent!(Applicant, Representative, Grounds);

/// Somebody asked for an exemption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionRequested {
    /// The authority whose self-service it is about.
    pub authority: AuthoritySlug,
    /// What of that authority.
    pub area: Area,
    /// How it was asked for.
    pub channel: Channel,
    /// When it came in.
    pub received: Date,
    /// The inquiry that it was asked in.
    #[serde(default)]
    pub inquiry: Option<InquiryId>,
    /// Whom the sealed fields are about.
    pub subject: SubjectId,
    /// Who it is for, and who asked.
    pub applicant: Sealed<Applicant>,
    /// The grounds that were given, if any.
    pub grounds: Sealed<Grounds>,
}

/// It was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionGranted {
    /// The authority whose self-service it is about.
    pub authority: AuthoritySlug,
    /// What of that authority.
    pub area: Area,
    /// Its first day.
    pub from: Date,
    /// Its last day, if it has one.
    #[serde(default)]
    pub until: Option<Date>,
    /// The grounds it rests on.
    pub grounds: Sealed<Grounds>,
}

/// It was not given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionRefused {
    /// Why not.
    pub reason: Sealed<String>,
}

/// Its last day is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionExpired {
    /// That day.
    pub last: Date,
}

/// The person wants it no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionWithdrawn {
    /// From this day on it does not hold.
    pub on: Date,
    /// Why, if that was said.
    #[serde(default)]
    pub reason: Option<Sealed<String>>,
}

impl Sealable for ExemptionEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::ExemptionRequested(event) => {
                visit("ExemptionRequested.applicant", &mut event.applicant)?;
                visit("ExemptionRequested.grounds", &mut event.grounds)
            }
            Self::ExemptionGranted(event) => visit("ExemptionGranted.grounds", &mut event.grounds),
            Self::ExemptionRefused(event) => visit("ExemptionRefused.reason", &mut event.reason),
            Self::ExemptionWithdrawn(ExemptionWithdrawn { reason: Some(reason), .. }) => {
                visit("ExemptionWithdrawn.reason", reason)
            }
            Self::ExemptionWithdrawn(_) | Self::ExemptionExpired(_) => Ok(()),
        }
    }
}

impl Evolving for ExemptionEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for ExemptionEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
