//! A stream of server-sent events, as a program reads it.

use std::collections::VecDeque;

use reqwest::StatusCode;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use crate::client::Client;
use crate::process::PATIENCE;

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub id: String,
    /// `change`, `reset`
    pub event: String,
    pub data: Value,
}

/// A stream that is open.
pub struct Stream {
    response: reqwest::Response,
    text: String,
    told: VecDeque<Told>,
    /// The last `id` of the stream.
    pub last: String,
}

impl Client {
    /// Opens a stream; when that is answered it has begun.
    pub async fn listen(&self, last: Option<&str>) -> Stream {
        let mut request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("an HTTP client")
            .get(format!("{}/api/v1/events", self.address()))
            .header(ACCEPT_ENCODING, "gzip, br");
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/event-stream");
        let mut stream = Stream {
            response,
            text: String::new(),
            told: VecDeque::new(),
            last: String::new(),
        };
        // The first id says from where on everything will be told.
        while stream.last.is_empty() {
            assert!(stream.read().await, "the stream has begun");
        }
        stream
    }
}

impl Stream {
    /// Reads a piece; false at the end.
    async fn read(&mut self) -> bool {
        let piece = tokio::time::timeout(PATIENCE, self.response.chunk())
            .await
            .expect("the stream shows that it is alive");
        let Ok(Some(piece)) = piece else { return false };
        self.text
            .push_str(std::str::from_utf8(&piece).expect("UTF-8"));
        while let Some(end) = self.text.find("\n\n") {
            let event: String = self.text.drain(..end + 2).collect();
            let field = |name: &str| {
                event
                    .lines()
                    .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            if let Some(id) = field("id") {
                id.clone_into(&mut self.last);
            }
            if let Some(data) = field("data") {
                self.told.push_back(Told {
                    id: self.last.clone(),
                    event: field("event").unwrap_or("message").to_owned(),
                    data: serde_json::from_str(data).expect("JSON"),
                });
            }
        }
        true
    }

    /// The next event; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return Some(told);
            }
            if !self.read().await {
                return None;
            }
        }
    }

    /// The next event that tells of this record; all before it.
    pub async fn until(&mut self, id: &Value) -> Vec<Told> {
        let mut all = Vec::new();
        loop {
            let told = self.next().await.expect("the stream goes on");
            let found = told.data["id"] == *id;
            all.push(told);
            if found {
                return all;
            }
        }
    }
}
