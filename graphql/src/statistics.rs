//! Numbers for those who plan: cases in and out by week, how old the open ones are and how their deadlines stand, the
//! load of each team, and how the counter's conversations went. No case and no person can be told from them.

use std::collections::BTreeMap;

use async_graphql::{Context, Object, Result, SimpleObject};
use jiff::ToSpan;
use skranke_domain::Tenant;
use skranke_domain::time::monday_of;
use skranke_projections::{CaseMeasure, ConversationKind, TeamLoad, WorklistQuery};

use crate::caller::{Caller, READERS, coded, fault};
use crate::office::Office;
use crate::people::Team;
use crate::scalars::{Date, Phase};

/// The most weeks that one question may ask for: five years.
const WEEKS: i32 = 261;

/// Numbers for those who plan.
#[derive(SimpleObject)]
pub struct Statistics {
    /// What happened to cases, week by week, oldest first: every week that was asked for, also one without cases.
    pub weeks: Vec<CaseWeek>,
    /// How many open cases were received in which week, oldest first; weeks without any are left out.
    pub ages: Vec<OpenCases>,
    /// How the deadlines of the open cases stand today.
    pub deadlines: DeadlineStanding,
    /// The load of each team, those without cases left out.
    pub teams: Vec<TeamStanding>,
    /// How the counter's conversations went, week by week, for all municipalities together: who talks to the counter
    /// stays anonymous, and most name no municipality.
    pub conversations: Vec<ConversationWeek>,
}

/// What happened to cases in one week.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct CaseWeek {
    /// The Monday it begins on.
    pub monday: Date,
    /// Cases that were opened.
    pub opened: u64,
    /// Cases that were taken up again.
    pub reopened: u64,
    /// Cases that were closed.
    pub closed: u64,
    /// Decisions that were made.
    pub decided: u64,
    /// Cases whose own deadline passed before they were decided.
    pub missed: u64,
}

/// Open cases of one age.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct OpenCases {
    /// The Monday of the week they were received in.
    pub monday: Date,
    /// How many are open still.
    pub cases: u64,
}

/// How deadlines stand: each open case is counted once.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct DeadlineStanding {
    /// The deadline has passed.
    pub overdue: u64,
    /// It is today or later, up to Sunday.
    pub this_week: u64,
    /// It is after Sunday.
    pub later: u64,
    /// There is none, or it is suspended.
    pub none: u64,
}

/// The load of a team.
#[derive(SimpleObject)]
pub struct TeamStanding {
    /// The team; none for cases that belong to no team.
    pub team: Option<Team>,
    /// How many of its cases are not closed.
    pub open: u64,
    /// How far its cases have come.
    pub phases: Vec<PhaseCount>,
}

/// Cases in one phase.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct PhaseCount {
    /// How far they have come.
    pub phase: Phase,
    /// How many.
    pub cases: u64,
}

/// How the counter's conversations went in one week.
#[derive(SimpleObject, Clone, Copy, Debug)]
pub struct ConversationWeek {
    /// The Monday it begins on.
    pub monday: Date,
    /// Conversations that began.
    pub started: u64,
    /// Answers from an article.
    pub answered: u64,
    /// Cards that sent the citizen to an authority.
    pub routed: u64,
    /// Inquiries left for a person.
    pub handed_over: u64,
    /// Questions to which the counter knew no answer, or was not sure enough.
    pub unanswered: u64,
    /// Answers that helped, as citizens said.
    pub helpful: u64,
    /// Answers that did not.
    pub not_helpful: u64,
}

/// Questions about numbers.
#[derive(Default)]
pub struct StatisticsQuery;

#[Object]
impl StatisticsQuery {
    /// Numbers for those who plan, for this week and the ones before it.
    #[graphql(complexity = "usize::try_from(weeks).unwrap_or(300) + child_complexity")]
    async fn statistics(&self, ctx: &Context<'_>, #[graphql(default = 26)] weeks: i32) -> Result<Statistics> {
        let caller = Caller::with(ctx, READERS).await?;
        let office = ctx.data::<Office>()?;
        if !(1..=WEEKS).contains(&weeks) {
            return Err(coded("weeks must be between 1 and 261", "PAGE_SIZE"));
        }
        let to = monday_of(office.today());
        let mondays: Vec<_> = (0..weeks).rev().map(|back| to.saturating_sub(back.weeks())).collect();
        let ages = office.views.open_by_age(caller.tenant).await.map_err(|error| fault(&error))?;
        let ages = ages.into_iter().map(|(monday, cases)| OpenCases { monday: Date(monday), cases });
        Ok(Statistics {
            weeks: case_weeks(office, caller.tenant, &mondays).await?,
            ages: ages.collect(),
            deadlines: deadlines(office, caller.tenant).await?,
            teams: teams(ctx, office, caller.tenant).await?,
            conversations: conversation_weeks(office, &mondays).await?,
        })
    }
}

