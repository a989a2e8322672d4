//! What was confirmed stays true: through kill -9 at any moment, without the views, and however often it is sent again.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use skranke::checkpoint::Checkpoint;
use skranke::clock::{SystemClock, SystemIds};
use skranke::turn::Turns;
use skranke_domain::case::{Case, CaseAct, CaseCommand, Circumstances, OpenCase};
use skranke_domain::inquiry::{Channel, Contact, Inquiry, InquiryCommand, InquiryKind, Receive};
use skranke_domain::time::{Clock, Ids, local_date};
use skranke_domain::{Act, Actor, CaseId, InquiryId, Role, Roles, SubjectId, Tenant, UserId};
use skranke_store::{Desk, Direction, EmbeddedLog, EventLog, Filter, KeyRing, MasterKey, Position};
use tokio::sync::watch;

use crate::people::{Person, new_key};
use crate::server::{Server, eventually, files_in};

const ROUNDS: usize = 6;

/// What clients were told is done.
#[derive(Default)]
struct Confirmed {
    /// The plug is about to be pulled: begin nothing new (another server might get this one's port).
    over: bool,
    steps: Vec<Step>,
    messages: Vec<Message>,
}

struct Step {
    case: String,
    key: String,
    text: String,
    revision: i64,
}

struct Message {
    citizen: Person,
    key: String,
    text: String,
    answer: String,
}

fn dice(below: u64) -> u64 {
    RandomState::new().build_hasher().finish() % below
}

/// Notes steps in a case of one's own until the server is gone.
async fn works(kari: Person, case: String, confirmed: Arc<Mutex<Confirmed>>) {
    while !confirmed.lock().unwrap().over {
        let key = new_key();
        let text = format!("Skridt {key}.");
        let input = json!({ "caseId": case, "text": text, "idempotencyKey": key });
        let Some(answer) = Person::try_send(kari.act_request("stepNote", &input)).await else { return };
        let payload = answer.json()["data"]["stepNote"].take();
        if let Some(revision) = payload["revision"].as_i64() {
            confirmed.lock().unwrap().steps.push(Step { case: case.clone(), key, text, revision });
        }
    }
}

fn message(citizen: &Person, key: &str, text: &str) -> reqwest::RequestBuilder {
    let form = [("text", text), ("message", key), ("lang", "da")];
    citizen.request_post("/samtale").header("accept", "application/json").form(&form)
}

