//! Lifetime values: how they are distributed, what they rest on, and whose they are.

mod distribution;
mod fit;
mod model;

use guanxi_domain::segmentation::lifetime::ValueMethod;
use guanxi_domain::segmentation::run::{LifetimeFigures, ModelReport, SegmentationRun};
use leptos::prelude::*;

use super::customers::Customers;
use super::label;
use super::runs::RunPage;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::ui::{Glyph, Icon, KeyFigure, KeyFigures};
use distribution::{DecilesCard, HistogramCard};
use fit::{HoldoutCard, RepeatsCard};
use model::ModelCard;

#[component]
pub fn LifetimePage() -> impl IntoView {
    view! {
        <RunPage title=label(|s| s.lifetime_title) subtitle=label(|s| s.lifetime_subtitle) body=body />
    }
}

fn body(run: SegmentationRun) -> AnyView {
    let Some(figures) = run.figures else {
        return ().into_any();
    };
    let lifetime = figures.lifetime;
    let models = run.models;
    let months = run.head.settings.lifetime.horizon_months;
    let hidden = models.is_none();
    let repeats = models
        .as_ref()
        .map(|models| models.repeat_counts.clone())
        .filter(|counts| !counts.is_empty());
    view! {
        <Refusal models=models.clone() figures=lifetime.clone() />
        <Figures figures=lifetime.clone() months=months />
        <div class="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
            <div class="space-y-4">
                <HistogramCard bins=lifetime.histogram.clone() />
                {models.clone().map(|models| view! { <ModelCard models=models methods=lifetime.methods.clone() /> })}
            </div>
            <DecilesCard deciles=lifetime.deciles.clone() />
        </div>
        <div class="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-2">
            {repeats.map(|counts| view! { <RepeatsCard counts=counts /> })}
            <div class="space-y-4">{models.map(|models| view! { <HoldoutCard models=models /> })}</div>
        </div>
        {hidden.then(|| view! { <p class="muted mt-4">{move || t().segmentation.models_hidden}</p> })}
        <div class="mt-4">
            <Customers run=run.head sort="-lifetime_value" />
        </div>
    }
    .into_any()
}

/// Says so where values are no forecast, and why.
#[component]
fn Refusal(models: Option<ModelReport>, figures: LifetimeFigures) -> impl IntoView {
    let historic = figures
        .methods
        .iter()
        .any(|method| method.method == ValueMethod::Historic);
    if !historic {
        return ().into_any();
    }
    let refused = models.and_then(|models| models.purchases_refused);
    let text = move || {
        let s = t().segmentation;
        refused.map_or_else(
            || s.refused_plain.to_owned(),
            |refused| {
                fill(
                    s.refused_text,
                    &[
                        ("reason", refused.reason.label(lang())),
                        ("customers", &format::integer(refused.customers)),
                        ("repeat", &format::integer(refused.repeat_buyers)),
                    ],
                )
            },
        )
    };
    view! {
        <div
            class="mb-4 flex items-start gap-2.5 rounded-box border border-warning/40 bg-warning/10 px-3.5 py-2.5"
            role="note"
            data-testid="refused"
        >
            <span class="mt-0.5 text-warning">
                <Icon glyph=Glyph::Warning />
            </span>
            <div>
                <p class="font-medium">{move || t().segmentation.refused_title}</p>
                <p>{text}</p>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Figures(figures: LifetimeFigures, months: i32) -> impl IntoView {
    let LifetimeFigures {
        customers,
        total,
        mean,
        median,
        active,
        purchases,
        ..
    } = figures;
    let forecast = purchases.is_some();
    let months = move || months.to_string();
    view! {
        <KeyFigures>
            <KeyFigure
                label=label(|s| s.total_value)
                value=Signal::derive(move || format::money_short(total))
                title=Signal::derive(move || format::money(total))
                note=Signal::derive(move || {
                    let s = t().segmentation;
                    if forecast {
                        fill(s.total_note, &[("n", &months())])
                    } else {
                        s.historic_note.to_owned()
                    }
                })
            />
            <KeyFigure
                label=label(|s| s.mean_value)
                value=Signal::derive(move || mean.map_or_else(|| "—".to_owned(), format::money_short))
                title=Signal::derive(move || mean.map(format::money).unwrap_or_default())
                note=Signal::derive(move || {
                    median
                        .map(|value| {
                            fill(t().segmentation.median_note, &[("value", &format::money_short(value))])
                        })
                        .unwrap_or_default()
                })
            />
            <KeyFigure
                label=label(|s| s.expected_active)
                value=Signal::derive(move || count(active))
                note=Signal::derive(move || {
                    fill(t().segmentation.of_buyers, &[("n", &format::integer(customers))])
                })
            />
            <KeyFigure
                label=label(|s| s.expected_purchases)
                value=Signal::derive(move || count(purchases))
                note=Signal::derive(move || {
                    if forecast {
                        fill(t().segmentation.purchases_note, &[("n", &months())])
                    } else {
                        String::new()
                    }
                })
            />
        </KeyFigures>
    }
}

/// An expected number, to the nearest whole one.
#[allow(clippy::cast_possible_truncation)] // Counts.
fn count(expected: Option<f64>) -> String {
    expected.map_or_else(|| "—".to_owned(), |n| format::integer(n.round() as i64))
}
