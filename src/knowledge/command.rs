//! `skranke knowledge`: checks a folder of articles, and publishes what changed.

#![expect(clippy::doc_markdown, reason = "help texts are no Markdown")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Subcommand;
use futures::{StreamExt, stream};
use reqwest::Url;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use skranke_content::{Article, Files, Library};
use skranke_domain::conversation::TopicSlug;
use skranke_domain::knowledge::{
    Edition, Knowledge as Aggregate, KnowledgeAct, KnowledgeCommand, WithdrawnBecause,
};
use skranke_domain::time::{Clock as _, Ids as _, local_date};
use skranke_domain::{Act, By, Lang, Tenant};

use super::check::{Finding, Severity, check};
use super::{checked, edition};
use crate::cli::say;
use crate::clock::{SystemClock, SystemIds};
use crate::config::{Config, Secrets};
use crate::house::House;
use crate::telemetry;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The header that says that no other site's page sends a request.
const OWN: &str = "x-skranke";

/// How many articles are sent at a time: the server learns together what comes together.
const AT_A_TIME: usize = 8;

#[derive(Debug, Subcommand)]
pub(crate) enum Knowledge {
    /// Look for everything that is wrong with a folder of articles; ends with 1 when there is an error
    ///
    /// Missing articles and languages, sources that are not in the list, reviews that have expired or soon will, too few
    /// example questions, facts that an answer must have (required.toml), text that is hard to read (LIX over 45),
    /// articles whose own questions find another article, and more wrong answers than thresholds.toml allows.
    Check {
        /// The content folder: articles/ with services.toml, topics.toml and sources.toml beside it
        dir: PathBuf,
    },
    /// Check a folder, and publish the articles that changed
    ///
    /// A server that runs is told with --server; log in as an administrator with --tenant and --login, and the password in
    /// SKRANKE_PASSWORD. It answers with the new articles from the next message on. Without --server the log is opened
    /// here: with an embedded log the server must not be running.
    Publish {
        /// The content folder
        dir: PathBuf,
        /// The server, for example https://skranke.example.dk
        #[arg(long, requires = "login")]
        server: Option<Url>,
        /// The code of the municipality whose editor publishes, for example 0190
        #[arg(long)]
        tenant: Tenant,
        /// The name to log in to the server with
        #[arg(long, requires = "server")]
        login: Option<String>,
        /// Withdraw the articles that the folder has no more, instead of asking for them
        #[arg(long)]
        withdraw_missing: bool,
        /// Without a server and without a key in the environment: use the demonstration's key file
        #[arg(long, conflicts_with = "server")]
        demo: bool,
    },
}

pub(crate) async fn execute(command: Knowledge, config: Config, secrets: &Secrets) -> anyhow::Result<()> {
    match command {
        Knowledge::Check { dir } => {
            let files = Files::from_dir(&dir)?;
            let findings = looked_through(&files, false)?;
            let articles = files.under("articles").count();
            let (errors, warnings) = counts(&findings);
            say(&format!("{articles} articles, {errors} errors, {warnings} warnings"))?;
            anyhow::ensure!(errors == 0, "the articles have errors");
            Ok(())
        }
        Knowledge::Publish { dir, server, tenant, login, withdraw_missing, demo } => {
            let files = Files::from_dir(&dir)?;
            let (errors, _) = counts(&looked_through(&files, withdraw_missing)?);
            anyhow::ensure!(errors == 0, "the articles have errors, and nothing was published");
            if let Some((server, login)) = server.zip(login) {
                let remote = Remote::log_in(server, tenant, &login, secrets).await?;
                return publish(&files, &Desk::Remote(remote), withdraw_missing).await;
            }
            telemetry::start(&config.telemetry)?;
            let house = House::open(config, secrets, demo).await?;
            let desk = Desk::Here { house: &house, municipality: tenant };
            let published = publish(&files, &desk, withdraw_missing).await;
            house.close().await;
            published
        }
    }
}

