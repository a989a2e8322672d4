//! An administrator publishes a newer KLE list and newer rules: checked line by line, in force from their day in their
//! own municipality and without a restart, while old cases keep what they were classified with.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::people::{Person, new_key, today};
use crate::server::{Server, Setup, few_articles};

pub(crate) async fn publishes(person: &Person, path: &str, text: &str) -> (StatusCode, Value) {
    let request = person.request_post(&format!("/api/rules/{path}")).header("x-skranke", "1");
    let answer = Person::send(request.header("idempotency-key", new_key()).body(text.to_owned())).await;
    (answer.status, answer.json())
}

fn list(lines: &str) -> String {
    format!("kind,number,title,from,until,retention\nfacet,G01,Sager om borgere,,,K5\n{lines}")
}

async fn subjects(person: &Person, text: &str) -> Vec<String> {
    let found = person
        .ask("query($text: String!) { kleSearch(text: $text) { number } }", json!({ "text": text }))
        .await;
    let found = found["kleSearch"].as_array().unwrap().iter();
    found.map(|entry| entry["number"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_newer_kle_list_is_in_force_from_its_day_and_old_cases_keep_theirs() {
    let mut server = Server::start().await;
    let [kari, vera, rita] = server.furesoe(["kari", "vera", "rita"]).await;
    let aarhus = server.login("kari", "0751").await;
    let old = kari.opens_a_case("Klassificeret før").await;
    kari.does("caseClassify", json!({ "caseId": old, "kle": "32.24.04", "facet": "G01" })).await;

    let newer = list("subject,99,Nye opgaver,,,B\nsubject,99.01,Helt nyt emne,,,\n");
    let named = |name: &str, from: &str| format!("kle?version={name}&from={from}");
    let (status, told) = publishes(&kari, &named("kle-a", &today()), &newer).await;
    assert_eq!((status, &told["code"]), (StatusCode::FORBIDDEN, &json!("NOT_ALLOWED")), "{told}");
    let slips = list("subject,9,Kort nummer,,,B\nsubject,98,,,,\nsubject,97,Klasse,,,Q\n");
    let (status, told) = publishes(&vera, &named("kle-a", &today()), &slips).await;
    assert_eq!((status, &told["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("FAULTY_RULES")));
    let faults = told["faults"].as_array().unwrap().iter();
    let faults: Vec<_> =
        faults.map(|fault| (fault["line"].as_u64().unwrap(), fault["code"].as_str().unwrap())).collect();
    assert_eq!(faults, [(3, "NUMBER"), (4, "NO_TITLE"), (5, "COLUMNS")], "{told}");
    let (status, told) = publishes(&vera, &named("kle-a", "2024-01-01"), &newer).await;
    assert_eq!((status, &told["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("VERSION_IN_THE_PAST")));
    assert!(subjects(&kari, "99").await.is_empty());

    let (status, told) = publishes(&vera, &named("kle-a", &today()), &newer).await;
    assert_eq!((status, &told["caughtUp"]), (StatusCode::CREATED, &json!(true)), "{told}");
    assert_eq!(
        publishes(&vera, &named("kle-a", &today()), &newer).await.0,
        StatusCode::CREATED,
        "it is so already"
    );
    let (status, told) = publishes(&vera, &named("kle-a", &today()), &list("subject,98,Andet,,,\n")).await;
    assert_eq!((status, &told["code"]), (StatusCode::CONFLICT, &json!("VERSION_TAKEN")));
    let (status, _) = publishes(&vera, &named("kle-b", "2099-01-01"), &list("subject,98,Engang,,,\n")).await;
    assert_eq!(status, StatusCode::CREATED);

    let holds = async || {
        assert_eq!(subjects(&kari, "99").await, ["99", "99.01"]);
        assert!(subjects(&kari, "98").await.is_empty(), "its day has not come");
        assert!(subjects(&aarhus, "99").await.is_empty(), "another municipality has its own");
        assert!(subjects(&aarhus, "32.24.04").await.contains(&"32.24.04".to_owned()));
        let shown = "query($id: ID!) { case(id: $id) { kle { number facet } } }";
        let shown = kari.ask(shown, json!({ "id": old })).await["case"]["kle"].take();
        assert_eq!(shown, json!({ "number": "32.24.04", "facet": "G01" }));
    };
    holds().await;
    let case = kari.opens_a_case("Klassificeret efter").await;
    let wish = |kle: &str| json!({ "caseId": case, "kle": kle, "facet": "G01" });
    assert_eq!(kari.is_refused("caseClassify", wish("32")).await.0, "UNKNOWN_KLE");
    kari.does("caseClassify", wish("99.01")).await;
    let retention = "query($id: ID!) { case(id: $id) { privacy { retention { class kept } } } }";
    let retention = kari.ask(retention, json!({ "id": case })).await;
    assert_eq!(retention["case"]["privacy"]["retention"], json!({ "class": "B", "kept": true }));
    server.restart().await;
    holds().await;
    let versions = "{ ruleVersions { part version validFrom inForce publishedBy { staff { login } } } }";
    let versions = rita.ask(versions, json!({})).await["ruleVersions"].take();
    let told: Vec<_> =
        versions.as_array().unwrap().iter().map(|one| (&one["version"], &one["inForce"])).collect();
    assert_eq!(told, [(&json!("kle-b"), &json!(false)), (&json!("kle-a"), &json!(true))], "{versions}");
    assert_eq!(versions[0]["publishedBy"]["staff"]["login"], "vera");
}

#[tokio::test]
async fn newer_rules_count_the_deadlines_of_new_cases() {
    let server = Server::start().await;
    let [kari, vera] = server.furesoe(["kari", "vera"]).await;
    let before = kari.opens_a_case("Efter de gamle regler").await;
    let shipped = include_str!("../../content/rules/2026-2.toml");
    let newer = shipped
        .replace("version = \"2026-2\"", "version = \"2026-frister\"")
        .replace("valid_from = \"2026-11-01\"", &format!("valid_from = \"{}\"", today()))
        .replacen("days = 28", "days = 7", 1);
    let slip = newer.replace("counting = \"calendar-days\"", "counting = \"moon-days\"");
    let (status, told) = publishes(&vera, "rules", &slip).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told["faults"][0]["line"].as_u64().is_some_and(|line| line > 1), "{told}");
    let (status, told) = publishes(&vera, "rules", shipped).await;
    assert_eq!((status, &told["code"]), (StatusCode::CONFLICT, &json!("VERSION_TAKEN")), "it was shipped");
    let (status, told) = publishes(&vera, "rules", &newer).await;
    assert_eq!((status, &told["version"]), (StatusCode::CREATED, &json!("2026-frister")), "{told}");
    let after = kari.opens_a_case("Efter de nye regler").await;
    let rule_set = async |case: &str| {
        let asked = "query($id: ID!) { case(id: $id) { deadline { ruleSet daysLeft } } }";
        kari.ask(asked, json!({ "id": case })).await["case"]["deadline"]["ruleSet"].take()
    };
    assert_eq!(rule_set(&before).await, "2026-2");
    assert_eq!(rule_set(&after).await, "2026-frister");
    let (status, told) = publishes(&vera, "stars", &newer).await;
    assert_eq!((status, &told["code"]), (StatusCode::BAD_REQUEST, &json!("BAD_REQUEST")));
    let large = "#".repeat(1024 * 1024);
    let (status, _) = publishes_raw(&vera, "rules", large).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

async fn publishes_raw(person: &Person, path: &str, text: String) -> (StatusCode, String) {
    let request = person.request_post(&format!("/api/rules/{path}")).header("x-skranke", "1");
    let answer = Person::send(request.header("idempotency-key", new_key()).body(text)).await;
    (answer.status, answer.text)
}

#[tokio::test]
async fn a_published_template_prints_the_letters_of_its_municipality() {
    let server = Server::start().await;
    let [kari, vera] = server.furesoe(["kari", "vera"]).await;
    let aarhus = server.login("kari", "0751").await;
    let length = async |person: &Person| {
        let case = person.opens_a_case("Kvittering").await;
        person.does("caseAssign", json!({ "caseId": case, "staffId": person.id_of("kari").await })).await;
        person.does("letterPrint", json!({ "caseId": case, "kind": "RECEIPT" })).await;
        let size = "query($id: ID!) { case(id: $id) { documents { versions { size } } } }";
        let size = person.ask(size, json!({ "id": case })).await;
        size["case"]["documents"][0]["versions"][0]["size"].as_u64().unwrap()
    };
    let before = (length(&kari).await, length(&aarhus).await);
    let named = |letter: &str| format!("letters?version=brev-1&from={}&letter={letter}", today());
    let (status, told) = publishes(&vera, &named("receipt.da"), "# Tak\n\nKære {navn}").await;
    assert_eq!((status, &told["faults"][0]["line"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(3)), "{told}");
    let text = format!("# Tak\n\n{}", "Vi har modtaget din henvendelse om {title}.\n\n".repeat(60));
    let (status, told) = publishes(&vera, &named("receipt.da"), &text).await;
    assert_eq!(status, StatusCode::CREATED, "{told}");
    assert!(length(&kari).await > before.0 + 500, "the letter is set from the published template");
    assert!(
        length(&aarhus).await.abs_diff(before.1) < 500,
        "another municipality's letters are as they were"
    );
}

#[tokio::test]
async fn rules_are_checked_and_published_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let content = few_articles(folder.path());
    let dir = content.to_str().unwrap();
    let data = folder.path().join("data");
    let tool = Setup::new().with_data_in(&data);
    let checked = tool.run(&["rules", "check", dir]).await;
    assert!(checked.success && checked.output.contains("no faults"), "{}", checked.output);
    let kle = content.join("kle.csv");
    let shipped = std::fs::read_to_string(&kle).unwrap();
    std::fs::write(&kle, format!("{shipped}subject,9,For kort,,,\n")).unwrap();
    let faulty = tool.run(&["rules", "check", dir]).await;
    let line = shipped.lines().count() + 1;
    assert!(!faulty.success && faulty.output.contains(&format!("line {line}")), "{}", faulty.output);

    std::fs::write(&kle, format!("{shipped}subject,99,Nyt emne,,,K5\n")).unwrap();
    let day = today();
    let publish =
        ["rules", "publish", dir, "--demo", "--tenant", "0190", "--kle-version", "kle-9", "--kle-from", &day];
    let published = tool.run(&publish).await;
    assert!(published.success && published.output.contains("kle-9 is published"), "{}", published.output);
    let again = tool.run(&publish).await;
    assert!(again.success && again.output.contains("published already"), "{}", again.output);
    let mut arguments = publish;
    std::fs::write(&kle, format!("{shipped}subject,98,Et andet,,,K5\n")).unwrap();
    let taken = tool.run(&arguments).await;
    assert!(!taken.success && taken.output.contains("never changed"), "{}", taken.output);
    arguments[7] = "kle-10";
    assert!(tool.run(&arguments).await.success);
}
