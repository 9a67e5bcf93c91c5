//! Background jobs: the queue, who works on what, and how it went.
//!
//! A job is claimed for a while ([`LEASE_SECONDS`]) and the claim renewed as long as its process lives, so that a job of a
//! process that was killed is taken over by another. A job may therefore begin more than once: each one must be safe to repeat.
//! The clocks of replicas have to agree within seconds.

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
};
use guanxi_domain::job::{
    FIELDS, Job, JobDetail, JobKind, JobOutcome, JobRun, JobState, RETRY_DELAYS,
};
use guanxi_domain::notification::NotificationKind;
use guanxi_domain::permission::Module;
use guanxi_domain::{ErrorCode, JobId, Timestamp, UserId};
use serde_json::Value;

use crate::condition::{Column, Condition};
use crate::list::ListSpec;
use crate::notification;
use crate::record::Record;
use crate::schema::{job_runs, jobs};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, Tx, Visibility, segmentation, user};

const RECORD: &str = "jobs";
/// Seconds that a claim is good for unless it is renewed.
pub const LEASE_SECONDS: i64 = 30;
/// Characters of an error that are kept.
const ERROR_LENGTH: usize = 1_000;

const LIST: ListSpec = ListSpec {
    elsewhere: &[(
        "by",
        Column {
            table: "jobs",
            name: "by_id",
        },
    )],
    ..ListSpec::new(&FIELDS, "jobs")
};

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: JobId,
    version: i64,
    kind: JobKind,
    slot: Option<String>,
    state: JobState,
    run_at: Timestamp,
    attempts: i32,
    failures: i32,
    percent: Option<i32>,
    result: Option<Json<Value>>,
    error: Option<String>,
    leased_until: Option<Timestamp>,
    leased_by: Option<String>,
    by_id: Option<UserId>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    updated_at: Timestamp,
    subject: Option<String>,
}

impl Row {
    fn new(kind: JobKind, slot: Option<String>, by: Option<UserId>, now: Timestamp) -> Self {
        Self {
            id: JobId::generate(),
            version: 1,
            kind,
            slot,
            state: JobState::Queued,
            run_at: now,
            attempts: 0,
            failures: 0,
            percent: None,
            result: None,
            error: None,
            leased_until: None,
            leased_by: None,
            by_id: by,
            created_at: now,
            started_at: None,
            finished_at: None,
            updated_at: now,
            subject: None,
        }
    }

    fn into_job(self) -> Result<Job> {
        Ok(Job {
            id: self.id,
            version: self.version,
            kind: self.kind,
            subject: self.subject,
            state: self.state,
            run_at: self.run_at,
            attempts: self.attempts,
            percent: self.percent,
            result: self.result.map(|r| r.get()).transpose()?,
            error: self.error,
            by: self.by_id,
            created_at: self.created_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
        })
    }
}

#[derive(diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = job_runs)]
struct RunRow {
    number: i32,
    worker: String,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    outcome: Option<JobOutcome>,
    error: Option<String>,
}

/// Jobs belong to the deployment: whoever may read settings sees them all.
pub fn get(connection: &mut AnyConnection, id: JobId) -> Result<Job> {
    find(connection, id)?.into_job()
}

fn find(connection: &mut AnyConnection, id: JobId) -> Result<Row> {
    Ok(jobs::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?)
}

pub fn detail(connection: &mut AnyConnection, id: JobId) -> Result<JobDetail> {
    let job = get(connection, id)?;
    let rows: Vec<RunRow> = job_runs::table
        .filter(job_runs::job_id.eq(id))
        .order(job_runs::number)
        .select(RunRow::as_select())
        .load(connection)?;
    let runs = rows
        .into_iter()
        .map(|row| JobRun {
            number: row.number,
            worker: row.worker,
            started_at: row.started_at,
            finished_at: row.finished_at,
            outcome: row.outcome,
            error: row.error,
        })
        .collect();
    Ok(JobDetail { job, runs })
}

/// The server's own work. Whoever may see it sees all of it.
pub struct Jobs;

impl Record for Jobs {
    type Item = Job;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Settings;

    fn scope(_: &Visibility) -> Condition {
        Condition::Always
    }

    of_one_table!(jobs, Row, Row::into_job);
}

/// The youngest job of a kind.
pub fn last(connection: &mut AnyConnection, kind: JobKind) -> Result<Option<Job>> {
    let row: Option<Row> = jobs::table
        .filter(jobs::kind.eq(kind))
        .order((jobs::created_at.desc(), jobs::id.desc()))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    row.map(Row::into_job).transpose()
}

