//! The API as other programs see it: subscriptions that are taken up again, and documents that are not answered.

use std::collections::HashSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::people::Person;
use crate::server::{Server, Setup};

/// Given a screen that lost its line; when it comes back and says what it saw last; then it is told what it missed,
/// each event once and in order, and what happens afterwards.
#[tokio::test]
async fn a_subscription_is_taken_up_where_it_was_left() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let case = kari.opens_a_case("En sag med mange noter").await;
    let to = kari.id_of("kari").await;
    kari.does("caseAssign", json!({ "caseId": case, "staffId": to })).await;
    let before = kari.does("stepNote", json!({ "caseId": case, "text": "Set." })).await;
    let seen = before["position"].as_str().unwrap().to_owned();
    for n in 0..3 {
        kari.does("stepNote", json!({ "caseId": case, "text": format!("Overset {n}.") })).await;
    }
    let wish = json!({ "title": "En anden sag", "channel": "PHONE", "received": crate::people::today() });
    let elsewhere = kari.does("caseOpen", wish).await;

    let mut screen = kari.listens().await;
    let query = format!(
        "subscription {{ caseChanged(caseId: \"{case}\", after: \"{seen}\") {{ caseId position }} }}"
    );
    screen.begin("case", &query).await;
    let worklist = format!("subscription {{ worklistChanged(after: \"{seen}\") {{ position }} }}");
    let mut other = kari.listens().await;
    other.begin("list", &worklist).await;
    let (pushed, _) = other.until("list").await;
    let newest = &pushed["payload"]["data"]["worklistChanged"]["position"];
    assert_eq!(newest, &elsewhere["position"], "all that was missed is told as one change: {pushed}");
    let mut positions = Vec::new();
    for _ in 0..3 {
        let (pushed, _) = screen.until("case").await;
        let change = pushed["payload"]["data"]["caseChanged"].clone();
        assert_eq!(change["caseId"], case.as_str(), "{pushed}");
        positions.push(change["position"].as_str().unwrap().parse::<u64>().unwrap());
    }
    let last = kari.does("stepNote", json!({ "caseId": case, "text": "Live." })).await;
    let (pushed, _) = screen.until("case").await;
    let live = &pushed["payload"]["data"]["caseChanged"]["position"];
    assert_eq!(live, &last["position"], "{pushed}");
    positions.push(live.as_str().unwrap().parse().unwrap());
    assert!(positions.is_sorted() && positions[0] > seen.parse().unwrap(), "{positions:?} after {seen}");
    assert_eq!(positions.iter().collect::<HashSet<_>>().len(), 4, "one of them twice: {positions:?}");
}

/// Given a server that is no demonstration; then it answers what its dashboard asks, letter by letter, and nothing
/// that anybody made up.
#[tokio::test]
async fn in_production_only_the_dashboards_own_documents_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let setup = Setup::new().with_data_in(&data).set("SKRANKE_LIMITS_GRAPHQL_DOCUMENTS", "own");
    setup.clone().start().await.stop().await;
    let key = std::fs::read_to_string(data.with_extension("key")).unwrap();
    let server = setup.without_demo().set("SKRANKE_MASTER_KEY", key.trim()).start().await;
    let kari = server.login("kari", "0190").await;

    let refused = kari.gql("{ viewer { demo } }", json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "UNKNOWN_DOCUMENT", "{refused}");
    let dashboard: Vec<String> =
        serde_json::from_str(&std::fs::read_to_string("web/dist/operations.json").unwrap()).unwrap();
    let viewer = dashboard.iter().find(|text| text.contains("query Viewer")).unwrap();
    let answered = kari.gql(viewer, json!({})).await;
    assert!(answered["errors"].is_null() && answered["data"]["viewer"].is_object(), "{answered}");

    let mut screen = kari.listens().await;
    screen.begin("made up", "subscription { worklistChanged { position } }").await;
    let (refused, _) = screen.until("made up").await;
    assert!(refused.to_string().contains("UNKNOWN_DOCUMENT"), "{refused}");
}

/// Given every document that the dashboard asks; then each fits the schema. (One that does not would be found by a
/// citizen's caseworker.)
#[tokio::test]
async fn every_document_of_the_dashboard_is_within_the_limits() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let dashboard: Vec<String> =
        serde_json::from_str(&std::fs::read_to_string("web/dist/operations.json").unwrap()).unwrap();
    assert!(dashboard.len() > 20, "{} documents", dashboard.len());
    for text in dashboard.iter().filter(|text| !text.trim_start().starts_with("subscription")) {
        // Without variables it is either answered or lacks some; it is never too much, and never unknown.
        let response = kari.gql(text, json!({})).await;
        let complaint = response["errors"][0]["message"].as_str().unwrap_or_default();
        let fits = complaint.is_empty()
            || (complaint.starts_with("Variable ") && complaint.ends_with(" is not defined."))
            || response["errors"][0]["path"].is_array();
        assert!(fits, "{text}: {complaint}");
    }
}

#[tokio::test]
async fn a_document_with_hundreds_of_aliases_is_refused() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let many = (0..51).map(|n| format!("a{n}: viewer {{ demo }}")).collect::<Vec<_>>().join(" ");
    assert_eq!(kari.error(&format!("{{ {many} }}"), json!({})).await, "TOO_MANY_ALIASES");
    let nested = (0..51).map(|n| format!("a{n}: demo")).collect::<Vec<_>>().join(" ");
    let spread = format!("{{ viewer {{ ...F }} }} fragment F on Viewer {{ ... on Viewer {{ {nested} }} }}");
    assert_eq!(kari.error(&spread, json!({})).await, "TOO_MANY_ALIASES");
}

#[tokio::test]
async fn each_media_type_is_answered_by_its_own_rules() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let ask = async |accept: &str, kind: &str, body: &'static str| -> (StatusCode, String, Value) {
        let request = kari.request_post("/graphql").header("x-skranke", "1").header("accept", accept);
        let answer = Person::send(request.header("content-type", kind).body(body)).await;
        let kind = answer.headers["content-type"].to_str().unwrap().to_owned();
        (answer.status, kind, answer.json())
    };
    let newer = "application/graphql-response+json";
    let broken = r#"{"query":"{ nope }"}"#;
    let (status, kind, body) = ask(newer, "application/json", broken).await;
    assert_eq!((status, kind.split(';').next()), (StatusCode::BAD_REQUEST, Some(newer)));
    assert!(body.get("data").is_none(), "{body}");
    let (status, kind, _) = ask("application/json", "application/json; charset=UTF-8", broken).await;
    assert_eq!((status, kind.split(';').next()), (StatusCode::OK, Some("application/json")));
    // An error further in leaves a request that was begun.
    let inside = r#"{"query":"{ cases(first: 0) { totalCount } }"}"#;
    assert_eq!(ask(newer, "application/json", inside).await.0, StatusCode::OK);
    for (kind, body, status) in [
        ("text/plain", broken, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/json; charset=latin1", broken, StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/json", r#"{"query":7}"#, StatusCode::BAD_REQUEST),
        ("application/json", r#"{"query":"{ viewer { demo } }","variables":[1]}"#, StatusCode::BAD_REQUEST),
        ("application/json", r#"[{"query":"{ viewer { demo } }"}]"#, StatusCode::BAD_REQUEST),
        ("application/json", "", StatusCode::BAD_REQUEST),
    ] {
        let (answered, _, said) = ask("*/*", kind, body).await;
        assert_eq!(answered, status, "{kind} {body}");
        assert!(said["errors"][0]["message"].as_str().is_some_and(|text| text.len() > 10), "{said}");
    }
    server.still_answers().await;
}
