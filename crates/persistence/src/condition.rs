//! Conditions and orders that are put together at run time, as bound SQL.
//!
//! Column names come from the program only; every value is bound.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Integer, Text, Untyped};

use crate::connection::MultiBackend;
use crate::member::{Member, Operand, Test};
use crate::search::Sought;

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
}

/// A value to bind.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Int(i64),
    /// For columns of 32 bits, such as dates.
    Small(i32),
    Bool(bool),
}

/// How a column is compared with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Eq,
    Lt,
    Le,
    Gt,
    Ge,
}

impl Op {
    const fn sql(self) -> &'static str {
        match self {
            Self::Eq => " = ",
            Self::Lt => " < ",
            Self::Le => " <= ",
            Self::Gt => " > ",
            Self::Ge => " >= ",
        }
    }
}

/// A condition over columns.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    Always,
    Never,
    Compare(Column, Op, Value),
    /// Row values: `(a, b) < (?, ?)`.
    CompareRow(Vec<Column>, Op, Vec<Value>),
    In(Column, Vec<Value>),
    IsNull(Column),
    NotNull(Column),
    /// The columns differ; an empty one differs from any that is not.
    Distinct(Column, Column),
    /// Contains this text; both sides in lower case already.
    Contains(Column, String),
    /// Holds three digits or more, whatever stands between them.
    ThreeDigits(Column),
    /// Refers to a record that a search finds.
    Found(Column, Sought),
    /// Fits this pattern in lower case, whatever the case of the column's ASCII letters; no index serves it.
    InAnyCase(Column, String),
    /// The column is among the values of another column where a condition holds.
    InSelect(Column, Column, Box<Condition>),
    /// As `InSelect`, from these tables, which the program names.
    InFrom(Column, Column, &'static [&'static str], Box<Condition>),
    /// As `InSelect`, where the other column has few such values: they are gathered first and then looked up by this column's index.
    InFew(Column, Column, Box<Condition>),
    /// The column is among those values of another column that occur at least and at most so often where a condition
    /// holds.
    InCounted(Column, Column, Box<Condition>, i64, i64),
    /// A custom field fulfils a test.
    Custom(Member, Test),
    /// Another row of the table, among those where the condition holds, has the same value.
    InRepeated(Column, Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
}

