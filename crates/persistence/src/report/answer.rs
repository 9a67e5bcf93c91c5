//! The figures of a report put into rows and columns, each with the filter that lists its orders.

use guanxi_domain::order::IN_REPORTS;
use guanxi_domain::report::{
    Facts, ReportColumn, ReportDimension, ReportFigure, ReportKey, ReportMeasure, ReportResult,
    ReportRow,
};
use serde_json::{Value as Json, json};

use super::facts::{Keys, too_large};
use super::labels::Labels;
use super::run::{Figures, Plan};
use crate::Result;

/// Tests of the filter that names the others, at most: a list takes no more than a hundred.
const MOST_TESTS: usize = 60;

/// The filter that lists all orders of the report.
fn filter(plan: &Plan<'_>) -> Json {
    let mut all = vec![json!({"field": IN_REPORTS, "op": "eq", "value": true})];
    for (day, op) in [(plan.range.from, "ge"), (plan.range.to, "le")] {
        let test = |day| json!({"field": "ordered_at", "op": op, "value": day});
        all.extend(day.map(test));
    }
    all.extend(plan.query.filter.clone());
    json!({ "and": all })
}

/// The filter that lists the orders of a row.
pub(super) fn row_filter(dimensions: &[ReportDimension], keys: &Keys) -> Json {
    let keys = dimensions.iter().zip(keys);
    let tests: Vec<Json> = keys.map(|(d, key)| d.test(key.as_deref())).collect();
    json!({ "and": tests })
}

/// The filter that lists the orders of no row; `None` where it would name too many, or where an order may be in several rows.
fn others_filter(dimensions: &[ReportDimension], rows: &[Keys]) -> Option<Json> {
    let of_lines = dimensions.iter().any(|d| d.is_of_lines());
    if of_lines || rows.len() * dimensions.len() > MOST_TESTS {
        return None;
    }
    let rows = rows.iter().map(|keys| row_filter(dimensions, keys));
    Some(json!({"not": {"or": rows.collect::<Vec<_>>()}}))
}

/// What is known of a report, to be put into rows.
pub(super) struct Answer<'a> {
    pub plan: &'a Plan<'a>,
    pub labels: Labels,
    pub present: Figures,
    pub before: Option<Figures>,
    pub columns: Vec<Option<String>>,
}

impl Answer<'_> {
    pub fn result(self, rows: Vec<Keys>, others: bool) -> Result<ReportResult> {
        let dimensions = &self.plan.query.rows;
        let mut answered = Vec::with_capacity(rows.len() + 1);
        for keys in &rows {
            let key = |(d, key): (&ReportDimension, &Option<String>)| self.key(*d, key.clone());
            answered.push(ReportRow {
                keys: dimensions.iter().zip(keys).map(key).collect(),
                others: false,
                filter: Some(row_filter(dimensions, keys)),
                figures: self.measured(|f| f.rows.get(keys).copied())?,
                cells: self
                    .cells(|f, column| f.cells.get(&(keys.clone(), column.clone())).copied())?,
            });
        }
        if others {
            answered.push(ReportRow {
                keys: Vec::new(),
                others: true,
                filter: others_filter(dimensions, &rows),
                figures: self.measured(|f| Some(f.others))?,
                cells: self.cells(|f, column| f.other_cells.get(column).copied())?,
            });
        }
        let column = |key: &Option<String>| -> Result<Option<ReportColumn>> {
            let Some(dimension) = self.plan.query.column else {
                return Ok(None);
            };
            Ok(Some(ReportColumn {
                key: self.key(dimension, key.clone()),
                filter: dimension.test(key.as_deref()),
                figures: self.measured(|f| f.columns.get(key).copied())?,
            }))
        };
        let columns: Vec<_> = self.columns.iter().map(column).collect::<Result<_>>()?;
        Ok(ReportResult {
            range: self.plan.range,
            before: self.plan.before,
            filter: filter(self.plan),
            rows: answered,
            columns: columns.into_iter().flatten().collect(),
            totals: self.measured(|f| Some(f.total))?,
        })
    }

    fn key(&self, dimension: ReportDimension, value: Option<String>) -> ReportKey {
        ReportKey {
            label: self.labels.label(dimension, value.as_deref()),
            value,
        }
    }

    fn cells(
        &self,
        facts: impl Fn(&Figures, &Option<String>) -> Option<Facts>,
    ) -> Result<Vec<Vec<ReportFigure>>> {
        let columns = self.columns.iter();
        columns
            .map(|column| self.measured(|f| facts(f, column)))
            .collect()
    }

    /// The figures of all measures; where there are no facts, of nothing.
    fn measured(&self, facts: impl Fn(&Figures) -> Option<Facts>) -> Result<Vec<ReportFigure>> {
        let present = facts(&self.present).unwrap_or_default();
        let before = self.before.as_ref().map(|f| facts(f).unwrap_or_default());
        let measures = self.plan.query.measures.iter();
        measures
            .map(|measure: &ReportMeasure| {
                let figure = present.figure(*measure, before.as_ref());
                figure.map_err(|_| too_large())
            })
            .collect()
    }
}
