//! A case of several: who is a party, who speaks for them, where they live, and what they say before it is decided.

use serde_json::{Value, json};

use crate::documents::download;
use crate::people::Person;
use crate::server::{Server, eventually, files_with};

const ADDRESS: &str = "Hemmelighedsstien 7, 3500 Værløse";
const OPPONENT: &str = "Ib Opdigtet";

const PEOPLE: &str = "query($id: ID!) { case(id: $id) { state phase
    parties { number role isParty hearing addressProtected subjectId
        name { ... on PersonalText { text } } address { ... on PersonalText { text } }
        representative { name { ... on PersonalText { text } } contact { ... on PersonalText { text } } }
        replies { received text { ... on PersonalText { text } } } }
    missingBeforeDecision { code message }
    draft { outcomes { party outcome } } decision { outcome outcomes { party outcome } } } }";

async fn the_case(person: &Person, case: &str) -> Value {
    person.ask(PEOPLE, json!({ "id": case })).await["case"].take()
}

/// A case of Kari's, classified.
pub(crate) async fn a_case_of(kari: &Person, title: &str) -> String {
    let case = kari.opens_a_case(title).await;
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;
    kari.does("caseClassify", json!({ "caseId": case, "kle": "32", "facet": "G01" })).await;
    case
}

#[tokio::test]
async fn every_party_is_heard_and_gets_an_outcome_and_nobody_else_does() {
    let server = Server::start().await;
    let [kari, bent] = server.furesoe(["kari", "bent"]).await;
    let case = a_case_of(&kari, "Støjende nabo").await;
    let of = |mut wish: Value| {
        wish["caseId"] = json!(case);
        wish
    };
    let add =
        of(json!({ "role": "OPPONENT", "name": OPPONENT, "address": ADDRESS, "idempotencyKey": "modpart" }));
    kari.does("partyAdd", add.clone()).await;
    kari.does("partyAdd", add).await;
    kari.does("partyAdd", of(json!({ "role": "WITNESS", "name": "Vera Vidnesen" }))).await;
    let page = the_case(&kari, &case).await;
    let roles: Vec<_> = page["parties"].as_array().unwrap().iter().map(|one| &one["role"]).collect();
    assert_eq!(roles, ["PARTY", "OPPONENT", "WITNESS"], "said once, however often sent");
    assert_ne!(
        page["parties"][0]["subjectId"], page["parties"][1]["subjectId"],
        "each has a key of their own"
    );

    let first = of(json!({ "party": 1, "role": "WITNESS", "reason": "x" }));
    assert_eq!(kari.is_refused("partyRoleChange", first).await.0, "FIRST_PARTY");
    let nobody = of(json!({ "party": 9, "role": "WITNESS", "reason": "x" }));
    assert_eq!(kari.is_refused("partyRoleChange", nobody).await.0, "PARTY_NOT_FOUND");
    assert_eq!(bent.is_refused("partyAdd", of(json!({ "role": "PARTY", "name": "x" }))).await.0, "NOT_YOURS");

    // Somebody speaks for the opponent, for a while; nobody for a witness.
    let lawyer =
        |party: u32| of(json!({ "party": party, "name": "Advokat Prøvesen", "contact": "a@example.dk" }));
    assert_eq!(kari.is_refused("representativeRecord", lawyer(3)).await.0, "NOT_A_PARTY");
    kari.does("representativeRecord", lawyer(2)).await;
    assert_eq!(
        the_case(&kari, &case).await["parties"][1]["representative"]["name"]["text"],
        "Advokat Prøvesen"
    );
    kari.does("representativeEnd", of(json!({ "party": 2, "reason": "Fuldmagten er tilbagekaldt." }))).await;
    assert_eq!(the_case(&kari, &case).await["parties"][1]["representative"], Value::Null);

    // Both parties are heard; the hearing waits for both.
    let witness = of(json!({ "replyBy": "2099-12-31", "facts": "Lydmålinger", "parties": [3] }));
    let (code, statute) = kari.is_refused("hearingOpen", witness).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("NOT_A_PARTY", Some("FVL § 19")));
    kari.does("hearingOpen", of(json!({ "replyBy": "2099-12-31", "facts": "Lydmålinger" }))).await;
    kari.does("letterPrint", of(json!({ "kind": "HEARING" }))).await;
    let printed = "query($id: ID!) { case(id: $id) { documents { id standing } } }";
    let printed = kari.ask(printed, json!({ "id": case })).await["case"]["documents"].take();
    assert_eq!(printed.as_array().unwrap().len(), 2, "a letter to each that is heard");
    let reply = |party: u32| of(json!({ "party": party, "text": format!("Svar fra nr. {party}") }));
    assert_eq!(kari.is_refused("hearingReply", reply(3)).await.0, "NOT_A_PARTY");
    let close = of(json!({ "answered": true }));
    let (code, statute) = kari.is_refused("hearingClose", close.clone()).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("REPLY_STILL_AWAITED", Some("FVL § 19")));
    kari.does("hearingReply", reply(1)).await;
    let (code, statute) = kari.is_refused("hearingClose", close).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("ANSWER_NOT_NAMED", Some("FVL § 19")));
    let unheard_of = of(json!({ "answered": true, "documentId": "00000000-0000-0000-0000-000000000001" }));
    assert_eq!(kari.is_refused("hearingClose", unheard_of).await.0, "NO_SUCH_ANSWER");
    kari.does("hearingClose", of(json!({ "answered": true, "reply": "Svar fra nr. 2" }))).await;
    let page = the_case(&kari, &case).await;
    assert_eq!(page["parties"][1]["replies"][0]["text"]["text"], "Svar fra nr. 2");
    let heard: Vec<_> = page["parties"].as_array().unwrap().iter().map(|one| &one["hearing"]).collect();
    assert_eq!(heard, ["HEARD", "HEARD", "NONE"]);

    // A decision states an outcome for each.
    kari.does("caseInform", of(json!({}))).await;
    let draft = |outcomes: Value| {
        of(json!({
            "outcome": "GRANTED", "outcomes": outcomes, "text": "Kære begge", "groundsRules": "§ 1",
            "groundsDiscretion": "Hensyn", "groundsFacts": "Målinger",
            "complaint": { "body": "Ankestyrelsen", "how": "Skriv til kommunen.", "limit": "4 uger" },
        }))
    };
    let witness = kari.is_refused("decisionDraft", draft(json!([{ "party": 3, "outcome": "GRANTED" }])));
    assert_eq!(witness.await.0, "NOT_A_PARTY");
    kari.does("decisionDraft", draft(json!([]))).await;
    assert_eq!(kari.is_refused("decisionSubmit", of(json!({ "version": 1 }))).await.0, "NO_OUTCOME");
    kari.does("decisionDraft", draft(json!([{ "party": 2, "outcome": "REFUSED" }]))).await;
    kari.does("decisionSubmit", of(json!({ "version": 2 }))).await;
    bent.does("decisionApprove", of(json!({ "version": 2 }))).await;
    kari.does("decisionMake", of(json!({}))).await;
    let page = the_case(&kari, &case).await;
    let outcomes = json!([{ "party": 1, "outcome": "GRANTED" }, { "party": 2, "outcome": "REFUSED" }]);
    assert_eq!(page["decision"]["outcomes"], outcomes);
    each_got_their_own_letter(&kari, &case).await;
    let late = kari.is_refused("partyAdd", of(json!({ "role": "PARTY", "name": "x" }))).await;
    assert_eq!(late.0, "ALREADY_DECIDED");
}

