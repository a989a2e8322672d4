use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::act::Actor;
use crate::id::TeamId;
use crate::scenario::{decision_table, given};

/// How somebody tries an act.
type Tries = fn(EngagementAct) -> EngagementCommand;

const RITA: UserId = UserId::new(Uuid::from_u128(1));
const VERA: UserId = UserId::new(Uuid::from_u128(2));

fn by(actor: Actor, role: Option<Role>, act: EngagementAct) -> EngagementCommand {
    let at = "2026-11-23T09:00:00Z".parse().unwrap();
    EngagementCommand { act, under: By { at, actor, roles: role.into_iter().collect() } }
}

fn vera(act: EngagementAct) -> EngagementCommand {
    by(Actor::Staff(VERA), Some(Role::Administrator), act)
}

fn rita(act: EngagementAct) -> EngagementCommand {
    by(Actor::Staff(RITA), Some(Role::Auditor), act)
}

fn open(auditor: UserId, role: Role, (from, until): (i8, i8)) -> EngagementAct {
    EngagementAct::Open {
        auditor,
        roles: Roles::default().with(role),
        scope: Scope::Municipality,
        teams_known: true,
        from: date(2026, 11, from),
        until: date(2026, 11, until),
    }
}

fn opened() -> EngagementEvent {
    EngagementEvent::EngagementOpened(EngagementOpened {
        auditor: RITA,
        scope: Scope::Municipality,
        from: date(2026, 11, 23),
        until: date(2026, 11, 30),
    })
}

#[test]
fn an_administrator_opens_an_engagement_for_an_auditor() {
    given::<Engagement>([]).when(vera(open(RITA, Role::Auditor, (23, 30)))).then([opened()]);
    given::<Engagement>([])
        .when(vera(open(RITA, Role::Caseworker, (23, 30))))
        .refused(EngagementRefusal::NotAnAuditor);
    given::<Engagement>([])
        .when(rita(open(RITA, Role::Auditor, (23, 30))))
        .refused(EngagementRefusal::NotAllowed);
    given::<Engagement>([])
        .when(vera(open(VERA, Role::Auditor, (23, 30))))
        .refused(EngagementRefusal::AboutYourself);
}

#[test]
fn an_engagement_has_its_days_in_order_and_is_not_over_when_it_is_opened() {
    for days in [(24, 23), (10, 22)] {
        given::<Engagement>([]).when(vera(open(RITA, Role::Auditor, days))).refused(EngagementRefusal::Dates);
    }
}

#[test]
fn a_scope_names_teams_that_were_formed() {
    let EngagementAct::Open { auditor, roles, from, until, .. } = open(RITA, Role::Auditor, (23, 30)) else {
        panic!("it opens")
    };
    let scope = Scope::Teams(vec![TeamId::new(Uuid::from_u128(9))]);
    let unknown = EngagementAct::Open { auditor, roles, scope, teams_known: false, from, until };
    given::<Engagement>([]).when(vera(unknown)).refused(EngagementRefusal::NoSuchTeam);
}

#[test]
fn a_scope_of_teams_holds_their_cases_and_no_others() {
    let team = |number| TeamId::new(Uuid::from_u128(number));
    let scope = Scope::Teams(vec![team(1)]);
    assert!(scope.holds(Some(team(1))) && !scope.holds(Some(team(2))) && !scope.holds(None));
    assert!(Scope::Municipality.holds(None) && Scope::Municipality.holds(Some(team(2))));
}

#[test]
fn the_decision_table() {
    let ended = EngagementEvent::EngagementEnded(EngagementEnded {});
    let states = [("never opened", vec![]), ("opened", vec![opened()]), ("ended", vec![opened(), ended])];
    let acts = [("Open", open(RITA, Role::Auditor, (23, 30))), ("End", EngagementAct::End)];
    let people: [(&str, Tries); 3] =
        [("administrator", vera), ("auditor", rita), ("system", |act| by(Actor::System, None, act))];
    let tried = acts.iter().map(|(name, act)| {
        let each = people.iter().map(|(who, command)| (*who, command(act.clone())));
        (*name, each.collect())
    });
    insta::assert_snapshot!(decision_table::<Engagement>(&states, &tried.collect::<Vec<_>>()));
}
