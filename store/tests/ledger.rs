//! The ledger on real files: kept beside a log, exported, tampered with in every way, and found out.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod support;

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

#[tokio::test]
async fn a_kept_ledger_signs_the_root_over_every_event_and_continues_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = dir.path().join("ledger");
    let log = support::embedded(&dir.path().join("log"));
    let (_, secret) = SigningKey::generate(ORIGIN, KeyKind::Log).unwrap();
    for (n, upto) in [3, 300, 300, 301].into_iter().enumerate() {
        fill(&*log, log.head().await.unwrap().0..upto).await;
        let key = SigningKey::from_text(&secret).unwrap();
        let public = key.verifier().clone();
        keep(&log, &ledger, key).await.unwrap();
        let signed = newest(&ledger);
        let events = all(&*log).await;
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size: upto, root: root(&events) };
        assert_eq!(*signed.checkpoint(), checkpoint);
        assert_eq!(signed.note.verify(&public), Ok(None));
        // Nothing new, nothing signed: the third round adds no checkpoint.
        let signed = Checkpoints::new(&ledger).all().unwrap().count();
        assert_eq!(signed, [1, 2, 2, 3][n]);
    }
}

#[tokio::test]
async fn the_same_history_has_the_same_root_on_another_engine() {
    let dir = tempfile::tempdir().unwrap();
    let model: Arc<dyn EventLog> = Arc::new(Model::new());
    fill(&*model, 0..40).await;
    let embedded = rewrite(&dir.path().join("log"), &all(&*model).await).await;
    let mut roots = Vec::new();
    for (name, log) in [("a", &model), ("b", &embedded)] {
        keep(log, &dir.path().join(name), key().0).await.unwrap();
        roots.push(newest(&dir.path().join(name)).checkpoint().clone());
    }
    assert_eq!(roots[0], roots[1]);
}

#[tokio::test]
async fn a_checkpoint_is_signed_in_each_interval_in_which_something_happened() {
    let dir = tempfile::tempdir().unwrap();
    let log: Arc<dyn EventLog> = Arc::new(Model::new());
    let every = Duration::from_millis(20);
    let keeping = Keeping { every, ..keeping(dir.path(), Some(key().0)) };
    let keeper = Keeper::start(Arc::clone(&log), keeping, Arc::new(Noon));
    let mut standing = keeper.standing();
    for n in 0..3 {
        fill(&*log, n..n + 1).await;
        let signed =
            standing.wait_for(|now| matches!(now, Standing::Kept { signed, .. } if *signed == n + 1));
        signed.await.unwrap();
    }
    // Quiet intervals sign nothing.
    tokio::time::sleep(10 * every).await;
    assert_eq!(Checkpoints::new(dir.path()).all().unwrap().count(), 3);
    keeper.finish().await.unwrap();
    assert_eq!(Checkpoints::new(dir.path()).all().unwrap().count(), 3);
}

