//! Lists: one machinery for filter, sort, page, count and scope, driven by the record's fields.

use guanxi_domain::filter::{self, FieldInfo, Fields, Filter, Predicate, Scalar};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::segment::SEGMENT;
use guanxi_domain::{Field, FieldKind, FieldSet, Page, Search, SegmentId, SortKey, Timestamp};

use crate::condition::{Column, Condition, Op, OrderKey, Ordering, Value};
use crate::filter::{Caller, Joint, OfCaller, Related, bound};
use crate::hex::{hex, unhex};
use crate::member::{Member, Operand, Test};
use crate::search::{self, Source};
use crate::segment::Segments;
use crate::{Actor, AnyConnection, Error, Result, Visibility};

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
    #[error("{}: {}", .0.pointer, .0.code)]
    Filter(filter::FilterError),
}

/// What a caller asks of a list.
#[derive(Clone, Debug)]
pub struct ListQuery {
    pub limit: i64,
    pub cursor: Option<String>,
    pub sort: Vec<SortKey>,
    pub filter: Filter,
    pub q: Option<String>,
    pub with_total: bool,
    /// Who asks, as far as the filter depends on it.
    caller: Caller,
    /// Identifies sort and filters: a cursor is good for no others.
    fingerprint: u64,
    /// Made of parameters, not of a tree.
    typed: bool,
}

pub const DEFAULT_LIMIT: i64 = 50;
pub const MAX_LIMIT: i64 = 200;

impl ListQuery {
    /// From the decoded pairs of a query string. Without an actor the program itself asks, which sees everything.
    pub fn parse<'a>(
        fields: &FieldSet,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        actor: Option<&Actor>,
    ) -> Result<Self> {
        let known = Known { fields, actor };
        let mut asked = Asked::default();
        let mut filters = Vec::new();
        let mut identity = String::new();
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in pairs {
            let invalid = |expected: &str| invalid(name, expected);
            if seen.contains(&name) {
                return Err(invalid("stands twice"));
            }
            seen.push(name);
            match name {
                "limit" => {
                    asked.limit = Some(
                        value
                            .parse()
                            .map_err(|_| invalid(&format!("expected 1 to {MAX_LIMIT}")))?,
                    );
                    continue;
                }
                "cursor" => {
                    asked.cursor = Some(value);
                    continue;
                }
                "with_total" => {
                    asked.with_total = match value {
                        "true" => true,
                        "false" => false,
                        _ => return Err(invalid("expected true or false")),
                    };
                    continue;
                }
                "sort" => asked.sort = Some(value),
                "q" => asked.q = Some(value),
                _ => filters.push(
                    filter::parameter(&known, name, value)
                        .ok_or_else(|| Error::Query(QueryError::Unknown(name.to_owned())))?
                        .map_err(|expected| invalid(&expected))?,
                ),
            }
            identity.push_str(name);
            identity.push('\u{1}');
            identity.push_str(value);
            identity.push('\u{2}');
        }
        let query = asked.finish(&known, Filter::And(filters), &identity)?;
        Ok(Self {
            typed: true,
            ..query
        })
    }

    /// From the body of a search. `now` is the moment that relative dates count from.
    pub fn search(
        fields: &FieldSet,
        search: &Search,
        actor: Option<&Actor>,
        now: Timestamp,
    ) -> Result<Self> {
        let known = Known { fields, actor };
        let asked = Asked {
            limit: search.limit,
            cursor: search.cursor.as_deref(),
            sort: search.sort.as_deref(),
            q: search.q.as_deref(),
            with_total: search.with_total,
        };
        let context = filter::Context {
            fields: &known,
            today: now.date(),
            me: actor.map(|a| a.user_id),
        };
        let filter = match &search.filter {
            Some(tree) => filter::parse(tree, "/filter", &context)
                .map_err(|e| Error::Query(QueryError::Filter(e)))?,
            None => Filter::all(),
        };
        let identity = serde_json::to_string(&(&search.filter, &search.q, &search.sort))?;
        asked
            .finish(&known, filter, &identity)
            .map_err(|error| match error {
                Error::Query(QueryError::Invalid(name, expected)) => {
                    Error::Query(QueryError::Filter(filter::FilterError {
                        pointer: format!("/{name}"),
                        code: "type",
                        expected: Some(expected),
                    }))
                }
                other => other,
            })
    }

    /// A rule that holds whoever looks: in it nobody is `me`.
    pub(crate) fn rule(
        fields: &FieldSet,
        tree: &serde_json::Value,
        actor: Option<&Actor>,
        now: Timestamp,
    ) -> Result<Filter> {
        let context = filter::Context {
            fields: &Known { fields, actor },
            today: now.date(),
            me: None,
        };
        filter::parse(tree, "/filter", &context).map_err(|e| Error::Query(QueryError::Filter(e)))
    }

    /// Of what the query finds the members of a segment.
    #[must_use]
    pub fn in_segment(mut self, id: SegmentId, actor: &Actor) -> Self {
        if let Some(field) = guanxi_domain::customer::FIELDS.find(SEGMENT) {
            let member = Predicate::In(vec![Scalar::Text(id.to_string())]);
            self.filter = Filter::And(vec![self.filter, Filter::Test(field, member)]);
            self.caller.actor = Some(actor.clone());
        }
        self
    }

    /// The same with another filter that means what the caller's did: it asks nothing else of who asks.
    #[must_use]
    pub(crate) fn filtered_by(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// The query without any parameter, asked by the program itself.
    pub fn all(fields: &FieldSet) -> Self {
        Self::parse(fields, [], None).unwrap_or_else(|_| {
            unreachable!(
                "the default sort of {} is not among its fields",
                fields.record
            )
        })
    }
}

