//! Dictionaries.

use actix_web::get;
use actix_web::web::{Data, Json};
use guanxi_domain::dictionary::DictionaryEntry;
use guanxi_persistence::dictionary;

use crate::auth::LoggedIn;
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
