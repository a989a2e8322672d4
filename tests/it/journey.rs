//! One matter from the first word at the counter to the auditor's last look, through the doors that people use.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::people::{Person, Screen};
use crate::server::{Server, Setup, eventually, files_with};

const CPR: &str = "010190-1234";
const NAME: &str = "Walborg Fiktivsen";
const PHONE: &str = "00 00 47 11";
const MESSAGE: &str = "Jeg er flyttet ind hos min søster og kan ikke bruge skærmen.";
const CALL: &str = "Talte med hende om lejekontrakten fra Paradisæblevej.";
const LETTER: &str = "Kære Walborg. Vi giver afslag på boligstøtte.";

#[tokio::test]
async fn a_matter_goes_from_the_first_word_to_the_last_look() {
    let mut server = Setup::new().with_every_article().start().await;
    let reference = a_citizen_asks_and_leaves_a_call_back(&server).await;

    let [kari, bent, rita] = server.furesoe(["kari", "bent", "rita"]).await;
    let mut screen = kari.listens().await;
    screen.subscribe("list", "subscription { worklistChanged { position } }").await;

    let inquiry = kari_reads_the_inquiry(&kari, &reference).await;
    let case = kari_opens_the_case(&kari, &inquiry).await;
    let (pushed, _) = screen.until("list").await;
    assert!(pushed["payload"]["data"]["worklistChanged"]["position"].is_string(), "{pushed}");
    let watch = format!("subscription {{ caseChanged(caseId: \"{case}\") {{ caseId eventType position }} }}");
    screen.subscribe("case", &watch).await;

    kari_prepares_the_decision(&kari, &case).await;
    nobody_approves_their_own_draft(&kari, &bent, &case).await;
    kari_decides_sends_and_closes(&kari, &case).await;
    the_screen_saw_it_all(&mut screen).await;

    rita_replays(&rita, &case).await;
    rita_sees_who_looked(&rita, &case).await;

    server.stop().await;
    nothing_personal_lies_about(&server);
}

/// At the counter, with forms only. Answers the reference of the receipt.
async fn a_citizen_asks_and_leaves_a_call_back(server: &Server) -> String {
    let citizen = server.visitor();
    let answered = citizen.writes("Hvordan søger jeg boligstøtte?").await;
    assert_eq!(answered.status, StatusCode::OK);
    assert!(answered.text.contains("boligstøtte") && answered.text.contains("Kilde"), "{}", answered.text);

    let answered = citizen.writes(&format!("Mit CPR-nummer er {CPR}, og jeg har ikke MitID")).await;
    assert!(!answered.text.contains(CPR), "the number came back to the screen");
    assert!(answered.text.contains("[CPR-nummer fjernet]"), "{}", answered.text);
    assert!(answered.text.contains("Jeg har fjernet noget, der ligner et CPR-nummer"), "{}", answered.text);

    let rated = citizen.submit(answered.form("/samtale/vurdering").with("helpful", "yes")).await;
    assert_eq!(rated.status, StatusCode::OK);

    // First a slip: a number where none belongs, and no municipality.
    let form = citizen.get("/opkald").await.form("/opkald");
    let wrong = citizen.submit(form.with("name", NAME).with("phone", CPR)).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!wrong.text.contains(CPR) && wrong.text.contains(NAME), "{}", wrong.text);

    let form = wrong.form("/opkald").with("phone", PHONE).choosing("municipality", "0190");
    let form = form.choosing("topic", "boligstoette").choosing("when", "morning");
    let form = form.with("message", &format!("{MESSAGE} Mit nummer er {CPR}."));
    let receipt = citizen.submit(form.clone()).await;
    assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.text);
    let (_, rest) = receipt.text.split_once("class=\"reference\">").expect("a reference on the receipt");
    let reference = rest.split('<').next().unwrap().to_owned();

    // Pressed twice, it is one inquiry.
    let again = citizen.submit(form).await;
    assert!(again.text.contains(&reference), "{}", again.text);
    // The conversation tells it too.
    assert!(citizen.get("/").await.text.contains(&reference));
    reference
}

