//! The rulebook of carrying out, withdrawing, forwarding and linking, as sentences.

use super::*;
use crate::authority::AuthoritySlug;
use crate::case::course::*;
use crate::id::CaseId;
use crate::inquiry::{Addressee, InquiryRefusal, Notice};

const OTHER: CaseId = CaseId::new(Uuid::from_u128(0x2A));

fn act(act: CourseAct) -> CaseAct {
    CaseAct::Course(Box::new(act))
}

pub(super) fn mark() -> CaseAct {
    act(CourseAct::MarkConfidentiality { level: Confidentiality::Sensitive, reason: "Helbred".into() })
}

pub(super) fn note_fact() -> CaseAct {
    act(CourseAct::NoteFact { text: "Lejen er 6.200 kr.".into(), source: "Udlejeren, i telefonen".into() })
}

pub(super) fn order() -> CaseAct {
    act(CourseAct::OrderEffectuation { what: "Udbetal støtten".into(), due: Some(date(2026, 12, 1)) })
}

pub(super) fn effectuate() -> CaseAct {
    done(None)
}

fn done(on: Option<Date>) -> CaseAct {
    act(CourseAct::Effectuate { on, note: String::new() })
}

pub(super) fn withdraw() -> CaseAct {
    act(CourseAct::Withdraw { reason: "Ringede og trak den tilbage".into() })
}

pub(super) fn forward() -> CaseAct {
    forwarding(Some(addressee(None)), Some(Notice::Given { how: "Skrev til hende".into() }))
}

fn forwarding(to: Option<Addressee>, notice: Option<Notice>) -> CaseAct {
    act(CourseAct::Forward { to, notice })
}

fn addressee(municipality: Option<Tenant>) -> Addressee {
    let authority = AuthoritySlug::try_new("udbetaling-danmark").unwrap();
    Addressee { authority, name: "Udbetaling Danmark".into(), municipality, received_as: None }
}

pub(super) fn link() -> CaseAct {
    linking(CaseLink::SubCase, true)
}

fn linking(link: CaseLink, other_is_there: bool) -> CaseAct {
    act(CourseAct::Link { other: OTHER, link, other_is_there })
}

pub(super) fn follow_link() -> CaseAct {
    act(CourseAct::FollowLink { other: OTHER, link: CaseLink::MainCase })
}

pub(super) fn ordered() -> CaseEvent {
    let (what, due) = (sealed("Udbetal støtten"), Some(date(2026, 12, 1)));
    CaseEvent::EffectuationOrdered(EffectuationOrdered { what, due })
}

pub(super) fn withdrawn() -> CaseEvent {
    CaseEvent::CaseWithdrawn(CaseWithdrawn { reason: sealed("Ringede og trak den tilbage") })
}

pub(super) fn forwarded() -> CaseEvent {
    let Addressee { authority, name, municipality, received_as } = addressee(None);
    let notice = SenderNotice::Informed(sealed("Skrev til hende"));
    CaseEvent::CaseForwarded(CaseForwarded { authority, name, municipality, received_as, notice })
}

fn linked(link: CaseLink) -> CaseEvent {
    CaseEvent::CasesLinked(CasesLinked { other: OTHER, link })
}

fn decided() -> impl Iterator<Item = CaseEvent> {
    let draft = drafted(1, Outcome::Granted, false);
    ready().into_iter().chain([draft, submitted(), approved(), made(Outcome::Granted), sent()])
}

fn state(events: impl IntoIterator<Item = CaseEvent>) -> (CaseState, &'static str) {
    let mut case = Case::default();
    events.into_iter().for_each(|event| case.apply(event));
    let Case::File(file) = case else { panic!("a case that was opened") };
    (file.state(), file.phase.oio_progress())
}

#[test]
fn what_was_decided_is_ordered_done_and_then_closed() {
    given::<Case>(ready()).when(kari(order())).refused(CaseRefusal::NotDecided);
    given::<Case>(decided()).when(kari(effectuate())).refused(CourseRefusal::NothingOrdered.into());
    given::<Case>(decided()).when(kari(order())).then([ordered()]);
    let running = || decided().chain([ordered()]);
    given::<Case>(running()).when(kari(order())).refused(CourseRefusal::AlreadyOrdered.into());
    given::<Case>(running()).when(kari(CaseAct::Close)).refused(CourseRefusal::EffectuationPending.into());
    given::<Case>(running())
        .when(kari(done(Some(date(2026, 11, 24)))))
        .refused(CourseRefusal::DoneInTheFuture.into());
    let carried_out = CaseEvent::Effectuated(Effectuated { on: TODAY, note: None });
    given::<Case>(running()).when(kari(effectuate())).then([carried_out.clone()]);
    let finished = || running().chain([carried_out.clone()]);
    given::<Case>(finished()).when(kari(CaseAct::Close)).then([closed()]);
    assert_eq!(state(running()), (CaseState::At(Phase::Ordered), "Bestilt"));
    assert_eq!(state(finished()), (CaseState::At(Phase::Effectuated), "Udført"));
}

