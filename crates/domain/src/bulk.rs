//! The same done to many records, each by itself: what fails leaves the others done.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::{SegmentId, UserId};

/// Records that one call changes at most.
pub const MAX_ROWS: u64 = 200;

choice! {
    /// What is done to each record.
    pub enum BulkAction {
        /// `patch` is merged into each record.
        Update = "update", "修改", "Change";
        AddTags = "add_tags", "添加标签", "Add tags";
        RemoveTags = "remove_tags", "移除标签", "Remove tags";
        /// `owner_id` becomes the owner; `null` is nobody.
        Assign = "assign", "分配负责人", "Assign";
        /// To the state `to`, where a record has states.
        Transition = "transition", "变更状态", "Change state";
        /// `segment_id` is a static segment. Customers only, which need not be changeable: to be seen is enough.
        AddToSegment = "add_to_segment", "加入细分", "Add to a segment";
        RemoveFromSegment = "remove_from_segment", "移出细分", "Remove from a segment";
        Archive = "archive", "归档", "Archive";
        Restore = "restore", "恢复", "Restore";
        Delete = "delete", "删除", "Delete";
    }
}

/// What is to be done, and to which records.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_members", skip_on_field_errors = false))]
pub struct BulkInput {
    #[validate(length(min = 1, max = "MAX_ROWS"))]
    pub ids: Vec<String>,
    pub action: BulkAction,
    /// For `update`: a JSON merge patch of the record's input.
    #[serde(default)]
    pub patch: Option<serde_json::Map<String, serde_json::Value>>,
    /// For `add_tags` and `remove_tags`.
    #[serde(default)]
    #[validate(custom(function = "crate::check::check_tags"))]
    pub tags: Vec<String>,
    /// For `assign`.
    #[serde(default)]
    pub owner_id: Option<UserId>,
    /// For `add_to_segment` and `remove_from_segment`.
    #[serde(default)]
    pub segment_id: Option<SegmentId>,
    /// For `transition`.
    #[serde(default)]
    pub to: Option<String>,
    /// For `transition`, where a state wants one.
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub reason: Option<String>,
}

fn check_members(input: &BulkInput) -> Result<(), ValidationError> {
    let (fine, member) = match input.action {
        BulkAction::Update => (input.patch.as_ref().is_some_and(|p| !p.is_empty()), "patch"),
        BulkAction::AddTags | BulkAction::RemoveTags => (!input.tags.is_empty(), "tags"),
        BulkAction::AddToSegment | BulkAction::RemoveFromSegment => {
            (input.segment_id.is_some(), "segment_id")
        }
        BulkAction::Transition => (input.to.is_some(), "to"),
        _ => (true, ""),
    };
    if fine {
        return Ok(());
    }
    let mut error = ValidationError::new("required");
    error.add_param("field".into(), &member);
    Err(error)
}

/// How it went, in the order of the ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkReport {
    pub done: usize,
    pub failed: usize,
    pub results: Vec<BulkResult>,
}

/// How it went with one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkResult {
    pub id: String,
    pub ok: bool,
    /// The record's version now; absent after a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Why not: a code of the API's errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why not, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Lang, Rules};

    #[test]
    fn each_action_names_what_it_needs() {
        for (body, pointer) in [
            (json!({"ids": [], "action": "archive"}), Some("/ids")),
            (json!({"ids": ["a"], "action": "update"}), Some("/patch")),
            (
                json!({"ids": ["a"], "action": "update", "patch": {}}),
                Some("/patch"),
            ),
            (json!({"ids": ["a"], "action": "add_tags"}), Some("/tags")),
            (json!({"ids": ["a"], "action": "transition"}), Some("/to")),
            (
                json!({"ids": ["a"], "action": "add_to_segment"}),
                Some("/segment_id"),
            ),
            (json!({"ids": ["a"], "action": "assign"}), None),
            (json!({"ids": ["a"], "action": "delete"}), None),
        ] {
            let input: BulkInput = serde_json::from_value(body.clone()).expect("the shape");
            let found = input.problems(Lang::En);
            assert_eq!(found.first().map(|e| e.pointer.as_str()), pointer, "{body}");
        }
    }
}
