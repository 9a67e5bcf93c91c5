//! Customers, their evaluations and the quality of their data.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use guanxi_domain::customer::{
    BlacklistInput, Customer, CustomerInput, Evaluation, EvaluationInput, QualityFinding,
    QualityReport,
};
use guanxi_domain::metrics::CustomerMetrics;
use guanxi_domain::permission::ShippedRole;
use guanxi_domain::{CustomerId, ErrorCode, Page, Timestamp};
use guanxi_persistence::customer::{self, evaluation, quality};
use guanxi_persistence::metrics;

use crate::auth::Require;
use crate::bulk::bulk;
use crate::export::export;
use crate::list::{List, page, search};
use crate::permission::{Create, Customers, Delete, Read, Update};
use crate::request::{Body, Id, IfMatch, Patch, RawBody};
use crate::{ApiError, ApiResult, App};

/// List customers
///
/// Archived customers are left out unless `archived_at` is asked for.
#[utoipa::path(tag = "customers", params(List<Customers>), responses((status = 200, description = "A page of customers", body = Page<Customer>)))]
#[get("/customers")]
pub async fn list_customers(
    who: Require<Read<Customers>>,
    list: List<Customers>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<customer::Customers>(&app, who.visibility.clone(), list.query).await
}

search! {
    /// Search customers
    search_customers, "/customers/search", "customers", Customers, customer::Customers, Customer,
    ({"filter": {"and": [{"field": "stage", "op": "in", "value": ["active", "dormant"]}, {"field": "last_order_on", "op": "before_days", "value": 90}, {"field": "open_orders", "op": "eq", "value": 0}]}, "sort": "-sales"})
}

/// Create a customer
///
/// Belongs to whoever creates it unless `owner_id` says otherwise; `null` puts it into the public pool.
#[utoipa::path(
    tag = "customers",
    request_body(content = CustomerInput, example = json!({"name": "上海晨光商贸有限公司", "customer_type": "dealer", "region": "cn_east", "phone": "021-6552 9988"})),
    responses((status = 201, description = "The customer", body = Customer))
)]
#[post("/customers")]
pub async fn create_customer(
    who: Require<Create<Customers>>,
    app: Data<App>,
    body: RawBody<CustomerInput>,
) -> ApiResult<HttpResponse> {
    let owner_given = body.json.get("owner_id").is_some();
    who.create(&app, move |tx, who| {
        customer::create(tx, &who.actor, &body.input, owner_given)
    })
    .await
}

/// Get a customer
#[utoipa::path(tag = "customers", params(("id" = CustomerId, Path, description = "The customer")), responses((status = 200, description = "The customer", body = Customer)))]
#[get("/customers/{id}")]
pub async fn get_customer(
    who: Require<Read<Customers>>,
    Id(id): Id<CustomerId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, visibility| customer::get(c, visibility, id))
        .await
}

/// Change a customer
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path, description = "The customer"), IfMatch),
    request_body(content = CustomerInput, content_type = "application/merge-patch+json", example = json!({"stage": "active", "phone": null})),
    responses((status = 200, description = "As it is now", body = Customer))
)]
#[patch("/customers/{id}")]
pub async fn update_customer(
    who: Require<Update<Customers>>,
    Id(id): Id<CustomerId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, visibility| {
            customer::get(c, visibility, id)
        })
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, who| {
        customer::update(tx, &who.actor, &who.visibility, id, version, &input)
    })
    .await
}

bulk! {
    /// Change many customers
    bulk_customers, "/customers/bulk", "customers", Customers, customer::Customers
}

export! {
    /// Export customers
    export_customers, "/customers/export", "customers", Customers, customer::Customers,
    ({"format": "csv", "columns": ["code", "name", "stage", "owner_id", "sales"], "filter": {"field": "stage", "op": "in", "value": ["active", "dormant"]}, "sort": "-sales", "labels": true}),
    "编号,名称,阶段,负责人,销售额\r\nC000042,上海晨光商贸有限公司,现有,李雷,129900.00\r\n"
}

/// Delete a customer for good
///
/// Administrators only, and refused while orders, tickets or other customers refer to it: archive it instead. The audit trail stays.
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path, description = "The customer"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/customers/{id}")]
pub async fn delete_customer(
    who: Require<Delete<Customers>>,
    Id(id): Id<CustomerId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    if !customer::may_delete(&who.actor) {
        return Err(ApiError::new(ErrorCode::Forbidden).detail(ShippedRole::Administrator.as_str()));
    }
    who.delete(&app, move |tx, who| {
        customer::delete(tx, &who.visibility, id, version)
    })
    .await
}

/// Archive a customer
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path, description = "The customer"), IfMatch),
    responses((status = 200, description = "As it is now", body = Customer))
)]
#[post("/customers/{id}/archive")]
pub async fn archive_customer(
    who: Require<Update<Customers>>,
    Id(id): Id<CustomerId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        customer::archive(tx, &who.visibility, id, version)
    })
    .await
}

