//! Webhooks: who is told of what happens. [`delivery`] are the messages, [`sending`] is how they get there.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use guanxi_domain::notification::NotificationKind;
use guanxi_domain::permission::Module;
use guanxi_domain::webhook::{
    FIELDS, PauseReason, ROTATION_SECONDS, Webhook, WebhookInput, WebhookSecret,
};
use guanxi_domain::{Checked, DepartmentId, ErrorCode, Timestamp, UserId, WebhookId};

use crate::notification;
use crate::schema::{webhook_deliveries, webhooks};
use crate::stored::Json;
use crate::{
    Actor, AnyConnection, Condition, Error, ListSpec, Record, Result, Tx, Visibility, event,
};

pub mod delivery;
pub mod sending;

const RECORD: &str = "webhooks";

#[derive(Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = webhooks, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: WebhookId,
    version: i64,
    name: String,
    url: String,
    events: Json<Vec<String>>,
    active: bool,
    secret: String,
    previous_secret: Option<String>,
    rotation_ends_at: Option<Timestamp>,
    owner_id: UserId,
    department_id: Option<DepartmentId>,
    paused_at: Option<Timestamp>,
    pause_reason: Option<PauseReason>,
    failures: i32,
    not_before: Timestamp,
    delivered_at: Option<Timestamp>,
    leased_until: Timestamp,
    leased_by: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Row {
    fn into_webhook(self) -> Result<Webhook> {
        Ok(Webhook {
            id: self.id,
            version: self.version,
            owner_id: self.owner_id,
            department_id: self.department_id,
            paused_at: self.paused_at,
            pause_reason: self.pause_reason,
            failures: self.failures,
            delivered_at: self.delivered_at,
            rotation_ends_at: self.rotation_ends_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            input: WebhookInput {
                name: self.name,
                url: self.url,
                events: self.events.get()?,
                active: self.active,
            },
        })
    }

    fn set(&mut self, input: &WebhookInput) -> Result<()> {
        self.name.clone_from(&input.name);
        self.url.clone_from(&input.url);
        self.events = Json::new(&input.events)?;
        self.active = input.active;
        Ok(())
    }
}

fn find(connection: &mut AnyConnection, visibility: &Visibility, id: WebhookId) -> Result<Row> {
    Ok(webhooks::table
        .filter(webhooks::id.eq(id))
        .filter(visibility.owned("webhooks"))
        .select(Row::as_select())
        .first(connection)?)
}

pub fn get(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: WebhookId,
) -> Result<Webhook> {
    find(connection, visibility, id)?.into_webhook()
}

pub struct Webhooks;

impl Record for Webhooks {
    type Item = Webhook;
    const LIST: ListSpec = ListSpec::new(&FIELDS, "webhooks");
    const MODULE: Module = Module::Webhooks;

    fn scope(visibility: &Visibility) -> Condition {
        visibility.owned("webhooks")
    }

    of_one_table!(webhooks, Row, Row::into_webhook);
}

/// Makes a webhook of the caller's; `secret` is the key that its messages are signed with.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    input: &Checked<WebhookInput>,
    secret: &str,
) -> Result<WebhookSecret> {
    let others: i64 = webhooks::table.count().get_result(tx.connection)?;
    if others == 0 {
        // Nobody has read the log so far: what happened before is nobody's business.
        let now = event::end(tx.connection)?;
        event::set_place_of_webhooks(tx, now)?;
    }
    let mut row = Row {
        id: WebhookId::generate(),
        version: 1,
        name: String::new(),
        url: String::new(),
        events: Json::new(&Vec::new())?,
        active: true,
        secret: secret.to_owned(),
        previous_secret: None,
        rotation_ends_at: None,
        owner_id: actor.user_id,
        department_id: actor.department_id,
        paused_at: None,
        pause_reason: None,
        failures: 0,
        not_before: tx.now,
        delivered_at: None,
        leased_until: tx.now,
        leased_by: None,
        created_at: tx.now,
        updated_at: tx.now,
    };
    row.set(input)?;
    diesel::insert_into(webhooks::table)
        .values(row.clone())
        .execute(tx.connection)?;
    let webhook = row.into_webhook()?;
    tx.created(RECORD, webhook.id.as_str(), &webhook)?;
    Ok(WebhookSecret {
        webhook,
        secret: secret.to_owned(),
    })
}

/// Changes what people set, if it still has this version.
pub fn update(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: WebhookId,
    version: i64,
    input: &Checked<WebhookInput>,
) -> Result<Webhook> {
    let row = expect(tx.connection, visibility, id, version)?;
    if row.url != input.url || row.events.get()? != input.events {
        owned(tx, &row)?;
    }
    change(tx, "updated", row, |row, _| row.set(input))
}

/// Messages tell what the webhook's owner sees: nobody else may say where they go, or sign them.
fn owned(tx: &Tx<'_>, row: &Row) -> Result<()> {
    if tx.origin.user_id == Some(row.owner_id) {
        Ok(())
    } else {
        Err(Error::Conflict(ErrorCode::Forbidden))
    }
}

