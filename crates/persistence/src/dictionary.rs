//! Dictionaries.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::DictionaryEntryId;
use guanxi_domain::dictionary::{DictionaryEntry, SHIPPED};

use crate::schema::dictionary_entries as entries;
use crate::{AnyConnection, Error, Result, Tx};

/// All entries, dictionary by dictionary in their order.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<DictionaryEntry>> {
    type Row = (DictionaryEntryId, String, String, String, String, i32, bool);
    let rows: Vec<Row> = entries::table
        .order((entries::dictionary, entries::position))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(
            |(id, dictionary, code, label_zh, label_en, position, active)| DictionaryEntry {
                id,
                dictionary,
                code,
                label_zh,
                label_en,
                position,
                active,
            },
        )
        .collect())
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
            ))
            .execute(tx.connection)?;
    }
    Ok(())
}

/// Refuses codes that their dictionary does not hold: member, dictionary, code each.
pub(crate) fn check<'a>(
    connection: &mut AnyConnection,
    codes: impl Iterator<Item = (&'static str, &'static str, &'a str)>,
) -> Result<()> {
    let mut wrong = Vec::new();
    for (member, dictionary, code) in codes {
        let known: i64 = entries::table
            .filter(entries::dictionary.eq(dictionary))
            .filter(entries::code.eq(code))
            .count()
            .get_result(connection)?;
        if known == 0 {
            wrong.push((format!("/{member}"), "dictionary"));
        }
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(wrong))
    }
}
