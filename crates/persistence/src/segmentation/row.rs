//! A customer's scores as they are kept.

use guanxi_domain::segmentation::churn::ChurnLevel;
use guanxi_domain::segmentation::lifecycle::{LifecycleStage, StageReason};
use guanxi_domain::segmentation::lifetime::ValueMethod;
use guanxi_domain::segmentation::rfm::{RfmGroup, RfmSegment};
use guanxi_domain::segmentation::run::CustomerScores;
use guanxi_domain::{CustomerId, Money, Proportion, Quantity};

use crate::schema::{segmentation_scores, segmentation_values};

/// A row as it is read, without its keys, and as it is written.
macro_rules! rows {
    ($($column:ident: $kind:ty),+ $(,)?) => {
        #[derive(Clone, Debug, PartialEq, diesel::Queryable, diesel::Selectable)]
        #[diesel(table_name = segmentation_scores)]
        pub(crate) struct ScoreRow {
            $(pub $column: $kind,)+
        }

        impl From<ScoreRow> for CustomerScores {
            fn from(row: ScoreRow) -> Self {
                Self { $($column: row.$column,)+ }
            }
        }

        #[derive(Clone, Debug, diesel::Insertable)]
        #[diesel(table_name = segmentation_scores, treat_none_as_default_value = false)]
        pub(super) struct NewRow {
            run: i64,
            customer_id: CustomerId,
            $($column: $kind,)+
        }

        impl NewRow {
            pub fn new(run: i64, customer_id: CustomerId, scores: &CustomerScores) -> Self {
                Self { run, customer_id, $($column: scores.$column,)+ }
            }
        }
    };
}

rows! {
    rfm_segment: Option<RfmSegment>,
    rfm_group: Option<RfmGroup>,
    recency_score: Option<i32>,
    frequency_score: Option<i32>,
    monetary_score: Option<i32>,
    recency_days: Option<i32>,
    frequency: Option<i32>,
    monetary: Option<Money>,
    lifecycle_stage: LifecycleStage,
    stage_reason: StageReason,
    probability_active: Option<Proportion>,
    expected_purchases: Option<Quantity>,
    average_value: Option<Money>,
    lifetime_value: Option<Money>,
    value_if_active: Option<Money>,
    value_method: Option<ValueMethod>,
    churn_risk: Option<Proportion>,
    churn_level: Option<ChurnLevel>,
}

/// A customer in the order of the values.
#[derive(Clone, Debug, diesel::Insertable)]
#[diesel(table_name = segmentation_values, treat_none_as_default_value = false)]
pub(super) struct NewValue {
    pub run: i64,
    /// [`crate::list::LEAST`] where there is none.
    pub value: i64,
    pub customer_id: CustomerId,
}
