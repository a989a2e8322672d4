//! A person's data (den registreredes oplysninger): who asked to erase them, who decided, what stands in the way, and
//! that it was done. One stream per municipality and data subject, the unit that a key seals.
//!
//! Erasing takes two people: one proposes, another approves, and the rules are asked both times. The approval is the
//! point of no return: no hold can be placed after it, and the system destroys the key
//! (`SubjectKeyDestroyed` says that it has). Time, type and author of every event stay.

mod command;
mod event;
mod matter;
mod refusal;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use command::{PrivacyAct, PrivacyActKind, PrivacyCommand};
pub use event::{
    DeliveredToArchive, Disposed, ErasureDecided, ErasureDeclined, ErasureProposed, ErasureRequested,
    LegalHoldPlaced, LegalHoldReleased, PrivacyEvent, SubjectKeyDestroyed, SubjectReportMade,
};
pub use matter::{CaseMatter, Matters, Unfinished};
pub use refusal::PrivacyRefusal;

use crate::act::{By, Role};
use crate::case::{CaseRefusal, text};
use crate::id::{CaseId, StreamId, SubjectId, Tenant, UserId};
use crate::retention::RetentionClass;
use crate::sealed::Sealed;

/// On which basis data are erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The person asks for it (retten til sletning, GDPR art. 17).
    ErasureRight,
    /// The retention period of every case is over (kassation).
    RetentionOver,
}

/// How far a wish to erase has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Anmodet.
    Requested,
    /// Foreslået, by this person.
    Proposed(UserId),
    /// Besluttet: the key is being destroyed.
    Decided,
    /// Slettet.
    Erased,
}

/// A wish to erase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// On which basis.
    pub basis: Basis,
    /// How far it has come.
    pub stage: Stage,
    /// The cases that the decision named.
    pub cases: Vec<CaseId>,
}

/// A data subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSubject {
    /// The wish to erase, until it is declined.
    pub wish: Option<Wish>,
    /// The legal holds that stand, by number.
    pub holds: BTreeSet<u32>,
    /// How many were ever placed.
    pub holds_placed: u32,
    /// The cases that were delivered to an archive.
    pub delivered: BTreeSet<CaseId>,
}

