//! Publishing a version of the rules: a rule file, a KLE list or the template of a letter, as the body of a request.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use skranke_content::Fault;
use skranke_domain::ruleset::{Part, RuleSetRefusal};
use skranke_domain::{Lang, Refusal};
use skranke_graphql::NotPublished;

use crate::house::House;
use crate::rulebook::{Named, checked};

use super::errors::{json_error, lang};
use super::idempotency::IdempotencyKey;
use super::staff::{caller, foreign_page, is_own_page, nobody};

/// The largest version, in bytes. It becomes one event, and a log takes no event without end.
const LARGEST: usize = 768 * 1024;

/// How long an answer waits until the version is in force on this node.
const PATIENCE: Duration = Duration::from_secs(3);

/// Uploads, with a limit of their own.
pub(super) fn uploads() -> axum::Router<Arc<House>> {
    axum::Router::new().route("/api/rules/{part}", post(publish)).layer(DefaultBodyLimit::max(LARGEST))
}

/// What a list or a template is called, from when it holds, and which letter it is for. A rule file says so itself.
#[derive(Deserialize)]
struct Asked {
    version: Option<String>,
    from: Option<Date>,
    letter: Option<String>,
}

async fn publish(
    State(house): State<Arc<House>>,
    Path(part): Path<String>,
    Query(Asked { version, from, letter }): Query<Asked>,
    IdempotencyKey(key): IdempotencyKey,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if !is_own_page(&headers) {
        return foreign_page(&headers);
    }
    let caller = match caller(&house, &headers).await {
        Ok(caller) => caller,
        Err(why) => return nobody(&why, &headers),
    };
    let lang = lang(&headers);
    let part = match part.as_str() {
        "rules" => Some(Part::Rules),
        "kle" => Some(Part::Kle),
        "letters" => Some(Part::Letter),
        _ => None,
    };
    let Some(part) = part else {
        let text = lang.pick(
            "Send til /api/rules/rules, /api/rules/kle eller /api/rules/letters.",
            "Send to /api/rules/rules, /api/rules/kle or /api/rules/letters.",
        );
        return json_error(StatusCode::BAD_REQUEST, "BAD_REQUEST", text);
    };
    // Who may not is told so, and it is noted, before anything is read.
    let office = house.schema.office();
    if let Err(refused) = skranke_graphql::may_publish(office, &caller).await {
        return answer(&refused, lang);
    }
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    let wish = match checked(part, Named { version, from, template: letter }, body.to_vec()) {
        Ok(wish) => wish,
        Err(faults) => return faulty(&faults, lang),
    };
    let shipped = part == Part::Rules && house.rulebook.shipped().has_version(&wish.version);
    match skranke_graphql::publish_rules(office, &caller, wish.clone(), shipped, key).await {
        Ok(receipt) => {
            let in_force = house.rulebook.wait_for(receipt.position, PATIENCE).await;
            let told = json!({
                "version": wish.version, "validFrom": wish.valid_from, "sha256": wish.sha256,
                "position": receipt.position, "caughtUp": in_force,
            });
            (StatusCode::CREATED, Json(told)).into_response()
        }
        Err(refused) => answer(&refused, lang),
    }
}

/// Every fault with its line.
fn faulty(faults: &[Fault], lang: Lang) -> Response {
    let told = faults.iter().map(
        |fault| json!({ "line": fault.line, "code": fault.kind.code(), "message": fault.kind.message(lang) }),
    );
    let message = lang.pick(
        "Versionen har fejl og er ikke offentliggjort.",
        "The version has faults and was not published.",
    );
    let body = json!({ "code": "FAULTY_RULES", "message": message, "faults": told.collect::<Vec<_>>() });
    (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response()
}

fn answer(refused: &NotPublished<RuleSetRefusal>, lang: Lang) -> Response {
    match refused {
        NotPublished::Refused(refusal) => {
            let status = match refusal {
                RuleSetRefusal::NotAllowed => StatusCode::FORBIDDEN,
                RuleSetRefusal::VersionTaken => StatusCode::CONFLICT,
                RuleSetRefusal::NoVersion | RuleSetRefusal::InThePast => StatusCode::UNPROCESSABLE_ENTITY,
            };
            json_error(status, refusal.code(), &refusal.message(lang))
        }
        NotPublished::Conflict => too_late(lang),
        NotPublished::Fault(error) => {
            tracing::error!(error = %error, "a version of the rules was not published");
            at_fault(lang)
        }
    }
}

/// Somebody else was faster.
pub(super) fn too_late(lang: Lang) -> Response {
    let text = lang.pick("En anden var hurtigere. Prøv igen.", "Somebody else was faster. Try again.");
    json_error(StatusCode::CONFLICT, "CONFLICT", text)
}

/// The house is broken.
pub(super) fn at_fault(lang: Lang) -> Response {
    let text = lang.pick("Noget gik galt. Prøv igen.", "Something went wrong. Try again.");
    json_error(StatusCode::INTERNAL_SERVER_ERROR, "FAULT", text)
}
