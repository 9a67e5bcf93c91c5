use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

use super::{ApiError, get};

/// A server-sent event.
pub struct ServerEvent {
    /// `change`, `reset`
    pub name: String,
    pub data: String,
}

/// Listens until the stream ends; `last` is the place that it has come to, and where it begins.
///
/// By `fetch`: the browser's `EventSource` cannot send the access token.
pub async fn listen(
    last: &mut Option<String>,
    mut hear: impl FnMut(ServerEvent),
) -> Result<(), ApiError> {
    let unreadable = |_| ApiError::Unreadable("stream".to_owned());
    let response = get("/events").after(last.clone()).send().await?;
    let Some(body) = response.body() else {
        return Err(ApiError::Offline);
    };
    let reader: ReadableStreamDefaultReader = body
        .get_reader()
        .dyn_into()
        .map_err(|_| ApiError::Offline)?;
    let mut received = Vec::new();
    loop {
        let piece = JsFuture::from(reader.read())
            .await
            .map_err(|_| ApiError::Offline)?;
        if Reflect::get(&piece, &"done".into()).map_err(unreadable)? == true {
            return Ok(());
        }
        let value = Reflect::get(&piece, &"value".into()).map_err(unreadable)?;
        received.extend(Uint8Array::new(&value).to_vec());
        while let Some(end) = received.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = received.drain(..end + 2).collect();
            let text = String::from_utf8_lossy(&event);
            if let Some(id) = field(&text, "id") {
                *last = Some(id.to_owned());
            }
            if let (Some(name), Some(data)) = (field(&text, "event"), field(&text, "data")) {
                hear(ServerEvent {
                    name: name.to_owned(),
                    data: data.to_owned(),
                });
            }
        }
    }
}

/// A field of an event; ours are one line each.
fn field<'a>(event: &'a str, name: &str) -> Option<&'a str> {
    event
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
