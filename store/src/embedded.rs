//! The embedded log: SQLite in one directory, for everyone whom one machine is enough.
//!
//! `log.db` holds the events, `log.lock` keeps a second process out. One thread writes ([`writer`]) in
//! batches of whatever is queued, one fsync each; connections of their own read ([`reader`]); a third hand
//! keeps the write-ahead log short ([`wal`]). How it lies on disk is known to [`schema`] and its neighbours
//! only.
//!
//! Invariants:
//! - An answered append survives a crash at any instant after the answer.
//! - Positions are 1, 2, 3, … in commit order: nobody can see *n* + 1 and miss *n*.
//! - Nobody polls: readers ask when they want, and a subscription that has everything parks until the next
//!   commit.
//! - A full disk refuses appends and nothing else. Any other failed write stops appends until the next start.

mod reader;
mod schema;
mod wal;
mod writer;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc as std_mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use skranke_domain::StreamId;
use tokio::sync::{mpsc, oneshot, watch};

use crate::fault::OpenError;
use crate::port::{
    Appended, Direction, EventLog, Expected, Filter, LogError, Page, Position, Recorded, Revision,
    StreamWrite, Subscription,
};
use crate::sqlite;
use reader::{Readers, closed};
use wal::Wal;
use writer::{Request, Stopped, Writer};

/// Appends that wait for the writer before the next one has to wait to be queued.
const QUEUE: usize = 4096;

/// How an embedded log is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The most pages (of 4 KiB) that `log.db` may have: a quota. Beyond it the log answers
    /// [`LogError::Full`].
    pub max_pages: Option<u32>,
}

/// The embedded log.
///
/// Dropping it finishes what was queued, as [`EventLog::close`] does, and blocks until that is done.
pub struct EmbeddedLog {
    queue: Option<mpsc::Sender<Request>>,
    readers: Arc<Readers>,
    head: watch::Receiver<Position>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl EmbeddedLog {
    /// Opens the log in `dir`, or makes it.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_with(dir, Options::default())
    }

    /// Opens the log in `dir` with other than the usual options.
    pub fn open_with(dir: &Path, options: Options) -> Result<Self, OpenError> {
        std::fs::create_dir_all(dir).map_err(|error| OpenError::io(dir, error))?;
        let lock = lock(dir)?;
        let path = dir.join("log.db");
        let fault = |error| OpenError::sqlite(&path, error);
        let unclean = wal::left_over(&path);
        let connection = sqlite::open(&path, &schema::FORMAT)?;
        wal::prepare(&connection, &path)?;
        let pages = options.max_pages.unwrap_or(u32::MAX - 1);
        connection
            .execute_batch(&format!("PRAGMA cache_size = -32768; PRAGMA max_page_count = {pages};"))
            .map_err(fault)?;
        let newest = schema::check(&connection, &path, unclean)?;
        sync_names(dir);

        let stopped: Stopped = Arc::new(OnceLock::new());
        let (wake, woken) = std_mpsc::sync_channel(1);
        let (queue, requests) = mpsc::channel(QUEUE);
        let (committed, head) = watch::channel(Position(newest));
        let second = Connection::open(&path).map_err(fault)?;
        second.busy_timeout(Duration::ZERO).map_err(fault)?;
        wal::prepare(&second, &path)?;
        let checkpointer = {
            let stopped = Arc::clone(&stopped);
            thread("log-checkpoint", move || wal::run(&second, &woken, &stopped))?
        };
        let wal = (Wal::new(wake), checkpointer);
        let writer = Writer::new(connection, requests, committed, wal, stopped, lock).map_err(fault)?;
        let writer = thread("log-writer", move || writer.run())?;
        let readers = Arc::new(Readers::new(path));
        Ok(Self { queue: Some(queue), readers, head, writer: Mutex::new(Some(writer)) })
    }

    /// Bounds `log.db` to so many pages of 4 KiB from now on: a quota, raised again when there is room.
    pub async fn limit_pages(&self, pages: u32) -> Result<(), LogError> {
        self.request(|answer| Request::Limit { pages, answer }).await?
    }

