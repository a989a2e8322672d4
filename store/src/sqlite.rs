//! What the two SQLite files of this room (`log.db`, `keys.db`) have in common: how they are opened, told
//! apart from other files, and brought to the newest format.
//!
//! Invariant: a file that a newer program wrote, or that is not ours, is left exactly as it was.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use crate::fault::OpenError;

/// A kind of file: its mark and the steps from an empty file to the newest format.
pub(crate) struct Format {
    /// `PRAGMA application_id`.
    pub(crate) application_id: i32,
    /// Step *n* leads from format *n* to *n + 1*. Steps are never edited, only added.
    pub(crate) migrations: &'static [&'static str],
}

/// 3.7.0 to 3.51.2 can corrupt a database when the write-ahead log is reset; see sqlite.org/wal.html.
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long a statement waits for another program's lock.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a file for writing: WAL, one fsync per commit, newest format.
pub(crate) fn open(path: &Path, format: &Format) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::OldSqlite { found: rusqlite::version() });
    }
    let fault = |error| OpenError::sqlite(path, error);
    let mut connection = Connection::open(path).map_err(fault)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(fault)?;
    // Looked at before anything is written: switching to WAL would already change a foreign file.
    let known = i64::try_from(format.migrations.len()).unwrap_or(i64::MAX);
    let found = check_mark(&connection, path, format)?;
    if found > known {
        return Err(OpenError::NewerFormat { path: path.to_owned(), found, known });
    }
    let mode: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(fault)?;
    if mode != "wal" {
        let what = format!("its journal mode is {mode}; the file system must support a write-ahead log");
        return Err(OpenError::Damaged { path: path.to_owned(), what });
    }
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")
        .map_err(fault)?;
    if found < known {
        migrate(&mut connection, format).map_err(fault)?;
    }
    Ok(connection)
}

/// The format of the file, 0 for an empty one.
fn check_mark(connection: &Connection, path: &Path, format: &Format) -> Result<i64, OpenError> {
    let fault = |error| OpenError::sqlite(path, error);
    let pragma = |name: &str| {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).map_err(fault)
    };
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(fault)?;
    if tables > 0 && pragma("application_id")? != i64::from(format.application_id) {
        return Err(OpenError::Damaged {
            path: path.to_owned(),
            what: "it is a database, but not one of skranke's".into(),
        });
    }
    pragma("user_version")
}

/// Takes the missing steps, all or none. Another process may have taken them meanwhile.
fn migrate(connection: &mut Connection, format: &Format) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (format INTEGER PRIMARY KEY, software TEXT NOT NULL) STRICT;",
    )?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (format, step) in (1_i64..).zip(format.migrations).filter(|(format, _)| *format > found) {
        transaction.execute_batch(step)?;
        transaction.execute(
            "INSERT INTO migrations (format, software) VALUES (?1, ?2)",
            (format, concat!("skranke/", env!("CARGO_PKG_VERSION"))),
        )?;
        transaction.pragma_update(None, "user_version", format)?;
    }
    transaction.pragma_update(None, "application_id", format.application_id)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: Format =
        Format { application_id: 7, migrations: &["CREATE TABLE a (x) ;", "ALTER TABLE a ADD y;"] };

    #[test]
    fn a_file_is_brought_forward_step_by_step_and_only_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let one = Format { application_id: 7, migrations: &FORMAT.migrations[..1] };
        drop(open(&path, &one).unwrap());
        drop(open(&path, &FORMAT).unwrap());
        let connection = open(&path, &FORMAT).unwrap();
        connection.execute("INSERT INTO a (x, y) VALUES (1, 2)", []).unwrap();
        let steps: i64 =
            connection.query_row("SELECT count(*) FROM migrations", [], |row| row.get(0)).unwrap();
        assert_eq!(steps, 2);
        drop(connection);
        assert!(matches!(open(&path, &one), Err(OpenError::NewerFormat { found: 2, known: 1, .. })));
    }

    #[test]
    fn a_foreign_file_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(open(&path, &FORMAT), Err(OpenError::Damaged { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
        std::fs::write(&path, "not a database at all, but long enough to look at".repeat(100)).unwrap();
        assert!(matches!(open(&path, &FORMAT), Err(OpenError::Damaged { .. })));
    }
}