impl Condition {
    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, x) | (x, Self::Always) => x,
            (Self::And(mut all), x) => {
                all.push(x);
                Self::And(all)
            }
            (a, b) => Self::And(vec![a, b]),
        }
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, _) | (_, Self::Always) => Self::Always,
            (Self::Never, x) | (x, Self::Never) => x,
            (Self::Or(mut any), x) => {
                any.push(x);
                Self::Or(any)
            }
            (a, b) => Self::Or(vec![a, b]),
        }
    }

    /// Whether it looks at a table, be it in a query of its own.
    pub fn mentions(&self, table: &str) -> bool {
        let of = |columns: &[Column]| columns.iter().any(|column| column.table == table);
        match self {
            Self::Always | Self::Never => false,
            Self::Compare(column, ..)
            | Self::In(column, _)
            | Self::IsNull(column)
            | Self::NotNull(column)
            | Self::Contains(column, _)
            | Self::ThreeDigits(column)
            | Self::Found(column, _)
            | Self::InAnyCase(column, _) => of(&[*column]),
            Self::CompareRow(columns, ..) => of(columns),
            Self::Distinct(column, other) => of(&[*column, *other]),
            Self::InSelect(column, other, inner)
            | Self::InFrom(column, other, _, inner)
            | Self::InFew(column, other, inner)
            | Self::InCounted(column, other, inner, ..) => {
                of(&[*column, *other]) || inner.mentions(table)
            }
            Self::InRepeated(column, inner) => of(&[*column]) || inner.mentions(table),
            Self::Custom(member, _) => member.table() == table,
            Self::And(all) | Self::Or(all) => all.iter().any(|one| one.mentions(table)),
            Self::Not(condition) => condition.mentions(table),
        }
    }

    /// The column holds this text.
    pub fn is(column: Column, value: impl Into<String>) -> Self {
        Self::Compare(column, Op::Eq, Value::Text(value.into()))
    }

    /// Among the rows where `among` holds, from `min` to `max` have this one's value of `own` in `key`.
    pub fn counted(own: Column, key: Column, among: Self, min: i64, max: i64) -> Self {
        let among = Box::new(Self::NotNull(key).and(among));
        if min > 0 {
            Self::InCounted(own, key, among, min, max)
        } else if max < i64::MAX {
            Self::Not(Box::new(Self::InCounted(
                own,
                key,
                among,
                max + 1,
                i64::MAX,
            )))
        } else {
            Self::Always
        }
    }

    fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        match self {
            Self::Always => out.push_sql("1 = 1"),
            Self::Never => out.push_sql("1 = 0"),
            Self::Compare(column, op, value) => {
                push_column(*column, out);
                out.push_sql(op.sql());
                push_value(value, out)?;
            }
            Self::CompareRow(columns, op, values) => {
                out.push_sql("(");
                for (i, column) in columns.iter().enumerate() {
                    if i > 0 {
                        out.push_sql(", ");
                    }
                    push_column(*column, out);
                }
                out.push_sql(")");
                out.push_sql(op.sql());
                push_values(values, out)?;
            }
            Self::Custom(member, test) => walk_member(*member, test, out)?,
            Self::In(_, values) if values.is_empty() => out.push_sql("1 = 0"),
            Self::In(column, values) => {
                push_column(*column, out);
                out.push_sql(" IN ");
                push_values(values, out)?;
            }
            Self::IsNull(column) => {
                push_column(*column, out);
                out.push_sql(" IS NULL");
            }
            Self::NotNull(column) => {
                push_column(*column, out);
                out.push_sql(" IS NOT NULL");
            }
            Self::Contains(column, pattern) => {
                push_column(*column, out);
                out.push_sql(" LIKE ");
                out.push_bind_param::<Text, _>(pattern)?;
                out.push_sql(" ESCAPE '!'");
            }
            Self::InAnyCase(column, pattern) => {
                out.push_sql("lower(");
                push_column(*column, out);
                out.push_sql(") LIKE ");
                out.push_bind_param::<Text, _>(pattern)?;
                out.push_sql(" ESCAPE '!'");
            }
            Self::Distinct(column, other) => {
                push_column(*column, out);
                out.push_sql(" IS DISTINCT FROM ");
                push_column(*other, out);
            }
            Self::ThreeDigits(column) => {
                push_column(*column, out);
                out.push_sql(match out.backend() {
                    MultiBackend::Sqlite(_) => " GLOB '*[0-9]*[0-9]*[0-9]*'",
                    MultiBackend::Postgres(_) => " ~ '[0-9].*[0-9].*[0-9]'",
                });
            }
            Self::Found(column, sought) => {
                // The plan follows from the words.
                out.unsafe_to_cache_prepared();
                push_column(*column, out);
                out.push_sql(" IN (SELECT search_entries.record_id FROM search_entries ");
                match out.backend() {
                    MultiBackend::Sqlite(_) => {
                        out.push_sql("INNER JOIN search_index ON search_index.rowid = search_entries.entry WHERE search_index MATCH ");
                        out.push_bind_param::<Text, _>(&sought.sqlite)?;
                    }
                    MultiBackend::Postgres(_) => {
                        out.push_sql("WHERE search_entries.tokens @@ ");
                        out.push_bind_param::<Text, _>(&sought.postgres)?;
                        out.push_sql("::tsquery");
                    }
                }
                out.push_sql(")");
            }
            Self::InSelect(..)
            | Self::InFrom(..)
            | Self::InFew(..)
            | Self::InCounted(..)
            | Self::InRepeated(..) => {
                self.walk_select(out)?;
            }
            Self::And(all) => push_list(all, " AND ", "1 = 1", out)?,
            Self::Or(any) => push_list(any, " OR ", "1 = 0", out)?,
            Self::Not(condition) => {
                out.push_sql("NOT (");
                condition.walk(out)?;
                out.push_sql(")");
            }
        }
        Ok(())
    }

    /// The conditions that look at other rows.
    fn walk_select<'b>(&'b self, out: &mut AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        match self {
            Self::InSelect(column, selected, condition) => {
                push_select(*column, *selected, &[selected.table], condition, out)?;
            }
            Self::InFrom(column, selected, tables, condition) => {
                push_select(*column, *selected, tables, condition, out)?;
            }
            Self::InFew(column, selected, condition) => {
                // PostgreSQL uses no index for a select that is one of several alternatives; for an array it does.
                let array = matches!(out.backend(), MultiBackend::Postgres(_));
                push_column(*column, out);
                out.push_sql(if array {
                    " = ANY (ARRAY(SELECT "
                } else {
                    " IN (SELECT "
                });
                push_column(*selected, out);
                out.push_sql(" FROM ");
                out.push_sql(selected.table);
                out.push_sql(" WHERE ");
                condition.walk(out)?;
                out.push_sql(if array { "))" } else { ")" });
            }
            Self::InCounted(column, key, among, min, max) => {
                push_column(*column, out);
                out.push_sql(" IN (SELECT ");
                push_column(*key, out);
                out.push_sql(" FROM ");
                out.push_sql(key.table);
                out.push_sql(" WHERE ");
                among.walk(out)?;
                if (*min, *max) != (1, i64::MAX) {
                    out.push_sql(" GROUP BY ");
                    push_column(*key, out);
                    out.push_sql(" HAVING count(*) BETWEEN ");
                    out.push_bind_param::<BigInt, _>(min)?;
                    out.push_sql(" AND ");
                    out.push_bind_param::<BigInt, _>(max)?;
                }
                out.push_sql(")");
            }
            Self::InRepeated(column, among) => {
                push_column(*column, out);
                out.push_sql(" IN (SELECT ");
                push_column(*column, out);
                out.push_sql(" FROM ");
                out.push_sql(column.table);
                out.push_sql(" WHERE ");
                push_column(*column, out);
                out.push_sql(" IS NOT NULL AND ");
                among.walk(out)?;
                out.push_sql(" GROUP BY ");
                push_column(*column, out);
                out.push_sql(" HAVING count(*) > 1)");
            }
            _ => self.walk(out)?,
        }
        Ok(())
    }
}

