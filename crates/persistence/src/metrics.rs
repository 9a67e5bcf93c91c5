//! The figures of customers: kept in the transaction of the order or ticket that changes them.
//!
//! `customer_days` holds what the orders that count add up to on each day, `customer_metrics` what follows from the days. Who
//! changes either holds the lock on the customer's row of `customer_metrics`: on PostgreSQL concurrent writers take turns there,
//! on SQLite there is one writer. [`rebuild`] computes everything again from orders and tickets and compares.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper, upsert::excluded};
use guanxi_domain::metrics::{Contribution, CustomerMetrics};
use guanxi_domain::{CustomerId, Date, Money, Overflow, Timestamp};

use crate::schema::{customer_days, customer_metrics, customers};
use crate::{AnyConnection, Error, Result, Tx, Visibility};

mod rebuild;
mod refresh;

pub use rebuild::{rebuild, to_the_end, verify};
pub use refresh::{customers, refresh};

/// Customers whose figures are computed together: bounds memory and the values bound to a statement.
const BATCH: usize = 500;

/// Each customer's days.
type Days = BTreeMap<CustomerId, BTreeMap<Date, Contribution>>;

/// A customer's figures as they are kept.
#[derive(Clone, Debug, PartialEq, diesel::Queryable, diesel::Selectable, diesel::AsChangeset)]
#[diesel(table_name = customer_metrics, treat_none_as_null = true)]
pub(crate) struct Row {
    pub orders: i64,
    pub order_days: i64,
    pub first_order_on: Option<Date>,
    pub last_order_on: Option<Date>,
    pub sales: Money,
    pub margin: Money,
    pub returns: Money,
    pub average_order: Option<Money>,
    pub mean_gap_days: Option<i64>,
    pub sales_30d: Money,
    pub sales_90d: Money,
    pub sales_365d: Money,
    pub sales_30d_before: Money,
    pub sales_90d_before: Money,
    pub sales_365d_before: Money,
    pub tickets: i64,
    pub open_tickets: i64,
    pub complaints: i64,
    pub as_of: Option<Date>,
    pub updated_at: Option<Timestamp>,
}

impl Row {
    pub fn into_metrics(self) -> CustomerMetrics {
        CustomerMetrics {
            orders: self.orders,
            order_days: self.order_days,
            first_order_on: self.first_order_on,
            last_order_on: self.last_order_on,
            sales: self.sales,
            margin: self.margin,
            returns: self.returns,
            average_order: self.average_order,
            mean_gap_days: self.mean_gap_days,
            sales_30d: self.sales_30d,
            sales_90d: self.sales_90d,
            sales_365d: self.sales_365d,
            sales_30d_before: self.sales_30d_before,
            sales_90d_before: self.sales_90d_before,
            sales_365d_before: self.sales_365d_before,
            tickets: self.tickets,
            open_tickets: self.open_tickets,
            complaints: self.complaints,
            as_of: self.as_of,
            updated_at: self.updated_at,
        }
    }
}

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = customer_days, treat_none_as_default_value = false)]
struct DayRow {
    customer_id: CustomerId,
    day: Date,
    orders: i64,
    sales: i64,
    margin: i64,
    returns: i64,
}

impl DayRow {
    fn new(customer_id: CustomerId, day: Date, sum: Contribution) -> Self {
        Self {
            customer_id,
            day,
            orders: sum.orders,
            sales: sum.sales,
            margin: sum.margin,
            returns: sum.returns,
        }
    }

    fn contribution(&self) -> Contribution {
        Contribution {
            orders: self.orders,
            sales: self.sales,
            margin: self.margin,
            returns: self.returns,
        }
    }
}

/// The figures that follow from orders, as they are written; those of tickets stay as they are.
#[derive(diesel::Insertable)]
#[diesel(table_name = customer_metrics, treat_none_as_default_value = false)]
struct SalesRow {
    customer_id: CustomerId,
    orders: i64,
    order_days: i64,
    first_order_on: Option<Date>,
    last_order_on: Option<Date>,
    sales: Money,
    margin: Money,
    returns: Money,
    average_order: Option<Money>,
    mean_gap_days: Option<i64>,
    sales_30d: Money,
    sales_90d: Money,
    sales_365d: Money,
    sales_30d_before: Money,
    sales_90d_before: Money,
    sales_365d_before: Money,
    as_of: Option<Date>,
    updated_at: Timestamp,
}

impl SalesRow {
    fn new(customer_id: CustomerId, metrics: &CustomerMetrics, updated_at: Timestamp) -> Self {
        Self {
            customer_id,
            orders: metrics.orders,
            order_days: metrics.order_days,
            first_order_on: metrics.first_order_on,
            last_order_on: metrics.last_order_on,
            sales: metrics.sales,
            margin: metrics.margin,
            returns: metrics.returns,
            average_order: metrics.average_order,
            mean_gap_days: metrics.mean_gap_days,
            sales_30d: metrics.sales_30d,
            sales_90d: metrics.sales_90d,
            sales_365d: metrics.sales_365d,
            sales_30d_before: metrics.sales_30d_before,
            sales_90d_before: metrics.sales_90d_before,
            sales_365d_before: metrics.sales_365d_before,
            as_of: metrics.as_of,
            updated_at,
        }
    }
}

/// The figures of one customer.
pub fn get(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    customer: CustomerId,
) -> Result<CustomerMetrics> {
    let row: Row = customer_metrics::table
        .inner_join(customers::table)
        .filter(customers::id.eq(customer))
        .filter(visibility.owned("customers"))
        .select(Row::as_select())
        .first(connection)?;
    Ok(row.into_metrics())
}

