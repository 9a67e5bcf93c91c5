use guanxi_domain::Page;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{Column, EmptyState, ErrorState, Glyph, Icon, List, Menu, MenuItem, Pager};
use crate::i18n::t;
use crate::nav::use_nav;
use crate::prefs::{self, Density, use_prefs};

/// The table of all list pages: sortable headers, skeleton, empty and error states, keyboard, pager.
#[component]
pub fn DataTable<T: Clone + Send + Sync + 'static>(
    list: List<T>,
    columns: Vec<Column<T>>,
    /// The page of a row; the row opens by a click or Enter.
    #[prop(optional)]
    href: Option<fn(&T) -> String>,
    /// What a row does otherwise.
    #[prop(optional, into)]
    on_row: Option<Callback<T>>,
    /// What to say and offer when there is nothing at all.
    #[prop(optional, into)]
    empty: ViewFn,
    /// j, k and Enter move and open; off for tables that stand beside others.
    #[prop(default = true)]
    keyboard: bool,
    /// Left in the bar above the table: search and filters.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let nav = use_nav();
    let rows = list.rows();
    let active = RwSignal::new(None::<usize>);
    let body = NodeRef::<leptos::html::Tbody>::new();
    let shown = use_columns(list.fields().record, &columns);
    let choice: Vec<_> = columns
        .iter()
        .map(|column| (column.key, column.label))
        .collect();
    let columns = StoredValue::new(columns);
    let visible = move || {
        columns.with_value(|all| {
            all.iter()
                .filter(|c| shown.with(|s| s.contains(&c.key)))
                .cloned()
                .collect::<Vec<_>>()
        })
    };

    // Another page: the marked row is another one.
    Effect::new(move |_| {
        rows.with(|l| l.data.as_ref().map(|page| page.next_cursor.clone()));
        active.set(None);
    });
    let open = move |row: &T| {
        if let Some(on_row) = on_row {
            on_row.run(row.clone());
        } else if let Some(href) = href {
            nav.to(&href(row));
        }
    };
    let clickable = href.is_some() || on_row.is_some();
    if keyboard && clickable {
        listen_keys(rows, active, body, open);
    }

    let phase = Memo::new(move |_| {
        rows.with(|l| match (&l.data, &l.error) {
            (_, Some(_)) => Phase::Failed,
            (None, None) => Phase::Waiting,
            (Some(page), None) if page.items.is_empty() => Phase::Empty,
            (Some(_), None) => Phase::Rows,
        })
    });
    let empty = StoredValue::new(empty);
    view! {
        <div class="panel">
            <div class="flex items-start gap-2 border-b border-base-300 p-2">
                <div class="min-w-0 flex-1">{children.map(|children| children())}</div>
                <ViewMenu record=list.fields().record columns=choice shown=shown />
            </div>
            <div class="overflow-x-auto" aria-busy=move || rows.busy().to_string()>
                <table
                    class="grid-table cards"
                    class:stale=move || rows.busy() && phase.get() == Phase::Rows
                >
                    <Show when=move || matches!(phase.get(), Phase::Rows | Phase::Waiting)>
                        <thead>
                            <tr>{move || visible().iter().map(|column| header(list, column)).collect_view()}</tr>
                        </thead>
                    </Show>
                    <tbody node_ref=body>
                        {move || match phase.get() {
                            Phase::Waiting => skeleton_rows(visible().len()),
                            Phase::Rows => {
                                let columns = visible();
                                rows.with(|l| {
                                    l.data
                                        .iter()
                                        .flat_map(|page: &Page<T>| page.items.iter().cloned().enumerate())
                                        .map(|(index, row)| table_row(index, row, &columns, active, clickable, open))
                                        .collect_view()
                                        .into_any()
                                })
                            }
                            Phase::Failed | Phase::Empty => ().into_any(),
                        }}
                    </tbody>
                </table>
            </div>
            {move || match phase.get() {
                Phase::Failed => {
                    rows.error()
                        .map(|error| {
                            view! { <ErrorState error=error retry=Callback::new(move |()| rows.reload()) /> }
                        })
                        .into_any()
                }
                Phase::Empty if list.is_filtered() => {
                    view! {
                        <EmptyState
                            glyph=Glyph::Search
                            title=Signal::derive(|| t().common.empty_filtered_title.to_owned())
                            text=Signal::derive(|| t().common.empty_filtered_text.to_owned())
                        >
                            <button class="btn-quiet" on:click=move |_| list.clear_filters()>
                                {move || t().common.filters_clear}
                            </button>
                        </EmptyState>
                    }
                        .into_any()
                }
                Phase::Empty => empty.with_value(ViewFn::run),
                Phase::Rows | Phase::Waiting => ().into_any(),
            }}
            <Show when=move || phase.get() == Phase::Rows>
                <Pager list=list />
            </Show>
        </div>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Failed,
    Empty,
    Rows,
}

