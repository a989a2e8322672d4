//! The way of a case beside its decision: carried out, withdrawn, forwarded, linked, and how carefully it is treated.

use serde_json::{Value, json};

use crate::appeals::refuses_a_wish;
use crate::parties::a_case_of;
use crate::people::Person;
use crate::server::{Server, eventually};

const CASE: &str = "query($id: ID!) { case(id: $id) { state phase progress confidentiality
    effectuation { what { ... on PersonalText { text } } due doneOn } withdrawn { text { ... on PersonalText { text } } }
    forwarded { name municipality { code } senderInformed { ... on PersonalText { text } } }
    linkedCases { caseId number link state } notes { kind text { ... on PersonalText { text } } source { ... on PersonalText { text } } }
    papers { reference title documentId } availableActions { name refusals { code } } } }";

async fn the_case(person: &Person, case: &str) -> Value {
    person.ask(CASE, json!({ "id": case })).await["case"].take()
}

fn stands(page: &Value) -> (&str, &str) {
    (page["state"].as_str().unwrap(), page["progress"].as_str().unwrap())
}

#[tokio::test]
async fn what_was_decided_is_ordered_and_done_before_the_case_is_closed() {
    let server = Server::start().await;
    let [kari, bent, lone] = server.furesoe(["kari", "bent", "lone"]).await;
    let case = refuses_a_wish(&kari, &bent).await;
    let of = |mut wish: Value| {
        wish["caseId"] = json!(case);
        wish
    };
    assert_eq!(stands(&the_case(&kari, &case).await), ("DECIDED", "Afgjort"));
    assert_eq!(kari.is_refused("effectuate", of(json!({}))).await.0, "NOTHING_ORDERED");
    let order = of(json!({ "what": "Stop udbetalingen", "due": "2099-12-31" }));
    kari.does("effectuationOrder", order.clone()).await;
    assert_eq!(kari.is_refused("effectuationOrder", order).await.0, "ALREADY_ORDERED");
    assert_eq!(stands(&the_case(&kari, &case).await), ("ORDERED", "Bestilt"));
    assert_eq!(kari.is_refused("caseClose", of(json!({}))).await.0, "EFFECTUATION_PENDING");
    assert_eq!(
        kari.is_refused("effectuate", of(json!({ "on": "2099-12-31" }))).await.0,
        "DONE_IN_THE_FUTURE"
    );
    kari.does("effectuate", of(json!({ "note": "Stoppet i systemet." }))).await;
    let page = the_case(&kari, &case).await;
    assert_eq!(stands(&page), ("EFFECTUATED", "Udført"));
    assert!(page["effectuation"]["doneOn"].is_string(), "{page}");
    kari.does("caseClose", of(json!({}))).await;
    assert_eq!(stands(&the_case(&kari, &case).await), ("CLOSED", "Afsluttet"));

    // Nothing is written to a closed case but a team lead's correction, with a reason.
    assert_eq!(kari.is_refused("factNote", of(json!({ "text": "Glemt" }))).await.0, "CASE_CLOSED");
    let correction = of(json!({ "text": "Beløbet er 1.200 kr.", "reason": "Slåfejl." }));
    assert_eq!(kari.is_refused("decisionCorrect", correction.clone()).await.0, "CASE_CLOSED");
    assert_eq!(lone.is_refused("factNote", of(json!({ "text": "Glemt" }))).await.0, "CASE_CLOSED");
    let silent = of(json!({ "text": "Beløbet er 1.200 kr.", "reason": "" }));
    assert_eq!(lone.is_refused("decisionCorrect", silent).await.0, "FIELD_EMPTY");
    lone.does("decisionCorrect", correction).await;
    lone.does("caseReopen", of(json!({ "reason": "Nye oplysninger." }))).await;
    assert_eq!(stands(&the_case(&kari, &case).await), ("REOPENED", "Opstået"));
}

