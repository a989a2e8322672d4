//! Erasure, from the counter to the auditor: while a matter is alive its words stand in no file, and once the keys
//! are destroyed no door shows them any more, while what happened, when and by whom stays.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use reqwest::StatusCode;
use serde_json::{Value, json};
use skranke_domain::{Actor, CaseId, InquiryId};
use skranke_store::{Direction, Filter, Metadata, Position};

use crate::documents::uploaded;
use crate::people::Person;
use crate::server::{Server, Setup, eventually, files_in};

const NAME: &str = "Ragnhild Opdigtsen";
const PHONE: &str = "00 00 58 23";
const CHAT: &str = "Jeg bor på Kvædestræde og har brug for hjælpemidler";
const MESSAGE: &str = "Min rollator gik i stykker på Bøllemosevej.";
const TITLE: &str = "Rollator til Opdigtsen";
const CALL: &str = "Hun fortalte om trappen i Ålekistegården.";
const FACTS: &str = "Lægen skriver, at Æblehaven er uden elevator.";
const DOCUMENT: &str = "Jeg, Ragnhild Opdigtsen, erklærer, at Æblehaven er uden elevator.";
const DRAFT: &str = "Du får en ny rollator, kære Ragnhild.";

/// Distinct pieces of everything personal that is said in this matter.
const PERSONAL: [&str; 10] = [
    "Ragnhild",
    "Opdigtsen",
    PHONE,
    "00005823",
    "Kvædestræde",
    "Bøllemosevej",
    "rollator gik i stykker",
    "Ålekistegården",
    "Æblehaven",
    "ny rollator, kære",
];

/// Those of them that the screens show, whole.
const SHOWN: [&str; 8] = [NAME, PHONE, CHAT, MESSAGE, TITLE, CALL, FACTS, DRAFT];

#[tokio::test]
async fn a_destroyed_key_erases_a_person_everywhere_and_nothing_else() {
    let mut server = Server::start().await;
    let citizen = server.visitor();
    citizen.writes(CHAT).await;
    let reference = leaves_a_call_back(&citizen).await;
    let [kari, rita] = server.furesoe(["kari", "rita"]).await;
    let (inquiry, case) = becomes_a_case(&kari, &reference).await;

    let matter = Matter { kari, rita, citizen, inquiry, case };
    let before = matter.screens().await;
    for shown in SHOWN {
        assert!(before.contains(shown), "no screen shows {shown:?}: {before}");
    }
    // The stronger half: a living matter lies about in no file, while the server runs and after it.
    nothing_personal_in(server.folder());
    let told = matter.skeleton().await;
    server.stop().await;
    nothing_personal_in(server.folder());

    let keys = subjects_of(&server.data(), &matter).await;
    assert_eq!(keys.len(), 2, "the conversation's, and the inquiry's that the case took over: {keys:?}");
    let tool = server.setup().with_data_in(&server.data());
    destroys_with_both_hands(&tool, &keys).await;

    server.restart().await;
    matter.is_erased(&told).await;
    // The views that are built anew know no more than the old ones.
    server.stop().await;
    assert!(tool.run(&["views", "rebuild"]).await.success);
    server.restart().await;
    matter.is_erased(&told).await;
    // Nobody can write about this person under the old keys any more; about others they can.
    let input = json!({ "caseId": matter.case, "direction": "OUTGOING", "text": CALL });
    let refused = matter.kari.is_refused("callNote", input).await;
    assert_eq!(refused, ("PERSON_ERASED".to_owned(), Some("GDPR art. 17".to_owned())));
    matter.kari.opens_a_case("En anden sag").await;
    server.stop().await;
    nothing_personal_in(server.folder());
    for (_, subject) in &keys {
        assert!(!server.output().contains(subject), "whom an erasure was about is in what the server wrote");
    }
}

/// Every door that hands out a file of the matter.
struct Files {
    paths: Vec<String>,
}

