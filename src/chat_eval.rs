//! `skranke chat eval`: how good the chat is, on questions with right answers.
//!
//! The counter is the real one, over a log and a key ring that are thrown away afterwards; they lie in memory where the
//! system has a place for that, so that the disk is not what is measured. Everything that is logged meanwhile is kept
//! and looked through for CPR numbers.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use skranke_chat::corpus::corpus;
use skranke_chat::counter::Counter;
use skranke_chat::eval::{Half, Logged, Report, Run, read, run};
use skranke_chat::understanding::Understanding;
use skranke_content::Library;
use skranke_store::{Desk, EmbeddedLog, EventLog, KeyRing, MasterKey};
use tracing::Level;

use crate::cli::{library, say};
use crate::clock::{SystemClock, SystemIds};
use crate::config::Config;

/// Where Linux keeps files in memory.
const IN_MEMORY: &str = "/dev/shm";

#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// Files of questions: one message or one dialogue per line
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,
    /// Write what the chat made of each line to this file, one JSON object per line
    #[arg(long)]
    predictions: Option<PathBuf>,
}

/// What is printed.
#[derive(Serialize)]
struct Printed {
    #[serde(flatten)]
    report: Report,
    /// The same of the lines whose errors were looked at, and of the others.
    looked_at: Report,
    unseen: Report,
    /// The most memory that the program has used, in megabytes; `None` where the system does not say.
    memory_mb: Option<u64>,
}

/// Runs the evaluation and prints the figures.
pub(crate) async fn execute(eval: Eval, config: &Config) -> anyhow::Result<()> {
    let items = read(&eval.files)?;
    let library = Arc::new(library(config)?);
    let kept = Logged::default();
    let logging = tracing_subscriber::fmt()
        .with_max_level(Level::TRACE)
        .with_writer({
            let kept = kept.clone();
            move || kept.clone()
        })
        .with_ansi(false)
        .finish();
    tracing::subscriber::set_global_default(logging).context("something else is logging already")?;

    let run = answer(&library, items).await?;
    let logged = kept.text();
    let report = Report::of(&run, &library, &logged);
    if let Some(file) = &eval.predictions {
        write(file, &run).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    for unmeetable in &report.unmeetable {
        eprintln!("counted as not met: {unmeetable}");
    }
    let memory_mb = memory();
    if eval.json {
        let [looked_at, unseen] =
            [Half::LookedAt, Half::Unseen].map(|half| Report::of(&run.half(half), &library, &logged));
        return say(&serde_json::to_string(&Printed { report, looked_at, unseen, memory_mb })?);
    }
    say(&report.to_string())?;
    memory_mb.map_or(Ok(()), |memory| say(&format!("memory, at most{memory:>12} MB")))
}

async fn answer(library: &Arc<Library>, items: Vec<skranke_chat::eval::Item>) -> anyhow::Result<Run> {
    let in_memory = Path::new(IN_MEMORY);
    let dir = if in_memory.is_dir() { tempfile::tempdir_in(in_memory) } else { tempfile::tempdir() };
    let dir = dir.context("no throw-away folder could be made")?;
    let log: Arc<dyn EventLog> = Arc::new(EmbeddedLog::open(&dir.path().join("log"))?);
    let keys = KeyRing::open(&dir.path().join("keys"), MasterKey::generate()?)?;
    let desk = Desk::new(Arc::clone(&log), Arc::new(keys), Arc::new(SystemIds), "skranke/eval");
    let understanding = Arc::new(Understanding::new(corpus(library)));
    let counter = Counter::new(desk, Arc::clone(library), understanding, Arc::new(SystemClock));
    let run = run(&counter, items).await;
    log.close().await;
    Ok(run?)
}

fn write(file: &Path, run: &Run) -> anyhow::Result<()> {
    let mut to = BufWriter::new(std::fs::File::create(file)?);
    for (_, outcome) in &run.outcomes {
        serde_json::to_writer(&mut to, outcome)?;
        to.write_all(b"\n")?;
    }
    Ok(to.flush()?)
}

/// The most memory that this process has used, in megabytes.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok()? / 1024)
}
