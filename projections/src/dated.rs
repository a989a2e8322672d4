//! What complaints and requests for access have in common: a sheet each, and lists of them by stage and deadline.
//!
//! One table per kind, one row per thing, every list one question to one index.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use skranke_domain::{Actor, CaseId, Sealed, Tenant};
use skranke_store::Position;
use uuid::Uuid;

use crate::event::{Event, EventInfo, Told};
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::reached::Reached;
use crate::rows::{self, Pending};
use crate::views::{Views, ViewsError};

/// Somebody did something for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasoned {
    /// Why.
    pub reason: Sealed<String>,
    /// Who did it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl Reasoned {
    pub(crate) fn new(reason: &Sealed<String>, info: &EventInfo) -> Self {
        Self { reason: reason.clone(), by: info.actor, at: info.at }
    }
}

/// Where a sheet stands in the lists.
pub(crate) struct Place {
    pub(crate) id: Uuid,
    pub(crate) case: CaseId,
    pub(crate) came_in: Position,
    pub(crate) open: bool,
    /// The last day by which somebody must act; none where nobody must.
    pub(crate) due: Option<Date>,
}

/// A sheet that is listed by stage and deadline.
pub(crate) trait Dated: Serialize + DeserializeOwned + Send + 'static {
    /// What happens to it.
    type Event;
    /// How far it can have come.
    type Stage: Serialize;
    /// The name of its projection and table.
    const NAME: &'static str;
    /// The version of its projection.
    const VERSION: u32;
    /// The same name, as the list of tables.
    const TABLES: &'static [&'static str];
    /// The table and its indexes, by [`dated_schema`].
    const SCHEMA: &'static str;

    /// What an event of the log tells about one.
    fn told(event: &Event) -> Result<Option<Told<'_, Uuid, Self::Event>>, FoldFault>;
    /// The sheet of one that begins; `None` when the events are no beginning.
    fn begin(id: Uuid, events: &[Self::Event], info: &EventInfo) -> Option<Self>;
    /// Takes one event in. Never fails and holds no rule.
    fn apply(&mut self, event: &Self::Event, info: &EventInfo);
    /// Notes that an entry of the log was there, whatever it told.
    fn pass_over(&mut self, event_type: &str, info: &EventInfo);
    /// How far it has come.
    fn stage(&self) -> Self::Stage;
    /// Where it stands.
    fn place(&self) -> Place;
}

/// The statements for one table of dated sheets.
macro_rules! dated_schema {
    ($table:literal) => {
        concat!(
            "CREATE TABLE ",
            $table,
            " (
                tenant TEXT NOT NULL,
                id BLOB NOT NULL,
                case_id BLOB NOT NULL,
                came_in INTEGER NOT NULL,
                stage TEXT NOT NULL,
                open INTEGER NOT NULL,
                due TEXT NOT NULL,
                sheet TEXT NOT NULL,
                PRIMARY KEY (tenant, id)
             ) STRICT;
             CREATE INDEX ",
            $table,
            "_all ON ",
            $table,
            " (tenant, due, id);
             CREATE INDEX ",
            $table,
            "_open ON ",
            $table,
            " (tenant, open, due, id);
             CREATE INDEX ",
            $table,
            "_stage ON ",
            $table,
            " (tenant, stage, due, id);
             CREATE INDEX ",
            $table,
            "_case ON ",
            $table,
            " (tenant, case_id, came_in);"
        )
    };
}
pub(crate) use dated_schema;

/// After every date that a deadline can have, so that rows without one come last.
const NO_DEADLINE: &str = "9999-12-31";

/// The projection of one kind of sheet.
pub(crate) struct DatedList<S> {
    pending: Pending<(Tenant, Uuid), S>,
}

impl<S> Default for DatedList<S> {
    fn default() -> Self {
        Self { pending: Pending::default() }
    }
}

