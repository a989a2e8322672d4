//! What is the embedded log's own: reopening, refusals to open, a full disk, and a model it is compared with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use skranke_domain::StreamId;
use skranke_store::{
    Appended, Direction, EmbeddedLog, EventLog, Expected, Filter, LogError, NewEvent, OpenError, Options,
    Position, Recorded, StreamWrite, Subscription,
};
use support::{embedded, event, stream, write};

#[tokio::test]
async fn everything_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (stream("one"), stream("two"));
    let log = embedded(dir.path());
    let first = log.append(write(&one, Expected::NoStream, 0..3), Some("k".into())).await.unwrap();
    log.close().await;

    let log = embedded(dir.path());
    assert_eq!(log.head().await.unwrap(), Position(3));
    assert_eq!(log.append(write(&one, Expected::NoStream, 0..3), Some("k".into())).await.unwrap(), first);
    assert_eq!(log.find_key(&one, "k").await.unwrap(), Some(first));
    assert!(matches!(log.find_key(&two, "k").await, Err(LogError::KeyReused)));
    assert!(matches!(
        log.append(write(&two, Expected::Any, 0..1), Some("k".into())).await,
        Err(LogError::KeyReused)
    ));
    // Dropped without closing: the lock is free again at once.
    log.append(write(&one, Expected::Exact(2), 3..4), None).await.unwrap();
    drop(log);
    let log = embedded(dir.path());
    let appended = log.append(write(&two, Expected::NoStream, 0..1), None).await.unwrap();
    assert_eq!(appended, Appended { position: Position(5), revision: 0 });
}

#[tokio::test]
async fn a_key_is_good_for_one_stream_also_within_one_batch() {
    let dir = tempfile::tempdir().unwrap();
    let log = embedded(dir.path());
    let (one, two) = (stream("one"), stream("two"));
    let send = |stream: &StreamId| log.append(write(stream, Expected::Any, 0..1), Some("k".into()));
    let (first, again, other, after) = futures::join!(
        send(&one),
        send(&one),
        send(&two),
        log.append(write(&two, Expected::NoStream, 0..1), None)
    );
    assert_eq!(first.unwrap(), again.unwrap());
    assert!(matches!(other, Err(LogError::KeyReused)));
    assert_eq!(after.unwrap(), Appended { position: Position(2), revision: 0 });
}

#[test]
fn a_second_process_is_told_which_directory_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(dir.path()).unwrap();
    let Err(error @ OpenError::InUse { .. }) = EmbeddedLog::open(dir.path()) else { panic!("opened twice") };
    let text = error.to_string();
    assert!(text.contains(&dir.path().display().to_string()) && text.contains("stop"), "{text}");
    drop(log);
    EmbeddedLog::open(dir.path()).unwrap();
}

#[tokio::test]
async fn a_place_that_is_no_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let below = file.join("data");
    assert!(matches!(EmbeddedLog::open(&below), Err(OpenError::NotWritable { .. })));
    let Err(error) = skranke_store::open(&format!("sqlite:{}", below.display())).await else {
        panic!("it opened")
    };
    assert!(matches!(error, OpenError::NotWritable { .. }), "{error}");
    assert!(skranke_store::open(&format!("sqlite:{}/fresh/deep", dir.path().display())).await.is_ok());
}

#[tokio::test]
async fn a_missing_event_is_noticed_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let log = embedded(dir.path());
    log.append(write(&stream("s"), Expected::NoStream, 0..10), None).await.unwrap();
    log.close().await;
    let database = rusqlite::Connection::open(dir.path().join("log.db")).unwrap();
    database.execute("DELETE FROM events WHERE position = 5", []).unwrap();
    drop(database);
    let Err(error) = EmbeddedLog::open(dir.path()) else { panic!("opened with a hole") };
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn a_newer_format_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    embedded(dir.path()).close().await;
    let database = rusqlite::Connection::open(dir.path().join("log.db")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    assert!(matches!(EmbeddedLog::open(dir.path()), Err(OpenError::NewerFormat { found: 99, .. })));
}

