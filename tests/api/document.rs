//! The OpenAPI document itself.

use guanxi_tests::{document, operations};

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json");
    let committed = std::fs::read_to_string(path).expect("openapi/openapi.json");
    let committed: serde_json::Value = serde_json::from_str(&committed).expect("JSON");
    assert!(
        committed == *document(),
        "openapi/openapi.json is not up to date: run `make openapi`"
    );
}

#[test]
fn every_operation_is_described() {
    for operation in operations() {
        let at = format!("{} {}", operation.method, operation.path);
        for member in ["summary", "operationId", "tags"] {
            assert!(!operation.value[member].is_null(), "{at} has no {member}");
        }
        let answers = operation.value["responses"].as_object().expect("responses");
        for (status, answer) in answers {
            assert!(
                answer["description"]
                    .as_str()
                    .is_some_and(|d| !d.is_empty()),
                "{at}: {status} has no description"
            );
        }
        if !operation.is_public() {
            assert!(answers.contains_key("401"), "{at} never says 401");
        }
    }
}

#[test]
fn operation_ids_are_unique() {
    let mut ids: Vec<_> = operations()
        .iter()
        .map(|o| o.value["operationId"].to_string())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}
