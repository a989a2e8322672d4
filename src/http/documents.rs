//! Files in and out: uploading to a case, opening a document, and the letter of a draft as it would be sent.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use futures::{Stream, StreamExt};
use serde::Deserialize;
use serde_json::json;
use skranke_domain::case::FIRST_PARTY;
use skranke_domain::user::Scope;
use skranke_domain::{CaseId, DocumentId};
use skranke_graphql::{Caller, FileFault, Opened};
use skranke_store::documents::DocumentError;

use crate::house::House;

use super::errors::{json_error, lang};
use super::idempotency::IdempotencyKey;
use super::staff::{bearer, foreign_page, is_own_page, nobody, with_scope};

/// Uploads. The store counts the bytes itself, as they come: the limit on other requests does not hold here.
pub(super) fn uploads() -> axum::Router<Arc<House>> {
    axum::Router::new().route("/api/cases/{case}/documents", post(upload)).layer(DefaultBodyLimit::disable())
}

/// Downloads.
pub(super) fn downloads() -> axum::Router<Arc<House>> {
    axum::Router::new()
        .route("/api/cases/{case}/documents/{document}", get(open))
        .route("/api/cases/{case}/letter", get(letter))
}

async fn upload(
    State(house): State<Arc<House>>,
    Path(case): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    if bearer(&headers).is_none() && !is_own_page(&headers) {
        return foreign_page(&headers);
    }
    let caller = match with_scope(&house, &headers, Scope::CasesWrite).await {
        Ok(caller) => caller,
        Err(why) => return nobody(&why, &headers),
    };
    let (Ok(case), Ok(form)) = (case.parse::<CaseId>(), form) else {
        let text = lang(&headers)
            .pick("Send filen som multipart/form-data.", "Send the file as multipart/form-data.");
        return json_error(StatusCode::BAD_REQUEST, "BAD_REQUEST", text);
    };
    // On a task of its own: a sender who hangs up between the file and its event does not stop the event.
    let taken = tokio::spawn(async move { take_in(&house, &caller, case, &key, form).await });
    match taken.await {
        Ok(Ok(document)) => (StatusCode::CREATED, Json(json!({ "documentId": document }))).into_response(),
        Ok(Err(fault)) => answer(&fault, &headers),
        Err(_) => json_error(StatusCode::INTERNAL_SERVER_ERROR, "FAULT", "the upload was aborted"),
    }
}

async fn take_in(
    house: &House,
    caller: &Caller,
    case: CaseId,
    key: &str,
    mut form: Multipart,
) -> Result<DocumentId, FileFault> {
    let broken = |_| FileFault::File(DocumentError::Interrupted);
    while let Some(field) = form.next_field().await.map_err(broken)? {
        // Fields without a file are not ours.
        let Some(name) = field.file_name().map(str::to_owned) else { continue };
        return skranke_graphql::upload(house.schema.office(), caller, case, key, &name, field).await;
    }
    Err(FileFault::File(DocumentError::Empty))
}

#[derive(Deserialize)]
struct Version {
    version: Option<u32>,
}

async fn open(
    State(house): State<Arc<House>>,
    Path((case, document)): Path<(String, String)>,
    Query(Version { version }): Query<Version>,
    headers: HeaderMap,
) -> Response {
    let caller = match with_scope(&house, &headers, Scope::CasesRead).await {
        Ok(caller) => caller,
        Err(why) => return nobody(&why, &headers),
    };
    let (Ok(case), Ok(document)) = (case.parse::<CaseId>(), document.parse::<DocumentId>()) else {
        return answer(&FileFault::NotFound, &headers);
    };
    match skranke_graphql::open_document(house.schema.office(), &caller, case, document, version).await {
        Ok(Opened { name, media_type, size, bytes }) => {
            let bytes = bytes.inspect(|piece| {
                if let Err(error) = piece {
                    tracing::error!(error = %error, "a document broke off");
                }
            });
            attachment(&name, &media_type, size, bytes)
        }
        Err(fault) => answer(&fault, &headers),
    }
}

#[derive(Deserialize)]
struct Addressed {
    party: Option<u32>,
}

async fn letter(
    State(house): State<Arc<House>>,
    Path(case): Path<String>,
    Query(Addressed { party }): Query<Addressed>,
    headers: HeaderMap,
) -> Response {
    let caller = match with_scope(&house, &headers, Scope::CasesRead).await {
        Ok(caller) => caller,
        Err(why) => return nobody(&why, &headers),
    };
    let Ok(case) = case.parse::<CaseId>() else { return answer(&FileFault::NotFound, &headers) };
    let party = party.unwrap_or(FIRST_PARTY);
    match skranke_graphql::preview(house.schema.office(), &caller, case, party).await {
        Ok(Opened { name, media_type, size, bytes }) => {
            attachment(&name, &media_type, size, futures::stream::iter([Ok::<_, DocumentError>(bytes)]))
        }
        Err(fault) => answer(&fault, &headers),
    }
}

/// A file to keep, and never a page of ours: whatever it holds, no browser runs it here.
fn attachment<E>(
    name: &str,
    media_type: &str,
    size: u64,
    bytes: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
) -> Response
where
    E: Into<axum::BoxError>,
{
    // RFC 6266: the name in UTF-8, every other byte than letters and digits escaped, and nothing to break out of.
    let escaped = name.bytes().fold(String::new(), |name, byte| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'-' | b'_' => {
            name + char::from(byte).encode_utf8(&mut [0; 4])
        }
        byte => format!("{name}%{byte:02X}"),
    });
    let disposition = HeaderValue::try_from(format!("attachment; filename*=UTF-8''{escaped}"));
    let kind = HeaderValue::try_from(media_type);
    let mut response = Response::new(Body::from_stream(bytes));
    let headers = response.headers_mut();
    headers
        .insert(header::CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers
        .insert(header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    response
}

fn answer(fault: &FileFault, headers: &HeaderMap) -> Response {
    let lang = lang(headers);
    match fault {
        FileFault::Refused { code, message } => {
            let status =
                if *code == "CASE_NOT_FOUND" { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
            json_error(status, code, message)
        }
        FileFault::NotFound => {
            let text = lang.pick("Dokumentet findes ikke.", "There is no such document.");
            json_error(StatusCode::NOT_FOUND, "DOCUMENT_NOT_FOUND", text)
        }
        FileFault::Conflict => {
            let text = lang
                .pick("En anden ændrede sagen samtidig. Prøv igen.", "Somebody else was faster. Try again.");
            json_error(StatusCode::CONFLICT, "CONFLICT", text)
        }
        FileFault::File(error) => {
            let status = match error {
                DocumentError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                DocumentError::Type => StatusCode::UNSUPPORTED_MEDIA_TYPE,
                DocumentError::Empty | DocumentError::Interrupted => StatusCode::BAD_REQUEST,
                DocumentError::Infected => StatusCode::UNPROCESSABLE_ENTITY,
                DocumentError::Erased => StatusCode::GONE,
                DocumentError::NotScanned(_) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            if status.is_server_error() {
                tracing::error!(error = %error, "a file was not taken in or not shown");
            }
            let (code, da, en) = skranke_graphql::file_words(error);
            json_error(status, code, lang.pick(da, en))
        }
        FileFault::Fault(error) => {
            tracing::error!(error = %error, "a request about a file failed");
            let text = lang.pick("Noget gik galt. Prøv igen.", "Something went wrong. Try again.");
            json_error(StatusCode::INTERNAL_SERVER_ERROR, "FAULT", text)
        }
    }
}
