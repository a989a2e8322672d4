//! An exemption, as sentences.

use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::conversation::TopicSlug;
use crate::inquiry::Channel;
use crate::scenario::{decisions, given};

const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(3));
const TODAY: Date = date(2026, 11, 23);

fn authority() -> AuthoritySlug {
    AuthoritySlug::try_new("udbetaling-danmark").unwrap()
}

fn area() -> Area {
    Area::Topic(TopicSlug::new("boligstoette"))
}

fn applicant() -> Applicant {
    let through = Representative { name: "Dorthe Demosen".into(), relation: "datter".into() };
    Applicant { name: "Dagny Demosen".into(), through: Some(through) }
}

fn grounds() -> Grounds {
    Grounds { named: vec!["digital-skills".into()], text: String::new() }
}

fn wish() -> Request {
    Request {
        authority: Some(authority()),
        area: Some(area()),
        channel: Channel::Counter,
        received: TODAY,
        today: TODAY,
        inquiry: None,
        subject: SUBJECT,
        applicant: applicant(),
        grounds: Some(grounds()),
    }
}

fn request(wish: Request) -> ExemptionCommand {
    ExemptionCommand::Request(Box::new(wish))
}

fn grant(until: Option<Date>) -> ExemptionCommand {
    let (today, from) = (TODAY, TODAY);
    ExemptionCommand::Grant(Box::new(Grant { today, from, until, grounds: Some(grounds()) }))
}

fn requested() -> ExemptionEvent {
    ExemptionEvent::ExemptionRequested(ExemptionRequested {
        authority: authority(),
        area: area(),
        channel: Channel::Counter,
        received: TODAY,
        inquiry: None,
        subject: SUBJECT,
        applicant: Sealed::new(SUBJECT, applicant()),
        grounds: Sealed::new(SUBJECT, grounds()),
    })
}

fn granted(until: Option<Date>) -> ExemptionEvent {
    ExemptionEvent::ExemptionGranted(ExemptionGranted {
        authority: authority(),
        area: area(),
        from: TODAY,
        until,
        grounds: Sealed::new(SUBJECT, grounds()),
    })
}

fn refused() -> ExemptionEvent {
    let reason = Sealed::new(SUBJECT, "Ansøgeren bruger selv nettet.".into());
    ExemptionEvent::ExemptionRefused(ExemptionRefused { reason })
}

fn expired() -> ExemptionEvent {
    ExemptionEvent::ExemptionExpired(ExemptionExpired { last: TODAY })
}

fn withdrawn() -> ExemptionEvent {
    ExemptionEvent::ExemptionWithdrawn(ExemptionWithdrawn { on: TODAY, reason: None })
}

#[test]
fn somebody_else_may_ask_for_it() {
    given::<Exemption>([]).when(request(wish())).then([requested()]);
}

#[test]
fn no_ground_need_be_named() {
    let wish = Request { grounds: Some(Grounds::default()), ..wish() };
    assert!(given::<Exemption>([]).when(request(wish)).result().is_ok());
    let nothing = Grant { today: TODAY, from: TODAY, until: None, grounds: Some(Grounds::default()) };
    let outcome = given::<Exemption>([requested()]).when(ExemptionCommand::Grant(Box::new(nothing)));
    assert!(outcome.result().is_ok());
}

#[test]
fn what_no_register_has_is_named_in_the_refusal() {
    type Change = fn(&mut Request);
    let cases: [(Change, ExemptionRefusal); 6] = [
        (|w| w.received = TODAY.tomorrow().unwrap(), ExemptionRefusal::InTheFuture),
        (|w| w.authority = None, ExemptionRefusal::UnknownAuthority),
        (|w| w.area = None, ExemptionRefusal::UnknownArea),
        (|w| w.grounds = None, ExemptionRefusal::UnknownGround),
        (|w| w.applicant.name = " ".into(), ExemptionRefusal::NoName { path: "name" }),
        (
            |w| w.applicant.through = Some(Representative { name: String::new(), relation: "ven".into() }),
            ExemptionRefusal::NoName { path: "throughName" },
        ),
    ];
    for (change, reason) in cases {
        let mut wish = wish();
        change(&mut wish);
        given::<Exemption>([]).when(request(wish)).refused(reason);
    }
}

#[test]
fn it_holds_through_its_last_day_and_expires_once() {
    let tomorrow = TODAY.tomorrow().unwrap();
    let expire = |today| ExemptionCommand::Expire { today };
    let given_until = |until| given::<Exemption>([requested(), granted(until)]);
    given_until(Some(TODAY)).when(expire(TODAY)).refused(ExemptionRefusal::NotOver);
    given_until(Some(TODAY)).when(expire(tomorrow)).then([expired()]);
    given_until(None).when(expire(tomorrow)).refused(ExemptionRefusal::NotOver);
    given::<Exemption>([requested(), granted(Some(TODAY)), expired()]).when(expire(tomorrow)).then([]);
}

#[test]
fn its_days_are_in_order_and_not_over() {
    let yesterday = TODAY.yesterday().unwrap();
    given::<Exemption>([requested()]).when(grant(Some(TODAY))).then([granted(Some(TODAY))]);
    given::<Exemption>([requested()])
        .when(grant(Some(yesterday)))
        .refused(ExemptionRefusal::EndsBeforeItBegins);
    let past =
        Grant { today: TODAY, from: date(2026, 1, 1), until: Some(yesterday), grounds: Some(grounds()) };
    given::<Exemption>([requested()])
        .when(ExemptionCommand::Grant(Box::new(past)))
        .refused(ExemptionRefusal::IsOverAlready);
}

#[test]
fn every_wish_in_every_state() {
    let states = [
        ("never asked for", vec![]),
        ("requested", vec![requested()]),
        ("granted without end", vec![requested(), granted(None)]),
        ("granted, its last day over", vec![requested(), granted(Some(date(2026, 11, 22)))]),
        ("refused", vec![requested(), refused()]),
        ("expired", vec![requested(), granted(Some(TODAY)), expired()]),
        ("withdrawn", vec![requested(), granted(None), withdrawn()]),
    ];
    let wishes = [
        ("request", request(wish())),
        ("grant", grant(None)),
        ("refuse", ExemptionCommand::Refuse { reason: "Ansøgeren bruger selv nettet.".into() }),
        ("refuse without a reason", ExemptionCommand::Refuse { reason: " ".into() }),
        ("expire", ExemptionCommand::Expire { today: TODAY }),
        ("withdraw", ExemptionCommand::Withdraw { on: TODAY, reason: String::new() }),
    ];
    insta::assert_snapshot!(decisions::<Exemption>(&states, &wishes));
}
