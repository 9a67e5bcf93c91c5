//! Value: ABC and Pareto analysis.

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use guanxi_domain::value::{RankedCustomer, ValueRun, ValueRunHead, ValueRunInput};
use guanxi_domain::{Page, ValueRunId};
use guanxi_persistence::value;

use crate::auth::Require;
use crate::list::List;
use crate::permission::{Create, Read, Reports, Segments};
use crate::request::{Body, Id};
use crate::{ApiResult, App};

/// Value runs as a list.
pub struct ValueRuns;

/// List value runs
///
/// `customers` and `total` are `null` for somebody whose scope is not all customers.
#[utoipa::path(tag = "value", params(List<ValueRuns>), responses((status = 200, description = "A page of runs", body = Page<ValueRunHead>)))]
#[get("/value-runs")]
pub async fn list_value_runs(
    who: Require<Read<Reports>>,
    list: List<ValueRuns>,
    app: Data<App>,
) -> ApiResult<Json<Page<ValueRunHead>>> {
    let page = app
        .db
        .read(move |c| value::list(c, &who.actor, &list.query))
        .await?;
    Ok(Json(page))
}

/// Make a value run
///
/// Ranks all customers with an order or return in the window, and gives each its class. Customers without one have no class afterwards.
#[utoipa::path(
    tag = "value",
    request_body(content = ValueRunInput, example = json!({"settings": {"measure": "sales", "from": "2026-01-01", "a_share": 7500, "b_share": 9500}})),
    responses((status = 201, description = "The run", body = ValueRun))
)]
#[post("/value-runs")]
pub async fn create_value_run(
    who: Require<Create<Segments>>,
    app: Data<App>,
    Body(input): Body<ValueRunInput>,
) -> ApiResult<HttpResponse> {
    let run = value::run(&app.db, &who.origin(), &input).await?;
    let actor = who.actor.clone();
    // As the caller may see it: who may make a run need not see all customers.
    let run = app.db.read(move |c| value::get(c, &actor, run.id)).await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/api/v1/value-runs/{}", run.id)))
        .json(run))
}

/// Get a value run
///
/// With classes, pyramid, Pareto curve and movement. For somebody whose scope is not all customers every figure is over those that
/// they may see.
#[utoipa::path(tag = "value", params(("id" = ValueRunId, Path, description = "The run")), responses((status = 200, description = "The run", body = ValueRun)))]
#[get("/value-runs/{id}")]
pub async fn get_value_run(
    who: Require<Read<Reports>>,
    Id(id): Id<ValueRunId>,
    app: Data<App>,
) -> ApiResult<Json<ValueRun>> {
    Ok(Json(
        app.db.read(move |c| value::get(c, &who.actor, id)).await?,
    ))
}

/// The customers of a value run, ranked
#[utoipa::path(
    tag = "value",
    params(("id" = ValueRunId, Path, description = "The run"), List<Reports>),
    responses((status = 200, description = "A page of customers", body = Page<RankedCustomer>))
)]
#[get("/value-runs/{id}/customers")]
pub async fn list_ranked_customers(
    who: Require<Read<Reports>>,
    Id(id): Id<ValueRunId>,
    list: List<Reports>,
    app: Data<App>,
) -> ApiResult<Json<Page<RankedCustomer>>> {
    let page = app
        .db
        .read(move |c| value::ranked(c, &who.actor, id, &list.query))
        .await?;
    Ok(Json(page))
}
