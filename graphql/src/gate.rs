//! What may be asked at all, looked at before anything is resolved: whose documents are answered, and how many times
//! one may ask for the same under other names. Depth and complexity are limited by the schema itself.

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{
    Data, ErrorExtensionValues, Executor, Pos, Positioned, Request, Response, Schema, ServerError,
};
use futures::stream::{self, BoxStream, StreamExt};

use crate::caller::Caller;
use crate::schema::{Mutation, Query};
use crate::scope;
use crate::subscription::Subscription;

/// Whose documents are answered.
#[derive(Clone, Debug, Default)]
pub enum Documents {
    /// Anybody's, within the limits.
    #[default]
    Any,
    /// These, letter by letter: the ones that the dashboard was built with.
    Trusted(Arc<HashSet<String>>),
}

/// The schema behind its gate. Everything that is asked goes through here, over HTTP and WebSocket alike.
#[derive(Clone)]
pub struct Gate {
    schema: Schema<Query, Mutation, Subscription>,
    documents: Documents,
    aliases: usize,
    /// Whose request or line it is.
    caller: Option<Caller>,
}

impl Gate {
    pub(crate) const fn new(
        schema: Schema<Query, Mutation, Subscription>,
        documents: Documents,
        aliases: usize,
    ) -> Self {
        Self { schema, documents, aliases, caller: None }
    }

    /// The gate as it stands before one caller.
    pub(crate) fn before(&self, caller: Caller) -> Self {
        Self { caller: Some(caller), ..self.clone() }
    }

    fn admit(&self, request: &mut Request) -> Result<(), ServerError> {
        let service = self.caller.and_then(|caller| Some((caller.scopes?, caller.lang)));
        // Systems outside bring documents of their own: what they may ask for is in their scopes.
        if let Some((scopes, lang)) = service {
            scope::admit(request.parsed_query()?, scopes, lang)?;
        } else if let Documents::Trusted(trusted) = &self.documents
            && !trusted.contains(&request.query)
        {
            let text = "this server answers the documents of its own dashboard only: set limits.graphql_documents \
                        to \"any\" to let other programs ask";
            return Err(refused(text, "UNKNOWN_DOCUMENT", Pos::default()));
        }
        let aliases = aliases(request.parsed_query()?);
        if aliases > self.aliases {
            let text = format!("at most {} aliases in one document, this one has {aliases}", self.aliases);
            return Err(refused(&text, "TOO_MANY_ALIASES", Pos::default()));
        }
        Ok(())
    }
}

pub(crate) fn refused(text: &str, code: &'static str, at: Pos) -> ServerError {
    let mut error = ServerError::new(text, Some(at));
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
    error
}

fn aliases(document: &ExecutableDocument) -> usize {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set);
    operations.chain(fragments).map(aliases_within).sum()
}

fn aliases_within(set: &Positioned<SelectionSet>) -> usize {
    let each = set.node.items.iter().map(|item| match &item.node {
        Selection::Field(field) => {
            usize::from(field.node.alias.is_some()) + aliases_within(&field.node.selection_set)
        }
        Selection::InlineFragment(fragment) => aliases_within(&fragment.node.selection_set),
        Selection::FragmentSpread(_) => 0,
    });
    each.sum()
}

impl Executor for Gate {
    async fn execute(&self, mut request: Request) -> Response {
        match self.admit(&mut request) {
            Ok(()) => self.schema.execute(request).await,
            Err(error) => Response::from_errors(vec![error]),
        }
    }

    fn execute_stream(
        &self,
        mut request: Request,
        session: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        match self.admit(&mut request) {
            Ok(()) => {
                self.schema.execute_stream_with_session_data(request, session.unwrap_or_default()).boxed()
            }
            Err(error) => stream::once(async { Response::from_errors(vec![error]) }).boxed(),
        }
    }
}
