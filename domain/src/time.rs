//! Time and ids as things that are handed in. The real clock and the real dice live in the binary.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use uuid::Uuid;

/// Tells the time. Implemented by the binary, and by tests that hold time still.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// Makes ids that nobody else has. Implemented by the binary (UUID version 7, RFC 9562) and by tests.
pub trait Ids: Send + Sync {
    /// A new id; later ids sort after earlier ones of the same process.
    fn next(&self) -> Uuid;
}

/// The zone that office hours, deadlines and dates in letters are counted in.
pub fn copenhagen() -> TimeZone {
    // The zone database is compiled in, so the name is always there; UTC would be wrong by an hour or two.
    TimeZone::get("Europe/Copenhagen").unwrap_or(TimeZone::UTC)
}

/// The wall clock in Copenhagen at `instant`.
pub fn local(instant: Timestamp) -> Zoned {
    instant.to_zoned(copenhagen())
}

/// The instant at which clocks in Copenhagen show this; a time that is skipped in spring is moved on by the hour. `None`
/// beyond the years that instants have.
pub fn instant_at(shown: DateTime) -> Option<Timestamp> {
    shown.to_zoned(copenhagen()).ok().map(|zoned| zoned.timestamp())
}

/// The calendar date in Copenhagen at `instant`.
pub fn local_date(instant: Timestamp) -> Date {
    local(instant).date()
}

/// The Monday of the week a day lies in (ISO 8601).
pub fn monday_of(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        for (day, monday) in
            [("2026-11-23", "2026-11-23"), ("2026-11-29", "2026-11-23"), ("2026-11-22", "2026-11-16")]
        {
            assert_eq!(monday_of(day.parse().unwrap()).to_string(), monday, "{day}");
        }
    }

    #[test]
    fn the_zone_is_compiled_in_and_knows_daylight_saving() {
        let summer: Timestamp = "2026-07-01T22:30:00Z".parse().unwrap();
        let winter: Timestamp = "2026-12-01T22:30:00Z".parse().unwrap();
        assert_eq!(local_date(summer).to_string(), "2026-07-02");
        assert_eq!(local_date(winter).to_string(), "2026-12-01");
    }
}
