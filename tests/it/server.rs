//! The real binary, started in a folder of its own on a port of its own, and killed when the test is over.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use tempfile::TempDir;

use crate::people::Person;

/// The password of every account of the demonstration.
pub(crate) const PASSWORD: &str = "skranke-demo";
/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Looks again and again until there is something to see.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "it never came to this: {what}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// How the binary is to be started.
#[derive(Clone)]
pub(crate) struct Setup {
    environment: Vec<(String, String)>,
    /// Learning every article takes a debug build several seconds; most tests need no more than a few.
    few_articles: bool,
    demo: bool,
    listen: String,
    data: Option<PathBuf>,
    /// A log that is not in the data folder.
    log: Option<String>,
    /// A program that starts the binary, and its arguments.
    inside: Vec<String>,
}

impl Setup {
    /// A demonstration with a few articles, and no limit that a quick test would run into.
    pub(crate) fn new() -> Self {
        Self {
            environment: Vec::new(),
            few_articles: true,
            demo: true,
            listen: "127.0.0.1:0".to_owned(),
            data: None,
            log: None,
            inside: Vec::new(),
        }
        .set("SKRANKE_LIMITS_BURST", "1000000")
        .set("SKRANKE_LIMITS_GRAPHQL_DOCUMENTS", "any")
        // A test that logs in before the views know of the account tries again and again.
        .set("SKRANKE_SESSION_LOCK_AFTER", "10000")
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) const fn with_every_article(mut self) -> Self {
        self.few_articles = false;
        self
    }

    pub(crate) const fn without_demo(mut self) -> Self {
        self.demo = false;
        self
    }

    pub(crate) fn on(mut self, address: &str) -> Self {
        address.clone_into(&mut self.listen);
        self
    }

    pub(crate) fn with_data_in(mut self, data: &Path) -> Self {
        self.data = Some(data.to_owned());
        self
    }

    #[cfg(all(feature = "endpoint", feature = "kurrent"))]
    pub(crate) fn on_log(mut self, url: &str) -> Self {
        self.log = Some(url.to_owned());
        self
    }

    pub(crate) fn inside(mut self, program: &[&str]) -> Self {
        self.inside = program.iter().map(|part| (*part).to_owned()).collect();
        self
    }

    /// Starts the server and waits until it serves.
    pub(crate) async fn start(self) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server { setup: self, folder, child: None, address: Arc::default() };
        server.restart().await;
        server
    }

    /// Runs the program to its end, with these arguments instead of `serve`.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("output.txt");
        let child = self.command(folder.path(), &output, arguments).spawn().unwrap();
        end_of(child, &output).await
    }

    /// Runs `serve` to its end: it is expected to refuse.
    pub(crate) async fn refuse(&self) -> Ended {
        let arguments = self.serve();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.run(&arguments).await
    }

    fn serve(&self) -> Vec<String> {
        let mut arguments = vec!["serve".to_owned(), "--listen".to_owned(), self.listen.clone()];
        arguments.extend(self.demo.then(|| "--demo".to_owned()));
        arguments
    }

    fn command(&self, folder: &Path, output: &Path, arguments: &[&str]) -> Command {
        let mut parts = self.inside.clone();
        parts.push(env!("CARGO_BIN_EXE_skranke").to_owned());
        let mut command = Command::new(&parts[0]);
        let data = self.data.clone().unwrap_or_else(|| folder.join("data"));
        command.args(&parts[1..]);
        // Nothing of the machine's own settings, and no skranke.toml by chance.
        command.current_dir(folder).env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        match &self.log {
            // The option would put the log into the folder, too.
            Some(log) => command.env("SKRANKE_DATA", data).env("SKRANKE_LOG", log),
            None => command.arg("--data").arg(data),
        };
        command.args(arguments);
        if self.few_articles {
            command.env("SKRANKE_CONTENT", few_articles(folder));
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let open = || OpenOptions::new().create(true).append(true).open(output).unwrap();
        command.stdin(Stdio::null()).stdout(open()).stderr(open());
        command
    }
}

