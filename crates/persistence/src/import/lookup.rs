//! What the database holds already of the things that a batch of rows names.

use std::collections::{HashMap, HashSet};

use diesel::dsl::max;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::customer::Blacklisting;
use guanxi_domain::import::{ImportMode, OrderRow};
use guanxi_domain::order::OrderState;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{
    CustomerId, DepartmentId, ImportId, Money, OrderId, ProductId, Quantity, Timestamp, UnitPrice,
    UserId, dictionary as dictionaries,
};

use super::batch::{Batch, BatchRow};
use crate::order::Orders;
use crate::schema::{
    customers, dictionary_entries, order_lines, order_transitions, orders, products,
};
use crate::stored::Json;
use crate::{AnyConnection, Record, Result};

#[derive(Clone)]
pub(super) struct KnownCustomer {
    pub id: CustomerId,
    pub owner_id: Option<UserId>,
    pub department_id: Option<DepartmentId>,
    pub blacklist: Option<Blacklisting>,
    pub archived_at: Option<Timestamp>,
}

impl KnownCustomer {
    pub const fn new(
        id: CustomerId,
        owner_id: Option<UserId>,
        department_id: Option<DepartmentId>,
    ) -> Self {
        Self {
            id,
            owner_id,
            department_id,
            blacklist: None,
            archived_at: None,
        }
    }
}

#[derive(Clone)]
pub(super) struct KnownProduct {
    pub id: ProductId,
    pub name: String,
    pub cost: Option<UnitPrice>,
}

pub(super) struct KnownOrder {
    pub id: OrderId,
    pub version: i64,
    pub number: String,
    pub customer: KnownCustomer,
    pub import_id: Option<ImportId>,
    pub state: OrderState,
    /// What the person may know of it, and do to it.
    pub reach: Reach,
    pub ordered_at: Timestamp,
    pub sums: Sums,
    /// As the database has it; `None` for an order that this batch makes.
    pub before: Option<Sums>,
    /// The last line's.
    pub position: i32,
    /// It has a line that is no return, so it counts as an order already.
    pub counted: bool,
}

/// How far an order is within reach of whoever imports.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// That its number is taken is all that is told of it.
    Unseen,
    /// Nothing is added to it.
    Seen,
    /// It has another state than the one that it came in with: nothing is added to it either.
    MovedOn,
    TakesLines,
}

/// What an order's lines add up to.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    pub total: Money,
    pub discount: Money,
    pub margin: Money,
    pub lines: i32,
}

/// What makes a line a repetition of another of its order.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct LineKey {
    pub order: OrderId,
    pub product: ProductId,
    pub quantity: Quantity,
    pub unit_price: UnitPrice,
    pub discount: Money,
    pub description: String,
}

pub(super) struct Known {
    /// By code; `None` where one exists that the person does not see.
    pub customers: HashMap<String, Option<KnownCustomer>>,
    pub products: HashMap<String, KnownProduct>,
    pub orders: HashMap<String, KnownOrder>,
    /// How often each stands in its order; only where that is asked for.
    pub lines: HashMap<LineKey, usize>,
    regions: Vec<(String, [String; 3])>,
    /// The dictionary of sources has `import`.
    pub source: bool,
}

impl Known {
    pub fn look_up(connection: &mut AnyConnection, batch: &Batch) -> Result<Self> {
        let rows = || batch.rows.iter().filter_map(BatchRow::order);
        let distinct = |text: fn(&OrderRow) -> &str| -> Vec<&str> {
            let set: HashSet<&str> = rows().map(text).collect();
            set.into_iter().collect()
        };
        let customers = find_customers(connection, batch, &distinct(|r| &r.customer_code))?;
        let found: Vec<(String, ProductId, String, Option<UnitPrice>)> = products::table
            .filter(products::sku.eq_any(distinct(|r| &r.sku)))
            .select((products::sku, products::id, products::name, products::cost))
            .load(connection)?;
        let products = found
            .into_iter()
            .map(|(sku, id, name, cost)| (sku, KnownProduct { id, name, cost }))
            .collect();
        let orders = find_orders(connection, batch, &distinct(|r| &r.order_number))?;
        let mut known = Self {
            customers,
            products,
            orders,
            lines: HashMap::new(),
            regions: Vec::new(),
            source: false,
        };
        if batch.settings.refuse_repeats || batch.settings.mode == ImportMode::Upsert {
            known.find_lines(connection)?;
        }
        known.find_dictionaries(connection)?;
        Ok(known)
    }

