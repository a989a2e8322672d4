//! The real server on a filled folder, in production settings: how soon it is ready, how much memory it takes, and how
//! fast it answers what the dashboard asks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use bench_measure::{Load, Measured};
use reqwest::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use serde_json::{Value, json};
use skranke_domain::time::Ids;

use crate::asking::{Api, Question};
use crate::city::{ABSENT, FREQUENT, LOGIN, RARE};
use crate::lists::{DEEP, List, PAGE};
use crate::server::{Home, Server};
use crate::world::{Uuids, tenant};

/// The server and the folder.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Plan {
    /// The `skranke` program.
    #[arg(long)]
    skranke: PathBuf,
    /// How long each question is measured, in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// How long it is warmed up, in seconds.
    #[arg(long, default_value_t = 0.5)]
    warm_up: f64,
    /// The data folder, with its views.
    dir: PathBuf,
}

/// Cases that are looked at and noted upon; more than a client asks for twice within a measurement.
const LOOKED_AT: usize = 4_000;
/// What the server's processes keep in files is written after this time without news.
const WRITTEN: Duration = Duration::from_secs(55);

/// The search has no screen yet, so its document is none of the dashboard's.
const SEARCH: &str = "query Search($text: String!) {
  search(text: $text, purpose: CASE_HANDLING, first: 25) {
    pageInfo { hasNextPage endCursor }
    edges { cursor node { foundIn at case { id number phase due caseworker { id login } } } }
  }
}";

/// Measures everything.
pub(crate) async fn api(plan: &Plan) -> anyhow::Result<Vec<Measured>> {
    let dir = plan.dir.canonicalize().with_context(|| format!("there is no {}", plan.dir.display()))?;
    let home = Home::of(&plan.skranke, &dir)?;
    let password = Uuids.next().to_string();
    add_user(&home, &password).await?;

    // The first start finishes what was left to do since the folder was filled (the ledger, the calendar of deadlines);
    // the second is what an operator sees every day.
    let (first, _) = home.serve().await?;
    first.settle().await?;
    tokio::time::sleep(WRITTEN).await;
    first.stop().await?;
    let (server, ready) = home.serve().await?;
    let mut measured = vec![Measured::of("ready after", "s", ready.as_secs_f64())];
    server.settle().await?;
    measured.push(Measured::one("memory at rest", "bytes", server.memory("VmRSS")?));

    let load = Load { dir, writers: 1, seconds: plan.seconds, warm_up: plan.warm_up };
    measured.extend(questions(&log_in(&server, &password).await?, &load).await?);
    measured.push(Measured::one("memory after the load", "bytes", server.memory("VmRSS")?));
    measured.push(Measured::one("memory at its peak", "bytes", server.memory("VmHWM")?));
    server.stop().await?;
    Ok(measured)
}

async fn questions(api: &Api, load: &Load) -> anyhow::Result<Vec<Measured>> {
    let documents = Documents::of_the_dashboard()?;
    let worklist = documents.named("query Worklist(")?;
    let page = |filter: Value, order: &str| json!({ "filter": filter, "order": order, "first": 100 });

    let (open, _) = api.walk(worklist, page(Value::Null, "DUE"), LOOKED_AT).await?;
    let closed = page(json!({ "phases": ["CLOSED"] }), "NUMBER");
    let total = api.ask(worklist, &closed).await?["cases"]["totalCount"].as_u64().unwrap_or(0);
    let half = usize::try_from(total / 2)?;
    let (closed, deep) = api.walk(worklist, closed, half.min(DEEP)).await?;

    let mut measured = Vec::new();
    for list in List::ALL {
        let (filter, order) = match list {
            List::Due => (Value::Null, "DUE"),
            List::Newest => (Value::Null, "NEWEST"),
            List::LastEvent => (Value::Null, "LAST_EVENT"),
            List::Mine => (json!({ "mine": true }), "DUE"),
            List::Overdue => (json!({ "overdue": true }), "DUE"),
            List::Deep => (json!({ "phases": ["CLOSED"] }), "NUMBER"),
        };
        let after = if list == List::Deep { deep.clone() } else { Value::Null };
        let variables = json!({ "filter": filter, "order": order, "first": PAGE, "after": after });
        let question = Question { name: list.name(), bodies: vec![Api::body(worklist, &variables)] };
        measured.extend(api.measure(load, question).await?);
    }
    let bodies = vec![Api::body(documents.named("query Counters ")?, &Value::Null)];
    measured.extend(api.measure(load, Question { name: "counters", bodies }).await?);
    for (name, word) in
        [("search, frequent word", FREQUENT), ("search, rare word", RARE), ("search, absent word", ABSENT)]
    {
        let bodies = vec![Api::body(SEARCH, &json!({ "text": word }))];
        measured.extend(api.measure(load, Question { name, bodies }).await?);
    }
    let by_id = documents.named("query CaseById(")?;
    let ids = open.iter().chain(&closed).take(LOOKED_AT).map(|row| &row["id"]);
    let bodies = ids.map(|id| Api::body(by_id, &json!({ "id": id }))).collect();
    measured.extend(api.measure(load, Question { name: "case page", bodies }).await?);
    measured.extend(notes(api, load, documents.named("mutation StepNote(")?, &open).await?);
    Ok(measured)
}

