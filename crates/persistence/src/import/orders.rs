//! Lines of a file become orders, with the customers and products that they need.

use std::collections::HashMap;

use guanxi_domain::customer::{CustomerInput, Stage};
use guanxi_domain::import::{ImportMode, OrderRow, RejectReason};
use guanxi_domain::metrics::Contribution;
use guanxi_domain::order::OrderState;
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::product::{Product, ProductInput};
use guanxi_domain::{
    CustomerId, ImportId, Money, OrderId, OrderLineId, ProductId, Quantity, Timestamp, UnitPrice,
};

use super::batch::{Batch, BatchRow, Fate, Fates};
use super::lookup::{Known, KnownCustomer, KnownOrder, KnownProduct, LineKey, Reach, Sums};
use super::origins::Origins;
use crate::schema::order_lines;
use crate::{Result, Tx};

#[derive(diesel::Insertable)]
#[diesel(table_name = order_lines, treat_none_as_default_value = false)]
pub(super) struct NewLine {
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
    import_id: Option<ImportId>,
    import_row: Option<i64>,
}

/// What a batch comes to, before it is written.
pub(super) struct Work<'a> {
    pub batch: &'a Batch,
    pub known: Known,
    pub now: Timestamp,
    pub customers: Vec<(CustomerId, String, CustomerInput)>,
    pub products: Vec<Product>,
    pub lines: Vec<NewLine>,
    /// The orders that get lines: their numbers, each once, in the order of the file, and what the lines add.
    pub touched: Vec<String>,
    pub added: HashMap<String, Contribution>,
}

/// Writes the lines of a batch with the orders, customers and products that they need.
pub(super) fn take(tx: &mut Tx<'_>, batch: &Batch, origins: &mut Origins) -> Result<Fates> {
    let known = Known::look_up(tx.connection, batch)?;
    let mut work = Work {
        batch,
        known,
        now: tx.now,
        customers: Vec::new(),
        products: Vec::new(),
        lines: Vec::new(),
        touched: Vec::new(),
        added: HashMap::new(),
    };
    let fates = batch
        .rows
        .iter()
        .map(|row| match &row.parsed {
            Err(problems) => Fate::Rejected(problems.clone()),
            Ok(_) => work
                .try_take(row, origins)
                .unwrap_or_else(|reason| Fate::Rejected(vec![reason.into()])),
        })
        .collect();
    super::write::write(tx, &work)?;
    Ok(fates)
}

