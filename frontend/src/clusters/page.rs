use guanxi_domain::segmentation::kmeans::{ClusterRun, ClusterRunHead, Missing};
use leptos::prelude::*;

use super::members::Members;
use super::moves::MovesCard;
use super::profiles::Profiles;
use super::quality::QualityCard;
use super::run_dialog::ClusterRunDialog;
use super::scatter::ScatterCard;
use super::{label, use_current_clusters};
use crate::api;
use crate::audit::by_whom;
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::load::Loader;
use crate::runs::{RunBody, RunHead, Runs};
use crate::ui::{Badge, EmptyState, Glyph, KeyFigure, KeyFigures, RecordSkeleton, Tone};

/// The newest run that is done, or the one that the address names.
#[component]
pub fn ClustersPage() -> impl IntoView {
    let runs = Runs::<ClusterRunHead>::new(&["cluster"]);
    let button = label(|c| c.run);
    let names = use_current_clusters();
    // Another run may be the current one when it is done.
    Effect::new(move |_| {
        runs.newest();
        names.forget();
    });
    view! {
        <RunHead runs=runs title=label(|c| c.title) subtitle=label(|c| c.subtitle) button=button />
        <RunBody
            runs=runs
            glyph=Glyph::ChartPie
            none_title=label(|c| c.none_title)
            none_text=label(|c| c.none_text)
            button=button
            body=|id| view! { <Run id=id /> }
        />
        <ClusterRunDialog runs=runs />
    }
}

#[component]
fn Run(id: String) -> impl IntoView {
    let path = format!("/cluster-runs/{id}");
    let run = Loader::new(move || api::get(path.clone()).json::<ClusterRun>());
    // A new name is no reason to draw all anew.
    let found = Memo::new(move |_| run.with(|l| l.data.as_ref().map(|run| run.head.id)));
    let error = move || run.error().filter(|_| found.get().is_none());
    let body = move || {
        found.get()?;
        let run_now = run.data_untracked()?;
        let result = run_now.result.clone()?;
        if let Some(refusal) = result.refusal {
            let text = Signal::derive(move || refusal.label(lang()).to_owned());
            return Some(
                view! {
                    <Made run=run_now.clone() />
                    <GapsNote run=run_now />
                    <div class="panel">
                        <EmptyState glyph=Glyph::ChartPie title=label(|c| c.refused_title) text=text />
                    </div>
                }
                .into_any(),
            );
        }
        let members = run_now
            .head
            .kept
            .then(|| view! { <Members run=run found=run_now.clone() /> });
        Some(
            view! {
                <Made run=run_now.clone() />
                <Figures run=run_now.clone() />
                <GapsNote run=run_now.clone() />
                <div class="mt-4">
                    <Profiles run=run />
                </div>
                <div class="mt-4 grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
                    <ScatterCard run=run />
                    <div class="min-w-0 space-y-4">
                        <QualityCard result=result />
                        <MovesCard run=run />
                    </div>
                </div>
                {members}
            }
            .into_any(),
        )
    };
    view! {
        {move || error().map(|error| view! { <crate::ui::ErrorState error=error /> })}
        {move || (found.get().is_none() && run.error().is_none()).then(|| view! { <RecordSkeleton /> })}
        {body}
    }
}

/// What the run looked at, when and by whom.
#[component]
fn Made(run: ClusterRun) -> impl IntoView {
    let head = run.head;
    let settings = head.settings;
    let as_of = run.result.map(|result| result.as_of);
    let features = move || {
        let labels: Vec<&str> = settings.features.iter().map(|f| f.label(lang())).collect();
        labels.join(lang().pick("、", ", "))
    };
    let (transform, seed) = (settings.transform, settings.seed);
    let (at, current) = (head.created_at, head.current);
    let (by_system, who) = (head.by.is_none(), head.by_name);
    let day =
        move || as_of.map(|day| fill(t().clusters.as_of, &[("day", &format::date_short(day))]));
    view! {
        <p class="muted mb-3 flex flex-wrap items-center gap-x-4 gap-y-1 text-[0.8125rem]">
            {current.then(|| view! { <Badge tone=Tone::Success text=label(|c| c.current) /> })}
            <span>{features} " · " {move || transform.label(lang())}</span>
            <span class="num">{day}</span>
            <span class="num">{move || fill(t().clusters.with_seed, &[("n", &seed.to_string())])}</span>
            <span class="num">
                {move || fill(t().clusters.made, &[("time", &format::time(at)), ("who", &by_whom(by_system, &who, None))])}
            </span>
            {(!current).then(|| view! { <span>{move || t().clusters.not_current}</span> })}
        </p>
    }
}

#[component]
fn Figures(run: ClusterRun) -> impl IntoView {
    let result = run.result;
    let integer = |n: i64| Signal::derive(move || format::integer(n));
    let (customers, chosen) = result
        .as_ref()
        .map_or((0, 0), |r| (r.figures.customers, r.chosen));
    let silhouette = result
        .as_ref()
        .and_then(|r| r.quality)
        .and_then(|quality| quality.silhouette);
    let largest = result.as_ref().map_or(0.0, |r| {
        r.figures
            .profiles
            .iter()
            .fold(0.0, |most: f64, p| most.max(p.share))
    });
    view! {
        <KeyFigures>
            <KeyFigure label=label(|c| c.customers) value=integer(customers) />
            <KeyFigure label=label(|c| c.chosen) value=integer(chosen) />
            <KeyFigure
                label=label(|c| c.silhouette)
                value=Signal::stored(silhouette.map_or_else(|| "—".to_owned(), |s| format!("{s:.3}")))
                note=label(|c| c.silhouette_note)
            />
            <KeyFigure label=label(|c| c.largest) value=Signal::derive(move || format::percent(largest)) />
        </KeyFigures>
    }
}

/// Customers that lack a feature, and what came of it.
#[component]
fn GapsNote(run: ClusterRun) -> impl IntoView {
    let missing = run.head.settings.missing;
    let gaps = run.result.and_then(|result| result.gaps)?;
    if gaps.features.is_empty() {
        return None;
    }
    let text = move || {
        let c = t().clusters;
        let lacking = gaps.features.iter().map(|gap| {
            let n = format::integer(gap.customers);
            fill(c.gap, &[("feature", gap.feature.label(lang())), ("n", &n)])
        });
        let lacking = lacking.collect::<Vec<_>>().join(lang().pick("、", ", "));
        let left_out = format::integer(gaps.left_out);
        let words = match missing {
            Missing::Exclude => c.gaps_left_out,
            Missing::Median => c.gaps_filled,
        };
        fill(words, &[("n", &left_out), ("features", &lacking)])
    };
    Some(view! {
        <p class="muted mt-3 text-[0.8125rem]" role="note" data-testid="gaps">
            {text}
        </p>
    })
}
