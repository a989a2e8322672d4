//! What can be wished of a self-service solution.

use std::fmt;

use jiff::civil::Date;

use crate::id::SubjectId;

use super::event::{Compliance, Kind, LinkState, Supplier};
use super::page::ActionPage;

/// A wish about a self-service solution.
#[derive(Clone, Debug)]
pub enum ServiceCommand {
    /// Submit it to the portal, or what has changed about it.
    Submit(Box<Submission>),
    /// The portal takes it.
    Accept {},
    /// The portal wants something changed first.
    Return {
        /// What.
        reason: String,
    },
    /// Write the next version of its action page. It is sent to the portal as early as possible before launch.
    DraftActionPage(Box<ActionPage>),
    /// The portal shows the action page.
    PublishActionPage {
        /// Which version: the newest.
        version: u32,
        /// Where it is on the portal, if it is new or has moved.
        url: Option<String>,
    },
    /// Say whether it meets a requirement.
    AnswerRequirement {
        /// Which; `None` when it is on no list.
        requirement: Option<String>,
        /// Whether it does.
        compliance: Compliance,
        /// How, or why not; may be empty.
        note: String,
    },
    /// One of its addresses was asked for.
    CheckLink {
        /// Which.
        address: String,
        /// What came of it.
        state: LinkState,
        /// The day, in Copenhagen.
        on: Date,
    },
    /// It is not offered any more.
    Withdraw {
        /// Why.
        reason: String,
    },
}

/// The five things the portal asks for.
#[derive(Clone)]
pub struct Submission {
    /// Whether the portal has it already.
    pub kind: Kind,
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// What it does, in short.
    pub description: String,
    /// Who made it.
    pub supplier: Supplier,
    /// Whom its sealed fields are about: a new subject, made for this solution.
    pub subject: SubjectId,
}

impl fmt::Debug for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submission").field("kind", &self.kind).finish_non_exhaustive()
    }
}
