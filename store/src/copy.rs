//! Moving a history from one log to another, whatever their engines: byte for byte, in the same order.
//!
//! Equal means: the same events in the same order, each with the same [`Record`] bytes (stream, revision, id,
//! type, time, metadata, data). Positions are not among them, they are the engine's own. What the port does
//! not show is not carried: idempotency keys. The end of a deleted stream is carried over by deleting it
//! there; its id and time are the engine's own too, so of it only the stream's name is compared. System
//! events of KurrentDB are left out and counted.
//!
//! Invariants:
//! - What stands in the destination is at any moment a beginning of the source, so a copy that was killed is
//!   taken up where it ended. Nothing else remembers how far it came.
//! - Nothing is written before the destination is known to be such a beginning.
//! - Every event of the destination is read back and compared, once.

mod compare;

use std::collections::HashSet;
use std::fmt;

use skranke_domain::StreamId;

use self::compare::{Comparison, Side, TOMBSTONE, is_system};
use crate::port::{
    Direction, EventLog, Expected, Filter, LogError, NewEvent, Position, Recorded, Revision, StreamWrite,
};

pub use self::compare::Difference;

/// Events read at a time.
const PAGE: usize = 1024;
/// The most bytes of data and metadata in one append, give or take the last event. KurrentDB takes 1 MiB.
const APPEND_BYTES: usize = 512 << 10;

/// Why a copy stopped. Whatever it is, the destination can be taken up again, except after a difference.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The source could not be read.
    #[error("the source could not be read")]
    Source(#[source] LogError),
    /// The destination could not be read or written.
    #[error("the destination did not take it")]
    Destination(#[source] LogError),
    /// The destination holds something else. Nothing was written.
    #[error(
        "the destination is neither empty nor an unfinished copy of this source, and was left alone: choose an \
         empty one ({0})"
    )]
    NotOurs(Difference),
    /// Somebody else writes to the destination, or the source lacks earlier events of the stream.
    #[error(
        "{stream} cannot go on with revision {revision}, for in the destination {}: stop whoever else writes \
         there (perhaps a second copy); if nobody does, the source has lost the beginning of that stream",
        ending(*actual)
    )]
    Moved {
        /// The stream.
        stream: StreamId,
        /// The revision of the event that was to be written.
        revision: Revision,
        /// The last revision that the destination has.
        actual: Option<Revision>,
    },
    /// What was copied is not what stands in the source.
    #[error("the copy is not the same as its source: {0}")]
    Differs(Difference),
}

fn ending(actual: Option<Revision>) -> String {
    actual.map_or_else(|| "it has no events".to_owned(), |last| format!("it ends at revision {last}"))
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Comparing what an earlier copy has left in the destination.
    Resuming,
    /// Writing.
    Copying,
    /// Reading back and comparing.
    Verifying,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resuming => "comparing what is there",
            Self::Copying => "copying",
            Self::Verifying => "verifying",
        })
    }
}

/// How far a copy has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Events copied (or compared) so far.
    pub events: u64,
    /// The place in the source.
    pub position: Position,
    /// The newest place in the source when the copy began.
    pub head: Position,
}

/// What a finished copy amounts to. Both logs hold exactly this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Events, deletions of streams among them.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Streams among them that are deleted.
    pub deleted: u64,
    /// Events of these that an earlier, interrupted copy had brought over.
    pub found: u64,
    /// System events of the source that were left out.
    pub left_out: u64,
    /// SHA-256 over the bytes of all events in their order.
    pub digest: [u8; 32],
}

/// Copies all events of `from` to `to`, which is empty or an unfinished copy, and compares the two.
pub async fn copy(
    from: &dyn EventLog,
    to: &dyn EventLog,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<Copied, CopyError> {
    let head = from.head().await.map_err(CopyError::Source)?;
    let mut comparison = Comparison::new(from, to);
    let mut told = |stage, events, position| tell(Progress { stage, events, position, head });

    let prefix = comparison.until_the_copy_ends(&mut |events, at| told(Stage::Resuming, events, at)).await;
    prefix.map_err(|fault| fault.into_error(CopyError::NotOurs))?;
    let found = comparison.events();

    let mut writer = Writer { to, events: found, one_by_one: false };
    let mut source = Side::new(from, comparison.source_position());
    let end = writer.copy(&mut source, &mut |events, at| told(Stage::Copying, events, at)).await?;

    let whole = comparison.until_both_end(end, &mut |events, at| told(Stage::Verifying, events, at)).await;
    let whole = whole.map_err(|fault| fault.into_error(CopyError::Differs))?;
    Ok(Copied { found, ..whole })
}

/// Writes events in their order, as many at a time as the destination takes.
struct Writer<'a> {
    to: &'a dyn EventLog,
    events: u64,
    /// The destination appends to one stream at a time.
    one_by_one: bool,
}

