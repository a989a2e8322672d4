//! Colleagues: teams and whose cases are whose, absence with a chain of substitutes, break-glass, engagements of
//! auditors, and roles that two administrators give.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use crate::people::{Person, nodes};
use crate::server::{Server, eventually};

/// A team of these people, and a case that belongs to it.
async fn a_case_of_a_team(vera: &Person, kari: &Person, members: &[&str]) -> (String, String) {
    let team = vera.does("teamForm", json!({ "name": "Ydelse" })).await["team"]["id"].take();
    for login in members {
        vera.does("teamJoin", json!({ "teamId": team, "staffId": vera.id_of(login).await })).await;
    }
    let case = kari.opens_a_case("Boligstøtte").await;
    kari.does("caseAssignTeam", json!({ "caseId": case, "teamId": team })).await;
    (team.as_str().unwrap().to_owned(), case)
}

const OPEN: &str =
    "query($id: ID!) { case(id: $id) { team { name } title { ... on PersonalText { text } } } }";

async fn lists(person: &Person, case: &str) -> bool {
    let all = "{ cases(first: 100, order: NEWEST) { edges { node { id team { name } } } } }";
    let listed = person.ask(all, json!({})).await["cases"]["edges"].take();
    listed.as_array().unwrap().iter().any(|edge| edge["node"]["id"] == case)
}

#[tokio::test]
async fn a_case_of_a_team_is_open_to_the_team_and_to_nobody_else() {
    let server = Server::start().await;
    let [kari, bent, vera] = server.furesoe(["kari", "bent", "vera"]).await;
    let (team, case) = a_case_of_a_team(&vera, &kari, &["kari"]).await;
    let id = json!({ "id": case });
    assert!(lists(&kari, &case).await && !lists(&bent, &case).await);
    assert_eq!(kari.ask(OPEN, id.clone()).await["case"]["team"]["name"], "Ydelse");
    assert_eq!(bent.error(OPEN, id.clone()).await, "OTHER_TEAM");
    let note = json!({ "caseId": case, "text": "x" });
    assert_eq!(bent.is_refused("stepNote", note.clone()).await.0, "OTHER_TEAM");
    let take = json!({ "caseId": case, "staffId": bent.id_of("bent").await });
    assert_eq!(bent.is_refused("caseAssign", take.clone()).await.0, "OTHER_TEAM");

    // Given to him by one of the team, it is his own, in whatever team.
    kari.does("caseAssign", take).await;
    bent.does("stepNote", note).await;
    assert!(!lists(&bent, &case).await, "the list is the team's");
    let mine = "{ cases(filter: { mine: true }, first: 100) { edges { node { id } } } }";
    assert!(bent.ask(mine, json!({})).await.to_string().contains(&case), "and his own list has it");
    bent.does("caseRelease", json!({ "caseId": case })).await;
    assert_eq!(bent.error(OPEN, id.clone()).await, "OTHER_TEAM", "no longer his");

    // Nobody puts themselves into a team; a dissolved team's cases are everybody's.
    let join = json!({ "teamId": team, "staffId": bent.id_of("bent").await });
    assert_eq!(bent.is_refused("teamJoin", join).await.0, "NOT_ALLOWED");
    let herself = json!({ "teamId": team, "staffId": vera.id_of("vera").await });
    assert_eq!(vera.is_refused("teamJoin", herself).await.0, "ABOUT_YOURSELF");
    vera.does("teamDissolve", json!({ "teamId": team })).await;
    assert!(bent.ask(OPEN, id).await["case"].is_object());
}

