//! The values about the people in a case and about its way. An address is not among them, protected or not: whoever
//! needs one opens it, and that is noted.

use skranke_domain::case::{CaseEvent, CaseLink, PartyOutcome, SenderNotice};

use super::Fields;
use crate::case_sheet::CaseSheet;

impl CaseSheet {
    /// Everybody in the case. Of the first, the name stands as `party` already.
    pub(super) fn put_people(&self, fields: &mut Fields) {
        for party in &self.parties {
            let state = self.file.party(party.number);
            // A case with one party reads as it always has.
            let alone = self.parties.len() == 1;
            if !alone {
                fields.put("partyNumber", party.number);
                fields.maybe("partyName", party.name.as_ref());
                fields.maybe("partyRole", state.map(|state| state.role).as_ref());
            }
            if party.address.is_some() {
                fields.put("partyAddressKnown", true);
            }
            if state.is_some_and(|state| state.protected) {
                fields.put("addressProtected", true);
            }
            if let Some(representative) = &party.representative {
                fields.put("representative", representative.name.clone());
                fields.maybe("representativeContact", representative.contact.as_ref());
            }
            for reply in &party.replies {
                fields.put("replyReceived", reply.received);
                fields.put("reply", reply.text.clone());
            }
        }
    }

    /// What happened on its way.
    pub(super) fn put_course(&self, fields: &mut Fields) {
        if let Some(confidential) = &self.course.confidential {
            fields.put("confidentiality", self.file.confidentiality);
            fields.put("confidentialityReason", confidential.text.clone());
        }
        if let Some(effectuation) = &self.course.effectuation {
            fields.put("ordered", effectuation.ordered.text.clone());
            fields.maybe("orderedDue", effectuation.due.as_ref());
            fields.maybe("effectuatedOn", effectuation.done.as_ref());
            fields.maybe("effectuationNote", effectuation.note.as_ref());
        }
        fields.maybe("withdrawnReason", self.course.withdrawn.as_ref().map(|said| &said.text));
        if let Some(forwarded) = &self.course.forwarded {
            fields.put("forwardedTo", forwarded.name.clone());
            put_notice(fields, &forwarded.notice);
        }
        for linked in &self.file.links {
            put_link(fields, &linked.other.to_string(), linked.link);
        }
    }
}

fn put_notice(fields: &mut Fields, notice: &SenderNotice) {
    match notice {
        SenderNotice::Informed(how) => fields.put("senderInformed", how.clone()),
        SenderNotice::Waived(reason) => fields.put("notInformedBecause", reason.clone()),
    }
}

fn put_link(fields: &mut Fields, other: &str, link: CaseLink) {
    fields.put("linkedCase", other.to_owned());
    fields.put("link", link);
}

/// The outcomes for the parties after the first.
pub(super) fn put_others(fields: &mut Fields, others: &[PartyOutcome]) {
    for other in others {
        fields.put("outcomeForParty", other.party);
        fields.put("partyOutcome", other.outcome);
    }
}

/// The values that one event about people or the way carries; none for any other event.
pub(super) fn put_event(fields: &mut Fields, event: &CaseEvent) {
    match event {
        CaseEvent::FactNoted(fact) => {
            fields.put("fact", fact.text.clone());
            fields.maybe("factSource", fact.source.as_ref());
        }
        CaseEvent::PartyAdded(added) => {
            fields.put("partyNumber", added.party);
            fields.put("partyName", added.name.clone());
            fields.put("partyRole", added.role);
        }
        CaseEvent::PartyRoleChanged(changed) => {
            fields.put("partyNumber", changed.party);
            fields.put("partyRole", changed.role);
            fields.put("partyReason", changed.reason.clone());
        }
        CaseEvent::RepresentativeRecorded(recorded) => {
            fields.put("partyNumber", recorded.party);
            fields.put("representative", recorded.name.clone());
            fields.maybe("representativeContact", recorded.contact.as_ref());
        }
        CaseEvent::RepresentativeEnded(ended) => {
            fields.put("partyNumber", ended.party);
            fields.put("partyReason", ended.reason.clone());
        }
        CaseEvent::AddressProtectionMarked(marked) => fields.put("partyNumber", marked.party),
        CaseEvent::AddressProtectionLifted(lifted) => {
            fields.put("partyNumber", lifted.party);
            fields.put("partyReason", lifted.reason.clone());
        }
        CaseEvent::HearingReplyReceived(reply) => {
            fields.put("partyNumber", reply.party);
            fields.put("replyReceived", reply.received);
            fields.put("reply", reply.text.clone());
        }
        CaseEvent::ConfidentialityMarked(marked) => {
            fields.put("confidentiality", marked.level);
            fields.put("confidentialityReason", marked.reason.clone());
        }
        CaseEvent::EffectuationOrdered(ordered) => {
            fields.put("ordered", ordered.what.clone());
            fields.maybe("orderedDue", ordered.due.as_ref());
        }
        CaseEvent::Effectuated(effectuated) => {
            fields.put("effectuatedOn", effectuated.on);
            fields.maybe("effectuationNote", effectuated.note.as_ref());
        }
        CaseEvent::CaseWithdrawn(withdrawn) => fields.put("withdrawnReason", withdrawn.reason.clone()),
        CaseEvent::CaseForwarded(forwarded) => {
            fields.put("forwardedTo", forwarded.name.clone());
            put_notice(fields, &forwarded.notice);
        }
        CaseEvent::CasesLinked(linked) => put_link(fields, &linked.other.to_string(), linked.link),
        _ => {}
    }
}