#[tokio::test]
async fn a_full_disk_refuses_and_forgets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open_with(dir.path(), Options { max_pages: Some(60) }).unwrap();
    let s = stream("s");
    let big = |expected| {
        let events =
            vec![NewEvent { data: format!("\"{}\"", "x".repeat(20_000)).into_bytes(), ..event("Big", 1) }];
        StreamWrite { stream: s.clone(), expected, events }
    };
    let mut written = 0_u64;
    let refused = loop {
        match log.append(big(Expected::Any), Some(format!("k{written}"))).await {
            Ok(appended) => {
                assert_eq!(appended.revision, written);
                written += 1;
            }
            Err(error) => break error,
        }
        assert!(written < 100, "the limit does not work");
    };
    assert!(matches!(refused, LogError::Full), "{refused}");
    assert!(written > 3);
    // Many at once, refused together; what is there is still read, and nothing of the refused is.
    let outcomes = futures::future::join_all((0..5).map(|_| log.append(big(Expected::Any), None))).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(LogError::Full))), "{outcomes:?}");
    let read = log.read_stream(&s, 0, Direction::Forwards, 1000).await.unwrap();
    assert!(read.iter().map(|event| event.revision).eq(0..written));
    assert_eq!(log.find_key(&s, &format!("k{written}")).await.unwrap(), None);
    // Room again: it goes on exactly where it stood.
    log.limit_pages(10_000).await.unwrap();
    let appended = log.append(big(Expected::Exact(written - 1)), Some(format!("k{written}"))).await.unwrap();
    assert_eq!(appended, Appended { position: Position(written + 1), revision: written });
    log.close().await;
    let log = embedded(dir.path());
    assert_eq!(log.head().await.unwrap(), Position(written + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_write_ahead_log_stays_short_under_load() {
    let dir = tempfile::tempdir().unwrap();
    let log = embedded(dir.path());
    let mut longest = 0;
    for round in 0..120 {
        let appends = (0..32).map(|n| {
            let events = vec![NewEvent { data: vec![b'1'; 64 << 10], ..event("Big", n) }];
            log.append(
                StreamWrite { stream: stream(&format!("{round}-{n}")), expected: Expected::NoStream, events },
                None,
            )
        });
        for appended in futures::future::join_all(appends).await {
            appended.unwrap();
        }
        longest = longest.max(std::fs::metadata(dir.path().join("log.db-wal")).unwrap().len());
    }
    // 240 MiB were written; the writer helps from 16 MiB on, and from 32 MiB on it insists.
    assert!(longest < 50 << 20, "{longest}");
    log.close().await;
    assert!(std::fs::metadata(dir.path().join("log.db-wal")).map_or(0, |file| file.len()) == 0);
}

#[tokio::test]
async fn after_a_failed_write_it_reads_on_and_writes_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let log = embedded(dir.path());
    let s = stream("s");
    log.append(write(&s, Expected::NoStream, 0..3), None).await.unwrap();
    // What a disk would do is beyond a test; a table that is gone fails a write just as unexpectedly.
    let vandal = rusqlite::Connection::open(dir.path().join("log.db")).unwrap();
    vandal.execute_batch("DROP TABLE keys").unwrap();
    for key in [Some("k".to_owned()), None] {
        let Err(LogError::Unavailable(why)) = log.append(write(&s, Expected::Any, 0..1), key).await else {
            panic!("it went on writing")
        };
        assert!(why.contains("stopped after a failed write"), "{why}");
    }
    assert_eq!(log.read_stream(&s, 0, Direction::Forwards, 9).await.unwrap().len(), 3);
    vandal
        .execute_batch(
            "CREATE TABLE keys (key BLOB PRIMARY KEY, stream INTEGER NOT NULL, revision INTEGER NOT NULL,
             position INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        )
        .unwrap();
    drop((vandal, log));
    assert_eq!(
        embedded(dir.path()).append(write(&s, Expected::Exact(2), 3..4), None).await.unwrap().revision,
        3
    );
}

#[tokio::test]
async fn what_was_queued_before_closing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let log = embedded(dir.path());
    let appends: Vec<_> = (0..200)
        .map(|n| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                log.append(write(&stream(&n.to_string()), Expected::NoStream, 0..1), None).await
            })
        })
        .collect();
    tokio::task::yield_now().await;
    log.close().await;
    let mut acknowledged = 0;
    for append in appends {
        acknowledged += u64::from(append.await.unwrap().is_ok());
    }
    drop(log);
    assert_eq!(embedded(dir.path()).head().await.unwrap(), Position(acknowledged));
}

