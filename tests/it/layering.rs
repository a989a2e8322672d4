//! Who may know whom. A new edge between rooms is a decision; this test asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// What each room may depend on. The root depends on all of them.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("domain", &[]),
    ("content", &["domain"]),
    ("store", &["domain"]),
    ("projections", &["domain", "store"]),
    ("letters", &["domain", "content"]),
    ("chat", &["domain", "store", "content"]),
    ("graphql", &["domain", "store", "projections"]),
    ("bench", &["domain", "store", "content", "projections"]),
];
/// What a room's tests may use besides.
const ALLOWED_IN_TESTS: [&str; 2] = ["domain", "store"];

fn packages() -> Vec<Package> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap().packages
}

/// `skranke-domain` is the room `domain`; the root is no room.
fn room(package: &str) -> Option<&str> {
    package.strip_prefix("skranke-")
}

#[test]
fn no_room_knows_another_that_it_may_not_know() {
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    let mut wrong = Vec::new();
    for package in packages() {
        let Some(room_name) = room(&package.name) else { continue };
        let may = allowed
            .get(room_name)
            .unwrap_or_else(|| panic!("the room {room_name} is new: say whom it may know"));
        for dependency in &package.dependencies {
            let Some(known) = room(&dependency.name) else {
                if dependency.name == "skranke" {
                    wrong.push(format!("{room_name} → the root"));
                }
                continue;
            };
            let in_tests =
                dependency.kind == DependencyKind::Development && ALLOWED_IN_TESTS.contains(&known);
            if !may.contains(&known) && !in_tests {
                wrong.push(format!("{room_name} → {known} ({})", dependency.kind));
            }
        }
    }
    assert!(wrong.is_empty(), "edges that must not be: {wrong:?}");
}

#[test]
fn the_rooms_are_the_ones_that_are_known_here() {
    let packages = packages();
    let found: BTreeSet<_> = packages.iter().filter_map(|package| room(&package.name)).collect();
    assert_eq!(found, ALLOWED.iter().map(|(name, _)| *name).collect());
    assert!(packages.iter().any(|package| *package.name == "skranke"), "the root is gone");
}

#[test]
fn only_the_root_and_the_bench_depend_on_anyhow() {
    for package in packages() {
        if matches!(room(&package.name), None | Some("bench")) {
            continue;
        }
        let uses = package.dependencies.iter().any(|dependency| dependency.name == "anyhow");
        assert!(!uses, "{} depends on anyhow: a room's errors are types", package.name);
    }
}

#[test]
fn the_chat_and_the_views_do_not_name_each_other() {
    for (room, other) in [("chat", "skranke-projections"), ("projections", "skranke-chat")] {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(room).join("Cargo.toml");
        let text = std::fs::read_to_string(manifest).unwrap();
        assert!(!text.contains(other), "{room}/Cargo.toml names {other}");
    }
}
