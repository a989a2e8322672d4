//! What has happened to a member of staff. The names and fields written here are in the log for good.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::act::Role;
use crate::id::{SubjectId, TokenId, UserId};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Sealed, codec};

use super::origin::Scopes;

/// An event of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum UserEvent {
    UserRegistered(UserRegistered),
    UserVouchedFor(UserVouchedFor),
    ServiceAccountOpened(ServiceAccountOpened),
    TokenIssued(TokenIssued),
    TokenRevoked(TokenRevoked),
    RoleGrantProposed(RoleGrantProposed),
    RoleGrantDeclined(RoleGrantDeclined),
    RoleGranted(RoleGranted),
    RoleRevoked(RoleRevoked),
    PasswordChanged(PasswordChanged),
    PasswordReset(PasswordReset),
    AccountLocked(AccountLocked),
    AccountUnlocked(AccountUnlocked),
    AbsenceRegistered(AbsenceRegistered),
    AbsenceEnded(AbsenceEnded),
    SubstituteNamed(SubstituteNamed),
    SubstituteWithdrawn(SubstituteWithdrawn),
}

/// A member of staff was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRegistered {
    /// Whom the sealed fields are about.
    pub subject: SubjectId,
    /// The log-in name: a work identifier, not a private one.
    pub login: String,
    /// The name colleagues see.
    pub name: Sealed<String>,
    /// The hash of the password.
    pub password_hash: Sealed<String>,
    /// Until when the password opens, if it is a one-time password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_time_until: Option<Timestamp>,
}

/// A member of staff was taken in because an identity provider vouches for them. They have no password here, and their
/// roles follow what the provider says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserVouchedFor {
    /// Whom the sealed fields are about.
    pub subject: SubjectId,
    /// What they are called in lists: a work identifier, not a private one.
    pub login: String,
    /// The name colleagues see.
    pub name: Sealed<String>,
    /// The provider.
    pub issuer: String,
}

/// An account was opened for a system outside. It begins without a role and without a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccountOpened {
    /// Whom the sealed fields are about.
    pub subject: SubjectId,
    /// What it is called in lists.
    pub login: String,
    /// The name colleagues see.
    pub name: Sealed<String>,
    /// What it may be used for.
    pub scopes: Scopes,
}

/// A service account was given a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenIssued {
    /// The token's name.
    pub token: TokenId,
    /// The SHA-256 of the token, in hexadecimal.
    pub hash: String,
    /// When it stops opening.
    pub expires: Timestamp,
}

/// A token was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRevoked {
    /// Which.
    pub token: TokenId,
}

/// An administrator proposed that they be given a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrantProposed {
    /// Which.
    pub role: Role,
    /// Who proposed it, and therefore may not approve it.
    pub by: UserId,
}

/// A proposal was turned down or taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrantDeclined {
    /// Which.
    pub role: Role,
}

/// A role was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGranted {
    /// Which.
    pub role: Role,
}

/// A role was taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRevoked {
    /// Which.
    pub role: Role,
}

/// The password was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    /// The new hash.
    pub password_hash: Sealed<String>,
}

/// An administrator gave them a one-time password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordReset {
    /// Its hash.
    pub password_hash: Sealed<String>,
    /// Until when it opens.
    pub until: Timestamp,
}

/// They are kept out, or for a while from logging in (spærret).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountLocked {
    /// Until when nobody logs in; kept out until an administrator lets them in again where there is none.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

/// They are let in again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountUnlocked {}

/// They are away (fravær).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsenceRegistered {
    /// The first day.
    pub from: Date,
    /// The last day, if it is known.
    #[serde(default)]
    pub until: Option<Date>,
}

/// They are back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsenceEnded {
    /// The first day back.
    pub on: Date,
}

/// Somebody acts for them while they are away (stedfortræder).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubstituteNamed {
    /// Who.
    pub substitute: UserId,
}

/// Nobody acts for them any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubstituteWithdrawn {}

impl Sealable for UserEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::UserRegistered(event) => {
                visit("UserRegistered.name", &mut event.name)?;
                visit("UserRegistered.password_hash", &mut event.password_hash)
            }
            Self::UserVouchedFor(event) => visit("UserVouchedFor.name", &mut event.name),
            Self::ServiceAccountOpened(event) => visit("ServiceAccountOpened.name", &mut event.name),
            Self::PasswordChanged(event) => visit("PasswordChanged.password_hash", &mut event.password_hash),
            Self::PasswordReset(event) => visit("PasswordReset.password_hash", &mut event.password_hash),
            Self::TokenIssued(_)
            | Self::TokenRevoked(_)
            | Self::RoleGrantProposed(_)
            | Self::RoleGrantDeclined(_)
            | Self::RoleGranted(_)
            | Self::RoleRevoked(_)
            | Self::AccountLocked(_)
            | Self::AccountUnlocked(_)
            | Self::AbsenceRegistered(_)
            | Self::AbsenceEnded(_)
            | Self::SubstituteNamed(_)
            | Self::SubstituteWithdrawn(_) => Ok(()),
        }
    }
}

impl Evolving for UserEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for UserEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
