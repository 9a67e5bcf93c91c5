//! How many records hold what an administrator wants to take away.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::{QueryResult, RunQueryDsl, sql_query};

use crate::condition::Condition;
use crate::connection::MultiBackend;
use crate::{AnyConnection, Error, Result};

/// The lock of what administrators define: dictionaries and custom fields.
const DEFINITIONS: i64 = 0x6775_616e_7864;

/// While this transaction lasts, no choice or custom field that records could begin to hold is taken away.
///
/// SQLite has one writer anyway.
pub fn hold_definitions(connection: &mut AnyConnection) -> Result<()> {
    lock(connection, "pg_advisory_xact_lock_shared")
}

/// Waits for the transactions that hold the definitions, and keeps others from it until this one ends.
pub fn change_definitions(connection: &mut AnyConnection) -> Result<()> {
    lock(connection, "pg_advisory_xact_lock")
}

fn lock(connection: &mut AnyConnection, function: &str) -> Result<()> {
    if let AnyConnection::Postgres(connection) = connection {
        sql_query(format!("SELECT {function}({DEFINITIONS})")).execute(connection)?;
    }
    Ok(())
}

/// How many rows of a table fulfil a condition.
pub fn count(
    connection: &mut AnyConnection,
    table: &'static str,
    condition: Condition,
) -> Result<i64> {
    let counts: Vec<i64> = Count { table, condition }.load(connection)?;
    Ok(counts.first().copied().unwrap_or_default())
}

/// Refuses what records still hold: how many they are, and at which member of the input.
pub fn refuse(records: i64, pointer: &str) -> Result<()> {
    if records == 0 {
        Ok(())
    } else {
        Err(Error::Held {
            pointer: pointer.to_owned(),
            records,
        })
    }
}

/// `SELECT count(*) FROM table WHERE condition`.
struct Count {
    table: &'static str,
    condition: Condition,
}

impl QueryFragment<MultiBackend> for Count {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM ");
        out.push_sql(self.table);
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out.reborrow())
    }
}

impl QueryId for Count {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Count {
    type SqlType = BigInt;
}

impl RunQueryDsl<AnyConnection> for Count {}
