//! The filter grammar: one tree of `and`, `or` and `not` over tests of fields. It serves the search of lists, saved views,
//! bulk actions, exports and segments.
//!
//! [`parse`] reads the JSON tree, [`parameter`] a typed query parameter; both give a [`Filter`] in which every value has its
//! field's type and every relative date has become a day. [`Filter::matches`] is the plain meaning of a filter; the databases
//! must find the same rows.
//!
//! Two-valued: a test of a field that is empty does not hold, its negation does. So `ne`, `not_in`, `not_contains` and
//! `has_none` are true of an empty field.

mod operator;
mod parameter;
mod tree;

pub use operator::{Operator, Period};
pub use parameter::parameter;
pub use tree::parse;

use crate::permission::Module;
use crate::{Date, FieldKind, FieldSet, Proportion, Quantity, Timestamp, UnitPrice, UserId};

/// How deeply `and`, `or` and `not` may be nested.
pub const MAX_DEPTH: usize = 8;
/// How many tests a filter may hold.
pub const MAX_TESTS: usize = 100;
/// How many values a test may name.
pub const MAX_VALUES: usize = 200;
/// How many characters a text in a filter may have.
pub const MAX_TEXT: usize = 200;
/// How many days a relative date may reach back or ahead: a century.
pub const MAX_DAYS: i32 = 36_525;

/// What a filter is written against: the record's fields, and who asks when.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub fields: &'a dyn Fields,
    /// The day that relative dates count from.
    pub today: Date,
    /// Stands for the word `me` in fields that refer to users.
    pub me: Option<UserId>,
}

/// Where fields are looked up: those that a record type declares, and those that administrators add.
pub trait Fields {
    /// The field of this name, if it can be filtered by.
    fn find(&self, name: &str) -> Option<FieldInfo>;
}

/// What a filter needs to know of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    pub name: &'static str,
    pub kind: FieldKind,
    pub optional: bool,
    /// The field counts records of this module, of which the caller may see a part only, asks what one is to the caller, or which of
    /// them the record is a member of.
    pub related: Option<Module>,
}

impl FieldInfo {
    /// Prefix and own name, where it is a field of a record that this one refers to.
    pub fn joined(&self) -> Option<(&'static str, &'static str)> {
        crate::joined::split(self.name, self.related)
    }
}

impl Fields for FieldSet {
    fn find(&self, name: &str) -> Option<FieldInfo> {
        self.get(name).filter(|f| f.filterable).map(|f| FieldInfo {
            name: f.name,
            kind: f.kind,
            optional: f.optional,
            related: f.related,
        })
    }
}

/// A condition on a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All hold; true when there are none.
    And(Vec<Self>),
    /// At least one holds; false when there are none.
    Or(Vec<Self>),
    Not(Box<Self>),
    Test(FieldInfo, Predicate),
}

/// What is asked of one field.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// One of these; false when there are none.
    In(Vec<Scalar>),
    /// Numbers, days and points in time, both ends included.
    Range {
        min: Option<i64>,
        max: Option<i64>,
    },
    /// Anywhere in the text, whatever the case of ASCII letters.
    Contains(String),
    /// At the start of the text, whatever the case of ASCII letters.
    StartsWith(String),
    /// One of these words among the field's, whatever the case of ASCII letters.
    HasAny(Vec<String>),
    Empty,
}

/// A single value: text, also of choices and ids; numbers in the field's smallest unit, days since and microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    Text(String),
    Int(i64),
    Bool(bool),
}

/// What a record holds in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    Empty,
    One(Scalar),
    Words(Vec<String>),
}

/// Why a filter cannot be understood, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// JSON pointer into the tree.
    pub pointer: String,
    /// A code of `errors[]`: `unknown`, `operator`, `type`, `size` or `depth`.
    pub code: &'static str,
    /// What was expected instead.
    pub expected: Option<String>,
}

impl Filter {
    /// What every record fulfils.
    pub const fn all() -> Self {
        Self::And(Vec::new())
    }

    /// Whether a test of this field stands anywhere in it.
    pub fn mentions(&self, name: &str) -> bool {
        self.any_field(&mut |field| field.name == name)
    }

    /// Whether a test's field fulfils this.
    pub fn any_field(&self, f: &mut impl FnMut(&FieldInfo) -> bool) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|p| p.any_field(f)),
            Self::Not(part) => part.any_field(f),
            Self::Test(field, _) => f(field),
        }
    }

    /// How many tests stand in it.
    pub fn tests(&self) -> usize {
        let mut tests = 0;
        self.any_field(&mut |_| {
            tests += 1;
            false
        });
        tests
    }

    /// The values that tests of this field name, wherever they stand.
    pub fn named(&self, name: &str) -> Vec<&Scalar> {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().flat_map(|part| part.named(name)).collect()
            }
            Self::Not(part) => part.named(name),
            Self::Test(field, Predicate::In(values)) if field.name == name => {
                values.iter().collect()
            }
            Self::Test(..) => Vec::new(),
        }
    }

    /// Whether a record fulfils it, given what the record holds in each field.
    pub fn matches(&self, held: &dyn Fn(&str) -> Held) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|p| p.matches(held)),
            Self::Or(parts) => parts.iter().any(|p| p.matches(held)),
            Self::Not(part) => !part.matches(held),
            Self::Test(field, predicate) => predicate.matches(&held(field.name)),
        }
    }
}

