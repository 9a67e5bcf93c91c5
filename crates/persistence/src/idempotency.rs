//! Requests that must not be carried out twice: each has a key that its sender chose.
//!
//! A request claims its key before anything else. The first write that it makes marks the claim in the same transaction, so
//! that even a process that dies leaves behind whether something was done. An answer that is known is given again.

use std::collections::BTreeMap;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use guanxi_domain::{ErrorCode, Timestamp, UserId};

use crate::schema::idempotency_keys as keys;
use crate::stored::Json;
use crate::{Error, Result, Tx};

/// Seconds that a key is remembered.
pub const KEPT_SECONDS: i64 = 24 * 3600;
/// Seconds after which an attempt that has changed nothing is taken for dead.
const ATTEMPT_SECONDS: i64 = 60;

/// A key, held by one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub user: UserId,
    pub key: String,
    /// Of this attempt alone.
    pub token: String,
}

/// An answer as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What becomes of a request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It is the first: go on.
    First,
    /// It was answered like this.
    Answered(Answer),
    /// The key belongs to another request.
    Other,
    /// It is being worked on.
    Running,
    /// It was carried out, but nobody knows the answer any more.
    Lost,
}

type Row = (
    String,
    String,
    String,
    Option<i32>,
    Option<Json<BTreeMap<String, String>>>,
    Option<String>,
    Timestamp,
    Timestamp,
);

/// Claims a key for a request.
pub fn claim(tx: &mut Tx<'_>, claim: &Claim, hash: &str) -> Result<Claimed> {
    let forgotten = tx.now.plus_seconds(-KEPT_SECONDS);
    diesel::delete(
        keys::table
            .filter(keys::user_id.eq(claim.user))
            .filter(keys::key.eq(&claim.key))
            .filter(keys::created_at.lt(forgotten)),
    )
    .execute(tx.connection)?;
    let (now, state) = (tx.now, "running");
    let inserted = per_backend!(&mut *tx.connection, c => diesel::insert_into(keys::table)
        .values((
            keys::user_id.eq(claim.user),
            keys::key.eq(&claim.key),
            keys::request_hash.eq(hash),
            keys::token.eq(&claim.token),
            keys::state.eq(state),
            keys::created_at.eq(now),
            keys::claimed_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 1 {
        return Ok(Claimed::First);
    }
    let row: Option<Row> = keys::table
        .find((claim.user, &claim.key))
        .select((
            keys::request_hash,
            keys::state,
            keys::token,
            keys::status,
            keys::headers,
            keys::body,
            keys::created_at,
            keys::claimed_at,
        ))
        .first(tx.connection)
        .optional()?;
    // Given back between the two statements: the sender will come again.
    let Some((known, state, token, status, headers, body, _, claimed_at)) = row else {
        return Ok(Claimed::Running);
    };
    if known != hash {
        return Ok(Claimed::Other);
    }
    if let Some(status) = status {
        return Ok(Claimed::Answered(Answer {
            status: u16::try_from(status).unwrap_or(500),
            headers: headers.map(|h| h.get()).transpose()?.unwrap_or_default(),
            body: body.unwrap_or_default(),
        }));
    }
    if claimed_at > tx.now.plus_seconds(-ATTEMPT_SECONDS) {
        return Ok(Claimed::Running);
    }
    if state == "committed" {
        return Ok(Claimed::Lost);
    }
    let taken_over = diesel::update(held(claim.user, &claim.key, &token))
        .set((keys::token.eq(&claim.token), keys::claimed_at.eq(tx.now)))
        .execute(tx.connection)?;
    Ok(if taken_over == 1 {
        Claimed::First
    } else {
        Claimed::Running
    })
}

/// The claim of an attempt, as long as it has not been taken over.
#[diesel::dsl::auto_type(no_type_alias)]
fn held<'a>(user: UserId, key: &'a str, token: &'a str) -> _ {
    keys::table
        .filter(keys::user_id.eq(user))
        .filter(keys::key.eq(key))
        .filter(keys::token.eq(token))
}

/// Marks, in the transaction of a change, that the request has changed something. An attempt that was taken for dead
/// meanwhile must not go on.
pub(crate) fn mark(connection: &mut crate::AnyConnection, claim: &Claim) -> Result<()> {
    let marked = diesel::update(held(claim.user, &claim.key, &claim.token))
        .set(keys::state.eq("committed"))
        .execute(connection)?;
    if marked == 1 {
        Ok(())
    } else {
        Err(Error::Conflict(ErrorCode::IdempotencyRunning))
    }
}

/// Keeps the answer.
pub fn answer(tx: &mut Tx<'_>, claim: &Claim, answer: &Answer) -> Result<()> {
    diesel::update(held(claim.user, &claim.key, &claim.token))
        .set((
            keys::state.eq("done"),
            keys::status.eq(i32::from(answer.status)),
            keys::headers.eq(Json::new(&answer.headers)?),
            keys::body.eq(&answer.body),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Gives the key back, if nothing was changed: the request may be sent again.
pub fn release(tx: &mut Tx<'_>, claim: &Claim) -> Result<()> {
    diesel::delete(held(claim.user, &claim.key, &claim.token).filter(keys::state.eq("running")))
        .execute(tx.connection)?;
    Ok(())
}

/// Forgets the keys of before; answers how many.
pub fn prune(tx: &mut Tx<'_>) -> Result<usize> {
    let before = tx.now.plus_seconds(-KEPT_SECONDS);
    Ok(diesel::delete(keys::table.filter(keys::created_at.lt(before))).execute(tx.connection)?)
}