#[tokio::test]
async fn without_a_key_the_tree_is_kept_and_nothing_is_signed() {
    let dir = tempfile::tempdir().unwrap();
    let log: Arc<dyn EventLog> = Arc::new(Model::new());
    fill(&*log, 0..10).await;
    Keeper::start(Arc::clone(&log), keeping(dir.path(), None), Arc::new(Noon)).finish().await.unwrap();
    assert_eq!(size_on_disk(dir.path()).unwrap(), 10);
    assert_eq!(Checkpoints::new(dir.path()).newest().unwrap(), None);
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

#[tokio::test]
async fn an_untouched_log_and_its_packs_verify() {
    let case = Case::new(100, 700).await;
    let trust = trust(&case.public, &[&case.early, &case.late]);
    let report = verify_log(&*case.log, &case.ledger(), &trust).await.unwrap();
    assert!(report.holds(), "{report:#?}");
    for pack in [
        case.whole().await,
        case.pack(Choice::Span { from: 37, to: Some(555) }, &[]).await,
        case.pack(Choice::Stream(support::stream("case1")), &[case.early.checkpoint().clone()]).await,
        case.pack(Choice::Event(699), &[case.early.checkpoint().clone()]).await,
        case.pack(Choice::Nothing, &[case.early.checkpoint().clone()]).await,
    ] {
        let report = verify_pack(pack.as_slice(), &trust);
        assert!(report.holds(), "{report:#?}");
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

/// Numbers the events anew, lists the hashes they have now, and counts them: what a careful forger does.
fn forged(mut sections: Vec<(u8, Vec<u8>)>) -> Vec<u8> {
    let mut number = 0_u64;
    for (_, content) in sections.iter_mut().filter(|(kind, _)| *kind == b'E') {
        let leaf = Hash::leaf(&content[48..]);
        content[..8].copy_from_slice(&number.to_le_bytes());
        content[16..48].copy_from_slice(leaf.as_bytes());
        number += 1;
    }
    sections.last_mut().unwrap().1 = number.to_le_bytes().to_vec();
    joined(&sections)
}

fn nth_event(sections: &[(u8, Vec<u8>)], number: usize) -> usize {
    sections.iter().enumerate().filter(|(_, (kind, _))| *kind == b'E').nth(number).unwrap().0
}

fn find(content: &[u8], text: &[u8]) -> usize {
    content.windows(text.len()).position(|window| window == text).unwrap()
}

#[tokio::test]
async fn every_way_to_tamper_with_a_pack_is_found_also_when_its_hashes_are_made_anew() {
    let case = Case::new(100, 300).await;
    let original = sections(&case.whole().await);
    let at = nth_event(&original, 120);
    let edit = |text: &[u8]| {
        let mut changed = original.clone();
        let place = find(&changed[at].1, text);
        changed[at].1[place] ^= 1;
        changed
    };
    let mut removed = original.clone();
    removed.remove(at);
    let mut inserted = original.clone();
    inserted.insert(at, original[at - 5].clone());
    let mut swapped = original.clone();
    swapped.swap(at, at + 1);
    let mut cut = original.clone();
    cut.drain(nth_event(&original, 290)..cut.len() - 1);
    let trusted = trust(&case.public, &[&case.early, &case.late]);
    let number = "event 120 (Counted of stream test-0190-case0, revision 40, position 121)";
    for (name, changed, naive) in [
        ("a byte of the data", edit(b"bl\xc3\xa5"), number),
        ("a byte of the metadata", edit(b"recordedAt"), number),
        ("an event removed", removed, "stands where event 120 belongs"),
        ("an event inserted", inserted, "stands where event 120 belongs"),
        ("two events swapped", swapped, "stands where event 120 belongs"),
        ("the newest events cut off", cut, "the pack was made with 300 events and has 290"),
    ] {
        let file = case.dir.path().join("pack");
        std::fs::write(&file, joined(&changed)).unwrap();
        let report = verify_pack(std::fs::File::open(&file).unwrap(), &trusted);
        told(&report, naive);
        std::fs::write(&file, forged(changed)).unwrap();
        let report = verify_pack(std::fs::File::open(&file).unwrap(), &trusted);
        told(&report, "do not give the root that was signed");
        if name != "the newest events cut off" {
            told(&report, "the first difference is among the events 100 to 299");
        }
    }
}

#[tokio::test]
async fn a_pack_forged_with_another_key_or_shorter_than_the_outside_checkpoint_is_found() {
    let case = Case::new(100, 300).await;
    let pack = case.whole().await;
    told(&verify_pack(pack.as_slice(), &trust(&key().1, &[])), "is not signed by any of the given keys");
    // The log's owner signs a shorter history with the real key: only what was kept outside tells.
    let dir = case.dir.path().join("shorter");
    let log = rewrite(&case.dir.path().join("shorter-log"), &case.events[..250]).await;
    keep(&log, &dir, case.key()).await.unwrap();
    let mut shorter = Vec::new();
    export(&*log, &dir, &Choice::Span { from: 0, to: None }, None, &[], &mut shorter).await.unwrap();
    assert!(verify_pack(shorter.as_slice(), &trust(&case.public, &[])).holds());
    told(&verify_pack(shorter.as_slice(), &trust(&case.public, &[&case.late])), "the newest 50 were removed");
}

#[tokio::test]
async fn any_flipped_byte_of_a_small_pack_is_found() {
    let case = Case::new(4, 9).await;
    let trusted = trust(&case.public, &[&case.early, &case.late]);
    let whole = case.whole().await;
    let stream =
        case.pack(Choice::Stream(support::stream("case1")), &[case.early.checkpoint().clone()]).await;
    for pack in [whole, stream] {
        assert!(verify_pack(pack.as_slice(), &trusted).holds());
        for at in 0..pack.len() {
            let mut changed = pack.clone();
            changed[at] ^= 0x10;
            // An event's position is for orientation: it is no part of what is proved.
            let report = verify_pack(changed.as_slice(), &trusted);
            assert!(!report.holds() || is_position(&pack, at), "byte {at}: {report:#?}");
        }
        for length in 0..pack.len() {
            assert!(!verify_pack(&pack[..length], &trusted).holds(), "cut at {length}");
        }
    }
}

fn is_position(pack: &[u8], at: usize) -> bool {
    let mut start = b"skranke-pack 1\n".len();
    for (kind, content) in sections(pack) {
        if kind == b'E' && (start + 9 + 8..start + 9 + 16).contains(&at) {
            return true;
        }
        start += 9 + content.len();
    }
    false
}

#[tokio::test]
async fn every_way_to_tamper_with_a_log_is_found_and_the_event_is_named() {
    let case = Case::new(100, 600).await;
    let untouched = case.verify_other("same", &case.events).await;
    assert!(untouched.holds(), "{untouched:#?}");
    let span = "the first difference is among the events 100 to 599";

    let mut data = case.events.clone();
    data[120].data = data[120].data.iter().map(|byte| if *byte == b'b' { b'B' } else { *byte }).collect();
    let report = case.verify_other("data", &data).await;
    told(&report, "event 120 (Counted of stream test-0190-case0, revision 40, position 121) was changed");
    told(&report, span);
    assert!(report.faults.iter().filter(|fault| fault.contains("was changed")).count() == 1, "{report:#?}");

    let mut metadata = case.events.clone();
    metadata[121].metadata = br#"{"actor":"somebody else"}"#.as_slice().into();
    told(&case.verify_other("metadata", &metadata).await, "event 121 (Counted of stream test-0190-case1");

    let mut removed = case.events.clone();
    removed.remove(598);
    told(&case.verify_other("removed", &removed).await, "event 598 was removed from the log");

    let mut inserted = case.events.clone();
    let mut extra = inserted[300].clone();
    extra.stream = support::stream("invented");
    extra.id = uuid::Uuid::from_u128(1);
    inserted.insert(300, extra);
    told(&case.verify_other("inserted", &inserted).await, "an event was inserted before event 300");

    let mut swapped = case.events.clone();
    swapped.swap(400, 401);
    told(&case.verify_other("swapped", &swapped).await, "the events 400 to 401 stand in another order");

    let cut = case.verify_other("cut", &case.events[..580]).await;
    told(&cut, "number 580 to 599, are missing at the end of the log");
    told(&cut, "the checkpoint kept outside covers 600. The newest 20 are missing");
}

#[tokio::test]
async fn a_log_and_ledger_rewritten_together_do_not_fit_the_checkpoint_kept_outside() {
    let case = Case::new(100, 300).await;
    let mut events = case.events.clone();
    events[50].data = b"{}".as_slice().into();
    let log = rewrite(&case.dir.path().join("forged-log"), &events).await;
    let ledger = case.dir.path().join("forged");
    keep(&log, &ledger, case.key()).await.unwrap();
    assert!(verify_log(&*log, &ledger, &trust(&case.public, &[])).await.unwrap().holds());
    let report = verify_log(&*log, &ledger, &trust(&case.public, &[&case.early])).await.unwrap();
    told(&report, "the first 100 events are not those of the checkpoint kept outside");
}

#[tokio::test]
async fn the_keeper_signs_nothing_over_a_log_that_was_cut_short_or_changed() {
    let case = Case::new(100, 300).await;
    let before = Checkpoints::new(&case.ledger()).all().unwrap().count();
    let shorter = rewrite(&case.dir.path().join("shorter"), &case.events[..299]).await;
    let refused = keep(&shorter, &case.ledger(), case.key()).await;
    assert!(matches!(refused, Err(LedgerError::Truncated { recorded: 300, .. })), "{refused:?}");
    let mut events = case.events.clone();
    events[299].data = b"{}".as_slice().into();
    let changed = rewrite(&case.dir.path().join("changed"), &events).await;
    let keeper =
        Keeper::start(Arc::clone(&changed), keeping(&case.ledger(), Some(case.key())), Arc::new(Noon));
    let mut standing = keeper.standing();
    let stopped = standing.wait_for(|now| matches!(now, Standing::Stopped(_))).await.unwrap().clone();
    assert!(matches!(stopped, Standing::Stopped(text) if text.contains("event 299, at position 300")));
    assert!(matches!(keeper.finish().await, Err(LedgerError::Changed { event: 299, .. })));
    assert_eq!(Checkpoints::new(&case.ledger()).all().unwrap().count(), before);
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

#[tokio::test]
async fn a_key_or_a_name_of_another_log_is_refused() {
    let case = Case::new(1, 2).await;
    let (other, _) = SigningKey::generate("example.dk/other", KeyKind::Log).unwrap();
    let refused = keep(&case.log, &case.ledger(), other).await;
    assert!(matches!(refused, Err(LedgerError::OtherKey { .. })), "{refused:?}");
    let (witness, _) = SigningKey::generate(ORIGIN, KeyKind::Witness).unwrap();
    assert!(matches!(keep(&case.log, &case.ledger(), witness).await, Err(LedgerError::Note(_))));
    let renamed = skranke_store::ledger::origin(&case.ledger(), Some("example.dk/other"), uuid::Uuid::nil);
    assert!(matches!(renamed, Err(LedgerError::OtherOrigin { .. })), "{renamed:?}");
    let fresh = tempfile::tempdir().unwrap();
    let made = skranke_store::ledger::origin(fresh.path(), None, || uuid::Uuid::from_u128(7)).unwrap();
    assert_eq!(made, "skranke.dk/log/00000000000000000000000000000007");
    assert_eq!(skranke_store::ledger::origin(fresh.path(), None, uuid::Uuid::nil).unwrap(), made);
}

#[tokio::test]
async fn a_streams_pack_shows_a_changed_a_foreign_and_a_missing_event() {
    let case = Case::new(100, 300).await;
    let pack = case.pack(Choice::Stream(support::stream("case1")), &[]).await;
    let trusted = trust(&case.public, &[]);
    let original = sections(&pack);
    let at = nth_event(&original, 10);
    let mut changed = original.clone();
    let place = find(&changed[at].1, b"number");
    changed[at].1[place] ^= 1;
    let leaf = Hash::leaf(&changed[at].1[48..]);
    changed[at].1[16..48].copy_from_slice(leaf.as_bytes());
    told(&verify_pack(joined(&changed).as_slice(), &trusted), "is not event 31 of the signed log");
    let mut missing = original.clone();
    missing.drain(at..at + 2);
    told(&verify_pack(joined(&missing).as_slice(), &trusted), "revision 10 of its stream should stand there");
    let mut foreign = original.clone();
    let other = sections(&case.pack(Choice::Event(29), &[]).await);
    foreign.splice(at..at + 2, other[nth_event(&other, 0)..nth_event(&other, 0) + 2].iter().cloned());
    told(&verify_pack(joined(&foreign).as_slice(), &trusted), "is not of the pack's stream");
    let unknown: StreamId = support::stream("nobody");
    let none = export(&*case.log, &case.ledger(), &Choice::Stream(unknown), None, &[], Vec::new()).await;
    assert!(matches!(none, Err(LedgerError::NotThere(_))), "{none:?}");
}

#[tokio::test]
async fn as_many_witnesses_as_required_must_have_cosigned() {
    let case = Case::new(100, 300).await;
    let witnesses = ["one", "two"].map(|name| SigningKey::generate(name, KeyKind::Witness).unwrap().0);
    let mut cosigned = case.late.clone();
    cosigned.note.cosign(&witnesses[0], 1_790_000_000).unwrap();
    let known: Vec<_> = witnesses.iter().map(|key| key.verifier().clone()).collect();
    accept_cosigned(&case.ledger(), &cosigned, &known).unwrap();
    assert!(matches!(accept_cosigned(&case.ledger(), &case.late, &known), Err(LedgerError::Note(_))));
    let mut pack = Vec::new();
    let choice = Choice::Stream(support::stream("case2"));
    export(&*case.log, &case.ledger(), &choice, Some(cosigned.clone()), &[], &mut pack).await.unwrap();
    let mut trusted = trust(&case.public, &[]);
    trusted.witnesses = known;
    for (require, holds) in [(0, true), (1, true), (2, false)] {
        trusted.require = require;
        let report = verify_pack(pack.as_slice(), &trusted);
        assert_eq!(report.holds(), holds, "{report:#?}");
        let report = verify_log(&*case.log, &case.ledger(), &trusted).await.unwrap();
        assert_eq!(report.holds(), holds, "{report:#?}");
    }
}

#[tokio::test]
async fn a_pack_is_not_made_from_a_log_that_contradicts_its_ledger() {
    let case = Case::new(100, 300).await;
    let mut events = case.events.clone();
    events[150].data = b"{}".as_slice().into();
    let log = rewrite(&case.dir.path().join("changed"), &events).await;
    let made =
        export(&*log, &case.ledger(), &Choice::Span { from: 0, to: None }, None, &[], Vec::new()).await;
    assert!(matches!(made, Err(LedgerError::Changed { event: 150, .. })), "{made:?}");
}

#[tokio::test]
async fn a_witness_cosigns_what_continues_the_checkpoint_it_has_seen_and_nothing_else() {
    let case = Case::new(100, 300).await;
    let (key, _) = SigningKey::generate("witness.example/w1", KeyKind::Witness).unwrap();
    let public = key.verifier().clone();
    let seen = case.dir.path().join("seen");
    let witness = Witness { key, log: case.public.clone(), seen: seen.clone() };
    assert!(matches!(witness.cosign(case.early.clone(), None, false, 1), Err(NotCosigned::First)));
    let early = witness.cosign(case.early.clone(), None, true, 1).unwrap();
    assert_eq!(early.note.verify(&public), Ok(Some(1)));
    assert!(matches!(witness.cosign(case.late.clone(), None, true, 2), Err(NotCosigned::NoProof(100))));

    let proof = case.pack(Choice::Nothing, &[case.early.checkpoint().clone()]).await;
    let mut changed = sections(&proof);
    let place = changed.iter().position(|(kind, _)| *kind == b'K').unwrap();
    changed[place].1[20] ^= 1;
    let refused = witness.cosign(case.late.clone(), Some(&mut joined(&changed).as_slice()), false, 2);
    assert!(matches!(refused, Err(NotCosigned::NotProved(_))), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&seen).unwrap(), early.to_string(), "a refusal forgets nothing");

    let late = witness.cosign(case.late.clone(), Some(&mut proof.as_slice()), false, 2).unwrap();
    assert_eq!(late.note.verify(&public), Ok(Some(2)));
    let back = witness.cosign(case.early.clone(), None, false, 3);
    assert!(matches!(back, Err(NotCosigned::WentBack { seen: 300, now: 100 })), "{back:?}");
    let other = Checkpoint { root: Hash::empty(), ..case.late.checkpoint().clone() };
    let split = SignedCheckpoint::sign(other, &case.key()).unwrap();
    assert!(matches!(witness.cosign(split, None, false, 3), Err(NotCosigned::SplitView(300))));
    let stranger = SignedCheckpoint::sign(case.late.checkpoint().clone(), &key_of_another_log()).unwrap();
    assert!(matches!(witness.cosign(stranger, None, false, 3), Err(NotCosigned::NotTheLogs(_))));

    // A pack of the whole log is proof enough as well.
    std::fs::write(&seen, early.to_string()).unwrap();
    let whole = case.whole().await;
    witness.cosign(case.late.clone(), Some(&mut whole.as_slice()), false, 4).unwrap();
}

fn key_of_another_log() -> SigningKey {
    key().0
}
