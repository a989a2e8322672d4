//! Deadlines of a case, as sentences. Received on Friday 20 November 2026, 28 days: Friday 18 December.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::act::{Actor, Role, Roles};
use crate::case::{Case, CaseAct, CaseCommand, CaseOpened, CaseworkerAssigned, DecisionMade, Outcome, Reach};
use crate::inquiry::Channel;
use crate::rules::{Counting, DeadlineRule, RuleSet, Scope, Terms};
use crate::scenario::given;
use crate::{Refusal, SubjectId, Tenant, UserId, upcast};
use cqrs_es::Aggregate;
use jiff::ToSpan;

const KARI: UserId = UserId::new(Uuid::from_u128(0xA));
const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(0xC));
const RECEIVED: Date = date(2026, 11, 20);
const DUE: Date = date(2026, 12, 18);

fn sealed(text: &str) -> Sealed<String> {
    Sealed::new(SUBJECT, text.to_owned())
}

fn terms() -> Terms {
    Terms { suspension: true, extensions: 1, extension_days: 14, notice_first: true, warn_days: 5 }
}

fn rules() -> Arc<RuleSet> {
    let line = |kind, days, counting, terms| {
        let scope = Scope { kind, kle: String::new(), municipality: None };
        (scope, DeadlineRule { name: "rule".into(), days, counting, source: "RSL § 3".into(), terms })
    };
    Arc::new(RuleSet {
        version: "test-1".into(),
        valid_from: date(2026, 1, 1),
        deadlines: BTreeMap::from([
            line(DeadlineKind::FirstAnswer, 5, Counting::WorkingDays, Terms::default()),
            line(DeadlineKind::CaseHandling, 28, Counting::CalendarDays, terms()),
        ]),
        ..RuleSet::default()
    })
}

fn on(day: Date, act: DeadlineAct) -> CaseCommand {
    by(Actor::Staff(KARI), day, CaseAct::Deadline(act))
}

fn watch(day: Date) -> CaseCommand {
    by(Actor::System, day, CaseAct::Deadline(DeadlineAct::Watch))
}

fn by(actor: Actor, day: Date, act: CaseAct) -> CaseCommand {
    let at = day.at(9, 0, 0, 0).to_zoned(crate::time::copenhagen()).unwrap().timestamp();
    let roles = Roles::default().with(Role::Caseworker);
    CaseCommand {
        act,
        under: Circumstances {
            tenant: Tenant::COUNTER,
            at,
            actor,
            roles,
            rules: rules(),
            reach: Reach::NONE,
        },
    }
}

fn opened() -> CaseEvent {
    CaseEvent::CaseOpened(CaseOpened {
        number: "S2026-00001".into(),
        received: RECEIVED,
        channel: Channel::Web,
        inquiry: None,
        topic: None,
        subject: SUBJECT,
        title: sealed("Boligstøtte"),
        party: None,
    })
}

fn set_with(terms: Terms) -> CaseEvent {
    CaseEvent::DeadlineSet(DeadlineSet {
        kind: DeadlineKind::CaseHandling,
        due: DUE,
        rule: "rule".into(),
        rule_set: "test-1".into(),
        source: "RSL § 3".into(),
        from: None,
        days: 28,
        counting: Counting::CalendarDays,
        terms,
        calendar: crate::calendar::Calendar::default(),
    })
}

fn first_answer() -> CaseEvent {
    CaseEvent::DeadlineSet(DeadlineSet {
        kind: DeadlineKind::FirstAnswer,
        due: date(2026, 11, 27),
        days: 5,
        counting: Counting::WorkingDays,
        terms: Terms::default(),
        ..match set_with(terms()) {
            CaseEvent::DeadlineSet(set) => set,
            _ => unreachable!(),
        }
    })
}

fn assigned() -> CaseEvent {
    CaseEvent::CaseworkerAssigned(CaseworkerAssigned { caseworker: KARI })
}

/// A case with a deadline, and what has happened to it since.
fn timed(then: impl IntoIterator<Item = CaseEvent>) -> Vec<CaseEvent> {
    [opened(), set_with(terms()), assigned()].into_iter().chain(then).collect()
}

fn suspended(from: Date) -> CaseEvent {
    let (waiting_for, reason) = (WaitingFor::Party, sealed("Lønsedler"));
    CaseEvent::DeadlineSuspended(DeadlineSuspended { from, waiting_for, reason })
}

