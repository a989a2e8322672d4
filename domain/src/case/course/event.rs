//! What else has happened on the way of a case. The names and fields written here are in the log for good.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Sealed;
use crate::authority::AuthoritySlug;
use crate::id::{CaseId, InquiryId, Tenant};
use crate::sealed::{SealError, SealVisitor};

/// How carefully a case is treated (følsomhed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidentiality {
    /// As every case.
    #[default]
    Ordinary,
    /// Fortrolig: lists do not show what it is about.
    Confidential,
    /// Følsom: as confidential; it holds what the GDPR's article 9 or 10 is about.
    Sensitive,
}

/// The case is treated more, or less, carefully from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfidentialityMarked {
    /// How.
    pub level: Confidentiality,
    /// Why.
    pub reason: Sealed<String>,
}

/// Facts that matter to the decision came by word of mouth, or were seen (notatpligt, OFL § 13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactNoted {
    /// What is known now.
    pub text: Sealed<String>,
    /// Where it is from.
    #[serde(default)]
    pub source: Option<Sealed<String>>,
}

impl FactNoted {
    pub(in crate::case) fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        visit("FactNoted.text", &mut self.text)?;
        self.source.as_mut().map_or(Ok(()), |source| visit("FactNoted.source", source))
    }
}

/// What was decided is to be carried out (bestilt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectuationOrdered {
    /// What is to be done.
    pub what: Sealed<String>,
    /// By when.
    #[serde(default)]
    pub due: Option<Date>,
}

/// What was decided is carried out (udført).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effectuated {
    /// The day on which it was done.
    pub on: Date,
    /// What was done, where there is more to say.
    #[serde(default)]
    pub note: Option<Sealed<String>>,
}

/// The citizen does not want a decision any more (frafaldet).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseWithdrawn {
    /// How the citizen said so, and why if they did.
    pub reason: Sealed<String>,
}

/// It went to the authority whose business it is (videresendt, FVL § 7, stk. 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseForwarded {
    /// The authority's slug in the register.
    pub authority: AuthoritySlug,
    /// What the register called it on that day.
    pub name: String,
    /// The municipality, where every municipality has such an authority.
    #[serde(default)]
    pub municipality: Option<Tenant>,
    /// The inquiry that it is over there, where that municipality is served from this log.
    #[serde(default)]
    pub received_as: Option<InquiryId>,
    /// What the sender was told.
    pub notice: SenderNotice,
}

/// What the sender was told about the forwarding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SenderNotice {
    /// How, and what was said.
    Informed(Sealed<String>),
    /// Why nothing was said.
    Waived(Sealed<String>),
}

impl SenderNotice {
    pub(in crate::case) fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::Informed(said) => visit("CaseForwarded.informed", said),
            Self::Waived(why) => visit("CaseForwarded.waived", why),
        }
    }
}

/// How another case belongs to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseLink {
    /// They have to do with each other.
    Related,
    /// The other is a part of this one (delsag).
    SubCase,
    /// This one is a part of the other (hovedsag).
    MainCase,
    /// This one was opened twice: the other goes on.
    DuplicateOf,
    /// The other was opened twice: this one goes on.
    DuplicatedBy,
}

impl CaseLink {
    /// Every way.
    pub const ALL: [Self; 5] =
        [Self::Related, Self::SubCase, Self::MainCase, Self::DuplicateOf, Self::DuplicatedBy];

    /// The same link as the other case sees it.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::Related => Self::Related,
            Self::SubCase => Self::MainCase,
            Self::MainCase => Self::SubCase,
            Self::DuplicateOf => Self::DuplicatedBy,
            Self::DuplicatedBy => Self::DuplicateOf,
        }
    }
}

/// Another case belongs to this one. Each of the two tells it in its own stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CasesLinked {
    /// Which.
    pub other: CaseId,
    /// How.
    pub link: CaseLink,
}
