//! The rulebook of a complaint, as sentences and as one table.

use std::sync::Arc;

use jiff::civil::{Date, date};
use uuid::Uuid;

use super::*;
use crate::act::{Actor, Role};
use crate::case::{Case, CaseEvent, CaseOpened, CaseworkerAssigned, DecisionMade, Outcome, Reach};
use crate::id::UserId;
use crate::inquiry::Channel;
use crate::rules::{ComplaintRule, Counting, DeadlineRule, Remedies, RuleSet, StraightToAppeal, Terms};
use crate::scenario::{decision_table, given};

const KARI: UserId = UserId::new(Uuid::from_u128(0xA));
const BENT: UserId = UserId::new(Uuid::from_u128(0xB));
const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(0xC));
const CASE: CaseId = CaseId::new(Uuid::from_u128(0xE));
const TODAY: Date = date(2026, 11, 23);

fn rules() -> Arc<RuleSet> {
    let weeks = |name: &str| DeadlineRule {
        name: name.into(),
        days: 28,
        counting: Counting::CalendarDays,
        source: String::new(),
        terms: Terms::default(),
    };
    Arc::new(RuleSet {
        version: "test-1".into(),
        remedies: Remedies {
            complaints: vec![ComplaintRule {
                kle: String::new(),
                body: Some("ankestyrelsen".into()),
                limit: Some(weeks("limit")),
                reassessment: Some(weeks("reassessment")),
                statute: "RSL".into(),
            }],
            straight_to_appeal: vec![StraightToAppeal {
                decided_by: "committee".into(),
                name: "Udvalget".into(),
                body: "ankestyrelsen".into(),
                statute: "AST".into(),
            }],
            ..Remedies::default()
        },
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

/// A case of Kari's, decided or not.
fn of(decided: bool) -> OfCase {
    let mut case = Case::default();
    let opened = CaseOpened {
        number: "S2026-00001".into(),
        received: date(2026, 9, 1),
        channel: Channel::Web,
        inquiry: None,
        topic: None,
        subject: SUBJECT,
        title: Sealed::new(SUBJECT, "Boligstøtte".into()),
        party: None,
    };
    case.apply(CaseEvent::CaseOpened(opened));
    case.apply(CaseEvent::CaseworkerAssigned(CaseworkerAssigned { caseworker: KARI }));
    if decided {
        let made = DecisionMade {
            version: 1,
            outcome: Outcome::Refused,
            others: Vec::new(),
            rule_set: "test-1".into(),
        };
        case.apply(CaseEvent::DecisionMade(made));
    }
    OfCase { id: CASE, case }
}

fn kari(act: ComplaintAct) -> ComplaintCommand {
    ComplaintCommand { act, of: of(true), under: under(KARI, &[Role::Caseworker]) }
}

fn sealed(text: &str) -> Sealed<String> {
    Sealed::new(SUBJECT, text.to_owned())
}

fn wish(decision_received: Option<Date>) -> Receive {
    Receive {
        received: None,
        channel: Channel::Phone,
        complainant: " Prøve Person ".into(),
        text: String::new(),
        decision_received,
        decided_by: None,
    }
}

fn term(rule: &str, from: Date, due: Date) -> Term {
    Term {
        from,
        due,
        rule: rule.into(),
        rule_set: "test-1".into(),
        days: 28,
        counting: Counting::CalendarDays,
    }
}

/// Said on the phone three weeks after the decision, without a reason.
fn in_time() -> ComplaintReceived {
    ComplaintReceived {
        case: CASE,
        decision: 1,
        subject: SUBJECT,
        received: TODAY,
        channel: Channel::Phone,
        complainant: sealed("Prøve Person"),
        text: None,
        decision_received: Some(date(2026, 11, 2)),
        limit: Some(term("limit", date(2026, 11, 2), date(2026, 11, 30))),
        reassessment: Some(term("reassessment", TODAY, date(2026, 12, 21))),
        body: Some("ankestyrelsen".into()),
        straight_to_appeal: None,
    }
}

fn late() -> ComplaintReceived {
    let from = date(2026, 10, 1);
    ComplaintReceived {
        decision_received: Some(from),
        limit: Some(term("limit", from, date(2026, 10, 29))),
        ..in_time()
    }
}

fn straight() -> ComplaintReceived {
    ComplaintReceived { straight_to_appeal: Some("committee".into()), reassessment: None, ..in_time() }
}

fn received(received: ComplaintReceived) -> ComplaintEvent {
    ComplaintEvent::ComplaintReceived(received)
}

fn started() -> ComplaintEvent {
    ComplaintEvent::ReassessmentStarted(ReassessmentStarted {})
}

fn upheld() -> ComplaintEvent {
    ComplaintEvent::ReassessmentUpheld(ReassessmentUpheld { reason: sealed("Intet nyt") })
}

fn changed(in_full: bool) -> ComplaintEvent {
    ComplaintEvent::ReassessmentChanged(ReassessmentChanged { in_full, reason: sealed("Nyt") })
}

fn forwarded() -> ComplaintEvent {
    let files = vec![FileListed { reference: "afgoerelse-9".into(), title: sealed("Afgørelse") }];
    ComplaintEvent::ComplaintForwarded(ComplaintForwarded { to: "ankestyrelsen".into(), files })
}

fn forward(to: Option<&str>) -> ComplaintAct {
    let files = vec![("afgoerelse-9".to_owned(), "Afgørelse".to_owned())];
    ComplaintAct::Forward { to: to.map(str::to_owned), files }
}

fn outcome() -> ComplaintEvent {
    ComplaintEvent::AppealOutcomeReceived(AppealOutcomeReceived {
        outcome: AppealOutcome::Upheld,
        received: TODAY,
        summary: sealed("Stadfæstet"),
    })
}

fn answer() -> ComplaintAct {
    ComplaintAct::ReceiveOutcome {
        outcome: AppealOutcome::Upheld,
        received: TODAY,
        summary: "Stadfæstet".into(),
    }
}

#[test]
fn a_spoken_complaint_without_a_reason_is_a_complaint() {
    let spoken = ComplaintAct::Receive(Box::new(wish(Some(date(2026, 11, 2)))));
    given::<Complaint>([]).when(kari(spoken)).then([received(in_time())]);
}

#[test]
fn a_complaint_needs_a_decision_and_a_case() {
    let receive = || ComplaintAct::Receive(Box::new(wish(None)));
    let undecided = ComplaintCommand { of: of(false), ..kari(receive()) };
    given::<Complaint>([]).when(undecided).refused(ComplaintRefusal::NoDecision);
    let nothing = OfCase { id: CASE, case: Case::default() };
    let nowhere = ComplaintCommand { of: nothing, ..kari(receive()) };
    given::<Complaint>([]).when(nowhere).refused(CaseRefusal::NotOpened.into());
    given::<Complaint>([received(in_time())])
        .when(kari(receive()))
        .refused(ComplaintRefusal::AlreadyReceived);
}

#[test]
fn the_limit_runs_from_the_day_the_decision_arrived_and_not_before() {
    let mut complaint = Complaint::default();
    let unknown = ComplaintAct::Receive(Box::new(wish(None)));
    for event in complaint.decide(kari(unknown)).unwrap() {
        let ComplaintEvent::ComplaintReceived(received) = &event else { unreachable!() };
        assert_eq!((received.limit.as_ref(), received.is_late()), (None, false));
        complaint.apply(event);
    }
    // The last day is in time, the day after is not.
    let last_day = ComplaintReceived { received: date(2026, 11, 30), ..in_time() };
    assert!(!last_day.is_late());
    assert!(ComplaintReceived { received: date(2026, 12, 1), ..in_time() }.is_late());
}

#[test]
fn a_late_complaint_is_examined_and_not_thrown_away() {
    let late_one = ComplaintAct::Receive(Box::new(wish(Some(date(2026, 10, 1)))));
    given::<Complaint>([]).when(kari(late_one)).then([received(late())]);
    let unexamined = ComplaintRefusal::LatenessNotExamined { statute: "RSL".into() };
    given::<Complaint>([received(late())]).when(kari(ComplaintAct::StartReassessment)).refused(unexamined);
    let excuse = |reason: &str| ComplaintAct::ExcuseLateness { reason: reason.into() };
    given::<Complaint>([received(late())])
        .when(kari(excuse(" ")))
        .refused(CaseRefusal::EmptyField { path: "reason" }.into());
    let excused = ComplaintEvent::LatenessExcused(LatenessExcused { reason: sealed("Syg") });
    given::<Complaint>([received(late())]).when(kari(excuse("Syg"))).then([excused.clone()]);
    given::<Complaint>([received(late()), excused])
        .when(kari(ComplaintAct::StartReassessment))
        .then([started()]);
    let dismissed = ComplaintEvent::ComplaintDismissed(ComplaintDismissed { reason: sealed("Uden grund") });
    let dismiss = || ComplaintAct::Dismiss { reason: "Uden grund".into() };
    given::<Complaint>([received(late())]).when(kari(dismiss())).then([dismissed.clone()]);
    given::<Complaint>([received(late()), dismissed])
        .when(kari(ComplaintAct::StartReassessment))
        .refused(ComplaintRefusal::Settled);
    given::<Complaint>([received(in_time())]).when(kari(dismiss())).refused(ComplaintRefusal::InTime);
}

#[test]
fn what_is_upheld_goes_to_the_body_that_the_rules_name_with_the_file() {
    let not_yet = ComplaintRefusal::NotReassessed { statute: "RSL".into() };
    given::<Complaint>([received(in_time())]).when(kari(forward(Some("ankestyrelsen")))).refused(not_yet);
    let ready = || [received(in_time()), started(), upheld()];
    given::<Complaint>(ready()).when(kari(forward(Some("ankestyrelsen")))).then([forwarded()]);
    given::<Complaint>(ready()).when(kari(forward(None))).refused(ComplaintRefusal::UnknownAuthority);
    given::<Complaint>(ready())
        .when(kari(forward(Some("skattestyrelsen"))))
        .refused(ComplaintRefusal::NotTheBody { body: "ankestyrelsen".into() });
    let empty = ComplaintAct::Forward { to: Some("ankestyrelsen".into()), files: Vec::new() };
    given::<Complaint>(ready()).when(kari(empty)).refused(ComplaintRefusal::NoFiles);
    let sent = || ready().into_iter().chain([forwarded()]);
    given::<Complaint>(sent()).when(kari(answer())).then([outcome()]);
    given::<Complaint>(ready()).when(kari(answer())).refused(ComplaintRefusal::NotForwarded);
}

#[test]
fn a_committees_decision_is_not_reassessed() {
    let told = Receive { decided_by: Some("committee".into()), ..wish(Some(date(2026, 11, 2))) };
    given::<Complaint>([]).when(kari(ComplaintAct::Receive(Box::new(told)))).then([received(straight())]);
    let unknown = Receive { decided_by: Some("nobody".into()), ..wish(None) };
    given::<Complaint>([])
        .when(kari(ComplaintAct::Receive(Box::new(unknown))))
        .refused(ComplaintRefusal::UnknownDecidingBody);
    given::<Complaint>([received(straight())])
        .when(kari(ComplaintAct::StartReassessment))
        .refused(ComplaintRefusal::StraightToAppeal { statute: "AST".into() });
    given::<Complaint>([received(straight())]).when(kari(forward(Some("ankestyrelsen")))).then([forwarded()]);
}

#[test]
fn a_change_in_full_settles_the_complaint_and_one_in_part_does_not() {
    let begun = || [received(in_time()), started()];
    let change = |in_full| ComplaintAct::Change { in_full, reason: "Nyt".into() };
    given::<Complaint>(begun()).when(kari(change(true))).then([changed(true)]);
    let partly = || begun().into_iter().chain([changed(false)]);
    given::<Complaint>(partly()).when(kari(forward(Some("ankestyrelsen")))).then([forwarded()]);
    let in_full = begun().into_iter().chain([changed(true)]);
    given::<Complaint>(in_full).when(kari(forward(Some("ankestyrelsen")))).refused(ComplaintRefusal::Settled);
}

#[test]
fn anyone_takes_a_complaint_in_and_the_caseworker_works_on_it() {
    let bent = |act| ComplaintCommand { under: under(BENT, &[Role::Caseworker]), ..kari(act) };
    let receive = ComplaintAct::Receive(Box::new(wish(Some(date(2026, 11, 2)))));
    given::<Complaint>([]).when(bent(receive)).then([received(in_time())]);
    given::<Complaint>([received(in_time())])
        .when(bent(ComplaintAct::StartReassessment))
        .refused(CaseRefusal::NotYours.into());
    let lead =
        ComplaintCommand { under: under(BENT, &[Role::TeamLead]), ..kari(ComplaintAct::StartReassessment) };
    given::<Complaint>([received(in_time())]).when(lead).then([started()]);
}

/// Every state × every act, tried by the caseworker, a colleague, a team lead and an auditor.
#[test]
fn the_decision_table() {
    let withdrawn = ComplaintEvent::ComplaintWithdrawn(ComplaintWithdrawn { reason: sealed("Fortrudt") });
    let excused = ComplaintEvent::LatenessExcused(LatenessExcused { reason: sealed("Syg") });
    let states: [(&str, Vec<ComplaintEvent>); 10] = [
        ("never received", vec![]),
        ("received in time", vec![received(in_time())]),
        ("received late", vec![received(late())]),
        ("excused", vec![received(late()), excused]),
        ("straight to appeal", vec![received(straight())]),
        ("under reassessment", vec![received(in_time()), started()]),
        ("upheld", vec![received(in_time()), started(), upheld()]),
        ("partly changed", vec![received(in_time()), started(), changed(false)]),
        ("forwarded", vec![received(in_time()), started(), upheld(), forwarded()]),
        ("settled", vec![received(in_time()), withdrawn]),
    ];
    let acts: [ComplaintAct; 9] = [
        ComplaintAct::Receive(Box::new(wish(None))),
        ComplaintAct::ExcuseLateness { reason: "Syg".into() },
        ComplaintAct::Dismiss { reason: "Uden grund".into() },
        ComplaintAct::StartReassessment,
        ComplaintAct::Uphold { reason: "Intet nyt".into() },
        ComplaintAct::Change { in_full: true, reason: "Nyt".into() },
        forward(Some("ankestyrelsen")),
        answer(),
        ComplaintAct::Withdraw { reason: "Fortrudt".into() },
    ];
    assert_eq!(acts.each_ref().map(ComplaintAct::kind), ComplaintActKind::ALL, "the table holds every act");
    let people: [(&str, Circumstances); 4] = [
        ("caseworker", under(KARI, &[Role::Caseworker])),
        ("colleague", under(BENT, &[Role::Caseworker])),
        ("team lead", under(BENT, &[Role::TeamLead])),
        ("auditor", under(BENT, &[Role::Auditor])),
    ];
    let names = acts.each_ref().map(|act| format!("{:?}", act.kind()));
    let tried = names.iter().zip(&acts).map(|(name, act)| {
        let each = people.iter().map(|(who, under)| {
            (*who, ComplaintCommand { act: act.clone(), of: of(true), under: under.clone() })
        });
        (name.as_str(), each.collect())
    });
    insta::assert_snapshot!(decision_table::<Complaint>(&states, &tried.collect::<Vec<_>>()));
}
