//! One suite for the key ring, on both of its back ends: a file of its own, and streams in a log.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, TestRunner};
use secrecy::{ExposeSecret, SecretString};
use skranke_domain::sealed::{Opener, SealError, Sealer};
use skranke_domain::time::Clock;
use skranke_domain::{StreamId, SubjectId, Tenant, codec};
use skranke_store::{
    Appended, Direction, EventLog, Expected, Filter, KeyError, KeyEvent, KeyRing, LogError, MasterKey,
    Masters, Metadata, Page, Position, Recorded, Revision, StreamWrite, Subscription,
};
use support::model::Model;
use support::{Counting, stream};
use tempfile::TempDir;
use uuid::Uuid;

const SECRET: &[u8] = "\"Ærø Østergård, tlf. 00 00 47 11\"".as_bytes();

fn subject(n: u128) -> SubjectId {
    SubjectId::new(Uuid::from_u128(n))
}

fn tenant() -> Tenant {
    Tenant::try_new("0190").unwrap()
}

/// A master key as an operator keeps it, so that it can be given several times.
struct Kept(String);

impl Kept {
    fn new() -> Self {
        Self(MasterKey::generate().unwrap().to_base64().expose_secret().to_owned())
    }

    fn key(&self) -> MasterKey {
        MasterKey::from_base64(&SecretString::from(self.0.as_str())).unwrap()
    }

    fn after(&self, old: &Self) -> Masters {
        Masters { current: self.key(), old: Some(old.key()) }
    }
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        "2026-11-22T10:15:30Z".parse().unwrap()
    }
}

async fn on_streams(log: Arc<dyn EventLog>, masters: impl Into<Masters>) -> Result<KeyRing, KeyError> {
    let ids = Arc::new(Counting::default());
    KeyRing::on_streams(log, masters, Arc::new(Still), ids, "skranke/test").await
}

/// Where a ring's keys are stored. Every ring that is opened here is one more process.
enum Place {
    File(TempDir),
    Streams(Model),
}

impl Place {
    async fn ring(&self, masters: impl Into<Masters>) -> Result<KeyRing, KeyError> {
        match self {
            Self::File(dir) => KeyRing::open(dir.path(), masters),
            Self::Streams(log) => on_streams(Arc::new(log.clone()), masters).await,
        }
    }
}

/// Runs a promise on both back ends.
macro_rules! promises {
    ($($name:ident),* $(,)?) => {
        mod file {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&super::Place::File(tempfile::tempdir().unwrap())).await;
            })*
        }
        mod streams {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&super::Place::Streams(super::Model::new())).await;
            })*
        }
    };
}

promises! {
    a_field_opens_in_its_own_place_only,
    a_changed_byte_does_not_open,
    a_destroyed_key_is_gone_for_good_and_for_everybody,
    a_subject_that_never_had_a_key_can_be_destroyed_too,
    racing_rings_seal_with_one_key,
    a_rotation_moves_every_key_and_the_old_master_opens_nothing,
    a_rotation_leaves_destroyed_keys_destroyed,
    nodes_that_hold_both_masters_work_before_during_and_after_a_rotation,
    a_wrong_master_key_is_refused_at_the_door,
    nonces_never_repeat,
    no_text_shows_a_key_or_a_value,
}

/// Stream, field, tenant and subject.
type Where = (&'static str, &'static str, u8, u128);

fn anywhere() -> impl Strategy<Value = Where> {
    let (streams, fields) = (["a", "ab", "b"], ["bc", "c", "Note.text"]);
    (0..3_usize, 0..3_usize, 0..2_u8, 1..4_u128)
        .prop_map(move |(stream, field, tenant, subject)| (streams[stream], fields[field], tenant, subject))
}

fn seals((name, _, tenant, _): Where, ring: &KeyRing) -> impl Sealer + Opener + use<> {
    let stream = StreamId::try_from(format!("test-010{tenant}-{name}")).unwrap();
    ring.for_stream(&stream)
}

