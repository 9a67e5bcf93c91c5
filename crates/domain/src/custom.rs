//! Custom fields: members of records that administrators define while the program runs.
//!
//! A definition is a [`CustomField`]; what a record holds in its fields is a [`Custom`], an object in the record's JSON.
//! [`settle`] holds values to their definitions, [`parse_cell`] reads them from files, and [`fields`] makes them fields like
//! those that the program declares: `custom.KEY` in filters, sorts and columns.

mod cell;
mod field;
mod value;

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

pub use cell::{CellReader, parse_cell};
pub use field::{PREFIX, field, fields};
pub use value::{Broken, Custom, problems, settle, users};

use crate::{CustomFieldId, FieldSet, Timestamp};

/// Characters of a text without a limit of its own.
pub const MAX_TEXT: i64 = 2_000;
/// Choices that a field offers.
const MAX_CHOICES: u64 = 200;

/// The record types that take custom fields, by their fields.
const RECORDS: &[&FieldSet] = &[
    &crate::customer::FIELDS,
    &crate::contact::FIELDS,
    &crate::order::FIELDS,
    &crate::ticket::FIELDS,
];

choice! {
    /// The record types that take custom fields.
    pub enum CustomRecord {
        Customers = "customers", "客户", "Customers";
        Contacts = "contacts", "联系人", "Contacts";
        Orders = "orders", "订单", "Orders";
        Tickets = "tickets", "服务单", "Tickets";
    }
}

impl CustomRecord {
    /// The fields that the program itself declares.
    pub fn fields(self) -> &'static FieldSet {
        RECORDS[self as usize]
    }
}

choice! {
    /// What a custom field holds.
    pub enum CustomKind {
        /// One line.
        Text = "text", "文本", "Text";
        /// Decimal text, at most three decimals.
        Number = "number", "数字", "Number";
        /// Minor units of the currency.
        Money = "money", "金额", "Amount of money";
        Date = "date", "日期", "Date";
        Boolean = "boolean", "是/否", "Yes or no";
        /// The code of a choice.
        Choice = "choice", "单选", "One choice";
        /// The codes of choices, each once.
        Choices = "choices", "多选", "Several choices";
        /// The id of a user.
        User = "user", "用户", "User";
        /// A web address.
        Link = "link", "链接", "Link";
    }
}

impl CustomKind {
    /// Has choices.
    pub const fn chooses(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }

    /// Takes `min` and `max`.
    pub const fn is_bounded(self) -> bool {
        matches!(self, Self::Text | Self::Number | Self::Money)
    }
}

/// A custom field as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomField {
    pub id: CustomFieldId,
    pub version: i64,
    /// Its place among the record type's custom fields, from 0.
    pub position: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(flatten)]
    pub input: CustomFieldInput,
}

/// What people set of a custom field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_settings", skip_on_field_errors = false))]
pub struct CustomFieldInput {
    /// Cannot be changed afterwards.
    pub record: CustomRecord,
    /// The member of `custom`: lower-case letters, digits and `_`. Unique for the record type; cannot be changed afterwards.
    #[validate(length(min = 1, max = 40), custom(function = "check_key"))]
    pub key: String,
    /// Cannot be changed while records hold values.
    pub kind: CustomKind,
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub label_zh: String,
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub label_en: String,
    /// Shown below the field in forms.
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub help_zh: Option<String>,
    #[serde(default)]
    #[validate(length(min = 1, max = 400))]
    pub help_en: Option<String>,
    /// New records need a value, and a value that is there cannot be taken away.
    #[serde(default)]
    pub required: bool,
    /// Offered in forms and lists; values are kept without.
    #[serde(default = "yes")]
    pub active: bool,
    /// For `choice` and `choices`, in the order in which they are offered.
    #[serde(default)]
    #[validate(length(max = "MAX_CHOICES"), nested)]
    pub choices: Vec<CustomChoice>,
    /// For `text` the least number of characters, for `number` the least number, for `money` the least amount in minor units.
    #[serde(default)]
    pub min: Option<i64>,
    /// As `min`, the most.
    #[serde(default)]
    pub max: Option<i64>,
}

/// One of the choices that a field offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomChoice {
    /// What records hold; stays while records hold it.
    #[validate(length(min = 1, max = 40), custom(function = "check_choice_code"))]
    pub code: String,
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub label_zh: String,
    #[validate(
        length(min = 1, max = 80),
        custom(function = "crate::check::check_name")
    )]
    pub label_en: String,
    /// Can be chosen anew.
    #[serde(default = "yes")]
    pub active: bool,
}

/// The order of a record type's custom fields.
#[derive(Clone, Debug, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomFieldOrder {
    pub record: CustomRecord,
    /// All of them, each once, the first leading.
    #[validate(length(max = 500))]
    pub ids: Vec<CustomFieldId>,
}

const fn yes() -> bool {
    true
}

impl CustomFieldInput {
    pub fn label(&self, lang: crate::Lang) -> &str {
        lang.pick(&self.label_zh, &self.label_en)
    }

    pub fn help(&self, lang: crate::Lang) -> Option<&str> {
        lang.pick(&self.help_zh, &self.help_en).as_deref()
    }
}

impl CustomChoice {
    pub fn label(&self, lang: crate::Lang) -> &str {
        lang.pick(&self.label_zh, &self.label_en)
    }
}

/// A key is part of SQL and of JSON pointers: nothing in it may need to be escaped.
fn check_key(key: &str) -> Result<(), ValidationError> {
    let fine = key.starts_with(|c: char| c.is_ascii_lowercase())
        && key
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if fine {
        Ok(())
    } else {
        Err(ValidationError::new("key"))
    }
}

/// Codes stand in parameters, where commas separate them, and in JSON, where quotation marks do.
pub(crate) fn check_choice_code(code: &str) -> Result<(), ValidationError> {
    let fine = code.starts_with(|c: char| c.is_ascii_alphanumeric())
        && code.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'+' | b'.')
        });
    if fine {
        Ok(())
    } else {
        Err(ValidationError::new("choice_code"))
    }
}

/// The settings of a kind fit it.
fn check_settings(input: &CustomFieldInput) -> Result<(), ValidationError> {
    let broken = |code: &'static str, member: &str| {
        let mut error = ValidationError::new(code);
        error.add_param("field".into(), &member);
        Err(error)
    };
    if input.kind.chooses() {
        if input.choices.is_empty() {
            return broken("required", "choices");
        }
        let codes: std::collections::BTreeSet<_> = input.choices.iter().map(|c| &c.code).collect();
        if codes.len() < input.choices.len() {
            return broken("taken", "choices");
        }
    } else if !input.choices.is_empty() {
        return broken("unfitting", "choices");
    }
    if !input.kind.is_bounded() && (input.min.is_some() || input.max.is_some()) {
        return broken("unfitting", if input.min.is_some() { "min" } else { "max" });
    }
    let lengths = 0..=MAX_TEXT;
    if input.kind == CustomKind::Text {
        for (bound, member) in [(input.min, "min"), (input.max, "max")] {
            if bound.is_some_and(|bound| !lengths.contains(&bound)) {
                return broken("bounds", member);
            }
        }
    }
    match (input.min, input.max) {
        (Some(min), Some(max)) if min > max => broken("order", "max"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
