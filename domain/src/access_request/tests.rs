//! The rulebook of a request for access, as sentences and as one table.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::Refusal;
use crate::act::{Actor, Role};
use crate::case::{Case, CaseEvent, CaseOpened, CaseworkerAssigned, Reach};
use crate::id::UserId;
use crate::inquiry::Channel;
use crate::rules::{AccessBasis, AccessRule, Counting, DeadlineRule, Remedies, RuleSet, Terms};
use crate::scenario::{decision_table, given};

const KARI: UserId = UserId::new(Uuid::from_u128(0xA));
const BENT: UserId = UserId::new(Uuid::from_u128(0xB));
const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(0xC));
const CASE: CaseId = CaseId::new(Uuid::from_u128(0xE));
const TODAY: Date = date(2026, 11, 23);

fn rules() -> Arc<RuleSet> {
    let rule = |name: &str, days, counting| DeadlineRule {
        name: name.into(),
        days,
        counting,
        source: String::new(),
        terms: Terms::default(),
    };
    let party = AccessRule {
        statute: "FVL § 9".into(),
        answer: rule("answer", 7, Counting::WorkingDays),
        complaint_after: Some(rule("late", 14, Counting::CalendarDays)),
    };
    Arc::new(RuleSet {
        version: "test-1".into(),
        remedies: Remedies { access: BTreeMap::from([(AccessBasis::Party, party)]), ..Remedies::default() },
        ..RuleSet::default()
    })
}

fn under(user: UserId, roles: &[Role]) -> Circumstances {
    Circumstances {
        tenant: Tenant::COUNTER,
        at: "2026-11-23T09:00:00Z".parse().unwrap(),
        actor: Actor::Staff(user),
        roles: roles.iter().copied().collect(),
        rules: rules(),
        reach: Reach::NONE,
    }
}

fn of() -> OfCase {
    let mut case = Case::default();
    let opened = CaseOpened {
        number: "S2026-00001".into(),
        received: date(2026, 9, 1),
        channel: Channel::Web,
        inquiry: None,
        topic: None,
        subject: SUBJECT,
        title: sealed("Boligstøtte"),
        party: None,
    };
    case.apply(CaseEvent::CaseOpened(opened));
    case.apply(CaseEvent::CaseworkerAssigned(CaseworkerAssigned { caseworker: KARI }));
    OfCase { id: CASE, case }
}

fn kari(act: AccessRequestAct) -> AccessRequestCommand {
    AccessRequestCommand { act, of: of(), under: under(KARI, &[Role::Caseworker]) }
}

fn sealed(text: &str) -> Sealed<String> {
    Sealed::new(SUBJECT, text.to_owned())
}

fn wish() -> Ask {
    Ask {
        requester: "Prøve Person".into(),
        requester_subject: SUBJECT,
        asked_for: "Hele sagen".into(),
        basis: AccessBasis::Party,
        received: None,
        channel: Channel::Letter,
        documents: [("notat-3", "Notat"), ("afgoerelse-9", "Afgørelse")]
            .map(|(reference, title)| (reference.to_owned(), title.to_owned()))
            .into(),
    }
}

fn asked() -> AccessRequestEvent {
    let term = |rule: &str, due, days, counting| Term {
        from: TODAY,
        due,
        rule: rule.into(),
        rule_set: "test-1".into(),
        days,
        counting,
    };
    let document = |reference: &str, title: &str| DocumentRequested {
        reference: reference.into(),
        title: sealed(title),
    };
    AccessRequestEvent::AccessRequested(AccessRequested {
        case: CASE,
        subject: SUBJECT,
        requester: sealed("Prøve Person"),
        asked_for: sealed("Hele sagen"),
        basis: AccessBasis::Party,
        statute: "FVL § 9".into(),
        received: TODAY,
        channel: Channel::Letter,
        documents: vec![document("notat-3", "Notat"), document("afgoerelse-9", "Afgørelse")],
        answer: term("answer", date(2026, 12, 2), 7, Counting::WorkingDays),
        complaint_from: Some(term("late", date(2026, 12, 7), 14, Counting::CalendarDays)),
    })
}

fn decide(reference: &str, disclosure: Disclosure, statute: &str, extract: &str) -> AccessRequestAct {
    AccessRequestAct::Decide(Decide {
        reference: reference.into(),
        disclosure,
        statute: statute.into(),
        extract: extract.into(),
    })
}

fn decided(
    reference: &str,
    disclosure: Disclosure,
    statute: &str,
    extract: Option<&str>,
) -> AccessRequestEvent {
    AccessRequestEvent::DocumentDisclosureDecided(DocumentDisclosureDecided {
        reference: reference.into(),
        disclosure,
        statute: statute.into(),
        extract: extract.map(sealed),
    })
}

fn release() -> AccessRequestAct {
    AccessRequestAct::Release { sha256: "ab".repeat(32), bytes: 42 }
}

fn released() -> AccessRequestEvent {
    AccessRequestEvent::PackageReleased(PackageReleased { sha256: "ab".repeat(32), bytes: 42 })
}

fn complete() -> [AccessRequestEvent; 3] {
    [
        asked(),
        decided("notat-3", Disclosure::Partial, "FVL § 23", Some("Talt med …")),
        decided("afgoerelse-9", Disclosure::Full, "", None),
    ]
}

#[test]
fn a_request_is_due_in_seven_working_days_and_late_after_fourteen() {
    given::<AccessRequest>([]).when(kari(AccessRequestAct::Ask(Box::new(wish())))).then([asked()]);
    let other = Ask { basis: AccessBasis::Openness, ..wish() };
    given::<AccessRequest>([])
        .when(kari(AccessRequestAct::Ask(Box::new(other))))
        .refused(AccessRequestRefusal::NoRule);
}

