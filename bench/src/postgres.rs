//! A PostgreSQL of our own: a fresh cluster on the measured disk, reached over a Unix socket, stopped at the end.

use std::fmt::Write;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use tempfile::TempDir;

use crate::machine::said;
use crate::peers::last_line;

/// Who a server is run as when we are root, which PostgreSQL refuses to be.
const UNPRIVILEGED: &str = "postgres";
const CONNECTIONS: u32 = 100;

/// A running cluster. Stopped, and its data deleted, when it is dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    programs: PathBuf,
    root: bool,
    data: TempDir,
    /// Not beside the data: a socket's path may only have 107 bytes.
    socket: TempDir,
}

impl Cluster {
    /// Installs PostgreSQL where that is possible and needed, makes a cluster in `dir` and starts it, with these settings
    /// beside Debian's.
    pub(crate) fn start(dir: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let root = std::fs::metadata("/proc/self")?.uid() == 0;
        let programs = match programs() {
            Some(programs) => programs,
            None => install(dir, root)?,
        };
        let cluster =
            Self { programs, root, data: bench_measure::folder_in(dir)?, socket: tempfile::tempdir()? };
        if root {
            let id = |flag| said("id", &[flag, UNPRIVILEGED]).parse().ok();
            for folder in [&cluster.data, &cluster.socket] {
                std::os::unix::fs::chown(folder.path(), id("-u"), id("-g"))?;
            }
        }
        cluster
            .call("initdb", &["--username=bench", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])?;
        let mut options = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c max_connections={CONNECTIONS}",
            cluster.socket.path().display()
        );
        for (name, value) in settings {
            // Writing to a string cannot fail.
            let _ = write!(options, " -c {name}={value}");
        }
        let log = cluster.data.path().join("server.log");
        cluster
            .call("pg_ctl", &["--wait", "--log", &log.to_string_lossy(), "--options", &options, "start"])?;
        Ok(cluster)
    }

    /// Where clients connect.
    pub(crate) fn url(&self) -> String {
        format!("postgres://bench@localhost/postgres?host={}", self.socket.path().display())
    }

    /// The version, and the settings that durability rests on, as the server tells them.
    pub(crate) fn settings(&self) -> (String, String) {
        let show = |name: &str| {
            let ask = format!("SHOW {name}");
            said("psql", &["--no-psqlrc", "--tuples-only", "--no-align", "--command", &ask, &self.url()])
        };
        let durability =
            ["fsync", "synchronous_commit", "wal_sync_method", "full_page_writes", "shared_buffers"]
                .map(|name| format!("{name} = {}", show(name)));
        (show("server_version"), durability.join(", "))
    }

    fn call(&self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let program = self.programs.join(program);
        let mut command = if self.root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED, "--init-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.arg("--pgdata").arg(self.data.path().join("cluster")).args(arguments);
        // Its own folder, which it may enter; ours it may not.
        command.current_dir(self.data.path());
        logged(command, &self.socket.path().join("call.log"))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A cluster that never started has nothing to stop.
        let _ = self.call("pg_ctl", &["--wait", "--mode=immediate", "stop"]);
    }
}

/// Runs a program to its end. Its words go to a file and not to a pipe: a server that it starts would keep the
/// pipe open.
pub(crate) fn logged(mut command: Command, log: &Path) -> anyhow::Result<()> {
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let program = command.get_program().display().to_string();
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("{program} did not start"))?;
    let words = || std::fs::read_to_string(log).unwrap_or_default();
    anyhow::ensure!(status.success(), "{program}: {}", last_line(&words()));
    Ok(())
}

/// The folder with `initdb` and `pg_ctl`: Debian keeps them off the path, one folder per version.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let on_path = said("which", &["initdb"]);
    folders.extend(Path::new(&on_path).parent().map(Path::to_owned));
    folders.into_iter().rfind(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

fn install(dir: &Path, root: bool) -> anyhow::Result<PathBuf> {
    anyhow::ensure!(root, "PostgreSQL is not installed: apt-get install postgresql");
    eprintln!("installing PostgreSQL");
    for arguments in
        [["update", "-qq"].as_slice(), &["install", "-y", "--no-install-recommends", "postgresql"]]
    {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        logged(command, &dir.join("apt.log"))?;
    }
    programs().context("PostgreSQL was installed, but its programs are not where Debian puts them")
}
