//! What has happened to a complaint. The names and fields written here are in the log for good.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::case::ComplaintStep;
use crate::id::{CaseId, SubjectId};
use crate::inquiry::Channel;
use crate::rules::Term;
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Sealed, codec};

/// An event of a complaint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
#[expect(clippy::large_enum_variant, reason = "most complaints are little but the large one")]
pub enum ComplaintEvent {
    ComplaintReceived(ComplaintReceived),
    LatenessExcused(LatenessExcused),
    ComplaintDismissed(ComplaintDismissed),
    ReassessmentStarted(ReassessmentStarted),
    ReassessmentUpheld(ReassessmentUpheld),
    ReassessmentChanged(ReassessmentChanged),
    ComplaintForwarded(ComplaintForwarded),
    AppealOutcomeReceived(AppealOutcomeReceived),
    ComplaintWithdrawn(ComplaintWithdrawn),
}

/// A complaint came in (klage modtaget).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintReceived {
    /// The case.
    pub case: CaseId,
    /// Which of the case's decisions, counted from 1.
    pub decision: u32,
    /// Whom the sealed fields are about.
    pub subject: SubjectId,
    /// The day it came in.
    pub received: Date,
    /// How.
    pub channel: Channel,
    /// Who complains.
    pub complainant: Sealed<String>,
    /// What they say, if they said more than that they complain.
    #[serde(default)]
    pub text: Option<Sealed<String>>,
    /// The day the decision reached the party, if it is known.
    #[serde(default)]
    pub decision_received: Option<Date>,
    /// Until when one could complain, where a rule sets a limit.
    #[serde(default)]
    pub limit: Option<Term>,
    /// Until when the authority looks again, where a rule says so.
    #[serde(default)]
    pub reassessment: Option<Term>,
    /// The complaint body that the rules name, by its slug.
    #[serde(default)]
    pub body: Option<String>,
    /// The body that decided, where its decisions are not reassessed.
    #[serde(default)]
    pub straight_to_appeal: Option<String>,
}

impl ComplaintReceived {
    /// Whether it came in after the limit.
    pub fn is_late(&self) -> bool {
        self.limit.as_ref().is_some_and(|limit| self.received > limit.due)
    }
}

/// The delay is excused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatenessExcused {
    /// Why.
    pub reason: Sealed<String>,
}

/// Dismissed for its delay (afvist).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintDismissed {
    /// Why the delay is not excused.
    pub reason: Sealed<String>,
}

/// The authority looks again (genvurdering begyndt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReassessmentStarted {}

/// It stands by its decision (fastholdt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReassessmentUpheld {
    /// Why.
    pub reason: Sealed<String>,
}

/// It changes its decision (ændret): the case is taken up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReassessmentChanged {
    /// Whether the party gets all they asked for. If not, the complaint goes on unless it is withdrawn.
    pub in_full: bool,
    /// Why.
    pub reason: Sealed<String>,
}

/// A paper that went along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileListed {
    /// Its reference within the case.
    pub reference: String,
    /// Its title in the journal.
    pub title: Sealed<String>,
}

/// Sent on to the complaint body with the file (oversendt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintForwarded {
    /// The authority's slug in the register.
    pub to: String,
    /// The papers that went along.
    pub files: Vec<FileListed>,
}

/// How a complaint body decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppealOutcome {
    /// The decision stands (stadfæstet).
    Upheld,
    /// The body decides otherwise itself (ændret).
    Changed,
    /// The authority must decide anew (hjemvist).
    Returned,
    /// The body does not deal with it (afvist).
    Dismissed,
}

/// The complaint body decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealOutcomeReceived {
    /// How.
    pub outcome: AppealOutcome,
    /// When its decision came in.
    pub received: Date,
    /// In a few words.
    pub summary: Sealed<String>,
}

/// The complainant took it back (tilbagekaldt).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintWithdrawn {
    /// What they said.
    pub reason: Sealed<String>,
}

impl ComplaintEvent {
    /// What it means to the case.
    pub const fn step(&self) -> ComplaintStep {
        match self {
            Self::ComplaintReceived(_) | Self::LatenessExcused(_) | Self::ReassessmentStarted(_) => {
                ComplaintStep::Complained
            }
            Self::ReassessmentUpheld(_) => ComplaintStep::Upheld,
            Self::ReassessmentChanged(changed) => ComplaintStep::Changed { settled: changed.in_full },
            Self::ComplaintForwarded(_) => ComplaintStep::SentToAppeal,
            Self::AppealOutcomeReceived(received) => {
                ComplaintStep::Settled { returned: matches!(received.outcome, AppealOutcome::Returned) }
            }
            Self::ComplaintDismissed(_) | Self::ComplaintWithdrawn(_) => {
                ComplaintStep::Settled { returned: false }
            }
        }
    }
}

impl Sealable for ComplaintEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::ComplaintReceived(event) => {
                visit("ComplaintReceived.complainant", &mut event.complainant)?;
                event.text.as_mut().map_or(Ok(()), |text| visit("ComplaintReceived.text", text))
            }
            Self::LatenessExcused(event) => visit("LatenessExcused.reason", &mut event.reason),
            Self::ComplaintDismissed(event) => visit("ComplaintDismissed.reason", &mut event.reason),
            Self::ReassessmentUpheld(event) => visit("ReassessmentUpheld.reason", &mut event.reason),
            Self::ReassessmentChanged(event) => visit("ReassessmentChanged.reason", &mut event.reason),
            Self::ComplaintForwarded(event) => {
                let mut titles = event.files.iter_mut().map(|file| &mut file.title);
                titles.try_for_each(|title| visit("ComplaintForwarded.files.title", title))
            }
            Self::AppealOutcomeReceived(event) => visit("AppealOutcomeReceived.summary", &mut event.summary),
            Self::ComplaintWithdrawn(event) => visit("ComplaintWithdrawn.reason", &mut event.reason),
            Self::ReassessmentStarted(_) => Ok(()),
        }
    }
}

impl Evolving for ComplaintEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for ComplaintEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
