//! The name that a sender gives a request over HTTP that changes something.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;

use super::errors::{json_error, lang};

const HEADER: &str = "idempotency-key";

/// Names a request, in 1 to 128 characters: sent again, it is answered again and not carried out twice. A request without
/// one is answered with 400.
pub(super) struct IdempotencyKey(pub(super) String);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let key = parts.headers.get(HEADER).and_then(|key| key.to_str().ok()).unwrap_or_default();
        if (1..=128).contains(&key.len()) {
            return Ok(Self(key.to_owned()));
        }
        let text = lang(&parts.headers).pick(
            "Send hovedet Idempotency-Key (1 til 128 tegn): det samme, når du sender det samme igen.",
            "Send the header Idempotency-Key (1 to 128 characters): the same one when you send the same again.",
        );
        Err(json_error(StatusCode::BAD_REQUEST, "BAD_REQUEST", text))
    }
}
