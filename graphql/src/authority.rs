//! The register of authorities: what the content files bring, and what the municipality's administrators say instead.

use std::collections::BTreeMap;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use skranke_domain::authority::{
    Authority as AuthorityAggregate, AuthorityCommand, AuthorityRefusal, AuthoritySlug, Card,
};
use skranke_domain::{Role, Tenant};
use skranke_store::Receipt;

use crate::caller::{Caller, coded, fault, not_loaded};
use crate::case::{Answer, Sent, answer};
use crate::office::Office;
use crate::payload::payloads;
use crate::refusal::Refused;
use crate::scalars::{Position, mirrored};

mirrored! {
    /// What kind of body an authority is.
    AuthorityKind = skranke_domain::authority::Kind {
        Municipal, JointMunicipal, State, Tribunal, Region, Church, PrivateBody,
    }
}

/// Those who keep the register.
const KEEPERS: &[Role] = &[Role::Administrator];

/// The register as one municipality has it.
pub(crate) struct Register(BTreeMap<AuthoritySlug, Entry>);

struct Entry {
    card: Card,
    /// The number of the last event about it; `None` where the content files' word holds.
    revision: Option<u64>,
}

impl Register {
    /// The content files' word, and over it the administrators'.
    pub(crate) async fn of(office: &Office, tenant: Tenant) -> Result<Self> {
        let shipped = office.registers.authorities.iter();
        let mut entries: BTreeMap<_, _> = shipped
            .map(|(slug, card)| (slug.clone(), Entry { card: card.clone(), revision: None }))
            .collect();
        for said in office.views.authorities(tenant).await.map_err(|error| fault(&error))? {
            match said.card {
                Some(card) => entries.insert(said.slug, Entry { card, revision: Some(said.revision) }),
                None => entries.remove(&said.slug),
            };
        }
        Ok(Self(entries))
    }

    /// The authority of that name; one that is in the register no more is called by its short name.
    pub(crate) fn named(&self, slug: &AuthoritySlug, lang: skranke_domain::Lang) -> AuthorityName {
        let name = self.0.get(slug).map_or(slug.as_str(), |entry| entry.card.name(lang));
        AuthorityName { slug: slug.to_string(), name: name.to_owned() }
    }
}

/// What the register says of an authority now, for a decision: from its stream, or from the content files.
pub(crate) async fn card(
    office: &Office,
    caller: &Caller,
    slug: &str,
) -> Result<Option<(AuthoritySlug, Card)>> {
    let Some(slug) = AuthoritySlug::try_new(slug) else { return Ok(None) };
    let stream = AuthorityAggregate::stream(caller.tenant, &slug);
    let loaded = office.desk.load::<AuthorityAggregate>(&stream).await;
    let (authority, _) = loaded.map_err(|error| not_loaded(&error, caller.lang))?;
    Ok(authority.card(office.registers.authorities.get(&slug)).cloned().map(|card| (slug, card)))
}

/// An authority by its names.
#[derive(SimpleObject, Clone, Debug)]
pub struct AuthorityName {
    /// Its short name.
    pub slug: String,
    /// Its name in the language of the request.
    pub name: String,
}

/// An authority of the register.
#[derive(SimpleObject, Clone, Debug)]
pub struct Authority {
    /// Its short name.
    pub slug: String,
    /// Its name in the language of the request.
    pub name: String,
    /// What kind of body it is. One of a municipal kind is named together with its municipality.
    pub kind: AuthorityKind,
    /// Whether it decides anything.
    pub decides: bool,
    /// Its number; empty when none is known.
    pub phone: String,
    /// How to write to it; empty when not known.
    pub email: String,
    /// Where it is; empty when not known.
    pub address: String,
    /// The revision of what the administrators said; absent where the content files' word holds.
    pub revision: Option<i64>,
}

/// Questions about authorities.
#[derive(Default)]
pub struct AuthorityQuery;

