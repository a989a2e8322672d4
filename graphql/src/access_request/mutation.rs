//! One mutation per act on a request for access. Each is: translate in, one call, translate out.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::access_request::{
    AccessRequest as AccessRequestAggregate, AccessRequestAct, AccessRequestCommand, AccessRequestRefusal,
    Ask, Decide,
};
use skranke_domain::case::CaseRefusal;
use skranke_domain::{AccessRequestId, CaseId, Refusal, SubjectId};

use crate::access;
use crate::caller::{Caller, WORKERS, coded, fault, not_loaded};
use crate::case::{Answer, Sent, answer, derived};
use crate::office::Office;
use crate::papers::{of_case, papers, picked};
use crate::payload::{inputs, payloads};
use crate::reach;
use crate::refusal::{Conflict, Refused};
use crate::scalars::{AccessBasis, Channel, Date, Disclosure, Position};

use super::{AccessRequest, NoPackage, package};

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct AccessRequestChanged {
    /// The request for access.
    pub access_request: AccessRequest,
    /// The place of the newest event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! { AccessRequestChanged:
    /// What came of taking a request in.
    AccessRequestReceivePayload,
    /// What came of deciding about a paper.
    AccessDocumentDecidePayload,
    /// What came of telling that it takes longer.
    AccessDelayNotifyPayload,
    /// What came of releasing the package.
    AccessPackageReleasePayload,
    /// What came of withdrawing.
    AccessRequestWithdrawPayload,
    /// What came of closing.
    AccessRequestClosePayload,
}

/// Take a request for access in.
#[derive(InputObject)]
pub struct AccessRequestReceiveInput {
    /// The case.
    pub case_id: ID,
    /// Who asks.
    pub requester: String,
    /// What for, in their words.
    pub asked_for: String,
    /// On which basis.
    pub basis: AccessBasis,
    /// The day it came in; today where it is not said.
    pub received: Option<Date>,
    /// How.
    pub channel: Option<Channel>,
    /// The papers it is about, by reference; all of them where it is not said.
    pub documents: Option<Vec<String>>,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
}

inputs! { access_request_id "The request.":
    /// Decide what is given of a paper.
    AccessDocumentDecideInput {
        /// The paper's name within the case.
        reference: String,
        /// How much is given.
        disclosure: Disclosure,
        /// On which basis the rest is withheld. The package waits for it.
        statute: String = "",
        /// What is given of a paper that is given in part.
        extract: String = "",
    }
    /// Tell whoever asked that it takes longer.
    AccessDelayNotifyInput {
        /// When an answer can be expected.
        expected: Date,
        /// Why it takes longer.
        reason: String,
    }
    /// Release the package.
    AccessPackageReleaseInput {}
    /// Take a request back.
    AccessRequestWithdrawInput {
        /// What whoever asked said.
        reason: String,
    }
    /// End a request without a package.
    AccessRequestCloseInput {
        /// Why.
        reason: String,
    }
}

/// Acts on requests for access.
#[derive(Default)]
pub struct AccessRequestMutation;

/// Translates an input into its act, calls, and translates the answer.
macro_rules! act {
    ($ctx:expr, $input:expr, $act:expr) => {{
        let sent = Sent { key: $input.idempotency_key, expected: $input.expected_version };
        perform($ctx, &$input.access_request_id, $act, sent).await.map(Into::into)
    }};
}

#[Object]
impl AccessRequestMutation {
    /// Take a request for access in (anmodning om aktindsigt).
    async fn access_request_receive(
        &self,
        ctx: &Context<'_>,
        input: AccessRequestReceiveInput,
    ) -> Result<AccessRequestReceivePayload> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, WORKERS).await?);
        let Ok(case) = input.case_id.parse::<CaseId>() else {
            return Ok(Answer::Refused(Refused::new(&CaseRefusal::NotOpened, caller.lang)).into());
        };
        let act = Sent { key: input.idempotency_key, expected: None }.act(office, caller)?;
        let of = of_case(&office.desk, caller.tenant, Some(case), caller.lang).await?;
        let known = papers(&office.desk, caller.tenant, case).await.map_err(|error| fault(&error))?;
        let documents = match picked(&known, input.documents) {
            Ok(documents) => documents,
            // Of a case that never was, the rules have another thing to say.
            Err(_) if of.file().is_none() => Vec::new(),
            Err(reference) => {
                let refusal = AccessRequestRefusal::UnknownPaper { reference };
                access::refused(office, caller, ctx.field().name(), refusal.code(), Some(case)).await;
                return Ok(Answer::Refused(Refused::new(&refusal, caller.lang)).into());
            }
        };
        // Somebody who is not the party is somebody else, whose name lives as long as their own key.
        let party = of.file().map(|file| file.subject).filter(|_| input.basis != AccessBasis::Openness);
        let wish = Ask {
            requester: input.requester,
            requester_subject: party.unwrap_or_else(|| SubjectId::new(derived(&act, "requester"))),
            asked_for: input.asked_for,
            basis: input.basis.into(),
            received: input.received.map(|date| date.0),
            channel: input.channel.map_or(skranke_domain::inquiry::Channel::Letter, Into::into),
            documents,
        };
        let id = AccessRequestId::new(derived(&act, "access-request"));
        let ask = AccessRequestAct::Ask(Box::new(wish));
        carry_out(ctx, id, Some(case), ask, act).await.map(Into::into)
    }

    /// Decide what is given of a paper, and on which basis the rest is withheld.
    async fn access_document_decide(
        &self,
        ctx: &Context<'_>,
        input: AccessDocumentDecideInput,
    ) -> Result<AccessDocumentDecidePayload> {
        let decide = Decide {
            reference: input.reference,
            disclosure: input.disclosure.into(),
            statute: input.statute,
            extract: input.extract,
        };
        act!(ctx, input, AccessRequestAct::Decide(decide))
    }

    /// Tell whoever asked that it takes longer (meddelelse om forsinkelse).
    async fn access_delay_notify(
        &self,
        ctx: &Context<'_>,
        input: AccessDelayNotifyInput,
    ) -> Result<AccessDelayNotifyPayload> {
        act!(ctx, input, AccessRequestAct::NotifyDelay { expected: input.expected.0, reason: input.reason })
    }

    /// Release the package (udlevér): not while a paper is undecided, nor while a withholding names no statute.
    async fn access_package_release(
        &self,
        ctx: &Context<'_>,
        input: AccessPackageReleaseInput,
    ) -> Result<AccessPackageReleasePayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        release(ctx, &input.access_request_id, sent).await.map(Into::into)
    }

    /// Take a request back, as whoever asked wishes.
    async fn access_request_withdraw(
        &self,
        ctx: &Context<'_>,
        input: AccessRequestWithdrawInput,
    ) -> Result<AccessRequestWithdrawPayload> {
        act!(ctx, input, AccessRequestAct::Withdraw { reason: input.reason })
    }

    /// End a request without a package, with a reason.
    async fn access_request_close(
        &self,
        ctx: &Context<'_>,
        input: AccessRequestCloseInput,
    ) -> Result<AccessRequestClosePayload> {
        act!(ctx, input, AccessRequestAct::Close { reason: input.reason })
    }
}

