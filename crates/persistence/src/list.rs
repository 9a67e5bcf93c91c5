//! Lists: one machinery for filter, sort, page, count and scope, driven by the record's fields.

use guanxi_domain::{
    Date, Field, FieldKind, FieldSet, Page, Quantity, SortKey, Timestamp, UnitPrice,
};

use crate::condition::{Column, Condition, Op, OrderKey, Ordering, Value};
use crate::search::{self, Source};
use crate::{AnyConnection, Error, Result};

/// A query parameter that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("unknown parameter {0}")]
    Unknown(String),
    /// Name, and what was expected.
    #[error("{0}: {1}")]
    Invalid(String, String),
    #[error("the cursor is not valid")]
    Cursor,
}

/// A filter on one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    pub field: &'static str,
    pub test: Test,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    OneOf(Vec<Value>),
    Min(Value),
    Max(Value),
    Empty,
    NotEmpty,
    /// Tags: one of these.
    HasTag(Vec<String>),
}

/// What a caller asks of a list.
#[derive(Clone, Debug)]
pub struct ListQuery {
    pub limit: i64,
    pub cursor: Option<String>,
    pub sort: Vec<SortKey>,
    pub filters: Vec<Filter>,
    pub q: Option<String>,
    pub with_total: bool,
    /// Identifies sort and filters: a cursor is good for no others.
    fingerprint: u64,
}

pub const DEFAULT_LIMIT: i64 = 50;
pub const MAX_LIMIT: i64 = 200;

impl ListQuery {
    /// From the decoded pairs of a query string.
    pub fn parse<'a>(
        fields: &FieldSet,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self> {
        let mut query = Self {
            limit: DEFAULT_LIMIT,
            cursor: None,
            sort: Vec::new(),
            filters: Vec::new(),
            q: None,
            with_total: false,
            fingerprint: 0,
        };
        let mut sort = fields.default_sort.to_owned();
        let mut seen: Vec<&str> = Vec::new();
        let mut identity = String::new();
        for (name, value) in pairs {
            let invalid =
                |expected: String| Error::Query(QueryError::Invalid(name.to_owned(), expected));
            if seen.contains(&name) {
                return Err(invalid("stands twice".to_owned()));
            }
            seen.push(name);
            match name {
                "limit" => {
                    query.limit = value
                        .parse()
                        .ok()
                        .filter(|n| (1..=MAX_LIMIT).contains(n))
                        .ok_or_else(|| invalid(format!("expected 1 to {MAX_LIMIT}")))?;
                    continue;
                }
                "cursor" => {
                    query.cursor = Some(value.to_owned());
                    continue;
                }
                "with_total" => {
                    query.with_total = parse_bool(value)
                        .ok_or_else(|| invalid("expected true or false".to_owned()))?;
                    continue;
                }
                "sort" => value.clone_into(&mut sort),
                "q" => {
                    let text = value.trim();
                    if text.chars().count() > 100 {
                        return Err(invalid("expected at most 100 characters".to_owned()));
                    }
                    query.q = (!text.is_empty()).then(|| text.to_owned());
                }
                _ => query.filters.push(parse_filter(fields, name, value)?),
            }
            identity.push_str(name);
            identity.push('\u{1}');
            identity.push_str(value);
            identity.push('\u{2}');
        }
        query.sort = fields.parse_sort(&sort).map_err(|key| {
            let known: Vec<_> = fields.sortable().collect();
            Error::Query(QueryError::Invalid(
                "sort".to_owned(),
                format!("{key:?}: expected some of {}", known.join(", ")),
            ))
        })?;
        query.fingerprint = fnv(fields.record.bytes().chain(identity.bytes()));
        Ok(query)
    }

    /// The filters of a query without any parameter.
    pub fn all(fields: &FieldSet) -> Self {
        Self::parse(fields, []).unwrap_or_else(|_| {
            unreachable!(
                "the default sort of {} is not among its fields",
                fields.record
            )
        })
    }
}

