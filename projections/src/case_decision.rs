//! The decision on a case sheet, and its draft.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use skranke_domain::case::document::{PartyLetter, StoredFile};
use skranke_domain::case::{CaseEvent, ComplaintGuidance, DecisionDrafted, Grounds, Outcome, PartyOutcome};
use skranke_domain::{Actor, Sealed, UserId};

use crate::case_sheet::CaseSheet;
use crate::event::EventInfo;

/// A decision, from its draft to its sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionSheet {
    /// The version of the draft, from 1.
    pub version: u32,
    /// Who wrote it.
    pub author: UserId,
    /// The outcome for the first party.
    pub outcome: Option<Outcome>,
    /// The outcome for each of the other parties.
    pub others: Vec<PartyOutcome>,
    /// The letter.
    pub text: Sealed<String>,
    /// The legal basis; may be empty.
    pub legal_basis: String,
    /// The grounds.
    pub grounds: Grounds,
    /// The complaint guidance.
    pub complaint: Option<ComplaintGuidance>,
    /// Whether it waits for approval, or did.
    pub submitted: bool,
    /// Whether it is approved.
    pub approved: bool,
    /// Who approved it.
    pub approved_by: Option<Actor>,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// Why this version was sent back, if it was.
    pub returned_reason: Option<Sealed<String>>,
    /// When the decision was made.
    pub made_at: Option<Timestamp>,
    /// The rule set it was made under.
    pub rule_set: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// The first party's letter that was approved, and sent.
    #[serde(default)]
    pub letter: Option<StoredFile>,
    /// The letters to the other parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub letters: Vec<PartyLetter>,
    /// What was corrected after it was sent, oldest first.
    #[serde(default)]
    pub corrections: Vec<Correction>,
    /// Why it was revoked, if it was.
    #[serde(default)]
    pub revoked_reason: Option<Sealed<String>>,
}

/// A correction of a decision that was sent (berigtigelse).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// What is right.
    pub text: Sealed<String>,
    /// Why.
    pub reason: Sealed<String>,
    /// Who corrected it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl CaseSheet {
    /// Takes in what an event tells about a draft or a decision.
    pub(crate) fn apply_to_the_decision(&mut self, event: &CaseEvent, info: &EventInfo) {
        match event {
            CaseEvent::DecisionDrafted(drafted) => self.draft = Some(DecisionSheet::draft(drafted)),
            CaseEvent::DecisionApproved(approved) => {
                if let Some(draft) = &mut self.draft {
                    (draft.approved_by, draft.approved_at) = (Some(info.actor), Some(info.at));
                    draft.letter.clone_from(&approved.letter);
                    draft.letters.clone_from(&approved.others);
                }
            }
            CaseEvent::DecisionReturned(returned) => {
                if let Some(draft) = &mut self.draft {
                    (draft.approved_by, draft.approved_at) = (None, None);
                    (draft.letter, draft.letters) = (None, Vec::new());
                    draft.returned_reason = Some(returned.reason.clone());
                }
            }
            CaseEvent::DecisionMade(made) => {
                if let Some(mut decision) = self.draft.take() {
                    decision.outcome = Some(made.outcome);
                    decision.others.clone_from(&made.others);
                    decision.made_at = Some(info.at);
                    decision.rule_set = Some(made.rule_set.clone());
                    self.earlier_decisions.extend(self.decision.replace(decision));
                }
            }
            CaseEvent::DecisionSent(_) => {
                if let Some(decision) = &mut self.decision {
                    decision.sent_at = Some(info.at);
                }
            }
            CaseEvent::DecisionCorrected(corrected) => {
                if let Some(decision) = &mut self.decision {
                    let (text, reason) = (corrected.text.clone(), corrected.reason.clone());
                    decision.corrections.push(Correction { text, reason, by: info.actor, at: info.at });
                }
            }
            CaseEvent::DecisionRevoked(revoked) => {
                if let Some(decision) = &mut self.decision {
                    decision.revoked_reason = Some(revoked.reason.clone());
                }
            }
            // The others tell nothing about it.
            _ => {}
        }
    }
}

impl DecisionSheet {
    fn draft(drafted: &DecisionDrafted) -> Self {
        Self {
            version: drafted.version,
            author: drafted.author,
            outcome: drafted.outcome,
            others: drafted.others.clone(),
            text: drafted.text.clone(),
            legal_basis: drafted.legal_basis.clone(),
            grounds: drafted.grounds.clone(),
            complaint: drafted.complaint.clone(),
            submitted: false,
            approved: false,
            approved_by: None,
            approved_at: None,
            returned_reason: None,
            made_at: None,
            rule_set: None,
            sent_at: None,
            letter: None,
            letters: Vec::new(),
            corrections: Vec::new(),
            revoked_reason: None,
        }
    }

    /// Every sealed field.
    pub fn seals(&mut self) -> Vec<&mut Sealed<String>> {
        let Grounds { rules, discretion, facts } = &mut self.grounds;
        let mut seals = vec![&mut self.text];
        seals.extend(rules);
        seals.extend(discretion);
        seals.extend(facts);
        seals.extend(&mut self.returned_reason);
        seals.extend(self.letter.as_mut().map(|letter| &mut letter.name));
        seals.extend(self.letters.iter_mut().map(|other| &mut other.letter.name));
        seals.extend(
            self.corrections.iter_mut().flat_map(|corrected| [&mut corrected.text, &mut corrected.reason]),
        );
        seals.extend(&mut self.revoked_reason);
        seals
    }
}
