//! A request for access to the file of a case (aktindsigt): which papers, what is given of each and on which basis the
//! rest is withheld, the notice when it takes longer, and the package that is handed out.
//!
//! A package is released whole or not at all: not while a paper is undecided, and not while a withholding names no
//! statute.

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

pub use command::{AccessRequestAct, AccessRequestCommand, Ask, Decide};
pub use event::{
    AccessRequestClosed, AccessRequestEvent, AccessRequestWithdrawn, AccessRequested, DelayNoticeSent,
    Disclosure, DocumentDisclosureDecided, DocumentRequested, PackageReleased,
};
pub use guard::AccessRequestActKind;
pub use refusal::AccessRequestRefusal;

use crate::case::{CaseRefusal, Circumstances, OfCase, text};
use crate::id::{AccessRequestId, CaseId, StreamId, SubjectId, Tenant};
use crate::rules::{AccessBasis, Term};
use crate::sealed::Sealed;

/// How far a request has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestStage {
    /// Under behandling.
    #[default]
    Open,
    /// Udleveret.
    Released,
    /// Trukket tilbage by whoever asked.
    Withdrawn,
    /// Afsluttet without a package.
    Closed,
}

impl RequestStage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Open, Self::Released, Self::Withdrawn, Self::Closed];
}

/// One paper of a request, and what was decided about it so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentState {
    /// Its reference within the case.
    pub reference: String,
    /// Its title in the journal.
    pub title: Sealed<String>,
    /// What is given of it, once that is decided.
    pub disclosure: Option<Disclosure>,
    /// On which basis the rest is withheld; empty while it is not settled.
    pub statute: String,
    /// What is given of it, where that is not all.
    pub extract: Option<Sealed<String>>,
}

/// A request that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequestFile {
    /// The case.
    pub case: CaseId,
    /// Whom the papers are about.
    pub subject: SubjectId,
    /// How far it has come.
    pub stage: RequestStage,
    /// On which basis it was asked for.
    pub basis: AccessBasis,
    /// That basis, as lawyers cite it.
    pub statute: String,
    /// The day it came in.
    pub received: Date,
    /// The papers asked for.
    pub documents: Vec<DocumentState>,
    /// The day that the last notice of delay promised.
    pub expected: Option<Date>,
    /// The SHA-256 of the package, once it is released.
    pub released: Option<String>,
}

/// A request for access.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccessRequest {
    /// Nothing was asked for under this id.
    #[default]
    Unknown,
    /// Made, and perhaps answered: the file says so.
    File(Box<AccessRequestFile>),
}

impl AccessRequest {
    /// The stream of a request.
    pub fn stream(tenant: Tenant, id: AccessRequestId) -> StreamId {
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
    pub fn decide(
        &self,
        command: AccessRequestCommand,
    ) -> Result<Vec<AccessRequestEvent>, AccessRequestRefusal> {
        let AccessRequestCommand { act, of, under } = command;
        if let Some(refusal) = self.blocked(act.kind(), &of, &under).into_iter().next() {
            return Err(refusal);
        }
        match (self, act) {
            (Self::Unknown, AccessRequestAct::Ask(wish)) => Ok(vec![asked(*wish, &of, &under)?]),
            // The guards let nothing else through for a request that was never made.
            (Self::Unknown, _) => Err(AccessRequestRefusal::NotFound),
            (Self::File(file), act) => Ok(vec![file.decide(act, &under)?]),
        }
    }
}

fn asked(wish: Ask, of: &OfCase, under: &Circumstances) -> Result<AccessRequestEvent, AccessRequestRefusal> {
    let Some(case) = of.file() else { return Err(CaseRefusal::NotOpened.into()) };
    let received = wish.received.unwrap_or_else(|| under.today());
    if received > under.today() {
        return Err(CaseRefusal::ReceiptInTheFuture.into());
    }
    let requester = text(&wish.requester, "requester")?;
    let asked_for = text(&wish.asked_for, "askedFor")?;
    let rule = under.rules.remedies.access.get(&wish.basis).ok_or(AccessRequestRefusal::NoRule)?;
    let term = |rule| Term::counted(rule, received, &under.rules, under.tenant);
    let document =
        |(reference, title)| DocumentRequested { reference, title: Sealed::new(case.subject, title) };
    Ok(AccessRequestEvent::AccessRequested(AccessRequested {
        case: of.id,
        subject: case.subject,
        requester: Sealed::new(wish.requester_subject, requester),
        asked_for: Sealed::new(wish.requester_subject, asked_for),
        basis: wish.basis,
        statute: rule.statute.clone(),
        received,
        channel: wish.channel,
        documents: wish.documents.into_iter().map(document).collect(),
        answer: term(&rule.answer),
        complaint_from: rule.complaint_after.as_ref().map(term),
    }))
}

impl AccessRequestFile {
    fn decide(
        &self,
        act: AccessRequestAct,
        under: &Circumstances,
    ) -> Result<AccessRequestEvent, AccessRequestRefusal> {
        let reason = |reason: String| -> Result<Sealed<String>, AccessRequestRefusal> {
            Ok(Sealed::new(self.subject, text(&reason, "reason")?))
        };
        Ok(match act {
            AccessRequestAct::Ask(_) => return Err(AccessRequestRefusal::AlreadyRequested),
            AccessRequestAct::Decide(decision) => self.disclose(decision)?,
            AccessRequestAct::NotifyDelay { expected, reason: why } => {
                if expected <= under.today() {
                    return Err(AccessRequestRefusal::ExpectedNotAhead);
                }
                AccessRequestEvent::DelayNoticeSent(DelayNoticeSent { expected, reason: reason(why)? })
            }
            AccessRequestAct::Release { sha256, bytes } => {
                AccessRequestEvent::PackageReleased(PackageReleased { sha256, bytes })
            }
            AccessRequestAct::Withdraw { reason: why } => {
                AccessRequestEvent::AccessRequestWithdrawn(AccessRequestWithdrawn { reason: reason(why)? })
            }
            AccessRequestAct::Close { reason: why } => {
                AccessRequestEvent::AccessRequestClosed(AccessRequestClosed { reason: reason(why)? })
            }
        })
    }

