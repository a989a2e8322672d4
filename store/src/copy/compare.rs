//! Two logs, read side by side.

use std::fmt;

use sha2::{Digest, Sha256};
use skranke_domain::StreamId;

use super::{Copied, CopyError, Direction, EventLog, Filter, LogError, PAGE, Position, Recorded, Revision};
use crate::record::Record;

/// The type of the event that ends a deleted stream.
pub(super) const TOMBSTONE: &str = "$streamDeleted";

/// Whether it is KurrentDB's own bookkeeping: statistics, projections, metadata of streams.
pub(super) fn is_system(event: &Recorded) -> bool {
    event.stream.as_str().starts_with('$')
        || event.event_type.starts_with('$') && event.event_type != TOMBSTONE
}

/// Where two logs differ first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Events that are the same on both sides, from the beginning.
    pub after: u64,
    /// The next event of the source: its place, stream and number. `None`: the source ends there.
    pub source: Option<Place>,
    /// The next event of the destination.
    pub destination: Option<Place>,
}

/// Where an event stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// In its log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Its number there.
    pub revision: Revision,
}

impl Place {
    fn of(event: &Recorded) -> Self {
        let Recorded { position, stream, revision, .. } = event;
        Self { position: *position, stream: stream.clone(), revision: *revision }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} revision {} at position {}", self.stream, self.revision, self.position.0)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place =
            |place: &Option<Place>| place.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
        let Self { after, source, destination } = self;
        write!(f, "after {after} equal events, the source has {}", place(source))?;
        write!(f, ", the destination {}", place(destination))?;
        let same = source.as_ref().zip(destination.as_ref()).is_some_and(|(source, destination)| {
            (&source.stream, source.revision) == (&destination.stream, destination.revision)
        });
        if same { f.write_str(" with other contents") } else { Ok(()) }
    }
}

/// Why a comparison ended early.
pub(super) enum Fault {
    Source(LogError),
    Destination(LogError),
    Differs(Difference),
}

impl Fault {
    pub(super) fn into_error(self, differs: impl FnOnce(Difference) -> CopyError) -> CopyError {
        match self {
            Self::Source(error) => CopyError::Source(error),
            Self::Destination(error) => CopyError::Destination(error),
            Self::Differs(difference) => differs(difference),
        }
    }
}

/// A log, read forwards.
pub(super) struct Side<'a> {
    log: &'a dyn EventLog,
    /// Up to here it was read.
    read: Position,
    page: std::vec::IntoIter<Recorded>,
    /// The event that comes next.
    next: Option<Recorded>,
    left_out: u64,
}

impl<'a> Side<'a> {
    pub(super) fn new(log: &'a dyn EventLog, from: Position) -> Self {
        Self { log, read: from, page: Vec::new().into_iter(), next: None, left_out: 0 }
    }

    /// Everything up to here was handed out.
    pub(super) const fn position(&self) -> Position {
        self.read
    }

    /// The next page; `None` at the end of the log.
    pub(super) async fn page(&mut self) -> Result<Option<Vec<Recorded>>, LogError> {
        let page = self.log.read_all(self.read, Direction::Forwards, PAGE, &Filter::default()).await?;
        self.read = page.next;
        Ok(Some(page.events).filter(|events| !events.is_empty()))
    }

    /// Looks at the next event that counts.
    async fn peek(&mut self) -> Result<Option<&Recorded>, LogError> {
        while self.next.is_none() {
            match self.page.next() {
                Some(event) if is_system(&event) => self.left_out += 1,
                Some(event) => self.next = Some(event),
                None => match self.page().await? {
                    Some(events) => self.page = events.into_iter(),
                    None => return Ok(None),
                },
            }
        }
        Ok(self.next.as_ref())
    }
}

