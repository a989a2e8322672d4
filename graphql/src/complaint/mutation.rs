//! One mutation per act on a complaint. Each is: translate in, one call, translate out; then the case follows.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::case::CaseRefusal;
use skranke_domain::complaint::{
    Complaint as ComplaintAggregate, ComplaintAct, ComplaintCommand, ComplaintRefusal, Receive,
};
use skranke_domain::time::local_date;
use skranke_domain::{CaseId, ComplaintId, Refusal};

use crate::access;
use crate::caller::{Caller, WORKERS, coded, fault, not_loaded};
use crate::case::{Answer, Case, Sent, answer, derived};
use crate::office::Office;
use crate::papers::{CasePapers, of_case, papers, picked};
use crate::payload::{inputs, payloads};
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::{AppealOutcome, Channel, Date, Position};

use super::{Complaint, follow_complaint};

/// The act was carried out, and the case has followed.
#[derive(SimpleObject, Clone, Debug)]
pub struct ComplaintChanged {
    /// The complaint.
    pub complaint: Complaint,
    /// The place of the newest event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! { ComplaintChanged:
    /// What came of taking a complaint in.
    ComplaintReceivePayload,
    /// What came of excusing a delay.
    ComplaintExcusePayload,
    /// What came of dismissing.
    ComplaintDismissPayload,
    /// What came of beginning to look again.
    ComplaintReassessPayload,
    /// What came of standing by the decision.
    ComplaintUpholdPayload,
    /// What came of changing the decision.
    ComplaintChangePayload,
    /// What came of sending it on.
    ComplaintForwardPayload,
    /// What came of noting the outcome.
    ComplaintOutcomePayload,
    /// What came of withdrawing.
    ComplaintWithdrawPayload,
}

/// Take a complaint in.
#[derive(InputObject)]
pub struct ComplaintReceiveInput {
    /// The case whose newest decision it is over.
    pub case_id: ID,
    /// The day it came in; today where it is not said.
    pub received: Option<Date>,
    /// How. Spoken complaints count.
    pub channel: Option<Channel>,
    /// Who complains; the party where it is not said.
    pub complainant: Option<String>,
    /// What they say. No reasons are needed.
    #[graphql(default)]
    pub text: String,
    /// The day the decision reached the party; the day it was sent where it is not said.
    pub decision_received: Option<Date>,
    /// The body that decided, by its slug, where it was one whose decisions are not reassessed.
    pub decided_by: Option<String>,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
}

inputs! { complaint_id "The complaint.":
    /// Go on with a late complaint.
    ComplaintExcuseInput {
        /// Why the delay is excused.
        reason: String,
    }
    /// Dismiss a late complaint.
    ComplaintDismissInput {
        /// Why the delay is not excused.
        reason: String,
    }
    /// Begin to look again.
    ComplaintReassessInput {}
    /// Stand by the decision.
    ComplaintUpholdInput {
        /// Why.
        reason: String,
    }
    /// Change the decision.
    ComplaintChangeInput {
        /// Whether the party gets all they asked for.
        in_full: bool,
        /// Why.
        reason: String,
    }
    /// Send a complaint on.
    ComplaintForwardInput {
        /// The authority, by its slug; the body that the rules name where it is not said.
        authority: Option<String>,
        /// The papers that go along, by reference; all of them where it is not said.
        files: Option<Vec<String>>,
    }
    /// Note what the complaint body decided.
    ComplaintOutcomeInput {
        /// How.
        outcome: AppealOutcome,
        /// When its decision came in; today where it is not said.
        received: Option<Date>,
        /// In a few words.
        summary: String,
    }
    /// Take a complaint back.
    ComplaintWithdrawInput {
        /// What the complainant said.
        reason: String,
    }
}

/// Acts on complaints.
#[derive(Default)]
pub struct ComplaintMutation;

/// Translates an input into its act, calls, and translates the answer.
macro_rules! act {
    ($ctx:expr, $input:expr, $act:expr) => {{
        let sent = Sent { key: $input.idempotency_key, expected: $input.expected_version };
        perform($ctx, &$input.complaint_id, sent, async |_| Ok(Ok($act))).await.map(Into::into)
    }};
}

