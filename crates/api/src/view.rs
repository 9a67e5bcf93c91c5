//! Saved views.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use guanxi_domain::ViewId;
use guanxi_domain::view::{View, ViewInput, ViewMark, ViewRecord};
use guanxi_persistence::{QueryError, view};

use crate::auth::LoggedIn;
use crate::list::{FixedQuery, Known};
use crate::record::{created, tagged};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// Of which record type.
pub struct OfRecord(Option<ViewRecord>);

impl FixedQuery for OfRecord {
    const NAMES: &'static [&'static str] = &["record"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let record = get("record").map(|word| word.parse()).transpose();
        record
            .map(Self)
            .map_err(|expected| QueryError::Invalid("record".to_owned(), expected))
    }
}

/// List saved views
///
/// The caller's own and shared ones, by name, of the record types that the caller may read.
#[utoipa::path(
    tag = "views",
    params(("record" = Option<ViewRecord>, Query, description = "Of this record type only")),
    responses((status = 200, description = "The views", body = Vec<View>))
)]
#[get("/views")]
pub async fn list_views(
    who: LoggedIn,
    of: Known<OfRecord>,
    app: Data<App>,
) -> ApiResult<Json<Vec<View>>> {
    let views = app
        .db
        .read(move |c| view::list(c, &who.actor, of.value.0))
        .await?;
    Ok(Json(views))
}

/// Save a view
#[utoipa::path(
    tag = "views",
    request_body(content = ViewInput, example = json!({"record": "customers", "name": "久未下单的大客户", "shared": true, "filter": {"and": [{"field": "value_class", "op": "in", "value": ["a"]}, {"field": "last_order_on", "op": "before_days", "value": 60}]}, "sort": "-sales", "columns": [{"field": "name", "width": 240}, {"field": "sales"}, {"field": "last_order_on"}]})),
    responses((status = 201, description = "The view", body = View))
)]
#[post("/views")]
pub async fn create_view(
    who: LoggedIn,
    app: Data<App>,
    Body(input): Body<ViewInput>,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    let view = app
        .db
        .write(origin, move |tx| view::create(tx, &who.actor, &input))
        .await?;
    Ok(created(&view))
}

/// Get a saved view
#[utoipa::path(tag = "views", params(("id" = ViewId, Path, description = "The view")), responses((status = 200, description = "The view", body = View)))]
#[get("/views/{id}")]
pub async fn get_view(
    who: LoggedIn,
    Id(id): Id<ViewId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let view = app.db.read(move |c| view::get(c, &who.actor, id)).await?;
    Ok(tagged(&view))
}

/// Change a saved view
///
/// By its owner; shared ones also by administrators.
#[utoipa::path(
    tag = "views",
    params(("id" = ViewId, Path, description = "The view"), IfMatch),
    request_body(content = ViewInput, content_type = "application/merge-patch+json", example = json!({"name": "大客户", "shared": false})),
    responses((status = 200, description = "As it is now", body = View))
)]
#[patch("/views/{id}")]
pub async fn update_view(
    who: LoggedIn,
    Id(id): Id<ViewId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let actor = who.actor.clone();
    let old = app.db.read(move |c| view::get(c, &actor, id)).await?;
    // A tree is replaced, not merged.
    let input = patch.replacing("filter").apply(&old.input)?;
    let origin = who.origin();
    let view = app
        .db
        .write(origin, move |tx| {
            view::update(tx, &who.actor, id, version, &input)
        })
        .await?;
    Ok(tagged(&view))
}

/// Delete a saved view
///
/// By its owner; shared ones also by administrators.
#[utoipa::path(
    tag = "views",
    params(("id" = ViewId, Path, description = "The view"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/views/{id}")]
pub async fn delete_view(
    who: LoggedIn,
    Id(id): Id<ViewId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    app.db
        .write(origin, move |tx| view::delete(tx, &who.actor, id, version))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Pin a view, or open the list with it
///
/// For the caller only.
#[utoipa::path(
    tag = "views",
    params(("id" = ViewId, Path, description = "The view")),
    request_body(content = ViewMark, example = json!({"pinned": true, "default": false})),
    responses((status = 200, description = "As it is now", body = View))
)]
#[put("/views/{id}/mark")]
pub async fn mark_view(
    who: LoggedIn,
    Id(id): Id<ViewId>,
    app: Data<App>,
    Body(mark): Body<ViewMark>,
) -> ApiResult<HttpResponse> {
    let origin = who.origin();
    let view = app
        .db
        .write(origin, move |tx| view::mark(tx, &who.actor, id, *mark))
        .await?;
    Ok(tagged(&view))
}
