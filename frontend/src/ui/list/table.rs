use std::sync::Arc;

use guanxi_domain::view::ViewRecord;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::bulk::{Actions, BulkBar};
use super::column::with_other_fields;
use super::edit::CellEdit;
use super::export::ExportMenu;
use super::feed::Shared;
use super::keys::{KeyHelp, listen_keys};
use super::layout::{Layout, LayoutMenu};
use super::position::Position;
use super::selection::Selection;
use super::viewport::Viewport;
use super::views::ViewBar;
use super::{Column, List};
use crate::i18n::t;
use crate::nav::{Nav, use_nav};
use crate::ui::{EmptyState, ErrorState, Glyph};

/// A table while it is shown: its rows, and what somebody does with them.
pub(super) struct Table<T: Send + Sync + 'static> {
    pub list: List<T>,
    pub layout: Layout,
    pub actions: Option<Actions>,
    pub selection: Option<Selection>,
    pub edit: CellEdit,
    columns: StoredValue<Vec<Column<T>>>,
    /// The row that keys work on.
    pub active: RwSignal<Option<usize>>,
    href: Option<fn(&T) -> String>,
    on_row: Option<Callback<T>>,
    nav: Nav,
}

impl<T: Send + Sync + 'static> Clone for Table<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Table<T> {}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Failed,
    Empty,
    Rows,
}

impl<T: Clone + Send + Sync + DeserializeOwned + 'static> Table<T> {
    /// The columns that are shown, from left to right. Reactive.
    pub fn visible(self) -> Vec<Column<T>> {
        let shown = self.layout.shown();
        self.columns.with_value(|all| {
            shown
                .iter()
                .filter_map(|key| all.iter().find(|column| column.key == *key).cloned())
                .collect()
        })
    }

    /// Where rows are marked; nowhere for whoever may do nothing with them. Reactive.
    pub fn marks(self) -> Option<Selection> {
        let state = self.list.state();
        self.selection
            .filter(|_| self.actions.is_some_and(|actions| actions.any(state)))
    }

    fn records(self) -> Vec<Arc<Value>> {
        let rows = self.list.feed().with(|known| Arc::clone(&known.rows));
        rows.iter().map(|row| Arc::clone(&row.json)).collect()
    }

    /// Whether every row that is there is marked. Reactive.
    pub fn page_is_marked(self) -> bool {
        self.selection.is_some_and(|selection| {
            let records = self.records();
            let marked =
                |record: &Arc<Value>| record["id"].as_str().is_some_and(|id| selection.has(id));
            !records.is_empty() && records.iter().all(marked)
        })
    }

    pub fn mark_page(self) {
        if let Some(selection) = self.selection {
            let on = !untrack(|| self.page_is_marked());
            let records = untrack(|| self.records());
            selection.set_page(records.iter().map(AsRef::as_ref), on);
        }
    }

    pub fn row(self, index: usize) -> Option<Shared<T>> {
        self.list
            .feed()
            .with_untracked(|known| known.rows.get(index).cloned())
    }

    pub fn opens(self) -> bool {
        self.href.is_some() || self.on_row.is_some()
    }

    pub fn open(self, row: &T) {
        if let Some(on_row) = self.on_row {
            on_row.run(row.clone());
        } else if let Some(href) = self.href {
            self.nav.to(&href(row));
        }
    }

    fn phase(self) -> Phase {
        self.list.feed().with(|known| match known.error {
            Some(_) => Phase::Failed,
            None if !known.loaded => Phase::Waiting,
            None if known.rows.is_empty() => Phase::Empty,
            None => Phase::Rows,
        })
    }
}

