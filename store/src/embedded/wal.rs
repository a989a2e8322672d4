//! Keeps SQLite's write-ahead log short without holding up commits.
//!
//! A second thread copies committed pages into `log.db` while the writer goes on. Only when the log is long
//! and that thread cannot catch up does the writer do the rest itself; its next transaction then starts the
//! log over. What can still make it grow is one reader that stays with one page for a long time: SQLite keeps
//! what that reader sees.
//!
//! Invariant: a checkpoint that fails for any reason but a full disk or a busy reader stops the writer. The
//! pages stay in the write-ahead log, and the next start reads them from there.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::writer::Stopped;
use crate::fault::OpenError;
use crate::sqlite;

/// From this length on the second thread is woken (frames of 4 KiB: 8 MiB).
const WAKE: u64 = 2048;
/// After how many more frames it is woken again.
const AGAIN: u64 = 1024;
/// From this length on the writer helps (16 MiB), and from twice of it it waits for who is in the way. A
/// longer log would be cheaper per byte, but syncing a file that still grows takes twice as long as one that
/// is reused.
const HELP: u64 = 4096;
/// How long it waits: longer than a slow disk takes to copy what is there, so that only a reader can make it give up.
const PATIENCE: Duration = Duration::from_secs(2);
/// Asking SQLite for the length costs a few microseconds: once in so many commits or bytes is enough.
const ASK_COMMITS: u32 = 8;
const ASK_BYTES: usize = 1 << 20;

/// The writer's side.
pub(super) struct Wal {
    wake: SyncSender<()>,
    woken_at: u64,
    help_at: u64,
    commits: u32,
    bytes: usize,
}

/// What `PRAGMA wal_checkpoint` answers.
struct State {
    busy: bool,
    frames: u64,
    copied: u64,
}

impl Wal {
    pub(super) fn new(wake: SyncSender<()>) -> Self {
        Self { wake, woken_at: 0, help_at: HELP, commits: 0, bytes: 0 }
    }

    pub(super) fn after_commit(&mut self, connection: &Connection, bytes: usize) -> rusqlite::Result<()> {
        self.commits += 1;
        self.bytes += bytes;
        if self.commits < ASK_COMMITS && self.bytes < ASK_BYTES {
            return Ok(());
        }
        (self.commits, self.bytes) = (0, 0);
        self.tend(connection).or_else(|error| if harmless(&error) { Ok(()) } else { Err(error) })
    }

    fn tend(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let frames = checkpoint(connection, "NOOP")?.frames;
        if frames < self.woken_at {
            // The log was started over.
            (self.woken_at, self.help_at) = (0, HELP);
        }
        if frames >= self.help_at {
            // If someone stands in the way, the next attempt comes after a while and not with every commit.
            self.help_at = frames + HELP / 8;
            let state = if frames < 2 * HELP {
                checkpoint(connection, "PASSIVE")
            } else {
                connection.busy_timeout(PATIENCE)?;
                let state = checkpoint(connection, "FULL");
                connection.busy_timeout(sqlite::BUSY_TIMEOUT)?;
                state
            }?;
            if !state.busy && state.copied >= state.frames {
                self.help_at = HELP;
            }
        } else if frames >= WAKE.max(self.woken_at + AGAIN) {
            // A full channel means that it is awake already.
            let _ = self.wake.try_send(());
            self.woken_at = frames;
        }
        Ok(())
    }
}

/// The second thread: one checkpoint for every wake-up, until the writer is gone.
pub(super) fn run(connection: &Connection, woken: &Receiver<()>, stopped: &Stopped) {
    while woken.recv().is_ok() {
        if stopped.get().is_some() {
            return;
        }
        match checkpoint(connection, "PASSIVE") {
            Ok(_) => {}
            Err(error) if harmless(&error) => tracing::warn!("a checkpoint of the log has to wait: {error}"),
            Err(error) => {
                stop(stopped, &error);
                return;
            }
        }
    }
}

/// Copies everything and empties the write-ahead log, which is also the mark of a clean stop.
pub(super) fn finish(connection: &Connection) {
    if let Err(error) = checkpoint(connection, "TRUNCATE") {
        tracing::warn!("the write-ahead log was kept; the next start reads it: {error}");
    }
}

/// Whether the last stop was unclean: something is left in the write-ahead log.
pub(super) fn left_over(database: &Path) -> bool {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    std::fs::metadata(name).is_ok_and(|file| file.len() > 0)
}

/// Settings of a connection that writes: checkpoints are ours alone, also when it is closed.
pub(super) fn prepare(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864;",
        )
        .and_then(|()| {
            connection
                .set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
                .map(|_| ())
        })
        .map_err(|error| OpenError::sqlite(path, error))
}

/// Notes, once, why the writer must not go on.
pub(super) fn stop(stopped: &Stopped, error: &rusqlite::Error) -> Arc<str> {
    let why = stopped.get_or_init(|| {
        tracing::error!("the log has stopped writing: {error}");
        format!("it stopped after a failed write ({error}): check the disk, then start again").into()
    });
    Arc::clone(why)
}

fn harmless(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<State> {
    connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?.query_row([], |row| {
        let count = |column| row.get(column).map(|frames: i64| u64::try_from(frames).unwrap_or(0));
        Ok(State { busy: row.get(0)?, frames: count(1)?, copied: count(2)? })
    })
}
