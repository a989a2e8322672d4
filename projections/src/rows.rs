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

/// The `LIMIT` of a page of `first` rows, of [`PAGE_LIMIT`] at most: one more tells whether there is more.
pub(crate) fn one_more(first: usize) -> i64 {
    i64::try_from(first.min(PAGE_LIMIT) + 1).unwrap_or(i64::MAX)
}

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

/// A value as a column holds it that is read by the thousand: [MessagePack](https://msgpack.org), with the names of
/// fields and variants as JSON has them, but ids and sealed fields as bytes: a good deal shorter, and quicker to read.
pub(crate) fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, FoldFault> {
    rmp_serde::to_vec_named(value).map_err(|_| FoldFault::Row)
}

/// Reads it back.
pub(crate) fn unpack<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    rmp_serde::from_slice(row.get_ref(column)?.as_blob()?).map_err(|error| broken(column, error))
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

/// Rows that stay in memory when a flush is over, at most; and at least, if there are that many. In between it is twice
/// what the flush wrote: in a hurry thousands are worth their memory, while one event follows another every second only
/// the last few are changed again.
const ROOM: usize = 2048;
const LEAST_ROOM: usize = 64;

/// Rows kept in memory: changed ones until the flush, so that a row that is changed ten times is written once; the
/// others for as long as there is room, so that a row that is changed again is not read and parsed again.
pub(crate) struct Pending<K, V> {
    rows: HashMap<K, Kept<V>>,
    /// In the order in which they were changed first.
    changed: Vec<K>,
    /// Flushes so far.
    round: u64,
}

struct Kept<V> {
    row: V,
    changed: bool,
    /// The round in which it was last changed.
    round: u64,
}

impl<K, V> Default for Pending<K, V> {
    fn default() -> Self {
        Self { rows: HashMap::new(), changed: Vec::new(), round: 0 }
    }
}

impl<K: Hash + Eq + Clone, V> Pending<K, V> {
    /// The row, from memory or by `load`, to be changed.
    pub(crate) fn get(
        &mut self,
        key: K,
        load: impl FnOnce() -> rusqlite::Result<Option<V>>,
    ) -> Result<Option<&mut V>, FoldFault> {
        let kept = match self.rows.entry(key) {
            Entry::Occupied(kept) => {
                if !kept.get().changed {
                    self.changed.push(kept.key().clone());
                }
                kept.into_mut()
            }
            Entry::Vacant(place) => {
                let Some(row) = load()? else { return Ok(None) };
                self.changed.push(place.key().clone());
                place.insert(Kept { row, changed: true, round: self.round })
            }
        };
        (kept.changed, kept.round) = (true, self.round);
        Ok(Some(&mut kept.row))
    }

    /// A new row.
    pub(crate) fn put(&mut self, key: K, row: V) {
        let known = self.rows.insert(key.clone(), Kept { row, changed: true, round: self.round });
        if !known.is_some_and(|known| known.changed) {
            self.changed.push(key);
        }
    }

    /// How many rows are to be written.
    pub(crate) fn changed(&self) -> usize {
        self.changed.len()
    }

    /// Writes what was changed. What is written when `write` fails is not known: [`Self::clear`] must follow.
    pub(crate) fn flush(
        &mut self,
        mut write: impl FnMut(&K, &mut V) -> Result<(), FoldFault>,
    ) -> Result<(), FoldFault> {
        let room = (2 * self.changed.len()).clamp(LEAST_ROOM, ROOM);
        for key in self.changed.drain(..) {
            if let Some(kept) = self.rows.get_mut(&key) {
                write(&key, &mut kept.row)?;
                kept.changed = false;
            }
        }
        self.round += 1;
        self.make_room(room);
        Ok(())
    }

    /// Lets those go that were not changed for the longest time.
    fn make_room(&mut self, room: usize) {
        if self.rows.len() <= room {
            return;
        }
        let mut rounds: Vec<_> = self.rows.values().map(|kept| kept.round).collect();
        // Half of the room stays free, so that this is not done at every flush.
        let (_, last_to_go, _) = rounds.select_nth_unstable(self.rows.len() - room / 2 - 1);
        let last_to_go = *last_to_go;
        self.rows.retain(|_, kept| kept.round > last_to_go);
    }

    /// Nothing happened: what stands in the tables may be older than what is here.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.changed.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pending: &mut Pending<usize, u64>) -> Vec<(usize, u64)> {
        let mut written = Vec::new();
        let write = |key: &usize, row: &mut u64| {
            written.push((*key, *row));
            Ok(())
        };
        pending.flush(write).unwrap();
        written
    }

    #[test]
    fn a_row_is_loaded_once_written_once_and_let_go_when_there_is_no_room() {
        let mut pending = Pending::<usize, u64>::default();
        for _ in 0..3 {
            *pending.get(1, || Ok(Some(10))).unwrap().unwrap() += 1;
        }
        assert!(pending.get(2, || Ok(None)).unwrap().is_none());
        pending.put(2, 20);
        assert_eq!(written(&mut pending), [(1, 13), (2, 20)]);
        // Kept in memory, and written again only when it is changed again.
        *pending.get(1, || panic!("loaded again")).unwrap().unwrap() += 1;
        assert_eq!(written(&mut pending), [(1, 14)]);

        for key in 10..10 + ROOM {
            pending.put(key, 0);
        }
        pending.flush(|_, _| Ok(())).unwrap();
        assert!(pending.rows.len() <= ROOM, "{}", pending.rows.len());
        assert_eq!(*pending.get(1, || Ok(Some(99))).unwrap().unwrap(), 99, "it was let go");
        // Quiet times: one row a flush.
        for key in 0..100 {
            pending.put(key, 0);
            pending.flush(|_, _| Ok(())).unwrap();
        }
        assert!(pending.rows.len() <= LEAST_ROOM, "{}", pending.rows.len());
        assert_eq!(*pending.get(99, || panic!("loaded again")).unwrap().unwrap(), 0, "the last ones stay");
        pending.clear();
        assert_eq!((pending.changed(), pending.rows.len()), (0, 0));
    }
}
