//! Writes what a run found: the scores in batches, then the one write that publishes them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use diesel::sql_types::{BigInt, Text};
use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::segmentation::run::{Results, RunState, Tally};
use guanxi_domain::{CustomerId, Date, ErrorCode, SegmentationRunId, Timestamp};
use serde_json::json;

use super::read::Customers;
use super::row::{NewRow, NewValue};
use super::work::Begun;
use super::{Found, KEPT, RECORD};
use crate::list::LEAST;
use crate::schema::{
    segmentation_current, segmentation_runs, segmentation_scores, segmentation_values,
};
use crate::stored::Json;
use crate::{AnyConnection, Db, Error, Origin, Result, Tx, bulk};

/// Seconds from one sign of life to the next.
const BEAT: i64 = 5;
/// Rows that one write deletes.
const SWEPT: i64 = 5_000;

/// Writes the scores of all customers, each table in the order of its key; answers their figures, or nothing when `told` breaks it
/// off.
pub(super) fn scores(
    db: &Db,
    run: &Begun,
    customers: &Customers,
    results: &Results,
    mut told: impl FnMut(usize, usize) -> bool,
) -> Result<Option<Found>> {
    let (number, id) = (run.number, run.id);
    let mut tally = Tally::default();
    let stop = AtomicBool::new(false);
    let (scores, values) = std::thread::scope(|scope| {
        let values = scope.spawn(|| {
            let rows = by_value(number, customers, results);
            let put = move |tx: &mut Tx<'_>, rows: &[NewValue]| {
                beat(tx, id)?;
                insert_bulk!(tx.connection, segmentation_values::table, rows);
                Ok(())
            };
            let written = bulk::write(db, rows, put, |_| !stop.load(Ordering::Relaxed));
            if written.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
            written
        });
        let each = customers.ids.iter().zip(results.each(&customers.purchases));
        let rows = each.map(|(customer, scores)| {
            tally.add(&(&scores).into());
            NewRow::new(number, *customer, &scores)
        });
        let put = move |tx: &mut Tx<'_>, rows: &[NewRow]| {
            beat(tx, id)?;
            insert_bulk!(tx.connection, segmentation_scores::table, rows);
            Ok(())
        };
        let scores = bulk::write(db, rows, put, |written| {
            told(written, customers.ids.len()) && !stop.load(Ordering::Relaxed)
        });
        if !matches!(scores, Ok(true)) {
            stop.store(true, Ordering::Relaxed);
        }
        let panicked = |_| Err(Error::Internal("a thread that writes panicked".to_owned()));
        (scores, values.join().unwrap_or_else(panicked))
    });
    let written = values? & scores?;
    Ok(written.then(|| Found {
        figures: tally.finish(results.cuts.clone()),
        models: results.report.clone(),
    }))
}

/// The customers by their lifetime value, in the order of the key.
fn by_value(
    run: i64,
    customers: &Customers,
    results: &Results,
) -> impl Iterator<Item = NewValue> + use<> {
    let values = results.values(&customers.purchases);
    let mut rows: Vec<(i64, CustomerId)> = values
        .map(|value| value.map_or(LEAST, |value| value.0))
        .zip(customers.ids.iter().copied())
        .collect();
    rows.sort_unstable();
    rows.into_iter().map(move |(value, customer_id)| NewValue {
        run,
        value,
        customer_id,
    })
}

/// Gives a sign of life from time to time; refused when the run has been given up meanwhile.
pub(super) fn beat(tx: &mut Tx<'_>, id: SegmentationRunId) -> Result<()> {
    let last: Option<Option<Timestamp>> = segmentation_runs::table
        .find(id)
        .filter(segmentation_runs::state.eq(RunState::Running))
        .select(segmentation_runs::beat_at)
        .first(tx.connection)
        .optional()?;
    let Some(last) = last else {
        return Err(Error::Conflict(ErrorCode::RunNotDone));
    };
    if last.is_none_or(|last| last.plus_seconds(BEAT) < tx.now) {
        diesel::update(segmentation_runs::table.find(id))
            .set(segmentation_runs::beat_at.eq(tx.now))
            .execute(tx.connection)?;
    }
    Ok(())
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
    let read_at = run.read_at;
    db.write_blocking(origin, move |tx| {
        finish(tx, id)?;
        for customer in bulk::deleted_since(tx.connection, read_at)? {
            forget(tx, number, customer)?;
        }
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

/// From here on nobody else gives the run up.
fn finish(tx: &mut Tx<'_>, id: SegmentationRunId) -> Result<()> {
    let running = diesel::update(
        segmentation_runs::table
            .find(id)
            .filter(segmentation_runs::state.eq(RunState::Running)),
    )
    .set(segmentation_runs::state.eq(RunState::Done))
    .execute(tx.connection)?;
    if running == 1 {
        Ok(())
    } else {
        Err(Error::Conflict(ErrorCode::RunNotDone))
    }
}

/// Deletes what a run knows of a customer.
pub(super) fn forget(tx: &mut Tx<'_>, run: i64, customer: CustomerId) -> Result<()> {
    diesel::sql_query(format!(
        "DELETE FROM segmentation_values WHERE run = $1 AND customer_id = $2 AND value = \
         (SELECT coalesce(lifetime_value, {LEAST}) FROM segmentation_scores WHERE run = $1 AND customer_id = $2)"
    ))
    .bind::<BigInt, _>(run)
    .bind::<Text, _>(customer)
    .execute(tx.connection)?;
    diesel::delete(segmentation_scores::table.find((run, customer))).execute(tx.connection)?;
    Ok(())
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
        if holds(connection, run)? {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

/// Whether there are rows of a run.
fn holds(connection: &mut AnyConnection, run: i64) -> Result<bool> {
    let score: Option<i64> = segmentation_scores::table
        .filter(segmentation_scores::run.eq(run))
        .select(segmentation_scores::run)
        .first(connection)
        .optional()?;
    let value: Option<i64> = segmentation_values::table
        .filter(segmentation_values::run.eq(run))
        .select(segmentation_values::run)
        .first(connection)
        .optional()?;
    Ok(score.or(value).is_some())
}

fn delete_some(connection: &mut AnyConnection, number: i64) -> Result<usize> {
    let mut deleted = 0;
    for statement in [
        "DELETE FROM segmentation_scores WHERE run = $1 AND customer_id IN \
         (SELECT customer_id FROM segmentation_scores WHERE run = $1 ORDER BY customer_id LIMIT $2)",
        "DELETE FROM segmentation_values WHERE run = $1 AND (value, customer_id) IN \
         (SELECT value, customer_id FROM segmentation_values WHERE run = $1 ORDER BY value, customer_id LIMIT $2)",
    ] {
        deleted += diesel::sql_query(statement)
            .bind::<BigInt, _>(number)
            .bind::<BigInt, _>(SWEPT)
            .execute(connection)?;
    }
    Ok(deleted)
}
