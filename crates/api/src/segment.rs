//! Segments: named groups of customers.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use guanxi_domain::audit::HistoryEntry;
use guanxi_domain::customer::Customer;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segment::{
    Composition, Growth, MembersChange, Membership, NewMembers, Overlap, Preview, PreviewInput,
    Segment, SegmentInput,
};
use guanxi_domain::{CustomerId, Page, SegmentId};
use guanxi_persistence::{QueryError, audit, customer, segment};

use crate::auth::Require;
use crate::history::History;
use crate::list::{FixedQuery, Known, List, page};
use crate::permission::{Create, Customers, Delete, Read, Segments, Update};
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// Who was a member from when to when, as a list.
pub struct Memberships;

/// List segments
///
/// The caller's own and shared ones, each with the number of those members that the caller sees.
#[utoipa::path(tag = "segments", params(List<Segments>), responses((status = 200, description = "A page of segments", body = Page<Segment>)))]
#[get("/segments")]
pub async fn list_segments(
    who: Require<Read<Segments>>,
    list: List<Segments>,
    app: Data<App>,
) -> ApiResult<Json<Page<Segment>>> {
    let page = app
        .db
        .read(move |c| segment::list(c, &who.actor, &list.query))
        .await?;
    Ok(Json(page))
}

/// Create a segment
///
/// A dynamic one holds whom its rule finds at every moment. The rule is the same for everybody: it takes no `me`, no field that depends on who
/// looks (422 `segment_personal`), and counts of other records only from somebody who sees all of them (`segment_count`). By the field
/// `segment` it may be built upon other segments, up to five upon each other (`segment_depth`), but not upon itself (`segment_cycle`).
#[utoipa::path(
    tag = "segments",
    request_body(content = SegmentInput, example = json!({"name": "久未下单的大客户", "colour": "orange", "kind": "dynamic", "shared": true, "filter": {"and": [{"field": "value_class", "op": "in", "value": ["a"]}, {"field": "last_order_on", "op": "before_days", "value": 60}]}})),
    responses((status = 201, description = "The segment", body = Segment))
)]
#[post("/segments")]
pub async fn create_segment(
    who: Require<Create<Segments>>,
    app: Data<App>,
    Body(input): Body<SegmentInput>,
) -> ApiResult<HttpResponse> {
    who.create(&app, move |tx, who| segment::create(tx, &who.actor, &input))
        .await
}

/// Try a rule
///
/// How many of the customers that the caller sees it finds, the first of them and what they are like. Nothing is kept.
#[utoipa::path(
    tag = "segments",
    request_body(content = PreviewInput, example = json!({"filter": {"field": "stage", "op": "in", "value": ["active", "dormant"]}})),
    responses((status = 200, description = "What it finds", body = Preview))
)]
#[post("/segments/preview")]
pub async fn preview_segment(
    who: Require<Read<Segments>>,
    app: Data<App>,
    Body(input): Body<PreviewInput>,
) -> ApiResult<Json<Preview>> {
    let preview = app
        .db
        .snapshot(move |c| segment::preview(c, &who.actor, &input))
        .await?;
    Ok(Json(preview))
}

/// Get a segment
#[utoipa::path(tag = "segments", params(("id" = SegmentId, Path, description = "The segment")), responses((status = 200, description = "The segment", body = Segment)))]
#[get("/segments/{id}")]
pub async fn get_segment(
    who: Require<Read<Segments>>,
    Id(id): Id<SegmentId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let actor = who.actor.clone();
    who.get(&app, move |c, _| segment::get(c, &actor, id)).await
}