#[Object]
impl ComplaintMutation {
    /// Take a complaint in (modtag klage), over the newest decision of a case.
    async fn complaint_receive(
        &self,
        ctx: &Context<'_>,
        input: ComplaintReceiveInput,
    ) -> Result<ComplaintReceivePayload> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, WORKERS).await?);
        let Ok(case) = input.case_id.parse::<CaseId>() else {
            return Ok(Answer::Refused(Refused::new(&CaseRefusal::NotOpened, caller.lang)).into());
        };
        // Facts of the case that never change complete the wish; whether it may be complained of is asked of the case.
        let sheet = Case::find(office, caller.tenant, case).await?.map(|case| case.sheet);
        let party = match sheet.as_ref().and_then(|sheet| sheet.party.as_ref()) {
            Some(party) => {
                let stream = skranke_domain::case::Case::stream(caller.tenant, case);
                office.open(&stream, party)?.unwrap_or_default()
            }
            None => String::new(),
        };
        let sent_at = sheet.and_then(|sheet| sheet.decision).and_then(|decision| decision.sent_at);
        let wish = Receive {
            received: input.received.map(|date| date.0),
            channel: input.channel.map_or(skranke_domain::inquiry::Channel::Letter, Into::into),
            complainant: input.complainant.unwrap_or(party),
            text: input.text,
            decision_received: input.decision_received.map(|date| date.0).or(sent_at.map(local_date)),
            decided_by: input.decided_by,
        };
        let act = Sent { key: input.idempotency_key, expected: None }.act(office, caller)?;
        let id = ComplaintId::new(derived(&act, "complaint"));
        carry_out(ctx, id, Some(case), ComplaintAct::Receive(Box::new(wish)), act).await.map(Into::into)
    }

    /// Go on with a late complaint: its delay is excused.
    async fn complaint_excuse(
        &self,
        ctx: &Context<'_>,
        input: ComplaintExcuseInput,
    ) -> Result<ComplaintExcusePayload> {
        act!(ctx, input, ComplaintAct::ExcuseLateness { reason: input.reason })
    }

    /// Dismiss a late complaint: its delay is not excused (afvis).
    async fn complaint_dismiss(
        &self,
        ctx: &Context<'_>,
        input: ComplaintDismissInput,
    ) -> Result<ComplaintDismissPayload> {
        act!(ctx, input, ComplaintAct::Dismiss { reason: input.reason })
    }

    /// Begin to look at the decision again (genvurdering).
    async fn complaint_reassess(
        &self,
        ctx: &Context<'_>,
        input: ComplaintReassessInput,
    ) -> Result<ComplaintReassessPayload> {
        act!(ctx, input, ComplaintAct::StartReassessment)
    }

    /// Stand by the decision (fasthold). The complaint must then be sent on.
    async fn complaint_uphold(
        &self,
        ctx: &Context<'_>,
        input: ComplaintUpholdInput,
    ) -> Result<ComplaintUpholdPayload> {
        act!(ctx, input, ComplaintAct::Uphold { reason: input.reason })
    }

    /// Change the decision: the case is taken up again, and a new decision is drafted on it.
    async fn complaint_change(
        &self,
        ctx: &Context<'_>,
        input: ComplaintChangeInput,
    ) -> Result<ComplaintChangePayload> {
        act!(ctx, input, ComplaintAct::Change { in_full: input.in_full, reason: input.reason })
    }

    /// Send a complaint on to the complaint body with the papers of the case (oversend).
    async fn complaint_forward(
        &self,
        ctx: &Context<'_>,
        input: ComplaintForwardInput,
    ) -> Result<ComplaintForwardPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let (authority, files) = (input.authority, input.files);
        let act = async |state: &ComplaintAggregate| {
            let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
            let (named, papers) = match state {
                ComplaintAggregate::File(file) => {
                    let papers = papers(&office.desk, caller.tenant, file.case).await;
                    (file.body.clone(), papers.map_err(|error| fault(&error))?)
                }
                ComplaintAggregate::Unknown => (None, CasePapers::default()),
            };
            // One that the register does not hold is none.
            let to = authority
                .or(named)
                .filter(|slug| office.authority(slug.trim(), skranke_domain::Lang::Da).is_some());
            Ok(picked(&papers, files)
                .map(|files| ComplaintAct::Forward { to, files })
                .map_err(|reference| ComplaintRefusal::UnknownPaper { reference }))
        };
        perform(ctx, &input.complaint_id, sent, act).await.map(Into::into)
    }

    /// Note what the complaint body decided. Where it returns the case, the case is taken up again.
    async fn complaint_outcome(
        &self,
        ctx: &Context<'_>,
        input: ComplaintOutcomeInput,
    ) -> Result<ComplaintOutcomePayload> {
        let today = ctx.data::<Office>()?.today();
        act!(
            ctx,
            input,
            ComplaintAct::ReceiveOutcome {
                outcome: input.outcome.into(),
                received: input.received.map_or(today, |date| date.0),
                summary: input.summary,
            }
        )
    }

    /// Take a complaint back, as the complainant wishes.
    async fn complaint_withdraw(
        &self,
        ctx: &Context<'_>,
        input: ComplaintWithdrawInput,
    ) -> Result<ComplaintWithdrawPayload> {
        act!(ctx, input, ComplaintAct::Withdraw { reason: input.reason })
    }
}