#[tokio::test]
async fn whoever_is_away_is_stood_in_for_by_the_first_in_the_chain_who_is_there() {
    let server = Server::start().await;
    let [kari, bent, lone, vera] = server.furesoe(["kari", "bent", "lone", "vera"]).await;
    let [kari_id, bent_id, lone_id] =
        [kari.id_of("kari").await, kari.id_of("bent").await, kari.id_of("lone").await];
    let (_, case) = a_case_of_a_team(&vera, &kari, &["kari"]).await;
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari_id })).await;
    let name = |of: &str, by: &str| json!({ "staffId": of, "substituteId": by });
    kari.does("substituteName", name(&kari_id, &lone_id)).await;
    lone.does("substituteName", name(&lone_id, &bent_id)).await;
    // Not in a circle, not oneself, and not somebody who handles no cases.
    assert_eq!(bent.is_refused("substituteName", name(&bent_id, &kari_id)).await.0, "SUBSTITUTE_CIRCLE");
    assert_eq!(bent.is_refused("substituteName", name(&kari_id, &bent_id)).await.0, "NOT_ALLOWED");
    let rita = kari.id_of("rita").await;
    let refused = bent.is_refused("substituteName", name(&bent_id, &rita)).await;
    assert_eq!(refused.0, "SUBSTITUTE_HANDLES_NO_CASES");

    let note = json!({ "caseId": case, "text": "Ringet tilbage" });
    assert_eq!(bent.is_refused("stepNote", note.clone()).await.0, "OTHER_TEAM", "nobody is away");
    let from = "2024-01-01";
    kari.does("absenceRegister", json!({ "staffId": kari_id, "from": from })).await;
    lone.does("absenceRegister", json!({ "staffId": lone_id, "from": from })).await;
    let acting = "{ staff { login absentToday actingToday { login } } }";
    let staff = kari.ask(acting, json!({})).await["staff"].take();
    let of =
        |login: &str| staff.as_array().unwrap().iter().find(|one| one["login"] == login).unwrap().clone();
    assert_eq!(
        (&of("kari")["absentToday"], &of("kari")["actingToday"]["login"]),
        (&json!(true), &json!("bent"))
    );

    // He opens it, works on it, and the case says for whom; but he is no second pair of eyes on her draft.
    assert!(bent.ask(OPEN, json!({ "id": case })).await["case"].is_object());
    bent.does("stepNote", note.clone()).await;
    bent.does("stepNote", note.clone()).await;
    let events = "query($id: ID!) { case(id: $id) { events { type } substitute { login } } }";
    let page = bent.ask(events, json!({ "id": case })).await["case"].take();
    let types: Vec<_> = page["events"].as_array().unwrap().iter().map(|event| &event["type"]).collect();
    assert_eq!(types[types.len() - 3..], ["SubstituteActing", "StepNoted", "StepNoted"], "told once");
    assert_eq!(page["substitute"]["login"], "bent");
    let list =
        "query($id: ID) { cases(filter: { caseworkerId: $id }, first: 100) { edges { node { id } } } }";
    assert!(bent.ask(list, json!({ "id": kari_id })).await.to_string().contains(&case));

    // Lone is back, and it is her turn; then Kari is.
    let today = today();
    lone.does("absenceEnd", json!({ "staffId": lone_id, "on": today })).await;
    assert_eq!(bent.is_refused("stepNote", note.clone()).await.0, "OTHER_TEAM");
    assert!(lone.ask(OPEN, json!({ "id": case })).await["case"].is_object());
    kari.does("absenceEnd", json!({ "staffId": kari_id, "on": today })).await;
    assert_eq!(lone.error(OPEN, json!({ "id": case })).await, "OTHER_TEAM");
}

/// Today, as the server counts it.
#[expect(clippy::disallowed_methods, reason = "the server under test has the real clock")]
fn today() -> String {
    skranke_domain::time::local_date(Timestamp::now()).to_string()
}

#[expect(clippy::disallowed_methods, reason = "the server under test has the real clock")]
fn in_hours(hours: i64) -> String {
    (Timestamp::now() + hours.hours()).to_string()
}

