//! The web channel as a browser meets it: without a script, with one, and with everything that browsers and
//! people who mean harm can send.

mod support;

use axum::body::Body;
use axum::http::StatusCode;
use skranke_chat::web::WebOptions;
use skranke_domain::inquiry::InquiryEvent;
use skranke_store::Filter;
use skranke_store::port::{Direction, Position};
use support::{Browser, House, form, holds};

const CPR: &str = "010190-1234";

#[tokio::test]
async fn without_a_script_a_question_is_posted_and_the_reloaded_page_shows_the_answer() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("<html lang=\"da\">") && page.body.contains("<h1>Spørg skranken</h1>"));
    assert!(page.body.contains("Jeg har ikke MitID og skal melde flytning"), "example questions");
    assert!(page.body.contains("action=\"/samtale/slut\" id=\"slut\" target=\"_self\" hidden"));
    let cookie = page.set_cookie.unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"),
        "{cookie}"
    );
    let id = "a-message";
    let sent = browser
        .post("/samtale", &[("message", id), ("lang", "da"), ("text", "Hvordan skifter jeg læge?")])
        .await;
    assert_eq!((sent.status, sent.location.as_deref()), (StatusCode::SEE_OTHER, Some("/#seneste")));
    let page = browser.get("/").await;
    assert!(page.set_cookie.is_none(), "the browser keeps its cookie");
    for part in [
        "Hvordan skifter jeg læge?",
        "id=\"seneste\"",
        "Kilder",
        "Gennemgået 22. november 2026",
        "Næste skridt",
        "Jeg har ikke MitID",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(!page.body.contains("id=\"eksempler\""));
    // A button, pressed without a script.
    let pressed = [("message", "b"), ("lang", "da"), ("choice", "no-eid:laegeskift")];
    assert_eq!(browser.post("/samtale", &pressed).await.status, StatusCode::SEE_OTHER);
    browser.post("/samtale", &[("message", "c"), ("lang", "da"), ("text", "Furesø")]).await;
    let page = browser.get("/").await;
    for part in [
        "card-print",
        "Skift læge i Furesø Kommune",
        "Stiager 2, 3500 Værløse",
        "tel:+4572354000",
        "kommunekode=190",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(page.body.contains("Den Digitale Hotline: Åbent nu. Lukker kl. 20."));
}

#[tokio::test]
async fn with_a_script_the_answer_comes_as_fragments() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    let fields = [("message", "m"), ("lang", "da"), ("text", "Hvordan skifter jeg læge?")];
    let first = browser.post_json("/samtale", &fields).await;
    assert_eq!(first.status, StatusCode::OK);
    let answer: serde_json::Value = serde_json::from_str(&first.body).unwrap();
    assert!(answer["html"].as_str().unwrap().contains("turn-citizen"));
    assert!(answer["announce"].as_str().unwrap().contains("Borgerservice"));
    assert!(answer["after"].as_str().unwrap().contains("/samtale/vurdering"));
    assert_eq!((answer["hint"].as_bool(), answer["repeated"].as_bool()), (Some(false), Some(false)));
    let again: serde_json::Value =
        serde_json::from_str(&browser.post_json("/samtale", &fields).await.body).unwrap();
    assert_eq!(again["repeated"], true);
    assert_eq!((&again["answer"], &again["announce"]), (&answer["answer"], &answer["announce"]));
    let rated =
        browser.post_json("/samtale/vurdering", &[("lang", "da"), ("answer", "2"), ("helpful", "yes")]).await;
    assert!(rated.body.contains("Tak for dit svar"));
    assert!(browser.get("/").await.body.contains("Tak for dit svar"));
}

#[tokio::test]
async fn english_pages_are_english() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    let page = browser.get("/?lang=en").await;
    assert!(page.body.contains("<html lang=\"en\">") && page.body.contains("Ask the counter"));
    assert!(page.body.contains("href=\"/\" lang=\"da\" hreflang=\"da\""));
    let sent = browser
        .post("/samtale", &[("message", "1"), ("lang", "en"), ("text", "How do I change doctor?")])
        .await;
    assert_eq!(sent.location.as_deref(), Some("/?lang=en#seneste"));
    let page = browser.get("/opkald?lang=en").await;
    assert!(page.body.contains("Ask to be called") && page.body.contains("Your municipality"));
    let sent = browser.post("/samtale", &[("message", "2"), ("lang", "da"), ("choice", "lang:en")]).await;
    assert_eq!(sent.location.as_deref(), Some("/?lang=en#seneste"));
}