#[test]
fn a_withdrawn_case_takes_no_step_towards_a_decision_and_is_closed_without_one() {
    let deadline = CaseEvent::DeadlineSet(deadline_set(28, date(2026, 12, 18)));
    let case = || [opened(), deadline.clone(), classified(), assigned(KARI)];
    given::<Case>(case()).when(kari(withdraw())).then([withdrawn()]);
    given::<Case>(decided()).when(kari(withdraw())).refused(CaseRefusal::AlreadyDecided);
    let over = || case().into_iter().chain([withdrawn()]);
    given::<Case>(over()).when(kari(CaseAct::Inform)).refused(CourseRefusal::Withdrawn.into());
    given::<Case>(over()).when(kari(forward())).refused(CourseRefusal::Withdrawn.into());
    given::<Case>(over()).when(kari(CaseAct::Close)).then([closed()]);
    assert_eq!(state(over()), (CaseState::At(Phase::Withdrawn), "Afsluttet"));
    let mut later = CaseCommand {
        act: CaseAct::Deadline(DeadlineAct::Watch),
        under: Circumstances { actor: Actor::System, ..under(KARI, &[]) },
    };
    later.under.at = "2026-12-31T09:00:00Z".parse().unwrap();
    given::<Case>(over()).when(later).then([]);
}

#[test]
fn a_case_is_forwarded_to_somebody_else_of_the_register_and_not_without_a_word() {
    let case = || [opened(), assigned(KARI)];
    let told = || Some(Notice::Given { how: " Skrev til hende ".into() });
    let refusals = [
        (None, told(), InquiryRefusal::UnknownAddressee),
        (Some(addressee(Some(Tenant::COUNTER))), told(), InquiryRefusal::Oneself),
        (Some(addressee(None)), None, InquiryRefusal::SenderNotInformed),
        (
            Some(addressee(None)),
            Some(Notice::Waived { reason: " ".into() }),
            InquiryRefusal::SenderNotInformed,
        ),
    ];
    for (to, notice, refusal) in refusals {
        given::<Case>(case())
            .when(kari(forwarding(to, notice)))
            .refused(CourseRefusal::Forwarding(refusal).into());
    }
    given::<Case>(case()).when(kari(forwarding(Some(addressee(None)), told()))).then([forwarded()]);
    let over = || case().into_iter().chain([forwarded()]);
    given::<Case>(over()).when(kari(withdraw())).refused(CourseRefusal::ForwardedAway.into());
    given::<Case>(over()).when(kari(CaseAct::Close)).then([closed()]);
    assert_eq!(state(over()), (CaseState::At(Phase::ForwardedAway), "Afsluttet"));
}

#[test]
fn two_cases_are_linked_once_and_the_other_side_follows() {
    let case = || [opened(), assigned(KARI)];
    given::<Case>(case()).when(kari(link())).then([linked(CaseLink::SubCase)]);
    given::<Case>(case())
        .when(kari(linking(CaseLink::Related, false)))
        .refused(CourseRefusal::NoOtherCase.into());
    let known = || case().into_iter().chain([linked(CaseLink::SubCase)]);
    given::<Case>(known()).when(kari(link())).then([]);
    given::<Case>(known())
        .when(kari(linking(CaseLink::Related, true)))
        .refused(CourseRefusal::LinkedOtherwise.into());
    given::<Case>(case()).when(kari(follow_link())).refused(CaseRefusal::NotAllowed);
    let system = || CaseCommand {
        act: follow_link(),
        under: Circumstances { actor: Actor::System, ..under(KARI, &[]) },
    };
    let shut = || case().into_iter().chain([closed()]);
    given::<Case>(shut()).when(system()).then([linked(CaseLink::MainCase)]);
    given::<Case>(shut().chain([linked(CaseLink::MainCase)])).when(system()).then([]);
    for link in CaseLink::ALL {
        assert_eq!(link.mirrored().mirrored(), link);
    }
}

#[test]
fn a_case_is_not_closed_while_a_part_of_it_is_open() {
    let mut close = kari(CaseAct::Close);
    close.under.reach.open_sub_case = true;
    given::<Case>(decided()).when(close).refused(CourseRefusal::SubCaseOpen.into());
}

