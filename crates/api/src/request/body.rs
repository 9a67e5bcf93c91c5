//! Bodies of requests: JSON read within bounds, unknown members and wrong types named by their pointers, and merge patches.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use guanxi_domain::{Checked, ErrorCode, FieldError, Lang, Rules};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{BODY_LIMIT, Caller};
use crate::{ApiError, ApiResult, expected};

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
    let text = text.split(" at line ").next().unwrap_or_default();
    let message = if text.starts_with("expected ") {
        // Our own words, which tell what is expected.
        expected::message(text, lang)
    } else {
        let wrong = ErrorCode::field_message("type", lang);
        match text.split_once(", expected ") {
            Some((_, what)) => format!(
                "{wrong}{}{}",
                lang.pick("：", ": "),
                expected::message(&format!("expected {what}"), lang)
            ),
            None => wrong.to_owned(),
        }
    };
    vec![FieldError::new(pointer, "type", message)]
}

fn parse_bytes<T: DeserializeOwned>(body: &[u8], lang: Lang) -> ApiResult<T> {
    // Told apart first: what is no JSON is 400, what is JSON of another shape 422.
    let value: Value = serde_json::from_slice(body).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        ApiError::new(ErrorCode::MalformedJson).detail(match lang {
            Lang::Zh => format!("第 {line} 行，第 {column} 列"),
            Lang::En => format!("line {line}, column {column}"),
        })
    })?;
    // Serde takes an array for an object, its members by their places.
    if value.is_array() {
        return Err(type_error(", expected an object", "", lang).into());
    }
    if let Some(pointer) = null_character(&value) {
        return Err(ApiError::invalid_at(pointer, "characters"));
    }
    parse(value, lang)
}

/// Where a text has a U+0000: JSON can say it, PostgreSQL cannot store it.
fn null_character(value: &Value) -> Option<String> {
    let below = |name: &dyn std::fmt::Display, value| {
        let pointer = null_character(value)?;
        Some(format!("{}{pointer}", guanxi_domain::pointer("", name)))
    };
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(all) => all.iter().enumerate().find_map(|(i, one)| below(&i, one)),
        Value::Object(members) => members.iter().find_map(|(name, one)| below(name, one)),
        _ => None,
    }
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

/// Reads a JSON body of this type and checks its rules. Also the body as it was sent.
async fn checked_body<T: DeserializeOwned + Rules>(
    request: HttpRequest,
    payload: Payload,
) -> ApiResult<(Checked<T>, Vec<u8>)> {
    let lang = Caller::of(&request).lang;
    let body = read_json(request, payload, &["application/json"]).await?;
    let input = parse_bytes::<T>(&body, lang)?.checked(lang)?;
    Ok((input, body))
}

/// A JSON body whose rules have been checked.
pub struct Body<T>(pub Checked<T>);

impl<T: DeserializeOwned + Rules + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = BoxFuture<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = checked_body(request.clone(), payload.take());
        Box::pin(async move { Ok(Self(read.await?.0)) })
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
        let read = checked_body(request.clone(), payload.take());
        Box::pin(async move {
            let (input, body) = read.await?;
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
