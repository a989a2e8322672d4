//! Who does something, in which role, why: what every event's metadata says.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{ConversationId, IdError, Tenant, UserId};
use crate::time::local_date;

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Actor {
    /// A member of staff.
    Staff(UserId),
    /// A citizen at the counter, known only by the conversation.
    Citizen(ConversationId),
    /// The counter's bot.
    Bot,
    /// The system itself: deadlines, set-up, import.
    System,
}

impl Actor {
    /// The member of staff, if it is one.
    pub const fn staff(&self) -> Option<UserId> {
        match self {
            Self::Staff(user) => Some(*user),
            Self::Citizen(_) | Self::Bot | Self::System => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Staff(user) => write!(f, "staff:{user}"),
            Self::Citizen(conversation) => write!(f, "citizen:{conversation}"),
            Self::Bot => f.write_str("bot"),
            Self::System => f.write_str("system"),
        }
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> Self {
        actor.to_string()
    }
}

impl TryFrom<String> for Actor {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        match text.split_once(':') {
            Some(("staff", id)) => id.parse().map(Self::Staff),
            Some(("citizen", id)) => id.parse().map(Self::Citizen),
            None if text == "bot" => Ok(Self::Bot),
            None if text == "system" => Ok(Self::System),
            _ => Err(IdError::NotAUuid),
        }
    }
}

/// What a member of staff may be. Roles add, they never imply one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Sagsbehandler.
    Caseworker,
    /// Teamleder.
    TeamLead,
    /// Revisor: reads history, proofs and the access log; its reads are logged too.
    Auditor,
    /// Administrator of users, rules and content.
    Administrator,
}

impl Role {
    /// Every role, in the order screens list them.
    pub const ALL: [Self; 4] = [Self::Caseworker, Self::TeamLead, Self::Auditor, Self::Administrator];

    /// The name in configuration, metadata and command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Caseworker => "caseworker",
            Self::TeamLead => "team-lead",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }
}

/// A set of roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Role>", into = "Vec<Role>")]
pub struct Roles(u8);

impl Roles {
    /// The set with `role` added.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u8)
    }

    /// The set without `role`.
    #[must_use]
    pub const fn without(self, role: Role) -> Self {
        Self(self.0 & !(1 << role as u8))
    }

    /// Whether `role` is in the set.
    pub const fn has(self, role: Role) -> bool {
        self.0 & 1 << role as u8 != 0
    }

    /// Whether any of `roles` is in the set.
    pub fn any(self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }

    /// The roles in the set, in the order of [`Role::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::default(), Self::with)
    }
}

impl From<Vec<Role>> for Roles {
    fn from(roles: Vec<Role>) -> Self {
        roles.into_iter().collect()
    }
}

impl From<Roles> for Vec<Role> {
    fn from(roles: Roles) -> Self {
        roles.iter().collect()
    }
}

/// What a look-up or act is for. Opening a person's case needs one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Handling the case (sagsbehandling).
    CaseHandling,
    /// Supervision by a team lead (ledelsestilsyn).
    Supervision,
    /// Audit (revision).
    Audit,
    /// The citizen asked for it (borgerhenvendelse).
    CitizenRequest,
}

/// One act: everything an event's metadata says that the event itself does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The municipality it happens in.
    pub tenant: Tenant,
    /// Who acts.
    pub actor: Actor,
    /// The roles the actor holds at the moment.
    pub roles: Roles,
    /// What for, where a purpose was stated.
    pub purpose: Option<Purpose>,
    /// When. Taken from the clock once, at the door.
    pub at: Timestamp,
    /// What belongs together across streams: one request from a screen, one turn of a conversation.
    pub correlation: Uuid,
    /// The event that led to this act, if one did.
    pub causation: Option<Uuid>,
    /// The sender's own name for this act: sent again with the same key, it is answered again and not done again.
    pub idempotency: Option<String>,
    /// The revision the sender saw (number of the last event, from 0), if it wants to be told of newer ones.
    pub expected: Option<u64>,
}

impl Act {
    /// An act of the system itself.
    pub const fn system(tenant: Tenant, at: Timestamp, correlation: Uuid) -> Self {
        Self {
            tenant,
            actor: Actor::System,
            roles: Roles(0),
            purpose: None,
            at,
            correlation,
            causation: None,
            idempotency: None,
            expected: None,
        }
    }

    /// The same act under a key of its own, for a further step (`suffix` tells the steps apart).
    #[must_use]
    pub fn step(&self, suffix: &str) -> Self {
        let idempotency = self.idempotency.as_ref().map(|key| format!("{key}/{suffix}"));
        Self { idempotency, expected: None, ..self.clone() }
    }
}

/// Who wishes something, in which roles, and when: what the rules about people must know and cannot ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The roles they hold.
    pub roles: Roles,
}

impl By {
    /// Who is behind an act.
    pub const fn of(act: &Act) -> Self {
        Self { at: act.at, actor: act.actor, roles: act.roles }
    }

    /// The date in Copenhagen.
    pub fn today(&self) -> Date {
        local_date(self.at)
    }

    /// Whether it is this member of staff.
    pub fn is(&self, user: UserId) -> bool {
        self.actor.staff() == Some(user)
    }

    /// Whether it is a member of staff who holds the role.
    pub fn staff_with(&self, role: Role) -> bool {
        self.actor.staff().is_some() && self.roles.has(role)
    }

    /// Whether it is the system itself: set-up at the command line, and processes.
    pub fn is_system(&self) -> bool {
        self.actor == Actor::System
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_is_read_back_as_it_was_written() {
        let id = Uuid::from_u128(9);
        for actor in [
            Actor::Staff(UserId::new(id)),
            Actor::Citizen(ConversationId::new(id)),
            Actor::Bot,
            Actor::System,
        ] {
            assert_eq!(Actor::try_from(actor.to_string()), Ok(actor));
        }
        assert!(Actor::try_from("root".to_owned()).is_err());
    }

    #[test]
    fn roles_add_and_never_imply() {
        let roles: Roles = [Role::Auditor, Role::TeamLead].into_iter().collect();
        assert!(roles.has(Role::Auditor) && !roles.has(Role::Caseworker) && !roles.has(Role::Administrator));
        assert!(!roles.without(Role::Auditor).has(Role::Auditor));
    }
}