/// In the inbox without anything personal; opened, with everything and the conversation. Answers the id.
async fn kari_reads_the_inquiry(kari: &Person, reference: &str) -> String {
    const INBOX: &str = "{ inquiries(open: true, first: 100) { totalCount edges { node
        { id reference kind channel open callWhen topic { slug } } } } counters { openInquiries } }";
    const INQUIRY: &str = "query($id: ID!) { inquiry(id: $id) {
        name { ... on PersonalText { text } } phone { ... on PersonalText { text } }
        message { ... on PersonalText { text } } transcript { speaker text } open } }";
    let row = eventually("the inquiry is in the inbox", async || {
        let inbox = kari.ask(INBOX, json!({})).await;
        assert_eq!(inbox["inquiries"]["totalCount"], inbox["counters"]["openInquiries"]);
        let edges = inbox["inquiries"]["edges"].as_array().unwrap();
        edges.iter().map(|edge| edge["node"].clone()).find(|node| node["reference"] == *reference)
    })
    .await;
    assert_eq!(row["kind"], "CALL_BACK");
    assert_eq!((&row["callWhen"], &row["topic"]["slug"]), (&json!("morning"), &json!("boligstoette")));
    let id = row["id"].as_str().unwrap().to_owned();

    let inquiry = kari.ask(INQUIRY, json!({ "id": id })).await["inquiry"].take();
    assert_eq!(inquiry["name"]["text"], NAME);
    assert_eq!(inquiry["phone"]["text"], PHONE);
    let message = inquiry["message"]["text"].as_str().unwrap();
    assert!(message.starts_with(MESSAGE) && message.contains("[CPR-nummer fjernet]"), "{message}");
    let transcript = inquiry["transcript"].as_array().unwrap();
    assert_eq!(transcript[0], json!({ "speaker": "CITIZEN", "text": "Hvordan søger jeg boligstøtte?" }));
    assert!(transcript.iter().any(|line| line["speaker"] == "COUNTER"));
    assert!(!inquiry.to_string().contains(CPR), "{inquiry}");
    id
}

async fn kari_opens_the_case(kari: &Person, inquiry: &str) -> String {
    let wish = json!({ "inquiryId": inquiry, "title": "Boligstøtte uden MitID" });
    let opened = kari.does("caseOpen", wish).await["case"].take();
    assert_eq!(opened["phase"], "REGISTERED");
    assert!(opened["number"].as_str().unwrap().starts_with('S'), "{opened}");
    let case = opened["id"].as_str().unwrap().to_owned();

    let page = the_case(kari, &case).await;
    assert_eq!(page["party"]["text"], NAME);
    assert_eq!(page["inquiry"]["caseId"], *case);
    assert_eq!(page["channel"], "WEB");
    assert!(page["deadline"]["explanation"].as_str().unwrap().contains("28 dage"), "{page}");
    let (code, _) = kari.is_refused("caseOpen", json!({ "inquiryId": inquiry, "title": "Igen" })).await;
    assert_eq!(code, "ALREADY_A_CASE");
    case
}

async fn the_case(person: &Person, case: &str) -> Value {
    const CASE: &str = "query($id: ID!) { case(id: $id) { id number revision phase progress channel
        title { ... on PersonalText { text } } party { ... on PersonalText { text } }
        deadline { due explanation } caseworker { login } kle { number facet title }
        inquiry { id open caseId } notes { kind text { ... on PersonalText { text } } }
        draft { version submitted approved } decision { outcome sentAt approvedBy { login } }
        availableActions { name allowed refusals { code statute } }
        missingBeforeDecision { code statute } } }";
    person.ask(CASE, json!({ "id": case })).await["case"].take()
}

