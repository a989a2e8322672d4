//! What the case page shows about deadlines beside the domain's own state: why a deadline was stopped or extended,
//! what the citizen was told, what was asked of whom, and who noted it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use skranke_domain::case::{CaseEvent, CaseFile};
use skranke_domain::deadline::WaitingFor;
use skranke_domain::{Actor, Sealed};

use crate::event::EventInfo;

/// What was done about the deadline for a decision, and meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadlineSheet {
    /// The times in which it did not run, oldest first.
    pub pauses: Vec<PauseSheet>,
    /// Its extensions, oldest first.
    pub extensions: Vec<ExtensionSheet>,
    /// Delay notices to the citizen, oldest first.
    pub notices: Vec<NoticeSheet>,
    /// What was asked of whom, oldest first.
    pub requests: Vec<RequestSheet>,
}

/// A time in which the deadline did not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseSheet {
    /// The first day that does not count.
    pub from: Date,
    /// The first day that counts again.
    pub until: Option<Date>,
    /// Who is waited for.
    pub waiting_for: WaitingFor,
    /// Why.
    pub reason: Sealed<String>,
    /// Who noted it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionSheet {
    /// By how many days.
    pub days: u32,
    /// Why.
    pub reason: Sealed<String>,
    /// Who did it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// A delay notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSheet {
    /// When a decision can be expected.
    pub expected: Date,
    /// Why it takes longer.
    pub reason: Sealed<String>,
    /// Who sent it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Something that was asked of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSheet {
    /// Its number in the case.
    pub number: u32,
    /// Who was asked.
    pub of: WaitingFor,
    /// What for.
    pub what: Sealed<String>,
    /// By when.
    pub reply_by: Option<Date>,
    /// Who asked.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub answer: Option<AnswerSheet>,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerSheet {
    /// What it is, in a few words.
    pub what: Option<Sealed<String>>,
    /// Who noted it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl DeadlineSheet {
    /// Takes one event in. `file` is the domain's state after it.
    pub(crate) fn apply(&mut self, event: &CaseEvent, file: &CaseFile, info: &EventInfo) {
        let EventInfo { actor: by, at, .. } = *info;
        match event {
            CaseEvent::DeadlineSuspended(suspended) => self.pauses.push(PauseSheet {
                from: suspended.from,
                until: None,
                waiting_for: suspended.waiting_for,
                reason: suspended.reason.clone(),
                by,
                at,
            }),
            CaseEvent::DeadlineResumed(resumed) => {
                if let Some(pause) = self.pauses.last_mut() {
                    pause.until = Some(resumed.on);
                }
            }
            CaseEvent::DeadlineExtended(extended) => {
                let reason = extended.reason.clone();
                self.extensions.push(ExtensionSheet { days: extended.days, reason, by, at });
            }
            CaseEvent::DelayNoticeSent(notice) => {
                let reason = notice.reason.clone();
                self.notices.push(NoticeSheet { expected: notice.expected, reason, by, at });
            }
            CaseEvent::InformationRequested(requested) => self.requests.push(RequestSheet {
                number: requested.number,
                of: requested.of,
                what: requested.what.clone(),
                reply_by: requested.reply_by,
                by,
                at,
                answer: None,
            }),
            CaseEvent::InformationReceived(received) => {
                let asked = self.requests.iter_mut().find(|asked| asked.number == received.number);
                if let Some(asked) = asked {
                    asked.answer = Some(AnswerSheet { what: received.what.clone(), by, at });
                }
            }
            // The others are told whole by the file.
            _ => {}
        }
        // A deadline that began afresh has left its pauses and extensions behind.
        let (pauses, extensions) =
            file.deadline().map_or((0, 0), |one| (one.pauses.len(), one.extensions.len()));
        keep_last(&mut self.pauses, pauses);
        keep_last(&mut self.extensions, extensions);
    }

    /// Every sealed field.
    pub fn seals(&mut self) -> impl Iterator<Item = &mut Sealed<String>> {
        let Self { pauses, extensions, notices, requests } = self;
        let asked = requests.iter_mut().flat_map(|asked| {
            let answer = asked.answer.as_mut().and_then(|answer| answer.what.as_mut());
            std::iter::once(&mut asked.what).chain(answer)
        });
        let reasons = pauses.iter_mut().map(|pause| &mut pause.reason);
        let reasons = reasons.chain(extensions.iter_mut().map(|extension| &mut extension.reason));
        reasons.chain(notices.iter_mut().map(|notice| &mut notice.reason)).chain(asked)
    }
}

fn keep_last<T>(list: &mut Vec<T>, count: usize) {
    list.drain(..list.len().saturating_sub(count));
}
