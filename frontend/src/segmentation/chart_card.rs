use leptos::prelude::*;
use serde_json::Value;

use crate::i18n::t;
use crate::ui::{Card, Chart};
use crate::value::CsvButton;

/// Rows of cells, the header first.
type Rows = Callback<(), Vec<Vec<String>>>;

/// A chart, on demand the table of the same figures in its place, and both as a file.
#[component]
pub fn ChartCard(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    #[prop(into)] option: Signal<Value>,
    file_name: &'static str,
    /// For people to read.
    #[prop(into)]
    shown: Rows,
    /// For programs.
    #[prop(into)]
    file: Rows,
) -> impl IntoView {
    let as_table = RwSignal::new(false);
    let actions = move || {
        view! {
            <button
                type="button"
                class="btn btn-ghost btn-xs"
                data-testid=format!("table-{file_name}")
                aria-pressed=move || as_table.get().to_string()
                on:click=move |_| as_table.update(|on| *on = !*on)
            >
                {move || if as_table.get() { t().segmentation.chart } else { t().segmentation.table }}
            </button>
            <CsvButton file_name=file_name rows=move || file.run(()) />
        }
    };
    view! {
        <Card title=title text=text actions=ViewFn::from(actions) flush=true>
            <Show
                when=move || as_table.get()
                fallback=move || {
                    view! {
                        <div class="p-3" data-testid=file_name>
                            <Chart option=option label=title />
                        </div>
                    }
                }
            >
                <Table rows=shown />
            </Show>
        </Card>
    }
}

/// The first column names the row, the others are figures.
#[component]
pub fn Table(#[prop(into)] rows: Rows) -> impl IntoView {
    move || {
        let mut rows = rows.run(()).into_iter();
        let head = rows.next().unwrap_or_default();
        let class = |place: usize| if place == 0 { "sm:min-w-0!" } else { "right" };
        let heads = head
            .iter()
            .enumerate()
            .map(|(place, text)| {
                view! {
                    <th scope="col" class=class(place)>
                        {text.clone()}
                    </th>
                }
            })
            .collect_view();
        let body = rows
            .map(|row| {
                let cells = row.into_iter().enumerate().map(|(place, text)| {
                    view! {
                        <td class=class(place) data-label=head.get(place).cloned()>
                            {text}
                        </td>
                    }
                });
                view! { <tr>{cells.collect_view()}</tr> }
            })
            .collect_view();
        view! {
            <div class="max-h-96 overflow-auto">
                <table class="grid-table cards">
                    <thead>
                        <tr>{heads}</tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        }
    }
}
