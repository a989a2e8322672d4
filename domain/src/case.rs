//! A case (sag): from the first registration to the closed file, by the rules of Danish administrative law.
//!
//! `decide` asks the guards first ([`Case::blocked`]); the same guards answer `availableActions` on the screens, so
//! that what a screen offers and what the rules allow cannot drift apart.

mod appeal;
mod command;
mod course;
mod deadline;
mod decision;
pub mod document;
mod event;
mod guard;
pub mod letter;
mod of_case;
mod papers;
mod party;
mod phase;
mod reach;
mod refusal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use appeal::{ComplaintStanding, ComplaintStep, Followed};
pub use command::{CaseAct, CaseCommand, Circumstances, Draft, HearingAnswer, OpenCase};
pub use course::{
    CaseForwarded, CaseLink, CaseWithdrawn, CasesLinked, Confidentiality, ConfidentialityMarked, CourseAct,
    CourseRefusal, Effectuated, EffectuationOrdered, FactNoted, SenderNotice,
};
pub use deadline::{
    Deadline, DeadlineAct, DeadlineEnd, DeadlineExtended, DeadlineMet, DeadlineMissed, DeadlineRefusal,
    DeadlineResumed, DeadlineSet, DeadlineSuspended, DeadlineWarned, DelayNoticeSent, InformationReceived,
    InformationRequest, InformationRequested,
};
pub use decision::{
    ComplaintGuidance, DecisionApproved, DecisionCorrected, DecisionDrafted, DecisionMade, DecisionReturned,
    DecisionRevoked, DecisionSent, DecisionSubmitted, DraftState, Grounds, Outcome,
};
pub use event::{
    CallNoted, CaseClassified, CaseClosed, CaseEvent, CaseInformed, CaseOpened, CaseReclassified,
    CaseReopened, CaseworkerAssigned, CaseworkerReleased, ComplaintNoted, ComplaintSettled, Direction,
    HearingClosed, HearingOpened, HearingWaived, StepNoted, SubstituteActing, TeamAssigned,
};
pub use guard::CaseActKind;
pub(crate) use guard::stranger;
pub use of_case::OfCase;
pub use papers::{DocumentPaper, Heading, Paper, PaperKind, Papers, Writing};
pub use party::{
    AddressProtectionLifted, AddressProtectionMarked, FIRST_PARTY, HearingReplyReceived, PartyAct,
    PartyAdded, PartyHearing, PartyOutcome, PartyRefusal, PartyRole, PartyRoleChanged, PartyState,
    RepresentativeEnded, RepresentativeRecorded,
};
pub use phase::{Beside, CaseState, Phase};
pub use reach::Reach;
pub use refusal::{CaseRefusal, GroundsPart};

use self::document::{DocumentMoved, DocumentState, DocumentUploaded, DocumentWithdrawn, Standing};
use crate::act::Role;
use crate::deadline::DeadlineKind;
use crate::id::{DocumentId, InquiryId, StreamId, SubjectId, TeamId, Tenant, UserId};
use crate::kle::{Facet, KleNumber};
use crate::sealed::Sealed;

/// The longest note, in characters.
pub const TEXT_LIMIT: usize = 20_000;

/// What is known of hearing the parties (partshøring).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hearing {
    /// Neither held nor waived.
    #[default]
    None,
    /// Under way, until the reply deadline.
    Open {
        /// The reply deadline.
        reply_by: Date,
    },
    /// Held.
    Held,
    /// Waived with a statute and a reason.
    Waived,
}

/// A case that has been opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFile {
    /// Whom its sealed fields are about.
    pub subject: SubjectId,
    /// The inquiry it came from.
    pub inquiry: Option<InquiryId>,
    /// The day it was received: deadlines count from here.
    pub received: Date,
    /// How far it has come.
    pub phase: Phase,
    /// The classification.
    pub kle: Option<(KleNumber, Facet)>,
    /// The team it belongs to.
    pub team: Option<TeamId>,
    /// Who handles it.
    pub caseworker: Option<UserId>,
    /// The deadlines.
    pub deadlines: BTreeMap<DeadlineKind, Deadline>,
    /// What was asked of whom.
    pub requests: Vec<InformationRequest>,
    /// Who last acted for that caseworker.
    pub substitute: Option<UserId>,
    /// The hearing.
    pub hearing: Hearing,
    /// Everybody in the case; the first is whom it was opened for.
    #[serde(default)]
    pub parties: Vec<PartyState>,
    /// How carefully it is treated.
    #[serde(default)]
    pub confidentiality: Confidentiality,
    /// The cases that belong to it.
    #[serde(default)]
    pub links: Vec<CasesLinked>,
    /// Whether it was taken up again, and nothing was decided since.
    #[serde(default)]
    pub reopened: bool,
    /// The draft.
    pub draft: Option<DraftState>,
    /// The decision for the first party, once made.
    pub decided: Option<Outcome>,
    /// Whether the decision was sent.
    pub sent: bool,
    /// How many decisions were made in it, those before a reopening too.
    #[serde(default)]
    pub decisions: u32,
    /// The complaints over them, oldest first.
    #[serde(default)]
    pub complaints: Vec<Followed>,
    /// The documents.
    #[serde(default)]
    pub documents: BTreeMap<DocumentId, DocumentState>,
    /// What came in, by journal, since the hearing that runs was opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub came_in: Vec<DocumentId>,
}

