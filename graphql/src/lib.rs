//! The dashboard's API: queries over read models, one mutation per command, subscriptions.
//!
//! Conventions: an input per mutation (`caseClose` takes `CaseCloseInput`) and a payload that is a union of success and
//! refusals; top-level errors only for faults and missing rights; lists are connections with stable cursors; hidden
//! is a type ([`personal::Personal`]), never null. A resolver translates in, makes one call, and translates out.
//!
//! Invariants of the room:
//! - Every question and act is bound to the caller's municipality, which comes from the session and from nowhere else.
//! - A look-up that cannot be noted in the access log is not answered.
//! - Personal texts are opened for one answer and kept nowhere.

// The same as in the program: one future per nested object.
#![recursion_limit = "256"]
#![expect(clippy::unused_async, reason = "resolvers are async functions by the rules of async-graphql")]
#![expect(unreachable_pub, reason = "schema types are public to async-graphql's derives, not to other rooms")]

mod access;
mod access_request;
mod audit;
mod authority;
mod caller;
mod case;
mod complaint;
mod connection;
mod exemption;
mod follow;
mod gate;
mod inquiry;
mod knowledge;
mod node;
mod office;
mod papers;
mod payload;
mod people;
pub mod personal;
mod privacy;
mod reach;
mod refusal;
mod rules;
mod saved_view;
mod scalars;
mod schema;
mod scope;
mod service;
mod staff;
mod statistics;
mod subscription;
mod team_access;
mod term;
mod together;
mod value;
mod webhook;
mod words;

pub use access::Looks;
pub use access_request::{NoPackage, Package};
pub use caller::Caller;
pub use case::{
    FileFault, NoPrint, NotOpened, Opened, Printed, file_words, open_case, open_document, preview,
    take_number, upload,
};
pub use complaint::{NotFollowed, follow_complaint};
pub use gate::{Documents, Gate};
pub use knowledge::{edit_article, may_edit_articles};
pub use office::{Callable, Credentials, Names, Office, OneTime, Press, Registers, RulesOn};
pub use people::{BearerToken, user_id};
pub use rules::{NotPublished, may_publish, publish_rules};
pub use schema::{Answered, AppSchema, Limits, sdl};
