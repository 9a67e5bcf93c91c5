//! Registering, logging in, refreshing and logging out.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, post};
use guanxi_domain::account::{Credentials, Refresh, Registration, Tokens};
use guanxi_domain::user::{User, UserState};
use guanxi_domain::{ErrorCode, SessionId, Timestamp, UserId};
use guanxi_persistence::account::{self, NewSession, Rotation};
use guanxi_persistence::{Error, Origin, user};

use crate::auth::{ACCESS_SECONDS, REFRESH_SECONDS, random_token, token_hash};
use crate::request::{Body, Caller, Plain};
use crate::{ApiError, ApiResult, App};

const COOKIE: &str = "guanxi_refresh";
const COOKIE_PATH: &str = "/api/v1/auth";

fn origin(caller: &Caller, user: Option<(UserId, &str)>) -> Origin {
    Origin {
        user_id: user.map(|(id, _)| id),
        user_name: user.map_or_else(String::new, |(_, name)| name.to_owned()),
        key: None,
        ip: caller.ip.clone(),
        request_id: caller.request_id.clone(),
        claim: None,
    }
}

fn refresh_cookie(app: &App, token: String, seconds: i64) -> Cookie<'static> {
    Cookie::build(COOKIE, token)
        .path(COOKIE_PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.config.secure_cookies)
        .max_age(Duration::seconds(seconds))
        .finish()
}

fn tokens(
    app: &App,
    user: User,
    session: SessionId,
    token: String,
    cookie: bool,
) -> ApiResult<HttpResponse> {
    let access = app.keys.sign(user.id, session)?;
    let mut response = HttpResponse::Ok();
    if cookie {
        response.cookie(refresh_cookie(app, token.clone(), REFRESH_SECONDS));
    }
    Ok(response.json(Tokens {
        access_token: Some(access),
        expires_in: Some(ACCESS_SECONDS),
        refresh_token: (!cookie).then_some(token),
        user,
    }))
}

async fn open_session(
    app: &App,
    caller: &Caller,
    request: &HttpRequest,
    user: UserId,
    name: &str,
    cookie: bool,
) -> ApiResult<HttpResponse> {
    let token = random_token();
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|h| h.to_str().ok())
        .unwrap_or_default();
    let new = NewSession {
        token_hash: token_hash(&token),
        expires_at: Timestamp::now().plus_seconds(REFRESH_SECONDS),
        user_agent: agent.chars().take(300).collect(),
    };
    let (session, user) = app
        .db
        .write(origin(caller, Some((user, name))), move |tx| {
            account::open_session(tx, user, &new)
        })
        .await?;
    tokens(app, user, session, token, cookie)
}

/// Register
///
/// The very first account becomes the administrator and is logged in at once; a later one waits until an administrator activates it.
#[utoipa::path(
    tag = "account",
    security(()),
    request_body(content = Registration, example = json!({"name": "李雷", "email": "li.lei@example.com", "password": "correct horse battery"})),
    responses(
        (status = 200, description = "The first account: logged in", body = Tokens),
        (status = 201, description = "The account waits for activation", body = Tokens),
        (status = 403, description = "Registration is closed", body = guanxi_domain::Problem, content_type = "application/problem+json"),
    )
)]
#[post("/auth/register")]
pub async fn register(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    Body(input): Body<Registration>,
) -> ApiResult<HttpResponse> {
    let hash = app.hasher.hash(input.password.clone()).await?;
    let cookie = input.cookie;
    let language = input.language.or(Some(caller.lang));
    let name = input.name.clone();
    let user = app
        .db
        .write(origin(&caller, None), move |tx| {
            user::register(tx, &input.name, &input.email, &hash, language)
        })
        .await?;
    if user.state == UserState::Active {
        return open_session(&app, &caller, &request, user.id, &name, cookie).await;
    }
    Ok(HttpResponse::Created().json(Tokens {
        access_token: None,
        expires_in: None,
        refresh_token: None,
        user,
    }))
}

