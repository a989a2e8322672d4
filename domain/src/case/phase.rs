//! How far a case has come, how it stands, and what usually comes next.

use serde::{Deserialize, Serialize};

use super::guard::CaseActKind;
use super::{CaseFile, ComplaintStanding, Deadline};

/// How far a case has come (tilstand). Screens show the OIO progress value (fremdrift) beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Registreret: it has a number.
    #[default]
    Registered,
    /// Under oplysning: somebody works on it.
    UnderInvestigation,
    /// I partshøring.
    InHearing,
    /// Oplyst: the facts are complete.
    Informed,
    /// Afgørelse foreslået: a draft waits for approval, or is approved.
    DecisionProposed,
    /// Afgjort.
    Decided,
    /// Bestilt: what was decided is to be carried out.
    Ordered,
    /// Udført.
    Effectuated,
    /// Frafaldet: the citizen does not want a decision any more.
    Withdrawn,
    /// Videresendt: another authority has it.
    ForwardedAway,
    /// Afsluttet.
    Closed,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 11] = [
        Self::Registered,
        Self::UnderInvestigation,
        Self::InHearing,
        Self::Informed,
        Self::DecisionProposed,
        Self::Decided,
        Self::Ordered,
        Self::Effectuated,
        Self::Withdrawn,
        Self::ForwardedAway,
        Self::Closed,
    ];

    /// The OIO progress value (fremdrift), as the case standard names it.
    pub const fn oio_progress(self) -> &'static str {
        match self {
            Self::Registered | Self::UnderInvestigation | Self::InHearing => "Opstået",
            Self::Informed | Self::DecisionProposed => "Oplyst",
            Self::Decided => "Afgjort",
            Self::Ordered => "Bestilt",
            Self::Effectuated => "Udført",
            // Nothing is left to do but to close it.
            Self::Withdrawn | Self::ForwardedAway | Self::Closed => "Afsluttet",
        }
    }
}

/// How a case stands (tilstand): on its way, or in a state beside it. Each has the OIO progress value of how far the case
/// has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CaseState {
    /// As far as it has come.
    At(Phase),
    /// Something lies beside its way.
    Beside(Beside),
}

/// A state beside the way of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beside {
    /// I bero: the deadline for the decision does not run.
    Suspended,
    /// Påklaget.
    Complained,
    /// Genvurderet.
    Reassessed,
    /// Sendt til klageinstansen.
    SentToAppeal,
    /// Genoptaget.
    Reopened,
}

impl From<Beside> for CaseState {
    fn from(beside: Beside) -> Self {
        Self::Beside(beside)
    }
}

impl CaseFile {
    /// How it stands: a running complaint before everything else, then what stops it, then how far it has come.
    pub fn state(&self) -> CaseState {
        match self.complained_of() {
            Some(ComplaintStanding::Complained) => return Beside::Complained.into(),
            Some(ComplaintStanding::Reassessed) => return Beside::Reassessed.into(),
            Some(ComplaintStanding::SentToAppeal) => return Beside::SentToAppeal.into(),
            None => {}
        }
        let suspended = self.deadline().and_then(Deadline::pause).is_some();
        if suspended && self.decided.is_none() && !self.is_over() {
            return Beside::Suspended.into();
        }
        match self.phase {
            Phase::UnderInvestigation if self.reopened => Beside::Reopened.into(),
            phase => CaseState::At(phase),
        }
    }

    /// What usually comes next; the guards, not this, say what is allowed. `None` where nothing does, or where the next
    /// step is a complaint's.
    pub fn usual_next(&self) -> Option<CaseActKind> {
        let draft = self.draft.as_ref();
        Some(match self.phase {
            Phase::Closed => return None,
            Phase::Ordered => CaseActKind::Effectuate,
            Phase::Effectuated if self.complained_of().is_some() => return None,
            Phase::Effectuated | Phase::Withdrawn | Phase::ForwardedAway => CaseActKind::Close,
            Phase::Decided if self.sent && self.complained_of().is_some() => return None,
            Phase::Decided if self.sent => CaseActKind::Close,
            Phase::Decided => CaseActKind::SendDecision,
            _ if self.caseworker.is_none() => CaseActKind::Assign,
            _ if self.kle.is_none() => CaseActKind::Classify,
            Phase::InHearing => CaseActKind::CloseHearing,
            Phase::Registered | Phase::UnderInvestigation => CaseActKind::Inform,
            Phase::Informed if draft.is_none() => CaseActKind::DraftDecision,
            Phase::Informed => CaseActKind::SubmitDecision,
            Phase::DecisionProposed if draft.is_some_and(|draft| draft.approved) => CaseActKind::MakeDecision,
            Phase::DecisionProposed => CaseActKind::ApproveDecision,
        })
    }

    /// Whether nothing more is decided in it, unless it is taken up again.
    pub const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Withdrawn | Phase::ForwardedAway | Phase::Closed)
    }
}
