//! A process that is killed at any moment has lost nothing that it acknowledged.
//!
//! The test runs its own binary again as a child that appends and prints every answer, kills it with SIGKILL,
//! and looks at what is left; fifteen times on one log (`make faults`: a thousand times), so each child starts
//! on what the last one left behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use skranke_store::{Direction, Expected, Filter, Position};
use support::{embedded, random, stream, write};

const DIR: &str = "SKRANKE_CRASH_DIR";

/// The child's part. Without the variable it is no test at all.
#[test]
fn child() {
    #[expect(clippy::disallowed_methods, reason = "it is how the parent tells its child where to write")]
    let Some(dir) = std::env::var_os(DIR) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let log = embedded(dir.as_ref());
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let log = std::sync::Arc::clone(&log);
            writers.spawn(async move {
                let name = format!("{:016x}", random());
                for n in 0.. {
                    let expected = if n == 0 { Expected::NoStream } else { Expected::Exact(n * 3 - 1) };
                    let key = format!("{name}/{n}");
                    let done = log.append(write(&stream(&name), expected, [n; 3]), Some(key)).await.unwrap();
                    let line = format!("ack {name} {n} {} {}\n", done.position.0, done.revision);
                    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                }
            });
        }
        writers.join_next().await.unwrap().unwrap();
    });
}

/// Runs a child for a while, kills it, and answers the lines it had printed.
fn run_and_kill(dir: &std::path::Path) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    let mut read = |out: &mut BufReader<_>| {
        let mut line = String::new();
        let there = out.read_line(&mut line).unwrap() > 0;
        // Half a line was never an answer.
        if let Some(line) = line.strip_suffix('\n').and_then(|line| line.strip_prefix("ack ")) {
            acknowledged.push(line.to_owned());
        }
        there
    };
    for _ in 0..3 {
        assert!(read(&mut out), "the child did not start");
    }
    // SIGKILL comes from another thread, while this one keeps the pipe empty.
    let killer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_micros(random() % 120_000));
        child.kill().unwrap();
        child.wait().unwrap();
    });
    while read(&mut out) {}
    killer.join().unwrap();
    acknowledged
}

fn kills() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a test has no configuration file")]
    let kills = std::env::var("SKRANKE_TEST_KILLS");
    kills.ok().and_then(|kills| kills.parse().ok()).unwrap_or(15)
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut total = 0;
    for kill in 0..kills() {
        if kill % 50 == 49 {
            // A new log now and then: reading all of an old one after every kill would take the time of many.
            std::fs::remove_dir_all(dir.path()).unwrap();
        }
        let lines = run_and_kill(dir.path());
        let log = embedded(dir.path());
        let mut all = Vec::new();
        let mut at = Position(0);
        while at < log.head().await.unwrap() {
            let page = log.read_all(at, Direction::Forwards, 4096, &Filter::default()).await.unwrap();
            at = page.next;
            all.extend(page.events);
        }
        assert!(all.iter().map(|event| event.position.0).eq(1..=all.len() as u64), "a gap");
        for line in &lines {
            let fields: Vec<_> = line.split(' ').collect();
            let [name, n, position, revision] = fields[..] else { panic!("{line}") };
            let (position, revision): (usize, u64) = (position.parse().unwrap(), revision.parse().unwrap());
            let event = all.get(position - 1).unwrap_or_else(|| panic!("lost: {line}"));
            assert_eq!((&event.stream, event.revision), (&stream(name), revision));
            let answer = log.find_key(&event.stream, &format!("{name}/{n}")).await.unwrap().unwrap();
            assert_eq!((answer.position, answer.revision), (event.position, event.revision));
        }
        // All or none: each append had three events.
        let mut lengths = std::collections::HashMap::new();
        for event in &all {
            let length: &mut u64 = lengths.entry(&event.stream).or_default();
            assert_eq!(event.revision, *length);
            *length += 1;
        }
        assert!(lengths.values().all(|length| length % 3 == 0), "half an append");
        total += lines.len();
    }
    assert!(total > 100, "the children hardly worked: {total}");
    println!("faults injected: {} (processes killed), {total} answers witnessed", kills());
}