/// Log in
#[utoipa::path(
    tag = "account",
    security(()),
    request_body(content = Credentials, example = json!({"email": "li.lei@example.com", "password": "correct horse battery"})),
    responses(
        (status = 200, description = "Logged in", body = Tokens),
        (status = 401, description = "E-mail or password is wrong", body = guanxi_domain::Problem, content_type = "application/problem+json"),
        (status = 403, description = "The account is pending or frozen", body = guanxi_domain::Problem, content_type = "application/problem+json"),
    )
)]
#[post("/auth/login")]
pub async fn login(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    Body(input): Body<Credentials>,
) -> ApiResult<HttpResponse> {
    let email = input.email.clone();
    let found = app.db.read(move |c| account::find(c, &email)).await?;
    if let Some(until) = found.as_ref().and_then(|f| f.locked_until) {
        let seconds = (until.micros() - Timestamp::now().micros()).div_euclid(1_000_000) + 1;
        if seconds > 0 {
            return Err(ApiError::new(ErrorCode::TooManyAttempts).retry_after(seconds));
        }
    }
    let hash = found.as_ref().map(|f| f.password_hash.clone());
    let right = app.hasher.verify(input.password.clone(), hash).await?;
    let Some(found) = found else {
        return Err(ErrorCode::InvalidCredentials.into());
    };
    if !right {
        let id = found.id;
        app.db
            .write(origin(&caller, Some((id, &found.name))), move |tx| {
                account::failed(tx, id)
            })
            .await?;
        return Err(ErrorCode::InvalidCredentials.into());
    }
    match found.state {
        UserState::Active => {
            open_session(&app, &caller, &request, found.id, &found.name, input.cookie).await
        }
        state => {
            let id = found.id;
            app.db
                .write(origin(&caller, Some((id, &found.name))), move |tx| {
                    account::refused(tx, id, state)
                })
                .await?;
            Err(match state {
                UserState::Pending => ErrorCode::AccountPending,
                _ => ErrorCode::AccountFrozen,
            }
            .into())
        }
    }
}

/// Get a new access token
///
/// A browser sends its cookie, a program the refresh token. Each refresh gives a new refresh token; using an old one again ends the whole log-in.
#[utoipa::path(
    tag = "account",
    security(()),
    request_body(content = Option<Refresh>, description = "Nothing, if the refresh token is in the cookie"),
    responses(
        (status = 200, description = "New tokens", body = Tokens),
        (status = 401, description = "The refresh token is not good any more", body = guanxi_domain::Problem, content_type = "application/problem+json"),
    )
)]
#[post("/auth/refresh")]
pub async fn refresh(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    Plain(input): Plain<Refresh>,
) -> ApiResult<HttpResponse> {
    let from_cookie = request.cookie(COOKIE).map(|c| c.value().to_owned());
    let cookie = input.refresh_token.is_none();
    let old = input
        .refresh_token
        .or(from_cookie)
        .ok_or(ErrorCode::Unauthenticated)?;
    let (old, new) = (token_hash(&old), random_token());
    let new_hash = token_hash(&new);
    let origin = origin(&caller, None);
    let expires = Timestamp::now().plus_seconds(REFRESH_SECONDS);
    let rotation = app
        .db
        .rotate_tokens(origin, move |tx| {
            account::rotate(tx, &old, &new_hash, expires)
        })
        .await?;
    match rotation {
        Rotation::Rotated(session, user) => {
            // A frozen account gets no more access.
            let user = app
                .db
                .read(move |c| {
                    user::actor(c, user)?;
                    user::find(c, user)
                })
                .await
                .map_err(|e| match e {
                    Error::NotFound => ErrorCode::InvalidToken.into(),
                    other => ApiError::from(other),
                })?;
            tokens(&app, user, session, new, cookie)
        }
        Rotation::Reused(_) | Rotation::Unknown => Err(ErrorCode::InvalidToken.into()),
    }
}

/// Log out
#[utoipa::path(
    tag = "account",
    security(()),
    request_body(content = Option<Refresh>, description = "Nothing, if the refresh token is in the cookie"),
    responses((status = 204, description = "Logged out"))
)]
#[post("/auth/logout")]
pub async fn logout(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    Plain(input): Plain<Refresh>,
) -> ApiResult<HttpResponse> {
    let token = input
        .refresh_token
        .or_else(|| request.cookie(COOKIE).map(|c| c.value().to_owned()));
    if let Some(token) = token {
        let hash = token_hash(&token);
        app.db
            .rotate_tokens(origin(&caller, None), move |tx| {
                account::close_by_token(tx, &hash)
            })
            .await?;
    }
    Ok(HttpResponse::NoContent()
        .cookie(refresh_cookie(&app, String::new(), 0))
        .finish())
}
