//! Rows of a file become orders, with what they need and with the job's progress, in one transaction.

use std::collections::{HashMap, HashSet};

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::customer::{CustomerInput, Stage};
use guanxi_domain::import::{
    Import, ImportSettings, ImportState, OrderRow, ReasonCount, RejectReason,
};
use guanxi_domain::metrics::Contribution;
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::product::{Product, ProductInput};
use guanxi_domain::{
    CustomerId, ImportId, Money, OrderId, OrderLineId, ProductId, Quantity, Timestamp, UnitPrice,
};
use serde_json::json;

use super::lookup::{Known, KnownCustomer, KnownOrder, KnownProduct, LineKey, Sums};
use crate::schema::{import_rejects, imports, order_lines};
use crate::stored::Json;
use crate::{Actor, Error, Result, Tx, Visibility};

/// Rows that follow each other in a file.
#[derive(Clone, Debug)]
pub struct Batch {
    pub import: ImportId,
    /// Whoever started the import: everything is done with this person's rights.
    pub actor: Actor,
    pub settings: ImportSettings,
    /// The decimals of the deployment's currency.
    pub minor_digits: u8,
    /// Rows of the file before these.
    pub read_before: i64,
    pub rows: Vec<BatchRow>,
    /// How much of the file has been read with these rows.
    pub percent: i32,
    /// The file ends here.
    pub last: bool,
}

#[derive(Clone, Debug)]
pub struct BatchRow {
    /// From 1, without the header.
    pub number: i64,
    /// The rejected row of an earlier import that this one corrects.
    pub origin: Option<(ImportId, i64)>,
    pub cells: Vec<String>,
    pub parsed: std::result::Result<OrderRow, RejectReason>,
}

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

#[derive(diesel::Insertable)]
#[diesel(table_name = import_rejects, treat_none_as_default_value = false)]
pub(super) struct NewReject {
    import_id: ImportId,
    row_number: i64,
    reason: RejectReason,
    cells: Json<Vec<String>>,
    origin_import_id: ImportId,
    origin_row: i64,
}

/// What a batch comes to, before it is written.
pub(super) struct Work<'a> {
    pub batch: &'a Batch,
    pub known: Known,
    pub now: Timestamp,
    pub customers: Vec<(CustomerId, String, CustomerInput)>,
    pub products: Vec<Product>,
    pub lines: Vec<NewLine>,
    pub rejects: Vec<NewReject>,
    /// The orders that get lines: their numbers, each once, in the order of the file, and what the lines add.
    pub touched: Vec<String>,
    pub added: HashMap<String, Contribution>,
    /// Rows met so far, so that a file which holds a row twice brings it in once.
    origins: HashSet<(ImportId, i64)>,
}

/// Writes a batch. [`Error::Stale`] if the import does not run any more, or stands elsewhere: nothing is written then.
pub fn apply(tx: &mut Tx<'_>, batch: &Batch) -> Result<Import> {
    let job = super::get(tx.connection, &Visibility::All, batch.import)?;
    if job.state != ImportState::Running || job.read != batch.read_before {
        return Err(Error::Stale);
    }
    let known = Known::look_up(tx.connection, batch)?;
    let mut work = Work {
        batch,
        known,
        now: tx.now,
        customers: Vec::new(),
        products: Vec::new(),
        lines: Vec::new(),
        rejects: Vec::new(),
        touched: Vec::new(),
        added: HashMap::new(),
        origins: HashSet::new(),
    };
    for row in &batch.rows {
        work.take(row)?;
    }
    super::write::write(tx, &work)?;
    progress(tx, &job, &work)
}

