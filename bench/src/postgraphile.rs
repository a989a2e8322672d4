//! The peer of the API: PostGraphile on PostgreSQL, over exactly the rows that the views hold.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use bench_measure::{Load, Measured};
use reqwest::header::HeaderMap;
use serde::Serialize;
use serde_json::{Value, json};
use skranke_domain::case::{Case, Phase};
use skranke_domain::user::User;
use skranke_domain::{Sealed, TeamId, Tenant};
use skranke_projections::{Cursor, Order, Views, WorkRow, WorklistQuery};
use skranke_store::KeyRing;

use crate::asking::{Api, Question};
use crate::city::{ABSENT, FREQUENT, LOGIN, RARE};
use crate::lists::{DEEP, List, PAGE};
use crate::machine::said;
use crate::postgres::{Cluster, logged};
use crate::seed::master_key;
use crate::world::{now, tenant};

/// The name that its lines begin with.
pub(crate) const NAME: &str = "PostGraphile";

/// The rows and where the server is put.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Plan {
    /// Where PostgreSQL's data is put while it is needed.
    #[arg(long, default_value = "target/bench")]
    work: PathBuf,
    /// How long each question is measured, in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// How long it is warmed up, in seconds.
    #[arg(long, default_value_t = 0.5)]
    warm_up: f64,
    /// Delete the data folder once its rows are copied: both together need a large disk.
    #[arg(long)]
    delete: bool,
    /// The data folder, with its views.
    dir: PathBuf,
}

/// What a server with a few gigabytes to itself is set to.
const SETTINGS: [(&str, &str); 6] = [
    ("shared_buffers", "1GB"),
    ("effective_cache_size", "4GB"),
    ("work_mem", "32MB"),
    ("random_page_cost", "1.1"),
    // The rows are copied in; nothing is replicated.
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
];
/// Rows of the views that are copied at a time.
const COPIED: usize = 1_000;

/// The same list as [`List`] with the same nested rows. `TOTAL` stands where the length of the list is asked for.
const LIST: &str = "query List($filter: CaseFilter, $order: [CaseOrderBy!], $first: Int!, $after: Cursor) {
  allCases(filter: $filter, orderBy: $order, first: $first, after: $after) {
    TOTAL
    pageInfo { hasNextPage endCursor }
    edges {
      cursor
      node {
        id number title kleNumber kleFacet phase due waitingOn waitingSince
        staffByCaseworkerId { id login roles name }
        channel lastEventType lastEventAt
      }
    }
  }
}";
const SEARCH: &str = "query Search($words: String!, $teams: [UUID!]!) {
  searchCases(words: $words, teams: $teams, first: 25) {
    pageInfo { hasNextPage endCursor }
    edges { cursor node { id number phase due staffByCaseworkerId { id login } } }
  }
}";

/// Copies the rows, starts the server, and measures it.
pub(crate) async fn postgraphile(plan: &Plan) -> anyhow::Result<Vec<Measured>> {
    std::fs::create_dir_all(&plan.work)?;
    let work = plan.work.canonicalize()?;
    let folder = source();
    eprintln!("setting up {NAME}");
    let mut install = Command::new("npm");
    install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder);
    logged(install, &work.join("postgraphile.log"))?;
    let cluster = Cluster::start(&work, &SETTINGS)?;
    let psql = Psql { url: cluster.url() };
    let caller = copy(&plan.dir, &psql).await?;
    if plan.delete {
        std::fs::remove_dir_all(&plan.dir)?;
    }
    psql.file(&folder.join("indexes.sql"))?;
    psql.command("VACUUM ANALYZE")?;

    let server = Server::start(&cluster.url())?;
    let api = Api::new(server.address.clone(), HeaderMap::new())?;
    let load = Load { dir: work, writers: 1, seconds: plan.seconds, warm_up: plan.warm_up };
    let mut measured = questions(&api, &load, &caller).await?;
    for line in &mut measured {
        line.name = format!("{NAME}: {}", line.name);
    }
    let rows: u64 = psql.ask("SELECT count(*) FROM cases")?.parse().context("PostgreSQL counts no rows")?;
    let bytes = psql.ask("SELECT pg_database_size(current_database())")?.parse()?;
    measured.push(Measured::one(&format!("{NAME}: rows"), "cases", rows));
    measured.push(Measured::one(&format!("{NAME}: size"), "bytes", bytes));
    Ok(measured)
}

