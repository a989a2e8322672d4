//! Everything that people, programs and bad luck send: the right status, a sentence that helps, and a server that
//! goes on.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::people::{Answer, Person, new_key};
use crate::server::{PASSWORD, Server, Setup, eventually};

const NOBODY: &str = "0198f0c2-0000-7000-8000-000000000000";
const GARBAGE: [&str; 5] =
    ["", "x", "../../etc/passwd", "' OR 1=1 --", "0198f0c2-0000-7000-8000-00000000000g"];

/// A refusal that a person can act on: not empty, no Rust in it.
#[track_caller]
fn is_clear(text: &str) {
    assert!(text.chars().count() > 10, "{text:?}");
    for inside in ["panicked", "Error(", "Err(", "::", "RUST_BACKTRACE", "Some(", ".rs:"] {
        assert!(!text.contains(inside), "{inside}: {text}");
    }
}

#[track_caller]
fn is_json_error(answer: &Answer, status: StatusCode, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.json()["code"], code, "{}", answer.text);
    is_clear(answer.json()["message"].as_str().unwrap());
}

#[tokio::test]
async fn an_unknown_address_is_a_page_for_people_and_json_for_programs() {
    let server = Server::start().await;
    let anybody = server.visitor();
    for path in ["/findes-ikke", "/assets2", "/%00", "/..%2f..%2fetc/passwd", "/samtale/nope", "/sager2"] {
        let page = anybody.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.is_html() && page.text.contains("Siden findes ikke"), "{path}: {}", page.text);
        let asked = anybody.request_get(path).header("accept", "application/json");
        is_json_error(&Person::send(asked).await, StatusCode::NOT_FOUND, "NOT_FOUND");
    }
    let english = Person::send(anybody.request_get("/nope").header("accept-language", "en-GB")).await;
    assert!(
        english.text.contains("Page not found") && english.text.contains("lang=\"en\""),
        "{}",
        english.text
    );
    for path in ["/api/nope", "/graphql/nope", "/assets/nope.js", "/assets/..%2f..%2fpackage.json"] {
        is_json_error(&anybody.get(path).await, StatusCode::NOT_FOUND, "NOT_FOUND");
    }
    // The right address, the wrong method.
    let wrong = anybody.request_get("/api/login");
    is_json_error(&Person::send(wrong).await, StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED");
    let wrong = anybody.get("/samtale").await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(wrong.is_html(), "{}", wrong.text);
    let headers = anybody.get("/findes-ikke").await.headers;
    assert!(
        headers.contains_key("content-security-policy") && headers.contains_key("x-content-type-options")
    );
    server.still_answers().await;
}

