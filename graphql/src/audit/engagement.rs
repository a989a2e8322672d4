//! What acts within an engagement have in common: translate in, one call to the desk, translate out.

use async_graphql::{Context, ID, Result};
use skranke_domain::case::{Case as CaseAggregate, OfCase};
use skranke_domain::engagement::{
    Engagement, EngagementAct, EngagementCommand, EngagementEvent, EngagementFile, EngagementRefusal,
};
use skranke_domain::{Act, By, CaseId, EngagementId, Purpose, Refusal, StreamId};
use skranke_store::{Direction, LoadError, Receipt, read};

use crate::access;
use crate::caller::{Caller, fault, not_loaded};
use crate::case::{Answer, Sent, answer};
use crate::office::Office;
use crate::reach;
use crate::refusal::Refused;

/// An act within an engagement, before it is decided on.
pub(super) struct Within<'a> {
    pub(super) office: &'a Office,
    pub(super) caller: &'a Caller,
    pub(super) id: EngagementId,
    /// The engagement as its stream tells it; none was opened under an id that is unknown.
    pub(super) state: Engagement,
    /// Who acts, in the roles that they hold now.
    pub(super) act: Act,
}

impl<'a> Within<'a> {
    /// The act on this engagement. An id that is none belongs to no engagement.
    pub(super) async fn load(ctx: &Context<'a>, id: &ID, sent: Sent, purpose: Purpose) -> Result<Self> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let mut act = sent.act(office, caller)?;
        act.purpose = Some(purpose);
        let newer = |error: LoadError| not_loaded(&error, caller.lang);
        act.roles = reach::roles(office, &act).await.map_err(newer)?;
        let id = engagement_id(id);
        let stream = Engagement::stream(caller.tenant, id);
        let (state, _) = office.desk.load::<Engagement>(&stream).await.map_err(newer)?;
        Ok(Self { office, caller, id, state, act })
    }

    /// The engagement, if it is the caller's own.
    pub(super) fn own(&self) -> Option<&EngagementFile> {
        self.state.file().filter(|file| file.auditor == self.caller.user)
    }

    /// A case as its stream tells it.
    pub(super) async fn case(&self, id: CaseId) -> Result<OfCase> {
        let stream = CaseAggregate::stream(self.caller.tenant, id);
        let loaded = self.office.desk.load::<CaseAggregate>(&stream).await;
        let (case, _) = loaded.map_err(|error| not_loaded(&error, self.caller.lang))?;
        Ok(OfCase { id, case })
    }

    /// Carries it out; `done` gets the event that followed.
    pub(super) async fn perform<T>(
        &self,
        ctx: &Context<'_>,
        wish: EngagementAct,
        case: Option<CaseId>,
        done: impl AsyncFnOnce(Option<EngagementEvent>, Receipt) -> Result<T>,
    ) -> Result<Answer<T>> {
        let stream = Engagement::stream(self.caller.tenant, self.id);
        let command = EngagementCommand { act: wish, under: By::of(&self.act) };
        let outcome = self.office.desk.execute::<Engagement>(&stream, command, &self.act).await;
        answer(ctx, outcome, case, async |receipt| done(self.told(&stream, &receipt).await?, receipt).await)
            .await
    }

    /// The event of a receipt. What the act led to has a number of its own, and only the event tells it: a repeated
    /// request is answered with the first one's.
    async fn told(&self, stream: &StreamId, receipt: &Receipt) -> Result<Option<EngagementEvent>> {
        let revision = receipt.revision.unwrap_or_default();
        let found = self.office.desk.log().read_stream(stream, revision, Direction::Forwards, 1).await;
        let Some(recorded) = found.map_err(|error| fault(&error))?.into_iter().next() else {
            return Ok(None);
        };
        let reading = read::<EngagementEvent>(&recorded).map_err(|error| fault(&error))?;
        Ok(reading.events().first().cloned())
    }
}

/// Answers a wish that is refused before it can become one. The refusal is noted.
pub(super) async fn refused<T>(ctx: &Context<'_>, refusal: EngagementRefusal) -> Result<Answer<T>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    access::refused(office, caller, ctx.field().name(), refusal.code(), None).await;
    Ok(Answer::Refused(Refused::new(&refusal, caller.lang)))
}

/// A number of a sample or finding. One that cannot be belongs to none.
pub(super) fn numbered(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// The engagement that an id names. One that is no id names none.
pub(super) fn engagement_id(id: &ID) -> EngagementId {
    id.parse().unwrap_or_else(|_| EngagementId::new(uuid::Uuid::nil()))
}
