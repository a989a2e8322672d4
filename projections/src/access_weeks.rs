//! How often each member of staff looked at something, week by week. Numbers only: nothing here tells what was looked at.

use std::collections::HashMap;

use jiff::civil::Date;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use skranke_domain::access_log::AccessEvent;
use skranke_domain::time::{local_date, monday_of};
use skranke_domain::{Tenant, UserId};

use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// What is counted of a member of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessMeasure {
    /// Looks at one thing: a case, a document, an inquiry, what there is of a person.
    Looked,
    /// Lists and searches.
    Listed,
    /// Attempts that were refused.
    Refused,
    /// Cases of other teams that were opened with a reason (break-glass).
    BrokeGlass,
}

impl AccessMeasure {
    const fn of(event: &AccessEvent) -> Self {
        match event {
            AccessEvent::CaseViewed(_)
            | AccessEvent::AddressViewed(_)
            | AccessEvent::DocumentViewed(_)
            | AccessEvent::InquiryViewed(_)
            | AccessEvent::ExemptionViewed(_)
            | AccessEvent::ServiceViewed(_)
            | AccessEvent::DataSubjectViewed(_)
            | AccessEvent::ExportMade(_)
            | AccessEvent::AuditRead(_) => Self::Looked,
            AccessEvent::CaseListed(_) | AccessEvent::SearchRun(_) | AccessEvent::ExemptionLookedUp(_) => {
                Self::Listed
            }
            AccessEvent::AccessRefused(_) => Self::Refused,
            AccessEvent::BreakGlassUsed(_) => Self::BrokeGlass,
        }
    }
}

/// How often somebody did something in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessCount {
    /// The Monday it begins on, in Copenhagen.
    pub monday: Date,
    /// Who.
    pub staff: UserId,
    /// What.
    pub measure: AccessMeasure,
    /// How often.
    pub count: u64,
}

/// The table of counts.
#[derive(Default)]
pub(crate) struct AccessWeeks {
    pending: HashMap<(Tenant, UserId, Date, AccessMeasure), u64>,
}

impl Projection for AccessWeeks {
    fn name(&self) -> &'static str {
        "access-weeks"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["access_weeks"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE access_weeks (
            tenant TEXT NOT NULL,
            staff BLOB NOT NULL,
            monday TEXT NOT NULL,
            measure TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (tenant, staff, monday, measure)
         ) STRICT, WITHOUT ROWID;"
    }

    fn fold(&mut self, _: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.access()? else { return Ok(()) };
        let Some(staff) = told.info.actor.staff() else { return Ok(()) };
        let monday = monday_of(local_date(told.info.at));
        for measure in told.events.iter().map(AccessMeasure::of) {
            *self.pending.entry((event.tenant(), staff, monday, measure)).or_default() += 1;
        }
        Ok(())
    }

    fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
        let mut write = rows.prepare_cached(
            "INSERT INTO access_weeks (tenant, staff, monday, measure, count) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, staff, monday, measure) DO UPDATE SET count = count + excluded.count",
        )?;
        for ((tenant, staff, monday, measure), count) in self.pending.drain() {
            let (measure, count) = (rows::name(&measure)?, rows::number(count)?);
            write.execute((tenant.code(), staff.uuid().as_bytes(), monday.to_string(), measure, count))?;
        }
        Ok(())
    }

    fn forget(&mut self) {
        self.pending.clear();
    }
}

const COUNTS: &str = "SELECT monday, measure, count FROM access_weeks
    WHERE tenant = ?1 AND staff = ?2 AND monday BETWEEN ?3 AND ?4 ORDER BY monday, measure";

impl Views {
    /// What these members of staff did in the weeks that begin on these Mondays or between them. A count of zero has no
    /// entry.
    pub async fn access_weeks(
        &self,
        tenant: Tenant,
        staff: Vec<UserId>,
        from: Date,
        to: Date,
    ) -> Result<Vec<AccessCount>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(COUNTS)?;
            let mut counts = Vec::new();
            for staff in staff {
                let id = staff.uuid();
                let key = (tenant.code(), id.as_bytes(), from.to_string(), to.to_string());
                let found = find.query_map(key, |row| {
                    Ok(AccessCount {
                        monday: rows::date(row, 0)?,
                        staff,
                        measure: rows::word(row, 1)?,
                        count: rows::unsigned(row, 2)?,
                    })
                })?;
                counts.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            Ok(counts)
        })
        .await
    }

    /// How the database would answer that of one of them, for tests.
    pub async fn explain_access_weeks(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            rows::plan(rows, COUNTS, (tenant.code(), &[0_u8; 16], "2026-01-05", "2026-12-28"))
        })
        .await
    }
}
