//! Who may do what with a record, and why.

use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use guanxi_domain::UserId;
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::share::{Access, Because};
use guanxi_domain::user::UserState;

use crate::schema::{departments, users};
use crate::seen::Kind;
use crate::{Actor, AnyConnection, Error, Result, Visibility, customer, user};

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