/// Where its source lies.
fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/postgraphile")
}

/// Its versions and settings, for the page.
pub(crate) fn notes() -> String {
    let text = std::fs::read_to_string(source().join("package.json")).unwrap_or_default();
    let package: Value = serde_json::from_str(&text).unwrap_or_default();
    let settings: Vec<_> = SETTINGS.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    format!(
        "*{NAME}* {} with `postgraphile-plugin-connection-filter` {} on Node {}, {}. The Amber preset, NODE_ENV and \
         GRAPHILE_ENV = production, one worker per core with eight connections each, no GraphiQL, no watching, no \
         mutations. {}; everything else as Debian has it.",
        package["dependencies"]["postgraphile"].as_str().unwrap_or_default(),
        package["dependencies"]["postgraphile-plugin-connection-filter"].as_str().unwrap_or_default(),
        package["dependencies"]["node"].as_str().unwrap_or_default(),
        said("psql", &["--version"]),
        settings.join(", "),
    )
}

/// Who asks: the same person as of Skranke.
struct Caller {
    id: String,
    teams: Vec<String>,
}

async fn questions(api: &Api, load: &Load, caller: &Caller) -> anyhow::Result<Vec<Measured>> {
    let whole = LIST.replace("TOTAL", "totalCount");
    let brief = LIST.replace("TOTAL", "");
    let seen = json!([{ "teamId": { "in": caller.teams } }, { "teamId": { "isNull": true } }]);
    let of_tenant = json!({ "equalTo": tenant()?.code() });
    let base = |mut filter: Value| {
        filter["tenant"] = of_tenant.clone();
        filter
    };
    let open = || json!({ "open": { "equalTo": true }, "or": seen });
    let closed = json!({ "phase": { "equalTo": "closed" }, "or": seen });
    let today = skranke_domain::time::local_date(now()).to_string();

    let walked =
        json!({ "filter": base(closed.clone()), "order": ["NUMBER_ASC", "ROW_ID_ASC"], "first": 100 });
    let total = api.ask(&whole, &walked).await?["allCases"]["totalCount"].as_u64().unwrap_or(0);
    let half = usize::try_from(total / 2)?;
    let (_, deep) = api.walk(&brief, walked, half.min(DEEP)).await?;

    let mut measured = Vec::new();
    for list in List::ALL {
        let (filter, order, after) = match list {
            List::Due => (base(open()), ["DUE_ASC", "ROW_ID_ASC"], Value::Null),
            List::Newest => (base(open()), ["OPENED_DESC", "ROW_ID_ASC"], Value::Null),
            List::LastEvent => (base(open()), ["LAST_DESC", "ROW_ID_ASC"], Value::Null),
            List::Mine => {
                let own = json!({ "open": { "equalTo": true }, "caseworkerId": { "equalTo": caller.id } });
                (base(own), ["DUE_ASC", "ROW_ID_ASC"], Value::Null)
            }
            List::Overdue => {
                let overdue =
                    json!({ "open": { "equalTo": true }, "or": seen, "due": { "lessThan": today } });
                (base(overdue), ["DUE_ASC", "ROW_ID_ASC"], Value::Null)
            }
            List::Deep => (base(closed.clone()), ["NUMBER_ASC", "ROW_ID_ASC"], deep.clone()),
        };
        let variables = json!({ "filter": filter, "order": order, "first": PAGE, "after": after });
        let question = Question { name: list.name(), bodies: vec![Api::body(&whole, &variables)] };
        measured.extend(api.measure(load, question).await?);
        let mut without = api
            .measure(load, Question { name: list.name(), bodies: vec![Api::body(&brief, &variables)] })
            .await?;
        for line in &mut without {
            line.name = format!("{}, without its length", line.name);
        }
        measured.extend(without);
    }
    for (name, word) in
        [("search, frequent word", FREQUENT), ("search, rare word", RARE), ("search, absent word", ABSENT)]
    {
        let bodies = vec![Api::body(SEARCH, &json!({ "words": word, "teams": caller.teams }))];
        measured.extend(api.measure(load, Question { name, bodies }).await?);
    }
    Ok(measured)
}

