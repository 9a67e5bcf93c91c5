//! Users: the people who work with the system.

use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::permission::Permissions;
use crate::{DepartmentId, Field, FieldKind, FieldSet, Lang, RoleId, Timestamp, UserId};

choice! {
    /// Whether an account may be used.
    pub enum UserState {
        Pending = "pending", "待启用", "Pending";
        Active = "active", "正常", "Active";
        Frozen = "frozen", "已冻结", "Frozen";
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    pub id: UserId,
    pub version: i64,
    pub email: String,
    pub state: UserState,
    pub last_login_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: UserInput,
}

/// What an administrator sets of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserInput {
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    #[serde(default)]
    pub role_id: Option<RoleId>,
    #[serde(default)]
    pub department_id: Option<DepartmentId>,
    /// The language of messages to this person.
    #[serde(default)]
    pub language: Option<Lang>,
}

/// An account made by an administrator: active at once.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserCreate {
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    #[validate(custom(function = "crate::check_email"))]
    pub email: String,
    #[validate(
        length(min = 10, max = 200),
        custom(function = "crate::account::check_password")
    )]
    pub password: String,
    pub role_id: RoleId,
    pub department_id: DepartmentId,
    #[serde(default)]
    pub language: Option<Lang>,
}

/// Activation of a pending account.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserActivation {
    pub role_id: RoleId,
    pub department_id: DepartmentId,
}

/// A colleague, for pickers: what everybody may know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub department_id: Option<DepartmentId>,
    pub department: Option<String>,
}

/// Who is asking: account, role and rights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    pub user: User,
    pub role_zh: String,
    pub role_en: String,
    pub department: Option<String>,
    pub permissions: Permissions,
}

/// What people change of their own account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MeInput {
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub name: String,
    #[serde(default)]
    pub language: Option<Lang>,
}

/// The fields of a user.
pub const FIELDS: FieldSet = FieldSet {
    record: "users",
    default_sort: "name",
    fields: &[
        Field::new("name", FieldKind::Text, "姓名", "Name"),
        Field::new("email", FieldKind::Text, "邮箱", "E-mail"),
        Field::new(
            "state",
            FieldKind::Choice(UserState::CHOICES),
            "状态",
            "State",
        ),
        Field::new("role_id", FieldKind::Reference("roles"), "角色", "Role")
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
        Field::new(
            "last_login_at",
            FieldKind::Timestamp,
            "最近登录",
            "Last log-in",
        )
        .optional(),
        Field::new("created_at", FieldKind::Timestamp, "创建时间", "Created"),
    ],
};
