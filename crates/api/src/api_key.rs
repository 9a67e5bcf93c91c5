//! API keys: by which other programs act in somebody's name.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use guanxi_domain::api_key::{ApiKey, ApiKeyCreate, ApiKeyInput, ApiKeySecret};
use guanxi_domain::audit::HistoryEntry;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{ApiKeyId, Page};
use guanxi_persistence::api_key::{self, NewKey};
use guanxi_persistence::{Visibility, audit};

use crate::auth::{Person, Require, new_api_key, token_hash};
use crate::history::History;
use crate::list::{List, page};
use crate::permission::{Settings, Update};
use crate::record::tagged;
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiResult, App};

mod guard;

pub use guard::KeyGuard;

/// The lists of API keys.
pub struct ApiKeys;

/// The keys that somebody sees: those that act for them, and those of all whose settings they may change.
fn seen(who: &Person) -> Visibility {
    who.actor
        .visibility(Module::Settings, Operation::Update)
        .unwrap_or(Visibility::own(who.actor.user_id))
}

/// List API keys
///
/// Those that act for the caller; all, for whoever may change settings.
#[utoipa::path(tag = "api-keys", security(("access_token" = [])), params(List<ApiKeys>), responses((status = 200, description = "A page of keys", body = Page<ApiKey>)))]
#[get("/api-keys")]
pub async fn list_api_keys(
    who: Person,
    list: List<ApiKeys>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<api_key::ApiKeys>(&app, seen(&who), list.query).await
}

/// Create an API key
///
/// Needs `settings:update`. The answer tells the key, once. It acts in the name of `user_id` (the caller's, if left out), with the data scopes of that
/// person's role, and can do what both its own permissions and that role allow. Its maker must have each of the permissions too, on as many records.
#[utoipa::path(
    tag = "api-keys",
    security(("access_token" = [])),
    request_body(content = ApiKeyCreate, example = json!({"name": "ERP", "permissions": [{"module": "customers", "operation": "read"}, {"module": "orders", "operation": "create"}], "expires_at": "2030-01-01T00:00:00Z"})),
    responses((status = 201, description = "The key, and what is sent as `Authorization: Bearer …`", body = ApiKeySecret))
)]
#[post("/api-keys")]
pub async fn create_api_key(
    who: Require<Update<Settings>>,
    app: Data<App>,
    Body(input): Body<ApiKeyCreate>,
) -> ApiResult<HttpResponse> {
    let input = input.into_inner();
    let secret = new_api_key();
    let new = NewKey {
        user_id: input.user_id.unwrap_or(who.actor.user_id),
        input: ApiKeyInput {
            name: input.name,
            permissions: input.permissions,
            expires_at: input.expires_at,
        },
        hash: token_hash(&secret),
        secret,
    };
    who.create(&app, move |tx, who| api_key::create(tx, &who.actor, &new))
        .await
}

/// Get an API key
#[utoipa::path(tag = "api-keys", security(("access_token" = [])), params(("id" = ApiKeyId, Path, description = "The key")), responses((status = 200, description = "The key, without what makes it one", body = ApiKey)))]
#[get("/api-keys/{id}")]
pub async fn get_api_key(
    who: Person,
    Id(id): Id<ApiKeyId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let seen = seen(&who);
    let key = app.db.read(move |c| api_key::get(c, &seen, id)).await?;
    Ok(tagged(&key))
}

/// Change an API key's name, permissions or end
///
/// Needs `settings:update`. Felt by its next request.
#[utoipa::path(
    tag = "api-keys",
    security(("access_token" = [])),
    params(("id" = ApiKeyId, Path, description = "The key"), IfMatch),
    request_body(content = ApiKeyInput, content_type = "application/merge-patch+json", example = json!({"permissions": [{"module": "customers", "operation": "read"}]})),
    responses((status = 200, description = "As it is now", body = ApiKey))
)]
#[patch("/api-keys/{id}")]
pub async fn update_api_key(
    who: Require<Update<Settings>>,
    Id(id): Id<ApiKeyId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, v| api_key::get(c, v, id))
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, who| {
        api_key::update(tx, &who.actor, &who.visibility, id, version, &input)
    })
    .await
}

/// Revoke an API key
///
/// For good; felt by its next request. Everybody may revoke the keys that act for them, whoever may change settings all.
#[utoipa::path(
    tag = "api-keys",
    security(("access_token" = [])),
    params(("id" = ApiKeyId, Path, description = "The key"), IfMatch),
    responses((status = 200, description = "The key, revoked", body = ApiKey))
)]
#[post("/api-keys/{id}/revoke")]
pub async fn revoke_api_key(
    who: Person,
    Id(id): Id<ApiKeyId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let seen = seen(&who);
    let key = app
        .db
        .write(who.origin(), move |tx| {
            api_key::revoke(tx, &seen, id, version)
        })
        .await?;
    Ok(tagged(&key))
}

/// History of an API key
///
/// Who made, changed and revoked it; what was done by it stands in the histories of records, with its name.
#[utoipa::path(
    tag = "api-keys",
    security(("access_token" = [])),
    params(("id" = ApiKeyId, Path, description = "The key"), List<History>),
    responses((status = 200, description = "A page of entries", body = Page<HistoryEntry>))
)]
#[get("/api-keys/{id}/history")]
pub async fn get_api_key_history(
    who: Person,
    Id(id): Id<ApiKeyId>,
    list: List<History>,
    app: Data<App>,
) -> ApiResult<Json<Page<HistoryEntry>>> {
    let seen = seen(&who);
    let page = app
        .db
        .read(move |c| {
            api_key::get(c, &seen, id)?;
            audit::history(c, "api_keys", id.as_str(), &list.query)
        })
        .await?;
    Ok(Json(page))
}
