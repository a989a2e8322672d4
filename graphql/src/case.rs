//! Cases: what the list and the case page show, and one mutation per act.

mod act;
mod deadline;
mod document;
mod file;
mod letter;
mod mutation;
mod query;
mod search;
mod types;

pub(crate) use act::{Answer, Sent, answer, derived};
pub use act::{NotOpened, open_case, take_number};
pub use deadline::DeadlineMutation;
pub use document::DocumentMutation;
pub use file::{FileFault, Opened, open as open_document, preview, upload, words as file_words};
pub use letter::{NoPrint, Printed};
pub use mutation::CaseMutation;
pub use query::{CaseOrder, CaseQuery};
pub use search::SearchQueries;
pub use types::CaseRow;
pub(crate) use types::{Case, Kle, Note, NoteKind, Topic};
