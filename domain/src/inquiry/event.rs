//! What has happened to an inquiry. The names and fields written here are in the log for good.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conversation::TopicSlug;
use crate::id::{CaseId, ConversationId, SubjectId};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Sealed, codec};

/// An event of an inquiry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
#[expect(clippy::large_enum_variant, reason = "most inquiries are nothing but the large one")]
pub enum InquiryEvent {
    InquiryReceived(InquiryReceived),
    CallBackRequested(CallBackRequested),
    GuidanceGiven(GuidanceGiven),
    InquiryLinkedToCase(InquiryLinkedToCase),
    InquiryClosed(InquiryClosed),
}

/// What the citizen wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InquiryKind {
    /// To be called.
    CallBack,
    /// An answer in writing.
    Written,
}

/// How an inquiry came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The chat on the web.
    Web,
    /// The chat on Telegram.
    Telegram,
    /// Somebody stood at the counter.
    Counter,
    /// Somebody called.
    Phone,
    /// A letter.
    Letter,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 5] = [Self::Web, Self::Telegram, Self::Counter, Self::Phone, Self::Letter];
}

/// Who asks, and how they can be reached.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The name.
    pub name: String,
    /// The phone number, as written.
    #[serde(default)]
    pub phone: Option<String>,
    /// The e-mail address.
    #[serde(default)]
    pub email: Option<String>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(..)")
    }
}

/// Who said a line of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speaker {
    /// The citizen.
    Citizen,
    /// The counter's bot.
    Counter,
}

/// One line of a transcript.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Who.
    pub speaker: Speaker,
    /// What, as plain text with personal numbers removed.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({:?}, ..)", self.speaker)
    }
}

/// An inquiry came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InquiryReceived {
    /// The reference the citizen was given.
    pub reference: String,
    /// Call-back or written.
    pub kind: InquiryKind,
    /// How it came in.
    pub channel: Channel,
    /// The matter, if it is known.
    #[serde(default)]
    pub topic: Option<TopicSlug>,
    /// When it came in: the receipt that deadlines count from.
    pub received: Timestamp,
    /// Whom its sealed fields are about.
    pub subject: SubjectId,
    /// Who asks, and how they can be reached.
    pub contact: Sealed<Contact>,
    /// The message.
    pub message: Sealed<String>,
    /// The conversation it came from.
    #[serde(default)]
    pub conversation: Option<ConversationId>,
    /// That conversation, as it was.
    #[serde(default)]
    pub transcript: Option<Sealed<Vec<Line>>>,
}

/// The citizen wants to be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallBackRequested {
    /// When it suits: `morning`, `afternoon` or `any`.
    #[serde(default)]
    pub when: Option<String>,
}

/// A person gave guidance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuidanceGiven {
    /// What was said.
    pub note: Sealed<String>,
}

/// It became a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InquiryLinkedToCase {
    /// Which.
    pub case: CaseId,
}

/// It is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InquiryClosed {}

impl Sealable for InquiryEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::InquiryReceived(event) => {
                visit("InquiryReceived.contact", &mut event.contact)?;
                visit("InquiryReceived.message", &mut event.message)?;
                match &mut event.transcript {
                    Some(transcript) => visit("InquiryReceived.transcript", transcript),
                    None => Ok(()),
                }
            }
            Self::GuidanceGiven(event) => visit("GuidanceGiven.note", &mut event.note),
            Self::CallBackRequested(_) | Self::InquiryLinkedToCase(_) | Self::InquiryClosed(_) => Ok(()),
        }
    }
}

impl Evolving for InquiryEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for InquiryEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
