//! What happens at the counter, through the doors that people use: a letter for another municipality, an exemption from
//! self-service, a self-service solution on its way to borger.dk.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use jiff::civil::date;
use serde_json::{Value, json};
use skranke::checkpoint::Checkpoint;
use skranke::clock::SystemIds;
use skranke::following::follow;
use skranke::forwarding::Forwarding;
use skranke::turn::Turns;
use skranke_domain::authority::AuthoritySlug;
use skranke_domain::exemption::{
    Applicant, Area, Exemption, ExemptionCommand, Grant, Grounds, Request, Standing,
};
use skranke_domain::inquiry::{
    Addressee, Channel, Contact, Forward, Inquiry, InquiryCommand, InquiryEvent, InquiryKind, Notice, Receive,
};
use skranke_domain::time::{Clock, Ids};
use skranke_domain::{Act, ExemptionId, InquiryId, Sealable, SubjectId, Tenant};
use skranke_projections::Views;
use skranke_store::{
    Desk, Direction, EmbeddedLog, EventLog, KeyRing, MasterKey, Metadata, Position, Recorded, read,
};
use tokio::sync::watch;

use crate::people::Person;
use crate::server::{PATIENCE, Server, eventually, files_with};

const NAME: &str = "Walborg Fiktivsen";
const LETTER: &str = "Jeg vil gerne melde flytning til Paradisæblevej i Aarhus.";

const SENT: &str = "query($id: ID!) { inquiry(id: $id) { open reference subjectId forwarded { authority name
        municipality { code name } by { staff { login } } senderInformed { ... on PersonalText { text } } } } }";

const HOLDS: &str = "query($subject: ID!, $authority: String!, $area: String!, $on: Date) { exemptionHolding(
        subject: $subject, authority: $authority, area: $area, on: $on) { id standing } }";

const EXEMPTION: &str = "query($id: ID!) { exemption(id: $id) { standing revision inquiryId
        authority { slug name } area { slug } name { ... on PersonalText { text } }
        throughName { ... on PersonalText { text } } grounds { ... on ExemptionGrounds { named { slug } text } }
        until decidedBy { staff { login } } } }";

const SERVICE: &str = "query($id: ID!, $from: String!) { service(id: $id) { stage title publishedPage { version title }
        actionPages { version } requirements { requirement compliance } links { url state movedTo status checkedOn }
        directLinks(spelling: LOWER) { url } portalMail(from: $from) { ... on PortalMail { to text eml } } } }";

fn tenant(code: &str) -> Tenant {
    Tenant::try_new(code).unwrap()
}

