//! One mutation per act on a person's data. Each is: translate in, one call, translate out.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::privacy::{
    DataSubject as DataSubjectAggregate, PrivacyAct, PrivacyCommand, PrivacyRefusal,
};
use skranke_domain::{By, CaseId, SubjectId};

use crate::access;
use crate::caller::{Caller, WORKERS, coded, not_loaded};
use crate::case::{Answer, Sent, answer};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::{Date, Position, Purpose};

use super::matters::{self, Found};
use super::report::{self, SubjectReport};
use super::{DataSubject, ErasureBasis, STEWARDS, noted, reached};

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct PrivacyChanged {
    /// The data subject.
    pub data_subject: DataSubject,
    /// The place of the newest event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

/// The report was made.
#[derive(SimpleObject, Clone, Debug)]
pub struct SubjectReportMade {
    /// What is stored, and who looked at it.
    pub report: SubjectReport,
    /// The place of the event that notes it in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! { PrivacyChanged:
    /// What came of asking for erasure.
    ErasureRequestPayload,
    /// What came of proposing it.
    ErasureProposePayload,
    /// What came of approving it.
    ErasureApprovePayload,
    /// What came of declining it.
    ErasureDeclinePayload,
    /// What came of placing a hold.
    LegalHoldPlacePayload,
    /// What came of releasing a hold.
    LegalHoldReleasePayload,
    /// What came of noting a delivery.
    ArchiveDeliverPayload,
}

payloads! { SubjectReportMade:
    /// What came of making a report.
    SubjectReportMakePayload,
}

inputs! { subject_id "The person.":
    /// Note that it is asked to erase a person's data.
    ErasureRequestInput {
        /// On which basis.
        basis: ErasureBasis,
        /// The day it was asked for; today where it is not said.
        received: Option<Date>,
        /// Who asks; empty where nobody outside does.
        requester: String = "",
        /// Why.
        reason: String,
    }
    /// Propose to erase a person's data.
    ErasureProposeInput {}
    /// Erase a person's data, as somebody else proposed.
    ErasureApproveInput {}
    /// Turn a request for erasure down, or take a proposal back.
    ErasureDeclineInput {
        /// Why.
        reason: String,
    }
    /// Let nothing of a person be erased for the time being.
    LegalHoldPlaceInput {
        /// Why.
        reason: String,
    }
    /// End a hold.
    LegalHoldReleaseInput {
        /// Its number.
        number: u32,
        /// Why.
        reason: String,
    }
    /// Note that a case was delivered to a public archive.
    ArchiveDeliverInput {
        /// Which case.
        case_id: async_graphql::ID,
        /// To which archive.
        archive: String,
        /// On which day.
        on: Date,
    }
}

/// Tell a person what is stored about them.
#[derive(InputObject)]
pub struct SubjectReportMakeInput {
    /// The person.
    pub subject_id: ID,
    /// What for.
    pub purpose: Purpose,
    /// The sender's own name for this act: sent again, it is answered again and not noted again.
    pub idempotency_key: String,
}

/// Acts on people's data.
#[derive(Default)]
pub struct PrivacyMutation;

/// Translates an input into its act, calls, and translates the answer.
macro_rules! act {
    ($ctx:expr, $input:expr, $act:expr) => {{
        let sent = Sent { key: $input.idempotency_key, expected: $input.expected_version };
        perform($ctx, &$input.subject_id, $act, sent).await.map(Into::into)
    }};
}

#[Object]
impl PrivacyMutation {
    /// Note that it is asked to erase a person's data (anmodning om sletning, GDPR art. 17), or that the time of all
    /// their cases is over (kassation).
    async fn erasure_request(
        &self,
        ctx: &Context<'_>,
        input: ErasureRequestInput,
    ) -> Result<ErasureRequestPayload> {
        let request = PrivacyAct::Request {
            basis: input.basis.into(),
            received: input.received.map(|date| date.0),
            requester: input.requester,
            reason: input.reason,
        };
        act!(ctx, input, request)
    }

    /// Propose to erase a person's data (foreslå sletning). Somebody else approves it.
    async fn erasure_propose(
        &self,
        ctx: &Context<'_>,
        input: ErasureProposeInput,
    ) -> Result<ErasureProposePayload> {
        act!(ctx, input, PrivacyAct::Propose)
    }

    /// Erase a person's data, as somebody else proposed (godkend sletning). There is no way back.
    async fn erasure_approve(
        &self,
        ctx: &Context<'_>,
        input: ErasureApproveInput,
    ) -> Result<ErasureApprovePayload> {
        act!(ctx, input, PrivacyAct::Approve)
    }

    /// Turn a request for erasure down, or take a proposal back (afvis sletning).
    async fn erasure_decline(
        &self,
        ctx: &Context<'_>,
        input: ErasureDeclineInput,
    ) -> Result<ErasureDeclinePayload> {
        act!(ctx, input, PrivacyAct::Decline { reason: input.reason })
    }

    /// Let nothing of a person be erased for the time being (lås mod sletning).
    async fn legal_hold_place(
        &self,
        ctx: &Context<'_>,
        input: LegalHoldPlaceInput,
    ) -> Result<LegalHoldPlacePayload> {
        act!(ctx, input, PrivacyAct::PlaceHold { reason: input.reason })
    }

    /// End a hold (ophæv lås).
    async fn legal_hold_release(
        &self,
        ctx: &Context<'_>,
        input: LegalHoldReleaseInput,
    ) -> Result<LegalHoldReleasePayload> {
        act!(ctx, input, PrivacyAct::ReleaseHold { number: input.number, reason: input.reason })
    }

    /// Note that a case was delivered to a public archive (aflevering).
    async fn archive_deliver(
        &self,
        ctx: &Context<'_>,
        input: ArchiveDeliverInput,
    ) -> Result<ArchiveDeliverPayload> {
        let Ok(case) = input.case_id.parse::<CaseId>() else {
            let refused = Refused::new(&PrivacyRefusal::NoSuchCase, Caller::of(ctx)?.lang);
            return Ok(Answer::Refused(refused).into());
        };
        act!(ctx, input, PrivacyAct::Deliver { case, archive: input.archive, on: input.on.0 })
    }

    /// Tell a person what is stored about them and who looked at it (indsigt, GDPR art. 15). It is noted on their stream
    /// and in the access log.
    async fn subject_report_make(
        &self,
        ctx: &Context<'_>,
        input: SubjectReportMakeInput,
    ) -> Result<SubjectReportMakePayload> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, WORKERS).await?);
        let Ok(subject) = input.subject_id.parse::<SubjectId>() else {
            return Ok(Answer::Refused(Refused::new(&PrivacyRefusal::NotFound, caller.lang)).into());
        };
        let found = matters::find(office, caller, subject).await?;
        // Whoever reads all of it must reach each of the cases, whatever else they may.
        reached(ctx, office, caller, &found).await?;
        let report = report::make(office, caller, subject, &found).await?;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (events, looks) = (count(report.events.len()), count(report.looks.len()));
        let sent = Sent { key: input.idempotency_key, expected: None };
        let told = carry_out(ctx, subject, PrivacyAct::Report { events, looks }, sent, found).await?;
        Ok(match told {
            Answer::Done(PrivacyChanged { position, caught_up, .. }) => {
                noted(office, caller, subject, input.purpose.into()).await?;
                Answer::Done(SubjectReportMade { report, position, caught_up }).into()
            }
            Answer::Refused(refused) => Answer::Refused(refused).into(),
            Answer::Conflict(conflict) => Answer::Conflict(conflict).into(),
        })
    }
}

