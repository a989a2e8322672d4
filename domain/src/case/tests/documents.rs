//! The rulebook of documents, as sentences.

use super::*;
use crate::case::document::{
    DocumentMoved, DocumentRefusal, DocumentSuperseded, DocumentTakenOver, DocumentUploaded,
    DocumentWithdrawn, LetterSent, Standing,
};
use crate::id::CaseId;

pub(super) const LEASE: DocumentId = DocumentId::new(Uuid::from_u128(0xE1));
const SECOND: DocumentId = DocumentId::new(Uuid::from_u128(0xE2));
const ELSEWHERE: CaseId = CaseId::new(Uuid::from_u128(0xF));

fn act(act: DocumentAct) -> CaseAct {
    CaseAct::Document(Box::new(act))
}

pub(super) fn upload() -> CaseAct {
    act(DocumentAct::Upload(file(LEASE, 7)))
}

pub(super) fn journalise() -> CaseAct {
    journalise_on(date(2026, 11, 20), "Lejekontrakt")
}

fn journalise_on(dated: Date, theme: &str) -> CaseAct {
    let direction = DocumentDirection::Incoming;
    act(DocumentAct::Journalise { document: LEASE, dated, direction, theme: theme.into() })
}

pub(super) fn supersede() -> CaseAct {
    act(DocumentAct::Supersede { document: LEASE, with: SECOND, reason: "Underskrevet".into() })
}

fn moving(other_is_open: bool) -> CaseAct {
    let reason = "Hører til en anden sag".into();
    act(DocumentAct::Move { document: LEASE, to: ELSEWHERE, reason, other_is_open })
}

pub(super) fn move_away() -> CaseAct {
    moving(true)
}

pub(super) fn take_over() -> CaseAct {
    act(DocumentAct::TakeOver(Box::new(TakeOver {
        document: SECOND,
        from: ELSEWHERE,
        dated: date(2026, 11, 20),
        direction: DocumentDirection::Incoming,
        theme: "Lejekontrakt".into(),
        versions: vec![file(SECOND, 8)],
    })))
}

pub(super) fn withdraw() -> CaseAct {
    act(DocumentAct::Withdraw { document: LEASE, reason: "Lagt på ved en fejl".into() })
}

pub(super) fn correct() -> CaseAct {
    act(DocumentAct::CorrectDecision { text: "Beløbet er 1.200 kr.".into(), reason: "Slåfejl".into() })
}

pub(super) fn revoke() -> CaseAct {
    act(DocumentAct::RevokeDecision { reason: "Forkert lovgrundlag".into() })
}

pub(super) fn uploaded() -> CaseEvent {
    CaseEvent::DocumentUploaded(DocumentUploaded { file: stored(LEASE, 7) })
}

fn second() -> CaseEvent {
    CaseEvent::DocumentUploaded(DocumentUploaded { file: stored(SECOND, 8) })
}

pub(super) fn journalised() -> CaseEvent {
    CaseEvent::DocumentJournalised(DocumentJournalised {
        document: LEASE,
        version: 1,
        dated: date(2026, 11, 20),
        direction: DocumentDirection::Incoming,
        theme: sealed("Lejekontrakt"),
        file: stored(LEASE, 7),
    })
}

fn superseded() -> CaseEvent {
    CaseEvent::DocumentSuperseded(DocumentSuperseded {
        document: LEASE,
        version: 2,
        reason: sealed("Underskrevet"),
        file: stored(SECOND, 8),
    })
}

pub(super) fn withdrawn() -> CaseEvent {
    let reason = sealed("Lagt på ved en fejl");
    CaseEvent::DocumentWithdrawn(DocumentWithdrawn { document: LEASE, reason })
}

fn with_an_upload() -> [CaseEvent; 3] {
    [opened(), assigned(KARI), uploaded()]
}

fn decided() -> Vec<CaseEvent> {
    let draft = drafted(1, Outcome::Granted, false);
    ready().into_iter().chain([draft, submitted(), approved(), made(Outcome::Granted)]).collect()
}

#[test]
fn a_file_is_uploaded_then_journalised_with_date_direction_and_theme() {
    given::<Case>([opened()]).when(kari(upload())).then([uploaded()]);
    given::<Case>(with_an_upload()).when(kari(upload())).then([]);
    given::<Case>(with_an_upload()).when(kari(journalise())).then([journalised()]);
}

