//! Changing one's own password, proved by the old one: a page that needs no script, and the same for programs. A one-time
//! password is changed here before anybody is logged in with it.

use std::sync::Arc;

use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use maud::{DOCTYPE, html};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use skranke_domain::Lang;

use crate::house::House;
use crate::login::{self, Claim, NotIn};
use crate::passwords::{LONGEST, SHORTEST, Unfit};

use super::errors::{json_error, lang};
use super::staff::{foreign_page, is_own_page, same_origin, unavailable};

/// What the form sends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    municipality: String,
    login: String,
    password: SecretString,
    new_password: SecretString,
    /// Typed a second time, where people type it.
    #[serde(default)]
    again: Option<SecretString>,
}

impl Change {
    async fn carry_out(&self, house: &Arc<House>) -> anyhow::Result<Result<(), NotIn>> {
        let claim = Claim {
            tenant: self.municipality.parse().ok(),
            login: &self.login,
            password: self.password.expose_secret(),
        };
        login::change_password(house, claim, self.new_password.expose_secret()).await
    }
}

/// Why somebody was not let in: status, code and sentence.
pub(super) fn not_in(why: NotIn, lang: Lang) -> (StatusCode, &'static str, String) {
    let (status, code, text) = match why {
        NotIn::Off => (
            StatusCode::FORBIDDEN,
            "NO_PASSWORDS",
            lang.pick(
                "Her logger man ikke ind med adgangskode. Brug kommunens login på siden /log-ind.",
                "Nobody logs in with a password here. Use the identity provider on the page /log-ind.",
            ),
        ),
        NotIn::Wrong => (
            StatusCode::UNAUTHORIZED,
            "WRONG_LOGIN",
            lang.pick(
                "Kommune, brugernavn eller adgangskode er forkert.",
                "Municipality, user name or password is wrong.",
            ),
        ),
        NotIn::TooManyTries => (
            StatusCode::TOO_MANY_REQUESTS,
            "TOO_MANY_TRIES",
            lang.pick(
                "Der er skrevet forkert adgangskode for mange gange. Vent lidt, eller tal med din administrator.",
                "A wrong password was given too many times. Wait a while, or talk to your administrator.",
            ),
        ),
        NotIn::Locked => (
            StatusCode::FORBIDDEN,
            "ACCOUNT_LOCKED",
            lang.pick(
                "Din konto er spærret. Tal med din administrator.",
                "Your account is locked. Talk to your administrator.",
            ),
        ),
        NotIn::MustChange => (
            StatusCode::FORBIDDEN,
            "PASSWORD_CHANGE_REQUIRED",
            lang.pick(
                "Det er en engangskode. Vælg din egen adgangskode på siden /adgangskode, og log så ind.",
                "This is a one-time password. Choose one of your own on the page /adgangskode, then log in.",
            ),
        ),
        NotIn::Unfit(unfit) => {
            return (StatusCode::UNPROCESSABLE_ENTITY, "PASSWORD_UNFIT", unfit_words(unfit, lang));
        }
    };
    (status, code, text.to_owned())
}

fn unfit_words(unfit: Unfit, lang: Lang) -> String {
    match (unfit, lang) {
        (_, Lang::En) => unfit.to_string(),
        (Unfit::TooShort, Lang::Da) => format!("Adgangskoden skal have mindst {SHORTEST} tegn."),
        (Unfit::TooLong, Lang::Da) => format!("Adgangskoden må højst have {LONGEST} tegn."),
        (Unfit::TooPlain, Lang::Da) => {
            "Adgangskoden må ikke være brugernavnet eller det samme tegn igen og igen.".to_owned()
        }
        (Unfit::TheSame, Lang::Da) => "Den nye adgangskode må ikke være den gamle.".to_owned(),
    }
}

/// For programs, and for the dashboard.
pub(super) async fn change(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    form: Result<Json<Change>, JsonRejection>,
) -> Response {
    if !is_own_page(&headers) {
        return foreign_page(&headers);
    }
    let lang = lang(&headers);
    let Ok(Json(form)) = form else {
        let text = lang.pick(
            "Send municipality, login, password og newPassword som JSON.",
            "Send municipality, login, password and newPassword as JSON.",
        );
        return json_error(StatusCode::BAD_REQUEST, "BAD_REQUEST", text);
    };
    match form.carry_out(&house).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(why)) => {
            let (status, code, text) = not_in(why, lang);
            json_error(status, code, &text)
        }
        Err(error) => unavailable(&error, &headers),
    }
}

