//! Accounts, for administrators.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, patch, post};
use guanxi_domain::user::{User, UserActivation, UserCreate, UserInput, UserState};
use guanxi_domain::{Page, Timestamp, UserId};
use guanxi_persistence::QueryError;
use guanxi_persistence::user::{self, NewUser};

use crate::auth::Require;
use crate::list::{FixedQuery, Known, List, page};
use crate::permission::{Create, Read, Update, Users};
use crate::request::{Body, Id, IfMatch, Patch, Plain};
use crate::{ApiError, ApiResult, App};

pub mod command;

/// List accounts
#[utoipa::path(tag = "users", params(List<Users>), responses((status = 200, description = "A page of accounts", body = Page<User>)))]
#[get("/users")]
pub async fn list_users(
    who: Require<Read<Users>>,
    list: List<Users>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    page::<user::Users>(&app, who.visibility.clone(), list.query).await
}

/// Create an account
///
/// Active at once, with role and department. Nobody gives a role with rights beyond their own (422 `rights_beyond`).
#[utoipa::path(tag = "users", request_body = UserCreate, responses((status = 201, description = "The account", body = User)))]
#[post("/users")]
pub async fn create_user(
    who: Require<Create<Users>>,
    app: Data<App>,
    Body(input): Body<UserCreate>,
) -> ApiResult<HttpResponse> {
    let new = NewUser {
        name: input.name.clone(),
        email: input.email.clone(),
        password_hash: app.hasher.hash(input.password.clone()).await?,
        state: UserState::Active,
        role_id: Some(input.role_id),
        department_id: Some(input.department_id),
        language: input.language,
    };
    who.create(&app, move |tx, who| {
        user::create(tx, Some(&who.actor), &new)
    })
    .await
}

/// Get an account
#[utoipa::path(tag = "users", params(("id" = UserId, Path, description = "The account")), responses((status = 200, description = "The account", body = User)))]
#[get("/users/{id}")]
pub async fn get_user(
    who: Require<Read<Users>>,
    Id(id): Id<UserId>,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.get(&app, move |c, visibility| user::get(c, visibility, id))
        .await
}

/// Change an account's name, role, department or language
///
/// Nobody gives a role with rights beyond their own (422 `rights_beyond`), nor themselves another role or department (403), but
/// those who may change all users and all roles.
#[utoipa::path(
    tag = "users",
    params(("id" = UserId, Path, description = "The account"), IfMatch),
    request_body(content = UserInput, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "As it is now", body = User))
)]
#[patch("/users/{id}")]
pub async fn update_user(
    who: Require<Update<Users>>,
    Id(id): Id<UserId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    patch: Patch,
) -> ApiResult<HttpResponse> {
    let old = who
        .current(&app, version, move |c, visibility| {
            user::get(c, visibility, id)
        })
        .await?;
    let input = patch.apply(&old.input)?;
    who.change(&app, move |tx, who| {
        user::update(tx, Some(&who.actor), &who.visibility, id, version, &input)
    })
    .await
}

/// Activate a pending account
///
/// Nobody gives a role with rights beyond their own (422 `rights_beyond`).
#[utoipa::path(
    tag = "users",
    params(("id" = UserId, Path, description = "The account"), IfMatch),
    request_body = UserActivation,
    responses((status = 200, description = "As it is now", body = User))
)]
#[post("/users/{id}/activate")]
pub async fn activate_user(
    who: Require<Update<Users>>,
    Id(id): Id<UserId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
    Plain(activation): Plain<Option<UserActivation>>,
) -> ApiResult<HttpResponse> {
    let activation = activation.ok_or_else(|| ApiError::invalid_at("/role_id", "required"))?;
    who.change(&app, move |tx, who| {
        user::activate(
            tx,
            Some(&who.actor),
            &who.visibility,
            id,
            version,
            activation,
        )
    })
    .await
}

/// Freeze an account
///
/// Its very next request is refused.
#[utoipa::path(
    tag = "users",
    params(("id" = UserId, Path, description = "The account"), IfMatch),
    responses((status = 200, description = "As it is now", body = User))
)]
#[post("/users/{id}/freeze")]
pub async fn freeze_user(
    who: Require<Update<Users>>,
    Id(id): Id<UserId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        user::freeze(tx, &who.visibility, id, version)
    })
    .await
}

/// Unfreeze an account
#[utoipa::path(
    tag = "users",
    params(("id" = UserId, Path, description = "The account"), IfMatch),
    responses((status = 200, description = "As it is now", body = User))
)]
#[post("/users/{id}/unfreeze")]
pub async fn unfreeze_user(
    who: Require<Update<Users>>,
    Id(id): Id<UserId>,
    IfMatch(version): IfMatch,
    app: Data<App>,
) -> ApiResult<HttpResponse> {
    who.change(&app, move |tx, who| {
        user::unfreeze(tx, &who.visibility, id, version)
    })
    .await
}

/// For how long nobody logged in.
pub struct Inactive {
    days: i64,
}

impl FixedQuery for Inactive {
    const NAMES: &'static [&'static str] = &["days"];

    fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, QueryError> {
        let days = match get("days") {
            None => Some(90),
            Some(text) => text.parse().ok().filter(|d| (1..=3650).contains(d)),
        };
        days.map(|days| Self { days })
            .ok_or_else(|| QueryError::Invalid("days".to_owned(), "expected 1 to 3650".to_owned()))
    }
}

/// Accounts without a log-in for some days
#[utoipa::path(
    tag = "users",
    params(("days" = Option<i64>, Query, description = "How many days; 90 if left out", minimum = 1, maximum = 3650)),
    responses((status = 200, description = "The longest absent first", body = Vec<User>))
)]
#[get("/users/inactive")]
pub async fn list_inactive_users(
    who: Require<Read<Users>>,
    query: Known<Inactive>,
    app: Data<App>,
) -> ApiResult<Json<Vec<User>>> {
    let since = Timestamp::now().plus_seconds(-query.value.days * 86_400);
    let users = app
        .db
        .read(move |c| user::inactive_since(c, &who.visibility, since))
        .await?;
    Ok(Json(users))
}
