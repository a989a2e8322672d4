//! What has happened to an engagement. The names and fields written here are in the log for good.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::{CaseId, SubjectId, TeamId, UserId};
use crate::sealed::{SealError, SealVisitor, Sealable};
use crate::upcast::{Evolving, Step};
use crate::{Sealed, codec};

use super::sample::{Frame, Seed};

/// An event of an engagement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant holds the struct of its name, which is documented")]
pub enum EngagementEvent {
    EngagementOpened(EngagementOpened),
    EngagementEnded(EngagementEnded),
    SampleDrawn(SampleDrawn),
    FindingRecorded(FindingRecorded),
    FindingAnswered(FindingAnswered),
}

/// Which cases an engagement is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Every case of the municipality.
    #[default]
    Municipality,
    /// The cases of these teams.
    Teams(Vec<TeamId>),
}

impl Scope {
    /// Whether a case of this team is in it.
    pub fn holds(&self, team: Option<TeamId>) -> bool {
        match self {
            Self::Municipality => true,
            Self::Teams(teams) => team.is_some_and(|team| teams.contains(&team)),
        }
    }

    /// Whether every case of the other scope is in it.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Municipality, _) => true,
            (Self::Teams(_), Self::Municipality) => false,
            (Self::Teams(mine), Self::Teams(theirs)) => theirs.iter().all(|team| mine.contains(team)),
        }
    }
}

/// Opened: the auditor may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngagementOpened {
    /// Who.
    pub auditor: UserId,
    /// Which cases.
    pub scope: Scope,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
}

/// Ended before its last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngagementEnded {}

/// A sample was drawn (stikprøve udtrukket). With the frame's ids, which the log up to `position` tells, anybody draws it
/// again: [`super::sample`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleDrawn {
    /// Which of the engagement's samples, counted from 1.
    pub sample: u32,
    /// What decided the draw.
    pub seed: Seed,
    /// What it was drawn from, within the scope of the engagement.
    pub frame: Frame,
    /// How many cases were asked for.
    pub n: u32,
    /// The frame is what the log told up to here.
    pub position: u64,
    /// How many cases lay in the frame.
    pub size: u64,
    /// What the frame is known by: [`super::sample::frame_hash`].
    pub frame_sha256: String,
    /// The cases that were drawn, the lowest rank first.
    pub cases: Vec<CaseId>,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Iagttagelse: told, and nothing is asked for.
    Observation,
    /// Anbefaling: something had better be done otherwise.
    Recommendation,
    /// Revisionsbemærkning: a rule was not kept, or the accounts are not right.
    Remark,
}

/// A finding was recorded (revisionsfund).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRecorded {
    /// Which of the engagement's findings, counted from 1.
    pub finding: u32,
    /// The case it is about; absent when it is about the engagement as a whole.
    #[serde(default)]
    pub case: Option<CaseId>,
    /// Whom its text and the answers to it are sealed for: the case's subject, or the engagement's own.
    pub subject: SubjectId,
    /// How much it weighs.
    pub severity: Severity,
    /// The rule it is measured by, as lawyers cite it.
    #[serde(default)]
    pub rule: Option<String>,
    /// What was found.
    pub text: Sealed<String>,
}

/// The municipality answered a finding; the newest answer counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingAnswered {
    /// Which finding.
    pub finding: u32,
    /// What it says to it.
    pub text: Sealed<String>,
}

impl Sealable for EngagementEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::FindingRecorded(event) => visit("FindingRecorded.text", &mut event.text),
            Self::FindingAnswered(event) => visit("FindingAnswered.text", &mut event.text),
            Self::EngagementOpened(_) | Self::EngagementEnded(_) | Self::SampleDrawn(_) => Ok(()),
        }
    }
}

impl Evolving for EngagementEvent {
    const STEPS: &'static [Step] = &[];
}

impl cqrs_es::DomainEvent for EngagementEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        self.version().to_string()
    }
}
