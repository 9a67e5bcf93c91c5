//! What surrounds a handler: the caller's language and address, `If-Match`, and the middleware that names,
//! counts and logs each request and puts errors into words.

use std::future::{Ready, ready};
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use guanxi_domain::{Date, ErrorCode, Lang};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::idempotency::{self, Begun};
use crate::{ApiError, ApiResult, App};

mod body;

pub use body::{Body, Patch, Plain, RawBody, json_body};

/// The largest JSON body, in bytes.
pub const BODY_LIMIT: usize = 1 << 20;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Caller {
    pub request_id: String,
    pub ip: String,
    pub lang: Lang,
}

impl Caller {
    /// As the middleware noted it.
    pub fn of(request: &HttpRequest) -> Self {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .unwrap_or_else(|| Self {
                request_id: String::new(),
                ip: String::new(),
                lang: Lang::En,
            })
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// The handler's answer, errors put into words.
async fn answered(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    caller: &Caller,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let response = match next.call(request).await {
        Ok(response) => response.map_into_boxed_body(),
        Err(error) => {
            // An error of the framework itself: there is no request to answer to any more.
            log::error!("[{}] {method} {path}: {error}", caller.request_id);
            return Err(error);
        }
    };
    let Some(error) = response.response().error() else {
        return Ok(response);
    };
    let problem = match error.as_error::<ApiError>() {
        Some(error) => rendered(error, caller),
        None => rendered(
            &of_framework(error.as_response_error().status_code()),
            caller,
        ),
    };
    let (request, _) = response.into_parts();
    Ok(ServiceResponse::new(request, problem))
}

/// Names the request, times it, logs it, and puts errors into words.
pub async fn middleware(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let begun = Instant::now();
    let app = request.app_data::<web::Data<App>>().cloned();
    let text = |name: HeaderName| request.headers().get(name).and_then(|h| h.to_str().ok());
    let given = text(REQUEST_ID).filter(|id| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    let trusted = app.as_ref().is_some_and(|app| app.config.trust_proxy);
    let forwarded = text(HeaderName::from_static("x-forwarded-for"))
        .filter(|_| trusted)
        .and_then(|h| h.rsplit(',').next());
    let caller = Caller {
        request_id: given.map_or_else(|| uuid::Uuid::now_v7().simple().to_string(), str::to_owned),
        ip: forwarded
            .map(|ip| ip.trim().to_owned())
            .or_else(|| request.peer_addr().map(|a| a.ip().to_string()))
            .unwrap_or_default(),
        lang: text(header::ACCEPT_LANGUAGE).map_or(Lang::En, Lang::from_accept_language),
    };
    request.extensions_mut().insert(caller.clone());
    let (method, path) = (request.method().clone(), request.path().to_owned());

    let begun_with = match &app {
        Some(app) => {
            crate::auth::identify(app, request.request()).await;
            idempotency::begin(app, &mut request).await
        }
        None => Ok(Begun::Plain),
    };
    let mut response = match begun_with {
        Err(error) => request.into_response(rendered(&error, &caller)),
        Ok(Begun::Answered(answer)) => request.into_response(answer),
        Ok(Begun::Plain) => answered(request, next, &caller).await?,
        Ok(Begun::First(claim)) => {
            let response = answered(request, next, &caller).await?;
            match &app {
                Some(app) => idempotency::end(app, claim, response).await?,
                None => response,
            }
        }
    };
    if let Ok(id) = HeaderValue::from_str(&caller.request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let status = response.status();
    let millis = begun.elapsed();
    if let Some(app) = app {
        let pattern = response.request().match_pattern();
        app.meters.request(
            method.as_str(),
            pattern.as_deref().unwrap_or("none"),
            status.as_u16(),
            millis,
        );
    }
    log::info!(
        "[{}] {method} {path} {} {:.1} ms",
        caller.request_id,
        status.as_u16(),
        millis.as_secs_f64() * 1000.0
    );
    Ok(response)
}

/// Errors that the framework makes before a handler is reached.
fn of_framework(status: StatusCode) -> ApiError {
    ApiError::new(match status {
        StatusCode::NOT_FOUND => ErrorCode::NoSuchPath,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        s if s.is_client_error() => ErrorCode::InvalidHeader,
        _ => ErrorCode::Internal,
    })
}

fn rendered(error: &ApiError, caller: &Caller) -> HttpResponse {
    if let Some(cause) = error.cause() {
        log::error!("[{}] {}: {cause}", caller.request_id, error.code.as_str());
    }
    let problem = error.problem(caller.lang, &caller.request_id);
    let mut response = HttpResponse::build(
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    );
    response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
    response.insert_header((header::CONTENT_LANGUAGE, caller.lang.pick("zh-CN", "en")));
    if problem.status == 401 {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    if let Some(seconds) = error.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    response.body(serde_json::to_vec(&problem).unwrap_or_default())
}

/// An address that nobody serves, or not with this method.
pub fn no_such_path(request: &HttpRequest) -> ApiError {
    ApiError::new(ErrorCode::NoSuchPath).detail(request.path())
}

/// The version that a write expects: `If-Match: "7"`.
pub struct IfMatch(pub i64);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let version = match request.headers().get(header::IF_MATCH) {
            None => Err(ApiError::new(ErrorCode::PreconditionRequired)),
            Some(value) => value
                .to_str()
                .ok()
                .and_then(|text| {
                    text.trim()
                        .strip_prefix('"')?
                        .strip_suffix('"')?
                        .parse()
                        .ok()
                })
                .map(Self)
                // No version of ours ever looks like that, so it cannot be the current one.
                .ok_or_else(|| ApiError::new(ErrorCode::Stale)),
        };
        ready(version)
    }
}

impl utoipa::IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some("The version that this is based on"))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .example(Some(serde_json::Value::from("\"1\"")));
        vec![parameter.build()]
    }
}

/// An id in the path; what is no id is no record.
pub struct Id<T>(pub T);

/// A day in the path, after the id of a record; what is no day has no record.
pub struct Day(pub Date);

/// The id of a user after that of a record.
pub struct Sub<T>(pub T);

fn in_path<T: std::str::FromStr>(request: &HttpRequest, name: &str) -> ApiResult<T> {
    let id = request.match_info().get(name);
    id.and_then(|text| text.parse().ok())
        .ok_or_else(|| ApiError::new(ErrorCode::NotFound))
}

impl<T: std::str::FromStr> FromRequest for Id<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(in_path(request, "id").map(Self))
    }
}

impl<T: std::str::FromStr> FromRequest for Sub<T> {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(in_path(request, "user_id").map(Self))
    }
}

impl FromRequest for Day {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(in_path(request, "day").map(Self))
    }
}

/// What every answer carries: no guessing of types, no frames, no caching of what belongs to the caller.
pub async fn security_headers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        );
    }
    Ok(response)
}
