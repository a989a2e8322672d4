//! The rules of Skranke: what may happen to an inquiry, a case, a conversation or a user, and why not.
//!
//! Pure: nothing here does I/O, asks for the time or rolls dice. What a rule must know, the command brings:
//! the time, who asks, and the rule set in force. Each aggregate is three files: the commands, the events
//! (whose names and fields are in the log for good) and the refusals, beside the state that joins them.

pub mod access_log;
pub mod access_request;
pub mod act;
pub mod authority;
pub mod calendar;
pub mod case;
pub mod codec;
pub mod complaint;
pub mod conversation;
pub mod deadline;
pub mod engagement;
pub mod exemption;
pub mod hours;
pub mod id;
pub mod inquiry;
pub mod kle;
pub mod knowledge;
pub mod lang;
pub mod letter;
pub mod link;
pub mod numbering;
pub mod privacy;
pub mod refusal;
pub mod retention;
pub mod rules;
pub mod ruleset;
pub mod saved_view;
pub mod scenario;
pub mod sealed;
pub mod service;
pub mod team;
pub mod telling;
pub mod time;
pub mod upcast;
pub mod user;
pub mod webhook;

pub use act::{Act, Actor, By, Purpose, Role, Roles};
pub use id::{
    AccessRequestId, CaseId, ComplaintId, ConversationId, DocumentId, EngagementId, ExemptionId, InquiryId,
    SavedViewId, ServiceId, StreamId, SubjectId, TeamId, Tenant, TokenId, UserId, WebhookId,
};
pub use lang::Lang;
pub use refusal::Refusal;
pub use sealed::{Sealable, Sealed};
