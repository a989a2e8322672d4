mod origin;

use jiff::civil::date;
use uuid::Uuid;

use super::*;
use crate::act::Actor;
use crate::scenario::{decision_table, given};

/// How somebody tries an act.
type Tries = fn(UserAct) -> UserCommand;

const KARI: UserId = UserId::new(Uuid::from_u128(1));
const BENT: UserId = UserId::new(Uuid::from_u128(2));
const VERA: UserId = UserId::new(Uuid::from_u128(3));
const OTTO: UserId = UserId::new(Uuid::from_u128(4));

fn subject() -> SubjectId {
    SubjectId::new(Uuid::from_u128(9))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn by(actor: Actor, roles: &[Role]) -> By {
    By { at: at("2026-11-23T09:00:00Z"), actor, roles: roles.iter().copied().collect() }
}

/// About Kari, by a member of staff with these roles.
fn about_kari(who: UserId, roles: &[Role], act: UserAct) -> UserCommand {
    UserCommand { user: KARI, act, under: by(Actor::Staff(who), roles) }
}

fn vera(act: UserAct) -> UserCommand {
    about_kari(VERA, &[Role::Administrator], act)
}

fn otto(act: UserAct) -> UserCommand {
    about_kari(OTTO, &[Role::Administrator], act)
}

fn kari(act: UserAct) -> UserCommand {
    about_kari(KARI, &[Role::Caseworker], act)
}

fn registered() -> UserEvent {
    UserEvent::UserRegistered(UserRegistered {
        subject: subject(),
        login: "kari".into(),
        name: Sealed::new(subject(), "Kari Eksempel".into()),
        password_hash: Sealed::new(subject(), "$argon2id$".into()),
        one_time_until: None,
    })
}

fn register(login: &str, roles: &[Role]) -> UserAct {
    UserAct::Register {
        subject: subject(),
        login: login.into(),
        name: "Kari Eksempel".into(),
        password_hash: "$argon2id$".into(),
        roles: roles.iter().copied().collect(),
        one_time_until: None,
    }
}

fn set_up(act: UserAct) -> UserCommand {
    UserCommand { user: KARI, act, under: by(Actor::System, &[]) }
}

fn granted(role: Role) -> UserEvent {
    UserEvent::RoleGranted(RoleGranted { role })
}

fn proposed(by: UserId) -> UserEvent {
    UserEvent::RoleGrantProposed(RoleGrantProposed { role: Role::TeamLead, by })
}

fn away(from: i8, until: Option<i8>) -> UserEvent {
    let day = |day| date(2026, 11, day);
    UserEvent::AbsenceRegistered(AbsenceRegistered { from: day(from), until: until.map(day) })
}

fn substitute(substitute: UserId, chain: &[UserId]) -> UserAct {
    let roles = Roles::default().with(Role::Caseworker);
    UserAct::NameSubstitute { substitute, roles, chain: chain.to_vec() }
}

#[test]
fn whom_the_command_line_takes_in_has_the_roles_they_were_given() {
    given::<User>([])
        .when(set_up(register(" Kari ", &[Role::Administrator])))
        .then([registered(), granted(Role::Administrator)]);
}

#[test]
fn whom_an_administrator_takes_in_begins_without_roles() {
    given::<User>([]).when(vera(register("kari", &[]))).then([registered()]);
    given::<User>([])
        .when(vera(register("kari", &[Role::Caseworker])))
        .refused(UserRefusal::RolesAreProposed);
    given::<User>([]).when(kari(register("kari", &[]))).refused(UserRefusal::NotAllowed);
}

#[test]
fn a_user_without_a_log_in_name_is_refused_and_nobody_is_registered_twice() {
    given::<User>([]).when(set_up(register(" ", &[]))).refused(UserRefusal::NoName);
    given::<User>([registered()]).when(set_up(register("kari", &[]))).refused(UserRefusal::AlreadyRegistered);
}

#[test]
fn a_role_is_given_by_two_administrators() {
    let role = Role::TeamLead;
    given::<User>([registered()]).when(vera(UserAct::ProposeRole { role })).then([proposed(VERA)]);
    given::<User>([registered(), proposed(VERA)])
        .when(vera(UserAct::ApproveRole { role }))
        .refused(UserRefusal::ProposerApproves);
    given::<User>([registered(), proposed(VERA)])
        .when(otto(UserAct::ApproveRole { role }))
        .then([granted(role)]);
    given::<User>([registered()])
        .when(otto(UserAct::ApproveRole { role }))
        .refused(UserRefusal::RoleNotProposed);
}

#[test]
fn nobody_approves_a_role_for_themselves() {
    let mine = about_kari(KARI, &[Role::Administrator], UserAct::ApproveRole { role: Role::TeamLead });
    given::<User>([registered(), proposed(VERA)]).when(mine).refused(UserRefusal::AboutYourself);
}

#[test]
fn a_proposal_that_is_declined_or_granted_is_gone() {
    let role = Role::TeamLead;
    let declined = UserEvent::RoleGrantDeclined(RoleGrantDeclined { role });
    given::<User>([registered(), proposed(VERA)])
        .when(vera(UserAct::DeclineRole { role }))
        .then([declined.clone()]);
    given::<User>([registered(), proposed(VERA), declined])
        .when(otto(UserAct::ApproveRole { role }))
        .refused(UserRefusal::RoleNotProposed);
    let revoked = UserEvent::RoleRevoked(RoleRevoked { role });
    given::<User>([registered(), proposed(VERA), granted(role), revoked])
        .when(otto(UserAct::ApproveRole { role }))
        .refused(UserRefusal::RoleNotProposed);
}

#[test]
fn a_role_is_taken_away_by_one_administrator_at_once() {
    let role = Role::Auditor;
    given::<User>([registered(), granted(role)])
        .when(vera(UserAct::RevokeRole { role }))
        .then([UserEvent::RoleRevoked(RoleRevoked { role })]);
    given::<User>([registered()]).when(vera(UserAct::RevokeRole { role })).then([]);
}

#[test]
fn a_password_is_changed_by_its_owner_and_reset_by_an_administrator() {
    let change = || UserAct::ChangePassword { password_hash: "$argon2id$2".into() };
    let reset =
        || UserAct::ResetPassword { password_hash: "$argon2id$3".into(), until: at("2026-11-24T09:00:00Z") };
    assert!(given::<User>([registered()]).when(kari(change())).result().is_ok());
    given::<User>([registered()]).when(vera(change())).refused(UserRefusal::NotAllowed);
    assert!(given::<User>([registered()]).when(vera(reset())).result().is_ok());
    given::<User>([registered()]).when(kari(reset())).refused(UserRefusal::NotAllowed);
    let own = about_kari(KARI, &[Role::Administrator], reset());
    given::<User>([registered()]).when(own).refused(UserRefusal::AboutYourself);
}

#[test]
fn a_lock_ends_by_itself_and_an_administrators_is_not_cut_short() {
    let (soon, later) = (at("2026-11-23T09:15:00Z"), at("2026-11-23T10:00:00Z"));
    let locked = |until| UserEvent::AccountLocked(AccountLocked { until });
    given::<User>([registered()])
        .when(set_up(UserAct::Lock { until: Some(soon) }))
        .then([locked(Some(soon))]);
    given::<User>([registered(), locked(None)]).when(set_up(UserAct::Lock { until: Some(later) })).then([]);
    given::<User>([registered(), locked(Some(later))])
        .when(vera(UserAct::Lock { until: None }))
        .then([locked(None)]);
    let lock = Lock { until: Some(soon) };
    assert!(lock.holds(at("2026-11-23T09:14:59Z")) && !lock.holds(soon), "it ends by itself");
}

#[test]
fn only_an_administrators_lock_takes_the_roles_away() {
    let roles = |until| {
        let mut user = User::default();
        let locked = UserEvent::AccountLocked(AccountLocked { until });
        for event in [registered(), granted(Role::Caseworker), locked] {
            user.apply(event);
        }
        user.roles()
    };
    assert_eq!(roles(None), Roles::default());
    assert!(roles(Some(at("2026-11-23T09:15:00Z"))).has(Role::Caseworker), "guessing throws nobody out");
}

#[test]
fn an_absence_is_registered_by_oneself_a_team_lead_or_an_administrator() {
    let absence = || UserAct::RegisterAbsence { from: date(2026, 11, 23), until: Some(date(2026, 11, 27)) };
    let lead = about_kari(BENT, &[Role::TeamLead], absence());
    for command in [kari(absence()), vera(absence()), lead] {
        given::<User>([registered()]).when(command).then([away(23, Some(27))]);
    }
    let colleague = about_kari(BENT, &[Role::Caseworker], absence());
    given::<User>([registered()]).when(colleague).refused(UserRefusal::NotAllowed);
}

#[test]
fn an_absence_has_its_days_in_order_and_one_comes_after_the_other() {
    let absence = |from: i8, until: i8| UserAct::RegisterAbsence {
        from: date(2026, 11, from),
        until: Some(date(2026, 11, until)),
    };
    for (from, until) in [(27, 26), (20, 22)] {
        given::<User>([registered()]).when(kari(absence(from, until))).refused(UserRefusal::AbsenceDates);
    }
    given::<User>([registered(), away(23, None)])
        .when(kari(absence(24, 25)))
        .refused(UserRefusal::AlreadyAbsent);
    given::<User>([registered(), away(10, Some(13))]).when(kari(absence(24, 25))).then([away(24, Some(25))]);
    let back = UserAct::EndAbsence { on: date(2026, 11, 25) };
    given::<User>([registered()]).when(kari(back.clone())).refused(UserRefusal::NotAbsent);
    given::<User>([registered(), away(23, None)])
        .when(kari(back))
        .then([UserEvent::AbsenceEnded(AbsenceEnded { on: date(2026, 11, 25) })]);
}

#[test]
fn substitutes_do_not_stand_in_for_one_another_in_a_circle() {
    given::<User>([registered()])
        .when(kari(substitute(BENT, &[OTTO])))
        .then([UserEvent::SubstituteNamed(SubstituteNamed { substitute: BENT })]);
    given::<User>([registered()])
        .when(kari(substitute(BENT, &[OTTO, KARI])))
        .refused(UserRefusal::SubstituteCircle);
    given::<User>([registered()]).when(vera(substitute(KARI, &[]))).refused(UserRefusal::SubstituteCircle);
    given::<User>([registered()])
        .when(kari(substitute(BENT, &[OTTO; LONGEST_CHAIN])))
        .refused(UserRefusal::SubstituteCircle);
}

#[test]
fn nobody_makes_themselves_a_substitute_and_only_who_handles_cases_is_one() {
    let lead = about_kari(BENT, &[Role::TeamLead], substitute(BENT, &[]));
    given::<User>([registered()]).when(lead).refused(UserRefusal::AboutYourself);
    let auditor = UserAct::NameSubstitute {
        substitute: BENT,
        roles: Roles::default().with(Role::Auditor),
        chain: Vec::new(),
    };
    given::<User>([registered()]).when(kari(auditor)).refused(UserRefusal::SubstituteHandlesNoCases);
}

/// Every state × every act, tried by each who might: the rulebook on one page.
#[test]
fn the_decision_table() {
    let role = Role::TeamLead;
    let locked = UserEvent::AccountLocked(AccountLocked { until: None });
    let named = UserEvent::SubstituteNamed(SubstituteNamed { substitute: BENT });
    let states = [
        ("unknown", vec![]),
        ("registered", vec![registered()]),
        ("role proposed by Vera", vec![registered(), proposed(VERA)]),
        ("role held", vec![registered(), granted(role)]),
        ("locked", vec![registered(), locked]),
        ("away, with a substitute", vec![registered(), away(23, None), named]),
    ];
    let acts = [
        register("kari", &[]),
        UserAct::ProposeRole { role },
        UserAct::ApproveRole { role },
        UserAct::DeclineRole { role },
        UserAct::RevokeRole { role },
        UserAct::ChangePassword { password_hash: "$argon2id$".into() },
        UserAct::ResetPassword { password_hash: "$argon2id$".into(), until: at("2026-11-24T09:00:00Z") },
        UserAct::Lock { until: None },
        UserAct::Unlock,
        UserAct::RegisterAbsence { from: date(2026, 11, 24), until: None },
        UserAct::EndAbsence { on: date(2026, 11, 25) },
        substitute(BENT, &[]),
        UserAct::WithdrawSubstitute,
    ];
    let people: [(&str, Tries); 5] = [
        ("herself", kari),
        ("team lead", |act| about_kari(OTTO, &[Role::TeamLead], act)),
        ("Vera, administrator", vera),
        ("Otto, administrator", otto),
        ("system", set_up),
    ];
    let tried = acts.iter().map(|act| {
        let each = people.iter().map(|(who, command)| (*who, command(act.clone())));
        (act.name(), each.collect())
    });
    insta::assert_snapshot!(decision_table::<User>(&states, &tried.collect::<Vec<_>>()));
}