impl Files {
    /// A document with a theme and a name, the decision's letter, and a package of the papers.
    async fn of(kari: &Person, bent: &Person, case: &str) -> Self {
        let of = |mut wish: Value| {
            wish["caseId"] = json!(case);
            wish
        };
        let pdf = format!("%PDF-1.7\n% {DOCUMENT}\n").into_bytes();
        let document = uploaded(kari, case, "Erklæring fra Ragnhild.pdf", pdf).await;
        let journal =
            json!({ "documentId": document, "dated": "2024-02-02", "direction": "INCOMING", "theme": TITLE });
        kari.does("documentJournalise", of(journal)).await;
        kari.does("caseClassify", of(json!({ "kle": "32", "facet": "G01" }))).await;
        kari.does("hearingWaive", of(json!({ "statute": "FVL § 19, stk. 2", "reason": FACTS }))).await;
        kari.does("caseInform", of(json!({}))).await;
        kari.does("decisionSubmit", of(json!({ "version": 1 }))).await;
        bent.does("decisionApprove", of(json!({ "version": 1 }))).await;
        kari.does("decisionMake", of(json!({}))).await;
        kari.does("decisionSend", of(json!({}))).await;
        let ask = json!({ "requester": NAME, "askedFor": MESSAGE, "basis": "PARTY" });
        let asked = kari.does("accessRequestReceive", of(ask)).await["accessRequest"]["id"].take();
        let papers = "query($id: ID!) { accessRequest(id: $id) { documents { reference } } }";
        let papers = kari.ask(papers, json!({ "id": asked })).await["accessRequest"]["documents"].take();
        for paper in papers.as_array().unwrap() {
            let wish =
                json!({ "accessRequestId": asked, "reference": paper["reference"], "disclosure": "FULL" });
            kari.does("accessDocumentDecide", wish).await;
        }
        kari.does("accessPackageRelease", json!({ "accessRequestId": asked })).await;
        kari.does("caseClose", of(json!({}))).await;
        let documents = "query($id: ID!) { case(id: $id) { documents { versions { href } } } }";
        let documents = kari.ask(documents, json!({ "id": case })).await["case"]["documents"].take();
        let mut paths = vec![format!("/api/access-requests/{}/package", asked.as_str().unwrap())];
        for document in documents.as_array().unwrap() {
            paths.push(document["versions"][0]["href"].as_str().unwrap().to_owned());
        }
        assert_eq!(paths.len(), 3, "the package, the document and the letter: {paths:?}");
        Self { paths }
    }