fn header<T: Clone + Send + Sync + 'static>(list: List<T>, column: &Column<T>) -> AnyView {
    let (key, label) = (column.key, column.label);
    let class = if column.class == "right" { "right" } else { "" };
    if !column.sortable {
        return view! {
            <th scope="col" class=class>
                {move || label.get()}
            </th>
        }
        .into_any();
    }
    let direction = move || {
        let (name, descending) = list.sort();
        (name == key).then_some(descending)
    };
    let aria = move || match direction() {
        Some(false) => "ascending",
        Some(true) => "descending",
        None => "none",
    };
    view! {
        <th scope="col" class=class aria-sort=aria>
            <button
                class="inline-flex cursor-pointer items-center gap-1 hover:text-base-content"
                class=("text-base-content", move || direction().is_some())
                on:click=move |_| list.sort_by(key)
            >
                {move || label.get()}
                <Show when=move || direction().is_some()>
                    <Icon
                        glyph=Signal::derive(move || {
                            if direction() == Some(true) { Glyph::ArrowDown } else { Glyph::ArrowUp }
                        })
                        class="size-3"
                    />
                </Show>
            </button>
        </th>
    }
    .into_any()
}

fn table_row<T: Clone + Send + Sync + 'static>(
    index: usize,
    row: T,
    columns: &[Column<T>],
    active: RwSignal<Option<usize>>,
    clickable: bool,
    open: impl Fn(&T) + Copy + Send + Sync + 'static,
) -> AnyView {
    let cells = columns
        .iter()
        .map(|column| {
            let label = column.label;
            let phone = if column.phone_hidden {
                " phone-hidden"
            } else {
                ""
            };
            view! {
                <td class=format!("{}{phone}", column.class) data-label=move || label.get()>
                    {(column.cell)(&row)}
                </td>
            }
        })
        .collect_view();
    let on_click = move |event: leptos::ev::MouseEvent| {
        // Links and buttons inside the row do their own thing; so does marking text.
        let inside = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.closest("a, button, input, label").ok().flatten())
            .is_some();
        if clickable && !inside && !event.ctrl_key() && !event.meta_key() {
            open(&row);
        }
    };
    view! {
        <tr
            data-href=clickable.then_some("")
            class:active=move || active.get() == Some(index)
            on:click=on_click
        >
            {cells}
        </tr>
    }
    .into_any()
}

fn skeleton_rows(columns: usize) -> AnyView {
    (0..8)
        .map(|row| {
            let cells = (0..columns.max(1))
                .map(|column| {
                    let width = ["w-3/4", "w-1/2", "w-2/3"][(row + column) % 3];
                    view! {
                        <td>
                            <div class=format!("skeleton-line my-0.5 {width}")></div>
                        </td>
                    }
                })
                .collect_view();
            view! { <tr aria-hidden="true">{cells}</tr> }
        })
        .collect_view()
        .into_any()
}

