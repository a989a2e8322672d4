//! Which cases somebody reaches: those of no team, those of their own teams, those they handle, and those whose
//! caseworker they stand in for. Roles say what they may do there. And what a case must know of the cases around it.

use crate::act::Actor;
use crate::id::{TeamId, UserId};

use super::CaseFile;
use super::command::Circumstances;

/// What a case must know of somebody and cannot ask: it stands in the streams of teams, users and
/// other cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The teams whose cases are open to them.
    pub teams: Vec<TeamId>,
    /// The people who are away today and for whom they act.
    pub stands_in_for: Vec<UserId>,
    /// Whether a part of the case (delsag) is not closed.
    pub open_sub_case: bool,
}

impl Reach {
    /// In no team, and standing in for nobody.
    pub const NONE: Self = Self { teams: Vec::new(), stands_in_for: Vec::new(), open_sub_case: false };
}

impl Circumstances {
    /// Whether they act for that person today.
    pub fn stand_in_for(&self, user: UserId) -> bool {
        self.reach.stands_in_for.contains(&user)
    }
}

impl CaseFile {
    /// Whether the case is open to whoever acts. The system's processes follow every case.
    pub fn is_reached(&self, under: &Circumstances) -> bool {
        let own = |user: UserId| under.actor.staff() == Some(user) || under.stand_in_for(user);
        under.actor == Actor::System
            || self.team.is_none_or(|team| under.reach.teams.contains(&team))
            || self.caseworker.is_some_and(own)
    }
}
