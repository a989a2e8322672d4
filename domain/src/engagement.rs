//! An engagement (revisionsopgave): an auditor may read these cases from this day to that one. Outside of it, nobody
//! opens a case as an auditor. In it the auditor draws samples and records findings, which the municipality answers.
//!
//! A finding about a case is answered by a team lead who reaches the case: nobody else who may read it answers for it.
//! One about the engagement as a whole is answered by an administrator, who sees no case. Answers may come after the
//! engagement's last day, and again.

mod command;
mod event;
mod refusal;
pub mod sample;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use command::{About, Answer, Draw, EngagementAct, EngagementCommand, Record};
pub use event::{
    EngagementEnded, EngagementEvent, EngagementOpened, FindingAnswered, FindingRecorded, SampleDrawn, Scope,
    Severity,
};
pub use refusal::EngagementRefusal;
pub use sample::{Frame, FrameDay, FrameFacts, Seed};

use crate::Sealed;
use crate::act::{By, Role};
use crate::case::text;
use crate::id::{CaseId, EngagementId, StreamId, SubjectId, Tenant, UserId};

/// An engagement that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngagementFile {
    /// Who audits.
    pub auditor: UserId,
    /// Which cases.
    pub scope: Scope,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Whether it was ended before its time.
    pub ended: bool,
    /// How many samples were drawn.
    pub samples: u32,
    /// The cases that were drawn in any of them. They stay part of the engagement, whatever team they come to.
    pub drawn: BTreeSet<CaseId>,
    /// The findings, by number.
    pub findings: BTreeMap<u32, Finding>,
}

/// What the rules know of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The case it is about.
    pub case: Option<CaseId>,
    /// Whom its texts are sealed for.
    pub subject: SubjectId,
    /// How much it weighs.
    pub severity: Severity,
    /// Whether the municipality has answered it.
    pub answered: bool,
}

impl Finding {
    /// Whether the municipality still owes an answer. An observation asks for none.
    pub const fn awaits_answer(&self) -> bool {
        !self.answered && !matches!(self.severity, Severity::Observation)
    }
}

/// An engagement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Engagement {
    /// None was opened under this id.
    #[default]
    Unopened,
    /// Opened, and perhaps over: it ends by itself after its last day.
    File(Box<EngagementFile>),
}

