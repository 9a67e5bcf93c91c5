//! The filter of a list: the JSON tree as the API takes it, in pieces that the bar and the builder work on.

use guanxi_domain::filter::Operator;
use guanxi_domain::{Field, FieldKind, FieldSet};
use serde_json::{Value, json};

/// What an operator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    One,
    Two,
    Many,
    /// A number of days.
    Days,
    Period,
}

pub const fn takes(op: Operator) -> Takes {
    match op {
        Operator::Empty | Operator::NotEmpty => Takes::Nothing,
        Operator::In
        | Operator::NotIn
        | Operator::HasAny
        | Operator::HasAll
        | Operator::HasNone => Takes::Many,
        Operator::Between => Takes::Two,
        Operator::LastDays | Operator::NextDays | Operator::BeforeDays => Takes::Days,
        Operator::Period => Takes::Period,
        _ => Takes::One,
    }
}

pub fn test(field: &str, op: Operator, value: Value) -> Value {
    if takes(op) == Takes::Nothing {
        json!({ "field": field, "op": op })
    } else {
        json!({ "field": field, "op": op, "value": value })
    }
}

pub fn field_of(node: &Value) -> Option<&str> {
    node.get("field")?.as_str()
}

pub fn op_of(node: &Value) -> Option<Operator> {
    node.get("op")?.as_str()?.parse().ok()
}

pub fn value_of(node: &Value) -> Value {
    node.get("value").cloned().unwrap_or(Value::Null)
}

/// Whether a value says all that the operator asks for.
pub fn is_complete(op: Operator, value: &Value) -> bool {
    let said = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    };
    match takes(op) {
        Takes::Nothing => true,
        Takes::Many => value.as_array().is_some_and(|all| !all.is_empty()),
        Takes::Two => value
            .as_array()
            .is_some_and(|ends| ends.len() == 2 && ends.iter().all(said)),
        Takes::One | Takes::Days | Takes::Period => said(value),
    }
}

/// The conditions that all have to hold.
pub fn conjuncts(tree: &Value) -> Vec<Value> {
    match tree.get("and").and_then(Value::as_array) {
        Some(parts) => parts.clone(),
        None if tree.is_null() => Vec::new(),
        None => vec![tree.clone()],
    }
}

/// The tree of conditions that all have to hold; null when there are none.
pub fn of_conjuncts(mut parts: Vec<Value>) -> Value {
    match parts.len() {
        0 => Value::Null,
        1 => parts.remove(0),
        _ => json!({ "and": parts }),
    }
}

/// A typed query parameter of a list (`stage=active,dormant`, `sales_min=100`) as a test.
pub fn of_parameter(fields: &FieldSet, name: &str, value: &str) -> Option<Value> {
    let filterable = |name: &str| fields.get(name).filter(|field| field.filterable);
    if let Some(field) = filterable(name) {
        return Some(match value {
            "none" => test(name, Operator::Empty, Value::Null),
            "any" => test(name, Operator::NotEmpty, Value::Null),
            _ => exact(field, value),
        });
    }
    [("_min", Operator::Ge), ("_max", Operator::Le)]
        .into_iter()
        .find_map(|(suffix, op)| {
            let field = filterable(name.strip_suffix(suffix)?)?;
            Some(test(field.name, op, scalar(field.kind, value)))
        })
}

fn exact(field: &Field, value: &str) -> Value {
    match field.kind {
        FieldKind::Boolean => test(field.name, Operator::Eq, Value::Bool(value == "true")),
        kind if kind.is_many() => test(field.name, Operator::HasAny, words(value)),
        kind if kind.is_range() => test(field.name, Operator::Eq, scalar(kind, value)),
        _ => test(field.name, Operator::In, words(value)),
    }
}

fn words(value: &str) -> Value {
    value.split(',').map(Value::from).collect()
}

fn scalar(kind: FieldKind, text: &str) -> Value {
    match kind {
        FieldKind::Integer | FieldKind::Money => text
            .parse::<i64>()
            .map_or_else(|_| Value::from(text), Value::from),
        _ => Value::from(text),
    }
}

/// The conditions as typed query parameters, for lists that take no tree. Conditions that have none are left out.
pub fn to_parameters(conjuncts: &[Value]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for node in conjuncts {
        let (Some(field), Some(op)) = (field_of(node), op_of(node)) else {
            continue;
        };
        let value = value_of(node);
        match op {
            Operator::Empty => all.push((field.to_owned(), "none".to_owned())),
            Operator::NotEmpty => all.push((field.to_owned(), "any".to_owned())),
            Operator::Ge => all.push((format!("{field}_min"), plain(&value))),
            Operator::Le => all.push((format!("{field}_max"), plain(&value))),
            Operator::Between => {
                all.push((format!("{field}_min"), plain(&value[0])));
                all.push((format!("{field}_max"), plain(&value[1])));
            }
            Operator::Eq | Operator::In | Operator::HasAny => {
                all.push((field.to_owned(), plain(&value)));
            }
            _ => {}
        }
    }
    all
}

/// The operators for which a list without trees has a typed parameter.
pub const fn has_parameter(op: Operator) -> bool {
    matches!(
        op,
        Operator::Empty
            | Operator::NotEmpty
            | Operator::Ge
            | Operator::Le
            | Operator::Between
            | Operator::Eq
            | Operator::In
            | Operator::HasAny
    )
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use guanxi_domain::customer::FIELDS;

    use super::*;

    #[test]
    fn old_links_are_understood_and_a_list_without_trees_gets_its_parameters_back() {
        for (name, value, node) in [
            (
                "stage",
                "active,dormant",
                json!({"field": "stage", "op": "in", "value": ["active", "dormant"]}),
            ),
            (
                "owner_id",
                "none",
                json!({"field": "owner_id", "op": "empty"}),
            ),
            (
                "sales_min",
                "12500",
                json!({"field": "sales", "op": "ge", "value": 12_500}),
            ),
            (
                "blacklisted",
                "true",
                json!({"field": "blacklisted", "op": "eq", "value": true}),
            ),
            (
                "last_order_on_max",
                "2026-11-21",
                json!({"field": "last_order_on", "op": "le", "value": "2026-11-21"}),
            ),
        ] {
            let read = of_parameter(&FIELDS, name, value);
            assert_eq!(read, Some(node), "{name}={value}");
            let parts: Vec<_> = read.into_iter().collect();
            assert_eq!(
                to_parameters(&parts),
                [(name.to_owned(), value.to_owned())],
                "{name}"
            );
        }
        assert_eq!(of_parameter(&FIELDS, "tab", "orders"), None);
        assert_eq!(of_parameter(&FIELDS, "utm_min", "1"), None);
    }

    #[test]
    fn conditions_come_apart_and_together() {
        let one = json!({"field": "name", "op": "contains", "value": "a"});
        let either = json!({"or": [one]});
        for parts in [vec![], vec![either.clone()], vec![one.clone(), either]] {
            assert_eq!(conjuncts(&of_conjuncts(parts.clone())), parts);
        }
    }

    #[test]
    fn half_written_conditions_are_told_from_whole_ones() {
        assert!(is_complete(Operator::Empty, &Value::Null));
        assert!(!is_complete(Operator::In, &json!([])));
        assert!(!is_complete(Operator::Between, &json!([1, null])));
        assert!(is_complete(Operator::Between, &json!([1, 2])));
        assert!(!is_complete(Operator::Contains, &json!(" ")));
        assert!(is_complete(Operator::Eq, &json!(false)));
    }
}
