//! Writing an order: who, for whom, what, at which price.

use std::collections::HashMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::custom::{Custom, CustomRecord};
use guanxi_domain::customer::Blacklisting;
use guanxi_domain::order::{
    Order, OrderHead, OrderInput, OrderLine, OrderLineInput, OrderState, line_total,
};
use guanxi_domain::permission::Module;
use guanxi_domain::{
    Checked, CustomerId, DepartmentId, ErrorCode, Money, OrderId, OrderLineId, Overflow, ProductId,
    Timestamp, UnitPrice, UserId, pointer,
};

use super::{HeadRow, LineRow, RECORD, expect, record_transition};
use crate::schema::{contacts, customers, order_lines, orders, products};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, Sequence, Tx, Visibility, custom_field, user};

/// Numbers that are tried before a series that people have used by hand is given up.
const ATTEMPTS: usize = 1_000;

/// Who writes an order, and where.
#[derive(Clone, Debug)]
pub struct Author {
    pub actor: Actor,
    /// The customers whom the actor may see.
    pub customers: Visibility,
    /// Decimals of the deployment's currency.
    pub minor_digits: u8,
}

/// Creates a draft.
pub fn create(tx: &mut Tx<'_>, author: &Author, input: &Checked<OrderInput>) -> Result<Order> {
    let head = OrderHead {
        id: OrderId::generate(),
        version: 1,
        number: String::new(),
        customer_id: input.customer_id,
        customer_name: String::new(),
        contact_id: None,
        owner_id: None,
        department_id: None,
        state: OrderState::Draft,
        ordered_at: tx.now,
        total: Money::ZERO,
        discount: Money::ZERO,
        margin: Money::ZERO,
        line_count: 0,
        payment_terms: None,
        promised_on: None,
        ship_to: None,
        note: None,
        cancel_reason: None,
        custom: Custom::default(),
        created_at: tx.now,
        updated_at: tx.now,
    };
    let mut order = fill(tx, author, None, head, input)?;
    insert_head(tx, &mut order.head, input.number.as_deref())?;
    insert_lines(tx.connection, order.head.id, &order.lines)?;
    let step = record_transition(tx, order.head.id, None, OrderState::Draft, None)?;
    order.transitions.push(step);
    tx.created(RECORD, order.head.id.as_str(), &order)?;
    Ok(order)
}

