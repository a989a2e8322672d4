//! Delete and tombstone.
//!
//! A delete hides what a stream holds and lets it go on; a tombstone ends it for good.

use jiff::Timestamp;
use serde_json::Value;
use skranke_domain::StreamId;
use skranke_domain::time::{Clock, Ids};
use tonic::Status;

use super::answer;
use super::extent::{Described, Extent, METADATA, TRUNCATE_BEFORE, metadata_stream};
use super::proto::event_store::client::streams::{delete_req, tombstone_req};
use crate::port::{Appended, EventLog, Expected, LogError, NewEvent, StreamWrite};

/// How often another metadata event may come in between.
const ATTEMPTS: usize = 5;

/// What a delete expects of the stream.
pub(super) fn expected_by_delete(
    expected: Option<delete_req::options::ExpectedStreamRevision>,
) -> Result<Expected, Status> {
    use delete_req::options::ExpectedStreamRevision as Wire;
    match expected {
        Some(Wire::Revision(revision)) => Ok(Expected::Exact(revision)),
        Some(Wire::NoStream(_)) => Ok(Expected::NoStream),
        Some(Wire::StreamExists(_)) => Ok(Expected::Exists),
        Some(Wire::Any(_)) => Ok(Expected::Any),
        None => Err(Status::invalid_argument("a delete says what it expects of the stream")),
    }
}

/// What a tombstone expects of the stream.
pub(super) fn expected_by_tombstone(
    expected: Option<tombstone_req::options::ExpectedStreamRevision>,
) -> Result<Expected, Status> {
    use tombstone_req::options::ExpectedStreamRevision as Wire;
    match expected {
        Some(Wire::Revision(revision)) => Ok(Expected::Exact(revision)),
        Some(Wire::NoStream(_)) => Ok(Expected::NoStream),
        Some(Wire::StreamExists(_)) => Ok(Expected::Exists),
        Some(Wire::Any(_)) => Ok(Expected::Any),
        None => Err(Status::invalid_argument("a tombstone says what it expects of the stream")),
    }
}

/// Hides every event that the stream has now.
pub(super) async fn delete(
    log: &dyn EventLog,
    stream: &StreamId,
    expected: Expected,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Result<Appended, Status> {
    let fault = |error: LogError| answer::stream_fault(stream, &error);
    let Some(about) = metadata_stream(stream) else {
        return Err(Status::invalid_argument("a metadata stream cannot be deleted: tombstone it instead"));
    };
    for _ in 0..ATTEMPTS {
        let extent = Extent::of(log, stream).await.map_err(fault)?;
        if let Err(LogError::WrongExpected { actual }) = expected.check(extent.seen()) {
            return Err(answer::wrong_version(stream, expected, actual));
        }
        let described = Described::of(log, stream).await.map_err(fault)?;
        let expected = Expected::after(described.revision);
        let first = extent.last.map_or(0, |last| last + 1);
        let write = StreamWrite {
            stream: about.clone(),
            expected,
            events: vec![hiding(described, first, clock.now(), ids)?],
        };
        match log.append(write, None).await {
            // Somebody wrote metadata in between: theirs is kept.
            Err(LogError::WrongExpected { .. }) => {}
            answer => return answer.map_err(fault),
        }
    }
    Err(Status::aborted("the stream's metadata kept changing: try again"))
}

/// The metadata event that lets a stream begin at `first`.
fn hiding(described: Described, first: u64, now: Timestamp, ids: &dyn Ids) -> Result<NewEvent, Status> {
    let mut properties = described.properties;
    properties.insert(TRUNCATE_BEFORE.to_owned(), Value::from(first));
    let data = serde_json::to_vec(&properties)
        .map_err(|_| Status::internal("the stream's metadata could not be written"))?;
    Ok(NewEvent { id: ids.next(), event_type: METADATA.into(), data, metadata: Vec::new(), recorded_at: now })
}

/// Ends the stream for good.
pub(super) async fn tombstone(
    log: &dyn EventLog,
    stream: &StreamId,
    expected: Expected,
) -> Result<Appended, Status> {
    log.delete_stream(stream, expected).await.map_err(|error| match error {
        LogError::WrongExpected { actual } => answer::wrong_version(stream, expected, actual),
        error => answer::stream_fault(stream, &error),
    })
}
