//! A segmentation run: RFM, lifetime value, stage and churn risk of every customer on a day, kept so that each can be followed.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::churn::{ChurnLevel, ChurnSettings};
use super::lifecycle::{LifecycleSettings, LifecycleStage, StageReason};
use super::lifetime::{LifetimeSettings, ValueMethod};
use super::rfm::{RfmGroup, RfmSegment, RfmSettings};
use crate::{
    CustomerId, Date, Field, FieldKind, FieldSet, JobId, Money, Proportion, Quantity,
    SegmentationRunId, Timestamp, UserId,
};

mod figures;
mod purchases;
#[cfg(feature = "models")]
mod score;

pub use figures::{
    ChurnFigures, Decile, LifetimeFigures, MethodFigures, ModelReport, RfmCell, RfmClass,
    RfmFigures, RunFigures, Scored, StageFigures, Tally, ValueBin,
};
pub use purchases::{Frame, Purchases};
#[cfg(feature = "models")]
pub use score::{Results, score};

choice! {
    /// How far a run has come.
    pub enum RunState {
        Running = "running", "运行中", "Running";
        Done = "done", "已完成", "Done";
        Failed = "failed", "失败", "Failed";
    }
}

choice! {
    /// Why a run has no results.
    pub enum RunFailure {
        Lost = "lost", "执行的进程中断", "The process that made it was lost";
        Stopped = "stopped", "任务被取消或程序停止", "It was cancelled, or the program stopped";
        Error = "error", "执行出错，详情见任务记录", "An error; the job tells which";
    }
}

/// How a run is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentationSettings {
    #[validate(nested)]
    pub rfm: RfmSettings,
    #[validate(nested)]
    pub lifetime: LifetimeSettings,
    #[validate(nested)]
    pub lifecycle: LifecycleSettings,
    #[validate(nested)]
    pub churn: ChurnSettings,
    /// The last days of the observation that the model is tried on, fitted to those before; without it no such trial is made.
    #[validate(range(min = 7, max = 3_650))]
    pub holdout_days: Option<i32>,
}

/// The settings that runs are made with unless they bring their own, and whether one is made every night.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentationDefaultsInput {
    #[validate(nested)]
    pub settings: SegmentationSettings,
    /// Make a run every night.
    pub nightly: bool,
}

/// As they are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentationDefaults {
    pub version: i64,
    #[serde(flatten)]
    pub input: SegmentationDefaultsInput,
}

/// A run that somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentationRunInput {
    /// The day that everything is looked at from; today if left out.
    #[validate(custom(function = "check_as_of"))]
    pub as_of: Option<Date>,
    /// Those of the defaults if left out.
    #[validate(nested)]
    pub settings: Option<SegmentationSettings>,
}

/// The years that orders are dated in.
fn check_as_of(day: &Date) -> Result<(), ValidationError> {
    if (1970..=2999).contains(&day.year()) {
        Ok(())
    } else {
        Err(ValidationError::new("range"))
    }
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentationRunHead {
    pub id: SegmentationRunId,
    pub version: i64,
    pub state: RunState,
    /// Why it failed.
    pub failure: Option<RunFailure>,
    /// Its scores are the current ones of the customers.
    pub current: bool,
    /// The scores of single customers are kept: of the newest 12 runs that are done.
    pub scores_kept: bool,
    pub settings: SegmentationSettings,
    pub as_of: Date,
    /// The first day with a purchase that was read.
    pub from: Option<Date>,
    /// Customers that were read; `null` until it is done, and for who may not see all of them.
    pub customers: Option<i64>,
    /// Days with a purchase of a customer that were read; `null` as `customers`.
    pub purchases: Option<i64>,
    /// The run that was current before.
    pub previous_id: Option<SegmentationRunId>,
    /// The background job that makes it.
    pub job_id: Option<JobId>,
    /// How far the job has come, while it runs.
    pub percent: Option<i32>,
    pub by: Option<UserId>,
    pub by_name: String,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// From its beginning to the end.
    pub duration_ms: Option<i64>,
}

/// A run and what it found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentationRun {
    #[serde(flatten)]
    pub head: SegmentationRunHead,
    /// Over all customers, or over those that the caller may see, with the scores that they have among all. `null` unless the run is
    /// done.
    pub figures: Option<RunFigures>,
    /// The models behind the forecasts; `null` unless the run is done, and for who may not see all customers.
    pub models: Option<ModelReport>,
}

/// What a run says of a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerScores {
    /// `null` without a purchase in the window, as the other parts of RFM.
    pub rfm_segment: Option<RfmSegment>,
    pub rfm_group: Option<RfmGroup>,
    /// 1 to 5, as the two below.
    pub recency_score: Option<i32>,
    pub frequency_score: Option<i32>,
    pub monetary_score: Option<i32>,
    /// Days since the last purchase in the window.
    pub recency_days: Option<i32>,
    /// Days with a purchase in the window.
    pub frequency: Option<i32>,
    /// Net sales in the window.
    pub monetary: Option<Money>,
    pub lifecycle_stage: LifecycleStage,
    /// The rule that decided the stage.
    pub stage_reason: StageReason,
    /// `null` without a purchase or a model. BG/NBD says 1 of everybody who bought once.
    pub probability_active: Option<Proportion>,
    /// Over the horizon of the settings.
    pub expected_purchases: Option<Quantity>,
    /// Expected amount of a purchase.
    pub average_value: Option<Money>,
    /// Discounted margin over the horizon; with the method `historic` the margin earned so far. `null` without a purchase.
    pub lifetime_value: Option<Money>,
    /// What the value rests on.
    pub value_method: Option<ValueMethod>,
    /// `null` where nothing is known of it: a single purchase and no model.
    pub churn_risk: Option<Proportion>,
    pub churn_level: Option<ChurnLevel>,
}