    fn disclose(&self, decision: Decide) -> Result<AccessRequestEvent, AccessRequestRefusal> {
        let Decide { reference, disclosure, statute, extract } = decision;
        if !self.documents.iter().any(|document| document.reference == reference) {
            return Err(AccessRequestRefusal::NotAskedFor);
        }
        // What is given of a paper in part is a text of its own, made by whoever decides.
        let extract = match disclosure {
            Disclosure::Partial => Some(Sealed::new(self.subject, text(&extract, "extract")?)),
            Disclosure::Full | Disclosure::Withheld => None,
        };
        let statute = match disclosure {
            Disclosure::Full => String::new(),
            Disclosure::Partial | Disclosure::Withheld => statute.trim().to_owned(),
        };
        let decided = DocumentDisclosureDecided { reference, disclosure, statute, extract };
        Ok(AccessRequestEvent::DocumentDisclosureDecided(decided))
    }

    /// The state after one event. Never fails and holds no rule.
    fn evolve(&mut self, event: AccessRequestEvent) {
        match event {
            AccessRequestEvent::AccessRequested(_) => {}
            AccessRequestEvent::DocumentDisclosureDecided(decided) => {
                let mut documents = self.documents.iter_mut();
                if let Some(document) = documents.find(|known| known.reference == decided.reference) {
                    document.disclosure = Some(decided.disclosure);
                    (document.statute, document.extract) = (decided.statute, decided.extract);
                }
            }
            AccessRequestEvent::DelayNoticeSent(sent) => self.expected = Some(sent.expected),
            AccessRequestEvent::PackageReleased(released) => {
                self.stage = RequestStage::Released;
                self.released = Some(released.sha256);
            }
            AccessRequestEvent::AccessRequestWithdrawn(_) => self.stage = RequestStage::Withdrawn,
            AccessRequestEvent::AccessRequestClosed(_) => self.stage = RequestStage::Closed,
        }
    }
}

impl Aggregate for AccessRequest {
    const TYPE: &'static str = "accessrequest";
    type Command = AccessRequestCommand;
    type Event = AccessRequestEvent;
    type Error = AccessRequestRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: AccessRequestCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), AccessRequestRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: AccessRequestEvent) {
        match (&mut *self, event) {
            (_, AccessRequestEvent::AccessRequested(asked)) => {
                let undecided = |document: DocumentRequested| DocumentState {
                    reference: document.reference,
                    title: document.title,
                    disclosure: None,
                    statute: String::new(),
                    extract: None,
                };
                *self = Self::File(Box::new(AccessRequestFile {
                    case: asked.case,
                    subject: asked.subject,
                    stage: RequestStage::Open,
                    basis: asked.basis,
                    statute: asked.statute,
                    received: asked.received,
                    documents: asked.documents.into_iter().map(undecided).collect(),
                    expected: None,
                    released: None,
                }));
            }
            (Self::File(file), event) => file.evolve(event),
            (Self::Unknown, _) => {}
        }
    }
}
