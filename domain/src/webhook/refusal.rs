//! Why a wish about a webhook is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// None was opened under this id.
    #[error("there is no such webhook")]
    NotFound,
    /// The id is taken.
    #[error("the webhook has been opened already")]
    AlreadyOpened,
    /// It is closed for good.
    #[error("the webhook is closed: open a new one")]
    Closed,
    /// Neither the owner nor an administrator.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// Not names of event types, or too many.
    #[error("name at most 64 event types, as the history of a case does, for example CaseOpened")]
    EventTypes,
    /// Not an address that is called.
    #[error("the address must begin with https://, without user name, and lead out of this network")]
    Address,
}

impl Refusal for WebhookRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "WEBHOOK_NOT_FOUND",
            Self::AlreadyOpened => "WEBHOOK_ALREADY_OPENED",
            Self::Closed => "WEBHOOK_CLOSED",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::EventTypes => "WEBHOOK_EVENT_TYPES",
            Self::Address => "WEBHOOK_ADDRESS",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Webhooken findes ikke.",
            Self::AlreadyOpened => "Webhooken er allerede oprettet.",
            Self::Closed => "Webhooken er lukket. Opret en ny.",
            Self::NotAllowed => "Dine roller giver ikke adgang til dette.",
            Self::EventTypes => "Nævn højst 64 hændelsestyper, som de står i sagens historik, fx CaseOpened.",
            Self::Address => {
                "Adressen skal begynde med https://, være uden brugernavn og føre ud af dette netværk."
            }
        }
        .to_owned()
    }

    fn path(&self) -> &'static str {
        match self {
            Self::EventTypes => "eventTypes",
            Self::Address => "url",
            _ => "",
        }
    }
}
