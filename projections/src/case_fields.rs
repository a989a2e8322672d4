//! A case sheet, or one event, as a flat list of labelled values: for a look at the past, and for what
//! changed between two moments. Values keep their type, so that a screen can word them in its language.

mod around;
mod deadline;
mod decision;

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use skranke_domain::case::document::{DocumentState, Standing, StoredFile};
use skranke_domain::case::{
    CaseEvent, CaseLink, CaseOpened, ComplaintStanding, Confidentiality, DeadlineEnd, Direction, Outcome,
    PartyRole, Phase,
};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::deadline::{DeadlineKind, WaitingFor};
use skranke_domain::inquiry::Channel;
use skranke_domain::kle::{Facet, KleNumber};
use skranke_domain::{Actor, ComplaintId, DocumentId, InquiryId, Sealed, TeamId, UserId};

use crate::case_sheet::{CaseSheet, DocumentSheet, HearingSheet, HearingState, NoteKind};

/// One labelled value. A key may occur several times (notes): in the order of what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetField {
    /// Its name, stable, in the API's spelling.
    pub key: &'static str,
    /// The value.
    pub value: FieldValue,
}

/// A value of a sheet or an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// A text that is not personal.
    Plain(String),
    /// A personal text.
    Sealed(Sealed<String>),
    /// A member of staff.
    Staff(UserId),
    /// Who acted.
    Actor(Actor),
    /// A date.
    Date(Date),
    /// An instant.
    At(Timestamp),
    /// A number.
    Number(u32),
    /// Yes or no.
    Flag(bool),
    /// How far the case is.
    Phase(Phase),
    /// How a decision falls out.
    Outcome(Outcome),
    /// How it came in.
    Channel(Channel),
    /// The matter.
    Topic(TopicSlug),
    /// The subject.
    Kle(KleNumber),
    /// The facet.
    Facet(Facet),
    /// How far the hearing is.
    Hearing(HearingState),
    /// Who called whom.
    Direction(Direction),
    /// Which deadline.
    Deadline(DeadlineKind),
    /// How a deadline ended.
    DeadlineEnd(DeadlineEnd),
    /// Who is waited for.
    WaitingFor(WaitingFor),
    /// An inquiry.
    Inquiry(InquiryId),
    /// A team.
    Team(TeamId),
    /// A complaint.
    Complaint(ComplaintId),
    /// How far a complaint has come.
    ComplaintStanding(ComplaintStanding),
    /// What somebody is to the case.
    PartyRole(PartyRole),
    /// How carefully the case is treated.
    Confidentiality(Confidentiality),
    /// How another case belongs to this one.
    Link(CaseLink),
}

/// What became of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name.
    pub key: &'static str,
    /// Before, if it was there.
    pub before: Option<FieldValue>,
    /// After, if it is there.
    pub after: Option<FieldValue>,
}

macro_rules! values {
    ($($kind:ident($type:ty)),* $(,)?) => {
        $(impl From<$type> for FieldValue {
            fn from(value: $type) -> Self {
                Self::$kind(value)
            }
        })*
    };
}

values! {
    Plain(String), Sealed(Sealed<String>), Staff(UserId), Actor(Actor), Date(Date), At(Timestamp),
    Number(u32), Flag(bool), Phase(Phase), Outcome(Outcome), Channel(Channel), Topic(TopicSlug),
    Kle(KleNumber), Facet(Facet), Hearing(HearingState), Direction(Direction), Inquiry(InquiryId),
    Deadline(DeadlineKind), DeadlineEnd(DeadlineEnd), WaitingFor(WaitingFor),
    Team(TeamId),
    Complaint(ComplaintId), ComplaintStanding(ComplaintStanding),
    PartyRole(PartyRole), Confidentiality(Confidentiality), Link(CaseLink),
}

/// A list in the making.
#[derive(Default)]
struct Fields(Vec<SheetField>);

impl Fields {
    fn put(&mut self, key: &'static str, value: impl Into<FieldValue>) {
        self.0.push(SheetField { key, value: value.into() });
    }

    fn maybe<T: Clone + Into<FieldValue>>(&mut self, key: &'static str, value: Option<&T>) {
        if let Some(value) = value {
            self.put(key, value.clone());
        }
    }

    fn text(&mut self, key: &'static str, value: &str) {
        if !value.is_empty() {
            self.put(key, value.to_owned());
        }
    }
}

