//! The figures of a report: heads and names stay in sight, each figure leads to the orders behind it.

use guanxi_domain::report::{ReportFigure, ReportMeasure, ReportQuery, ReportResult, ReportRow};
use leptos::prelude::*;
use serde_json::Value;

use super::query::orders_address;
use super::{change_text, figure_text, label};
use crate::i18n::{fill, lang, t};
use crate::ui::Card;

#[component]
pub fn ReportTable(
    query: StoredValue<ReportQuery>,
    result: StoredValue<ReportResult>,
) -> impl IntoView {
    let measures = query.with_value(|q| q.measures.clone());
    let across = result.with_value(|r| !r.columns.is_empty());
    let base = result.with_value(|r| r.filter.clone());
    let rows = result.with_value(|r| {
        let rows = r.rows.iter();
        rows.map(|row| body_row(&measures, r, row, &base))
            .collect_view()
    });
    let totals = result.with_value(|r| {
        let columns = r.columns.iter();
        let of_columns = columns
            .map(|column| {
                cells(
                    &measures,
                    &column.figures,
                    Some(orders_address(&[&base, &column.filter])),
                )
            })
            .collect_view();
        view! { {of_columns} {cells(&measures, &r.totals, Some(orders_address(&[&base])))} }
    });
    let names = query.with_value(|q| q.rows.clone());
    let keys = names.len().max(1);
    let lines = if across { 2 } else { 1 };
    let name_heads = move || {
        let labels: Vec<&str> = if names.is_empty() {
            vec![""]
        } else {
            names.iter().map(|d| d.label(lang())).collect()
        };
        labels
            .into_iter()
            .enumerate()
            .map(|(at, text)| view! { <th scope="col" rowspan=lines class=sticky(at)>{text}</th> })
            .collect_view()
    };
    let count = measures.len();
    let column_heads = result.with_value(|r| {
        let columns = r.columns.iter();
        columns
            .map(|column| {
                view! { <th scope="colgroup" colspan=count class="right">{column.key.label.clone()}</th> }
            })
            .collect_view()
    });
    let groups = result.with_value(|r| r.columns.len()) + 1;
    let measure_heads = StoredValue::new(measures.clone());
    let measure_row = move || {
        let heads = std::iter::repeat_n((), groups).flat_map(move |()| measure_heads.get_value());
        heads
            .map(|measure| view! { <th scope="col" class="right">{measure.label(lang())}</th> })
            .collect_view()
    };
    view! {
        <Card
            title=Signal::derive(|| t().value.table.to_owned())
            text=label(|r| r.note_lines)
            flush=true
        >
            <div class="max-h-[75dvh] overflow-auto">
                <table class="grid-table compact pivot" data-testid="pivot">
                    <thead>
                        {if across {
                            view! {
                                <tr>
                                    {name_heads} {column_heads}
                                    <th scope="colgroup" colspan=count class="right">
                                        {move || t().report.total}
                                    </th>
                                </tr>
                                <tr class="second">{measure_row}</tr>
                            }
                            .into_any()
                        } else {
                            view! { <tr>{name_heads} {measure_row}</tr> }.into_any()
                        }}
                    </thead>
                    <tbody>{rows}</tbody>
                    <tfoot>
                        <tr>
                            <th scope="row" colspan=keys>
                                {move || t().report.total}
                            </th>
                            {totals}
                        </tr>
                    </tfoot>
                </table>
            </div>
        </Card>
    }
}

/// The first name stays in sight when the table is moved sideways.
const fn sticky(at: usize) -> &'static str {
    if at == 0 { "name" } else { "" }
}

fn body_row(
    measures: &[ReportMeasure],
    result: &ReportResult,
    row: &ReportRow,
    base: &Value,
) -> impl IntoView + use<> {
    let names = if row.others {
        view! {
            <th scope="row" class="name" colspan=result.rows.first().map_or(1, |r| r.keys.len())>
                {move || t().report.others}
            </th>
        }
        .into_any()
    } else if row.keys.is_empty() {
        view! { <th scope="row" class="name">{move || t().report.whole}</th> }.into_any()
    } else {
        let keys = row.keys.iter().enumerate();
        keys.map(|(at, key)| {
            let known = key.value.is_some();
            view! {
                <th scope="row" class=sticky(at) class=("muted", !known)>
                    {key.label.clone()}
                </th>
            }
        })
        .collect_view()
        .into_any()
    };
    let columns = result.columns.iter().zip(&row.cells);
    let of_columns = columns
        .map(|(column, figures)| {
            let address = row
                .filter
                .as_ref()
                .map(|filter| orders_address(&[base, filter, &column.filter]));
            cells(measures, figures, address)
        })
        .collect_view();
    let address = row
        .filter
        .as_ref()
        .map(|filter| orders_address(&[base, filter]));
    view! {
        <tr class=("others", row.others)>
            {names} {of_columns} {cells(measures, &row.figures, address)}
        </tr>
    }
}

/// The figures of a row and column, which lead to their orders.
fn cells(
    measures: &[ReportMeasure],
    figures: &[ReportFigure],
    address: Option<String>,
) -> impl IntoView + use<> {
    let figures = measures.iter().copied().zip(figures.iter().copied());
    figures
        .map(|(measure, shown)| {
            let value = move || {
                shown
                    .value
                    .map_or_else(|| "—".to_owned(), |v| figure_text(measure, v))
            };
            let negative = shown.value.is_some_and(|v| v < 0);
            let nothing = shown.value.is_none_or(|v| v == 0);
            let text = match address.clone().filter(|_| !nothing) {
                Some(address) => view! {
                    <a href=address class="figure" title=move || t().report.orders_behind>
                        {value}
                    </a>
                }
                .into_any(),
                None => view! { <span class="muted">{value}</span> }.into_any(),
            };
            view! {
                <td class="right" class=("text-error", negative)>
                    {text} {change(measure, shown)}
                </td>
            }
        })
        .collect_view()
}

/// How a figure changed, in small below it.
fn change(measure: ReportMeasure, shown: ReportFigure) -> Option<AnyView> {
    let before = shown.before?;
    let difference = shown.difference.unwrap_or_default();
    let (mark, tone) = match difference {
        0 => ("", "muted"),
        1.. => ("▲ ", "text-success"),
        _ => ("▼ ", "text-error"),
    };
    let text = move || {
        let by = change_text(measure, shown).unwrap_or_default();
        format!("{mark}{by}")
    };
    let title = move || {
        let (before, difference) = (
            figure_text(measure, before),
            figure_text(measure, difference),
        );
        let words = [("before", &*before), ("difference", &*difference)];
        fill(t().report.change_of, &words)
    };
    Some(
        view! {
            <span class=format!("block text-xs {tone}") title=title>
                {text}
            </span>
        }
        .into_any(),
    )
}
