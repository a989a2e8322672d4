//! Saved views of the case list: one's own, and those shared with one's teams.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::saved_view::{
    CaseListView, ListOrder, SavedView as Aggregate, SavedViewAct, SavedViewCommand, SavedViewRefusal, Wanted,
};
use skranke_domain::team::Team as TeamAggregate;
use skranke_domain::user::User;
use skranke_domain::{Act, SavedViewId, SubjectId, TeamId};
use skranke_projections::SavedViewRow;
use skranke_store::LoadError;

use crate::caller::{Caller, READERS, coded, fault, not_loaded};
use crate::case::{Answer, CaseOrder, Sent, answer, derived};
use crate::connection::{PageInfo, connection, cursor, page_size};
use crate::office::Office;
use crate::payload::payloads;
use crate::people::Team;
use crate::personal::Personal;
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::{Phase, Position};
use crate::staff::{self, Staff};

/// A saved view (gemt visning) of the case list.
#[derive(Clone, Debug)]
pub struct SavedView {
    tenant: skranke_domain::Tenant,
    row: SavedViewRow,
}

/// A saved view (gemt visning) of the case list.
#[Object]
impl SavedView {
    /// The id.
    async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The revision of its newest event: hand it in as `expectedVersion`.
    async fn revision(&self) -> i64 {
        i64::try_from(self.row.revision).unwrap_or(i64::MAX)
    }

    /// What it is called.
    async fn name(&self, ctx: &Context<'_>) -> Result<Personal> {
        ctx.data::<Office>()?.personal(&Aggregate::stream(self.tenant, self.row.id), &self.row.name)
    }

    /// Whose it is.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff::find(ctx, self.row.owner).await
    }

    /// Whether it is the caller's.
    async fn mine(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(Caller::of(ctx)?.user == self.row.owner)
    }

    /// The team it is shared with.
    async fn shared_with(&self, ctx: &Context<'_>) -> Result<Option<Team>> {
        Team::of(ctx, self.row.team).await
    }

    /// What it shows.
    async fn list(&self) -> SavedList {
        SavedList::from(&self.row.list)
    }
}

/// What a saved view shows.
#[derive(SimpleObject, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box that is ticked or not, in any combination")]
pub struct SavedList {
    /// Only these phases; none for every open case.
    pub phases: Vec<Phase>,
    /// Only those of whoever opens the view.
    pub mine: bool,
    /// Only this person's.
    pub caseworker_id: Option<ID>,
    /// Only this team's.
    pub team_id: Option<ID>,
    /// Only those that nobody handles.
    pub unassigned: bool,
    /// Only those whose deadline has passed.
    pub overdue: bool,
    /// Only those due within so many days.
    pub due_within: Option<i32>,
    /// Only those in which somebody outside is waited for.
    pub waiting: bool,
    /// Only those whose draft waits for the approval of whoever opens the view.
    pub awaiting_approval: bool,
    /// The order.
    pub order: CaseOrder,
    /// The columns, by the screen's names.
    pub columns: Vec<String>,
}

impl From<&CaseListView> for SavedList {
    fn from(list: &CaseListView) -> Self {
        Self {
            phases: list.phases.iter().copied().map(Phase::from).collect(),
            mine: list.mine,
            caseworker_id: list.caseworker.map(|id| ID(id.to_string())),
            team_id: list.team.map(|id| ID(id.to_string())),
            unassigned: list.unassigned,
            overdue: list.overdue,
            due_within: list.due_within.map(i32::from),
            waiting: list.waiting,
            awaiting_approval: list.awaiting_approval,
            order: match list.order {
                ListOrder::Due => CaseOrder::Due,
                ListOrder::Newest => CaseOrder::Newest,
                ListOrder::LastEvent => CaseOrder::LastEvent,
                ListOrder::Number => CaseOrder::Number,
            },
            columns: list.columns.clone(),
        }
    }
}

