//! The dialog for a stale edit: theirs and yours beside the original, field by field.

use std::collections::BTreeSet;

use guanxi_domain::{Date, FieldKind, Money, Timestamp};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::editor::{MemberName, ShowValue};
use super::{Dialog, Editor, Form};
use crate::format;
use crate::i18n::{lang, t};
use crate::session::{Session, use_session};

/// Opens by itself when saving meets a newer version of the record.
#[component]
pub fn ConflictDialog<R: DeserializeOwned + Send + Sync + 'static>(
    editor: Editor<R>,
    /// Texts for values that the fields do not explain (enums, ids).
    #[prop(default = |_, _| None)]
    show: ShowValue,
    /// Names of members that are no fields of the list, by pointer.
    #[prop(default = |_| None)]
    names: MemberName,
) -> impl IntoView {
    let session = use_session();
    let open = RwSignal::new(false);
    let theirs = RwSignal::new(BTreeSet::<String>::new());
    let form = editor.form;
    Effect::new(move |_| {
        let Some(conflict) = editor.conflict.get() else {
            open.set(false);
            return;
        };
        // What only they changed is theirs unless somebody says otherwise; what both changed stays yours.
        let original = form.original();
        let yours = form.value_untracked();
        theirs.set(
            conflict
                .changed
                .iter()
                .filter(|pointer| yours.pointer(pointer) == original.pointer(pointer))
                .cloned()
                .collect(),
        );
        open.set(true);
    });
    // Closed without a choice: the form stays as it is, and saving asks again.
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open == Some(true) && !is_open && editor.conflict.with_untracked(Option::is_some) {
            editor.conflict.set(None);
        }
        is_open
    });
    let all_theirs = move || {
        editor.conflict.with(|c| {
            c.as_ref()
                .map(|c| c.changed.iter().cloned().collect())
                .unwrap_or_default()
        })
    };
    let rows = move || {
        let Some(conflict) = editor.conflict.get() else {
            return Vec::new();
        };
        let (original, yours) = (form.original(), form.value_untracked());
        conflict
            .changed
            .iter()
            .map(|pointer| {
                let text = |value: &Value| {
                    let value = value.pointer(pointer).cloned().unwrap_or(Value::Null);
                    value_text(session, form, show, pointer, &value)
                };
                let name = names(pointer).map_or_else(
                    || form.label(pointer.trim_start_matches('/')),
                    str::to_owned,
                );
                let texts = [text(&original), text(&conflict.theirs), text(&yours)];
                conflict_row(name, pointer.clone(), texts, theirs)
            })
            .collect()
    };
    let save = move |_| editor.resolve(&theirs.get_untracked().into_iter().collect::<Vec<_>>());
    view! {
        <Dialog open=open title=Signal::derive(|| t().common.conflict_title.to_owned()) width="max-w-3xl">
            <p class="muted">{move || t().common.conflict_text}</p>
            <div class="mt-4 overflow-x-auto rounded-box border border-base-300">
                <table class="grid-table">
                    <thead>
                        <tr>
                            <th scope="col">{move || t().common.conflict_field}</th>
                            <th scope="col">{move || t().common.conflict_original}</th>
                            <th scope="col">{move || t().common.conflict_theirs}</th>
                            <th scope="col">{move || t().common.conflict_yours}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <div class="mt-5 flex flex-wrap justify-end gap-2">
                <button type="button" class="btn-quiet" on:click=move |_| theirs.set(all_theirs())>
                    {move || t().common.conflict_keep_theirs}
                </button>
                <button type="button" class="btn-quiet" on:click=move |_| theirs.set(BTreeSet::new())>
                    {move || t().common.conflict_keep_yours}
                </button>
                <button type="button" class="btn btn-primary btn-sm" on:click=save>
                    {move || t().common.conflict_save}
                </button>
            </div>
        </Dialog>
    }
}

fn conflict_row(
    name: String,
    pointer: String,
    texts: [String; 3],
    theirs: RwSignal<BTreeSet<String>>,
) -> AnyView {
    let [original, their_text, your_text] = texts;
    let pointer = StoredValue::new(pointer);
    let takes_theirs =
        move || pointer.with_value(|pointer| theirs.with(|all| all.contains(pointer)));
    let choose = move |take: bool| {
        let pointer = pointer.get_value();
        theirs.update(|all| {
            if take {
                all.insert(pointer);
            } else {
                all.remove(&pointer);
            }
        });
    };
    let option = move |text: String, is_theirs: bool| {
        let chosen = move || takes_theirs() == is_theirs;
        view! {
            <label
                class="flex cursor-pointer items-start gap-2 rounded-field px-2 py-1"
                class=("bg-primary/10", chosen)
            >
                <input
                    type="radio"
                    class="radio radio-primary radio-xs mt-0.5"
                    name=pointer.get_value()
                    prop:checked=chosen
                    on:change=move |_| choose(is_theirs)
                />
                <span class="break-words">{text}</span>
            </label>
        }
    };
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="muted">{original}</td>
            <td>{option(their_text, true)}</td>
            <td>{option(your_text, false)}</td>
        </tr>
    }
    .into_any()
}

/// A value as people read it.
fn value_text(
    session: Session,
    form: Form,
    show: ShowValue,
    pointer: &str,
    value: &Value,
) -> String {
    let name = pointer.trim_start_matches('/');
    if value.is_null() || value.as_str() == Some("") {
        return "—".to_owned();
    }
    if let Some(text) = show(name, value) {
        return text;
    }
    let kind = form.field(name).map(|field| field.kind);
    match (kind, value) {
        (_, Value::Bool(yes)) => if *yes { t().common.yes } else { t().common.no }.to_owned(),
        (Some(FieldKind::Dictionary(dictionary)), Value::String(code)) => {
            session.dictionary_label(dictionary, code)
        }
        (Some(FieldKind::Money), Value::Number(number)) => number
            .as_i64()
            .map_or_else(|| number.to_string(), |minor| format::money(Money(minor))),
        (Some(FieldKind::Date), Value::String(text)) => text
            .parse::<Date>()
            .map_or_else(|_| text.clone(), format::date),
        (Some(FieldKind::Timestamp), Value::String(text)) => text
            .parse::<Timestamp>()
            .map_or_else(|_| text.clone(), format::time),
        (Some(FieldKind::Reference(_)), Value::String(id)) => {
            session.person_name(id).unwrap_or_else(|| id.clone())
        }
        (Some(FieldKind::Choice(choices)), Value::String(code)) => {
            choices.label(code, lang()).unwrap_or(code).to_owned()
        }
        (_, Value::Array(items)) => items
            .iter()
            .map(|item| match (kind, item) {
                (Some(FieldKind::ManyOf(choices)), Value::String(code)) => {
                    choices.label(code, lang()).unwrap_or(code).to_owned()
                }
                (_, Value::String(text)) => text.clone(),
                (_, other) => other.to_string(),
            })
            .collect::<Vec<_>>()
            .join(", "),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}
