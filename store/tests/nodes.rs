//! Several nodes on one log: real processes that carry out commands through desks of their own, over one server,
//! on the same streams, and are killed with SIGKILL whenever it pleases fate. Each starts again and repeats the
//! command whose answer it did not hear. In the end every command is in the log once.
//!
//! The test runs its own binary again for each node (as `crash.rs` does) and is the witness of what they answer.

#![cfg(all(feature = "kurrent", feature = "endpoint"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};
use skranke_domain::sealed::{SealError, SealVisitor};
use skranke_domain::upcast::{Evolving, Step};
use skranke_domain::{Act, Lang, Refusal, Sealable, Sealed, StreamId, SubjectId, Tenant, codec};
use skranke_store::{Desk, Direction, Failure, Filter, KeyRing, MasterKey, Position};
use support::{Counting, embedded, random, stream};
use uuid::Uuid;

const URL: &str = "SKRANKE_NODE_URL";
const DIR: &str = "SKRANKE_NODE_DIR";
const NODE: &str = "SKRANKE_NODE";
const FIRST: &str = "SKRANKE_NODE_FIRST";

/// How many nodes there are, and how many commands each carries out.
const NODES: u64 = 3;
const COMMANDS: u64 = 30;

/// What command `n` of a node wishes: one event, or two at once, in one of three streams.
fn target(node: u64, n: u64) -> (StreamId, u64) {
    (stream(&format!("shared-{}", (node + n) % 3)), 1 + n % 2)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum BookEvent {
    Entered(Entered),
}
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entered {
    node: u64,
    number: u64,
    part: u64,
    text: Sealed<String>,
}

impl DomainEvent for BookEvent {
    fn event_type(&self) -> String {
        codec::type_of(self).to_owned()
    }
    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

impl Evolving for BookEvent {
    const STEPS: &'static [Step] = &[];
}

impl Sealable for BookEvent {
    fn seals(&mut self, visit: &mut SealVisitor<'_>) -> Result<(), SealError> {
        match self {
            Self::Entered(entered) => visit("Entered.text", &mut entered.text),
        }
    }
}

#[derive(Clone, Debug)]
struct Enter {
    node: u64,
    number: u64,
    parts: u64,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("it stands there already")]
struct Twice;

impl Refusal for Twice {
    fn code(&self) -> &'static str {
        "TWICE"
    }
    fn message(&self, _: Lang) -> String {
        self.to_string()
    }
}

/// Refuses what it has seen: a command that is carried out again, not answered again, does not go unnoticed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Book {
    last: HashMap<u64, u64>,
}

impl Aggregate for Book {
    const TYPE: &'static str = "book";
    type Command = Enter;
    type Event = BookEvent;
    type Error = Twice;
    type Services = ();

    async fn handle(&mut self, command: Enter, (): &(), sink: &EventSink<Self>) -> Result<(), Twice> {
        let Enter { node, number, parts } = command;
        if self.last.get(&node).is_some_and(|last| *last >= number) {
            return Err(Twice);
        }
        for part in 0..parts {
            let text = Sealed::new(SubjectId::new(Uuid::from_u128(node.into())), format!("entry {number}"));
            sink.write(BookEvent::Entered(Entered { node, number, part, text }), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: BookEvent) {
        let BookEvent::Entered(Entered { node, number, .. }) = event;
        self.last.insert(node, number);
    }
}

fn setting(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "it is how the parent tells its child what to do")]
    std::env::var(name).ok()
}