    async fn all_answer(&self, person: &Person, status: StatusCode) {
        for path in &self.paths {
            let answer = person.request_get(path).send().await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            if status == StatusCode::GONE {
                let text = answer.text().await.unwrap();
                assert!(!PERSONAL.iter().any(|personal| text.contains(personal)), "{path}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn two_people_erase_a_person_from_every_door_and_file_while_the_server_runs() {
    let mut server = Server::start().await;
    let citizen = server.visitor();
    citizen.writes(CHAT).await;
    let reference = leaves_a_call_back(&citizen).await;
    let [kari, bent, lone] = server.furesoe(["kari", "bent", "lone"]).await;
    let [rita, vera] = server.furesoe(["rita", "vera"]).await;
    let (inquiry, case) = becomes_a_case(&kari, &reference).await;
    let files = Files::of(&kari, &bent, &case).await;
    let matter = Matter { kari, rita, citizen, inquiry, case };
    let before = matter.screens().await;
    for shown in [NAME, PHONE, CHAT, MESSAGE, TITLE, CALL] {
        assert!(before.contains(shown), "no screen shows {shown:?}: {before}");
    }
    files.all_answer(&matter.kari, StatusCode::OK).await;
    nothing_personal_in(server.folder());
    let told = matter.skeleton().await;
    let subject = "query($id: ID!) { case(id: $id) { privacy { subjectId } } }";
    let subject =
        matter.kari.ask(subject, json!({ "id": matter.case })).await["case"]["privacy"]["subjectId"].take();
    let by = |mut wish: Value| {
        wish["subjectId"] = subject.clone();
        wish
    };
    let stored = server.data().join("documents/kept/0190").join(subject.as_str().unwrap());
    assert!(stored.exists(), "the files lie under their subject");

    let ask = json!({ "basis": "ERASURE_RIGHT", "requester": NAME, "reason": MESSAGE });
    matter.kari.does("erasureRequest", by(ask)).await;
    let report = by(json!({ "purpose": "CITIZEN_REQUEST" }));
    let told_to_her = matter.kari.does("subjectReportMake", report.clone()).await.to_string();
    for personal in [NAME, PHONE, MESSAGE, CALL, DRAFT] {
        assert!(told_to_her.contains(personal), "{personal:?} is stored, and she is not told: {told_to_her}");
    }
    lone.does("erasurePropose", by(json!({}))).await;
    nothing_personal_in(server.folder());
    vera.does("erasureApprove", by(json!({}))).await;
    eventually("the server destroys the key", async || {
        let seen = "query($id: ID!) { dataSubject(id: $id) { stage } }";
        let seen = lone.ask(seen, json!({ "id": subject })).await;
        (seen["dataSubject"]["stage"] == "ERASED").then_some(())
    })
    .await;

    // No restart, and nothing that anybody looked at before is still remembered.
    matter.is_erased(&told).await;
    files.all_answer(&matter.kari, StatusCode::GONE).await;
    assert!(!stored.exists(), "nobody can read the files any more");
    let told_to_her = matter.kari.does("subjectReportMake", report).await.to_string();
    let page = "query($id: ID!) { dataSubject(id: $id) { request { requester { __typename ... on PersonalText { text } } } } }";
    let page = lone.ask(page, json!({ "id": subject })).await.to_string();
    for personal in PERSONAL {
        assert!(
            !told_to_her.contains(personal) && !page.contains(personal),
            "{personal:?}: {told_to_her} {page}"
        );
    }
    server.restart().await;
    matter.is_erased(&told).await;
    server.stop().await;
    nothing_personal_in(server.folder());
    assert!(server.setup().with_data_in(&server.data()).run(&["views", "rebuild"]).await.success);
    server.restart().await;
    matter.is_erased(&told).await;
    files.all_answer(&matter.kari, StatusCode::GONE).await;
    server.stop().await;
    nothing_personal_in(server.folder());
    assert!(
        !server.output().contains(subject.as_str().unwrap()),
        "whom an erasure was about is in the output"
    );
}

async fn leaves_a_call_back(citizen: &Person) -> String {
    let form = citizen.get("/opkald").await.form("/opkald").with("name", NAME).with("phone", PHONE);
    let form = form.choosing("municipality", "0190").choosing("topic", "hjaelpemidler");
    let receipt = citizen.submit(form.choosing("when", "any").with("message", MESSAGE)).await;
    let (_, rest) = receipt.text.split_once("class=\"reference\">").expect("a reference on the receipt");
    rest.split('<').next().unwrap().to_owned()
}

/// Answers the ids of the inquiry and the case.
async fn becomes_a_case(kari: &Person, reference: &str) -> (String, String) {
    const INBOX: &str = "{ inquiries(open: true, first: 100) { edges { node { id reference } } } }";
    let inquiry = eventually("the inquiry is in the inbox", async || {
        let inbox = kari.ask(INBOX, json!({})).await;
        let edges = inbox["inquiries"]["edges"].as_array().unwrap().clone();
        let row = edges.into_iter().find(|edge| edge["node"]["reference"] == *reference)?;
        Some(row["node"]["id"].as_str().unwrap().to_owned())
    })
    .await;
    let opened = kari.does("caseOpen", json!({ "inquiryId": inquiry, "title": TITLE })).await;
    let case = opened["case"]["id"].as_str().unwrap().to_owned();
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;
    kari.does("callNote", json!({ "caseId": case, "direction": "OUTGOING", "text": CALL })).await;
    let draft = json!({ "caseId": case, "outcome": "GRANTED", "text": DRAFT, "groundsFacts": FACTS });
    kari.does("decisionDraft", draft).await;
    (inquiry, case)
}

/// One person's matter, and the people who look at it.
struct Matter {
    kari: Person,
    rita: Person,
    citizen: Person,
    inquiry: String,
    case: String,
}

/// A personal text, shown or erased.
const SHOW: &str = "{ __typename ... on PersonalText { text } }";

impl Matter {
    /// Everything that the doors show of it, in one text.
    async fn screens(&self) -> String {
        let inquiry = format!(
            "query($id: ID!) {{ inquiry(id: $id) {{ name {SHOW} phone {SHOW} email {SHOW} message {SHOW}
               transcript {{ text }} guidance {{ text {SHOW} }} }}
               inquiries(first: 100) {{ edges {{ node {{ id reference topic {{ slug }} }} }} }} }}"
        );
        let case = format!(
            "query($id: ID!) {{ case(id: $id) {{ title {SHOW} party {SHOW} notes {{ text {SHOW} }}
               draft {{ text {SHOW} groundsRules {SHOW} groundsDiscretion {SHOW} groundsFacts {SHOW} }} }}
               cases(first: 100) {{ edges {{ node {{ title {SHOW} }} }} }} }}"
        );
        let history = format!(
            "query($id: ID!, $to: Int!) {{ caseHistory(id: $id) {{ events {{ title reason {SHOW} }}
               asOf(revision: $to) {{ fields {{ key value {SHOW} }} }}
               diff(from: 0, to: $to) {{ key before {SHOW} after {SHOW} }} }}
               auditCases(first: 100) {{ edges {{ node {{ title {SHOW} }} }} }} }}"
        );
        let last = self.skeleton().await.as_array().unwrap().len() - 1;
        let answers = [
            self.kari.ask(&inquiry, json!({ "id": self.inquiry })).await,
            self.kari.ask(&case, json!({ "id": self.case })).await,
            self.rita.ask(&history, json!({ "id": self.case, "to": last })).await,
        ];
        format!("{answers:?} {}", self.citizen.get("/").await.text)
    }

    /// What stays for good: which events, when, by whom, in which role.
    async fn skeleton(&self) -> Value {
        const HISTORY: &str = "query($id: ID!) { caseHistory(id: $id) { events { revision type at
            actor { kind staff { login } } roles fields { key } } } }";
        self.rita.ask(HISTORY, json!({ "id": self.case })).await["caseHistory"]["events"].take()
    }

    async fn is_erased(&self, told: &Value) {
        let after = eventually("the views have come back", async || {
            let known = self.kari.gql("query($id: ID!) { case(id: $id) { id } }", json!({ "id": self.case }));
            (known.await["data"]["case"]["id"] == *self.case).then_some(())
        });
        after.await;
        let after = self.screens().await;
        for personal in PERSONAL.iter().chain(&SHOWN) {
            assert!(!after.contains(personal), "{personal:?} is still shown: {after}");
        }
        assert!(after.contains("Erased"), "{after}");
        assert_eq!(self.skeleton().await, *told);
    }
}

