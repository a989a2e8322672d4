//! What has happened to a self-service solution. The names and fields written here are in the log for good.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::SubjectId;
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Sealed, codec};

use super::page::ActionPage;

/// An event of a self-service solution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum ServiceEvent {
    ServiceSubmitted(ServiceSubmitted),
    ServiceAccepted(ServiceAccepted),
    ServiceReturned(ServiceReturned),
    ActionPageDrafted(ActionPageDrafted),
    ActionPagePublished(ActionPagePublished),
    RequirementAnswered(RequirementAnswered),
    LinkChecked(LinkChecked),
    ServiceWithdrawn(ServiceWithdrawn),
}

/// Whether the portal has a solution already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It does not.
    New,
    /// It does, and something about it has changed.
    Existing,
}

/// Who made a solution.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supplier {
    /// The name: of a company, and often of a person there.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

impl fmt::Debug for Supplier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Supplier(..)")
    }
}

/// Whether a solution meets a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compliance {
    /// It does.
    Met,
    /// It does not.
    NotMet,
    /// The requirement is about something that it does not have.
    NotRelevant,
}

/// What came of asking for an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum LinkState {
    /// It answers.
    Works,
    /// It has moved for good.
    Moved {
        /// Where to.
        to: String,
    },
    /// The server answers, and says that there is nothing.
    Broken {
        /// With this HTTP status.
        status: u16,
    },
    /// No useful answer came: the server may be down for a while.
    Unreachable,
}

/// It was submitted to the portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSubmitted {
    /// Whether the portal has it already.
    pub kind: Kind,
    /// What it is called.
    pub title: String,
    /// Where it is: an absolute address.
    pub url: String,
    /// What it does, in short.
    pub description: String,
    /// Whom the sealed fields are about.
    pub subject: SubjectId,
    /// Who made it.
    pub supplier: Sealed<Supplier>,
}

/// The portal takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccepted {}

/// The portal wants something changed first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceReturned {
    /// What.
    pub reason: Sealed<String>,
}

/// A version of its action page was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionPageDrafted {
    /// Which, from 1.
    pub version: u32,
    /// The text.
    pub page: ActionPage,
}

/// The portal shows a version of its action page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionPagePublished {
    /// Which.
    pub version: u32,
    /// Where, if that is known.
    #[serde(default)]
    pub url: Option<String>,
}

/// It was said whether it meets a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementAnswered {
    /// The requirement's short name.
    pub requirement: String,
    /// Whether it does.
    pub compliance: Compliance,
    /// How, or why not.
    #[serde(default)]
    pub note: Option<Sealed<String>>,
}

/// One of its addresses answers otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkChecked {
    /// Which.
    pub address: String,
    /// How.
    pub state: LinkState,
    /// Since when that is known.
    pub on: Date,
}

/// It is not offered any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceWithdrawn {
    /// Why.
    pub reason: Sealed<String>,
}

impl Sealable for ServiceEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::ServiceSubmitted(event) => visit("ServiceSubmitted.supplier", &mut event.supplier),
            Self::ServiceReturned(event) => visit("ServiceReturned.reason", &mut event.reason),
            Self::RequirementAnswered(RequirementAnswered { note: Some(note), .. }) => {
                visit("RequirementAnswered.note", note)
            }
            Self::ServiceWithdrawn(event) => visit("ServiceWithdrawn.reason", &mut event.reason),
            Self::ServiceAccepted(_)
            | Self::ActionPageDrafted(_)
            | Self::ActionPagePublished(_)
            | Self::RequirementAnswered(_)
            | Self::LinkChecked(_) => Ok(()),
        }
    }
}

impl Evolving for ServiceEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for ServiceEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
