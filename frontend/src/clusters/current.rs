//! The clusters that customers are in now, and what they are called: for filters and lists.

use guanxi_domain::Page;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segmentation::kmeans::{ClusterRunHead, cluster_label};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Names;
use crate::api;
use crate::i18n::lang;
use crate::session::Session;
use crate::ui::Options;

/// In the context of every page; asked for when a page first wants it.
#[derive(Clone, Copy)]
pub struct CurrentClusters {
    session: Session,
    /// A name for each cluster, or none.
    names: RwSignal<Option<Names>>,
    asked: StoredValue<bool>,
}

impl CurrentClusters {
    pub fn provide(session: Session) {
        provide_context(Self {
            session,
            names: RwSignal::new(None),
            asked: StoredValue::new(false),
        });
    }

    /// Somebody has named a cluster, or a run is done.
    pub fn forget(self) {
        self.asked.set_value(false);
        self.names.set(None);
    }

    /// The names; asked for once. Reactive.
    fn names(self) -> Option<Names> {
        let may = untrack(|| self.session.can(Module::Reports, Operation::Read));
        if may && !self.asked.get_value() {
            self.asked.set_value(true);
            spawn_local(async move {
                // Without them clusters go by their numbers.
                let runs = api::get("/cluster-runs").query("limit", 50);
                if let Ok(page) = runs.json::<Page<ClusterRunHead>>().await {
                    self.names.set(of_current(page.items));
                }
            });
        }
        self.names.get()
    }

    /// The clusters to choose from, by their numbers; `None` where they are not known. Reactive.
    pub fn options(self) -> Option<Options> {
        self.names()?;
        Some(Signal::derive(move || {
            let names = self.names().unwrap_or_default();
            let options = (1..).zip(&names).map(|(cluster, name)| {
                let label = cluster_label(cluster, name.as_deref(), lang());
                (cluster.to_string(), label)
            });
            options.collect()
        }))
    }

    /// What a cluster is called. Reactive.
    pub fn name_of(self, cluster: i64) -> String {
        super::name_of(cluster, &self.names().unwrap_or_default())
    }
}

/// The names of the run that is current, one for each cluster.
fn of_current(runs: Vec<ClusterRunHead>) -> Option<Names> {
    let run = runs.into_iter().find(|run| run.current)?;
    let clusters = usize::try_from(run.clusters?).ok()?;
    let mut names = run.names;
    names.resize(clusters, None);
    Some(names)
}

pub fn use_current_clusters() -> CurrentClusters {
    expect_context()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(current: bool, clusters: i64, names: &serde_json::Value) -> ClusterRunHead {
        let run = json!({"id": "01900000-0000-7000-8000-000000000000", "version": 1, "settings": {}, "state": "done",
            "percent": null, "names": names, "clusters": clusters, "current": current, "kept": true, "by": null,
            "by_name": "", "created_at": "2026-11-22T00:00:00Z"});
        serde_json::from_value(run).expect("a run")
    }

    #[test]
    fn each_cluster_of_the_current_run_has_a_name_or_none() {
        let runs = vec![
            run(false, 2, &json!(["A"])),
            run(true, 3, &json!([null, "B"])),
        ];
        let names = of_current(runs).expect("the current one");
        assert_eq!(names, [None, Some("B".to_owned()), None]);
        assert_eq!(of_current(vec![run(false, 2, &json!([]))]), None);
    }
}
