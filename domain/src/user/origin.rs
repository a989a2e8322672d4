//! Where an account comes from, and what follows from it.
//!
//! An account is of one origin for good, and so are its roles. Those of a built-in account and of a service account are
//! given by two administrators; those of an account that an identity provider vouches for come from the provider at
//! every log-in, and from nowhere else. The two are never mixed: a role that an administrator had added would be gone at
//! the next log-in, or stay after the provider took it back, and nobody could say who answers for it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::act::{Role, Roles};
use crate::id::TokenId;

use super::command::UserAct;
use super::event::{RoleGranted, RoleRevoked, TokenIssued, TokenRevoked, UserEvent};
use super::refusal::UserRefusal;

/// The most tokens of a service account that open at the same time: one in use, and one to change to, in two places.
pub const MOST_TOKENS: usize = 4;
/// The longest that a token opens, in days.
pub const LONGEST_TOKEN_DAYS: i32 = 366;

/// What a service account may be used for. Scopes narrow what its role allows and never add to it, but for one:
/// publishing articles is an administrator's, no service account becomes one, and [`Self::Articles`] stands in for that
/// role there and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Read cases, their documents, deadlines and complaints.
    #[serde(rename = "cases:read")]
    CasesRead,
    /// Write to cases, all but what a person must decide.
    #[serde(rename = "cases:write")]
    CasesWrite,
    /// Read inquiries.
    #[serde(rename = "inquiries:read")]
    InquiriesRead,
    /// Register inquiries, and answer them.
    #[serde(rename = "inquiries:write")]
    InquiriesWrite,
    /// Be told of events over webhooks.
    #[serde(rename = "webhooks")]
    Webhooks,
    /// Publish and withdraw the articles of the shared counter.
    #[serde(rename = "articles:write")]
    Articles,
}

impl Scope {
    /// Every scope, in the order screens list them.
    pub const ALL: [Self; 6] = [
        Self::CasesRead,
        Self::CasesWrite,
        Self::InquiriesRead,
        Self::InquiriesWrite,
        Self::Webhooks,
        Self::Articles,
    ];

    /// The name in messages and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CasesRead => "cases:read",
            Self::CasesWrite => "cases:write",
            Self::InquiriesRead => "inquiries:read",
            Self::InquiriesWrite => "inquiries:write",
            Self::Webhooks => "webhooks",
            Self::Articles => "articles:write",
        }
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Scope>", into = "Vec<Scope>")]
pub struct Scopes(u8);

impl Scopes {
    /// Whether `scope` is in the set.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & 1 << scope as u8 != 0
    }

    /// The scopes in the set, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | 1 << scope as u8))
    }
}

impl From<Vec<Scope>> for Scopes {
    fn from(scopes: Vec<Scope>) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Self {
        scopes.iter().collect()
    }
}

/// Where an account comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Built in: a person with a password here.
    #[default]
    BuiltIn,
    /// An identity provider vouches for the person, and says which roles they hold.
    Provider,
    /// No person: a system outside.
    Service(ServiceAccess),
}

/// What a system outside comes in with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceAccess {
    /// What it may be used for.
    pub scopes: Scopes,
    /// Its tokens that were not revoked.
    pub tokens: BTreeMap<TokenId, Token>,
}

/// A token of a service account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The SHA-256 of it, in hexadecimal. The token has 256 random bits: nobody finds it from its hash.
    pub hash: String,
    /// When it stops opening.
    pub expires: Timestamp,
}

impl ServiceAccess {
    /// Issues a token.
    pub(super) fn issue(&self, issued: TokenIssued, now: Timestamp) -> Result<Vec<UserEvent>, UserRefusal> {
        let days = jiff::SignedDuration::from_hours(24 * i64::from(LONGEST_TOKEN_DAYS));
        if issued.expires <= now || issued.expires > now + days {
            return Err(UserRefusal::TokenTerm);
        }
        if self.tokens.values().filter(|token| token.expires > now).count() >= MOST_TOKENS {
            return Err(UserRefusal::TooManyTokens);
        }
        Ok(vec![UserEvent::TokenIssued(issued)])
    }

    /// Takes a token back; one that is gone is gone.
    pub(super) fn revoke(&self, token: TokenId) -> Vec<UserEvent> {
        let there = self.tokens.contains_key(&token);
        Vec::from_iter(there.then_some(UserEvent::TokenRevoked(TokenRevoked { token })))
    }
}

impl Origin {
    /// The service account's own, if it is one.
    pub const fn service(&self) -> Option<&ServiceAccess> {
        match self {
            Self::Service(access) => Some(access),
            Self::BuiltIn | Self::Provider => None,
        }
    }

    /// What an act is refused for, because accounts of this origin do not have it.
    pub(super) const fn allows(&self, act: &UserAct) -> Result<(), UserRefusal> {
        match (self, act) {
            (Self::Provider, UserAct::Vouch { .. })
            | (
                Self::Service(_),
                UserAct::IssueToken { .. }
                | UserAct::RevokeToken { .. }
                | UserAct::ProposeRole { role: Role::Caseworker },
            ) => Ok(()),
            (_, UserAct::Register { .. } | UserAct::Vouch { .. } | UserAct::OpenService { .. }) => {
                Err(UserRefusal::AlreadyRegistered)
            }
            (_, UserAct::IssueToken { .. } | UserAct::RevokeToken { .. }) => {
                Err(UserRefusal::NoServiceAccount)
            }
            (
                Self::Provider,
                UserAct::ProposeRole { .. }
                | UserAct::ApproveRole { .. }
                | UserAct::DeclineRole { .. }
                | UserAct::RevokeRole { .. },
            ) => Err(UserRefusal::RolesFromProvider),
            (
                Self::Provider | Self::Service(_),
                UserAct::ChangePassword { .. } | UserAct::ResetPassword { .. },
            ) => Err(UserRefusal::NoPassword),
            (
                Self::Service(_),
                UserAct::ProposeRole { .. }
                | UserAct::RegisterAbsence { .. }
                | UserAct::EndAbsence { .. }
                | UserAct::NameSubstitute { .. }
                | UserAct::WithdrawSubstitute,
            ) => Err(UserRefusal::ServiceIsNobody),
            (Self::BuiltIn | Self::Provider | Self::Service(_), _) => Ok(()),
        }
    }
}

/// What makes the roles held into those that a provider says.
pub(super) fn follow_provider(held: Roles, said: Roles) -> Vec<UserEvent> {
    let gone = held.iter().filter(|role| !said.has(*role));
    let gone = gone.map(|role| UserEvent::RoleRevoked(RoleRevoked { role }));
    let new = said.iter().filter(|role| !held.has(*role));
    gone.chain(new.map(|role| UserEvent::RoleGranted(RoleGranted { role }))).collect()
}
