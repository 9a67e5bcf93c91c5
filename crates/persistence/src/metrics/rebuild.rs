//! All figures computed again from orders, lines and tickets, and compared with those that are kept.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Instant;

use diesel::sql_types::{BigInt, Text};
use diesel::{ExpressionMethods, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper};
use guanxi_domain::metrics::{Contribution, CustomerMetrics, RebuildReport};
use guanxi_domain::order::OrderState;
use guanxi_domain::ticket::{TicketKind, TicketState};
use guanxi_domain::{CustomerId, Date, Timestamp};
use serde_json::json;

use super::{
    BATCH, DayRow, Days, Row, SalesRow, by_customer, lock, overflow, write_days, write_sales,
};
use crate::schema::{customer_days, customer_metrics, customers};
use crate::{AnyConnection, Db, Origin, Result};

/// How many customers a report names.
const EXAMPLES: usize = 20;

/// Computes every customer's figures again from orders and tickets, and mends those that differ. Blocks.
///
/// A batch of customers at a time, each in a transaction of its own that holds the locks of its customers: other writes come in
/// between, and none is lost. `step` is told after each batch how many customers that were so far, and may break it off.
pub fn rebuild(
    db: &Db,
    origin: Origin,
    step: impl FnMut(i64) -> ControlFlow<()>,
) -> Result<RebuildReport> {
    let report = examine_all(db, step, |batch, today| {
        db.housekeep_blocking(move |tx| {
            lock(tx.connection, &batch)?;
            let findings = examine(tx.connection, &batch, today)?;
            mend(tx.connection, &findings, tx.now)?;
            Ok(findings
                .into_iter()
                .filter(|f| f.differs)
                .map(|f| f.customer)
                .collect())
        })
    })?;
    let told = json!({
        "customers": {"old": null, "new": report.customers},
        "differing": {"old": null, "new": report.differing},
    });
    db.write_blocking(origin, move |tx| {
        tx.record("metrics", "all", "rebuilt", told.clone())
    })?;
    Ok(report)
}

/// As [`rebuild`], without changing anything. Blocks.
pub fn verify(db: &Db) -> Result<RebuildReport> {
    examine_all(db, to_the_end, |batch, today| {
        db.snapshot_blocking(|connection| {
            let findings = examine(connection, &batch, today)?;
            Ok(findings
                .into_iter()
                .filter(|f| f.differs)
                .map(|f| f.customer)
                .collect())
        })
    })
}

