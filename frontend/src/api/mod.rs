//! The API as the app calls it.
//!
//! ```ignore
//! let page: Page<Customer> = api::get("/customers").pairs(query).json().await?;
//! let saved: Customer = api::patch(&path).version(7).body(&patch).json().await?;
//! ```

mod call;
mod error;
mod events;
mod session;
mod upload;

pub use call::{Call, delete, download, get, patch, post, put, save_file};
pub use error::ApiError;
pub use events::listen;
pub use session::{log_in, log_out, on_session_end, register, resume};
pub use upload::upload;

use leptos::prelude::document;
use wasm_bindgen::JsCast;

/// Where the server is: `<meta name="api-base">`, or the origin of the app.
fn address(path: &str) -> String {
    thread_local! {
        static BASE: String = document()
            .query_selector("meta[name=api-base]")
            .ok()
            .flatten()
            .and_then(|meta| meta.dyn_into::<web_sys::HtmlMetaElement>().ok())
            .map(|meta| meta.content().trim_end_matches('/').to_owned())
            .unwrap_or_default();
    }
    BASE.with(|base| format!("{base}/api/v1{path}"))
}
