//! Segmentation runs: RFM, lifetime value, stage and churn risk of all customers, kept run by run.
//!
//! A run is made beside the writer: its scores are written in batches while its state is `running`, and one small write publishes
//! it by moving the pointer in `segmentation_current`. What is current is a join on that pointer; no customer is touched.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::Bool;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl,
    SelectableHelper,
};
use guanxi_domain::job::{JobKind, JobState};
use guanxi_domain::segmentation::run::{
    FIELDS, ModelReport, RunFailure, RunFigures, RunState, SegmentationRun, SegmentationRunHead,
    SegmentationRunInput, SegmentationSettings,
};
use guanxi_domain::{
    Checked, CustomerId, Date, ErrorCode, JobId, Page, SegmentationRunId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use crate::condition::{Column, Condition, Literal, Op, Ordering, Value};
use crate::list::{LEAST, ListQuery, ListSpec};
use crate::schema::{jobs, segmentation_current, segmentation_runs};
use crate::sight::Sight;
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, Tx, job};

mod compare;
pub mod defaults;
mod explain;
mod keep;
mod read;
mod row;
mod seen;
mod work;

pub use compare::{compare, moves};
pub use explain::explain;
pub(crate) use row::ScoreRow;
pub use seen::{course, customers};
pub use work::{Made, Step, run, run_job, sweep};

const RECORD: &str = "segmentation_runs";
/// How many runs, the newest that are done, keep the scores of their customers.
const KEPT: i64 = 12;
/// Seconds without a sign of life after which a run that no job makes counts as lost.
const PATIENCE: i64 = 300;

const LIST: ListSpec = ListSpec::new(&FIELDS, "segmentation_runs");

/// A run without what it found.
#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = segmentation_runs, treat_none_as_default_value = false)]
struct HeadRow {
    id: SegmentationRunId,
    number: i64,
    version: i64,
    state: RunState,
    failure: Option<RunFailure>,
    as_of: Date,
    settings: Json<SegmentationSettings>,
    begun_at: Option<Timestamp>,
    beat_at: Option<Timestamp>,
    from_day: Option<Date>,
    customers: Option<i64>,
    purchases: Option<i64>,
    previous_id: Option<SegmentationRunId>,
    job_id: Option<JobId>,
    by_id: Option<UserId>,
    by_name: String,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    duration_ms: Option<i64>,
    scores_kept: bool,
}

/// What a run found, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Found {
    figures: RunFigures,
    models: ModelReport,
}

impl HeadRow {
    fn into_head(self, whole: bool, beside: &Beside) -> Result<SegmentationRunHead> {
        Ok(SegmentationRunHead {
            id: self.id,
            version: self.version,
            state: self.state,
            failure: self.failure,
            current: beside.current == Some(self.number),
            scores_kept: self.scores_kept,
            settings: self.settings.get()?,
            as_of: self.as_of,
            from: self.from_day,
            customers: self.customers.filter(|_| whole),
            purchases: self.purchases.filter(|_| whole),
            previous_id: self.previous_id,
            job_id: self.job_id,
            percent: beside
                .percent
                .filter(|(job, _)| self.state == RunState::Running && Some(*job) == self.job_id)
                .map(|(_, percent)| percent),
            by: self.by_id,
            by_name: self.by_name,
            created_at: self.created_at,
            finished_at: self.finished_at,
            duration_ms: self.duration_ms,
        })
    }
}

/// What stands beside the runs: which is current, and how far the job of the one that is made has come.
struct Beside {
    current: Option<i64>,
    percent: Option<(JobId, i32)>,
}

impl Beside {
    fn read(connection: &mut AnyConnection) -> Result<Self> {
        let running: Option<(JobId, Option<i32>)> = jobs::table
            .filter(jobs::kind.eq(JobKind::Segmentation))
            .filter(jobs::state.eq(JobState::Running))
            .select((jobs::id, jobs::percent))
            .first(connection)
            .optional()?;
        Ok(Self {
            current: current_number(connection)?,
            percent: running.and_then(|(job, percent)| Some((job, percent?))),
        })
    }
}

/// The join of customers with their current scores, after `customers` in a statement.
pub(crate) const JOINED: &str = " LEFT JOIN segmentation_scores ON segmentation_scores.run = (SELECT segmentation_current.run FROM segmentation_current) \
     AND segmentation_scores.customer_id = customers.id";

/// The condition of that join.
pub(crate) fn of_customer() -> SqlLiteral<Bool> {
    sql(of_one_customer().0)
}

/// The same where one customer is looked up.
pub(crate) fn of_one_customer() -> Literal {
    Literal(JOINED.trim_start_matches(" LEFT JOIN segmentation_scores ON "))
}

