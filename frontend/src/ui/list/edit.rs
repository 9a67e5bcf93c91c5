//! A single cell edited in its place.

use std::sync::Arc;

use guanxi_domain::filter::Operator;
use guanxi_domain::permission::Operation;
use guanxi_domain::{Field, FieldKind};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use wasm_bindgen::JsCast;

use super::ListState;
use super::bulk::Actions;
use super::value_editor::ValueEditor;
use crate::api;
use crate::i18n::{field_label, t_now};
use crate::ui::{Toasts, use_toasts};

/// Several choices and people are not chosen in a cell: each choice would close it.
const fn is_chosen_among_many(field: &Field) -> bool {
    field.kind.is_many() || matches!(field.kind, FieldKind::Reference(_))
}

/// The merge patch that sets a field.
pub(super) fn field_patch(field: &Field, value: &Value) -> Value {
    match field.custom() {
        Some(key) => json!({ "custom": { key: value } }),
        None => json!({ field.name: value }),
    }
}

/// The rows around the cell.
struct Rows {
    /// The newest that is known of a record.
    newest: Arc<dyn Fn(String) -> Option<Arc<Value>> + Send + Sync>,
    /// Reads the rows anew.
    changed: Arc<dyn Fn() + Send + Sync>,
}

/// Which cell is being edited, if any.
#[derive(Clone, Copy)]
pub(super) struct CellEdit {
    list: ListState,
    actions: Option<Actions>,
    /// The record's id and the column.
    at: RwSignal<Option<(String, &'static str)>>,
    rows: StoredValue<Rows>,
    toasts: Toasts,
}

impl CellEdit {
    /// `newest` knows the newest of a record, `changed` reads the rows anew.
    pub fn new(
        list: ListState,
        actions: Option<Actions>,
        newest: impl Fn(String) -> Option<Arc<Value>> + Send + Sync + 'static,
        changed: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            list,
            actions,
            at: RwSignal::new(None),
            rows: StoredValue::new(Rows {
                newest: Arc::new(newest),
                changed: Arc::new(changed),
            }),
            toasts: use_toasts(),
        }
    }

    /// The field of a column whose cells can be edited.
    pub fn field(self, key: &'static str) -> Option<&'static Field> {
        let field = self.list.fields().get(key)?;
        self.actions
            .is_some_and(|actions| actions.takes(field) && !is_chosen_among_many(field))
            .then_some(field)
    }

    /// Whether the visitor may edit cells of this column. Reactive.
    pub fn allows(self, key: &'static str) -> bool {
        self.field(key).is_some()
            && self
                .actions
                .is_some_and(|a| self.list.session().can(a.module, Operation::Update))
    }

    /// Reactive.
    pub fn is_at(self, id: &str, key: &'static str) -> bool {
        self.at
            .with(|at| at.as_ref().is_some_and(|at| at.0 == id && at.1 == key))
    }

    /// The record that is being edited. Reactive.
    pub fn edited(self) -> Option<String> {
        self.at.with(|at| at.as_ref().map(|(id, _)| id.clone()))
    }

    pub fn begin(self, id: String, key: &'static str) {
        self.at.set(Some((id, key)));
    }

    fn read_anew(self) {
        // The view may be gone.
        self.rows.try_with_value(|rows| (rows.changed)());
    }

    fn end(self) {
        self.at.set(None);
    }

    fn save(self, field: &'static Field, record: &Value, value: &Value, wrong: RwSignal<String>) {
        let id = record["id"].as_str().unwrap_or_default();
        // Others may have changed the record since, but not this field: then what is typed goes on top of it.
        let newest = self.rows.with_value(|rows| (rows.newest)(id.to_owned()));
        let based_on = match &newest {
            Some(newest) if newest[field.name] == record[field.name] => newest,
            _ => record,
        };
        let version = based_on["version"].as_i64().unwrap_or_default();
        let call = api::patch(format!("/{}/{id}", self.list.fields().record))
            .version(version)
            .body(&field_patch(field, value));
        spawn_local(async move {
            match call.done().await {
                Ok(()) => {
                    self.end();
                    self.toasts.done(t_now().common.saved);
                    self.read_anew();
                }
                Err(error) if error.is_stale() => {
                    // The rows are read anew: what the other one wrote is seen before it is written over.
                    self.end();
                    self.toasts.error(&error);
                    self.read_anew();
                }
                Err(error) => {
                    let first = error.field_errors().first().map(|e| e.message.clone());
                    wrong.try_set(first.unwrap_or_else(|| error.message()));
                }
            }
        });
    }
}

/// The field in the place of a cell: saved by Enter, by a choice or by leaving it; Escape leaves it as it was.
#[component]
pub(super) fn CellEditor(
    edit: CellEdit,
    field: &'static Field,
    record: Arc<Value>,
) -> impl IntoView {
    let value = RwSignal::new(field.value(&record).clone());
    let wrong = RwSignal::new(String::new());
    // Something was finished: it is saved, or stays until it can be.
    let touched = RwSignal::new(false);
    let frame = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let input = frame
            .get()
            .and_then(|frame| frame.query_selector("input, select").ok().flatten());
        if let Some(input) = input {
            // Only fails for an element outside the document.
            let _ = input.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
    let save = move |next: Value| {
        if touched.try_set(true).is_some() {
            // The editor is gone already.
            return;
        }
        if next.is_null() && !field.optional {
            wrong.set(t_now().list.incomplete.to_owned());
        } else {
            edit.save(field, &record, &next, wrong);
        }
        value.set(next);
    };
    view! {
        <div
            node_ref=frame
            class="min-w-32"
            role="group"
            aria-label=move || field_label(edit.list.fields(), field.name)
            data-testid="cell-editor"
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    event.stop_propagation();
                    edit.end();
                }
            }
            on:focusout=move |event| {
                // An editor that is taken away loses the focus too.
                if touched.try_get_untracked() != Some(false) {
                    return;
                }
                let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
                let inside = frame.get_untracked().is_some_and(|frame| frame.contains(to.as_ref()));
                if !inside {
                    edit.end();
                }
            }
        >
            <ValueEditor list=edit.list field=field op=Operator::Eq value=value on_change=save keep_wrong=true />
            <Show when=move || wrong.with(|text| !text.is_empty())>
                <p class="mt-1 text-xs whitespace-normal text-error" role="alert">
                    {move || wrong.get()}
                </p>
            </Show>
        </div>
    }
}
