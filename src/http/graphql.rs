//! The GraphQL endpoint: JSON over POST, and subscriptions over WebSocket (graphql-transport-ws).

use std::sync::Arc;

use async_graphql::http::ALL_WEBSOCKET_PROTOCOLS;
use async_graphql::{Request, Variables};
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::ws::{CloseFrame, Message};
use axum::extract::{State, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt, future};
use serde::Deserialize;
use serde_json::Value;
use skranke_graphql::Answered;

use crate::house::House;
use crate::{login, service_accounts};

use super::errors::json_error;
use super::staff::{anybody, bearer, is_own_page, nobody, same_origin, token};

/// The close code of a line whose session is over: 401, in the range that applications may use.
const SESSION_OVER: u16 = 4401;

/// What is sent with `Accept: application/graphql-response+json`.
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json; charset=utf-8";
/// What everybody else is sent.
const PLAIN_JSON: &str = "application/json; charset=utf-8";

/// A request as it is written, so that each wrong part is told apart from a wrong document.
#[derive(Deserialize)]
struct Asked {
    query: String,
    #[serde(default, rename = "operationName")]
    operation: Option<String>,
    #[serde(default)]
    variables: Option<serde_json::Map<String, Value>>,
    #[serde(default)]
    extensions: Option<serde_json::Map<String, Value>>,
}

/// Answers by "GraphQL over HTTP" (graphql.github.io/graphql-over-http): POST alone, for a GET could be sent by a
/// foreign page.
pub(super) async fn answer(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    // What bears a token was not sent by a page of somebody else's: a browser adds cookies, never tokens.
    if bearer(&headers).is_none() && !is_own_page(&headers) {
        return graphql_error(StatusCode::FORBIDDEN, "send the header x-skranke: 1");
    }
    let caller = match anybody(&house, &headers).await {
        Ok(caller) => caller,
        Err(why) => return nobody(&why, &headers),
    };
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    if !is_json(&headers) {
        return graphql_error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send content-type: application/json");
    }
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else {
        let text =
            "send a JSON object: query is a text, operationName a text, variables and extensions objects";
        return graphql_error(StatusCode::BAD_REQUEST, text);
    };
    let mut request = Request::new(asked.query);
    request.operation_name = asked.operation;
    if let Some(variables) = asked.variables {
        request = request.variables(Variables::from_json(Value::Object(variables)));
    }
    if let Some(extensions) = asked.extensions {
        request.extensions.extend(
            extensions
                .into_iter()
                .filter_map(|(name, value)| Some((name, async_graphql::Value::from_json(value).ok()?))),
        );
    }
    let Answered { response, questions } = house.schema.execute(request, caller).await;
    // Browsers show it beside the request (Server Timing, W3C).
    let cost = format!("views;desc=\"{questions} questions\"");
    ([(HeaderName::from_static("server-timing"), cost)], written(&response, &headers)).into_response()
}

/// Waits until whoever opened a line may no longer be there.
async fn over(house: &House, session: &str, bearer: Option<&str>) {
    match bearer {
        Some(token) => service_accounts::over(house, token).await,
        None => house.sessions.over(session, house.clock.as_ref()).await,
    }
}

/// The answer in the form that was asked for. A request that was not even begun (its document does not parse, or does
/// not fit the schema) has no data; with the newer media type its status says so too.
fn written(response: &async_graphql::Response, headers: &HeaderMap) -> Response {
    let begun = response.errors.is_empty()
        || response.data != async_graphql::Value::Null
        || response.errors.iter().any(|error| !error.path.is_empty());
    let newer = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|accepted| accepted.to_str().ok())
        .any(|accepted| accepted.contains("application/graphql-response+json"));
    let body = if begun {
        serde_json::to_vec(response)
    } else {
        serde_json::to_vec(&serde_json::json!({ "errors": response.errors }))
    };
    let Ok(body) = body else {
        return graphql_error(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be written");
    };
    let status = if begun || !newer { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let kind = if newer { GRAPHQL_RESPONSE } else { PLAIN_JSON };
    (status, [(header::CONTENT_TYPE, kind), (header::VARY, "accept")], body).into_response()
}

/// Whether a body says that it is JSON, in UTF-8 as all JSON is (RFC 8259 section 8.1).
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut parts = kind.split(';').map(str::trim);
    parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
        && parts.all(|part| {
            part.split_once('=').is_none_or(|(name, value)| {
                !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
        })
}

/// An error in the shape that GraphQL clients read.
fn graphql_error(status: StatusCode, text: &str) -> Response {
    let response = serde_json::json!({ "errors": [{ "message": text }] });
    (status, Json(response)).into_response()
}

pub(super) async fn subscribe(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    protocol: GraphQLProtocol,
    upgrade: WebSocketUpgrade,
) -> Response {
    // A WebSocket is not held back by CORS: a foreign page must be turned away here.
    if !same_origin(&headers) {
        return json_error(
            StatusCode::FORBIDDEN,
            "FOREIGN_PAGE",
            "the request did not come from a page of Skranke",
        );
    }
    let caller = match anybody(&house, &headers).await {
        Ok(caller) => caller,
        Err(why) => return nobody(&why, &headers),
    };
    let (schema, data) = house.schema.subscriptions(caller);
    let (session, bearer) =
        (token(&headers).unwrap_or_default().to_owned(), bearer(&headers).map(str::to_owned));
    upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).on_upgrade(move |socket| async move {
        let (mut out, input) = socket.split();
        let (answers, mut answered) = mpsc::channel(16);
        let serving =
            GraphQLWebSocket::new_with_pair(answers, input, schema, protocol).with_data(data).serve();
        let sending = async {
            while let Some(message) = answered.next().await {
                if out.send(message).await.is_err() {
                    break;
                }
            }
        };
        // A screen hears nothing more once its person has left, and is told why.
        tokio::select! {
            ((), ()) = future::join(serving, sending) => return,
            () = over(&house, &session, bearer.as_deref()) => {}
            // Roles that were taken away are taken away from open lines too.
            () = login::changed(&house, &caller) => {}
        }
        let frame = CloseFrame { code: SESSION_OVER, reason: "the session is over".into() };
        // Whoever has gone already need not be told.
        let _ = out.send(Message::Close(Some(frame))).await;
    })
}