/// Replaces what an order contributes to its customer's figures on its day.
pub fn apply(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    day: Date,
    before: Contribution,
    after: Contribution,
) -> Result<()> {
    let change = after.checked_add(before.negated()).map_err(overflow)?;
    apply_many(tx, &[(customer, day, change)])
}

/// Adds to the figures of many customers: what each order contributes, on its day.
pub fn apply_many(
    tx: &mut Tx<'_>,
    contributions: &[(CustomerId, Date, Contribution)],
) -> Result<()> {
    let mut changes = Days::new();
    for (customer, day, contribution) in contributions {
        if *contribution != Contribution::default() {
            let sum = changes
                .entry(*customer)
                .or_default()
                .entry(*day)
                .or_default();
            *sum = sum.checked_add(*contribution).map_err(overflow)?;
        }
    }
    let customers: Vec<CustomerId> = changes.keys().copied().collect();
    // In the order of their ids, so that two writers who lock several never wait for each other in a circle.
    for customers in customers.chunks(BATCH) {
        lock(tx.connection, customers)?;
        let mut days = load_days(tx.connection, customers)?;
        let mut rows = Vec::new();
        for customer in customers {
            let days = days.entry(*customer).or_default();
            for (day, change) in &changes[customer] {
                let sum = days.entry(*day).or_default();
                *sum = sum.checked_add(*change).map_err(overflow)?;
                rows.push(DayRow::new(*customer, *day, *sum));
            }
        }
        write_days(tx.connection, rows)?;
        let today = tx.now.date();
        let figures = days
            .into_iter()
            .map(|(customer, days)| {
                let metrics = CustomerMetrics::of_days(days, today).map_err(overflow)?;
                Ok(SalesRow::new(customer, &metrics, tx.now))
            })
            .collect::<Result<Vec<_>>>()?;
        write_sales(tx.connection, &figures)?;
    }
    Ok(())
}

/// More than 64 bits hold: no order may make it so.
fn overflow(_: Overflow) -> Error {
    Error::invalid("/lines", "overflow")
}

/// Makes other writers of these customers' figures wait; the ids must be in order.
fn lock(connection: &mut AnyConnection, customers: &[CustomerId]) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        customer_metrics::table
            .filter(customer_metrics::customer_id.eq_any(customers))
            .order(customer_metrics::customer_id)
            .for_update()
            .select(customer_metrics::customer_id)
            .execute(connection)?;
    }
    Ok(())
}

fn load_days(connection: &mut AnyConnection, customers: &[CustomerId]) -> Result<Days> {
    let rows: Vec<DayRow> = customer_days::table
        .filter(customer_days::customer_id.eq_any(customers))
        .select(DayRow::as_select())
        .load(connection)?;
    Ok(by_customer(rows))
}

fn by_customer(rows: Vec<DayRow>) -> Days {
    let mut days = Days::new();
    for row in rows {
        days.entry(row.customer_id)
            .or_default()
            .insert(row.day, row.contribution());
    }
    days
}

/// Writes days; one that adds up to nothing goes.
fn write_days(connection: &mut AnyConnection, rows: Vec<DayRow>) -> Result<()> {
    let (gone, kept): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| row.contribution() == Contribution::default());
    for row in gone {
        diesel::delete(customer_days::table.find((row.customer_id, row.day)))
            .execute(connection)?;
    }
    for rows in kept.chunks(BATCH) {
        per_backend!(connection, c => diesel::insert_into(customer_days::table)
            .values(rows)
            .on_conflict((customer_days::customer_id, customer_days::day))
            .do_update()
            .set((
                customer_days::orders.eq(excluded(customer_days::orders)),
                customer_days::sales.eq(excluded(customer_days::sales)),
                customer_days::margin.eq(excluded(customer_days::margin)),
                customer_days::returns.eq(excluded(customer_days::returns)),
            ))
            .execute(c))?;
    }
    Ok(())
}

fn write_sales(connection: &mut AnyConnection, rows: &[SalesRow]) -> Result<()> {
    use customer_metrics as m;

    if rows.is_empty() {
        return Ok(());
    }
    per_backend!(connection, c => diesel::insert_into(m::table)
        .values(rows)
        .on_conflict(m::customer_id)
        .do_update()
        .set((
            m::orders.eq(excluded(m::orders)),
            m::order_days.eq(excluded(m::order_days)),
            m::first_order_on.eq(excluded(m::first_order_on)),
            m::last_order_on.eq(excluded(m::last_order_on)),
            m::sales.eq(excluded(m::sales)),
            m::margin.eq(excluded(m::margin)),
            m::returns.eq(excluded(m::returns)),
            m::average_order.eq(excluded(m::average_order)),
            m::mean_gap_days.eq(excluded(m::mean_gap_days)),
            m::sales_30d.eq(excluded(m::sales_30d)),
            m::sales_90d.eq(excluded(m::sales_90d)),
            m::sales_365d.eq(excluded(m::sales_365d)),
            m::sales_30d_before.eq(excluded(m::sales_30d_before)),
            m::sales_90d_before.eq(excluded(m::sales_90d_before)),
            m::sales_365d_before.eq(excluded(m::sales_365d_before)),
            m::as_of.eq(excluded(m::as_of)),
            m::updated_at.eq(excluded(m::updated_at)),
        ))
        .execute(c))?;
    Ok(())
}

/// Adds to a customer's counts of tickets, in the transaction that changes the ticket.
pub fn apply_ticket(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    tickets: i64,
    open: i64,
    complaints: i64,
) -> Result<()> {
    diesel::update(customer_metrics::table.find(customer))
        .set((
            customer_metrics::tickets.eq(customer_metrics::tickets + tickets),
            customer_metrics::open_tickets.eq(customer_metrics::open_tickets + open),
            customer_metrics::complaints.eq(customer_metrics::complaints + complaints),
            customer_metrics::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(())
}
