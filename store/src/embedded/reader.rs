//! The readers of the embedded log: a few connections of their own, used off the async threads.
//!
//! Invariant: each answer comes from one snapshot, so a page that says `end` has everything that was
//! committed before it was asked for. A reader never waits for the writer, nor the writer for a reader.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, OpenFlags, OptionalExtension, Row, TransactionBehavior};
use skranke_domain::StreamId;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::schema::{key_hash, to_db, unsigned};
use crate::port::{Appended, Direction, Filter, LogError, Page, Position, Recorded, Revision};
use crate::recent::Recent;

/// Connections that read at the same time.
const READERS: usize = 4;
/// Stream names that each connection remembers.
const NAMES: usize = 16_384;

/// The pool. Shared by the log and its subscriptions.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
    permits: Arc<Semaphore>,
    closed: AtomicBool,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(READERS)),
            closed: AtomicBool::new(false),
        }
    }

    pub(super) fn are_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.permits.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs a question on a connection of its own.
    pub(super) async fn ask<T, F>(self: &Arc<Self>, question: F) -> Result<T, LogError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Reader) -> Result<T, ReadFault> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        let pool = Arc::clone(self);
        let work = move || {
            // Given back when the work is done, also when nobody waits for it any more.
            let _permit = permit;
            pool.answer(question)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| closed())?
    }

    fn answer<T>(&self, question: impl FnOnce(&mut Reader) -> Result<T, ReadFault>) -> Result<T, LogError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => Reader::open(self).map_err(ReadFault::into_log)?,
        };
        // A connection that failed is dropped; the next question opens a fresh one.
        let answer = question(&mut reader).map_err(ReadFault::into_log)?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.are_closed() {
            idle.push(reader);
        }
        Ok(answer)
    }
}

pub(super) fn closed() -> LogError {
    static TEXT: OnceLock<Arc<str>> = OnceLock::new();
    LogError::Unavailable(Arc::clone(TEXT.get_or_init(|| "it is closed".into())))
}

/// Why a question had no answer.
pub(super) enum ReadFault {
    Sqlite(rusqlite::Error),
    Damaged(String),
    Other(LogError),
}

impl From<rusqlite::Error> for ReadFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl ReadFault {
    fn into_log(self) -> LogError {
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match self {
            Self::Other(error) => error,
            Self::Damaged(what) => LogError::Damaged(what),
            Self::Sqlite(error) => match (&error, error.sqlite_error_code()) {
                (_, Some(DatabaseCorrupt | NotADatabase))
                | (FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..), _) => {
                    LogError::Damaged(error.to_string())
                }
                _ => LogError::Unavailable(error.to_string().into()),
            },
        }
    }
}

/// One connection and the names it has met.
pub(super) struct Reader {
    connection: Connection,
    names: Names,
}

struct Names {
    streams: Recent<i64, StreamId>,
    types: HashMap<i64, String>,
}

const COLUMNS: &str = "position, stream, revision, type, recorded_at, id, data, metadata";

impl Reader {
    fn open(pool: &Readers) -> Result<Self, ReadFault> {
        if pool.are_closed() {
            return Err(ReadFault::Other(closed()));
        }
        let connection = Connection::open_with_flags(
            &pool.path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.execute_batch(
            "PRAGMA query_only = ON; PRAGMA cache_size = -8192; PRAGMA trusted_schema = OFF;",
        )?;
        Ok(Self { connection, names: Names { streams: Recent::new(NAMES), types: HashMap::new() } })
    }

    pub(super) fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, ReadFault> {
        let mut find = self.connection.prepare_cached(
            "SELECT s.name, k.revision, k.position FROM keys k JOIN streams s ON s.id = k.stream
             WHERE k.key = ?1",
        )?;
        let found = find
            .query_row([key_hash(stream.as_str(), key)], |row| {
                let appended = Appended {
                    revision: unsigned(row, 1)?,
                    position: Position(unsigned(row, 2)?),
                    repeated: true,
                };
                Ok((row.get_ref(0)?.as_str()? == stream.as_str(), appended))
            })
            .optional()?;
        match found {
            Some((true, appended)) => Ok(Some(appended)),
            Some((false, _)) | None => Ok(None),
        }
    }

    pub(super) fn stream(
        &mut self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, ReadFault> {
        let (side, order) = match direction {
            Direction::Forwards => (">=", "ASC"),
            Direction::Backwards => ("<=", "DESC"),
        };
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM events
             WHERE stream = (SELECT id FROM streams WHERE name = ?1) AND revision {side} ?2
             ORDER BY revision {order} LIMIT ?3"
        ))?;
        let mut rows = query.query((stream.as_str(), to_db(from), to_db(max as u64)))?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let event_type = self.names.event_type(&self.connection, row.get(3)?)?.to_owned();
            events.push(recorded(row, stream.clone(), &event_type)?);
        }
        Ok(events)
    }

    pub(super) fn all(
        &mut self,
        from: Position,
        direction: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, ReadFault> {
        // One snapshot for the head and the rows: what is committed in between belongs to the next page.
        let snapshot = self.connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
        let head = snapshot
            .prepare_cached("SELECT coalesce(max(position), 0) FROM events")?
            .query_row([], |row| unsigned(row, 0))?;
        let mut scan = Scan {
            connection: &snapshot,
            names: &mut self.names,
            filter,
            types: HashMap::new(),
            max: max.max(1),
        };
        match direction {
            Direction::Forwards if from.0 >= head => Ok(Page { events: Vec::new(), next: from, end: true }),
            Direction::Forwards => {
                let query = snapshot.prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM events WHERE position > ?1 ORDER BY position"
                ))?;
                let (events, stopped) = scan.run(query, from)?;
                let next = stopped.unwrap_or(Position(head));
                Ok(Page { events, next, end: next.0 >= head })
            }
            Direction::Backwards => {
                let query = snapshot.prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM events WHERE position <= ?1 ORDER BY position DESC"
                ))?;
                let (events, stopped) = scan.run(query, from)?;
                let next = stopped.map_or(Position(0), |last| Position(last.0.saturating_sub(1)));
                Ok(Page { events, next, end: next.0 == 0 })
            }
        }
    }
}

