//! Who may see and do what. The questions and acts are read from the schema itself, so that a new one is asked too.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::people::{Person, new_key};
use crate::server::{Server, eventually};

/// A text that stands in everything that Aarhus has and nobody else may see.
const MARK: &str = "Kendemærke-0751";

#[tokio::test]
async fn an_auditor_reads_and_does_not_work() {
    let server = Server::start().await;
    let (kari, rita) = tokio::join!(server.login("kari", "0190"), server.login("rita", "0190"));
    let case = kari.opens_a_case("Ikke for revisor").await;
    for question in [
        "{ cases { totalCount } }",
        "{ counters { mine } }",
        "{ inquiries { totalCount } }",
        &format!("{{ case(id: \"{case}\") {{ id }} }}"),
        &format!("{{ inquiry(id: \"{case}\") {{ id }} }}"),
    ] {
        assert_eq!(rita.error(question, json!({})).await, "NOT_ALLOWED", "{question}");
    }
    for act in acts(&rita).await {
        let response = rita.gql(&act.text, json!({ "input": act.input(&case, &case) })).await;
        let payload = &response["data"][act.name.as_str()];
        let code = payload["code"].as_str().or(response["errors"][0]["extensions"]["code"].as_str());
        let inquiry_first = act.name == "caseOpen" && code == Some("INQUIRY_NOT_FOUND");
        assert!(code == Some("NOT_ALLOWED") || inquiry_first, "{}: {response}", act.name);
    }
    let from_nothing = json!({ "title": "x", "received": "2024-02-01" });
    assert_eq!(rita.is_refused("caseOpen", from_nothing).await.0, "NOT_ALLOWED");
    let history = "query($id: ID!) { caseHistory(id: $id) { events { type } } }";
    let history = rita.ask(history, json!({ "id": case })).await;
    assert_eq!(history["caseHistory"]["events"].as_array().unwrap().len(), 2, "nothing was done: {history}");
}

