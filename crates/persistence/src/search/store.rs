//! Writing the index.

use std::collections::HashMap;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Text};
use diesel::sqlite::Sqlite;
use diesel::upsert::excluded;
use diesel::{
    ExpressionMethods, PgConnection, QueryDsl, QueryResult, QueryableByName, RunQueryDsl,
    SqliteConnection, sql_query,
};

use super::{Entry, Source};
use crate::schema::{search_entries, search_index};
use crate::tx::BATCH;
use crate::{AnyConnection, Error, Result};

/// The tokens of a record as text, each with the letter of its type; on PostgreSQL in quotes.
fn text(source: &Source, entry: &Entry, quote: &str) -> String {
    let mut text = String::new();
    for token in &entry.bearers {
        for part in [quote, token, quote, " "] {
            text.push_str(part);
        }
    }
    for token in entry.tokens.iter() {
        for part in [
            quote,
            source.letter.encode_utf8(&mut [0; 4]),
            token,
            quote,
            " ",
        ] {
            text.push_str(part);
        }
    }
    text
}

/// Indexes records anew.
pub(super) fn put(
    connection: &mut AnyConnection,
    source: &Source,
    entries: &[Entry],
) -> Result<()> {
    match (connection, entries) {
        (_, []) => {}
        (AnyConnection::Sqlite(connection), [entry]) => {
            put_one_sqlite(connection, source, &entry.id, &text(source, entry, ""))?;
        }
        (AnyConnection::Postgres(connection), [entry]) => {
            let put = PutPostgres {
                id: &entry.id,
                record: source.table(),
                tokens: &text(source, entry, "'"),
            };
            put.execute(connection)?;
        }
        (AnyConnection::Sqlite(connection), entries) => {
            for entries in entries.chunks(BATCH) {
                put_many_sqlite(connection, source, entries)?;
            }
        }
        (AnyConnection::Postgres(connection), entries) => {
            for entries in entries.chunks(BATCH) {
                put_many_postgres(connection, source, entries)?;
            }
        }
    }
    Ok(())
}

fn put_one_sqlite(
    connection: &mut SqliteConnection,
    source: &Source,
    id: &str,
    tokens: &str,
) -> Result<()> {
    let entry: i64 = diesel::insert_into(search_entries::table)
        .values((
            search_entries::record_id.eq(id),
            search_entries::record_type.eq(source.table()),
        ))
        .on_conflict(search_entries::record_id)
        .do_update()
        .set(search_entries::record_type.eq(excluded(search_entries::record_type)))
        .returning(search_entries::entry)
        .get_result(connection)?;
    diesel::replace_into(search_index::table)
        .values((
            search_index::rowid.eq(entry),
            search_index::tokens.eq(tokens),
        ))
        .execute(connection)?;
    Ok(())
}

/// Many a statement: in a transaction of thousands of statements each would take longer than the one before, because SQLite
/// winds its journal back at the end of each.
fn put_many_sqlite(
    connection: &mut SqliteConnection,
    source: &Source,
    entries: &[Entry],
) -> Result<()> {
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = BigInt)]
        entry: i64,
        #[diesel(sql_type = Text)]
        record_id: String,
    }

    let places = vec!["(?, ?)"; entries.len()].join(", ");
    let mut known = sql_query(format!(
        "INSERT INTO search_entries (record_id, record_type) VALUES {places} \
         ON CONFLICT (record_id) DO UPDATE SET record_type = excluded.record_type RETURNING entry, record_id"
    ))
    .into_boxed::<Sqlite>();
    for entry in entries {
        known = known
            .bind::<Text, _>(&entry.id)
            .bind::<Text, _>(source.table());
    }
    let known: Vec<Known> = known.load(connection)?;
    let known: HashMap<String, i64> = known.into_iter().map(|e| (e.record_id, e.entry)).collect();
    let mut put = sql_query(format!(
        "INSERT OR REPLACE INTO search_index (rowid, tokens) VALUES {places}"
    ))
    .into_boxed::<Sqlite>();
    for entry in entries {
        let place = known.get(&entry.id).copied();
        let place =
            place.ok_or_else(|| Error::Internal(format!("no search entry of {}", entry.id)))?;
        put = put
            .bind::<BigInt, _>(place)
            .bind::<Text, _>(text(source, entry, ""));
    }
    put.execute(connection)?;
    Ok(())
}

fn put_many_postgres(
    connection: &mut PgConnection,
    source: &Source,
    entries: &[Entry],
) -> Result<()> {
    let (ids, texts): (Vec<&str>, Vec<String>) = entries
        .iter()
        .map(|entry| (entry.id.as_str(), text(source, entry, "'")))
        .unzip();
    sql_query(
        "INSERT INTO search_entries (record_id, record_type, tokens) \
         SELECT id, $1, text::tsvector FROM unnest($2, $3) AS new (id, text) ORDER BY id \
         ON CONFLICT (record_id) DO UPDATE SET tokens = EXCLUDED.tokens",
    )
    .bind::<Text, _>(source.table())
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<Text>, _>(texts)
    .execute(connection)?;
    Ok(())
}

/// Puts one record into the index: kept prepared, which statements put together as text are not.
struct PutPostgres<'a> {
    id: &'a str,
    record: &'a str,
    tokens: &'a str,
}

impl QueryFragment<diesel::pg::Pg> for PutPostgres<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO search_entries (record_id, record_type, tokens) VALUES (");
        out.push_bind_param::<Text, _>(self.id)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.record)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.tokens)?;
        out.push_sql("::tsvector) ON CONFLICT (record_id) DO UPDATE SET tokens = EXCLUDED.tokens");
        Ok(())
    }
}

impl QueryId for PutPostgres<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for PutPostgres<'_> {}

/// Takes records out of the index.
pub(crate) fn remove<I: AsRef<str>>(connection: &mut AnyConnection, ids: &[I]) -> Result<()> {
    for ids in ids.chunks(BATCH) {
        let of_ids = || {
            let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
            search_entries::table.filter(search_entries::record_id.eq_any(ids))
        };
        if let AnyConnection::Sqlite(connection) = connection {
            let entries: Vec<i64> = of_ids().select(search_entries::entry).load(connection)?;
            diesel::delete(search_index::table.filter(search_index::rowid.eq_any(entries)))
                .execute(connection)?;
        }
        diesel::delete(of_ids()).execute(connection)?;
    }
    Ok(())
}
