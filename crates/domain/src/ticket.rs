//! Tickets: service cases.

use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::custom::Custom;
use crate::permission::Module;
use crate::{
    CommentId, ContactId, CustomerId, DepartmentId, Field, FieldKind, FieldSet, OrderId, ProductId,
    TicketId, Timestamp, UserId,
};

choice! {
    pub enum TicketKind {
        Inquiry = "inquiry", "咨询", "Inquiry";
        Complaint = "complaint", "投诉", "Complaint";
        QualityDispute = "quality_dispute", "质量异议", "Quality dispute";
        Repair = "repair", "维修", "Repair";
        Return = "return", "退换", "Return";
        Suggestion = "suggestion", "建议", "Suggestion";
    }
}

impl TicketKind {
    /// Counts among a customer's complaints.
    pub const fn is_complaint(self) -> bool {
        matches!(self, Self::Complaint)
    }
}

choice! {
    pub enum Channel {
        Phone = "phone", "电话", "Telephone";
        Email = "email", "邮件", "E-mail";
        Portal = "portal", "自助门户", "Portal";
        Wechat = "wechat", "微信", "WeChat";
        Visit = "visit", "上门", "Visit";
        Import = "import", "导入", "Import";
    }
}

choice! {
    pub enum Priority {
        Low = "low", "低", "Low";
        Normal = "normal", "普通", "Normal";
        High = "high", "高", "High";
        Urgent = "urgent", "紧急", "Urgent";
    }
}

choice! {
    pub enum TicketState {
        New = "new", "新建", "New";
        Open = "open", "处理中", "Open";
        Waiting = "waiting", "等待客户", "Waiting for customer";
        Resolved = "resolved", "已解决", "Resolved";
        Closed = "closed", "已关闭", "Closed";
    }
}

impl Priority {
    /// 0 for low to 3 for urgent.
    pub fn rank(self) -> i16 {
        self as i16
    }
}

impl TicketState {
    /// The states that may come next. Going back to `open` from `resolved` or `closed` reopens the ticket.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::New => &[Self::Open, Self::Waiting, Self::Resolved],
            Self::Open => &[Self::Waiting, Self::Resolved],
            Self::Waiting => &[Self::Open, Self::Resolved],
            Self::Resolved => &[Self::Closed, Self::Open],
            Self::Closed => &[Self::Open],
        }
    }

    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// Work remains to be done.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Open | Self::Waiting)
    }
}

/// A ticket as it is answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ticket {
    pub id: TicketId,
    pub version: i64,
    pub number: String,
    pub state: TicketState,
    /// Whoever took it up or answered the customer first.
    pub first_responder_id: Option<UserId>,
    /// Who answers for it (首问责任制): the first responder, until the person it was transferred to has taken over by
    /// working on it.
    pub responsible_id: Option<UserId>,
    /// Who recorded it.
    pub created_by_id: Option<UserId>,
    pub department_id: Option<DepartmentId>,
    pub customer_name: String,
    pub first_response_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    /// How often it was reopened.
    pub reopened: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: TicketInput,
}

/// What people set of a ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketInput {
    pub customer_id: CustomerId,
    #[serde(default)]
    pub contact_id: Option<ContactId>,
    #[serde(default)]
    pub order_id: Option<OrderId>,
    #[serde(default)]
    pub product_id: Option<ProductId>,
    /// Who is to work on it; nobody, if left out.
    #[serde(default)]
    pub owner_id: Option<UserId>,
    pub kind: TicketKind,
    #[serde(default = "by_phone")]
    pub channel: Channel,
    #[serde(default = "normal")]
    pub priority: Priority,
    #[validate(
        length(min = 1, max = 200),
        custom(function = "crate::check::check_name")
    )]
    pub subject: String,
    #[serde(default)]
    #[validate(length(max = 20_000))]
    pub description: Option<String>,
    #[serde(default)]
    #[validate(length(min = 1, max = 80))]
    pub team: Option<String>,
    #[serde(default)]
    #[validate(custom(function = "crate::check::check_tags"))]
    pub tags: Vec<String>,
    /// Values of custom fields.
    #[serde(default)]
    pub custom: Custom,
}

/// Whether a text can be the number of a ticket.
pub fn is_number(text: &str) -> bool {
    (1..=60).contains(&text.chars().count()) && crate::customer::check_code(text).is_ok()
}

const fn by_phone() -> Channel {
    Channel::Phone
}

const fn normal() -> Priority {
    Priority::Normal
}

#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketTransitionInput {
    pub to: TicketState,
    /// Becomes an internal comment.
    #[serde(default)]
    #[validate(length(min = 1, max = 20_000))]
    pub note: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketAssignment {
    /// Who is to work on it; `null` puts it back into the queue. Left out by mistake it must not do that: it is needed.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required))]
    pub owner_id: Option<UserId>,
}

choice! {
    /// What an entry of a ticket's history is.
    pub enum CommentKind {
        /// The customer can read it.
        Public = "public", "回复客户", "Reply";
        Internal = "internal", "内部备注", "Internal note";
        /// A change of state or owner.
        Event = "event", "变更", "Event";
    }
}