/// Never breaks off.
pub fn to_the_end(_: i64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn examine_all(
    db: &Db,
    mut step: impl FnMut(i64) -> ControlFlow<()>,
    mut differing_of: impl FnMut(Vec<CustomerId>, Date) -> Result<Vec<CustomerId>>,
) -> Result<RebuildReport> {
    let began = Instant::now();
    let mut report = RebuildReport {
        customers: 0,
        differing: 0,
        examples: Vec::new(),
        as_of: Timestamp::now().date(),
        duration_ms: 0,
    };
    let mut last = String::new();
    loop {
        let after = last.clone();
        let batch: Vec<CustomerId> = db.read_blocking(|connection| {
            Ok(customers::table
                .filter(customers::id.gt(&after))
                .order(customers::id)
                .select(customers::id)
                .limit(i64::try_from(BATCH).unwrap_or(i64::MAX))
                .load(connection)?)
        })?;
        let Some(end) = batch.last() else { break };
        last = end.to_string();
        report.customers += count(batch.len());
        let differing = differing_of(batch, report.as_of)?;
        report.differing += count(differing.len());
        let room = EXAMPLES - report.examples.len();
        report.examples.extend(differing.into_iter().take(room));
        if step(report.customers).is_break() {
            break;
        }
    }
    report.duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    Ok(report)
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// What is to be written for a customer.
struct Finding {
    customer: CustomerId,
    /// The kept figures were wrong; else they were right on their day and only their windows have moved since.
    differs: bool,
    /// The days, where the kept ones are wrong.
    days: Option<BTreeMap<Date, Contribution>>,
    /// The kept counts of tickets are wrong.
    tickets: bool,
    metrics: CustomerMetrics,
}

/// The customers of a batch (ids in order) for whom something is to be written.
fn examine(
    connection: &mut AnyConnection,
    batch: &[CustomerId],
    today: Date,
) -> Result<Vec<Finding>> {
    let (Some(&from), Some(&to)) = (batch.first(), batch.last()) else {
        return Ok(Vec::new());
    };
    let mut kept = kept_metrics(connection, from, to)?;
    let mut kept_days = kept_days(connection, from, to)?;
    let mut true_days = true_days(connection, from, to)?;
    let tickets = true_tickets(connection, from, to)?;
    let mut findings = Vec::new();
    for customer in batch {
        let days = true_days.remove(customer).unwrap_or_default();
        let [tickets, open_tickets, complaints] =
            tickets.get(customer).copied().unwrap_or_default();
        let as_of = |date: Date| -> Result<CustomerMetrics> {
            let sales = CustomerMetrics::of_days(days.iter().map(|(d, c)| (*d, *c)), date)
                .map_err(overflow)?;
            Ok(CustomerMetrics {
                tickets,
                open_tickets,
                complaints,
                ..sales
            })
        };
        let kept = kept.remove(customer);
        let same = |right: &CustomerMetrics| {
            kept.as_ref().is_some_and(|kept| {
                CustomerMetrics {
                    as_of: kept.as_of,
                    updated_at: kept.updated_at,
                    ..right.clone()
                } == *kept
            })
        };
        let right_today = as_of(today)?;
        let days_differ = kept_days.remove(customer).unwrap_or_default() != days;
        let figures_differ = match kept.as_ref().and_then(|k| k.as_of) {
            Some(date) => !same(&as_of(date)?),
            None => !same(&right_today),
        };
        let counts = |m: &CustomerMetrics| (m.tickets, m.open_tickets, m.complaints);
        if days_differ || figures_differ || !same(&right_today) {
            findings.push(Finding {
                customer: *customer,
                differs: days_differ || figures_differ,
                tickets: kept.as_ref().map(counts) != Some(counts(&right_today)),
                days: days_differ.then(|| days.clone()),
                metrics: right_today,
            });
        }
    }
    Ok(findings)
}

fn mend(connection: &mut AnyConnection, findings: &[Finding], now: Timestamp) -> Result<()> {
    let wrong = || {
        let days = |f: &Finding| f.days.clone().map(|days| (f.customer, days));
        findings.iter().filter_map(days)
    };
    let customers: Vec<CustomerId> = wrong().map(|(customer, _)| customer).collect();
    if !customers.is_empty() {
        diesel::delete(customer_days::table.filter(customer_days::customer_id.eq_any(customers)))
            .execute(connection)?;
    }
    let rows = wrong()
        .flat_map(|(customer, days)| {
            days.into_iter()
                .map(move |(day, sum)| DayRow::new(customer, day, sum))
        })
        .collect();
    write_days(connection, rows)?;
    let figures: Vec<SalesRow> = findings
        .iter()
        .map(|finding| SalesRow::new(finding.customer, &finding.metrics, now))
        .collect();
    write_sales(connection, &figures)?;
    for finding in findings.iter().filter(|finding| finding.tickets) {
        diesel::update(customer_metrics::table.find(finding.customer))
            .set((
                customer_metrics::tickets.eq(finding.metrics.tickets),
                customer_metrics::open_tickets.eq(finding.metrics.open_tickets),
                customer_metrics::complaints.eq(finding.metrics.complaints),
            ))
            .execute(connection)?;
    }
    Ok(())
}

fn kept_metrics(
    connection: &mut AnyConnection,
    from: CustomerId,
    to: CustomerId,
) -> Result<BTreeMap<CustomerId, CustomerMetrics>> {
    let rows: Vec<(CustomerId, Row)> = customer_metrics::table
        .filter(customer_metrics::customer_id.ge(from))
        .filter(customer_metrics::customer_id.le(to))
        .select((customer_metrics::customer_id, Row::as_select()))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(customer, row)| (customer, row.into_metrics()))
        .collect())
}

fn kept_days(connection: &mut AnyConnection, from: CustomerId, to: CustomerId) -> Result<Days> {
    let rows: Vec<DayRow> = customer_days::table
        .filter(customer_days::customer_id.ge(from))
        .filter(customer_days::customer_id.le(to))
        .select(DayRow::as_select())
        .load(connection)?;
    Ok(by_customer(rows))
}