/// Both logs, and what they have been found to have in common.
pub(super) struct Comparison<'a> {
    source: Side<'a>,
    destination: Side<'a>,
    /// The place in the source of the last event compared.
    at: Position,
    digest: Sha256,
    events: u64,
    streams: u64,
    deleted: u64,
}

/// Hears how many events were compared, and the place in the source.
type Tell<'a> = dyn FnMut(u64, Position) + Send + 'a;

impl<'a> Comparison<'a> {
    pub(super) fn new(source: &'a dyn EventLog, destination: &'a dyn EventLog) -> Self {
        Self {
            source: Side::new(source, Position(0)),
            destination: Side::new(destination, Position(0)),
            at: Position(0),
            digest: Sha256::new(),
            events: 0,
            streams: 0,
            deleted: 0,
        }
    }

    /// Events found equal so far.
    pub(super) const fn events(&self) -> u64 {
        self.events
    }

    /// The place in the source up to which both are equal.
    pub(super) const fn source_position(&self) -> Position {
        self.at
    }

    /// Compares until the destination ends: what it holds must be a beginning of the source.
    pub(super) async fn until_the_copy_ends(&mut self, tell: &mut Tell<'_>) -> Result<(), Fault> {
        while self.destination.peek().await.map_err(Fault::Destination)?.is_some() {
            self.source.peek().await.map_err(Fault::Source)?;
            self.step(tell)?;
        }
        tell(self.events, self.at);
        Ok(())
    }

    /// Compares on until the source ends (at `end`: it may grow while it is copied), and the destination too.
    pub(super) async fn until_both_end(
        mut self,
        end: Position,
        tell: &mut Tell<'_>,
    ) -> Result<Copied, Fault> {
        loop {
            let source = self.source.peek().await.map_err(Fault::Source)?;
            let over = source.is_none_or(|event| event.position > end);
            if over {
                self.source.next = None;
            }
            let more = self.destination.peek().await.map_err(Fault::Destination)?.is_some();
            if over && !more {
                break;
            }
            self.step(tell)?;
        }
        tell(self.events, self.at);
        Ok(Copied {
            events: self.events,
            streams: self.streams,
            deleted: self.deleted,
            found: 0,
            left_out: self.source.left_out,
            digest: self.digest.finalize().into(),
        })
    }

    /// Takes the next event of each side, which were looked at before.
    fn step(&mut self, tell: &mut Tell<'_>) -> Result<(), Fault> {
        let (source, destination) = (self.source.next.take(), self.destination.next.take());
        let bytes = source.as_ref().map(bytes).transpose().map_err(Fault::Source)?;
        let copied = destination.as_ref().map(self::bytes).transpose().map_err(Fault::Destination)?;
        let (Some(event), Some(bytes)) = (&source, bytes.filter(|bytes| copied.as_ref() == Some(bytes)))
        else {
            let (source, destination) = (source.as_ref().map(Place::of), destination.as_ref().map(Place::of));
            return Err(Fault::Differs(Difference { after: self.events, source, destination }));
        };
        self.digest.update(&bytes);
        self.at = event.position;
        self.events += 1;
        if event.event_type == TOMBSTONE {
            self.deleted += 1;
        } else if event.revision == 0 {
            self.streams += 1;
        }
        if self.events.is_multiple_of(PAGE as u64) {
            tell(self.events, self.at);
        }
        Ok(())
    }
}

/// What must be the same on both sides. A deletion is the engine's own event: its stream is what it says.
fn bytes(event: &Recorded) -> Result<Vec<u8>, LogError> {
    let mut bytes = Vec::new();
    if event.event_type == TOMBSTONE {
        // No record begins with a zero, and none of the two can be read as the beginning of another.
        bytes.push(0);
        bytes.extend_from_slice(&(event.stream.as_str().len() as u64).to_le_bytes());
        bytes.extend_from_slice(event.stream.as_str().as_bytes());
    } else {
        Record::of(event)?.write(&mut bytes);
    }
    Ok(bytes)
}
