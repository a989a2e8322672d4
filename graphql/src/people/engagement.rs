//! Engagements of auditors: who may read which cases, from which day to which.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::engagement::{
    Engagement as EngagementAggregate, EngagementAct, EngagementCommand, EngagementRefusal, Scope,
};
use skranke_domain::team::Team as TeamAggregate;
use skranke_domain::{By, EngagementId, Role, TeamId, UserId};
use skranke_projections::EngagementRow;

use crate::caller::{Caller, coded, fault, not_loaded};
use crate::case::{Answer, Sent, answer, derived};
use crate::connection::{PageInfo, connection, cursor, page_size};
use crate::office::Office;
use crate::payload::{inputs, payloads};
use crate::reach;
use crate::refusal::Refused;
use crate::scalars::{Date, DateTime, Position};
use crate::staff::{self, Actor, Staff};

use super::act::envelope;
use super::team::Team;

/// An engagement of an auditor (revisionsopgave).
#[derive(Clone, Debug)]
pub struct Engagement(EngagementRow);

/// Who sees engagements: administrators all of them, auditors their own.
const SEEING: &[Role] = &[Role::Auditor, Role::Administrator];

/// Whose engagements somebody sees; `None`: everybody's.
fn seen(caller: &Caller) -> Option<UserId> {
    (!caller.roles.has(Role::Administrator)).then_some(caller.user)
}

impl Engagement {
    /// An engagement that the caller sees.
    pub(crate) async fn find(ctx: &Context<'_>, id: EngagementId) -> Result<Option<Self>> {
        let caller = Caller::with(ctx, SEEING).await?;
        let found = ctx.data::<Office>()?.views.engagement(caller.tenant, id).await;
        let found = found.map_err(|error| fault(&error))?;
        Ok(found.filter(|one| seen(caller).is_none_or(|auditor| one.auditor == auditor)).map(Self))
    }
}

/// An engagement of an auditor (revisionsopgave).
#[Object]
impl Engagement {
    /// The id.
    pub(crate) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The revision of its newest event: hand it in as `expectedVersion`.
    async fn revision(&self) -> i64 {
        i64::try_from(self.0.revision).unwrap_or(i64::MAX)
    }

    /// Who audits.
    async fn auditor(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        staff::find(ctx, self.0.auditor).await
    }

    /// The teams whose cases it is about; absent when it is about every case of the municipality.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Option<Vec<Team>>> {
        match &self.0.scope {
            Scope::Municipality => Ok(None),
            Scope::Teams(teams) => Team::of_all(ctx, teams).await.map(Some),
        }
    }

    /// The first day.
    async fn from(&self) -> Date {
        Date(self.0.from)
    }

    /// The last day.
    async fn until(&self) -> Date {
        Date(self.0.until)
    }

    /// Who opened it.
    async fn opened_by(&self) -> Actor {
        Actor(self.0.opened_by)
    }

    /// When it was ended before its last day.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }

    /// Whether the auditor may read today.
    async fn open(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.0.is_open(ctx.data::<Office>()?.today()))
    }
}

connection! {
    /// A page of engagements.
    EngagementConnection, EngagementEdge, Engagement
}

/// Questions about engagements.
#[derive(Default)]
pub struct EngagementQuery;

#[Object]
impl EngagementQuery {
    /// For administrators the engagements of the municipality, for auditors their own; the newest first.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn engagements(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
    ) -> Result<EngagementConnection> {
        let caller = Caller::with(ctx, SEEING).await?;
        let (after, first) = (cursor(after)?, page_size(first)?);
        let views = &ctx.data::<Office>()?.views;
        let page = views.engagements(caller.tenant, seen(caller), after, first).await;
        let page = page.map_err(|error| fault(&error))?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().map(|item| {
            let cursor = item.cursor.to_string();
            EngagementEdge { cursor, node: Engagement(item.row) }
        });
        Ok(EngagementConnection { edges: edges.collect(), page_info })
    }
}

/// The act was carried out.
#[derive(SimpleObject, Clone, Debug)]
pub struct EngagementChanged {
    /// The engagement.
    pub engagement: Engagement,
    /// The revision of its newest event.
    pub revision: i64,
    /// The place of that event in the log.
    pub position: Position,
    /// Whether the read model has come this far.
    pub caught_up: bool,
}

