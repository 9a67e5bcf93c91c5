//! Reports: pivots over sales, with chart, comparison and the orders behind each figure.

mod chart;
mod controls;
mod list;
mod page;
mod query;
mod save;
mod saved;
mod schedule;
mod table;

use guanxi_domain::report::{DayRange, ReportFigure, ReportMeasure, ReportQuery};
use guanxi_domain::{Lang, Money, Quantity};
use leptos::prelude::*;

use crate::format;
use crate::i18n::{ReportTexts, fill, lang, t};

pub use chart::{ReportDrawing, name_labels};
pub use list::ReportListPage;
pub use page::ReportPage;
pub use query::{address_of, orders_address};
pub use saved::SavedReportPage;

fn label(pick: fn(&ReportTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().report).to_owned())
}

/// A figure as people read it. Reactive.
pub fn figure_text(measure: ReportMeasure, value: i64) -> String {
    match measure {
        ReportMeasure::MarginRate => format::percent(rate(value)),
        ReportMeasure::Quantity => format::quantity(Quantity(value)),
        _ if measure.is_money() => format::money(Money(value)),
        _ => format::integer(value),
    }
}

/// How much a figure changed: in percent, a rate in percentage points; by how much where it was nothing. Reactive.
pub fn change_text(measure: ReportMeasure, figure: ReportFigure) -> Option<String> {
    let difference = figure.difference?.saturating_abs();
    Some(match (measure, figure.change) {
        (ReportMeasure::MarginRate, _) => {
            let points = format!("{:.1}", rate(difference) * 100.0);
            fill(t().report.points, &[("n", &points)])
        }
        (_, Some(share)) => format::percent(share.abs()),
        (_, None) => figure_text(measure, difference),
    })
}

/// Of ten-thousandths.
#[allow(
    clippy::cast_precision_loss,
    reason = "a rate is shown to a tenth of a percent"
)]
fn rate(value: i64) -> f64 {
    value as f64 / 10_000.0
}

/// The days of a range in words; empty: all. Reactive.
fn days(range: DayRange) -> String {
    let words = t().report;
    match (
        range.from.map(format::date_short),
        range.to.map(format::date_short),
    ) {
        (Some(from), Some(to)) => fill(words.range, &[("from", &from), ("to", &to)]),
        (Some(from), None) => fill(words.since, &[("from", &from)]),
        (None, Some(to)) => fill(words.until, &[("to", &to)]),
        (None, None) => words.all_time.to_owned(),
    }
}

/// What a report is broken down by. Reactive.
fn dimensions(query: &ReportQuery) -> String {
    let labels: Vec<_> = query.dimensions().map(|d| d.label(lang())).collect();
    match (labels.is_empty(), lang()) {
        (true, _) => t().report.whole.to_owned(),
        (false, Lang::Zh) => labels.join("、"),
        (false, Lang::En) => labels.join(", "),
    }
}
