//! Background jobs: what the server does by itself, on a schedule or when asked.

use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::{Field, FieldKind, FieldSet, JobId, Timestamp, UserId};

choice! {
    /// What a job does.
    pub enum JobKind {
        MetricsRefresh = "metrics_refresh", "更新客户指标到当天", "Move customers' figures to today";
        MetricsRebuild = "metrics_rebuild", "重新计算客户指标", "Compute customers' figures again";
        Segmentation = "segmentation", "客户细分分析", "Score and segment the customers";
        SegmentRecord = "segment_record", "记录细分成员", "Write down the members of segments";
        Backup = "backup", "备份数据库", "Back up the database";
        ApprovalExpiry = "approval_expiry", "结束过期的审批申请", "End requests that nobody has decided in time";
        Cleanup = "cleanup", "清理过期数据", "Clear away what has expired";
        RuleRun = "rule_run", "分析产品关联规则", "Find product rules";
        ClusterRun = "cluster_run", "客户聚类", "Group the customers";
        ReportMail = "report_mail", "邮件发送报表", "Send a report by mail";
    }
}

impl JobKind {
    /// What such a job is about, by its plural name on the wire: it does what somebody asked for there, with settings. `None`: the kind
    /// says all, and people may start it.
    pub const fn about(self) -> Option<&'static str> {
        match self {
            Self::RuleRun => Some("rule_runs"),
            Self::ClusterRun => Some("cluster_runs"),
            Self::ReportMail => Some("reports"),
            _ => None,
        }
    }
}

choice! {
    /// How far a job has come.
    pub enum JobState {
        Queued = "queued", "排队中", "Queued";
        Running = "running", "运行中", "Running";
        Done = "done", "已完成", "Done";
        Failed = "failed", "失败", "Failed";
        Cancelled = "cancelled", "已取消", "Cancelled";
    }
}

impl JobState {
    /// Waits or runs.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

choice! {
    /// How an attempt ended.
    pub enum JobOutcome {
        Done = "done", "完成", "Done";
        Failed = "failed", "失败", "Failed";
        Cancelled = "cancelled", "已取消", "Cancelled";
        /// The program was stopped; the job goes on afterwards.
        Interrupted = "interrupted", "已中断", "Interrupted";
        /// Whoever ran it gave no more sign of life.
        Lost = "lost", "失去联系", "Lost";
    }
}

/// When a job is due: every so many minutes, counted from midnight (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// 1440 is daily.
    pub every_minutes: i64,
    /// Minutes after the start of each such span.
    pub offset_minutes: i64,
}

const MINUTE: i64 = 60_000_000;

impl Schedule {
    /// Every day at this time, UTC.
    pub const fn daily(hour: i64, minute: i64) -> Self {
        Self {
            every_minutes: 24 * 60,
            offset_minutes: hour * 60 + minute,
        }
    }

    /// The last time at or before `now` that the job was due.
    pub fn latest(self, now: Timestamp) -> Timestamp {
        let (every, offset) = (self.every_minutes * MINUTE, self.offset_minutes * MINUTE);
        Timestamp::from_micros((now.micros() - offset).div_euclid(every) * every + offset)
    }

    /// The first time after `now` that the job will be due.
    pub fn next(self, now: Timestamp) -> Timestamp {
        self.latest(now).plus_seconds(self.every_minutes * 60)
    }
}

/// Seconds to wait after each failed attempt; as many attempts more than waits are made.
pub const RETRY_DELAYS: [i64; 4] = [30, 2 * 60, 10 * 60, 3600];

/// A job as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    pub id: JobId,
    pub version: i64,
    pub kind: JobKind,
    /// The id of what it is about: of the run that it makes. `null` where the kind says all.
    pub subject: Option<String>,
    pub state: JobState,
    /// It runs at this time at the earliest.
    pub run_at: Timestamp,
    /// Attempts begun so far.
    pub attempts: i32,
    /// How far it has come, where it can tell.
    pub percent: Option<i32>,
    /// What it found or did.
    pub result: Option<serde_json::Value>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// Who started it; `null`: its schedule.
    pub by: Option<UserId>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// An attempt to do a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobRun {
    /// From 1.
    pub number: i32,
    /// The process that made it.
    pub worker: String,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// `null` while it runs.
    pub outcome: Option<JobOutcome>,
    pub error: Option<String>,
}

/// A job with its attempts, the first one first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobDetail {
    #[serde(flatten)]
    pub job: Job,
    pub runs: Vec<JobRun>,
}

/// A kind of job: when it is due and how it went last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobPlan {
    pub kind: JobKind,
    /// `null`: only when asked.
    pub schedule: Option<Schedule>,
    pub next_at: Option<Timestamp>,
    pub last: Option<Job>,
}

/// Starts a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JobStart {
    pub kind: JobKind,
}

/// The fields of a job.
pub const FIELDS: FieldSet = FieldSet {
    record: "jobs",
    default_sort: "-created_at",
    fields: &[
        Field::new("kind", FieldKind::Choice(JobKind::CHOICES), "任务", "Job"),
        Field::new(
            "state",
            FieldKind::Choice(JobState::CHOICES),
            "状态",
            "State",
        ),
        Field::new("by", FieldKind::Reference("users"), "启动人", "Started by")
            .optional()
            .unsorted(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
        Field::new("finished_at", FieldKind::Timestamp, "结束时间", "Finished").optional(),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn due_times_lie_on_the_schedule() {
        let daily = Schedule::daily(0, 5);
        let cases = [
            ("2026-11-22T00:05:00Z", "2026-11-22T00:05:00Z"),
            ("2026-11-22T00:04:59Z", "2026-11-21T00:05:00Z"),
            ("2026-11-22T23:59:59Z", "2026-11-22T00:05:00Z"),
            ("1969-12-31T00:00:00Z", "1969-12-30T00:05:00Z"),
        ];
        for (now, latest) in cases {
            assert_eq!(daily.latest(at(now)), at(latest), "{now}");
            let next = daily.next(at(now));
            assert_eq!(next, at(latest).plus_seconds(24 * 3600), "{now}");
            assert!(next > at(now), "{now}");
        }
    }
}
