//! What an auditor's frame asks of every case: its days, its subject, its team. And the same frame from the log alone.
//!
//! A sample is drawn from what this view held when it had come to a place in the log. That place stands in the sample, so
//! [`frame_as_of`] finds the same cases later, by reading the log up to there: the draw is proved without this view.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use skranke_domain::case::{Case, CaseEvent};
use skranke_domain::engagement::{Frame, FrameDay, FrameFacts, Scope};
use skranke_domain::kle::KleNumber;
use skranke_domain::time::local_date;
use skranke_domain::{CaseId, TeamId, Tenant};
use skranke_store::{
    Direction, EventLog, Filter, LogError, NewerEvent, Position, ReadError, Reading, Recorded, read,
};

use crate::cases::team_bytes;
use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows::{self, NOBODY, Pending};
use crate::views::{Views, ViewsError};

const NAME: &str = "case-frames";
/// Events read at a time.
const PAGE: usize = 1024;

/// The table of what frames ask.
#[derive(Default)]
pub(crate) struct CaseFrames {
    pending: Pending<(Tenant, CaseId), FrameFacts>,
}

impl Projection for CaseFrames {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["case_frames"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE case_frames (
            tenant TEXT NOT NULL,
            case_id BLOB NOT NULL,
            team BLOB NOT NULL,
            kle TEXT NOT NULL,
            received TEXT NOT NULL,
            decided TEXT,
            closed TEXT,
            PRIMARY KEY (tenant, case_id)
         ) STRICT;
         CREATE INDEX case_frames_received ON case_frames (tenant, received, kle, team, case_id);
         CREATE INDEX case_frames_decided ON case_frames (tenant, decided, kle, team, case_id)
            WHERE decided IS NOT NULL;
         CREATE INDEX case_frames_closed ON case_frames (tenant, closed, kle, team, case_id)
            WHERE closed IS NOT NULL;"
    }

    fn built_last(&self) -> &'static [&'static str] {
        &["case_frames_received", "case_frames_decided", "case_frames_closed"]
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.case()? else { return Ok(()) };
        let on = local_date(told.info.at);
        for told_of in told.events.iter().filter(|event| FrameFacts::are_told_by(event)) {
            let key = (event.tenant(), told.id);
            let facts = self.pending.get(key, || load(rows, key.0, key.1))?.cloned();
            let facts = FrameFacts::after(facts, told_of, on).ok_or(FoldFault::NeverBegan)?;
            self.pending.put(key, facts);
        }
        Ok(())
    }

    fn changed(&self) -> usize {
        self.pending.changed()
    }

    fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
        let mut write = rows.prepare_cached(
            "INSERT INTO case_frames (tenant, case_id, team, kle, received, decided, closed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (tenant, case_id) DO UPDATE SET team = excluded.team, kle = excluded.kle,
                received = excluded.received, decided = excluded.decided, closed = excluded.closed",
        )?;
        self.pending.flush(|(tenant, case), facts| {
            write.execute((
                tenant.code(),
                case.uuid().as_bytes(),
                team_bytes(facts.team),
                facts.kle.as_ref().map_or("", KleNumber::as_str),
                facts.received.to_string(),
                facts.decided.map(|day| day.to_string()),
                facts.closed.map(|day| day.to_string()),
            ))?;
            Ok(())
        })
    }

    fn forget(&mut self) {
        self.pending.clear();
    }
}

fn load(rows: &Connection, tenant: Tenant, case: CaseId) -> rusqlite::Result<Option<FrameFacts>> {
    let mut find = rows.prepare_cached(
        "SELECT team, kle, received, decided, closed FROM case_frames WHERE tenant = ?1 AND case_id = ?2",
    )?;
    find.query_row((tenant.code(), case.uuid().as_bytes()), |row| {
        let nobodys = row.get_ref(0)?.as_blob()? == NOBODY;
        Ok(FrameFacts {
            team: if nobodys { None } else { Some(TeamId::new(rows::uuid(row, 0)?)) },
            kle: KleNumber::try_new(row.get_ref(1)?.as_str()?),
            received: rows::date(row, 2)?,
            decided: rows::date_if_any(row, 3)?,
            closed: rows::date_if_any(row, 4)?,
        })
    })
    .optional()
}

