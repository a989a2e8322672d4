//! Cases: what the list and the case page show, and one mutation per act.

mod act;
mod course;
mod deadline;
mod document;
mod file;
mod letter;
mod mutation;
mod party;
mod query;
mod types;

pub(crate) use act::{Answer, Sent, answer, derived};
pub use act::{NotOpened, open_case, take_number};
pub use course::CourseMutation;
pub use deadline::DeadlineMutation;
pub use document::DocumentMutation;
pub use file::{FileFault, Opened, open as open_document, preview, upload, words as file_words};
pub use letter::{NoPrint, Printed};
pub use mutation::CaseMutation;
pub(crate) use party::first_is_protected;
pub use party::{PartyMutation, PartyQuery};
pub use query::CaseQuery;
pub use types::CaseRow;
pub(crate) use types::{Case, Note, NoteKind, Topic};
