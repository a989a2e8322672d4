//! What is the embedded log's own: reopening, refusals to open, a full disk, and a model it is compared with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::sync::Arc;

use sha2::Digest;

use skranke_store::{
    Appended, Direction, EmbeddedLog, EventLog, Expected, Filter, LogError, NewEvent, OpenError, Options,
    Position, StreamWrite,
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
    let again = log.append(write(&one, Expected::NoStream, 0..3), Some("k".into())).await.unwrap();
    assert!(again.is_same(&first) && again.repeated);
    assert_eq!(log.find_key(&one, "k").await.unwrap(), Some(again));
    assert_eq!(log.find_key(&two, "k").await.unwrap(), None);
    // Dropped without closing: the lock is free again at once.
    log.append(write(&one, Expected::Exact(2), 3..4), None).await.unwrap();
    drop(log);
    let log = embedded(dir.path());
    let appended = log.append(write(&two, Expected::NoStream, 0..1), None).await.unwrap();
    assert_eq!(appended, Appended { position: Position(5), revision: 0, repeated: false });
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
async fn a_newer_format_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    embedded(dir.path()).close().await;
    let segment = dir.path().join("log/00000000000000000001.log");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[..8].copy_from_slice(b"SKRLOG03");
    std::fs::write(&segment, &bytes).unwrap();
    assert!(matches!(EmbeddedLog::open(dir.path()), Err(OpenError::NewerFormat { found: 3, known: 2, .. })));
    assert_eq!(std::fs::read(&segment).unwrap(), bytes);
}

#[tokio::test]
async fn a_full_disk_refuses_and_forgets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open_with(
        dir.path(),
        Options { first_segment_bytes: 64 << 10, most_bytes: 256 << 10, ..Options::default() },
    )
    .unwrap();
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
    log.limit_bytes(16 << 20).await.unwrap();
    let appended = log.append(big(Expected::Exact(written - 1)), Some(format!("k{written}"))).await.unwrap();
    assert_eq!(appended, Appended { position: Position(written + 1), revision: written, repeated: false });
    log.close().await;
    let log = embedded(dir.path());
    assert_eq!(log.head().await.unwrap(), Position(written + 1));
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

/// A log as the first format laid it out, made by its own statements.
fn first_format(dir: &std::path::Path) {
    let old = rusqlite::Connection::open(dir.join("log.db")).unwrap();
    old.execute_batch(
        "PRAGMA journal_mode = WAL;
         CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
         CREATE TABLE types (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
         CREATE TABLE events (position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, revision INTEGER NOT NULL,
             type INTEGER NOT NULL, recorded_at INTEGER NOT NULL, id BLOB NOT NULL, data BLOB NOT NULL,
             metadata BLOB NOT NULL) STRICT;
         CREATE UNIQUE INDEX events_of_stream ON events (stream, revision);
         CREATE TABLE keys (key BLOB PRIMARY KEY, stream INTEGER NOT NULL, revision INTEGER NOT NULL,
             position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
         INSERT INTO streams VALUES (1, 'test-0190-one'), (2, 'test-0190-two');
         INSERT INTO types VALUES (1, 'Counted');
         PRAGMA application_id = 1397445196; PRAGMA user_version = 1;",
    )
    .unwrap();
    for (position, (stream, revision)) in (1_u8..).zip([(1, 0), (2, 0), (1, 1), (1, 2)]) {
        let row =
            (position, stream, revision, 1_790_000_000_000_000_000 + i64::from(position), [position; 16]);
        old.execute("INSERT INTO events VALUES (?1, ?2, ?3, 1, ?4, ?5, x'7b7d', x'7b2261223a317d')", row)
            .unwrap();
    }
    let key = &sha2::Sha256::digest(b"k")[..16];
    old.execute("INSERT INTO keys VALUES (?1, 1, 2, 4)", [key]).unwrap();
}

#[tokio::test]
async fn a_log_of_the_first_format_is_written_anew_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    first_format(dir.path());
    // As if an earlier attempt had been stopped.
    std::fs::create_dir_all(dir.path().join("log.new")).unwrap();
    std::fs::write(dir.path().join("log.new/00000000000000000001.log"), "half").unwrap();
    let log = embedded(dir.path());
    let page = log.read_all(Position(0), Direction::Forwards, 99, &Filter::default()).await.unwrap();
    let names: Vec<_> = page.events.iter().map(|event| (event.stream.as_str(), event.revision)).collect();
    assert_eq!(
        names,
        [("test-0190-one", 0), ("test-0190-two", 0), ("test-0190-one", 1), ("test-0190-one", 2)]
    );
    assert_eq!((&page.events[3].data[..], &page.events[3].metadata[..]), (&b"{}"[..], &br#"{"a":1}"#[..]));
    // Its idempotency keys go on being answered.
    let found = log.find_key(&stream("one"), "k").await.unwrap().unwrap();
    assert_eq!((found.position, found.revision), (Position(4), 2));
    assert_eq!(log.find_key(&stream("two"), "k").await.unwrap(), None);
    log.close().await;
    assert!(dir.path().join("log.db.format1").exists() && !dir.path().join("log.db").exists());
    assert_eq!(embedded(dir.path()).head().await.unwrap(), Position(4));
}

#[tokio::test]
async fn a_first_format_with_a_hole_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    first_format(dir.path());
    let old = rusqlite::Connection::open(dir.path().join("log.db")).unwrap();
    old.execute("DELETE FROM events WHERE position = 2", []).unwrap();
    drop(old);
    let Err(error) = EmbeddedLog::open(dir.path()) else { panic!("opened with a hole") };
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert!(dir.path().join("log.db").exists() && !dir.path().join("log").exists());
}

#[tokio::test]
async fn whoever_only_reads_needs_no_lock_and_sees_what_was_answered() {
    let dir = tempfile::tempdir().unwrap();
    let log = embedded(dir.path());
    log.append(write(&stream("s"), Expected::NoStream, 0..5), Some("k".into())).await.unwrap();
    let reading = EmbeddedLog::open_read_only(dir.path()).unwrap();
    assert_eq!(reading.head().await.unwrap(), Position(5));
    assert_eq!(reading.read_stream(&stream("s"), 0, Direction::Forwards, 9).await.unwrap().len(), 5);
    let refused = reading.append(write(&stream("s"), Expected::Any, 0..1), None).await;
    assert!(matches!(refused, Err(LogError::Unavailable(_))), "{refused:?}");
    log.append(write(&stream("s"), Expected::Any, 5..6), None).await.unwrap();
    assert_eq!(reading.head().await.unwrap(), Position(5));
}