/// Copies the rows of the views in plain text, and answers who will ask for them.
async fn copy(dir: &Path, psql: &Psql) -> anyhow::Result<Caller> {
    let keys = KeyRing::open(dir, master_key(dir)?)?;
    let views = Views::open(dir, keys.clone())?;
    let tenant = tenant()?;
    psql.file(&source().join("schema.sql"))?;

    let mut rows = Copy::into(psql, "teams (id, tenant, name)")?;
    for team in views.teams(tenant).await? {
        rows.row([Some(team.id.to_string()), Some(tenant.code().to_owned()), Some(team.name)])?;
    }
    rows.end()?;
    let mut caller = None;
    let mut rows = Copy::into(psql, "staff (id, tenant, login, roles, name)")?;
    for mut member in views.staff(tenant).await? {
        member.name.open_with(&keys.for_stream(&User::stream(tenant, member.id)))?;
        if member.login == LOGIN {
            let teams = views.teams_open_to(tenant, member.id).await?;
            let teams = teams.iter().map(TeamId::to_string).collect();
            caller = Some(Caller { id: member.id.to_string(), teams });
        }
        let roles: Vec<_> = member.roles.iter().map(skranke_domain::Role::name).collect();
        rows.row([
            Some(member.id.to_string()),
            Some(tenant.code().to_owned()),
            Some(member.login),
            Some(format!("{{{}}}", roles.join(","))),
            member.name.value().cloned(),
        ])?;
    }
    rows.end()?;

    let columns = "id, tenant, number, title, party, kle_number, kle_facet, phase, due, waiting_on, waiting_since, \
                   team_id, caseworker_id, channel, received, opened, last, last_event_type, last_event_at";
    let mut rows = Copy::into(psql, &format!("cases ({columns})"))?;
    let mut after: Option<Cursor> = None;
    loop {
        let query = WorklistQuery {
            phases: Phase::ALL.to_vec(),
            order: Order::Number,
            after,
            first: COPIED,
            ..WorklistQuery::default()
        };
        let page = views.worklist(tenant, query).await?;
        after = page.end().cloned();
        let more = page.more;
        for mut item in page.items {
            item.row.unlock(&keys.for_stream(&Case::stream(tenant, item.row.id)))?;
            rows.row(columns_of(tenant, &item.row)?)?;
        }
        if !more {
            break;
        }
    }
    rows.end()?;
    caller.with_context(|| format!("there is no account {LOGIN}: measure the API first"))
}

/// The columns of a case, in the order in which they are copied.
fn columns_of(tenant: Tenant, row: &WorkRow) -> anyhow::Result<[Option<String>; 19]> {
    let plain = |sealed: &Sealed<String>| sealed.value().cloned();
    Ok([
        Some(row.id.to_string()),
        Some(tenant.code().to_owned()),
        Some(row.number.clone()),
        plain(&row.title),
        row.party.as_ref().and_then(plain),
        row.kle.as_ref().map(|(number, _)| number.to_string()),
        row.kle.as_ref().map(|(_, facet)| facet.to_string()),
        Some(name(&row.phase)?),
        row.due.map(|due| due.to_string()),
        row.waiting_on.map(|(whom, _)| name(&whom)).transpose()?,
        row.waiting_on.map(|(_, since)| since.to_string()),
        row.team.map(|team| team.to_string()),
        row.caseworker.map(|user| user.to_string()),
        Some(name(&row.channel)?),
        Some(row.received.to_string()),
        Some(row.opened.0.to_string()),
        Some(row.position.0.to_string()),
        Some(row.last_event_type.clone()),
        Some(row.last_event_at.to_string()),
    ])
}

