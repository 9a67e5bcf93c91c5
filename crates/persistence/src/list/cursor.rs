//! Cursors: the place of the last row of a page, from which the next one goes on.

use guanxi_domain::{Field, FieldKind};

use super::{LEAST, ListQuery, ListSpec, QueryError};
use crate::condition::{Condition, Op, OrderKey, Value};
use crate::filter::bound;
use crate::hex::{hex, unhex};
use crate::member::Test;
use crate::{Error, Result};

impl ListSpec {
    pub(super) fn cursor<T: serde::Serialize>(
        &self,
        query: &ListQuery,
        last: &T,
    ) -> Result<String> {
        let item = serde_json::to_value(last)?;
        let keys = query.sort.iter();
        let mut values: Vec<serde_json::Value> =
            keys.map(|key| key.field.value(&item).clone()).collect();
        values.push(item.get(self.id).cloned().unwrap_or_default());
        let text = serde_json::to_string(&(format!("{:x}", query.fingerprint), values))?;
        Ok(hex(text.as_bytes()))
    }

    /// The rows after the cursor's.
    pub(super) fn after(query: &ListQuery, keys: &[OrderKey], cursor: &str) -> Result<Condition> {
        let invalid = || Error::Query(QueryError::Cursor);
        let bytes = unhex(cursor).ok_or_else(invalid)?;
        let (fingerprint, values): (String, Vec<serde_json::Value>) =
            serde_json::from_slice(&bytes).map_err(|_| invalid())?;
        if fingerprint != format!("{:x}", query.fingerprint) || values.len() != keys.len() {
            return Err(invalid());
        }
        let fields = query.sort.iter().map(|k| Some(k.field)).chain([None]);
        let mut bound: Vec<Option<Value>> = Vec::with_capacity(keys.len());
        for ((value, field), key) in values.iter().zip(fields).zip(keys) {
            bound.push(match value {
                serde_json::Value::Null if key.nullable => None,
                serde_json::Value::Null if field.is_some_and(|f| f.optional) => {
                    Some(Value::Int(LEAST))
                }
                value => Some(cursor_value(field, value).ok_or_else(invalid)?),
            });
        }
        Ok(after_row(keys, &bound))
    }
}

/// A value from a cursor, as its column holds it; `None` if it is none. Without a field it is the one that breaks ties.
pub(super) fn cursor_value(field: Option<&Field>, value: &serde_json::Value) -> Option<Value> {
    match (value, field.map(|f| (f.kind, f.ranked))) {
        (serde_json::Value::String(word), Some((FieldKind::Choice(choice), true))) => {
            let rank = choice.words.iter().position(|w| w == word)?;
            i64::try_from(rank).ok().map(Value::Int)
        }
        (serde_json::Value::String(text), field) => {
            let kind = field.map_or(FieldKind::Text, |(kind, _)| kind);
            let scalar = kind.parse(text, false).ok()?;
            Some(bound(kind, &scalar))
        }
        (serde_json::Value::Bool(flag), Some((FieldKind::Boolean, _))) => Some(Value::Bool(*flag)),
        // Ranks and counts stand as numbers, also where the column that breaks ties is one.
        (serde_json::Value::Number(number), _) => number.as_i64().map(Value::Int),
        _ => None,
    }
}

/// The rows that come after one with these values.
fn after_row(keys: &[OrderKey], values: &[Option<Value>]) -> Condition {
    let beyond = |key: &OrderKey| if key.descending { Op::Lt } else { Op::Gt };
    let uniform = keys
        .iter()
        .all(|k| !k.nullable && k.descending == keys[0].descending);
    let columns = || keys.iter().map(|k| k.by.column()).collect();
    if uniform
        && let Some(values) = values.iter().cloned().collect::<Option<Vec<_>>>()
        && let Some(columns) = columns()
    {
        return Condition::CompareRow(columns, beyond(&keys[0]), values);
    }
    let mut any = Vec::new();
    for (i, (key, value)) in keys.iter().zip(values).enumerate() {
        let mut all: Vec<Condition> = keys[..i]
            .iter()
            .zip(values)
            .map(|(k, v)| match v {
                Some(v) => k.by.holds(Test::Compare(Op::Eq, v.clone())),
                None => k.by.holds(Test::IsNull),
            })
            .collect();
        match value {
            // Empty comes last: nothing is beyond it.
            None => continue,
            Some(v) if key.nullable => all.push(Condition::Or(vec![
                key.by.holds(Test::Compare(beyond(key), v.clone())),
                key.by.holds(Test::IsNull),
            ])),
            Some(v) => all.push(key.by.holds(Test::Compare(beyond(key), v.clone()))),
        }
        any.push(Condition::And(all));
    }
    // The bound on the first key alone says nothing new, but lets an index begin at the right place.
    let first = match (&keys[0], &values[0]) {
        (key, Some(value)) if !key.nullable => {
            let op = if key.descending { Op::Le } else { Op::Ge };
            key.by.holds(Test::Compare(op, value.clone()))
        }
        _ => Condition::Always,
    };
    first.and(Condition::Or(any))
}
