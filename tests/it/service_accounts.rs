//! Systems outside: they come in with a token, do what their scopes and their role say, and are seen doing it.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::people::{Answer, Person, new_key};
use crate::server::{Server, Setup, eventually, files_with};

/// A system outside: it has no cookies, and says nothing of pages.
struct System {
    http: Person,
    token: String,
}

impl System {
    fn new(server: &Server, token: &Value) -> Self {
        Self { http: server.visitor(), token: token.as_str().unwrap().to_owned() }
    }

    async fn sends(&self, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        Person::send(self.http.request_post("/graphql").bearer_auth(&self.token).json(&body)).await
    }

    async fn asks(&self, query: &str) -> Value {
        let answer = self.sends(query, json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }

    async fn error(&self, query: &str) -> String {
        let response = self.asks(query).await;
        let code = &response["errors"][0]["extensions"]["code"];
        code.as_str().unwrap_or_else(|| panic!("no coded error: {response}")).to_owned()
    }

    async fn registers(&self, name: &str) -> Value {
        let register = "mutation($input: InquiryRegisterInput!) { inquiryRegister(input: $input) {
            ... on InquiryChanged { inquiry { id } } ... on Refused { code } } }";
        let input = json!({ "channel": "DIGITAL", "kind": "WRITTEN", "name": name, "email": "dagny@example.dk",
            "message": "Hvornår får jeg svar?", "idempotencyKey": new_key() });
        let mut response = self.sends(register, json!({ "input": input })).await.json();
        response["data"]["inquiryRegister"].take()
    }
}

const VIEWER: &str = "{ viewer { staff { login roles serviceAccount } } }";
const INQUIRIES: &str = "{ inquiries(first: 10) { totalCount } }";

async fn opens(vera: &Person, login: &str, scopes: &[&str]) -> Value {
    let wish = json!({ "login": login, "name": "Fagsystemet", "scopes": scopes });
    vera.does("serviceAccountOpen", wish).await["staff"]["id"].take()
}

async fn issues(vera: &Person, id: &Value) -> Value {
    vera.does("serviceTokenIssue", json!({ "staffId": id, "days": 30 })).await
}

#[tokio::test]
async fn a_system_outside_does_what_its_scopes_and_its_role_say_and_is_seen_doing_it() {
    let server = Server::start().await;
    let [vera, otto, kari] = server.furesoe(["vera", "otto", "kari"]).await;
    let wish = json!({ "login": "x", "name": "x", "scopes": ["CASES_READ"] });
    assert_eq!(kari.is_refused("serviceAccountOpen", wish).await.0, "NOT_ALLOWED");
    let id = opens(&vera, "fagsystem", &["INQUIRIES_READ", "INQUIRIES_WRITE"]).await;
    let system = System::new(&server, &issues(&vera, &id).await["token"]);
    let viewer = system.asks(VIEWER).await["data"]["viewer"]["staff"].take();
    assert_eq!(viewer, json!({ "login": "fagsystem", "roles": [], "serviceAccount": true }));
    assert_eq!(system.error(INQUIRIES).await, "NOT_ALLOWED", "a scope is no role");

    let lead = json!({ "staffId": id, "role": "TEAM_LEAD" });
    assert_eq!(vera.is_refused("roleGrantPropose", lead).await.0, "SERVICE_IS_NOBODY");
    let grant = json!({ "staffId": id, "role": "CASEWORKER" });
    vera.does("roleGrantPropose", grant.clone()).await;
    assert_eq!(system.error(INQUIRIES).await, "NOT_ALLOWED", "one administrator is not enough");
    otto.does("roleGrantApprove", grant).await;
    assert!(system.asks(INQUIRIES).await["errors"].is_null());
    let registered = system.registers("Dagny Demosen").await;
    assert!(registered["inquiry"]["id"].is_string(), "{registered}");

    assert_eq!(system.error("{ cases(first: 1) { totalCount } }").await, "SCOPE_MISSING");
    assert_eq!(
        system.error("{ ...F } fragment F on Query { cases(first: 1) { totalCount } }").await,
        "SCOPE_MISSING"
    );
    assert_eq!(system.error("{ accounts(first: 1) { edges { cursor } } }").await, "PERSON_NEEDED");
    let path = format!("/api/cases/{}/letter", kari.opens_a_case("En sag").await);
    let letter = Person::send(system.http.request_get(&path).bearer_auth(&system.token)).await;
    assert_eq!(
        (letter.status, letter.json()["code"].as_str()),
        (StatusCode::FORBIDDEN, Some("SCOPE_MISSING"))
    );

    // A token outweighs the session that happens to be in the same browser.
    let both = vera.request_post("/graphql").bearer_auth(&system.token).json(&json!({ "query": VIEWER }));
    assert_eq!(Person::send(both).await.json()["data"]["viewer"]["staff"]["login"], "fagsystem");

    // What it looked at stands in the access log, under its own name.
    let rita = server.login("rita", "0190").await;
    let engagement =
        json!({ "auditorId": rita.id_of("rita").await, "from": "2024-01-01", "until": "2099-12-31" });
    vera.does("engagementOpen", engagement).await;
    let inquiry = format!("{{ inquiry(id: {}) {{ id }} }}", registered["inquiry"]["id"]);
    assert!(system.asks(&inquiry).await["errors"].is_null());
    let log = "{ accessLog(first: 100) { edges { node { actor { staff { login } } } } } }";
    eventually("the look is in the access log", async || {
        let told = rita.ask(log, json!({})).await.to_string();
        told.contains("fagsystem").then_some(())
    })
    .await;
}

