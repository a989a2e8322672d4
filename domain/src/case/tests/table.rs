//! The states and the acts that the decision table is made of.

use super::*;

/// The states of the table, and what has happened in each.
pub(super) fn states() -> Vec<(&'static str, Vec<CaseEvent>)> {
    let draft = || drafted(1, Outcome::Refused, true);
    let set = || CaseEvent::DeadlineSet(deadline_set(28, date(2026, 12, 18)));
    let timed =
        |then: &[CaseEvent]| [opened(), set(), assigned(KARI)].into_iter().chain(then.to_vec()).collect();
    let expired = CaseEvent::DeadlineSet(DeadlineSet {
        from: Some(date(2026, 11, 2)),
        ..deadline_set(14, date(2026, 11, 16))
    });
    let suspended = CaseEvent::DeadlineSuspended(DeadlineSuspended {
        from: TODAY,
        waiting_for: WaitingFor::Party,
        reason: sealed("Venter på lønsedler"),
    });
    let requested = CaseEvent::InformationRequested(InformationRequested {
        number: 1,
        of: WaitingFor::Party,
        asked: TODAY,
        what: sealed("Lønsedler"),
        reply_by: None,
    });
    let noticed = CaseEvent::DelayNoticeSent(DelayNoticeSent {
        expected: date(2027, 1, 4),
        reason: sealed("Mange sager"),
    });
    let extended = CaseEvent::DeadlineExtended(DeadlineExtended { days: 14, reason: sealed("Mange sager") });
    let decided =
        || ready().into_iter().chain([draft(), submitted(), approved(), made(Outcome::Refused), sent()]);
    vec![
        ("never opened", vec![]),
        ("opened", vec![opened()]),
        ("assigned", vec![opened(), assigned(KARI)]),
        ("classified and assigned", vec![opened(), classified(), assigned(KARI)]),
        ("with a deadline", timed(&[])),
        ("suspended, information requested", timed(&[requested, suspended])),
        ("delay notice sent", timed(std::slice::from_ref(&noticed))),
        ("extended", timed(&[noticed, extended])),
        ("the last day has passed", vec![opened(), expired.clone(), assigned(KARI)]),
        (
            "missed",
            vec![
                opened(),
                expired,
                assigned(KARI),
                CaseEvent::DeadlineMissed(DeadlineMissed {
                    kind: DeadlineKind::CaseHandling,
                    due: date(2026, 11, 16),
                }),
            ],
        ),
        ("in hearing", vec![opened(), classified(), assigned(KARI), hearing(date(2026, 12, 1))]),
        ("informed", ready()),
        ("drafted", ready().into_iter().chain([draft()]).collect()),
        ("submitted", ready().into_iter().chain([draft(), submitted()]).collect()),
        ("approved", ready().into_iter().chain([draft(), submitted(), approved()]).collect()),
        (
            "decided",
            ready().into_iter().chain([draft(), submitted(), approved(), made(Outcome::Refused)]).collect(),
        ),
        ("ordered", decided().chain([course::ordered()]).collect()),
        ("withdrawn", ready().into_iter().chain([course::withdrawn()]).collect()),
        ("forwarded", ready().into_iter().chain([course::forwarded()]).collect()),
        (
            "with an opponent, drafted",
            ready().into_iter().chain([parties::added(PartyRole::Opponent), draft()]).collect(),
        ),
        ("complained of", decided().chain([noted(0, ComplaintStanding::Complained)]).collect()),
        ("with an upload", vec![opened(), assigned(KARI), documents::uploaded()]),
        (
            "with a journalised document",
            vec![opened(), assigned(KARI), documents::uploaded(), documents::journalised()],
        ),
        (
            "closed",
            ready()
                .into_iter()
                .chain([draft(), submitted(), approved(), made(Outcome::Refused), sent(), closed()])
                .collect(),
        ),
    ]
}

/// One of each kind of act.
pub(super) fn acts() -> [CaseAct; 50] {
    let suspend = |from| DeadlineAct::Suspend {
        from,
        waiting_for: Some(WaitingFor::Party),
        reason: "Venter på lønsedler".into(),
    };
    let request = DeadlineAct::RequestInformation {
        of: Some(WaitingFor::Party),
        what: "Lønsedler".into(),
        reply_by: None,
        suspend: false,
    };
    [
        CaseAct::Open(Box::new(wish_to_open())),
        CaseAct::Classify { kle: "23.05".into(), facet: "G01".into() },
        CaseAct::Assign { to: BENT, roles: Roles::default().with(Role::Caseworker) },
        CaseAct::Release,
        CaseAct::AssignTeam { team: TeamId::new(Uuid::from_u128(20)), takes_cases: true },
        CaseAct::NoteCall { direction: Direction::Outgoing, text: "Talt".into() },
        CaseAct::NoteStep { text: "Gjort".into() },
        course::note_fact(),
        parties::add(),
        parties::change_role(),
        parties::represent(),
        parties::end_representation(),
        parties::protect(),
        parties::unprotect(),
        course::mark(),
        CaseAct::Deadline(request),
        CaseAct::Deadline(DeadlineAct::ReceiveInformation { number: 1, what: String::new() }),
        CaseAct::Deadline(suspend(TODAY)),
        CaseAct::Deadline(DeadlineAct::Resume { on: TODAY }),
        CaseAct::Deadline(DeadlineAct::SendDelayNotice {
            expected: date(2027, 1, 4),
            reason: "Mange sager".into(),
        }),
        CaseAct::Deadline(DeadlineAct::Extend { days: 14, reason: "Mange sager".into() }),
        CaseAct::OpenHearing {
            reply_by: date(2026, 12, 7),
            facts: "Oplysninger".into(),
            parties: Vec::new(),
        },
        parties::reply(),
        CaseAct::CloseHearing { answer: HearingAnswer::Said("Det passer ikke".into()) },
        CaseAct::WaiveHearing { statute: "FVL § 19, stk. 2".into(), reason: "Kendt".into() },
        CaseAct::Inform,
        CaseAct::DraftDecision(Box::new(Draft { text: "Afgørelse".into(), ..Draft::default() })),
        CaseAct::SubmitDecision { version: 1 },
        approve(1),
        CaseAct::ReturnDecision { reason: "Ret begrundelsen".into() },
        CaseAct::MakeDecision,
        send(1),
        documents::correct(),
        documents::revoke(),
        documents::upload(),
        documents::journalise(),
        documents::supersede(),
        documents::move_away(),
        documents::take_over(),
        documents::withdraw(),
        course::order(),
        course::effectuate(),
        course::withdraw(),
        course::forward(),
        course::link(),
        CaseAct::Close,
        CaseAct::Reopen { reason: "Nye oplysninger".into() },
        CaseAct::Deadline(DeadlineAct::Watch),
        CaseAct::FollowComplaint { complaint: COMPLAINT, revision: 0, step: ComplaintStep::Complained },
        course::follow_link(),
    ]
}