/// What a program left behind.
pub(crate) struct Ended {
    pub(crate) success: bool,
    /// What it wrote, on either stream.
    pub(crate) output: String,
}

impl Ended {
    /// The one line that says why it did not start, when it did say so and did not break.
    #[track_caller]
    pub(crate) fn why(&self) -> &str {
        let Self { success, output } = self;
        assert!(!success, "it did what it was expected to refuse: {output}");
        assert!(!output.contains("panicked"), "{output}");
        let why = output.lines().find(|line| line.starts_with("skranke: "));
        why.unwrap_or_else(|| panic!("it does not say why: {output}"))
    }
}

async fn end_of(mut child: Child, output: &Path) -> Ended {
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("it never ended: {}", std::fs::read_to_string(output).unwrap());
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    };
    Ended { success: status.success(), output: std::fs::read_to_string(output).unwrap() }
}

/// A content folder with the articles that the demo cases are about, made in `folder` unless it is there.
pub(crate) fn few_articles(folder: &Path) -> PathBuf {
    const KEPT: [&str; 7] = [
        "boligstoette",
        "flytning",
        "hjaelpemidler",
        "kontanthjaelp",
        "boernepasning",
        "sundhedskort",
        "hotline",
    ];
    let (from, to) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("content"), folder.join("content"));
    if to.exists() {
        return to;
    }
    for part in ["articles", "rules"] {
        std::fs::create_dir_all(to.join(part)).unwrap();
        for entry in std::fs::read_dir(from.join(part)).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            let topic = name.split('.').next().unwrap();
            if part == "rules" || KEPT.contains(&topic) {
                std::fs::copy(entry.path(), to.join(part).join(&name)).unwrap();
            }
        }
    }
    for entry in std::fs::read_dir(&from).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let Some((stem, kind)) = name.rsplit_once('.') else { continue };
        let list = match stem {
            "services" => "service",
            "topics" => "topic",
            "required" => "fact",
            // Found for all articles; for a few of them nothing is demanded.
            "thresholds" => continue,
            _ if kind == "toml" || kind == "csv" => "",
            _ => continue,
        };
        if list.is_empty() || name == "Cargo.toml" {
            std::fs::copy(entry.path(), to.join(&name)).unwrap();
            continue;
        }
        let mut table: toml::Table = std::fs::read_to_string(entry.path()).unwrap().parse().unwrap();
        let entries = table[list].as_array_mut().unwrap();
        // What is demanded of every topic is demanded of these.
        let topic = |entry: &toml::Value| {
            entry.get("slug").or(entry.get("topic")).unwrap().as_str().unwrap().to_owned()
        };
        entries.retain(|entry| topic(entry) == "*" || KEPT.contains(&topic(entry).as_str()));
        std::fs::write(to.join(&name), toml::to_string(&table).unwrap()).unwrap();
    }
    to
}

/// The running server. Dropping it kills it, and fails the test when anything panicked in there.
pub(crate) struct Server {
    setup: Setup,
    folder: TempDir,
    child: Option<Child>,
    /// Where it listens; another port after each start, which the people who use it are told.
    address: Arc<Mutex<String>>,
}

impl Server {
    /// A demonstration with a few articles.
    pub(crate) async fn start() -> Self {
        Setup::new().start().await
    }

