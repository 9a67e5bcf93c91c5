//! Lists: one machinery for filter, sort, page, count and scope, driven by the record's fields.

use guanxi_domain::filter::{FieldInfo, Filter};
use guanxi_domain::segment::SEGMENT;
use guanxi_domain::{Field, FieldSet, Page, Search, Timestamp};

use crate::condition::{Column, Condition, OrderKey, Ordering};
use crate::filter::{Caller, Joint, OfCaller, Related};
use crate::member::{Member, Operand};
use crate::search::{self, Source};
use crate::segment::Segments;
use crate::{Actor, AnyConnection, Error, Result};

mod cursor;
mod query;

use query::invalid;
pub use query::{ListQuery, QueryError};

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
    /// A field that is sorted by downwards, if alone, by a column of another table, in the order of whose key that is. The column is
    /// never empty: where the field is, it holds [`LEAST`].
    pub downwards: Option<(&'static str, Column)>,
    /// The records that `q` looks through, each by a column with their ids. A word may be found in any of them.
    pub search: &'static [(&'static Source, Column)],
}

/// Stands for an empty value in a column that sorts those last.
pub(crate) const LEAST: i64 = -i64::MAX;

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
            downwards: None,
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
        if let (Some((name, column)), [key]) = (self.downwards, query.sort.as_slice())
            && key.descending
            && key.field.name == name
        {
            let id = Column {
                name: self.id,
                ..column
            };
            return [column, id]
                .map(|column| OrderKey {
                    by: Operand::Column(column),
                    descending: true,
                    nullable: false,
                })
                .to_vec();
        }
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
}

#[cfg(test)]
mod tests {
    use guanxi_domain::filter::Predicate;

    use super::cursor::cursor_value;
    use super::*;
    use crate::condition::Value;
    use crate::hex::unhex;
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
            downwards: None,
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