/// The page.
pub(super) async fn page(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    form(&house, lang(&headers), StatusCode::OK, None, ("", ""))
}

/// The page, sent.
pub(super) async fn sent(
    State(house): State<Arc<House>>,
    headers: HeaderMap,
    sent: Result<Form<Change>, FormRejection>,
) -> Response {
    if !same_origin(&headers) {
        return foreign_page(&headers);
    }
    let lang = lang(&headers);
    let Ok(Form(change)) = sent else {
        let text = lang.pick("Udfyld alle felter.", "Fill in all fields.");
        return form(&house, lang, StatusCode::BAD_REQUEST, Some(text), ("", ""));
    };
    let filled = (change.municipality.as_str(), change.login.as_str());
    let again = change.again.as_ref().map(ExposeSecret::expose_secret);
    if again.is_some_and(|again| again != change.new_password.expose_secret()) {
        let text = lang.pick(
            "De to nye adgangskoder er ikke ens. Skriv den samme to gange.",
            "The two new passwords differ. Write the same one twice.",
        );
        return form(&house, lang, StatusCode::UNPROCESSABLE_ENTITY, Some(text), filled);
    }
    match change.carry_out(&house).await {
        Ok(Ok(())) => done(lang),
        Ok(Err(why)) => {
            let (status, _, text) = not_in(why, lang);
            form(&house, lang, status, Some(&text), filled)
        }
        Err(error) => unavailable(&error, &headers),
    }
}

fn form(
    house: &House,
    lang: Lang,
    status: StatusCode,
    wrong: Option<&str>,
    (municipality, login): (&str, &str),
) -> Response {
    let field = |name: &str, label: &str, kind: &str, autocomplete: &str, value: &str| {
        html! {
            div class="form-group" {
                label class="form-label" for=(name) { (label) }
                input class="form-input" id=(name) name=(name) type=(kind) autocomplete=(autocomplete)
                    value=(value) required;
            }
        }
    };
    let title = lang.pick("Skift adgangskode", "Change password");
    let hint = match lang {
        Lang::Da => format!("Mindst {SHORTEST} tegn. En sætning er let at huske."),
        Lang::En => format!("At least {SHORTEST} characters. A sentence is easy to remember."),
    };
    let body = html! {
        h1 { (title) }
        @if let Some(wrong) = wrong {
            div class="alert alert-error" role="alert" { div class="alert-body" { p class="alert-text" { (wrong) } } }
        }
        form method="post" action="/adgangskode" {
            div class="form-group" {
                label class="form-label" for="municipality" { (lang.pick("Kommune", "Municipality")) }
                select class="form-select" id="municipality" name="municipality" required {
                    @for tenant in &house.offices {
                        option value=(tenant) selected[tenant.code() == municipality] { (house.municipality(*tenant)) }
                    }
                }
            }
            (field("login", lang.pick("Brugernavn", "User name"), "text", "username", login))
            (field("password", lang.pick("Nuværende adgangskode", "Present password"), "password", "current-password", ""))
            p { (hint) }
            (field("newPassword", lang.pick("Ny adgangskode", "New password"), "password", "new-password", ""))
            (field("again", lang.pick("Ny adgangskode igen", "New password again"), "password", "new-password", ""))
            button class="button button-primary" type="submit" { (title) }
        }
    };
    shell(lang, status, title, &body)
}

fn done(lang: Lang) -> Response {
    let title = lang.pick("Din adgangskode er ændret", "Your password is changed");
    let body = html! {
        h1 { (title) }
        p {
            (lang.pick("Du er logget ud alle steder.", "You are logged out everywhere."))
            " "
            a href="/sager" { (lang.pick("Log ind med den nye", "Log in with the new one")) }
        }
    };
    shell(lang, StatusCode::OK, title, &body)
}

pub(super) fn shell(lang: Lang, status: StatusCode, title: &str, body: &maud::Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " – Skranke" }
                link rel="stylesheet" href="/assets/chat.css";
            }
            body { main class="container page-container" { (body) } }
        }
    };
    (status, page).into_response()
}
