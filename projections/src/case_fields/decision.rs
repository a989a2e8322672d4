//! The values of a decision: of its draft, of the one that holds, and of those before it.

use skranke_domain::case::document::{PartyLetter, StoredFile};
use skranke_domain::case::{CaseEvent, ComplaintGuidance, DecisionDrafted, Grounds};

use super::{Fields, around};
use crate::case_decision::DecisionSheet;
use crate::case_sheet::CaseSheet;

/// The names of a decision's fields, under one prefix.
struct DecisionKeys {
    version: &'static str,
    author: &'static str,
    outcome: &'static str,
    text: &'static str,
    legal_basis: &'static str,
    grounds_rules: &'static str,
    grounds_discretion: &'static str,
    grounds_facts: &'static str,
    complaint_body: &'static str,
    complaint_how: &'static str,
    complaint_limit: &'static str,
    submitted: &'static str,
    approved: &'static str,
    approved_by: &'static str,
    returned_reason: &'static str,
    rule_set: &'static str,
    made_at: &'static str,
    sent_at: &'static str,
    letter_hash: &'static str,
    corrected: &'static str,
    corrected_reason: &'static str,
    revoked_reason: &'static str,
}

macro_rules! decision_keys {
    ($prefix:literal) => {
        DecisionKeys {
            version: concat!($prefix, "Version"),
            author: concat!($prefix, "Author"),
            outcome: concat!($prefix, "Outcome"),
            text: concat!($prefix, "Text"),
            legal_basis: concat!($prefix, "LegalBasis"),
            grounds_rules: concat!($prefix, "GroundsRules"),
            grounds_discretion: concat!($prefix, "GroundsDiscretion"),
            grounds_facts: concat!($prefix, "GroundsFacts"),
            complaint_body: concat!($prefix, "ComplaintBody"),
            complaint_how: concat!($prefix, "ComplaintHow"),
            complaint_limit: concat!($prefix, "ComplaintLimit"),
            submitted: concat!($prefix, "Submitted"),
            approved: concat!($prefix, "Approved"),
            approved_by: concat!($prefix, "ApprovedBy"),
            returned_reason: concat!($prefix, "ReturnedReason"),
            rule_set: concat!($prefix, "RuleSet"),
            made_at: concat!($prefix, "MadeAt"),
            sent_at: concat!($prefix, "SentAt"),
            letter_hash: concat!($prefix, "LetterHash"),
            corrected: concat!($prefix, "Corrected"),
            corrected_reason: concat!($prefix, "CorrectedReason"),
            revoked_reason: concat!($prefix, "RevokedReason"),
        }
    };
}

const DRAFT: DecisionKeys = decision_keys!("draft");
const DECISION: DecisionKeys = decision_keys!("decision");
const EARLIER: DecisionKeys = decision_keys!("earlierDecision");

impl CaseSheet {
    /// Every decision, oldest first, and the draft.
    pub(super) fn put_decisions(&self, fields: &mut Fields) {
        let earlier = self.earlier_decisions.iter().map(|decision| (&EARLIER, decision));
        let current = self.decision.iter().map(|decision| (&DECISION, decision));
        let draft = self.draft.iter().map(|draft| (&DRAFT, draft));
        for (keys, decision) in earlier.chain(current).chain(draft) {
            put_decision(fields, keys, decision);
        }
    }
}