fn resumed(on: Date) -> CaseEvent {
    CaseEvent::DeadlineResumed(DeadlineResumed { on })
}

fn noticed() -> CaseEvent {
    CaseEvent::DelayNoticeSent(DelayNoticeSent { expected: date(2027, 1, 4), reason: sealed("Travlt") })
}

fn extended(days: u32) -> CaseEvent {
    CaseEvent::DeadlineExtended(DeadlineExtended { days, reason: sealed("Travlt") })
}

fn missed(due: Date) -> CaseEvent {
    CaseEvent::DeadlineMissed(DeadlineMissed { kind: DeadlineKind::CaseHandling, due })
}

fn warned(due: Date) -> CaseEvent {
    CaseEvent::DeadlineWarned(DeadlineWarned { kind: DeadlineKind::CaseHandling, due })
}

fn requested(number: u32, of: WaitingFor) -> CaseEvent {
    let (asked, what) = (date(2026, 11, 23), sealed("Lønsedler"));
    CaseEvent::InformationRequested(InformationRequested { number, of, asked, what, reply_by: None })
}

fn received(number: u32) -> CaseEvent {
    CaseEvent::InformationReceived(InformationReceived { number, what: None })
}

fn suspend(from: Date) -> DeadlineAct {
    DeadlineAct::Suspend { from, waiting_for: Some(WaitingFor::Party), reason: "Lønsedler".into() }
}

fn extend(days: u32) -> DeadlineAct {
    DeadlineAct::Extend { days, reason: "Travlt".into() }
}

fn receive(number: u32) -> DeadlineAct {
    DeadlineAct::ReceiveInformation { number, what: String::new() }
}

#[track_caller]
fn refused(case: impl IntoIterator<Item = CaseEvent>, command: CaseCommand, refusal: DeadlineRefusal) {
    given::<Case>(case).when(command).refused(CaseRefusal::Deadline(refusal));
}

fn file(events: impl IntoIterator<Item = CaseEvent>) -> CaseFile {
    let mut case = Case::default();
    events.into_iter().for_each(|event| case.apply(event));
    match case {
        Case::File(file) => *file,
        Case::Unopened => panic!("the events begin with the opening"),
    }
}

fn due(events: impl IntoIterator<Item = CaseEvent>) -> Option<Date> {
    file(events).running_deadline()
}

#[test]
fn a_pause_gives_the_days_back_that_somebody_was_waited_for() {
    let monday = date(2026, 11, 23);
    given::<Case>(timed([])).when(on(monday, suspend(monday))).then([suspended(monday)]);
    assert_eq!(due(timed([suspended(monday)])), None);
    let resume = DeadlineAct::Resume { on: date(2026, 11, 30) };
    given::<Case>(timed([suspended(monday)]))
        .when(on(date(2026, 11, 30), resume))
        .then([resumed(date(2026, 11, 30))]);
    // 18 December and a week is 25 December: over Christmas to Monday the 28th.
    let events = timed([suspended(monday), resumed(date(2026, 11, 30))]);
    assert_eq!(due(events.clone()), Some(date(2026, 12, 28)));
    let file = file(events);
    let steps = file.deadline().unwrap().reckon(date(2026, 12, 1)).steps;
    assert_eq!(steps.len(), 4, "the pause, two holidays, a Sunday: {steps:?}");
}

#[test]
fn a_suspended_deadline_is_counted_as_if_it_ran_again_today() {
    let file = file(timed([suspended(date(2026, 11, 23))]));
    let deadline = file.deadline().unwrap();
    assert_eq!(deadline.reckon(date(2026, 11, 23)).due, DUE);
    assert_eq!(deadline.reckon(date(2026, 11, 26)).due, date(2026, 12, 21));
    assert_eq!(file.waiting_on(), Some((WaitingFor::Party, date(2026, 11, 23))));
}

