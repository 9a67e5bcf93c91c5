//! Grouped sums over the lines of orders, as bound SQL.

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{QueryResult, RunQueryDsl};
use guanxi_domain::report::{Facts, ReportDimension, ReportMeasure, ReportSort};

use super::key_of;
use crate::connection::MultiBackend;
use crate::{AnyConnection, Condition, Error, Result, segmentation, value};

/// The place of a group in each dimension.
pub(super) type Keys = Vec<Option<String>>;

/// What has to be looked at for the figures that are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needs {
    /// The lines; else the sums that orders keep of them will do.
    pub lines: bool,
    pub orders: bool,
    pub customers: bool,
}

impl Needs {
    pub fn of(measures: impl Iterator<Item = ReportMeasure>, lines: bool) -> Self {
        let none = Self {
            lines,
            ..Self::default()
        };
        measures.fold(none, |needs, measure| match measure {
            ReportMeasure::Sales | ReportMeasure::Margin | ReportMeasure::MarginRate => needs,
            ReportMeasure::Quantity | ReportMeasure::Returns => Self {
                lines: true,
                ..needs
            },
            ReportMeasure::Orders | ReportMeasure::AverageOrder => Self {
                lines: true,
                orders: true,
                ..needs
            },
            ReportMeasure::Customers => Self {
                lines: true,
                customers: true,
                ..needs
            },
        })
    }
}

/// `SELECT keys, sums … GROUP BY keys`.
pub(super) struct Grouped {
    pub dimensions: Vec<ReportDimension>,
    pub needs: Needs,
    pub condition: Condition,
    /// The groups that come first by this, empty values last; without it any.
    pub order: Option<ReportSort>,
    pub limit: i64,
}

impl Grouped {
    pub fn load(self, connection: &mut AnyConnection) -> Result<Vec<(Keys, Facts)>> {
        type Row = (
            (Option<String>, Option<String>, Option<String>),
            (i64, i64, i64),
            (i64, i64, i64, i64),
        );
        let (dimensions, lines) = (self.dimensions.clone(), self.needs.lines);
        let rows: Vec<Row> = RunQueryDsl::load(self, connection).map_err(overflow)?;
        let facts = |row: Row| {
            let ((a, b, c), (count, sales, other), (returns, quantity, orders, customers)) = row;
            // Orders keep the margin, lines the cost.
            let cost = if lines {
                other
            } else {
                sales.checked_sub(other).ok_or_else(too_large)?
            };
            let keys = dimensions.iter().zip([a, b, c]);
            let keys = keys.map(|(dimension, key)| read(*dimension, key));
            Ok((
                keys.collect::<Result<_>>()?,
                Facts {
                    count,
                    sales,
                    cost,
                    returns,
                    quantity,
                    orders,
                    customers,
                },
            ))
        };
        rows.into_iter().map(facts).collect()
    }
}

fn read(dimension: ReportDimension, key: Option<String>) -> Result<Option<String>> {
    match key {
        Some(bucket) if dimension.is_time() => {
            let bucket = bucket
                .parse()
                .map_err(|_| Error::Internal(format!("no {dimension}: {bucket}")))?;
            Ok(Some(key_of(dimension, bucket)))
        }
        key => Ok(key),
    }
}

pub(super) fn too_large() -> Error {
    Error::invalid("/measures", "overflow")
}

/// A sum that does not fit into 64 bits is told by both databases, in their own words.
fn overflow(error: diesel::result::Error) -> Error {
    match &error {
        diesel::result::Error::DatabaseError(_, info)
            if info.message().contains("integer overflow")
                || info.message().contains("out of range") =>
        {
            too_large()
        }
        _ => error.into(),
    }
}

/// The day of an order since 1970 (UTC), also before it.
const DAY: &str = "((orders.ordered_at - ((orders.ordered_at % 86400000000) + 86400000000) % 86400000000) / 86400000000)";

/// The number of its week; Monday is the first day.
const WEEK: &str = "(orders.ordered_at + 259200000000 - ((orders.ordered_at + 259200000000) % 604800000000 + 604800000000) % 604800000000) / 604800000000";

/// Year or month of the day.
fn part(word: &str, backend: &MultiBackend) -> String {
    match backend {
        MultiBackend::Sqlite(_) => {
            let format = if word == "year" { "%Y" } else { "%m" };
            format!("CAST(strftime('{format}', {DAY} * 86400, 'unixepoch') AS INTEGER)")
        }
        MultiBackend::Postgres(_) => format!(
            "CAST(extract({word} FROM (DATE '1970-01-01' + CAST({DAY} AS INTEGER))) AS INTEGER)"
        ),
    }
}

/// A dimension's key in SQL.
fn key(dimension: ReportDimension, backend: &MultiBackend) -> String {
    use ReportDimension as D;

    let month = || {
        format!(
            "{} * 12 + {} - 1",
            part("year", backend),
            part("month", backend)
        )
    };
    let number = match dimension {
        D::Day => DAY.to_owned(),
        D::Week => WEEK.to_owned(),
        D::Month => month(),
        D::Quarter => format!("({}) / 3", month()),
        D::Year => part("year", backend),
        D::Customer => return "orders.customer_id".to_owned(),
        D::Region => return "customers.region".to_owned(),
        D::CustomerType => return "customers.customer_type".to_owned(),
        D::Industry => return "customers.industry".to_owned(),
        D::Stage => return "customers.stage".to_owned(),
        D::Tier => return "customers.tier".to_owned(),
        D::ValueClass => return "value_places.class".to_owned(),
        D::Lifecycle => return "segmentation_scores.lifecycle_stage".to_owned(),
        D::RfmGroup => return "segmentation_scores.rfm_group".to_owned(),
        D::ChurnLevel => return "segmentation_scores.churn_level".to_owned(),
        D::Owner => return "customers.owner_id".to_owned(),
        D::Department => return "orders.department_id".to_owned(),
        D::SalesPerson => return "orders.owner_id".to_owned(),
        D::Category => return "products.category".to_owned(),
        D::Product => return "order_lines.product_id".to_owned(),
    };
    format!("CAST({number} AS TEXT)")
}

