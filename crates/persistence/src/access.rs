//! Who may do what with a record, and why.

use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::rights::{Reach, Rights, RightsCheck};
use guanxi_domain::share::{Access, Because};
use guanxi_domain::user::UserState;
use guanxi_domain::{DepartmentId, RoleId, UserId};

use crate::schema::{departments, roles, shares, users};
use crate::seen::Kind;
use crate::{Actor, AnyConnection, Error, Result, Visibility, customer, share, user};

/// Why somebody may do this to a record; `None` if they may not.
///
/// Asks the very conditions that are part of every query: what it says is what they find.
pub fn because(
    connection: &mut AnyConnection,
    actor: &Actor,
    record: &str,
    id: &str,
    operation: Operation,
) -> Result<Option<Because>> {
    let kind = Kind::of(record).ok_or(Error::NotFound)?;
    let (Some(scope), Some(visibility)) = (
        actor.permissions.scope(kind.module, operation),
        actor.visibility(kind.module, operation),
    ) else {
        return Ok(None);
    };
    if kind.module == Module::Customers
        && operation == Operation::Delete
        && !customer::may_delete(actor)
    {
        return Ok(None);
    }
    let mut ways = vec![
        (Because::Own, Visibility::own(actor.user_id)),
        (scope.into(), visibility.unshared()),
    ];
    if scope != Scope::All {
        ways.push((Because::Shared, visibility));
    }
    for (because, visibility) in ways {
        let condition = kind.scope(&visibility, operation);
        if kind.holds(connection, id, condition)? {
            return Ok(Some(because));
        }
    }
    Ok(None)
}

/// All active people who may see a record that the caller sees, by name.
pub fn of_record(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    record: &str,
    id: &str,
) -> Result<Vec<Access>> {
    let kind = Kind::of(record).ok_or(Error::NotFound)?;
    if !kind.holds(connection, id, kind.scope(visibility, Operation::Read))? {
        return Err(Error::NotFound);
    }
    let people: Vec<(UserId, Option<String>)> = users::table
        .left_join(departments::table.on(departments::id.nullable().eq(users::department_id)))
        .filter(users::state.eq(UserState::Active))
        .order((users::name, users::id))
        .select((users::id, departments::name.nullable()))
        .load(connection)?;
    let mut all = Vec::new();
    for (person, department) in people {
        let actor = user::actor(connection, person)?;
        if let Some(read) = because(connection, &actor, record, id, Operation::Read)? {
            let update = because(connection, &actor, record, id, Operation::Update)?;
            all.push(Access {
                user_id: person,
                user_name: actor.name,
                department,
                read,
                update,
            });
        }
    }
    Ok(all)
}

/// What somebody may do, where it comes from, and how far it reaches: counted by what every list counts by. How many records
/// there are in all is told to callers who see them all.
pub fn rights(connection: &mut AnyConnection, caller: &Actor, id: UserId) -> Result<Rights> {
    type Row = (
        UserState,
        Option<RoleId>,
        Option<(String, String)>,
        Option<DepartmentId>,
        Option<String>,
    );
    let (state, role_id, role, department_id, department): Row = users::table
        .left_join(roles::table.on(roles::id.nullable().eq(users::role_id)))
        .left_join(departments::table.on(departments::id.nullable().eq(users::department_id)))
        .filter(users::id.eq(id))
        .select((
            users::state,
            users::role_id,
            (roles::name_zh, roles::name_en).nullable(),
            users::department_id,
            departments::name.nullable(),
        ))
        .first(connection)?;
    let actor = user::actor_in_any_state(connection, id)?;
    let mut reach = Vec::new();
    for (kind, count) in Kind::counted() {
        let all = caller.visibility(kind.module, Operation::Read) == Some(Visibility::All);
        if let Some(visibility) = actor.visibility(kind.module, Operation::Read) {
            reach.push(Reach {
                module: kind.module,
                records: count(connection, &visibility)?,
                of: all
                    .then(|| count(connection, &Visibility::All))
                    .transpose()?,
            });
        }
    }
    let (role_zh, role_en) = role.unzip();
    Ok(Rights {
        user_id: id,
        user_name: actor.name,
        active: state == UserState::Active,
        role_id,
        role_zh,
        role_en,
        department_id,
        department,
        permissions: (*actor.permissions).clone(),
        reach,
        shares: shares::table
            .filter(shares::user_id.eq(id))
            .count()
            .get_result(connection)?,
    })
}

/// Whether somebody may do this to a record that the caller sees, and why.
pub fn check(
    connection: &mut AnyConnection,
    caller: &Actor,
    of: UserId,
    record: &str,
    id: &str,
    operation: Operation,
) -> Result<RightsCheck> {
    let kind = Kind::of(record).ok_or(Error::NotFound)?;
    because(connection, caller, record, id, Operation::Read)?.ok_or(Error::NotFound)?;
    let actor = user::actor_in_any_state(connection, of)?;
    let because = because(connection, &actor, record, id, operation)?;
    Ok(RightsCheck {
        record: record.to_owned(),
        record_id: id.to_owned(),
        operation,
        allowed: because.is_some(),
        because,
        scope: actor.permissions.scope(kind.module, operation),
        share: match record.parse() {
            Ok(record) => share::with(connection, record, id, of)?,
            Err(_) => None,
        },
    })
}
