//! Notifications: written in the transaction of what they tell of, read by whom they are for.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::notification::{FIELDS, Notification, NotificationKind, Notifications};
use guanxi_domain::{NotificationId, Timestamp, UserId};

use crate::schema::notifications;
use crate::{AnyConnection, Column, Condition, Error, ListQuery, ListSpec, Result, Tx};

const RECORD: &str = "notifications";

const LIST: ListSpec = ListSpec::new(&FIELDS, "notifications");

#[derive(diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
struct Row {
    id: NotificationId,
    user_id: UserId,
    kind: NotificationKind,
    record: String,
    record_id: String,
    subject: String,
    by_id: Option<UserId>,
    created_at: Timestamp,
    read_at: Option<Timestamp>,
}

impl From<Row> for Notification {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            record: row.record,
            record_id: row.record_id,
            subject: row.subject,
            by: row.by_id,
            created_at: row.created_at,
            read_at: row.read_at,
        }
    }
}

/// Tells somebody of a record.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    user: UserId,
    kind: NotificationKind,
    record: (&str, &str),
    subject: &str,
) -> Result<()> {
    let row = Row {
        id: NotificationId::generate(),
        user_id: user,
        kind,
        record: record.0.to_owned(),
        record_id: record.1.to_owned(),
        subject: subject.to_owned(),
        by_id: tx.origin.user_id,
        created_at: tx.now,
        read_at: None,
    };
    let id = row.id;
    diesel::insert_into(notifications::table)
        .values(row)
        .execute(tx.connection)?;
    tx.announce(RECORD, id.as_str(), "created", user)
}

/// Tells the new owner of a record, unless they took it themselves.
pub(crate) fn tell_owner(
    tx: &mut Tx<'_>,
    owner: (Option<UserId>, Option<UserId>),
    kind: NotificationKind,
    record: (&str, &str),
    subject: &str,
) -> Result<()> {
    let (before, after) = owner;
    match after {
        Some(user) if before != after && !tx.is_by(user) => tell(tx, user, kind, record, subject),
        _ => Ok(()),
    }
}

/// The notifications of somebody.
pub fn list(
    connection: &mut AnyConnection,
    user: UserId,
    query: &ListQuery,
) -> Result<Notifications> {
    let mine = Column {
        table: "notifications",
        name: "user_id",
    };
    let page = LIST.page(
        connection,
        query,
        Condition::is(mine, user.as_str()),
        |connection, condition, ordering, limit| {
            let rows: Vec<Row> = notifications::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(Row::as_select())
                .load(connection)?;
            Ok(rows.into_iter().map(Notification::from).collect())
        },
        |connection, condition| {
            Ok(notifications::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )?;
    let unread = notifications::table
        .filter(notifications::user_id.eq(user))
        .filter(notifications::read_at.is_null())
        .count()
        .get_result(connection)?;
    Ok(Notifications { page, unread })
}

/// Marks a notification as read, or all of somebody's; how many were not.
pub fn read(tx: &mut Tx<'_>, user: UserId, id: Option<NotificationId>) -> Result<i64> {
    let unread = notifications::table
        .filter(notifications::user_id.eq(user))
        .filter(notifications::read_at.is_null());
    let now = notifications::read_at.eq(tx.now);
    let read = match id {
        None => diesel::update(unread).set(now).execute(tx.connection)?,
        Some(id) => {
            let known: i64 = notifications::table
                .filter(notifications::id.eq(id))
                .filter(notifications::user_id.eq(user))
                .count()
                .get_result(tx.connection)?;
            if known == 0 {
                return Err(Error::NotFound);
            }
            diesel::update(unread.filter(notifications::id.eq(id)))
                .set(now)
                .execute(tx.connection)?
        }
    };
    if read > 0 {
        // Other windows of the same person count anew.
        let what = id.map_or_else(|| user.to_string(), |id| id.to_string());
        tx.announce(RECORD, &what, "read", user)?;
    }
    Ok(i64::try_from(read).unwrap_or(i64::MAX))
}

/// Deletes what was written before this time; how many.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize> {
    Ok(
        diesel::delete(notifications::table.filter(notifications::created_at.lt(before)))
            .execute(tx.connection)?,
    )
}
