//! Sending messages: who sends to which webhook, and what became of it.
//!
//! A process claims a webhook for a while and sends its messages one after the other; so each receiver hears one thing at a time,
//! in order as long as it takes what it is sent. What became of a message is committed before the next one is sent: a process that is
//! killed in between leaves one message that may arrive twice, both times with the same id.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::webhook::{
    DeliveryAttempt, DeliveryState, PauseReason, RETRY_DELAYS, WebhookInput,
};
use guanxi_domain::{DeliveryId, EventId, Timestamp, WebhookId};

use super::delivery::Row;
use crate::schema::{webhook_attempts, webhook_deliveries as deliveries, webhooks};
use crate::{AnyConnection, Result, Tx, Visibility};

/// Seconds that a claim is good for; longer than an attempt may take.
const LEASE_SECONDS: i64 = 30;
/// Messages that are taken together.
const TAKEN: i64 = 50;
/// The longest wait of a whole webhook after a failure, in seconds: one bad message does not hold the others up for a day.
const LONGEST_PAUSE: i64 = 10 * 60;

/// A webhook whose messages this process is to send.
#[derive(Clone, Debug)]
pub struct Claim {
    pub webhook: WebhookId,
    /// A webhook that is changed meanwhile is claimed anew, with what it is then.
    version: i64,
    pub input: WebhookInput,
    /// The keys to sign with.
    pub secrets: Vec<String>,
    /// In their order.
    pub messages: Vec<Message>,
    worker: String,
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: DeliveryId,
    pub event: EventId,
    pub body: String,
}

macro_rules! sendable {
    ($now:expr) => {
        webhooks::table
            .filter(webhooks::active.eq(true))
            .filter(webhooks::paused_at.is_null())
            .filter(webhooks::not_before.le($now))
            .filter(webhooks::leased_until.lt($now))
            .filter(diesel::dsl::exists(
                deliveries::table
                    .filter(deliveries::webhook_id.eq(webhooks::id))
                    .filter(deliveries::state.eq(DeliveryState::Pending))
                    .filter(deliveries::next_at.le($now)),
            ))
    };
}

/// Whether a message waits to be sent.
pub fn is_due(connection: &mut AnyConnection, now: Timestamp) -> Result<bool> {
    let found: i64 = sendable!(now).count().get_result(connection)?;
    Ok(found > 0)
}

/// Claims a webhook that has messages to send.
pub fn claim(tx: &mut Tx<'_>, worker: &str) -> Result<Option<Claim>> {
    let next = sendable!(tx.now)
        .order((webhooks::leased_until, webhooks::id))
        .select(webhooks::id)
        .limit(1);
    let id: Option<WebhookId> = match tx.connection {
        AnyConnection::Sqlite(c) => next.first(c).optional()?,
        AnyConnection::Postgres(c) => next.for_update().skip_locked().first(c).optional()?,
    };
    let Some(id) = id else { return Ok(None) };
    diesel::update(webhooks::table.find(id))
        .set((
            webhooks::leased_by.eq(worker),
            webhooks::leased_until.eq(tx.now.plus_seconds(LEASE_SECONDS)),
        ))
        .execute(tx.connection)?;
    let row = super::find(tx.connection, &Visibility::All, id)?;
    let messages: Vec<(DeliveryId, EventId, String)> = deliveries::table
        .filter(deliveries::webhook_id.eq(id))
        .filter(deliveries::state.eq(DeliveryState::Pending))
        .filter(deliveries::next_at.le(tx.now))
        .order(deliveries::seq)
        .limit(TAKEN)
        .select((deliveries::id, deliveries::event_id, deliveries::body))
        .load(tx.connection)?;
    let previous = row
        .previous_secret
        .clone()
        .filter(|_| row.rotation_ends_at.is_some_and(|end| end > tx.now));
    Ok(Some(Claim {
        webhook: id,
        version: row.version,
        secrets: [row.secret.clone()].into_iter().chain(previous).collect(),
        input: row.into_webhook()?.input,
        messages: messages
            .into_iter()
            .map(|(id, event, body)| Message { id, event, body })
            .collect(),
        worker: worker.to_owned(),
    }))
}