#[test]
fn a_document_is_journalised_once_not_in_the_future_and_not_without_a_theme() {
    let twice = with_an_upload().into_iter().chain([journalised(), second()]);
    given::<Case>(twice).when(kari(journalise())).refused(DocumentRefusal::AlreadyJournalised.into());
    given::<Case>(with_an_upload())
        .when(kari(journalise_on(date(2026, 11, 24), "Lejekontrakt")))
        .refused(DocumentRefusal::InTheFuture.into());
    given::<Case>(with_an_upload())
        .when(kari(journalise_on(TODAY, " ")))
        .refused(CaseRefusal::EmptyField { path: "theme" });
    given::<Case>([opened()]).when(kari(journalise())).refused(DocumentRefusal::NothingToJournalise.into());
}

#[test]
fn a_new_version_stands_beside_the_old_one() {
    let both = || with_an_upload().into_iter().chain([journalised(), second()]);
    given::<Case>(both()).when(kari(supersede())).then([superseded()]);
    let mut case = Case::default();
    both().chain([superseded()]).for_each(|event| case.apply(event));
    let Case::File(file) = case else { unreachable!() };
    let lease = &file.documents[&LEASE];
    assert_eq!(lease.newest().map(|(version, file)| (version, file.hash)), Some((2, hash(8))));
    assert_eq!(lease.version(1).map(|file| file.hash), Some(hash(7)));
    assert_eq!(file.documents[&SECOND].standing, Standing::Used);
    // The same file is no version of anything else.
    given::<Case>(both().chain([superseded()]))
        .when(kari(supersede()))
        .refused(DocumentRefusal::NoNewVersion.into());
}

#[test]
fn a_document_that_waits_has_no_versions_and_goes_nowhere() {
    let waiting = || with_an_upload().into_iter().chain([second(), journal_of_second()]);
    for wish in [supersede(), move_away()] {
        given::<Case>(waiting()).when(kari(wish)).refused(DocumentRefusal::NotJournalised.into());
    }
}

fn journal_of_second() -> CaseEvent {
    let CaseEvent::DocumentJournalised(mut journalised) = journalised() else { unreachable!() };
    (journalised.document, journalised.file) = (SECOND, stored(SECOND, 8));
    CaseEvent::DocumentJournalised(journalised)
}

#[test]
fn a_document_moves_to_a_case_that_is_there_and_is_gone_from_this_one() {
    let moved = || {
        let reason = sealed("Hører til en anden sag");
        CaseEvent::DocumentMoved(DocumentMoved { document: LEASE, to: ELSEWHERE, reason })
    };
    let here = || with_an_upload().into_iter().chain([journalised()]);
    given::<Case>(here()).when(kari(moving(true))).then([moved()]);
    given::<Case>(here()).when(kari(moving(false))).refused(CaseRefusal::NotOpened);
    given::<Case>(here().chain([moved(), second(), journal_of_second()]))
        .when(kari(supersede()))
        .refused(DocumentRefusal::Gone.into());
}

#[test]
fn only_the_system_brings_a_document_over_and_only_once_and_also_to_a_closed_case() {
    let system = || CaseCommand {
        act: take_over(),
        under: Circumstances { actor: Actor::System, ..under(KARI, &[]) },
    };
    let arrived = || {
        CaseEvent::DocumentTakenOver(DocumentTakenOver {
            document: SECOND,
            from: ELSEWHERE,
            dated: date(2026, 11, 20),
            direction: DocumentDirection::Incoming,
            theme: sealed("Lejekontrakt"),
            versions: vec![stored(SECOND, 8)],
        })
    };
    given::<Case>([opened(), assigned(KARI)]).when(kari(take_over())).refused(CaseRefusal::NotAllowed);
    given::<Case>([opened()]).when(system()).then([arrived()]);
    given::<Case>([opened(), arrived()]).when(system()).then([]);
    given::<Case>(decided().into_iter().chain([sent(), closed()])).when(system()).then([arrived()]);
    given::<Case>([]).when(system()).refused(CaseRefusal::NotOpened);
}

