//! Which cases a caller reaches: those of no team, of their own teams, their own, and those whose caseworker they stand
//! in for today. A write is decided from streams; what is shown, from the views. Everything that shows a case or a part
//! of one goes through [`open_case`] or [`audited`].

use std::ops::ControlFlow;

use async_graphql::Result;
use skranke_domain::case::{Case as CaseAggregate, CaseFile, Circumstances, Phase, Reach};
use skranke_domain::engagement::{EngagementRefusal, Scope};
use skranke_domain::team::Team;
use skranke_domain::time::local_date;
use skranke_domain::user::{Chain, User};
use skranke_domain::{Act, CaseId, EngagementId, Refusal, Roles, TeamId, Tenant, UserId};
use skranke_projections::{EngagementRow, Reached};
use skranke_store::LoadError;

use crate::access;
use crate::caller::{Caller, coded, fault};
use crate::office::Office;

/// Those of a case for whom somebody may be a substitute: its caseworker, and who wrote the draft.
fn people_of(file: &CaseFile, me: UserId) -> Vec<UserId> {
    let author = file.draft.as_ref().map(|draft| draft.author);
    let mut people: Vec<_> = file.caseworker.into_iter().chain(author).filter(|user| *user != me).collect();
    people.dedup();
    people
}

/// A member of staff as their stream tells it.
pub(crate) async fn user(office: &Office, tenant: Tenant, id: UserId) -> Result<User, LoadError> {
    office.desk.load::<User>(&User::stream(tenant, id)).await.map(|(user, _)| user)
}

/// The roles that whoever acts holds at this moment, from their own stream.
pub(crate) async fn roles(office: &Office, act: &Act) -> Result<Roles, LoadError> {
    match act.actor.staff() {
        Some(id) => Ok(user(office, act.tenant, id).await?.roles()),
        None => Ok(Roles::default()),
    }
}

/// The substitutes that would follow somebody, one after the other, from their streams.
pub(crate) async fn substitutes_of(
    office: &Office,
    tenant: Tenant,
    first: &User,
) -> Result<Vec<UserId>, LoadError> {
    let mut chain = Vec::new();
    let mut next = first.account().and_then(|account| account.substitute);
    while let Some(id) = next.filter(|id| !chain.contains(id)) {
        chain.push(id);
        next = user(office, tenant, id).await?.account().and_then(|account| account.substitute);
    }
    Ok(chain)
}

/// What whoever acts reaches around a case, from the streams of the case, its team and its people.
pub(crate) async fn for_write(office: &Office, act: &Act, case: &CaseAggregate) -> Result<Reach, LoadError> {
    let (CaseAggregate::File(file), Some(me)) = (case, act.actor.staff()) else { return Ok(Reach::NONE) };
    let mut reach = Reach::NONE;
    if let Some(id) = file.team {
        let (team, _) = office.desk.load::<Team>(&Team::stream(act.tenant, id)).await?;
        reach.teams.extend(team.is_open_to(me).then_some(id));
    }
    for part in file.sub_cases() {
        let (part, _) = office.desk.load::<CaseAggregate>(&CaseAggregate::stream(act.tenant, part)).await?;
        reach.open_sub_case |= matches!(part, CaseAggregate::File(part) if part.phase != Phase::Closed);
    }
    for absent in people_of(file, me) {
        let (mut chain, mut who) = (Chain::on(local_date(act.at)), absent);
        let acting = loop {
            match chain.step(who, user(office, act.tenant, who).await?.availability()) {
                ControlFlow::Continue(next) => who = next,
                ControlFlow::Break(acting) => break acting,
            }
        };
        if acting == Some(me) {
            reach.stands_in_for.push(absent);
        }
    }
    Ok(reach)
}

/// The circumstances of an act on a case. From streams, not from views: the roles that whoever acts holds now, and what
/// they reach around the case, are decided on.
pub(crate) async fn to_write(
    office: &Office,
    act: &mut Act,
    case: &CaseAggregate,
) -> Result<Circumstances, LoadError> {
    act.roles = roles(office, act).await?;
    let reach = for_write(office, act, case).await?;
    Ok(Circumstances::of(act, (office.rules)(act.tenant, local_date(act.at))).reaching(reach))
}

/// The teams whose cases are open to the caller, from the views: for lists.
pub(crate) async fn open_teams(office: &Office, caller: &Caller) -> Result<Vec<TeamId>> {
    office.views.teams_open_to(caller.tenant, caller.user).await.map_err(|error| fault(&error))
}

/// The cases that lists of what belongs to cases come upon: those of the caller's teams and of no team, and their own.
pub(crate) async fn of_lists(office: &Office, caller: &Caller) -> Result<Reached> {
    Ok(Reached { teams: open_teams(office, caller).await?, caseworkers: vec![caller.user] })
}

/// Who acts for somebody today, from the views.
pub(crate) async fn acting_today(office: &Office, tenant: Tenant, of: UserId) -> Result<Option<UserId>> {
    let (mut chain, mut who) = (Chain::on(office.today()), of);
    loop {
        let member = office.views.staff_by_id(tenant, who).await.map_err(|error| fault(&error))?;
        match chain.step(who, member.map(|member| member.availability())) {
            ControlFlow::Continue(next) => who = next,
            ControlFlow::Break(acting) => return Ok(acting),
        }
    }
}

