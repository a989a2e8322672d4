//! Questions about cases.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use skranke_domain::access_log::{AccessEvent, CaseListed, CaseViewed};
use skranke_domain::engagement::Scope;
use skranke_domain::{CaseId, TeamId, UserId, kle};
use skranke_projections::{Counters as ViewCounters, Order, WorklistQuery};

use crate::access;
use crate::caller::{AUDITORS, Caller, WORKERS, coded, fault};
use crate::connection::{CaseConnection, CaseEdge, PageInfo, cursor, page_size};
use crate::office::Office;
use crate::reach;
use crate::scalars::{Date, Phase, Purpose};

use super::row::CaseRow;
use super::types::{Case, Kle};

/// Which cases. Without a filter: every case that is not closed.
#[derive(InputObject, Clone, Debug, Default)]
pub struct CaseFilter {
    /// Only these phases.
    pub phases: Option<Vec<Phase>>,
    /// Only the caller's own.
    pub mine: Option<bool>,
    /// Only this person's: a colleague's as far as the caller's teams go, all of them where the caller stands in.
    pub caseworker_id: Option<ID>,
    /// Only this team's.
    pub team_id: Option<ID>,
    /// Only those nobody handles.
    pub unassigned: Option<bool>,
    /// Only those whose deadline has passed.
    pub overdue: Option<bool>,
    /// Only those in which somebody outside is waited for.
    pub waiting: Option<bool>,
    /// Only those whose draft waits for the caller's approval.
    pub awaiting_approval: Option<bool>,
    /// Only those due from today until this day.
    pub due_by: Option<Date>,
    /// Only those whose number begins like this.
    pub number: Option<String>,
}

/// The order of the list.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseOrder {
    /// The nearest deadline first.
    Due,
    /// The newest case first.
    Newest,
    /// The newest event first.
    LastEvent,
    /// By number.
    Number,
}

impl From<CaseOrder> for Order {
    fn from(order: CaseOrder) -> Self {
        match order {
            CaseOrder::Due => Self::Due,
            CaseOrder::Newest => Self::Newest,
            CaseOrder::LastEvent => Self::LastEvent,
            CaseOrder::Number => Self::Number,
        }
    }
}

/// The numbers above the work list. Each is the length of the list it leads to.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct Counters {
    /// Cases whose deadline has passed.
    pub overdue: u64,
    /// Cases due today.
    pub due_today: u64,
    /// Cases due from today until Sunday.
    pub due_this_week: u64,
    /// The caller's own cases.
    pub mine: u64,
    /// Cases that nobody handles.
    pub unassigned: u64,
    /// The caller's own cases in which somebody outside is waited for.
    pub waiting: u64,
    /// Drafts that wait for the caller's approval.
    pub awaiting_approval: u64,
    /// Inquiries that nobody has closed or made a case of.
    pub open_inquiries: u64,
}

/// Questions about cases.
#[derive(Default)]
pub struct CaseQuery;

#[Object]
impl CaseQuery {
    /// The numbers above the work list.
    async fn counters(&self, ctx: &Context<'_>) -> Result<Counters> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let office = ctx.data::<Office>()?;
        let ViewCounters {
            overdue,
            due_today,
            due_this_week,
            mine,
            unassigned,
            waiting,
            awaiting_approval,
            open_inquiries,
        } = office
            .views
            .counters(
                caller.tenant,
                caller.user,
                Some(reach::open_teams(office, caller).await?),
                office.today(),
            )
            .await
            .map_err(|error| fault(&error))?;
        Ok(Counters {
            overdue,
            due_today,
            due_this_week,
            mine,
            unassigned,
            waiting,
            awaiting_approval,
            open_inquiries,
        })
    }

    /// The work list. The look is logged.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn cases(
        &self,
        ctx: &Context<'_>,
        filter: Option<CaseFilter>,
        #[graphql(default_with = "CaseOrder::Due")] order: CaseOrder,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<CaseConnection> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let filter = filter.unwrap_or_default();
        let whose = whose(ctx.data::<Office>()?, caller, &filter).await?;
        list(ctx, caller, (filter, whose), order.into(), first, after).await
    }

    /// Opens a case. It is a look-up: it states its purpose and is logged.
    pub(crate) async fn case(
        &self,
        ctx: &Context<'_>,
        id: ID,
        #[graphql(default_with = "Purpose::CaseHandling")] purpose: Purpose,
    ) -> Result<Option<Case>> {
        let caller = Caller::with(ctx, WORKERS).await?;
        let Ok(id) = id.parse::<CaseId>() else { return Ok(None) };
        let office = ctx.data::<Office>()?;
        let Some(case) = Case::find(office, caller.tenant, id).await? else { return Ok(None) };
        reach::open_case(office, caller, (id, &case.sheet.file), ctx.field().name()).await?;
        access::viewed(office, caller, purpose.into(), AccessEvent::CaseViewed(CaseViewed { case: id }))
            .await?;
        Ok(Some(case))
    }

    /// KLE subjects in force today, by number or name.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn kle_search(
        &self,
        ctx: &Context<'_>,
        text: String,
        #[graphql(default = 20)] first: i32,
    ) -> Result<Vec<Kle>> {
        let first = page_size(first)?;
        let office = ctx.data::<Office>()?;
        let rules = office.rules_today(Caller::of(ctx)?.tenant);
        let found = rules.kle.search(&text, office.today()).take(first);
        Ok(found.map(|(number, entry)| entry_of(number.as_str(), entry)).collect())
    }

    /// KLE facets in force today.
    async fn kle_facets(&self, ctx: &Context<'_>) -> Result<Vec<Kle>> {
        let office = ctx.data::<Office>()?;
        let rules = office.rules_today(Caller::of(ctx)?.tenant);
        Ok(rules.kle.facets(office.today()).map(|(facet, entry)| entry_of(facet.as_str(), entry)).collect())
    }

    /// For auditors: every case of their engagements, by number. The look is logged.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn audit_cases(
        &self,
        ctx: &Context<'_>,
        number: Option<String>,
        #[graphql(default = 50)] first: i32,
        after: Option<String>,
    ) -> Result<CaseConnection> {
        let caller = Caller::with(ctx, AUDITORS).await?;
        let phases = skranke_domain::case::Phase::ALL.map(Phase::from).to_vec();
        let filter = CaseFilter { number, phases: Some(phases), ..CaseFilter::default() };
        let scope = reach::audit_scope(ctx.data::<Office>()?, caller, ctx.field().name()).await?;
        let whose = match scope {
            Scope::Municipality => Whose::default(),
            Scope::Teams(teams) => Whose { teams: Some(teams), only_teams: true, caseworker: None },
        };
        list(ctx, caller, (filter, whose), Order::Number, first, after).await
    }
}

