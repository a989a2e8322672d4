//! Who may see and do what, as stories. That nothing at all escapes the matrix is `matrix.rs`.

use serde_json::{Value, json};

use crate::people::Person;
use crate::server::{Server, eventually};

#[tokio::test]
async fn an_auditor_reads_and_does_not_work() {
    let server = Server::start().await;
    let [kari, rita] = server.furesoe(["kari", "rita"]).await;
    let case = kari.opens_a_case("Ikke for revisor").await;
    let from_nothing = json!({ "title": "x", "received": crate::people::today() });
    assert_eq!(rita.is_refused("caseOpen", from_nothing).await.0, "NOT_ALLOWED");
    assert_eq!(rita.is_refused("stepNote", json!({ "caseId": case, "text": "x" })).await.0, "NOT_ALLOWED");
    let history = "query($id: ID!) { caseHistory(id: $id) { events { type } } }";
    let history = rita.ask(history, json!({ "id": case })).await;
    assert_eq!(history["caseHistory"]["events"].as_array().unwrap().len(), 2, "nothing was done: {history}");
}

#[tokio::test]
async fn a_caseworker_and_a_team_lead_do_not_read_what_is_the_auditors() {
    let server = Server::start().await;
    let [kari, lone, rita] = server.furesoe(["kari", "lone", "rita"]).await;
    let case = kari.opens_a_case("Ikke for sagsbehandlere").await;
    let questions = [
        ("caseHistory", format!("{{ caseHistory(id: \"{case}\") {{ number }} }}")),
        ("accessLog", "{ accessLog { pageInfo { hasNextPage } } }".to_owned()),
        ("auditCases", "{ auditCases { totalCount } }".to_owned()),
    ];
    for (_, question) in &questions {
        for person in [&kari, &lone] {
            assert_eq!(person.error(question, json!({})).await, "NOT_ALLOWED", "{question}");
        }
    }
    assert_eq!(rita.error("{ cases { totalCount } }", json!({})).await, "NOT_ALLOWED");
    // Each refused look is in the access log, with who and what.
    let log = "{ accessLog(first: 100) { edges { node { type attempt code actor { staff { login } } } } } }";
    eventually("every refused look is in the log", async || {
        let entries = rita.ask(log, json!({})).await["accessLog"]["edges"].take();
        let noted = |login: &str, attempt: &str| {
            entries.as_array().unwrap().iter().map(|edge| &edge["node"]).any(|entry| {
                entry["type"] == "AccessRefused"
                    && entry["code"] == "NOT_ALLOWED"
                    && entry["attempt"] == attempt
                    && entry["actor"]["staff"]["login"] == login
            })
        };
        let all = questions.iter().all(|(name, _)| noted("kari", name) && noted("lone", name));
        (all && noted("rita", "cases")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_team_lead_takes_up_a_closed_case_and_passes_on_what_is_anothers() {
    let server = Server::start().await;
    let [kari, bent, lone] = server.furesoe(["kari", "bent", "lone"]).await;
    let case = kari.opens_a_case("Går fra hånd til hånd").await;
    let to = async |login: &str| json!({ "caseId": case, "staffId": kari.id_of(login).await });
    kari.does("caseAssign", to("kari").await).await;
    assert_eq!(bent.is_refused("caseAssign", to("bent").await).await.0, "NOT_YOURS");
    assert_eq!(bent.is_refused("stepNote", json!({ "caseId": case, "text": "x" })).await.0, "NOT_YOURS");
    lone.does("caseAssign", to("bent").await).await;
    bent.does("stepNote", json!({ "caseId": case, "text": "Overtaget" })).await;
    assert_eq!(kari.is_refused("caseAssign", to("rita").await).await.0, "NOT_YOURS");
    assert_eq!(lone.is_refused("caseAssign", to("rita").await).await.0, "NOT_A_CASEWORKER");
    bent.does("caseRelease", json!({ "caseId": case })).await;

    let closed = "{ cases(filter: { phases: [CLOSED] }, first: 1) { edges { node { id } } } }";
    let closed = kari.ask(closed, json!({})).await["cases"]["edges"][0]["node"]["id"].take();
    let reopen = json!({ "caseId": closed, "reason": "Der er kommet nye oplysninger." });
    assert_eq!(kari.is_refused("caseReopen", reopen.clone()).await.0, "NOT_ALLOWED");
    lone.does("caseReopen", reopen).await;
}

#[tokio::test]
async fn a_screen_that_is_logged_out_hears_nothing_more() {
    let server = Server::start().await;
    let [kari, bent] = server.furesoe(["kari", "bent"]).await;
    let mut screen = kari.listens().await;
    screen.subscribe("list", "subscription { worklistChanged { position } }").await;
    assert_eq!(Person::send(kari.request_post("/api/logout").header("x-skranke", "1")).await.status, 204);
    bent.opens_a_case("Efter at hun er gået").await;
    assert_eq!(screen.is_closed().await, 4401, "told that the session is over, and nothing else");
}

#[tokio::test]
async fn no_push_about_another_municipality_is_ever_heard() {
    let server = Server::start().await;
    let (lone, theirs) = tokio::join!(server.login("lone", "0190"), server.login("kari", "0751"));
    let their_case = theirs.opens_a_case("I Aarhus").await;
    theirs.does("caseAssign", json!({ "caseId": their_case, "staffId": theirs.id_of("kari").await })).await;
    let mut screen = lone.listens().await;
    let watched = format!("subscription {{ caseChanged(caseId: \"{their_case}\") {{ eventType }} }}");
    screen.subscribe("theirs", &watched).await;
    screen.subscribe("list", "subscription { worklistChanged { position } }").await;
    screen.subscribe("inbox", "subscription { inboxChanged { position } }").await;

    // A push about theirs would come before the one about ours, which is made after it.
    theirs.does("stepNote", json!({ "caseId": their_case, "text": "Noget sker i Aarhus" })).await;
    lone.opens_a_case("Vores egen").await;
    let (_, before) = screen.until("list").await;
    assert_eq!(before, Vec::<Value>::new(), "a push about another municipality");
}
