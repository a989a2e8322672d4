//! The schema: merges the features, and nothing else.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Data, Executor, MergedObject, Request, Response, Schema, SchemaBuilder};
use skranke_domain::AccessRequestId;

use crate::access_request::{self, AccessRequestMutation, AccessRequestQuery, NoPackage, Package};
use crate::audit::AuditQuery;
use crate::authority::{AuthorityMutation, AuthorityQuery};
use crate::caller::Caller;
use crate::case::{
    CaseMutation, CaseQuery, CourseMutation, DeadlineMutation, DocumentMutation, PartyMutation, PartyQuery,
};
use crate::complaint::{ComplaintMutation, ComplaintQuery};
use crate::exemption::{ExemptionMutation, ExemptionQuery};
use crate::gate::{Documents, Gate};
use crate::inquiry::{InquiryMutation, InquiryQuery, IntakeMutation};
use crate::office::Office;
use crate::people::{PeopleMutation, PeopleQuery, TeamLoader};
use crate::refusal::Refusal;
use crate::service::{ServiceMutation, ServiceQuery};
use crate::staff::{StaffLoader, StaffQuery};
use crate::subscription::Subscription;

/// All questions.
#[derive(MergedObject, Default)]
pub struct Query(
    StaffQuery,
    PeopleQuery,
    CaseQuery,
    PartyQuery,
    ComplaintQuery,
    AccessRequestQuery,
    InquiryQuery,
    ExemptionQuery,
    ServiceQuery,
    AuthorityQuery,
    AuditQuery,
);

/// All acts.
#[derive(MergedObject, Default)]
pub struct Mutation(
    PeopleMutation,
    CaseMutation,
    PartyMutation,
    CourseMutation,
    DeadlineMutation,
    DocumentMutation,
    ComplaintMutation,
    AccessRequestMutation,
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
    pub async fn execute(&self, request: Request, caller: Caller) -> Response {
        let loader =
            DataLoader::new(StaffLoader { office: self.office.clone(), tenant: caller.tenant }, tokio::spawn);
        let teams =
            DataLoader::new(TeamLoader { office: self.office.clone(), tenant: caller.tenant }, tokio::spawn);
        self.gate.execute(request.data(caller).data(loader).data(teams)).await
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
        data.insert(DataLoader::new(
            StaffLoader { office: self.office.clone(), tenant: caller.tenant },
            tokio::spawn,
        ));
        data.insert(DataLoader::new(
            TeamLoader { office: self.office.clone(), tenant: caller.tenant },
            tokio::spawn,
        ));
        (self.gate.clone(), data)
    }
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription).register_output_type::<Refusal>()
}

/// The schema as text, for clients and for the comparison in CI.
pub fn sdl() -> String {
    builder().finish().sdl()
}
