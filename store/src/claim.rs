//! Claims: work that must happen on one node at a time, on a log that several nodes share.
//!
//! Each claim is a stream, `claim-<tenant>-<name>`, and its last event says who holds it and until when. Whoever
//! appends the next event has it, and the log lets one of many through: all of them expect the revision that they
//! read. A holder renews its claim in time; one that died renews nothing, and its claim runs out.
//!
//! Invariants:
//! - Of those whose claim has not run out by one clock, at most one holds it.
//! - The fencing number of a later holder is greater. What the work writes elsewhere should carry it, and refuse
//!   a smaller one: a holder that was asleep while its claim ran out does not know that it is late.
//!
//! The clocks of the nodes need not agree to the second, but their difference must be less than what a holder leaves
//! of its time: [`Claims::hold`] renews after a third of it, and does not work while it does not know whether it
//! could.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use skranke_domain::time::{Clock, Ids};
use skranke_domain::{Act, StreamId, Tenant};
use uuid::Uuid;

use crate::metadata::Metadata;
use crate::port::{Direction, EventLog, Expected, LogError, NewEvent, Revision, StreamWrite};

/// The event that takes or renews a claim.
const TAKEN: &str = "ClaimTaken";
/// The event that gives one back.
const RELEASED: &str = "ClaimReleased";

/// A claim that this node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    stream: StreamId,
    /// When it runs out, unless it is renewed.
    pub until: Timestamp,
    /// Greater than that of every earlier holder.
    pub fence: Revision,
}

/// Somebody else holds the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("another node does this work until {until}")]
pub struct Busy {
    /// When it may be free, at the latest.
    pub until: Timestamp,
}

/// The claim is no longer this node's: it ran out, and another one took it. Stop working.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the claim ran out and another node has it")]
pub struct Lost;

/// The claims of one node.
#[derive(Clone)]
pub struct Claims {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    /// Which node this is, from its start to its end.
    holder: Uuid,
    /// For how long a claim is taken.
    term: SignedDuration,
    software: &'static str,
}

/// The fields of both events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    holder: Uuid,
    until: Timestamp,
}

/// How a claim stands, from its stream's last event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    revision: Option<Revision>,
    held: Option<Entry>,
}

impl State {
    /// Who may not be disturbed at this time.
    fn holder_at(self, now: Timestamp) -> Option<Entry> {
        self.held.filter(|held| now < held.until)
    }

