//! The auditor's questions: a case's whole history, its state as of any event, what changed, and who looked at what.

mod engagement;
mod finding;
mod sample;

use async_graphql::{Context, ID, Object, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use skranke_domain::access_log::{AccessEvent, AccessLog, AuditRead};
use skranke_domain::case::Case as CaseAggregate;
use skranke_domain::time::local_date;
use skranke_domain::{CaseId, StreamId, Tenant, UserId};
use skranke_projections::{AccessQuery, HistoryEntry, case_as_of, case_history, diff};
use skranke_store::ledger::{self, Proved};
use skranke_store::{Position as LogPosition, Reading};

use crate::access;
use crate::caller::{AUDITORS, Caller, coded, fault};
use crate::connection::{AccessEntryConnection, AccessEntryEdge, PageInfo, page_size};
use crate::knowledge::{self, CounterAnswer};
use crate::office::Office;
use crate::personal::Personal;
use crate::reach;
use crate::scalars::{DateTime, Position, Purpose, Role};
use crate::staff::Actor;
use crate::value::{self, Field, FieldChange};
use crate::words;

pub(crate) use finding::{Finding, FindingMutation, FindingQuery};
pub(crate) use sample::{Sample, SampleMutation, SampleQuery};

/// One event of a case.
#[derive(Clone, Debug)]
pub struct CaseEvent {
    pub(crate) stream: StreamId,
    pub(crate) entry: HistoryEntry,
}

/// One event of a case.
#[Object]
impl CaseEvent {
    /// The event's id.
    async fn id(&self) -> ID {
        ID(self.entry.event_id.to_string())
    }

    /// Its number in the case, from 0.
    async fn revision(&self) -> i64 {
        i64::try_from(self.entry.revision).unwrap_or(i64::MAX)
    }

    /// Its place in the log.
    async fn position(&self) -> Position {
        Position(self.entry.position)
    }

    /// Its stored type.
    #[graphql(name = "type")]
    async fn event_type(&self) -> &str {
        &self.entry.event_type
    }

    /// What it is called in the language of the request.
    async fn title(&self, ctx: &Context<'_>) -> Result<String> {
        let (event_type, lang) = (&self.entry.event_type, Caller::of(ctx)?.lang);
        // A type that is known may come in a later form.
        Ok(match self.entry.reading() {
            Ok(Reading::Unknown) => words::unknown_event(event_type, lang),
            Ok(Reading::One(_) | Reading::Several(_)) | Err(_) => words::event_title(event_type, lang),
        })
    }

    /// When it was recorded.
    async fn at(&self) -> DateTime {
        DateTime(self.entry.recorded_at)
    }

    /// Who acted.
    async fn actor(&self) -> Actor {
        Actor(self.entry.actor)
    }

    /// The roles they held then.
    async fn roles(&self) -> Vec<Role> {
        self.entry.roles.iter().map(Role::from).collect()
    }

    /// What for, where it was stated.
    async fn purpose(&self) -> Option<Purpose> {
        self.entry.purpose.map(Purpose::from)
    }

    /// Why, where the event carries a reason.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let office = ctx.data::<Office>()?;
        let reason = self.entry.reason().map_err(|error| fault(&error))?;
        office.personal_if_any(&self.stream, reason.as_ref())
    }

    /// What belongs together across streams.
    async fn correlation_id(&self) -> ID {
        ID(self.entry.correlation.to_string())
    }

    /// The proof that it stands in the history that was signed, as whoever holds a checkpoint can check it without this
    /// server; absent until the next checkpoint is signed (a minute at most).
    async fn proof(&self, ctx: &Context<'_>) -> Result<Option<EventProof>> {
        let office = ctx.data::<Office>()?;
        let proved = ledger::prove(office.desk.log().as_ref(), &office.ledger, self.entry.position).await;
        Ok(proved.map_err(|error| fault(&error))?.map(EventProof::from))
    }

    /// What the event says. An event of a type that this version does not know says nothing here, but it is shown.
    async fn fields(&self, ctx: &Context<'_>) -> Result<Vec<Field>> {
        let fields = self.entry.fields().map_err(|error| fault(&error))?;
        value::fields(ctx, &self.stream, fields).await
    }
}

