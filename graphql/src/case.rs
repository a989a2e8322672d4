//! Cases: what the list and the case page show, and one mutation per act.

mod act;
mod mutation;
mod query;
mod types;

pub(crate) use act::{Answer, Sent, answer, derived};
pub use act::{NotOpened, open_case, take_number};
pub use mutation::CaseMutation;
pub use query::CaseQuery;
pub use types::CaseRow;
pub(crate) use types::{Case, Note, NoteKind, Topic};