fn invalid(name: &str, expected: &str) -> Error {
    Error::Query(QueryError::Invalid(name.to_owned(), expected.to_owned()))
}

/// What a query string and the body of a search have in common.
#[derive(Default)]
struct Asked<'a> {
    limit: Option<i64>,
    cursor: Option<&'a str>,
    sort: Option<&'a str>,
    q: Option<&'a str>,
    with_total: bool,
}

impl Asked<'_> {
    fn finish(self, known: &Known<'_>, filter: Filter, identity: &str) -> Result<ListQuery> {
        let fields = known.fields;
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(invalid("limit", &format!("expected 1 to {MAX_LIMIT}")));
        }
        let q = self.q.unwrap_or_default().trim();
        if q.chars().count() > 100 {
            return Err(invalid("q", "expected at most 100 characters"));
        }
        let sort = self.sort.unwrap_or(fields.default_sort);
        let sort = fields.parse_sort(sort).map_err(|key| {
            let known: Vec<_> = fields.sortable().collect();
            invalid(
                "sort",
                &format!("{key:?}: expected some of {}", known.join(", ")),
            )
        })?;
        Ok(ListQuery {
            limit,
            cursor: self.cursor.map(ToOwned::to_owned),
            sort,
            caller: known.caller(&filter),
            filter,
            q: (!q.is_empty()).then(|| q.to_owned()),
            with_total: self.with_total,
            fingerprint: fnv(fields.record.bytes().chain(identity.bytes())),
            typed: false,
        })
    }
}

/// The fields that somebody may filter by: counts of other records only for those who may read them.
struct Known<'a> {
    fields: &'a FieldSet,
    actor: Option<&'a Actor>,
}

impl Known<'_> {
    fn visibility(&self, module: Module) -> Option<Visibility> {
        match self.actor {
            Some(actor) => actor.visibility(module, Operation::Read),
            None => Some(Visibility::All),
        }
    }

    /// What the caller sees of the modules that the filter counts records of, and who it is where the filter asks that.
    fn caller(&self, filter: &Filter) -> Caller {
        let mut caller = Caller::default();
        filter.any_field(&mut |field| {
            let asks_of_caller = field.joined().is_none()
                && matches!(field.kind, FieldKind::Boolean | FieldKind::Reference(_));
            match field.related {
                Some(_) if asks_of_caller => caller.actor = self.actor.cloned(),
                Some(module) if !caller.sees.iter().any(|(m, _)| *m == module) => {
                    caller
                        .sees
                        .extend(self.visibility(module).map(|seen| (module, seen)));
                }
                _ => {}
            }
            false
        });
        caller
    }
}

impl Fields for Known<'_> {
    fn find(&self, name: &str) -> Option<FieldInfo> {
        self.fields.find(name).filter(|f| {
            let own = f.kind == FieldKind::Boolean && f.joined().is_none();
            f.related
                .is_none_or(|m| own || self.visibility(m).is_some())
        })
    }
}

/// FNV-1a: tells cursors of different queries apart, nothing more.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// How a record type is stored.
pub struct ListSpec {
    pub fields: &'static FieldSet,
    pub table: &'static str,
    /// The column that breaks ties; unique.
    pub id: &'static str,
    /// Fields that are elsewhere, or under another name; for a ranked choice the column that holds its rank.
    pub elsewhere: &'static [(&'static str, Column)],
    /// The fields that count records of other tables.
    pub related: &'static [Related],
    /// The fields that ask what a record is to the caller.
    pub of_caller: &'static [OfCaller],
    /// The records that it refers to, whose fields filters take too.
    pub joints: &'static [Joint],
    /// A column that is empty but for records put away: those are left out unless the filter asks for the column.
    pub put_away: Option<&'static str>,
    /// The records that `q` looks through, each by a column with their ids. A word may be found in any of them.
    pub search: &'static [(&'static Source, Column)],
}

impl ListSpec {
    /// A record type whose fields are columns of one table with the key `id`.
    pub const fn new(fields: &'static FieldSet, table: &'static str) -> Self {
        Self {
            fields,
            table,
            id: "id",
            elsewhere: &[],
            related: &[],
            of_caller: &[],
            joints: &[],
            put_away: None,
            search: &[],
        }
    }

