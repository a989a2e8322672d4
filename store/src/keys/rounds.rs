//! New keys, made for many at once: what is waiting when a round begins shares one sync, and what comes later
//! shares the next one's. One blocking thread works while there is anything to do, and none otherwise.

use std::sync::{Mutex, MutexGuard, PoisonError};

use skranke_domain::sealed::SealError;
use tokio::sync::oneshot;

use super::{KeyRing, Subject};

/// Who waits for a key.
type Waiting = (Subject, oneshot::Sender<Result<(), SealError>>);

#[derive(Default)]
pub(super) struct Rounds(Mutex<Next>);

#[derive(Default)]
struct Next {
    waiting: Vec<Waiting>,
    /// Somebody works, and will see who is waiting.
    at_work: bool,
}

impl Rounds {
    fn next(&self) -> MutexGuard<'_, Next> {
        // Every change is one assignment or one push: a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes sure that each of the subjects has a key, without blocking: returns when they are durable.
pub(super) async fn ensure(ring: &KeyRing, subjects: Vec<Subject>) -> Result<(), SealError> {
    let mut answers = Vec::with_capacity(subjects.len());
    let idle = {
        let mut next = ring.0.rounds.next();
        for subject in subjects {
            let (answer, answered) = oneshot::channel();
            next.waiting.push((subject, answer));
            answers.push(answered);
        }
        !std::mem::replace(&mut next.at_work, true)
    };
    if idle {
        let shift = Shift { ring: ring.clone(), over: false };
        tokio::task::spawn_blocking(move || shift.work());
    }
    for answer in answers {
        answer.await.map_err(|_| SealError::KeyRing("the program is stopping".into()))??;
    }
    Ok(())
}

/// Being the one who works. However it ends, the next one who needs a key can begin anew.
struct Shift {
    ring: KeyRing,
    over: bool,
}

impl Shift {
    fn work(mut self) {
        while let Some(batch) = self.batch() {
            let subjects: Vec<_> = batch.iter().map(|(subject, _)| *subject).collect();
            let made = self.ring.find_or_make(&subjects);
            for (subject, answer) in batch {
                let outcome = match &made {
                    Ok(_) => Ok(()),
                    // What is wrong with one of them is not the others' fault: each by itself.
                    Err(_) => self.ring.find_or_make(&[subject]).map(drop).map_err(SealError::from),
                };
                // Whoever asked may have gone; the key stays.
                let _ = answer.send(outcome);
            }
        }
    }

    /// Everyone who waits now, or the end of the shift.
    fn batch(&mut self) -> Option<Vec<Waiting>> {
        let mut next = self.ring.0.rounds.next();
        if next.waiting.is_empty() {
            next.at_work = false;
            self.over = true;
            return None;
        }
        Some(std::mem::take(&mut next.waiting))
    }
}

impl Drop for Shift {
    fn drop(&mut self) {
        if !self.over {
            // It panicked, or never began because the program stops. Those who wait are told by the end of
            // their channels.
            *self.ring.0.rounds.next() = Next::default();
        }
    }
}
