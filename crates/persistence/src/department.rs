//! Departments.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::department::{Department, DepartmentInput};
use guanxi_domain::{Checked, DepartmentId, ErrorCode, Timestamp};

use crate::schema::departments;
use crate::{AnyConnection, Error, Result, Tx};

const RECORD: &str = "departments";

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = departments, treat_none_as_default_value = false)]
struct Row {
    id: DepartmentId,
    version: i64,
    name: String,
    parent_id: Option<DepartmentId>,
    path: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Department {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            input: DepartmentInput {
                name: row.name,
                parent_id: row.parent_id,
            },
        }
    }
}

/// All departments, each after the one above it.
pub fn all(connection: &mut AnyConnection) -> Result<Vec<Department>> {
    let rows: Vec<Row> = departments::table
        .order((departments::path, departments::name))
        .select(Row::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(Department::from).collect())
}

pub fn get(connection: &mut AnyConnection, id: DepartmentId) -> Result<Department> {
    row(connection, id).map(Department::from)
}

fn row(connection: &mut AnyConnection, id: DepartmentId) -> Result<Row> {
    Ok(departments::table
        .find(id)
        .select(Row::as_select())
        .first(connection)?)
}

fn parent(connection: &mut AnyConnection, id: Option<DepartmentId>) -> Result<String> {
    let Some(id) = id else {
        return Ok("/".to_owned());
    };
    row(connection, id).map(|r| r.path).map_err(|e| match e {
        Error::NotFound => Error::invalid("/parent_id", "reference"),
        other => other,
    })
}

pub fn create(tx: &mut Tx<'_>, input: &Checked<DepartmentInput>) -> Result<Department> {
    let id = DepartmentId::generate();
    let above = parent(tx.connection, input.parent_id)?;
    let row = Row {
        id,
        version: 1,
        name: input.name.clone(),
        parent_id: input.parent_id,
        path: format!("{above}{id}/"),
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(departments::table)
        .values(row.clone())
        .execute(tx.connection)?;
    let department = Department::from(row);
    tx.created(RECORD, id.as_str(), &department)?;
    Ok(department)
}

pub fn update(
    tx: &mut Tx<'_>,
    id: DepartmentId,
    version: i64,
    input: &Checked<DepartmentInput>,
) -> Result<Department> {
    let old = row(tx.connection, id)?;
    if old.version != version {
        return Err(Error::Stale);
    }
    let above = parent(tx.connection, input.parent_id)?;
    if above.starts_with(&old.path) {
        return Err(Error::invalid("/parent_id", "cycle"));
    }
    let path = format!("{above}{id}/");
    let changed = diesel::update(
        departments::table
            .find(id)
            .filter(departments::version.eq(version)),
    )
    .set((
        departments::version.eq(version + 1),
        departments::name.eq(&input.name),
        departments::parent_id.eq(input.parent_id),
        departments::path.eq(&path),
        departments::updated_at.eq(tx.now),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    if path != old.path {
        // Those below move along.
        let below: Vec<(DepartmentId, String)> = departments::table
            .filter(departments::path.gt(&old.path))
            .filter(departments::path.lt(format!("{}0", old.path.trim_end_matches('/'))))
            .select((departments::id, departments::path))
            .load(tx.connection)?;
        for (child, child_path) in below {
            let rest = child_path.strip_prefix(&old.path).unwrap_or_default();
            diesel::update(departments::table.find(child))
                .set(departments::path.eq(format!("{path}{rest}")))
                .execute(tx.connection)?;
        }
    }
    let new = get(tx.connection, id)?;
    tx.updated(RECORD, id.as_str(), &Department::from(old), &new)?;
    Ok(new)
}

/// Refused while people, records or other departments belong to it.
pub fn delete(tx: &mut Tx<'_>, id: DepartmentId, version: i64) -> Result<()> {
    let old = get(tx.connection, id)?;
    if old.version != version {
        return Err(Error::Stale);
    }
    diesel::delete(departments::table.find(id))
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

/// The first department, which the first account gets; made if there is none.
pub(crate) fn first(tx: &mut Tx<'_>, name: &str) -> Result<DepartmentId> {
    let known = departments::table
        .filter(departments::parent_id.is_null())
        .order(departments::created_at)
        .select(departments::id)
        .first(tx.connection)
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let id = DepartmentId::generate();
    let row = Row {
        id,
        version: 1,
        name: name.to_owned(),
        parent_id: None,
        path: format!("/{id}/"),
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(departments::table)
        .values(row.clone())
        .execute(tx.connection)?;
    tx.created(RECORD, id.as_str(), &Department::from(row))?;
    Ok(id)
}
