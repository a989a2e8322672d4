//! The first format of the log, one SQLite file `log.db`, is read once and written anew as segments; the file is
//! kept beside them under another name.
//!
//! A stop in the middle changes nothing: the new segments are made in a folder of their own, which gets its
//! name when everything is in it.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};
use skranke_domain::StreamId;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::disk::Folder;
use super::frame::KeyHash;
use super::writer::{Append, Message, Request};
use super::{EmbeddedLog, FOLDER, Options};
use crate::fault::OpenError;
use crate::port::{Expected, LogError, NewEvent, StreamWrite};

const FILE: &str = "log.db";
/// What it is called once it was read.
const KEPT: &str = "log.db.format1";
/// Where the new segments are made.
const DRAFT: &str = "log.new";
/// `SKRL`, as the file's mark.
const MARK: i64 = 0x534B_524C;
/// Appends on their way at a time.
const AHEAD: usize = 1024;

/// Moves a log of the first format over, if there is one.
pub(super) fn move_over(dir: &Path) -> Result<(), OpenError> {
    let file = dir.join(FILE);
    if !file.exists() {
        return Ok(());
    }
    let io = |error| OpenError::io(&file, error);
    if !dir.join(FOLDER).exists() {
        let draft = dir.join(DRAFT);
        if draft.exists() {
            std::fs::remove_dir_all(&draft).map_err(io)?;
        }
        std::fs::create_dir_all(&draft).map_err(io)?;
        // A thread of its own may wait for answers, whatever runtime the caller stands in.
        let copied = std::thread::scope(|scope| scope.spawn(|| copy(&file, &draft)).join());
        let events = copied.map_err(|_| damaged(&file, "it could not be read to its end"))??;
        std::fs::rename(&draft, dir.join(FOLDER)).map_err(io)?;
        super::sync_names(dir);
        tracing::info!(events, "the log was written anew in the new format; the old file is kept as {KEPT}");
    }
    std::fs::rename(&file, dir.join(KEPT)).map_err(io)?;
    for rest in ["log.db-wal", "log.db-shm"] {
        // Folded into the file when it was closed; whatever is left of them says nothing.
        let _ = std::fs::remove_file(dir.join(rest));
    }
    super::sync_names(dir);
    Ok(())
}

fn damaged(file: &Path, what: impl Into<String>) -> OpenError {
    OpenError::Damaged { path: file.to_owned(), what: what.into() }
}

/// Writes every event of the file into a log in `draft`. Answers how many there were.
fn copy(file: &Path, draft: &Path) -> Result<u64, OpenError> {
    let fault = |error| OpenError::sqlite(file, error);
    let old = Connection::open(file).map_err(fault)?;
    let number = |question: &str| old.query_row(question, [], |row| row.get::<_, i64>(0)).map_err(fault);
    if number("PRAGMA application_id")? != MARK {
        return Err(damaged(file, "it is a database, but not one of skranke's"));
    }
    let format = number("PRAGMA user_version")?;
    if format != 1 {
        return Err(OpenError::NewerFormat { path: file.to_owned(), found: format, known: 1 });
    }
    let new = EmbeddedLog::open_on(Arc::new(Folder::new(draft)), draft, None, Options::default())?;
    let queue = &new.door().map_err(OpenError::Unavailable)?.queue;
    let mut events = old
        .prepare(
            "SELECT e.position, s.name, e.revision, t.name, e.recorded_at, e.id, e.data, e.metadata, k.key
             FROM events e JOIN streams s ON s.id = e.stream JOIN types t ON t.id = e.type
             LEFT JOIN keys k ON k.position = e.position ORDER BY e.position",
        )
        .map_err(fault)?;
    let mut rows = events.query([]).map_err(fault)?;
    let mut waiting = Vec::with_capacity(AHEAD);
    let mut count: u64 = 0;
    while let Some(row) = rows.next().map_err(fault)? {
        count += 1;
        let (write, key) =
            event(row).map_err(fault)?.filter(|_| row.get(0) == Ok(count.cast_signed())).ok_or_else(
                || damaged(file, format!("the event at position {count} is missing or not what was written")),
            )?;
        let (answer, answered) = oneshot::channel();
        let request = Request { append: Append { writes: vec![write], key, asked_below: 0 }, answer };
        queue.blocking_send(Message::Append(request)).map_err(|_| OpenError::Unavailable(super::closed()))?;
        waiting.push(answered);
        if waiting.len() == AHEAD {
            wait(&mut waiting)?;
        }
    }
    wait(&mut waiting)?;
    let there = number("SELECT count(*) FROM events")?;
    if i64::try_from(count) != Ok(there) {
        return Err(damaged(file, format!("{there} events were written, {count} can be read")));
    }
    Ok(count)
}

/// One event as an append of its own; its revision is what the append expects to follow.
fn event(row: &Row<'_>) -> rusqlite::Result<Option<(StreamWrite, Option<KeyHash>)>> {
    let stream: String = row.get(1)?;
    let revision: u64 = row.get::<_, i64>(2)?.cast_unsigned();
    let event_type: String = row.get(3)?;
    let (Ok(stream_id), Ok(recorded_at), Ok(id)) = (
        StreamId::parse(&stream),
        Timestamp::from_nanosecond(row.get::<_, i64>(4)?.into()),
        Uuid::from_slice(row.get_ref(5)?.as_blob()?),
    ) else {
        return Ok(None);
    };
    let event =
        NewEvent { id, event_type: event_type.into(), data: row.get(6)?, metadata: row.get(7)?, recorded_at };
    let expected = Expected::after(revision.checked_sub(1));
    let key = row.get::<_, Option<Vec<u8>>>(8)?.map(|key| {
        let mut hash = KeyHash::default();
        // As `index::key_hash` does it: the first format kept the inner hash.
        hash.copy_from_slice(&Sha256::new().chain_update(&stream).chain_update(key).finalize()[..16]);
        hash
    });
    Ok(Some((StreamWrite { stream: stream_id, expected, events: vec![event] }, key)))
}

fn wait(
    waiting: &mut Vec<oneshot::Receiver<Result<Vec<crate::Appended>, LogError>>>,
) -> Result<(), OpenError> {
    for answered in waiting.drain(..) {
        answered.blocking_recv().map_err(|_| OpenError::Unavailable(super::closed()))??;
    }
    Ok(())
}
