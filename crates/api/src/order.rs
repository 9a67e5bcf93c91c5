//! Orders: sales with lines and states.

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, patch, post};
use guanxi_domain::order::{Order, OrderHead, OrderInput, OrderState, OrderTransitionInput};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{ErrorCode, OrderId, Page};
use guanxi_persistence::order::{self, Author};

use crate::auth::{LoggedIn, Require};
use crate::bulk::bulk;
use crate::export::export;
use crate::list::{List, page, search};
use crate::permission::{Create, Delete, Orders, Read, Update};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

fn author(who: &LoggedIn, app: &App) -> ApiResult<Author> {
    Ok(Author {
        actor: (*who.actor).clone(),
        customers: who.visibility(Module::Customers, Operation::Read)?,
        minor_digits: app.config.minor_digits(),
    })
}

/// List orders
///
/// Without their lines. `q` looks for words in the number and in what the customer is found by.
#[utoipa::path(tag = "orders", params(List<Orders>), responses((status = 200, description = "A page of orders", body = Page<OrderHead>)))]
#[get("/orders")]
pub async fn list_orders(
    who: Require<Read<Orders>>,
    list: List<Orders>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<order::Orders>(&app, who.visibility.clone(), list.query).await
}

search! {
    /// Search orders
    search_orders, "/orders/search", "orders", Orders, order::Orders, OrderHead,
    ({"filter": {"or": [{"field": "ordered_at", "op": "period", "value": "this_month"}, {"field": "owner_id", "op": "eq", "value": "me"}]}})
}

/// Create an order
///
/// A draft. A line with a product takes description, price and cost from it unless it names its own; totals are computed by the
/// server. Owner and department are the customer's unless `owner_id` says otherwise. Refused (409) for a customer who is
/// blacklisted or archived.
#[utoipa::path(
    tag = "orders",
    request_body(content = OrderInput, example = json!({
        "customer_id": "01938a3e-0000-7000-8000-000000000001",
        "promised_on": "2026-12-24",
        "lines": [
            {"product_id": "01938a3e-0000-7000-8000-000000000002", "quantity": "10", "discount": 5000},
            {"description": "送货", "quantity": "1", "unit_price": "120"}
        ]
    })),
    responses((status = 201, description = "The order", body = Order))
)]
#[post("/orders")]
pub async fn create_order(
    who: Require<Create<Orders>>,
    app: Data<App>,
    Body(input): Body<OrderInput>,
) -> ApiResult<HttpResponse> {
    let author = author(&who, &app)?;
    who.create(&app, move |tx, _| order::create(tx, &author, &input))
        .await
}

bulk! {
    /// Change many orders
    bulk_orders, "/orders/bulk", "orders", Orders, order::Orders
}

export! {
    /// Export orders
    export_orders, "/orders/export", "orders", Orders, order::Orders,
    ({"format": "xlsx", "columns": [], "filter": {"field": "ordered_at", "op": "period", "value": "last_month"}, "labels": true}),
    "单号,客户,下单时间,金额\r\nSO-2026-0042,上海晨光商贸有限公司,2026-11-21T08:30:00Z,1299.00\r\n"
}

/// Get an order
///
/// With its lines and every change of its state.
#[utoipa::path(tag = "orders", params(("id" = OrderId, Path, description = "The order")), responses((status = 200, description = "The order", body = Order)))]
#[get("/orders/{id}")]
pub async fn get_order(
    who: Require<Read<Orders>>,
    Id(id): Id<OrderId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, visibility| order::get(c, visibility, id))
        .await
}

/// Change a draft
///
/// `lines`, if given, replace all lines. Any other state is refused (409): take a submitted order back to `draft` first.
#[utoipa::path(
    tag = "orders",
    params(("id" = OrderId, Path, description = "The order"), IfMatch),
    request_body(content = OrderInput, content_type = "application/merge-patch+json", example = json!({"note": "Call before delivery", "promised_on": null})),
    responses((status = 200, description = "As it is now", body = Order))
)]
#[patch("/orders/{id}")]
pub async fn update_order(
    who: Require<Update<Orders>>,
    Id(id): Id<OrderId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, visibility| {
            order::get(c, visibility, id)
        })
        .await?;
    // Before the rules: an imported order may break them, and that is not what is wrong.
    if old.head.state != OrderState::Draft {
        return Err(ErrorCode::Conflict.into());
    }
    let input = patch.apply(&old.input())?;
    let author = author(&who, &app)?;
    who.change(&app, move |tx, who| {
        order::update(tx, &author, &who.visibility, id, version, &input)
    })
    .await
}

/// Delete a draft
///
/// Any other state is refused (409): cancel it instead.
#[utoipa::path(
    tag = "orders",
    params(("id" = OrderId, Path, description = "The order"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/orders/{id}")]
pub async fn delete_order(
    who: Require<Delete<Orders>>,
    Id(id): Id<OrderId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.delete(&app, move |tx, who| {
        order::delete(tx, &who.visibility, id, version)
    })
    .await
}

/// Change an order's state
///
/// draft → submitted → confirmed → partly shipped → shipped → delivered → completed; back from submitted to draft; cancelled, with
/// a reason, before shipping. Anything else is refused (409 `illegal_transition`), and so is
/// submitting a draft of a customer who is blacklisted (409 `blacklisted`). From the confirmation on the order counts in
/// its customer's figures.
#[utoipa::path(
    tag = "orders",
    params(("id" = OrderId, Path, description = "The order"), IfMatch),
    request_body(content = OrderTransitionInput, example = json!({"to": "cancelled", "reason": "The customer has changed their mind"})),
    responses((status = 200, description = "As it is now", body = Order))
)]
#[post("/orders/{id}/transitions")]
pub async fn transition_order(
    who: Require<Update<Orders>>,
    Id(id): Id<OrderId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    Body(input): Body<OrderTransitionInput>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        order::transition(tx, &who.visibility, id, version, &input)
    })
    .await
}
