//! A decision is complained of: reassessed, upheld, sent to appeal and answered; late; changed; and through a crash.

use std::sync::Arc;

use serde_json::{Value, json};
use skranke::checkpoint::Checkpoint;
use skranke::clock::{SystemClock, SystemIds};
use skranke::turn::Turns;
use skranke_domain::case::{Case, CaseEvent, CaseOpened, ComplaintStanding, DecisionMade, OfCase, Outcome};
use skranke_domain::complaint::{Complaint, ComplaintAct, ComplaintCommand, Receive};
use skranke_domain::inquiry::Channel;
use skranke_domain::time::{Clock, Ids, local_date};
use skranke_domain::{Act, Actor, CaseId, ComplaintId, Role, Roles, Sealed, SubjectId, Tenant, UserId};
use skranke_store::{Desk, EmbeddedLog, EventLog, KeyRing, MasterKey};
use tokio::sync::watch;

use crate::people::Person;
use crate::server::{Server, eventually};

/// A case of Kari's whose refusal was approved by Bent, made and sent: its id.
pub(crate) async fn refuses_a_wish(kari: &Person, bent: &Person) -> String {
    let case = kari.opens_a_case("Boligstøtte").await;
    let of = |mut wish: Value| {
        wish["caseId"] = json!(case);
        wish
    };
    kari.does("caseAssign", of(json!({ "staffId": kari.id_of("kari").await }))).await;
    kari.does("caseClassify", of(json!({ "kle": "32", "facet": "G01" }))).await;
    kari.does("callNote", of(json!({ "direction": "INCOMING", "text": "Hun bor med Ib på Nummer 7." })))
        .await;
    let waiver = json!({ "statute": "FVL § 19, stk. 2", "reason": "Hun har selv oplyst det." });
    kari.does("hearingWaive", of(waiver)).await;
    kari.does("caseInform", of(json!({}))).await;
    draft_and_decide(kari, bent, &case, "REFUSED").await;
    case
}

async fn draft_and_decide(kari: &Person, bent: &Person, case: &str, outcome: &str) {
    let draft = json!({
        "caseId": case, "outcome": outcome, "text": "Kære Dagny. Vi giver afslag.",
        "legalBasis": "Boligstøtteloven § 1", "groundsRules": "Boligstøtteloven § 1",
        "groundsDiscretion": "Vi har lagt vægt på husstanden.", "groundsFacts": "Du bor med din bror.",
        "complaint": { "body": "Ankestyrelsen", "how": "Skriv til kommunen.", "limit": "4 uger" },
    });
    kari.does("decisionDraft", draft).await;
    kari.does("decisionSubmit", json!({ "caseId": case, "version": 1 })).await;
    bent.does("decisionApprove", json!({ "caseId": case, "version": 1 })).await;
    kari.does("decisionMake", json!({ "caseId": case })).await;
    kari.does("decisionSend", json!({ "caseId": case })).await;
}

const CASE: &str = "query($id: ID!) { case(id: $id) { phase complaintStanding reopened: events { type }
    papers { reference title } complaints { id stage } decision { madeAt sentAt } } }";

async fn the_case(person: &Person, case: &str) -> Value {
    person.ask(CASE, json!({ "id": case })).await["case"].take()
}

