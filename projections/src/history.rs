//! The history of a case: every event as it stands in the log, also of types that this version does not know.
//!
//! With it an auditor reads a history, sees the case as it was after any event, and what changed between two.

use std::ops::ControlFlow;

use jiff::Timestamp;
use skranke_domain::case::{Case, CaseEvent};
use skranke_domain::upcast::{self, Reading, UpcastError};
use skranke_domain::{Actor, CaseId, Purpose, Roles, Sealed, Tenant};
use skranke_store::{EventLog, LogError, Metadata, Position, Recorded, Revision, version};
use uuid::Uuid;

use crate::case_fields::{FieldChange, SheetField, changes_between, event_fields};
use crate::case_sheet::CaseSheet;
use crate::event::EventInfo;
use crate::projection::FoldFault;

/// One event of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Which case.
    pub case: CaseId,
    /// Its place in the log.
    pub position: Position,
    /// Its number in the case, from 0.
    pub revision: Revision,
    /// Its id.
    pub event_id: Uuid,
    /// Its type, as stored.
    pub event_type: String,
    /// The version of its fields.
    pub version: u32,
    /// When it happened.
    pub recorded_at: Timestamp,
    /// Who acted.
    pub actor: Actor,
    /// The roles the actor held.
    pub roles: Roles,
    /// What for.
    pub purpose: Option<Purpose>,
    /// What belongs together across streams.
    pub correlation: Uuid,
    /// The event that led to this one.
    pub causation: Option<Uuid>,
    /// Its fields, the JSON as stored: personal ones sealed.
    pub data: String,
}

impl HistoryEntry {
    fn of(case: CaseId, recorded: &Recorded) -> Result<Self, FoldFault> {
        let metadata = Metadata::parse(&recorded.metadata).map_err(|_| FoldFault::Metadata)?;
        Ok(Self {
            case,
            position: recorded.position,
            revision: recorded.revision,
            event_id: recorded.id,
            event_type: recorded.event_type.to_string(),
            version: version(&recorded.metadata).ok_or(FoldFault::Metadata)?,
            recorded_at: recorded.recorded_at,
            actor: metadata.actor,
            roles: metadata.roles,
            purpose: metadata.purpose,
            correlation: metadata.correlation,
            causation: metadata.causation,
            data: std::str::from_utf8(&recorded.data).map_err(|_| FoldFault::Data)?.to_owned(),
        })
    }

    /// What it tells today.
    pub fn reading(&self) -> Result<Reading<CaseEvent>, UpcastError> {
        upcast::read(&self.event_type, self.version, self.data.as_bytes())
    }

    /// The values it carries; none for a type that this version does not know.
    pub fn fields(&self) -> Result<Vec<SheetField>, UpcastError> {
        Ok(self.reading()?.events().iter().flat_map(event_fields).collect())
    }

    /// Why it was done, where the event carries a reason.
    pub fn reason(&self) -> Result<Option<Sealed<String>>, UpcastError> {
        Ok(self.reading()?.events().iter().find_map(|event| match event {
            CaseEvent::HearingWaived(waived) => Some(waived.reason.clone()),
            CaseEvent::DeadlineSuspended(suspended) => Some(suspended.reason.clone()),
            CaseEvent::DeadlineExtended(extended) => Some(extended.reason.clone()),
            CaseEvent::DelayNoticeSent(notice) => Some(notice.reason.clone()),
            CaseEvent::DecisionReturned(returned) => Some(returned.reason.clone()),
            CaseEvent::CaseReopened(reopened) => Some(reopened.reason.clone()),
            CaseEvent::DecisionCorrected(corrected) => Some(corrected.reason.clone()),
            CaseEvent::DecisionRevoked(revoked) => Some(revoked.reason.clone()),
            CaseEvent::PartyRoleChanged(changed) => Some(changed.reason.clone()),
            CaseEvent::RepresentativeEnded(ended) => Some(ended.reason.clone()),
            CaseEvent::AddressProtectionLifted(lifted) => Some(lifted.reason.clone()),
            CaseEvent::ConfidentialityMarked(marked) => Some(marked.reason.clone()),
            CaseEvent::CaseWithdrawn(withdrawn) => Some(withdrawn.reason.clone()),
            CaseEvent::DocumentSuperseded(superseded) => Some(superseded.reason.clone()),
            CaseEvent::DocumentMoved(moved) => Some(moved.reason.clone()),
            CaseEvent::DocumentWithdrawn(withdrawn) => Some(withdrawn.reason.clone()),
            _ => None,
        }))
    }

