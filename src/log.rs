//! `skranke log`: what an operator does with the log as a whole.

#![expect(clippy::doc_markdown, reason = "help texts are no Markdown")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Subcommand;
use skranke_store::copy::{Copied, Progress, Stage, copy};
use skranke_store::maintenance::{self, BackedUp, Stat};
use skranke_store::{EventLog, directory, open};

use crate::audit;
use crate::cli::say;
use crate::config::Config;

/// How often a copy says how far it is.
const TELL_EVERY: Duration = Duration::from_secs(3);

/// What can be done with the log.
#[derive(Debug, Subcommand)]
pub enum Log {
    /// Copy the embedded log and its checkpoints into a folder, also while the server runs
    ///
    /// Everything that was answered before it began is in the copy. A folder that holds an earlier backup of the same
    /// log is brought up to date: what it has already is not copied again. The keys of personal fields are backed up
    /// apart from it, with `skranke key backup`.
    Backup {
        /// The folder of the backup
        to: PathBuf,
    },
    /// Put a backup where there is no log; it is checked as a whole first
    Restore {
        /// The folder of the backup
        from: PathBuf,
    },
    /// Read all of the embedded log and compare every checksum, position, revision and index; also while the server runs
    Check {
        /// A data folder or a backup instead of the configured log
        folder: Option<PathBuf>,
    },
    /// Say what the embedded log consists of (it reads all of it)
    Stat {
        /// A data folder or a backup instead of the configured log
        folder: Option<PathBuf>,
    },
    /// Copy a history to another log, of the same engine or another one, and compare the two
    ///
    /// Stop every Skranke that writes to either of them first. A copy that was interrupted goes on where it ended when
    /// it is started again. The keys of personal fields are not in the log: take keys.db along.
    Copy {
        /// The log to read: file:DIR or kurrentdb://HOST
        #[arg(env = "SKRANKE_COPY_FROM", hide_env_values = true)]
        from: String,
        /// The log to write, which is empty or an unfinished copy
        #[arg(env = "SKRANKE_COPY_TO", hide_env_values = true)]
        to: String,
    },
}

/// Runs a command.
pub async fn execute(command: Log, config: &Config) -> anyhow::Result<()> {
    match command {
        Log::Backup { to } => {
            let (dir, ledger) = (folder(config)?, audit::ledger_dir(config));
            let done = blocking(move || {
                // The checkpoints first: what they sign is in the log that is copied after them.
                copy_checkpoints(&ledger, &to.join("ledger"))?;
                Ok(maintenance::backup(&dir, &to)?)
            });
            let BackedUp { head, copied, kept } = done.await?;
            say(&format!(
                "events up to position {}: {copied} bytes copied, {kept} full segments kept",
                head.0
            ))
        }
        Log::Restore { from } => {
            let (dir, ledger) = (folder(config)?, audit::ledger_dir(config));
            let stat = blocking(move || {
                let stat = maintenance::restore(&from, &dir)?;
                copy_checkpoints(&from.join("ledger"), &ledger)?;
                Ok(stat)
            });
            let stat = stat.await?;
            say(&format!("{} events in {} streams are in place", stat.events, stat.streams))
        }
        Log::Check { folder: other } => {
            let dir = other.map_or_else(|| folder(config), Ok)?;
            let stat = blocking(move || Ok(maintenance::check(&dir)?)).await?;
            say(&format!(
                "everything is as it was written: {} events in {} streams",
                stat.events, stat.streams
            ))
        }
        Log::Stat { folder: other } => {
            let dir = other.map_or_else(|| folder(config), Ok)?;
            say(&describe(&blocking(move || Ok(maintenance::check(&dir)?)).await?))
        }
        Log::Copy { from, to } => {
            // Opening makes what is not there, and a slip of the pen is no log.
            if directory(&from)?.is_some_and(|dir| !dir.exists()) {
                bail!("there is no log to copy: check the directory after file:");
            }
            let from = open(&from).await.context("the log to read does not open")?;
            let copied = copy_into(from.as_ref(), &to).await;
            from.close().await;
            say(&summary(&copied?))
        }
    }
}

/// The folder of the configured log.
fn folder(config: &Config) -> anyhow::Result<PathBuf> {
    directory(&config.log)?
        .context("this is for an embedded log (file:DIR); a KurrentDB has tools of its own")
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work).await?
}

/// Copies what was signed: the tree itself is made anew from the log, and must then fit it.
fn copy_checkpoints(from: &Path, to: &Path) -> anyhow::Result<()> {
    let copy = |from: &Path, to: &Path| {
        let done = std::fs::copy(from, to);
        done.with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))
    };
    for name in ["origin", "checkpoint"] {
        if from.join(name).exists() {
            std::fs::create_dir_all(to)?;
            copy(&from.join(name), &to.join(name))?;
        }
    }
    for name in ["checkpoints", "cosigned"] {
        if !from.join(name).is_dir() {
            continue;
        }
        std::fs::create_dir_all(to.join(name))?;
        for entry in std::fs::read_dir(from.join(name))? {
            let entry = entry?;
            copy(&entry.path(), &to.join(name).join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn describe(stat: &Stat) -> String {
    let Stat { events, streams, keys, segments, bytes, on_disk, first, last, types } = stat;
    let moment = |at: &Option<jiff::Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
    let mut text = format!(
        "events    {events}\nstreams   {streams}\nkeys      {keys}\nsegments  {segments}\nbytes     {bytes} ({on_disk} on \
         disk)\nfirst     {}\nlast      {}\n",
        moment(first),
        moment(last)
    );
    for (name, (events, bytes)) in types {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{events:>10} {:>10} B each  {name}", bytes / events.max(&1));
    }
    text
}

async fn copy_into(from: &dyn EventLog, to: &str) -> anyhow::Result<Copied> {
    let to = open(to).await.context("the log to write does not open")?;
    let mut told: Option<(Stage, Instant)> = None;
    let mut tell = |progress: Progress| {
        let news = told.is_none_or(|(stage, at)| stage != progress.stage || at.elapsed() >= TELL_EVERY);
        if news {
            let Progress { stage, events, position, head } = progress;
            eprintln!("{stage}: {events} events, position {} of {}", position.0, head.0);
            told = Some((stage, Instant::now()));
        }
    };
    let copied = copy(from, to.as_ref(), &mut tell).await;
    to.close().await;
    Ok(copied?)
}

fn summary(copied: &Copied) -> String {
    let Copied { events, streams, deleted, found, left_out, digest } = copied;
    let digest = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!(
        "{events} events in {streams} streams ({deleted} deleted), {found} of them found there, {left_out} system \
         events left out\nboth logs hold the same, SHA-256 {digest}"
    )
}
