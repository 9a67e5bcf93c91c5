//! The audit trail: who did what to which record, and when.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::custom;
use crate::{ApiKeyId, AuditId, Field, FieldKind, FieldSet, Timestamp, UserId};

/// One entry of the audit trail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: Timestamp,
    /// `null` for the system itself.
    pub user_id: Option<UserId>,
    pub user_name: String,
    /// The API key by which it was done in this person's name.
    pub key_id: Option<ApiKeyId>,
    pub key_name: Option<String>,
    pub ip: String,
    pub request_id: String,
    /// The plural name of the record's type: `customers`.
    pub record_type: String,
    pub record_id: String,
    /// `created`, `updated`, `deleted`, `logged_in`, …
    pub action: String,
    /// `{field: {"old": …, "new": …}}`
    pub changes: serde_json::Value,
}

/// What happened to a record, for whoever may read that: without where it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    pub id: AuditId,
    pub at: Timestamp,
    /// `null` for the system itself.
    pub user_id: Option<UserId>,
    pub user_name: String,
    /// The API key by which it was done in this person's name.
    pub key_name: Option<String>,
    /// `created`, `updated`, …
    pub action: String,
    /// `{field: {"old": …, "new": …}}`
    pub changes: serde_json::Value,
}

impl From<AuditEntry> for HistoryEntry {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at,
            user_id: entry.user_id,
            user_name: entry.user_name,
            key_name: entry.key_name,
            action: entry.action,
            changes: entry.changes,
        }
    }
}

/// The fields of an entry in a record's history.
pub const HISTORY_FIELDS: FieldSet = FieldSet {
    record: "history",
    default_sort: "-at",
    fields: &[
        Field::new("at", FieldKind::Timestamp, "时间", "Time"),
        Field::new("user_id", FieldKind::Reference("users"), "用户", "User")
            .optional()
            .unsorted(),
        Field::new("action", FieldKind::Text, "操作", "Action").unsorted(),
    ],
};

/// The fields of an audit entry.
pub const FIELDS: FieldSet = FieldSet {
    record: "audit",
    default_sort: "-at",
    fields: &[
        Field::new("at", FieldKind::Timestamp, "时间", "Time"),
        Field::new("user_id", FieldKind::Reference("users"), "用户", "User")
            .optional()
            .unsorted(),
        Field::new("record_type", FieldKind::Text, "记录类型", "Record type").unsorted(),
        Field::new("record_id", FieldKind::Text, "记录", "Record").unsorted(),
        Field::new("action", FieldKind::Text, "操作", "Action").unsorted(),
        Field::new("request_id", FieldKind::Text, "请求", "Request").unsorted(),
        Field::new("key_id", FieldKind::Text, "API 密钥", "API key")
            .optional()
            .unsorted(),
    ],
};

/// The differences of two records, member by member.
pub fn differences(old: &serde_json::Value, new: &serde_json::Value) -> serde_json::Value {
    use serde_json::{Map, Value, json};

    /// These change with every write and say nothing.
    const NOISE: &[&str] = &["version", "updated_at"];

    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return json!({});
    };
    let mut found = Map::new();
    let names = old
        .keys()
        .chain(new.keys().filter(|k| !old.contains_key(*k)));
    for name in names.filter(|n| !NOISE.contains(&n.as_str())) {
        let (before, after) = (
            old.get(name).unwrap_or(&Value::Null),
            new.get(name).unwrap_or(&Value::Null),
        );
        if before == after {
            continue;
        }
        if name == "custom" {
            // Fields of their own, under the names that lists know them by.
            let members = before.as_object().into_iter().chain(after.as_object());
            let keys: BTreeSet<&String> = members.flat_map(Map::keys).collect();
            for key in keys {
                let (before, after) = (&before[key.as_str()], &after[key.as_str()]);
                if before != after {
                    let change = json!({ "old": before, "new": after });
                    found.insert(format!("{}{key}", custom::PREFIX), change);
                }
            }
            continue;
        }
        found.insert(name.clone(), json!({ "old": before, "new": after }));
    }
    Value::Object(found)
}
