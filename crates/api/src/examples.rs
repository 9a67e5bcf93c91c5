//! The examples of the OpenAPI document: put together from its schemas, so that they have the shape of what is sent and answered,
//! with the words of `examples.json` as values. There a key is the name of a member, or `Schema.member` where one of that
//! name means something else.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use guanxi_domain::{ErrorCode, Lang};
use guanxi_persistence::{Error, QueryError};
use serde_json::{Map, Value, json};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{Components, Content, RefOr, Response, Schema};

use crate::ApiError;

static WORDS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("examples.json"))
        .unwrap_or_else(|e| unreachable!("examples.json is part of the program: {e}"))
});

/// No schema of ours is nested deeper; one that holds itself ends here.
const DEEPEST: usize = 12;

/// Knows the schemas of the document.
pub struct Examples {
    schemas: Value,
}

/// Where in the document a value stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The schema that the member belongs to.
    owner: &'a str,
    member: &'a str,
    depth: usize,
}

impl Examples {
    pub fn new(components: &Components) -> Self {
        Self {
            schemas: serde_json::to_value(&components.schemas).unwrap_or_default(),
        }
    }

    /// The example of a body or an answer with this schema.
    fn of(&self, schema: &RefOr<Schema>) -> Value {
        let schema = serde_json::to_value(schema).unwrap_or_default();
        self.value(
            &schema,
            Place {
                owner: "",
                member: "",
                depth: 0,
            },
        )
    }

    /// Gives an example to content that has none.
    pub fn fill(&self, media: &str, content: &mut Content) {
        if content.example.is_some() || !content.examples.is_empty() {
            return;
        }
        let Some(schema) = &content.schema else {
            return;
        };
        content.example = Some(match media {
            "application/merge-patch+json" => first_members(self.of(schema)),
            "text/csv" | "application/octet-stream" => json!(CSV),
            "application/gzip" => json!("(the same file, packed with gzip)"),
            media if media.ends_with("json") => self.of(schema),
            _ => json!("ok"),
        });
    }

    /// The example of a parameter.
    pub fn parameter(&self, name: &str, schema: &RefOr<Schema>) -> Value {
        let schema = serde_json::to_value(schema).unwrap_or_default();
        let plain = name
            .strip_suffix("_min")
            .or_else(|| name.strip_suffix("_max"))
            .unwrap_or(name);
        let text = schema["type"] == "string" && schema.get("enum").is_none();
        if text && name == "sort" {
            return schema["default"].clone();
        }
        if text && WORDS.get(plain).is_none_or(|word| !word.is_string()) {
            return self.text_parameter(plain);
        }
        let place = Place {
            owner: "",
            member: plain,
            depth: 0,
        };
        self.value(&schema, place)
    }

    /// A filter's text says by its name what it holds.
    fn text_parameter(&self, name: &str) -> Value {
        if name.ends_with("_at") || name == "at" {
            return json!(TIME);
        }
        if name.ends_with("_on") || name == "birthday" {
            return json!(DATE);
        }
        if let Some(record) = name
            .strip_suffix("_id")
            .or((name == "by").then_some("user"))
        {
            let own: String = record
                .split('_')
                .map(capital)
                .chain(["Id".into()])
                .collect();
            let known = self.schemas.get(&own).is_some();
            return json!(id_of(if known { &own } else { "UserId" }));
        }
        match WORDS.get(name) {
            Some(Value::Number(number)) => json!(number.to_string()),
            Some(Value::Array(words)) => words.first().cloned().unwrap_or_default(),
            _ => json!(name.replace('_', " ")),
        }
    }

    fn value(&self, schema: &Value, place: Place<'_>) -> Value {
        if place.depth > DEEPEST {
            return Value::Null;
        }
        if let Some(word) = word(place).filter(|word| fits(word, schema)) {
            return word.clone();
        }
        if let Some(name) = reference(schema) {
            let owner = if self.schemas[name].get("properties").is_some()
                || self.schemas[name].get("allOf").is_some()
            {
                name
            } else {
                place.owner
            };
            if self.schemas[name]["format"] == "uuid" {
                return json!(id_of(name));
            }
            let place = Place {
                owner,
                depth: place.depth + 1,
                ..place
            };
            return self.value(&self.schemas[name], place);
        }
        let choices = ["oneOf", "anyOf"].iter().find_map(|word| schema.get(word));
        if let Some(choices) = choices.and_then(Value::as_array) {
            return self.one_of(choices, place);
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            let mut whole = Map::new();
            for part in parts {
                if let Value::Object(members) = self.value(part, place) {
                    whole.extend(members);
                }
            }
            return Value::Object(whole);
        }
        self.plain(schema, place)
    }

    /// What may be `null` is, unless there is a word for it, or it is an id or a record of its own.
    fn one_of(&self, choices: &[Value], place: Place<'_>) -> Value {
        let some = choices.iter().find(|choice| choice["type"] != "null");
        let may_be_null = choices.iter().any(|choice| choice["type"] == "null");
        let Some(some) = some else {
            return Value::Null;
        };
        let shown = reference(some).is_some_and(|name| {
            self.schemas[name]["format"] == "uuid" || self.schemas[name].get("properties").is_some()
        });
        match word(place) {
            Some(Value::Null) if may_be_null => Value::Null,
            None if may_be_null && !shown => Value::Null,
            _ => self.value(some, place),
        }
    }

