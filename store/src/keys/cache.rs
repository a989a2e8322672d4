//! What is known of keys, in memory: unwrapped ones, and that some were destroyed. Invariant: a key that was
//! forgotten does not slip back by the hand of somebody who read it before.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Found, Subject};
use crate::recent::Recent;

/// How many are held, at most twice.
const ROOM: usize = 4096;

pub(super) struct Cache(Mutex<Held>);

struct Held {
    keys: Recent<Subject, Found>,
    /// How often something was forgotten.
    forgotten: u64,
    /// Whether destructions elsewhere are heard of. Nothing is held while they are not.
    hears: bool,
}

/// How often something had been forgotten when somebody went to read a key.
#[derive(Clone, Copy)]
pub(super) struct Ticket(u64);

impl Cache {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Held { keys: Recent::new(ROOM), forgotten: 0, hears: true }))
    }

    pub(super) fn get(&self, subject: Subject) -> Option<Found> {
        self.held().keys.get(&subject).cloned()
    }

    /// To be taken before a key is read.
    pub(super) fn ticket(&self) -> Ticket {
        Ticket(self.held().forgotten)
    }

    /// Holds what was found after the ticket was taken, unless anything was forgotten since. That there is
    /// nothing is not held: somebody may make a key at any moment.
    pub(super) fn hold(&self, ticket: Ticket, subject: Subject, found: &Found) {
        let mut held = self.held();
        if held.hears && held.forgotten == ticket.0 && !matches!(found, Found::Nothing) {
            held.keys.insert(subject, found.clone());
        }
    }

    pub(super) fn forget(&self, subject: Subject) {
        let mut held = self.held();
        held.keys.remove(&subject);
        held.forgotten += 1;
    }

    /// Destructions elsewhere are heard of, from now on or no longer.
    pub(super) fn set_hearing(&self, hears: bool) {
        let mut held = self.held();
        held.hears = hears;
        if !hears {
            held.keys = Recent::new(ROOM);
            held.forgotten += 1;
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Every change is one assignment: a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