#[tokio::test]
async fn a_caseworker_and_a_team_lead_do_not_read_what_is_the_auditors() {
    let server = Server::start().await;
    let (kari, lone, rita) = tokio::join!(
        server.login("kari", "0190"),
        server.login("lone", "0190"),
        server.login("rita", "0190")
    );
    let case = kari.opens_a_case("Ikke for sagsbehandlere").await;
    let questions = [
        ("caseHistory", format!("{{ caseHistory(id: \"{case}\") {{ number }} }}")),
        ("accessLog", "{ accessLog { pageInfo { hasNextPage } } }".to_owned()),
        ("auditCases", "{ auditCases { totalCount } }".to_owned()),
    ];
    for (_, question) in &questions {
        for person in [&kari, &lone] {
            assert_eq!(person.error(question, json!({})).await, "NOT_ALLOWED", "{question}");
        }
    }
    assert_eq!(rita.error("{ cases { totalCount } }", json!({})).await, "NOT_ALLOWED");
    // Each refused look is in the access log, with who and what.
    let log = "{ accessLog(first: 100) { edges { node { type attempt code actor { staff { login } } } } } }";
    eventually("every refused look is in the log", async || {
        let entries = rita.ask(log, json!({})).await["accessLog"]["edges"].take();
        let noted = |login: &str, attempt: &str| {
            entries.as_array().unwrap().iter().map(|edge| &edge["node"]).any(|entry| {
                entry["type"] == "AccessRefused"
                    && entry["code"] == "NOT_ALLOWED"
                    && entry["attempt"] == attempt
                    && entry["actor"]["staff"]["login"] == login
            })
        };
        let all = questions.iter().all(|(name, _)| noted("kari", name) && noted("lone", name));
        (all && noted("rita", "cases")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_team_lead_takes_up_a_closed_case_and_passes_on_what_is_anothers() {
    let server = Server::start().await;
    let (kari, bent, lone) = tokio::join!(
        server.login("kari", "0190"),
        server.login("bent", "0190"),
        server.login("lone", "0190")
    );
    let case = kari.opens_a_case("Går fra hånd til hånd").await;
    let to = async |login: &str| json!({ "caseId": case, "staffId": kari.id_of(login).await });
    kari.does("caseAssign", to("kari").await).await;
    assert_eq!(bent.is_refused("caseAssign", to("bent").await).await.0, "NOT_YOURS");
    assert_eq!(bent.is_refused("stepNote", json!({ "caseId": case, "text": "x" })).await.0, "NOT_YOURS");
    lone.does("caseAssign", to("bent").await).await;
    bent.does("stepNote", json!({ "caseId": case, "text": "Overtaget" })).await;
    assert_eq!(kari.is_refused("caseAssign", to("rita").await).await.0, "NOT_YOURS");
    assert_eq!(lone.is_refused("caseAssign", to("rita").await).await.0, "NOT_A_CASEWORKER");
    bent.does("caseRelease", json!({ "caseId": case })).await;

    let closed = "{ cases(filter: { phases: [CLOSED] }, first: 1) { edges { node { id } } } }";
    let closed = kari.ask(closed, json!({})).await["cases"]["edges"][0]["node"]["id"].take();
    let reopen = json!({ "caseId": closed, "reason": "Der er kommet nye oplysninger." });
    assert_eq!(kari.is_refused("caseReopen", reopen.clone()).await.0, "NOT_ALLOWED");
    lone.does("caseReopen", reopen).await;
}

#[tokio::test]
async fn a_screen_that_is_logged_out_hears_nothing_more() {
    let server = Server::start().await;
    let (kari, bent) = tokio::join!(server.login("kari", "0190"), server.login("bent", "0190"));
    let mut screen = kari.listens().await;
    screen.subscribe("list", "subscription { worklistChanged { position } }").await;
    assert_eq!(Person::send(kari.request_post("/api/logout").header("x-skranke", "1")).await.status, 204);
    bent.opens_a_case("Efter at hun er gået").await;
    assert_eq!(screen.is_closed().await, 4401, "told that the session is over, and nothing else");
}

#[tokio::test]
async fn nothing_of_another_municipality_is_ever_visible() {
    let server = Server::start().await;
    let theirs = Theirs::make(&server).await;
    let (kari, lone, rita) = tokio::join!(
        server.login("kari", "0190"),
        server.login("lone", "0190"),
        server.login("rita", "0190")
    );
    let mut screen = lone.listens().await;
    let watched = format!("subscription {{ caseChanged(caseId: \"{}\") {{ eventType }} }}", theirs.case);
    screen.subscribe("theirs", &watched).await;
    screen.subscribe("list", "subscription { worklistChanged { position } }").await;
    screen.subscribe("inbox", "subscription { inboxChanged { position } }").await;

    for person in [&kari, &lone, &rita] {
        for question in questions(person).await {
            for variables in question.variables(&theirs) {
                let response = person.gql(&question.text, variables.clone()).await;
                let answered = &response["data"][question.name.as_str()];
                if question.by_id {
                    assert!(answered.is_null(), "{} {variables}: {response}", question.name);
                }
                // The auditor's own question stands in the log that it is asked of, with the id that was sent.
                theirs.are_not_in(&response, question.name == "accessLog");
            }
        }
        for act in acts(person).await {
            let input = act.input(&theirs.case, &theirs.inquiry);
            let response = person.gql(&act.text, json!({ "input": input })).await;
            let payload = &response["data"][act.name.as_str()];
            let code = payload["code"].as_str().or(response["errors"][0]["extensions"]["code"].as_str());
            let expected = ["CASE_NOT_FOUND", "INQUIRY_NOT_FOUND", "NOT_ALLOWED"];
            assert!(code.is_some_and(|code| expected.contains(&code)), "{}: {response}", act.name);
            theirs.are_not_in(&response, false);
        }
    }
    let own = kari.opens_a_case("Vores egen").await;
    let mine = kari.is_refused("caseAssign", json!({ "caseId": own, "staffId": theirs.staff })).await;
    assert_eq!(mine.0, "NOT_A_CASEWORKER", "a colleague of another municipality");

    // A push about theirs would come before the one about ours, which is made after it.
    let (_, before) = screen.until("list").await;
    assert_eq!(before, Vec::<Value>::new());
    theirs.kari.does("stepNote", json!({ "caseId": theirs.case, "text": "Noget sker i Aarhus" })).await;
    kari.does("caseAssign", json!({ "caseId": own, "staffId": kari.id_of("kari").await })).await;
    let (_, before) = screen.until("list").await;
    assert_eq!(before, Vec::<Value>::new(), "a push about another municipality");
    // And theirs is as it was.
    let notes = "query($id: ID!) { case(id: $id) { notes { kind } caseworker { login } } }";
    let page = theirs.kari.ask(notes, json!({ "id": theirs.case })).await;
    assert_eq!(page["case"], json!({ "notes": [{ "kind": "STEP" }], "caseworker": { "login": "kari" } }));
}

/// What another municipality has.
struct Theirs {
    kari: Person,
    case: String,
    inquiry: String,
    staff: String,
}

impl Theirs {
    async fn make(server: &Server) -> Self {
        let citizen = server.visitor();
        let form = citizen.get("/henvendelse").await.form("/henvendelse");
        let form = form.with("name", MARK).with("email", "dagny@example.dk").with("message", MARK);
        let receipt = citizen.submit(form.choosing("municipality", "0751")).await;
        assert_eq!(receipt.status, 200, "{}", receipt.text);
        let kari = server.login("kari", "0751").await;
        let inbox = "{ inquiries(first: 100) { edges { node { id receivedAt } } } }";
        let inquiry = eventually("the inquiry is in their inbox", async || {
            let edges = kari.ask(inbox, json!({})).await["inquiries"]["edges"].take();
            for edge in edges.as_array().unwrap() {
                let of = json!({ "id": edge["node"]["id"] });
                let name = "query($id: ID!) { inquiry(id: $id) { name { ... on PersonalText { text } } } }";
                if kari.ask(name, of).await["inquiry"]["name"]["text"] == MARK {
                    return edge["node"]["id"].as_str().map(str::to_owned);
                }
            }
            None
        })
        .await;
        let case = kari.opens_a_case(MARK).await;
        let staff = kari.id_of("kari").await;
        kari.does("caseAssign", json!({ "caseId": case, "staffId": staff })).await;
        Self { kari, case, inquiry, staff }
    }

    #[track_caller]
    fn are_not_in(&self, response: &Value, ids_come_back: bool) {
        let text = response.to_string();
        for foreign in [MARK, "\"0751\"", "Aarhus"] {
            assert!(!text.contains(foreign), "{foreign}: {text}");
        }
        for id in [&self.case, &self.inquiry, &self.staff] {
            assert!(ids_come_back || !text.contains(id), "{id}: {text}");
        }
    }
}

/// A field of the schema's root that can be called.
struct Root {
    name: String,
    text: String,
    /// The arguments of a question, or the fields of an act's input.
    arguments: Vec<(String, Value)>,
    /// Whether it answers one thing by its id.
    by_id: bool,
}

/// A type under all the lists and bangs that the schema has.
const TYPE: &str = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
/// The same for fields of inputs, which lie deeper and hold no lists.
const INPUT: &str = "kind name ofType { kind name }";

/// Every question, each asking for all it may be asked for two levels deep.
async fn questions(person: &Person) -> Vec<Root> {
    let schema = format!(
        "{{ __schema {{ queryType {{ fields {{ name args {{ name type {{ {TYPE} }} }} type {{ {TYPE} }} }} }} }} }}"
    );
    let types = format!(
        "{{ __schema {{ types {{ name kind fields {{ name args {{ name }} type {{ {TYPE} }} }} }} }} }}"
    );
    let types = person.ask(&types, json!({})).await["__schema"]["types"].take();
    let fields = person.ask(&schema, json!({})).await["__schema"]["queryType"]["fields"].take();
    let mut roots = Vec::new();
    for field in fields.as_array().unwrap() {
        let name = field["name"].as_str().unwrap().to_owned();
        let arguments: Vec<(String, Value)> = field["args"]
            .as_array()
            .unwrap()
            .iter()
            .map(|argument| (argument["name"].as_str().unwrap().to_owned(), argument["type"].clone()))
            .filter(|(name, _)| name == "id" || name.ends_with("Id") || name == "text" || name == "number")
            .collect();
        let declared: Vec<String> =
            arguments.iter().map(|(name, kind)| format!("${name}: {}", type_name(kind))).collect();
        let passed: Vec<String> = arguments.iter().map(|(name, _)| format!("{name}: ${name}")).collect();
        let head = if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) };
        let call = if passed.is_empty() { String::new() } else { format!("({})", passed.join(", ")) };
        let selected = selection(&types, named(&field["type"]), 4);
        let text = format!("query{head} {{ {name}{call} {selected} }}");
        let by_id = arguments.iter().any(|(name, _)| name == "id");
        roots.push(Root { name, text, arguments, by_id });
    }
    assert!(roots.len() >= 12 && roots.iter().filter(|root| root.by_id).count() >= 3);
    roots
}

/// Every act, with its input.
async fn acts(person: &Person) -> Vec<Root> {
    let schema = format!(
        "{{ __schema {{ mutationType {{ fields {{ name args {{ type {{ ofType {{ name inputFields {{ name type {{ {INPUT} }} }} }} }} }} }} }} }} }}"
    );
    let fields = person.ask(&schema, json!({})).await["__schema"]["mutationType"]["fields"].take();
    let acts: Vec<Root> = fields.as_array().unwrap().iter().map(act).collect();
    assert!(acts.len() >= 20);
    acts
}

fn act(field: &Value) -> Root {
    let name = field["name"].as_str().unwrap().to_owned();
    let input = &field["args"][0]["type"]["ofType"];
    let arguments = input["inputFields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| (field["name"].as_str().unwrap().to_owned(), field["type"].clone()))
        .collect();
    let text = format!(
        "mutation($input: {}!) {{ {name}(input: $input) {{ __typename ... on Refused {{ code message }} ... on Conflict {{ code }} }} }}",
        input["name"].as_str().unwrap()
    );
    Root { name, text, arguments, by_id: true }
}

impl Root {
    /// The questions asked with their ids and their words, whatever kind of id is meant.
    fn variables(&self, theirs: &Theirs) -> Vec<Value> {
        let ids = [&theirs.case, &theirs.inquiry, &theirs.staff];
        let with = |id: &String| {
            let pairs = self.arguments.iter().map(|(name, _)| {
                let value = if name == "text" || name == "number" { "S20" } else { id };
                (name.clone(), json!(value))
            });
            Value::Object(pairs.collect())
        };
        let mut all: Vec<Value> = ids.into_iter().map(with).collect();
        all.push(json!({}));
        // Without the ids that must be there, a question is none.
        all.retain(|variables| !self.by_id || variables.get("id").is_some());
        all.retain(|variables| self.name != "kleSearch" || variables.get("text").is_some());
        all.dedup();
        all
    }

    /// An input that says something in every field that must be there.
    fn input(&self, case: &str, inquiry: &str) -> Value {
        let mut input = Map::new();
        for (name, kind) in &self.arguments {
            let required = kind["kind"] == "NON_NULL";
            let value = match (name.as_str(), named(kind)) {
                ("idempotencyKey", _) => json!(new_key()),
                ("caseId", _) => json!(case),
                ("inquiryId", _) => json!(inquiry),
                ("kle", _) => json!("32"),
                ("facet", _) => json!("G01"),
                ("received", _) => json!("2024-02-01"),
                (_, "Date") => json!("2099-12-31"),
                (_, "ID") => json!(case),
                (_, "Int") if required => json!(1),
                (_, "Boolean") => json!(true),
                (_, "CallDirection" | "DocumentDirection") => json!("INCOMING"),
                (_, "LetterKind") => json!("RECEIPT"),
                (_, "String") if required => json!("Noget"),
                _ => continue,
            };
            input.insert(name.clone(), value);
        }
        Value::Object(input)
    }
}

/// The type under all lists and bangs.
fn named(kind: &Value) -> &str {
    match kind["name"].as_str() {
        Some(name) => name,
        None if kind["ofType"].is_null() => panic!("more lists than were asked about: {kind}"),
        None => named(&kind["ofType"]),
    }
}

/// `ID!`, `String`: as it stands in a variable's declaration.
fn type_name(kind: &Value) -> String {
    if kind["kind"] == "NON_NULL" { format!("{}!", named(kind)) } else { named(kind).to_owned() }
}

/// Everything that can be asked of a type without arguments, so many levels deep.
fn selection(types: &Value, name: &str, depth: usize) -> String {
    let found = types.as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    if name == "Personal" {
        return "{ ... on PersonalText { text } }".to_owned();
    }
    let Some(fields) = found["fields"].as_array() else {
        return if found["kind"] == "UNION" { "{ __typename }".to_owned() } else { String::new() };
    };
    let mut selected = BTreeSet::new();
    for field in fields.iter().filter(|field| field["args"].as_array().is_some_and(Vec::is_empty)) {
        let (key, kind) = (field["name"].as_str().unwrap(), named(&field["type"]));
        let below = types.as_array().unwrap().iter().find(|one| one["name"] == kind).unwrap();
        let leaf = below["kind"] == "SCALAR" || below["kind"] == "ENUM";
        if leaf {
            selected.insert(key.to_owned());
        } else if depth > 1 {
            selected.insert(format!("{key} {}", selection(types, kind, depth - 1)));
        }
    }
    selected.insert("__typename".to_owned());
    format!("{{ {} }}", selected.into_iter().collect::<Vec<_>>().join(" "))
}
