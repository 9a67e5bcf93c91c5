//! Which records somebody sees, whatever their type: for events, that tell of all types.

use std::collections::{BTreeSet, HashMap};

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryResult, RunQueryDsl};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{approval, segment};

use crate::condition::{Column, Condition, Value};
use crate::connection::MultiBackend;
use crate::{
    Actor, AnyConnection, Record, Result, Visibility, contact, customer, import, job, order,
    product, ticket, webhook, win_back,
};

/// A type of records: who may read it, and which of it.
pub(crate) struct Kind {
    /// The plural name on the wire, which is the table's.
    pub record: &'static str,
    pub module: Module,
    scope: fn(&Visibility) -> Condition,
    change_scope: fn(&Visibility) -> Condition,
    /// How many of them somebody sees; `None` where whoever may read the module sees all.
    count: Option<Count>,
}

type Count = fn(&mut AnyConnection, &Visibility) -> Result<i64>;

impl Kind {
    /// Those of which people see a part, each with its count.
    pub fn counted() -> impl Iterator<Item = (&'static Self, Count)> {
        KINDS.iter().filter_map(|kind| Some((kind, kind.count?)))
    }

    pub fn of(record: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.record == record)
    }

    /// The records on which this may be done, if the visibility is that of the operation.
    pub fn scope(&self, visibility: &Visibility, operation: Operation) -> Condition {
        match operation {
            Operation::Read | Operation::Export => (self.scope)(visibility),
            _ => (self.change_scope)(visibility),
        }
    }

    /// Whether a record fulfils a condition.
    pub fn holds(
        &self,
        connection: &mut AnyConnection,
        id: &str,
        condition: Condition,
    ) -> Result<bool> {
        let own = Column {
            table: self.record,
            name: "id",
        };
        let versions = Versions {
            table: self.record,
            condition: Condition::is(own, id).and(condition),
        };
        let found: Vec<(String, i64)> = versions.load(connection)?;
        Ok(!found.is_empty())
    }
}

const fn kind<R: Record>() -> Kind {
    Kind {
        record: R::LIST.table,
        module: R::MODULE,
        scope: R::scope,
        change_scope: R::change_scope,
        count: Some(|connection, visibility| R::count(connection, R::scope(visibility))),
    }
}

/// Whoever may read the module sees all of it.
const fn everything(record: &'static str, module: Module) -> Kind {
    Kind {
        record,
        module,
        scope: |_| Condition::Always,
        change_scope: |_| Condition::Always,
        count: None,
    }
}

const KINDS: &[Kind] = &[
    kind::<contact::Contacts>(),
    kind::<customer::Customers>(),
    everything("departments", Module::Users),
    kind::<import::Imports>(),
    kind::<job::Jobs>(),
    kind::<order::Orders>(),
    kind::<product::Products>(),
    everything("roles", Module::Roles),
    everything("segmentation_runs", Module::Reports),
    everything("stock_levels", Module::Stock),
    kind::<ticket::Tickets>(),
    kind::<webhook::Webhooks>(),
    // Counted with their customers.
    Kind {
        count: None,
        ..kind::<win_back::Plans>()
    },
];

/// A record that somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The version that it has now; `None` if it is gone.
    pub version: Option<i64>,
}

/// Those of the records of a type that somebody may read: those that the record's page would show. One that is gone is seen by those who
/// see all of its type.
pub fn seen(
    connection: &mut AnyConnection,
    actor: &Actor,
    record: &str,
    ids: &BTreeSet<String>,
) -> Result<HashMap<String, Seen>> {
    let Some((table, visible)) = visible(actor, record) else {
        return Ok(HashMap::new());
    };
    let all = visible == Condition::Always;
    let id = Column { table, name: "id" };
    let values = ids.iter().map(|id| Value::Text(id.clone()));
    let versions = Versions {
        table,
        condition: Condition::In(id, values.collect()).and(visible),
    };
    let found: Vec<(String, i64)> = versions.load(connection)?;
    let mut found: HashMap<String, Seen> = found
        .into_iter()
        .map(|(id, version)| {
            let version = Some(version);
            (id, Seen { version })
        })
        .collect();
    if all {
        for id in ids {
            found.entry(id.clone()).or_insert(Seen { version: None });
        }
    }
    Ok(found)
}

/// Where records of a type are, and which of them somebody sees; `None` if none.
fn visible(actor: &Actor, record: &str) -> Option<(&'static str, Condition)> {
    if record == approval::FIELDS.record {
        return Some((approval::FIELDS.record, crate::approval::visible(actor)));
    }
    if record == segment::FIELDS.record {
        let seen = actor.permissions.allows(Module::Segments, Operation::Read);
        return seen.then(|| (segment::FIELDS.record, crate::segment::visible(actor)));
    }
    let kind = Kind::of(record)?;
    let visibility = actor.visibility(kind.module, Operation::Read)?;
    Some((kind.record, (kind.scope)(&visibility)))
}

/// `SELECT id, version FROM table WHERE condition`.
struct Versions {
    table: &'static str,
    condition: Condition,
}

impl QueryFragment<MultiBackend> for Versions {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT id, version FROM ");
        out.push_sql(self.table);
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out.reborrow())
    }
}

impl QueryId for Versions {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Versions {
    type SqlType = (Text, BigInt);
}

impl RunQueryDsl<AnyConnection> for Versions {}
