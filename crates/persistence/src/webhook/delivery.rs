//! Messages to webhooks: made from the event log, looked at, sent again by hand.

use std::collections::{BTreeSet, HashMap};

use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::webhook::{
    DELIVERY_FIELDS, Delivery, DeliveryAttempt, DeliveryDetail, DeliveryState, PauseReason,
};
use guanxi_domain::{DeliveryId, ErrorCode, EventId, Page, Timestamp, WebhookId};
use serde_json::json;

use super::Row as HookRow;
use crate::condition::Condition;
use crate::event::{self, Event};
use crate::list::{ListQuery, ListSpec};
use crate::schema::{webhook_attempts, webhook_deliveries as deliveries, webhooks};
use crate::tx::BATCH;
use crate::{Actor, AnyConnection, Error, Result, Tx, Visibility, seen, user};

/// Events that are made into messages in one transaction.
const EVENTS: i64 = 500;
/// The kind of a message that somebody sends to try a webhook.
const TEST: &str = "webhooks.test";

const LIST: ListSpec = ListSpec::new(&DELIVERY_FIELDS, "webhook_deliveries");

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = deliveries, treat_none_as_default_value = false)]
pub(super) struct Row {
    pub id: DeliveryId,
    pub webhook_id: WebhookId,
    event_id: EventId,
    kind: String,
    state: DeliveryState,
    pub attempts: i32,
    pub failures: i32,
    next_at: Option<Timestamp>,
    status: Option<i32>,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    body: String,
}

impl Row {
    fn new(hook: WebhookId, event: EventId, kind: &str, body: String, now: Timestamp) -> Self {
        Self {
            id: DeliveryId::generate(),
            webhook_id: hook,
            event_id: event,
            kind: kind.to_owned(),
            state: DeliveryState::Pending,
            attempts: 0,
            failures: 0,
            next_at: Some(now),
            status: None,
            created_at: now,
            finished_at: None,
            body,
        }
    }

    fn into_delivery(self) -> Delivery {
        Delivery {
            id: self.id,
            webhook_id: self.webhook_id,
            event_id: self.event_id,
            kind: self.kind,
            state: self.state,
            attempts: self.attempts,
            next_at: self.next_at,
            status: self.status,
            created_at: self.created_at,
            finished_at: self.finished_at,
        }
    }
}

/// The messages to a webhook that the caller sees.
pub fn list(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    webhook: WebhookId,
    query: &ListQuery,
) -> Result<Page<Delivery>> {
    super::get(connection, visibility, webhook)?;
    LIST.page(
        connection,
        query,
        Condition::is(
            crate::condition::Column {
                table: "webhook_deliveries",
                name: "webhook_id",
            },
            webhook.as_str(),
        ),
        |connection, condition, ordering, limit| {
            let rows: Vec<Row> = deliveries::table
                .filter(condition)
                .order(ordering)
                .limit(limit)
                .select(Row::as_select())
                .load(connection)?;
            Ok(rows.into_iter().map(Row::into_delivery).collect())
        },
        |connection, condition| {
            Ok(deliveries::table
                .filter(condition)
                .count()
                .get_result(connection)?)
        },
    )
}

fn find(connection: &mut AnyConnection, visibility: &Visibility, id: DeliveryId) -> Result<Row> {
    Ok(deliveries::table
        .inner_join(webhooks::table)
        .filter(deliveries::id.eq(id))
        .filter(visibility.owned("webhooks"))
        .select(Row::as_select())
        .first(connection)?)
}

/// What was sent is told to those only who may see the record that it tells of.
pub fn detail(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    actor: &Actor,
    id: DeliveryId,
) -> Result<DeliveryDetail> {
    type Found = (Timestamp, i64, Option<i32>, Option<String>, Option<String>);
    let row = find(connection, visibility, id)?;
    let body: serde_json::Value = serde_json::from_str(&row.body)?;
    let told = match (
        body.pointer("/data/record").and_then(|v| v.as_str()),
        body.pointer("/data/id").and_then(|v| v.as_str()),
    ) {
        (Some(record), Some(id)) => {
            let ids = BTreeSet::from([id.to_owned()]);
            seen(connection, actor, record, &ids)?.contains_key(id)
        }
        _ => true,
    };
    let log: Vec<Found> = webhook_attempts::table
        .filter(webhook_attempts::delivery_id.eq(id))
        .order(webhook_attempts::number)
        .select((
            webhook_attempts::at,
            webhook_attempts::duration_ms,
            webhook_attempts::status,
            webhook_attempts::error,
            webhook_attempts::response,
        ))
        .load(connection)?;
    let log = log
        .into_iter()
        .map(
            |(at, duration_ms, status, error, response)| DeliveryAttempt {
                at,
                duration_ms,
                status,
                error,
                response,
            },
        )
        .collect();
    Ok(DeliveryDetail {
        body: told.then_some(body),
        delivery: row.into_delivery(),
        log,
    })
}

