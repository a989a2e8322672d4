//! Webhooks: a receiver outside is told what happened, in order, signed, at least once, and nothing about people.

#[cfg(all(feature = "endpoint", feature = "kurrent"))]
mod nodes;

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::people::Person;
use crate::server::{Server, Setup, eventually, files_with};

/// What came in, each with its headers.
type Heard = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A receiver outside. It answers as it is told to.
#[derive(Clone)]
struct Receiver {
    address: String,
    heard: Heard,
    answers: Arc<Mutex<StatusCode>>,
}

impl Receiver {
    async fn start(answers: StatusCode) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Self { address, heard: Heard::default(), answers: Arc::new(Mutex::new(answers)) };
        let hear = async |State(receiver): State<Self>, headers: HeaderMap, body: Bytes| {
            let body = String::from_utf8(body.to_vec()).unwrap();
            receiver.heard.lock().unwrap().push((headers, body));
            *receiver.answers.lock().unwrap()
        };
        let router = Router::new().route("/hook", post(hear)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    fn answers(&self, status: StatusCode) {
        *self.answers.lock().unwrap() = status;
    }

    fn forget(&self) {
        self.heard.lock().unwrap().clear();
    }

    fn heard(&self) -> Vec<(HeaderMap, String)> {
        self.heard.lock().unwrap().clone()
    }

    /// What came in for a case, as far as it was told: `CaseOpened`, …
    fn types(&self, case: &str) -> Vec<String> {
        let bodies = self.heard().into_iter().map(|(_, body)| serde_json::from_str::<Value>(&body).unwrap());
        let ours = bodies.filter(|event| event["data"]["caseId"] == case);
        ours.map(|event| event["type"].as_str().unwrap().replace("dk.skranke.", "")).collect()
    }

    async fn hears(&self, count: usize) -> Vec<(HeaderMap, String)> {
        eventually("the receiver is told", async || Some(self.heard()).filter(|heard| heard.len() >= count))
            .await
    }
}

fn setup() -> Setup {
    Setup::new().set("SKRANKE_WEBHOOKS_PRIVATE", "true").set("SKRANKE_WEBHOOKS_RETRY_SECONDS", "1")
}

/// A service account that is a caseworker, and its token.
async fn system(server: &Server, scopes: &[&str]) -> String {
    let [vera, otto] = server.furesoe(["vera", "otto"]).await;
    let wish = json!({ "login": "fagsystem", "name": "Fagsystemet", "scopes": scopes });
    let id = vera.does("serviceAccountOpen", wish).await["staff"]["id"].take();
    let grant = json!({ "staffId": id, "role": "CASEWORKER" });
    vera.does("roleGrantPropose", grant.clone()).await;
    otto.does("roleGrantApprove", grant).await;
    let issued = vera.does("serviceTokenIssue", json!({ "staffId": id, "days": 30 })).await;
    issued["token"].as_str().unwrap().to_owned()
}

async fn acts(server: &Server, token: &str, name: &str, kind: &str, input: Value) -> Value {
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ ... on WebhookChanged {{ webhookId secret caughtUp }}
            ... on Refused {{ code }} }} }}"
    );
    let body = json!({ "query": query, "variables": { "input": input } });
    let sent = server.visitor().request_post("/graphql").bearer_auth(token).json(&body);
    let mut answer = Person::send(sent).await.json();
    assert!(answer["errors"].is_null(), "{answer}");
    answer["data"][name].take()
}

async fn opens(server: &Server, token: &str, receiver: &Receiver, types: &[&str]) -> Value {
    let input = json!({ "url": receiver.address, "eventTypes": types, "idempotencyKey": "min-webhook" });
    acts(server, token, "webhookOpen", "WebhookOpenInput", input).await
}

#[tokio::test]
async fn what_happens_is_told_in_order_signed_and_without_a_word_about_people() {
    let (server, receiver) = tokio::join!(setup().start(), Receiver::start(StatusCode::OK));
    let token = system(&server, &["CASES_READ", "WEBHOOKS"]).await;
    let opened = opens(&server, &token, &receiver, &[]).await;
    let secret = opened["secret"].as_str().unwrap().to_owned();
    assert!(opens(&server, &token, &receiver, &[]).await["secret"].is_null(), "it is shown once");
    let kari = server.login("kari", "0190").await;
    let case = kari.opens_a_case("En fortrolig titel").await;
    let classify = json!({ "caseId": case, "kle": "32.03.04", "facet": "G01" });
    kari.act("caseClassify", classify).await;
    let number = "query($id: ID!) { case(id: $id) { number } }";
    let number = kari.ask(number, json!({ "id": case })).await["case"]["number"].take();
    let heard = receiver.hears(1).await;
    let (headers, body) = &heard[0];
    let event: Value = serde_json::from_str(body).unwrap();
    assert_eq!(receiver.types(&case)[0], "CaseOpened");
    assert_eq!((&event["specversion"], &event["data"]["caseNumber"]), (&json!("1.0"), &number));
    assert_eq!(event["data"]["caseId"], case.as_str());
    assert_eq!(headers["content-type"], "application/cloudevents+json; charset=utf-8");
    assert_eq!(headers["webhook-id"].to_str().unwrap(), event["id"]);

    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let time = headers["webhook-timestamp"].to_str().unwrap();
    let signed = format!("{}.{time}.{body}", event["id"].as_str().unwrap());
    let tag = headers["webhook-signature"].to_str().unwrap().strip_prefix("v1,").unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    hmac::verify(&key, signed.as_bytes(), &STANDARD.decode(tag).unwrap()).expect("the signature is right");

    // An inquiry is not this system's to know of; a case that comes after it is.
    let citizen = server.visitor();
    let form = citizen.get("/henvendelse").await.form("/henvendelse");
    let form = form.with("name", "Dagny").with("email", "dagny@example.dk").with("message", "Hej");
    assert_eq!(citizen.submit(form.choosing("municipality", "0190")).await.status, StatusCode::OK);
    let later = kari.opens_a_case("En til").await;
    eventually("the later case is told", async || (!receiver.types(&later).is_empty()).then_some(())).await;
    let revisions = receiver.heard().into_iter().filter_map(|(_, body)| {
        let event: Value = serde_json::from_str(&body).unwrap();
        (event["data"]["caseId"] == case.as_str()).then(|| event["data"]["revision"].as_u64())
    });
    assert!(revisions.collect::<Vec<_>>().is_sorted(), "in the order of the stream");
    for (_, body) in receiver.heard() {
        for word in ["fortrolig", "Dagny", "Demosen", "inquiry", "En til"] {
            assert!(!body.contains(word), "{word}: {body}");
        }
    }
    assert!(files_with(&server.data(), &secret).is_empty(), "the secret is stored in the open");
    assert!(!server.output().contains(&secret) && !server.output().contains(&receiver.address));
}

