//! A self-service solution, as sentences.

use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::scenario::{decisions, given};

const SUBJECT: SubjectId = SubjectId::new(Uuid::from_u128(3));
const URL: &str = "https://selvbetjening.eksempel.dk/byg";
const PAGE_URL: &str = "https://www.borger.dk/Handlingsside?selfserviceId=2b";

fn supplier() -> Supplier {
    Supplier { name: "Eksempel Software".into(), email: "kontakt@eksempel.dk".into() }
}

fn wish(kind: Kind) -> Submission {
    Submission {
        kind,
        title: " Søg byggetilladelse ".into(),
        url: URL.into(),
        description: "Søg om tilladelse til at bygge.".into(),
        supplier: supplier(),
        subject: SUBJECT,
    }
}

fn submit(wish: Submission) -> ServiceCommand {
    ServiceCommand::Submit(Box::new(wish))
}

fn submitted() -> ServiceEvent {
    ServiceEvent::ServiceSubmitted(ServiceSubmitted {
        kind: Kind::New,
        title: "Søg byggetilladelse".into(),
        url: URL.into(),
        description: "Søg om tilladelse til at bygge.".into(),
        subject: SUBJECT,
        supplier: Sealed::new(SUBJECT, supplier()),
    })
}

fn accepted() -> ServiceEvent {
    ServiceEvent::ServiceAccepted(ServiceAccepted {})
}

fn returned() -> ServiceEvent {
    let reason = Sealed::new(SUBJECT, "Titlen er uklar.".into());
    ServiceEvent::ServiceReturned(ServiceReturned { reason })
}

fn withdrawn() -> ServiceEvent {
    let reason = Sealed::new(SUBJECT, "Erstattet.".into());
    ServiceEvent::ServiceWithdrawn(ServiceWithdrawn { reason })
}

fn page() -> ActionPage {
    ActionPage {
        title: "Søg byggetilladelse".into(),
        intro: "Her søger du om lov til at bygge.".into(),
        notice: String::new(),
        steps: vec!["Log ind med MitID.".into(), " ".into(), "Udfyld ansøgningen.".into()],
        have_ready: vec!["Tegninger".into()],
        draft_note: "Kladden gemmes i 14 dage.".into(),
        submit: "Gennemse og send.".into(),
        copy: "Gem en kopi.".into(),
        contact: ContactBlock { phone: "00 00 00 00".into(), ..ContactBlock::default() },
    }
}

fn drafted(version: u32) -> ServiceEvent {
    let page =
        ActionPage { steps: vec!["Log ind med MitID.".into(), "Udfyld ansøgningen.".into()], ..page() };
    ServiceEvent::ActionPageDrafted(ActionPageDrafted { version, page })
}

fn published(version: u32) -> ServiceEvent {
    ServiceEvent::ActionPagePublished(ActionPagePublished { version, url: Some(PAGE_URL.into()) })
}

fn publish(version: u32) -> ServiceCommand {
    ServiceCommand::PublishActionPage { version, url: Some(PAGE_URL.into()) }
}

fn check(state: LinkState) -> ServiceCommand {
    ServiceCommand::CheckLink { address: URL.into(), state, on: date(2026, 11, 23) }
}

fn checked(state: LinkState) -> ServiceEvent {
    ServiceEvent::LinkChecked(LinkChecked { address: URL.into(), state, on: date(2026, 11, 23) })
}

#[test]
fn the_five_things_are_needed_and_looked_at() {
    type Change = fn(&mut Submission);
    let cases: [(Change, ServiceRefusal); 10] = [
        (|w| w.title = " ".into(), ServiceRefusal::NoText { path: "title" }),
        (|w| w.title = "æ".repeat(121), ServiceRefusal::TooLong { path: "title", limit: 120 }),
        (|w| w.url = "/byg".into(), ServiceRefusal::NotAnAddress { path: "url" }),
        (|w| w.url = "ftp://eksempel.dk".into(), ServiceRefusal::NotAnAddress { path: "url" }),
        (|w| w.url = "https://kari:kode@eksempel.dk".into(), ServiceRefusal::NotAnAddress { path: "url" }),
        (|w| w.url = "https://eksempel.dk/a b".into(), ServiceRefusal::NotAnAddress { path: "url" }),
        (|w| w.description = String::new(), ServiceRefusal::NoText { path: "description" }),
        (|w| w.supplier.name = String::new(), ServiceRefusal::NoText { path: "supplierName" }),
        (|w| w.supplier.email = String::new(), ServiceRefusal::NoText { path: "supplierEmail" }),
        (|w| w.supplier.email = "kontakt".into(), ServiceRefusal::NotAnEmail),
    ];
    given::<Service>([]).when(submit(wish(Kind::New))).then([submitted()]);
    for (change, reason) in cases {
        let mut wish = wish(Kind::New);
        change(&mut wish);
        given::<Service>([]).when(submit(wish)).refused(reason);
    }
}