/// A letter that came in today: its id.
async fn a_letter_comes_in(kari: &Person) -> String {
    let letter = json!({
        "channel": "LETTER", "kind": "WRITTEN", "name": NAME, "address": "Prøvevej 1, 3500 Værløse",
        "message": LETTER, "topic": "flytning",
    });
    kari.does("inquiryRegister", letter).await["inquiry"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_letter_for_another_municipality_is_passed_on_and_its_sender_told() {
    let mut server = Server::start().await;
    let (kari, theirs) = tokio::join!(server.login("kari", "0190"), server.login("kari", "0751"));
    let letter = a_letter_comes_in(&kari).await;
    let told = "Ringede og fortalte, at Aarhus Kommune har sagen.";
    let forward = |authority: &str, municipality: Value, told: Value| {
        json!({
            "inquiryId": letter, "authority": authority, "municipality": municipality, "senderInformed": told,
        })
    };

    // Every way in which it must not happen.
    let asked = json!({ "channel": "COUNTER", "kind": "SPOKEN", "message": "Hvor melder jeg flytning?" });
    let spoken = kari.does("inquiryRegister", asked).await["inquiry"]["id"].take();
    let by_mouth = json!({ "inquiryId": spoken, "authority": "ankestyrelsen", "senderInformed": told });
    let (code, statute) = kari.is_refused("inquiryForward", by_mouth).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("NOT_WRITTEN", Some("FVL § 7")));
    kari.does("inquiryGuide", json!({ "inquiryId": spoken, "text": "Vejledte om flytning på borger.dk." }))
        .await;
    for (wish, code) in [
        (forward("maanens-borgerservice", json!(null), json!(told)), "UNKNOWN_ADDRESSEE"),
        (forward("folkeregister", json!("9999"), json!(told)), "UNKNOWN_ADDRESSEE"),
        (forward("folkeregister", json!(null), json!(told)), "ADDRESSEE_IS_ONESELF"),
        (forward("folkeregister", json!("190"), json!(told)), "ADDRESSEE_IS_ONESELF"),
        (forward("folkeregister", json!("0751"), json!(null)), "SENDER_NOT_INFORMED"),
        (forward("folkeregister", json!("0751"), json!(" ")), "SENDER_NOT_INFORMED"),
    ] {
        let (refused, statute) = kari.is_refused("inquiryForward", wish).await;
        assert_eq!((refused.as_str(), statute.as_deref()), (code, Some("FVL § 7, stk. 2")));
    }

    kari.does("inquiryForward", forward("folkeregister", json!("0751"), json!(told))).await;
    let again = kari.does("inquiryForward", forward("folkeregister", json!("0751"), json!(told))).await;
    assert_eq!((&again["inquiry"]["open"], &again["inquiry"]["revision"]), (&json!(false), &json!(2)));
    let elsewhere =
        kari.is_refused("inquiryForward", forward("ankestyrelsen", json!(null), json!(told))).await;
    assert_eq!(elsewhere.0, "ALREADY_FORWARDED");
    assert_eq!(
        kari.is_refused("caseOpen", json!({ "inquiryId": letter, "title": "x" })).await.0,
        "ALREADY_FORWARDED"
    );

    let sent = kari.ask(SENT, json!({ "id": letter })).await["inquiry"].take();
    assert_eq!(sent["forwarded"]["municipality"], json!({ "code": "0751", "name": "Aarhus" }));
    assert_eq!(sent["forwarded"]["senderInformed"]["text"], told);

    let received = the_letter_arrives(&theirs, sent["reference"].as_str().unwrap()).await;
    assert_eq!((&received["name"]["text"], &received["message"]["text"]), (&json!(NAME), &json!(LETTER)));
    assert_eq!(received["address"]["text"], "Prøvevej 1, 3500 Værløse");
    assert_eq!(received["forwardedFrom"]["municipality"]["code"], "0190");
    assert_ne!(received["subjectId"], sent["subjectId"], "each municipality can erase its own copy");
    // It is theirs now, and may become a case.
    theirs.does("caseOpen", json!({ "inquiryId": received["id"], "title": "Flytning" })).await;
    server.stop().await;
    two_events_belong_together(&server.data()).await;
    for secret in [NAME, LETTER, told] {
        assert_eq!(files_with(&server.data(), secret), Vec::<std::path::PathBuf>::new(), "{secret}");
    }
}

async fn the_letter_arrives(theirs: &Person, reference: &str) -> Value {
    const INBOX: &str = "{ inquiries(open: true, first: 100) { edges { node { id reference channel } } } }";
    const RECEIVED: &str =
        "query($id: ID!) { inquiry(id: $id) { id subjectId name { ... on PersonalText { text } }
        message { ... on PersonalText { text } } address { ... on PersonalText { text } }
        forwardedFrom { municipality { code } } } }";
    let row = eventually("the letter is in their inbox", async || {
        let inbox = theirs.ask(INBOX, json!({})).await;
        let edges = inbox["inquiries"]["edges"].as_array().unwrap();
        edges.iter().map(|edge| edge["node"].clone()).find(|node| node["reference"] == reference)
    })
    .await;
    assert_eq!(row["channel"], "LETTER");
    theirs.ask(RECEIVED, json!({ "id": row["id"] })).await["inquiry"].take()
}

