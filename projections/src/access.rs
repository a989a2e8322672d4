//! The access log as auditors read it: who looked at what, when, in which role and what for.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params, params_from_iter};
use skranke_domain::access_log::{AccessEvent, BreakGlassUsed};
use skranke_domain::{Actor, CaseId, InquiryId, Purpose, Roles, Sealed, Tenant, UserId};
use skranke_store::Position;
use uuid::Uuid;

use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// One line of the access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessEntry {
    /// The event's id.
    pub id: Uuid,
    /// Its place in the log: the place in the list too.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The roles they held.
    pub roles: Roles,
    /// What for.
    pub purpose: Option<Purpose>,
    /// What belongs together across streams.
    pub correlation: Uuid,
    /// What was done, for example `CaseViewed`.
    pub event_type: String,
    /// The case it was about.
    pub case: Option<CaseId>,
    /// The inquiry it was about.
    pub inquiry: Option<InquiryId>,
    /// What else it was about; the event's type says what kind of thing it is.
    pub thing: Option<Uuid>,
    /// What was tried, if it was refused.
    pub attempt: Option<String>,
    /// The refusal's code.
    pub code: Option<String>,
    /// How many rows a list showed.
    pub rows: Option<u32>,
    /// Until when a case of another team stays open, for a break-glass.
    pub until: Option<Timestamp>,
    /// Why it was opened.
    pub reason: Option<Sealed<String>>,
}

/// Which lines. The default is none: set `first`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessQuery {
    /// Only those about this case.
    pub case: Option<CaseId>,
    /// Only those of this member of staff.
    pub staff: Option<UserId>,
    /// Only those before (older than) this place.
    pub before: Option<Position>,
    /// At most so many.
    pub first: usize,
}

/// What a look was at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookedAt {
    /// A case, or a part of it.
    Case(CaseId),
    /// An inquiry.
    Inquiry(InquiryId),
    /// An exemption, a solution, or what there is of a person.
    Thing(Uuid),
}

/// A look, without who it was: what the person whose data they are is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its place in the log.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// What for.
    pub purpose: Option<Purpose>,
    /// What was done, for example `CaseViewed`.
    pub event_type: String,
}

/// The table of the access log.
pub(crate) struct Access;

impl Projection for Access {
    fn name(&self) -> &'static str {
        "access"
    }

    fn version(&self) -> u32 {
        4
    }

    fn tables(&self) -> &'static [&'static str] {
        &["access"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE access (
            position INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            event_id BLOB NOT NULL,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            staff BLOB NOT NULL,
            roles TEXT NOT NULL,
            purpose TEXT,
            correlation BLOB NOT NULL,
            event_type TEXT NOT NULL,
            case_id BLOB,
            inquiry_id BLOB,
            thing_id BLOB,
            attempt TEXT,
            code TEXT,
            shown INTEGER,
            until INTEGER,
            reason TEXT
         ) STRICT;
         CREATE INDEX access_all ON access (tenant, position);
         CREATE INDEX access_case ON access (tenant, case_id, position) WHERE case_id IS NOT NULL;
         CREATE INDEX access_inquiry ON access (tenant, inquiry_id, position) WHERE inquiry_id IS NOT NULL;
         CREATE INDEX access_thing ON access (tenant, thing_id, position) WHERE thing_id IS NOT NULL;
         CREATE INDEX access_staff ON access (tenant, staff, position);
         CREATE INDEX access_glass ON access (tenant, staff, case_id, until) WHERE until IS NOT NULL;"
    }

    fn built_last(&self) -> &'static [&'static str] {
        &["access_all", "access_case", "access_inquiry", "access_thing", "access_staff", "access_glass"]
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.access()? else { return Ok(()) };
        let (recorded, metadata) = (event.recorded(), event.metadata()?);
        // One line for one entry of the log, also for one that this version does not know.
        let about = told.events.iter().map(About::of).fold(About::default(), About::or);
        let staff = told.info.actor.staff().map_or_else(Vec::new, |user| user.uuid().as_bytes().to_vec());
        let mut write = rows.prepare_cached(
            "INSERT INTO access (position, tenant, event_id, at, actor, staff, roles, purpose, correlation,
                event_type, case_id, inquiry_id, thing_id, attempt, code, shown, until, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )?;
        write.execute(params![
            rows::number(recorded.position.0)?,
            event.tenant().code(),
            recorded.id.as_bytes(),
            rows::instant(recorded.recorded_at)?,
            metadata.actor.to_string(),
            staff,
            serde_json::to_string(&metadata.roles)?,
            metadata.purpose.as_ref().map(rows::name).transpose()?,
            metadata.correlation.as_bytes(),
            recorded.event_type.as_str(),
            about.case.map(|id| *id.uuid().as_bytes()),
            about.inquiry.map(|id| *id.uuid().as_bytes()),
            about.thing.map(|id| *id.as_bytes()),
            about.attempt,
            about.code,
            about.rows,
            about.glass.map(|used| rows::instant(used.until)).transpose()?,
            about.glass.map(|used| serde_json::to_string(&used.reason)).transpose()?,
        ])?;
        Ok(())
    }
}

