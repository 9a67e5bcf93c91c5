//! Stock levels: what was on hand of a product on a day.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::permission::Module;
use guanxi_domain::stock::{FIELDS, StockCount, StockLevel, StockLevelInput};
use guanxi_domain::{Checked, Date, Page, ProductId, Quantity, StockLevelId, Timestamp, UnitPrice};

use crate::condition::Column;
use crate::list::{ListQuery, ListSpec};
use crate::schema::stock_levels;
use crate::{AnyConnection, Condition, Error, Ordering, Record, Result, Tx, Visibility, product};

mod mean;

pub(crate) use mean::{MeanBy, Means, Span, known_before};

const RECORD: &str = "stock_levels";

const fn column(name: &'static str) -> Column {
    Column {
        table: "stock_levels",
        name,
    }
}

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = stock_levels, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: StockLevelId,
    version: i64,
    product_id: ProductId,
    day: Date,
    quantity: Quantity,
    unit_cost: Option<UnitPrice>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<StockLevel> for Row {
    fn from(level: StockLevel) -> Self {
        Self {
            id: level.id,
            version: level.version,
            product_id: level.input.product_id,
            day: level.input.day,
            quantity: level.input.quantity,
            unit_cost: level.input.unit_cost,
            created_at: level.created_at,
            updated_at: level.updated_at,
        }
    }
}

impl From<Row> for StockLevel {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            input: StockLevelInput {
                product_id: row.product_id,
                day: row.day,
                quantity: row.quantity,
                unit_cost: row.unit_cost,
            },
        }
    }
}

/// Stock levels belong to products, and those to nobody: whoever may read stock sees it all.
pub struct StockLevels;

impl Record for StockLevels {
    type Item = StockLevel;
    const LIST: ListSpec = ListSpec::new(&FIELDS, "stock_levels");
    const MODULE: Module = Module::Stock;

    fn scope(_: &Visibility) -> Condition {
        Condition::Always
    }

    fn load(
        connection: &mut AnyConnection,
        condition: Condition,
        ordering: Ordering,
        limit: i64,
    ) -> Result<Vec<StockLevel>> {
        let rows: Vec<Row> = stock_levels::table
            .filter(condition)
            .order(ordering)
            .limit(limit)
            .select(Row::as_select())
            .load(connection)?;
        Ok(rows.into_iter().map(StockLevel::from).collect())
    }

    fn count(connection: &mut AnyConnection, condition: Condition) -> Result<i64> {
        Ok(stock_levels::table
            .filter(condition)
            .count()
            .get_result(connection)?)
    }
}

/// The stock levels of a product, the newest day first if the query does not say otherwise.
pub fn list(
    connection: &mut AnyConnection,
    product: ProductId,
    query: &ListQuery,
) -> Result<Page<StockLevel>> {
    product::get(connection, product)?;
    let own = Condition::is(column("product_id"), product.as_str());
    StockLevels::LIST.page(
        connection,
        query,
        own,
        StockLevels::load,
        StockLevels::count,
    )
}

/// The level of a product that was written for this very day.
pub fn get(connection: &mut AnyConnection, product: ProductId, day: Date) -> Result<StockLevel> {
    let row: Row = stock_levels::table
        .filter(stock_levels::product_id.eq(product))
        .filter(stock_levels::day.eq(day))
        .select(Row::as_select())
        .first(connection)?;
    Ok(row.into())
}

pub(crate) fn by_id(connection: &mut AnyConnection, id: StockLevelId) -> Result<StockLevel> {
    let row: Row = stock_levels::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?;
    Ok(row.into())
}

/// Writes the level of a product and day, if it still has this version; 0: there is none yet.
pub fn put(
    tx: &mut Tx<'_>,
    product: ProductId,
    day: Date,
    version: i64,
    count: &Checked<StockCount>,
) -> Result<StockLevel> {
    let input = StockLevelInput {
        product_id: product,
        day,
        quantity: count.quantity,
        unit_cost: count.unit_cost,
    };
    match (get(tx.connection, product, day), version) {
        (Ok(old), _) => change(tx, old, version, input),
        (Err(Error::NotFound), 0) => match insert(tx, input) {
            // Somebody was faster.
            Err(Error::ConflictAt(..)) => Err(Error::Stale),
            result => result,
        },
        (Err(Error::NotFound), _) => {
            product::get(tx.connection, product)?;
            Err(Error::Stale)
        }
        (Err(error), _) => Err(error),
    }
}

/// Writes the level of a product and day that has none.
pub(crate) fn create(tx: &mut Tx<'_>, input: &Checked<StockLevelInput>) -> Result<StockLevel> {
    insert(tx, (**input).clone())
}

/// What was counted, at the product's cost where nobody said another.
fn valued(tx: &mut Tx<'_>, mut input: StockLevelInput) -> Result<StockLevelInput> {
    let product = product::get(tx.connection, input.product_id)?;
    // A day's grace: the caller's day may have begun while it is still yesterday in UTC.
    if input.day > tx.now.date().plus_days(1) {
        return Err(Error::invalid("/day", "future"));
    }
    input.unit_cost = input.unit_cost.or(product.input.cost);
    Ok(input)
}

fn insert(tx: &mut Tx<'_>, input: StockLevelInput) -> Result<StockLevel> {
    let level = StockLevel {
        id: StockLevelId::generate(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        input: valued(tx, input)?,
    };
    diesel::insert_into(stock_levels::table)
        .values(Row::from(level.clone()))
        .execute(tx.connection)
        .map_err(|error| Error::from(error).taken("day", "/day"))?;
    tx.created(RECORD, level.id.as_str(), &level)?;
    Ok(level)
}

/// Changes a level, which stays that of its product and day.
pub(crate) fn update(
    tx: &mut Tx<'_>,
    id: StockLevelId,
    version: i64,
    input: &Checked<StockLevelInput>,
) -> Result<StockLevel> {
    let old = by_id(tx.connection, id)?;
    change(tx, old, version, (**input).clone())
}

fn change(
    tx: &mut Tx<'_>,
    old: StockLevel,
    version: i64,
    input: StockLevelInput,
) -> Result<StockLevel> {
    let new = StockLevel {
        version: version + 1,
        updated_at: tx.now,
        input: StockLevelInput {
            product_id: old.input.product_id,
            day: old.input.day,
            ..valued(tx, input)?
        },
        ..old.clone()
    };
    let changed = diesel::update(
        stock_levels::table
            .filter(stock_levels::id.eq(old.id))
            .filter(stock_levels::version.eq(version)),
    )
    .set(Row::from(new.clone()))
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    tx.updated(RECORD, old.id.as_str(), &old, &new)?;
    Ok(new)
}

/// Deletes for good: the level before it then holds until the next one.
pub fn delete(tx: &mut Tx<'_>, product: ProductId, day: Date, version: i64) -> Result<()> {
    let old = get(tx.connection, product, day)?;
    let gone = diesel::delete(
        stock_levels::table
            .filter(stock_levels::id.eq(old.id))
            .filter(stock_levels::version.eq(version)),
    )
    .execute(tx.connection)?;
    if gone == 0 {
        return Err(Error::Stale);
    }
    tx.deleted(RECORD, old.id.as_str(), &old)
}
