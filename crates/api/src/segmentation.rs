//! Segmentation runs: RFM, lifetime value, stage and churn risk of all customers.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use guanxi_domain::segmentation::run::{
    ScoreCourse, ScoredCustomer, SegmentationDefaults, SegmentationDefaultsInput, SegmentationRun,
    SegmentationRunHead, SegmentationRunInput,
};
use guanxi_domain::{CustomerId, Page, SegmentationRunId};
use guanxi_persistence::segmentation::{self, defaults};

use crate::auth::Require;
use crate::list::List;
use crate::permission::{Create, Customers, Read, Reports, Segments, Update};
use crate::record::{accepted, tagged};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// Segmentation runs as a list.
pub struct SegmentationRuns;

/// The customers of a run as a list.
pub struct ScoredCustomers;

/// List segmentation runs
///
/// Also those that run or failed. `customers` and `purchases` are `null` for somebody whose scope is not all customers.
#[utoipa::path(tag = "segmentation", params(List<SegmentationRuns>), responses((status = 200, description = "A page of runs", body = Page<SegmentationRunHead>)))]
#[get("/segmentation-runs")]
pub async fn list_segmentation_runs(
    who: Require<Read<Reports>>,
    list: List<SegmentationRuns>,
    app: Data<App>,
) -> ApiResult<Json<Page<SegmentationRunHead>>> {
    let page = app
        .db
        .read(move |c| segmentation::list(c, &who.actor, &list.query))
        .await?;
    Ok(Json(page))
}

/// Ask for a segmentation run
///
/// It is made in the background: the answer is the run in the state `running`. When it is done, its scores are the current ones of the
/// customers, unless those are of a later day. One at a time (409 `run_under_way`).
#[utoipa::path(
    tag = "segmentation",
    request_body(content = SegmentationRunInput, example = json!({"as_of": "2026-09-30", "settings": {"lifetime": {"horizon_months": 24}, "holdout_days": 180}})),
    responses((status = 202, description = "The run, under way", body = SegmentationRun))
)]
#[post("/segmentation-runs")]
pub async fn create_segmentation_run(
    who: Require<Create<Segments>>,
    app: Data<App>,
    Body(input): Body<SegmentationRunInput>,
) -> ApiResult<HttpResponse> {
    let (origin, actor) = (who.origin(), who.actor.clone());
    let run = app
        .db
        .write(origin, move |tx| segmentation::request(tx, &actor, &input))
        .await?;
    app.jobs.wake();
    Ok(accepted(&run))
}

/// Get a segmentation run
///
/// With the RFM heat map, groups and segments, the distribution of lifetime values, stages, churn levels, and the models behind them. For
/// somebody whose scope is not all customers every figure is over those that they may see, which only the newest 12 runs still tell
/// (404 `places_forgotten`), and the models are left out.
#[utoipa::path(tag = "segmentation", params(("id" = SegmentationRunId, Path, description = "The run")), responses((status = 200, description = "The run", body = SegmentationRun)))]
#[get("/segmentation-runs/{id}")]
pub async fn get_segmentation_run(
    who: Require<Read<Reports>>,
    Id(id): Id<SegmentationRunId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let run = app
        .db
        .read(move |c| segmentation::get(c, &who.actor, id))
        .await?;
    Ok(tagged(&run))
}

/// The customers of a segmentation run
///
/// With all their scores, by which the list can be filtered and sorted. Only the newest 12 runs keep them (404 `places_forgotten`).
#[utoipa::path(
    tag = "segmentation",
    params(("id" = SegmentationRunId, Path, description = "The run"), List<ScoredCustomers>),
    responses((status = 200, description = "A page of customers", body = Page<ScoredCustomer>))
)]
#[get("/segmentation-runs/{id}/customers")]
pub async fn list_scored_customers(
    who: Require<Read<Reports>>,
    Id(id): Id<SegmentationRunId>,
    list: List<ScoredCustomers>,
    app: Data<App>,
) -> ApiResult<Json<Page<ScoredCustomer>>> {
    let page = app
        .db
        .read(move |c| segmentation::customers(c, &who.actor, id, &list.query))
        .await?;
    Ok(Json(page))
}

/// A customer's scores
///
/// In the current segmentation run, and their course over the runs that are kept.
#[utoipa::path(tag = "customers", params(("id" = CustomerId, Path, description = "The customer")), responses((status = 200, description = "Scores", body = ScoreCourse)))]
#[get("/customers/{id}/scores")]
pub async fn get_customer_scores(
    who: Require<Read<Customers>>,
    Id(id): Id<CustomerId>,
    app: Data<App>,
) -> ApiResult<Json<ScoreCourse>> {
    let scores = app
        .db
        .read(move |c| segmentation::course(c, &who.visibility, id))
        .await?;
    Ok(Json(scores))
}

/// Get the settings of segmentation
///
/// Those that runs are made with unless they bring their own, and whether one is made every night.
#[utoipa::path(tag = "segmentation", responses((status = 200, description = "The settings", body = SegmentationDefaults)))]
#[get("/segmentation-settings")]
pub async fn get_segmentation_settings(
    _who: Require<Read<Reports>>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let settings = app.db.read(defaults::get).await?;
    Ok(tagged(&settings))
}

/// Change the settings of segmentation
///
/// They hold for the next run; every run tells its own.
#[utoipa::path(
    tag = "segmentation",
    params(IfMatch),
    request_body(content = SegmentationDefaultsInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As they are now", body = SegmentationDefaults))
)]
#[patch("/segmentation-settings")]
pub async fn update_segmentation_settings(
    who: Require<Update<Segments>>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = app.db.read(defaults::get).await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, _| defaults::update(tx, version, &input))
        .await
}
