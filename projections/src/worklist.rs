//! The work list: the cases, listed in four orders, filtered, counted.
//!
//! Every list is answered from one index, which the query names (`INDEXED BY`): the database refuses the
//! query rather than scan a table. A list runs over one branch per phase, merged in order, so that each
//! branch is one range of an index that begins with tenant and phase, however the phases are combined. Every index
//! ends with the team, so that cases of other teams are passed over without a look at their rows.

use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::Date;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use skranke_domain::case::Phase;
use skranke_domain::time::monday_of;
use skranke_domain::{TeamId, Tenant, UserId};
use uuid::Uuid;

use crate::cases::{NO_DEADLINE, team_bytes, user_bytes};
use crate::inbox;
use crate::page::{Cursor, Item, Page};
use crate::rows::{self, NOBODY};
use crate::views::{Views, ViewsError};
use crate::work_row::WorkRow;

/// In which order a list runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The nearest running deadline first; cases without one last.
    #[default]
    Due,
    /// The newest case first.
    Newest,
    /// The case with the newest event first. A case that changes while somebody pages moves to the top.
    LastEvent,
    /// By number.
    Number,
}

impl Order {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Due, Self::Newest, Self::LastEvent, Self::Number];

    const fn mark(self) -> char {
        match self {
            Self::Due => 'd',
            Self::Newest => 'o',
            Self::LastEvent => 'l',
            Self::Number => 'n',
        }
    }

    /// The column it runs along.
    const fn column(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Newest => "opened",
            Self::LastEvent => "last",
            Self::Number => "number",
        }
    }

    const fn descends(self) -> bool {
        matches!(self, Self::Newest | Self::LastEvent)
    }
}

/// Which cases, in which order, and which part of the list. The default is every case that is not closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorklistQuery {
    /// Only these phases. Empty means all but [`Phase::Closed`].
    pub phases: Vec<Phase>,
    /// Only cases of no team and of these. `None` means every team's.
    pub teams: Option<Vec<TeamId>>,
    /// With `teams`: leave those of no team out.
    pub only_teams: bool,
    /// Only this person's cases.
    pub caseworker: Option<UserId>,
    /// Only cases that nobody handles. With `caseworker` set, nothing is both.
    pub unassigned: bool,
    /// Only cases whose running deadline lies before this day.
    pub overdue_before: Option<Date>,
    /// Only cases whose running deadline is this day or later.
    pub due_from: Option<Date>,
    /// Only cases whose running deadline is this day or earlier.
    pub due_by: Option<Date>,
    /// Only cases in which somebody outside is waited for.
    pub waiting: bool,
    /// Only cases whose draft waits for this person's approval: submitted, and written by somebody else.
    pub awaiting_approval: Option<UserId>,
    /// Only cases whose number begins like this.
    pub number_prefix: Option<String>,
    /// The order.
    pub order: Order,
    /// Behind this row.
    pub after: Option<Cursor>,
    /// At most so many rows.
    pub first: usize,
}

/// The numbers above a caseworker's list. Each is the length of the list it leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// The deadline has passed (`overdue_before: today`).
    pub overdue: u64,
    /// The deadline is today.
    pub due_today: u64,
    /// The deadline is today or later, up to Sunday.
    pub due_this_week: u64,
    /// Handled by me, not closed.
    pub mine: u64,
    /// Handled by nobody, not closed.
    pub unassigned: u64,
    /// Handled by me and not decided, and somebody outside is waited for.
    pub waiting: u64,
    /// Waits for my approval.
    pub awaiting_approval: u64,
    /// Inquiries that are not closed.
    pub open_inquiries: u64,
}

/// How many cases a team has in a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TeamLoad {
    /// Which team; `None` for cases of no team.
    pub team: Option<TeamId>,
    /// How far they have come.
    pub phase: Phase,
    /// How many.
    pub cases: u64,
}

/// A statement in the making.
struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// Names a value in the statement.
    fn value(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    fn date(&mut self, date: Option<Date>, comparison: &str) -> String {
        match date {
            Some(date) => format!(" AND due {comparison} {}", self.value(date.to_string())),
            None => String::new(),
        }
    }
}

