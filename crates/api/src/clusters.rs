//! Clusters: groups of customers that are alike.

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use guanxi_domain::segmentation::kmeans::{
    ClusterChange, ClusterRun, ClusterRunHead, ClusterRunInput, ClusteredCustomer,
};
use guanxi_domain::{ClusterRunId, Page};
use guanxi_persistence::clusters;

use crate::auth::Require;
use crate::list::List;
use crate::permission::{Create, Read, Reports, Segments, Update};
use crate::record::{Versioned, tagged};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// Cluster runs as a list.
pub struct ClusterRuns;

/// Customers of a cluster run as a list.
pub struct Members;

impl Versioned for ClusterRun {
    fn version(&self) -> i64 {
        self.head.version
    }
}

/// List cluster runs
#[utoipa::path(tag = "clusters", params(List<ClusterRuns>), responses((status = 200, description = "A page of runs", body = Page<ClusterRunHead>)))]
#[get("/cluster-runs")]
pub async fn list_cluster_runs(
    _who: Require<Read<Reports>>,
    list: List<ClusterRuns>,
    app: Data<App>,
) -> ApiResult<Json<Page<ClusterRunHead>>> {
    let page = app
        .db
        .snapshot(move |c| clusters::list(c, &list.query))
        .await?;
    Ok(Json(page))
}

/// Make a cluster run
///
/// Groups the customers with a purchase by k-means, in the background: `state` of the run says how far it is. Without `clusters` the
/// number of the best silhouette is taken. The same customers, settings and seed give the same clusters.
#[utoipa::path(
    tag = "clusters",
    request_body(content = ClusterRunInput, example = json!({"settings": {"features": ["recency", "frequency", "monetary"], "transform": "log", "clusters": null, "min_clusters": 2, "max_clusters": 8, "seed": 1}})),
    responses((status = 201, description = "The run, queued", body = ClusterRun))
)]
#[post("/cluster-runs")]
pub async fn create_cluster_run(
    who: Require<Create<Segments>>,
    app: Data<App>,
    Body(input): Body<ClusterRunInput>,
) -> ApiResult<HttpResponse> {
    let run = who
        .written(&app, move |tx, who| {
            clusters::create(tx, &who.actor, &input)
        })
        .await?;
    app.jobs.wake();
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/api/v1/cluster-runs/{}", run.head.id)))
        .json(run))
}

/// Get a cluster run
///
/// With the profile of each cluster, the numbers of clusters that were tried, a sample of customers as points, and who moved since the run
/// before. For somebody whose scope is not all customers every figure is over those that they may see, which only the newest 12 runs
/// still tell (404 `places_forgotten`).
#[utoipa::path(tag = "clusters", params(("id" = ClusterRunId, Path, description = "The run")), responses((status = 200, description = "The run", body = ClusterRun)))]
#[get("/cluster-runs/{id}")]
pub async fn get_cluster_run(
    who: Require<Read<Reports>>,
    Id(id): Id<ClusterRunId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let run = app
        .db
        .snapshot(move |c| clusters::get(c, &who.actor, id))
        .await?;
    Ok(tagged(&run))
}

/// Cancel a cluster run
///
/// One that waits is taken out of the queue, one that runs stops at its next step (409 when it is over).
#[utoipa::path(tag = "clusters", params(("id" = ClusterRunId, Path, description = "The run")), responses((status = 200, description = "The run, cancelled", body = ClusterRun)))]
#[post("/cluster-runs/{id}/cancel")]
pub async fn cancel_cluster_run(
    who: Require<Create<Segments>>,
    Id(id): Id<ClusterRunId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| clusters::cancel(tx, &who.actor, id))
        .await
}

/// Name the clusters of a run
///
/// `names` stand in the order of the clusters; `null` is a cluster without a name.
#[utoipa::path(
    tag = "clusters",
    params(("id" = ClusterRunId, Path, description = "The run"), IfMatch),
    request_body(content = ClusterChange, content_type = "application/merge-patch+json", example = json!({"names": ["高价值", null, "新客户"]})),
    responses((status = 200, description = "As it is now", body = ClusterRun))
)]
#[patch("/cluster-runs/{id}")]
pub async fn update_cluster_run(
    who: Require<Update<Segments>>,
    Id(id): Id<ClusterRunId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let actor = who.actor.clone();
    let old = who
        .current(&app, version, move |c, _| clusters::get(c, &actor, id))
        .await?;
    let change = patch.apply(&ClusterChange {
        names: old.head.names,
    })?;
    who.change(&app, move |tx, who| {
        clusters::rename(tx, &who.actor, id, version, &change)
    })
    .await
}

/// The customers of a cluster run
///
/// As far as the caller may see them. Only the newest 12 runs that are done keep them (404 `places_forgotten`); a run that is not done has
/// none yet (404 `run_unfinished`).
#[utoipa::path(
    tag = "clusters",
    params(("id" = ClusterRunId, Path, description = "The run"), List<Members>),
    responses((status = 200, description = "A page of customers", body = Page<ClusteredCustomer>))
)]
#[get("/cluster-runs/{id}/customers")]
pub async fn list_cluster_members(
    who: Require<Read<Reports>>,
    Id(id): Id<ClusterRunId>,
    list: List<Members>,
    app: Data<App>,
) -> ApiResult<Json<Page<ClusteredCustomer>>> {
    let page = app
        .db
        .snapshot(move |c| clusters::members(c, &who.actor, id, &list.query))
        .await?;
    Ok(Json(page))
}