/// The sender's and the receiver's event have one correlation id, and the second names the first as its cause.
async fn two_events_belong_together(data: &Path) {
    let log = EmbeddedLog::open(data).unwrap();
    let page =
        log.read_all(Position(0), Direction::Forwards, 100_000, &skranke_store::Filter::default()).await;
    let events = page.unwrap().events;
    let metadata = |event: &Recorded| Metadata::parse(&event.metadata).unwrap();
    let sent = events.iter().find(|event| event.event_type.as_str() == "InquiryForwarded").unwrap();
    let received: Vec<_> = events
        .iter()
        .filter(|event| event.event_type.as_str() == "InquiryReceived")
        .filter(|event| metadata(event).correlation == metadata(sent).correlation)
        .collect();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].stream.tenant(), tenant("0751"));
    assert_eq!(metadata(received[0]).causation, Some(sent.id));
    log.close().await;
}

/// Time that stands where it is put.
struct Still(jiff::civil::Date);

impl Clock for Still {
    fn now(&self) -> jiff::Timestamp {
        self.0.at(12, 0, 0, 0).in_tz("Europe/Copenhagen").unwrap().timestamp()
    }
}

/// A desk over a log in a folder.
fn desk_in(folder: &Path) -> Desk {
    let log: Arc<dyn EventLog> = Arc::new(EmbeddedLog::open(&folder.join("log")).unwrap());
    let keys = KeyRing::open(&folder.join("keys"), MasterKey::generate().unwrap()).unwrap();
    Desk::new(log, Arc::new(keys), Arc::new(SystemIds), "skranke/test")
}

#[tokio::test]
async fn a_letter_that_was_forwarded_before_a_crash_arrives_once() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk_in(folder.path());
    let clock: Arc<dyn Clock> = Arc::new(Still(date(2026, 11, 23)));
    let (from, to) = (tenant("0190"), tenant("0751"));
    let [sent, arrived] = [InquiryId::new(SystemIds.next()), InquiryId::new(SystemIds.next())];
    let act = Act::system(from, clock.now(), SystemIds.next());
    let receive = Receive {
        reference: "H7QF-4M2X".into(),
        kind: InquiryKind::Written,
        channel: Channel::Digital,
        topic: None,
        received: clock.now(),
        now: clock.now(),
        subject: SubjectId::new(SystemIds.next()),
        contact: Contact {
            name: NAME.into(),
            phone: None,
            email: Some("w@example.dk".into()),
            address: None,
        },
        message: LETTER.into(),
        when: None,
        conversation: None,
        transcript: Vec::new(),
        forwarded_from: None,
        forwarded_case: None,
    };
    let addressee = Addressee {
        authority: AuthoritySlug::try_new("folkeregister").unwrap(),
        name: "Folkeregisteret, Aarhus".into(),
        municipality: Some(to),
        received_as: Some(arrived),
    };
    let notice = Some(Notice::Waived { reason: "Er selv til stede.".into() });
    for command in [
        InquiryCommand::Receive(Box::new(receive)),
        InquiryCommand::Forward(Box::new(Forward { from, to: Some(addressee), notice })),
    ] {
        desk.execute::<Inquiry>(&Inquiry::stream(from, sent), command, &act).await.unwrap();
    }

    // The crash came here. What is heard twice, because the place was lost, arrives once.
    let position = folder.path().join("forwarding.position");
    let over_there = Inquiry::stream(to, arrived);
    for _ in 0..2 {
        let checkpoint = Checkpoint::new(position.clone());
        let (leave, leaving) = watch::channel(false);
        let turns = Turns::new(None, leaving);
        let follower = tokio::spawn(follow(Forwarding, desk.clone(), checkpoint, Arc::clone(&clock), turns));
        eventually("it has arrived, and the place is noted", async || {
            let (state, _) = desk.load::<Inquiry>(&over_there).await.unwrap();
            (matches!(state, Inquiry::Open { written: true, .. }) && position.exists()).then_some(())
        })
        .await;
        leave.send_replace(true);
        follower.await.unwrap();
        std::fs::remove_file(&position).unwrap();
    }
    let events = desk.log().read_stream(&over_there, 0, Direction::Forwards, 10).await.unwrap();
    let [event] = &events[..] else { panic!("received {} times", events.len()) };
    let mut told = read::<InquiryEvent>(event).unwrap();
    told.events_mut()[0].unlock_all(&desk.keys().for_stream(&over_there)).unwrap();
    let InquiryEvent::InquiryReceived(received) = &told.events()[0] else { panic!() };
    assert_eq!(received.message.value().map(String::as_str), Some(LETTER));
    assert_eq!(received.received, clock.now(), "it came in over there when it was passed on");
    desk.log().close().await;
}

