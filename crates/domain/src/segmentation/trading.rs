//! 交易分析: what each customer, type, product, region or period contributes.
//!
//! Gross margin rate = margin ÷ sales; stock turnover = sales ÷ mean stock held, both at cost, times a period (not a year);
//! cross ratio 交叉比率 = margin rate × turnover; contribution = cross ratio × sales.
//!
//! At cost, because that is how stock is valued: sales at cost are sales less margin, as the lines of orders kept it. Mean stock held is weighted
//! by time: Σ quantity × unit cost × days ÷ Σ days, over the part of the period in which levels are known, until today at most. It belongs to products:
//! a category's is that of its products added up, a month's that of all products in that month, and its sales at cost are those of products whose
//! stock is known. Customers, types and regions have none.

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

choice! {
    /// Why stock is not known.
    pub enum StockGap {
        /// Customers, types and regions are compared, or only their sales looked at.
        Customers = "customers", "库存属于产品，不属于客户", "Stock belongs to products, not to customers";
        /// The caller may not read stock.
        Hidden = "hidden", "没有查看库存的权限", "No right to read stock";
        /// The caller sees a part of the sales, and stock is that of the whole company.
        PartOfSales = "part_of_sales", "只能看到部分订单，而库存是全公司的", "Only a part of the orders is seen, and stock is that of the whole company";
        /// No level with a value in the period.
        NoLevels = "no_levels", "此时段没有库存数据", "No stock levels in this period";
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
    /// Whether stock is known of any row. Without it mean stock, turnover, cross ratio and contribution are `null`.
    pub stock_known: bool,
    /// Why it is not; `null` where it is.
    pub stock_gap: Option<StockGap>,
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

/// What is known of the stock behind a row, in the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StockInput {
    /// Mean value held, at cost.
    pub mean: Money,
    /// Net sales of the products that it is of.
    pub sales: Money,
    /// Those sales at cost.
    pub cost: Money,
}

/// What is known of a row, in the period and in the one that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradingInput<K> {
    pub key: K,
    /// Net of returns.
    pub sales: Money,
    pub sales_before: Money,
    pub margin: Money,
    /// `None` where stock is not known or means nothing (a customer).
    pub stock: Option<StockInput>,
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
    /// Mean value of the stock held, at cost, weighted by time; `null` where it is not known.
    pub mean_stock: Option<Money>,
    /// Sales at cost ÷ mean stock, in the period; `null` without stock, or without the costs of what was sold.
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
    let turnover = row.stock.and_then(turnover);
    let cross_ratio = margin_rate
        .zip(turnover)
        .map(|(rate, turnover)| rate * turnover);
    TradingFigures {
        sales: row.sales,
        margin: row.margin,
        share: quotient(sales, total as f64).filter(|_| total > 0),
        growth: quotient(sales - before, before).filter(|_| row.sales_before.0 > 0),
        margin_rate,
        mean_stock: row.stock.map(|stock| stock.mean),
        turnover,
        cross_ratio,
        contribution: cross_ratio.map(|ratio| ratio * sales),
        contribution_share: None,
    }
}

/// Sold without a cost: how often the stock was turned over is not known, which is something else than never.
fn turnover(stock: StockInput) -> Option<f64> {
    let known = stock.mean.0 > 0 && (stock.cost.0 > 0 || stock.sales.0 <= 0);
    quotient(real(stock.cost.0), real(stock.mean.0)).filter(|_| known)
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
            stock: stock.map(|mean| StockInput {
                mean: Money(mean),
                sales: Money(sales),
                cost: Money(sales - margin),
            }),
        }
    }

    #[test]
    fn figures_follow_their_formulas() {
        let rows = [
            row(1, 1_000, 800, 300, Some(175)),
            row(2, 3_000, 0, 300, Some(900)),
        ];
        let placed = analyse(&rows, TradingMeasure::Contribution);
        let first = placed[0].figures;
        assert_eq!(placed[0].key, 1, "1,200 against 900");
        assert_eq!(first.share, Some(0.25));
        assert_eq!(first.growth, Some(0.25));
        assert_eq!(first.margin_rate, Some(0.3));
        assert_eq!(first.turnover, Some(4.0), "700 at cost against 175");
        assert!(first.cross_ratio.is_some_and(|r| (r - 1.2).abs() < 1e-12));
        assert!(
            first
                .contribution
                .is_some_and(|c| (c - 1_200.0).abs() < 1e-9)
        );
        assert_eq!(placed[1].figures.growth, None);
    }

    #[test]
    fn stock_that_nobody_buys_is_turned_over_never() {
        let held = |sales: i64, cost: i64| TradingInput {
            stock: Some(StockInput {
                mean: Money(500),
                sales: Money(sales),
                cost: Money(cost),
            }),
            ..row(1, 1_000, 0, 300, None)
        };
        let turnover = |input| {
            analyse(&[input], TradingMeasure::Turnover)[0]
                .figures
                .turnover
        };
        assert_eq!(turnover(held(0, 0)), Some(0.0));
        assert_eq!(turnover(held(400, 250)), Some(0.5), "its own sales count");
        assert_eq!(turnover(held(400, 0)), None, "sold without a cost");
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
