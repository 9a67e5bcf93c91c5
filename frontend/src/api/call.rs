use gloo_net::http::{Method, RequestBuilder, Response};
use guanxi_domain::{ErrorCode, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use web_sys::RequestCredentials;

use super::session::{fresh_token, refresh, token};
use super::{ApiError, address};
use crate::i18n::lang_now;

/// A call that is being put together.
#[derive(Clone)]
pub struct Call {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    version: Option<i64>,
    body: Option<String>,
    /// The last event of a stream that goes on.
    last_event: Option<String>,
    /// Log-in and refresh carry no token and are not repeated.
    pub(super) anonymous: bool,
}

fn call(method: Method, path: impl Into<String>) -> Call {
    Call {
        method,
        path: path.into(),
        query: Vec::new(),
        version: None,
        body: None,
        last_event: None,
        anonymous: false,
    }
}

/// `path` is what follows `/api/v1`: `/customers`.
pub fn get(path: impl Into<String>) -> Call {
    call(Method::GET, path)
}

pub fn post(path: impl Into<String>) -> Call {
    call(Method::POST, path)
}

pub fn put(path: impl Into<String>) -> Call {
    call(Method::PUT, path)
}

pub fn patch(path: impl Into<String>) -> Call {
    call(Method::PATCH, path)
}

pub fn delete(path: impl Into<String>) -> Call {
    call(Method::DELETE, path)
}

impl Call {
    #[must_use]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    #[must_use]
    pub fn pairs(mut self, pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        self.query.extend(pairs);
        self
    }

    /// Goes on after this event of a stream.
    #[must_use]
    pub(super) fn after(mut self, event: Option<String>) -> Self {
        self.last_event = event;
        self
    }

    /// The version that the change is based on (`If-Match`).
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    #[must_use]
    pub fn body(mut self, body: &impl Serialize) -> Self {
        // What the app sends are plain structs and JSON values: they always serialise.
        self.body = serde_json::to_string(body).ok();
        self
    }

    /// Sends it and reads the answer.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        read(&self.tree().await?)
    }

    /// Sends it and reads the answer, if there is one: what is deleted answers nothing.
    pub async fn json_or_none<T: DeserializeOwned>(self) -> Result<Option<T>, ApiError> {
        match self.tree().await? {
            Value::Null => Ok(None),
            tree => read(&tree).map(Some),
        }
    }

    /// Sends it and reads a short list, which is answered whole or as the first page.
    pub async fn items<T: DeserializeOwned>(self) -> Result<Vec<T>, ApiError> {
        let tree = self.tree().await?;
        read(tree.get("items").unwrap_or(&tree))
    }

    /// The answer as a tree; null if there is none.
    async fn tree(self) -> Result<Value, ApiError> {
        let text = self.text().await?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(unreadable)
    }

    /// Sends it; the answer's body does not matter.
    pub async fn done(self) -> Result<(), ApiError> {
        self.text().await.map(|_| ())
    }

    async fn text(self) -> Result<String, ApiError> {
        let response = self.send().await?;
        response.text().await.map_err(|_| ApiError::Offline)
    }

    pub(super) async fn send(self) -> Result<Response, ApiError> {
        if !self.anonymous {
            fresh_token().await;
        }
        let mut response = self.attempt().await?;
        // A token may end between the check above and the server's: one new token, one more attempt.
        if response.status() == 401 && !self.anonymous && refresh().await {
            response = self.attempt().await?;
        }
        if response.ok() {
            return Ok(response);
        }
        Err(refusal(
            response.status(),
            &response.text().await.unwrap_or_default(),
        ))
    }

    async fn attempt(&self) -> Result<Response, ApiError> {
        let mut request = RequestBuilder::new(&address(&self.path))
            .method(self.method.clone())
            .credentials(RequestCredentials::Include)
            .header("Accept", "application/json, application/problem+json")
            .header("Accept-Language", lang_now().pick("zh-CN", "en"));
        if !self.query.is_empty() {
            request = request.query(
                self.query
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str())),
            );
        }
        if !self.anonymous
            && let Some(token) = token()
        {
            request = request.header("Authorization", &format!("Bearer {token}"));
        }
        if let Some(version) = self.version {
            request = request.header("If-Match", &format!("\"{version}\""));
        }
        if let Some(event) = &self.last_event {
            request = request.header("Last-Event-ID", event);
        }
        let request = match &self.body {
            Some(body) => {
                let kind = if self.method == Method::PATCH {
                    "application/merge-patch+json"
                } else {
                    "application/json"
                };
                request.header("Content-Type", kind).body(body.clone())
            }
            None => request.build(),
        };
        let request = request.map_err(|error| ApiError::Unreadable(error.to_string()))?;
        request.send().await.map_err(|_| ApiError::Offline)
    }
}

fn unreadable(error: serde_json::Error) -> ApiError {
    ApiError::Unreadable(error.to_string())
}

/// Reads what was answered. From the tree, as forms and rows are read too: a second reader for each type, of text, would make the
/// app a good deal larger.
fn read<T: DeserializeOwned>(tree: &Value) -> Result<T, ApiError> {
    T::deserialize(tree).map_err(unreadable)
}

/// The problem that the server describes; a proxy's answer becomes one with its status.
pub(super) fn refusal(status: u16, body: &str) -> ApiError {
    let problem = serde_json::from_str::<Problem>(body).unwrap_or_else(|_| {
        let code = ErrorCode::ALL
            .iter()
            .find(|code| code.status() == status)
            .copied()
            .unwrap_or(ErrorCode::Internal);
        Problem {
            status,
            ..Problem::new(code, lang_now())
        }
    });
    ApiError::Refused(Box::new(problem))
}

/// Fetches a file with the log-in's token and hands it to the browser to save, under the name that the server gives it
/// or else this one.
pub async fn download(call: Call, file_name: &str) -> Result<(), ApiError> {
    let response = call.send().await?;
    let given = response
        .headers()
        .get("content-disposition")
        .and_then(|text| {
            Some(
                text.split_once("filename=\"")?
                    .1
                    .split_once('"')?
                    .0
                    .to_owned(),
            )
        });
    let file_name = given.as_deref().unwrap_or(file_name);
    let bytes = response.binary().await.map_err(|_| ApiError::Offline)?;
    save_file(&bytes, file_name)
}

/// Hands bytes to the browser to save as a file.
pub fn save_file(bytes: &[u8], file_name: &str) -> Result<(), ApiError> {
    use wasm_bindgen::JsCast;

    let unreadable = |_| ApiError::Unreadable("file".to_owned());
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let blob = web_sys::Blob::new_with_u8_array_sequence(&parts).map_err(unreadable)?;
    let address = web_sys::Url::create_object_url_with_blob(&blob).map_err(unreadable)?;
    let link = leptos::prelude::document()
        .create_element("a")
        .map_err(unreadable)?;
    link.set_attribute("href", &address).map_err(unreadable)?;
    link.set_attribute("download", file_name)
        .map_err(unreadable)?;
    if let Some(link) = link.dyn_ref::<web_sys::HtmlElement>() {
        link.click();
    }
    web_sys::Url::revoke_object_url(&address).map_err(unreadable)
}
