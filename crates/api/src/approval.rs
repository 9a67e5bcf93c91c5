//! Approvals: what one person asks for and another decides.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use guanxi_domain::approval::{Approval, ApprovalInput, DecisionInput};
use guanxi_domain::audit::HistoryEntry;
use guanxi_domain::permission::Operation;
use guanxi_domain::{ApprovalId, Page};
use guanxi_persistence::{Error, Tx, approval, audit};

use crate::auth::LoggedIn;
use crate::history::History;
use crate::list::List;
use crate::record::{created, tagged};
use crate::request::{Body, Id, IfMatch};
use crate::{ApiResult, App};

/// Marks lists of requests.
pub struct Approvals;

/// List requests
///
/// The caller's own, and those about records that they see. `waiting_for_me=true`: those that they may decide.
#[utoipa::path(tag = "approvals", params(List<Approvals>), responses((status = 200, description = "A page of requests", body = Page<Approval>)))]
#[get("/approvals")]
pub async fn list_approvals(
    who: LoggedIn,
    list: List<Approvals>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let page = app
        .db
        .read(move |c| approval::list(c, &who.actor, &list.query))
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Ask for something
///
/// Needs `update` on the record. Another person with `approve` on it decides: 409 `nobody_to_approve` where there is none,
/// `approval_pending` while such a request waits. It expires after 30 days. Kinds: `lift_blacklist` takes a customer off the blacklist.
#[utoipa::path(
    tag = "approvals",
    request_body(content = ApprovalInput, example = json!({"kind": "lift_blacklist", "record_id": "01938a3e-7c00-7000-8000-c8f6e2d71b5a", "reason": "All invoices are paid"})),
    responses((status = 201, description = "The request", body = Approval))
)]
#[post("/approvals")]
pub async fn request_approval(
    who: LoggedIn,
    app: Data<App>,
    Body(input): Body<ApprovalInput>,
) -> ApiResult<HttpResponse> {
    who.visibility(input.kind.module(), Operation::Update)?;
    let approval = app
        .db
        .write(who.origin(), move |tx| {
            approval::request(tx, &who.actor, &input)
        })
        .await?;
    Ok(created(&approval))
}

/// Get a request
#[utoipa::path(tag = "approvals", params(("id" = ApprovalId, Path, description = "The request")), responses((status = 200, description = "The request", body = Approval)))]
#[get("/approvals/{id}")]
pub async fn get_approval(
    who: LoggedIn,
    Id(id): Id<ApprovalId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let approval = app
        .db
        .read(move |c| approval::get(c, &who.actor, id))
        .await?;
    Ok(tagged(&approval))
}

/// History of a request
///
/// Who asked and decided, the newest first, for whoever may read the request.
#[utoipa::path(
    tag = "approvals",
    params(("id" = ApprovalId, Path, description = "The request"), List<History>),
    responses((status = 200, description = "A page of entries", body = Page<HistoryEntry>))
)]
#[get("/approvals/{id}/history")]
pub async fn get_approval_history(
    who: LoggedIn,
    Id(id): Id<ApprovalId>,
    list: List<History>,
    app: Data<App>,
) -> ApiResult<Json<Page<HistoryEntry>>> {
    let page = app
        .db
        .read(move |c| {
            approval::get(c, &who.actor, id)?;
            audit::history(c, "approvals", id.as_str(), &list.query)
        })
        .await?;
    Ok(Json(page))
}

async fn changed(
    who: LoggedIn,
    app: &App,
    mut write: impl FnMut(&mut Tx<'_>, &LoggedIn) -> Result<Approval, Error> + Send + 'static,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    let approval = app.db.write(origin, move |tx| write(tx, &who)).await?;
    Ok(tagged(&approval))
}

/// Approve a request
///
/// Does what was asked for, in the same transaction. Needs `approve` on the record; refused (409) for one's own request (`own_request`) and when
/// what it was asked of has changed (`approval_stale`).
#[utoipa::path(
    tag = "approvals",
    params(("id" = ApprovalId, Path, description = "The request"), IfMatch),
    request_body(content = DecisionInput, example = json!({"note": "Checked with finance"})),
    responses((status = 200, description = "As it is now", body = Approval))
)]
#[post("/approvals/{id}/approve")]
pub async fn approve_request(
    who: LoggedIn,
    Id(id): Id<ApprovalId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    Body(input): Body<DecisionInput>,
) -> ApiResult<HttpResponse> {
    changed(who, &app, move |tx, who| {
        approval::decide(tx, &who.actor, id, version, true, &input)
    })
    .await
}

/// Reject a request
///
/// With a note that tells why. Needs `approve` on the record.
#[utoipa::path(
    tag = "approvals",
    params(("id" = ApprovalId, Path, description = "The request"), IfMatch),
    request_body(content = DecisionInput, example = json!({"note": "One invoice is still open"})),
    responses((status = 200, description = "As it is now", body = Approval))
)]
#[post("/approvals/{id}/reject")]
pub async fn reject_request(
    who: LoggedIn,
    Id(id): Id<ApprovalId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    Body(input): Body<DecisionInput>,
) -> ApiResult<HttpResponse> {
    changed(who, &app, move |tx, who| {
        approval::decide(tx, &who.actor, id, version, false, &input)
    })
    .await
}

/// Withdraw a request
///
/// By who asked, as long as nobody has decided.
#[utoipa::path(
    tag = "approvals",
    params(("id" = ApprovalId, Path, description = "The request"), IfMatch),
    responses((status = 200, description = "As it is now", body = Approval))
)]
#[post("/approvals/{id}/withdraw")]
pub async fn withdraw_request(
    who: LoggedIn,
    Id(id): Id<ApprovalId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    changed(who, &app, move |tx, who| {
        approval::withdraw(tx, &who.actor, id, version)
    })
    .await
}
