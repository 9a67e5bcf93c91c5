//! Approvals: what one person asks for and another decides.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use validator::Validate;

use crate::permission::Module;
use crate::{ApprovalId, Field, FieldKind, FieldSet, Timestamp, UserId};

/// Seconds after which a request that nobody has decided expires: 30 days.
pub const EXPIRY_SECONDS: i64 = 30 * 24 * 3600;

/// The name of the filter for requests that whoever asks may decide.
pub const WAITING_FOR_ME: &str = "waiting_for_me";

choice! {
    /// What can be asked for.
    pub enum ApprovalKind {
        LiftBlacklist = "lift_blacklist", "解除黑名单", "Take off the blacklist";
    }
}

choice! {
    /// What became of a request.
    pub enum ApprovalState {
        Pending = "pending", "待审批", "Pending";
        Approved = "approved", "已批准", "Approved";
        Rejected = "rejected", "已拒绝", "Rejected";
        /// By who asked.
        Withdrawn = "withdrawn", "已撤回", "Withdrawn";
        /// Nobody decided in time, or the record is gone.
        Expired = "expired", "已过期", "Expired";
    }
}

impl ApprovalKind {
    /// Whose records it is about: who may change them asks, who may approve there decides.
    pub const fn module(self) -> Module {
        match self {
            Self::LiftBlacklist => Module::Customers,
        }
    }

    /// The record's type, in plural.
    pub const fn record(self) -> &'static str {
        self.module().as_str()
    }
}

/// A request as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approval {
    pub id: ApprovalId,
    pub version: i64,
    /// The record's type, in plural: `customers`.
    pub record: String,
    /// What the record was called when it was asked.
    pub subject: String,
    /// What it was asked of: when that changes, the request cannot be approved any more.
    pub basis: Value,
    pub state: ApprovalState,
    pub requested_by: UserId,
    pub requested_by_name: String,
    pub requested_at: Timestamp,
    pub expires_at: Timestamp,
    pub decided_by: Option<UserId>,
    pub decided_by_name: Option<String>,
    pub decided_at: Option<Timestamp>,
    /// Why it was decided so.
    pub note: Option<String>,
    #[serde(flatten)]
    pub input: ApprovalInput,
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalInput {
    pub kind: ApprovalKind,
    /// A record of the type that the kind is about.
    pub record_id: String,
    #[validate(
        length(min = 1, max = 1000),
        custom(function = "crate::check::check_name")
    )]
    pub reason: String,
    /// What is asked for in particular; its shape depends on the kind. Nothing for `lift_blacklist`.
    #[serde(default)]
    pub payload: Value,
}

/// A word on a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionInput {
    /// Needed to reject.
    #[serde(default)]
    #[validate(length(max = 1000), custom(function = "crate::check::check_name"))]
    pub note: Option<String>,
}

/// The fields of a request.
pub const FIELDS: FieldSet = FieldSet {
    record: "approvals",
    default_sort: "-requested_at",
    fields: &[
        Field::new(
            "kind",
            FieldKind::Choice(ApprovalKind::CHOICES),
            "类型",
            "Kind",
        )
        .unsorted(),
        Field::new("subject", FieldKind::Text, "记录", "Record").unsorted(),
        Field::new("record_id", FieldKind::Text, "记录编号", "Record id").unsorted(),
        Field::new(
            "state",
            FieldKind::Choice(ApprovalState::CHOICES),
            "状态",
            "State",
        ),
        Field::new("reason", FieldKind::Text, "申请理由", "Reason").unsorted(),
        Field::new(
            "requested_by",
            FieldKind::Reference("users"),
            "申请人",
            "Requested by",
        )
        .unsorted(),
        Field::new(
            "requested_at",
            FieldKind::Timestamp,
            "申请时间",
            "Requested",
        ),
        Field::new("expires_at", FieldKind::Timestamp, "到期时间", "Expires").unsorted(),
        Field::new(
            "decided_by",
            FieldKind::Reference("users"),
            "审批人",
            "Decided by",
        )
        .optional()
        .unsorted(),
        Field::new("decided_at", FieldKind::Timestamp, "审批时间", "Decided")
            .optional()
            .unsorted(),
        Field::of_caller(
            WAITING_FOR_ME,
            Module::Customers,
            "待我审批",
            "Waiting for me",
        ),
    ],
};
