//! Custom values in the cells of files.

use serde_json::Value;
use validator::ValidationError;

use super::value::{Broken, checked};
use super::{CustomChoice, CustomField, CustomKind};
use crate::UserId;
use crate::import::cell::{parse_money, parse_quantity, parse_time};

/// What a cell can only be read with.
pub struct CellReader<'a> {
    /// Decimals of the deployment's currency.
    pub minor_digits: u8,
    /// Knows users by name or e-mail address.
    pub user: &'a dyn Fn(&str) -> Option<UserId>,
}

/// Reads the text of a cell as a value of the field, as people write it in spreadsheets: choices by code or label in either
/// language, amounts in the currency's unit. An empty cell is `null`.
pub fn parse_cell(
    field: &CustomField,
    text: &str,
    reader: &CellReader<'_>,
) -> Result<Value, Broken> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let definition = &field.input;
    let broken = |code: &'static str| Broken::code(&definition.key, code);
    let value = match definition.kind {
        CustomKind::Text | CustomKind::Link => Value::from(text),
        CustomKind::Number => {
            let number = parse_quantity(text).ok_or_else(|| broken("number"))?;
            Value::from(number.to_string())
        }
        CustomKind::Money => {
            let amount = parse_money(text, reader.minor_digits).ok_or_else(|| broken("number"))?;
            Value::from(amount.0)
        }
        CustomKind::Date => {
            let time = parse_time(text, 0).ok_or_else(|| broken("date"))?;
            Value::from(time.date().to_string())
        }
        CustomKind::Boolean => yes_or_no(text)
            .map(Value::Bool)
            .ok_or_else(|| broken("boolean"))?,
        CustomKind::Choice => code(&definition.choices, text)
            .map(Value::from)
            .ok_or_else(|| broken("choice"))?,
        CustomKind::Choices => text
            .split([',', '，', ';', '；', '、', '|', '\n'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| code(&definition.choices, part).map(Value::from))
            .collect::<Option<_>>()
            .map(Value::Array)
            .ok_or_else(|| broken("choice"))?,
        CustomKind::User => {
            let id = text.parse().ok().or_else(|| (reader.user)(text));
            Value::from(id.ok_or_else(|| broken("reference"))?.as_str())
        }
    };
    checked(definition, None, &value)
        .map_err(|error: ValidationError| Broken::new(&definition.key, error))
}

fn code<'a>(choices: &'a [CustomChoice], text: &str) -> Option<&'a str> {
    let folded = text.to_lowercase();
    let by = |name: fn(&CustomChoice) -> &str| {
        choices
            .iter()
            .find(|choice| name(choice).to_lowercase() == folded)
    };
    by(|c| &c.code)
        .or_else(|| by(|c| &c.label_zh))
        .or_else(|| by(|c| &c.label_en))
        .map(|choice| choice.code.as_str())
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "x" | "是" | "对" | "有" | "√" | "✓" => Some(true),
        "false" | "no" | "n" | "0" | "否" | "不" | "无" | "×" => Some(false),
        _ => None,
    }
}
