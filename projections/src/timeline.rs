//! The timeline: every event of a case as it stands in the log, also of types that this version does not
//! know.
//!
//! With it an auditor reads a history, sees the case as it was after any event, and what changed between two.

use jiff::Timestamp;
use rusqlite::{Connection, Row};
use serde::de::IgnoredAny;
use skranke_domain::case::CaseEvent;
use skranke_domain::upcast::{self, Reading, UpcastError};
use skranke_domain::{Actor, CaseId, Purpose, Roles, Sealed, Tenant};
use skranke_store::{Position, Revision, version};
use uuid::Uuid;

use crate::case_fields::{FieldChange, SheetField, changes_between, event_fields};
use crate::case_sheet::CaseSheet;
use crate::event::{Event, EventInfo};
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

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
/// The same fold as the live view: as of the last event it is what [`Views::case_sheet`] answers.
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

/// The table of events.
pub(crate) struct Timeline;

impl Projection for Timeline {
    fn name(&self) -> &'static str {
        "timeline"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["timeline"]
    }

    fn schema(&self) -> &'static str {
        // The rows lie in the order of the log, so that building appends; the index finds those of one case.
        "CREATE TABLE timeline (
            position INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            case_id BLOB NOT NULL,
            revision INTEGER NOT NULL,
            event_id BLOB NOT NULL,
            event_type TEXT NOT NULL,
            version INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            roles TEXT NOT NULL,
            purpose TEXT,
            correlation BLOB NOT NULL,
            causation BLOB,
            data TEXT NOT NULL
         ) STRICT;
         CREATE UNIQUE INDEX timeline_case ON timeline (tenant, case_id, revision);"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(id) = case_of(event)? else { return Ok(()) };
        let (recorded, metadata) = (event.recorded(), event.metadata()?);
        let data = std::str::from_utf8(&recorded.data).map_err(|_| FoldFault::Data)?;
        if !event.is_read() {
            serde_json::from_str::<IgnoredAny>(data).map_err(|_| FoldFault::Data)?;
        }
        let mut write = rows.prepare_cached(
            "INSERT INTO timeline (position, tenant, case_id, revision, event_id, event_type, version,
                recorded_at, actor, roles, purpose, correlation, causation, data)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?;
        write.execute((
            rows::number(recorded.position.0)?,
            event.tenant().code(),
            id.uuid().as_bytes(),
            rows::number(recorded.revision)?,
            recorded.id.as_bytes(),
            recorded.event_type.as_str(),
            version(&recorded.metadata).ok_or(FoldFault::Metadata)?,
            rows::instant(recorded.recorded_at)?,
            metadata.actor.to_string(),
            serde_json::to_string(&metadata.roles)?,
            metadata.purpose.as_ref().map(rows::name).transpose()?,
            metadata.correlation.as_bytes(),
            metadata.causation.as_ref().map(Uuid::as_bytes),
            data,
        ))?;
        Ok(())
    }
}

/// The case an event is about, whether or not its fields are what its type says: the timeline shows what
/// stands in the log.
fn case_of(event: &Event) -> Result<Option<CaseId>, FoldFault> {
    let stream = &event.recorded().stream;
    if stream.category() != "case" {
        return Ok(None);
    }
    stream.key().parse().map(Some).map_err(|_| FoldFault::Stream)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<HistoryEntry> {
    Ok(HistoryEntry {
        case: CaseId::new(rows::uuid(row, 0)?),
        position: rows::position(row, 1)?,
        revision: rows::unsigned(row, 2)?,
        event_id: rows::uuid(row, 3)?,
        event_type: row.get(4)?,
        version: row.get(5)?,
        recorded_at: rows::timestamp(row, 6)?,
        actor: rows::actor(row, 7)?,
        roles: rows::read(row, 8)?,
        purpose: rows::named(row, 9)?,
        correlation: rows::uuid(row, 10)?,
        causation: rows::uuid_if_any(row, 11)?,
        data: row.get(12)?,
    })
}

impl Views {
    /// Every event of a case, oldest first.
    pub async fn case_history(&self, tenant: Tenant, id: CaseId) -> Result<Vec<HistoryEntry>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT case_id, position, revision, event_id, event_type, version, recorded_at, actor, roles,
                    purpose, correlation, causation, data
                 FROM timeline WHERE tenant = ?1 AND case_id = ?2 ORDER BY revision",
            )?;
            let entries = find.query_map((tenant.code(), id.uuid().as_bytes()), entry)?;
            Ok(entries.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