fn listen_keys<T: Clone + Send + Sync + 'static>(
    rows: crate::load::Loader<Page<T>>,
    active: RwSignal<Option<usize>>,
    body: NodeRef<leptos::html::Tbody>,
    open: impl Fn(&T) + Copy + Send + Sync + 'static,
) {
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || somebody_types(&event) {
            return;
        }
        let count = rows.with_untracked(|l| l.data.as_ref().map_or(0, |page| page.items.len()));
        let now = active.get_untracked();
        match event.key().as_str() {
            "j" if count > 0 => mark(active, body, now.map_or(0, |i| (i + 1).min(count - 1))),
            "k" if count > 0 => mark(active, body, now.map_or(0, |i| i.saturating_sub(1))),
            "Enter" => {
                let row = now.and_then(|i| {
                    rows.data_untracked()
                        .and_then(|page| page.items.get(i).cloned())
                });
                if let Some(row) = row {
                    event.prevent_default();
                    open(&row);
                }
            }
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}

fn mark(active: RwSignal<Option<usize>>, body: NodeRef<leptos::html::Tbody>, index: usize) {
    active.set(Some(index));
    let row = u32::try_from(index)
        .ok()
        .and_then(|index| body.get_untracked()?.children().item(index));
    if let Some(row) = row {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        row.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Keys belong to the field that has the focus, or to the open dialog.
pub(crate) fn somebody_types(event: &leptos::ev::KeyboardEvent) -> bool {
    let in_field = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|element| {
            element
                .closest("input, textarea, select, button, a, [contenteditable]")
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

/// The columns that are shown, remembered by the browser per record type.
fn use_columns<T>(record: &'static str, columns: &[Column<T>]) -> RwSignal<Vec<&'static str>> {
    let remembered = prefs::read(&format!("columns.{record}"));
    let shown = columns
        .iter()
        .filter(|column| match &remembered {
            Some(names) => names.split(',').any(|name| name == column.key),
            None => !column.extra,
        })
        .map(|column| column.key)
        .collect();
    RwSignal::new(shown)
}

/// Which columns, and how close the rows stand.
#[component]
fn ViewMenu(
    record: &'static str,
    columns: Vec<(&'static str, Signal<String>)>,
    shown: RwSignal<Vec<&'static str>>,
) -> impl IntoView {
    let prefs = use_prefs();
    let toggle = move |key: &'static str| {
        shown.update(|shown| {
            match shown.iter().position(|name| *name == key) {
                // One column has to stay.
                Some(at) if shown.len() > 1 => _ = shown.remove(at),
                Some(_) => {}
                None => shown.push(key),
            }
            prefs::write(&format!("columns.{record}"), &shown.join(","));
        });
    };
    let columns = StoredValue::new(columns);
    view! {
        <Menu
            button=ViewFn::from(|| view! { <Icon glyph=Glyph::Columns /> })
            label=Signal::derive(|| t().common.columns.to_owned())
            button_class="btn btn-ghost btn-square btn-sm"
        >
            <MenuItem
                glyph=Glyph::Comfortable
                label=Signal::derive(|| t().common.density_normal.to_owned())
                checked=Signal::derive(move || prefs.density() == Density::Normal)
                on_click=move |()| prefs.set_density(Density::Normal)
            />
            <MenuItem
                glyph=Glyph::Compact
                label=Signal::derive(|| t().common.density_compact.to_owned())
                checked=Signal::derive(move || prefs.density() == Density::Compact)
                on_click=move |()| prefs.set_density(Density::Compact)
            />
            <div class="my-1 border-t border-base-300"></div>
            <div class="max-h-80 overflow-y-auto" on:click=|event| event.stop_propagation()>
                {columns
                    .get_value()
                    .into_iter()
                    .map(|(key, label)| {
                        view! {
                            <label class="menu-row">
                                <input
                                    type="checkbox"
                                    class="checkbox checkbox-primary checkbox-xs"
                                    prop:checked=move || shown.with(|shown| shown.contains(&key))
                                    on:change=move |_| toggle(key)
                                />
                                <span class="whitespace-nowrap">{move || label.get()}</span>
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
            <p class="muted mt-1 border-t border-base-300 px-2.5 pt-1.5 pb-0.5 text-xs max-sm:hidden">
                {move || t().common.keyboard_hint}
            </p>
        </Menu>
    }
}
