//! Reading customers: one, those that a list shows, and how they are found.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;
use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::CustomerId;
use guanxi_domain::customer::{Customer, FIELDS};
use guanxi_domain::permission::Module;
use guanxi_domain::search::{Kind, RecordType};
use guanxi_domain::share::{SHARED_WITH_ME, Shareable};

use super::Row;
use crate::condition::{Column, Condition, Ordering};
use crate::connection::MultiBackend;
use crate::filter::Related;
use crate::list::ListSpec;
use crate::record::Record;
use crate::schema::{
    cluster_members, customer_metrics, customers, segmentation_scores, value_places,
};
use crate::search::{Bearer, Source};
use crate::segmentation::{self, ScoreRow};
use crate::{AnyConnection, Result, Visibility, clusters, contact, metrics, order, value};

const fn metric(name: &'static str) -> (&'static str, Column) {
    (
        name,
        Column {
            table: "customer_metrics",
            name,
        },
    )
}

const fn score(name: &'static str) -> (&'static str, Column) {
    (
        name,
        Column {
            table: "segmentation_scores",
            name,
        },
    )
}

/// What the columns of the list are in.
pub(crate) const TABLES: &[&str] = &["customers", JOINS[0].1, JOINS[1].1, JOINS[2].1, JOINS[3].1];

/// The tables beside `customers`, with their joins.
const JOINS: [(&str, &str); 4] = [
    (
        "customer_metrics",
        " INNER JOIN customer_metrics ON customer_metrics.customer_id = customers.id",
    ),
    ("segmentation_scores", segmentation::JOINED),
    ("cluster_members", clusters::JOINED),
    ("value_places", value::JOINED),
];

pub(crate) const LIST: ListSpec = ListSpec {
    elsewhere: &[
        metric("sales"),
        metric("margin"),
        metric("orders"),
        metric("order_days"),
        metric("returns"),
        metric("average_order"),
        metric("mean_gap_days"),
        metric("first_order_on"),
        metric("last_order_on"),
        metric("sales_30d"),
        metric("sales_90d"),
        metric("sales_365d"),
        metric("tickets"),
        metric("open_tickets"),
        (
            "value_class",
            Column {
                table: "value_places",
                name: "class",
            },
        ),
        (
            "cluster",
            Column {
                table: "cluster_members",
                name: "cluster",
            },
        ),
        score("rfm_segment"),
        score("rfm_group"),
        score("recency_score"),
        score("frequency_score"),
        score("monetary_score"),
        score("lifecycle_stage"),
        score("probability_active"),
        score("expected_purchases"),
        score("lifetime_value"),
        score("churn_risk"),
        score("churn_level"),
    ],
    related: &[
        Related {
            field: "contacts",
            key: Column {
                table: "contacts",
                name: "customer_id",
            },
            scope: contact::Contacts::scope,
            among: || Condition::Always,
        },
        Related {
            field: "open_orders",
            key: Column {
                table: "orders",
                name: "customer_id",
            },
            scope: order::Orders::scope,
            among: order::open,
        },
        Related {
            field: "children",
            key: Column {
                table: "customers",
                name: "parent_id",
            },
            scope: Customers::scope,
            among: || Condition::Always,
        },
    ],
    put_away: Some("archived_at"),
    search: &[(&SEARCH, column("id"))],
    of_caller: &[(SHARED_WITH_ME, |actor| {
        actor.shared_with(Shareable::Customers)
    })],
    ..ListSpec::new(&FIELDS, "customers")
};

pub(crate) const fn column(name: &'static str) -> Column {
    Column {
        table: "customers",
        name,
    }
}

pub(crate) const SEARCH: Source = Source {
    record: RecordType::Customers,
    module: Module::Customers,
    letter: 'c',
    fields: &[
        ("name", Kind::Name),
        ("short_name", Kind::Name),
        ("code", Kind::Code),
        ("phone", Kind::Phone),
        ("email", Kind::Email),
    ],
    title: column("name"),
    subtitle: Some(column("code")),
    join: "",
    seen: |_, visibility| unarchived(visibility),
    bearers: BEARERS,
};

