//! The head of a table and its rows.

use std::sync::Arc;
use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wasm_bindgen::JsCast;

use super::Column;
use super::edit::CellEditor;
use super::feed::Shared;
use super::layout::WidthHandle;
use super::pages::Listed;
use super::selection::{Selection, title};
use super::table::Table;
use super::viewport::Viewport;
use crate::i18n::{fill, t};
use crate::ui::{Glyph, Icon};

/// How long a click waits for the second one of a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(220);

/// A row that is drawn, and what tells it from others: it is drawn anew when that changes.
#[derive(Clone)]
struct Drawn<T> {
    index: usize,
    row: Shared<T>,
    key: (usize, usize, Option<String>),
}

impl<T: Clone + Send + Sync + DeserializeOwned + 'static> Table<T> {
    /// The heads of the columns. Reactive.
    pub fn head(self, port: Viewport) -> impl IntoView + use<T> {
        let marks = self.marks().is_some();
        self.visible()
            .into_iter()
            .enumerate()
            .map(|(i, column)| self.column_head(port, &column, marks && i == 0))
            .collect_view()
    }

    fn column_head(self, port: Viewport, column: &Column<T>, marks_page: bool) -> AnyView {
        let (key, label, layout) = (column.key, column.label, self.layout);
        let list = self.list.state();
        let direction = move || {
            let (name, descending) = list.sort();
            (name == key).then_some(descending)
        };
        let aria = move || match direction() {
            Some(false) => "ascending",
            Some(true) => "descending",
            None => "none",
        };
        let glyph = Signal::derive(move || {
            if direction() == Some(true) {
                Glyph::ArrowDown
            } else {
                Glyph::ArrowUp
            }
        });
        let name = if column.sortable {
            view! {
                <button
                    class="inline-flex cursor-pointer items-center gap-1 hover:text-base-content"
                    class=("text-base-content", move || direction().is_some())
                    on:click=move |_| list.sort_by(key)
                >
                    {move || label.get()}
                    <Show when=move || direction().is_some()>
                        <Icon glyph=glyph class="size-3" />
                    </Show>
                </button>
            }
            .into_any()
        } else {
            (move || label.get()).into_any()
        };
        let mark = marks_page.then(|| {
            view! {
                <input
                    type="checkbox"
                    class="checkbox checkbox-primary checkbox-xs mr-2.5"
                    aria-label=move || t().list.select_page
                    prop:checked=move || self.page_is_marked()
                    on:change=move |_| self.mark_page()
                />
            }
        });
        let width = move || {
            let width = layout.width(key).or_else(|| port.width(key));
            width.map(|width| format!("{width}px"))
        };
        view! {
            <th
                scope="col"
                class=if column.class == "right" { "right" } else { "" }
                aria-sort=column.sortable.then_some(aria)
                style:width=width
                style:min-width=width
                style:max-width=width
            >
                {mark}
                {name}
                <WidthHandle layout=layout key=key label=label />
            </th>
        }
        .into_any()
    }

    /// The rows in sight, between two gaps.
    pub fn body(self, port: Viewport) -> AnyView {
        let rows = move || {
            let (drawn, edited) = (port.drawn(), self.edit.edited());
            let rows = self.list.feed().with(|known| Arc::clone(&known.rows));
            let draw = |(index, row): (usize, &Shared<T>)| {
                let id = row.id();
                // What somebody types must not go when the row changes or moves.
                let key = if edited.as_deref() == Some(id) {
                    (usize::MAX, 0, Some(id.to_owned()))
                } else {
                    (index, Arc::as_ptr(row).addr(), None)
                };
                Drawn {
                    index,
                    row: Arc::clone(row),
                    key,
                }
            };
            let rows = rows.iter().enumerate();
            rows.skip(drawn.start)
                .take(drawn.len())
                .map(draw)
                .collect::<Vec<_>>()
        };
        view! {
            {move || gap(port.gaps().0)}
            <For each=rows key=|drawn| drawn.key.clone() children=move |drawn| self.table_row(drawn.index, &drawn.row) />
            {move || gap(port.gaps().1)}
        }
        .into_any()
    }

    /// The cells of the columns that are shown. Reactive.
    fn cells(self, row: &Shared<T>) -> AnyView {
        let marks = self.marks();
        self.visible()
            .iter()
            .enumerate()
            .map(|(i, column)| self.cell(row, column, marks.filter(|_| i == 0)))
            .collect_view()
            .into_any()
    }

    fn table_row(self, index: usize, row: &Shared<T>) -> AnyView {
        let record = row.record.clone();
        let waiting = StoredValue::new(None::<TimeoutHandle>);
        let stop_waiting = move || {
            if let Some(handle) = waiting.try_get_value().flatten() {
                handle.clear();
            }
        };
        on_cleanup(stop_waiting);
        let on_click = move |event: leptos::ev::MouseEvent| {
            // Links and fields inside the row do their own thing.
            if !self.opens() || within(&event, "a, button, input, select, label") {
                return;
            }
            if event.ctrl_key() || event.meta_key() {
                return;
            }
            if within(&event, "td[data-editable]") {
                // It may be the first half of a double click, which edits.
                stop_waiting();
                let record = record.clone();
                let open = move || self.open(&record);
                waiting.set_value(set_timeout_with_handle(open, DOUBLE_CLICK).ok());
            } else {
                self.open(&record);
            }
        };
        let row = Arc::clone(row);
        view! {
            <tr
                data-href=self.opens().then_some("")
                data-row=index.to_string()
                aria-rowindex=(index + 2).to_string()
                class:active=move || self.active.get() == Some(index)
                on:click=on_click
                on:dblclick=move |_| stop_waiting()
            >
                {move || self.cells(&row)}
            </tr>
        }
        .into_any()
    }

    fn cell(self, row: &Shared<T>, column: &Column<T>, marks: Option<Selection>) -> AnyView {
        let id = StoredValue::new(row.id().to_owned());
        let (key, label, layout, edit) = (column.key, column.label, self.layout, self.edit);
        let phone = if column.phone_hidden {
            " phone-hidden"
        } else {
            ""
        };
        let class = format!("{}{phone}", column.class);
        let (draw, drawn) = (Arc::clone(&column.cell), Arc::clone(row));
        let content = match edit.field(key) {
            Some(field) => {
                let json = Arc::clone(&row.json);
                (move || {
                    if id.with_value(|id| edit.is_at(id, key)) {
                        let json = Arc::clone(&json);
                        view! { <CellEditor edit=edit field=field record=json /> }.into_any()
                    } else {
                        draw(&drawn)
                    }
                })
                .into_any()
            }
            None => draw(&drawn),
        };
        let content = match marks {
            Some(selection) => view! {
                <div class="flex items-center gap-2.5">
                    {row_mark(selection, &row.json)} <div class="min-w-0 flex-1">{content}</div>
                </div>
            }
            .into_any(),
            None => content,
        };
        view! {
            <td
                class=class
                class:sized=move || layout.width(key).is_some()
                data-label=move || label.get()
                data-editable=move || edit.allows(key).then_some("")
                on:dblclick=move |event| {
                    if edit.allows(key) && !within(&event, "a, button, input, select, label") {
                        edit.begin(id.get_value(), key);
                    }
                }
            >
                {content}
            </td>
        }
        .into_any()
    }
}

/// The place of rows that are not drawn.
fn gap(height: f64) -> Option<impl IntoView> {
    (height > 0.0).then(|| {
        view! {
            <tr class="gap" aria-hidden="true" style:height=format!("{height}px")>
                <td colspan="100"></td>
            </tr>
        }
    })
}

/// Whether what was clicked stands within such an element.
fn within(event: &leptos::ev::MouseEvent, selector: &str) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| element.closest(selector).ok().flatten())
        .is_some()
}

/// The box that marks a row.
fn row_mark(selection: Selection, json: &Arc<Value>) -> AnyView {
    let json = Arc::clone(json);
    let id = json["id"].as_str().unwrap_or_default().to_owned();
    let name = title(&json);
    view! {
        <input
            type="checkbox"
            class="checkbox checkbox-primary checkbox-xs shrink-0"
            aria-label=move || fill(t().list.select_row, &[("text", &name)])
            prop:checked=move || selection.has(&id)
            on:change=move |_| selection.toggle(&json)
        />
    }
    .into_any()
}
