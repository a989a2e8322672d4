//! What is the same thing under two names: the port's words and KurrentDB's. Pure, so it is tested without a
//! server.

use jiff::Timestamp;
use kurrentdb::{
    CurrentRevision, Error, EventData, Position as ServerPosition, RecordedEvent, ResolvedEvent,
    StreamPosition, StreamState, SubscriptionFilter,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use skranke_domain::StreamId;
use tonic::Code;
use uuid::Uuid;

use crate::port::{Appended, Expected, Filter, LogError, NewEvent, Position, Recorded, Revision};

/// The type of the event that ends a deleted stream.
const DELETED: &str = "$streamDeleted";
/// The types that are not the system's own.
const VISIBLE: &str = r"^(?:[^$]|\$streamDeleted$)";

/// How many bytes of an event's id follow from its key: twelve, less the six bits that say what kind of UUID it is.
const ROOT: usize = 12;

/// The id of the event at `index` of an append with a key. Its root is the same for every attempt on this stream
/// (see [`is_keyed`]); its last four bytes follow from `attempt`, the id that the caller gave the event. So the
/// server knows an attempt that is sent again, and takes another attempt for a conflict instead of answering as if
/// it had written it. UUID version 8, from SHA-256.
pub(super) fn keyed_id(stream: &StreamId, key: &str, index: usize, attempt: Uuid) -> Uuid {
    let mut hash = Sha256::new();
    for part in [stream.as_str(), key] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update((index as u64).to_be_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    bytes[ROOT..].copy_from_slice(&Sha256::digest(attempt.as_bytes())[..16 - ROOT]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What the ids of all attempts have in common.
pub(super) fn root(id: Uuid) -> Uuid {
    let mut bytes = id.into_bytes();
    bytes[ROOT..].fill(0);
    Uuid::from_bytes(bytes)
}

/// Whether it is the id of the event at `index` of some attempt with this key.
pub(super) fn is_keyed(id: Uuid, stream: &StreamId, key: &str, index: usize) -> bool {
    root(id) == root(keyed_id(stream, key, index, Uuid::nil()))
}

/// Looks for the append with a key among the events of its stream (oldest first). An append is all or none,
/// so its events stand in a row; the last one is the answer.
pub(super) fn find_append(
    stream: &StreamId,
    key: &str,
    events: impl IntoIterator<Item = (Uuid, Appended)>,
) -> Option<Appended> {
    let mut index = 0;
    let mut found = None;
    for (id, place) in events {
        if is_keyed(id, stream, key, index) {
            found = Some(place);
            index += 1;
        } else if found.is_some() {
            break;
        }
    }
    found
}

pub(super) const fn expected(expected: Expected) -> StreamState {
    match expected {
        Expected::Any => StreamState::Any,
        Expected::NoStream => StreamState::NoStream,
        Expected::Exists => StreamState::StreamExists,
        Expected::Exact(revision) => StreamState::StreamRevision(revision),
    }
}

/// Reading starts here, this place included.
pub(super) fn all_from(position: Position) -> StreamPosition<ServerPosition> {
    match position.0 {
        0 => StreamPosition::Start,
        // The server counts in signed numbers.
        place => StreamPosition::Position(server_position(place.min(i64::MAX.unsigned_abs()))),
    }
}

/// Outside explicit transactions, which no client makes any more, the two numbers are the same.
pub(super) const fn server_position(place: u64) -> ServerPosition {
    ServerPosition { commit: place, prepare: place }
}

/// Where a stream is read from. The server counts in signed numbers.
pub(super) fn stream_from(revision: Revision) -> StreamPosition<u64> {
    if i64::try_from(revision).is_ok() { StreamPosition::Position(revision) } else { StreamPosition::End }
}

/// Where a stream is followed from, so that `next` is the first event to come.
pub(super) fn stream_after(next: Revision) -> StreamPosition<u64> {
    match next.checked_sub(1) {
        Some(before) => StreamPosition::Position(before.min(i64::MAX.unsigned_abs())),
        None => StreamPosition::Start,
    }
}

/// The server's part of a filter. It may let more through than [`Filter::passes`], never less; the server can
/// look at types or at streams, not at both.
pub(super) fn filter(filter: &Filter) -> SubscriptionFilter {
    if !filter.event_types.is_empty() {
        filter.event_types.iter().fold(SubscriptionFilter::on_event_type(), SubscriptionFilter::add_prefix)
    } else if !filter.stream_prefixes.is_empty() {
        filter
            .stream_prefixes
            .iter()
            .fold(SubscriptionFilter::on_stream_name(), SubscriptionFilter::add_prefix)
    } else {
        SubscriptionFilter::on_event_type().regex(VISIBLE)
    }
}

pub(super) fn new_event(event: NewEvent, id: Uuid) -> EventData {
    let data = match serde_json::from_slice::<&RawValue>(&event.data) {
        // Raw: the server must hold the bytes that were handed in, not the same JSON written anew.
        Ok(json) if json.get().len() == event.data.len() => {
            EventData::json(event.event_type.as_ref(), &json).ok()
        }
        Ok(_) | Err(_) => None,
    };
    data.unwrap_or_else(|| EventData::binary(event.event_type.as_ref(), event.data.into()))
        .id(id)
        .metadata(event.metadata.into())
}

pub(super) fn position(event: &ResolvedEvent) -> Position {
    let commit = event.event.as_ref().map(|event| event.position.commit).or(event.commit_position);
    Position(commit.unwrap_or(0))
}

/// Whether it is an event of somebody's, or the end of a stream; not one of the system's own.
pub(super) fn is_visible(event: &ResolvedEvent) -> bool {
    event
        .event
        .as_ref()
        .is_some_and(|event| !event.event_type.starts_with('$') || event.event_type == DELETED)
}

/// The event, if it is one of ours and passes.
pub(super) fn ours(event: &ResolvedEvent, filter: &Filter) -> Option<Recorded> {
    let event = event.event.as_ref().filter(|_| is_visible(event))?;
    recorded(event).filter(|event| filter.passes(&event.stream, &event.event_type))
}

/// An event of ours; `None` for what others have put into the same database.
pub(super) fn recorded(event: &RecordedEvent) -> Option<Recorded> {
    let stream = StreamId::try_from(event.stream_id().to_owned()).ok()?;
    Some(Recorded {
        position: Position(event.position.commit),
        stream,
        revision: event.revision,
        id: event.id,
        event_type: event.event_type.as_str().into(),
        data: event.data.clone(),
        metadata: event.custom_metadata.clone(),
        recorded_at: recorded_at(&event.custom_metadata)
            .or_else(|| created(event.metadata.get("created")?))
            .unwrap_or_default(),
    })
}

/// The time as the writer gave it. The server's own clock is asked only for events that have none.
fn recorded_at(metadata: &[u8]) -> Option<Timestamp> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Time {
        recorded_at: Timestamp,
    }
    serde_json::from_slice::<Time>(metadata).ok().map(|time| time.recorded_at)
}

/// The server's time: ticks of 100 ns since 1970. (The client's own reading of it has whole seconds.)
fn created(ticks: &str) -> Option<Timestamp> {
    Timestamp::from_nanosecond(ticks.parse::<i128>().ok()?.checked_mul(100)?).ok()
}

/// What a server error means to a caller of the port. Server texts never hold our password.
pub(super) fn error(error: &Error) -> LogError {
    match error {
        Error::WrongExpectedVersion { current, .. } => {
            LogError::WrongExpected { actual: current_revision(*current) }
        }
        Error::ResourceDeleted => LogError::Deleted,
        Error::AccessDenied => LogError::Unavailable(
            "the server does not let us in: check user name, password and rights (kurrentdb://USER:PASSWORD@HOST)"
                .into(),
        ),
        Error::UnsupportedFeature => LogError::Unavailable(
            "the server does not offer what this needs: it is read-only, or older than KurrentDB 21.10".into(),
        ),
        Error::Grpc { code: Code::InvalidArgument, message } => LogError::Invalid(message.clone().into()),
        Error::Grpc { code: Code::ResourceExhausted, .. } => LogError::Full,
        other => LogError::Unavailable(other.to_string().into()),
    }
}

const fn current_revision(current: CurrentRevision) -> Option<Revision> {
    match current {
        CurrentRevision::Current(revision) => Some(revision),
        CurrentRevision::NoStream => None,
    }
}

/// What the server answered to an append that it did not carry out.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The stream is not as expected. In a batch the server does not say how it is, or the client drops it.
    Conflict,
    Deleted,
    Other(LogError),
}

/// Why an append in a batch was refused; `None` when it may have been carried out all the same.
pub(super) fn refusal(failure: &Error) -> Option<Refusal> {
    match failure {
        Error::ResourceAlreadyExists
        | Error::WrongExpectedVersion { .. }
        | Error::Grpc { code: Code::AlreadyExists, .. } => Some(Refusal::Conflict),
        Error::ResourceDeleted | Error::Grpc { code: Code::FailedPrecondition, .. } => Some(Refusal::Deleted),
        Error::Grpc { code: Code::PermissionDenied | Code::Unauthenticated, .. } => {
            Some(Refusal::Other(error(&Error::AccessDenied)))
        }
        Error::Grpc { code: Code::InvalidArgument | Code::ResourceExhausted, .. }
        | Error::AccessDenied
        | Error::UnsupportedFeature => Some(Refusal::Other(error(failure))),
        _ => None,
    }
}

/// Whether a tombstone was refused because the stream is not as expected. The client passes on the code only.
pub(super) const fn is_conflict(error: &Error) -> bool {
    matches!(error, Error::WrongExpectedVersion { .. } | Error::Grpc { code: Code::FailedPrecondition, .. })
}

/// Whether the server was not reached, is not the leader, or went away. (Not: whether it refused.)
pub(super) const fn is_lost(error: &Error) -> bool {
    matches!(
        error,
        Error::ServerError(_)
            | Error::NotLeaderException(_)
            | Error::Grpc { code: Code::Unavailable | Code::Cancelled | Code::Aborted, .. }
    ) || is_dead(error)
}

/// Whether the client is of no more use: one that could not connect never tries again.
pub(super) const fn is_dead(error: &Error) -> bool {
    matches!(error, Error::ConnectionClosed | Error::GrpcConnectionError(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(name: &str) -> StreamId {
        StreamId::try_from(name.to_owned()).unwrap()
    }

    fn place(revision: u64) -> Appended {
        Appended { position: Position(100 + revision), revision, repeated: true }
    }

    #[test]
    fn expected_versions_map_one_to_one() {
        assert_eq!(expected(Expected::Any), StreamState::Any);
        assert_eq!(expected(Expected::NoStream), StreamState::NoStream);
        assert_eq!(expected(Expected::Exists), StreamState::StreamExists);
        assert_eq!(expected(Expected::Exact(7)), StreamState::StreamRevision(7));
    }

    #[test]
    fn a_conflict_tells_the_revision_there_is() {
        let conflict =
            |current| error(&Error::WrongExpectedVersion { expected: StreamState::NoStream, current });
        assert!(matches!(conflict(CurrentRevision::Current(4)), LogError::WrongExpected { actual: Some(4) }));
        assert!(matches!(conflict(CurrentRevision::NoStream), LogError::WrongExpected { actual: None }));
        assert!(matches!(error(&Error::DeadlineExceeded), LogError::Unavailable(_)));
        assert!(is_dead(&Error::ConnectionClosed) && !is_dead(&Error::AccessDenied));
    }

    #[test]
    fn places_beyond_what_the_server_counts_are_its_end() {
        assert_eq!(stream_from(3), StreamPosition::Position(3));
        assert_eq!(stream_from(u64::MAX), StreamPosition::End);
        assert_eq!(all_from(Position(0)), StreamPosition::Start);
        assert_eq!(all_from(Position(9)), StreamPosition::Position(ServerPosition { commit: 9, prepare: 9 }));
    }

    #[test]
    fn the_server_filters_by_type_or_by_stream_and_never_shows_system_events() {
        let text = |types: &[&str], prefixes: &[&str]| {
            let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            format!("{:?}", filter(&Filter { event_types: names(types), stream_prefixes: names(prefixes) }))
        };
        assert!(
            text(&["A", "B"], &["case-"])
                .contains(r#"based_on_stream: false, max: None, regex: None, prefixes: ["A", "B"]"#)
        );
        assert!(
            text(&[], &["case-"])
                .contains(r#"based_on_stream: true, max: None, regex: None, prefixes: ["case-"]"#)
        );
        assert!(text(&[], &[]).contains("streamDeleted$)"));
    }

    #[test]
    fn the_same_key_makes_the_same_roots_on_one_stream_only() {
        let (one, two) = (stream("case-0190-1"), stream("case-0190-2"));
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let id = keyed_id(&one, "k", 0, first);
        assert_eq!(id, keyed_id(&one, "k", 0, first));
        // Another attempt is another event, and yet the same key.
        assert_ne!(id, keyed_id(&one, "k", 0, second));
        assert!(is_keyed(id, &one, "k", 0) && is_keyed(keyed_id(&one, "k", 0, second), &one, "k", 0));
        assert!(!is_keyed(id, &one, "k", 1) && !is_keyed(id, &two, "k", 0) && !is_keyed(id, &one, "l", 0));
        assert!(!is_keyed(keyed_id(&one, "1k", 0, first), &stream("case-0190-11"), "k", 0));
        assert_eq!(id.get_version_num(), 8);
    }

    #[test]
    fn an_append_is_found_by_its_key_and_ends_with_its_last_event() {
        let stream = stream("case-0190-1");
        let id = |key, index| keyed_id(&stream, key, index, Uuid::from_u128(index as u128));
        let ids = [Uuid::nil(), id("k", 0), id("k", 1), id("l", 0)];
        let events = || (0..).zip(ids).map(|(revision, id)| (id, place(revision)));
        assert_eq!(find_append(&stream, "k", events()), Some(place(2)));
        assert_eq!(find_append(&stream, "l", events()), Some(place(3)));
        assert_eq!(find_append(&stream, "m", events()), None);
    }

    #[test]
    fn the_time_is_the_writers() {
        let at = recorded_at(br#"{"$correlationId":"x","recordedAt":"2026-11-22T10:15:30.123456789Z"}"#);
        assert_eq!(at, Some("2026-11-22T10:15:30.123456789Z".parse().unwrap()));
        assert_eq!(recorded_at(b"{}"), None);
        assert_eq!(created("17900000001234567"), Some("2026-09-21T14:13:20.1234567Z".parse().unwrap()));
    }
}
