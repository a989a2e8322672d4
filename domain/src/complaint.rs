//! A complaint (klage) over a decision of a case: received, looked at again (genvurdering), sent on to the complaint body
//! where the authority stands by its decision, and answered by it.
//!
//! A late complaint is never thrown away: it waits until somebody has examined whether the delay is excused. No reasons
//! are needed, and a spoken complaint counts. The complaint is its own stream; its case follows it
//! ([`crate::case::ComplaintStep`]).

mod command;
mod event;
mod guard;
mod refusal;
#[cfg(test)]
mod tests;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use command::{ComplaintAct, ComplaintCommand, Receive};
pub use event::{
    AppealOutcome, AppealOutcomeReceived, ComplaintDismissed, ComplaintEvent, ComplaintForwarded,
    ComplaintReceived, ComplaintWithdrawn, FileListed, LatenessExcused, ReassessmentChanged,
    ReassessmentStarted, ReassessmentUpheld,
};
pub use guard::ComplaintActKind;
pub use refusal::ComplaintRefusal;

use crate::case::{CaseRefusal, Circumstances, OfCase, TEXT_LIMIT, text};
use crate::id::{CaseId, ComplaintId, StreamId, SubjectId, Tenant};
use crate::rules::Term;
use crate::sealed::Sealed;

/// How far a complaint has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Modtaget.
    #[default]
    Received,
    /// Under genvurdering.
    UnderReassessment,
    /// Fastholdt: it must be sent on.
    Upheld,
    /// Ændret, but not all that was asked for: it is sent on unless it is withdrawn.
    PartlyChanged,
    /// Sendt til klageinstansen.
    Forwarded,
    /// Færdig.
    Settled,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 6] = [
        Self::Received,
        Self::UnderReassessment,
        Self::Upheld,
        Self::PartlyChanged,
        Self::Forwarded,
        Self::Settled,
    ];
}

/// Whether a complaint came in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timeliness {
    /// In time, or no rule sets a limit.
    InTime,
    /// Late, and nobody has examined yet whether the delay is excused.
    Late,
    /// Late, and excused.
    Excused,
    /// Late, and dismissed for it.
    Dismissed,
}

/// A complaint that was received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintFile {
    /// The case it is about.
    pub case: CaseId,
    /// Whom its sealed fields are about.
    pub subject: SubjectId,
    /// How far it has come.
    pub stage: Stage,
    /// Whether it came in time.
    pub timeliness: Timeliness,
    /// The deciding body whose decisions are not reassessed, if it was one.
    pub straight_to_appeal: Option<String>,
    /// The complaint body that the rules name.
    pub body: Option<String>,
    /// The last day of looking again.
    pub reassess_by: Option<Date>,
}

/// A complaint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Complaint {
    /// Nothing was received under this id.
    #[default]
    Unknown,
    /// Received, and perhaps settled: the file says so.
    File(Box<ComplaintFile>),
}