/// A case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Case {
    /// Nothing was opened under this id.
    #[default]
    Unopened,
    /// Opened (and perhaps closed: the file says so).
    File(Box<CaseFile>),
}

impl Case {
    /// The stream of a case.
    pub fn stream(tenant: Tenant, id: crate::CaseId) -> StreamId {
        StreamId::new(Self::TYPE, tenant, id)
    }

    /// Tells what follows from `command`, or why nothing does.
    ///
    /// No events means that the wish is already true: browsers resend.
    pub fn decide(&self, command: CaseCommand) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let CaseCommand { act, under } = command;
        if let Some(refusal) = self.blocked(act.kind(), &under).into_iter().next() {
            return Err(refusal);
        }
        match (self, act) {
            (Self::Unopened, CaseAct::Open(wish)) => open(*wish, &under),
            // The guards let nothing else through for a case that was never opened.
            (Self::Unopened, _) => Err(CaseRefusal::NotOpened),
            (Self::File(file), act) => {
                let acting = file.substitution(act.kind(), &under);
                let mut events = file.decide(act, &under)?;
                file.settle(&mut events, &under);
                Ok(if events.is_empty() { events } else { acting.into_iter().chain(events).collect() })
            }
        }
    }
}

fn open(wish: OpenCase, under: &Circumstances) -> Result<Vec<CaseEvent>, CaseRefusal> {
    let title = text(&wish.title, "title")?;
    let received = wish.received.ok_or(CaseRefusal::NoReceiptDate)?;
    if received > under.today() {
        return Err(CaseRefusal::ReceiptInTheFuture);
    }
    let channel = wish.channel.ok_or(CaseRefusal::NoChannel)?;
    let party = wish.party.trim().to_owned();
    let subject = wish.subject;
    // A number that has come or gone since is not the number of what was received then.
    let kle = wish.kle.map(|(kle, facet)| classification(&kle, &facet, received, under)).transpose()?;
    let mut events = vec![CaseEvent::CaseOpened(CaseOpened {
        number: wish.number,
        received,
        channel,
        inquiry: wish.inquiry,
        topic: wish.topic,
        subject,
        title: Sealed::new(subject, title),
        party: (!party.is_empty()).then(|| Sealed::new(subject, party)),
    })];
    let number = kle.as_ref().map(|(number, _)| number);
    let set = |kind| deadline::set(kind, (received, None), number, None, under);
    let deadlines: Vec<_> = deadline::FROM_THE_START.into_iter().filter_map(set).collect();
    events.extend(kle.map(|(kle, facet)| CaseEvent::CaseClassified(CaseClassified { kle, facet })));
    events.extend(deadlines);
    Ok(events)
}

/// The subject and the facet of those names, if both were in force on that day.
fn classification(
    kle: &str,
    facet: &str,
    on: Date,
    under: &Circumstances,
) -> Result<(KleNumber, Facet), CaseRefusal> {
    let number = KleNumber::try_new(kle.trim())
        .filter(|number| under.rules.kle.subject(number, on).is_some())
        .ok_or(CaseRefusal::UnknownKle)?;
    let facet = Facet::try_new(facet.trim())
        .filter(|facet| under.rules.kle.facet(facet, on).is_some())
        .ok_or(CaseRefusal::UnknownFacet)?;
    Ok((number, facet))
}

/// A text that must be there, without the blanks around it.
pub(crate) fn text(text: &str, path: &'static str) -> Result<String, CaseRefusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CaseRefusal::EmptyField { path });
    }
    if text.chars().count() > TEXT_LIMIT {
        return Err(CaseRefusal::TooLong { path });
    }
    Ok(text.to_owned())
}

