//! The front end, built into the binary: hashed files that browsers may keep for good, and the staff page.

use std::collections::HashSet;

use anyhow::Context;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::RustEmbed;

use super::errors;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[exclude = ".built"]
#[allow_missing = true]
struct Dist;

/// Every path of the staff's single page; the page itself knows what to show.
const STAFF: [&str; 6] =
    ["/sager", "/sager/{*rest}", "/revision", "/revision/{*rest}", "/log-ind", "/adgang"];

/// The GraphQL documents of the dashboard that is built in: every one that its screens ask.
pub fn documents() -> anyhow::Result<HashSet<String>> {
    let Some(file) = Dist::get("operations.json") else {
        tracing::warn!("this binary was built without its dashboard: no GraphQL document will be answered");
        return Ok(HashSet::new());
    };
    serde_json::from_slice(&file.data).context("the list of the dashboard's documents is no list")
}

pub(super) fn router() -> Router {
    let mut router = Router::new()
        .route("/assets/{*file}", get(asset))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/staff", get(|| async { Redirect::permanent("/sager") }));
    for path in STAFF {
        router = router.route(path, get(staff_page));
    }
    router
}

async fn staff_page(headers: HeaderMap) -> Response {
    match Dist::get("staff.html") {
        Some(page) => serve(&page, "text/html; charset=utf-8", "no-cache", &headers),
        None => errors::page(
            StatusCode::SERVICE_UNAVAILABLE,
            errors::lang(&headers),
            "Skranke",
            "This binary was built without its front end: run `make build`.",
        ),
    }
}

async fn asset(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("assets/{file}");
    let Some(found) = Dist::get(&path) else {
        return errors::json_error(StatusCode::NOT_FOUND, "NOT_FOUND", "there is no such file");
    };
    // Vite puts a hash into every name but the chat's, whose pages are made by the server.
    let fixed = matches!(file.as_str(), "chat.js" | "chat.css" | "licences.md" | "IBMPlexSans-licence.txt");
    let cache = if fixed { "no-cache" } else { "public, max-age=31536000, immutable" };
    let kind = found.metadata.mimetype().to_owned();
    serve(&found, &kind, cache, &headers)
}

fn serve(file: &rust_embed::EmbeddedFile, kind: &str, cache: &'static str, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&file.metadata.sha256_hash()[..12]));
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.clone().into_owned().into_response()
    };
    let text = |value: &str| HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""));
    response.headers_mut().insert(header::CONTENT_TYPE, text(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response.headers_mut().insert(header::ETAG, text(&tag));
    response
}
