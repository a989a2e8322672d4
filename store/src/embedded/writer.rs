//! The one writer of the embedded log.
//!
//! A thread of its own takes whatever is queued (no timer: while one batch is being synced the next one
//! gathers), writes it in one transaction, and answers when the disk has it.
//!
//! Invariants:
//! - Positions are given out here and nowhere else, in commit order, without gaps.
//! - A request is measured against the stream before anything of it is written, so a refused one leaves its
//!   batch as if it had never been there.
//! - What this thread remembers (heads, names) is changed after the commit and never before.
//! - A full disk refuses; any other failed write or sync stops the writer for good. A failed fsync is never
//!   tried again: the kernel may already have dropped what it could not write.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use rusqlite::{CachedStatement, Connection, ErrorCode, OptionalExtension, TransactionBehavior};
use skranke_domain::StreamId;
use tokio::sync::{mpsc, oneshot, watch};

use super::schema::{key_hash, to_db, unsigned};
use super::wal::{self, Wal};
use crate::port::{Appended, Expected, LogError, NewEvent, Position, Revision, StreamWrite};
use crate::recent::Recent;

/// The most requests in one transaction.
const BATCH_WRITES: usize = 1024;
/// The most bytes in one transaction, give or take the last request.
const BATCH_BYTES: usize = 4 << 20;
/// Streams whose head is remembered.
const HEADS: usize = 65_536;

type Answer = oneshot::Sender<Result<Appended, LogError>>;

/// What the writer can be asked.
pub(super) enum Request {
    Append {
        write: StreamWrite,
        key: Option<String>,
        answer: Answer,
    },
    /// Bounds the file, in pages of 4 KiB.
    Limit {
        pages: u32,
        answer: oneshot::Sender<Result<(), LogError>>,
    },
    Close {
        answer: oneshot::Sender<()>,
    },
}

/// Set once, when the writer must not go on. Shared with whoever checkpoints.
pub(super) type Stopped = Arc<OnceLock<Arc<str>>>;

/// Where a stream stands.
#[derive(Clone, Copy)]
struct Head {
    id: i64,
    last: Option<Revision>,
}

pub(super) struct Writer {
    connection: Connection,
    requests: mpsc::Receiver<Request>,
    head: watch::Sender<Position>,
    heads: Recent<StreamId, Head>,
    types: HashMap<String, i64>,
    next_stream: i64,
    wal: Wal,
    checkpointer: JoinHandle<()>,
    stopped: Stopped,
    /// Held as long as this thread may touch the file.
    lock: std::fs::File,
}