/// What a saved view is to show.
#[derive(InputObject, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box that is ticked or not, in any combination")]
pub struct SavedListInput {
    /// Only these phases; none for every open case.
    #[graphql(default)]
    pub phases: Vec<Phase>,
    /// Only those of whoever opens the view.
    #[graphql(default)]
    pub mine: bool,
    /// Only this person's.
    pub caseworker_id: Option<ID>,
    /// Only this team's.
    pub team_id: Option<ID>,
    /// Only those that nobody handles.
    #[graphql(default)]
    pub unassigned: bool,
    /// Only those whose deadline has passed.
    #[graphql(default)]
    pub overdue: bool,
    /// Only those due within so many days, 0 to 3650.
    #[graphql(validator(minimum = 0, maximum = 3650))]
    pub due_within: Option<i32>,
    /// Only those in which somebody outside is waited for.
    #[graphql(default)]
    pub waiting: bool,
    /// Only those whose draft waits for the approval of whoever opens the view.
    #[graphql(default)]
    pub awaiting_approval: bool,
    /// The order.
    #[graphql(default_with = "CaseOrder::Due")]
    pub order: CaseOrder,
    /// The columns, by the screen's names.
    #[graphql(default)]
    pub columns: Vec<String>,
}

impl SavedListInput {
    fn read(self) -> Result<CaseListView> {
        let bad = |_| coded("caseworkerId and teamId must be ids", "BAD_ID");
        Ok(CaseListView {
            phases: self.phases.into_iter().map(Into::into).collect(),
            mine: self.mine,
            caseworker: self.caseworker_id.map(|id| id.parse()).transpose().map_err(bad)?,
            team: self.team_id.map(|id| id.parse()).transpose().map_err(bad)?,
            unassigned: self.unassigned,
            overdue: self.overdue,
            due_within: self.due_within.and_then(|days| u16::try_from(days).ok()),
            waiting: self.waiting,
            awaiting_approval: self.awaiting_approval,
            order: match self.order {
                CaseOrder::Due => ListOrder::Due,
                CaseOrder::Newest => ListOrder::Newest,
                CaseOrder::LastEvent => ListOrder::LastEvent,
                CaseOrder::Number => ListOrder::Number,
            },
            columns: self.columns,
        })
    }
}

connection! {
    /// A page of saved views.
    SavedViewConnection, SavedViewEdge, SavedView
}

/// Questions about saved views.
#[derive(Default)]
pub struct SavedViewQuery;

#[Object]
impl SavedViewQuery {
    /// The caller's saved views and those shared with their teams, the oldest first.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn saved_views(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
    ) -> Result<SavedViewConnection> {
        let caller = Caller::with(ctx, READERS).await?;
        let office = ctx.data::<Office>()?;
        let teams = reach::open_teams(office, caller).await?;
        let (after, first) = (cursor(after)?, page_size(first)?);
        let page = office.views.saved_views(caller.tenant, caller.user, teams, after, first).await;
        let page = page.map_err(|error| fault(&error))?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| {
            let cursor = item.cursor.to_string();
            SavedViewEdge { cursor, node: SavedView { tenant: caller.tenant, row: item.row } }
        });
        Ok(SavedViewConnection { edges: edges.collect(), page_info })
    }
}

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct SavedViewChanged {
    /// The view; absent once it is removed.
    pub view: Option<SavedView>,
    /// The revision of its newest event.
    pub revision: i64,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! {
    SavedViewChanged:
    /// What came of saving a view.
    SavedViewSavePayload,
    /// What came of changing a saved view.
    SavedViewChangePayload,
    /// What came of removing a saved view.
    SavedViewRemovePayload,
}

/// Save a view.
#[derive(InputObject)]
pub struct SavedViewSaveInput {
    /// What it is to be called.
    pub name: String,
    /// What it is to show.
    pub list: SavedListInput,
    /// The team it is to be shared with.
    pub share_with_team_id: Option<ID>,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
}

/// Make a saved view another.
#[derive(InputObject)]
pub struct SavedViewChangeInput {
    /// Which.
    pub view_id: ID,
    /// What it is to be called.
    pub name: String,
    /// What it is to show.
    pub list: SavedListInput,
    /// The team it is to be shared with.
    pub share_with_team_id: Option<ID>,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
    /// The revision on screen, to be told when it has changed since.
    pub expected_version: Option<i64>,
}

/// Remove a saved view.
#[derive(InputObject)]
pub struct SavedViewRemoveInput {
    /// Which.
    pub view_id: ID,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
    /// The revision on screen, to be told when it has changed since.
    pub expected_version: Option<i64>,
}

/// Acts on saved views.
#[derive(Default)]
pub struct SavedViewMutation;

#[Object]
impl SavedViewMutation {
    /// Save a view of the case list (gem visning), for oneself or shared with a team that one is in.
    async fn saved_view_save(
        &self,
        ctx: &Context<'_>,
        input: SavedViewSaveInput,
    ) -> Result<SavedViewSavePayload> {
        let wanted = wanted(ctx, input.name, input.list, input.share_with_team_id).await?;
        let sent = Sent { key: input.idempotency_key, expected: None };
        perform(ctx, None, sent, |act| SavedViewAct::Save {
            subject: SubjectId::new(derived(act, "subject")),
            wanted,
        })
        .await
        .map(Into::into)
    }

    /// Make a saved view another.
    async fn saved_view_change(
        &self,
        ctx: &Context<'_>,
        input: SavedViewChangeInput,
    ) -> Result<SavedViewChangePayload> {
        let wanted = wanted(ctx, input.name, input.list, input.share_with_team_id).await?;
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, Some(input.view_id), sent, |_| SavedViewAct::Change { wanted }).await.map(Into::into)
    }

    /// Remove a saved view.
    async fn saved_view_remove(
        &self,
        ctx: &Context<'_>,
        input: SavedViewRemoveInput,
    ) -> Result<SavedViewRemovePayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, Some(input.view_id), sent, |_| SavedViewAct::Remove).await.map(Into::into)
    }
}

