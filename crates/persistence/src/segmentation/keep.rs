//! Writes what a run found: the scores in batches, then the one write that publishes them.

use std::sync::mpsc::sync_channel;
use std::time::Instant;

use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::segmentation::run::{Results, RunState, Tally};
use guanxi_domain::{Date, ErrorCode, SegmentationRunId, Timestamp};
use serde_json::json;

use super::read::Customers;
use super::row::{InsertRows, NewRow};
use super::work::Begun;
use super::{Found, KEPT, RECORD};
use crate::schema::{segmentation_current, segmentation_runs, segmentation_scores};
use crate::stored::Json;
use crate::{AnyConnection, Db, Error, Origin, Result, Tx};

/// Rows in one write: other writers come in between.
const BATCH: usize = 5_000;
/// Rows in one statement, which is kept prepared.
const CHUNK: usize = 200;
/// Rows that one write deletes.
const SWEPT: i64 = 5_000;

/// Writes the scores of all customers; answers their figures, or nothing when `told` breaks it off.
pub(super) fn scores(
    db: &Db,
    run: &Begun,
    customers: &Customers,
    results: &Results,
    mut told: impl FnMut(usize, usize) -> bool,
) -> Result<Option<Found>> {
    let (number, id) = (run.number, run.id);
    let mut tally = Tally::default();
    // One batch is made while the one before is written.
    let written = std::thread::scope(|scope| {
        let (sender, batches) = sync_channel::<Vec<NewRow>>(1);
        let tally = &mut tally;
        scope.spawn(move || {
            let mut each = customers.ids.iter().zip(results.each(&customers.purchases));
            loop {
                let batch: Vec<NewRow> = each
                    .by_ref()
                    .take(BATCH)
                    .map(|(customer, scores)| {
                        tally.add(&(&scores).into());
                        NewRow {
                            run: number,
                            customer_id: *customer,
                            scores,
                        }
                    })
                    .collect();
                // Nobody listens any more after an error.
                if batch.is_empty() || sender.send(batch).is_err() {
                    return;
                }
            }
        });
        let mut written = 0;
        for batch in batches {
            written += batch.len();
            db.housekeep_blocking(move |tx| {
                beat(tx, id)?;
                insert(tx.connection, &batch)
            })?;
            if !told(written, customers.ids.len()) {
                return Ok(false);
            }
        }
        Ok::<_, Error>(true)
    })?;
    Ok(written.then(|| Found {
        figures: tally.finish(results.cuts.clone()),
        models: results.report.clone(),
    }))
}

fn insert(connection: &mut AnyConnection, rows: &[NewRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        per_backend!(&mut *connection, c => InsertRows(rows).execute(c))?;
    }
    Ok(())
}

/// Gives a sign of life; refused when the run has been given up meanwhile.
pub(super) fn beat(tx: &mut Tx<'_>, id: SegmentationRunId) -> Result<()> {
    let alive = diesel::update(
        segmentation_runs::table
            .find(id)
            .filter(segmentation_runs::state.eq(RunState::Running)),
    )
    .set(segmentation_runs::beat_at.eq(tx.now))
    .execute(tx.connection)?;
    if alive == 1 {
        Ok(())
    } else {
        Err(Error::Conflict(ErrorCode::RunNotDone))
    }
}

