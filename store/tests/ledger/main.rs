//! The ledger on real files: kept beside a log, exported, tampered with in every way, and found out.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod events;
mod keeping;
mod logs;
mod packs;
#[path = "../support/mod.rs"]
mod support;
mod witnesses;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use skranke_domain::StreamId;
use skranke_domain::time::Clock;
use skranke_store::ledger::{
    Checkpoint, Checkpoints, Choice, Hash, Keeper, Keeping, KeyKind, LedgerError, NotCosigned, Peaks, Report,
    SignedCheckpoint, SigningKey, Standing, Trust, VerifierKey, Witness, accept_cosigned, export,
    size_on_disk, verify_log, verify_pack,
};
use skranke_store::record::Record;
use skranke_store::{Direction, EventLog, Expected, Filter, NewEvent, Position, Recorded, StreamWrite};
use support::model::Model;

const ORIGIN: &str = "example.dk/log";

struct Noon;

impl Clock for Noon {
    fn now(&self) -> jiff::Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }
}

fn key() -> (SigningKey, VerifierKey) {
    let (key, _) = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
    let verifier = key.verifier().clone();
    (key, verifier)
}

fn keeping(dir: &Path, key: Option<SigningKey>) -> Keeping {
    Keeping { dir: dir.to_owned(), origin: ORIGIN.into(), key, every: Duration::from_mins(1) }
}

async fn keep(log: &Arc<dyn EventLog>, dir: &Path, key: SigningKey) -> Result<(), LedgerError> {
    Keeper::start(Arc::clone(log), keeping(dir, Some(key)), Arc::new(Noon)).finish().await
}

/// Appends to three streams in turn, so that neighbours are of different streams.
async fn fill(log: &dyn EventLog, numbers: std::ops::Range<u64>) {
    let writes = numbers.map(|number| {
        let stream = support::stream(&format!("case{}", number % 3));
        support::write(&stream, Expected::Any, [number])
    });
    append(log, writes.collect()).await;
}

/// In order, and a few at a time: `join_all` polls up to 30 futures in their order.
async fn append(log: &dyn EventLog, writes: Vec<StreamWrite>) {
    let mut writes = writes.into_iter().peekable();
    while writes.peek().is_some() {
        let some = writes.by_ref().take(30).map(|write| log.append(write, None));
        for answer in futures::future::join_all(some).await {
            answer.unwrap();
        }
    }
}

async fn all(log: &dyn EventLog) -> Vec<Recorded> {
    log.read_all(Position(0), Direction::Forwards, usize::MAX >> 1, &Filter::default()).await.unwrap().events
}

/// Writes the same events, by themselves, into a new log.
async fn rewrite(dir: &Path, events: &[Recorded]) -> Arc<dyn EventLog> {
    let log = support::embedded(dir);
    let write = |event: &Recorded| {
        let new = NewEvent {
            id: event.id,
            event_type: event.event_type.to_string().into(),
            data: event.data.to_vec(),
            metadata: event.metadata.to_vec(),
            recorded_at: event.recorded_at,
        };
        let stream = event.stream.clone();
        StreamWrite { stream, expected: Expected::Any, events: vec![new] }
    };
    append(&*log, events.iter().map(write).collect()).await;
    log
}

fn newest(dir: &Path) -> SignedCheckpoint {
    Checkpoints::new(dir).newest().unwrap().unwrap()
}

fn trust(key: &VerifierKey, outside: &[&SignedCheckpoint]) -> Trust {
    let outside = outside.iter().map(|one| (*one).clone()).collect();
    Trust { keys: vec![key.clone()], outside, ..Trust::default() }
}

fn told(report: &Report, what: &str) {
    assert!(!report.holds() && report.faults.iter().any(|fault| fault.contains(what)), "{what}: {report:#?}");
}

fn root(events: &[Recorded]) -> Hash {
    let mut peaks = Peaks::new();
    for event in events {
        let mut bytes = Vec::new();
        Record::of(event).unwrap().write(&mut bytes);
        peaks.push(Hash::leaf(&bytes));
    }
    peaks.root()
}

