//! The rulebook of documents, as sentences.

use super::*;
use crate::case::document::{
    DocumentMoved, DocumentRefusal, DocumentSuperseded, DocumentTakenOver, DocumentUploaded,
    DocumentWithdrawn, Standing,
};
use crate::id::CaseId;

const LEASE: DocumentId = DocumentId::new(Uuid::from_u128(0xE1));
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
    given::<Case>(decided()).when(kari(CaseAct::SendDecision { letter: None })).refused(other());
}

#[test]
fn a_decision_approved_before_there_were_letters_is_sent_as_it_was() {
    let draft = drafted(1, Outcome::Granted, false);
    let approved = CaseEvent::DecisionApproved(DecisionApproved { version: 1, letter: None });
    let old =
        || ready().into_iter().chain([draft.clone(), submitted(), approved.clone(), made(Outcome::Granted)]);
    let plain = CaseEvent::DecisionSent(DecisionSent { document: None, hash: None });
    given::<Case>(old()).when(kari(CaseAct::SendDecision { letter: None })).then([plain]);
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
