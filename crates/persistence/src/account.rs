//! Logging in and out: passwords' hashes, sessions and their refresh tokens.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::account::Session;
use guanxi_domain::user::{User, UserState};
use guanxi_domain::{SessionId, Timestamp, UserId};
use serde_json::json;

use crate::schema::{rotated_tokens, sessions, users};
use crate::{AnyConnection, Error, Result, Tx, user};

/// Failures before each further try has to wait.
const FREE_FAILURES: i32 = 3;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 15 * 60;

/// What a log-in is checked against.
pub struct Login {
    pub id: UserId,
    pub name: String,
    pub password_hash: String,
    pub state: UserState,
    /// No try before then.
    pub locked_until: Option<Timestamp>,
}

/// The account with this e-mail address.
pub fn find(connection: &mut AnyConnection, email: &str) -> Result<Option<Login>> {
    let row: Option<(UserId, String, String, UserState, Option<Timestamp>)> = users::table
        .filter(users::email.eq(email.trim().to_lowercase()))
        .select((
            users::id,
            users::name,
            users::password_hash,
            users::state,
            users::locked_until,
        ))
        .first(connection)
        .optional()?;
    Ok(
        row.map(|(id, name, password_hash, state, locked_until)| Login {
            id,
            name,
            password_hash,
            state,
            locked_until,
        }),
    )
}

/// The hash of somebody's password.
pub fn password_hash(connection: &mut AnyConnection, id: UserId) -> Result<String> {
    Ok(users::table
        .find(id)
        .select(users::password_hash)
        .first(connection)?)
}

/// Notes a wrong password: from the fourth in a row on each doubles the wait, from 2 s to 15 minutes.
pub fn failed(tx: &mut Tx<'_>, id: UserId) -> Result<()> {
    diesel::update(users::table.find(id))
        .set(users::failed_logins.eq(users::failed_logins + 1))
        .execute(tx.connection)?;
    let failures: i32 = users::table
        .find(id)
        .select(users::failed_logins)
        .first(tx.connection)?;
    let mut changes = json!({ "failures": { "old": failures - 1, "new": failures } });
    if failures > FREE_FAILURES {
        let wait = (1_i64 << (failures - FREE_FAILURES).min(20)).min(LONGEST_WAIT);
        let until = tx.now.plus_seconds(wait);
        diesel::update(users::table.find(id))
            .set(users::locked_until.eq(Some(until)))
            .execute(tx.connection)?;
        changes["locked_until"] = json!({ "old": null, "new": until });
    }
    tx.record("users", id.as_str(), "login_failed", changes)
}

/// Notes that somebody knew the password of an account that may not be used.
pub fn refused(tx: &mut Tx<'_>, id: UserId, state: UserState) -> Result<()> {
    let changes = json!({ "state": { "old": null, "new": state } });
    tx.record("users", id.as_str(), "login_refused", changes)
}

/// A session to be opened: the hash of its first refresh token, until when, and from where.
pub struct NewSession {
    pub token_hash: String,
    pub expires_at: Timestamp,
    pub user_agent: String,
}

/// Opens a session for somebody whose password was right.
pub fn open_session(tx: &mut Tx<'_>, id: UserId, new: &NewSession) -> Result<(SessionId, User)> {
    let session = SessionId::generate();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(session.as_str()),
            sessions::user_id.eq(id),
            sessions::token_hash.eq(&new.token_hash),
            sessions::created_at.eq(tx.now),
            sessions::last_used_at.eq(tx.now),
            sessions::expires_at.eq(new.expires_at),
            sessions::ip.eq(&tx.origin.ip),
            sessions::user_agent.eq(&new.user_agent),
        ))
        .execute(tx.connection)?;
    diesel::update(users::table.find(id))
        .set((
            users::last_login_at.eq(Some(tx.now)),
            users::failed_logins.eq(0),
            users::locked_until.eq(None::<Timestamp>),
        ))
        .execute(tx.connection)?;
    diesel::delete(
        sessions::table
            .filter(sessions::user_id.eq(id))
            .filter(sessions::expires_at.lt(tx.now)),
    )
    .execute(tx.connection)?;
    tx.record(
        "users",
        id.as_str(),
        "logged_in",
        json!({ "session": { "old": null, "new": session } }),
    )?;
    Ok((session, user::find(tx.connection, id)?))
}

/// What came of a refresh.
pub enum Rotation {
    Rotated(SessionId, UserId),
    /// The token was used before: its whole family has been ended.
    Reused(UserId),
    Unknown,
}

/// Seconds in which the token before the newest is still taken: the answer that brought the newest may have been
/// lost, as when a page is reloaded in the middle of a refresh.
const GRACE: i64 = 30;

