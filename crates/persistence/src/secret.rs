//! Secrets that the program makes for itself.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use crate::schema::secrets;
use crate::{Result, Tx};

/// The secret of this name; the given one becomes it if there is none.
pub fn get_or_insert(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<String> {
    let known = secrets::table
        .find(name)
        .select(secrets::value)
        .first::<String>(tx.connection)
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    per_backend!(tx.connection, c => diesel::insert_into(secrets::table)
        .values((secrets::name.eq(name), secrets::value.eq(value)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(secrets::table
        .find(name)
        .select(secrets::value)
        .first(tx.connection)?)
}
