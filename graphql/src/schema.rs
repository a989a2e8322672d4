//! The schema: merges the features, and nothing else.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Data, MergedObject, Request, Response, Schema, SchemaBuilder};

use crate::audit::AuditQuery;
use crate::caller::Caller;
use crate::case::{CaseMutation, CaseQuery, DocumentMutation};
use crate::inquiry::{InquiryMutation, InquiryQuery};
use crate::office::Office;
use crate::refusal::Refusal;
use crate::staff::{StaffLoader, StaffQuery};
use crate::subscription::Subscription;

/// All questions.
#[derive(MergedObject, Default)]
pub struct Query(StaffQuery, CaseQuery, InquiryQuery, AuditQuery);

/// All acts.
#[derive(MergedObject, Default)]
pub struct Mutation(CaseMutation, DocumentMutation, InquiryMutation);

/// How large a request may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The deepest query.
    pub depth: usize,
    /// The most complex one, in fields times page size.
    pub complexity: usize,
    /// Whether the schema may be asked about (development and demonstrations).
    pub introspection: bool,
}

/// The API, ready to answer.
#[derive(Clone)]
pub struct AppSchema {
    schema: Schema<Query, Mutation, Subscription>,
    office: Office,
}

impl AppSchema {
    /// The API over an office.
    pub fn new(office: Office, limits: Limits) -> Self {
        let mut builder = builder().limit_depth(limits.depth).limit_complexity(limits.complexity);
        if !limits.introspection {
            builder = builder.disable_introspection();
        }
        Self { schema: builder.data(office.clone()).finish(), office }
    }

    /// What the resolvers work with.
    pub const fn office(&self) -> &Office {
        &self.office
    }

    /// Answers a request of a caller.
    pub async fn execute(&self, request: Request, caller: Caller) -> Response {
        let loader =
            DataLoader::new(StaffLoader { office: self.office.clone(), tenant: caller.tenant }, tokio::spawn);
        self.schema.execute(request.data(caller).data(loader)).await
    }

    /// What a WebSocket server runs on: the executor, and the data of one connection.
    pub fn subscriptions(&self, caller: Caller) -> (Schema<Query, Mutation, Subscription>, Data) {
        let mut data = Data::default();
        data.insert(caller);
        data.insert(DataLoader::new(
            StaffLoader { office: self.office.clone(), tenant: caller.tenant },
            tokio::spawn,
        ));
        (self.schema.clone(), data)
    }
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription).register_output_type::<Refusal>()
}

/// The schema as text, for clients and for the comparison in CI.
pub fn sdl() -> String {
    builder().finish().sdl()
}