#[test]
fn a_case_is_not_closed_while_a_document_waits() {
    let waiting = || decided().into_iter().chain([sent(), uploaded()]);
    given::<Case>(waiting()).when(kari(CaseAct::Close)).refused(DocumentRefusal::NotJournalised.into());
    given::<Case>(waiting().chain([journalised()])).when(kari(CaseAct::Close)).then([closed()]);
    let reason = sealed("Lagt på ved en fejl");
    let withdrawn = CaseEvent::DocumentWithdrawn(DocumentWithdrawn { document: LEASE, reason });
    given::<Case>(waiting()).when(kari(withdraw())).then([withdrawn.clone()]);
    given::<Case>(waiting().chain([withdrawn])).when(kari(CaseAct::Close)).then([closed()]);
}

#[test]
fn what_is_sent_is_what_was_approved_and_is_journalised_as_it_goes() {
    let out = CaseEvent::DocumentJournalised(DocumentJournalised {
        document: LETTER,
        version: 1,
        dated: TODAY,
        direction: DocumentDirection::Outgoing,
        theme: sealed("Afgørelse"),
        file: letter(1),
    });
    given::<Case>(decided()).when(kari(send(1))).then([out, sent()]);
    let other = || DocumentRefusal::NotTheApprovedBytes.into();
    given::<Case>(decided()).when(kari(send(2))).refused(other());
    given::<Case>(decided()).when(kari(CaseAct::SendDecision { letters: Vec::new() })).refused(other());
}

#[test]
fn a_decision_approved_before_there_were_letters_is_sent_as_it_was() {
    let draft = drafted(1, Outcome::Granted, false);
    let unprinted = DecisionApproved { version: 1, letter: None, others: Vec::new() };
    let approved = CaseEvent::DecisionApproved(unprinted);
    let old =
        || ready().into_iter().chain([draft.clone(), submitted(), approved.clone(), made(Outcome::Granted)]);
    let plain = CaseEvent::DecisionSent(DecisionSent { document: None, hash: None, others: Vec::new() });
    given::<Case>(old()).when(kari(CaseAct::SendDecision { letters: Vec::new() })).then([plain]);
    given::<Case>(old()).when(kari(send(1))).refused(DocumentRefusal::NotTheApprovedBytes.into());
}

#[test]
fn what_was_sent_is_neither_followed_nor_moved_nor_withdrawn() {
    let CaseEvent::DocumentJournalised(mut out) = journalised() else { unreachable!() };
    (out.document, out.file) = (LETTER, letter(1));
    let gone_out = || {
        decided().into_iter().chain([
            CaseEvent::DocumentJournalised(out.clone()),
            sent(),
            uploaded(),
            journalised(),
        ])
    };
    let reason = || "Fejl".to_owned();
    for wish in [
        DocumentAct::Supersede { document: LETTER, with: LEASE, reason: reason() },
        DocumentAct::Move { document: LETTER, to: ELSEWHERE, reason: reason(), other_is_open: true },
        DocumentAct::Withdraw { document: LETTER, reason: reason() },
    ] {
        given::<Case>(gone_out()).when(kari(act(wish))).refused(DocumentRefusal::Sent.into());
    }
}

#[test]
fn a_sent_decision_is_corrected_or_revoked_with_a_reason_and_never_changed() {
    let corrected = CaseEvent::DecisionCorrected(DecisionCorrected {
        text: sealed("Beløbet er 1.200 kr."),
        reason: sealed("Slåfejl"),
    });
    given::<Case>(decided()).when(kari(correct())).refused(CaseRefusal::DecisionNotSent);
    given::<Case>(decided().into_iter().chain([sent()])).when(kari(correct())).then([corrected]);
    let revoked = || CaseEvent::DecisionRevoked(DecisionRevoked { reason: sealed("Forkert lovgrundlag") });
    given::<Case>(ready()).when(kari(revoke())).refused(CaseRefusal::NotDecided);
    given::<Case>(decided().into_iter().chain([sent()])).when(kari(revoke())).then([revoked()]);
    // It stands as if nothing had been decided, and must be decided anew.
    given::<Case>(decided().into_iter().chain([sent(), revoked()]))
        .when(kari(CaseAct::Close))
        .refused(CaseRefusal::NotDecided);
}

#[test]
fn an_approval_is_of_one_rendering_and_is_gone_with_it() {
    let mut case = Case::default();
    let draft = drafted(1, Outcome::Granted, false);
    ready().into_iter().chain([draft, submitted(), approved()]).for_each(|event| case.apply(event));
    let Case::File(file) = &case else { unreachable!() };
    assert!(file.holds(hash(1)));
    case.apply(CaseEvent::DecisionReturned(DecisionReturned { reason: sealed("Ret") }));
    let Case::File(file) = &case else { unreachable!() };
    assert!(!file.holds(hash(1)));
}