/// What a batch adds to the writer's memory once it is committed.
struct Staged {
    position: u64,
    next_stream: i64,
    heads: HashMap<StreamId, Head>,
    types: HashMap<String, i64>,
    keys: HashMap<[u8; 16], (i64, Appended)>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        requests: mpsc::Receiver<Request>,
        head: watch::Sender<Position>,
        (wal, checkpointer): (Wal, JoinHandle<()>),
        stopped: Stopped,
        lock: std::fs::File,
    ) -> rusqlite::Result<Self> {
        let next_stream =
            connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM streams", [], |row| row.get(0))?;
        let types = connection
            .prepare("SELECT name, id FROM types")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let heads = Recent::new(HEADS);
        Ok(Self { connection, requests, head, heads, types, next_stream, wal, checkpointer, stopped, lock })
    }

    /// Works until it is asked to close or nobody is left who could ask.
    pub(super) fn run(mut self) {
        let mut batch = Vec::new();
        let mut closing = None;
        while let Some(mut request) = self.requests.blocking_recv() {
            let mut bytes = 0;
            loop {
                match request {
                    Request::Append { write, key, answer } => {
                        bytes += write
                            .events
                            .iter()
                            .map(|event| event.data.len() + event.metadata.len())
                            .sum::<usize>();
                        batch.push((write, key, answer));
                    }
                    Request::Limit { pages, answer } => {
                        self.write(&mut batch, bytes);
                        let _ = answer.send(self.limit(pages));
                    }
                    Request::Close { answer } => {
                        // What is queued was accepted; what comes after is not.
                        self.requests.close();
                        closing = Some(answer);
                    }
                }
                if batch.len() >= BATCH_WRITES || bytes >= BATCH_BYTES {
                    break;
                }
                match self.requests.try_recv() {
                    Ok(next) => request = next,
                    Err(_) => break,
                }
            }
            self.write(&mut batch, bytes);
        }
        let Self { connection, head, lock, wal, checkpointer, stopped, .. } = self;
        // Nobody can wake the second thread any more, so it ends; only then is the file ours alone.
        drop(wal);
        let _ = checkpointer.join();
        if stopped.get().is_none() {
            wal::finish(&connection);
        }
        drop(connection);
        drop(lock);
        drop(head);
        if let Some(answer) = closing {
            let _ = answer.send(());
        }
    }

    fn limit(&self, pages: u32) -> Result<(), LogError> {
        self.connection
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
            .map_err(|error| LogError::Unavailable(error.to_string().into()))
    }

    /// Writes a batch and answers everyone in it.
    fn write(&mut self, batch: &mut Vec<(StreamWrite, Option<String>, Answer)>, bytes: usize) {
        if batch.is_empty() {
            return;
        }
        let outcome = match self.stopped.get() {
            Some(why) => Err(LogError::Unavailable(Arc::clone(why))),
            None => self.commit(batch),
        };
        match outcome {
            Ok(answers) => {
                for ((_, _, answer), outcome) in batch.drain(..).zip(answers) {
                    // Whoever asked may have gone; what was written stays written.
                    let _ = answer.send(outcome);
                }
                // Nobody waits for this any more but the next batch.
                if let Err(error) = self.wal.after_commit(&self.connection, bytes) {
                    self.stop(&error);
                }
            }
            Err(fault) => {
                for (_, _, answer) in batch.drain(..) {
                    let _ = answer.send(Err(fault.clone()));
                }
            }
        }
    }

    /// One transaction. When it fails as a whole, everyone in it gets the same answer, the refused ones too:
    /// they may have been refused because of what was just rolled back.
    fn commit(
        &mut self,
        batch: &[(StreamWrite, Option<String>, Answer)],
    ) -> Result<Vec<Result<Appended, LogError>>, LogError> {
        let before = self.head.borrow().0;
        let mut staged = Staged {
            position: before,
            next_stream: self.next_stream,
            heads: HashMap::new(),
            types: HashMap::new(),
            keys: HashMap::new(),
        };
        let mut answers = Vec::with_capacity(batch.len());
        let done = transact(&mut self.connection, |statements| {
            for (write, key, _) in batch {
                let mut at_work =
                    Batch { statements, heads: &mut self.heads, types: &self.types, staged: &mut staged };
                answers.push(at_work.append(write, key.as_deref())?);
            }
            Ok(staged.position > before)
        });
        if let Err(error) = done {
            return Err(self.fault(&error));
        }
        if staged.position > before {
            self.next_stream = staged.next_stream;
            self.types.extend(staged.types);
            for (stream, head) in staged.heads {
                self.heads.insert(stream, head);
            }
            // Readers first: whoever gets an answer finds his event.
            self.head.send_replace(Position(staged.position));
        }
        Ok(answers)
    }

    /// What a failed transaction means.
    fn fault(&self, error: &rusqlite::Error) -> LogError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => {
                tracing::warn!("the disk that holds the log is full: an append was refused");
                LogError::Full
            }
            // Another program holds the write lock. Nothing was written, so nothing is uncertain.
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                LogError::Unavailable("another program is writing to log.db".into())
            }
            _ => LogError::Unavailable(self.stop(error)),
        }
    }

    fn stop(&self, error: &rusqlite::Error) -> Arc<str> {
        wal::stop(&self.stopped, error)
    }
}

/// Runs `work` in a transaction of its own; commits when it answers `true`, else leaves no trace.
fn transact(
    connection: &mut Connection,
    work: impl FnOnce(&mut Statements<'_>) -> rusqlite::Result<bool>,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let wrote = work(&mut Statements::new(&transaction)?)?;
    if wrote { transaction.commit() } else { transaction.rollback() }
}

struct Statements<'c> {
    stream: CachedStatement<'c>,
    last: CachedStatement<'c>,
    key: CachedStatement<'c>,
    add_stream: CachedStatement<'c>,
    add_type: CachedStatement<'c>,
    add_event: CachedStatement<'c>,
    add_key: CachedStatement<'c>,
}

impl<'c> Statements<'c> {
    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            stream: connection.prepare_cached("SELECT id FROM streams WHERE name = ?1")?,
            last: connection.prepare_cached("SELECT max(revision) FROM events WHERE stream = ?1")?,
            key: connection.prepare_cached("SELECT stream, revision, position FROM keys WHERE key = ?1")?,
            add_stream: connection.prepare_cached("INSERT INTO streams (id, name) VALUES (?1, ?2)")?,
            add_type: connection.prepare_cached("INSERT INTO types (name) VALUES (?1) RETURNING id")?,
            add_event: connection.prepare_cached(
                "INSERT INTO events (position, stream, revision, type, recorded_at, id, data, metadata)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            add_key: connection.prepare_cached(
                "INSERT INTO keys (key, stream, revision, position) VALUES (?1, ?2, ?3, ?4)",
            )?,
        })
    }
}

