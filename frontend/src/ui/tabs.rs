use leptos::prelude::*;

use crate::nav::{use_nav, use_url};

/// One tab: its name in the address and its label.
#[derive(Clone)]
pub struct TabItem {
    pub key: &'static str,
    pub label: Signal<String>,
    pub count: Option<Signal<Option<usize>>>,
}

impl TabItem {
    pub fn new(key: &'static str, label: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self {
            key,
            label: Signal::derive(label),
            count: None,
        }
    }
}

/// Tabs whose choice stands in the address as `?tab=`; the first one is the default.
///
/// Show the contents by `Tabs::current`: `move || match tab.get() { "orders" => …, _ => … }`.
#[component]
pub fn Tabs(items: Vec<TabItem>, current: Signal<&'static str>) -> impl IntoView {
    let url = use_url();
    let path = leptos_router::hooks::use_location().pathname;
    let nav = use_nav();
    let first = items.first().map_or("", |item| item.key);
    let keys: Vec<_> = items.iter().map(|item| item.key).collect();
    // Lists inside a tab keep their filters in the address too: another tab starts without them.
    let open = move |key: &'static str| {
        let path = path.get_untracked();
        if url.get_untracked("tab").as_deref() != Some(key) {
            nav.to_quietly(&if key == first {
                path
            } else {
                format!("{path}?tab={key}")
            });
        }
    };
    let step = StoredValue::new((keys, open));
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let direction = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => -1,
            _ => return,
        };
        step.with_value(|(keys, open)| {
            let at = keys
                .iter()
                .position(|key| *key == current.get_untracked())
                .unwrap_or(0);
            let next = (at + keys.len()).saturating_add_signed(direction) % keys.len();
            open(keys[next]);
        });
    };
    view! {
        <div class="flex gap-5 overflow-x-auto border-b border-base-300" role="tablist" on:keydown=on_key>
            {items
                .into_iter()
                .map(|item| {
                    let key = item.key;
                    let selected = move || current.get() == key;
                    view! {
                        <button
                            role="tab"
                            class="-mb-px cursor-pointer border-b-2 px-0.5 py-2.5 font-medium whitespace-nowrap"
                            class=(["border-primary", "text-primary"], selected)
                            class=(["border-transparent", "muted"], move || !selected())
                            aria-selected=move || selected().to_string()
                            tabindex=move || if selected() { "0" } else { "-1" }
                            on:click=move |_| open(key)
                        >
                            {move || item.label.get()}
                            {move || {
                                item.count
                                    .and_then(|count| count.get())
                                    .map(|count| view! { <span class="num muted ml-1.5 text-xs">{count}</span> })
                            }}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// The tab that the address names, or the first of `keys`.
pub fn use_tab(keys: &'static [&'static str]) -> Signal<&'static str> {
    let url = use_url();
    Memo::new(move |_| {
        let wanted = url.get("tab");
        keys.iter()
            .copied()
            .find(|key| Some(*key) == wanted.as_deref())
            .unwrap_or(keys[0])
    })
    .into()
}
