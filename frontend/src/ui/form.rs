//! The state of a form: a JSON object as the API takes it, checked by the domain's rules while somebody types.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use guanxi_domain::custom::{Custom, CustomField, PREFIX, problems};
use guanxi_domain::{ErrorCode, Field, FieldError, FieldSet, Lang, Rules};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::MouseEvent;

use super::{Ask, Glyph, Icon, use_confirm};
use crate::api::ApiError;
use crate::custom::{self, make_room};
use crate::i18n::{lang, t, t_now};
use crate::nav::use_nav;

/// An id for an element that no other has.
pub(super) fn fresh_id(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What the values hold in custom fields, where they are an object.
fn held(values: &Value) -> Option<Custom> {
    serde_json::from_value(values.get("custom")?.clone()).ok()
}

type Check = fn(&Value, Lang) -> Vec<FieldError>;

/// What is wrong with a JSON object that shall become a `T`: a member that does not fit, else broken rules.
fn check<T: DeserializeOwned + Rules>(value: &Value, lang: Lang) -> Vec<FieldError> {
    match serde_path_to_error::deserialize::<_, T>(value) {
        Ok(input) => input.problems(lang),
        Err(error) => vec![misfit(value, &error, lang)],
    }
}

/// The member that does not fit.
fn misfit(
    value: &Value,
    error: &serde_path_to_error::Error<serde_json::Error>,
    lang: Lang,
) -> FieldError {
    let mut pointer: String = error
        .path()
        .iter()
        .filter_map(|segment| match segment {
            serde_path_to_error::Segment::Seq { index } => Some(format!("/{index}")),
            serde_path_to_error::Segment::Map { key } => Some(format!("/{key}")),
            serde_path_to_error::Segment::Enum { .. } | serde_path_to_error::Segment::Unknown => {
                None
            }
        })
        .collect();
    let text = error.inner().to_string();
    if let Some((name, _)) = text
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split_once('`'))
    {
        pointer = format!("{pointer}/{name}");
    }
    let empty = value
        .pointer(&pointer)
        .is_none_or(|v| v.is_null() || v.as_str() == Some(""));
    let code = if empty { "required" } else { "type" };
    FieldError::new(pointer, code, ErrorCode::field_message(code, lang))
}

/// A form. Copied into the fields: `<TextField form=form name="name" />`.
#[derive(Clone, Copy)]
pub struct Form {
    fields: &'static FieldSet,
    /// The custom fields of the record type.
    custom: Signal<Vec<CustomField>>,
    values: RwSignal<Value>,
    original: RwSignal<Value>,
    broken: Memo<Vec<FieldError>>,
    /// What the server refused, until the field is changed.
    refused: RwSignal<Vec<FieldError>>,
    /// Typed text that is no value (letters in a number), by pointer.
    unreadable: RwSignal<BTreeMap<String, String>>,
    touched: RwSignal<BTreeSet<String>>,
    tried: RwSignal<bool>,
    failure: RwSignal<Option<ApiError>>,
    busy: RwSignal<bool>,
}

fn pointer_of(name: &str) -> String {
    if name.starts_with('/') {
        name.to_owned()
    } else {
        format!("/{name}")
    }
}

impl Form {
    /// A form that makes a `T`, beginning with `initial` (an object with the members of `T`).
    pub fn new<T: DeserializeOwned + Rules>(fields: &'static FieldSet, initial: Value) -> Self {
        let custom = Signal::derive(|| custom::definitions(fields.record));
        Self::begin(fields, initial, check::<T>, custom, false)
    }

    /// As `new`, for a record that is there already.
    pub fn of_record<T: DeserializeOwned + Rules>(
        fields: &'static FieldSet,
        values: Value,
    ) -> Self {
        let custom = Signal::derive(|| custom::definitions(fields.record));
        Self::begin(fields, values, check::<T>, custom, true)
    }

    /// As `new`, with these custom fields.
    pub fn with_custom<T: DeserializeOwned + Rules>(
        fields: &'static FieldSet,
        initial: Value,
        custom: Signal<Vec<CustomField>>,
    ) -> Self {
        Self::begin(fields, initial, check::<T>, custom, false)
    }

