//! Opening what is there: every start finds the full history that was answered for, or says what is wrong.
//!
//! Full segments are trusted to their index, which says where they end and what the next one must begin with;
//! one without an index is walked over and gets one. The newest segment is always walked over. Behind its last
//! whole frame there are zeros, or one frame that was being written when the power went: nobody was answered
//! for that one, so it is wiped. Whether that is what it is, three things tell: no later frame may follow it,
//! the file has the length that it was made with, and the witness has not seen more.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, DiskFile};
use super::index::{Fault, Sealed};
use super::reader::Shared;
use super::sealer;
use super::segment::{
    FORMAT, FRONT, FRONT_BYTES, Front, Index, Rest, Segment, fill, first_of, format_of, index_name, name,
    rest, scan,
};
use super::witness::{self, Answered, Witness};
use super::writer::{SPARE, Start};
use crate::fault::OpenError;
use crate::port::Position;

/// Stands in the folder of a backup until it is whole.
pub(super) const UNFINISHED: &str = "log.unfinished";

/// What was found.
pub(super) struct Found {
    pub(super) shared: Shared,
    pub(super) start: Start,
    pub(super) answered: Answered,
}

/// Who looks.
pub(super) struct Opening<'a> {
    pub(super) disk: &'a dyn Disk,
    /// For error texts.
    pub(super) path: &'a Path,
    /// Nothing is changed, and nothing beyond what was answered is looked at: the owner may be writing.
    pub(super) read_only: bool,
}