async fn a_field_opens_in_its_own_place_only(place: &Place) {
    let ring = place.ring(Kept::new().key()).await.unwrap();
    let text = proptest::collection::vec(any::<u8>(), 0..300);
    let outcome = TestRunner::new(Config { cases: 200, ..Config::default() }).run(
        &(anywhere(), anywhere(), text),
        |(one, two, text)| {
            let sealed = seals(one, &ring).seal(subject(one.3), one.1, &text).unwrap();
            // The other subject has a key, too: it is not for want of one that nothing opens.
            seals(two, &ring).seal(subject(two.3), two.1, &text).unwrap();
            let opened = seals(two, &ring).open(subject(two.3), two.1, &sealed);
            if one == two {
                assert_eq!(opened.unwrap(), Some(text));
            } else {
                assert_eq!(opened, Err(SealError::Altered), "{one:?} {two:?}");
                assert_eq!(seals(one, &ring).open(subject(one.3), one.1, &sealed).unwrap(), Some(text));
            }
            Ok(())
        },
    );
    outcome.unwrap();
}

async fn a_changed_byte_does_not_open(place: &Place) {
    let ring = place.ring(Kept::new().key()).await.unwrap();
    let seals = ring.for_stream(&stream("s"));
    let sealed = seals.seal(subject(1), "F", SECRET).unwrap();
    for at in 0..sealed.len() {
        for flip in 1..=u8::MAX {
            let mut altered = sealed.clone();
            altered[at] ^= flip;
            assert_eq!(seals.open(subject(1), "F", &altered), Err(SealError::Altered), "byte {at} ^ {flip}");
        }
        assert_eq!(seals.open(subject(1), "F", &sealed[..at]), Err(SealError::Altered));
    }
    assert_eq!(seals.open(subject(1), "F", &[&sealed[..], &[0]].concat()), Err(SealError::Altered));
    assert_eq!(seals.open(subject(1), "F", &sealed).unwrap().as_deref(), Some(SECRET));
}

