//! The rules of Skranke: what may happen to an inquiry, a case, a conversation or a user, and why not.
//!
//! Pure: nothing here does I/O, asks for the time or rolls dice. What a rule must know, the command brings:
//! the time, who asks, and the rule set in force. Each aggregate is three files: the commands, the events
//! (whose names and fields are in the log for good) and the refusals, beside the state that joins them.

pub mod access_log;
pub mod act;
pub mod calendar;
pub mod case;
pub mod codec;
pub mod conversation;
pub mod hours;
pub mod id;
pub mod inquiry;
pub mod kle;
pub mod lang;
pub mod letter;
pub mod numbering;
pub mod refusal;
pub mod rules;
pub mod scenario;
pub mod sealed;
pub mod time;
pub mod upcast;
pub mod user;

pub use act::{Act, Actor, Purpose, Role, Roles};
pub use id::{CaseId, ConversationId, DocumentId, InquiryId, StreamId, SubjectId, Tenant, UserId};
pub use lang::Lang;
pub use refusal::Refusal;
pub use sealed::{Sealable, Sealed};
