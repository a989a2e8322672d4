//! Closed cases by classification, so that those whose retention period is over are found by one question. What a
//! classification means is not kept here: whoever asks says how long each is kept, by the list in force today.

use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use skranke_domain::case::CaseEvent;
use skranke_domain::kle::{Facet, KleNumber};
use skranke_domain::privacy::PrivacyEvent;
use skranke_domain::time::local_date;
use skranke_domain::{CaseId, SubjectId, Tenant};

use crate::event::Event;
use crate::page::{Cursor, Item, Page};
use crate::projection::{FoldFault, Projection};
use crate::rows;
use crate::views::{Views, ViewsError};

/// A case whose retention period is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueCase {
    /// Which.
    pub id: CaseId,
    /// Whom its sealed fields are about.
    pub subject: SubjectId,
    /// The subject number it is classified with.
    pub kle: KleNumber,
    /// The facet.
    pub facet: Facet,
    /// The day it was closed.
    pub closed: Date,
}

/// Cases with this classification that were closed on that day or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedBy {
    /// The subject number.
    pub kle: KleNumber,
    /// The facet.
    pub facet: Facet,
    /// The last day.
    pub day: Date,
}

/// The table of cases by classification and day of closing.
pub(crate) struct Retention;

impl Projection for Retention {
    fn name(&self) -> &'static str {
        "retention"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["retention", "retention_classes"]
    }

    fn schema(&self) -> &'static str {
        "CREATE TABLE retention (
            tenant TEXT NOT NULL,
            case_id BLOB NOT NULL,
            subject BLOB NOT NULL,
            kle TEXT,
            facet TEXT,
            closed_on TEXT,
            PRIMARY KEY (tenant, case_id)
         ) STRICT;
         CREATE INDEX retention_due ON retention (tenant, kle, facet, closed_on, case_id)
            WHERE closed_on IS NOT NULL;
         CREATE INDEX retention_subject ON retention (tenant, subject);
         CREATE TABLE retention_classes (
            tenant TEXT NOT NULL,
            kle TEXT NOT NULL,
            facet TEXT NOT NULL,
            PRIMARY KEY (tenant, kle, facet)
         ) STRICT, WITHOUT ROWID;"
    }

    fn built_last(&self) -> &'static [&'static str] {
        &["retention_due"]
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let tenant = event.tenant();
        if let Some(told) = event.case()? {
            let closed = local_date(told.info.at);
            for event in told.events {
                of_case(rows, tenant, told.id, event, closed)?;
            }
        } else if let Some(told) = event.privacy()? {
            let erased = |event: &PrivacyEvent| matches!(event, PrivacyEvent::SubjectKeyDestroyed(_));
            if told.events.iter().any(erased) {
                let mut write =
                    rows.prepare_cached("DELETE FROM retention WHERE tenant = ?1 AND subject = ?2")?;
                write.execute((tenant.code(), told.id.uuid().as_bytes()))?;
            }
        }
        Ok(())
    }
}

fn of_case(
    rows: &Connection,
    tenant: Tenant,
    id: CaseId,
    event: &CaseEvent,
    on: Date,
) -> Result<(), FoldFault> {
    let key = (tenant.code(), id.uuid());
    let classify = |kle: &KleNumber, facet: &Facet| -> Result<(), FoldFault> {
        let mut write = rows
            .prepare_cached("UPDATE retention SET kle = ?3, facet = ?4 WHERE tenant = ?1 AND case_id = ?2")?;
        write.execute((key.0, key.1.as_bytes(), kle.as_str(), facet.as_str()))?;
        let mut write = rows.prepare_cached(
            "INSERT OR IGNORE INTO retention_classes (tenant, kle, facet) VALUES (?1, ?2, ?3)",
        )?;
        write.execute((key.0, kle.as_str(), facet.as_str()))?;
        Ok(())
    };
    let close = |on: Option<Date>| -> Result<(), FoldFault> {
        let mut write =
            rows.prepare_cached("UPDATE retention SET closed_on = ?3 WHERE tenant = ?1 AND case_id = ?2")?;
        write.execute((key.0, key.1.as_bytes(), on.map(|on| on.to_string())))?;
        Ok(())
    };
    match event {
        CaseEvent::CaseOpened(opened) => {
            let mut write = rows.prepare_cached(
                "INSERT OR IGNORE INTO retention (tenant, case_id, subject) VALUES (?1, ?2, ?3)",
            )?;
            write.execute((key.0, key.1.as_bytes(), opened.subject.uuid().as_bytes()))?;
            Ok(())
        }
        CaseEvent::CaseClassified(classified) => classify(&classified.kle, &classified.facet),
        CaseEvent::CaseReclassified(classified) => classify(&classified.kle, &classified.facet),
        CaseEvent::CaseClosed(_) => close(Some(on)),
        CaseEvent::CaseReopened(_) => close(None),
        // Nothing else opens, closes or classifies a case.
        _ => Ok(()),
    }
}

