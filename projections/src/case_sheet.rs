//! The case sheet: everything the case page shows, folded from the events of one case.
//!
//! The fold is pure and the same for the live view and for a look at the past. Phase, classification,
//! caseworker and every flag come from the domain's own state ([`CaseFile`]), which the sheet carries along:
//! no rule is written a second time here, and the guards can be asked of exactly what the page shows.

use cqrs_es::Aggregate;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use skranke_domain::case::document::DocumentState;
use skranke_domain::case::{Case, CaseEvent, CaseFile, Direction, Hearing, Phase};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::inquiry::Channel;
use skranke_domain::sealed::{Opener, SealError};
use skranke_domain::{Actor, CaseId, DocumentId, Sealed, codec};
use skranke_store::{Position, Revision};

use crate::case_course::CourseSheet;
use crate::case_deadline::DeadlineSheet;
use crate::case_decision::DecisionSheet;
use crate::case_people::{self, PartySheet};
use crate::event::EventInfo;

/// Everything the case page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSheet {
    /// Which case.
    pub id: CaseId,
    /// The number people use.
    pub number: String,
    /// The number of its last event: what a command expects.
    pub revision: Revision,
    /// The place of its first event in the log.
    pub opened: Position,
    /// The place of its last event in the log.
    pub position: Position,
    /// What it is about.
    pub title: Sealed<String>,
    /// The party's name.
    pub party: Option<Sealed<String>>,
    /// How it came in.
    pub channel: Channel,
    /// The matter.
    pub topic: Option<TopicSlug>,
    /// The domain's own state: subject, inquiry, receipt, phase, classification, caseworker, hearing, draft.
    pub file: Box<CaseFile>,
    /// What was done about the deadline, and why; the deadlines themselves stand in the file.
    pub deadline: DeadlineSheet,
    /// Everybody in the case, by number.
    pub parties: Vec<PartySheet>,
    /// What happened on its way beside the decision.
    pub course: CourseSheet,
    /// The hearing, once it was opened or waived.
    pub hearing: Option<HearingSheet>,
    /// Calls, steps and facts, oldest first.
    pub notes: Vec<Note>,
    /// The draft of a decision that is not made yet.
    pub draft: Option<DecisionSheet>,
    /// The newest decision that was made. It stays when the case is reopened.
    pub decision: Option<DecisionSheet>,
    /// Decisions that a later one followed, oldest first.
    pub earlier_decisions: Vec<DecisionSheet>,
    /// Who brought and who journalised each document; the file holds the documents themselves.
    #[serde(default)]
    pub documents: Vec<DocumentSheet>,
    /// When it was last closed. Reopening does not clear it: the phase tells whether it is closed now.
    pub closed_at: Option<Timestamp>,
    /// Why it was last reopened.
    pub reopened: Option<Reopening>,
    /// The type of its last event.
    pub last_event_type: String,
    /// When that was.
    pub last_event_at: Timestamp,
}

/// How far a hearing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HearingState {
    /// Under way.
    Open,
    /// Held.
    Held,
    /// Waived.
    Waived,
}

/// Hearing the parties (partshøring).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HearingSheet {
    /// How far it has come.
    pub state: HearingState,
    /// The reply deadline.
    pub reply_by: Option<Date>,
    /// The facts put before the party.
    pub facts: Option<Sealed<String>>,
    /// Whether everybody had answered when it was closed.
    pub answered: Option<bool>,
    /// On which legal basis it was waived.
    pub statute: Option<String>,
    /// Why it was waived.
    pub reason: Option<Sealed<String>>,
}

/// When a document came and was journalised, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentSheet {
    /// Which.
    pub id: DocumentId,
    /// Who brought it to the case.
    pub added_by: Actor,
    /// When.
    pub added_at: Timestamp,
    /// Who journalised it, and when.
    pub journalised: Option<(Actor, Timestamp)>,
}

/// A note (notat).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Call or step.
    pub kind: NoteKind,
    /// Who called whom, for a call.
    pub direction: Option<Direction>,
    /// What was said or done.
    pub text: Sealed<String>,
    /// Where a fact is from.
    pub source: Option<Sealed<String>>,
    /// Who noted it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// A phone call.
    Call,
    /// A step in the case.
    Step,
    /// Facts that matter to the decision.
    Fact,
}

