//! Server-sent events: what changes while somebody looks on.

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use futures_util::stream;
use guanxi_domain::ErrorCode;

use crate::auth::LoggedIn;
use crate::{ApiError, ApiResult, App};

mod hub;
mod listener;

pub use hub::Hub;
use listener::Listener;

/// Listen to what happens
///
/// A stream of server-sent events (`text/event-stream`). `event: change` tells that a record which the caller may see has changed:
/// `{record, id, version, action, by}`; ask for the record to learn more. `record: notifications` tells that the caller's notifications
/// have. `event: reset` tells that more happened than can be told: ask for everything again. A line of comment comes every 15
/// seconds. Send the last `id` as `Last-Event-ID` within ten minutes to go on where a broken stream ended. The stream ends with the log-in.
#[utoipa::path(
    tag = "account",
    params(("Last-Event-ID" = Option<String>, Header, description = "Where to go on", example = "0-42")),
    responses((status = 200, description = "The stream", body = String, content_type = "text/event-stream",
        example = json!("id: 0-43\nevent: change\ndata: {\"record\":\"customers\",\"id\":\"01938a3e-7c00-7000-8000-c8f6e2d71b5a\",\"version\":3,\"action\":\"updated\",\"by\":null}\n\n")))
)]
#[get("/events")]
pub async fn listen(
    who: LoggedIn,
    app: Data<App>,
    request: HttpRequest,
) -> ApiResult<HttpResponse> {
    let last = request.headers().get("last-event-id");
    let last = match last.map(|h| h.to_str().map(str::parse)) {
        None => None,
        Some(Ok(Ok(place))) => Some(place),
        Some(_) => return Err(ErrorCode::InvalidHeader.into()),
    };
    let seat = app
        .events
        .seat(who.actor.user_id)
        .ok_or_else(|| ApiError::new(ErrorCode::Overloaded).retry_after(5))?;
    let listener = Listener::new(app.db.clone(), &who, seat, last).await?;
    let events = stream::unfold(listener, |mut listener| async move {
        let text = listener.next().await?;
        Some((Ok::<_, std::io::Error>(Bytes::from(text)), listener))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        // Compression would keep events back until there is enough of them; so would a proxy that buffers.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events))
}