#[derive(QueryableByName)]
struct TrueDay {
    #[diesel(sql_type = Text)]
    customer_id: CustomerId,
    #[diesel(sql_type = BigInt)]
    day: i64,
    #[diesel(sql_type = BigInt)]
    orders: i64,
    #[diesel(sql_type = BigInt)]
    sales: i64,
    #[diesel(sql_type = BigInt)]
    margin: i64,
    #[diesel(sql_type = BigInt)]
    returns: i64,
}

/// What the orders that count add up to on each day: `Contribution::of_lines`, in SQL.
fn true_days(connection: &mut AnyConnection, from: CustomerId, to: CustomerId) -> Result<Days> {
    // The inner remainder is negative before 1970, where a day is to be rounded down as well. COALESCE keeps SQLite from reading
    // every order by the index on states, once for each batch.
    let sql = format!(
        "SELECT customer_id, day, CAST(SUM(orders) AS BIGINT) AS orders, CAST(SUM(sales) AS BIGINT) AS sales, \
           CAST(SUM(margin) AS BIGINT) AS margin, CAST(SUM(returns) AS BIGINT) AS returns \
         FROM (SELECT o.customer_id, \
             (o.ordered_at - (o.ordered_at % {DAY} + {DAY}) % {DAY}) / {DAY} AS day, \
             MAX(CASE WHEN l.total >= 0 THEN 1 ELSE 0 END) AS orders, SUM(l.total) AS sales, \
             SUM(l.total - l.cost) AS margin, SUM(CASE WHEN l.total < 0 THEN -l.total ELSE 0 END) AS returns \
           FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id \
           WHERE o.customer_id >= $1 AND o.customer_id <= $2 AND COALESCE(o.state, '') IN ({states}) \
           GROUP BY o.id, o.customer_id, o.ordered_at) AS each_order \
         GROUP BY customer_id, day",
        states = quoted(&OrderState::counting_words()),
    );
    let rows: Vec<TrueDay> = diesel::sql_query(sql)
        .bind::<Text, _>(from)
        .bind::<Text, _>(to)
        .load(connection)?;
    let mut days = Days::new();
    for row in rows {
        let sum = Contribution {
            orders: row.orders,
            sales: row.sales,
            margin: row.margin,
            returns: row.returns,
        };
        if sum != Contribution::default() {
            let day = Date::from_days(i32::try_from(row.day).unwrap_or(i32::MAX));
            days.entry(row.customer_id).or_default().insert(day, sum);
        }
    }
    Ok(days)
}

/// Microseconds.
const DAY: i64 = 86_400_000_000;

/// Words of the program as SQL; none holds a quote.
fn quoted(words: &[&str]) -> String {
    format!("'{}'", words.join("', '"))
}

#[derive(QueryableByName)]
struct TrueTickets {
    #[diesel(sql_type = Text)]
    customer_id: CustomerId,
    #[diesel(sql_type = BigInt)]
    tickets: i64,
    #[diesel(sql_type = BigInt)]
    open: i64,
    #[diesel(sql_type = BigInt)]
    complaints: i64,
}

/// Each customer's tickets: all, open, complaints.
fn true_tickets(
    connection: &mut AnyConnection,
    from: CustomerId,
    to: CustomerId,
) -> Result<BTreeMap<CustomerId, [i64; 3]>> {
    let open: Vec<&str> = TicketState::ALL
        .iter()
        .filter(|state| state.is_open())
        .map(|state| state.as_str())
        .collect();
    let sql = format!(
        "SELECT customer_id, COUNT(*) AS tickets, \
           CAST(SUM(CASE WHEN state IN ({open}) THEN 1 ELSE 0 END) AS BIGINT) AS open, \
           CAST(SUM(CASE WHEN kind = '{complaint}' THEN 1 ELSE 0 END) AS BIGINT) AS complaints \
         FROM tickets WHERE customer_id >= $1 AND customer_id <= $2 GROUP BY customer_id",
        open = quoted(&open),
        complaint = TicketKind::Complaint,
    );
    let rows: Vec<TrueTickets> = diesel::sql_query(sql)
        .bind::<Text, _>(from)
        .bind::<Text, _>(to)
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.customer_id, [row.tickets, row.open, row.complaints]))
        .collect())
}
