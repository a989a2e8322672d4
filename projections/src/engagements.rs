//! The engagements of auditors: who may read which cases, from which day to which.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde::{Deserialize, Serialize};
use skranke_domain::engagement::{EngagementEvent, Scope};
use skranke_domain::{Actor, EngagementId, Tenant, UserId};
use skranke_store::Revision;

use crate::event::Event;
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// An engagement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngagementRow {
    /// Which.
    pub id: EngagementId,
    /// The number of the last event.
    pub revision: Revision,
    /// Who audits.
    pub auditor: UserId,
    /// Which cases.
    pub scope: Scope,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Who opened it.
    pub opened_by: Actor,
    /// When it was ended before its last day.
    pub ended_at: Option<Timestamp>,
}

impl EngagementRow {
    /// Whether the auditor may read on that day.
    pub fn is_open(&self, day: Date) -> bool {
        self.ended_at.is_none() && self.from <= day && day <= self.until
    }
}

/// The table of engagements.
pub(crate) struct Engagements;

impl Projection for Engagements {
    fn name(&self) -> &'static str {
        "engagements"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["engagements"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE engagements (
            tenant TEXT NOT NULL,
            engagement_id BLOB NOT NULL,
            auditor BLOB NOT NULL,
            opened INTEGER NOT NULL,
            engagement TEXT NOT NULL,
            PRIMARY KEY (tenant, engagement_id)
         ) STRICT;
         CREATE INDEX engagements_opened ON engagements (tenant, opened);
         CREATE INDEX engagements_auditor ON engagements (tenant, auditor, opened);"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.engagement()? else { return Ok(()) };
        let (tenant, id, info) = (event.tenant(), told.id, told.info);
        let mut row = load(rows, tenant, id)?;
        for event in told.events {
            match (&mut row, event) {
                (_, EngagementEvent::EngagementOpened(opened)) => {
                    row = Some(EngagementRow {
                        id,
                        revision: info.revision,
                        auditor: opened.auditor,
                        scope: opened.scope.clone(),
                        from: opened.from,
                        until: opened.until,
                        opened_by: info.actor,
                        ended_at: None,
                    });
                }
                (None, _) => return Err(FoldFault::NeverBegan),
                (Some(row), EngagementEvent::EngagementEnded(_)) => row.ended_at = Some(info.at),
                // Samples and findings are listed by themselves.
                (
                    Some(_),
                    EngagementEvent::SampleDrawn(_)
                    | EngagementEvent::FindingRecorded(_)
                    | EngagementEvent::FindingAnswered(_),
                ) => {}
            }
        }
        let Some(mut row) = row else { return Ok(()) };
        row.revision = info.revision;
        let mut write = rows.prepare_cached(
            "INSERT INTO engagements (tenant, engagement_id, auditor, opened, engagement)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, engagement_id) DO UPDATE SET engagement = excluded.engagement",
        )?;
        write.execute((
            tenant.code(),
            id.uuid().as_bytes(),
            row.auditor.uuid().as_bytes(),
            rows::number(info.position.0)?,
            serde_json::to_string(&row)?,
        ))?;
        Ok(())
    }
}

fn load(rows: &Connection, tenant: Tenant, id: EngagementId) -> rusqlite::Result<Option<EngagementRow>> {
    let mut find =
        rows.prepare_cached("SELECT engagement FROM engagements WHERE tenant = ?1 AND engagement_id = ?2")?;
    find.query_row((tenant.code(), id.uuid().as_bytes()), |row| rows::read(row, 0)).optional()
}

/// The mark of cursors of engagements, which stand by the place where they were opened.
const MARK: char = 'm';

/// A page of the engagements of a municipality.
const ALL: &str = "SELECT engagement, opened FROM engagements INDEXED BY engagements_opened
     WHERE tenant = ?1 AND opened < ?2 ORDER BY opened DESC LIMIT ?3";

/// A page of the engagements of one auditor.
const OF_ONE: &str = "SELECT engagement, opened FROM engagements INDEXED BY engagements_auditor
     WHERE tenant = ?1 AND opened < ?2 AND auditor = ?4 ORDER BY opened DESC LIMIT ?3";

/// The statement for a page and its values.
fn listing(tenant: Tenant, auditor: Option<UserId>, before: i64, first: usize) -> (&'static str, Vec<Value>) {
    let mut values = vec![tenant.code().to_owned().into(), before.into(), rows::one_more(first).into()];
    let Some(auditor) = auditor else { return (ALL, values) };
    values.push(auditor.uuid().as_bytes().to_vec().into());
    (OF_ONE, values)
}

impl Views {
    /// A page of the engagements of a municipality, or of one auditor there, the newest first.
    pub async fn engagements(
        &self,
        tenant: Tenant,
        auditor: Option<UserId>,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<EngagementRow>, ViewsError> {
        self.ask(move |rows| {
            let after = after.as_ref();
            let (sql, values) = listing(tenant, auditor, Cursor::behind(after, MARK, i64::MAX)?, first);
            Page::read(rows, (sql, params_from_iter(values)), (first, after), |row, found: &EngagementRow| {
                Ok(Cursor::new(MARK, row.get::<_, i64>(1)?, found.id.uuid()))
            })
        })
        .await
    }

    /// How the database would answer pages of engagements, for tests.
    pub async fn explain_engagements(
        &self,
        tenant: Tenant,
        auditor: UserId,
    ) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let mut plan = Vec::new();
            for auditor in [None, Some(auditor)] {
                let (sql, values) = listing(tenant, auditor, i64::MAX, 1);
                plan.extend(rows::plan(rows, sql, params_from_iter(values))?);
            }
            Ok(plan)
        })
        .await
    }

    /// One engagement.
    pub async fn engagement(
        &self,
        tenant: Tenant,
        id: EngagementId,
    ) -> Result<Option<EngagementRow>, ViewsError> {
        self.ask(move |rows| Ok(load(rows, tenant, id)?)).await
    }

    /// The engagements of one auditor, the newest first.
    pub async fn engagements_of(
        &self,
        tenant: Tenant,
        auditor: UserId,
    ) -> Result<Vec<EngagementRow>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT engagement FROM engagements INDEXED BY engagements_auditor
                 WHERE tenant = ?1 AND auditor = ?2 ORDER BY opened DESC",
            )?;
            let key = (tenant.code(), auditor.uuid());
            let found = find.query_map((key.0, key.1.as_bytes()), |row| rows::read(row, 0))?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
