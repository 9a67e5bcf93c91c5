//! Writes what a batch comes to: many rows a statement, an audit entry and an outbox event for each record.
//!
//! The entry of an order tells of its head; the lines are told by the file that they name, which would otherwise stand in the
//! trail a second time.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::audit::differences;
use guanxi_domain::metrics::Contribution;
use guanxi_domain::order::OrderState;
use guanxi_domain::{CustomerId, Date, DepartmentId, ImportId, Money, OrderId, Timestamp, UserId};
use serde_json::{Value, json};

use super::lookup::{KnownOrder, Sums};
use super::orders::Work;
use crate::schema::{order_lines, order_transitions, orders};
use crate::{Error, Result, Tx, customer, metrics, product};

#[derive(diesel::Insertable)]
#[diesel(table_name = orders, treat_none_as_default_value = false)]
struct NewOrder<'a> {
    id: OrderId,
    version: i64,
    number: &'a str,
    customer_id: CustomerId,
    owner_id: Option<UserId>,
    department_id: Option<DepartmentId>,
    state: OrderState,
    ordered_at: Timestamp,
    total: Money,
    discount: Money,
    margin: Money,
    line_count: i32,
    import_id: Option<ImportId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> NewOrder<'a> {
    fn new(order: &'a KnownOrder, now: Timestamp) -> Self {
        Self {
            id: order.id,
            version: order.version,
            number: &order.number,
            customer_id: order.customer.id,
            owner_id: order.customer.owner_id,
            department_id: order.customer.department_id,
            state: order.state,
            ordered_at: order.ordered_at,
            total: order.sums.total,
            discount: order.sums.discount,
            margin: order.sums.margin,
            line_count: order.sums.lines,
            import_id: order.import_id,
            created_at: now,
            updated_at: now,
        }
    }

    fn entry(&self) -> Value {
        json!({
            "number": self.number,
            "customer_id": self.customer_id,
            "owner_id": self.owner_id,
            "department_id": self.department_id,
            "state": self.state,
            "ordered_at": self.ordered_at,
            "total": self.total,
            "discount": self.discount,
            "margin": self.margin,
            "line_count": self.line_count,
            "import_id": self.import_id,
        })
    }
}

pub(super) fn write(tx: &mut Tx<'_>, work: &Work<'_>) -> Result<()> {
    customer::create_many(tx, &work.customers)?;
    product::create_many(tx, &work.products)?;
    let (new, old): (Vec<&KnownOrder>, Vec<&KnownOrder>) = work
        .touched
        .iter()
        .filter_map(|number| work.known.orders.get(number))
        .partition(|order| order.before.is_none());
    write_new_orders(tx, &new)?;
    insert_many!(tx.connection, order_lines::table, work.lines);
    for order in &old {
        if let Some(before) = order.before {
            update_order(tx, order, before)?;
        }
    }
    let contributions: Vec<(CustomerId, Date, Contribution)> = new
        .into_iter()
        .chain(old)
        .filter(|order| order.state.counts())
        .filter_map(|order| {
            let mut added = *work.added.get(&order.number)?;
            if order.counted {
                added.orders = 0;
            }
            Some((order.customer.id, order.ordered_at.date(), added))
        })
        .collect();
    metrics::apply_many(tx, &contributions)?;
    Ok(())
}

fn write_new_orders(tx: &mut Tx<'_>, new: &[&KnownOrder]) -> Result<()> {
    let rows: Vec<NewOrder<'_>> = new.iter().map(|o| NewOrder::new(o, tx.now)).collect();
    insert_many!(tx.connection, orders::table, rows);
    let transitions: Vec<_> = new
        .iter()
        .map(|order| {
            (
                order_transitions::id.eq(OrderId::generate()),
                order_transitions::order_id.eq(order.id),
                order_transitions::to_state.eq(order.state),
                order_transitions::at.eq(tx.now),
                order_transitions::by_id.eq(tx.origin.user_id),
                order_transitions::by_name.eq(&tx.origin.user_name),
            )
        })
        .collect();
    insert_many!(tx.connection, order_transitions::table, transitions);
    let entries: Vec<(String, Value)> = rows
        .iter()
        .map(|row| (row.id.to_string(), differences(&json!({}), &row.entry())))
        .collect();
    tx.record_many("orders", "created", &entries)
}

/// An order whose rows do not stand together in the file, or that a corrected file adds to.
fn update_order(tx: &mut Tx<'_>, order: &KnownOrder, before: Sums) -> Result<()> {
    let after = order.sums;
    let changed = diesel::update(
        orders::table
            .find(order.id)
            .filter(orders::version.eq(order.version)),
    )
    .set((
        orders::version.eq(order.version + 1),
        orders::total.eq(after.total),
        orders::discount.eq(after.discount),
        orders::margin.eq(after.margin),
        orders::line_count.eq(after.lines),
        orders::updated_at.eq(tx.now),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let entry = |sums: Sums| {
        json!({
            "total": sums.total,
            "discount": sums.discount,
            "margin": sums.margin,
            "line_count": sums.lines,
        })
    };
    tx.updated("orders", order.id.as_str(), &entry(before), &entry(after))
}
