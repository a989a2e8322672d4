//! The values of a case's deadlines.

use skranke_domain::case::{CaseEvent, DeadlineSet};

use super::Fields;
use crate::case_sheet::CaseSheet;

impl CaseSheet {
    /// Every deadline as it is now, and what was done about it.
    pub(super) fn put_deadlines(&self, fields: &mut Fields) {
        for one in self.file.deadlines.values() {
            put_rule(fields, &one.set);
            // As it is now, and not as it was set; a suspended one has no last day.
            fields.maybe("due", one.due.as_ref());
            fields.maybe("deadlineWarned", one.warned.as_ref());
            fields.maybe("deadlineEnd", one.end.as_ref());
        }
        for pause in &self.deadline.pauses {
            fields.put("pausedFrom", pause.from);
            fields.maybe("pausedUntil", pause.until.as_ref());
            fields.put("waitingFor", pause.waiting_for);
            fields.put("pauseReason", pause.reason.clone());
        }
        for notice in &self.deadline.notices {
            fields.put("expectedDecision", notice.expected);
            fields.put("delayReason", notice.reason.clone());
        }
        for extension in &self.deadline.extensions {
            fields.put("extendedBy", extension.days);
            fields.put("extensionReason", extension.reason.clone());
        }
        for asked in &self.deadline.requests {
            fields.put("requestedOf", asked.of);
            fields.put("requested", asked.what.clone());
            fields.maybe("requestReplyBy", asked.reply_by.as_ref());
            let answer = asked.answer.as_ref();
            fields.maybe("informationReceivedAt", answer.map(|answer| answer.at).as_ref());
            fields.maybe("informationReceived", answer.and_then(|answer| answer.what.as_ref()));
        }
    }
}

fn put_rule(fields: &mut Fields, set: &DeadlineSet) {
    fields.put("deadlineKind", set.kind);
    fields.put("deadlineRule", set.rule.clone());
    fields.put("deadlineRuleSet", set.rule_set.clone());
    fields.put("deadlineDays", set.days);
}

/// What an event about deadlines or information carries.
pub(super) fn put_event(fields: &mut Fields, event: &CaseEvent) {
    match event {
        CaseEvent::DeadlineSet(set) => {
            put_rule(fields, set);
            fields.put("due", set.due);
        }
        CaseEvent::DeadlineSuspended(suspended) => {
            fields.put("pausedFrom", suspended.from);
            fields.put("waitingFor", suspended.waiting_for);
            fields.put("pauseReason", suspended.reason.clone());
        }
        CaseEvent::DeadlineResumed(resumed) => fields.put("pausedUntil", resumed.on),
        CaseEvent::DeadlineExtended(extended) => {
            fields.put("extendedBy", extended.days);
            fields.put("extensionReason", extended.reason.clone());
        }
        CaseEvent::DelayNoticeSent(notice) => {
            fields.put("expectedDecision", notice.expected);
            fields.put("delayReason", notice.reason.clone());
        }
        CaseEvent::DeadlineWarned(warned) => {
            fields.put("deadlineKind", warned.kind);
            fields.put("due", warned.due);
        }
        CaseEvent::DeadlineMet(met) => fields.put("deadlineKind", met.kind),
        CaseEvent::DeadlineMissed(missed) => {
            fields.put("deadlineKind", missed.kind);
            fields.put("due", missed.due);
        }
        CaseEvent::InformationRequested(requested) => {
            fields.put("requestedOf", requested.of);
            fields.put("requested", requested.what.clone());
            fields.maybe("requestReplyBy", requested.reply_by.as_ref());
        }
        CaseEvent::InformationReceived(received) => {
            fields.maybe("informationReceived", received.what.as_ref());
        }
        _ => {}
    }
}