/// The node's part. Without the variables it is no test at all.
#[test]
fn node() {
    let (Some(url), Some(dir)) = (setting(URL), setting(DIR)) else { return };
    let [node, first] = [NODE, FIRST].map(|name| setting(name).unwrap().parse::<u64>().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // The harness has begun a line with the test's name.
    println!();
    runtime.block_on(async {
        let log = skranke_store::open(&url).await.unwrap();
        let master = MasterKey::from_base64(&"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".into()).unwrap();
        let keys = KeyRing::open(dir.as_ref(), master).unwrap();
        let desk = Desk::new(log, Arc::new(keys), Arc::new(Counting::default()), "skranke/test");
        for number in first..COMMANDS {
            let (stream, parts) = target(node, number);
            let tenant = Tenant::try_new("0190").unwrap();
            let at = "2026-11-22T10:15:30Z".parse().unwrap();
            let act = Act {
                idempotency: Some(format!("{node}/{number}")),
                ..Act::system(tenant, at, Uuid::from_u128(number.into()))
            };
            let receipt = loop {
                match desk.execute::<Book>(&stream, Enter { node, number, parts }, &act).await {
                    Ok(receipt) => break receipt,
                    // The other nodes were faster three times in a row.
                    Err(Failure::Conflict { .. }) => {}
                    Err(failure) => panic!("{failure:?}"),
                }
            };
            let line = format!("ack {number} {} {}\n", receipt.revision.unwrap(), receipt.repeated);
            std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
        }
    });
}

/// What the witness heard of one command.
#[derive(Debug)]
struct Answer {
    node: u64,
    number: u64,
    revision: u64,
    repeated: bool,
}

/// Runs a node until all its commands are answered, killing it now and then. Answers what it said, and how often it
/// was killed.
fn run_node(url: &str, dir: &Path, node: u64) -> (Vec<Answer>, u64) {
    let (mut answers, mut kills) = (Vec::new(), 0);
    while answers.len() < usize::try_from(COMMANDS).unwrap() {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "node", "--nocapture", "--test-threads=1"])
            .env(URL, url)
            .env(DIR, dir)
            .env(NODE, node.to_string())
            .env(FIRST, answers.len().to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        // It is killed some time after its first answer, from another thread: this one keeps the pipe empty.
        let mut killer = None;
        let mut line = String::new();
        while out.read_line(&mut line).unwrap() > 0 {
            // Half a line was never an answer.
            if let Some(fields) = line.strip_suffix('\n').and_then(|line| line.strip_prefix("ack ")) {
                let fields: Vec<_> = fields.split(' ').collect();
                let [number, revision, repeated] = fields[..] else { panic!("{line}") };
                let number = number.parse().unwrap();
                assert_eq!(number, answers.len() as u64);
                let (revision, repeated) = (revision.parse().unwrap(), repeated.parse().unwrap());
                answers.push(Answer { node, number, revision, repeated });
                if killer.is_none() {
                    let id = child.id();
                    killer = Some(std::thread::spawn(move || {
                        std::thread::sleep(Duration::from_micros(random() % 700_000));
                        // By its number: the child itself stays with the thread that reads.
                        let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
                    }));
                }
            }
            line.clear();
        }
        if let Some(killer) = killer {
            // Before its number is given to somebody else.
            killer.join().unwrap();
        }
        let status = child.wait().unwrap();
        let by_signal = std::os::unix::process::ExitStatusExt::signal(&status).is_some();
        assert!(status.success() || by_signal, "node {node} gave up: {status}");
        kills += u64::from(by_signal);
    }
    (answers, kills)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_killed_at_any_time_loses_and_repeats_nothing() {
    let began = Instant::now();
    let (behind, ring) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = embedded(behind.path());
    let served = support::endpoint::serve(Arc::clone(&log)).await;
    let nodes = (0..NODES).map(|node| {
        let (url, dir) = (served.quick_url(), ring.path().to_owned());
        tokio::task::spawn_blocking(move || run_node(&url, &dir, node))
    });
    let (mut answers, mut kills) = (Vec::new(), 0);
    for node in futures::future::join_all(nodes).await {
        let (heard, killed) = node.unwrap();
        answers.extend(heard);
        kills += killed;
    }

    let all = log.read_all(Position(0), Direction::Forwards, 100_000, &Filter::default()).await.unwrap();
    assert!(all.end);
    let mut next: HashMap<&StreamId, u64> = HashMap::new();
    // Stream, revision and part of each event, by node and number of its command.
    let mut entries: BTreeMap<(u64, u64), Vec<_>> = BTreeMap::new();
    for event in &all.events {
        let next = next.entry(&event.stream).or_default();
        assert_eq!(event.revision, *next, "a gap in {}", event.stream);
        *next += 1;
        let BookEvent::Entered(entered) = codec::decode(&event.event_type, &event.data).unwrap();
        let place = (&event.stream, event.revision, entered.part);
        entries.entry((entered.node, entered.number)).or_default().push(place);
    }
    assert_eq!(entries.len() as u64, NODES * COMMANDS, "a command nobody gave, or one that was lost");
    for answer in &answers {
        let (stream, parts) = target(answer.node, answer.number);
        let should: Vec<_> =
            (0..parts).map(|part| (&stream, answer.revision + 1 - parts + part, part)).collect();
        assert_eq!(entries[&(answer.node, answer.number)], should, "{answer:?}");
    }
    assert_eq!(answers.len() as u64, NODES * COMMANDS);
    assert!(kills >= NODES, "the nodes were hardly killed: {kills}");
    let repeated = answers.iter().filter(|answer| answer.repeated).count();
    println!(
        "faults injected: {kills} (nodes killed), {} commands, {repeated} of them repeated, {:?}",
        answers.len(),
        began.elapsed()
    );
}
