//! Where in a segment an event stands: by stream and revision, by idempotency key, by position.
//!
//! The segment that is written to has its index in memory ([`Live`]). When the segment is full the index is
//! sorted into a file beside it ([`Sealed`]), of which only a small part stays in memory: a filter that
//! answers "not in this segment" nearly always without reading, and every hundredth entry. An index holds
//! nothing that the segment does not say: one that is missing or damaged is made again.
//!
//! Streams and keys are looked up by 128 bits of their SHA-256, so two of them never meet in one entry.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::disk::{Disk, DiskFile, read_exact};
use super::frame::{Append, Head, KeyHash, checksum, u32_at, u64_at};
use crate::port::{Direction, Revision};

/// A stream's name as it is looked up.
pub(super) type NameHash = [u8; 16];

pub(super) fn name_hash(stream: &str) -> NameHash {
    shorten(Sha256::digest(stream))
}

pub(super) fn key_hash(stream: &str, key: &str) -> KeyHash {
    let mut digest = Sha256::new();
    digest.update(stream);
    // Its own hash has a fixed length, so no other stream and key read the same. (The first format of the log
    // kept this one alone.)
    digest.update(shorten(Sha256::digest(key)));
    shorten(digest.finalize())
}

fn shorten(digest: impl AsRef<[u8]>) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&digest.as_ref()[..16]);
    short
}

/// Where one event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) revision: Revision,
    pub(super) position: u64,
    /// From the start of the segment to the event.
    pub(super) offset: u32,
    /// The event says that its stream is deleted.
    pub(super) deletes: bool,
}

/// Why an index did not answer.
#[derive(Debug)]
pub(super) enum Fault {
    Disk(io::Error),
    /// The file is not what was written.
    Damaged,
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Which events of a stream are asked for.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    /// The first one in reading order (inclusive).
    pub(super) from: Revision,
    pub(super) way: Direction,
    /// At most so many.
    pub(super) max: usize,
    /// None beyond this position. It bounds what is looked at, not what was found: an event that comes in while
    /// the question is asked must not take the place of an older one.
    pub(super) until: u64,
}

/// The index of the segment that is written to.
#[derive(Default)]
pub(super) struct Live {
    entries: Vec<Entry>,
    streams: HashMap<NameHash, Vec<u32>>,
    keys: HashMap<KeyHash, u32>,
    places: Places,
}

/// Where frames begin: position of the first event, offset. Sparse.
#[derive(Default)]
pub(super) struct Places(Vec<(u64, u32)>);

/// Frames nearer to one another than this share a place.
const PLACES_APART: u32 = 16 << 10;

impl Places {
    fn add(&mut self, first: u64, offset: u32) {
        if self.0.last().is_none_or(|(_, last)| offset - last >= PLACES_APART) {
            self.0.push((first, offset));
        }
    }

    /// Number and offset of the last place at or before a position.
    pub(super) fn at(&self, position: u64) -> Option<(usize, u32)> {
        let number = self.0.partition_point(|(first, _)| *first <= position).checked_sub(1)?;
        self.offset(number).map(|offset| (number, offset))
    }

    /// Where a place is.
    pub(super) fn offset(&self, number: usize) -> Option<u32> {
        self.0.get(number).map(|(_, offset)| *offset)
    }
}

impl Live {
    /// Takes up a frame that stands at `offset`, with the appends of its body.
    pub(super) fn add_frame(&mut self, head: &Head, offset: u32) {
        self.places.add(head.first, offset);
    }