impl DataSubject {
    /// The stream of a data subject.
    pub fn stream(tenant: Tenant, id: SubjectId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// Whether it was decided to erase.
    pub fn is_decided(&self) -> bool {
        self.stage().is_some_and(|stage| matches!(stage, Stage::Decided | Stage::Erased))
    }

    fn stage(&self) -> Option<Stage> {
        self.wish.as_ref().map(|wish| wish.stage)
    }

    /// Everything that stands in the way of an act, worst first; nothing means that it can be done.
    pub fn blocked(&self, act: PrivacyActKind, matters: &Matters, under: &By) -> Vec<PrivacyRefusal> {
        if !may(act, under) {
            return vec![PrivacyRefusal::NotAllowed];
        }
        if act == PrivacyActKind::Destroyed {
            return if self.is_decided() { Vec::new() } else { vec![PrivacyRefusal::NotDecided] };
        }
        if !matters.known {
            return vec![PrivacyRefusal::NotFound];
        }
        if act == PrivacyActKind::Report {
            return Vec::new();
        }
        if self.is_decided() {
            return vec![PrivacyRefusal::AlreadyErased];
        }
        match act {
            PrivacyActKind::Propose => match &self.wish {
                None => vec![PrivacyRefusal::NotRequested],
                Some(wish) => self.obstacles(wish.basis, matters, under.today()),
            },
            PrivacyActKind::Approve => match &self.wish {
                None => vec![PrivacyRefusal::NotRequested],
                Some(Wish { basis, stage: Stage::Proposed(by), .. }) => {
                    let own = under.is(*by).then_some(PrivacyRefusal::SecondApprover);
                    own.into_iter().chain(self.obstacles(*basis, matters, under.today())).collect()
                }
                Some(_) => vec![PrivacyRefusal::NotProposed],
            },
            PrivacyActKind::Decline if self.wish.is_none() => vec![PrivacyRefusal::NotRequested],
            PrivacyActKind::ReleaseHold if self.holds.is_empty() => vec![PrivacyRefusal::NoSuchHold],
            PrivacyActKind::Request
            | PrivacyActKind::Decline
            | PrivacyActKind::PlaceHold
            | PrivacyActKind::ReleaseHold
            | PrivacyActKind::Deliver
            | PrivacyActKind::Report
            | PrivacyActKind::Destroyed => Vec::new(),
        }
    }

    /// What stands in the way of erasing on a basis.
    pub fn obstacles(&self, basis: Basis, matters: &Matters, today: Date) -> Vec<PrivacyRefusal> {
        let mut found = Vec::new();
        if !self.holds.is_empty() {
            found.push(PrivacyRefusal::LegalHold);
        }
        if matters.cases.iter().any(|case| case.closed.is_none()) {
            found.push(PrivacyRefusal::CaseOpen);
        }
        found.extend(matters.unfinished.iter().copied().map(PrivacyRefusal::Unfinished));
        if basis == Basis::RetentionOver && matters.cases.is_empty() {
            found.push(PrivacyRefusal::NothingToDispose);
        }
        // Each thing is said once, however many cases there are.
        for obstacle in matters.cases.iter().filter_map(|case| self.keeps(basis, case, today)) {
            if !found.contains(&obstacle) {
                found.push(obstacle);
            }
        }
        found
    }

    /// What the retention of a case says against erasing it. What was delivered to an archive is kept there.
    fn keeps(&self, basis: Basis, case: &CaseMatter, today: Date) -> Option<PrivacyRefusal> {
        let delivered = self.delivered.contains(&case.id);
        match case.class {
            None => Some(PrivacyRefusal::NoRetentionClass),
            Some(RetentionClass::Keep) => (!delivered).then_some(PrivacyRefusal::MustBeKept),
            Some(class @ RetentionClass::Discard { .. }) => {
                let until = case.closed.and_then(|closed| class.due(closed)).filter(|due| today < *due)?;
                (basis == Basis::RetentionOver).then_some(PrivacyRefusal::PeriodNotOver { until })
            }
        }
    }

    /// Tells what follows from `command`, or why nothing does.
    ///
    /// No events means that the wish is already true: browsers resend, and so does the process that destroys keys.
    pub fn decide(&self, command: PrivacyCommand) -> Result<Vec<PrivacyEvent>, PrivacyRefusal> {
        let PrivacyCommand { subject, act, matters, under } = command;
        if let Some(refusal) = self.blocked(act.kind(), &matters, &under).into_iter().next() {
            return Err(refusal);
        }
        let one = |event| Ok(vec![event]);
        match act {
            PrivacyAct::Request { basis, received, requester, reason } => match &self.wish {
                Some(wish) if wish.basis == basis => Ok(Vec::new()),
                Some(_) => Err(PrivacyRefusal::AlreadyRequested),
                None => {
                    let received = received.unwrap_or_else(|| under.today());
                    if received > under.today() {
                        return Err(CaseRefusal::ReceiptInTheFuture.into());
                    }
                    let requester = match requester.trim() {
                        "" => None,
                        requester => Some(Sealed::new(subject, text(requester, "requester")?)),
                    };
                    let reason = Sealed::new(subject, text(&reason, "reason")?);
                    one(PrivacyEvent::ErasureRequested(ErasureRequested {
                        basis,
                        received,
                        requester,
                        reason,
                    }))
                }
            },
            PrivacyAct::Propose => match (self.stage(), under.actor.staff()) {
                (_, None) => Err(PrivacyRefusal::NotAllowed),
                (Some(Stage::Proposed(_)), Some(_)) => Ok(Vec::new()),
                (_, Some(by)) => one(PrivacyEvent::ErasureProposed(ErasureProposed { by })),
            },
            PrivacyAct::Approve => match (&self.wish, under.actor.staff()) {
                (Some(Wish { basis, stage: Stage::Proposed(proposed_by), .. }), Some(approved_by)) => {
                    one(PrivacyEvent::ErasureDecided(ErasureDecided {
                        basis: *basis,
                        proposed_by: *proposed_by,
                        approved_by,
                        cases: matters.cases.iter().filter(|case| case.own).map(|case| case.id).collect(),
                    }))
                }
                _ => Err(PrivacyRefusal::NotProposed),
            },
            PrivacyAct::Decline { reason } => {
                let reason = Sealed::new(subject, text(&reason, "reason")?);
                one(PrivacyEvent::ErasureDeclined(ErasureDeclined { reason }))
            }
            PrivacyAct::PlaceHold { reason } => {
                let reason = Sealed::new(subject, text(&reason, "reason")?);
                one(PrivacyEvent::LegalHoldPlaced(LegalHoldPlaced { number: self.holds_placed + 1, reason }))
            }
            PrivacyAct::ReleaseHold { number, reason } => {
                if !self.holds.contains(&number) {
                    return Err(PrivacyRefusal::NoSuchHold);
                }
                let reason = Sealed::new(subject, text(&reason, "reason")?);
                one(PrivacyEvent::LegalHoldReleased(LegalHoldReleased { number, reason }))
            }
            PrivacyAct::Deliver { case, .. } if self.delivered.contains(&case) => Ok(Vec::new()),
            PrivacyAct::Deliver { case, archive, on } => {
                let known = matters.cases.iter().find(|known| known.id == case);
                let known = known.ok_or(PrivacyRefusal::NoSuchCase)?;
                if known.closed.is_none() {
                    return Err(PrivacyRefusal::CaseOpen);
                }
                if on > under.today() {
                    return Err(CaseRefusal::ReceiptInTheFuture.into());
                }
                let archive = text(&archive, "archive")?;
                one(PrivacyEvent::DeliveredToArchive(DeliveredToArchive { case, archive, on }))
            }
            PrivacyAct::Report { events, looks } => {
                one(PrivacyEvent::SubjectReportMade(SubjectReportMade { events, looks }))
            }
            PrivacyAct::Destroyed { conversations } => Ok(self.destroyed(conversations)),
        }
    }

    fn destroyed(&self, conversations: u32) -> Vec<PrivacyEvent> {
        match &self.wish {
            Some(Wish { basis, stage: Stage::Decided, cases }) => {
                let destroyed = PrivacyEvent::SubjectKeyDestroyed(SubjectKeyDestroyed { conversations });
                let disposed = (*basis == Basis::RetentionOver)
                    .then(|| PrivacyEvent::Disposed(Disposed { cases: cases.clone() }));
                std::iter::once(destroyed).chain(disposed).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The state after one event. Never fails and holds no rule.
    fn evolve(&mut self, event: PrivacyEvent) {
        let moved = |wish: &mut Option<Wish>, stage| {
            if let Some(wish) = wish {
                wish.stage = stage;
            }
        };
        match event {
            PrivacyEvent::ErasureRequested(requested) => {
                let (basis, stage) = (requested.basis, Stage::Requested);
                self.wish = Some(Wish { basis, stage, cases: Vec::new() });
            }
            PrivacyEvent::ErasureProposed(proposed) => moved(&mut self.wish, Stage::Proposed(proposed.by)),
            PrivacyEvent::ErasureDeclined(_) => self.wish = None,
            PrivacyEvent::ErasureDecided(decided) => {
                self.wish = Some(Wish { basis: decided.basis, stage: Stage::Decided, cases: decided.cases });
            }
            PrivacyEvent::SubjectKeyDestroyed(_) => moved(&mut self.wish, Stage::Erased),
            PrivacyEvent::LegalHoldPlaced(placed) => {
                self.holds.insert(placed.number);
                self.holds_placed = self.holds_placed.max(placed.number);
            }
            PrivacyEvent::LegalHoldReleased(released) => {
                self.holds.remove(&released.number);
            }
            PrivacyEvent::DeliveredToArchive(delivered) => {
                self.delivered.insert(delivered.case);
            }
            PrivacyEvent::Disposed(_) | PrivacyEvent::SubjectReportMade(_) => {}
        }
    }
}

/// Whether the roles allow it: those who work on cases note and report, team leads and administrators decide, and only
/// the system destroys.
fn may(act: PrivacyActKind, under: &By) -> bool {
    let any = |roles: &[Role]| roles.iter().any(|role| under.staff_with(*role));
    match act {
        PrivacyActKind::Request => any(&[Role::Caseworker, Role::TeamLead, Role::Administrator]),
        PrivacyActKind::Report => any(&[Role::Caseworker, Role::TeamLead]),
        PrivacyActKind::Propose
        | PrivacyActKind::Approve
        | PrivacyActKind::Decline
        | PrivacyActKind::PlaceHold
        | PrivacyActKind::ReleaseHold
        | PrivacyActKind::Deliver => any(&[Role::TeamLead, Role::Administrator]),
        PrivacyActKind::Destroyed => under.is_system(),
    }
}

impl Aggregate for DataSubject {
    const TYPE: &'static str = "privacy";
    type Command = PrivacyCommand;
    type Event = PrivacyEvent;
    type Error = PrivacyRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: PrivacyCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), PrivacyRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: PrivacyEvent) {
        self.evolve(event);
    }
}
