//! Finds the records that cells mean: by key, by code, by name.

use std::collections::HashMap;

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel::{QueryResult, RunQueryDsl};
use guanxi_domain::import::RejectReason;
use guanxi_domain::permission::{Module, Operation};

use crate::condition::{Column, Condition};
use crate::connection::MultiBackend;
use crate::{Actor, AnyConnection, Record, Result, Visibility, contact, customer, order, product};

type Scope = fn(&Visibility) -> Condition;

/// How records of a type are named in a cell.
struct Naming {
    /// The plural name on the wire, which is the table's.
    record: &'static str,
    /// The columns that may hold what the cell says; those before go first.
    by: &'static [&'static str],
    /// Who may refer to which of them; `None` for what all colleagues may know.
    seen: Option<(Module, Scope)>,
    /// A column that says whose they are: they are looked for among the records of the row's customer.
    within: Option<&'static str>,
}

const fn naming<R: Record>(by: &'static [&'static str]) -> Naming {
    Naming {
        record: R::LIST.table,
        by,
        seen: Some((R::MODULE, R::scope)),
        within: None,
    }
}

const fn known(record: &'static str, by: &'static [&'static str]) -> Naming {
    Naming {
        record,
        by,
        seen: None,
        within: None,
    }
}

const NAMINGS: &[Naming] = &[
    naming::<customer::Customers>(&["code", "name"]),
    naming::<product::Products>(&["sku", "name"]),
    naming::<order::Orders>(&["number"]),
    Naming {
        within: Some("customer_id"),
        ..naming::<contact::Contacts>(&["name", "email", "mobile"])
    },
    known("users", &["email", "name"]),
    known("departments", &["name"]),
];

/// Whether records of this type are looked for among those of the row's customer.
pub(super) fn is_within_customer(record: &str) -> bool {
    NAMINGS
        .iter()
        .any(|naming| naming.record == record && naming.within.is_some())
}

/// Looks records up, each once: what a file refers to it refers to again and again.
#[derive(Default)]
pub(super) struct Resolver {
    found: HashMap<(&'static str, String, Option<String>), String>,
}

/// No record, or more than one: a code for the row's report.
pub(super) type Unresolved = &'static str;

impl Resolver {
    /// The id of the record that a text means. `customer` is the row's.
    pub fn find(
        &mut self,
        connection: &mut AnyConnection,
        actor: &Actor,
        record: &'static str,
        text: &str,
        customer: Option<&str>,
    ) -> Result<std::result::Result<String, Unresolved>> {
        let key = (record, text.to_owned(), customer.map(str::to_owned));
        if let Some(id) = self.found.get(&key) {
            return Ok(Ok(id.clone()));
        }
        let found = find(connection, actor, record, text, customer)?;
        if let Ok(id) = &found {
            self.found.insert(key, id.clone());
        }
        Ok(found)
    }
}

fn find(
    connection: &mut AnyConnection,
    actor: &Actor,
    record: &str,
    text: &str,
    customer: Option<&str>,
) -> Result<std::result::Result<String, Unresolved>> {
    let Some(naming) = NAMINGS.iter().find(|naming| naming.record == record) else {
        return Ok(Err("reference"));
    };
    let column = |name| Column {
        table: naming.record,
        name,
    };
    let visible = match naming.seen {
        None => Condition::Always,
        Some((module, scope)) => match actor.visibility(module, Operation::Read) {
            Some(visibility) => scope(&visibility),
            None => return Ok(Err("reference")),
        },
    };
    let among = match (naming.within, customer) {
        (None, _) => visible,
        (Some(within), Some(customer)) => Condition::is(column(within), customer).and(visible),
        (Some(_), None) => return Ok(Err("reference")),
    };
    for name in naming.by.iter().chain(&["id"]) {
        // Addresses to log in with are kept in lower case.
        let text = match (record, *name) {
            ("users", "email") => text.to_lowercase(),
            _ => text.to_owned(),
        };
        let condition = Condition::is(column(name), text).and(among.clone());
        match ids(connection, naming.record, condition)?.as_slice() {
            [] => {}
            [id] => return Ok(Ok(id.clone())),
            _ => return Ok(Err(RejectReason::Ambiguous.as_str())),
        }
    }
    Ok(Err("reference"))
}

/// The first two records of a table that a condition holds for: more is as good as two.
pub(super) fn ids(
    connection: &mut AnyConnection,
    table: &'static str,
    condition: Condition,
) -> Result<Vec<String>> {
    Ok(Ids { table, condition }.load(connection)?)
}

/// `SELECT id FROM table WHERE condition LIMIT 2`.
struct Ids {
    table: &'static str,
    condition: Condition,
}

impl QueryFragment<MultiBackend> for Ids {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(&format!("SELECT id FROM {} WHERE ", self.table));
        self.condition.walk_ast(out.reborrow())?;
        out.push_sql(" LIMIT 2");
        Ok(())
    }
}

impl QueryId for Ids {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Ids {
    type SqlType = Text;
}

impl RunQueryDsl<AnyConnection> for Ids {}

#[cfg(test)]
mod tests {
    use guanxi_domain::FieldKind;
    use guanxi_domain::import::ImportRecord;

    use super::*;

    #[test]
    fn every_reference_can_be_looked_up() {
        for record in ImportRecord::ALL {
            for target in record.targets() {
                if let FieldKind::Reference(to) = target.kind {
                    assert!(NAMINGS.iter().any(|naming| naming.record == to), "{to}");
                }
            }
        }
    }
}
