//! How commits lie in a segment: one frame for every group commit, one checksum over all of it, so that a
//! torn frame is no frame and every append in a batch is there as a whole or not at all.
//!
//! A frame, numbers little-endian: magic (4 bytes, `SKRF`), length of the body (4), position of the first
//! event (8), number of events (4), checksum of the frame before (4), checksum of the body (4), checksum of
//! these 28 bytes (4); then the body. The checksum of the frame before chains the frames: none can be taken
//! out or put in between by accident.
//!
//! The body is a row of appends: length of what follows (4), checksum of it (4), kind (1: plain 0, keyed 1),
//! position of the first event (8), number of events (4), the key's hash (16, if keyed); then each event:
//! length (4), checksum (4), the bytes of its [`Record`]. Appends and events have checksums of their own
//! because they are also read one by one.

use crate::record::Record;

/// The hash of an idempotency key and its stream.
pub(super) type KeyHash = [u8; 16];

const MAGIC: [u8; 4] = *b"SKRF";
/// Bytes before the body.
pub(super) const HEAD: usize = 32;
/// Bytes before an event's record.
pub(super) const EVENT_HEAD: usize = 8;
/// Bytes before the events of a plain append.
const APPEND_HEAD: usize = 4 + 4 + 1 + 8 + 4;
const KEY: usize = 16;
/// The most an append's own head takes, with its key.
pub(super) const LONGEST_APPEND_HEAD: usize = APPEND_HEAD + KEY;

pub(super) fn checksum(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// What stands before the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) body: u32,
    pub(super) first: u64,
    pub(super) events: u32,
    pub(super) before: u32,
    pub(super) checksum: u32,
}

impl Head {
    pub(super) fn write(&self, out: &mut [u8; HEAD]) {
        out[0..4].copy_from_slice(&MAGIC);
        out[4..8].copy_from_slice(&self.body.to_le_bytes());
        out[8..16].copy_from_slice(&self.first.to_le_bytes());
        out[16..20].copy_from_slice(&self.events.to_le_bytes());
        out[20..24].copy_from_slice(&self.before.to_le_bytes());
        out[24..28].copy_from_slice(&self.checksum.to_le_bytes());
        let own = checksum(&out[..28]);
        out[28..32].copy_from_slice(&own.to_le_bytes());
    }

    /// `None` when these bytes begin no frame.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (head, _) = bytes.split_first_chunk::<HEAD>()?;
        if head[..4] != MAGIC || u32_at(head, 28)? != checksum(&head[..28]) {
            return None;
        }
        Some(Self {
            body: u32_at(head, 4)?,
            first: u64_at(head, 8)?,
            events: u32_at(head, 16)?,
            before: u32_at(head, 20)?,
            checksum: u32_at(head, 24)?,
        })
    }

    /// The whole frame's length.
    pub(super) const fn length(&self) -> u64 {
        HEAD as u64 + self.body as u64
    }

    /// The position after its last event.
    pub(super) const fn next(&self) -> u64 {
        self.first + self.events as u64
    }
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|number| u32::from_le_bytes(*number))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|number| u64::from_le_bytes(*number))
}

/// A frame being put together.
pub(super) struct Draft {
    bytes: Vec<u8>,
    first: u64,
    next: u64,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; HEAD], first: 0, next: 0 }
    }

    /// Empties it for the next batch, whose first event will stand at `first`.
    pub(super) fn begin(&mut self, first: u64) {
        self.bytes.truncate(HEAD);
        (self.first, self.next) = (first, first);
    }

    pub(super) fn events(&self) -> u64 {
        self.next - self.first
    }

    /// The position of the next event.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Begins an append and answers its place within the frame.
    pub(super) fn begin_append(&mut self, key: Option<&KeyHash>) -> usize {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 8]);
        self.bytes.push(u8::from(key.is_some()));
        self.bytes.extend_from_slice(&self.next.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        if let Some(key) = key {
            self.bytes.extend_from_slice(key);
        }
        at
    }

    /// Adds an event and answers its place within the frame.
    #[expect(clippy::cast_possible_truncation, reason = "no append is longer than the door lets through")]
    pub(super) fn add_event(&mut self, record: &Record<'_>) -> usize {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&(record.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        record.write(&mut self.bytes);
        let own = checksum(&self.bytes[at + EVENT_HEAD..]);
        self.bytes[at + 4..at + 8].copy_from_slice(&own.to_le_bytes());
        self.next += 1;
        at
    }

    /// Completes the append that began at `at` as position `first`.
    #[expect(clippy::cast_possible_truncation, reason = "no append is longer than the door lets through")]
    pub(super) fn end_append(&mut self, at: usize, first: u64) {
        let length = (self.bytes.len() - at - 8) as u32;
        let events = (self.next - first) as u32;
        self.bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
        self.bytes[at + 17..at + 21].copy_from_slice(&events.to_le_bytes());
        let own = checksum(&self.bytes[at + 8..]);
        self.bytes[at + 4..at + 8].copy_from_slice(&own.to_le_bytes());
    }

    /// The finished frame, and its head.
    #[expect(clippy::cast_possible_truncation, reason = "batches are bounded far below 4 GiB")]
    pub(super) fn finish(&mut self, before: u32) -> (Head, &[u8]) {
        let (head, body) = self.bytes.split_at_mut(HEAD);
        let finished = Head {
            body: body.len() as u32,
            first: self.first,
            events: (self.next - self.first) as u32,
            before,
            checksum: checksum(body),
        };
        if let Some(head) = head.first_chunk_mut() {
            finished.write(head);
        }
        (finished, &self.bytes)
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// One append within a body.
pub(super) struct Append<'a> {
    /// Its place within the body.
    pub(super) at: usize,
    pub(super) first: u64,
    pub(super) key: Option<KeyHash>,
    events: u32,
    /// The events' bytes, and their place within the body.
    rest: &'a [u8],
    rest_at: usize,
}