#[Object]
impl AuthorityQuery {
    /// The register of authorities, by short name.
    async fn authorities(&self, ctx: &Context<'_>) -> Result<Vec<Authority>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        let Register(entries) = Register::of(office, caller.tenant).await?;
        let shown = entries.into_iter().map(|(slug, Entry { card, revision })| Authority {
            slug: slug.to_string(),
            name: card.name(caller.lang).to_owned(),
            kind: card.kind.into(),
            decides: card.decides,
            phone: card.phone,
            email: card.email,
            address: card.address,
            revision: revision.and_then(|revision| i64::try_from(revision).ok()),
        });
        Ok(shown.collect())
    }
}

/// The register was changed.
#[derive(SimpleObject, Clone, Debug)]
pub struct AuthorityChanged {
    /// The authority's short name.
    pub slug: String,
    /// The revision of the newest event about it.
    pub revision: Option<i64>,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! { AuthorityChanged:
    /// What came of publishing.
    AuthorityPublishPayload,
    /// What came of withdrawing.
    AuthorityWithdrawPayload,
}

/// Put an authority into the register, or change what is said of it.
#[derive(InputObject)]
pub struct AuthorityPublishInput {
    /// Its short name: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Its name in Danish.
    pub name_da: String,
    /// Its name in English.
    pub name_en: String,
    /// What kind of body it is.
    pub kind: AuthorityKind,
    /// Whether it decides anything.
    pub decides: bool,
    /// Its number.
    #[graphql(default)]
    pub phone: String,
    /// How to write to it.
    #[graphql(default)]
    pub email: String,
    /// Where it is.
    #[graphql(default)]
    pub address: String,
    /// The sender's own name for this act.
    pub idempotency_key: String,
    /// The revision on screen, where administrators have said something before.
    pub expected_version: Option<i64>,
}

/// Take an authority out of the register.
#[derive(InputObject)]
pub struct AuthorityWithdrawInput {
    /// Its short name.
    pub slug: String,
    /// The sender's own name for this act.
    pub idempotency_key: String,
    /// The revision on screen, where administrators have said something before.
    pub expected_version: Option<i64>,
}

/// Acts on the register.
#[derive(Default)]
pub struct AuthorityMutation;

#[Object]
impl AuthorityMutation {
    /// Put an authority into the register, or change what is said of it.
    async fn authority_publish(
        &self,
        ctx: &Context<'_>,
        input: AuthorityPublishInput,
    ) -> Result<AuthorityPublishPayload> {
        let card = Card {
            name_da: input.name_da,
            name_en: input.name_en,
            kind: input.kind.into(),
            decides: input.decides,
            phone: input.phone,
            email: input.email,
            address: input.address,
        };
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let command = |_| AuthorityCommand::Publish(Box::new(card));
        perform(ctx, &input.slug, command, sent).await.map(Into::into)
    }

    /// Take an authority out of the register, also one that the content files bring.
    async fn authority_withdraw(
        &self,
        ctx: &Context<'_>,
        input: AuthorityWithdrawInput,
    ) -> Result<AuthorityWithdrawPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let command = |shipped| AuthorityCommand::Withdraw { shipped };
        perform(ctx, &input.slug, command, sent).await.map(Into::into)
    }
}

async fn perform(
    ctx: &Context<'_>,
    slug: &str,
    command: impl FnOnce(bool) -> AuthorityCommand,
    sent: Sent,
) -> Result<Answer<AuthorityChanged>> {
    let caller = Caller::with(ctx, KEEPERS).await?;
    let office = ctx.data::<Office>()?;
    let Some(slug) = AuthoritySlug::try_new(slug.trim()) else {
        return Ok(Answer::Refused(Refused::new(&AuthorityRefusal::NotASlug, caller.lang)));
    };
    let act = sent.act(office, caller)?;
    let command = command(office.registers.authorities.contains_key(&slug));
    let stream = AuthorityAggregate::stream(caller.tenant, &slug);
    let outcome = office.desk.execute::<AuthorityAggregate>(&stream, command, &act).await;
    answer(ctx, outcome, None, async |receipt: Receipt| {
        let caught_up = office.views.wait_for(receipt.position, office.patience).await;
        let revision = receipt.revision.and_then(|revision| i64::try_from(revision).ok());
        if revision.is_none() {
            return Err(coded("nothing was said of this authority yet", "NOT_FOUND"));
        }
        Ok(AuthorityChanged {
            slug: slug.to_string(),
            revision,
            position: Position(receipt.position),
            caught_up,
        })
    })
    .await
}
