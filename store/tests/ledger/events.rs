use skranke_store::ledger::{proof::proves_inclusion, prove};

use super::*;

/// Each event of a log is proved under its newest checkpoint; the bytes that are proved are the event's own.
async fn each_is_proved(log: &dyn EventLog, dir: &Path) {
    let checkpoint = newest(dir);
    let signed = checkpoint.checkpoint();
    let events = all(log).await;
    assert_eq!(signed.size, events.len() as u64);
    for (number, event) in events.iter().enumerate() {
        let proved = prove(log, dir, event.position).await.unwrap().unwrap();
        assert_eq!((proved.number, &proved.checkpoint), (number as u64, &checkpoint));
        assert_eq!(Hash::leaf(&proved.record), proved.leaf);
        let id = event.id.as_bytes();
        assert!(proved.record.windows(id.len()).any(|bytes| bytes == id));
        assert!(proves_inclusion(proved.leaf, proved.number, signed.size, signed.root, &proved.path));
    }
}

#[tokio::test]
async fn an_event_is_proved_on_either_kind_of_log() {
    let dir = tempfile::tempdir().unwrap();
    let log = support::embedded(&dir.path().join("log"));
    fill(&*log, 0..600).await;
    keep(&log, &dir.path().join("ledger"), key().0).await.unwrap();
    each_is_proved(&*log, &dir.path().join("ledger")).await;

    // Where positions leave gaps: events of key streams are no leaves.
    let log: Arc<dyn EventLog> = Arc::new(Model::new());
    for number in 0..20 {
        fill(&*log, number..number + 1).await;
        let stream: StreamId = format!("key-0190-{number}").parse().unwrap();
        append(&*log, vec![support::write(&stream, Expected::Any, [number])]).await;
    }
    let dir = dir.path().join("other");
    keep(&log, &dir, key().0).await.unwrap();
    let checkpoint = newest(&dir);
    for event in all(&*log).await.iter().filter(|event| event.stream.category() != "key") {
        let proved = prove(&*log, &dir, event.position).await.unwrap().unwrap();
        let signed = checkpoint.checkpoint();
        assert!(proves_inclusion(proved.leaf, proved.number, signed.size, signed.root, &proved.path));
    }
}

#[tokio::test]
async fn what_is_not_signed_yet_or_was_changed_is_not_proved() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = dir.path().join("ledger");
    let log = support::embedded(&dir.path().join("log"));
    fill(&*log, 0..10).await;
    assert_eq!(prove(&*log, &ledger, Position(1)).await.unwrap(), None, "nothing was signed");
    keep(&log, &ledger, key().0).await.unwrap();
    fill(&*log, 10..12).await;
    assert_eq!(prove(&*log, &ledger, Position(12)).await.unwrap(), None, "signed later");
    assert!(matches!(prove(&*log, &ledger, Position(99)).await, Err(LedgerError::NotThere(_))));
    let mut events = all(&*log).await;
    events[4].data = b"{\"n\":99}"[..].into();
    let other = rewrite(&dir.path().join("changed"), &events).await;
    let changed = prove(&*other, &ledger, Position(5)).await;
    assert!(matches!(changed, Err(LedgerError::Changed { event: 4, position: Position(5) })), "{changed:?}");
    assert!(prove(&*other, &ledger, Position(4)).await.unwrap().is_some());
}
