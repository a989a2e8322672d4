use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::Refusal;
use crate::act::{Actor, Roles};
use crate::scenario::{decision_table, given};

const DAGNY: SubjectId = SubjectId::new(Uuid::from_u128(1));
const LONE: UserId = UserId::new(Uuid::from_u128(2));
const VERA: UserId = UserId::new(Uuid::from_u128(3));
const KARI: UserId = UserId::new(Uuid::from_u128(4));
const CASE: CaseId = CaseId::new(Uuid::from_u128(5));
const TODAY: Date = date(2026, 11, 23);

fn by(actor: Actor, roles: &[Role]) -> By {
    let roles: Roles = roles.iter().copied().collect();
    By { at: "2026-11-23T09:00:00Z".parse().unwrap(), actor, roles }
}

fn wish(under: By, matters: Matters, act: PrivacyAct) -> PrivacyCommand {
    PrivacyCommand { subject: DAGNY, act, matters, under }
}

fn lone(act: PrivacyAct) -> PrivacyCommand {
    wish(by(Actor::Staff(LONE), &[Role::TeamLead]), closed("K5"), act)
}

fn vera(act: PrivacyAct) -> PrivacyCommand {
    wish(by(Actor::Staff(VERA), &[Role::Administrator]), closed("K5"), act)
}

fn kari(act: PrivacyAct) -> PrivacyCommand {
    wish(by(Actor::Staff(KARI), &[Role::Caseworker]), closed("K5"), act)
}

fn rita(act: PrivacyAct) -> PrivacyCommand {
    wish(by(Actor::Staff(VERA), &[Role::Auditor]), closed("K5"), act)
}

fn system(act: PrivacyAct) -> PrivacyCommand {
    wish(by(Actor::System, &[]), Matters::default(), act)
}

/// One case, closed ten years ago, of a class.
fn closed(class: &str) -> Matters {
    let cases =
        vec![CaseMatter { id: CASE, own: true, closed: Some(date(2016, 11, 23)), class: class.parse().ok() }];
    Matters { known: true, cases, unfinished: Vec::new() }
}

fn sealed(text: &str) -> Sealed<String> {
    Sealed::new(DAGNY, text.to_owned())
}

fn request(basis: Basis) -> PrivacyAct {
    PrivacyAct::Request {
        basis,
        received: None,
        requester: "Dagny Demosen".into(),
        reason: "Hun beder om det.".into(),
    }
}

fn requested(basis: Basis) -> PrivacyEvent {
    PrivacyEvent::ErasureRequested(ErasureRequested {
        basis,
        received: TODAY,
        requester: Some(sealed("Dagny Demosen")),
        reason: sealed("Hun beder om det."),
    })
}

fn proposed() -> PrivacyEvent {
    PrivacyEvent::ErasureProposed(ErasureProposed { by: LONE })
}

fn decided(basis: Basis) -> PrivacyEvent {
    PrivacyEvent::ErasureDecided(ErasureDecided {
        basis,
        proposed_by: LONE,
        approved_by: VERA,
        cases: vec![CASE],
    })
}

fn destroyed() -> PrivacyEvent {
    PrivacyEvent::SubjectKeyDestroyed(SubjectKeyDestroyed { conversations: 1 })
}

fn held() -> PrivacyEvent {
    PrivacyEvent::LegalHoldPlaced(LegalHoldPlaced { number: 1, reason: sealed("En retssag.") })
}

fn delivered() -> PrivacyEvent {
    let archive = "Rigsarkivet".to_owned();
    PrivacyEvent::DeliveredToArchive(DeliveredToArchive { case: CASE, archive, on: TODAY })
}

const RIGHT: Basis = Basis::ErasureRight;
const OVER: Basis = Basis::RetentionOver;

#[test]
fn two_people_erase_and_the_system_destroys_the_key_once() {
    given::<DataSubject>([]).when(kari(request(RIGHT))).then([requested(RIGHT)]);
    given::<DataSubject>([requested(RIGHT)]).when(lone(PrivacyAct::Propose)).then([proposed()]);
    let waiting = [requested(RIGHT), proposed()];
    given::<DataSubject>(waiting.clone()).when(lone(PrivacyAct::Propose)).then([]);
    given::<DataSubject>(waiting.clone())
        .when(lone(PrivacyAct::Approve))
        .refused(PrivacyRefusal::SecondApprover);
    given::<DataSubject>(waiting.clone()).when(vera(PrivacyAct::Approve)).then([decided(RIGHT)]);
    let done = PrivacyAct::Destroyed { conversations: 1 };
    given::<DataSubject>(waiting).when(system(done.clone())).refused(PrivacyRefusal::NotDecided);
    let erased = [requested(RIGHT), proposed(), decided(RIGHT)];
    given::<DataSubject>(erased.clone()).when(system(done.clone())).then([destroyed()]);
    given::<DataSubject>(erased.into_iter().chain([destroyed()])).when(system(done)).then([]);
}

