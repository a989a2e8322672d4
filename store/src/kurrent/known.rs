//! Which events stand in streams that were used lately, by the roots of their ids: so that the append with a new key need not
//! read its stream again to see that the key is new.
//!
//! Streams only grow, so what is known stays true: the stream had exactly these events up to `last`. An append that
//! expects exactly `last` and is carried out proves that nothing else was there.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use skranke_domain::StreamId;
use uuid::Uuid;

use super::mapping::root;
use crate::port::Revision;
use crate::recent::Recent;

/// Streams that are remembered, at least.
const STREAMS: usize = 2048;
/// Longer streams are read each time: twice this many ids per stream and generation would be too much memory.
const LONGEST: usize = 512;

pub(super) struct Known(Mutex<Recent<StreamId, Stream>>);

struct Stream {
    last: Revision,
    roots: HashSet<Uuid>,
}

impl Default for Known {
    fn default() -> Self {
        Self(Mutex::new(Recent::new(STREAMS)))
    }
}

impl Known {
    /// The last revision up to which it is known that the stream has no event whose id has this one's root.
    pub(super) fn without(&self, stream: &StreamId, id: Uuid) -> Option<Revision> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        streams.get(stream).filter(|known| !known.roots.contains(&root(id))).map(|known| known.last)
    }

    /// These are the stream's first events, up to `last`.
    pub(super) fn learn(&self, stream: &StreamId, last: Revision, ids: impl ExactSizeIterator<Item = Uuid>) {
        if ids.len() as u64 != last.saturating_add(1) || ids.len() > LONGEST {
            return;
        }
        let known = Stream { last, roots: ids.map(root).collect() };
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if streams.get(stream).is_none_or(|before| before.last < last) {
            streams.insert(stream.clone(), known);
        }
    }

    /// The events with these ids stand side by side in the stream, and the last of them at `last`.
    pub(super) fn append(&self, stream: &StreamId, last: Revision, ids: &[Uuid]) {
        if ids.len() as u64 == last.saturating_add(1) {
            return self.learn(stream, last, ids.iter().copied());
        }
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut known) = streams.remove(stream) else { return };
        if known.last.saturating_add(ids.len() as u64) == last {
            known.last = last;
            known.roots.extend(ids.iter().copied().map(root));
        }
        if known.last < LONGEST as u64 {
            streams.insert(stream.clone(), known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n << 64)
    }

    fn ids(range: std::ops::Range<u128>) -> Vec<Uuid> {
        range.map(id).collect()
    }

    #[test]
    fn it_knows_only_what_it_was_told_without_a_gap() {
        let (known, stream) = (Known::default(), StreamId::parse("case-0190-1").unwrap());
        assert_eq!(known.without(&stream, id(0)), None);
        // Not the beginning: what stands before is not known.
        known.append(&stream, 5, &ids(4..6));
        assert_eq!(known.without(&stream, id(0)), None);
        known.append(&stream, 1, &ids(0..2));
        known.append(&stream, 3, &ids(2..4));
        assert_eq!((known.without(&stream, id(9)), known.without(&stream, id(3))), (Some(3), None));
        // A gap: it keeps to what it knew.
        known.append(&stream, 7, &ids(6..8));
        assert_eq!(known.without(&stream, id(7)), Some(3));
        known.learn(&stream, 7, ids(0..8).into_iter());
        assert_eq!((known.without(&stream, id(9)), known.without(&stream, id(7))), (Some(7), None));
        // Older news do not count.
        known.learn(&stream, 3, ids(0..4).into_iter());
        assert_eq!(known.without(&stream, id(7)), None);
    }

    #[test]
    fn a_long_stream_is_forgotten() {
        let (known, stream) = (Known::default(), StreamId::parse("case-0190-1").unwrap());
        known.append(&stream, 511, &ids(0..512));
        assert_eq!(known.without(&stream, Uuid::max()), Some(511));
        known.append(&stream, 512, &ids(512..513));
        assert_eq!(known.without(&stream, Uuid::max()), None);
    }
}