#[tokio::test]
async fn a_withdrawn_case_is_closed_without_a_decision() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let case = a_case_of(&kari, "Boligstøtte").await;
    let of = |mut wish: Value| {
        wish["caseId"] = json!(case);
        wish
    };
    let suspend = of(json!({ "waitingFor": "PARTY", "reason": "Venter på lønsedler" }));
    kari.does("deadlineSuspend", suspend).await;
    assert_eq!(stands(&the_case(&kari, &case).await), ("SUSPENDED", "Opstået"));
    let fact = of(json!({ "text": "Lejen er 6.200 kr.", "source": "Udlejeren, i telefonen" }));
    kari.does("factNote", fact).await;
    assert_eq!(kari.is_refused("caseWithdraw", of(json!({ "reason": "" }))).await.0, "FIELD_EMPTY");
    kari.does("caseWithdraw", of(json!({ "reason": "Hun ringede og trak ansøgningen tilbage." }))).await;
    let page = the_case(&kari, &case).await;
    assert_eq!(stands(&page), ("WITHDRAWN", "Afsluttet"));
    assert_eq!(
        (&page["notes"][0]["kind"], &page["notes"][0]["source"]["text"]),
        (&json!("FACT"), &json!("Udlejeren, i telefonen"))
    );
    assert!(
        page["papers"][0]["title"].as_str().unwrap().starts_with("Notat om faktiske oplysninger"),
        "{page}"
    );
    assert_eq!(kari.is_refused("caseInform", of(json!({}))).await.0, "CASE_WITHDRAWN");
    assert_eq!(kari.is_refused("caseWithdraw", of(json!({ "reason": "Igen" }))).await.0, "CASE_WITHDRAWN");
    kari.does("caseClose", of(json!({}))).await;
}

#[tokio::test]
async fn a_case_for_another_municipality_is_forwarded_and_arrives_there_as_an_inquiry() {
    let mut server = Server::start().await;
    let (kari, theirs) = tokio::join!(server.login("kari", "0190"), server.login("kari", "0751"));
    let case = a_case_of(&kari, "Flytning til Aarhus").await;
    let forward = |authority: &str, municipality: Value, told: Value| json!({ "caseId": case, "authority": authority, "municipality": municipality, "senderInformed": told });
    for (wish, code) in [
        (forward("maanens-borgerservice", json!(null), json!("Ringede")), "UNKNOWN_ADDRESSEE"),
        (forward("folkeregister", json!(null), json!("Ringede")), "ADDRESSEE_IS_ONESELF"),
        (forward("folkeregister", json!("0190"), json!("Ringede")), "ADDRESSEE_IS_ONESELF"),
        (forward("folkeregister", json!("0751"), json!(null)), "SENDER_NOT_INFORMED"),
    ] {
        let (refused, statute) = kari.is_refused("caseForward", wish).await;
        assert_eq!((refused.as_str(), statute.as_deref()), (code, Some("FVL § 7, stk. 2")));
    }
    kari.does("caseForward", forward("folkeregister", json!("0751"), json!("Ringede og sagde det."))).await;
    let page = the_case(&kari, &case).await;
    assert_eq!(stands(&page), ("FORWARDED_AWAY", "Afsluttet"));
    assert_eq!(page["forwarded"]["municipality"]["code"], "0751");
    assert_eq!(page["forwarded"]["senderInformed"]["text"], "Ringede og sagde det.");

    let inbox = "{ inquiries(open: true, first: 100) { edges { node { id } } } }";
    let inquiry = "query($id: ID!) { inquiry(id: $id) { name { ... on PersonalText { text } }
        message { ... on PersonalText { text } } forwardedFrom { municipality { code } } } }";
    let arrived = async || {
        let edges = theirs.ask(inbox, json!({})).await["inquiries"]["edges"].take();
        let mut found = Vec::new();
        for edge in edges.as_array().unwrap() {
            let one = theirs.ask(inquiry, json!({ "id": edge["node"]["id"] })).await["inquiry"].take();
            if one["message"]["text"].as_str().is_some_and(|text| text.contains("Flytning til Aarhus")) {
                found.push(one);
            }
        }
        found
    };
    let received = eventually("the case arrives", async || arrived().await.pop()).await;
    assert_eq!(received["name"]["text"], "Dagny Demosen");
    assert_eq!(received["forwardedFrom"]["municipality"]["code"], "0190");
    // Killed and started again, it hears the log anew and hands over nothing twice.
    server.kill9();
    server.restart().await;
    assert_eq!(arrived().await.len(), 1);
    kari.does("caseClose", json!({ "caseId": case })).await;
}

