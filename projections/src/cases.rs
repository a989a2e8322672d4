//! The table of cases: one row per case, with its sheet, its line of the work list, and the columns that lists run
//! along; and the counts over it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, ToSql, params, params_from_iter};
use skranke_domain::case::Phase;
use skranke_domain::time::monday_of;
use skranke_domain::{CaseId, TeamId, Tenant, UserId};

use crate::case_sheet::CaseSheet;
use crate::event::Event;
use crate::projection::{FoldFault, Projection};
use crate::rows::{self, NOBODY, Pending};
use crate::views::{Views, ViewsError};
use crate::work_row::WorkRow;

/// After every date that a deadline can have, so that rows without one come last.
pub(crate) const NO_DEADLINE: &str = "9999-12-31";

/// What the indexes and the counts see of a case: nothing but what its line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Keys {
    phase: Phase,
    due: Option<Date>,
    team: Option<TeamId>,
    caseworker: Option<UserId>,
    /// Whether somebody outside is waited for.
    waiting: bool,
    /// The author of a draft that waits for approval: who wrote it may not approve it.
    awaiting: Option<UserId>,
}

impl Keys {
    fn of(row: &WorkRow) -> Self {
        let WorkRow { phase, due, team, caseworker, awaiting, .. } = *row;
        Self { phase, due, team, caseworker, waiting: row.waiting_on.is_some(), awaiting }
    }

    fn is_open(&self) -> bool {
        self.phase != Phase::Closed
    }
}

/// A case in memory.
struct Held {
    sheet: CaseSheet,
    /// Its keys as they stand in the table; `None`: it is new.
    stored: Option<Keys>,
}

/// The tables of cases.
#[derive(Default)]
pub(crate) struct Cases {
    pending: Pending<(Tenant, CaseId), Held>,
}

impl Projection for Cases {
    fn name(&self) -> &'static str {
        "cases"
    }

    fn version(&self) -> u32 {
        3
    }

    fn tables(&self) -> &'static [&'static str] {
        &["cases", "case_sheets", "case_totals", "case_dues", "case_ages"]
    }

    fn schema(&self) -> &'static str {
        // The sheet stands beside: lists and search do not read over it.
        "CREATE TABLE cases (
            opened INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            case_id BLOB NOT NULL,
            number TEXT NOT NULL,
            phase TEXT NOT NULL,
            due TEXT NOT NULL,
            team BLOB NOT NULL,
            caseworker BLOB NOT NULL,
            waiting INTEGER NOT NULL,
            awaiting BLOB NOT NULL,
            last INTEGER NOT NULL,
            row BLOB NOT NULL,
            UNIQUE (tenant, case_id)
         ) STRICT;
         CREATE TABLE case_sheets (
            opened INTEGER PRIMARY KEY,
            sheet BLOB NOT NULL
         ) STRICT;
         CREATE INDEX cases_due ON cases (tenant, phase, due, case_id, team);
         CREATE INDEX cases_opened ON cases (tenant, phase, opened, team);
         CREATE INDEX cases_last ON cases (tenant, phase, last, team);
         CREATE INDEX cases_number ON cases (tenant, phase, number, case_id, team);
         CREATE INDEX cases_caseworker ON cases (tenant, caseworker, phase, due, case_id, team, waiting);
         CREATE INDEX cases_awaiting ON cases (tenant, phase, due, case_id, team, awaiting)
            WHERE awaiting <> x'';
         CREATE INDEX cases_waiting ON cases (tenant, phase, due, case_id, caseworker) WHERE waiting = 1;
         CREATE TABLE case_totals (
            tenant TEXT NOT NULL,
            phase TEXT NOT NULL,
            team BLOB NOT NULL,
            cases INTEGER NOT NULL,
            unassigned INTEGER NOT NULL,
            dated INTEGER NOT NULL,
            PRIMARY KEY (tenant, phase, team)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE case_dues (
            tenant TEXT NOT NULL,
            due TEXT NOT NULL,
            team BLOB NOT NULL,
            cases INTEGER NOT NULL,
            PRIMARY KEY (tenant, due, team)
         ) STRICT, WITHOUT ROWID;
         CREATE TABLE case_ages (
            tenant TEXT NOT NULL,
            monday TEXT NOT NULL,
            cases INTEGER NOT NULL,
            PRIMARY KEY (tenant, monday)
         ) STRICT, WITHOUT ROWID;"
    }

    fn built_last(&self) -> &'static [&'static str] {
        &[
            "cases_due",
            "cases_opened",
            "cases_last",
            "cases_number",
            "cases_caseworker",
            "cases_awaiting",
            "cases_waiting",
        ]
    }

    fn fold(&mut self, rows: &Connection, event: &Event) -> Result<(), FoldFault> {
        let Some(told) = event.case()? else { return Ok(()) };
        let key = (event.tenant(), told.id);
        match (self.pending.get(key, || load(rows, key))?, told.events) {
            (None, []) => {}
            (None, events) => {
                let sheet = CaseSheet::begin(told.id, events, &told.info).ok_or(FoldFault::NeverBegan)?;
                self.pending.put(key, Held { sheet, stored: None });
            }
            (Some(held), events) => held.sheet.take(&event.recorded().event_type, events, &told.info),
        }
        Ok(())
    }

    fn changed(&self) -> usize {
        self.pending.changed()
    }

    fn flush(&mut self, rows: &Connection) -> Result<(), FoldFault> {
        let mut counts = Counts::default();
        self.pending.flush(|(tenant, _), held| {
            let row = WorkRow::of(&held.sheet);
            let keys = Keys::of(&row);
            counts.take(*tenant, row.received, held.stored.as_ref(), &keys);
            write(rows, *tenant, (&held.sheet, &row), held.stored.as_ref(), &keys)?;
            held.stored = Some(keys);
            Ok(())
        })?;
        counts.write(rows)
    }

    fn forget(&mut self) {
        self.pending.clear();
    }
}