/// A log of `count` events with its ledger, both on disk.
struct Case {
    dir: tempfile::TempDir,
    log: Arc<dyn EventLog>,
    events: Vec<Recorded>,
    public: VerifierKey,
    secret: secrecy::SecretString,
    /// Checkpoints kept outside: an early one and the newest.
    early: SignedCheckpoint,
    late: SignedCheckpoint,
}

impl Case {
    async fn new(early: u64, count: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let log = support::embedded(&dir.path().join("log"));
        let (key, secret) = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
        let public = key.verifier().clone();
        fill(&*log, 0..early).await;
        keep(&log, &dir.path().join("ledger"), key).await.unwrap();
        let first = newest(&dir.path().join("ledger"));
        fill(&*log, early..count).await;
        let key = SigningKey::from_text(&secret).unwrap();
        keep(&log, &dir.path().join("ledger"), key).await.unwrap();
        let late = newest(&dir.path().join("ledger"));
        let events = all(&*log).await;
        Self { dir, log, events, public, secret, early: first, late }
    }

    fn ledger(&self) -> std::path::PathBuf {
        self.dir.path().join("ledger")
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_text(&self.secret).unwrap()
    }

    async fn pack(&self, choice: Choice, since: &[Checkpoint]) -> Vec<u8> {
        let mut out = Vec::new();
        export(&*self.log, &self.ledger(), &choice, None, since, &mut out).await.unwrap();
        out
    }

    async fn whole(&self) -> Vec<u8> {
        self.pack(Choice::Span { from: 0, to: None }, &[]).await
    }

    /// Verifies another history beside this one's ledger, with both checkpoints kept outside.
    async fn verify_other(&self, name: &str, events: &[Recorded]) -> Report {
        let log = rewrite(&self.dir.path().join(name), events).await;
        let trust = trust(&self.public, &[&self.early, &self.late]);
        verify_log(&*log, &self.ledger(), &trust).await.unwrap()
    }
}

/// The sections of a pack, as its documentation lays them out.
fn sections(pack: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut rest = pack.strip_prefix(b"skranke-pack 1\n").unwrap();
    let mut found = Vec::new();
    while let Some((kind, after)) = rest.split_first() {
        let (length, after) = after.split_first_chunk().unwrap();
        let (content, after) = after.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
        found.push((*kind, content.to_vec()));
        rest = after;
    }
    found
}

fn joined(sections: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut pack = b"skranke-pack 1\n".to_vec();
    for (kind, content) in sections {
        pack.push(*kind);
        pack.extend((content.len() as u64).to_le_bytes());
        pack.extend(content);
    }
    pack
}

#[tokio::test]
async fn a_lost_tree_is_built_anew_from_the_log_and_must_fit_what_was_signed() {
    let case = Case::new(100, 300).await;
    let lose = || {
        std::fs::remove_dir_all(case.ledger().join("tile")).unwrap();
        std::fs::remove_file(case.ledger().join("head")).unwrap();
    };
    lose();
    keep(&case.log, &case.ledger(), case.key()).await.unwrap();
    assert_eq!(size_on_disk(&case.ledger()).unwrap(), 300);
    let trusted = trust(&case.public, &[&case.early, &case.late]);
    assert!(verify_log(&*case.log, &case.ledger(), &trusted).await.unwrap().holds());
    lose();
    let shorter = rewrite(&case.dir.path().join("shorter"), &case.events[..200]).await;
    let refused = keep(&shorter, &case.ledger(), case.key()).await;
    assert!(matches!(refused, Err(LedgerError::Truncated { recorded: 300, .. })), "{refused:?}");
    let mut events = case.events.clone();
    events.swap(7, 8);
    let swapped = rewrite(&case.dir.path().join("swapped"), &events).await;
    let refused = keep(&swapped, &case.ledger(), case.key()).await;
    assert!(matches!(refused, Err(LedgerError::Contradicted { size: 300 })), "{refused:?}");
}
