//! The embedded log: segments in one folder, for everyone whom one machine is enough.
//!
//! `DIR/log/` holds the segments and their indexes ([`segment`], [`index`]), `DIR/log.lock` keeps a second
//! process out. One thread writes ([`writer`]) in batches of whatever is queued, one fsync each; a second one
//! makes the next segment and seals the full one ([`sealer`]); readers ([`reader`]) read beside them. A start
//! looks at what is there before anything is built upon it ([`recovery`]).
//!
//! Invariants:
//! - An answered append survives a crash at any instant after the answer.
//! - Positions are 1, 2, 3, … in commit order: nobody can see *n* + 1 and miss *n*.
//! - Nobody polls: readers ask when they want, and a subscription that has everything parks until the next
//!   commit.
//! - A full disk refuses appends and nothing else. Any other failed write stops appends until the next start.

pub mod disk;
mod frame;
mod index;
mod legacy;
pub mod maintenance;
mod reader;
mod recovery;
mod sealer;
mod segment;
mod witness;
mod writer;

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc as std_mpsc};
use std::thread::JoinHandle;

use async_trait::async_trait;
use skranke_domain::StreamId;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{mpsc, oneshot, watch};

use crate::fault::OpenError;
use crate::port::{
    Appended, Direction, EventLog, Expected, Filter, LogError, NewEvent, Page, Position, Recorded, Revision,
    StreamWrite, Subscription,
};
use disk::{Disk, Folder};
use reader::{Shared, closed};
use recovery::Opening;
use witness::Witness;
use writer::{Append, LONGEST_APPEND, Memory, Message, Outcome, Pen, Request, Stopped, Writer};

/// Appends that wait for the writer before the next one has to wait to be queued.
const QUEUE: usize = 4096;
/// The folder of the segments.
const FOLDER: &str = "log";
/// The file that is locked.
const LOCK: &str = "log.lock";
/// The type of the event that ends a deleted stream, as KurrentDB names it.
const DELETED: &str = "$streamDeleted";

/// How an embedded log is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The length of the first segment. Each next one is twice as long, up to [`Self::segment_bytes`].
    pub first_segment_bytes: u64,
    /// The length of a segment, at most 1 GiB.
    pub segment_bytes: u64,
    /// What all segments may take together: a quota. Beyond it the log answers [`LogError::Full`].
    pub most_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { first_segment_bytes: 1 << 20, segment_bytes: 128 << 20, most_bytes: u64::MAX }
    }
}

/// The embedded log.
///
/// Dropping it finishes what was queued, as [`EventLog::close`] does, and blocks until that is done.
pub struct EmbeddedLog {
    /// None where the log is open for reading only.
    door: Option<Door>,
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// How appends come to the writer.
struct Door {
    queue: mpsc::Sender<Message>,
    pen: Arc<Pen>,
}

impl Door {
    /// Writes at once where nobody else is writing, and the other tasks of this thread have somewhere else to go.
    fn write_now(&self, append: Append) -> Result<Outcome, Append> {
        let others_can_go_on =
            Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        if others_can_go_on && self.queue.capacity() == self.queue.max_capacity() {
            self.pen.write_now(append)
        } else {
            Err(append)
        }
    }

    /// Queues a request and waits for its answer.
    async fn request<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Message) -> Result<T, LogError> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(request(answer)).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())
    }
}

