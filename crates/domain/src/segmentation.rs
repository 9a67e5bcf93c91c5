//! Segmentation: groups of customers and forecasts for each, as pure functions over plain data.
//!
//! Settings and results compile everywhere; the arithmetic of the models sits behind the feature `models`, which the web app
//! does without. Formulas, sources and conventions: docs/SEGMENTATION.md.

pub mod churn;
pub mod explain;
pub mod kmeans;
pub mod lifecycle;
mod numbers;
#[cfg(feature = "models")]
pub mod parallel;
pub mod rfm;
pub mod rules;
pub mod trading;

pub use explain::{Explanation, Term, Unit};
