//! The HTTP server: routes, headers and limits. What stands behind each route is the business of its room.

mod address;
mod articles;
mod assets;
mod documents;
mod errors;
mod graphql;
mod idempotency;
mod oidc;
mod package;
mod password;
mod rules;
mod staff;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::Method;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde_json::json;
use tower::ServiceBuilder;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use skranke_projections::Feed;
use skranke_store::ledger::Standing;

use crate::house::House;

use address::ClientAddress;
pub use assets::documents as dashboard_documents;

/// How long an address may be quiet before its count is looked at again.
const QUIET_FOR: Duration = Duration::from_mins(1);

/// Nothing but our own files, no inline script or style, no frames.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Everything that is served.
pub fn router(house: &Arc<House>) -> anyhow::Result<Router> {
    let limits = &house.config.limits;
    // What costs something or guesses something is counted per address; each in a count of its own, so that the chatting
    // behind a library's one address keeps nobody from logging in.
    let governor = |methods: &[Method]| {
        let mut governor = GovernorConfigBuilder::default()
            .per_millisecond(limits.refill_millis.max(1))
            .burst_size(limits.burst.max(1))
            .methods(methods.to_vec())
            .key_extractor(ClientAddress { behind_proxy: limits.behind_proxy });
        let governor = governor
            .finish()
            .ok_or_else(|| anyhow::anyhow!("limits.burst and limits.refill_millis must be above zero"))?;
        // Addresses that were quiet for a while count nothing and need no room.
        let counts = Arc::downgrade(governor.limiter());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(QUIET_FOR).await;
                let Some(counts) = counts.upgrade() else { return };
                counts.retain_recent();
            }
        });
        anyhow::Ok(GovernorLayer::new(Arc::new(governor)).error_handler(|error| errors::too_many(&error)))
    };
    let log_in = Router::new()
        .route("/api/login", post(staff::login))
        .route("/api/password", post(password::change))
        .route("/adgangskode", get(password::page).post(password::sent))
        .with_state(Arc::clone(house))
        .layer(governor(&[Method::POST])?);
    let chat = skranke_chat::web::router(Arc::clone(&house.counter), house.chat_options()?)
        .layer(governor(&[Method::POST])?);
    let limited = log_in.merge(chat);
    let provider = Router::new()
        .route("/api/oidc/login", get(oidc::begin))
        .route(crate::oidc::CALLBACK, get(oidc::come_back))
        .with_state(Arc::clone(house))
        .layer(governor(&[Method::GET])?);
    let staff = Router::new()
        .route("/api/session", get(staff::session))
        .route("/api/logout", post(staff::logout))
        .route("/api/logout-everywhere", post(staff::logout_everywhere))
        .route("/api/access-requests/{id}/package", get(package::download))
        .route("/graphql", post(graphql::answer))
        .route("/graphql/ws", get(graphql::subscribe))
        .merge(documents::downloads())
        .merge(rules::uploads())
        .merge(articles::routes())
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(Arc::clone(house));
    let headers = ServiceBuilder::new()
        .layer(set("content-security-policy", CONTENT_SECURITY_POLICY))
        .layer(set("x-content-type-options", "nosniff"))
        .layer(set("referrer-policy", "same-origin"))
        .layer(set("x-frame-options", "DENY"))
        .layer(set("cross-origin-opener-policy", "same-origin"))
        .layer(set("permissions-policy", "camera=(), geolocation=(), microphone=()"))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ));
    Ok(Router::new()
        .merge(limited)
        .merge(provider)
        .merge(staff)
        .merge(house.telegram.as_ref().map_or_else(Router::new, |telegram| telegram.webhook()))
        .merge(assets::router())
        .fallback(errors::not_found)
        .method_not_allowed_fallback(errors::method_not_allowed)
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(limits.request_seconds.max(1)),
        ))
        // A large file over a slow line takes longer than any other request may.
        .merge(documents::uploads().with_state(Arc::clone(house)).layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(house.config.documents.upload_seconds.max(1)),
        )))
        .layer(middleware::from_fn(errors::plain_to_page))
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(CompressionLayer::new())
        .layer(headers)
        // The span holds method and path; a query string could hold what people typed.
        .layer(TraceLayer::new_for_http().make_span_with(|request: &axum::http::Request<_>| {
            tracing::info_span!("http", method = %request.method(), path = shown(request.uri().path()))
        })))
}

/// A path as the log shows it: the webhook's keeps what cannot be guessed to itself.
fn shown(path: &str) -> &str {
    if path.starts_with(skranke_chat::telegram::WEBHOOK_PATH) {
        skranke_chat::telegram::WEBHOOK_PATH
    } else {
        path
    }
}

fn set(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// Ready when every view follows the log and the ledger fits it. Says which view does not, and at which event it
/// stopped, or what is wrong with the ledger. The counter goes on serving either way: citizens are not to wait for an
/// inquiry into the log, but nobody is to overlook it.
async fn ready(State(house): State<Arc<House>>) -> Response {
    let health = house.views.health();
    let stalled: Vec<_> =
        health.iter().filter_map(|view| Some((view.name, view.stalled.as_ref()?))).collect();
    let feed = house.views.feed();
    let ledger = house.ledger.borrow().clone();
    let stopped = matches!(ledger, Standing::Stopped(_));
    let ready = stalled.is_empty() && feed == Feed::Live && !stopped;
    let stalled: Vec<_> = stalled
        .into_iter()
        .map(|(view, stall)| json!({ "view": view, "position": stall.position, "eventType": stall.event_type }))
        .collect();
    let feed = match feed {
        Feed::Idle => "idle",
        Feed::CatchingUp => "catching up",
        Feed::Live => "live",
        Feed::Broken(_) => "broken",
    };
    let ledger = match ledger {
        Standing::CatchingUp => json!("catching up"),
        Standing::Kept { size, signed } => json!({ "events": size, "signed": signed }),
        Standing::Stopped(why) => json!({ "stopped": &*why }),
    };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "ready": ready, "position": house.views.position(), "feed": feed, "stalled": stalled, "ledger": ledger });
    (status, Json(body)).into_response()
}
