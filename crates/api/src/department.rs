//! Departments: the organisation tree.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use guanxi_domain::DepartmentId;
use guanxi_domain::department::{Department, DepartmentInput};
use guanxi_persistence::department;

use crate::auth::Require;
use crate::permission::{Create, Delete, Read, Update, Users};
use crate::request::{Body, Id, IfMatch, Patch, created, tagged};
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
    let department = app
        .db
        .write(who.origin(), move |tx| department::create(tx, &input))
        .await?;
    Ok(created(
        &format!("/api/v1/departments/{}", department.id),
        department.version,
        &department,
    ))
}

/// Get a department
#[utoipa::path(tag = "departments", params(("id" = DepartmentId, Path, description = "The department")), responses((status = 200, description = "The department", body = Department)))]
#[get("/departments/{id}")]
pub async fn get_department(
    _who: Require<Read<Users>>,
    Id(id): Id<DepartmentId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let department = app.db.read(move |c| department::get(c, id)).await?;
    Ok(tagged(department.version, &department))
}

/// Change a department
#[utoipa::path(
    tag = "departments",
    params(("id" = DepartmentId, Path, description = "The department"), ("If-Match" = String, Header, description = "The version this change is based on", example = "\"1\"")),
    request_body(content = DepartmentInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = Department))
)]
#[patch("/departments/{id}")]
pub async fn update_department(
    who: Require<Update<Users>>,
    Id(id): Id<DepartmentId>,
    version: IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = app.db.read(move |c| department::get(c, id)).await?;
    let input = patch.apply(&old.input)?;
    let department = app
        .db
        .write(who.origin(), move |tx| {
            department::update(tx, id, version.0, &input)
        })
        .await?;
    Ok(tagged(department.version, &department))
}

/// Delete a department
///
/// Refused while people, records or other departments belong to it.
#[utoipa::path(
    tag = "departments",
    params(("id" = DepartmentId, Path, description = "The department"), ("If-Match" = String, Header, description = "The version to delete", example = "\"1\"")),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/departments/{id}")]
pub async fn delete_department(
    who: Require<Delete<Users>>,
    Id(id): Id<DepartmentId>,
    version: IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    app.db
        .write(who.origin(), move |tx| {
            department::delete(tx, id, version.0)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