/// What proves that an event stands in a signed history (RFC 6962, section 2.1.1). Bytes and hashes in base64.
#[derive(async_graphql::SimpleObject, Clone, Debug)]
pub struct EventProof {
    /// The signed checkpoint, a C2SP signed note.
    pub checkpoint: String,
    /// How many events it is over.
    pub size: String,
    /// The event's number among them, from 0.
    pub number: String,
    /// The stored bytes of the event: its personal fields are sealed.
    pub record: String,
    /// Their leaf hash: SHA-256 over a zero byte and the bytes.
    pub leaf: String,
    /// The hashes beside the way from the leaf up to the root, lowest first.
    pub path: Vec<String>,
}

impl From<Proved> for EventProof {
    fn from(proved: Proved) -> Self {
        Self {
            size: proved.checkpoint.checkpoint().size.to_string(),
            checkpoint: proved.checkpoint.to_string(),
            number: proved.number.to_string(),
            record: STANDARD.encode(&proved.record),
            leaf: proved.leaf.to_string(),
            path: proved.path.iter().map(ToString::to_string).collect(),
        }
    }
}

/// One change of a value, and the event that made it.
#[derive(async_graphql::SimpleObject, Clone, Debug)]
pub struct Explanation {
    /// The event.
    pub event: CaseEvent,
    /// What it changed.
    pub change: FieldChange,
}

/// The state of a case right after one of its events.
#[derive(async_graphql::SimpleObject, Clone, Debug)]
pub struct CaseState {
    /// The event's number.
    pub revision: i64,
    /// When it was recorded.
    pub at: DateTime,
    /// Everything the case page would have shown.
    pub fields: Vec<Field>,
}

/// A case's whole history.
#[derive(Clone, Debug)]
pub struct CaseHistory {
    tenant: Tenant,
    id: CaseId,
    entries: Vec<HistoryEntry>,
}

impl CaseHistory {
    fn stream(&self) -> StreamId {
        CaseAggregate::stream(self.tenant, self.id)
    }

    fn sheet(&self, revision: i64) -> Result<Option<skranke_projections::CaseSheet>> {
        let Ok(revision) = u64::try_from(revision) else { return Ok(None) };
        if self.entries.last().is_none_or(|last| revision > last.revision) {
            return Ok(None);
        }
        case_as_of(&self.entries, revision).map_err(|error| fault(&error))
    }
}

/// A case's whole history.
#[Object]
impl CaseHistory {
    /// The case's id.
    async fn id(&self) -> ID {
        ID(self.id.to_string())
    }

    /// The number that people use.
    async fn number(&self) -> Result<String> {
        Ok(self.sheet(0)?.map_or_else(String::new, |sheet| sheet.number))
    }

    /// Every event, oldest first.
    async fn events(&self) -> Vec<CaseEvent> {
        let stream = self.stream();
        self.entries.iter().map(|entry| CaseEvent { stream: stream.clone(), entry: entry.clone() }).collect()
    }

    /// What the counter answered in the conversation that the case came from, if it came from one: which article in which
    /// edition, oldest first.
    async fn counter_answers(&self, ctx: &Context<'_>) -> Result<Vec<CounterAnswer>> {
        let (office, lang) = (ctx.data::<Office>()?, Caller::of(ctx)?.lang);
        let Some(inquiry) = self.sheet(0)?.and_then(|opened| opened.file.inquiry) else {
            return Ok(Vec::new());
        };
        let inquiry = office.views.inquiry(self.tenant, inquiry).await.map_err(|error| fault(&error))?;
        match inquiry.and_then(|sheet| sheet.conversation) {
            Some(conversation) => knowledge::answers(office, conversation, lang).await,
            None => Ok(Vec::new()),
        }
    }

    /// The state right after the event with this revision; `null` when there is none.
    async fn as_of(&self, ctx: &Context<'_>, revision: i64) -> Result<Option<CaseState>> {
        let Some(sheet) = self.sheet(revision)? else { return Ok(None) };
        let fields = value::fields(ctx, &self.stream(), sheet.fields()).await?;
        Ok(Some(CaseState { revision, at: DateTime(sheet.last_event_at), fields }))
    }

