//! What has happened to a person's data. The names and fields written here are in the log for good.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Basis;
use crate::codec;
use crate::id::{CaseId, UserId};
use crate::sealed::{SealError, SealVisitor, Sealable, Sealed};
use crate::upcast::{Evolving, Step};

/// An event about a data subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum PrivacyEvent {
    ErasureRequested(ErasureRequested),
    ErasureProposed(ErasureProposed),
    ErasureDeclined(ErasureDeclined),
    ErasureDecided(ErasureDecided),
    SubjectKeyDestroyed(SubjectKeyDestroyed),
    Disposed(Disposed),
    LegalHoldPlaced(LegalHoldPlaced),
    LegalHoldReleased(LegalHoldReleased),
    DeliveredToArchive(DeliveredToArchive),
    SubjectReportMade(SubjectReportMade),
}

/// It is asked that the person's data be erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRequested {
    /// On which basis.
    pub basis: Basis,
    /// The day it was asked for.
    pub received: Date,
    /// Who asks, if somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<Sealed<String>>,
    /// Why.
    pub reason: Sealed<String>,
}

/// A member of staff proposed to erase: the first of two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureProposed {
    /// Who, and therefore may not approve it.
    pub by: UserId,
}

/// The request was turned down, or a proposal was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureDeclined {
    /// Why.
    pub reason: Sealed<String>,
}

/// Two people decided to erase. From here on there is no way back: the key is destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureDecided {
    /// On which basis.
    pub basis: Basis,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// Who approved it: somebody else.
    pub approved_by: UserId,
    /// The cases whose content goes.
    pub cases: Vec<CaseId>,
}

/// The key was destroyed: what it sealed is gone, here and in every view, file and backup taken afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectKeyDestroyed {
    /// How many conversations at the counter that led to it were erased with it.
    pub conversations: u32,
}

/// Cases were discarded (kasseret) because their time was over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposed {
    /// Which.
    pub cases: Vec<CaseId>,
}

/// Nothing may be erased while this holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalHoldPlaced {
    /// Its number, from 1.
    pub number: u32,
    /// Why.
    pub reason: Sealed<String>,
}

/// A hold holds no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalHoldReleased {
    /// Its number.
    pub number: u32,
    /// Why.
    pub reason: Sealed<String>,
}

/// A case was delivered to a public archive (afleveret).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveredToArchive {
    /// Which.
    pub case: CaseId,
    /// To which archive.
    pub archive: String,
    /// On which day.
    pub on: Date,
}

/// The person was told what is stored about them (GDPR art. 15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectReportMade {
    /// How many events it told.
    pub events: u32,
    /// How many look-ups it told.
    pub looks: u32,
}

impl Sealable for PrivacyEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::ErasureRequested(event) => {
                if let Some(requester) = &mut event.requester {
                    visit("ErasureRequested.requester", requester)?;
                }
                visit("ErasureRequested.reason", &mut event.reason)
            }
            Self::ErasureDeclined(event) => visit("ErasureDeclined.reason", &mut event.reason),
            Self::LegalHoldPlaced(event) => visit("LegalHoldPlaced.reason", &mut event.reason),
            Self::LegalHoldReleased(event) => visit("LegalHoldReleased.reason", &mut event.reason),
            Self::ErasureProposed(_)
            | Self::ErasureDecided(_)
            | Self::SubjectKeyDestroyed(_)
            | Self::Disposed(_)
            | Self::DeliveredToArchive(_)
            | Self::SubjectReportMade(_) => Ok(()),
        }
    }
}

impl Evolving for PrivacyEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for PrivacyEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
