use std::collections::HashMap;

use guanxi_domain::Page;
use leptos::prelude::*;

use super::{List, Row};
use crate::format::integer;
use crate::i18n::{fill, t};
use crate::ui::{Glyph, Icon};

/// Next, previous and first page of a keyset-paged list; the total when it is asked for.
#[component]
pub fn Pager<T: Clone + Send + Sync + 'static>(list: List<T>) -> impl IntoView {
    let state = list.state();
    let url = state.url();
    // The server gives the way forward only; the way back is what has been walked.
    let before = StoredValue::new(HashMap::<String, Option<String>>::new());
    let rows = list.rows();
    let page =
        move |f: fn(&Page<Row<T>>) -> Option<String>| rows.with(|l| l.data.as_ref().and_then(f));
    let next = move || page(|page| page.next_cursor.clone());
    let here = move || url.get("cursor");
    let go_next = move |_| {
        if let Some(next) = next() {
            before.update_value(|before| {
                before.insert(next.clone(), url.get_untracked("cursor"));
            });
            state.open_page(Some(next));
        }
    };
    let previous =
        move || here().and_then(|cursor| before.with_value(|before| before.get(&cursor).cloned()));
    let go_previous = move |_| {
        if let Some(previous) = previous() {
            state.open_page(previous);
        }
    };
    let count = move || rows.with(|l| l.data.as_ref().map_or(0, |page| page.items.len()));
    let total = move || rows.with(|l| l.data.as_ref().and_then(|page| page.total));
    let text = move || match total() {
        Some(total) => fill(t().common.total, &[("n", &integer(total))]),
        None => fill(t().common.shown, &[("n", &count().to_string())]),
    };
    view! {
        <nav class="flex items-center gap-1.5 border-t border-base-300 px-3 py-2 text-xs">
            <span class="muted num">{text}</span>
            <Show when=move || total().is_none()>
                <button
                    class="link-plain cursor-pointer text-primary"
                    on:click=move |_| url.set(&[("with_total", Some("true".to_owned())), ("cursor", here())])
                >
                    {move || t().common.total_ask}
                </button>
            </Show>
            <span class="flex-1"></span>
            <button
                class="btn btn-ghost btn-square btn-sm"
                aria-label=move || t().common.first_page
                title=move || t().common.first_page
                disabled=move || here().is_none()
                on:click=move |_| state.open_page(None)
            >
                <Icon glyph=Glyph::ChevronsLeft />
            </button>
            <button
                class="btn-quiet"
                disabled=move || previous().is_none()
                on:click=go_previous
            >
                <Icon glyph=Glyph::ChevronLeft />
                <span class="max-sm:sr-only">{move || t().common.previous_page}</span>
            </button>
            <button class="btn-quiet" disabled=move || next().is_none() on:click=go_next>
                <span class="max-sm:sr-only">{move || t().common.next_page}</span>
                <Icon glyph=Glyph::ChevronRight />
            </button>
        </nav>
    }
}
