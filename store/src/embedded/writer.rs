//! The one writer of the embedded log.
//!
//! A thread of its own takes whatever is queued (no timer: while one batch is being synced the next one
//! gathers), writes it as one frame, and answers when the disk has it. Who comes while nothing is going on
//! writes at once, on the thread it comes on ([`Pen::write_now`]): handing one append over to another thread and
//! back takes as long as half a sync.
//!
//! Invariants:
//! - Whoever writes holds the pen, so one frame comes after the other.
//! - Positions are given out here and nowhere else, in commit order, without gaps.
//! - A request is measured against its streams before anything of it is put into the frame, so a refused one
//!   leaves its batch as if it had never been there.
//! - What this thread remembers, and what readers see, is changed after the sync and never before.
//! - Only one frame is ever being written: whatever stands behind it was never there.
//! - A full disk refuses; any other failed write or sync stops the writer for good. A failed fsync is never
//!   tried again: the kernel may already have dropped what it could not write.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as std_mpsc;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;

use skranke_domain::StreamId;
use tokio::sync::{mpsc, oneshot};

use super::DELETED;
use super::disk::{Disk, DiskFile};
use super::frame::{Draft, HEAD, KeyHash, LONGEST_APPEND_HEAD};
use super::index::{Entry, Live, NameHash, name_hash};
use super::reader::{ReadFault, Shared, closed};
use super::sealer::Job;
use super::segment::{FRONT, Front, Index, Segment, fill, name};
use super::witness::{Answered, Witness};
use crate::port::{Appended, LogError, NewEvent, Position, Revision, StreamWrite};
use crate::recent::Recent;
use crate::record::Record;

/// The most requests in one frame.
const BATCH_REQUESTS: usize = 1024;
/// From this length on a frame takes no more requests.
const BATCH_BYTES: usize = 4 << 20;
/// Streams whose head is remembered.
const HEADS: usize = 65_536;
/// Where room is short, segments are made this long.
const SMALLEST: u64 = 1 << 20;
/// The name of the file that will be the next segment.
pub(super) const SPARE: &str = "spare";

pub(super) type Outcome = Result<Vec<Appended>, LogError>;

/// An append on its way to the writer, with what could be found out beforehand.
pub(super) struct Append {
    pub(super) writes: Vec<StreamWrite>,
    pub(super) key: Option<KeyHash>,
    /// The segments that begin below this position were asked for the key, in vain.
    pub(super) asked_below: u64,
}

/// An append that somebody waits for.
pub(super) struct Request {
    pub(super) append: Append,
    pub(super) answer: oneshot::Sender<Outcome>,
}

/// What the writer can be asked.
pub(super) enum Message {
    Append(Request),
    /// Bounds the segments' lengths together, in bytes.
    Limit {
        bytes: u64,
        answer: oneshot::Sender<()>,
    },
    Close {
        answer: oneshot::Sender<()>,
    },
}

/// Set once, when the writer must not go on.
pub(super) type Stopped = Arc<OnceLock<Arc<str>>>;

/// Where a stream stands.
#[derive(Clone, Copy, Debug)]
struct Head {
    name: NameHash,
    last: Option<Revision>,
    deleted: bool,
}

/// What a start found: where to go on.
pub(super) struct Start {
    /// Of the segment that is written to.
    pub(super) front: Front,
    pub(super) next: u64,
    pub(super) offset: u64,
    /// The checksum of the last frame.
    pub(super) last: u32,
}

/// Where the writer is kept while it does not write.
pub(super) struct Pen {
    /// None once the log is closed.
    writer: Mutex<Option<Writer>>,
    /// The thread has a batch in its hands and is next.
    taken: AtomicBool,
}

impl Pen {
    pub(super) fn new(writer: Writer) -> Self {
        Self { writer: Mutex::new(Some(writer)), taken: AtomicBool::new(false) }
    }