/// A customer in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoredCustomer {
    pub customer_id: CustomerId,
    pub code: String,
    pub name: String,
    #[serde(flatten)]
    pub scores: CustomerScores,
}

/// The scores of a customer in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoresAt {
    pub run_id: SegmentationRunId,
    pub as_of: Date,
    /// When the run was asked for.
    pub at: Timestamp,
    #[serde(flatten)]
    pub scores: CustomerScores,
}

/// The scores of a customer now and over the runs that are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoreCourse {
    /// In the current run; `null` where it has not scored the customer.
    pub current: Option<ScoresAt>,
    /// In the runs that keep their scores, the newest first.
    pub course: Vec<ScoresAt>,
}

/// The fields of a run.
pub const FIELDS: FieldSet = FieldSet {
    record: "segmentation_runs",
    default_sort: "-created_at",
    fields: &[
        Field::new(
            "state",
            FieldKind::Choice(RunState::CHOICES),
            "状态",
            "State",
        ),
        Field::new("as_of", FieldKind::Date, "截止日期", "As of"),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
    ],
};

/// The fields that scores add to customers: those of the current run.
pub const SCORE_FIELDS: [Field; 11] = [
    Field::new(
        "rfm_segment",
        FieldKind::Choice(RfmSegment::CHOICES),
        "RFM 细分",
        "RFM segment",
    )
    .optional()
    .unsorted(),
    Field::new(
        "rfm_group",
        FieldKind::Choice(RfmGroup::CHOICES),
        "RFM 分组",
        "RFM group",
    )
    .optional()
    .unsorted(),
    Field::new(
        "recency_score",
        FieldKind::Integer,
        "近度得分",
        "Recency score",
    )
    .optional()
    .unsorted(),
    Field::new(
        "frequency_score",
        FieldKind::Integer,
        "频度得分",
        "Frequency score",
    )
    .optional()
    .unsorted(),
    Field::new(
        "monetary_score",
        FieldKind::Integer,
        "金额得分",
        "Monetary score",
    )
    .optional()
    .unsorted(),
    Field::new(
        "lifecycle_stage",
        FieldKind::Choice(LifecycleStage::CHOICES),
        "生命周期",
        "Lifecycle stage",
    )
    .optional()
    .unsorted(),
    Field::new(
        "probability_active",
        FieldKind::Proportion,
        "活跃概率",
        "Probability of being active",
    )
    .optional()
    .unsorted(),
    Field::new(
        "expected_purchases",
        FieldKind::Quantity,
        "预期购买次数",
        "Expected purchases",
    )
    .optional()
    .unsorted(),
    Field::new(
        "lifetime_value",
        FieldKind::Money,
        "终身价值",
        "Lifetime value",
    )
    .optional()
    .unsorted(),
    Field::new(
        "churn_risk",
        FieldKind::Proportion,
        "流失风险",
        "Churn risk",
    )
    .optional()
    .unsorted(),
    Field::new(
        "churn_level",
        FieldKind::Choice(ChurnLevel::CHOICES),
        "流失风险等级",
        "Churn level",
    )
    .optional()
    .unsorted(),
];

const fn sorted(mut field: Field) -> Field {
    field.sortable = true;
    field
}

/// The fields of a customer in a run.
pub const SCORED_FIELDS: FieldSet = FieldSet {
    record: "segmentation_scores",
    default_sort: "-lifetime_value",
    fields: &[
        SCORE_FIELDS[0],
        SCORE_FIELDS[1],
        sorted(SCORE_FIELDS[2]),
        sorted(SCORE_FIELDS[3]),
        sorted(SCORE_FIELDS[4]),
        SCORE_FIELDS[5],
        sorted(SCORE_FIELDS[6]),
        sorted(SCORE_FIELDS[7]),
        sorted(SCORE_FIELDS[8]),
        sorted(SCORE_FIELDS[9]),
        SCORE_FIELDS[10],
        Field::new(
            "recency_days",
            FieldKind::Integer,
            "距最近购买天数",
            "Days since the last purchase",
        )
        .optional(),
        Field::new("frequency", FieldKind::Integer, "购买天数", "Purchases").optional(),
        Field::new("monetary", FieldKind::Money, "购买金额", "Amount").optional(),
        Field::new(
            "average_value",
            FieldKind::Money,
            "预期每次金额",
            "Expected amount of a purchase",
        )
        .optional(),
        Field::new(
            "stage_reason",
            FieldKind::Choice(StageReason::CHOICES),
            "阶段依据",
            "Reason of the stage",
        )
        .unsorted(),
        Field::new(
            "value_method",
            FieldKind::Choice(ValueMethod::CHOICES),
            "价值依据",
            "What the value rests on",
        )
        .optional()
        .unsorted(),
    ],
};
