//! Small things that every table needs: numbers and ids as columns, JSON in and out, rows kept until the
//! flush.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Params, Row};
use serde::Serialize;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use skranke_domain::Actor;
use skranke_store::Position;
use uuid::Uuid;

use crate::projection::FoldFault;
use crate::views::ViewsError;

/// Nobody, in a column that is part of an index. A UUID has 16 bytes, so it is never mistaken for one.
pub(crate) const NOBODY: &[u8] = &[];

/// The most rows that one page may ask for: a bound on memory, whatever the caller allows.
pub(crate) const PAGE_LIMIT: usize = 1000;

/// A position or a revision as a column holds it.
pub(crate) fn number(number: u64) -> Result<i64, FoldFault> {
    i64::try_from(number).map_err(|_| FoldFault::Range)
}

/// Reads a position back.
pub(crate) fn position(row: &Row<'_>, column: usize) -> rusqlite::Result<Position> {
    unsigned(row, column).map(Position)
}

/// Reads a number that is never negative.
pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// An instant as a column holds it: nanoseconds, so that nothing is lost.
pub(crate) fn instant(at: Timestamp) -> Result<i64, FoldFault> {
    i64::try_from(at.as_nanosecond()).map_err(|_| FoldFault::Range)
}

/// Reads an instant back.
pub(crate) fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let nanoseconds: i64 = row.get(column)?;
    Timestamp::from_nanosecond(nanoseconds.into()).map_err(|error| broken(column, error))
}

/// Reads an id back.
pub(crate) fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    let bytes = row.get_ref(column)?.as_blob()?;
    Uuid::from_slice(bytes).map_err(|error| broken(column, error))
}

/// Reads an id back that may be missing.
pub(crate) fn uuid_if_any(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Uuid>> {
    let Some(bytes) = row.get_ref(column)?.as_blob_or_null()? else { return Ok(None) };
    Uuid::from_slice(bytes).map(Some).map_err(|error| broken(column, error))
}

/// Reads a date back.
pub(crate) fn date(row: &Row<'_>, column: usize) -> rusqlite::Result<Date> {
    row.get_ref(column)?.as_str()?.parse().map_err(|error: jiff::Error| broken(column, error))
}

/// Reads a date back that may be missing.
pub(crate) fn date_if_any(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Date>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => date(row, column).map(Some),
    }
}

/// Reads an actor back.
pub(crate) fn actor(row: &Row<'_>, column: usize) -> rusqlite::Result<Actor> {
    Actor::try_from(row.get::<_, String>(column)?).map_err(|error| broken(column, error))
}

/// Reads a column that holds JSON.
pub(crate) fn read<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let json = row.get_ref(column)?.as_str()?;
    serde_json::from_str(json).map_err(|error| broken(column, error))
}

/// Reads a column that holds the name of an enum's variant.
pub(crate) fn word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let word: StrDeserializer<'_, WordError> = row.get_ref(column)?.as_str()?.into_deserializer();
    T::deserialize(word).map_err(|error| broken(column, error))
}

/// The same where the column may be empty.
pub(crate) fn named<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        _ => word(row, column).map(Some),
    }
}

/// The name that serde gives a variant without fields.
pub(crate) fn name<T: Serialize>(variant: &T) -> Result<String, FoldFault> {
    match serde_json::to_value(variant)? {
        serde_json::Value::String(name) => Ok(name),
        _ => Err(FoldFault::Row),
    }
}

/// How the database would answer a question, line by line: for tests and for whoever tunes it.
pub(crate) fn plan(rows: &Connection, sql: &str, values: impl Params) -> Result<Vec<String>, ViewsError> {
    let mut statement = rows.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let plan = statement.query_map(values, |row| row.get("detail"))?;
    Ok(plan.collect::<rusqlite::Result<_>>()?)
}

fn broken(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}

/// Rows of one batch, kept in memory until the flush: a row that a batch changes ten times is read and
/// written once.
pub(crate) struct Pending<K, V>(HashMap<K, V>);

impl<K, V> Default for Pending<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Hash + Eq, V> Pending<K, V> {
    /// The row, from memory or by `load`.
    pub(crate) fn get(
        &mut self,
        key: K,
        load: impl FnOnce() -> rusqlite::Result<Option<V>>,
    ) -> Result<Option<&mut V>, FoldFault> {
        match self.0.entry(key) {
            Entry::Occupied(row) => Ok(Some(row.into_mut())),
            Entry::Vacant(place) => Ok(load()?.map(|row| place.insert(row))),
        }
    }

    /// A new row.
    pub(crate) fn put(&mut self, key: K, row: V) {
        self.0.insert(key, row);
    }

    /// Everything, to be written.
    pub(crate) fn take(&mut self) -> HashMap<K, V> {
        std::mem::take(&mut self.0)
    }

    /// Nothing happened.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
