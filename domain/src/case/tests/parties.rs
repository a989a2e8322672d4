//! The rulebook of parties and of hearing them, as sentences.

use super::*;
use crate::case::party::*;

pub(super) const IB: SubjectId = SubjectId::new(Uuid::from_u128(0x1B));
const LAWYER: SubjectId = SubjectId::new(Uuid::from_u128(0x1C));

fn act(act: PartyAct) -> CaseAct {
    CaseAct::Party(Box::new(act))
}

fn about_ib(text: &str) -> Sealed<String> {
    Sealed::new(IB, text.to_owned())
}

pub(super) fn add() -> CaseAct {
    adding(PartyRole::Opponent)
}

fn adding(role: PartyRole) -> CaseAct {
    let (name, address) = ("Ib Opdigtet".into(), "Prøvevej 7".into());
    act(PartyAct::Add { subject: IB, role, name, address })
}

pub(super) fn change_role() -> CaseAct {
    act(PartyAct::ChangeRole { party: 2, role: PartyRole::Reporter, reason: "Har kun anmeldt".into() })
}

pub(super) fn represent() -> CaseAct {
    representing(1)
}

fn representing(party: u32) -> CaseAct {
    act(PartyAct::Represent {
        party,
        subject: LAWYER,
        name: "Advokat Prøvesen".into(),
        contact: String::new(),
    })
}

pub(super) fn end_representation() -> CaseAct {
    act(PartyAct::EndRepresentation { party: 1, reason: "Fuldmagten er tilbagekaldt".into() })
}

pub(super) fn protect() -> CaseAct {
    act(PartyAct::ProtectAddress { party: 1 })
}

pub(super) fn unprotect() -> CaseAct {
    act(PartyAct::UnprotectAddress { party: 1, reason: "Udløbet".into() })
}

pub(super) fn reply() -> CaseAct {
    replying(1, None)
}

fn replying(party: u32, received: Option<Date>) -> CaseAct {
    act(PartyAct::Reply { party, received, text: "Det passer ikke".into() })
}

pub(super) fn added(role: PartyRole) -> CaseEvent {
    let (name, address) = (about_ib("Ib Opdigtet"), Some(about_ib("Prøvevej 7")));
    CaseEvent::PartyAdded(PartyAdded { party: 2, subject: IB, role, name, address })
}

fn hearing_of(parties: Vec<u32>) -> CaseEvent {
    let facts = sealed("Oplysninger");
    CaseEvent::HearingOpened(HearingOpened { reply_by: date(2026, 12, 1), facts, parties })
}

pub(super) fn replied(party: u32) -> CaseEvent {
    let subject = if party == 2 { IB } else { SUBJECT };
    let text = Sealed::new(subject, "Det passer ikke".to_owned());
    CaseEvent::HearingReplyReceived(HearingReplyReceived { party, received: TODAY, text })
}

fn with_ib(role: PartyRole) -> Vec<CaseEvent> {
    vec![opened(), classified(), assigned(KARI), added(role)]
}

#[test]
fn who_comes_to_a_case_is_sealed_for_themselves_and_numbered_after_whom_it_was_opened_for() {
    given::<Case>([opened(), assigned(KARI)]).when(kari(add())).then([added(PartyRole::Opponent)]);
    given::<Case>([opened(), assigned(KARI)]).when(bent(add())).refused(CaseRefusal::NotYours);
    let nameless =
        PartyAct::Add { subject: IB, role: PartyRole::Witness, name: " ".into(), address: String::new() };
    given::<Case>([opened(), assigned(KARI)])
        .when(kari(act(nameless)))
        .refused(CaseRefusal::EmptyField { path: "name" });
}

