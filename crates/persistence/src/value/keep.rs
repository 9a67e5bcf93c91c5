//! Writes what a run found: the places in batches, then the one write that publishes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::dsl::exists;
use diesel::sql_types::{BigInt, Text};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::value::{PyramidLevel, ValueClass, ValueRun};
use guanxi_domain::{CustomerId, ErrorCode, Money, Timestamp};

use super::make::Draft;
use super::{KEPT, RECORD, Row, current};
use crate::schema::{value_current, value_leftovers, value_places, value_ranks, value_runs};
use crate::stored::Json;
use crate::{AnyConnection, Db, Error, Origin, Result, Tx, bulk};

/// Seconds without a sign of life after which nobody writes a run any more.
const PATIENCE: i64 = 300;
/// Seconds from one sign of life to the next.
const BEAT: i64 = 5;
/// Rows that one write deletes.
const SWEPT: i64 = 5_000;

#[derive(diesel::Insertable)]
#[diesel(table_name = value_ranks, treat_none_as_default_value = false)]
struct RankRow {
    run: i64,
    rank: i64,
    customer_id: CustomerId,
    class: ValueClass,
    level: PyramidLevel,
    amount: Money,
    cumulative_share: f64,
    previous_class: Option<ValueClass>,
}

#[derive(diesel::Insertable)]
#[diesel(table_name = value_places, treat_none_as_default_value = false)]
struct PlaceRow {
    run: i64,
    customer_id: CustomerId,
    rank: i64,
    class: ValueClass,
}

/// Keeps a run, or leaves nothing of it.
pub(super) fn keep(db: &Db, origin: &Origin, draft: Draft) -> Result<ValueRun> {
    let number = db.housekeep_blocking(begin)?;
    let draft = Arc::new(draft);
    let kept = write(db, number, &draft).and_then(|()| {
        let draft = Arc::clone(&draft);
        db.write_blocking(origin.clone(), move |tx| publish(tx, number, &draft))
    });
    if kept.is_err() {
        let given_up = db.housekeep_blocking(move |tx| leave(tx.connection, number));
        if let Err(error) = given_up {
            // It is swept away when it has given no sign of life for a while.
            log::error!("value run {number}: that it failed could not be noted: {error}");
        }
    }
    // What is left behind harms nobody; the nightly clean-up tries again.
    if let Err(error) = sweep(db) {
        log::error!("places of value runs could not be swept away: {error}");
    }
    kept
}

