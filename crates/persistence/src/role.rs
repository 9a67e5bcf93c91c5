//! Roles.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::permission::{Permissions, ShippedRole};
use guanxi_domain::role::{Role, RoleInput};
use guanxi_domain::{Checked, ErrorCode, Lang, RoleId, Rules, Timestamp};
use serde_json::Value;

use crate::schema::{roles, users};
use crate::stored::Json;
use crate::{Actor, AnyConnection, Error, Result, Tx, user};

const RECORD: &str = "roles";

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = roles, treat_none_as_default_value = false)]
struct Row {
    id: RoleId,
    version: i64,
    shipped: Option<String>,
    name_zh: String,
    name_en: String,
    permissions: Json<Permissions>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn into_role(self, holders: i64) -> Result<Role> {
        Ok(Role {
            holders,
            id: self.id,
            version: self.version,
            shipped: self.shipped,
            created_at: self.created_at,
            updated_at: self.updated_at,
            input: RoleInput {
                name_zh: self.name_zh,
                name_en: self.name_en,
                permissions: Permissions::new(self.permissions.get()?.iter().copied()),
            },
        })
    }
}

/// All roles, those that ship first.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Role>> {
    let rows: Vec<Row> = roles::table
        .order((roles::created_at, roles::id))
        .select(Row::as_select())
        .load(connection)?;
    let holders: Vec<(Option<RoleId>, i64)> = users::table
        .group_by(users::role_id)
        .select((users::role_id, diesel::dsl::count_star()))
        .load(connection)?;
    let of = |id| holders.iter().find(|(role, _)| *role == Some(id));
    rows.into_iter()
        .map(|row| {
            let n = of(row.id).map_or(0, |(_, n)| *n);
            row.into_role(n)
        })
        .collect()
}

pub fn get(connection: &mut AnyConnection, id: RoleId) -> Result<Role> {
    let row: Row = roles::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?;
    let holders = users::table
        .filter(users::role_id.eq(id))
        .count()
        .get_result(connection)?;
    row.into_role(holders)
}

/// The role of this name that ships.
pub fn shipped(connection: &mut AnyConnection, role: ShippedRole) -> Result<RoleId> {
    Ok(roles::table
        .filter(roles::shipped.eq(role.as_str()))
        .select(roles::id)
        .first(connection)?)
}

fn taken(error: diesel::result::Error) -> Error {
    Error::from(error)
        .taken("name_zh", "/name_zh")
        .taken("name_en", "/name_en")
}

fn insert(tx: &mut Tx<'_>, shipped: Option<&str>, input: &RoleInput) -> Result<Role> {
    let row = Row {
        id: RoleId::generate(),
        version: 1,
        shipped: shipped.map(str::to_owned),
        name_zh: input.name_zh.clone(),
        name_en: input.name_en.clone(),
        permissions: Json::new(&Permissions::new(input.permissions.iter().copied()))?,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(roles::table)
        .values(row.clone())
        .execute(tx.connection)
        .map_err(taken)?;
    row.into_role(0)
}

/// Refuses rights beyond those of whoever gives them, but for those that the role has already. `by` is `None` for the program itself.
fn expect_may_give(by: Option<&Actor>, old: &Permissions, new: &Permissions) -> Result<()> {
    let Some(by) = by else { return Ok(()) };
    let added = new
        .iter()
        .filter(|p| old.scope(p.module, p.operation) < Some(p.scope));
    let rights = by.lacks(added, None);
    if rights.is_empty() {
        return Ok(());
    }
    let pointer = "/permissions";
    Err(Error::Beyond { pointer, rights })
}

pub fn create(tx: &mut Tx<'_>, by: Option<&Actor>, input: &Checked<RoleInput>) -> Result<Role> {
    expect_may_give(by, &Permissions::default(), &input.permissions)?;
    let role = insert(tx, None, input)?;
    tx.created(RECORD, role.id.as_str(), &told(&role)?)?;
    Ok(role)
}

pub fn update(
    tx: &mut Tx<'_>,
    by: Option<&Actor>,
    id: RoleId,
    version: i64,
    input: &Checked<RoleInput>,
) -> Result<Role> {
    let old = get(tx.connection, id)?;
    if old.version != version {
        return Err(Error::Stale);
    }
    expect_may_give(by, &old.input.permissions, &input.permissions)?;
    let changed = diesel::update(roles::table.find(id).filter(roles::version.eq(version)))
        .set((
            roles::version.eq(version + 1),
            roles::name_zh.eq(&input.name_zh),
            roles::name_en.eq(&input.name_en),
            roles::permissions.eq(Json::new(&Permissions::new(
                input.permissions.iter().copied(),
            ))?),
            roles::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)
        .map_err(taken)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    user::expect_administrator(tx.connection)?;
    let new = get(tx.connection, id)?;
    tx.updated(RECORD, id.as_str(), &told(&old)?, &told(&new)?)?;
    Ok(new)
}

/// Gives a role that ships the permissions that it shipped with. Refused for other roles.
pub fn reset(tx: &mut Tx<'_>, by: Option<&Actor>, id: RoleId, version: i64) -> Result<Role> {
    let old = get(tx.connection, id)?;
    let word = old.shipped.as_deref().unwrap_or_default();
    let shipped: ShippedRole = word
        .parse()
        .map_err(|_| Error::Conflict(ErrorCode::Conflict))?;
    let input = RoleInput {
        permissions: shipped.permissions(),
        ..old.input
    };
    let input = input
        .checked(Lang::En)
        .map_err(|_| Error::Internal(format!("the role {shipped} breaks its own rules")))?;
    update(tx, by, id, version, &input)
}

/// What the audit trail tells of a role: each permission is a field of its own.
fn told(role: &Role) -> Result<Value> {
    let mut fields = serde_json::Map::from_iter([
        ("name_zh".to_owned(), role.input.name_zh.clone().into()),
        ("name_en".to_owned(), role.input.name_en.clone().into()),
    ]);
    for p in role.input.permissions.iter() {
        let name = format!("{}:{}", p.module, p.operation);
        fields.insert(name, serde_json::to_value(p.scope)?);
    }
    Ok(Value::Object(fields))
}

/// Refused for a role that ships, and while people have it.
pub fn delete(tx: &mut Tx<'_>, id: RoleId, version: i64) -> Result<()> {
    let old = get(tx.connection, id)?;
    if old.version != version {
        return Err(Error::Stale);
    }
    if old.shipped.is_some() {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    diesel::delete(roles::table.find(id))
        .execute(tx.connection)
        .map_err(Error::from)
        .map_err(|e| {
            if e.is_foreign_key() {
                Error::Conflict(ErrorCode::InUse)
            } else {
                e
            }
        })?;
    tx.deleted(RECORD, id.as_str(), &told(&old)?)
}

/// Adds the roles that ship and are not there.
pub fn ship(tx: &mut Tx<'_>) -> Result<()> {
    for role in ShippedRole::ALL {
        let known: Option<RoleId> = roles::table
            .filter(roles::shipped.eq(role.as_str()))
            .select(roles::id)
            .first(tx.connection)
            .optional()?;
        if known.is_none() {
            let input = RoleInput {
                name_zh: role.label(Lang::Zh).to_owned(),
                name_en: role.label(Lang::En).to_owned(),
                permissions: role.permissions(),
            };
            insert(tx, Some(role.as_str()), &input)?;
        }
    }
    Ok(())
}
