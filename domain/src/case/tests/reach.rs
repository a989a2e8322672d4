//! Whose case it is: teams, and substitutes who act for somebody who is away.

use super::*;

const TEAM: TeamId = TeamId::new(Uuid::from_u128(0x20));
const OTHER: TeamId = TeamId::new(Uuid::from_u128(0x21));

fn given_to(team: TeamId) -> CaseEvent {
    CaseEvent::TeamAssigned(TeamAssigned { team })
}

fn note() -> CaseAct {
    CaseAct::NoteStep { text: "Ringet".into() }
}

fn noted() -> CaseEvent {
    CaseEvent::StepNoted(StepNoted { text: sealed("Ringet") })
}

fn acting() -> CaseEvent {
    CaseEvent::SubstituteActing(SubstituteActing { substitute: BENT, acting_for: KARI })
}

/// Bent, in these teams and standing in for these people.
fn bent_in(roles: &[Role], teams: &[TeamId], stands_in_for: &[UserId], act: CaseAct) -> CaseCommand {
    let reach = Reach { teams: teams.to_vec(), stands_in_for: stands_in_for.to_vec(), ..Reach::NONE };
    CaseCommand { act, under: under(BENT, roles).reaching(reach) }
}

#[test]
fn a_case_is_given_to_a_team_that_is_at_work() {
    let give = |takes_cases| CaseAct::AssignTeam { team: TEAM, takes_cases };
    given::<Case>([opened()]).when(kari(give(true))).then([given_to(TEAM)]);
    given::<Case>([opened()]).when(kari(give(false))).refused(CaseRefusal::NoSuchTeam);
    let again = bent_in(&[Role::Caseworker], &[TEAM], &[], give(true));
    given::<Case>([opened(), given_to(TEAM)]).when(again).then([]);
    given::<Case>([opened(), assigned(KARI)]).when(bent(give(true))).refused(CaseRefusal::NotYours);
}

#[test]
fn a_case_of_a_team_is_touched_by_the_team_and_by_whoever_handles_it() {
    let take = || CaseAct::Assign { to: BENT, roles: Roles::default().with(Role::Caseworker) };
    for (teams, reached) in [(&[][..], false), (&[OTHER], false), (&[OTHER, TEAM], true)] {
        let outcome =
            given::<Case>([opened(), given_to(TEAM)]).when(bent_in(&[Role::Caseworker], teams, &[], take()));
        if reached {
            outcome.then([assigned(BENT)]);
        } else {
            outcome.refused(CaseRefusal::OtherTeam);
        }
    }
    given::<Case>([opened(), assigned(KARI), given_to(TEAM)]).when(kari(note())).then([noted()]);
    let lead = bent_in(&[Role::TeamLead], &[OTHER], &[], note());
    given::<Case>([opened(), assigned(KARI), given_to(TEAM)]).when(lead).refused(CaseRefusal::OtherTeam);
}

#[test]
fn a_substitute_acts_and_the_case_says_for_whom_once() {
    let acts = || bent_in(&[Role::Caseworker], &[], &[KARI], note());
    given::<Case>([opened(), assigned(KARI), given_to(TEAM)]).when(acts()).then([acting(), noted()]);
    given::<Case>([opened(), assigned(KARI), given_to(TEAM), acting()]).when(acts()).then([noted()]);
    given::<Case>([opened(), assigned(KARI)]).when(bent(note())).refused(CaseRefusal::NotYours);
    // Given anew, it is told anew.
    given::<Case>([opened(), assigned(KARI), acting(), assigned(KARI)])
        .when(acts())
        .then([acting(), noted()]);
}

#[test]
fn a_team_lead_acts_by_their_own_right() {
    let lead = bent_in(&[Role::Caseworker, Role::TeamLead], &[], &[KARI], note());
    given::<Case>([opened(), assigned(KARI)]).when(lead).then([noted()]);
}

#[test]
fn d6_who_stands_in_for_the_author_does_not_approve() {
    let events = || ready().into_iter().chain([drafted(1, Outcome::Granted, true), submitted()]);
    let approve = |stands_in_for| bent_in(&[Role::Caseworker], &[], stands_in_for, approve(1));
    given::<Case>(events())
        .when(approve(&[KARI]))
        .refused(CaseRefusal::ApproverStandsIn { statute: String::new() });
    given::<Case>(events()).when(approve(&[])).then([approved()]);
}
