//! Reports: a pivot over the lines of orders that count, in dimensions and measures of one's choice.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use validator::{Validate, ValidationError};

use crate::export::ExportFormat;
use crate::{Date, ReportId, Timestamp, UserId};

mod dimension;
mod figure;
pub mod letter;
mod period;
pub mod ready;
pub mod schedule;
mod table;

pub use dimension::ReportDimension;
pub use figure::{Facts, ReportFigure};
pub use period::{DayRange, ReportPeriod};
pub use table::{ReportTable, table};

/// Cells of a report, at most: more is not read by people, and keeps the server from others.
pub const MAX_CELLS: usize = 5_000;

choice! {
    /// What is added up. Returns are negative lines: they lower sales and margin.
    pub enum ReportMeasure {
        Sales = "sales", "销售额", "Sales";
        Margin = "margin", "毛利", "Margin";
        /// Margin ÷ sales, in ten-thousandths.
        MarginRate = "margin_rate", "毛利率", "Margin rate";
        /// Orders with a line that is no return.
        Orders = "orders", "订单数", "Orders";
        /// Customers with such an order.
        Customers = "customers", "客户数", "Customers";
        /// Net of returns, in thousandths of the unit.
        Quantity = "quantity", "数量", "Quantity";
        /// Sales ÷ orders.
        AverageOrder = "average_order", "平均订单额", "Average order";
        /// What came back, as a positive amount.
        Returns = "returns", "退货额", "Returns";
    }
}

choice! {
    /// What a period is compared with.
    pub enum ReportCompare {
        /// As many months before, where the period begins with a month; else as many days.
        Before = "before", "上一期", "The period before";
        YearBefore = "year_before", "去年同期", "A year before";
    }
}

choice! {
    pub enum ReportChart {
        None = "none", "仅表格", "Table only";
        Bar = "bar", "柱状图", "Bars";
        Stacked = "stacked", "堆叠柱状图", "Stacked bars";
        Line = "line", "折线图", "Lines";
    }
}

impl ReportMeasure {
    /// The figures of parts add up to that of the whole.
    pub const fn is_additive(self) -> bool {
        matches!(
            self,
            Self::Sales | Self::Margin | Self::Quantity | Self::Returns
        )
    }

    /// In minor units of the currency.
    pub const fn is_money(self) -> bool {
        matches!(
            self,
            Self::Sales | Self::Margin | Self::AverageOrder | Self::Returns
        )
    }
}

/// By which measure the rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportSort {
    pub measure: ReportMeasure,
    #[serde(default)]
    pub descending: bool,
}

/// What a report asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_query", skip_on_field_errors = false))]
pub struct ReportQuery {
    /// At most two; none: one row with everything.
    #[serde(default)]
    #[validate(length(max = 2))]
    pub rows: Vec<ReportDimension>,
    #[serde(default)]
    pub column: Option<ReportDimension>,
    /// Each once.
    #[validate(length(min = 1, max = 8))]
    pub measures: Vec<ReportMeasure>,
    /// A period named by its place to today, in place of `from` and `to`. Without any of them all orders count.
    #[serde(default)]
    pub period: Option<ReportPeriod>,
    #[serde(default)]
    pub from: Option<Date>,
    #[serde(default)]
    pub to: Option<Date>,
    /// A tree of `and`, `or` and `not` over fields of orders, also those of their customers (`customer.region`) and products
    /// (`product.category`): of the products the lines that fulfil it count.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::filter::FilterTree>))]
    pub filter: Option<Value>,
    /// Needs a period with a first and a last day.
    #[serde(default)]
    pub compare: Option<ReportCompare>,
    /// Without it rows stand in the order of what they are: days by date, choices by rank, others by name.
    #[serde(default)]
    pub sort: Option<ReportSort>,
    /// The first so many rows by `sort` (without it by the first measure, the largest first); the others become one row.
    #[serde(default)]
    #[validate(range(min = 1, max = 100))]
    pub top: Option<i64>,
}

/// What people set of a saved report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportInput {
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    /// Colleagues who may read reports see it too; each sees the figures that they may see.
    #[serde(default)]
    pub shared: bool,
    #[serde(default = "bars")]
    pub chart: ReportChart,
    #[validate(nested)]
    pub query: ReportQuery,
}

const fn bars() -> ReportChart {
    ReportChart::Bar
}

/// A saved report as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    pub id: ReportId,
    pub version: i64,
    pub owner_id: UserId,
    pub owner_name: String,
    /// Belongs to the caller.
    pub mine: bool,
    /// Stands on the caller's start page.
    pub pinned: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: ReportInput,
}

/// What a report is to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportPin {
    pub pinned: bool,
}

/// A report as a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportExport {
    pub format: ExportFormat,
    #[validate(nested)]
    pub query: ReportQuery,
}