#[test]
fn a_deadline_is_not_suspended_twice_or_without_a_reason_and_somebody_to_wait_for() {
    let monday = date(2026, 11, 23);
    refused(
        timed([suspended(monday)]),
        on(date(2026, 11, 24), suspend(date(2026, 11, 24))),
        DeadlineRefusal::AlreadySuspended { from: monday },
    );
    let nobody = DeadlineAct::Suspend { from: monday, waiting_for: None, reason: "Lønsedler".into() };
    refused(timed([]), on(monday, nobody), DeadlineRefusal::NobodyWaitedFor);
    let no_reason =
        DeadlineAct::Suspend { from: monday, waiting_for: Some(WaitingFor::Expert), reason: " ".into() };
    given::<Case>(timed([])).when(on(monday, no_reason)).refused(CaseRefusal::EmptyField { path: "reason" });
}

#[test]
fn a_rule_without_pauses_has_none_and_is_cited() {
    let case = [opened(), set_with(Terms { suspension: false, ..terms() }), assigned()];
    let refusal = DeadlineRefusal::SuspensionNotAllowed { statute: "RSL § 3".into() };
    assert_eq!(refusal.statute().as_deref(), Some("RSL § 3"));
    refused(case, on(date(2026, 11, 23), suspend(date(2026, 11, 23))), refusal);
}

#[test]
fn a_pause_begins_neither_before_receipt_nor_in_the_future_nor_in_another_pause() {
    let today = date(2026, 12, 7);
    let before = DeadlineRefusal::BeforeTheStart { from: RECEIVED };
    refused(timed([]), on(today, suspend(date(2026, 11, 19))), before);
    let future = DeadlineRefusal::InTheFuture { path: "from" };
    refused(timed([]), on(today, suspend(date(2026, 12, 8))), future);
    let paused = timed([suspended(date(2026, 11, 23)), resumed(date(2026, 11, 30))]);
    for day in [date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 29)] {
        let inside = DeadlineRefusal::InsideEarlierPause { until: date(2026, 11, 30) };
        refused(paused.clone(), on(today, suspend(day)), inside);
    }
    given::<Case>(paused).when(on(today, suspend(date(2026, 11, 30)))).then([suspended(date(2026, 11, 30))]);
}

#[test]
fn a_pause_does_not_end_before_it_began_or_in_the_future() {
    let (case, today) = (timed([suspended(date(2026, 11, 25))]), date(2026, 12, 1));
    let resume = |day| on(today, DeadlineAct::Resume { on: day });
    let early = DeadlineRefusal::BeforeThePause { from: date(2026, 11, 25) };
    refused(case.clone(), resume(date(2026, 11, 24)), early);
    refused(case.clone(), resume(date(2026, 12, 2)), DeadlineRefusal::InTheFuture { path: "on" });
    given::<Case>(case).when(resume(date(2026, 11, 25))).then([resumed(date(2026, 11, 25))]);
    refused(timed([]), resume(today), DeadlineRefusal::NotSuspended);
}

#[test]
fn a_deadline_is_extended_once_the_citizen_knows_and_as_often_as_the_rule_allows() {
    let today = date(2026, 12, 16);
    let unknown = DeadlineRefusal::NoticeFirst { statute: "RSL § 3".into() };
    refused(timed([]), on(today, extend(14)), unknown);
    given::<Case>(timed([noticed()])).when(on(today, extend(14))).then([extended(14)]);
    assert_eq!(due(timed([noticed(), extended(14)])), Some(date(2027, 1, 4)), "1 January is a holiday");
    let long = DeadlineRefusal::ExtensionLength { most: 14, statute: "RSL § 3".into() };
    for days in [0, 15] {
        refused(timed([noticed()]), on(today, extend(days)), long.clone());
    }
    let used = DeadlineRefusal::ExtensionsUsedUp { most: 1, statute: "RSL § 3".into() };
    refused(timed([noticed(), extended(7), noticed()]), on(today, extend(7)), used);
}

#[test]
fn a_delay_notice_after_the_last_day_is_noted_and_extends_nothing() {
    let late = date(2026, 12, 21);
    let notice = DeadlineAct::SendDelayNotice { expected: date(2027, 1, 4), reason: "Travlt".into() };
    given::<Case>(timed([])).when(on(late, notice)).then([noticed()]);
    refused(timed([noticed()]), on(late, extend(7)), DeadlineRefusal::Passed { due: DUE });
    let not_ahead = DeadlineAct::SendDelayNotice { expected: late, reason: "Travlt".into() };
    refused(timed([]), on(late, not_ahead), DeadlineRefusal::ExpectedNotAhead);
}

