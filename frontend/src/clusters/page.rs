use guanxi_domain::Page;
use guanxi_domain::job::JobState;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::kmeans::{ClusterRun, ClusterRunHead};
use leptos::prelude::*;

use super::label;
use super::members::Members;
use super::moves::MovesCard;
use super::profiles::Profiles;
use super::quality::QualityCard;
use super::run_dialog::RunDialog;
use super::scatter::ScatterCard;
use crate::api;
use crate::background::{Underway, chosen, follow};
use crate::format;
use crate::i18n::{fill, lang, t, t_now};
use crate::load::Loader;
use crate::nav::use_url;
use crate::session::use_session;
use crate::ui::{
    Badge, EmptyState, Glyph, Icon, KeyFigure, KeyFigures, PageHeader, RecordSkeleton, Tone,
    use_toasts, with_data,
};

/// The newest run that is done, or the one that the address names.
#[component]
pub fn ClustersPage() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let url = use_url();
    let asking = RwSignal::new(false);
    let runs = Loader::new(|| {
        api::get("/cluster-runs")
            .query("limit", 50)
            .json::<Page<ClusterRunHead>>()
    });
    follow(runs, move |run: ClusterRunHead| {
        let clusters = format::integer(run.clusters.unwrap_or_default());
        toasts.done(fill(t_now().clusters.ready, &[("n", &clusters)]));
    });
    let all = move || runs.data().map(|page| page.items).unwrap_or_default();
    let shown = Memo::new(move |_| chosen(&all(), url.get("run")));
    let last = Signal::derive(move || all().into_iter().next().map(|run| run.settings));
    let made = Callback::new(move |_: ClusterRun| {
        url.set(&[("run", None), ("cluster", None)]);
        runs.reload();
    });
    let run_button = move || {
        session.can(Module::Segments, Operation::Create).then(|| {
            view! {
                <button
                    class="btn btn-primary btn-sm"
                    data-testid="run"
                    on:click=move |_| asking.set(true)
                >
                    <Icon glyph=Glyph::Play />
                    {move || t().clusters.run}
                </button>
            }
        })
    };
    let body = move |page: Page<ClusterRunHead>| {
        page.items.is_empty().then(|| {
            view! {
                <div class="panel">
                    <EmptyState
                        glyph=Glyph::ChartPie
                        title=label(|c| c.none_title)
                        text=label(|c| c.none_text)
                    >
                        {run_button}
                    </EmptyState>
                </div>
            }
        })
    };
    view! {
        <PageHeader
            title=label(|c| c.title)
            below=ViewFn::from(|| view! { <p class="muted mt-1">{move || t().clusters.subtitle}</p> })
        >
            {move || choice(all(), shown)}
            {run_button}
        </PageHeader>
        <Underway runs=runs />
        {with_data(runs, || view! { <RecordSkeleton /> }.into_any(), body)}
        {move || shown.get().map(|id| view! { <Run id=id /> })}
        <RunDialog open=asking last=last done=made />
    }
}

fn choice(all: Vec<ClusterRunHead>, shown: Memo<Option<String>>) -> Option<AnyView> {
    let url = use_url();
    let done: Vec<ClusterRunHead> = all
        .into_iter()
        .filter(|run| run.state == JobState::Done)
        .collect();
    let option = move |run: ClusterRunHead| {
        let id = run.id.to_string();
        let selected = shown.get_untracked().as_deref() == Some(id.as_str());
        let (at, current) = (run.created_at, run.current);
        let text = move || {
            let time = format::time(at);
            if current {
                format!("{time} · {}", t().clusters.current)
            } else {
                time
            }
        };
        view! {
            <option value=id selected=selected>
                {text}
            </option>
        }
    };
    (done.len() > 1).then(|| {
        view! {
            <select
                class="select select-sm w-auto! max-w-72"
                aria-label=move || t().clusters.which
                data-testid="run-choice"
                on:change:target=move |event| {
                    url.set(&[("run", Some(event.target().value())), ("cluster", None)]);
                }
            >
                {done.into_iter().map(option).collect_view()}
            </select>
        }
        .into_any()
    })
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
                    <Made run=run_now />
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
    let (at, who, current) = (head.created_at, head.by_name, head.current);
    let day =
        move || as_of.map(|day| fill(t().clusters.as_of, &[("day", &format::date_short(day))]));
    view! {
        <p class="muted mb-3 flex flex-wrap items-center gap-x-4 gap-y-1 text-[0.8125rem]">
            {current.then(|| view! { <Badge tone=Tone::Success text=label(|c| c.current) /> })}
            <span>{features} " · " {move || transform.label(lang())}</span>
            <span class="num">{day}</span>
            <span class="num">{move || fill(t().clusters.with_seed, &[("n", &seed.to_string())])}</span>
            <span class="num">
                {move || fill(t().clusters.made, &[("time", &format::time(at)), ("who", &who)])}
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
