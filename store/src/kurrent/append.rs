//! Writing: appends with and without a key, and the end of a stream.

use std::sync::Arc;
use std::time::Duration;

use kurrentdb::{BatchWriteResult, EventData, TombstoneStreamOptions};
use skranke_domain::StreamId;
use uuid::Uuid;

use super::link::{self, DEADLINE, Link};
use super::mapping::{self, Refusal};
use super::read;
use crate::port::{
    Appended, Direction, Expected, LogError, NewEvent, Position, Recorded, Revision, StreamWrite,
};

/// How many events are read at first when a key is looked for, and how many from then on.
const PAGES: (usize, usize) = (32, 512);

/// How long the server may take for one append. (It is what the client asks of the server, too.)
const ANSWER: Duration = Duration::from_secs(10);

/// What an append that was sent led to.
enum Sent {
    Written(BatchWriteResult),
    Conflict,
    /// No answer came: it may have been written or not. Whether to wait before the next attempt.
    Unclear {
        wait: bool,
    },
}

pub(super) async fn append(
    link: &Link,
    write: StreamWrite,
    key: Option<String>,
) -> Result<Appended, LogError> {
    if write.events.is_empty() {
        return Err(LogError::Invalid("an append needs at least one event".into()));
    }
    let appending = async {
        match key {
            Some(key) => keyed(link, write, &key).await,
            None => keyless(link, write).await,
        }
    };
    tokio::time::timeout(DEADLINE, appending).await.map_err(|_| {
        LogError::Unavailable(
            format!(
                "the server did not answer within {} s: the events may have been written or not",
                DEADLINE.as_secs()
            )
            .into(),
        )
    })?
}

async fn keyed(link: &Link, write: StreamWrite, key: &str) -> Result<Appended, LogError> {
    let StreamWrite { stream, expected, events } = write;
    let ids: Vec<Uuid> =
        (0..).zip(&events).map(|(index, event)| mapping::keyed_id(&stream, key, index, event.id)).collect();
    let events = with_ids(events, &ids);
    let mut attempt = 0;
    if let Some(exact) = known_to_be_new(link, &stream, expected, &ids) {
        match send(link, &stream, exact, events.clone()).await? {
            Sent::Written(result) => return place(link, &stream, &ids, true, &result).await,
            Sent::Conflict => {}
            Sent::Unclear { wait } => again(&mut attempt, wait).await?,
        }
    }
    loop {
        let Looked { found, last } = look(link, &stream, key).await?;
        if let Some(first) = found {
            return Ok(first);
        }
        expected.check(last)?;
        // Exact, whatever was expected: a twin that comes in between makes it a conflict.
        match send(link, &stream, Expected::after(last), events.clone()).await? {
            Sent::Written(result) => return place(link, &stream, &ids, attempt == 0, &result).await,
            Sent::Conflict => {}
            Sent::Unclear { wait } => again(&mut attempt, wait).await?,
        }
    }
}

/// The exact version with which an append can be sent at once, because up to there no event has its key: if it is
/// carried out, the key was new.
fn known_to_be_new(link: &Link, stream: &StreamId, expected: Expected, ids: &[Uuid]) -> Option<Expected> {
    if expected == Expected::NoStream {
        return Some(expected);
    }
    let last = link.known.without(stream, *ids.first()?)?;
    expected.check(Some(last)).ok()?;
    Some(Expected::Exact(last))
}

async fn keyless(link: &Link, write: StreamWrite) -> Result<Appended, LogError> {
    let StreamWrite { stream, expected, events } = write;
    let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
    let events = with_ids(events, &ids);
    let mut attempt = 0;
    loop {
        match send(link, &stream, expected, events.clone()).await? {
            Sent::Written(result) => return place(link, &stream, &ids, attempt == 0, &result).await,
            Sent::Conflict => {
                return Err(LogError::WrongExpected { actual: last_revision(link, &stream).await? });
            }
            Sent::Unclear { wait } => {
                again(&mut attempt, wait).await?;
                if matches!(expected, Expected::Any | Expected::Exists) {
                    let end =
                        read::stream(link, &stream, Revision::MAX, Direction::Backwards, PAGES.1).await?;
                    if let Some(written) = end.iter().find(|event| Some(&event.id) == ids.last()) {
                        return Ok(appended(written, false));
                    }
                }
            }
        }
    }
}

fn with_ids(events: Vec<NewEvent>, ids: &[Uuid]) -> Vec<EventData> {
    events.into_iter().zip(ids).map(|(event, id)| mapping::new_event(event, *id)).collect()
}

/// Waits for the next attempt at what had no answer, if there is to be one.
async fn again(attempt: &mut usize, wait: bool) -> Result<(), LogError> {
    if wait {
        let pause = link::pause(*attempt).ok_or_else(|| {
            LogError::Unavailable("the connection was lost: the events may have been written or not".into())
        })?;
        tokio::time::sleep(pause).await;
    }
    *attempt += usize::from(wait);
    Ok(())
}

