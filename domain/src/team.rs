//! A team (hold): a name and its members. Cases belong to a team, and who is in it opens them.
//!
//! Membership opens cases, so nobody gives it to themselves. Administrators make teams; a team lead who is in the team
//! says who else is.

mod command;
mod event;
mod refusal;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::{TeamAct, TeamCommand};
pub use event::{MemberJoined, MemberLeft, TeamDissolved, TeamEvent, TeamFormed, TeamRenamed};
pub use refusal::TeamRefusal;

use crate::act::{By, Role};
use crate::id::{StreamId, TeamId, Tenant, UserId};

/// The longest name, in characters.
pub const NAME_LIMIT: usize = 100;

/// A team.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Team {
    /// None was formed under this id.
    #[default]
    Unformed,
    /// A team at work.
    Formed {
        /// What it is called.
        name: String,
        /// Who is in it.
        members: BTreeSet<UserId>,
    },
    /// It is no more. Its cases are everybody's until they are given to another.
    Dissolved,
}

impl Team {
    /// The stream of a team.
    pub fn stream(tenant: Tenant, id: TeamId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// Whether its cases are open to somebody: they are in it, or it is no more.
    pub fn is_open_to(&self, user: UserId) -> bool {
        match self {
            Self::Unformed => false,
            Self::Formed { members, .. } => members.contains(&user),
            Self::Dissolved => true,
        }
    }

    /// Whether cases can be given to it.
    pub const fn takes_cases(&self) -> bool {
        matches!(self, Self::Formed { .. })
    }

    /// Tells what follows from `command`, or why nothing does.
    ///
    /// No events means that the wish is already true: browsers resend.
    pub fn decide(&self, command: TeamCommand) -> Result<Vec<TeamEvent>, TeamRefusal> {
        let TeamCommand { act, under } = command;
        let administrator = under.staff_with(Role::Administrator);
        match (self, act) {
            (Self::Unformed | Self::Dissolved, TeamAct::Form { .. })
            | (Self::Formed { .. }, TeamAct::Rename { .. } | TeamAct::Dissolve)
                if !administrator =>
            {
                Err(TeamRefusal::NotAllowed)
            }
            (Self::Unformed, TeamAct::Form { name }) => {
                Ok(vec![TeamEvent::TeamFormed(TeamFormed { name: named(&name)? })])
            }
            (Self::Unformed, _) => Err(TeamRefusal::NotFound),
            (Self::Formed { .. }, TeamAct::Form { .. }) => Err(TeamRefusal::AlreadyFormed),
            (Self::Dissolved, _) => Err(TeamRefusal::Dissolved),
            (Self::Formed { name: known, .. }, TeamAct::Rename { name }) => {
                let name = named(&name)?;
                if name == *known {
                    return Ok(Vec::new());
                }
                Ok(vec![TeamEvent::TeamRenamed(TeamRenamed { name })])
            }
            (Self::Formed { .. }, TeamAct::Dissolve) => Ok(vec![TeamEvent::TeamDissolved(TeamDissolved {})]),
            (Self::Formed { members, .. }, TeamAct::Join { member, known }) => {
                join(members, member, known, &under)
            }
            (Self::Formed { members, .. }, TeamAct::Leave { member, known }) => {
                if !administrator && !leads(members, &under) {
                    return Err(TeamRefusal::NotAllowed);
                }
                if !known {
                    return Err(TeamRefusal::NoSuchUser);
                }
                let left = TeamEvent::MemberLeft(MemberLeft { member });
                Ok(Vec::from_iter(members.contains(&member).then_some(left)))
            }
        }
    }
}

fn join(
    members: &BTreeSet<UserId>,
    member: UserId,
    known: bool,
    under: &By,
) -> Result<Vec<TeamEvent>, TeamRefusal> {
    if !under.staff_with(Role::Administrator) && !leads(members, under) {
        return Err(TeamRefusal::NotAllowed);
    }
    if members.contains(&member) {
        return Ok(Vec::new());
    }
    if under.is(member) {
        return Err(TeamRefusal::NotYourself);
    }
    if !known {
        return Err(TeamRefusal::NoSuchUser);
    }
    Ok(vec![TeamEvent::MemberJoined(MemberJoined { member })])
}

/// Whether it is a team lead who is in the team.
fn leads(members: &BTreeSet<UserId>, under: &By) -> bool {
    under.staff_with(Role::TeamLead) && under.actor.staff().is_some_and(|user| members.contains(&user))
}

fn named(name: &str) -> Result<String, TeamRefusal> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(TeamRefusal::NoName),
        1..=NAME_LIMIT => Ok(name.to_owned()),
        _ => Err(TeamRefusal::NameTooLong),
    }
}

impl Aggregate for Team {
    const TYPE: &'static str = "team";
    type Command = TeamCommand;
    type Event = TeamEvent;
    type Error = TeamRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: TeamCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), TeamRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: TeamEvent) {
        match (&mut *self, event) {
            (_, TeamEvent::TeamFormed(TeamFormed { name })) => {
                *self = Self::Formed { name, members: BTreeSet::new() };
            }
            (Self::Formed { name, .. }, TeamEvent::TeamRenamed(renamed)) => *name = renamed.name,
            (Self::Formed { members, .. }, TeamEvent::MemberJoined(joined)) => {
                members.insert(joined.member);
            }
            (Self::Formed { members, .. }, TeamEvent::MemberLeft(left)) => {
                members.remove(&left.member);
            }
            (Self::Formed { .. }, TeamEvent::TeamDissolved(_)) => *self = Self::Dissolved,
            (
                Self::Unformed | Self::Dissolved,
                TeamEvent::TeamRenamed(_)
                | TeamEvent::MemberJoined(_)
                | TeamEvent::MemberLeft(_)
                | TeamEvent::TeamDissolved(_),
            ) => {}
        }
    }
}
