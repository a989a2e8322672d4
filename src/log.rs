//! `skranke log`: what an operator does with the log as a whole.

#![expect(clippy::doc_markdown, reason = "help texts are no Markdown")]

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Subcommand;
use skranke_store::copy::{Copied, Progress, Stage, copy};
use skranke_store::{EventLog, directory, open};

/// How often a copy says how far it is.
const TELL_EVERY: Duration = Duration::from_secs(3);

/// What can be done with the log.
#[derive(Debug, Subcommand)]
pub enum Log {
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
pub async fn execute(command: Log) -> anyhow::Result<()> {
    match command {
        Log::Copy { from, to } => {
            // Opening makes what is not there, and a slip of the pen is no log.
            if directory(&from)?.is_some_and(|dir| !dir.exists()) {
                bail!("there is no log to copy: check the directory after file:");
            }
            let from = open(&from).await.context("the log to read does not open")?;
            let copied = copy_into(from.as_ref(), &to).await;
            from.close().await;
            println!("{}", summary(&copied?));
            Ok(())
        }
    }
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
