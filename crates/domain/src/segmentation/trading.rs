//! 交易分析: what each customer, type, product, region or period contributes.
//!
//! Gross margin rate = margin ÷ sales; stock turnover = sales ÷ mean stock held (both at sales value or both at cost: the caller's
//! choice, the same for all); cross ratio 交叉比率 = margin rate × turnover; contribution = cross ratio × sales.

use serde::{Deserialize, Serialize};

use super::numbers::{quotient, real};
use crate::report::{DayRange, ReportDimension, ReportKey};
use crate::{Date, Money};

choice! {
    /// What rows are ranked by.
    pub enum TradingMeasure {
        Sales = "sales", "销售额", "Sales";
        Growth = "growth", "增长率", "Growth";
        Margin = "margin", "毛利", "Margin";
        MarginRate = "margin_rate", "毛利率", "Gross margin rate";
        Turnover = "turnover", "库存周转率", "Stock turnover";
        CrossRatio = "cross_ratio", "交叉比率", "Cross ratio";
        Contribution = "contribution", "贡献度", "Contribution";
    }
}

choice! {
    /// What is compared with what.
    pub enum TradingDimension {
        CustomerType = "customer_type", "客户类型", "Customer types";
        Region = "region", "地区", "Regions";
        Customer = "customer", "客户", "Customers";
        Category = "category", "产品类别", "Product categories";
        Product = "product", "产品", "Products";
        Month = "month", "月份", "Months";
    }
}

impl TradingDimension {
    /// The dimension of reports that it is.
    pub const fn dimension(self) -> ReportDimension {
        match self {
            Self::CustomerType => ReportDimension::CustomerType,
            Self::Region => ReportDimension::Region,
            Self::Customer => ReportDimension::Customer,
            Self::Category => ReportDimension::Category,
            Self::Product => ReportDimension::Product,
            Self::Month => ReportDimension::Month,
        }
    }

    /// What one looks at next: from types and regions to customers, from categories and customers to products.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::CustomerType | Self::Region => Some(Self::Customer),
            Self::Customer | Self::Category => Some(Self::Product),
            Self::Product | Self::Month => None,
        }
    }
}

/// How many rows an analysis has, the largest sales first; the others are one row.
pub const MOST_ROWS: i64 = 100;

/// What an analysis asks.
#[derive(Clone, Debug, PartialEq)]
pub struct TradingQuery {
    pub by: TradingDimension,
    pub measure: TradingMeasure,
    pub from: Date,
    pub to: Date,
    /// Only of these: a dimension and its key, `None` for orders and lines that name none.
    pub within: Vec<(TradingDimension, Option<String>)>,
}

/// What each of them contributes in a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TradingAnalysis {
    pub by: TradingDimension,
    pub measure: TradingMeasure,
    pub range: DayRange,
    /// The days that growth counts from.
    pub before: DayRange,
    /// Of all of them.
    pub sales: Money,
    pub sales_before: Money,
    pub margin: Money,
    /// Whether stock is known. Without it turnover, cross ratio and contribution are `null`.
    pub stock_known: bool,
    /// The largest of the measure first.
    pub items: Vec<TradingItem>,
    /// The filter that lists the orders behind all of it.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::filter::FilterTree))]
    pub filter: serde_json::Value,
}

/// One of them in its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TradingItem {
    /// 1 for the first; `null` for what is left beside those listed, which comes last.
    pub rank: Option<i64>,
    pub key: ReportKey,
    pub sales_before: Money,
    #[serde(flatten)]
    pub figures: TradingFigures,
    /// The filter that lists the orders behind it, together with that of the whole; `null` where none can.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::filter::FilterTree>))]
    pub filter: Option<serde_json::Value>,
}

/// What is known of a row, in the period and in the one that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradingInput<K> {
    pub key: K,
    /// Net of returns.
    pub sales: Money,
    pub sales_before: Money,
    pub margin: Money,
    /// Mean value of the stock held in the period; `None` where stock is not known or means nothing (a customer).
    pub mean_stock: Option<Money>,
}

/// The figures of a row.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TradingFigures {
    pub sales: Money,
    pub margin: Money,
    /// Of the net sales of all rows, 0 to 1; `null` when those are not positive.
    pub share: Option<f64>,
    /// (sales − before) ÷ before; `null` without sales before.
    pub growth: Option<f64>,
    /// margin ÷ sales; `null` without sales.
    pub margin_rate: Option<f64>,
    /// sales ÷ mean stock; `null` without stock.
    pub turnover: Option<f64>,
    /// margin rate × turnover.
    pub cross_ratio: Option<f64>,
    /// cross ratio × sales, minor units.
    pub contribution: Option<f64>,
    /// Of the positive contributions of all rows, 0 to 1.
    pub contribution_share: Option<f64>,
}

