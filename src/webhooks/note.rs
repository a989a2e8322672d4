//! How far a webhook was told, noted in the log: another node that takes over, or this one on a new disk, goes on from
//! there.
//!
//! A note for each event that was told would double the log. So it is written after so many of them or so long a time,
//! whichever comes first, and only when there is something to note. What was taken in since is told again by whoever
//! takes over.

use std::sync::Arc;
use std::time::Duration;

use skranke_domain::telling::{self, TellingEvent, WebhookTold};
use skranke_domain::time::Clock;
use skranke_domain::{Act, StreamId, Tenant, WebhookId};
use skranke_store::{Desk, Direction, LogError, Position, Reading, Recorded, Revision};
use tokio::time::Instant;

/// The longest that something may have been taken in and not be noted.
const LONGEST: Duration = Duration::from_secs(10);
/// The most events that may have been taken in and not be noted.
const MOST: u32 = 100;

/// The note of one webhook.
pub(super) struct Note {
    desk: Desk,
    clock: Arc<dyn Clock>,
    stream: StreamId,
    /// What was taken in and is not noted.
    pending: Option<Pending>,
}

/// What is to be noted, and when.
struct Pending {
    told: WebhookTold,
    count: u32,
    due: Instant,
}

impl Note {
    /// The note of a webhook, with nothing to add to it.
    pub(super) fn of(desk: &Desk, clock: &Arc<dyn Clock>, tenant: Tenant, id: WebhookId) -> Self {
        let (desk, clock) = (desk.clone(), Arc::clone(clock));
        Self { desk, clock, stream: telling::telling(tenant, id), pending: None }
    }

    /// The place after which nothing is known to be told; the beginning when nothing was noted.
    pub(super) async fn read(&self) -> Result<Position, LogError> {
        let log = self.desk.log();
        let newest = log.read_stream(&self.stream, Revision::MAX, Direction::Backwards, 1).await?;
        let Some(newest) = newest.first() else { return Ok(Position(0)) };
        // What cannot be read (a newer program wrote it) says nothing: rather tell something twice than not at all.
        let Ok(Reading::One(TellingEvent::WebhookTold(told))) = skranke_store::read(newest) else {
            tracing::warn!(stream = %self.stream, "the note of how far a webhook was told is not readable");
            return Ok(Position(0));
        };
        let event = log.read_stream(&told.stream, told.revision, Direction::Forwards, 1).await?;
        let event = event.first().filter(|event| event.revision == told.revision);
        Ok(event.map_or(Position(0), |event| event.position))
    }

    /// An event was taken in.
    pub(super) async fn told(&mut self, recorded: &Recorded) {
        let told = WebhookTold { stream: recorded.stream.clone(), revision: recorded.revision };
        let (count, due) = match &self.pending {
            Some(pending) => (pending.count + 1, pending.due),
            None => (1, Instant::now() + LONGEST),
        };
        self.pending = Some(Pending { told, count, due });
        if count >= MOST {
            self.write().await;
        }
    }

    /// Does the work, and meanwhile notes what is due.
    pub(super) async fn beside<T>(&mut self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        loop {
            let Some(due) = self.pending.as_ref().map(|pending| pending.due) else { return work.await };
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep_until(due) => self.write().await,
            }
        }
    }

    /// Notes what is not noted. When the log takes no events, it is tried again later: the telling does not wait for it.
    pub(super) async fn write(&mut self) {
        let Some(pending) = &mut self.pending else { return };
        let act = Act::system(self.stream.tenant(), self.clock.now(), self.desk.ids().next());
        let event = TellingEvent::WebhookTold(pending.told.clone());
        match self.desk.note(&self.stream, event, &act).await {
            Ok(_) => self.pending = None,
            Err(error) => {
                (pending.count, pending.due) = (0, Instant::now() + LONGEST);
                tracing::warn!(error = %error, "how far a webhook was told could not be noted");
            }
        }
    }
}
