//! How good the chat is, beside other programs that learned from the same articles: `docs/CHAT_QUALITY.md`.
//!
//! The questions are those in `chat/tests/questions`, by people who wrote neither the articles nor the code. Skranke
//! answers them through `skranke chat eval`, with everything that belongs to a turn. The others only rank topics, each
//! in its best reasonable form: trained with all titles, keywords and example questions.

mod full_text;
mod load;
mod page;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use skranke_content::Library;
use skranke_domain::Lang;

#[derive(Args)]
pub(crate) struct Plan {
    /// The program that is measured.
    #[arg(long, default_value = "target/release/skranke")]
    skranke: PathBuf,
    /// The folder of questions.
    #[arg(long, default_value = "chat/tests/questions")]
    questions: PathBuf,
    /// How many conversations are open while turns are measured over HTTP.
    #[arg(long, default_value_t = 10_000)]
    conversations: u64,
    /// Where the data of those conversations is put while it is needed.
    #[arg(long, default_value = "target/bench")]
    dir: PathBuf,
    /// Write the page here instead of printing it.
    #[arg(long)]
    page: Option<PathBuf>,
}

/// An article, as the others learn it.
#[derive(Serialize)]
struct Lesson {
    slug: String,
    title: String,
    keywords: Vec<String>,
    questions: Vec<String>,
    body: String,
}

/// A message that has a right topic.
#[derive(Clone, Deserialize)]
struct Asked {
    id: String,
    lang: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    kind: String,
    topic: Option<String>,
    #[serde(default)]
    accept: Vec<String>,
}

/// A question, as the others get it: without the answer.
#[derive(Serialize)]
struct Question<'a> {
    id: &'a str,
    lang: &'a str,
    text: &'a str,
}

/// What one program ranked for one question.
#[derive(Deserialize)]
struct Ranked {
    id: String,
    topics: Vec<String>,
    ms: f64,
}

/// The figures of one of the others.
struct Peer {
    name: String,
    /// Right at once and right among three, for each language, 0 to 1.
    right: BTreeMap<String, (f64, f64)>,
    p50_ms: f64,
    memory_mb: Option<u64>,
    train_s: Option<f64>,
}

/// Measures everything and writes the page.
pub(crate) async fn run(plan: &Plan) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let files = questions(&plan.questions)?;
    let (table, all) = evaluate(&plan.skranke, &files)?;

    let library = Library::builtin()?;
    let asked = asked(&files)?;
    let texts = asked.iter().map(|asked| asked.text.clone()).collect();
    let load = load::measure(&plan.skranke, &plan.dir, plan.conversations, texts).await?;
    let lessons = BTreeMap::from(["da", "en"].map(|lang| (lang, lessons(&library, Lang::from_tag(lang)))));
    let (training, put) = (dir.path().join("training.json"), dir.path().join("questions.json"));
    fs::write(&training, serde_json::to_vec(&lessons)?)?;
    let bare: Vec<Question<'_>> =
        asked.iter().map(|asked| Question { id: &asked.id, lang: &asked.lang, text: &asked.text }).collect();
    fs::write(&put, serde_json::to_vec(&bare)?)?;

    let mut peers = Vec::new();
    for form in full_text::FORMS {
        peers.push(full_text::measure(form, &lessons, &asked)?);
    }
    let folder = Path::new("bench/peers/chat");
    let installed =
        Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--silent"]).current_dir(folder).status();
    anyhow::ensure!(
        installed.context("npm is needed for nlp.js and lunr")?.success(),
        "npm ci failed in {}",
        folder.display()
    );
    for (name, script) in [("lunr 2.3 + lunr-languages (da)", "lunr.mjs"), ("nlp.js 4.27", "nlp.mjs")] {
        eprintln!("{name} …");
        let said = Command::new("node").arg(folder.join(script)).args([&training, &put]).output()?;
        anyhow::ensure!(said.status.success(), "{name} failed: {}", String::from_utf8_lossy(&said.stderr));
        peers.push(Peer::of(name, &String::from_utf8(said.stdout)?, &asked)?);
    }
    let page = page::write(&page::Run {
        program: plan.skranke.display().to_string(),
        table,
        all,
        peers,
        asked: asked.len(),
        lines: count(&files)?,
        load,
    });
    if let Some(file) = &plan.page {
        return fs::write(file, page).with_context(|| format!("{} cannot be written", file.display()));
    }
    println!("{page}");
    Ok(())
}

