//! What customers are described by, from the figures that are kept of them.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::metrics::CustomerMetrics;
use guanxi_domain::segmentation::kmeans::Feature;
use guanxi_domain::{CustomerId, Date};

use crate::metrics::Row;
use crate::schema::{customer_metrics, customers};
use crate::{AnyConnection, Result};

/// Customers in one read: bounds memory.
const BATCH: i64 = 10_000;

/// Customers with a purchase that are not put away, in the order of their ids.
pub struct Described {
    pub ids: Vec<CustomerId>,
    /// The features of each, one customer after the other. What is not known of somebody is the mean of those of whom it is.
    pub values: Vec<f64>,
}

/// Reads the features of all. To be called on a snapshot.
pub fn read(
    connection: &mut AnyConnection,
    features: &[Feature],
    as_of: Date,
) -> Result<Described> {
    let mut ids: Vec<CustomerId> = Vec::new();
    let mut known: Vec<Option<f64>> = Vec::new();
    loop {
        let after = ids.last().map(ToString::to_string).unwrap_or_default();
        let rows: Vec<(CustomerId, Row)> = customers::table
            .inner_join(customer_metrics::table)
            .filter(customers::id.gt(after))
            .filter(customers::archived_at.is_null())
            .filter(customer_metrics::order_days.gt(0))
            .order(customers::id)
            .limit(BATCH)
            .select((customers::id, Row::as_select()))
            .load(connection)?;
        if rows.is_empty() {
            break;
        }
        for (id, row) in rows {
            let metrics = row.into_metrics();
            ids.push(id);
            known.extend(features.iter().map(|f| value(*f, &metrics, as_of)));
        }
    }
    let values = filled(known, features.len());
    Ok(Described { ids, values })
}

/// A feature of a customer with a purchase; `None` where it is not known.
fn value(feature: Feature, metrics: &CustomerMetrics, as_of: Date) -> Option<f64> {
    let days_since = |day: Option<Date>| day.map(|day| f64::from(as_of.days() - day.days()));
    match feature {
        Feature::Recency => days_since(metrics.last_order_on),
        Feature::Tenure => days_since(metrics.first_order_on),
        Feature::Frequency => Some(real(metrics.order_days)),
        Feature::Monetary => Some(real(metrics.sales.0)),
        Feature::AverageOrder => metrics.average_order.map(|amount| real(amount.0)),
        Feature::Margin => Some(real(metrics.margin.0)),
        Feature::MeanGap => metrics.mean_gap_days.map(real),
        Feature::Growth => {
            let before = metrics.sales_365d_before.0;
            (before > 0).then(|| real(metrics.sales_365d.0) / real(before) - 1.0)
        }
        Feature::Returns => Some(real(metrics.returns.0)),
        Feature::Complaints => Some(real(metrics.complaints)),
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "amounts beyond 2^53 are rounded to 16 digits"
)]
const fn real(number: i64) -> f64 {
    number as f64
}

/// Puts the mean of what is known in the place of what is not, column by column.
fn filled(known: Vec<Option<f64>>, width: usize) -> Vec<f64> {
    let mean = |column: usize| {
        let mut values = 0.0;
        let mut sum = 0.0;
        for value in known.iter().skip(column).step_by(width).flatten() {
            values += 1.0;
            sum += value;
        }
        if values > 0.0 { sum / values } else { 0.0 }
    };
    let means: Vec<f64> = (0..width).map(mean).collect();
    known
        .iter()
        .enumerate()
        .map(|(index, value)| value.unwrap_or(means[index % width]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_the_mean_of_what_is() {
        let known = vec![Some(1.0), None, Some(3.0), Some(5.0), None, Some(7.0)];
        assert_eq!(filled(known, 2), [1.0, 6.0, 3.0, 5.0, 2.0, 7.0]);
        assert_eq!(filled(vec![None, None], 1), [0.0, 0.0]);
    }
}