/// Change a segment
///
/// By its owner; shared ones also by those who may change all segments.
#[utoipa::path(
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment"), IfMatch),
    request_body(content = SegmentInput, content_type = "application/merge-patch+json", example = json!({"name": "大客户", "filter": {"field": "value_class", "op": "eq", "value": "a"}})),
    responses((status = 200, description = "As it is now", body = Segment))
)]
#[patch("/segments/{id}")]
pub async fn update_segment(
    who: Require<Update<Segments>>,
    Id(id): Id<SegmentId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let actor = who.actor.clone();
    let old = who
        .current(&app, version, move |c, _| segment::get(c, &actor, id))
        .await?;
    // A tree is replaced, not merged.
    let input = patch.replacing("filter").apply(&old.input)?;
    who.change(&app, move |tx, who| {
        segment::update(tx, &who.actor, id, version, &input)
    })
    .await
}

/// Delete a segment
///
/// By its owner; shared ones also by those who may delete all segments. Refused (409 `in_use`) while other segments, the caller's views or
/// shared ones are built upon it.
#[utoipa::path(
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/segments/{id}")]
pub async fn delete_segment(
    who: Require<Delete<Segments>>,
    Id(id): Id<SegmentId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.delete(&app, move |tx, who| {
        segment::delete(tx, &who.actor, id, version)
    })
    .await
}

/// List the members of a segment
///
/// As the list of customers, with all its parameters: those members that the caller sees.
#[utoipa::path(
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment"), List<Customers>),
    responses((status = 200, description = "A page of customers", body = Page<Customer>))
)]
#[get("/segments/{id}/members")]
pub async fn list_segment_members(
    who: Require<Read<Segments>>,
    Id(id): Id<SegmentId>,
    list: List<Customers>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let visibility = who.visibility(Module::Customers, Operation::Read)?;
    let actor = who.actor.clone();
    app.db.read(move |c| segment::get(c, &actor, id)).await?;
    let query = list.query.in_segment(id, &who.actor);
    page::<customer::Customers>(&app, visibility, query).await
}

/// Add members to a static segment
///
/// Customers by their ids, or those that a filter finds just now, as far as the caller sees them. Who is a member already stays one.
#[utoipa::path(
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment")),
    request_body(content = NewMembers, example = json!({"filter": {"field": "tags", "op": "has_any", "value": ["展会"]}})),
    responses((status = 200, description = "How many joined", body = MembersChange))
)]
#[post("/segments/{id}/members")]
pub async fn add_segment_members(
    who: Require<Update<Segments>>,
    Id(id): Id<SegmentId>,
    app: Data<App>,
    Body(input): Body<NewMembers>,
) -> ApiResult<Json<MembersChange>> {
    let change = who
        .written(&app, move |tx, who| {
            segment::add(tx, &who.actor, id, &input)
        })
        .await?;
    Ok(Json(change))
}

/// Take a member out of a static segment
///
/// That the customer is no member is no error.
#[utoipa::path(
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment"), ("customer_id" = CustomerId, Path, description = "The customer")),
    responses((status = 204, description = "Is no member"))
)]
#[delete("/segments/{id}/members/{customer_id}")]
pub async fn remove_segment_member(
    who: Require<Update<Segments>>,
    ids: actix_web::web::Path<(String, String)>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let (id, customer) = ids.into_inner();
    let not_found = |_| guanxi_domain::ErrorCode::NotFound;
    let id: SegmentId = id.parse().map_err(not_found)?;
    let customer: CustomerId = customer.parse().map_err(not_found)?;
    who.written(&app, move |tx, who| {
        segment::remove(tx, &who.actor, id, &[customer])
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Write down the members of a dynamic segment
///
/// Who has joined and left since the last time. The server does it every night by itself.
#[utoipa::path(
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment")),
    responses((status = 200, description = "The segment with the new number of members", body = Segment))
)]
#[post("/segments/{id}/refresh")]
pub async fn refresh_segment(
    who: Require<Read<Segments>>,
    Id(id): Id<SegmentId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    segment::record(&app.db, &who.origin(), &who.actor, id).await?;
    let actor = who.actor.clone();
    who.get(&app, move |c, _| segment::get(c, &actor, id)).await
}

/// What the members of a segment are like
///
/// By type, region, stage, tier and what the analyses say of them: numbers and sales of those members that the caller sees.
#[utoipa::path(tag = "segments", params(("id" = SegmentId, Path, description = "The segment")), responses((status = 200, description = "The composition", body = Composition)))]
#[get("/segments/{id}/composition")]
pub async fn get_segment_composition(
    who: Require<Read<Segments>>,
    Id(id): Id<SegmentId>,
    app: Data<App>,
) -> ApiResult<Json<Composition>> {
    let composition = app
        .db
        .snapshot(move |c| segment::composition(c, &who.actor, id))
        .await?;
    Ok(Json(composition))
}

/// The other segment.
pub struct With(SegmentId);

impl FixedQuery for With {
    const NAMES: &'static [&'static str] = &["with"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let id = get("with").and_then(|id| id.parse().ok());
        id.map(Self).ok_or_else(|| {
            QueryError::Invalid("with".to_owned(), "expected the id of a segment".to_owned())
        })
    }
}

