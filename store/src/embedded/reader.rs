//! Reading the embedded log: what writer and readers share, and the questions that are asked of it.
//!
//! Invariant: an answer holds what was committed when it was asked for, and nothing that was not. A reader
//! never waits for the disk to sync, nor the writer for a reader: they meet only at the index in memory, for
//! the time of one look-up.

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use bytes::Bytes;
use jiff::Timestamp;
use skranke_domain::StreamId;
use tokio::sync::{Semaphore, watch};

use super::disk::{DiskFile, read_exact};
use super::frame::{Append, EVENT_HEAD, KeyHash, LONGEST_APPEND_HEAD, appends, event, u32_at};
use super::index::{Entry, Fault, NameHash, Stretch, name_hash};
use super::segment::{FRONT, Frame, Halt, Segment, Walk};
use crate::port::{Appended, Direction, EventType, Filter, LogError, Page, Position, Recorded, Revision};
use crate::record::Record;

/// Questions that read the disk at the same time.
const READERS: usize = 8;
/// Read at once where single events are picked: most events with their neighbours of the same append.
const PICK: usize = 4 << 10;
/// What an event takes on the disk, about: how far ahead a walk reads.
const USUAL: usize = 640;

type Segments = Arc<Vec<Arc<Segment>>>;

/// What writer and readers share.
pub(super) struct Shared {
    segments: RwLock<Segments>,
    head: watch::Sender<Position>,
    closed: AtomicBool,
    permits: Arc<Semaphore>,
}

/// Why a question had no answer.
#[derive(Debug)]
pub(super) enum ReadFault {
    Disk(io::Error),
    Damaged(String),
    Deleted,
}

impl From<io::Error> for ReadFault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged("a file is shorter than it was".into()),
            _ => Self::Disk(error),
        }
    }
}

impl ReadFault {
    pub(super) fn into_log(self) -> LogError {
        match self {
            Self::Disk(error) => LogError::Unavailable(format!("its disk did not answer: {error}").into()),
            Self::Damaged(what) => LogError::Damaged(what),
            Self::Deleted => LogError::Deleted,
        }
    }
}

pub(super) fn closed() -> LogError {
    static TEXT: OnceLock<Arc<str>> = OnceLock::new();
    LogError::Unavailable(Arc::clone(TEXT.get_or_init(|| "it is closed".into())))
}

impl Shared {
    pub(super) fn new(segments: Vec<Arc<Segment>>, head: Position) -> Self {
        Self {
            segments: RwLock::new(Arc::new(segments)),
            head: watch::Sender::new(head),
            closed: AtomicBool::new(false),
            permits: Arc::new(Semaphore::new(READERS)),
        }
    }