    /// Why a value is what it is: every event that changed the values of a key (`phase`, `caseworker`, `due` …, as `asOf`
    /// names them), oldest first.
    async fn explain(&self, ctx: &Context<'_>, key: String) -> Result<Vec<Explanation>> {
        let stream = self.stream();
        let found = skranke_projections::explain(&self.entries, &key).map_err(|error| fault(&error))?;
        let (revisions, changes): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        let changes = value::changes(ctx, &stream, changes).await?;
        let event = |revision| self.entries.iter().find(|entry| entry.revision == revision);
        let pairs = revisions.into_iter().zip(changes).filter_map(|(revision, change)| {
            let event = CaseEvent { stream: stream.clone(), entry: event(revision)?.clone() };
            Some(Explanation { event, change })
        });
        Ok(pairs.collect())
    }

    /// What differs between the states after two events. Before the first event there was nothing: `from: -1`.
    async fn diff(&self, ctx: &Context<'_>, from: i64, to: i64) -> Result<Vec<FieldChange>> {
        let missing = || coded("there is no such event", "NOT_FOUND");
        let after = self.sheet(to)?.ok_or_else(missing)?;
        let changes = if from < 0 {
            let fields = after.fields().into_iter();
            fields
                .map(|field| skranke_projections::FieldChange {
                    key: field.key,
                    before: None,
                    after: Some(field.value),
                })
                .collect()
        } else {
            diff(&self.sheet(from)?.ok_or_else(missing)?, &after)
        };
        value::changes(ctx, &self.stream(), changes).await
    }
}

/// One line of the access log.
#[derive(Clone, Debug)]
pub struct AccessEntry {
    tenant: Tenant,
    entry: skranke_projections::AccessEntry,
    case_number: Option<String>,
}

/// One line of the access log.
#[Object]
impl AccessEntry {
    /// The event's id.
    async fn id(&self) -> ID {
        ID(self.entry.id.to_string())
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.entry.at)
    }

    /// Who.
    async fn actor(&self) -> Actor {
        Actor(self.entry.actor)
    }

    /// The roles they held then.
    async fn roles(&self) -> Vec<Role> {
        self.entry.roles.iter().map(Role::from).collect()
    }

    /// What for.
    async fn purpose(&self) -> Option<Purpose> {
        self.entry.purpose.map(Purpose::from)
    }

    /// The stored type.
    #[graphql(name = "type")]
    async fn event_type(&self) -> &str {
        &self.entry.event_type
    }

    /// What it is called in the language of the request.
    async fn title(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words::event_title(&self.entry.event_type, Caller::of(ctx)?.lang))
    }

    /// The case, if it was about one.
    async fn case_id(&self) -> Option<ID> {
        self.entry.case.map(|case| ID(case.to_string()))
    }

    /// Its number.
    async fn case_number(&self) -> Option<&str> {
        self.case_number.as_deref()
    }

    /// The inquiry, if it was about one.
    async fn inquiry_id(&self) -> Option<ID> {
        self.entry.inquiry.map(|inquiry| ID(inquiry.to_string()))
    }

    /// What else it was about (an exemption, a person looked up, a solution): the type says which.
    async fn thing_id(&self) -> Option<ID> {
        self.entry.thing.map(|thing| ID(thing.to_string()))
    }

    /// What was tried, if it was refused.
    async fn attempt(&self) -> Option<&str> {
        self.entry.attempt.as_deref()
    }

    /// Why it was refused.
    async fn code(&self) -> Option<&str> {
        self.entry.code.as_deref()
    }

    /// How many rows a list had.
    async fn rows(&self) -> Option<u32> {
        self.entry.rows
    }

    /// Until when a case of another team was opened, for a break-glass.
    async fn until(&self) -> Option<DateTime> {
        self.entry.until.map(DateTime)
    }

    /// Why it was opened.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        let stream = AccessLog::stream(self.tenant, local_date(self.entry.at));
        ctx.data::<Office>()?.personal_if_any(&stream, self.entry.reason.as_ref())
    }
}

