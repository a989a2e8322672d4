//! Two sequences of leaves, the log's and the ledger's, walked side by side: what is missing, added, moved or
//! changed where they differ. Looks a few events ahead and no further, so memory is bounded.

use std::collections::VecDeque;
use std::fmt;

use skranke_domain::StreamId;

use super::super::hash::Hash;
use super::Report;
use crate::port::{EventType, Position, Recorded, Revision};

/// How far ahead it looks for where the two meet again.
const WINDOW: usize = 64;
/// After so many differences the two have nothing to do with each other.
const ENOUGH: u64 = 1000;

/// Which event it is, for a person.
#[derive(Clone, Debug)]
pub(super) struct Place {
    position: Position,
    stream: StreamId,
    revision: Revision,
    event_type: EventType,
}

impl Place {
    pub(super) fn of(event: &Recorded) -> Self {
        Self {
            position: event.position,
            stream: event.stream.clone(),
            revision: event.revision,
            event_type: event.event_type.clone(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, stream, revision, event_type } = self;
        write!(f, "{event_type} of stream {stream}, revision {revision}, position {}", position.0)
    }
}

#[derive(Default)]
pub(super) struct Diff {
    log: VecDeque<(Hash, Place)>,
    ledger: VecDeque<Hash>,
    /// The number, in the ledger, of the first leaf that waits.
    number: u64,
    found: u64,
}

impl Diff {
    /// The next leaf of each. Costs nothing as long as they are equal.
    pub(super) fn next(&mut self, log: (Hash, &Recorded), ledger: Option<Hash>, report: &mut Report) {
        if self.log.is_empty() && self.ledger.is_empty() {
            match ledger {
                Some(ledger) if ledger == log.0 => return self.number += 1,
                // The log has grown since the ledger was last written.
                None => return,
                Some(_) => {}
            }
        }
        if self.found >= ENOUGH {
            return;
        }
        self.log.push_back((log.0, Place::of(log.1)));
        self.ledger.extend(ledger);
        let waited = self.log.len() >= 2 * WINDOW;
        self.resolve(waited || self.ledger.len() >= WINDOW && self.log.len() >= WINDOW, report);
    }

    /// A leaf that the ledger has after the log has ended. Answers whether more are of use.
    pub(super) fn rest(&mut self, ledger: Hash) -> bool {
        if !self.log.is_empty() {
            self.ledger.push_back(ledger);
        }
        !self.log.is_empty() && self.ledger.len() < self.log.len() + WINDOW
    }

    /// Both have ended; the ledger has `size` leaves.
    pub(super) fn finish(&mut self, size: u64, report: &mut Report) {
        if self.found >= ENOUGH {
            return report.wrong(format!(
                "there are more than {ENOUGH} differences: from event {} on this is another log.",
                self.number
            ));
        }
        while !self.log.is_empty() && !self.ledger.is_empty() && self.found < ENOUGH {
            self.resolve(true, report);
        }
        if self.number < size {
            let (number, last) = (self.number, size - 1);
            report.wrong(format!(
                "the newest events that were recorded, number {number} to {last}, are missing at the end of the log."
            ));
        } else if let Some((_, place)) = self.log.front()
            && self.found > 0
        {
            let more = self.log.len();
            report.say(format!("{more} events at the end were not recorded yet, from {place}."));
        }
    }

    fn resolve(&mut self, far_enough: bool, report: &mut Report) {
        self.skip_equal();
        if !far_enough {
            return;
        }
        let (Some((leaf, place)), Some(recorded)) = (self.log.front().cloned(), self.ledger.front()) else {
            return;
        };
        self.found += 1;
        let number = self.number;
        let removed = self.ledger.iter().position(|one| *one == leaf);
        let added = self.log.iter().position(|(one, _)| one == recorded);
        if let (Some(_), Some(_), Some(count)) = (removed, added, self.reordered()) {
            let last = number + count as u64 - 1;
            report.wrong(format!(
                "the events {number} to {last} stand in another order than they were recorded in (from {place})."
            ));
            self.drop(count, count);
        } else if let Some(count) = removed.filter(|count| added.is_none_or(|added| *count <= added)) {
            let which = match count {
                1 => format!("event {number} was"),
                _ => format!("the events {number} to {} were", number + count as u64 - 1),
            };
            report.wrong(format!("{which} removed from the log, before {place}."));
            self.drop(0, count);
        } else if let Some(count) = added {
            let which = if count == 1 { "an event was" } else { "events were" };
            report.wrong(format!(
                "{which} inserted before event {number}: {count} that were never recorded, from {place}."
            ));
            self.drop(count, 0);
        } else {
            report
                .wrong(format!("event {number} ({place}) was changed: its bytes are not the recorded ones."));
            self.drop(1, 1);
        }
        self.skip_equal();
    }

    fn skip_equal(&mut self) {
        while let (Some((log, _)), Some(ledger)) = (self.log.front(), self.ledger.front())
            && log == ledger
        {
            self.drop(1, 1);
        }
    }

    fn drop(&mut self, log: usize, ledger: usize) {
        self.log.drain(..log);
        self.ledger.drain(..ledger);
        self.number += ledger as u64;
    }

    /// The smallest number of leaves that are the same on both sides but for their order.
    fn reordered(&self) -> Option<usize> {
        let longest = self.log.len().min(self.ledger.len()).min(WINDOW);
        (2..=longest).find(|count| {
            let mut log: Vec<_> = self.log.iter().take(*count).map(|(leaf, _)| *leaf.as_bytes()).collect();
            let mut ledger: Vec<_> = self.ledger.iter().take(*count).map(|leaf| *leaf.as_bytes()).collect();
            log.sort_unstable();
            ledger.sort_unstable();
            log == ledger
        })
    }
}