/// The fields of any access event.
#[derive(Clone, Copy, Default)]
struct About<'a> {
    case: Option<CaseId>,
    inquiry: Option<InquiryId>,
    thing: Option<Uuid>,
    attempt: Option<&'a str>,
    code: Option<&'a str>,
    rows: Option<u32>,
    glass: Option<&'a BreakGlassUsed>,
}

impl<'a> About<'a> {
    fn of(event: &'a AccessEvent) -> Self {
        match event {
            AccessEvent::CaseListed(listed) => Self { rows: Some(listed.rows), ..Self::default() },
            AccessEvent::SearchRun(run) => Self { rows: Some(run.rows), ..Self::default() },
            AccessEvent::CaseViewed(viewed) => Self { case: Some(viewed.case), ..Self::default() },
            AccessEvent::AddressViewed(viewed) => Self { case: Some(viewed.case), ..Self::default() },
            AccessEvent::DocumentViewed(viewed) => Self { case: Some(viewed.case), ..Self::default() },
            AccessEvent::InquiryViewed(viewed) => Self { inquiry: Some(viewed.inquiry), ..Self::default() },
            AccessEvent::ExemptionViewed(viewed) => Self::thing(viewed.exemption.uuid()),
            AccessEvent::ExemptionLookedUp(looked_up) => Self::thing(looked_up.subject.uuid()),
            AccessEvent::ServiceViewed(viewed) => Self::thing(viewed.service.uuid()),
            AccessEvent::DataSubjectViewed(viewed) => Self::thing(viewed.subject.uuid()),
            AccessEvent::ExportMade(made) => Self { case: Some(made.case), ..Self::default() },
            AccessEvent::AccessRefused(refused) => Self {
                case: refused.case,
                attempt: Some(&refused.attempt),
                code: Some(&refused.code),
                ..Self::default()
            },
            AccessEvent::AuditRead(read) => Self { case: read.case, ..Self::default() },
            AccessEvent::BreakGlassUsed(used) => {
                Self { case: Some(used.case), glass: Some(used), ..Self::default() }
            }
        }
    }

    fn thing(id: Uuid) -> Self {
        Self { thing: Some(id), ..Self::default() }
    }

