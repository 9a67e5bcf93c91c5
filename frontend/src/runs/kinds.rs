//! What the kinds of runs say of themselves.

use guanxi_domain::job::JobState;
use guanxi_domain::segmentation::kmeans::ClusterRunHead;
use guanxi_domain::segmentation::rules::RuleRun;
use guanxi_domain::segmentation::run::{RunState, SegmentationRunHead};
use guanxi_domain::value::ValueRunHead;

use super::Run;
use crate::format;
use crate::i18n::{fill, lang, t, t_now};

impl Run for ValueRunHead {
    const RECORD: &'static str = "value_runs";

    fn key(&self) -> String {
        self.id.to_string()
    }

    /// It is made while its asker waits.
    fn state(&self) -> JobState {
        JobState::Done
    }

    fn percent(&self) -> Option<i32> {
        None
    }

    fn title(&self) -> String {
        let measure = self.settings.measure.label(lang());
        format!("{} · {measure}", format::time(self.created_at))
    }

    fn ready(&self) -> String {
        let n = format::integer(self.customers.unwrap_or_default());
        fill(t_now().value.done, &[("n", &n)])
    }
}

impl Run for RuleRun {
    const RECORD: &'static str = "rule_runs";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn state(&self) -> JobState {
        self.state
    }

    fn percent(&self) -> Option<i32> {
        self.percent
    }

    fn title(&self) -> String {
        let items = self.settings.items.label(lang());
        format!("{} · {items}", format::time(self.created_at))
    }

    fn ready(&self) -> String {
        let rules = self.result.as_ref().map_or(0, |result| result.rules);
        fill(t_now().rules.ready, &[("n", &format::integer(rules))])
    }
}

impl Run for ClusterRunHead {
    const RECORD: &'static str = "cluster_runs";

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn state(&self) -> JobState {
        self.state
    }

    fn percent(&self) -> Option<i32> {
        self.percent
    }

    fn title(&self) -> String {
        format::time(self.created_at)
    }

    fn ready(&self) -> String {
        let n = format::integer(self.clusters.unwrap_or_default());
        fill(t_now().clusters.ready, &[("n", &n)])
    }

    fn current(&self) -> bool {
        self.current
    }
}

impl Run for SegmentationRunHead {
    const RECORD: &'static str = "segmentation_runs";
    const CURRENT_FIRST: bool = true;

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn state(&self) -> JobState {
        match self.state {
            RunState::Running => JobState::Running,
            RunState::Done => JobState::Done,
            RunState::Failed => JobState::Failed,
        }
    }

    fn percent(&self) -> Option<i32> {
        self.percent
    }

    fn title(&self) -> String {
        let (date, time) = (
            format::date_short(self.as_of),
            format::time(self.created_at),
        );
        fill(t().segmentation.option, &[("date", &date), ("time", &time)])
    }

    fn ready(&self) -> String {
        let s = t_now().segmentation;
        self.customers.map_or_else(
            || s.done_scope.to_owned(),
            |n| fill(s.done, &[("n", &format::integer(n))]),
        )
    }

    fn current(&self) -> bool {
        self.current
    }

    fn failure(&self) -> Option<String> {
        Some(self.failure?.label(lang()).to_owned())
    }

    fn job(&self) -> Option<String> {
        Some(self.job_id?.to_string())
    }

    /// The command line makes runs without a job.
    fn can_be_cancelled(&self) -> bool {
        self.job_id.is_some()
    }
}
