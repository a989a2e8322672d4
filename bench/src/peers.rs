//! Other people's event stores, set up beside Skranke: built, installed and started by this program.
//!
//! Each is a program in `bench/peers/` that understands the same words as ours: a load (`append`, `commands`,
//! `insert`), `fill` and `replay`, and prints the same lines. One that cannot be set up is named with its reason.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::machine::said;
use crate::page::Absent;
use crate::postgres::{Cluster, logged};

/// A store that is ready to be measured.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Its name, as the page and the lines of its program say it.
    pub(crate) name: &'static str,
    /// Its version.
    pub(crate) version: String,
    /// What it does, and what an answer means on its disk.
    pub(crate) notes: String,
    /// How it is called.
    pub(crate) program: Vec<OsString>,
    /// Its loads, each with the numbers of writers.
    pub(crate) loads: &'static [(&'static str, &'static [u64])],
    /// Events in its history.
    pub(crate) replayed: u64,
    /// The server it needs, kept running.
    _cluster: Option<Arc<Cluster>>,
}

type SetUp = fn(&Workshop) -> anyhow::Result<Peer>;
type Loads = &'static [(&'static str, &'static [u64])];
const COMMANDS: Loads = &[("commands", &[1, 64])];
const APPENDS: Loads = &[("append", &[1, 64]), ("guarded", &[1, 64])];

/// Sets up all of them, one after the other. When this is dropped, only what is under way is finished.
pub(crate) async fn set_up(dir: &Path) -> (Vec<Peer>, Vec<Absent>) {
    let (folder, peers) = (dir.to_owned(), dir.join("peers"));
    let workshop = blocking(move || {
        std::fs::create_dir_all(&peers)?;
        let cluster = Cluster::start(&folder, &[]).map(Arc::new).map_err(|error| format!("{error:#}"));
        Ok(Arc::new(Workshop { dir: peers, cluster }))
    });
    let all: [(&'static str, SetUp); 5] = [
        (POSTGRES_ES, Workshop::postgres_es),
        (PYTHON, Workshop::python),
        (TEPHRA, Workshop::tephra),
        (UMADB, Workshop::umadb),
        (EMMETT, Workshop::emmett),
    ];
    let workshop = match workshop.await {
        Ok(workshop) => workshop,
        Err(error) => return (Vec::new(), all.map(|(name, _)| Absent::new(name, &error)).into()),
    };
    let (mut ready, mut absent) = (Vec::new(), Vec::new());
    for (name, build) in all {
        let workshop = Arc::clone(&workshop);
        match blocking(move || build(&workshop)).await {
            Ok(peer) => ready.push(peer),
            Err(error) => {
                eprintln!("{name} is left out: {error:#}");
                absent.push(Absent::new(name, &error));
            }
        }
    }
    (ready, absent)
}

/// Compilers and package managers keep a thread waiting.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work).await?
}

pub(crate) const POSTGRES_ES: &str = "cqrs-es + postgres-es";
pub(crate) const PYTHON: &str = "Python eventsourcing";
pub(crate) const TEPHRA: &str = "tephra";
pub(crate) const UMADB: &str = "UmaDB";
pub(crate) const EMMETT: &str = "emmett + PostgreSQL";

/// Where peers are built.
struct Workshop {
    dir: PathBuf,
    /// The server, or why there is none.
    cluster: Result<Arc<Cluster>, String>,
}

impl Workshop {
    fn cluster(&self) -> anyhow::Result<Arc<Cluster>> {
        self.cluster.clone().map_err(anyhow::Error::msg)
    }

    fn postgres_es(&self) -> anyhow::Result<Peer> {
        let cluster = self.cluster()?;
        let program = self.cargo("postgres")?;
        let (version, durability) = cluster.settings();
        Ok(Peer {
            name: POSTGRES_ES,
            version: format!("{}, PostgreSQL {version}", locked("postgres", "postgres-es")),
            notes: format!(
                "`CqrsFramework` over `PostgresEventRepository`: load, decide, commit, a pool of as many \
                 connections as writers. {durability}. The row *raw PostgreSQL insert* is one INSERT per \
                 transaction on the same server."
            ),
            program: vec![program, "--url".into(), cluster.url().into()],
            loads: &[("insert", &[1, 64]), ("commands", &[1, 64])],
            replayed: 100_000,
            _cluster: Some(cluster),
        })
    }

