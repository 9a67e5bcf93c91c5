//! Roles: named sets of permissions.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::permission::Permissions;
use crate::{RoleId, Timestamp};

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Role {
    pub id: RoleId,
    pub version: i64,
    /// The word of a role that ships; such a role can be edited but not deleted.
    pub shipped: Option<String>,
    /// How many accounts have it.
    pub holders: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: RoleInput,
}

/// What people set of a role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoleInput {
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name_zh: String,
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name_en: String,
    #[serde(default)]
    #[validate(custom(function = "check_permissions"))]
    pub permissions: Permissions,
}

fn check_permissions(permissions: &Permissions) -> Result<(), ValidationError> {
    if permissions.iter().all(|p| p.module.takes(p.operation)) {
        Ok(())
    } else {
        Err(ValidationError::new("no_operation"))
    }
}
