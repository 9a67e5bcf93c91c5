//! Background jobs: what there is, how it went, starting, stopping and repeating it.

use std::sync::Arc;

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use guanxi_domain::job::{Job, JobDetail, JobPlan, JobStart};
use guanxi_domain::{JobId, Page, Timestamp};
use guanxi_persistence::job;

use crate::auth::Require;
use crate::list::{List, page};
use crate::permission::{Read, Settings, Update};
use crate::request::{Body, Id};
use crate::{ApiResult, App};

mod report_mail;
mod runner;
mod table;

pub use runner::{Jobs, Work};
pub use table::{Declared, JOBS};

/// The lists of jobs.
pub struct JobList;

/// List jobs
#[utoipa::path(tag = "jobs", params(List<JobList>), responses((status = 200, description = "A page of jobs", body = Page<Job>)))]
#[get("/jobs")]
pub async fn list_jobs(
    who: Require<Read<Settings>>,
    list: List<JobList>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<job::Jobs>(&app, who.visibility.clone(), list.query).await
}

/// List the kinds of jobs
///
/// When each is due, and how it went last.
#[utoipa::path(tag = "jobs", responses((status = 200, description = "All kinds", body = [JobPlan])))]
#[get("/jobs/kinds")]
pub async fn list_job_kinds(
    _who: Require<Read<Settings>>,
    app: Data<App>,
) -> ApiResult<Json<Vec<JobPlan>>> {
    let now = Timestamp::now();
    let config = Arc::clone(&app.config);
    let plans = app
        .db
        .read(move |c| {
            let plan = |declared: &Declared| {
                let schedule = (declared.schedule)(&config);
                Ok(JobPlan {
                    kind: declared.kind,
                    schedule,
                    next_at: schedule.map(|s| s.next(now)),
                    last: job::last(c, declared.kind)?,
                })
            };
            JOBS.iter().map(plan).collect()
        })
        .await?;
    Ok(Json(plans))
}

/// Start a job
///
/// Of each kind one waits or runs at a time. Kinds that make a run are not started here but by asking for the run.
#[utoipa::path(
    tag = "jobs",
    request_body(content = JobStart, example = json!({"kind": "metrics_rebuild"})),
    responses((status = 201, description = "The job, queued", body = Job))
)]
#[post("/jobs")]
pub async fn start_job(
    who: Require<Update<Settings>>,
    app: Data<App>,
    Body(input): Body<JobStart>,
) -> ApiResult<HttpResponse> {
    let answer = who
        .create(&app, move |tx, who| job::start(tx, &who.actor, input.kind))
        .await?;
    app.jobs.wake();
    Ok(answer)
}

/// Get a job
///
/// With its attempts.
#[utoipa::path(tag = "jobs", params(("id" = JobId, Path, description = "The job")), responses((status = 200, description = "The job", body = JobDetail)))]
#[get("/jobs/{id}")]
pub async fn get_job(
    who: Require<Read<Settings>>,
    Id(id): Id<JobId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, _| job::detail(c, id)).await
}

/// Cancel a job
///
/// One that runs stops at its next step. What it has done stays.
#[utoipa::path(tag = "jobs", params(("id" = JobId, Path, description = "The job")), responses((status = 200, description = "The job, cancelled", body = Job)))]
#[post("/jobs/{id}/cancel")]
pub async fn cancel_job(
    who: Require<Update<Settings>>,
    Id(id): Id<JobId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, _| job::cancel(tx, id)).await
}

/// Repeat a job
///
/// One that failed or was cancelled goes back into the queue.
#[utoipa::path(tag = "jobs", params(("id" = JobId, Path, description = "The job")), responses((status = 200, description = "The job, queued", body = Job)))]
#[post("/jobs/{id}/retry")]
pub async fn retry_job(
    who: Require<Update<Settings>>,
    Id(id): Id<JobId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let answer = who.change(&app, move |tx, _| job::retry(tx, id)).await?;
    app.jobs.wake();
    Ok(answer)
}
