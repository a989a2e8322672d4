//! The download of a released package of papers (aktindsigt). Staff only; each download is noted in the access log.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use skranke_domain::AccessRequestId;
use skranke_graphql::NoPackage;

use crate::house::House;

use super::errors::{json_error, lang};
use super::staff::{caller, nobody, unavailable};

pub(super) async fn download(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let caller = match caller(&house, &headers).await {
        Ok(caller) => caller,
        Err(why) => return nobody(&why, &headers),
    };
    // What is no id is the id of nothing.
    let package = match id.parse::<AccessRequestId>() {
        Ok(id) => house.schema.package(&caller, id).await,
        Err(_) => Err(NoPackage::NotReleased),
    };
    match package {
        Ok(package) => {
            let disposition = format!("attachment; filename=\"{}\"", package.name);
            let headers = [
                (header::CONTENT_TYPE, "application/zip".to_owned()),
                (header::CONTENT_DISPOSITION, disposition),
            ];
            (headers, package.bytes).into_response()
        }
        Err(why) => refused(why, &headers),
    }
}

fn refused(why: NoPackage, headers: &HeaderMap) -> Response {
    let lang = lang(headers);
    match why {
        NoPackage::NotAllowed => json_error(
            StatusCode::FORBIDDEN,
            "NOT_ALLOWED",
            lang.pick("Dine roller giver ikke adgang til dette.", "Your roles do not allow this."),
        ),
        NoPackage::NotReleased => json_error(
            StatusCode::NOT_FOUND,
            "NOT_RELEASED",
            lang.pick("Der er ingen udleveret pakke her.", "There is no released package here."),
        ),
        NoPackage::Erased => json_error(
            StatusCode::GONE,
            "ERASED",
            lang.pick(
                "Pakken kan ikke dannes igen, for personoplysningerne i den er slettet.",
                "The package cannot be made again: the personal data in it was erased.",
            ),
        ),
        NoPackage::NotTheSame
        | NoPackage::NotNoted
        | NoPackage::Log(_)
        | NoPackage::Seal(_)
        | NoPackage::Write(_) => unavailable(&anyhow::Error::new(why), headers),
    }
}