#[tokio::test]
async fn tokens_follow_one_another_and_one_that_is_revoked_is_out_at_once() {
    let server = Server::start().await;
    let vera = server.login("vera", "0190").await;
    let id = opens(&vera, "fagsystem", &["CASES_READ"]).await;
    let key = json!({ "staffId": id, "days": 30, "idempotencyKey": "naeste-noegle" });
    let first = issues(&vera, &id).await;
    let second = vera.does("serviceTokenIssue", key.clone()).await;
    assert!(vera.does("serviceTokenIssue", key).await["token"].is_null(), "it is shown once");
    let [old, new] = [&first, &second].map(|issued| System::new(&server, &issued["token"]));
    assert_eq!(old.sends(VIEWER, json!({})).await.status, StatusCode::OK);
    vera.does("serviceTokenRevoke", json!({ "staffId": id, "tokenId": first["tokenId"] })).await;
    let gone = old.sends(VIEWER, json!({})).await;
    assert_eq!((gone.status, gone.json()["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("BAD_TOKEN")));
    assert!(gone.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
    assert_eq!(new.sends(VIEWER, json!({})).await.status, StatusCode::OK);

    let listed = "{ serviceAccounts { scopes tokens { id } staff { login } } }";
    let listed = vera.ask(listed, json!({})).await["serviceAccounts"].take();
    let ours = listed.as_array().unwrap().iter().find(|one| one["staff"]["login"] == "fagsystem").unwrap();
    assert_eq!(ours["tokens"], json!([{ "id": second["tokenId"] }]));
    vera.does("accountLock", json!({ "staffId": id })).await;
    assert_eq!(new.sends(VIEWER, json!({})).await.status, StatusCode::UNAUTHORIZED);

    for wrong in ["x", "skranke_0190_", "skranke_0190_00000000000000000000000000000000_x"] {
        let system = System { http: server.visitor(), token: wrong.to_owned() };
        assert_eq!(system.sends(VIEWER, json!({})).await.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    for token in [&old.token, &new.token] {
        assert!(files_with(&server.data(), token).is_empty(), "a token is stored");
        assert!(!server.output().contains(token.as_str()), "a token was logged");
    }
    assert_eq!(vera.log_in("fagsystem", "0190", "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_system_that_asks_too_often_is_told_when_to_come_back() {
    let server = Setup::new().set("SKRANKE_LIMITS_SERVICE_PER_MINUTE", "2").start().await;
    let vera = server.login("vera", "0190").await;
    let id = opens(&vera, "fagsystem", &["CASES_READ"]).await;
    let system = System::new(&server, &issues(&vera, &id).await["token"]);
    for _ in 0..2 {
        assert_eq!(system.sends(VIEWER, json!({})).await.status, StatusCode::OK);
    }
    let late = system.sends(VIEWER, json!({})).await;
    assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS, "{}", late.text);
    let seconds: u32 = late.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds));
    assert!(vera.ask(VIEWER, json!({})).await["viewer"].is_object(), "nobody else");
}
