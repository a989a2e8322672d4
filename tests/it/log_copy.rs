//! `skranke log copy`: a log moved to another place serves as before.

use std::path::Path;

use serde_json::json;
use skranke_store::{EmbeddedLog, EventLog, Expected, NewEvent, StreamWrite};
use uuid::Uuid;

use crate::server::{Server, Setup, files_in};

fn url(dir: &Path) -> String {
    format!("file:{}", dir.display())
}

#[tokio::test]
async fn a_copied_log_serves_what_the_first_one_served() {
    let mut server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let case = kari.opens_a_case("Flyttes med").await;
    server.stop().await;
    let new = tempfile::tempdir().unwrap();
    let (from, to) = (url(&server.data()), url(new.path()));
    let done = Setup::new().run(&["log", "copy", &from, &to]).await;
    assert!(done.success, "{}", done.output);
    let again = Setup::new().run(&["log", "copy", &from, &to]).await;
    assert!(again.success, "{}", again.output);
    let digest = |output: &str| output.lines().last().unwrap().to_owned();
    assert!(digest(&done.output).starts_with("both logs hold the same, SHA-256 "), "{}", done.output);
    assert_eq!(digest(&done.output), digest(&again.output));
    assert!(done.output.contains(", 0 of them found there, 0 system events left out"), "{}", done.output);
    assert!(done.output.contains("verifying: "), "{}", done.output);

    // The keys lie beside the log, and the demonstration's master key beside the data folder.
    for file in files_in(&server.data()) {
        let name = file.file_name().unwrap().to_owned();
        if name.to_string_lossy().starts_with("keys.db") {
            std::fs::copy(&file, new.path().join(name)).unwrap();
        }
    }
    let master = std::fs::read_to_string(server.folder().join("data.key")).unwrap();
    let setup = server.setup().with_data_in(new.path()).set("SKRANKE_MASTER_KEY", master.trim());
    let moved = setup.start().await;
    let kari = moved.login("kari", "0190").await;
    let page = "query($id: ID!) { case(id: $id) { title { ... on PersonalText { text } } } }";
    let page = kari.ask(page, json!({ "id": case })).await;
    assert_eq!(page["case"]["title"]["text"], "Flyttes med");
    kari.does("caseAssign", json!({ "caseId": case, "staffId": kari.id_of("kari").await })).await;
}

#[tokio::test]
async fn a_copy_into_another_history_is_refused_and_exits_with_a_failure() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (dir, number) in [(from.path(), 1), (to.path(), 2)] {
        let log = EmbeddedLog::open(dir).unwrap();
        let event = NewEvent {
            id: Uuid::from_u128(number),
            event_type: "Happened".into(),
            data: b"{}".to_vec(),
            metadata: b"{}".to_vec(),
            recorded_at: "2026-11-23T09:00:00Z".parse().unwrap(),
        };
        let stream = "thing-0190-1".parse().unwrap();
        let write = StreamWrite { stream, expected: Expected::NoStream, events: vec![event] };
        log.append(write, None).await.unwrap();
        log.close().await;
    }
    let refused = Setup::new().run(&["log", "copy", &url(from.path()), &url(to.path())]).await;
    let why = refused.why();
    assert!(why.contains("was left alone") && why.contains("thing-0190-1 revision 0 at position 1"), "{why}");

    let nowhere = from.path().join("nowhere");
    let refused = Setup::new().run(&["log", "copy", &url(&nowhere), &url(to.path())]).await;
    assert!(refused.why().contains("there is no log to copy"), "{}", refused.output);
    assert!(!nowhere.exists());
    let refused = Setup::new().run(&["log", "copy", "postgres://me:hunter2@db", &url(to.path())]).await;
    assert!(refused.why().contains("no log engine"), "{}", refused.output);
    assert!(!refused.output.contains("hunter2"));
}
