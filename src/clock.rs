//! The real clock and the real dice.

#![expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]

use jiff::Timestamp;
use skranke_domain::time::{Clock, Ids};
use uuid::Uuid;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// UUID version 7 (RFC 9562): sorted by time, so that new rows land at the end of an index.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}