impl EmbeddedLog {
    /// Opens the log in `dir`, or makes it.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_with(dir, Options::default())
    }

    /// Opens the log in `dir` with other than the usual options.
    pub fn open_with(dir: &Path, options: Options) -> Result<Self, OpenError> {
        let folder = dir.join(FOLDER);
        std::fs::create_dir_all(dir).map_err(|error| OpenError::io(dir, error))?;
        let lock = lock(dir)?;
        legacy::move_over(dir)?;
        std::fs::create_dir_all(&folder).map_err(|error| OpenError::io(dir, error))?;
        sync_names(dir);
        Self::open_on(Arc::new(Folder::new(&folder)), &folder, Some(lock), options)
    }

    /// Opens the log on any disk. `path` is for error texts; `lock` is held until the log is closed.
    pub fn open_on(
        disk: Arc<dyn Disk>,
        path: &Path,
        lock: Option<File>,
        options: Options,
    ) -> Result<Self, OpenError> {
        let opening = Opening { disk: disk.as_ref(), path, read_only: false };
        if opening.segments()?.is_empty() {
            if opening.witness()?.is_some_and(|answered| answered.position > 0) {
                let what = "its segments are missing".to_owned();
                return Err(OpenError::Damaged { path: path.to_owned(), what });
            }
            let mut log = [0; 16];
            getrandom::fill(&mut log).map_err(|error| {
                OpenError::Unavailable(LogError::Unavailable(format!("no random bytes: {error}").into()))
            })?;
            opening.begin(log, options.first_segment_bytes.min(options.segment_bytes))?;
        }
        let found = opening.open()?;
        let fault = |error| OpenError::io(&path.join(witness::NAME), error);
        let witness = Witness::begin(disk.as_ref(), found.answered).map_err(fault)?;
        disk.sync_names().map_err(fault)?;

        let shared = Arc::new(found.shared);
        let stopped: Stopped = Arc::new(OnceLock::new());
        let (sealer, jobs) = std_mpsc::channel();
        let sealing = {
            let (disk, log) = (Arc::clone(&disk), found.start.front.log);
            thread("log-sealer", move || sealer::run(disk.as_ref(), log, &jobs))?
        };
        let (queue, requests) = mpsc::channel(QUEUE);
        let writer = Writer {
            disk,
            shared: Arc::clone(&shared),
            memory: Memory::new(),
            at: found.start,
            witness,
            sealer,
            sealing,
            stopped,
            // Offsets within a segment have 31 bits.
            segment_bytes: options.segment_bytes.clamp(segment::FRONT, 1 << 30),
            most_bytes: options.most_bytes,
            spare: None,
            lock,
        };
        let pen = Arc::new(Pen::new(writer));
        let writer = {
            let pen = Arc::clone(&pen);
            thread("log-writer", move || pen.work_off(requests))?
        };
        let door = Some(Door { queue, pen });
        Ok(Self { door, shared, writer: Mutex::new(Some(writer)) })
    }

    /// Opens what was answered for so far, for reading only, without a lock: another process may be writing.
    /// What it writes later is not seen. Appends answer `Unavailable`.
    pub fn open_read_only(dir: &Path) -> Result<Self, OpenError> {
        let folder = dir.join(FOLDER);
        let disk = Folder::read_only(&folder);
        let found = Opening { disk: &disk, path: &folder, read_only: true }.open()?;
        Ok(Self { door: None, shared: Arc::new(found.shared), writer: Mutex::new(None) })
    }

    /// Bounds what all segments may take together from now on: a quota, raised again when there is room.
    pub async fn limit_bytes(&self, bytes: u64) -> Result<(), LogError> {
        self.door()?.request(|answer| Message::Limit { bytes, answer }).await
    }

    fn door(&self) -> Result<&Door, LogError> {
        self.door.as_ref().ok_or_else(closed)
    }

    /// Hands over appends that were looked at.
    async fn hand_over(
        &self,
        writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
        let key = match (&key, writes.first()) {
            (Some(key), Some(first)) => Some(index::key_hash(first.stream.as_str(), key)),
            _ => None,
        };
        // The full segments are asked here, where many can ask at once, and not by the one writer.
        let asked_below = self.shared.newest().map_or(0, |segment| segment.first);
        if let Some(key) = key
            && self.shared.may_know(&key, &(0..asked_below))
            && let Some(first) =
                self.shared.ask(move |shared| shared.find_key(&key, &(0..asked_below))).await?
        {
            return Ok(first);
        }
        let door = self.door()?;
        match door.write_now(Append { writes, key, asked_below }) {
            Ok(outcome) => outcome,
            Err(append) => door.request(|answer| Message::Append(Request { append, answer })).await?,
        }
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
        self.shared.close();
        self.door = None;
        self.join();
    }
}

/// What no log can do, or not this one.
fn check(writes: &[StreamWrite]) -> Result<(), LogError> {
    let invalid = |what: &'static str| Err(LogError::Invalid(what.into()));
    if writes.is_empty() || writes.iter().any(|write| write.events.is_empty()) {
        return invalid("an append needs at least one event for each stream");
    }
    if writes.iter().enumerate().any(|(n, one)| writes[..n].iter().any(|two| one.stream == two.stream)) {
        return invalid("a stream is named twice in one append");
    }
    if writes.iter().flat_map(|write| &write.events).any(|event| event.event_type == DELETED) {
        return invalid("a stream is deleted by delete_stream, not by an event of that type");
    }
    if writer::length(writes) > LONGEST_APPEND {
        return invalid("an append has at most 64 MiB: make it smaller");
    }
    Ok(())
}