    /// Writes one append here and now, when nobody else writes or is about to; otherwise gives it back. Blocks for
    /// as long as a sync takes; to be called on tokio's multi-thread runtime.
    pub(super) fn write_now(&self, append: Append) -> Result<Outcome, Append> {
        if self.taken.load(Ordering::Acquire) {
            return Err(append);
        }
        // A poisoned one: the writer panicked and is not to be touched again.
        let Ok(mut writer) = self.writer.try_lock() else { return Err(append) };
        let Some(writer) = writer.as_mut() else { return Err(append) };
        let (answer, mut answered) = oneshot::channel();
        tokio::task::block_in_place(|| writer.write(&mut vec![Request { append, answer }]));
        Ok(answered.try_recv().unwrap_or_else(|_| Err(closed())))
    }

    /// Works off the queue until the log is closed or nobody is left who could ask.
    pub(super) fn work_off(&self, mut requests: mpsc::Receiver<Message>) {
        let (mut batch, mut closing) = (Vec::new(), None);
        while let Some(message) = requests.blocking_recv() {
            self.taken.store(true, Ordering::Release);
            let Ok(mut guard) = self.writer.lock() else { break };
            let Some(writer) = guard.as_mut() else { break };
            closing = writer.gather(message, &mut requests, &mut batch).or(closing);
            writer.write(&mut batch);
            self.taken.store(false, Ordering::Release);
        }
        let writer = self.writer.lock().ok().and_then(|mut writer| writer.take());
        if let Some(writer) = writer {
            writer.put_down();
        }
        if let Some(answer) = closing {
            let _ = answer.send(());
        }
    }
}

pub(super) struct Writer {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) shared: Arc<Shared>,
    pub(super) memory: Memory,
    pub(super) at: Start,
    pub(super) witness: Witness,
    pub(super) sealer: std_mpsc::Sender<Job>,
    pub(super) sealing: JoinHandle<()>,
    pub(super) stopped: Stopped,
    pub(super) segment_bytes: u64,
    pub(super) most_bytes: u64,
    /// The file that will be the next segment, when it was asked for.
    pub(super) spare: Option<Awaited>,
    /// Held as long as this thread may touch the files.
    pub(super) lock: Option<std::fs::File>,
}

/// A file that is being made.
pub(super) struct Awaited {
    made: std_mpsc::Receiver<Spare>,
    /// Set when somebody waits for it.
    awaited: Arc<AtomicBool>,
}

impl Awaited {
    /// No longer at leisure.
    fn hurry(&self) {
        self.awaited.store(true, Ordering::Relaxed);
    }
}

/// A file that was made to be a segment, and its length.
pub(super) type Spare = io::Result<(Arc<dyn DiskFile>, u64)>;

/// What a batch adds to the writer's memory once it is committed.
#[derive(Default)]
struct Staged {
    heads: HashMap<StreamId, Head>,
    keys: HashMap<KeyHash, Vec<Appended>>,
    /// Places within the frame.
    marks: Vec<Mark>,
}

enum Mark {
    Key(KeyHash, usize),
    Event(NameHash, Entry),
}

/// Why a batch was not written.
enum Fault {
    Full,
    /// And the log must stop.
    Broken(String),
}

impl Fault {
    /// What an error of the disk means before anything was changed.
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// What the writer remembers from one batch to the next.
pub(super) struct Memory {
    heads: Recent<StreamId, Head>,
    draft: Draft,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { heads: Recent::new(HEADS), draft: Draft::new() }
    }
}

impl Writer {
    /// Takes what is queued behind a message, as much as one frame holds. Answers who asked to close, if somebody
    /// did.
    fn gather(
        &mut self,
        mut message: Message,
        requests: &mut mpsc::Receiver<Message>,
        batch: &mut Vec<Request>,
    ) -> Option<oneshot::Sender<()>> {
        let (mut bytes, mut closing) = (0, None);
        loop {
            match message {
                Message::Append(request) => {
                    let events = request.append.writes.iter().flat_map(|write| &write.events);
                    bytes += events.map(size).sum::<usize>();
                    batch.push(request);
                }
                Message::Limit { bytes, answer } => {
                    self.most_bytes = bytes;
                    let _ = answer.send(());
                }
                Message::Close { answer } => {
                    // What is queued was accepted; what comes after is not.
                    requests.close();
                    closing = Some(answer);
                }
            }
            if batch.len() >= BATCH_REQUESTS || bytes >= BATCH_BYTES {
                return closing;
            }
            match requests.try_recv() {
                Ok(next) => message = next,
                Err(_) => return closing,
            }
        }
    }