/// Exchanges a refresh token for the next.
pub fn rotate(
    tx: &mut Tx<'_>,
    old_hash: &str,
    new_hash: &str,
    expires_at: Timestamp,
) -> Result<Rotation> {
    type Found = (SessionId, UserId, Timestamp);
    let current: Option<Found> = sessions::table
        .filter(sessions::token_hash.eq(old_hash))
        .select((sessions::id, sessions::user_id, sessions::expires_at))
        .first(tx.connection)
        .optional()?;
    if let Some((session, user, expires)) = current {
        if expires <= tx.now {
            diesel::delete(sessions::table.find(session)).execute(tx.connection)?;
            return Ok(Rotation::Unknown);
        }
        if replace(tx, session, old_hash, new_hash, expires_at)? {
            return Ok(Rotation::Rotated(session, user));
        }
    }
    let earlier: Option<(SessionId, UserId, String, Timestamp)> = rotated_tokens::table
        .inner_join(sessions::table)
        .filter(rotated_tokens::token_hash.eq(old_hash))
        .select((
            sessions::id,
            sessions::user_id,
            sessions::token_hash,
            rotated_tokens::rotated_at,
        ))
        .first(tx.connection)
        .optional()?;
    let Some((session, user, newest, rotated_at)) = earlier else {
        return Ok(Rotation::Unknown);
    };
    let later: i64 = rotated_tokens::table
        .filter(rotated_tokens::session_id.eq(session))
        .filter(rotated_tokens::rotated_at.gt(rotated_at))
        .count()
        .get_result(tx.connection)?;
    let graceful = later == 0 && rotated_at.plus_seconds(GRACE) > tx.now;
    if graceful && replace(tx, session, &newest, new_hash, expires_at)? {
        return Ok(Rotation::Rotated(session, user));
    }
    diesel::delete(sessions::table.find(session)).execute(tx.connection)?;
    act_as(tx, user)?;
    tx.record(
        "users",
        user.as_str(),
        "token_reused",
        json!({ "session": { "old": session, "new": null } }),
    )?;
    Ok(Rotation::Reused(user))
}

/// Puts a new token in place of the newest. False if another refresh was faster.
fn replace(
    tx: &mut Tx<'_>,
    session: SessionId,
    old_hash: &str,
    new_hash: &str,
    expires_at: Timestamp,
) -> Result<bool> {
    let changed = diesel::update(
        sessions::table
            .find(session)
            .filter(sessions::token_hash.eq(old_hash)),
    )
    .set((
        sessions::token_hash.eq(new_hash),
        sessions::last_used_at.eq(tx.now),
        sessions::expires_at.eq(expires_at),
        sessions::ip.eq(&tx.origin.ip),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        return Ok(false);
    }
    diesel::insert_into(rotated_tokens::table)
        .values((
            rotated_tokens::token_hash.eq(old_hash),
            rotated_tokens::session_id.eq(session),
            rotated_tokens::rotated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(true)
}

/// A token says who acts.
fn act_as(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    let name: String = users::table
        .find(user)
        .select(users::name)
        .first(tx.connection)?;
    tx.act_as(user, &name);
    Ok(())
}

/// Ends the session of this refresh token, if there is one.
pub fn close_by_token(tx: &mut Tx<'_>, token_hash: &str) -> Result<()> {
    let session: Option<(SessionId, UserId)> = sessions::table
        .filter(sessions::token_hash.eq(token_hash))
        .select((sessions::id, sessions::user_id))
        .first(tx.connection)
        .optional()?;
    if let Some((session, user)) = session {
        diesel::delete(sessions::table.find(session)).execute(tx.connection)?;
        act_as(tx, user)?;
        tx.record(
            "users",
            user.as_str(),
            "logged_out",
            json!({ "session": { "old": session, "new": null } }),
        )?;
    }
    Ok(())
}

/// Ends one of a person's sessions.
pub fn close(tx: &mut Tx<'_>, user: UserId, session: SessionId) -> Result<()> {
    let gone = diesel::delete(
        sessions::table
            .filter(sessions::id.eq(session))
            .filter(sessions::user_id.eq(user)),
    )
    .execute(tx.connection)?;
    if gone == 0 {
        return Err(Error::NotFound);
    }
    tx.record(
        "users",
        user.as_str(),
        "logged_out",
        json!({ "session": { "old": session, "new": null } }),
    )
}

/// Whether a session still stands: an access token of an ended session is no good.
pub fn is_open(connection: &mut AnyConnection, session: SessionId, user: UserId) -> Result<bool> {
    let found: Option<SessionId> = sessions::table
        .filter(sessions::id.eq(session))
        .filter(sessions::user_id.eq(user))
        .select(sessions::id)
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

/// A person's sessions, the last used first.
pub fn list(
    connection: &mut AnyConnection,
    user: UserId,
    current: Option<SessionId>,
) -> Result<Vec<Session>> {
    let rows: Vec<(SessionId, Timestamp, Timestamp, String, String)> = sessions::table
        .filter(sessions::user_id.eq(user))
        .order(sessions::last_used_at.desc())
        .select((
            sessions::id,
            sessions::created_at,
            sessions::last_used_at,
            sessions::ip,
            sessions::user_agent,
        ))
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, created_at, last_used_at, ip, user_agent)| Session {
            id,
            created_at,
            last_used_at,
            ip,
            user_agent,
            current: Some(id) == current,
        })
        .collect())
}

/// Changes a password, ends all other sessions, and lets the person log in at once.
pub fn change_password(
    tx: &mut Tx<'_>,
    user: UserId,
    hash: &str,
    keep: Option<SessionId>,
) -> Result<()> {
    diesel::update(users::table.find(user))
        .set((
            users::password_hash.eq(hash),
            users::failed_logins.eq(0),
            users::locked_until.eq(None::<Timestamp>),
        ))
        .execute(tx.connection)?;
    let others = sessions::table.filter(sessions::user_id.eq(user));
    match keep {
        Some(session) => {
            diesel::delete(others.filter(sessions::id.ne(session))).execute(tx.connection)?
        }
        None => diesel::delete(others).execute(tx.connection)?,
    };
    tx.record("users", user.as_str(), "password_changed", json!({}))
}
