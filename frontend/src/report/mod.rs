//! Reports: pivots over sales, with chart, comparison and the orders behind each figure.

mod chart;
mod controls;
mod list;
mod page;
mod query;
mod save;
mod table;

use guanxi_domain::report::{DayRange, ReportMeasure, ReportQuery};
use guanxi_domain::{Lang, Money, Quantity};
use leptos::prelude::*;

use crate::format;
use crate::i18n::{ReportTexts, fill, lang, t};

pub use list::ReportListPage;
pub use page::ReportPage;

fn label(pick: fn(&ReportTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().report).to_owned())
}

/// A figure as people read it. Reactive.
fn figure(measure: ReportMeasure, value: i64) -> String {
    match measure {
        ReportMeasure::MarginRate => format::percent(rate(value)),
        ReportMeasure::Quantity => format::quantity(Quantity(value)),
        _ if measure.is_money() => format::money(Money(value)),
        _ => format::integer(value),
    }
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