/// What is wished, and whether the caller is in the team that it is to be shared with: asked of the team's own stream.
async fn wanted(ctx: &Context<'_>, name: String, list: SavedListInput, team: Option<ID>) -> Result<Wanted> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let bad = |_| coded("shareWithTeamId must be an id", "BAD_ID");
    let team = team.map(|id| id.parse::<TeamId>()).transpose().map_err(bad)?;
    let in_team = match team {
        Some(id) => {
            let loaded = office.desk.load::<TeamAggregate>(&TeamAggregate::stream(caller.tenant, id)).await;
            let (team, _) = loaded.map_err(|error| not_loaded(&error, caller.lang))?;
            team.takes_cases() && team.is_open_to(caller.user)
        }
        None => false,
    };
    let list = list.read()?;
    let known = is_known(office, caller, &list).await.map_err(|error| not_loaded(&error, caller.lang))?;
    Ok(Wanted { name, list, known, team, in_team })
}

/// Whether the person and the team that a filter names are the municipality's, or were: asked of their own streams.
async fn is_known(office: &Office, caller: &Caller, list: &CaseListView) -> Result<bool, LoadError> {
    let person = match list.caseworker {
        Some(id) => reach::user(office, caller.tenant, id).await? != User::Unknown,
        None => true,
    };
    let team = match list.team {
        Some(id) => {
            let (team, _) =
                office.desk.load::<TeamAggregate>(&TeamAggregate::stream(caller.tenant, id)).await?;
            team != TeamAggregate::Unformed
        }
        None => true,
    };
    Ok(person && team)
}

/// Carries out an act on a saved view; without an id on a new one, whose id follows from the key.
async fn perform(
    ctx: &Context<'_>,
    view_id: Option<ID>,
    sent: Sent,
    wish: impl FnOnce(&Act) -> SavedViewAct,
) -> Result<Answer<SavedViewChanged>> {
    let caller = Caller::with(ctx, READERS).await?;
    let office = ctx.data::<Office>()?;
    let act = sent.act(office, caller)?;
    let id = match view_id.map(|id| id.parse()) {
        None => SavedViewId::new(derived(&act, "saved-view")),
        Some(Ok(id)) => id,
        Some(Err(_)) => return Ok(Answer::Refused(Refused::new(&SavedViewRefusal::NotFound, caller.lang))),
    };
    let command = SavedViewCommand { act: wish(&act), by: caller.user };
    let outcome =
        office.desk.execute::<Aggregate>(&Aggregate::stream(caller.tenant, id), command, &act).await;
    answer(ctx, outcome, None, async |receipt| {
        let caught_up = office.views.wait_for(receipt.position, office.patience).await;
        let row = office.views.saved_view(caller.tenant, id).await.map_err(|error| fault(&error))?;
        let view = row.map(|row| SavedView { tenant: caller.tenant, row });
        let revision = receipt.revision.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
        Ok(SavedViewChanged { view, revision, position: Position(receipt.position), caught_up })
    })
    .await
}