/// Carries out an act on a request that is there.
async fn perform(
    ctx: &Context<'_>,
    id: &ID,
    act: AccessRequestAct,
    sent: Sent,
) -> Result<Answer<AccessRequestChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, WORKERS).await?);
    let Ok(id) = id.parse::<AccessRequestId>() else {
        return Ok(Answer::Refused(Refused::new(&AccessRequestRefusal::NotFound, caller.lang)));
    };
    let envelope = sent.act(office, caller)?;
    let stream = AccessRequestAggregate::stream(caller.tenant, id);
    let loaded = office.desk.load::<AccessRequestAggregate>(&stream).await;
    let (state, _) = loaded.map_err(|error| not_loaded(&error, caller.lang))?;
    carry_out(ctx, id, state.case(), act, envelope).await
}

/// Makes the package of what is decided now and notes its hash, unless somebody decides otherwise in between.
async fn release(ctx: &Context<'_>, id: &ID, sent: Sent) -> Result<Answer<AccessRequestChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, WORKERS).await?);
    let Ok(id) = id.parse::<AccessRequestId>() else {
        return Ok(Answer::Refused(Refused::new(&AccessRequestRefusal::NotFound, caller.lang)));
    };
    let mut envelope = sent.act(office, caller)?;
    let stream = AccessRequestAggregate::stream(caller.tenant, id);
    let loaded = office.desk.load::<AccessRequestAggregate>(&stream).await;
    let (state, revision) = loaded.map_err(|error| not_loaded(&error, caller.lang))?;
    // What the rules refuse is packed with an empty hash, which then goes nowhere.
    let (mut sha256, mut bytes) = (String::new(), 0);
    if let AccessRequestAggregate::File(file) = &state
        && file.released.is_none()
    {
        if envelope.expected.is_some() && envelope.expected != revision {
            return Ok(Answer::Conflict(Conflict::new(revision, caller.lang)));
        }
        envelope.expected = revision;
        let package = package::make(office, caller.tenant, id, file).await;
        let package = package.map_err(|error| match error {
            NoPackage::Erased => coded("a paper holds personal data that was erased: withhold it", "ERASED"),
            error => fault(&error),
        })?;
        (sha256, bytes) = (package.sha256, u64::try_from(package.bytes.len()).unwrap_or(u64::MAX));
    }
    carry_out(ctx, id, state.case(), AccessRequestAct::Release { sha256, bytes }, envelope).await
}

async fn carry_out(
    ctx: &Context<'_>,
    id: AccessRequestId,
    case: Option<CaseId>,
    act: AccessRequestAct,
    mut envelope: skranke_domain::Act,
) -> Result<Answer<AccessRequestChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let of = of_case(&office.desk, caller.tenant, case, caller.lang).await?;
    let under = reach::to_write(office, &mut envelope, &of.case).await;
    let under = under.map_err(|error| not_loaded(&error, caller.lang))?;
    let stream = AccessRequestAggregate::stream(caller.tenant, id);
    let command = AccessRequestCommand { act, of, under };
    let outcome = office.desk.execute::<AccessRequestAggregate>(&stream, command, &envelope).await;
    answer(ctx, outcome, case, async |receipt| {
        let caught_up = office.views.wait_for(receipt.position, office.patience).await;
        let request = AccessRequest::find(office, caller.tenant, id).await?;
        let access_request =
            request.ok_or_else(|| coded("the act was stored, but the views lag: read again", "VIEWS_LAG"))?;
        Ok(AccessRequestChanged { access_request, position: Position(receipt.position), caught_up })
    })
    .await
}
