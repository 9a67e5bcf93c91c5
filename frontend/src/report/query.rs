//! A report in the address: each part a parameter, so that links and "back" carry the whole view.

use std::str::FromStr;

use guanxi_domain::report::{
    ReportChart, ReportDimension, ReportMeasure, ReportPeriod, ReportQuery, ReportSort,
};
use guanxi_domain::{Date, ReportId};
use serde_json::Value;

use crate::nav::UrlQuery;

/// What the page shows, besides the figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub query: ReportQuery,
    pub chart: ReportChart,
    /// The saved report that was opened.
    pub report: Option<String>,
}

fn words<T: FromStr>(text: Option<String>) -> Vec<T> {
    let text = text.unwrap_or_default();
    text.split(',')
        .filter_map(|word| word.parse().ok())
        .collect()
}

fn joined(words: impl Iterator<Item = &'static str>) -> String {
    words.collect::<Vec<_>>().join(",")
}

impl Shown {
    /// What the address says. Reactive.
    pub fn of(url: UrlQuery) -> Self {
        let one = |name: &str| url.get(name);
        let mut rows: Vec<ReportDimension> = words(one("rows"));
        rows.truncate(2);
        rows.dedup();
        let column: Option<ReportDimension> = words(one("column")).first().copied();
        let mut measures: Vec<ReportMeasure> = Vec::new();
        for measure in words(one("measures")) {
            if !measures.contains(&measure) {
                measures.push(measure);
            }
        }
        if measures.is_empty() {
            measures.push(ReportMeasure::Sales);
        }
        let period: Option<ReportPeriod> = words(one("period")).first().copied();
        let day = |name: &str| -> Option<Date> { one(name)?.parse().ok() };
        let days = (day("from"), day("to"));
        let (from, to) = if period.is_some() { (None, None) } else { days };
        let bounded = period.is_some() || (from.is_some() && to.is_some());
        let sort = one("by").and_then(|text| {
            let word = text.strip_prefix('-');
            Some(ReportSort {
                measure: word.unwrap_or(&text).parse().ok()?,
                descending: word.is_some(),
            })
        });
        let query = ReportQuery {
            column: column.filter(|column| !rows.contains(column)),
            top: one("top")
                .and_then(|text| text.parse().ok())
                .filter(|top| !rows.is_empty() && (1..=100).contains(top)),
            rows,
            measures,
            period,
            from,
            to,
            filter: one("filter").and_then(|text| serde_json::from_str(&text).ok()),
            compare: words(one("compare")).first().copied().filter(|_| bounded),
            sort,
        };
        Self {
            query,
            chart: words(one("chart"))
                .first()
                .copied()
                .unwrap_or(ReportChart::Bar),
            report: one("report"),
        }
    }

    /// The parameters that say it; an empty one goes.
    pub fn parameters(&self) -> Vec<(&'static str, Option<String>)> {
        let query = &self.query;
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        vec![
            ("report", self.report.clone()),
            ("rows", Some(joined(query.rows.iter().map(|d| d.as_str())))),
            ("column", query.column.map(|d| d.to_string())),
            (
                "measures",
                Some(joined(query.measures.iter().map(|m| m.as_str()))),
            ),
            ("period", query.period.map(|p| p.to_string())),
            ("from", day(query.from)),
            ("to", day(query.to)),
            (
                "filter",
                query
                    .filter
                    .as_ref()
                    .filter(|f| !f.is_null())
                    .map(Value::to_string),
            ),
            ("compare", query.compare.map(|c| c.to_string())),
            (
                "by",
                query.sort.map(|sort| {
                    let sign = if sort.descending { "-" } else { "" };
                    format!("{sign}{}", sort.measure)
                }),
            ),
            ("top", query.top.map(|top| top.to_string())),
            ("chart", Some(self.chart.to_string())),
        ]
    }

    /// Where the page shows it.
    pub fn address(&self) -> String {
        let parameters = self.parameters().into_iter();
        let pairs: Vec<String> = parameters
            .filter_map(|(name, value)| {
                let value = value.filter(|value| !value.is_empty())?;
                Some(format!("{name}={}", encoded(&value)))
            })
            .collect();
        format!("/reports/view?{}", pairs.join("&"))
    }
}

/// Where a saved report is shown.
pub fn address_of(id: Option<ReportId>, query: &ReportQuery, chart: ReportChart) -> String {
    let shown = Shown {
        query: query.clone(),
        chart,
        report: id.map(|id| id.to_string()),
    };
    shown.address()
}

/// Where the orders are listed that fulfil all of these filters.
pub fn orders_address(filters: &[&Value]) -> String {
    let mut all: Vec<Value> = Vec::new();
    for filter in filters {
        // Flat, so that the list shows each condition by itself.
        match filter.get("and").and_then(Value::as_array) {
            Some(parts) => all.extend(parts.iter().cloned()),
            None => all.push((*filter).clone()),
        }
    }
    let tree = serde_json::json!({ "and": all });
    format!("/orders?filter={}", encoded(&tree.to_string()))
}

fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}