#[tokio::test]
async fn the_glass_is_broken_for_a_reason_for_a_while_and_the_auditor_sees_it() {
    const REASON: &str = "Borgeren står ved skranken, og holdet har lukket";
    let server = Server::start().await;
    let [kari, bent, vera, rita] = server.furesoe(["kari", "bent", "vera", "rita"]).await;
    let (_, case) = a_case_of_a_team(&vera, &kari, &["kari"]).await;
    let wish = |reason: &str, hours| json!({ "caseId": case, "reason": reason, "until": in_hours(hours) });
    assert_eq!(bent.is_refused("breakGlass", wish(" ", 1)).await.0, "FIELD_EMPTY");
    assert_eq!(bent.is_refused("breakGlass", wish(REASON, 9)).await.0, "BREAK_GLASS_END");
    assert_eq!(bent.is_refused("breakGlass", wish(REASON, -1)).await.0, "BREAK_GLASS_END");
    assert_eq!(vera.is_refused("breakGlass", wish(REASON, 1)).await.0, "NOT_ALLOWED");
    assert_eq!(kari.is_refused("breakGlass", wish(REASON, 1)).await.0, "OPEN_ALREADY");
    assert_eq!(bent.error(OPEN, json!({ "id": case })).await, "OTHER_TEAM");

    assert_eq!(bent.does("breakGlass", wish(REASON, 1)).await["case"]["id"], case.as_str());
    assert_eq!(bent.ask(OPEN, json!({ "id": case })).await["case"]["title"]["text"], "Boligstøtte");
    let note = json!({ "caseId": case, "text": "x" });
    assert_eq!(bent.is_refused("stepNote", note).await.0, "OTHER_TEAM", "it opens, and no more");

    let log = "query($id: ID) { accessLog(caseId: $id, first: 100) { edges { node {
        type title until actor { staff { login } } reason { ... on PersonalText { text } } } } } }";
    let entries = rita.ask(log, json!({ "id": case })).await["accessLog"]["edges"].take();
    let used: Vec<&Value> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| &edge["node"])
        .filter(|entry| entry["type"] == "BreakGlassUsed")
        .collect();
    assert_eq!(used.len(), 1, "{entries}");
    assert_eq!(used[0]["title"], "Brugte nødadgang");
    assert_eq!(
        (&used[0]["actor"]["staff"]["login"], &used[0]["reason"]["text"]),
        (&json!("bent"), &json!(REASON))
    );
    assert!(used[0]["until"].is_string());

    // It ends by itself: here, after a second.
    let lone = server.login("lone", "0190").await;
    #[expect(clippy::disallowed_methods, reason = "the server under test has the real clock")]
    let soon = (Timestamp::now() + 2.seconds()).to_string();
    lone.does("breakGlass", json!({ "caseId": case, "reason": REASON, "until": soon })).await;
    assert!(lone.ask(OPEN, json!({ "id": case })).await["case"].is_object());
    eventually("it has ended", async || {
        let response = lone.gql(OPEN, json!({ "id": case })).await;
        (response["errors"][0]["extensions"]["code"] == "OTHER_TEAM").then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_auditor_reads_within_an_engagement_and_not_outside() {
    let server = Server::start().await;
    let [kari, vera, rita] = server.furesoe(["kari", "vera", "rita"]).await;
    let (team, case) = a_case_of_a_team(&vera, &kari, &["kari"]).await;
    let other = kari.opens_a_case("Uden hold").await;
    let history = "query($id: ID!) { caseHistory(id: $id) { number } }";
    let count = "{ auditCases(first: 1) { totalCount } }";
    let read = async |case: &str| rita.gql(history, json!({ "id": case })).await;
    assert!(read(&other).await["data"]["caseHistory"].is_object(), "the demonstration's engagement");

    let engagements = "{ engagements(first: 1) { edges { node { id open teams { name } } } } }";
    let demo = rita.ask(engagements, json!({})).await["engagements"]["edges"][0]["node"]["id"].take();
    let end = json!({ "engagementId": demo });
    assert_eq!(rita.is_refused("engagementEnd", end.clone()).await.0, "NOT_ALLOWED");
    vera.does("engagementEnd", end).await;
    assert_eq!(rita.error(history, json!({ "id": case })).await, "NO_ENGAGEMENT");
    assert_eq!(rita.error(count, json!({})).await, "NO_ENGAGEMENT");

    let rita_id = kari.id_of("rita").await;
    let open = |from: &str, until: &str| json!({ "auditorId": rita_id, "teamIds": [team], "from": from, "until": until });
    vera.does("engagementOpen", open("2099-01-01", "2099-12-31")).await;
    assert_eq!(rita.error(count, json!({})).await, "NO_ENGAGEMENT", "not yet");
    vera.does("engagementOpen", open("2024-01-01", "2099-12-31")).await;
    assert!(read(&case).await["data"]["caseHistory"].is_object());
    assert_eq!(read(&other).await["errors"][0]["extensions"]["code"], "OUTSIDE_ENGAGEMENT");
    assert_eq!(rita.ask(count, json!({})).await["auditCases"]["totalCount"], 1);
    let not_an_auditor =
        json!({ "auditorId": kari.id_of("kari").await, "from": "2024-01-01", "until": "2099-12-31" });
    assert_eq!(vera.is_refused("engagementOpen", not_an_auditor).await.0, "NOT_AN_AUDITOR");
}

#[tokio::test]
async fn a_role_is_given_by_two_administrators_and_taken_away_by_one_at_once() {
    let server = Server::start().await;
    let [bent, vera, otto] = server.furesoe(["bent", "vera", "otto"]).await;
    let lead = json!({ "staffId": bent.id_of("bent").await, "role": "TEAM_LEAD" });
    assert_eq!(bent.is_refused("roleGrantPropose", lead.clone()).await.0, "NOT_ALLOWED");
    assert_eq!(otto.is_refused("roleGrantApprove", lead.clone()).await.0, "ROLE_NOT_PROPOSED");
    let proposed = vera.does("roleGrantPropose", lead.clone()).await;
    assert_eq!(proposed["staff"]["roles"], json!(["CASEWORKER"]));
    assert_eq!(vera.is_refused("roleGrantApprove", lead.clone()).await.0, "PROPOSER_APPROVES");
    let waiting =
        "{ accounts(first: 50) { edges { node { staff { login } proposals { role by { login } } } } } }";
    let accounts = nodes(otto.ask(waiting, json!({})).await["accounts"].take());
    let bents = accounts.as_array().unwrap().iter().find(|one| one["staff"]["login"] == "bent").unwrap();
    assert_eq!(bents["proposals"], json!([{ "role": "TEAM_LEAD", "by": { "login": "vera" } }]));
    let granted = otto.does("roleGrantApprove", lead.clone()).await;
    assert_eq!(granted["staff"]["roles"], json!(["CASEWORKER", "TEAM_LEAD"]));
    let own = json!({ "staffId": vera.id_of("otto").await, "role": "AUDITOR" });
    vera.does("roleGrantPropose", own.clone()).await;
    assert_eq!(otto.is_refused("roleGrantApprove", own).await.0, "ABOUT_YOURSELF");

    // Taken away, it is gone for a screen that is open too.
    let mut screen = bent.listens().await;
    screen.subscribe("list", "subscription { worklistChanged { position } }").await;
    for role in ["TEAM_LEAD", "CASEWORKER"] {
        vera.does("roleRevoke", json!({ "staffId": lead["staffId"], "role": role })).await;
    }
    assert_eq!(screen.is_closed().await, 4401);
    assert_eq!(bent.error("{ cases { totalCount } }", json!({})).await, "NOT_ALLOWED");
    let open = json!({ "title": "x", "received": "2024-02-01" });
    assert_eq!(bent.is_refused("caseOpen", open).await.0, "NOT_ALLOWED");
}
