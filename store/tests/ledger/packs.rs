//! Packs: what verifies, and every way to tamper with one.

use super::*;

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
async fn a_pack_of_several_streams_shows_a_foreign_and_a_missing_event_and_a_missing_stream() {
    let case = Case::new(100, 300).await;
    let two = [support::stream("case1"), support::stream("case2")];
    let pack = case.pack(Choice::Streams(two.into()), &[]).await;
    let trusted = trust(&case.public, &[]);
    let report = verify_pack(pack.as_slice(), &trusted);
    assert!(
        report.holds() && report.checked.iter().any(|line| line.contains("each of 2 streams")),
        "{report:#?}"
    );
    let original = sections(&pack);
    let at = nth_event(&original, 10);
    let mut missing = original.clone();
    missing.drain(at..at + 2);
    told(&verify_pack(joined(&missing).as_slice(), &trusted), "of its stream should stand there");
    // All events of the second stream.
    let mut half = original.clone();
    let of_two =
        |section: &(u8, Vec<u8>)| section.0 == b'E' && section.1.windows(5).any(|part| part == b"case2");
    while let Some(at) = half.iter().position(of_two) {
        half.drain(at..at + 2);
    }
    told(&verify_pack(joined(&half).as_slice(), &trusted), "case2 is in the pack, which is of it");
    let mut foreign = original.clone();
    let other = sections(&case.pack(Choice::Stream(support::stream("case0")), &[]).await);
    foreign.splice(at..at, other[nth_event(&other, 0)..nth_event(&other, 0) + 2].iter().cloned());
    told(&verify_pack(joined(&foreign).as_slice(), &trusted), "is not of the pack's stream");
    let unknown = [support::stream("case1"), support::stream("nobody")];
    let none =
        export(&*case.log, &case.ledger(), &Choice::Streams(unknown.into()), None, &[], Vec::new()).await;
    assert!(matches!(none, Err(LedgerError::NotThere(_))), "{none:?}");
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
