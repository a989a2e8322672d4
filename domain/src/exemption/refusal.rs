//! Why a wish about an exemption is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExemptionRefusal {
    /// Nothing was asked for under this id.
    #[error("there is no such exemption")]
    NotFound,
    /// Nobody is named.
    #[error("write the name of the person, and of whoever asks for them")]
    NoName {
        /// Whose.
        path: &'static str,
    },
    /// An exemption is from one authority's self-service.
    #[error("the register has no such authority: pick one from the list")]
    UnknownAuthority,
    /// It is from one area, or from all of that authority.
    #[error("there is no such self-service area: pick one from the list, or none for all of the authority")]
    UnknownArea,
    /// What is on no list is written as text.
    #[error("that ground is not on the list: pick one from it, or write it as text")]
    UnknownGround,
    /// Nothing comes in tomorrow.
    #[error("it cannot have been asked for later than today")]
    InTheFuture,
    /// A refusal needs grounds.
    #[error("write why the exemption is not given: the person has a right to know")]
    NoReason,
    /// The last day comes before the first.
    #[error("the last day comes before the first")]
    EndsBeforeItBegins,
    /// The last day is over.
    #[error("the last day is over already: choose today or later, or none")]
    IsOverAlready,
    /// It was given, refused, expired or withdrawn.
    #[error("the request has been decided already: a new one can be made")]
    AlreadyDecided,
    /// Its last day is not over, or it has none.
    #[error("the exemption has not come to its end")]
    NotOver,
    /// It does not hold.
    #[error("the exemption is not in force")]
    NotInForce,
}

impl Refusal for ExemptionRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "EXEMPTION_NOT_FOUND",
            Self::NoName { .. } => "FIELD_EMPTY",
            Self::UnknownAuthority => "UNKNOWN_AUTHORITY",
            Self::UnknownArea => "UNKNOWN_AREA",
            Self::UnknownGround => "UNKNOWN_GROUND",
            Self::InTheFuture => "RECEIVED_IN_THE_FUTURE",
            Self::NoReason => "REASON_MISSING",
            Self::EndsBeforeItBegins => "ENDS_BEFORE_IT_BEGINS",
            Self::IsOverAlready => "LAST_DAY_IS_OVER",
            Self::AlreadyDecided => "ALREADY_DECIDED",
            Self::NotOver => "NOT_OVER",
            Self::NotInForce => "NOT_IN_FORCE",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Fritagelsen findes ikke.",
            Self::NoName { .. } => "Skriv personens navn, og navnet på den, der søger for personen.",
            Self::UnknownAuthority => "Myndigheden står ikke i registret. Vælg en fra listen.",
            Self::UnknownArea => {
                "Selvbetjeningsområdet findes ikke. Vælg et fra listen, eller intet for hele myndigheden."
            }
            Self::UnknownGround => {
                "Grunden står ikke på listen. Vælg en fra listen, eller skriv den som tekst."
            }
            Self::InTheFuture => "Anmodningen kan ikke være kommet senere end i dag.",
            Self::NoReason => "Skriv, hvorfor der ikke gives fritagelse. Det har personen ret til at vide.",
            Self::EndsBeforeItBegins => "Den sidste dag ligger før den første.",
            Self::IsOverAlready => "Den sidste dag er allerede gået. Vælg i dag, en senere dag eller ingen.",
            Self::AlreadyDecided => "Der er allerede taget stilling til anmodningen. Der kan søges igen.",
            Self::NotOver => "Fritagelsen er ikke udløbet.",
            Self::NotInForce => "Fritagelsen gælder ikke.",
        }
        .to_owned()
    }

    fn statute(&self) -> Option<String> {
        (*self == Self::NoReason).then(|| "FVL § 22".to_owned())
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NoName { path } => path,
            Self::UnknownAuthority => "authority",
            Self::UnknownArea => "area",
            Self::UnknownGround => "grounds",
            Self::InTheFuture => "received",
            Self::NoReason => "reason",
            Self::EndsBeforeItBegins | Self::IsOverAlready => "until",
            Self::NotFound | Self::AlreadyDecided | Self::NotOver | Self::NotInForce => "",
        }
    }
}
