//! What has happened to an engagement. The names and fields written here are in the log for good.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codec;
use crate::id::{TeamId, UserId};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};

/// An event of an engagement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum EngagementEvent {
    EngagementOpened(EngagementOpened),
    EngagementEnded(EngagementEnded),
}

/// Which cases an engagement is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Every case of the municipality.
    #[default]
    Municipality,
    /// The cases of these teams.
    Teams(Vec<TeamId>),
}

impl Scope {
    /// Whether a case of this team is in it.
    pub fn holds(&self, team: Option<TeamId>) -> bool {
        match self {
            Self::Municipality => true,
            Self::Teams(teams) => team.is_some_and(|team| teams.contains(&team)),
        }
    }
}

/// Opened: the auditor may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngagementOpened {
    /// Who.
    pub auditor: UserId,
    /// Which cases.
    pub scope: Scope,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
}

/// Ended before its last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngagementEnded {}

impl Sealable for EngagementEvent {
    fn seals(&mut self, _: &mut SealVisitor<'_>) -> Result<(), SealError> {
        Ok(())
    }
}

impl Evolving for EngagementEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for EngagementEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
