//! Dictionaries.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::dictionary::{
    Dictionary, DictionaryEntry, DictionaryEntryInput, DictionaryOrder, SHIPPED,
};
use guanxi_domain::{Checked, DictionaryEntryId, FieldKind};

use crate::condition::Condition;
use crate::custom_field::is_permutation;
use crate::list::ListSpec;
use crate::schema::dictionary_entries as entries;
use crate::{
    AnyConnection, Error, Record, Result, Tx, contact, customer, order, product, ticket, uses,
};

const RECORD: &str = "dictionaries";

/// The record types whose fields may hold codes of dictionaries.
const RECORDS: &[ListSpec] = &[
    customer::Customers::LIST,
    contact::Contacts::LIST,
    product::Products::LIST,
    order::Orders::LIST,
    ticket::Tickets::LIST,
];

type Row = (
    DictionaryEntryId,
    String,
    String,
    String,
    String,
    i32,
    bool,
    i64,
);

fn entry(row: Row) -> Result<DictionaryEntry> {
    let (id, dictionary, code, label_zh, label_en, position, active, version) = row;
    Ok(DictionaryEntry {
        id,
        version,
        position,
        input: DictionaryEntryInput {
            dictionary: dictionary.parse().map_err(Error::Internal)?,
            code,
            label_zh,
            label_en,
            active,
        },
    })
}

/// All entries, dictionary by dictionary in their order.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<DictionaryEntry>> {
    let rows: Vec<Row> = entries::table
        .filter(entries::dictionary.eq_any(Dictionary::WORDS))
        .order((entries::dictionary, entries::position, entries::id))
        .load(connection)?;
    rows.into_iter().map(entry).collect()
}

pub fn get(connection: &mut AnyConnection, id: DictionaryEntryId) -> Result<DictionaryEntry> {
    entry(entries::table.find(id).first::<Row>(connection)?)
}

/// Adds the entries that ship to an empty table.
pub fn ship(tx: &mut Tx<'_>) -> Result<()> {
    if entries::table.count().get_result::<i64>(tx.connection)? > 0 {
        return Ok(());
    }
    for (position, (dictionary, code, zh, en)) in SHIPPED.iter().enumerate() {
        diesel::insert_into(entries::table)
            .values((
                entries::id.eq(DictionaryEntryId::generate()),
                entries::dictionary.eq(dictionary),
                entries::code.eq(code),
                entries::label_zh.eq(zh),
                entries::label_en.eq(en),
                entries::position.eq(i32::try_from(position).unwrap_or(i32::MAX)),
                entries::active.eq(true),
                entries::version.eq(1_i64),
            ))
            .execute(tx.connection)?;
    }
    Ok(())
}

/// Adds an entry at the end of its dictionary.
pub fn create(tx: &mut Tx<'_>, input: &Checked<DictionaryEntryInput>) -> Result<DictionaryEntry> {
    let id = DictionaryEntryId::generate();
    let last: Option<i32> = entries::table
        .filter(entries::dictionary.eq(input.dictionary.as_str()))
        .select(diesel::dsl::max(entries::position))
        .first(tx.connection)?;
    diesel::insert_into(entries::table)
        .values((
            entries::id.eq(id),
            entries::dictionary.eq(input.dictionary.as_str()),
            entries::code.eq(&input.code),
            entries::label_zh.eq(&input.label_zh),
            entries::label_en.eq(&input.label_en),
            entries::position.eq(last.map_or(0, |last| last.saturating_add(1))),
            entries::active.eq(input.active),
            entries::version.eq(1_i64),
        ))
        .execute(tx.connection)
        .map_err(|e| Error::from(e).taken("code", "/code"))?;
    let entry = get(tx.connection, id)?;
    tx.created(RECORD, id.as_str(), &entry)?;
    Ok(entry)
}

/// The entry, if it still has this version.
fn expect(
    connection: &mut AnyConnection,
    id: DictionaryEntryId,
    version: i64,
) -> Result<DictionaryEntry> {
    let old = get(connection, id)?;
    if old.version == version {
        Ok(old)
    } else {
        Err(Error::Stale)
    }
}

