//! What can be wished of a conversation.

use std::fmt;
use std::sync::Arc;

use crate::id::{InquiryId, SubjectId, Tenant};

use super::event::ChatChannel;
use super::heard::Heard;
use super::reply::Reply;
use super::{Dialogue, Move};

/// What a move says, and the facts behind it that the event records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The reply.
    pub reply: Reply,
    /// The version of the article that was used.
    pub version: u32,
    /// Who decides (a card only).
    pub authority: String,
    /// Where to go first (a card only).
    pub front_desk: String,
}

/// Puts moves into words. Pure for one knowledge release and one instant; the chat room implements it.
pub trait Voice: Send + Sync {
    /// The words for a move.
    fn say(&self, step: &Move, heard: &Heard, dialogue: &Dialogue) -> Words;
}

/// A wish about a conversation.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "one at a time, and never kept")]
pub enum ConversationCommand {
    /// A message came in: keep it and answer it.
    Hear {
        /// The conversation's own sealing subject.
        subject: SubjectId,
        /// Where it came from.
        channel: ChatChannel,
        /// The message, understood.
        heard: Box<Heard>,
        /// Puts the answer into words.
        voice: Arc<dyn Voice>,
    },
    /// The citizen left a call-back or a written inquiry; it has a reference.
    HandOver {
        /// The conversation's own sealing subject.
        subject: SubjectId,
        /// The inquiry.
        inquiry: InquiryId,
        /// Its reference.
        reference: String,
        /// Where it went.
        municipality: Tenant,
        /// The receipt.
        said: Reply,
    },
    /// The citizen says whether an answer helped.
    RateAnswer {
        /// The answer, by its number in the stream.
        answer: u64,
        /// Yes or no.
        helpful: bool,
    },
    /// The citizen ends the conversation.
    End,
}

impl fmt::Debug for ConversationCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hear { .. } => "Hear",
            Self::HandOver { .. } => "HandOver",
            Self::RateAnswer { .. } => "RateAnswer",
            Self::End => "End",
        })
    }
}