/// Takes the next number.
fn begin(tx: &mut Tx<'_>) -> Result<i64> {
    if let AnyConnection::Postgres(connection) = &mut *tx.connection {
        // One after the other, as on SQLite; readers go on.
        diesel::sql_query("LOCK TABLE value_leftovers IN SHARE ROW EXCLUSIVE MODE")
            .execute(connection)?;
    }
    let kept: Option<i64> = value_runs::table
        .select(diesel::dsl::max(value_runs::number))
        .first(tx.connection)?;
    let left: Option<i64> = value_leftovers::table
        .select(diesel::dsl::max(value_leftovers::run))
        .first(tx.connection)?;
    let number = kept.max(left).unwrap_or(0) + 1;
    diesel::insert_into(value_leftovers::table)
        .values((
            value_leftovers::run.eq(number),
            value_leftovers::beat_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(number)
}

/// Gives a sign of life from time to time; refused when the run has been given up meanwhile.
fn beat(tx: &mut Tx<'_>, number: i64) -> Result<()> {
    let last: Option<Timestamp> = value_leftovers::table
        .find(number)
        .select(value_leftovers::beat_at)
        .first(tx.connection)
        .optional()?;
    let last = last
        .filter(|last| last.micros() > 0)
        .ok_or(Error::Conflict(ErrorCode::RunMeanwhile))?;
    if last.plus_seconds(BEAT) < tx.now {
        diesel::update(value_leftovers::table.find(number))
            .set(value_leftovers::beat_at.eq(tx.now))
            .execute(tx.connection)?;
    }
    Ok(())
}

/// Writes the places, each table in the order of its key.
fn write(db: &Db, number: i64, draft: &Draft) -> Result<()> {
    let mut ranks = vec![(0, ValueClass::C); draft.placed.len()];
    for (rank, place) in (1..).zip(&draft.placed) {
        ranks[place.key as usize] = (rank, place.class);
    }
    let by_customer = draft.customers.iter().zip(ranks);
    let by_customer = by_customer.map(|(customer, (rank, class))| PlaceRow {
        run: number,
        customer_id: *customer,
        rank,
        class,
    });
    let by_rank = (1..).zip(&draft.placed).map(|(rank, place)| {
        let index = place.key as usize;
        RankRow {
            run: number,
            rank,
            customer_id: draft.customers[index],
            class: place.class,
            level: place.level,
            amount: place.amount,
            cumulative_share: place.cumulative_share,
            previous_class: draft.before[index],
        }
    });
    let failed = AtomicBool::new(false);
    let going = |_| !failed.load(Ordering::Relaxed);
    let note = |written: Result<bool>| {
        if written.is_err() {
            failed.store(true, Ordering::Relaxed);
        }
        written
    };
    let (places, ranks) = std::thread::scope(|scope| {
        let places = scope.spawn(|| {
            let put = move |tx: &mut Tx<'_>, rows: &[PlaceRow]| {
                beat(tx, number)?;
                insert_bulk!(tx.connection, value_places::table, rows);
                Ok(())
            };
            note(bulk::write(db, by_customer, put, going))
        });
        let put = move |tx: &mut Tx<'_>, rows: &[RankRow]| {
            beat(tx, number)?;
            insert_bulk!(tx.connection, value_ranks::table, rows);
            Ok(())
        };
        let ranks = note(bulk::write(db, by_rank, put, going));
        let panicked = |_| Err(Error::Internal("a thread that writes panicked".to_owned()));
        (places.join().unwrap_or_else(panicked), ranks)
    });
    places.and(ranks).map(drop)
}

/// Adds the run and makes its classes the current ones.
fn publish(tx: &mut Tx<'_>, number: i64, draft: &Draft) -> Result<ValueRun> {
    if let AnyConnection::Postgres(connection) = &mut *tx.connection {
        // One after the other, as on SQLite; readers go on.
        diesel::sql_query("LOCK TABLE value_runs IN SHARE ROW EXCLUSIVE MODE")
            .execute(connection)?;
    }
    if current(tx.connection)? != draft.previous {
        return Err(Error::Conflict(ErrorCode::RunMeanwhile));
    }
    beat(tx, number)?;
    let mut run = draft.run.clone();
    for customer in bulk::deleted_since(tx.connection, run.created_at)? {
        forget(tx.connection, number, customer)?;
    }
    let stored = Json::new(&run)?;
    run.duration_ms = i64::try_from(draft.began.elapsed().as_millis()).unwrap_or(i64::MAX);
    diesel::insert_into(value_runs::table)
        .values(Row {
            id: run.id,
            number,
            previous_id: run.previous_id,
            customers: run.customers,
            total: run.total,
            by_id: run.by,
            by_name: run.by_name.clone(),
            created_at: run.created_at,
            duration_ms: run.duration_ms,
            data: stored,
        })
        .execute(tx.connection)?;
    per_backend!(&mut *tx.connection, c => diesel::insert_into(value_current::table)
        .values((value_current::id.eq(1), value_current::run.eq(number)))
        .on_conflict(value_current::id)
        .do_update()
        .set(value_current::run.eq(number))
        .execute(c))?;
    diesel::delete(value_leftovers::table.find(number)).execute(tx.connection)?;
    forget_old_places(tx.connection)?;
    tx.created(
        RECORD,
        run.id.as_str(),
        &serde_json::json!({
            "settings": run.settings, "from": run.from, "to": run.to, "customers": run.customers, "total": run.total,
        }),
    )?;
    Ok(run)
}