#[tokio::test]
async fn a_button_under_an_english_answer_is_answered_in_english_on_the_danish_page() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    let asked = [("message", "1"), ("lang", "da"), ("text", "How do I change my doctor, please?")];
    browser.post("/samtale", &asked).await;
    let fields = [("message", "2"), ("lang", "da"), ("choice", "person")];
    let pressed = browser.post_json("/samtale", &fields).await;
    let answer: serde_json::Value = serde_json::from_str(&pressed.body).unwrap();
    assert_eq!(answer["lang"], "en");
    assert!(answer["html"].as_str().unwrap().contains("href=\"/opkald?lang=en\""), "{answer}");
}

#[tokio::test]
async fn a_button_that_there_is_none_of_is_told_so() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    let sent = browser.post("/samtale", &[("message", "1"), ("lang", "da"), ("choice", "drop table")]).await;
    assert_eq!(sent.location.as_deref(), Some("/?vis=ukendt#besked"));
    assert!(browser.get("/?vis=ukendt").await.body.contains("Den knap kender jeg ikke"));
    // What an address claims is not believed.
    assert!(!browser.get("/?vis=tak").await.body.contains("Tak for dit svar"));
}

#[tokio::test]
async fn answers_of_two_conversations_have_two_names_on_one_page() {
    let house = House::new();
    let mut named = Vec::new();
    for text in ["Hvordan skifter jeg læge?", "Hvordan får jeg et nyt pas?"] {
        // No cookie is kept: each message begins a conversation, and each answer is the first one.
        let mut browser = Browser::new(&house);
        let sent = browser.post_json("/samtale", &[("message", "1"), ("lang", "da"), ("text", text)]).await;
        let answer: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
        assert_eq!(answer["renewed"], false);
        let name = answer["answer"].as_str().unwrap().to_owned();
        assert!(answer["html"].as_str().unwrap().contains(&format!("id=\"{name}\"")));
        named.push(name);
    }
    assert_ne!(named[0], named[1]);
}

#[tokio::test]
async fn who_writes_on_in_a_stale_tab_is_told_that_the_conversation_is_another_one() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    browser.post_json("/samtale", &[("message", "1"), ("lang", "da"), ("text", "Hej")]).await;
    let mut stale = browser.clone();
    browser.post("/samtale/slut", &[("lang", "da")]).await;
    let sent = stale
        .post_json("/samtale", &[("message", "2"), ("lang", "da"), ("text", "Hvordan skifter jeg læge?")])
        .await;
    let answer: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(answer["renewed"], true);
}

