//! Runs that background jobs make: followed while they are under way.

use std::time::Duration;

use guanxi_domain::Page;
use guanxi_domain::job::JobState;
use guanxi_domain::segmentation::kmeans::ClusterRunHead;
use guanxi_domain::segmentation::rules::RuleRun;
use leptos::prelude::*;

use crate::i18n::t;
use crate::load::Loader;
use crate::ui::{Glyph, Icon, ProgressBar};

/// How often runs that are not over are asked after.
const POLL: Duration = Duration::from_secs(2);

/// A run in a list, the newest first.
pub trait Run: Clone + Send + Sync + 'static {
    fn key(&self) -> String;
    fn state(&self) -> JobState;
    fn percent(&self) -> Option<i32>;
}

impl Run for RuleRun {
    fn key(&self) -> String {
        self.id.to_string()
    }

    fn state(&self) -> JobState {
        self.state
    }

    fn percent(&self) -> Option<i32> {
        self.percent
    }
}

impl Run for ClusterRunHead {
    fn key(&self) -> String {
        self.id.to_string()
    }

    fn state(&self) -> JobState {
        self.state
    }

    fn percent(&self) -> Option<i32> {
        self.percent
    }
}

/// The run that the address names, or else the newest that is done.
pub fn chosen<R: Run>(runs: &[R], asked: Option<String>) -> Option<String> {
    let done = || runs.iter().find(|run| run.state() == JobState::Done);
    asked.or_else(|| done().map(Run::key))
}

/// Asks again while a run is under way; `ended` is told of each that is done.
pub fn follow<R: Run>(runs: Loader<Page<R>>, ended: impl Fn(R) + 'static) {
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
                ended(run);
            }
        }
        now
    });
}

/// How far the newest run is, while it is not done.
#[component]
pub fn Underway<R: Run>(runs: Loader<Page<R>>) -> impl IntoView {
    let newest = Memo::new(move |_| {
        runs.with(|l| {
            let newest = l.data.as_ref()?.items.first()?;
            Some((newest.state(), newest.percent()))
        })
    });
    move || {
        match newest.get()? {
        (JobState::Done, _) => None,
        (state, percent) if state.is_active() => {
            let text = Signal::derive(move || {
                let words = t().common;
                let text = if state == JobState::Queued {
                    words.run_waiting
                } else {
                    words.run_running
                };
                text.to_owned()
            });
            let share = Signal::stored(percent.map(|percent| f64::from(percent) / 100.0));
            Some(
                view! {
                    <div class="panel mb-4 p-4" data-testid="underway">
                        <ProgressBar share=share label=text />
                    </div>
                }
                .into_any(),
            )
        }
        _ => Some(
            view! {
                <p
                    class="mb-4 flex items-start gap-2.5 rounded-box border border-error/30 bg-error/8 px-3.5 py-2.5"
                    role="alert"
                >
                    <span class="mt-0.5 text-error">
                        <Icon glyph=Glyph::Warning />
                    </span>
                    {move || t().common.run_failed}
                </p>
            }
            .into_any(),
        ),
    }
    }
}
