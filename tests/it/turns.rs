//! What is done on one node at a time: a process that ends in good order holds nothing, and the next one begins at once.

use skranke_domain::{StreamId, Tenant};

use crate::server::{PASSWORD, Setup, eventually};
use crate::shared_log::SharedLog;

/// Each process that takes turns, by the name of its claim.
const WORK: [&str; 8] = [
    "case-forwarding",
    "complaints",
    "deadlines",
    "erasure",
    "forwarding",
    "linked-cases",
    "links",
    "webhooks",
];

const HELD: &str = "ClaimTaken";
const FREE: &str = "ClaimReleased";

/// Waits until every process has its turn. A claim that somebody else holds is free after a minute and a half, which is
/// longer than anything here is waited for.
async fn all_at_work(log: &SharedLog) {
    eventually("every process has its turn", async || {
        let claims = log.claims().await;
        let held = |name: &&str| {
            claims.get(&StreamId::new("claim", Tenant::COUNTER, name)).is_some_and(|last| last == HELD)
        };
        (WORK.iter().all(held) && claims.len() == WORK.len()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_node_that_leaves_gives_back_what_it_holds_and_the_next_one_begins_at_once() {
    let log = SharedLog::start().await;
    let node = log.node(Setup::new());
    let hire = node.clone().set("SKRANKE_PASSWORD", PASSWORD);
    let add = [
        "user",
        "add",
        "--tenant",
        "0190",
        "--login",
        "kari",
        "--name",
        "Kari Opdigtet",
        "--role",
        "caseworker",
    ];
    let added = hire.run(&add).await;
    assert!(added.success, "{}", added.output);
    assert!(
        log.claims().await.values().all(|last| last == FREE),
        "after a command: {:?}",
        log.claims().await
    );

    for _ in 0..2 {
        let mut server = node.clone().start().await;
        all_at_work(&log).await;
        server.stop().await;
        let claims = log.claims().await;
        assert!(claims.values().all(|last| last == FREE), "after SIGTERM: {claims:?}");
    }

    // A node whose plug was pulled gives nothing back: what is seen above is the leaving's doing.
    let mut server = node.start().await;
    all_at_work(&log).await;
    server.kill9();
    assert!(log.claims().await.values().all(|last| last == HELD));
}
