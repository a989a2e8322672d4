use uuid::Uuid;

use super::*;
use crate::act::Actor;
use crate::scenario::{decision_table, given};

/// How somebody tries an act.
type Tries = fn(WebhookAct) -> WebhookCommand;

const VERA: UserId = UserId::new(Uuid::from_u128(1));
const SYSTEM: UserId = UserId::new(Uuid::from_u128(2));
const OTHER: UserId = UserId::new(Uuid::from_u128(3));

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn by(actor: Actor, roles: &[Role], act: WebhookAct) -> WebhookCommand {
    let under = By { at: at("2026-11-23T09:00:00Z"), actor, roles: roles.iter().copied().collect() };
    WebhookCommand { act, under }
}

fn vera(act: WebhookAct) -> WebhookCommand {
    by(Actor::Staff(VERA), &[Role::Administrator], act)
}

fn owner(act: WebhookAct) -> WebhookCommand {
    by(Actor::Staff(SYSTEM), &[Role::Caseworker], act)
}

fn other(act: WebhookAct) -> WebhookCommand {
    by(Actor::Staff(OTHER), &[Role::Caseworker], act)
}

fn system(act: WebhookAct) -> WebhookCommand {
    by(Actor::System, &[], act)
}

fn open(event_types: &[&str], by_service: bool) -> WebhookAct {
    WebhookAct::Open {
        subject: SubjectId::new(Uuid::from_u128(9)),
        address: "https://example.dk/hook".into(),
        event_types: event_types.iter().map(|name| (*name).to_owned()).collect(),
        secret: "whsec_x".into(),
        by_service,
    }
}

fn opened() -> WebhookEvent {
    let subject = SubjectId::new(Uuid::from_u128(9));
    WebhookEvent::WebhookOpened(WebhookOpened {
        subject,
        owner: SYSTEM,
        address: Sealed::new(subject, "https://example.dk/hook".into()),
        event_types: vec!["CaseOpened".into()],
        secret: Sealed::new(subject, "whsec_x".into()),
    })
}

fn died() -> WebhookEvent {
    WebhookEvent::WebhookDied(WebhookDied { failing_since: at("2026-11-18T09:00:00Z") })
}

#[test]
fn a_webhook_is_opened_by_a_system_with_the_scope_or_by_an_administrator() {
    given::<Webhook>([]).when(owner(open(&["CaseOpened"], true))).then([opened()]);
    assert!(given::<Webhook>([]).when(vera(open(&[], false))).result().is_ok());
    given::<Webhook>([]).when(owner(open(&["CaseOpened"], false))).refused(WebhookRefusal::NotAllowed);
}

#[test]
fn what_is_no_event_type_is_refused() {
    for types in [&["caseOpened"][..], &[""], &["Case Opened"], &["A"; MOST_TYPES + 1]] {
        given::<Webhook>([]).when(owner(open(types, true))).refused(WebhookRefusal::EventTypes);
    }
}

#[test]
fn one_that_was_given_up_is_resumed_by_its_owner() {
    let resumed = WebhookEvent::WebhookResumed(WebhookResumed {});
    given::<Webhook>([opened(), died()]).when(owner(WebhookAct::Resume)).then([resumed.clone()]);
    given::<Webhook>([opened(), died()]).when(vera(WebhookAct::Resume)).then([resumed]);
    given::<Webhook>([opened(), died()]).when(other(WebhookAct::Resume)).refused(WebhookRefusal::NotAllowed);
}

/// Every state × every act, tried by each who might: the rulebook on one page.
#[test]
fn the_decision_table() {
    let states = [
        ("unopened", vec![]),
        ("live", vec![opened()]),
        ("given up", vec![opened(), died()]),
        ("closed", vec![opened(), WebhookEvent::WebhookClosed(WebhookClosed {})]),
    ];
    let acts = [
        open(&["CaseOpened"], true),
        WebhookAct::Die { failing_since: at("2026-11-18T09:00:00Z") },
        WebhookAct::Resume,
        WebhookAct::Close,
    ];
    let people: [(&str, Tries); 4] =
        [("its owner", owner), ("another", other), ("administrator", vera), ("system", system)];
    let tried = acts.iter().map(|act| {
        let each = people.iter().map(|(who, command)| (*who, command(act.clone())));
        (act.name(), each.collect())
    });
    insta::assert_snapshot!(decision_table::<Webhook>(&states, &tried.collect::<Vec<_>>()));
}