/// Posts like a client that sends everything before it listens: the answer as it came. (The server does not read a body
/// that is too large, so a client that gives up at the first failed write would see a broken connection.)
async fn stubborn_post(server: &Server, path: &str, cookies: &str, kind: &str, body: &str) -> String {
    use std::io::{Read, Write};
    let address = server.address();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nx-skranke: 1\r\ncookie: {cookies}\r\n\
         accept: */*\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let request = format!("{head}{body}");
    let talk = move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

#[tokio::test]
async fn json_that_is_none_is_refused_at_every_door() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let bodies: [&[u8]; 6] =
        [b"", b"{", b"\"x\"", b"null", b"{\"query\": 5}", &[0xFF, 0xFE, 0x00, 0x80, 0x7B]];
    for body in bodies {
        let post = |path: &str| {
            kari.request_post(path)
                .header("x-skranke", "1")
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_vec())
        };
        let graphql = Person::send(post("/graphql")).await;
        assert_eq!(graphql.status, StatusCode::BAD_REQUEST, "{body:?}: {}", graphql.text);
        is_clear(graphql.json()["errors"][0]["message"].as_str().unwrap());
        is_json_error(&Person::send(post("/api/login")).await, StatusCode::BAD_REQUEST, "BAD_REQUEST");
    }
    let untyped =
        kari.request_post("/graphql").header("x-skranke", "1").body("{\"query\":\"{ viewer { demo } }\"}");
    assert_eq!(Person::send(untyped).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let megabyte = format!("{{\"query\":\"{}\"}}", "x".repeat(1 << 20));
    let refused = stubborn_post(&server, "/graphql", &kari.cookies(), "application/json", &megabyte).await;
    assert!(refused.starts_with("HTTP/1.1 413 "), "{refused}");
    assert!(refused.contains("TOO_LARGE") && refused.contains("for stort"), "{refused}");
    // A list of requests is not a request.
    let batch = kari
        .request_post("/graphql")
        .header("x-skranke", "1")
        .json(&json!([{ "query": "{ viewer { demo } }" }]));
    assert_eq!(Person::send(batch).await.status, StatusCode::BAD_REQUEST);
    server.still_answers().await;
}

#[tokio::test]
async fn graphql_that_is_malformed_too_deep_or_too_much_is_refused() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let refused = async |query: &str| {
        let response = kari.gql(query, json!({})).await;
        assert!(response["data"].is_null(), "{query}: {response}");
        let message = response["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.len() > 5 && !message.contains("panicked"), "{message}");
        message
    };
    for query in [
        "",
        "{",
        "}",
        "{ nope }",
        "{ viewer }",
        "{ case { id } }",
        "query($x: Nope) { viewer { demo } }",
        "\u{0}",
    ] {
        refused(query).await;
    }
    refused("{ viewer { demo ...F } } fragment F on Viewer { ...F }").await;
    refused(&format!("{{ {} }}", "viewer { ".repeat(5000))).await;
    let deep = "{ case(id: \"x\") { inquiry { guidance { by { staff { name { ... on PersonalText { text } } } } } } } }";
    assert!(kari.gql(deep, json!({})).await["errors"].is_null(), "as deep as a screen needs is allowed");
    let deeper = format!(
        "{{ __schema {{ types {{ fields {{ type {{ {}name{} }} }} }} }} }}",
        "ofType { ".repeat(8),
        " }".repeat(8)
    );
    assert!(refused(&deeper).await.contains("too deep"));
    let row =
        "edges { node { id number phase progress due daysLeft channel received lastEventType lastEvent } }";
    let lists = (0..8).map(|n| format!("l{n}: cases(first: 100) {{ {row} }}")).collect::<Vec<_>>().join(" ");
    assert!(refused(&format!("{{ {lists} }}")).await.contains("complex"));
    for first in [0, -1, 101, 200] {
        for list in ["cases", "inquiries", "auditCases", "accessLog"] {
            let who = if list.starts_with('a') { server.login("rita", "0190").await } else { kari.clone() };
            let query =
                format!("query($first: Int!) {{ {list}(first: $first) {{ pageInfo {{ hasNextPage }} }} }}");
            assert_eq!(who.error(&query, json!({ "first": first })).await, "PAGE_SIZE", "{list} {first}");
        }
        let query = "query($first: Int!) { kleSearch(text: \"3\", first: $first) { number } }";
        assert_eq!(kari.error(query, json!({ "first": first })).await, "PAGE_SIZE");
    }
    refused("{ cases(first: 1000000) { pageInfo { hasNextPage } } }").await;
    for cursor in ["", "x", "-1", "AAAA", "99999999999999999999999", "\u{0}"] {
        for list in ["cases", "inquiries"] {
            let query = format!("query($after: String) {{ {list}(after: $after) {{ totalCount }} }}");
            assert_eq!(
                kari.error(&query, json!({ "after": cursor })).await,
                "BAD_CURSOR",
                "{list} {cursor:?}"
            );
        }
    }
    server.still_answers().await;
}

#[tokio::test]
async fn a_chat_message_that_is_empty_huge_or_binary_gets_an_answer() {
    let server = Server::start().await;
    let citizen = server.visitor();
    for empty in ["", "   ", "\n\t\r\n"] {
        let page = citizen.writes(empty).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains("class=\"turn turn-citizen\""), "an empty message was kept");
        assert!(page.text.contains("aria-invalid=\"true\""), "{}", page.text);
    }
    let huge = citizen.writes(&"blåbærgrød ".repeat(100_000)).await;
    assert_eq!(huge.status, StatusCode::OK);
    assert!(huge.text.contains("for lang til mig") && huge.text.contains("[… forkortet]"));
    assert!(huge.text.len() < 100_000, "the page shows what was kept, not the megabyte");
    let binary = citizen.writes("\u{0}\u{1}\u{2}PNG\u{FFFD}\u{FFFD}\u{1B}").await;
    assert!(binary.text.contains("Jeg kan ikke læse din besked"), "{}", binary.text);

    let raw = |body: Vec<u8>| {
        citizen.request_post("/samtale").header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
    };
    let bytes: Vec<u8> = b"text=".iter().copied().chain((0_u8..=255).cycle().take(4096)).collect();
    assert!(Person::send(raw(bytes)).await.status.is_success());
    assert!(Person::send(raw(b"text=%FF%FE%00%80".to_vec())).await.status.is_success());
    for nonsense in [&b""[..], b"&&&&", b"tekst=forkert+felt"] {
        let answer = Person::send(raw(nonsense.to_vec())).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.is_html(), "{}", answer.text);
    }
    let button = Person::send(raw(b"choice=topic%3A..%2Fetc".to_vec())).await;
    assert!(button.status.is_success(), "{}", button.text);
    let too_much = "x".repeat(4 << 20);
    let form = "application/x-www-form-urlencoded";
    let too_much = stubborn_post(&server, "/samtale", &citizen.cookies(), form, &too_much).await;
    assert!(too_much.starts_with("HTTP/1.1 413 "), "{too_much}");
    assert!(too_much.contains("text/html") && too_much.contains("</html>"), "{too_much}");
    let json = citizen.request_post("/samtale").json(&json!({ "text": "hej" }));
    assert_eq!(Person::send(json).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let program = raw(Vec::new()).header("accept", "application/json");
    let program = Person::send(program).await;
    assert_eq!(program.status, StatusCode::BAD_REQUEST);
    is_clear(program.json()["error"].as_str().unwrap());
    // A cookie that nobody handed out begins a new conversation.
    let stranger = server.visitor();
    stranger.holds("skranke_samtale=../../../../x; Path=/");
    assert_eq!(stranger.writes("Hej").await.status, StatusCode::OK);
    server.still_answers().await;
}

#[tokio::test]
async fn an_inquiry_form_with_everything_wrong_says_so_field_by_field() {
    let server = Server::start().await;
    let citizen = server.visitor();
    let page = citizen.submit(citizen.get("/opkald").await.form("/opkald")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["name", "phone", "municipality"] {
        assert!(page.text.contains(&format!("id=\"{field}-fejl\"")), "{field}: {}", page.text);
    }
    let form = citizen.get("/henvendelse").await.form("/henvendelse");
    let form =
        form.with("name", &"N".repeat(10_000)).with("email", "ingen adresse").with("municipality", "9999");
    let page = citizen.submit(form.with("message", &"m".repeat(50_000))).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["name", "municipality", "message"] {
        assert!(page.text.contains(&format!("id=\"{field}-fejl\"")), "{field}");
    }
    let form = citizen.get("/henvendelse").await.form("/henvendelse");
    let form = form.with("name", "<script>alert(1)</script>").with("email", "x").with("message", "Hej");
    let page = citizen.submit(form.with("municipality", "0190")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        !page.text.contains("<script>alert") && page.text.contains("&lt;script&gt;alert"),
        "{}",
        page.text
    );
    assert!(page.text.contains("id=\"email-fejl\""), "{}", page.text);
    server.still_answers().await;
}

#[tokio::test]
async fn a_stale_screen_is_told_the_revision_there_is() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let case = kari.opens_a_case("Sagen er længere end skærmen").await;
    let assign = json!({ "caseId": case, "staffId": kari.id_of("kari").await });
    let revision = kari.does("caseAssign", assign).await["revision"].as_i64().unwrap();
    for stale in [0, revision - 1, revision + 1, 9_000_000_000] {
        let input = json!({ "caseId": case, "text": "Et notat", "expectedVersion": stale });
        let Ok(_) = i32::try_from(stale) else { continue };
        let payload = kari.act("stepNote", input).await;
        assert_eq!(payload["__typename"], "Conflict", "{payload}");
        assert_eq!(
            (&payload["currentRevision"], &payload["path"]),
            (&json!(revision), &json!("expectedVersion"))
        );
        is_clear(payload["message"].as_str().unwrap());
    }
    let negative =
        json!({ "input": { "caseId": case, "text": "x", "expectedVersion": -1, "idempotencyKey": "n" } });
    let step = "mutation($input: StepNoteInput!) { stepNote(input: $input) { __typename } }";
    assert_eq!(kari.error(step, negative).await, "BAD_VERSION");
    let fresh = json!({ "caseId": case, "text": "Et notat", "expectedVersion": revision });
    assert_eq!(kari.does("stepNote", fresh).await["revision"], revision + 1);
    server.still_answers().await;
}

#[tokio::test]
async fn ids_that_nobody_has_lead_nowhere() {
    let server = Server::start().await;
    let [kari, rita] = server.furesoe(["kari", "rita"]).await;
    for id in GARBAGE.into_iter().chain([NOBODY]) {
        let of = json!({ "id": id });
        let data =
            kari.ask("query($id: ID!) { case(id: $id) { id } inquiry(id: $id) { id } }", of.clone()).await;
        assert_eq!(data, json!({ "case": null, "inquiry": null }), "{id:?}");
        let data = rita.ask("query($id: ID!) { caseHistory(id: $id) { id } }", of).await;
        assert_eq!(data, json!({ "caseHistory": null }), "{id:?}");
        assert_eq!(
            kari.is_refused("stepNote", json!({ "caseId": id, "text": "x" })).await.0,
            "CASE_NOT_FOUND"
        );
        assert_eq!(kari.is_refused("inquiryClose", json!({ "inquiryId": id })).await.0, "INQUIRY_NOT_FOUND");
    }
    let case = kari.opens_a_case("En sag til ingen").await;
    assert_eq!(
        kari.is_refused("caseAssign", json!({ "caseId": case, "staffId": NOBODY })).await.0,
        "NOT_A_CASEWORKER"
    );
    let assign = "mutation($input: CaseAssignInput!) { caseAssign(input: $input) { __typename } }";
    let to =
        |staff: &str| json!({ "input": { "caseId": case, "staffId": staff, "idempotencyKey": new_key() } });
    assert_eq!(kari.error(assign, to("x")).await, "BAD_ID");
    let open = json!({ "inquiryId": NOBODY, "title": "Af ingenting", "received": crate::people::today() });
    assert_eq!(kari.is_refused("caseOpen", open).await.0, "INQUIRY_NOT_FOUND");
    for id in GARBAGE {
        let log = "query($id: ID) { accessLog(caseId: $id) { pageInfo { hasNextPage } } }";
        assert_eq!(rita.error(log, json!({ "id": id })).await, "BAD_ID", "{id:?}");
    }
    server.still_answers().await;
}

#[tokio::test]
async fn an_unknown_case_is_not_found_also_with_an_expected_version() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let input = json!({ "caseId": NOBODY, "text": "x", "expectedVersion": 3 });
    assert_eq!(kari.is_refused("stepNote", input).await.0, "CASE_NOT_FOUND");
}

#[tokio::test]
async fn fields_that_are_empty_too_long_or_impossible_are_named() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let wrong = async |mutation: &str, input: Value| {
        let payload = kari.act(mutation, input).await;
        is_clear(payload["message"].as_str().unwrap());
        (payload["code"].as_str().unwrap().to_owned(), payload["path"].as_str().unwrap().to_owned())
    };
    let pair = |code: &str, path: &str| (code.to_owned(), path.to_owned());
    let empty = json!({ "title": "  ", "received": crate::people::today() });
    assert_eq!(wrong("caseOpen", empty).await, pair("FIELD_EMPTY", "title"));
    assert_eq!(wrong("caseOpen", json!({ "title": "x" })).await, pair("NO_RECEIPT_DATE", "received"));
    let silent = json!({ "title": "x", "received": "2026-01-05" });
    assert_eq!(wrong("caseOpen", silent).await, pair("NO_CHANNEL", "channel"));
    let unknown = json!({ "title": "x", "received": "2026-01-05", "channel": "LETTER", "kle": "99.99", "facet": "G01" });
    assert_eq!(wrong("caseOpen", unknown).await, pair("UNKNOWN_KLE", "kle"));
    let future = json!({ "title": "x", "received": "9999-01-01" });
    assert_eq!(wrong("caseOpen", future).await, pair("RECEIPT_IN_THE_FUTURE", "received"));
    let case = kari.opens_a_case("Felter").await;
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;
    let long = json!({ "caseId": case, "text": "å".repeat(20_001) });
    assert_eq!(wrong("stepNote", long).await, pair("FIELD_TOO_LONG", "text"));
    let past = json!({ "caseId": case, "replyBy": "2024-01-01", "facts": "x" });
    assert_eq!(wrong("hearingOpen", past).await, pair("REPLY_DATE_NOT_AHEAD", "replyBy"));
    let facet = json!({ "caseId": case, "kle": "32", "facet": "g1" });
    assert_eq!(wrong("caseClassify", facet).await, pair("UNKNOWN_FACET", "facet"));
    let step = "mutation($input: StepNoteInput!) { stepNote(input: $input) { __typename } }";
    for key in [String::new(), "k".repeat(129)] {
        let input = json!({ "input": { "caseId": case, "text": "x", "idempotencyKey": key } });
        assert_eq!(kari.error(step, input).await, "BAD_KEY");
    }
    let day = "{ cases(filter: { dueBy: \"i morgen\" }) { totalCount } }";
    let response = kari.gql(day, json!({})).await;
    assert!(response["errors"][0]["message"].as_str().unwrap().contains("2026-11-23"), "{response}");
    server.still_answers().await;
}

#[tokio::test]
async fn a_key_belongs_to_a_case_and_repeats_nothing_in_another_one() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let (one, two) = (kari.opens_a_case("Den ene").await, kari.opens_a_case("Den anden").await);
    let me = kari.id_of("kari").await;
    let assign = "mutation($input: CaseAssignInput!) { caseAssign(input: $input) {
        __typename ... on CaseChanged { revision } } }";
    let mut revisions = Vec::new();
    for case in [&one, &two, &one] {
        let input = json!({ "input": { "caseId": case, "staffId": me, "idempotencyKey": "genbrugt" } });
        let answer = kari.ask(assign, input).await;
        assert_eq!(answer["caseAssign"]["__typename"], "CaseChanged", "{answer}");
        revisions.push(answer["caseAssign"]["revision"].clone());
    }
    assert_eq!(revisions[0], revisions[2], "repeated, not done again");
}

#[tokio::test]
async fn without_a_session_nobody_is_let_in() {
    let server = Server::start().await;
    let stranger = server.visitor();
    let asked = stranger.graphql("{ viewer { demo } }", &json!({}));
    is_json_error(&Person::send(asked).await, StatusCode::UNAUTHORIZED, "NOT_LOGGED_IN");
    is_json_error(&stranger.get("/api/session").await, StatusCode::UNAUTHORIZED, "NOT_LOGGED_IN");
    assert_eq!(stranger.may_not_listen(None).await, StatusCode::UNAUTHORIZED);
    for (name, municipality, password) in [
        ("kari", "0190", "forkert-kode"),
        ("ingen", "0190", PASSWORD),
        ("kari", "0461", PASSWORD),
        ("kari", "nul", PASSWORD),
        ("", "", ""),
        ("kari", "0190", &"x".repeat(100_000)),
    ] {
        let answer = stranger.log_in(name, municipality, password).await;
        is_json_error(&answer, StatusCode::UNAUTHORIZED, "WRONG_LOGIN");
    }
    for token in ["x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "%00", "'; DROP TABLE session"] {
        let asked = stranger
            .graphql("{ viewer { demo } }", &json!({}))
            .header("cookie", format!("skranke_session={token}"));
        is_json_error(&Person::send(asked).await, StatusCode::UNAUTHORIZED, "NOT_LOGGED_IN");
    }
    // Logged out is logged out, also for whoever has kept the cookie.
    let kari = server.login("kari", "0190").await;
    let kept = kari.cookies();
    assert_eq!(Person::send(kari.request_post("/api/logout").header("x-skranke", "1")).await.status, 204);
    let asked = stranger.graphql("{ viewer { demo } }", &json!({})).header("cookie", kept);
    is_json_error(&Person::send(asked).await, StatusCode::UNAUTHORIZED, "NOT_LOGGED_IN");
    server.still_answers().await;
}

#[tokio::test]
async fn a_session_ends_by_age_and_by_idleness() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let file = rusqlite::Connection::open(server.data().join("sessions.db")).unwrap();
    file.busy_timeout(Duration::from_secs(10)).unwrap();
    for (why, edit) in [
        ("idle", "UPDATE session SET seen = seen - 61 * 60"),
        ("old", "UPDATE session SET seen = seen + 61 * 60, expires = expires - 9 * 3600 - 60"),
    ] {
        file.execute(edit, []).unwrap();
        let asked = kari.graphql("{ viewer { demo } }", &json!({}));
        let answer = Person::send(asked).await;
        is_json_error(&answer, StatusCode::UNAUTHORIZED, "SESSION_EXPIRED");
        assert!(answer.text.contains("Log ind igen"), "{why}: {}", answer.text);
        assert_eq!(kari.may_not_listen(None).await, StatusCode::UNAUTHORIZED, "{why}");
    }
    // Logging in again is all it takes.
    assert_eq!(kari.log_in("kari", "0190", PASSWORD).await.status, StatusCode::NO_CONTENT);
    kari.ask("{ viewer { demo } }", json!({})).await;
    server.still_answers().await;
}

#[tokio::test]
async fn a_page_of_another_site_can_do_nothing() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let foreign = [("origin", "https://evil.example"), ("origin", "null"), ("origin", "http://127.0.0.1:1")];
    for (name, value) in foreign {
        let asked = kari.graphql("{ viewer { demo } }", &json!({})).header(name, value);
        assert_eq!(Person::send(asked).await.status, StatusCode::FORBIDDEN, "{value}");
        let body = json!({ "municipality": "0190", "login": "kari", "password": PASSWORD });
        let login = kari.request_post("/api/login").header("x-skranke", "1").header(name, value).json(&body);
        is_json_error(&Person::send(login).await, StatusCode::FORBIDDEN, "FOREIGN_PAGE");
        let logout = kari.request_post("/api/logout").header("x-skranke", "1").header(name, value);
        is_json_error(&Person::send(logout).await, StatusCode::FORBIDDEN, "FOREIGN_PAGE");
        assert_eq!(kari.may_not_listen(Some(value)).await, StatusCode::FORBIDDEN, "{value}");
        for path in ["/samtale", "/samtale/slut", "/samtale/vurdering", "/opkald", "/henvendelse"] {
            let form = kari.request_post(path).header(name, value).form(&[("text", "Hej")]);
            let answer = Person::send(form).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {value}");
            assert!(answer.is_html());
        }
    }
    let form = kari.request_post("/samtale").header("sec-fetch-site", "cross-site").form(&[("text", "Hej")]);
    assert_eq!(Person::send(form).await.status, StatusCode::FORBIDDEN);
    // The header that only a page of ours can send.
    let query = json!({ "query": "{ viewer { demo } }" });
    let without = Person::send(kari.request_post("/graphql").json(&query)).await;
    assert_eq!(without.status, StatusCode::FORBIDDEN);
    is_clear(without.json()["errors"][0]["message"].as_str().unwrap());
    let login = kari.request_post("/api/login").json(&json!({}));
    is_json_error(&Person::send(login).await, StatusCode::FORBIDDEN, "FOREIGN_PAGE");
    // Our own page may.
    let own = kari
        .graphql("{ viewer { demo } }", &json!({}))
        .header("origin", format!("http://{}", server.address()));
    assert_eq!(Person::send(own).await.status, StatusCode::OK);
    let preflight = kari.request_get("/graphql").build().unwrap().url().clone();
    let preflight =
        reqwest::Client::new().request(Method::OPTIONS, preflight).header("origin", "https://evil.example");
    assert!(!Person::send(preflight).await.headers.contains_key("access-control-allow-origin"));
    server.still_answers().await;
}

#[tokio::test]
async fn too_much_in_too_short_a_time_is_told_when_to_come_back() {
    let setup = Setup::new().set("SKRANKE_LIMITS_BURST", "3").set("SKRANKE_LIMITS_REFILL_MILLIS", "5000");
    let server = setup.start().await;
    let visitor = server.visitor();
    let mut statuses = Vec::new();
    let refused = loop {
        let answer = visitor.log_in("kari", "0190", "et-forkert-gaet").await;
        statuses.push(answer.status);
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
        assert!(statuses.len() < 10, "guessing passwords is not limited: {statuses:?}");
    };
    is_json_error(&refused, StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS");
    let seconds: u64 = refused.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=5).contains(&seconds), "{seconds}");
    let mut answered = 0;
    while Person::send(visitor.request_post("/samtale").form(&[("text", "Hej")])).await.status
        != StatusCode::TOO_MANY_REQUESTS
    {
        answered += 1;
        assert!(answered < 10, "messages are not limited");
    }
    assert!(answered >= 3, "who may not log in may still write: {answered} messages");
    assert_eq!(visitor.get("/").await.status, StatusCode::OK, "reading is not limited");
    eventually("time lets one more through", async || {
        let answer = visitor.log_in("kari", "0190", PASSWORD).await;
        (answer.status == StatusCode::NO_CONTENT).then_some(())
    })
    .await;
    server.still_answers().await;
}
