//! Editing a record that others may edit too: PATCH with the version, and what to do when it is stale.

use guanxi_domain::Rules;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{ConflictDialog, Form, FormActions, FormFailure, UnsavedGuard};
use crate::api::{self, ApiError};
use crate::nav::use_nav;

/// How a value of a member is read by people; `None`: as it is.
pub type ShowValue = fn(name: &str, value: &Value) -> Option<String>;

/// What a member that is no field of the list is called, by its pointer.
pub type MemberName = fn(pointer: &str) -> Option<&'static str>;

/// Makes of an answered record the values of its form.
pub type ReadRecord = fn(Value) -> Value;

/// The record as somebody else has left it.
#[derive(Clone)]
pub(super) struct Conflict {
    pub theirs: Value,
    pub version: i64,
    /// Top-level or nested members that they changed, as JSON pointers.
    pub changed: Vec<String>,
}

/// A form on an existing record. Show a [`super::ConflictDialog`] with it.
pub struct Editor<R: 'static> {
    pub form: Form,
    path: StoredValue<String>,
    version: RwSignal<i64>,
    pub(super) conflict: RwSignal<Option<Conflict>>,
    pub(super) done: StoredValue<Option<Callback<R>>>,
    /// Makes of an answered record what may be sent back, where leaving out members is not enough.
    read: StoredValue<Option<ReadRecord>>,
}

impl<R> Clone for Editor<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Editor<R> {}

/// Members of `record` that `input` has: what may be sent back.
fn input_members(record: &Value, input: &Value) -> Value {
    match (record, input) {
        (Value::Object(record), Value::Object(input)) => Value::Object(
            input
                .iter()
                .map(|(name, old)| {
                    (
                        name.clone(),
                        record.get(name).cloned().unwrap_or_else(|| old.clone()),
                    )
                })
                .collect::<Map<_, _>>(),
        ),
        _ => input.clone(),
    }
}

/// Pointers of the members that differ; objects are compared member by member.
fn differing(base: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a {
                differing(
                    &format!("{base}/{name}"),
                    value,
                    b.get(name).unwrap_or(&Value::Null),
                    found,
                );
            }
        }
        _ if old != new => found.push(base.to_owned()),
        _ => {}
    }
}

impl<R: DeserializeOwned + Send + Sync + 'static> Editor<R> {
    /// Edits the record at `path`, whose changeable part is `input`; `done` gets the saved record.
    pub fn new<I: DeserializeOwned + Serialize + Rules>(
        fields: &'static guanxi_domain::FieldSet,
        path: impl Into<String>,
        version: i64,
        input: &I,
        done: impl Fn(R) + Send + Sync + 'static,
    ) -> Self {
        // Inputs are plain structs: they always serialise.
        let values = serde_json::to_value(input).unwrap_or_default();
        Self::of_values::<I>(fields, path, version, values, done)
    }

    /// As `new`, from the JSON of an `I`.
    pub fn of_values<I: DeserializeOwned + Rules>(
        fields: &'static guanxi_domain::FieldSet,
        path: impl Into<String>,
        version: i64,
        values: Value,
        done: impl Fn(R) + Send + Sync + 'static,
    ) -> Self {
        Self {
            form: Form::of_record::<I>(fields, values),
            path: StoredValue::new(path.into()),
            version: RwSignal::new(version),
            conflict: RwSignal::new(None),
            done: StoredValue::new(Some(Callback::new(done))),
            read: StoredValue::new(None),
        }
    }

    /// Reads an answered record by `read` before it is compared with the form (lines that are answered with more members).
    #[must_use]
    pub fn reading(self, read: ReadRecord) -> Self {
        self.read.set_value(Some(read));
        self
    }

    /// Begins again with the record as it is now, where the form stays after saving.
    pub fn begin<I: Serialize>(self, version: i64, input: &I) {
        self.version.set(version);
        // Inputs are plain structs: they always serialise.
        self.form
            .reset(serde_json::to_value(input).unwrap_or_default());
    }

    /// Sends what has been changed.
    pub fn save(self) {
        let form = self.form;
        let call = api::patch(self.path.get_value())
            .version(self.version.get_untracked())
            .body(&form.patch());
        form.submit_or(
            move |_| call.json::<R>(),
            move |record| {
                if let Some(done) = self.done.get_value() {
                    done.run(record);
                }
            },
            move |error| self.failed(error),
        );
    }

    fn failed(self, error: ApiError) {
        if !error.is_stale() {
            self.form.fail(error);
            return;
        }
        let path = self.path.get_value();
        spawn_local(async move {
            match api::get(path).json::<Value>().await {
                Err(error) => self.form.fail(error),
                Ok(record) => {
                    let Some(original) = self.form.try_original() else {
                        return;
                    };
                    let version = record
                        .get("version")
                        .and_then(Value::as_i64)
                        .unwrap_or_default();
                    let record = match self.read.get_value() {
                        Some(read) => read(record),
                        None => record,
                    };
                    let mut theirs = input_members(&record, &original);
                    self.form.make_room(&mut theirs);
                    let mut changed = Vec::new();
                    differing("", &original, &theirs, &mut changed);
                    if changed.is_empty() {
                        // Something else of the record changed (an owner's figures): nothing to decide.
                        self.version.set(version);
                        self.save();
                    } else {
                        self.conflict.set(Some(Conflict {
                            theirs,
                            version,
                            changed,
                        }));
                    }
                }
            }
        });
    }

    /// Takes the values of `take_theirs` from the other side, keeps the rest, and saves.
    pub(super) fn resolve(self, take_theirs: &[String]) {
        let Some(conflict) = self.conflict.get_untracked() else {
            return;
        };
        let mut values = self.form.value_untracked();
        for pointer in take_theirs {
            if let (Some(slot), Some(theirs)) = (
                values.pointer_mut(pointer),
                conflict.theirs.pointer(pointer),
            ) {
                *slot = theirs.clone();
            }
        }
        self.version.set(conflict.version);
        self.form.rebase(conflict.theirs, values);
        self.conflict.set(None);
        self.save();
    }
}

/// The form of an editor around its fields: buttons, what went wrong, and the question what to do when somebody else was
/// quicker.
#[component]
pub fn EditorForm<R: DeserializeOwned + Send + Sync + 'static>(
    editor: Editor<R>,
    /// Where one goes who cancels.
    back: String,
    #[prop(default = "max-w-4xl")] width: &'static str,
    #[prop(default = |_, _| None)] show: ShowValue,
    #[prop(default = |_| None)] names: MemberName,
    children: Children,
) -> impl IntoView {
    let nav = use_nav();
    let form = editor.form;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        editor.save();
    };
    view! {
        <UnsavedGuard form=form />
        <form class=format!("{width} space-y-4") novalidate on:submit=submit>
            {children()}
            <FormFailure form=form />
            <FormActions form=form cancel=move |()| nav.to(&back) />
        </form>
        <ConflictDialog editor=editor show=show names=names />
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_conflict_names_each_member_that_differs() {
        let old = json!({"name": "A", "company": {"bank": "B", "tax_number": "1"}, "tags": []});
        let new = json!({"name": "A", "company": {"bank": "C", "tax_number": "1"}, "tags": ["x"]});
        let mut found = Vec::new();
        differing("", &old, &new, &mut found);
        assert_eq!(found, ["/company/bank", "/tags"]);
    }

    #[test]
    fn only_what_may_be_sent_back_is_taken_from_a_record() {
        let record = json!({"id": "1", "version": 3, "name": "B"});
        assert_eq!(
            input_members(&record, &json!({"name": "A", "note": null})),
            json!({"name": "B", "note": null})
        );
    }
}
