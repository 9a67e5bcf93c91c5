//! The stock behind the rows of a trading analysis.

use std::collections::HashMap;

use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::report::{ReportQuery, ReportRow};
use guanxi_domain::segmentation::trading::{
    StockGap, StockInput, TradingDimension as By, TradingQuery,
};
use guanxi_domain::{Date, Money};

use super::{amounts, key};
use crate::condition::{Column, Op};
use crate::report::{self, Asker};
use crate::stock::{self, MeanBy, Means, Span};
use crate::{AnyConnection, Condition, Result, Value, Visibility};

const PRODUCT: Column = Column {
    table: "stock_levels",
    name: "product_id",
};

/// What stock is asked for.
pub(super) struct Held<'a> {
    pub asker: &'a Asker<'a>,
    pub query: &'a TradingQuery,
    /// What gave the rows.
    pub sums: &'a ReportQuery,
    pub minor_digits: u8,
}

impl Held<'_> {
    /// By the keys of the rows, those of which it is known; or why it is not.
    pub fn load(
        &self,
        connection: &mut AnyConnection,
        rows: &[ReportRow],
    ) -> Result<std::result::Result<HashMap<String, StockInput>, StockGap>> {
        let by = match self.by() {
            Ok(by) => by,
            Err(gap) => return Ok(Err(gap)),
        };
        let spans = self.spans(rows);
        let Some(end) = spans.iter().map(|span| span.end).max() else {
            return Ok(Err(StockGap::NoLevels));
        };
        let means = Means {
            by,
            spans,
            among: self.levels(rows, end),
        };
        let means = means.load(connection, self.minor_digits)?;
        let means = means.into_iter().filter_map(|(key, mean)| {
            let key = key?;
            let key = match by {
                MeanBy::Span => Date::from_days(key.parse().ok()?).to_string(),
                MeanBy::Product | MeanBy::Category => key,
            };
            Some((key, mean))
        });
        let means: HashMap<String, Money> = means.collect();
        if means.is_empty() {
            return Ok(Err(StockGap::NoLevels));
        }
        let sold = self.sold(connection, by, rows, end)?;
        let held = means.into_iter().map(|(key, mean)| {
            let (sales, cost) = sold.get(&key).copied().unwrap_or_default();
            (key, StockInput { mean, sales, cost })
        });
        Ok(Ok(held.collect()))
    }

    /// What the rows' stock is told apart by, if there is any to be told of.
    fn by(&self) -> std::result::Result<MeanBy, StockGap> {
        let of_customers = |by: By| matches!(by, By::CustomerType | By::Region | By::Customer);
        let by = match self.query.by {
            By::CustomerType | By::Region | By::Customer => return Err(StockGap::Customers),
            By::Category => MeanBy::Category,
            By::Product => MeanBy::Product,
            By::Month => MeanBy::Span,
        };
        if self.query.within.iter().any(|(of, _)| of_customers(*of)) {
            return Err(StockGap::Customers);
        }
        let actor = self.asker.actor;
        if !actor.permissions.allows(Module::Stock, Operation::Read) {
            return Err(StockGap::Hidden);
        }
        let sold = [Module::Reports, Module::Orders, Module::Customers];
        let sees_all = |m: &Module| actor.visibility(*m, Operation::Read) == Some(Visibility::All);
        if sold.iter().all(sees_all) {
            Ok(by)
        } else {
            Err(StockGap::PartOfSales)
        }
    }

    /// The period, or the part of each month that lies in it; until today.
    fn spans(&self, rows: &[ReportRow]) -> Vec<Span> {
        let (from, to) = (self.query.from, self.query.to);
        let end = to.min(self.asker.now.date()).plus_days(1);
        let whole = |name, first: Date, last: Date| Span {
            name,
            first: first.max(from),
            end: last.plus_days(1).min(end),
        };
        let month = |row: &ReportRow| {
            let dimension = By::Month.dimension();
            let name: Date = key(row)?.parse().ok()?;
            let (first, last) = dimension.bucket_days(dimension.bucket(name));
            Some(whole(name, first, last))
        };
        let spans: Vec<Span> = if self.query.by == By::Month {
            rows.iter().filter_map(month).collect()
        } else {
            vec![whole(from, from, to)]
        };
        let some = |span: &Span| span.first < span.end;
        spans.into_iter().filter(some).collect()
    }

    /// The levels of the products that the analysis looks at.
    fn levels(&self, rows: &[ReportRow], end: Date) -> Condition {
        let day = Column {
            name: "day",
            ..PRODUCT
        };
        let product = |name| Column {
            table: "products",
            name,
        };
        let mut all = Condition::Compare(day, Op::Lt, Value::Small(end.days()));
        if self.query.by == By::Product {
            let listed = rows.iter().filter_map(key);
            let listed = listed.map(|key| Value::Text(key.to_owned()));
            all = all.and(Condition::In(PRODUCT, listed.collect()));
        }
        for (of, key) in &self.query.within {
            let narrowed = match (of, key) {
                (By::Product, Some(id)) => Condition::is(PRODUCT, id.clone()),
                (By::Product, None) => Condition::Never,
                (By::Category, key) => {
                    let category = product("category");
                    let of_category = match key {
                        Some(code) => Condition::is(category, code.clone()),
                        None => Condition::IsNull(category),
                    };
                    Condition::InSelect(PRODUCT, product("id"), Box::new(of_category))
                }
                _ => Condition::Always,
            };
            all = all.and(narrowed);
        }
        all
    }

    /// Net sales, and those at cost, of products whose stock is known, by the keys of the rows.
    fn sold(
        &self,
        connection: &mut AnyConnection,
        by: MeanBy,
        rows: &[ReportRow],
        end: Date,
    ) -> Result<HashMap<String, (Money, Money)>> {
        if by == MeanBy::Product {
            return Ok(sums(rows));
        }
        let query = ReportQuery {
            compare: None,
            sort: None,
            top: None,
            ..self.sums.clone()
        };
        let line = Column {
            table: "order_lines",
            name: "product_id",
        };
        let known = stock::known_before(line, end);
        let found = report::run_among(connection, self.asker, &query, known)?;
        Ok(sums(&found.rows))
    }
}

/// Net sales, and those at cost, by key.
fn sums(rows: &[ReportRow]) -> HashMap<String, (Money, Money)> {
    let one = |row: &ReportRow| {
        let (sales, margin) = (amounts(&row.figures, 0).0, amounts(&row.figures, 1).0);
        let cost = Money(sales.0.saturating_sub(margin.0));
        Some((key(row)?.to_owned(), (sales, cost)))
    };
    rows.iter().filter_map(one).collect()
}
