//! Teams: what they are called and who is in them.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::team::{Team as TeamAggregate, TeamAct, TeamCommand, TeamRefusal};
use skranke_domain::user::User;
use skranke_domain::{By, TeamId, Tenant, UserId};
use skranke_projections::{TeamRow, ViewsError};

use crate::caller::{Caller, coded, fault, not_loaded};
use crate::case::{Answer, Sent, answer, derived};
use crate::connection::{PageInfo, connection, cursor, page_size};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::Position;
use crate::staff::{self, Staff};

use super::act::envelope;

/// A team (hold).
#[derive(Clone, Debug)]
pub struct Team(TeamRow);

/// A team (hold).
#[Object]
impl Team {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The revision of its newest event: hand it in as `expectedVersion`.
    async fn revision(&self) -> i64 {
        i64::try_from(self.0.revision).unwrap_or(i64::MAX)
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who is in it.
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Staff>> {
        staff::find_all(ctx, &self.0.members).await
    }

    /// Whether it is no more: its cases are then everybody's until they are given to another.
    async fn dissolved(&self) -> bool {
        self.0.dissolved
    }
}

impl Team {
    /// Which team.
    pub(crate) const fn key(&self) -> TeamId {
        self.0.id
    }

    /// Who is in it.
    pub(crate) fn member_ids(&self) -> &[UserId] {
        &self.0.members
    }

    /// A team, through the loader.
    pub(crate) async fn of(ctx: &Context<'_>, id: Option<TeamId>) -> Result<Option<Self>> {
        let Some(id) = id else { return Ok(None) };
        let found = ctx.data::<DataLoader<TeamLoader>>()?.load_one(id).await;
        Ok(found.map_err(|error| fault(&*error))?.map(Self))
    }

    /// Several teams, through the loader, in the order asked for.
    pub(crate) async fn of_all(ctx: &Context<'_>, ids: &[TeamId]) -> Result<Vec<Self>> {
        let loader = ctx.data::<DataLoader<TeamLoader>>()?;
        let mut found = loader.load_many(ids.iter().copied()).await.map_err(|error| fault(&*error))?;
        Ok(ids.iter().filter_map(|id| found.remove(id).map(Self)).collect())
    }

    /// The name of a team; the id where none is known under it.
    pub(crate) async fn name_of(ctx: &Context<'_>, id: TeamId) -> Result<String> {
        Ok(Self::of(ctx, Some(id)).await?.map_or_else(|| id.to_string(), |team| team.0.name))
    }
}

/// Loads teams in one question per request, and only of the caller's own municipality.
pub(crate) struct TeamLoader {
    office: Office,
    tenant: Tenant,
}

impl TeamLoader {
    pub(crate) fn new(office: &Office, caller: &Caller) -> Self {
        Self { office: office.clone(), tenant: caller.tenant }
    }
}

impl Loader<TeamId> for TeamLoader {
    type Value = TeamRow;
    type Error = Arc<ViewsError>;

