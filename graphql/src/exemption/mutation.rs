//! Acts on exemptions. Each is: translate in, one call, translate out.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::exemption::{
    Applicant, Area, Exemption as ExemptionAggregate, ExemptionCommand, ExemptionRefusal, Grant, Grounds,
    Representative, Request,
};
use skranke_domain::inquiry::{Inquiry, InquiryRefusal};
use skranke_domain::time::local_date;
use skranke_domain::{Act, ExemptionId, InquiryId, SubjectId};
use skranke_store::Receipt;

use crate::caller::{Caller, WORKERS, coded, not_loaded};
use crate::case::{Answer, Sent, answer, derived};
use crate::office::Office;
use crate::payload::payloads;
use crate::refusal::Refused;
use crate::scalars::{Channel, Date, Position};
use crate::{access, authority};

use super::Exemption;

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct ExemptionChanged {
    /// The exemption.
    pub exemption: Exemption,
    /// The place of the newest event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! { ExemptionChanged:
    /// What came of asking.
    ExemptionRequestPayload,
    /// What came of giving it.
    ExemptionGrantPayload,
    /// What came of not giving it.
    ExemptionRefusePayload,
    /// What came of withdrawing it.
    ExemptionWithdrawPayload,
}

/// Somebody asks to be exempt from an authority's self-service.
#[derive(InputObject)]
pub struct ExemptionRequestInput {
    /// The authority's short name in the register.
    pub authority: String,
    /// The self-service area; without one, all of that authority (a general exemption).
    pub area: Option<String>,
    /// How it was asked for.
    pub channel: Channel,
    /// When it came in, if that was not today.
    pub received: Option<Date>,
    /// The inquiry that it was asked in: the exemption is then about the same person.
    pub inquiry_id: Option<ID>,
    /// The person, from an earlier exemption; without it or an inquiry, a person not met before.
    pub subject_id: Option<ID>,
    /// The person's name.
    pub name: String,
    /// Who asks for them, if they do not ask themselves.
    pub through_name: Option<String>,
    /// What that one is to the person.
    #[graphql(default)]
    pub through_relation: String,
    /// Short names of grounds on the list. None need be named.
    #[graphql(default)]
    pub grounds: Vec<String>,
    /// Grounds that are on no list.
    #[graphql(default)]
    pub grounds_text: String,
    /// The sender's own name for this act.
    pub idempotency_key: String,
}

/// Give the exemption.
#[derive(InputObject)]
pub struct ExemptionGrantInput {
    /// The exemption.
    pub exemption_id: ID,
    /// Its first day, if that is not today.
    pub from: Option<Date>,
    /// Its last day; without one, it has no end.
    pub until: Option<Date>,
    /// Short names of the grounds it rests on. None need be named.
    #[graphql(default)]
    pub grounds: Vec<String>,
    /// Grounds that are on no list.
    #[graphql(default)]
    pub grounds_text: String,
    /// The sender's own name for this act.
    pub idempotency_key: String,
    /// The revision on screen, to be told when the exemption has changed since.
    pub expected_version: Option<i64>,
}

/// Do not give the exemption.
#[derive(InputObject)]
pub struct ExemptionRefuseInput {
    /// The exemption.
    pub exemption_id: ID,
    /// Why not.
    pub reason: String,
    /// The sender's own name for this act.
    pub idempotency_key: String,
    /// The revision on screen, to be told when the exemption has changed since.
    pub expected_version: Option<i64>,
}

/// The person wants the exemption no more.
#[derive(InputObject)]
pub struct ExemptionWithdrawInput {
    /// The exemption.
    pub exemption_id: ID,
    /// Why, if that was said.
    #[graphql(default)]
    pub reason: String,
    /// The sender's own name for this act.
    pub idempotency_key: String,
    /// The revision on screen, to be told when the exemption has changed since.
    pub expected_version: Option<i64>,
}

/// Acts on exemptions.
#[derive(Default)]
pub struct ExemptionMutation;