impl WorklistQuery {
    fn phases(&self) -> Vec<Phase> {
        let wanted = |phase: &Phase| match self.phases.as_slice() {
            [] => *phase != Phase::Closed,
            phases => phases.contains(phase),
        };
        Phase::ALL.into_iter().filter(wanted).collect()
    }

    /// Whether it is about days of running deadlines.
    fn is_dated(&self) -> bool {
        [self.overdue_before, self.due_from, self.due_by].iter().any(Option::is_some)
    }

    /// The table that has counted it already, and what to sum there; `None` when its rows have to be counted.
    fn counted(&self) -> Option<(&'static str, &'static str)> {
        let one_by_one = self.caseworker.is_some()
            || self.waiting
            || self.awaiting_approval.is_some()
            || self.number_prefix.is_some();
        match (self.is_dated(), self.unassigned) {
            _ if one_by_one => None,
            (false, false) => Some(("case_totals", "cases")),
            (false, true) => Some(("case_totals", "unassigned")),
            // A case whose deadline runs is not closed, but nothing tells its phase there.
            (true, false) if self.phases.is_empty() => Some(("case_dues", "cases")),
            (true, _) => None,
        }
    }

    /// The index that leaves the fewest rows to look at; without a filter, the one that is in order.
    fn index(&self) -> &'static str {
        if self.awaiting_approval.is_some() {
            "cases_awaiting"
        } else if self.waiting && self.caseworker.is_none() {
            "cases_waiting"
        } else if self.number_prefix.is_some() {
            "cases_number"
        } else if self.caseworker.is_some() || self.unassigned {
            "cases_caseworker"
        } else if self.is_dated() {
            "cases_due"
        } else {
            match self.order {
                Order::Due => "cases_due",
                Order::Newest => "cases_opened",
                Order::LastEvent => "cases_last",
                Order::Number => "cases_number",
            }
        }
    }

    /// The conditions that hold in every branch, beside the phase.
    fn conditions(&self, tenant: Tenant, sql: &mut Sql) -> String {
        let mut text = format!("tenant = {}", sql.value(tenant.code().to_owned()));
        if let Some(teams) = &self.teams {
            let nobodys = (!self.only_teams).then(|| NOBODY.to_vec());
            let teams = nobodys.into_iter().chain(teams.iter().map(|team| team_bytes(Some(*team))));
            let mut teams: Vec<_> = teams.map(|team| sql.value(team)).collect();
            if teams.is_empty() {
                // No team has an id of one byte. An empty list would be planned as a scan, if one of nothing.
                teams.push(sql.value(vec![0]));
            }
            let _ = write!(text, " AND team IN ({})", teams.join(", "));
        }
        let mut and = |condition: String| text.push_str(&condition);
        if let Some(caseworker) = self.caseworker {
            and(format!(" AND caseworker = {}", sql.value(user_bytes(Some(caseworker)))));
        }
        if self.unassigned {
            and(" AND caseworker = x''".to_owned());
        }
        if self.waiting {
            and(" AND waiting = 1".to_owned());
        }
        if let Some(approver) = self.awaiting_approval {
            and(format!(" AND awaiting <> x'' AND awaiting <> {}", sql.value(user_bytes(Some(approver)))));
        }
        and(sql.date(self.overdue_before, "<"));
        and(sql.date(self.due_from, ">="));
        if self.due_from.is_some() {
            // A case without a running deadline is not due later than any day.
            and(format!(" AND due < '{NO_DEADLINE}'"));
        }
        and(sql.date(self.due_by, "<="));
        if let Some(prefix) = &self.number_prefix {
            // The last character there is: whatever begins with the prefix sorts before it.
            let (from, to) = (sql.value(prefix.clone()), sql.value(format!("{prefix}\u{10FFFF}")));
            and(format!(" AND number >= {from} AND number < {to}"));
        }
        text
    }

    /// The condition that leaves only what comes after the cursor.
    fn behind(&self, sql: &mut Sql) -> Result<String, ViewsError> {
        let (Some(after), column) = (&self.after, self.order.column()) else { return Ok(String::new()) };
        if self.order.descends() {
            let key = after.position_of(self.order.mark())?;
            return Ok(format!(" AND {column} < {}", sql.value(key)));
        }
        let (key, id) = after.of(self.order.mark())?;
        let (key, id) = (sql.value(key.to_owned()), sql.value(id.as_bytes().to_vec()));
        Ok(format!(" AND ({column}, case_id) > ({key}, {id})"))
    }

    /// The statement for one page: one row more than was asked for tells whether there is more.
    fn page(&self, tenant: Tenant) -> Result<Sql, ViewsError> {
        let mut sql = Sql { text: String::new(), values: Vec::new() };
        let conditions = self.conditions(tenant, &mut sql) + &self.behind(&mut sql)?;
        let (index, column) = (self.index(), self.order.column());
        let mut branches = Vec::new();
        for phase in self.phases() {
            let phase = sql.value(rows::name(&phase)?);
            branches.push(format!(
                "SELECT {column} AS key, case_id, row FROM cases INDEXED BY {index}
                 WHERE {conditions} AND phase = {phase}"
            ));
        }
        let order = if self.order.descends() { "key DESC" } else { "key, case_id" };
        let limit = sql.value(i64::try_from(self.limit() + 1).unwrap_or(i64::MAX));
        sql.text = format!("{} ORDER BY {order} LIMIT {limit}", branches.join(" UNION ALL "));
        Ok(sql)
    }

    fn limit(&self) -> usize {
        self.first.min(rows::PAGE_LIMIT)
    }

    /// The day before which the deadlines of the whole list lie, if nothing else chooses its cases.
    fn passed(&self) -> Option<Date> {
        let day = self.overdue_before?;
        let rest = Self { overdue_before: None, ..self.clone() };
        (rest.phases.is_empty() && rest.counted() == Some(("case_totals", "cases"))).then_some(day)
    }

    /// The statement for the length of the whole list.
    fn total(&self, tenant: Tenant) -> Result<Sql, ViewsError> {
        let mut sql = Sql { text: String::new(), values: Vec::new() };
        if let Some(day) = self.passed() {
            // Deadlines pass by thousands over the years, while those to come lie within some months: all but these.
            let all = Self { overdue_before: None, ..self.clone() };
            let to_come = Self { due_from: Some(day), ..all.clone() };
            let (all, to_come) = (all.conditions(tenant, &mut sql), to_come.conditions(tenant, &mut sql));
            sql.text = format!(
                "SELECT coalesce((SELECT sum(dated) FROM case_totals WHERE {all}), 0)
                      - coalesce((SELECT sum(cases) FROM case_dues WHERE {to_come}), 0)"
            );
            return Ok(sql);
        }
        let (what, query) = match self.counted() {
            // Which cases are unassigned is what the column says there.
            Some((table, sum)) => {
                (format!("coalesce(sum({sum}), 0) FROM {table}"), Self { unassigned: false, ..self.clone() })
            }
            None => (format!("count(*) FROM cases INDEXED BY {}", self.index()), self.clone()),
        };
        sql.text = format!("SELECT {what} WHERE {}", query.conditions(tenant, &mut sql));
        if !matches!(self.counted(), Some(("case_dues", _))) {
            let phases = self.phases().iter().map(rows::name).collect::<Result<Vec<_>, _>>()?;
            let phases: Vec<_> = phases.into_iter().map(|phase| sql.value(phase)).collect();
            let _ = write!(sql.text, " AND phase IN ({})", phases.join(", "));
        }
        Ok(sql)
    }
}

