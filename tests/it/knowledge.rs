//! An editor changes an article: checked, published and answered with at once; withdrawn, people are offered instead; and
//! the auditor sees which edition each answer was.

use std::path::{Path, PathBuf};

use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::people::{Answer, Person, new_key};
use crate::server::{Ended, PASSWORD, Server, Setup, eventually, few_articles};

const QUESTION: &str = "Hvordan melder jeg flytning?";
const MOVING: &str = "flytning.da.md";
/// What the second version says.
const NEWS: &str = "Fra nu af hjælper flyttevejlederen dig på rådhuset.";

/// An editor's folder, and a server that was shipped with the same.
struct Desk {
    folder: tempfile::TempDir,
    server: Server,
}

impl Desk {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shipped = in_first_version(&folder.path().join("shipped"));
        in_first_version(&folder.path().join("editor"));
        let server = Setup::new().set("SKRANKE_CONTENT", shipped.to_str().unwrap()).start().await;
        Self { folder, server }
    }

    fn dir(&self) -> PathBuf {
        self.folder.path().join("editor/content")
    }

    fn article(&self, file: &str) -> PathBuf {
        self.dir().join("articles").join(file)
    }

    fn change(&self, file: &str, change: impl Fn(&str) -> String) -> String {
        let after = change(&std::fs::read_to_string(self.article(file)).unwrap());
        std::fs::write(self.article(file), &after).unwrap();
        after
    }

    async fn publishes(&self, login: &str, more: &[&str]) -> Ended {
        let (dir, server) = (self.dir(), format!("http://{}", self.server.address()));
        let mut arguments = vec!["knowledge", "publish", dir.to_str().unwrap(), "--server", &server];
        arguments.extend(["--tenant", "0190", "--login", login]);
        arguments.extend(more);
        Setup::new().set("SKRANKE_PASSWORD", PASSWORD).run(&arguments).await
    }
}

/// The few articles in their first version, whatever the editors are at.
fn in_first_version(folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let content = few_articles(folder);
    for entry in std::fs::read_dir(content.join("articles")).unwrap().map(Result::unwrap) {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let first =
            |line: &str| if line.starts_with("version = ") { "version = 1".into() } else { line.into() };
        let text = text.lines().map(first).collect::<Vec<String>>().join("\n") + "\n";
        std::fs::write(entry.path(), text).unwrap();
    }
    content
}

fn second_version(text: &str) -> String {
    format!("{}\n{NEWS}\n", text.replacen("version = 1", "version = 2", 1).trim_end())
}