fn entry_of(number: &str, entry: &kle::Entry) -> Kle {
    Kle { number: number.to_owned(), facet: None, title: entry.title.clone() }
}

impl Case {
    /// The case, if it is the tenant's.
    pub(crate) async fn find(
        office: &Office,
        tenant: skranke_domain::Tenant,
        id: CaseId,
    ) -> Result<Option<Self>> {
        let sheet = office.views.case_sheet(tenant, id).await.map_err(|error| fault(&error))?;
        Ok(sheet.map(|sheet| Self { tenant, sheet }))
    }
}

/// Whose cases a list holds.
#[derive(Default)]
struct Whose {
    /// Cases of no team and of these; `None` for every team's.
    teams: Option<Vec<TeamId>>,
    /// Leaves out those of no team.
    only_teams: bool,
    caseworker: Option<UserId>,
}

/// What of a filter the caller may see: their own cases and those of whom they stand in for whatever the team, others'
/// as far as their teams go.
async fn whose(office: &Office, caller: &Caller, filter: &CaseFilter) -> Result<Whose> {
    let bad = |_| coded("caseworkerId and teamId must be ids", "BAD_ID");
    let of = filter.caseworker_id.as_ref().map(|id| id.parse::<UserId>()).transpose().map_err(bad)?;
    let team = filter.team_id.as_ref().map(|id| id.parse::<TeamId>()).transpose().map_err(bad)?;
    let caseworker = if filter.mine == Some(true) { Some(caller.user) } else { of };
    let own = match caseworker {
        Some(user) if user == caller.user => true,
        Some(user) => reach::acting_today(office, caller.tenant, user).await? == Some(caller.user),
        None => false,
    };
    let open = reach::open_teams(office, caller).await?;
    Ok(match team {
        Some(team) => {
            let teams = if own || open.contains(&team) { vec![team] } else { Vec::new() };
            Whose { teams: Some(teams), only_teams: true, caseworker }
        }
        None => Whose { teams: (!own).then_some(open), only_teams: false, caseworker },
    })
}

async fn list(
    ctx: &Context<'_>,
    caller: &Caller,
    (filter, whose): (CaseFilter, Whose),
    order: Order,
    first: i32,
    after: Option<String>,
) -> Result<CaseConnection> {
    let office = ctx.data::<Office>()?;
    let today = office.today();
    let yes = |flag: Option<bool>| flag.unwrap_or(false);
    let query = WorklistQuery {
        phases: filter.phases.unwrap_or_default().into_iter().map(Into::into).collect(),
        teams: whose.teams,
        only_teams: whose.only_teams,
        caseworker: whose.caseworker,
        unassigned: yes(filter.unassigned),
        overdue_before: yes(filter.overdue).then_some(today),
        due_from: filter.due_by.map(|_| today),
        due_by: filter.due_by.map(|date| date.0),
        waiting: yes(filter.waiting),
        awaiting_approval: yes(filter.awaiting_approval).then_some(caller.user),
        number_prefix: filter
            .number
            .map(|number| number.trim().to_uppercase())
            .filter(|number| !number.is_empty()),
        order,
        after: cursor(after)?,
        first: page_size(first)?,
    };
    let count = WorklistQuery { after: None, ..query.clone() };
    let page = office.views.worklist(caller.tenant, query).await.map_err(|error| fault(&error))?;
    let total_count =
        office.views.worklist_count(caller.tenant, count).await.map_err(|error| fault(&error))?;
    let rows = u32::try_from(page.items.len()).map_err(|_| coded("too many rows", "TOO_MANY"))?;
    access::viewed(office, caller, purpose_of(caller), AccessEvent::CaseListed(CaseListed { rows })).await?;
    let page_info = PageInfo::of(&page);
    let edges = page.items.into_iter().map(|item| CaseEdge {
        cursor: item.cursor.to_string(),
        node: CaseRow { tenant: caller.tenant, row: item.row },
    });
    Ok(CaseConnection { edges: edges.collect(), page_info, total_count })
}

fn purpose_of(caller: &Caller) -> skranke_domain::Purpose {
    if caller.roles.any(WORKERS) {
        skranke_domain::Purpose::CaseHandling
    } else {
        skranke_domain::Purpose::Audit
    }
}
