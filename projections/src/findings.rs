//! The findings of auditors: of one engagement or of the municipality, all of them or those that wait for an answer.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde::{Deserialize, Serialize};
use skranke_domain::engagement::{EngagementEvent, FindingRecorded};
use skranke_domain::{Actor, EngagementId, Sealed, Tenant};
use skranke_store::Position;
use uuid::Uuid;

use crate::event::{Event, EventInfo};
use crate::page::{Cursor, Page};
use crate::projection::{FoldFault, Projection};
use crate::reached::Reached;
use crate::rows::{self, NOBODY};
use crate::views::{Views, ViewsError};

/// A finding with what was answered to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRow {
    /// Its id: that of its first event.
    pub id: Uuid,
    /// The engagement.
    pub engagement: EngagementId,
    /// The place of its first event in the log: the order of the lists.
    pub came_in: Position,
    /// What was found.
    pub recorded: FindingRecorded,
    /// Who found it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The answers, oldest first.
    pub answers: Vec<FindingAnswer>,
}

/// What the municipality says to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingAnswer {
    /// What.
    pub text: Sealed<String>,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// The table of findings.
pub(crate) struct Findings;

impl Projection for Findings {
    fn name(&self) -> &'static str {
        "findings"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["findings"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE findings (
            tenant TEXT NOT NULL,
            engagement_id BLOB NOT NULL,
            number INTEGER NOT NULL,
            finding_id BLOB NOT NULL,
            case_id BLOB NOT NULL,
            came_in INTEGER NOT NULL,
            answered INTEGER NOT NULL,
            finding TEXT NOT NULL,
            PRIMARY KEY (tenant, engagement_id, number)
         ) STRICT;
         CREATE UNIQUE INDEX findings_by_id ON findings (tenant, finding_id);
         CREATE INDEX findings_all ON findings (tenant, came_in);
         CREATE INDEX findings_waiting ON findings (tenant, came_in) WHERE answered = 0;
         CREATE INDEX findings_engagement ON findings (tenant, engagement_id, came_in);
         CREATE INDEX findings_engagement_waiting ON findings (tenant, engagement_id, came_in)
            WHERE answered = 0;"
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.engagement()? else { return Ok(()) };
        let EventInfo { actor: by, at, position, .. } = told.info;
        for told_of in told.events {
            let row = match told_of {
                EngagementEvent::FindingRecorded(recorded) => FindingRow {
                    id: event.recorded().id,
                    engagement: told.id,
                    came_in: position,
                    recorded: recorded.clone(),
                    by,
                    at,
                    answers: Vec::new(),
                },
                EngagementEvent::FindingAnswered(answered) => {
                    let row = load(rows, event.tenant(), told.id, answered.finding)?;
                    let mut row = row.ok_or(FoldFault::NeverBegan)?;
                    row.answers.push(FindingAnswer { text: answered.text.clone(), by, at });
                    row
                }
                EngagementEvent::EngagementOpened(_)
                | EngagementEvent::EngagementEnded(_)
                | EngagementEvent::SampleDrawn(_) => continue,
            };
            write(rows, event.tenant(), &row)?;
        }
        Ok(())
    }
}

fn load(
    rows: &Connection,
    tenant: Tenant,
    engagement: EngagementId,
    number: u32,
) -> rusqlite::Result<Option<FindingRow>> {
    let mut find = rows.prepare_cached(
        "SELECT finding FROM findings WHERE tenant = ?1 AND engagement_id = ?2 AND number = ?3",
    )?;
    let key = (tenant.code(), engagement.uuid(), i64::from(number));
    find.query_row((key.0, key.1.as_bytes(), key.2), |row| rows::read(row, 0)).optional()
}

fn write(rows: &Connection, tenant: Tenant, row: &FindingRow) -> Result<(), FoldFault> {
    let mut write = rows.prepare_cached(
        "INSERT INTO findings (tenant, engagement_id, number, finding_id, case_id, came_in, answered, finding)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (tenant, engagement_id, number) DO UPDATE SET answered = excluded.answered,
            finding = excluded.finding",
    )?;
    write.execute((
        tenant.code(),
        row.engagement.uuid().as_bytes(),
        i64::from(row.recorded.finding),
        row.id.as_bytes(),
        row.recorded.case.map_or_else(|| NOBODY.to_vec(), |case| case.uuid().as_bytes().to_vec()),
        rows::number(row.came_in.0)?,
        !row.answers.is_empty(),
        serde_json::to_string(row)?,
    ))?;
    Ok(())
}

