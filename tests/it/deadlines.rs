//! A deadline from the first day to the last, through the doors that caseworkers use: stopped, extended, explained,
//! and missed by itself.

use serde_json::{Value, json};

use crate::people::{Person, today};
use crate::server::{Server, eventually};

const CASE: &str = "query($id: ID!) { case(id: $id) {
    deadline { kind state due daysLeft rule ruleSet source from days explanation
        steps { kind from to days text }
        pauses { from until days waitingFor reason { ... on PersonalText { text } } by { staff { login } } }
        extensions { days reason { ... on PersonalText { text } } }
        notices { expected reason { ... on PersonalText { text } } } }
    deadlines { kind state } waitingOn waitingSince usualReplyBy
    informationRequests { number waitingFor replyBy receivedAt what { ... on PersonalText { text } }
        received { ... on PersonalText { text } } }
    availableActions { name allowed refusals { code statute path message } }
    events { type title reason { __typename } } } }";

const STATUTE: &str = "Retssikkerhedsloven § 3, stk. 2";

async fn the_case(person: &Person, case: &str) -> Value {
    person.ask(CASE, json!({ "id": case })).await["case"].take()
}

/// The act that the screen offers, or why it does not.
fn offered(page: &Value, act: &str) -> Result<(), String> {
    let actions = page["availableActions"].as_array().unwrap();
    let action = actions.iter().find(|action| action["name"] == act).expect("every act is there");
    if action["allowed"] == true {
        Ok(())
    } else {
        Err(action["refusals"][0]["code"].as_str().unwrap().to_owned())
    }
}

fn day(from_today: i64) -> String {
    let today: jiff::civil::Date = today().parse().unwrap();
    today.saturating_add(jiff::ToSpan::days(from_today)).to_string()
}