    /// Whether `holder` may take it, or take it for longer.
    fn take(self, holder: Uuid, now: Timestamp) -> Result<(), Busy> {
        match self.holder_at(now) {
            Some(other) if other.holder != holder => Err(Busy { until: other.until }),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether `holder` still has what it took. Late is not too late while nobody else came.
    fn keep(self, holder: Uuid) -> Result<(), Lost> {
        if self.held.is_some_and(|held| held.holder == holder) { Ok(()) } else { Err(Lost) }
    }
}

impl Claims {
    /// Claims are held in the name of `ids`' next id and for `term` at a time.
    pub fn new(
        log: Arc<dyn EventLog>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        term: SignedDuration,
        software: &'static str,
    ) -> Self {
        let holder = ids.next();
        Self { log, clock, ids, holder, term, software }
    }

    /// Takes a claim, if nobody else holds it. One that this node holds already is taken for longer; two tasks of
    /// one node are one holder.
    pub async fn try_take(&self, tenant: Tenant, name: &str) -> Result<Result<Claim, Busy>, LogError> {
        let stream = StreamId::new("claim", tenant, name);
        loop {
            let state = self.read(&stream).await?;
            let now = self.clock.now();
            if let Err(busy) = state.take(self.holder, now) {
                return Ok(Err(busy));
            }
            let until = now.saturating_add(self.term).unwrap_or(Timestamp::MAX);
            match self.write(&stream, state, TAKEN, now, until).await {
                Ok(fence) => return Ok(Ok(Claim { stream, until, fence })),
                // Somebody was faster; what they wrote says whether it can be had.
                Err(LogError::WrongExpected { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Holds a claim for longer. Its fencing number grows.
    pub async fn renew(&self, claim: &mut Claim) -> Result<Result<(), Lost>, LogError> {
        loop {
            let state = self.read(&claim.stream).await?;
            if let Err(lost) = state.keep(self.holder) {
                return Ok(Err(lost));
            }
            let now = self.clock.now();
            let until = now.saturating_add(self.term).unwrap_or(Timestamp::MAX);
            match self.write(&claim.stream, state, TAKEN, now, until).await {
                Ok(fence) => {
                    (claim.until, claim.fence) = (until, fence);
                    return Ok(Ok(()));
                }
                Err(LogError::WrongExpected { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Does the work as long as the claim can be renewed, and gives the claim back afterwards. `Lost` when another
    /// node took it; the work was dropped then, as it is when the log does not answer.
    pub async fn hold<T>(
        &self,
        mut claim: Claim,
        work: impl Future<Output = T>,
    ) -> Result<Result<T, Lost>, LogError> {
        let third = Duration::try_from(self.term).unwrap_or_default() / 3;
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => {
                    self.release(claim).await?;
                    return Ok(Ok(done));
                }
                () = tokio::time::sleep(third) => {
                    if let Err(lost) = self.renew(&mut claim).await? {
                        return Ok(Err(lost));
                    }
                }
            }
        }
    }

    /// Gives a claim back before it runs out. One that is lost stays with whoever has it now.
    pub async fn release(&self, claim: Claim) -> Result<(), LogError> {
        let state = self.read(&claim.stream).await?;
        if state.keep(self.holder).is_err() {
            return Ok(());
        }
        let now = self.clock.now();
        match self.write(&claim.stream, state, RELEASED, now, now).await {
            Ok(_) | Err(LogError::WrongExpected { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn read(&self, stream: &StreamId) -> Result<State, LogError> {
        let newest = self.log.read_stream(stream, Revision::MAX, Direction::Backwards, 1).await?;
        let Some(event) = newest.first() else { return Ok(State::default()) };
        let held = if event.event_type == TAKEN {
            let entry = serde_json::from_slice(&event.data).map_err(|_| {
                LogError::Damaged(format!("{stream} revision {} is no readable {TAKEN}", event.revision))
            })?;
            Some(entry)
        } else {
            None
        };
        Ok(State { revision: Some(event.revision), held })
    }

    async fn write(
        &self,
        stream: &StreamId,
        state: State,
        event_type: &'static str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Revision, LogError> {
        let act = Act::system(stream.tenant(), now, self.ids.next());
        let metadata = Metadata::from_act(&act, self.software).to_json();
        let data = serde_json::to_vec(&Entry { holder: self.holder, until });
        let (Ok(metadata), Ok(data)) = (metadata, data) else {
            return Err(LogError::Invalid("a claim cannot be written as JSON".into()));
        };
        let event =
            NewEvent { id: self.ids.next(), event_type: event_type.into(), data, metadata, recorded_at: now };
        let expected = Expected::after(state.revision);
        let write = StreamWrite { stream: stream.clone(), expected, events: vec![event] };
        Ok(self.log.append(write, None).await?.revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn state(holder: u128, seconds: i64) -> State {
        let until = Timestamp::from_second(seconds).unwrap();
        State { revision: Some(3), held: Some(Entry { holder: Uuid::from_u128(holder), until }) }
    }

    #[test]
    fn it_is_taken_when_it_is_free_or_has_run_out_or_is_ones_own() {
        let me = Uuid::from_u128(1);
        assert_eq!(State::default().take(me, NOW), Ok(()));
        assert_eq!(state(2, 0).take(me, NOW), Ok(()));
        assert_eq!(state(1, 9).take(me, NOW), Ok(()));
        assert_eq!(state(2, 9).take(me, NOW), Err(Busy { until: Timestamp::from_second(9).unwrap() }));
    }

    #[test]
    fn it_is_kept_until_another_has_taken_it() {
        let me = Uuid::from_u128(1);
        assert_eq!(state(1, -5).keep(me), Ok(()));
        assert_eq!(state(2, -5).keep(me), Err(Lost));
        assert_eq!(State { revision: Some(4), held: None }.keep(me), Err(Lost));
    }
}
