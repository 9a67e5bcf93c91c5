//! Value runs: what customers are worth, kept with every customer's place.
//!
//! A run's places are written in batches while nobody sees them; one small write then adds the run and moves the pointer
//! `value_current`. The class of a customer is a join on it: no customer is touched.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::Bool;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::value::{
    FIELDS, Movement, Placed, Summary, ValueClass, ValueRun, ValueRunHead, movements, summarise,
};
use guanxi_domain::{CustomerId, ErrorCode, Money, Page, Timestamp, UserId, ValueRunId};

use crate::condition::{Condition, Literal};
use crate::list::{ListQuery, ListSpec};
use crate::schema::{value_current, value_places, value_runs};
use crate::sight::Sight;
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result};

mod keep;
mod make;
mod products;
mod seen;

pub(crate) use keep::forget_customer;
pub use keep::sweep;
pub use make::{run, run_blocking};
pub use products::products;
pub use seen::ranked;

const RECORD: &str = "value_runs";
/// How many runs, the newest, keep their customers' places.
const KEPT: i64 = 12;

const LIST: ListSpec = ListSpec::new(&FIELDS, "value_runs");

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = value_runs, treat_none_as_default_value = false)]
struct Row {
    id: ValueRunId,
    number: i64,
    previous_id: Option<ValueRunId>,
    customers: i64,
    total: Money,
    by_id: Option<UserId>,
    by_name: String,
    created_at: Timestamp,
    duration_ms: i64,
    data: Json<ValueRun>,
}

impl Row {
    fn into_run(self) -> Result<ValueRun> {
        Ok(ValueRun {
            duration_ms: self.duration_ms,
            previous_id: self.previous_id,
            ..self.data.get()?
        })
    }
}

/// The classes of a run, by customer.
struct Classes(Vec<(CustomerId, ValueClass)>);

impl Classes {
    fn of(&self, customer: CustomerId) -> Option<ValueClass> {
        let found = self.0.binary_search_by_key(&customer, |(id, _)| *id);
        found.ok().map(|index| self.0[index].1)
    }
}

/// Who went from which class to which; both lists are cut to the customers of the same sight.
fn moved(before: &Classes, placed: &[Placed<CustomerId>]) -> Vec<Movement> {
    let mut still: Vec<CustomerId> = placed.iter().map(|p| p.key).collect();
    still.sort_unstable();
    let gone = before
        .0
        .iter()
        .filter(|(customer, _)| still.binary_search(customer).is_err())
        .map(|(_, class)| (Some(*class), None));
    movements(
        placed
            .iter()
            .map(|p| (before.of(p.key), Some(p.class)))
            .chain(gone),
    )
}

/// The class that a customer has now.
#[derive(Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = value_places)]
pub(crate) struct Current {
    pub class: ValueClass,
}

/// The join of customers with their places in the current run, after `customers` in a statement.
pub(crate) const JOINED: &str = " LEFT JOIN value_places ON value_places.run = (SELECT value_current.run FROM value_current) \
     AND value_places.customer_id = customers.id";

/// The condition of that join.
pub(crate) fn of_customer() -> SqlLiteral<Bool> {
    sql(of_one_customer().0)
}

/// The same where one customer is looked up.
pub(crate) fn of_one_customer() -> Literal {
    Literal(JOINED.trim_start_matches(" LEFT JOIN value_places ON "))
}

fn summary<K>(placed: &[Placed<K>]) -> Result<Summary> {
    summarise(placed).map_err(|e| Error::Internal(format!("the total of an analysis: {e}")))
}

fn with_summary(run: ValueRun, summary: Summary) -> ValueRun {
    ValueRun {
        customers: summary.customers,
        total: summary.total,
        positive: summary.positive,
        gini: summary.gini,
        classes: summary.classes,
        pyramid: summary.pyramid,
        curve: summary.curve,
        ..run
    }
}

/// The runs, the newest first. Their totals are for those only who may see all customers.
pub fn list(
    connection: &mut AnyConnection,
    actor: &Actor,
    query: &ListQuery,
) -> Result<Page<ValueRunHead>> {
    let whole = Sight::of(actor).whole;
    LIST.page(
        connection,
        query,
        Condition::Always,
        |connection, condition, ordering, limit| {
            let rows: Vec<Row> = value_runs::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(Row::as_select())
                .load(connection)?;
            rows.into_iter().map(|row| head(row, whole)).collect()
        },
        |connection, condition| {
            Ok(value_runs::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

fn head(row: Row, whole: bool) -> Result<ValueRunHead> {
    let run = row.into_run()?;
    Ok(ValueRunHead {
        id: run.id,
        settings: run.settings,
        from: run.from,
        to: run.to,
        customers: whole.then_some(run.customers),
        total: whole.then_some(run.total),
        previous_id: run.previous_id,
        by: run.by,
        by_name: run.by_name,
        created_at: run.created_at,
        duration_ms: run.duration_ms,
    })
}

/// The number of the newest run, whose classes customers have.
fn current(connection: &mut AnyConnection) -> Result<Option<i64>> {
    Ok(value_current::table
        .select(value_current::run)
        .first(connection)
        .optional()?)
}

/// Whether a run's places have been deleted as too old.
fn forgotten(connection: &mut AnyConnection, run: &Row) -> Result<bool> {
    let newer: i64 = value_runs::table
        .filter(value_runs::number.gt(run.number))
        .count()
        .get_result(connection)?;
    Ok(newer >= KEPT)
}

fn find(connection: &mut AnyConnection, id: ValueRunId) -> Result<Row> {
    Ok(value_runs::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?)
}

/// A run, if its places are still known.
fn placed_run(connection: &mut AnyConnection, id: ValueRunId) -> Result<Row> {
    let row = find(connection, id)?;
    if forgotten(connection, &row)? {
        return Err(Error::Conflict(ErrorCode::PlacesForgotten));
    }
    Ok(row)
}

/// A run. For somebody who may not see all customers every figure is made anew from those that they may see, as long as the
/// places are known.
pub fn get(connection: &mut AnyConnection, actor: &Actor, id: ValueRunId) -> Result<ValueRun> {
    let sight = Sight::of(actor);
    if sight.whole {
        return find(connection, id)?.into_run();
    }
    let row = placed_run(connection, id)?;
    let number = row.number;
    let run = row.into_run()?;
    let placed = sight.placed(connection, number)?;
    let summary = summary(&placed)?;
    let before = run.previous_id.map(|previous| find(connection, previous));
    let movements = match before.transpose()? {
        Some(before) if !forgotten(connection, &before)? => {
            moved(&sight.classes(connection, before.number)?, &placed)
        }
        _ => Vec::new(),
    };
    Ok(with_summary(ValueRun { movements, ..run }, summary))
}
