//! The people of a municipality: accounts and their roles, absence and substitutes, teams, engagements of auditors, and
//! break-glass.

mod account;
mod act;
mod break_glass;
mod engagement;
mod plan;
mod service_account;
mod team;

use async_graphql::MergedObject;

pub use account::user_id;
pub(crate) use engagement::Engagement;
pub use service_account::BearerToken;
pub(crate) use team::{Team, TeamLoader};

/// Questions about people.
#[derive(MergedObject, Default)]
pub struct PeopleQuery(
    account::AccountQuery,
    service_account::ServiceAccountQuery,
    team::TeamQuery,
    engagement::EngagementQuery,
);

/// Acts on people.
#[derive(MergedObject, Default)]
pub struct PeopleMutation(
    account::AccountMutation,
    service_account::ServiceAccountMutation,
    plan::PlanMutation,
    team::TeamMutation,
    engagement::EngagementMutation,
    break_glass::BreakGlassMutation,
);
