//! A segment: one file of the log, made whole and zero-filled before anything is written into it, so that a
//! commit changes neither its length nor where it lies on the disk, and costs one sync of the data alone.
//!
//! The file begins with 64 bytes, numbers little-endian: magic (8, `SKRLOG02`), the log's id (16), position of
//! the first event (8), where the segment before ends (8), checksum of its last frame (4), length of this file
//! as it was made (8), zeros (8), checksum of these 60 bytes (4). Frames follow (see [`super::frame`]), then
//! zeros. A full segment is cut off behind its last frame once its index is written.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use bytes::Bytes;

use super::disk::{Disk, DiskFile, read_exact};
use super::frame::{HEAD, Head, KeyHash, appends, checksum, u32_at, u64_at};
use super::index::{Entry, Fault, Live, NameHash, Places, Sealed, Stretch};

/// Bytes before the first frame.
pub(super) const FRONT: u64 = FRONT_BYTES as u64;
/// The same, as a length in memory.
pub(super) const FRONT_BYTES: usize = 64;
/// `SKRLOG` and the number of the format in two digits.
const MAGIC: [u8; 8] = *b"SKRLOG02";
/// The format that this program writes.
pub(super) const FORMAT: i64 = 2;
/// Read at once while walking along.
const CHUNK: usize = 512 << 10;

/// What stands at the front of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Front {
    pub(super) log: [u8; 16],
    pub(super) first: u64,
    /// Where the segment before ends, 0 for none.
    pub(super) before_end: u64,
    /// The checksum of the last frame before, 0 for none.
    pub(super) before: u32,
    /// The length that the file was made with.
    pub(super) capacity: u64,
}

impl Front {
    pub(super) fn to_bytes(self) -> [u8; FRONT_BYTES] {
        let mut out = [0; FRONT_BYTES];
        out[..8].copy_from_slice(&MAGIC);
        out[8..24].copy_from_slice(&self.log);
        out[24..32].copy_from_slice(&self.first.to_le_bytes());
        out[32..40].copy_from_slice(&self.before_end.to_le_bytes());
        out[40..44].copy_from_slice(&self.before.to_le_bytes());
        out[44..52].copy_from_slice(&self.capacity.to_le_bytes());
        let own = checksum(&out[..60]);
        out[60..].copy_from_slice(&own.to_le_bytes());
        out
    }

    /// `None` when these bytes begin no segment.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; FRONT_BYTES] = bytes.first_chunk()?;
        if bytes[..8] != MAGIC || u32_at(bytes, 60)? != checksum(&bytes[..60]) {
            return None;
        }
        Some(Self {
            log: *bytes[8..].first_chunk()?,
            first: u64_at(bytes, 24)?,
            before_end: u64_at(bytes, 32)?,
            before: u32_at(bytes, 40)?,
            capacity: u64_at(bytes, 44)?,
        })
    }
}

/// The format that a segment says it has, whether this program can read it or not.
pub(super) fn format_of(bytes: &[u8]) -> Option<i64> {
    std::str::from_utf8(bytes.get(..8)?).ok()?.strip_prefix("SKRLOG")?.parse().ok()
}

/// The name of the segment whose first event stands at a position.
pub(super) fn name(first: u64) -> String {
    format!("{first:020}.log")
}

/// The name of its index.
pub(super) fn index_name(first: u64) -> String {
    format!("{first:020}.index")
}

/// The position that a segment's name says, if it is one.
pub(super) fn first_of(name: &str) -> Option<u64> {
    name.strip_suffix(".log").filter(|digits| digits.len() == 20)?.parse().ok()
}

/// A segment in use.
pub(super) struct Segment {
    pub(super) first: u64,
    pub(super) file: Arc<dyn DiskFile>,
    /// Behind the last frame that is committed.
    end: AtomicU64,
    /// What the file takes.
    length: AtomicU64,
    pub(super) index: RwLock<Index>,
}

pub(super) enum Index {
    Live(Live),
    Sealed(Sealed),
}

impl Index {
    /// Whether the segment may know a key, as far as memory can tell: surely not, or perhaps.
    pub(super) fn may_know(&self, key: &KeyHash) -> bool {
        match self {
            Self::Live(live) => live.key(key).is_some(),
            Self::Sealed(sealed) => sealed.may_know(key),
        }
    }