async fn case_weeks(office: &Office, tenant: Tenant, mondays: &[jiff::civil::Date]) -> Result<Vec<CaseWeek>> {
    let (Some(from), Some(to)) = (mondays.first(), mondays.last()) else { return Ok(Vec::new()) };
    let found = office.views.case_weeks(tenant, *from, *to).await.map_err(|error| fault(&error))?;
    let counts: BTreeMap<_, _> = found.iter().map(|one| ((one.monday, one.measure), one.count)).collect();
    let of = |monday, measure| counts.get(&(monday, measure)).copied().unwrap_or(0);
    Ok(mondays
        .iter()
        .map(|monday| CaseWeek {
            monday: Date(*monday),
            opened: of(*monday, CaseMeasure::Opened),
            reopened: of(*monday, CaseMeasure::Reopened),
            closed: of(*monday, CaseMeasure::Closed),
            decided: of(*monday, CaseMeasure::Decided),
            missed: of(*monday, CaseMeasure::Missed),
        })
        .collect())
}

async fn conversation_weeks(office: &Office, mondays: &[jiff::civil::Date]) -> Result<Vec<ConversationWeek>> {
    let (Some(from), Some(to)) = (mondays.first(), mondays.last()) else { return Ok(Vec::new()) };
    let sunday = to.saturating_add(6.days());
    let found = office.views.conversation_counts(Tenant::COUNTER, *from, sunday).await;
    let mut counts: BTreeMap<_, u64> = BTreeMap::new();
    for one in found.map_err(|error| fault(&error))? {
        *counts.entry((monday_of(one.day), one.kind)).or_default() += one.count;
    }
    let of = |monday, kind| counts.get(&(monday, kind)).copied().unwrap_or(0);
    Ok(mondays
        .iter()
        .map(|monday| ConversationWeek {
            monday: Date(*monday),
            started: of(*monday, ConversationKind::Started),
            answered: of(*monday, ConversationKind::Answered),
            routed: of(*monday, ConversationKind::Routed),
            handed_over: of(*monday, ConversationKind::HandedOver),
            unanswered: of(*monday, ConversationKind::Unanswered),
            helpful: of(*monday, ConversationKind::Helpful),
            not_helpful: of(*monday, ConversationKind::NotHelpful),
        })
        .collect())
}

async fn deadlines(office: &Office, tenant: Tenant) -> Result<DeadlineStanding> {
    let today = office.today();
    let sunday = monday_of(today).saturating_add(6.days());
    let length = async |query: WorklistQuery| {
        office.views.worklist_count(tenant, query).await.map_err(|error| fault(&error))
    };
    let all = WorklistQuery::default;
    let overdue = length(WorklistQuery { overdue_before: Some(today), ..all() }).await?;
    let dated =
        length(WorklistQuery { due_from: Some(today), due_by: Some(jiff::civil::Date::MAX), ..all() })
            .await?;
    let this_week = length(WorklistQuery { due_from: Some(today), due_by: Some(sunday), ..all() }).await?;
    let open = length(all()).await?;
    Ok(DeadlineStanding {
        overdue,
        this_week,
        later: dated.saturating_sub(this_week),
        // Four questions, and cases may move between them: never below nothing.
        none: open.saturating_sub(overdue + dated),
    })
}

async fn teams(ctx: &Context<'_>, office: &Office, tenant: Tenant) -> Result<Vec<TeamStanding>> {
    let loads = office.views.load_by_team(tenant).await.map_err(|error| fault(&error))?;
    let mut by_team: BTreeMap<_, Vec<TeamLoad>> = BTreeMap::new();
    for load in loads {
        by_team.entry(load.team).or_default().push(load);
    }
    let ids: Vec<_> = by_team.keys().copied().flatten().collect();
    let mut known: BTreeMap<_, _> =
        Team::of_all(ctx, &ids).await?.into_iter().map(|team| (team.key(), team)).collect();
    Ok(by_team
        .into_iter()
        .map(|(id, loads)| TeamStanding {
            team: id.and_then(|id| known.remove(&id)),
            open: loads
                .iter()
                .filter(|load| load.phase != skranke_domain::case::Phase::Closed)
                .map(|load| load.cases)
                .sum(),
            phases: loads
                .into_iter()
                .map(|load| PhaseCount { phase: load.phase.into(), cases: load.cases })
                .collect(),
        })
        .collect())
}