impl CaseFile {
    fn decide(&self, act: CaseAct, under: &Circumstances) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let seal = |value: String| Sealed::new(self.subject, value);
        let one = |event| Ok(vec![event]);
        match act {
            CaseAct::Open(_) => Err(CaseRefusal::AlreadyOpened),
            CaseAct::Classify { kle, facet } => self.classify(&kle, &facet, under),
            CaseAct::Assign { to, .. } if self.caseworker == Some(to) => Ok(Vec::new()),
            CaseAct::Assign { roles, .. } if !roles.any(&[Role::Caseworker, Role::TeamLead]) => {
                Err(CaseRefusal::NotACaseworker)
            }
            CaseAct::Assign { to, .. } => {
                one(CaseEvent::CaseworkerAssigned(CaseworkerAssigned { caseworker: to }))
            }
            CaseAct::AssignTeam { team, .. } if self.team == Some(team) => Ok(Vec::new()),
            CaseAct::AssignTeam { takes_cases: false, .. } => Err(CaseRefusal::NoSuchTeam),
            CaseAct::AssignTeam { team, .. } => one(CaseEvent::TeamAssigned(TeamAssigned { team })),
            CaseAct::Release => one(CaseEvent::CaseworkerReleased(CaseworkerReleased {})),
            CaseAct::NoteCall { direction, text: note } => {
                one(CaseEvent::CallNoted(CallNoted { direction, text: seal(text(&note, "text")?) }))
            }
            CaseAct::NoteStep { text: note } => {
                one(CaseEvent::StepNoted(StepNoted { text: seal(text(&note, "text")?) }))
            }
            CaseAct::Deadline(act) => self.decide_deadline(act, under),
            CaseAct::OpenHearing { reply_by, facts, parties } => self.hear(reply_by, &facts, parties, under),
            CaseAct::CloseHearing { answer } => self.end_hearing(answer, under),
            CaseAct::WaiveHearing { statute, reason } => one(CaseEvent::HearingWaived(HearingWaived {
                statute: text(&statute, "statute")?,
                reason: seal(text(&reason, "reason")?),
            })),
            CaseAct::Inform => one(CaseEvent::CaseInformed(CaseInformed {})),
            CaseAct::DraftDecision(draft) => self.drafted(*draft, under),
            CaseAct::SubmitDecision { version } => one(self.submit(version)?),
            CaseAct::ApproveDecision { version, letters } => {
                self.is_current(version)?;
                one(self.approve(version, letters)?)
            }
            CaseAct::ReturnDecision { reason } => {
                one(CaseEvent::DecisionReturned(DecisionReturned { reason: seal(text(&reason, "reason")?) }))
            }
            CaseAct::MakeDecision => one(self.make(under)?),
            CaseAct::SendDecision { letters } => self.send(&letters, under),
            CaseAct::Party(act) => self.decide_party(*act, under),
            CaseAct::Course(act) => self.decide_course(*act, under),
            CaseAct::Document(act) => self.decide_document(*act, under),
            CaseAct::Close => one(CaseEvent::CaseClosed(CaseClosed {})),
            CaseAct::Reopen { reason } => {
                let reopened = CaseReopened { reason: seal(text(&reason, "reason")?) };
                // The decision has its time again, counted from today.
                let from = (self.received, Some(under.today()));
                let kle = self.kle.as_ref().map(|(number, _)| number);
                let deadline = deadline::set(DeadlineKind::CaseHandling, from, kle, None, under);
                Ok([CaseEvent::CaseReopened(reopened)].into_iter().chain(deadline).collect())
            }
            CaseAct::FollowComplaint { complaint, revision, step } => {
                Ok(self.follow(complaint, revision, step))
            }
        }
    }

    fn classify(&self, kle: &str, facet: &str, under: &Circumstances) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let (number, facet) = classification(kle, facet, under.today(), under)?;
        let mut events = match &self.kle {
            Some(known) if *known == (number.clone(), facet.clone()) => return Ok(Vec::new()),
            Some(_) => vec![CaseEvent::CaseReclassified(CaseReclassified { kle: number.clone(), facet })],
            None => vec![CaseEvent::CaseClassified(CaseClassified { kle: number.clone(), facet })],
        };
        // The deadlines depend on the subject; they are set anew only where the rule differs.
        let before = self.kle.as_ref().map(|(known, _)| known);
        for kind in deadline::FROM_THE_START {
            let rule = |kle| under.rules.deadline(kind, under.tenant, kle);
            let known = self.deadlines.get(&kind);
            if rule(Some(&number)) != rule(before) {
                let from = (self.received, known.and_then(|known| known.set.from));
                events.extend(deadline::set(kind, from, Some(&number), known, under));
            }
        }
        Ok(events)
    }

    /// The state after one event. Never fails and holds no rule.
    pub fn evolve(&mut self, event: CaseEvent) {
        match event {
            // A stream holds one opening; a second would be a fault of the store, which the revisions rule out.
            CaseEvent::CaseOpened(_)
            | CaseEvent::CallNoted(_)
            | CaseEvent::StepNoted(_)
            | CaseEvent::FactNoted(_)
            | CaseEvent::DecisionCorrected(_) => {}
            CaseEvent::DeadlineSet(_)
            | CaseEvent::DeadlineSuspended(_)
            | CaseEvent::DeadlineResumed(_)
            | CaseEvent::DeadlineExtended(_)
            | CaseEvent::DelayNoticeSent(_)
            | CaseEvent::DeadlineWarned(_)
            | CaseEvent::DeadlineMet(_)
            | CaseEvent::DeadlineMissed(_)
            | CaseEvent::InformationRequested(_)
            | CaseEvent::InformationReceived(_) => self.evolve_deadline(event),
            CaseEvent::CaseClassified(CaseClassified { kle, facet })
            | CaseEvent::CaseReclassified(CaseReclassified { kle, facet }) => self.kle = Some((kle, facet)),
            CaseEvent::CaseworkerAssigned(assigned) => {
                self.caseworker = Some(assigned.caseworker);
                self.substitute = None;
                if self.phase == Phase::Registered {
                    self.phase = Phase::UnderInvestigation;
                }
            }
            CaseEvent::CaseworkerReleased(_) => (self.caseworker, self.substitute) = (None, None),
            CaseEvent::TeamAssigned(assigned) => self.team = Some(assigned.team),
            CaseEvent::SubstituteActing(acting) => self.substitute = Some(acting.substitute),
            CaseEvent::HearingOpened(_)
            | CaseEvent::HearingClosed(_)
            | CaseEvent::HearingWaived(_)
            | CaseEvent::HearingReplyReceived(_)
            | CaseEvent::PartyAdded(_)
            | CaseEvent::PartyRoleChanged(_)
            | CaseEvent::RepresentativeRecorded(_)
            | CaseEvent::RepresentativeEnded(_)
            | CaseEvent::AddressProtectionMarked(_)
            | CaseEvent::AddressProtectionLifted(_) => self.evolve_party(event),
            CaseEvent::ConfidentialityMarked(_)
            | CaseEvent::EffectuationOrdered(_)
            | CaseEvent::Effectuated(_)
            | CaseEvent::CaseWithdrawn(_)
            | CaseEvent::CaseForwarded(_)
            | CaseEvent::CasesLinked(_) => self.evolve_course(event),
            CaseEvent::CaseInformed(_) => self.phase = Phase::Informed,
            CaseEvent::DecisionDrafted(_)
            | CaseEvent::DecisionSubmitted(_)
            | CaseEvent::DecisionApproved(_)
            | CaseEvent::DecisionReturned(_)
            | CaseEvent::DecisionMade(_)
            | CaseEvent::DecisionSent(_)
            | CaseEvent::DecisionRevoked(_) => self.evolve_decision(event),
            CaseEvent::CaseClosed(_) => self.phase = Phase::Closed,
            CaseEvent::CaseReopened(_) => {
                self.start_over();
                self.reopened = true;
            }
            CaseEvent::ComplaintNoted(noted) => {
                self.followed(noted.complaint, noted.revision, Some(noted.standing));
            }
            CaseEvent::ComplaintSettled(settled) => self.followed(settled.complaint, settled.revision, None),
            CaseEvent::DocumentUploaded(DocumentUploaded { file }) => self.uploaded(file),
            CaseEvent::DocumentJournalised(journalised) => self.journalise(journalised),
            CaseEvent::DocumentSuperseded(superseded) => self.supersede(superseded),
            CaseEvent::DocumentMoved(DocumentMoved { document, to, .. }) => {
                self.stand(document, Standing::Moved { to });
            }
            CaseEvent::DocumentTakenOver(taken) => self.taken_over(taken),
            CaseEvent::DocumentWithdrawn(DocumentWithdrawn { document, .. }) => {
                self.stand(document, Standing::Withdrawn);
            }
        }
    }
}

impl Aggregate for Case {
    const TYPE: &'static str = "case";
    type Command = CaseCommand;
    type Event = CaseEvent;
    type Error = CaseRefusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: CaseCommand,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), CaseRefusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: CaseEvent) {
        match (&mut *self, event) {
            (_, CaseEvent::CaseOpened(opened)) => {
                *self = Self::File(Box::new(CaseFile {
                    subject: opened.subject,
                    inquiry: opened.inquiry,
                    received: opened.received,
                    phase: Phase::Registered,
                    kle: None,
                    team: None,
                    caseworker: None,
                    deadlines: BTreeMap::new(),
                    requests: Vec::new(),
                    substitute: None,
                    hearing: Hearing::None,
                    parties: vec![PartyState::first(opened.subject)],
                    confidentiality: Confidentiality::Ordinary,
                    links: Vec::new(),
                    reopened: false,
                    draft: None,
                    decided: None,
                    sent: false,
                    decisions: 0,
                    complaints: Vec::new(),
                    documents: BTreeMap::new(),
                    came_in: Vec::new(),
                }));
            }
            (Self::File(file), event) => file.evolve(event),
            (Self::Unopened, _) => {}
        }
    }
}