/// FNV-1a: tells cursors of different queries apart, nothing more.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn parse_filter(fields: &FieldSet, name: &str, text: &str) -> Result<Filter> {
    let unknown = || Error::Query(QueryError::Unknown(name.to_owned()));
    let invalid = |expected: String| Error::Query(QueryError::Invalid(name.to_owned(), expected));
    let ranged = |suffix: &str| {
        name.strip_suffix(suffix)
            .and_then(|n| fields.get(n))
            .filter(|f| f.kind.is_range())
    };
    let filter = |field: &Field, test: Test| Filter {
        field: field.name,
        test,
    };

    if let Some(field) = ranged("_min") {
        return Ok(filter(
            field,
            Test::Min(parse_value(field.kind, text, false).map_err(invalid)?),
        ));
    }
    if let Some(field) = ranged("_max") {
        return Ok(filter(
            field,
            Test::Max(parse_value(field.kind, text, true).map_err(invalid)?),
        ));
    }
    let field = fields
        .get(name)
        .filter(|f| f.filterable)
        .ok_or_else(unknown)?;
    if field.optional && text == "none" {
        return Ok(filter(field, Test::Empty));
    }
    if field.optional && text == "any" {
        return Ok(filter(field, Test::NotEmpty));
    }
    let parts: Vec<&str> = text.split(',').collect();
    if parts.len() > 100 {
        return Err(invalid("expected at most 100 values".to_owned()));
    }
    if field.kind == FieldKind::Tags {
        return Ok(filter(
            field,
            Test::HasTag(parts.iter().map(|p| (*p).to_owned()).collect()),
        ));
    }
    if field.kind == FieldKind::Timestamp {
        return Err(invalid(format!(
            "expected {name}_min, {name}_max, none or any"
        )));
    }
    let values: std::result::Result<_, _> = parts
        .iter()
        .map(|part| parse_value(field.kind, part, false))
        .collect();
    Ok(filter(field, Test::OneOf(values.map_err(invalid)?)))
}

/// Parses a filter's or cursor's value. A bare date as a point in time is the start of that day, or its end for `upper`.
fn parse_value(kind: FieldKind, text: &str, upper: bool) -> std::result::Result<Value, String> {
    match kind {
        FieldKind::Text | FieldKind::Dictionary(_) | FieldKind::Tags => {
            Ok(Value::Text(text.to_owned()))
        }
        FieldKind::Choice(words) if words.contains(&text) => Ok(Value::Text(text.to_owned())),
        FieldKind::Choice(words) => Err(format!("expected one of {}", words.join(", "))),
        FieldKind::Id => text
            .parse::<guanxi_domain::CustomerId>()
            .map(|id| Value::Text(id.to_string()))
            .map_err(|_| "expected a UUID".to_owned()),
        FieldKind::Integer | FieldKind::Money => text
            .parse()
            .map(Value::Int)
            .map_err(|_| "expected an integer".to_owned()),
        FieldKind::Quantity => text.parse::<Quantity>().map(|q| Value::Int(q.0)),
        FieldKind::UnitPrice => text.parse::<UnitPrice>().map(|p| Value::Int(p.0)),
        FieldKind::Boolean => parse_bool(text)
            .map(Value::Bool)
            .ok_or_else(|| "expected true or false".to_owned()),
        FieldKind::Date => text.parse::<Date>().map(|d| Value::Small(d.days())),
        FieldKind::Timestamp => match text.parse::<Date>() {
            Ok(date) if upper => Ok(Value::Int(date.plus_days(1).start().micros() - 1)),
            Ok(date) => Ok(Value::Int(date.start().micros())),
            Err(_) => text.parse::<Timestamp>().map(|t| Value::Int(t.micros())),
        },
    }
}

/// How a record type is stored.
pub(crate) struct ListSpec {
    pub fields: &'static FieldSet,
    pub table: &'static str,
    /// The column that breaks ties; unique.
    pub id: &'static str,
    /// Fields that are elsewhere, or under another name; for a ranked choice the column that holds its rank.
    pub elsewhere: &'static [(&'static str, Column)],
    /// The records that `q` looks through, each by a column with their ids. A word may be found in any of them.
    pub search: &'static [(&'static Source, Column)],
}

impl ListSpec {
    /// The column that a field is sorted by.
    pub fn column(&self, field: &'static str) -> Column {
        self.elsewhere
            .iter()
            .find(|(name, _)| *name == field)
            .map_or(self.own_column(field), |(_, column)| *column)
    }

    const fn own_column(&self, field: &'static str) -> Column {
        Column {
            table: self.table,
            name: field,
        }
    }

    /// The column that a field is filtered by: a ranked choice by its word.
    fn filter_column(&self, field: &'static str) -> Column {
        if self.fields.get(field).is_some_and(|f| f.ranked) {
            self.own_column(field)
        } else {
            self.column(field)
        }
    }

