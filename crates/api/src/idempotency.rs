//! `Idempotency-Key`: a request that is sent again is answered again, not carried out again.

use std::collections::BTreeMap;

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpResponse};
use futures_util::StreamExt;
use guanxi_domain::ErrorCode;
use guanxi_persistence::hex;
use guanxi_persistence::idempotency::{self, Answer, Claim, Claimed};
use guanxi_persistence::{Error, Tx};
use sha2::{Digest, Sha256};

use crate::auth::{actor, api_key, random_token};
use crate::request::BODY_LIMIT;
use crate::{ApiError, ApiResult, App};

/// The header's name.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says of an answer that it was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const KEPT_HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

/// What is to be done with a request.
pub enum Begun {
    /// It carries no key, or none that matters.
    Plain,
    /// It is carried out for the first time.
    First(Claim),
    Answered(HttpResponse),
}

/// Claims the key of a request, if it carries one. Its body is read and put back.
pub async fn begin(app: &App, request: &mut ServiceRequest) -> ApiResult<Begun> {
    if request.method() != Method::POST {
        return Ok(Begun::Plain);
    }
    let Some(key) = request.headers().get(KEY) else {
        return Ok(Begun::Plain);
    };
    if !matters(request.path()) {
        return Ok(Begun::Plain);
    }
    let key = key
        .to_str()
        .ok()
        .filter(|k| (1..=255).contains(&k.len()) && k.bytes().all(|b| b.is_ascii_graphic()))
        .map(str::to_owned)
        .ok_or_else(|| invalid("1 to 255 visible ASCII characters"))?;
    // What a person sends and what an API key of theirs sends are two things.
    let key = match api_key(request.request()) {
        Some(id) => format!("{id} {key}"),
        None => key,
    };
    // Nobody in particular asks: the key is nobody's.
    let Some(actor) = actor(request.request()) else {
        return Ok(Begun::Plain);
    };
    let content = request.content_type().to_ascii_lowercase();
    if !content.is_empty() && content != "application/json" {
        return Err(invalid("for JSON bodies only"));
    }
    let body = body(request.take_payload()).await?;
    let mut hash = Sha256::new();
    hash.update(request.uri().to_string().as_bytes());
    hash.update([0]);
    if let Some(version) = request.headers().get(header::IF_MATCH) {
        hash.update(version.as_bytes());
    }
    hash.update([0]);
    hash.update(&body);
    request.set_payload(Payload::from(body));

    let claim = Claim {
        user: actor.user_id,
        key,
        token: random_token(),
    };
    let (hash, claiming) = (hex(&hash.finalize()), claim.clone());
    let claimed = app
        .db
        .housekeep(move |tx| idempotency::claim(tx, &claiming, &hash))
        .await?;
    match claimed {
        Claimed::First => {
            request.extensions_mut().insert(claim.clone());
            Ok(Begun::First(claim))
        }
        Claimed::Answered(answer) => Ok(Begun::Answered(again(&answer))),
        Claimed::Other => Err(ErrorCode::IdempotencyMismatch.into()),
        Claimed::Running => Err(ApiError::new(ErrorCode::IdempotencyRunning).retry_after(1)),
        Claimed::Lost => Err(ErrorCode::IdempotencyLost.into()),
    }
}

/// Not for what changes nothing, nor for answers that hold secrets: those are kept nowhere.
fn matters(path: &str) -> bool {
    let secret = ["/api/v1/auth/", "/api/v1/webhooks", "/api/v1/api-keys"];
    !path.ends_with("/search") && !secret.iter().any(|start| path.starts_with(start))
}

fn invalid(expected: &str) -> ApiError {
    ApiError::new(ErrorCode::InvalidHeader).detail(format!("Idempotency-Key: {expected}"))
}

async fn body(mut payload: Payload) -> ApiResult<actix_web::web::Bytes> {
    let mut body = actix_web::web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| ApiError::new(ErrorCode::MalformedJson))?;
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(ErrorCode::BodyTooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn again(answer: &Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    for (name, value) in &answer.headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    response.body(answer.body.clone())
}

/// Keeps the answer to a request that was carried out. A failure of the server and a refusal that says "later" give the key
/// back; so does an answer that is a file.
pub async fn end(
    app: &App,
    claim: Claim,
    response: ServiceResponse<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let status = response.status();
    let passing = status.is_server_error()
        || matches!(
            status,
            StatusCode::UNAUTHORIZED
                | StatusCode::PRECONDITION_FAILED
                | StatusCode::PRECONDITION_REQUIRED
                | StatusCode::TOO_MANY_REQUESTS
        );
    let media = response.headers().get(header::CONTENT_TYPE);
    let is_file = media.is_some_and(|m| !m.as_bytes().starts_with(b"application/"))
        || response.headers().contains_key(header::CONTENT_DISPOSITION);
    if passing || is_file {
        keep(app, move |tx| idempotency::release(tx, &claim)).await;
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = to_bytes(body)
        .await
        .map_err(actix_web::error::ErrorInternalServerError)?;
    let headers: BTreeMap<String, String> = KEPT_HEADERS
        .iter()
        .filter_map(|name| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        })
        .collect();
    let answer = Answer {
        status: status.as_u16(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    keep(app, move |tx| idempotency::answer(tx, &claim, &answer)).await;
    let response = response.set_body(BoxBody::new(body));
    Ok(ServiceResponse::new(request, response))
}

/// Notes the end of a request, also when the writer is busy: the sender waits for just that.
async fn keep(app: &App, f: impl FnMut(&mut Tx<'_>) -> Result<(), Error> + Send + 'static) {
    let db = app.db.clone();
    let kept = tokio::task::spawn_blocking(move || db.housekeep_blocking(f)).await;
    // The request was carried out whether or not its answer could be kept.
    let error = match kept {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    log::error!("the answer to a request with an Idempotency-Key was not kept: {error}");
}
