//! Lists in the order in which their rows came in: all of them, or those with one value in a column.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde::de::DeserializeOwned;
use skranke_domain::Tenant;
use skranke_store::Position;
use uuid::Uuid;

use crate::page::{Cursor, Page};
use crate::rows;
use crate::views::ViewsError;

/// A table of sheets that is listed so. It has a column `came_in` and the indexes `<table>_all` and `<table>_<column>`.
pub(crate) struct Arrivals {
    /// The table.
    pub(crate) table: &'static str,
    /// The column that may be asked for.
    pub(crate) column: &'static str,
    /// The order of the list in cursors.
    pub(crate) mark: char,
}

impl Arrivals {
    /// A page behind a cursor; with `only` those that have this value in the column.
    pub(crate) fn page<T: DeserializeOwned>(
        &self,
        rows: &Connection,
        (tenant, only): (Tenant, Option<Value>),
        (first, after): (usize, Option<&Cursor>),
        came_in: impl Fn(&T) -> Position,
    ) -> Result<Page<T>, ViewsError> {
        let (sql, values) = self.statement(tenant, only, Cursor::behind(after, self.mark, 0)?, first);
        Page::read(rows, (&sql, params_from_iter(values)), (first, after), |_, sheet| {
            Ok(Cursor::new(self.mark, came_in(sheet).0, Uuid::nil()))
        })
    }

    /// The plans of both questions, for tests.
    pub(crate) fn explain(
        &self,
        rows: &Connection,
        tenant: Tenant,
        only: Value,
    ) -> Result<Vec<String>, ViewsError> {
        let mut plan = Vec::new();
        for only in [None, Some(only)] {
            let (sql, values) = self.statement(tenant, only, 0, 1);
            plan.extend(rows::plan(rows, &sql, params_from_iter(values))?);
        }
        Ok(plan)
    }

    fn statement(
        &self,
        tenant: Tenant,
        only: Option<Value>,
        behind: i64,
        first: usize,
    ) -> (String, Vec<Value>) {
        let Self { table, column, .. } = self;
        let (index, condition) = match only {
            Some(_) => (*column, format!("AND {column} = ?4")),
            None => ("all", String::new()),
        };
        let sql = format!(
            "SELECT sheet FROM {table} INDEXED BY {table}_{index} WHERE tenant = ?1 {condition} AND came_in > ?2
             ORDER BY came_in LIMIT ?3"
        );
        let mut values = vec![tenant.code().to_owned().into(), behind.into(), rows::one_more(first).into()];
        values.extend(only);
        (sql, values)
    }
}