impl<'a> Append<'a> {
    /// Reads the append at the start of `bytes`, which stand at `at` of the body, and answers its length.
    /// With `check`, its checksum is looked at: not needed where the frame's was.
    pub(super) fn read(bytes: &'a [u8], at: usize, check: bool) -> Option<(Self, usize)> {
        let length = 8 + u32_at(bytes, 0)? as usize;
        let whole = bytes.get(..length)?;
        if check && u32_at(bytes, 4)? != checksum(&whole[8..]) {
            return None;
        }
        let keyed = match *whole.get(8)? {
            0 => false,
            1 => true,
            _ => return None,
        };
        let head = if keyed { LONGEST_APPEND_HEAD } else { APPEND_HEAD };
        let key = if keyed { Some(*whole.get(APPEND_HEAD..)?.first_chunk::<KEY>()?) } else { None };
        let append = Self {
            at,
            first: u64_at(whole, 9)?,
            events: u32_at(whole, 17)?,
            key,
            rest: whole.get(head..)?,
            rest_at: at + head,
        };
        Some((append, length))
    }

    /// Its events: position, place within the body, record. `None` for one that cannot be read.
    pub(super) fn events(&self) -> impl Iterator<Item = Option<(u64, usize, Record<'a>)>> + use<'a> {
        let (mut rest, mut at) = (self.rest, self.rest_at);
        let (first, events) = (self.first, u64::from(self.events));
        (first..first + events).map(move |position| {
            let bytes = event(rest, false)?;
            let record = Record::read(bytes)?;
            let place = at;
            rest = rest.get(EVENT_HEAD + bytes.len()..)?;
            at += EVENT_HEAD + bytes.len();
            Some((position, place, record))
        })
    }
}

/// The bytes of the record of the event at the start of `bytes`.
pub(super) fn event(bytes: &[u8], check: bool) -> Option<&[u8]> {
    let length = u32_at(bytes, 0)? as usize;
    let record = bytes.get(EVENT_HEAD..EVENT_HEAD.checked_add(length)?)?;
    if check && u32_at(bytes, 4)? != checksum(record) {
        return None;
    }
    Some(record)
}

/// The appends of a body whose checksum was looked at. `None` for one that cannot be read; then no more come.
pub(super) fn appends(body: &[u8]) -> impl Iterator<Item = Option<Append<'_>>> {
    let mut at = 0;
    let mut broken = false;
    std::iter::from_fn(move || {
        if broken || at == body.len() {
            return None;
        }
        let Some((append, length)) = Append::read(&body[at..], at, false) else {
            broken = true;
            return Some(None);
        };
        at += length;
        Some(Some(append))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn record(revision: u64, data: &[u8]) -> Record<'_> {
        let id = Uuid::from_u128(revision.into());
        Record { id, nanoseconds: 7, revision, stream: "s", event_type: "T", metadata: b"{}", data }
    }

    #[test]
    fn what_was_put_together_is_taken_apart_and_a_changed_bit_is_noticed() {
        let mut draft = Draft::new();
        draft.begin(41);
        for (key, events) in [(None, 2_u64), (Some([9; 16]), 1), (None, 3)] {
            let first = draft.next();
            let at = draft.begin_append(key.as_ref());
            for n in 0..events {
                draft.add_event(&record(n, b"hello"));
            }
            draft.end_append(at, first);
        }
        let (head, frame) = draft.finish(77);
        let frame = frame.to_vec();
        assert_eq!((head.first, head.events, head.next(), head.before), (41, 6, 47, 77));
        assert_eq!(Head::read(&frame), Some(head));
        let body = &frame[HEAD..];
        assert_eq!(checksum(body), head.checksum);
        let read: Vec<_> = appends(body).map(|append| append.unwrap()).collect();
        assert_eq!(read.iter().map(|append| append.first).collect::<Vec<_>>(), [41, 43, 44]);
        assert_eq!(read[1].key, Some([9; 16]));
        let events: Vec<_> = read.iter().flat_map(Append::events).map(|event| event.unwrap()).collect();
        assert_eq!(events.iter().map(|event| event.0).collect::<Vec<_>>(), (41..47).collect::<Vec<_>>());
        for (_, place, one) in &events {
            assert_eq!(Record::read(event(&body[*place..], true).unwrap()), Some(*one));
        }
        for append in &read {
            assert!(Append::read(&body[append.at..], append.at, true).is_some());
        }
        for bit in 0..frame.len() * 8 {
            let mut flipped = frame.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let good = Head::read(&flipped).is_some_and(|head| checksum(&flipped[HEAD..]) == head.checksum);
            assert!(!good, "bit {bit}");
        }
    }
}