/// Carries out an act on a person's data.
async fn perform(ctx: &Context<'_>, id: &ID, wish: PrivacyAct, sent: Sent) -> Result<Answer<PrivacyChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, STEWARDS).await?);
    let Ok(subject) = id.parse::<SubjectId>() else {
        access::refused(office, caller, ctx.field().name(), "SUBJECT_NOT_FOUND", None).await;
        return Ok(Answer::Refused(Refused::new(&PrivacyRefusal::NotFound, caller.lang)));
    };
    let found = matters::find(office, caller, subject).await?;
    if !caller.roles.has(skranke_domain::Role::Administrator) {
        reached(ctx, office, caller, &found).await?;
    }
    carry_out(ctx, subject, wish, sent, found).await
}

async fn carry_out(
    ctx: &Context<'_>,
    subject: SubjectId,
    wish: PrivacyAct,
    sent: Sent,
    found: Found,
) -> Result<Answer<PrivacyChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let mut act = sent.act(office, caller)?;
    act.roles = reach::roles(office, &act).await.map_err(|error| not_loaded(&error, caller.lang))?;
    let matters = found.matters.clone();
    let command = PrivacyCommand { subject, act: wish, matters, under: By::of(&act) };
    let stream = DataSubjectAggregate::stream(caller.tenant, subject);
    let outcome = office.desk.execute::<DataSubjectAggregate>(&stream, command, &act).await;
    answer(ctx, outcome, None, async |receipt| {
        let caught_up = office.views.wait_for(receipt.position, office.patience).await;
        let sheet = office.views.privacy(caller.tenant, subject).await;
        let sheet = sheet.map_err(|error| crate::caller::fault(&error))?;
        if sheet.is_none() && !caught_up {
            return Err(coded("the act was stored, but the views lag: read again", "VIEWS_LAG"));
        }
        let data_subject = DataSubject { tenant: caller.tenant, id: subject, found, sheet };
        Ok(PrivacyChanged { data_subject, position: Position(receipt.position), caught_up })
    })
    .await
}