/// One batch at work: what is remembered, what the batch has added so far, and the tables.
struct Batch<'a, 'c> {
    statements: &'a mut Statements<'c>,
    heads: &'a mut Recent<StreamId, Head>,
    types: &'a HashMap<String, i64>,
    staged: &'a mut Staged,
}

impl Batch<'_, '_> {
    /// Measures a request and, when it fits, writes it. The outer error is the transaction's, the inner one
    /// the request's own.
    fn append(
        &mut self,
        write: &StreamWrite,
        key: Option<&str>,
    ) -> rusqlite::Result<Result<Appended, LogError>> {
        let head = self.head(&write.stream)?;
        let key = key.map(|key| key_hash(write.stream.as_str(), key));
        if let Some(key) = key
            && let Some((stream, first)) = self.first_answer(key)?
        {
            return Ok(if head.is_some_and(|head| head.id == stream) {
                Ok(first)
            } else {
                Err(LogError::Invalid("this key was used for another stream".into()))
            });
        }
        let actual = head.and_then(|head| head.last);
        let fits = match write.expected {
            Expected::Any => true,
            Expected::NoStream => actual.is_none(),
            Expected::Exists => actual.is_some(),
            Expected::Exact(revision) => actual == Some(revision),
        };
        if !fits {
            return Ok(Err(LogError::WrongExpected { actual }));
        }
        let id = match head {
            Some(head) => head.id,
            None => self.add_stream(&write.stream)?,
        };
        let mut last = actual;
        for event in &write.events {
            let revision = last.map_or(0, |last| last + 1);
            self.add_event(id, revision, event)?;
            last = Some(revision);
        }
        self.staged.heads.insert(write.stream.clone(), Head { id, last });
        // Invariant: there is at least one event; see `EmbeddedLog::append`.
        let appended = Appended {
            position: Position(self.staged.position),
            revision: last.unwrap_or(0),
            repeated: false,
        };
        if let Some(key) = key {
            self.statements.add_key.execute((
                key,
                id,
                to_db(appended.revision),
                to_db(appended.position.0),
            ))?;
            self.staged.keys.insert(key, (id, appended));
        }
        Ok(Ok(appended))
    }

    fn head(&mut self, stream: &StreamId) -> rusqlite::Result<Option<Head>> {
        if let Some(head) = self.staged.heads.get(stream).or_else(|| self.heads.get(stream)) {
            return Ok(Some(*head));
        }
        let id: Option<i64> =
            self.statements.stream.query_row([stream.as_str()], |row| row.get(0)).optional()?;
        let Some(id) = id else { return Ok(None) };
        let last: Option<i64> = self.statements.last.query_row([id], |row| row.get(0))?;
        let head = Head { id, last: last.and_then(|last| u64::try_from(last).ok()) };
        // It was read from the tables, where this batch has changed nothing about the stream: true even if
        // the batch is rolled back.
        self.heads.insert(stream.clone(), head);
        Ok(Some(head))
    }

    fn first_answer(&mut self, key: [u8; 16]) -> rusqlite::Result<Option<(i64, Appended)>> {
        if let Some(first) = self.staged.keys.get(&key) {
            return Ok(Some(*first));
        }
        self.statements
            .key
            .query_row([key], |row| {
                Ok((
                    row.get(0)?,
                    Appended {
                        revision: unsigned(row, 1)?,
                        position: Position(unsigned(row, 2)?),
                        repeated: true,
                    },
                ))
            })
            .optional()
    }

    fn add_stream(&mut self, stream: &StreamId) -> rusqlite::Result<i64> {
        let id = self.staged.next_stream;
        self.statements.add_stream.execute((id, stream.as_str()))?;
        self.staged.next_stream += 1;
        Ok(id)
    }

    fn add_event(&mut self, stream: i64, revision: Revision, event: &NewEvent) -> rusqlite::Result<()> {
        let known = self
            .types
            .get(event.event_type.as_ref())
            .or_else(|| self.staged.types.get(event.event_type.as_ref()));
        let event_type = if let Some(id) = known {
            *id
        } else {
            let id = self.statements.add_type.query_row([event.event_type.as_ref()], |row| row.get(0))?;
            self.staged.types.insert(event.event_type.clone().into_owned(), id);
            id
        };
        let position = self.staged.position + 1;
        self.statements.add_event.execute((
            to_db(position),
            stream,
            to_db(revision),
            event_type,
            // Checked at the door; see `EmbeddedLog::append`.
            i64::try_from(event.recorded_at.as_nanosecond()).unwrap_or(0),
            event.id.as_bytes(),
            &event.data,
            &event.metadata,
        ))?;
        self.staged.position = position;
        Ok(())
    }
}
