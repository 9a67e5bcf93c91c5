//! What surrounds a handler: the caller's language and address, bodies, `If-Match`, and the middleware that names,
//! counts and logs each request and puts errors into words.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use guanxi_domain::{Checked, ErrorCode, FieldError, Lang, Rules};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::idempotency::{self, Begun};
use crate::{ApiError, ApiResult, App};

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

/// Reads a JSON body of the expected type.
async fn read_json(
    request: HttpRequest,
    payload: Payload,
    media: &'static [&'static str],
) -> ApiResult<Vec<u8>> {
    let content = request.content_type().to_ascii_lowercase();
    if !media.contains(&content.as_str()) {
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType).detail(media.join(", ")));
    }
    let mut payload = web::Payload::from_request(&request, &mut { payload })
        .await
        .map_err(|e| ApiError::internal(&e))?;
    let mut body = Vec::new();
    while let Some(chunk) = futures_util::StreamExt::next(&mut payload).await {
        let chunk = chunk.map_err(|_| ApiError::new(ErrorCode::MalformedJson))?;
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(ApiError::new(ErrorCode::BodyTooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Parses JSON into a type; unknown members and wrong types are named by their pointers.
fn parse<'de, T: DeserializeOwned, D: serde::Deserializer<'de>>(json: D, lang: Lang) -> ApiResult<T>
where
    D::Error: std::fmt::Display,
{
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(json, &mut track);
    let result: Result<T, _> =
        serde_ignored::deserialize(tracked, |path| unknown.push(ignored_pointer(&path)));
    match result {
        Ok(value) if unknown.is_empty() => Ok(value),
        Ok(_) => Err(unknown
            .into_iter()
            .map(|pointer| {
                FieldError::new(
                    pointer,
                    "unknown",
                    ErrorCode::field_message("unknown", lang),
                )
            })
            .collect::<Vec<_>>()
            .into()),
        Err(error) => Err(type_error(&error.to_string(), &pointer_of(&track.path()), lang).into()),
    }
}

fn ignored_pointer(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;

    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => guanxi_domain::pointer(&ignored_pointer(parent), index),
        Path::Map { parent, key } => guanxi_domain::pointer(&ignored_pointer(parent), key),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => ignored_pointer(parent),
    }
}

fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;

    path.iter()
        .fold(String::new(), |base, segment| match segment {
            Segment::Seq { index } => guanxi_domain::pointer(&base, index),
            Segment::Map { key } => guanxi_domain::pointer(&base, key),
            Segment::Enum { .. } | Segment::Unknown => base,
        })
}

/// What serde says, without the value that was sent: it may be a secret.
fn type_error(text: &str, pointer: &str, lang: Lang) -> Vec<FieldError> {
    let quoted = |prefix: &str| {
        text.strip_prefix(prefix)
            .and_then(|rest| rest.split('`').next())
    };
    if let Some(member) = quoted("missing field `") {
        let pointer = guanxi_domain::pointer(pointer, member);
        return vec![FieldError::new(
            pointer,
            "required",
            ErrorCode::field_message("required", lang),
        )];
    }
    let message = match text.split(" at line ").next() {
        // Our own words, which tell what is expected.
        Some(own) if own.starts_with("expected ") => own.to_owned(),
        _ => match text.split(", expected ").nth(1) {
            Some(expected) => {
                let expected = expected.split(" at line ").next().unwrap_or_default();
                format!(
                    "{}: expected {expected}",
                    ErrorCode::field_message("type", lang)
                )
            }
            None => ErrorCode::field_message("type", lang).to_owned(),
        },
    };
    vec![FieldError::new(pointer, "type", message)]
}

fn parse_bytes<T: DeserializeOwned>(body: &[u8], lang: Lang) -> ApiResult<T> {
    // Told apart first: what is no JSON is 400, what is JSON of another shape 422.
    let value: Value = serde_json::from_slice(body).map_err(|e| {
        ApiError::new(ErrorCode::MalformedJson).detail(format!(
            "line {}, column {}",
            e.line(),
            e.column()
        ))
    })?;
    parse(value, lang)
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// Reads a JSON body of this type.
pub async fn json_body<T: DeserializeOwned>(
    request: HttpRequest,
    payload: Payload,
) -> ApiResult<T> {
    let lang = Caller::of(&request).lang;
    let body = read_json(request, payload, &["application/json"]).await?;
    parse_bytes(&body, lang)
}

/// A JSON body whose rules have been checked.
pub struct Body<T>(pub Checked<T>);

impl<T: DeserializeOwned + Rules + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = BoxFuture<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let lang = Caller::of(&request).lang;
            let body = read_json(request, payload, &["application/json"]).await?;
            Ok(Self(parse_bytes::<T>(&body, lang)?.checked(lang)?))
        })
    }
}

/// As [`Body`], together with the JSON itself, where it matters what was left out.
pub struct RawBody<T> {
    pub input: Checked<T>,
    pub json: Value,
}