impl Writer<'_> {
    /// Writes everything that follows in the source, and answers the place where that ended.
    async fn copy(
        &mut self,
        source: &mut Side<'_>,
        tell: &mut (dyn FnMut(u64, Position) + Send),
    ) -> Result<Position, CopyError> {
        let mut events = source.page().await.map_err(CopyError::Source)?;
        while let Some(page) = events.take() {
            let at = source.position();
            // The next page is read while this one is written.
            let (written, next) = tokio::join!(self.write(page), source.page());
            written?;
            tell(self.events, at);
            events = next.map_err(CopyError::Source)?;
        }
        Ok(source.position())
    }

    async fn write(&mut self, events: Vec<Recorded>) -> Result<(), CopyError> {
        let mut batch = Batch::default();
        for event in events {
            if is_system(&event) {
                continue;
            }
            if event.event_type == TOMBSTONE {
                self.append(std::mem::take(&mut batch)).await?;
                self.delete(event).await?;
                continue;
            }
            if !batch.has_room_for(&event) {
                self.append(std::mem::take(&mut batch)).await?;
            }
            batch.push(event);
        }
        self.append(batch).await
    }

    async fn append(&mut self, batch: Batch) -> Result<(), CopyError> {
        let writes = batch.writes();
        if writes.len() > 1 && !self.one_by_one {
            match self.to.append_all(writes, None).await {
                Ok(_) => {
                    self.events += batch.events.len() as u64;
                    return Ok(());
                }
                // Nothing was written. One at a time tells whether that is the reason, and which stream.
                Err(LogError::Invalid(_)) => self.one_by_one = true,
                Err(LogError::WrongExpected { .. }) => {}
                Err(error) => return Err(CopyError::Destination(error)),
            }
        }
        for write in batch.writes() {
            let (stream, revision, count) =
                (write.stream.clone(), first_revision(write.expected), write.events.len());
            self.to.append(write, None).await.map_err(|error| match error {
                LogError::WrongExpected { actual } => CopyError::Moved { stream, revision, actual },
                error => CopyError::Destination(error),
            })?;
            self.events += count as u64;
        }
        Ok(())
    }

    /// Ends a stream as it ended in the source. A deleted one answers so and not how long it was.
    async fn delete(&mut self, tombstone: Recorded) -> Result<(), CopyError> {
        let done = self.to.delete_stream(&tombstone.stream, Expected::Any).await;
        done.map_err(CopyError::Destination)?;
        self.events += 1;
        Ok(())
    }
}

/// Events that may go into the destination in one call.
#[derive(Default)]
struct Batch {
    events: Vec<Recorded>,
    streams: HashSet<StreamId>,
    bytes: usize,
}

impl Batch {
    /// No stream may be named twice, so one that comes again after another begins a new batch.
    fn has_room_for(&self, event: &Recorded) -> bool {
        let goes_on = self.events.last().is_some_and(|last| follows(last, event));
        self.bytes < APPEND_BYTES && (goes_on || !self.streams.contains(&event.stream))
    }

    fn push(&mut self, event: Recorded) {
        self.bytes += event.data.len() + event.metadata.len();
        if !self.streams.contains(&event.stream) {
            self.streams.insert(event.stream.clone());
        }
        self.events.push(event);
    }

    /// One write for each stream.
    fn writes(&self) -> Vec<StreamWrite> {
        self.events
            .chunk_by(follows)
            .filter_map(|events| {
                let first = events.first()?;
                let expected = Expected::after(first.revision.checked_sub(1));
                let events = events.iter().map(new_event).collect();
                Some(StreamWrite { stream: first.stream.clone(), expected, events })
            })
            .collect()
    }
}

/// Whether the second event is the next one of the first one's stream.
fn follows(first: &Recorded, second: &Recorded) -> bool {
    first.stream == second.stream && first.revision + 1 == second.revision
}

fn new_event(event: &Recorded) -> NewEvent {
    NewEvent {
        id: event.id,
        event_type: event.event_type.to_string().into(),
        data: event.data.to_vec(),
        metadata: event.metadata.to_vec(),
        recorded_at: event.recorded_at,
    }
}

/// The revision of the first event of a write.
const fn first_revision(expected: Expected) -> Revision {
    match expected {
        Expected::Exact(last) => last + 1,
        Expected::NoStream | Expected::Any | Expected::Exists => 0,
    }
}