#[test]
fn whom_the_case_was_opened_for_stays_a_party_and_others_may_turn_out_to_be_none() {
    let first =
        act(PartyAct::ChangeRole { party: 1, role: PartyRole::Witness, reason: "Har kun set det".into() });
    given::<Case>(with_ib(PartyRole::Opponent)).when(kari(first)).refused(PartyRefusal::FirstParty.into());
    let changed =
        PartyRoleChanged { party: 2, role: PartyRole::Reporter, reason: about_ib("Har kun anmeldt") };
    given::<Case>(with_ib(PartyRole::Opponent))
        .when(kari(change_role()))
        .then([CaseEvent::PartyRoleChanged(changed)]);
    given::<Case>(with_ib(PartyRole::Reporter)).when(kari(change_role())).then([]);
    given::<Case>([opened(), assigned(KARI)])
        .when(kari(change_role()))
        .refused(PartyRefusal::NotFound.into());
}

#[test]
fn a_party_has_a_representative_until_it_has_none_and_a_witness_has_none() {
    let case = || [opened(), assigned(KARI)];
    let recorded = CaseEvent::RepresentativeRecorded(RepresentativeRecorded {
        party: 1,
        subject: LAWYER,
        name: Sealed::new(LAWYER, "Advokat Prøvesen".to_owned()),
        contact: None,
    });
    given::<Case>(case()).when(kari(represent())).then([recorded.clone()]);
    given::<Case>(case()).when(kari(end_representation())).refused(PartyRefusal::NotRepresented.into());
    let ended = RepresentativeEnded { party: 1, reason: sealed("Fuldmagten er tilbagekaldt") };
    given::<Case>(case().into_iter().chain([recorded]))
        .when(kari(end_representation()))
        .then([CaseEvent::RepresentativeEnded(ended)]);
    given::<Case>(with_ib(PartyRole::Witness))
        .when(kari(representing(2)))
        .refused(PartyRefusal::NotAParty.into());
}

#[test]
fn only_parties_are_heard_and_an_event_that_names_none_hears_the_first() {
    let hear =
        |parties| CaseAct::OpenHearing { reply_by: date(2026, 12, 1), facts: "Oplysninger".into(), parties };
    let opening = |case: Vec<CaseEvent>, parties, heard| {
        let events = given::<Case>(case).when(kari(hear(parties))).result().unwrap();
        assert_eq!(events[0], hearing_of(heard));
    };
    opening(with_ib(PartyRole::Opponent), vec![], vec![1, 2]);
    opening(with_ib(PartyRole::Relative), vec![], vec![]);
    opening(with_ib(PartyRole::Opponent), vec![2], vec![2]);
    opening(with_ib(PartyRole::Opponent), vec![1], vec![]);
    given::<Case>(with_ib(PartyRole::Reporter))
        .when(kari(hear(vec![1, 2])))
        .refused(PartyRefusal::NotAParty.into());
    given::<Case>(with_ib(PartyRole::Reporter))
        .when(kari(hear(vec![3])))
        .refused(PartyRefusal::NotFound.into());
}

#[test]
fn a_hearing_of_several_waits_for_each_of_them_or_for_the_deadline() {
    let case = |then: &[CaseEvent]| {
        let heard = [hearing_of(vec![1, 2])];
        with_ib(PartyRole::Opponent).into_iter().chain(heard).chain(then.iter().cloned()).collect::<Vec<_>>()
    };
    let close = |told| CaseAct::CloseHearing {
        answer: if told { HearingAnswer::Unnamed } else { HearingAnswer::None },
    };
    let awaited = CaseRefusal::ReplyStillAwaited { reply_by: date(2026, 12, 1) };
    given::<Case>(case(&[])).when(kari(close(true))).refused(awaited.clone());
    given::<Case>(case(&[replied(1)])).when(kari(close(false))).refused(awaited);
    given::<Case>(case(&[replied(1)])).when(kari(close(true))).refused(PartyRefusal::AnswerNotNamed.into());
    let closed = |answered| CaseEvent::HearingClosed(HearingClosed { answered, document: None });
    given::<Case>(case(&[replied(1), replied(2)])).when(kari(close(false))).then([closed(true)]);
    let mut late = kari(close(false));
    late.under.at = "2026-12-02T09:00:00Z".parse().unwrap();
    given::<Case>(case(&[replied(1)])).when(late).then([closed(false)]);
    let said = CaseAct::CloseHearing { answer: HearingAnswer::Said("Det passer ikke".into()) };
    given::<Case>(case(&[])).when(kari(said.clone())).refused(PartyRefusal::SeveralAwaited.into());
    given::<Case>(case(&[replied(1)])).when(kari(said)).then([replied(2), closed(true)]);
}

