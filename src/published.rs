//! What was published through the log and is in force on every node: read to the end of the log before anybody is served,
//! and followed from there, without a restart.

use std::time::Duration;

use skranke_domain::{StreamId, Tenant};
use skranke_store::{Direction, EventLog, Filter, LogError, Position, Recorded};
use tokio::sync::watch;

/// How long to wait before trying again when the log does not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// Something that is in force as the streams of one category say.
pub(crate) trait InForce: Send + Sync {
    /// The category of its streams.
    fn category(&self) -> &'static str;

    /// All streams of that category that there can be, where these are the municipalities.
    fn streams(&self, offices: &[Tenant]) -> Vec<StreamId>;

    /// How many events are read at a time.
    fn batch(&self) -> usize;

    /// Everything up to here is in force.
    fn reached(&self) -> &watch::Sender<Position>;

    /// Takes events in; whether anything is in force now that was not before.
    fn take_in(&self, events: &[Recorded]) -> bool;
}

/// Takes in what the log has at this moment, stream by stream: they are few, and the log is long.
pub(crate) async fn read(one: &dyn InForce, log: &dyn EventLog, offices: &[Tenant]) -> Result<(), LogError> {
    // Asked first: what lies beyond it is met by who follows from there.
    let head = log.head().await?;
    for stream in one.streams(offices) {
        let mut from = 0;
        loop {
            let mut events = match log.read_stream(&stream, from, Direction::Forwards, one.batch()).await {
                Ok(events) => events,
                // Somebody has deleted the whole stream: nothing of it is in force.
                Err(LogError::Deleted) => break,
                Err(error) => return Err(error),
            };
            let whole = events.len() == one.batch();
            events.retain(|event| event.position <= head);
            one.take_in(&events);
            match events.last() {
                Some(last) if whole => from = last.revision + 1,
                _ => break,
            }
        }
    }
    one.reached().send_replace(head);
    Ok(())
}

/// Follows the log for ever. `changed` is waited for before what was taken in counts as reached.
pub(crate) async fn follow<F>(one: &impl InForce, log: &dyn EventLog, changed: impl Fn() -> F + Send + Sync)
where
    F: Future<Output = ()> + Send,
{
    loop {
        if let Err(error) = follow_from(one, log, &changed).await {
            tracing::warn!(error = %error, "what is published in {} waits for the log", one.category());
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn follow_from<F>(
    one: &impl InForce,
    log: &dyn EventLog,
    changed: &(impl Fn() -> F + Send + Sync),
) -> Result<(), LogError>
where
    F: Future<Output = ()> + Send,
{
    let from = *one.reached().borrow();
    let filter = Filter { event_types: Vec::new(), stream_prefixes: vec![format!("{}-", one.category())] };
    let mut subscription = log.subscribe(from, filter).await?;
    loop {
        let page = subscription.next(one.batch()).await?;
        if one.take_in(&page.events) {
            changed().await;
        }
        one.reached().send_replace(page.next);
    }
}

/// Waits until what stands at a position of the log is in force.
pub(crate) async fn wait_for(one: &impl InForce, position: Position, timeout: Duration) -> bool {
    let mut reached = one.reached().subscribe();
    tokio::time::timeout(timeout, reached.wait_for(|reached| *reached >= position)).await.is_ok()
}