/// The municipalities and subjects that the sealed fields of the matter's three streams name.
async fn subjects_of(data: &Path, matter: &Matter) -> BTreeSet<(String, String)> {
    let log = skranke_store::open(&format!("sqlite:{}", data.display())).await.unwrap();
    let page = log.read_all(Position(0), Direction::Forwards, 100_000, &Filter::default()).await.unwrap();
    log.close().await;
    let (case, inquiry): (CaseId, InquiryId) =
        (matter.case.parse().unwrap(), matter.inquiry.parse().unwrap());
    let ids = [case.to_string(), inquiry.to_string()];
    let conversation = page.events.iter().find_map(|event| {
        match (event.event_type.as_str(), Metadata::parse(&event.metadata).unwrap().actor) {
            ("InquiryReceived", Actor::Citizen(id)) if event.stream.key() == ids[1] => Some(id.to_string()),
            _ => None,
        }
    });
    let keys = ids.into_iter().chain([conversation.expect("the inquiry came from a conversation")]);
    let keys: Vec<String> = keys.collect();
    let mut subjects = BTreeSet::new();
    for event in page.events.iter().filter(|event| keys.iter().any(|key| event.stream.key() == key)) {
        let fields: Value = serde_json::from_slice(&event.data).unwrap();
        collect(&fields, event.stream.tenant().code(), &mut subjects);
    }
    subjects
}

