//! The deadlines of a case: when they are set, what stops and extends them, and when they are met or missed.
//!
//! Invariants:
//! - The last day is counted from what happened ([`Deadline::reckon`]); the state keeps the answer beside the facts.
//! - A deadline ends once: it is met or it is missed. One that is set anew under another rule keeps its pauses and
//!   extensions, for they are facts; one that counts from another day (a reopened case) begins afresh.
//! - Pauses lie in order and do not overlap.

mod event;
mod refusal;
mod state;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

pub(super) use event::DEADLINE_SET_1;
pub use event::{
    DeadlineExtended, DeadlineMet, DeadlineMissed, DeadlineResumed, DeadlineSet, DeadlineSuspended,
    DeadlineWarned, DelayNoticeSent, InformationReceived, InformationRequested,
};
pub use refusal::DeadlineRefusal;
pub use state::{Deadline, DeadlineEnd, InformationRequest};

use super::{CaseActKind, CaseEvent, CaseFile, CaseRefusal, Circumstances, Direction, text};
use crate::deadline::{DeadlineKind, Pause, WaitingFor};
use crate::kle::KleNumber;
use crate::sealed::Sealed;

/// What can be done with the deadline for a decision, and with what is asked for meanwhile.
#[derive(Clone)]
pub enum DeadlineAct {
    /// Stop it while somebody is waited for (sæt i bero).
    Suspend {
        /// The first day that does not count.
        from: Date,
        /// Who is waited for.
        waiting_for: Option<WaitingFor>,
        /// Why.
        reason: String,
    },
    /// Let it run again (genoptag fristen).
    Resume {
        /// The first day that counts again.
        on: Date,
    },
    /// Extend it (forlæng).
    Extend {
        /// By how many days.
        days: u32,
        /// Why.
        reason: String,
    },
    /// Tell the citizen that it takes longer.
    SendDelayNotice {
        /// When a decision can be expected.
        expected: Date,
        /// Why.
        reason: String,
    },
    /// Ask somebody for information (indhent oplysninger).
    RequestInformation {
        /// Whom.
        of: Option<WaitingFor>,
        /// What for.
        what: String,
        /// By when.
        reply_by: Option<Date>,
        /// Whether the deadline stops until it is there.
        suspend: bool,
    },
    /// Note that it is there. A pause that waited for it ends.
    ReceiveInformation {
        /// Which request it answers.
        number: u32,
        /// What it is; may be empty.
        what: String,
    },
    /// Note what the clock has done: the system's own act, carried out as often as it likes.
    Watch,
}

impl DeadlineAct {
    pub(super) const fn kind(&self) -> CaseActKind {
        match self {
            Self::Suspend { .. } => CaseActKind::SuspendDeadline,
            Self::Resume { .. } => CaseActKind::ResumeDeadline,
            Self::Extend { .. } => CaseActKind::ExtendDeadline,
            Self::SendDelayNotice { .. } => CaseActKind::SendDelayNotice,
            Self::RequestInformation { .. } => CaseActKind::RequestInformation,
            Self::ReceiveInformation { .. } => CaseActKind::ReceiveInformation,
            Self::Watch => CaseActKind::WatchDeadlines,
        }
    }
}

/// The deadline of that kind for a case received on that day, from the rules of the day. None where no rule gives one,
/// and none where it would change nothing: it was met, or it is missed under either rule.
pub(super) fn set(
    kind: DeadlineKind,
    (received, from): (Date, Option<Date>),
    kle: Option<&KleNumber>,
    before: Option<&Deadline>,
    under: &Circumstances,
) -> Option<CaseEvent> {
    let rule = under.rules.deadline(kind, under.tenant, kle)?;
    let mut set = DeadlineSet {
        kind,
        due: received,
        rule: rule.name.clone(),
        rule_set: under.rules.version.clone(),
        source: rule.source.clone(),
        from,
        days: rule.days,
        counting: rule.counting,
        terms: rule.terms.clone(),
        calendar: under.rules.calendar(under.tenant),
    };
    let fresh = Deadline::begin(set.clone(), received, before);
    let ended = before.filter(|before| before.from == fresh.from).and_then(|before| before.end);
    let pointless = match ended {
        Some(DeadlineEnd::Met) => true,
        Some(DeadlineEnd::Missed) => fresh.passed(under.today()).is_some(),
        None => false,
    };
    set.due = fresh.reckon(under.today()).due;
    (!pointless).then_some(CaseEvent::DeadlineSet(set))
}

/// The deadlines that a case begins with.
pub(super) const FROM_THE_START: [DeadlineKind; 2] = [DeadlineKind::FirstAnswer, DeadlineKind::CaseHandling];

