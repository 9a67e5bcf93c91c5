//! Saved reports by mail: their schedules.

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, post, put};
use guanxi_domain::ReportId;
use guanxi_domain::report::schedule::{ReportSchedule, ReportScheduleInput, ReportSubscription};
use guanxi_persistence::report::schedule;

use crate::auth::Require;
use crate::permission::{Read, Reports};
use crate::record::tagged;
use crate::request::{Body, Id, IfMatch};
use crate::{ApiResult, App};

/// Get the schedule of a saved report
///
/// When it is sent by mail, to whom, and what became of the last sending. Of a report that has none what most will want, turned off, with version 0.
/// Whoever may not change it sees of the recipients only themselves.
#[utoipa::path(tag = "reports", params(("id" = ReportId, Path, description = "The report")), responses((status = 200, description = "The schedule", body = ReportSchedule)))]
#[get("/reports/{id}/schedule")]
pub async fn get_report_schedule(
    who: Require<Read<Reports>>,
    Id(id): Id<ReportId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let found = app
        .db
        .read(move |c| schedule::get(c, &who.actor, id))
        .await?;
    Ok(tagged(&found))
}

/// Set the schedule of a saved report
///
/// By its owner; of shared ones also by administrators. Each recipient gets the figures that they may see, in their language, as a table and, if
/// they may export reports, as a file. Others than the owner need the report to be shared. `If-Match: "0"` for a report that has none so far.
#[utoipa::path(
    tag = "reports",
    params(("id" = ReportId, Path, description = "The report"), IfMatch),
    request_body(content = ReportScheduleInput, example = json!({"active": true, "rhythm": "weekly", "weekday": 1, "hour": 8, "attachment": "xlsx", "recipients": ["01938a3e-7c00-7000-8000-0a6818a7787f"]})),
    responses((status = 200, description = "As it is now", body = ReportSchedule))
)]
#[put("/reports/{id}/schedule")]
pub async fn set_report_schedule(
    who: Require<Read<Reports>>,
    Id(id): Id<ReportId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    Body(input): Body<ReportScheduleInput>,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    let set = app
        .db
        .write(origin, move |tx| {
            schedule::put(tx, &who.actor, id, version, &input)
        })
        .await?;
    Ok(tagged(&set))
}

/// Delete the schedule of a saved report
///
/// Its recipients are forgotten.
#[utoipa::path(
    tag = "reports",
    params(("id" = ReportId, Path, description = "The report"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/reports/{id}/schedule")]
pub async fn delete_report_schedule(
    who: Require<Read<Reports>>,
    Id(id): Id<ReportId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    app.db
        .write(origin, move |tx| {
            schedule::delete(tx, &who.actor, id, version)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Send a saved report now
///
/// To the recipients of its schedule, whether that is turned on or not. 409 `mail_off` where no mail leaves, `conflict` while it is being sent.
#[utoipa::path(
    tag = "reports",
    params(("id" = ReportId, Path, description = "The report")),
    responses((status = 202, description = "The schedule, with the sending that has begun", body = ReportSchedule))
)]
#[post("/reports/{id}/schedule/send")]
pub async fn send_report(
    who: Require<Read<Reports>>,
    Id(id): Id<ReportId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    let begun = app
        .db
        .write(origin, move |tx| schedule::send_now(tx, &who.actor, id))
        .await?;
    app.jobs.wake();
    Ok(HttpResponse::Accepted().json(begun))
}

/// Unsubscribe from a saved report, or subscribe again
///
/// For the caller, who has to be a recipient.
#[utoipa::path(
    tag = "reports",
    params(("id" = ReportId, Path, description = "The report")),
    request_body(content = ReportSubscription, example = json!({"subscribed": false})),
    responses((status = 200, description = "The schedule as it is now", body = ReportSchedule))
)]
#[put("/reports/{id}/schedule/subscription")]
pub async fn subscribe_to_report(
    who: Require<Read<Reports>>,
    Id(id): Id<ReportId>,
    app: Data<App>,
    Body(wanted): Body<ReportSubscription>,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    let now = app
        .db
        .write(origin, move |tx| {
            schedule::subscribe(tx, &who.actor, id, *wanted)
        })
        .await?;
    Ok(tagged(&now))
}