#[tokio::test]
async fn an_article_is_published_answered_with_withdrawn_and_told_of_in_the_history() {
    let mut desk = Desk::open().await;
    let (vera, rita) = tokio::join!(desk.server.login("vera", "0190"), desk.server.login("rita", "0190"));
    let citizen = desk.server.visitor();
    let first = citizen.writes(QUESTION).await;
    assert!(first.text.contains("Kilde") && !first.text.contains(NEWS), "{}", first.text);

    let text = desk.change(MOVING, second_version);
    let done = desk.publishes("vera", &[]).await;
    assert!(done.success && done.output.contains("published: flytning.da version 2"), "{}", done.output);
    assert!(done.output.contains("1 published, 13 unchanged, 0 withdrawn"), "{}", done.output);
    assert!(citizen.writes(QUESTION).await.text.contains(NEWS), "it answers from the next message on");
    let again = desk.publishes("vera", &[]).await;
    assert!(again.success && again.output.contains("0 published, 14 unchanged"), "{}", again.output);
    desk.server.restart().await;
    assert!(citizen.writes(QUESTION).await.text.contains(NEWS), "it stands in the log");

    let (status, told) = withdraws(&vera, MOVING, "outdated").await;
    assert_eq!((status, &told["caughtUp"]), (StatusCode::OK, &json!(true)), "{told}");
    let offered = citizen.writes(QUESTION).await;
    let last = offered.text.rsplit_once(QUESTION).unwrap().1;
    assert!(!last.contains(NEWS) && last.contains("/opkald"), "people are offered: {last}");

    let hash = hash(&text);
    let case = a_case_from(&citizen, &offered, &desk.server).await;
    let history = "query($id: ID!) { caseHistory(id: $id) { counterAnswers {
        topic { slug } language version sha256 } } }";
    let answers = rita.ask(history, json!({ "id": case })).await["caseHistory"]["counterAnswers"].take();
    let answer = |version: u32, sha256: Value| json!({ "topic": { "slug": "flytning" }, "language": "DA", "version": version, "sha256": sha256 });
    let expected = [answer(1, Value::Null), answer(2, json!(hash)), answer(2, json!(hash))];
    assert_eq!(
        answers,
        json!(expected),
        "what was shipped, what was published, and nothing once it was withdrawn"
    );

    let articles =
        "{ articles { topic { slug } answers withdrawn { because municipality by { staff { login } } }
        editions { version sha256 municipality publishedBy { staff { login } } } } }";
    let listed = rita.ask(articles, json!({})).await["articles"][0].take();
    let vera_s = json!({ "staff": { "login": "vera" } });
    assert_eq!(
        listed["withdrawn"],
        json!({ "because": "OUTDATED", "municipality": "0190", "by": vera_s }),
        "{listed}"
    );
    let edition = json!({ "version": 2, "sha256": hash, "municipality": "0190", "publishedBy": vera_s });
    assert_eq!((&listed["answers"], &listed["editions"]), (&json!(false), &json!([edition])));

    let back = desk.publishes("vera", &[]).await;
    assert!(back.success && back.output.contains("published: flytning.da version 2"), "{}", back.output);
    assert!(desk.server.visitor().writes(QUESTION).await.text.contains(NEWS), "it is back");
    assert_eq!(rita.ask(articles, json!({})).await["articles"][0]["answers"], json!(true));
}

