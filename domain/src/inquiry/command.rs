//! What can be wished of an inquiry.

use jiff::Timestamp;

use crate::conversation::TopicSlug;
use crate::id::{CaseId, ConversationId, SubjectId};

use super::event::{Channel, Contact, InquiryKind, Line};

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
}

impl std::fmt::Debug for Receive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receive")
            .field("reference", &self.reference)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
