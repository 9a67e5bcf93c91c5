//! Reads typed query parameters: `stage=active,lost`, `sales_min=100`, `owner_id=none`.

use super::{Fields, Filter, MAX_VALUES, Predicate, Scalar};
use crate::FieldKind;

/// A query parameter as a filter; `None` if its name is no field's. The error is what was expected.
///
/// `_min` and `_max` bound numbers, days and points in time; other values are separated by commas and any of them will do;
/// `none` and `any` ask whether an optional field is empty.
pub fn parameter(fields: &dyn Fields, name: &str, text: &str) -> Option<Result<Filter, String>> {
    let ranged = |suffix: &str| {
        name.strip_suffix(suffix)
            .and_then(|n| fields.find(n))
            .filter(|f| f.kind.is_range())
    };
    if let Some(field) = ranged("_min") {
        let bound = bound(field.kind, text, false);
        return Some(bound.map(|min| Filter::Test(field, Predicate::Range { min, max: None })));
    }
    if let Some(field) = ranged("_max") {
        let bound = bound(field.kind, text, true);
        return Some(bound.map(|max| Filter::Test(field, Predicate::Range { min: None, max })));
    }
    let field = fields.find(name)?;
    if field.optional && text == "none" {
        return Some(Ok(Filter::Test(field, Predicate::Empty)));
    }
    if field.optional && text == "any" {
        let empty = Filter::Test(field, Predicate::Empty);
        return Some(Ok(Filter::Not(Box::new(empty))));
    }
    let parts: Vec<&str> = text.split(',').collect();
    if parts.len() > MAX_VALUES {
        return Some(Err(format!("expected at most {MAX_VALUES} values")));
    }
    if field.kind == FieldKind::Timestamp {
        return Some(Err(format!("expected {name}_min, {name}_max, none or any")));
    }
    let values = parts
        .iter()
        .map(|part| field.kind.parse(part, false))
        .collect::<Result<Vec<_>, _>>();
    Some(values.map(|values| {
        let predicate = if field.kind.is_many() {
            Predicate::HasAny(parts.iter().map(|p| (*p).to_owned()).collect())
        } else {
            Predicate::In(values)
        };
        Filter::Test(field, predicate)
    }))
}

fn bound(kind: FieldKind, text: &str, upper: bool) -> Result<Option<i64>, String> {
    Ok(match kind.parse(text, upper)? {
        Scalar::Int(number) => Some(number),
        _ => None,
    })
}