/// A row in its place. The place in the list is the rank, less one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TradingRow<K> {
    pub key: K,
    pub figures: TradingFigures,
}

/// The figures of every row, the largest of the measure first; rows without it last; equal ones by key.
pub fn analyse<K: Copy + Ord>(
    rows: &[TradingInput<K>],
    measure: TradingMeasure,
) -> Vec<TradingRow<K>> {
    let total: i128 = rows.iter().map(|row| i128::from(row.sales.0)).sum();
    let mut placed: Vec<_> = rows
        .iter()
        .map(|row| TradingRow {
            key: row.key,
            figures: figures(row, total),
        })
        .collect();
    placed.sort_by(|a, b| {
        let value = |row: &TradingRow<K>| row.figures.value(measure);
        let order = match (value(a), value(b)) {
            (Some(a), Some(b)) => b.total_cmp(&a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        order.then_with(|| a.key.cmp(&b.key))
    });
    let contributions = || placed.iter().filter_map(|row| row.figures.contribution);
    let positive: f64 = contributions().filter(|c| *c > 0.0).sum();
    for row in &mut placed {
        row.figures.contribution_share = row
            .figures
            .contribution
            .filter(|_| positive > 0.0)
            .and_then(|contribution| quotient(contribution, positive));
    }
    placed
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a total beyond 2^53 is rounded to 16 digits"
)]
fn figures<K>(row: &TradingInput<K>, total: i128) -> TradingFigures {
    let (sales, before, margin) = (
        real(row.sales.0),
        real(row.sales_before.0),
        real(row.margin.0),
    );
    let margin_rate = quotient(margin, sales).filter(|_| row.sales.0 > 0);
    let turnover = row
        .mean_stock
        .filter(|stock| stock.0 > 0)
        .and_then(|stock| quotient(sales, real(stock.0)));
    let cross_ratio = margin_rate
        .zip(turnover)
        .map(|(rate, turnover)| rate * turnover);
    TradingFigures {
        sales: row.sales,
        margin: row.margin,
        share: quotient(sales, total as f64).filter(|_| total > 0),
        growth: quotient(sales - before, before).filter(|_| row.sales_before.0 > 0),
        margin_rate,
        turnover,
        cross_ratio,
        contribution: cross_ratio.map(|ratio| ratio * sales),
        contribution_share: None,
    }
}

impl TradingFigures {
    fn value(&self, measure: TradingMeasure) -> Option<f64> {
        match measure {
            TradingMeasure::Sales => Some(real(self.sales.0)),
            TradingMeasure::Growth => self.growth,
            TradingMeasure::Margin => Some(real(self.margin.0)),
            TradingMeasure::MarginRate => self.margin_rate,
            TradingMeasure::Turnover => self.turnover,
            TradingMeasure::CrossRatio => self.cross_ratio,
            TradingMeasure::Contribution => self.contribution,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(
        key: i32,
        sales: i64,
        before: i64,
        margin: i64,
        stock: Option<i64>,
    ) -> TradingInput<i32> {
        TradingInput {
            key,
            sales: Money(sales),
            sales_before: Money(before),
            margin: Money(margin),
            mean_stock: stock.map(Money),
        }
    }

    #[test]
    fn figures_follow_their_formulas() {
        let rows = [
            row(1, 1_000, 800, 300, Some(250)),
            row(2, 3_000, 0, 300, Some(1_000)),
        ];
        let placed = analyse(&rows, TradingMeasure::Contribution);
        let first = placed[0].figures;
        assert_eq!(placed[0].key, 1, "1,200 against 900");
        assert_eq!(first.share, Some(0.25));
        assert_eq!(first.growth, Some(0.25));
        assert_eq!(first.margin_rate, Some(0.3));
        assert_eq!(first.turnover, Some(4.0));
        assert!(first.cross_ratio.is_some_and(|r| (r - 1.2).abs() < 1e-12));
        assert!(
            first
                .contribution
                .is_some_and(|c| (c - 1_200.0).abs() < 1e-9)
        );
        assert_eq!(placed[1].figures.growth, None);
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        let rows = [row(1, 0, 0, 0, None), row(2, -50, 100, -20, Some(0))];
        for placed in analyse(&rows, TradingMeasure::MarginRate) {
            let figures = placed.figures;
            assert_eq!(
                (
                    figures.share,
                    figures.margin_rate,
                    figures.turnover,
                    figures.contribution
                ),
                (None, None, None, None)
            );
        }
    }
}
