//! Relay's two contracts: one id is one object that can be fetched again, and lists are connections.
//! <https://relay.dev/graphql/objectidentification.htm>, <https://relay.dev/graphql/connections.htm>

use serde_json::{Value, json};

use crate::matrix::Office;
use crate::people::Person;
use crate::server::Server;

const SCHEMA: &str = "{ __schema { types { name kind interfaces { name } possibleTypes { name }
    fields { name args { name type { ...T } } type { ...T } } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A type as a schema writes it: `[Case!]!`.
fn written(kind: &Value) -> String {
    match kind["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&kind["ofType"])),
        Some("LIST") => format!("[{}]", written(&kind["ofType"])),
        _ => kind["name"].as_str().unwrap().to_owned(),
    }
}

fn field<'a>(of: &'a Value, name: &str) -> &'a Value {
    let found = of["fields"].as_array().unwrap().iter().find(|field| field["name"] == name);
    found.unwrap_or_else(|| panic!("{} has no {name}", of["name"]))
}

fn argument(field: &Value, name: &str) -> Option<String> {
    let arguments = field["args"].as_array().unwrap();
    arguments.iter().find(|one| one["name"] == name).map(|one| written(&one["type"]))
}

async fn types(person: &Person) -> Vec<Value> {
    let mut answer = person.ask(SCHEMA, json!({})).await;
    let Value::Array(types) = answer["__schema"]["types"].take() else { panic!("a schema has types") };
    types
}

fn one<'a>(types: &'a [Value], name: &str) -> &'a Value {
    types.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no type {name}"))
}

#[tokio::test]
async fn the_schema_has_the_shapes_that_relay_asks_for() {
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    let types = types(&kari).await;
    let node = one(&types, "Node");
    assert_eq!(
        (node["kind"].as_str(), written(&field(node, "id")["type"])),
        (Some("INTERFACE"), "ID!".into())
    );
    assert!(node["possibleTypes"].as_array().unwrap().len() >= 11);
    let query = one(&types, "Query");
    let asked = field(query, "node");
    assert_eq!((argument(asked, "id"), written(&asked["type"])), (Some("ID!".into()), "Node".into()));
    let many = field(query, "nodes");
    assert_eq!((argument(many, "ids"), written(&many["type"])), (Some("[ID!]!".into()), "[Node]!".into()));

    let info = one(&types, "PageInfo");
    for (name, kind) in [
        ("hasNextPage", "Boolean!"),
        ("hasPreviousPage", "Boolean!"),
        ("startCursor", "String"),
        ("endCursor", "String"),
    ] {
        assert_eq!(written(&field(info, name)["type"]), kind, "{name}");
    }
    let mut connections = 0;
    for kind in types.iter().filter(|one| one["kind"] == "OBJECT") {
        for field in kind["fields"].as_array().unwrap() {
            let answer = written(&field["type"]);
            let name = answer.trim_end_matches('!');
            if !name.ends_with("Connection") {
                continue;
            }
            connections += 1;
            assert_eq!(argument(field, "first").as_deref(), Some("Int!"), "{}", field["name"]);
            assert_eq!(argument(field, "after").as_deref(), Some("String"), "{}", field["name"]);
            let connection = one(&types, name);
            assert_eq!(written(&self::field(connection, "pageInfo")["type"]), "PageInfo!");
            let edges = written(&self::field(connection, "edges")["type"]);
            let edge = one(&types, edges.trim_matches(['[', ']', '!']));
            assert_eq!(written(&self::field(edge, "cursor")["type"]), "String!", "{edges}");
            self::field(edge, "node");
        }
    }
    assert!(connections >= 9, "{connections}");
}

#[tokio::test]
async fn whatever_has_an_id_is_fetched_again_by_it_and_by_nobody_who_may_not() {
    const NODE: &str = "query($id: ID!) { node(id: $id) { __typename id } }";
    let server = Server::start().await;
    let (office, aarhus) = tokio::join!(Office::set_up(&server, "0190"), server.login("lone", "0751"));
    for (thing, kind) in [
        ("case", "Case"),
        ("inquiry", "Inquiry"),
        ("complaint", "Complaint"),
        ("access request", "AccessRequest"),
        ("exemption", "Exemption"),
        ("service", "Service"),
        ("team", "Team"),
        ("staff", "Staff"),
        ("engagement", "Engagement"),
        ("sample", "Sample"),
        ("finding", "Finding"),
    ] {
        let id = &office.ids[thing];
        let audit = ["engagement", "sample", "finding"].contains(&thing);
        let person = if audit { &office.auditor } else { &office.lead };
        let found = person.ask(NODE, json!({ "id": id })).await["node"].take();
        assert_eq!(found, json!({ "__typename": kind, "id": id }), "{thing}");
        assert_eq!(aarhus.ask(NODE, json!({ "id": id })).await["node"], Value::Null, "{thing}");
    }
    // The same rights as by its own name, and the same note in the access log.
    let case = json!({ "id": office.ids["case"] });
    assert_eq!(office.administrator.error(NODE, case).await, "NOT_ALLOWED");
    let unknown = "0198f0c2-0000-7000-8000-000000000000";
    let ids = json!({ "ids": [office.ids["team"], unknown, "?", office.ids["case"]] });
    let found = office.lead.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids).await;
    assert_eq!(
        found["nodes"],
        json!([{ "id": office.ids["team"] }, null, null, { "id": office.ids["case"] }])
    );
}

#[tokio::test]
async fn a_page_says_what_lies_before_and_behind_it() {
    const CASES: &str = "query($after: String) { cases(first: 1, after: $after, order: NUMBER) {
        edges { cursor } pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } }";
    let server = Server::start().await;
    let kari = server.login("kari", "0190").await;
    for title in ["Den ene", "Den anden"] {
        kari.opens_a_case(title).await;
    }
    let first = kari.ask(CASES, json!({})).await["cases"].take();
    let cursor = &first["edges"][0]["cursor"];
    assert_eq!(
        first["pageInfo"],
        json!({ "hasPreviousPage": false, "hasNextPage": true, "startCursor": cursor, "endCursor": cursor })
    );
    let second = kari.ask(CASES, json!({ "after": cursor })).await["cases"].take();
    assert_eq!(second["pageInfo"]["hasPreviousPage"], true);
    assert_ne!(second["pageInfo"]["startCursor"], *cursor);
}
