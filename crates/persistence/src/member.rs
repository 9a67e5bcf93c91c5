//! Values of custom fields in conditions and orders: members of the JSON object that a record holds them in.
//!
//! A member's expression has the type and the unit that a column of its kind has, so what is bound for a column fits it too.

use diesel::query_builder::AstPass;
use guanxi_domain::custom::PREFIX;
use guanxi_domain::{Field, FieldKind};

use crate::condition::{Column, Condition, Op, Value};
use crate::connection::MultiBackend;

/// A member of the column `custom` of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    table: &'static str,
    /// Lower-case letters, digits and `_`: safe in SQL as it stands.
    key: &'static str,
    kind: FieldKind,
}

impl Member {
    pub const fn table(self) -> &'static str {
        self.table
    }
}

/// What can be tested and sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    Column(Column),
    Member(Member),
}

/// What is asked of a column or member.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    Compare(Op, Value),
    In(Vec<Value>),
    IsNull,
    NotNull,
    /// As [`Condition::InAnyCase`].
    InAnyCase(String),
}

impl From<Column> for Operand {
    fn from(column: Column) -> Self {
        Self::Column(column)
    }
}

impl Operand {
    pub fn holds(self, test: Test) -> Condition {
        match self {
            Self::Member(member) => Condition::Custom(member, test),
            Self::Column(column) => match test {
                Test::Compare(op, value) => Condition::Compare(column, op, value),
                Test::In(values) => Condition::In(column, values),
                Test::IsNull => Condition::IsNull(column),
                Test::NotNull => Condition::NotNull(column),
                Test::InAnyCase(pattern) => Condition::InAnyCase(column, pattern),
            },
        }
    }

    pub const fn column(self) -> Option<Column> {
        match self {
            Self::Column(column) => Some(column),
            Self::Member(_) => None,
        }
    }
}

impl Member {
    /// The member that holds a custom field; `None` if the field is none.
    pub fn of(table: &'static str, field: &Field) -> Option<Self> {
        Self::named(table, field.name, field.kind)
    }

    /// As [`Member::of`], by the field's name and kind.
    pub fn named(table: &'static str, name: &'static str, kind: FieldKind) -> Option<Self> {
        let key = name.strip_prefix(PREFIX)?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        key.bytes().all(plain).then_some(Self { table, key, kind })
    }

    /// Writes the expression. Most records hold no value at all: their object need not be read.
    pub fn push(self, out: &mut AstPass<'_, '_, MultiBackend>) {
        let Self { table, key, kind } = self;
        let sqlite = format!("json_extract(nullif({table}.custom, '{{}}'), '$.{key}')");
        let postgres = format!("(nullif({table}.custom, '{{}}')::jsonb ->> '{key}')");
        out.push_sql(&match (out.backend(), kind) {
            (MultiBackend::Sqlite(_), FieldKind::Quantity) => {
                // Thousandths; of numbers with fifteen digits the rounding leaves none out.
                format!("CAST(round(CAST({sqlite} AS REAL) * 1000) AS INTEGER)")
            }
            (MultiBackend::Sqlite(_), FieldKind::Date) => {
                format!("CAST(julianday({sqlite}) - 2440587.5 AS INTEGER)")
            }
            (MultiBackend::Sqlite(_), _) => sqlite,
            (MultiBackend::Postgres(_), FieldKind::Quantity) => {
                format!("({postgres}::numeric * 1000)::bigint")
            }
            (MultiBackend::Postgres(_), FieldKind::Money) => format!("{postgres}::bigint"),
            (MultiBackend::Postgres(_), FieldKind::Date) => {
                format!("({postgres}::date - DATE '1970-01-01')")
            }
            (MultiBackend::Postgres(_), FieldKind::Boolean) => format!("{postgres}::boolean"),
            (MultiBackend::Postgres(_), _) => format!("{postgres} COLLATE \"C\""),
        });
    }
}