/// Waits until another process' destruction has come through.
async fn until_erased(ring: &KeyRing, n: u128, sealed: &[u8]) {
    for _ in 0..400 {
        if ring.for_stream(&stream("s")).open(subject(n), "F", sealed).unwrap().is_none() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the other ring still opens it");
}

async fn a_destroyed_key_is_gone_for_good_and_for_everybody(place: &Place) {
    let master = Kept::new();
    let ring = place.ring(master.key()).await.unwrap();
    let seals = ring.for_stream(&stream("s"));
    let sealed = seals.seal(subject(1), "F", SECRET).unwrap();
    let other = seals.seal(subject(2), "F", SECRET).unwrap();
    let twin = place.ring(master.key()).await.unwrap();
    assert_eq!(twin.for_stream(&stream("s")).open(subject(2), "F", &other).unwrap().as_deref(), Some(SECRET));
    if let Place::Streams(_) = place {
        // On a shared log the twin holds it in memory and must be told.
        assert!(twin.for_stream(&stream("s")).open(subject(1), "F", &sealed).unwrap().is_some());
    }

    assert!(ring.destroy(tenant(), subject(1)).unwrap());
    assert!(!ring.destroy(tenant(), subject(1)).unwrap(), "there was none any more");
    until_erased(&twin, 1, &sealed).await;
    for ring in [&ring, &twin, &place.ring(master.key()).await.unwrap()] {
        let seals = ring.for_stream(&stream("s"));
        assert_eq!(seals.open(subject(1), "F", &sealed), Ok(None));
        assert!(matches!(seals.seal(subject(1), "F", SECRET), Err(SealError::Destroyed)));
        assert_eq!(ring.ensure(tenant(), [subject(1)]).await, Err(KeyError::Destroyed.into()));
        assert_eq!(seals.open(subject(2), "F", &other).unwrap().as_deref(), Some(SECRET));
        // The same subject in another municipality is another key.
        ring.ensure(Tenant::try_new("0101").unwrap(), [subject(1)]).await.unwrap();
    }
}

async fn a_subject_that_never_had_a_key_can_be_destroyed_too(place: &Place) {
    let ring = place.ring(Kept::new().key()).await.unwrap();
    assert!(!ring.destroy(tenant(), subject(1)).unwrap());
    assert_eq!(ring.ensure(tenant(), [subject(1)]).await, Err(KeyError::Destroyed.into()));
}

async fn racing_rings_seal_with_one_key(place: &Place) {
    let master = Kept::new();
    let rings = [place.ring(master.key()).await.unwrap(), place.ring(master.key()).await.unwrap()];
    let hands = (0..8).map(|hand| {
        let ring = rings[hand % 2].clone();
        tokio::task::spawn_blocking(move || {
            let seals = ring.for_stream(&stream("s"));
            (0..25).map(|n| (n, seals.seal(subject(n), "F", SECRET).unwrap())).collect::<Vec<_>>()
        })
    });
    let sealed = futures::future::join_all(hands).await.into_iter().flat_map(Result::unwrap);
    let third = place.ring(master.key()).await.unwrap();
    for (n, sealed) in sealed {
        for ring in rings.iter().chain([&third]) {
            let opened = ring.for_stream(&stream("s")).open(subject(n), "F", &sealed);
            assert_eq!(opened.unwrap().as_deref(), Some(SECRET));
        }
    }
}

/// Seals something for so many subjects.
fn fill(ring: &KeyRing, subjects: std::ops::Range<u128>) -> Vec<(u128, Vec<u8>)> {
    let seals = ring.for_stream(&stream("s"));
    subjects.map(|n| (n, seals.seal(subject(n), "F", SECRET).unwrap())).collect()
}

#[track_caller]
fn opens_all(ring: &KeyRing, sealed: &[(u128, Vec<u8>)]) {
    for (n, sealed) in sealed {
        let opened = ring.for_stream(&stream("s")).open(subject(*n), "F", sealed);
        assert_eq!(opened.unwrap().as_deref(), Some(SECRET), "subject {n}");
    }
}

async fn a_rotation_moves_every_key_and_the_old_master_opens_nothing(place: &Place) {
    let (old, new) = (Kept::new(), Kept::new());
    let ring = place.ring(old.key()).await.unwrap();
    assert_eq!(ring.rotate().unwrap(), 0, "it is under its current master");
    // More than a page of the log, and more than a batch of the file.
    let sealed = fill(&ring, 0..1100);
    drop(ring);

    let ring = place.ring(new.after(&old)).await.unwrap();
    opens_all(&ring, &sealed[..3]);
    assert_eq!(ring.rotate().unwrap(), 1100);
    assert_eq!(ring.rotate().unwrap(), 0);
    opens_all(&ring, &sealed);
    assert!(matches!(place.ring(old.key()).await, Err(KeyError::WrongMaster)));
    let ring = place.ring(new.key()).await.unwrap();
    opens_all(&ring, &sealed);
    opens_all(&ring, &fill(&ring, 2000..2003));
    // And back again, to the key of before.
    let ring = place.ring(old.after(&new)).await.unwrap();
    assert_eq!(ring.rotate().unwrap(), 1103);
    assert!(matches!(place.ring(new.key()).await, Err(KeyError::WrongMaster)));
    opens_all(&place.ring(old.key()).await.unwrap(), &sealed);
}

async fn a_rotation_leaves_destroyed_keys_destroyed(place: &Place) {
    let (old, new) = (Kept::new(), Kept::new());
    let ring = place.ring(new.after(&old)).await.unwrap();
    assert_eq!(ring.rotate().unwrap(), 0, "a new ring is made under the current one");
    let sealed = fill(&ring, 0..4);
    for n in [1, 2, 9] {
        ring.destroy(tenant(), subject(n)).unwrap();
    }
    let ring = place.ring(old.after(&new)).await.unwrap();
    assert_eq!(ring.rotate().unwrap(), 2);
    let ring = place.ring(old.key()).await.unwrap();
    for n in [1, 2, 9] {
        assert_eq!(ring.ensure(tenant(), [subject(n)]).await, Err(KeyError::Destroyed.into()));
    }
    assert_eq!(ring.for_stream(&stream("s")).open(subject(1), "F", &sealed[1].1), Ok(None));
    opens_all(&ring, &[sealed[0].clone(), sealed[3].clone()]);
}

async fn nodes_that_hold_both_masters_work_before_during_and_after_a_rotation(place: &Place) {
    let (old, new) = (Kept::new(), Kept::new());
    let before = place.ring(old.key()).await.unwrap();
    let sealed = fill(&before, 0..300);
    // Each node is restarted with both.
    let node = place.ring(new.after(&old)).await.unwrap();
    opens_all(&before, &fill(&node, 300..303));
    let command = place.ring(new.after(&old)).await.unwrap();
    let rotating = tokio::task::spawn_blocking(move || command.rotate().unwrap());
    let busy = tokio::task::spawn_blocking(move || {
        let made = fill(&node, 400..700);
        opens_all(&node, &made);
        (node, made)
    });
    let (moved, busy) = futures::join!(rotating, busy);
    assert!(moved.unwrap() >= 303);
    let (node, made) = busy.unwrap();
    opens_all(&node, &sealed);
    // Whatever was made meanwhile is under the new one.
    assert_eq!(node.rotate().unwrap(), 0);
    let after = place.ring(new.key()).await.unwrap();
    opens_all(&after, &sealed);
    opens_all(&after, &made);
    // A node that was not restarted makes no key that the others could not open.
    let late = before.for_stream(&stream("s")).seal(subject(900), "F", SECRET);
    assert!(matches!(late, Err(SealError::KeyRing(_))), "{late:?}");
}

async fn a_wrong_master_key_is_refused_at_the_door(place: &Place) {
    let (right, wrong) = (Kept::new(), Kept::new());
    let sealed = fill(&place.ring(right.key()).await.unwrap(), 0..3);
    let error = place.ring(wrong.key()).await.unwrap_err();
    assert!(matches!(error, KeyError::WrongMaster), "{error}");
    assert!(error.to_string().contains("another master key") && !error.to_string().contains(&wrong.0));
    let neither = place.ring(wrong.after(&Kept::new())).await;
    assert!(matches!(neither, Err(KeyError::WrongMaster)));
    opens_all(&place.ring(right.key()).await.unwrap(), &sealed);
}

async fn nonces_never_repeat(place: &Place) {
    let ring = place.ring(Kept::new().key()).await.unwrap();
    let seals = ring.for_stream(&stream("s"));
    let mut seen = HashSet::new();
    for _ in 0..10_000 {
        let sealed = seals.seal(subject(1), "F", b"").unwrap();
        assert!(seen.insert(sealed[1..25].to_vec()), "a nonce was used again");
    }
}

async fn no_text_shows_a_key_or_a_value(place: &Place) {
    let (master, old) = (Kept::new(), Kept::new());
    let masters = master.after(&old);
    let given = format!("{masters:?}");
    let ring = place.ring(masters).await.unwrap();
    let seals = ring.for_stream(&stream("s"));
    let sealed = seals.seal(subject(1), "F", SECRET).unwrap();
    let mut altered = sealed.clone();
    altered[30] ^= 1;
    let refused = seals.open(subject(1), "F", &altered).unwrap_err();
    ring.destroy(tenant(), subject(1)).unwrap();
    let destroyed = seals.seal(subject(1), "F", SECRET).unwrap_err();
    let wrong = place.ring(Kept::new().key()).await.unwrap_err();
    let shown = format!(
        "{given} {ring:?} {seals:?} {refused:?} {refused} {destroyed:?} {destroyed} {wrong:?} {wrong}"
    );
    assert!(shown.contains("test-0190-s"), "{shown}");
    for secret in [&master.0, &old.0, "Ærø", "4711", "47 11"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// A log whose power is cut after so many writes, before or after the last of them is done.
struct Cut {
    log: Model,
    left: AtomicI64,
    answers_last: bool,
    /// Whether anybody may subscribe.
    tells: bool,
    /// Is rotated in the instant before the next key is written.
    meanwhile: Mutex<Option<KeyRing>>,
}

impl Cut {
    fn after(writes: i64, answers_last: bool, log: &Model) -> Arc<Self> {
        Arc::new(Self { left: writes.into(), answers_last, ..Self::whole(log) })
    }

    /// All that is written succeeds, and nobody is told.
    fn deaf(log: &Model) -> Arc<Self> {
        Arc::new(Self { tells: false, ..Self::whole(log) })
    }

    fn whole(log: &Model) -> Self {
        let (log, left) = (log.clone(), i64::MAX.into());
        Self { log, left, answers_last: true, tells: true, meanwhile: Mutex::new(None) }
    }

    async fn write<T>(&self, work: impl Future<Output = Result<T, LogError>>) -> Result<T, LogError> {
        let dead = Err(LogError::Unavailable("the power is cut".into()));
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            2.. => work.await,
            1 if self.answers_last => work.await,
            1 => work.await.and(dead),
            _ => dead,
        }
    }
}

#[async_trait]
impl EventLog for Cut {
    async fn append_all(
        &self,
        writes: Vec<StreamWrite>,
        key: Option<String>,
    ) -> Result<Vec<Appended>, LogError> {
        if writes[0].events[0].event_type == "KeyWrapped" {
            let meanwhile = self.meanwhile.lock().unwrap().take();
            if let Some(ring) = meanwhile {
                tokio::task::spawn_blocking(move || ring.rotate().unwrap()).await.unwrap();
            }
        }
        self.write(self.log.append_all(writes, key)).await
    }
    async fn find_key(&self, stream: &StreamId, key: &str) -> Result<Option<Appended>, LogError> {
        self.log.find_key(stream, key).await
    }
    async fn delete_stream(&self, stream: &StreamId, expected: Expected) -> Result<Appended, LogError> {
        self.write(self.log.delete_stream(stream, expected)).await
    }
    async fn read_stream(
        &self,
        stream: &StreamId,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Recorded>, LogError> {
        // As a client of a server does: by a task of its own, which must get its turn while the reader waits.
        let (log, stream) = (self.log.clone(), stream.clone());
        tokio::spawn(async move { log.read_stream(&stream, from, direction, max).await }).await.unwrap()
    }
    async fn read_all(
        &self,
        from: Position,
        direction: Direction,
        max: usize,
        filter: &Filter,
    ) -> Result<Page, LogError> {
        self.log.read_all(from, direction, max, filter).await
    }
    async fn subscribe(&self, from: Position, filter: Filter) -> Result<Box<dyn Subscription>, LogError> {
        if !self.tells {
            return Err(LogError::Unavailable("nobody listens here".into()));
        }
        self.log.subscribe(from, filter).await
    }
    async fn subscribe_stream(
        &self,
        stream: &StreamId,
        from: Option<Revision>,
    ) -> Result<Box<dyn Subscription>, LogError> {
        self.log.subscribe_stream(stream, from).await
    }
    async fn head(&self) -> Result<Position, LogError> {
        self.log.head().await
    }
    async fn close(&self) {
        self.log.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_is_cut_short_anywhere_is_finished_by_the_next_one() {
    const KEYS: u128 = 5;
    for answers_last in [true, false] {
        let mut whole = None;
        for writes in 0.. {
            let (old, new, model) = (Kept::new(), Kept::new(), Model::new());
            let ring = on_streams(Arc::new(model.clone()), old.key()).await.unwrap();
            let sealed = fill(&ring, 0..KEYS);
            let cut = Cut::after(writes, answers_last, &model);
            let ring = on_streams(cut, new.after(&old)).await.unwrap();
            let rotated = ring.rotate();
            drop(ring);

            // Both together open it, whatever happened; one of them does when nothing or everything was done.
            opens_all(&on_streams(Arc::new(model.clone()), new.after(&old)).await.unwrap(), &sealed);
            opens_all(&on_streams(Arc::new(model.clone()), old.after(&new)).await.unwrap(), &sealed);
            let alone = [
                on_streams(Arc::new(model.clone()), old.key()).await,
                on_streams(Arc::new(model.clone()), new.key()).await,
            ];
            for (n, ring) in alone.iter().enumerate() {
                match ring {
                    Ok(ring) => opens_all(ring, &sealed),
                    Err(KeyError::WrongMaster | KeyError::RotationUnfinished) => {}
                    Err(error) => panic!("{writes} writes, key {n}: {error}"),
                }
            }
            assert!(alone.iter().any(|ring| !matches!(ring, Err(KeyError::WrongMaster))));

            let ring = on_streams(Arc::new(model.clone()), new.after(&old)).await.unwrap();
            ring.rotate().unwrap();
            assert!(matches!(
                on_streams(Arc::new(model.clone()), old.key()).await,
                Err(KeyError::WrongMaster)
            ));
            opens_all(&on_streams(Arc::new(model), new.key()).await.unwrap(), &sealed);
            if rotated.is_ok() {
                whole = Some(writes);
                break;
            }
        }
        // One to adopt, one per key, one to retire; an answer that is lost with the power costs one more.
        assert_eq!(whole, Some(7 + i64::from(!answers_last)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_a_rotation_passed_by_is_wrapped_anew_by_whoever_made_it() {
    let (old, new, model) = (Kept::new(), Kept::new(), Model::new());
    fill(&on_streams(Arc::new(model.clone()), old.key()).await.unwrap(), 0..2);
    let command = on_streams(Arc::new(model.clone()), new.after(&old)).await.unwrap();
    let log = Cut { meanwhile: Mutex::new(Some(command)), ..Cut::whole(&model) };
    let node = on_streams(Arc::new(log), new.after(&old)).await.unwrap();
    let sealed = fill(&node, 0..4);
    opens_all(&on_streams(Arc::new(model), new.key()).await.unwrap(), &sealed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destruction_that_is_cut_short_is_no_less_final() {
    for (writes, answers_last) in [(0, true), (1, false), (1, true), (2, false)] {
        let (master, model) = (Kept::new(), Model::new());
        let sealed = fill(&on_streams(Arc::new(model.clone()), master.key()).await.unwrap(), 0..1);
        let cut = Cut::after(writes, answers_last, &model);
        let ring = on_streams(cut, master.key()).await.unwrap();
        assert!(matches!(ring.destroy(tenant(), subject(0)), Err(KeyError::Log(_))));

        let ring = on_streams(Arc::new(model.clone()), master.key()).await.unwrap();
        let opened = ring.for_stream(&stream("s")).open(subject(0), "F", &sealed[0].1).unwrap();
        assert_eq!(opened.is_some(), writes == 0, "{writes} {answers_last}");
        let name = StreamId::new("key", tenant(), subject(0));
        let read = model.read_stream(&name, 0, Direction::Forwards, 9).await;
        // Whoever looked finished it.
        assert_eq!(matches!(read, Err(LogError::Deleted)), writes > 0, "{read:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_ring_that_cannot_hear_of_destructions_holds_no_key_in_memory() {
    let (master, model) = (Kept::new(), Model::new());
    let ring = on_streams(Cut::deaf(&model), master.key()).await.unwrap();
    let sealed = fill(&ring, 0..1);
    // It hears within the moment that it cannot; from then on it asks the log each time.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    opens_all(&ring, &sealed);
    let other = on_streams(Arc::new(model), master.key()).await.unwrap();
    assert!(other.destroy(tenant(), subject(0)).unwrap());
    assert_eq!(ring.for_stream(&stream("s")).open(subject(0), "F", &sealed[0].1), Ok(None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_events_look_like_all_others_and_hold_wrapped_keys_only() {
    let (master, model) = (Kept::new(), Model::new());
    let ring = on_streams(Arc::new(model.clone()), master.key()).await.unwrap();
    fill(&ring, 1..2);
    ring.destroy(tenant(), subject(1)).unwrap();
    let page = model.read_all(Position(0), Direction::Forwards, 99, &Filter::default()).await.unwrap();
    let subjects = format!("key-0190-{}", subject(1));
    let told: Vec<_> = page.events.iter().map(|e| (e.stream.as_str(), e.event_type.as_str())).collect();
    let expected = [
        ("key-0000-ring", "MasterKeyAdopted"),
        (subjects.as_str(), "KeyWrapped"),
        (&subjects, "KeyDestroyed"),
        (&subjects, "$streamDeleted"),
    ];
    assert_eq!(told, expected);
    for event in &page.events[..3] {
        let metadata = Metadata::parse(&event.metadata).unwrap();
        assert_eq!((metadata.tenant, metadata.software.as_str()), (event.stream.tenant(), "skranke/test"));
        assert_eq!((metadata.recorded_at, metadata.schema.as_str()), (Still.now(), "1"));
    }
    let KeyEvent::KeyWrapped(wrapped) = codec::decode("KeyWrapped", &page.events[1].data).unwrap() else {
        panic!("another event")
    };
    // Version, nonce, 32 bytes of ciphertext, tag: 73 bytes in base64.
    assert_eq!((wrapped.wrapped.len(), wrapped.master.len()), (98, 32));
    assert!(!page.events.iter().any(|event| String::from_utf8_lossy(&event.data).contains(&master.0)));
}

#[tokio::test]
async fn on_a_single_thread_it_says_what_it_needs_instead_of_standing_still() {
    let opened = on_streams(Arc::new(Model::new()), Kept::new().key()).await;
    assert!(matches!(opened, Err(KeyError::SingleThread)));
}

#[test]
fn a_master_key_is_read_as_it_was_printed_and_nothing_else_is() {
    let kept = Kept::new();
    let read = |text: String| MasterKey::from_base64(&SecretString::from(text));
    let padded = read(format!("  {}\n", kept.0)).unwrap();
    assert_eq!(padded.to_base64().expose_secret(), kept.0);
    for text in ["", "hunter2", "QUJD", &kept.0[1..], &kept.0.replace('=', "")] {
        let error = read(text.to_owned()).unwrap_err();
        assert!(
            matches!(error, KeyError::NotAMasterKey) && (text.len() < 4 || !error.to_string().contains(text))
        );
    }
}
