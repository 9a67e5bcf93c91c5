//! What somebody may do, and why.

use serde::{Deserialize, Serialize};

use crate::permission::{Module, Operation, Permissions, Scope};
use crate::share::{Because, ShareInput};
use crate::{DepartmentId, RoleId, UserId};

/// What somebody may do, where it comes from, and how far it reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rights {
    pub user_id: UserId,
    pub user_name: String,
    /// Others can do nothing until their account is active.
    pub active: bool,
    pub role_id: Option<RoleId>,
    pub role_zh: Option<String>,
    pub role_en: Option<String>,
    pub department_id: Option<DepartmentId>,
    pub department: Option<String>,
    pub permissions: Permissions,
    /// How many records they see, of the types that they may read.
    pub reach: Vec<Reach>,
    /// How many records are shared with them.
    pub shares: i64,
}

/// How many records of a type somebody sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reach {
    pub module: Module,
    pub records: i64,
    /// How many there are in all; `null` for callers who do not see them all.
    pub of: Option<i64>,
}

/// Whether somebody may do something to a record, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RightsCheck {
    /// The record's type, in plural: `customers`.
    pub record: String,
    pub record_id: String,
    pub operation: Operation,
    pub allowed: bool,
    /// Why; `null`: they may not.
    pub because: Option<Because>,
    /// The scope of the role; `null`: it lacks the operation.
    pub scope: Option<Scope>,
    /// How the record is shared with them.
    pub share: Option<ShareInput>,
}