#[tokio::test]
async fn an_exemption_is_asked_for_given_found_and_withdrawn() {
    let server = Server::start().await;
    let [kari, rita] = server.furesoe(["kari", "rita"]).await;
    let letter = a_letter_comes_in(&kari).await;
    let ask = |change: Value| {
        let mut wish = json!({
            "authority": "udbetaling-danmark", "area": "boligstoette", "channel": "COUNTER", "inquiryId": letter,
            "name": NAME, "throughName": "Dorthe Demosen", "throughRelation": "datter",
            "grounds": ["digital-skills"], "groundsText": "Har aldrig haft en skærm.",
        });
        for (name, value) in change.as_object().unwrap() {
            wish[name] = value.clone();
        }
        wish
    };
    for (change, code) in [
        (json!({ "authority": "maanen" }), "UNKNOWN_AUTHORITY"),
        (json!({ "area": "maanerejse" }), "UNKNOWN_AREA"),
        (json!({ "grounds": ["dovenskab"] }), "UNKNOWN_GROUND"),
        (json!({ "name": " " }), "FIELD_EMPTY"),
        (json!({ "received": "2999-01-01" }), "RECEIVED_IN_THE_FUTURE"),
    ] {
        assert_eq!(kari.is_refused("exemptionRequest", ask(change)).await.0, code);
    }
    let asked = kari.does("exemptionRequest", ask(json!({}))).await["exemption"].take();
    let (id, subject) = (asked["id"].clone(), asked["subjectId"].clone());

    let holds = async |authority: &str, area: &str, on: Value| {
        let asked = json!({ "subject": subject, "authority": authority, "area": area, "on": on });
        kari.ask(HOLDS, asked).await["exemptionHolding"]["id"].take()
    };
    assert_eq!(holds("udbetaling-danmark", "boligstoette", json!(null)).await, json!(null), "only asked for");
    let (code, statute) =
        kari.is_refused("exemptionRefuse", json!({ "exemptionId": id, "reason": " " })).await;
    assert_eq!((code.as_str(), statute.as_deref()), ("REASON_MISSING", Some("FVL § 22")));
    let past = json!({ "exemptionId": id, "from": "2024-01-01", "until": "2024-02-01" });
    assert_eq!(kari.is_refused("exemptionGrant", past).await.0, "LAST_DAY_IS_OVER");
    // Nobody has to say which ground it is.
    kari.does("exemptionGrant", json!({ "exemptionId": id, "until": "2999-12-31" })).await;

    assert_eq!(holds("udbetaling-danmark", "boligstoette", json!(null)).await, id);
    assert_eq!(holds("udbetaling-danmark", "boligstoette", json!("2999-12-31")).await, id);
    assert_eq!(holds("udbetaling-danmark", "boligstoette", json!("3000-01-01")).await, json!(null));
    assert_eq!(holds("udbetaling-danmark", "folkepension", json!(null)).await, json!(null), "another area");
    assert_eq!(holds("skattestyrelsen", "boligstoette", json!(null)).await, json!(null), "another authority");

    let opened = kari.ask(EXEMPTION, json!({ "id": id })).await["exemption"].take();
    assert_eq!((&opened["standing"], &opened["inquiryId"]), (&json!("GRANTED"), &json!(letter)));
    assert_eq!(opened["throughName"]["text"], "Dorthe Demosen");
    assert_eq!(opened["authority"]["name"], "Udbetaling Danmark");
    assert_eq!(opened["decidedBy"]["staff"]["login"], "kari");
    let stale = json!({ "exemptionId": id, "expectedVersion": 0 });
    assert_eq!(kari.act("exemptionWithdraw", stale).await["__typename"], "Conflict");
    kari.does("exemptionWithdraw", json!({ "exemptionId": id, "reason": "Har lært det." })).await;
    assert_eq!(holds("udbetaling-danmark", "boligstoette", json!(null)).await, json!(null), "withdrawn");
    let granted = "{ exemptions(standing: GRANTED, first: 10) { edges { node { id } } } }";
    assert_eq!(kari.ask(granted, json!({})).await["exemptions"]["edges"], json!([]));

    // Every look stands in the access log, also the answer that there is none.
    let log = "{ accessLog(first: 100) { edges { node { type thingId title } } } }";
    eventually("the looks are in the log", async || {
        let entries = rita.ask(log, json!({})).await["accessLog"]["edges"].take();
        let noted = |kind: &str, thing: &Value| {
            let entries = entries.as_array().unwrap().iter().map(|edge| &edge["node"]);
            entries.clone().any(|entry| entry["type"] == kind && entry["thingId"] == *thing)
        };
        (noted("ExemptionLookedUp", &subject) && noted("ExemptionViewed", &id)).then_some(())
    })
    .await;
    assert_eq!(rita.error(EXEMPTION, json!({ "id": id })).await, "NOT_ALLOWED");
}

