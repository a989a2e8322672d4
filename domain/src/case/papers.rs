//! The papers of a case (sagens akter) as its own stream holds them: what can be asked for, listed and handed out.
//!
//! Each paper is named after the event that made it, so a name means the same text for good, whatever follows. Drafts are
//! internal and no papers; a decision becomes one when it is made.

use jiff::Timestamp;

use crate::Sealed;

use super::event::{CaseEvent, DecisionDrafted, Direction};

/// What kind of paper it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaperKind {
    /// A note of a phone call (telefonnotat).
    Call(Direction),
    /// A note of a step (notat).
    Step,
    /// The facts put before the party in a hearing (partshøring).
    Hearing,
    /// Why no hearing was held.
    HearingWaiver,
    /// A decision (afgørelse).
    Decision,
}

impl PaperKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Call(_) => "telefonnotat",
            Self::Step => "notat",
            Self::Hearing => "partshoering",
            Self::HearingWaiver => "undladt-partshoering",
            Self::Decision => "afgoerelse",
        }
    }

    /// The title in the journal.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Call(Direction::Incoming) => "Telefonnotat (borgeren ringede)",
            Self::Call(Direction::Outgoing) => "Telefonnotat (kommunen ringede)",
            Self::Step => "Notat",
            Self::Hearing => "Partshøring",
            Self::HearingWaiver => "Undladt partshøring",
            Self::Decision => "Afgørelse",
        }
    }
}

/// What a part of a paper is headed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heading {
    /// The text itself: no heading.
    Body,
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
}

/// The papers of a case in the making: take in its events, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Papers {
    number: String,
    draft: Option<DecisionDrafted>,
    list: Vec<Paper>,
}

impl Papers {
    /// Takes in one event.
    pub fn take(&mut self, revision: u64, at: Timestamp, event: &CaseEvent) {
        let body = |text: &Sealed<String>| vec![(Heading::Body, Writing::Sealed(text.clone()))];
        let (kind, parts) = match event {
            CaseEvent::CallNoted(call) => (PaperKind::Call(call.direction), body(&call.text)),
            CaseEvent::StepNoted(step) => (PaperKind::Step, body(&step.text)),
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
            _ => return,
        };
        let reference = format!("{}-{revision}", kind.word());
        self.list.push(Paper { reference, kind, at, parts });
    }

    /// The case's number.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// All of them, oldest first.
    pub fn list(&self) -> &[Paper] {
        &self.list
    }

    /// One of them.
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
