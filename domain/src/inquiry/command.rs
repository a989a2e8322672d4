//! What can be wished of an inquiry.

use jiff::Timestamp;

use crate::authority::AuthoritySlug;
use crate::conversation::TopicSlug;
use crate::id::{CaseId, ConversationId, InquiryId, SubjectId, Tenant};

use super::event::{CaseOrigin, Channel, Contact, InquiryKind, Line, Origin};

/// A wish about an inquiry.
#[derive(Clone, Debug)]
pub enum InquiryCommand {
    /// Take it in.
    Receive(Box<Receive>),
    /// Note the guidance that was given (vejledning, FVL § 7(1)).
    GiveGuidance {
        /// What was said.
        text: String,
    },
    /// Pass it on to the authority whose business it is (videresend, FVL § 7, stk. 2).
    Forward(Box<Forward>),
    /// It became a case.
    LinkToCase {
        /// Which.
        case: CaseId,
    },
    /// It is done.
    Close {},
}

/// What comes in with an inquiry.
#[derive(Clone)]
pub struct Receive {
    /// The reference the citizen is given, for example `H7QF-4M2X`. Letters and digits that cannot be misread.
    pub reference: String,
    /// Call-back or written.
    pub kind: InquiryKind,
    /// How it came in.
    pub channel: Channel,
    /// The matter, if it is known.
    pub topic: Option<TopicSlug>,
    /// When it came in.
    pub received: Timestamp,
    /// The present, for what is registered later than it came in.
    pub now: Timestamp,
    /// Whom its sealed fields are about: a new subject, made for this inquiry.
    pub subject: SubjectId,
    /// Who asks, and how they can be reached.
    pub contact: Contact,
    /// The message; may be empty for a call-back.
    pub message: String,
    /// When a call suits the citizen, in their own words picked from a list (`morning`, `afternoon`, `any`).
    pub when: Option<String>,
    /// The conversation it came from.
    pub conversation: Option<ConversationId>,
    /// The conversation so far.
    pub transcript: Vec<Line>,
    /// Where it was passed on from.
    pub forwarded_from: Option<Origin>,
    /// The case that another municipality passed on, if it is one.
    pub forwarded_case: Option<CaseOrigin>,
}

/// Passing on.
#[derive(Clone)]
pub struct Forward {
    /// The municipality that passes it on.
    pub from: Tenant,
    /// To whom, as the register has it; `None` when it has nobody of that name.
    pub to: Option<Addressee>,
    /// How the sender was told, or why not; `None` when neither was said.
    pub notice: Option<Notice>,
}

/// Whom something is passed on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The authority's slug in the register.
    pub authority: AuthoritySlug,
    /// What the register calls it.
    pub name: String,
    /// The municipality, where every municipality has such an authority.
    pub municipality: Option<Tenant>,
    /// What the inquiry will be called over there, where that municipality is served from this log.
    pub received_as: Option<InquiryId>,
}

/// What the sender is told about the passing on.
#[derive(Clone)]
pub enum Notice {
    /// The sender was told.
    Given {
        /// How, and what was said.
        how: String,
    },
    /// The sender was not told.
    Waived {
        /// Why not.
        reason: String,
    },
}

impl std::fmt::Debug for Forward {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Forward").field("to", &self.to).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Receive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receive")
            .field("reference", &self.reference)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
