//! Notifications: what somebody is told of because it concerns them.

use serde::{Deserialize, Serialize};

use crate::{Field, FieldKind, FieldSet, NotificationId, Page, Timestamp, UserId};

choice! {
    /// What happened.
    pub enum NotificationKind {
        TicketAssigned = "ticket_assigned", "服务单分派给您", "A ticket was assigned to you";
        CustomerAssigned = "customer_assigned", "客户分配给您", "A customer was assigned to you";
        RecordShared = "record_shared", "有记录共享给您", "A record was shared with you";
        ApprovalRequested = "approval_requested", "有申请等待您审批", "A request waits for your decision";
        ApprovalApproved = "approval_approved", "您的申请已批准", "Your request was approved";
        ApprovalRejected = "approval_rejected", "您的申请被拒绝", "Your request was rejected";
        ApprovalExpired = "approval_expired", "您的申请已过期", "Your request has expired";
        ImportFinished = "import_finished", "导入已结束", "An import has ended";
        WebhookPaused = "webhook_paused", "Webhook 已暂停", "A webhook was paused";
        JobFailed = "job_failed", "后台任务失败", "A background job has failed";
        JobFinished = "job_finished", "后台任务已结束", "A background job has ended";
    }
}

/// A notification as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
    pub id: NotificationId,
    pub kind: NotificationKind,
    /// The type of the record that it is about, in plural: `tickets`.
    pub record: String,
    pub record_id: String,
    /// What the record is called; of a job its kind.
    pub subject: String,
    /// Who did it; `null`: the system.
    pub by: Option<UserId>,
    pub created_at: Timestamp,
    pub read_at: Option<Timestamp>,
}

/// A page of the caller's notifications, and how many of all are unread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notifications {
    #[serde(flatten)]
    pub page: Page<Notification>,
    pub unread: i64,
}

/// How many notifications were marked as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarkedRead {
    pub read: i64,
}

/// The fields of a notification.
pub const FIELDS: FieldSet = FieldSet {
    record: "notifications",
    default_sort: "-created_at",
    fields: &[
        Field::new(
            "kind",
            FieldKind::Choice(NotificationKind::CHOICES),
            "类型",
            "Kind",
        )
        .unsorted(),
        Field::new("created_at", FieldKind::Timestamp, "时间", "Time"),
        Field::new("read_at", FieldKind::Timestamp, "已读时间", "Read")
            .optional()
            .unsorted(),
    ],
};