impl Engagement {
    /// The stream of an engagement.
    pub fn stream(tenant: Tenant, id: EngagementId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// The subject that findings about the engagement as a whole are sealed for: its own, so that what should not have
    /// been written there can be erased without touching anything else.
    pub const fn subject(id: EngagementId) -> SubjectId {
        SubjectId::new(id.uuid())
    }

    /// The engagement, if it was opened.
    pub fn file(&self) -> Option<&EngagementFile> {
        match self {
            Self::Unopened => None,
            Self::File(file) => Some(file),
        }
    }

    /// Tells what follows from `command`, or why nothing does.
    ///
    /// No events means that the wish is already true: browsers resend.
    pub fn decide(&self, command: EngagementCommand) -> Result<Vec<EngagementEvent>, EngagementRefusal> {
        let EngagementCommand { act, under } = command;
        let administers = under.is_system() || under.staff_with(Role::Administrator);
        match act {
            EngagementAct::Open { .. } | EngagementAct::End if !administers => {
                Err(EngagementRefusal::NotAllowed)
            }
            EngagementAct::Open { auditor, roles, scope, teams_known, from, until } => {
                if self.file().is_some() {
                    return Err(EngagementRefusal::AlreadyOpened);
                }
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
            EngagementAct::End if self.file().ok_or(EngagementRefusal::NotFound)?.ended => Ok(Vec::new()),
            EngagementAct::End => Ok(vec![EngagementEvent::EngagementEnded(EngagementEnded {})]),
            EngagementAct::Draw(wish) => self.audited_by(&under)?.draw(wish).map(|event| vec![event]),
            EngagementAct::Record(wish) => self.audited_by(&under)?.record(wish).map(|event| vec![event]),
            EngagementAct::Answer(wish) => self.answer(&wish, &under).map(|event| vec![event]),
        }
    }

    /// The engagement, for its own auditor within its days.
    fn audited_by(&self, under: &By) -> Result<&EngagementFile, EngagementRefusal> {
        if !under.staff_with(Role::Auditor) {
            return Err(EngagementRefusal::NotAllowed);
        }
        let file = self.file().ok_or(EngagementRefusal::NotFound)?;
        if !under.is(file.auditor) {
            return Err(EngagementRefusal::NotTheAuditor);
        }
        if under.today() < file.from {
            return Err(EngagementRefusal::NotBegun { from: file.from });
        }
        if file.ended || under.today() > file.until {
            return Err(EngagementRefusal::Over);
        }
        Ok(file)
    }

    fn answer(&self, wish: &Answer, under: &By) -> Result<EngagementEvent, EngagementRefusal> {
        let (lead, administrator) = (under.staff_with(Role::TeamLead), under.staff_with(Role::Administrator));
        if !lead && !administrator {
            return Err(EngagementRefusal::NotAllowed);
        }
        let file = self.file().ok_or(EngagementRefusal::NotFound)?;
        let finding = file.findings.get(&wish.finding).ok_or(EngagementRefusal::NoSuchFinding)?;
        if under.is(file.auditor) {
            return Err(EngagementRefusal::AnsweredByAuditor);
        }
        let theirs = match finding.case {
            Some(_) => lead && wish.reaches_case,
            None => administrator,
        };
        if !theirs {
            return Err(EngagementRefusal::NotYoursToAnswer);
        }
        let text = Sealed::new(finding.subject, text(&wish.text, "text")?);
        Ok(EngagementEvent::FindingAnswered(FindingAnswered { finding: wish.finding, text }))
    }
}

impl EngagementFile {
    fn draw(&self, wish: Draw) -> Result<EngagementEvent, EngagementRefusal> {
        let Draw { seed, frame, n, position, cases } = wish;
        if frame.until < frame.from {
            return Err(EngagementRefusal::FrameDays);
        }
        if !(1..=sample::SAMPLE_LIMIT).contains(&n) {
            return Err(EngagementRefusal::SampleSize);
        }
        if cases.is_empty() {
            return Err(EngagementRefusal::EmptyFrame);
        }
        Ok(EngagementEvent::SampleDrawn(SampleDrawn {
            sample: self.samples + 1,
            seed,
            frame,
            n,
            position,
            size: cases.len() as u64,
            frame_sha256: sample::frame_hash(&cases),
            cases: sample::draw(seed, &cases, n as usize),
        }))
    }

    fn record(&self, wish: Record) -> Result<EngagementEvent, EngagementRefusal> {
        let Record { about, severity, rule, text: said } = wish;
        let (case, subject) = match about {
            About::Engagement(subject) => (None, subject),
            About::Case(of) => {
                let file = of.file().ok_or(EngagementRefusal::NoSuchCase)?;
                if !self.scope.holds(file.team) && !self.drawn.contains(&of.id) {
                    return Err(EngagementRefusal::OutsideScope);
                }
                (Some(of.id), file.subject)
            }
        };
        let rule = rule.filter(|rule| !rule.trim().is_empty());
        Ok(EngagementEvent::FindingRecorded(FindingRecorded {
            finding: self.findings.last_key_value().map_or(0, |(last, _)| *last) + 1,
            case,
            subject,
            severity,
            rule: rule.map(|rule| text(&rule, "rule")).transpose()?,
            text: Sealed::new(subject, text(&said, "text")?),
        }))
    }

    /// The state after one event. Never fails and holds no rule.
    fn evolve(&mut self, event: &EngagementEvent) {
        match event {
            EngagementEvent::EngagementOpened(_) => {}
            EngagementEvent::FindingAnswered(answered) => {
                if let Some(finding) = self.findings.get_mut(&answered.finding) {
                    finding.answered = true;
                }
            }
            EngagementEvent::EngagementEnded(_) => self.ended = true,
            EngagementEvent::SampleDrawn(drawn) => {
                self.samples = drawn.sample;
                self.drawn.extend(&drawn.cases);
            }
            EngagementEvent::FindingRecorded(recorded) => {
                let finding = Finding {
                    case: recorded.case,
                    subject: recorded.subject,
                    severity: recorded.severity,
                    answered: false,
                };
                self.findings.insert(recorded.finding, finding);
            }
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
        match (&mut *self, event) {
            (_, EngagementEvent::EngagementOpened(opened)) => {
                *self = Self::File(Box::new(EngagementFile {
                    auditor: opened.auditor,
                    scope: opened.scope,
                    from: opened.from,
                    until: opened.until,
                    ended: false,
                    samples: 0,
                    drawn: BTreeSet::new(),
                    findings: BTreeMap::new(),
                }));
            }
            (Self::File(file), event) => file.evolve(&event),
            (Self::Unopened, _) => {}
        }
    }
}
