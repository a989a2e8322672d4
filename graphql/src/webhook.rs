//! Webhooks: who is told that something happened, and where the telling was given up.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use skranke_domain::webhook::{Webhook as WebhookAggregate, WebhookAct, WebhookCommand, WebhookRefusal};
use skranke_domain::{By, SubjectId, Tenant, WebhookId};
use skranke_projections::WebhookRow;
use skranke_store::Receipt;

use crate::access;
use crate::caller::{ADMINISTRATORS, Caller, fault, not_loaded};
use crate::case::{Answer, Sent, answer, derived};
use crate::connection::{PageInfo, connection, cursor, page_size};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::personal::Personal;
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::{DateTime, Position};
use crate::staff::{self, Staff};

/// A webhook: a system outside is told that something happened.
#[derive(Clone, Debug)]
pub struct Webhook {
    tenant: Tenant,
    row: WebhookRow,
}

/// A webhook: a system outside is told that something happened.
#[Object]
impl Webhook {
    /// The id.
    async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The revision of its newest event: hand it in as `expectedVersion`.
    async fn revision(&self) -> i64 {
        i64::try_from(self.row.revision).unwrap_or(i64::MAX)
    }

    /// Where the events go.
    async fn url(&self, ctx: &Context<'_>) -> Result<Personal> {
        let stream = WebhookAggregate::stream(self.tenant, self.row.id);
        ctx.data::<Office>()?.personal(&stream, &self.row.address)
    }

    /// Which types of events; none are all.
    async fn event_types(&self) -> &[String] {
        &self.row.event_types
    }

    /// Whose it is.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff::find(ctx, self.row.owner).await
    }

    /// Since when nothing was taken in any more, once that was given up: resume it when the receiver is there again.
    async fn dead_since(&self) -> Option<DateTime> {
        self.row.dead_since.map(DateTime)
    }
}

connection! {
    /// A page of webhooks.
    WebhookConnection, WebhookEdge, Webhook
}

/// Questions about webhooks.
#[derive(Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// For administrators the webhooks of the municipality, for service accounts their own; the oldest first.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn webhooks(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
    ) -> Result<WebhookConnection> {
        let mut caller = Caller::of(ctx)?;
        if caller.scopes.is_none() {
            caller = Caller::with(ctx, ADMINISTRATORS).await?;
        }
        let (tenant, views) = (caller.tenant, &ctx.data::<Office>()?.views);
        let owner = caller.scopes.is_some().then_some(caller.user);
        let page = views.webhooks_page(tenant, owner, cursor(after)?, page_size(first)?).await;
        let page = page.map_err(|error| fault(&error))?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| {
            let cursor = item.cursor.to_string();
            WebhookEdge { cursor, node: Webhook { tenant, row: item.row } }
        });
        Ok(WebhookConnection { edges: edges.collect(), page_info })
    }
}

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct WebhookChanged {
    /// The webhook.
    pub webhook_id: ID,
    /// What its events are signed with; shown once, where it was opened.
    pub secret: Option<String>,
    /// The revision of its newest event.
    pub revision: i64,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! {
    WebhookChanged:
    /// What came of opening a webhook.
    WebhookOpenPayload,
    /// What came of resuming a webhook.
    WebhookResumePayload,
    /// What came of closing a webhook.
    WebhookClosePayload,
}

/// Open a webhook.
#[derive(InputObject)]
pub struct WebhookOpenInput {
    /// Where the events go: https, and out of this network.
    pub url: String,
    /// Which types of events, as the history of a case names them; none are all of cases and inquiries.
    #[graphql(default)]
    pub event_types: Vec<String>,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
}

inputs! { webhook_id "The webhook.":
    /// Go on from where it was given up.
    WebhookResumeInput {}
    /// Close it for good.
    WebhookCloseInput {}
}

/// Acts on webhooks.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Be told of what happens from now on (opret webhook). The secret that the events are signed with is shown once.
    async fn webhook_open(&self, ctx: &Context<'_>, input: WebhookOpenInput) -> Result<WebhookOpenPayload> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
        if !(office.callable)(&input.url) {
            let refusal = WebhookRefusal::Address;
            access::refused(office, caller, ctx.field().name(), "WEBHOOK_ADDRESS", None).await;
            return Ok(Answer::Refused(Refused::new(&refusal, caller.lang)).into());
        }
        let dice = Arc::clone(&office.credentials).secret().map_err(|error| fault(&*error))?;
        let bits = URL_SAFE_NO_PAD.decode(dice).map_err(|error| fault(&error))?;
        let secret = format!("whsec_{}", STANDARD.encode(bits));
        let open = WebhookAct::Open {
            subject: SubjectId::new(office.desk.ids().next()),
            address: input.url,
            event_types: input.event_types,
            secret: secret.clone(),
            by_service: caller.scopes.is_some(),
        };
        let sent = Sent { key: input.idempotency_key, expected: None };
        perform(ctx, None, open, sent, Some(secret)).await.map(Into::into)
    }

    /// Go on from where it was given up (genoptag webhook).
    async fn webhook_resume(
        &self,
        ctx: &Context<'_>,
        input: WebhookResumeInput,
    ) -> Result<WebhookResumePayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, Some(input.webhook_id), WebhookAct::Resume, sent, None).await.map(Into::into)
    }

    /// Close it for good (luk webhook).
    async fn webhook_close(
        &self,
        ctx: &Context<'_>,
        input: WebhookCloseInput,
    ) -> Result<WebhookClosePayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, Some(input.webhook_id), WebhookAct::Close, sent, None).await.map(Into::into)
    }
}

/// Carries out an act on a webhook; without an id on a new one, whose id follows from the key.
async fn perform(
    ctx: &Context<'_>,
    id: Option<ID>,
    wish: WebhookAct,
    sent: Sent,
    secret: Option<String>,
) -> Result<Answer<WebhookChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let mut act = sent.act(office, caller)?;
    act.purpose = None;
    act.roles = reach::roles(office, &act).await.map_err(|error| not_loaded(&error, caller.lang))?;
    let id = match id.map(|id| id.parse()) {
        None => WebhookId::new(derived(&act, "webhook")),
        Some(Ok(id)) => id,
        Some(Err(_)) => return Ok(Answer::Refused(Refused::new(&WebhookRefusal::NotFound, caller.lang))),
    };
    let command = WebhookCommand { act: wish, under: By::of(&act) };
    let stream = WebhookAggregate::stream(caller.tenant, id);
    let outcome = office.desk.execute::<WebhookAggregate>(&stream, command, &act).await;
    answer(ctx, outcome, None, async |receipt: Receipt| {
        let caught_up = office.views.wait_for(receipt.position, office.patience).await;
        let revision = receipt.revision.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
        Ok(WebhookChanged {
            webhook_id: ID(id.to_string()),
            secret: secret.filter(|_| !receipt.repeated),
            revision,
            position: Position(receipt.position),
            caught_up,
        })
    })
    .await
}
