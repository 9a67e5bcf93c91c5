//! Trading analysis: what each type, customer, product, region and month contributes, from the whole down to the orders.

mod page;
mod path;
mod table;

use guanxi_domain::segmentation::trading::{TradingFigures, TradingItem, TradingMeasure};
use leptos::prelude::*;

use crate::i18n::{TradingTexts, t};

pub use page::TradingPage;

fn label(pick: fn(&TradingTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().trading).to_owned())
}

/// A measure of a row as a number: money in minor units.
#[allow(clippy::cast_precision_loss, reason = "a drawing shows a few digits")]
fn value(item: &TradingItem, measure: TradingMeasure) -> Option<f64> {
    let figures: &TradingFigures = &item.figures;
    match measure {
        TradingMeasure::Sales => Some(figures.sales.0 as f64),
        TradingMeasure::Growth => figures.growth,
        TradingMeasure::Margin => Some(figures.margin.0 as f64),
        TradingMeasure::MarginRate => figures.margin_rate,
        TradingMeasure::Turnover => figures.turnover,
        TradingMeasure::CrossRatio => figures.cross_ratio,
        TradingMeasure::Contribution => figures.contribution,
    }
}
