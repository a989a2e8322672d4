//! A case as the law sees it, from the letter that came in to the complaint body: every step the law wants is tried too
//! early first, and refused with its statute.

use serde_json::{Value, json};

use crate::people::Person;
use crate::server::Server;

const PAGE: &str = "query($id: ID!) { case(id: $id) { state progress complaintStanding
    party { ... on PersonalText { text } } kle { number } inquiry { caseId }
    parties { number hearing } missingBeforeDecision { code statute }
    decision { sentAt outcomes { party outcome } } papers { title } complaints { stage } } }";

/// Kari's case, and what she does with it.
struct Desk {
    kari: Person,
    case: String,
}

impl Desk {
    fn of(&self, mut wish: Value) -> Value {
        wish["caseId"] = json!(self.case);
        wish
    }

    async fn does(&self, act: &str, wish: Value) -> Value {
        self.kari.does(act, self.of(wish)).await
    }

    /// Tries an act that a rule must refuse for this reason, on this legal basis.
    async fn may_not(&self, act: &str, wish: Value, code: &str, statute: Option<&str>) {
        let refused = self.kari.is_refused(act, self.of(wish)).await;
        assert_eq!((refused.0.as_str(), refused.1.as_deref()), (code, statute), "{act}");
    }

    async fn page(&self) -> Value {
        self.kari.ask(PAGE, json!({ "id": self.case })).await["case"].take()
    }

    async fn stands(&self, state: &str, progress: &str) {
        let page = self.page().await;
        assert_eq!((page["state"].as_str(), page["progress"].as_str()), (Some(state), Some(progress)));
    }
}

#[tokio::test]
async fn a_citizen_case_goes_from_the_letter_to_ankestyrelsen() {
    let server = Server::start().await;
    let [kari, bent] = server.furesoe(["kari", "bent"]).await;
    let desk = it_comes_in(kari).await;
    the_party_is_heard(&desk).await;
    it_is_not_decided_before_everything_is_there(&desk, &bent).await;
    it_is_decided_and_sent(&desk, &bent).await;
    the_decision_is_complained_of(&desk, &bent).await;
}

/// A letter is registered, and becomes a case with a number that holds on the day it came.
async fn it_comes_in(kari: Person) -> Desk {
    let letter = json!({ "channel": "LETTER", "kind": "WRITTEN", "name": "Dagny Demosen",
        "address": "Prøvevej 1, 3500 Værløse", "message": "Jeg søger om boligstøtte.", "topic": "boligstoette" });
    let inquiry = kari.does("inquiryRegister", letter).await["inquiry"]["id"].take();
    let open =
        |kle: &str| json!({ "inquiryId": inquiry, "title": "Boligstøtte", "kle": kle, "facet": "G01" });
    assert_eq!(kari.is_refused("caseOpen", open("99.99")).await.0, "UNKNOWN_KLE");
    let opened = kari.does("caseOpen", open("32")).await;
    assert_eq!(kari.is_refused("caseOpen", open("32")).await.0, "ALREADY_A_CASE");
    let desk = Desk { case: opened["case"]["id"].as_str().unwrap().to_owned(), kari };
    let page = desk.page().await;
    assert_eq!((&page["party"]["text"], &page["kle"]["number"]), (&json!("Dagny Demosen"), &json!("32")));
    assert_eq!(page["inquiry"]["caseId"], *desk.case);
    desk.stands("REGISTERED", "Opstået").await;
    desk.may_not("factNote", json!({ "text": "x" }), "NOT_ASSIGNED", None).await;
    let me = desk.kari.id_of("kari").await;
    desk.does("caseAssign", json!({ "staffId": me })).await;
    desk.stands("UNDER_INVESTIGATION", "Opstået").await;
    desk
}

