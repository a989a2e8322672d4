//! How often the members of a team looked at something, for the team's lead: numbers by week and person, and nothing of
//! what was looked at.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use jiff::ToSpan;
use skranke_domain::time::monday_of;
use skranke_domain::{Role, TeamId, UserId};
use skranke_projections::AccessMeasure;

use crate::access;
use crate::caller::{Caller, coded, fault};
use crate::office::Office;
use crate::people::Team;
use crate::scalars::Date;
use crate::staff::{self, Staff};

/// The most weeks that one question may ask for: a year.
const WEEKS: i32 = 53;

/// What one member of a team did in one week.
#[derive(SimpleObject, Clone, Debug)]
pub struct TeamAccess {
    /// The Monday it begins on.
    pub monday: Date,
    /// Who.
    pub member: Staff,
    /// Looks at one thing: a case, a document, an inquiry, what there is of a person.
    pub looked: u64,
    /// Lists and searches.
    pub listed: u64,
    /// Attempts that were refused.
    pub refused: u64,
    /// Cases of other teams that were opened with a reason (break-glass).
    pub broke_glass: u64,
}

/// Questions about the access log of a team.
#[derive(Default)]
pub struct TeamAccessQuery;

#[Object]
impl TeamAccessQuery {
    /// How often those who are in a team looked at something, this week and the ones before it, the oldest first: all their
    /// looks, whichever team's case it was. A week in which somebody looked at nothing is left out. Open to team leads who
    /// are in the team.
    #[graphql(complexity = "usize::try_from(weeks).unwrap_or(100) * child_complexity + 1")]
    async fn team_access(
        &self,
        ctx: &Context<'_>,
        team_id: ID,
        #[graphql(default = 12)] weeks: i32,
    ) -> Result<Vec<TeamAccess>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, &[Role::TeamLead]).await?);
        if !(1..=WEEKS).contains(&weeks) {
            return Err(coded("weeks must be between 1 and 53", "PAGE_SIZE"));
        }
        let team = Team::of(ctx, team_id.parse::<TeamId>().ok()).await?;
        let members: Vec<UserId> = team.map(|team| team.member_ids().to_vec()).unwrap_or_default();
        if !members.contains(&caller.user) {
            access::refused(office, caller, ctx.field().name(), "NOT_YOUR_TEAM", None).await;
            let text = caller.lang.pick("Du er ikke på det hold.", "You are not in that team.");
            return Err(coded(text, "NOT_YOUR_TEAM"));
        }
        let to = monday_of(office.today());
        let from = to.saturating_sub((weeks - 1).weeks());
        let counts = office.views.access_weeks(caller.tenant, members.clone(), from, to).await;
        let mut by_week: BTreeMap<_, BTreeMap<AccessMeasure, u64>> = BTreeMap::new();
        for one in counts.map_err(|error| fault(&error))? {
            by_week.entry((one.monday, one.staff)).or_default().insert(one.measure, one.count);
        }
        let people = staff::find_all(ctx, &members).await?;
        let told = by_week.into_iter().filter_map(|((monday, member), counts)| {
            let of = |measure| counts.get(&measure).copied().unwrap_or(0);
            Some(TeamAccess {
                monday: Date(monday),
                member: people.iter().find(|one| one.key() == member)?.clone(),
                looked: of(AccessMeasure::Looked),
                listed: of(AccessMeasure::Listed),
                refused: of(AccessMeasure::Refused),
                broke_glass: of(AccessMeasure::BrokeGlass),
            })
        });
        Ok(told.collect())
    }
}
