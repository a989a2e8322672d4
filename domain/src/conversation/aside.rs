//! What a message says by the way: for whom it is written, how old its writer is, and what else it wants.

use serde::{Deserialize, Serialize};

use super::heard::TopicSlug;
use crate::id::Tenant;

/// The person that somebody writes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kin {
    /// Their mother.
    Mother,
    /// Their father.
    Father,
    /// Both parents.
    Parents,
    /// A grandparent.
    Grandparent,
    /// Husband, wife, the one they live with.
    Partner,
    /// A grown son.
    Son,
    /// A grown daughter.
    Daughter,
    /// Brother or sister.
    Sibling,
    /// A neighbour.
    Neighbour,
    /// Anybody else.
    Other,
}

/// An age that other rules hold for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Minor {
    /// A parent acts for them.
    UnderFifteen,
    /// They can do much themselves.
    UnderEighteen,
}

impl Minor {
    /// Of somebody of an age in years; `None` for grown-ups.
    pub const fn of(age: u8) -> Option<Self> {
        match age {
            0..15 => Some(Self::UnderFifteen),
            15..18 => Some(Self::UnderEighteen),
            18.. => None,
        }
    }
}

/// How a message answers what the counter has just said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retort {
    /// Not at all.
    #[default]
    None,
    /// "Ja tak", "det næste".
    Yes,
    /// "Nej", "ingen af dem".
    No,
    /// "Nej, jeg mente …": it takes something back.
    Corrects,
}

/// What a message says by the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one message")]
pub struct Aside {
    /// Other matters that it names after the first, in its order.
    pub also: Vec<TopicSlug>,
    /// The person that it is written for, if not for its writer.
    pub for_other: Option<Kin>,
    /// Its writer says to be under age. Nobody is asked.
    pub minor: Option<Minor>,
    /// The citizen has no address.
    pub no_address: bool,
    /// How it answers what was said last.
    pub retort: Retort,
    /// It names a place, and what else it holds only leads up to it.
    pub only_place: bool,
    /// It tells, rather than asks, that `MitID` or the digital way does not work for somebody.
    pub tells_no_eid: bool,
    /// It says where somebody has moved to.
    pub tells_move: bool,
    /// Municipalities with a village of the same name as the place that it names.
    pub namesakes: Vec<Tenant>,
}

/// What the citizen has told of themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Situation {
    /// For whom they ask, if not for themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_other: Option<Kin>,
    /// They are under age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minor: Option<Minor>,
    /// They have no address.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_address: bool,
}

impl Situation {
    /// What is known once a message has been heard: what it does not tell stays as it was.
    #[must_use]
    pub fn after(self, aside: &Aside) -> Self {
        Self {
            for_other: aside.for_other.or(self.for_other),
            minor: aside.minor.or(self.minor),
            no_address: aside.no_address || self.no_address,
        }
    }
}