    /// Queues a request and waits for its answer.
    async fn request<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, LogError> {
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(closed)?;
        queue.send(request(answer)).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())
    }

    /// Waits for the writer, which ends when the queue does.
    fn join(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            tracing::error!("the log's writer panicked");
        }
    }
}

impl Drop for EmbeddedLog {
    fn drop(&mut self) {
        self.readers.close();
        self.queue = None;
        self.join();
    }
}

#[async_trait]
impl EventLog for EmbeddedLog {
    async fn append_all(
        &self,
        mut writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
        let (Some(write), true) = (writes.pop(), writes.is_empty()) else {
            return Err(LogError::Invalid("one stream at a time".into()));
        };
        if write.events.is_empty() {
            return Err(LogError::Invalid("an append needs at least one event".into()));
        }
        if write.events.iter().any(|event| i64::try_from(event.recorded_at.as_nanosecond()).is_err()) {
            return Err(LogError::Invalid("an event's time lies outside the years 1678 to 2261".into()));
        }
        Ok(vec![self.request(|answer| Request::Append { write, key, answer }).await??])
    }

    async fn delete_stream(&self, _: &StreamId, _: Expected) -> Result<Appended, LogError> {
        Err(LogError::Invalid("streams are not deleted here".into()))
    }

    async fn subscribe_stream(
        &self,
        _: &StreamId,
        _: Option<Revision>,
    ) -> Result<Box<dyn Subscription>, LogError> {
        Err(LogError::Invalid("streams are not followed here".into()))
    }

    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError> {
        let (stream, key) = (stream.clone(), key.to_owned());
        self.readers.ask(move |reader| reader.find_key(&stream, &key)).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        let stream = stream.clone();
        self.readers.ask(move |reader| reader.stream(&stream, from, direction, max)).await
    }

    async fn read_all(
        &self,
        from: Position,
        direction: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, LogError> {
        let filter = filter.clone();
        self.readers.ask(move |reader| reader.all(from, direction, max, &filter)).await
    }

    async fn subscribe(&self, from: Position, filter: Filter) -> Result<Box<dyn Subscription>, LogError> {
        let (readers, head) = (Arc::clone(&self.readers), self.head.clone());
        Ok(Box::new(Feed { readers, head, at: from, filter: Arc::new(filter) }))
    }

    async fn head(&self) -> Result<Position, LogError> {
        if self.readers.are_closed() {
            return Err(closed());
        }
        Ok(*self.head.borrow())
    }

    async fn close(&self) {
        self.readers.close();
        // An error means that it is closed already.
        let _ = self.request(|answer| Request::Close { answer }).await;
        self.join();
    }
}

/// A subscription: reads until it has everything, then parks on the head.
struct Feed {
    readers: Arc<Readers>,
    head: watch::Receiver<Position>,
    at: Position,
    filter: Arc<Filter>,
}

#[async_trait]
impl Subscription for Feed {
    async fn next(&mut self, max: usize) -> Result<Page, LogError> {
        self.head.wait_for(|head| *head > self.at).await.map_err(|_| closed())?;
        let (from, filter) = (self.at, Arc::clone(&self.filter));
        let page =
            self.readers.ask(move |reader| reader.all(from, Direction::Forwards, max, &filter)).await?;
        self.at = page.next;
        Ok(page)
    }
}

/// Keeps a second process out for as long as the file is open.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join("log.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| OpenError::io(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(OpenError::io(&path, error)),
    }
}

/// Makes the names of new files survive a power cut. Where directories cannot be synced there is nothing to
/// do.
fn sync_names(dir: &Path) {
    for dir in dir.canonicalize().iter().flat_map(|dir| dir.ancestors().take(2)) {
        let _ = File::open(dir).and_then(|dir| dir.sync_all());
    }
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(|error| {
        OpenError::Unavailable(LogError::Unavailable(format!("no thread for it: {error}").into()))
    })
}