// As the join below has it.
const _: () = assert!(LEAST == -9_223_372_036_854_775_807);

/// The join of scores with their place by value, after `segmentation_scores` in a statement.
const BY_VALUE: &str = " INNER JOIN segmentation_values ON segmentation_values.run = segmentation_scores.run \
     AND segmentation_values.value = coalesce(segmentation_scores.lifetime_value, -9223372036854775807) \
     AND segmentation_values.customer_id = segmentation_scores.customer_id";

/// The condition of that join.
fn of_score() -> SqlLiteral<Bool> {
    sql(BY_VALUE.trim_start_matches(" INNER JOIN segmentation_values ON "))
}

/// The column that lists by value, the best first, are sorted by.
const VALUE: Column = Column {
    table: "segmentation_values",
    name: "value",
};

/// Whether a list is in that order.
fn by_value(ordering: &Ordering) -> bool {
    ordering.0.iter().any(|key| key.by.column() == Some(VALUE))
}

/// Those of a run, in the order of their values.
fn valued(number: i64) -> Condition {
    Condition::Compare(
        Column {
            name: "run",
            ..VALUE
        },
        Op::Eq,
        Value::Int(number),
    )
}

fn current_number(connection: &mut AnyConnection) -> Result<Option<i64>> {
    Ok(segmentation_current::table
        .select(segmentation_current::run)
        .first(connection)
        .optional()?)
}

fn find(connection: &mut AnyConnection, id: SegmentationRunId) -> Result<HeadRow> {
    Ok(segmentation_runs::table
        .find(id)
        .select(HeadRow::as_select())
        .first(connection)?)
}

/// A run whose scores are kept.
fn scored(connection: &mut AnyConnection, id: SegmentationRunId) -> Result<HeadRow> {
    let row = find(connection, id)?;
    match row.state {
        RunState::Done if row.scores_kept => Ok(row),
        RunState::Done => Err(Error::Conflict(ErrorCode::PlacesForgotten)),
        RunState::Running | RunState::Failed => Err(Error::Conflict(ErrorCode::RunNotDone)),
    }
}

/// Asks for a run: it waits in the queue of jobs.
pub fn request(
    tx: &mut Tx<'_>,
    actor: &Actor,
    input: &Checked<SegmentationRunInput>,
) -> Result<SegmentationRun> {
    make_room(tx)?;
    let settings = match &input.settings {
        Some(settings) => settings.clone(),
        None => defaults::get(tx.connection)?.input.settings,
    };
    let job = job::start(tx, actor, JobKind::Segmentation).map_err(|error| match error {
        Error::Conflict(_) => Error::Conflict(ErrorCode::RunUnderWay),
        other => other,
    })?;
    let as_of = input.as_of.unwrap_or_else(|| tx.now.date());
    let by = (Some(actor.user_id), actor.name.clone());
    let row = insert(tx, as_of, &settings, Some(job.id), by)?;
    get(tx.connection, actor, row.id)
}

/// Inserts a run that has not begun.
fn insert(
    tx: &mut Tx<'_>,
    as_of: Date,
    settings: &SegmentationSettings,
    job: Option<JobId>,
    (by_id, by_name): (Option<UserId>, String),
) -> Result<HeadRow> {
    let last: Option<i64> = segmentation_runs::table
        .select(diesel::dsl::max(segmentation_runs::number))
        .first(tx.connection)?;
    let row = HeadRow {
        id: SegmentationRunId::generate(),
        number: last.unwrap_or(0) + 1,
        version: 1,
        state: RunState::Running,
        failure: None,
        as_of,
        settings: Json::new(settings)?,
        begun_at: None,
        beat_at: None,
        from_day: None,
        customers: None,
        purchases: None,
        previous_id: None,
        job_id: job,
        by_id,
        by_name,
        created_at: tx.now,
        finished_at: None,
        duration_ms: None,
        scores_kept: false,
    };
    diesel::insert_into(segmentation_runs::table)
        .values(row.clone())
        .execute(tx.connection)
        .map_err(|error| match Error::from(error).taken("state", "/state") {
            Error::ConflictAt(..) => Error::Conflict(ErrorCode::RunUnderWay),
            other => other,
        })?;
    let told = serde_json::json!({"as_of": as_of, "settings": settings});
    tx.created(RECORD, row.id.as_str(), &told)?;
    Ok(row)
}