    fn find_lines(&mut self, connection: &mut AnyConnection) -> Result<()> {
        type Line = (
            OrderId,
            Option<ProductId>,
            Quantity,
            UnitPrice,
            Money,
            String,
        );
        let ids: Vec<OrderId> = self.orders.values().map(|o| o.id).collect();
        let found: Vec<Line> = order_lines::table
            .filter(order_lines::order_id.eq_any(ids))
            .select((
                order_lines::order_id,
                order_lines::product_id,
                order_lines::quantity,
                order_lines::unit_price,
                order_lines::discount,
                order_lines::description,
            ))
            .load(connection)?;
        for (order, product, quantity, unit_price, discount, description) in found {
            let Some(product) = product else { continue };
            let key = LineKey {
                order,
                product,
                quantity,
                unit_price,
                discount,
                description,
            };
            *self.lines.entry(key).or_default() += 1;
        }
        Ok(())
    }

    fn find_dictionaries(&mut self, connection: &mut AnyConnection) -> Result<()> {
        let entries: Vec<(String, String, String, String)> = dictionary_entries::table
            .filter(
                dictionary_entries::dictionary
                    .eq_any([dictionaries::REGION, dictionaries::CUSTOMER_SOURCE]),
            )
            .select((
                dictionary_entries::dictionary,
                dictionary_entries::code,
                dictionary_entries::label_zh,
                dictionary_entries::label_en,
            ))
            .load(connection)?;
        for (dictionary, code, zh, en) in entries {
            if dictionary == dictionaries::REGION {
                let names = [code.to_lowercase(), zh.to_lowercase(), en.to_lowercase()];
                self.regions.push((code, names));
            } else if code == "import" {
                self.source = true;
            }
        }
        Ok(())
    }

    /// The region that this text means, by code or label.
    pub fn region(&self, text: &str) -> Option<String> {
        let text = text.to_lowercase();
        self.regions
            .iter()
            .find(|(_, names)| names.contains(&text))
            .map(|(code, _)| code.clone())
    }
}

fn find_customers(
    connection: &mut AnyConnection,
    batch: &Batch,
    codes: &[&str],
) -> Result<HashMap<String, Option<KnownCustomer>>> {
    type Found = (
        String,
        CustomerId,
        Option<UserId>,
        Option<DepartmentId>,
        Option<Json<Blacklisting>>,
        Option<Timestamp>,
    );
    let all: Vec<String> = customers::table
        .filter(customers::code.eq_any(codes))
        .select(customers::code)
        .load(connection)?;
    let mut known: HashMap<_, _> = all.into_iter().map(|code| (code, None)).collect();
    if let Some(visibility) = batch.actor.visibility(Module::Customers, Operation::Read) {
        let seen: Vec<Found> = customers::table
            .filter(customers::code.eq_any(codes))
            .filter(visibility.owned("customers"))
            .select((
                customers::code,
                customers::id,
                customers::owner_id,
                customers::department_id,
                customers::blacklist,
                customers::archived_at,
            ))
            .load(connection)?;
        for (code, id, owner_id, department_id, blacklist, archived_at) in seen {
            let customer = KnownCustomer {
                blacklist: blacklist.map(|entry| entry.get()).transpose()?,
                archived_at,
                ..KnownCustomer::new(id, owner_id, department_id)
            };
            known.insert(code, Some(customer));
        }
    }
    Ok(known)
}

