//! A person asks to be erased, asks what is stored, and a case's time runs out: two people decide, holds and unfinished
//! matters stand in the way, and the server destroys the key.

use std::path::Path;
use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::{Value, json};
use skranke::clock::{SystemClock, SystemIds};
use skranke_domain::privacy::{Basis, DataSubject, ErasureDecided, PrivacyEvent};
use skranke_domain::time::{Clock, Ids};
use skranke_domain::{Act, Tenant, UserId};
use skranke_store::{Desk, Direction, Filter, KeyRing, MasterKey, Position};

use crate::appeals::refuses_a_wish;
use crate::people::{Person, today};
use crate::rules::publishes;
use crate::server::{Server, Setup, eventually, few_articles};

const SUBJECT: &str = "query($id: ID!) { dataSubject(id: $id) { id stage erasedAt unfinished reports
    request { basis requester { __typename ... on PersonalText { text } } }
    decision { proposedBy { login } approvedBy { login } }
    holds { number placed { reason { ... on PersonalText { text } } } released { at } }
    deliveries { caseId archive on }
    cases { id number own closed retention { class kept years due } }
    availableActions { name allowed refusals { code statute } } } }";

async fn subject_of(person: &Person, case: &str) -> String {
    let asked = "query($id: ID!) { case(id: $id) { privacy { subjectId } } }";
    let told = person.ask(asked, json!({ "id": case })).await;
    told["case"]["privacy"]["subjectId"].as_str().unwrap().to_owned()
}

async fn looks_at(person: &Person, subject: &str) -> Value {
    person.ask(SUBJECT, json!({ "id": subject })).await["dataSubject"].take()
}

fn of(subject: &str, mut wish: Value) -> Value {
    wish["subjectId"] = json!(subject);
    wish
}

async fn is_erased(person: &Person, subject: &str) -> Value {
    eventually("the server destroys the key", async || {
        let seen = looks_at(person, subject).await;
        (seen["stage"] == "ERASED").then_some(seen)
    })
    .await
}

