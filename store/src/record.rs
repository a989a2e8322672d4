//! An event as bytes: what the embedded log stores, what the ledger hashes, what a pack for auditors holds.
//!
//! The same event has the same bytes on every engine. The position is not among them: it is the place of the
//! bytes, which the ledger binds by the order of its leaves (and which differs between engines).
//!
//! Layout, numbers little-endian: version (1 byte, 1), id (16), time (8, nanoseconds since 1970, signed),
//! revision (8), lengths of stream (2), type (2), metadata (4) and data (4), then those four.

use jiff::Timestamp;
use skranke_domain::StreamId;
use uuid::Uuid;

use crate::port::{LogError, NewEvent, Recorded, Revision};

/// The only layout there is so far.
const VERSION: u8 = 1;
/// Bytes before the first text.
const FIXED: usize = 1 + 16 + 8 + 8 + 2 + 2 + 4 + 4;

/// An event's fields, borrowed from wherever they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its id.
    pub id: Uuid,
    /// When it happened, in nanoseconds since 1970.
    pub nanoseconds: i64,
    /// Its number in its stream.
    pub revision: Revision,
    /// Its stream.
    pub stream: &'a str,
    /// Its type name.
    pub event_type: &'a str,
    /// Its metadata.
    pub metadata: &'a [u8],
    /// Its data.
    pub data: &'a [u8],
}

impl<'a> Record<'a> {
    /// A new event at its place in a stream. Fails when it does not fit into the layout.
    pub fn new(stream: &'a StreamId, revision: Revision, event: &'a NewEvent) -> Result<Self, LogError> {
        let fits = u16::try_from(event.event_type.len()).is_ok()
            && u32::try_from(event.metadata.len()).is_ok()
            && u32::try_from(event.data.len()).is_ok();
        if event.event_type.is_empty() || !fits {
            return Err(LogError::Invalid(
                "an event's type has 1 to 65,535 bytes, its data at most 4 GiB".into(),
            ));
        }
        Ok(Self {
            id: event.id,
            nanoseconds: nanoseconds(event.recorded_at)?,
            revision,
            stream: stream.as_str(),
            event_type: &event.event_type,
            metadata: &event.metadata,
            data: &event.data,
        })
    }

    /// An event that was read.
    pub fn of(event: &'a Recorded) -> Result<Self, LogError> {
        Ok(Self {
            id: event.id,
            nanoseconds: nanoseconds(event.recorded_at)?,
            revision: event.revision,
            stream: event.stream.as_str(),
            event_type: &event.event_type,
            metadata: &event.metadata,
            data: &event.data,
        })
    }

    /// How many bytes [`Self::write`] writes.
    #[expect(clippy::len_without_is_empty, reason = "no record is empty")]
    pub fn len(&self) -> usize {
        FIXED + self.stream.len() + self.event_type.len() + self.metadata.len() + self.data.len()
    }

    /// Appends the bytes to `out`.
    #[expect(clippy::cast_possible_truncation, reason = "the lengths were checked when the record was made")]
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(self.len());
        out.push(VERSION);
        out.extend_from_slice(self.id.as_bytes());
        out.extend_from_slice(&self.nanoseconds.to_le_bytes());
        out.extend_from_slice(&self.revision.to_le_bytes());
        out.extend_from_slice(&(self.stream.len() as u16).to_le_bytes());
        out.extend_from_slice(&(self.event_type.len() as u16).to_le_bytes());
        out.extend_from_slice(&(self.metadata.len() as u32).to_le_bytes());
        out.extend_from_slice(&(self.data.len() as u32).to_le_bytes());
        out.extend_from_slice(self.stream.as_bytes());
        out.extend_from_slice(self.event_type.as_bytes());
        out.extend_from_slice(self.metadata);
        out.extend_from_slice(self.data);
    }

    /// Reads what [`Self::write`] wrote, all of `bytes`; `None` when they are something else.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&[VERSION], rest) = bytes.split_first_chunk::<1>()? else { return None };
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (nanoseconds, rest) = rest.split_first_chunk::<8>()?;
        let (revision, rest) = rest.split_first_chunk::<8>()?;
        let (stream, rest) = rest.split_first_chunk::<2>()?;
        let (event_type, rest) = rest.split_first_chunk::<2>()?;
        let (metadata, rest) = rest.split_first_chunk::<4>()?;
        let (data, rest) = rest.split_first_chunk::<4>()?;
        let (stream, rest) = rest.split_at_checked(u16::from_le_bytes(*stream).into())?;
        let (event_type, rest) = rest.split_at_checked(u16::from_le_bytes(*event_type).into())?;
        let (metadata, rest) = rest.split_at_checked(u32::from_le_bytes(*metadata) as usize)?;
        let (data, rest) = rest.split_at_checked(u32::from_le_bytes(*data) as usize)?;
        if !rest.is_empty() {
            return None;
        }
        Some(Self {
            id: Uuid::from_bytes(*id),
            nanoseconds: i64::from_le_bytes(*nanoseconds),
            revision: u64::from_le_bytes(*revision),
            stream: std::str::from_utf8(stream).ok()?,
            event_type: std::str::from_utf8(event_type).ok()?,
            metadata,
            data,
        })
    }
}

fn nanoseconds(at: Timestamp) -> Result<i64, LogError> {
    i64::try_from(at.as_nanosecond())
        .map_err(|_| LogError::Invalid("an event's time lies outside the years 1678 to 2261".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_else_is(
            id in any::<u128>(), nanoseconds in any::<i64>(), revision in any::<u64>(),
            stream in ".{0,20}", event_type in ".{0,20}",
            metadata in proptest::collection::vec(any::<u8>(), 0..40),
            data in proptest::collection::vec(any::<u8>(), 0..40),
            cut in any::<prop::sample::Index>(),
        ) {
            let (stream, event_type) = (stream.as_str(), event_type.as_str());
            let id = Uuid::from_u128(id);
            let record = Record { id, nanoseconds, revision, stream, event_type, metadata: &metadata, data: &data };
            let mut bytes = Vec::new();
            record.write(&mut bytes);
            prop_assert_eq!(bytes.len(), record.len());
            prop_assert_eq!(Record::read(&bytes), Some(record));
            prop_assert_eq!(Record::read(&bytes[..cut.index(bytes.len())]), None);
            bytes.push(0);
            prop_assert_eq!(Record::read(&bytes), None);
        }
    }
}
