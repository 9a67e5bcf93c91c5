//! Stock levels: what was on hand of a product on a day.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, put};
use guanxi_domain::stock::{StockCount, StockLevel};
use guanxi_domain::{Date, Page, ProductId};
use guanxi_persistence::stock;

use crate::auth::Require;
use crate::list::List;
use crate::permission::{Delete, Read, Stock, Update};
use crate::request::{Body, Day, Id, IfMatch};
use crate::{ApiResult, App};

/// Stock levels of a product
///
/// What an ERP or a stocktaking said was on hand, the newest day first. A level holds from its day until that of the next one.
#[utoipa::path(
    tag = "stock",
    params(("id" = ProductId, Path, description = "The product"), List<Stock>),
    responses((status = 200, description = "A page of stock levels", body = Page<StockLevel>))
)]
#[get("/products/{id}/stock-levels")]
pub async fn list_stock_levels(
    _who: Require<Read<Stock>>,
    Id(id): Id<ProductId>,
    list: List<Stock>,
    app: Data<App>,
) -> ApiResult<Json<Page<StockLevel>>> {
    let page = app
        .db
        .read(move |c| stock::list(c, id, &list.query))
        .await?;
    Ok(Json(page))
}

/// Get the stock level of a day
///
/// The one that was written for this very day.
#[utoipa::path(
    tag = "stock",
    params(
        ("id" = ProductId, Path, description = "The product"),
        ("day" = Date, Path, description = "The day from which the level holds")
    ),
    responses((status = 200, description = "The stock level", body = StockLevel))
)]
#[get("/products/{id}/stock-levels/{day}")]
pub async fn get_stock_level(
    who: Require<Read<Stock>>,
    Id(id): Id<ProductId>,
    Day(day): Day,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, _| stock::get(c, id, day)).await
}

/// Set the stock level of a day
///
/// Creates or replaces it; `If-Match: "0"` for a day that has none so far. Without `unit_cost` it is valued at the product's cost of this moment, and
/// keeps that when the product's changes. A product that is no longer sold may well be in stock.
#[utoipa::path(
    tag = "stock",
    params(
        ("id" = ProductId, Path, description = "The product"),
        ("day" = Date, Path, description = "The day from which the level holds; not in the future"),
        IfMatch
    ),
    request_body(content = StockCount, example = json!({"quantity": "120", "unit_cost": "80"})),
    responses((status = 200, description = "As it is now", body = StockLevel))
)]
#[put("/products/{id}/stock-levels/{day}")]
pub async fn set_stock_level(
    who: Require<Update<Stock>>,
    Id(id): Id<ProductId>,
    Day(day): Day,
    IfMatch(version): IfMatch,
    app: Data<App>,
    Body(count): Body<StockCount>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, _| stock::put(tx, id, day, version, &count))
        .await
}

/// Delete the stock level of a day
///
/// The level before it then holds until the next one.
#[utoipa::path(
    tag = "stock",
    params(
        ("id" = ProductId, Path, description = "The product"),
        ("day" = Date, Path, description = "The day from which the level holds"),
        IfMatch
    ),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/products/{id}/stock-levels/{day}")]
pub async fn delete_stock_level(
    who: Require<Delete<Stock>>,
    Id(id): Id<ProductId>,
    Day(day): Day,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.delete(&app, move |tx, _| stock::delete(tx, id, day, version))
        .await
}