fn questions(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    Ok(files)
}

/// How many messages and dialogues there are.
fn count(files: &[PathBuf]) -> anyhow::Result<[usize; 2]> {
    let (mut messages, mut dialogues) = (0, 0);
    for file in files {
        for line in fs::read_to_string(file)?.lines().filter(|line| !line.trim().is_empty()) {
            let is_dialogue = serde_json::from_str::<Value>(line)?["turns"].is_array();
            *if is_dialogue { &mut dialogues } else { &mut messages } += 1;
        }
    }
    Ok([messages, dialogues])
}

/// Skranke's own table, and the same as an object.
fn evaluate(skranke: &Path, files: &[PathBuf]) -> anyhow::Result<(String, Value)> {
    let say = |json: bool| -> anyhow::Result<String> {
        let mut command = Command::new(skranke);
        command.args(["chat", "eval"]).args(files).args(json.then_some("--json"));
        let said = command.output().with_context(|| format!("{} does not start", skranke.display()))?;
        anyhow::ensure!(said.status.success(), "chat eval failed: {}", String::from_utf8_lossy(&said.stderr));
        Ok(String::from_utf8(said.stdout)?)
    };
    Ok((say(false)?, serde_json::from_str(&say(true)?)?))
}

/// The Danish and English messages that have a right topic.
fn asked(files: &[PathBuf]) -> anyhow::Result<Vec<Asked>> {
    let mut asked = Vec::new();
    for file in files {
        for line in fs::read_to_string(file)?.lines().filter(|line| !line.trim().is_empty()) {
            let message: Asked = serde_json::from_str(line)?;
            let topical = matches!(message.kind.as_str(), "answer" | "route") && message.topic.is_some();
            if topical && matches!(message.lang.as_str(), "da" | "en") {
                asked.push(message);
            }
        }
    }
    Ok(asked)
}

fn lessons(library: &Library, lang: Lang) -> Vec<Lesson> {
    let own = library.articles().filter(|article| article.lang == lang);
    own.map(|article| {
        let synonyms = library.service(&article.topic).map_or(&[][..], |service| service.synonyms(lang));
        Lesson {
            slug: article.topic.as_str().to_owned(),
            title: article.title.clone(),
            keywords: article.keywords.iter().chain(synonyms).cloned().collect(),
            questions: article.questions.clone(),
            body: article.paragraphs.join("\n"),
        }
    })
    .collect()
}

impl Peer {
    /// The figures behind the lines that a peer printed.
    fn of(name: &str, lines: &str, asked: &[Asked]) -> anyhow::Result<Self> {
        let (mut ranked, mut last) = (Vec::new(), Value::Null);
        for line in lines.lines() {
            match serde_json::from_str::<Ranked>(line) {
                Ok(one) => ranked.push(one),
                Err(_) => last = serde_json::from_str(line)?,
            }
        }
        let mut peer = Self::ranked(name, &ranked, asked);
        peer.memory_mb = last["memory_mb"].as_u64();
        peer.train_s = last["train_s"].as_f64();
        Ok(peer)
    }

    fn ranked(name: &str, ranked: &[Ranked], asked: &[Asked]) -> Self {
        let by_id: BTreeMap<&str, &Ranked> = ranked.iter().map(|one| (one.id.as_str(), one)).collect();
        let mut counts: BTreeMap<String, [u32; 3]> = BTreeMap::new();
        for asked in asked {
            let topics = by_id.get(asked.id.as_str()).map_or(&[][..], |one| one.topics.as_slice());
            let right = |topic: &String| asked.topic.as_ref() == Some(topic) || asked.accept.contains(topic);
            let count = counts.entry(asked.lang.clone()).or_default();
            count[0] += u32::from(topics.first().is_some_and(right));
            count[1] += u32::from(topics.iter().take(3).any(right));
            count[2] += 1;
        }
        let share = |part: u32, of: u32| f64::from(part) / f64::from(of.max(1));
        let right =
            counts.into_iter().map(|(lang, [one, three, all])| (lang, (share(one, all), share(three, all))));
        let mut times: Vec<f64> = ranked.iter().map(|one| one.ms).collect();
        times.sort_by(f64::total_cmp);
        let p50_ms = times.get(times.len() / 2).copied().unwrap_or_default();
        Self { name: name.to_owned(), right: right.collect(), p50_ms, memory_mb: None, train_s: None }
    }
}