fn count(rows: &Connection, tenant: Tenant, query: &WorklistQuery) -> Result<u64, ViewsError> {
    let sql = query.total(tenant)?;
    let mut statement = rows.prepare_cached(&sql.text)?;
    Ok(statement.query_row(params_from_iter(sql.values), |row| rows::unsigned(row, 0))?)
}

fn counters(
    rows: &Connection,
    tenant: Tenant,
    me: UserId,
    teams: Option<&[TeamId]>,
    today: Date,
) -> Result<Counters, ViewsError> {
    let sunday = monday_of(today).saturating_add(6.days());
    let all = || WorklistQuery { teams: teams.map(<[TeamId]>::to_vec), ..WorklistQuery::default() };
    let length = |query: WorklistQuery| count(rows, tenant, &query);
    Ok(Counters {
        overdue: length(WorklistQuery { overdue_before: Some(today), ..all() })?,
        due_today: length(WorklistQuery { due_from: Some(today), due_by: Some(today), ..all() })?,
        due_this_week: length(WorklistQuery { due_from: Some(today), due_by: Some(sunday), ..all() })?,
        // One's own cases are one's own in whatever team.
        mine: length(WorklistQuery { caseworker: Some(me), teams: None, ..all() })?,
        unassigned: length(WorklistQuery { unassigned: true, ..all() })?,
        waiting: length(WorklistQuery { waiting: true, caseworker: Some(me), ..all() })?,
        awaiting_approval: length(WorklistQuery { awaiting_approval: Some(me), ..all() })?,
        open_inquiries: inbox::count(rows, tenant, Some(true))?,
    })
}