/// The circumstances under which the caller looks at a case, from the views.
pub(crate) async fn circumstances(
    office: &Office,
    caller: &Caller,
    file: &CaseFile,
) -> Result<Circumstances> {
    let mut reach = Reach { teams: open_teams(office, caller).await?, ..Reach::NONE };
    let parts: Vec<_> = file.sub_cases().collect();
    if !parts.is_empty() {
        let rows = office.views.work_rows(caller.tenant, parts).await.map_err(|error| fault(&error))?;
        reach.open_sub_case = rows.iter().any(|row| row.phase != Phase::Closed);
    }
    for absent in people_of(file, caller.user) {
        if acting_today(office, caller.tenant, absent).await? == Some(caller.user) {
            reach.stands_in_for.push(absent);
        }
    }
    Ok(Circumstances::of(&caller.act(office, None), office.rules_today(caller.tenant)).reaching(reach))
}

/// Lets a caseworker or team lead see a case that they reach or have broken the glass of. A refused look is noted.
pub(crate) async fn open_case(
    office: &Office,
    caller: &Caller,
    (id, file): (CaseId, &CaseFile),
    attempt: &str,
) -> Result<()> {
    if file.is_reached(&circumstances(office, caller, file).await?) {
        return Ok(());
    }
    let now = office.clock.now();
    let broken = office.views.break_glass_until(caller.tenant, caller.user, id, now).await;
    if broken.map_err(|error| fault(&error))?.is_some() {
        return Ok(());
    }
    let text = caller.lang.pick(
        "Sagen hører til et andet hold. Brug nødadgang, hvis den ikke kan vente.",
        "The case belongs to another team. Use break-glass if it cannot wait.",
    );
    access::refused(office, caller, attempt, "OTHER_TEAM", Some(id)).await;
    Err(coded(text, "OTHER_TEAM"))
}

/// The engagements of an auditor that are under way today, at least one. Without any, the refused look is noted.
async fn engagements(office: &Office, caller: &Caller, attempt: &str) -> Result<Vec<EngagementRow>> {
    let found = office.views.engagements_of(caller.tenant, caller.user).await;
    let today = office.today();
    let mut open = found.map_err(|error| fault(&error))?;
    open.retain(|one| one.is_open(today));
    if open.is_empty() {
        access::refused(office, caller, attempt, "NO_ENGAGEMENT", None).await;
        let text = caller.lang.pick(
            "Du har ingen revisionsopgave, der er i gang. En administrator skal oprette den.",
            "You have no engagement under way. An administrator must open one.",
        );
        return Err(coded(text, "NO_ENGAGEMENT"));
    }
    Ok(open)
}

/// What some engagements are about together: they add up.
fn together(engagements: &[EngagementRow]) -> Scope {
    engagements.iter().fold(Scope::Teams(Vec::new()), |scope, next| match (scope, &next.scope) {
        (Scope::Teams(mut teams), Scope::Teams(more)) => {
            teams.extend(more);
            Scope::Teams(teams)
        }
        (Scope::Municipality, _) | (_, Scope::Municipality) => Scope::Municipality,
    })
}

/// The cases that an auditor may read today. Without an engagement there are none; the refused look is noted.
pub(crate) async fn audit_scope(office: &Office, caller: &Caller, attempt: &str) -> Result<Scope> {
    Ok(together(&engagements(office, caller, attempt).await?))
}

async fn outside_engagement<T>(
    office: &Office,
    caller: &Caller,
    attempt: &str,
    case: Option<CaseId>,
) -> Result<T> {
    let refusal = EngagementRefusal::OutsideScope;
    access::refused(office, caller, attempt, refusal.code(), case).await;
    Err(coded(&refusal.message(caller.lang), refusal.code()))
}

/// Lets an auditor see what was done in an engagement that is within their own of today: their own one, and another
/// auditor's whose every case they may read. A refused look is noted.
pub(crate) async fn audited_engagement(
    office: &Office,
    caller: &Caller,
    id: EngagementId,
    attempt: &str,
) -> Result<EngagementRow> {
    let scope = audit_scope(office, caller, attempt).await?;
    let found = office.views.engagement(caller.tenant, id).await.map_err(|error| fault(&error))?;
    match found {
        Some(row) if scope.covers(&row.scope) => Ok(row),
        _ => outside_engagement(office, caller, attempt, None).await,
    }
}

/// Lets an auditor see a case that is in one of their engagements, or was drawn in one. A refused look is noted.
pub(crate) async fn audited(
    office: &Office,
    caller: &Caller,
    (id, file): (CaseId, &CaseFile),
    attempt: &str,
) -> Result<()> {
    let open = engagements(office, caller, attempt).await?;
    if together(&open).holds(file.team) {
        return Ok(());
    }
    let drawn = office.views.drawn_in(caller.tenant, id).await.map_err(|error| fault(&error))?;
    if open.iter().any(|engagement| drawn.contains(&engagement.id)) {
        return Ok(());
    }
    outside_engagement(office, caller, attempt, Some(id)).await
}