    fn tephra(&self) -> anyhow::Result<Peer> {
        Ok(Peer {
            name: TEPHRA,
            version: locked("tephra", "tephra"),
            notes: "Embedded, in its default configuration, segments of 256 MiB: every batch is fsync'ed before \
                    it is answered. *Guarded* appends carry an append condition on the stream's tag, which is \
                    what an expected version is elsewhere."
                .to_owned(),
            program: vec![self.cargo("tephra")?],
            loads: APPENDS,
            replayed: 500_000,
            _cluster: None,
        })
    }

    fn umadb(&self) -> anyhow::Result<Peer> {
        Ok(Peer {
            name: UMADB,
            version: locked("umadb", "umadb-core"),
            notes: "Its engine in the process (`umadb-core` with its writer thread, without gRPC), in its default \
                    options: pages and header are synced before an answer. *Guarded* as for tephra."
                .to_owned(),
            program: vec![self.cargo("umadb")?],
            loads: APPENDS,
            replayed: 500_000,
            _cluster: None,
        })
    }

    fn python(&self) -> anyhow::Result<Peer> {
        let folder = self.dir.join("python");
        let interpreter = folder.join("bin/python");
        if !interpreter.exists() {
            let mut make = Command::new("python3");
            make.args(["-m", "venv"]).arg(&folder);
            self.logged("python", make)?;
        }
        let mut install = Command::new(&interpreter);
        install
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(source("python/requirements.txt"));
        self.logged("python", install)?;
        let versions = "import importlib.metadata as m, sqlite3, sys; print(m.version('eventsourcing') + \
             ', Python ' + sys.version.split()[0] + ', SQLite ' + sqlite3.sqlite_version)";
        Ok(Peer {
            name: PYTHON,
            version: said(&interpreter.to_string_lossy(), &["-c", versions]),
            notes: "An `Application` with an `Aggregate` on its SQLite module: get, trigger, save; 64 writers are \
                    64 threads. Its defaults: WAL, and SQLite's synchronous = FULL."
                .to_owned(),
            program: vec![interpreter.into(), source("python/peer.py").into()],
            loads: COMMANDS,
            replayed: 50_000,
            _cluster: None,
        })
    }

    fn emmett(&self) -> anyhow::Result<Peer> {
        let cluster = self.cluster()?;
        let folder = source("node");
        let mut install = Command::new("npm");
        install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder);
        self.logged("node", install)?;
        Ok(Peer {
            name: EMMETT,
            version: format!(
                "{}, Node {}",
                depended("@event-driven-io/emmett-postgresql"),
                said("node", &["--version"])
            ),
            notes:
                "`CommandHandler` over `getPostgreSQLEventStore`: read the stream, decide, append; the same \
                    PostgreSQL server, its default pool; 64 writers are 64 promises."
                    .to_owned(),
            program: vec![
                "node".into(),
                folder.join("peer.mjs").into(),
                "--url".into(),
                cluster.url().into(),
            ],
            loads: COMMANDS,
            replayed: 30_000,
            _cluster: Some(cluster),
        })
    }

    /// Builds a peer in Rust and answers where its program lies.
    fn cargo(&self, name: &str) -> anyhow::Result<OsString> {
        let target = self.dir.join("rust");
        let mut build = Command::new("cargo");
        build.args(["build", "--release", "--locked", "--target-dir"]).arg(&target);
        build.arg("--manifest-path").arg(source(name).join("Cargo.toml"));
        // What `cargo run` tells this program would make Cargo take the peers' crates for changed.
        for (variable, _) in std::env::vars_os() {
            let text = variable.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                build.env_remove(&variable);
            }
        }
        self.logged(name, build)?;
        Ok(target.join("release").join(format!("peer-{name}")).into())
    }

    fn logged(&self, name: &str, command: Command) -> anyhow::Result<()> {
        eprintln!("setting up {name}");
        logged(command, &self.dir.join(format!("{name}.log")))
    }
}

/// Where the peers' sources lie.
fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// The version of a crate that a peer in Rust is built with.
fn locked(peer: &str, package: &str) -> String {
    let manifest = source(peer).join("Cargo.toml");
    let id = said("cargo", &["pkgid", "--offline", "--manifest-path", &manifest.to_string_lossy(), package]);
    id.rsplit(['@', '#']).next().unwrap_or_default().to_owned()
}

/// The version of a package that the peer in Node depends on.
fn depended(package: &str) -> String {
    let text = std::fs::read_to_string(source("node/package.json")).unwrap_or_default();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    json["dependencies"][package].as_str().unwrap_or_default().to_owned()
}

/// What a program said last: where it failed, the reason.
pub(crate) fn last_line(text: &str) -> &str {
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it failed without a word").trim()
}