impl Work<'_> {
    /// Everything that may refuse a row comes before the first thing that it changes.
    fn try_take(
        &mut self,
        row: &BatchRow,
        origins: &mut Origins,
    ) -> std::result::Result<Fate, RejectReason> {
        let origin = origins.of(self.batch, row);
        let parsed = row.order().ok_or(RejectReason::ColumnsDiffer)?;
        if origins.is_in(self.batch, origin) {
            return Err(RejectReason::AlreadyImported);
        }
        let customer = self.customer(parsed)?;
        let product = self.product(parsed)?;
        let cost = match &product {
            Some(KnownProduct {
                cost: Some(cost), ..
            }) => cost.times(parsed.quantity, self.batch.minor_digits),
            _ => Ok(Money::ZERO),
        };
        let cost = cost.map_err(|_| RejectReason::AmountTooLarge)?;
        let order = self.known.orders.get(&parsed.order_number);
        if let Some(order) = order {
            if order.reach == Reach::Unseen {
                return Err(RejectReason::OrderExists);
            }
            let elsewhere = order.import_id != Some(origin.0);
            if elsewhere && self.batch.settings.mode != ImportMode::Upsert {
                return Err(RejectReason::OrderExists);
            }
            if customer.as_ref().map(|c| c.id) != Some(order.customer.id) {
                return Err(RejectReason::CustomerDiffers);
            }
            if elsewhere {
                let order = order.id;
                return self.keep(order, product.as_ref(), parsed);
            }
            match order.reach {
                Reach::TakesLines => {}
                Reach::MovedOn => return Err(RejectReason::OrderChanged),
                Reach::Seen | Reach::Unseen => return Err(RejectReason::OrderExists),
            }
        }
        if let Some(customer) = &customer {
            let state = order.map_or(self.batch.settings.order_state, |o| o.state);
            self.expect_welcome(customer, state, parsed.ordered_at)?;
        }
        let sums = order.map(|o| o.sums).unwrap_or_default();
        let sums = sums
            .plus(parsed, cost)
            .ok_or(RejectReason::AmountTooLarge)?;
        let description = parsed
            .description
            .clone()
            .or_else(|| product.as_ref().map(|p| p.name.clone()))
            .unwrap_or_else(|| parsed.sku.clone());
        if self.batch.settings.refuse_repeats
            && let (Some(order), Some(product)) = (order, &product)
            && self
                .known
                .lines
                .contains_key(&line_key(order.id, product.id, parsed, &description))
        {
            return Err(RejectReason::RowRepeated);
        }

        let customer = customer.unwrap_or_else(|| self.new_customer(parsed));
        let product = product.unwrap_or_else(|| self.new_product(parsed));
        origins.meet(origin);
        let (id, position) = self.join_order(parsed, customer, origin.0, sums, cost);
        if self.batch.settings.refuse_repeats {
            let key = line_key(id, product.id, parsed, &description);
            *self.known.lines.entry(key).or_default() += 1;
        }
        self.lines.push(NewLine {
            id: OrderLineId::generate(),
            order_id: id,
            position,
            product_id: Some(product.id),
            description,
            quantity: parsed.quantity,
            unit_price: parsed.unit_price,
            discount: parsed.discount,
            total: parsed.total,
            cost,
            import_id: Some(origin.0),
            import_row: Some(origin.1),
        });
        Ok(Fate::Created)
    }

    /// A row of an order that this import did not make: the line may stand there already, each as often as the file has it.
    /// Nothing is added to an order that was placed.
    fn keep(
        &mut self,
        order: OrderId,
        product: Option<&KnownProduct>,
        row: &OrderRow,
    ) -> std::result::Result<Fate, RejectReason> {
        let product = product.ok_or(RejectReason::OrderExists)?;
        let description = row.description.as_ref().unwrap_or(&product.name);
        let key = line_key(order, product.id, row, description);
        match self.known.lines.get_mut(&key) {
            Some(left) if *left > 0 => {
                *left -= 1;
                Ok(Fate::Updated)
            }
            _ => Err(RejectReason::OrderExists),
        }
    }

    /// Refuses what the customer does not order any more: an order that is not at its end, and one that was placed since they
    /// were archived, or while they were blacklisted. What ended before is history, which may come in.
    fn expect_welcome(
        &self,
        customer: &KnownCustomer,
        state: OrderState,
        ordered_at: Timestamp,
    ) -> std::result::Result<(), RejectReason> {
        // Files tell days by the clock of their place.
        let ahead = i64::from(self.batch.settings.utc_offset_minutes) * 60;
        let day = |at: Timestamp| at.plus_seconds(ahead).date();
        let (today, placed) = (day(self.now), day(ordered_at));
        let goes_on = !state.next().is_empty();
        if customer
            .archived_at
            .is_some_and(|at| goes_on || placed >= day(at))
        {
            return Err(RejectReason::CustomerArchived);
        }
        let refused = customer.blacklist.as_ref().is_some_and(|entry| {
            let meanwhile = placed >= day(entry.at) && entry.holds_on(placed);
            meanwhile || goes_on && entry.holds_on(today)
        });
        if refused {
            return Err(RejectReason::CustomerBlacklisted);
        }
        Ok(())
    }

    fn may_create(&self, module: Module) -> bool {
        self.batch
            .actor
            .permissions
            .allows(module, Operation::Create)
    }

    /// The row's customer; `None` if it is to be made.
    fn customer(&self, row: &OrderRow) -> std::result::Result<Option<KnownCustomer>, RejectReason> {
        match self.known.customers.get(&row.customer_code) {
            Some(Some(customer)) => Ok(Some(customer.clone())),
            None if self.batch.settings.create_customers && self.may_create(Module::Customers) => {
                Ok(None)
            }
            _ => Err(RejectReason::CustomerUnknown),
        }
    }

    /// The row's product; `None` if it is to be made.
    fn product(&self, row: &OrderRow) -> std::result::Result<Option<KnownProduct>, RejectReason> {
        match self.known.products.get(&row.sku) {
            Some(product) => Ok(Some(product.clone())),
            None if self.batch.settings.create_products && self.may_create(Module::Products) => {
                Ok(None)
            }
            None => Err(RejectReason::ProductUnknown),
        }
    }

    fn new_customer(&mut self, row: &OrderRow) -> KnownCustomer {
        let actor = &self.batch.actor;
        // Whoever may create for everybody does not mean to own thousands of customers.
        let scope = actor
            .permissions
            .scope(Module::Customers, Operation::Create);
        let owner_id = (scope != Some(Scope::All)).then_some(actor.user_id);
        let name = row.customer_name.as_ref().unwrap_or(&row.customer_code);
        let region = row.region.as_deref().and_then(|r| self.known.region(r));
        let input = CustomerInput {
            stage: Stage::Active,
            source: self.known.source.then(|| "import".to_owned()),
            // A region that the dictionary does not know is kept where people will read it.
            note: row.region.clone().filter(|_| region.is_none()),
            region,
            owner_id,
            department_id: actor.department_id,
            ..CustomerInput::named(name.clone())
        };
        let customer = KnownCustomer::new(CustomerId::generate(), owner_id, actor.department_id);
        self.customers
            .push((customer.id, row.customer_code.clone(), input));
        self.known
            .customers
            .insert(row.customer_code.clone(), Some(customer.clone()));
        customer
    }

    fn new_product(&mut self, row: &OrderRow) -> KnownProduct {
        // Files leave out descriptions here and there: the first one that is near will do.
        let others = self.batch.rows.iter().filter_map(BatchRow::order);
        let described = others
            .filter(|other| other.sku == row.sku)
            .find_map(|other| other.description.as_ref());
        let name: String = row
            .description
            .as_ref()
            .or(described)
            .unwrap_or(&row.sku)
            .chars()
            .take(200)
            .collect();
        let product = Product {
            id: ProductId::generate(),
            version: 1,
            created_at: self.now,
            updated_at: self.now,
            input: ProductInput {
                sku: row.sku.clone(),
                name: name.trim_end().to_owned(),
                name_en: None,
                category: None,
                unit: None,
                list_price: row.unit_price,
                cost: None,
                active: true,
                description: None,
            },
        };
        let known = KnownProduct {
            id: product.id,
            name: product.input.name.clone(),
            cost: None,
        };
        self.known.products.insert(row.sku.clone(), known.clone());
        self.products.push(product);
        known
    }

    /// Adds a line to its order, made if there is none: the order's id and the line's position.
    fn join_order(
        &mut self,
        row: &OrderRow,
        customer: KnownCustomer,
        import: ImportId,
        sums: Sums,
        cost: Money,
    ) -> (OrderId, i32) {
        let order = self
            .known
            .orders
            .entry(row.order_number.clone())
            .or_insert_with(|| KnownOrder {
                id: OrderId::generate(),
                version: 1,
                number: row.order_number.clone(),
                customer,
                import_id: Some(import),
                state: self.batch.settings.order_state,
                reach: Reach::TakesLines,
                ordered_at: row.ordered_at,
                sums: Sums::default(),
                before: None,
                position: 0,
                counted: false,
            });
        order.sums = sums;
        order.position += 1;
        let line = Contribution::of_lines([(row.total, cost)]);
        let added = self
            .added
            .entry(row.order_number.clone())
            .or_insert_with(|| {
                self.touched.push(row.order_number.clone());
                Contribution::default()
            });
        // An order is one order however many of its lines are no returns.
        added.orders = added.orders.max(line.orders);
        added.sales += line.sales;
        added.margin += line.margin;
        added.returns += line.returns;
        (order.id, order.position)
    }
}

impl Sums {
    /// With one more line; `None` if that does not fit.
    fn plus(self, row: &OrderRow, cost: Money) -> Option<Self> {
        Some(Self {
            total: self.total.checked_add(row.total).ok()?,
            discount: self.discount.checked_add(row.discount).ok()?,
            margin: self
                .margin
                .checked_add(row.total.checked_sub(cost).ok()?)
                .ok()?,
            lines: self.lines.checked_add(1)?,
        })
    }
}

fn line_key(order: OrderId, product: ProductId, row: &OrderRow, description: &str) -> LineKey {
    LineKey {
        order,
        product,
        quantity: row.quantity,
        unit_price: row.unit_price,
        discount: row.discount,
        description: description.to_owned(),
    }
}
