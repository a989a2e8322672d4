//! What can be wished of a request for access.

use std::fmt;

use jiff::civil::Date;

use crate::case::{Circumstances, OfCase};
use crate::id::SubjectId;
use crate::inquiry::Channel;
use crate::rules::AccessBasis;

use super::event::Disclosure;

/// A wish about a request for access.
#[derive(Clone, Debug)]
pub struct AccessRequestCommand {
    /// What is wished.
    pub act: AccessRequestAct,
    /// The case it is about.
    pub of: OfCase,
    /// By whom, when, under which rules.
    pub under: Circumstances,
}

/// What can be done with a request for access.
#[derive(Clone)]
pub enum AccessRequestAct {
    /// Take it in (modtag anmodning om aktindsigt).
    Ask(Box<Ask>),
    /// Decide what is given of one paper. May be decided anew until the package is released.
    Decide(Decide),
    /// Tell whoever asked that it takes longer (meddelelse om forsinkelse).
    NotifyDelay {
        /// When an answer can be expected.
        expected: Date,
        /// Why it takes longer.
        reason: String,
    },
    /// Release the package (udlevér).
    Release {
        /// The SHA-256 of its bytes, in hexadecimal.
        sha256: String,
        /// How many bytes.
        bytes: u64,
    },
    /// Whoever asked takes it back.
    Withdraw {
        /// What they said.
        reason: String,
    },
    /// End it without a package: there is nothing to give, or it is answered otherwise.
    Close {
        /// Why.
        reason: String,
    },
}

impl fmt::Debug for AccessRequestAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The kind only: the rest is what people wrote.
        fmt::Debug::fmt(&self.kind(), f)
    }
}

/// What comes in with a request.
#[derive(Clone)]
pub struct Ask {
    /// Who asks.
    pub requester: String,
    /// Whom that is: the party of the case, or somebody else with a key of their own.
    pub requester_subject: SubjectId,
    /// What for, in their words.
    pub asked_for: String,
    /// On which basis.
    pub basis: AccessBasis,
    /// The day it came in; today where it is not said.
    pub received: Option<Date>,
    /// How.
    pub channel: Channel,
    /// The papers it is about: reference and title.
    pub documents: Vec<(String, String)>,
}

/// What is given of one paper.
#[derive(Clone)]
pub struct Decide {
    /// Which paper.
    pub reference: String,
    /// What is given.
    pub disclosure: Disclosure,
    /// On which basis the rest is withheld. May follow later; the package waits for it.
    pub statute: String,
    /// What is given of a paper that is given in part.
    pub extract: String,
}
