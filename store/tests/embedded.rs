//! What is the embedded log's own: reopening, refusals to open, a full disk, and a model it is compared with.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::sync::Arc;

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