/// Notes in open cases: one durable command each, and an answer once it can be read.
async fn notes(api: &Api, load: &Load, document: &str, open: &[Value]) -> anyhow::Result<Vec<Measured>> {
    // Undecided or not, a case can be noted upon once it is somebody's.
    let cases: Vec<Value> =
        open.iter().filter(|row| row["caseworker"].is_object()).map(|row| row["id"].clone()).collect();
    anyhow::ensure!(!cases.is_empty(), "nobody has a case that could be noted upon");
    let document = document.to_owned();
    let each = move |client: u64, number: u64| {
        // Clients far apart, so that no two are in one case at a time.
        let place = (client * 257 + number) % cases.len() as u64;
        let case = &cases[usize::try_from(place).unwrap_or(0)];
        let key = Uuids.next().to_string();
        let input = json!({ "caseId": case, "text": "Ringet op, ikke hjemme.", "idempotencyKey": key });
        Api::body(&document, &json!({ "input": input }))
    };
    api.measure_each(load, "note a step", each).await
}

/// The documents that the dashboard was built with.
struct Documents(Vec<String>);

impl Documents {
    fn of_the_dashboard() -> anyhow::Result<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/dist/operations.json");
        let text = std::fs::read_to_string(&path)
            .context("the dashboard was not built: `make web/dist/.built` builds it")?;
        Ok(Self(serde_json::from_str(&text)?))
    }

    fn named(&self, begins: &str) -> anyhow::Result<&str> {
        let found = self.0.iter().find(|document| document.contains(begins));
        found.map(String::as_str).with_context(|| format!("the dashboard asks no {begins}…)"))
    }
}

/// Makes the account that is measured with. A folder is measured once: afterwards there is one.
async fn add_user(home: &Home, password: &str) -> anyhow::Result<()> {
    let (code, name) = (tenant()?.code().to_owned(), "Maja Målersen");
    let arguments = ["user", "add", "--tenant", &code, "--login", LOGIN, "--name", name];
    let roles = ["--role", "caseworker", "--role", "team-lead"];
    let mut command = home.command(arguments.iter().chain(&roles));
    let done = command.env("SKRANKE_PASSWORD", password).output().await?;
    anyhow::ensure!(done.status.success(), "no account: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

/// The API as the account may use it.
async fn log_in(server: &Server, password: &str) -> anyhow::Result<Api> {
    let own = HeaderName::from_static("x-skranke");
    let who = json!({ "municipality": tenant()?.code(), "login": LOGIN, "password": password }).to_string();
    let answer = server
        .http
        .post(format!("http://{}/api/login", server.address))
        .header(&own, "1")
        .header(reqwest::header::CONTENT_TYPE, "application/json")
        .body(who)
        .send()
        .await?;
    anyhow::ensure!(answer.status().is_success(), "the log-in was refused: {}", answer.text().await?);
    let cookie = answer.headers().get(SET_COOKIE).context("the log-in brought no cookie")?.to_str()?;
    let cookie = cookie.split(';').next().unwrap_or_default();
    let headers = HeaderMap::from_iter([
        (COOKIE, HeaderValue::from_str(cookie)?),
        (own, HeaderValue::from_static("1")),
    ]);
    Api::new(format!("http://{}/graphql", server.address), headers)
}
