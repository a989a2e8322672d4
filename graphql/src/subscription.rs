//! What screens subscribe to: that something changed, not what. They fetch again through the same doors, so that a
//! subscription can never show what a question would not.

use std::sync::Arc;

use async_graphql::{Context, ID, Result, SimpleObject, Subscription as AsyncSubscription};
use cqrs_es::Aggregate;
use futures::{Stream, StreamExt, future, stream};
use skranke_domain::CaseId;
use skranke_domain::case::{Case, CaseFile};
use skranke_domain::inquiry::Inquiry;
use skranke_projections::Change;

use crate::caller::{AUDITORS, Caller, WORKERS, coded, fault, not_allowed};
use crate::follow::{Wanted, follow};
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
    /// Events of one case of the caller's municipality: those after a position, then those to come, for as long as the
    /// caller reaches the case.
    async fn case_changed(
        &self,
        ctx: &Context<'_>,
        case_id: ID,
        #[graphql(desc = "The position of the last one that was seen. Without it: from now on.")]
        after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<CaseChange>>> {
        let wanted = case_id.parse::<CaseId>().map_err(|_| coded("caseId is not an id", "BAD_ID"))?;
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let stream = Case::stream(caller.tenant, wanted);
        let sheet = office.views.case_sheet(caller.tenant, wanted).await.map_err(|error| fault(&error))?;
        if let Some(sheet) = sheet {
            let (case, attempt) = ((wanted, &*sheet.file), ctx.field().name());
            may_follow(office, caller, case, attempt).await?;
        }
        let (office, caller, attempt) = (office.clone(), *caller, ctx.field().name().to_owned());
        let told = changes(ctx, stream.as_str().to_owned(), after)?.then(move |changes| {
            let (office, attempt) = (office.clone(), attempt.clone());
            async move { still(&office, &caller, wanted, &attempt).await.and(changes) }
        });
        Ok(until_refused(told).flat_map(|changes| {
            let each = match changes {
                Ok(changes) => changes.into_iter().map(|change| Ok(CaseChange::of(change))).collect(),
                Err(error) => vec![Err(error)],
            };
            stream::iter(each)
        }))
    }

    /// Any case of the caller's municipality changed. What changed since a position is told as one change.
    async fn worklist_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The position of the last one that was seen. Without it: from now on.")]
        after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<Changed>>> {
        newest(ctx, Case::TYPE, after)
    }

    /// Any inquiry of the caller's municipality changed. What changed since a position is told as one change.
    async fn inbox_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The position of the last one that was seen. Without it: from now on.")]
        after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<Changed>>> {
        newest(ctx, Inquiry::TYPE, after)
    }
}

/// Lets somebody hear of a case whom its page would be shown to.
async fn may_follow(
    office: &Office,
    caller: &Caller,
    case: (CaseId, &CaseFile),
    attempt: &str,
) -> Result<()> {
    if caller.roles.any(WORKERS) {
        reach::open_case(office, caller, case, attempt).await
    } else if caller.roles.any(AUDITORS) {
        reach::audited(office, caller, case, attempt).await
    } else {
        Ok(())
    }
}

/// The same once something has happened: the case may have been given to another team by it.
async fn still(office: &Office, caller: &Caller, case: CaseId, attempt: &str) -> Result<()> {
    let sheet = office.views.case_sheet(caller.tenant, case).await.map_err(|error| fault(&error))?;
    match sheet {
        Some(sheet) => may_follow(office, caller, (case, &*sheet.file), attempt).await,
        None => Ok(()),
    }
}

/// Everything up to the first error, and that.
fn until_refused<T>(told: impl Stream<Item = Result<T>>) -> impl Stream<Item = Result<T>> {
    told.scan(false, |over, item| {
        let last = std::mem::replace(over, item.is_err());
        future::ready((!last).then_some(item))
    })
}

impl CaseChange {
    fn of(change: Change) -> Self {
        Self {
            case_id: ID(change.stream.key().to_owned()),
            position: Position(change.position),
            event_type: change.event_type,
        }
    }
}

/// The newest of some changes of a category at a time: screens fetch the whole list again anyway.
fn newest(
    ctx: &Context<'_>,
    category: &str,
    after: Option<Position>,
) -> Result<impl Stream<Item = Result<Changed>> + use<>> {
    let prefix = format!("{category}-{}-", Caller::of(ctx)?.tenant);
    Ok(changes(ctx, prefix, after)?.filter_map(|changes| {
        let newest = match changes {
            Ok(changes) => changes.last().map(|change| Ok(Changed { position: Position(change.position) })),
            Err(error) => Some(Err(error)),
        };
        future::ready(newest)
    }))
}

/// Changes of the caller's municipality in streams whose names begin like this.
fn changes(
    ctx: &Context<'_>,
    prefix: String,
    after: Option<Position>,
) -> Result<impl Stream<Item = Result<Vec<Change>>> + use<>> {
    let caller = Caller::of(ctx)?;
    if !caller.roles.any(WORKERS) && !caller.roles.any(AUDITORS) {
        return Err(not_allowed(caller.lang));
    }
    let office = ctx.data::<Office>()?;
    let wanted = Wanted { tenant: caller.tenant, prefix };
    let log = Arc::clone(office.desk.log());
    let followed = follow(log, office.views.clone(), wanted, after.map(|after| after.0));
    Ok(followed.map(|changes| changes.map_err(|error| fault(&error))))
}
