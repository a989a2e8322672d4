//! The GraphQL endpoint: JSON over POST, and subscriptions over WebSocket (graphql-transport-ws).

use std::sync::Arc;

use async_graphql::http::ALL_WEBSOCKET_PROTOCOLS;
use async_graphql::{Request, ServerError};
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::extract::rejection::JsonRejection;
use axum::extract::ws::{CloseFrame, Message};
use axum::extract::{State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt, future};

use crate::house::House;
use crate::login;

use super::errors::json_error;
use super::staff::{caller, is_own_page, nobody, same_origin, token};

/// The close code of a line whose session is over: 401, in the range that applications may use.
const SESSION_OVER: u16 = 4401;

pub(super) async fn answer(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    request: Result<Json<Request>, JsonRejection>,
) -> Response {
    if !is_own_page(&headers) {
        return graphql_error(StatusCode::FORBIDDEN, "send the header x-skranke: 1");
    }
    let caller = match caller(&house, &headers).await {
        Ok(caller) => caller,
        Err(why) => return nobody(&why, &headers),
    };
    match request {
        Ok(Json(request)) => Json(house.schema.execute(request, caller).await).into_response(),
        Err(JsonRejection::BytesRejection(rejection)) => rejection.into_response(),
        Err(_) => graphql_error(
            StatusCode::BAD_REQUEST,
            "send a JSON object with a query, and content-type application/json",
        ),
    }
}

/// An error in the shape that GraphQL clients read.
fn graphql_error(status: StatusCode, text: &str) -> Response {
    let response = async_graphql::Response::from_errors(vec![ServerError::new(text, None)]);
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
    let caller = match caller(&house, &headers).await {
        Ok(caller) => caller,
        Err(why) => return nobody(&why, &headers),
    };
    let (schema, data) = house.schema.subscriptions(caller);
    let token = token(&headers).unwrap_or_default().to_owned();
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
            () = house.sessions.over(&token, house.clock.as_ref()) => {}
            // Roles that were taken away are taken away from open lines too.
            () = login::changed(&house, &caller) => {}
        }
        let frame = CloseFrame { code: SESSION_OVER, reason: "the session is over".into() };
        // Whoever has gone already need not be told.
        let _ = out.send(Message::Close(Some(frame))).await;
    })
}