/// A case was taken up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopening {
    /// Why.
    pub reason: Sealed<String>,
    /// Who did it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl CaseSheet {
    /// The sheet of a case that begins; `None` when the events of this entry are no beginning.
    pub(crate) fn begin(id: CaseId, events: &[CaseEvent], info: &EventInfo) -> Option<Self> {
        let (event @ CaseEvent::CaseOpened(opened), rest) = events.split_first()? else { return None };
        let mut case = Case::Unopened;
        case.apply(event.clone());
        let Case::File(file) = case else { return None };
        let mut sheet = Self {
            id,
            number: opened.number.clone(),
            revision: info.revision,
            opened: info.position,
            position: info.position,
            title: opened.title.clone(),
            party: opened.party.clone(),
            channel: opened.channel,
            topic: opened.topic.clone(),
            file,
            deadline: DeadlineSheet::default(),
            parties: vec![PartySheet::first(opened, info)],
            course: CourseSheet::default(),
            hearing: None,
            notes: Vec::new(),
            draft: None,
            decision: None,
            earlier_decisions: Vec::new(),
            documents: Vec::new(),
            closed_at: None,
            reopened: None,
            last_event_type: codec::type_of(event).to_owned(),
            last_event_at: info.at,
        };
        for event in rest {
            sheet.apply(event, info);
        }
        Some(sheet)
    }

    /// Takes in what one entry of the log tells. An entry that this version does not know tells nothing, but
    /// was there: a command must still expect its revision.
    pub(crate) fn take(&mut self, event_type: &str, events: &[CaseEvent], info: &EventInfo) {
        if events.is_empty() {
            self.pass_over(event_type, info);
        }
        for event in events {
            self.apply(event, info);
        }
    }

    /// Takes one event in. Never fails and holds no rule.
    fn apply(&mut self, event: &CaseEvent, info: &EventInfo) {
        self.pass_over(codec::type_of(event), info);
        self.file.evolve(event.clone());
        self.deadline.apply(event, &self.file, info);
        self.course.apply(event, info);
        case_people::apply(&mut self.parties, event, info);
        match event {
            // A stream holds one opening, and `begin` took it; the file and the parts of the sheet above know what the
            // others say.
            CaseEvent::CaseOpened(_)
            | CaseEvent::DeadlineSet(_)
            | CaseEvent::DeadlineSuspended(_)
            | CaseEvent::DeadlineResumed(_)
            | CaseEvent::DeadlineExtended(_)
            | CaseEvent::DelayNoticeSent(_)
            | CaseEvent::DeadlineWarned(_)
            | CaseEvent::DeadlineMet(_)
            | CaseEvent::DeadlineMissed(_)
            | CaseEvent::InformationRequested(_)
            | CaseEvent::InformationReceived(_)
            | CaseEvent::CaseClassified(_)
            | CaseEvent::CaseReclassified(_)
            | CaseEvent::CaseworkerAssigned(_)
            | CaseEvent::CaseworkerReleased(_)
            | CaseEvent::TeamAssigned(_)
            | CaseEvent::SubstituteActing(_)
            | CaseEvent::CaseInformed(_)
            | CaseEvent::PartyAdded(_)
            | CaseEvent::PartyRoleChanged(_)
            | CaseEvent::RepresentativeRecorded(_)
            | CaseEvent::RepresentativeEnded(_)
            | CaseEvent::AddressProtectionMarked(_)
            | CaseEvent::AddressProtectionLifted(_)
            | CaseEvent::HearingReplyReceived(_)
            | CaseEvent::ConfidentialityMarked(_)
            | CaseEvent::EffectuationOrdered(_)
            | CaseEvent::Effectuated(_)
            | CaseEvent::CaseWithdrawn(_)
            | CaseEvent::CaseForwarded(_)
            | CaseEvent::CasesLinked(_)
            | CaseEvent::DocumentSuperseded(_)
            | CaseEvent::DocumentMoved(_)
            | CaseEvent::DocumentWithdrawn(_)
            | CaseEvent::DecisionSubmitted(_)
            | CaseEvent::ComplaintNoted(_)
            | CaseEvent::ComplaintSettled(_) => {}
            CaseEvent::CallNoted(call) => self.note(NoteKind::Call, Some(call.direction), &call.text, info),
            CaseEvent::StepNoted(step) => self.note(NoteKind::Step, None, &step.text, info),
            CaseEvent::FactNoted(fact) => {
                self.note(NoteKind::Fact, None, &fact.text, info);
                if let Some(note) = self.notes.last_mut() {
                    note.source.clone_from(&fact.source);
                }
            }
            CaseEvent::HearingOpened(opened) => {
                let (reply_by, facts) = (Some(opened.reply_by), Some(opened.facts.clone()));
                self.hearing =
                    Some(HearingSheet { reply_by, facts, ..HearingSheet::new(HearingState::Open) });
            }
            CaseEvent::HearingClosed(closed) => {
                let hearing = self.hearing.get_or_insert_with(|| HearingSheet::new(HearingState::Held));
                hearing.answered = Some(closed.answered);
            }
            CaseEvent::HearingWaived(waived) => {
                let (statute, reason) = (Some(waived.statute.clone()), Some(waived.reason.clone()));
                self.hearing =
                    Some(HearingSheet { statute, reason, ..HearingSheet::new(HearingState::Waived) });
            }
            CaseEvent::DecisionDrafted(_)
            | CaseEvent::DecisionApproved(_)
            | CaseEvent::DecisionReturned(_)
            | CaseEvent::DecisionMade(_)
            | CaseEvent::DecisionSent(_)
            | CaseEvent::DecisionCorrected(_)
            | CaseEvent::DecisionRevoked(_) => self.apply_to_the_decision(event, info),
            CaseEvent::DocumentUploaded(uploaded) => self.document(uploaded.file.id, info),
            CaseEvent::DocumentJournalised(journalised) => self.journalised(journalised.document, info),
            CaseEvent::DocumentTakenOver(taken) => self.journalised(taken.document, info),
            CaseEvent::CaseClosed(_) => self.closed_at = Some(info.at),
            CaseEvent::CaseReopened(reopened) => {
                let reason = reopened.reason.clone();
                self.reopened = Some(Reopening { reason, by: info.actor, at: info.at });
            }
        }
        self.follow_the_file();
    }

    fn pass_over(&mut self, event_type: &str, info: &EventInfo) {
        (self.revision, self.position) = (info.revision, info.position);
        event_type.clone_into(&mut self.last_event_type);
        self.last_event_at = info.at;
    }

    /// Takes over what the domain decided: which hearing and which draft there still is, and how far they
    /// are.
    fn follow_the_file(&mut self) {
        let state = match self.file.hearing {
            Hearing::None => None,
            Hearing::Open { .. } => Some(HearingState::Open),
            Hearing::Held => Some(HearingState::Held),
            Hearing::Waived => Some(HearingState::Waived),
        };
        self.hearing =
            self.hearing.take().and_then(|hearing| Some(HearingSheet { state: state?, ..hearing }));
        let state = self.file.draft.as_ref();
        self.draft = self.draft.take().and_then(|draft| {
            state.map(|state| DecisionSheet { submitted: state.submitted, approved: state.approved, ..draft })
        });
    }

    fn note(
        &mut self,
        kind: NoteKind,
        direction: Option<Direction>,
        text: &Sealed<String>,
        info: &EventInfo,
    ) {
        let text = text.clone();
        self.notes.push(Note { kind, direction, text, source: None, by: info.actor, at: info.at });
    }

    /// A document that was not here yet.
    fn document(&mut self, id: DocumentId, info: &EventInfo) {
        if !self.documents.iter().any(|known| known.id == id) {
            let (added_by, added_at) = (info.actor, info.at);
            self.documents.push(DocumentSheet { id, added_by, added_at, journalised: None });
        }
    }

    fn journalised(&mut self, id: DocumentId, info: &EventInfo) {
        self.document(id, info);
        if let Some(document) = self.documents.iter_mut().find(|known| known.id == id) {
            document.journalised = Some((info.actor, info.at));
        }
    }

    /// The phase.
    pub fn phase(&self) -> Phase {
        self.file.phase
    }

    /// The state of the aggregate at this revision: ask it for `blocked` and `missing_before_decision`.
    pub fn case(&self) -> Case {
        Case::File(self.file.clone())
    }

    /// Every sealed field.
    pub fn seals(&mut self) -> Vec<&mut Sealed<String>> {
        let mut seals = vec![&mut self.title];
        seals.extend(&mut self.party);
        seals.extend(self.deadline.seals());
        if let Some(hearing) = &mut self.hearing {
            seals.extend(&mut hearing.facts);
            seals.extend(&mut hearing.reason);
        }
        seals.extend(self.parties.iter_mut().flat_map(PartySheet::seals));
        seals.extend(self.course.seals());
        let notes = self.notes.iter_mut();
        seals.extend(notes.flat_map(|note| std::iter::once(&mut note.text).chain(&mut note.source)));
        let decisions = self.draft.iter_mut().chain(&mut self.decision).chain(&mut self.earlier_decisions);
        seals.extend(decisions.flat_map(DecisionSheet::seals));
        seals.extend(self.reopened.as_mut().map(|reopened| &mut reopened.reason));
        seals.extend(self.file.documents.values_mut().flat_map(DocumentState::seals));
        if let Some(draft) = &mut self.file.draft {
            seals.extend(draft.letter.as_mut().map(|letter| &mut letter.name));
            seals.extend(draft.letters.iter_mut().map(|other| &mut other.letter.name));
        }
        seals
    }

    /// Opens every sealed field whose key still exists. `opener` is the key ring's for the stream of this
    /// case. An opened sheet can no longer be serialised.
    pub fn unlock(&mut self, opener: &dyn Opener) -> Result<(), SealError> {
        self.seals().into_iter().try_for_each(|sealed| sealed.open_with(opener))
    }
}

impl HearingSheet {
    const fn new(state: HearingState) -> Self {
        Self { state, reply_by: None, facts: None, answered: None, statute: None, reason: None }
    }
}
