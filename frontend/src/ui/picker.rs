//! Choosing a record by typing part of its name.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::{Glyph, Icon};
use crate::api;
use crate::i18n::{lang, t};

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

    /// Where records of this type are found, by its plural name; `None` where nobody can choose among them.
    pub fn of(record: &str) -> Option<Self> {
        Some(match record {
            "users" => Self::people(),
            "customers" => Self::customers(),
            "contacts" => Self::list("/contacts")
                .labelled(|r| member(r, "name"), |r| member(r, "customer_name")),
            "products" => crate::product::product_source(),
            "orders" => Self::list("/orders")
                .labelled(|r| member(r, "number"), |r| member(r, "customer_name")),
            "tickets" => {
                Self::list("/tickets").labelled(|r| member(r, "subject"), |r| member(r, "number"))
            }
            "departments" => Self::whole("/departments"),
            "segments" => Self::whole("/segments?limit=200"),
            "roles" => Self::whole("/roles").labelled(
                |r| member(r, untrack(lang).pick("name_zh", "name_en")),
                |_| String::new(),
            ),
            _ => return None,
        })
    }

    /// What the record of this id is called; `None` if it is gone or out of sight.
    pub async fn name(self, id: &str) -> Option<String> {
        self.by_id(id).await.map(|found| found.label)
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

/// What a picker knows while it is used.
#[derive(Clone, Copy)]
struct Picker {
    source: PickerSource,
    value: Signal<Option<String>>,
    on_change: Callback<Option<String>>,
    on_record: Option<Callback<Value>>,
    text: RwSignal<String>,
    open: RwSignal<bool>,
    found: RwSignal<Option<Vec<Found>>>,
    marked: RwSignal<usize>,
    /// Number of the newest search: answers to older ones are too late.
    newest: StoredValue<u32>,
    waiting: StoredValue<Option<TimeoutHandle>>,
    /// Id and label of the choice, as far as they are known.
    known: StoredValue<Option<(String, String)>>,
}

impl Picker {
    /// Writes the name of the record that is chosen.
    fn follow_value(self) {
        let Self {
            source,
            value,
            text,
            open,
            known,
            ..
        } = self;
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
    }

    fn search(self) {
        self.newest.update_value(|n| *n += 1);
        let mine = self.newest.get_value();
        // The name of the present choice is no search.
        let typed = self.text.get_untracked();
        let is_choice = self
            .known
            .with_value(|known| known.as_ref().is_some_and(|(_, label)| *label == typed));
        let typed = if is_choice {
            String::new()
        } else {
            typed.trim().to_owned()
        };
        spawn_local(async move {
            let answer = self.source.find(typed).await.unwrap_or_default();
            if self.newest.try_get_value() == Some(mine) {
                self.marked.set(0);
                self.found.set(Some(answer));
            }
        });
    }

    fn choose(self, record: Found) {
        self.known
            .set_value(Some((record.id.clone(), record.label.clone())));
        self.text.set(record.label);
        self.open.set(false);
        self.on_change.run(Some(record.id));
        if let Some(on_record) = self.on_record {
            on_record.run(record.record);
        }
    }

    fn clear(self) {
        self.text.set(String::new());
        self.open.set(false);
        self.on_change.run(None);
    }

    fn show(self) {
        if !self.open.get_untracked() {
            self.open.set(true);
            self.search();
        }
    }

    fn stop_waiting(self) {
        if let Some(handle) = self.waiting.try_get_value().flatten() {
            handle.clear();
        }
    }

    fn typed(self, typed: String) {
        self.text.set(typed);
        self.open.set(true);
        self.stop_waiting();
        self.waiting.set_value(
            set_timeout_with_handle(move || self.search(), Duration::from_millis(200)).ok(),
        );
    }

    /// Half-typed text is no choice: emptied means none, anything else the former one.
    fn leave(self) {
        self.open.set(false);
        if self.text.with_untracked(String::is_empty) {
            if self.value.get_untracked().is_some() {
                self.on_change.run(None);
            }
        } else {
            let label = self
                .value
                .get_untracked()
                .and(self.known.get_value())
                .map(|(_, label)| label);
            self.text.set(label.unwrap_or_default());
        }
    }

    fn on_key(self, event: &leptos::ev::KeyboardEvent) {
        let count = self
            .found
            .with_untracked(|found| found.as_ref().map_or(0, Vec::len));
        match event.key().as_str() {
            "ArrowDown" => {
                event.prevent_default();
                self.show();
                self.marked
                    .update(|at| *at = (*at + 1).min(count.saturating_sub(1)));
            }
            "ArrowUp" => {
                event.prevent_default();
                self.marked.update(|at| *at = at.saturating_sub(1));
            }
            "Enter" if self.open.get_untracked() => {
                event.prevent_default();
                let chosen = self.found.with_untracked(|found| {
                    found.as_ref()?.get(self.marked.get_untracked()).cloned()
                });
                if let Some(chosen) = chosen {
                    self.choose(chosen);
                }
            }
            "Escape" if self.open.get_untracked() => {
                event.prevent_default();
                event.stop_propagation();
                self.open.set(false);
            }
            _ => {}
        }
    }

    /// What was found, below the field.
    fn rows(self) -> AnyView {
        let remark =
            |text: &'static str| view! { <p class="muted px-2.5 py-1.5">{text}</p> }.into_any();
        match self.found.get() {
            None => remark(t().common.loading),
            Some(list) if list.is_empty() => remark(t().common.pick_nothing),
            Some(list) => list
                .into_iter()
                .enumerate()
                .map(|(index, record)| self.row(index, record))
                .collect_view()
                .into_any(),
        }
    }

    fn row(self, index: usize, record: Found) -> impl IntoView {
        let (label, detail) = (record.label.clone(), record.detail.clone());
        view! {
            <button
                type="button"
                role="option"
                class="menu-row"
                tabindex="-1"
                aria-selected=move || (self.marked.get() == index).to_string()
                // Before the field loses the focus.
                on:mousedown=move |event| {
                    event.prevent_default();
                    self.choose(record.clone());
                }
            >
                <span class="min-w-0 flex-1 truncate">{label}</span>
                <span class="muted text-xs">{detail}</span>
            </button>
        }
    }
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
    let picker = Picker {
        source,
        value,
        on_change,
        on_record,
        text: RwSignal::new(String::new()),
        open: RwSignal::new(false),
        found: RwSignal::new(None),
        marked: RwSignal::new(0),
        newest: StoredValue::new(0),
        waiting: StoredValue::new(None),
        known: StoredValue::new(None),
    };
    picker.follow_value();
    on_cleanup(move || picker.stop_waiting());
    view! {
        <div class="relative">
            <label class="input input-sm h-9" class:invalid=move || invalid.get()>
                <input
                    id=id
                    type="text"
                    role="combobox"
                    autocomplete="off"
                    aria-expanded=move || picker.open.get().to_string()
                    aria-invalid=move || invalid.get().to_string()
                    placeholder=move || t().common.pick_hint
                    prop:value=move || picker.text.get()
                    on:input:target=move |event| picker.typed(event.target().value())
                    on:focus=move |_| picker.show()
                    on:blur=move |_| picker.leave()
                    on:keydown=move |event| picker.on_key(&event)
                />
                <Show when=move || value.get().is_some()>
                    <button
                        type="button"
                        class="btn btn-ghost btn-square btn-xs -mr-1.5"
                        tabindex="-1"
                        aria-label=move || t().common.pick_clear
                        on:mousedown=move |event| {
                            event.prevent_default();
                            picker.clear();
                        }
                    >
                        <Icon glyph=Glyph::Close class="size-3.5" />
                    </button>
                </Show>
            </label>
            <Show when=move || picker.open.get()>
                <div class="menu-pop right-0 left-0 max-h-72 overflow-y-auto" role="listbox">
                    {move || picker.rows()}
                </div>
            </Show>
        </div>
    }
}