fn page(rows: &Connection, tenant: Tenant, query: &WorklistQuery) -> Result<Page<WorkRow>, ViewsError> {
    let sql = query.page(tenant)?;
    let mut statement = rows.prepare_cached(&sql.text)?;
    let mut found = statement.query(params_from_iter(sql.values))?;
    let mut items = Vec::new();
    while let Some(row) = found.next()? {
        let id: Uuid = rows::uuid(row, 1)?;
        let cursor = if query.order.descends() {
            Cursor::new(query.order.mark(), row.get::<_, i64>(0)?, id)
        } else {
            Cursor::new(query.order.mark(), row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?, id)
        };
        items.push(Item { cursor, row: rows::unpack(row, 2)? });
    }
    Ok(Page::cut(items, query.limit(), query.after.as_ref()))
}

impl Views {
    /// A page of the work list.
    pub async fn worklist(&self, tenant: Tenant, query: WorklistQuery) -> Result<Page<WorkRow>, ViewsError> {
        self.ask(move |rows| page(rows, tenant, &query)).await
    }

    /// How many cases the whole list has; order and page do not matter.
    pub async fn worklist_count(&self, tenant: Tenant, query: WorklistQuery) -> Result<u64, ViewsError> {
        self.ask(move |rows| count(rows, tenant, &query)).await
    }

    /// The numbers above a caseworker's list, on a day: of cases of no team and of these (`None`: of every team).
    pub async fn counters(
        &self,
        tenant: Tenant,
        me: UserId,
        teams: Option<Vec<TeamId>>,
        today: Date,
    ) -> Result<Counters, ViewsError> {
        self.ask(move |rows| {
            // One snapshot, so that the numbers fit together.
            let _snapshot = rows.unchecked_transaction()?;
            counters(rows, tenant, me, teams.as_deref(), today)
        })
        .await
    }

    /// How many cases each team has in each phase. `None` stands for no team.
    pub async fn load_by_team(&self, tenant: Tenant) -> Result<Vec<TeamLoad>, ViewsError> {
        self.ask(move |rows| {
            let mut find = rows.prepare_cached(
                "SELECT phase, team, cases FROM case_totals WHERE tenant = ?1 ORDER BY phase, team",
            )?;
            let loads = find.query_map([tenant.code()], |row| {
                let team = row.get_ref(1)?.as_blob()?;
                let team = if team == NOBODY { None } else { Some(TeamId::new(rows::uuid(row, 1)?)) };
                Ok(TeamLoad { team, phase: rows::word(row, 0)?, cases: rows::unsigned(row, 2)? })
            })?;
            Ok(loads.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// How many cases are open, by the Monday of the week they were received in, oldest first.
    pub async fn open_by_age(&self, tenant: Tenant) -> Result<Vec<(Date, u64)>, ViewsError> {
        self.ask(move |rows| {
            let mut find =
                rows.prepare_cached("SELECT monday, cases FROM case_ages WHERE tenant = ?1 ORDER BY monday")?;
            let ages =
                find.query_map([tenant.code()], |row| Ok((rows::date(row, 0)?, rows::unsigned(row, 1)?)))?;
            Ok(ages.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    /// How the database would answer a page of the work list, line by line: for tests and for whoever tunes
    /// it.
    pub async fn explain_worklist(
        &self,
        tenant: Tenant,
        query: WorklistQuery,
    ) -> Result<Vec<String>, ViewsError> {
        self.ask(move |rows| {
            let sql = query.page(tenant)?;
            rows::plan(rows, &sql.text, params_from_iter(sql.values))
        })
        .await
    }
}
