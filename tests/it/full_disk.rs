//! A disk that is full: nothing new is taken, what is there can be read, and nothing that was confirmed is lost.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::people::{Person, new_key};
use crate::server::{Server, Setup, ballast, eventually};

const TITLE: &str = "query($id: ID!) { case(id: $id) { title { ... on PersonalText { text } } } }";
/// How much room is left when the disk is almost full.
const LEFT: u64 = 256 << 10;

/// A disk of its own: a file system in memory that only this test's processes see.
struct SmallDisk {
    holder: Child,
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` where the machine does not allow it (containers without user namespaces).
    async fn try_new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display();
        let script =
            format!("mount -t tmpfs -o size=48m none '{place}' && touch '{place}/mounted' && exec sleep 600");
        let mut holder = Command::new("unshare");
        holder.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
        let holder = holder.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut disk = Self { holder: holder.ok()?, folder };
        let mounted = eventually("the disk is there, or the machine does not allow it", async || {
            if disk.holder.try_wait().unwrap().is_some() {
                return Some(false);
            }
            disk.seen_from_here().join("mounted").exists().then_some(true)
        });
        if mounted.await {
            return Some(disk);
        }
        eprintln!("skipped: this machine gives nobody a disk of their own (unshare)");
        None
    }

    /// A program that runs another one on this disk.
    fn enter(&self) -> Vec<String> {
        let target = self.holder.id().to_string();
        let parts = ["nsenter", "--target", &target, "--user", "--preserve-credentials", "--mount"];
        parts.map(str::to_owned).to_vec()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    async fn start(&self) -> Server {
        let enter = self.enter();
        let enter: Vec<&str> = enter.iter().map(String::as_str).collect();
        let mut server = Setup::new().with_data_in(&self.data()).inside(&enter).start().await;
        // A stop empties the write-ahead logs: else several megabytes would fit into files that are there already.
        server.stop().await;
        server.restart().await;
        server
    }

    fn seen_from_here(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.folder.path().strip_prefix("/").unwrap())
    }

    /// Leaves room for a little more.
    fn fill(&self) {
        ballast(&self.ballast(), free(&self.seen_from_here()).saturating_sub(LEFT));
    }

    /// Leaves no room at all.
    fn fill_up(&self) {
        let file = std::fs::OpenOptions::new().append(true).open(self.ballast()).unwrap();
        while std::io::Write::write(&mut &file, &[0; 512]).is_ok_and(|written| written > 0) {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.seen_from_here().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// How many bytes fit on the disk that holds this folder, whichever processes see it.
fn free(folder: &Path) -> u64 {
    let said = Command::new("stat").args(["--file-system", "--format=%a %S"]).arg(folder).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let (blocks, size) = said.trim().split_once(' ').unwrap();
    blocks.parse::<u64>().unwrap() * size.parse::<u64>().unwrap()
}

/// Cases that one person handles, and what a screen shows of the first.
struct Work {
    kari: Person,
    cases: Vec<String>,
    shown: Value,
}

/// A step that was confirmed.
struct Step {
    case: String,
    key: String,
    text: String,
    revision: i64,
}

impl Work {
    async fn of(server: &Server) -> Self {
        let kari = server.login("kari", "0190").await;
        let me = kari.id_of("kari").await;
        let mut cases = Vec::new();
        for _ in 0..8 {
            let case = kari.opens_a_case("Før disken blev fuld").await;
            kari.does("caseAssign", json!({ "caseId": case, "staffId": me })).await;
            cases.push(case);
        }
        let shown = kari.ask(TITLE, json!({ "id": cases[0] })).await["case"].take();
        Self { kari, cases, shown }
    }

    /// Notes steps in all cases at a time until none is taken: those that were confirmed, and what a refusal said.
    async fn write_until_refused(&self) -> (Vec<Step>, String) {
        let writing = self.cases.iter().map(|case| write_until_refused(&self.kari, case));
        let (mut confirmed, mut last) = (Vec::new(), String::new());
        for (steps, refusal) in futures::future::join_all(writing).await {
            confirmed.extend(steps);
            last = refusal;
        }
        assert!(last.contains("FAULT") || last.contains("VIEWS_LAG"), "{last}");
        (confirmed, last)
    }

    /// The log has made itself room beforehand, and takes what fits there also on a full disk.
    async fn use_up_what_the_log_has_in_store(&self) {
        // Long ones first, then what still fits behind them.
        for (length, rounds) in [(12_000, 20), (1, 3)] {
            for _ in 0..rounds {
                let steps = (0..64).map(|n| {
                    let case = &self.cases[n % self.cases.len()];
                    let text = "x".repeat(length);
                    let input = json!({ "caseId": case, "text": text, "idempotencyKey": new_key() });
                    Person::send(self.kari.act_request("stepNote", &input))
                });
                let answers = futures::future::join_all(steps).await;
                if answers.iter().any(|answer| answer.text.contains("FAULT")) {
                    break;
                }
            }
        }
    }

    async fn reading_goes_on(&self, server: &Server) {
        let data = self.kari.ask(TITLE, json!({ "id": self.cases[0] })).await;
        assert_eq!(data["case"], self.shown, "what was looked at a minute ago can be looked at still");
        self.kari.ask("{ viewer { staff { login } } counters { mine } }", json!({})).await;
        let visitor = server.visitor();
        for path in ["/", "/opkald", "/healthz"] {
            assert_eq!(visitor.get(path).await.status, StatusCode::OK, "{path}");
        }
    }

    async fn writing_goes_on(&self) {
        eventually("writing goes on by itself", async || {
            let input =
                json!({ "caseId": self.cases[0], "text": "Der er plads igen", "idempotencyKey": "plads" });
            let body = Person::send(self.kari.act_request("stepNote", &input)).await.json();
            (body["data"]["stepNote"]["__typename"] == "CaseChanged").then_some(())
        })
        .await;
    }

    /// What was confirmed is confirmed again under the same key, and is there once.
    async fn everything_is_there(&self, confirmed: &[Step]) {
        let notes = "query($id: ID!) { case(id: $id) { notes { text { ... on PersonalText { text } } } } }";
        for case in &self.cases {
            let mine: Vec<&Step> = confirmed.iter().filter(|step| step.case == *case).collect();
            for step in &mine {
                let input = json!({ "caseId": case, "text": "the same act", "idempotencyKey": step.key });
                let again = self.kari.does("stepNote", input).await;
                assert_eq!(again["revision"], step.revision, "{}", step.key);
            }
            let page = self.kari.ask(notes, json!({ "id": case })).await;
            let notes = page["case"]["notes"].as_array().unwrap();
            for step in mine {
                let found = notes.iter().filter(|note| note["text"]["text"] == *step.text).count();
                assert_eq!(found, 1, "{}", step.key);
            }
        }
    }
}

async fn write_until_refused(kari: &Person, case: &str) -> (Vec<Step>, String) {
    let mut confirmed = Vec::new();
    loop {
        let key = new_key();
        let text = format!("{key} {}", "x".repeat(12_000));
        let input = json!({ "caseId": case, "text": text, "idempotencyKey": key });
        let body = Person::send(kari.act_request("stepNote", &input)).await.json();
        let Some(revision) = body["data"]["stepNote"]["revision"].as_i64() else {
            return (confirmed, body.to_string());
        };
        confirmed.push(Step { case: case.to_owned(), key, text, revision });
        assert!(confirmed.len() < 1000, "the disk never filled up");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_what_is_new_and_loses_nothing() {
    let Some(disk) = SmallDisk::try_new().await else { return };
    let mut server = disk.start().await;
    let mut work = Work::of(&server).await;
    disk.fill();
    let (confirmed, _) = work.write_until_refused().await;
    assert!(!confirmed.is_empty());
    let citizen = server.visitor();
    let form = citizen.get("/").await.form("id=\"besked\"").with("text", "Hvordan melder jeg flytning?");
    let answer = citizen.submit(form).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    assert!(answer.is_html() && answer.text.contains("70 20 00 00"), "{}", answer.text);
    work.reading_goes_on(&server).await;
    let said = server.output();
    assert!(said.contains("disk that holds the log is full"), "nothing says that the disk is full: {said}");

    // Pull the plug, make room, start again.
    server.kill9();
    disk.make_room();
    server.restart().await;
    work.kari = server.login("kari", "0190").await;
    work.everything_is_there(&confirmed).await;
    work.writing_goes_on().await;
    server.still_answers().await;
}

#[tokio::test]
async fn room_that_comes_back_is_used_without_a_restart() {
    let Some(disk) = SmallDisk::try_new().await else { return };
    let server = disk.start().await;
    let work = Work::of(&server).await;
    disk.fill();
    let (confirmed, _) = work.write_until_refused().await;
    disk.make_room();
    work.writing_goes_on().await;
    work.everything_is_there(&confirmed).await;
    server.still_answers().await;
}

#[tokio::test]
async fn staff_can_read_on_a_full_disk_for_longer_than_a_minute() {
    let Some(disk) = SmallDisk::try_new().await else { return };
    let mut server = disk.start().await;
    let work = Work::of(&server).await;
    // Two minutes go by.
    server.stop().await;
    let (there, here) = (disk.seen_from_here().join("data/sessions.db"), server.folder().join("sessions.db"));
    std::fs::copy(&there, &here).unwrap();
    let sessions = rusqlite::Connection::open(&here).unwrap();
    sessions.execute("UPDATE session SET seen = seen - 120", []).unwrap();
    drop(sessions);
    std::fs::copy(&here, &there).unwrap();
    server.restart().await;
    disk.fill();
    disk.fill_up();
    work.use_up_what_the_log_has_in_store().await;
    // Only what needs no note in the access log: a look that cannot be noted is not answered.
    work.kari.ask("{ viewer { staff { login } } counters { mine } }", json!({})).await;
    let mut refused = 0;
    for case in &work.cases {
        let answer = work.kari.gql(TITLE, json!({ "id": case })).await;
        // A note is short, so one or two may still have fitted.
        refused += u64::from(answer["errors"][0]["extensions"]["code"] == "FAULT");
    }
    assert!(refused > 4, "{refused}");
}

/// The program's own words go to a file on the full disk, as `skranke serve 2>> skranke.log` has them.
#[tokio::test]
async fn words_that_cannot_be_written_stop_nothing() {
    let Some(disk) = SmallDisk::try_new().await else { return };
    let enter = disk.enter();
    let log = disk.folder.path().join("skranke.log");
    let script = format!("exec \"$0\" \"$@\" 2>> '{}'", log.display());
    let inside: Vec<&str> = enter.iter().map(String::as_str).chain(["sh", "-c", &script]).collect();
    let setup = Setup::new().set("SKRANKE_TELEMETRY_FILTER", "debug");
    let server = setup.with_data_in(&disk.data()).inside(&inside).start().await;
    let work = Work::of(&server).await;
    disk.fill();
    disk.fill_up();
    work.reading_goes_on(&server).await;
    let (confirmed, _) = work.write_until_refused().await;
    disk.make_room();
    work.writing_goes_on().await;
    work.everything_is_there(&confirmed).await;
    is_ready_again(&server).await;
    server.still_answers().await;
}

/// On a slow machine the ledger's own minute may fall into the time in which the disk is full; it is tried again after
/// another one.
async fn is_ready_again(server: &Server) {
    let anybody = server.visitor();
    for _ in 0..150 {
        if anybody.get("/readyz").await.status == reqwest::StatusCode::OK {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

/// Another fault than a full disk (here: files that may not grow) stops writing until the next start.
#[tokio::test]
async fn a_write_that_fails_for_another_reason_stops_writing_and_loses_nothing() {
    let mut server = Setup::new().inside(&["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).start().await;
    let mut work = Work::of(&server).await;
    let mut confirmed = Vec::new();
    for case in &work.cases {
        let (key, text) = (new_key(), "Før filen blev for stor".to_owned());
        let input = json!({ "caseId": case, "text": text, "idempotencyKey": key });
        let revision = work.kari.does("stepNote", input).await["revision"].as_i64().unwrap();
        confirmed.push(Step { case: case.clone(), key, text, revision });
    }
    let limit = ["--pid", &server.id().to_string(), "--fsize=1048576"];
    assert!(Command::new("prlimit").args(limit).status().unwrap().success());
    let (more, _) = work.write_until_refused().await;
    confirmed.extend(more);
    work.reading_goes_on(&server).await;
    server.kill9();
    server.restart().await;
    work.kari = server.login("kari", "0190").await;
    work.everything_is_there(&confirmed).await;
    work.writing_goes_on().await;
    server.still_answers().await;
}
