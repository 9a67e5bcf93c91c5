//! Trading analysis: what each customer, type, product, region or month contributes, from the same sums as reports.

use std::collections::HashMap;

use guanxi_domain::Money;
use guanxi_domain::report::{
    ReportCompare, ReportFigure, ReportKey, ReportMeasure, ReportQuery, ReportRow, ReportSort,
};
use guanxi_domain::segmentation::trading::{
    MOST_ROWS, TradingAnalysis, TradingInput, TradingItem, TradingQuery, analyse,
};
use serde_json::json;

use self::held::Held;
use crate::report::{self, Asker};
use crate::{AnyConnection, Error, Result};

mod held;

/// Analyses the sales that somebody may see, against the stock held. To be called on a snapshot.
pub fn trading(
    connection: &mut AnyConnection,
    asker: &Asker<'_>,
    query: &TradingQuery,
    minor_digits: u8,
) -> Result<TradingAnalysis> {
    let within = query.within.iter();
    let within: Vec<_> = within
        .map(|(of, key)| of.dimension().test(key.as_deref()))
        .collect();
    let sums = ReportQuery {
        rows: vec![query.by.dimension()],
        column: None,
        measures: vec![ReportMeasure::Sales, ReportMeasure::Margin],
        period: None,
        from: Some(query.from),
        to: Some(query.to),
        filter: (!within.is_empty()).then(|| json!({ "and": within })),
        compare: Some(ReportCompare::Before),
        sort: Some(ReportSort {
            measure: ReportMeasure::Sales,
            descending: true,
        }),
        top: Some(MOST_ROWS),
    };
    let result = report::run(connection, asker, &sums)?;
    let stock = Held {
        asker,
        query,
        sums: &sums,
        minor_digits,
    };
    let (stock, stock_gap) = match stock.load(connection, &result.rows)? {
        Ok(stock) => (stock, None),
        Err(gap) => (HashMap::new(), Some(gap)),
    };
    let inputs: Vec<TradingInput<usize>> = result
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let (sales, sales_before) = amounts(&row.figures, 0);
            TradingInput {
                key: at,
                sales,
                sales_before,
                margin: amounts(&row.figures, 1).0,
                stock: key(row).and_then(|key| stock.get(key).copied()),
            }
        })
        .collect();
    let placed = analyse(&inputs, query.measure);
    let (others, named): (Vec<_>, Vec<_>) = placed
        .into_iter()
        .partition(|placed| result.rows[placed.key].others);
    let items = (1..).map(Some).zip(named);
    let items = items.chain(others.into_iter().map(|row| (None, row)));
    let items = items
        .map(|(rank, placed)| {
            let row = &result.rows[placed.key];
            TradingItem {
                rank,
                key: row.keys.first().cloned().unwrap_or_else(|| ReportKey {
                    value: None,
                    label: asker.lang.pick("其他", "Others").to_owned(),
                }),
                sales_before: inputs[placed.key].sales_before,
                figures: placed.figures,
                filter: row.filter.clone(),
            }
        })
        .collect();
    let (sales, sales_before) = amounts(&result.totals, 0);
    Ok(TradingAnalysis {
        by: query.by,
        measure: query.measure,
        range: result.range,
        before: result
            .before
            .ok_or_else(|| Error::Internal("a closed range has one before it".to_owned()))?,
        sales,
        sales_before,
        margin: amounts(&result.totals, 1).0,
        stock_known: stock_gap.is_none(),
        stock_gap,
        items,
        filter: result.filter,
    })
}

/// What names a row: the others and what has no name are nobody's.
fn key(row: &ReportRow) -> Option<&str> {
    let named = row.keys.first().filter(|_| !row.others);
    named?.value.as_deref()
}

/// The amount of a measure now and before.
fn amounts(figures: &[ReportFigure], measure: usize) -> (Money, Money) {
    let figure = figures.get(measure).copied().unwrap_or_default();
    let money = |value: Option<i64>| Money(value.unwrap_or_default());
    (money(figure.value), money(figure.before))
}