    pub(super) fn segments(&self) -> Segments {
        Arc::clone(&self.segments.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn newest(&self) -> Option<Arc<Segment>> {
        self.segments().last().map(Arc::clone)
    }

    /// Adds a segment, in the place of the newest one if that is empty. Answers the one that is full now.
    pub(super) fn add(&self, segment: Segment, in_place: bool) -> Option<Arc<Segment>> {
        let mut segments = self.segments.write().unwrap_or_else(PoisonError::into_inner);
        let mut more = Vec::clone(&segments);
        let full = if in_place { more.pop().and(None) } else { more.last().map(Arc::clone) };
        more.push(Arc::new(segment));
        *segments = Arc::new(more);
        full
    }

    /// What all segments take on the disk.
    pub(super) fn bytes(&self) -> u64 {
        self.segments().iter().map(|segment| segment.length()).sum()
    }

    pub(super) fn head(&self) -> Position {
        *self.head.borrow()
    }

    pub(super) fn watch(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    pub(super) fn tell(&self, head: Position) {
        self.head.send_replace(head);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// No more questions from here on; whoever waits for events is woken.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.permits.close();
        self.head.send_modify(|_| {});
    }

    /// Asks a question off the async threads.
    pub(super) async fn ask<T, F>(self: &Arc<Self>, question: F) -> Result<T, LogError>
    where
        T: Send + 'static,
        F: FnOnce(&Self) -> Result<T, ReadFault> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())?;
        let shared = Arc::clone(self);
        let work = move || {
            // Given back when the work is done, also when nobody waits for it any more.
            let _permit = permit;
            question(&shared).map_err(ReadFault::into_log)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| closed())?
    }

    /// The newest event of a stream.
    pub(super) fn last(&self, name: &NameHash) -> Result<Option<Entry>, ReadFault> {
        for segment in self.segments().iter().rev() {
            let last = segment.index().last(name).map_err(|fault| bad_index(segment, fault))?;
            if last.is_some() {
                return Ok(last);
            }
        }
        Ok(None)
    }

    /// Whether a segment that begins within `range` may know a key, as far as memory can tell: surely not, or
    /// perhaps.
    pub(super) fn may_know(&self, key: &KeyHash, range: &Range<u64>) -> bool {
        let segments = self.segments();
        let mut asked = segments.iter().rev().filter(|segment| range.contains(&segment.first));
        asked.any(|segment| segment.index().may_know(key))
    }

    /// What the append with a key did, looked for in the segments that begin within `range`.
    pub(super) fn find_key(
        &self,
        key: &KeyHash,
        range: &Range<u64>,
    ) -> Result<Option<Vec<Appended>>, ReadFault> {
        for segment in self.segments().iter().rev().filter(|segment| range.contains(&segment.first)) {
            let offset = segment.index().key(key).map_err(|fault| bad_index(segment, fault))?;
            if let Some(offset) = offset {
                return read_answer(segment, offset, key).map(Some);
            }
        }
        Ok(None)
    }

    /// See [`crate::port::EventLog::read_stream`].
    pub(super) fn stream(
        &self,
        stream: &StreamId,
        from: Revision,
        way: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, ReadFault> {
        let name = name_hash(stream.as_str());
        let head = self.head();
        if self.last(&name)?.is_some_and(|last| last.deletes) {
            return Err(ReadFault::Deleted);
        }
        let segments = self.segments();
        let mut events = Vec::new();
        let mut types = Types::default();
        let mut read = |segment: &Arc<Segment>| {
            let stretch = Stretch { from, way, max: max - events.len(), until: head.0 };
            let entries = segment.index().entries(&name, &stretch);
            let entries = entries.map_err(|fault| bad_index(segment, fault))?;
            let mut picker = Picker { segment, window: Bytes::new(), window_at: 0 };
            for entry in entries {
                events.push(picker.pick(stream, &entry, &mut types)?);
            }
            Ok::<_, ReadFault>(events.len() < max)
        };
        let order: &mut dyn Iterator<Item = _> = match way {
            Direction::Forwards => &mut segments.iter(),
            Direction::Backwards => &mut segments.iter().rev(),
        };
        if max > 0 {
            for segment in order {
                if !read(segment)? {
                    break;
                }
            }
        }
        Ok(events)
    }

    /// See [`crate::port::EventLog::read_all`].
    pub(super) fn all(
        &self,
        from: Position,
        way: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, ReadFault> {
        let head = self.head();
        let max = max.max(1);
        match way {
            Direction::Forwards if from >= head => Ok(Page { events: Vec::new(), next: from, end: true }),
            Direction::Forwards => {
                let (events, stopped) = self.forwards(from, head, max, filter)?;
                let next = stopped.unwrap_or(head);
                Ok(Page { events, next, end: next >= head })
            }
            Direction::Backwards => {
                let (events, stopped) = self.backwards(from.min(head), max, filter)?;
                let next = stopped.map_or(Position(0), |last| Position(last.0 - 1));
                Ok(Page { events, next, end: next.0 == 0 })
            }
        }
    }

    /// The events after `from` that pass, up to `head`, and where the walk stopped because there were enough.
    fn forwards(
        &self,
        from: Position,
        head: Position,
        max: usize,
        filter: &Filter,
    ) -> Result<(Vec<Recorded>, Option<Position>), ReadFault> {
        let mut pass = Pass { filter, events: Vec::new(), types: Types::default(), stream: None };
        let segments = self.segments();
        let start = segments.partition_point(|segment| segment.first <= from.0 + 1).saturating_sub(1);
        for segment in &segments[start..] {
            let place =
                segment.index().places().at(from.0 + 1).map_or(FRONT, |(_, offset)| u64::from(offset));
            let reach = if filter.is_all() { max.saturating_mul(USUAL) } else { usize::MAX };
            let mut walk = Walk::new(segment.file.as_ref(), place, segment.end(), reach);
            while let Some(frame) = walk.next().map_err(|halt| damaged(segment, halt))? {
                if frame.head.next() <= from.0 + 1 {
                    continue;
                }
                if frame.head.first > head.0 {
                    return Ok((pass.events, None));
                }
                let mut stop = None;
                each(segment, &frame, |position, record| {
                    if position > from.0 && stop.is_none() && pass.take(position, &record, &frame.body)? {
                        stop = (pass.events.len() >= max).then_some(Position(position));
                    }
                    Ok(())
                })?;
                if stop.is_some() {
                    return Ok((pass.events, stop));
                }
            }
        }
        Ok((pass.events, None))
    }

    /// The events at or before `from` that pass, newest first, and where the walk stopped because there were
    /// enough.
    fn backwards(
        &self,
        from: Position,
        max: usize,
        filter: &Filter,
    ) -> Result<(Vec<Recorded>, Option<Position>), ReadFault> {
        let mut pass = Pass { filter, events: Vec::new(), types: Types::default(), stream: None };
        for segment in self.segments().iter().rev().filter(|segment| segment.first <= from.0) {
            let mut until = segment.end();
            let mut number = segment.index().places().at(from.0).map(|(number, _)| number);
            // From one remembered place to the next one back, each stretch read forwards and turned round.
            while let Some(at) = number {
                let Some(begin) = segment.index().places().offset(at).map(u64::from) else { break };
                let before = pass.events.len();
                let mut walk = Walk::new(segment.file.as_ref(), begin, until, usize::MAX);
                while let Some(frame) = walk.next().map_err(|halt| damaged(segment, halt))? {
                    if frame.head.first > from.0 {
                        break;
                    }
                    each(segment, &frame, |position, record| {
                        if position <= from.0 {
                            pass.take(position, &record, &frame.body)?;
                        }
                        Ok(())
                    })?;
                }
                pass.events[before..].reverse();
                if pass.events.len() >= max {
                    pass.events.truncate(max);
                    let last = pass.events.last().map(|event| event.position);
                    return Ok((pass.events, last));
                }
                until = begin;
                number = at.checked_sub(1);
            }
        }
        Ok((pass.events, None))
    }
}

fn bad_index(segment: &Segment, fault: Fault) -> ReadFault {
    match fault {
        Fault::Disk(error) => error.into(),
        Fault::Damaged => ReadFault::Damaged(format!(
            "the index of the segment from position {} on: stop, delete that .index file, and start again; it \
             is made anew from the log",
            segment.first
        )),
    }
}

pub(super) fn damaged(segment: &Segment, halt: Halt) -> ReadFault {
    match halt {
        Halt::Disk(error) => error.into(),
        Halt::Broken { at } => ReadFault::Damaged(format!(
            "byte {at} of the segment from position {} on is not what was written: restore a backup",
            segment.first
        )),
    }
}

/// Every event of a frame.
pub(super) fn each<'f>(
    segment: &Segment,
    frame: &'f Frame,
    mut with: impl FnMut(u64, Record<'f>) -> Result<(), ReadFault>,
) -> Result<(), ReadFault> {
    let broken = || damaged(segment, Halt::Broken { at: frame.at });
    for append in appends(&frame.body) {
        for event in append.ok_or_else(broken)?.events() {
            let (position, _, record) = event.ok_or_else(broken)?;
            with(position, record)?;
        }
    }
    Ok(())
}

/// The names of types met on the way: there are few, and each is made once.
#[derive(Default)]
struct Types(HashMap<Box<str>, EventType>);

/// More than these are not remembered.
const TYPES: usize = 1024;

impl Types {
    fn get(&mut self, name: &str) -> EventType {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        let fresh = EventType::from(name);
        if self.0.len() < TYPES {
            self.0.insert(name.into(), fresh.clone());
        }
        fresh
    }
}

/// Events on their way out of the log.
struct Pass<'a> {
    filter: &'a Filter,
    events: Vec<Recorded>,
    types: Types,
    /// The last stream met: its events tend to stand together.
    stream: Option<StreamId>,
}

impl Pass<'_> {
    /// Takes an event if it passes, and answers whether it did. Its bytes are shared with the frame.
    fn take(&mut self, position: u64, record: &Record<'_>, frame: &Bytes) -> Result<bool, ReadFault> {
        if !self.filter.passes_names(record.stream, record.event_type) {
            return Ok(false);
        }
        let stream = match &self.stream {
            Some(stream) if stream.as_str() == record.stream => stream.clone(),
            _ => {
                let stream = StreamId::parse(record.stream)
                    .map_err(|_| ReadFault::Damaged(format!("the event at {position} has no stream")))?;
                self.stream = Some(stream.clone());
                stream
            }
        };
        let event_type = self.types.get(record.event_type);
        self.events.push(recorded(position, stream, event_type, record, frame)?);
        Ok(true)
    }
}

fn recorded(
    position: u64,
    stream: StreamId,
    event_type: EventType,
    record: &Record<'_>,
    frame: &Bytes,
) -> Result<Recorded, ReadFault> {
    let recorded_at = Timestamp::from_nanosecond(record.nanoseconds.into())
        .map_err(|_| ReadFault::Damaged(format!("the event at {position} has no valid time")))?;
    Ok(Recorded {
        position: Position(position),
        stream,
        revision: record.revision,
        id: record.id,
        event_type,
        data: frame.slice_ref(record.data),
        metadata: frame.slice_ref(record.metadata),
        recorded_at,
    })
}

/// Picks single events out of a segment; neighbours come out of one read.
struct Picker<'a> {
    segment: &'a Segment,
    window: Bytes,
    window_at: u64,
}