#[test]
fn what_is_given_in_part_is_a_text_of_its_own() {
    given::<AccessRequest>([asked()])
        .when(kari(decide("notat-3", Disclosure::Partial, " FVL § 23 ", "Talt med …")))
        .then([decided("notat-3", Disclosure::Partial, "FVL § 23", Some("Talt med …"))]);
    given::<AccessRequest>([asked()])
        .when(kari(decide("notat-3", Disclosure::Partial, "FVL § 23", "")))
        .refused(CaseRefusal::EmptyField { path: "extract" }.into());
    given::<AccessRequest>([asked()])
        .when(kari(decide("notat-99", Disclosure::Full, "", "")))
        .refused(AccessRequestRefusal::NotAskedFor);
}

#[test]
fn no_package_while_a_paper_is_undecided_or_withheld_without_a_statute() {
    let statute = || "FVL § 9".to_owned();
    let undecided =
        |paper: &str| AccessRequestRefusal::Undecided { reference: paper.into(), statute: statute() };
    given::<AccessRequest>([asked()]).when(kari(release())).refused(undecided("notat-3"));
    let half = [asked(), decided("notat-3", Disclosure::Full, "", None)];
    given::<AccessRequest>(half).when(kari(release())).refused(undecided("afgoerelse-9"));
    let without = [
        asked(),
        decided("notat-3", Disclosure::Withheld, "", None),
        decided("afgoerelse-9", Disclosure::Full, "", None),
    ];
    let no_statute = AccessRequestRefusal::NoStatute { reference: "notat-3".into(), statute: statute() };
    assert_eq!((no_statute.statute(), no_statute.path()), (Some(statute()), "statute"));
    given::<AccessRequest>(without.clone()).when(kari(release())).refused(no_statute);
    let with = without.into_iter().chain([decided("notat-3", Disclosure::Withheld, "FVL § 12", None)]);
    given::<AccessRequest>(with).when(kari(release())).then([released()]);
    given::<AccessRequest>(complete()).when(kari(release())).then([released()]);
}

#[test]
fn a_released_package_stays_as_it_is() {
    let after = || complete().into_iter().chain([released()]);
    for act in [release(), decide("notat-3", Disclosure::Full, "", "")] {
        given::<AccessRequest>(after()).when(kari(act)).refused(AccessRequestRefusal::AlreadyReleased);
    }
}

#[test]
fn a_notice_of_delay_says_when_and_why() {
    let notify = |expected, reason: &str| AccessRequestAct::NotifyDelay { expected, reason: reason.into() };
    let sent = AccessRequestEvent::DelayNoticeSent(DelayNoticeSent {
        expected: date(2026, 12, 11),
        reason: sealed("Mange akter"),
    });
    given::<AccessRequest>([asked()]).when(kari(notify(date(2026, 12, 11), "Mange akter"))).then([sent]);
    given::<AccessRequest>([asked()])
        .when(kari(notify(TODAY, "Mange akter")))
        .refused(AccessRequestRefusal::ExpectedNotAhead);
}

/// Every state × every act, tried by the caseworker, a colleague, a team lead and an auditor.
#[test]
fn the_decision_table() {
    let withdrawn = AccessRequestWithdrawn { reason: sealed("Fortrudt") };
    let closed = AccessRequestClosed { reason: sealed("Intet fundet") };
    let states: [(&str, Vec<AccessRequestEvent>); 7] = [
        ("never made", vec![]),
        ("asked", vec![asked()]),
        (
            "withheld without a statute",
            vec![
                asked(),
                decided("notat-3", Disclosure::Withheld, "", None),
                decided("afgoerelse-9", Disclosure::Full, "", None),
            ],
        ),
        ("decided", complete().into()),
        ("released", complete().into_iter().chain([released()]).collect()),
        ("withdrawn", vec![asked(), AccessRequestEvent::AccessRequestWithdrawn(withdrawn)]),
        ("closed", vec![asked(), AccessRequestEvent::AccessRequestClosed(closed)]),
    ];
    let acts: [AccessRequestAct; 6] = [
        AccessRequestAct::Ask(Box::new(wish())),
        decide("notat-3", Disclosure::Full, "", ""),
        AccessRequestAct::NotifyDelay { expected: date(2026, 12, 11), reason: "Mange akter".into() },
        release(),
        AccessRequestAct::Withdraw { reason: "Fortrudt".into() },
        AccessRequestAct::Close { reason: "Intet fundet".into() },
    ];
    let kinds = acts.each_ref().map(AccessRequestAct::kind);
    assert_eq!(kinds, AccessRequestActKind::ALL, "the table holds every act");
    let people: [(&str, Circumstances); 4] = [
        ("caseworker", under(KARI, &[Role::Caseworker])),
        ("colleague", under(BENT, &[Role::Caseworker])),
        ("team lead", under(BENT, &[Role::TeamLead])),
        ("auditor", under(BENT, &[Role::Auditor])),
    ];
    let names = acts.each_ref().map(|act| format!("{:?}", act.kind()));
    let tried = names.iter().zip(&acts).map(|(name, act)| {
        let each = people.iter().map(|(who, under)| {
            (*who, AccessRequestCommand { act: act.clone(), of: of(), under: under.clone() })
        });
        (name.as_str(), each.collect())
    });
    insta::assert_snapshot!(decision_table::<AccessRequest>(&states, &tried.collect::<Vec<_>>()));
}