fn step_kinds(page: &Value) -> Vec<&str> {
    let steps = page["deadline"]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_deadline_is_stopped_extended_and_explains_itself() {
    let server = Server::start().await;
    let [kari, rita] = server.furesoe(["kari", "rita"]).await;
    let case = kari.opens_a_case("Med frist").await;
    let of_the_case = |mut input: Value| {
        input["caseId"] = json!(case);
        input
    };
    let unassigned = kari.is_refused("deadlineSuspend", of_the_case(json!({ "reason": "x" }))).await;
    assert_eq!(unassigned.0, "NOT_ASSIGNED");
    kari.does("caseAssign", of_the_case(json!({ "staffId": kari.id_of("kari").await }))).await;

    let page = the_case(&kari, &case).await;
    let deadline = &page["deadline"];
    assert_eq!((&deadline["kind"], &deadline["state"]), (&json!("CASE_HANDLING"), &json!("RUNNING")));
    assert_eq!((&deadline["days"], &deadline["source"]), (&json!(28), &json!(STATUTE)));
    assert_eq!(deadline["from"], *today());
    assert!(deadline["explanation"].as_str().unwrap().contains("28 dage fra modtagelsen"), "{deadline}");
    assert_eq!(step_kinds(&page)[0], "RULE");
    assert!(page["usualReplyBy"].is_string() && page["waitingOn"].is_null());
    assert_eq!(offered(&page, "SUSPEND_DEADLINE"), Ok(()));
    assert_eq!(offered(&page, "RESUME_DEADLINE"), Err("NOT_SUSPENDED".to_owned()));
    assert_eq!(offered(&page, "EXTEND_DEADLINE"), Err("DELAY_NOTICE_FIRST".to_owned()));
    assert_eq!(offered(&page, "RECEIVE_INFORMATION"), Err("NOTHING_REQUESTED".to_owned()));
    let first_due = deadline["due"].clone();

    what_may_not_be_suspended(&kari, &case).await;
    let wait = json!({ "waitingFor": "OTHER_AUTHORITY", "reason": "Tidligere kommune svarer ikke." });
    kari.does("deadlineSuspend", of_the_case(wait)).await;
    let again = json!({ "waitingFor": "PARTY", "reason": "Igen" });
    assert_eq!(kari.is_refused("deadlineSuspend", of_the_case(again)).await.0, "ALREADY_SUSPENDED");
    let page = the_case(&kari, &case).await;
    assert_eq!(page["deadline"]["state"], "SUSPENDED");
    assert_eq!((&page["waitingOn"], &page["waitingSince"]), (&json!("OTHER_AUTHORITY"), &json!(today())));
    let pause = &page["deadline"]["pauses"][0];
    assert_eq!(pause["reason"]["text"], "Tidligere kommune svarer ikke.");
    assert_eq!((&pause["until"], &pause["by"]["staff"]["login"]), (&Value::Null, &json!("kari")));
    it_is_listed_as_waiting(&kari, &case).await;
    let early = kari.is_refused("deadlineResume", of_the_case(json!({ "on": day(-1) }))).await;
    assert_eq!(early.0, "DATE_BEFORE_PAUSE");
    kari.does("deadlineResume", of_the_case(json!({}))).await;

    let (code, statute) =
        kari.is_refused("deadlineExtend", of_the_case(json!({ "days": 14, "reason": "Travlt" }))).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("DELAY_NOTICE_FIRST", Some(STATUTE)));
    let notice = json!({ "expected": day(40), "reason": "Vi venter på en lægeerklæring." });
    kari.does("delayNoticeSend", of_the_case(notice)).await;
    let (code, statute) =
        kari.is_refused("deadlineExtend", of_the_case(json!({ "days": 99, "reason": "Travlt" }))).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("EXTENSION_LENGTH", Some(STATUTE)));
    kari.does("deadlineExtend", of_the_case(json!({ "days": 14, "reason": "Travlt" }))).await;
    let (code, _) =
        kari.is_refused("deadlineExtend", of_the_case(json!({ "days": 1, "reason": "Travlt" }))).await;
    assert_eq!(code, "EXTENSIONS_USED_UP");

    let page = the_case(&kari, &case).await;
    let deadline = &page["deadline"];
    assert!(
        deadline["due"].as_str().unwrap() >= day(42).as_str() && deadline["due"] != first_due,
        "{deadline}"
    );
    assert_eq!(step_kinds(&page)[..2], ["RULE", "EXTENSION"]);
    assert_eq!(deadline["extensions"][0]["days"], 14);
    assert_eq!(deadline["notices"][0]["reason"]["text"], "Vi venter på en lægeerklæring.");
    assert!(deadline["explanation"].as_str().unwrap().contains("Forlænget med 14 dage"), "{deadline}");

    information_is_asked_for_and_comes(&kari, &case).await;
    let log = "{ accessLog(first: 100) { edges { node { type attempt code } } } }";
    let log = rita.ask(log, json!({})).await["accessLog"]["edges"].to_string();
    for code in ["NOBODY_WAITED_FOR", "DELAY_NOTICE_FIRST", "EXTENSIONS_USED_UP"] {
        assert!(log.contains(code), "what was refused is noted: {code}");
    }
}

async fn what_may_not_be_suspended(kari: &Person, case: &str) {
    for (input, code, path) in [
        (json!({ "reason": "Nogen" }), "NOBODY_WAITED_FOR", "waitingFor"),
        (json!({ "waitingFor": "PARTY", "reason": " " }), "FIELD_EMPTY", "reason"),
        (json!({ "waitingFor": "PARTY", "reason": "x", "from": day(-1) }), "DATE_BEFORE_RECEIPT", "from"),
        (json!({ "waitingFor": "PARTY", "reason": "x", "from": day(1) }), "DATE_IN_THE_FUTURE", "from"),
    ] {
        let mut input = input;
        input["caseId"] = json!(case);
        let payload = kari.act("deadlineSuspend", input).await;
        assert_eq!((&payload["code"], &payload["path"]), (&json!(code), &json!(path)), "{payload}");
    }
}