#[tokio::test]
async fn a_person_is_erased_by_two_people_when_nothing_stands_in_the_way() {
    let server = Server::start().await;
    let [kari, bent, lone, vera] = server.furesoe(["kari", "bent", "lone", "vera"]).await;
    let case = refuses_a_wish(&kari, &bent).await;
    let subject = subject_of(&kari, &case).await;
    let ask = || {
        of(&subject, json!({ "basis": "ERASURE_RIGHT", "requester": "Dagny Demosen", "reason": "Hun vil." }))
    };
    let by = |wish: Value| of(&subject, wish);
    let code = async |who: &Person, act: &str, wish: Value| who.is_refused(act, wish).await.0;

    assert_eq!(code(&lone, "erasurePropose", by(json!({}))).await, "ERASURE_NOT_REQUESTED");
    kari.does("erasureRequest", ask()).await;
    assert_eq!(code(&kari, "erasurePropose", by(json!({}))).await, "NOT_ALLOWED");
    // The case is open, and so is a complaint over it, and a request for its papers.
    let (told, statute) = lone.is_refused("erasurePropose", by(json!({}))).await;
    assert_eq!((told.as_str(), statute.as_deref()), ("CASE_OPEN", Some("GDPR art. 17, stk. 3")));
    let complaint = bent.does("complaintReceive", json!({ "caseId": case })).await["complaint"]["id"].take();
    let asked = json!({ "caseId": case, "requester": "Ib", "askedFor": "Alt", "basis": "PARTY" });
    let asked = kari.does("accessRequestReceive", asked).await["accessRequest"]["id"].take();
    let seen = looks_at(&lone, &subject).await;
    assert_eq!(seen["unfinished"], json!(["COMPLAINT", "ACCESS_REQUEST"]), "{seen}");
    assert_eq!(seen["cases"][0]["retention"]["class"], "K5", "{seen}");
    kari.does("complaintWithdraw", json!({ "complaintId": complaint, "reason": "Hun har ombestemt sig." }))
        .await;
    kari.does("caseClose", json!({ "caseId": case })).await;
    assert_eq!(code(&lone, "erasurePropose", by(json!({}))).await, "ACCESS_REQUEST_OPEN");
    kari.does("accessRequestWithdraw", json!({ "accessRequestId": asked, "reason": "Ikke mere." })).await;

    // A hold stands in the way of the proposal, and of the approval.
    lone.does("legalHoldPlace", by(json!({ "reason": "Der er anlagt sag." }))).await;
    assert_eq!(code(&lone, "erasurePropose", by(json!({}))).await, "LEGAL_HOLD");
    vera.does("legalHoldRelease", by(json!({ "number": 1, "reason": "Den er forligt." }))).await;
    lone.does("erasurePropose", by(json!({}))).await;
    assert_eq!(code(&lone, "erasureApprove", by(json!({}))).await, "PROPOSER_APPROVES");
    vera.does("legalHoldPlace", by(json!({ "reason": "Alligevel ikke." }))).await;
    assert_eq!(code(&vera, "erasureApprove", by(json!({}))).await, "LEGAL_HOLD");
    let actions = looks_at(&vera, &subject).await["availableActions"].take();
    let approve =
        actions.as_array().unwrap().iter().find(|action| action["name"] == "ERASURE_APPROVE").unwrap();
    assert_eq!(approve["refusals"], json!([{ "code": "LEGAL_HOLD", "statute": "GDPR art. 17, stk. 3" }]));
    vera.does("legalHoldRelease", by(json!({ "number": 2, "reason": "Nu er den forligt." }))).await;
    let waiting = "{ erasures(first: 10) { edges { node { subjectId basis stage held } } } }";
    let waiting = vera.ask(waiting, json!({})).await["erasures"]["edges"].take();
    assert_eq!(waiting[0]["node"]["stage"], "PROPOSED", "{waiting}");
    vera.does("erasureApprove", by(json!({}))).await;

    let seen = is_erased(&lone, &subject).await;
    assert_eq!(
        seen["decision"],
        json!({ "proposedBy": { "login": "lone" }, "approvedBy": { "login": "vera" } })
    );
    assert_eq!(seen["request"]["requester"]["__typename"], "Erased", "{seen}");
    assert_eq!(code(&lone, "legalHoldPlace", by(json!({ "reason": "For sent." }))).await, "ALREADY_ERASED");
    let shown = "query($id: ID!) { case(id: $id) { title { __typename } party { __typename } notes { text { __typename } }
        privacy { erasedAt disposed } } }";
    let shown = kari.ask(shown, json!({ "id": case })).await["case"].take();
    assert_eq!(
        (&shown["title"]["__typename"], &shown["notes"][0]["text"]["__typename"]),
        (&json!("Erased"), &json!("Erased"))
    );
    assert!(shown["privacy"]["erasedAt"].is_string() && shown["privacy"]["disposed"] == false, "{shown}");
    let other = kari.opens_a_case("En anden").await;
    assert_ne!(subject_of(&kari, &other).await, subject);
}

