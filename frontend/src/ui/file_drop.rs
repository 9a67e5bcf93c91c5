use leptos::html;
use leptos::prelude::*;
use web_sys::File;

use super::{Glyph, Icon};
use crate::format::bytes;
use crate::i18n::{fill, t};

/// An area that takes a file by dropping or choosing.
#[component]
pub fn FileDrop(
    /// As in the `accept` attribute: `.csv,text/csv`.
    accept: &'static str,
    /// Bytes.
    max_size: f64,
    #[prop(into)] hint: Signal<String>,
    on_file: impl Fn(File) + Clone + 'static,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let over = RwSignal::new(false);
    let too_large = RwSignal::new(false);
    let take = move |file: Option<File>| {
        let Some(file) = file else { return };
        too_large.set(file.size() > max_size);
        if file.size() <= max_size {
            on_file(file);
        }
    };
    let take_dropped = take.clone();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A size in bytes.
    let limit = bytes(max_size as u64);
    view! {
        <label
            class="flex cursor-pointer flex-col items-center gap-2 rounded-box border-2 border-dashed border-base-300 px-6 py-12 text-center transition-colors hover:border-primary/60 hover:bg-base-200/60"
            class=(["border-primary", "bg-primary/5"], move || over.get())
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event| {
                event.prevent_default();
                over.set(false);
                take_dropped(event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)));
            }
        >
            <Icon glyph=Glyph::FileUp class="size-8 opacity-50" />
            <span class="font-medium">{move || t().common.file_drop}</span>
            <span class="muted text-xs">{move || hint.get()}</span>
            <Show when=move || too_large.get()>
                <span class="text-xs text-error">{fill(t().common.file_too_large, &[("n", &limit)])}</span>
            </Show>
            <input
                node_ref=input
                type="file"
                class="sr-only"
                accept=accept
                on:change=move |_| {
                    if let Some(input) = input.get() {
                        take(input.files().and_then(|files| files.get(0)));
                        // The same file can be chosen again.
                        input.set_value("");
                    }
                }
            />
        </label>
    }
}

/// How far long work has come: a share of 0 to 1, or `None` while nobody knows.
#[component]
pub fn ProgressBar(
    #[prop(into)] share: Signal<Option<f64>>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let percent = move || {
        share
            .get()
            .map(|share| (share.clamp(0.0, 1.0) * 100.0).round())
    };
    view! {
        <div>
            <div class="mb-1.5 flex justify-between text-xs">
                <span>{move || label.get()}</span>
                <span class="num muted">{move || percent().map(|percent| format!("{percent} %"))}</span>
            </div>
            <progress
                class="progress progress-primary w-full"
                max="100"
                aria-label=move || label.get()
                value=move || percent().map(|percent| percent.to_string())
            ></progress>
        </div>
    }
}