impl<S: Dated> Projection for DatedList<S> {
    fn name(&self) -> &'static str {
        S::NAME
    }

    fn version(&self) -> u32 {
        S::VERSION
    }

    fn tables(&self) -> &'static [&'static str] {
        S::TABLES
    }

    fn schema(&self) -> &'static str {
        S::SCHEMA
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = S::told(event)? else { return Ok(()) };
        let (key, event_type) = ((event.tenant(), told.id), &event.recorded().event_type);
        if let Some(sheet) = self.pending.get(key, || load::<S>(rows, event.tenant(), told.id))? {
            for event in told.events {
                sheet.apply(event, &told.info);
            }
            sheet.pass_over(event_type, &told.info);
        } else if !told.events.is_empty() {
            let mut sheet = S::begin(told.id, told.events, &told.info).ok_or(FoldFault::NeverBegan)?;
            sheet.pass_over(event_type, &told.info);
            self.pending.put(key, sheet);
        }
        Ok(())
    }

    fn changed(&self) -> usize {
        self.pending.changed()
    }

    fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
        let mut write = rows.prepare_cached(&format!(
            "INSERT INTO {} (tenant, id, case_id, came_in, stage, open, due, sheet)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (tenant, id) DO UPDATE SET stage = excluded.stage, open = excluded.open,
                due = excluded.due, sheet = excluded.sheet",
            S::NAME
        ))?;
        self.pending.flush(|(tenant, _), sheet| {
            let Place { id, case, came_in, open, due } = sheet.place();
            write.execute((
                tenant.code(),
                id.as_bytes(),
                case.uuid().as_bytes(),
                rows::number(came_in.0)?,
                rows::name(&sheet.stage())?,
                open,
                due.map_or_else(|| NO_DEADLINE.to_owned(), |due| due.to_string()),
                serde_json::to_string(sheet)?,
            ))?;
            Ok(())
        })
    }

    fn forget(&mut self) {
        self.pending.clear();
    }
}

/// Which sheets, and which part of the list; the nearest deadline first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedQuery<Stage> {
    /// Only those that have come exactly this far.
    pub stage: Option<Stage>,
    /// Only those that wait for somebody, or only those that do not. Goes without saying where a stage is asked for.
    pub open: Option<bool>,
    /// Only those due before this day.
    pub due_before: Option<Date>,
    /// Only those of cases that are reached; `None` for those of every case.
    pub reached: Option<Reached>,
    /// Behind this one.
    pub after: Option<Cursor>,
    /// At most so many.
    pub first: usize,
}

impl<Stage> Default for DatedQuery<Stage> {
    fn default() -> Self {
        Self { stage: None, open: None, due_before: None, reached: None, after: None, first: 0 }
    }
}

/// The order of these lists in cursors.
const MARK: char = 'u';

/// Index, condition and values of a question.
fn conditions<S: Dated>(
    tenant: Tenant,
    query: &DatedQuery<S::Stage>,
) -> Result<(&'static str, String, Vec<Value>), ViewsError> {
    let mut values: Vec<Value> = vec![tenant.code().to_owned().into()];
    let (index, mut text) = match (&query.stage, query.open) {
        (Some(stage), _) => {
            values.push(rows::name(stage).map_err(|_| ViewsError::Cursor)?.into());
            ("stage", "tenant = ?1 AND stage = ?2".to_owned())
        }
        (None, Some(open)) => {
            values.push(open.into());
            ("open", "tenant = ?1 AND open = ?2".to_owned())
        }
        (None, None) => ("all", "tenant = ?1".to_owned()),
    };
    if let Some(day) = query.due_before {
        values.push(day.to_string().into());
        text = format!("{text} AND due < ?{}", values.len());
    }
    if let Some(reached) = &query.reached {
        let reached = reached.condition(&mut values);
        text = format!(
            "{text} AND EXISTS (SELECT 1 FROM cases k WHERE k.tenant = ?1 AND k.case_id = {}.case_id AND {reached})",
            S::NAME
        );
    }
    if let Some(after) = &query.after {
        let (due, id) = after.of(MARK)?;
        values.extend([Value::from(due.to_owned()), id.as_bytes().to_vec().into()]);
        text = format!("{text} AND (due, id) > (?{}, ?{})", values.len() - 1, values.len());
    }
    Ok((index, text, values))
}

