//! Refusals and faults as gRPC statuses, with the trailers that the official clients look for.

use skranke_domain::StreamId;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Code, Status};

use crate::port::{Expected, LogError, Revision};

/// Which error the clients shall make of it.
const EXCEPTION: &str = "exception";

fn with(mut status: Status, trailers: &[(&'static str, &str)]) -> Status {
    for (name, value) in trailers {
        // A name with letters that a trailer cannot carry is left out; the message still has it.
        if let Ok(value) = MetadataValue::<Ascii>::try_from(*value) {
            status.metadata_mut().insert(*name, value);
        }
    }
    status
}

pub(super) fn unauthenticated(why: &str) -> Status {
    Status::unauthenticated(why)
}

pub(super) fn denied(why: &str) -> Status {
    with(Status::permission_denied(why), &[(EXCEPTION, "access-denied")])
}

pub(super) fn read_only() -> Status {
    denied("this server is read-only: start it with --kurrent-writable to let administrators write")
}

pub(super) fn deleted(stream: &StreamId) -> Status {
    let text = format!("Event stream '{stream}' is deleted.");
    let trailers = [(EXCEPTION, "stream-deleted"), ("stream-name", stream.as_str())];
    with(Status::failed_precondition(text), &trailers)
}

pub(super) fn too_large(most: usize) -> Status {
    let text = format!("an append has at most {most} bytes");
    let trailers = [(EXCEPTION, "maximum-append-size-exceeded"), ("maximum-append-size", &*most.to_string())];
    with(Status::invalid_argument(text), &trailers)
}

pub(super) fn lacks_property(name: &str) -> Status {
    let trailers = [
        (EXCEPTION, "missing-required-metadata-property"),
        ("required-metadata-properties", "type,content-type"),
    ];
    with(Status::invalid_argument(format!("an event lacks the metadata property '{name}'")), &trailers)
}

/// A delete met another stream than it expected. (An append answers so in a message of its own.)
pub(super) fn wrong_version(stream: &StreamId, expected: Expected, actual: Option<Revision>) -> Status {
    let expected = match expected {
        Expected::Exact(revision) => revision.to_string(),
        Expected::NoStream => "-1".to_owned(),
        Expected::Any => "-2".to_owned(),
        Expected::Exists => "-4".to_owned(),
    };
    let actual = actual.map_or("-1".to_owned(), |revision| revision.to_string());
    // The Python client reads the numbers from the text, the others from the trailers.
    let text = format!(
        "Delete failed due to WrongExpectedVersion. Stream: {stream}, Expected version: {expected}, Actual version: \
         {actual}"
    );
    let trailers = [
        (EXCEPTION, "wrong-expected-version"),
        ("stream-name", stream.as_str()),
        ("expected-version", &expected),
        ("actual-version", &actual),
    ];
    with(Status::failed_precondition(text), &trailers)
}

pub(super) fn stopping() -> Status {
    Status::unavailable("the server is stopping: come back in a moment")
}

/// What the log could not do for a stream.
pub(super) fn stream_fault(stream: &StreamId, error: &LogError) -> Status {
    match error {
        LogError::Deleted => deleted(stream),
        LogError::WrongExpected { actual } => wrong_version(stream, Expected::Any, *actual),
        _ => fault(error),
    }
}

/// What the log could not do.
pub(super) fn fault(error: &LogError) -> Status {
    let code = match error {
        LogError::WrongExpected { .. } | LogError::Deleted => Code::FailedPrecondition,
        LogError::Invalid(_) => Code::InvalidArgument,
        LogError::Full => Code::ResourceExhausted,
        LogError::Damaged(_) => Code::DataLoss,
        LogError::Unavailable(_) => Code::Unavailable,
    };
    if matches!(error, LogError::Damaged(_)) {
        tracing::error!(error = %error, "the log is damaged");
    }
    Status::new(code, error.to_string())
}
