//! Logging in and out, and who is logged in.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use skranke_domain::Tenant;
use skranke_domain::user::Scope;
use skranke_graphql::Caller;

use crate::house::House;
use crate::login::{self, Claim, NoCaller};
use crate::service_accounts;
use crate::sessions::COOKIE;

use super::errors::{json_error, lang};
use super::password;

/// What a log-in form sends.
#[derive(Deserialize)]
pub(super) struct LogIn {
    municipality: String,
    login: String,
    password: SecretString,
}

/// The header that a page of another origin cannot send without being asked first (CORS): the CSRF defence.
const OWN: &str = "x-skranke";

pub(super) fn is_own_page(headers: &HeaderMap) -> bool {
    headers.contains_key(OWN) && same_origin(headers)
}

/// Whether the browser says that the request comes from a page of ours. A client that is no browser says nothing.
pub(super) fn same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) else {
        return true;
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    origin.split_once("://").is_some_and(|(_, from)| from.eq_ignore_ascii_case(host))
}

pub(super) fn foreign_page(headers: &HeaderMap) -> Response {
    let text = lang(headers).pick(
        "Forespørgslen kom ikke fra Skrankes egen side.",
        "The request did not come from a page of Skranke (the header x-skranke is missing).",
    );
    json_error(StatusCode::FORBIDDEN, "FOREIGN_PAGE", text)
}

pub(super) async fn login(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    form: Result<Json<LogIn>, JsonRejection>,
) -> Response {
    if !is_own_page(&headers) {
        return foreign_page(&headers);
    }
    let lang = lang(&headers);
    let Ok(Json(form)) = form else {
        let text = lang.pick(
            "Send kommune, brugernavn og adgangskode som JSON.",
            "Send municipality, login and password as JSON.",
        );
        return json_error(StatusCode::BAD_REQUEST, "BAD_REQUEST", text);
    };
    let claim = Claim {
        tenant: form.municipality.parse().ok(),
        login: &form.login,
        password: form.password.expose_secret(),
    };
    match login::log_in(&house, claim).await {
        Ok(Ok(token)) => with_cookie(StatusCode::NO_CONTENT.into_response(), &session_cookie(&house, &token)),
        Ok(Err(not_in)) => {
            let (status, code, text) = password::not_in(not_in, lang);
            json_error(status, code, &text)
        }
        Err(error) => unavailable(&error, &headers),
    }
}

/// The cookie of a session.
pub(super) fn session_cookie(house: &House, token: &str) -> String {
    let secure = if house.config.is_https() { "; Secure" } else { "" };
    let age = u32::from(house.config.session.hours) * 3600;
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}")
}

