//! Who somebody is, with the rights of this moment.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use diesel::dsl::exists;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl,
    RunQueryDsl,
};
use guanxi_domain::permission::{Module, Operation, Permissions, Scope, ShippedRole};
use guanxi_domain::user::UserState;
use guanxi_domain::{DepartmentId, ErrorCode, RoleId, SessionId, UserId};

use crate::schema::{departments, roles, sessions, shares, users};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, Visibility};

/// By role and its version.
type Rights = HashMap<(RoleId, i64), Arc<Permissions>>;

/// The rights of each role at its version: parsing them for every request would take longer than the request.
static RIGHTS: LazyLock<RwLock<Rights>> = LazyLock::new(RwLock::default);

/// What a role allows at this version.
pub(crate) fn of_role(
    connection: &mut AnyConnection,
    role: RoleId,
    version: i64,
) -> Result<Arc<Permissions>> {
    if let Some(known) = RIGHTS
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&(role, version))
    {
        return Ok(Arc::clone(known));
    }
    let stored: Json<Permissions> = roles::table
        .find(role)
        .select(roles::permissions)
        .first(connection)?;
    let parsed = Arc::new(Permissions::new(stored.get()?.iter().copied()));
    RIGHTS
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert((role, version), Arc::clone(&parsed));
    Ok(parsed)
}

/// Who this is, with the rights of this moment. `NotFound` if the account is gone, `Conflict` if it may not be used.
pub fn actor(connection: &mut AnyConnection, id: UserId) -> Result<Actor> {
    load_actor(connection, id, None)?.active()
}

/// Who this would be with an active account.
pub(crate) fn actor_in_any_state(connection: &mut AnyConnection, id: UserId) -> Result<Actor> {
    Ok(load_actor(connection, id, None)?.actor)
}

/// As [`actor`], for somebody with an access token: `NotFound` also when the log-in was ended meanwhile.
pub fn actor_in_session(
    connection: &mut AnyConnection,
    id: UserId,
    session: SessionId,
) -> Result<Actor> {
    load_actor(connection, id, Some(session))?.active()
}

/// Somebody, and whether they may do anything just now.
struct Loaded {
    actor: Actor,
    state: UserState,
}

impl Loaded {
    fn active(self) -> Result<Actor> {
        match self.state {
            UserState::Active => Ok(self.actor),
            UserState::Pending => Err(Error::Conflict(ErrorCode::AccountPending)),
            UserState::Frozen => Err(Error::Conflict(ErrorCode::AccountFrozen)),
        }
    }
}

fn load_actor(
    connection: &mut AnyConnection,
    id: UserId,
    session: Option<SessionId>,
) -> Result<Loaded> {
    type Row = (
        String,
        UserState,
        Option<DepartmentId>,
        Option<(RoleId, i64)>,
        Option<String>,
        Option<SessionId>,
        bool,
    );
    let of_session = sessions::user_id
        .eq(users::id)
        .and(sessions::id.nullable().eq(session.map(|s| s.to_string())));
    let (name, state, department_id, role, department_path, open, has_shares): Row = users::table
        .left_join(roles::table.on(roles::id.nullable().eq(users::role_id)))
        .left_join(departments::table.on(departments::id.nullable().eq(users::department_id)))
        .left_join(sessions::table.on(of_session))
        .filter(users::id.eq(id))
        .select((
            users::name,
            users::state,
            users::department_id,
            (roles::id, roles::version).nullable(),
            departments::path.nullable(),
            sessions::id.nullable(),
            exists(shares::table.filter(shares::user_id.eq(id))),
        ))
        .first(connection)?;
    if session.is_some() && open.is_none() {
        return Err(Error::NotFound);
    }
    let permissions = match role {
        Some((role, version)) => of_role(connection, role, version)?,
        None => Arc::default(),
    };
    let actor = Actor {
        user_id: id,
        name,
        department_id,
        department_path,
        permissions,
        has_shares,
    };
    Ok(Loaded { actor, state })
}

/// As [`actor`], by the e-mail that the person logs in with.
pub fn actor_by_email(connection: &mut AnyConnection, email: &str) -> Result<Actor> {
    let id: UserId = users::table
        .filter(users::email.eq(email.trim().to_lowercase()))
        .select(users::id)
        .first(connection)?;
    actor(connection, id)
}

/// An active administrator, for what is done from the command line.
pub fn any_administrator(connection: &mut AnyConnection) -> Result<Actor> {
    let id: UserId = users::table
        .inner_join(roles::table.on(roles::id.nullable().eq(users::role_id)))
        .filter(users::state.eq(UserState::Active))
        .filter(roles::shipped.eq(ShippedRole::Administrator.as_str()))
        .order(users::created_at)
        .select(users::id)
        .first(connection)?;
    actor(connection, id)
}

/// The records of a module that this person may give to somebody else.
pub(crate) fn assignable(actor: &Actor, module: Module) -> Option<Visibility> {
    actor
        .visibility(module, Operation::Assign)
        .filter(|_| may_assign(actor, module))
}

/// Whether this person may give work on these records to somebody else.
pub fn may_assign(actor: &Actor, module: Module) -> bool {
    actor
        .permissions
        .scope(module, Operation::Assign)
        .is_some_and(|s| s >= Scope::Department)
}