#[tokio::test]
async fn what_a_person_is_told_names_every_look_and_no_employee() {
    let server = Server::start().await;
    let [kari, bent, rita, vera] = server.furesoe(["kari", "bent", "rita", "vera"]).await;
    let case = refuses_a_wish(&kari, &bent).await;
    let subject = subject_of(&bent, &case).await;
    let wish = of(&subject, json!({ "purpose": "CITIZEN_REQUEST", "idempotencyKey": "indsigt-1" }));
    let made = kari.does("subjectReportMake", wish.clone()).await["report"].take();
    let text = made.to_string();
    for stored in ["Dagny Demosen", "Hun bor med Ib på Nummer 7.", "Boligstøtte", "Du bor med din bror."] {
        assert!(text.contains(stored), "{stored}: {text}");
    }
    let looks = made["looks"].as_array().unwrap();
    assert!(
        looks.iter().any(|look| look["title"] == "Åbnede en sag" && look["purpose"] == "CASE_HANDLING"),
        "{looks:?}"
    );
    for employee in ["kari", "bent", "Tænktby", "Opdigtet"] {
        assert!(!text.contains(employee), "{employee}: {text}");
    }
    for login in ["kari", "bent"] {
        assert!(!text.contains(&kari.id_of(login).await), "{login}: {text}");
    }
    // Sent again it is answered again, and noted once.
    kari.does("subjectReportMake", wish).await;
    let seen = looks_at(&kari, &subject).await;
    assert_eq!(seen["reports"].as_array().unwrap().len(), 1, "{seen}");
    let log =
        "{ accessLog(first: 50) { edges { node { type purpose thingId actor { staff { login } } } } } }";
    let log = rita.ask(log, json!({})).await["accessLog"]["edges"].take();
    let noted = log.as_array().unwrap().iter().find(|edge| {
        edge["node"]["type"] == "DataSubjectViewed" && edge["node"]["purpose"] == "CITIZEN_REQUEST"
    });
    assert_eq!(noted.unwrap()["node"]["thingId"], json!(subject), "{log}");
    // Roles add and never imply: an administrator does not read it.
    let wish = of(&subject, json!({ "purpose": "CITIZEN_REQUEST", "idempotencyKey": "indsigt-2" }));
    let report =
        "mutation($input: SubjectReportMakeInput!) { subjectReportMake(input: $input) { __typename } }";
    let wish = json!({ "input": wish });
    assert_eq!(vera.error(report, wish).await, "NOT_ALLOWED");
    assert_eq!(rita.error(SUBJECT, json!({ "id": subject })).await, "NOT_ALLOWED");
}

/// The shipped list with another class for one line.
fn reclassed(list: &str, line: &str, class: &str) -> String {
    let found = list.lines().find(|known| known.starts_with(line)).expect("the list has the line");
    let (rest, _) = found.rsplit_once(',').unwrap();
    list.replace(found, &format!("{rest},{class}"))
}

#[tokio::test]
async fn a_case_is_disposed_of_when_its_time_is_over_and_kept_when_the_list_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let content = few_articles(folder.path());
    let mut list = std::fs::read_to_string(content.join("kle.csv")).unwrap();
    for (line, class) in [("subject,32,", "K0"), ("facet,G01,", "K0")] {
        list = reclassed(&list, line, class);
    }
    std::fs::write(content.join("kle.csv"), &list).unwrap();
    let server = Setup::new().set("SKRANKE_CONTENT", content.to_str().unwrap()).start().await;
    let [kari, bent, lone, vera] = server.furesoe(["kari", "bent", "lone", "vera"]).await;
    let case = refuses_a_wish(&kari, &bent).await;
    let subject = subject_of(&kari, &case).await;
    let listed = async |case: &str| {
        let due =
            "{ disposals(first: 50) { edges { node { caseId subjectId closed retention { class due } } } } }";
        let edges = lone.ask(due, json!({})).await["disposals"]["edges"].take();
        edges.as_array().unwrap().iter().any(|edge| edge["node"]["caseId"] == case)
    };
    let disposed = async |case: &str, delivered: bool| {
        let shown =
            "query($id: ID!) { case(id: $id) { title { __typename } privacy { disposed delivered } } }";
        let shown = kari.ask(shown, json!({ "id": case })).await["case"].take();
        let privacy = json!({ "disposed": true, "delivered": delivered });
        assert_eq!(shown, json!({ "title": { "__typename": "Erased" }, "privacy": privacy }));
    };
    let over = json!({ "basis": "RETENTION_OVER", "reason": "Fristen er udløbet." });
    assert!(!listed(&case).await, "an open case is not due");
    kari.does("caseClose", json!({ "caseId": case })).await;
    assert!(listed(&case).await);
    lone.does("erasureRequest", of(&subject, over.clone())).await;
    lone.does("erasurePropose", of(&subject, json!({}))).await;
    vera.does("erasureApprove", of(&subject, json!({}))).await;
    is_erased(&lone, &subject).await;
    disposed(&case, false).await;
    assert!(!listed(&case).await, "it is gone from the list");

    // A newer list marks the subject as kept: never due, and nothing of it goes before it lies in an archive.
    let named = format!("kle?version=bevares&from={}", today());
    let (status, told) = publishes(&vera, &named, &reclassed(&list, "subject,32,", "B")).await;
    assert_eq!(status, StatusCode::CREATED, "{told}");
    let kept = refuses_a_wish(&kari, &bent).await;
    let subject = subject_of(&kari, &kept).await;
    kari.does("caseClose", json!({ "caseId": kept })).await;
    assert!(!listed(&kept).await);
    lone.does("erasureRequest", of(&subject, over)).await;
    assert_eq!(lone.is_refused("erasurePropose", of(&subject, json!({}))).await.0, "MUST_BE_KEPT");
    let deliver = json!({ "caseId": kept, "archive": "Rigsarkivet", "on": today() });
    lone.does("archiveDeliver", of(&subject, deliver)).await;
    lone.does("erasurePropose", of(&subject, json!({}))).await;
    vera.does("erasureApprove", of(&subject, json!({}))).await;
    is_erased(&lone, &subject).await;
    disposed(&kept, true).await;
}

