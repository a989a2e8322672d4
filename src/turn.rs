//! Work that one of several nodes does, and whose turn it is: whoever holds the claim works, until it loses the claim or
//! leaves. Who leaves gives back what it holds, so that the next one begins at once and not when the claim has run out.

use std::time::Duration;

use skranke_domain::Tenant;
use skranke_store::{Claims, LogError};
use tokio::sync::watch;

/// How long to wait before trying again when the log does not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// How long to wait before asking again for a claim that another node holds.
const BUSY: Duration = Duration::from_secs(15);

/// When this node works.
#[derive(Clone)]
pub struct Turns {
    /// What it shares with the other nodes; none when the log is its own.
    claims: Option<Claims>,
    leaving: watch::Receiver<bool>,
}

impl Turns {
    /// Turns until `leaving` says so, or nobody is left to say it; with `claims` only those that no other node has.
    pub const fn new(claims: Option<Claims>, leaving: watch::Receiver<bool>) -> Self {
        Self { claims, leaving }
    }

    /// Does the work of that name, which ends only when the log does not answer, as far as it is this node's turn. Tells
    /// whether to come back for another turn; whoever comes back as long as it says so works until the node leaves.
    pub(crate) async fn take(&self, name: &str, work: impl Future<Output = Result<(), LogError>>) -> bool {
        if self.is_over() {
            return false;
        }
        let work = self.until_leaving(work);
        let outcome = match &self.claims {
            Some(claims) => self.in_turn(name, claims, work).await,
            None => work.await.unwrap_or(Ok(())),
        };
        if let Err(error) = outcome {
            tracing::warn!(error = %error, "{name} waits for the log");
            self.until_leaving(tokio::time::sleep(PAUSE)).await;
        }
        !self.is_over()
    }

    /// Works while this node holds the claim, and gives it back.
    async fn in_turn(
        &self,
        name: &str,
        claims: &Claims,
        work: impl Future<Output = Option<Result<(), LogError>>>,
    ) -> Result<(), LogError> {
        // Not dropped when the node leaves meanwhile: a claim that was asked for may have been got.
        let Ok(claim) = claims.try_take(Tenant::COUNTER, name).await? else {
            self.until_leaving(tokio::time::sleep(BUSY)).await;
            return Ok(());
        };
        // Who lost it asks for it again.
        claims.hold(claim, work).await?.ok().flatten().unwrap_or(Ok(()))
    }

    fn is_over(&self) -> bool {
        *self.leaving.borrow() || self.leaving.has_changed().is_err()
    }

    /// What comes of the work; `None` when the node leaves before.
    async fn until_leaving<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut leaving = self.leaving.clone();
        tokio::select! {
            done = work => Some(done),
            _ = leaving.wait_for(|leaving| *leaving) => None,
        }
    }
}