/// Writes to the counter, a few messages in each conversation, until the server is gone.
async fn asks(server: Arc<Mutex<String>>, confirmed: Arc<Mutex<Confirmed>>) {
    while !confirmed.lock().unwrap().over {
        let citizen = Person::new(Arc::clone(&server));
        if Person::try_send(citizen.request_get("/")).await.is_none() {
            return;
        }
        for _ in 0..5 {
            if confirmed.lock().unwrap().over {
                return;
            }
            let key = new_key();
            let text = format!("Hvordan melder jeg flytning, spørger jeg for {key}. gang?");
            let Some(answer) = Person::try_send(message(&citizen, &key, &text)).await else { return };
            if answer.status.is_success() {
                let answer = answer.json()["announce"].as_str().unwrap().to_owned();
                confirmed.lock().unwrap().messages.push(Message {
                    citizen: citizen.clone(),
                    key,
                    text,
                    answer,
                });
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_confirmed_survives_kill_9_at_any_moment() {
    let mut server = Server::start().await;
    let [kari, bent] = server.furesoe(["kari", "bent"]).await;
    let mut cases = Vec::new();
    for person in [&kari, &bent] {
        let case = person.opens_a_case("Skrives der i").await;
        let me = if cases.is_empty() { "kari" } else { "bent" };
        person.does("caseAssign", json!({ "caseId": case, "staffId": person.id_of(me).await })).await;
        cases.push((person.clone(), case));
    }
    let (mut steps, mut messages) = (0, 0);
    for round in 0..ROUNDS {
        let confirmed = Arc::new(Mutex::new(Confirmed::default()));
        let mut clients = Vec::new();
        for (person, case) in &cases {
            clients.push(tokio::spawn(works(person.clone(), case.clone(), Arc::clone(&confirmed))));
            clients.push(tokio::spawn(asks(server.whereabouts(), Arc::clone(&confirmed))));
        }
        // Something was confirmed; then any moment is the moment.
        eventually("clients are at work", async || {
            let now = confirmed.lock().unwrap();
            (now.steps.len() > 2 && now.messages.len() > 2).then_some(())
        })
        .await;
        let moment = Duration::from_micros(dice(250_000));
        tokio::time::sleep(moment).await;
        confirmed.lock().unwrap().over = true;
        server.kill9();
        for client in clients {
            client.await.unwrap();
        }
        server.restart().await;
        let confirmed = Arc::try_unwrap(confirmed).ok().unwrap().into_inner().unwrap();
        let told = format!("round {round}, killed after {moment:?}");
        everything_is_there(&cases, &confirmed, &told).await;
        steps += confirmed.steps.len();
        messages += confirmed.messages.len();
    }
    assert!(steps > ROUNDS && messages > ROUNDS);
    server.still_answers().await;
    server.stop().await;
    the_log_is_whole(&server).await;
}

async fn everything_is_there(cases: &[(Person, String)], confirmed: &Confirmed, told: &str) {
    let notes =
        "query($id: ID!) { case(id: $id) { revision notes { text { ... on PersonalText { text } } } } }";
    for (person, case) in cases {
        let mine: Vec<&Step> = confirmed.steps.iter().filter(|step| step.case == *case).collect();
        let last = mine.iter().map(|step| step.revision).max().unwrap_or(0);
        let page = eventually("the views have caught up", async || {
            let page = person.ask(notes, json!({ "id": case })).await["case"].take();
            (page["revision"].as_i64() >= Some(last)).then_some(page)
        })
        .await;
        let texts: Vec<&str> = page["notes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|note| note["text"]["text"].as_str().unwrap())
            .collect();
        for step in &mine {
            let found = texts.iter().filter(|text| **text == step.text).count();
            assert_eq!(found, 1, "{told}: the step {} was confirmed", step.key);
        }
        let mut distinct = texts.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), texts.len(), "{told}: something was done twice");
        // The same key gives the same answer, and no second event.
        if let Some(step) = mine.last() {
            let input = json!({ "caseId": case, "text": "other words", "idempotencyKey": step.key });
            let again = person.does("stepNote", input).await;
            assert_eq!(again["revision"], step.revision, "{told}");
            let after = person.ask(notes, json!({ "id": case })).await["case"].take();
            assert_eq!(after["revision"], page["revision"], "{told}");
        }
    }
    for message in &confirmed.messages {
        let page = message.citizen.get("/").await.text;
        let kept = format!("<p class=\"said\">{}</p>", message.text);
        assert_eq!(page.matches(&kept).count(), 1, "{told}: the message {} was answered", message.key);
    }
    if let Some(said) = confirmed.messages.last() {
        let again = Person::send(self::message(&said.citizen, &said.key, &said.text)).await.json();
        assert_eq!((&again["repeated"], &again["announce"]), (&json!(true), &json!(said.answer)), "{told}");
    }
}

/// Positions and revisions without gaps, no id twice.
async fn the_log_is_whole(server: &Server) {
    let log = EmbeddedLog::open(&server.data()).unwrap();
    let (mut from, mut revisions, mut ids) =
        (Position(0), std::collections::HashMap::new(), std::collections::HashSet::new());
    loop {
        let page = log.read_all(from, Direction::Forwards, 512, &Filter::default()).await.unwrap();
        for event in page.events {
            assert_eq!(event.position.0, from.0 + 1, "positions have no gaps");
            from = event.position;
            let next: &mut u64 = revisions.entry(event.stream.clone()).or_default();
            assert_eq!(event.revision, *next, "{} has no gaps", event.stream);
            *next += 1;
            assert!(ids.insert(event.id), "no event twice");
        }
        if page.end {
            break;
        }
    }
    log.close().await;
}

const MUNICIPALITIES: [&str; 3] = ["0190", "0751", "0530"];

/// Everything that screens show, of all three municipalities.
async fn everything_on_screen(server: &Server) -> Value {
    const LISTS: &str = "{ inquiries(first: 100) { totalCount edges { cursor node { id reference kind channel receivedAt
            open caseId callWhen topic { slug title } } } }
        cases(first: 100, filter: { phases: [REGISTERED, UNDER_INVESTIGATION, IN_HEARING, INFORMED, DECISION_PROPOSED,
            DECIDED, CLOSED] }) { totalCount edges { cursor node { id number phase progress due daysLeft channel received
            title { ... on PersonalText { text } } kle { number } caseworker { login } lastEventType lastEventAt nextStep
            partyMasked } } }
        counters { overdue dueToday dueThisWeek mine unassigned awaitingApproval openInquiries }
        staff { id login roles name { ... on PersonalText { text } } } }";
    const CASE: &str = "query($id: ID!) { case(id: $id) { number revision position phase received channel
        title { ... on PersonalText { text } } party { ... on PersonalText { text } } kle { number facet title }
        deadline { due rule explanation } caseworker { login } hearing { state statute }
        notes { kind at text { ... on PersonalText { text } } by { staff { login } } }
        decision { version outcome legalBasis madeAt sentAt text { ... on PersonalText { text } } }
        draft { version submitted approved } inquiry { reference guidance { at } transcript { speaker text at } }
        availableActions { name allowed refusals { code } } missingBeforeDecision { code } } }";
    const HISTORY: &str = "query($id: ID!) { caseHistory(id: $id) { number events { id revision position type at
        correlationId actor { kind staff { login } } fields { key label value { ... on PersonalText { text } } } } } }";
    let mut all = Vec::new();
    for municipality in MUNICIPALITIES {
        let (kari, rita) =
            tokio::join!(server.login("kari", municipality), server.login("rita", municipality));
        let lists = kari.ask(LISTS, json!({})).await;
        let mut pages = Vec::new();
        for edge in lists["cases"]["edges"].as_array().unwrap() {
            let of = json!({ "id": edge["node"]["id"] });
            let (case, history) = tokio::join!(kari.ask(CASE, of.clone()), rita.ask(HISTORY, of));
            pages.push(json!([case, history]));
        }
        assert!(!pages.is_empty());
        all.push(json!([lists, pages]));
    }
    Value::Array(all)
}

