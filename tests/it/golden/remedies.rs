//! Complaints and requests for access: one sample of each type.

use cqrs_es::Aggregate;
use jiff::civil::date;
use skranke_domain::access_log::{AccessEvent, ExportMade};
use skranke_domain::access_request::{
    AccessRequest, AccessRequestClosed, AccessRequestEvent, AccessRequestWithdrawn, AccessRequested,
    DelayNoticeSent, Disclosure, DocumentDisclosureDecided, DocumentRequested, PackageReleased,
};
use skranke_domain::case::{CaseEvent, ComplaintNoted, ComplaintSettled, ComplaintStanding};
use skranke_domain::complaint::{
    AppealOutcome, AppealOutcomeReceived, Complaint, ComplaintDismissed, ComplaintEvent, ComplaintForwarded,
    ComplaintReceived, ComplaintWithdrawn, FileListed, LatenessExcused, ReassessmentChanged,
    ReassessmentStarted, ReassessmentUpheld,
};
use skranke_domain::inquiry::Channel;
use skranke_domain::rules::{AccessBasis, Counting, Term};
use skranke_domain::{AccessRequestId, ComplaintId};

use super::{Golden, case, id, sealed, subject};

pub(super) const COMPLAINT: &str = Complaint::TYPE;
pub(super) const ACCESS_REQUEST: &str = AccessRequest::TYPE;

fn term(rule: &str, due: jiff::civil::Date, days: u32, counting: Counting) -> Term {
    let (from, rule_set) = (date(2026, 11, 2), "2026-1".into());
    Term { from, due, rule: rule.into(), rule_set, days, counting }
}

pub(super) fn noted() -> CaseEvent {
    let (complaint, standing) = (ComplaintId::new(id(6)), ComplaintStanding::SentToAppeal);
    CaseEvent::ComplaintNoted(ComplaintNoted { complaint, revision: 3, standing })
}

pub(super) fn settled() -> CaseEvent {
    CaseEvent::ComplaintSettled(ComplaintSettled { complaint: ComplaintId::new(id(6)), revision: 4 })
}

pub(super) fn export() -> AccessEvent {
    let access_request = AccessRequestId::new(id(7));
    AccessEvent::ExportMade(ExportMade { case: case(), access_request, sha256: "ab".repeat(32) })
}

fn complaints() -> Vec<ComplaintEvent> {
    vec![
        ComplaintEvent::ComplaintReceived(ComplaintReceived {
            case: case(),
            decision: 1,
            subject: subject(),
            received: date(2026, 12, 2),
            channel: Channel::Phone,
            complainant: sealed("Dagny Demosen"),
            text: Some(sealed("Jeg er uenig.")),
            decision_received: Some(date(2026, 11, 2)),
            limit: Some(term("klagefrist", date(2026, 11, 30), 28, Counting::CalendarDays)),
            reassessment: Some(term("genvurderingsfrist", date(2026, 12, 30), 28, Counting::CalendarDays)),
            body: Some("ankestyrelsen".into()),
            straight_to_appeal: Some("boerne-og-ungeudvalget".into()),
        }),
        ComplaintEvent::LatenessExcused(LatenessExcused { reason: sealed("Hun var indlagt.") }),
        ComplaintEvent::ComplaintDismissed(ComplaintDismissed { reason: sealed("Ingen grund givet.") }),
        ComplaintEvent::ReassessmentStarted(ReassessmentStarted {}),
        ComplaintEvent::ReassessmentUpheld(ReassessmentUpheld { reason: sealed("Intet nyt.") }),
        ComplaintEvent::ReassessmentChanged(ReassessmentChanged {
            in_full: true,
            reason: sealed("Husstanden er en anden."),
        }),
        ComplaintEvent::ComplaintForwarded(ComplaintForwarded {
            to: "ankestyrelsen".into(),
            files: vec![FileListed {
                reference: "afgoerelse-9".into(),
                title: sealed("Afgørelse 2.11.2026"),
            }],
        }),
        ComplaintEvent::AppealOutcomeReceived(AppealOutcomeReceived {
            outcome: AppealOutcome::Returned,
            received: date(2026, 12, 30),
            summary: sealed("Sagen er ikke oplyst."),
        }),
        ComplaintEvent::ComplaintWithdrawn(ComplaintWithdrawn { reason: sealed("Hun har fortrudt.") }),
    ]
}

fn requests() -> Vec<AccessRequestEvent> {
    vec![
        AccessRequestEvent::AccessRequested(AccessRequested {
            case: case(),
            subject: subject(),
            requester: sealed("Dagny Demosen"),
            asked_for: sealed("Alt i sagen"),
            basis: AccessBasis::Party,
            statute: "FVL § 9".into(),
            received: date(2026, 11, 2),
            channel: Channel::Letter,
            documents: vec![DocumentRequested {
                reference: "notat-3".into(),
                title: sealed("Notat 2.11.2026"),
            }],
            answer: term("aktindsigtsfrist", date(2026, 11, 11), 7, Counting::WorkingDays),
            complaint_from: Some(term("klage", date(2026, 11, 16), 14, Counting::CalendarDays)),
        }),
        AccessRequestEvent::DocumentDisclosureDecided(DocumentDisclosureDecided {
            reference: "notat-3".into(),
            disclosure: Disclosure::Partial,
            statute: "FVL § 12".into(),
            extract: Some(sealed("Lejekontrakten er modtaget.")),
        }),
        AccessRequestEvent::DelayNoticeSent(DelayNoticeSent {
            expected: date(2026, 11, 20),
            reason: sealed("Mange akter."),
        }),
        AccessRequestEvent::PackageReleased(PackageReleased { sha256: "ab".repeat(32), bytes: 4711 }),
        AccessRequestEvent::AccessRequestWithdrawn(AccessRequestWithdrawn {
            reason: sealed("Har fået det at vide."),
        }),
        AccessRequestEvent::AccessRequestClosed(AccessRequestClosed { reason: sealed("Ingen akter.") }),
    ]
}

#[test]
fn events_of_a_complaint_are_written_as_they_always_were() {
    Golden { category: COMPLAINT, samples: complaints() }.check();
}

#[test]
fn events_of_a_request_for_access_are_written_as_they_always_were() {
    Golden { category: ACCESS_REQUEST, samples: requests() }.check();
}
