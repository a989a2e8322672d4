//! What the tests of this room share: events with a number in them, streams, and ids nobody else has.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

#[cfg(feature = "endpoint")]
pub(crate) mod endpoint;
pub(crate) mod model;
pub(crate) mod sim;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use skranke_domain::StreamId;
use skranke_domain::time::Ids;
use skranke_store::{EmbeddedLog, EventLog, Expected, NewEvent, StreamWrite};
use uuid::Uuid;

/// Counts instead of rolling dice.
#[derive(Default)]
pub(crate) struct Counting(AtomicU64);

impl Ids for Counting {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }
}

pub(crate) fn random() -> u64 {
    getrandom::u64().unwrap()
}

/// How many random histories a property is tried on: so many, or as many times that as `SKRANKE_TEST_LONG` says.
pub(crate) fn cases(short: u32) -> u32 {
    #[expect(clippy::disallowed_methods, reason = "a test has no configuration file")]
    let times = std::env::var("SKRANKE_TEST_LONG");
    short * times.ok().and_then(|times| times.parse().ok()).unwrap_or(1)
}

pub(crate) fn stream(name: &str) -> StreamId {
    StreamId::try_from(format!("test-0190-{name}")).unwrap()
}

/// An event whose fields all follow from `number`.
pub(crate) fn event(event_type: &str, number: u64) -> NewEvent {
    let at = jiff::Timestamp::from_nanosecond(1_790_000_000_123_456_789 + i128::from(number)).unwrap();
    NewEvent {
        id: Uuid::from_u128(u128::from(number) << 64 | u128::from(random())),
        event_type: event_type.to_owned().into(),
        data: format!(r#"{{"number":{number},"text":"blåbærgrød"}}"#).into_bytes(),
        metadata: format!(r#"{{"recordedAt":"{at}","tenant":"0190","actor":"bot"}}"#).into_bytes(),
        recorded_at: at,
    }
}

pub(crate) fn write(
    stream: &StreamId,
    expected: Expected,
    numbers: impl IntoIterator<Item = u64>,
) -> StreamWrite {
    let events = numbers.into_iter().map(|number| event("Counted", number)).collect();
    StreamWrite { stream: stream.clone(), expected, events }
}

pub(crate) fn embedded(dir: &Path) -> Arc<dyn EventLog> {
    Arc::new(EmbeddedLog::open(dir).unwrap())
}
