//! The values of custom fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use validator::ValidationError;

use super::{CustomField, CustomFieldInput, CustomKind, MAX_TEXT};
use crate::check::{self, message};
use crate::{Date, FieldError, Lang, Quantity, UserId, pointer};

/// Numbers have at most fifteen digits, three of them decimals: so many every database and browser keeps exactly.
const MAX_NUMBER: i64 = 999_999_999_999_999;
/// The largest whole number that a browser keeps exactly.
const MAX_MONEY: i64 = 9_007_199_254_740_991;
/// Characters of a web address.
const MAX_LINK: u64 = 500;

/// What a record holds in its custom fields: an object by their keys. A field without a value is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Custom(BTreeMap<String, Value>);

impl Custom {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Sets a value; `null` takes it away.
    pub fn set(&mut self, key: &str, value: Value) {
        if value.is_null() {
            self.0.remove(key);
        } else {
            self.0.insert(key.to_owned(), value);
        }
    }
}

impl<'de> Deserialize<'de> for Custom {
    /// `null` says that there is no value: for a member, and for all of them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values: Option<BTreeMap<String, Value>> = Option::deserialize(deserializer)?;
        let mut values = values.unwrap_or_default();
        values.retain(|_, value| !value.is_null());
        Ok(Self(values))
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Custom {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Type};

        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .description(Some(
                "Values of custom fields by their keys; `GET /custom-fields` says which there are and what each holds",
            ))
            .examples([serde_json::json!({})])
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Custom {}

/// A value that does not fit its definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    key: String,
    error: ValidationError,
}

impl Broken {
    pub(super) fn new(key: &str, error: ValidationError) -> Self {
        Self {
            key: key.to_owned(),
            error,
        }
    }

    pub(super) fn code(key: &str, code: &'static str) -> Self {
        Self::new(key, ValidationError::new(code))
    }

    /// A user who does not exist, or may not be named any more.
    pub fn no_such_user(key: &str) -> Self {
        Self::code(key, "reference")
    }

    pub fn in_words(&self, lang: Lang) -> FieldError {
        FieldError::new(
            pointer("/custom", &self.key),
            &self.error.code,
            message(&self.error, lang),
        )
    }
}

/// The values as they are kept: each as its definition wants it, in one way of writing.
///
/// `old` is what the record holds already: that may stay, also where nobody could write it any more because a field or a
/// choice has been retired, or a field has become required. Without it the record is a new one.
pub fn settle<'a>(
    definitions: impl IntoIterator<Item = &'a CustomField>,
    old: Option<&Custom>,
    new: &Custom,
) -> Result<Custom, Vec<Broken>> {
    let (mut settled, mut broken) = (Custom::default(), Vec::new());
    let mut known = Vec::new();
    for definition in definitions {
        let definition = &definition.input;
        let key = definition.key.as_str();
        known.push(key);
        let before = old.and_then(|old| old.get(key));
        match new.get(key) {
            Some(value) if Some(value) == before => settled.set(key, value.clone()),
            None => {
                let needed = old.is_none() || before.is_some();
                if definition.required && definition.active && needed {
                    broken.push(Broken::code(key, "required"));
                }
            }
            Some(_) if !definition.active => broken.push(Broken::code(key, "retired")),
            Some(value) => match checked(definition, before, value) {
                Ok(value) => settled.set(key, value),
                Err(error) => broken.push(Broken::new(key, error)),
            },
        }
    }
    let unknown = new.0.keys().filter(|key| !known.contains(&key.as_str()));
    broken.extend(unknown.map(|key| Broken::code(key, "unknown")));
    if broken.is_empty() {
        Ok(settled)
    } else {
        Err(broken)
    }
}

/// What is wrong with the values, for people.
pub fn problems<'a>(
    definitions: impl IntoIterator<Item = &'a CustomField>,
    old: Option<&Custom>,
    new: &Custom,
    lang: Lang,
) -> Vec<FieldError> {
    match settle(definitions, old, new) {
        Ok(_) => Vec::new(),
        Err(broken) => broken.iter().map(|b| b.in_words(lang)).collect(),
    }
}

/// The users that are named anew: key and id. Whether there are such users the database alone can tell.
pub fn users<'a>(
    definitions: impl IntoIterator<Item = &'a CustomField>,
    old: Option<&Custom>,
    new: &Custom,
) -> Vec<(&'a str, UserId)> {
    definitions
        .into_iter()
        .filter(|definition| definition.input.kind == CustomKind::User)
        .filter_map(|definition| {
            let key = definition.input.key.as_str();
            let value = new.get(key)?;
            let kept = old.and_then(|old| old.get(key)) == Some(value);
            (!kept).then_some(())?;
            Some((key, value.as_str()?.parse().ok()?))
        })
        .collect()
}

