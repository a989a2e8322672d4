//! Why a wish about a member of staff is not granted.

use crate::{Lang, Refusal};

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserRefusal {
    /// Nobody is registered under this id.
    #[error("there is no such user")]
    NotFound,
    /// The id is taken.
    #[error("a user is registered under this id already")]
    AlreadyRegistered,
    /// The log-in name or the name is empty.
    #[error("a user needs a log-in name and a name")]
    NoName,
    /// The role is missing.
    #[error("your roles do not allow this")]
    NotAllowed,
    /// Roles are given one by one, by two administrators.
    #[error("a new user begins without roles: propose each, and another administrator approves it")]
    RolesAreProposed,
    /// Nobody proposed it.
    #[error("nobody has proposed this role")]
    RoleNotProposed,
    /// The proposer approves.
    #[error("another administrator must approve: you proposed the role yourself")]
    ProposerApproves,
    /// Somebody wants to do it to themselves.
    #[error("another person must do this: it is about yourself")]
    AboutYourself,
    /// The days are the wrong way round, or over.
    #[error("the absence must end on its first day or later, and not before today")]
    AbsenceDates,
    /// There is an absence already.
    #[error("an absence is registered already: end it first")]
    AlreadyAbsent,
    /// There is none.
    #[error("no absence is registered")]
    NotAbsent,
    /// The provider says who holds which role.
    #[error(
        "the roles of this account come from the identity provider: change them there, or lock the account"
    )]
    RolesFromProvider,
    /// The provider says that they hold no role.
    #[error("the identity provider names no role that opens anything here")]
    NoRoleFromProvider,
    /// The account has no password.
    #[error("this account has no password here")]
    NoPassword,
    /// A service account is nobody who leads, audits, administers or is away.
    #[error("a service account can hold the role of a caseworker only, and is never away")]
    ServiceIsNobody,
    /// Not a service account.
    #[error("only service accounts have tokens")]
    NoServiceAccount,
    /// A service account for nothing.
    #[error("a service account needs at least one scope")]
    NoScope,
    /// Too long, or over already.
    #[error("a token opens for at least a day and at most 366 days")]
    TokenTerm,
    /// One more would be too many.
    #[error("four tokens of this account open already: revoke one first")]
    TooManyTokens,
    /// The substitute handles no cases.
    #[error("a substitute must be a caseworker or team lead of the municipality")]
    SubstituteHandlesNoCases,
    /// The chain of substitutes leads back.
    #[error("the substitutes would stand in for one another in a circle, or in too long a row")]
    SubstituteCircle,
}

impl Refusal for UserRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "USER_NOT_FOUND",
            Self::AlreadyRegistered => "USER_ALREADY_REGISTERED",
            Self::NoName => "USER_WITHOUT_NAME",
            Self::NotAllowed => "NOT_ALLOWED",
            Self::RolesAreProposed => "ROLES_ARE_PROPOSED",
            Self::RoleNotProposed => "ROLE_NOT_PROPOSED",
            Self::ProposerApproves => "PROPOSER_APPROVES",
            Self::AboutYourself => "ABOUT_YOURSELF",
            Self::AbsenceDates => "ABSENCE_DATES",
            Self::AlreadyAbsent => "ALREADY_ABSENT",
            Self::NotAbsent => "NOT_ABSENT",
            Self::RolesFromProvider => "ROLES_FROM_PROVIDER",
            Self::NoRoleFromProvider => "NO_ROLE_FROM_PROVIDER",
            Self::NoPassword => "NO_PASSWORD",
            Self::ServiceIsNobody => "SERVICE_IS_NOBODY",
            Self::NoServiceAccount => "NO_SERVICE_ACCOUNT",
            Self::NoScope => "NO_SCOPE",
            Self::TokenTerm => "TOKEN_TERM",
            Self::TooManyTokens => "TOO_MANY_TOKENS",
            Self::SubstituteHandlesNoCases => "SUBSTITUTE_HANDLES_NO_CASES",
            Self::SubstituteCircle => "SUBSTITUTE_CIRCLE",
        }
    }

    fn message(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            Self::NotFound => "Brugeren findes ikke.",
            Self::AlreadyRegistered => "Brugeren er allerede oprettet.",
            Self::NoName => "En bruger skal have et brugernavn og et navn.",
            Self::NotAllowed => "Dine roller giver ikke adgang til dette.",
            Self::RolesAreProposed => {
                "En ny bruger har ingen roller. Foreslå dem enkeltvis; en anden administrator godkender."
            }
            Self::RoleNotProposed => "Ingen har foreslået denne rolle.",
            Self::ProposerApproves => "En anden administrator skal godkende. Du har selv foreslået rollen.",
            Self::AboutYourself => "En anden skal gøre dette, for det handler om dig selv.",
            Self::AbsenceDates => "Fraværet skal slutte på den første dag eller senere, og ikke før i dag.",
            Self::AlreadyAbsent => "Der er allerede registreret fravær. Afslut det først.",
            Self::NotAbsent => "Der er ikke registreret fravær.",
            Self::RolesFromProvider => {
                "Kontoens roller kommer fra kommunens login. Ret dem dér, eller spær kontoen."
            }
            Self::NoRoleFromProvider => "Kommunens login giver ingen rolle i Skranke.",
            Self::NoPassword => "Kontoen har ingen adgangskode her.",
            Self::ServiceIsNobody => {
                "En systemkonto kan kun være sagsbehandler, og den har hverken fravær eller stedfortræder."
            }
            Self::NoServiceAccount => "Kun systemkonti har adgangsnøgler.",
            Self::NoScope => "En systemkonto skal have mindst ét formål.",
            Self::TokenTerm => "En adgangsnøgle gælder mindst en dag og højst 366 dage.",
            Self::TooManyTokens => {
                "Kontoen har allerede fire adgangsnøgler, der gælder. Tilbagekald en først."
            }
            Self::SubstituteHandlesNoCases => {
                "En stedfortræder skal være sagsbehandler eller teamleder i kommunen."
            }
            Self::SubstituteCircle => {
                "Stedfortræderne ville stå for hinanden i ring eller i en alt for lang række."
            }
        }
        .to_owned()
    }

    fn path(&self) -> &'static str {
        match self {
            Self::NoName => "login",
            Self::RoleNotProposed | Self::ServiceIsNobody => "role",
            Self::NoScope => "scopes",
            Self::TokenTerm => "days",
            Self::AbsenceDates => "until",
            Self::SubstituteHandlesNoCases | Self::SubstituteCircle => "substituteId",
            _ => "",
        }
    }
}