/// Carries out an act on a complaint that is there. `act` makes it from the complaint as it stands.
async fn perform(
    ctx: &Context<'_>,
    id: &ID,
    sent: Sent,
    act: impl AsyncFnOnce(&ComplaintAggregate) -> Result<Result<ComplaintAct, ComplaintRefusal>>,
) -> Result<Answer<ComplaintChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, WORKERS).await?);
    let Ok(id) = id.parse::<ComplaintId>() else {
        return Ok(Answer::Refused(Refused::new(&ComplaintRefusal::NotFound, caller.lang)));
    };
    let envelope = sent.act(office, caller)?;
    let stream = ComplaintAggregate::stream(caller.tenant, id);
    let loaded = office.desk.load::<ComplaintAggregate>(&stream).await;
    let (state, _) = loaded.map_err(|error| not_loaded(&error, caller.lang))?;
    let case = state.case();
    match act(&state).await? {
        Ok(act) => carry_out(ctx, id, case, act, envelope).await,
        Err(refusal) => {
            access::refused(office, caller, ctx.field().name(), refusal.code(), case).await;
            Ok(Answer::Refused(Refused::new(&refusal, caller.lang)))
        }
    }
}

async fn carry_out(
    ctx: &Context<'_>,
    id: ComplaintId,
    case: Option<CaseId>,
    act: ComplaintAct,
    mut envelope: skranke_domain::Act,
) -> Result<Answer<ComplaintChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let of = of_case(&office.desk, caller.tenant, case, caller.lang).await?;
    let under = reach::to_write(office, &mut envelope, &of.case).await;
    let under = under.map_err(|error| not_loaded(&error, caller.lang))?;
    let stream = ComplaintAggregate::stream(caller.tenant, id);
    let command = ComplaintCommand { act, of, under };
    let outcome = office.desk.execute::<ComplaintAggregate>(&stream, command, &envelope).await;
    answer(ctx, outcome, case, async |receipt| {
        let followed = follow_complaint(&office.desk, id, &envelope).await.map_err(|error| fault(&error))?;
        let position = followed.map_or(receipt.position, |followed| followed.position.max(receipt.position));
        let caught_up = office.views.wait_for(position, office.patience).await;
        let complaint = Complaint::find(office, caller.tenant, id).await?;
        let complaint = complaint
            .ok_or_else(|| coded("the act was stored, but the views lag: read again", "VIEWS_LAG"))?;
        Ok(ComplaintChanged { complaint, position: Position(position), caught_up })
    })
    .await
}