    /// Where the append with a key stands.
    pub(super) fn key(&self, key: &KeyHash) -> Result<Option<u32>, Fault> {
        match self {
            Self::Live(live) => Ok(live.key(key)),
            Self::Sealed(sealed) => sealed.key(key),
        }
    }

    /// The newest event of a stream.
    pub(super) fn last(&self, name: &NameHash) -> Result<Option<Entry>, Fault> {
        match self {
            Self::Live(live) => Ok(live.last(name)),
            Self::Sealed(sealed) => sealed.last(name),
        }
    }

    /// A stretch of a stream, in reading order.
    pub(super) fn entries(&self, name: &NameHash, stretch: &Stretch) -> Result<Vec<Entry>, Fault> {
        match self {
            Self::Live(live) => Ok(live.entries(name, stretch)),
            Self::Sealed(sealed) => sealed.entries(name, stretch),
        }
    }

    /// Where frames begin.
    pub(super) const fn places(&self) -> &Places {
        match self {
            Self::Live(live) => live.places(),
            Self::Sealed(sealed) => sealed.places(),
        }
    }
}

impl Segment {
    /// Where its events stand.
    pub(super) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn new(first: u64, file: Arc<dyn DiskFile>, end: u64, length: u64, index: Index) -> Self {
        Self { first, file, end: end.into(), length: length.into(), index: RwLock::new(index) }
    }

    pub(super) fn length(&self) -> u64 {
        self.length.load(Ordering::Relaxed)
    }

    /// Cuts off the zeros behind the last frame.
    pub(super) fn trim(&self) -> io::Result<()> {
        self.file.cut(self.end())?;
        self.length.store(self.end(), Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }

    pub(super) fn commit(&self, end: u64) {
        self.end.store(end, Ordering::Release);
    }
}

/// Written and synced at once while a file is being filled: one sync of it all would keep the commits waiting
/// that share the disk.
const PIECE: usize = 512 << 10;

/// Makes a zero-filled file of a length, durable but for its name. `rest` is called between two pieces.
pub(super) fn fill(
    disk: &dyn Disk,
    name: &str,
    length: u64,
    rest: impl Fn(),
) -> io::Result<Arc<dyn DiskFile>> {
    let file = disk.create(name)?;
    let zeros = vec![0; PIECE];
    let mut at = 0;
    loop {
        let part = zeros.len().min(usize::try_from(length - at).unwrap_or(usize::MAX));
        file.write_at(&zeros[..part], at)?;
        file.sync()?;
        at += part as u64;
        if at >= length {
            return Ok(file);
        }
        rest();
    }
}

/// A frame as it was read.
pub(super) struct Frame {
    pub(super) head: Head,
    pub(super) at: u64,
    pub(super) body: Bytes,
}

/// Why a walk did not go on.
#[derive(Debug)]
pub(super) enum Halt {
    Disk(io::Error),
    /// No whole frame stands at this place.
    Broken {
        at: u64,
    },
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Reads frames one after the other.
pub(super) struct Walk<'a> {
    file: &'a dyn DiskFile,
    at: u64,
    end: u64,
    chunk: Bytes,
    chunk_at: u64,
    /// How much is read at once.
    reach: usize,
}

impl<'a> Walk<'a> {
    /// From the frame that begins at `at`, until `end`. Reads about `reach` bytes at once.
    pub(super) fn new(file: &'a dyn DiskFile, at: u64, end: u64, reach: usize) -> Self {
        let reach = reach.clamp(4 << 10, CHUNK);
        Self { file, at, end, chunk: Bytes::new(), chunk_at: at, reach }
    }

    /// Over all of a segment.
    pub(super) fn whole(file: &'a dyn DiskFile, end: u64) -> Self {
        Self::new(file, FRONT, end, CHUNK)
    }

    /// Where the next frame begins.
    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    /// The next frame, its checksums looked at. `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, Halt> {
        if self.at >= self.end {
            return Ok(None);
        }
        let broken = Halt::Broken { at: self.at };
        let head = self.bytes(HEAD as u64)?.and_then(|bytes| Head::read(&bytes));
        let Some(head) = head else { return Err(broken) };
        let Some(whole) = self.bytes(head.length())? else { return Err(broken) };
        let body = whole.slice(HEAD..);
        if checksum(&body) != head.checksum {
            return Err(broken);
        }
        let at = self.at;
        self.at += head.length();
        Ok(Some(Frame { head, at, body }))
    }

