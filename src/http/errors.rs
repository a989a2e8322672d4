//! What people and programs read when something is wrong with the request or the house.

use std::any::Any;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Json, Response};
use serde_json::json;
use skranke_domain::Lang;
use tower_governor::GovernorError;

/// The language of a request.
pub(super) fn lang(headers: &HeaderMap) -> Lang {
    let tag = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("da");
    Lang::from_tag(tag.trim())
}

/// An error as JSON: a code for programs and a sentence for people.
pub(super) fn json_error(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "code": code, "message": message }))).into_response()
}

/// A page that says what is wrong and where to go on. Needs no script and no other file but the style sheet.
pub(super) fn page(status: StatusCode, lang: Lang, title: &str, text: &str) -> Response {
    let home = lang.pick("Gå til forsiden", "Go to the front page");
    let tag = lang.tag();
    (
        status,
        Html(format!(
            "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\"><title>{title} – Skranke</title><link rel=\"stylesheet\" \
             href=\"/assets/chat.css\"></head><body><main class=\"container page-container\"><h1>{title}</h1>\
             <p>{text}</p><p><a href=\"/\">{home}</a></p></main></body></html>"
        )),
    )
        .into_response()
}

fn wants_json(path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    path.starts_with("/api/") || path.starts_with("/graphql") || accept.starts_with("application/json")
}

fn answer(
    path: &str,
    headers: &HeaderMap,
    status: StatusCode,
    code: &str,
    da: (&str, &str),
    en: (&str, &str),
) -> Response {
    let lang = lang(headers);
    let (title, text) = match lang {
        Lang::Da => da,
        Lang::En => en,
    };
    if wants_json(path, headers) { json_error(status, code, text) } else { page(status, lang, title, text) }
}

/// No such page, in a browser.
pub(super) fn not_found_page(lang: Lang) -> Response {
    let title = lang.pick("Siden findes ikke", "Page not found");
    let text = lang.pick("Der er ingen side på denne adresse.", "There is no page at this address.");
    page(StatusCode::NOT_FOUND, lang, title, text)
}

/// No such page.
pub(super) async fn not_found(request: Request) -> Response {
    answer(
        request.uri().path(),
        request.headers(),
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        (
            "Siden findes ikke",
            "Der er ingen side på denne adresse. Se efter, om adressen er skrevet rigtigt.",
        ),
        ("Page not found", "There is no page at this address. Check that the address is spelt right."),
    )
}

/// The page is there, but not for this method.
pub(super) async fn method_not_allowed(method: Method, request: Request) -> Response {
    let da = format!("Metoden {method} kan ikke bruges på denne adresse.");
    let en = format!("{method} is not allowed at this address.");
    answer(
        request.uri().path(),
        request.headers(),
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        ("Det kan denne side ikke", &da),
        ("Not allowed", &en),
    )
}

/// Axum's own refusals (a body that is too large, a form that is no form) become pages and JSON like the rest.
pub(super) async fn plain_to_page(request: Request, next: Next) -> Response {
    let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
    let response = next.run(request).await;
    let status = response.status();
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !plain || path == "/readyz" {
        return response;
    }
    let retry = response.headers().get(header::RETRY_AFTER).cloned();
    let mut rewritten = match status {
        StatusCode::PAYLOAD_TOO_LARGE => answer(
            &path,
            &headers,
            status,
            "TOO_LARGE",
            (
                "Det var for meget",
                "Det, du sendte, er for stort. Gør det kortere, og prøv igen. Intet er gemt.",
            ),
            ("Too much", "What you sent is too large. Make it shorter and try again. Nothing was stored."),
        ),
        StatusCode::TOO_MANY_REQUESTS => {
            let seconds = retry.as_ref().and_then(|value| value.to_str().ok()).unwrap_or("1");
            let da = format!("Du har sendt meget på kort tid. Vent {seconds} sekunder, og prøv igen.");
            let en = format!("You have sent a lot in a short time. Wait {seconds} seconds and try again.");
            let (da, en) = (("Vent lidt", da.as_str()), ("Wait a moment", en.as_str()));
            answer(&path, &headers, status, "TOO_MANY_REQUESTS", da, en)
        }
        StatusCode::INTERNAL_SERVER_ERROR => answer(
            &path,
            &headers,
            status,
            "FAULT",
            ("Noget gik galt hos os", "Prøv igen om lidt. Det, der er kvitteret for, er gemt."),
            ("Something went wrong on our side", "Try again in a moment. Whatever was confirmed is stored."),
        ),
        StatusCode::SERVICE_UNAVAILABLE => answer(
            &path,
            &headers,
            status,
            "UNAVAILABLE",
            ("Vi kan ikke svare lige nu", "Prøv igen om lidt. Det, der er kvitteret for, er gemt."),
            ("We cannot answer right now", "Try again in a moment. Whatever was confirmed is stored."),
        ),
        _ => answer(
            &path,
            &headers,
            status,
            "BAD_REQUEST",
            ("Det forstod vi ikke", "Det, du sendte, kunne ikke læses. Gå tilbage, og prøv igen."),
            ("We could not read that", "What you sent could not be read. Go back and try again."),
        ),
    };
    if let Some(retry) = retry {
        rewritten.headers_mut().insert(header::RETRY_AFTER, retry);
    }
    rewritten
}

/// Too many requests from one address. Plain here; [`plain_to_page`] puts it into words.
pub(super) fn too_many(error: &GovernorError) -> Response {
    let seconds = match error {
        GovernorError::TooManyRequests { wait_time, .. } => *wait_time,
        GovernorError::UnableToExtractKey | GovernorError::Other { .. } => 1,
    };
    let retry = [(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))];
    (StatusCode::TOO_MANY_REQUESTS, retry, "too many requests").into_response()
}

/// A bug. The reason stays out of the log: it could hold what somebody wrote. Plain here, too.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> axum::http::Response<Body> {
    tracing::error!("a request handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "a fault").into_response()
}
