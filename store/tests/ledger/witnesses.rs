//! Witnesses: what they co-sign, and how their co-signatures are demanded.

use super::*;

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