/// Whose a customer is.
pub(crate) const BEARERS: &[Bearer] = &[
    Bearer::Person(column("owner_id")),
    Bearer::Department(column("department_id")),
];

type Selected = (
    Row,
    metrics::Row,
    Option<ScoreRow>,
    Option<clusters::Current>,
    Option<value::Current>,
);

/// Customers with their figures, and with their current scores, clusters and classes, which some have not.
macro_rules! whole {
    ($by:ident) => {
        customers::table
            .inner_join(customer_metrics::table)
            .left_join(segmentation_scores::table.on(segmentation::$by()))
            .left_join(cluster_members::table.on(clusters::$by()))
            .left_join(value_places::table.on(value::$by()))
    };
}

pub fn get(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: CustomerId,
) -> Result<Customer> {
    let (row, metrics, scores, cluster, place): Selected = whole!(of_one_customer)
        .filter(customers::id.eq(id))
        .filter(visibility.owned("customers"))
        .select(Selected::as_select())
        .first(connection)?;
    let mut customer = row.into_customer(Some(metrics), scores, cluster, place)?;
    name_clusters(connection, std::slice::from_mut(&mut customer))?;
    Ok(customer)
}

/// Tells what the clusters of customers are called.
fn name_clusters(connection: &mut AnyConnection, customers: &mut [Customer]) -> Result<()> {
    if customers.iter().all(|customer| customer.cluster.is_none()) {
        return Ok(());
    }
    let names = clusters::current_names(connection)?;
    for customer in customers {
        let place = customer.cluster.and_then(|n| usize::try_from(n - 1).ok());
        let name = place.and_then(|place| names.get(place));
        customer.cluster_name = name.cloned().flatten();
    }
    Ok(())
}

/// Archived customers are left out unless the query asks for them.
pub struct Customers;

impl Record for Customers {
    type Item = Customer;
    const LIST: ListSpec = LIST;
    const MODULE: Module = Module::Customers;

    fn scope(visibility: &Visibility) -> Condition {
        visibility.owned("customers")
    }

    fn load(
        connection: &mut AnyConnection,
        condition: Condition,
        ordering: Ordering,
        limit: i64,
    ) -> Result<Vec<Customer>> {
        let rows: Vec<Selected> = whole!(of_customer)
            .filter(condition)
            .order(ordering)
            .limit(limit)
            .select(Selected::as_select())
            .load(connection)?;
        let customers = rows
            .into_iter()
            .map(|(row, metrics, scores, cluster, place)| {
                row.into_customer(Some(metrics), scores, cluster, place)
            });
        let mut customers: Vec<Customer> = customers.collect::<Result<_>>()?;
        name_clusters(connection, &mut customers)?;
        Ok(customers)
    }

    fn count(connection: &mut AnyConnection, condition: Condition) -> Result<i64> {
        Ok(Count(condition).get_result(connection)?)
    }
}

/// Customers with those other tables that are needed: the rest would be looked up for each of a million customers, too, though it
/// changes nothing.
pub(crate) fn push_tables(out: &mut AstPass<'_, '_, MultiBackend>, needed: impl Fn(&str) -> bool) {
    out.push_sql("customers");
    for (table, join) in JOINS {
        if needed(table) {
            out.push_sql(join);
        }
    }
}

/// How many customers fulfil a condition.
struct Count(Condition);

impl QueryFragment<MultiBackend> for Count {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM ");
        push_tables(&mut out, |table| self.0.mentions(table));
        out.push_sql(" WHERE ");
        self.0.walk_ast(out.reborrow())
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

/// The customers that fulfil a condition, at most so many.
pub(crate) fn ids(
    connection: &mut AnyConnection,
    condition: Condition,
    limit: i64,
) -> Result<Vec<CustomerId>> {
    Ok(whole!(of_customer)
        .filter(condition)
        .order(customers::id)
        .limit(limit)
        .select(customers::id)
        .load(connection)?)
}

/// Those that are seen and not put away.
pub(super) fn unarchived(visibility: &Visibility) -> Condition {
    Customers::scope(visibility).and(Condition::IsNull(column("archived_at")))
}
