//! A saved view (gemt visning): a filter, an order and columns of the case list under a name. It is its owner's, and the
//! owner may share it with a team they are in. It holds no text to search for: that may be anybody's name.

mod command;
mod event;
mod refusal;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::{SavedViewAct, SavedViewCommand, Wanted};
pub use event::{CaseListView, ListOrder, SavedViewEvent, ViewChanged, ViewRemoved, ViewSaved};
pub use refusal::SavedViewRefusal;

use crate::Sealed;
use crate::id::{SavedViewId, StreamId, SubjectId, Tenant, UserId};

/// The longest name, in characters.
pub const NAME_LIMIT: usize = 60;
/// The most columns, and the longest name of one.
pub const COLUMN_LIMITS: (usize, usize) = (20, 40);

/// A saved view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SavedView {
    /// Nothing was saved under this id.
    #[default]
    Unsaved,
    /// It is there.
    Saved {
        /// Whose it is.
        owner: UserId,
        /// What its name is sealed under.
        subject: SubjectId,
    },
    /// Its owner removed it.
    Removed,
}

impl SavedView {
    /// The stream of a saved view.
    pub fn stream(tenant: Tenant, id: SavedViewId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// Tells what follows from `command`, or why nothing does.
    pub fn decide(&self, command: SavedViewCommand) -> Result<Vec<SavedViewEvent>, SavedViewRefusal> {
        let SavedViewCommand { act, by } = command;
        match (self, act) {
            (Self::Unsaved, SavedViewAct::Save { subject, wanted }) => {
                let (name, list, team) = wanted.checked(subject)?;
                Ok(vec![SavedViewEvent::ViewSaved(ViewSaved { owner: by, subject, name, list, team })])
            }
            (Self::Saved { .. }, SavedViewAct::Save { .. }) => Err(SavedViewRefusal::AlreadySaved),
            (Self::Unsaved, _) | (Self::Removed, SavedViewAct::Change { .. } | SavedViewAct::Save { .. }) => {
                Err(SavedViewRefusal::NotFound)
            }
            (Self::Removed, SavedViewAct::Remove) => Ok(Vec::new()),
            (Self::Saved { owner, .. }, _) if *owner != by => Err(SavedViewRefusal::NotYours),
            (Self::Saved { subject, .. }, SavedViewAct::Change { wanted }) => {
                let (name, list, team) = wanted.checked(*subject)?;
                Ok(vec![SavedViewEvent::ViewChanged(ViewChanged { name, list, team })])
            }
            (Self::Saved { .. }, SavedViewAct::Remove) => {
                Ok(vec![SavedViewEvent::ViewRemoved(ViewRemoved {})])
            }
        }
    }
}

impl Wanted {
    /// What is stored of it, if it may be.
    fn checked(
        self,
        subject: SubjectId,
    ) -> Result<(Sealed<String>, CaseListView, Option<crate::TeamId>), SavedViewRefusal> {
        let name = self.name.trim();
        match name.chars().count() {
            0 => return Err(SavedViewRefusal::NoName),
            1..=NAME_LIMIT => {}
            _ => return Err(SavedViewRefusal::NameTooLong),
        }
        let (most, longest) = COLUMN_LIMITS;
        let is_word = |column: &String| {
            (1..=longest).contains(&column.len()) && column.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if self.list.columns.len() > most || !self.list.columns.iter().all(is_word) {
            return Err(SavedViewRefusal::BadColumns);
        }
        if !self.known {
            return Err(SavedViewRefusal::UnknownInFilter);
        }
        if self.team.is_some() && !self.in_team {
            return Err(SavedViewRefusal::NotInTeam);
        }
        Ok((Sealed::new(subject, name.to_owned()), self.list, self.team))
    }
}

impl Aggregate for SavedView {
    const TYPE: &'static str = "savedview";
    type Command = SavedViewCommand;
    type Event = SavedViewEvent;
    type Error = SavedViewRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: SavedViewCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), SavedViewRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: SavedViewEvent) {
        match event {
            SavedViewEvent::ViewSaved(saved) => {
                *self = Self::Saved { owner: saved.owner, subject: saved.subject };
            }
            SavedViewEvent::ViewChanged(_) => {}
            SavedViewEvent::ViewRemoved(_) => *self = Self::Removed,
        }
    }
}