/// Makes the scores of a run known: as the current ones, unless those are of a later day.
pub(super) fn publish(
    db: &Db,
    run: &Begun,
    customers: &Customers,
    found: &Found,
    started: Instant,
) -> Result<()> {
    let (id, number, as_of) = (run.id, run.number, run.as_of);
    let read = (
        customers.from(),
        i64::try_from(customers.ids.len()).unwrap_or(i64::MAX),
        customers.days(),
    );
    let results = Json::new(found)?;
    let told = json!({
        "state": {"old": RunState::Running, "new": RunState::Done},
        "customers": {"old": null, "new": read.1},
        "purchases": {"old": null, "new": read.2},
    });
    let origin = Origin {
        user_id: run.by.0,
        user_name: run.by.1.clone(),
        ..Origin::system()
    };
    db.write_blocking(origin, move |tx| {
        beat(tx, id)?;
        let previous: Option<SegmentationRunId> = segmentation_runs::table
            .filter(segmentation_runs::state.eq(RunState::Done))
            .filter(segmentation_runs::scores_kept.eq(true))
            .filter(segmentation_runs::as_of.le(as_of))
            .order((
                segmentation_runs::as_of.desc(),
                segmentation_runs::number.desc(),
            ))
            .select(segmentation_runs::id)
            .first(tx.connection)
            .optional()?;
        let duration = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        diesel::update(segmentation_runs::table.find(id))
            .set((
                segmentation_runs::state.eq(RunState::Done),
                segmentation_runs::version.eq(segmentation_runs::version + 1),
                segmentation_runs::from_day.eq(read.0),
                segmentation_runs::customers.eq(read.1),
                segmentation_runs::purchases.eq(read.2),
                segmentation_runs::previous_id.eq(previous),
                segmentation_runs::finished_at.eq(Timestamp::now()),
                segmentation_runs::duration_ms.eq(duration),
                segmentation_runs::scores_kept.eq(true),
                segmentation_runs::results.eq(results.clone()),
            ))
            .execute(tx.connection)?;
        point_to(tx.connection, number, as_of)?;
        forget_old(tx.connection)?;
        tx.record(RECORD, id.as_str(), "finished", told.clone())
    })
}

fn point_to(connection: &mut AnyConnection, number: i64, as_of: Date) -> Result<()> {
    let current: Option<Date> = segmentation_current::table
        .inner_join(
            segmentation_runs::table.on(segmentation_runs::number.eq(segmentation_current::run)),
        )
        .select(segmentation_runs::as_of)
        .first(connection)
        .optional()?;
    match current {
        None => {
            diesel::insert_into(segmentation_current::table)
                .values((
                    segmentation_current::id.eq(1),
                    segmentation_current::run.eq(number),
                ))
                .execute(connection)?;
        }
        Some(day) if day <= as_of => {
            diesel::update(segmentation_current::table.find(1))
                .set(segmentation_current::run.eq(number))
                .execute(connection)?;
        }
        Some(_) => {}
    }
    Ok(())
}

/// Only the newest runs keep their scores, and the current one. The rows are swept away afterwards.
fn forget_old(connection: &mut AnyConnection) -> Result<()> {
    let kept: Vec<i64> = segmentation_runs::table
        .filter(segmentation_runs::state.eq(RunState::Done))
        .order(segmentation_runs::number.desc())
        .limit(KEPT)
        .select(segmentation_runs::number)
        .load(connection)?;
    let current = super::current_number(connection)?;
    diesel::update(
        segmentation_runs::table
            .filter(segmentation_runs::scores_kept.eq(true))
            .filter(segmentation_runs::number.ne_all(kept))
            .filter(segmentation_runs::number.ne(current.unwrap_or(0))),
    )
    .set(segmentation_runs::scores_kept.eq(false))
    .execute(connection)?;
    Ok(())
}

/// Deletes the scores of runs that keep none: failed ones, and those that are too old. In batches, each a write of its own.
pub fn sweep(db: &Db) -> Result<usize> {
    let mut swept = 0;
    while let Some(number) = db.read_blocking(unkept)? {
        loop {
            let gone = db.housekeep_blocking(move |tx| delete_some(tx.connection, number))?;
            swept += gone;
            if gone == 0 {
                break;
            }
        }
    }
    Ok(swept)
}

/// A run with scores that are not to be kept.
fn unkept(connection: &mut AnyConnection) -> Result<Option<i64>> {
    let runs: Vec<i64> = segmentation_runs::table
        .filter(segmentation_runs::scores_kept.eq(false))
        .filter(segmentation_runs::state.ne(RunState::Running))
        .order(segmentation_runs::number.desc())
        .select(segmentation_runs::number)
        .load(connection)?;
    for run in runs {
        let found: Option<i64> = segmentation_scores::table
            .filter(segmentation_scores::run.eq(run))
            .select(segmentation_scores::run)
            .first(connection)
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn delete_some(connection: &mut AnyConnection, number: i64) -> Result<usize> {
    use diesel::sql_types::BigInt;

    let deleted = diesel::sql_query(
        "DELETE FROM segmentation_scores WHERE run = $1 AND customer_id IN \
         (SELECT customer_id FROM segmentation_scores WHERE run = $1 ORDER BY customer_id LIMIT $2)",
    )
    .bind::<BigInt, _>(number)
    .bind::<BigInt, _>(SWEPT)
    .execute(connection)?;
    Ok(deleted)
}
