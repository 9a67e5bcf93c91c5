//! Windows move with the day, also for customers that nothing happens to.

use std::ops::ControlFlow;

use diesel::sql_types::{Integer, Text};
use diesel::{QueryDsl, QueryableByName, RunQueryDsl};
use guanxi_domain::metrics::CustomerMetrics;
use guanxi_domain::{CustomerId, Date};

use super::{BATCH, SalesRow, load_days, lock, overflow, write_sales};
use crate::schema::customer_metrics;
use crate::{AnyConnection, Db, Result, Tx};

/// The oldest day that a window holds: the year before the last.
const REACH: i32 = 730;

/// Customers whose windows end before today and may look different today.
const DUE: &str = "SELECT customer_id FROM customer_metrics AS m \
     WHERE customer_id > $1 AND as_of < $2 AND (sales_30d <> 0 OR sales_90d <> 0 OR sales_365d <> 0 \
     OR sales_30d_before <> 0 OR sales_90d_before <> 0 OR sales_365d_before <> 0 \
     OR EXISTS (SELECT 1 FROM customer_days AS d WHERE d.customer_id = m.customer_id AND d.day > $3)) \
     ORDER BY customer_id LIMIT 500";

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = Text)]
    customer_id: CustomerId,
}

/// Moves the windows of all customers up to today; answers how many customers that were. Blocks.
///
/// In batches, each a transaction of its own, so that other writes come in between. Run it every day. `step` is told after each
/// batch how many customers that were so far, and may break it off.
pub fn refresh(db: &Db, today: Date, mut step: impl FnMut(i64) -> ControlFlow<()>) -> Result<i64> {
    let mut last = String::new();
    let mut refreshed = 0;
    loop {
        let after = last.clone();
        let due = db.read_blocking(|connection| due(connection, &after, today))?;
        let Some(end) = due.last() else {
            return Ok(refreshed);
        };
        last = end.to_string();
        refreshed += i64::try_from(due.len()).unwrap_or(i64::MAX);
        db.housekeep_blocking(move |tx| move_windows(tx, &due, today))?;
        if step(refreshed).is_break() {
            return Ok(refreshed);
        }
    }
}

fn due(connection: &mut AnyConnection, after: &str, today: Date) -> Result<Vec<CustomerId>> {
    let rows: Vec<Due> = diesel::sql_query(DUE)
        .bind::<Text, _>(after)
        .bind::<Integer, _>(today)
        .bind::<Integer, _>(today.plus_days(-REACH))
        .load(connection)?;
    Ok(rows.into_iter().map(|row| row.customer_id).collect())
}

fn move_windows(tx: &mut Tx<'_>, customers: &[CustomerId], today: Date) -> Result<()> {
    debug_assert!(customers.len() <= BATCH);
    lock(tx.connection, customers)?;
    let mut days = load_days(tx.connection, customers)?;
    let figures = customers
        .iter()
        .map(|customer| {
            let days = days.remove(customer).unwrap_or_default();
            let metrics = CustomerMetrics::of_days(days, today).map_err(overflow)?;
            Ok(SalesRow::new(*customer, &metrics, tx.now))
        })
        .collect::<Result<Vec<_>>>()?;
    write_sales(tx.connection, &figures)
}

/// How many customers there are: the end of the way that [`refresh`] and [`super::rebuild()`] tell of.
pub fn customers(connection: &mut AnyConnection) -> Result<i64> {
    Ok(customer_metrics::table.count().get_result(connection)?)
}
