//! The OpenAPI document itself.

use guanxi_tests::{contradictions, document, operations, resolved};
use serde_json::Value;

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
                resolved(answer)["description"]
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

/// The examples of a parameter or of content: its own, named ones, or those of its schema.
fn examples(of: &Value) -> Vec<&Value> {
    let named = of["examples"].as_object().into_iter().flatten();
    let of_schema = of["schema"]["examples"].as_array().into_iter().flatten();
    of.get("example")
        .into_iter()
        .chain(named.map(|(_, example)| &example["value"]))
        .chain(of_schema)
        .collect()
}

/// What is wrong with the examples of everything below these places.
fn faults<'a>(all: impl Iterator<Item = (String, &'a Value)>) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, described) in all {
        let given = examples(described);
        if given.is_empty() {
            faults.push(format!("{at} has no example"));
        }
        for example in given {
            let wrong = contradictions(&at, &described["schema"], example);
            faults.extend(
                wrong
                    .iter()
                    .map(|wrong| format!("{at}: the example: {wrong}")),
            );
        }
    }
    faults
}

fn contents<'a>(at: &str, of: &'a Value) -> Vec<(String, &'a Value)> {
    let contents = of["content"].as_object().into_iter().flatten();
    contents
        .map(|(media, content)| (format!("{at} {media}"), content))
        .collect()
}

#[test]
fn parameters_bodies_and_answers_have_examples_that_fit() {
    let mut wrong = Vec::new();
    for operation in operations() {
        let at = format!("{} {}", operation.method, operation.path);
        let parameters = operation.value["parameters"].as_array();
        let parameters = parameters.into_iter().flatten();
        wrong.extend(faults(
            parameters.map(|one| (format!("{at} {}", one["name"]), one)),
        ));
        let body = contents(&format!("{at}: body"), &operation.value["requestBody"]);
        wrong.extend(faults(body.into_iter()));
        let answers = operation.value["responses"].as_object().expect("responses");
        for (status, answer) in answers {
            let answer = contents(&format!("{at}: {status}"), resolved(answer));
            wrong.extend(faults(answer.into_iter()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
