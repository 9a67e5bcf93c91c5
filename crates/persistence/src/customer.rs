//! Customers, their evaluations and the quality of their data.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::audit::differences;
use guanxi_domain::custom::CustomRecord;
use guanxi_domain::customer::{Customer, CustomerInput, Stage};
use guanxi_domain::notification::NotificationKind;
use guanxi_domain::permission::{Module, Operation, Scope};
use guanxi_domain::{Checked, ContactId, CustomerId, ErrorCode, UserId};

use crate::notification;
use crate::schema::{contacts, customer_metrics, customers};
use crate::{
    Actor, AnyConnection, Error, Result, Sequence, Tx, Visibility, custom_field, dictionary,
    search, segmentation, user, value,
};

mod blacklist;
pub mod evaluation;
mod list;
pub mod quality;
mod row;

pub use blacklist::{LiftBlacklist, blacklist, unblacklist};
use list::unarchived;
pub(crate) use list::{BEARERS, LIST, SEARCH, TABLES, column, ids, push_tables};
pub use list::{Customers, get};
pub(crate) use row::Row;

const RECORD: &str = "customers";

/// Checks what the database alone can tell: dictionaries, owner, parent. Fills in the owner's department.
///
/// `old` is the customer before the change. Somebody without the right to assign creates for themselves only, and
/// leaves owner and department as they are.
fn settle(
    tx: &mut Tx<'_>,
    actor: &Actor,
    old: Option<&Customer>,
    input: &mut CustomerInput,
) -> Result<()> {
    let before = old.map(|old| &old.input);
    let held = before.into_iter().flat_map(CustomerInput::dictionary_codes);
    dictionary::check(tx.connection, held, input.dictionary_codes())?;
    let held = before.map(|before| &before.custom);
    input.custom =
        custom_field::settle(tx.connection, CustomRecord::Customers, held, &input.custom)?;
    let old_owner = old.map(|o| o.input.owner_id);
    if old_owner != Some(input.owner_id) {
        let for_self = old.is_none() && input.owner_id == Some(actor.user_id);
        if !for_self && !may_assign(tx.connection, actor, old)? {
            return Err(Error::ConflictAt(
                ErrorCode::Forbidden,
                "/owner_id".to_owned(),
            ));
        }
        if let Some(owner) = input.owner_id {
            let department = user::exists_active(tx.connection, owner)?
                .ok_or_else(|| Error::invalid("/owner_id", "reference"))?;
            input.department_id = input.department_id.filter(|_| old.is_none()).or(department);
        }
    } else if before.is_some_and(|before| before.department_id != input.department_id)
        && !may_assign(tx.connection, actor, old)?
    {
        // Another department sees it then, as another owner would.
        return Err(Error::ConflictAt(
            ErrorCode::Forbidden,
            "/department_id".to_owned(),
        ));
    }
    if old.is_none() && input.department_id.is_none() {
        input.department_id = actor.department_id;
    }
    if let Some(parent) = input.parent_id
        && before.is_none_or(|before| before.parent_id != Some(parent))
    {
        check_parent(tx.connection, actor, old.map(|o| o.id), parent)?;
    }
    Ok(())
}

/// Whether somebody may give this customer to somebody else, or a new one to anybody.
fn may_assign(
    connection: &mut AnyConnection,
    actor: &Actor,
    old: Option<&Customer>,
) -> Result<bool> {
    match (user::assignable(actor, Module::Customers), old) {
        (None, _) => Ok(false),
        (Some(_), None) => Ok(true),
        (Some(visibility), Some(old)) => Ok(get(connection, &visibility, old.id).map_or_else(
            |error| match error {
                Error::NotFound => Ok(false),
                other => Err(other),
            },
            |_| Ok(true),
        )?),
    }
}

/// The dealer tree has no circles, and a parent is one that this person sees.
fn check_parent(
    connection: &mut AnyConnection,
    actor: &Actor,
    id: Option<CustomerId>,
    parent: CustomerId,
) -> Result<()> {
    let visibility = actor.visibility(Module::Customers, Operation::Read);
    let unseen = || Error::invalid("/parent_id", "reference");
    let visibility = visibility.ok_or_else(unseen)?;
    let seen: i64 = customers::table
        .filter(customers::id.eq(parent))
        .filter(visibility.owned("customers"))
        .count()
        .get_result(connection)?;
    if seen == 0 {
        return Err(unseen());
    }
    let mut above = Some(parent);
    for _ in 0..1_000 {
        let Some(current) = above else { return Ok(()) };
        if Some(current) == id {
            return Err(Error::invalid("/parent_id", "cycle"));
        }
        above = customers::table
            .find(current)
            .select(customers::parent_id)
            .first(connection)
            .optional()?
            .ok_or_else(unseen)?;
    }
    Err(Error::invalid("/parent_id", "cycle"))
}

fn taken(error: diesel::result::Error) -> Error {
    let error = Error::from(error).taken("code", "/code");
    if error.is_foreign_key() {
        Error::invalid("/department_id", "reference")
    } else {
        error
    }
}

/// Inserts a customer and the row for its figures.
pub(crate) fn insert(connection: &mut AnyConnection, row: &Row) -> Result<()> {
    diesel::insert_into(customers::table)
        .values(row.clone())
        .execute(connection)
        .map_err(taken)?;
    diesel::insert_into(customer_metrics::table)
        .values(customer_metrics::customer_id.eq(row.id))
        .execute(connection)?;
    Ok(())
}

