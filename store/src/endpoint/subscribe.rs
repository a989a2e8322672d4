//! Subscriptions: what was there, then what comes, until the client goes or the server stops.
//!
//! First a confirmation, then events; when there is nothing more for the moment a message says so, and another
//! when the client has fallen behind again. A subscription is only asked for more when the client has room.
//! Invariant: it never ends without an error, because clients take an end for a fault of theirs and spin.

use std::sync::Arc;

use skranke_domain::StreamId;
use skranke_domain::time::Clock;
use tonic::Status;

use super::answer;
use super::auth::Caller;
use super::convert;
use super::extent::Extent;
use super::filter::Sieve;
use super::proto::event_store::client::streams::ReadResp;
use super::proto::event_store::client::streams::read_resp::{
    self as wire, CaughtUp, Checkpoint, Content, FellBehind, SubscriptionConfirmation,
};
use super::read::{Answers, BATCH, Desk, one_by_one};
use super::request::Place;
use crate::port::{LogError, Page, Position, Revision, Subscription};

/// What a subscription needs besides.
pub(super) struct Subscriber {
    pub(super) desk: Desk,
    pub(super) caller: Caller,
    pub(super) clock: Arc<dyn Clock>,
    /// The subscription's id, for the client's logs.
    pub(super) id: String,
}

/// Follows a stream, from after a revision on. A stream that does not exist yet is waited for.
pub(super) async fn stream(
    subscriber: Subscriber,
    stream: StreamId,
    place: Place,
) -> Result<Answers, Status> {
    let log = &subscriber.desk.log;
    let fault = |error: LogError| answer::stream_fault(&stream, &error);
    let extent = Extent::of(&**log, &stream).await.map_err(fault)?;
    let from = match place {
        Place::Start => Some(extent.first),
        Place::At(revision) => Some(revision.saturating_add(1).max(extent.first)),
        Place::End => None,
    };
    // Asked for before the first page: the port keeps quiet to those who are up to date.
    let live = from.is_none_or(|from| extent.last.is_none_or(|last| last < from));
    let feed = log.subscribe_stream(&stream, from).await.map_err(fault)?;
    let seen = match from {
        Some(from) if !live => from.checked_sub(1),
        _ => extent.last,
    };
    Ok(following(subscriber, feed, live, Kind::Stream { stream, seen }))
}

/// Follows everything, from after a position on.
pub(super) async fn all(
    subscriber: Subscriber,
    place: Place,
    sieve: Sieve,
    interval: Option<u64>,
) -> Result<Answers, Status> {
    let log = &subscriber.desk.log;
    let head = log.head().await.map_err(|error| answer::fault(&error))?;
    let from = match place {
        Place::Start => Position(0),
        Place::At(position) => Position(position).min(head),
        Place::End => head,
    };
    let feed = log.subscribe(from, sieve.pushed_down()).await.map_err(|error| answer::fault(&error))?;
    let kind = Kind::All { sieve, interval, marked: from, seen: from };
    Ok(following(subscriber, feed, from >= head, kind))
}

fn following(subscriber: Subscriber, feed: Box<dyn Subscription>, live: bool, kind: Kind) -> Answers {
    let following = Following { subscriber, feed, live, kind, confirmed: false };
    one_by_one(following, Following::batch)
}

/// Whom is followed, and how far the client has come.
enum Kind {
    Stream {
        stream: StreamId,
        seen: Option<Revision>,
    },
    All {
        sieve: Sieve,
        /// After how many places of the log a checkpoint is due.
        interval: Option<u64>,
        /// Where the last one was.
        marked: Position,
        seen: Position,
    },
}

struct Following {
    subscriber: Subscriber,
    feed: Box<dyn Subscription>,
    /// Whether the client has heard that it has caught up.
    live: bool,
    kind: Kind,
    confirmed: bool,
}