#[test]
fn that_a_party_has_answered_is_not_taken_on_somebodys_word() {
    let letter = |direction| {
        let CaseEvent::DocumentJournalised(entry) = documents::journalised() else { unreachable!() };
        CaseEvent::DocumentJournalised(DocumentJournalised { direction, ..entry })
    };
    let came_in = || letter(DocumentDirection::Incoming);
    let case = |before: Vec<CaseEvent>, since: Vec<CaseEvent>| {
        let start = vec![opened(), classified(), assigned(KARI)];
        start.into_iter().chain(before).chain([hearing(date(2026, 12, 1))]).chain(since).collect::<Vec<_>>()
    };
    let close = |answer| kari(CaseAct::CloseHearing { answer });
    given::<Case>(case(vec![], vec![]))
        .when(close(HearingAnswer::Unnamed))
        .refused(PartyRefusal::AnswerNotNamed.into());
    let mut late = close(HearingAnswer::Unnamed);
    late.under.at = "2026-12-02T09:00:00Z".parse().unwrap();
    given::<Case>(case(vec![], vec![])).when(late).refused(PartyRefusal::AnswerNotNamed.into());

    let named = || close(HearingAnswer::Document(documents::LEASE));
    let closed = |document| CaseEvent::HearingClosed(HearingClosed { answered: true, document });
    given::<Case>(case(vec![], vec![came_in()])).when(named()).then([closed(Some(documents::LEASE))]);
    let none = || PartyRefusal::NoSuchAnswer.into();
    given::<Case>(case(vec![], vec![])).when(named()).refused(none());
    given::<Case>(case(vec![came_in()], vec![])).when(named()).refused(none());
    given::<Case>(case(vec![], vec![letter(DocumentDirection::Outgoing)])).when(named()).refused(none());
    given::<Case>(case(vec![], vec![came_in(), documents::withdrawn()])).when(named()).refused(none());

    let said = |text: &str| close(HearingAnswer::Said(text.into()));
    given::<Case>(case(vec![], vec![])).when(said("Det passer ikke")).then([replied(1), closed(None)]);
    given::<Case>(case(vec![], vec![])).when(said(" ")).refused(CaseRefusal::EmptyField { path: "text" });
}

#[test]
fn an_answer_is_that_of_somebody_who_was_asked_and_comes_today_at_the_latest() {
    let asked = || [opened(), assigned(KARI), added(PartyRole::Opponent), hearing_of(vec![2])];
    given::<Case>(asked()).when(kari(replying(2, None))).then([replied(2)]);
    given::<Case>(asked())
        .when(kari(replying(2, Some(date(2026, 11, 24)))))
        .refused(PartyRefusal::InTheFuture.into());
    given::<Case>(asked()).when(kari(replying(1, None))).refused(PartyRefusal::NotHeardNow.into());
    given::<Case>([opened(), assigned(KARI)]).when(kari(reply())).refused(CaseRefusal::NoHearing);
}