fn collect(value: &Value, tenant: &str, subjects: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Object(fields) => {
            if let (Some(subject), true) = (fields.get("subject"), fields.contains_key("sealed")) {
                subjects.insert((tenant.to_owned(), subject.as_str().unwrap().to_owned()));
            }
            fields.values().for_each(|value| collect(value, tenant, subjects));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, tenant, subjects)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// With the operator's command, which wants to hear that it is meant.
async fn destroys_with_both_hands(tool: &Setup, keys: &BTreeSet<(String, String)>) {
    for (tenant, subject) in keys {
        let command = ["key", "destroy", "--demo", "--tenant", tenant, "--subject", subject];
        let careless = tool.run(&command).await;
        assert!(careless.why().contains("cannot be undone"), "{}", careless.output);
        let command: Vec<&str> = command.into_iter().chain(["--yes"]).collect();
        let done = tool.run(&command).await;
        assert!(done.success && done.output.contains("erased for good"), "{}", done.output);
        let again = tool.run(&command).await;
        assert!(again.success && again.output.contains("there was no key"), "{}", again.output);
    }
}

#[track_caller]
fn nothing_personal_in(folder: &Path) {
    assert_eq!(files_that_tell(folder, &PERSONAL), Vec::<(PathBuf, String)>::new());
}

/// The files under a folder in which one of the texts stands in any of the forms that programs write text in, with
/// the text and the form.
fn files_that_tell(folder: &Path, texts: &[&str]) -> Vec<(PathBuf, String)> {
    let pair = |bytes: &[u8]| usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
    let mut begins: Vec<Vec<(String, Vec<u8>)>> = vec![Vec::new(); 1 << 16];
    for text in texts {
        for (name, form) in forms(text) {
            begins[pair(&form)].push((format!("{text:?} in {name}"), form));
        }
    }
    let mut found = Vec::new();
    for path in files_in(folder) {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            // A file of the running server's that was there while the folder was listed, such as a journal.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        for (at, two) in bytes.windows(2).enumerate() {
            for (name, form) in &begins[pair(two)] {
                if bytes[at..].starts_with(form) {
                    found.push((path.clone(), name.clone()));
                }
            }
        }
    }
    found
}

fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let lower_if = |wanted: bool, text: String| if wanted { text.to_lowercase() } else { text };
    let escaped = |lower: bool| -> String {
        let escape = |c: char| lower_if(lower, format!("{:04X}", u32::from(c)));
        text.chars().map(|c| if c.is_ascii() { c.into() } else { format!("\\u{}", escape(c)) }).collect()
    };
    let percent = |space: &str, lower: bool| -> String {
        let byte = |b: u8| match b {
            b' ' => space.to_owned(),
            b if b.is_ascii_alphanumeric() => char::from(b).into(),
            b => lower_if(lower, format!("%{b:02X}")),
        };
        text.bytes().map(byte).collect()
    };
    let hex = |lower: bool| -> String { text.bytes().map(|b| lower_if(lower, format!("{b:02X}"))).collect() };
    let mut forms: Vec<(&'static str, Vec<u8>)> = vec![
        ("UTF-8", text.into()),
        ("UTF-8, lower case", text.to_lowercase().into()),
        ("UTF-16, little end first", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("UTF-16, big end first", text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("Latin-1", text.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect()),
        ("JSON escapes", escaped(false).into()),
        ("JSON escapes", escaped(true).into()),
        ("percent", percent("%20", false).into()),
        ("percent", percent("%20", true).into()),
        ("a form's percent", percent("+", false).into()),
        ("hexadecimal", hex(false).into()),
        ("hexadecimal", hex(true).into()),
    ];
    // Wherever a text begins among the groups of three bytes: those of its characters that depend on it alone.
    for shift in 0..3 {
        let shifted = [vec![0; shift], text.into()].concat();
        let (first, last) = ((shift * 4).div_ceil(3), shifted.len() / 3 * 4);
        for (name, base64) in
            [("base64", STANDARD_NO_PAD.encode(&shifted)), ("base64url", URL_SAFE_NO_PAD.encode(&shifted))]
        {
            forms.push((name, base64.as_bytes()[first..last].to_vec()));
        }
    }
    forms
}

#[test]
fn the_search_finds_a_text_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let (text, file) = ("Ålekistegården 7", folder.path().join("a/b"));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    for (name, form) in forms(text) {
        std::fs::write(&file, [b"\0\xffx", &form[..], b"rest"].concat()).unwrap();
        assert!(!files_that_tell(folder.path(), &[text]).is_empty(), "{name}");
    }
    for lead in ["", "a", "ab", "abc"] {
        std::fs::write(&file, STANDARD_NO_PAD.encode(format!("{lead}{text} og mere"))).unwrap();
        assert!(!files_that_tell(folder.path(), &[text]).is_empty(), "base64 behind {lead:?}");
    }
    std::fs::write(&file, "noget helt andet").unwrap();
    assert!(files_that_tell(folder.path(), &[text]).is_empty());
}
