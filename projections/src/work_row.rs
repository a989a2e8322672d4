//! A case as lists show it: one line, folded from its sheet.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use skranke_domain::case::{CaseActKind, CaseState, Confidentiality, Phase};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::deadline::WaitingFor;
use skranke_domain::inquiry::Channel;
use skranke_domain::kle::{Facet, KleNumber};
use skranke_domain::sealed::{Opener, SealError};
use skranke_domain::{CaseId, Sealed, TeamId, UserId};
use skranke_store::{Position, Revision};

use crate::case_sheet::CaseSheet;

/// A case as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkRow {
    /// Which case.
    pub id: CaseId,
    /// The number people use.
    pub number: String,
    /// The number of its last event.
    pub revision: Revision,
    /// The place of its first event in the log.
    pub opened: Position,
    /// The place of its last event in the log.
    pub position: Position,
    /// What it is about.
    pub title: Sealed<String>,
    /// The party's name.
    pub party: Option<Sealed<String>>,
    /// How far it has come.
    pub phase: Phase,
    /// How it stands, with the states that lie beside its way.
    pub state: CaseState,
    /// What usually comes next.
    pub usual_next: Option<CaseActKind>,
    /// The classification.
    pub kle: Option<(KleNumber, Facet)>,
    /// How carefully it is treated.
    pub confidentiality: Confidentiality,
    /// The day it was received.
    pub received: Date,
    /// The last day for a decision as long as it runs: a decision ends it, and a suspended one has none.
    pub due: Option<Date>,
    /// Who outside is waited for, and since when.
    pub waiting_on: Option<(WaitingFor, Date)>,
    /// The team it belongs to.
    pub team: Option<TeamId>,
    /// Who handles it.
    pub caseworker: Option<UserId>,
    /// The author of a draft that waits for approval: who wrote it may not approve it.
    pub awaiting: Option<UserId>,
    /// How it came in.
    pub channel: Channel,
    /// The matter.
    pub topic: Option<TopicSlug>,
    /// The type of its last event.
    pub last_event_type: String,
    /// When that was.
    pub last_event_at: Timestamp,
}

impl WorkRow {
    /// What lists show of a case.
    pub(crate) fn of(sheet: &CaseSheet) -> Self {
        let file = &sheet.file;
        Self {
            id: sheet.id,
            number: sheet.number.clone(),
            revision: sheet.revision,
            opened: sheet.opened,
            position: sheet.position,
            title: sheet.title.clone(),
            party: sheet.party.clone(),
            phase: file.phase,
            state: file.state(),
            usual_next: file.usual_next(),
            kle: file.kle.clone(),
            confidentiality: file.confidentiality,
            received: file.received,
            due: file.running_deadline(),
            waiting_on: file.waiting_on(),
            team: file.team,
            caseworker: file.caseworker,
            awaiting: file.awaits_approval().then(|| file.draft.as_ref().map(|draft| draft.author)).flatten(),
            channel: sheet.channel,
            topic: sheet.topic.clone(),
            last_event_type: sheet.last_event_type.clone(),
            last_event_at: sheet.last_event_at,
        }
    }

    /// Opens every sealed field whose key still exists. `opener` is the key ring's for the stream of this
    /// case.
    pub fn unlock(&mut self, opener: &dyn Opener) -> Result<(), SealError> {
        self.title.open_with(opener)?;
        self.party.as_mut().map_or(Ok(()), |party| party.open_with(opener))
    }
}