/// Fails a run that nobody makes any more; refused while somebody does.
fn make_room(tx: &mut Tx<'_>) -> Result<()> {
    let running: Option<HeadRow> = segmentation_runs::table
        .filter(segmentation_runs::state.eq(RunState::Running))
        .select(HeadRow::as_select())
        .first(tx.connection)
        .optional()?;
    let Some(row) = running else { return Ok(()) };
    let alive = match row.job_id {
        Some(job) => {
            let state: Option<JobState> = jobs::table
                .find(job)
                .select(jobs::state)
                .first(tx.connection)
                .optional()?;
            state.is_some_and(JobState::is_active)
        }
        None => row
            .beat_at
            .is_some_and(|beat| beat.plus_seconds(PATIENCE) > tx.now),
    };
    if alive {
        return Err(Error::Conflict(ErrorCode::RunUnderWay));
    }
    fail(tx, row.id, RunFailure::Lost)
}

/// Notes that a run has no results, unless it is over already. What it has written is swept away later.
fn fail(tx: &mut Tx<'_>, id: SegmentationRunId, failure: RunFailure) -> Result<()> {
    let failed = diesel::update(
        segmentation_runs::table
            .find(id)
            .filter(segmentation_runs::state.eq(RunState::Running)),
    )
    .set((
        segmentation_runs::state.eq(RunState::Failed),
        segmentation_runs::failure.eq(failure),
        segmentation_runs::finished_at.eq(tx.now),
        segmentation_runs::version.eq(segmentation_runs::version + 1),
    ))
    .execute(tx.connection)?;
    if failed == 0 {
        return Ok(());
    }
    let changes = serde_json::json!({
        "state": {"old": RunState::Running, "new": RunState::Failed},
        "failure": {"old": null, "new": failure},
    });
    tx.record(RECORD, id.as_str(), "failed", changes)
}

/// A job is over without having made its run.
pub(crate) fn job_over(tx: &mut Tx<'_>, job: JobId, state: JobState) -> Result<()> {
    let running: Option<SegmentationRunId> = segmentation_runs::table
        .filter(segmentation_runs::job_id.eq(job))
        .filter(segmentation_runs::state.eq(RunState::Running))
        .select(segmentation_runs::id)
        .first(tx.connection)
        .optional()?;
    let failure = match state {
        JobState::Cancelled => RunFailure::Stopped,
        _ => RunFailure::Error,
    };
    running.map_or(Ok(()), |id| fail(tx, id, failure))
}

/// Deletes what runs that are kept know of a customer who is deleted.
pub(crate) fn forget_customer(tx: &mut Tx<'_>, customer: CustomerId) -> Result<()> {
    let kept: Vec<i64> = segmentation_runs::table
        .filter(segmentation_runs::scores_kept.or(segmentation_runs::state.eq(RunState::Running)))
        .select(segmentation_runs::number)
        .load(tx.connection)?;
    for run in kept {
        keep::forget(tx, run, customer)?;
    }
    Ok(())
}

/// The runs, the newest first. Their counts are for those only who may see all customers.
pub fn list(
    connection: &mut AnyConnection,
    actor: &Actor,
    query: &ListQuery,
) -> Result<Page<SegmentationRunHead>> {
    let whole = Sight::of(actor).whole;
    let beside = Beside::read(connection)?;
    LIST.page(
        connection,
        query,
        Condition::Always,
        |connection, condition, ordering, limit| {
            let rows: Vec<HeadRow> = segmentation_runs::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(HeadRow::as_select())
                .load(connection)?;
            rows.into_iter()
                .map(|row| row.into_head(whole, &beside))
                .collect()
        },
        |connection, condition| {
            Ok(segmentation_runs::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

/// A run. For somebody who may not see all customers every figure is made anew from those that they may see, as long as the
/// scores are kept.
pub fn get(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: SegmentationRunId,
) -> Result<SegmentationRun> {
    let sight = Sight::of(actor);
    let row = find(connection, id)?;
    let beside = Beside::read(connection)?;
    let found: Option<Found> = segmentation_runs::table
        .find(id)
        .select(segmentation_runs::results)
        .first::<Option<Json<Found>>>(connection)?
        .map(|found| found.get())
        .transpose()?;
    let (number, kept) = (row.number, row.scores_kept);
    let head = row.into_head(sight.whole, &beside)?;
    let (figures, models) = match found {
        None => (None, None),
        Some(found) if sight.whole => (Some(found.figures), Some(found.models)),
        Some(_) if !kept => return Err(Error::Conflict(ErrorCode::PlacesForgotten)),
        Some(found) => {
            let figures = seen::figures(connection, &sight, number, found.figures.rfm.cuts)?;
            (Some(figures), None)
        }
    };
    Ok(SegmentationRun {
        head,
        figures,
        models,
    })
}
