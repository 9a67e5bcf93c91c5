//! Webhooks: who is told of what happens, their secrets and their messages.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use guanxi_domain::webhook::{Delivery, DeliveryDetail, Webhook, WebhookInput, WebhookSecret};
use guanxi_domain::{DeliveryId, Page, WebhookId};
use guanxi_persistence::webhook::{self, delivery};

use crate::auth::Require;
use crate::list::{List, page};
use crate::permission::{Create, Delete, Read, Update, Webhooks};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiError, ApiResult, App};

mod sender;
mod signature;
mod target;

pub use sender::Sender;
pub use signature::{new_secret, sign};
pub use target::{Network, Targets};

/// The lists of messages.
pub struct Deliveries;

/// List webhooks
#[utoipa::path(tag = "webhooks", params(List<Webhooks>), responses((status = 200, description = "A page of webhooks", body = Page<Webhook>)))]
#[get("/webhooks")]
pub async fn list_webhooks(
    who: Require<Read<Webhooks>>,
    list: List<Webhooks>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<webhook::Webhooks>(&app, who.visibility.clone(), list.query).await
}

/// Create a webhook
///
/// The answer tells the secret, once. Messages tell of records that the webhook's owner, whoever creates it, may see.
#[utoipa::path(
    tag = "webhooks",
    request_body(content = WebhookInput, example = json!({"name": "ERP", "url": "https://erp.example.com/hooks/crm", "events": ["customers.*", "orders.confirmed"]})),
    responses((status = 201, description = "The webhook and its secret", body = WebhookSecret))
)]
#[post("/webhooks")]
pub async fn create_webhook(
    who: Require<Create<Webhooks>>,
    app: Data<App>,
    Body(input): Body<WebhookInput>,
) -> ApiResult<HttpResponse> {
    check_target(&app, &input)?;
    let secret = new_secret();
    who.create(&app, move |tx, who| {
        webhook::create(tx, &who.actor, &input, &secret)
    })
    .await
}

/// Refuses an address that can be told to lead into a private network by looking at it. What a name stands for is looked at
/// whenever something is sent.
fn check_target(app: &App, input: &WebhookInput) -> ApiResult<()> {
    match Targets::new(&app.config.webhook_networks).fault(&input.url) {
        Some(code) => Err(ApiError::invalid_at("/url", code)),
        None => Ok(()),
    }
}

/// Get a webhook
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path, description = "The webhook")), responses((status = 200, description = "The webhook", body = Webhook)))]
#[get("/webhooks/{id}")]
pub async fn get_webhook(
    who: Require<Read<Webhooks>>,
    Id(id): Id<WebhookId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, v| webhook::get(c, v, id)).await
}

/// Change a webhook
#[utoipa::path(
    tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The webhook"), ("If-Match" = String, Header, description = "The version this change is based on", example = "\"1\"")),
    request_body(content = WebhookInput, content_type = "application/merge-patch+json", example = json!({"events": ["*"], "active": false})),
    responses((status = 200, description = "As it is now", body = Webhook))
)]
#[patch("/webhooks/{id}")]
pub async fn update_webhook(
    who: Require<Update<Webhooks>>,
    Id(id): Id<WebhookId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, v| webhook::get(c, v, id))
        .await?;
    let input = patch.apply(&old.input)?;
    check_target(&app, &input)?;
    who.change(&app, move |tx, who| {
        webhook::update(tx, &who.visibility, id, version, &input)
    })
    .await
}

/// Delete a webhook
///
/// With its messages, also those that wait.
#[utoipa::path(
    tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The webhook"), ("If-Match" = String, Header, description = "The version to delete", example = "\"1\"")),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/webhooks/{id}")]
pub async fn delete_webhook(
    who: Require<Delete<Webhooks>>,
    Id(id): Id<WebhookId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.delete(&app, move |tx, who| {
        webhook::delete(tx, &who.visibility, id, version)
    })
    .await
}