impl CaseFile {
    /// The deadline for a decision.
    pub fn deadline(&self) -> Option<&Deadline> {
        self.deadlines.get(&DeadlineKind::CaseHandling)
    }

    /// The last day for a decision, as long as it runs: a decision ends it, and so does its end.
    pub fn running_deadline(&self) -> Option<Date> {
        let undecided = self.decided.is_none() && !self.is_over();
        self.deadline().filter(|_| undecided).and_then(|deadline| deadline.due)
    }

    /// Who is waited for, and since when: by a suspended deadline, or else by the oldest open question.
    pub fn waiting_on(&self) -> Option<(WaitingFor, Date)> {
        let undecided = self.decided.is_none() && !self.is_over();
        let pause = self.deadline().and_then(Deadline::pause).map(|pause| (pause.waiting_for, pause.from));
        let asked = || self.open_requests().next().map(|request| (request.of, request.asked));
        pause.or_else(asked).filter(|_| undecided)
    }

    /// The next day on which the clock has something to say about this case.
    pub fn watch_on(&self) -> Option<Date> {
        let running = self.running_deadlines();
        running.filter_map(|one| Some(one.warns_on().unwrap_or(one.due?.tomorrow().ok()?))).min()
    }

    fn open_requests(&self) -> impl Iterator<Item = &InformationRequest> {
        self.requests.iter().filter(|request| !request.received)
    }

    /// Those that have neither ended nor been overtaken by the end of the case.
    fn running_deadlines(&self) -> impl Iterator<Item = &Deadline> {
        self.deadlines.values().filter(|one| {
            let decided = one.set.kind == DeadlineKind::CaseHandling && self.decided.is_some();
            one.end.is_none() && !decided && !self.is_over()
        })
    }

    /// What stands in the way of an act on the deadline, from the state alone.
    pub(super) fn not_for_the_deadline(&self, kind: CaseActKind, under: &Circumstances) -> Vec<CaseRefusal> {
        let decided = self.decided.is_some().then_some(CaseRefusal::AlreadyDecided);
        let blocked = match kind {
            CaseActKind::RequestInformation => return Vec::from_iter(decided),
            CaseActKind::ReceiveInformation => {
                self.open_requests().next().is_none().then_some(DeadlineRefusal::NothingRequested)
            }
            _ if decided.is_some() => return Vec::from_iter(decided),
            CaseActKind::SendDelayNotice => self.deadline().is_none().then_some(DeadlineRefusal::NoDeadline),
            _ => self.running(under.today()).map_or_else(Some, |deadline| not_now(deadline, kind)),
        };
        Vec::from_iter(blocked.map(CaseRefusal::Deadline))
    }

    /// The deadline for a decision, if something can still be done about it.
    fn running(&self, today: Date) -> Result<&Deadline, DeadlineRefusal> {
        let deadline = self.deadline().ok_or(DeadlineRefusal::NoDeadline)?;
        match (deadline.end, deadline.passed(today)) {
            (Some(DeadlineEnd::Met), _) => Err(DeadlineRefusal::Met),
            (Some(DeadlineEnd::Missed), _) => {
                Err(DeadlineRefusal::Passed { due: deadline.due.unwrap_or(deadline.set.due) })
            }
            (None, Some(due)) => Err(DeadlineRefusal::Passed { due }),
            (None, None) => Ok(deadline),
        }
    }

