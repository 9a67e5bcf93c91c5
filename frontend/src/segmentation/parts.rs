//! Small pieces that the pages share.

use leptos::prelude::*;

use crate::format;
use crate::i18n::t;

/// A share of 0 to 1 as a bar with its figure.
pub fn bar(share: f64, fill: &'static str) -> impl IntoView {
    let width = format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0);
    view! {
        <div class="flex items-center gap-2">
            <div class="h-2 min-w-6 flex-1 overflow-hidden rounded-full bg-base-300/70">
                <div class=format!("h-full rounded-full {fill}") style:width=width></div>
            </div>
            <span class="num w-12 text-right">{format::percent(share)}</span>
        </div>
    }
}

/// By how much a count has changed; a dash where that is not known.
pub fn change(now: i64, before: Option<i64>) -> impl IntoView {
    move || match before.map(|before| now - before) {
        None => view! { <span class="muted">"—"</span> }.into_any(),
        Some(0) => {
            view! { <span class="muted" title=t().segmentation.no_change>"±0"</span> }.into_any()
        }
        Some(by) => {
            let sign = if by > 0 { "+" } else { "" };
            view! { <span class="num">{format!("{sign}{}", format::integer(by))}</span> }.into_any()
        }
    }
}

/// One of a few words, chosen by a button; what is chosen is filled.
#[component]
pub fn Choice(
    /// Words on the wire and what they are called.
    options: Vec<(&'static str, Signal<String>)>,
    #[prop(into)] chosen: Signal<&'static str>,
    on_choose: Callback<&'static str>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let button = move |(word, text): (&'static str, Signal<String>)| {
        let on = move || chosen.get() == word;
        view! {
            <button
                type="button"
                class="cursor-pointer rounded-full px-3 py-1 text-[0.8125rem] font-medium"
                class=(["bg-primary", "text-primary-content"], on)
                class=(["muted", "hover:bg-base-300/60"], move || !on())
                aria-pressed=move || on().to_string()
                data-testid=format!("choose-{word}")
                on:click=move |_| on_choose.run(word)
            >
                {move || text.get()}
            </button>
        }
    };
    view! {
        <div class="flex flex-wrap gap-1" role="group" aria-label=move || label.get()>
            {options.into_iter().map(button).collect_view()}
        </div>
    }
}