impl CaseSheet {
    /// Every value of the sheet, in the order a page shows them. What is not there is left out.
    pub fn fields(&self) -> Vec<SheetField> {
        let mut fields = Fields::default();
        let file = &self.file;
        fields.put("number", self.number.clone());
        fields.put("title", self.title.clone());
        fields.maybe("party", self.party.as_ref());
        fields.put("phase", file.phase);
        if let Some((kle, facet)) = &file.kle {
            fields.put("kle", kle.clone());
            fields.put("facet", facet.clone());
        }
        fields.put("received", file.received);
        fields.put("channel", self.channel);
        fields.maybe("topic", self.topic.as_ref());
        fields.maybe("inquiry", file.inquiry.as_ref());
        self.put_deadlines(&mut fields);
        fields.maybe("team", file.team.as_ref());
        fields.maybe("caseworker", file.caseworker.as_ref());
        fields.maybe("substitute", file.substitute.as_ref());
        self.put_people(&mut fields);
        self.put_course(&mut fields);
        if let Some(hearing) = &self.hearing {
            put_hearing(&mut fields, hearing);
        }
        for note in &self.notes {
            let (key, by, at) = match note.kind {
                NoteKind::Call => ("call", "callBy", "callAt"),
                NoteKind::Step => ("step", "stepBy", "stepAt"),
                NoteKind::Fact => ("fact", "factBy", "factAt"),
            };
            fields.put(key, note.text.clone());
            fields.maybe("factSource", note.source.as_ref());
            fields.maybe("callDirection", note.direction.as_ref());
            fields.put(by, note.by);
            fields.put(at, note.at);
        }
        self.put_decisions(&mut fields);
        for followed in &file.complaints {
            fields.put("complaint", followed.complaint);
            fields.maybe("complaintStanding", followed.standing.as_ref());
        }
        for DocumentSheet { id, .. } in &self.documents {
            if let Some(state) = file.documents.get(id) {
                put_document(&mut fields, *id, state);
            }
        }
        fields.maybe("closedAt", self.closed_at.as_ref());
        if let Some(reopened) = &self.reopened {
            fields.put("reopenedReason", reopened.reason.clone());
            fields.put("reopenedBy", reopened.by);
            fields.put("reopenedAt", reopened.at);
        }
        fields.0
    }
}

fn put_document(fields: &mut Fields, id: DocumentId, state: &DocumentState) {
    fields.put("document", id.to_string());
    if let Some(journal) = &state.journal {
        fields.put("documentTheme", journal.theme.clone());
        fields.put("documentDated", journal.dated);
    }
    for file in &state.versions {
        put_file(fields, file);
    }
    match state.standing {
        Standing::Moved { to } => fields.put("documentMovedTo", to.to_string()),
        Standing::Withdrawn => fields.put("documentWithdrawn", true),
        Standing::Sent => fields.put("documentSent", true),
        Standing::Uploaded | Standing::Journalised | Standing::Used => {}
    }
}

fn put_file(fields: &mut Fields, file: &StoredFile) {
    fields.put("documentFile", file.name.clone());
    fields.put("documentHash", file.hash.to_string());
}

/// The values that one event about a document carries; none for any other event.
fn put_document_event(fields: &mut Fields, event: &CaseEvent) {
    match event {
        CaseEvent::DocumentUploaded(uploaded) => {
            fields.put("document", uploaded.file.id.to_string());
            put_file(fields, &uploaded.file);
        }
        CaseEvent::DocumentJournalised(journalised) => {
            fields.put("document", journalised.document.to_string());
            fields.put("documentVersion", journalised.version);
            fields.put("documentTheme", journalised.theme.clone());
            fields.put("documentDated", journalised.dated);
            put_file(fields, &journalised.file);
        }
        CaseEvent::DocumentSuperseded(superseded) => {
            fields.put("document", superseded.document.to_string());
            fields.put("documentVersion", superseded.version);
            fields.put("documentReason", superseded.reason.clone());
            put_file(fields, &superseded.file);
        }
        CaseEvent::DocumentMoved(moved) => {
            fields.put("document", moved.document.to_string());
            fields.put("documentMovedTo", moved.to.to_string());
            fields.put("documentReason", moved.reason.clone());
        }
        CaseEvent::DocumentTakenOver(taken) => {
            fields.put("document", taken.document.to_string());
            fields.put("documentMovedFrom", taken.from.to_string());
            fields.put("documentTheme", taken.theme.clone());
            fields.put("documentDated", taken.dated);
            taken.versions.iter().for_each(|file| put_file(fields, file));
        }
        CaseEvent::DocumentWithdrawn(withdrawn) => {
            fields.put("document", withdrawn.document.to_string());
            fields.put("documentReason", withdrawn.reason.clone());
        }
        _ => {}
    }
}

fn put_hearing(fields: &mut Fields, hearing: &HearingSheet) {
    fields.put("hearing", hearing.state);
    fields.maybe("hearingReplyBy", hearing.reply_by.as_ref());
    fields.maybe("hearingFacts", hearing.facts.as_ref());
    fields.maybe("hearingAnswered", hearing.answered.as_ref());
    fields.maybe("hearingStatute", hearing.statute.as_ref());
    fields.maybe("hearingReason", hearing.reason.as_ref());
}

