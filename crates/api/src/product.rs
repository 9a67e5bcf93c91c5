//! Products: what is sold.

use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, patch, post};
use guanxi_domain::product::{Product, ProductInput};
use guanxi_domain::{Page, ProductId};
use guanxi_persistence::product;

use crate::auth::Require;
use crate::bulk::bulk;
use crate::export::export;
use crate::list::{List, page, search};
use crate::permission::{Create, Delete, Products, Read, Update};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// List products
#[utoipa::path(tag = "products", params(List<Products>), responses((status = 200, description = "A page of products", body = Page<Product>)))]
#[get("/products")]
pub async fn list_products(
    who: Require<Read<Products>>,
    list: List<Products>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<product::Products>(&app, who.visibility.clone(), list.query).await
}

search! {
    /// Search products
    search_products, "/products/search", "products", Products, product::Products, Product,
    ({"filter": {"not": {"field": "active", "op": "eq", "value": true}}})
}

/// Create a product
#[utoipa::path(
    tag = "products",
    request_body(content = ProductInput, example = json!({"sku": "LAMP-01", "name": "台灯", "name_en": "Desk lamp", "category": "goods", "unit": "piece", "list_price": "129.9", "cost": "80"})),
    responses((status = 201, description = "The product", body = Product))
)]
#[post("/products")]
pub async fn create_product(
    who: Require<Create<Products>>,
    app: Data<App>,
    Body(input): Body<ProductInput>,
) -> ApiResult<HttpResponse> {
    who.create(&app, move |tx, _| product::create(tx, &input))
        .await
}

bulk! {
    /// Change many products
    bulk_products, "/products/bulk", "products", Products, product::Products
}

export! {
    /// Export products
    export_products, "/products/export", "products", Products, product::Products,
    ({"format": "xlsx", "columns": ["sku", "name", "list_price"], "sort": "sku", "labels": true}),
    "货号,名称,标价\r\nLAMP-01,台灯,129.9\r\n"
}

/// Get a product
#[utoipa::path(tag = "products", params(("id" = ProductId, Path, description = "The product")), responses((status = 200, description = "The product", body = Product)))]
#[get("/products/{id}")]
pub async fn get_product(
    who: Require<Read<Products>>,
    Id(id): Id<ProductId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, _| product::get(c, id)).await
}

/// Change a product
///
/// Orders keep the name, price and cost that they were written with.
#[utoipa::path(
    tag = "products",
    params(("id" = ProductId, Path, description = "The product"), IfMatch),
    request_body(content = ProductInput, content_type = "application/merge-patch+json", example = json!({"list_price": "119.9", "active": false})),
    responses((status = 200, description = "As it is now", body = Product))
)]
#[patch("/products/{id}")]
pub async fn update_product(
    who: Require<Update<Products>>,
    Id(id): Id<ProductId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, _| product::get(c, id))
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, _| product::update(tx, id, version, &input))
        .await
}

/// Delete a product
///
/// Refused while orders or stock levels hold it: make it inactive instead.
#[utoipa::path(
    tag = "products",
    params(("id" = ProductId, Path, description = "The product"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/products/{id}")]
pub async fn delete_product(
    who: Require<Delete<Products>>,
    Id(id): Id<ProductId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.delete(&app, move |tx, _| product::delete(tx, id, version))
        .await
}
