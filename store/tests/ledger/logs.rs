//! Every way to tamper with a log beside its ledger.

use super::*;

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