/// The values that one event carries.
pub fn event_fields(event: &CaseEvent) -> Vec<SheetField> {
    let mut fields = Fields::default();
    match event {
        CaseEvent::CaseOpened(opened) => put_opened(&mut fields, opened),
        CaseEvent::DeadlineSet(_)
        | CaseEvent::DeadlineSuspended(_)
        | CaseEvent::DeadlineResumed(_)
        | CaseEvent::DeadlineExtended(_)
        | CaseEvent::DelayNoticeSent(_)
        | CaseEvent::DeadlineWarned(_)
        | CaseEvent::DeadlineMet(_)
        | CaseEvent::DeadlineMissed(_)
        | CaseEvent::InformationRequested(_)
        | CaseEvent::InformationReceived(_) => deadline::put_event(&mut fields, event),
        CaseEvent::CaseClassified(classified) => {
            fields.put("kle", classified.kle.clone());
            fields.put("facet", classified.facet.clone());
        }
        CaseEvent::CaseReclassified(classified) => {
            fields.put("kle", classified.kle.clone());
            fields.put("facet", classified.facet.clone());
        }
        CaseEvent::CaseworkerAssigned(assigned) => fields.put("caseworker", assigned.caseworker),
        CaseEvent::TeamAssigned(assigned) => fields.put("team", assigned.team),
        CaseEvent::SubstituteActing(acting) => {
            fields.put("substitute", acting.substitute);
            fields.put("actingFor", acting.acting_for);
        }
        CaseEvent::CallNoted(call) => {
            fields.put("call", call.text.clone());
            fields.put("callDirection", call.direction);
        }
        CaseEvent::StepNoted(step) => fields.put("step", step.text.clone()),
        CaseEvent::HearingOpened(opened) => {
            fields.put("hearingReplyBy", opened.reply_by);
            fields.put("hearingFacts", opened.facts.clone());
        }
        CaseEvent::HearingClosed(closed) => {
            fields.put("hearingAnswered", closed.answered);
            fields.maybe("document", closed.document.map(|document| document.to_string()).as_ref());
        }
        CaseEvent::HearingWaived(waived) => {
            fields.put("hearingStatute", waived.statute.clone());
            fields.put("hearingReason", waived.reason.clone());
        }
        CaseEvent::DecisionDrafted(_)
        | CaseEvent::DecisionSubmitted(_)
        | CaseEvent::DecisionApproved(_)
        | CaseEvent::DecisionReturned(_)
        | CaseEvent::DecisionMade(_)
        | CaseEvent::DecisionSent(_)
        | CaseEvent::DecisionCorrected(_)
        | CaseEvent::DecisionRevoked(_) => decision::put_event(&mut fields, event),
        CaseEvent::CaseReopened(reopened) => fields.put("reopenedReason", reopened.reason.clone()),
        CaseEvent::ComplaintNoted(noted) => {
            fields.put("complaint", noted.complaint);
            fields.put("complaintStanding", noted.standing);
        }
        CaseEvent::ComplaintSettled(settled) => fields.put("complaint", settled.complaint),
        CaseEvent::DocumentUploaded(_)
        | CaseEvent::DocumentJournalised(_)
        | CaseEvent::DocumentSuperseded(_)
        | CaseEvent::DocumentMoved(_)
        | CaseEvent::DocumentTakenOver(_)
        | CaseEvent::DocumentWithdrawn(_) => put_document_event(&mut fields, event),
        CaseEvent::FactNoted(_)
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
        | CaseEvent::CasesLinked(_) => around::put_event(&mut fields, event),
        CaseEvent::CaseworkerReleased(_) | CaseEvent::CaseInformed(_) | CaseEvent::CaseClosed(_) => {}
    }
    fields.0
}

fn put_opened(fields: &mut Fields, opened: &CaseOpened) {
    fields.put("number", opened.number.clone());
    fields.put("title", opened.title.clone());
    fields.maybe("party", opened.party.as_ref());
    fields.put("received", opened.received);
    fields.put("channel", opened.channel);
    fields.maybe("topic", opened.topic.as_ref());
    fields.maybe("inquiry", opened.inquiry.as_ref());
}

/// What differs between two states of a case: values of the later one in its order, then those that are gone.
///
/// Compare sheets in the same state, both sealed or both opened.
pub fn diff(before: &CaseSheet, after: &CaseSheet) -> Vec<FieldChange> {
    changes_between(before.fields(), after.fields())
}

/// The same for two lists of values.
pub(crate) fn changes_between(before: Vec<SheetField>, after: Vec<SheetField>) -> Vec<FieldChange> {
    let places: Vec<_> = numbered(before).collect();
    let mut old: HashMap<_, _> = places.iter().cloned().collect();
    let mut changes = Vec::new();
    for (place, value) in numbered(after) {
        let was = old.remove(&place);
        if was.as_ref() != Some(&value) {
            changes.push(FieldChange { key: place.0, before: was, after: Some(value) });
        }
    }
    // What is left is gone; in the order of the earlier sheet.
    for (place, value) in places {
        if old.contains_key(&place) {
            changes.push(FieldChange { key: place.0, before: Some(value), after: None });
        }
    }
    changes
}

/// Each value with its key and how many of that key came before it.
fn numbered(fields: Vec<SheetField>) -> impl Iterator<Item = ((&'static str, usize), FieldValue)> {
    let mut seen: HashMap<&'static str, usize> = HashMap::new();
    fields.into_iter().map(move |field| {
        let count = seen.entry(field.key).or_default();
        *count += 1;
        ((field.key, *count), field.value)
    })
}
