//! Accounts that a provider vouches for, and accounts of systems outside.

use super::*;
use crate::id::TokenId;

const TOKEN: TokenId = TokenId::new(Uuid::from_u128(7));

fn vouched() -> UserEvent {
    UserEvent::UserVouchedFor(UserVouchedFor {
        subject: subject(),
        login: "kari@login.example.dk".into(),
        name: Sealed::new(subject(), "Kari Eksempel".into()),
        issuer: "https://login.example.dk".into(),
    })
}

fn vouch(roles: &[Role]) -> UserAct {
    UserAct::Vouch {
        subject: subject(),
        login: "Kari@login.example.dk".into(),
        name: "Kari Eksempel".into(),
        issuer: "https://login.example.dk".into(),
        roles: roles.iter().copied().collect(),
    }
}

fn opened() -> UserEvent {
    UserEvent::ServiceAccountOpened(ServiceAccountOpened {
        subject: subject(),
        login: "fagsystem".into(),
        name: Sealed::new(subject(), "Fagsystemet".into()),
        scopes: [Scope::CasesRead].into_iter().collect(),
    })
}

fn open(scopes: &[Scope]) -> UserAct {
    UserAct::OpenService {
        subject: subject(),
        login: "fagsystem".into(),
        name: "Fagsystemet".into(),
        scopes: scopes.iter().copied().collect(),
    }
}

fn issued(token: TokenId) -> TokenIssued {
    TokenIssued { token, hash: "9f86".into(), expires: at("2027-02-21T09:00:00Z") }
}

fn issue(token: TokenId, expires: &str) -> UserAct {
    UserAct::IssueToken { token, hash: "9f86".into(), expires: at(expires) }
}

fn revoked(role: Role) -> UserEvent {
    UserEvent::RoleRevoked(RoleRevoked { role })
}

#[test]
fn whom_a_provider_vouches_for_is_taken_in_with_the_roles_that_it_says() {
    given::<User>([]).when(set_up(vouch(&[Role::Caseworker]))).then([vouched(), granted(Role::Caseworker)]);
    given::<User>([]).when(set_up(vouch(&[]))).refused(UserRefusal::NoRoleFromProvider);
    given::<User>([]).when(vera(vouch(&[Role::Caseworker]))).refused(UserRefusal::NotAllowed);
}

#[test]
fn their_roles_follow_the_provider_at_every_log_in() {
    let held = || [vouched(), granted(Role::Caseworker)];
    given::<User>(held()).when(set_up(vouch(&[Role::Caseworker]))).then([]);
    given::<User>(held())
        .when(set_up(vouch(&[Role::TeamLead])))
        .then([revoked(Role::Caseworker), granted(Role::TeamLead)]);
    given::<User>(held()).when(set_up(vouch(&[]))).then([revoked(Role::Caseworker)]);
}

#[test]
fn nobody_else_gives_or_takes_a_role_that_a_provider_says() {
    let role = Role::Caseworker;
    for act in [
        UserAct::ProposeRole { role },
        UserAct::ApproveRole { role },
        UserAct::DeclineRole { role },
        UserAct::RevokeRole { role },
    ] {
        given::<User>([vouched(), granted(role)]).when(vera(act)).refused(UserRefusal::RolesFromProvider);
    }
    given::<User>([registered()]).when(set_up(vouch(&[role]))).refused(UserRefusal::AlreadyRegistered);
}

#[test]
fn a_service_account_is_opened_by_an_administrator_for_something() {
    given::<User>([]).when(vera(open(&[Scope::CasesRead]))).then([opened()]);
    given::<User>([]).when(vera(open(&[]))).refused(UserRefusal::NoScope);
    given::<User>([]).when(kari(open(&[Scope::CasesRead]))).refused(UserRefusal::NotAllowed);
}

#[test]
fn two_administrators_make_it_a_caseworker_and_nothing_else() {
    let propose = |role| vera(UserAct::ProposeRole { role });
    assert!(given::<User>([opened()]).when(propose(Role::Caseworker)).result().is_ok());
    for role in [Role::TeamLead, Role::Auditor, Role::Administrator] {
        given::<User>([opened()]).when(propose(role)).refused(UserRefusal::ServiceIsNobody);
    }
    given::<User>([opened()]).when(vera(substitute(BENT, &[]))).refused(UserRefusal::ServiceIsNobody);
}

#[test]
fn tokens_follow_one_another_and_end() {
    let another = TokenId::new(Uuid::from_u128(8));
    let expires = "2027-02-21T09:00:00Z";
    given::<User>([opened(), UserEvent::TokenIssued(issued(TOKEN))])
        .when(vera(issue(another, expires)))
        .then([UserEvent::TokenIssued(issued(another))]);
    for term in ["2026-11-23T09:00:00Z", "2027-11-25T09:00:00Z"] {
        given::<User>([opened()]).when(vera(issue(TOKEN, term))).refused(UserRefusal::TokenTerm);
    }
    let four = (0..4).map(|number| UserEvent::TokenIssued(issued(TokenId::new(Uuid::from_u128(number)))));
    let full: Vec<_> = std::iter::once(opened()).chain(four).collect();
    given::<User>(full.clone()).when(vera(issue(TOKEN, expires))).refused(UserRefusal::TooManyTokens);
    let first = TokenId::new(Uuid::from_u128(0));
    let gone = UserEvent::TokenRevoked(TokenRevoked { token: first });
    given::<User>(full).when(vera(UserAct::RevokeToken { token: first })).then([gone]);
    given::<User>([opened()]).when(vera(UserAct::RevokeToken { token: TOKEN })).then([]);
    given::<User>([opened()]).when(kari(issue(TOKEN, expires))).refused(UserRefusal::NotAllowed);
    given::<User>([registered()]).when(vera(issue(TOKEN, expires))).refused(UserRefusal::NoServiceAccount);
}

/// What accounts that are no built-in ones add to the rulebook.
#[test]
fn the_decision_table() {
    let role = Role::Caseworker;
    let states = [
        ("unknown", vec![]),
        ("built in", vec![registered()]),
        ("vouched for", vec![vouched(), granted(role)]),
        ("service account", vec![opened(), UserEvent::TokenIssued(issued(TOKEN))]),
    ];
    let acts = [
        vouch(&[Role::TeamLead]),
        open(&[Scope::CasesRead]),
        issue(TokenId::new(Uuid::from_u128(8)), "2027-02-21T09:00:00Z"),
        UserAct::RevokeToken { token: TOKEN },
        UserAct::ProposeRole { role },
        UserAct::ApproveRole { role },
        UserAct::RevokeRole { role },
        UserAct::ChangePassword { password_hash: "$argon2id$".into() },
        UserAct::ResetPassword { password_hash: "$argon2id$".into(), until: at("2026-11-24T09:00:00Z") },
        UserAct::Lock { until: None },
        UserAct::RegisterAbsence { from: date(2026, 11, 24), until: None },
    ];
    let people: [(&str, Tries); 3] = [("herself", kari), ("Vera, administrator", vera), ("system", set_up)];
    let tried = acts.iter().map(|act| {
        let each = people.iter().map(|(who, command)| (*who, command(act.clone())));
        (act.name(), each.collect())
    });
    insta::assert_snapshot!(decision_table::<User>(&states, &tried.collect::<Vec<_>>()));
}
