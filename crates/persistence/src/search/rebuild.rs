//! Filling the index from the records: once for a database from before the index, and again when the tokens change.

use std::collections::HashMap;

use diesel::sql_types::{Integer, Nullable, Text};
use diesel::{ExpressionMethods, QueryableByName, RunQueryDsl, sql_query};

use super::{SOURCES, Source, Values, index, lock, remove, values_sql};
use crate::schema::search_state;
use crate::{AnyConnection, Db, Origin, Result, Tx};

/// Another number than the one in the database: the tokens of a record have changed, all are made again.
const VERSION: i32 = 3;
/// Records of one transaction.
const AT_ONCE: usize = 2_000;

/// What a rebuild found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Records that are indexed now.
    pub records: u64,
    /// Entries without a record, which are gone now.
    pub orphans: u64,
}

/// Indexes what is not indexed yet. Goes on where it was interrupted. Blocks.
pub(crate) fn fill(db: &Db) -> Result<u64> {
    let mut records = 0;
    for source in unfinished(db)? {
        let before = records;
        while let Some(done) = db.housekeep_blocking(|tx| step(tx, source))? {
            records += done;
            log::info!("search: {} {} indexed", records - before, source.table());
        }
    }
    Ok(records)
}

/// Indexes every record anew and forgets what is no record any more. Other work goes on meanwhile. Blocks.
pub fn rebuild(db: &Db, origin: Origin) -> Result<Rebuilt> {
    db.housekeep_blocking(|tx| Ok(diesel::delete(search_state::table).execute(tx.connection)?))?;
    let records = fill(db)?;
    let mut orphans = 0;
    for source in SOURCES {
        orphans += db.housekeep_blocking(|tx| sweep(tx.connection, source))?;
    }
    let told = serde_json::json!({
        "records": {"old": null, "new": records},
        "orphans": {"old": null, "new": orphans},
    });
    db.write_blocking(origin, move |tx| {
        tx.record("search", "all", "rebuilt", told.clone())
    })?;
    Ok(Rebuilt { records, orphans })
}

#[derive(QueryableByName)]
struct State {
    #[diesel(sql_type = Text)]
    record_type: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<Text>)]
    reached: Option<String>,
}

fn states(connection: &mut AnyConnection) -> Result<HashMap<String, State>> {
    let states: Vec<State> =
        sql_query("SELECT record_type, version, reached FROM search_state").load(connection)?;
    Ok(states
        .into_iter()
        .filter(|state| state.version == VERSION)
        .map(|state| (state.record_type.clone(), state))
        .collect())
}

fn unfinished(db: &Db) -> Result<Vec<&'static Source>> {
    let states = db.read_blocking(states)?;
    let finished = |source: &Source| {
        states
            .get(source.table())
            .is_some_and(|state| state.reached.is_none())
    };
    Ok(SOURCES
        .iter()
        .copied()
        .filter(|source| !finished(source))
        .collect())
}

/// Indexes the next records of a type; how many, `None` when all are.
fn step(tx: &mut Tx<'_>, source: &'static Source) -> Result<Option<u64>> {
    let state = states(tx.connection)?.remove(source.table());
    let reached = match state {
        Some(State { reached: None, .. }) => return Ok(None),
        Some(State { reached, .. }) => reached.unwrap_or_default(),
        None => String::new(),
    };
    let sql = format!(
        "{values} WHERE {table}.id > $1 ORDER BY {table}.id LIMIT {AT_ONCE} {lock}",
        values = values_sql(source),
        table = source.table(),
        lock = lock(tx.connection),
    );
    let rows: Vec<Values> = sql_query(sql)
        .bind::<Text, _>(reached)
        .load(tx.connection)?;
    let done = rows.len();
    let last = rows
        .last()
        .filter(|_| done == AT_ONCE)
        .map(|row| row.id.clone());
    index(tx.connection, source, rows)?;
    let version = search_state::version.eq(VERSION);
    let new = (version, search_state::reached.eq(last));
    per_backend!(tx.connection, c => diesel::insert_into(search_state::table)
        .values((search_state::record_type.eq(source.table()), new.clone()))
        .on_conflict(search_state::record_type)
        .do_update()
        .set(new)
        .execute(c))?;
    Ok(Some(u64::try_from(done).unwrap_or(u64::MAX)))
}

#[derive(QueryableByName)]
struct Orphan {
    #[diesel(sql_type = Text)]
    record_id: String,
}

/// Takes out the entries of a type that have no record.
fn sweep(connection: &mut AnyConnection, source: &Source) -> Result<u64> {
    let sql = format!(
        "SELECT record_id FROM search_entries WHERE record_type = $1 \
         AND NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.id = record_id)",
        table = source.table(),
    );
    let orphans: Vec<Orphan> = sql_query(sql)
        .bind::<Text, _>(source.table())
        .load(connection)?;
    let ids: Vec<String> = orphans.into_iter().map(|orphan| orphan.record_id).collect();
    remove(connection, &ids)?;
    Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
}
