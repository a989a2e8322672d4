//! The way to the identity provider and back. Both are plain links, for a browser comes from another site: what proves
//! that it is the one that left is the cookie it was given.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use serde::Deserialize;
use skranke_domain::Lang;

use crate::house::House;
use crate::oidc::{self, CALLBACK, NotVouched};

use super::errors::{lang, not_found_page};
use super::password::shell;
use super::staff::{cookie_named, session_cookie};

/// The cookie of a log-in that was begun.
const COOKIE: &str = "skranke_oidc";
/// Where people go who did not say where they wanted to go.
const HOME: &str = "/sager";

/// What a link to the log-in says.
#[derive(Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    next: String,
}

/// What the provider sends back in the address.
#[derive(Deserialize)]
pub(super) struct Back {
    code: Option<String>,
    state: Option<String>,
    /// Who sends (RFC 9207).
    iss: Option<String>,
    error: Option<String>,
}

/// Sends the browser to the provider.
pub(super) async fn begin(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    Query(wish): Query<Wish>,
) -> Response {
    let lang = lang(&headers);
    let Some(provider) = &house.provider else { return not_found_page(lang) };
    let now = house.clock.now();
    let begun = provider.begin(safe(wish.next), now).await;
    let kept = begun.and_then(|(address, pending)| {
        let browser = house.sessions.keep_entry(&pending, now).map_err(NotVouched::Fault)?;
        Ok((address, browser))
    });
    match kept {
        Ok((address, browser)) => {
            // Lax: the browser comes back from another site, by a link.
            let secure = if house.config.is_https() { "; Secure" } else { "" };
            let cookie =
                format!("{COOKIE}={browser}; Path={CALLBACK}; HttpOnly; SameSite=Lax; Max-Age=600{secure}");
            with_cookies(Redirect::to(&address).into_response(), &[cookie])
        }
        Err(why) => not_in(&why, lang),
    }
}

/// Takes the browser back from the provider.
pub(super) async fn come_back(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Response {
    let lang = lang(&headers);
    match entered(&house, &headers, back).await {
        Ok(entered) => {
            let cookies = [session_cookie(&house, &entered.token), no_cookie()];
            with_cookies(Redirect::to(&entered.next).into_response(), &cookies)
        }
        Err(why) => with_cookies(not_in(&why, lang), &[no_cookie()]),
    }
}

async fn entered(house: &House, headers: &HeaderMap, back: Back) -> Result<oidc::Entered, NotVouched> {
    let provider = house.provider.as_ref().ok_or(NotVouched::Stale)?;
    let browser = cookie_named(headers, COOKIE).ok_or(NotVouched::Stale)?;
    let pending = house.sessions.take_entry(browser, house.clock.now()).map_err(NotVouched::Fault)?;
    let pending = pending.filter(|pending| back.state.as_deref() == Some(&pending.state));
    let pending = pending.ok_or(NotVouched::Stale)?;
    if back.iss.is_some_and(|issuer| issuer != house.config.oidc.issuer) {
        return Err(NotVouched::Unproved("another provider sent the browser back"));
    }
    match back.code {
        Some(code) if back.error.is_none() => oidc::enter(house, provider, pending, code).await,
        _ => Err(NotVouched::Denied),
    }
}

/// Only pages of our own: a link from elsewhere shall not lead people away after the log-in.
fn safe(next: String) -> String {
    let ours = ["/sager", "/revision"].iter().any(|home| {
        next.strip_prefix(home).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    });
    let plain = !next.contains("//") && !next.contains('\\') && !next.contains(char::is_control);
    if ours && plain { next } else { HOME.to_owned() }
}

fn no_cookie() -> String {
    format!("{COOKIE}=; Path={CALLBACK}; HttpOnly; SameSite=Lax; Max-Age=0")
}

fn with_cookies(mut response: Response, cookies: &[String]) -> Response {
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

/// The page for somebody who did not come in: why, and what to do.
fn not_in(why: &NotVouched, lang: Lang) -> Response {
    let (status, da, en) = match why {
        NotVouched::Down => (
            StatusCode::BAD_GATEWAY,
            "Kommunens login svarer ikke. Prøv igen om lidt. Bliver det ved, så kontakt jeres it-support.",
            "The identity provider does not answer. Try again in a moment, or ask your IT support if it goes on.",
        ),
        NotVouched::Denied => (
            StatusCode::FORBIDDEN,
            "Login blev afbrudt eller afvist. Prøv igen. Bliver du afvist igen, så bed jeres it-support om adgang \
             til Skranke.",
            "The log-in was cancelled or denied. Try again; if it is denied again, ask your IT support for access to \
             Skranke.",
        ),
        NotVouched::Stale => (
            StatusCode::BAD_REQUEST,
            "Login blev ikke begyndt i denne browser, varede for længe eller er brugt. Begynd forfra. Browseren skal \
             tillade cookies.",
            "The log-in was not begun in this browser, took too long or was used already. Begin again, and allow \
             cookies.",
        ),
        NotVouched::Unproved(fault) => {
            tracing::warn!(fault, "a log-in through the identity provider was not proved");
            (
                StatusCode::FORBIDDEN,
                "Svaret fra kommunens login kunne ikke bekræftes, så du er ikke logget ind. Prøv igen. Bliver det ved, \
                 så kontakt jeres it-support.",
                "The identity provider's answer could not be verified, so you are not logged in. Try again, or ask \
                 your IT support if it goes on.",
            )
        }
        NotVouched::NoName => (
            StatusCode::FORBIDDEN,
            "Kommunens login oplyser ikke dit brugernavn eller navn. Bed jeres it-support om at sende det til Skranke.",
            "The identity provider does not tell your user name or name. Ask your IT support to send it to Skranke.",
        ),
        NotVouched::NoMunicipality => (
            StatusCode::FORBIDDEN,
            "Kommunens login oplyser ingen kommune, som Skranke kender. Bed jeres it-support om at rette det.",
            "The identity provider names no municipality that Skranke knows. Ask your IT support to correct it.",
        ),
        NotVouched::NoRole => (
            StatusCode::FORBIDDEN,
            "Du har ingen rolle i Skranke. Bed din leder eller jeres it-support om at give dig en i kommunens login.",
            "You have no role in Skranke. Ask your manager or your IT support to give you one at the identity provider.",
        ),
        NotVouched::KeptOut => (
            StatusCode::FORBIDDEN,
            "Din konto er spærret. Tal med din administrator.",
            "Your account is locked. Talk to your administrator.",
        ),
        NotVouched::Fault(error) => {
            tracing::error!(error = format!("{error:#}"), "a log-in through the identity provider failed");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "Vi kan ikke svare lige nu. Prøv igen om lidt.",
                "We cannot answer right now. Try again in a moment.",
            )
        }
    };
    let title = lang.pick("Du blev ikke logget ind", "You were not logged in");
    let body = html! {
        h1 { (title) }
        p { (lang.pick(da, en)) }
        p { a href="/log-ind" { (lang.pick("Til login", "To the log-in")) } }
    };
    shell(lang, status, title, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_log_in_nobody_is_led_away_from_our_own_pages() {
        for ours in ["/sager", "/sager/sag/1?vis=notater", "/revision?x=1"] {
            assert_eq!(safe(ours.to_owned()), ours);
        }
        for trap in
            ["", "//evil.example", "https://evil.example", "/sager//evil.example", "/sagere", "/sager/\\e"]
        {
            assert_eq!(safe(trap.to_owned()), HOME);
        }
    }
}
