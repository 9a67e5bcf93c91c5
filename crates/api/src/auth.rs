//! Who asks: access tokens, and what they allow.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::share::Because;
use guanxi_domain::{ErrorCode, Lang, SessionId, Timestamp, UserId};
use guanxi_persistence::hex;
use guanxi_persistence::idempotency::Claim;
use guanxi_persistence::{Actor, Error, Origin, Visibility, access, user};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::permission::Permission;
use crate::request::Caller;
use crate::{ApiError, ApiResult, App};

/// Seconds that an access token is good for.
pub const ACCESS_SECONDS: i64 = 15 * 60;
/// Seconds that a refresh token is good for.
pub const REFRESH_SECONDS: i64 = 30 * 24 * 3600;

/// 32 random bytes, hexadecimal.
pub fn random_token() -> String {
    hex(&rand::random::<[u8; 32]>())
}

/// What is stored of a refresh token.
pub fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    sid: String,
    exp: i64,
}

/// Signs and checks access tokens: HS256, and no other algorithm.
pub struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Keys {
    pub fn new(secret: &str) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.set_required_spec_claims(&["exp", "sub"]);
        Self {
            encoding: EncodingKey::from_secret(secret.as_bytes()),
            decoding: DecodingKey::from_secret(secret.as_bytes()),
            validation,
        }
    }

    pub fn sign(&self, user: UserId, session: SessionId) -> ApiResult<String> {
        let exp = Timestamp::now().plus_seconds(ACCESS_SECONDS).micros() / 1_000_000;
        let claims = Claims {
            sub: user.to_string(),
            sid: session.to_string(),
            exp,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|e| ApiError::internal(&e))
    }

    fn verify(&self, token: &str) -> ApiResult<(UserId, SessionId)> {
        let invalid = || ApiError::new(ErrorCode::InvalidToken);
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| invalid())?
            .claims;
        Ok((
            claims.sub.parse().map_err(|_| invalid())?,
            claims.sid.parse().map_err(|_| invalid())?,
        ))
    }
}

/// Somebody who is logged in, whatever their rights.
pub struct LoggedIn {
    pub actor: Arc<Actor>,
    pub session: SessionId,
    pub caller: Caller,
    /// The request's `Idempotency-Key`, if it has one.
    claim: Option<Claim>,
}

impl LoggedIn {
    /// For the audit trail.
    pub fn origin(&self) -> Origin {
        Origin {
            user_id: Some(self.actor.user_id),
            user_name: self.actor.name.clone(),
            key: None,
            ip: self.caller.ip.clone(),
            request_id: self.caller.request_id.clone(),
            claim: self.claim.clone(),
        }
    }

    pub fn lang(&self) -> Lang {
        self.caller.lang
    }

    /// The records of another module on which this person may do this; 403 if on none.
    pub fn visibility(&self, module: Module, operation: Operation) -> ApiResult<Visibility> {
        self.actor
            .visibility(module, operation)
            .ok_or_else(|| forbidden(module, operation))
    }
}

fn forbidden(module: Module, operation: Operation) -> ApiError {
    ApiError::new(ErrorCode::Forbidden).detail(format!("{module}:{operation}"))
}

/// What the middleware found of a request with an access token.
struct Found(ApiResult<LoggedIn>);

/// Finds out who asks, before any extractor runs: those run side by side, and the first that fails answers. So a caller who
/// may not do a thing learns nothing of what else is wrong with the request.
pub async fn identify(app: &App, request: &HttpRequest) {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|h| h.to_str().ok())
        .and_then(|h| {
            h.strip_prefix("Bearer ")
                .or_else(|| h.strip_prefix("bearer "))
        });
    if let Some(token) = token {
        let found = log_in(app, token, Caller::of(request)).await;
        let mut extensions = request.extensions_mut();
        if let Ok(who) = &found {
            extensions.insert(Arc::clone(&who.actor));
        }
        extensions.insert(Found(found));
    }
}

async fn log_in(app: &App, token: &str, caller: Caller) -> ApiResult<LoggedIn> {
    let (user, session) = app.keys.verify(token)?;
    // Asked for every request, so that freezing an account or ending a session is felt by the very next one.
    let actor = app
        .db
        .look_up(move |c| user::actor_in_session(c, user, session))
        .await
        .map_err(|e| match e {
            Error::NotFound => ApiError::new(ErrorCode::InvalidToken),
            // The token is no good any more: a client is to log in again and be told why then.
            Error::Conflict(code @ (ErrorCode::AccountFrozen | ErrorCode::AccountPending)) => {
                ApiError::new(ErrorCode::InvalidToken).detail(code.as_str())
            }
            other => other.into(),
        })?;
    Ok(LoggedIn {
        actor: Arc::new(actor),
        session,
        caller,
        claim: None,
    })
}

/// Who asks, for extractors that read a request differently for different people.
pub fn actor(request: &HttpRequest) -> Option<Arc<Actor>> {
    request.extensions().get::<Arc<Actor>>().cloned()
}

fn logged_in(request: &HttpRequest) -> ApiResult<LoggedIn> {
    let mut extensions = request.extensions_mut();
    let claim = extensions.get::<Claim>().cloned();
    match extensions.remove::<Found>() {
        Some(Found(found)) => found.map(|who| LoggedIn { claim, ..who }),
        None => Err(ErrorCode::Unauthenticated.into()),
    }
}

impl FromRequest for LoggedIn {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(logged_in(request))
    }
}

/// Somebody who has this permission, and the records that it reaches to.
///
/// Stands first in a handler's arguments: nothing else is looked at for somebody who may not.
pub struct Require<P> {
    pub who: LoggedIn,
    /// The id in the path, if there is one.
    id: Option<String>,
    /// Belongs into every query of the handler.
    pub visibility: Visibility,
    permission: PhantomData<P>,
}

impl<P> std::ops::Deref for Require<P> {
    type Target = LoggedIn;

    fn deref(&self) -> &LoggedIn {
        &self.who
    }
}

impl<P: Permission> FromRequest for Require<P> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(logged_in(request).and_then(|who| {
            let visibility = who.visibility(P::MODULE, P::OPERATION)?;
            Ok(Self {
                who,
                id: request.match_info().get("id").map(ToOwned::to_owned),
                visibility,
                permission: PhantomData,
            })
        }))
    }
}

impl<P: Permission> Require<P> {
    /// What this request wants to do, to tell afterwards why it could not be done.
    pub fn reach(&self) -> Reach {
        Reach {
            actor: Arc::clone(&self.actor),
            id: self.id.clone(),
            module: P::MODULE,
            operation: P::OPERATION,
        }
    }
}

/// What somebody wants to do to a record.
pub struct Reach {
    pub actor: Arc<Actor>,
    pub id: Option<String>,
    pub module: Module,
    pub operation: Operation,
}

impl Reach {
    /// A record that is out of reach is none for whoever does not see it; whoever sees it is told that they may not do this to it.
    pub async fn explain(self, app: &App, error: Error) -> ApiError {
        let (Error::NotFound, Some(id), true) =
            (&error, self.id, self.operation != Operation::Read)
        else {
            return error.into();
        };
        let (actor, module, operation) = (self.actor, self.module, self.operation);
        let out_of_reach = move |c: &mut _| {
            let why = |c: &mut _, o| access::because(c, &actor, module.as_str(), &id, o);
            Ok(why(c, Operation::Read)?.is_some()
                && matches!(why(c, operation)?, None | Some(Because::Shared)))
        };
        match app.db.read(out_of_reach).await {
            Ok(true) => forbidden(module, operation),
            _ => error.into(),
        }
    }
}
