//! What nobody gives to others, nor to themselves.

use diesel::{OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::permission::Permission;
use guanxi_domain::user::{User, UserInput};
use guanxi_domain::{DepartmentId, ErrorCode, RoleId};

use crate::schema::departments;
use crate::{Actor, AnyConnection, Error, Result, role};

/// What an account gets of whoever makes or changes it.
pub(super) struct Given {
    pub role: Option<RoleId>,
    pub department: Option<DepartmentId>,
    /// Only the department is new.
    pub moved: bool,
}

/// Refuses to give a role with rights beyond one's own, or one's own rights in a department where one does not have them: whoever
/// keeps accounts would get at anything by another account.
pub(super) fn expect_may_give(
    connection: &mut AnyConnection,
    by: Option<&Actor>,
    given: &Given,
) -> Result<()> {
    let (Some(by), Some(role)) = (by, given.role) else {
        return Ok(());
    };
    let permissions = match role::get(connection, role) {
        Ok(role) => role.input.permissions,
        Err(Error::NotFound) => return Err(Error::invalid("/role_id", "reference")),
        Err(other) => return Err(other),
    };
    let path: Option<String> = match given.department {
        Some(department) => departments::table
            .find(department)
            .select(departments::path)
            .first(connection)
            .optional()?,
        None => None,
    };
    let depends = |p: &&Permission| !given.moved || p.scope.is_of_departments();
    let rights = by.lacks(permissions.iter().filter(depends), path.as_deref());
    if rights.is_empty() {
        return Ok(());
    }
    let pointer = if given.moved {
        "/department_id"
    } else {
        "/role_id"
    };
    Err(Error::Beyond { pointer, rights })
}

/// As [`expect_may_give`] for what a change gives; and nobody gives themselves another role or department, but administrators.
pub(super) fn expect_may_change(
    connection: &mut AnyConnection,
    by: Option<&Actor>,
    old: &User,
    new: &UserInput,
) -> Result<()> {
    let (role, department) = (new.role_id, new.department_id);
    let moved = role == old.input.role_id;
    if moved && department == old.input.department_id {
        return Ok(());
    }
    if by.is_some_and(|by| by.user_id == old.id && !by.permissions.administers()) {
        let member = if moved { "/department_id" } else { "/role_id" };
        return Err(Error::ConflictAt(ErrorCode::Forbidden, member.to_owned()));
    }
    let given = Given {
        role,
        department,
        moved,
    };
    expect_may_give(connection, by, &given)
}
