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
    /// Nothing comes in tomorrow.
    #[error("it cannot have come in later than now")]
    InTheFuture,
    /// Fewer than eight digits.
    #[error("the phone number must have at least eight digits")]
    NotAPhoneNumber,
    /// No `@`, or nothing on one side of it.
    #[error("the e-mail address does not look right: write it as name@example.dk")]
    NotAnEmail,
    /// A written inquiry needs a way to answer it.
    #[error("leave a phone number or an e-mail address, so that somebody can answer")]
    NoWayBack,
    /// No authority of that name stands in the register, or it has none in that municipality.
    #[error(
        "the register has no such authority: pick one from the list, with its municipality if it is municipal"
    )]
    UnknownAddressee,
    /// It would come back to where it is.
    #[error("that is our own authority: hand it to a colleague instead of forwarding it")]
    Oneself,
    /// The sender was neither told nor is there a reason not to.
    #[error("write how the sender was told where it went, or why they were not")]
    SenderNotInformed,
    /// What was asked by word of mouth is answered with guidance.
    #[error("only what came in writing is forwarded; who asks by word of mouth gets guidance")]
    NotWritten,
    /// It went to an authority already.
    #[error("the inquiry has been forwarded already")]
    Forwarded,
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
            Self::InTheFuture => "RECEIVED_IN_THE_FUTURE",
            Self::NotAPhoneNumber => "NOT_A_PHONE_NUMBER",
            Self::NotAnEmail => "NOT_AN_EMAIL",
            Self::NoWayBack => "NO_WAY_BACK",
            Self::UnknownAddressee => "UNKNOWN_ADDRESSEE",
            Self::Oneself => "ADDRESSEE_IS_ONESELF",
            Self::SenderNotInformed => "SENDER_NOT_INFORMED",
            Self::NotWritten => "NOT_WRITTEN",
            Self::Forwarded => "ALREADY_FORWARDED",
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
            Self::InTheFuture => "Henvendelsen kan ikke være kommet senere end nu.".to_owned(),
            Self::NotAPhoneNumber => "Telefonnummeret skal have mindst otte cifre.".to_owned(),
            Self::NotAnEmail => "E-mailadressen ser forkert ud. Skriv den som navn@eksempel.dk.".to_owned(),
            Self::NoWayBack => {
                "Skriv et telefonnummer eller en e-mailadresse, så vi kan svare dig.".to_owned()
            }
            Self::UnknownAddressee => {
                "Myndigheden står ikke i registret. Vælg en fra listen, og kommunen, hvis den er kommunal."
                    .to_owned()
            }
            Self::Oneself => "Det er vores egen myndighed. Giv den til en kollega i stedet.".to_owned(),
            Self::SenderNotInformed => {
                "Skriv, hvordan afsenderen har fået besked om videresendelsen, eller hvorfor ikke.".to_owned()
            }
            Self::NotWritten => {
                "Kun skriftlige henvendelser videresendes. Den, der spørger mundtligt, får vejledning."
                    .to_owned()
            }
            Self::Forwarded => "Henvendelsen er allerede videresendt.".to_owned(),
            Self::AlreadyACase => "Henvendelsen er allerede blevet til en sag.".to_owned(),
            Self::Closed => "Henvendelsen er afsluttet.".to_owned(),
        }
    }

    fn statute(&self) -> Option<String> {
        match self {
            Self::UnknownAddressee | Self::Oneself | Self::SenderNotInformed => {
                Some("FVL § 7, stk. 2".to_owned())
            }
            Self::NotWritten => Some("FVL § 7".to_owned()),
            Self::NotFound
            | Self::NoText { .. }
            | Self::TooLong
            | Self::InTheFuture
            | Self::NotAPhoneNumber
            | Self::NotAnEmail
            | Self::NoWayBack
            | Self::Forwarded
            | Self::AlreadyACase
            | Self::Closed => None,
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NoText { path } => path,
            Self::TooLong => "message",
            Self::InTheFuture => "received",
            Self::NotAPhoneNumber | Self::NoWayBack => "phone",
            Self::NotAnEmail => "email",
            Self::UnknownAddressee | Self::Oneself => "authority",
            Self::SenderNotInformed => "senderInformed",
            Self::NotFound | Self::NotWritten | Self::Forwarded | Self::AlreadyACase | Self::Closed => "",
        }
    }
}
