//! Analyses that are run: asked for in a dialog, followed while they are made, cancelled, and chosen among.

mod dialog;
mod follow;
mod kinds;
mod page;

pub use dialog::RunDialog;
pub use page::{RunBody, RunHead};

use guanxi_domain::Page;
use guanxi_domain::job::JobState;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::api;
use crate::i18n::{RunsTexts, t};
use crate::live::use_live;
use crate::load::Loader;
use crate::nav::{UrlQuery, use_url};

/// A text of runs, as a label.
fn label(pick: fn(&RunsTexts) -> &'static str) -> Signal<String> {
    Signal::derive(move || pick(t().runs).to_owned())
}

/// A run in a list, the newest first.
pub trait Run: Clone + DeserializeOwned + Send + Sync + 'static {
    /// Its plural name on the wire.
    const RECORD: &'static str;
    /// The current run is shown unless the address names another; else the newest that is done.
    const CURRENT_FIRST: bool = false;

    fn key(&self) -> String;
    fn state(&self) -> JobState;
    fn percent(&self) -> Option<i32>;
    /// What tells it from others. Reactive.
    fn title(&self) -> String;
    /// What is said when it is done, in the language that is on.
    fn ready(&self) -> String;

    /// What it found is what customers have now.
    fn current(&self) -> bool {
        false
    }

    /// Why it has no results, where that is known. Reactive.
    fn failure(&self) -> Option<String> {
        None
    }

    /// The job that makes it, where the list tells.
    fn job(&self) -> Option<String> {
        None
    }

    /// Whether it can be cancelled while it is made.
    fn can_be_cancelled(&self) -> bool {
        true
    }
}

/// The address of a kind of runs, below `/api/v1`.
fn path<R: Run>() -> String {
    format!("/{}", R::RECORD.replace('_', "-"))
}

/// The run that is shown unless the address names one.
fn preferred<R: Run>(runs: &[R]) -> Option<String> {
    let done = || runs.iter().filter(|run| run.state() == JobState::Done);
    let current = done().find(|run| R::CURRENT_FIRST && run.current());
    current.or_else(|| done().next()).map(Run::key)
}

/// The runs of a page. Copied into its parts.
pub struct Runs<R: Send + Sync + 'static> {
    list: Loader<Page<R>>,
    /// The run whose results are shown.
    shown: Memo<Option<String>>,
    /// The dialog that asks for another is open.
    asking: RwSignal<bool>,
    url: UrlQuery,
    /// What of the address belongs to one run.
    forget: &'static [&'static str],
}

impl<R: Send + Sync + 'static> Clone for Runs<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R: Send + Sync + 'static> Copy for Runs<R> {}

impl<R: Run> Runs<R> {
    /// Fetches the runs and follows those that are being made. `forget` names what of the address goes with another run.
    pub fn new(forget: &'static [&'static str]) -> Self {
        let url = use_url();
        let list = Loader::new(|| api::get(path::<R>()).query("limit", 50).json::<Page<R>>());
        use_live().on(R::RECORD, move |_| list.reload());
        follow::follow(list);
        let shown = Memo::new(move |_| {
            let preferred = || list.with(|l| preferred(&l.data.as_ref()?.items));
            url.get("run").or_else(preferred)
        });
        Self {
            list,
            shown,
            asking: RwSignal::new(false),
            url,
            forget,
        }
    }

    /// Opens the dialog.
    pub fn ask(self) {
        self.asking.set(true);
    }

    /// The newest run, whatever became of it. Reactive.
    pub fn newest(self) -> Option<R> {
        self.list.with(|l| l.data.as_ref()?.items.first().cloned())
    }

    /// Why the runs could not be fetched. Reactive.
    pub fn refusal(self) -> Option<String> {
        self.list.error().map(|error| error.code().to_owned())
    }

    /// Shows another run; `None`: the preferred one.
    fn show(self, run: Option<String>) {
        let mut changes = vec![("run", run)];
        changes.extend(self.forget.iter().map(|name| (*name, None)));
        self.url.set(&changes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_domain::segmentation::kmeans::ClusterRunHead;
    use guanxi_domain::segmentation::run::SegmentationRunHead;
    use serde_json::{Value, json};

    const ID: &str = "01900000-0000-7000-8000-00000000000";

    fn runs<R: Run>(common: Value, each: &[Value]) -> Vec<R> {
        let run = |(n, own): (usize, &Value)| {
            let mut run = common.clone();
            run["id"] = json!(format!("{ID}{n}"));
            for (name, value) in own.as_object().into_iter().flatten() {
                run[name] = value.clone();
            }
            serde_json::from_value(run).expect("a run")
        };
        each.iter().enumerate().map(run).collect()
    }

    #[test]
    fn the_newest_that_is_done_is_shown() {
        let common = json!({"version": 1, "settings": {}, "percent": null, "names": [], "clusters": null, "current": false,
            "kept": true, "by": null, "by_name": "", "created_at": "2026-11-22T00:00:00Z"});
        let found: Vec<ClusterRunHead> = runs(
            common,
            &[
                json!({"state": "running"}),
                json!({"state": "cancelled"}),
                json!({"state": "done"}),
                json!({"state": "done", "current": true}),
            ],
        );
        assert_eq!(preferred(&found), Some(format!("{ID}2")));
        assert_eq!(preferred(&found[..2]), None);
    }

    #[test]
    fn the_current_scores_are_shown_though_a_run_of_an_earlier_day_is_newer() {
        let common = json!({"version": 1, "failure": null, "scores_kept": true, "settings": {}, "as_of": "2026-11-01", "from": null,
            "customers": 1, "purchases": 1, "previous_id": null, "job_id": null, "percent": null, "by": null, "by_name": "",
            "created_at": "2026-11-22T00:00:00Z", "finished_at": null, "duration_ms": null, "current": false});
        let found: Vec<SegmentationRunHead> = runs(
            common,
            &[
                json!({"state": "failed"}),
                json!({"state": "done"}),
                json!({"state": "done", "current": true}),
            ],
        );
        assert_eq!(preferred(&found), Some(format!("{ID}2")));
        assert_eq!(preferred(&found[..2]), Some(format!("{ID}1")));
    }
}
