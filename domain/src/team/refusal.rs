//! Why a wish about a team is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TeamRefusal {
    /// None was formed under this id.
    #[error("there is no such team")]
    NotFound,
    /// The id is taken.
    #[error("the team has been formed already")]
    AlreadyFormed,
    /// It is no more.
    #[error("the team has been dissolved")]
    Dissolved,
    /// The role is missing.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// The name is empty.
    #[error("a team needs a name")]
    NoName,
    /// The name is longer than [`super::NAME_LIMIT`].
    #[error("the name is too long: at most {} characters", super::NAME_LIMIT)]
    NameTooLong,
    /// Nobody is registered under this id.
    #[error("there is no such user")]
    NoSuchUser,
    /// Membership opens cases.
    #[error("another person must do this: nobody puts themselves into a team")]
    NotYourself,
}

impl Refusal for TeamRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "TEAM_NOT_FOUND",
            Self::AlreadyFormed => "TEAM_ALREADY_FORMED",
            Self::Dissolved => "TEAM_DISSOLVED",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::NoName => "FIELD_EMPTY",
            Self::NameTooLong => "FIELD_TOO_LONG",
            Self::NoSuchUser => "USER_NOT_FOUND",
            Self::NotYourself => "ABOUT_YOURSELF",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Holdet findes ikke.".to_owned(),
            Self::AlreadyFormed => "Holdet er allerede oprettet.".to_owned(),
            Self::Dissolved => "Holdet er nedlagt.".to_owned(),
            Self::NotAllowed => "Dine roller giver ikke adgang til dette.".to_owned(),
            Self::NoName => "Et hold skal have et navn.".to_owned(),
            Self::NameTooLong => {
                format!("Navnet er for langt. Det må højst være på {} tegn.", super::NAME_LIMIT)
            }
            Self::NoSuchUser => "Brugeren findes ikke.".to_owned(),
            Self::NotYourself => "En anden skal gøre dette. Ingen sætter sig selv på et hold.".to_owned(),
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NoName | Self::NameTooLong => "name",
            Self::NoSuchUser | Self::NotYourself => "staffId",
            Self::NotFound | Self::AlreadyFormed | Self::Dissolved | Self::NotAllowed => "",
        }
    }
}