/// Tells what is wrong with a folder, one line each.
fn looked_through(files: &Files, withdraws: bool) -> anyhow::Result<Vec<Finding>> {
    let mut findings = check(files, local_date(SystemClock.now()));
    if withdraws {
        // What is not there is to be withdrawn.
        findings
            .retain(|finding| !finding.file.starts_with("articles/") || files.get(&finding.file).is_some());
    }
    for finding in &findings {
        say(&finding.to_string())?;
    }
    Ok(findings)
}

fn counts(findings: &[Finding]) -> (usize, usize) {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    (errors, findings.len() - errors)
}

/// An article in one language.
type Key = (TopicSlug, Lang);

/// What holds of an article on the server.
#[derive(Deserialize)]
struct Held {
    slug: TopicSlug,
    language: Lang,
    #[serde(flatten)]
    edition: Edition,
    withdrawn: bool,
}

/// What was done with an article.
enum Done {
    Published(u32),
    Unchanged,
    Withdrawn,
}

async fn publish(files: &Files, desk: &Desk<'_>, withdraw_missing: bool) -> anyhow::Result<()> {
    let held: BTreeMap<Key, Held> =
        desk.held().await?.into_iter().map(|held| ((held.slug.clone(), held.language), held)).collect();
    // Checked above: every file is an article.
    let read = |(file, bytes)| Some((Article::parse(file, bytes).ok()?, bytes));
    let articles: Vec<(Article, &[u8])> = files.under("articles").filter_map(read).collect();
    let key = |article: &Article| (article.topic.clone(), article.lang);
    let there: BTreeSet<Key> = articles.iter().map(|(article, _)| key(article)).collect();
    let gone = held.values().filter(|held| withdraw_missing && !held.withdrawn);
    let gone = gone.map(|held| (held.slug.clone(), held.language)).filter(|key| !there.contains(key));
    let gone: Vec<Key> = gone.collect();

    let sent = stream::iter(&articles).map(async |(article, bytes)| {
        let key = key(article);
        (name(&key), desk.publish(article, bytes, held.get(&key)).await)
    });
    let withdrawn = stream::iter(&gone).map(async |key| (name(key), desk.withdraw(key).await));
    let mut outcomes = sent.buffered(AT_A_TIME).collect::<Vec<_>>().await;
    outcomes.extend(withdrawn.buffered(AT_A_TIME).collect::<Vec<_>>().await);

    let (mut published, mut unchanged, mut gone, mut failed) = (0, 0, 0, 0);
    for (article, outcome) in outcomes {
        match outcome {
            Ok(Done::Published(version)) => {
                published += 1;
                say(&format!("published: {article} version {version}"))?;
            }
            Ok(Done::Unchanged) => unchanged += 1,
            Ok(Done::Withdrawn) => {
                gone += 1;
                say(&format!("withdrawn: {article}"))?;
            }
            Err(error) => {
                failed += 1;
                say(&format!("not published: {article}: {error:#}"))?;
            }
        }
    }
    say(&format!("{published} published, {unchanged} unchanged, {gone} withdrawn"))?;
    anyhow::ensure!(failed == 0, "{failed} articles were not published");
    Ok(())
}

fn name((slug, lang): &Key) -> String {
    format!("{}.{}", slug.as_str(), lang.tag())
}

/// Where articles are published.
enum Desk<'a> {
    /// On a server that runs.
    Remote(Remote),
    /// In the log that was opened here.
    Here { house: &'a House, municipality: Tenant },
}