/// Give a webhook another secret
///
/// For a day messages are signed with both, so that the receiver can change its own meanwhile.
#[utoipa::path(
    tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The webhook"), ("If-Match" = String, Header, description = "The version this change is based on", example = "\"1\"")),
    responses((status = 200, description = "The webhook and its new secret", body = WebhookSecret))
)]
#[post("/webhooks/{id}/rotate-secret")]
pub async fn rotate_webhook_secret(
    who: Require<Update<Webhooks>>,
    Id(id): Id<WebhookId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let secret = new_secret();
    who.change(&app, move |tx, who| {
        webhook::rotate(tx, &who.visibility, id, version, &secret)
    })
    .await
}

/// Resume a paused webhook
///
/// What has waited since is sent first.
#[utoipa::path(
    tag = "webhooks",
    params(("id" = WebhookId, Path, description = "The webhook"), ("If-Match" = String, Header, description = "The version this change is based on", example = "\"1\"")),
    responses((status = 200, description = "As it is now", body = Webhook))
)]
#[post("/webhooks/{id}/resume")]
pub async fn resume_webhook(
    who: Require<Update<Webhooks>>,
    Id(id): Id<WebhookId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let answer = who
        .change(&app, move |tx, who| {
            webhook::resume(tx, &who.visibility, id, version)
        })
        .await?;
    app.sender.wake();
    Ok(answer)
}

/// Send a test message
///
/// Its type is `webhooks.test`. How it went stands in the list of messages.
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path, description = "The webhook")), responses((status = 202, description = "The message, about to be sent", body = Delivery)))]
#[post("/webhooks/{id}/test")]
pub async fn test_webhook(
    who: Require<Update<Webhooks>>,
    Id(id): Id<WebhookId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let visibility = who.visibility.clone();
    let message = app
        .db
        .write(who.origin(), move |tx| delivery::test(tx, &visibility, id))
        .await?;
    app.sender.wake();
    Ok(HttpResponse::Accepted().json(message))
}

/// List the messages to a webhook
///
/// Kept for 30 days.
#[utoipa::path(tag = "webhooks", params(("id" = WebhookId, Path, description = "The webhook"), List<Deliveries>), responses((status = 200, description = "A page of messages", body = Page<Delivery>)))]
#[get("/webhooks/{id}/deliveries")]
pub async fn list_webhook_deliveries(
    who: Require<Read<Webhooks>>,
    Id(id): Id<WebhookId>,
    list: List<Deliveries>,
    app: Data<App>,
) -> ApiResult<Json<Page<Delivery>>> {
    let page = app
        .db
        .read(move |c| delivery::list(c, &who.visibility, id, &list.query))
        .await?;
    Ok(Json(page))
}

/// Get a message
///
/// With its body, if the caller may see the record that it tells of, and every attempt.
#[utoipa::path(tag = "webhooks", params(("id" = DeliveryId, Path, description = "The message")), responses((status = 200, description = "The message", body = DeliveryDetail)))]
#[get("/webhook-deliveries/{id}")]
pub async fn get_webhook_delivery(
    who: Require<Read<Webhooks>>,
    Id(id): Id<DeliveryId>,
    app: Data<App>,
) -> ApiResult<Json<DeliveryDetail>> {
    let detail = app
        .db
        .read(move |c| delivery::detail(c, &who.visibility, &who.actor, id))
        .await?;
    Ok(Json(detail))
}

/// Send a message again
///
/// One that was delivered or has failed, with the same `webhook-id`: a receiver that knows it already can tell.
#[utoipa::path(tag = "webhooks", params(("id" = DeliveryId, Path, description = "The message")), responses((status = 202, description = "The message, about to be sent", body = Delivery)))]
#[post("/webhook-deliveries/{id}/resend")]
pub async fn resend_webhook_delivery(
    who: Require<Update<Webhooks>>,
    Id(id): Id<DeliveryId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let visibility = who.visibility.clone();
    let message = app
        .db
        .write(who.origin(), move |tx| {
            delivery::resend(tx, &visibility, id)
        })
        .await?;
    app.sender.wake();
    Ok(HttpResponse::Accepted().json(message))
}
