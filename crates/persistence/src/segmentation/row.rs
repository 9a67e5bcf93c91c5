//! A customer's scores as they are kept.

use guanxi_domain::segmentation::churn::ChurnLevel;
use guanxi_domain::segmentation::lifecycle::{LifecycleStage, StageReason};
use guanxi_domain::segmentation::lifetime::ValueMethod;
use guanxi_domain::segmentation::rfm::{RfmGroup, RfmSegment};
use guanxi_domain::segmentation::run::CustomerScores;
use guanxi_domain::{CustomerId, Money, Proportion, Quantity};

use crate::schema::segmentation_scores;

/// Without the keys.
#[derive(Clone, Debug, PartialEq, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = segmentation_scores, treat_none_as_default_value = false)]
pub(crate) struct ScoreRow {
    pub rfm_segment: Option<RfmSegment>,
    pub rfm_group: Option<RfmGroup>,
    pub recency_score: Option<i32>,
    pub frequency_score: Option<i32>,
    pub monetary_score: Option<i32>,
    pub recency_days: Option<i32>,
    pub frequency: Option<i32>,
    pub monetary: Option<Money>,
    pub lifecycle_stage: LifecycleStage,
    pub stage_reason: StageReason,
    pub probability_active: Option<Proportion>,
    pub expected_purchases: Option<Quantity>,
    pub average_value: Option<Money>,
    pub lifetime_value: Option<Money>,
    pub value_method: Option<ValueMethod>,
    pub churn_risk: Option<Proportion>,
    pub churn_level: Option<ChurnLevel>,
}

impl From<ScoreRow> for CustomerScores {
    fn from(row: ScoreRow) -> Self {
        Self {
            rfm_segment: row.rfm_segment,
            rfm_group: row.rfm_group,
            recency_score: row.recency_score,
            frequency_score: row.frequency_score,
            monetary_score: row.monetary_score,
            recency_days: row.recency_days,
            frequency: row.frequency,
            monetary: row.monetary,
            lifecycle_stage: row.lifecycle_stage,
            stage_reason: row.stage_reason,
            probability_active: row.probability_active,
            expected_purchases: row.expected_purchases,
            average_value: row.average_value,
            lifetime_value: row.lifetime_value,
            value_method: row.value_method,
            churn_risk: row.churn_risk,
            churn_level: row.churn_level,
        }
    }
}

impl From<CustomerScores> for ScoreRow {
    fn from(scores: CustomerScores) -> Self {
        Self {
            rfm_segment: scores.rfm_segment,
            rfm_group: scores.rfm_group,
            recency_score: scores.recency_score,
            frequency_score: scores.frequency_score,
            monetary_score: scores.monetary_score,
            recency_days: scores.recency_days,
            frequency: scores.frequency,
            monetary: scores.monetary,
            lifecycle_stage: scores.lifecycle_stage,
            stage_reason: scores.stage_reason,
            probability_active: scores.probability_active,
            expected_purchases: scores.expected_purchases,
            average_value: scores.average_value,
            lifetime_value: scores.lifetime_value,
            value_method: scores.value_method,
            churn_risk: scores.churn_risk,
            churn_level: scores.churn_level,
        }
    }
}

/// A row as it is inserted.
#[derive(Clone, Debug, diesel::Insertable)]
#[diesel(table_name = segmentation_scores, treat_none_as_default_value = false)]
pub(super) struct NewRow {
    pub run: i64,
    pub customer_id: CustomerId,
    #[diesel(embed)]
    pub scores: ScoreRow,
}
