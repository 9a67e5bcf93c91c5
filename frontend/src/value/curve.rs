use guanxi_domain::value::{ClassFigures, CurvePoint, ValueClass};
use leptos::prelude::*;
use serde_json::json;

use super::csv::CsvButton;
use super::{Subject, label};
use crate::format;
use crate::i18n::{lang, t};
use crate::ui::{Card, Chart, EmptyState, Glyph};

/// A share as the chart has it: per cent with two decimals.
fn per_cent(share: f64) -> f64 {
    (share * 10_000.0).round() / 100.0
}

#[component]
pub fn CurveCard(
    of: Subject,
    curve: Vec<CurvePoint>,
    classes: Vec<ClassFigures<ValueClass>>,
) -> impl IntoView {
    let as_table = RwSignal::new(false);
    let empty = curve.is_empty();
    let points = StoredValue::new(curve);
    // Where the classes end, on the axis of customers or products.
    let mut reached = 0.0;
    let ends: Vec<(ValueClass, f64)> = classes
        .iter()
        .map(|figures| {
            reached += figures.customer_share;
            (figures.class, reached)
        })
        .collect();
    let option = Signal::derive(move || {
        let v = t().value;
        let data: Vec<_> = points.with_value(|points| {
            points
                .iter()
                .map(|p| json!([per_cent(p.customer_share), per_cent(p.amount_share)]))
                .collect()
        });
        let lines: Vec<_> = ends
            .iter()
            .take(ends.len().saturating_sub(1))
            .map(|(class, at)| {
                json!({
                    "xAxis": per_cent(*at),
                    "label": {"formatter": class.label(lang()), "position": "end"},
                })
            })
            .collect();
        json!({
            "tooltip": {"trigger": "axis", "valueFormatter": "{value} %"},
            "legend": {"top": 0},
            "grid": {"left": 12, "right": 24, "top": 36, "bottom": 28, "containLabel": true},
            "xAxis": {
                "type": "value", "min": 0, "max": 100, "name": of.curve_axis(),
                "nameLocation": "middle", "nameGap": 28, "axisLabel": {"formatter": "{value}%"},
                "splitLine": {"show": false},
            },
            "yAxis": {"type": "value", "min": 0, "max": 100, "axisLabel": {"formatter": "{value}%"}},
            "series": [
                {
                    "type": "line", "name": v.curve_line, "data": data, "showSymbol": false,
                    "lineStyle": {"width": 2.5}, "areaStyle": {"opacity": 0.10},
                    "markLine": {
                        "symbol": "none", "silent": true,
                        "lineStyle": {"type": "dashed", "width": 1}, "data": lines,
                    },
                },
                {
                    "type": "line", "name": v.curve_equal, "data": [[0, 0], [100, 100]],
                    "showSymbol": false, "lineStyle": {"width": 1, "type": "dashed"},
                },
            ],
        })
    });
    let rows = move || {
        let v = t().value;
        let head = vec![of.curve_axis().to_owned(), v.curve_amount.to_owned()];
        let body = points.with_value(|points| {
            points
                .iter()
                .map(|p| vec![p.customer_share.to_string(), p.amount_share.to_string()])
                .collect::<Vec<_>>()
        });
        std::iter::once(head).chain(body).collect()
    };
    let actions = move || {
        (!empty).then(|| {
            view! {
                <button
                    type="button"
                    class="btn btn-ghost btn-xs"
                    aria-pressed=move || as_table.get().to_string()
                    on:click=move |_| as_table.update(|on| *on = !*on)
                >
                    {move || if as_table.get() { t().value.chart } else { t().value.table }}
                </button>
                <CsvButton file_name="pareto" rows=rows />
            }
        })
    };
    view! {
        <Card
            title=label(|v| v.curve)
            text=Signal::derive(move || of.curve_text().to_owned())
            actions=ViewFn::from(actions)
            flush=true
        >
            {if empty {
                view! { <EmptyState glyph=Glyph::Trend title=label(|v| v.no_curve) /> }.into_any()
            } else {
                view! {
                    <Show
                        when=move || as_table.get()
                        fallback=move || {
                            view! {
                                <div class="p-3" data-testid="pareto">
                                    <Chart option=option label=label(|v| v.curve) height="h-80" />
                                </div>
                            }
                        }
                    >
                        <CurveTable of=of points=points />
                    </Show>
                }
                    .into_any()
            }}
        </Card>
    }
}

/// The points at each twentieth of the way; the file has all of them.
#[component]
fn CurveTable(of: Subject, points: StoredValue<Vec<CurvePoint>>) -> impl IntoView {
    let rows = points.with_value(|points| {
        let step = (points.len() / 20).max(1);
        let last = points.len().saturating_sub(1);
        points
            .iter()
            .enumerate()
            .filter(|(index, _)| index % step == 0 || *index == last)
            .map(|(_, point)| {
                view! {
                    <tr>
                        <td class="right">{format::percent(point.customer_share)}</td>
                        <td class="right">{format::percent(point.amount_share)}</td>
                    </tr>
                }
            })
            .collect_view()
    });
    view! {
        <div class="h-86 overflow-y-auto">
            <table class="grid-table">
                <thead>
                    <tr>
                        <th scope="col" class="right">
                            {move || of.curve_axis()}
                        </th>
                        <th scope="col" class="right">
                            {move || t().value.curve_amount}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
