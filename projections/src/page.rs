//! Pages of a list: rows with a cursor each, and whether there is more.
//!
//! A cursor says where a row stands in its order (key and id), not how many rows come before it: rows that
//! arrive meanwhile move nothing, and no page repeats or misses a row that stayed in its place.

use std::fmt;
use std::str::FromStr;

use rusqlite::{Connection, Params, Row};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::ViewsError;
use crate::rows;

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the order that was asked for.
    pub items: Vec<Item<T>>,
    /// Whether there is more after them.
    pub more: bool,
    /// Whether they were asked for behind a cursor.
    pub behind: bool,
}

/// A row and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<T> {
    /// Hand it in as `after` to go on behind this row.
    pub cursor: Cursor,
    /// The row.
    pub row: T,
}

impl<T> Page<T> {
    /// The place of the first row.
    pub fn start(&self) -> Option<&Cursor> {
        self.items.first().map(|item| &item.cursor)
    }

    /// The place of the last row.
    pub fn end(&self) -> Option<&Cursor> {
        self.items.last().map(|item| &item.cursor)
    }

    /// Makes a page of at most `first` from rows of which one more was asked for, behind a cursor or from the beginning.
    pub(crate) fn cut(mut items: Vec<Item<T>>, first: usize, after: Option<&Cursor>) -> Self {
        let more = items.len() > first;
        items.truncate(first);
        Self { items, more, behind: after.is_some() }
    }
}

impl<T: DeserializeOwned> Page<T> {
    /// Reads a page of rows that stand as JSON in the first column. The statement asks for [`rows::one_more`] than
    /// `first`; `cursor` says where a row stands.
    pub(crate) fn read(
        rows: &Connection,
        (sql, values): (&str, impl Params),
        (first, after): (usize, Option<&Cursor>),
        cursor: impl Fn(&Row<'_>, &T) -> rusqlite::Result<Cursor>,
    ) -> Result<Self, ViewsError> {
        let mut find = rows.prepare_cached(sql)?;
        let found = find.query_map(values, |row| {
            let read: T = rows::read(row, 0)?;
            Ok(Item { cursor: cursor(row, &read)?, row: read })
        })?;
        Ok(Self::cut(found.collect::<rusqlite::Result<_>>()?, first.min(rows::PAGE_LIMIT), after))
    }
}

/// A place in one order of one list. Its text form is for programs only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    order: char,
    key: String,
    id: Uuid,
}

impl Cursor {
    pub(crate) fn new(order: char, key: impl fmt::Display, id: Uuid) -> Self {
        Self { order, key: key.to_string(), id }
    }

    /// The key and the id, if the cursor is of that order.
    pub(crate) fn of(&self, order: char) -> Result<(&str, Uuid), ViewsError> {
        if self.order == order { Ok((&self.key, self.id)) } else { Err(ViewsError::Cursor) }
    }

    /// The position behind which a page begins: that of the cursor, if it is of that order, or `start` without one.
    pub(crate) fn behind(after: Option<&Self>, order: char, start: i64) -> Result<i64, ViewsError> {
        after.map_or(Ok(start), |after| after.position_of(order))
    }

    /// The key as a position, if the cursor is of that order.
    pub(crate) fn position_of(&self, order: char) -> Result<i64, ViewsError> {
        self.of(order)?.0.parse().map_err(|_| ViewsError::Cursor)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.order, self.id.simple(), self.key)
    }
}

impl FromStr for Cursor {
    type Err = ViewsError;
    fn from_str(text: &str) -> Result<Self, ViewsError> {
        let mut parts = text.splitn(3, '/');
        let (Some(order), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(ViewsError::Cursor);
        };
        let mut letters = order.chars();
        let (Some(order), None) = (letters.next(), letters.next()) else { return Err(ViewsError::Cursor) };
        let id = Uuid::try_parse(id).map_err(|_| ViewsError::Cursor)?;
        Ok(Self { order, key: key.to_owned(), id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_it_was_written() {
        let cursor = Cursor::new('n', "S2026-00/042", Uuid::from_u128(7));
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        assert!(cursor.of('d').is_err());
        for bad in ["", "n", "n/x", "n/x/y", "nn/00000000000000000000000000000007/y"] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
    }
}
