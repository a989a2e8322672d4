//! `skranke load-demo`: any number of invented cases, and every list counts the same.

use serde_json::json;

use crate::server::{Server, Setup};

/// What the lists of the three municipalities hold together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counted {
    inquiries: i64,
    open: i64,
    with_a_case: i64,
    cases: i64,
}

async fn count(server: &Server) -> Counted {
    const OF_WORKERS: &str = "{ all: inquiries(first: 100) { totalCount edges { node { caseId } } }
        open: inquiries(open: true, first: 1) { totalCount } counters { openInquiries unassigned }
        unassigned: cases(filter: { unassigned: true }, first: 1) { totalCount } }";
    let mut counted = Counted::default();
    for municipality in ["0190", "0751", "0530"] {
        let (kari, rita) =
            tokio::join!(server.login("kari", municipality), server.login("rita", municipality));
        let lists = kari.ask(OF_WORKERS, json!({})).await;
        let number = |path: &str| lists.pointer(path).unwrap().as_i64().unwrap();
        counted.inquiries += number("/all/totalCount");
        counted.open += number("/open/totalCount");
        let rows = lists["all"]["edges"].as_array().unwrap();
        assert_eq!(i64::try_from(rows.len()).unwrap(), number("/all/totalCount"));
        counted.with_a_case +=
            i64::try_from(rows.iter().filter(|row| !row["node"]["caseId"].is_null()).count()).unwrap();
        assert_eq!(number("/counters/openInquiries"), number("/open/totalCount"));
        assert_eq!(number("/counters/unassigned"), number("/unassigned/totalCount"));
        let audit =
            rita.ask("{ auditCases(first: 100) { totalCount edges { node { number } } } }", json!({})).await;
        let mut numbers: Vec<_> = audit["auditCases"]["edges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|edge| edge["node"]["number"].to_string())
            .collect();
        numbers.dedup();
        let total = audit["auditCases"]["totalCount"].as_i64().unwrap();
        assert_eq!(i64::try_from(numbers.len()).unwrap(), total, "no number twice, none missing");
        counted.cases += total;
    }
    counted
}

/// A server on data that was loaded, without the demonstration's own cases.
async fn serve(setup: &Setup, data: &std::path::Path) -> Server {
    let key = std::fs::read_to_string(data.with_extension("key")).unwrap();
    setup.clone().without_demo().set("SKRANKE_MASTER_KEY", key.trim()).start().await
}

#[tokio::test]
async fn what_is_loaded_adds_up_and_loading_twice_makes_twice_as_many() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let setup = Setup::new().with_data_in(&data);
    for round in 1..=2 {
        let loaded = setup.run(&["load-demo", "--cases", "30"]).await;
        assert!(loaded.success, "{}", loaded.output);
        assert!(loaded.output.contains("30 cases made"), "{}", loaded.output);
        let mut server = serve(&setup, &data).await;
        let counted = count(&server).await;
        assert_eq!(counted.inquiries, 30 * round, "{counted:?}");
        assert_eq!(counted.cases, counted.with_a_case, "{counted:?}");
        assert!(counted.cases > 10 * round && counted.cases < counted.inquiries, "{counted:?}");
        assert!(counted.open > 0 && counted.open < counted.inquiries, "{counted:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_demo_is_made_only_when_the_log_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let setup = Setup::new().with_data_in(&data);
    assert!(setup.run(&["load-demo", "--cases", "3"]).await.success);
    let server = setup.start().await;
    assert_eq!(count(&server).await.inquiries, 3, "serve --demo says: make demo data when the log is empty");
}

#[tokio::test]
async fn a_log_that_is_in_use_gets_no_demo_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let key = Setup::new().run(&["key", "new"]).await.output;
    let setup = Setup::new().with_data_in(&data).set("SKRANKE_MASTER_KEY", key.trim());
    let real = setup.clone().set("SKRANKE_PASSWORD", "en lang adgangskode");
    let added = real
        .run(&[
            "user",
            "add",
            "--tenant",
            "0190",
            "--login",
            "ida",
            "--name",
            "Ida Opdigtet",
            "--role",
            "caseworker",
        ])
        .await;
    assert!(added.success, "{}", added.output);
    let server = setup.start().await;
    let stranger = server.visitor();
    let answer = stranger.log_in("kari", "0190", crate::server::PASSWORD).await;
    assert_eq!(answer.status, reqwest::StatusCode::UNAUTHORIZED, "a demo account opens a real log");
}