#[tokio::test]
async fn linked_cases_show_each_other_and_a_main_case_waits_for_its_parts() {
    let server = Server::start().await;
    let [kari, bent] = server.furesoe(["kari", "bent"]).await;
    let main = refuses_a_wish(&kari, &bent).await;
    let part = a_case_of(&kari, "Delsag").await;
    let link = |other: &str, link: &str| json!({ "caseId": main, "otherCaseId": other, "link": link });
    assert_eq!(kari.is_refused("caseLink", link(&main, "RELATED")).await.0, "OTHER_CASE_NOT_FOUND");
    let theirs = server.login("kari", "0751").await.opens_a_case("En andens").await;
    assert_eq!(kari.is_refused("caseLink", link(&theirs, "RELATED")).await.0, "OTHER_CASE_NOT_FOUND");
    kari.does("caseLink", link(&part, "SUB_CASE")).await;
    assert_eq!(kari.is_refused("caseLink", link(&part, "RELATED")).await.0, "LINKED_OTHERWISE");
    let shown = the_case(&kari, &main).await["linkedCases"].take();
    assert_eq!((&shown[0]["caseId"], &shown[0]["link"]), (&json!(part), &json!("SUB_CASE")));
    let back = eventually("the other side shows it", async || {
        let shown = the_case(&kari, &part).await["linkedCases"].take();
        (shown.as_array().unwrap().len() == 1).then_some(shown)
    })
    .await;
    assert_eq!(
        (&back[0]["caseId"], &back[0]["link"], &back[0]["state"]),
        (&json!(main), &json!("MAIN_CASE"), &json!("DECIDED"))
    );

    let of = |case: &str| json!({ "caseId": case });
    assert_eq!(kari.is_refused("caseClose", of(&main)).await.0, "SUB_CASE_OPEN");
    let actions = the_case(&kari, &main).await["availableActions"].take();
    let close = actions.as_array().unwrap().iter().find(|action| action["name"] == "CLOSE").unwrap();
    assert_eq!(close["refusals"][0]["code"], "SUB_CASE_OPEN", "what the screen says is what the rule says");
    kari.does("caseWithdraw", json!({ "caseId": part, "reason": "Hun trak den tilbage." })).await;
    kari.does("caseClose", of(&part)).await;
    kari.does("caseClose", of(&main)).await;
}

#[tokio::test]
async fn the_list_does_not_say_what_a_confidential_case_is_about() {
    const LIST: &str = "{ cases(first: 100) { edges { node { id confidentiality state title { ... on PersonalText { text } } } } } }";
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let case = a_case_of(&kari, "Anbringelse uden for hjemmet").await;
    assert!(kari.ask(LIST, json!({})).await.to_string().contains("Anbringelse"));
    let mark = |level: &str, reason: &str| json!({ "caseId": case, "level": level, "reason": reason });
    assert_eq!(kari.is_refused("confidentialityMark", mark("SENSITIVE", "")).await.0, "FIELD_EMPTY");
    kari.does("confidentialityMark", mark("SENSITIVE", "Oplysninger om et barns helbred.")).await;
    let list = kari.ask(LIST, json!({})).await.to_string();
    assert!(list.contains(&case) && list.contains("SENSITIVE") && !list.contains("Anbringelse"), "{list}");
    assert_eq!(the_case(&kari, &case).await["confidentiality"], "SENSITIVE");
}
