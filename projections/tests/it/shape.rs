//! The shape of what the tables hold. Whoever changes it must raise the projection's version, or stored rows
//! of the old shape stay where they are.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use skranke_projections::{CaseSheet, WorkRow};

use crate::house::{House, furesoe};

/// Each projection with its version and the hash of its shape.
const SHAPES: [(&str, u32, &str); 25] = [
    ("cases", 3, "b4bddbf3"),
    ("case-weeks", 1, "7c63786a"),
    ("inbox", 3, "23d64d71"),
    ("complaints", 1, "4ecc1e27"),
    ("access_requests", 1, "f2fb85b9"),
    ("exemptions", 1, "fc4bd2c1"),
    ("services", 1, "b7279b55"),
    ("authorities", 1, "c2b58830"),
    ("people", 3, "e5025f9b"),
    ("teams", 1, "e9f1a22a"),
    ("engagements", 1, "10c34dcb"),
    ("case-frames", 1, "4e162693"),
    ("samples", 2, "d303858d"),
    ("findings", 2, "ecbd9223"),
    ("saved-views", 1, "f524c905"),
    ("privacy", 1, "59ab7df4"),
    ("retention", 1, "9aca4aae"),
    ("rule-versions", 1, "355c3bb6"),
    ("articles", 1, "1d163acd"),
    ("subject-streams", 2, "6ab800d5"),
    ("webhooks", 2, "3ed84a5c"),
    ("access", 4, "df7fe0ac"),
    ("access-weeks", 1, "f7ef0380"),
    ("conversations", 1, "9e4a32f5"),
    ("search", 1, "acbf7ba4"),
];

/// Every path that occurs in a JSON column, with the kind of value there.
fn paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(items) => {
            for item in items {
                paths(item, &format!("{path}[]"), found);
            }
            "array"
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                paths(value, &format!("{path}.{name}"), found);
            }
            "object"
        }
    };
    found.insert(format!("{path}: {kind}"));
}

/// What stands in a packed column, as JSON would have it.
fn packed<T: Serialize + DeserializeOwned>(rows: &Connection, sql: &str) -> Vec<Value> {
    let mut all = rows.prepare(sql).unwrap();
    let all = all.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let read = |bytes: Vec<u8>| rmp_serde::from_slice::<T>(&bytes).unwrap();
    all.map(|bytes| serde_json::to_value(read(bytes.unwrap())).unwrap()).collect()
}

fn shape(rows: &Connection, tables: &str) -> String {
    let mut found = BTreeSet::new();
    for table in tables.split(' ') {
        let schema = "SELECT sql FROM sqlite_schema WHERE tbl_name = ?1 AND sql IS NOT NULL";
        let mut schema = rows.prepare(schema).unwrap();
        let statements = schema.query_map([table], |row| row.get::<_, String>(0)).unwrap();
        found.extend(statements.map(|sql| sql.unwrap().split_whitespace().collect::<Vec<_>>().join(" ")));
        let packed = match table {
            "cases" => Some(packed::<WorkRow>(rows, "SELECT row FROM cases")),
            "case_sheets" => Some(packed::<CaseSheet>(rows, "SELECT sheet FROM case_sheets")),
            _ => None,
        };
        packed.into_iter().flatten().for_each(|value| paths(&value, table, &mut found));
        let json = match table {
            "inquiries" | "complaints" | "access_requests" | "exemptions" | "services" | "articles"
            | "privacy" => "sheet",
            "staff" => "member",
            "authorities" => "listed",
            "teams" => "team",
            "engagements" => "engagement",
            "samples" => "sample",
            "findings" => "finding",
            "saved_views" => "view",
            "rule_versions" => "version",
            "webhooks" => "webhook",
            _ => continue,
        };
        let mut all = rows.prepare(&format!("SELECT {json} FROM {table}")).unwrap();
        let all = all.query_map([], |row| row.get::<_, String>(0)).unwrap();
        all.for_each(|json| paths(&serde_json::from_str(&json.unwrap()).unwrap(), table, &mut found));
    }
    found.into_iter().collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_shape_has_a_new_version() {
    let house = House::new();
    house.everything(furesoe(), 1).await;
    house.front_desk(furesoe()).await;
    house.people_s_data(furesoe()).await;
    house.articles().await;
    house.caught_up().await;
    let health = house.views.health();
    let file = house.views_dir("views").join("views.db");
    let office = house.close().await;
    let rows = Connection::open(file).unwrap();
    let mut changed = Vec::new();
    for (one, (name, version, hash)) in health.iter().zip(SHAPES) {
        let tables: String = rows
            .query_row("SELECT tables FROM projections WHERE name = ?1", [name], |row| row.get(0))
            .unwrap();
        let shape = shape(&rows, &tables);
        let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(&shape).into();
        let found = format!("{:08x}", u32::from_be_bytes([a, b, c, d]));
        if (one.name, one.version, found.as_str()) != (name, version, hash) {
            println!("the shape of {} is now\n{shape}", one.name);
            changed.push((one.name, one.version, found));
        }
    }
    assert!(
        changed.is_empty(),
        "raise the versions of these and put them here with the new hash: {changed:?}"
    );
    drop(office);
}
