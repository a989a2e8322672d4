//! How far a webhook was told: what a node goes on from when the one that told before it is gone.
//!
//! It stands in a stream beside the webhook's own, of which only the last event counts. In the webhook's own it would
//! change the revision that people hand in with their wishes, each time that something was told.
//!
//! A place is named by stream and revision: positions are the engine's own numbers, and others after a log was copied.

use serde::{Deserialize, Serialize};

use crate::codec;
use crate::id::{StreamId, Tenant, WebhookId};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};

/// What has happened in the telling of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum TellingEvent {
    WebhookTold(WebhookTold),
}

/// The receiver has taken in everything up to this event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookTold {
    /// The event's stream.
    pub stream: StreamId,
    /// Its number there.
    pub revision: u64,
}

/// The stream that tells how far a webhook was told.
pub fn telling(tenant: Tenant, id: WebhookId) -> StreamId {
    StreamId::new("telling", tenant, id)
}

impl Sealable for TellingEvent {
    fn seals(&mut self, _: &mut SealVisitor<'_>) -> Result<(), SealError> {
        Ok(())
    }
}

impl Evolving for TellingEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for TellingEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
