//! The fields of runs, of the customers in them, and those that scores add to customers.

use super::super::churn::ChurnLevel;
use super::super::lifecycle::{LifecycleStage, StageReason};
use super::super::lifetime::ValueMethod;
use super::super::rfm::{RfmGroup, RfmSegment};
use super::RunState;
use crate::{Field, FieldKind, FieldSet};

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
            "value_if_active",
            FieldKind::Money,
            "仍活跃时的价值",
            "Value if active",
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

/// The fields of a customer who moved between two runs.
pub const MOVED_FIELDS: FieldSet = FieldSet {
    record: "segmentation_moves",
    default_sort: "-lifetime_value",
    fields: &[
        SCORE_FIELDS[0],
        SCORE_FIELDS[1],
        SCORE_FIELDS[5],
        sorted(SCORE_FIELDS[8]),
        sorted(SCORE_FIELDS[9]),
        SCORE_FIELDS[10],
        Field::new(
            "previous_rfm_segment",
            FieldKind::Choice(RfmSegment::CHOICES),
            "原 RFM 细分",
            "RFM segment before",
        )
        .optional()
        .unsorted(),
        Field::new(
            "previous_rfm_group",
            FieldKind::Choice(RfmGroup::CHOICES),
            "原 RFM 分组",
            "RFM group before",
        )
        .optional()
        .unsorted(),
        Field::new(
            "previous_lifecycle_stage",
            FieldKind::Choice(LifecycleStage::CHOICES),
            "原生命周期",
            "Lifecycle stage before",
        )
        .optional()
        .unsorted(),
        Field::new(
            "previous_churn_level",
            FieldKind::Choice(ChurnLevel::CHOICES),
            "原流失风险等级",
            "Churn level before",
        )
        .optional()
        .unsorted(),
        Field::new(
            "previous_lifetime_value",
            FieldKind::Money,
            "原终身价值",
            "Lifetime value before",
        )
        .optional(),
        Field::new(
            "previous_churn_risk",
            FieldKind::Proportion,
            "原流失风险",
            "Churn risk before",
        )
        .optional(),
    ],
};