    pub(super) fn decide_deadline(
        &self,
        act: DeadlineAct,
        under: &Circumstances,
    ) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let seal = |value: String| Sealed::new(self.subject, value);
        match act {
            DeadlineAct::Suspend { from, waiting_for, reason } => {
                Ok(vec![self.suspend(from, waiting_for, text(&reason, "reason")?, under)?])
            }
            DeadlineAct::Resume { on } => Ok(vec![self.resume(on, under)?]),
            DeadlineAct::Extend { days, reason } => {
                let terms = self.deadline().map(|deadline| &deadline.set.terms);
                let most = terms.map_or(0, |terms| terms.extension_days);
                if !(1..=most).contains(&days) {
                    let statute = self.deadline().map(|deadline| deadline.set.source.clone());
                    let statute = statute.unwrap_or_default();
                    return Err(DeadlineRefusal::ExtensionLength { most, statute }.into());
                }
                let reason = seal(text(&reason, "reason")?);
                Ok(vec![CaseEvent::DeadlineExtended(DeadlineExtended { days, reason })])
            }
            DeadlineAct::SendDelayNotice { expected, reason } => {
                if expected <= under.today() {
                    return Err(DeadlineRefusal::ExpectedNotAhead.into());
                }
                let reason = seal(text(&reason, "reason")?);
                Ok(vec![CaseEvent::DelayNoticeSent(DelayNoticeSent { expected, reason })])
            }
            DeadlineAct::RequestInformation { of, what, reply_by, suspend } => {
                let (of, today) = (of.ok_or(DeadlineRefusal::NobodyWaitedFor)?, under.today());
                if reply_by.is_some_and(|reply_by| reply_by <= today) {
                    return Err(DeadlineRefusal::ReplyNotAhead.into());
                }
                let what = text(&what, "what")?;
                let mut events = Vec::new();
                if suspend {
                    let blocked = self.not_for_the_deadline(CaseActKind::SuspendDeadline, under);
                    blocked.into_iter().next().map_or(Ok(()), Err)?;
                    events.push(self.suspend(today, Some(of), what.clone(), under)?);
                }
                let number = self.requests.last().map_or(1, |last| last.number + 1);
                let (what, asked) = (seal(what), today);
                let requested = InformationRequested { number, of, asked, what, reply_by };
                events.insert(0, CaseEvent::InformationRequested(requested));
                Ok(events)
            }
            DeadlineAct::ReceiveInformation { number, what } => self.receive(number, what.trim(), under),
            DeadlineAct::Watch => Ok(self.watch(under.today())),
        }
    }

    fn suspend(
        &self,
        from: Date,
        waiting_for: Option<WaitingFor>,
        reason: String,
        under: &Circumstances,
    ) -> Result<CaseEvent, CaseRefusal> {
        let waiting_for = waiting_for.ok_or(DeadlineRefusal::NobodyWaitedFor)?;
        let deadline = self.deadline().ok_or(DeadlineRefusal::NoDeadline)?;
        if from < deadline.from {
            return Err(DeadlineRefusal::BeforeTheStart { from: deadline.from }.into());
        }
        if from > under.today() {
            return Err(DeadlineRefusal::InTheFuture { path: "from" }.into());
        }
        if let Some(until) = deadline.pauses.last().and_then(|last| last.until).filter(|until| from < *until)
        {
            return Err(DeadlineRefusal::InsideEarlierPause { until }.into());
        }
        let reason = Sealed::new(self.subject, reason);
        Ok(CaseEvent::DeadlineSuspended(DeadlineSuspended { from, waiting_for, reason }))
    }

    fn resume(&self, on: Date, under: &Circumstances) -> Result<CaseEvent, CaseRefusal> {
        let pause = self.deadline().and_then(Deadline::pause).ok_or(DeadlineRefusal::NotSuspended)?;
        if on > under.today() {
            return Err(DeadlineRefusal::InTheFuture { path: "on" }.into());
        }
        if on < pause.from {
            return Err(DeadlineRefusal::BeforeThePause { from: pause.from }.into());
        }
        Ok(CaseEvent::DeadlineResumed(DeadlineResumed { on }))
    }

    fn receive(&self, number: u32, what: &str, under: &Circumstances) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let request = self.open_requests().find(|request| request.number == number);
        let request = request.ok_or(DeadlineRefusal::NoSuchRequest { number })?;
        let what = if what.is_empty() { None } else { Some(Sealed::new(self.subject, text(what, "what")?)) };
        let mut events = vec![CaseEvent::InformationReceived(InformationReceived { number, what })];
        // The pause ends with the last answer that it waited for.
        let awaited = |other: &InformationRequest| other.number != number && other.of == request.of;
        let pause = self.deadline().and_then(Deadline::pause);
        if pause.is_some_and(|pause| pause.waiting_for == request.of) && !self.open_requests().any(awaited) {
            events.push(self.resume(under.today(), under)?);
        }
        Ok(events)
    }

    /// What the clock has done to the running deadlines and nobody has noted yet.
    fn watch(&self, today: Date) -> Vec<CaseEvent> {
        let noted = self.running_deadlines().filter_map(|one| {
            let kind = one.set.kind;
            if let Some(due) = one.passed(today) {
                return Some(CaseEvent::DeadlineMissed(DeadlineMissed { kind, due }));
            }
            let due = one.due.filter(|_| one.warns_on().is_some_and(|day| day <= today))?;
            Some(CaseEvent::DeadlineWarned(DeadlineWarned { kind, due }))
        });
        noted.collect()
    }

    /// Adds what follows for the deadlines from what an act led to: they are met, or it is noted first that they
    /// were missed.
    pub(super) fn settle(&self, events: &mut Vec<CaseEvent>, under: &Circumstances) {
        let met: Vec<DeadlineKind> = events.iter().filter_map(ends).collect();
        let ended: Vec<&Deadline> =
            self.running_deadlines().filter(|one| met.contains(&one.set.kind)).collect();
        for one in ended {
            let kind = one.set.kind;
            match one.passed(under.today()) {
                Some(due) => events.insert(0, CaseEvent::DeadlineMissed(DeadlineMissed { kind, due })),
                None => events.push(CaseEvent::DeadlineMet(DeadlineMet { kind })),
            }
        }
    }

    /// The state after one event about deadlines.
    pub(super) fn evolve_deadline(&mut self, event: CaseEvent) {
        match event {
            CaseEvent::DeadlineSet(set) => {
                let kind = set.kind;
                let deadline = Deadline::begin(set, self.received, self.deadlines.get(&kind));
                self.deadlines.insert(kind, deadline);
            }
            CaseEvent::DeadlineSuspended(DeadlineSuspended { from, waiting_for, .. }) => {
                self.change(|one| one.pauses.push(Pause { from, until: None, waiting_for }));
            }
            CaseEvent::DeadlineResumed(DeadlineResumed { on }) => self.change(|one| {
                if let Some(pause) = one.pauses.last_mut() {
                    pause.until = Some(on);
                }
            }),
            CaseEvent::DeadlineExtended(extended) => self.change(|one| {
                one.extensions.push(extended.days);
                one.noticed = false;
            }),
            CaseEvent::DelayNoticeSent(_) => self.change(|one| one.noticed = true),
            CaseEvent::DeadlineWarned(DeadlineWarned { kind, due }) => {
                if let Some(one) = self.deadlines.get_mut(&kind) {
                    one.warned = Some(due);
                }
            }
            CaseEvent::DeadlineMet(DeadlineMet { kind }) => self.end(kind, DeadlineEnd::Met),
            CaseEvent::DeadlineMissed(DeadlineMissed { kind, .. }) => self.end(kind, DeadlineEnd::Missed),
            CaseEvent::InformationRequested(InformationRequested { number, of, asked, .. }) => {
                self.requests.push(InformationRequest { number, of, asked, received: false });
            }
            CaseEvent::InformationReceived(InformationReceived { number, .. }) => {
                if let Some(request) = self.requests.iter_mut().find(|request| request.number == number) {
                    request.received = true;
                }
            }
            // The others tell nothing about deadlines.
            _ => {}
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Deadline)) {
        if let Some(one) = self.deadlines.get_mut(&DeadlineKind::CaseHandling) {
            change(one);
            one.recount();
        }
    }

    fn end(&mut self, kind: DeadlineKind, end: DeadlineEnd) {
        if let Some(one) = self.deadlines.get_mut(&kind) {
            one.end = Some(end);
        }
    }
}

