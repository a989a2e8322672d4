//! The guards of a complaint: what stands in the way of each act, before the act's own fields are looked at.

use serde::{Deserialize, Serialize};

use crate::case::{CaseRefusal, Circumstances, OfCase, stranger};

use super::command::ComplaintAct;
use super::refusal::ComplaintRefusal;
use super::{Complaint, ComplaintFile, Stage, Timeliness};

/// The kinds of act, without their fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each kind is the act of the same name, which is documented")]
pub enum ComplaintActKind {
    Receive,
    ExcuseLateness,
    Dismiss,
    StartReassessment,
    Uphold,
    Change,
    Forward,
    ReceiveOutcome,
    Withdraw,
}

impl ComplaintActKind {
    /// Every kind, in the order a complaint usually runs through them.
    pub const ALL: [Self; 9] = [
        Self::Receive,
        Self::ExcuseLateness,
        Self::Dismiss,
        Self::StartReassessment,
        Self::Uphold,
        Self::Change,
        Self::Forward,
        Self::ReceiveOutcome,
        Self::Withdraw,
    ];
}

impl ComplaintAct {
    /// The kind of this act.
    pub const fn kind(&self) -> ComplaintActKind {
        match self {
            Self::Receive(_) => ComplaintActKind::Receive,
            Self::ExcuseLateness { .. } => ComplaintActKind::ExcuseLateness,
            Self::Dismiss { .. } => ComplaintActKind::Dismiss,
            Self::StartReassessment => ComplaintActKind::StartReassessment,
            Self::Uphold { .. } => ComplaintActKind::Uphold,
            Self::Change { .. } => ComplaintActKind::Change,
            Self::Forward { .. } => ComplaintActKind::Forward,
            Self::ReceiveOutcome { .. } => ComplaintActKind::ReceiveOutcome,
            Self::Withdraw { .. } => ComplaintActKind::Withdraw,
        }
    }
}

impl Complaint {
    /// Everything that stands in the way of an act, the weightiest first; empty when it may be tried.
    pub fn blocked(
        &self,
        kind: ComplaintActKind,
        of: &OfCase,
        under: &Circumstances,
    ) -> Vec<ComplaintRefusal> {
        if let Some(refusal) = stranger(under) {
            return vec![refusal.into()];
        }
        match self {
            // Whoever is told takes it in: a complaint is not sent away because its caseworker is out.
            Self::Unknown if kind == ComplaintActKind::Receive => match of.file() {
                None => vec![CaseRefusal::NotOpened.into()],
                Some(case) if case.decisions == 0 => vec![ComplaintRefusal::NoDecision],
                Some(_) => Vec::new(),
            },
            Self::Unknown => vec![ComplaintRefusal::NotFound],
            Self::File(_) if kind == ComplaintActKind::Receive => vec![ComplaintRefusal::AlreadyReceived],
            Self::File(file) => {
                let others = of.case.not_workable(under).map(ComplaintRefusal::Case);
                others.into_iter().chain(file.not_now(kind, of, under)).collect()
            }
        }
    }
}

impl ComplaintFile {
    /// Acts that depend on how far the complaint has come.
    fn not_now(&self, kind: ComplaintActKind, of: &OfCase, under: &Circumstances) -> Vec<ComplaintRefusal> {
        if self.stage == Stage::Settled {
            return vec![ComplaintRefusal::Settled];
        }
        let kle = of.file().and_then(|case| case.kle.as_ref()).map(|(kle, _)| kle);
        let statute =
            || under.rules.remedies.complaint(kle).map(|rule| rule.statute.clone()).unwrap_or_default();
        let unexamined = (
            self.timeliness == Timeliness::Late,
            ComplaintRefusal::LatenessNotExamined { statute: statute() },
        );
        let straight = self.straight_to_appeal.is_some();
        let received = self.stage == Stage::Received;
        let reassessed = matches!(self.stage, Stage::Upheld | Stage::PartlyChanged);
        let checks = match kind {
            ComplaintActKind::Receive => Vec::new(),
            ComplaintActKind::ExcuseLateness | ComplaintActKind::Dismiss => vec![
                (self.timeliness == Timeliness::InTime, ComplaintRefusal::InTime),
                (self.timeliness == Timeliness::Excused, ComplaintRefusal::LatenessExamined),
            ],
            ComplaintActKind::StartReassessment => vec![
                (straight, ComplaintRefusal::StraightToAppeal { statute: self.straight_statute(under) }),
                (!received, ComplaintRefusal::AlreadyReassessing),
                unexamined,
            ],
            ComplaintActKind::Uphold | ComplaintActKind::Change => {
                vec![(self.stage != Stage::UnderReassessment, ComplaintRefusal::NotUnderReassessment)]
            }
            ComplaintActKind::Forward => vec![
                (self.stage == Stage::Forwarded, ComplaintRefusal::AlreadyForwarded),
                (
                    !straight && !reassessed && self.stage != Stage::Forwarded,
                    ComplaintRefusal::NotReassessed { statute: statute() },
                ),
                unexamined,
            ],
            ComplaintActKind::ReceiveOutcome => {
                vec![(self.stage != Stage::Forwarded, ComplaintRefusal::NotForwarded)]
            }
            // What has gone to the complaint body is withdrawn there, and comes back as its outcome.
            ComplaintActKind::Withdraw => {
                vec![(self.stage == Stage::Forwarded, ComplaintRefusal::AlreadyForwarded)]
            }
        };
        checks.into_iter().filter(|(holds, _)| *holds).map(|(_, refusal)| refusal).collect()
    }

    fn straight_statute(&self, under: &Circumstances) -> String {
        let body = self.straight_to_appeal.as_deref().unwrap_or_default();
        under.rules.remedies.straight_to_appeal(body).map(|rule| rule.statute.clone()).unwrap_or_default()
    }
}