#[async_trait]
impl EventLog for EmbeddedLog {
    async fn append_all(
        &self,
        writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
        check(&writes)?;
        self.hand_over(writes, key).await
    }

    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError> {
        if self.shared.is_closed() {
            return Err(closed());
        }
        let key = index::key_hash(stream.as_str(), key);
        let everywhere = 0..u64::MAX;
        if !self.shared.may_know(&key, &everywhere) {
            return Ok(None);
        }
        let found = self.shared.ask(move |shared| shared.find_key(&key, &everywhere)).await?;
        Ok(found.and_then(|found| found.first().copied()))
    }

    async fn delete_stream(&self, stream: &StreamId, expected: Expected) -> Result<Appended, LogError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id)
            .map_err(|error| LogError::Unavailable(format!("no random bytes: {error}").into()))?;
        let event = NewEvent {
            id: uuid::Builder::from_random_bytes(id).into_uuid(),
            event_type: DELETED.into(),
            data: b"{}".to_vec(),
            metadata: b"{}".to_vec(),
            // Who deletes and when is told by whoever asks for it; the mark itself has no time.
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let write = StreamWrite { stream: stream.clone(), expected, events: vec![event] };
        let answers = self.hand_over(vec![write], None).await?;
        answers.last().copied().ok_or_else(closed)
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        let stream = stream.clone();
        self.shared.ask(move |shared| shared.stream(&stream, from, direction, max)).await
    }

    async fn read_all(
        &self,
        from: Position,
        direction: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, LogError> {
        let filter = filter.clone();
        self.shared.ask(move |shared| shared.all(from, direction, max, &filter)).await
    }

    async fn subscribe(&self, from: Position, filter: Filter) -> Result<Box<dyn Subscription>, LogError> {
        let (shared, head) = (Arc::clone(&self.shared), self.shared.watch());
        Ok(Box::new(Feed { shared, head, at: from, filter: Arc::new(filter) }))
    }

    async fn subscribe_stream(
        &self,
        stream: &StreamId,
        from: Option<Revision>,
    ) -> Result<Box<dyn Subscription>, LogError> {
        let head = self.shared.watch();
        let next = if let Some(from) = from {
            from
        } else {
            let last = self.read_stream(stream, Revision::MAX, Direction::Backwards, 1).await?;
            last.first().map_or(0, |last| last.revision + 1)
        };
        Ok(Box::new(StreamFeed { shared: Arc::clone(&self.shared), head, stream: stream.clone(), next }))
    }

    async fn head(&self) -> Result<Position, LogError> {
        if self.shared.is_closed() { Err(closed()) } else { Ok(self.shared.head()) }
    }

    async fn close(&self) {
        self.shared.close();
        // An error means that it is closed already.
        if let Some(door) = &self.door {
            let _ = door.request(|answer| Message::Close { answer }).await;
        }
        self.join();
    }
}

/// A subscription: reads until it has everything, then parks on the head.
struct Feed {
    shared: Arc<Shared>,
    head: watch::Receiver<Position>,
    at: Position,
    filter: Arc<Filter>,
}

#[async_trait]
impl Subscription for Feed {
    async fn next(&mut self, max: usize) -> Result<Page, LogError> {
        let shared = Arc::clone(&self.shared);
        self.head.wait_for(|head| *head > self.at || shared.is_closed()).await.map_err(|_| closed())?;
        let (from, filter) = (self.at, Arc::clone(&self.filter));
        let page = self.shared.ask(move |shared| shared.all(from, Direction::Forwards, max, &filter)).await?;
        self.at = page.next;
        Ok(page)
    }
}

/// A subscription to one stream.
struct StreamFeed {
    shared: Arc<Shared>,
    head: watch::Receiver<Position>,
    stream: StreamId,
    /// The revision that comes next.
    next: Revision,
}

#[async_trait]
impl Subscription for StreamFeed {
    async fn next(&mut self, max: usize) -> Result<Page, LogError> {
        loop {
            // Marked as seen before the stream is looked at: what is committed meanwhile wakes it again.
            self.head.borrow_and_update();
            let (stream, from, max) = (self.stream.clone(), self.next, max.max(1));
            let read = move |shared: &Shared| shared.stream(&stream, from, Direction::Forwards, max);
            let events = self.shared.ask(read).await?;
            if let Some(last) = events.last() {
                self.next = last.revision + 1;
                let end = events.len() < max;
                return Ok(Page { next: last.position, end, events });
            }
            self.head.changed().await.map_err(|_| closed())?;
        }
    }
}

/// Keeps a second process out for as long as the file is open.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(LOCK);
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
