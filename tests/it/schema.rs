//! The committed schema is the one that the code has.

#[test]
fn the_committed_schema_is_what_the_code_says() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("graphql/schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(committed == skranke_graphql::sdl(), "graphql/schema.graphql is stale: run `make schema`");
}