/// Notes an attempt and renews the claim. False: send no more now, because it failed, the claim is lost, or the webhook is no
/// longer what it was.
pub fn note(
    tx: &mut Tx<'_>,
    claim: &Claim,
    message: DeliveryId,
    attempt: &DeliveryAttempt,
) -> Result<bool> {
    let row: Option<Row> = deliveries::table
        .filter(deliveries::id.eq(message))
        .select(Row::as_select())
        .first(tx.connection)
        .optional()?;
    // The webhook was deleted meanwhile.
    let Some(row) = row else { return Ok(false) };
    diesel::insert_into(webhook_attempts::table)
        .values((
            webhook_attempts::delivery_id.eq(message),
            webhook_attempts::number.eq(row.attempts + 1),
            webhook_attempts::at.eq(attempt.at),
            webhook_attempts::duration_ms.eq(attempt.duration_ms),
            webhook_attempts::status.eq(attempt.status),
            webhook_attempts::error.eq(&attempt.error),
            webhook_attempts::response.eq(&attempt.response),
        ))
        .execute(tx.connection)?;
    let delivered = attempt.status.is_some_and(|s| (200..300).contains(&s));
    if delivered {
        succeed(tx, &row, attempt)?;
    } else {
        fail(tx, &row, attempt)?;
    }
    let held = diesel::update(
        webhooks::table
            .find(claim.webhook)
            .filter(webhooks::leased_by.eq(&claim.worker))
            .filter(webhooks::version.eq(claim.version))
            .filter(webhooks::active.eq(true)),
    )
    .set(webhooks::leased_until.eq(tx.now.plus_seconds(LEASE_SECONDS)))
    .execute(tx.connection)?;
    Ok(delivered && held == 1)
}

fn succeed(tx: &mut Tx<'_>, row: &Row, attempt: &DeliveryAttempt) -> Result<()> {
    diesel::update(deliveries::table.filter(deliveries::id.eq(row.id)))
        .set((
            deliveries::state.eq(DeliveryState::Delivered),
            deliveries::attempts.eq(row.attempts + 1),
            deliveries::status.eq(attempt.status),
            deliveries::next_at.eq(None::<Timestamp>),
            deliveries::finished_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    diesel::update(webhooks::table.find(row.webhook_id))
        .set((webhooks::failures.eq(0), webhooks::delivered_at.eq(tx.now)))
        .execute(tx.connection)?;
    Ok(())
}

fn fail(tx: &mut Tx<'_>, row: &Row, attempt: &DeliveryAttempt) -> Result<()> {
    let hook = super::find(tx.connection, &Visibility::All, row.webhook_id)?;
    let (failures, in_a_row) = (row.failures + 1, hook.failures + 1);
    diesel::update(webhooks::table.find(hook.id))
        .set((
            webhooks::failures.eq(in_a_row),
            webhooks::not_before.eq(tx.now.plus_seconds(
                delay_after(in_a_row).map_or(LONGEST_PAUSE, |delay| delay.min(LONGEST_PAUSE)),
            )),
        ))
        .execute(tx.connection)?;
    let next = delay_after(failures).map(|delay| tx.now.plus_seconds(delay));
    // When nothing else arrived either it is the receiver, not the message: that waits until somebody has seen to it.
    let dead = next.is_none() && in_a_row >= failures;
    let gone = attempt.status == Some(410);
    let given_up = next.is_none() && !dead && !gone;
    diesel::update(deliveries::table.filter(deliveries::id.eq(row.id)))
        .set((
            deliveries::state.eq(if given_up {
                DeliveryState::Failed
            } else {
                DeliveryState::Pending
            }),
            deliveries::attempts.eq(row.attempts + 1),
            deliveries::failures.eq(failures),
            deliveries::status.eq(attempt.status),
            deliveries::next_at.eq((!given_up).then(|| next.unwrap_or(tx.now))),
            deliveries::finished_at.eq(given_up.then_some(tx.now)),
        ))
        .execute(tx.connection)?;
    if gone {
        super::pause(tx, hook.id, PauseReason::Gone)
    } else if dead {
        super::pause(tx, hook.id, PauseReason::Failing)
    } else {
        Ok(())
    }
}

/// Seconds to wait after so many failures, from 1; `None`: no more attempts.
fn delay_after(failures: i32) -> Option<i64> {
    let index = usize::try_from(failures - 1).ok()?;
    RETRY_DELAYS.get(index).copied()
}

/// Lets go of a claimed webhook, so that the next one who looks may claim it.
pub fn release(tx: &mut Tx<'_>, claim: &Claim) -> Result<()> {
    diesel::update(
        webhooks::table
            .find(claim.webhook)
            .filter(webhooks::leased_by.eq(&claim.worker)),
    )
    .set((
        webhooks::leased_by.eq(None::<String>),
        webhooks::leased_until.eq(Timestamp::from_micros(tx.now.micros() - 1)),
    ))
    .execute(tx.connection)?;
    Ok(())
}