/// The statement for one page: one row more than was asked for tells whether there is more.
fn page_sql<S: Dated>(
    tenant: Tenant,
    query: &DatedQuery<S::Stage>,
) -> Result<(String, Vec<Value>), ViewsError> {
    let (index, condition, mut values) = conditions::<S>(tenant, query)?;
    values.push(rows::one_more(query.first).into());
    let sql = format!(
        "SELECT sheet, due, id FROM {table} INDEXED BY {table}_{index} WHERE {condition}
         ORDER BY due, id LIMIT ?{limit}",
        table = S::NAME,
        limit = values.len()
    );
    Ok((sql, values))
}

fn page<S: Dated>(
    rows: &Connection,
    tenant: Tenant,
    query: &DatedQuery<S::Stage>,
) -> Result<Page<S>, ViewsError> {
    let (sql, values) = page_sql::<S>(tenant, query)?;
    let part = (query.first, query.after.as_ref());
    Page::read(rows, (&sql, params_from_iter(values)), part, |row, _: &S| {
        Ok(Cursor::new(MARK, row.get::<_, String>(1)?, rows::uuid(row, 2)?))
    })
}

fn count<S: Dated>(
    rows: &Connection,
    tenant: Tenant,
    query: &DatedQuery<S::Stage>,
) -> Result<u64, ViewsError> {
    let (index, condition, values) = conditions::<S>(tenant, query)?;
    let sql =
        format!("SELECT count(*) FROM {table} INDEXED BY {table}_{index} WHERE {condition}", table = S::NAME);
    let mut find = rows.prepare_cached(&sql)?;
    Ok(find.query_row(params_from_iter(values), |row| rows::unsigned(row, 0))?)
}

fn load<S: Dated>(rows: &Connection, tenant: Tenant, id: Uuid) -> rusqlite::Result<Option<S>> {
    let mut find =
        rows.prepare_cached(&format!("SELECT sheet FROM {} WHERE tenant = ?1 AND id = ?2", S::NAME))?;
    find.query_row((tenant.code(), id.as_bytes()), |row| rows::read(row, 0)).optional()
}

fn of_case<S: Dated>(rows: &Connection, tenant: Tenant, case: CaseId) -> Result<Vec<S>, ViewsError> {
    let mut find = rows.prepare_cached(&format!(
        "SELECT sheet FROM {table} INDEXED BY {table}_case WHERE tenant = ?1 AND case_id = ?2
         ORDER BY came_in LIMIT {limit}",
        table = S::NAME,
        limit = rows::PAGE_LIMIT
    ))?;
    let sheets = find.query_map((tenant.code(), case.uuid().as_bytes()), |row| rows::read(row, 0))?;
    Ok(sheets.collect::<rusqlite::Result<_>>()?)
}

impl Views {
    pub(crate) async fn dated_page<S: Dated>(
        &self,
        tenant: Tenant,
        query: DatedQuery<S::Stage>,
    ) -> Result<Page<S>, ViewsError>
    where
        S::Stage: Send + 'static,
    {
        self.ask(move |rows| page::<S>(rows, tenant, &query)).await
    }

    pub(crate) async fn dated_plan<S: Dated>(
        &self,
        tenant: Tenant,
        query: DatedQuery<S::Stage>,
    ) -> Result<Vec<String>, ViewsError>
    where
        S::Stage: Send + 'static,
    {
        self.ask(move |rows| {
            let (sql, values) = page_sql::<S>(tenant, &query)?;
            let mut statement = rows.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let plan = statement.query_map(params_from_iter(values), |row| row.get("detail"))?;
            Ok(plan.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    pub(crate) async fn dated_count<S: Dated>(
        &self,
        tenant: Tenant,
        query: DatedQuery<S::Stage>,
    ) -> Result<u64, ViewsError>
    where
        S::Stage: Send + 'static,
    {
        self.ask(move |rows| count::<S>(rows, tenant, &DatedQuery { after: None, ..query })).await
    }

    pub(crate) async fn dated_one<S: Dated>(
        &self,
        tenant: Tenant,
        id: Uuid,
    ) -> Result<Option<S>, ViewsError> {
        self.ask(move |rows| Ok(load(rows, tenant, id)?)).await
    }

    pub(crate) async fn dated_of_case<S: Dated>(
        &self,
        tenant: Tenant,
        case: CaseId,
    ) -> Result<Vec<S>, ViewsError> {
        self.ask(move |rows| of_case(rows, tenant, case)).await
    }
}
