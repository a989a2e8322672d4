//! What people who look after the chat use on the command line: why a message is understood as it is, and from which score
//! on articles may answer.

use std::fs;

use serde_json::Value;

use crate::server::{Setup, few_articles};

async fn explains(content: &str, arguments: &[&str]) -> String {
    let mut line = vec!["chat", "explain"];
    line.extend(arguments);
    let ended = Setup::new().set("SKRANKE_CONTENT", content).run(&line).await;
    assert!(ended.success, "{}", ended.output);
    ended.output
}

#[tokio::test]
async fn it_is_told_why_a_message_is_understood_so_and_what_follows() {
    let folder = tempfile::tempdir().unwrap();
    let content = few_articles(folder.path());
    let content = content.to_str().unwrap();

    let danger = explains(content, &["han slår mig"]).await;
    assert!(danger.contains("Danger, because of: @blow @victim"), "{danger}");
    assert!(danger.contains("gives 112"), "{danger}");

    let asked = explains(content, &["Hvordan melder jeg flytning?"]).await;
    assert!(asked.contains("answers from flytning"), "{asked}");
    let middle = ["farum", "--asked", "municipality", "--topic", "flytning", "--json"];
    let told: Value = serde_json::from_str(&explains(content, &middle).await).unwrap();
    assert_eq!(told["then"], "shows the card: flytning in 0190");
    assert_eq!(told["heard"]["places"][0]["codes"][0], "0190");
}

#[tokio::test]
async fn thresholds_are_found_for_a_folder_and_hold_in_its_check() {
    let folder = tempfile::tempdir().unwrap();
    let content = few_articles(folder.path());
    let dir = content.to_str().unwrap();
    let found = Setup::new().run(&["chat", "calibrate", dir, "--most-wrong", "2", "--write"]).await;
    assert!(found.success && found.output.contains("written to"), "{}", found.output);
    let written: toml::Table = fs::read_to_string(content.join("thresholds.toml")).unwrap().parse().unwrap();
    assert_eq!(written["most_wrong"].as_float(), Some(0.02));
    let check = Setup::new().run(&["knowledge", "check", dir]).await;
    assert!(!check.output.contains("thresholds.toml"), "{}", check.output);

    let careless = "answer = 0\nchoices = 0\nlead = 0\ndoubt = 1000\nmost_wrong = 0.0\n";
    fs::write(content.join("thresholds.toml"), careless).unwrap();
    let check = Setup::new().run(&["knowledge", "check", dir]).await;
    assert!(!check.success && check.output.contains("error: thresholds.toml: "), "{}", check.output);
}