    /// Ends the work of the second thread and lets the files go.
    fn put_down(self) {
        let Self { witness, sealer, sealing, stopped, lock, shared, spare, .. } = self;
        drop(sealer);
        if let Some(spare) = spare {
            spare.hurry();
        }
        // What is full gets its index before the files are let go.
        let _ = sealing.join();
        if stopped.get().is_none()
            && let Err(error) = witness.sync()
        {
            tracing::warn!("the log is closed, but its last mark may be lost in a power cut: {error}");
        }
        drop(lock);
        shared.close();
    }

    /// Writes a batch and answers everyone in it.
    fn write(&mut self, batch: &mut Vec<Request>) {
        if batch.is_empty() {
            return;
        }
        let outcome = match self.stopped.get() {
            Some(why) => Err(LogError::Unavailable(Arc::clone(why))),
            None => self.commit(batch),
        };
        match outcome {
            Ok(answers) => {
                for (request, outcome) in batch.drain(..).zip(answers) {
                    // Whoever asked may have gone; what was written stays written.
                    let _ = request.answer.send(outcome);
                }
            }
            Err(fault) => {
                for request in batch.drain(..) {
                    let _ = request.answer.send(Err(fault.clone()));
                }
            }
        }
    }

    /// One frame. When it fails as a whole, everyone in it gets the same answer, the refused ones too: they may
    /// have been refused because of what was not written.
    fn commit(&mut self, batch: &[Request]) -> Result<Vec<Outcome>, LogError> {
        let shared = Arc::clone(&self.shared);
        let Memory { heads, draft } = &mut self.memory;
        draft.begin(self.at.next);
        let mut staged = Staged::default();
        let answers: Vec<_> = batch
            .iter()
            .map(|request| {
                Batch { shared: &shared, heads, draft, staged: &mut staged }.append(&request.append)
            })
            .collect();
        if draft.events() == 0 {
            return Ok(answers);
        }
        match self.put(&staged) {
            Ok(()) => {
                for (stream, head) in staged.heads {
                    self.memory.heads.insert(stream, head);
                }
                Ok(answers)
            }
            Err(Fault::Full) => Err(LogError::Full),
            Err(Fault::Broken(why)) => {
                let why: Arc<str> =
                    format!("it stopped after a failed write ({why}): check the disk, then start again")
                        .into();
                tracing::error!("the log has stopped writing: {why}");
                let _ = self.stopped.set(Arc::clone(&why));
                Err(LogError::Unavailable(why))
            }
        }
    }

    /// Puts the frame onto the disk and tells the readers.
    fn put(&mut self, staged: &Staged) -> Result<(), Fault> {
        let length = self.memory.draft.len() as u64;
        if self.at.offset + length > self.at.front.capacity {
            self.roll(length)?;
        }
        let segment = self.shared.newest().ok_or_else(|| Fault::Broken("there is no segment".into()))?;
        let (head, frame) = self.memory.draft.finish(self.at.last);
        let offset = self.at.offset;
        if let Err(error) = segment.file.write_at(frame, offset) {
            return Err(failed(&error, segment.file.as_ref(), offset, frame.len()));
        }
        segment.file.sync().map_err(|error| Fault::Broken(error.to_string()))?;
        self.at.offset += length;
        self.at.next = head.next();
        self.at.last = head.checksum;
        // Before the index leads anybody there.
        segment.commit(self.at.offset);
        {
            let mut index = segment.index.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Index::Live(live) = &mut *index {
                take_up(live, &head, offset, staged);
            }
        }
        let answered = Answered {
            position: head.next() - 1,
            segment: segment.first,
            end: self.at.offset,
            frame: head.checksum,
        };
        // Before anybody is told. A witness that cannot be written only says less than there is.
        if let Err(error) = self.witness.note(answered) {
            tracing::warn!("the log's witness could not be written: {error}");
        }
        self.shared.tell(Position(head.next() - 1));
        self.prepare();
        Ok(())
    }

    /// How long the next segment will be: doubling from the first one up to the most.
    fn next_capacity(&self) -> u64 {
        (self.at.front.capacity * 2).min(self.segment_bytes).max(FRONT)
    }

