use js_sys::Promise;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, ProgressEvent, XmlHttpRequest};

use super::call::refusal;
use super::session::{fresh_token, token};
use super::{ApiError, address};
use crate::i18n::lang_now;

/// Sends a file as the body of a POST; `progress` gets the share that is sent, 0 to 1.
///
/// By `XMLHttpRequest`: `fetch` does not tell how far an upload has come.
pub async fn upload<T: DeserializeOwned>(
    path: &str,
    file: &File,
    progress: impl Fn(f64) + 'static,
) -> Result<T, ApiError> {
    fresh_token().await;
    let unreadable = |_| ApiError::Unreadable("request".to_owned());
    let request = XmlHttpRequest::new().map_err(unreadable)?;
    request.open("POST", &address(path)).map_err(unreadable)?;
    request.set_with_credentials(true);
    let header =
        |name: &str, value: &str| request.set_request_header(name, value).map_err(unreadable);
    header("Accept-Language", lang_now().pick("zh-CN", "en"))?;
    let kind = file.type_();
    header(
        "Content-Type",
        if kind.is_empty() {
            "application/octet-stream"
        } else {
            &kind
        },
    )?;
    if let Some(token) = token() {
        header("Authorization", &format!("Bearer {token}"))?;
    }

    let progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            progress(event.loaded() / event.total());
        }
    });
    let sending = request.upload().map_err(unreadable)?;
    sending.set_onprogress(Some(progress.as_ref().unchecked_ref()));

    let over = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_blob(Some(file)).map_err(unreadable)?;
    // `loadend` comes after success and failure alike; the status tells which.
    let _ = JsFuture::from(over).await;
    drop(progress);

    let status = request.status().unwrap_or(0);
    let body = request.response_text().ok().flatten().unwrap_or_default();
    match status {
        0 => Err(ApiError::Offline),
        200..300 => {
            serde_json::from_str(&body).map_err(|error| ApiError::Unreadable(error.to_string()))
        }
        _ => Err(refusal(status, &body)),
    }
}