/// Creates a customer. `owner_given` tells an owner of `null` (public pool) from one that was left out.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    input: &Checked<CustomerInput>,
    owner_given: bool,
) -> Result<Customer> {
    let mut input = (**input).clone();
    if !owner_given {
        input.owner_id = Some(actor.user_id);
    }
    settle(tx, actor, None, &mut input)?;
    let code = match &input.code {
        Some(code) => code.clone(),
        None => Sequence::CustomerCode.next_free(tx, |tx, code| {
            let taken = customers::table.filter(customers::code.eq(code));
            Ok(taken.count().get_result::<i64>(tx.connection)? == 0)
        })?,
    };
    let row = Row::new(CustomerId::generate(), code, &input, tx.now)?;
    insert(tx.connection, &row)?;
    let customer = get(tx.connection, &Visibility::All, row.id)?;
    tx.created(RECORD, customer.id.as_str(), &customer)?;
    tell_owner(tx, None, &customer)?;
    Ok(customer)
}

/// Creates customers whose codes are known to be free and whose references are known to be good, many a statement.
pub(crate) fn create_many(
    tx: &mut Tx<'_>,
    new: &[(CustomerId, String, CustomerInput)],
) -> Result<()> {
    let rows: Vec<Row> = new
        .iter()
        .map(|(id, code, input)| Row::new(*id, code.clone(), input, tx.now))
        .collect::<Result<_>>()?;
    insert_many!(tx.connection, customers::table, rows);
    let figures: Vec<_> = rows
        .iter()
        .map(|row| customer_metrics::customer_id.eq(row.id))
        .collect();
    insert_many!(tx.connection, customer_metrics::table, figures);
    let entries: Vec<(String, serde_json::Value)> = rows
        .into_iter()
        .map(|row| {
            let id = row.id.to_string();
            let customer = serde_json::to_value(row.into_customer(None, None, None, None)?)?;
            Ok((id, differences(&serde_json::json!({}), &customer)))
        })
        .collect::<Result<_>>()?;
    tx.record_many(RECORD, "created", &entries)
}

/// The customer, if it is seen and still has this version.
fn expect(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
) -> Result<Customer> {
    let old = get(connection, visibility, id)?;
    if old.version == version {
        Ok(old)
    } else {
        Err(Error::Stale)
    }
}

pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
    input: &Checked<CustomerInput>,
) -> Result<Customer> {
    let old = expect(tx.connection, visibility, id, version)?;
    let mut input = (**input).clone();
    settle(tx, actor, Some(&old), &mut input)?;
    change(tx, &old, "updated", |row| row.with(&input))
}

/// Notes on a customer that it is lost, unless it says so already.
pub(crate) fn lose(tx: &mut Tx<'_>, old: &Customer) -> Result<()> {
    if old.input.stage != Stage::Lost {
        let input = CustomerInput {
            stage: Stage::Lost,
            ..old.input.clone()
        };
        change(tx, old, "updated", |row| row.with(&input))?;
    }
    Ok(())
}

/// Changes a row, if it still has the version that was read, and records the difference.
fn change(
    tx: &mut Tx<'_>,
    old: &Customer,
    action: &str,
    f: impl FnOnce(Row) -> Result<Row>,
) -> Result<Customer> {
    let row: Row = customers::table
        .find(old.id)
        .select(Row::as_select())
        .first(tx.connection)?;
    let row = Row {
        version: old.version + 1,
        updated_at: tx.now,
        ..f(row)?
    };
    let changed = diesel::update(
        customers::table
            .filter(customers::id.eq(old.id))
            .filter(customers::version.eq(old.version)),
    )
    .set(row)
    .execute(tx.connection)
    .map_err(taken)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let new = get(tx.connection, &Visibility::All, old.id)?;
    tx.changed(RECORD, old.id.as_str(), action, old, &new)?;
    tell_owner(tx, old.input.owner_id, &new)?;
    Ok(new)
}

fn tell_owner(tx: &mut Tx<'_>, before: Option<UserId>, customer: &Customer) -> Result<()> {
    notification::tell_owner(
        tx,
        (before, customer.input.owner_id),
        NotificationKind::CustomerAssigned,
        (RECORD, customer.id.as_str()),
        &customer.input.name,
    )
}

/// Puts a customer away: it leaves the lists and keeps its history.
pub fn archive(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
) -> Result<Customer> {
    let old = expect(tx.connection, visibility, id, version)?;
    if old.archived_at.is_some() {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    let now = tx.now;
    change(tx, &old, "archived", |row| {
        Ok(Row {
            archived_at: Some(now),
            ..row
        })
    })
}

pub fn restore(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
) -> Result<Customer> {
    let old = expect(tx.connection, visibility, id, version)?;
    if old.archived_at.is_none() {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    change(tx, &old, "restored", |row| {
        Ok(Row {
            archived_at: None,
            ..row
        })
    })
}

/// Administrators only: what is gone is gone.
pub fn may_delete(actor: &Actor) -> bool {
    actor.permissions.scope(Module::Settings, Operation::Update) == Some(Scope::All)
}

/// Deletes for good; refused while orders, tickets or other customers refer to it. The audit stays.
pub fn delete(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: CustomerId,
    version: i64,
) -> Result<()> {
    let old = expect(tx.connection, visibility, id, version)?;
    // They go with their customer.
    let contacts: Vec<ContactId> = contacts::table
        .filter(contacts::customer_id.eq(id))
        .select(contacts::id)
        .load(tx.connection)?;
    search::remove(tx.connection, &contacts)?;
    segmentation::forget_customer(tx, id)?;
    value::forget_customer(tx, id)?;
    diesel::delete(customers::table.find(id))
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