/// What a report answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportResult {
    /// The days that were looked at.
    pub range: DayRange,
    /// The days that they are compared with.
    pub before: Option<DayRange>,
    /// The filter that lists the orders behind the whole report (`POST /orders/search`); those behind a cell fulfil that of its row
    /// and that of its column as well.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::filter::FilterTree))]
    pub filter: Value,
    pub rows: Vec<ReportRow>,
    /// Empty without a column dimension.
    pub columns: Vec<ReportColumn>,
    /// Over everything, in the order of the measures. Counts of orders and customers, averages and rates are those of the whole, not sums of
    /// the rows'.
    pub totals: Vec<ReportFigure>,
}

/// A row: its place in each row dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportRow {
    /// One for each row dimension; none in the row of the others.
    pub keys: Vec<ReportKey>,
    /// What is left beside the first rows.
    pub others: bool,
    /// `null` for others that no filter could name.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::filter::FilterTree>))]
    pub filter: Option<Value>,
    /// Over all columns, in the order of the measures.
    pub figures: Vec<ReportFigure>,
    /// For each column its figures; empty without a column dimension.
    pub cells: Vec<Vec<ReportFigure>>,
}

/// A column and its totals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportColumn {
    #[serde(flatten)]
    pub key: ReportKey,
    #[cfg_attr(feature = "openapi", schema(value_type = crate::filter::FilterTree))]
    pub filter: Value,
    pub figures: Vec<ReportFigure>,
}

/// A place in a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportKey {
    /// An id, code or word; of time its first day. `null`: the order, customer or line names none.
    pub value: Option<String>,
    /// What people read, in the caller's language.
    pub label: String,
}

impl ReportQuery {
    /// The dimensions from left to right, the column's last.
    pub fn dimensions(&self) -> impl Iterator<Item = ReportDimension> {
        self.rows.iter().copied().chain(self.column)
    }

    /// The first and last day that it looks at.
    pub fn range(&self, today: Date) -> DayRange {
        match self.period {
            Some(period) => period.days(today),
            None => DayRange {
                from: self.from,
                to: self.to,
            },
        }
    }

    /// By what the rows are chosen and sorted, if not by what they are.
    pub fn order(&self) -> Option<ReportSort> {
        let first = || {
            Some(ReportSort {
                measure: *self.measures.first()?,
                descending: true,
            })
        };
        self.sort.or_else(|| self.top.and_then(|_| first()))
    }
}

fn check_query(query: &ReportQuery) -> Result<(), ValidationError> {
    let at = |code: &'static str, field: &'static str| {
        let mut error = ValidationError::new(code);
        error.add_param("field".into(), &field);
        Err(error)
    };
    let twice = |i: usize, dimension: &ReportDimension| query.rows[..i].contains(dimension);
    if query.rows.iter().enumerate().any(|(i, d)| twice(i, d)) {
        return at("once", "rows");
    }
    if query.column.is_some_and(|d| query.rows.contains(&d)) {
        return at("once", "column");
    }
    let measures = query.measures.iter().enumerate();
    if measures
        .clone()
        .any(|(i, m)| query.measures[..i].contains(m))
    {
        return at("once", "measures");
    }
    if query.period.is_some() && (query.from.is_some() || query.to.is_some()) {
        return at("one_period", "period");
    }
    if matches!((query.from, query.to), (Some(from), Some(to)) if from > to) {
        return at("order", "to");
    }
    let bounded = query.period.is_some() || (query.from.is_some() && query.to.is_some());
    if query.compare.is_some() && !bounded {
        return at("needs_period", "compare");
    }
    if query.top.is_some() && query.rows.is_empty() {
        return at("needs_rows", "top");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Lang, Rules};

    #[test]
    fn what_makes_no_sense_is_told_where_it_is() {
        for (query, wrong) in [
            (json!({"rows": ["month"], "measures": ["sales"]}), None),
            (
                json!({"measures": ["sales"], "rows": ["month", "month"]}),
                Some(("/rows", "once")),
            ),
            (
                json!({"measures": ["sales"], "rows": ["month"], "column": "month"}),
                Some(("/column", "once")),
            ),
            (json!({"measures": []}), Some(("/measures", "length"))),
            (
                json!({"measures": ["sales", "sales"]}),
                Some(("/measures", "once")),
            ),
            (
                json!({"measures": ["sales"], "period": "this_year", "from": "2026-01-01"}),
                Some(("/period", "one_period")),
            ),
            (
                json!({"measures": ["sales"], "from": "2026-02-01", "to": "2026-01-01"}),
                Some(("/to", "order")),
            ),
            (
                json!({"measures": ["sales"], "compare": "before"}),
                Some(("/compare", "needs_period")),
            ),
            (
                json!({"measures": ["sales"], "top": 5}),
                Some(("/top", "needs_rows")),
            ),
            (
                json!({"measures": ["sales"], "rows": ["month"], "top": 101}),
                Some(("/top", "range")),
            ),
        ] {
            let read: ReportQuery = serde_json::from_value(query.clone()).expect("the shape");
            let problems = read.problems(Lang::En);
            let found = problems
                .first()
                .map(|p| (p.pointer.as_str(), p.code.as_str()));
            assert_eq!(found, wrong, "{query}");
        }
    }
}
