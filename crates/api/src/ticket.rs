//! Tickets: service cases, the work on them and their history.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use guanxi_domain::ticket::{
    Comment, CommentInput, Ticket, TicketAssignment, TicketInput, TicketSummary,
    TicketTransitionInput,
};
use guanxi_domain::{Page, TicketId};
use guanxi_persistence::ticket::{self, comment};

use crate::auth::Require;
use crate::bulk::bulk;
use crate::export::export;
use crate::list::{List, page, search};
use crate::permission::{Create, Read, Tickets, Update};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// A ticket's history as a list.
pub struct Comments;

/// List tickets
///
/// Those in the caller's scope, those that the caller recorded or answers for, and those of customers in that scope.
/// `owner_id=none` are the unassigned ones. Sorting by `priority` goes by urgency.
#[utoipa::path(tag = "tickets", params(List<Tickets>), responses((status = 200, description = "A page of tickets", body = Page<Ticket>)))]
#[get("/tickets")]
pub async fn list_tickets(
    who: Require<Read<Tickets>>,
    list: List<Tickets>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<ticket::Tickets>(&app, who.visibility.clone(), list.query).await
}

search! {
    /// Search tickets
    search_tickets, "/tickets/search", "tickets", Tickets, ticket::Tickets, Ticket,
    ({"filter": {"field": "tags", "op": "has_any", "value": ["VIP"]}, "sort": "-priority"})
}

/// Count tickets
///
/// By state, and those that wait for somebody, of those that the caller sees.
#[utoipa::path(tag = "tickets", responses((status = 200, description = "The counts", body = TicketSummary)))]
#[get("/tickets/summary")]
pub async fn summarise_tickets(
    who: Require<Read<Tickets>>,
    app: Data<App>,
) -> ApiResult<Json<TicketSummary>> {
    let summary = app
        .db
        .snapshot(move |c| ticket::summary(c, &who.visibility))
        .await?;
    Ok(Json(summary))
}

/// Record a ticket
///
/// Nobody owns it unless `owner_id` says so: oneself, or anybody for those who may assign. It belongs to the department of
/// whoever records it, or of its owner.
#[utoipa::path(
    tag = "tickets",
    request_body(content = TicketInput, example = json!({"customer_id": "0192f3a0-0000-7000-8000-000000000001", "kind": "repair", "channel": "phone", "priority": "high", "subject": "包装机无法启动", "description": "Since this morning, error E42"})),
    responses((status = 201, description = "The ticket", body = Ticket))
)]
#[post("/tickets")]
pub async fn create_ticket(
    who: Require<Create<Tickets>>,
    app: Data<App>,
    Body(input): Body<TicketInput>,
) -> ApiResult<HttpResponse> {
    who.create(&app, move |tx, who| ticket::create(tx, &who.actor, &input))
        .await
}

bulk! {
    /// Change many tickets
    bulk_tickets, "/tickets/bulk", "tickets", Tickets, ticket::Tickets
}

export! {
    /// Export tickets
    export_tickets, "/tickets/export", "tickets", Tickets, ticket::Tickets,
    ({"format": "csv", "columns": ["number", "subject", "state"], "q": "台灯", "labels": false}),
    "number,subject,state\r\nT-2026-0042,台灯不亮,open\r\n"
}

/// Get a ticket
#[utoipa::path(tag = "tickets", params(("id" = TicketId, Path, description = "The ticket")), responses((status = 200, description = "The ticket", body = Ticket)))]
#[get("/tickets/{id}")]
pub async fn get_ticket(
    who: Require<Read<Tickets>>,
    Id(id): Id<TicketId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, visibility| ticket::get(c, visibility, id))
        .await
}

/// Change a ticket
///
/// Another `owner_id` needs what assigning needs. States change by transitions.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket"), IfMatch),
    request_body(content = TicketInput, content_type = "application/merge-patch+json", example = json!({"priority": "urgent", "team": "二线支持"})),
    responses((status = 200, description = "As it is now", body = Ticket))
)]
#[patch("/tickets/{id}")]
pub async fn update_ticket(
    who: Require<Update<Tickets>>,
    Id(id): Id<TicketId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, visibility| {
            ticket::get(c, visibility, id)
        })
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, who| {
        ticket::update(tx, &who.actor, &who.visibility, id, version, &input)
    })
    .await
}

/// Move a ticket to another state
///
/// new → open → waiting → resolved → closed; back to open from resolved or closed reopens it. The first move is the first response:
/// whoever makes it answers for the ticket, and owns it if nobody does.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket"), IfMatch),
    request_body(content = TicketTransitionInput, example = json!({"to": "resolved", "note": "Fuse replaced"})),
    responses((status = 200, description = "As it is now", body = Ticket))
)]
#[post("/tickets/{id}/transitions")]
pub async fn transition_ticket(
    who: Require<Update<Tickets>>,
    Id(id): Id<TicketId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    Body(input): Body<TicketTransitionInput>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        ticket::transition(tx, &who.actor, &who.visibility, id, version, &input)
    })
    .await
}

/// Give a ticket to somebody
///
/// Needs `tickets:assign`; `tickets:update` is enough to take a ticket that nobody owns, or to accept one that was given to
/// oneself. Whoever answered for it before does so until the new owner works on it or accepts it. `null` puts it back into the
/// queue.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket"), IfMatch),
    request_body(content = TicketAssignment, example = json!({"owner_id": "0192f3a0-0000-7000-8000-000000000002"})),
    responses((status = 200, description = "As it is now", body = Ticket))
)]
#[post("/tickets/{id}/assign")]
pub async fn assign_ticket(
    // Which of the two rights it needs depends on the ticket.
    who: Require<Read<Tickets>>,
    Id(id): Id<TicketId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    Body(input): Body<TicketAssignment>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        ticket::assign(tx, &who.actor, id, version, input.owner_id)
    })
    .await
}

/// A ticket's history
///
/// Replies, internal notes, and an event for every change.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket"), List<Comments>),
    responses((status = 200, description = "A page of entries, the oldest first", body = Page<Comment>))
)]
#[get("/tickets/{id}/comments")]
pub async fn list_comments(
    who: Require<Read<Tickets>>,
    Id(id): Id<TicketId>,
    list: List<Comments>,
    app: Data<App>,
) -> ApiResult<Json<Page<Comment>>> {
    let page = app
        .db
        .read(move |c| comment::list(c, &who.visibility, id, &list.query))
        .await?;
    Ok(Json(page))
}

/// Reply, or write an internal note
///
/// The first public reply is the first response.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket")),
    request_body(content = CommentInput, example = json!({"body": "Our engineer will be with you at two.", "public": true})),
    responses((status = 201, description = "The entry", body = Comment))
)]
#[post("/tickets/{id}/comments")]
pub async fn create_comment(
    who: Require<Create<Tickets>>,
    Id(id): Id<TicketId>,
    app: Data<App>,
    Body(input): Body<CommentInput>,
) -> ApiResult<HttpResponse> {
    let comment = who
        .written(&app, move |tx, who| {
            comment::create(tx, &who.actor, &who.visibility, id, &input)
        })
        .await?;
    Ok(HttpResponse::Created().json(comment))
}
