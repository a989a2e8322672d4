//! A visit to a counter as a file for a calendar (iCalendar, RFC 5545). Times are in UTC, so that no calendar has to know
//! our zone's rules.

use std::fmt;

use icalendar::{Alarm, Calendar, Component, Event, EventLike};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// One entry of a calendar.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// The same for the same visit: who takes it twice has it once.
    pub(crate) id: String,
    /// When the file was made.
    pub(crate) made: Timestamp,
    pub(crate) begins: Timestamp,
    pub(crate) ends: Timestamp,
    /// What it is about.
    pub(crate) title: String,
    /// Where.
    pub(crate) place: String,
    /// What to bring, whom to call, the link.
    pub(crate) text: String,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |instant: Timestamp| instant.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
        let reminder = Alarm::display(&self.title, -chrono::Duration::days(1))
            .uid(&format!("reminder-{}", self.id))
            .add_property("DTSTAMP", at(self.made))
            .done();
        let event = Event::new()
            .uid(&self.id)
            .add_property("DTSTAMP", at(self.made))
            .add_property("DTSTART", at(self.begins))
            .add_property("DTEND", at(self.ends))
            .summary(&self.title)
            .location(&self.place)
            .description(&self.text)
            .alarm(reminder)
            .done();
        let calendar = Calendar::new().push(event).done();
        write!(f, "{calendar}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_an_entry_that_any_calendar_reads() {
        let entry = Entry {
            id: "svar-3@skranke".to_owned(),
            made: "2026-11-22T09:00:00Z".parse().unwrap(),
            // Summer time: ten o'clock in Copenhagen.
            begins: "2026-07-01T08:00:00Z".parse().unwrap(),
            ends: "2026-07-01T08:30:00Z".parse().unwrap(),
            title: "Besøg: Borgerservice, Værløse; pas".to_owned(),
            place: "Stiager 2, 3500 Værløse".to_owned(),
            text: "Medbring: legitimation\nTelefon: 72 35 40 00\nhttps://www.borger.dk/?kommunekode=190"
                .to_owned(),
        };
        let text = entry.to_string();
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "UID:svar-3@skranke",
            "DTSTAMP:20261122T090000Z",
            "DTSTART:20260701T080000Z",
            "DTEND:20260701T083000Z",
            "SUMMARY:Besøg: Borgerservice\\, Værløse\\; pas",
            "LOCATION:Stiager 2\\, 3500 Værløse",
            "TRIGGER:-PT86400S",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line}: {text}");
        }
        assert!(text.contains("legitimation\\nTelefon"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 75), "lines are folded: {text}");
    }
}