/// The table of all list pages: views, chosen columns, actions on rows, skeleton, empty and error states, keyboard. Only the rows in sight are in the document; the others come as they come into sight.
#[component]
pub fn DataTable<T>(
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
    /// What can be done with rows; nothing, if left out.
    #[prop(optional)]
    actions: Option<Actions>,
    /// Left in the bar above the table: search and filters.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView
where
    T: Clone + Send + Sync + DeserializeOwned + 'static,
{
    let (state, feed) = (list.state(), list.feed());
    let columns = with_other_fields(state, columns);
    let table = Table {
        list,
        layout: Layout::new(state.fields().record, &columns),
        actions,
        selection: actions.map(|_| Selection::new(state)),
        edit: CellEdit::new(
            state,
            actions,
            move |id| feed.find(&id),
            move || list.reload(),
        ),
        columns: StoredValue::new(columns),
        active: RwSignal::new(feed.spot.with_value(|spot| spot.active)),
        href,
        on_row,
        nav: use_nav(),
    };
    // Views are of whole lists, not of those in a tab.
    let views = actions
        .filter(|_| keyboard && !state.has_fixed())
        .and_then(|_| state.fields().record.parse::<ViewRecord>().ok());
    // Another question: the marked row is another one.
    Effect::new(move |before: Option<bool>| {
        let busy = feed.with(|known| known.busy);
        if before == Some(false) && busy {
            table.active.set(None);
        }
        busy
    });
    Effect::new(move |_| {
        let active = table.active.get();
        feed.spot.update_value(|spot| spot.active = active);
    });
    let body = NodeRef::<leptos::html::Tbody>::new();
    let shown = Signal::derive(move || table.layout.shown());
    let port = Viewport::new(
        feed.status(),
        feed.spot,
        Callback::new(move |rows| feed.show(rows)),
        body,
        table.layout,
    );
    let help = RwSignal::new(false);
    if keyboard && table.opens() {
        listen_keys(&table, port, help);
    }
    view! {
        // The browser would move the page itself when rows come and go: the viewport does.
        <div class="panel [overflow-anchor:none]">
            {views
                .map(|record| view! { <ViewBar list=state layout=table.layout record=record /> })}
            <div class="flex items-start gap-2 border-b border-base-300 p-2">
                <div class="min-w-0 flex-1">{children.map(|children| children())}</div>
                {actions
                    .map(|actions| {
                        view! { <ExportMenu list=state module=actions.module columns=shown /> }
                    })}
                <LayoutMenu layout=table.layout />
            </div>
            {actions
                .zip(table.selection)
                .map(|(actions, selection)| {
                    view! {
                        <BulkBar
                            list=state
                            actions=actions
                            selection=selection
                            page_is_marked=Signal::derive(move || table.page_is_marked())
                            changed=move |()| list.reload()
                        />
                    }
                })}
            {contents(&table, body, port, StoredValue::new(empty))}
            <KeyHelp open=help />
        </div>
    }
}

/// The rows, or what is said in their place.
fn contents<T>(
    table: &Table<T>,
    body: NodeRef<leptos::html::Tbody>,
    port: Viewport,
    empty: StoredValue<ViewFn>,
) -> impl IntoView + use<T>
where
    T: Clone + Send + Sync + DeserializeOwned + 'static,
{
    let table = *table;
    let (feed, state) = (table.list.feed(), table.list.state());
    let phase = Memo::new(move |_| table.phase());
    let instead = move || match phase.get() {
        Phase::Failed => feed
            .with(|known| known.error.clone())
            .map(|error| {
                view! { <ErrorState error=error retry=Callback::new(move |()| feed.reload()) /> }
            })
            .into_any(),
        Phase::Empty if state.is_filtered() => view! {
            <EmptyState
                glyph=Glyph::Search
                title=Signal::derive(|| t().common.empty_filtered_title.to_owned())
                text=Signal::derive(|| t().common.empty_filtered_text.to_owned())
            >
                <button class="btn-quiet" on:click=move |_| state.clear_filters()>
                    {move || t().common.filters_clear}
                </button>
            </EmptyState>
        }
        .into_any(),
        Phase::Empty => empty.with_value(ViewFn::run),
        Phase::Rows | Phase::Waiting => ().into_any(),
    };
    let busy = move || feed.with(|known| known.busy);
    // The head is a row too. -1: not known yet.
    let row_count = move || {
        feed.with(|known| known.total.map_or(-1, |total| total + 1))
            .to_string()
    };
    view! {
        <div class="overflow-x-auto" aria-busy=move || busy().to_string()>
            <table
                class="grid-table cards"
                class:compact=move || table.layout.is_compact()
                class:stale=move || busy() && phase.get() == Phase::Rows
                class:held=move || port.has_widths()
                aria-rowcount=row_count
            >
                <Show when=move || matches!(phase.get(), Phase::Rows | Phase::Waiting)>
                    <thead>
                        <tr aria-rowindex="1">{move || table.head(port)}</tr>
                    </thead>
                </Show>
                <tbody node_ref=body>
                    {move || match phase.get() {
                        Phase::Waiting => skeleton_rows(table.visible().len()),
                        Phase::Rows => table.body(port),
                        Phase::Failed | Phase::Empty => ().into_any(),
                    }}
                </tbody>
            </table>
        </div>
        {instead}
        <Show when=move || phase.get() == Phase::Rows>
            <Position status=feed.status() port=port retry=Callback::new(move |()| feed.reload()) />
        </Show>
    }
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