#[tokio::test]
async fn a_card_is_taken_away_on_paper_and_into_a_calendar() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    let asked =
        [("message", "1"), ("lang", "da"), ("text", "Jeg har ikke MitID og skal skifte læge i Furesø")];
    browser.post("/samtale", &asked).await;
    let page = browser.get("/").await.body;
    let at = page.find("/samtale/kort/").unwrap();
    let link: String = page[at..].chars().take_while(|character| *character != '"').collect();
    let card = browser.get(&link).await;
    assert_eq!(card.status, StatusCode::OK);
    for part in
        ["Skift læge i Furesø Kommune", "Åbent nu. Lukker kl. 20.", "type=\"date\"", "kommunekode=190"]
    {
        assert!(card.body.contains(part), "{part}: {}", card.body);
    }
    // The next working day is offered.
    assert!(card.body.contains("value=\"2026-11-24\"") && card.body.contains("value=\"10:00\""));

    let visit = browser.get(&format!("{link}.ics?dag=2026-12-01&kl=10:15")).await;
    assert_eq!(visit.status, StatusCode::OK);
    for line in ["BEGIN:VCALENDAR", "DTSTART:20261201T091500Z", "DTEND:20261201T094500Z", "TRIGGER:-PT86400S"]
    {
        assert!(visit.body.contains(&format!("{line}\r\n")), "{line}: {}", visit.body);
    }
    let unfolded = visit.body.replace("\r\n ", "");
    assert!(unfolded.contains("LOCATION:") && unfolded.contains("Stiager 2"), "{unfolded}");
    for wrong in ["dag=2026-11-01&kl=10:00", "dag=2040-01-01&kl=10:00", "dag=i+morgen&kl=10:00", ""] {
        assert_eq!(
            browser.get(&format!("{link}.ics?{wrong}")).await.status,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }

    // Nobody else has it, and no other number does.
    let stranger = Browser::new(&house);
    for (mut visitor, link) in [
        (stranger, link.as_str()),
        (browser.clone(), "/samtale/kort/0"),
        (browser.clone(), "/samtale/kort/x"),
    ] {
        let nothing = visitor.get(link).await;
        assert_eq!(nothing.status, StatusCode::NOT_FOUND, "{link}");
        assert!(!nothing.body.contains("Stiager"));
    }
    browser.post("/samtale/slut", &[("lang", "da")]).await;
    assert_eq!(browser.get(&link).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_whole_conversation_is_taken_away_and_nobody_else_s() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    let clear = [("message", "1"), ("lang", "da"), ("text", "Hvordan skifter jeg læge?")];
    browser.post("/samtale", &clear).await;
    let asked = [("message", "2"), ("lang", "da"), ("text", "Hvordan skifter jeg <b>læge</b>? 010190-1234")];
    browser.post("/samtale", &asked).await;
    let page = browser.get("/samtale/udskrift").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("Hvordan skifter jeg &lt;b&gt;læge&lt;/b&gt;?")
            && page.body.contains("Borgerservice")
    );
    assert!(page.body.contains("23. november 2026 kl. "), "{}", page.body);
    let file = browser.get("/samtale/udskrift.txt").await;
    assert!(file.body.contains("Du skrev 23. november 2026 kl. ") && file.body.contains("<b>læge</b>"));
    assert!(file.body.contains("https://"), "with its sources");
    for body in [&page.body, &file.body] {
        assert!(!body.contains("1234"));
    }
    let mut stranger = Browser::new(&house);
    assert!(stranger.get("/samtale/udskrift").await.body.contains("Der er ikke skrevet noget endnu"));
    assert!(!stranger.get("/samtale/udskrift.txt").await.body.contains("læge"));
}

