//! Departments: the organisation tree.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use guanxi_domain::DepartmentId;
use guanxi_domain::department::{Department, DepartmentInput};
use guanxi_persistence::department;

use crate::auth::Require;
use crate::permission::{Create, Delete, Read, Update, Users};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// List departments
#[utoipa::path(tag = "departments", responses((status = 200, description = "All departments, each after the one above it", body = Vec<Department>)))]
#[get("/departments")]
pub async fn list_departments(
    _who: crate::auth::LoggedIn,
    app: Data<App>,
) -> ApiResult<Json<Vec<Department>>> {
    Ok(Json(app.db.read(department::all).await?))
}

/// Create a department
#[utoipa::path(tag = "departments", request_body = DepartmentInput, responses((status = 201, description = "The department", body = Department)))]
#[post("/departments")]
pub async fn create_department(
    who: Require<Create<Users>>,
    app: Data<App>,
    Body(input): Body<DepartmentInput>,
) -> ApiResult<HttpResponse> {
    who.create(&app, move |tx, _| department::create(tx, &input))
        .await
}

/// Get a department
#[utoipa::path(tag = "departments", params(("id" = DepartmentId, Path, description = "The department")), responses((status = 200, description = "The department", body = Department)))]
#[get("/departments/{id}")]
pub async fn get_department(
    who: Require<Read<Users>>,
    Id(id): Id<DepartmentId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, _| department::get(c, id)).await
}

/// Change a department
#[utoipa::path(
    tag = "departments",
    params(("id" = DepartmentId, Path, description = "The department"), IfMatch),
    request_body(content = DepartmentInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = Department))
)]
#[patch("/departments/{id}")]
pub async fn update_department(
    who: Require<Update<Users>>,
    Id(id): Id<DepartmentId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, _| department::get(c, id))
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, _| {
        department::update(tx, id, version, &input)
    })
    .await
}

/// Delete a department
///
/// Refused while people, records or other departments belong to it.
#[utoipa::path(
    tag = "departments",
    params(("id" = DepartmentId, Path, description = "The department"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/departments/{id}")]
pub async fn delete_department(
    who: Require<Delete<Users>>,
    Id(id): Id<DepartmentId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.delete(&app, move |tx, _| department::delete(tx, id, version))
        .await
}
