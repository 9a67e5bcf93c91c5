//! How well the model of purchases fits, and how it fared on the days held out.

use guanxi_domain::segmentation::lifetime::{HoldoutReport, RepeatCount};
use guanxi_domain::segmentation::run::ModelReport;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::format;
use crate::i18n::{fill, lang, t};
use crate::segmentation::chart_card::ChartCard;
use crate::segmentation::label;

fn repeats_name(repeats: i32, or_more: bool) -> String {
    if or_more {
        fill(t().segmentation.or_more, &[("n", &repeats.to_string())])
    } else {
        repeats.to_string()
    }
}

/// Pairs of bars: what was, and what the model expects.
fn pairs(names: &[String], actual: &[f64], expected: &[f64]) -> Value {
    let s = t().segmentation;
    let series = |name: &str, data: &[f64]| {
        json!({
            "type": "bar", "name": name, "data": data, "barGap": "8%",
            "itemStyle": {"borderRadius": [3, 3, 0, 0]},
        })
    };
    json!({
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {"top": 0},
        "grid": {"left": 12, "right": 16, "top": 36, "bottom": 28, "containLabel": true},
        "xAxis": {"type": "category", "data": names, "name": s.repeats, "nameLocation": "middle", "nameGap": 28},
        "yAxis": {"type": "value"},
        "series": [series(s.actual, actual), series(s.expected, expected)],
    })
}

/// To two decimals, as charts and tables show it.
fn two(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[allow(clippy::cast_precision_loss)] // Counts of customers.
const fn real(n: i64) -> f64 {
    n as f64
}

/// Customers by repeat purchases, as they are and as the model expects them.
#[component]
pub fn RepeatsCard(counts: Vec<RepeatCount>) -> impl IntoView {
    let counts = StoredValue::new(counts);
    let option = Signal::derive(move || {
        counts.with_value(|counts| {
            let names: Vec<_> = counts
                .iter()
                .map(|c| repeats_name(c.repeats, c.or_more))
                .collect();
            let actual: Vec<_> = counts.iter().map(|c| real(c.actual)).collect();
            let expected: Vec<_> = counts.iter().map(|c| c.expected.round()).collect();
            pairs(&names, &actual, &expected)
        })
    });
    let rows = move |expected: fn(f64) -> String| {
        let s = t().segmentation;
        let head = [s.repeats, s.actual, s.expected]
            .map(str::to_owned)
            .to_vec();
        let body = counts.with_value(|counts| {
            counts
                .iter()
                .map(|c| {
                    vec![
                        repeats_name(c.repeats, c.or_more),
                        c.actual.to_string(),
                        expected(c.expected),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head).chain(body).collect::<Vec<_>>()
    };
    view! {
        <ChartCard
            title=label(|s| s.repeats_card)
            text=label(|s| s.repeats_text)
            option=option
            file_name="repeat-purchases"
            shown=move |()| rows(|n| format!("{n:.1}"))
            file=move |()| rows(|n| n.to_string())
        />
    }
}

/// How the model fared on the last days, or why it was not tried.
#[component]
pub fn HoldoutCard(models: ModelReport) -> impl IntoView {
    match (models.holdout, models.holdout_refused) {
        (Some(report), _) => view! { <Holdout report=report /> }.into_any(),
        (None, Some(refused)) => {
            let text = move || {
                let reason = refused.reason.label(lang());
                fill(t().segmentation.holdout_refused, &[("reason", reason)])
            };
            view! { <p class="panel muted p-4">{text}</p> }.into_any()
        }
        (None, None) => ().into_any(),
    }
}

#[component]
fn Holdout(report: HoldoutReport) -> impl IntoView {
    let days = report.days;
    let kept = StoredValue::new(report);
    let title =
        Signal::derive(move || fill(t().segmentation.holdout_card, &[("n", &days.to_string())]));
    let sum = move || {
        kept.with_value(|r| {
            let error = r.error.map_or_else(|| "—".to_owned(), format::percent);
            fill(
                t().segmentation.holdout_sum,
                &[
                    ("expected", &format!("{:.0}", r.expected)),
                    ("actual", &format!("{:.0}", r.actual)),
                    ("error", &error),
                ],
            )
        })
    };
    let better = move || {
        kept.with_value(|r| {
            fill(
                t().segmentation.holdout_better,
                &[
                    ("own", &format!("{:.3}", r.root_mean_square_error)),
                    ("plain", &format!("{:.3}", r.plain_root_mean_square_error)),
                ],
            )
        })
    };
    let option = Signal::derive(move || {
        kept.with_value(|r| {
            let names: Vec<_> = r
                .rows
                .iter()
                .map(|row| repeats_name(row.repeats, row.or_more))
                .collect();
            let actual: Vec<_> = r.rows.iter().map(|row| two(row.actual)).collect();
            let expected: Vec<_> = r.rows.iter().map(|row| two(row.expected)).collect();
            pairs(&names, &actual, &expected)
        })
    });
    let rows = move |number: fn(f64) -> String| {
        let s = t().segmentation;
        let head = [
            s.holdout_before,
            s.customers,
            s.holdout_actual,
            s.holdout_expected,
        ];
        let body = kept.with_value(|r| {
            r.rows
                .iter()
                .map(|row| {
                    vec![
                        repeats_name(row.repeats, row.or_more),
                        row.customers.to_string(),
                        number(row.actual),
                        number(row.expected),
                    ]
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(head.map(str::to_owned).to_vec())
            .chain(body)
            .collect::<Vec<_>>()
    };
    view! {
        <ChartCard
            title=title
            text=label(|s| s.holdout_text)
            option=option
            file_name="hold-out"
            shown=move |()| rows(|n| format!("{n:.2}"))
            file=move |()| rows(|n| n.to_string())
        />
        <div class="panel px-4 py-3" data-testid="holdout-sum">
            <p>{sum}</p>
            <p class="muted">{better}</p>
        </div>
    }
}