impl Picker<'_> {
    fn pick(&mut self, stream: &StreamId, entry: &Entry, types: &mut Types) -> Result<Recorded, ReadFault> {
        let broken = || damaged(self.segment, Halt::Broken { at: entry.offset.into() });
        let at = u64::from(entry.offset);
        let head = self.bytes(at, EVENT_HEAD)?;
        let length = EVENT_HEAD + u32_at(&head, 0).ok_or_else(broken)? as usize;
        if at + length as u64 > self.segment.end() {
            return Err(broken());
        }
        let whole = self.bytes(at, length)?;
        let record = event(&whole, true).and_then(Record::read);
        let record =
            record.filter(|record| record.stream == stream.as_str() && record.revision == entry.revision);
        let record = record.ok_or_else(broken)?;
        recorded(entry.position, stream.clone(), types.get(record.event_type), &record, &whole)
    }

    fn bytes(&mut self, at: u64, length: usize) -> Result<Bytes, ReadFault> {
        let within = at.checked_sub(self.window_at).and_then(|from| usize::try_from(from).ok());
        if let Some(from) = within
            && let Some(end) = from.checked_add(length).filter(|end| *end <= self.window.len())
        {
            return Ok(self.window.slice(from..end));
        }
        let left = usize::try_from(self.segment.end().saturating_sub(at)).unwrap_or(usize::MAX);
        let mut window = vec![0; PICK.max(length).min(left)];
        let read = self.segment.file.read_at(&mut window, at)?;
        window.truncate(read);
        (self.window, self.window_at) = (window.into(), at);
        if self.window.len() < length {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(self.window.slice(..length))
    }
}