/// The events of the log that have a type, and are about a subject's data.
async fn noted(data: &Path, event_type: &str) -> usize {
    let log = skranke_store::open(&format!("file:{}", data.display())).await.unwrap();
    let filter =
        Filter { event_types: vec![event_type.to_owned()], stream_prefixes: vec!["privacy-".to_owned()] };
    let page = log.read_all(Position(0), Direction::Forwards, 100, &filter).await.unwrap();
    log.close().await;
    page.events.len()
}

#[tokio::test]
async fn a_decision_before_a_crash_is_carried_out_after_it_and_noted_once() {
    let mut server = Server::start().await;
    let [kari, bent, lone] = server.furesoe(["kari", "bent", "lone"]).await;
    let case = refuses_a_wish(&kari, &bent).await;
    let subject = subject_of(&kari, &case).await;
    kari.does("caseClose", json!({ "caseId": case })).await;
    kari.does("erasureRequest", of(&subject, json!({ "basis": "ERASURE_RIGHT", "reason": "Hun vil." })))
        .await;
    lone.does("erasurePropose", of(&subject, json!({}))).await;
    server.stop().await;
    // The decision is in the log and the key is gone, and then the program died: nothing says that it is gone.
    let data = server.data();
    let log = skranke_store::open(&format!("file:{}", data.display())).await.unwrap();
    let keys = KeyRing::open(tempfile::tempdir().unwrap().path(), MasterKey::generate().unwrap()).unwrap();
    let desk = Desk::new(Arc::clone(&log), Arc::new(keys), Arc::new(SystemIds), "skranke/test");
    let tenant = Tenant::try_new("0190").unwrap();
    let user = || UserId::new(SystemIds.next());
    let decided = PrivacyEvent::ErasureDecided(ErasureDecided {
        basis: Basis::ErasureRight,
        proposed_by: user(),
        approved_by: user(),
        cases: vec![case.parse().unwrap()],
    });
    let act = Act::system(tenant, SystemClock.now(), SystemIds.next());
    desk.note(&DataSubject::stream(tenant, subject.parse().unwrap()), decided, &act).await.unwrap();
    log.close().await;
    let tool = server.setup().with_data_in(&data);
    let destroy = ["key", "destroy", "--demo", "--tenant", "0190", "--subject", &subject, "--yes"];
    assert!(tool.run(&destroy).await.success);
    for _ in 0..2 {
        server.restart().await;
        is_erased(&lone, &subject).await;
        // It has also noted how far it came.
        eventually("the place is noted", async || data.join("erasure.position").exists().then_some(())).await;
        server.stop().await;
        assert_eq!(noted(&data, "SubjectKeyDestroyed").await, 1);
        // The place is lost: hearing it all again changes nothing.
        std::fs::remove_file(data.join("erasure.position")).unwrap();
    }
}
