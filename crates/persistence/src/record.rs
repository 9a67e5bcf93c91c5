//! What all record types have in common, so that lists, searches, views, exports and bulk actions are written once.

use guanxi_domain::Page;
use guanxi_domain::permission::Module;

use crate::condition::{Condition, Ordering};
use crate::list::{ListQuery, ListSpec};
use crate::{AnyConnection, Result, Visibility};

/// A record type with a list.
pub trait Record: 'static {
    type Item: serde::Serialize;
    const LIST: ListSpec;
    /// Whose permissions govern it.
    const MODULE: Module;

    /// The records that the caller sees.
    fn scope(visibility: &Visibility) -> Condition;

    /// The records that the caller may change, if the scope is that of changing them.
    fn change_scope(visibility: &Visibility) -> Condition {
        Self::scope(visibility)
    }

    /// At most so many records that fulfil the condition, in this order.
    fn load(
        connection: &mut AnyConnection,
        condition: Condition,
        ordering: Ordering,
        limit: i64,
    ) -> Result<Vec<Self::Item>>;

    /// How many records fulfil the condition.
    fn count(connection: &mut AnyConnection, condition: Condition) -> Result<i64>;
}

/// How records are read that stand in one table: [`Record::load`] and [`Record::count`], by what makes a record of a row.
macro_rules! of_one_table {
    ($table:ident, $row:ty, $record:expr) => {
        fn load(
            connection: &mut $crate::AnyConnection,
            condition: $crate::condition::Condition,
            ordering: $crate::condition::Ordering,
            limit: i64,
        ) -> $crate::Result<Vec<Self::Item>> {
            let rows: Vec<$row> = $table::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(<$row>::as_select())
                .load(connection)?;
            rows.into_iter().map($record).collect()
        }

        fn count(
            connection: &mut $crate::AnyConnection,
            condition: $crate::condition::Condition,
        ) -> $crate::Result<i64> {
            Ok($table::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        }
    };
}

/// One page of a record type's list.
pub fn list<R: Record>(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    query: &ListQuery,
) -> Result<Page<R::Item>> {
    R::LIST.page(connection, query, R::scope(visibility), R::load, R::count)
}