impl Following {
    async fn batch(mut self) -> Result<Option<(Vec<ReadResp>, Self)>, Status> {
        let messages = if self.confirmed { self.news().await? } else { self.confirmation() };
        Ok(Some((messages, self)))
    }

    fn confirmation(&mut self) -> Vec<ReadResp> {
        self.confirmed = true;
        let subscription_id = std::mem::take(&mut self.subscriber.id);
        let mut messages =
            vec![convert::message(Content::Confirmation(SubscriptionConfirmation { subscription_id }))];
        if self.live {
            messages.push(self.caught_up());
        }
        messages
    }

    async fn news(&mut self) -> Result<Vec<ReadResp>, Status> {
        let stopping = &mut self.subscriber.desk.stopping;
        let page = tokio::select! {
            biased;
            _ = stopping.wait_for(|stopping| *stopping) => return Err(answer::stopping()),
            page = self.feed.next(BATCH) => page,
        };
        let page = page.map_err(|error| match &self.kind {
            Kind::Stream { stream, .. } => answer::stream_fault(stream, &error),
            Kind::All { .. } => answer::fault(&error),
        })?;
        self.subscriber.caller.check_again().await?;
        let mut messages = Vec::with_capacity(page.events.len() + 1);
        if self.live && !page.end {
            self.live = false;
            messages.push(self.fell_behind());
        }
        let end = page.end;
        self.tell(page, &mut messages)?;
        if end && !self.live {
            self.live = true;
            messages.push(self.caught_up());
        }
        Ok(messages)
    }

    fn tell(&mut self, page: Page, messages: &mut Vec<ReadResp>) -> Result<(), Status> {
        let Subscriber { desk, caller, clock, .. } = &self.subscriber;
        match &mut self.kind {
            Kind::Stream { stream, seen } => {
                caller.must_see(stream)?;
                for event in page.events {
                    *seen = Some(event.revision);
                    messages.push(convert::told(event, desk.ids));
                }
            }
            Kind::All { sieve, interval, marked, seen } => {
                sieve.narrow(caller.scope());
                let mut look_at = |position: Position, messages: &mut Vec<ReadResp>| {
                    *seen = position;
                    let due =
                        interval.is_some_and(|interval| position.0.saturating_sub(marked.0) >= interval);
                    if due {
                        *marked = position;
                        messages.push(checkpoint(position, clock.now()));
                    }
                };
                for event in page.events {
                    let position = event.position;
                    if sieve.passes(&event)? {
                        messages.push(convert::told(event, desk.ids));
                    }
                    look_at(position, messages);
                }
                look_at(page.next, messages);
            }
        }
        Ok(())
    }

    fn caught_up(&self) -> ReadResp {
        let (stream_revision, position) = self.place();
        let timestamp = Some(convert::timestamp(self.subscriber.clock.now()));
        convert::message(Content::CaughtUp(CaughtUp { timestamp, stream_revision, position }))
    }

    fn fell_behind(&self) -> ReadResp {
        let (stream_revision, position) = self.place();
        let timestamp = Some(convert::timestamp(self.subscriber.clock.now()));
        convert::message(Content::FellBehind(FellBehind { timestamp, stream_revision, position }))
    }

    /// Where a later subscription resumes from: nowhere as long as there was nothing.
    fn place(&self) -> (Option<i64>, Option<wire::Position>) {
        match &self.kind {
            Kind::Stream { seen, .. } => (seen.and_then(|seen| i64::try_from(seen).ok()), None),
            Kind::All { seen, .. } => {
                let position = wire::Position { commit_position: seen.0, prepare_position: seen.0 };
                (None, (seen.0 > 0).then_some(position))
            }
        }
    }
}

fn checkpoint(position: Position, now: jiff::Timestamp) -> ReadResp {
    convert::message(Content::Checkpoint(Checkpoint {
        commit_position: position.0,
        prepare_position: position.0,
        timestamp: Some(convert::timestamp(now)),
    }))
}