#[test]
fn a_case_is_marked_as_sensitive_once_and_a_fact_is_noted_with_its_source() {
    let marked = CaseEvent::ConfidentialityMarked(ConfidentialityMarked {
        level: Confidentiality::Sensitive,
        reason: sealed("Helbred"),
    });
    given::<Case>([opened(), assigned(KARI)]).when(kari(mark())).then([marked.clone()]);
    given::<Case>([opened(), assigned(KARI), marked]).when(kari(mark())).then([]);
    let noted =
        FactNoted { text: sealed("Lejen er 6.200 kr."), source: Some(sealed("Udlejeren, i telefonen")) };
    given::<Case>([opened(), assigned(KARI)]).when(kari(note_fact())).then([CaseEvent::FactNoted(noted)]);
}

#[test]
fn every_state_has_its_progress_and_a_complaint_comes_before_all() {
    let suspended = CaseEvent::DeadlineSuspended(DeadlineSuspended {
        from: TODAY,
        waiting_for: WaitingFor::Party,
        reason: sealed("Venter på lønsedler"),
    });
    let timed = [opened(), CaseEvent::DeadlineSet(deadline_set(28, date(2026, 12, 18))), assigned(KARI)];
    assert_eq!(
        state(timed.into_iter().chain([suspended])),
        (CaseState::Beside(Beside::Suspended), "Opstået")
    );
    let reopened = CaseEvent::CaseReopened(CaseReopened { reason: sealed("Nye oplysninger") });
    assert_eq!(
        state(decided().chain([closed(), reopened])),
        (CaseState::Beside(Beside::Reopened), "Opstået")
    );
    for (standing, shown) in [
        (ComplaintStanding::Complained, CaseState::Beside(Beside::Complained)),
        (ComplaintStanding::Reassessed, CaseState::Beside(Beside::Reassessed)),
        (ComplaintStanding::SentToAppeal, CaseState::Beside(Beside::SentToAppeal)),
    ] {
        assert_eq!(state(decided().chain([noted(0, standing)])), (shown, "Afgjort"));
        assert_eq!(state(decided().chain([closed(), noted(0, standing)])), (shown, "Afsluttet"));
    }
}

#[test]
fn a_case_is_opened_with_a_channel_and_with_a_number_that_was_in_force_when_it_came() {
    let open = |wish| kari(CaseAct::Open(Box::new(wish)));
    let without = OpenCase { channel: None, ..wish_to_open() };
    given::<Case>([]).when(open(without)).refused(CaseRefusal::NoChannel);
    let with = |kle: &str, facet: &str| OpenCase { kle: Some((kle.into(), facet.into())), ..wish_to_open() };
    given::<Case>([]).when(open(with("99.99", "G01"))).refused(CaseRefusal::UnknownKle);
    given::<Case>([]).when(open(with("32.03", "X99"))).refused(CaseRefusal::UnknownFacet);
    let deadline = CaseEvent::DeadlineSet(deadline_set(14, date(2026, 12, 4)));
    given::<Case>([]).when(open(with("32.03", "G01"))).then([opened(), classified(), deadline]);
    // It went out of use on the day before.
    let mut late = open(with("32.03", "G01"));
    let mut rules = (*rules()).clone();
    let until = Some(date(2026, 11, 19));
    let gone = Entry { title: "Boligstøtte".into(), from: None, until, retention: None };
    let here = Entry { title: "Generelle sager".into(), from: None, until: None, retention: None };
    rules.kle = Arc::new(Catalogue::new(
        [(KleNumber::try_new("32.03").unwrap(), gone)].into(),
        [(Facet::try_new("G01").unwrap(), here)].into(),
    ));
    late.under.rules = Arc::new(rules);
    given::<Case>([]).when(late).refused(CaseRefusal::UnknownKle);
}

#[test]
fn a_closed_case_is_corrected_by_a_team_lead_with_a_reason_and_by_nobody_else() {
    let shut = || decided().chain([closed()]);
    given::<Case>(shut()).when(kari(documents::correct())).refused(CaseRefusal::Closed);
    let lead = |act| CaseCommand { act, under: under(BENT, &[Role::TeamLead]) };
    assert!(given::<Case>(shut()).when(lead(documents::correct())).result().is_ok());
    let silent = DocumentAct::CorrectDecision { text: "1.200 kr.".into(), reason: String::new() };
    given::<Case>(shut())
        .when(lead(CaseAct::Document(Box::new(silent))))
        .refused(CaseRefusal::EmptyField { path: "reason" });
    given::<Case>(shut()).when(lead(CaseAct::NoteStep { text: "Glemt".into() })).refused(CaseRefusal::Closed);
}
