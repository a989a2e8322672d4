//! What has happened to the parties of a case. The names and fields written here are in the log for good.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Sealed;
use crate::case::decision::Outcome;
use crate::id::SubjectId;
use crate::sealed::{SealError, SealVisitor};

/// What somebody is to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartyRole {
    /// The case is about them (sagens part).
    Party,
    /// They have an interest of their own against another party's (modpart).
    Opponent,
    /// A relative (pårørende).
    Relative,
    /// They told the authority (indberetter).
    Reporter,
    /// They know something (vidne or another source).
    Witness,
}

impl PartyRole {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Party, Self::Opponent, Self::Relative, Self::Reporter, Self::Witness];

    /// Whether they are a party in the sense of the act on public administration: only a party is heard, and only a
    /// party gets a decision.
    pub const fn is_party(self) -> bool {
        match self {
            Self::Party | Self::Opponent => true,
            Self::Relative | Self::Reporter | Self::Witness => false,
        }
    }
}

/// Somebody came to the case, beside the one it was opened for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyAdded {
    /// Their number in the case, from 2: the first is whom it was opened for.
    pub party: u32,
    /// Whom the fields about them are sealed for.
    pub subject: SubjectId,
    /// What they are to the case.
    pub role: PartyRole,
    /// Their name.
    pub name: Sealed<String>,
    /// Their address.
    #[serde(default)]
    pub address: Option<Sealed<String>>,
}

impl PartyAdded {
    pub(in crate::case) fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        visit("PartyAdded.name", &mut self.name)?;
        self.address.as_mut().map_or(Ok(()), |address| visit("PartyAdded.address", address))
    }
}

/// They are something else to the case than was thought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyRoleChanged {
    /// Who.
    pub party: u32,
    /// What they are.
    pub role: PartyRole,
    /// Why.
    pub reason: Sealed<String>,
}

/// Somebody speaks for a party (partsrepræsentant, FVL § 8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepresentativeRecorded {
    /// For whom.
    pub party: u32,
    /// Whom the fields about the representative are sealed for.
    pub subject: SubjectId,
    /// The representative's name.
    pub name: Sealed<String>,
    /// How to reach them.
    #[serde(default)]
    pub contact: Option<Sealed<String>>,
}

impl RepresentativeRecorded {
    pub(in crate::case) fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        visit("RepresentativeRecorded.name", &mut self.name)?;
        self.contact.as_mut().map_or(Ok(()), |contact| visit("RepresentativeRecorded.contact", contact))
    }
}

/// Nobody speaks for the party any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepresentativeEnded {
    /// For whom.
    pub party: u32,
    /// Why.
    pub reason: Sealed<String>,
}

/// The party's address is protected (navne- og adressebeskyttelse): it is shown to nobody who does not open it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressProtectionMarked {
    /// Whose.
    pub party: u32,
}

/// The party's address is not protected any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressProtectionLifted {
    /// Whose.
    pub party: u32,
    /// Why.
    pub reason: Sealed<String>,
}

/// A party answered in a hearing (høringssvar).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HearingReplyReceived {
    /// Who.
    pub party: u32,
    /// The day the answer came.
    pub received: Date,
    /// What it says.
    pub text: Sealed<String>,
}

/// How a decision falls out for one of the further parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyOutcome {
    /// Who.
    pub party: u32,
    /// The outcome.
    pub outcome: Outcome,
}
