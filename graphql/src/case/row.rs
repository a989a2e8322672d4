//! A case as lists show it.

use async_graphql::{Context, ID, Object, Result};
use skranke_domain::case::Case as CaseAggregate;
use skranke_domain::{StreamId, Tenant};
use skranke_projections::WorkRow;

use crate::caller::Caller;
use crate::office::Office;
use crate::people::Team;
use crate::personal::Personal;
use crate::scalars::{CaseAction, CaseStatus, Channel, Confidentiality, Date, DateTime, Phase, WaitingFor};
use crate::staff::{self, Staff};
use crate::words;

use super::types::{Kle, Topic};

/// A case as the list shows it. The party is masked until the case is opened.
#[derive(Clone, Debug)]
pub struct CaseRow {
    pub(crate) tenant: Tenant,
    pub(crate) row: WorkRow,
}

impl CaseRow {
    fn stream(&self) -> StreamId {
        CaseAggregate::stream(self.tenant, self.row.id)
    }
}

/// A case as the list shows it. The party is masked until the case is opened.
#[Object]
impl CaseRow {
    /// The id.
    async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The number that people use.
    async fn number(&self) -> &str {
        &self.row.number
    }

    /// What it is about, in a few words; masked where the case is confidential.
    async fn title(&self, ctx: &Context<'_>) -> Result<Personal> {
        if self.row.confidentiality != skranke_domain::case::Confidentiality::Ordinary {
            return Ok(Personal::open(words::MASKED));
        }
        ctx.data::<Office>()?.personal(&self.stream(), &self.row.title)
    }

    /// How carefully it is treated.
    async fn confidentiality(&self) -> Confidentiality {
        self.row.confidentiality.into()
    }

    /// How it stands, with the states that lie beside its way.
    async fn state(&self) -> CaseStatus {
        self.row.state.into()
    }

    /// The classification.
    async fn kle(&self, ctx: &Context<'_>) -> Result<Option<Kle>> {
        let office = ctx.data::<Office>()?;
        Ok(self.row.kle.as_ref().map(|kle| Kle::of(office, self.tenant, kle)))
    }

    /// How far it has come.
    async fn phase(&self) -> Phase {
        self.row.phase.into()
    }

    /// The OIO progress value (fremdrift).
    async fn progress(&self) -> &'static str {
        self.row.phase.oio_progress()
    }

    /// The last day of the running deadline; absent while it is suspended.
    async fn due(&self) -> Option<Date> {
        self.row.due.map(Date)
    }

    /// Who is waited for, until the decision.
    async fn waiting_on(&self) -> Option<WaitingFor> {
        self.row.waiting_on.map(|(whom, _)| whom.into())
    }

    /// Since when.
    async fn waiting_since(&self) -> Option<Date> {
        self.row.waiting_on.map(|(_, since)| Date(since))
    }

    /// Days until the deadline; negative when it has passed.
    async fn days_left(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let today = ctx.data::<Office>()?.today();
        Ok(self.row.due.map(|due| (due - today).get_days()))
    }

    /// The team it belongs to; without one, it is everybody's in the municipality.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Team>> {
        Team::of(ctx, self.row.team).await
    }

    /// Who handles it.
    async fn caseworker(&self, ctx: &Context<'_>) -> Result<Option<Staff>> {
        match self.row.caseworker {
            Some(user) => staff::find(ctx, user).await,
            None => Ok(None),
        }
    }

    /// How it came in.
    async fn channel(&self) -> Channel {
        self.row.channel.into()
    }

    /// The topic.
    async fn topic(&self, ctx: &Context<'_>) -> Result<Option<Topic>> {
        Topic::if_any(ctx, self.row.topic.as_ref())
    }

    /// The day it was received.
    async fn received(&self) -> Date {
        Date(self.row.received)
    }

    /// The type of the newest event.
    async fn last_event_type(&self) -> &str {
        &self.row.last_event_type
    }

    /// What the newest event is called in the language of the request.
    async fn last_event(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(words::event_title(&self.row.last_event_type, Caller::of(ctx)?.lang))
    }

    /// When the newest event happened.
    async fn last_event_at(&self) -> DateTime {
        DateTime(self.row.last_event_at)
    }

    /// What usually comes next.
    async fn next_step(&self) -> Option<CaseAction> {
        self.row.usual_next.and_then(CaseAction::from_kind)
    }

    /// The party, masked.
    async fn party_masked(&self) -> &'static str {
        if self.row.party.is_some() { words::MASKED } else { "" }
    }
}
