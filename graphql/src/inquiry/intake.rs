//! Intake: inquiries that staff register, and those that are passed on to another authority.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use sha2::{Digest, Sha256};
use skranke_domain::authority::{Card, Kind};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::id::from_digest;
use skranke_domain::inquiry::{
    Addressee, Contact, Forward, InquiryCommand, Notice, Receive, reference_from_digest,
};
use skranke_domain::{InquiryId, Lang, StreamId, SubjectId, Tenant};
use skranke_projections::Forwarding as Passed;

use crate::authority;
use crate::caller::{Caller, WORKERS};
use crate::case::{Sent, derived};
use crate::office::Office;
use crate::payload::payloads;
use crate::personal::Personal;
use crate::scalars::{Channel, DateTime, InquiryKind};
use crate::staff::{Actor, Municipality};

use super::{InquiryChanged, perform, perform_on};

/// Where an inquiry was passed on to (videresendt, FVL § 7, stk. 2).
#[derive(Clone, Debug)]
pub struct Forwarding {
    pub(super) stream: StreamId,
    pub(super) passed: Passed,
}

/// Where an inquiry was passed on to (videresendt, FVL § 7, stk. 2).
#[Object]
impl Forwarding {
    /// The authority's short name in the register.
    async fn authority(&self) -> &str {
        self.passed.authority.as_str()
    }

    /// What the register called it on that day.
    async fn name(&self) -> &str {
        &self.passed.name
    }

    /// The municipality, where every municipality has such an authority.
    async fn municipality(&self, ctx: &Context<'_>) -> Result<Option<Municipality>> {
        let office = ctx.data::<Office>()?;
        Ok(self.passed.municipality.map(|tenant| municipality(office, tenant)))
    }

    /// Who passed it on.
    async fn by(&self) -> Actor {
        Actor(self.passed.by)
    }

    /// When.
    async fn at(&self) -> DateTime {
        DateTime(self.passed.at)
    }

    /// How the sender was told.
    async fn sender_informed(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream, self.passed.informed.as_ref())
    }

    /// Why the sender was not told.
    async fn not_informed_because(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream, self.passed.waived.as_ref())
    }
}

/// Where an inquiry was passed on from.
#[derive(SimpleObject, Clone, Debug)]
pub struct ForwardedFrom {
    /// Which municipality.
    pub municipality: Municipality,
}

impl ForwardedFrom {
    pub(super) fn of(office: &Office, from: Tenant) -> Self {
        Self { municipality: municipality(office, from) }
    }
}

pub(crate) fn municipality(office: &Office, tenant: Tenant) -> Municipality {
    Municipality { code: tenant.to_string(), name: office.municipality(tenant) }
}

payloads! { InquiryChanged:
    /// What came of registering.
    InquiryRegisterPayload,
    /// What came of passing on.
    InquiryForwardPayload,
}

/// Register what came in at the counter, by phone, by letter or digitally.
#[derive(InputObject)]
pub struct InquiryRegisterInput {
    /// How it came in.
    pub channel: Channel,
    /// What the citizen wants.
    pub kind: InquiryKind,
    /// Who asks; need not be said by who is guided there and then.
    #[graphql(default)]
    pub name: String,
    /// The phone number.
    pub phone: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The postal address.
    pub address: Option<String>,
    /// What they want to know, or what the letter says.
    #[graphql(default)]
    pub message: String,
    /// The topic, if one fits.
    pub topic: Option<String>,
    /// When it came in, if that was not now: deadlines count from it.
    pub received_at: Option<DateTime>,
    /// The sender's own name for this act.
    pub idempotency_key: String,
}

/// Pass a written inquiry on to the authority whose business it is.
#[derive(InputObject)]
pub struct InquiryForwardInput {
    /// The inquiry.
    pub inquiry_id: ID,
    /// The authority's short name in the register.
    pub authority: String,
    /// The municipality's code, for an authority that every municipality has.
    pub municipality: Option<String>,
    /// How the sender was told, and what was said.
    pub sender_informed: Option<String>,
    /// Why the sender was not told.
    pub not_informed_because: Option<String>,
    /// The sender's own name for this act.
    pub idempotency_key: String,
    /// The revision on screen, to be told when the inquiry has changed since.
    pub expected_version: Option<i64>,
}

/// Acts of the intake.
#[derive(Default)]
pub struct IntakeMutation;

