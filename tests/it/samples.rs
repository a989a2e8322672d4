//! Samples and findings through the real program: drawn by a seed, drawn again by a second auditor, answered by the
//! municipality, and proved by a pack of the engagement.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::audit::{run, text};
use crate::people::{Person, today};
use crate::server::{Server, Setup};

const NODE: &str = "query($id: ID!) { node(id: $id) { __typename ... on Sample { number seed }
    ... on Finding { number text { ... on PersonalText { text } } } } }";
const FINDING: &str = "query($engagement: ID!, $finding: Int!) {
    finding(engagementId: $engagement, finding: $finding) {
        number caseId severity rule text { ... on PersonalText { text } }
        answers { text { ... on PersonalText { text } } } } }";
const REDRAW: &str = "query($engagement: ID!) { sampleRedraw(engagementId: $engagement, sample: 1) {
    same frameSize frameSha256 caseIds } }";
const WAITING: &str =
    "query($engagement: ID) { findings(engagementId: $engagement, unanswered: true, first: 10) {
    edges { node { number caseId caseNumber answered } } } }";

/// A second auditor, whom two administrators gave the role.
async fn second_auditor(server: &Server, vera: &Person) -> Person {
    let otto = server.login("otto", "0190").await;
    let opened = vera.does("userRegister", json!({ "login": "runa", "name": "Runa Opdigtet" })).await;
    let grant = json!({ "staffId": opened["staff"]["id"], "role": "AUDITOR" });
    vera.does("roleGrantPropose", grant.clone()).await;
    otto.does("roleGrantApprove", grant).await;
    server.first_login("runa", "0190", opened["oneTimePassword"].as_str().unwrap()).await
}

