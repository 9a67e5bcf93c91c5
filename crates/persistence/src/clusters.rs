//! Clusters: groups of customers that are alike, kept with every customer's.
//!
//! A run is asked for, made by a background job, written in batches and published by one small write that moves the pointer
//! `cluster_current`: what customers are in now is a join on it.

use std::ops::ControlFlow;
use std::time::Instant;

use diesel::dsl::{exists, sql};
use diesel::expression::SqlLiteral;
use diesel::sql_types::{BigInt, Bool};
use diesel::{
    ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use guanxi_domain::job::JobKind;
use guanxi_domain::segmentation::kmeans::{
    ClusterChange, ClusterResult, ClusterRun, ClusterRunHead, ClusterRunInput, FIELDS,
    KMeansSettings, Table, cluster_while, figures, moves,
};
use guanxi_domain::{Checked, ClusterRunId, CustomerId, ErrorCode, Page, Timestamp, UserId};

use crate::condition::{Condition, Literal};
use crate::list::{ListQuery, ListSpec};
use crate::schema::{cluster_current, cluster_members, cluster_runs};
use crate::segmentation::Step;
use crate::sight::Sight;
use crate::stored::Json;
use crate::{Actor, AnyConnection, Db, Error, Result, Tx, bulk, job};

mod features;
mod seen;

use seen::Labels;
pub use seen::members;

const RECORD: &str = "cluster_runs";
/// How many runs, the newest that are done, keep their customers.
const KEPT: i64 = 12;
/// Members that one write deletes.
const FORGOTTEN: i64 = 5_000;
/// Parts of the work, in hundredths: what is done after reading and after reckoning.
const READ: i64 = 10;
const RECKONED: i64 = 80;

const LIST: ListSpec = ListSpec::new(&FIELDS, "cluster_runs");

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = cluster_runs, treat_none_as_default_value = false)]
struct Row {
    id: ClusterRunId,
    version: i64,
    number: i64,
    by_id: Option<UserId>,
    by_name: String,
    created_at: Timestamp,
    settings: Json<KMeansSettings>,
    names: Json<Vec<Option<String>>>,
    result: Option<Json<ClusterResult>>,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = cluster_members, treat_none_as_default_value = false)]
struct MemberRow {
    run: i64,
    customer_id: CustomerId,
    cluster: i64,
    previous: Option<i64>,
    data: Json<Vec<f64>>,
}

/// The cluster that a customer is in now.
#[derive(Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = cluster_members)]
pub(crate) struct Current {
    pub cluster: i64,
}

/// The join of customers with their current clusters, after `customers` in a statement.
pub(crate) const JOINED: &str = " LEFT JOIN cluster_members ON cluster_members.run = (SELECT cluster_current.run FROM cluster_current) \
     AND cluster_members.customer_id = customers.id";

/// The condition of that join.
pub(crate) fn of_customer() -> SqlLiteral<Bool> {
    sql(of_one_customer().0)
}

/// The same where one customer is looked up.
pub(crate) fn of_one_customer() -> Literal {
    Literal(JOINED.trim_start_matches(" LEFT JOIN cluster_members ON "))
}

/// Asks for a run: it waits for a background job.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    input: &Checked<ClusterRunInput>,
) -> Result<ClusterRun> {
    let last: Option<i64> = cluster_runs::table
        .select(diesel::dsl::max(cluster_runs::number))
        .first(tx.connection)?;
    let id = ClusterRunId::generate();
    diesel::insert_into(cluster_runs::table)
        .values(Row {
            id,
            version: 1,
            number: last.unwrap_or(0) + 1,
            by_id: tx.origin.user_id,
            by_name: tx.origin.user_name.clone(),
            created_at: tx.now,
            settings: Json::new(&input.settings)?,
            names: Json::new(&Vec::new())?,
            result: None,
        })
        .execute(tx.connection)
        .map_err(meanwhile)?;
    job::queue(tx, JobKind::ClusterRun, id.as_str())?;
    let run = get(tx.connection, actor, id)?;
    tx.created(
        RECORD,
        id.as_str(),
        &serde_json::json!({ "settings": run.head.settings }),
    )?;
    Ok(run)
}