/// Replaces what people set of a draft.
pub fn update(
    tx: &mut Tx<'_>,
    author: &Author,
    visibility: &Visibility,
    id: OrderId,
    version: i64,
    input: &Checked<OrderInput>,
) -> Result<Order> {
    let old = expect(tx.connection, visibility, id, version)?;
    if old.head.state != OrderState::Draft {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    let head = OrderHead {
        version: version + 1,
        number: input
            .number
            .clone()
            .unwrap_or_else(|| old.head.number.clone()),
        updated_at: tx.now,
        ..old.head.clone()
    };
    let new = fill(tx, author, Some(&old), head, input)?;
    let (before, after) = (&old.head, &new.head);
    if (after.owner_id, after.department_id) != (before.owner_id, before.department_id) {
        // What was shared is not given away.
        match expect(tx.connection, &visibility.unshared(), id, version) {
            Err(Error::NotFound) => {
                return Err(Error::ConflictAt(
                    ErrorCode::Forbidden,
                    "/owner_id".to_owned(),
                ));
            }
            other => other?,
        };
    }
    // The row first: on PostgreSQL it makes other writers of this order wait.
    let changed = diesel::update(
        orders::table
            .filter(orders::id.eq(id))
            .filter(orders::version.eq(version)),
    )
    .set(HeadRow::new(&new.head)?)
    .execute(tx.connection)
    .map_err(|e| Error::from(e).taken("number", "/number"))?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    diesel::delete(order_lines::table.filter(order_lines::order_id.eq(id)))
        .execute(tx.connection)?;
    insert_lines(tx.connection, id, &new.lines)?;
    tx.updated(RECORD, id.as_str(), &old, &new)?;
    Ok(new)
}

/// The order that the input asks for, beginning with what the head holds already.
fn fill(
    tx: &mut Tx<'_>,
    author: &Author,
    old: Option<&Order>,
    head: OrderHead,
    input: &OrderInput,
) -> Result<Order> {
    let customer = customer(tx, &author.customers, old, input.customer_id)?;
    if input.ordered_at.is_some_and(|at| at.date() > tx.now.date()) {
        return Err(Error::invalid("/ordered_at", "future"));
    }
    if let Some(contact) = input.contact_id {
        let theirs: i64 = contacts::table
            .filter(contacts::id.eq(contact))
            .filter(contacts::customer_id.eq(input.customer_id))
            .count()
            .get_result(tx.connection)?;
        if theirs == 0 {
            return Err(Error::invalid("/contact_id", "reference"));
        }
    }
    let before = old.map(|old| &old.head.custom);
    let custom = custom_field::settle(tx.connection, CustomRecord::Orders, before, &input.custom)?;
    let (owner_id, department_id) = owner(tx, &author.actor, old, &customer, input)?;
    let known = old.map_or(&[][..], |old| &old.lines);
    let lines = priced(tx.connection, &input.lines, known, author.minor_digits)?;
    let sum = |of: fn(&OrderLine) -> Money| {
        Money::sum(lines.iter().map(of)).map_err(|_| Error::invalid("/lines", "overflow"))
    };
    let total = sum(|line| line.total)?;
    let margin = total
        .checked_sub(sum(|line| line.cost)?)
        .map_err(|_| Error::invalid("/lines", "overflow"))?;
    let head = OrderHead {
        customer_id: input.customer_id,
        customer_name: customer.name,
        contact_id: input.contact_id,
        owner_id: Some(owner_id),
        department_id,
        ordered_at: input.ordered_at.unwrap_or(head.ordered_at),
        total,
        discount: sum(|line| line.discount)?,
        margin,
        // At most 500, by the input's rules.
        line_count: i32::try_from(lines.len()).unwrap_or(i32::MAX),
        payment_terms: input.payment_terms.clone(),
        promised_on: input.promised_on,
        ship_to: input.ship_to.clone(),
        note: input.note.clone(),
        custom,
        ..head
    };
    Ok(Order {
        head,
        lines,
        transitions: old.map(|old| old.transitions.clone()).unwrap_or_default(),
    })
}

#[derive(diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = customers)]
struct Buyer {
    name: String,
    owner_id: Option<UserId>,
    department_id: Option<DepartmentId>,
    blacklist: Option<Json<Blacklisting>>,
    archived_at: Option<Timestamp>,
}

/// The customer, if it is seen and takes new orders. A draft that is its already stays so.
fn customer(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    old: Option<&Order>,
    id: CustomerId,
) -> Result<Buyer> {
    let kept = old.is_some_and(|old| old.head.customer_id == id);
    let everyone = Visibility::All;
    let visibility = if kept { &everyone } else { visibility };
    let buyer: Buyer = customers::table
        .filter(customers::id.eq(id))
        .filter(visibility.owned("customers"))
        .select(Buyer::as_select())
        .first(tx.connection)
        .optional()?
        .ok_or_else(|| Error::invalid("/customer_id", "reference"))?;
    if kept {
        return Ok(buyer);
    }
    if buyer.archived_at.is_some() {
        return Err(Error::ConflictAt(
            ErrorCode::Conflict,
            "/customer_id".to_owned(),
        ));
    }
    refuse_blacklisted(tx, buyer.blacklist.as_ref())?;
    Ok(buyer)
}

fn refuse_blacklisted(tx: &Tx<'_>, entry: Option<&Json<Blacklisting>>) -> Result<()> {
    let entry = entry.map(Json::get).transpose()?;
    let today = tx.now.date();
    if entry.is_some_and(|entry| entry.holds_on(today)) {
        return Err(Error::Conflict(ErrorCode::Blacklisted));
    }
    Ok(())
}

/// Refuses what is a new order to a customer who is blacklisted.
pub(super) fn expect_welcome(tx: &mut Tx<'_>, customer: CustomerId) -> Result<()> {
    let entry: Option<Json<Blacklisting>> = customers::table
        .find(customer)
        .select(customers::blacklist)
        .first(tx.connection)?;
    refuse_blacklisted(tx, entry.as_ref())
}

/// The owner and the department: the customer's, if the input names no owner. Another than oneself and the customer's owner
/// takes the right to assign.
fn owner(
    tx: &mut Tx<'_>,
    actor: &Actor,
    old: Option<&Order>,
    customer: &Buyer,
    input: &OrderInput,
) -> Result<(UserId, Option<DepartmentId>)> {
    let of_customer = customer.department_id.or(actor.department_id);
    let Some(owner) = input.owner_id else {
        return Ok((customer.owner_id.unwrap_or(actor.user_id), of_customer));
    };
    if let Some(old) = old
        && old.head.owner_id == Some(owner)
        && old.head.customer_id == input.customer_id
    {
        return Ok((owner, old.head.department_id));
    }
    if customer.owner_id == Some(owner) {
        return Ok((owner, of_customer));
    }
    if owner != actor.user_id && !user::may_assign(actor, Module::Orders) {
        return Err(Error::ConflictAt(
            ErrorCode::Forbidden,
            "/owner_id".to_owned(),
        ));
    }
    let department = user::exists_active(tx.connection, owner)?
        .ok_or_else(|| Error::invalid("/owner_id", "reference"))?;
    Ok((owner, department.or(of_customer)))
}

#[derive(diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = products)]
struct Sold {
    id: ProductId,
    sku: String,
    name: String,
    unit: Option<String>,
    list_price: UnitPrice,
    cost: Option<UnitPrice>,
    active: bool,
}

/// The products of the lines. On SQLite one by one, because such a statement stays prepared; on PostgreSQL in one way there and back.
fn sold(
    connection: &mut AnyConnection,
    inputs: &[OrderLineInput],
) -> Result<HashMap<ProductId, Sold>> {
    let mut ids: Vec<ProductId> = inputs.iter().filter_map(|line| line.product_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut found = HashMap::with_capacity(ids.len());
    match connection {
        _ if ids.is_empty() => {}
        AnyConnection::Sqlite(connection) => {
            for id in ids {
                let product: Option<Sold> = products::table
                    .find(id)
                    .select(Sold::as_select())
                    .first(connection)
                    .optional()?;
                found.extend(product.map(|p| (p.id, p)));
            }
        }
        AnyConnection::Postgres(connection) => {
            let rows: Vec<Sold> = products::table
                .filter(products::id.eq_any(ids))
                .select(Sold::as_select())
                .load(connection)?;
            found.extend(rows.into_iter().map(|p| (p.id, p)));
        }
    }
    Ok(found)
}

/// The lines with their totals. A product that is not sold any more is refused, but on a draft that has it already.
fn priced(
    connection: &mut AnyConnection,
    inputs: &[OrderLineInput],
    known: &[OrderLine],
    minor_digits: u8,
) -> Result<Vec<OrderLine>> {
    let products = sold(connection, inputs)?;
    let mut lines = Vec::with_capacity(inputs.len());
    let mut wrong = Vec::new();
    for (index, (input, position)) in inputs.iter().zip(1..).enumerate() {
        let at = |member: &str| pointer(&pointer("/lines", index), member);
        let product = input.product_id.and_then(|id| products.get(&id));
        let orderable = product.is_some_and(|product| {
            product.active || known.iter().any(|l| l.product_id == Some(product.id))
        });
        if input.product_id.is_some() && !orderable {
            wrong.push((at("product_id"), "reference"));
            continue;
        }
        let description = input.description.clone();
        let Some(description) = description.or_else(|| product.map(|p| p.name.clone())) else {
            wrong.push((at("description"), "required"));
            continue;
        };
        let Some(unit_price) = input.unit_price.or_else(|| product.map(|p| p.list_price)) else {
            wrong.push((at("unit_price"), "required"));
            continue;
        };
        let cost = product.and_then(|p| p.cost).unwrap_or_default();
        let amounts = || -> std::result::Result<_, Overflow> {
            Ok((
                line_total(input.quantity, unit_price, input.discount, minor_digits)?,
                cost.times(input.quantity, minor_digits)?,
            ))
        };
        let Ok((total, cost)) = amounts() else {
            wrong.push((at("quantity"), "overflow"));
            continue;
        };
        if total < Money::ZERO {
            wrong.push((at("discount"), "discount"));
            continue;
        }
        lines.push(OrderLine {
            id: OrderLineId::generate(),
            position,
            product_id: input.product_id,
            sku: product.map(|p| p.sku.clone()),
            description,
            quantity: input.quantity,
            unit: product.and_then(|p| p.unit.clone()),
            unit_price,
            discount: input.discount,
            total,
            cost,
        });
    }
    if wrong.is_empty() {
        Ok(lines)
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// Inserts the head, with the next number of the series if none was given.
fn insert_head(tx: &mut Tx<'_>, head: &mut OrderHead, given: Option<&str>) -> Result<()> {
    for _ in 0..ATTEMPTS {
        head.number = match given {
            Some(number) => number.to_owned(),
            None => Sequence::OrderNumber.next_text(tx)?,
        };
        let row = HeadRow::new(head)?;
        let inserted = per_backend!(tx.connection, c => diesel::insert_into(orders::table)
            .values(row)
            .on_conflict(orders::number)
            .do_nothing()
            .execute(c))?;
        if inserted > 0 {
            return Ok(());
        }
        // Somebody has given the series' next number by hand: the one after it may be free.
        if given.is_some() {
            break;
        }
    }
    Err(Error::ConflictAt(ErrorCode::Taken, "/number".to_owned()))
}

/// Inserts the lines; on each database in the way that takes it less time, as with [`sold`].
fn insert_lines(connection: &mut AnyConnection, order: OrderId, lines: &[OrderLine]) -> Result<()> {
    let rows = lines.iter().map(|line| LineRow::new(order, line));
    match connection {
        AnyConnection::Sqlite(connection) => {
            for row in rows {
                diesel::insert_into(order_lines::table)
                    .values(row)
                    .execute(connection)?;
            }
        }
        AnyConnection::Postgres(connection) => {
            diesel::insert_into(order_lines::table)
                .values(rows.collect::<Vec<_>>())
                .execute(connection)?;
        }
    }
    Ok(())
}