    pub(super) fn add_key(&mut self, key: KeyHash, offset: u32) {
        // The first one counts: a later one of the same key is never written.
        self.keys.entry(key).or_insert(offset);
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a segment is smaller than 2 GiB, an event is a few bytes"
    )]
    pub(super) fn add_event(&mut self, name: NameHash, entry: Entry) {
        let number = self.entries.len() as u32;
        self.entries.push(entry);
        self.streams.entry(name).or_default().push(number);
    }

    /// Takes up a whole frame as it was read from the segment. `false` when its body makes no sense.
    #[expect(clippy::cast_possible_truncation, reason = "a segment is smaller than 2 GiB")]
    pub(super) fn add_read<'a>(
        &mut self,
        head: &Head,
        offset: u32,
        appends: impl Iterator<Item = Option<Append<'a>>>,
    ) -> bool {
        self.add_frame(head, offset);
        let body = offset + super::frame::HEAD as u32;
        let mut next = head.first;
        for append in appends {
            let Some(append) = append else { return false };
            if let Some(key) = append.key {
                self.add_key(key, body + append.at as u32);
            }
            for event in append.events() {
                let Some((position, place, record)) = event else { return false };
                if position != next {
                    return false;
                }
                next += 1;
                let entry = Entry {
                    revision: record.revision,
                    position,
                    offset: body + place as u32,
                    deletes: record.event_type == super::DELETED,
                };
                self.add_event(name_hash(record.stream), entry);
            }
        }
        next == head.next()
    }

    pub(super) fn key(&self, key: &KeyHash) -> Option<u32> {
        self.keys.get(key).copied()
    }

    pub(super) fn last(&self, name: &NameHash) -> Option<Entry> {
        let numbers = self.streams.get(name)?;
        numbers.last().map(|number| self.entries[*number as usize])
    }

    /// A stretch of a stream, in reading order.
    pub(super) fn entries(&self, name: &NameHash, stretch: &Stretch) -> Vec<Entry> {
        let Some(numbers) = self.streams.get(name) else { return Vec::new() };
        let entry = |number: &u32| self.entries[*number as usize];
        let seen = &numbers[..numbers.partition_point(|number| entry(number).position <= stretch.until)];
        match stretch.way {
            Direction::Forwards => {
                let start = seen.partition_point(|number| entry(number).revision < stretch.from);
                seen[start..].iter().take(stretch.max).map(entry).collect()
            }
            Direction::Backwards => {
                let end = seen.partition_point(|number| entry(number).revision <= stretch.from);
                seen[..end].iter().rev().take(stretch.max).map(entry).collect()
            }
        }
    }

    pub(super) const fn places(&self) -> &Places {
        &self.places
    }
}

/// What the file of an index says about its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Summary {
    /// The log it belongs to.
    pub(super) log: [u8; 16],
    pub(super) first: u64,
    /// The position after the last event.
    pub(super) next: u64,
    /// Where the last frame ends.
    pub(super) end: u64,
    /// The checksum of the last frame.
    pub(super) last: u32,
}

const MAGIC: [u8; 8] = *b"SKRIDX01";
/// Entries in a block: read together, with one checksum.
const BLOCK: usize = 128;
/// An event: name (16), revision (8), position from the segment's first (4), offset and mark (4).
const EVENT: usize = 32;
/// A key: hash (16), offset (4).
const KEY: usize = 20;
const DELETES: u32 = 1 << 31;

/// The index of a full segment.
pub(super) struct Sealed {
    file: Arc<dyn DiskFile>,
    summary: Summary,
    events: Table<EVENT>,
    keys: Table<KEY>,
    places: Places,
}

/// Sorted rows of `ROW` bytes in a file. The first 24 bytes of a row (or all, if it has fewer) are its order.
struct Table<const ROW: usize> {
    at: u64,
    rows: usize,
    /// The first row of every block, as far as it is ordered by.
    fences: Vec<[u8; 24]>,
    filter: Filter,
}