    fn begin(
        fields: &'static FieldSet,
        mut initial: Value,
        check: Check,
        custom: Signal<Vec<CustomField>>,
        exists: bool,
    ) -> Self {
        custom.with_untracked(|custom| make_room(&mut initial, custom));
        let values = RwSignal::new(initial.clone());
        let original = RwSignal::new(initial);
        let broken = Memo::new(move |_| {
            let mut broken = values.with(|value| check(value, lang()));
            let old = exists.then(|| original.with(held)).flatten();
            if let Some(new) = values.with(held) {
                broken.extend(custom.with(|all| problems(all, old.as_ref(), &new, lang())));
            }
            broken
        });
        Self {
            fields: untrack(|| custom::fields(fields)),
            custom,
            values,
            original,
            broken,
            refused: RwSignal::new(Vec::new()),
            unreadable: RwSignal::new(BTreeMap::new()),
            touched: RwSignal::new(BTreeSet::new()),
            tried: RwSignal::new(false),
            failure: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
    }

    /// The custom fields of its record type. Reactive.
    pub fn custom(self) -> Vec<CustomField> {
        self.custom.get()
    }

    /// The field that a member belongs to, by its name or pointer.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        let name = name.trim_start_matches('/');
        match name.strip_prefix("custom/") {
            Some(key) => self.fields.get(&format!("{PREFIX}{key}")),
            None => self.fields.get(name),
        }
    }

    /// What a member is called: the field's label.
    pub fn label(self, name: &str) -> String {
        let field = self.field(name);
        field.map_or_else(|| name.to_owned(), |field| field.label(lang()).to_owned())
    }

    /// A member, `Null` if absent. `name` is a member's name or a JSON pointer (`/lines/0/quantity`). Reactive.
    pub fn get(self, name: &str) -> Value {
        let pointer = pointer_of(name);
        self.values
            .with(|value| value.pointer(&pointer).cloned().unwrap_or(Value::Null))
    }

    /// A member as text; empty for `null`. Reactive.
    pub fn text(self, name: &str) -> String {
        match self.get(name) {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }

    /// Sets a member and forgets what the server said of it.
    pub fn set(self, name: &str, new: impl Into<Value>) {
        let (pointer, new) = (pointer_of(name), new.into());
        self.unreadable.update(|all| _ = all.remove(&pointer));
        if self
            .refused
            .with_untracked(|all| all.iter().any(|e| e.pointer.starts_with(&pointer)))
        {
            self.refused
                .update(|all| all.retain(|e| !e.pointer.starts_with(&pointer)));
        }
        self.values.update(|value| {
            if let Some(slot) = value.pointer_mut(&pointer) {
                *slot = new;
            } else if let Some((parent, name)) = pointer.rsplit_once('/')
                && let Some(Value::Object(object)) = value.pointer_mut(parent)
            {
                object.insert(name.to_owned(), new);
            }
        });
    }

    /// What was typed is no value; the member becomes `null`.
    pub fn set_unreadable(self, name: &str, message: &str) {
        self.set(name, Value::Null);
        self.unreadable
            .update(|all| _ = all.insert(pointer_of(name), message.to_owned()));
    }

    /// The whole object. Reactive.
    pub fn value(self) -> Value {
        self.values.get()
    }

    pub fn value_untracked(self) -> Value {
        self.values.get_untracked()
    }

    /// Changes the object as a whole (lines added or removed).
    pub fn update(self, change: impl FnOnce(&mut Value)) {
        self.values.update(change);
    }

    /// The field has been left: its error may be shown.
    pub fn touch(self, name: &str) {
        let pointer = pointer_of(name);
        if !self
            .touched
            .with_untracked(|touched| touched.contains(&pointer))
        {
            self.touched.update(|touched| _ = touched.insert(pointer));
        }
    }

    /// The error to show at a field: once it was left or saving was tried. Reactive.
    pub fn error(self, name: &str) -> Option<String> {
        let pointer = pointer_of(name);
        if let Some(message) = self.unreadable.with(|all| all.get(&pointer).cloned()) {
            return Some(message);
        }
        let at = |all: &Vec<FieldError>| {
            all.iter()
                .find(|e| e.pointer == pointer)
                .map(|e| e.message.clone())
        };
        if let Some(message) = self.refused.with(at) {
            return Some(message);
        }
        let shown = self.tried.get() || self.touched.with(|touched| touched.contains(&pointer));
        if shown { self.broken.with(at) } else { None }
    }

    /// Something differs from what was loaded or saved. Reactive.
    pub fn dirty(self) -> bool {
        self.values
            .with(|value| self.original.with(|original| value != original))
    }

    pub fn busy(self) -> bool {
        self.busy.get()
    }

    pub fn failure(self) -> Option<ApiError> {
        self.failure.get()
    }

    pub fn original(self) -> Value {
        self.original.get_untracked()
    }

    /// `None` when the form is gone.
    pub(super) fn try_original(self) -> Option<Value> {
        self.original.try_get_untracked()
    }

    /// The merge patch (RFC 7396) from what was loaded to what is there now.
    pub fn patch(self) -> Value {
        self.original
            .with_untracked(|old| self.values.with_untracked(|new| difference(old, new)))
    }

    /// Begins again with other values: after saving, or when the record has been loaded anew.
    pub fn reset(self, mut values: Value) {
        self.make_room(&mut values);
        self.original.set(values.clone());
        self.values.set(values);
        self.refused.set(Vec::new());
        self.unreadable.set(BTreeMap::new());
        self.touched.set(BTreeSet::new());
        self.tried.set(false);
        self.failure.set(None);
    }

    /// Gives the custom fields that have no value a place among the values of a record.
    pub(super) fn make_room(self, values: &mut Value) {
        self.custom
            .with_untracked(|custom| make_room(values, custom));
    }

    /// New values with another original: the outcome of a conflict.
    pub fn rebase(self, original: Value, values: Value) {
        self.original.set(original);
        self.values.set(values);
        self.failure.set(None);
    }

    /// Whether it may be sent; shows all errors and goes to the first if not.
    pub fn check(self) -> bool {
        self.tried.set(true);
        let fine = self.broken.with_untracked(Vec::is_empty)
            && self.unreadable.with_untracked(BTreeMap::is_empty);
        if !fine {
            focus_first_error();
        }
        fine
    }

    /// Shows why the server refused, at the fields where it says so.
    pub fn fail(self, error: ApiError) {
        self.refused.set(error.field_errors().to_vec());
        self.failure.set(Some(error));
        focus_first_error();
    }

    /// Checks, sends and shows errors; `done` gets the answer.
    pub fn submit<T: 'static, F>(
        self,
        send: impl FnOnce(Value) -> F,
        done: impl FnOnce(T) + 'static,
    ) where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        self.submit_or(send, done, move |error| self.fail(error));
    }

    /// As `submit`; `failed` gets the error instead of the form.
    pub fn submit_or<T: 'static, F>(
        self,
        send: impl FnOnce(Value) -> F,
        done: impl FnOnce(T) + 'static,
        failed: impl FnOnce(ApiError) + 'static,
    ) where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        // A second click while the first is on its way would save twice.
        if self.busy.get_untracked() || !self.check() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        let values = self.values.get_untracked();
        let answer = send(values.clone());
        spawn_local(async move {
            let answer = answer.await;
            // The page may have been left.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(record) => {
                    self.original.set(values);
                    done(record);
                }
                Err(error) => failed(error),
            }
        });
    }
}

