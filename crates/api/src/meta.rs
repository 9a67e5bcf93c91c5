//! What a client must know of a deployment.

use actix_web::get;
use actix_web::web::{Data, Json};
use guanxi_domain::meta::Meta;
use guanxi_persistence::{settings, user};

use crate::{ApiResult, App};

/// What this deployment is
#[utoipa::path(tag = "meta", security(()), responses((status = 200, description = "Name, currency and whether people may register", body = Meta)))]
#[get("/meta")]
pub async fn get_meta(app: Data<App>) -> ApiResult<Json<Meta>> {
    let (settings, users) = app
        .db
        .read(|c| Ok((settings::get(c)?.input, user::count(c)?)))
        .await?;
    Ok(Json(Meta {
        name: settings.company_name,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        currency: app.config.currency.clone(),
        minor_digits: app.config.minor_digits(),
        registration_open: settings.registration_open || users == 0,
        setup_needed: users == 0,
    }))
}