impl Live {
    /// Writes the index into a file, durable under its name once this answers.
    pub(super) fn seal(&self, disk: &dyn Disk, name: &str, summary: Summary) -> io::Result<()> {
        let mut streams: Vec<_> = self.streams.iter().collect();
        streams.sort_unstable_by_key(|(name, _)| **name);
        let mut filter = Filter::for_number(streams.len());
        let mut rows = Vec::with_capacity(self.entries.len() * EVENT);
        for (name, numbers) in streams {
            filter.add(name);
            for number in numbers {
                let entry = self.entries[*number as usize];
                rows.extend_from_slice(name);
                // Big-endian: the order of bytes is the order of revisions.
                rows.extend_from_slice(&entry.revision.to_be_bytes());
                let from_first = u32::try_from(entry.position - summary.first).unwrap_or(u32::MAX);
                rows.extend_from_slice(&from_first.to_le_bytes());
                let mark = if entry.deletes { DELETES } else { 0 };
                rows.extend_from_slice(&(entry.offset | mark).to_le_bytes());
            }
        }
        let mut keys: Vec<_> = self.keys.iter().collect();
        keys.sort_unstable();
        let mut key_filter = Filter::for_number(keys.len());
        let mut key_rows = Vec::with_capacity(keys.len() * KEY);
        for (key, offset) in keys {
            key_filter.add(key);
            key_rows.extend_from_slice(key);
            key_rows.extend_from_slice(&offset.to_le_bytes());
        }

        let mut out = vec![0; 8];
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&summary.log);
        for number in [summary.first, summary.next, summary.end, u64::from(summary.last)] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&(self.places.0.len() as u64).to_le_bytes());
        for (first, offset) in &self.places.0 {
            out.extend_from_slice(&first.to_le_bytes());
            out.extend_from_slice(&offset.to_le_bytes());
        }
        describe::<EVENT>(&mut out, &rows, &filter);
        describe::<KEY>(&mut out, &key_rows, &key_filter);
        // Length and checksum of this first part stand at its front.
        let length = u32::try_from(out.len()).map_err(io::Error::other)?;
        out[..4].copy_from_slice(&length.to_le_bytes());
        let own = checksum(&out[8..]);
        out[4..8].copy_from_slice(&own.to_le_bytes());
        for (rows, row) in [(&rows, EVENT), (&key_rows, KEY)] {
            for block in rows.chunks(row * BLOCK) {
                out.extend_from_slice(block);
                out.extend_from_slice(&checksum(block).to_le_bytes());
            }
        }
        let draft = format!("{name}.new");
        let file = disk.create(&draft)?;
        file.write_at(&out, 0)?;
        file.sync()?;
        disk.rename(&draft, name)?;
        disk.sync_names()
    }
}

/// Writes what of a table stays in memory: number of rows, fences, filter.
fn describe<const ROW: usize>(out: &mut Vec<u8>, rows: &[u8], filter: &Filter) {
    out.extend_from_slice(&((rows.len() / ROW) as u64).to_le_bytes());
    for block in rows.chunks(ROW * BLOCK) {
        out.extend_from_slice(&order::<ROW>(block));
    }
    out.extend_from_slice(&(filter.0.len() as u64).to_le_bytes());
    for word in &filter.0 {
        out.extend_from_slice(&word.to_le_bytes());
    }
}

/// What a row is ordered by.
fn order<const ROW: usize>(row: &[u8]) -> [u8; 24] {
    let mut order = [0; 24];
    let length = ROW.min(24);
    order[..length].copy_from_slice(&row[..length]);
    if ROW < 24 {
        // The offset behind a key is no part of its order.
        order[16..].fill(0);
    }
    order
}

/// Reads numbers and bytes from the front, one after the other.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part)
    }

    fn number(&mut self) -> Option<u64> {
        u64_at(self.take(8)?, 0)
    }

    /// A count of things that have so many bytes each: never more than there are bytes.
    fn count(&mut self, bytes: usize) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.0.len() / bytes.max(1)).then_some(count)
    }

    fn table<const ROW: usize>(&mut self, at: u64) -> Option<Table<ROW>> {
        let rows = usize::try_from(self.number()?).ok()?;
        let blocks = rows.div_ceil(BLOCK);
        if blocks > self.0.len() / 24 {
            return None;
        }
        let fences = (0..blocks).map(|_| self.take(24)?.first_chunk().copied()).collect::<Option<_>>()?;
        let words = self.count(8)?;
        let filter = Filter((0..words).map(|_| self.number()).collect::<Option<_>>()?);
        Some(Table { at, rows, fences, filter })
    }
}