/// What a keyed append did, from what stands there: for each of its streams the last event.
fn read_answer(segment: &Segment, offset: u32, key: &KeyHash) -> Result<Vec<Appended>, ReadFault> {
    let broken = || damaged(segment, Halt::Broken { at: offset.into() });
    let file: &dyn DiskFile = segment.file.as_ref();
    let front = read_exact(file, LONGEST_APPEND_HEAD, offset.into())?;
    let length = 8 + u32_at(&front, 0).ok_or_else(broken)? as usize;
    if u64::from(offset) + length as u64 > segment.end() {
        return Err(broken());
    }
    let whole = read_exact(file, length, offset.into())?;
    let (append, _) = Append::read(&whole, 0, true).ok_or_else(broken)?;
    if append.key.as_ref() != Some(key) {
        return Err(broken());
    }
    let mut answers: Vec<(&str, Appended)> = Vec::new();
    for event in append.events() {
        let (position, _, record) = event.ok_or_else(broken)?;
        let appended = Appended { position: Position(position), revision: record.revision, repeated: true };
        match answers.last_mut() {
            Some((stream, last)) if *stream == record.stream => *last = appended,
            _ => answers.push((record.stream, appended)),
        }
    }
    Ok(answers.into_iter().map(|(_, appended)| appended).collect())
}
