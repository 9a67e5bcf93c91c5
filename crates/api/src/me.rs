//! One's own account.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, put};
use guanxi_domain::SessionId;
use guanxi_domain::account::{PasswordChange, Session};
use guanxi_domain::user::{Me, MeInput, Person as Colleague};
use guanxi_persistence::{account, user};

use crate::auth::{LoggedIn, Person};
use crate::record::tagged;
use crate::request::{Body, Id, IfMatch, Patch};
use crate::{ApiError, ApiResult, App};

/// Who I am
#[utoipa::path(tag = "account", responses((status = 200, description = "The account, its role and rights", body = Me)))]
#[get("/me")]
pub async fn get_me(who: LoggedIn, app: Data<App>) -> ApiResult<HttpResponse> {
    let id = who.actor.user_id;
    let mut me = app.db.read(move |c| user::me(c, id)).await?;
    // By an API key not all that the role allows.
    me.permissions = (*who.actor.permissions).clone();
    Ok(tagged(&me))
}

/// Change my name or language
#[utoipa::path(
    tag = "account",
    security(("access_token" = [])),
    params(IfMatch),
    request_body(content = MeInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = Me))
)]
#[patch("/me")]
pub async fn update_me(
    who: Person,
    version: IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let id = who.actor.user_id;
    let old = app.db.read(move |c| user::find(c, id)).await?;
    let input = patch.apply(&MeInput {
        name: old.input.name,
        language: old.input.language,
    })?;
    app.db
        .write(who.origin(), move |tx| {
            user::update_own(tx, id, version.0, &input)
        })
        .await?;
    let me = app.db.read(move |c| user::me(c, id)).await?;
    Ok(tagged(&me))
}

/// Change my password
///
/// Ends all my other log-ins.
#[utoipa::path(tag = "account", security(("access_token" = [])), request_body = PasswordChange, responses((status = 204, description = "Changed")))]
#[put("/me/password")]
pub async fn change_password(
    who: Person,
    app: Data<App>,
    Body(input): Body<PasswordChange>,
) -> ApiResult<HttpResponse> {
    let id = who.actor.user_id;
    let old = app.db.read(move |c| account::password_hash(c, id)).await?;
    if !app
        .hasher
        .verify(input.current_password.clone(), Some(old))
        .await?
    {
        return Err(ApiError::invalid_at("/current_password", "wrong_password"));
    }
    let hash = app.hasher.hash(input.new_password.clone()).await?;
    let session = who.session;
    app.db
        .write(who.origin(), move |tx| {
            account::change_password(tx, id, &hash, Some(session))
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// My log-ins
#[utoipa::path(tag = "account", security(("access_token" = [])), responses((status = 200, description = "The last used first", body = Vec<Session>)))]
#[get("/me/sessions")]
pub async fn list_my_sessions(who: Person, app: Data<App>) -> ApiResult<Json<Vec<Session>>> {
    let sessions = app
        .db
        .read(move |c| account::list(c, who.actor.user_id, Some(who.session)))
        .await?;
    Ok(Json(sessions))
}

/// End one of my log-ins
#[utoipa::path(
    tag = "account",
    security(("access_token" = [])),
    params(("id" = SessionId, Path, description = "The log-in")),
    responses((status = 204, description = "Ended"))
)]
#[delete("/me/sessions/{id}")]
pub async fn end_my_session(
    who: Person,
    Id(id): Id<SessionId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    let user = who.actor.user_id;
    app.db
        .write(who.origin(), move |tx| account::close(tx, user, id))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Colleagues, for choosing an owner
#[utoipa::path(tag = "account", responses((status = 200, description = "All active accounts by name", body = Vec<Colleague>)))]
#[get("/people")]
pub async fn list_people(_who: LoggedIn, app: Data<App>) -> ApiResult<Json<Vec<Colleague>>> {
    Ok(Json(app.db.read(user::people).await?))
}
