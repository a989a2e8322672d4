//! The KurrentDB engine: the same port over the official client, for those who outgrow one machine.
//!
//! How the port's promises are kept here:
//! - **Expected versions** are the server's own, so conflicts are decided there. An append goes to one stream;
//!   several at once answer [`LogError::Invalid`].
//! - **Idempotency keys** become event ids: the events of an append with a key get ids made from stream, key
//!   and index (the caller's ids give way, but for four bytes). A repeated append is found by reading its
//!   stream backwards and looking for those ids, and what is sent is always an exact version, so of two twins one is written. A
//!   keyed append costs a read of its stream, except where this node knows what stands there: a stream of up
//!   to 512 events that it has lately read from its beginning, or written. The keys of a deleted stream are
//!   gone with it.
//! - **A lost connection** is made anew, and what was asked is asked again for some seconds: reads always,
//!   appends because the server knows events by their ids. It promises to do so where an exact version was
//!   sent. For [`Expected::Any`](crate::Expected::Any) and [`Expected::Exists`](crate::Expected::Exists)
//!   without a key the end of the stream is looked through first, and the server does the rest in nearly all
//!   cases. A caller who is told [`LogError::Unavailable`] does not know whether it was written.
//! - **Speed**: an append is one packet in a session that is open already. A read is two, and the client (1.2.0)
//!   leaves Nagle's algorithm on, so a lone read waits some 40 ms for the server's kernel to acknowledge the
//!   first; that is the client's to mend.
//! - **Positions** are commit positions: one total order with gaps, 0 before everything. Only a position that
//!   was read from this database may be handed back to it.
//! - **System events** (`$…`) are passed over, except the one that ends a deleted stream; so are streams whose
//!   names are none of ours. Their places count as looked at.
//! - **Times** are the writer's, from the metadata's `recordedAt`. An event without one has the server's time,
//!   which counts ticks of 100 ns.
//! - **Subscriptions** have a connection of their own, so that a slow reader cannot hold up requests, and go on
//!   by themselves where they were when it is lost. `end` of a page is the server's word: it said that the
//!   reader had caught up, and nothing more had arrived when the page was made.

mod append;
mod feed;
mod known;
mod link;
mod mapping;
mod read;

use std::sync::Arc;

use async_trait::async_trait;
use skranke_domain::StreamId;

use crate::port::{
    Appended, Direction, EventLog, Expected, Filter, LogError, Page, Position, Recorded, Revision,
    StreamWrite, Subscription,
};
use feed::{Feed, Whom};
use link::Link;

/// A log on a KurrentDB server or cluster.
pub struct KurrentLog(Arc<Link>);

impl KurrentLog {
    /// Connects to the server that the URL names, and reads its newest event to see that it is there and lets
    /// us in. The error says what stood in the way, without user name and password.
    pub async fn connect(url: &str) -> Result<Self, LogError> {
        Ok(Self(Arc::new(Link::connect(url).await?)))
    }
}

#[async_trait]
impl EventLog for KurrentLog {
    async fn append_all(
        &self,
        mut writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
        let (Some(write), true) = (writes.pop(), writes.is_empty()) else {
            return Err(LogError::Invalid("this engine appends to one stream at a time".into()));
        };
        Ok(vec![append::append(&self.0, write, key).await?])
    }

    /// Reads the stream backwards until it finds the append or the stream's beginning: the answer "no" costs
    /// one read of the whole stream.
    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError> {
        Ok(append::look(&self.0, stream, key).await?.found)
    }

    async fn delete_stream(&self, stream: &StreamId, expected: Expected) -> Result<Appended, LogError> {
        append::delete(&self.0, stream, expected).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        read::stream(&self.0, stream, from, direction, max).await
    }

    async fn read_all(
        &self,
        from: Position,
        direction: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, LogError> {
        match direction {
            Direction::Forwards => read::forwards(&self.0, from, max.max(1), filter).await,
            Direction::Backwards => read::backwards(&self.0, from, max.max(1), filter).await,
        }
    }

    async fn subscribe(&self, from: Position, filter: Filter) -> Result<Box<dyn Subscription>, LogError> {
        Ok(Box::new(Feed::new(&self.0, Whom::All { filter }, from)))
    }

    async fn subscribe_stream(
        &self,
        stream: &StreamId,
        from: Option<Revision>,
    ) -> Result<Box<dyn Subscription>, LogError> {
        // "From now on" is decided now, not when the first page is asked for.
        let last = append::last_revision(&self.0, stream).await?;
        let next = from.unwrap_or_else(|| last.map_or(0, |last| last + 1));
        Ok(Box::new(Feed::new(&self.0, Whom::Stream { stream: stream.clone(), next }, Position(0))))
    }

    async fn head(&self) -> Result<Position, LogError> {
        read::head(&self.0).await
    }

    async fn close(&self) {
        self.0.close();
    }
}
