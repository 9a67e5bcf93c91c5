//! Exports: the records of a list page by page as cells, with the names of what they refer to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::marker::PhantomData;
use std::sync::Arc;

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel::{QueryResult, RunQueryDsl};
use guanxi_domain::Field;
use guanxi_domain::export::{Cell, Words};
use guanxi_domain::permission::{Module, Operation};
use serde_json::Value as Json;

use crate::condition::{Column, Condition, Value};
use crate::connection::MultiBackend;
use crate::{
    Actor, AnyConnection, ListQuery, Record, Result, Visibility, contact, customer, order, product,
};

/// Records that are read at a time.
const ROWS: i64 = 500;

type Scope = fn(&Visibility) -> Condition;

/// Records that fields refer to, and what they are called.
struct Named {
    /// The plural name on the wire, which is the table's.
    record: &'static str,
    title: &'static str,
    /// Who may read which of them; `None` for what all colleagues may know.
    seen: Option<(Module, Scope)>,
}

const fn named<R: Record>(title: &'static str) -> Named {
    Named {
        record: R::LIST.table,
        title,
        seen: Some((R::MODULE, R::scope)),
    }
}

const fn known(record: &'static str) -> Named {
    Named {
        record,
        title: "name",
        seen: None,
    }
}

const NAMED: &[Named] = &[
    named::<contact::Contacts>("name"),
    named::<customer::Customers>("name"),
    known("departments"),
    named::<order::Orders>("number"),
    named::<product::Products>("name"),
    known("users"),
];

/// Names by record type and id.
type Names = HashMap<&'static str, HashMap<String, String>>;

/// An export under way: where it has got to, and what is written of each record.
pub struct Export<R> {
    pub actor: Arc<Actor>,
    pub columns: Vec<&'static Field>,
    pub words: Words,
    visible: Condition,
    query: ListQuery,
    ended: bool,
    record: PhantomData<fn() -> R>,
}

impl<R: Record> Export<R> {
    /// Of the records that fulfil the query those that all of these scopes reach to.
    pub fn new(
        actor: Arc<Actor>,
        scopes: &[Visibility],
        mut query: ListQuery,
        columns: Vec<&'static Field>,
        words: Words,
    ) -> Self {
        query.limit = ROWS;
        let visible = scopes
            .iter()
            .map(R::scope)
            .fold(Condition::Always, Condition::and);
        Self {
            actor,
            columns,
            words,
            visible,
            query,
            ended: false,
            record: PhantomData,
        }
    }

    /// How many records there are in all, just now.
    pub fn count(&self, connection: &mut AnyConnection) -> Result<i64> {
        let mut query = self.query.clone();
        query.with_total = true;
        let none = |_: &mut AnyConnection, _, _, _| Ok(Vec::new());
        let page =
            R::LIST.page::<R::Item>(connection, &query, self.visible.clone(), none, R::count)?;
        Ok(page.total.unwrap_or_default())
    }

    /// What stands above the columns.
    pub fn headers(&self) -> Vec<&'static str> {
        let columns = self.columns.iter();
        columns.map(|field| self.words.header(field)).collect()
    }

    /// The next records, each as a row of cells; `None` when there are no more.
    pub fn next_rows(&mut self, connection: &mut AnyConnection) -> Result<Option<Vec<Vec<Cell>>>> {
        if self.ended {
            return Ok(None);
        }
        let visible = self.visible.clone();
        let page = R::LIST.page(connection, &self.query, visible, R::load, R::count)?;
        self.ended = page.next_cursor.is_none();
        self.query.cursor = page.next_cursor;
        let items: Vec<Json> = page
            .items
            .iter()
            .map(serde_json::to_value)
            .collect::<std::result::Result<_, _>>()?;
        let names = self.names(connection, &items)?;
        let name = |record, id: &str| names.get(record)?.get(id).map(String::as_str);
        let row = |item| -> Vec<Cell> {
            let columns = self.columns.iter();
            columns
                .map(|field| self.words.cell(field, item, name))
                .collect()
        };
        Ok(Some(items.iter().map(row).collect()))
    }

    /// The names of the records that these refer to, as far as the caller may read those.
    fn names(&self, connection: &mut AnyConnection, items: &[Json]) -> Result<Names> {
        let mut wanted: BTreeMap<&'static str, BTreeSet<&str>> = BTreeMap::new();
        for item in items {
            for field in &self.columns {
                if let Some((record, id)) = self.words.wants_name(field, item) {
                    wanted.entry(record).or_default().insert(id);
                }
            }
        }
        let mut names = Names::new();
        for (record, ids) in wanted {
            if let Some((named, visible)) = self.readable(record) {
                let id = Column {
                    table: named.record,
                    name: "id",
                };
                let ids = ids.into_iter().map(|id| Value::Text(id.to_owned()));
                let titles = Titles {
                    record: named.record,
                    title: named.title,
                    condition: Condition::In(id, ids.collect()).and(visible),
                };
                let found: Vec<(String, String)> = titles.load(connection)?;
                names.insert(record, found.into_iter().collect());
            }
        }
        Ok(names)
    }

    /// Which records of a type the caller may read; `None` if none.
    fn readable(&self, record: &str) -> Option<(&'static Named, Condition)> {
        let named = NAMED.iter().find(|named| named.record == record)?;
        let visible = match named.seen {
            None => Condition::Always,
            Some((module, scope)) => scope(&self.actor.visibility(module, Operation::Read)?),
        };
        Some((named, visible))
    }
}

/// `SELECT id, title FROM table WHERE condition`.
pub(crate) struct Titles {
    pub record: &'static str,
    pub title: &'static str,
    pub condition: Condition,
}

impl QueryFragment<MultiBackend> for Titles {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let Self { record, title, .. } = self;
        out.push_sql(&format!("SELECT id, {title} FROM {record} WHERE "));
        self.condition.walk_ast(out.reborrow())
    }
}

impl QueryId for Titles {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Titles {
    type SqlType = (Text, Text);
}

impl RunQueryDsl<AnyConnection> for Titles {}

#[cfg(test)]
mod tests {
    use guanxi_domain::FieldKind;
    use guanxi_domain::view::ViewRecord;

    use super::*;

    #[test]
    fn every_reference_has_a_name() {
        for record in ViewRecord::ALL {
            for field in record.fields().fields {
                if let FieldKind::Reference(to) = field.kind
                    && field.related.is_none()
                {
                    assert!(NAMED.iter().any(|named| named.record == to), "{to}");
                }
            }
        }
    }
}
