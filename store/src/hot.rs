//! The aggregates that were used lately, so that the next command need not fold their streams again.
//!
//! By checkout: an aggregate is taken out for a command and put back when the log has answered. Whatever goes
//! wrong in between (a refusal, a conflict, a fault, a caller who leaves, a panic) leaves the place empty, and
//! the next command folds the stream. Law: what is put back is what folding the stream would give.
//!
//! Personal fields in it are locked, as they are in the log: destroying a key leaves nothing open here.

use std::any::Any;
use std::sync::{Mutex, PoisonError};

use skranke_domain::StreamId;

use crate::port::Appended;
use crate::recent::Recent;

/// Aggregates that are kept (at most twice as many).
const ROOM: usize = 1024;

pub(crate) struct Hot(Mutex<Recent<StreamId, Box<dyn Any + Send>>>);

impl Hot {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Recent::new(ROOM)))
    }

    /// Takes a stream's aggregate out, if it is there, with the place that it stands for.
    pub(crate) fn take<A: Any + Send>(&self, stream: &StreamId) -> Option<(A, Appended)> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(stream)?;
        // Of another type: somebody named another aggregate for this stream. The stream itself will tell.
        found.downcast().ok().map(|found| *found)
    }

    /// Puts it back, as it is after its newest event.
    pub(crate) fn put<A: Any + Send>(&self, stream: &StreamId, aggregate: A, last: Appended) {
        let kept: Box<dyn Any + Send> = Box::new((aggregate, last));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(stream.clone(), kept);
    }
}
