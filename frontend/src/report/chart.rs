//! A report as bars or lines: the first measure, a series for each column.

use guanxi_domain::report::{
    ReportChart, ReportFigure, ReportMeasure, ReportQuery, ReportResult, ReportRow,
};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::rate;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::ui::{Card, Chart};

/// Beyond so many rows or series nobody tells them apart.
const MOST_ROWS: usize = 60;
const MOST_SERIES: usize = 12;

#[component]
pub fn ReportDrawing(
    query: StoredValue<ReportQuery>,
    result: StoredValue<ReportResult>,
    chart: ReportChart,
    /// Without a card of its own around it.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let first = query.with_value(|q| q.measures.first().copied());
    let measure = first.unwrap_or(ReportMeasure::Sales);
    let option = Signal::derive(move || result.with_value(|r| drawing(r, measure, chart)));
    let title = Signal::derive(move || {
        let by = query.with_value(super::dimensions);
        let words = [("measure", measure.label(lang())), ("by", &by)];
        fill(t().report.chart_label, &words)
    });
    if bare {
        return view! { <Chart option=option label=title /> }.into_any();
    }
    view! {
        <div class="mb-4" data-testid="chart">
            <Card title=title>
                <Chart option=option label=title />
            </Card>
        </div>
    }
    .into_any()
}

/// A figure in the unit that is written at the axis: currency, percent, pieces.
#[allow(clippy::cast_precision_loss, reason = "a drawing shows a few digits")]
fn drawn(measure: ReportMeasure, value: Option<i64>) -> Value {
    let Some(value) = value else {
        return Value::Null;
    };
    match measure {
        ReportMeasure::MarginRate => json!(rate(value) * 100.0),
        ReportMeasure::Quantity => json!(value as f64 / 1_000.0),
        _ if measure.is_money() => {
            json!(value as f64 / 10_f64.powi(i32::from(format::minor_digits())))
        }
        _ => json!(value),
    }
}

fn name(row: &ReportRow) -> String {
    if row.others {
        return t().report.others.to_owned();
    }
    let labels: Vec<&str> = row.keys.iter().map(|key| key.label.as_str()).collect();
    labels.join(" / ")
}

/// How names below bars are written: at an angle where they are many; on a phone those that would lie over others are left out.
pub fn name_labels(names: usize) -> Value {
    match names {
        0..=8 => json!({"interval": 0, "hideOverlap": true, "width": 110, "overflow": "truncate"}),
        9..=24 => {
            json!({"interval": 0, "hideOverlap": true, "width": 110, "overflow": "truncate", "rotate": 35})
        }
        _ => json!({"hideOverlap": true}),
    }
}

fn drawing(result: &ReportResult, measure: ReportMeasure, chart: ReportChart) -> Value {
    let rows: Vec<&ReportRow> = result.rows.iter().take(MOST_ROWS).collect();
    let names: Vec<String> = rows.iter().map(|row| name(row)).collect();
    let kind = if chart == ReportChart::Line {
        "line"
    } else {
        "bar"
    };
    let series = |name: String, values: Vec<Value>, faint: bool| {
        let mut one = json!({"name": name, "type": kind, "data": values, "barMaxWidth": 42});
        if chart == ReportChart::Stacked && !faint {
            one["stack"] = json!("all");
        }
        if faint {
            one["lineStyle"] = json!({"type": "dashed"});
            one["itemStyle"] = json!({"opacity": 0.45});
        }
        one
    };
    let first = |figures: &[ReportFigure]| figures.first().copied().unwrap_or_default();
    let all: Vec<Value> = if result.columns.is_empty() {
        let now = rows
            .iter()
            .map(|row| drawn(measure, first(&row.figures).value));
        let mut all = vec![series(
            measure.label(lang()).to_owned(),
            now.collect(),
            false,
        )];
        if let Some(range) = result.before {
            let then = rows
                .iter()
                .map(|row| drawn(measure, first(&row.figures).before));
            all.push(series(super::days(range), then.collect(), true));
        }
        all
    } else {
        let columns = result.columns.iter().enumerate().take(MOST_SERIES);
        columns
            .map(|(at, column)| {
                let values = rows.iter().map(|row| {
                    let cell = row.cells.get(at).map(|figures| first(figures));
                    drawn(measure, cell.and_then(|figure| figure.value))
                });
                series(column.key.label.clone(), values.collect(), false)
            })
            .collect()
    };
    let unit = match measure {
        ReportMeasure::MarginRate => "%",
        _ if measure.is_money() => format::currency_sign(),
        _ => "",
    };
    let many = all.len() > 1;
    json!({
        "tooltip": {"trigger": "axis", "axisPointer": {"type": if kind == "bar" { "shadow" } else { "line" }}},
        "legend": if many { json!({"top": 0, "type": "scroll"}) } else { Value::Null },
        "grid": {"top": if many { 44 } else { 28 }},
        "xAxis": {"type": "category", "axisLabel": name_labels(names.len()), "data": names},
        "yAxis": {"type": "value", "name": unit},
        "series": all,
    })
}