/// Two people asked at the same moment.
fn meanwhile(error: diesel::result::Error) -> Error {
    match Error::from(error).taken("number", "/settings") {
        Error::ConflictAt(..) => Error::Conflict(ErrorCode::Conflict),
        other => other,
    }
}

/// The runs, the newest first.
pub fn list(connection: &mut AnyConnection, query: &ListQuery) -> Result<Page<ClusterRunHead>> {
    LIST.page(
        connection,
        query,
        Condition::Always,
        |connection, condition, ordering, limit| {
            let rows: Vec<Row> = cluster_runs::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(Row::as_select())
                .load(connection)?;
            heads(connection, &rows)
        },
        |connection, condition| {
            Ok(cluster_runs::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

/// A run. For somebody who may not see all customers every figure is made anew from those that they may see, as long as the
/// customers are known.
pub fn get(connection: &mut AnyConnection, actor: &Actor, id: ClusterRunId) -> Result<ClusterRun> {
    let row = find(connection, id)?;
    let mut heads = heads(connection, std::slice::from_ref(&row))?;
    let head = heads.pop().ok_or(Error::NotFound)?;
    let result = row.result.as_ref().map(Json::get).transpose()?;
    let sight = Sight::of(actor);
    let result = match result {
        Some(result) if !sight.whole && result.refusal.is_none() => {
            if !head.kept {
                return Err(Error::Conflict(ErrorCode::PlacesForgotten));
            }
            Some(seen::reckoned(connection, &sight, &row, result)?)
        }
        result => result,
    };
    Ok(ClusterRun { head, result })
}

fn find(connection: &mut AnyConnection, id: ClusterRunId) -> Result<Row> {
    Ok(cluster_runs::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?)
}

/// The number of the run whose clusters customers have now.
fn current(connection: &mut AnyConnection) -> Result<Option<i64>> {
    Ok(cluster_current::table
        .select(cluster_current::run)
        .first(connection)
        .optional()?)
}

/// What the clusters that customers have now are called, in their order.
pub(crate) fn current_names(connection: &mut AnyConnection) -> Result<Vec<Option<String>>> {
    let names: Option<Json<Vec<Option<String>>>> = cluster_runs::table
        .inner_join(cluster_current::table.on(cluster_current::run.eq(cluster_runs::number)))
        .select(cluster_runs::names)
        .first(connection)
        .optional()?;
    names.map_or(Ok(Vec::new()), |names| names.get())
}

/// The numbers of the runs that keep their customers.
fn keeping(connection: &mut AnyConnection) -> Result<Vec<i64>> {
    let mut kept: Vec<i64> = cluster_runs::table
        .filter(cluster_runs::result.is_not_null())
        .order(cluster_runs::number.desc())
        .limit(KEPT)
        .select(cluster_runs::number)
        .load(connection)?;
    kept.extend(current(connection)?);
    Ok(kept)
}

/// Runs with what their jobs say of them.
fn heads(connection: &mut AnyConnection, rows: &[Row]) -> Result<Vec<ClusterRunHead>> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let progress = job::progress(connection, &ids)?;
    let (keeping, current) = (keeping(connection)?, current(connection)?);
    rows.iter()
        .map(|row| {
            let result = row.result.as_ref().map(Json::get).transpose()?;
            let job = progress.get(row.id.as_str()).copied();
            let (state, percent) = job::state_of(result.is_some(), job);
            Ok(ClusterRunHead {
                id: row.id,
                version: row.version,
                settings: row.settings.get()?,
                state,
                percent,
                names: row.names.get()?,
                clusters: result.as_ref().map(|result| result.chosen),
                current: current == Some(row.number),
                kept: result.is_some() && keeping.contains(&row.number),
                by: row.by_id,
                by_name: row.by_name.clone(),
                created_at: row.created_at,
            })
        })
        .collect()
}

/// Breaks off a run that is not done yet.
pub fn cancel(tx: &mut Tx<'_>, actor: &Actor, id: ClusterRunId) -> Result<ClusterRun> {
    find(tx.connection, id)?;
    job::cancel_about(tx, id.as_str())?;
    if find(tx.connection, id)?.result.is_some() {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    get(tx.connection, actor, id)
}

/// Names the clusters of a run that is done.
pub fn rename(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: ClusterRunId,
    version: i64,
    change: &Checked<ClusterChange>,
) -> Result<ClusterRun> {
    let row = find(tx.connection, id)?;
    if row.version != version {
        return Err(Error::Stale);
    }
    let Some(result) = row.result.as_ref().map(Json::get).transpose()? else {
        return Err(Error::Conflict(ErrorCode::Conflict));
    };
    if i64::try_from(change.names.len()).unwrap_or(i64::MAX) > result.chosen {
        return Err(Error::invalid("/names", "size"));
    }
    let changed = diesel::update(
        cluster_runs::table
            .filter(cluster_runs::id.eq(id))
            .filter(cluster_runs::version.eq(version)),
    )
    .set((
        cluster_runs::version.eq(version + 1),
        cluster_runs::names.eq(Json::new(&change.names)?),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let named = |names: &[Option<String>]| serde_json::json!({ "names": names });
    tx.updated(
        RECORD,
        id.as_str(),
        &named(&row.names.get()?),
        &named(&change.names),
    )?;
    get(tx.connection, actor, id)
}

/// Makes a run that was asked for, unless it is made or gone. Safe to repeat: what an attempt before left is removed. `None` also
/// where it was broken off. Blocks.
///
/// The same customers and settings give the same clusters on both databases: customers are taken in the order of their ids.
pub fn make(db: &Db, id: ClusterRunId, mut step: impl Step) -> Result<Option<ClusterResult>> {
    let row = match db.read_blocking(|connection| find(connection, id)) {
        Ok(row) if row.result.is_none() => row,
        Ok(_) | Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let (settings, began) = (row.settings.get()?, Instant::now());
    let as_of = row.created_at.date();
    let (customers, previous) = db.snapshot_blocking(|connection| {
        let customers = features::read(connection, &settings, as_of)?;
        Ok((customers, Labels::current(connection)?))
    })?;
    let table = customers.table;
    let mut result = ClusterResult {
        as_of,
        refusal: None,
        chosen: 0,
        figures: figures(&table, &[], 0, &settings),
        gaps: Some(customers.gaps),
        quality: None,
        tried: Vec::new(),
        moves: Vec::new(),
        previous_id: None,
        duration_ms: 0,
    };
    if step(READ).is_break() {
        return Ok(None);
    }
    let reckoned = |done: i64, all: i64| step(READ + (RECKONED - READ) * done / all.max(1));
    match cluster_while(&table, &settings, reckoned) {
        Ok(None) => return Ok(None),
        Ok(Some(found)) => {
            let count = found.clusters.len();
            result.chosen = i64::try_from(count).unwrap_or(i64::MAX);
            result.figures = figures(&table, &found.labels, count, &settings);
            result.quality = Some(found.quality);
            result.tried = found.tried;
            let labels = Labels::new(&customers.ids, &found.labels);
            if let Some((id, previous)) = &previous {
                result.previous_id = Some(*id);
                result.moves = moves(previous.against(&labels));
            }
            let before = previous.as_ref().map(|(_, labels)| labels);
            let written =
                |done: i64, all: i64| step(RECKONED + (100 - RECKONED) * done / all.max(1));
            if write_members(db, row.number, &table, &labels, before, written)?.is_break() {
                return Ok(None);
            }
        }
        Err(refusal) => {
            result.figures.customers = i64::try_from(table.rows()).unwrap_or(i64::MAX);
            result.refusal = Some(refusal);
        }
    }
    result.duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    let published = publish(db, &row, &result)?;
    Ok(published.then_some(result))
}

/// Keeps the customers, whom nobody reads before the run is published. What is broken off is removed when the run is made again.
fn write_members(
    db: &Db,
    run: i64,
    table: &Table,
    labels: &Labels,
    before: Option<&Labels>,
    mut step: impl FnMut(i64, i64) -> ControlFlow<()>,
) -> Result<ControlFlow<()>> {
    forget(db, run)?;
    let all = i64::try_from(table.rows()).unwrap_or(i64::MAX);
    let mut failed = None;
    let rows = labels
        .iter()
        .enumerate()
        .map_while(|(index, (customer_id, cluster))| {
            let data = Json::new(&table.row(index).to_vec());
            Some(MemberRow {
                run,
                customer_id,
                cluster,
                previous: before.and_then(|before| before.of(customer_id)),
                data: data.map_err(|error| failed = Some(error)).ok()?,
            })
        });
    let put = |tx: &mut Tx<'_>, rows: &[MemberRow]| {
        insert_bulk!(tx.connection, cluster_members::table, rows);
        Ok(())
    };
    let told = |written: usize| step(i64::try_from(written).unwrap_or(i64::MAX), all).is_continue();
    let whole = bulk::write(db, rows, put, told)?;
    match failed {
        Some(error) => Err(error),
        None if whole => Ok(ControlFlow::Continue(())),
        None => Ok(ControlFlow::Break(())),
    }
}

/// Deletes the customers of a run, a part at a time, so that other writes come in between.
fn forget(db: &Db, run: i64) -> Result<usize> {
    let mut forgotten = 0;
    loop {
        let gone = db.housekeep_blocking(move |tx| {
            Ok(diesel::sql_query(
                "DELETE FROM cluster_members WHERE run = $1 AND customer_id IN \
                 (SELECT customer_id FROM cluster_members WHERE run = $1 ORDER BY customer_id LIMIT $2)",
            )
            .bind::<BigInt, _>(run)
            .bind::<BigInt, _>(FORGOTTEN)
            .execute(tx.connection)?)
        })?;
        forgotten += gone;
        if gone == 0 {
            return Ok(forgotten);
        }
    }
}

/// From here on the run's customers are read. Those of older runs go. Not when the run was cancelled meanwhile: then its own go.
fn publish(db: &Db, row: &Row, result: &ClusterResult) -> Result<bool> {
    let (run, found) = (row.number, result.refusal.is_none());
    let (id, result) = (row.id, Json::new(result)?);
    let published = db.housekeep_blocking(move |tx| {
        if !job::is_wanted(tx, id.as_str())? {
            return Ok(false);
        }
        diesel::update(cluster_runs::table.find(id))
            .set(cluster_runs::result.eq(&result))
            .execute(tx.connection)?;
        if found && current(tx.connection)?.is_none_or(|now| now < run) {
            per_backend!(tx.connection, c => diesel::insert_into(cluster_current::table)
                .values((cluster_current::id.eq(1), cluster_current::run.eq(run)))
                .on_conflict(cluster_current::id)
                .do_update()
                .set(cluster_current::run.eq(run))
                .execute(c))?;
        }
        Ok(true)
    })?;
    sweep(db)?;
    Ok(published)
}

/// Deletes the customers of runs that keep none: broken off, or too old. In parts, each a write of its own.
pub fn sweep(db: &Db) -> Result<usize> {
    let left = db.read_blocking(|connection| {
        let held = cluster_members::table.filter(cluster_members::run.eq(cluster_runs::number));
        let keeping = keeping(connection)?;
        let rows: Vec<(ClusterRunId, i64, bool)> = cluster_runs::table
            .filter(exists(held))
            .filter(cluster_runs::number.ne_all(keeping))
            .select((
                cluster_runs::id,
                cluster_runs::number,
                cluster_runs::result.is_not_null(),
            ))
            .load(connection)?;
        let undone = rows.iter().filter(|(.., done)| !done);
        let given_up = job::given_up(connection, undone.map(|(id, ..)| id.as_str()))?;
        let left = rows
            .iter()
            .filter(|(id, _, done)| *done || given_up.contains(&id.as_str()));
        Ok(left.map(|(_, number, _)| *number).collect::<Vec<_>>())
    })?;
    left.into_iter().map(|run| forget(db, run)).sum()
}