#[test]
fn what_the_portal_has_is_submitted_as_existing() {
    given::<Service>([submitted(), accepted()]).when(submit(wish(Kind::New))).refused(ServiceRefusal::NotNew);
    let outcome = given::<Service>([submitted(), accepted()]).when(submit(wish(Kind::Existing)));
    let events = outcome.result().unwrap();
    assert!(matches!(&events[..], [ServiceEvent::ServiceSubmitted(again)] if again.kind == Kind::Existing));
}

#[test]
fn action_pages_are_numbered_and_the_newest_is_published() {
    let draft = || ServiceCommand::DraftActionPage(Box::new(page()));
    given::<Service>([submitted()]).when(draft()).then([drafted(1)]);
    given::<Service>([submitted(), drafted(1)]).when(draft()).then([drafted(2)]);
    let two = [submitted(), accepted(), drafted(1), published(1), drafted(2)];
    given::<Service>(two.clone()).when(publish(1)).refused(ServiceRefusal::NotTheNewestDraft);
    given::<Service>(two.clone()).when(publish(2)).then([published(2)]);
    // Published again without an address, it stays where it was.
    given::<Service>(two)
        .when(ServiceCommand::PublishActionPage { version: 2, url: None })
        .then([published(2)]);
}

#[test]
fn an_action_page_has_all_that_it_needs() {
    type Change = fn(&mut ActionPage);
    let cases: [(Change, &str); 5] = [
        (|p| p.title = String::new(), "title"),
        (|p| p.intro = " ".into(), "intro"),
        (|p| p.steps = vec![" ".into()], "steps"),
        (|p| p.submit = String::new(), "submit"),
        (|p| p.contact = ContactBlock::default(), "contact"),
    ];
    for (change, path) in cases {
        let mut page = page();
        change(&mut page);
        let draft = ServiceCommand::DraftActionPage(Box::new(page));
        given::<Service>([submitted()]).when(draft).refused(ServiceRefusal::NoText { path });
    }
}

#[test]
fn a_check_is_noted_when_its_outcome_changes() {
    let works = || check(LinkState::Works);
    given::<Service>([submitted()]).when(works()).then([checked(LinkState::Works)]);
    given::<Service>([submitted(), checked(LinkState::Works)]).when(works()).then([]);
    let gone = LinkState::Broken { status: 404 };
    given::<Service>([submitted(), checked(LinkState::Works)])
        .when(check(gone.clone()))
        .then([checked(gone)]);
    let foreign = ServiceCommand::CheckLink {
        address: "https://andre.eksempel.dk".into(),
        state: LinkState::Works,
        on: date(2026, 11, 23),
    };
    given::<Service>([submitted()]).when(foreign).refused(ServiceRefusal::NotItsAddress);
}

#[test]
fn every_wish_in_every_state() {
    let states = [
        ("never submitted", vec![]),
        ("submitted", vec![submitted()]),
        ("returned", vec![submitted(), returned()]),
        ("accepted", vec![submitted(), accepted()]),
        ("accepted, with an action page", vec![submitted(), drafted(1), accepted()]),
        ("accepted, its action page published", vec![submitted(), drafted(1), accepted(), published(1)]),
        ("withdrawn", vec![submitted(), accepted(), withdrawn()]),
    ];
    let answer = |requirement: Option<&str>| ServiceCommand::AnswerRequirement {
        requirement: requirement.map(str::to_owned),
        compliance: Compliance::Met,
        note: String::new(),
    };
    let wishes = [
        ("submit a new one", submit(wish(Kind::New))),
        ("submit an existing one", submit(wish(Kind::Existing))),
        ("accept", ServiceCommand::Accept {}),
        ("return", ServiceCommand::Return { reason: "Titlen er uklar.".into() }),
        ("return without a reason", ServiceCommand::Return { reason: String::new() }),
        ("draft the action page", ServiceCommand::DraftActionPage(Box::new(page()))),
        ("publish version 1", publish(1)),
        ("answer a requirement", answer(Some("nemlog-in"))),
        ("answer an unknown one", answer(None)),
        ("note that the link works", check(LinkState::Works)),
        ("withdraw", ServiceCommand::Withdraw { reason: "Erstattet.".into() }),
        ("withdraw without a reason", ServiceCommand::Withdraw { reason: String::new() }),
    ];
    insta::assert_snapshot!(decisions::<Service>(&states, &wishes));
}