#[test]
fn cases_whose_time_is_over_are_disposed_of_with_the_key() {
    let disposed = PrivacyEvent::Disposed(Disposed { cases: vec![CASE] });
    given::<DataSubject>([requested(OVER), proposed(), decided(OVER)])
        .when(system(PrivacyAct::Destroyed { conversations: 1 }))
        .then([destroyed(), disposed]);
}

#[test]
fn what_stands_in_the_way_is_asked_at_the_proposal_and_again_at_the_approval() {
    let open = CaseMatter { id: CASE, own: true, closed: None, class: "K5".parse().ok() };
    let ten_years_ago = |class: &str| closed(class).cases[0];
    let of = |cases: Vec<CaseMatter>, unfinished| Matters { known: true, cases, unfinished };
    for (basis, matters, expected) in [
        (RIGHT, of(vec![open], vec![]), PrivacyRefusal::CaseOpen),
        (RIGHT, of(vec![], vec![Unfinished::Inquiry]), PrivacyRefusal::Unfinished(Unfinished::Inquiry)),
        (RIGHT, of(vec![], vec![Unfinished::Complaint]), PrivacyRefusal::Unfinished(Unfinished::Complaint)),
        (RIGHT, of(vec![], vec![Unfinished::Appeal]), PrivacyRefusal::Unfinished(Unfinished::Appeal)),
        (
            RIGHT,
            of(vec![], vec![Unfinished::AccessRequest]),
            PrivacyRefusal::Unfinished(Unfinished::AccessRequest),
        ),
        (RIGHT, of(vec![], vec![Unfinished::Finding]), PrivacyRefusal::Unfinished(Unfinished::Finding)),
        (RIGHT, of(vec![ten_years_ago("")], vec![]), PrivacyRefusal::NoRetentionClass),
        (RIGHT, of(vec![ten_years_ago("B")], vec![]), PrivacyRefusal::MustBeKept),
        (OVER, of(vec![], vec![]), PrivacyRefusal::NothingToDispose),
        (
            OVER,
            of(vec![ten_years_ago("K5"), ten_years_ago("K11")], vec![]),
            PrivacyRefusal::PeriodNotOver { until: date(2027, 11, 23) },
        ),
    ] {
        for (events, by_whom, act) in [
            (vec![requested(basis)], by(Actor::Staff(LONE), &[Role::TeamLead]), PrivacyAct::Propose),
            (
                vec![requested(basis), proposed()],
                by(Actor::Staff(VERA), &[Role::Administrator]),
                PrivacyAct::Approve,
            ),
        ] {
            let command = wish(by_whom, matters.clone(), act);
            given::<DataSubject>(events).when(command).refused(expected.clone());
        }
    }
}

#[test]
fn on_the_day_that_the_period_is_over_and_not_before() {
    let matters = |class: &str, closed| Matters {
        known: true,
        cases: vec![CaseMatter { id: CASE, own: true, closed: Some(closed), class: class.parse().ok() }],
        unfinished: Vec::new(),
    };
    let obstacles = |matters: &Matters| DataSubject::default().obstacles(OVER, matters, TODAY);
    assert_eq!(obstacles(&matters("K5", date(2021, 11, 23))), []);
    let until = date(2026, 11, 24);
    assert_eq!(obstacles(&matters("K5", date(2021, 11, 24))), [PrivacyRefusal::PeriodNotOver { until }]);
    // Who asks for erasure need not wait for it.
    assert_eq!(DataSubject::default().obstacles(RIGHT, &matters("K5", TODAY), TODAY), []);
}