/// The name that serde gives a variant without fields.
fn name(variant: &impl Serialize) -> anyhow::Result<String> {
    serde_json::to_value(variant)?.as_str().map(ToOwned::to_owned).context("a variant has fields")
}

/// PostgreSQL's own client.
struct Psql {
    url: String,
}

impl Psql {
    fn call(&self) -> Command {
        let mut call = Command::new("psql");
        call.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"]).arg(&self.url);
        call
    }

    fn run(mut call: Command) -> anyhow::Result<String> {
        let done = call.stdin(Stdio::null()).output().context("psql did not start")?;
        anyhow::ensure!(done.status.success(), "psql: {}", String::from_utf8_lossy(&done.stderr).trim());
        Ok(String::from_utf8(done.stdout)?.trim().to_owned())
    }

    fn file(&self, path: &Path) -> anyhow::Result<()> {
        let mut call = self.call();
        call.arg("--file").arg(path);
        Self::run(call).map(drop)
    }

    fn command(&self, sql: &str) -> anyhow::Result<()> {
        self.ask(sql).map(drop)
    }

    fn ask(&self, sql: &str) -> anyhow::Result<String> {
        let mut call = self.call();
        call.args(["--tuples-only", "--no-align", "--command", sql]);
        Self::run(call)
    }
}

/// Rows on their way into a table.
struct Copy {
    psql: Child,
    into: std::io::BufWriter<std::process::ChildStdin>,
}

impl Copy {
    fn into(psql: &Psql, table: &str) -> anyhow::Result<Self> {
        let mut call = psql.call();
        call.arg("--command").arg(format!("COPY {table} FROM STDIN")).stdin(Stdio::piped());
        let mut psql = call.stdout(Stdio::null()).spawn().context("psql did not start")?;
        let into = std::io::BufWriter::new(psql.stdin.take().context("psql takes no rows")?);
        Ok(Self { psql, into })
    }

    fn row<const COLUMNS: usize>(&mut self, columns: [Option<String>; COLUMNS]) -> anyhow::Result<()> {
        let texts = columns.map(|column| column.map_or_else(|| "\\N".to_owned(), |text| escaped(&text)));
        Ok(writeln!(self.into, "{}", texts.join("\t"))?)
    }

    fn end(self) -> anyhow::Result<()> {
        let Self { mut psql, into } = self;
        // Closed, which is the end of the rows.
        drop(into.into_inner()?);
        anyhow::ensure!(psql.wait()?.success(), "PostgreSQL did not take the rows");
        Ok(())
    }
}

/// A text as `COPY` reads it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

/// PostGraphile, running. Stopped when it is dropped.
struct Server {
    node: Child,
    address: String,
}

impl Server {
    fn start(url: &str) -> anyhow::Result<Self> {
        let workers = std::thread::available_parallelism()?.to_string();
        // The Node that PostGraphile asks for, which need not be the one of this machine.
        let mut node = Command::new(source().join("node_modules/.bin/node"))
            .arg(source().join("server.mjs"))
            .args(["--url", url, "--workers", &workers])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("node did not start")?;
        let said = node.stdout.take().context("node says nothing")?;
        let mut server = Self { node, address: String::new() };
        for line in BufReader::new(said).lines() {
            if let Some((_, address)) = line?.split_once("listening on ") {
                address.clone_into(&mut server.address);
                return Ok(server);
            }
        }
        anyhow::bail!("PostGraphile did not start")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It keeps nothing; its workers end with it.
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_copied_as_it_is() {
        assert_eq!(escaped("C:\\mappe\tog\nlinje"), "C:\\\\mappe\\tog\\nlinje");
    }
}
