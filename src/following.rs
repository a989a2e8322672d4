//! What every process does that hears events and sends commands: follow the log from its checkpoint, do what follows
//! from each event, and note how far it came.
//!
//! The checkpoint is written after the work, so a crash makes a process hear an event again: what it does must do
//! nothing the second time. Where several nodes share the log, the one that holds the process's claim does the work,
//! so that they do not all send the same commands.

use std::sync::Arc;

use skranke_domain::time::Clock;
use skranke_store::{Desk, Filter, LogError, Position, Recorded};

use crate::checkpoint::Checkpoint;
use crate::turn::Turns;

/// Work that follows from events.
pub trait Process: Send + Sync + 'static {
    /// Its name among the claims. Never renamed: nodes of two versions would both do the work.
    const NAME: &'static str;

    /// Which events it wants to hear.
    fn filter() -> Filter;

    /// Does what follows from an event; `false`: only a newer program can.
    fn hear(
        &self,
        desk: &Desk,
        clock: &dyn Clock,
        recorded: &Recorded,
    ) -> impl Future<Output = Result<bool, LogError>> + Send;
}

/// Follows the log as far as it is this node's turn, until it leaves.
pub async fn follow<P: Process>(
    process: P,
    desk: Desk,
    checkpoint: Checkpoint,
    clock: Arc<dyn Clock>,
    turns: Turns,
) {
    let (mut position, mut all_done) = (checkpoint.read(), true);
    loop {
        let following =
            follow_from(&process, &desk, &checkpoint, clock.as_ref(), &mut position, &mut all_done);
        if !turns.take(P::NAME, following).await {
            return;
        }
    }
}

async fn follow_from<P: Process>(
    process: &P,
    desk: &Desk,
    checkpoint: &Checkpoint,
    clock: &dyn Clock,
    position: &mut Position,
    all_done: &mut bool,
) -> Result<(), LogError> {
    let mut subscription = desk.log().subscribe(*position, P::filter()).await?;
    loop {
        let page = subscription.next(256).await?;
        for recorded in &page.events {
            *all_done &= process.hear(desk, clock, recorded).await?;
        }
        *position = page.next;
        // The newer program begins where the first one was left to it, and hears the others again.
        if *all_done {
            checkpoint.write(page.next);
        }
    }
}
