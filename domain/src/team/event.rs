//! What has happened to a team. The names and fields written here are in the log for good.

use serde::{Deserialize, Serialize};

use crate::codec;
use crate::id::UserId;
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};

/// An event of a team. Nothing in it is personal: a team is called after its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum TeamEvent {
    TeamFormed(TeamFormed),
    TeamRenamed(TeamRenamed),
    MemberJoined(MemberJoined),
    MemberLeft(MemberLeft),
    TeamDissolved(TeamDissolved),
}

/// Formed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamFormed {
    /// What it is called.
    pub name: String,
}

/// Called something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRenamed {
    /// What.
    pub name: String,
}

/// Somebody joined: the team's cases are open to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberJoined {
    /// Who.
    pub member: UserId,
}

/// Somebody left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLeft {
    /// Who.
    pub member: UserId,
}

/// Dissolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamDissolved {}

impl Sealable for TeamEvent {
    fn seals(&mut self, _: &mut SealVisitor<'_>) -> Result<(), SealError> {
        Ok(())
    }
}

impl Evolving for TeamEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for TeamEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