/// One walk over the whole log.
struct Scan<'a> {
    connection: &'a Connection,
    names: &'a mut Names,
    filter: &'a Filter,
    /// Whether a type passes, as far as it was met.
    types: HashMap<i64, bool>,
    max: usize,
}

impl Scan<'_> {
    /// The events that pass, and where the walk stopped because there were enough (`None`: it came to the
    /// end).
    fn run(
        &mut self,
        mut query: CachedStatement<'_>,
        from: Position,
    ) -> Result<(Vec<Recorded>, Option<Position>), ReadFault> {
        let mut rows = query.query([to_db(from.0)])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            if !self.type_passes(row.get(3)?)? {
                continue;
            }
            let event_type = self.names.event_type(self.connection, row.get(3)?)?.to_owned();
            let stream = self.names.stream(self.connection, row.get(1)?)?;
            if self.filter.passes(stream, &event_type) {
                events.push(recorded(row, stream.clone(), &event_type)?);
                if events.len() >= self.max {
                    let last = events.last().map(|event| event.position);
                    return Ok((events, last));
                }
            }
        }
        Ok((events, None))
    }

    fn type_passes(&mut self, id: i64) -> Result<bool, ReadFault> {
        if let Some(passes) = self.types.get(&id) {
            return Ok(*passes);
        }
        let name = self.names.event_type(self.connection, id)?;
        let wanted = &self.filter.event_types;
        let passes = wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
        self.types.insert(id, passes);
        Ok(passes)
    }
}

impl Names {
    fn stream(&mut self, connection: &Connection, id: i64) -> Result<&StreamId, ReadFault> {
        if self.streams.get(&id).is_none() {
            let mut find = connection.prepare_cached("SELECT name FROM streams WHERE id = ?1")?;
            let name: String = find
                .query_row([id], |row| row.get(0))
                .optional()?
                .ok_or_else(|| ReadFault::Damaged(format!("stream number {id} has no name")))?;
            let name = StreamId::try_from(name)
                .map_err(|_| ReadFault::Damaged(format!("stream number {id} has a name that is none")))?;
            self.streams.insert(id, name);
        }
        self.streams.get(&id).ok_or_else(|| ReadFault::Damaged(format!("stream number {id} has no name")))
    }

    fn event_type(&mut self, connection: &Connection, id: i64) -> Result<&str, ReadFault> {
        use std::collections::hash_map::Entry;
        match self.types.entry(id) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let mut find = connection.prepare_cached("SELECT name FROM types WHERE id = ?1")?;
                let name = find
                    .query_row([id], |row| row.get(0))
                    .optional()?
                    .ok_or_else(|| ReadFault::Damaged(format!("event type number {id} has no name")))?;
                Ok(unknown.insert(name))
            }
        }
    }
}

fn recorded(row: &Row<'_>, stream: StreamId, event_type: &str) -> Result<Recorded, ReadFault> {
    let position = Position(unsigned(row, 0)?);
    let damaged =
        |what: &str| ReadFault::Damaged(format!("the event at position {} has no valid {what}", position.0));
    let nanoseconds: i64 = row.get(4)?;
    Ok(Recorded {
        position,
        stream,
        revision: unsigned(row, 2)?,
        id: Uuid::from_slice(row.get_ref(5)?.as_blob().map_err(rusqlite::Error::from)?)
            .map_err(|_| damaged("id"))?,
        event_type: event_type.into(),
        data: row.get::<_, Vec<u8>>(6)?.into(),
        metadata: row.get::<_, Vec<u8>>(7)?.into(),
        recorded_at: Timestamp::from_nanosecond(nanoseconds.into()).map_err(|_| damaged("time"))?,
    })
}
