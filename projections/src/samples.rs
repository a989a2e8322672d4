//! The samples of engagements: each with its draw, and which cases were drawn in which engagement.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde::{Deserialize, Serialize};
use skranke_domain::engagement::{EngagementEvent, SampleDrawn};
use skranke_domain::{Actor, CaseId, EngagementId, Tenant};
use skranke_store::Position;
use uuid::Uuid;

use crate::event::Event;
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// A sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleRow {
    /// Its id: that of its event.
    pub id: Uuid,
    /// The engagement.
    pub engagement: EngagementId,
    /// The place of its event in the log.
    pub drawn_in: Position,
    /// The draw.
    pub drawn: SampleDrawn,
    /// Who drew it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// The table of samples.
pub(crate) struct Samples;

impl Projection for Samples {
    fn name(&self) -> &'static str {
        "samples"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["samples", "sampled_cases"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE samples (
            tenant TEXT NOT NULL,
            engagement_id BLOB NOT NULL,
            number INTEGER NOT NULL,
            sample_id BLOB NOT NULL,
            sample TEXT NOT NULL,
            PRIMARY KEY (tenant, engagement_id, number)
         ) STRICT;
         CREATE UNIQUE INDEX samples_by_id ON samples (tenant, sample_id);
         CREATE TABLE sampled_cases (
            tenant TEXT NOT NULL,
            case_id BLOB NOT NULL,
            engagement_id BLOB NOT NULL,
            PRIMARY KEY (tenant, case_id, engagement_id)
         ) STRICT, WITHOUT ROWID;"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.engagement()? else { return Ok(()) };
        let (tenant, engagement) = (event.tenant(), told.id);
        for told_of in told.events {
            let EngagementEvent::SampleDrawn(drawn) = told_of else { continue };
            let number = i64::from(drawn.sample);
            let row = SampleRow {
                id: event.recorded().id,
                engagement,
                drawn_in: told.info.position,
                drawn: drawn.clone(),
                by: told.info.actor,
                at: told.info.at,
            };
            let mut write = rows.prepare_cached(
                "INSERT INTO samples (tenant, engagement_id, number, sample_id, sample)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            let (id, text) = (engagement.uuid(), serde_json::to_string(&row)?);
            write.execute((tenant.code(), id.as_bytes(), number, row.id.as_bytes(), text))?;
            let mut mark = rows.prepare_cached(
                "INSERT OR IGNORE INTO sampled_cases (tenant, case_id, engagement_id) VALUES (?1, ?2, ?3)",
            )?;
            for case in &drawn.cases {
                mark.execute((tenant.code(), case.uuid().as_bytes(), id.as_bytes()))?;
            }
        }
        Ok(())
    }
}

/// The order of the list in cursors.
const MARK: char = 's';

const LIST: &str = "SELECT sample FROM samples WHERE tenant = ?1 AND engagement_id = ?2 AND number > ?3
     ORDER BY number LIMIT ?4";
const BY_ID: &str = "SELECT sample FROM samples WHERE tenant = ?1 AND sample_id = ?2";
const DRAWN_IN: &str = "SELECT engagement_id FROM sampled_cases WHERE tenant = ?1 AND case_id = ?2";

fn listing(tenant: Tenant, engagement: EngagementId, behind: i64, first: usize) -> [Value; 4] {
    let engagement = engagement.uuid().as_bytes().to_vec();
    [tenant.code().to_owned().into(), engagement.into(), behind.into(), rows::one_more(first).into()]
}

impl Views {
    /// A page of the samples of an engagement, the first one first.
    pub async fn samples(
        &self,
        tenant: Tenant,
        engagement: EngagementId,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<SampleRow>, ViewsError> {
        self.ask(move |rows| {
            let after = after.as_ref();
            let values = listing(tenant, engagement, Cursor::behind(after, MARK, 0)?, first);
            Page::read(rows, (LIST, params_from_iter(values)), (first, after), |_, sample: &SampleRow| {
                Ok(Cursor::new(MARK, sample.drawn.sample, engagement.uuid()))
            })
        })
        .await
    }

    /// One sample.
    pub async fn sample(
        &self,
        tenant: Tenant,
        engagement: EngagementId,
        number: u32,
    ) -> Result<Option<SampleRow>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT sample FROM samples WHERE tenant = ?1 AND engagement_id = ?2 AND number = ?3",
            )?;
            let key = (tenant.code(), engagement.uuid(), i64::from(number));
            Ok(find.query_row((key.0, key.1.as_bytes(), key.2), |row| rows::read(row, 0)).optional()?)
        })
        .await
    }

    /// The sample that has this id.
    pub async fn sample_by_id(&self, tenant: Tenant, id: Uuid) -> Result<Option<SampleRow>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(BY_ID)?;
            Ok(find.query_row((tenant.code(), id.as_bytes()), |row| rows::read(row, 0)).optional()?)
        })
        .await
    }

    /// The engagements in which a case was drawn.
    pub async fn drawn_in(&self, tenant: Tenant, case: CaseId) -> Result<Vec<EngagementId>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(DRAWN_IN)?;
            let found = find.query_map((tenant.code(), case.uuid().as_bytes()), |row| rows::uuid(row, 0))?;
            Ok(found.map(|id| id.map(EngagementId::new)).collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// How the database would answer those lists, for tests.
    pub async fn explain_samples(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let engagement = EngagementId::new(Uuid::nil());
            let mut plan = rows::plan(rows, LIST, params_from_iter(listing(tenant, engagement, 0, 1)))?;
            for by_one_id in [BY_ID, DRAWN_IN] {
                plan.extend(rows::plan(rows, by_one_id, (tenant.code(), &[0_u8; 16]))?);
            }
            Ok(plan)
        })
        .await
    }
}
