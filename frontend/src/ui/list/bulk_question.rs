//! What exactly is to be done with the chosen rows.

use guanxi_domain::Field;
use guanxi_domain::bulk::BulkAction;
use guanxi_domain::filter::Operator;
use guanxi_domain::segment::SEGMENT;
use leptos::prelude::*;
use serde_json::{Map, Value, json};

use super::ListState;
use super::bulk::{Actions, Run};
use super::edit::field_patch;
use super::value_editor::ValueEditor;
use crate::format::integer;
use crate::i18n::{fill, lang, t};
use crate::ui::{PickerSource, RecordPicker};

/// What exactly is to be done.
#[component]
pub(super) fn Question(run: StoredValue<Run>, actions: Actions) -> impl IntoView {
    let run = run.get_value();
    let list = run.list;
    let action = run.action.get_untracked();
    let value = RwSignal::new(Value::Null);
    let reason = RwSignal::new(String::new());
    let missing = RwSignal::new(false);
    let first = actions.fields.first().copied().unwrap_or_default();
    let name = RwSignal::new(match action {
        BulkAction::Assign => "owner_id",
        BulkAction::AddTags | BulkAction::RemoveTags => "tags",
        BulkAction::Transition => "state",
        BulkAction::AddToSegment | BulkAction::RemoveFromSegment => SEGMENT,
        _ => first,
    });
    let may_be_empty = move || {
        let optional = list
            .fields()
            .get(name.get())
            .is_some_and(|field| field.optional);
        optional && matches!(action, BulkAction::Update | BulkAction::Assign)
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let me = list.session().me().map(|me| me.user.id.to_string());
        let value = match value.get_untracked() {
            Value::String(word) if word == "me" => json!(me),
            value => value,
        };
        let needs_value = match action {
            BulkAction::AddTags
            | BulkAction::RemoveTags
            | BulkAction::Transition
            | BulkAction::AddToSegment
            | BulkAction::RemoveFromSegment => true,
            BulkAction::Update => !untrack(may_be_empty),
            _ => false,
        };
        missing.set(needs_value && value.is_null());
        if missing.get_untracked() {
            return;
        }
        let field = list.fields().get(name.get_untracked());
        let reason = reason.get_untracked();
        run.start(asked(action, field, value, reason.trim()));
    };
    let takes_value = !matches!(
        action,
        BulkAction::Archive | BulkAction::Restore | BulkAction::Delete
    );
    view! {
        <form on:submit=submit class="space-y-3" novalidate>
            {(action == BulkAction::Update).then(|| view! { <FieldChoice list=list actions=actions name=name value=value /> })}
            {move || {
                let field = list.fields().get(name.get()).filter(|_| takes_value)?;
                let op = if field.kind.is_many() { Operator::HasAny } else { Operator::Eq };
                Some(
                    view! {
                        <div>
                            <p class="mb-1 font-medium">{move || field.label(lang())}</p>
                            {if field.name == SEGMENT {
                                view! { <StaticSegment value=value /> }.into_any()
                            } else {
                                view! {
                                    <ValueEditor
                                        list=list
                                        field=field
                                        op=op
                                        value=value
                                        on_change=move |next: Value| value.set(next)
                                    />
                                }
                                    .into_any()
                            }}
                        </div>
                    },
                )
            }}
            <Show when=may_be_empty>
                <p class="muted text-xs">{move || t().list.bulk_empty}</p>
            </Show>
            {(action == BulkAction::Transition)
                .then(|| {
                    view! {
                        <label class="block">
                            <span class="mb-1 block font-medium">{move || t().list.bulk_reason}</span>
                            <input
                                class="input input-sm"
                                maxlength="400"
                                prop:value=move || reason.get()
                                on:input:target=move |event| reason.set(event.target().value())
                            />
                        </label>
                    }
                })}
            {(!takes_value)
                .then(|| {
                    view! {
                        <p class="muted">
                            {move || {
                                if action == BulkAction::Delete { t().list.bulk_delete } else { t().list.bulk_sure }
                            }}
                        </p>
                    }
                })}
            <Show when=move || missing.get()>
                <p class="text-xs text-error" role="alert">
                    {move || t().list.incomplete}
                </p>
            </Show>
            <div class="flex justify-end gap-2 pt-2">
                <button type="button" class="btn-quiet" on:click=move |_| run.open.set(false)>
                    {move || t().common.cancel}
                </button>
                <button
                    type="submit"
                    class="btn btn-sm"
                    class:btn-primary=action != BulkAction::Delete
                    class:btn-error=action == BulkAction::Delete
                >
                    {move || {
                        fill(t().list.bulk_start, &[("n", &integer(run.selection.count()))])
                    }}
                </button>
            </div>
        </form>
    }
}

/// The body of the call, without the rows.
fn asked(
    action: BulkAction,
    field: Option<&'static Field>,
    value: Value,
    reason: &str,
) -> Map<String, Value> {
    let mut what = Map::new();
    what.insert("action".to_owned(), json!(action));
    match action {
        BulkAction::Assign => _ = what.insert("owner_id".to_owned(), value),
        BulkAction::AddTags | BulkAction::RemoveTags => {
            what.insert("tags".to_owned(), value);
        }
        BulkAction::AddToSegment | BulkAction::RemoveFromSegment => {
            what.insert("segment_id".to_owned(), value);
        }
        BulkAction::Transition => {
            what.insert("to".to_owned(), value);
            if !reason.is_empty() {
                what.insert("reason".to_owned(), json!(reason));
            }
        }
        BulkAction::Update => {
            let patch = field.map(|field| field_patch(field, &value));
            what.insert("patch".to_owned(), json!(patch));
        }
        BulkAction::Archive | BulkAction::Restore | BulkAction::Delete => {}
    }
    what
}

/// Chooses among the segments whose members people keep.
#[component]
fn StaticSegment(value: RwSignal<Value>) -> impl IntoView {
    let id = Signal::derive(move || value.with(|value| value.as_str().map(str::to_owned)));
    let choose = move |id: Option<String>| value.set(id.map_or(Value::Null, Value::String));
    view! {
        <RecordPicker
            source=PickerSource::whole("/segments?kind=static&limit=200")
            value=id
            on_change=choose
        />
        <p class="muted mt-1 text-xs">{move || t().segment.static_only}</p>
    }
}

/// Which of the fields that can be written is to change.
#[component]
fn FieldChoice(
    list: ListState,
    actions: Actions,
    name: RwSignal<&'static str>,
    value: RwSignal<Value>,
) -> impl IntoView {
    let choose = move |word: String| {
        if let Some(chosen) = list.fields().get(&word) {
            value.set(Value::Null);
            name.set(chosen.name);
        }
    };
    view! {
        <label class="block">
            <span class="mb-1 block font-medium">{move || t().list.field}</span>
            <select class="select select-sm" on:change:target=move |event| choose(event.target().value())>
                {actions
                    .takes_of(list.fields())
                    .into_iter()
                    .map(|field| view! { <option value=field.name>{move || field.label(lang())}</option> })
                    .collect_view()}
            </select>
        </label>
    }
}