const SHEET: &str = "SELECT s.sheet FROM cases k CROSS JOIN case_sheets s ON s.opened = k.opened
    WHERE k.tenant = ?1 AND k.case_id = ?2";
const ROW: &str = "SELECT row FROM cases WHERE tenant = ?1 AND case_id = ?2";

fn find<T: serde::de::DeserializeOwned>(
    rows: &Connection,
    sql: &str,
    (tenant, id): (Tenant, CaseId),
) -> rusqlite::Result<Option<T>> {
    let mut find = rows.prepare_cached(sql)?;
    find.query_row((tenant.code(), id.uuid().as_bytes()), |row| rows::unpack(row, 0)).optional()
}

fn load(rows: &Connection, key: (Tenant, CaseId)) -> rusqlite::Result<Option<Held>> {
    let sheet: Option<CaseSheet> = find(rows, SHEET, key)?;
    Ok(sheet.map(|sheet| Held { stored: Some(Keys::of(&WorkRow::of(&sheet))), sheet }))
}

fn write(
    rows: &Connection,
    tenant: Tenant,
    (sheet, row): (&CaseSheet, &WorkRow),
    stored: Option<&Keys>,
    keys: &Keys,
) -> Result<(), FoldFault> {
    let (opened, last) = (rows::number(sheet.opened.0)?, rows::number(sheet.position.0)?);
    let (row, packed) = (rows::pack(row)?, rows::pack(sheet)?);
    if stored.is_some() {
        let mut write = rows.prepare_cached("UPDATE case_sheets SET sheet = ?2 WHERE opened = ?1")?;
        write.execute((opened, packed))?;
    } else {
        let mut write = rows.prepare_cached("INSERT INTO case_sheets (opened, sheet) VALUES (?1, ?2)")?;
        write.execute((opened, packed))?;
    }
    if stored == Some(keys) {
        // Most events change no key: then one index is touched, not all of them.
        let mut write = rows.prepare_cached("UPDATE cases SET last = ?2, row = ?3 WHERE opened = ?1")?;
        write.execute((opened, last, row))?;
        return Ok(());
    }
    rows.prepare_cached(
        "INSERT INTO cases (opened, tenant, case_id, number, phase, due, team, caseworker, waiting, awaiting, last, row)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (opened) DO UPDATE SET phase = excluded.phase, due = excluded.due, team = excluded.team,
            caseworker = excluded.caseworker, waiting = excluded.waiting, awaiting = excluded.awaiting,
            last = excluded.last, row = excluded.row",
    )?
    .execute(params![
        opened,
        tenant.code(),
        sheet.id.uuid().as_bytes(),
        &sheet.number,
        rows::name(&keys.phase)?,
        keys.due.map_or_else(|| NO_DEADLINE.to_owned(), |due| due.to_string()),
        team_bytes(keys.team),
        user_bytes(keys.caseworker),
        keys.waiting,
        user_bytes(keys.awaiting),
        last,
        row,
    ])?;
    Ok(())
}

/// A member of staff as a column holds one.
pub(crate) fn user_bytes(user: Option<UserId>) -> Vec<u8> {
    user.map_or_else(|| NOBODY.to_vec(), |user| user.uuid().as_bytes().to_vec())
}

/// A team as a column holds one.
pub(crate) fn team_bytes(team: Option<TeamId>) -> Vec<u8> {
    team.map_or_else(|| NOBODY.to_vec(), |team| team.uuid().as_bytes().to_vec())
}

/// What one flush changes about the counts: cases by phase and team, how many of them nobody handles, and how many have
/// a running deadline; running deadlines by day and team; open cases by the week they were received in.
#[derive(Default)]
struct Counts {
    totals: BTreeMap<(Tenant, Phase, Option<TeamId>), [i64; 3]>,
    dues: BTreeMap<(Tenant, Date, Option<TeamId>), i64>,
    ages: BTreeMap<(Tenant, Date), i64>,
}

