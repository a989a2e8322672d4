//! What screens subscribe to: that something changed, not what. They fetch again through the same doors, so that a
//! subscription can never show what a question would not.

use async_graphql::{Context, ID, Result, SimpleObject, Subscription as AsyncSubscription};
use futures::{Stream, StreamExt, future};
use skranke_domain::{CaseId, Tenant};
use skranke_projections::Change;
use tokio_stream::wrappers::BroadcastStream;

use crate::caller::{AUDITORS, Caller, WORKERS, coded, fault, not_allowed};
use crate::office::Office;
use crate::reach;
use crate::scalars::Position;

/// Something changed: fetch what is on screen again.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct Changed {
    /// The place of the newest event that changed it.
    pub position: Position,
}

/// A case changed.
#[derive(SimpleObject, Clone, Debug)]
pub struct CaseChange {
    /// Which.
    pub case_id: ID,
    /// The place of the event in the log.
    pub position: Position,
    /// The event's type.
    pub event_type: String,
}

/// What can be subscribed to.
#[derive(Default)]
pub struct Subscription;

#[AsyncSubscription]
impl Subscription {
    /// Events of one case of the caller's municipality.
    async fn case_changed(&self, ctx: &Context<'_>, case_id: ID) -> Result<impl Stream<Item = CaseChange>> {
        let wanted = case_id.parse::<CaseId>().map_err(|_| coded("caseId is not an id", "BAD_ID"))?;
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let stream = skranke_domain::case::Case::stream(caller.tenant, wanted);
        let sheet = office.views.case_sheet(caller.tenant, wanted).await.map_err(|error| fault(&error))?;
        if let Some(sheet) = sheet {
            let (case, attempt) = ((wanted, &*sheet.file), ctx.field().name());
            if caller.roles.any(WORKERS) {
                reach::open_case(office, caller, case, attempt).await?;
            } else if caller.roles.any(AUDITORS) {
                reach::audited(office, caller, case, attempt).await?;
            }
        }
        let changes = changes(ctx, "case")?;
        Ok(changes.filter(move |change| future::ready(change.stream == stream)).map(|change| CaseChange {
            case_id: ID(change.stream.key().to_owned()),
            position: Position(change.position),
            event_type: change.event_type,
        }))
    }

    /// Any case of the caller's municipality changed.
    async fn worklist_changed(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Changed>> {
        Ok(changes(ctx, "case")?.map(|change| Changed { position: Position(change.position) }))
    }

    /// Any inquiry of the caller's municipality changed.
    async fn inbox_changed(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Changed>> {
        Ok(changes(ctx, "inquiry")?.map(|change| Changed { position: Position(change.position) }))
    }
}

/// Changes of one category in the caller's municipality. A subscriber that falls behind loses pushes, not data: the
/// next one makes it fetch everything again.
fn changes(ctx: &Context<'_>, category: &'static str) -> Result<impl Stream<Item = Change> + use<>> {
    let caller = Caller::of(ctx)?;
    if !caller.roles.any(WORKERS) && !caller.roles.has(skranke_domain::Role::Auditor) {
        return Err(not_allowed(caller.lang));
    }
    let tenant: Tenant = caller.tenant;
    let feed = BroadcastStream::new(ctx.data::<Office>()?.views.changes());
    Ok(feed.filter_map(move |change| {
        let change =
            change.ok().filter(|change| change.tenant == tenant && change.stream.category() == category);
        future::ready(change)
    }))
}
