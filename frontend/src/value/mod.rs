//! What customers are worth: runs, classes, curve, ranking.

mod csv;
mod curve;
mod movements;
mod page;
mod ranking;
mod run_dialog;
mod shares;

pub use page::ValuePage;

use leptos::prelude::*;

use crate::i18n::{ValueTexts, t};

/// A text of the value page, as a label.
fn label(pick: fn(&ValueTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().value).to_owned())
}