/// What `sha256sum` and `sort` make of a seed and a frame.
fn drawn_by_hand(seed: &str, frame: &[String], n: usize) -> Vec<String> {
    let mut ranked: Vec<_> =
        frame.iter().map(|case| (Sha256::digest(format!("{seed}:{case}")).to_vec(), case.clone())).collect();
    ranked.sort();
    ranked.into_iter().take(n).map(|(_, case)| case).collect()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

async fn team_of(vera: &Person, name: &str, members: &[&str]) -> Value {
    let team = vera.does("teamForm", json!({ "name": name })).await["team"]["id"].take();
    for login in members {
        vera.does("teamJoin", json!({ "teamId": team, "staffId": vera.id_of(login).await })).await;
    }
    team
}

/// Two teams with cases, and an engagement about those of the first.
struct Audited {
    kari: Person,
    lone: Person,
    vera: Person,
    rita: Person,
    team: Value,
    elsewhere: Value,
    /// The cases of the first team.
    frame: Vec<String>,
    /// A case of the other one.
    outside: String,
    engagement: Value,
}

impl Audited {
    async fn set_up(server: &Server) -> Self {
        let [kari, lone, vera, rita] = server.furesoe(["kari", "lone", "vera", "rita"]).await;
        let team = team_of(&vera, "Revideret", &["kari", "lone"]).await;
        let elsewhere = team_of(&vera, "Et andet hold", &["kari", "lone"]).await;
        let mut frame = Vec::new();
        for number in 1..=4 {
            let case = kari.opens_a_case(&format!("Sag {number}")).await;
            kari.does("caseAssignTeam", json!({ "caseId": case, "teamId": team })).await;
            frame.push(case);
        }
        let outside = kari.opens_a_case("Uden for").await;
        kari.does("caseAssignTeam", json!({ "caseId": outside, "teamId": elsewhere })).await;
        let open = opened_for(&team, &vera.id_of("rita").await);
        let engagement = vera.does("engagementOpen", open).await["engagement"]["id"].take();
        Self { kari, lone, vera, rita, team, elsewhere, frame, outside, engagement }
    }
}

fn opened_for(team: &Value, auditor: &str) -> Value {
    json!({ "auditorId": auditor, "teamIds": [team], "from": "2024-01-01", "until": "2099-12-31" })
}

#[tokio::test]
async fn a_sample_is_drawn_again_by_a_second_auditor_and_its_finding_is_answered_and_proved() {
    let mut server = Server::start().await;
    let Audited { kari, lone, vera, rita, team, elsewhere, frame, outside, engagement } =
        Audited::set_up(&server).await;

    // The draw is the one that anybody makes with the seed and the frame.
    let draw = json!({ "engagementId": engagement, "seed": "20261123", "size": 2,
        "frame": { "day": "RECEIVED", "from": today(), "until": today() } });
    assert_eq!(kari.is_refused("sampleDraw", draw.clone()).await.0, "NOT_ALLOWED");
    let sample = rita.does("sampleDraw", draw.clone()).await["sample"].take();
    assert_eq!(
        (&sample["frameSize"], &sample["number"], &sample["seed"]),
        (&json!(4), &json!(1), &json!("20261123"))
    );
    let drawn = strings(&sample["caseIds"]);
    assert_eq!(drawn, drawn_by_hand("20261123", &frame, 2));
    let by_id = json!({ "id": sample["id"] });
    let again = rita.ask(NODE, by_id.clone()).await["node"].take();
    assert_eq!(again, json!({ "__typename": "Sample", "number": 1, "seed": "20261123" }));
    assert_eq!(vera.error(NODE, by_id.clone()).await, "NOT_ALLOWED", "as in the list of samples");
    slips_are_refused(&rita, &draw).await;

    // What happens afterwards changes neither frame nor draw; a second auditor finds both in the log.
    let later = kari.opens_a_case("Senere").await;
    kari.does("caseAssignTeam", json!({ "caseId": later, "teamId": team })).await;
    kari.does("caseAssignTeam", json!({ "caseId": drawn[0], "teamId": elsewhere })).await;
    let runa = second_auditor(&server, &vera).await;
    let about = json!({ "engagement": engagement });
    assert_eq!(runa.error(REDRAW, about.clone()).await, "NO_ENGAGEMENT");
    assert_eq!(runa.error(NODE, by_id).await, "NO_ENGAGEMENT");
    vera.does("engagementOpen", opened_for(&team, &vera.id_of("runa").await)).await;
    let redrawn = runa.ask(REDRAW, about.clone()).await["sampleRedraw"].take();
    assert_eq!(redrawn["same"], true, "{redrawn}");
    assert_eq!((&redrawn["caseIds"], &redrawn["frameSha256"]), (&sample["caseIds"], &sample["frameSha256"]));
    let cases = "query($engagement: ID!, $after: String) { sampleCases(engagementId: $engagement, sample: 1, first: 1,
        after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id number } } } }";
    let first = rita.ask(cases, about.clone()).await["sampleCases"].take();
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
    let second = json!({ "engagement": engagement, "after": first["pageInfo"]["endCursor"] });
    let second = rita.ask(cases, second).await["sampleCases"].take();
    assert_eq!(
        [&first, &second].map(|page| page["edges"][0]["node"]["id"].as_str().unwrap()),
        [&*drawn[0], &*drawn[1]]
    );
    let history = "query($id: ID!) { caseHistory(id: $id) { number } }";
    assert!(
        runa.gql(history, json!({ "id": drawn[0] })).await["errors"].is_array(),
        "it is of another team now"
    );
    assert!(
        rita.ask(history, json!({ "id": drawn[0] })).await["caseHistory"].is_object(),
        "but it was drawn"
    );

    // A finding about a drawn case, and one about the engagement as a whole.
    let finding = |case: Option<&str>, text: &str| json!({ "engagementId": engagement, "caseId": case, "severity": "REMARK", "rule": "FVL § 19", "text": text });
    assert_eq!(rita.is_refused("findingRecord", finding(Some(&outside), "x")).await.0, "OUTSIDE_ENGAGEMENT");
    assert_eq!(rita.is_refused("findingRecord", finding(None, " ")).await.0, "FIELD_EMPTY");
    assert_eq!(runa.is_refused("findingRecord", finding(None, "x")).await.0, "NOT_THE_AUDITOR");
    let found = rita.does("findingRecord", finding(Some(&drawn[1]), "Parten blev ikke hørt")).await;
    assert_eq!(found["finding"]["number"], 1);
    rita.does("findingRecord", finding(None, "Sagerne er journaliseret sent")).await;
    let numbers = async |person: &Person| {
        let edges = person.ask(WAITING, json!({})).await["findings"]["edges"].take();
        edges
            .as_array()
            .unwrap()
            .iter()
            .map(|edge| edge["node"]["number"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!((numbers(&lone).await, numbers(&vera).await), (vec![1], vec![2]));
    assert_eq!(rita.error(WAITING, json!({})).await, "ENGAGEMENT_MISSING");
    assert_eq!(kari.error(WAITING, json!({})).await, "NOT_ALLOWED");
    let subject = a_person_is_told(&lone, &drawn[1], true).await;
    let one = json!({ "engagement": engagement, "finding": 1 });
    assert_eq!(lone.ask(FINDING, one.clone()).await["finding"]["text"]["text"], "Parten blev ikke hørt");
    assert_eq!(vera.error(FINDING, one.clone()).await, "NOT_YOURS_TO_ANSWER");
    let by_id = json!({ "id": found["finding"]["id"] });
    let again = lone.ask(NODE, by_id.clone()).await["node"].take();
    assert_eq!(again["text"]["text"], "Parten blev ikke hørt");
    assert_eq!(vera.error(NODE, by_id.clone()).await, "NOT_YOURS_TO_ANSWER");
    assert_eq!(kari.error(NODE, by_id).await, "NOT_ALLOWED");

    let answer =
        |finding: i32| json!({ "engagementId": engagement, "finding": finding, "text": "Parten er hørt nu" });
    assert_eq!(rita.is_refused("findingAnswer", answer(1)).await.0, "NOT_ALLOWED");
    assert_eq!(vera.is_refused("findingAnswer", answer(1)).await.0, "NOT_YOURS_TO_ANSWER");
    assert_eq!(lone.is_refused("findingAnswer", answer(2)).await.0, "NOT_YOURS_TO_ANSWER");
    assert_eq!(lone.is_refused("findingAnswer", answer(7)).await.0, "FINDING_NOT_FOUND");
    lone.does("findingAnswer", answer(1)).await;
    assert_eq!(a_person_is_told(&lone, &drawn[1], false).await, subject);
    let answered = rita.ask(FINDING, one).await["finding"].take();
    assert_eq!(answered["answers"][0]["text"]["text"], "Parten er hørt nu");
    assert_eq!(numbers(&lone).await, Vec::<i64>::new());
    let waiting = rita.ask(WAITING, about.clone()).await["findings"]["edges"].take();
    assert_eq!((waiting.as_array().unwrap().len(), &waiting[0]["node"]["number"]), (1, &json!(2)));

    vera.does("engagementEnd", json!({ "engagementId": engagement })).await;
    let over = ("ENGAGEMENT_OVER".to_owned(), Some("KSL § 42".to_owned()));
    assert_eq!(rita.is_refused("sampleDraw", draw).await, over);
    assert_eq!(rita.is_refused("findingRecord", finding(None, "for sent")).await, over);
    vera.does("findingAnswer", answer(2)).await;

    is_proved_outside(&mut server, engagement.as_str().unwrap(), &drawn).await;
}

/// A draw with a slip in it is refused, and says which.
async fn slips_are_refused(rita: &Person, draw: &Value) {
    for (change, code) in [
        (json!({ "seed": "-1" }), "BAD_SEED"),
        (json!({ "size": 0 }), "SAMPLE_SIZE"),
        (json!({ "frame": { "day": "CLOSED", "from": today(), "until": today() } }), "FRAME_EMPTY"),
        (json!({ "frame": { "day": "RECEIVED", "from": today(), "until": "2026-01-01" } }), "FRAME_DAYS"),
        (json!({ "frame": { "day": "RECEIVED", "from": today(), "until": today(), "kle": "3" } }), "BAD_KLE"),
    ] {
        let mut wish = draw.clone();
        wish.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(rita.is_refused("sampleDraw", wish).await.0, code);
    }
}

/// How a person's case was drawn and what was found about it is told to them, and nothing of what was found about
/// others; while it waits for an answer, nothing about them is erased.
async fn a_person_is_told(lone: &Person, case: &str, waiting: bool) -> Value {
    let subject = "query($id: ID!) { case(id: $id) { privacy { subjectId } } }";
    let subject = lone.ask(subject, json!({ "id": case })).await["case"]["privacy"]["subjectId"].take();
    let matters = "query($id: ID!) { dataSubject(id: $id) { unfinished } }";
    let matters = lone.ask(matters, json!({ "id": subject })).await["dataSubject"].take();
    assert_eq!(matters["unfinished"], if waiting { json!(["FINDING"]) } else { json!([]) });
    let wish = json!({ "subjectId": subject, "purpose": "CITIZEN_REQUEST" });
    let report = lone.does("subjectReportMake", wish).await["report"].take();
    let events = report["events"].as_array().unwrap();
    let audit: Vec<_> = events.iter().filter(|event| event["kind"] == "audit").collect();
    let types: Vec<_> = audit.iter().map(|event| &event["type"]).collect();
    let mut expected = vec!["SampleDrawn", "FindingRecorded"];
    expected.extend((!waiting).then_some("FindingAnswered"));
    assert_eq!(types, expected, "{report}");
    // How their case was drawn: by which seed, from how many, how many; and of the others not even an id.
    let told = |key: &str| {
        let fields = audit[0]["fields"].as_array().unwrap();
        fields.iter().find(|field| field["key"] == key).map(|field| field["value"]["text"].clone())
    };
    assert_eq!(
        (told("seed"), told("size"), told("n")),
        (Some(json!("20261123")), Some(json!("4")), Some(json!("2")))
    );
    assert_eq!((&audit[0]["title"], told("cases")), (&json!("Sag udtrukket til revision"), None), "{report}");
    assert!(
        audit.iter().all(|event| !event["title"].as_str().unwrap().contains("nyere version")),
        "{report}"
    );
    let told = report.to_string();
    assert!(told.contains("Parten blev ikke hørt") && !told.contains("journaliseret sent"), "{told}");
    subject
}

/// The pack of an engagement holds its stream and its cases', and nothing else.
async fn is_proved_outside(server: &mut Server, engagement: &str, drawn: &[String]) {
    server.stop().await;
    let secret = std::fs::read_to_string(server.folder().join("data.ledger-key")).unwrap();
    let setup = server.setup().with_data_in(&server.data()).set("SKRANKE_LEDGER_KEY", &secret);
    let key = run(&setup, &["audit", "key", "show"]).await;
    let outside = tempfile::tempdir().unwrap();
    let pack = outside.path().join("pack");
    run(&setup, &["audit", "export", "--engagement", engagement, "--tenant", "0190", text(&pack)]).await;
    let anybody = Setup::new().with_data_in(outside.path());
    let verified = run(&anybody, &["audit", "verify", "--key", key.trim(), text(&pack)]).await;
    assert!(verified.contains("each of 3 streams") && verified.ends_with("VERIFIED\n"), "{verified}");
    let tells = |line: &str| assert!(verified.contains(line), "{line}: {verified}");
    let of = format!("of audit-0190-{engagement}");
    tells(&format!(
        "Sample 1 {of}: 2 cases drawn of 4 received from {} to {}, by seed 20261123,",
        today(),
        today()
    ));
    tells(&format!("Drawn: {} {}.", drawn[0], drawn[1]));
    tells(&format!("Finding 1 {of}: a remark about case {}, measured by FVL § 19, with 1 answer.", drawn[1]));
    tells(&format!(
        "Finding 2 {of}: a remark about the engagement as a whole, measured by FVL § 19, with 1 answer."
    ));
    let bytes = std::fs::read(&pack).unwrap();
    let holds = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(drawn.iter().all(|case| holds(&format!("case-0190-{case}"))));
    assert!(holds("SampleDrawn") && holds("FindingAnswered") && !holds("ikke hørt"), "texts are sealed");
    let nobody = ["audit", "export", "--engagement", &drawn[0], "--tenant", "0190", text(&pack)];
    let ended = setup.run(&nobody).await;
    assert!(!ended.success && ended.output.contains("there is no engagement"), "{}", ended.output);
}