impl Complaint {
    /// The stream of a complaint.
    pub fn stream(tenant: Tenant, id: ComplaintId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// The case it is about.
    pub fn case(&self) -> Option<CaseId> {
        match self {
            Self::Unknown => None,
            Self::File(file) => Some(file.case),
        }
    }

    /// Tells what follows from `command`, or why nothing does.
    pub fn decide(&self, command: ComplaintCommand) -> Result<Vec<ComplaintEvent>, ComplaintRefusal> {
        let ComplaintCommand { act, of, under } = command;
        if let Some(refusal) = self.blocked(act.kind(), &of, &under).into_iter().next() {
            return Err(refusal);
        }
        match (self, act) {
            (Self::Unknown, ComplaintAct::Receive(wish)) => Ok(vec![received(&wish, &of, &under)?]),
            // The guards let nothing else through for a complaint that never came.
            (Self::Unknown, _) => Err(ComplaintRefusal::NotFound),
            (Self::File(file), act) => Ok(vec![file.decide(act, &under)?]),
        }
    }
}

fn received(wish: &Receive, of: &OfCase, under: &Circumstances) -> Result<ComplaintEvent, ComplaintRefusal> {
    let Some(case) = of.file() else { return Err(ComplaintRefusal::Case(CaseRefusal::NotOpened)) };
    let seal = |value: String| Sealed::new(case.subject, value);
    let received = wish.received.unwrap_or_else(|| under.today());
    if received > under.today() {
        return Err(ComplaintRefusal::Case(CaseRefusal::ReceiptInTheFuture));
    }
    let complainant = seal(text(&wish.complainant, "complainant")?);
    // What is complained of may be left unsaid: no reasons are needed.
    let said = wish.text.trim();
    if said.chars().count() > TEXT_LIMIT {
        return Err(ComplaintRefusal::Case(CaseRefusal::TooLong { path: "text" }));
    }
    let remedies = &under.rules.remedies;
    let rule = remedies.complaint(case.kle.as_ref().map(|(kle, _)| kle));
    let straight = match wish.decided_by.as_deref().map(str::trim).filter(|body| !body.is_empty()) {
        Some(body) => Some(remedies.straight_to_appeal(body).ok_or(ComplaintRefusal::UnknownDecidingBody)?),
        None => None,
    };
    let term =
        |rule: &crate::rules::DeadlineRule, from| Term::counted(rule, from, &under.rules, under.tenant);
    let reassessment = rule.and_then(|rule| rule.reassessment.as_ref()).filter(|_| straight.is_none());
    Ok(ComplaintEvent::ComplaintReceived(ComplaintReceived {
        case: of.id,
        decision: case.decisions,
        subject: case.subject,
        received,
        channel: wish.channel,
        complainant,
        text: (!said.is_empty()).then(|| seal(said.to_owned())),
        decision_received: wish.decision_received,
        // A limit that nobody was told to count from does not run.
        limit: rule
            .and_then(|rule| rule.limit.as_ref())
            .zip(wish.decision_received)
            .map(|(rule, from)| term(rule, from)),
        reassessment: reassessment.map(|rule| term(rule, received)),
        body: straight.map(|rule| rule.body.clone()).or_else(|| rule.and_then(|rule| rule.body.clone())),
        straight_to_appeal: straight.map(|rule| rule.decided_by.clone()),
    }))
}

impl ComplaintFile {
    fn decide(&self, act: ComplaintAct, under: &Circumstances) -> Result<ComplaintEvent, ComplaintRefusal> {
        let reason = |reason: String| -> Result<Sealed<String>, ComplaintRefusal> {
            Ok(Sealed::new(self.subject, text(&reason, "reason")?))
        };
        Ok(match act {
            ComplaintAct::Receive(_) => return Err(ComplaintRefusal::AlreadyReceived),
            ComplaintAct::ExcuseLateness { reason: why } => {
                ComplaintEvent::LatenessExcused(LatenessExcused { reason: reason(why)? })
            }
            ComplaintAct::Dismiss { reason: why } => {
                ComplaintEvent::ComplaintDismissed(ComplaintDismissed { reason: reason(why)? })
            }
            ComplaintAct::StartReassessment => ComplaintEvent::ReassessmentStarted(ReassessmentStarted {}),
            ComplaintAct::Uphold { reason: why } => {
                ComplaintEvent::ReassessmentUpheld(ReassessmentUpheld { reason: reason(why)? })
            }
            ComplaintAct::Change { in_full, reason: why } => {
                ComplaintEvent::ReassessmentChanged(ReassessmentChanged { in_full, reason: reason(why)? })
            }
            ComplaintAct::Forward { to, files } => {
                let to = to.ok_or(ComplaintRefusal::UnknownAuthority)?;
                if let Some(body) = self.body.as_ref().filter(|body| **body != to) {
                    return Err(ComplaintRefusal::NotTheBody { body: body.clone() });
                }
                if files.is_empty() {
                    return Err(ComplaintRefusal::NoFiles);
                }
                let listed =
                    |(reference, title)| FileListed { reference, title: Sealed::new(self.subject, title) };
                let files = files.into_iter().map(listed).collect();
                ComplaintEvent::ComplaintForwarded(ComplaintForwarded { to, files })
            }
            ComplaintAct::ReceiveOutcome { outcome, received, summary } => {
                if received > under.today() {
                    return Err(ComplaintRefusal::Case(CaseRefusal::ReceiptInTheFuture));
                }
                let summary = Sealed::new(self.subject, text(&summary, "summary")?);
                ComplaintEvent::AppealOutcomeReceived(AppealOutcomeReceived { outcome, received, summary })
            }
            ComplaintAct::Withdraw { reason: why } => {
                ComplaintEvent::ComplaintWithdrawn(ComplaintWithdrawn { reason: reason(why)? })
            }
        })
    }

    /// The state after one event. Never fails and holds no rule.
    const fn evolve(&mut self, event: &ComplaintEvent) {
        match event {
            ComplaintEvent::ComplaintReceived(_) => {}
            ComplaintEvent::LatenessExcused(_) => self.timeliness = Timeliness::Excused,
            ComplaintEvent::ComplaintDismissed(_) => {
                self.timeliness = Timeliness::Dismissed;
                self.stage = Stage::Settled;
            }
            ComplaintEvent::ReassessmentStarted(_) => self.stage = Stage::UnderReassessment,
            ComplaintEvent::ReassessmentUpheld(_) => self.stage = Stage::Upheld,
            ComplaintEvent::ReassessmentChanged(changed) => {
                self.stage = if changed.in_full { Stage::Settled } else { Stage::PartlyChanged };
            }
            ComplaintEvent::ComplaintForwarded(_) => self.stage = Stage::Forwarded,
            ComplaintEvent::AppealOutcomeReceived(_) | ComplaintEvent::ComplaintWithdrawn(_) => {
                self.stage = Stage::Settled;
            }
        }
    }
}

impl Aggregate for Complaint {
    const TYPE: &'static str = "complaint";
    type Command = ComplaintCommand;
    type Event = ComplaintEvent;
    type Error = ComplaintRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: ComplaintCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), ComplaintRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: ComplaintEvent) {
        match (&mut *self, event) {
            (_, ComplaintEvent::ComplaintReceived(received)) => {
                *self = Self::File(Box::new(ComplaintFile {
                    case: received.case,
                    subject: received.subject,
                    stage: Stage::Received,
                    timeliness: if received.is_late() { Timeliness::Late } else { Timeliness::InTime },
                    straight_to_appeal: received.straight_to_appeal,
                    body: received.body,
                    reassess_by: received.reassessment.map(|term| term.due),
                }));
            }
            (Self::File(file), event) => file.evolve(&event),
            (Self::Unknown, _) => {}
        }
    }
}
