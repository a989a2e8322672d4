//! Relay's object identification: everything with a page of its own can be fetched again by its id alone.
//! <https://relay.dev/graphql/objectidentification.htm>
//!
//! An id is a UUID that nothing else has, so it needs no type in it. The rows of lists are no nodes: they show less of the
//! same thing, and Relay wants one id to be one object.

use async_graphql::{Context, ID, Interface, Object, Result};
use skranke_domain::{EngagementId, TeamId, UserId};
use skranke_projections::NodeKind;
use uuid::Uuid;

use crate::access_request::{AccessRequest, AccessRequestQuery};
use crate::audit::{Finding, Sample};
use crate::caller::{Caller, coded, fault};
use crate::case::{Case, CaseQuery};
use crate::complaint::{Complaint, ComplaintQuery};
use crate::exemption::{Exemption, ExemptionQuery};
use crate::inquiry::{Inquiry, InquiryQuery};
use crate::office::Office;
use crate::people::{Engagement, Team};
use crate::scalars::Purpose;
use crate::service::{Service, ServiceQuery};
use crate::staff::{self, Staff};

/// The most ids that one question may name.
const MANY: usize = 100;

/// Something that can be fetched again by its id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The id: nothing else has it."))]
#[expect(clippy::large_enum_variant, reason = "lives for one answer")]
pub enum Node {
    Case(Case),
    Inquiry(Inquiry),
    Complaint(Complaint),
    AccessRequest(AccessRequest),
    Exemption(Exemption),
    Service(Service),
    Team(Team),
    Staff(Staff),
    Engagement(Engagement),
    Sample(Sample),
    Finding(Finding),
}

/// Questions by id alone.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Whatever has this id, as far as the caller may see it: the same as asking for it by its own name, with the same
    /// rights, and logged in the same way.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        find(ctx, id).await
    }

    /// Several at once, in the order of the ids; null for an id that nothing has.
    #[graphql(complexity = "ids.len() * child_complexity + 1")]
    async fn nodes(&self, ctx: &Context<'_>, ids: Vec<ID>) -> Result<Vec<Option<Node>>> {
        if ids.len() > MANY {
            return Err(coded("ids must be 100 at most", "PAGE_SIZE"));
        }
        let mut nodes = Vec::with_capacity(ids.len());
        for id in ids {
            nodes.push(find(ctx, id).await?);
        }
        Ok(nodes)
    }
}

async fn find(ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
    let (office, caller) = (ctx.data::<Office>()?, Caller::of(ctx)?);
    let Ok(key) = id.parse::<Uuid>() else { return Ok(None) };
    let kind = office.views.kind_of(caller.tenant, key).await.map_err(|error| fault(&error))?;
    Ok(match kind {
        None => None,
        Some(NodeKind::Case) => CaseQuery.case(ctx, id, Purpose::CaseHandling).await?.map(Node::Case),
        Some(NodeKind::Inquiry) => InquiryQuery.inquiry(ctx, id).await?.map(Node::Inquiry),
        Some(NodeKind::Complaint) => ComplaintQuery.complaint(ctx, id).await?.map(Node::Complaint),
        Some(NodeKind::AccessRequest) => {
            AccessRequestQuery.access_request(ctx, id).await?.map(Node::AccessRequest)
        }
        Some(NodeKind::Exemption) => ExemptionQuery.exemption(ctx, id).await?.map(Node::Exemption),
        Some(NodeKind::Service) => ServiceQuery.service(ctx, id).await?.map(Node::Service),
        Some(NodeKind::Team) => Team::of(ctx, Some(TeamId::new(key))).await?.map(Node::Team),
        Some(NodeKind::Staff) => staff::find(ctx, UserId::new(key)).await?.map(Node::Staff),
        Some(NodeKind::Engagement) => {
            Engagement::find(ctx, EngagementId::new(key)).await?.map(Node::Engagement)
        }
        Some(NodeKind::Sample) => Sample::find(ctx, key).await?.map(Node::Sample),
        Some(NodeKind::Finding) => Finding::by_id(ctx, key).await?.map(Node::Finding),
    })
}
