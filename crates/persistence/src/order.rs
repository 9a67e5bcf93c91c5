//! Orders with their lines and changes of state.

use diesel::{
    ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl,
    SelectableHelper,
};
use guanxi_domain::custom::Custom;
use guanxi_domain::metrics::Contribution;
use guanxi_domain::order::{
    FIELDS, IN_REPORTS, Order, OrderHead, OrderLine, OrderState, OrderTransition,
    OrderTransitionInput,
};
use guanxi_domain::permission::Module;
use guanxi_domain::search::{Kind, RecordType};
use guanxi_domain::share::{SHARED_WITH_ME, Shareable};
use guanxi_domain::{
    Checked, ContactId, CustomerId, Date, DepartmentId, ErrorCode, Money, OrderId, OrderLineId,
    ProductId, Quantity, RawId, Timestamp, UnitPrice, UserId,
};

use crate::filter::Joint;
use crate::list::ListSpec;
use crate::schema::{customers, order_lines, order_transitions, orders, products};
use crate::search::{Bearer, Source};
use crate::stored::Json;
use crate::{
    AnyConnection, Column, Condition, Error, Ordering, Record, Result, Tx, Value, Visibility,
    customer, metrics, product, report,
};

mod draft;

pub use draft::{Author, create, update};

const RECORD: &str = "orders";

pub(crate) const LIST: ListSpec = ListSpec {
    search: &[
        (&SEARCH, column("id")),
        (&customer::SEARCH, column("customer_id")),
    ],
    of_caller: &[
        (SHARED_WITH_ME, |actor| actor.shared_with(Shareable::Orders)),
        (IN_REPORTS, report::scope),
    ],
    joints: &[
        OF_CUSTOMER,
        Joint {
            prefix: "product",
            spec: &product::LIST,
            referring: |products, _| with_line(of_product(products)),
            none: Some(|| with_line(Condition::IsNull(LINE_PRODUCT))),
        },
    ],
    ..ListSpec::new(&FIELDS, "orders")
};

pub(crate) const fn column(name: &'static str) -> Column {
    Column {
        table: "orders",
        name,
    }
}

const LINE_PRODUCT: Column = Column {
    table: "order_lines",
    name: "product_id",
};

/// Orders by fields of their customers.
pub(crate) const OF_CUSTOMER: Joint = Joint {
    prefix: "customer",
    spec: &customer::LIST,
    referring: |customers, visibility| {
        Condition::InFrom(
            column("customer_id"),
            customer::column("id"),
            customer::TABLES,
            Box::new(customers.and(visibility.owned("customers"))),
        )
    },
    none: None,
};

/// Lines by fields of their products, where lines are looked at.
pub(crate) const LINES_OF_PRODUCT: Joint = Joint {
    prefix: "product",
    spec: &product::LIST,
    referring: |products, _| of_product(products),
    none: Some(|| Condition::IsNull(LINE_PRODUCT)),
};

/// The lines of products where this holds.
fn of_product(products: Condition) -> Condition {
    let id = Column {
        table: "products",
        name: "id",
    };
    // Not unknown for a line that names none, so that its negation holds.
    Condition::NotNull(LINE_PRODUCT).and(Condition::InSelect(LINE_PRODUCT, id, Box::new(products)))
}

/// The orders with a line where this holds.
fn with_line(lines: Condition) -> Condition {
    let order = Column {
        table: "order_lines",
        name: "order_id",
    };
    Condition::InSelect(column("id"), order, Box::new(lines))
}

