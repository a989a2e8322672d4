//! What a case knows of complaints over its decisions: the sideways states complained, reassessed and sent to appeal.
//!
//! A complaint is a stream of its own ([`crate::complaint`]). The case follows it step by step, so that it can be neither
//! closed nor disposed of while one runs, and so that drafting begins anew where a decision does not stand.

use serde::{Deserialize, Serialize};

use crate::Sealed;
use crate::id::ComplaintId;

use super::CaseFile;
use super::event::{CaseEvent, CaseReopened, ComplaintNoted, ComplaintSettled};

/// How far a running complaint has come, as the case shows it beside its phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComplaintStanding {
    /// Påklaget.
    Complained,
    /// Genvurderet.
    Reassessed,
    /// Sendt til klageinstansen.
    SentToAppeal,
}

/// What one event of a complaint means to the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ComplaintStep {
    /// It came in, or is still being looked at.
    Complained,
    /// The authority looked again and stands by its decision.
    Upheld,
    /// The authority changes its decision; `settled` when the party gets all they asked for.
    Changed {
        /// Whether the complaint is over with it.
        settled: bool,
    },
    /// It went on to the complaint body.
    SentToAppeal,
    /// It is over; `returned` when the complaint body wants a new decision (hjemvist).
    Settled {
        /// Whether the case must be decided anew.
        returned: bool,
    },
}

impl ComplaintStep {
    const fn standing(self) -> Option<ComplaintStanding> {
        match self {
            Self::Complained => Some(ComplaintStanding::Complained),
            Self::Upheld | Self::Changed { settled: false } => Some(ComplaintStanding::Reassessed),
            Self::SentToAppeal => Some(ComplaintStanding::SentToAppeal),
            Self::Changed { settled: true } | Self::Settled { .. } => None,
        }
    }

    /// Why the case is taken up again, if it is. Danish, and the same for everyone: it names nobody.
    const fn reopens(self) -> Option<&'static str> {
        match self {
            Self::Changed { .. } => Some("Afgørelsen ændres efter genvurdering af en klage."),
            Self::Settled { returned: true } => Some("Klageinstansen har hjemvist sagen til ny behandling."),
            Self::Complained | Self::Upheld | Self::SentToAppeal | Self::Settled { returned: false } => None,
        }
    }
}

/// A complaint that the case follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// Which.
    pub complaint: ComplaintId,
    /// The number of the complaint's event that was followed last.
    pub revision: u64,
    /// How far it has come; none when it is over.
    pub standing: Option<ComplaintStanding>,
}

impl CaseFile {
    /// How far the running complaint has come; of several, the one that went furthest.
    pub fn complained_of(&self) -> Option<ComplaintStanding> {
        self.complaints.iter().filter_map(|followed| followed.standing).max()
    }

    /// The number of the complaint's event that was followed last.
    pub fn followed_to(&self, complaint: ComplaintId) -> Option<u64> {
        self.complaints.iter().find(|known| known.complaint == complaint).map(|known| known.revision)
    }

    pub(super) fn follow(
        &self,
        complaint: ComplaintId,
        revision: u64,
        step: ComplaintStep,
    ) -> Vec<CaseEvent> {
        if self.followed_to(complaint).is_some_and(|known| revision <= known) {
            return Vec::new();
        }
        let mut events = vec![match step.standing() {
            Some(standing) => CaseEvent::ComplaintNoted(ComplaintNoted { complaint, revision, standing }),
            None => CaseEvent::ComplaintSettled(ComplaintSettled { complaint, revision }),
        }];
        // A case that was taken up again meanwhile is being decided anew already.
        if let Some(reason) = step.reopens().filter(|_| self.decided.is_some()) {
            let reason = Sealed::new(self.subject, reason.to_owned());
            events.push(CaseEvent::CaseReopened(CaseReopened { reason }));
        }
        events
    }

    pub(super) fn followed(
        &mut self,
        complaint: ComplaintId,
        revision: u64,
        standing: Option<ComplaintStanding>,
    ) {
        match self.complaints.iter_mut().find(|known| known.complaint == complaint) {
            Some(known) => (known.revision, known.standing) = (revision, standing),
            None => self.complaints.push(Followed { complaint, revision, standing }),
        }
    }
}
