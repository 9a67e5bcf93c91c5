//! The OpenAPI document as the judge of every answer.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

/// The document that the server serves.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        serde_json::to_value(guanxi_api::server::document()).expect("the document is JSON")
    });
    &DOCUMENT
}

/// An operation of the document.
pub struct Operation {
    /// In capitals.
    pub method: String,
    /// Below `/api/v1`, with `{id}` in it.
    pub path: String,
    pub value: &'static Value,
}

impl Operation {
    /// Needs no access token.
    pub fn is_public(&self) -> bool {
        self.value["security"]
            .as_array()
            .is_some_and(|s| s.iter().any(|r| *r == json!({})))
    }
}

/// All operations below `/api/v1`.
pub fn operations() -> Vec<Operation> {
    const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

    let paths = document()["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (path, item) in paths {
        let Some(path) = path.strip_prefix("/api/v1") else {
            continue;
        };
        for method in METHODS {
            if let Some(value) = item.get(method) {
                all.push(Operation {
                    method: method.to_uppercase(),
                    path: path.to_owned(),
                    value,
                });
            }
        }
    }
    all
}

/// The path of the document that a request goes to: one with fewer variables wins.
fn template(path: &str) -> Option<String> {
    let wanted: Vec<&str> = path
        .split('?')
        .next()
        .unwrap_or_default()
        .split('/')
        .collect();
    let paths = document()["paths"].as_object()?;
    paths
        .keys()
        .filter_map(|p| p.strip_prefix("/api/v1"))
        .filter(|p| {
            let parts: Vec<&str> = p.split('/').collect();
            parts.len() == wanted.len()
                && parts
                    .iter()
                    .zip(&wanted)
                    .all(|(p, w)| p.starts_with('{') || p == w)
        })
        .min_by_key(|p| p.matches('{').count())
        .map(str::to_owned)
}

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

fn validator(key: String, schema: &Value) -> Arc<Validator> {
    let mut known = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(known.entry(key).or_insert_with_key(|key| {
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": document()["components"],
            "allOf": [schema],
        });
        Arc::new(
            jsonschema::validator_for(&whole)
                .unwrap_or_else(|e| panic!("the schema of {key}: {e}")),
        )
    }))
}

/// An answer of the document, where several operations share it as well.
pub fn resolved(answer: &'static Value) -> &'static Value {
    match answer["$ref"].as_str() {
        Some(reference) => document()
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference} is not in the document")),
        None => answer,
    }
}

/// What in a value contradicts a schema of the document; `key` names the schema.
pub fn contradictions(key: &str, schema: &Value, value: &Value) -> Vec<String> {
    validator(key.to_owned(), schema)
        .iter_errors(value)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect()
}

/// Panics unless the document says that this can be answered.
pub fn check(method: &str, path: &str, status: u16, headers: &HeaderMap, body: &Value) {
    let Some(template) = template(path) else {
        assert_eq!(
            status, 404,
            "{method} {path} is not in the document but answered {status}"
        );
        return;
    };
    let operation = &document()["paths"][format!("/api/v1{template}")][method.to_lowercase()];
    let key = format!("{method} {template} {status}");
    if operation.is_null() {
        assert!(
            [404, 405].contains(&status),
            "{key}: the method is not in the document"
        );
        return;
    }
    let response = resolved(&operation["responses"][status.to_string()]);
    assert!(!response.is_null(), "{key} is not in the document: {body}");
    let content = &response["content"];
    let Some(content) = content.as_object() else {
        assert!(body.is_null(), "{key}: the document knows of no body");
        return;
    };
    let media = headers
        .get(CONTENT_TYPE)
        .and_then(|h| h.to_str().ok())
        .unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default();
    let described = content.get(media).unwrap_or_else(|| {
        panic!(
            "{key}: {media:?} is not in the document, only {:?}",
            content.keys().collect::<Vec<_>>()
        )
    });
    if media.ends_with("json") {
        let errors = contradictions(&key, &described["schema"], body);
        assert!(
            errors.is_empty(),
            "{key} contradicts the document: {errors:#?}\n{body:#}"
        );
    }
}
