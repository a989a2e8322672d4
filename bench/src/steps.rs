//! One program call after the other: each measurement is a process of its own, whose lines are read.

use std::ffi::OsString;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use bench_measure::Measured;
use tokio::process::Command;

use crate::page;
use crate::peers;

/// One program call.
pub(crate) struct Step {
    /// Whose it is, for the message when it fails.
    pub(crate) whose: String,
    /// The program and its arguments.
    pub(crate) command: Vec<OsString>,
    /// It takes no longer, or something hangs.
    pub(crate) patience: Duration,
}

impl Step {
    /// A call of this program.
    pub(crate) fn ours(what: &[&str], rest: Vec<OsString>, patience: Duration) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program does not know where it lies")?;
        let command = [program.into()].into_iter().chain(what.iter().map(OsString::from)).chain(rest);
        let whose = format!("Skranke, {}", what.join(" "));
        Ok(Self { whose, command: command.collect(), patience })
    }

    /// Says how many writers it has.
    pub(crate) fn of(mut self, writers: u64) -> Self {
        self.whose = format!("{}, {writers} at once", self.whose);
        self
    }

    /// Runs it and reads its lines.
    pub(crate) async fn take(&self) -> anyhow::Result<Vec<Measured>> {
        let (program, arguments) = self.command.split_first().context("nothing to run")?;
        // What an earlier step left to be written must not be on this one's bill.
        let _ = Command::new("sync").status().await;
        let running = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // What went wrong is to be its last line.
            .env("RUST_BACKTRACE", "0")
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} did not start", program.display()))?;
        let done = tokio::time::timeout(self.patience, running.wait_with_output())
            .await
            .with_context(|| format!("no result within {} s", self.patience.as_secs()))??;
        let said = String::from_utf8_lossy(&done.stderr);
        anyhow::ensure!(done.status.success(), "{}", peers::last_line(&said));
        let lines = String::from_utf8(done.stdout)?;
        // Some stores print words of their own.
        let lines = lines.lines().filter(|line| line.starts_with('{'));
        let lines: Vec<Measured> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
        for line in &lines {
            let figures: String = line.rounds.iter().map(|figure| page::figure(*figure)).collect();
            eprint!("{figures} {}  ", line.unit);
        }
        eprintln!();
        std::io::stderr().flush()?;
        Ok(lines)
    }
}
