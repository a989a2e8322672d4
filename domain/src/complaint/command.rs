//! What can be wished of a complaint.

use std::fmt;

use jiff::civil::Date;

use crate::case::{Circumstances, OfCase};
use crate::inquiry::Channel;

use super::event::AppealOutcome;

/// A wish about a complaint.
#[derive(Clone, Debug)]
pub struct ComplaintCommand {
    /// What is wished.
    pub act: ComplaintAct,
    /// The case it is about.
    pub of: OfCase,
    /// By whom, when, under which rules.
    pub under: Circumstances,
}

/// What can be done with a complaint.
#[derive(Clone)]
pub enum ComplaintAct {
    /// Take it in (modtag klage).
    Receive(Box<Receive>),
    /// Go on with a late one: the delay is excused.
    ExcuseLateness {
        /// Why.
        reason: String,
    },
    /// Dismiss a late one (afvis): the delay is not excused.
    Dismiss {
        /// Why.
        reason: String,
    },
    /// Begin to look again (genvurdering).
    StartReassessment,
    /// Stand by the decision (fasthold).
    Uphold {
        /// Why.
        reason: String,
    },
    /// Change the decision: the case is taken up again.
    Change {
        /// Whether the party gets all they asked for.
        in_full: bool,
        /// Why.
        reason: String,
    },
    /// Send it on with the file (oversend).
    Forward {
        /// The authority's slug in the register; none for one that is not there.
        to: Option<String>,
        /// The papers that go along: reference and title.
        files: Vec<(String, String)>,
    },
    /// Note what the complaint body decided.
    ReceiveOutcome {
        /// How.
        outcome: AppealOutcome,
        /// When its decision came in.
        received: Date,
        /// In a few words.
        summary: String,
    },
    /// The complainant takes it back.
    Withdraw {
        /// What they said.
        reason: String,
    },
}

impl fmt::Debug for ComplaintAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The kind only: the rest is what people wrote.
        fmt::Debug::fmt(&self.kind(), f)
    }
}

/// What comes in with a complaint.
#[derive(Clone)]
pub struct Receive {
    /// The day it came in; today where it is not said.
    pub received: Option<Date>,
    /// How. Spoken complaints count.
    pub channel: Channel,
    /// Who complains.
    pub complainant: String,
    /// What they say; may be empty.
    pub text: String,
    /// The day the decision reached the party, if it is known: the limit counts from there.
    pub decision_received: Option<Date>,
    /// The body that decided, by its slug, where it was one whose decisions are not reassessed.
    pub decided_by: Option<String>,
}
