//! Two nodes on one log: when the one that tells is gone, the other goes on where it was.

use std::collections::HashSet;

use reqwest::StatusCode;
use serde_json::{Value, json};
use skranke_domain::{StreamId, Tenant};

use super::{Receiver, setup};
use crate::people::Person;
use crate::server::{PASSWORD, eventually};
use crate::shared_log::SharedLog;

/// Each place in the log that was told, in the order of telling.
fn places(receiver: &Receiver) -> Vec<u64> {
    let bodies = receiver.heard().into_iter().map(|(_, body)| serde_json::from_str::<Value>(&body).unwrap());
    bodies.map(|event| event["data"]["position"].as_str().unwrap().parse().unwrap()).collect()
}

async fn open_cases(person: &Person, cases: &mut Vec<String>, count: usize) {
    for _ in 0..count {
        cases.push(person.opens_a_case("En sag").await);
    }
}

#[tokio::test]
async fn a_node_that_takes_over_goes_on_where_the_dead_one_was() {
    let (log, receiver) = tokio::join!(SharedLog::start(), Receiver::start(StatusCode::OK));
    let node = log.node(setup());
    let hire = node.clone().set("SKRANKE_PASSWORD", PASSWORD);
    for (login, role) in [("kari", "caseworker"), ("vera", "administrator")] {
        let name = format!("{login} Opdigtet");
        let add = ["user", "add", "--tenant", "0190", "--login", login, "--name", &name, "--role", role];
        let added = hire.run(&add).await;
        assert!(added.success, "{}", added.output);
    }

    let claim = StreamId::new("claim", Tenant::COUNTER, "webhooks");
    let mut first = node.clone().start().await;
    let (kari, vera) = (first.login("kari", "0190").await, first.login("vera", "0190").await);
    let wish = json!({ "url": receiver.address, "eventTypes": ["CaseOpened"] });
    let webhook = vera.does("webhookOpen", wish).await["webhookId"].take();
    let mut cases = Vec::new();
    open_cases(&kari, &mut cases, 3).await;
    receiver.hears(3).await;
    let tenant = Tenant::try_new("0190").unwrap();
    let telling = StreamId::new("telling", tenant, webhook.as_str().unwrap());
    let told = eventually("it is noted how far it was told", async || log.newest(&telling).await).await;
    let told: Value = serde_json::from_slice(&told.data).unwrap();
    assert!(told["stream"].as_str().unwrap().ends_with(cases[2].as_str()), "{told}");

    // Taken in and not noted: this is what may come twice, and nothing else.
    let second = node.start().await;
    open_cases(&kari, &mut cases, 2).await;
    receiver.hears(5).await;
    first.kill9();
    log.release(&claim).await;
    let kari = second.login("kari", "0190").await;
    open_cases(&kari, &mut cases, 3).await;
    eventually("the other node tells", async || {
        let told = receiver.types(&cases[7]);
        (!told.is_empty()).then_some(())
    })
    .await;

    let places = places(&receiver);
    let (before, after) = places.split_at(5);
    assert!(before.is_sorted() && after.is_sorted(), "in the order of the log: {places:?}");
    assert_eq!(places.iter().collect::<HashSet<_>>().len(), 8, "each was told: {places:?}");
    for (number, case) in cases.iter().enumerate() {
        let times = receiver.types(case).len();
        let most = if (3..5).contains(&number) { 2 } else { 1 };
        assert!((1..=most).contains(&times), "case {number} was told {times} times: {places:?}");
    }
}