    /// Asks for the next segment's file when this one is half full.
    fn prepare(&mut self) {
        if self.spare.is_some() || self.at.offset < self.at.front.capacity / 2 {
            return;
        }
        let capacity = self.next_capacity();
        if self.shared.bytes() + capacity > self.most_bytes {
            return;
        }
        let (done, made) = std_mpsc::sync_channel(1);
        let awaited = Arc::new(AtomicBool::new(false));
        if self.sealer.send(Job::Spare { capacity, awaited: Arc::clone(&awaited), done }).is_ok() {
            self.spare = Some(Awaited { made, awaited });
        }
    }

    /// Makes the file of the next segment here and now: as long as it should be, or, where there is no room for
    /// that, as small as it can be.
    fn make(&self, length: u64) -> Result<(Arc<dyn DiskFile>, u64), Fault> {
        let wanted = self.next_capacity().max(FRONT + length);
        let smallest = (FRONT + length).max(SMALLEST.min(wanted));
        let mut outcome = Err(Fault::Full);
        for capacity in [wanted, smallest] {
            if self.shared.bytes() + capacity > self.most_bytes {
                continue;
            }
            match fill(self.disk.as_ref(), SPARE, capacity, || {}) {
                Ok(file) => return Ok((file, capacity)),
                Err(error) => {
                    // What there is of it only takes room.
                    let _ = self.disk.remove(SPARE);
                    outcome = Err(Fault::of(&error));
                }
            }
        }
        outcome
    }

    /// Begins the next segment, with room for a frame of `length`.
    fn roll(&mut self, length: u64) -> Result<(), Fault> {
        let spare = self.spare.take().map(|spare| {
            spare.hurry();
            spare.made.recv()
        });
        let made = match spare {
            Some(Ok(Ok((file, capacity)))) if FRONT + length <= capacity => Some((file, capacity)),
            // One that failed, or is too small for a very large frame: made again below, where it counts.
            _ => None,
        };
        let (file, capacity) = if let Some(made) = made { made } else { self.make(length)? };
        // One that is still empty is replaced: its name is that of the position it begins with.
        let empty = self.at.offset == FRONT;
        let front = if empty {
            Front { capacity, ..self.at.front }
        } else {
            let Start { next: first, offset: before_end, last: before, front: Front { log, .. } } = self.at;
            Front { log, first, before_end, before, capacity }
        };
        file.write_at(&front.to_bytes(), 0).and_then(|()| file.sync()).map_err(|error| Fault::of(&error))?;
        // Once it may bear its name there is no way back: writing on in the full one would leave two segments
        // that claim the same positions.
        let named = self.disk.rename(SPARE, &name(front.first)).and_then(|()| self.disk.sync_names());
        named.map_err(|error| Fault::Broken(error.to_string()))?;
        let fresh = Segment::new(front.first, file, FRONT, capacity, Index::Live(Live::default()));
        if let Some(segment) = self.shared.add(fresh, empty) {
            let _ = self.sealer.send(Job::Seal { segment, next: self.at.next, last: self.at.last });
        }
        (self.at.offset, self.at.front) = (FRONT, front);
        Ok(())
    }
}

/// What a failed write means. Room that has run out under a file that was already filled is met by disks
/// that copy on write: then nothing may stay of the frame.
fn failed(error: &io::Error, file: &dyn DiskFile, offset: u64, length: usize) -> Fault {
    match Fault::of(error) {
        Fault::Full => match file.write_at(&vec![0; length], offset).and_then(|()| file.sync()) {
            Ok(()) => Fault::Full,
            Err(error) => Fault::Broken(error.to_string()),
        },
        broken @ Fault::Broken(_) => broken,
    }
}

/// What an event takes in a frame, about.
fn size(event: &NewEvent) -> usize {
    event.data.len() + event.metadata.len() + 128
}

#[expect(clippy::cast_possible_truncation, reason = "a segment is smaller than 2 GiB")]
fn take_up(live: &mut Live, head: &super::frame::Head, offset: u64, staged: &Staged) {
    let offset = offset as u32;
    live.add_frame(head, offset);
    for mark in &staged.marks {
        match mark {
            Mark::Key(key, place) => live.add_key(*key, offset + *place as u32),
            Mark::Event(name, entry) => {
                live.add_event(*name, Entry { offset: offset + entry.offset, ..*entry });
            }
        }
    }
}

