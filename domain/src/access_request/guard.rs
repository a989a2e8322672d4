//! The guards of a request for access: what stands in the way of each act, before the act's own fields are looked at.

use serde::{Deserialize, Serialize};

use crate::case::{CaseRefusal, Circumstances, OfCase, stranger};

use super::command::AccessRequestAct;
use super::event::Disclosure;
use super::refusal::AccessRequestRefusal;
use super::{AccessRequest, AccessRequestFile, RequestStage};

/// The kinds of act, without their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each kind is the act of the same name, which is documented")]
pub enum AccessRequestActKind {
    Ask,
    Decide,
    NotifyDelay,
    Release,
    Withdraw,
    Close,
}

impl AccessRequestActKind {
    /// Every kind, in the order a request usually runs through them.
    pub const ALL: [Self; 6] =
        [Self::Ask, Self::Decide, Self::NotifyDelay, Self::Release, Self::Withdraw, Self::Close];
}

impl AccessRequestAct {
    /// The kind of this act.
    pub const fn kind(&self) -> AccessRequestActKind {
        match self {
            Self::Ask(_) => AccessRequestActKind::Ask,
            Self::Decide(_) => AccessRequestActKind::Decide,
            Self::NotifyDelay { .. } => AccessRequestActKind::NotifyDelay,
            Self::Release { .. } => AccessRequestActKind::Release,
            Self::Withdraw { .. } => AccessRequestActKind::Withdraw,
            Self::Close { .. } => AccessRequestActKind::Close,
        }
    }
}

impl AccessRequest {
    /// Everything that stands in the way of an act, the weightiest first; empty when it may be tried.
    pub fn blocked(
        &self,
        kind: AccessRequestActKind,
        of: &OfCase,
        under: &Circumstances,
    ) -> Vec<AccessRequestRefusal> {
        if let Some(refusal) = stranger(under) {
            return vec![refusal.into()];
        }
        match self {
            Self::Unknown if kind == AccessRequestActKind::Ask => match of.file() {
                None => vec![CaseRefusal::NotOpened.into()],
                Some(_) => Vec::new(),
            },
            Self::Unknown => vec![AccessRequestRefusal::NotFound],
            Self::File(_) if kind == AccessRequestActKind::Ask => {
                vec![AccessRequestRefusal::AlreadyRequested]
            }
            Self::File(file) => {
                let others = of.case.not_workable(under).map(AccessRequestRefusal::Case);
                others.into_iter().chain(file.not_now(kind)).collect()
            }
        }
    }
}

impl AccessRequestFile {
    /// Acts that depend on how far the request has come.
    fn not_now(&self, kind: AccessRequestActKind) -> Vec<AccessRequestRefusal> {
        match self.stage {
            RequestStage::Open if kind == AccessRequestActKind::Release => self.not_releasable(),
            RequestStage::Open => Vec::new(),
            RequestStage::Released => vec![AccessRequestRefusal::AlreadyReleased],
            RequestStage::Withdrawn | RequestStage::Closed => vec![AccessRequestRefusal::Over],
        }
    }

    fn not_releasable(&self) -> Vec<AccessRequestRefusal> {
        if self.documents.is_empty() {
            return vec![AccessRequestRefusal::NoDocuments];
        }
        let reasons = self.documents.iter().filter_map(|document| {
            let (reference, statute) = (document.reference.clone(), self.statute.clone());
            match document.disclosure {
                None => Some(AccessRequestRefusal::Undecided { reference, statute }),
                Some(Disclosure::Partial | Disclosure::Withheld) if document.statute.is_empty() => {
                    Some(AccessRequestRefusal::NoStatute { reference, statute })
                }
                Some(Disclosure::Full | Disclosure::Partial | Disclosure::Withheld) => None,
            }
        });
        reasons.collect()
    }
}