    /// The folder that holds everything of this server.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.setup.data.clone().unwrap_or_else(|| self.folder().join("data"))
    }

    /// How it was started.
    pub(crate) fn setup(&self) -> Setup {
        self.setup.clone()
    }

    /// Where it listens, kept up to date through restarts.
    pub(crate) fn whereabouts(&self) -> Arc<Mutex<String>> {
        Arc::clone(&self.address)
    }

    /// `127.0.0.1:…`
    pub(crate) fn address(&self) -> String {
        self.address.lock().unwrap().clone()
    }

    /// Everything it has written so far, to standard output and standard error.
    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(self.output_file()).unwrap_or_default()
    }

    fn output_file(&self) -> PathBuf {
        self.folder().join("output.txt")
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Pulls the plug.
    pub(crate) fn kill9(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(&mut self) {
        let child = self.child.take().unwrap();
        let asked = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap();
        assert!(asked.success());
        let ended = end_of(child, &self.output_file()).await;
        assert!(ended.success, "it did not stop in good order: {}", ended.output);
    }

    /// Starts it (again) on the same data and waits until it serves.
    pub(crate) async fn restart(&mut self) {
        self.kill9();
        let said_before = self.output().len();
        let arguments = self.setup.serve();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = self.setup.command(self.folder(), &self.output_file(), &arguments);
        self.child = Some(command.spawn().unwrap());
        let address = eventually("the server says where it listens", async || {
            let output = self.output();
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().unwrap()) {
                panic!("the server did not start ({status}): {output}");
            }
            let (_, rest) = output.get(said_before..)?.split_once("http://")?;
            let (address, _) = rest.split_once(['/', '\n'])?;
            Some(address.to_owned())
        })
        .await;
        *self.address.lock().unwrap() = address;
        let anybody = self.visitor();
        eventually("the server is ready", async || {
            (anybody.get("/readyz").await.status == StatusCode::OK).then_some(())
        })
        .await;
    }

    /// Somebody who is not logged in.
    pub(crate) fn visitor(&self) -> Person {
        Person::new(Arc::clone(&self.address))
    }

    /// A member of staff of a municipality.
    pub(crate) async fn login(&self, name: &str, municipality: &str) -> Person {
        let person = self.visitor();
        // The views may still be reading about this person.
        eventually("the log-in is taken", async || {
            (person.log_in(name, municipality, PASSWORD).await.status == StatusCode::NO_CONTENT).then_some(())
        })
        .await;
        person
    }

    /// Members of the staff of Furesø, all logged in.
    pub(crate) async fn furesoe<const N: usize>(&self, names: [&str; N]) -> [Person; N] {
        let people = futures::future::join_all(names.map(|name| self.login(name, "0190"))).await;
        people.try_into().unwrap_or_else(|_| unreachable!("one comes for each name"))
    }

    /// Somebody new, who changes their one-time password and logs in with their own.
    pub(crate) async fn first_login(&self, name: &str, municipality: &str, once: &str) -> Person {
        let person = self.visitor();
        let own = "min egen adgangskode";
        let body = serde_json::json!({
            "municipality": municipality, "login": name, "password": once, "newPassword": own,
        });
        let changed = person.request_post("/api/password").header("x-skranke", "1").json(&body);
        assert_eq!(Person::send(changed).await.status, StatusCode::NO_CONTENT);
        assert_eq!(person.log_in(name, municipality, own).await.status, StatusCode::NO_CONTENT);
        person
    }

    /// Whatever came before: the server goes on, and nothing in it panicked.
    pub(crate) async fn still_answers(&self) {
        let anybody = self.visitor();
        for path in ["/healthz", "/readyz", "/"] {
            let answer = anybody.get(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        }
        assert!(!self.output().contains("panicked"), "{}", self.output());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill9();
        let output = self.output();
        if std::thread::panicking() {
            let mut last = String::new();
            for line in output.lines().rev().take(12).collect::<Vec<_>>().iter().rev() {
                let _ = writeln!(last, "  {line}");
            }
            eprintln!("the server's last words:\n{last}");
        } else {
            assert!(!output.contains("panicked"), "{output}");
        }
    }
}

/// The files under `folder` that hold these bytes.
pub(crate) fn files_with(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in files_in(folder) {
        let bytes = std::fs::read(&path).unwrap();
        if bytes.windows(needle.len()).any(|window| window == needle.as_bytes()) {
            found.push(path);
        }
    }
    found
}

/// Every file under `folder`.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_in(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}

/// Makes a file of so many bytes.
pub(crate) fn ballast(path: &Path, bytes: u64) {
    use std::io::Write as _;
    let mut file = File::create(path).unwrap();
    let block = [0_u8; 4096];
    for _ in 0..bytes / 4096 {
        file.write_all(&block).unwrap();
    }
}
