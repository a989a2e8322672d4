//! The papers of a case (sagens akter) as its own stream holds them: what can be asked for, listed and handed out.
//!
//! Each paper is named after the event that made it, so a name means the same text for good, whatever follows. Drafts are
//! internal and no papers; a decision becomes one when it is made. Of a journalised document, each version is a paper of
//! its own, with its file. What was withdrawn or moved to another case is listed no more, and found by its name still.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::Sealed;
use crate::id::DocumentId;

use super::decision::DecisionDrafted;
use super::document::{DocumentDirection, StoredFile};
use super::event::{CaseEvent, Direction};

/// What kind of paper it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaperKind {
    /// A note of a phone call (telefonnotat).
    Call(Direction),
    /// A note of a step (notat).
    Step,
    /// A note of facts that matter (notatpligt).
    Fact,
    /// The facts put before the party in a hearing (partshøring).
    Hearing,
    /// What a party answered in a hearing (høringssvar).
    HearingReply,
    /// Why no hearing was held.
    HearingWaiver,
    /// A decision (afgørelse).
    Decision,
    /// A journalised document (dokument).
    Document(DocumentDirection),
}

impl PaperKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Call(_) => "telefonnotat",
            Self::Step => "notat",
            Self::Fact => "faktum",
            Self::Hearing => "partshoering",
            Self::HearingReply => "hoeringssvar",
            Self::HearingWaiver => "undladt-partshoering",
            Self::Decision => "afgoerelse",
            Self::Document(_) => "dokument",
        }
    }

    /// The title in the journal.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Call(Direction::Incoming) => "Telefonnotat (borgeren ringede)",
            Self::Call(Direction::Outgoing) => "Telefonnotat (kommunen ringede)",
            Self::Step => "Notat",
            Self::Fact => "Notat om faktiske oplysninger",
            Self::Hearing => "Partshøring",
            Self::HearingReply => "Høringssvar",
            Self::HearingWaiver => "Undladt partshøring",
            Self::Decision => "Afgørelse",
            Self::Document(DocumentDirection::Incoming) => "Indgående dokument",
            Self::Document(DocumentDirection::Outgoing) => "Udgående dokument",
            Self::Document(DocumentDirection::Internal) => "Internt dokument",
        }
    }
}

/// What a part of a paper is headed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heading {
    /// The text itself: no heading.
    Body,
    /// Where facts are from.
    Source,
    /// The legal basis.
    LegalBasis,
    /// The rules applied.
    Rules,
    /// The main considerations.
    Discretion,
    /// The decisive facts.
    Facts,
    /// The complaint guidance.
    Complaint,
}

impl Heading {
    /// In Danish; empty for the text itself.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Body => "",
            Self::Source => "Kilde",
            Self::LegalBasis => "Hjemmel",
            Self::Rules => "Begrundelse: regler",
            Self::Discretion => "Begrundelse: hovedhensyn",
            Self::Facts => "Begrundelse: faktiske forhold",
            Self::Complaint => "Klagevejledning",
        }
    }
}

/// A text of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Writing {
    /// A personal one.
    Sealed(Sealed<String>),
    /// One that names nobody.
    Plain(String),
}

/// One paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its name within the case, for good: kind and number of the event that made it.
    pub reference: String,
    /// What kind it is.
    pub kind: PaperKind,
    /// When it was made.
    pub at: Timestamp,
    /// Its parts, in order.
    pub parts: Vec<(Heading, Writing)>,
    /// The document that it is, if it is one.
    pub document: Option<DocumentPaper>,
}

/// A version of a journalised document as a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPaper {
    /// Which document.
    pub id: DocumentId,
    /// Which version, from 1.
    pub version: u32,
    /// What it is about.
    pub theme: Sealed<String>,
    /// Its file.
    pub file: StoredFile,
}

/// The papers of a case in the making: take in its events, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Papers {
    number: String,
    draft: Option<DecisionDrafted>,
    list: Vec<Paper>,
    gone: BTreeSet<DocumentId>,
}