impl CommentInput {
    pub const fn kind(&self) -> CommentKind {
        if self.public {
            CommentKind::Public
        } else {
            CommentKind::Internal
        }
    }
}

/// How many tickets there are, of those that the caller sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketSummary {
    /// Each state, also those without a ticket.
    pub states: Vec<TicketCount>,
    /// Open ones that nobody owns.
    pub unassigned: i64,
    /// Open ones of the priority `urgent`.
    pub urgent: i64,
}

/// How many tickets are in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketCount {
    pub state: TicketState,
    pub tickets: i64,
}

/// An entry of a ticket's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comment {
    pub id: CommentId,
    pub ticket_id: TicketId,
    pub kind: CommentKind,
    pub author_id: Option<UserId>,
    pub author_name: String,
    /// What was written; for an event the word for what was done: `updated`, `assigned`, `responded` or the state it went to.
    pub body: String,
    /// For an event: what changed, as `{field: {old, new}}`.
    pub changes: Option<serde_json::Value>,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommentInput {
    #[validate(length(min = 1, max = 20_000))]
    pub body: String,
    /// The customer can read it.
    #[serde(default)]
    pub public: bool,
}

/// The fields of a ticket.
pub const FIELDS: FieldSet = FieldSet {
    record: "tickets",
    default_sort: "-created_at",
    fields: &[
        Field::new("number", FieldKind::Text, "单号", "Number"),
        Field::new(
            "kind",
            FieldKind::Choice(TicketKind::CHOICES),
            "类型",
            "Kind",
        ),
        Field::new(
            "channel",
            FieldKind::Choice(Channel::CHOICES),
            "渠道",
            "Channel",
        ),
        Field::new(
            "priority",
            FieldKind::Choice(Priority::CHOICES),
            "优先级",
            "Priority",
        )
        .ranked(),
        Field::new(
            "state",
            FieldKind::Choice(TicketState::CHOICES),
            "状态",
            "State",
        ),
        Field::new("subject", FieldKind::Text, "主题", "Subject"),
        Field::new("description", FieldKind::Text, "问题描述", "Description")
            .optional()
            .unsorted(),
        Field::new(
            "customer_id",
            FieldKind::Reference("customers"),
            "客户",
            "Customer",
        )
        .unsorted(),
        Field::new(
            "contact_id",
            FieldKind::Reference("contacts"),
            "联系人",
            "Contact",
        )
        .optional()
        .unsorted(),
        Field::new("order_id", FieldKind::Reference("orders"), "订单", "Order")
            .optional()
            .unsorted(),
        Field::new(
            "product_id",
            FieldKind::Reference("products"),
            "产品",
            "Product",
        )
        .optional()
        .unsorted(),
        Field::new("owner_id", FieldKind::Reference("users"), "负责人", "Owner")
            .optional()
            .unsorted(),
        Field::new(
            "responsible_id",
            FieldKind::Reference("users"),
            "首问责任人",
            "Responsible",
        )
        .optional()
        .unsorted(),
        Field::new(
            "created_by_id",
            FieldKind::Reference("users"),
            "登记人",
            "Recorded by",
        )
        .optional()
        .unsorted(),
        Field::new(
            "department_id",
            FieldKind::Reference("departments"),
            "部门",
            "Department",
        )
        .optional()
        .unsorted(),
        Field::new("team", FieldKind::Text, "小组", "Team").optional(),
        Field::new("tags", FieldKind::Tags, "标签", "Tags"),
        Field::new(
            "first_response_at",
            FieldKind::Timestamp,
            "首次响应",
            "First response",
        )
        .optional(),
        Field::new("resolved_at", FieldKind::Timestamp, "解决时间", "Resolved").optional(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
        Field::new("updated_at", FieldKind::Timestamp, "更新时间", "Updated"),
        crate::share::shared_with_me(Module::Tickets),
    ],
};

/// The fields of an entry of a ticket's history.
pub const COMMENT_FIELDS: FieldSet = FieldSet {
    record: "ticket_comments",
    default_sort: "created_at",
    fields: &[
        Field::new(
            "kind",
            FieldKind::Choice(CommentKind::CHOICES),
            "类型",
            "Kind",
        )
        .unsorted(),
        Field::new("author_id", FieldKind::Reference("users"), "作者", "Author")
            .optional()
            .unsorted(),
        Field::new("created_at", FieldKind::Timestamp, "时间", "Time"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_is_the_place_among_the_words() {
        for (place, priority) in Priority::ALL.iter().enumerate() {
            assert_eq!(usize::try_from(priority.rank()), Ok(place));
        }
    }

    #[test]
    fn only_finished_tickets_are_reopened() {
        for state in TicketState::ALL {
            assert!(!state.may_become(*state));
            assert!(!state.may_become(TicketState::New));
        }
        assert!(TicketState::Closed.may_become(TicketState::Open));
        assert!(!TicketState::Open.may_become(TicketState::Closed));
    }
}