    fn plain(&self, schema: &Value, place: Place<'_>) -> Value {
        if let Some(first) = schema["enum"].get(0) {
            return first.clone();
        }
        for said in ["example", "default"] {
            if let Some(value) = schema.get(said) {
                return value.clone();
            }
        }
        let kind = match &schema["type"] {
            Value::String(kind) => kind.as_str(),
            // `["string", "null"]`
            _ => "null",
        };
        match kind {
            "object" => self.object(schema, place),
            "array" => json!([self.value(&schema["items"], place)]),
            "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            "number" => json!(0.5),
            "boolean" => json!(false),
            "string" => match schema["format"].as_str() {
                Some("date") => json!(DATE),
                Some("date-time") => json!(TIME),
                Some("uuid") => json!(id_of(place.owner)),
                _ => json!(place.member.replace('_', " ")),
            },
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value, place: Place<'_>) -> Value {
        let members = schema["properties"].as_object();
        let members = members.into_iter().flatten().map(|(member, schema)| {
            // What stands beside the items is the page's own.
            let of_page = place.owner.starts_with("Page_") && member != "items";
            let place = Place {
                owner: if of_page {
                    "Page"
                } else {
                    item_of(place.owner)
                },
                member,
                depth: place.depth + 1,
            };
            (member.clone(), self.value(schema, place))
        });
        Value::Object(members.collect())
    }
}

const TIME: &str = "2026-11-21T08:30:00Z";
const DATE: &str = "2026-11-21";
const CSV: &str = "invoice,stock_code,description,quantity,invoice_date,unit_price,customer_id\n\
                   536365,LAMP-01,台灯,6,2026-11-21 08:26,12.99,C000042\n";

/// `Page_Customer` holds customers; the members of a `CustomerInput` are those of a customer.
fn item_of(schema: &str) -> &str {
    let item = schema.strip_prefix("Page_").unwrap_or(schema);
    let item = item.split('_').next().unwrap_or(item);
    item.strip_suffix("Input")
        .or_else(|| item.strip_suffix("Patch"))
        .unwrap_or(item)
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn word(place: Place<'_>) -> Option<&'static Value> {
    let owner = item_of(place.owner);
    WORDS
        .get(&format!("{owner}.{}", place.member))
        .or_else(|| WORDS.get(place.member))
}

/// Whether the schema, as far as it says so itself, takes a word: members of one name differ in type.
fn fits(word: &Value, schema: &Value) -> bool {
    let kind = match word {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let says = |said: &Value| said == kind || (kind == "integer" && said == "number");
    match &schema["type"] {
        Value::Array(types) => types.iter().any(says),
        Value::String(_) if schema.get("enum").is_some() => schema["enum"]
            .as_array()
            .is_some_and(|all| all.contains(word)),
        Value::String(_) if schema["format"].is_string() && kind == "string" => {
            // An id is no free text.
            schema["format"] != "uuid"
        }
        said @ Value::String(_) => says(said),
        // Without a type anything goes, unless what stands in its place says more.
        _ => ["$ref", "oneOf", "anyOf", "allOf"]
            .iter()
            .all(|member| schema.get(member).is_none()),
    }
}

/// A patch names what it changes, and no more.
fn first_members(whole: Value) -> Value {
    let Value::Object(members) = whole else {
        return whole;
    };
    let given = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.take(2).collect())
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The same id for the same kind of record, wherever it is named (FNV-1a of its name).
fn id_of(name: &str) -> String {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("01938a3e-7c00-7000-8000-{:012x}", hash & 0xffff_ffff_ffff)
}

/// What the server answers with a status, one example for each of its codes, in both languages.
pub fn problems(status: &str, response: &mut Response) {
    let codes = ErrorCode::ALL
        .iter()
        .filter(|code| code.status().to_string() == status);
    let mut examples = BTreeMap::new();
    for code in codes {
        for (lang, name) in [(Lang::En, "en"), (Lang::Zh, "zh")] {
            let problem = occasion(*code).problem(lang, "01938a3e7c00700080000000000000aa");
            let example = ExampleBuilder::new()
                .summary(code.title(lang))
                .value(serde_json::to_value(problem).ok());
            examples.insert(
                format!("{}_{name}", code.as_str()),
                RefOr::T(example.build()),
            );
        }
    }
    if let Some(RefOr::T(content)) = response.content.get_mut("application/problem+json") {
        content.examples = examples;
    }
}

/// An error as it comes about.
fn occasion(code: ErrorCode) -> ApiError {
    match code {
        ErrorCode::MalformedJson => ApiError::new(code).detail("line 1, column 12"),
        ErrorCode::UnknownParameter => {
            Error::Query(QueryError::Unknown("colour".to_owned())).into()
        }
        ErrorCode::InvalidParameter => {
            let expected = "expected 1 to 200".to_owned();
            Error::Query(QueryError::Invalid("limit".to_owned(), expected)).into()
        }
        ErrorCode::Forbidden => ApiError::new(code).detail("customers:delete"),
        ErrorCode::Taken => Error::ConflictAt(code, "/email".to_owned()).into(),
        ErrorCode::UnsupportedMediaType => ApiError::new(code).detail("application/json"),
        ErrorCode::Invalid => ApiError::invalid_at("/name", "required"),
        code => ApiError::new(code),
    }
}
