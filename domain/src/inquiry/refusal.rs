//! Why a wish about an inquiry is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InquiryRefusal {
    /// Nothing came in under this id.
    #[error("there is no such inquiry")]
    NotFound,
    /// A field that is needed is empty.
    #[error("{path} must be filled in")]
    NoText {
        /// Which.
        path: &'static str,
    },
    /// The message is longer than [`super::MESSAGE_LIMIT`].
    #[error("the message is too long: at most {} characters", super::MESSAGE_LIMIT)]
    TooLong,
    /// Fewer than eight digits.
    #[error("the phone number must have at least eight digits")]
    NotAPhoneNumber,
    /// No `@`, or nothing on one side of it.
    #[error("the e-mail address does not look right: write it as name@example.dk")]
    NotAnEmail,
    /// A written inquiry needs a way to answer it.
    #[error("leave a phone number or an e-mail address, so that somebody can answer")]
    NoWayBack,
    /// It is a case already.
    #[error("the inquiry has become a case already")]
    AlreadyACase,
    /// It is done.
    #[error("the inquiry is closed")]
    Closed,
}

impl Refusal for InquiryRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "INQUIRY_NOT_FOUND",
            Self::NoText { .. } => "FIELD_EMPTY",
            Self::TooLong => "MESSAGE_TOO_LONG",
            Self::NotAPhoneNumber => "NOT_A_PHONE_NUMBER",
            Self::NotAnEmail => "NOT_AN_EMAIL",
            Self::NoWayBack => "NO_WAY_BACK",
            Self::AlreadyACase => "ALREADY_A_CASE",
            Self::Closed => "INQUIRY_CLOSED",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Henvendelsen findes ikke.".to_owned(),
            Self::NoText { path: "name" } => "Skriv dit navn.".to_owned(),
            Self::NoText { path: "phone" } => "Skriv det telefonnummer, vi skal ringe til.".to_owned(),
            Self::NoText { path: "message" } => "Skriv, hvad henvendelsen drejer sig om.".to_owned(),
            Self::NoText { .. } => "Feltet skal udfyldes.".to_owned(),
            Self::TooLong => {
                format!("Beskeden er for lang. Den må højst være på {} tegn.", super::MESSAGE_LIMIT)
            }
            Self::NotAPhoneNumber => "Telefonnummeret skal have mindst otte cifre.".to_owned(),
            Self::NotAnEmail => "E-mailadressen ser forkert ud. Skriv den som navn@eksempel.dk.".to_owned(),
            Self::NoWayBack => {
                "Skriv et telefonnummer eller en e-mailadresse, så vi kan svare dig.".to_owned()
            }
            Self::AlreadyACase => "Henvendelsen er allerede blevet til en sag.".to_owned(),
            Self::Closed => "Henvendelsen er afsluttet.".to_owned(),
        }
    }

    fn statute(&self) -> Option<String> {
        None
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NoText { path } => path,
            Self::TooLong => "message",
            Self::NotAPhoneNumber | Self::NoWayBack => "phone",
            Self::NotAnEmail => "email",
            Self::NotFound | Self::AlreadyACase | Self::Closed => "",
        }
    }
}