#[tokio::test]
async fn what_is_not_taken_in_is_sent_again_also_after_the_plug_was_pulled() {
    let (mut server, receiver) =
        tokio::join!(setup().start(), Receiver::start(StatusCode::INTERNAL_SERVER_ERROR));
    let token = system(&server, &["CASES_READ", "WEBHOOKS"]).await;
    opens(&server, &token, &receiver, &["CaseOpened"]).await;
    let kari = server.login("kari", "0190").await;
    let cases = [kari.opens_a_case("Den ene").await, kari.opens_a_case("Den anden").await];
    let heard = receiver.hears(2).await;
    assert_eq!(heard[0].0["webhook-id"], heard[1].0["webhook-id"], "the same again, and nothing before it");
    server.kill9();
    receiver.forget();
    receiver.answers(StatusCode::NO_CONTENT);
    server.restart().await;
    receiver.hears(2).await;
    for case in &cases {
        assert_eq!(receiver.types(case), ["CaseOpened"], "told once it was taken in");
    }
    // What was taken in is not told again. (A third one is told when the second was noted as taken in, and may itself be
    // told twice: the plug may come out before it is noted.)
    server.login("kari", "0190").await.opens_a_case("Den tredje").await;
    receiver.hears(3).await;
    server.kill9();
    receiver.forget();
    server.restart().await;
    let last = server.login("kari", "0190").await.opens_a_case("Den sidste").await;
    eventually("the last one is told", async || (receiver.types(&last) == ["CaseOpened"]).then_some(()))
        .await;
    assert!(cases.iter().all(|case| receiver.types(case).is_empty()));
}

#[tokio::test]
async fn what_was_given_up_is_seen_and_goes_on_with_the_same_event_when_resumed() {
    let setup = setup().set("SKRANKE_WEBHOOKS_GIVE_UP_HOURS", "0");
    let (server, receiver) = tokio::join!(setup.start(), Receiver::start(StatusCode::SERVICE_UNAVAILABLE));
    let token = system(&server, &["CASES_READ", "WEBHOOKS"]).await;
    let id = opens(&server, &token, &receiver, &["CaseOpened"]).await["webhookId"].take();
    let [kari, vera] = server.furesoe(["kari", "vera"]).await;
    let case = kari.opens_a_case("En sag").await;
    let listed = "{ webhooks(first: 10) { edges { node { id deadSince owner { login }
        url { ... on PersonalText { text } } } } } }";
    let dead = eventually("it was given up", async || {
        let webhook = vera.ask(listed, json!({})).await["webhooks"]["edges"][0]["node"].take();
        (!webhook["deadSince"].is_null()).then_some(webhook)
    })
    .await;
    assert_eq!(dead["owner"]["login"], "fagsystem");
    assert_eq!(dead["url"]["text"], receiver.address.as_str());
    receiver.answers(StatusCode::OK);
    receiver.forget();
    let resume = json!({ "webhookId": id, "idempotencyKey": "videre" });
    acts(&server, &token, "webhookResume", "WebhookResumeInput", resume).await;
    receiver.hears(1).await;
    assert_eq!(receiver.types(&case), ["CaseOpened"]);
    let close = json!({ "webhookId": id, "idempotencyKey": "slut" });
    acts(&server, &token, "webhookClose", "WebhookCloseInput", close).await;
    assert_eq!(vera.ask(listed, json!({})).await["webhooks"]["edges"], json!([]));
}

#[tokio::test]
async fn nobody_makes_the_server_call_what_is_inside() {
    let server = Server::start().await;
    let vera = server.login("vera", "0190").await;
    for url in [
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "http://example.dk/",
        "https://a:b@example.dk/",
    ] {
        let wish = json!({ "url": url, "eventTypes": [] });
        assert_eq!(vera.is_refused("webhookOpen", wish).await.0, "WEBHOOK_ADDRESS", "{url}");
    }
    let kari = server.login("kari", "0190").await;
    let wish = json!({ "url": "https://example.dk/hook", "eventTypes": [] });
    assert_eq!(kari.is_refused("webhookOpen", wish).await.0, "NOT_ALLOWED");
}
