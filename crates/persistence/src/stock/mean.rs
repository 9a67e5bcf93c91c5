//! The mean value of the stock held over spans of days, as one statement.

use std::collections::HashMap;

use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Double, Nullable, Text};
use diesel::{QueryResult, RunQueryDsl};
use guanxi_domain::{Date, Money};

use super::column;
use crate::condition::{Column, Op};
use crate::connection::MultiBackend;
use crate::{AnyConnection, Condition, Result, Value};

/// What means are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MeanBy {
    Product,
    /// The means of its products, added up.
    Category,
    /// The means of all products in each span, added up; the key is the span's first day.
    Span,
}

/// Days, of which the last does not belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// What it goes by.
    pub name: Date,
    pub first: Date,
    pub end: Date,
}

/// Mean values of the stock held, at cost.
///
/// Of a product and span: Σ quantity × unit cost × days ÷ Σ days. A level holds from its day until that of the product's next one; the
/// last one before the span is carried into it, and days before the first level do not count. Nor do those of a level without a unit cost, unless nothing
/// was on hand. Floating point: amounts are exact up to 2⁵³ minor units × days.
pub(crate) struct Means {
    pub by: MeanBy,
    /// None of them empty, and none overlap.
    pub spans: Vec<Span>,
    /// Levels that count.
    pub among: Condition,
}

/// Has a value: a cost, or nothing that could have one.
pub(crate) fn valued() -> Condition {
    let empty = Condition::Compare(column("quantity"), Op::Eq, Value::Int(0));
    Condition::NotNull(column("unit_cost")).or(empty)
}

/// The products of which the value of the stock is known on some day before this one.
pub(crate) fn known_before(product: Column, end: Date) -> Condition {
    let before = Condition::Compare(column("day"), Op::Lt, Value::Small(end.days()));
    Condition::InSelect(
        product,
        column("product_id"),
        Box::new(before.and(valued())),
    )
}

impl Means {
    /// By key, in minor units of a currency with so many decimals; products without a category have none.
    pub fn load(
        self,
        connection: &mut AnyConnection,
        minor_digits: u8,
    ) -> Result<HashMap<Option<String>, Money>> {
        if self.spans.is_empty() {
            return Ok(HashMap::new());
        }
        // Thousandths × ten-thousandths are 10⁻⁷ of the currency unit.
        let unit = 10_f64.powi(i32::from(minor_digits.min(4)) - 7);
        let rows: Vec<(Option<String>, f64)> = RunQueryDsl::load(self, connection)?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(key, mean)| (key, rounded(mean * unit)))
            .collect())
    }

    const fn key(&self) -> &'static str {
        match self.by {
            MeanBy::Product => "means.product_id",
            MeanBy::Category => "products.category",
            MeanBy::Span => "CAST(means.span AS TEXT)",
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a cast stops at the ends of the range: nobody holds that much"
)]
fn rounded(amount: f64) -> Money {
    Money(amount.round() as i64)
}

impl QueryFragment<MultiBackend> for Means {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        // Hardly one is asked twice: it would only fill the cache of statements.
        out.unsafe_to_cache_prepared();
        let spans = self.spans.iter().map(|span| {
            let [name, first, end] = [span.name, span.first, span.end].map(Date::days);
            format!("({name}, {first}, {end})")
        });
        let spans: Vec<String> = spans.collect();
        out.push_sql(&format!(
            "WITH spans (span, first_day, end_day) AS (VALUES {}), held AS (SELECT stock_levels.product_id, stock_levels.day, \
             lead(stock_levels.day) OVER (PARTITION BY stock_levels.product_id ORDER BY stock_levels.day) AS next_day, \
             CASE WHEN stock_levels.quantity = 0 THEN 0 ELSE CAST(stock_levels.quantity AS DOUBLE PRECISION) * stock_levels.unit_cost END AS value \
             FROM stock_levels WHERE ",
            spans.join(", ")
        ));
        self.among.walk_ast(out.reborrow())?;
        out.push_sql(
            "), parts AS (SELECT held.product_id, spans.span, held.value, \
             CASE WHEN held.next_day < spans.end_day THEN held.next_day ELSE spans.end_day END \
             - CASE WHEN held.day > spans.first_day THEN held.day ELSE spans.first_day END AS days \
             FROM held INNER JOIN spans ON held.day < spans.end_day AND (held.next_day IS NULL OR held.next_day > spans.first_day) \
             WHERE held.value IS NOT NULL), \
             means AS (SELECT product_id, span, sum(value * days) / sum(days) AS mean FROM parts GROUP BY product_id, span) ",
        );
        out.push_sql(&format!(
            "SELECT {}, sum(means.mean) FROM means INNER JOIN products ON products.id = means.product_id GROUP BY 1",
            self.key()
        ));
        Ok(())
    }
}

impl QueryId for Means {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Means {
    type SqlType = (Nullable<Text>, Double);
}

impl RunQueryDsl<AnyConnection> for Means {}