#[test]
fn a_case_without_a_deadline_has_nothing_to_suspend() {
    let today = date(2026, 11, 23);
    refused([opened(), assigned()], on(today, suspend(today)), DeadlineRefusal::NoDeadline);
}

#[test]
fn asking_for_information_may_stop_the_deadline_and_the_last_answer_lets_it_run() {
    let (monday, later) = (date(2026, 11, 23), date(2026, 11, 26));
    let ask = |suspend| DeadlineAct::RequestInformation {
        of: Some(WaitingFor::Expert),
        what: "Lønsedler".into(),
        reply_by: None,
        suspend,
    };
    let asked = requested(1, WaitingFor::Expert);
    given::<Case>(timed([])).when(on(monday, ask(false))).then([asked.clone()]);
    let stopped = CaseEvent::DeadlineSuspended(DeadlineSuspended {
        from: monday,
        waiting_for: WaitingFor::Expert,
        reason: sealed("Lønsedler"),
    });
    given::<Case>(timed([])).when(on(monday, ask(true))).then([asked.clone(), stopped.clone()]);
    assert_eq!(
        file(timed([asked.clone()])).waiting_on(),
        Some((WaitingFor::Expert, monday)),
        "an open question is waited for, whether or not the deadline runs"
    );

    let two = || timed([asked.clone(), stopped.clone(), requested(2, WaitingFor::Expert)]);
    given::<Case>(two()).when(on(later, receive(2))).then([received(2)]);
    let last = two().into_iter().chain([received(2)]);
    given::<Case>(last).when(on(later, receive(1))).then([received(1), resumed(later)]);
    // An answer from somebody else ends no pause.
    let other = timed([suspended(monday), asked]);
    given::<Case>(other).when(on(later, receive(1))).then([received(1)]);
}

#[test]
fn an_answer_belongs_to_a_question_that_waits_for_it() {
    let today = date(2026, 11, 26);
    refused(timed([]), on(today, receive(1)), DeadlineRefusal::NothingRequested);
    let asked = || timed([requested(1, WaitingFor::Party)]);
    refused(asked(), on(today, receive(2)), DeadlineRefusal::NoSuchRequest { number: 2 });
    let twice = timed([requested(1, WaitingFor::Party), received(1), requested(2, WaitingFor::Party)]);
    refused(twice, on(today, receive(1)), DeadlineRefusal::NoSuchRequest { number: 1 });
    let nobody = DeadlineAct::RequestInformation {
        of: None,
        what: "Lønsedler".into(),
        reply_by: None,
        suspend: false,
    };
    refused(timed([]), on(today, nobody), DeadlineRefusal::NobodyWaitedFor);
}

#[test]
fn the_clock_warns_once_and_notes_once_that_a_deadline_was_missed() {
    given::<Case>(timed([])).when(watch(date(2026, 12, 12))).then([]);
    given::<Case>(timed([])).when(watch(date(2026, 12, 13))).then([warned(DUE)]);
    given::<Case>(timed([warned(DUE)])).when(watch(DUE)).then([]);
    given::<Case>(timed([])).when(watch(date(2026, 12, 19))).then([missed(DUE)]);
    given::<Case>(timed([missed(DUE)])).when(watch(date(2027, 6, 1))).then([]);
    given::<Case>(timed([suspended(date(2026, 11, 23))])).when(watch(date(2027, 6, 1))).then([]);
    // A deadline that moved is warned of again, and only then.
    let moved = || timed([warned(DUE), noticed(), extended(14)]);
    given::<Case>(moved()).when(watch(date(2026, 12, 29))).then([]);
    given::<Case>(moved()).when(watch(date(2026, 12, 30))).then([warned(date(2027, 1, 4))]);
}

#[test]
fn only_the_system_watches_and_it_does_nothing_else() {
    let person = on(DUE, DeadlineAct::Watch);
    refused(timed([]), person, DeadlineRefusal::SystemOnly);
    let system = by(Actor::System, DUE, CaseAct::Release);
    assert!(
        given::<Case>(timed([]))
            .when(CaseCommand {
                under: Circumstances { roles: Roles::default(), ..system.under },
                act: system.act,
            })
            .result()
            .is_err()
    );
    given::<Case>([]).when(watch(DUE)).refused(CaseRefusal::NotOpened);
}