/// Leaves the places of all but the newest runs to be swept away: a row for each customer and run would grow without end. The
/// figures of a run stay.
fn forget_old_places(connection: &mut AnyConnection) -> Result<()> {
    let newest: Vec<i64> = value_runs::table
        .order(value_runs::number.desc())
        .limit(KEPT)
        .select(value_runs::number)
        .load(connection)?;
    let places = value_places::table.filter(value_places::run.eq(value_runs::number));
    let ranks = value_ranks::table.filter(value_ranks::run.eq(value_runs::number));
    let old: Vec<i64> = value_runs::table
        .filter(value_runs::number.ne_all(newest))
        .filter(exists(places).or(exists(ranks)))
        .select(value_runs::number)
        .load(connection)?;
    old.into_iter()
        .try_for_each(|number| leave(connection, number))
}

/// Leaves the places of a run to be swept away.
fn leave(connection: &mut AnyConnection, number: i64) -> Result<()> {
    per_backend!(connection, c => diesel::insert_into(value_leftovers::table)
        .values((value_leftovers::run.eq(number), value_leftovers::beat_at.eq(0)))
        .on_conflict(value_leftovers::run)
        .do_update()
        .set(value_leftovers::beat_at.eq(0))
        .execute(c))?;
    Ok(())
}

/// Deletes the places of runs that keep none: broken off, or too old. In batches, each a write of its own.
pub fn sweep(db: &Db) -> Result<usize> {
    let lost = Timestamp::now().plus_seconds(-PATIENCE);
    let left: Vec<i64> = db.read_blocking(|connection| {
        Ok(value_leftovers::table
            .filter(value_leftovers::beat_at.lt(lost))
            .select(value_leftovers::run)
            .load(connection)?)
    })?;
    let mut swept = 0;
    for number in left {
        // Whoever writes it after all is refused from here on.
        db.housekeep_blocking(move |tx| leave(tx.connection, number))?;
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

/// Deletes some places of a run, or that it is left over if there are none.
fn delete_some(connection: &mut AnyConnection, number: i64) -> Result<usize> {
    let mut deleted = 0;
    for statement in [
        "DELETE FROM value_ranks WHERE run = $1 AND rank IN \
         (SELECT rank FROM value_ranks WHERE run = $1 ORDER BY rank LIMIT $2)",
        "DELETE FROM value_places WHERE run = $1 AND customer_id IN \
         (SELECT customer_id FROM value_places WHERE run = $1 ORDER BY customer_id LIMIT $2)",
    ] {
        deleted += diesel::sql_query(statement)
            .bind::<BigInt, _>(number)
            .bind::<BigInt, _>(SWEPT)
            .execute(connection)?;
    }
    if deleted == 0 {
        diesel::delete(value_leftovers::table.find(number)).execute(connection)?;
    }
    Ok(deleted)
}

/// Deletes what runs know of a customer who is deleted.
pub(crate) fn forget_customer(tx: &mut Tx<'_>, customer: CustomerId) -> Result<()> {
    let mut runs: Vec<i64> = value_runs::table
        .order(value_runs::number.desc())
        .limit(KEPT)
        .select(value_runs::number)
        .load(tx.connection)?;
    let left: Vec<i64> = value_leftovers::table
        .select(value_leftovers::run)
        .load(tx.connection)?;
    runs.extend(left);
    for run in runs {
        forget(tx.connection, run, customer)?;
    }
    Ok(())
}

fn forget(connection: &mut AnyConnection, run: i64, customer: CustomerId) -> Result<()> {
    diesel::sql_query(
        "DELETE FROM value_ranks WHERE run = $1 AND rank = \
         (SELECT rank FROM value_places WHERE run = $1 AND customer_id = $2)",
    )
    .bind::<BigInt, _>(run)
    .bind::<Text, _>(customer)
    .execute(connection)?;
    diesel::delete(value_places::table.find((run, customer))).execute(connection)?;
    Ok(())
}
