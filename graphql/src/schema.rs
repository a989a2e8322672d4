//! The schema: merges the features, and nothing else.

use std::sync::atomic::Ordering;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Data, Executor, MergedObject, Request, Response, Schema, SchemaBuilder};
use skranke_domain::AccessRequestId;

use crate::access_request::{self, AccessRequestMutation, AccessRequestQuery, NoPackage, Package};
use crate::audit::{AuditQuery, FindingMutation, FindingQuery, SampleMutation, SampleQuery};
use crate::authority::{AuthorityMutation, AuthorityQuery};
use crate::caller::Caller;
use crate::case::{CaseMutations, CaseQueries};
use crate::complaint::{ComplaintMutation, ComplaintQuery};
use crate::exemption::{ExemptionMutation, ExemptionQuery};
use crate::gate::{Documents, Gate};
use crate::inquiry::{InquiryMutation, InquiryQuery, IntakeMutation};
use crate::knowledge::KnowledgeQuery;
use crate::node::NodeQuery;
use crate::office::Office;
use crate::people::{PeopleMutation, PeopleQuery, TeamLoader};
use crate::privacy::{PrivacyMutation, PrivacyQuery};
use crate::refusal::Refusal;
use crate::rules::RuleQuery;
use crate::saved_view::{SavedViewMutation, SavedViewQuery};
use crate::service::{ServiceMutation, ServiceQuery};
use crate::staff::{StaffLoader, StaffQuery};
use crate::statistics::StatisticsQuery;
use crate::subscription::Subscription;
use crate::team_access::TeamAccessQuery;
use crate::together::Together;
use crate::webhook::{WebhookMutation, WebhookQuery};

/// All questions.
#[derive(MergedObject, Default)]
pub struct Query(
    NodeQuery,
    StaffQuery,
    PeopleQuery,
    WebhookQuery,
    CaseQueries,
    RemedyQueries,
    CounterQueries,
    StatisticsQuery,
    SavedViewQuery,
    PrivacyQuery,
    RuleQuery,
    AuditQueries,
);

/// Questions about complaints and requests for access.
#[derive(MergedObject, Default)]
struct RemedyQueries(ComplaintQuery, AccessRequestQuery);

/// Questions about what comes in at the counter, and its registers.
#[derive(MergedObject, Default)]
struct CounterQueries(InquiryQuery, ExemptionQuery, ServiceQuery, AuthorityQuery, KnowledgeQuery);

/// Questions of auditors, about what they found, and about who looked.
#[derive(MergedObject, Default)]
struct AuditQueries(AuditQuery, SampleQuery, FindingQuery, TeamAccessQuery);

/// All acts.
#[derive(MergedObject, Default)]
pub struct Mutation(
    PeopleMutation,
    AuditMutations,
    WebhookMutation,
    CaseMutations,
    RemedyMutations,
    CounterMutations,
    SavedViewMutation,
    PrivacyMutation,
);

/// Acts of auditors, and answers to what they found.
#[derive(MergedObject, Default)]
struct AuditMutations(SampleMutation, FindingMutation);

/// Acts on complaints and requests for access.
#[derive(MergedObject, Default)]
struct RemedyMutations(ComplaintMutation, AccessRequestMutation);

/// Acts on what comes in at the counter, and on its registers.
#[derive(MergedObject, Default)]
struct CounterMutations(
    InquiryMutation,
    IntakeMutation,
    ExemptionMutation,
    ServiceMutation,
    AuthorityMutation,
);

/// How large a request may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The deepest query.
    pub depth: usize,
    /// The most complex one, in fields times page size.
    pub complexity: usize,
    /// How many fields of one document may have another name.
    pub aliases: usize,
    /// Whether the schema may be asked about (development and demonstrations).
    pub introspection: bool,
}

/// How deep brackets may stand within each other before a document is not even parsed.
const NESTING: usize = 64;
/// How many directives one field may have.
const DIRECTIVES: usize = 8;

/// An answer, and what it cost.
#[derive(Debug)]
pub struct Answered {
    /// The answer.
    pub response: Response,
    /// How many questions it asked the views.
    pub questions: u64,
}

/// The API, ready to answer.
#[derive(Clone)]
pub struct AppSchema {
    gate: Gate,
    office: Office,
}

impl AppSchema {
    /// The API over an office.
    pub fn new(office: Office, limits: Limits, documents: Documents) -> Self {
        let mut builder = builder()
            .limit_depth(limits.depth)
            .limit_complexity(limits.complexity)
            .limit_recursive_depth(NESTING)
            .limit_directives(DIRECTIVES);
        if !limits.introspection {
            builder = builder.disable_introspection().disable_suggestions();
        }
        let schema = builder.data(office.clone()).finish();
        Self { gate: Gate::new(schema, documents, limits.aliases), office }
    }

    /// What the resolvers work with.
    pub const fn office(&self) -> &Office {
        &self.office
    }

    /// Answers a request of a caller.
    pub async fn execute(&self, request: Request, caller: Caller) -> Answered {
        let (views, questions) = self.office.views.counting();
        let office = Office { views, ..self.office.clone() };
        let (beside, together) = Together::new();
        let (staff, team) = (StaffLoader::new(&office, &caller), TeamLoader::new(&office, &caller));
        let loaders = (beside.loader(staff), beside.loader(team));
        let request = request.data(caller).data(loaders.0).data(loaders.1).data(office);
        let response = together.answer(self.gate.before(caller).execute(request)).await;
        Answered { response, questions: questions.load(Ordering::Relaxed) }
    }

    /// The package of a request for access, made again from what the log holds and measured against the hash that was
    /// noted when it was released. Handing it out is noted in the access log.
    pub async fn package(&self, caller: &Caller, request: AccessRequestId) -> Result<Package, NoPackage> {
        access_request::download(&self.office, caller, request).await
    }

    /// What a WebSocket server runs on: the executor, and the data of one connection.
    pub fn subscriptions(&self, caller: Caller) -> (Gate, Data) {
        let mut data = Data::default();
        data.insert(caller);
        // A line lives on from request to request, so its loaders have no task to work beside.
        data.insert(DataLoader::new(StaffLoader::new(&self.office, &caller), tokio::spawn));
        data.insert(DataLoader::new(TeamLoader::new(&self.office, &caller), tokio::spawn));
        (self.gate.before(caller), data)
    }
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription).register_output_type::<Refusal>()
}

/// The schema as text, for clients and for the comparison in CI.
pub fn sdl() -> String {
    builder().finish().sdl()
}