impl Opening<'_> {
    fn damaged(&self, first: u64, what: impl Into<String>) -> OpenError {
        OpenError::Damaged { path: self.file(&name(first)), what: what.into() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn io(&self, name: &str) -> impl Fn(io::Error) -> OpenError + use<> {
        let path = self.file(name);
        move |error| OpenError::io(&path, error)
    }

    /// Makes the first segment of a new log.
    pub(super) fn begin(&self, log: [u8; 16], capacity: u64) -> Result<(), OpenError> {
        let capacity = capacity.max(FRONT);
        let front = Front { log, first: 1, before_end: 0, before: 0, capacity };
        let made = fill(self.disk, SPARE, capacity, || {}).and_then(|file| {
            file.write_at(&front.to_bytes(), 0)?;
            file.sync()?;
            self.disk.rename(SPARE, &name(1))?;
            self.disk.sync_names()
        });
        made.map_err(self.io(&name(1)))
    }

    /// The positions that segments begin with, in order.
    pub(super) fn segments(&self) -> Result<Vec<u64>, OpenError> {
        let names = self.disk.names().map_err(self.io(""))?;
        let mut firsts: Vec<u64> = names.iter().filter_map(|name| first_of(name)).collect();
        firsts.sort_unstable();
        Ok(firsts)
    }

    /// What the witness says, also when there is no segment.
    pub(super) fn witness(&self) -> Result<Option<Answered>, OpenError> {
        Witness::ask(self.disk).map_err(self.io(witness::NAME))
    }

    /// Opens every segment.
    pub(super) fn open(&self) -> Result<Found, OpenError> {
        let names = self.disk.names().map_err(self.io(""))?;
        if names.iter().any(|name| name == UNFINISHED) {
            let what = "it is a backup that was not finished: make it again".to_owned();
            return Err(OpenError::Damaged { path: self.path.to_owned(), what });
        }
        let firsts = self.segments()?;
        // Asked before the segments are walked over: what the owner answers meanwhile is not looked for.
        let said = self.witness()?;
        let newest = said.map_or(u64::MAX, |said| said.position);
        let witness = said.unwrap_or_default();
        let mut segments: Vec<Arc<Segment>> = Vec::with_capacity(firsts.len());
        let mut known: Option<Front> = None;
        let mut state = None;
        for (number, first) in firsts.iter().enumerate() {
            if self.read_only && *first > newest && number > 0 {
                break;
            }
            let front = self.front(*first)?;
            let (file, front) = front;
            match &known {
                None if front.first != 1 => {
                    return Err(self.damaged(front.first, "the segments before it are missing"));
                }
                Some(before) if before.log != front.log => {
                    return Err(self.damaged(front.first, "it belongs to another log"));
                }
                _ => {}
            }
            let next = match firsts.get(number + 1) {
                Some(next) if !self.read_only || *next <= newest => Some(self.front(*next)?.1),
                _ => None,
            };
            let (segment, end) = match &next {
                Some(next) => self.full(file, &front, next)?,
                None => self.newest(file, &front, &witness)?,
            };
            segments.push(segment);
            known = Some(front);
            state = Some((front, end));
        }
        let Some((front, End { next, offset, last })) = state else {
            return Err(OpenError::Damaged { path: self.path.to_owned(), what: "it has no segment".into() });
        };
        let start = Start { front, next, offset, last };
        let answered = Answered { position: next - 1, segment: front.first, end: offset, frame: last };
        let shared = Shared::new(segments, Position(next - 1));
        Ok(Found { shared, start, answered })
    }

    fn front(&self, first: u64) -> Result<(Arc<dyn DiskFile>, Front), OpenError> {
        let name = name(first);
        let file = self.disk.open(&name).map_err(self.io(&name))?;
        let mut bytes = [0; FRONT_BYTES];
        let read = file.read_at(&mut bytes, 0).map_err(self.io(&name))?;
        if let Some(found) = format_of(&bytes[..read]).filter(|found| *found > FORMAT) {
            return Err(OpenError::NewerFormat { path: self.file(&name), found, known: FORMAT });
        }
        let front = Front::read(&bytes[..read])
            .filter(|front| front.first == first)
            .ok_or_else(|| self.damaged(first, "its front is not what was written"))?;
        Ok((file, front))
    }

    /// A segment that another one follows.
    fn full(
        &self,
        file: Arc<dyn DiskFile>,
        front: &Front,
        next: &Front,
    ) -> Result<(Arc<Segment>, End), OpenError> {
        let io = self.io(&name(front.first));
        let length = file.length().map_err(&io)?;
        if length < next.before_end {
            let what = format!("it was cut short: {length} bytes of {}", next.before_end);
            return Err(self.damaged(front.first, what));
        }
        let end = End { next: next.first, offset: next.before_end, last: next.before };
        let index = match Sealed::open(self.disk, &index_name(front.first)) {
            Ok(sealed) => Some(sealed),
            Err(Fault::Damaged) => None,
            Err(Fault::Disk(error)) if error.kind() == io::ErrorKind::NotFound => None,
            Err(Fault::Disk(error)) => return Err(self.io(&index_name(front.first))(error)),
        };
        let fits = |sealed: &Sealed| {
            let said = sealed.summary();
            said.log == front.log
                && (said.first, said.next) == (front.first, end.next)
                && (said.end, said.last) == (end.offset, end.last)
        };
        if let Some(sealed) = index.filter(fits) {
            let segment = Segment::new(front.first, file, end.offset, length, Index::Sealed(sealed));
            return Ok((Arc::new(segment), end));
        }
        let scanned = scan(file.as_ref(), front, end.offset).map_err(&io)?;
        if !scanned.whole || (scanned.next, scanned.end, scanned.last) != (end.next, end.offset, end.last) {
            let what = format!(
                "byte {} is not what was written; the events from position {} to {} cannot be read",
                scanned.end,
                scanned.next,
                end.next - 1
            );
            return Err(self.damaged(front.first, what));
        }
        let segment = Segment::new(front.first, file, end.offset, length, Index::Live(scanned.index));
        if !self.read_only
            && let Err(error) = sealer::seal(self.disk, front.log, &segment, end.next, end.last)
        {
            tracing::warn!("the index of a full segment stays in memory until the next start: {error}");
        }
        Ok((Arc::new(segment), end))
    }

    /// The segment that is written to.
    fn newest(
        &self,
        file: Arc<dyn DiskFile>,
        front: &Front,
        witness: &Answered,
    ) -> Result<(Arc<Segment>, End), OpenError> {
        let io = self.io(&name(front.first));
        let length = file.length().map_err(&io)?;
        let sealed = self.disk.names().map_err(&io)?.contains(&index_name(front.first));
        if length < front.capacity && !self.read_only {
            let what = if sealed {
                "it is full, and the segments after it are missing".to_owned()
            } else {
                format!("it was cut short: {length} bytes of {}", front.capacity)
            };
            return Err(self.damaged(front.first, what));
        }
        let until = if self.read_only && witness.segment == front.first { witness.end } else { length };
        let scanned = scan(file.as_ref(), front, until).map_err(&io)?;
        let end = End { next: scanned.next, offset: scanned.end, last: scanned.last };
        if end.next <= witness.position {
            let what = format!(
                "events were answered for up to position {}, and only those up to {} are there; byte {} is not what \
                 was written",
                witness.position,
                end.next - 1,
                end.offset
            );
            return Err(self.damaged(front.first, what));
        }
        if sealed && !self.read_only {
            return Err(self.damaged(front.first, "it is full, and the segments after it are missing"));
        }
        if !self.read_only {
            self.clear(file.as_ref(), front, &end, length)?;
        }
        let segment = Segment::new(front.first, file, end.offset, length, Index::Live(scanned.index));
        Ok((Arc::new(segment), end))
    }

    /// Wipes what was being written when the log was stopped, and makes all before it durable.
    fn clear(&self, file: &dyn DiskFile, front: &Front, end: &End, length: u64) -> Result<(), OpenError> {
        let io = self.io(&name(front.first));
        match rest(file, end.offset, length, end.next).map_err(&io)? {
            Rest::Zeros => {}
            Rest::Torn { last } => {
                tracing::warn!(
                    position = end.next,
                    bytes = last + 1 - end.offset,
                    "a write that nobody was answered for was torn when the log stopped; it is wiped"
                );
                let zeros = vec![0; 1 << 20];
                let mut at = end.offset;
                while at <= last {
                    let part = zeros.len().min(usize::try_from(last + 1 - at).unwrap_or(usize::MAX));
                    file.write_at(&zeros[..part], at).map_err(&io)?;
                    at += part as u64;
                }
            }
            Rest::Later { at } => {
                let what = format!(
                    "byte {} is not what was written, and later events stand behind it (from byte {at} on)",
                    end.offset
                );
                return Err(self.damaged(front.first, what));
            }
        }
        // After a killed process the system may still hold what it wrote: it counts as committed from now on.
        file.sync().map_err(&io)
    }
}

/// Where a segment ends.
#[derive(Clone, Copy)]
struct End {
    /// The position after its last event.
    next: u64,
    /// Behind its last frame.
    offset: u64,
    /// The checksum of its last frame.
    last: u32,
}
