//! Webhooks: who is told of what happens, and how that went.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::event::RECORDS;
use crate::{
    DeliveryId, DepartmentId, EventId, Field, FieldKind, FieldSet, Timestamp, UserId, WebhookId,
};

/// Seconds to wait after each failed attempt: about a day in all. One attempt more than waits is made.
pub const RETRY_DELAYS: [i64; 9] = [
    5,
    30,
    2 * 60,
    10 * 60,
    30 * 60,
    3600,
    3 * 3600,
    6 * 3600,
    12 * 3600,
];

/// Seconds for which messages are signed with the secret before a rotation as well.
pub const ROTATION_SECONDS: i64 = 24 * 3600;

choice! {
    /// Why nothing is sent any more until somebody resumes it.
    pub enum PauseReason {
        /// A message could not be delivered for a day, nor any other meanwhile.
        Failing = "failing", "连续一天投递失败", "Nothing could be delivered for a day";
        /// The receiver answered 410.
        Gone = "gone", "接收方已停用（410）", "The receiver is gone (410)";
        /// The owner's account is frozen or gone, and with it the right to see anything.
        OwnerInactive = "owner_inactive", "负责人账号已停用", "The owner's account is not active";
    }
}

choice! {
    /// How far a message has come.
    pub enum DeliveryState {
        Pending = "pending", "待投递", "Pending";
        Delivered = "delivered", "已送达", "Delivered";
        Failed = "failed", "失败", "Failed";
    }
}

/// What people set of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookInput {
    #[validate(
        length(min = 1, max = 120),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    /// Where messages are sent. `https`, unless the deployment allows the network that the host is in.
    #[validate(
        length(min = 1, max = 2000),
        custom(function = "crate::check::check_website")
    )]
    pub url: String,
    /// Kinds of events: `customers.created`, all of a record type `customers.*`, or all `*`.
    #[validate(custom(function = "check_events"))]
    pub events: Vec<String>,
    /// Off: what happens meanwhile is not sent, not even later.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

fn check_events(events: &[String]) -> Result<(), ValidationError> {
    let known = |pattern: &str| match pattern.split_once('.') {
        None => pattern == "*",
        Some((record, action)) => {
            let word = |text: &str| {
                (1..=40).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
            };
            RECORDS.contains(&record) && (action == "*" || word(action))
        }
    };
    let fine = (1..=50).contains(&events.len())
        && events
            .iter()
            .enumerate()
            .all(|(i, pattern)| known(pattern) && !events[..i].contains(pattern));
    if fine {
        Ok(())
    } else {
        Err(ValidationError::new("events"))
    }
}

impl WebhookInput {
    /// Whether an event of this kind is asked for.
    pub fn wants(&self, kind: &str) -> bool {
        let Some((record, _)) = kind.split_once('.') else {
            return false;
        };
        RECORDS.contains(&record)
            && self.events.iter().any(|pattern| {
                pattern == "*"
                    || pattern == kind
                    || pattern.strip_suffix(".*").is_some_and(|r| r == record)
            })
    }
}

/// A webhook as it is answered. Its secret is told once, when it is made or rotated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Webhook {
    pub id: WebhookId,
    pub version: i64,
    /// Messages tell of records that this person may see.
    pub owner_id: UserId,
    pub department_id: Option<DepartmentId>,
    pub paused_at: Option<Timestamp>,
    pub pause_reason: Option<PauseReason>,
    /// Attempts that failed since the last one that did not.
    pub failures: i32,
    pub delivered_at: Option<Timestamp>,
    /// Until then messages are also signed with the secret before the last rotation.
    pub rotation_ends_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: WebhookInput,
}

/// A webhook with its secret, which is not told again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookSecret {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// `whsec_` and the key in base64, as the libraries of Standard Webhooks take it.
    pub secret: String,
}

/// A message to a webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    /// The message's `webhook-id`: the same at every attempt.
    pub event_id: EventId,
    /// The kind of the event: `customers.created`.
    pub kind: String,
    pub state: DeliveryState,
    pub attempts: i32,
    /// When it will be sent, at the earliest.
    pub next_at: Option<Timestamp>,
    /// What the receiver answered last.
    pub status: Option<i32>,
    pub created_at: Timestamp,
    /// When it was delivered or given up.
    pub finished_at: Option<Timestamp>,
}

/// An attempt to deliver a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryAttempt {
    pub at: Timestamp,
    pub duration_ms: i64,
    /// `null`: there was no answer.
    pub status: Option<i32>,
    /// Why there was none.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub response: Option<String>,
}

/// A message with what was sent and every attempt, the first one first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryDetail {
    #[serde(flatten)]
    pub delivery: Delivery,
    /// The body as it is sent; `null` for callers who may not see the record that it tells of.
    pub body: Option<serde_json::Value>,
    pub log: Vec<DeliveryAttempt>,
}

/// The fields of a webhook.
pub const FIELDS: FieldSet = FieldSet {
    record: "webhooks",
    default_sort: "name",
    fields: &[
        Field::new("name", FieldKind::Text, "名称", "Name"),
        Field::new("url", FieldKind::Text, "地址", "Address").unsorted(),
        Field::new("active", FieldKind::Boolean, "启用", "Active").unsorted(),
        Field::new("owner_id", FieldKind::Reference("users"), "负责人", "Owner").unsorted(),
        Field::new("paused_at", FieldKind::Timestamp, "暂停时间", "Paused").optional(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
    ],
};

/// The fields of a message.
pub const DELIVERY_FIELDS: FieldSet = FieldSet {
    record: "webhook_deliveries",
    default_sort: "-created_at",
    fields: &[
        Field::new("kind", FieldKind::Text, "事件", "Event").unsorted(),
        Field::new(
            "state",
            FieldKind::Choice(DeliveryState::CHOICES),
            "状态",
            "State",
        )
        .unsorted(),
        Field::new("event_id", FieldKind::Text, "消息编号", "Message id").unsorted(),
        Field::new("created_at", FieldKind::Timestamp, "时间", "Time"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lang, Rules};

    fn hook(events: &[&str]) -> WebhookInput {
        WebhookInput {
            name: "ERP".to_owned(),
            url: "https://erp.example.com/hook".to_owned(),
            events: events.iter().map(|e| (*e).to_owned()).collect(),
            active: true,
        }
    }

    #[test]
    fn patterns_choose_events() {
        let some = hook(&["customers.*", "orders.confirmed"]);
        for (kind, wanted) in [
            ("customers.created", true),
            ("customers.archived", true),
            ("orders.confirmed", true),
            ("orders.created", false),
            ("contacts.created", false),
            ("customers", false),
        ] {
            assert_eq!(some.wants(kind), wanted, "{kind}");
        }
        let all = hook(&["*"]);
        assert!(all.wants("tickets.assigned"));
        assert!(!all.wants("notifications.created"), "nobody else's matter");
        assert!(!all.wants("users.logged_in"));
    }

    #[test]
    fn what_is_no_event_is_refused() {
        assert!(hook(&["*"]).problems(Lang::En).is_empty());
        let bad: &[&[&str]] = &[
            &[],
            &["customers"],
            &["pets.created"],
            &["customers.Created"],
            &["customers."],
            &["*", "*"],
        ];
        for events in bad {
            let problems = hook(events).problems(Lang::En);
            assert_eq!(problems[0].pointer, "/events", "{events:?}");
        }
    }

    #[test]
    fn attempts_go_on_for_about_a_day() {
        let hours = RETRY_DELAYS.iter().sum::<i64>() / 3600;
        assert!((20..=30).contains(&hours), "{hours}");
    }
}
