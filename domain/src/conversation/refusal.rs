//! Why a wish about a conversation is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConversationRefusal {
    /// Nobody has said anything yet.
    #[error("nothing has been said in this conversation yet")]
    NothingSaid,
    /// The citizen ended it.
    #[error("the conversation has ended: start a new one")]
    Ended,
    /// What is rated is no answer of this conversation.
    #[error("this conversation has no such answer")]
    NoSuchAnswer,
}

impl Refusal for ConversationRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NothingSaid => "NOTHING_SAID",
            Self::Ended => "CONVERSATION_ENDED",
            Self::NoSuchAnswer => "NO_SUCH_ANSWER",
        }
    }

    fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::NothingSaid, Lang::Da) => "Der er ikke skrevet noget i samtalen endnu.".to_owned(),
            (Self::Ended, Lang::Da) => "Samtalen er slut. Begynd en ny.".to_owned(),
            (Self::NoSuchAnswer, Lang::Da) => "Det svar findes ikke i samtalen.".to_owned(),
            (_, Lang::En) => self.to_string(),
        }
    }
}