    /// What a fold may know of it beside its body.
    pub const fn info(&self) -> EventInfo {
        EventInfo {
            revision: self.revision,
            position: self.position,
            at: self.recorded_at,
            actor: self.actor,
            roles: self.roles,
            purpose: self.purpose,
        }
    }
}

/// The case right after the event with that revision; `None` when the history does not reach that far.
///
/// The same fold as the live view: as of the last event it is what [`Views::case_sheet`](crate::Views::case_sheet) answers.
pub fn case_as_of(entries: &[HistoryEntry], revision: Revision) -> Result<Option<CaseSheet>, UpcastError> {
    let mut sheet: Option<CaseSheet> = None;
    for entry in entries.iter().filter(|entry| entry.revision <= revision) {
        let (reading, info) = (entry.reading()?, entry.info());
        match &mut sheet {
            Some(sheet) => sheet.take(&entry.event_type, reading.events(), &info),
            none => *none = CaseSheet::begin(entry.case, reading.events(), &info),
        }
    }
    Ok(sheet.filter(|sheet| sheet.revision == revision))
}

/// Which events made a value of the case what it is: every change of the values of that key, with the revision of the
/// event, oldest first.
pub fn explain(entries: &[HistoryEntry], key: &str) -> Result<Vec<(Revision, FieldChange)>, UpcastError> {
    let (mut before, mut sheet): (Vec<SheetField>, Option<CaseSheet>) = (Vec::new(), None);
    let mut changes = Vec::new();
    for entry in entries {
        let (reading, info) = (entry.reading()?, entry.info());
        match &mut sheet {
            Some(sheet) => sheet.take(&entry.event_type, reading.events(), &info),
            none => *none = CaseSheet::begin(entry.case, reading.events(), &info),
        }
        let after = sheet.as_ref().map_or_else(Vec::new, CaseSheet::fields);
        let here = changes_between(std::mem::take(&mut before), after.clone());
        changes.extend(
            here.into_iter().filter(|change| change.key == key).map(|change| (entry.revision, change)),
        );
        before = after;
    }
    Ok(changes)
}

/// Why a history cannot be told.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HistoryError {
    /// The log did not answer.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An event has data that is no text, or metadata that lacks what must be there.
    #[error("the event at {} cannot be shown: {reason}", position.0)]
    Unreadable {
        /// Its place in the log.
        position: Position,
        /// What is wrong with it, in general words.
        reason: FoldFault,
    },
}

/// Every event of a case as it stands in the log, oldest first. Nothing for a case that is not there.
///
/// Read from the log itself and from no copy: what an auditor is shown is what the proofs are about.
pub async fn case_history(
    log: &dyn EventLog,
    tenant: Tenant,
    id: CaseId,
) -> Result<Vec<HistoryEntry>, HistoryError> {
    let mut entries = Vec::new();
    let mut each = |recorded: Recorded| {
        let entry = HistoryEntry::of(id, &recorded);
        let readable = entry.is_ok();
        entries
            .push(entry.map_err(|reason| HistoryError::Unreadable { position: recorded.position, reason }));
        if readable { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    log.fold_stream(&Case::stream(tenant, id), 0, &mut each).await?;
    entries.into_iter().collect()
}