impl Predicate {
    fn matches(&self, held: &Held) -> bool {
        match (self, held) {
            (Self::Empty, Held::Empty) => true,
            (Self::Empty, Held::Words(words)) => words.is_empty(),
            (Self::In(values), Held::One(value)) => values.contains(value),
            (Self::In(values), Held::Words(words)) => values
                .iter()
                .any(|v| matches!(v, Scalar::Text(text) if words.contains(text))),
            (Self::Range { min, max }, Held::One(Scalar::Int(number))) => {
                min.is_none_or(|min| min <= *number) && max.is_none_or(|max| *number <= max)
            }
            (Self::Contains(part), Held::One(Scalar::Text(text))) => {
                fold(text).contains(&fold(part))
            }
            (Self::StartsWith(part), Held::One(Scalar::Text(text))) => {
                fold(text).starts_with(&fold(part))
            }
            (Self::HasAny(wanted), Held::Words(words)) => wanted
                .iter()
                .any(|w| words.iter().any(|word| fold(word) == fold(w))),
            _ => false,
        }
    }
}

fn fold(text: &str) -> String {
    text.to_ascii_lowercase()
}

impl FieldKind {
    /// Reads a value of this kind. A bare day as a point in time is the day's start, or its end for `upper`. The error is
    /// what was expected.
    pub fn parse(self, text: &str, upper: bool) -> Result<Scalar, String> {
        match self {
            Self::Tags if text.chars().any(|c| c.is_control() || "\"\\,".contains(c)) => {
                Err("expected a tag".to_owned())
            }
            Self::Text | Self::Link | Self::Dictionary(_) | Self::Tags
                if text.contains('\0') || text.chars().count() > MAX_TEXT =>
            {
                Err(format!("expected at most {MAX_TEXT} characters"))
            }
            Self::Text | Self::Link | Self::Dictionary(_) | Self::Tags => {
                Ok(Scalar::Text(text.to_owned()))
            }
            Self::Choice(choice) | Self::ManyOf(choice) if choice.words.contains(&text) => {
                Ok(Scalar::Text(text.to_owned()))
            }
            Self::Choice(choice) | Self::ManyOf(choice) => {
                Err(format!("expected one of {}", choice.words.join(", ")))
            }
            Self::Reference(_) => text
                .parse::<crate::CustomerId>()
                .map(|id| Scalar::Text(id.to_string()))
                .map_err(|_| "expected a UUID".to_owned()),
            Self::Integer | Self::Money => text
                .parse()
                .map(Scalar::Int)
                .map_err(|_| "expected an integer".to_owned()),
            Self::Quantity => text.parse::<Quantity>().map(|q| Scalar::Int(q.0)),
            Self::UnitPrice => text.parse::<UnitPrice>().map(|p| Scalar::Int(p.0)),
            Self::Proportion => text.parse::<Proportion>().map(|s| Scalar::Int(s.0)),
            Self::Boolean => match text {
                "true" => Ok(Scalar::Bool(true)),
                "false" => Ok(Scalar::Bool(false)),
                _ => Err("expected true or false".to_owned()),
            },
            Self::Date => text
                .parse::<Date>()
                .map(|d| Scalar::Int(i64::from(d.days()))),
            Self::Timestamp => match text.parse::<Date>() {
                Ok(day) if upper => Ok(Scalar::Int(day.plus_days(1).start().micros() - 1)),
                Ok(day) => Ok(Scalar::Int(day.start().micros())),
                Err(_) => text.parse::<Timestamp>().map(|t| Scalar::Int(t.micros())),
            },
        }
    }

    /// What a record's JSON holds in a field of this kind.
    pub fn held(self, value: &serde_json::Value) -> Held {
        use serde_json::Value;

        match value {
            Value::String(text) => self
                .parse(text, false)
                // Texts of records may be longer than those of filters.
                .map_or_else(|_| Held::One(Scalar::Text(text.clone())), Held::One),
            Value::Bool(flag) => Held::One(Scalar::Bool(*flag)),
            Value::Number(number) => number
                .as_i64()
                .map_or(Held::Empty, |n| Held::One(Scalar::Int(n))),
            Value::Array(words) => Held::Words(
                words
                    .iter()
                    .filter_map(|w| w.as_str().map(ToOwned::to_owned))
                    .collect(),
            ),
            Value::Null | Value::Object(_) => Held::Empty,
        }
    }
}

/// How a filter is written: `{"and": […]}`, `{"or": […]}`, `{"not": …}` or a test of one field.
#[cfg(feature = "openapi")]
#[derive(serde::Serialize, utoipa::ToSchema)]
#[schema(no_recursion)]
#[serde(untagged)]
pub enum FilterTree {
    And {
        /// All hold.
        and: Vec<FilterTree>,
    },
    Or {
        /// At least one holds.
        or: Vec<FilterTree>,
    },
    Not {
        not: Box<FilterTree>,
    },
    Test {
        /// A field of the record.
        field: String,
        #[schema(inline)]
        op: Operator,
        /// A value of the field's type; an array for `in`, `not_in`, `between` and `has_…`; a number of days for
        /// `last_days`, `next_days` and `before_days`; a word for `period`; nothing for `empty` and `not_empty`.
        value: Option<serde_json::Value>,
    },
}

#[cfg(test)]
mod tests;
