//! What can be wished of an engagement, and what the rules must know for it.

use jiff::civil::Date;

use super::event::{Scope, Severity};
use super::sample::{Frame, Seed};
use crate::act::{By, Roles};
use crate::case::OfCase;
use crate::id::{CaseId, SubjectId, UserId};

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
    /// Draw a sample.
    Draw(Draw),
    /// Record a finding.
    Record(Record),
    /// Answer a finding.
    Answer(Answer),
}

/// A sample to be drawn.
#[derive(Clone, Debug)]
pub struct Draw {
    /// What decides the draw.
    pub seed: Seed,
    /// What is drawn from, within the scope.
    pub frame: Frame,
    /// How many.
    pub n: u32,
    /// The frame is what the log tells up to here.
    pub position: u64,
    /// The cases in the frame, in any order.
    pub cases: Vec<CaseId>,
}

/// A finding to be recorded.
#[derive(Clone, Debug)]
pub struct Record {
    /// What it is about.
    pub about: About,
    /// How much it weighs.
    pub severity: Severity,
    /// The rule it is measured by.
    pub rule: Option<String>,
    /// What was found.
    pub text: String,
}

/// What a finding is about.
#[derive(Clone, Debug)]
pub enum About {
    /// The engagement as a whole, whose own subject this is.
    Engagement(SubjectId),
    /// One case, as its stream tells it.
    Case(OfCase),
}

/// A finding to be answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which.
    pub finding: u32,
    /// What is said to it.
    pub text: String,
    /// Whether whoever answers reaches the case that it is about.
    pub reaches_case: bool,
}
