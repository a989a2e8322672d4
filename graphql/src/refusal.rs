//! Why an act was not carried out, as the API shows it. Always a value, never a top-level error.

use async_graphql::{Interface, SimpleObject};
use skranke_domain::{Lang, Refusal as DomainRefusal};

/// Why something was not done.
#[derive(Interface, Clone)]
#[expect(clippy::duplicated_attributes, reason = "each field names its own type")]
#[graphql(
    field(name = "code", ty = "&String", desc = "A stable code in capitals."),
    field(name = "message", ty = "&String", desc = "The sentence for the person at the screen."),
    field(name = "statute", ty = "&Option<String>", desc = "The legal basis, where there is one."),
    field(name = "path", ty = "&String", desc = "The input field at fault; empty for the act as a whole.")
)]
pub enum Refusal {
    Refused(Refused),
    Conflict(Conflict),
}

/// A rule said no.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// A stable code in capitals.
    pub code: String,
    /// The sentence for the person at the screen.
    pub message: String,
    /// The legal basis, where there is one.
    pub statute: Option<String>,
    /// The input field at fault; empty for the act as a whole.
    pub path: String,
}

/// Somebody else was faster: read the case again, your input is kept.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// `CONFLICT`.
    pub code: String,
    /// The sentence for the person at the screen.
    pub message: String,
    /// Always absent.
    pub statute: Option<String>,
    /// `expectedVersion`.
    pub path: String,
    /// The revision there is now.
    pub current_revision: Option<i64>,
}

impl Refused {
    /// A refusal in the caller's language.
    pub fn new(refusal: &impl DomainRefusal, lang: Lang) -> Self {
        Self {
            code: refusal.code().to_owned(),
            message: refusal.message(lang),
            statute: refusal.statute(),
            path: refusal.path().to_owned(),
        }
    }
}

impl Conflict {
    /// The conflict with a stream that now ends at `actual`.
    pub fn new(actual: Option<u64>, lang: Lang) -> Self {
        let message = lang.pick(
            "En anden har ændret sagen, siden du åbnede den. Læs den igen; det, du har skrevet, er bevaret.",
            "Somebody else changed the case after you opened it. Read it again; what you wrote is kept.",
        );
        Self {
            code: "CONFLICT".to_owned(),
            message: message.to_owned(),
            statute: None,
            path: "expectedVersion".to_owned(),
            current_revision: actual.and_then(|revision| i64::try_from(revision).ok()),
        }
    }
}
