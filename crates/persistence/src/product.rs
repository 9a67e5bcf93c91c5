//! Products.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::audit::differences;
use guanxi_domain::permission::Module;
use guanxi_domain::product::{FIELDS, Product, ProductInput};
use guanxi_domain::search::{Kind, RecordType};
use guanxi_domain::{Checked, ErrorCode, ProductId, Timestamp, UnitPrice};

use crate::condition::Column;
use crate::list::ListSpec;
use crate::schema::products;
use crate::search::Source;
use crate::{AnyConnection, Condition, Error, Record, Result, Tx, Visibility, dictionary};

const RECORD: &str = "products";

pub(crate) const LIST: ListSpec = ListSpec {
    search: &[(&SEARCH, column("id"))],
    ..ListSpec::new(&FIELDS, "products")
};

const fn column(name: &'static str) -> Column {
    Column {
        table: "products",
        name,
    }
}

pub(crate) const SEARCH: Source = Source {
    record: RecordType::Products,
    module: Module::Products,
    letter: 'p',
    fields: &[
        ("name", Kind::Name),
        ("name_en", Kind::Name),
        ("sku", Kind::Code),
    ],
    title: column("name"),
    subtitle: Some(column("sku")),
    join: "",
    seen: |_, _| Condition::Always,
    bearers: &[],
};

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = products, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: ProductId,
    version: i64,
    sku: String,
    name: String,
    name_en: Option<String>,
    category: Option<String>,
    unit: Option<String>,
    list_price: UnitPrice,
    cost: Option<UnitPrice>,
    active: bool,
    description: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Product> for Row {
    fn from(product: Product) -> Self {
        let input = product.input;
        Self {
            id: product.id,
            version: product.version,
            sku: input.sku,
            name: input.name,
            name_en: input.name_en,
            category: input.category,
            unit: input.unit,
            list_price: input.list_price,
            cost: input.cost,
            active: input.active,
            description: input.description,
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}

impl From<Row> for Product {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            input: ProductInput {
                sku: row.sku,
                name: row.name,
                name_en: row.name_en,
                category: row.category,
                unit: row.unit,
                list_price: row.list_price,
                cost: row.cost,
                active: row.active,
                description: row.description,
            },
        }
    }
}

/// Products belong to nobody: whoever may read products sees them all.
pub fn get(connection: &mut AnyConnection, id: ProductId) -> Result<Product> {
    let row: Row = products::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?;
    Ok(row.into())
}

/// Products belong to nobody: whoever may read them sees them all.
pub struct Products;

impl Record for Products {
    type Item = Product;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Products;

    fn scope(_: &Visibility) -> Condition {
        Condition::Always
    }

    of_one_table!(products, Row, |row| Ok(Product::from(row)));
}

fn taken(error: diesel::result::Error) -> Error {
    Error::from(error).taken("sku", "/sku")
}

pub fn create(tx: &mut Tx<'_>, input: &Checked<ProductInput>) -> Result<Product> {
    dictionary::check(tx.connection, std::iter::empty(), input.dictionary_codes())?;
    let product = Product {
        id: ProductId::generate(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        input: (**input).clone(),
    };
    diesel::insert_into(products::table)
        .values(Row::from(product.clone()))
        .execute(tx.connection)
        .map_err(taken)?;
    tx.created(RECORD, product.id.as_str(), &product)?;
    Ok(product)
}

/// The product, if it still has this version.
fn expect(connection: &mut AnyConnection, id: ProductId, version: i64) -> Result<Product> {
    let old = get(connection, id)?;
    if old.version == version {
        Ok(old)
    } else {
        Err(Error::Stale)
    }
}

/// Orders keep the price, cost and name that they were written with.
pub fn update(
    tx: &mut Tx<'_>,
    id: ProductId,
    version: i64,
    input: &Checked<ProductInput>,
) -> Result<Product> {
    let old = expect(tx.connection, id, version)?;
    let held = old.input.dictionary_codes();
    dictionary::check(tx.connection, held, input.dictionary_codes())?;
    let new = Product {
        version: version + 1,
        updated_at: tx.now,
        input: (**input).clone(),
        ..old.clone()
    };
    let changed = diesel::update(
        products::table
            .filter(products::id.eq(id))
            .filter(products::version.eq(version)),
    )
    .set(Row::from(new.clone()))
    .execute(tx.connection)
    .map_err(taken)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    tx.updated(RECORD, id.as_str(), &old, &new)?;
    Ok(new)
}

/// Deletes for good; refused while order lines or stock levels refer to it: such a product can be made inactive.
pub fn delete(tx: &mut Tx<'_>, id: ProductId, version: i64) -> Result<()> {
    let old = expect(tx.connection, id, version)?;
    let gone = diesel::delete(
        products::table
            .filter(products::id.eq(id))
            .filter(products::version.eq(version)),
    )
    .execute(tx.connection)
    .map_err(|e| {
        let error = Error::from(e);
        if error.is_foreign_key() {
            Error::Conflict(ErrorCode::InUse)
        } else {
            error
        }
    })?;
    if gone == 0 {
        return Err(Error::Stale);
    }
    tx.deleted(RECORD, id.as_str(), &old)
}

/// Creates products whose SKUs are known to be free, many a statement.
pub(crate) fn create_many(tx: &mut Tx<'_>, new: &[Product]) -> Result<()> {
    let rows: Vec<Row> = new.iter().cloned().map(Row::from).collect();
    insert_many!(tx.connection, products::table, rows);
    let entries: Vec<(String, serde_json::Value)> = new
        .iter()
        .map(|product| {
            let value = serde_json::to_value(product)?;
            let changes = differences(&serde_json::json!({}), &value);
            Ok((product.id.to_string(), changes))
        })
        .collect::<Result<_>>()?;
    tx.record_many(RECORD, "created", &entries)
}
