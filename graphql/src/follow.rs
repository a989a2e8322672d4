//! Following what changes in the views, from any position on and without a gap: first what the log tells of since
//! then, afterwards what the views announce. A listener that falls behind is led back to the log.

use futures::{Stream, stream};
use skranke_domain::Tenant;
use skranke_projections::{Change, Views};
use skranke_store::{Direction, EventLog, Filter, LogError, Position};
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Events read from the log at once.
const PAGE: usize = 512;

/// Whose changes are followed: streams of one municipality whose names begin like this.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub tenant: Tenant,
    pub prefix: String,
}

impl Wanted {
    fn takes(&self, change: &Change) -> bool {
        change.tenant == self.tenant && change.stream.as_str().starts_with(&self.prefix)
    }
}

struct Follower {
    log: Arc<dyn EventLog>,
    views: Views,
    announced: Receiver<Change>,
    wanted: Wanted,
    /// Everything up to here was told.
    at: Position,
    /// Something since may not be announced any more: the log knows it.
    behind: bool,
}

/// The changes after `after` (without it: from now on), in the order of the log, some at a time; never none. Each is
/// told once, and not before the views show it.
pub(crate) fn follow(
    log: Arc<dyn EventLog>,
    views: Views,
    wanted: Wanted,
    after: Option<Position>,
) -> impl Stream<Item = Result<Vec<Change>, LogError>> {
    // The ear before the eye: what is folded in between is announced.
    let announced = views.changes();
    let shown = views.position();
    let at = after.unwrap_or(shown);
    let follower = Follower { log, views, announced, wanted, at, behind: at < shown };
    stream::unfold(Some(follower), async |follower| {
        let mut follower = follower?;
        match follower.next().await {
            Ok(Some(changes)) => Some((Ok(changes), Some(follower))),
            Ok(None) => None,
            // It is told once, and then it is over.
            Err(error) => Some((Err(error), None)),
        }
    })
}

impl Follower {
    async fn next(&mut self) -> Result<Option<Vec<Change>>, LogError> {
        loop {
            if self.behind {
                let missed = self.missed().await?;
                if !missed.is_empty() {
                    return Ok(Some(missed));
                }
                continue;
            }
            match self.announced.recv().await {
                Ok(change) if change.position <= self.at => {}
                Ok(change) => {
                    self.at = change.position;
                    if self.wanted.takes(&change) {
                        return Ok(Some(vec![change]));
                    }
                }
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return Ok(None),
            }
        }
    }

    /// One page of the log, up to what the views show.
    async fn missed(&mut self) -> Result<Vec<Change>, LogError> {
        let shown = self.views.position();
        let filter = Filter { event_types: Vec::new(), stream_prefixes: vec![self.wanted.prefix.clone()] };
        let page = self.log.read_all(self.at, Direction::Forwards, PAGE, &filter).await?;
        let changes: Vec<_> = page
            .events
            .into_iter()
            .filter(|recorded| recorded.position <= shown)
            .map(|recorded| Change {
                position: recorded.position,
                tenant: recorded.stream.tenant(),
                stream: recorded.stream,
                event_type: recorded.event_type.as_str().to_owned(),
            })
            .filter(|change| self.wanted.takes(change))
            .collect();
        self.at = page.next.min(shown).max(self.at);
        self.behind = self.at < shown;
        Ok(changes)
    }
}