/// The frame's question with its values.
fn question(tenant: Tenant, scope: &Scope, frame: &Frame) -> (String, Vec<Value>) {
    let day = match frame.day {
        FrameDay::Received => "received",
        FrameDay::Decided => "decided",
        FrameDay::Closed => "closed",
    };
    let mut values: Vec<Value> =
        vec![tenant.code().to_owned().into(), frame.from.to_string().into(), frame.until.to_string().into()];
    let mut sql = format!(
        "SELECT case_id FROM case_frames INDEXED BY case_frames_{day}
         WHERE tenant = ?1 AND {day} >= ?2 AND {day} <= ?3"
    );
    let mut named = |value: Value| {
        values.push(value);
        format!("?{}", values.len())
    };
    if let Some(kle) = &frame.kle {
        // What comes after the full stop in the order of characters ends the range: `32` and `32.…`, not `320`.
        let (from, to) = (named(kle.as_str().to_owned().into()), named(format!("{kle}/").into()));
        // Writing to a string does not fail.
        let _ = write!(sql, " AND kle >= {from} AND kle < {to}");
    }
    if let Scope::Teams(teams) = scope {
        let mut teams: Vec<_> = teams.iter().map(|team| named(team_bytes(Some(*team)).into())).collect();
        if teams.is_empty() {
            // No team has an id of one byte. An empty list would be planned as a scan, if one of nothing.
            teams.push(named(vec![0].into()));
        }
        let _ = write!(sql, " AND team IN ({})", teams.join(", "));
    }
    (sql, values)
}

impl Views {
    /// The cases in a frame of a scope, and up to which place in the log that is what it tells.
    pub async fn frame(
        &self,
        tenant: Tenant,
        scope: Scope,
        frame: Frame,
    ) -> Result<(Position, Vec<CaseId>), ViewsError> {
        self.ask(move |rows| {
            // One snapshot, so that the place is that of the rows.
            let _snapshot = rows.unchecked_transaction()?;
            let mut at = rows.prepare_cached("SELECT position FROM projections WHERE name = ?1")?;
            let position = at.query_row([NAME], |row| rows::position(row, 0))?;
            let (sql, values) = question(tenant, &scope, &frame);
            let mut find = rows.prepare_cached(&sql)?;
            let cases =
                find.query_map(params_from_iter(values), |row| rows::uuid(row, 0).map(CaseId::new))?;
            Ok((position, cases.collect::<rusqlite::Result<_>>()?))
        })
        .await
    }

    /// How the database would answer that, for tests.
    pub async fn explain_frame(
        &self,
        tenant: Tenant,
        scope: Scope,
        frame: Frame,
    ) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let (sql, values) = question(tenant, &scope, &frame);
            rows::plan(rows, &sql, params_from_iter(values))
        })
        .await
    }
}

/// Why the log did not tell a frame.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// It did not answer.
    #[error(transparent)]
    Log(#[from] LogError),
    /// An event cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Whether an event changes what the frame asks, only a newer program knows.
    #[error(transparent)]
    Newer(#[from] NewerEvent),
}

/// The cases in a frame of a scope as the log told them at a place, in no order. Reads every event of the
/// municipality's cases up to there, and no view.
pub async fn frame_as_of(
    log: &dyn EventLog,
    tenant: Tenant,
    scope: &Scope,
    frame: &Frame,
    position: Position,
) -> Result<Vec<CaseId>, FrameError> {
    let prefix = format!("{}-{tenant}-", <Case as cqrs_es::Aggregate>::TYPE);
    let filter = Filter { stream_prefixes: vec![prefix], ..Filter::default() };
    let (mut cases, mut at) = (BTreeMap::new(), Position(0));
    loop {
        let page = log.read_all(at, Direction::Forwards, PAGE, &filter).await?;
        for recorded in page.events.iter().take_while(|recorded| recorded.position <= position) {
            take(&mut cases, recorded)?;
        }
        if page.end || page.next >= position {
            break;
        }
        at = page.next;
    }
    Ok(cases.into_iter().filter(|(_, facts)| frame.holds(scope, facts)).map(|(case, _)| case).collect())
}

fn take(cases: &mut BTreeMap<CaseId, FrameFacts>, recorded: &Recorded) -> Result<(), FrameError> {
    let Ok(case) = recorded.stream.key().parse::<CaseId>() else { return Ok(()) };
    let reading = read::<CaseEvent>(recorded)?;
    if matches!(reading, Reading::Unknown) {
        return Err(NewerEvent::at(recorded).into());
    }
    let on = local_date(recorded.recorded_at);
    for event in reading.events().iter().filter(|event| FrameFacts::are_told_by(event)) {
        let facts = FrameFacts::after(cases.remove(&case), event, on);
        cases.extend(facts.map(|facts| (case, facts)));
    }
    Ok(())
}
