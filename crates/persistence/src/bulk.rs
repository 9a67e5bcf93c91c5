//! Reads and writes that go over all customers, on all cores and beside other work.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::{CustomerId, Timestamp};

use crate::schema::{audit_entries, customer_metrics};
use crate::{AnyConnection, Db, Error, Result, Tx};

/// Customers whose rows are read by one statement.
const PART: usize = 5_000;
/// Customers whose ids are.
const IDS: i64 = 100_000;
/// Connections that read at once: the others are left to those who look at something meanwhile.
const READERS: usize = 2;
/// Rows in one write: other writers come in between.
pub(crate) const BATCH: usize = 5_000;
/// Writes that are under way while the next is made: they share a commit.
const AHEAD: usize = 2;

/// Seconds from the beginning of a write, whose time its record bears, to its commit.
const LONGEST_WRITE: i64 = 60;

/// Rows of one statement of [`insert_bulk`].
pub(crate) const ROWS: usize = 100;

/// Inserts a slice of rows of those that are written by the million: on PostgreSQL by COPY, on SQLite by statements of so many rows
/// each that they stay prepared. Their type inserts NULL, no defaults.
macro_rules! insert_bulk {
    ($connection:expr, $table:expr, $rows:expr) => {
        match &mut *$connection {
            $crate::AnyConnection::Sqlite(c) => {
                let (chunks, rest) = $rows.as_chunks::<{ $crate::bulk::ROWS }>();
                for rows in chunks {
                    diesel::insert_into($table).values(rows).execute(c)?;
                }
                for row in rest {
                    diesel::insert_into($table).values(row).execute(c)?;
                }
            }
            $crate::AnyConnection::Postgres(c) => {
                let copy = diesel::copy_from($table).from_insertable($rows);
                diesel::ExecuteCopyFromDsl::execute(copy, c)?;
            }
        }
    };
}

/// The ids of all customers, in order.
pub(crate) fn ids(db: &Db) -> Result<Vec<CustomerId>> {
    db.read_blocking(|connection| {
        let mut ids: Vec<CustomerId> = Vec::new();
        loop {
            let after = ids.last().map_or("", CustomerId::as_str);
            let next: Vec<CustomerId> = per_backend!(&mut *connection, c => customer_metrics::table
                .filter(customer_metrics::customer_id.gt(after))
                .order(customer_metrics::customer_id)
                .select(customer_metrics::customer_id)
                .limit(IDS)
                .load(c))?;
            if next.is_empty() {
                return Ok(ids);
            }
            ids.extend(next);
        }
    })
}

/// Fills in what is known of each customer, a part of them after the other, on several connections at once. `read` gets the ids of
/// a part, in order, and the places of their answers.
///
/// `told` hears how many customers of how many are read, and breaks the reading off by `false`: then the answer is `false`.
pub(crate) fn read<T: Send>(
    db: &Db,
    ids: &[CustomerId],
    found: &mut [T],
    read: impl Fn(&mut AnyConnection, &[CustomerId], &mut [T]) -> Result<()> + Sync,
    mut told: impl FnMut(i64, i64) -> bool,
) -> Result<bool> {
    let work = Mutex::new(ids.chunks(PART).zip(found.chunks_mut(PART)));
    let stop = AtomicBool::new(false);
    let (tell, heard) = mpsc::channel();
    let reader = |tell: mpsc::Sender<i64>| {
        db.read_blocking(|connection| {
            while !stop.load(Ordering::Relaxed) {
                // Nothing panics while it is held.
                let next = work.lock().ok().and_then(|mut work| work.next());
                let Some((ids, found)) = next else { break };
                read(connection, ids, found)?;
                // Somebody listens until all readers have ended.
                let _ = tell.send(whole(ids.len()));
            }
            Ok(())
        })
    };
    let results: Vec<Result<()>> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                let tell = tell.clone();
                scope.spawn(|| reader(tell))
            })
            .collect();
        drop(tell);
        let mut done = 0;
        for read in heard {
            done += read;
            if !told(done, whole(ids.len())) {
                stop.store(true, Ordering::Relaxed);
            }
        }
        let joined = readers.into_iter().map(|reader| {
            let panicked = |_| Err(Error::Internal("a reader panicked".to_owned()));
            reader.join().unwrap_or_else(panicked)
        });
        joined.collect()
    });
    results.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(!stop.into_inner())
}

/// Writes rows in batches, each a write of its own: a batch is made while those before it are written. `put` may be called more
/// than once for a batch.
///
/// `told` hears how many rows are written, and breaks the writing off by `false`: then the answer is `false`. In the end no write is
/// under way, whatever came of it.
pub(crate) fn write<R: Send + 'static>(
    db: &Db,
    mut rows: impl Iterator<Item = R>,
    put: impl Fn(&mut Tx<'_>, &[R]) -> Result<()> + Copy + Send + 'static,
    mut told: impl FnMut(usize) -> bool,
) -> Result<bool> {
    let mut pending = VecDeque::with_capacity(AHEAD);
    let (mut written, mut result) = (0, Ok(true));
    loop {
        let going = matches!(result, Ok(true));
        let batch: Vec<R> = if going {
            rows.by_ref().take(BATCH).collect()
        } else {
            Vec::new()
        };
        if !batch.is_empty() {
            let length = batch.len();
            match db.housekeep_meanwhile(move |tx| put(tx, &batch)) {
                Ok(write) => pending.push_back((length, write)),
                Err(error) => result = Err(error),
            }
            if pending.len() < AHEAD {
                continue;
            }
        }
        let Some((length, write)) = pending.pop_front() else {
            return result;
        };
        match write.wait() {
            Ok(()) => {
                written += length;
                if matches!(result, Ok(true)) && !told(written) {
                    result = Ok(false);
                }
            }
            Err(error) => result = result.and(Err(error)),
        }
    }
}

/// The customers that were deleted since then: who writes rows of customers that were read earlier may write some of them.
pub(crate) fn deleted_since(
    connection: &mut AnyConnection,
    since: Timestamp,
) -> Result<Vec<CustomerId>> {
    Ok(audit_entries::table
        .filter(audit_entries::at.ge(since.plus_seconds(-LONGEST_WRITE).micros()))
        .filter(audit_entries::record_type.eq("customers"))
        .filter(audit_entries::action.eq("deleted"))
        .select(audit_entries::record_id)
        .load(connection)?)
}

fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
