//! Why a wish about a saved view is not granted.

use super::{COLUMN_LIMITS, NAME_LIMIT};
use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SavedViewRefusal {
    /// Nothing is saved under this id.
    #[error("there is no such view")]
    NotFound,
    /// The id is taken.
    #[error("the view has been saved already")]
    AlreadySaved,
    /// It is somebody else's.
    #[error("only the owner changes a view; save a copy of your own")]
    NotYours,
    /// The name is empty.
    #[error("a view needs a name")]
    NoName,
    /// The name is longer than [`NAME_LIMIT`].
    #[error("the name is too long: at most {NAME_LIMIT} characters")]
    NameTooLong,
    /// There are too many columns, or one has a name that none has.
    #[error("name at most {} columns, each by its letters", COLUMN_LIMITS.0)]
    BadColumns,
    /// Its filter names a person or a team that there is not.
    #[error("the filter names a person or a team that there is not")]
    UnknownInFilter,
    /// It is to be shared with a team that its owner is not in.
    #[error("a view is shared with a team that you are in")]
    NotInTeam,
}

impl Refusal for SavedViewRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "VIEW_NOT_FOUND",
            Self::AlreadySaved => "VIEW_ALREADY_SAVED",
            Self::NotYours => "NOT_YOURS",
            Self::NoName => "FIELD_EMPTY",
            Self::NameTooLong => "FIELD_TOO_LONG",
            Self::BadColumns => "BAD_COLUMNS",
            Self::UnknownInFilter => "FILTER_UNKNOWN",
            Self::NotInTeam => "NOT_IN_TEAM",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Visningen findes ikke.".to_owned(),
            Self::AlreadySaved => "Visningen er allerede gemt.".to_owned(),
            Self::NotYours => "Kun ejeren ændrer en visning. Gem din egen kopi.".to_owned(),
            Self::NoName => "En visning skal have et navn.".to_owned(),
            Self::NameTooLong => format!("Navnet er for langt. Det må højst være på {NAME_LIMIT} tegn."),
            Self::BadColumns => format!("Vælg højst {} kolonner.", COLUMN_LIMITS.0),
            Self::UnknownInFilter => "Filteret nævner en person eller et hold, der ikke findes.".to_owned(),
            Self::NotInTeam => "En visning deles med et hold, du selv er på.".to_owned(),
        }
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NoName | Self::NameTooLong => "name",
            Self::BadColumns => "columns",
            Self::UnknownInFilter => "list",
            Self::NotInTeam => "shareWithTeamId",
            Self::NotFound | Self::AlreadySaved | Self::NotYours => "",
        }
    }
}
