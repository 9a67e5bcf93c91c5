//! Brings files in and looks at what became of their rows.

use std::time::Duration;

use guanxi_tests::Client;
use reqwest::Method;
use serde_json::{Value, json};

pub async fn upload(who: &Client, record: &str, text: &str) -> Value {
    let path = format!("/imports?record={record}&filename={record}.csv");
    let body = Some(("text/csv", text.as_bytes().to_vec()));
    who.send_bytes(Method::POST, &path, None, body)
        .await
        .expect(201)
}

pub fn path_of(import: &Value) -> String {
    format!("/imports/{}", import["id"].as_str().expect("an id"))
}

/// Runs an upload with the mapping that was guessed, to its end.
pub async fn run_to_end(who: &Client, import: &Value, settings: Value) -> Value {
    let path = path_of(import);
    let body = json!({"mapping": import["mapping"], "settings": settings});
    who.post(&format!("{path}/run"), body).await.expect(200);
    for _ in 0..600 {
        let import = who.get(&path).await.expect(200);
        if !["queued", "running"].contains(&import["state"].as_str().unwrap_or_default()) {
            return import;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} does not end");
}

/// Uploads and runs.
pub async fn bring_in(who: &Client, record: &str, text: &str, settings: Value) -> Value {
    let import = upload(who, record, text).await;
    run_to_end(who, &import, settings).await
}

/// Read, created, updated, rejected.
pub fn figures(import: &Value) -> [i64; 4] {
    assert_eq!(import["state"], "done", "{import}");
    let number = |name: &str| import[name].as_i64().expect("a number");
    [
        number("read"),
        number("imported") - number("updated"),
        number("updated"),
        number("rejected"),
    ]
}

/// The rejected rows: reason for programs and for people.
pub async fn rejected(who: &Client, import: &Value) -> Vec<(String, String)> {
    let text = who
        .get(&format!("{}/errors.csv", path_of(import)))
        .await
        .text;
    let text = text
        .strip_prefix('\u{feff}')
        .expect("a byte order mark")
        .to_owned();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().expect("headers").clone();
    let at = |name| columns.iter().position(|h| h == name).expect("the column");
    let (word, message) = (at("_reason_code"), at("_reason"));
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| (row[word].to_owned(), row[message].to_owned()))
        .collect()
}
