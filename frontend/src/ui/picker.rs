//! Choosing a record by typing part of its name.

use std::time::Duration;

use leptos::html;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::{Glyph, Icon};
use crate::api;
use crate::i18n::t;

/// Where a [`RecordPicker`] finds records, and what it shows of them.
#[derive(Clone, Copy)]
pub struct PickerSource {
    path: &'static str,
    /// The list takes `q`; otherwise all of it is fetched and searched here.
    searches: bool,
    label: fn(&Value) -> String,
    detail: fn(&Value) -> String,
}

fn member(record: &Value, name: &str) -> String {
    record
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

impl PickerSource {
    /// A list endpoint that takes `q`, whose records have a `name`.
    pub const fn list(path: &'static str) -> Self {
        Self {
            path,
            searches: true,
            label: |record| member(record, "name"),
            detail: |record| member(record, "code"),
        }
    }

    /// A short list that is fetched whole.
    pub const fn whole(path: &'static str) -> Self {
        Self {
            path,
            searches: false,
            label: |record| member(record, "name"),
            detail: |_| String::new(),
        }
    }

    pub const fn customers() -> Self {
        Self::list("/customers")
    }

    /// Active users.
    pub const fn people() -> Self {
        Self {
            detail: |record| member(record, "department"),
            ..Self::whole("/people")
        }
    }

    /// Other text for a record.
    #[must_use]
    pub const fn labelled(
        mut self,
        label: fn(&Value) -> String,
        detail: fn(&Value) -> String,
    ) -> Self {
        self.label = label;
        self.detail = detail;
        self
    }

    async fn find(self, text: String) -> Result<Vec<Found>, api::ApiError> {
        let mut call = api::get(self.path);
        if self.searches {
            call = call.query("limit", 12);
            if !text.is_empty() {
                call = call.query("q", &text);
            }
        }
        let answer: Value = call.json().await?;
        let items = match answer {
            Value::Array(items) => items,
            Value::Object(mut page) => match page.remove("items") {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let needle = text.to_lowercase();
        Ok(items
            .into_iter()
            .map(|record| self.found(record))
            .filter(|found| self.searches || found.label.to_lowercase().contains(&needle))
            .collect())
    }

    async fn by_id(self, id: &str) -> Option<Found> {
        if self.searches {
            return api::get(format!("{}/{id}", self.path))
                .json::<Value>()
                .await
                .ok()
                .map(|record| self.found(record));
        }
        self.find(String::new())
            .await
            .ok()?
            .into_iter()
            .find(|found| found.id == id)
    }

    fn found(self, record: Value) -> Found {
        Found {
            id: member(&record, "id"),
            label: (self.label)(&record),
            detail: (self.detail)(&record),
            record,
        }
    }
}

#[derive(Clone)]
struct Found {
    id: String,
    label: String,
    detail: String,
    record: Value,
}

/// A field with type-ahead on a list of the API; its value is the id.
#[component]
pub fn RecordPicker(
    source: PickerSource,
    #[prop(into)] value: Signal<Option<String>>,
    #[prop(into)] on_change: Callback<Option<String>>,
    /// Gets the whole chosen record (to take its price, say).
    #[prop(optional, into)]
    on_record: Option<Callback<Value>>,
    #[prop(optional, into)] id: String,
    #[prop(optional, into)] invalid: Signal<bool>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let text = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let found = RwSignal::new(None::<Vec<Found>>);
    let marked = RwSignal::new(0_usize);
    let newest = StoredValue::new(0_u32);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let known = StoredValue::new(None::<(String, String)>);

    // The name of the record that is chosen.
    Effect::new(move |_| {
        let Some(id) = value.get() else {
            if !open.get_untracked() {
                text.set(String::new());
            }
            return;
        };
        if let Some((_, label)) = known.get_value().filter(|(known, _)| *known == id) {
            text.set(label);
            return;
        }
        spawn_local(async move {
            let label = source
                .by_id(&id)
                .await
                .map_or_else(|| id.clone(), |found| found.label);
            known.try_update_value(|known| *known = Some((id.clone(), label.clone())));
            if value.try_get_untracked() == Some(Some(id)) {
                text.set(label);
            }
        });
    });
    let search = move || {
        newest.update_value(|n| *n += 1);
        let mine = newest.get_value();
        // The name of the present choice is no search.
        let typed = text.get_untracked();
        let is_choice =
            known.with_value(|known| known.as_ref().is_some_and(|(_, label)| *label == typed));
        let typed = if is_choice {
            String::new()
        } else {
            typed.trim().to_owned()
        };
        spawn_local(async move {
            let answer = source.find(typed).await.unwrap_or_default();
            if newest.try_get_value() == Some(mine) {
                marked.set(0);
                found.set(Some(answer));
            }
        });
    };
    let choose = move |record: Found| {
        known.set_value(Some((record.id.clone(), record.label.clone())));
        text.set(record.label);
        open.set(false);
        on_change.run(Some(record.id));
        if let Some(on_record) = on_record {
            on_record.run(record.record);
        }
    };
    let show = move || {
        if !open.get_untracked() {
            open.set(true);
            search();
        }
    };
    let typed = move |typed: String| {
        text.set(typed);
        open.set(true);
        if let Some(handle) = waiting.get_value() {
            handle.clear();
        }
        waiting.set_value(set_timeout_with_handle(search, Duration::from_millis(200)).ok());
    };
    let leave = move |_| {
        open.set(false);
        // Half-typed text is no choice: emptied means none, anything else the former one.
        if text.with_untracked(String::is_empty) {
            if value.get_untracked().is_some() {
                on_change.run(None);
            }
        } else {
            let label = value
                .get_untracked()
                .and(known.get_value())
                .map(|(_, label)| label);
            text.set(label.unwrap_or_default());
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let count = found.with_untracked(|found| found.as_ref().map_or(0, Vec::len));
        match event.key().as_str() {
            "ArrowDown" => {
                event.prevent_default();
                show();
                marked.update(|at| *at = (*at + 1).min(count.saturating_sub(1)));
            }
            "ArrowUp" => {
                event.prevent_default();
                marked.update(|at| *at = at.saturating_sub(1));
            }
            "Enter" if open.get_untracked() => {
                event.prevent_default();
                let chosen = found
                    .with_untracked(|found| found.as_ref()?.get(marked.get_untracked()).cloned());
                if let Some(chosen) = chosen {
                    choose(chosen);
                }
            }
            "Escape" if open.get_untracked() => {
                event.prevent_default();
                event.stop_propagation();
                open.set(false);
            }
            _ => {}
        }
    };
    let rows = move || match found.get() {
        None => view! { <p class="muted px-2.5 py-1.5">{t().common.loading}</p> }.into_any(),
        Some(list) if list.is_empty() => {
            view! { <p class="muted px-2.5 py-1.5">{t().common.pick_nothing}</p> }.into_any()
        }
        Some(list) => list
            .into_iter()
            .enumerate()
            .map(|(index, record)| {
                let (label, detail) = (record.label.clone(), record.detail.clone());
                view! {
                    <button
                        type="button"
                        role="option"
                        class="menu-row"
                        tabindex="-1"
                        aria-selected=move || (marked.get() == index).to_string()
                        // Before the field loses the focus.
                        on:mousedown=move |event| {
                            event.prevent_default();
                            choose(record.clone());
                        }
                    >
                        <span class="min-w-0 flex-1 truncate">{label}</span>
                        <span class="muted text-xs">{detail}</span>
                    </button>
                }
            })
            .collect_view()
            .into_any(),
    };
    view! {
        <div class="relative">
            <label class="input input-sm h-9 w-full" class:invalid=move || invalid.get()>
                <input
                    node_ref=input
                    id=id
                    type="text"
                    role="combobox"
                    autocomplete="off"
                    aria-expanded=move || open.get().to_string()
                    placeholder=move || t().common.pick_hint
                    prop:value=move || text.get()
                    on:input:target=move |event| typed(event.target().value())
                    on:focus=move |_| show()
                    on:blur=leave
                    on:keydown=on_key
                />
                <Show when=move || value.get().is_some()>
                    <button
                        type="button"
                        class="btn btn-ghost btn-square btn-xs -mr-1.5"
                        tabindex="-1"
                        aria-label=move || t().common.pick_clear
                        on:mousedown=move |event| {
                            event.prevent_default();
                            text.set(String::new());
                            open.set(false);
                            on_change.run(None);
                        }
                    >
                        <Icon glyph=Glyph::Close class="size-3.5" />
                    </button>
                </Show>
            </label>
            <Show when=move || open.get()>
                <div class="menu-pop right-0 left-0 max-h-72 overflow-y-auto" role="listbox">
                    {rows}
                </div>
            </Show>
        </div>
    }
}
