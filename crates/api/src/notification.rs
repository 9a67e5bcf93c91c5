//! Notifications of whoever asks.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use guanxi_domain::NotificationId;
use guanxi_domain::notification::{MarkedRead, Notifications};
use guanxi_persistence::notification;

use crate::auth::Person;
use crate::list::List;
use crate::request::Id;
use crate::{ApiResult, App};

/// The lists of notifications.
pub struct NotificationList;

/// List one's own notifications
///
/// With how many of all are unread. `read_at=none` lists those. Kept for 90 days.
#[utoipa::path(tag = "account", security(("access_token" = [])), params(List<NotificationList>), responses((status = 200, description = "A page of notifications", body = Notifications)))]
#[get("/notifications")]
pub async fn list_notifications(
    who: Person,
    list: List<NotificationList>,
    app: Data<App>,
) -> ApiResult<Json<Notifications>> {
    let page = app
        .db
        .read(move |c| notification::list(c, who.actor.user_id, &list.query))
        .await?;
    Ok(Json(page))
}

/// Mark a notification as read
#[utoipa::path(tag = "account", security(("access_token" = [])), params(("id" = NotificationId, Path, description = "The notification")), responses((status = 204, description = "It is read")))]
#[post("/notifications/{id}/read")]
pub async fn read_notification(
    who: Person,
    Id(id): Id<NotificationId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    app.db
        .housekeep(move |tx| notification::read(tx, who.actor.user_id, Some(id)))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Mark all of one's notifications as read
#[utoipa::path(tag = "account", security(("access_token" = [])), responses((status = 200, description = "How many were unread", body = MarkedRead)))]
#[post("/notifications/read-all")]
pub async fn read_all_notifications(who: Person, app: Data<App>) -> ApiResult<Json<MarkedRead>> {
    let read = app
        .db
        .housekeep(move |tx| notification::read(tx, who.actor.user_id, None))
        .await?;
    Ok(Json(MarkedRead { read }))
}
