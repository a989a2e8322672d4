//! What has happened to a webhook. The names and fields written here are in the log for good.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{SubjectId, UserId};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Sealed, codec};

/// An event of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum WebhookEvent {
    WebhookOpened(WebhookOpened),
    WebhookDied(WebhookDied),
    WebhookResumed(WebhookResumed),
    WebhookClosed(WebhookClosed),
}

/// Opened: what happens from now on is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookOpened {
    /// Whose keys seal the fields; nobody's but its own.
    pub subject: SubjectId,
    /// Whose it is.
    pub owner: UserId,
    /// Where the events go. Sealed, for an address may hold a secret.
    pub address: Sealed<String>,
    /// Which types of events; none are all.
    pub event_types: Vec<String>,
    /// What the events are signed with.
    pub secret: Sealed<String>,
}

/// Given up: nothing was taken in for too long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDied {
    /// Since when.
    pub failing_since: Timestamp,
}

/// It goes on from where it was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookResumed {}

/// Closed for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookClosed {}

impl Sealable for WebhookEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::WebhookOpened(event) => {
                visit("WebhookOpened.address", &mut event.address)?;
                visit("WebhookOpened.secret", &mut event.secret)
            }
            Self::WebhookDied(_) | Self::WebhookResumed(_) | Self::WebhookClosed(_) => Ok(()),
        }
    }
}

impl Evolving for WebhookEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for WebhookEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
