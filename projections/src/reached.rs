//! Whose cases a question may come upon: for lists of things that belong to cases.

use rusqlite::types::Value;
use skranke_domain::{TeamId, UserId};

use crate::rows::NOBODY;

/// Cases of no team, of some teams, and of some caseworkers whatever the team.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// The teams.
    pub teams: Vec<TeamId>,
    /// The caseworkers.
    pub caseworkers: Vec<UserId>,
}

impl Reached {
    /// The condition on a row `k` of the work list; its values are added to the statement's.
    pub(crate) fn condition(&self, values: &mut Vec<Value>) -> String {
        let mut list = |ids: &mut dyn Iterator<Item = Vec<u8>>| {
            let names: Vec<_> = ids
                .map(|id| {
                    values.push(id.into());
                    format!("?{}", values.len())
                })
                .collect();
            names.join(", ")
        };
        let teams = self.teams.iter().map(|team| team.uuid().as_bytes().to_vec());
        let teams = list(&mut std::iter::once(NOBODY.to_vec()).chain(teams));
        let people = list(&mut self.caseworkers.iter().map(|user| user.uuid().as_bytes().to_vec()));
        format!("(k.team IN ({teams}) OR k.caseworker IN ({people}))")
    }
}
