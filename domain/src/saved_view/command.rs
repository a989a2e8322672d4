//! What can be wished of a saved view.

use super::event::CaseListView;
use crate::id::{SubjectId, TeamId, UserId};

/// A wish about a saved view.
#[derive(Clone, Debug)]
pub struct SavedViewCommand {
    /// What is wished.
    pub act: SavedViewAct,
    /// By which member of staff.
    pub by: UserId,
}

/// What can be done with a saved view.
#[derive(Clone, Debug)]
pub enum SavedViewAct {
    /// Save a new one.
    Save {
        /// What its name is sealed under: a new subject.
        subject: SubjectId,
        /// What it is to be.
        wanted: Wanted,
    },
    /// Make it another.
    Change {
        /// What it is to be.
        wanted: Wanted,
    },
    /// Remove it.
    Remove,
}

/// What a saved view is to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What it is to be called.
    pub name: String,
    /// What it shows.
    pub list: CaseListView,
    /// Whether the person and the team that the filter names are known.
    pub known: bool,
    /// The team it is shared with.
    pub team: Option<TeamId>,
    /// Whether whoever wishes it is in that team.
    pub in_team: bool,
}