/// Of a kind one job waits or runs at a time.
fn busy(error: diesel::result::Error) -> Error {
    match Error::from(error).taken("kind", "/kind") {
        Error::ConflictAt(..) => Error::Conflict(ErrorCode::Conflict),
        other => other,
    }
}

/// Puts a job into the queue because somebody asks for it.
pub fn start(tx: &mut Tx<'_>, actor: &Actor, kind: JobKind) -> Result<Job> {
    if kind.about().is_some() {
        return Err(Error::invalid("/kind", "choice"));
    }
    let row = Row::new(kind, None, Some(actor.user_id), tx.now);
    diesel::insert_into(jobs::table)
        .values(row.clone())
        .execute(tx.connection)
        .map_err(busy)?;
    let job = row.into_job()?;
    tx.created(RECORD, job.id.as_str(), &job)?;
    Ok(job)
}

/// Puts a job into the queue that is about something: of those any number may wait. Whoever asks records what was asked for.
pub(crate) fn queue(tx: &mut Tx<'_>, kind: JobKind, subject: &str) -> Result<()> {
    let row = Row {
        subject: Some(subject.to_owned()),
        ..Row::new(kind, None, tx.origin.user_id, tx.now)
    };
    diesel::insert_into(jobs::table)
        .values(row)
        .execute(tx.connection)?;
    Ok(())
}

/// How far what was asked for has come: that of the youngest job about it.
pub(crate) fn progress(
    connection: &mut AnyConnection,
    subjects: &[&str],
) -> Result<HashMap<String, (JobState, Option<i32>)>> {
    let rows: Vec<(Option<String>, JobState, Option<i32>)> = jobs::table
        .filter(jobs::subject.eq_any(subjects))
        .order((jobs::created_at, jobs::id))
        .select((jobs::subject, jobs::state, jobs::percent))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .filter_map(|(subject, state, percent)| Some((subject?, (state, percent))))
        .collect())
}

/// Whether somebody still wants what a job is about: it waits for its turn or is at work. The answer holds until the transaction ends.
pub(crate) fn is_wanted(tx: &mut Tx<'_>, subject: &str) -> Result<bool> {
    let youngest = jobs::table
        .filter(jobs::subject.eq(subject))
        .order((jobs::created_at.desc(), jobs::id.desc()))
        .select(jobs::state);
    let state: Option<JobState> = match &mut *tx.connection {
        AnyConnection::Postgres(c) => youngest.for_update().first(c).optional()?,
        AnyConnection::Sqlite(c) => youngest.first(c).optional()?,
    };
    Ok(state.is_some_and(JobState::is_active))
}

/// Of things that were asked for, those that no job is about any more: it failed, was cancelled or is forgotten.
pub(crate) fn given_up<'a>(
    connection: &mut AnyConnection,
    subjects: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<&'a str>> {
    let subjects: Vec<&str> = subjects.into_iter().collect();
    let progress = progress(connection, &subjects)?;
    let active = |subject: &str| {
        progress
            .get(subject)
            .is_some_and(|(state, _)| state.is_active())
    };
    Ok(subjects
        .into_iter()
        .filter(|subject| !active(subject))
        .collect())
}

/// Where what was asked for stands: done with its result, else as its job. The job is forgotten long after it failed.
pub(crate) fn state_of(
    done: bool,
    job: Option<(JobState, Option<i32>)>,
) -> (JobState, Option<i32>) {
    if done {
        (JobState::Done, None)
    } else {
        job.unwrap_or((JobState::Failed, None))
    }
}