/// Which findings somebody may come upon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FindingsSeen {
    /// All.
    #[default]
    All,
    /// Those that the municipality's people answer.
    ToAnswer {
        /// Those about cases that are reached.
        about_cases: Option<Reached>,
        /// Those about engagements as a whole.
        about_engagements: bool,
    },
}

/// Which findings, and which part of the list; the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingsQuery {
    /// Only those of this engagement.
    pub engagement: Option<EngagementId>,
    /// Only those that nobody has answered.
    pub unanswered: bool,
    /// Only those that may be seen.
    pub seen: FindingsSeen,
    /// Behind this one.
    pub after: Option<Cursor>,
    /// At most so many.
    pub first: usize,
}

/// The order of the lists in cursors.
const MARK: char = 'b';

const BY_ID: &str = "SELECT finding FROM findings WHERE tenant = ?1 AND finding_id = ?2";

impl FindingsQuery {
    /// The statement for one page: one row more than was asked for tells whether there is more.
    fn page(&self, tenant: Tenant) -> Result<(String, Vec<Value>), ViewsError> {
        let behind = Cursor::behind(self.after.as_ref(), MARK, 0)?;
        let mut values: Vec<Value> =
            vec![tenant.code().to_owned().into(), behind.into(), rows::one_more(self.first).into()];
        let (mut index, mut condition) = ("findings_all".to_owned(), String::new());
        if let Some(engagement) = self.engagement {
            values.push(engagement.uuid().as_bytes().to_vec().into());
            "findings_engagement".clone_into(&mut index);
            condition.push_str(" AND engagement_id = ?4");
        }
        if self.unanswered {
            index = if self.engagement.is_some() {
                format!("{index}_waiting")
            } else {
                "findings_waiting".to_owned()
            };
            condition.push_str(" AND answered = 0");
        }
        if let FindingsSeen::ToAnswer { about_cases, about_engagements } = &self.seen {
            let mut seen = Vec::new();
            if *about_engagements {
                seen.push("case_id = x''".to_owned());
            }
            if let Some(reached) = about_cases {
                let reached = reached.condition(&mut values);
                seen.push(format!(
                    "EXISTS (SELECT 1 FROM cases k WHERE k.tenant = ?1 AND k.case_id = findings.case_id AND {reached})"
                ));
            }
            // Who may see neither sees nothing.
            let seen = if seen.is_empty() { "0".to_owned() } else { seen.join(" OR ") };
            condition = format!("{condition} AND ({seen})");
        }
        let sql = format!(
            "SELECT finding FROM findings INDEXED BY {index} WHERE tenant = ?1 AND came_in > ?2{condition}
             ORDER BY came_in LIMIT ?3"
        );
        Ok((sql, values))
    }
}

impl Views {
    /// A page of findings.
    pub async fn findings(
        &self,
        tenant: Tenant,
        query: FindingsQuery,
    ) -> Result<Page<FindingRow>, ViewsError> {
        self.ask(move |rows| {
            let (sql, values) = query.page(tenant)?;
            let part = (query.first, query.after.as_ref());
            Page::read(rows, (&sql, params_from_iter(values)), part, |_, finding: &FindingRow| {
                Ok(Cursor::new(MARK, finding.came_in.0, finding.engagement.uuid()))
            })
        })
        .await
    }

    /// One finding.
    pub async fn finding(
        &self,
        tenant: Tenant,
        engagement: EngagementId,
        number: u32,
    ) -> Result<Option<FindingRow>, ViewsError> {
        self.ask(move |rows| Ok(load(rows, tenant, engagement, number)?)).await
    }

    /// The finding that has this id.
    pub async fn finding_by_id(&self, tenant: Tenant, id: Uuid) -> Result<Option<FindingRow>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(BY_ID)?;
            Ok(find.query_row((tenant.code(), id.as_bytes()), |row| rows::read(row, 0)).optional()?)
        })
        .await
    }

    /// How the database would answer a page and the look-up of one finding, for tests.
    pub async fn explain_findings(
        &self,
        tenant: Tenant,
        query: FindingsQuery,
    ) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let (sql, values) = query.page(tenant)?;
            let mut plan = rows::plan(rows, &sql, params_from_iter(values))?;
            plan.extend(rows::plan(rows, BY_ID, (tenant.code(), &[0_u8; 16]))?);
            Ok(plan)
        })
        .await
    }
}
