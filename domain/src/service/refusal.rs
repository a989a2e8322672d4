//! Why a wish about a self-service solution is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceRefusal {
    /// Nothing was submitted under this id.
    #[error("there is no such solution")]
    NotFound,
    /// A field that is needed is empty.
    #[error("{path} must be filled in")]
    NoText {
        /// Which.
        path: &'static str,
    },
    /// A text is longer than the portal has room for.
    #[error("{path} is too long: at most {limit} characters")]
    TooLong {
        /// Which.
        path: &'static str,
        /// How many characters there may be.
        limit: usize,
    },
    /// Not an absolute address on the web.
    #[error("write the whole address, from https:// on, without a user name or password")]
    NotAnAddress {
        /// Which field.
        path: &'static str,
    },
    /// The supplier's address looks wrong.
    #[error("the e-mail address does not look right: write it as name@example.dk")]
    NotAnEmail,
    /// A return or withdrawal says why.
    #[error("write why")]
    NoReason,
    /// The portal has not answered yet.
    #[error("it waits for the portal's answer: note that it was accepted or returned first")]
    AwaitsAnswer,
    /// The portal has it.
    #[error("the portal has it already: submit it as an existing solution")]
    NotNew,
    /// Nothing waits for an answer.
    #[error("it does not wait for the portal's answer")]
    NotSubmitted,
    /// The action page comes after the solution.
    #[error("the portal has not accepted it yet")]
    NotAccepted,
    /// There is no text.
    #[error("no action page has been written yet")]
    NoDraft,
    /// Somebody wrote a newer text.
    #[error("that is not the newest text of the action page: read it again")]
    NotTheNewestDraft,
    /// It is on no list.
    #[error("there is no such requirement: pick one from the list")]
    UnknownRequirement,
    /// The address belongs to something else.
    #[error("that is not an address of this solution")]
    NotItsAddress,
    /// It is not offered any more.
    #[error("it has been withdrawn: submit it anew")]
    Withdrawn,
}

impl Refusal for ServiceRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "SERVICE_NOT_FOUND",
            Self::NoText { .. } => "FIELD_EMPTY",
            Self::TooLong { .. } => "FIELD_TOO_LONG",
            Self::NotAnAddress { .. } => "NOT_AN_ADDRESS",
            Self::NotAnEmail => "NOT_AN_EMAIL",
            Self::NoReason => "REASON_MISSING",
            Self::AwaitsAnswer => "AWAITS_ANSWER",
            Self::NotNew => "NOT_NEW",
            Self::NotSubmitted => "NOT_SUBMITTED",
            Self::NotAccepted => "NOT_ACCEPTED",
            Self::NoDraft => "NO_DRAFT",
            Self::NotTheNewestDraft => "DRAFT_CHANGED",
            Self::UnknownRequirement => "UNKNOWN_REQUIREMENT",
            Self::NotItsAddress => "NOT_ITS_ADDRESS",
            Self::Withdrawn => "SERVICE_WITHDRAWN",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Løsningen findes ikke.".to_owned(),
            Self::NoText { .. } => "Feltet skal udfyldes.".to_owned(),
            Self::TooLong { limit, .. } => format!("Teksten er for lang. Den må højst være på {limit} tegn."),
            Self::NotAnAddress { .. } => {
                "Skriv hele adressen, fra https:// og frem, uden brugernavn og adgangskode.".to_owned()
            }
            Self::NotAnEmail => "E-mailadressen ser forkert ud. Skriv den som navn@eksempel.dk.".to_owned(),
            Self::NoReason => "Skriv hvorfor.".to_owned(),
            Self::AwaitsAnswer => {
                "Løsningen venter på portalens svar. Notér først, om den blev godkendt eller sendt tilbage."
                    .to_owned()
            }
            Self::NotNew => "Portalen har løsningen i forvejen. Indmeld den som eksisterende.".to_owned(),
            Self::NotSubmitted => "Løsningen venter ikke på portalens svar.".to_owned(),
            Self::NotAccepted => "Portalen har ikke godkendt løsningen endnu.".to_owned(),
            Self::NoDraft => "Der er ikke skrevet en handlingsside endnu.".to_owned(),
            Self::NotTheNewestDraft => {
                "Det er ikke den nyeste tekst til handlingssiden. Læs den igen.".to_owned()
            }
            Self::UnknownRequirement => "Kravet findes ikke. Vælg et fra listen.".to_owned(),
            Self::NotItsAddress => "Adressen hører ikke til løsningen.".to_owned(),
            Self::Withdrawn => "Løsningen er trukket tilbage. Indmeld den på ny.".to_owned(),
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NoText { path } | Self::TooLong { path, .. } | Self::NotAnAddress { path } => path,
            Self::NotAnEmail => "supplierEmail",
            Self::NoReason => "reason",
            Self::NotNew => "kind",
            Self::NoDraft | Self::NotTheNewestDraft => "version",
            Self::UnknownRequirement => "requirement",
            Self::NotItsAddress => "address",
            Self::NotFound
            | Self::AwaitsAnswer
            | Self::NotSubmitted
            | Self::NotAccepted
            | Self::Withdrawn => "",
        }
    }
}