impl Desk<'_> {
    /// What holds of every article.
    async fn held(&self) -> anyhow::Result<Vec<Held>> {
        match self {
            Self::Remote(remote) => remote.held().await,
            Self::Here { house, .. } => Ok(held(&house.knowledge.library())),
        }
    }

    /// Publishes an article, unless it is what is answered with already.
    async fn publish(&self, article: &Article, bytes: &[u8], held: Option<&Held>) -> anyhow::Result<Done> {
        if held.is_some_and(|held| !held.withdrawn && held.edition.hash == article.hash) {
            return Ok(Done::Unchanged);
        }
        let file = format!("{}.md", name(&(article.topic.clone(), article.lang)));
        match self {
            Self::Remote(remote) => remote.send(&[&file], &[], bytes.to_vec()).await?,
            Self::Here { house, municipality } => {
                let manuscript = checked(&house.library, &file, bytes).map_err(|problems| {
                    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
                    anyhow::anyhow!(told.join("; "))
                })?;
                let (slug, language) = (manuscript.slug.clone(), manuscript.language);
                let act = KnowledgeAct::Publish(Box::new(manuscript));
                carry_out(house, *municipality, (&slug, language), act).await?;
            }
        }
        Ok(Done::Published(article.version))
    }

    async fn withdraw(&self, key: &Key) -> anyhow::Result<Done> {
        let because = WithdrawnBecause::Removed;
        match self {
            Self::Remote(remote) => {
                let file = format!("{}.md", name(key));
                let query = [("because", because.name())];
                remote.send(&[&file, "withdrawal"], &query, Vec::new()).await?;
            }
            Self::Here { house, municipality } => {
                let (slug, language) = key.clone();
                let act = KnowledgeAct::Withdraw { slug, language, because };
                carry_out(house, *municipality, (&key.0, key.1), act).await?;
            }
        }
        Ok(Done::Withdrawn)
    }
}

async fn carry_out(
    house: &House,
    municipality: Tenant,
    (slug, language): (&TopicSlug, Lang),
    act: KnowledgeAct,
) -> anyhow::Result<()> {
    let under = Act::system(Tenant::COUNTER, house.clock.now(), house.desk.ids().next());
    let shipped = house.knowledge.shipped(slug, language);
    let command = KnowledgeCommand { act, shipped, municipality, under: By::of(&under), by_token: false };
    house.desk.execute::<Aggregate>(&Aggregate::stream(slug, language), command, &under).await?;
    Ok(())
}

fn held(library: &Library) -> Vec<Held> {
    let of = |article: &Article| Held {
        slug: article.topic.clone(),
        language: article.lang,
        edition: edition(article),
        withdrawn: library.is_withdrawn(&article.topic, article.lang),
    };
    library.articles().map(of).collect()
}

/// A server that runs, and an administrator who is logged in to it.
struct Remote {
    client: reqwest::Client,
    articles: Url,
}

impl Remote {
    async fn log_in(server: Url, tenant: Tenant, login: &str, secrets: &Secrets) -> anyhow::Result<Self> {
        let password = secrets.password.as_ref().context("set the password in SKRANKE_PASSWORD")?;
        // A session that is sent over a line that others read is theirs.
        let here = matches!(server.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        anyhow::ensure!(server.scheme() == "https" || here, "--server must begin with https://");
        let client = reqwest::Client::builder().cookie_store(true).timeout(PATIENCE).build()?;
        let address = |path: &str| server.join(path).context("--server is no address");
        let form = json!({ "municipality": tenant, "login": login, "password": password.expose_secret() });
        let answer = client.post(address("/api/login")?).header(OWN, "1").json(&form).send().await;
        succeeded(answer.context("the server does not answer")?).await.context("the log-in was refused")?;
        Ok(Self { articles: address("/api/articles")?, client })
    }

    async fn held(&self) -> anyhow::Result<Vec<Held>> {
        #[derive(Deserialize)]
        struct Listed {
            articles: Vec<Held>,
        }
        let answer = self.client.get(self.articles.clone()).send().await?;
        Ok(succeeded(answer).await?.json::<Listed>().await?.articles)
    }

    async fn send(&self, path: &[&str], query: &[(&str, &str)], body: Vec<u8>) -> anyhow::Result<()> {
        let mut address = self.articles.clone();
        address.path_segments_mut().map_err(|()| anyhow::anyhow!("--server is no address"))?.extend(path);
        let request = self.client.post(address).query(query).header(OWN, "1");
        let request = request.header("idempotency-key", SystemIds.next().to_string()).body(body);
        succeeded(request.send().await?).await?;
        Ok(())
    }
}

/// The answer, or what the server says is wrong.
async fn succeeded(answer: reqwest::Response) -> anyhow::Result<reqwest::Response> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let told: Value = answer.json().await.unwrap_or_default();
    let faults = told["faults"].as_array().into_iter().flatten();
    let texts = std::iter::once(&told).chain(faults).filter_map(|one| one["message"].as_str());
    let texts: Vec<&str> = texts.collect();
    anyhow::bail!("{status} {}", texts.join(" "))
}
