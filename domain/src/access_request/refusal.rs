//! Why a wish about a request for access is not granted.

use crate::case::CaseRefusal;
use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessRequestRefusal {
    /// The case, or who acts on it, stands in the way; or a field is empty or too long.
    #[error(transparent)]
    Case(#[from] CaseRefusal),
    /// Nothing was asked for under this id.
    #[error("there is no such request for access")]
    NotFound,
    /// The id is taken.
    #[error("the request for access has been received already")]
    AlreadyRequested,
    /// The rule set says nothing of this basis.
    #[error("the rule set has no rule for access on this basis: an administrator must publish one")]
    NoRule,
    /// The request is not about this paper.
    #[error("the request is not about this paper")]
    NotAskedFor,
    /// The case has no such paper.
    #[error("the case has no paper {reference}")]
    UnknownPaper {
        /// Its reference, as it was sent.
        reference: String,
    },
    /// The day in a notice of delay is not ahead.
    #[error("the day on which an answer can be expected must be after today")]
    ExpectedNotAhead,
    /// A paper is undecided.
    #[error("decide first what is given of {reference}")]
    Undecided {
        /// Which paper.
        reference: String,
        /// On which basis it was asked for.
        statute: String,
    },
    /// A withholding names no statute.
    #[error("{reference} is withheld without a statute: name it first")]
    NoStatute {
        /// Which paper.
        reference: String,
        /// On which basis it was asked for.
        statute: String,
    },
    /// There is nothing to release.
    #[error("the request is about no paper: close it with a reason instead")]
    NoDocuments,
    /// The package is released.
    #[error("the package has been released: it can no longer be changed")]
    AlreadyReleased,
    /// It is withdrawn or closed.
    #[error("the request for access is closed")]
    Over,
}

impl Refusal for AccessRequestRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Case(refusal) => refusal.code(),
            Self::NotFound => "ACCESS_REQUEST_NOT_FOUND",
            Self::AlreadyRequested => "ALREADY_REQUESTED",
            Self::NoRule => "NO_ACCESS_RULE",
            Self::NotAskedFor => "NOT_ASKED_FOR",
            Self::UnknownPaper { .. } => "UNKNOWN_PAPER",
            Self::ExpectedNotAhead => "EXPECTED_NOT_AHEAD",
            Self::Undecided { .. } => "DOCUMENT_UNDECIDED",
            Self::NoStatute { .. } => "WITHHOLDING_WITHOUT_STATUTE",
            Self::NoDocuments => "NO_DOCUMENTS",
            Self::AlreadyReleased => "ALREADY_RELEASED",
            Self::Over => "ACCESS_REQUEST_CLOSED",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return match self {
                Self::Case(refusal) => refusal.message(lang),
                _ => self.to_string(),
            };
        }
        match self {
            Self::Case(refusal) => return refusal.message(lang),
            Self::NotFound => "Anmodningen om aktindsigt findes ikke.",
            Self::AlreadyRequested => "Anmodningen om aktindsigt er allerede modtaget.",
            Self::NoRule => {
                "Regelsættet har ingen regel for aktindsigt på dette grundlag. En administrator skal udgive en."
            }
            Self::NotAskedFor => "Anmodningen drejer sig ikke om denne akt.",
            Self::UnknownPaper { .. } => "Sagen har ikke denne akt. Vælg fra listen.",
            Self::ExpectedNotAhead => "Den dag, svaret kan ventes, skal ligge efter i dag.",
            Self::Undecided { reference, .. } => {
                return format!("Beslut først, hvad der gives af {reference}.");
            }
            Self::NoStatute { reference, .. } => {
                return format!("{reference} er undtaget uden hjemmel. Skriv hjemlen først.");
            }
            Self::NoDocuments => "Anmodningen drejer sig ikke om nogen akt. Afslut den med en begrundelse.",
            Self::AlreadyReleased => "Pakken er udleveret og kan ikke ændres.",
            Self::Over => "Anmodningen om aktindsigt er afsluttet.",
        }
        .to_owned()
    }

    fn statute(&self) -> Option<String> {
        match self {
            Self::Case(refusal) => refusal.statute(),
            Self::Undecided { statute, .. } | Self::NoStatute { statute, .. } => {
                Some(statute.clone()).filter(|statute| !statute.is_empty())
            }
            _ => None,
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::Case(refusal) => refusal.path(),
            Self::NoRule => "basis",
            Self::NotAskedFor => "reference",
            Self::UnknownPaper { .. } | Self::NoDocuments => "documents",
            Self::ExpectedNotAhead => "expected",
            Self::Undecided { .. } => "disclosure",
            Self::NoStatute { .. } => "statute",
            _ => "",
        }
    }
}
