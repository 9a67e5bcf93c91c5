//! The bar above a list: search box, quick conditions, the filter in words.

use std::time::Duration;

use guanxi_domain::Field;
use leptos::html;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::builder::FilterBuilder;
use super::keys::somebody_types;
use super::quick::{Quick, QuickButton};
use super::sentence::sentence;
use super::{ListState, tree};
use crate::i18n::{fill, t};
use crate::nav::use_url;
use crate::ui::{Glyph, Icon};

/// How many quick conditions a bar shows at once.
const FIRST: usize = 6;

/// The search box and filters of a list. Put it into the [`super::DataTable`] as its child.
#[component]
pub fn FilterBar(
    list: ListState,
    /// The fields that have a button of their own.
    #[prop(optional)]
    filters: Vec<Quick>,
    /// What the search looks at.
    #[prop(into, optional)]
    placeholder: Signal<String>,
    /// The list takes no `q`.
    #[prop(optional)]
    no_search: bool,
) -> impl IntoView {
    let fields: Vec<&'static Field> = filters
        .iter()
        .filter_map(|quick| quick.field(list))
        .collect();
    // On a phone the filters stay folded; elsewhere the rarer ones do until they are asked for.
    let unfolded = RwSignal::new(false);
    let all_shown = RwSignal::new(false);
    let building = RwSignal::new(false);
    let rest = fields.len().saturating_sub(FIRST);
    let any = move || list.is_filtered();
    let buttons = fields
        .into_iter()
        .enumerate()
        .map(|(index, field)| {
            view! {
                <div class=("hidden", move || index >= FIRST && !all_shown.get())>
                    <QuickButton list=list field=field />
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="flex flex-wrap items-center gap-1.5">
            {(!no_search)
                .then(|| {
                    view! {
                        <div class="min-w-0 max-sm:flex-1 sm:w-64">
                            <SearchBox placeholder=placeholder />
                        </div>
                    }
                })}
            <button
                type="button"
                class="btn-quiet btn-square sm:hidden"
                class=("text-primary", any)
                aria-expanded=move || unfolded.get().to_string()
                aria-label=move || t().common.filter
                on:click=move |_| unfolded.update(|unfolded| *unfolded = !*unfolded)
            >
                <Icon glyph=Glyph::Filter />
            </button>
            <div class="flex flex-wrap items-center gap-1.5 max-sm:w-full" class=("max-sm:hidden", move || !unfolded.get())>
                {buttons}
                <Show when=move || { rest > 0 && !all_shown.get() }>
                    <button
                        type="button"
                        class="btn btn-ghost btn-sm gap-1 px-2"
                        on:click=move |_| all_shown.set(true)
                    >
                        <Icon glyph=Glyph::Plus class="size-3.5" />
                        {move || t().common.filters_more}
                    </button>
                </Show>
                {list
                    .takes_trees()
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn btn-ghost btn-sm gap-1 px-2"
                                on:click=move |_| building.set(true)
                            >
                                <Icon glyph=Glyph::Filter class="size-3.5" />
                                {move || t().list.builder}
                            </button>
                            <FilterBuilder list=list open=building />
                        }
                    })}
            </div>
        </div>
        <Chips list=list building=building />
    }
}

/// The filter that is on, condition by condition.
#[component]
fn Chips(list: ListState, building: RwSignal<bool>) -> impl IntoView {
    let parts = Memo::new(move |_| tree::conjuncts(&list.tree()));
    let remove = move |index: usize| {
        let mut parts = parts.get_untracked();
        if index < parts.len() {
            parts.remove(index);
        }
        list.set_tree(&tree::of_conjuncts(parts));
    };
    let chip = move |(index, node): (usize, serde_json::Value)| {
        let words = Memo::new(move |_| sentence(list, &node));
        let text = move || {
            let text = words.get();
            let inner = text
                .strip_prefix('(')
                .and_then(|text| text.strip_suffix(')'));
            inner.map_or(text.clone(), str::to_owned)
        };
        let edit = move || fill(t().list.edit_condition, &[("text", &words.get())]);
        let label = move || fill(t().list.remove_condition, &[("text", &words.get())]);
        view! {
            <li class="tag tag-primary max-w-full py-0.5 pr-0.5" data-testid="chip">
                <button
                    type="button"
                    class="min-w-0 cursor-pointer truncate hover:underline disabled:cursor-default disabled:no-underline"
                    aria-label=edit
                    title=words
                    disabled=!list.takes_trees()
                    on:click=move |_| building.set(true)
                >
                    {text}
                </button>
                <button
                    type="button"
                    class="btn btn-ghost btn-square btn-xs size-5"
                    aria-label=label
                    on:click=move |_| remove(index)
                >
                    <Icon glyph=Glyph::Close class="size-3" />
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || list.is_filtered()>
            <ul class="mt-2 flex flex-wrap items-center gap-1.5">
                {move || parts.get().into_iter().enumerate().map(chip).collect_view()}
                <li>
                    <button class="btn btn-ghost btn-xs px-2 text-primary" on:click=move |_| list.clear_filters()>
                        {move || t().common.filters_clear}
                    </button>
                </li>
            </ul>
        </Show>
    }
}

/// Searches while somebody types; `/` puts the cursor into it. Bound to `q` in the address.
#[component]
pub fn SearchBox(#[prop(into, optional)] placeholder: Signal<String>) -> impl IntoView {
    let url = use_url();
    let input = NodeRef::<html::Input>::new();
    let text = RwSignal::new(url.get_untracked("q").unwrap_or_default());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    // The address may change by other ways: back, the search above, "clear filters".
    Effect::new(move |_| {
        let now = url.get("q").unwrap_or_default();
        if text.get_untracked().trim() != now {
            text.set(now);
        }
    });
    let typed = move |value: String| {
        text.set(value);
        if let Some(handle) = waiting.get_value() {
            handle.clear();
        }
        let search = move || {
            let wanted = text.get_untracked().trim().to_owned();
            if url.get_untracked("q").unwrap_or_default() != wanted {
                url.replace(&[("q", Some(wanted))]);
            }
        };
        waiting.set_value(set_timeout_with_handle(search, Duration::from_millis(250)).ok());
    };
    on_cleanup(move || {
        if let Some(handle) = waiting.try_get_value().flatten() {
            handle.clear();
        }
    });
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "/" && !event.ctrl_key() && !event.meta_key() && !somebody_types(&event) {
            event.prevent_default();
            if let Some(input) = input.get_untracked() {
                // Only fails for an element outside the document.
                let _ = input.focus();
            }
        }
    });
    on_cleanup(move || keys.remove());
    let hint = move || {
        placeholder.with(|text| {
            if text.is_empty() {
                t().common.search_hint.to_owned()
            } else {
                text.clone()
            }
        })
    };
    view! {
        <label class="input input-sm gap-2">
            <Icon glyph=Glyph::Search class="size-3.5 opacity-60" />
            <input
                node_ref=input
                type="search"
                maxlength="200"
                aria-label=move || t().common.search
                placeholder=hint
                prop:value=move || text.get()
                on:input:target=move |event| typed(event.target().value())
            />
        </label>
    }
}
