//! What has happened to a saved view. The names and fields written here are in the log for good.

use serde::{Deserialize, Serialize};

use crate::case::Phase;
use crate::id::{SubjectId, TeamId, UserId};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Sealed, codec};

/// An event of a saved view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum SavedViewEvent {
    ViewSaved(ViewSaved),
    ViewChanged(ViewChanged),
    ViewRemoved(ViewRemoved),
}

/// What a saved view shows of the case list. All that is set must hold; what looks at the calendar looks at the day on
/// which the view is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box that is ticked or not, in any combination")]
pub struct CaseListView {
    /// Only these phases; none for every open case.
    pub phases: Vec<Phase>,
    /// Only those of whoever opens the view.
    pub mine: bool,
    /// Only this person's.
    pub caseworker: Option<UserId>,
    /// Only this team's.
    pub team: Option<TeamId>,
    /// Only those that nobody handles.
    pub unassigned: bool,
    /// Only those whose deadline has passed.
    pub overdue: bool,
    /// Only those due within so many days.
    pub due_within: Option<u16>,
    /// Only those in which somebody outside is waited for.
    pub waiting: bool,
    /// Only those whose draft waits for the approval of whoever opens the view.
    pub awaiting_approval: bool,
    /// The order.
    pub order: ListOrder,
    /// The columns, by the screen's names, in their order; none for the screen's own choice.
    pub columns: Vec<String>,
}

/// The order of a list of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListOrder {
    /// The nearest deadline first.
    #[default]
    Due,
    /// The newest case first.
    Newest,
    /// The newest event first.
    LastEvent,
    /// By number.
    Number,
}

/// Saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewSaved {
    /// Whose it is.
    pub owner: UserId,
    /// What its name is sealed under: people name views after people.
    pub subject: SubjectId,
    /// What it is called.
    pub name: Sealed<String>,
    /// What it shows.
    pub list: CaseListView,
    /// The team it is shared with.
    pub team: Option<TeamId>,
}

/// Made another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewChanged {
    /// What it is called now.
    pub name: Sealed<String>,
    /// What it shows now.
    pub list: CaseListView,
    /// The team it is shared with now.
    pub team: Option<TeamId>,
}

/// Removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewRemoved {}

impl Sealable for SavedViewEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::ViewSaved(event) => visit("ViewSaved.name", &mut event.name),
            Self::ViewChanged(event) => visit("ViewChanged.name", &mut event.name),
            Self::ViewRemoved(_) => Ok(()),
        }
    }
}

impl Evolving for SavedViewEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for SavedViewEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
