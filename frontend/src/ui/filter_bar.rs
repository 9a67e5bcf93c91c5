//! The bar above a list: search box, filter buttons and their popovers.

use std::time::Duration;

use guanxi_domain::FieldSet;
use leptos::html;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::filter::{Filter, Kind};
use super::table::somebody_types;
use super::{Glyph, Icon, Options, RecordPicker};
use crate::i18n::{field_label, t};
use crate::nav::{UrlQuery, use_url};

/// How many filters a bar shows at once.
const FIRST_FILTERS: usize = 6;

/// The search box and filters of a list. Put it into the [`super::DataTable`] as its child.
#[component]
pub fn FilterBar(
    fields: &'static FieldSet,
    #[prop(optional)] filters: Vec<Filter>,
    /// What the search looks at.
    #[prop(into, optional)]
    placeholder: Signal<String>,
    /// The list takes no `q`.
    #[prop(optional)]
    no_search: bool,
) -> impl IntoView {
    let url = use_url();
    let all = StoredValue::new(filters.clone());
    let any = move || all.with_value(|all| all.iter().any(|filter| filter.summary(url).is_some()));
    let clear_all = move |_| {
        let names: Vec<String> = all.with_value(|all| all.iter().flat_map(Filter::names).collect());
        let changes: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
        url.set(&changes);
    };
    // On a phone the filters stay folded; elsewhere the rarer ones do until they are asked for or in use.
    let unfolded = RwSignal::new(false);
    let all_shown = RwSignal::new(false);
    let rest = filters.len().saturating_sub(FIRST_FILTERS);
    let mut index = 0;
    let shown = move |filter: Filter| {
        index += 1;
        let first = index <= FIRST_FILTERS;
        let active = StoredValue::new(filter.clone());
        let visible = move || {
            first || all_shown.get() || active.with_value(|filter| filter.summary(url).is_some())
        };
        view! {
            <div class=("hidden", move || !visible())>
                <FilterButton fields=fields filter=filter />
            </div>
        }
    };
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
                {filters.into_iter().map(shown).collect_view()}
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
                <Show when=any>
                    <button class="btn btn-ghost btn-sm px-2 text-primary" on:click=clear_all>
                        {move || t().common.filters_clear}
                    </button>
                </Show>
            </div>
        </div>
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

#[component]
fn FilterButton(fields: &'static FieldSet, filter: Filter) -> impl IntoView {
    let url = use_url();
    let open = RwSignal::new(false);
    let name = filter.name;
    let filter = StoredValue::new(filter);
    let summary = Memo::new(move |_| filter.with_value(|filter| filter.summary(url)));
    let label = move || field_label(fields, name);
    view! {
        <div
            class="relative"
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    open.set(false);
                }
            }
        >
            <button
                type="button"
                class="btn btn-sm max-w-64 gap-1.5 border-base-300 bg-base-100 px-2.5 shadow-none hover:bg-base-200"
                class=(["border-primary/60", "bg-primary/10", "text-primary"], move || summary.get().is_some())
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="truncate">
                    {label} {move || summary.get().map(|text| format!("{}{text}", t().common.colon))}
                </span>
                <Icon glyph=Glyph::ChevronDown class="size-3.5 opacity-60" />
            </button>
            <Show when=move || open.get()>
                <div class="fixed inset-0 z-30" on:click=move |_| open.set(false)></div>
                <div class="menu-pop left-0 max-h-96 w-64 max-w-[calc(100vw-2rem)] overflow-y-auto p-2">
                    {filter.with_value(|filter| filter_body(filter.clone(), url, open))}
                    <Show when=move || summary.get().is_some()>
                        <button
                            class="menu-row mt-1 text-primary"
                            on:click=move |_| {
                                open.set(false);
                                filter.with_value(|filter| filter.clear(url));
                            }
                        >
                            {move || t().common.pick_clear}
                        </button>
                    </Show>
                </div>
            </Show>
        </div>
    }
}