/// A decision is sent to each party as a letter of their own: what was read is what was approved and went out.
async fn each_got_their_own_letter(kari: &Person, case: &str) {
    const SENT: &str =
        "query($id: ID!) { case(id: $id) { decision { letter { hash } letters { party documentId hash } }
        documents { id standing versions { hash href fileName { ... on PersonalText { text } } } } } }";
    let preview = async |party: u32| download(kari, &format!("/api/cases/{case}/letter?party={party}")).await;
    let [read, read_2, read_3] = [preview(1).await, preview(2).await, preview(3).await];
    assert_eq!((read.0.as_u16(), read_2.0.as_u16()), (200, 200));
    assert_eq!(read_3.0.as_u16(), 404, "nothing is decided for a witness");
    assert!(read.2 != read_2.2, "each has their own name and outcome");
    kari.does("decisionSend", json!({ "caseId": case })).await;
    let sent = kari.ask(SENT, json!({ "id": case })).await["case"].take();
    let letters = sent["decision"]["letters"].as_array().unwrap();
    let parties: Vec<_> = letters.iter().map(|letter| &letter["party"]).collect();
    assert_eq!(parties, [1, 2]);
    assert_eq!(sent["decision"]["letter"]["hash"], letters[0]["hash"]);
    for (letter, read) in letters.iter().zip([read.2, read_2.2]) {
        let documents = sent["documents"].as_array().unwrap();
        let kept = documents.iter().find(|document| document["id"] == letter["documentId"]).unwrap();
        assert_eq!((&kept["standing"], &kept["versions"][0]["hash"]), (&json!("SENT"), &letter["hash"]));
        let (_, _, out) = download(kari, kept["versions"][0]["href"].as_str().unwrap()).await;
        assert!(out == read, "the sent bytes are not the ones that were read and approved");
    }
    let names = sent["documents"].to_string();
    assert!(names.contains("Afgørelse.pdf") && names.contains("Afgørelse (part 2).pdf"), "{names}");
}