impl Sealed {
    /// Reads what stays in memory. `Damaged` means: make it again from the segment.
    pub(super) fn open(disk: &dyn Disk, name: &str) -> Result<Self, Fault> {
        let file = disk.open(name)?;
        let mut front = [0; 8];
        if file.read_at(&mut front, 0)? < front.len() {
            return Err(Fault::Damaged);
        }
        let length = u32_at(&front, 0).ok_or(Fault::Damaged)?;
        if u64::from(length) > file.length()? || length < 8 {
            return Err(Fault::Damaged);
        }
        let whole = read_exact(file.as_ref(), length as usize, 0)?;
        if u32_at(&whole, 4) != Some(checksum(&whole[8..])) {
            return Err(Fault::Damaged);
        }
        let length = file.length()?;
        Self::parse(file, &whole).filter(|sealed| sealed.keys.end() <= length).ok_or(Fault::Damaged)
    }

    fn parse(file: Arc<dyn DiskFile>, whole: &[u8]) -> Option<Self> {
        let mut parts = Parts(&whole[8..]);
        if parts.take(8)? != MAGIC {
            return None;
        }
        let log = *parts.take(16)?.first_chunk()?;
        let (first, next, end) = (parts.number()?, parts.number()?, parts.number()?);
        let last = u32::try_from(parts.number()?).ok()?;
        let summary = Summary { log, first, next, end, last };
        let places = parts.count(12)?;
        let places = (0..places)
            .map(|_| Some((parts.number()?, u32_at(parts.take(4)?, 0)?)))
            .collect::<Option<_>>()
            .map(Places)?;
        let events = parts.table::<EVENT>(whole.len() as u64)?;
        let keys = parts.table::<KEY>(events.end())?;
        Some(Self { file, summary, events, keys, places })
    }

    pub(super) const fn summary(&self) -> &Summary {
        &self.summary
    }

    pub(super) const fn places(&self) -> &Places {
        &self.places
    }

    /// Whether the segment may know a key, as its filter tells.
    pub(super) fn may_know(&self, key: &KeyHash) -> bool {
        self.keys.filter.may_hold(key)
    }

    pub(super) fn key(&self, key: &KeyHash) -> Result<Option<u32>, Fault> {
        if !self.may_know(key) {
            return Ok(None);
        }
        let mut wanted = [0; 24];
        wanted[..16].copy_from_slice(key);
        let Some(block) = self.keys.fences.partition_point(|fence| *fence <= wanted).checked_sub(1) else {
            return Ok(None);
        };
        let rows = self.keys.block(self.file.as_ref(), block)?;
        let found = rows.chunks_exact(KEY).find(|row| row[..16] == *key);
        Ok(found.and_then(|row| u32_at(row, 16)))
    }

    pub(super) fn last(&self, name: &NameHash) -> Result<Option<Entry>, Fault> {
        let newest = Stretch { from: Revision::MAX, way: Direction::Backwards, max: 1, until: u64::MAX };
        Ok(self.entries(name, &newest)?.pop())
    }

    /// A stretch of a stream, in reading order.
    pub(super) fn entries(&self, name: &NameHash, stretch: &Stretch) -> Result<Vec<Entry>, Fault> {
        let Stretch { from, way, max, until } = *stretch;
        let mut found = Vec::new();
        if max == 0 || !self.events.filter.may_hold(name) {
            return Ok(found);
        }
        let mut wanted = [0; 24];
        wanted[..16].copy_from_slice(name);
        wanted[16..].copy_from_slice(&from.to_be_bytes());
        let after = self.events.fences.partition_point(|fence| *fence <= wanted);
        match way {
            Direction::Forwards => {
                for block in after.saturating_sub(1)..self.events.fences.len() {
                    let rows = self.events.block(self.file.as_ref(), block)?;
                    for row in rows.chunks_exact(EVENT) {
                        if row[..24] < wanted[..] {
                            continue;
                        }
                        if row[..16] != *name || found.len() == max {
                            return Ok(found);
                        }
                        let entry = self.entry(row).ok_or(Fault::Damaged)?;
                        if entry.position > until {
                            return Ok(found);
                        }
                        found.push(entry);
                    }
                }
            }
            Direction::Backwards => {
                for block in (0..after).rev() {
                    let rows = self.events.block(self.file.as_ref(), block)?;
                    for row in rows.chunks_exact(EVENT).rev() {
                        if row[..24] > wanted[..] {
                            continue;
                        }
                        if row[..16] != *name || found.len() == max {
                            return Ok(found);
                        }
                        let entry = self.entry(row).ok_or(Fault::Damaged)?;
                        if entry.position <= until {
                            found.push(entry);
                        }
                    }
                }
            }
        }
        Ok(found)
    }

