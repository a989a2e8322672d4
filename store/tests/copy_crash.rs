//! A copy that is killed at any moment is taken up by the next one, and in the end the two logs are the same.
//!
//! The test runs its own binary again as a child that copies, slowly, and kills it with SIGKILL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use skranke_store::copy::{Stage, copy};
use skranke_store::record::Record;
use skranke_store::{Direction, Expected, Filter, Position};
use support::{embedded, random, stream, write};

const FROM: &str = "SKRANKE_COPY_TEST_FROM";
const TO: &str = "SKRANKE_COPY_TEST_TO";
/// What a child prints once it has copied everything.
const DONE: &str = "the copy is done";
const EVENTS: u64 = 6_000;

/// The child's part. Without the variables it is no test at all.
#[test]
fn child() {
    #[expect(clippy::disallowed_methods, reason = "it is how the parent tells its child what to copy")]
    let (Some(from), Some(to)) = (std::env::var_os(FROM), std::env::var_os(TO)) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (from, to) = (embedded(from.as_ref()), embedded(to.as_ref()));
        let mut slowly = |progress: skranke_store::copy::Progress| {
            if progress.stage == Stage::Copying {
                std::thread::sleep(Duration::from_millis(10));
            }
        };
        let copied = copy(from.as_ref(), to.as_ref(), &mut slowly).await.unwrap();
        assert_eq!(copied.events, EVENTS);
        println!("{DONE}");
        to.close().await;
    });
}

fn start(from: &Path, to: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .envs([(FROM, from), (TO, to)])
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Every event's bytes.
async fn bytes(dir: &Path) -> Vec<Vec<u8>> {
    let log = embedded(dir);
    let (mut all, mut at) = (Vec::new(), Position(0));
    while at < log.head().await.unwrap() {
        let page = log.read_all(at, Direction::Forwards, 4096, &Filter::default()).await.unwrap();
        at = page.next;
        for event in &page.events {
            let mut bytes = Vec::new();
            Record::of(event).unwrap().write(&mut bytes);
            all.push(bytes);
        }
    }
    log.close().await;
    all
}

#[tokio::test]
async fn a_copy_that_is_killed_again_and_again_ends_as_the_same_log() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = embedded(from.path());
    for n in 0..EVENTS / 6 {
        // Two streams that take turns, and one of its own now and then.
        let name = if n % 7 == 0 { format!("own{n}") } else { format!("turn{}", n % 2) };
        log.append(write(&stream(&name), Expected::Any, n * 6..n * 6 + 6), None).await.unwrap();
    }
    log.close().await;
    drop(log);
    let source = bytes(from.path()).await;
    assert_eq!(source.len() as u64, EVENTS);

    let (mut kills, mut partly) = (0, 0);
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        assert!(Instant::now() < deadline, "it never came to an end: {kills} kills, {partly} in the middle");
        let mut child = start(from.path(), to.path());
        // Longer and longer, so that it comes to an end on any machine.
        std::thread::sleep(Duration::from_millis(60 + kills * 60 + random() % 60));
        let ended = child.try_wait().unwrap();
        if ended.is_none() {
            child.kill().unwrap();
            kills += 1;
        }
        let output = child.wait_with_output().unwrap();
        let there = bytes(to.path()).await;
        assert_eq!(source[..there.len()], there, "after {kills} kills");
        partly += u64::from(!there.is_empty() && there.len() < source.len());
        if ended.is_some() {
            assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains(DONE));
            assert_eq!(there.len(), source.len());
            break;
        }
    }
    assert!(partly >= 2, "it was hardly ever killed in the middle: {partly} of {kills}");
}
