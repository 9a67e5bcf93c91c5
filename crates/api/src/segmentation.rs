//! Segmentation runs: RFM, lifetime value, stage and churn risk of all customers.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use guanxi_domain::segmentation::run::{
    ComparisonInput, MoveDimension, MovedCustomer, RunComparison, RunState, ScoreCourse,
    ScoreExplanation, ScoredCustomer, SegmentationDefaults, SegmentationDefaultsInput,
    SegmentationRun, SegmentationRunHead, SegmentationRunInput,
};
use guanxi_domain::{CustomerId, ErrorCode, Page, SegmentationRunId};
use guanxi_persistence::segmentation::{self, defaults};
use guanxi_persistence::{Error, QueryError, job};

use crate::auth::Require;
use crate::list::{FixedQuery, Known, List, ListWith};
use crate::permission::{Create, Customers, Read, Reports, Segments, Update};
use crate::record::{accepted, tagged};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

pub mod command;

/// Segmentation runs as a list.
pub struct SegmentationRuns;

/// The customers of a run as a list.
pub struct ScoredCustomers;

/// The customers that moved between two runs as a list.
pub struct Moves;

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

/// Cancel a segmentation run
///
/// One that waits is taken out of the queue, one that runs stops at its next step (409 when it is over, or made by the command line).
#[utoipa::path(tag = "segmentation", params(("id" = SegmentationRunId, Path, description = "The run")), responses((status = 200, description = "The run, cancelled", body = SegmentationRun)))]
#[post("/segmentation-runs/{id}/cancel")]
pub async fn cancel_segmentation_run(
    who: Require<Create<Segments>>,
    Id(id): Id<SegmentationRunId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        let run = segmentation::get(tx.connection, &who.actor, id)?;
        let job = run
            .head
            .job_id
            .filter(|_| run.head.state == RunState::Running);
        job::cancel(tx, job.ok_or(Error::Conflict(ErrorCode::Conflict))?)?;
        segmentation::get(tx.connection, &who.actor, id)
    })
    .await
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

/// Which run another one is compared with.
pub struct With(Option<SegmentationRunId>);

fn run_of(
    get: &dyn Fn(&str) -> Option<String>,
    name: &str,
) -> Result<Option<SegmentationRunId>, QueryError> {
    let wrong = |_| QueryError::Invalid(name.to_owned(), "expected a UUID".to_owned());
    get(name)
        .map(|text| text.parse().map_err(wrong))
        .transpose()
}

impl FixedQuery for With {
    const NAMES: &'static [&'static str] = &["with"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        run_of(get, "with").map(Self)
    }
}

impl FixedQuery for ComparisonInput {
    const NAMES: &'static [&'static str] = &["with", "dimension"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let dimension = match get("dimension") {
            None => MoveDimension::RfmSegment,
            Some(word) => word.parse().map_err(|_| {
                let words = MoveDimension::WORDS.join(" or ");
                QueryError::Invalid("dimension".to_owned(), format!("expected {words}"))
            })?,
        };
        Ok(Self {
            with: run_of(get, "with")?,
            dimension,
        })
    }
}

/// Compare two segmentation runs
///
/// How many customers went from which segment, group, stage and churn level to which, over those that are in both runs and that the
/// caller may see. Both runs must keep their scores (404 `places_forgotten`); 409 `nothing_to_compare` without a run before.
#[utoipa::path(
    tag = "segmentation",
    params(
        ("id" = SegmentationRunId, Path, description = "The run"),
        ("with" = Option<SegmentationRunId>, Query, description = "The run to compare with; the one before it if left out")
    ),
    responses((status = 200, description = "Both runs, compared", body = RunComparison))
)]
#[get("/segmentation-runs/{id}/compare")]
pub async fn compare_segmentation_runs(
    who: Require<Read<Reports>>,
    Id(id): Id<SegmentationRunId>,
    with: Known<With>,
    app: Data<App>,
) -> ApiResult<Json<RunComparison>> {
    let comparison = app
        .db
        .read(move |c| segmentation::compare(c, &who.actor, id, with.value.0))
        .await?;
    Ok(Json(comparison))
}

/// The customers that moved between two segmentation runs
///
/// Those that are in both runs and in another segment, group, stage or level than before, with what they were and are.
#[utoipa::path(
    tag = "segmentation",
    params(
        ("id" = SegmentationRunId, Path, description = "The run"),
        ("with" = Option<SegmentationRunId>, Query, description = "The run to compare with; the one before it if left out"),
        ("dimension" = Option<MoveDimension>, Query, description = "What they moved in; `rfm_segment` if left out"),
        List<Moves>
    ),
    responses((status = 200, description = "A page of customers", body = Page<MovedCustomer>))
)]
#[get("/segmentation-runs/{id}/moves")]
pub async fn list_segmentation_moves(
    who: Require<Read<Reports>>,
    Id(id): Id<SegmentationRunId>,
    list: ListWith<Moves, ComparisonInput>,
    app: Data<App>,
) -> ApiResult<Json<Page<MovedCustomer>>> {
    let page = app
        .db
        .read(move |c| segmentation::moves(c, &who.actor, id, list.value, &list.query))
        .await?;
    Ok(Json(page))
}

/// Which run is explained.
pub struct Of(Option<SegmentationRunId>);

impl FixedQuery for Of {
    const NAMES: &'static [&'static str] = &["run"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        run_of(get, "run").map(Self)
    }
}

/// Explain a customer's scores
///
/// What went in, the formulas, and the numbers in them. `reproduced` is false when orders have been changed since the run. 409
/// `no_run_yet` before the first run.
#[utoipa::path(
    tag = "customers",
    params(
        ("id" = CustomerId, Path, description = "The customer"),
        ("run" = Option<SegmentationRunId>, Query, description = "The run; the current one if left out")
    ),
    responses((status = 200, description = "The explanation", body = ScoreExplanation))
)]
#[get("/customers/{id}/scores/explain")]
pub async fn explain_customer_scores(
    who: Require<Read<Customers>>,
    Id(id): Id<CustomerId>,
    of: Known<Of>,
    app: Data<App>,
) -> ApiResult<Json<ScoreExplanation>> {
    let explanation = app
        .db
        .snapshot(move |c| segmentation::explain(c, &who.actor, &who.visibility, id, of.value.0))
        .await?;
    Ok(Json(explanation))
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
