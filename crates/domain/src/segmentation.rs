//! Segmentation: groups of customers and forecasts for each, as pure functions over plain data.
//!
//! Settings and results compile everywhere; the arithmetic of the models sits behind the feature `models`, which the web app
//! does without. Formulas, sources and conventions: docs/SEGMENTATION.md.

pub mod churn;
pub mod explain;
pub mod kmeans;
pub mod lifecycle;
pub mod lifetime;
mod numbers;
pub mod rfm;
pub mod rules;
pub mod run;
pub mod trading;

#[cfg(feature = "models")]
pub mod bgnbd;
#[cfg(feature = "models")]
pub mod clv;
#[cfg(all(test, feature = "models"))]
mod fixtures;
#[cfg(test)]
mod formula;
#[cfg(feature = "models")]
pub mod gamma_gamma;
#[cfg(feature = "models")]
pub mod holdout;
#[cfg(feature = "models")]
mod optimise;
#[cfg(feature = "models")]
pub mod parallel;
#[cfg(feature = "models")]
mod special;

pub use explain::{Explanation, Term, Unit};