    /// The filters and the text search of a query.
    pub fn filtered(&self, query: &ListQuery) -> Condition {
        let mut condition = Condition::Always;
        for filter in &query.filters {
            let column = self.filter_column(filter.field);
            condition = condition.and(match &filter.test {
                Test::OneOf(values) if values.len() == 1 => {
                    Condition::Compare(column, Op::Eq, values[0].clone())
                }
                Test::OneOf(values) => Condition::In(column, values.clone()),
                Test::Min(value) => Condition::Compare(column, Op::Ge, value.clone()),
                Test::Max(value) => Condition::Compare(column, Op::Le, value.clone()),
                Test::Empty => Condition::IsNull(column),
                Test::NotEmpty => Condition::NotNull(column),
                Test::HasTag(tags) => Condition::Or(
                    tags.iter()
                        .map(|tag| {
                            let escaped =
                                tag.replace('!', "!!").replace('%', "!%").replace('_', "!_");
                            Condition::Contains(column, format!("%\"{escaped}\"%"))
                        })
                        .collect(),
                ),
            });
        }
        if let Some(text) = query.q.as_ref().filter(|_| !self.search.is_empty()) {
            condition = condition.and(search::condition(self.search, text));
        }
        condition
    }

    fn ordering(&self, query: &ListQuery) -> Vec<OrderKey> {
        let mut keys: Vec<OrderKey> = query
            .sort
            .iter()
            .map(|key| OrderKey {
                column: self.column(key.field.name),
                descending: key.descending,
                nullable: key.field.optional,
            })
            .collect();
        let descending = keys.last().is_some_and(|k| k.descending);
        keys.push(OrderKey {
            column: Column {
                table: self.table,
                name: self.id,
            },
            descending,
            nullable: false,
        });
        keys
    }

    /// One page: `load` answers at most so many items, `count` how many there are in all.
    ///
    /// An item's own JSON gives the values that the next page's cursor starts after.
    pub fn page<T: serde::Serialize>(
        &self,
        connection: &mut AnyConnection,
        query: &ListQuery,
        visible: Condition,
        load: impl FnOnce(&mut AnyConnection, Condition, Ordering, i64) -> Result<Vec<T>>,
        count: impl FnOnce(&mut AnyConnection, Condition) -> Result<i64>,
    ) -> Result<Page<T>> {
        let condition = visible.and(self.filtered(query));
        let total = query
            .with_total
            .then(|| count(connection, condition.clone()))
            .transpose()?;
        let keys = self.ordering(query);
        let after = match &query.cursor {
            Some(cursor) => Self::after(query, &keys, cursor)?,
            None => Condition::Always,
        };
        let mut items = load(
            connection,
            condition.and(after),
            Ordering(keys),
            query.limit + 1,
        )?;
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let next_cursor = if items.len() > limit {
            items.truncate(limit);
            items
                .last()
                .map(|last| self.cursor(query, last))
                .transpose()?
        } else {
            None
        };
        Ok(Page {
            items,
            next_cursor,
            total,
        })
    }

    fn cursor<T: serde::Serialize>(&self, query: &ListQuery, last: &T) -> Result<String> {
        let item = serde_json::to_value(last)?;
        let value = |name: &str| {
            item.get(name)
                .or_else(|| item.get("metrics").and_then(|m| m.get(name)))
                .cloned()
                .unwrap_or_default()
        };
        let mut values: Vec<serde_json::Value> =
            query.sort.iter().map(|key| value(key.field.name)).collect();
        values.push(value(self.id));
        let text = serde_json::to_string(&(format!("{:x}", query.fingerprint), values))?;
        Ok(hex(text.as_bytes()))
    }

    /// The rows after the cursor's.
    fn after(query: &ListQuery, keys: &[OrderKey], cursor: &str) -> Result<Condition> {
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
                value => Some(cursor_value(field, value).ok_or_else(invalid)?),
            });
        }
        Ok(after_row(keys, &bound))
    }
}

