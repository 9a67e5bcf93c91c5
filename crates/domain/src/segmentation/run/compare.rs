//! Two runs side by side: who moved where.

use serde::{Deserialize, Serialize};

use super::super::churn::ChurnLevel;
use super::super::lifecycle::LifecycleStage;
use super::super::rfm::{RfmGroup, RfmSegment};
use crate::{CustomerId, Date, Money, Proportion, SegmentationRunId};

choice! {
    /// What customers move in.
    pub enum MoveDimension {
        RfmSegment = "rfm_segment", "RFM 细分", "RFM segment";
        RfmGroup = "rfm_group", "RFM 分组", "RFM group";
        LifecycleStage = "lifecycle_stage", "生命周期", "Lifecycle stage";
        ChurnLevel = "churn_level", "流失风险等级", "Churn level";
    }
}

/// Which run another one is compared with, and in what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparisonInput {
    /// The run before it if left out.
    pub with: Option<SegmentationRunId>,
    pub dimension: MoveDimension,
}

/// Two runs compared, over the customers that are in both and that the caller may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunComparison {
    pub run_id: SegmentationRunId,
    pub as_of: Date,
    /// The run that it is compared with.
    pub with_id: SegmentationRunId,
    pub with_as_of: Date,
    /// In both runs.
    pub customers: i64,
    /// Lifetime value of them in the run that it is compared with.
    pub value_before: Money,
    pub value: Money,
    /// Those that moved, and those that stayed (`from` is `to`): only pairs with customers, as in the lists below.
    pub rfm_segments: Vec<Transition<RfmSegment>>,
    pub rfm_groups: Vec<Transition<RfmGroup>>,
    pub lifecycle_stages: Vec<Transition<LifecycleStage>>,
    pub churn_levels: Vec<Transition<ChurnLevel>>,
}

/// How many customers went from one class to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Transition<C> {
    /// A word of the class; `null`: was in none.
    // The document cannot say of a parameter's type that it may be absent.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub from: Option<C>,
    /// A word of the class; `null`: is in none.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub to: Option<C>,
    pub customers: i64,
    /// Their lifetime value, as it is now.
    pub value: Money,
}

/// A customer who moved between two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MovedCustomer {
    pub customer_id: CustomerId,
    pub code: String,
    pub name: String,
    pub previous_rfm_segment: Option<RfmSegment>,
    pub rfm_segment: Option<RfmSegment>,
    pub previous_rfm_group: Option<RfmGroup>,
    pub rfm_group: Option<RfmGroup>,
    pub previous_lifecycle_stage: LifecycleStage,
    pub lifecycle_stage: LifecycleStage,
    pub previous_churn_level: Option<ChurnLevel>,
    pub churn_level: Option<ChurnLevel>,
    pub previous_lifetime_value: Option<Money>,
    pub lifetime_value: Option<Money>,
    pub previous_churn_risk: Option<Proportion>,
    pub churn_risk: Option<Proportion>,
}