#[tokio::test]
async fn without_the_views_the_log_tells_the_same() {
    let mut server = Server::start().await;
    let before = everything_on_screen(&server).await;
    for how in ["killed", "stopped", "rebuild"] {
        match how {
            "killed" => server.kill9(),
            _ => server.stop().await,
        }
        if how == "rebuild" {
            let setup = server.setup().with_data_in(&server.data());
            let rebuilt = setup.run(&["views", "rebuild"]).await;
            assert!(rebuilt.success && rebuilt.output.contains("the views are gone"), "{}", rebuilt.output);
        } else {
            let views = |path: &std::path::PathBuf| {
                path.file_name().unwrap().to_string_lossy().starts_with("views.db")
            };
            files_in(&server.data())
                .iter()
                .filter(|path| views(path))
                .for_each(|path| std::fs::remove_file(path).unwrap());
        }
        assert!(!server.data().join("views.db").exists());
        server.restart().await;
        let after = everything_on_screen(&server).await;
        assert_eq!(after, before, "{how}");
    }
}

#[tokio::test]
async fn the_same_key_after_a_restart_is_the_same_act() {
    let mut server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let wish = json!({ "title": "Åbnet én gang", "channel": "PHONE", "received": crate::people::today(), "idempotencyKey": "en-noegle" });
    let first = kari.does("caseOpen", wish.clone()).await;
    let case = first["case"]["id"].as_str().unwrap().to_owned();
    let assign = json!({ "caseId": case, "staffId": kari.id_of("kari").await, "idempotencyKey": "tag" });
    let assigned = kari.does("caseAssign", assign.clone()).await;
    kari.does("stepNote", json!({ "caseId": case, "text": "Noget nyt siden" })).await;
    for kill in [false, true] {
        if kill {
            server.kill9();
            server.restart().await;
        }
        let again = kari.does("caseOpen", wish.clone()).await;
        assert_eq!(again["case"]["id"], *case);
        assert_eq!(again["case"]["number"], first["case"]["number"]);
        assert_eq!(again["revision"], first["revision"]);
        let again = kari.does("caseAssign", assign.clone()).await;
        assert_eq!((&again["revision"], &again["position"]), (&assigned["revision"], &assigned["position"]));
    }
    let events = "query($id: ID!) { case(id: $id) { events { type } } }";
    let events = kari.ask(events, json!({ "id": case })).await["case"]["events"].take();
    let types: Vec<&str> =
        events.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["CaseOpened", "DeadlineSet", "CaseworkerAssigned", "StepNoted"]);
    // No number was used up by the repetitions.
    let next = kari
        .does(
            "caseOpen",
            json!({ "title": "Den næste", "channel": "PHONE", "received": crate::people::today() }),
        )
        .await;
    let number = |opened: &Value| opened["case"]["number"].as_str().unwrap()[6..].parse::<u32>().unwrap();
    assert_eq!(number(&next), number(&first) + 1);
}

