//! Acts on self-service solutions. Each is: translate in, one call, translate out.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::service::{
    ActionPage, ContactBlock, Service as ServiceAggregate, ServiceCommand, ServiceRefusal, Submission,
    Supplier,
};
use skranke_domain::{Act, ServiceId, SubjectId};
use skranke_store::Receipt;

use crate::caller::{Caller, coded};
use crate::case::{Answer, Sent, answer, derived};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::refusal::Refused;
use crate::scalars::Position;

use super::parts::Compliance;
use super::{KEEPERS, Service, ServiceKind};

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct ServiceChanged {
    /// The solution.
    pub service: Service,
    /// The place of the newest event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! { ServiceChanged:
    /// What came of submitting.
    ServiceSubmitPayload,
    /// What came of noting that it was accepted.
    ServiceAcceptPayload,
    /// What came of noting that it was returned.
    ServiceReturnPayload,
    /// What came of withdrawing.
    ServiceWithdrawPayload,
    /// What came of writing an action page.
    ActionPageDraftPayload,
    /// What came of noting that the portal shows it.
    ActionPagePublishPayload,
    /// What came of answering.
    RequirementAnswerPayload,
}

/// Submit a solution to the portal, or what has changed about one: the five things it asks for.
#[derive(InputObject)]
pub struct ServiceSubmitInput {
    /// The solution, if it was submitted before.
    pub service_id: Option<ID>,
    /// Whether the portal has it already.
    pub kind: ServiceKind,
    /// What it is called.
    pub title: String,
    /// Where it is: the whole address.
    pub url: String,
    /// What it does, in short.
    pub description: String,
    /// The supplier's name.
    pub supplier_name: String,
    /// The supplier's e-mail address.
    pub supplier_email: String,
    /// The sender's own name for this act.
    pub idempotency_key: String,
    /// The revision on screen, to be told when the solution has changed since.
    pub expected_version: Option<i64>,
}

inputs! { service_id "The solution.":
    /// Note that the portal takes a solution.
    ServiceAcceptInput {}
    /// Note that the portal wants something changed first.
    ServiceReturnInput {
        /// What.
        reason: String,
    }
    /// Withdraw a solution.
    ServiceWithdrawInput {
        /// Why.
        reason: String,
    }
    /// Write the next version of an action page.
    ActionPageDraftInput {
        /// The title.
        title: String,
        /// One or two lines on what it does, and when to use another form.
        intro: String,
        /// A technical notice.
        #[graphql(default)]
        notice: String,
        /// How to do it, step by step, beginning with the log-in.
        #[graphql(default)]
        steps: Vec<String>,
        /// What to have ready.
        #[graphql(default)]
        have_ready: Vec<String>,
        /// Whether a draft can be saved, and for how long.
        #[graphql(default)]
        draft_note: String,
        /// How to look it over and send it in.
        submit: String,
        /// How to print or save a copy.
        #[graphql(default)]
        copy: String,
        /// The phone number of whom to ask.
        #[graphql(default)]
        contact_phone: String,
        /// Their e-mail address.
        #[graphql(default)]
        contact_email: String,
        /// Their postal address.
        #[graphql(default)]
        contact_address: String,
    }
    /// Note that the portal shows an action page.
    ActionPagePublishInput {
        /// Which version: the newest.
        version: u32,
        /// Where it is on the portal, if it is new or has moved.
        url: Option<String>,
    }
    /// Say whether a solution meets a requirement.
    RequirementAnswerInput {
        /// The requirement's short name.
        requirement: String,
        /// Whether it does.
        compliance: Compliance,
        /// How, or why not.
        #[graphql(default)]
        note: String,
    }
}

/// Acts on self-service solutions.
#[derive(Default)]
pub struct ServiceMutation;

#[Object]
impl ServiceMutation {
    /// Submit a solution to the portal, or what has changed about one.
    async fn service_submit(
        &self,
        ctx: &Context<'_>,
        input: ServiceSubmitInput,
    ) -> Result<ServiceSubmitPayload> {
        let caller = Caller::with(ctx, KEEPERS).await?;
        let office = ctx.data::<Office>()?;
        let act =
            Sent { key: input.idempotency_key, expected: input.expected_version }.act(office, caller)?;
        let id = match input.service_id {
            Some(id) => match id.parse() {
                Ok(id) => id,
                Err(_) => return Ok(Answer::Refused(not_found(caller)).into()),
            },
            None => ServiceId::new(derived(&act, "service")),
        };
        let submission = Submission {
            kind: input.kind.into(),
            title: input.title,
            url: input.url,
            description: input.description,
            supplier: Supplier { name: input.supplier_name, email: input.supplier_email },
            subject: SubjectId::new(derived(&act, "service subject")),
        };
        perform_on(ctx, caller, id, ServiceCommand::Submit(Box::new(submission)), &act).await.map(Into::into)
    }