/// What a log-out answers. Whoever came in through the identity provider is told where to log out there, too.
async fn logged_out(house: &House, id_token: Option<String>) -> Response {
    let address = match (&house.provider, id_token) {
        (Some(provider), Some(id_token)) => provider.log_out(&id_token, house.clock.now()).await,
        (None, _) | (_, None) => None,
    };
    let answer = match address {
        Some(address) => Json(json!({ "continueAt": address })).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    with_cookie(answer, &no_cookie())
}

/// Ends every session of whoever asks.
pub(super) async fn logout_everywhere(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    if !is_own_page(&headers) {
        return foreign_page(&headers);
    }
    match caller(&house, &headers).await {
        Ok(caller) => {
            let id_token = token(&headers).map(|token| house.sessions.take_id_token(token)).transpose();
            let ended = id_token.and_then(|id_token| {
                house.sessions.end_all(caller.tenant, caller.user).map(|()| id_token.flatten())
            });
            match ended {
                Ok(id_token) => logged_out(&house, id_token).await,
                Err(error) => unavailable(&error, &headers),
            }
        }
        Err(why) => nobody(&why, &headers),
    }
}

pub(super) async fn logout(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    if !is_own_page(&headers) {
        return foreign_page(&headers);
    }
    let Some(token) = token(&headers) else { return logged_out(&house, None).await };
    let id_token = house.sessions.take_id_token(token);
    match id_token.and_then(|id_token| house.sessions.end(token).map(|()| id_token)) {
        Ok(id_token) => logged_out(&house, id_token).await,
        Err(error) => unavailable(&error, &headers),
    }
}

fn no_cookie() -> String {
    format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// Who is logged in; without a session, what the log-in page needs.
pub(super) async fn session(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    let municipality = |tenant: &Tenant| json!({ "code": tenant, "name": house.municipality(*tenant) });
    match caller(&house, &headers).await {
        Ok(caller) => Json(json!({
            "municipality": municipality(&caller.tenant),
            "municipalities": house.offices.iter().map(municipality).collect::<Vec<_>>(),
            "demo": house.demo.get().is_some(),
        }))
        .into_response(),
        Err(NoCaller::Fault(error)) => unavailable(&error, &headers),
        Err(why) => {
            let (code, message) = words(&why, &headers);
            let demo_users = house.demo.get().map(|demo| {
                let users = demo.users.iter().map(|user| {
                    json!({ "municipality": user.tenant, "login": user.login, "name": user.name, "roles": user.roles })
                });
                users.collect::<Vec<_>>()
            });
            let body = json!({
                "code": code,
                "message": message,
                "municipalities": house.offices.iter().map(municipality).collect::<Vec<_>>(),
                "demo": house.demo.get().is_some(),
                "passwords": house.config.session.passwords,
                "provider": house.provider.as_ref().map(crate::oidc::Provider::title),
                "demoUsers": demo_users.unwrap_or_default(),
                "demoPassword": house.demo.get().map(|demo| demo.password),
            });
            (StatusCode::UNAUTHORIZED, Json(body)).into_response()
        }
    }
}

fn words(why: &NoCaller, headers: &HeaderMap) -> (&'static str, &'static str) {
    let lang = lang(headers);
    match why {
        NoCaller::Expired => (
            "SESSION_EXPIRED",
            lang.pick("Din session er udløbet. Log ind igen.", "Your session has expired. Log in again."),
        ),
        NoCaller::KeptOut => (
            "ACCOUNT_LOCKED",
            lang.pick(
                "Din konto er spærret, eller din adgangskode er nulstillet. Tal med din administrator.",
                "Your account is locked, or your password was reset. Talk to your administrator.",
            ),
        ),
        NoCaller::BadToken => (
            "BAD_TOKEN",
            lang.pick(
                "Adgangsnøglen gælder ikke. Bed en administrator om en ny.",
                "The token opens nothing. Ask an administrator for a new one.",
            ),
        ),
        NoCaller::NoScope => (
            "SCOPE_MISSING",
            lang.pick(
                "Systemkontoen mangler et formål til dette.",
                "The service account lacks the scope for this.",
            ),
        ),
        NoCaller::TooMany(_) => (
            "TOO_MANY_REQUESTS",
            lang.pick(
                "Systemkontoen har sendt for meget. Vent, som Retry-After siger.",
                "The service account has sent too much. Wait as Retry-After says.",
            ),
        ),
        NoCaller::NotLoggedIn | NoCaller::Fault(_) => {
            ("NOT_LOGGED_IN", lang.pick("Du er ikke logget ind.", "You are not logged in."))
        }
    }
}

/// The answer to a request that nobody is behind.
pub(super) fn nobody(why: &NoCaller, headers: &HeaderMap) -> Response {
    if let NoCaller::Fault(error) = why {
        return unavailable(error, headers);
    }
    let (code, message) = words(why, headers);
    match why {
        NoCaller::TooMany(seconds) => {
            let retry = [(header::RETRY_AFTER, HeaderValue::from(*seconds))];
            (retry, json_error(StatusCode::TOO_MANY_REQUESTS, code, message)).into_response()
        }
        NoCaller::NoScope => json_error(StatusCode::FORBIDDEN, code, message),
        NoCaller::BadToken => {
            let how =
                [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""))];
            (how, json_error(StatusCode::UNAUTHORIZED, code, message)).into_response()
        }
        _ => json_error(StatusCode::UNAUTHORIZED, code, message),
    }
}

/// The token of a system outside, if the request bears one.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Whoever is behind a request about files: a person, or a service account with the scope.
pub(super) async fn with_scope(house: &House, headers: &HeaderMap, scope: Scope) -> Result<Caller, NoCaller> {
    let caller = anybody(house, headers).await?;
    if caller.has_scope(scope) { Ok(caller) } else { Err(NoCaller::NoScope) }
}

/// Whoever is behind a request to the API: a service account by its token, else a person by their session. A request
/// with a token is never a person's, whatever cookies it has.
pub(super) async fn anybody(house: &House, headers: &HeaderMap) -> Result<Caller, NoCaller> {
    let Some(token) = bearer(headers) else { return caller(house, headers).await };
    let caller = service_accounts::caller(house, token, lang(headers)).await?;
    let most = house.config.limits.service_per_minute;
    house.rates.count(caller.user, most, house.clock.now()).map_err(NoCaller::TooMany)?;
    Ok(caller)
}

/// The person behind a request: the session's user, with the roles they hold at this moment.
pub(super) async fn caller(house: &House, headers: &HeaderMap) -> Result<Caller, NoCaller> {
    let token = token(headers).ok_or(NoCaller::NotLoggedIn)?;
    login::caller(house, token, lang(headers)).await
}

pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    cookie_named(headers, COOKIE)
}

/// The value of a cookie.
pub(super) fn cookie_named<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
        .filter(|token| !token.is_empty())
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

pub(super) fn unavailable(error: &anyhow::Error, headers: &HeaderMap) -> Response {
    tracing::error!(error = format!("{error:#}"), "a staff request failed");
    let text = lang(headers).pick(
        "Vi kan ikke svare lige nu. Prøv igen om lidt.",
        "We cannot answer right now. Try again in a moment.",
    );
    json_error(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", text)
}
