//! The figures of customers.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::metrics::CustomerMetrics;
use guanxi_domain::{CustomerId, Date, Money, Timestamp};

use crate::schema::customer_metrics;
use crate::{Result, Tx};

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
