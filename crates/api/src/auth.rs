//! Who asks: access tokens, and what they allow.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use guanxi_domain::api_key::PREFIX;
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::share::Because;
use guanxi_domain::{ApiKeyId, ErrorCode, Lang, SessionId, Timestamp, UserId};
use guanxi_persistence::api_key::{self, Found as FoundKey};
use guanxi_persistence::hex;
use guanxi_persistence::idempotency::Claim;
use guanxi_persistence::{Actor, AnyConnection, Error, Origin, Visibility, access, user};
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

/// A new API key: 32 random bytes. So much cannot be guessed, so a quick hash of it does to store it, other than with passwords.
pub fn new_api_key() -> String {
    format!("{PREFIX}{}", random_token())
}

/// What is stored of a refresh token, or of an API key.
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

/// By what somebody is known.
#[derive(Clone)]
pub enum Credential {
    /// An access token of this log-in.
    Session(SessionId),
    /// An API key: its id, name and hash.
    Key(ApiKeyId, String, String),
}

impl Credential {
    /// Who it is, with the rights of this moment; `NotFound` when it is no good any more.
    pub fn actor(&self, connection: &mut AnyConnection, user: UserId) -> Result<Actor, Error> {
        match self {
            Self::Session(session) => user::actor_in_session(connection, user, *session),
            Self::Key(_, _, hash) => match api_key::holder(connection, hash)? {
                FoundKey::Holder(holder) => Ok(holder.actor),
                FoundKey::Bad(_) | FoundKey::Unknown => Err(Error::NotFound),
            },
        }
    }
}

/// Somebody who is logged in, or a program that acts in their name by an API key; whatever their rights.
pub struct LoggedIn {
    pub actor: Arc<Actor>,
    pub credential: Credential,
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
            key: match &self.credential {
                Credential::Session(_) => None,
                Credential::Key(id, name, _) => Some((*id, name.clone())),
            },
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
        let caller = Caller::of(request);
        let found = if token.starts_with(PREFIX) {
            by_key(app, token, caller).await
        } else {
            log_in(app, token, caller).await
        };
        let mut extensions = request.extensions_mut();
        if let Ok(who) = &found {
            extensions.insert(Arc::clone(&who.actor));
            if let Credential::Key(id, ..) = who.credential {
                extensions.insert(id);
            }
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
        credential: Credential::Session(session),
        caller,
        claim: None,
    })
}

/// As [`log_in`], with an API key. Asked for every request, too.
async fn by_key(app: &App, key: &str, caller: Caller) -> ApiResult<LoggedIn> {
    let (hash, now) = (token_hash(key), Instant::now());
    if let Some(seconds) = app.key_guard.wait(&caller.ip, &hash, now) {
        return Err(ApiError::new(ErrorCode::TooManyAttempts).retry_after(seconds));
    }
    let wanted = hash.clone();
    let found = app.db.look_up(move |c| api_key::holder(c, &wanted)).await?;
    let holder = match found {
        FoundKey::Holder(holder) => holder,
        FoundKey::Bad(why) => {
            app.key_guard.failed(&caller.ip, &hash, now);
            return Err(ApiError::new(ErrorCode::InvalidToken).detail(why));
        }
        FoundKey::Unknown => {
            app.key_guard.failed(&caller.ip, &hash, now);
            return Err(ErrorCode::InvalidToken.into());
        }
    };
    if app
        .key_guard
        .succeeded(&hash, holder.id, holder.unnoted, now)
    {
        note_use(app, holder.id, caller.ip.clone());
    }
    Ok(LoggedIn {
        actor: Arc::new(holder.actor),
        credential: Credential::Key(holder.id, holder.name, hash),
        caller,
        claim: None,
    })
}

/// Beside the request, which does not wait for it.
fn note_use(app: &App, id: ApiKeyId, ip: String) {
    let db = app.db.clone();
    actix_web::rt::spawn(async move {
        let noted = db.housekeep(move |tx| api_key::note_use(tx, id, &ip)).await;
        if let Err(error) = noted {
            log::warn!("the use of an API key was not noted: {error}");
        }
    });
}

/// Who asks, for extractors that read a request differently for different people.
pub fn actor(request: &HttpRequest) -> Option<Arc<Actor>> {
    request.extensions().get::<Arc<Actor>>().cloned()
}

/// The API key that was used.
pub fn api_key(request: &HttpRequest) -> Option<ApiKeyId> {
    request.extensions().get::<ApiKeyId>().copied()
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

/// A person who is logged in: not a program with an API key. For what concerns the account itself.
pub struct Person {
    who: LoggedIn,
    pub session: SessionId,
}

impl std::ops::Deref for Person {
    type Target = LoggedIn;

    fn deref(&self) -> &LoggedIn {
        &self.who
    }
}

impl FromRequest for Person {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(logged_in(request).and_then(|who| match who.credential {
            Credential::Session(session) => Ok(Self { who, session }),
            Credential::Key(..) => Err(ErrorCode::PeopleOnly.into()),
        }))
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