    async fn load(&self, ids: &[TeamId]) -> Result<HashMap<TeamId, TeamRow>, Arc<ViewsError>> {
        let teams = self.office.views.teams_by_ids(self.tenant, ids.to_vec()).await.map_err(Arc::new)?;
        Ok(teams.into_iter().map(|team| (team.id, team)).collect())
    }
}

connection! {
    /// A page of teams.
    TeamConnection, TeamEdge, Team
}

/// Questions about teams.
#[derive(Default)]
pub struct TeamQuery;

#[Object]
impl TeamQuery {
    /// The teams of the municipality, by name; those that are no more as well.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn teams(&self, ctx: &Context<'_>, first: i32, after: Option<String>) -> Result<TeamConnection> {
        let tenant = Caller::of(ctx)?.tenant;
        let views = &ctx.data::<Office>()?.views;
        let page = views.teams_page(tenant, cursor(after)?, page_size(first)?).await;
        let page = page.map_err(|error| fault(&error))?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| {
            let cursor = item.cursor.to_string();
            TeamEdge { cursor, node: Team(item.row) }
        });
        Ok(TeamConnection { edges: edges.collect(), page_info })
    }
}

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct TeamChanged {
    /// The team.
    pub team: Team,
    /// The revision of its newest event.
    pub revision: i64,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! {
    TeamChanged:
    /// What came of forming a team.
    TeamFormPayload,
    /// What came of renaming a team.
    TeamRenamePayload,
    /// What came of letting somebody join.
    TeamJoinPayload,
    /// What came of letting somebody leave.
    TeamLeavePayload,
    /// What came of dissolving a team.
    TeamDissolvePayload,
}

/// Form a team.
#[derive(InputObject)]
pub struct TeamFormInput {
    /// What it is to be called.
    pub name: String,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
}

inputs! {
    team_id "The team.":
    /// Call a team something else.
    TeamRenameInput {
        /// What.
        name: String,
    }
    /// Let somebody join a team: its cases are open to them.
    TeamJoinInput {
        /// Whom.
        staff_id: ID,
    }
    /// Let somebody leave a team.
    TeamLeaveInput {
        /// Whom.
        staff_id: ID,
    }
    /// Dissolve a team.
    TeamDissolveInput {}
}

/// Acts on teams.
#[derive(Default)]
pub struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Form a team (opret hold).
    async fn team_form(&self, ctx: &Context<'_>, input: TeamFormInput) -> Result<TeamFormPayload> {
        let sent = Sent { key: input.idempotency_key, expected: None };
        perform(ctx, None, TeamAct::Form { name: input.name }, sent).await.map(Into::into)
    }

    /// Call a team something else.
    async fn team_rename(&self, ctx: &Context<'_>, input: TeamRenameInput) -> Result<TeamRenamePayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        let rename = TeamAct::Rename { name: input.name };
        perform(ctx, Some(input.team_id), rename, sent).await.map(Into::into)
    }

    /// Let somebody join a team (sæt på hold): by an administrator, or by a team lead who is in it.
    async fn team_join(&self, ctx: &Context<'_>, input: TeamJoinInput) -> Result<TeamJoinPayload> {
        let (member, known) = staff_of(ctx, &input.staff_id).await?;
        let join = TeamAct::Join { member, known };
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, Some(input.team_id), join, sent).await.map(Into::into)
    }

    /// Let somebody leave a team.
    async fn team_leave(&self, ctx: &Context<'_>, input: TeamLeaveInput) -> Result<TeamLeavePayload> {
        let (member, known) = staff_of(ctx, &input.staff_id).await?;
        let leave = TeamAct::Leave { member, known };
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, Some(input.team_id), leave, sent).await.map(Into::into)
    }

    /// Dissolve a team (nedlæg hold).
    async fn team_dissolve(
        &self,
        ctx: &Context<'_>,
        input: TeamDissolveInput,
    ) -> Result<TeamDissolvePayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, Some(input.team_id), TeamAct::Dissolve, sent).await.map(Into::into)
    }
}

/// Who is meant, and whether somebody is registered under that id: asked of their own stream.
async fn staff_of(ctx: &Context<'_>, id: &ID) -> Result<(UserId, bool)> {
    let (office, Caller { tenant, lang, .. }) = (ctx.data::<Office>()?, *Caller::of(ctx)?);
    let id = id.parse().map_err(|_| coded("staffId is not an id", "BAD_ID"))?;
    let user = reach::user(office, tenant, id).await.map_err(|error| not_loaded(&error, lang))?;
    Ok((id, user != User::Unknown))
}

/// Carries out an act on a team; without an id on a new one, whose id follows from the key.
async fn perform(
    ctx: &Context<'_>,
    team_id: Option<ID>,
    wish: TeamAct,
    sent: Sent,
) -> Result<Answer<TeamChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let act = envelope(office, caller, sent).await?;
    let id = match team_id.map(|id| id.parse()) {
        None => TeamId::new(derived(&act, "team")),
        Some(Ok(id)) => id,
        Some(Err(_)) => return Ok(Answer::Refused(Refused::new(&TeamRefusal::NotFound, caller.lang))),
    };
    let command = TeamCommand { act: wish, under: By::of(&act) };
    let stream = TeamAggregate::stream(caller.tenant, id);
    let outcome = office.desk.execute::<TeamAggregate>(&stream, command, &act).await;
    answer(ctx, outcome, None, async |receipt| {
        let caught_up = office.views.wait_for(receipt.position, office.patience).await;
        let lag = || coded("the act was stored, but the views lag: read again", "VIEWS_LAG");
        let team = Team::of(ctx, Some(id)).await?.ok_or_else(lag)?;
        let revision = receipt.revision.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
        Ok(TeamChanged { team, revision, position: Position(receipt.position), caught_up })
    })
    .await
}
