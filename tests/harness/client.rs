//! A caller of the API whose every answer is checked against the OpenAPI document.

use reqwest::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderMap, IF_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::contract;

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    address: String,
    pub token: Option<String>,
    language: &'static str,
    key: Option<String>,
}

/// An answer, known to agree with the OpenAPI document.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
    what: String,
}

impl Reply {
    /// The body, if the status is this.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{} answered {}", self.what, self.text);
        self.body
    }

    /// The code of the problem, if the status is this.
    #[track_caller]
    pub fn refused(self, status: u16) -> String {
        let body = self.expect(status);
        body["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no code in {body}"))
            .to_owned()
    }

    /// Pointer and code of each broken rule, if the status is 422.
    #[track_caller]
    pub fn invalid(self) -> Vec<(String, String)> {
        let body = self.expect(422);
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|e| (text(&e["pointer"]), text(&e["code"])))
            .collect()
    }
}

/// The version of a record, for `If-Match`.
#[track_caller]
pub fn version(record: &Value) -> i64 {
    record["version"]
        .as_i64()
        .unwrap_or_else(|| panic!("no version in {record}"))
}

impl Client {
    pub(crate) fn new(address: &str, token: Option<String>) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("an HTTP client");
        Self {
            http,
            address: address.to_owned(),
            token,
            language: "en",
            key: None,
        }
    }

    /// The same caller, whose requests carry this `Idempotency-Key`.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self.clone()
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The same caller, who reads Chinese.
    #[must_use]
    pub fn chinese(&self) -> Self {
        Self {
            language: "zh-CN",
            ..self.clone()
        }
    }

    /// The same caller with another access token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, None, Some(body)).await
    }

    /// A POST to a record: `record` gives the version for `If-Match`.
    pub async fn post_to(&self, path: &str, record: &Value, body: Option<Value>) -> Reply {
        self.send(Method::POST, path, Some(version(record)), body)
            .await
    }

    pub async fn patch(&self, path: &str, record: &Value, body: Value) -> Reply {
        self.send(Method::PATCH, path, Some(version(record)), Some(body))
            .await
    }

    pub async fn delete(&self, path: &str, record: &Value) -> Reply {
        self.send(Method::DELETE, path, Some(version(record)), None)
            .await
    }

    /// Any request to a path below `/api/v1`.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        version: Option<i64>,
        body: Option<Value>,
    ) -> Reply {
        let content_type = if method == Method::PATCH {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let body = body.map(|b| (content_type, b.to_string().into_bytes()));
        self.send_bytes(method, path, version, body).await
    }

    /// Any request with a body of any type.
    pub async fn send_bytes(
        &self,
        method: Method,
        path: &str,
        version: Option<i64>,
        body: Option<(&str, Vec<u8>)>,
    ) -> Reply {
        let what = format!("{method} {path}");
        let mut request = self
            .http
            .request(method.clone(), format!("{}/api/v1{path}", self.address))
            .header(ACCEPT_LANGUAGE, self.language);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(version) = version {
            request = request.header(IF_MATCH, format!("\"{version}\""));
        }
        if let Some((content_type, body)) = body {
            request = request.header(CONTENT_TYPE, content_type).body(body);
        }
        let response = request
            .send()
            .await
            .unwrap_or_else(|e| panic!("{what}: {e}"));
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response
            .bytes()
            .await
            .unwrap_or_else(|e| panic!("{what}: {e}"));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = headers
            .get(CONTENT_TYPE)
            .and_then(|h| h.to_str().ok())
            .is_some_and(|h| h.split(';').next().is_some_and(|h| h.ends_with("json")));
        let body = if json {
            serde_json::from_str(&text)
                .unwrap_or_else(|e| panic!("{what} answered no JSON ({e}): {text}"))
        } else {
            Value::Null
        };
        contract::check(method.as_str(), path, status.as_u16(), &headers, &body);
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{what}: {text}");
        Reply {
            status: status.as_u16(),
            headers,
            body,
            text,
            bytes: bytes.into(),
            what,
        }
    }
}
