//! API keys. Only the hash of a key is stored.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use diesel::dsl::exists;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use guanxi_domain::api_key::{ApiKey, ApiKeyInput, ApiKeySecret, FIELDS, Right};
use guanxi_domain::permission::{Module, Operation, Permission, Permissions, Scope};
use guanxi_domain::user::UserState;
use guanxi_domain::{ApiKeyId, Checked, DepartmentId, ErrorCode, RoleId, Timestamp, UserId};

use crate::schema::{api_keys, departments, roles, shares, users};
use crate::stored::Json;
use crate::{
    Actor, AnyConnection, Column, Condition, Error, ListSpec, Record, Result, Tx, Visibility, user,
};

const RECORD: &str = "api_keys";

/// Seconds between two notes of a key's use.
const NOTED: i64 = 60;

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
struct Row {
    id: ApiKeyId,
    version: i64,
    name: String,
    user_id: UserId,
    created_by: Option<UserId>,
    prefix: String,
    key_hash: String,
    permissions: Json<Vec<Right>>,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    last_used_ip: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn into_key(self) -> Result<ApiKey> {
        Ok(ApiKey {
            id: self.id,
            version: self.version,
            prefix: self.prefix,
            user_id: self.user_id,
            created_by: self.created_by,
            revoked_at: self.revoked_at,
            last_used_at: self.last_used_at,
            last_used_ip: self.last_used_ip,
            created_at: self.created_at,
            updated_at: self.updated_at,
            input: ApiKeyInput {
                name: self.name,
                permissions: self.permissions.get()?,
                expires_at: self.expires_at,
            },
        })
    }
}

/// Keys that act for people whom the visibility reaches to.
fn scope(visibility: &Visibility) -> Condition {
    let column = |table, name| Column { table, name };
    match visibility {
        Visibility::All => Condition::Always,
        Visibility::Part(_) => Condition::InSelect(
            column("api_keys", "user_id"),
            column("users", "id"),
            Box::new(visibility.of_users()),
        ),
    }
}

pub struct ApiKeys;

impl Record for ApiKeys {
    type Item = ApiKey;
    const LIST: ListSpec = ListSpec::new(&FIELDS, "api_keys");
    const MODULE: Module = Module::Settings;

    fn scope(visibility: &Visibility) -> Condition {
        scope(visibility)
    }

    of_one_table!(api_keys, Row, Row::into_key);
}

fn find(connection: &mut AnyConnection, visibility: &Visibility, id: ApiKeyId) -> Result<Row> {
    Ok(api_keys::table
        .filter(api_keys::id.eq(id))
        .filter(scope(visibility))
        .select(Row::as_select())
        .first(connection)?)
}

pub fn get(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: ApiKeyId,
) -> Result<ApiKey> {
    find(connection, visibility, id)?.into_key()
}

/// A key to be made: for whom, and the key itself.
pub struct NewKey {
    pub user_id: UserId,
    pub input: ApiKeyInput,
    pub secret: String,
    pub hash: String,
}

/// Characters of a key that are shown.
const SHOWN: usize = 7;