    /// Note that the portal takes a solution (godkendt).
    async fn service_accept(
        &self,
        ctx: &Context<'_>,
        input: ServiceAcceptInput,
    ) -> Result<ServiceAcceptPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, &input.service_id, ServiceCommand::Accept {}, sent).await.map(Into::into)
    }

    /// Note that the portal wants something changed first (sendt tilbage).
    async fn service_return(
        &self,
        ctx: &Context<'_>,
        input: ServiceReturnInput,
    ) -> Result<ServiceReturnPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let command = ServiceCommand::Return { reason: input.reason };
        perform(ctx, &input.service_id, command, sent).await.map(Into::into)
    }

    /// Withdraw a solution.
    async fn service_withdraw(
        &self,
        ctx: &Context<'_>,
        input: ServiceWithdrawInput,
    ) -> Result<ServiceWithdrawPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let command = ServiceCommand::Withdraw { reason: input.reason };
        perform(ctx, &input.service_id, command, sent).await.map(Into::into)
    }

    /// Write the next version of an action page (handlingsside).
    async fn action_page_draft(
        &self,
        ctx: &Context<'_>,
        input: ActionPageDraftInput,
    ) -> Result<ActionPageDraftPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let page = ActionPage {
            title: input.title,
            intro: input.intro,
            notice: input.notice,
            steps: input.steps,
            have_ready: input.have_ready,
            draft_note: input.draft_note,
            submit: input.submit,
            copy: input.copy,
            contact: ContactBlock {
                phone: input.contact_phone,
                email: input.contact_email,
                address: input.contact_address,
            },
        };
        let command = ServiceCommand::DraftActionPage(Box::new(page));
        perform(ctx, &input.service_id, command, sent).await.map(Into::into)
    }

    /// Note that the portal shows the newest version of an action page.
    async fn action_page_publish(
        &self,
        ctx: &Context<'_>,
        input: ActionPagePublishInput,
    ) -> Result<ActionPagePublishPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let command = ServiceCommand::PublishActionPage { version: input.version, url: input.url };
        perform(ctx, &input.service_id, command, sent).await.map(Into::into)
    }

    /// Say whether a solution meets a requirement of the checklist.
    async fn requirement_answer(
        &self,
        ctx: &Context<'_>,
        input: RequirementAnswerInput,
    ) -> Result<RequirementAnswerPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let requirements = &ctx.data::<Office>()?.registers.requirements;
        let listed = requirements.iter().any(|one| one.slug == input.requirement);
        let command = ServiceCommand::AnswerRequirement {
            requirement: listed.then_some(input.requirement),
            compliance: input.compliance.into(),
            note: input.note,
        };
        perform(ctx, &input.service_id, command, sent).await.map(Into::into)
    }
}

fn not_found(caller: &Caller) -> Refused {
    Refused::new(&ServiceRefusal::NotFound, caller.lang)
}

async fn perform(
    ctx: &Context<'_>,
    id: &ID,
    command: ServiceCommand,
    sent: Sent,
) -> Result<Answer<ServiceChanged>> {
    let caller = Caller::with(ctx, KEEPERS).await?;
    let Ok(id) = id.parse::<ServiceId>() else { return Ok(Answer::Refused(not_found(caller))) };
    let act = sent.act(ctx.data::<Office>()?, caller)?;
    perform_on(ctx, caller, id, command, &act).await
}

async fn perform_on(
    ctx: &Context<'_>,
    caller: &Caller,
    id: ServiceId,
    command: ServiceCommand,
    act: &Act,
) -> Result<Answer<ServiceChanged>> {
    let office = ctx.data::<Office>()?;
    let stream = ServiceAggregate::stream(caller.tenant, id);
    let outcome = office.desk.execute::<ServiceAggregate>(&stream, command, act).await;
    answer(ctx, outcome, None, async |receipt: Receipt| {
        let caught_up = office.views.wait_for(receipt.position, office.patience).await;
        let service = Service::find(office, caller.tenant, id).await?;
        let service =
            service.ok_or_else(|| coded("the act was stored, but the views lag: read again", "VIEWS_LAG"))?;
        Ok(ServiceChanged { service, position: Position(receipt.position), caught_up })
    })
    .await
}
