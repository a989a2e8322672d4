//! Carrying out an act about a member of staff: translate in, one call to the desk, translate out.

use async_graphql::{Context, ID, Result, SimpleObject};
use skranke_domain::user::{User as UserAggregate, UserAct, UserCommand, UserRefusal};
use skranke_domain::{Act, By, UserId};
use skranke_store::Receipt;

use crate::caller::{Caller, coded, not_loaded};
use crate::case::{Answer, Sent, answer};
use crate::office::Office;
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::Position;
use crate::staff::{self, Staff};

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct StaffChanged {
    /// The member of staff.
    pub staff: Staff,
    /// The revision of their newest event.
    pub revision: i64,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

/// The act's metadata with the roles that its actor holds now, from their own stream.
pub(super) async fn envelope(office: &Office, caller: &Caller, sent: Sent) -> Result<Act> {
    let mut act = sent.act(office, caller)?;
    act.purpose = None;
    act.roles = reach::roles(office, &act).await.map_err(|error| not_loaded(&error, caller.lang))?;
    Ok(act)
}

/// Carries out an act about a member of staff.
pub(super) async fn perform(
    ctx: &Context<'_>,
    staff_id: &ID,
    wish: UserAct,
    sent: Sent,
) -> Result<Answer<StaffChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let Ok(id) = staff_id.parse::<UserId>() else {
        return Ok(Answer::Refused(Refused::new(&UserRefusal::NotFound, caller.lang)));
    };
    let act = envelope(office, caller, sent).await?;
    let command = UserCommand { user: id, act: wish, under: By::of(&act) };
    let stream = UserAggregate::stream(caller.tenant, id);
    let outcome = office.desk.execute::<UserAggregate>(&stream, command, &act).await;
    answer(ctx, outcome, None, async |receipt| changed(ctx, office, id, receipt).await).await
}

/// What a screen shows after an act about a member of staff.
pub(super) async fn changed(
    ctx: &Context<'_>,
    office: &Office,
    id: UserId,
    receipt: Receipt,
) -> Result<StaffChanged> {
    let caught_up = office.views.wait_for(receipt.position, office.patience).await;
    let staff = staff::find(ctx, id).await?;
    let staff =
        staff.ok_or_else(|| coded("the act was stored, but the views lag: read again", "VIEWS_LAG"))?;
    let revision = receipt.revision.and_then(|revision| i64::try_from(revision).ok()).unwrap_or(i64::MAX);
    Ok(StaffChanged { staff, revision, position: Position(receipt.position), caught_up })
}