impl Counts {
    /// Counts a case where it is now, and no more where it was before.
    fn take(&mut self, tenant: Tenant, received: Date, before: Option<&Keys>, now: &Keys) {
        for (keys, one) in before.map(|before| (before, -1)).into_iter().chain([(now, 1)]) {
            let [cases, unassigned, dated] = self.totals.entry((tenant, keys.phase, keys.team)).or_default();
            *cases += one;
            *unassigned += if keys.caseworker.is_none() { one } else { 0 };
            *dated += if keys.due.is_some() { one } else { 0 };
            if let Some(due) = keys.due {
                *self.dues.entry((tenant, due, keys.team)).or_default() += one;
            }
            if keys.is_open() {
                *self.ages.entry((tenant, monday_of(received))).or_default() += one;
            }
        }
    }

    fn write(self, rows: &Connection) -> Result<(), FoldFault> {
        for ((tenant, phase, team), counts) in self.totals {
            let phase = rows::name(&phase)?;
            TOTALS.add(rows, params![tenant.code(), phase, team_bytes(team)], &counts)?;
        }
        for ((tenant, due, team), cases) in self.dues {
            DUES.add(rows, params![tenant.code(), due.to_string(), team_bytes(team)], &[cases])?;
        }
        for ((tenant, monday), cases) in self.ages {
            AGES.add(rows, params![tenant.code(), monday.to_string()], &[cases])?;
        }
        Ok(())
    }
}

/// The statements of a table of counts.
struct CountTable {
    /// Adds to a row, or makes it.
    add: &'static str,
    /// Takes away a row that counts nothing any more.
    clear: &'static str,
}

const TOTALS: CountTable = CountTable {
    add: "INSERT INTO case_totals (tenant, phase, team, cases, unassigned, dated) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
          ON CONFLICT (tenant, phase, team) DO UPDATE SET cases = cases + excluded.cases,
             unassigned = unassigned + excluded.unassigned, dated = dated + excluded.dated",
    clear: "DELETE FROM case_totals WHERE tenant = ?1 AND phase = ?2 AND team = ?3 AND cases = 0",
};
const DUES: CountTable = CountTable {
    add: "INSERT INTO case_dues (tenant, due, team, cases) VALUES (?1, ?2, ?3, ?4)
          ON CONFLICT (tenant, due, team) DO UPDATE SET cases = cases + excluded.cases",
    clear: "DELETE FROM case_dues WHERE tenant = ?1 AND due = ?2 AND team = ?3 AND cases = 0",
};
const AGES: CountTable = CountTable {
    add: "INSERT INTO case_ages (tenant, monday, cases) VALUES (?1, ?2, ?3)
          ON CONFLICT (tenant, monday) DO UPDATE SET cases = cases + excluded.cases",
    clear: "DELETE FROM case_ages WHERE tenant = ?1 AND monday = ?2 AND cases = 0",
};

impl CountTable {
    /// Adds to the row of this key. No row and a row of zero mean the same; only one of them may stand, or views of one
    /// log would differ.
    fn add(&self, rows: &Connection, key: &[&dyn ToSql], more: &[i64]) -> Result<(), FoldFault> {
        if more.iter().all(|more| *more == 0) {
            return Ok(());
        }
        let counts = more.iter().map(|more| more as &dyn ToSql);
        let values = key.iter().copied().chain(counts);
        rows.prepare_cached(self.add)?.execute(params_from_iter(values))?;
        rows.prepare_cached(self.clear)?.execute(key)?;
        Ok(())
    }
}

impl Views {
    /// The sheet of a case.
    pub async fn case_sheet(&self, tenant: Tenant, id: CaseId) -> Result<Option<CaseSheet>, ViewsError> {
        self.ask(move |rows| Ok(find(rows, SHEET, (tenant, id))?)).await
    }

    /// The sheets of several cases, for a loader; what is not there is left out.
    pub async fn case_sheets(&self, tenant: Tenant, ids: Vec<CaseId>) -> Result<Vec<CaseSheet>, ViewsError> {
        self.found(SHEET, tenant, ids).await
    }

    /// The rows of some cases, for a loader; what is not there is left out.
    pub async fn work_rows(&self, tenant: Tenant, ids: Vec<CaseId>) -> Result<Vec<WorkRow>, ViewsError> {
        self.found(ROW, tenant, ids).await
    }

    async fn found<T: serde::de::DeserializeOwned + Send + 'static>(
        &self,
        sql: &'static str,
        tenant: Tenant,
        ids: Vec<CaseId>,
    ) -> Result<Vec<T>, ViewsError> {
        self.ask(move |rows| {
            let found = ids.into_iter().filter_map(|id| find(rows, sql, (tenant, id)).transpose());
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}