/// What two segments have in common
///
/// How many of the customers that the caller sees are in one, both and the other only, each with the filter that lists them.
#[utoipa::path(
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment"), ("with" = SegmentId, Query, description = "The other segment")),
    responses((status = 200, description = "The overlap", body = Overlap))
)]
#[get("/segments/{id}/overlap")]
pub async fn get_segment_overlap(
    who: Require<Read<Segments>>,
    Id(id): Id<SegmentId>,
    with: Known<With>,
    app: Data<App>,
) -> ApiResult<Json<Overlap>> {
    let overlap = app
        .db
        .snapshot(move |c| segment::overlap(c, &who.actor, id, with.value.0))
        .await?;
    Ok(Json(overlap))
}

/// How the number of members went
///
/// Of those customers that the caller sees: who joined and left on which day. Of a dynamic segment as far as it was written down.
#[utoipa::path(tag = "segments", params(("id" = SegmentId, Path, description = "The segment")), responses((status = 200, description = "The days on which something changed", body = Growth)))]
#[get("/segments/{id}/growth")]
pub async fn get_segment_growth(
    who: Require<Read<Segments>>,
    Id(id): Id<SegmentId>,
    app: Data<App>,
) -> ApiResult<Json<Growth>> {
    let growth = app
        .db
        .snapshot(move |c| segment::growth(c, &who.actor, id))
        .await?;
    Ok(Json(growth))
}

/// Who was a member from when to when
///
/// Those customers that the caller sees. `since_min` and `since_max` find who joined, `until_min` and `until_max` who left in a time.
#[utoipa::path(
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment"), List<Memberships>),
    responses((status = 200, description = "A page of memberships", body = Page<Membership>))
)]
#[get("/segments/{id}/memberships")]
pub async fn list_segment_memberships(
    who: Require<Read<Segments>>,
    Id(id): Id<SegmentId>,
    list: List<Memberships>,
    app: Data<App>,
) -> ApiResult<Json<Page<Membership>>> {
    let page = app
        .db
        .read(move |c| segment::memberships(c, &who.actor, id, &list.query))
        .await?;
    Ok(Json(page))
}

/// History of a segment
///
/// Who changed what and when, the newest first.
#[utoipa::path(
    tag = "segments",
    params(("id" = SegmentId, Path, description = "The segment"), List<History>),
    responses((status = 200, description = "A page of entries", body = Page<HistoryEntry>))
)]
#[get("/segments/{id}/history")]
pub async fn get_segment_history(
    who: Require<Read<Segments>>,
    Id(id): Id<SegmentId>,
    list: List<History>,
    app: Data<App>,
) -> ApiResult<Json<Page<HistoryEntry>>> {
    let page = app
        .db
        .read(move |c| {
            segment::get(c, &who.actor, id)?;
            audit::history(c, "segments", id.as_str(), &list.query)
        })
        .await?;
    Ok(Json(page))
}
