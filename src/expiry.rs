//! Exemptions end on their last day: this process ends those whose last day is over.
//!
//! The views name them, the exemption's own stream decides, and an exemption that has expired does not expire again:
//! however often this is asked, after a crash or on several nodes at once, one event is written.

use std::sync::Arc;
use std::time::Duration;

use skranke_domain::exemption::{Exemption, ExemptionCommand};
use skranke_domain::time::{Clock, local_date};
use skranke_domain::{Act, Tenant};
use skranke_projections::{Views, ViewsError};
use skranke_store::{Desk, Left};

/// How often the calendar is looked at.
const OFTEN: Duration = Duration::from_mins(10);

/// Watches for ever.
pub async fn keep_the_days(desk: Desk, views: Views, offices: Vec<Tenant>, clock: Arc<dyn Clock>) {
    loop {
        match sweep(&desk, &views, &offices, clock.as_ref()).await {
            Ok(0) => {}
            Ok(expired) => tracing::info!(expired, "{expired} exemptions have come to their end"),
            Err(error) => tracing::warn!(error = %error, "exemptions will be ended at the next try"),
        }
        tokio::time::sleep(OFTEN).await;
    }
}

/// Ends what is over today, and answers how many.
pub async fn sweep(
    desk: &Desk,
    views: &Views,
    offices: &[Tenant],
    clock: &dyn Clock,
) -> Result<usize, ViewsError> {
    let mut expired = 0;
    for &tenant in offices {
        let now = clock.now();
        let today = local_date(now);
        for id in views.exemptions_over(tenant, today).await? {
            let act = Act::system(tenant, now, desk.ids().next());
            let stream = Exemption::stream(tenant, id);
            match desk.execute::<Exemption>(&stream, ExemptionCommand::Expire { today }, &act).await {
                Ok(_) => expired += 1,
                Err(failure) => match failure.left() {
                    // The views lag: it was withdrawn meanwhile, or another node was faster.
                    Ok(Left::Nothing | Left::Retry { .. }) => {}
                    Ok(Left::Newer(error)) => {
                        tracing::warn!(exemption.id = %id, error = %error, "exemption {id} is left to the newer program");
                    }
                    Err(error) => {
                        tracing::warn!(exemption.id = %id, error = %error, "exemption {id} will be ended later");
                    }
                },
            }
        }
    }
    Ok(expired)
}
