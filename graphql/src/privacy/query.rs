//! Questions about people's data: one person, the requests for erasure, and what is due for disposal.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skranke_domain::{Role, SubjectId};
use skranke_projections::ClosedBy;

use crate::caller::{Caller, fault};
use crate::case::Kle;
use crate::connection::{PageInfo, connection, cursor, page_size};
use crate::office::Office;
use crate::papers;
use crate::scalars::{Date, Purpose};

use super::{
    DECIDERS, DataSubject, ErasureBasis, ErasureStage, Retention, STEWARDS, matters, noted, reached,
};

connection! {
    /// A page of requests for erasure.
    ErasureConnection, ErasureEdge, ErasureRow
}

connection! {
    /// A page of cases whose retention period is over.
    DisposalConnection, DisposalEdge, DisposalRow
}

/// A request for erasure as the list shows it: nothing personal until it is opened.
#[derive(SimpleObject, Clone, Debug)]
pub struct ErasureRow {
    /// The data subject.
    pub subject_id: ID,
    /// On which basis.
    pub basis: ErasureBasis,
    /// The day it was asked for.
    pub received: Date,
    /// How far it has come; absent when it was declined.
    pub stage: Option<ErasureStage>,
    /// Whether a legal hold stands.
    pub held: bool,
}

/// A closed case whose retention period is over.
#[derive(SimpleObject, Clone, Debug)]
pub struct DisposalRow {
    /// The case.
    pub case_id: ID,
    /// Its number.
    pub case_number: Option<String>,
    /// The data subject whose key seals it.
    pub subject_id: ID,
    /// The classification.
    pub kle: Kle,
    /// The day it was closed.
    pub closed: Date,
    /// What becomes of it, and since when.
    pub retention: Retention,
}

/// Questions about people's data.
#[derive(Default)]
pub struct PrivacyQuery;

#[Object]
impl PrivacyQuery {
    /// Somebody about whom something is stored, by the id that seals it. The look-up needs a purpose and is logged.
    async fn data_subject(
        &self,
        ctx: &Context<'_>,
        id: ID,
        #[graphql(default_with = "Purpose::CitizenRequest")] purpose: Purpose,
    ) -> Result<Option<DataSubject>> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, STEWARDS).await?);
        let Ok(id) = id.parse::<SubjectId>() else { return Ok(None) };
        let found = matters::find(office, caller, id).await?;
        if !found.matters.known {
            return Ok(None);
        }
        if !caller.roles.has(Role::Administrator) {
            reached(ctx, office, caller, &found).await?;
        }
        let sheet = office.views.privacy(caller.tenant, id).await.map_err(|error| fault(&error))?;
        noted(office, caller, id, purpose.into()).await?;
        Ok(Some(DataSubject { tenant: caller.tenant, id, found, sheet }))
    }

    /// Requests for erasure, the oldest first: those under way, or those that are done or declined.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn erasures(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = true)] open: bool,
        first: i32,
        after: Option<String>,
    ) -> Result<ErasureConnection> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, DECIDERS).await?);
        let page = office.views.erasures(caller.tenant, open, cursor(after)?, page_size(first)?).await;
        let page = page.map_err(|error| fault(&error))?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().filter_map(|item| {
            let request = item.row.request.as_ref()?;
            let node = ErasureRow {
                subject_id: ID(item.row.subject.to_string()),
                basis: request.basis.into(),
                received: Date(request.received),
                stage: item.row.state.wish.as_ref().map(|wish| wish.stage.into()),
                held: !item.row.state.holds.is_empty(),
            };
            Some(ErasureEdge { cursor: item.cursor.to_string(), node })
        });
        Ok(ErasureConnection { edges: edges.collect(), page_info })
    }

    /// Closed cases whose retention period is over by the list in force today, those first that were closed first.
    #[graphql(complexity = "usize::try_from(first).unwrap_or(100) * child_complexity + 1")]
    async fn disposals(
        &self,
        ctx: &Context<'_>,
        first: i32,
        after: Option<String>,
    ) -> Result<DisposalConnection> {
        let (office, caller) = (ctx.data::<Office>()?, Caller::with(ctx, DECIDERS).await?);
        let (rules, today) = (office.rules_today(caller.tenant), office.today());
        let used = office.views.classifications(caller.tenant).await.map_err(|error| fault(&error))?;
        let due = used.into_iter().filter_map(|(kle, facet)| {
            let day = rules.kle.retention(&kle, &facet)?.closed_by(today)?;
            Some(ClosedBy { kle, facet, day })
        });
        let (after, first) = (cursor(after)?, page_size(first)?);
        let page = office.views.due_for_disposal(caller.tenant, due.collect(), after, first).await;
        let page = page.map_err(|error| fault(&error))?;
        let cases = page.items.iter().map(|item| item.row.id);
        let numbers = papers::case_numbers(office, caller.tenant, cases).await?;
        let page_info = PageInfo::of(&page);
        let edges = page.items.into_iter().filter_map(|item| {
            let class = rules.kle.retention(&item.row.kle, &item.row.facet)?;
            let node = DisposalRow {
                case_id: ID(item.row.id.to_string()),
                case_number: numbers.get(&item.row.id).cloned(),
                subject_id: ID(item.row.subject.to_string()),
                kle: Kle::of(office, caller.tenant, &(item.row.kle, item.row.facet)),
                closed: Date(item.row.closed),
                retention: Retention::of(class, Some(item.row.closed)),
            };
            Some(DisposalEdge { cursor: item.cursor.to_string(), node })
        });
        Ok(DisposalConnection { edges: edges.collect(), page_info })
    }
}