#[tokio::test]
async fn an_inquiry_whose_case_was_opened_before_a_crash_is_linked_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = Tenant::try_new("0190").unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let log: Arc<dyn EventLog> = Arc::new(EmbeddedLog::open(folder.path()).unwrap());
    let keys = KeyRing::open(folder.path(), MasterKey::generate().unwrap()).unwrap();
    let desk = Desk::new(Arc::clone(&log), Arc::new(keys), Arc::new(SystemIds), "skranke/test");
    let ids = SystemIds;
    let (inquiry, case) = (InquiryId::new(ids.next()), CaseId::new(ids.next()));
    let subject = SubjectId::new(ids.next());
    let act = Act::system(tenant, clock.now(), ids.next());
    let receive = Receive {
        reference: "H7QF-4M2X".into(),
        kind: InquiryKind::Written,
        channel: Channel::Web,
        topic: None,
        received: clock.now(),
        now: clock.now(),
        subject,
        contact: Contact {
            name: "Dagny Demosen".into(),
            phone: Some("00 00 00 42".into()),
            email: None,
            address: None,
        },
        message: "Jeg kan ikke melde flytning.".into(),
        when: None,
        conversation: None,
        transcript: Vec::new(),
        forwarded_from: None,
        forwarded_case: None,
    };
    let of_the_inquiry = Inquiry::stream(tenant, inquiry);
    desk.execute::<Inquiry>(&of_the_inquiry, InquiryCommand::Receive(Box::new(receive)), &act).await.unwrap();

    // The case is opened, and the crash comes before its inquiry is told.
    let kari = Act {
        actor: Actor::Staff(UserId::new(ids.next())),
        roles: Roles::default().with(Role::Caseworker),
        ..Act::system(tenant, clock.now(), ids.next())
    };
    let wish = OpenCase {
        number: "S2026-00001".into(),
        received: Some(local_date(clock.now())),
        channel: Some(Channel::Web),
        kle: None,
        inquiry: Some(inquiry),
        topic: None,
        subject,
        title: "Flytning".into(),
        party: String::new(),
    };
    let rules = skranke_content::RuleBook::builtin().unwrap().on(local_date(clock.now()));
    let command = CaseCommand { act: CaseAct::Open(Box::new(wish)), under: Circumstances::of(&kari, rules) };
    desk.execute::<Case>(&Case::stream(tenant, case), command, &kari).await.unwrap();

    let position = folder.path().join("case-links.position");
    for _ in 0..2 {
        let checkpoint = Checkpoint::new(position.clone());
        let (leave, leaving) = watch::channel(false);
        let follower = tokio::spawn(skranke::following::follow(
            skranke::links::Links,
            desk.clone(),
            checkpoint,
            Arc::clone(&clock),
            Turns::new(None, leaving),
        ));
        eventually("the inquiry is linked, and the place is noted", async || {
            let (state, _) = desk.load::<Inquiry>(&of_the_inquiry).await.unwrap();
            let linked = matches!(state, Inquiry::Linked { case: to, .. } if to == case);
            (linked && position.exists()).then_some(())
        })
        .await;
        leave.send_replace(true);
        follower.await.unwrap();
        // The place is lost: hearing it all again changes nothing.
        std::fs::remove_file(&position).unwrap();
    }
    let (_, revision) = desk.load::<Inquiry>(&of_the_inquiry).await.unwrap();
    assert_eq!(revision, Some(1), "received and linked, once each");
    log.close().await;
}