/// Sends a message again, with the same id, whatever became of it before.
pub fn resend(tx: &mut Tx<'_>, visibility: &Visibility, id: DeliveryId) -> Result<Delivery> {
    let old = find(tx.connection, visibility, id)?;
    if old.state == DeliveryState::Pending {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    diesel::update(deliveries::table.filter(deliveries::id.eq(id)))
        .set((
            deliveries::state.eq(DeliveryState::Pending),
            deliveries::failures.eq(0),
            deliveries::next_at.eq(tx.now),
            deliveries::finished_at.eq(None::<Timestamp>),
        ))
        .execute(tx.connection)?;
    tx.record(
        "webhooks",
        old.webhook_id.as_str(),
        "resent",
        json!({"event_id": {"old": null, "new": old.event_id}}),
    )?;
    Ok(find(tx.connection, visibility, id)?.into_delivery())
}

/// A message that tells of nothing, to try a webhook.
pub fn test(tx: &mut Tx<'_>, visibility: &Visibility, webhook: WebhookId) -> Result<Delivery> {
    let hook = super::get(tx.connection, visibility, webhook)?;
    if !hook.input.active || hook.paused_at.is_some() {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    let body = json!({"type": TEST, "timestamp": tx.now, "data": {"webhook_id": webhook}});
    let row = Row::new(webhook, EventId::generate(), TEST, body.to_string(), tx.now);
    diesel::insert_into(deliveries::table)
        .values(row.clone())
        .execute(tx.connection)?;
    tx.record(
        "webhooks",
        webhook.as_str(),
        "tested",
        json!({"event_id": {"old": null, "new": row.event_id}}),
    )?;
    Ok(row.into_delivery())
}

/// What waits is due at once, with all attempts ahead.
pub(super) fn start_over(tx: &mut Tx<'_>, webhook: WebhookId) -> Result<()> {
    diesel::update(webhooks::table.find(webhook))
        .set((webhooks::failures.eq(0), webhooks::not_before.eq(tx.now)))
        .execute(tx.connection)?;
    diesel::update(
        deliveries::table
            .filter(deliveries::webhook_id.eq(webhook))
            .filter(deliveries::state.eq(DeliveryState::Pending)),
    )
    .set((deliveries::failures.eq(0), deliveries::next_at.eq(tx.now)))
    .execute(tx.connection)?;
    Ok(())
}

/// Whether something happened that no messages have been made of.
pub fn has_news(connection: &mut AnyConnection) -> Result<bool> {
    let hooks: i64 = webhooks::table.count().get_result(connection)?;
    if hooks == 0 {
        return Ok(false);
    }
    let place = event::place_of_webhooks(connection, false)?.unwrap_or_default();
    Ok(!event::after(connection, place, 1)?.is_empty())
}

/// Makes messages of what happened since the last time; false when there is no more of it, or another replica does it.
pub fn make(tx: &mut Tx<'_>) -> Result<bool> {
    let Some(place) = event::place_of_webhooks(tx.connection, true)? else {
        return Ok(false);
    };
    let events = event::after(tx.connection, place, EVENTS)?;
    let Some(last) = events.last() else {
        return Ok(false);
    };
    event::set_place_of_webhooks(tx, last.position)?;
    let hooks: Vec<HookRow> = webhooks::table
        .filter(webhooks::active.eq(true))
        .order(webhooks::id)
        .select(HookRow::as_select())
        .load(tx.connection)?;
    for hook in hooks {
        let (id, owner, since) = (hook.id, hook.owner_id, hook.created_at);
        let input = hook.into_webhook()?.input;
        let wanted: Vec<&Event> = events
            .iter()
            .filter(|event| event.at >= since && input.wants(&event.kind))
            .collect();
        if wanted.is_empty() {
            continue;
        }
        match user::actor(tx.connection, owner) {
            Ok(owner) => tell(tx, id, &owner, &wanted)?,
            Err(Error::NotFound | Error::Conflict(_)) => {
                super::pause(tx, id, PauseReason::OwnerInactive)?;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(true)
}

/// Messages of those events whose records the owner may see.
fn tell(tx: &mut Tx<'_>, webhook: WebhookId, owner: &Actor, events: &[&Event]) -> Result<()> {
    let mut ids: HashMap<&str, BTreeSet<String>> = HashMap::new();
    for event in events {
        let of_type = ids.entry(event.parts().0).or_default();
        of_type.insert(event.record_id.clone());
    }
    let mut visible = HashMap::new();
    for (record, ids) in &ids {
        visible.insert(*record, seen(tx.connection, owner, record, ids)?);
    }
    let mut rows = Vec::new();
    for event in events {
        let (record, action) = event.parts();
        if !visible
            .get(record)
            .is_some_and(|v| v.contains_key(&event.record_id))
        {
            continue;
        }
        let body = json!({
            "type": event.kind,
            "timestamp": event.at,
            "data": {
                "record": record,
                "id": event.record_id,
                "action": action,
                "user_id": event.user_id,
                "changes": event.changes()?,
            },
        });
        rows.push(Row::new(
            webhook,
            event.id,
            &event.kind,
            body.to_string(),
            tx.now,
        ));
    }
    // Of an event one message, also when the log was put back to an earlier place, as by a restored backup.
    for rows in rows.chunks(BATCH) {
        per_backend!(&mut *tx.connection, c => diesel::insert_into(deliveries::table)
            .values(rows)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Deletes messages that were made before this time, with their attempts; how many.
pub fn prune(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize> {
    Ok(diesel::delete(
        deliveries::table.filter(
            deliveries::created_at.lt(before).and(
                deliveries::finished_at
                    .is_null()
                    .or(deliveries::finished_at.lt(before)),
            ),
        ),
    )
    .execute(tx.connection)?)
}