fn put_decision(fields: &mut Fields, keys: &DecisionKeys, decision: &DecisionSheet) {
    fields.put(keys.version, decision.version);
    fields.put(keys.author, decision.author);
    fields.maybe(keys.outcome, decision.outcome.as_ref());
    around::put_others(fields, &decision.others);
    fields.put(keys.text, decision.text.clone());
    fields.text(keys.legal_basis, &decision.legal_basis);
    put_grounds(fields, keys, &decision.grounds);
    put_complaint(fields, keys, decision.complaint.as_ref());
    fields.put(keys.submitted, decision.submitted);
    fields.put(keys.approved, decision.approved);
    fields.maybe(keys.approved_by, decision.approved_by.as_ref());
    fields.maybe(keys.returned_reason, decision.returned_reason.as_ref());
    fields.maybe(keys.rule_set, decision.rule_set.as_ref());
    fields.maybe(keys.made_at, decision.made_at.as_ref());
    fields.maybe(keys.sent_at, decision.sent_at.as_ref());
    put_letters(fields, keys, decision.letter.as_ref(), &decision.letters);
    for correction in &decision.corrections {
        fields.put(keys.corrected, correction.text.clone());
        fields.put(keys.corrected_reason, correction.reason.clone());
    }
    fields.maybe(keys.revoked_reason, decision.revoked_reason.as_ref());
}

fn put_grounds(fields: &mut Fields, keys: &DecisionKeys, grounds: &Grounds) {
    fields.maybe(keys.grounds_rules, grounds.rules.as_ref());
    fields.maybe(keys.grounds_discretion, grounds.discretion.as_ref());
    fields.maybe(keys.grounds_facts, grounds.facts.as_ref());
}

fn put_complaint(fields: &mut Fields, keys: &DecisionKeys, complaint: Option<&ComplaintGuidance>) {
    if let Some(complaint) = complaint {
        fields.text(keys.complaint_body, &complaint.body);
        fields.text(keys.complaint_how, &complaint.how);
        fields.text(keys.complaint_limit, &complaint.limit);
    }
}

/// The hash of each approved letter, in the order of the parties.
fn put_letters(fields: &mut Fields, keys: &DecisionKeys, first: Option<&StoredFile>, others: &[PartyLetter]) {
    for letter in first.into_iter().chain(others.iter().map(|other| &other.letter)) {
        fields.put(keys.letter_hash, letter.hash.to_string());
    }
}

fn put_drafted(fields: &mut Fields, drafted: &DecisionDrafted) {
    fields.put(DRAFT.version, drafted.version);
    fields.put(DRAFT.author, drafted.author);
    fields.maybe(DRAFT.outcome, drafted.outcome.as_ref());
    around::put_others(fields, &drafted.others);
    fields.put(DRAFT.text, drafted.text.clone());
    fields.text(DRAFT.legal_basis, &drafted.legal_basis);
    put_grounds(fields, &DRAFT, &drafted.grounds);
    put_complaint(fields, &DRAFT, drafted.complaint.as_ref());
}

/// What an event about a draft or a decision says.
pub(super) fn put_event(fields: &mut Fields, event: &CaseEvent) {
    match event {
        CaseEvent::DecisionDrafted(drafted) => put_drafted(fields, drafted),
        CaseEvent::DecisionSubmitted(submitted) => fields.put(DRAFT.version, submitted.version),
        CaseEvent::DecisionApproved(approved) => {
            fields.put(DRAFT.version, approved.version);
            put_letters(fields, &DRAFT, approved.letter.as_ref(), &approved.others);
        }
        CaseEvent::DecisionReturned(returned) => fields.put(DRAFT.returned_reason, returned.reason.clone()),
        CaseEvent::DecisionMade(made) => {
            fields.put(DECISION.version, made.version);
            fields.put(DECISION.outcome, made.outcome);
            around::put_others(fields, &made.others);
            fields.put(DECISION.rule_set, made.rule_set.clone());
        }
        CaseEvent::DecisionSent(sent) => {
            let others = sent.others.iter().map(|other| other.hash);
            for hash in sent.hash.into_iter().chain(others) {
                fields.put(DECISION.letter_hash, hash.to_string());
            }
        }
        CaseEvent::DecisionCorrected(corrected) => {
            fields.put(DECISION.corrected, corrected.text.clone());
            fields.put(DECISION.corrected_reason, corrected.reason.clone());
        }
        CaseEvent::DecisionRevoked(revoked) => fields.put(DECISION.revoked_reason, revoked.reason.clone()),
        // The others say nothing about it.
        _ => {}
    }
}
