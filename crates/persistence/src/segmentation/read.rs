//! Reads what all customers bought: two scans, each in the order of its key, on two connections at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};

use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteValue};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::segmentation::run::{Frame, Purchases};
use guanxi_domain::{CustomerId, Date};

use crate::schema::{customer_days, customer_metrics};
use crate::{AnyConnection, Db, Error, Result};

/// Customers whose days are read by one statement.
const CUSTOMERS: usize = 5_000;
/// Customers whose ids are.
const IDS: i64 = 100_000;
/// Connections that read at once: the others are left to those who look at something meanwhile.
const READERS: usize = 2;

/// All customers and what each bought.
pub(super) struct Customers {
    /// In order.
    pub ids: Vec<CustomerId>,
    /// Of each.
    pub purchases: Vec<Purchases>,
}

impl Customers {
    pub fn from(&self) -> Option<Date> {
        let firsts = self.purchases.iter().filter_map(Purchases::first);
        firsts.min().map(Date::from_days)
    }

    /// Days with a purchase.
    pub fn days(&self) -> i64 {
        self.purchases.iter().map(|p| i64::from(p.days())).sum()
    }
}

/// An id as it lies in the database, which has checked it: compared with others, not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, FromSqlRow)]
struct Key([u8; 36]);

impl FromSql<Text, Sqlite> for Key {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_text().as_bytes().try_into()?))
    }
}

impl FromSql<Text, Pg> for Key {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.as_bytes().try_into()?))
    }
}

/// Reads; `told` hears how many customers of how many are read, and breaks the reading off by `false`: then there is no answer.
pub(super) fn read(
    db: &Db,
    frame: &Frame,
    mut told: impl FnMut(i64, i64) -> bool,
) -> Result<Option<Customers>> {
    let ids = db.read_blocking(ids)?;
    let mut purchases = vec![Purchases::default(); ids.len()];
    let all = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let work = Mutex::new(ids.chunks(CUSTOMERS).zip(purchases.chunks_mut(CUSTOMERS)));
    let stop = AtomicBool::new(false);
    let (tell, heard) = mpsc::channel();
    let reader = |tell: mpsc::Sender<i64>| {
        db.read_blocking(|connection| {
            while !stop.load(Ordering::Relaxed) {
                // Nothing panics while it is held.
                let next = work.lock().ok().and_then(|mut work| work.next());
                let Some((ids, purchases)) = next else { break };
                read_days(connection, ids, purchases, frame)?;
                // Somebody listens until all readers have ended.
                let _ = tell.send(i64::try_from(ids.len()).unwrap_or(i64::MAX));
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
            if !told(done, all) {
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
    let stopped = stop.into_inner();
    Ok((!stopped).then_some(Customers { ids, purchases }))
}

fn ids(connection: &mut AnyConnection) -> Result<Vec<CustomerId>> {
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
}

/// Adds the days of customers with these ids, which are in order, to what each bought.
fn read_days(
    connection: &mut AnyConnection,
    ids: &[CustomerId],
    purchases: &mut [Purchases],
    frame: &Frame,
) -> Result<()> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
        return Ok(());
    };
    let days = customer_days::table
        .filter(customer_days::customer_id.ge(first))
        .filter(customer_days::customer_id.le(last))
        .filter(customer_days::day.le(frame.as_of))
        .order((customer_days::customer_id, customer_days::day))
        .select((
            customer_days::customer_id,
            customer_days::day,
            customer_days::orders,
            customer_days::sales,
        ));
    let mut place = 0;
    let mut add = |(key, day, orders, sales): (Key, i32, i64, i64)| {
        while ids
            .get(place)
            .is_some_and(|id| id.as_str().as_bytes() < &key.0[..])
        {
            place += 1;
        }
        // A customer who came after the ids were read is in the next run.
        if ids
            .get(place)
            .is_some_and(|id| id.as_str().as_bytes() == key.0)
        {
            purchases[place].add(day, orders, sales, frame);
        }
    };
    per_backend!(connection, c => {
        for row in days.load_iter::<(Key, i32, i64, i64), DefaultLoadingMode>(c)? {
            add(row?);
        }
    });
    Ok(())
}
