//! Custom fields: their definitions, and what records hold in them.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::custom::{
    self, Broken, Custom, CustomField, CustomFieldInput, CustomFieldOrder, CustomRecord,
};
use guanxi_domain::{Checked, CustomFieldId, FieldSet, Timestamp};

use crate::condition::{Op, Value, containing};
use crate::member::{Member, Operand, Test};
use crate::schema::custom_fields as table;
use crate::stored::Json;
use crate::{AnyConnection, Error, Result, Tx, user, uses};

const RECORD: &str = "custom_fields";

type Row = (
    CustomFieldId,
    i64,
    i32,
    Timestamp,
    Timestamp,
    Json<CustomFieldInput>,
);

type Columns = (
    table::id,
    table::version,
    table::position,
    table::created_at,
    table::updated_at,
    table::data,
);

const COLUMNS: Columns = (
    table::id,
    table::version,
    table::position,
    table::created_at,
    table::updated_at,
    table::data,
);

fn field(row: Row) -> Result<CustomField> {
    let (id, version, position, created_at, updated_at, data) = row;
    Ok(CustomField {
        id,
        version,
        position,
        created_at,
        updated_at,
        input: data.get()?,
    })
}

/// All definitions, or those of one record type, in their order.
pub fn all(
    connection: &mut AnyConnection,
    record: Option<CustomRecord>,
) -> Result<Vec<CustomField>> {
    let mut query = table::table
        .select(COLUMNS)
        .order((table::record, table::position, table::id))
        .into_boxed();
    if let Some(record) = record {
        query = query.filter(table::record.eq(record.as_str()));
    }
    let rows: Vec<Row> = query.load(connection)?;
    rows.into_iter().map(field).collect()
}

pub fn get(connection: &mut AnyConnection, id: CustomFieldId) -> Result<CustomField> {
    field(
        table::table
            .find(id)
            .select(COLUMNS)
            .first::<Row>(connection)?,
    )
}

