//! The log's port: what Skranke asks of an event store, whichever engine is behind it.
//!
//! Positions are one total order over all streams, given out in commit order: whoever has seen position *n*
//! has seen everything before it. Revisions count the events of one stream from 0.

use std::borrow::Cow;
use std::fmt;
use std::ops::{ControlFlow, Deref};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use skranke_domain::StreamId;
use uuid::Uuid;

/// A place in the total order. 0 is before the first event; the first event is at 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

/// The number of an event within its stream, from 0.
pub type Revision = u64;

/// What the writer believes about a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: append whatever is there.
    Any,
    /// The stream has no events.
    NoStream,
    /// The stream has at least one event.
    Exists,
    /// The last event has exactly this revision.
    Exact(Revision),
}

/// The stored name of an event's type. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventType(Arc<str>);

impl EventType {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for EventType {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EventType {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl PartialEq<str> for EventType {
    fn eq(&self, name: &str) -> bool {
        &*self.0 == name
    }
}

impl PartialEq<&str> for EventType {
    fn eq(&self, name: &&str) -> bool {
        &*self.0 == *name
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl Expected {
    /// What a writer expects who has seen this last revision.
    pub fn after(last: Option<Revision>) -> Self {
        last.map_or(Self::NoStream, Self::Exact)
    }

    /// Whether a stream with this last revision is as expected; [`LogError::WrongExpected`] when it is not.
    pub fn check(self, last: Option<Revision>) -> Result<(), LogError> {
        let fits = match self {
            Self::Any => true,
            Self::NoStream => last.is_none(),
            Self::Exists => last.is_some(),
            Self::Exact(revision) => last == Some(revision),
        };
        if fits { Ok(()) } else { Err(LogError::WrongExpected { actual: last }) }
    }
}

/// An event on its way into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Its id, unique for good.
    pub id: Uuid,
    /// Its type name.
    pub event_type: Cow<'static, str>,
    /// Its fields, a JSON object with sealed personal fields.
    pub data: Vec<u8>,
    /// Its metadata, a JSON object (see [`crate::Metadata`]).
    pub metadata: Vec<u8>,
    /// When it happened; stored with it.
    pub recorded_at: Timestamp,
}

/// Events for one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamWrite {
    /// Which stream.
    pub stream: StreamId,
    /// What it must look like for the append to happen.
    pub expected: Expected,
    /// At least one event, appended in order and together.
    pub events: Vec<NewEvent>,
}

/// Where events ended up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Appended {
    /// The position of the last event.
    pub position: Position,
    /// The revision of the last event.
    pub revision: Revision,
    /// Nothing was written now: this is what the first append with the same idempotency key did. (Where two
    /// with one key run at the same instant, an engine need not know which was first.)
    #[serde(default)]
    pub repeated: bool,
}

impl Appended {
    /// Whether the other one stands for the same place, whichever of them was first.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.position, self.revision) == (other.position, other.revision)
    }
}

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the total order.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Its number in that stream.
    pub revision: Revision,
    /// Its id.
    pub id: Uuid,
    /// Its type name.
    pub event_type: EventType,
    /// Its fields, as written.
    pub data: Bytes,
    /// Its metadata, as written.
    pub metadata: Bytes,
    /// When it happened, as written.
    pub recorded_at: Timestamp,
}

/// Which way to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Oldest first.
    Forwards,
    /// Newest first.
    Backwards,
}

/// Which events of the whole log to read. Empty lists mean all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these event types.
    pub event_types: Vec<String>,
    /// Only streams whose names start with one of these.
    pub stream_prefixes: Vec<String>,
}

impl Filter {
    /// Whether everything passes.
    pub const fn is_all(&self) -> bool {
        self.event_types.is_empty() && self.stream_prefixes.is_empty()
    }

    /// Whether an event passes.
    pub fn passes(&self, stream: &StreamId, event_type: &str) -> bool {
        self.passes_names(stream.as_str(), event_type)
    }

    /// Whether an event passes whose stream has this name.
    pub fn passes_names(&self, stream: &str, event_type: &str) -> bool {
        (self.event_types.is_empty() || self.event_types.iter().any(|wanted| wanted == event_type))
            && (self.stream_prefixes.is_empty()
                || self.stream_prefixes.iter().any(|prefix| stream.starts_with(prefix.as_str())))
    }
}

/// A piece of the log, and where the reader stands after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The events, in reading order.
    pub events: Vec<Recorded>,
    /// Everything up to here (in reading order) was looked at, whether it passed the filter or not. It is
    /// what the next page starts `from`: forwards the last place looked at, backwards the one before it.
    pub next: Position,
    /// Nothing further lay in that direction when the page was read. A page without events says so: engines
    /// look on until something passes the filter or the end is there.
    pub end: bool,
}