fn codes(refusals: &Value) -> Vec<&str> {
    refusals.as_array().unwrap().iter().map(|refusal| refusal["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_inquiry_that_became_a_case_waits_for_nobody() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let inbox = "{ inquiries(open: true, first: 100) { totalCount edges { node { id caseId } } }
        counters { openInquiries } }";
    let before = kari.ask(inbox, json!({})).await;
    let nodes = before["inquiries"]["edges"].as_array().unwrap().iter().map(|edge| &edge["node"]);
    let waiting: Vec<_> = nodes.filter(|node| node["caseId"].is_null()).collect();
    let wish = json!({ "inquiryId": waiting[0]["id"], "title": "Bliver til en sag" });
    kari.does("caseOpen", wish).await;
    let after = kari.ask(inbox, json!({})).await;
    assert!(!after["inquiries"].to_string().contains(waiting[0]["id"].as_str().unwrap()), "{after}");
    assert_eq!(after["counters"]["openInquiries"], waiting.len() - 1, "neither closed nor made a case of");
}

#[tokio::test]
async fn the_inbox_begins_with_whoever_has_waited_longest() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let inbox = kari.ask("{ inquiries(first: 100) { edges { node { receivedAt } } } }", json!({})).await;
    let edges = inbox["inquiries"]["edges"].as_array().unwrap();
    let received: Vec<_> = edges.iter().map(|edge| edge["node"]["receivedAt"].to_string()).collect();
    assert!(received.len() > 3 && received.is_sorted(), "{received:?}");
}

/// Every step the law wants, each tried too early first.
async fn kari_prepares_the_decision(kari: &Person, case: &str) {
    let nobody_has_it =
        kari.is_refused("callNote", json!({ "caseId": case, "direction": "OUTGOING", "text": CALL }));
    assert_eq!(nobody_has_it.await.0, "NOT_ASSIGNED");
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;

    let unknown =
        kari.is_refused("caseClassify", json!({ "caseId": case, "kle": "99.99", "facet": "G01" })).await;
    assert_eq!(unknown.0, "UNKNOWN_KLE");
    let found = kari.ask("{ kleSearch(text: \"32\") { number title } }", json!({})).await;
    assert!(!found["kleSearch"].as_array().unwrap().is_empty());
    kari.does("caseClassify", json!({ "caseId": case, "kle": "32", "facet": "G01" })).await;
    kari.does("callNote", json!({ "caseId": case, "direction": "OUTGOING", "text": CALL })).await;

    // Too early: the facts are not complete, and that is a principle of law.
    let draft = json!({ "caseId": case, "outcome": "REFUSED", "text": LETTER });
    kari.does("decisionDraft", draft).await;
    let (code, statute) = kari.is_refused("decisionMake", json!({ "caseId": case })).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("FACTS_INCOMPLETE", Some("Officialprincippet")));
    kari.does("caseInform", json!({ "caseId": case })).await;

    // A refusal without having heard the party.
    let (code, statute) = kari.is_refused("decisionSubmit", json!({ "caseId": case, "version": 1 })).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("NOT_HEARD", Some("FVL § 19")));
    let page = the_case(kari, case).await;
    let missing = codes(&page["missingBeforeDecision"]);
    let adverse =
        ["NOT_HEARD", "GROUNDS_MISSING", "GROUNDS_MISSING", "GROUNDS_MISSING", "NO_COMPLAINT_GUIDANCE"];
    assert!(missing.starts_with(&adverse), "{missing:?}");
    let waiver = json!({ "caseId": case, "statute": "FVL § 19, stk. 2", "reason": "Hun har selv givet oplysningerne." });
    kari.does("hearingWaive", waiver).await;

    // Without grounds and guidance it stays a draft.
    let (code, statute) = kari.is_refused("decisionSubmit", json!({ "caseId": case, "version": 1 })).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("GROUNDS_MISSING", Some("FVL §§ 22 og 24")));
    let complete = json!({
        "caseId": case, "outcome": "REFUSED", "text": LETTER, "legalBasis": "Boligstøtteloven § 1",
        "groundsRules": "Boligstøtteloven § 1", "groundsDiscretion": "Vi har lagt vægt på husstanden.",
        "groundsFacts": "Du bor hos din søster.",
        "complaint": { "body": "Ankestyrelsen", "how": "Skriv til kommunen.", "limit": "4 uger" },
    });
    kari.does("decisionDraft", complete).await;
    let stale = kari.is_refused("decisionSubmit", json!({ "caseId": case, "version": 1 })).await;
    assert_eq!(stale.0, "DRAFT_CHANGED");
    kari.does("decisionSubmit", json!({ "caseId": case, "version": 2 })).await;
}