#[test]
fn the_day_to_look_again_is_the_warning_and_then_the_day_after_the_last() {
    assert_eq!(file(timed([])).watch_on(), Some(date(2026, 12, 13)));
    assert_eq!(file(timed([warned(DUE)])).watch_on(), Some(date(2026, 12, 19)));
    assert_eq!(file(timed([missed(DUE)])).watch_on(), None);
    assert_eq!(file(timed([suspended(date(2026, 11, 23))])).watch_on(), None);
    assert_eq!(file(timed([first_answer()])).watch_on(), Some(date(2026, 11, 28)));
    assert_eq!(file([opened()]).watch_on(), None);
}

#[test]
fn the_first_word_to_the_citizen_meets_the_first_answer() {
    let met = CaseEvent::DeadlineMet(DeadlineMet { kind: DeadlineKind::FirstAnswer });
    let case = || timed([first_answer()]);
    let ask = |of| DeadlineAct::RequestInformation {
        of: Some(of),
        what: "Lønsedler".into(),
        reply_by: None,
        suspend: false,
    };
    let monday = date(2026, 11, 23);
    given::<Case>(case())
        .when(on(monday, ask(WaitingFor::Party)))
        .then([requested(1, WaitingFor::Party), met.clone()]);
    given::<Case>(case())
        .when(on(monday, ask(WaitingFor::OtherAuthority)))
        .then([requested(1, WaitingFor::OtherAuthority)]);
    let again = case().into_iter().chain([requested(1, WaitingFor::Party), met]);
    let notice = DeadlineAct::SendDelayNotice { expected: date(2027, 1, 4), reason: "Travlt".into() };
    given::<Case>(again).when(on(monday, notice)).then([noticed()]);
}

#[test]
fn what_is_done_too_late_says_first_that_it_was_missed() {
    let late = CaseEvent::DeadlineMissed(DeadlineMissed {
        kind: DeadlineKind::FirstAnswer,
        due: date(2026, 11, 27),
    });
    let notice = DeadlineAct::SendDelayNotice { expected: date(2027, 1, 4), reason: "Travlt".into() };
    given::<Case>(timed([first_answer()])).when(on(date(2026, 11, 30), notice)).then([late, noticed()]);
}

#[test]
fn a_decision_ends_the_deadline_whether_the_log_says_so_or_is_an_old_one() {
    let made = CaseEvent::DecisionMade(DecisionMade {
        version: 1,
        outcome: Outcome::Granted,
        others: Vec::new(),
        rule_set: "test-1".into(),
    });
    let old = || timed([made.clone()]);
    assert_eq!((due(old()), file(old()).watch_on()), (None, None));
    given::<Case>(old()).when(watch(date(2027, 6, 1))).then([]);
    let met = CaseEvent::DeadlineMet(DeadlineMet { kind: DeadlineKind::CaseHandling });
    assert_eq!(file(timed([made.clone(), met])).watch_on(), None);
}

#[test]
fn a_deadline_that_is_set_anew_keeps_its_pauses() {
    let shorter = CaseEvent::DeadlineSet(DeadlineSet {
        days: 14,
        ..match set_with(terms()) {
            CaseEvent::DeadlineSet(set) => set,
            _ => unreachable!(),
        }
    });
    let week = [suspended(date(2026, 11, 23)), resumed(date(2026, 11, 30)), shorter];
    assert_eq!(due(timed(week)), Some(date(2026, 12, 11)));
}

#[test]
fn what_the_first_version_wrote_is_a_deadline_without_pauses() {
    let data = br#"{"due":"2026-12-18","rule":"rule","rule_set":"old","days":28,"counting":"calendar-days"}"#;
    let told = upcast::read::<CaseEvent>("DeadlineSet", 1, data).unwrap();
    let [CaseEvent::DeadlineSet(set)] = told.events() else { panic!("{told:?}") };
    assert_eq!((set.kind, set.from, set.terms.suspension), (DeadlineKind::CaseHandling, None, false));
    let case = [opened(), CaseEvent::DeadlineSet(set.clone()), assigned()];
    assert_eq!(due(case.clone()), Some(DUE));
    let refusal = DeadlineRefusal::SuspensionNotAllowed { statute: String::new() };
    refused(case, on(date(2026, 11, 23), suspend(date(2026, 11, 23))), refusal);
}

