//! What the counter's page promises: a conversation's text is kept for a stated number of days, and no longer.
//!
//! Once an hour the conversations that began longer ago are ended and their keys destroyed. The events stay (type, time
//! and proofs), their texts are gone from the log, the views and every backup taken afterwards. Inquiries are another
//! matter: they were handed to an authority, and its journal and archive duties decide.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use skranke_chat::counter::Counter;
use skranke_domain::ConversationId;
use skranke_store::{Desk, Direction, Filter};

use crate::checkpoint::Checkpoint;

const HOUR: Duration = Duration::from_secs(3600);

/// Sweeps for ever.
pub async fn keep_the_promise(desk: Desk, counter: Arc<Counter>, checkpoint: Checkpoint, days: u16) {
    loop {
        match sweep(&desk, &counter, &checkpoint, days).await {
            Ok(0) => {}
            Ok(erased) => {
                tracing::info!(erased, "{erased} conversations were older than {days} days and are erased")
            }
            Err(error) => tracing::warn!(
                error = format!("{error:#}"),
                "the sweep of old conversations will be tried again"
            ),
        }
        tokio::time::sleep(HOUR).await;
    }
}

/// Erases what is too old now; answers how many conversations that were.
pub async fn sweep(
    desk: &Desk,
    counter: &Counter,
    checkpoint: &Checkpoint,
    days: u16,
) -> anyhow::Result<u64> {
    let limit = counter.now() - SignedDuration::from_hours(24 * i64::from(days));
    let filter = Filter {
        event_types: vec!["ConversationStarted".to_owned()],
        stream_prefixes: vec!["conversation-".to_owned()],
    };
    let mut erased = 0;
    let mut position = checkpoint.read();
    loop {
        let page = desk.log().read_all(position, Direction::Forwards, 256, &filter).await?;
        for started in &page.events {
            // Conversations begin in the order of the log: the first that is young enough ends the sweep.
            if started.recorded_at > limit {
                return Ok(erased);
            }
            counter.end(started.stream.key().parse::<ConversationId>()?).await?;
            erased += 1;
            position = started.position;
            checkpoint.write(position);
        }
        if page.end {
            return Ok(erased);
        }
        position = page.next;
    }
}
