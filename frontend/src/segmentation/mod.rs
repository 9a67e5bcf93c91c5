//! What segmentation runs say: RFM, lifetime values, stages and churn.

mod badges;
mod chart_card;
mod churn;
mod customers;
mod explain;
mod kept;
mod lifetime;
mod parts;
mod rfm;
mod run_dialog;
mod runs;
mod scores;
mod segment_dialog;

pub use churn::{ChurnPage, LossesCard};
pub use lifetime::LifetimePage;
pub use rfm::RfmPage;
pub use scores::ScoresCard;

use leptos::prelude::*;

use crate::i18n::{SegmentationTexts, t};

/// A text of these pages, as a label.
fn label(pick: fn(&SegmentationTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().segmentation).to_owned())
}
