//! Deadlines of a case, and what is asked for meanwhile.

use jiff::civil::date;
use skranke_domain::calendar::{Calendar, ClosingDay};
use skranke_domain::case::{
    CaseEvent, DeadlineExtended, DeadlineMet, DeadlineMissed, DeadlineResumed, DeadlineSet,
    DeadlineSuspended, DeadlineWarned, DelayNoticeSent, InformationReceived, InformationRequested,
};
use skranke_domain::deadline::{DeadlineKind, WaitingFor};
use skranke_domain::rules::{Counting, Terms};

use super::sealed;

pub(super) fn samples() -> Vec<CaseEvent> {
    let due = date(2026, 12, 18);
    let closed = vec![ClosingDay::Yearly { month: 12, day: 24 }, ClosingDay::Once(date(2027, 5, 7))];
    vec![
        CaseEvent::DeadlineSet(DeadlineSet {
            kind: DeadlineKind::CaseHandling,
            due,
            rule: "sagsbehandlingsfrist".into(),
            rule_set: "2026-2".into(),
            source: "Retssikkerhedsloven § 3, stk. 2".into(),
            from: Some(date(2026, 11, 20)),
            days: 28,
            counting: Counting::CalendarDays,
            terms: Terms {
                suspension: true,
                extensions: 1,
                extension_days: 28,
                notice_first: true,
                warn_days: 5,
            },
            calendar: Calendar::new(closed),
        }),
        CaseEvent::DeadlineSuspended(DeadlineSuspended {
            from: date(2026, 11, 23),
            waiting_for: WaitingFor::OtherAuthority,
            reason: sealed("Venter på oplysninger fra Dagnys tidligere kommune."),
        }),
        CaseEvent::DeadlineResumed(DeadlineResumed { on: date(2026, 11, 30) }),
        CaseEvent::DeadlineExtended(DeadlineExtended {
            days: 14,
            reason: sealed("Lægeerklæringen er forsinket."),
        }),
        CaseEvent::DelayNoticeSent(DelayNoticeSent {
            expected: date(2027, 1, 8),
            reason: sealed("Vi venter på en lægeerklæring."),
        }),
        CaseEvent::DeadlineWarned(DeadlineWarned { kind: DeadlineKind::CaseHandling, due }),
        CaseEvent::DeadlineMet(DeadlineMet { kind: DeadlineKind::FirstAnswer }),
        CaseEvent::DeadlineMissed(DeadlineMissed { kind: DeadlineKind::CaseHandling, due }),
        CaseEvent::InformationRequested(InformationRequested {
            number: 1,
            of: WaitingFor::Party,
            asked: date(2026, 11, 23),
            what: sealed("Lejekontrakt og de seneste tre lønsedler."),
            reply_by: Some(date(2026, 12, 7)),
        }),
        CaseEvent::InformationReceived(InformationReceived {
            number: 1,
            what: Some(sealed("Lejekontrakten kom med posten.")),
        }),
    ]
}
