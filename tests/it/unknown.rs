//! A program that is older than its log: everything can be read, nothing that the newer program touched is changed.

use serde_json::{Value, json};
use skranke_domain::access_log::AccessLog;
use skranke_domain::case::Case;
use skranke_domain::{Act, Actor, CaseId, Role, Roles, StreamId, Tenant, UserId};
use skranke_store::{
    Direction, EmbeddedLog, EventLog, Expected, Filter, Metadata, NewEvent, Position, StreamWrite,
};
use uuid::Uuid;

use crate::people::Person;
use crate::server::Server;

fn furesoe() -> Tenant {
    Tenant::try_new("0190").unwrap()
}

/// What a newer program writes.
fn event(number: u128, event_type: &'static str, schema: &str, data: &str) -> NewEvent {
    let at: jiff::Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
    let act = Act {
        actor: Actor::Staff(UserId::new(Uuid::from_u128(4))),
        roles: Roles::default().with(Role::Caseworker),
        ..Act::system(furesoe(), at, Uuid::from_u128(7))
    };
    let mut metadata = Metadata::from_act(&act, "skranke/9.0.0");
    schema.clone_into(&mut metadata.schema);
    NewEvent {
        id: Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + number),
        event_type: event_type.into(),
        data: data.as_bytes().to_vec(),
        metadata: metadata.to_json().unwrap(),
        recorded_at: at,
    }
}

/// Lets the newer program run for a moment, on the log of a server that has stopped.
async fn newer_program_writes(server: &Server, writes: Vec<(StreamId, NewEvent)>) {
    let log = EmbeddedLog::open(&server.data()).unwrap();
    for (stream, event) in writes {
        let write = StreamWrite { stream, expected: Expected::Any, events: vec![event] };
        log.append(write, None).await.unwrap();
    }
    log.close().await;
}

/// The types in a case's stream.
async fn types_in(server: &Server, case: &str) -> Vec<String> {
    let log = EmbeddedLog::open(&server.data()).unwrap();
    let stream = Case::stream(furesoe(), case.parse::<CaseId>().unwrap());
    let events = log.read_stream(&stream, 0, Direction::Forwards, 100).await.unwrap();
    log.close().await;
    events.iter().map(|event| event.event_type.to_string()).collect()
}

async fn history(rita: &Person, case: &str) -> Value {
    const HISTORY: &str = "query($id: ID!) { caseHistory(id: $id) { number
        events { revision type title at actor { kind } fields { key } reason { ... on PersonalText { text } } }
        asOf(revision: 2) { revision fields { key } } diff(from: 1, to: 3) { key } } }";
    rita.ask(HISTORY, json!({ "id": case })).await["caseHistory"].take()
}

#[tokio::test]
async fn an_event_of_a_newer_program_is_shown_everywhere_and_nothing_is_decided_on_it() {
    let mut server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let (case, other) = (kari.opens_a_case("Skrevet videre på").await, kari.opens_a_case("Ikke rørt").await);
    server.stop().await;
    let stream = Case::stream(furesoe(), case.parse::<CaseId>().unwrap());
    let access = AccessLog::stream(furesoe(), "2026-11-23".parse().unwrap());
    newer_program_writes(
        &server,
        vec![
            (stream.clone(), event(1, "CaseFramed", "1", r#"{"frame":"guld"}"#)),
            (stream, event(2, "StepNoted", "2", r#"{"texts":["et","to"]}"#)),
            (access, event(3, "CasePrinted", "1", "{}")),
        ],
    )
    .await;
    server.restart().await;

    // The case is listed and its page opens; the newest event stands there by its own name.
    let [kari, rita] = server.furesoe(["kari", "rita"]).await;
    let list = "{ cases(first: 100) { edges { node { id lastEventType title { ... on PersonalText { text } } } } } }";
    let list = kari.ask(list, json!({})).await;
    let rows = list["cases"]["edges"].as_array().unwrap();
    let row = rows.iter().find(|row| row["node"]["id"] == *case).unwrap();
    assert_eq!(row["node"]["title"]["text"], "Skrevet videre på");
    let page = "query($id: ID!) { case(id: $id) { revision phase events { type title } } }";
    let page = kari.ask(page, json!({ "id": case })).await["case"].take();
    assert_eq!((&page["revision"], &page["phase"]), (&json!(3), &json!("REGISTERED")));
    let shown: Vec<_> = page["events"].as_array().unwrap()[2..].to_vec();
    let note = "skrevet af en nyere version af Skranke";
    assert_eq!(
        shown,
        [
            json!({ "type": "CaseFramed", "title": format!("CaseFramed ({note})") }),
            json!({ "type": "StepNoted", "title": format!("StepNoted ({note})") }),
        ]
    );

    // The auditor sees it too, with who and when, and the states around it.
    let told = history(&rita, &case).await;
    assert!(told["number"].as_str().unwrap().starts_with('S'));
    assert_eq!(told["events"][2]["type"], "CaseFramed");
    assert_eq!(told["events"][2]["at"], "2026-11-23T09:00:00Z");
    assert_eq!((&told["events"][2]["fields"], &told["events"][3]["fields"]), (&json!([]), &json!([])));
    assert_eq!(told["events"][3]["reason"], Value::Null);
    assert!(!told["asOf"]["fields"].as_array().unwrap().is_empty());
    assert_eq!(told["diff"], json!([]));
    let looks = "{ accessLog(first: 100) { edges { node { type title } } } }";
    let looks = rita.ask(looks, json!({})).await["accessLog"]["edges"].take();
    let printed =
        looks.as_array().unwrap().iter().find(|look| look["node"]["type"] == "CasePrinted").unwrap();
    assert_eq!(printed["node"]["title"], format!("CasePrinted ({note})"));

    // Commands are refused, with a word on what to do; other cases go on.
    let kari_id = kari.id_of("kari").await;
    for (mutation, mut input) in [
        ("caseAssign", json!({ "caseId": case, "staffId": kari_id })),
        ("stepNote", json!({ "caseId": case, "text": "Et skridt til" })),
    ] {
        input["idempotencyKey"] = json!(crate::people::new_key());
        let answer = Person::send(kari.act_request(mutation, &input)).await.json();
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "NEWER_PROGRAM", "{answer}");
        assert_eq!(
            error["message"],
            "Her står hændelsen CaseFramed, som denne version af Skranke ikke kender. Alt kan læses, men intet \
             ændres, før den nyere version, der skrev den, er startet."
        );
    }
    kari.does("caseAssign", json!({ "caseId": other, "staffId": kari_id })).await;
    server.still_answers().await;
    server.stop().await;
    assert_eq!(types_in(&server, &case).await, ["CaseOpened", "DeadlineSet", "CaseFramed", "StepNoted"]);
    assert!(the_log_still_holds(&server, r#"{"frame":"guld"}"#).await);
}

async fn the_log_still_holds(server: &Server, data: &str) -> bool {
    let log = EmbeddedLog::open(&server.data()).unwrap();
    let of_the_type = Filter { event_types: vec!["CaseFramed".to_owned()], ..Filter::default() };
    let page = log.read_all(Position(0), Direction::Forwards, 10, &of_the_type).await.unwrap();
    log.close().await;
    page.events.iter().any(|event| event.data == data.as_bytes())
}