/// A system with the scope, and what it says of an article.
async fn a_system_sends(desk: &Desk, token: &str, path: &str, text: &str) -> (StatusCode, Value) {
    let request = desk.server.visitor().request_post(path).bearer_auth(token);
    let request = request.header("idempotency-key", new_key()).body(text.to_owned());
    let answer = Person::send(request).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn an_editors_system_publishes_with_the_scope_for_it_and_no_other_does() {
    let desk = Desk::open().await;
    let (vera, kari) = tokio::join!(desk.server.login("vera", "0190"), desk.server.login("kari", "0190"));
    let token = async |login: &str, scopes: &[&str]| {
        let wish = json!({ "login": login, "name": "Redaktionen", "scopes": scopes });
        let id = vera.does("serviceAccountOpen", wish).await["staff"]["id"].take();
        let issued = vera.does("serviceTokenIssue", json!({ "staffId": id, "days": 30 })).await;
        issued["token"].as_str().unwrap().to_owned()
    };
    let (editor, other) =
        (token("redaktion", &["ARTICLES"]).await, token("fagsystem", &["CASES_READ", "CASES_WRITE"]).await);
    let second = second_version(&desk.change(MOVING, ToOwned::to_owned));
    let path = format!("/api/articles/{MOVING}");
    let (status, told) = a_system_sends(&desk, &other, &path, &second).await;
    assert_eq!((status, &told["code"]), (StatusCode::FORBIDDEN, &json!("SCOPE_MISSING")));
    let (status, told) = a_system_sends(&desk, "skr_nix", &path, &second).await;
    assert_eq!((status, &told["code"]), (StatusCode::UNAUTHORIZED, &json!("BAD_TOKEN")));
    let (status, told) = a_system_sends(&desk, &editor, &path, &second).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    let by = "{ articles { topic { slug } editions { version publishedBy { staff { login } } } } }";
    let articles = vera.ask(by, json!({})).await["articles"].to_string();
    assert!(articles.contains("redaktion"), "{articles}");
    let withdrawal = format!("{path}/withdrawal?because=wrong");
    assert_eq!(a_system_sends(&desk, &other, &withdrawal, "").await.0, StatusCode::FORBIDDEN);
    assert_eq!(a_system_sends(&desk, &editor, &withdrawal, "").await.0, StatusCode::OK);

    // The scope opens articles and nothing else that an administrator may.
    let rules = a_system_sends(&desk, &editor, "/api/rules/rules", "x").await;
    assert!(rules.0.is_client_error(), "{rules:?}");
    let query = json!({ "query": "{ inquiries(first: 1) { totalCount } }" });
    let asked = desk.server.visitor().request_post("/graphql").bearer_auth(&editor).json(&query);
    assert_eq!(Person::send(asked).await.json()["errors"][0]["extensions"]["code"], "SCOPE_MISSING");

    // Of people, only an administrator, of whichever municipality: the articles are everybody's.
    let lead = desk.server.login("lone", "0190").await;
    for person in [&kari, &lead] {
        let (status, told) = sends(person, &path, second_version(&second)).await;
        assert_eq!((status, &told["code"]), (StatusCode::FORBIDDEN, &json!("NOT_ALLOWED")));
    }
}

#[tokio::test]
async fn nothing_is_published_by_whom_or_as_it_must_not() {
    let desk = Desk::open().await;
    let (vera, kari) = tokio::join!(desk.server.login("vera", "0190"), desk.server.login("kari", "0190"));
    let shipped = desk.change(MOVING, ToOwned::to_owned);
    let second = second_version(&shipped);
    for (person, file, text, status, code) in [
        (&kari, MOVING, second.as_str(), StatusCode::FORBIDDEN, "NOT_ALLOWED"),
        (&vera, MOVING, &second.replace("version = 2", "version = 1"), StatusCode::CONFLICT, "VERSION_TAKEN"),
        (&vera, "maanen.da.md", &second, StatusCode::UNPROCESSABLE_ENTITY, "UNKNOWN_TOPIC"),
        (&vera, "flytning.md", &second, StatusCode::BAD_REQUEST, "BAD_REQUEST"),
        (
            &vera,
            MOVING,
            &second.replacen("sources = [", "sources = [\"nix\", ", 1),
            StatusCode::UNPROCESSABLE_ENTITY,
            "FAULTY_ARTICLE",
        ),
        (&vera, MOVING, "ingen artikel", StatusCode::UNPROCESSABLE_ENTITY, "FAULTY_ARTICLE"),
    ] {
        let (answered, told) = sends(person, &format!("/api/articles/{file}"), text.to_owned()).await;
        assert_eq!((answered, &told["code"]), (status, &json!(code)), "{told}");
    }
    assert_eq!(withdraws(&kari, MOVING, "wrong").await.0, StatusCode::FORBIDDEN);
    assert_eq!(withdraws(&vera, "maanen.da.md", "wrong").await.0, StatusCode::NOT_FOUND);
    assert_eq!(kari.get("/api/articles").await.status, StatusCode::FORBIDDEN);
    let large = "#".repeat(512 * 1024);
    let (status, _) = sends(&vera, &format!("/api/articles/{MOVING}"), large).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);

    desk.change(MOVING, |text| text.replacen("title = \"", "title = \"Om at ", 1));
    let taken = desk.publishes("vera", &[]).await;
    assert!(!taken.success && taken.output.contains("not published: flytning.da: 409"), "{}", taken.output);
    assert!(taken.output.contains("0 published, 13 unchanged"), "{}", taken.output);
    let stranger = desk.publishes("kari", &[]).await;
    assert!(!stranger.success && stranger.output.contains("403"), "{}", stranger.output);

    std::fs::remove_file(desk.article("sundhedskort.en.md")).unwrap();
    desk.change(MOVING, |_| second_version(&shipped));
    let missing = desk.publishes("vera", &[]).await;
    assert!(!missing.success && missing.output.contains("articles/sundhedskort.en.md: is missing"));
    let checked = Setup::new().run(&["knowledge", "check", desk.dir().to_str().unwrap()]).await;
    assert!(
        !checked.success && checked.output.contains("13 articles, 1 errors, 0 warnings"),
        "{}",
        checked.output
    );
    let gone = desk.publishes("vera", &["--withdraw-missing"]).await;
    assert!(gone.success && gone.output.contains("withdrawn: sundhedskort.en"), "{}", gone.output);
    assert!(gone.output.contains("1 published, 12 unchanged, 1 withdrawn"), "{}", gone.output);
    let again = desk.publishes("vera", &["--withdraw-missing"]).await;
    assert!(
        again.success && again.output.contains("0 published, 13 unchanged, 0 withdrawn"),
        "{}",
        again.output
    );
}

