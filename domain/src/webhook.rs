//! A webhook: a system outside is told that something happened. What it is told holds no personal data; it asks for the
//! rest through the API, where it is seen asking.

mod event;
mod refusal;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use event::{WebhookClosed, WebhookDied, WebhookEvent, WebhookOpened, WebhookResumed};
pub use refusal::WebhookRefusal;

use crate::Sealed;
use crate::act::{By, Role};
use crate::id::{StreamId, SubjectId, Tenant, UserId, WebhookId};

/// The most event types that one webhook names.
pub const MOST_TYPES: usize = 64;

/// A webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Webhook {
    /// None was opened under this id.
    #[default]
    Unopened,
    /// Opened by a member of staff or a service account.
    Open {
        /// Whose it is.
        owner: UserId,
        /// Since when nothing was taken in any more, once that was given up.
        dead: Option<Timestamp>,
    },
    /// Closed for good.
    Closed,
}

/// A wish about a webhook.
#[derive(Clone, Debug)]
pub struct WebhookCommand {
    /// What is wished.
    pub act: WebhookAct,
    /// By whom, in which roles, and when.
    pub under: By,
}

/// What can be done with a webhook.
#[derive(Clone)]
pub enum WebhookAct {
    /// Open it.
    Open {
        /// Whose keys seal its address and its secret.
        subject: SubjectId,
        /// Where the events go. Whoever asks has looked whether it is an address that may be called.
        address: String,
        /// Which types of events; none are all.
        event_types: Vec<String>,
        /// What the events are signed with.
        secret: String,
        /// Whether a service account with the scope asks.
        by_service: bool,
    },
    /// Give up: nothing was taken in for too long.
    Die {
        /// Since when.
        failing_since: Timestamp,
    },
    /// Go on from where it was given up.
    Resume,
    /// Close it for good.
    Close,
}

impl std::fmt::Debug for WebhookAct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The name only: an address may hold a secret.
        f.write_str(self.name())
    }
}

impl WebhookAct {
    /// What it is called in tables and messages.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open { .. } => "Open",
            Self::Die { .. } => "Die",
            Self::Resume => "Resume",
            Self::Close => "Close",
        }
    }
}

impl Webhook {
    /// The stream of a webhook.
    pub fn stream(tenant: Tenant, id: WebhookId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// Whether events are delivered.
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Open { dead: None, .. })
    }

    /// Tells what follows from `command`, or why nothing does.
    ///
    /// No events means that the wish is already true: programs resend.
    pub fn decide(&self, command: WebhookCommand) -> Result<Vec<WebhookEvent>, WebhookRefusal> {
        let WebhookCommand { act, under } = command;
        match (self, act) {
            (Self::Unopened, WebhookAct::Open { subject, address, event_types, secret, by_service }) => {
                let owner = under.actor.staff().ok_or(WebhookRefusal::NotAllowed)?;
                if !by_service && !under.staff_with(Role::Administrator) {
                    return Err(WebhookRefusal::NotAllowed);
                }
                if event_types.len() > MOST_TYPES || !event_types.iter().all(|name| is_type(name)) {
                    return Err(WebhookRefusal::EventTypes);
                }
                Ok(vec![WebhookEvent::WebhookOpened(WebhookOpened {
                    subject,
                    owner,
                    address: Sealed::new(subject, address),
                    event_types,
                    secret: Sealed::new(subject, secret),
                })])
            }
            (Self::Unopened, WebhookAct::Die { .. } | WebhookAct::Resume | WebhookAct::Close) => {
                Err(WebhookRefusal::NotFound)
            }
            (_, WebhookAct::Open { .. }) => Err(WebhookRefusal::AlreadyOpened),
            (Self::Open { dead, .. }, WebhookAct::Die { failing_since }) => {
                if !under.is_system() {
                    return Err(WebhookRefusal::NotAllowed);
                }
                let died = WebhookEvent::WebhookDied(WebhookDied { failing_since });
                Ok(Vec::from_iter(dead.is_none().then_some(died)))
            }
            (Self::Open { owner, dead }, WebhookAct::Resume) => {
                owned(*owner, &under)?;
                let resumed = WebhookEvent::WebhookResumed(WebhookResumed {});
                Ok(Vec::from_iter(dead.is_some().then_some(resumed)))
            }
            (Self::Open { owner, .. }, WebhookAct::Close) => {
                owned(*owner, &under)?;
                Ok(vec![WebhookEvent::WebhookClosed(WebhookClosed {})])
            }
            (Self::Closed, WebhookAct::Die { .. } | WebhookAct::Close) => Ok(Vec::new()),
            (Self::Closed, WebhookAct::Resume) => Err(WebhookRefusal::Closed),
        }
    }
}

/// The owner, or an administrator.
fn owned(owner: UserId, under: &By) -> Result<(), WebhookRefusal> {
    let may = under.is(owner) || under.staff_with(Role::Administrator);
    if may { Ok(()) } else { Err(WebhookRefusal::NotAllowed) }
}

/// Whether it could be the name of an event type.
fn is_type(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric())
}

impl Aggregate for Webhook {
    const TYPE: &'static str = "webhook";
    type Command = WebhookCommand;
    type Event = WebhookEvent;
    type Error = WebhookRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: WebhookCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), WebhookRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: WebhookEvent) {
        *self = match (*self, event) {
            (_, WebhookEvent::WebhookOpened(opened)) => Self::Open { owner: opened.owner, dead: None },
            (_, WebhookEvent::WebhookClosed(_)) => Self::Closed,
            (Self::Open { owner, .. }, WebhookEvent::WebhookDied(died)) => {
                Self::Open { owner, dead: Some(died.failing_since) }
            }
            (Self::Open { owner, .. }, WebhookEvent::WebhookResumed(_)) => Self::Open { owner, dead: None },
            (state, WebhookEvent::WebhookDied(_) | WebhookEvent::WebhookResumed(_)) => state,
        };
    }
}