impl Papers {
    /// Takes in one event.
    pub fn take(&mut self, revision: u64, at: Timestamp, event: &CaseEvent) {
        let body = |text: &Sealed<String>| vec![(Heading::Body, Writing::Sealed(text.clone()))];
        let (kind, parts) = match event {
            CaseEvent::CallNoted(call) => (PaperKind::Call(call.direction), body(&call.text)),
            CaseEvent::StepNoted(step) => (PaperKind::Step, body(&step.text)),
            CaseEvent::FactNoted(fact) => {
                let mut parts = body(&fact.text);
                let source = fact.source.clone();
                parts.extend(source.map(|source| (Heading::Source, Writing::Sealed(source))));
                (PaperKind::Fact, parts)
            }
            CaseEvent::HearingReplyReceived(reply) => (PaperKind::HearingReply, body(&reply.text)),
            CaseEvent::HearingOpened(opened) => (PaperKind::Hearing, body(&opened.facts)),
            CaseEvent::HearingWaived(waived) => {
                let mut parts = body(&waived.reason);
                parts.push((Heading::LegalBasis, Writing::Plain(waived.statute.clone())));
                (PaperKind::HearingWaiver, parts)
            }
            CaseEvent::CaseOpened(opened) => {
                self.number.clone_from(&opened.number);
                return;
            }
            CaseEvent::DecisionDrafted(drafted) => {
                self.draft = Some(drafted.clone());
                return;
            }
            CaseEvent::DecisionMade(_) => match self.draft.take() {
                Some(draft) => (PaperKind::Decision, decision(draft)),
                None => return,
            },
            _ => return self.take_document(revision, at, event),
        };
        let reference = format!("{}-{revision}", kind.word());
        self.list.push(Paper { reference, kind, at, parts, document: None });
    }

    fn take_document(&mut self, revision: u64, at: Timestamp, event: &CaseEvent) {
        match event {
            CaseEvent::DocumentJournalised(entry) => {
                self.gone.remove(&entry.document);
                let theme = entry.theme.clone();
                let (id, version, file) = (entry.document, entry.version, entry.file.clone());
                let document = DocumentPaper { id, version, theme, file };
                self.list_document(format!("dokument-{revision}"), entry.direction, at, document);
            }
            CaseEvent::DocumentSuperseded(entry) => {
                let earlier = self.list.iter().rev().find_map(|paper| match (&paper.document, paper.kind) {
                    (Some(known), PaperKind::Document(direction)) if known.id == entry.document => {
                        Some((known.theme.clone(), direction))
                    }
                    _ => None,
                });
                let Some((theme, direction)) = earlier else { return };
                let (id, version, file) = (entry.document, entry.version, entry.file.clone());
                let document = DocumentPaper { id, version, theme, file };
                self.list_document(format!("dokument-{revision}"), direction, at, document);
            }
            CaseEvent::DocumentTakenOver(entry) => {
                self.gone.remove(&entry.document);
                for (file, version) in entry.versions.iter().zip(1..) {
                    let (id, theme, file) = (entry.document, entry.theme.clone(), file.clone());
                    let document = DocumentPaper { id, version, theme, file };
                    let reference = format!("dokument-{revision}-{version}");
                    self.list_document(reference, entry.direction, at, document);
                }
            }
            CaseEvent::DocumentMoved(entry) => {
                self.gone.insert(entry.document);
            }
            CaseEvent::DocumentWithdrawn(entry) => {
                self.gone.insert(entry.document);
            }
            _ => {}
        }
    }

    fn list_document(
        &mut self,
        reference: String,
        direction: DocumentDirection,
        at: Timestamp,
        document: DocumentPaper,
    ) {
        let kind = PaperKind::Document(direction);
        self.list.push(Paper { reference, kind, at, parts: Vec::new(), document: Some(document) });
    }

    /// The case's number.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// All that are here, oldest first.
    pub fn list(&self) -> impl Iterator<Item = &Paper> {
        let gone = |paper: &Paper| paper.document.as_ref().is_some_and(|known| self.gone.contains(&known.id));
        self.list.iter().filter(move |paper| !gone(paper))
    }

    /// One of them, whatever became of it since.
    pub fn find(&self, reference: &str) -> Option<&Paper> {
        self.list.iter().find(|paper| paper.reference == reference)
    }
}

fn decision(draft: DecisionDrafted) -> Vec<(Heading, Writing)> {
    let mut parts = vec![(Heading::Body, Writing::Sealed(draft.text))];
    if !draft.legal_basis.is_empty() {
        parts.push((Heading::LegalBasis, Writing::Plain(draft.legal_basis)));
    }
    let grounds = [
        (Heading::Rules, draft.grounds.rules),
        (Heading::Discretion, draft.grounds.discretion),
        (Heading::Facts, draft.grounds.facts),
    ];
    parts.extend(grounds.into_iter().filter_map(|(heading, part)| Some((heading, Writing::Sealed(part?)))));
    parts.extend(draft.complaint.map(|guidance| {
        let text = [guidance.body, guidance.how, guidance.limit].join("\n");
        (Heading::Complaint, Writing::Plain(text))
    }));
    parts
}