#[tokio::test]
async fn a_protected_address_is_shown_to_whoever_opens_it_and_that_is_noted() {
    let mut server = Server::start().await;
    let [kari, rita] = server.furesoe(["kari", "rita"]).await;
    let case = a_case_of(&kari, "Flytning").await;
    let of = |mut wish: Value| {
        wish["caseId"] = json!(case);
        wish
    };
    kari.does("partyAdd", of(json!({ "role": "RELATIVE", "name": OPPONENT, "address": ADDRESS }))).await;
    assert_eq!(the_case(&kari, &case).await["parties"][1]["address"]["text"], ADDRESS);
    kari.does("addressProtect", of(json!({ "party": 2 }))).await;
    let page = the_case(&kari, &case).await;
    assert_eq!(page["parties"][1]["addressProtected"], true);
    assert!(!page.to_string().contains(ADDRESS), "{page}");

    // Not in the history either: there it is never told.
    let history = "query($id: ID!) { caseHistory(id: $id) { events { type fields { key value { ... on PersonalText { text } } } }
        asOf(revision: 4) { fields { key value { ... on PersonalText { text } } } } } }";
    let history = rita.ask(history, json!({ "id": case })).await.to_string();
    assert!(history.contains(OPPONENT) && !history.contains(ADDRESS), "{history}");

    let open = "query($id: ID!, $party: Int!) { partyAddress(caseId: $id, party: $party) { ... on PersonalText { text } } }";
    let opened = kari.ask(open, json!({ "id": case, "party": 2 })).await;
    assert_eq!(opened["partyAddress"]["text"], ADDRESS);
    assert_eq!(kari.ask(open, json!({ "id": case, "party": 9 })).await["partyAddress"], Value::Null);
    assert_eq!(rita.error(open, json!({ "id": case, "party": 2 })).await, "NOT_ALLOWED");
    let theirs = server.login("kari", "0751").await;
    assert_eq!(theirs.ask(open, json!({ "id": case, "party": 2 })).await["partyAddress"], Value::Null);
    let log = "query($id: ID!) { accessLog(caseId: $id, first: 100) { edges { node { type title actor { staff { login } } } } } }";
    eventually("the look is in the access log", async || {
        let log = rita.ask(log, json!({ "id": case })).await["accessLog"]["edges"].take();
        let looks = log.as_array().unwrap().iter().filter(|edge| edge["node"]["type"] == "AddressViewed");
        (looks.count() == 1).then_some(())
    })
    .await;

    kari.does("addressUnprotect", of(json!({ "party": 2, "reason": "Beskyttelsen er udløbet." }))).await;
    assert_eq!(the_case(&kari, &case).await["parties"][1]["address"]["text"], ADDRESS);
    server.stop().await;
    for secret in [ADDRESS, OPPONENT] {
        assert_eq!(files_with(&server.data(), secret), Vec::<std::path::PathBuf>::new(), "{secret}");
    }
}