/// What others tell is noted and put before her; her answer is waited for.
async fn the_party_is_heard(desk: &Desk) {
    desk.does("factNote", json!({ "text": "Lejen er 6.200 kr.", "source": "Udlejeren" })).await;
    desk.may_not("hearingReply", json!({ "party": 1, "text": "Hm" }), "NO_HEARING", None).await;
    let past = json!({ "replyBy": "2026-01-05", "facts": "Lejen" });
    desk.may_not("hearingOpen", past, "REPLY_DATE_NOT_AHEAD", None).await;
    desk.does("hearingOpen", json!({ "replyBy": "2099-12-31", "facts": "Lejen er 6.200 kr." })).await;
    desk.stands("IN_HEARING", "Opstået").await;
    let close = json!({ "answered": false });
    desk.may_not("hearingClose", close.clone(), "REPLY_STILL_AWAITED", Some("FVL § 19")).await;
    desk.may_not("caseInform", json!({}), "HEARING_OPEN", Some("FVL § 19")).await;
}

/// D1 to D7, one after the other.
async fn it_is_not_decided_before_everything_is_there(desk: &Desk, bent: &Person) {
    desk.may_not("caseClose", json!({}), "HEARING_OPEN", Some("FVL § 19")).await;
    desk.does("hearingReply", json!({ "party": 1, "text": "Lejen er sat ned." })).await;
    desk.does("hearingClose", json!({ "answered": false })).await;
    assert_eq!(desk.page().await["parties"][0]["hearing"], "HEARD");

    let draft = |more: Value| {
        let mut draft = json!({ "text": "Kære Dagny. Vi giver afslag." });
        draft.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        draft
    };
    let submit = |version: u32| json!({ "version": version });
    desk.may_not("decisionSubmit", submit(1), "FACTS_INCOMPLETE", Some("Officialprincippet")).await;
    desk.does("caseInform", json!({})).await;
    desk.stands("INFORMED", "Oplyst").await;
    desk.may_not("decisionSubmit", submit(1), "NO_DRAFT", None).await;
    desk.does("decisionDraft", draft(json!({}))).await;
    desk.may_not("decisionSubmit", submit(1), "NO_OUTCOME", None).await;

    // Somebody else turns out to be a party: nobody is decided about without having been heard.
    desk.does("partyAdd", json!({ "role": "OPPONENT", "name": "Ib Opdigtet" })).await;
    let outcomes = json!({ "outcome": "REFUSED", "outcomes": [{ "party": 2, "outcome": "PARTLY_GRANTED" }] });
    desk.does("decisionDraft", draft(json!({ "outcome": "REFUSED" }))).await;
    let missing = desk.page().await["missingBeforeDecision"].take();
    let missing: Vec<_> =
        missing.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    let grounds = ["GROUNDS_MISSING"; 3];
    assert_eq!(missing[..3], grounds);
    assert_eq!(missing[3..], ["NO_COMPLAINT_GUIDANCE", "NO_OUTCOME", "NOT_APPROVED"]);
    desk.does("decisionDraft", draft(outcomes.clone())).await;
    desk.may_not("decisionSubmit", submit(3), "NOT_HEARD", Some("FVL § 19")).await;
    let waiver = json!({ "statute": "", "reason": "Oplysningerne er hans egne." });
    desk.may_not("hearingWaive", waiver, "FIELD_EMPTY", None).await;
    let waiver = json!({ "statute": "FVL § 19, stk. 2", "reason": "Oplysningerne er hans egne." });
    desk.does("hearingWaive", waiver).await;

    // The grounds, part by part.
    let mut version = 3;
    let mut said = outcomes;
    for (part, text) in [
        ("groundsRules", "Boligstøtteloven § 1"),
        ("groundsDiscretion", "Vi har lagt vægt på husstanden."),
        ("groundsFacts", "Lejen er 6.200 kr."),
    ] {
        desk.may_not("decisionSubmit", submit(version), "GROUNDS_MISSING", Some("FVL §§ 22 og 24")).await;
        said[part] = json!(text);
        desk.does("decisionDraft", draft(said.clone())).await;
        version += 1;
    }
    desk.may_not("decisionSubmit", submit(version), "NO_COMPLAINT_GUIDANCE", Some("FVL § 25")).await;
    said["complaint"] = json!({ "body": "Ankestyrelsen", "how": "Skriv til kommunen.", "limit": "4 uger" });
    desk.does("decisionDraft", draft(said)).await;
    version += 1;
    desk.may_not("decisionSubmit", submit(version - 1), "DRAFT_CHANGED", None).await;
    desk.does("decisionSubmit", submit(version)).await;
    desk.may_not("decisionApprove", submit(version), "APPROVER_IS_AUTHOR", None).await;
    desk.may_not("decisionMake", json!({}), "NOT_APPROVED", None).await;
    bent.does("decisionApprove", desk.of(submit(version))).await;
    assert_eq!(desk.page().await["missingBeforeDecision"], json!([]));
    desk.stands("DECISION_PROPOSED", "Oplyst").await;
}

