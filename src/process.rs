//! A process that hears events and sends commands: how it follows the log, wherever it stands and whoever else does.
//!
//! What it does must do nothing the second time, for it may hear an event again: its checkpoint is written after the
//! work. Where several nodes share the log, the one that holds the claim works, so that they do not all send the same
//! commands.

use std::sync::Arc;
use std::time::Duration;

use skranke_domain::Tenant;
use skranke_domain::time::Clock;
use skranke_store::{Claims, Desk, Filter, LogError, Recorded};

use crate::checkpoint::Checkpoint;

/// How long to wait before trying again when the log does not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// How long to wait before asking again for a claim that another node holds.
const BUSY: Duration = Duration::from_secs(15);

/// What a process works with.
pub struct Process {
    /// Its name in claims and in the log of the program.
    pub name: &'static str,
    /// Where it sends its commands.
    pub desk: Desk,
    /// How far it has come.
    pub checkpoint: Checkpoint,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Set where several nodes share the log.
    pub claims: Option<Claims>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing is left to do about it.
    Done,
    /// Only a newer program can do it: it begins where the first one was left to it, and hears the others again.
    LeftToNewer,
}

/// What is done about an event.
pub trait Listener: Send + Sync {
    /// Does what follows from an event; nothing where it was done already.
    fn hear(
        &self,
        desk: &Desk,
        clock: &dyn Clock,
        recorded: &Recorded,
    ) -> impl Future<Output = Result<Heard, LogError>> + Send;
}

impl Process {
    /// Follows the events that `filter` lets through, for ever; with claims only while no other node does.
    pub async fn follow(self, filter: Filter, listener: impl Listener) {
        let (mut position, mut all_done) = (self.checkpoint.read(), true);
        loop {
            let following = async {
                let mut subscription = self.desk.log().subscribe(position, filter.clone()).await?;
                loop {
                    let page = subscription.next(256).await?;
                    for recorded in &page.events {
                        let heard = listener.hear(&self.desk, self.clock.as_ref(), recorded).await?;
                        all_done &= heard == Heard::Done;
                    }
                    position = page.next;
                    if all_done {
                        self.checkpoint.write(page.next);
                    }
                }
            };
            let outcome = match &self.claims {
                Some(claims) => self.in_turn(claims, following).await,
                None => following.await,
            };
            if let Err(error) = outcome {
                tracing::warn!(error = %error, process = self.name, "a process waits for the log");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Follows while this node holds the claim.
    async fn in_turn(
        &self,
        claims: &Claims,
        following: impl Future<Output = Result<(), LogError>> + Send,
    ) -> Result<(), LogError> {
        let Ok(claim) = claims.try_take(Tenant::COUNTER, self.name).await? else {
            tokio::time::sleep(BUSY).await;
            return Ok(());
        };
        // Who lost it asks for it again.
        claims.hold(claim, following).await?.unwrap_or(Ok(()))
    }
}
