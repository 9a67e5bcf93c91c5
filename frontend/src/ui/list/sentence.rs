//! Conditions as people read them: "阶段 属于 现有、沉睡", "Stage is one of Active, Dormant".

use guanxi_domain::filter::{Operator, Period};
use guanxi_domain::{Date, Field, FieldKind, Lang, Money, Proportion, Timestamp, UnitPrice};
use serde_json::Value;

use super::ListState;
use super::tree::{field_of, op_of, value_of};
use crate::format;
use crate::i18n::{fill, lang, t};
use crate::ui::choice::label_of;

/// A node of a filter in words. Reactive.
pub fn sentence(list: ListState, node: &Value) -> String {
    let group = |word: &str, parts: &[Value]| {
        let parts: Vec<_> = parts.iter().map(|part| sentence(list, part)).collect();
        format!("({})", parts.join(word))
    };
    if let Some(parts) = node.get("and").and_then(Value::as_array) {
        return group(t().list.and, parts);
    }
    if let Some(parts) = node.get("or").and_then(Value::as_array) {
        return group(t().list.or, parts);
    }
    if let Some(part) = node.get("not") {
        return format!("{} {}", t().list.not, sentence(list, part));
    }
    let field = field_of(node).and_then(|name| list.fields().get(name));
    match (field, op_of(node)) {
        (Some(field), Some(op)) => {
            format!(
                "{} {}",
                field.label(lang()),
                predicate(list, field, op, &value_of(node))
            )
        }
        _ => node.to_string(),
    }
}

fn predicate(list: ListState, field: &'static Field, op: Operator, value: &Value) -> String {
    let words = t().list;
    let one = |value: &Value| value_text(list, field, value);
    match op {
        Operator::Empty | Operator::NotEmpty => op.label(lang()).to_owned(),
        Operator::LastDays => fill(words.in_last_days, &[("n", &value.to_string())]),
        Operator::NextDays => fill(words.in_next_days, &[("n", &value.to_string())]),
        Operator::BeforeDays => fill(words.before_days, &[("n", &value.to_string())]),
        Operator::Period => {
            let period = value.as_str().and_then(|word| word.parse::<Period>().ok());
            let label = period.map_or_else(|| value.to_string(), |p| p.label(lang()).to_owned());
            fill(words.in_period, &[("period", &label)])
        }
        Operator::Between => fill(
            words.between,
            &[("from", &one(&value[0])), ("to", &one(&value[1]))],
        ),
        Operator::Eq if field.kind == FieldKind::Boolean || field.named.is_some() => {
            format!("{} {}", words.is, one(value))
        }
        Operator::Ne if field.named.is_some() => format!("{} {}", words.is_not, one(value)),
        // One of a single one: that one.
        Operator::In | Operator::NotIn if value.as_array().is_some_and(|all| all.len() == 1) => {
            let op = if op == Operator::In {
                words.is
            } else {
                words.is_not
            };
            format!("{op} {}", one(&value[0]))
        }
        _ => {
            let text = match value {
                Value::Array(all) => all.iter().map(one).collect::<Vec<_>>().join(words.comma),
                value => one(value),
            };
            format!("{} {text}", op_label(field.kind, op))
        }
    }
}

/// What an operator is called in the builder; days are before and after, not less and more.
pub(super) fn op_label(kind: FieldKind, op: Operator) -> &'static str {
    let words = t().list;
    let is_day = matches!(kind, FieldKind::Date | FieldKind::Timestamp);
    match op {
        Operator::Ge if is_day => words.from_day,
        Operator::Gt if is_day => words.after_day,
        Operator::Le if is_day => words.until_day,
        Operator::Lt if is_day => words.before_day,
        Operator::Eq if is_day => words.on_day,
        Operator::Ne if is_day => words.not_on_day,
        Operator::LastDays => words.last_days,
        Operator::NextDays => words.next_days,
        Operator::BeforeDays => words.days_ago,
        op => op.label(lang()),
    }
}

/// A single value as people read it. Reactive.
pub(super) fn value_text(list: ListState, field: &'static Field, value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Bool(true) => return t().common.yes.to_owned(),
        Value::Bool(false) => return t().common.no.to_owned(),
        Value::Number(number) => {
            return match (field.kind, number.as_i64()) {
                (_, Some(number)) if field.named.is_some() => list.clusters().name_of(number),
                (FieldKind::Money, Some(minor)) => format::money(Money(minor)),
                (_, Some(number)) => list.number(field.name, number),
                _ => number.to_string(),
            };
        }
        Value::Null => return "…".to_owned(),
        other => return other.to_string(),
    };
    match field.kind {
        FieldKind::Choice(choices) | FieldKind::ManyOf(choices) => {
            choices.label(text, lang()).unwrap_or(text).to_owned()
        }
        FieldKind::Dictionary(name) => list.session().dictionary_label(name, text),
        FieldKind::Reference("users") if text == "me" => t().list.me.to_owned(),
        FieldKind::Reference(record) => list.name_of(record, text),
        FieldKind::UnitPrice => text
            .parse::<UnitPrice>()
            .map_or_else(|_| text.to_owned(), format::unit_price),
        FieldKind::Proportion => text
            .parse::<Proportion>()
            .map_or_else(|_| text.to_owned(), format::share),
        FieldKind::Date | FieldKind::Timestamp => day_text(text),
        _ => list
            .options(field.name)
            .map_or_else(|| quoted(text), |options| label_of(options, text)),
    }
}

fn day_text(text: &str) -> String {
    if let Ok(day) = text.get(..10).unwrap_or(text).parse::<Date>() {
        return format::date_short(day);
    }
    text.parse::<Timestamp>()
        .map_or_else(|_| text.to_owned(), format::day_of)
}

fn quoted(text: &str) -> String {
    match lang() {
        Lang::Zh => format!("“{text}”"),
        Lang::En => format!("‘{text}’"),
    }
}
