//! The web channel in the course of a conversation: the question for the municipality, several tabs, ratings, danger in
//! a form.

mod support;

use axum::http::StatusCode;
use serde_json::Value;
use support::{Browser, House};

const ASK: [(&str, &str); 3] =
    [("message", "1"), ("lang", "da"), ("text", "Jeg har ikke MitID og skal melde flytning")];

#[tokio::test]
async fn the_question_for_the_municipality_has_buttons_and_without_a_script_a_list() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/?kommunekode=190").await;
    let fields = [ASK[0], ASK[1], ASK[2], ("kommunekode", "0190")];
    let sent = browser.post("/samtale", &fields).await;
    assert_eq!(sent.location.as_deref(), Some("/?kommunekode=190#seneste"));
    let page = browser.get("/?kommunekode=190").await;
    let at = |text: &str| page.body.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("value=\"place:0190\"") < at("value=\"place:0101\""), "the nearest first");
    assert!(page.body.contains("value=\"skip\""));
    let list = &page.body[at("<noscript>")..at("</noscript>")];
    assert_eq!(list.matches("<option").count(), 98);
    browser.post("/samtale", &[("message", "2"), ("lang", "da"), ("choice", "place:0370")]).await;
    assert!(browser.get("/").await.body.contains("Meld flytning i Næstved Kommune"));
}

#[tokio::test]
async fn a_second_tab_hears_what_was_said_in_the_first() {
    let house = House::new();
    let mut tab = Browser::new(&house);
    tab.get("/").await;
    tab.post("/samtale", &ASK).await;
    let mut other = tab.clone();
    let lines = async |browser: &mut Browser, after: &str| -> Value {
        serde_json::from_str(&browser.get(&format!("/samtale/nyt?efter={after}")).await.body).unwrap()
    };
    let all = lines(&mut other, "0").await;
    let known = all["answer"].as_str().unwrap().rsplit('-').next().unwrap().to_owned();
    assert_eq!(lines(&mut other, &known).await["html"], "");
    tab.post("/samtale", &[("message", "2"), ("lang", "da"), ("text", "Furesø")]).await;
    let fresh = lines(&mut other, &known).await;
    let html = fresh["html"].as_str().unwrap();
    assert!(
        html.contains("Furesø") && html.contains("turn-counter") && !html.contains("har ikke MitID og"),
        "{html}"
    );
    assert!(fresh["after"].as_str().unwrap().contains("/samtale/vurdering"));
    tab.post("/samtale/slut", &[("lang", "da")]).await;
    let gone = lines(&mut other, &known).await;
    assert_eq!((gone["renewed"].as_bool(), gone["html"].as_str()), (Some(true), Some("")));
    // Whoever has no cookie hears nothing.
    let nobody = lines(&mut Browser::new(&house), "0").await;
    assert_eq!(nobody["html"], "");
}

#[tokio::test]
async fn only_answers_of_the_conversation_can_be_rated() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    browser.post("/samtale", &[ASK[0], ASK[1], ("text", "Hvordan skifter jeg læge?")]).await;
    for answer in ["", "x", "0", "900"] {
        let fields = [("lang", "da"), ("answer", answer), ("helpful", "yes")];
        assert_eq!(
            browser.post("/samtale/vurdering", &fields).await.status,
            StatusCode::BAD_REQUEST,
            "{answer}"
        );
    }
    for helpful in ["yes", "no", "no"] {
        let fields = [("lang", "da"), ("answer", "2"), ("helpful", helpful)];
        assert_eq!(browser.post("/samtale/vurdering", &fields).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn danger_in_a_form_is_answered_before_the_receipt() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    let form = browser.get("/opkald").await;
    let key = form.hidden("form");
    let sent = async |browser: &mut Browser, message: &str| {
        let fields = [
            ("lang", "da"),
            ("form", key.as_str()),
            ("name", "Inger Test"),
            ("phone", "12 34 56 78"),
            ("municipality", "0190"),
            ("message", message),
        ];
        browser.post("/opkald", &fields).await.body
    };
    let page = sent(&mut browser, "jeg vil ikke leve længere").await;
    let (advice, receipt) = (page.find("tel:112"), page.find("class=\"reference\""));
    assert!(advice.is_some() && advice < receipt && page.contains("role=\"alert\""), "{page}");
    let page = sent(&mut browser, "Ring gerne om min flytning").await;
    assert!(!page.contains("tel:112"), "{page}");
}

#[tokio::test]
async fn a_long_story_is_answered_from_its_beginning() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    let story = format!("Hvordan skifter jeg læge? {}", "Det er en lang historie. ".repeat(200));
    browser.post("/samtale", &[ASK[0], ASK[1], ("text", &story)]).await;
    let page = browser.get("/").await.body;
    assert!(page.contains("Din besked er lang") || page.contains("for lang til mig"), "{page}");
    let cry = format!("{story} jeg vil ikke leve mere, jeg tager alle mine piller");
    browser.post("/samtale", &[("message", "2"), ASK[1], ("text", &cry)]).await;
    assert!(browser.get("/").await.body.contains("turn-urgent"));
}