/// The order of the list in cursors.
const MARK: char = 'k';

const CLASSES: &str = "SELECT kle, facet FROM retention_classes WHERE tenant = ?1";

const DUE: &str = "SELECT due.case_id, due.subject, due.kle, due.facet, due.closed_on
     FROM json_each(?2) AS class CROSS JOIN retention AS due INDEXED BY retention_due
       ON due.tenant = ?1 AND due.kle = class.value ->> 0 AND due.facet = class.value ->> 1
       AND due.closed_on <= class.value ->> 2
     WHERE (due.closed_on, due.case_id) > (?3, ?4) AND due.closed_on IS NOT NULL
     ORDER BY due.closed_on, due.case_id LIMIT ?5";

fn due(tenant: Tenant, classes: &[ClosedBy], after: (String, Vec<u8>), limit: usize) -> [Value; 5] {
    let classes = classes
        .iter()
        .map(|class| serde_json::json!([class.kle.as_str(), class.facet.as_str(), class.day.to_string()]));
    let classes = serde_json::Value::Array(classes.collect()).to_string();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    [tenant.code().to_owned().into(), classes.into(), after.0.into(), after.1.into(), limit.into()]
}

impl Views {
    /// Every classification that a case of the municipality has or had.
    pub async fn classifications(&self, tenant: Tenant) -> Result<Vec<(KleNumber, Facet)>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(CLASSES)?;
            let found = find.query_map([tenant.code()], |row| {
                Ok((KleNumber::try_new(row.get_ref(0)?.as_str()?), Facet::try_new(row.get_ref(1)?.as_str()?)))
            })?;
            let pairs = found.map(|pair| match pair? {
                (Some(kle), Some(facet)) => Ok((kle, facet)),
                _ => Err(ViewsError::Row),
            });
            pairs.collect()
        })
        .await
    }

    /// A page of closed cases whose time is over, those first that were closed first.
    pub async fn due_for_disposal(
        &self,
        tenant: Tenant,
        classes: Vec<ClosedBy>,
        after: Option<Cursor>,
        first: usize,
    ) -> Result<Page<DueCase>, ViewsError> {
        self.ask(move |rows| {
            let behind = match &after {
                Some(after) => {
                    let (closed, id) = after.of(MARK)?;
                    (closed.to_owned(), id.as_bytes().to_vec())
                }
                None => (String::new(), Vec::new()),
            };
            let first = first.min(rows::PAGE_LIMIT);
            let mut find = rows.prepare_cached(DUE)?;
            let values = due(tenant, &classes, behind, first + 1);
            let found = find.query_map(params_from_iter(values), |row| {
                let (id, closed) = (rows::uuid(row, 0)?, rows::date(row, 4)?);
                Ok(Item {
                    cursor: Cursor::new(MARK, closed, id),
                    row: DueCase {
                        id: CaseId::new(id),
                        subject: SubjectId::new(rows::uuid(row, 1)?),
                        kle: rows::word(row, 2)?,
                        facet: rows::word(row, 3)?,
                        closed,
                    },
                })
            })?;
            Ok(Page::cut(found.collect::<rusqlite::Result<_>>()?, first, after.as_ref()))
        })
        .await
    }

    /// The plans by which these questions are answered, for tests.
    pub async fn explain_disposal(&self, tenant: Tenant) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let mut plan = rows::plan(rows, CLASSES, [tenant.code()])?;
            let values = due(tenant, &[], (String::new(), Vec::new()), 1);
            plan.extend(rows::plan(rows, DUE, params_from_iter(values))?);
            Ok(plan)
        })
        .await
    }
}
