//! Sharing records with named colleagues. What a share gives is part of every [`Visibility`]; here it is given, taken and shown.

use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::notification::NotificationKind;
use guanxi_domain::permission::Operation;
use guanxi_domain::share::{Share, ShareInput, ShareLevel, Shareable};
use guanxi_domain::{Checked, Date, Timestamp, UserId};
use serde_json::{Value, json};

use crate::condition::{Column, Condition};
use crate::export::Titles;
use crate::schema::{shares, users};
use crate::seen::Kind;
use crate::{AnyConnection, Error, Result, Tx, Visibility, notification, user};

/// What people call a record, if it is among those that one sees or may change.
fn title(
    connection: &mut AnyConnection,
    record: Shareable,
    id: &str,
    visibility: &Visibility,
    operation: Operation,
) -> Result<String> {
    let kind = Kind::of(record.as_str()).ok_or(Error::NotFound)?;
    let own = Column {
        table: kind.record,
        name: "id",
    };
    let titles = Titles {
        record: kind.record,
        title: match record {
            Shareable::Customers => "name",
            Shareable::Orders => "number",
            Shareable::Tickets => "subject",
        },
        condition: Condition::is(own, id).and(kind.scope(visibility, operation)),
    };
    let found: Vec<(String, String)> = titles.load(connection)?;
    let first = found.into_iter().next();
    first.map(|(_, title)| title).ok_or(Error::NotFound)
}

type Row = (
    UserId,
    String,
    ShareLevel,
    Option<UserId>,
    Timestamp,
    Option<Date>,
);

fn share((user_id, user_name, level, by, at, until): Row) -> Share {
    Share {
        user_name,
        by,
        at,
        input: ShareInput {
            user_id,
            level,
            until,
        },
    }
}

/// With whom a record that is seen is shared, by name. Shares that have ended are there until they are cleared away.
pub fn list(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    record: Shareable,
    id: &str,
) -> Result<Vec<Share>> {
    title(connection, record, id, visibility, Operation::Read)?;
    let rows: Vec<Row> = shares::table
        .inner_join(users::table.on(users::id.eq(shares::user_id)))
        .filter(shares::record_type.eq(record))
        .filter(shares::record_id.eq(id))
        .order((users::name, users::id))
        .select((
            shares::user_id,
            users::name,
            shares::level,
            shares::by_id,
            shares::at,
            shares::until,
        ))
        .load(connection)?;
    Ok(rows.into_iter().map(share).collect())
}

fn find(
    connection: &mut AnyConnection,
    record: Shareable,
    id: &str,
    with: UserId,
) -> Result<Option<Share>> {
    let row: Option<Row> = shares::table
        .inner_join(users::table.on(users::id.eq(shares::user_id)))
        .filter(shares::user_id.eq(with))
        .filter(shares::record_type.eq(record))
        .filter(shares::record_id.eq(id))
        .select((
            shares::user_id,
            users::name,
            shares::level,
            shares::by_id,
            shares::at,
            shares::until,
        ))
        .first(connection)
        .optional()?;
    Ok(row.map(share))
}

/// How a record is shared with somebody, also if that has ended.
pub(crate) fn with(
    connection: &mut AnyConnection,
    record: Shareable,
    id: &str,
    user: UserId,
) -> Result<Option<ShareInput>> {
    Ok(find(connection, record, id, user)?.map(|share| share.input))
}

/// Somebody must be able to make use of it: a share says on which records, not what may be done.
fn check(tx: &mut Tx<'_>, record: Shareable, input: &ShareInput) -> Result<()> {
    if input.until.is_some_and(|until| until < tx.now.date()) {
        return Err(Error::invalid("/until", "past"));
    }
    if user::exists_active(tx.connection, input.user_id)?.is_none() {
        return Err(Error::invalid("/user_id", "reference"));
    }
    let with = user::actor(tx.connection, input.user_id)?;
    let may = |operation| with.permissions.allows(record.module(), operation);
    if !may(Operation::Read) {
        return Err(Error::invalid("/user_id", "no_right"));
    }
    if input.level == ShareLevel::Write && !may(Operation::Update) {
        return Err(Error::invalid("/level", "no_right"));
    }
    Ok(())
}

/// Shares a record, or changes how it is shared. By those in whose scope it is to change it: what was shared is not shared on.
pub fn put(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    record: Shareable,
    id: &str,
    input: &Checked<ShareInput>,
) -> Result<Share> {
    let within = visibility.unshared();
    let subject = title(tx.connection, record, id, &within, Operation::Update)?;
    check(tx, record, input)?;
    let old = find(tx.connection, record, id, input.user_id)?;
    let values = (
        shares::user_id.eq(input.user_id),
        shares::record_type.eq(record),
        shares::record_id.eq(id),
        shares::level.eq(input.level),
        shares::by_id.eq(tx.origin.user_id),
        shares::at.eq(tx.now),
        shares::until.eq(input.until),
    );
    let change = (
        shares::level.eq(input.level),
        shares::by_id.eq(tx.origin.user_id),
        shares::at.eq(tx.now),
        shares::until.eq(input.until),
    );
    per_backend!(&mut *tx.connection, c => diesel::insert_into(shares::table)
        .values(values)
        .on_conflict((shares::user_id, shares::record_type, shares::record_id))
        .do_update()
        .set(change)
        .execute(c))?;
    let new = find(tx.connection, record, id, input.user_id)?.ok_or(Error::NotFound)?;
    let told = told(old.as_ref().map(|old| old.input), Some(new.input));
    tx.record(record.as_str(), id, "shared", told)?;
    let more = old.is_none_or(|old| old.input.level < new.input.level);
    if more && !tx.is_by(input.user_id) {
        notification::tell(
            tx,
            input.user_id,
            NotificationKind::RecordShared,
            (record.as_str(), id),
            &subject,
        )?;
    }
    Ok(new)
}

/// What the audit trail tells.
fn told(old: Option<ShareInput>, new: Option<ShareInput>) -> Value {
    json!({ "shares": { "old": old, "new": new } })
}

/// Takes a share back.
pub fn remove(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    record: Shareable,
    id: &str,
    with: UserId,
) -> Result<()> {
    let within = visibility.unshared();
    title(tx.connection, record, id, &within, Operation::Update)?;
    let old = find(tx.connection, record, id, with)?.ok_or(Error::NotFound)?;
    diesel::delete(
        shares::table
            .filter(shares::user_id.eq(with))
            .filter(shares::record_type.eq(record))
            .filter(shares::record_id.eq(id)),
    )
    .execute(tx.connection)?;
    tx.record(record.as_str(), id, "unshared", told(Some(old.input), None))
}

/// Forgets the shares of records that are gone.
pub(crate) fn forget(connection: &mut AnyConnection, record: &str, ids: &[&str]) -> Result<()> {
    let Ok(record) = record.parse::<Shareable>() else {
        return Ok(());
    };
    diesel::delete(
        shares::table
            .filter(shares::record_type.eq(record))
            .filter(shares::record_id.eq_any(ids)),
    )
    .execute(connection)?;
    Ok(())
}

/// Deletes the shares that ended before this day; how many.
pub fn prune(tx: &mut Tx<'_>, before: Date) -> Result<usize> {
    Ok(diesel::delete(shares::table.filter(shares::until.lt(before))).execute(tx.connection)?)
}
