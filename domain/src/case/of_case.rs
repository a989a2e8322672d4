//! The case that a complaint or a request for access belongs to.

use crate::id::CaseId;

use super::{Case, CaseFile};

/// The case that something belongs to, as its own stream tells it: rules of other streams decide on it.
#[derive(Clone, Debug)]
pub struct OfCase {
    /// Which.
    pub id: CaseId,
    /// How it stands.
    pub case: Case,
}

impl OfCase {
    /// The case, if it was ever opened.
    pub fn file(&self) -> Option<&CaseFile> {
        match &self.case {
            Case::Unopened => None,
            Case::File(file) => Some(file),
        }
    }
}