#[test]
fn d2_and_d7_hold_for_every_party_and_for_nobody_else() {
    let draft = |others: Vec<PartyOutcome>| {
        let CaseEvent::DecisionDrafted(draft) = drafted(1, Outcome::Granted, true) else { unreachable!() };
        CaseEvent::DecisionDrafted(DecisionDrafted { others, ..draft })
    };
    let case = |role, heard: Vec<CaseEvent>, others| {
        let then = [informed(), draft(others)];
        with_ib(role).into_iter().chain(heard).chain(then).collect::<Vec<_>>()
    };
    let against = || vec![PartyOutcome { party: 2, outcome: Outcome::Refused }];
    let submit = || kari(CaseAct::SubmitDecision { version: 1 });
    given::<Case>(case(PartyRole::Opponent, vec![], vec![]))
        .when(submit())
        .refused(CaseRefusal::NoOutcomeFor { party: 2 });
    given::<Case>(case(PartyRole::Opponent, vec![], against()))
        .when(submit())
        .refused(CaseRefusal::PartyNotHeard { party: 2, statute: "FVL § 19".into() });
    let first_only = vec![
        hearing(date(2026, 12, 1)),
        CaseEvent::HearingClosed(HearingClosed { answered: true, document: None }),
    ];
    given::<Case>(case(PartyRole::Opponent, first_only, against()))
        .when(submit())
        .refused(CaseRefusal::PartyNotHeard { party: 2, statute: "FVL § 19".into() });
    let heard =
        vec![hearing_of(vec![2]), CaseEvent::HearingClosed(HearingClosed { answered: true, document: None })];
    given::<Case>(case(PartyRole::Opponent, heard, against())).when(submit()).then([submitted()]);
    given::<Case>(case(PartyRole::Opponent, vec![waived()], against())).when(submit()).then([submitted()]);
    given::<Case>(case(PartyRole::Witness, vec![], vec![])).when(submit()).then([submitted()]);
}

#[test]
fn a_draft_states_outcomes_for_parties_only_and_the_decision_repeats_them() {
    let others = vec![PartyOutcome { party: 2, outcome: Outcome::Granted }];
    let draft = |others| {
        let draft =
            Draft { outcome: Some(Outcome::Granted), others, text: "Kære".into(), ..Draft::default() };
        kari(CaseAct::DraftDecision(Box::new(draft)))
    };
    given::<Case>(with_ib(PartyRole::Reporter))
        .when(draft(others.clone()))
        .refused(PartyRefusal::NotAParty.into());
    let events = given::<Case>(with_ib(PartyRole::Opponent)).when(draft(others.clone())).result().unwrap();
    let case = with_ib(PartyRole::Opponent)
        .into_iter()
        .chain([informed()])
        .chain(events)
        .chain([submitted(), approved()]);
    let made = given::<Case>(case).when(kari(CaseAct::MakeDecision)).result().unwrap();
    let CaseEvent::DecisionMade(made) = &made[0] else { panic!("{made:?}") };
    assert_eq!((made.outcome, &made.others), (Outcome::Granted, &others));
}

#[test]
fn a_reopened_case_hears_everybody_anew() {
    let draft = drafted(1, Outcome::Refused, true);
    let before = [draft.clone(), submitted(), approved(), made(Outcome::Refused), sent(), closed()];
    let reopened = CaseEvent::CaseReopened(CaseReopened { reason: sealed("Nye oplysninger") });
    let case = ready().into_iter().chain(before).chain([reopened, informed(), draft]);
    given::<Case>(case)
        .when(kari(CaseAct::SubmitDecision { version: 1 }))
        .refused(CaseRefusal::NotHeard { statute: "FVL § 19".into() });
}

#[test]
fn an_address_is_protected_once_also_in_a_closed_case_and_then_by_a_team_lead() {
    let marked = CaseEvent::AddressProtectionMarked(AddressProtectionMarked { party: 1 });
    given::<Case>([opened(), assigned(KARI)]).when(kari(protect())).then([marked.clone()]);
    given::<Case>([opened(), assigned(KARI), marked.clone()]).when(kari(protect())).then([]);
    let shut = || [opened(), assigned(KARI), closed()];
    given::<Case>(shut()).when(kari(protect())).refused(CaseRefusal::Closed);
    let lead = CaseCommand { act: protect(), under: under(BENT, &[Role::TeamLead]) };
    given::<Case>(shut()).when(lead).then([marked]);
}