fn filter_body(filter: Filter, url: UrlQuery, open: RwSignal<bool>) -> AnyView {
    let name = filter.name;
    let radio = move |value: &'static str, label: fn() -> &'static str| {
        view! {
            <label class="menu-row">
                <input
                    type="radio"
                    class="radio radio-primary radio-xs"
                    name=name
                    prop:checked=move || url.get(name).as_deref() == Some(value)
                    on:change=move |_| url.set(&[(name, Some(value.to_owned()))])
                />
                {label}
            </label>
        }
    };
    let presence = filter.presence.then(|| {
        view! {
            <div class="mt-1 border-t border-base-300 pt-1">
                {radio("none", || t().common.filter_none)} {radio("any", || t().common.filter_set)}
            </div>
        }
    });
    let body = match filter.kind.clone() {
        Kind::Choice(options) => choice_body(name, options, url),
        Kind::Flag => view! {
            {radio("true", || t().common.yes)}
            {radio("false", || t().common.no)}
        }
        .into_any(),
        Kind::Record(source) => {
            let value = Signal::derive(move || url.get(name).filter(|v| v != "none" && v != "any"));
            let chosen = move |id: Option<String>| {
                open.set(false);
                url.set(&[(name, id)]);
            };
            view! { <RecordPicker source=source value=value on_change=chosen /> }.into_any()
        }
        Kind::Days | Kind::Times | Kind::Money | Kind::Number => range_body(filter, url, open),
    };
    view! {
        {body}
        {presence}
    }
    .into_any()
}

fn choice_body(name: &'static str, options: Options, url: UrlQuery) -> AnyView {
    let chosen = move || -> Vec<String> {
        url.get(name)
            .map(|value| value.split(',').map(str::to_owned).collect())
            .unwrap_or_default()
    };
    let toggle = move |word: &str| {
        let mut words: Vec<String> = chosen()
            .into_iter()
            .filter(|w| w != "none" && w != "any")
            .collect();
        if let Some(at) = words.iter().position(|w| w == word) {
            words.remove(at);
        } else {
            words.push(word.to_owned());
        }
        url.set(&[(name, Some(words.join(",")))]);
    };
    (move || {
        options
            .get()
            .into_iter()
            .map(|(word, label)| {
                let is_on = word.clone();
                view! {
                    <label class="menu-row">
                        <input
                            type="checkbox"
                            class="checkbox checkbox-primary checkbox-xs"
                            prop:checked=move || chosen().contains(&is_on)
                            on:change=move |_| toggle(&word)
                        />
                        {label}
                    </label>
                }
            })
            .collect_view()
    })
    .into_any()
}

fn range_body(filter: Filter, url: UrlQuery, open: RwSignal<bool>) -> AnyView {
    let kind = match filter.kind {
        Kind::Days | Kind::Times => "date",
        _ => "text",
    };
    let names = [
        format!("{}_min", filter.name),
        format!("{}_max", filter.name),
    ];
    let shown = |name: &str| {
        url.get_untracked(name)
            .map(|value| filter.shown(&value))
            .unwrap_or_default()
    };
    let from = RwSignal::new(shown(&names[0]));
    let to = RwSignal::new(shown(&names[1]));
    let wrong = RwSignal::new(false);
    let apply = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let bound = |typed: String, upper: bool| {
            if typed.trim().is_empty() {
                Ok(None)
            } else {
                filter.bound(&typed, upper).map(Some).ok_or(())
            }
        };
        match (
            bound(from.get_untracked(), false),
            bound(to.get_untracked(), true),
        ) {
            (Ok(min), Ok(max)) => {
                open.set(false);
                url.set(&[(filter.name, None), (&names[0], min), (&names[1], max)]);
            }
            _ => wrong.set(true),
        }
    };
    let end = move |label: fn() -> &'static str, value: RwSignal<String>| {
        view! {
            <label class="flex items-center gap-2">
                <span class="muted w-10 shrink-0 text-xs">{label}</span>
                <input
                    class="input input-sm"
                    type=kind
                    inputmode=if kind == "text" { "decimal" } else { "" }
                    prop:value=move || value.get()
                    on:input:target=move |event| value.set(event.target().value())
                />
            </label>
        }
    };
    view! {
        <form class="space-y-2" on:submit=apply>
            {end(|| t().common.filter_from, from)}
            {end(|| t().common.filter_to, to)}
            <Show when=move || wrong.get()>
                <p class="text-xs text-error">{move || t().common.not_a_number}</p>
            </Show>
            <button class="btn btn-primary btn-sm w-full">{move || t().common.confirm}</button>
        </form>
    }
    .into_any()
}