fn id_of(changed: &Value) -> String {
    changed["complaint"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_decision_is_complained_of_reassessed_upheld_and_sent_to_appeal() {
    const COMPLAINT: &str =
        "query($id: ID!) { complaint(id: $id) { stage timeliness decision received channel
        complainant { ... on PersonalText { text } } text { ... on PersonalText { text } }
        limit { due explanation } reassessment { due daysLeft rule ruleSet } body { slug name }
        reassessed { changed reasoned { reason { ... on PersonalText { text } } by { staff { login } } } }
        forwarded { to { name } files { reference title { ... on PersonalText { text } } } }
        outcome { outcome received summary { ... on PersonalText { text } } }
        availableActions { name allowed refusals { code statute } } } }";
    let server = Server::start().await;
    let [kari, bent, rita] = server.furesoe(["kari", "bent", "rita"]).await;
    let undecided = kari.opens_a_case("Uden afgørelse").await;
    let too_early = kari.is_refused("complaintReceive", json!({ "caseId": undecided })).await;
    assert_eq!(too_early.0, "NO_DECISION");

    let case = refuses_a_wish(&kari, &bent).await;
    // She says it on the phone, to somebody else, and gives no reason.
    let spoken = json!({ "caseId": case, "channel": "PHONE", "idempotencyKey": "klage-1" });
    let received = bent.does("complaintReceive", spoken.clone()).await;
    assert_eq!(received["complaint"]["timeliness"], "IN_TIME");
    let complaint = id_of(&received);
    assert_eq!(
        id_of(&bent.does("complaintReceive", spoken).await),
        complaint,
        "said once, however often sent"
    );
    let page = the_case(&kari, &case).await;
    assert_eq!((&page["phase"], &page["complaintStanding"]), (&json!("DECIDED"), &json!("COMPLAINED")));
    assert_eq!(kari.is_refused("caseClose", json!({ "caseId": case })).await.0, "COMPLAINT_RUNNING");

    let of = |mut wish: Value| {
        wish["complaintId"] = json!(complaint);
        wish
    };
    assert_eq!(bent.is_refused("complaintReassess", of(json!({}))).await.0, "NOT_YOURS");
    let (code, statute) = kari.is_refused("complaintForward", of(json!({}))).await;
    assert_eq!((code.as_str(), statute.is_some()), ("NOT_REASSESSED", true));
    kari.does("complaintReassess", of(json!({}))).await;
    kari.does("complaintUphold", of(json!({ "reason": "Der er intet nyt i klagen." }))).await;
    assert_eq!(the_case(&kari, &case).await["complaintStanding"], "REASSESSED");

    let wrong = kari.is_refused("complaintForward", of(json!({ "authority": "skattestyrelsen" }))).await;
    assert_eq!(wrong.0, "NOT_THE_BODY");
    let nobody = kari.is_refused("complaintForward", of(json!({ "authority": "nobody" }))).await;
    assert_eq!(nobody.0, "UNKNOWN_AUTHORITY");
    let unknown = kari.is_refused("complaintForward", of(json!({ "files": ["notat-999"] }))).await;
    assert_eq!(unknown.0, "UNKNOWN_PAPER");
    kari.does("complaintForward", of(json!({}))).await;
    assert_eq!(the_case(&kari, &case).await["complaintStanding"], "SENT_TO_APPEAL");
    let stale = kari
        .act("complaintOutcome", of(json!({ "outcome": "UPHELD", "summary": "x", "expectedVersion": 0 })));
    assert_eq!(stale.await["__typename"], "Conflict");
    let list = "{ complaints(first: 10, stage: FORWARDED) { totalCount edges { node { id caseNumber lastEvent } } } }";
    let list = kari.ask(list, json!({})).await["complaints"].take();
    assert_eq!(list["totalCount"], 1, "{list}");
    assert_eq!(list["edges"][0]["node"]["lastEvent"], "Klage sendt til klageinstansen");

    kari.does("complaintOutcome", of(json!({ "outcome": "UPHELD", "summary": "Stadfæstet." }))).await;
    let told = kari.ask(COMPLAINT, json!({ "id": complaint })).await["complaint"].take();
    assert_eq!((&told["stage"], &told["outcome"]["outcome"]), (&json!("SETTLED"), &json!("UPHELD")));
    assert_eq!(told["complainant"]["text"], "Dagny Demosen");
    assert!(told["text"].is_null() && told["limit"]["explanation"].as_str().unwrap().contains("28 dage"));
    assert_eq!(told["reassessment"]["rule"], "genvurderingsfrist");
    assert_eq!(
        (&told["body"]["slug"], &told["forwarded"]["to"]["name"]),
        (&json!("ankestyrelsen"), &json!("Ankestyrelsen"))
    );
    let files: Vec<_> =
        told["forwarded"]["files"].as_array().unwrap().iter().map(|file| &file["title"]["text"]).collect();
    assert!(files.len() == 4 && files[2].as_str().unwrap().starts_with("Afgørelse "), "{files:?}");
    assert!(
        files[3].as_str().unwrap().starts_with("Udgående dokument "),
        "the letter as it was sent: {files:?}"
    );
    let actions = told["availableActions"].as_array().unwrap();
    assert!(actions.iter().all(|action| action["refusals"][0]["code"] == "COMPLAINT_SETTLED"), "{actions:?}");

    let page = the_case(&kari, &case).await;
    assert!(page["complaintStanding"].is_null(), "{page}");
    kari.does("caseClose", json!({ "caseId": case })).await;
    // The auditor reads it all in the case's own history.
    let history = "query($id: ID!) { caseHistory(id: $id) { events { type title fields { key value { ... on PersonalText { text } } } } } }";
    let history = rita.ask(history, json!({ "id": case })).await["caseHistory"].take();
    let types: Vec<_> =
        history["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert!(types.ends_with(&["ComplaintNoted", "ComplaintSettled", "CaseClosed"]), "{types:?}");
    assert!(history.to_string().contains("Sendt til klageinstansen"), "{history}");
    assert_eq!(rita.error("{ complaints(first: 1) { totalCount } }", json!({})).await, "NOT_ALLOWED");
}

#[tokio::test]
async fn a_late_complaint_is_examined_before_it_goes_on() {
    let server = Server::start().await;
    let [kari, bent] = server.furesoe(["kari", "bent"]).await;
    let case = refuses_a_wish(&kari, &bent).await;
    let late = json!({ "caseId": case, "decisionReceived": "2024-02-01", "text": "Jeg var indlagt." });
    let received = kari.does("complaintReceive", late.clone()).await;
    assert_eq!(received["complaint"]["timeliness"], "LATE");
    let of = |complaint: &str| json!({ "complaintId": complaint, "reason": "Hun var indlagt." });
    let complaint = id_of(&received);
    let (code, statute) = kari.is_refused("complaintReassess", json!({ "complaintId": complaint })).await;
    assert_eq!((code.as_str(), statute.is_some()), ("LATENESS_NOT_EXAMINED", true));
    kari.does("complaintExcuse", of(&complaint)).await;
    kari.does("complaintReassess", json!({ "complaintId": complaint })).await;

    // Another one, without an excuse: dismissed with a reason, and over.
    let dismissed = id_of(&kari.does("complaintReceive", late).await);
    kari.does("complaintDismiss", of(&dismissed)).await;
    let (code, _) = kari.is_refused("complaintReassess", json!({ "complaintId": dismissed })).await;
    assert_eq!(code, "COMPLAINT_SETTLED");
    assert_eq!(kari.is_refused("caseClose", json!({ "caseId": case })).await.0, "COMPLAINT_RUNNING");
    kari.does("complaintWithdraw", of(&complaint)).await;
    kari.does("caseClose", json!({ "caseId": case })).await;
}

#[tokio::test]
async fn what_is_changed_on_reassessment_is_drafted_anew_and_nothing_is_cleared() {
    let server = Server::start().await;
    let [kari, bent] = server.furesoe(["kari", "bent"]).await;
    let case = refuses_a_wish(&kari, &bent).await;
    kari.does("caseClose", json!({ "caseId": case })).await;
    let before = the_case(&kari, &case).await;
    // A closed case is complained of too.
    let complaint = id_of(&kari.does("complaintReceive", json!({ "caseId": case })).await);
    assert_eq!(the_case(&kari, &case).await["phase"], "CLOSED");
    kari.does("complaintReassess", json!({ "complaintId": complaint })).await;
    let change = json!({ "complaintId": complaint, "inFull": true, "reason": "Husstanden er en anden." });
    kari.does("complaintChange", change).await;
    let page = the_case(&kari, &case).await;
    assert_eq!((&page["phase"], &page["complaintStanding"]), (&json!("UNDER_INVESTIGATION"), &Value::Null));
    assert_eq!(page["decision"], before["decision"], "the first decision stays in the file");
    kari.does("caseInform", json!({ "caseId": case })).await;
    draft_and_decide(&kari, &bent, &case, "GRANTED").await;
    kari.does("caseClose", json!({ "caseId": case })).await;

    // A committee's decision goes straight on, and a returned case is decided anew.
    let straight = json!({ "caseId": case, "decidedBy": "boerne-og-ungeudvalget" });
    let complaint = id_of(&kari.does("complaintReceive", straight).await);
    assert_eq!(
        kari.is_refused("complaintReassess", json!({ "complaintId": complaint })).await.0,
        "STRAIGHT_TO_APPEAL"
    );
    kari.does("complaintForward", json!({ "complaintId": complaint })).await;
    let returned = json!({ "complaintId": complaint, "outcome": "RETURNED", "summary": "Hjemvist." });
    kari.does("complaintOutcome", returned).await;
    assert_eq!(the_case(&kari, &case).await["phase"], "UNDER_INVESTIGATION");
}

#[tokio::test]
async fn a_complaint_that_came_in_before_a_crash_is_known_to_its_case_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::try_new("0190").unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let log: Arc<dyn EventLog> = Arc::new(EmbeddedLog::open(folder.path()).unwrap());
    let keys = KeyRing::open(folder.path(), MasterKey::generate().unwrap()).unwrap();
    let desk = Desk::new(Arc::clone(&log), Arc::new(keys), Arc::new(SystemIds), "skranke/test");
    let ids = SystemIds;
    let (case, complaint) = (CaseId::new(ids.next()), ComplaintId::new(ids.next()));
    let subject = SubjectId::new(ids.next());
    let stream = Case::stream(tenant, case);
    let system = Act::system(tenant, clock.now(), ids.next());
    let opened = CaseOpened {
        number: "S2026-00001".into(),
        received: local_date(clock.now()),
        channel: Channel::Web,
        inquiry: None,
        topic: None,
        subject,
        title: Sealed::new(subject, "Boligstøtte".into()),
        party: None,
    };
    let made =
        DecisionMade { version: 1, outcome: Outcome::Refused, others: Vec::new(), rule_set: "2026-1".into() };
    for event in [CaseEvent::CaseOpened(opened), CaseEvent::DecisionMade(made)] {
        desk.note(&stream, event, &system).await.unwrap();
    }
    // The complaint comes in, and the crash before its case is told.
    let kari = Act {
        actor: Actor::Staff(UserId::new(ids.next())),
        roles: Roles::default().with(Role::Caseworker),
        ..system
    };
    let wish = Receive {
        received: None,
        channel: Channel::Counter,
        complainant: "Dagny Demosen".into(),
        text: String::new(),
        decision_received: None,
        decided_by: None,
    };
    let (state, _) = desk.load::<Case>(&stream).await.unwrap();
    let rules = skranke_content::RuleBook::builtin().unwrap().on(local_date(clock.now()));
    let command = ComplaintCommand {
        act: ComplaintAct::Receive(Box::new(wish)),
        of: OfCase { id: case, case: state },
        under: skranke_domain::case::Circumstances::of(&kari, rules),
    };
    desk.execute::<Complaint>(&Complaint::stream(tenant, complaint), command, &kari).await.unwrap();

    let position = folder.path().join("complaints.position");
    for _ in 0..2 {
        let (leave, leaving) = watch::channel(false);
        let follower = tokio::spawn(skranke::following::follow(
            skranke::complaints::Complaints,
            desk.clone(),
            Checkpoint::new(position.clone()),
            Arc::clone(&clock),
            Turns::new(None, leaving),
        ));
        eventually("the case has followed, and the place is noted", async || {
            let (state, _) = desk.load::<Case>(&stream).await.unwrap();
            let Case::File(file) = state else { return None };
            (file.complained_of() == Some(ComplaintStanding::Complained) && position.exists()).then_some(())
        })
        .await;
        leave.send_replace(true);
        follower.await.unwrap();
        // The place is lost: hearing it all again changes nothing.
        std::fs::remove_file(&position).unwrap();
    }
    let (_, revision) = desk.load::<Case>(&stream).await.unwrap();
    assert_eq!(revision, Some(2), "opened, decided and complained of, once each");
    log.close().await;
}