/// One batch at work: what is remembered, what the batch has added so far, and the frame.
struct Batch<'a> {
    shared: &'a Shared,
    heads: &'a mut Recent<StreamId, Head>,
    draft: &'a mut Draft,
    staged: &'a mut Staged,
}

impl Batch<'_> {
    /// Measures a request and, when it fits, puts it into the frame.
    fn append(&mut self, request: &Append) -> Outcome {
        if let Some(key) = &request.key
            && let Some(first) = self.first_answer(key, request.asked_below)?
        {
            return Ok(first.into_iter().map(|first| Appended { repeated: true, ..first }).collect());
        }
        let mut found = Vec::with_capacity(request.writes.len());
        for write in &request.writes {
            let head = self.head(&write.stream)?;
            if head.deleted {
                return Err(LogError::Deleted);
            }
            write.expected.check(head.last)?;
            found.push(head);
        }
        // Whatever could be refused has been: from here on it is written.
        let records = request.writes.iter().zip(&found).map(|(write, head)| {
            let first = head.last.map_or(0, |last| last + 1);
            (first..)
                .zip(&write.events)
                .map(|(revision, event)| Record::new(&write.stream, revision, event))
                .collect()
        });
        let records: Vec<Vec<Record<'_>>> = records.collect::<Result<_, _>>()?;
        let first = self.draft.next();
        let place = self.draft.begin_append(request.key.as_ref());
        if let Some(key) = request.key {
            self.staged.marks.push(Mark::Key(key, place));
        }
        let mut done = Vec::with_capacity(records.len());
        for ((write, mut head), records) in request.writes.iter().zip(found).zip(records) {
            for record in records {
                let position = self.draft.next();
                let place = self.draft.add_event(&record);
                let deletes = record.event_type == DELETED;
                let entry = Entry { revision: record.revision, position, offset: within(place), deletes };
                self.staged.marks.push(Mark::Event(head.name, entry));
                head.last = Some(record.revision);
                head.deleted = deletes;
            }
            done.push(Appended {
                position: Position(self.draft.next() - 1),
                revision: head.last.unwrap_or(0),
                repeated: false,
            });
            self.staged.heads.insert(write.stream.clone(), head);
        }
        self.draft.end_append(place, first);
        if let Some(key) = request.key {
            self.staged.keys.insert(key, done.clone());
        }
        Ok(done)
    }

    fn head(&mut self, stream: &StreamId) -> Result<Head, LogError> {
        if let Some(head) = self.staged.heads.get(stream).or_else(|| self.heads.get(stream)) {
            return Ok(*head);
        }
        let name = name_hash(stream.as_str());
        let last = self.shared.last(&name).map_err(ReadFault::into_log)?;
        let head = Head {
            name,
            last: last.map(|entry| entry.revision),
            deleted: last.is_some_and(|entry| entry.deletes),
        };
        // It is what the disk says, where this batch has changed nothing about the stream: true whatever
        // becomes of the batch.
        self.heads.insert(stream.clone(), head);
        Ok(head)
    }

    fn first_answer(&self, key: &KeyHash, asked_below: u64) -> Result<Option<Vec<Appended>>, LogError> {
        if let Some(first) = self.staged.keys.get(key) {
            return Ok(Some(first.clone()));
        }
        self.shared.find_key(key, &(asked_below..u64::MAX)).map_err(ReadFault::into_log)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a frame is far smaller than 2 GiB")]
const fn within(place: usize) -> u32 {
    place as u32
}

/// The longest append, in bytes: its frame must fit into a segment that offsets of 31 bits can address.
pub(super) const LONGEST_APPEND: usize = 64 << 20;

/// What an append takes in a frame.
pub(super) fn length(writes: &[StreamWrite]) -> usize {
    let events = writes.iter().flat_map(|write| write.events.iter().map(move |event| (write, event)));
    let bytes =
        events.map(|(write, event)| size(event) + event.event_type.len() + write.stream.as_str().len());
    HEAD + LONGEST_APPEND_HEAD + bytes.sum::<usize>()
}