#[tokio::test]
async fn empty_huge_and_binary_messages_get_a_clear_answer() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    let sent = browser.post("/samtale", &[("message", "1"), ("lang", "da"), ("text", "  ")]).await;
    assert_eq!(sent.location.as_deref(), Some("/?vis=tom#besked"));
    assert!(browser.get("/?vis=tom").await.body.contains("Skriv dit spørgsmål, før du sender."));
    let json = browser.post_json("/samtale", &[("message", "1"), ("lang", "da"), ("text", "")]).await;
    assert!(json.body.contains("\"hint\":true"));
    // A mebibyte of text, which is three once it is encoded.
    let huge = "æ".repeat(524_288);
    let sent = browser.post("/samtale", &[("message", "2"), ("lang", "da"), ("text", &huge)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(browser.get("/").await.body.contains("Din besked er for lang til mig"));
    let binary: Vec<u8> =
        [b"text=".as_slice(), &(0..=255).cycle().take(4_000).filter(|b| *b != b'&').collect::<Vec<u8>>()]
            .concat();
    let request =
        browser.request("POST", "/samtale").header("content-type", "application/x-www-form-urlencoded");
    let sent = browser.send(request.body(Body::from(binary)).unwrap()).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(browser.get("/").await.body.contains("Jeg kan ikke læse din besked"));
    // Bodies that are no form at all.
    for (kind, body) in
        [("application/octet-stream", vec![0; 100]), ("application/json", b"{}".to_vec()), ("", vec![])]
    {
        let request = browser.request("POST", "/samtale").header("content-type", kind);
        let page = browser.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(page.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert!(page.body.contains("Samtalen er der stadig"));
    }
    let page = browser.post("/samtale", &[("andet", "felt")]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let too_large =
        browser.request("POST", "/samtale").header("content-type", "application/x-www-form-urlencoded");
    let page = browser.send(too_large.body(Body::from(vec![b'a'; 4_000_000])).unwrap()).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.body.contains("for stort"));
}

#[tokio::test]
async fn what_citizens_write_is_text_and_never_markup() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    let text = "<script>alert(1)</script><img src=x onerror=alert(2)> \u{202E}baglæns\" onfocus=\"x";
    browser.post("/samtale", &[("message", "1"), ("lang", "da"), ("text", text)]).await;
    let page = browser.get("/").await;
    assert!(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(
        !page.body.contains("<script>alert")
            && !page.body.contains("<img")
            && !page.body.contains('\u{202E}')
    );
    assert!(page.policy.starts_with("default-src 'self'"), "{}", page.policy);
    assert!(!page.body.contains("style=\"") && page.body.matches("<script").count() == 1);
    let back = browser.post("/henvendelse", &[("name", text), ("message", text), ("lang", "da")]).await;
    assert!(!back.body.contains("<img") && !back.body.contains("onfocus=\"x\""));
}

#[tokio::test]
async fn a_cpr_number_is_in_no_page_no_event_and_no_file() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    let text = format!("Mit cpr-nummer er {CPR}. Hvordan skifter jeg læge?");
    let json = browser.post_json("/samtale", &[("message", "1"), ("lang", "da"), ("text", &text)]).await;
    let mut shown = json.body;
    shown.push_str(&browser.get("/").await.body);
    assert!(shown.contains("CPR-nummer fjernet") && shown.contains("Det er ikke gemt"));
    // In every field of the forms: sent, and sent back for another error.
    for field in ["name", "phone", "email", "message", "municipality", "topic"] {
        let value = if field == "email" { format!("{CPR}@example.dk") } else { format!("{CPR} x") };
        shown.push_str(
            &browser.post("/henvendelse", &[("lang", "da"), ("form", "k"), (field, &value)]).await.body,
        );
        shown
            .push_str(&browser.post("/opkald", &[("lang", "da"), ("form", "k"), (field, &value)]).await.body);
    }
    let good = [
        ("lang", "da"),
        ("form", "key"),
        ("name", "Inger 010190-1234"),
        ("phone", "12345678"),
        ("municipality", "0190"),
        ("message", "mit cpr er 010190 1234"),
    ];
    let receipt = browser.post("/henvendelse", &good).await;
    assert!(receipt.body.contains("Dit referencenummer"), "{}", receipt.body);
    shown.push_str(&receipt.body);
    house.log.close().await;
    let disk = house.bytes_on_disk();
    for part in [CPR, "0101901234", "010190 1234", "010190"] {
        assert!(!shown.contains(part), "{part} is shown");
        assert!(!holds(&disk, part), "{part} is on disk");
    }
    assert!(!holds(&disk, "Inger"), "names are sealed");
}

#[tokio::test]
async fn another_browser_sees_nothing_and_a_forged_cookie_opens_nothing() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    browser.post("/samtale", &[("message", "1"), ("lang", "da"), ("text", "min hemmelige zebra")]).await;
    assert!(browser.get("/").await.body.contains("hemmelige zebra"));
    let mut other = Browser::new(&house);
    assert!(!other.get("/").await.body.contains("zebra"));
    assert!(!other.get("/").await.body.contains("zebra"));
    for forged in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", &"A".repeat(9_000), "../../etc/passwd", "🦓"] {
        let request =
            browser.request("GET", "/").header("cookie", format!("skranke_samtale={forged}").as_bytes());
        let mut nobody = Browser::new(&house);
        let page = nobody.send(request.body(Body::empty()).unwrap()).await;
        // The builder holds the good cookie first; a second header does not replace it.
        assert_eq!(page.status, StatusCode::OK);
        nobody.cookie = Some(format!("skranke_samtale={}", forged.replace(|c: char| !c.is_ascii(), "")));
        assert!(!nobody.get("/").await.body.contains("zebra"), "{forged:.20}");
    }
    // The token itself is nowhere in the log.
    let token = browser.cookie.clone().unwrap().split_once('=').unwrap().1.to_owned();
    house.log.close().await;
    assert!(!holds(&house.bytes_on_disk(), &token));
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let house = House::new();
    let browser = Browser::new(&house);
    let post = |headers: &[(&str, &str)]| {
        let mut request = axum::http::Request::builder()
            .method("POST")
            .uri("/samtale")
            .header("host", "skranke.example.dk");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(Body::from(form(&[("message", "1"), ("text", "hej")]))).unwrap()
    };
    for (headers, status) in [
        (vec![("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
        (vec![("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN),
        (vec![("origin", "https://evil.example")], StatusCode::FORBIDDEN),
        (vec![("origin", "null")], StatusCode::FORBIDDEN),
        (vec![("origin", "https://skranke.example.dk")], StatusCode::OK),
        (vec![("sec-fetch-site", "same-origin"), ("origin", "null")], StatusCode::OK),
        (vec![], StatusCode::OK),
    ] {
        let mut nobody = Browser::new(&house);
        let page = nobody.send(post(&headers)).await;
        assert_eq!(page.status, status, "{headers:?}");
    }
    drop(browser);
}

#[tokio::test]
async fn a_browser_without_cookies_gets_its_answer_at_once() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    let page = browser
        .post("/samtale", &[("message", "1"), ("lang", "da"), ("text", "Hvordan skifter jeg læge?")])
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Borgerservice i din kommune") && page.set_cookie.is_some());
}

/// The value of a hidden field of the question's form.
fn hidden(page: &str, name: &str) -> Option<String> {
    let form = page.split("id=\"besked\"").nth(1)?;
    let field = form.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
    Some(field.split('"').next()?.to_owned())
}

#[tokio::test]
async fn where_no_cookies_are_kept_the_forms_carry_the_conversation_and_otherwise_they_do_not() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    let page = browser.get("/").await;
    let token = hidden(&page.body, "samtalenoegle").unwrap();
    browser.cookie = None;
    let asked = [
        ("lang", "da"),
        ("samtalenoegle", token.as_str()),
        ("text", "Jeg har ikke MitID og skal skifte læge"),
    ];
    let asked = browser.post("/samtale", &asked).await;
    assert_eq!(hidden(&asked.body, "samtalenoegle").as_deref(), Some(token.as_str()));
    browser.cookie = None;
    let told = [("lang", "da"), ("samtalenoegle", token.as_str()), ("text", "Furesø")];
    let told = browser.post("/samtale", &told).await;
    assert!(told.body.contains("Skift læge i Furesø Kommune"), "it is one conversation");
    // A token is a secret: it stands in no page of a browser that keeps it as a cookie, and a made-up one is none.
    browser.cookie = None;
    let _ = browser.get("/").await;
    assert_eq!(hidden(&browser.get("/").await.body, "samtalenoegle"), None);
    browser.cookie = None;
    let forged = [("lang", "da"), ("samtalenoegle", "../../etc"), ("text", "Furesø")];
    assert!(!browser.post("/samtale", &forged).await.body.contains("Skift læge"));
}

#[tokio::test]
async fn only_sites_that_are_allowed_may_frame_the_counter() {
    let house = House::new();
    let alone = Browser::new(&house).get("/").await;
    assert!(alone.policy.ends_with("frame-ancestors 'none'"), "{}", alone.policy);
    let embed_on =
        vec!["https://www.kommune.example".to_owned(), "https://borger.kommune.example".to_owned()];
    let mut browser = Browser::with(&house, WebOptions { embed_on, ..WebOptions::default() });
    let page = browser.get("/?indlejret=1&lang=en").await;
    let allowed = "frame-ancestors https://www.kommune.example https://borger.kommune.example";
    assert!(page.policy.ends_with(allowed), "{}", page.policy);
    let cookie = page.set_cookie.unwrap();
    assert!(cookie.ends_with("; HttpOnly; SameSite=None; Secure; Partitioned"), "{cookie}");
    assert!(page.body.contains("counter-framed") && page.body.contains("<base target=\"_blank\">"));
    // It stays in the frame, in its language.
    let fields = [("lang", "en"), ("indlejret", "1"), ("text", "How do I change doctor?")];
    let sent = browser.post("/samtale", &fields).await;
    assert_eq!(sent.location.as_deref(), Some("/?lang=en&indlejret=1#seneste"));
}

#[tokio::test]
async fn a_call_back_form_says_what_is_missing_keeps_what_was_typed_and_gives_a_reference() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    browser
        .post(
            "/samtale",
            &[
                ("message", "1"),
                ("lang", "da"),
                ("text", "Jeg har ikke MitID og skal melde flytning i Furesø"),
            ],
        )
        .await;
    let page = browser.get("/opkald").await;
    // What is known from the conversation is chosen already.
    assert!(page.body.contains("<option value=\"0190\" selected>Furesø</option>"), "municipality");
    assert!(page.body.contains("<option value=\"flytning\" selected>Meld flytning</option>"), "topic");
    assert!(page.body.contains("Samtalen her på siden sendes med"));
    let key = page.hidden("form");
    let back = browser
        .post(
            "/opkald",
            &[("lang", "da"), ("form", &key), ("phone", "123"), ("message", "Ring efter kl. 10")],
        )
        .await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "<a href=\"#name\">Skriv dit navn.</a>",
        "id=\"name-fejl\"",
        "aria-describedby=\"phone-hjaelp phone-fejl\"",
        "aria-invalid=\"true\"",
        "Vælg din kommune på listen.",
        "Telefonnummeret skal have mindst otte cifre.",
        "Ring efter kl. 10",
        "value=\"123\"",
        "<title>Der er noget, du skal rette",
    ] {
        assert!(back.body.contains(part), "{part}");
    }
    let mut fields = vec![
        ("lang", "da"),
        ("form", key.as_str()),
        ("name", "Inger Test"),
        ("phone", "123"),
        ("municipality", "0190"),
        ("topic", "flytning"),
        ("when", "morning"),
        ("message", ""),
    ];
    let back = browser.post("/opkald", &fields).await;
    assert!(back.body.contains("Telefonnummeret skal have mindst otte cifre."), "{}", back.body);
    fields[3] = ("phone", "12 34 56 78");
    let receipt = browser.post("/opkald", &fields).await;
    assert_eq!(receipt.status, StatusCode::OK);
    assert!(receipt.body.contains("Furesø Kommune ringer til dig."));
    let reference =
        receipt.body.split("class=\"reference\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    // Sent again (a reload of the receipt): the same reference, one inquiry.
    assert!(browser.post("/opkald", &fields).await.body.contains(&reference));
    let filter = Filter { stream_prefixes: vec!["inquiry-0190-".to_owned()], ..Filter::default() };
    let events = house.log.read_all(Position(0), Direction::Forwards, 100, &filter).await.unwrap().events;
    assert_eq!(events.len(), 2, "received, and a call wanted");
    let received: InquiryEvent =
        skranke_domain::codec::decode(&events[0].event_type, &events[0].data).unwrap();
    let InquiryEvent::InquiryReceived(received) = received else { panic!() };
    assert_eq!(
        received.topic.as_ref().map(skranke_domain::conversation::TopicSlug::as_str),
        Some("flytning")
    );
    assert!(browser.get("/").await.body.contains(&reference), "the conversation shows the receipt");
}

#[tokio::test]
async fn a_written_inquiry_needs_a_message_and_a_way_back() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    let page = browser.get("/henvendelse?KommuneKode=190").await;
    assert!(page.body.contains("<option value=\"0190\" selected>Furesø</option>"));
    assert!(!page.body.contains("sendes med"), "nothing was said yet");
    let key = page.hidden("form");
    let mut fields =
        vec![("lang", "da"), ("form", key.as_str()), ("name", "Inger"), ("municipality", "0190")];
    let back = browser.post("/henvendelse", &fields).await;
    assert!(back.body.contains("Skriv, hvad henvendelsen drejer sig om."));
    assert!(back.body.contains("Skriv et telefonnummer eller en e-mailadresse"));
    let long = "a".repeat(8_001);
    let back = browser
        .post("/henvendelse", &[fields.as_slice(), &[("message", &long), ("email", "inger")]].concat())
        .await;
    assert!(back.body.contains("højst være på 8000 tegn"), "too long");
    fields.extend([("message", "Jeg mangler et svar"), ("email", "inger")]);
    let back = browser.post("/henvendelse", &fields).await;
    assert!(back.body.contains("E-mailadressen ser forkert ud."));
    fields.pop();
    fields.push(("email", "inger@example.dk"));
    assert!(browser.post("/henvendelse", &fields).await.body.contains("Furesø Kommune svarer dig."));
}

#[tokio::test]
async fn a_citizen_ends_the_conversation_and_begins_another() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    browser
        .post("/samtale", &[("message", "1"), ("lang", "da"), ("text", "Hvordan skifter jeg læge?")])
        .await;
    let before = browser.cookie.clone();
    let ended = browser.post("/samtale/slut", &[("lang", "da")]).await;
    assert_eq!(ended.location.as_deref(), Some("/?vis=slut#indhold"));
    assert!(ended.set_cookie.unwrap().contains("Max-Age=0"));
    let page = browser.get("/?vis=slut").await;
    assert!(page.body.contains("Samtalen er slettet.") && !page.body.contains("turn-citizen"));
    // An old tab that still holds the old cookie: its message begins a new conversation.
    browser.cookie = before.clone();
    let sent =
        browser.post("/samtale", &[("message", "2"), ("lang", "da"), ("text", "Hvordan får jeg pas?")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(browser.cookie != before);
    assert!(browser.get("/").await.body.contains("Hvordan får jeg pas?"));
}

#[tokio::test]
async fn two_tabs_at_once_lose_nothing() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    let mut tabs = tokio::task::JoinSet::new();
    for number in 0..8 {
        let mut tab = Browser::new(&house);
        tab.cookie = browser.cookie.clone();
        tabs.spawn(async move {
            let id = format!("tab-{number}");
            let text = format!("Hvordan skifter jeg læge nummer {number}?");
            // A conflict that lasts is answered as trouble of ours, and the script sends the message again.
            for _ in 0..20 {
                let fields = [("message", id.as_str()), ("lang", "da"), ("text", text.as_str())];
                if tab.post_json("/samtale", &fields).await.status == StatusCode::OK {
                    return true;
                }
            }
            false
        });
    }
    while let Some(sent) = tabs.join_next().await {
        assert!(sent.unwrap());
    }
    let page = browser.get("/").await;
    for number in 0..8 {
        assert_eq!(page.body.matches(&format!("læge nummer {number}?")).count(), 1);
    }
}

#[tokio::test]
async fn a_closed_log_is_told_with_a_code_and_a_number_to_call() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    house.log.close().await;
    let fields = [("message", "1"), ("lang", "da"), ("text", "hej")];
    let page = browser.post("/samtale", &fields).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("70 20 00 00") && page.body.contains("Opgiv gerne koden"));
    let json = browser.post_json("/samtale", &fields).await;
    assert!(json.status == StatusCode::SERVICE_UNAVAILABLE && json.body.contains("\"error\""));
}

#[tokio::test]
async fn every_page_has_one_h1_labels_for_its_fields_and_ids_that_are_unique() {
    let house = House::new();
    let mut browser = Browser::new(&house);
    browser.get("/").await;
    for number in 0..3 {
        let id = number.to_string();
        browser
            .post(
                "/samtale",
                &[("message", &id), ("lang", "da"), ("text", "Jeg har ikke MitID, flytning i Furesø")],
            )
            .await;
    }
    for path in ["/", "/opkald", "/henvendelse", "/?lang=en"] {
        let body = browser.get(path).await.body;
        assert_eq!(body.matches("<h1>").count(), 1, "{path}");
        let mut ids: Vec<&str> =
            body.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{path}: an id stands there twice");
        for field in ["<input class=\"form-input\"", "<select", "<textarea"] {
            for rest in body.split(field).skip(1) {
                let id = rest.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
                assert!(body.contains(&format!("for=\"{id}\"")), "{path}: {id} has no label");
            }
        }
    }
}
