//! Reading: a stream, or everything, in both directions.

use kurrentdb::{
    Client, Error, ReadAllOptions, ReadStream, ReadStreamOptions, ResolvedEvent, StreamPosition,
};
use skranke_domain::StreamId;

use super::link::Link;
use super::mapping;
use crate::port::{Direction, Filter, LogError, Page, Position, Recorded, Revision};

async fn to_end(mut reading: ReadStream) -> Result<Vec<ResolvedEvent>, Error> {
    let mut events = Vec::new();
    while let Some(event) = reading.next().await? {
        events.push(event);
    }
    Ok(events)
}

/// A stream, from a revision on (inclusive). An unknown stream is an empty one.
pub(super) async fn stream(
    link: &Link,
    stream: &StreamId,
    from: Revision,
    direction: Direction,
    max: usize,
) -> Result<Vec<Recorded>, LogError> {
    let beyond = mapping::stream_from(from) == StreamPosition::End;
    let options = ReadStreamOptions::default().max_count(max.max(1)).position(mapping::stream_from(from));
    let options = match direction {
        // Nothing can stand beyond what the server counts; whether the stream is deleted is to be said all the same.
        Direction::Forwards if beyond => options.backwards(),
        Direction::Forwards => options.forwards(),
        Direction::Backwards => options.backwards(),
    };
    let options = &options;
    let answer =
        link.ask(async |client| to_end(client.read_stream(stream.as_str(), options).await?).await).await?;
    let read = match answer {
        Ok(read) => read,
        Err(Error::ResourceNotFound) => return Ok(Vec::new()),
        Err(error) => return Err(mapping::error(&error)),
    };
    if max == 0 || (beyond && direction == Direction::Forwards) {
        return Ok(Vec::new());
    }
    let read: Vec<_> = read.iter().filter_map(|event| mapping::recorded(event.event.as_ref()?)).collect();
    if let (0, Direction::Forwards, Some(last)) = (from, direction, read.last()) {
        link.known.learn(stream, last.revision, read.iter().map(|event| event.id));
    }
    Ok(read)
}

async fn all(link: &Link, options: ReadAllOptions) -> Result<Result<Vec<ResolvedEvent>, Error>, LogError> {
    let options = &options;
    link.ask(async |client| to_end(client.read_all(options).await?).await).await
}

async fn all_there(link: &Link, options: ReadAllOptions) -> Result<Vec<ResolvedEvent>, LogError> {
    all(link, options).await?.map_err(|error| mapping::error(&error))
}

/// The newest event of all, the system's own included.
pub(super) async fn newest(client: Client) -> Result<Option<ResolvedEvent>, Error> {
    let options = ReadAllOptions::default().position(StreamPosition::End).backwards().max_count(1);
    Ok(to_end(client.read_all(&options).await?).await?.pop())
}

/// The position of the newest event that is not the system's, whoever wrote it.
pub(super) async fn head(link: &Link) -> Result<Position, LogError> {
    let newest = link.ask(newest).await?.map_err(|error| mapping::error(&error))?;
    match newest {
        None => Ok(Position(0)),
        Some(event) if mapping::is_visible(&event) => Ok(mapping::position(&event)),
        Some(_) => {
            let options = ReadAllOptions::default()
                .position(StreamPosition::End)
                .backwards()
                .max_count(1)
                .filter(mapping::filter(&Filter::default()));
            Ok(all_there(link, options).await?.last().map_or(Position(0), mapping::position))
        }
    }
}

pub(super) async fn forwards(
    link: &Link,
    mut from: Position,
    max: usize,
    filter: &Filter,
) -> Result<Page, LogError> {
    // Asked first: what is committed after this is not promised to be on the page.
    let head = head(link).await?;
    let mut events = Vec::new();
    loop {
        if from >= head {
            return Ok(Page { events, next: from, end: true });
        }
        // One more than wanted, because the server begins with the event at `from` itself.
        let wanted = max - events.len() + 1;
        let options = ReadAllOptions::default()
            .position(mapping::all_from(from))
            .forwards()
            .max_count(wanted)
            .filter(mapping::filter(filter));
        let read = all_there(link, options).await?;
        let exhausted = read.len() < wanted;
        let at = from;
        for event in read.iter().filter(|event| mapping::position(event) > at) {
            if events.len() == max {
                break;
            }
            from = mapping::position(event);
            events.extend(mapping::ours(event, filter));
        }
        if exhausted && events.len() < max {
            let next = from.max(head);
            return Ok(Page { events, next, end: true });
        }
        if !events.is_empty() {
            return Ok(Page { events, next: from, end: from >= head });
        }
    }
}

/// The server reads backwards from before a position, the port from a position on. So an event that stands at
/// `from` is read first; where none does, `from` is one before the last event of the page before.
pub(super) async fn backwards(
    link: &Link,
    from: Position,
    max: usize,
    filter: &Filter,
) -> Result<Page, LogError> {
    let mut events = Vec::new();
    let mut next = from;
    let mut start = if from >= head(link).await? {
        StreamPosition::End
    } else {
        let one = ReadAllOptions::default().position(mapping::all_from(from)).forwards().max_count(1);
        // A refusal means that no record begins there.
        match all(link, one).await?.ok().and_then(|mut read| read.pop()) {
            Some(event) if mapping::position(&event) == from => {
                events.extend(mapping::ours(&event, filter));
                next = Position(from.0.saturating_sub(1));
                StreamPosition::Position(mapping::server_position(from.0))
            }
            _ => StreamPosition::Position(mapping::server_position(from.0 + 1)),
        }
    };
    while events.len() < max {
        let wanted = max - events.len();
        let options = ReadAllOptions::default()
            .position(start)
            .backwards()
            .max_count(wanted)
            .filter(mapping::filter(filter));
        let read = all_there(link, options).await?;
        events.extend(read.iter().filter_map(|event| mapping::ours(event, filter)));
        match read.last() {
            Some(last) if read.len() == wanted => {
                let last = mapping::position(last).0;
                start = StreamPosition::Position(mapping::server_position(last));
                next = Position(last.saturating_sub(1));
            }
            _ => {
                next = Position(0);
                break;
            }
        }
    }
    Ok(Page { events, next, end: next.0 == 0 })
}
