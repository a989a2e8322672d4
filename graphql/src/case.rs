//! Cases: what the list and the case page show, and one mutation per act.

mod act;
mod course;
mod deadline;
mod decision;
mod document;
mod file;
mod hearing;
mod letter;
mod mutation;
mod note;
mod party;
mod query;
mod row;
mod search;
mod types;

use async_graphql::MergedObject;

pub(crate) use act::{Answer, Sent, answer, derived};
pub use act::{NotOpened, open_case, take_number};
pub use file::{FileFault, Opened, open as open_document, preview, upload, words as file_words};
pub use letter::{NoPrint, Printed};
pub(crate) use note::{Note, NoteKind};
pub(crate) use party::first_is_protected;
pub use query::{CaseOrder, CaseQuery};
pub use row::CaseRow;
pub(crate) use types::{Case, Kle, Topic};

/// Questions about cases and the people around them.
#[derive(MergedObject, Default)]
pub struct CaseQueries(CaseQuery, search::SearchQuestion, party::PartyQuery);

/// Acts on cases.
#[derive(MergedObject, Default)]
pub struct CaseMutations(
    mutation::CaseMutation,
    party::PartyMutation,
    course::CourseMutation,
    deadline::DeadlineMutation,
    document::DocumentMutation,
);