#[tokio::test]
async fn a_parked_subscription_ends_when_the_log_closes() {
    let dir = tempfile::tempdir().unwrap();
    let log = embedded(dir.path());
    let mut feed = log.subscribe(Position(0), Filter::default()).await.unwrap();
    let waiting = tokio::spawn(async move { feed.next(1).await });
    tokio::task::yield_now().await;
    log.close().await;
    assert!(matches!(waiting.await.unwrap(), Err(LogError::Unavailable(_))));
}

/// The simplest log there can be.
#[derive(Default)]
struct Model {
    events: Vec<Recorded>,
    keys: HashMap<String, (StreamId, Appended)>,
}

impl Model {
    fn append(&mut self, write: &StreamWrite, key: Option<&String>) -> Result<Appended, LogError> {
        if let Some((stream, first)) = key.and_then(|key| self.keys.get(key)) {
            return if *stream == write.stream { Ok(*first) } else { Err(LogError::KeyReused) };
        }
        let mut last =
            self.events.iter().rfind(|event| event.stream == write.stream).map(|event| event.revision);
        let fits = match write.expected {
            Expected::Any => true,
            Expected::NoStream => last.is_none(),
            Expected::Exists => last.is_some(),
            Expected::Exact(revision) => last == Some(revision),
        };
        if !fits {
            return Err(LogError::WrongExpected { actual: last });
        }
        for event in write.events.clone() {
            let revision = last.map_or(0, |last| last + 1);
            last = Some(revision);
            self.events.push(Recorded {
                position: Position(self.events.len() as u64 + 1),
                stream: write.stream.clone(),
                revision,
                id: event.id,
                event_type: event.event_type,
                data: event.data,
                metadata: event.metadata,
                recorded_at: event.recorded_at,
            });
        }
        let appended = Appended { position: Position(self.events.len() as u64), revision: last.unwrap() };
        if let Some(key) = key {
            self.keys.insert(key.clone(), (write.stream.clone(), appended));
        }
        Ok(appended)
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Sent at once, so they tend to share a transaction.
    Appends(Vec<(StreamWrite, Option<String>)>),
    Reopen,
    ReadStream(StreamId, u64, Direction, usize),
    ReadAll(u64, Direction, usize, Filter),
}

fn a_stream() -> impl Strategy<Value = StreamId> {
    (0..4_u8).prop_map(|n| stream(["a-1", "a-2", "b-1", "b-2"][usize::from(n)]))
}

fn a_direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Forwards), Just(Direction::Backwards)]
}

fn an_append() -> impl Strategy<Value = (StreamWrite, Option<String>)> {
    let expected = prop_oneof![
        3 => Just(Expected::Any),
        1 => Just(Expected::NoStream),
        1 => Just(Expected::Exists),
        2 => (0..6_u64).prop_map(Expected::Exact),
    ];
    let kinds = proptest::collection::vec((0..3_usize, any::<u32>()), 1..4);
    let key = proptest::option::of((0..8_u8).prop_map(|n| format!("k{n}")));
    (a_stream(), expected, kinds, key).prop_map(|(stream, expected, kinds, key)| {
        let events = kinds.into_iter().map(|(kind, n)| event(["A", "B", "C"][kind], n.into())).collect();
        (StreamWrite { stream, expected, events }, key)
    })
}

