//! Work that one of several nodes does: whoever holds the claim.

use std::time::Duration;

use skranke_domain::Tenant;
use skranke_store::{Claims, LogError};

/// How long to wait before trying again when the log does not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// How long to wait before asking again for a claim that another node holds.
const BUSY: Duration = Duration::from_secs(15);

/// Does the work of that name, which ends only when the log does not answer; with `claims` only while no other node does
/// it. Whoever calls this again and again works for ever.
pub(crate) async fn take(
    name: &str,
    claims: Option<&Claims>,
    work: impl Future<Output = Result<(), LogError>>,
) {
    let outcome = match claims {
        Some(claims) => in_turn(name, claims, work).await,
        None => work.await,
    };
    if let Err(error) = outcome {
        tracing::warn!(error = %error, "{name} waits for the log");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Works while this node holds the claim.
async fn in_turn(
    name: &str,
    claims: &Claims,
    work: impl Future<Output = Result<(), LogError>>,
) -> Result<(), LogError> {
    let Ok(claim) = claims.try_take(Tenant::COUNTER, name).await? else {
        tokio::time::sleep(BUSY).await;
        return Ok(());
    };
    // Who lost it asks for it again.
    claims.hold(claim, work).await?.unwrap_or(Ok(()))
}