#[Object]
impl ExemptionMutation {
    /// Note that somebody asks to be exempt, themselves or through somebody else.
    async fn exemption_request(
        &self,
        ctx: &Context<'_>,
        input: ExemptionRequestInput,
    ) -> Result<ExemptionRequestPayload> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let office = ctx.data::<Office>()?;
        let act = Sent { key: input.idempotency_key.clone(), expected: None }.act(office, caller)?;
        let inquiry = input.inquiry_id.as_ref().map(|id| id.parse::<InquiryId>()).transpose();
        let subject = match inquiry {
            Ok(inquiry) => subject(office, caller, &input, inquiry, &act).await?,
            Err(_) => Err(Refused::new(&InquiryRefusal::NotFound, caller.lang)),
        };
        let subject = match subject {
            Ok(subject) => subject,
            Err(refused) => {
                access::refused(office, caller, ctx.field().name(), &refused.code, None).await;
                return Ok(ExemptionRequestPayload::Refused(refused));
            }
        };
        let known = authority::card(office, caller, input.authority.trim()).await?;
        let today = local_date(act.at);
        let through =
            input.through_name.map(|name| Representative { name, relation: input.through_relation });
        let request = Request {
            authority: known.map(|(slug, _)| slug),
            area: area(office, input.area.as_deref()),
            channel: input.channel.into(),
            received: input.received.map_or(today, |Date(received)| received),
            today,
            inquiry: inquiry.ok().flatten(),
            subject,
            applicant: Applicant { name: input.name, through },
            grounds: grounds(office, input.grounds, input.grounds_text),
        };
        let id = ExemptionId::new(derived(&act, "exemption"));
        let command = ExemptionCommand::Request(Box::new(request));
        perform_on(ctx, caller, id, command, &act).await.map(Into::into)
    }

    /// Give the exemption.
    async fn exemption_grant(
        &self,
        ctx: &Context<'_>,
        input: ExemptionGrantInput,
    ) -> Result<ExemptionGrantPayload> {
        let office = ctx.data::<Office>()?;
        let today = office.today();
        let command = ExemptionCommand::Grant(Box::new(Grant {
            today,
            from: input.from.map_or(today, |Date(from)| from),
            until: input.until.map(|Date(until)| until),
            grounds: grounds(office, input.grounds, input.grounds_text),
        }));
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, &input.exemption_id, command, sent).await.map(Into::into)
    }

    /// Do not give the exemption, and say why.
    async fn exemption_refuse(
        &self,
        ctx: &Context<'_>,
        input: ExemptionRefuseInput,
    ) -> Result<ExemptionRefusePayload> {
        let command = ExemptionCommand::Refuse { reason: input.reason };
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, &input.exemption_id, command, sent).await.map(Into::into)
    }

    /// Note that the person wants the exemption no more, from today.
    async fn exemption_withdraw(
        &self,
        ctx: &Context<'_>,
        input: ExemptionWithdrawInput,
    ) -> Result<ExemptionWithdrawPayload> {
        let on = ctx.data::<Office>()?.today();
        let command = ExemptionCommand::Withdraw { on, reason: input.reason };
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, &input.exemption_id, command, sent).await.map(Into::into)
    }
}

/// Whom the exemption will be about: the inquiry's person, one met before, or a new one.
async fn subject(
    office: &Office,
    caller: &Caller,
    input: &ExemptionRequestInput,
    inquiry: Option<InquiryId>,
    act: &Act,
) -> Result<Result<SubjectId, Refused>> {
    if let Some(inquiry) = inquiry {
        let loaded = office.desk.load::<Inquiry>(&Inquiry::stream(caller.tenant, inquiry)).await;
        let (inquiry, _) = loaded.map_err(|error| not_loaded(&error, caller.lang))?;
        return Ok(inquiry.subject().map_err(|refusal| Refused::new(&refusal, caller.lang)));
    }
    Ok(Ok(match &input.subject_id {
        Some(id) => id.parse().map_err(|_| coded("subjectId is an id as it was given", "BAD_ID"))?,
        None => SubjectId::new(derived(act, "exemption subject")),
    }))
}

/// The area of that name; nothing when there is none.
fn area(office: &Office, named: Option<&str>) -> Option<Area> {
    match named {
        None => Some(Area::Everything),
        Some(slug) => {
            let topic = TopicSlug::try_new(slug)?;
            office.registers.areas.contains(&topic).then_some(Area::Topic(topic))
        }
    }
}

/// The grounds, unless one of them is on no list.
fn grounds(office: &Office, named: Vec<String>, text: String) -> Option<Grounds> {
    let listed = |slug: &String| office.registers.grounds.iter().any(|ground| ground.slug == *slug);
    named.iter().all(listed).then_some(Grounds { named, text })
}

async fn perform(
    ctx: &Context<'_>,
    id: &ID,
    command: ExemptionCommand,
    sent: Sent,
) -> Result<Answer<ExemptionChanged>> {
    let caller = Caller::with(ctx, WORKERS).await?;
    let Ok(id) = id.parse::<ExemptionId>() else {
        return Ok(Answer::Refused(Refused::new(&ExemptionRefusal::NotFound, caller.lang)));
    };
    let act = sent.act(ctx.data::<Office>()?, caller)?;
    perform_on(ctx, caller, id, command, &act).await
}

async fn perform_on(
    ctx: &Context<'_>,
    caller: &Caller,
    id: ExemptionId,
    command: ExemptionCommand,
    act: &Act,
) -> Result<Answer<ExemptionChanged>> {
    let office = ctx.data::<Office>()?;
    let stream = ExemptionAggregate::stream(caller.tenant, id);
    let outcome = office.desk.execute::<ExemptionAggregate>(&stream, command, act).await;
    answer(ctx, outcome, None, async |receipt: Receipt| {
        let caught_up = office.views.wait_for(receipt.position, office.patience).await;
        let exemption = Exemption::find(office, caller, id).await?;
        let exemption = exemption
            .ok_or_else(|| coded("the act was stored, but the views lag: read again", "VIEWS_LAG"))?;
        Ok(ExemptionChanged { exemption, position: Position(receipt.position), caught_up })
    })
    .await
}