#[tokio::test]
async fn an_exemption_expires_once_however_many_look_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk_in(folder.path());
    let views = Views::open(&folder.path().join("views"), (**desk.keys()).clone()).unwrap();
    let running = views.start(Arc::clone(desk.log())).unwrap();
    let (office, today) = (tenant("0190"), date(2026, 11, 23));
    let id = ExemptionId::new(SystemIds.next());
    let stream = Exemption::stream(office, id);
    let request = Request {
        authority: AuthoritySlug::try_new("udbetaling-danmark"),
        area: Some(Area::Everything),
        channel: Channel::Phone,
        received: today,
        today,
        inquiry: None,
        subject: SubjectId::new(SystemIds.next()),
        applicant: Applicant { name: NAME.into(), through: None },
        grounds: Some(Grounds::default()),
    };
    let grant = Grant { today, from: today, until: Some(today), grounds: Some(Grounds::default()) };
    let act = Act::system(office, Still(today).now(), SystemIds.next());
    for command in [ExemptionCommand::Request(Box::new(request)), ExemptionCommand::Grant(Box::new(grant))] {
        desk.execute::<Exemption>(&stream, command, &act).await.unwrap();
    }
    assert!(views.wait_for(desk.log().head().await.unwrap(), PATIENCE).await);

    let sweep = async |day| skranke::expiry::sweep(&desk, &views, &[office], &Still(day)).await.unwrap();
    assert_eq!(sweep(today).await, 0, "the last day is a day");
    let tomorrow = today.tomorrow().unwrap();
    // Two that look at the same moment, and one that comes before the views have heard.
    let both = tokio::join!(sweep(tomorrow), sweep(tomorrow));
    assert!(both.0 + both.1 >= 1);
    sweep(tomorrow).await;
    let (state, revision) = desk.load::<Exemption>(&stream).await.unwrap();
    assert!(matches!(state, Exemption::Known { standing: Standing::Expired, .. }));
    assert_eq!(revision, Some(2), "asked for, given and expired, once each");
    running.stop().await;
    desk.log().close().await;
}

