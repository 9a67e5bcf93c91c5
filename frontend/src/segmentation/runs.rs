//! The frame of the pages: which run is shown, the one that is being made, and the button that asks for another.

use std::time::Duration;

use guanxi_domain::Page;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::run::{RunState, SegmentationRun, SegmentationRunHead};
use leptos::prelude::*;
use leptos_router::components::A;

use super::label;
use super::run_dialog::RunDialog;
use crate::api;
use crate::format;
use crate::i18n::{fill, lang, t, t_now};
use crate::live::use_live;
use crate::load::Loader;
use crate::nav::use_url;
use crate::session::use_session;
use crate::ui::{
    EmptyState, ErrorState, Glyph, Icon, PageHeader, ProgressBar, RecordSkeleton, use_toasts,
    with_data,
};

/// How long a page waits before it asks again how far a run has come.
const ASK_AGAIN: Duration = Duration::from_millis(1_500);

type Heads = Loader<Page<SegmentationRunHead>>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Failed,
    /// There is no run whose results could be shown.
    Nothing,
    There,
}

/// A page about a run: the current one, or the one that the address names.
#[component]
pub fn RunPage(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] subtitle: Signal<String>,
    /// What is told of the run.
    body: fn(SegmentationRun) -> AnyView,
) -> impl IntoView {
    let session = use_session();
    let url = use_url();
    let asking = RwSignal::new(false);
    let runs: Heads = Loader::new(|| {
        api::get("/segmentation-runs")
            .query("limit", 50)
            .json::<Page<SegmentationRunHead>>()
    });
    use_live().on("segmentation_runs", move |_| runs.reload());
    follow(runs);
    let shown = Memo::new(move |_| {
        let done = |head: &&SegmentationRunHead| head.state == RunState::Done;
        url.get("run").or_else(|| {
            runs.with(|l| {
                let heads = &l.data.as_ref()?.items;
                let current = heads.iter().find(|head| head.current);
                let head = current.or_else(|| heads.iter().find(done))?;
                Some(head.id.to_string())
            })
        })
    });
    let phase = Memo::new(move |_| {
        runs.with(|l| match (&l.data, &l.error) {
            (None, Some(_)) => Phase::Failed,
            (None, None) => Phase::Waiting,
            (Some(_), _) if shown.get().is_none() => Phase::Nothing,
            _ => Phase::There,
        })
    });
    let run_button = move || {
        session
            .can(Module::Segments, Operation::Create)
            .then(|| view! { <RunButton asking=asking runs=runs /> })
    };
    view! {
        <PageHeader
            title=title
            below=ViewFn::from(move || view! { <p class="muted mt-1">{move || subtitle.get()}</p> })
        >
            <RunChoice runs=runs shown=shown />
            {run_button}
        </PageHeader>
        <UnderWay runs=runs />
        {move || match phase.get() {
            Phase::Waiting => view! { <RecordSkeleton /> }.into_any(),
            Phase::Failed => {
                runs.error()
                    .map(|error| {
                        view! {
                            <div class="panel">
                                <ErrorState error=Signal::stored(error) retry=Callback::new(move |()| runs.reload()) />
                            </div>
                        }
                    })
                    .into_any()
            }
            Phase::Nothing => {
                view! {
                    <div class="panel">
                        <EmptyState
                            glyph=Glyph::ChartPie
                            title=label(|s| s.none_title)
                            text=label(|s| s.none_text)
                        >
                            {run_button}
                        </EmptyState>
                    </div>
                }
                    .into_any()
            }
            Phase::There => shown.get().map(|id| view! { <Run id=id body=body /> }).into_any(),
        }}
        <RunDialog open=asking done=Callback::new(move |()| runs.reload()) />
    }
}

#[component]
fn RunButton(asking: RwSignal<bool>, runs: Heads) -> impl IntoView {
    let running = Memo::new(move |_| running(runs).is_some());
    view! {
        <button
            class="btn btn-primary btn-sm"
            data-testid="run"
            disabled=move || running.get()
            on:click=move |_| asking.set(true)
        >
            <Icon glyph=Glyph::Play />
            {move || t().segmentation.run}
        </button>
    }
}

/// The run that is being made. Reactive.
fn running(runs: Heads) -> Option<SegmentationRunHead> {
    runs.with(|l| {
        let heads = &l.data.as_ref()?.items;
        let running = heads.iter().find(|head| head.state == RunState::Running);
        running.cloned()
    })
}

/// Asks again while a run is being made, and tells how it ended.
fn follow(runs: Heads) {
    let toasts = use_toasts();
    let url = use_url();
    let busy = Memo::new(move |_| running(runs).map(|head| head.id));
    Effect::new(move |_| {
        // Again after every answer.
        if runs.with(|l| l.busy) || busy.get().is_none() {
            return;
        }
        set_timeout(
            move || {
                if busy.try_get_untracked().flatten().is_some() {
                    runs.reload();
                }
            },
            ASK_AGAIN,
        );
    });
    Effect::new(move |before: Option<Option<_>>| {
        let now = busy.get();
        if let Some(Some(id)) = before
            && now != Some(id)
        {
            let head = runs.with_untracked(|l| {
                let heads = &l.data.as_ref()?.items;
                heads.iter().find(|head| head.id == id).cloned()
            });
            if let Some(head) = head.filter(|head| head.state == RunState::Done) {
                let s = t_now().segmentation;
                let text = head.customers.map_or_else(
                    || s.done_scope.to_owned(),
                    |n| fill(s.done, &[("n", &format::integer(n))]),
                );
                toasts.done(text);
                url.set(&[("run", None)]);
            }
        }
        now
    });
}