const TO_IB: DocumentId = DocumentId::new(Uuid::from_u128(0xE3));

/// A decision for two, with the letters that were printed for these parties.
fn decided_for_two(letters: &[u32]) -> (Vec<CaseEvent>, CaseAct) {
    let CaseEvent::DecisionDrafted(mut draft) = drafted(1, Outcome::Granted, false) else { unreachable!() };
    draft.others = vec![PartyOutcome { party: 2, outcome: Outcome::Granted }];
    let added = parties::added(PartyRole::Opponent);
    let drafted = ready().into_iter().chain([added, CaseEvent::DecisionDrafted(draft), submitted()]);
    let file = |party| if party == FIRST_PARTY { file(LETTER, 1) } else { file(TO_IB, 2) };
    let letters = letters.iter().map(|&party| AddressedFile { party, file: file(party) }).collect();
    (drafted.collect(), CaseAct::ApproveDecision { version: 1, letters })
}

#[test]
fn each_party_gets_a_letter_of_their_own_sealed_for_them() {
    let (case, approve) = decided_for_two(&[1, 2]);
    let to_ib =
        StoredFile { name: Sealed::new(parties::IB, "Afgørelse.pdf".to_owned()), ..stored(TO_IB, 2) };
    let approved = CaseEvent::DecisionApproved(DecisionApproved {
        version: 1,
        letter: Some(letter(1)),
        others: vec![PartyLetter { party: 2, letter: to_ib.clone() }],
    });
    given::<Case>(case.clone()).when(bent(approve)).then([approved.clone()]);

    let decided = || case.clone().into_iter().chain([approved.clone(), made(Outcome::Granted)]);
    let sending = |letters| CaseAct::SendDecision { letters };
    let out = |file: StoredFile| {
        CaseEvent::DocumentJournalised(DocumentJournalised {
            document: file.id,
            version: 1,
            dated: TODAY,
            direction: DocumentDirection::Outgoing,
            theme: Sealed::new(file.subject(), "Afgørelse".to_owned()),
            file,
        })
    };
    let sent = CaseEvent::DecisionSent(DecisionSent {
        document: Some(LETTER),
        hash: Some(hash(1)),
        others: vec![LetterSent { party: 2, document: TO_IB, hash: hash(2) }],
    });
    let both = vec![(LETTER, hash(1)), (TO_IB, hash(2))];
    given::<Case>(decided()).when(kari(sending(both))).then([out(letter(1)), out(to_ib), sent]);
    for wrong in [
        vec![(LETTER, hash(1))],
        vec![(TO_IB, hash(2))],
        vec![(LETTER, hash(1)), (TO_IB, hash(3))],
        vec![(LETTER, hash(1)), (TO_IB, hash(2)), (SECOND, hash(2))],
    ] {
        given::<Case>(decided())
            .when(kari(sending(wrong)))
            .refused(DocumentRefusal::NotTheApprovedBytes.into());
    }
}

#[test]
fn letters_for_others_than_the_parties_are_not_approved() {
    for addressees in [&[1][..], &[2], &[1, 2, 3], &[2, 1], &[]] {
        let (case, approve) = decided_for_two(addressees);
        given::<Case>(case).when(bent(approve)).refused(DocumentRefusal::OtherParties.into());
    }
}

#[test]
fn the_letters_of_one_act_are_added_once_each_for_its_own_party() {
    let wish = || {
        let to = |party, id| AddressedFile { party, file: file(id, 7) };
        act(DocumentAct::AddLetters(vec![to(1, LEASE), to(2, TO_IB)]))
    };
    let to_ib =
        StoredFile { name: Sealed::new(parties::IB, "Afgørelse.pdf".to_owned()), ..stored(TO_IB, 7) };
    let added = [uploaded(), CaseEvent::DocumentUploaded(DocumentUploaded { file: to_ib })];
    let case = || vec![opened(), assigned(KARI), parties::added(PartyRole::Opponent)];
    given::<Case>(case()).when(kari(wish())).then(added.clone());
    given::<Case>(case().into_iter().chain(added)).when(kari(wish())).then([]);
    given::<Case>([opened(), assigned(KARI)])
        .when(kari(wish()))
        .refused(DocumentRefusal::OtherParties.into());
}
