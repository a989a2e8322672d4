//! What an operator does beside a running server: look, check, back up, restore.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod support;

use std::path::Path;
use std::sync::Arc;

use skranke_store::{
    Direction, EmbeddedLog, EventLog, Expected, Filter, OpenError, Options, Position, Recorded, maintenance,
};
use support::{stream, write};

fn small(dir: &Path) -> Arc<EmbeddedLog> {
    let options = Options { first_segment_bytes: 4 << 10, segment_bytes: 16 << 10, ..Options::default() };
    Arc::new(EmbeddedLog::open_with(dir, options).unwrap())
}

async fn fill(log: &dyn EventLog, streams: std::ops::Range<u64>) {
    for n in streams {
        let name = stream(&n.to_string());
        log.append(write(&name, Expected::NoStream, 0..3), Some("k".into())).await.unwrap();
        log.append(write(&name, Expected::Exact(2), 3..4), None).await.unwrap();
    }
}

async fn all(log: &dyn EventLog) -> Vec<Recorded> {
    log.read_all(Position(0), Direction::Forwards, usize::MAX, &Filter::default()).await.unwrap().events
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_beside_a_running_server_has_what_was_answered_and_goes_on_by_itself() {
    let (dir, to, fresh) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = small(dir.path());
    fill(log.as_ref(), 0..40).await;
    let writing = {
        let log = Arc::clone(&log);
        tokio::spawn(async move { fill(log.as_ref(), 1000..1200).await })
    };
    let answered = log.head().await.unwrap();
    let first = maintenance::backup(dir.path(), to.path()).unwrap();
    assert!(first.head >= answered && first.kept == 0, "{first:?}");
    writing.await.unwrap();

    // Brought up to date: only what is new is copied.
    let second = maintenance::backup(dir.path(), to.path()).unwrap();
    assert!(second.kept > 0 && second.copied < log_bytes(dir.path()), "{second:?}");
    assert_eq!(second.head, log.head().await.unwrap());
    let should = all(log.as_ref()).await;
    assert_eq!(maintenance::check(to.path()).unwrap().events, should.len() as u64);

    let stat = maintenance::restore(to.path(), fresh.path()).unwrap();
    assert_eq!((stat.events, stat.streams, stat.keys), (should.len() as u64, 240, 240));
    assert_eq!(stat.types["Counted"].0, stat.events);
    let restored = small(fresh.path());
    assert_eq!(all(restored.as_ref()).await, should);
    let again =
        restored.append(write(&stream("7"), Expected::NoStream, 0..3), Some("k".into())).await.unwrap();
    assert!(again.repeated, "keys are part of a backup");
    fill(restored.as_ref(), 5000..5010).await;
    // And nothing is overwritten.
    assert!(maintenance::restore(to.path(), fresh.path()).is_err());
    let Err(error) = maintenance::backup(small_other().await.path(), to.path()) else {
        panic!("it mixed two logs")
    };
    assert!(error.to_string().contains("another log"), "{error}");
}

async fn small_other() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fill(small(dir.path()).as_ref(), 0..2).await;
    dir
}

fn log_bytes(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir.join("log")).unwrap();
    entries.map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

#[tokio::test]
async fn a_backup_that_was_not_finished_is_no_log() {
    let (dir, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fill(small(dir.path()).as_ref(), 0..20).await;
    maintenance::backup(dir.path(), to.path()).unwrap();
    // As a kill in the middle of the next one leaves it.
    std::fs::write(to.path().join("log/log.unfinished"), "").unwrap();
    assert!(maintenance::check(to.path()).unwrap_err().to_string().contains("not finished"));
    assert!(EmbeddedLog::open(to.path()).is_err());
    maintenance::backup(dir.path(), to.path()).unwrap();
    assert_eq!(maintenance::check(to.path()).unwrap().events, 80);
}

#[tokio::test]
async fn a_check_finds_a_changed_byte_that_no_start_would_meet() {
    let dir = tempfile::tempdir().unwrap();
    let log = small(dir.path());
    fill(log.as_ref(), 0..60).await;
    log.close().await;
    assert_eq!(maintenance::check(dir.path()).unwrap().events, 240);
    assert!(!maintenance::is_in_use(dir.path()));
    // In the first segment, which is full and trusted to its index.
    let segment = dir.path().join("log/00000000000000000001.log");
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let log = small(dir.path());
    assert!(maintenance::is_in_use(dir.path()));
    log.close().await;
    let Err(OpenError::Damaged { path, what }) = maintenance::check(dir.path()) else { panic!("not found") };
    assert!(path.ends_with("log/00000000000000000001.log") && what.contains("byte"), "{what}");
}