async fn nobody_approves_their_own_draft(kari: &Person, bent: &Person, case: &str) {
    let approval = json!({ "caseId": case, "version": 2 });
    assert_eq!(kari.is_refused("decisionApprove", approval.clone()).await.0, "APPROVER_IS_AUTHOR");
    assert_eq!(kari.is_refused("decisionMake", json!({ "caseId": case })).await.0, "NOT_APPROVED");

    let waiting = "{ cases(filter: { awaitingApproval: true }, first: 100) { edges { node { id } } } }";
    let waiting = bent.ask(waiting, json!({})).await["cases"]["edges"].to_string();
    assert!(waiting.contains(case), "{waiting}");
    let foreign = bent.is_refused("decisionMake", json!({ "caseId": case })).await;
    assert_eq!(foreign.0, "NOT_YOURS");
    bent.does("decisionApprove", approval).await;
}

async fn kari_decides_sends_and_closes(kari: &Person, case: &str) {
    let of_the_case = json!({ "caseId": case });
    assert_eq!(kari.is_refused("caseClose", of_the_case.clone()).await.0, "NOT_DECIDED");
    kari.does("decisionMake", of_the_case.clone()).await;
    assert_eq!(kari.is_refused("caseClose", of_the_case.clone()).await.0, "DECISION_NOT_SENT");
    kari.does("decisionSend", of_the_case.clone()).await;
    kari.does("caseClose", of_the_case.clone()).await;

    let page = the_case(kari, case).await;
    assert_eq!((&page["phase"], &page["progress"]), (&json!("CLOSED"), &json!("Afsluttet")));
    assert_eq!(page["decision"]["approvedBy"]["login"], "bent");
    assert!(page["decision"]["sentAt"].is_string() && page["draft"].is_null(), "{page}");
    let (code, _) = kari.is_refused("caseReopen", json!({ "caseId": case, "reason": "x" })).await;
    assert_eq!(code, "NOT_ALLOWED", "reopening is the team lead's");
}

async fn the_screen_saw_it_all(screen: &mut Screen) {
    let mut seen = Vec::new();
    while seen.last().is_none_or(|last| last != "CaseClosed") {
        let (pushed, _) = screen.until("case").await;
        seen.push(pushed["payload"]["data"]["caseChanged"]["eventType"].as_str().unwrap().to_owned());
    }
    for event in ["CaseworkerAssigned", "CallNoted", "DecisionApproved", "DecisionMade", "DecisionSent"] {
        assert!(seen.iter().any(|one| one == event), "{event} was not pushed: {seen:?}");
    }
}

const HISTORY: &str = "query($id: ID!, $from: Int!, $to: Int!) { caseHistory(id: $id) { number
    events { revision type title at actor { kind staff { login } } roles fields { key } reason { __typename } }
    asOf(revision: $to) { revision fields { key value { ... on PersonalText { text } } } }
    diff(from: $from, to: $to) { key before { ... on PersonalText { text } } after { ... on PersonalText { text } } } } }";

