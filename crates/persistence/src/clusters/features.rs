//! What customers are described by, from the figures that are kept of them.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::metrics::CustomerMetrics;
use guanxi_domain::segmentation::kmeans::{
    ClusterGaps, Feature, FeatureGap, KMeansSettings, Table,
};
use guanxi_domain::segmentation::lifecycle::Course;
use guanxi_domain::{CustomerId, Date};

use crate::metrics::Row;
use crate::schema::{customer_metrics, customers};
use crate::{AnyConnection, Error, Result};

/// Customers in one read: bounds memory.
const BATCH: i64 = 10_000;

/// Customers with a purchase that are not put away, in the order of their ids.
pub struct Described {
    pub ids: Vec<CustomerId>,
    /// The features of each. What is not known of somebody is made up for as the settings say.
    pub table: Table,
    /// What was not known.
    pub gaps: ClusterGaps,
}

/// Reads the features of all. To be called on a snapshot.
pub fn read(
    connection: &mut AnyConnection,
    settings: &KMeansSettings,
    as_of: Date,
) -> Result<Described> {
    let features = &settings.features;
    let mut ids: Vec<CustomerId> = Vec::new();
    let mut known: Vec<f64> = Vec::new();
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
            let values = features.iter().map(|f| value(*f, &metrics, as_of));
            known.extend(values.map(|value| value.unwrap_or(f64::NAN)));
        }
    }
    let known = Table::new(known, features.len())
        .ok_or_else(|| Error::Internal("rows of another width".to_owned()))?;
    let lacking = features.iter().zip(known.gaps());
    let lacking: Vec<FeatureGap> = lacking
        .filter(|(_, customers)| *customers > 0)
        .map(|(feature, customers)| FeatureGap {
            feature: *feature,
            customers,
        })
        .collect();
    let (table, rows) = known.complete(settings.missing);
    let gaps = ClusterGaps {
        left_out: i64::try_from(ids.len() - rows.len()).unwrap_or(i64::MAX),
        features: lacking,
    };
    let ids = rows.into_iter().map(|row| ids[row]).collect();
    Ok(Described { ids, table, gaps })
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
        Feature::Growth => Course::of(metrics, as_of, None).growth(),
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
