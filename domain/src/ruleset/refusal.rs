//! Why a version of the rules is not published.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetRefusal {
    /// The role is missing.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// The version has no name, or one that is none.
    #[error("a version needs a name of at most {} characters", super::LONGEST_NAME)]
    NoVersion,
    /// Another text has the name.
    #[error(
        "a version of that name is published already: a published version is never changed, so give the new one a name of its own"
    )]
    VersionTaken,
    /// It would change what was decided.
    #[error(
        "a version is in force from today or later: what was decided earlier was decided under the rules of its day"
    )]
    InThePast,
}

impl Refusal for RuleSetRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed => "NOT_ALLOWED",
            Self::NoVersion => "NO_VERSION",
            Self::VersionTaken => "VERSION_TAKEN",
            Self::InThePast => "VERSION_IN_THE_PAST",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotAllowed => "Dine roller giver ikke adgang til dette.".to_owned(),
            Self::NoVersion => format!("En version skal have et navn på højst {} tegn.", super::LONGEST_NAME),
            Self::VersionTaken => {
                "Der er allerede en version med det navn. En offentliggjort version ændres aldrig; giv den nye sit eget navn.".to_owned()
            }
            Self::InThePast => {
                "En version gælder tidligst fra i dag. Det, der er afgjort, er afgjort efter dagens regler.".to_owned()
            }
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NotAllowed => "",
            Self::NoVersion | Self::VersionTaken => "version",
            Self::InThePast => "validFrom",
        }
    }
}