#[Object]
impl IntakeMutation {
    /// Register an inquiry that came in at the counter, by phone, by letter or digitally.
    async fn inquiry_register(
        &self,
        ctx: &Context<'_>,
        input: InquiryRegisterInput,
    ) -> Result<InquiryRegisterPayload> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let office = ctx.data::<Office>()?;
        let act = Sent { key: input.idempotency_key, expected: None }.act(office, caller)?;
        let id = InquiryId::new(derived(&act, "inquiry"));
        let topic = input.topic.as_deref().and_then(TopicSlug::try_new);
        let wish = Receive {
            reference: reference_from_digest(&Sha256::digest(id.uuid().as_bytes()).into()),
            kind: input.kind.into(),
            channel: input.channel.into(),
            topic: topic.filter(|topic| office.names.topics.contains_key(&(topic.clone(), caller.lang))),
            received: input.received_at.map_or(act.at, |DateTime(received)| received),
            now: act.at,
            subject: SubjectId::new(derived(&act, "inquiry subject")),
            contact: Contact {
                name: input.name,
                phone: input.phone,
                email: input.email,
                address: input.address,
            },
            message: input.message,
            when: None,
            conversation: None,
            transcript: Vec::new(),
            forwarded_from: None,
            forwarded_case: None,
        };
        let command = InquiryCommand::Receive(Box::new(wish));
        perform_on(ctx, caller, id, command, &act).await.map(Into::into)
    }

    /// Pass a written inquiry on to the authority whose business it is (videresend).
    async fn inquiry_forward(
        &self,
        ctx: &Context<'_>,
        input: InquiryForwardInput,
    ) -> Result<InquiryForwardPayload> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let (authority, place) = (input.authority.as_str(), input.municipality.as_deref());
        let to = addressee(ctx, caller, authority, place, &input.inquiry_id).await?;
        let notice = match (input.sender_informed, input.not_informed_because) {
            (Some(how), _) => Some(Notice::Given { how }),
            (None, Some(reason)) => Some(Notice::Waived { reason }),
            (None, None) => None,
        };
        let command = InquiryCommand::Forward(Box::new(Forward { from: caller.tenant, to, notice }));
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, &input.inquiry_id, command, sent).await.map(Into::into)
    }
}

/// Whom the register has under that name, in that municipality, for what is forwarded.
pub(crate) async fn addressee(
    ctx: &Context<'_>,
    caller: &Caller,
    authority: &str,
    place: Option<&str>,
    forwarded: &ID,
) -> Result<Option<Addressee>> {
    let office = ctx.data::<Office>()?;
    let Some((slug, card)) = authority::card(office, caller, authority.trim()).await? else {
        return Ok(None);
    };
    let named = place.map(str::trim).filter(|code| !code.is_empty());
    let place = named.and_then(|code| Tenant::try_new(code).ok());
    let known = place.filter(|place| office.names.municipalities.contains_key(place));
    let municipality = match (card.kind, named, known) {
        // Every municipality has one; where none is named, our own is meant.
        (Kind::Municipal, None, _) => Some(caller.tenant),
        (Kind::Municipal, Some(_), Some(place)) => Some(place),
        (Kind::Municipal, Some(_), None) => return Ok(None),
        // There is one such authority, whichever municipality was named.
        (
            Kind::JointMunicipal
            | Kind::State
            | Kind::Tribunal
            | Kind::Region
            | Kind::Church
            | Kind::PrivateBody,
            ..,
        ) => None,
    };
    let received_as = municipality.map(|to| received_as(caller.tenant, forwarded, to));
    Ok(Some(Addressee {
        authority: slug,
        name: name_of(office, &card, municipality),
        municipality,
        received_as,
    }))
}

/// What the receiver calls it: whoever asks twice means the same inquiry over there.
fn received_as(from: Tenant, forwarded: &ID, to: Tenant) -> InquiryId {
    InquiryId::new(from_digest(
        &Sha256::digest(format!("forwarded/{from}/{}/{to}", forwarded.as_str())).into(),
    ))
}

/// The name as a letter would have it: in Danish, with the municipality.
fn name_of(office: &Office, card: &Card, municipality: Option<Tenant>) -> String {
    let name = card.name(Lang::Da);
    match municipality {
        Some(tenant) => format!("{name}, {}", office.municipality(tenant)),
        None => name.to_owned(),
    }
}
