//! An engagement (revisionsopgave): an auditor may read these cases from this day to that one. Outside of it, nobody
//! opens a case as an auditor.

mod event;
mod refusal;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use event::{EngagementEnded, EngagementEvent, EngagementOpened, Scope};
pub use refusal::EngagementRefusal;

use crate::act::{By, Role, Roles};
use crate::id::{EngagementId, StreamId, Tenant, UserId};

/// An engagement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Engagement {
    /// None was opened under this id.
    #[default]
    Unopened,
    /// Opened; it ends by itself after its last day.
    Opened,
    /// Ended before its time.
    Ended,
}

/// A wish about an engagement.
#[derive(Clone, Debug)]
pub struct EngagementCommand {
    /// What is wished.
    pub act: EngagementAct,
    /// By whom, in which roles, and when.
    pub under: By,
}

/// What can be done with an engagement.
#[derive(Clone, Debug)]
pub enum EngagementAct {
    /// Open it.
    Open {
        /// Who audits.
        auditor: UserId,
        /// The roles that person holds; none for somebody unknown.
        roles: Roles,
        /// Which cases.
        scope: Scope,
        /// Whether every team of the scope was formed in this municipality.
        teams_known: bool,
        /// The first day.
        from: Date,
        /// The last day.
        until: Date,
    },
    /// End it now.
    End,
}

impl Engagement {
    /// The stream of an engagement.
    pub fn stream(tenant: Tenant, id: EngagementId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// Tells what follows from `command`, or why nothing does.
    ///
    /// No events means that the wish is already true: browsers resend.
    pub fn decide(&self, command: EngagementCommand) -> Result<Vec<EngagementEvent>, EngagementRefusal> {
        let EngagementCommand { act, under } = command;
        if !under.is_system() && !under.staff_with(Role::Administrator) {
            return Err(EngagementRefusal::NotAllowed);
        }
        match (self, act) {
            (Self::Unopened, EngagementAct::Open { auditor, roles, scope, teams_known, from, until }) => {
                if under.is(auditor) {
                    return Err(EngagementRefusal::AboutYourself);
                }
                if !roles.has(Role::Auditor) {
                    return Err(EngagementRefusal::NotAnAuditor);
                }
                if !teams_known {
                    return Err(EngagementRefusal::NoSuchTeam);
                }
                if until < from || until < under.today() {
                    return Err(EngagementRefusal::Dates);
                }
                let opened = EngagementOpened { auditor, scope, from, until };
                Ok(vec![EngagementEvent::EngagementOpened(opened)])
            }
            (Self::Unopened, EngagementAct::End) => Err(EngagementRefusal::NotFound),
            (Self::Opened | Self::Ended, EngagementAct::Open { .. }) => Err(EngagementRefusal::AlreadyOpened),
            (Self::Opened, EngagementAct::End) => {
                Ok(vec![EngagementEvent::EngagementEnded(EngagementEnded {})])
            }
            (Self::Ended, EngagementAct::End) => Ok(Vec::new()),
        }
    }
}

impl Aggregate for Engagement {
    const TYPE: &'static str = "audit";
    type Command = EngagementCommand;
    type Event = EngagementEvent;
    type Error = EngagementRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: EngagementCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), EngagementRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: EngagementEvent) {
        *self = match event {
            EngagementEvent::EngagementOpened(_) => Self::Opened,
            EngagementEvent::EngagementEnded(_) => Self::Ended,
        };
    }
}