#[tokio::test]
async fn without_a_server_the_log_is_opened_and_the_next_start_answers() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = in_first_version(&folder.path().join("shipped"));
    let editor = in_first_version(&folder.path().join("editor"));
    let moving = editor.join("articles").join(MOVING);
    std::fs::write(&moving, second_version(&std::fs::read_to_string(&moving).unwrap())).unwrap();
    let setup = Setup::new()
        .with_data_in(&folder.path().join("data"))
        .set("SKRANKE_CONTENT", shipped.to_str().unwrap());
    let publish = ["knowledge", "publish", editor.to_str().unwrap(), "--tenant", "0190", "--demo"];
    let done = setup.run(&publish).await;
    assert!(done.success && done.output.contains("1 published, 13 unchanged"), "{}", done.output);
    let again = setup.run(&publish).await;
    assert!(again.success && again.output.contains("0 published, 14 unchanged"), "{}", again.output);
    let server = setup.start().await;
    assert!(server.visitor().writes(QUESTION).await.text.contains(NEWS));
}

async fn sends(person: &Person, path: &str, text: String) -> (StatusCode, Value) {
    let request = person.request_post(path).header("x-skranke", "1").header("idempotency-key", new_key());
    let answer = Person::send(request.body(text)).await;
    (answer.status, serde_json::from_str(&answer.text).unwrap_or_default())
}

async fn withdraws(person: &Person, file: &str, because: &str) -> (StatusCode, Value) {
    sends(person, &format!("/api/articles/{file}/withdrawal?because={because}"), String::new()).await
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// The citizen leaves a call-back, and a caseworker makes it a case.
async fn a_case_from(citizen: &Person, page: &Answer, server: &Server) -> String {
    assert!(page.text.contains("/opkald"));
    let form = citizen.get("/opkald").await.form("/opkald");
    let form = form.with("name", "Walborg Fiktivsen").with("phone", "00 00 47 11");
    let receipt =
        citizen.submit(form.choosing("municipality", "0190").with("message", "Ring til mig.")).await;
    let (_, rest) = receipt.text.split_once("class=\"reference\">").expect("a reference on the receipt");
    let reference = rest.split('<').next().unwrap().to_owned();
    let kari = server.login("kari", "0190").await;
    let inquiry = eventually("the inquiry is in the inbox", async || {
        let inbox = "{ inquiries(open: true, first: 100) { edges { node { id reference } } } }";
        let inbox = kari.ask(inbox, json!({})).await["inquiries"]["edges"].take();
        let edges = inbox.as_array().unwrap().iter().map(|edge| edge["node"].clone());
        edges.into_iter().find(|node| node["reference"] == *reference)
    })
    .await;
    let opened = kari.does("caseOpen", json!({ "inquiryId": inquiry["id"], "title": "Flytning" })).await;
    opened["case"]["id"].as_str().unwrap().to_owned()
}