/// Makes a key in somebody's name.
pub fn create(tx: &mut Tx<'_>, by: &Actor, new: &NewKey) -> Result<ApiKeySecret> {
    permitted(tx, by, new.user_id, &new.input)?;
    let row = Row {
        id: ApiKeyId::generate(),
        version: 1,
        name: new.input.name.clone(),
        user_id: new.user_id,
        created_by: Some(by.user_id),
        prefix: new.secret.chars().take(SHOWN).collect(),
        key_hash: new.hash.clone(),
        permissions: Json::new(&sorted(&new.input))?,
        expires_at: new.input.expires_at,
        revoked_at: None,
        last_used_at: None,
        last_used_ip: None,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(api_keys::table)
        .values(&row)
        .execute(tx.connection)
        .map_err(|e| Error::from(e).taken("name", "/name"))?;
    let key = row.into_key()?;
    tx.created(RECORD, key.id.as_str(), &key)?;
    Ok(ApiKeySecret {
        key,
        secret: new.secret.clone(),
    })
}

fn sorted(input: &ApiKeyInput) -> Vec<Right> {
    let mut rights = input.permissions.clone();
    rights.sort_unstable();
    rights
}

/// A key has rights that the person has whom it acts for, and that whoever makes it has too, on all of those records: else making
/// a key would be a way to become somebody else.
fn permitted(tx: &mut Tx<'_>, by: &Actor, whom: UserId, input: &ApiKeyInput) -> Result<()> {
    let person = match user::actor(tx.connection, whom) {
        Ok(person) => person,
        Err(Error::NotFound | Error::Conflict(_)) => {
            return Err(Error::invalid("/user_id", "reference"));
        }
        Err(other) => return Err(other),
    };
    for (number, right) in input.permissions.iter().enumerate() {
        let scope = |actor: &Actor| actor.permissions.scope(right.module, right.operation);
        let reaches = match (scope(&person), scope(by)) {
            (Some(theirs), Some(mine)) if person.user_id == by.user_id => theirs <= mine,
            (Some(_), Some(Scope::All)) => true,
            // What is another's own, or their department's, is within a tree that holds their department.
            (Some(theirs), Some(Scope::DepartmentTree)) => {
                theirs <= Scope::DepartmentTree && by.leads(person.department_path.as_deref())
            }
            _ => false,
        };
        if !reaches {
            return Err(Error::invalid(
                format!("/permissions/{number}"),
                "right_not_held",
            ));
        }
    }
    if input.expires_at.is_some_and(|end| end <= tx.now) {
        return Err(Error::invalid("/expires_at", "past"));
    }
    Ok(())
}

/// Changes name, rights or end.
pub fn update(
    tx: &mut Tx<'_>,
    by: &Actor,
    visibility: &Visibility,
    id: ApiKeyId,
    version: i64,
    input: &Checked<ApiKeyInput>,
) -> Result<ApiKey> {
    let row = expect(tx, visibility, id, version)?;
    permitted(tx, by, row.user_id, input)?;
    change(tx, "updated", row, |row, _| {
        row.name.clone_from(&input.name);
        row.permissions = Json::new(&sorted(input))?;
        row.expires_at = input.expires_at;
        Ok(())
    })
}

/// Ends a key for good: its next request is refused.
pub fn revoke(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: ApiKeyId,
    version: i64,
) -> Result<ApiKey> {
    let row = expect(tx, visibility, id, version)?;
    change(tx, "revoked", row, |row, now| {
        row.revoked_at = Some(now);
        Ok(())
    })
}

/// The key as it is, if it has not been revoked.
fn expect(tx: &mut Tx<'_>, visibility: &Visibility, id: ApiKeyId, version: i64) -> Result<Row> {
    let row = find(tx.connection, visibility, id)?;
    if row.version != version {
        return Err(Error::Stale);
    }
    if row.revoked_at.is_some() {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    Ok(row)
}

fn change(
    tx: &mut Tx<'_>,
    action: &str,
    mut row: Row,
    f: impl FnOnce(&mut Row, Timestamp) -> Result<()>,
) -> Result<ApiKey> {
    let old = row.clone().into_key()?;
    f(&mut row, tx.now)?;
    row.version = old.version + 1;
    row.updated_at = tx.now;
    let changed = diesel::update(
        api_keys::table
            .find(old.id)
            .filter(api_keys::version.eq(old.version)),
    )
    .set((
        api_keys::version.eq(row.version),
        api_keys::name.eq(&row.name),
        api_keys::permissions.eq(&row.permissions),
        api_keys::expires_at.eq(row.expires_at),
        api_keys::revoked_at.eq(row.revoked_at),
        api_keys::updated_at.eq(row.updated_at),
    ))
    .execute(tx.connection)
    .map_err(|e| Error::from(e).taken("name", "/name"))?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let new = row.into_key()?;
    tx.changed(RECORD, old.id.as_str(), action, &old, &new)?;
    Ok(new)
}

/// Somebody in whose name a key acts.
pub struct Holder {
    pub actor: Actor,
    pub id: ApiKeyId,
    pub name: String,
    /// Its use is to be noted.
    pub unnoted: bool,
}

/// Who acts by the key with this hash.
pub enum Found {
    Holder(Holder),
    /// It is a key, but no good any more: why.
    Bad(&'static str),
    Unknown,
}

/// Rights by key and its version, and role and its version: made once, not for every request.
type Rights = HashMap<(ApiKeyId, i64, RoleId, i64), Arc<Permissions>>;

static RIGHTS: LazyLock<RwLock<Rights>> = LazyLock::new(RwLock::default);

/// Who acts by the key with this hash, with the rights of this moment: those of the key that the person's role has. One look-up.
pub fn holder(connection: &mut AnyConnection, hash: &str) -> Result<Found> {
    type Of = (
        String,
        UserState,
        Option<DepartmentId>,
        Option<(RoleId, i64)>,
        Option<String>,
        bool,
    );
    let found: Option<(Row, Of)> = api_keys::table
        .inner_join(users::table.on(users::id.eq(api_keys::user_id)))
        .left_join(roles::table.on(roles::id.nullable().eq(users::role_id)))
        .left_join(departments::table.on(departments::id.nullable().eq(users::department_id)))
        .filter(api_keys::key_hash.eq(hash))
        .select((
            Row::as_select(),
            (
                users::name,
                users::state,
                users::department_id,
                (roles::id, roles::version).nullable(),
                departments::path.nullable(),
                exists(shares::table.filter(shares::user_id.eq(users::id))),
            ),
        ))
        .first(connection)
        .optional()?;
    let Some((key, (name, state, department_id, role, department_path, has_shares))) = found else {
        return Ok(Found::Unknown);
    };
    let now = Timestamp::now();
    let bad = match state {
        _ if key.revoked_at.is_some() => Some("key_revoked"),
        _ if key.expires_at.is_some_and(|end| end <= now) => Some("key_expired"),
        UserState::Active => None,
        UserState::Frozen => Some(ErrorCode::AccountFrozen.as_str()),
        UserState::Pending => Some(ErrorCode::AccountPending.as_str()),
    };
    if let Some(why) = bad {
        return Ok(Found::Bad(why));
    }
    let permissions = match role {
        Some(role) => rights(connection, &key, role)?,
        None => Arc::default(),
    };
    let unnoted = key
        .last_used_at
        .is_none_or(|noted| noted < now.plus_seconds(-NOTED));
    Ok(Found::Holder(Holder {
        actor: Actor {
            user_id: key.user_id,
            name,
            department_id,
            department_path,
            permissions,
            has_shares,
        },
        id: key.id,
        name: key.name,
        unnoted,
    }))
}

/// What imports write.
const IMPORTED: &[Module] = &[
    Module::Customers,
    Module::Contacts,
    Module::Products,
    Module::Orders,
    Module::Tickets,
];

/// What the role allows and the key may be used for. An import runs later, with all rights of the person: a key starts one only if it
/// has those itself.
fn of_both(given: &[Right], role: &Permissions) -> Permissions {
    let has = |p: &Permission| {
        given.contains(&Right {
            module: p.module,
            operation: p.operation,
        })
    };
    let writes = |p: &&Permission| {
        IMPORTED.contains(&p.module)
            && matches!(
                p.operation,
                Operation::Create | Operation::Update | Operation::Assign
            )
    };
    let may_import = role.iter().filter(writes).all(has);
    let only_looks = |p: &Permission| p.module != Module::Imports || p.operation == Operation::Read;
    let kept = role
        .iter()
        .filter(|p| has(p) && (may_import || only_looks(p)));
    Permissions::new(kept.copied())
}

fn rights(
    connection: &mut AnyConnection,
    key: &Row,
    (role, version): (RoleId, i64),
) -> Result<Arc<Permissions>> {
    let of = (key.id, key.version, role, version);
    let known = RIGHTS.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(&of) {
        return Ok(Arc::clone(known));
    }
    drop(known);
    let given = key.permissions.get()?;
    let of_role = user::of_role(connection, role, version)?;
    let rights = Arc::new(of_both(&given, &of_role));
    RIGHTS
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(of, Arc::clone(&rights));
    Ok(rights)
}

/// Notes that a key was used, once a minute at most.
pub fn note_use(tx: &mut Tx<'_>, id: ApiKeyId, ip: &str) -> Result<()> {
    let due = tx.now.plus_seconds(-NOTED);
    diesel::update(
        api_keys::table.find(id).filter(
            api_keys::last_used_at
                .is_null()
                .or(api_keys::last_used_at.lt(due)),
        ),
    )
    .set((
        api_keys::last_used_at.eq(Some(tx.now)),
        api_keys::last_used_ip.eq(Some(ip)),
    ))
    .execute(tx.connection)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use guanxi_domain::permission::{Scope, ShippedRole};

    use super::*;

    const fn right(module: Module, operation: Operation) -> Right {
        Right { module, operation }
    }

    #[test]
    fn a_key_has_what_both_have() {
        use Module as M;
        use Operation as O;

        let sales = ShippedRole::Sales.permissions();
        let given = [right(M::Customers, O::Read), right(M::Audit, O::Read)];
        let both = of_both(&given, &sales);
        assert_eq!(both.iter().count(), 1);
        assert_eq!(both.scope(M::Customers, O::Read), Some(Scope::Own));
    }

    #[test]
    fn who_imports_by_a_key_writes_no_more_than_the_key_may() {
        use Module as M;
        use Operation as O;

        let role = ShippedRole::Administrator.permissions();
        let mut given = vec![
            right(M::Imports, O::Read),
            right(M::Imports, O::Create),
            right(M::Orders, O::Create),
        ];
        let some = of_both(&given, &role);
        assert!(some.allows(M::Imports, O::Read) && !some.allows(M::Imports, O::Create));
        for module in IMPORTED {
            for operation in [O::Create, O::Update, O::Assign] {
                given.push(right(*module, operation));
            }
        }
        assert!(of_both(&given, &role).allows(M::Imports, O::Create));
    }
}