    /// So many bytes from here on; `None` when there are not so many before the end.
    fn bytes(&mut self, length: u64) -> io::Result<Option<Bytes>> {
        if length > self.end - self.at {
            return Ok(None);
        }
        let Ok(length) = usize::try_from(length) else { return Ok(None) };
        let from = usize::try_from(self.at - self.chunk_at).unwrap_or(usize::MAX);
        if let Some(wanted) = from.checked_add(length).filter(|end| *end <= self.chunk.len()) {
            return Ok(Some(self.chunk.slice(from..wanted)));
        }
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let mut chunk = vec![0; self.reach.max(length).min(left)];
        let read = self.file.read_at(&mut chunk, self.at)?;
        chunk.truncate(read);
        (self.chunk, self.chunk_at) = (chunk.into(), self.at);
        Ok((read >= length).then(|| self.chunk.slice(..length)))
    }
}

/// What a walk over a segment from its beginning found.
pub(super) struct Scanned {
    pub(super) index: Live,
    /// The position after the last event.
    pub(super) next: u64,
    /// Behind the last whole frame.
    pub(super) end: u64,
    /// The checksum of the last frame.
    pub(super) last: u32,
    /// Why it ended there: nothing more before `until`, or no whole frame that continues the row.
    pub(super) whole: bool,
}

/// Walks over a segment until `until`, or as far as frames continue each other.
pub(super) fn scan(file: &dyn DiskFile, front: &Front, until: u64) -> io::Result<Scanned> {
    let mut found =
        Scanned { index: Live::default(), next: front.first, end: FRONT, last: front.before, whole: true };
    let mut walk = Walk::whole(file, until);
    loop {
        match walk.next() {
            Ok(Some(frame)) => {
                let Frame { head, at, body } = frame;
                let continues = head.first == found.next && head.before == found.last && head.events > 0;
                let offset = u32::try_from(at).ok().filter(|_| continues);
                let taken = offset.is_some_and(|offset| found.index.add_read(&head, offset, appends(&body)));
                if !taken {
                    found.whole = false;
                    return Ok(found);
                }
                (found.next, found.end, found.last) = (head.next(), walk.at(), head.checksum);
            }
            Ok(None) => return Ok(found),
            Err(Halt::Broken { .. }) => {
                found.whole = false;
                return Ok(found);
            }
            Err(Halt::Disk(error)) => return Err(error),
        }
    }
}

/// What stands behind the last whole frame.
pub(super) enum Rest {
    Zeros,
    /// Something that is no frame, with nothing that was written after it: its last byte that is not zero.
    Torn {
        last: u64,
    },
    /// A frame that was begun after `from`, so something before it is broken that was whole once.
    Later {
        at: u64,
    },
}

/// Looks at everything from `from` on. A frame counts as a later one when it begins behind `next` in the order
/// of positions: only one frame is ever being written, so all before it had been synced.
pub(super) fn rest(file: &dyn DiskFile, from: u64, until: u64, next: u64) -> io::Result<Rest> {
    let zeros = vec![0; CHUNK];
    let mut last = None;
    let mut at = from;
    // A head may lie across two parts, so each part begins a little before the end of the one before.
    while at < until {
        let length = usize::try_from(until - at).unwrap_or(usize::MAX).min(CHUNK);
        let part = read_exact(file, length, at)?;
        // Compared as a whole first: nearly all of it is zeros.
        if part != zeros[..length] {
            let end = part.iter().rposition(|byte| *byte != 0).unwrap_or(0);
            last = Some(at + end as u64);
            let heads =
                part.windows(HEAD).enumerate().filter_map(|(n, window)| Some((n, Head::read(window)?)));
            for (n, head) in heads {
                let place = at + n as u64;
                if place > from && head.first > next {
                    return Ok(Rest::Later { at: place });
                }
            }
        }
        if length < CHUNK {
            break;
        }
        at += (length - HEAD) as u64;
    }
    Ok(last.map_or(Rest::Zeros, |last| Rest::Torn { last }))
}
