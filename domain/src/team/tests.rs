use uuid::Uuid;

use super::*;
use crate::act::{Actor, Roles};
use crate::scenario::{decision_table, given};

/// How somebody tries an act.
type Tries = fn(TeamAct) -> TeamCommand;

const KARI: UserId = UserId::new(Uuid::from_u128(1));
const LONE: UserId = UserId::new(Uuid::from_u128(2));
const VERA: UserId = UserId::new(Uuid::from_u128(3));

fn by(who: UserId, role: Role, act: TeamAct) -> TeamCommand {
    let at = "2026-11-23T09:00:00Z".parse().unwrap();
    TeamCommand { act, under: By { at, actor: Actor::Staff(who), roles: Roles::default().with(role) } }
}

fn vera(act: TeamAct) -> TeamCommand {
    by(VERA, Role::Administrator, act)
}

fn lone(act: TeamAct) -> TeamCommand {
    by(LONE, Role::TeamLead, act)
}

fn kari(act: TeamAct) -> TeamCommand {
    by(KARI, Role::Caseworker, act)
}

fn formed() -> TeamEvent {
    TeamEvent::TeamFormed(TeamFormed { name: "Ydelse".into() })
}

fn joined(member: UserId) -> TeamEvent {
    TeamEvent::MemberJoined(MemberJoined { member })
}

fn join(member: UserId) -> TeamAct {
    TeamAct::Join { member, known: true }
}

#[test]
fn a_team_is_formed_by_an_administrator_under_a_name() {
    given::<Team>([]).when(vera(TeamAct::Form { name: " Ydelse ".into() })).then([formed()]);
    given::<Team>([]).when(vera(TeamAct::Form { name: " ".into() })).refused(TeamRefusal::NoName);
    let long = "x".repeat(NAME_LIMIT + 1);
    given::<Team>([]).when(vera(TeamAct::Form { name: long })).refused(TeamRefusal::NameTooLong);
    given::<Team>([]).when(lone(TeamAct::Form { name: "x".into() })).refused(TeamRefusal::NotAllowed);
}

#[test]
fn a_team_lead_says_who_is_in_the_own_team_and_in_no_other() {
    given::<Team>([formed(), joined(LONE)]).when(lone(join(KARI))).then([joined(KARI)]);
    given::<Team>([formed()]).when(lone(join(KARI))).refused(TeamRefusal::NotAllowed);
    given::<Team>([formed(), joined(KARI)]).when(kari(join(LONE))).refused(TeamRefusal::NotAllowed);
}

#[test]
fn nobody_puts_themselves_into_a_team_and_nobody_unknown_is_put_there() {
    given::<Team>([formed()]).when(vera(join(VERA))).refused(TeamRefusal::NotYourself);
    let stranger = TeamAct::Join { member: KARI, known: false };
    given::<Team>([formed()]).when(vera(stranger)).refused(TeamRefusal::NoSuchUser);
    let stranger = TeamAct::Leave { member: KARI, known: false };
    given::<Team>([formed()]).when(vera(stranger)).refused(TeamRefusal::NoSuchUser);
}

#[test]
fn cases_are_open_to_members_and_those_of_a_dissolved_team_to_everybody() {
    let mut team = Team::default();
    team.apply(formed());
    team.apply(joined(KARI));
    assert!(team.is_open_to(KARI) && !team.is_open_to(LONE) && team.takes_cases());
    team.apply(TeamEvent::TeamDissolved(TeamDissolved {}));
    assert!(team.is_open_to(LONE) && !team.takes_cases());
    assert!(!Team::Unformed.is_open_to(KARI), "a team that never was is nobody's");
}

/// Every state × every act, tried by each who might: the rulebook on one page.
#[test]
fn the_decision_table() {
    let dissolved = TeamEvent::TeamDissolved(TeamDissolved {});
    let states = [
        ("never formed", vec![]),
        ("formed", vec![formed()]),
        ("with its team lead", vec![formed(), joined(LONE)]),
        ("with its team lead and Kari", vec![formed(), joined(LONE), joined(KARI)]),
        ("dissolved", vec![formed(), dissolved]),
    ];
    let acts = [
        ("Form", TeamAct::Form { name: "Ydelse".into() }),
        ("Rename", TeamAct::Rename { name: "Børn".into() }),
        ("Join Kari", join(KARI)),
        ("Leave Kari", TeamAct::Leave { member: KARI, known: true }),
        ("Dissolve", TeamAct::Dissolve),
    ];
    let people: [(&str, Tries); 3] = [("caseworker", kari), ("team lead", lone), ("administrator", vera)];
    let tried = acts.iter().map(|(name, act)| {
        let each = people.iter().map(|(who, command)| (*who, command(act.clone())));
        (*name, each.collect())
    });
    insta::assert_snapshot!(decision_table::<Team>(&states, &tried.collect::<Vec<_>>()));
}
