//! What has happened to a request for access. The names and fields written here are in the log for good.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::{CaseId, SubjectId};
use crate::inquiry::Channel;
use crate::rules::{AccessBasis, Term};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Sealed, codec};

/// An event of a request for access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
#[expect(clippy::large_enum_variant, reason = "a request begins with the large one, and has one of it")]
pub enum AccessRequestEvent {
    AccessRequested(AccessRequested),
    DocumentDisclosureDecided(DocumentDisclosureDecided),
    DelayNoticeSent(DelayNoticeSent),
    PackageReleased(PackageReleased),
    AccessRequestWithdrawn(AccessRequestWithdrawn),
    AccessRequestClosed(AccessRequestClosed),
}

/// A paper that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRequested {
    /// Its reference within the case.
    pub reference: String,
    /// Its title in the journal.
    pub title: Sealed<String>,
}

/// Somebody asked for access (anmodning om aktindsigt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequested {
    /// The case.
    pub case: CaseId,
    /// Whom the papers are about.
    pub subject: SubjectId,
    /// Who asks.
    pub requester: Sealed<String>,
    /// What for, in their words.
    pub asked_for: Sealed<String>,
    /// On which basis.
    pub basis: AccessBasis,
    /// That basis, as lawyers cite it.
    pub statute: String,
    /// The day it came in.
    pub received: Date,
    /// How.
    pub channel: Channel,
    /// The papers it is about.
    pub documents: Vec<DocumentRequested>,
    /// Until when an answer or a notice of delay is due.
    pub answer: Term,
    /// After which day the delay itself can be complained of.
    #[serde(default)]
    pub complaint_from: Option<Term>,
}

/// How much of a paper is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disclosure {
    /// All of it.
    Full,
    /// An extract (ekstrahering).
    Partial,
    /// Nothing (undtaget).
    Withheld,
}

/// It was decided what is given of a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentDisclosureDecided {
    /// The paper's reference within the case.
    pub reference: String,
    /// How much is given.
    pub disclosure: Disclosure,
    /// On which basis the rest is withheld; empty while it is not settled, and where nothing is withheld.
    #[serde(default)]
    pub statute: String,
    /// What is given of a paper that is given in part.
    #[serde(default)]
    pub extract: Option<Sealed<String>>,
}

/// Whoever asked was told that it takes longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayNoticeSent {
    /// When an answer can be expected.
    pub expected: Date,
    /// Why it takes longer.
    pub reason: Sealed<String>,
}

/// The package was released (udleveret).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageReleased {
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
}

/// Whoever asked took it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequestWithdrawn {
    /// What they said.
    pub reason: Sealed<String>,
}

/// It ended without a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequestClosed {
    /// Why.
    pub reason: Sealed<String>,
}

impl Sealable for AccessRequestEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::AccessRequested(event) => {
                visit("AccessRequested.requester", &mut event.requester)?;
                visit("AccessRequested.askedFor", &mut event.asked_for)?;
                let mut titles = event.documents.iter_mut().map(|document| &mut document.title);
                titles.try_for_each(|title| visit("AccessRequested.documents.title", title))
            }
            Self::DocumentDisclosureDecided(event) => {
                let extract = event.extract.as_mut();
                extract.map_or(Ok(()), |extract| visit("DocumentDisclosureDecided.extract", extract))
            }
            Self::DelayNoticeSent(event) => visit("DelayNoticeSent.reason", &mut event.reason),
            Self::AccessRequestWithdrawn(event) => visit("AccessRequestWithdrawn.reason", &mut event.reason),
            Self::AccessRequestClosed(event) => visit("AccessRequestClosed.reason", &mut event.reason),
            Self::PackageReleased(_) => Ok(()),
        }
    }
}

impl Evolving for AccessRequestEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for AccessRequestEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
