//! Exemptions from self-service: the list, one exemption, whether one holds, and whose last day is over.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use skranke_domain::authority::AuthoritySlug;
use skranke_domain::conversation::TopicSlug;
use skranke_domain::exemption::{Applicant, Area, ExemptionEvent, Grounds, Standing};
use skranke_domain::inquiry::Channel;
use skranke_domain::{Actor, ExemptionId, InquiryId, Sealed, SubjectId, Tenant};
use skranke_store::{Position, Revision};

use crate::arrivals::Arrivals;
use crate::event::{Event, EventInfo};
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows::{self, Pending};
use crate::views::{Views, ViewsError};

/// Everything the page of an exemption shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemptionSheet {
    /// Which exemption.
    pub id: ExemptionId,
    /// The number of its last event.
    pub revision: Revision,
    /// The place of its first event in the log: the order of the list.
    pub came_in: Position,
    /// The place of its last event in the log.
    pub position: Position,
    /// Where it stands.
    pub standing: Standing,
    /// Whom its sealed fields are about.
    pub subject: SubjectId,
    /// The authority whose self-service it is about.
    pub authority: AuthoritySlug,
    /// What of that authority.
    pub area: Area,
    /// How it was asked for.
    pub channel: Channel,
    /// When that came in.
    pub received: Date,
    /// The inquiry that it was asked in.
    pub inquiry: Option<InquiryId>,
    /// Who it is for, and who asked.
    pub applicant: Sealed<Applicant>,
    /// The grounds: those it rests on, or before that those that were given.
    pub grounds: Sealed<Grounds>,
    /// Its first day, once it is given.
    pub from: Option<Date>,
    /// Its last day, if it has one.
    pub until: Option<Date>,
    /// From this day on it does not hold.
    pub withdrawn_on: Option<Date>,
    /// Why it was not given, or is not wanted any more.
    pub reason: Option<Sealed<String>>,
    /// Who decided.
    pub decided_by: Option<Actor>,
    /// When.
    pub decided_at: Option<Timestamp>,
}

/// The last day of what has none, for the column.
const NEVER: Date = Date::constant(9999, 12, 31);

impl ExemptionSheet {
    fn begin(id: ExemptionId, events: &[ExemptionEvent], info: &EventInfo) -> Option<Self> {
        let (ExemptionEvent::ExemptionRequested(requested), rest) = events.split_first()? else {
            return None;
        };
        let mut sheet = Self {
            id,
            revision: info.revision,
            came_in: info.position,
            position: info.position,
            standing: Standing::Requested,
            subject: requested.subject,
            authority: requested.authority.clone(),
            area: requested.area.clone(),
            channel: requested.channel,
            received: requested.received,
            inquiry: requested.inquiry,
            applicant: requested.applicant.clone(),
            grounds: requested.grounds.clone(),
            from: None,
            until: None,
            withdrawn_on: None,
            reason: None,
            decided_by: None,
            decided_at: None,
        };
        for event in rest {
            sheet.apply(event, info);
        }
        Some(sheet)
    }

    fn apply(&mut self, event: &ExemptionEvent, info: &EventInfo) {
        match event {
            // A stream holds one request, and `begin` took it.
            ExemptionEvent::ExemptionRequested(_) => {}
            ExemptionEvent::ExemptionGranted(granted) => {
                self.standing = Standing::Granted;
                (self.from, self.until) = (Some(granted.from), granted.until);
                self.grounds = granted.grounds.clone();
                (self.decided_by, self.decided_at) = (Some(info.actor), Some(info.at));
            }
            ExemptionEvent::ExemptionRefused(refused) => {
                self.standing = Standing::Refused;
                self.reason = Some(refused.reason.clone());
                (self.decided_by, self.decided_at) = (Some(info.actor), Some(info.at));
            }
            ExemptionEvent::ExemptionExpired(_) => self.standing = Standing::Expired,
            ExemptionEvent::ExemptionWithdrawn(withdrawn) => {
                self.standing = Standing::Withdrawn;
                self.withdrawn_on = Some(withdrawn.on);
                self.reason.clone_from(&withdrawn.reason);
            }
        }
    }

    /// The first and the last day on which it holds, or held.
    pub fn days(&self) -> Option<(Date, Date)> {
        let last = self.until.unwrap_or(NEVER);
        let last = match self.withdrawn_on.map(Date::yesterday) {
            Some(Ok(eve)) => last.min(eve),
            // Nothing comes before the first of days.
            Some(Err(_)) => return None,
            None => last,
        };
        self.from.map(|first| (first, last))
    }
}

/// The table of exemptions.
#[derive(Default)]
pub(crate) struct Exemptions {
    pending: Pending<(Tenant, ExemptionId), ExemptionSheet>,
}

