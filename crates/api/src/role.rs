//! Roles.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use guanxi_domain::RoleId;
use guanxi_domain::role::{Role, RoleInput};
use guanxi_persistence::role;

use crate::auth::Require;
use crate::permission::{Create, Delete, Read, Roles, Update};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// List roles
#[utoipa::path(tag = "roles", responses((status = 200, description = "All roles, those that ship first", body = Vec<Role>)))]
#[get("/roles")]
pub async fn list_roles(_who: Require<Read<Roles>>, app: Data<App>) -> ApiResult<Json<Vec<Role>>> {
    Ok(Json(app.db.read(role::all).await?))
}

/// Create a role
///
/// With rights of the caller's own, unless the caller may change all users and all roles (422 `rights_beyond`).
#[utoipa::path(tag = "roles", request_body = RoleInput, responses((status = 201, description = "The role", body = Role)))]
#[post("/roles")]
pub async fn create_role(
    who: Require<Create<Roles>>,
    app: Data<App>,
    Body(input): Body<RoleInput>,
) -> ApiResult<HttpResponse> {
    who.create(&app, move |tx, who| {
        role::create(tx, Some(&who.actor), &input)
    })
    .await
}

/// Get a role
#[utoipa::path(tag = "roles", params(("id" = RoleId, Path, description = "The role")), responses((status = 200, description = "The role", body = Role)))]
#[get("/roles/{id}")]
pub async fn get_role(
    who: Require<Read<Roles>>,
    Id(id): Id<RoleId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, _| role::get(c, id)).await
}

/// Change a role
///
/// Refused (409 `last_administrator`) if nobody would be left who may change all users and all roles. Rights that are added are the
/// caller's own, unless the caller may change all users and all roles (422 `rights_beyond`).
#[utoipa::path(
    tag = "roles",
    params(("id" = RoleId, Path, description = "The role"), IfMatch),
    request_body(content = RoleInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = Role))
)]
#[patch("/roles/{id}")]
pub async fn update_role(
    who: Require<Update<Roles>>,
    Id(id): Id<RoleId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, _| role::get(c, id))
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, who| {
        role::update(tx, Some(&who.actor), id, version, &input)
    })
    .await
}

/// Reset a role
///
/// To the permissions that it shipped with. 409 for a role that people made.
#[utoipa::path(
    tag = "roles",
    params(("id" = RoleId, Path, description = "The role"), IfMatch),
    responses((status = 200, description = "As it is now", body = Role))
)]
#[post("/roles/{id}/reset")]
pub async fn reset_role(
    who: Require<Update<Roles>>,
    Id(id): Id<RoleId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        role::reset(tx, Some(&who.actor), id, version)
    })
    .await
}

/// Delete a role
///
/// Refused for a role that ships and while people have it.
#[utoipa::path(
    tag = "roles",
    params(("id" = RoleId, Path, description = "The role"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/roles/{id}")]
pub async fn delete_role(
    who: Require<Delete<Roles>>,
    Id(id): Id<RoleId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.delete(&app, move |tx, _| role::delete(tx, id, version))
        .await
}