fn a_step() -> impl Strategy<Value = Step> {
    let types = proptest::sample::subsequence(vec!["A", "B", "Z"], 0..3);
    let prefixes = proptest::sample::subsequence(vec!["test-0190-a", "test-0190-b-1", "other"], 0..3);
    let filter = (types, prefixes).prop_map(|(types, prefixes)| Filter {
        event_types: types.into_iter().map(ToOwned::to_owned).collect(),
        stream_prefixes: prefixes.into_iter().map(ToOwned::to_owned).collect(),
    });
    let appends = proptest::collection::vec(an_append(), 1..6).prop_map(Step::Appends);
    let read_stream = (a_stream(), 0..10_u64, a_direction(), 1..5_usize)
        .prop_map(|(stream, from, way, max)| Step::ReadStream(stream, from, way, max));
    let read_all = (0..60_u64, a_direction(), 1..9_usize, filter)
        .prop_map(|(from, way, max, filter)| Step::ReadAll(from, way, max, filter));
    prop_oneof![6 => appends, 1 => Just(Step::Reopen), 2 => read_stream, 2 => read_all]
}

async fn compare(dir: &Path, steps: Vec<Step>) {
    let mut model = Model::default();
    let mut log = embedded(dir);
    let mut feed: Option<Box<dyn Subscription>> =
        Some(log.subscribe(Position(0), Filter::default()).await.unwrap());
    let mut told = 0;
    for step in steps {
        match step {
            Step::Appends(appends) => {
                let answers = futures::future::join_all(
                    appends.iter().cloned().map(|(write, key)| log.append(write, key)),
                )
                .await;
                for ((write, key), answer) in appends.iter().zip(answers) {
                    let should = model.append(write, key.as_ref());
                    assert_eq!(format!("{answer:?}"), format!("{should:?}"), "{write:?} {key:?}");
                }
            }
            Step::Reopen => {
                feed = None;
                drop(log);
                log = embedded(dir);
                assert_eq!(log.head().await.unwrap(), Position(model.events.len() as u64));
            }
            Step::ReadStream(stream, from, direction, max) => {
                let mut should: Vec<_> =
                    model.events.iter().filter(|event| event.stream == stream).cloned().collect();
                match direction {
                    Direction::Forwards => should.retain(|event| event.revision >= from),
                    Direction::Backwards => {
                        should.retain(|event| event.revision <= from);
                        should.reverse();
                    }
                }
                should.truncate(max);
                assert_eq!(log.read_stream(&stream, from, direction, max).await.unwrap(), should);
            }
            Step::ReadAll(from, direction, max, filter) => {
                let mut should: Vec<_> = model
                    .events
                    .iter()
                    .filter(|event| filter.passes(&event.stream, &event.event_type))
                    .cloned()
                    .collect();
                match direction {
                    Direction::Forwards => should.retain(|event| event.position.0 > from),
                    Direction::Backwards => {
                        should.retain(|event| event.position.0 <= from);
                        should.reverse();
                    }
                }
                let mut read = Vec::new();
                let mut at = Position(from);
                loop {
                    let page = log.read_all(at, direction, max, &filter).await.unwrap();
                    read.extend(page.events);
                    at = page.next;
                    if page.end {
                        break;
                    }
                }
                assert_eq!(read, should);
            }
        }
        if let Some(feed) = &mut feed {
            while told < model.events.len() {
                let page = feed.next(3).await.unwrap();
                assert_eq!(page.events, model.events[told..told + page.events.len()]);
                told += page.events.len();
                assert_eq!(page.end, told == model.events.len());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn it_answers_as_the_model_does(steps in proptest::collection::vec(a_step(), 1..24)) {
        let dir = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare(dir.path(), steps));
    }
}
