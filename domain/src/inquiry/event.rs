//! What has happened to an inquiry. The names and fields written here are in the log for good.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::authority::AuthoritySlug;
use crate::conversation::TopicSlug;
use crate::id::{CaseId, ConversationId, InquiryId, SubjectId, Tenant};
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
    InquiryForwarded(InquiryForwarded),
    SenderInformed(SenderInformed),
    SenderNoticeWaived(SenderNoticeWaived),
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
    /// Guidance there and then, spoken: nobody waits for an answer.
    Spoken,
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
    /// Digital Post or a form that was sent in.
    Digital,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 6] =
        [Self::Web, Self::Telegram, Self::Counter, Self::Phone, Self::Letter, Self::Digital];

    /// Whether what comes in this way comes in writing.
    pub const fn is_written(self) -> bool {
        match self {
            Self::Web | Self::Telegram | Self::Letter | Self::Digital => true,
            Self::Counter | Self::Phone => false,
        }
    }
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
    /// The postal address, as a letter gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
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
    /// Where it was passed on from, if the citizen wrote to another municipality first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<Origin>,
    /// The case that another municipality had opened before it passed the matter on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded_case: Option<CaseOrigin>,
}

/// The case that another municipality passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseOrigin {
    /// Which municipality.
    pub municipality: Tenant,
    /// Its own case.
    pub case: CaseId,
}

/// The inquiry that another municipality passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Which municipality.
    pub municipality: Tenant,
    /// Its own inquiry.
    pub inquiry: InquiryId,
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

/// It was passed on to the authority whose business it is (videresendt, FVL § 7, stk. 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InquiryForwarded {
    /// The authority's slug in the register.
    pub authority: AuthoritySlug,
    /// What the register called it on that day.
    pub name: String,
    /// The municipality, where every municipality has such an authority.
    #[serde(default)]
    pub municipality: Option<Tenant>,
    /// What the inquiry is called over there, where that municipality is served from this log.
    #[serde(default)]
    pub received_as: Option<InquiryId>,
}

/// The sender was told where the inquiry went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderInformed {
    /// How, and what was said.
    pub how: Sealed<String>,
}

/// The sender was not told where the inquiry went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderNoticeWaived {
    /// Why not.
    pub reason: Sealed<String>,
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
            Self::SenderInformed(event) => visit("SenderInformed.how", &mut event.how),
            Self::SenderNoticeWaived(event) => visit("SenderNoticeWaived.reason", &mut event.reason),
            Self::CallBackRequested(_)
            | Self::InquiryForwarded(_)
            | Self::InquiryLinkedToCase(_)
            | Self::InquiryClosed(_) => Ok(()),
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