/// A record type's fields with those that administrators have defined for it.
pub fn fields(connection: &mut AnyConnection, own: &'static FieldSet) -> Result<&'static FieldSet> {
    let Ok(record) = own.record.parse() else {
        return Ok(own);
    };
    Ok(custom::fields(own, &all(connection, Some(record))?))
}

fn taken(error: diesel::result::Error) -> Error {
    Error::from(error).taken("key", "/key")
}

pub fn create(tx: &mut Tx<'_>, input: &Checked<CustomFieldInput>) -> Result<CustomField> {
    let id = CustomFieldId::generate();
    let last: Option<i32> = table::table
        .filter(table::record.eq(input.record.as_str()))
        .select(diesel::dsl::max(table::position))
        .first(tx.connection)?;
    diesel::insert_into(table::table)
        .values((
            table::id.eq(id),
            table::version.eq(1_i64),
            table::record.eq(input.record.as_str()),
            table::key.eq(&input.key),
            table::position.eq(last.map_or(0, |last| last.saturating_add(1))),
            table::data.eq(Json::new(&**input)?),
            table::created_at.eq(tx.now),
            table::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)
        .map_err(taken)?;
    let field = get(tx.connection, id)?;
    tx.created(RECORD, id.as_str(), &field)?;
    Ok(field)
}

/// The definition, if it still has this version. Nobody else changes definitions or begins to use one until this ends.
fn expect(tx: &mut Tx<'_>, id: CustomFieldId, version: i64) -> Result<CustomField> {
    uses::change_definitions(tx.connection)?;
    let old = get(tx.connection, id)?;
    if old.version == version {
        Ok(old)
    } else {
        Err(Error::Stale)
    }
}

/// How many records hold something in the field that fulfils a test.
fn held(connection: &mut AnyConnection, definition: &CustomFieldInput, test: Test) -> Result<i64> {
    let record = definition.record.as_str();
    let field = custom::field(definition);
    let Some(member) = Member::of(record, &field) else {
        return Ok(0);
    };
    uses::count(connection, record, Operand::Member(member).holds(test))
}

/// Changes a definition: not the kind while records hold values, no choice is taken away that records hold.
pub fn update(
    tx: &mut Tx<'_>,
    id: CustomFieldId,
    version: i64,
    input: &Checked<CustomFieldInput>,
) -> Result<CustomField> {
    let old = expect(tx, id, version)?;
    let before = &old.input;
    if input.record != before.record {
        return Err(Error::invalid("/record", "fixed"));
    }
    if input.key != before.key {
        return Err(Error::invalid("/key", "fixed"));
    }
    if input.kind == before.kind {
        let gone = |code: &str| input.choices.iter().all(|choice| choice.code != code);
        for choice in before.choices.iter().filter(|choice| gone(&choice.code)) {
            let test = match before.kind {
                custom::CustomKind::Choices => {
                    Test::InAnyCase(containing(&format!("\"{}\"", choice.code)))
                }
                _ => Test::Compare(Op::Eq, Value::Text(choice.code.clone())),
            };
            uses::refuse(held(tx.connection, before, test)?, "/choices")?;
        }
    } else {
        uses::refuse(held(tx.connection, before, Test::NotNull)?, "/kind")?;
    }
    diesel::update(table::table.find(id))
        .set((
            table::version.eq(version + 1),
            table::data.eq(Json::new(&**input)?),
            table::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    let new = get(tx.connection, id)?;
    tx.updated(RECORD, id.as_str(), &old, &new)?;
    Ok(new)
}

/// Deletes a definition; refused while records hold values.
pub fn delete(tx: &mut Tx<'_>, id: CustomFieldId, version: i64) -> Result<()> {
    let old = expect(tx, id, version)?;
    uses::refuse(held(tx.connection, &old.input, Test::NotNull)?, "")?;
    diesel::delete(table::table.find(id)).execute(tx.connection)?;
    tx.deleted(RECORD, id.as_str(), &old)
}

/// Puts a record type's fields into this order.
pub fn reorder(tx: &mut Tx<'_>, order: &Checked<CustomFieldOrder>) -> Result<Vec<CustomField>> {
    uses::change_definitions(tx.connection)?;
    let old = all(tx.connection, Some(order.record))?;
    let ids: Vec<CustomFieldId> = old.iter().map(|field| field.id).collect();
    if !is_permutation(&ids, &order.ids) {
        return Err(Error::invalid("/ids", "members"));
    }
    for (id, position) in order.ids.iter().zip(0_i32..) {
        diesel::update(table::table.find(id))
            .set(table::position.eq(position))
            .execute(tx.connection)?;
    }
    tx.changed(
        RECORD,
        order.record.as_str(),
        "reordered",
        &serde_json::json!({ "order": ids }),
        &serde_json::json!({ "order": order.ids }),
    )?;
    all(tx.connection, Some(order.record))
}

/// Whether both hold the same, each once, in any order.
pub(crate) fn is_permutation<T: Ord + Copy>(a: &[T], b: &[T]) -> bool {
    let sorted = |ids: &[T]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids
    };
    sorted(a) == sorted(b)
}

/// The values as a record keeps them, checked against the definitions of its type. `old` is what it holds already; without it
/// the record is a new one.
pub(crate) fn settle(
    connection: &mut AnyConnection,
    record: CustomRecord,
    old: Option<&Custom>,
    new: &Custom,
) -> Result<Custom> {
    if old == Some(new) {
        return Ok(new.clone());
    }
    if !new.is_empty() {
        uses::hold_definitions(connection)?;
    }
    let definitions = all(connection, Some(record))?;
    let settled = custom::settle(&definitions, old, new).map_err(Error::Custom)?;
    let mut broken = Vec::new();
    for (key, id) in custom::users(&definitions, old, &settled) {
        if user::exists_active(connection, id)?.is_none() {
            broken.push(Broken::no_such_user(key));
        }
    }
    if broken.is_empty() {
        Ok(settled)
    } else {
        Err(Error::Custom(broken))
    }
}