/// The history as it was recorded, the state after every event, and what each event changed.
async fn rita_replays(rita: &Person, case: &str) {
    let whole = rita.ask(HISTORY, json!({ "id": case, "from": -1, "to": 0 })).await["caseHistory"].take();
    let types: Vec<&str> =
        whole["events"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "CaseOpened",
            "DeadlineSet",
            "CaseworkerAssigned",
            "CaseClassified",
            "CallNoted",
            "DecisionDrafted",
            "CaseInformed",
            "HearingWaived",
            "DecisionDrafted",
            "DecisionSubmitted",
            "DecisionApproved",
            "DecisionMade",
            "DeadlineMet",
            "DocumentJournalised",
            "DecisionSent",
            "CaseClosed"
        ]
    );
    assert_eq!(whole["events"][10]["actor"]["staff"]["login"], "bent");
    assert_eq!(whole["events"][10]["roles"], json!(["CASEWORKER"]));
    assert_eq!(whole["events"][7]["reason"]["__typename"], "PersonalText");

    // What the diffs tell, laid one over the other, is the state at every moment.
    let mut state = std::collections::BTreeMap::new();
    for (to, event) in types.iter().enumerate() {
        let from = i64::try_from(to).unwrap() - 1;
        let step =
            rita.ask(HISTORY, json!({ "id": case, "from": from, "to": to })).await["caseHistory"].take();
        for change in step["diff"].as_array().unwrap() {
            let (key, after) = (change["key"].as_str().unwrap().to_owned(), &change["after"]["text"]);
            let before = state.remove(&key).unwrap_or(Value::Null);
            assert_eq!(change["before"]["text"], before, "revision {to}, {key}: before");
            if !after.is_null() {
                state.insert(key, after.clone());
            }
        }
        assert_eq!(step["asOf"]["revision"], to);
        let fields = step["asOf"]["fields"].as_array().unwrap().iter();
        let told: std::collections::BTreeMap<_, _> = fields
            .map(|field| (field["key"].as_str().unwrap().to_owned(), field["value"]["text"].clone()))
            .collect();
        assert_eq!(told, state, "after revision {to} ({event})");
    }
    assert_eq!(state["phase"], "Afsluttet");
    assert_eq!(state["decisionText"], LETTER);
    let later = rita.ask(HISTORY, json!({ "id": case, "from": 0, "to": 0 })).await;
    assert_eq!(later["caseHistory"]["diff"], json!([]), "nothing differs from itself");
    let none = "query($id: ID!) { caseHistory(id: $id) { asOf(revision: 99) { revision } } }";
    assert!(rita.ask(none, json!({ "id": case })).await["caseHistory"]["asOf"].is_null());
}

async fn rita_sees_who_looked(rita: &Person, case: &str) {
    const LOG: &str = "query($case: ID) { accessLog(caseId: $case, first: 100) { edges { node
        { type attempt code purpose caseId caseNumber actor { staff { login } } } } } }";
    let entries = eventually("her own look is in the log", async || {
        let log = rita.ask(LOG, json!({ "case": case })).await["accessLog"]["edges"].take();
        let entries: Vec<Value> = log.as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect();
        entries.iter().any(|entry| entry["type"] == "AuditRead").then_some(entries)
    })
    .await;
    let noted = |login: &str, kind: &str, attempt: Option<&str>, code: Option<&str>| {
        entries.iter().any(|entry| {
            entry["actor"]["staff"]["login"] == login
                && entry["type"] == kind
                && entry["attempt"].as_str() == attempt
                && entry["code"].as_str() == code
        })
    };
    assert!(noted("kari", "CaseViewed", None, None), "{entries:?}");
    assert!(noted("rita", "AuditRead", None, None), "{entries:?}");
    for (who, attempt, code) in [
        ("kari", "decisionMake", "FACTS_INCOMPLETE"),
        ("kari", "decisionSubmit", "NOT_HEARD"),
        ("kari", "decisionApprove", "APPROVER_IS_AUTHOR"),
        ("bent", "decisionMake", "NOT_YOURS"),
        ("kari", "caseReopen", "NOT_ALLOWED"),
    ] {
        assert!(
            noted(who, "AccessRefused", Some(attempt), Some(code)),
            "{who} {attempt} {code}: {entries:?}"
        );
    }
    let views = entries
        .iter()
        .filter(|entry| entry["type"] == "CaseViewed" && entry["actor"]["staff"]["login"] == "kari");
    assert_eq!(views.count(), 1, "a screen that refreshes is one look");
    let all = rita.ask(LOG, json!({})).await["accessLog"]["edges"].to_string();
    assert!(all.contains("InquiryViewed"), "{all}");
}

/// After the server has stopped: in no file of its own, and in nothing it wrote.
fn nothing_personal_lies_about(server: &Server) {
    let without_dash = CPR.replace('-', "");
    for number in [CPR, &without_dash] {
        assert_eq!(files_with(server.folder(), number), Vec::<std::path::PathBuf>::new(), "the CPR number");
    }
    for personal in
        [NAME, "Fiktivsen", "Walborg", PHONE, "min søster", "Paradisæblevej", "giver afslag på boligstøtte"]
    {
        assert_eq!(files_with(&server.data(), personal), Vec::<std::path::PathBuf>::new(), "{personal}");
        assert!(!server.output().contains(personal), "{personal} is in what the server wrote");
    }
    assert!(!server.output().contains(crate::server::PASSWORD) || server.output().contains("Log in with"));
}