    fn entry(&self, row: &[u8]) -> Option<Entry> {
        let revision = u64::from_be_bytes(*row.get(16..)?.first_chunk()?);
        let position = self.summary.first + u64::from(u32_at(row, 24)?);
        let offset = u32_at(row, 28)?;
        Some(Entry { revision, position, offset: offset & !DELETES, deletes: offset & DELETES != 0 })
    }

    /// Looks at every block. For the operator's check.
    pub(super) fn check(&self) -> Result<(), Fault> {
        (0..self.events.fences.len())
            .try_for_each(|block| self.events.block(self.file.as_ref(), block).map(drop))?;
        (0..self.keys.fences.len()).try_for_each(|block| self.keys.block(self.file.as_ref(), block).map(drop))
    }
}

impl<const ROW: usize> Table<ROW> {
    /// Where the table ends in the file.
    fn end(&self) -> u64 {
        self.at + (self.rows * ROW + self.fences.len() * 4) as u64
    }

    fn block(&self, file: &dyn DiskFile, number: usize) -> Result<Vec<u8>, Fault> {
        let rows = BLOCK.min(self.rows - number * BLOCK);
        let at = self.at + (number * (BLOCK * ROW + 4)) as u64;
        let mut block = match read_exact(file, rows * ROW + 4, at) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(Fault::Damaged),
            read => read?,
        };
        if u32_at(&block, rows * ROW) != Some(checksum(&block[..rows * ROW])) {
            return Err(Fault::Damaged);
        }
        block.truncate(rows * ROW);
        Ok(block)
    }
}

/// A blocked Bloom filter over hashes: "surely not", or "perhaps" (wrongly in about one of 300). One look
/// touches one cache line.
struct Filter(Vec<u64>);

/// Words in a cache line.
const LINE: usize = 8;
/// Bits for each thing in it.
const BITS: usize = 12;
/// Bits set for each thing.
const MARKS: u32 = 6;

impl Filter {
    fn for_number(number: usize) -> Self {
        Self(vec![0; (number * BITS).div_ceil(LINE * 64) * LINE])
    }

    /// The line of a hash, and the numbers of its bits within.
    fn marks(&self, hash: &[u8; 16]) -> Option<(usize, impl Iterator<Item = usize> + use<>)> {
        let lines = (self.0.len() / LINE) as u64;
        let (line, mut bits) = (u64_at(hash, 0)?, u64_at(hash, 8)?);
        let line = line.checked_rem(lines)?;
        let marks = (0..MARKS).map(move |_| {
            let bit = bits % 512;
            bits >>= 9;
            usize::try_from(bit).unwrap_or(0)
        });
        Some((usize::try_from(line).ok()? * LINE, marks))
    }

    fn add(&mut self, hash: &[u8; 16]) {
        if let Some((line, marks)) = self.marks(hash) {
            for bit in marks {
                self.0[line + bit / 64] |= 1 << (bit % 64);
            }
        }
    }

    fn may_hold(&self, hash: &[u8; 16]) -> bool {
        self.marks(hash).is_some_and(|(line, mut marks)| {
            marks.all(|bit| self.0[line + bit / 64] & (1 << (bit % 64)) != 0)
        })
    }
}
