//! How much of a stream can be seen: all of it, or what its metadata leaves after a soft delete.

use serde_json::{Map, Value};
use skranke_domain::StreamId;

use crate::port::{Direction, EventLog, LogError, Recorded, Revision};

/// The type of the events in metadata streams.
pub(super) const METADATA: &str = "$metadata";
/// The first revision that can be seen ("truncate before").
pub(super) const TRUNCATE_BEFORE: &str = "$tb";

/// The bounds of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// The first revision that can be seen, whether it exists yet or not.
    pub(super) first: Revision,
    /// The last revision there is, seen or not.
    pub(super) last: Option<Revision>,
}

impl Extent {
    pub(super) async fn of(log: &dyn EventLog, stream: &StreamId) -> Result<Self, LogError> {
        let last = newest(log, stream).await?.map(|event| event.revision);
        let described = match last {
            Some(_) => Described::of(log, stream).await?,
            None => Described::default(),
        };
        Ok(Self { first: described.first, last })
    }

    /// The last revision that can be seen: `None` when the stream has no events, or none are left.
    pub(super) fn seen(self) -> Option<Revision> {
        self.last.filter(|last| self.first <= *last)
    }
}

/// What a stream's metadata stream says about it.
#[derive(Debug, Default)]
pub(super) struct Described {
    /// The first revision that can be seen.
    pub(super) first: Revision,
    /// Everything it says.
    pub(super) properties: Map<String, Value>,
    /// The last revision of the metadata stream.
    pub(super) revision: Option<Revision>,
}

impl Described {
    pub(super) async fn of(log: &dyn EventLog, stream: &StreamId) -> Result<Self, LogError> {
        let Some(name) = metadata_stream(stream) else { return Ok(Self::default()) };
        let event = match newest(log, &name).await {
            Ok(Some(event)) => event,
            Ok(None) | Err(LogError::Deleted) => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        let revision = Some(event.revision);
        // Anybody may have written anything there; what is no metadata says nothing.
        let properties = (event.event_type == METADATA)
            .then(|| serde_json::from_slice::<Map<String, Value>>(&event.data).ok())
            .flatten()
            .unwrap_or_default();
        let first = properties.get(TRUNCATE_BEFORE).and_then(Value::as_u64).unwrap_or(0);
        Ok(Self { first, properties, revision })
    }
}

/// Where a stream's metadata stands. Metadata streams have none of their own.
pub(super) fn metadata_stream(stream: &StreamId) -> Option<StreamId> {
    let name = stream.as_str();
    if name.starts_with("$$") { None } else { StreamId::parse(&format!("$${name}")).ok() }
}

async fn newest(log: &dyn EventLog, stream: &StreamId) -> Result<Option<Recorded>, LogError> {
    Ok(log.read_stream(stream, Revision::MAX, Direction::Backwards, 1).await?.into_iter().next())
}
