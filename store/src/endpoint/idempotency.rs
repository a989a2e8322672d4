//! Appending the way KurrentDB's clients expect it: sent again, an append answers what it answered first.
//!
//! Clients repeat an append whose answer they did not hear, with the same event ids. The server recognises it by
//! those ids standing at the expected place. Here the ids also make the log's idempotency key, so a repeat is
//! recognised after a crash, and with [`Expected::Any`].

use sha2::{Digest, Sha256};
use skranke_domain::StreamId;
use uuid::Uuid;

use super::extent::Extent;
use crate::port::{
    Appended, Direction, EventLog, Expected, LogError, NewEvent, Position, Revision, StreamWrite,
};

/// Where a stream ends after an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// The last revision; `None` when the stream is empty and nothing was to be written.
    pub(super) revision: Option<Revision>,
    /// The position of the last event; `None` when nothing was to be written.
    pub(super) position: Option<Position>,
}

impl From<Appended> for Written {
    fn from(appended: Appended) -> Self {
        Self { revision: Some(appended.revision), position: Some(appended.position) }
    }
}

/// Appends events, or finds them where they would be. A stream that was softly deleted counts as empty, but goes
/// on with its next revision.
pub(super) async fn append(
    log: &dyn EventLog,
    stream: StreamId,
    expected: Expected,
    events: Vec<NewEvent>,
) -> Result<Written, LogError> {
    if events.is_empty() {
        return nothing(log, &stream, expected).await;
    }
    if expected == Expected::Exists {
        let seen = Extent::of(log, &stream).await?.seen();
        expected.check(seen)?;
    }
    let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
    let write = StreamWrite { stream, expected, events };
    match log.append(write.clone(), Some(key(&ids))).await {
        Ok(appended) if !appended.repeated || is_at(expected, appended.revision, ids.len()) => {
            Ok(appended.into())
        }
        // The same ids were written, but elsewhere in the stream: this is another append.
        Ok(_) => match log.append(write.clone(), None).await {
            Err(LogError::WrongExpected { actual }) => conflict(log, write, &ids, actual).await,
            answer => answer.map(Written::from),
        },
        Err(LogError::WrongExpected { actual }) => conflict(log, write, &ids, actual).await,
        Err(error) => Err(error),
    }
}

/// Whether an append that ended at `last` began where `expected` says.
fn is_at(expected: Expected, last: Revision, count: usize) -> bool {
    let first = (last + 1).checked_sub(count as u64);
    match expected {
        Expected::Any | Expected::Exists => true,
        Expected::NoStream => first == Some(0),
        Expected::Exact(revision) => first == Some(revision + 1),
    }
}

/// The stream is not as expected: because this very append was written in other company, because its earlier events
/// were deleted, or because somebody else was there.
async fn conflict(
    log: &dyn EventLog,
    write: StreamWrite,
    ids: &[Uuid],
    actual: Option<Revision>,
) -> Result<Written, LogError> {
    let extent = Extent::of(log, &write.stream).await?;
    let begin = match write.expected {
        Expected::NoStream => Some(extent.first),
        Expected::Exact(revision) => revision.checked_add(1),
        Expected::Any | Expected::Exists => None,
    };
    if let Some(begin) = begin {
        let there = log.read_stream(&write.stream, begin, Direction::Forwards, ids.len()).await?;
        if there.iter().map(|event| event.id).eq(ids.iter().copied())
            && let Some(last) = there.last()
        {
            return Ok(Written { revision: Some(last.revision), position: Some(last.position) });
        }
    }
    match (write.expected, extent.last) {
        (Expected::NoStream, Some(last)) if extent.seen().is_none() => {
            let write = StreamWrite { expected: Expected::Exact(last), ..write };
            log.append(write, Some(key(ids))).await.map(Written::from)
        }
        _ if actual == extent.last => Err(LogError::WrongExpected { actual: extent.seen() }),
        _ => Err(LogError::WrongExpected { actual }),
    }
}

/// An append of no events asks whether the stream is as expected.
async fn nothing(log: &dyn EventLog, stream: &StreamId, expected: Expected) -> Result<Written, LogError> {
    let seen = Extent::of(log, stream).await?.seen();
    expected.check(seen)?;
    Ok(Written { revision: seen, position: None })
}

/// The idempotency key of events with these ids.
fn key(ids: &[Uuid]) -> String {
    let mut digest = Sha256::new();
    for id in ids {
        digest.update(id.as_bytes());
    }
    let [a, b, c, d, ..] = *digest.finalize().as_chunks::<8>().0 else { return String::new() };
    let hex = [a, b, c, d].map(|part| format!("{:016x}", u64::from_be_bytes(part)));
    format!("kurrent/{}", hex.concat())
}