async fn it_is_listed_as_waiting(kari: &Person, case: &str) {
    const LIST: &str = "{ cases(filter: { waiting: true, mine: true }, first: 100) { totalCount
        edges { node { id due daysLeft waitingOn waitingSince } } } counters { waiting } }";
    let listed = kari.ask(LIST, json!({})).await;
    assert_eq!(listed["counters"]["waiting"], listed["cases"]["totalCount"]);
    let edges = listed["cases"]["edges"].as_array().unwrap();
    let row = edges.iter().map(|edge| &edge["node"]).find(|row| row["id"] == *case).expect("it waits");
    assert!(row["due"].is_null() && row["daysLeft"].is_null(), "{row}");
    assert_eq!((&row["waitingOn"], &row["waitingSince"]), (&json!("OTHER_AUTHORITY"), &json!(today())));
}

async fn information_is_asked_for_and_comes(kari: &Person, case: &str) {
    let ask = json!({ "caseId": case, "waitingFor": "PARTY", "what": "De seneste tre lønsedler",
        "replyBy": day(7), "suspend": true });
    kari.does("informationRequest", ask).await;
    let page = the_case(kari, case).await;
    assert_eq!((&page["deadline"]["state"], &page["waitingOn"]), (&json!("SUSPENDED"), &json!("PARTY")));
    let request = &page["informationRequests"][0];
    assert_eq!((&request["number"], &request["replyBy"]), (&json!(1), &json!(day(7))));
    assert_eq!(request["what"]["text"], "De seneste tre lønsedler");
    assert!(request["receivedAt"].is_null());
    let other = kari.is_refused("informationReceive", json!({ "caseId": case, "number": 2 })).await;
    assert_eq!(other.0, "NO_SUCH_REQUEST");
    let answer = json!({ "caseId": case, "number": 1, "what": "Lønsedler for august til oktober" });
    kari.does("informationReceive", answer).await;
    let page = the_case(kari, case).await;
    assert_eq!(page["deadline"]["state"], "RUNNING");
    assert_eq!(page["informationRequests"][0]["received"]["text"], "Lønsedler for august til oktober");
    assert!(page["waitingOn"].is_null());
    let titles: Vec<&str> =
        page["events"].as_array().unwrap().iter().map(|event| event["title"].as_str().unwrap()).collect();
    for title in ["Frist sat i bero", "Fristen løber igen", "Frist forlænget", "Oplysninger modtaget"] {
        assert!(titles.contains(&title), "{titles:?}");
    }
}

#[tokio::test]
async fn a_deadline_that_has_passed_is_noted_as_missed_by_itself_and_once() {
    let mut server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let wish = json!({ "title": "Glemt i en skuffe", "channel": "LETTER", "received": "2026-01-05" });
    let case = kari.does("caseOpen", wish).await["case"]["id"].as_str().unwrap().to_owned();
    let missed = async |kari: &Person| {
        let page = the_case(kari, &case).await;
        let events = page["events"].as_array().unwrap().clone();
        events.iter().filter(|event| event["type"] == "DeadlineMissed").count()
    };
    eventually("the clock is looked at", async || (missed(&kari).await > 0).then_some(())).await;
    let page = the_case(&kari, &case).await;
    assert_eq!(page["deadline"]["state"], "MISSED");
    assert!(page["deadline"]["daysLeft"].as_i64().unwrap() < 0);
    assert_eq!(page["events"].as_array().unwrap().last().unwrap()["title"], "Frist overskredet");
    let overdue = "{ cases(filter: { overdue: true }, first: 100) { edges { node { id } } } }";
    assert!(kari.ask(overdue, json!({})).await["cases"].to_string().contains(&case));

    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;
    let late = json!({ "caseId": case, "waitingFor": "PARTY", "reason": "For sent" });
    assert_eq!(kari.is_refused("deadlineSuspend", late).await.0, "DEADLINE_PASSED");

    // Killed and started again, it looks again and has nothing to add.
    server.kill9();
    server.restart().await;
    let other = kari
        .does("caseOpen", json!({ "title": "En til", "channel": "LETTER", "received": "2026-01-05" }))
        .await;
    let other = other["case"]["id"].as_str().unwrap().to_owned();
    eventually("it watches again", async || {
        let page = the_case(&kari, &other).await;
        (page["deadline"]["state"] == "MISSED").then_some(())
    })
    .await;
    assert_eq!(missed(&kari).await, 1);
}