pub(crate) const SEARCH: Source = Source {
    record: RecordType::Orders,
    module: Module::Orders,
    letter: 'o',
    fields: &[("number", Kind::Code)],
    title: column("number"),
    subtitle: Some(Column {
        table: "customers",
        name: "name",
    }),
    join: "INNER JOIN customers ON customers.id = orders.customer_id",
    seen: |_, visibility| visibility.owned("orders"),
    bearers: &[
        Bearer::Person(column("owner_id")),
        Bearer::Department(column("department_id")),
    ],
};

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = orders, treat_none_as_default_value = false, treat_none_as_null = true)]
struct HeadRow {
    id: OrderId,
    version: i64,
    number: String,
    customer_id: CustomerId,
    contact_id: Option<ContactId>,
    owner_id: Option<UserId>,
    department_id: Option<DepartmentId>,
    state: OrderState,
    ordered_at: Timestamp,
    total: Money,
    discount: Money,
    margin: Money,
    line_count: i32,
    payment_terms: Option<String>,
    promised_on: Option<Date>,
    ship_to: Option<String>,
    note: Option<String>,
    cancel_reason: Option<String>,
    custom: Json<Custom>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl HeadRow {
    fn new(head: &OrderHead) -> Result<Self> {
        Ok(Self {
            id: head.id,
            version: head.version,
            number: head.number.clone(),
            customer_id: head.customer_id,
            contact_id: head.contact_id,
            owner_id: head.owner_id,
            department_id: head.department_id,
            state: head.state,
            ordered_at: head.ordered_at,
            total: head.total,
            discount: head.discount,
            margin: head.margin,
            line_count: head.line_count,
            payment_terms: head.payment_terms.clone(),
            promised_on: head.promised_on,
            ship_to: head.ship_to.clone(),
            note: head.note.clone(),
            cancel_reason: head.cancel_reason.clone(),
            custom: Json::new(&head.custom)?,
            created_at: head.created_at,
            updated_at: head.updated_at,
        })
    }

    fn into_head(self, customer_name: String) -> Result<OrderHead> {
        Ok(OrderHead {
            id: self.id,
            version: self.version,
            number: self.number,
            customer_id: self.customer_id,
            customer_name,
            contact_id: self.contact_id,
            owner_id: self.owner_id,
            department_id: self.department_id,
            state: self.state,
            ordered_at: self.ordered_at,
            total: self.total,
            discount: self.discount,
            margin: self.margin,
            line_count: self.line_count,
            payment_terms: self.payment_terms,
            promised_on: self.promised_on,
            ship_to: self.ship_to,
            note: self.note,
            cancel_reason: self.cancel_reason,
            custom: self.custom.get()?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = order_lines, treat_none_as_default_value = false)]
struct LineRow {
    id: OrderLineId,
    order_id: OrderId,
    position: i32,
    product_id: Option<ProductId>,
    description: String,
    quantity: Quantity,
    unit_price: UnitPrice,
    discount: Money,
    total: Money,
    cost: Money,
}

impl LineRow {
    fn new(order_id: OrderId, line: &OrderLine) -> Self {
        Self {
            id: line.id,
            order_id,
            position: line.position,
            product_id: line.product_id,
            description: line.description.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount: line.discount,
            total: line.total,
            cost: line.cost,
        }
    }

    fn into_line(self, product: Option<(String, Option<String>)>) -> OrderLine {
        let (sku, unit) = product.map_or((None, None), |(sku, unit)| (Some(sku), unit));
        OrderLine {
            id: self.id,
            position: self.position,
            product_id: self.product_id,
            sku,
            description: self.description,
            quantity: self.quantity,
            unit,
            unit_price: self.unit_price,
            discount: self.discount,
            total: self.total,
            cost: self.cost,
        }
    }
}

type Selected = (HeadRow, String);

/// An order with its lines and its history.
pub fn get(connection: &mut AnyConnection, visibility: &Visibility, id: OrderId) -> Result<Order> {
    let (row, customer_name): Selected = orders::table
        .inner_join(customers::table)
        .filter(orders::id.eq(id))
        .filter(visibility.owned("orders"))
        .select((HeadRow::as_select(), customers::name))
        .first(connection)?;
    Ok(Order {
        head: row.into_head(customer_name)?,
        lines: lines(connection, id)?,
        transitions: transitions(connection, id)?,
    })
}

fn lines(connection: &mut AnyConnection, order: OrderId) -> Result<Vec<OrderLine>> {
    type Row = (LineRow, Option<(String, Option<String>)>);
    let rows: Vec<Row> = order_lines::table
        .left_join(products::table.on(products::id.nullable().eq(order_lines::product_id)))
        .filter(order_lines::order_id.eq(order))
        .order(order_lines::position)
        .select((
            LineRow::as_select(),
            (products::sku, products::unit).nullable(),
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(line, product)| line.into_line(product))
        .collect())
}

fn transitions(connection: &mut AnyConnection, order: OrderId) -> Result<Vec<OrderTransition>> {
    type Row = (
        Option<OrderState>,
        OrderState,
        Timestamp,
        Option<UserId>,
        String,
        Option<String>,
    );
    let rows: Vec<Row> = order_transitions::table
        .filter(order_transitions::order_id.eq(order))
        .order((order_transitions::at, order_transitions::id))
        .select((
            order_transitions::from_state,
            order_transitions::to_state,
            order_transitions::at,
            order_transitions::by_id,
            order_transitions::by_name,
            order_transitions::reason,
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(from, to, at, by, by_name, reason)| OrderTransition {
            from,
            to,
            at,
            by,
            by_name,
            reason,
        })
        .collect())
}

/// Sales orders, as lists show them.
pub struct Orders;

impl Record for Orders {
    type Item = OrderHead;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Orders;

    fn scope(visibility: &Visibility) -> Condition {
        visibility.owned("orders")
    }

    fn load(
        connection: &mut AnyConnection,
        condition: Condition,
        ordering: Ordering,
        limit: i64,
    ) -> Result<Vec<OrderHead>> {
        let rows: Vec<Selected> = orders::table
            .inner_join(customers::table)
            .filter(condition)
            .order(ordering)
            .limit(limit)
            .select((HeadRow::as_select(), customers::name))
            .load(connection)?;
        rows.into_iter()
            .map(|(row, name)| row.into_head(name))
            .collect()
    }

    fn count(connection: &mut AnyConnection, condition: Condition) -> Result<i64> {
        Ok(orders::table
            .filter(condition)
            .count()
            .get_result(connection)?)
    }
}

/// Orders on which something is still to be done.
pub(crate) fn open() -> Condition {
    let open = OrderState::ALL
        .iter()
        .filter(|state| state.is_open())
        .map(|state| Value::Text(state.as_str().to_owned()));
    Condition::In(
        Column {
            table: "orders",
            name: "state",
        },
        open.collect(),
    )
}

/// The order, if it is seen and still has this version.
fn expect(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: OrderId,
    version: i64,
) -> Result<Order> {
    let old = get(connection, visibility, id)?;
    if old.head.version == version {
        Ok(old)
    } else {
        Err(Error::Stale)
    }
}

/// Deletes a draft for good; what was submitted once is cancelled instead.
pub fn delete(tx: &mut Tx<'_>, visibility: &Visibility, id: OrderId, version: i64) -> Result<()> {
    let old = expect(tx.connection, visibility, id, version)?;
    if old.head.state != OrderState::Draft {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    let gone = diesel::delete(
        orders::table
            .filter(orders::id.eq(id))
            .filter(orders::version.eq(version)),
    )
    .execute(tx.connection)?;
    if gone == 0 {
        return Err(Error::Stale);
    }
    tx.deleted(RECORD, id.as_str(), &old)
}

/// Changes an order's state, and its customer's figures with it.
pub fn transition(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: OrderId,
    version: i64,
    input: &Checked<OrderTransitionInput>,
) -> Result<Order> {
    let old = expect(tx.connection, visibility, id, version)?;
    let (from, to) = (old.head.state, input.to);
    if !from.may_become(to) {
        return Err(Error::Conflict(ErrorCode::IllegalTransition));
    }
    if to == OrderState::Submitted {
        // The draft may be older than the blacklisting.
        draft::expect_welcome(tx, old.head.customer_id)?;
    }
    let cancel_reason = (to == OrderState::Cancelled)
        .then(|| {
            let reason = input.reason.clone().filter(|r| !r.trim().is_empty());
            reason.ok_or_else(|| Error::invalid("/reason", "reason"))
        })
        .transpose()?;
    let mut new = old.clone();
    new.head.version += 1;
    new.head.state = to;
    new.head.updated_at = tx.now;
    new.head.cancel_reason = cancel_reason;
    let changed = diesel::update(
        orders::table
            .filter(orders::id.eq(id))
            .filter(orders::version.eq(version)),
    )
    .set((
        orders::version.eq(new.head.version),
        orders::state.eq(to),
        orders::updated_at.eq(tx.now),
        orders::cancel_reason.eq(&new.head.cancel_reason),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let step = record_transition(tx, id, Some(from), to, input.reason.clone())?;
    new.transitions.push(step);
    if from.counts() != to.counts() {
        let all = Contribution::of_lines(new.lines.iter().map(|line| (line.total, line.cost)));
        let none = Contribution::default();
        let (before, after) = if to.counts() {
            (none, all)
        } else {
            (all, none)
        };
        metrics::apply(
            tx,
            new.head.customer_id,
            new.head.ordered_at.date(),
            before,
            after,
        )?;
    }
    tx.changed(RECORD, id.as_str(), to.as_str(), &old.head, &new.head)?;
    Ok(new)
}

fn record_transition(
    tx: &mut Tx<'_>,
    order: OrderId,
    from: Option<OrderState>,
    to: OrderState,
    reason: Option<String>,
) -> Result<OrderTransition> {
    let step = OrderTransition {
        from,
        to,
        at: tx.now,
        by: tx.origin.user_id,
        by_name: tx.origin.user_name.clone(),
        reason,
    };
    diesel::insert_into(order_transitions::table)
        .values((
            order_transitions::id.eq(RawId::generate().as_str()),
            order_transitions::order_id.eq(order),
            order_transitions::from_state.eq(from),
            order_transitions::to_state.eq(to),
            order_transitions::at.eq(step.at),
            order_transitions::by_id.eq(step.by),
            order_transitions::by_name.eq(&step.by_name),
            order_transitions::reason.eq(&step.reason),
        ))
        .execute(tx.connection)?;
    Ok(step)
}
