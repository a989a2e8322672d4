//! What happened to cases, week by week: how many came in and went out, were decided, missed their deadline. Numbers
//! only: nothing here could tell on anybody.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use skranke_domain::Tenant;
use skranke_domain::case::CaseEvent;
use skranke_domain::deadline::DeadlineKind;
use skranke_domain::time::{local_date, monday_of};

use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseMeasure {
    /// Cases that were opened.
    Opened,
    /// Cases that were taken up again.
    Reopened,
    /// Cases that were closed.
    Closed,
    /// Decisions that were made.
    Decided,
    /// Cases whose own deadline passed before they were decided.
    Missed,
}

/// How often something happened in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekCount {
    /// The Monday it begins on, in Copenhagen.
    pub monday: Date,
    /// What.
    pub measure: CaseMeasure,
    /// How often.
    pub count: u64,
}

/// The table of counts.
#[derive(Default)]
pub(crate) struct CaseWeeks {
    pending: HashMap<(Tenant, Date, CaseMeasure), u64>,
}

impl Projection for CaseWeeks {
    fn name(&self) -> &'static str {
        "case-weeks"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["case_weeks"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE case_weeks (
            tenant TEXT NOT NULL,
            monday TEXT NOT NULL,
            measure TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (tenant, monday, measure)
         ) STRICT, WITHOUT ROWID;"
    }

    fn fold(&mut self, _: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.case()? else { return Ok(()) };
        for measure in told.events.iter().filter_map(measure) {
            *self.pending.entry((event.tenant(), week(told.info.at), measure)).or_default() += 1;
        }
        Ok(())
    }

    fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
        let mut write = rows.prepare_cached(
            "INSERT INTO case_weeks (tenant, monday, measure, count) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (tenant, monday, measure) DO UPDATE SET count = count + excluded.count",
        )?;
        for ((tenant, monday, measure), count) in self.pending.drain() {
            let count = rows::number(count)?;
            write.execute((tenant.code(), monday.to_string(), rows::name(&measure)?, count))?;
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.pending.clear();
    }
}

fn week(at: Timestamp) -> Date {
    monday_of(local_date(at))
}

const fn measure(event: &CaseEvent) -> Option<CaseMeasure> {
    match event {
        CaseEvent::CaseOpened(_) => Some(CaseMeasure::Opened),
        CaseEvent::CaseReopened(_) => Some(CaseMeasure::Reopened),
        CaseEvent::CaseClosed(_) => Some(CaseMeasure::Closed),
        CaseEvent::DecisionMade(_) => Some(CaseMeasure::Decided),
        CaseEvent::DeadlineMissed(missed) if matches!(missed.kind, DeadlineKind::CaseHandling) => {
            Some(CaseMeasure::Missed)
        }
        _ => None,
    }
}

const WEEKS: &str = "SELECT monday, measure, count FROM case_weeks
     WHERE tenant = ?1 AND monday BETWEEN ?2 AND ?3 ORDER BY monday, measure";

impl Views {
    /// What happened to cases in the weeks that begin on these Mondays or between them, oldest first. A count of zero
    /// has no entry.
    pub async fn case_weeks(
        &self,
        tenant: Tenant,
        from: Date,
        to: Date,
    ) -> Result<Vec<WeekCount>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(WEEKS)?;
            let counts = find.query_map((tenant.code(), from.to_string(), to.to_string()), |row| {
                Ok(WeekCount {
                    monday: rows::date(row, 0)?,
                    measure: rows::word(row, 1)?,
                    count: rows::unsigned(row, 2)?,
                })
            })?;
            Ok(counts.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
    /// How the database would answer it, for tests.
    pub async fn explain_case_weeks(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| rows::plan(rows, WEEKS, (tenant.code(), "2026-01-05", "2026-11-23"))).await
    }
}
