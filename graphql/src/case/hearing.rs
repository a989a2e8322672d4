//! Hearing the party (partshøring), as the API shows it.

use async_graphql::{Context, Object, Result};
use skranke_domain::StreamId;
use skranke_projections::HearingSheet;

use crate::office::Office;
use crate::personal::Personal;
use crate::scalars::Date;

/// How far the hearing of the party is.
#[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "skranke_projections::HearingState")]
pub enum HearingState {
    Open,
    Held,
    Waived,
}

/// The hearing of the party (partshøring).
#[derive(Clone, Debug)]
pub struct Hearing {
    pub(super) stream: StreamId,
    pub(super) hearing: HearingSheet,
}

/// The hearing of the party (partshøring).
#[Object]
impl Hearing {
    /// How far it is.
    async fn state(&self) -> HearingState {
        self.hearing.state.into()
    }

    /// The reply deadline.
    async fn reply_by(&self) -> Option<Date> {
        self.hearing.reply_by.map(Date)
    }

    /// The facts put before the party.
    async fn facts(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream, self.hearing.facts.as_ref())
    }

    /// The basis for doing without.
    async fn statute(&self) -> Option<&str> {
        self.hearing.statute.as_deref()
    }

    /// The reason for doing without.
    async fn reason(&self, ctx: &Context<'_>) -> Result<Option<Personal>> {
        ctx.data::<Office>()?.personal_if_any(&self.stream, self.hearing.reason.as_ref())
    }
}
