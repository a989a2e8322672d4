//! What can be wished about a person's data.

use std::fmt;

use jiff::civil::Date;

use super::{Basis, Matters};
use crate::act::By;
use crate::id::{CaseId, SubjectId};

/// A wish about a data subject.
#[derive(Clone, Debug)]
pub struct PrivacyCommand {
    /// Whose data.
    pub subject: SubjectId,
    /// What is wished.
    pub act: PrivacyAct,
    /// What there is of them, from its own streams.
    pub matters: Matters,
    /// By whom, in which roles, and when.
    pub under: By,
}

/// What can be done about a data subject.
#[derive(Clone)]
pub enum PrivacyAct {
    /// Note that it is asked to erase their data.
    Request {
        /// On which basis.
        basis: Basis,
        /// The day it was asked for; today where it is not said.
        received: Option<Date>,
        /// Who asks; empty where nobody outside does.
        requester: String,
        /// Why.
        reason: String,
    },
    /// Propose to do it.
    Propose,
    /// Do it, as somebody else proposed.
    Approve,
    /// Turn it down, or take a proposal back.
    Decline {
        /// Why.
        reason: String,
    },
    /// Let nothing be erased for the time being.
    PlaceHold {
        /// Why.
        reason: String,
    },
    /// End a hold.
    ReleaseHold {
        /// Which.
        number: u32,
        /// Why.
        reason: String,
    },
    /// Note that a case was delivered to a public archive.
    Deliver {
        /// Which.
        case: CaseId,
        /// To which archive.
        archive: String,
        /// On which day.
        on: Date,
    },
    /// Note that the person was told what is stored about them.
    Report {
        /// How many events were told.
        events: u32,
        /// How many look-ups were told.
        looks: u32,
    },
    /// Note that the key is destroyed. Only the system does, after it has destroyed it.
    Destroyed {
        /// How many conversations at the counter went with it.
        conversations: u32,
    },
}

/// What kind of act it is, for the guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as the acts, which are documented")]
pub enum PrivacyActKind {
    Request,
    Propose,
    Approve,
    Decline,
    PlaceHold,
    ReleaseHold,
    Deliver,
    Report,
    Destroyed,
}

impl PrivacyActKind {
    /// Those that a person can do, in the order screens show them.
    pub const OF_PEOPLE: [Self; 8] = [
        Self::Request,
        Self::Propose,
        Self::Approve,
        Self::Decline,
        Self::PlaceHold,
        Self::ReleaseHold,
        Self::Deliver,
        Self::Report,
    ];
}

impl PrivacyAct {
    /// What kind of act it is.
    pub const fn kind(&self) -> PrivacyActKind {
        match self {
            Self::Request { .. } => PrivacyActKind::Request,
            Self::Propose => PrivacyActKind::Propose,
            Self::Approve => PrivacyActKind::Approve,
            Self::Decline { .. } => PrivacyActKind::Decline,
            Self::PlaceHold { .. } => PrivacyActKind::PlaceHold,
            Self::ReleaseHold { .. } => PrivacyActKind::ReleaseHold,
            Self::Deliver { .. } => PrivacyActKind::Deliver,
            Self::Report { .. } => PrivacyActKind::Report,
            Self::Destroyed { .. } => PrivacyActKind::Destroyed,
        }
    }
}

impl fmt::Debug for PrivacyAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The kind only: the rest holds names and reasons.
        write!(f, "{:?}", self.kind())
    }
}