    fn or(self, other: Self) -> Self {
        Self {
            case: self.case.or(other.case),
            inquiry: self.inquiry.or(other.inquiry),
            thing: self.thing.or(other.thing),
            attempt: self.attempt.or(other.attempt),
            code: self.code.or(other.code),
            rows: self.rows.or(other.rows),
            glass: self.glass.or(other.glass),
        }
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<AccessEntry> {
    Ok(AccessEntry {
        id: rows::uuid(row, 0)?,
        position: rows::position(row, 1)?,
        at: rows::timestamp(row, 2)?,
        actor: rows::actor(row, 3)?,
        roles: rows::read(row, 4)?,
        purpose: rows::named(row, 5)?,
        correlation: rows::uuid(row, 6)?,
        event_type: row.get(7)?,
        case: rows::uuid_if_any(row, 8)?.map(CaseId::new),
        inquiry: rows::uuid_if_any(row, 9)?.map(InquiryId::new),
        thing: rows::uuid_if_any(row, 10)?,
        attempt: row.get(11)?,
        code: row.get(12)?,
        rows: row.get(13)?,
        until: row.get::<_, Option<i64>>(14)?.map(|_| rows::timestamp(row, 14)).transpose()?,
        reason: row.get_ref(15)?.as_str_or_null()?.map(|_| rows::read(row, 15)).transpose()?,
    })
}

/// The question for a part of the log, with its values.
fn listing(tenant: Tenant, query: &AccessQuery) -> Result<(String, Vec<Value>), ViewsError> {
    let before = query.before.map_or(Ok(i64::MAX), |position| rows::number(position.0))?;
    let first = i64::try_from(query.first.min(rows::PAGE_LIMIT)).unwrap_or(i64::MAX);
    let mut values: Vec<Value> = vec![tenant.code().to_owned().into(), before.into(), first.into()];
    let mut condition = String::new();
    for (column, id) in [("case_id", query.case.map(CaseId::uuid)), ("staff", query.staff.map(UserId::uuid))]
    {
        if let Some(id) = id {
            values.push(id.as_bytes().to_vec().into());
            condition = format!("{condition} AND {column} = ?{}", values.len());
        }
    }
    let index = match (query.case, query.staff) {
        (Some(_), _) => "access_case",
        (None, Some(_)) => "access_staff",
        (None, None) => "access_all",
    };
    let sql = format!(
        "SELECT event_id, position, at, actor, roles, purpose, correlation, event_type, case_id, inquiry_id,
            thing_id, attempt, code, shown, until, reason
         FROM access INDEXED BY {index} WHERE tenant = ?1 AND position < ?2{condition}
         ORDER BY position DESC LIMIT ?3"
    );
    Ok((sql, values))
}

fn list(rows: &Connection, tenant: Tenant, query: &AccessQuery) -> Result<Vec<AccessEntry>, ViewsError> {
    let (sql, values) = listing(tenant, query)?;
    let mut find = rows.prepare_cached(&sql)?;
    let entries = find.query_map(params_from_iter(values), entry)?;
    Ok(entries.collect::<rusqlite::Result<_>>()?)
}

/// A refused attempt showed nothing.
fn looks_sql(at: LookedAt) -> (&'static str, Uuid) {
    macro_rules! looks {
        ($index:literal, $column:literal) => {
            concat!(
                "SELECT position, at, purpose, event_type FROM access INDEXED BY ",
                $index,
                " WHERE tenant = ?1 AND ",
                $column,
                " = ?2 AND ",
                $column,
                " IS NOT NULL AND event_type <> 'AccessRefused' ORDER BY position"
            )
        };
    }
    match at {
        LookedAt::Case(id) => (looks!("access_case", "case_id"), id.uuid()),
        LookedAt::Inquiry(id) => (looks!("access_inquiry", "inquiry_id"), id.uuid()),
        LookedAt::Thing(id) => (looks!("access_thing", "thing_id"), id),
    }
}

impl Views {
    /// Every look at one of these things, oldest first.
    pub async fn looks(&self, tenant: Tenant, at: Vec<LookedAt>) -> Result<Vec<Look>, ViewsError> {
        self.ask(move |rows| {
            let mut found = Vec::new();
            for at in at {
                let (sql, id) = looks_sql(at);
                let mut find = rows.prepare_cached(sql)?;
                let looks = find.query_map((tenant.code(), id.as_bytes()), |row| {
                    Ok(Look {
                        position: rows::position(row, 0)?,
                        at: rows::timestamp(row, 1)?,
                        purpose: rows::named(row, 2)?,
                        event_type: row.get(3)?,
                    })
                })?;
                found.extend(looks.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            found.sort_unstable_by_key(|look: &Look| look.position);
            Ok(found)
        })
        .await
    }

    /// How the database would answer a part of the log, for tests.
    pub async fn explain_access_log(
        &self,
        tenant: Tenant,
        query: AccessQuery,
    ) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let (sql, values) = listing(tenant, &query)?;
            rows::plan(rows, &sql, params_from_iter(values))
        })
        .await
    }

    /// The plans by which looks are found, for tests.
    pub async fn explain_looks(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let nil = Uuid::nil();
            let at = [
                LookedAt::Case(CaseId::new(nil)),
                LookedAt::Inquiry(InquiryId::new(nil)),
                LookedAt::Thing(nil),
            ];
            let mut plan = Vec::new();
            for at in at {
                plan.extend(rows::plan(rows, looks_sql(at).0, (tenant.code(), nil.as_bytes()))?);
            }
            Ok(plan)
        })
        .await
    }

    /// Lines of the access log, the newest first. To go on, ask for those before the last one's position.
    pub async fn access_log(
        &self,
        tenant: Tenant,
        query: AccessQuery,
    ) -> Result<Vec<AccessEntry>, ViewsError> {
        self.ask(move |rows| list(rows, tenant, &query)).await
    }

    /// Until when a case of another team is open to somebody by break-glass; `None` when it is not, or no more.
    pub async fn break_glass_until(
        &self,
        tenant: Tenant,
        user: UserId,
        case: CaseId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT max(until) FROM access INDEXED BY access_glass
                 WHERE tenant = ?1 AND staff = ?2 AND case_id = ?3 AND until > ?4 AND until IS NOT NULL",
            )?;
            let (user, case) = (user.uuid(), case.uuid());
            let key = (tenant.code(), user.as_bytes(), case.as_bytes(), rows::instant(now)?);
            let until = find.query_row(key, |row| {
                row.get::<_, Option<i64>>(0)?.map(|_| rows::timestamp(row, 0)).transpose()
            })?;
            Ok(until)
        })
        .await
    }
}