/// The runs whose results can be shown.
#[component]
fn RunChoice(runs: Heads, shown: Memo<Option<String>>) -> impl IntoView {
    let url = use_url();
    let done = Memo::new(move |_| {
        runs.with(|l| {
            let heads = l.data.as_ref().map(|page| page.items.clone());
            let mut heads = heads.unwrap_or_default();
            heads.retain(|head| head.state == RunState::Done);
            heads
        })
    });
    let option = move |head: SegmentationRunHead| {
        let id = head.id.to_string();
        let selected = shown.get_untracked().as_deref() == Some(id.as_str());
        let text = move || {
            let s = t().segmentation;
            let (date, time) = (
                format::date_short(head.as_of),
                format::time(head.created_at),
            );
            let text = fill(s.option, &[("date", &date), ("time", &time)]);
            if head.current {
                format!("{text} · {}", s.current)
            } else {
                text
            }
        };
        view! {
            <option value=id selected=selected>
                {text}
            </option>
        }
    };
    move || {
        let heads = done.get();
        (heads.len() > 1).then(|| {
            view! {
                <select
                    class="select select-sm w-auto! max-w-80 sm:max-w-96"
                    aria-label=move || t().segmentation.which
                    data-testid="run-choice"
                    on:change:target=move |event| {
                        url.set(&[("run", Some(event.target().value()))]);
                    }
                >
                    {heads.into_iter().map(option).collect_view()}
                </select>
            }
        })
    }
}

/// How far the run has come that is being made, or why the newest one has no results.
#[component]
fn UnderWay(runs: Heads) -> impl IntoView {
    let newest = Memo::new(move |_| {
        runs.with(|l| {
            let heads = &l.data.as_ref()?.items;
            heads.first().cloned()
        })
    });
    move || {
        let head = newest.get()?;
        match head.state {
            RunState::Done => None,
            RunState::Running => {
                let share = head.percent.map(|percent| f64::from(percent) / 100.0);
                Some(
                    view! {
                        <div class="panel mb-4 p-4" role="status" data-testid="under-way">
                            <ProgressBar share=share label=label(|s| s.under_way) />
                        </div>
                    }
                    .into_any(),
                )
            }
            RunState::Failed => {
                let reason = head
                    .failure
                    .map(|failure| failure.label(lang()))
                    .unwrap_or_default();
                let text = fill(t().segmentation.failed, &[("reason", reason)]);
                let job = head.job_id.map(|job| {
                    view! {
                        <A href=format!("/jobs/{job}") attr:class="link-plain">
                            {t().segmentation.see_job}
                        </A>
                    }
                });
                Some(
                    view! {
                        <p class="mb-4 flex flex-wrap items-center gap-2.5 rounded-box border border-warning/40 bg-warning/10 px-3.5 py-2.5">
                            <Icon glyph=Glyph::Warning class="size-4 text-warning" />
                            <span class="min-w-0 flex-1">{text}</span>
                            {job}
                        </p>
                    }
                    .into_any(),
                )
            }
        }
    }
}

#[component]
fn Run(id: String, body: fn(SegmentationRun) -> AnyView) -> impl IntoView {
    let path = format!("/segmentation-runs/{id}");
    let run = Loader::new(move || api::get(path.clone()).json::<SegmentationRun>());
    with_data(
        run,
        || view! { <RecordSkeleton /> }.into_any(),
        move |run| {
            view! {
                <Made head=run.head.clone() />
                {body(run)}
            }
        },
    )
}

/// What the run looked at, when and by whom.
#[component]
fn Made(head: SegmentationRunHead) -> impl IntoView {
    let (as_of, at, who) = (head.as_of, head.finished_at, head.by_name);
    let seconds = head.duration_ms.map(|ms| {
        #[allow(clippy::cast_precision_loss)] // Two figures are shown.
        let seconds = ms as f64 / 1_000.0;
        format!("{seconds:.1}")
    });
    let made = move || {
        let values = [
            ("date", format::date_short(as_of)),
            ("time", at.map(format::time).unwrap_or_default()),
            ("who", who.clone()),
        ];
        fill(
            t().segmentation.made,
            &values
                .each_ref()
                .map(|(name, value)| (*name, value.as_str())),
        )
    };
    view! {
        <p class="muted mb-3 flex flex-wrap gap-x-4 gap-y-1 text-[0.8125rem]">
            <span class="num">{made}</span>
            {seconds
                .map(|n| view! { <span class="num">{move || fill(t().segmentation.made_in, &[("n", &n)])}</span> })}
        </p>
    }
}
