//! How the embedded log lies on disk, and the look it gets when it is opened.
//!
//! One row per event. Stream and type names are interned, so an event carries two small numbers; the small
//! columns stand before the large ones, so a filter does not touch the pages of what it leaves out. Another
//! layout (one row per batch, a file of its own) is another step in [`FORMAT`], and nothing outside this
//! module and its two neighbours knows the tables.

use std::path::Path;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::fault::OpenError;
use crate::sqlite::Format;

pub(super) const FORMAT: Format = Format {
    application_id: 0x534B_524C, // "SKRL"
    migrations: &["
        CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE types (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE events (
            position INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            type INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL, -- nanoseconds since 1970
            id BLOB NOT NULL,
            data BLOB NOT NULL,
            metadata BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX events_of_stream ON events (stream, revision);
        -- What an append with an idempotency key did. The key is kept as the start of its SHA-256.
        CREATE TABLE keys (
            key BLOB PRIMARY KEY,
            stream INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            position INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
    "],
};

/// Up to this size an unclean stop is followed by SQLite's own check; beyond it the check would delay the
/// start by more than it is worth (the write-ahead log repairs itself, and every frame in it has a checksum).
const CHECKED_BYTES: u64 = 256 << 20;
/// How many of the newest events are looked at on every start.
const TAIL: i64 = 1024;

/// An idempotency key as it is stored.
pub(super) fn key_hash(stream: &str, key: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest([stream, key].join("\0"))[..16]);
    short
}

/// SQLite counts in `i64`; what is beyond cannot be there, so the nearest number asks the same question.
pub(super) fn to_db(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads a column that is never negative.
pub(super) fn unsigned(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// Looks at the newest events, and at everything after an unclean stop, before anything is built upon it.
/// Answers the newest position.
pub(super) fn check(connection: &Connection, path: &Path, unclean: bool) -> Result<u64, OpenError> {
    let fault = |error| OpenError::sqlite(path, error);
    let damaged = |what: String| OpenError::Damaged { path: path.to_owned(), what };
    if unclean && std::fs::metadata(path).is_ok_and(|file| file.len() <= CHECKED_BYTES) {
        let said: String =
            connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(fault)?;
        if said != "ok" {
            return Err(damaged(said));
        }
    }
    let head: i64 = connection
        .query_row("SELECT coalesce(max(position), 0) FROM events", [], |row| row.get(0))
        .map_err(fault)?;
    let first: i64 = connection
        .query_row("SELECT coalesce(min(position), 1) FROM events", [], |row| row.get(0))
        .map_err(fault)?;
    let whole: i64 = connection
        .query_row(
            "SELECT count(*) FROM events e JOIN streams s ON s.id = e.stream JOIN types t ON t.id = e.type
             WHERE e.position > ?1",
            [head - TAIL],
            |row| row.get(0),
        )
        .map_err(fault)?;
    if first != 1 || whole != head.min(TAIL) {
        return Err(damaged(format!(
            "events are missing between position {} and {head}",
            (head - TAIL).max(0)
        )));
    }
    u64::try_from(head).map_err(|_| damaged("a position is negative".into()))
}
