//! Reads with an end: a stream, or everything.
//!
//! A reading is a state that makes the next batch of messages when the client has room for it. Nothing is read
//! ahead, so a slow client costs one batch of memory and the log nothing.

use std::future::Future;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use skranke_domain::StreamId;
use tokio::sync::watch;
use tonic::Status;

use super::answer;
use super::convert::{self, IdForm};
use super::extent::Extent;
use super::filter::Sieve;
use super::proto::event_store::client::streams::ReadResp;
use super::proto::event_store::client::streams::read_resp::{Content, StreamNotFound};
use super::request::Place;
use crate::port::{Direction, EventLog, Position, Revision};

/// How many events are asked of the log at a time.
pub(super) const BATCH: usize = 256;

/// What the client gets.
pub(super) type Answers = BoxStream<'static, Result<ReadResp, Status>>;

/// What every reading needs.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) ids: IdForm,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Desk {
    fn go_on(&self) -> Result<(), Status> {
        if *self.stopping.borrow() { Err(answer::stopping()) } else { Ok(()) }
    }
}

/// Batches as a stream of single messages. `batch` answers `None` when the reading has ended.
pub(super) fn one_by_one<S, F>(state: S, batch: impl FnMut(S) -> F + Send + 'static) -> Answers
where
    S: Send + 'static,
    F: Future<Output = Result<Option<(Vec<ReadResp>, S)>, Status>> + Send + 'static,
{
    stream::try_unfold(state, batch)
        .map_ok(|batch| stream::iter(batch.into_iter().map(Ok)))
        .try_flatten()
        .boxed()
}

/// A batch's size: what is still wanted, if that is less.
fn at_most(left: u64) -> usize {
    usize::try_from(left).unwrap_or(BATCH).min(BATCH)
}

/// A stream, from a revision on or back (inclusive). A stream of which nothing can be seen is not found.
pub(super) async fn stream(
    desk: Desk,
    stream: StreamId,
    place: Place,
    direction: Direction,
    count: u64,
    tell_last: bool,
) -> Result<Answers, Status> {
    let extent =
        Extent::of(&*desk.log, &stream).await.map_err(|error| answer::stream_fault(&stream, &error))?;
    let Some(last) = extent.seen() else {
        let name = Some(convert::stream_name(&stream));
        let message = convert::message(Content::StreamNotFound(StreamNotFound { stream_identifier: name }));
        return Ok(stream::iter([Ok(message)]).boxed());
    };
    let next = match (direction, place) {
        (Direction::Forwards, Place::Start) => Some(extent.first),
        (Direction::Forwards, Place::At(revision)) => Some(revision.max(extent.first)),
        (Direction::Forwards, Place::End) => None,
        (Direction::Backwards, Place::End) => Some(last),
        (Direction::Backwards, Place::At(revision)) => Some(revision.min(last)),
        (Direction::Backwards, Place::Start) => Some(0),
    };
    let next = next.filter(|next| (extent.first..=last).contains(next));
    let reading =
        StreamReading { desk, stream, direction, first: extent.first, last, next, left: count, tell_last };
    Ok(one_by_one(reading, StreamReading::batch))
}

struct StreamReading {
    desk: Desk,
    stream: StreamId,
    direction: Direction,
    /// What could be seen when the reading began: it ends there, however fast the stream grows.
    first: Revision,
    last: Revision,
    /// Where the next batch begins.
    next: Option<Revision>,
    left: u64,
    /// Whether the client still has to hear which revision is the last one.
    tell_last: bool,
}

impl StreamReading {
    async fn batch(mut self) -> Result<Option<(Vec<ReadResp>, Self)>, Status> {
        let Some(from) = self.next.filter(|_| self.left > 0) else {
            if !std::mem::take(&mut self.tell_last) {
                return Ok(None);
            }
            return Ok(Some((vec![convert::message(Content::LastStreamPosition(self.last))], self)));
        };
        self.desk.go_on()?;
        let max = at_most(self.left);
        let events = self.desk.log.read_stream(&self.stream, from, self.direction, max).await;
        let mut events = events.map_err(|error| answer::stream_fault(&self.stream, &error))?;
        let complete = events.len() == max;
        events.retain(|event| (self.first..=self.last).contains(&event.revision));
        self.left -= events.len() as u64;
        let end = events.last().map(|event| event.revision);
        self.next = end.filter(|_| complete).and_then(|end| match self.direction {
            Direction::Forwards => (end < self.last).then(|| end + 1),
            Direction::Backwards => (end > self.first).then(|| end - 1),
        });
        let ids = self.desk.ids;
        Ok(Some((events.into_iter().map(|event| convert::told(event, ids)).collect(), self)))
    }
}

/// Everything: forwards from a position on (inclusive), backwards from before it.
pub(super) async fn all(
    desk: Desk,
    place: Place,
    direction: Direction,
    count: u64,
    sieve: Sieve,
) -> Result<Answers, Status> {
    let head = desk.log.head().await.map_err(|error| answer::fault(&error))?;
    // The port reads forwards after a position and backwards from it on: the other way round.
    let next = match (direction, place) {
        (Direction::Forwards, Place::Start) => Some(Position(0)),
        (_, Place::At(position)) => Some(Position(position.saturating_sub(1)).min(head)),
        (Direction::Backwards, Place::End) => Some(head),
        (Direction::Forwards, Place::End) | (Direction::Backwards, Place::Start) => None,
    };
    let reading = AllReading { desk, direction, head, next, left: count, sieve };
    Ok(one_by_one(reading, AllReading::batch))
}

struct AllReading {
    desk: Desk,
    direction: Direction,
    /// Where the log ended when the reading began: it ends there, however fast the log grows.
    head: Position,
    /// Where the next batch begins.
    next: Option<Position>,
    left: u64,
    sieve: Sieve,
}

impl AllReading {
    async fn batch(mut self) -> Result<Option<(Vec<ReadResp>, Self)>, Status> {
        let Some(from) = self.next.filter(|_| self.left > 0) else { return Ok(None) };
        self.desk.go_on()?;
        // Where events are sifted here, as many as are wanted may be far too few to look at.
        let max = if self.sieve.is_all_pushed_down() { at_most(self.left) } else { BATCH };
        let page = self.desk.log.read_all(from, self.direction, max, &self.sieve.pushed_down()).await;
        let page = page.map_err(|error| answer::fault(&error))?;
        let over = match self.direction {
            Direction::Forwards => page.next >= self.head,
            Direction::Backwards => page.next == Position(0),
        };
        self.next = (!page.end && !over).then_some(page.next);
        let mut told = Vec::with_capacity(page.events.len());
        for event in page.events {
            if self.left == 0 || event.position > self.head {
                break;
            }
            if self.sieve.passes(&event)? {
                self.left -= 1;
                told.push(convert::told(event, self.desk.ids));
            }
        }
        Ok(Some((told, self)))
    }
}