fn error(code: &'static str) -> ValidationError {
    ValidationError::new(code)
}

/// A value as its definition wants it.
pub(super) fn checked(
    definition: &CustomFieldInput,
    before: Option<&Value>,
    value: &Value,
) -> Result<Value, ValidationError> {
    let text = || value.as_str().ok_or_else(|| error("type"));
    match definition.kind {
        CustomKind::Text => one_line(definition, text()?).map(Value::from),
        CustomKind::Number => {
            let written = match value {
                Value::Number(number) => number.to_string(),
                _ => text()?.to_owned(),
            };
            let number: Quantity = written.parse().map_err(|_| error("number"))?;
            if number.0.unsigned_abs() > MAX_NUMBER.unsigned_abs() {
                return Err(error("overflow"));
            }
            let thousandths = |bound: i64| bound.saturating_mul(1_000);
            let fine = definition.min.is_none_or(|m| thousandths(m) <= number.0)
                && definition.max.is_none_or(|m| number.0 <= thousandths(m));
            if !fine {
                return Err(within(definition, "range"));
            }
            Ok(Value::from(number.to_string()))
        }
        CustomKind::Money => {
            let amount = value.as_i64().ok_or_else(|| error("type"))?;
            let fine = definition.min.is_none_or(|min| min <= amount)
                && definition.max.is_none_or(|max| amount <= max);
            if !fine {
                // The bounds are minor units, which people do not read.
                return Err(error("range"));
            }
            if amount.unsigned_abs() > MAX_MONEY.unsigned_abs() {
                return Err(error("overflow"));
            }
            Ok(value.clone())
        }
        CustomKind::Date => {
            let date: Date = text()?.parse().map_err(|_| error("date"))?;
            if (1..=9999).contains(&date.year()) {
                Ok(Value::from(date.to_string()))
            } else {
                Err(error("date"))
            }
        }
        CustomKind::Boolean if value.is_boolean() => Ok(value.clone()),
        CustomKind::Boolean => Err(error("type")),
        CustomKind::Choice => {
            let code = text()?;
            choosable(definition, code, |_| false)?;
            Ok(Value::from(code))
        }
        CustomKind::Choices => several(definition, before, value),
        CustomKind::User => {
            let id: UserId = text()?.parse().map_err(|_| error("reference"))?;
            Ok(Value::from(id.as_str()))
        }
        CustomKind::Link => {
            let link = text()?.trim();
            check::check_website(link)?;
            if link.chars().count() as u64 > MAX_LINK {
                let mut error = error("length");
                error.add_param("max".into(), &MAX_LINK);
                return Err(error);
            }
            Ok(Value::from(link))
        }
    }
}

/// The rule with the definition's bounds, for its message.
fn within(definition: &CustomFieldInput, code: &'static str) -> ValidationError {
    let mut error = error(code);
    for (name, bound) in [("min", definition.min), ("max", definition.max)] {
        if let Some(bound) = bound {
            error.add_param(name.into(), &bound);
        }
    }
    error
}

fn one_line<'a>(definition: &CustomFieldInput, text: &'a str) -> Result<&'a str, ValidationError> {
    let text = text.trim();
    check::check_name(text)?;
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let max = definition.max.unwrap_or(MAX_TEXT);
    if definition.min.is_some_and(|min| length < min) || length > max {
        let mut error = within(definition, "length");
        error.add_param("max".into(), &max);
        return Err(error);
    }
    Ok(text)
}

/// The code is one of the field's, and can be chosen or was before.
fn choosable(
    definition: &CustomFieldInput,
    code: &str,
    held: impl Fn(&str) -> bool,
) -> Result<(), ValidationError> {
    let choice = definition.choices.iter().find(|c| c.code == code);
    match choice {
        None => Err(error("choice")),
        Some(choice) if choice.active || held(code) => Ok(()),
        Some(_) => Err(error("retired_choice")),
    }
}

/// In the order of the definition, each once.
fn several(
    definition: &CustomFieldInput,
    before: Option<&Value>,
    value: &Value,
) -> Result<Value, ValidationError> {
    let codes = value.as_array().ok_or_else(|| error("type"))?;
    let held = |code: &str| {
        before
            .and_then(Value::as_array)
            .is_some_and(|held| held.iter().any(|h| h == code))
    };
    for code in codes {
        let code = code.as_str().ok_or_else(|| error("type"))?;
        choosable(definition, code, held)?;
    }
    let chosen: Vec<Value> = definition
        .choices
        .iter()
        .filter(|choice| codes.iter().any(|code| *code == choice.code))
        .map(|choice| Value::from(choice.code.as_str()))
        .collect();
    // None is no value, as it is for every other kind.
    if chosen.is_empty() {
        return if definition.required {
            Err(error("required"))
        } else {
            Ok(Value::Null)
        };
    }
    Ok(Value::Array(chosen))
}