/// Puts a job into the queue because its schedule says so, unless another replica did or one of its kind is still at work.
pub fn schedule(tx: &mut Tx<'_>, kind: JobKind, due: Timestamp) -> Result<()> {
    let row = Row::new(kind, Some(format!("{kind}@{due}")), None, tx.now);
    per_backend!(tx.connection, c => diesel::insert_into(jobs::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

macro_rules! due {
    ($now:expr) => {
        jobs::table.filter(
            jobs::state
                .eq(JobState::Queued)
                .and(jobs::run_at.le($now))
                .or(jobs::state
                    .eq(JobState::Running)
                    .and(jobs::leased_until.lt($now))),
        )
    };
}

/// Whether a job waits to be claimed.
pub fn is_due(connection: &mut AnyConnection, now: Timestamp) -> Result<bool> {
    let found: i64 = due!(now).count().get_result(connection)?;
    Ok(found > 0)
}

/// A job that this process is to do.
#[derive(Clone, Debug)]
pub struct Claim {
    pub job: Job,
    worker: String,
}

/// Claims the job that has waited longest; one whose process gave no more sign of life counts as waiting.
pub fn claim(tx: &mut Tx<'_>, worker: &str) -> Result<Option<Claim>> {
    let next = due!(tx.now)
        .order((jobs::run_at, jobs::id))
        .select(jobs::id)
        .limit(1);
    let id: Option<JobId> = match tx.connection {
        AnyConnection::Sqlite(c) => next.first(c).optional()?,
        // Another replica that claims at the same time takes the one after it.
        AnyConnection::Postgres(c) => next.for_update().skip_locked().first(c).optional()?,
    };
    let Some(id) = id else { return Ok(None) };
    let mut row = find(tx.connection, id)?;
    if row.state == JobState::Running {
        end_run(tx, &row, JobOutcome::Lost, None)?;
        row.failures += 1;
        if delay_after(row.failures).is_none() {
            row.state = JobState::Failed;
            row.error = Some("the process that ran it was lost".to_owned());
            let job = save(tx, row)?;
            tell_of_end(tx, &job)?;
            return Ok(None);
        }
    }
    row.state = JobState::Running;
    row.attempts += 1;
    row.percent = None;
    row.started_at = row.started_at.or(Some(tx.now));
    row.leased_by = Some(worker.to_owned());
    row.leased_until = Some(tx.now.plus_seconds(LEASE_SECONDS));
    diesel::insert_into(job_runs::table)
        .values((
            job_runs::job_id.eq(id),
            job_runs::number.eq(row.attempts),
            job_runs::worker.eq(worker),
            job_runs::started_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    let job = save(tx, row)?;
    Ok(Some(Claim {
        job,
        worker: worker.to_owned(),
    }))
}

/// Renews a claim and tells how far the job has come; false if the job is not this process's any more, or cancelled.
pub fn renew(tx: &mut Tx<'_>, claim: &Claim, percent: Option<i32>) -> Result<bool> {
    let renewed = diesel::update(
        jobs::table
            .find(claim.job.id)
            .filter(jobs::state.eq(JobState::Running))
            .filter(jobs::attempts.eq(claim.job.attempts))
            .filter(jobs::leased_by.eq(&claim.worker)),
    )
    .set((
        jobs::leased_until.eq(tx.now.plus_seconds(LEASE_SECONDS)),
        jobs::percent.eq(percent),
    ))
    .execute(tx.connection)?;
    Ok(renewed == 1)
}

/// How a claimed job came out.
#[derive(Clone, Debug)]
pub enum Ending {
    Done(Value),
    Failed(String),
    /// The program stops: the job goes on when it runs again, and the attempt does not count.
    Interrupted,
}

/// Notes how a job came out, unless it has been taken over or cancelled since.
pub fn finish(tx: &mut Tx<'_>, claim: &Claim, ending: &Ending) -> Result<()> {
    let held: Option<Row> = jobs::table
        .find(claim.job.id)
        .filter(jobs::state.eq(JobState::Running))
        .filter(jobs::attempts.eq(claim.job.attempts))
        .filter(jobs::leased_by.eq(&claim.worker))
        .select(Row::as_select())
        .first(tx.connection)
        .optional()?;
    let Some(mut row) = held else { return Ok(()) };
    match ending {
        Ending::Done(result) => {
            end_run(tx, &row, JobOutcome::Done, None)?;
            row.state = JobState::Done;
            row.percent = Some(100);
            row.result = Some(Json::new(result)?);
            row.error = None;
        }
        Ending::Failed(error) => {
            let error: String = error.chars().take(ERROR_LENGTH).collect();
            end_run(tx, &row, JobOutcome::Failed, Some(&error))?;
            row.error = Some(error);
            row.failures += 1;
            row.state = JobState::Failed;
            if let Some(seconds) = delay_after(row.failures) {
                row.state = JobState::Queued;
                row.run_at = tx.now.plus_seconds(seconds);
            }
        }
        Ending::Interrupted => {
            end_run(tx, &row, JobOutcome::Interrupted, None)?;
            row.state = JobState::Queued;
            row.run_at = tx.now;
        }
    }
    let job = save(tx, row)?;
    tell_of_end(tx, &job)
}

/// Tells whoever started a job that it is over, and all administrators that one has failed for good.
fn tell_of_end(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let (kind, told) = match job.state {
        JobState::Failed => {
            let mut told = user::administrators(tx.connection)?;
            told.extend(job.by.filter(|by| !told.contains(by)));
            (NotificationKind::JobFailed, told)
        }
        state if state.is_active() => return Ok(()),
        _ => (NotificationKind::JobFinished, job.by.into_iter().collect()),
    };
    // Who asked for something is led there; administrators are led to the job, which says why it failed.
    let asked_for = job.kind.about().zip(job.subject.as_deref());
    for user in told {
        let record = asked_for
            .filter(|_| job.by == Some(user))
            .unwrap_or((RECORD, job.id.as_str()));
        notification::tell(tx, user, kind, record, job.kind.as_str())?;
    }
    Ok(())
}

/// Seconds to wait after so many failures, from 1; `None`: no more attempts.
fn delay_after(failures: i32) -> Option<i64> {
    let index = usize::try_from(failures - 1).ok()?;
    RETRY_DELAYS.get(index).copied()
}

fn end_run(tx: &mut Tx<'_>, row: &Row, outcome: JobOutcome, error: Option<&str>) -> Result<()> {
    diesel::update(job_runs::table.find((row.id, row.attempts)))
        .set((
            job_runs::finished_at.eq(tx.now),
            job_runs::outcome.eq(outcome),
            job_runs::error.eq(error),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Writes a changed row if nobody changed it meanwhile; only a running job stays claimed.
fn save(tx: &mut Tx<'_>, row: Row) -> Result<Job> {
    let version = row.version;
    let running = row.state == JobState::Running;
    let row = Row {
        version: version + 1,
        leased_by: row.leased_by.filter(|_| running),
        leased_until: row.leased_until.filter(|_| running),
        finished_at: (!row.state.is_active()).then_some(tx.now),
        updated_at: tx.now,
        ..row
    };
    let changed = diesel::update(jobs::table.find(row.id).filter(jobs::version.eq(version)))
        .set(row.clone())
        .execute(tx.connection)
        .map_err(busy)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    if row.kind == JobKind::Segmentation && !row.state.is_active() {
        segmentation::job_over(tx, row.id, row.state)?;
    }
    row.into_job()
}

/// Takes a job out of the queue, or stops it at its next step. What it has done stays.
pub fn cancel(tx: &mut Tx<'_>, id: JobId) -> Result<Job> {
    let row = find(tx.connection, id)?;
    match row.state {
        JobState::Queued => {}
        JobState::Running => end_run(tx, &row, JobOutcome::Cancelled, None)?,
        _ => return Err(Error::Conflict(ErrorCode::Conflict)),
    }
    change(tx, "cancelled", row, |row, _| {
        row.state = JobState::Cancelled;
    })
}

/// Cancels the youngest job about something. Whoever may ask for such work may do so.
pub(crate) fn cancel_about(tx: &mut Tx<'_>, subject: &str) -> Result<()> {
    let id: Option<JobId> = jobs::table
        .filter(jobs::subject.eq(subject))
        .order((jobs::created_at.desc(), jobs::id.desc()))
        .select(jobs::id)
        .first(tx.connection)
        .optional()?;
    let id = id.ok_or(Error::Conflict(ErrorCode::Conflict))?;
    cancel(tx, id).map(drop)
}

/// Puts a job that failed or was cancelled back into the queue, with all its attempts ahead.
pub fn retry(tx: &mut Tx<'_>, id: JobId) -> Result<Job> {
    let row = find(tx.connection, id)?;
    if !matches!(row.state, JobState::Failed | JobState::Cancelled) {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    change(tx, "retried", row, |row, now| {
        row.state = JobState::Queued;
        row.run_at = now;
        row.failures = 0;
    })
}

/// A change that somebody makes: it stands in the audit trail.
fn change(
    tx: &mut Tx<'_>,
    action: &str,
    mut row: Row,
    f: impl FnOnce(&mut Row, Timestamp),
) -> Result<Job> {
    let old = row.clone().into_job()?;
    f(&mut row, tx.now);
    let new = save(tx, row)?;
    tx.changed(RECORD, old.id.as_str(), action, &old, &new)?;
    Ok(new)
}

/// Deletes jobs that were over before this time, but the last of each kind; how many.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize> {
    let mut kept = Vec::new();
    for kind in JobKind::ALL {
        kept.extend(last(tx.connection, *kind)?.map(|job| job.id));
    }
    Ok(diesel::delete(
        jobs::table
            .filter(jobs::finished_at.lt(before))
            .filter(jobs::id.ne_all(kept)),
    )
    .execute(tx.connection)?)
}
