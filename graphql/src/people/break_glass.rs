//! Break-glass: opening a case of another team because it cannot wait. It is noted before anything is shown.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::CaseId;
use skranke_domain::access_log::{AccessEvent, AccessLog, BreakGlass, BreakGlassRefusal, BreakGlassUsed};
use skranke_domain::case::{Case as CaseAggregate, Circumstances};
use skranke_domain::time::local_date;
use skranke_store::{Failure, Receipt};

use crate::caller::{Caller, coded, fault, not_loaded};
use crate::case::{Case, Sent, answer};
use crate::office::Office;
use crate::payload::payloads;
use crate::reach;
use crate::scalars::{DateTime, Position};

use super::act::envelope;

/// The case is open to the caller, for a while.
#[derive(SimpleObject, Clone, Debug)]
pub struct GlassBroken {
    /// The case.
    pub case: Case,
    /// Until when.
    pub until: DateTime,
    /// The place of the event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! {
    GlassBroken:
    /// What came of opening a case of another team.
    BreakGlassPayload,
}

/// Open a case of another team.
#[derive(InputObject)]
pub struct BreakGlassInput {
    /// The case.
    pub case_id: ID,
    /// Why it cannot wait for the team.
    pub reason: String,
    /// Until when it is to stay open: at most as many hours from now as the rule set says.
    pub until: DateTime,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
}

/// Break-glass.
#[derive(Default)]
pub struct BreakGlassMutation;

#[Object]
impl BreakGlassMutation {
    /// Open a case of another team, for a reason and for a while (nødadgang). Auditors see it, and it ends by itself. It
    /// opens the case for reading; what is done in the case stays the team's.
    async fn break_glass(&self, ctx: &Context<'_>, input: BreakGlassInput) -> Result<BreakGlassPayload> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let id = input.case_id.parse::<CaseId>().map_err(|_| coded("caseId is not an id", "BAD_ID"))?;
        let act = envelope(office, caller, Sent { key: input.idempotency_key, expected: None }).await?;
        let newer = |error| not_loaded(&error, caller.lang);
        let loaded = office.desk.load::<CaseAggregate>(&CaseAggregate::stream(caller.tenant, id)).await;
        let (case, _) = loaded.map_err(newer)?;
        let reach = reach::for_write(office, &act, &case).await.map_err(newer)?;
        let under = Circumstances::of(&act, office.rules_today(act.tenant)).reaching(reach);
        let wish = BreakGlass { case: id, reason: input.reason, until: input.until.0 };
        let outcome = match wish.decide(&case, &under) {
            Err(refusal) => Err(Failure::Refused(refusal)),
            Ok(used) => Ok(note(office, &act, used).await?),
        };
        answer::<_, BreakGlassRefusal>(ctx, outcome, Some(id), async |receipt: Receipt| {
            let caught_up = office.views.wait_for(receipt.position, office.patience).await;
            let lag = || coded("the act was stored, but the views lag: read again", "VIEWS_LAG");
            let case = Case::find(office, caller.tenant, id).await?.ok_or_else(lag)?;
            let until = input.until;
            Ok(GlassBroken { case, until, position: Position(receipt.position), caught_up })
        })
        .await
        .map(Into::into)
    }
}

/// Notes it in the access log of the day: what is not noted is not shown.
async fn note(office: &Office, act: &skranke_domain::Act, used: BreakGlassUsed) -> Result<Receipt> {
    let stream = AccessLog::stream(act.tenant, local_date(act.at));
    let noted = office.desk.note(&stream, AccessEvent::BreakGlassUsed(used), act).await;
    noted.map_err(|error| fault(&error))
}
