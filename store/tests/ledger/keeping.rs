//! The keeper: what it signs, when, and when it refuses.

use super::*;

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
async fn a_disk_that_fails_is_said_and_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let log: Arc<dyn EventLog> = Arc::new(Model::new());
    fill(&*log, 0..10).await;
    // A file where the folder of the tree belongs: nothing can be written below it.
    std::fs::write(dir.path().join("tile"), "").unwrap();
    let keeping = Keeping { every: Duration::from_millis(20), ..keeping(dir.path(), Some(key().0)) };
    let keeper = Keeper::start(Arc::clone(&log), keeping, Arc::new(Noon));
    let mut standing = keeper.standing();
    standing.wait_for(|now| matches!(now, Standing::Stopped(_))).await.unwrap();
    std::fs::remove_file(dir.path().join("tile")).unwrap();
    standing.wait_for(|now| *now == Standing::Kept { size: 10, signed: 10 }).await.unwrap();
    keeper.finish().await.unwrap();
    assert_eq!(newest(dir.path()).checkpoint().size, 10);
}