#[test]
fn a_hold_stops_everything_until_it_is_released() {
    given::<DataSubject>([])
        .when(lone(PrivacyAct::PlaceHold { reason: "En retssag.".into() }))
        .then([held()]);
    let waiting = [requested(RIGHT), proposed(), held()];
    given::<DataSubject>(waiting.clone()).when(vera(PrivacyAct::Approve)).refused(PrivacyRefusal::LegalHold);
    let release = |number| PrivacyAct::ReleaseHold { number, reason: "Dommen er faldet.".into() };
    given::<DataSubject>(waiting.clone()).when(lone(release(2))).refused(PrivacyRefusal::NoSuchHold);
    let released =
        PrivacyEvent::LegalHoldReleased(LegalHoldReleased { number: 1, reason: sealed("Dommen er faldet.") });
    given::<DataSubject>(waiting.clone()).when(lone(release(1))).then([released.clone()]);
    let free = waiting.into_iter().chain([released]);
    given::<DataSubject>(free).when(vera(PrivacyAct::Approve)).then([decided(RIGHT)]);
    // The approval is the point of no return.
    given::<DataSubject>([requested(RIGHT), proposed(), decided(RIGHT)])
        .when(lone(PrivacyAct::PlaceHold { reason: "For sent.".into() }))
        .refused(PrivacyRefusal::AlreadyErased);
}

#[test]
fn what_must_be_kept_is_erased_after_it_was_delivered_to_an_archive() {
    let deliver = PrivacyAct::Deliver { case: CASE, archive: "Rigsarkivet".into(), on: TODAY };
    given::<DataSubject>([]).when(lone(deliver.clone())).then([delivered()]);
    given::<DataSubject>([delivered()]).when(lone(deliver)).then([]);
    let other = PrivacyAct::Deliver { case: CaseId::new(Uuid::nil()), archive: "x".into(), on: TODAY };
    given::<DataSubject>([]).when(lone(other)).refused(PrivacyRefusal::NoSuchCase);
    let approve = wish(by(Actor::Staff(VERA), &[Role::Administrator]), closed("B"), PrivacyAct::Approve);
    given::<DataSubject>([requested(OVER), proposed(), delivered()]).when(approve).then([decided(OVER)]);
}

#[test]
fn of_whom_nothing_is_stored_nothing_is_written() {
    for act in [request(RIGHT), PrivacyAct::PlaceHold { reason: "x".into() }] {
        let nobody = wish(by(Actor::Staff(LONE), &[Role::TeamLead]), Matters::default(), act);
        given::<DataSubject>([]).when(nobody).refused(PrivacyRefusal::NotFound);
    }
}

#[test]
fn every_refusal_has_a_sentence_in_both_languages() {
    for refusal in [
        PrivacyRefusal::NotFound,
        PrivacyRefusal::SecondApprover,
        PrivacyRefusal::LegalHold,
        PrivacyRefusal::Unfinished(Unfinished::Appeal),
        PrivacyRefusal::PeriodNotOver { until: TODAY },
    ] {
        let told = |lang| refusal.message(lang);
        assert!(told(crate::Lang::Da) != told(crate::Lang::En) && !refusal.code().is_empty(), "{refusal:?}");
    }
    assert_eq!(PrivacyRefusal::LegalHold.statute().as_deref(), Some("GDPR art. 17, stk. 3"));
}

/// How somebody tries an act.
type Tries = fn(PrivacyAct) -> PrivacyCommand;

#[test]
fn the_decision_table() {
    let right = [requested(RIGHT), proposed(), decided(RIGHT), destroyed()];
    let until = |number: usize| right[..number].to_vec();
    let states = [
        ("nothing was asked", vec![]),
        ("requested", until(1)),
        ("proposed by Lone", until(2)),
        ("proposed, and held", [until(2), vec![held()]].concat()),
        ("decided", until(3)),
        ("erased", until(4)),
    ];
    let text = || "Fordi.".to_owned();
    let acts = [
        ("Request", request(RIGHT)),
        ("Request: retention", request(OVER)),
        ("Propose", PrivacyAct::Propose),
        ("Approve", PrivacyAct::Approve),
        ("Decline", PrivacyAct::Decline { reason: text() }),
        ("PlaceHold", PrivacyAct::PlaceHold { reason: text() }),
        ("ReleaseHold", PrivacyAct::ReleaseHold { number: 1, reason: text() }),
        ("Deliver", PrivacyAct::Deliver { case: CASE, archive: text(), on: TODAY }),
        ("Report", PrivacyAct::Report { events: 3, looks: 1 }),
        ("Destroyed", PrivacyAct::Destroyed { conversations: 0 }),
    ];
    let people: [(&str, Tries); 5] = [
        ("caseworker", kari),
        ("team lead (Lone)", lone),
        ("administrator", vera),
        ("auditor", rita),
        ("system", system),
    ];
    let tried = acts.iter().map(|(name, act)| {
        let each = people.iter().map(|(who, command)| (*who, command(act.clone())));
        (*name, each.collect())
    });
    insta::assert_snapshot!(decision_table::<DataSubject>(&states, &tried.collect::<Vec<_>>()));
}
