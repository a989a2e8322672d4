//! Accounts: lock-out after wrong passwords, one-time passwords, changing one's own, and logging out everywhere.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::people::{Answer, Person, nodes};
use crate::server::{PASSWORD, Server, Setup, eventually};

const NEW: &str = "en helt ny adgangskode";

fn code(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

async fn changes(person: &Person, login: &str, old: &str, new: &str) -> Answer {
    let body = json!({ "municipality": "0190", "login": login, "password": old, "newPassword": new });
    Person::send(person.request_post("/api/password").header("x-skranke", "1").json(&body)).await
}

async fn account(vera: &Person, login: &str) -> Value {
    let accounts = "{ accounts(first: 50) { edges { node {
        staff { id login } locked lockedUntil mustChangePassword } } } }";
    let accounts = nodes(vera.ask(accounts, json!({})).await["accounts"].take());
    accounts.as_array().unwrap().iter().find(|one| one["staff"]["login"] == login).unwrap().clone()
}

#[tokio::test]
async fn wrong_passwords_lock_a_name_for_a_while_whether_it_is_anybodys_or_not() {
    let server = Setup::new().set("SKRANKE_SESSION_LOCK_AFTER", "3").start().await;
    let [vera, bent] = server.furesoe(["vera", "bent"]).await;
    let guesser = server.visitor();
    let mut told = Vec::new();
    for login in ["bent", "findes-ikke"] {
        let mut answers = Vec::new();
        for _ in 0..3 {
            answers.push(code(&guesser.log_in(login, "0190", "forkert adgangskode").await));
        }
        // Also with the right one: nobody learns by trying on.
        answers.push(code(&guesser.log_in(login, "0190", PASSWORD).await));
        told.push(answers);
    }
    assert_eq!(told[0], told[1], "what is told of a name that is nobody's");
    let wrong = (401, "WRONG_LOGIN".to_owned());
    assert_eq!(told[0], [wrong.clone(), wrong.clone(), wrong, (429, "TOO_MANY_TRIES".to_owned())]);
    assert_eq!(guesser.log_in("kari", "0190", PASSWORD).await.status, StatusCode::NO_CONTENT, "another name");

    // It is in the log, who is logged in stays so, and an administrator lets them in again.
    let locked = eventually("the lock is in the log", async || {
        Some(account(&vera, "bent").await).filter(|account| account["locked"] == true)
    })
    .await;
    assert!(locked["lockedUntil"].is_string(), "it ends by itself: {locked}");
    assert!(bent.ask("{ cases { totalCount } }", json!({})).await["cases"].is_object());
    vera.does("accountUnlock", json!({ "staffId": locked["staff"]["id"] })).await;
    // Seconds are what the count is kept in: a try in the second of the unlocking is forgiven as well.
    assert_eq!(guesser.log_in("bent", "0190", PASSWORD).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_account_that_an_administrator_locks_is_out_at_once() {
    let server = Server::start().await;
    let [vera, bent] = server.furesoe(["vera", "bent"]).await;
    let mut screen = bent.listens().await;
    screen.subscribe("list", "subscription { worklistChanged { position } }").await;
    let id = json!({ "staffId": vera.id_of("bent").await });
    assert_eq!(bent.is_refused("accountLock", id.clone()).await.0, "NOT_ALLOWED");
    vera.does("accountLock", id.clone()).await;
    assert_eq!(screen.is_closed().await, 4401);
    let asked = Person::send(bent.graphql("{ cases { totalCount } }", &json!({}))).await;
    assert_eq!(code(&asked), (401, "ACCOUNT_LOCKED".to_owned()));
    let stranger = server.visitor();
    let wrong = stranger.log_in("bent", "0190", "forkert adgangskode").await;
    assert_eq!(code(&wrong), (401, "WRONG_LOGIN".to_owned()), "a guesser does not learn of it");
    assert_eq!(code(&stranger.log_in("bent", "0190", PASSWORD).await), (403, "ACCOUNT_LOCKED".to_owned()));
    vera.does("accountUnlock", id).await;
    assert_eq!(stranger.log_in("bent", "0190", PASSWORD).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_one_time_password_is_changed_before_it_opens_anything() {
    let server = Server::start().await;
    let [vera, bent] = server.furesoe(["vera", "bent"]).await;
    let id = json!({ "staffId": vera.id_of("bent").await, "idempotencyKey": "nulstil-1" });
    let reset = vera.does("passwordReset", id.clone()).await;
    let once = reset["oneTimePassword"].as_str().unwrap().to_owned();
    assert!(vera.does("passwordReset", id).await["oneTimePassword"].is_null(), "it is shown once");
    let asked = Person::send(bent.graphql("{ cases { totalCount } }", &json!({}))).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED, "who was logged in is out");
    assert_eq!(account(&vera, "bent").await["mustChangePassword"], true);
    let browser = server.visitor();
    assert_eq!(code(&browser.log_in("bent", "0190", PASSWORD).await).1, "WRONG_LOGIN", "the old one");
    let told = browser.log_in("bent", "0190", &once).await;
    assert_eq!(code(&told), (403, "PASSWORD_CHANGE_REQUIRED".to_owned()));
    assert!(
        told.json()["message"].as_str().unwrap().contains("/adgangskode") && browser.cookies().is_empty()
    );

    // On the page, without a script: first a slip, then the real thing.
    let page = browser.get("/adgangskode").await;
    let form = page.form("/adgangskode").choosing("municipality", "0190").with("login", "bent");
    let form = form.with("password", &once).with("newPassword", NEW);
    let slip = browser.submit(form.clone().with("again", "noget helt andet")).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(slip.text.contains("ikke ens") && !slip.text.contains(NEW), "{}", slip.text);
    let short = browser.submit(form.clone().with("newPassword", "kort").with("again", "kort")).await;
    assert!(short.text.contains("mindst 12 tegn"), "{}", short.text);
    let done = browser.submit(form.with("again", NEW)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert!(done.is_html() && done.text.contains("er ændret"), "{}", done.text);
    assert_eq!(code(&browser.log_in("bent", "0190", &once).await).1, "WRONG_LOGIN", "once is once");
    assert_eq!(browser.log_in("bent", "0190", NEW).await.status, StatusCode::NO_CONTENT);
    assert!(browser.ask("{ cases { totalCount } }", json!({})).await["cases"].is_object());
}

#[tokio::test]
async fn a_password_is_changed_with_the_old_one_and_ends_every_session() {
    let server = Server::start().await;
    let [here, there] = server.furesoe(["bent", "bent"]).await;
    for (old, new, expected) in [
        ("forkert adgangskode", NEW, (401, "WRONG_LOGIN")),
        (PASSWORD, "for kort", (422, "PASSWORD_UNFIT")),
        (PASSWORD, "bentbentbent", (422, "PASSWORD_UNFIT")),
        (PASSWORD, PASSWORD, (422, "PASSWORD_UNFIT")),
    ] {
        let (status, text) = code(&changes(&here, "bent", old, new).await);
        assert_eq!((status, text.as_str()), expected, "{old} {new}");
    }
    let foreign = here.request_post("/api/password").json(&json!({}));
    assert_eq!(Person::send(foreign).await.status, StatusCode::FORBIDDEN, "not from a page of ours");
    assert_eq!(changes(&here, "bent", PASSWORD, NEW).await.status, StatusCode::NO_CONTENT);
    for person in [&here, &there] {
        let asked = Person::send(person.graphql("{ viewer { demo } }", &json!({}))).await;
        assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(here.log_in("bent", "0190", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(here.log_in("bent", "0190", NEW).await.status, StatusCode::NO_CONTENT);
    assert!(!server.output().contains(NEW), "a password is in what the server wrote");
}

#[tokio::test]
async fn logging_out_everywhere_ends_the_sessions_on_every_machine() {
    let server = Server::start().await;
    let [here, there, kari] = server.furesoe(["bent", "bent", "kari"]).await;
    let mut screen = there.listens().await;
    let everywhere = || here.request_post("/api/logout-everywhere");
    assert_eq!(Person::send(everywhere()).await.status, StatusCode::FORBIDDEN, "not from a page of ours");
    assert_eq!(Person::send(everywhere().header("x-skranke", "1")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(screen.is_closed().await, 4401);
    let viewer = "{ viewer { demo } }";
    for person in [&here, &there] {
        let asked = Person::send(person.graphql(viewer, &json!({}))).await;
        assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    }
    assert!(kari.ask(viewer, json!({})).await["viewer"].is_object(), "nobody else");
}