/// The auditor's questions. Each is logged: auditors are watched too.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// A case's whole history.
    async fn case_history(&self, ctx: &Context<'_>, id: ID) -> Result<Option<CaseHistory>> {
        let caller = Caller::with(ctx, AUDITORS).await?;
        let Ok(id) = id.parse::<CaseId>() else { return Ok(None) };
        let office = ctx.data::<Office>()?;
        let log = office.desk.log().as_ref();
        let entries = case_history(log, caller.tenant, id).await.map_err(|error| fault(&error))?;
        let Some(sheet) = entries.last().map(|last| case_as_of(&entries, last.revision)) else {
            return Ok(None);
        };
        if let Some(sheet) = sheet.map_err(|error| fault(&error))? {
            reach::audited(office, caller, (id, &sheet.file), ctx.field().name()).await?;
        }
        read(office, caller, Some(id)).await?;
        Ok(Some(CaseHistory { tenant: caller.tenant, id, entries }))
    }

    /// Who looked at what, newest first.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn access_log(
        &self,
        ctx: &Context<'_>,
        case_id: Option<ID>,
        staff_id: Option<ID>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<AccessEntryConnection> {
        let caller = Caller::with(ctx, AUDITORS).await?;
        let office = ctx.data::<Office>()?;
        let bad = |_| coded("caseId and staffId must be ids", "BAD_ID");
        let size = page_size(first)?;
        let before = after.map(|text| text.parse().map(LogPosition)).transpose();
        let query = AccessQuery {
            case: case_id.map(|id| id.parse::<CaseId>()).transpose().map_err(bad)?,
            staff: staff_id.map(|id| id.parse::<UserId>()).transpose().map_err(bad)?,
            before: before.map_err(|_| coded("after is not a cursor of this list", "BAD_CURSOR"))?,
            // One more than asked for tells whether there is a next page.
            first: size + 1,
        };
        read(office, caller, query.case).await?;
        page(office, caller, query, size).await
    }

    /// What the caller looked at and was refused, newest first.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn own_access(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<AccessEntryConnection> {
        let caller =
            Caller::with(ctx, &[skranke_domain::Role::Caseworker, skranke_domain::Role::Auditor]).await?;
        let office = ctx.data::<Office>()?;
        let size = page_size(first)?;
        let before = after.map(|text| text.parse().map(LogPosition)).transpose();
        let query = AccessQuery {
            staff: Some(caller.user),
            before: before.map_err(|_| coded("after is not a cursor of this list", "BAD_CURSOR"))?,
            first: size + 1,
            ..AccessQuery::default()
        };
        page(office, caller, query, size).await
    }
}

/// A page of the access log, of which one line more than its size was asked for.
async fn page(
    office: &Office,
    caller: &Caller,
    query: AccessQuery,
    size: usize,
) -> Result<AccessEntryConnection> {
    let has_previous_page = query.before.is_some();
    let mut entries = office.views.access_log(caller.tenant, query).await.map_err(|error| fault(&error))?;
    let has_next_page = entries.len() > size;
    entries.truncate(size);
    let mut cases: Vec<_> = entries.iter().filter_map(|entry| entry.case).collect();
    cases.sort_unstable();
    cases.dedup();
    let rows = office.views.work_rows(caller.tenant, cases).await.map_err(|error| fault(&error))?;
    let number = |case: CaseId| rows.iter().find(|row| row.id == case).map(|row| row.number.clone());
    let edges: Vec<_> = entries
        .into_iter()
        .map(|entry| AccessEntryEdge {
            cursor: entry.position.0.to_string(),
            node: AccessEntry { tenant: caller.tenant, case_number: entry.case.and_then(number), entry },
        })
        .collect();
    let cursor = |edge: &AccessEntryEdge| edge.cursor.clone();
    let (start_cursor, end_cursor) = (edges.first().map(cursor), edges.last().map(cursor));
    let page_info = PageInfo { has_previous_page, has_next_page, start_cursor, end_cursor };
    Ok(AccessEntryConnection { edges, page_info })
}

async fn read(office: &Office, caller: &Caller, case: Option<CaseId>) -> Result<()> {
    let event = AccessEvent::AuditRead(AuditRead { case });
    access::viewed(office, caller, skranke_domain::Purpose::Audit, event).await
}