/// Members of `new` that differ from `old`, `null` for those that are gone; objects member by member.
fn difference(old: &Value, new: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return new.clone();
    };
    let mut patch = Map::new();
    for (name, value) in new {
        match old.get(name) {
            Some(before) if before == value => {}
            Some(before @ Value::Object(_)) if value.is_object() => {
                patch.insert(name.clone(), difference(before, value));
            }
            _ => {
                patch.insert(name.clone(), value.clone());
            }
        }
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        patch.insert(name.clone(), Value::Null);
    }
    Value::Object(patch)
}

fn focus_first_error() {
    // After the errors have been drawn.
    set_timeout(
        || {
            let field = document()
                .query_selector("[aria-invalid=true]")
                .ok()
                .flatten();
            if let Some(field) =
                field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok())
            {
                // Only fails for an element outside the document.
                let _ = field.focus();
            }
        },
        Duration::from_millis(30),
    );
}

/// Why saving failed, above the buttons of a form.
#[component]
pub fn FormFailure(form: Form) -> impl IntoView {
    move || {
        form.failure().map(|error| {
            let fields = !error.field_errors().is_empty();
            view! {
                <div class="flex items-start gap-2.5 rounded-box border border-error/30 bg-error/8 px-3.5 py-2.5" role="alert">
                    <span class="mt-0.5 text-error">
                        <Icon glyph=Glyph::Warning />
                    </span>
                    <div>
                        <p>{error.message()}</p>
                        {fields.then(|| view! { <p class="muted text-xs">{t().common.error_fields}</p> })}
                    </div>
                </div>
            }
        })
    }
}

