//! People: what happens to accounts and teams, engagements of auditors, and what it leaves on cases and in the access log.

use skranke_domain::access_log::BreakGlassUsed;
use skranke_domain::case::{Phase, SubstituteActing, TeamAssigned};
use skranke_domain::engagement::{Engagement, EngagementEnded, EngagementEvent, EngagementOpened, Scope};
use skranke_domain::saved_view::{
    CaseListView, ListOrder, SavedView, SavedViewEvent, ViewChanged, ViewRemoved, ViewSaved,
};
use skranke_domain::team::{
    MemberJoined, MemberLeft, Team, TeamDissolved, TeamEvent, TeamFormed, TeamRenamed,
};
use skranke_domain::user::{
    AbsenceEnded, AbsenceRegistered, AccountLocked, AccountUnlocked, PasswordReset, RoleGrantDeclined,
    RoleGrantProposed, ServiceAccountOpened, SubstituteNamed, SubstituteWithdrawn, TokenIssued, TokenRevoked,
    UserVouchedFor,
};
use skranke_domain::{TeamId, TokenId, user};

use super::*;

fn team() -> TeamId {
    TeamId::new(id(20))
}

fn bent() -> UserId {
    UserId::new(id(21))
}

pub(super) fn on_a_case() -> [CaseEvent; 2] {
    [
        CaseEvent::TeamAssigned(TeamAssigned { team: team() }),
        CaseEvent::SubstituteActing(SubstituteActing { substitute: bent(), acting_for: kari() }),
    ]
}

pub(super) fn in_the_access_log() -> AccessEvent {
    AccessEvent::BreakGlassUsed(BreakGlassUsed {
        case: case(),
        reason: sealed("Borgeren står ved skranken, og holdet har lukket"),
        until: AT.parse().unwrap(),
    })
}

pub(super) fn of_a_user() -> [UserEvent; 13] {
    let role = Role::Auditor;
    [
        UserEvent::RoleGrantProposed(RoleGrantProposed { role, by: bent() }),
        UserEvent::RoleGrantDeclined(RoleGrantDeclined { role }),
        UserEvent::PasswordReset(PasswordReset {
            password_hash: sealed("$argon2id$v=19$eksempel"),
            until: AT.parse().unwrap(),
        }),
        UserEvent::AccountLocked(AccountLocked { until: Some(AT.parse().unwrap()) }),
        UserEvent::AccountUnlocked(AccountUnlocked {}),
        UserEvent::AbsenceRegistered(AbsenceRegistered {
            from: date(2026, 11, 23),
            until: Some(date(2026, 11, 27)),
        }),
        UserEvent::AbsenceEnded(AbsenceEnded { on: date(2026, 11, 26) }),
        UserEvent::SubstituteNamed(SubstituteNamed { substitute: bent() }),
        UserEvent::SubstituteWithdrawn(SubstituteWithdrawn {}),
        UserEvent::UserVouchedFor(UserVouchedFor {
            subject: subject(),
            login: "anna@login.example.dk".into(),
            name: sealed("Anna Opdigtet"),
            issuer: "https://login.example.dk".into(),
        }),
        UserEvent::ServiceAccountOpened(ServiceAccountOpened {
            subject: subject(),
            login: "fagsystem".into(),
            name: sealed("Fagsystemet"),
            // The scopes that there were when the file was written.
            scopes: user::Scope::ALL.into_iter().take(5).collect(),
        }),
        UserEvent::TokenIssued(TokenIssued {
            token: TokenId::new(id(30)),
            hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            expires: AT.parse().unwrap(),
        }),
        UserEvent::TokenRevoked(TokenRevoked { token: TokenId::new(id(30)) }),
    ]
}

#[test]
fn events_of_a_team_are_written_as_they_always_were() {
    let samples = vec![
        TeamEvent::TeamFormed(TeamFormed { name: "Ydelse".into() }),
        TeamEvent::TeamRenamed(TeamRenamed { name: "Ydelse og bolig".into() }),
        TeamEvent::MemberJoined(MemberJoined { member: kari() }),
        TeamEvent::MemberLeft(MemberLeft { member: kari() }),
        TeamEvent::TeamDissolved(TeamDissolved {}),
    ];
    Golden { category: Team::TYPE, samples }.check();
}

#[test]
fn events_of_an_engagement_are_written_as_they_always_were() {
    let samples = vec![
        EngagementEvent::EngagementOpened(EngagementOpened {
            auditor: kari(),
            scope: Scope::Teams(vec![team()]),
            from: date(2026, 11, 23),
            until: date(2026, 12, 18),
        }),
        EngagementEvent::EngagementEnded(EngagementEnded {}),
    ];
    Golden { category: Engagement::TYPE, samples: [samples, audit::of_an_engagement().into()].concat() }
        .check();
}

#[test]
fn events_of_a_saved_view_are_written_as_they_always_were() {
    let list = CaseListView {
        phases: vec![Phase::Registered, Phase::InHearing],
        caseworker: Some(kari()),
        team: Some(team()),
        overdue: true,
        due_within: Some(14),
        order: ListOrder::LastEvent,
        columns: vec!["frist".into(), "titel".into()],
        ..CaseListView::default()
    };
    let samples = vec![
        SavedViewEvent::ViewSaved(ViewSaved {
            owner: kari(),
            subject: subject(),
            name: sealed("Haster"),
            list: list.clone(),
            team: Some(team()),
        }),
        SavedViewEvent::ViewChanged(ViewChanged { name: sealed("Haster ikke"), list, team: None }),
        SavedViewEvent::ViewRemoved(ViewRemoved {}),
    ];
    Golden { category: SavedView::TYPE, samples }.check();
}
