//! Reports: pivots over the lines of the orders that count and that somebody may see.
//!
//! Figures come from grouped sums in the database: one statement for the rows, one for the cells, one for the columns and one for the whole, since
//! counts of orders and customers do not add up. What a key of a dimension means is one filter ([`ReportDimension::test`]): it picks the
//! first rows, leaves them out for the others, and lists the orders behind a cell.

mod answer;
mod facts;
mod labels;
mod run;
mod saved;
pub mod schedule;

use guanxi_domain::order::OrderState;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::report::ReportDimension;

pub(crate) use run::run_among;
pub use run::{Asker, run};
pub use saved::{create, delete, get, list, pin, update};

use crate::{Actor, Condition, Value, order};

/// The orders that count and lie within what somebody's reports reach to: reports, orders and customers together.
pub(crate) fn scope(actor: &Actor) -> Condition {
    let reach = |module| actor.visibility(module, Operation::Read);
    let (Some(reports), Some(orders), Some(customers)) = (
        reach(Module::Reports),
        reach(Module::Orders),
        reach(Module::Customers),
    ) else {
        return Condition::Never;
    };
    let counting = OrderState::counting_words().into_iter();
    let counting = counting.map(|word| Value::Text(word.to_owned()));
    Condition::In(order::column("state"), counting.collect())
        .and(reports.owned("orders"))
        .and(orders.owned("orders"))
        .and(customers.through_customer(order::column("customer_id")))
}

/// The key of a bucket of time: its first day.
fn key_of(dimension: ReportDimension, bucket: i32) -> String {
    dimension.bucket_days(bucket).0.to_string()
}