/// Bring back an archived customer
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path, description = "The customer"), IfMatch),
    responses((status = 200, description = "As it is now", body = Customer))
)]
#[post("/customers/{id}/restore")]
pub async fn restore_customer(
    who: Require<Update<Customers>>,
    Id(id): Id<CustomerId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        customer::restore(tx, &who.visibility, id, version)
    })
    .await
}

/// Blacklist a customer
///
/// New orders are refused, up to and with the day `until` or until it is lifted. An entry that holds already may be replaced by
/// one that ends no sooner (409 `approval_needed`): to end it sooner takes an approval.
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path, description = "The customer"), IfMatch),
    request_body(content = BlacklistInput, example = json!({"reason": "Three invoices unpaid", "until": null})),
    responses((status = 200, description = "As it is now", body = Customer))
)]
#[post("/customers/{id}/blacklist")]
pub async fn blacklist_customer(
    who: Require<Update<Customers>>,
    Id(id): Id<CustomerId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    Body(input): Body<BlacklistInput>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        customer::blacklist(tx, &who.visibility, id, version, &input)
    })
    .await
}

/// Take a customer off the blacklist
///
/// Only while nobody else may approve it (409 `approval_needed`): others ask for it by `POST /approvals`.
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path, description = "The customer"), IfMatch),
    responses((status = 200, description = "As it is now", body = Customer))
)]
#[post("/customers/{id}/unblacklist")]
pub async fn unblacklist_customer(
    who: Require<Update<Customers>>,
    Id(id): Id<CustomerId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        customer::unblacklist(tx, &who.actor, &who.visibility, id, version)
    })
    .await
}

/// A customer's figures
#[utoipa::path(tag = "customers", params(("id" = CustomerId, Path, description = "The customer")), responses((status = 200, description = "The figures", body = CustomerMetrics)))]
#[get("/customers/{id}/metrics")]
pub async fn get_customer_metrics(
    who: Require<Read<Customers>>,
    Id(id): Id<CustomerId>,
    app: Data<App>,
) -> ApiResult<Json<CustomerMetrics>> {
    let figures = app
        .db
        .read(move |c| metrics::get(c, &who.visibility, id))
        .await?;
    Ok(Json(figures))
}

/// A customer's evaluations
#[utoipa::path(tag = "customers", params(("id" = CustomerId, Path, description = "The customer")), responses((status = 200, description = "The newest first", body = Vec<Evaluation>)))]
#[get("/customers/{id}/evaluations")]
pub async fn list_evaluations(
    who: Require<Read<Customers>>,
    Id(id): Id<CustomerId>,
    app: Data<App>,
) -> ApiResult<Json<Vec<Evaluation>>> {
    Ok(Json(
        app.db
            .read(move |c| evaluation::list(c, &who.visibility, id))
            .await?,
    ))
}

/// Evaluate a customer
#[utoipa::path(
    tag = "customers",
    params(("id" = CustomerId, Path, description = "The customer")),
    request_body(content = EvaluationInput, example = json!({"evaluated_on": "2026-11-21", "keenness": 4, "capability": 3, "credit": 5, "social_standing": 3})),
    responses((status = 201, description = "The evaluation", body = Evaluation))
)]
#[post("/customers/{id}/evaluations")]
pub async fn create_evaluation(
    who: Require<Update<Customers>>,
    Id(id): Id<CustomerId>,
    app: Data<App>,
    Body(input): Body<EvaluationInput>,
) -> ApiResult<HttpResponse> {
    let evaluation = who
        .written(&app, move |tx, who| {
            evaluation::create(tx, &who.visibility, id, &input)
        })
        .await?;
    Ok(HttpResponse::Created().json(evaluation))
}

/// What is missing, stale, malformed or double
#[utoipa::path(tag = "customers", responses((status = 200, description = "How many customers each finding concerns", body = QualityReport)))]
#[get("/customers/quality")]
pub async fn get_quality(
    who: Require<Read<Customers>>,
    app: Data<App>,
) -> ApiResult<Json<QualityReport>> {
    Ok(Json(
        app.db
            .read(move |c| quality::report(c, &who.visibility, Timestamp::now()))
            .await?,
    ))
}

/// The customers that a finding concerns
#[utoipa::path(
    tag = "customers",
    params(("id" = QualityFinding, Path, description = "The finding"), List<Customers>),
    responses((status = 200, description = "A page of customers", body = Page<Customer>))
)]
#[get("/customers/quality/{id}")]
pub async fn list_quality(
    who: Require<Read<Customers>>,
    Id(finding): Id<QualityFinding>,
    list: List<Customers>,
    app: Data<App>,
) -> ApiResult<Json<Page<Customer>>> {
    let page = app
        .db
        .read(move |c| quality::list(c, &who.visibility, finding, &list.query, Timestamp::now()))
        .await?;
    Ok(Json(page))
}
