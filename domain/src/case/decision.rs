//! The decision on a case: its draft, the approval by a colleague, and the decision itself.

mod event;

use serde::{Deserialize, Serialize};

pub use event::{
    ComplaintGuidance, DecisionApproved, DecisionCorrected, DecisionDrafted, DecisionMade, DecisionReturned,
    DecisionRevoked, DecisionSent, DecisionSubmitted, Grounds, Outcome,
};

use super::command::{Circumstances, Draft};
use super::document::{PartyLetter, Standing, StoredFile};
use super::{CaseEvent, CaseFile, CaseRefusal, PartyOutcome, Phase, TEXT_LIMIT, text};
use crate::id::UserId;
use crate::sealed::Sealed;

/// How far the draft of a decision has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftState {
    /// Its version, from 1.
    pub version: u32,
    /// Who wrote it.
    pub author: UserId,
    /// The outcome for the first party.
    pub outcome: Option<Outcome>,
    /// The outcome for each of the other parties.
    #[serde(default)]
    pub others: Vec<PartyOutcome>,
    /// Which parts of the grounds are there.
    pub has_grounds: [bool; 3],
    /// Whether there is complaint guidance.
    pub has_guidance: bool,
    /// Whether it waits for approval.
    pub submitted: bool,
    /// Whether a colleague approved it (who did stands in the event's metadata).
    pub approved: bool,
    /// The first party's letter as it was rendered and approved; none before approval.
    #[serde(default)]
    pub letter: Option<StoredFile>,
    /// The letters to the other parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub letters: Vec<PartyLetter>,
}

impl CaseFile {
    /// Whether a draft waits for somebody's approval.
    pub fn awaits_approval(&self) -> bool {
        self.draft.as_ref().is_some_and(|draft| draft.submitted && !draft.approved) && self.decided.is_none()
    }

    pub(super) fn drafted(&self, draft: Draft, under: &Circumstances) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let Some(author) = under.actor.staff() else { return Err(CaseRefusal::StaffOnly) };
        let (outcome, others) = self.outcomes(&draft)?;
        let part = |value: String, path| -> Result<Option<Sealed<String>>, CaseRefusal> {
            let value = value.trim();
            if value.chars().count() > TEXT_LIMIT {
                return Err(CaseRefusal::TooLong { path });
            }
            Ok((!value.is_empty()).then(|| Sealed::new(self.subject, value.to_owned())))
        };
        Ok(vec![CaseEvent::DecisionDrafted(DecisionDrafted {
            version: self.draft.as_ref().map_or(0, |draft| draft.version) + 1,
            author,
            outcome,
            others,
            text: Sealed::new(self.subject, text(&draft.text, "text")?),
            legal_basis: draft.legal_basis.trim().to_owned(),
            grounds: Grounds {
                rules: part(draft.grounds_rules, "groundsRules")?,
                discretion: part(draft.grounds_discretion, "groundsDiscretion")?,
                facts: part(draft.grounds_facts, "groundsFacts")?,
            },
            complaint: draft.complaint,
        })])
    }

    /// Refuses a version that a colleague has changed meanwhile.
    pub(super) fn is_current(&self, version: u32) -> Result<(), CaseRefusal> {
        let current = self.draft.as_ref().map_or(0, |draft| draft.version);
        if version == current { Ok(()) } else { Err(CaseRefusal::DraftChanged { current }) }
    }

    pub(super) fn submit(&self, version: u32) -> Result<CaseEvent, CaseRefusal> {
        self.is_current(version)?;
        Ok(CaseEvent::DecisionSubmitted(DecisionSubmitted { version }))
    }

    pub(super) fn make(&self, under: &Circumstances) -> Result<CaseEvent, CaseRefusal> {
        let settled = self.draft.as_ref().and_then(|draft| Some((draft, draft.outcome?)));
        let Some((draft, outcome)) = settled else { return Err(CaseRefusal::NoOutcome) };
        Ok(CaseEvent::DecisionMade(DecisionMade {
            version: draft.version,
            outcome,
            others: draft.others.clone(),
            rule_set: under.rules.version.clone(),
        }))
    }

    /// The state after one event about the decision. Never fails and holds no rule.
    pub(super) fn evolve_decision(&mut self, event: CaseEvent) {
        match event {
            CaseEvent::DecisionDrafted(drafted) => self.draft_anew(drafted),
            CaseEvent::DecisionSubmitted(_) => {
                if let Some(draft) = &mut self.draft {
                    draft.submitted = true;
                }
                self.phase = Phase::DecisionProposed;
            }
            CaseEvent::DecisionApproved(approved) => {
                if let Some(draft) = &mut self.draft {
                    draft.approved = true;
                    (draft.letter, draft.letters) = (approved.letter, approved.others);
                }
            }
            CaseEvent::DecisionReturned(_) => {
                if let Some(draft) = &mut self.draft {
                    draft.submitted = false;
                    draft.approved = false;
                    (draft.letter, draft.letters) = (None, Vec::new());
                }
                self.phase = Phase::Informed;
            }
            CaseEvent::DecisionMade(made) => {
                self.decided = Some(made.outcome);
                self.reopened = false;
                self.decisions += 1;
                self.phase = Phase::Decided;
            }
            CaseEvent::DecisionSent(sent) => {
                self.sent = true;
                let others = sent.others.into_iter().map(|other| other.document);
                for document in sent.document.into_iter().chain(others) {
                    self.stand(document, Standing::Sent);
                }
            }
            // Clears no date and no decision: the old one stays in the log, a new one may follow.
            CaseEvent::DecisionRevoked(_) => self.start_over(),
            // The others tell nothing about it.
            _ => {}
        }
    }

    /// A new version has nobody's approval; the case is where it was before it was proposed.
    fn draft_anew(&mut self, drafted: DecisionDrafted) {
        self.draft = Some(DraftState {
            version: drafted.version,
            author: drafted.author,
            outcome: drafted.outcome,
            others: drafted.others,
            has_grounds: drafted.grounds.present(),
            has_guidance: drafted.complaint.as_ref().is_some_and(ComplaintGuidance::is_complete),
            submitted: false,
            approved: false,
            letter: None,
            letters: Vec::new(),
        });
        if self.phase == Phase::DecisionProposed {
            self.phase = Phase::Informed;
        }
    }
}
