//! Why a wish about an engagement is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngagementRefusal {
    /// None was opened under this id.
    #[error("there is no such engagement")]
    NotFound,
    /// The id is taken.
    #[error("the engagement has been opened already")]
    AlreadyOpened,
    /// The role is missing.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// The person does not audit.
    #[error("an engagement is for somebody who holds the role of auditor")]
    NotAnAuditor,
    /// A team of the scope is unknown.
    #[error("there is no such team")]
    NoSuchTeam,
    /// Nobody opens what they read themselves.
    #[error("another person must open an engagement of your own")]
    AboutYourself,
    /// The days are the wrong way round, or over.
    #[error("an engagement must end on its first day or later, and not before today")]
    Dates,
}

impl Refusal for EngagementRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ENGAGEMENT_NOT_FOUND",
            Self::AlreadyOpened => "ENGAGEMENT_ALREADY_OPENED",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::NotAnAuditor => "NOT_AN_AUDITOR",
            Self::NoSuchTeam => "TEAM_NOT_FOUND",
            Self::AboutYourself => "ABOUT_YOURSELF",
            Self::Dates => "ENGAGEMENT_DATES",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Revisionsopgaven findes ikke.",
            Self::AlreadyOpened => "Revisionsopgaven er allerede oprettet.",
            Self::NotAllowed => "Dine roller giver ikke adgang til dette.",
            Self::NotAnAuditor => "En revisionsopgave er for en, der har rollen revisor.",
            Self::NoSuchTeam => "Holdet findes ikke.",
            Self::AboutYourself => "En anden skal oprette en revisionsopgave for dig.",
            Self::Dates => "Opgaven skal slutte på sin første dag eller senere, og ikke før i dag.",
        }
        .to_owned()
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NotAnAuditor | Self::AboutYourself => "auditorId",
            Self::NoSuchTeam => "teamIds",
            Self::Dates => "until",
            Self::NotFound | Self::AlreadyOpened | Self::NotAllowed => "",
        }
    }
}