/// A pattern for [`Condition::Contains`]: the text anywhere, its own wildcards harmless.
pub fn containing(text: &str) -> String {
    format!("%{}%", escaped(text))
}

/// A text as a pattern that fits nothing else.
pub fn escaped(text: &str) -> String {
    text.replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_")
}

fn push_column(column: Column, out: &mut AstPass<'_, '_, MultiBackend>) {
    out.push_sql(column.table);
    out.push_sql(".");
    out.push_sql(column.name);
}

fn push_select<'b>(
    column: Column,
    selected: Column,
    tables: &[&str],
    condition: &'b Condition,
    out: &mut AstPass<'_, 'b, MultiBackend>,
) -> QueryResult<()> {
    push_column(column, out);
    out.push_sql(" IN (SELECT ");
    push_column(selected, out);
    out.push_sql(" FROM ");
    for table in tables {
        out.push_sql(table);
    }
    out.push_sql(" WHERE ");
    condition.walk(out)?;
    out.push_sql(")");
    Ok(())
}

fn walk_member<'b>(
    member: Member,
    test: &'b Test,
    out: &mut AstPass<'_, 'b, MultiBackend>,
) -> QueryResult<()> {
    match test {
        Test::Compare(op, value) => {
            member.push(out);
            out.push_sql(op.sql());
            push_value(value, out)?;
        }
        Test::In(values) if values.is_empty() => out.push_sql("1 = 0"),
        Test::In(values) => {
            member.push(out);
            out.push_sql(" IN ");
            push_values(values, out)?;
        }
        Test::IsNull => {
            member.push(out);
            out.push_sql(" IS NULL");
        }
        Test::NotNull => {
            member.push(out);
            out.push_sql(" IS NOT NULL");
        }
        Test::InAnyCase(pattern) => {
            out.push_sql("lower(");
            member.push(out);
            out.push_sql(") LIKE ");
            out.push_bind_param::<Text, _>(pattern)?;
            out.push_sql(" ESCAPE '!'");
        }
    }
    Ok(())
}

fn push_value<'b>(value: &'b Value, out: &mut AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
    match value {
        Value::Text(text) => out.push_bind_param::<Text, _>(text),
        Value::Int(number) => out.push_bind_param::<BigInt, _>(number),
        Value::Small(number) => out.push_bind_param::<Integer, _>(number),
        Value::Bool(flag) => out.push_bind_param::<Bool, _>(flag),
    }
}

fn push_values<'b>(
    values: &'b [Value],
    out: &mut AstPass<'_, 'b, MultiBackend>,
) -> QueryResult<()> {
    out.push_sql("(");
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            out.push_sql(", ");
        }
        push_value(value, out)?;
    }
    out.push_sql(")");
    Ok(())
}

fn push_list<'b>(
    conditions: &'b [Condition],
    between: &str,
    empty: &str,
    out: &mut AstPass<'_, 'b, MultiBackend>,
) -> QueryResult<()> {
    if conditions.is_empty() {
        out.push_sql(empty);
        return Ok(());
    }
    out.push_sql("(");
    for (i, condition) in conditions.iter().enumerate() {
        if i > 0 {
            out.push_sql(between);
        }
        condition.walk(out)?;
    }
    out.push_sql(")");
    Ok(())
}

/// The order of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordering(pub Vec<OrderKey>);

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrderKey {
    pub by: Operand,
    pub descending: bool,
    /// May be empty; empty values come last.
    pub nullable: bool,
}

impl QueryFragment<MultiBackend> for Condition {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        self.walk(&mut out)
    }
}

impl QueryFragment<MultiBackend> for Ordering {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        for (i, key) in self.0.iter().enumerate() {
            if i > 0 {
                out.push_sql(", ");
            }
            match key.by {
                Operand::Column(column) => push_column(column, &mut out),
                Operand::Member(member) => member.push(&mut out),
            }
            out.push_sql(if key.descending { " DESC" } else { " ASC" });
            if key.nullable {
                out.push_sql(" NULLS LAST");
            }
        }
        Ok(())
    }
}

macro_rules! dynamic_expression {
    ($name:ident, $sql_type:ty) => {
        impl Expression for $name {
            type SqlType = $sql_type;
        }
        impl<QS> AppearsOnTable<QS> for $name {}
        impl<QS> SelectableExpression<QS> for $name {}
        impl ValidGrouping<()> for $name {
            type IsAggregate = diesel::expression::is_aggregate::No;
        }
        impl QueryId for $name {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}

/// A condition as the program wrote it. Unlike those of `diesel::dsl::sql` its statement stays prepared: for look-ups by key, whose plan
/// is the same whatever is looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Literal(pub &'static str);

impl QueryFragment<MultiBackend> for Literal {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

dynamic_expression!(Literal, Bool);
dynamic_expression!(Condition, Bool);
dynamic_expression!(Ordering, Untyped);
