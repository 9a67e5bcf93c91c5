//! A segmentation run: RFM, lifetime value, stage and churn risk of every customer on a day, kept so that each can be followed.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::churn::{ChurnLevel, ChurnSettings};
use super::lifecycle::{LifecycleSettings, LifecycleStage, StageReason};
use super::lifetime::{LifetimeSettings, ValueMethod};
use super::rfm::{RfmGroup, RfmSegment, RfmSettings};
use crate::job::Schedule;
use crate::{
    CustomerId, Date, JobId, Money, Proportion, Quantity, SegmentationRunId, Timestamp, UserId,
};

mod compare;
mod explain;
mod fields;
mod figures;
mod purchases;
#[cfg(feature = "models")]
mod score;

pub use compare::{ComparisonInput, MoveDimension, MovedCustomer, RunComparison, Transition};
pub use explain::{ExplainedOrder, PurchaseDay, ScoreExplanation, ScorePart, ScoreTopic};
#[cfg(feature = "models")]
pub use explain::{again, parts};
pub use fields::{FIELDS, MOVED_FIELDS, SCORE_FIELDS, SCORED_FIELDS};
pub use figures::{
    ChurnFigures, Decile, LifetimeFigures, MethodFigures, ModelReport, RfmCell, RfmClass,
    RfmFigures, RunFigures, Scored, StageFigures, Tally, ValueBin,
};
pub use purchases::{Day, Frame, Purchases};
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

/// When the run of every night is made. Runs look at days of UTC: it begins when one of them is over and its figures are in place.
pub const NIGHTLY: Schedule = Schedule::daily(1, 0);

/// As they are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentationDefaults {
    pub version: i64,
    /// When the next run of every night is due if `nightly` says so: always the same time of day (UTC).
    pub next_at: Timestamp,
    /// The company's, for telling people when that is.
    pub time_zone: String,
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
    /// Discounted margin over the horizon; with the method `historic` the margin earned up to the day of the run. `null` without a purchase.
    pub lifetime_value: Option<Money>,
    /// What the value would be if the customer were surely active; without a model the value itself. `null` without a purchase, and
    /// in some runs that are older than this figure.
    pub value_if_active: Option<Money>,
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
