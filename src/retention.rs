//! What the counter's page promises: a conversation's text is kept for a stated number of days, and no longer.
//!
//! Once an hour the conversations in which nothing was said for that long are ended and their keys destroyed. The events
//! stay (type, time and proofs), their texts are gone from the log, the views and every backup taken afterwards.
//! Inquiries are another matter: they were handed to an authority, and its journal and archive duties decide.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use skranke_chat::counter::Counter;

use crate::checkpoint::Checkpoint;

const HOUR: Duration = Duration::from_hours(1);

/// Sweeps for ever.
pub async fn keep_the_promise(counter: Arc<Counter>, checkpoint: Checkpoint, days: u16) {
    let days_kept = SignedDuration::from_hours(24 * i64::from(days));
    loop {
        match counter.forget(counter.now() - days_kept, checkpoint.read()).await {
            Ok(forgotten) => {
                checkpoint.write(forgotten.next);
                if forgotten.count > 0 {
                    tracing::info!(
                        erased = forgotten.count,
                        "conversations older than {days} days were erased"
                    );
                }
            }
            Err(error) => tracing::warn!(error = %error, "old conversations will be erased at the next try"),
        }
        tokio::time::sleep(HOUR).await;
    }
}