/// A value from a cursor, as its column holds it; `None` if it is none. Without a field it is the one that breaks ties.
fn cursor_value(field: Option<&Field>, value: &serde_json::Value) -> Option<Value> {
    match (value, field.map(|f| (f.kind, f.ranked))) {
        (serde_json::Value::String(word), Some((FieldKind::Choice(words), true))) => {
            let rank = words.iter().position(|w| w == word)?;
            i64::try_from(rank).ok().map(Value::Int)
        }
        (serde_json::Value::String(text), field) => {
            let kind = field.map_or(FieldKind::Text, |(kind, _)| kind);
            parse_value(kind, text, false).ok()
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
    if uniform && let Some(values) = values.iter().cloned().collect::<Option<Vec<_>>>() {
        return Condition::CompareRow(
            keys.iter().map(|k| k.column).collect(),
            beyond(&keys[0]),
            values,
        );
    }
    let mut any = Vec::new();
    for (i, (key, value)) in keys.iter().zip(values).enumerate() {
        let mut all: Vec<Condition> = keys[..i]
            .iter()
            .zip(values)
            .map(|(k, v)| match v {
                Some(v) => Condition::Compare(k.column, Op::Eq, v.clone()),
                None => Condition::IsNull(k.column),
            })
            .collect();
        match value {
            // Empty comes last: nothing is beyond it.
            None => continue,
            Some(v) if key.nullable => all.push(Condition::Or(vec![
                Condition::Compare(key.column, beyond(key), v.clone()),
                Condition::IsNull(key.column),
            ])),
            Some(v) => all.push(Condition::Compare(key.column, beyond(key), v.clone())),
        }
        any.push(Condition::And(all));
    }
    // The bound on the first key alone says nothing new, but lets an index begin at the right place.
    let first = match (&keys[0], &values[0]) {
        (key, Some(value)) if !key.nullable => {
            let op = if key.descending { Op::Le } else { Op::Ge };
            Condition::Compare(key.column, op, value.clone())
        }
        _ => Condition::Always,
    };
    first.and(Condition::Or(any))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || text.len() > 4_000 || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use guanxi_domain::customer::FIELDS;

    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> std::result::Result<ListQuery, String> {
        ListQuery::parse(&FIELDS, pairs.iter().copied()).map_err(|e| e.to_string())
    }

    #[test]
    fn parameters_are_typed() {
        let query = parse(&[
            ("stage", "active,lost"),
            ("sales_min", "100"),
            ("owner_id", "none"),
            ("limit", "10"),
        ])
        .expect("good");
        assert_eq!(query.limit, 10);
        assert_eq!(query.filters.len(), 3);
        assert_eq!(query.filters[2].test, Test::Empty);
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for (pair, part) in [
            (("colour", "red"), "unknown parameter colour"),
            (("stage", "asleep"), "expected one of potential"),
            (("stage_min", "active"), "unknown parameter"),
            (("sales_min", "1.5"), "expected an integer"),
            (("limit", "0"), "expected 1 to 200"),
            (("limit", "201"), "expected 1 to 200"),
            (("sort", "note"), "expected some of"),
            (("sort", "name,-name"), "expected some of"),
            (("owner_id", "me"), "expected a UUID"),
            (("created_at", "2026-01-01"), "created_at_min"),
        ] {
            let error = parse(&[pair]).expect_err(pair.0);
            assert!(error.contains(part), "{pair:?}: {error}");
        }
        assert!(parse(&[("q", "a"), ("q", "b")]).is_err());
    }

    #[test]
    fn a_ranked_choice_is_sorted_by_rank_and_filtered_by_word() {
        const RANK: Column = Column {
            table: "tickets",
            name: "priority_rank",
        };
        let spec = ListSpec {
            fields: &guanxi_domain::ticket::FIELDS,
            table: "tickets",
            id: "id",
            elsewhere: &[("priority", RANK)],
            search: &[],
        };
        let query = ListQuery::parse(spec.fields, [("sort", "-priority"), ("priority", "high")])
            .expect("good");
        assert_eq!(spec.ordering(&query)[0].column, RANK);
        assert_eq!(
            spec.filtered(&query),
            Condition::is(spec.own_column("priority"), "high")
        );
        let field = spec.fields.get("priority");
        assert_eq!(cursor_value(field, &"urgent".into()), Some(Value::Int(3)));
        assert_eq!(cursor_value(field, &"soon".into()), None);
    }

    #[test]
    fn cursors_never_panic() {
        for text in ["", "zz", "é", "5b5d", &"ab".repeat(3000)] {
            let _ = unhex(text);
        }
        assert_eq!(unhex(&hex(b"any bytes")), Some(b"any bytes".to_vec()));
    }
}
