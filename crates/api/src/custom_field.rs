//! Custom fields: what administrators define. What records hold in them is part of the records.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use guanxi_domain::CustomFieldId;
use guanxi_domain::custom::{CustomField, CustomFieldInput, CustomFieldOrder, CustomRecord};
use guanxi_persistence::{QueryError, custom_field};

use crate::auth::{LoggedIn, Require};
use crate::list::{FixedQuery, Known};
use crate::permission::{Settings, Update};
use crate::record::tagged;
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

/// Of which record type.
pub struct OfRecord(Option<CustomRecord>);

impl FixedQuery for OfRecord {
    const NAMES: &'static [&'static str] = &["record"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let record = get("record").map(|word| word.parse()).transpose();
        record
            .map(Self)
            .map_err(|expected| QueryError::Invalid("record".to_owned(), expected))
    }
}

/// List custom fields
///
/// Record type by record type in their order, also those that are not active. A field `KEY` of a record type is the member `KEY` of
/// `custom` in its records, and the field `custom.KEY` in filters, sorts and columns of its lists.
#[utoipa::path(
    tag = "custom fields",
    params(("record" = Option<CustomRecord>, Query, description = "Of this record type only")),
    responses((status = 200, description = "The fields", body = Vec<CustomField>))
)]
#[get("/custom-fields")]
pub async fn list_custom_fields(
    _who: LoggedIn,
    of: Known<OfRecord>,
    app: Data<App>,
) -> ApiResult<Json<Vec<CustomField>>> {
    let fields = app
        .db
        .read(move |c| custom_field::all(c, of.value.0))
        .await?;
    Ok(Json(fields))
}

/// Put the custom fields of a record type into order
///
/// All of them have to be named. The last caller's order holds.
#[utoipa::path(
    tag = "custom fields",
    request_body = CustomFieldOrder,
    responses((status = 200, description = "The fields of the record type, in their order", body = Vec<CustomField>))
)]
#[put("/custom-fields/order")]
pub async fn order_custom_fields(
    who: Require<Update<Settings>>,
    app: Data<App>,
    Body(order): Body<CustomFieldOrder>,
) -> ApiResult<Json<Vec<CustomField>>> {
    let fields = app
        .db
        .write(who.origin(), move |tx| custom_field::reorder(tx, &order))
        .await?;
    Ok(Json(fields))
}

/// Define a custom field
///
/// It becomes the last one of its record type.
#[utoipa::path(
    tag = "custom fields",
    request_body(content = CustomFieldInput, example = json!({"record": "customers", "key": "membership", "kind": "choice", "label_zh": "会员级别", "label_en": "Membership", "help_zh": "按合同约定", "help_en": "As the contract says", "required": false, "choices": [{"code": "gold", "label_zh": "金牌", "label_en": "Gold"}, {"code": "silver", "label_zh": "银牌", "label_en": "Silver"}]})),
    responses((status = 201, description = "The field", body = CustomField))
)]
#[post("/custom-fields")]
pub async fn create_custom_field(
    who: Require<Update<Settings>>,
    app: Data<App>,
    Body(input): Body<CustomFieldInput>,
) -> ApiResult<HttpResponse> {
    who.create(&app, move |tx, _| custom_field::create(tx, &input))
        .await
}

/// Get a custom field
#[utoipa::path(tag = "custom fields", params(("id" = CustomFieldId, Path, description = "The field")), responses((status = 200, description = "The field", body = CustomField)))]
#[get("/custom-fields/{id}")]
pub async fn get_custom_field(
    _who: LoggedIn,
    Id(id): Id<CustomFieldId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let field = app.db.look_up(move |c| custom_field::get(c, id)).await?;
    Ok(tagged(&field))
}

/// Change a custom field
///
/// While records hold values, the kind stays (409 `in_use`), and so does a choice that they hold: make it inactive instead. Record
/// type and key always stay. A field that is not active keeps its values, and takes no new ones.
#[utoipa::path(
    tag = "custom fields",
    params(("id" = CustomFieldId, Path, description = "The field"), IfMatch),
    request_body(content = CustomFieldInput, content_type = "application/merge-patch+json", example = json!({"label_en": "Membership level", "required": true})),
    responses((status = 200, description = "As it is now", body = CustomField))
)]
#[patch("/custom-fields/{id}")]
pub async fn update_custom_field(
    who: Require<Update<Settings>>,
    Id(id): Id<CustomFieldId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, _| custom_field::get(c, id))
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, _| {
        custom_field::update(tx, id, version, &input)
    })
    .await
}

/// Delete a custom field
///
/// Refused (409 `in_use`) while records hold values: make it inactive instead.
#[utoipa::path(
    tag = "custom fields",
    params(("id" = CustomFieldId, Path, description = "The field"), IfMatch),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/custom-fields/{id}")]
pub async fn delete_custom_field(
    who: Require<Update<Settings>>,
    Id(id): Id<CustomFieldId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.delete(&app, move |tx, _| custom_field::delete(tx, id, version))
        .await
}