#[tokio::test]
async fn a_solution_is_submitted_returned_accepted_shown_checked_and_withdrawn() {
    let mut server = Server::start().await;
    let [kari, lone] = server.furesoe(["kari", "lone"]).await;
    let site = a_site().await;
    let submission = |change| submission(&site, &change);
    assert_eq!(kari.error(SUBMIT, json!({ "input": with_key(submission(json!({}))) })).await, "NOT_ALLOWED");
    for (change, code) in [
        (json!({ "url": "/byg" }), "NOT_AN_ADDRESS"),
        (json!({ "title": " " }), "FIELD_EMPTY"),
        (json!({ "supplierEmail": "kontakt" }), "NOT_AN_EMAIL"),
    ] {
        assert_eq!(lone.is_refused("serviceSubmit", submission(change)).await.0, code);
    }
    let id = lone.does("serviceSubmit", submission(json!({}))).await["service"]["id"].take();
    let of_it = |mut wish: Value| {
        wish["serviceId"] = id.clone();
        wish
    };
    lone.does("serviceReturn", of_it(json!({ "reason": "Titlen er uklar." }))).await;
    let again = of_it(submission(json!({ "title": "Søg byggetilladelse hos kommunen" })));
    lone.does("serviceSubmit", again).await;

    let page = |title: &str| {
        of_it(json!({
            "title": title, "intro": "Her søger du om lov til at bygge.", "steps": ["Log ind med MitID."],
            "haveReady": ["Tegninger"], "draftNote": "Kladden gemmes i 14 dage.", "submit": "Gennemse og send.",
            "contactPhone": "00 00 00 42",
        }))
    };
    lone.does("actionPageDraft", page("Første udkast")).await;
    let early = of_it(json!({ "version": 1 }));
    assert_eq!(lone.is_refused("actionPagePublish", early.clone()).await.0, "NOT_ACCEPTED");
    lone.does("serviceAccept", of_it(json!({}))).await;
    lone.does("actionPagePublish", early.clone()).await;
    lone.does("actionPageDraft", page("Andet udkast")).await;
    assert_eq!(lone.is_refused("actionPagePublish", early).await.0, "DRAFT_CHANGED");
    lone.does("actionPagePublish", of_it(json!({ "version": 2, "url": format!("{site}/gone") }))).await;
    lone.does(
        "requirementAnswer",
        of_it(json!({ "requirement": "nemlog-in", "compliance": "MET", "note": "Ja." })),
    )
    .await;

    let opened = async || {
        let asked = json!({ "id": id, "from": "borgerservice@example.dk" });
        lone.ask(SERVICE, asked).await["service"].take()
    };
    let before = opened().await;
    assert_eq!(before["publishedPage"], json!({ "version": 2, "title": "Andet udkast" }));
    assert!(before["links"].as_array().unwrap().iter().all(|link| link["state"] == "UNCHECKED"));
    assert_eq!(before["directLinks"], json!([]), "it is not on borger.dk");
    let answered = before["requirements"].as_array().unwrap().iter().filter(|one| one["compliance"] == "MET");
    assert_eq!(answered.count(), 1);
    assert_eq!(before["portalMail"]["to"], "admin@borger.dk");
    for thing in [
        "Ny selvbetjening",
        "Søg byggetilladelse hos kommunen",
        "/moved",
        "Åse Eksempel",
        "kontakt@example.dk",
    ] {
        assert!(before["portalMail"]["text"].as_str().unwrap().contains(thing), "{thing}");
    }

    server.stop().await;
    let check = server.setup().with_data_in(&server.data());
    let said = check.run(&["services", "check", "--only", "register", "--demo"]).await;
    assert!(
        said.success && said.output.contains("2 addresses checked, 2 of them at fault, 2 changes noted"),
        "{}",
        said.output
    );
    let said = check.run(&["services", "check", "--only", "register", "--demo"]).await;
    assert!(
        said.success && said.output.contains("0 changes noted"),
        "nothing is news twice: {}",
        said.output
    );
    server.restart().await;

    let after = opened().await["links"].take();
    assert_eq!((&after[0]["state"], &after[0]["movedTo"]), (&json!("MOVED"), &json!(format!("{site}/ok"))));
    assert_eq!((&after[1]["state"], &after[1]["status"]), (&json!("BROKEN"), &json!(404)));
    assert!(after[0]["checkedOn"].is_string());
    let moved = of_it(json!({ "version": 2, "url": "https://www.borger.dk/Handlingsside?selfserviceId=2b" }));
    lone.does("actionPagePublish", moved).await;
    let links = opened().await["directLinks"].take();
    assert_eq!(links.as_array().unwrap().len(), 98);
    assert!(
        links.to_string().contains("https://www.borger.dk/Handlingsside?selfserviceId=2b&kommunekode=190")
    );

    lone.does("serviceWithdraw", of_it(json!({ "reason": "Erstattet." }))).await;
    assert_eq!(lone.is_refused("serviceAccept", of_it(json!({}))).await.0, "SERVICE_WITHDRAWN");
    let withdrawn = "{ services(stage: WITHDRAWN, first: 10) { edges { node { id title } } } }";
    assert_eq!(kari.ask(withdrawn, json!({})).await["services"]["edges"][0]["node"]["id"], id);
}

