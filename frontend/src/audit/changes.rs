use leptos::prelude::*;
use serde_json::Value;

use super::value::{differences, label, text};
use crate::i18n::{AdminTexts, t};
use crate::names::Names;

/// What an entry changed, field by field: before and after.
#[component]
pub fn Changes(names: Names, record_type: String, changes: Value) -> impl IntoView {
    let found = differences(&record_type, &changes);
    if found.is_empty() {
        return view! { <p class="muted text-xs">{move || t().admin.audit_none}</p> }.into_any();
    }
    // What was made, or said beside a change, has no column for what was before.
    let has_old = found.iter().any(|d| !d.old.is_null());
    let head = |text: fn(&AdminTexts) -> &'static str| {
        view! { <th scope="col">{move || text(t().admin)}</th> }
    };
    let record_type = StoredValue::new(record_type);
    let rows = found
        .into_iter()
        .map(|difference| {
            let members = difference.members.clone();
            let name = move || record_type.with_value(|r| label(r, &members));
            let member = difference.members.last().cloned().unwrap_or_default();
            let shown = move |value: Value| {
                let member = member.clone();
                move || record_type.with_value(|r| text(names, r, &member, &value))
            };
            let tip = difference.members.join(".");
            let old = has_old.then(|| {
                view! {
                    <td class="wrap max-w-64 align-top break-words whitespace-pre-line text-base-content/70">
                        {shown.clone()(difference.old)}
                    </td>
                }
            });
            view! {
                <tr>
                    <td class="wrap max-w-48 min-w-0! align-top" title=tip>{name}</td>
                    {old}
                    <td class="wrap max-w-64 align-top break-words whitespace-pre-line">{shown(difference.new)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="panel overflow-x-auto">
            <table class="grid-table">
                <thead>
                    <tr>{head(|a| a.field)} {has_old.then(|| head(|a| a.old))} {head(|a| a.new)}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
