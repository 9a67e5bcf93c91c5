//! What the server does by itself: one line for each kind of job.

use guanxi_domain::Timestamp;
use guanxi_domain::job::{JobKind, Schedule};
use guanxi_domain::segmentation::run::NIGHTLY;
use guanxi_persistence::backup;
use guanxi_persistence::segmentation::{self, Made};
use guanxi_persistence::webhook::delivery;
use guanxi_persistence::{
    Error, Origin, Tx, approval, clusters, event, idempotency, job, mail, metrics, notification,
    rules, segment, share, value,
};
use serde_json::{Value, json};

use super::{Work, report_mail};
use crate::Config;

/// Days that jobs which are over, events, messages and mails can still be looked at.
const DAYS_KEPT: i64 = 30;

/// Days after which is forgotten what a mail said that was sent.
const MAIL_DAYS: i64 = 3;

/// Days that notifications are kept.
const NOTIFICATION_DAYS: i64 = 90;

/// A kind of job. Its name in both languages is the label of [`JobKind`].
pub struct Declared {
    pub kind: JobKind,
    /// `None`: only when somebody asks for it.
    pub schedule: fn(&Config) -> Option<Schedule>,
    /// Does it. May be repeated after it did a part, so it must be safe to repeat.
    pub run: fn(&Work<'_>) -> Result<Value, Error>,
}

/// All kinds.
pub const JOBS: &[Declared] = &[
    Declared {
        kind: JobKind::MetricsRefresh,
        schedule: |_| Some(Schedule::daily(0, 1)),
        run: refresh_metrics,
    },
    Declared {
        kind: JobKind::MetricsRebuild,
        schedule: |_| None,
        run: rebuild_metrics,
    },
    Declared {
        kind: JobKind::Segmentation,
        schedule: |_| Some(NIGHTLY),
        run: segment,
    },
    Declared {
        kind: JobKind::SegmentRecord,
        // After the figures have moved to the new day, and the scores with them.
        schedule: |_| Some(Schedule::daily(1, 45)),
        run: record_segments,
    },
    Declared {
        kind: JobKind::Backup,
        schedule: Config::backup_schedule,
        run: back_up,
    },
    Declared {
        kind: JobKind::ApprovalExpiry,
        schedule: |_| Some(Schedule::daily(0, 30)),
        run: expire_approvals,
    },
    Declared {
        kind: JobKind::Cleanup,
        schedule: |_| Some(Schedule::daily(3, 30)),
        run: clean_up,
    },
    Declared {
        kind: JobKind::RuleRun,
        schedule: |_| None,
        run: find_rules,
    },
    Declared {
        kind: JobKind::ClusterRun,
        schedule: |_| None,
        run: find_clusters,
    },
    Declared {
        kind: JobKind::ReportMail,
        schedule: |_| None,
        run: report_mail::send,
    },
];

fn refresh_metrics(work: &Work<'_>) -> Result<Value, Error> {
    let all = work.db.read_blocking(metrics::customers)?;
    let today = Timestamp::now().date();
    let customers = metrics::refresh(work.db, today, |done| work.step(done, all))?;
    Ok(json!({"customers": customers}))
}

fn rebuild_metrics(work: &Work<'_>) -> Result<Value, Error> {
    let all = work.db.read_blocking(metrics::customers)?;
    let report = metrics::rebuild(work.db, Origin::system(), |done| work.step(done, all))?;
    Ok(json!({"customers": report.customers, "differing": report.differing}))
}

/// Every night, but only where the settings want it; or because somebody asked for a run.
fn segment(work: &Work<'_>) -> Result<Value, Error> {
    match segmentation::run_job(work.db, work.job, |percent| work.step(percent, 100))? {
        Made::Run { id, customers } => Ok(json!({"run": id, "customers": customers})),
        Made::Stopped | Made::Nothing => Ok(Value::Null),
    }
}

fn record_segments(work: &Work<'_>) -> Result<Value, Error> {
    let (segments, broken) = segment::record_all(work.db, |done, all| work.step(done, all))?;
    Ok(json!({"segments": segments, "broken": broken}))
}

fn back_up(work: &Work<'_>) -> Result<Value, Error> {
    let folder = work.config.backup_dir();
    let mut step = |written: i64, all: Option<i64>| match all {
        Some(all) => work.step(written, all),
        None => work.go_on(),
    };
    let made = backup::create(work.db.url(), &folder, crate::VERSION, &mut step)?;
    let Some(made) = made else {
        return Ok(Value::Null);
    };
    let deleted = backup::prune(&folder, work.config.retention())?;
    Ok(json!({"file": made.name, "bytes": made.size, "deleted": deleted.len()}))
}

fn expire_approvals(work: &Work<'_>) -> Result<Value, Error> {
    let expired = in_parts(work, approval::expire)?;
    Ok(json!({"expired": expired}))
}

/// What a job is about: the run that it makes, the report that it sends.
pub(super) fn subject<I: std::str::FromStr>(work: &Work<'_>) -> Result<I, Error> {
    let id = work.job.subject.as_deref().and_then(|id| id.parse().ok());
    id.ok_or_else(|| Error::Internal("the job is about nothing".to_owned()))
}

fn find_rules(work: &Work<'_>) -> Result<Value, Error> {
    let made = rules::make(work.db, subject(work)?, |percent| work.step(percent, 100))?;
    Ok(made.map_or(
        Value::Null,
        |made| json!({"lines": made.lines, "rules": made.rules}),
    ))
}

fn find_clusters(work: &Work<'_>) -> Result<Value, Error> {
    let made = clusters::make(work.db, subject(work)?, |percent| work.step(percent, 100))?;
    Ok(made.map_or(
        Value::Null,
        |made| json!({"customers": made.figures.customers, "clusters": made.chosen}),
    ))
}

/// Repeats what clears a part away until there is no more, so that other writes come in between; how much it was.
fn in_parts(
    work: &Work<'_>,
    part: impl Fn(&mut Tx<'_>) -> Result<usize, Error> + Copy + Send + 'static,
) -> Result<usize, Error> {
    let mut all = 0;
    loop {
        let gone = work.db.housekeep_blocking(move |tx| part(tx))?;
        all += gone;
        if gone == 0 || work.step(0, 1).is_break() {
            return Ok(all);
        }
    }
}

fn clean_up(work: &Work<'_>) -> Result<Value, Error> {
    let days_ago = |days: i64| Timestamp::now().plus_seconds(-days * 24 * 3600);
    let before = days_ago(DAYS_KEPT);
    let jobs = work
        .db
        .housekeep_blocking(move |tx| job::prune(tx, before))?;
    let keys = work.db.housekeep_blocking(idempotency::prune)?;
    let messages = work
        .db
        .housekeep_blocking(move |tx| delivery::prune(tx, before))?;
    let said = days_ago(MAIL_DAYS);
    in_parts(work, move |tx| mail::empty(tx, said))?;
    let mails = in_parts(work, move |tx| mail::prune(tx, before))?;
    let told = days_ago(NOTIFICATION_DAYS);
    let notifications = work
        .db
        .housekeep_blocking(move |tx| notification::prune(tx, told))?;
    let last_month = before.date();
    let shares = work
        .db
        .housekeep_blocking(move |tx| share::prune(tx, last_month))?;
    let scores = segmentation::sweep(work.db)?;
    let places = value::sweep(work.db)?;
    let members = clusters::sweep(work.db)?;
    let rules = rules::sweep(work.db)?;
    let events = in_parts(work, move |tx| event::prune(tx, before))?;
    Ok(json!({
        "jobs": jobs,
        "idempotency_keys": keys,
        "messages": messages,
        "mails": mails,
        "events": events,
        "notifications": notifications,
        "shares": shares,
        "scores": scores,
        "places": places,
        "members": members,
        "rules": rules,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_declared_once() {
        let declared: Vec<JobKind> = JOBS.iter().map(|d| d.kind).collect();
        assert_eq!(declared, JobKind::ALL);
    }
}