#[test]
fn every_refusal_has_a_code_and_a_text_in_both_languages() {
    use crate::Lang;
    let (day, statute) = (DUE, String::new);
    for refusal in [
        DeadlineRefusal::NoDeadline,
        DeadlineRefusal::Met,
        DeadlineRefusal::Passed { due: day },
        DeadlineRefusal::AlreadySuspended { from: day },
        DeadlineRefusal::NotSuspended,
        DeadlineRefusal::SuspensionNotAllowed { statute: statute() },
        DeadlineRefusal::NobodyWaitedFor,
        DeadlineRefusal::BeforeTheStart { from: day },
        DeadlineRefusal::InTheFuture { path: "from" },
        DeadlineRefusal::InsideEarlierPause { until: day },
        DeadlineRefusal::BeforeThePause { from: day },
        DeadlineRefusal::ExtensionsUsedUp { most: 1, statute: statute() },
        DeadlineRefusal::ExtensionLength { most: 14, statute: statute() },
        DeadlineRefusal::NoticeFirst { statute: statute() },
        DeadlineRefusal::ExpectedNotAhead,
        DeadlineRefusal::ReplyNotAhead,
        DeadlineRefusal::NothingRequested,
        DeadlineRefusal::NoSuchRequest { number: 1 },
        DeadlineRefusal::SystemOnly,
    ] {
        assert!(refusal.code().bytes().all(|b| b.is_ascii_uppercase() || b == b'_'), "{refusal:?}");
        let (da, en) = (refusal.message(Lang::Da), refusal.message(Lang::En));
        assert!(!da.is_empty() && da != en && da.ends_with('.'), "{da} {en}");
    }
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Wait(u8),
    Suspend(u8),
    Resume(u8),
    Notice,
    Extend(u8),
    Watch,
}

fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        3 => (0..9_u8).prop_map(Move::Wait),
        3 => (0..6_u8).prop_map(Move::Suspend),
        3 => (0..6_u8).prop_map(Move::Resume),
        1 => Just(Move::Notice),
        1 => (0..20_u8).prop_map(Move::Extend),
        2 => Just(Move::Watch),
    ]
}

proptest! {
    /// Whatever is tried and in whatever order: pauses stay in order, a deadline ends once and never before its last
    /// day, nobody is warned twice of one day, and the cached day is the one that is counted.
    #[test]
    fn a_deadline_stays_sound(moves in prop::collection::vec(a_move(), 0..40)) {
        let (mut events, mut today) = (timed([]), date(2026, 11, 23));
        let mut endings = Vec::new();
        let mut warnings = Vec::new();
        for step in moves {
            let back = |days: u8| today.saturating_sub(i64::from(days).days());
            let command = match step {
                Move::Wait(days) => {
                    today = today.saturating_add(i64::from(days).days());
                    continue;
                }
                Move::Suspend(days) => on(today, suspend(back(days))),
                Move::Resume(days) => on(today, DeadlineAct::Resume { on: back(days) }),
                Move::Notice => {
                    let expected = today.tomorrow().unwrap();
                    on(today, DeadlineAct::SendDelayNotice { expected, reason: "Travlt".into() })
                }
                Move::Extend(days) => on(today, extend(u32::from(days))),
                Move::Watch => watch(today),
            };
            let led_to = given::<Case>(events.clone()).when(command).result().unwrap_or_default();
            for event in &led_to {
                match event {
                    CaseEvent::DeadlineMissed(missed) => {
                        prop_assert!(missed.due < today);
                        endings.push(missed.due);
                    }
                    CaseEvent::DeadlineWarned(warned) => warnings.push(warned.due),
                    _ => {}
                }
            }
            events.extend(led_to);
            let file = file(events.clone());
            let deadline = file.deadline().unwrap();
            for pair in deadline.pauses.windows(2) {
                prop_assert!(pair[0].until.is_some_and(|until| until <= pair[1].from));
            }
            let counted = deadline.pause().is_none().then(|| deadline.reckon(today).due);
            prop_assert_eq!(deadline.due, counted);
            prop_assert!(endings.len() <= 1);
            prop_assert!(warnings.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", warnings);
        }
    }
}