    /// What a field is sorted by.
    fn operand(&self, field: &Field) -> Operand {
        Member::of(self.table, field)
            .map_or_else(|| Operand::Column(self.column(field.name)), Operand::Member)
    }

    /// The column that a field of the program's own is sorted by.
    pub(crate) fn column(&self, field: &str) -> Column {
        self.elsewhere
            .iter()
            .find(|(name, _)| *name == field)
            .map_or_else(|| self.own_column(field), |(_, column)| *column)
    }

    fn own_column(&self, field: &str) -> Column {
        Column {
            table: self.table,
            name: self.fields.get(field).map_or(self.id, |f| f.name),
        }
    }

    /// What a field is filtered by: a ranked choice by its word.
    pub(crate) fn filter_operand(&self, field: &FieldInfo) -> Operand {
        let own = self.fields.get(field.name);
        if own.is_some_and(|f| f.ranked) {
            return self.own_column(field.name).into();
        }
        Member::named(self.table, field.name, field.kind)
            .map_or_else(|| self.column(field.name).into(), Operand::Member)
    }

    /// The rows that fulfil a filter tree, as somebody means it.
    pub(crate) fn tree(
        &self,
        fields: &FieldSet,
        tree: &serde_json::Value,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Condition> {
        let search = Search {
            filter: Some(tree.clone()),
            ..Search::default()
        };
        let query = ListQuery::search(fields, &search, Some(actor), now)?;
        Ok(self.condition(&query.filter, &query.caller))
    }

    /// The key.
    pub(crate) const fn own_id(&self) -> Column {
        Column {
            table: self.table,
            name: self.id,
        }
    }

    /// Without the rows that are put away, unless a filter asks for them.
    pub(crate) fn not_put_away(&self, filter: &Filter) -> Condition {
        match self.put_away {
            Some(name) if !filter.mentions(name) => Condition::IsNull(self.own_column(name)),
            _ => Condition::Always,
        }
    }

    /// The rows that a query finds, whoever may see them.
    pub(crate) fn matching(
        &self,
        connection: &mut AnyConnection,
        query: &ListQuery,
    ) -> Result<Condition> {
        if !query.filter.mentions(SEGMENT) {
            return Ok(self.filtered(&query.filter, &query.caller, query.q.as_deref()));
        }
        let segments = Segments::of(connection, query.caller.actor.as_ref(), &query.filter)
            .map_err(|error| match error {
                // Where the parameters are typed there is no tree to point into.
                Error::Query(QueryError::Filter(error)) if query.typed => {
                    let expected = error.expected.unwrap_or_default();
                    invalid(SEGMENT, &format!("{} {expected}", error.code))
                }
                other => other,
            })?;
        let caller = Caller {
            segments,
            ..query.caller.clone()
        };
        Ok(self.filtered(&query.filter, &caller, query.q.as_deref()))
    }

    /// The filters and the text search of a query.
    fn filtered(&self, filter: &Filter, caller: &Caller, q: Option<&str>) -> Condition {
        let mut condition = self
            .condition(filter, caller)
            .and(self.not_put_away(filter));
        if let Some(text) = q.filter(|_| !self.search.is_empty()) {
            condition = condition.and(search::condition(self.search, text));
        }
        condition
    }

    fn ordering(&self, query: &ListQuery) -> Vec<OrderKey> {
        let mut keys: Vec<OrderKey> = query
            .sort
            .iter()
            .map(|key| OrderKey {
                by: self.operand(key.field),
                descending: key.descending,
                nullable: key.field.optional,
            })
            .collect();
        let descending = keys.last().is_some_and(|k| k.descending);
        keys.push(OrderKey {
            by: Operand::Column(self.own_id()),
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
        let condition = visible.and(self.matching(connection, query)?);
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
        let keys = query.sort.iter();
        let mut values: Vec<serde_json::Value> =
            keys.map(|key| key.field.value(&item).clone()).collect();
        values.push(item.get(self.id).cloned().unwrap_or_default());
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

#[cfg(test)]
mod tests {
    use super::*;
    use guanxi_domain::customer::FIELDS;

    fn parse(pairs: &[(&str, &str)]) -> std::result::Result<ListQuery, String> {
        ListQuery::parse(&FIELDS, pairs.iter().copied(), None).map_err(|e| e.to_string())
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
        let Filter::And(filters) = query.filter else {
            panic!("all of them hold")
        };
        assert_eq!(filters.len(), 3);
        assert!(matches!(&filters[2], Filter::Test(_, Predicate::Empty)));
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
            related: &[],
            of_caller: &[],
            joints: &[],
            put_away: None,
            search: &[],
        };
        let query = ListQuery::parse(
            spec.fields,
            [("sort", "-priority"), ("priority", "high")],
            None,
        )
        .expect("good");
        assert_eq!(spec.ordering(&query)[0].by, Operand::Column(RANK));
        assert_eq!(
            spec.filtered(&query.filter, &query.caller, None),
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
    }
}
