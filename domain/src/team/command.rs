//! What can be wished of a team.

use crate::act::By;
use crate::id::UserId;

/// A wish about a team.
#[derive(Clone, Debug)]
pub struct TeamCommand {
    /// What is wished.
    pub act: TeamAct,
    /// By whom, in which roles, and when.
    pub under: By,
}

/// What can be done with a team.
#[derive(Clone, Debug)]
pub enum TeamAct {
    /// Form it.
    Form {
        /// What it is to be called.
        name: String,
    },
    /// Call it something else.
    Rename {
        /// What.
        name: String,
    },
    /// Let somebody join.
    Join {
        /// Whom.
        member: UserId,
        /// Whether somebody is registered under that id.
        known: bool,
    },
    /// Let somebody leave.
    Leave {
        /// Whom.
        member: UserId,
        /// Whether somebody is registered under that id.
        known: bool,
    },
    /// Dissolve it.
    Dissolve,
}
