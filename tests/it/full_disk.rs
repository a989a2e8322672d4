//! A disk that is full: nothing new is taken, what is there can be read, and nothing that was confirmed is lost.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use reqwest::StatusCode;
use serde_json::json;

use crate::people::{Person, new_key};
use crate::server::{Server, Setup, ballast, eventually};

const TITLE: &str = "query($id: ID!) { case(id: $id) { title { ... on PersonalText { text } } } }";

/// A disk of its own: a file system in memory that only this test's processes see.
struct SmallDisk {
    holder: Child,
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` where the machine does not allow it (containers without user namespaces).
    async fn of(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m none '{0}' && touch '{0}/mounted' && exec sleep 600",
            folder.path().display()
        );
        let mut holder = Command::new("unshare");
        holder.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
        let holder = holder.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut disk = Self { holder, folder };
        let mounted = eventually("the disk is there, or the machine does not allow it", async || {
            if disk.holder.try_wait().unwrap().is_some() {
                return Some(false);
            }
            disk.seen_from_outside().join("mounted").exists().then_some(true)
        });
        mounted.await.then_some(disk)
    }

    /// A command that runs another on this disk.
    fn enter(&self) -> Vec<String> {
        let target = self.holder.id().to_string();
        let parts = ["nsenter", "--target", &target, "--user", "--preserve-credentials", "--mount"];
        parts.map(str::to_owned).to_vec()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn seen_from_outside(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.folder.path().strip_prefix("/").unwrap())
    }

    fn ballast(&self) -> PathBuf {
        self.seen_from_outside().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// A case that this person handles, and what a screen shows of it.
async fn a_case_of(kari: &Person) -> (String, serde_json::Value) {
    let case = kari.opens_a_case("Før disken blev fuld").await;
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;
    let before = kari.ask(TITLE, json!({ "id": case })).await["case"].take();
    (case, before)
}

async fn writing_goes_on(kari: &Person, case: &str) {
    eventually("writing goes on by itself", async || {
        let input = json!({ "caseId": case, "text": "Der er plads igen", "idempotencyKey": "plads" });
        let body = Person::send(kari.act_request("stepNote", &input)).await.json();
        (body["data"]["stepNote"]["__typename"] == "CaseChanged").then_some(())
    })
    .await;
}

/// Notes steps until one is not taken: those that were confirmed, and what the refusal said.
async fn write_until_refused(kari: &Person, case: &str) -> (Vec<(String, i64)>, String) {
    let mut confirmed = Vec::new();
    loop {
        let (key, text) = (new_key(), format!("Skridt {} {}", confirmed.len(), "x".repeat(8000)));
        let input = json!({ "caseId": case, "text": text, "idempotencyKey": key });
        let answer = Person::send(kari.act_request("stepNote", &input)).await;
        let body = answer.json();
        match body["data"]["stepNote"]["revision"].as_i64() {
            Some(revision) => confirmed.push((key, revision)),
            None => return (confirmed, body.to_string()),
        }
        assert!(confirmed.len() < 5000, "the disk never filled up");
    }
}

/// What was confirmed is confirmed again under the same key, and is there once.
async fn everything_confirmed_is_there(kari: &Person, case: &str, confirmed: &[(String, i64)]) {
    for (key, revision) in confirmed {
        let input = json!({ "caseId": case, "text": "the same act", "idempotencyKey": key });
        assert_eq!(kari.does("stepNote", input).await["revision"], *revision, "{key}");
    }
    let notes = "query($id: ID!) { case(id: $id) { notes { text { ... on PersonalText { text } } } } }";
    let page = kari.ask(notes, json!({ "id": case })).await;
    let notes: Vec<&str> = page["case"]["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| note["text"]["text"].as_str().unwrap())
        .collect();
    assert!(notes.len() >= confirmed.len(), "{} of {}", notes.len(), confirmed.len());
    for number in 0..confirmed.len() {
        let found = notes.iter().filter(|note| note.starts_with(&format!("Skridt {number} "))).count();
        assert_eq!(found, 1, "step {number}");
    }
}

async fn reading_goes_on(server: &Server, kari: &Person, case: &str, before: &serde_json::Value) {
    let data = kari.ask(TITLE, json!({ "id": case })).await;
    assert_eq!(data["case"], *before, "what was looked at a minute ago can be looked at still");
    let visitor = server.visitor();
    for path in ["/", "/opkald", "/healthz"] {
        assert_eq!(visitor.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_what_is_new_and_loses_nothing() {
    let Some(disk) = SmallDisk::of(48).await else {
        eprintln!("skipped: this machine gives no disk of one's own (unshare)");
        return;
    };
    let enter = disk.enter();
    let enter: Vec<&str> = enter.iter().map(String::as_str).collect();
    let mut server = Setup::new().with_data_in(&disk.data()).inside(&enter).start().await;
    let kari = server.login("kari", "0190").await;
    let (case, before) = a_case_of(&kari).await;

    let room = free(&disk.seen_from_outside());
    ballast(&disk.ballast(), room.saturating_sub(1 << 20));
    let (confirmed, refusal) = write_until_refused(&kari, &case).await;
    assert!(!confirmed.is_empty());
    assert!(refusal.contains("FAULT") || refusal.contains("VIEWS_LAG"), "{refusal}");
    let citizen = server.visitor();
    let form = citizen.get("/").await.form("id=\"besked\"").with("text", "Hvordan melder jeg flytning?");
    let answer = citizen.submit(form).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text);
    assert!(answer.is_html());
    reading_goes_on(&server, &kari, &case, &before).await;
    let said = server.output();
    assert!(said.contains("full"), "the log does not say that the disk is full: {said}");
    assert!(!said.contains("panicked"), "{said}");

    // Pull the plug, make room, start again.
    server.kill9();
    std::fs::remove_file(disk.ballast()).unwrap();
    server.restart().await;
    let kari = server.login("kari", "0190").await;
    everything_confirmed_is_there(&kari, &case, &confirmed).await;
    kari.does("stepNote", json!({ "caseId": case, "text": "Der er plads igen" })).await;
    server.still_answers().await;
}

#[tokio::test]
async fn room_that_comes_back_is_used_without_a_restart() {
    let Some(disk) = SmallDisk::of(48).await else {
        eprintln!("skipped: this machine gives no disk of one's own (unshare)");
        return;
    };
    let enter = disk.enter();
    let enter: Vec<&str> = enter.iter().map(String::as_str).collect();
    let server = Setup::new().with_data_in(&disk.data()).inside(&enter).start().await;
    let kari = server.login("kari", "0190").await;
    let (case, _) = a_case_of(&kari).await;
    ballast(&disk.ballast(), free(&disk.seen_from_outside()).saturating_sub(1 << 20));
    let (confirmed, _) = write_until_refused(&kari, &case).await;
    std::fs::remove_file(disk.ballast()).unwrap();
    writing_goes_on(&kari, &case).await;
    everything_confirmed_is_there(&kari, &case, &confirmed).await;
    server.still_answers().await;
}

/// Another fault than a full disk (here: a file that may not grow) stops writing until the next start.
#[tokio::test]
async fn a_write_that_fails_for_another_reason_stops_writing_and_loses_nothing() {
    let mut server = Setup::new().inside(&["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).start().await;
    let kari = server.login("kari", "0190").await;
    let (case, before) = a_case_of(&kari).await;
    let mut confirmed = Vec::new();
    for number in 0..5 {
        let (key, text) = (new_key(), format!("Skridt {number} "));
        let input = json!({ "caseId": case, "text": text, "idempotencyKey": key });
        confirmed.push((key, kari.does("stepNote", input).await["revision"].as_i64().unwrap()));
    }
    let pid = server.id().to_string();
    let limited = Command::new("prlimit").args(["--pid", &pid, "--fsize=1048576"]).status().unwrap();
    assert!(limited.success());
    let (none, refusal) = write_until_refused(&kari, &case).await;
    assert!(none.is_empty() && refusal.contains("FAULT"), "{refusal}");
    reading_goes_on(&server, &kari, &case, &before).await;
    server.kill9();
    server.restart().await;
    let kari = server.login("kari", "0190").await;
    everything_confirmed_is_there(&kari, &case, &confirmed).await;
    kari.does("stepNote", json!({ "caseId": case, "text": "Der skrives igen" })).await;
    server.still_answers().await;
}

/// The program's own words go to a file on the full disk, as `skranke serve 2>> skranke.log` has them.
#[tokio::test]
#[ignore = "src/telemetry.rs: tracing-subscriber's `log_internal_errors` makes a log line that cannot be written a panic"]
async fn words_that_cannot_be_written_stop_nothing() {
    let Some(disk) = SmallDisk::of(48).await else {
        eprintln!("skipped: this machine gives no disk of one's own (unshare)");
        return;
    };
    let enter = disk.enter();
    let log = disk.folder.path().join("skranke.log");
    let script = format!("exec \"$0\" \"$@\" 2>> '{}'", log.display());
    let inside: Vec<&str> = enter.iter().map(String::as_str).chain(["sh", "-c", &script]).collect();
    let setup = Setup::new().set("SKRANKE_TELEMETRY_FILTER", "debug");
    let server = setup.with_data_in(&disk.data()).inside(&inside).start().await;
    let kari = server.login("kari", "0190").await;
    let (case, before) = a_case_of(&kari).await;
    ballast(&disk.ballast(), free(&disk.seen_from_outside()).saturating_sub(1 << 20));
    let (confirmed, _) = write_until_refused(&kari, &case).await;
    let fill = std::fs::OpenOptions::new().append(true).open(disk.ballast()).unwrap();
    while std::io::Write::write(&mut &fill, &[0; 512]).is_ok_and(|written| written > 0) {}
    reading_goes_on(&server, &kari, &case, &before).await;
    std::fs::remove_file(disk.ballast()).unwrap();
    writing_goes_on(&kari, &case).await;
    everything_confirmed_is_there(&kari, &case, &confirmed).await;
}

/// How many bytes fit on the disk that holds this folder, whichever processes see it.
fn free(folder: &Path) -> u64 {
    let said = Command::new("stat").args(["--file-system", "--format=%a %S"]).arg(folder).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let (blocks, size) = said.trim().split_once(' ').unwrap();
    blocks.parse::<u64>().unwrap() * size.parse::<u64>().unwrap()
}