/// Changes labels, or whether the entry can be chosen.
pub fn update(
    tx: &mut Tx<'_>,
    id: DictionaryEntryId,
    version: i64,
    input: &Checked<DictionaryEntryInput>,
) -> Result<DictionaryEntry> {
    let old = expect(tx.connection, id, version)?;
    if input.dictionary != old.input.dictionary {
        return Err(Error::invalid("/dictionary", "fixed"));
    }
    if input.code != old.input.code {
        return Err(Error::invalid("/code", "fixed"));
    }
    let changed = diesel::update(
        entries::table
            .filter(entries::id.eq(id))
            .filter(entries::version.eq(version)),
    )
    .set((
        entries::version.eq(version + 1),
        entries::label_zh.eq(&input.label_zh),
        entries::label_en.eq(&input.label_en),
        entries::active.eq(input.active),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let new = get(tx.connection, id)?;
    tx.updated(RECORD, id.as_str(), &old, &new)?;
    Ok(new)
}

/// How many records hold an entry's code.
fn held(connection: &mut AnyConnection, entry: &DictionaryEntryInput) -> Result<i64> {
    let kind = FieldKind::Dictionary(entry.dictionary.as_str());
    let mut records = 0;
    for list in RECORDS {
        for field in list.fields.fields.iter().filter(|f| f.kind == kind) {
            let holds = Condition::is(list.column(field.name), entry.code.as_str());
            records += uses::count(connection, list.table, holds)?;
        }
    }
    Ok(records)
}

/// Deletes an entry that no record holds; others can be made inactive.
pub fn delete(tx: &mut Tx<'_>, id: DictionaryEntryId, version: i64) -> Result<()> {
    uses::change_definitions(tx.connection)?;
    let old = expect(tx.connection, id, version)?;
    uses::refuse(held(tx.connection, &old.input)?, "")?;
    diesel::delete(entries::table.find(id)).execute(tx.connection)?;
    tx.deleted(RECORD, id.as_str(), &old)
}

/// Puts a dictionary's entries into this order.
pub fn reorder(tx: &mut Tx<'_>, order: &Checked<DictionaryOrder>) -> Result<Vec<DictionaryEntry>> {
    uses::change_definitions(tx.connection)?;
    let of_dictionary = |connection: &mut AnyConnection| -> Result<Vec<DictionaryEntry>> {
        let mut all = all(connection)?;
        all.retain(|entry| entry.input.dictionary == order.dictionary);
        Ok(all)
    };
    let old = of_dictionary(tx.connection)?;
    let ids: Vec<DictionaryEntryId> = old.iter().map(|entry| entry.id).collect();
    if !is_permutation(&ids, &order.ids) {
        return Err(Error::invalid("/ids", "members"));
    }
    for (id, position) in order.ids.iter().zip(0_i32..) {
        diesel::update(entries::table.find(id))
            .set(entries::position.eq(position))
            .execute(tx.connection)?;
    }
    let codes: BTreeMap<DictionaryEntryId, &str> =
        old.iter().map(|e| (e.id, e.input.code.as_str())).collect();
    let named = |ids: &[DictionaryEntryId]| -> Vec<&str> {
        ids.iter().filter_map(|id| codes.get(id).copied()).collect()
    };
    tx.changed(
        RECORD,
        order.dictionary.as_str(),
        "reordered",
        &serde_json::json!({ "order": named(&ids) }),
        &serde_json::json!({ "order": named(&order.ids) }),
    )?;
    of_dictionary(tx.connection)
}

/// Refuses codes that their dictionary does not hold, or does not offer any more: member, dictionary, code each. What the record
/// holds already may stay.
pub(crate) fn check<'a>(
    connection: &mut AnyConnection,
    held: impl Iterator<Item = (&'static str, &'static str, &'a str)>,
    codes: impl Iterator<Item = (&'static str, &'static str, &'a str)>,
) -> Result<()> {
    let held: Vec<_> = held.collect();
    let mut new = codes.filter(|code| !held.contains(code)).peekable();
    if new.peek().is_none() {
        return Ok(());
    }
    uses::hold_definitions(connection)?;
    let mut wrong = Vec::new();
    for (member, dictionary, code) in new {
        let active: Option<bool> = entries::table
            .filter(entries::dictionary.eq(dictionary))
            .filter(entries::code.eq(code))
            .select(entries::active)
            .first(connection)
            .optional()?;
        match active {
            Some(true) => {}
            Some(false) => wrong.push((format!("/{member}"), "retired_choice")),
            None => wrong.push((format!("/{member}"), "dictionary")),
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(wrong))
    }
}