/// Moves the job on, if it still stands where it stood.
fn progress(tx: &mut Tx<'_>, job: &Import, work: &Work<'_>) -> Result<Import> {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let batch = work.batch;
    let mut new = job.clone();
    new.version += 1;
    new.read += count(batch.rows.len());
    new.imported += count(work.lines.len());
    new.rejected += count(work.rejects.len());
    for reject in &work.rejects {
        match new.reasons.iter_mut().find(|r| r.reason == reject.reason) {
            Some(found) => found.rows += 1,
            None => new.reasons.push(ReasonCount {
                reason: reject.reason,
                rows: 1,
            }),
        }
    }
    new.reasons.sort_by_key(|r| r.reason);
    new.percent = batch.percent.clamp(0, 99);
    if batch.last {
        new.state = ImportState::Done;
        new.percent = 100;
        new.finished_at = Some(tx.now);
    }
    let changed = diesel::update(
        imports::table
            .find(job.id)
            .filter(imports::version.eq(job.version)),
    )
    .set((
        imports::version.eq(new.version),
        imports::state.eq(new.state),
        imports::read.eq(new.read),
        imports::imported.eq(new.imported),
        imports::rejected.eq(new.rejected),
        imports::reasons.eq(Json::new(&new.reasons)?),
        imports::percent.eq(new.percent),
        imports::finished_at.eq(new.finished_at),
        imports::updated_at.eq(tx.now),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let entry = |job: &Import| json!({"state": job.state, "read": job.read, "imported": job.imported, "rejected": job.rejected});
    let action = if batch.last { "finished" } else { "progressed" };
    tx.changed(
        super::RECORD,
        job.id.as_str(),
        action,
        &entry(job),
        &entry(&new),
    )?;
    if batch.last {
        super::tell(tx, &new)?;
    }
    Ok(new)
}

impl Work<'_> {
    fn take(&mut self, row: &BatchRow) -> Result<()> {
        // Whose row it is decides which orders it may join.
        let origin = match row.origin {
            Some(origin) if self.known.imports.contains(&origin.0) => origin,
            _ => (self.batch.import, row.number),
        };
        if let Err(reason) = self.try_take(row, origin) {
            self.rejects.push(NewReject {
                import_id: self.batch.import,
                row_number: row.number,
                reason,
                cells: Json::new(&row.cells)?,
                origin_import_id: origin.0,
                origin_row: origin.1,
            });
        }
        Ok(())
    }

    /// Everything that may refuse a row comes before the first thing that it changes.
    fn try_take(
        &mut self,
        row: &BatchRow,
        origin: (ImportId, i64),
    ) -> std::result::Result<(), RejectReason> {
        let corrects = origin.0 != self.batch.import;
        let parsed = row.parsed.as_ref().map_err(|reason| *reason)?;
        if corrects && !self.known.rejected.contains(&origin)
            || self.known.taken.contains(&origin)
            || self.origins.contains(&origin)
        {
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
            if order.import_id != Some(origin.0) {
                return Err(RejectReason::OrderExists);
            }
            if customer.as_ref().map(|c| c.id) != Some(order.customer.id) {
                return Err(RejectReason::CustomerDiffers);
            }
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
                .contains(&line_key(order.id, product.id, parsed, &description))
        {
            return Err(RejectReason::RowRepeated);
        }

        let customer = customer.unwrap_or_else(|| self.new_customer(parsed));
        let product = product.unwrap_or_else(|| self.new_product(parsed));
        self.origins.insert(origin);
        let (id, position) = self.join_order(parsed, customer, origin.0, sums, cost);
        if self.batch.settings.refuse_repeats {
            let key = line_key(id, product.id, parsed, &description);
            self.known.lines.insert(key);
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
        let customer = KnownCustomer {
            id: CustomerId::generate(),
            owner_id,
            department_id: actor.department_id,
        };
        self.customers
            .push((customer.id, row.customer_code.clone(), input));
        self.known
            .customers
            .insert(row.customer_code.clone(), Some(customer.clone()));
        customer
    }

    fn new_product(&mut self, row: &OrderRow) -> KnownProduct {
        // Files leave out descriptions here and there: the first one that is near will do.
        let others = self
            .batch
            .rows
            .iter()
            .filter_map(|r| r.parsed.as_ref().ok());
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
