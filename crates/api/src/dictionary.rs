//! Dictionaries.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use guanxi_domain::DictionaryEntryId;
use guanxi_domain::dictionary::{DictionaryEntry, DictionaryEntryInput, DictionaryOrder};
use guanxi_persistence::dictionary;

use crate::auth::{LoggedIn, Require};
use crate::permission::{Settings, Update};
use crate::record::tagged;
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// All entries of all dictionaries
#[utoipa::path(tag = "dictionaries", responses((status = 200, description = "Dictionary by dictionary, in their order", body = Vec<DictionaryEntry>)))]
#[get("/dictionaries")]
pub async fn list_dictionaries(
    _who: LoggedIn,
    app: Data<App>,
) -> ApiResult<Json<Vec<DictionaryEntry>>> {
    Ok(Json(app.db.read(dictionary::all).await?))
}

/// Put the entries of a dictionary into order
///
/// All of them have to be named. The last caller's order holds.
#[utoipa::path(
    tag = "dictionaries",
    request_body = DictionaryOrder,
    responses((status = 200, description = "The entries of the dictionary, in their order", body = Vec<DictionaryEntry>))
)]
#[put("/dictionaries/order")]
pub async fn order_dictionary(
    who: Require<Update<Settings>>,
    app: Data<App>,
    Body(order): Body<DictionaryOrder>,
) -> ApiResult<Json<Vec<DictionaryEntry>>> {
    let entries = app
        .db
        .write(who.origin(), move |tx| dictionary::reorder(tx, &order))
        .await?;
    Ok(Json(entries))
}

/// Add an entry to a dictionary
///
/// It becomes the last one.
#[utoipa::path(tag = "dictionaries", request_body = DictionaryEntryInput, responses((status = 201, description = "The entry", body = DictionaryEntry)))]
#[post("/dictionaries")]
pub async fn create_dictionary_entry(
    who: Require<Update<Settings>>,
    app: Data<App>,
    Body(input): Body<DictionaryEntryInput>,
) -> ApiResult<HttpResponse> {
    who.create(&app, move |tx, _| dictionary::create(tx, &input))
        .await
}

/// Get an entry of a dictionary
#[utoipa::path(tag = "dictionaries", params(("id" = DictionaryEntryId, Path, description = "The entry")), responses((status = 200, description = "The entry", body = DictionaryEntry)))]
#[get("/dictionaries/{id}")]
pub async fn get_dictionary_entry(
    _who: LoggedIn,
    Id(id): Id<DictionaryEntryId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let entry = app.db.look_up(move |c| dictionary::get(c, id)).await?;
    Ok(tagged(&entry))
}

/// Change an entry of a dictionary
///
/// Labels, and whether it can be chosen: records that hold it keep it. Dictionary and code stay.
#[utoipa::path(
    tag = "dictionaries",
    params(("id" = DictionaryEntryId, Path, description = "The entry"), IfMatch),
    request_body(content = DictionaryEntryInput, content_type = "application/merge-patch+json", example = json!({"label_zh": "华东区", "active": false})),
    responses((status = 200, description = "As it is now", body = DictionaryEntry))
)]
#[patch("/dictionaries/{id}")]
pub async fn update_dictionary_entry(
    who: Require<Update<Settings>>,
    Id(id): Id<DictionaryEntryId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, _| dictionary::get(c, id))
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, _| {
        dictionary::update(tx, id, version, &input)
    })
    .await
}

/// Delete an entry of a dictionary
///
/// Refused (409 `in_use`) while records hold it: make it inactive instead.
#[utoipa::path(
    tag = "dictionaries",
    params(("id" = DictionaryEntryId, Path, description = "The entry"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/dictionaries/{id}")]
pub async fn delete_dictionary_entry(
    who: Require<Update<Settings>>,
    Id(id): Id<DictionaryEntryId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.delete(&app, move |tx, _| dictionary::delete(tx, id, version))
        .await
}
