//! The real server on a data folder, in production settings, and what it takes.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use bench_measure::cpu_time_of;
use tokio::process::{Child, Command};

use crate::machine::memory_of;
use crate::seed::key_path;

/// Nothing the server does by itself takes longer, or it hangs.
const PATIENCE: Duration = Duration::from_mins(20);

/// Where a server is at home: its program, its folder, its key.
pub(crate) struct Home {
    program: PathBuf,
    dir: PathBuf,
    master_key: String,
}

impl Home {
    pub(crate) fn of(program: &Path, dir: &Path) -> anyhow::Result<Self> {
        let key = key_path(dir);
        let master_key =
            std::fs::read_to_string(&key).with_context(|| format!("cannot read {}", key.display()))?;
        let program = program.canonicalize().with_context(|| format!("there is no {}", program.display()))?;
        Ok(Self { program, dir: dir.to_owned(), master_key })
    }

    /// The program with production settings and nothing of the environment. Only what a measurement would run into is
    /// lifted: the limits on what one address and one conversation may send, and that only documents of the dashboard
    /// are answered (the search has none yet).
    pub(crate) fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg("--data")
            .arg(&self.dir)
            .args(arguments)
            .current_dir(&self.dir)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("SKRANKE_MASTER_KEY", self.master_key.trim())
            .env("SKRANKE_LIMITS_BURST", "100000000")
            .env("SKRANKE_LIMITS_CHAT_PER_MINUTE", "1000000")
            .env("SKRANKE_LIMITS_CHAT_PER_DAY", "1000000")
            .env("SKRANKE_LIMITS_GRAPHQL_DOCUMENTS", "any")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Starts the server and says how long it took until it was ready.
    pub(crate) async fn serve(&self) -> anyhow::Result<(Server, Duration)> {
        let mut log = self.dir.clone().into_os_string();
        log.push(".log");
        let output = File::create(&log)?;
        let mut command = self.command(["serve", "--listen", "127.0.0.1:0"]);
        command.stdout(output.try_clone()?).stderr(output);
        let began = Instant::now();
        let mut child = command.spawn().context("the server did not start")?;
        let http = reqwest::Client::new();
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            anyhow::ensure!(child.try_wait()?.is_none(), "the server stopped: {}", last(&said));
            anyhow::ensure!(began.elapsed() < PATIENCE, "the server is not ready: {}", last(&said));
            let Some((_, rest)) = said.split_once("listens on http://") else { continue };
            let Some((address, _)) = rest.split_once('\n') else { continue };
            let answer = http.get(format!("http://{address}/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                let ready = began.elapsed();
                let process = child.id().context("the server has no process")?.to_string();
                let address = address.to_owned();
                return Ok((Server { child, process, address, http }, ready));
            }
        }
    }
}

fn last(said: &str) -> &str {
    crate::peers::last_line(said)
}

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    process: String,
    /// Host and port.
    pub(crate) address: String,
    /// A client for it.
    pub(crate) http: reqwest::Client,
}

impl Server {
    /// How many bytes of memory it has, as [`memory_of`] names them.
    pub(crate) fn memory(&self, line: &str) -> anyhow::Result<u64> {
        memory_of(&self.process, line)
    }

    /// Waits until it has nothing to do any more: until it has not computed for twice three seconds.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        let (until, mut idle) = (Instant::now() + PATIENCE, 0);
        while idle < 2 {
            anyhow::ensure!(Instant::now() < until, "the server does not come to rest");
            let before = cpu_time_of(&self.process);
            tokio::time::sleep(Duration::from_secs(3)).await;
            let computed = cpu_time_of(&self.process).saturating_sub(before);
            idle = if computed < Duration::from_millis(100) { idle + 1 } else { 0 };
        }
        Ok(())
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.process]).status().await?;
        anyhow::ensure!(asked.success(), "the server cannot be asked to stop");
        let ended = tokio::time::timeout(Duration::from_mins(1), self.child.wait()).await;
        anyhow::ensure!(ended.context("the server does not stop")??.success(), "the server stopped badly");
        Ok(())
    }
}