/// Which of these orders are within reach, of those that another import than this one made, and which have moved on.
struct Reaches {
    seen: HashSet<OrderId>,
    changeable: HashSet<OrderId>,
    /// The states that they came in with.
    first: HashMap<OrderId, OrderState>,
}

impl Reaches {
    fn look_up(connection: &mut AnyConnection, batch: &Batch, ids: &[OrderId]) -> Result<Self> {
        let mut within = |operation| -> Result<HashSet<OrderId>> {
            let Some(visibility) = batch.actor.visibility(Module::Orders, operation) else {
                return Ok(HashSet::new());
            };
            let found: Vec<OrderId> = orders::table
                .filter(orders::id.eq_any(ids))
                .filter(Orders::scope(&visibility))
                .select(orders::id)
                .load(connection)?;
            Ok(found.into_iter().collect())
        };
        Ok(Self {
            seen: within(Operation::Read)?,
            changeable: within(Operation::Update)?,
            first: order_transitions::table
                .filter(order_transitions::order_id.eq_any(ids))
                .filter(order_transitions::from_state.is_null())
                .select((order_transitions::order_id, order_transitions::to_state))
                .load::<(OrderId, OrderState)>(connection)?
                .into_iter()
                .collect(),
        })
    }

    /// `own`: this import made it.
    fn of(&self, id: OrderId, state: OrderState, own: bool) -> Reach {
        if !own && !self.seen.contains(&id) {
            Reach::Unseen
        } else if self.first.get(&id) != Some(&state) {
            Reach::MovedOn
        } else if own || self.changeable.contains(&id) {
            Reach::TakesLines
        } else {
            Reach::Seen
        }
    }
}

fn find_orders(
    connection: &mut AnyConnection,
    batch: &Batch,
    numbers: &[&str],
) -> Result<HashMap<String, KnownOrder>> {
    type Head = (
        (
            OrderId,
            i64,
            String,
            Option<ImportId>,
            OrderState,
            Timestamp,
        ),
        (Money, Money, Money, i32),
        CustomerId,
    );
    let heads: Vec<Head> = orders::table
        .filter(orders::number.eq_any(numbers))
        .select((
            (
                orders::id,
                orders::version,
                orders::number,
                orders::import_id,
                orders::state,
                orders::ordered_at,
            ),
            (
                orders::total,
                orders::discount,
                orders::margin,
                orders::line_count,
            ),
            orders::customer_id,
        ))
        .load(connection)?;
    if heads.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<OrderId> = heads.iter().map(|((id, ..), ..)| *id).collect();
    let reaches = Reaches::look_up(connection, batch, &ids)?;
    let lines: Vec<(OrderId, Option<i32>, Option<i64>)> = order_lines::table
        .filter(order_lines::order_id.eq_any(ids))
        .group_by(order_lines::order_id)
        .select((
            order_lines::order_id,
            max(order_lines::position),
            max(order_lines::total),
        ))
        .load(connection)?;
    let lines: HashMap<OrderId, (i32, bool)> = lines
        .into_iter()
        .map(|(id, position, largest)| {
            let counted = largest.is_some_and(|total| total >= 0);
            (id, (position.unwrap_or(0), counted))
        })
        .collect();
    Ok(heads
        .into_iter()
        .map(
            |((id, version, number, import_id, state, ordered_at), sums, customer)| {
                let (total, discount, margin, count) = sums;
                let sums = Sums {
                    total,
                    discount,
                    margin,
                    lines: count,
                };
                let (position, counted) = lines.get(&id).copied().unwrap_or((0, false));
                let order = KnownOrder {
                    id,
                    version,
                    number: number.clone(),
                    // Owner and department of an order that exists stay as they are.
                    customer: KnownCustomer::new(customer, None, None),
                    import_id,
                    state,
                    reach: reaches.of(id, state, import_id == Some(batch.import)),
                    ordered_at,
                    sums,
                    before: Some(sums),
                    position,
                    counted,
                };
                (number, order)
            },
        )
        .collect())
}
