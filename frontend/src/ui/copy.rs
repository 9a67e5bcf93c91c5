use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{Glyph, Icon, use_toasts};

/// Puts a text on the clipboard.
#[component]
pub fn CopyButton(
    text: String,
    #[prop(into)] label: Signal<String>,
    /// What to say when it is there.
    done: fn() -> &'static str,
) -> impl IntoView {
    let toasts = use_toasts();
    let copy = move |_| {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            let written = window().navigator().clipboard().write_text(&text);
            // Without the permission there is still the text to select.
            if JsFuture::from(written).await.is_ok() {
                toasts.done(done());
            }
        });
    };
    view! {
        <button type="button" class="btn-quiet" on:click=copy>
            <Icon glyph=Glyph::Copy />
            {move || label.get()}
        </button>
    }
}
