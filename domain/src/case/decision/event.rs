//! What has happened to a decision. The names and fields written here are in the log for good.

use serde::{Deserialize, Serialize};

use crate::Sealed;
use crate::case::PartyOutcome;
use crate::case::document::{ContentHash, LetterSent, PartyLetter, StoredFile};
use crate::id::{DocumentId, UserId};

/// How a decision falls out for the party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Fully in favour (fuldt medhold).
    Granted,
    /// Partly in favour (delvist medhold).
    PartlyGranted,
    /// Refused (afslag).
    Refused,
}

impl Outcome {
    /// Whether the party gets all they asked for: then neither grounds nor complaint guidance are required.
    pub const fn fully_in_favour(self) -> bool {
        matches!(self, Self::Granted)
    }
}

/// The grounds in three parts (begrundelse, FVL § 24).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// The rules applied.
    #[serde(default)]
    pub rules: Option<Sealed<String>>,
    /// The main considerations in a discretion.
    #[serde(default)]
    pub discretion: Option<Sealed<String>>,
    /// The decisive facts.
    #[serde(default)]
    pub facts: Option<Sealed<String>>,
}

impl Grounds {
    /// Which parts are there: rules, discretion, facts.
    pub const fn present(&self) -> [bool; 3] {
        [self.rules.is_some(), self.discretion.is_some(), self.facts.is_some()]
    }
}

/// Where, how and by when to complain (klagevejledning, FVL § 25). No personal data: it is not sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintGuidance {
    /// The body that decides the complaint.
    pub body: String,
    /// How to complain.
    pub how: String,
    /// By when.
    pub limit: String,
}

impl ComplaintGuidance {
    /// Whether it says all three things.
    pub const fn is_complete(&self) -> bool {
        !(self.body.is_empty() || self.how.is_empty() || self.limit.is_empty())
    }
}

/// A draft of a decision, or a new version of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionDrafted {
    /// The version, from 1.
    pub version: u32,
    /// Who wrote it.
    pub author: UserId,
    /// The outcome for the first party.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// The outcome for each of the other parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<PartyOutcome>,
    /// The letter.
    pub text: Sealed<String>,
    /// The legal basis.
    #[serde(default)]
    pub legal_basis: String,
    /// The grounds.
    #[serde(default)]
    pub grounds: Grounds,
    /// The complaint guidance.
    #[serde(default)]
    pub complaint: Option<ComplaintGuidance>,
}

/// A colleague is asked to approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionSubmitted {
    /// Which version.
    pub version: u32,
}

/// A colleague approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionApproved {
    /// Which version.
    pub version: u32,
    /// The first party's letter as it was rendered: what is sent must be these bytes. Absent before there were letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<StoredFile>,
    /// The letters to the other parties. Absent before each party got one of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<PartyLetter>,
}

/// A colleague sent it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionReturned {
    /// What must change.
    pub reason: Sealed<String>,
}

/// The decision was made (afgørelse truffet).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionMade {
    /// Which version of the draft.
    pub version: u32,
    /// The outcome for the first party.
    pub outcome: Outcome,
    /// The outcome for each of the other parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<PartyOutcome>,
    /// The rule set it was made under.
    pub rule_set: String,
}

/// The decision was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionSent {
    /// The first party's letter, as a document of the case. Absent before there were letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
    /// The hash of the bytes that went out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<ContentHash>,
    /// The letters to the other parties. Absent before each party got one of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<LetterSent>,
}

/// A decision that was sent was corrected (berigtiget). The letter stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionCorrected {
    /// What is right.
    pub text: Sealed<String>,
    /// Why.
    pub reason: Sealed<String>,
}

/// A decision was revoked (tilbagekaldt); the case is open again for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRevoked {
    /// Why.
    pub reason: Sealed<String>,
}