impl<T: DeserializeOwned + Rules + 'static> FromRequest for RawBody<T> {
    type Error = ApiError;
    type Future = BoxFuture<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let lang = Caller::of(&request).lang;
            let body = read_json(request, payload, &["application/json"]).await?;
            let input = parse_bytes::<T>(&body, lang)?.checked(lang)?;
            Ok(Self {
                input,
                json: serde_json::from_slice(&body).unwrap_or_default(),
            })
        })
    }
}

/// A JSON body without rules of its own; empty means the default.
pub struct Plain<T>(pub T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for Plain<T> {
    type Error = ApiError;
    type Future = BoxFuture<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let lang = Caller::of(&request).lang;
            if request.headers().get(header::CONTENT_TYPE).is_none() {
                return Ok(Self(T::default()));
            }
            let body = read_json(request, payload, &["application/json"]).await?;
            if body.is_empty() {
                Ok(Self(T::default()))
            } else {
                parse_bytes(&body, lang).map(Self)
            }
        })
    }
}

/// A JSON merge patch (RFC 7396).
pub struct Patch {
    json: Value,
    lang: Lang,
    /// A member that is replaced whole, though it is an object.
    whole: Option<&'static str>,
}

impl FromRequest for Patch {
    type Error = ApiError;
    type Future = BoxFuture<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let lang = Caller::of(&request).lang;
            let body = read_json(
                request,
                payload,
                &["application/merge-patch+json", "application/json"],
            )
            .await?;
            let json: Value = parse_bytes(&body, lang)?;
            if !json.is_object() {
                return Err(ApiError::invalid_at("", "type"));
            }
            Ok(Self::new(json, lang))
        })
    }
}

impl Patch {
    pub const fn new(json: Value, lang: Lang) -> Self {
        Self {
            json,
            lang,
            whole: None,
        }
    }

    /// This member is replaced whole, though it is an object.
    #[must_use]
    pub const fn replacing(mut self, member: &'static str) -> Self {
        self.whole = Some(member);
        self
    }

    /// The old input with the patch on top, its rules checked.
    pub fn apply<T: Serialize + DeserializeOwned + Rules>(&self, old: &T) -> ApiResult<Checked<T>> {
        let mut merged = serde_json::to_value(old).map_err(|e| ApiError::internal(&e))?;
        if let Some(member) = self.whole.filter(|m| self.json.get(m).is_some()) {
            merged[member] = Value::Null;
        }
        merge(&mut merged, &self.json);
        Ok(parse::<T, _>(merged, self.lang)?.checked(self.lang)?)
    }
}

fn merge(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                match target.get_mut(name) {
                    Some(old) if old.is_object() && value.is_object() => merge(old, value),
                    _ => {
                        target.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        (target, patch) => *target = patch.clone(),
    }
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
            .example(Some(Value::from("\"1\"")));
        vec![parameter.build()]
    }
}

/// An id in the path; what is no id is no record.
pub struct Id<T>(pub T);

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

#[cfg(test)]
mod tests {
    use guanxi_domain::customer::CustomerInput;
    use serde_json::json;

    use super::*;

    fn apply(old: &CustomerInput, patch: Value) -> Result<CustomerInput, Vec<(String, String)>> {
        let patch = Patch::new(patch, Lang::En);
        patch.apply(old).map(Checked::into_inner).map_err(|e| {
            e.problem(Lang::En, "")
                .errors
                .into_iter()
                .map(|f| (f.pointer, f.code))
                .collect()
        })
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let mut old = CustomerInput::named("Old");
        old.phone = Some("13800138000".into());
        old.company.bank = Some("ICBC".into());
        let new = apply(
            &old,
            json!({"name": "New", "phone": null, "company": {"tax_number": "91A"}}),
        )
        .expect("good");
        assert_eq!((new.name.as_str(), new.phone), ("New", None));
        assert_eq!(
            (
                new.company.bank.as_deref(),
                new.company.tax_number.as_deref()
            ),
            (Some("ICBC"), Some("91A"))
        );
    }

    #[test]
    fn what_is_wrong_is_named_by_its_pointer() {
        let old = CustomerInput::named("Old");
        let at = |patch| apply(&old, patch).expect_err("bad");
        assert_eq!(
            at(json!({"colour": 1})),
            [("/colour".to_owned(), "unknown".to_owned())]
        );
        assert_eq!(
            at(json!({"company": {"colour": 1}})),
            [("/company/colour".to_owned(), "unknown".to_owned())]
        );
        assert_eq!(
            at(json!({"stage": "asleep"})),
            [("/stage".to_owned(), "type".to_owned())]
        );
        assert_eq!(
            at(json!({"name": ""})),
            [("/name".to_owned(), "required".to_owned())]
        );
        assert_eq!(
            at(json!({"tags": ["a", 2]})),
            [("/tags/1".to_owned(), "type".to_owned())]
        );
    }

    #[test]
    fn values_are_not_echoed() {
        let errors = type_error(
            "invalid type: string \"secret\", expected i64 at line 1 column 2",
            "/a",
            Lang::En,
        );
        assert!(!errors[0].message.contains("secret"));
    }
}