/// What is wrong with the log, not with the request.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// The stream is not as the writer expected.
    #[error("the stream has changed: its last revision is {actual:?}")]
    WrongExpected {
        /// The last revision there is, `None` for no stream.
        actual: Option<Revision>,
    },
    /// The stream was deleted for good.
    #[error("the stream was deleted: it cannot be read, and nothing more can be written to it")]
    Deleted,
    /// The request cannot be carried out by any log, or not by this one.
    #[error("the log was asked for something that it cannot do: {0}")]
    Invalid(Cow<'static, str>),
    /// There is no room left. Reading goes on; appends are refused until there is.
    #[error("the disk that holds the log is full: free some space; nothing was lost")]
    Full,
    /// What stands in the log is not what was written there.
    #[error("the log is damaged: {0}")]
    Damaged(String),
    /// The engine did not answer, or stopped after a fault.
    #[error("the log is not available: {0}")]
    Unavailable(Arc<str>),
}

/// A live feed of the log: what was there, then what comes, without gap or duplicate.
///
/// Pull, not push: a slow reader asks more seldom and costs the writer nothing.
#[async_trait]
pub trait Subscription: Send {
    /// The next batch, in order, at most `max` events; waits when nothing was committed since the last one.
    /// `next` of the page is where to resume from. `end` is true when the reader has caught up with what was
    /// committed at that moment. A page may be without events, when all that was committed is filtered out:
    /// its `next` still moves on. Whoever subscribes from [`EventLog::head`] is up to date before the first
    /// page.
    ///
    /// Dropping the future loses nothing: the next call tells what this one would have told.
    async fn next(&mut self, max: usize) -> Result<Page, LogError>;
}

/// The log.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends events to several streams, all or none, and answers for each write in its order. An engine
    /// that can do so for one stream only answers [`LogError::Invalid`] to more than one.
    ///
    /// The events of one call stand side by side in the total order. No stream may be named twice.
    ///
    /// `key` is an idempotency key of the first write's stream: a second call with it answers what the first
    /// one did (marked as repeated), and does so before it looks at what is expected. The same key on another
    /// stream is another key. A caller that stops waiting may still have its events written.
    async fn append_all(
        &self,
        writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError>;

    /// Appends events to one stream, all or none; see [`Self::append_all`].
    async fn append(&self, write: StreamWrite, key: Option<String>) -> Result<Appended, LogError> {
        let answers = self.append_all(vec![write], key).await?;
        answers.last().copied().ok_or_else(|| LogError::Unavailable("the log gave no answer".into()))
    }

    /// What the append with this key did to its (first) stream, if there was one.
    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError>;

    /// Deletes a stream for good: its reads and appends answer [`LogError::Deleted`] from now on. For streams
    /// of keys and for foreign tools; no stream of the domain is ever deleted. What was written may still be
    /// met when the whole log is read, until an engine that can do so has scavenged it.
    async fn delete_stream(&self, stream: &StreamId, expected: Expected) -> Result<Appended, LogError>;

    /// Reads a stream, from a revision on (inclusive). An unknown stream is an empty one.
    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError>;

    /// Reads the whole log. Forwards: events after `from`. Backwards: events at or before `from`.
    async fn read_all(
        &self,
        from: Position,
        direction: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, LogError>;

    /// Follows the log from a position (exclusive).
    async fn subscribe(&self, from: Position, filter: Filter) -> Result<Box<dyn Subscription>, LogError>;

    /// Follows one stream from a revision on (inclusive; `None`: only what comes from now on). The `next` of
    /// its pages is the position of the newest event it has told. A stream that does not exist yet is waited
    /// for; one that is deleted ends the subscription with [`LogError::Deleted`].
    async fn subscribe_stream(
        &self,
        stream: &StreamId,
        from: Option<Revision>,
    ) -> Result<Box<dyn Subscription>, LogError>;

    /// The position of the newest committed event.
    async fn head(&self) -> Result<Position, LogError>;

    /// Finishes what was accepted and closes. Later calls answer `Unavailable`.
    async fn close(&self);

    /// Calls `each` for every event of a stream, oldest first, until it breaks.
    async fn fold_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        each: &mut (dyn FnMut(Recorded) -> ControlFlow<()> + Send),
    ) -> Result<(), LogError> {
        const BATCH: usize = 512;
        let mut from = from;
        loop {
            let events = self.read_stream(stream, from, Direction::Forwards, BATCH).await?;
            let last = events.len() < BATCH;
            for event in events {
                from = event.revision + 1;
                if each(event).is_break() {
                    return Ok(());
                }
            }
            if last {
                return Ok(());
            }
        }
    }
}