/// Decided, sent as it was approved, and not closed a step too early.
async fn it_is_decided_and_sent(desk: &Desk, bent: &Person) {
    desk.may_not("decisionSend", json!({}), "NOT_DECIDED", None).await;
    assert_eq!(bent.is_refused("decisionMake", desk.of(json!({}))).await.0, "NOT_YOURS");
    desk.does("decisionMake", json!({})).await;
    desk.stands("DECIDED", "Afgjort").await;
    desk.may_not("caseClose", json!({}), "DECISION_NOT_SENT", None).await;
    desk.does("decisionSend", json!({})).await;
    desk.may_not("decisionSend", json!({}), "ALREADY_SENT", None).await;
    let page = desk.page().await;
    assert!(page["decision"]["sentAt"].is_string(), "{page}");
    let outcomes = json!([{ "party": 1, "outcome": "REFUSED" }, { "party": 2, "outcome": "PARTLY_GRANTED" }]);
    assert_eq!(page["decision"]["outcomes"], outcomes);
}

/// Complained of, looked at again, upheld, and sent to the complaint body with the papers of the case.
async fn the_decision_is_complained_of(desk: &Desk, bent: &Person) {
    let mut received = bent.does("complaintReceive", desk.of(json!({ "text": "Lejen er sat ned." }))).await;
    let complaint = received["complaint"]["id"].take();
    desk.stands("COMPLAINED", "Afgjort").await;
    desk.may_not("caseClose", json!({}), "COMPLAINT_RUNNING", None).await;
    let of = |mut wish: Value| {
        wish["complaintId"] = complaint.clone();
        wish
    };
    let (code, statute) = desk.kari.is_refused("complaintForward", of(json!({}))).await;
    assert_eq!((code.as_str(), statute.is_some()), ("NOT_REASSESSED", true));
    desk.kari.does("complaintReassess", of(json!({}))).await;
    desk.kari.does("complaintUphold", of(json!({ "reason": "Der er intet nyt i klagen." }))).await;
    desk.stands("REASSESSED", "Afgjort").await;
    desk.kari.does("complaintForward", of(json!({}))).await;
    desk.stands("SENT_TO_APPEAL", "Afgjort").await;
    let page = desk.page().await;
    assert_eq!(page["complaints"][0]["stage"], "FORWARDED");
    let titles = page["papers"].to_string();
    for paper in [
        "Notat om faktiske oplysninger",
        "Partshøring",
        "Høringssvar",
        "Undladt",
        "Afgørelse",
        "Udgående dokument",
    ] {
        assert!(titles.contains(paper), "{paper}: {titles}");
    }
    desk.may_not("caseClose", json!({}), "COMPLAINT_RUNNING", None).await;
    desk.kari.does("complaintOutcome", of(json!({ "outcome": "UPHELD", "summary": "Stadfæstet." }))).await;
    desk.does("caseClose", json!({})).await;
    desk.stands("CLOSED", "Afsluttet").await;
}