/// What stands in the way of stopping, restarting or extending a deadline that runs or is suspended.
fn not_now(deadline: &Deadline, kind: CaseActKind) -> Option<DeadlineRefusal> {
    let (terms, statute) = (&deadline.set.terms, || deadline.set.source.clone());
    match (kind, deadline.pause()) {
        (CaseActKind::SuspendDeadline, Some(pause)) => {
            Some(DeadlineRefusal::AlreadySuspended { from: pause.from })
        }
        (CaseActKind::SuspendDeadline, None) if !terms.suspension => {
            Some(DeadlineRefusal::SuspensionNotAllowed { statute: statute() })
        }
        (CaseActKind::ResumeDeadline, None) => Some(DeadlineRefusal::NotSuspended),
        (CaseActKind::ExtendDeadline, _) => {
            let (used, most) = (deadline.extensions.len(), terms.extensions);
            if u32::try_from(used).is_ok_and(|used| used < most) {
                let unknown = terms.notice_first && !deadline.noticed;
                unknown.then(|| DeadlineRefusal::NoticeFirst { statute: statute() })
            } else {
                Some(DeadlineRefusal::ExtensionsUsedUp { most, statute: statute() })
            }
        }
        _ => None,
    }
}

/// The deadline that an event meets, if there is one. The first answer is whatever reaches the citizen first.
fn ends(event: &CaseEvent) -> Option<DeadlineKind> {
    match event {
        CaseEvent::DecisionMade(_) => Some(DeadlineKind::CaseHandling),
        CaseEvent::CallNoted(call) if call.direction == Direction::Outgoing => {
            Some(DeadlineKind::FirstAnswer)
        }
        CaseEvent::InformationRequested(request) if request.of == WaitingFor::Party => {
            Some(DeadlineKind::FirstAnswer)
        }
        CaseEvent::HearingOpened(_) | CaseEvent::DelayNoticeSent(_) | CaseEvent::DecisionSent(_) => {
            Some(DeadlineKind::FirstAnswer)
        }
        _ => None,
    }
}