/// The five things, with something changed about them.
fn submission(site: &str, change: &Value) -> Value {
    let mut wish = json!({
        "kind": "NEW", "title": "Søg byggetilladelse", "url": format!("{site}/moved"),
        "description": "Søg om tilladelse til at bygge.", "supplierName": "Åse Eksempel",
        "supplierEmail": "kontakt@example.dk",
    });
    for (name, value) in change.as_object().unwrap() {
        wish[name] = value.clone();
    }
    wish
}

const SUBMIT: &str = "mutation($input: ServiceSubmitInput!) { serviceSubmit(input: $input) { __typename } }";

fn with_key(mut input: Value) -> Value {
    input["idempotencyKey"] = json!(crate::people::new_key());
    input
}

/// A site where one page has moved and another is gone.
async fn a_site() -> String {
    let app = Router::new()
        .route("/ok", get(|| async { "ok" }))
        .route("/moved", get(|| async { Redirect::permanent("/ok") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[tokio::test]
async fn what_an_administrator_publishes_can_be_forwarded_to() {
    let mut server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let letter = a_letter_comes_in(&kari).await;
    server.stop().await;
    let key = std::fs::read_to_string(server.data().with_extension("key")).unwrap();
    let setup = server.setup().with_data_in(&server.data()).set("SKRANKE_MASTER_KEY", key.trim());
    let hired = setup.set("SKRANKE_PASSWORD", crate::server::PASSWORD);
    let hired = hired
        .run(&[
            "user",
            "add",
            "--tenant",
            "0190",
            "--login",
            "astrid",
            "--name",
            "Astrid Opdigtet",
            "--role",
            "administrator",
        ])
        .await;
    assert!(hired.success, "{}", hired.output);
    server.restart().await;
    let (kari, astrid, theirs) = tokio::join!(
        server.login("kari", "0190"),
        server.login("astrid", "0190"),
        server.login("kari", "0751")
    );

    let board = json!({
        "slug": "eksempelnaevnet", "nameDa": "Eksempelnævnet", "nameEn": "Example Board", "kind": "TRIBUNAL",
        "decides": true, "email": "post@example.dk",
    });
    let forward =
        json!({ "inquiryId": letter, "authority": "eksempelnaevnet", "senderInformed": "Har ringet." });
    assert_eq!(kari.is_refused("inquiryForward", forward.clone()).await.0, "UNKNOWN_ADDRESSEE");
    let mut no_slug = board.clone();
    no_slug["slug"] = json!("Å");
    assert_eq!(astrid.is_refused("authorityPublish", no_slug).await.0, "NOT_A_SLUG");
    astrid.does("authorityPublish", board).await;
    astrid.does("authorityWithdraw", json!({ "slug": "ankestyrelsen" })).await;
    let register = "{ authorities { slug name revision } }";
    let ours = kari.ask(register, json!({})).await["authorities"].to_string();
    assert!(ours.contains("Eksempelnævnet") && !ours.contains("\"ankestyrelsen\""), "{ours}");
    let others = theirs.ask(register, json!({})).await["authorities"].to_string();
    assert!(!others.contains("Eksempelnævnet") && others.contains("\"ankestyrelsen\""), "{others}");
    let gone = json!({ "inquiryId": letter, "authority": "ankestyrelsen", "senderInformed": "Har ringet." });
    assert_eq!(kari.is_refused("inquiryForward", gone).await.0, "UNKNOWN_ADDRESSEE");
    kari.does("inquiryForward", forward).await;
}
