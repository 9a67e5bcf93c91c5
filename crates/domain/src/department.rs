//! Departments: the organisation tree, and the unit of data isolation.

use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::{DepartmentId, Timestamp};

/// A node of the organisation tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Department {
    pub id: DepartmentId,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: DepartmentInput,
}

/// What people set of a department.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DepartmentInput {
    #[validate(
        length(min = 1, max = 120),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    /// The department above; none for the company itself.
    #[serde(default)]
    pub parent_id: Option<DepartmentId>,
}