payloads! {
    EngagementChanged:
    /// What came of opening an engagement.
    EngagementOpenPayload,
    /// What came of ending an engagement.
    EngagementEndPayload,
}

/// Open an engagement.
#[derive(InputObject)]
pub struct EngagementOpenInput {
    /// Who audits.
    pub auditor_id: ID,
    /// The teams whose cases it is about; without any, it is about every case of the municipality.
    pub team_ids: Option<Vec<ID>>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// The sender's own name for this act: sent again, it is answered again and not done again.
    pub idempotency_key: String,
}

inputs! {
    engagement_id "The engagement.":
    /// End an engagement before its last day.
    EngagementEndInput {}
}

/// Acts on engagements.
#[derive(Default)]
pub struct EngagementMutation;

#[Object]
impl EngagementMutation {
    /// Open an engagement for an auditor (opret revisionsopgave).
    async fn engagement_open(
        &self,
        ctx: &Context<'_>,
        input: EngagementOpenInput,
    ) -> Result<EngagementOpenPayload> {
        let (office, Caller { tenant, lang, .. }) = (ctx.data::<Office>()?, *Caller::of(ctx)?);
        let bad = |_| coded("auditorId and teamIds must be ids", "BAD_ID");
        let auditor = input.auditor_id.parse::<UserId>().map_err(bad)?;
        let teams = input.team_ids.unwrap_or_default();
        let teams: Vec<TeamId> = teams.iter().map(|id| id.parse()).collect::<Result<_, _>>().map_err(bad)?;
        let newer = |error| not_loaded(&error, lang);
        let mut teams_known = true;
        for team in &teams {
            let team = office.desk.load::<TeamAggregate>(&TeamAggregate::stream(tenant, *team)).await;
            teams_known &= team.map_err(newer)?.0 != TeamAggregate::Unformed;
        }
        let scope = if teams.is_empty() { Scope::Municipality } else { Scope::Teams(teams) };
        let user = reach::user(office, tenant, auditor).await.map_err(newer)?;
        let roles = user.roles();
        let open = EngagementAct::Open {
            auditor,
            roles,
            scope,
            teams_known,
            from: input.from.0,
            until: input.until.0,
        };
        let sent = Sent { key: input.idempotency_key, expected: None };
        perform(ctx, None, open, sent).await.map(Into::into)
    }

    /// End an engagement before its last day (afslut revisionsopgave).
    async fn engagement_end(
        &self,
        ctx: &Context<'_>,
        input: EngagementEndInput,
    ) -> Result<EngagementEndPayload> {
        let sent = Sent { key: input.idempotency_key, expected: input.expected_version };
        perform(ctx, Some(input.engagement_id), EngagementAct::End, sent).await.map(Into::into)
    }
}

/// Carries out an act on an engagement; without an id on a new one, whose id follows from the key.
async fn perform(
    ctx: &Context<'_>,
    id: Option<ID>,
    wish: EngagementAct,
    sent: Sent,
) -> Result<Answer<EngagementChanged>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let act = envelope(office, caller, sent).await?;
    let id = match id.map(|id| id.parse()) {
        None => EngagementId::new(derived(&act, "engagement")),
        Some(Ok(id)) => id,
        Some(Err(_)) => {
            return Ok(Answer::Refused(Refused::new(&EngagementRefusal::NotFound, caller.lang)));
        }
    };
    let command = EngagementCommand { act: wish, under: By::of(&act) };
    let stream = EngagementAggregate::stream(caller.tenant, id);
    let outcome = office.desk.execute::<EngagementAggregate>(&stream, command, &act).await;
    answer(ctx, outcome, None, async |receipt| {
        let caught_up = office.views.wait_for(receipt.position, office.patience).await;
        let found = office.views.engagement(caller.tenant, id).await.map_err(|error| fault(&error))?;
        let lag = || coded("the act was stored, but the views lag: read again", "VIEWS_LAG");
        let engagement = found.map(Engagement).ok_or_else(lag)?;
        let revision = receipt.revision.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
        Ok(EngagementChanged { engagement, revision, position: Position(receipt.position), caught_up })
    })
    .await
}
