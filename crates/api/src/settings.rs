//! Settings that administrators change at run time.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, patch};
use guanxi_domain::settings::{Settings, SettingsInput};
use guanxi_persistence::settings;

use crate::auth::Require;
use crate::permission::{Read, Settings as Area, Update};
use crate::record::tagged;
use crate::request::{IfMatch, Patch};
use crate::{ApiResult, App};

/// Get the settings
#[utoipa::path(tag = "settings", responses((status = 200, description = "The settings", body = Settings)))]
#[get("/settings")]
pub async fn get_settings(_who: Require<Read<Area>>, app: Data<App>) -> ApiResult<HttpResponse> {
    let settings = app.db.read(settings::get).await?;
    Ok(tagged(&settings))
}

/// Change the settings
#[utoipa::path(
    tag = "settings",
    params(IfMatch),
    request_body(content = SettingsInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As they are now", body = Settings))
)]
#[patch("/settings")]
pub async fn update_settings(
    who: Require<Update<Area>>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = app.db.read(settings::get).await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, _| settings::update(tx, version, &input))
        .await
}
