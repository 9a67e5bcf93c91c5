//! The keys of a list: j and k move, x marks, F2 edits, Enter opens.

use leptos::prelude::*;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;

use super::pages::Listed;
use super::table::Table;
use super::viewport::Viewport;
use crate::i18n::t;
use crate::ui::Dialog;

pub(super) fn listen_keys<T>(table: &Table<T>, port: Viewport, help: RwSignal<bool>)
where
    T: Clone + Send + Sync + DeserializeOwned + 'static,
{
    let table = *table;
    let (feed, active) = (table.list.feed(), table.active);
    let mark = move |index: usize| {
        active.set(Some(index));
        port.reveal(index);
    };
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || somebody_types(&event) {
            return;
        }
        let count = feed.with_untracked(|known| known.rows.len());
        let now = active.get_untracked();
        let row = now.and_then(|index| table.row(index));
        match (event.key().as_str(), row) {
            ("j", _) if count > 0 => mark(now.map_or(0, |i| (i + 1).min(count - 1))),
            ("k", _) if count > 0 => mark(now.map_or(0, |i| i.saturating_sub(1))),
            ("?", _) => help.set(true),
            ("x", Some(row)) => {
                if let Some(selection) = untrack(|| table.marks()) {
                    selection.toggle(&row.json);
                }
            }
            ("F2", Some(row)) => {
                let columns = untrack(|| table.visible());
                let editable = columns
                    .iter()
                    .find(|column| untrack(|| table.edit.allows(column.key)));
                if let Some(column) = editable {
                    event.prevent_default();
                    table.edit.begin(row.id().to_owned(), column.key);
                }
            }
            ("Enter", Some(row)) => {
                event.prevent_default();
                table.open(&row.record);
            }
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}

/// Keys belong to the field that has the focus, or to the open dialog.
pub(crate) fn somebody_types(event: &leptos::ev::KeyboardEvent) -> bool {
    let in_field = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| {
            element
                .closest(
                    "input:not([type=checkbox]), textarea, select, button, a, [contenteditable]",
                )
                .ok()
                .flatten()
        })
        .is_some();
    in_field
        || document()
            .query_selector("dialog[open]")
            .ok()
            .flatten()
            .is_some()
}

/// The keys of a list, in a dialog.
#[component]
pub(super) fn KeyHelp(open: RwSignal<bool>) -> impl IntoView {
    type Text = fn() -> &'static str;
    let keys: [(&str, Text); 6] = [
        ("j  k", || t().list.key_move),
        ("x", || t().list.key_mark),
        ("Enter", || t().list.key_open),
        ("F2", || t().list.key_edit),
        ("/", || t().list.key_search),
        ("?", || t().list.key_help),
    ];
    let row = |(key, text): (&'static str, Text)| {
        let each = key
            .split_whitespace()
            .map(|key| view! { <kbd class="kbd kbd-sm">{key}</kbd> })
            .collect_view();
        view! {
            <div class="flex items-center gap-3">
                <dt class="flex w-20 gap-1">{each}</dt>
                <dd>{text}</dd>
            </div>
        }
    };
    view! {
        <Dialog open=open title=Signal::derive(|| t().list.keys.to_owned()) width="max-w-sm">
            <dl class="space-y-2">{keys.map(row).collect_view()}</dl>
        </Dialog>
    }
}