const RETURNS: &str = "sum(CASE WHEN order_lines.total < 0 THEN -order_lines.total ELSE 0 END)";
/// A negative line is a return, and an order with nothing else is none.
const ORDERS: &str =
    "count(DISTINCT CASE WHEN order_lines.total >= 0 THEN order_lines.order_id END)";
const CUSTOMERS: &str =
    "count(DISTINCT CASE WHEN order_lines.total >= 0 THEN orders.customer_id END)";

impl Grouped {
    /// Tables from which the keys and sums come. What the condition looks at besides, it selects by itself.
    fn tables(&self) -> String {
        let mut tables = if self.needs.lines {
            "order_lines INNER JOIN orders ON orders.id = order_lines.order_id".to_owned()
        } else {
            "orders".to_owned()
        };
        let any = |table: &str| {
            let mut keys = self.dimensions.iter();
            let own = |d: &&ReportDimension| d.field().starts_with(table);
            keys.any(|d| own(&d) && *d != ReportDimension::Product)
        };
        if any("customer.") {
            tables.push_str(" INNER JOIN customers ON customers.id = orders.customer_id");
        }
        if self.dimensions.iter().any(|d| d.is_score()) {
            tables.push_str(segmentation::JOINED);
        }
        if self.dimensions.contains(&ReportDimension::ValueClass) {
            tables.push_str(value::JOINED);
        }
        if any("product.") {
            tables.push_str(" LEFT JOIN products ON products.id = order_lines.product_id");
        }
        tables
    }

    /// A measure as it is sorted by; empty where it is nothing.
    fn sorted_by(&self, measure: ReportMeasure) -> String {
        let (sales, margin) = if self.needs.lines {
            (
                "sum(order_lines.total)",
                "(sum(order_lines.total) - sum(order_lines.cost))",
            )
        } else {
            ("sum(orders.total)", "sum(orders.margin)")
        };
        let ratio = |above: &str, below: &str| {
            format!(
                "CASE WHEN {below} > 0 THEN CAST({above} AS DOUBLE PRECISION) / CAST({below} AS DOUBLE PRECISION) END"
            )
        };
        match measure {
            ReportMeasure::Sales => sales.to_owned(),
            ReportMeasure::Margin => margin.to_owned(),
            ReportMeasure::MarginRate => ratio(margin, sales),
            ReportMeasure::Orders => ORDERS.to_owned(),
            ReportMeasure::Customers => CUSTOMERS.to_owned(),
            ReportMeasure::Quantity => "sum(order_lines.quantity)".to_owned(),
            ReportMeasure::AverageOrder => ratio(sales, ORDERS),
            ReportMeasure::Returns => RETURNS.to_owned(),
        }
    }

    fn sums(&self) -> [String; 7] {
        // PostgreSQL's sum of bigints is numeric; no row at all has no sum.
        let sum = |text: &str| format!("CAST(COALESCE({text}, 0) AS BIGINT)");
        let when = |wanted: bool, text: &str| if wanted { sum(text) } else { sum("0") };
        let lines = self.needs.lines;
        let (sales, other) = if lines {
            ("sum(order_lines.total)", "sum(order_lines.cost)")
        } else {
            ("sum(orders.total)", "sum(orders.margin)")
        };
        [
            "count(*)".to_owned(),
            sum(sales),
            sum(other),
            when(lines, RETURNS),
            when(lines, "sum(order_lines.quantity)"),
            when(self.needs.orders, ORDERS),
            when(self.needs.customers, CUSTOMERS),
        ]
    }
}

impl QueryFragment<MultiBackend> for Grouped {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        // Hardly one is asked twice: it would only fill the cache of statements.
        out.unsafe_to_cache_prepared();
        let keys = (0..3).map(|at| match self.dimensions.get(at) {
            Some(dimension) => key(*dimension, out.backend()),
            None => "CAST(NULL AS TEXT)".to_owned(),
        });
        let columns: Vec<String> = keys.chain(self.sums()).collect();
        out.push_sql(&format!(
            "SELECT {} FROM {} WHERE ",
            columns.join(", "),
            self.tables()
        ));
        self.condition.walk_ast(out.reborrow())?;
        let places: Vec<String> = (1..=self.dimensions.len())
            .map(|at| at.to_string())
            .collect();
        if !places.is_empty() {
            out.push_sql(&format!(" GROUP BY {}", places.join(", ")));
        }
        if let Some(sort) = self.order {
            let direction = if sort.descending { "DESC" } else { "ASC" };
            let by = self.sorted_by(sort.measure);
            out.push_sql(&format!(" ORDER BY {by} {direction} NULLS LAST"));
            for place in &places {
                out.push_sql(&format!(", {place} NULLS LAST"));
            }
        }
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl QueryId for Grouped {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Grouped {
    type SqlType = (
        (Nullable<Text>, Nullable<Text>, Nullable<Text>),
        (BigInt, BigInt, BigInt),
        (BigInt, BigInt, BigInt, BigInt),
    );
}

impl RunQueryDsl<AnyConnection> for Grouped {}
