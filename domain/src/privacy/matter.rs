//! What there is of a person, as its own streams tell it: the rules of erasure decide on it.

use jiff::civil::Date;

use crate::id::CaseId;
use crate::retention::RetentionClass;

/// A case of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseMatter {
    /// Which.
    pub id: CaseId,
    /// Whether its content is sealed with the person's key, so that it goes with them. Else the person is named in the
    /// case of somebody else.
    pub own: bool,
    /// The day it was closed; `None` while it is open.
    pub closed: Option<Date>,
    /// What becomes of it, by both parts of its classification; `None` while the list says nothing of one of them.
    pub class: Option<RetentionClass>,
}

/// Something that is not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unfinished {
    /// An inquiry that waits for an answer.
    Inquiry,
    /// A complaint that the authority looks at.
    Complaint,
    /// A complaint that lies with the complaint body.
    Appeal,
    /// A request for access to the file.
    AccessRequest,
    /// An exemption that is asked for or in force.
    Exemption,
    /// A finding of an auditor that asks for an answer and has none.
    Finding,
}

/// Everything of the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matters {
    /// Whether anything is stored at all.
    pub known: bool,
    /// The cases.
    pub cases: Vec<CaseMatter>,
    /// What is not finished, each kind once.
    pub unfinished: Vec<Unfinished>,
}
