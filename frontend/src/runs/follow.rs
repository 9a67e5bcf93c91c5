//! Runs that background jobs make: asked after while they are under way, and what became of the newest.

use std::time::Duration;

use guanxi_domain::Page;
use guanxi_domain::job::JobState;
use guanxi_domain::permission::{Module, Operation};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;

use super::{Run, Runs, label, path};
use crate::api;
use crate::i18n::{fill, t, t_now};
use crate::load::Loader;
use crate::session::use_session;
use crate::ui::{Glyph, Icon, ProgressBar, use_toasts};

/// How often runs that are not over are asked after.
const POLL: Duration = Duration::from_secs(2);

/// Asks again while a run is under way, and tells of each that is done.
pub fn follow<R: Run>(runs: Loader<Page<R>>) {
    let toasts = use_toasts();
    let active = Memo::new(move |_| {
        runs.with(|l| {
            let all = l.data.iter().flat_map(|page| &page.items);
            let active = all.filter(|run| run.state().is_active());
            active.map(Run::key).collect::<Vec<_>>()
        })
    });
    let poll = move || {
        let waits = active
            .try_get_untracked()
            .is_some_and(|active| !active.is_empty());
        // One question at a time, also when the server is slow.
        if waits && !runs.with_untracked(|l| l.busy) {
            runs.reload();
        }
    };
    if let Ok(handle) = set_interval_with_handle(poll, POLL) {
        on_cleanup(move || handle.clear());
    }
    Effect::new(move |before: Option<Vec<String>>| {
        let now = active.get();
        for key in before.iter().flatten().filter(|key| !now.contains(key)) {
            let run = runs.with_untracked(|l| {
                let mut all = l.data.iter().flat_map(|page| &page.items);
                all.find(|run| run.key() == *key).cloned()
            });
            if let Some(run) = run.filter(|run| run.state() == JobState::Done) {
                toasts.done(run.ready());
            }
        }
        now
    });
}

/// How far the newest run is, or why it has no results.
#[component]
pub fn Underway<R: Run>(runs: Runs<R>) -> impl IntoView {
    let newest = Memo::new(move |_| {
        let newest = runs.newest()?;
        Some((newest.key(), newest.state(), newest.percent()))
    });
    move || {
        let (key, state, percent) = newest.get()?;
        match state {
            JobState::Done => None,
            JobState::Queued | JobState::Running => {
                let can_be_cancelled = runs.newest().is_some_and(|run| run.can_be_cancelled());
                let text = label(if state == JobState::Queued {
                    |r| r.waiting
                } else {
                    |r| r.running
                });
                let share = Signal::stored(percent.map(|percent| f64::from(percent) / 100.0));
                Some(
                    view! {
                        <div class="panel mb-4 flex items-center gap-4 p-4" data-testid="underway">
                            <div class="min-w-0 flex-1">
                                <ProgressBar share=share label=text />
                            </div>
                            {can_be_cancelled.then(|| view! { <CancelButton runs=runs run=key /> })}
                        </div>
                    }
                    .into_any(),
                )
            }
            JobState::Failed | JobState::Cancelled => {
                let ended = runs.newest()?;
                Some(view! { <Ended run=ended /> }.into_any())
            }
        }
    }
}

/// Breaks off a run.
#[component]
fn CancelButton<R: Run>(runs: Runs<R>, run: String) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let cancel = move |_| {
        let address = format!("{}/{run}/cancel", path::<R>());
        busy.set(true);
        spawn_local(async move {
            match api::post(address).done().await {
                Ok(()) => toasts.done(t_now().runs.stopped),
                Err(error) => toasts.error(&error),
            }
            // The view may be gone.
            _ = busy.try_set(false);
            runs.list.reload();
        });
    };
    let may = move || session.can(Module::Segments, Operation::Create);
    may().then(|| {
        view! {
            <button
                type="button"
                class="btn-quiet"
                data-testid="run-cancel"
                disabled=move || busy.get()
                on:click=cancel
            >
                <Icon glyph=Glyph::Ban />
                {move || t().runs.cancel}
            </button>
        }
    })
}

/// Why the newest run has no results.
#[component]
fn Ended<R: Run>(run: R) -> impl IntoView {
    let session = use_session();
    let job = run
        .job()
        .filter(|_| session.can(Module::Settings, Operation::Read));
    let text = move || {
        let words = t().runs;
        match (run.state(), run.failure()) {
            (JobState::Cancelled, _) => words.cancelled.to_owned(),
            (_, Some(reason)) => fill(words.failed_why, &[("reason", &reason)]),
            _ => words.failed.to_owned(),
        }
    };
    view! {
        <p
            class="mb-4 flex flex-wrap items-center gap-2.5 rounded-box border border-warning/40 bg-warning/10 px-3.5 py-2.5"
            role="status"
            data-testid="run-ended"
        >
            <Icon glyph=Glyph::Warning class="size-4 text-warning" />
            <span class="min-w-0 flex-1">{text}</span>
            {job
                .map(|job| {
                    view! {
                        <A href=format!("/jobs/{job}") attr:class="link-plain">
                            {move || t().runs.see_job}
                        </A>
                    }
                })}
        </p>
    }
}
