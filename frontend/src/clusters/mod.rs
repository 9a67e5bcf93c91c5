//! Clusters: runs, profiles, names, points, customers.

mod current;
mod members;
mod moves;
mod page;
mod profiles;
mod quality;
mod run_dialog;
mod scatter;

pub use current::{CurrentClusters, use_current_clusters};
pub use page::ClustersPage;

use guanxi_domain::segmentation::Unit;
use guanxi_domain::segmentation::kmeans::{Feature, cluster_label};
use guanxi_domain::{Money, Quantity};
use leptos::prelude::*;

use crate::format;
use crate::i18n::{ClustersTexts, lang, t};

/// A text of the clusters' area, as a label.
fn label(pick: fn(&ClustersTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().clusters).to_owned())
}

/// What people call the clusters of a run, in their order.
type Names = Vec<Option<String>>;

/// The name that somebody has given a cluster.
fn given_name(cluster: i64, names: &Names) -> Option<String> {
    let place = usize::try_from(cluster - 1).ok()?;
    names.get(place).cloned().flatten()
}

/// What a cluster is called. Reactive.
fn name_of(cluster: i64, names: &Names) -> String {
    cluster_label(cluster, given_name(cluster, names).as_deref(), lang())
}

/// A cluster with its colour, as lists and records show it.
pub fn cluster_tag(cluster: i64, name: Option<String>) -> impl IntoView {
    view! {
        <span class="inline-flex max-w-full items-center gap-1.5" data-testid="cluster-tag">
            <span class="size-2 shrink-0 rounded-full" style:background=colour(cluster)></span>
            <span class="truncate">{move || cluster_label(cluster, name.as_deref(), lang())}</span>
        </span>
    }
}

/// The value of a feature as people read it. Reactive.
fn value_text(feature: Feature, value: f64) -> String {
    match feature.unit() {
        Unit::Money => format::money_short(Money(whole(value))),
        Unit::Share => format::percent(value),
        Unit::Days => format::integer(whole(value)),
        // With one decimal.
        _ => format::quantity(Quantity(whole(value * 10.0) * 100)),
    }
}

/// As the axes of charts have it: amounts in the currency unit, shares in per cent.
fn axis_value(feature: Feature, value: f64) -> f64 {
    let scaled = match feature.unit() {
        Unit::Money => value / 10_f64.powi(i32::from(format::minor_digits())),
        Unit::Share => value * 100.0,
        _ => value,
    };
    (scaled * 100.0).round() / 100.0
}

#[allow(clippy::cast_possible_truncation)] // Amounts and counts.
fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// Colours of clusters: the theme's, then others that can be told apart.
const COLOURS: [&str; 20] = [
    "#2f6fb7", "#d97706", "#0f9d76", "#b0307a", "#7a4fc9", "#c2410c", "#0891b2", "#65a30d",
    "#be123c", "#4b5563", "#1d4ed8", "#a16207", "#047857", "#86198f", "#4338ca", "#9a3412",
    "#155e75", "#3f6212", "#881337", "#1f2937",
];

fn colour(cluster: i64) -> &'static str {
    let index = usize::try_from(cluster - 1).unwrap_or_default();
    COLOURS[index % COLOURS.len()]
}