async fn send(
    link: &Link,
    stream: &StreamId,
    expected: Expected,
    events: Vec<EventData>,
) -> Result<Sent, LogError> {
    let session = match link.session().await? {
        Ok(session) => session,
        Err(error) if mapping::is_lost(&error) => return Ok(Sent::Unclear { wait: true }),
        Err(error) => return Err(mapping::error(&error)),
    };
    let (fresh, connection) = (session.fresh, Arc::clone(&session.connection));
    let (name, expected) = (stream.clone(), mapping::expected(expected));
    let appending = tokio::spawn(async move {
        let appending = session.batch.append_to_stream(name.as_str(), expected, events);
        let answer = tokio::time::timeout(ANSWER, appending).await;
        if matches!(answer, Ok(Ok(_))) {
            session.put_back();
        }
        answer
    });
    match appending.await {
        Ok(Ok(Ok(result))) => Ok(Sent::Written(result)),
        Ok(Ok(Err(error))) => match mapping::refusal(&error) {
            Some(Refusal::Conflict) => Ok(Sent::Conflict),
            Some(Refusal::Deleted) => Err(LogError::Deleted),
            Some(Refusal::Other(error)) => Err(error),
            None => Ok(Sent::Unclear { wait: fresh }),
        },
        Ok(Err(_)) => {
            link.replace(&connection)?;
            Ok(Sent::Unclear { wait: true })
        }
        Err(_) => Err(LogError::Unavailable("the program is stopping".into())),
    }
}

/// Where an append ended up.
async fn place(
    link: &Link,
    stream: &StreamId,
    ids: &[Uuid],
    at_first: bool,
    result: &BatchWriteResult,
) -> Result<Appended, LogError> {
    let revision = result
        .current_revision()
        .ok_or_else(|| LogError::Unavailable("the server did not say where it wrote".into()))?;
    link.known.append(stream, revision, ids);
    if let (1, true, Some(position)) = (ids.len(), at_first, result.current_position()) {
        return Ok(Appended { position: Position(position.commit), revision, repeated: false });
    }
    // For several events the answer does not say which of them its position belongs to, and for events that
    // the server knew already it need not have one.
    let last = read::stream(link, stream, revision, Direction::Forwards, 1).await?;
    let last = last.first().ok_or_else(|| LogError::Damaged(format!("{stream} lost revision {revision}")))?;
    Ok(appended(last, false))
}

const fn appended(event: &Recorded, repeated: bool) -> Appended {
    Appended { position: event.position, revision: event.revision, repeated }
}

/// What looking for a key found.
pub(super) struct Looked {
    /// What the append with the key did.
    pub(super) found: Option<Appended>,
    /// The stream's last revision.
    last: Option<Revision>,
}

/// Looks for the append with a key, backwards from the stream's end: what is repeated is mostly young.
pub(super) async fn look(link: &Link, stream: &StreamId, key: &str) -> Result<Looked, LogError> {
    // Newest first.
    let mut seen: Vec<(Uuid, Appended)> = Vec::new();
    let (mut from, mut size) = (Revision::MAX, PAGES.0);
    loop {
        let page = read::stream(link, stream, from, Direction::Backwards, size).await?;
        seen.extend(page.iter().map(|event| (event.id, appended(event, true))));
        let last = seen.first().map(|(_, newest)| newest.revision);
        if page.iter().any(|event| mapping::is_keyed(event.id, stream, key, 0)) {
            let found = mapping::find_append(stream, key, seen.into_iter().rev());
            return Ok(Looked { found, last });
        }
        match page.last() {
            Some(oldest) if page.len() == size && oldest.revision > 0 => from = oldest.revision - 1,
            _ => {
                if let Some(last) = last {
                    link.known.learn(stream, last, seen.iter().map(|(id, _)| *id));
                }
                return Ok(Looked { found: None, last });
            }
        }
        size = PAGES.1;
    }
}

pub(super) async fn last_revision(link: &Link, stream: &StreamId) -> Result<Option<Revision>, LogError> {
    let newest = read::stream(link, stream, Revision::MAX, Direction::Backwards, 1).await?;
    Ok(newest.first().map(|event| event.revision))
}

/// Writes a stream's tombstone. It counts as the revision after the last event. (The server's own number for it
/// is the largest there is.)
pub(super) async fn delete(link: &Link, stream: &StreamId, expected: Expected) -> Result<Appended, LogError> {
    loop {
        let last = last_revision(link, stream).await?;
        expected.check(last)?;
        let options =
            TombstoneStreamOptions::default().stream_state(mapping::expected(Expected::after(last)));
        let answer =
            link.once(async |client| client.tombstone_stream(stream.as_str(), &options).await).await?;
        match answer {
            Ok(Some(position)) => {
                let revision = last.map_or(0, |last| last + 1);
                return Ok(Appended { position: Position(position.commit), revision, repeated: false });
            }
            Ok(None) => return Err(LogError::Unavailable("the server did not say where it deleted".into())),
            Err(error) if mapping::is_conflict(&error) => {}
            Err(error) if mapping::is_lost(&error) => {
                return Err(LogError::Unavailable(
                    "the connection was lost: the stream may have been deleted or not; ask again".into(),
                ));
            }
            Err(error) => return Err(mapping::error(&error)),
        }
    }
}
