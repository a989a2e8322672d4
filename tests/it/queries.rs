//! What a screen costs: the number of questions that an operation asks the views does not grow with what there is.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::matrix::Office;
use crate::operations::{SchemaOf, cost};
use crate::people::Person;
use crate::server::Server;

/// What each question of the schema costs each of three people, everything selected that can be.
async fn costs(schema: &SchemaOf, office: &Office) -> BTreeMap<String, u64> {
    let mut costs = BTreeMap::new();
    let people =
        [("lead", &office.lead), ("auditor", &office.auditor), ("administrator", &office.administrator)];
    for operation in schema.operations().iter().filter(|operation| !operation.is_act) {
        let (variables, _) = schema.variables(operation, |_| &office.ids);
        for (who, person) in people {
            costs.insert(format!("{} by {who}", operation.name), operation.cost(person, &variables).await);
        }
    }
    costs
}

/// What each of the dashboard's own operations costs.
async fn dashboard(office: &Office) -> BTreeMap<String, u64> {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist/operations.json");
    let documents: Vec<String> = serde_json::from_slice(&std::fs::read(documents).unwrap()).unwrap();
    let mut costs = BTreeMap::new();
    for document in documents.iter().filter(|document| document.trim_start().starts_with("query")) {
        let name =
            document.trim_start().strip_prefix("query ").unwrap().split(['(', ' ', '{']).next().unwrap();
        let id = if name == "InquiryById" { "inquiry" } else { "decided case" };
        let variables = json!({ "id": office.ids[id], "first": 50, "order": "DUE", "text": "bolig", "weeks": 26,
            "revision": 1, "from": 0, "to": 2, "purpose": "CASE_HANDLING" });
        let audits = ["AuditCases", "CaseTimeline", "CaseAsOf", "CaseDiff", "AccessLog"].contains(&name);
        let person: &Person = if audits { &office.auditor } else { &office.lead };
        let answer: Value = person.gql(document, variables.clone()).await;
        assert!(answer["errors"].is_null(), "{name}: {answer}");
        costs.insert(name.to_owned(), cost(person, document, &variables).await);
    }
    costs
}

#[tokio::test]
async fn no_operation_asks_more_questions_where_there_is_more_to_show() {
    let server = Server::start().await;
    let few = Office::set_up(&server, "0190").await;
    let schema = SchemaOf::ask(&few.administrator).await;
    let (every, screens) = (costs(&schema, &few).await, dashboard(&few).await);
    for _ in 0..3 {
        Office::set_up(&server, "0190").await;
    }
    let (every_later, screens_later) = (costs(&schema, &few).await, dashboard(&few).await);
    // One thing more may ask for another kind of row once (the case that an entry is about); a question for each thing
    // asks three times more.
    let grown = |before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>| -> Vec<String> {
        let pairs = before.iter().zip(after).filter(|(before, after)| *after.1 > before.1 + 2);
        pairs.map(|((name, before), (_, after))| format!("{name}: {before} → {after}")).collect()
    };
    assert_eq!(grown(&screens, &screens_later), Vec::<String>::new());
    assert_eq!(grown(&every, &every_later), Vec::<String>::new());
    // And the screens that people look at all day are answered by a handful.
    for (name, most) in [("Worklist", 4), ("Counters", 3), ("Inbox", 4), ("CaseById", 12)] {
        assert!(screens_later[name] <= most, "{name} asks {} questions", screens_later[name]);
    }
}