/// Asks before a page with unsaved changes is closed; [`leave_freely`] asks on the way to another page of the app.
#[component]
pub fn UnsavedGuard(form: Form) -> impl IntoView {
    let handle = window_event_listener(leptos::ev::beforeunload, move |event| {
        if form
            .values
            .try_with_untracked(|v| form.original.with_untracked(|o| v != o))
            == Some(true)
        {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());

    // In the capturing phase: before the router, which listens at the window, takes the click.
    let confirm = use_confirm();
    let nav = use_nav();
    let on_click = Closure::<dyn Fn(MouseEvent)>::new(move |event: MouseEvent| {
        let link = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.closest("a[href]").ok().flatten())
            .filter(|link| !link.has_attribute("target") && !link.has_attribute("download"));
        let Some(address) = link
            .and_then(|link| link.get_attribute("href"))
            .filter(|to| to.starts_with('/'))
        else {
            return;
        };
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        if form
            .values
            .try_with_untracked(|v| form.original.with_untracked(|o| v != o))
            == Some(true)
        {
            event.prevent_default();
            event.stop_propagation();
            confirm.ask(unsaved(), move |_| {
                form.reset(form.original());
                nav.to(&address);
            });
        }
    });
    let function: &js_sys::Function = on_click.as_ref().unchecked_ref();
    // Adding a listener to the document does not fail.
    let _ = document().add_event_listener_with_callback_and_bool("click", function, true);
    let on_click = StoredValue::new_local(on_click);
    on_cleanup(move || {
        on_click.try_with_value(|on_click| {
            let function = on_click.as_ref().unchecked_ref();
            // Nor does taking it away.
            let _ =
                document().remove_event_listener_with_callback_and_bool("click", function, true);
        });
    });
}

fn unsaved() -> Ask {
    let common = t_now().common;
    Ask {
        title: common.unsaved_title.to_owned(),
        text: common.unsaved_text.to_owned(),
        button: common.unsaved_leave.to_owned(),
        danger: true,
        reason: None,
    }
}

/// Leaves a form (its "cancel"): asks first when something would be lost.
pub fn leave_freely(form: Form, confirm: super::Confirm, leave: impl Fn() + Send + Sync + 'static) {
    let dirty = form
        .values
        .with_untracked(|value| form.original.with_untracked(|original| value != original));
    if dirty {
        confirm.ask(unsaved(), move |_| {
            form.reset(form.original());
            leave();
        });
    } else {
        leave();
    }
}

/// "Save" and "cancel" below a form, always in sight; "cancel" asks first when something would be lost.
#[component]
pub fn FormActions(form: Form, #[prop(into)] cancel: Callback<()>) -> impl IntoView {
    let confirm = use_confirm();
    view! {
        <div class="sticky bottom-0 z-20 -mx-3 flex justify-end gap-2 border-t border-base-300 bg-base-200/95 px-3 py-3 backdrop-blur sm:mx-0 sm:rounded-t-box sm:px-0">
            <button
                type="button"
                class="btn-quiet"
                on:click=move |_| leave_freely(form, confirm, move || cancel.run(()))
            >
                {move || t().common.cancel}
            </button>
            <button type="submit" class="btn btn-primary btn-sm min-w-20" disabled=move || form.busy()>
                {move || if form.busy() { t().common.saving } else { t().common.save }}
            </button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use guanxi_domain::contact::ContactInput;
    use guanxi_domain::customer::CustomerInput;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_holds_what_differs_and_nothing_else() {
        let old = json!({"name": "A", "tier": "key", "tags": ["x"], "company": {"bank": "B", "tax_number": "1"}});
        let new = json!({"name": "A", "tier": null, "tags": ["x", "y"], "company": {"bank": "C", "tax_number": "1"}});
        let patch = json!({"tier": null, "tags": ["x", "y"], "company": {"bank": "C"}});
        assert_eq!(difference(&old, &new), patch);
        assert_eq!(
            difference(&old, &json!({"name": "A"}))["company"],
            Value::Null,
            "what is gone becomes null"
        );
    }

    #[test]
    fn errors_are_filed_at_the_field_they_belong_to() {
        let at = |found: Vec<FieldError>| {
            found
                .into_iter()
                .map(|e| (e.pointer, e.code))
                .collect::<Vec<_>>()
        };
        let broken = check::<CustomerInput>(&json!({"name": "A", "email": "nobody"}), Lang::En);
        assert_eq!(at(broken), [("/email".to_owned(), "email".to_owned())]);
        let missing = check::<ContactInput>(&json!({"name": "A", "customer_id": null}), Lang::En);
        assert_eq!(
            at(missing),
            [("/customer_id".to_owned(), "required".to_owned())]
        );
        let unfit = check::<CustomerInput>(
            &json!({"name": "A", "company": {"founded_on": "soon"}}),
            Lang::En,
        );
        assert_eq!(
            at(unfit),
            [("/company/founded_on".to_owned(), "type".to_owned())]
        );
    }
}