/// Another secret; the one before is good for a while longer, so that receivers can take their time.
pub fn rotate(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: WebhookId,
    version: i64,
    secret: &str,
) -> Result<WebhookSecret> {
    let row = expect(tx.connection, visibility, id, version)?;
    owned(tx, &row)?;
    let webhook = change(tx, "secret_rotated", row, |row, now| {
        row.previous_secret = Some(std::mem::replace(&mut row.secret, secret.to_owned()));
        row.rotation_ends_at = Some(now.plus_seconds(ROTATION_SECONDS));
        Ok(())
    })?;
    Ok(WebhookSecret {
        webhook,
        secret: secret.to_owned(),
    })
}

/// Sends again what has waited since it was paused, and what happens from now on.
pub fn resume(
    tx: &mut Tx<'_>,
    visibility: &Visibility,
    id: WebhookId,
    version: i64,
) -> Result<Webhook> {
    let row = expect(tx.connection, visibility, id, version)?;
    if row.paused_at.is_none() {
        return Err(Error::Conflict(ErrorCode::Conflict));
    }
    delivery::start_over(tx, id)?;
    change(tx, "resumed", row, |row, _| {
        row.paused_at = None;
        row.pause_reason = None;
        row.failures = 0;
        Ok(())
    })
}

/// Sends nothing more until somebody resumes it. Messages wait meanwhile.
fn pause(tx: &mut Tx<'_>, id: WebhookId, reason: PauseReason) -> Result<()> {
    let row = find(tx.connection, &Visibility::All, id)?;
    if row.paused_at.is_some() {
        return Ok(());
    }
    let paused = change(tx, "paused", row, |row, now| {
        row.paused_at = Some(now);
        row.pause_reason = Some(reason);
        Ok(())
    })?;
    notification::tell(
        tx,
        paused.owner_id,
        NotificationKind::WebhookPaused,
        (RECORD, id.as_str()),
        &paused.input.name,
    )
}

/// Pauses what somebody owns whose account is frozen: nothing is sent in their name any more, not even what waits.
pub(crate) fn owner_left(tx: &mut Tx<'_>, owner: UserId) -> Result<()> {
    let ids: Vec<WebhookId> = webhooks::table
        .filter(webhooks::owner_id.eq(owner))
        .select(webhooks::id)
        .order(webhooks::id)
        .load(tx.connection)?;
    for id in ids {
        pause(tx, id, PauseReason::OwnerInactive)?;
    }
    Ok(())
}

/// Deletes a webhook with its messages.
pub fn delete(tx: &mut Tx<'_>, visibility: &Visibility, id: WebhookId, version: i64) -> Result<()> {
    let row = expect(tx.connection, visibility, id, version)?;
    diesel::delete(webhook_deliveries::table.filter(webhook_deliveries::webhook_id.eq(id)))
        .execute(tx.connection)?;
    diesel::delete(webhooks::table.find(id)).execute(tx.connection)?;
    tx.deleted(RECORD, id.as_str(), &row.into_webhook()?)
}

fn expect(
    connection: &mut AnyConnection,
    visibility: &Visibility,
    id: WebhookId,
    version: i64,
) -> Result<Row> {
    let row = find(connection, visibility, id)?;
    if row.version == version {
        Ok(row)
    } else {
        Err(Error::Stale)
    }
}

/// A change of what the webhook is. Its sending goes on beside: that has columns of its own.
fn change(
    tx: &mut Tx<'_>,
    action: &str,
    mut row: Row,
    f: impl FnOnce(&mut Row, Timestamp) -> Result<()>,
) -> Result<Webhook> {
    let old = row.clone().into_webhook()?;
    f(&mut row, tx.now)?;
    row.version = old.version + 1;
    row.updated_at = tx.now;
    let changed = diesel::update(
        webhooks::table
            .find(old.id)
            .filter(webhooks::version.eq(old.version)),
    )
    .set((
        (
            webhooks::version.eq(row.version),
            webhooks::name.eq(&row.name),
            webhooks::url.eq(&row.url),
            webhooks::events.eq(&row.events),
            webhooks::active.eq(row.active),
            webhooks::secret.eq(&row.secret),
            webhooks::previous_secret.eq(&row.previous_secret),
            webhooks::rotation_ends_at.eq(row.rotation_ends_at),
        ),
        (
            webhooks::paused_at.eq(row.paused_at),
            webhooks::pause_reason.eq(row.pause_reason),
            webhooks::updated_at.eq(row.updated_at),
        ),
    ))
    .execute(tx.connection)?;
    if changed == 0 {
        return Err(Error::Stale);
    }
    let new = row.into_webhook()?;
    tx.changed(RECORD, old.id.as_str(), action, &old, &new)?;
    Ok(new)
}