impl Projection for Exemptions {
    fn name(&self) -> &'static str {
        "exemptions"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["exemptions"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE exemptions (
            tenant TEXT NOT NULL,
            exemption_id BLOB NOT NULL,
            came_in INTEGER NOT NULL,
            standing TEXT NOT NULL,
            subject BLOB NOT NULL,
            authority TEXT NOT NULL,
            area TEXT NOT NULL,
            first_day TEXT,
            last_day TEXT,
            sheet TEXT NOT NULL,
            PRIMARY KEY (tenant, exemption_id)
         ) STRICT;
         CREATE INDEX exemptions_all ON exemptions (tenant, came_in);
         CREATE INDEX exemptions_standing ON exemptions (tenant, standing, came_in);
         CREATE INDEX exemptions_subject ON exemptions (tenant, subject, authority, area, first_day);
         CREATE INDEX exemptions_last ON exemptions (tenant, last_day) WHERE standing = 'granted';"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.exemption()? else { return Ok(()) };
        let key = (event.tenant(), told.id);
        if let Some(sheet) = self.pending.get(key, || load(rows, event.tenant(), told.id))? {
            (sheet.revision, sheet.position) = (told.info.revision, told.info.position);
            for event in told.events {
                sheet.apply(event, &told.info);
            }
        } else if !told.events.is_empty() {
            let begun = ExemptionSheet::begin(told.id, told.events, &told.info);
            self.pending.put(key, begun.ok_or(FoldFault::NeverBegan)?);
        }
        Ok(())
    }

    fn changed(&self) -> usize {
        self.pending.changed()
    }

    fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
        let mut write = rows.prepare_cached(
            "INSERT INTO exemptions (tenant, exemption_id, came_in, standing, subject, authority, area, first_day,
                last_day, sheet)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (tenant, exemption_id) DO UPDATE SET standing = excluded.standing,
                first_day = excluded.first_day, last_day = excluded.last_day, sheet = excluded.sheet",
        )?;
        self.pending.flush(|(tenant, id), sheet| {
            let days = sheet.days();
            write.execute((
                tenant.code(),
                id.uuid().as_bytes(),
                rows::number(sheet.came_in.0)?,
                rows::name(&sheet.standing)?,
                sheet.subject.uuid().as_bytes(),
                sheet.authority.as_str(),
                sheet.area.topic().map_or("", TopicSlug::as_str),
                days.map(|(first, _)| first.to_string()),
                days.map(|(_, last)| last.to_string()),
                serde_json::to_string(sheet)?,
            ))?;
            Ok(())
        })
    }

    fn forget(&mut self) {
        self.pending.clear();
    }
}

fn load(rows: &Connection, tenant: Tenant, id: ExemptionId) -> rusqlite::Result<Option<ExemptionSheet>> {
    let mut find =
        rows.prepare_cached("SELECT sheet FROM exemptions WHERE tenant = ?1 AND exemption_id = ?2")?;
    find.query_row((tenant.code(), id.uuid().as_bytes()), |row| rows::read(row, 0)).optional()
}

const LIST: Arrivals = Arrivals { table: "exemptions", column: "standing", mark: 'f' };

/// One that is about all of the authority, or about this area of it.
const HOLDING: &str = "SELECT sheet FROM exemptions INDEXED BY exemptions_subject
     WHERE tenant = ?1 AND subject = ?2 AND authority = ?3 AND area IN ('', ?4)
       AND first_day <= ?5 AND last_day >= ?5
     ORDER BY area, first_day LIMIT 1";

const OVER: &str = "SELECT exemption_id FROM exemptions INDEXED BY exemptions_last
     WHERE tenant = ?1 AND standing = 'granted' AND last_day < ?2 ORDER BY last_day LIMIT 500";

impl Views {
    /// A page of exemptions, the oldest request first: of one standing, or all.
    pub async fn exemptions(
        &self,
        tenant: Tenant,
        standing: Option<Standing>,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<ExemptionSheet>, ViewsError> {
        self.ask(move |rows| {
            let only = standing.map(|standing| rows::name(&standing)).transpose()?.map(Value::from);
            LIST.page(rows, (tenant, only), (first, after.as_ref()), |sheet: &ExemptionSheet| sheet.came_in)
        })
        .await
    }

    /// One exemption.
    pub async fn exemption(
        &self,
        tenant: Tenant,
        id: ExemptionId,
    ) -> Result<Option<ExemptionSheet>, ViewsError> {
        self.ask(move |rows| Ok(load(rows, tenant, id)?)).await
    }

    /// The exemption that holds for somebody at an authority, in an area of it, on a day; the general one first.
    pub async fn holding_exemption(
        &self,
        tenant: Tenant,
        subject: SubjectId,
        authority: AuthoritySlug,
        area: TopicSlug,
        on: Date,
    ) -> Result<Option<ExemptionSheet>, ViewsError> {
        self.ask(move |rows| {
            let subject = subject.uuid();
            let values =
                (tenant.code(), subject.as_bytes(), authority.as_str(), area.as_str(), on.to_string());
            let mut find = rows.prepare_cached(HOLDING)?;
            Ok(find.query_row(values, |row| rows::read(row, 0)).optional()?)
        })
        .await
    }

    /// Exemptions in force whose last day is before this one, at most 500 at a time.
    pub async fn exemptions_over(&self, tenant: Tenant, today: Date) -> Result<Vec<ExemptionId>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(OVER)?;
            let ids = find.query_map((tenant.code(), today.to_string()), |row| rows::uuid(row, 0))?;
            Ok(ids.map(|id| id.map(ExemptionId::new)).collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// The plans by which the questions about exemptions are answered, for tests.
    pub async fn explain_exemptions(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let mut plan = LIST.explain(rows, tenant, rows::name(&Standing::Granted)?.into())?;
            plan.extend(rows::plan(rows, HOLDING, (tenant.code(), &[0_u8; 16], "a", "b", "2026-11-23"))?);
            plan.extend(rows::plan(rows, OVER, (tenant.code(), "2026-11-23"))?);
            Ok(plan)
        })
        .await
    }
}
