//! Roles.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::permission::{Permissions, ShippedRole};
use guanxi_domain::role::{Role, RoleInput};
use guanxi_domain::{Checked, ErrorCode, Lang, RoleId, Timestamp};

use crate::schema::roles;
use crate::stored::Json;
use crate::{AnyConnection, Error, Result, Tx};

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
    fn into_role(self) -> Result<Role> {
        Ok(Role {
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
    rows.into_iter().map(Row::into_role).collect()
}

pub fn get(connection: &mut AnyConnection, id: RoleId) -> Result<Role> {
    let row: Row = roles::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?;
    row.into_role()
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
    row.into_role()
}

pub fn create(tx: &mut Tx<'_>, input: &Checked<RoleInput>) -> Result<Role> {
    let role = insert(tx, None, input)?;
    tx.created(RECORD, role.id.as_str(), &role)?;
    Ok(role)
}

pub fn update(
    tx: &mut Tx<'_>,
    id: RoleId,
    version: i64,
    input: &Checked<RoleInput>,
) -> Result<Role> {
    let old = get(tx.connection, id)?;
    if old.version != version {
        return Err(Error::Stale);
    }
    if old.shipped.as_deref() == Some(ShippedRole::Administrator.as_str())
        && input.permissions != ShippedRole::Administrator.permissions()
    {
        // Otherwise administrators could lock themselves out.
        return Err(Error::Conflict(ErrorCode::LastAdministrator));
    }
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
    let new = get(tx.connection, id)?;
    tx.updated(RECORD, id.as_str(), &old, &new)?;
    Ok(new)
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
    tx.deleted(RECORD, id.as_str(), &old)
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
