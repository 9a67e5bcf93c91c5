//! What records are found by: an index of tokens over all record types, FTS5 on SQLite and a GIN index on PostgreSQL.
//!
//! The tokens are `domain::search`'s; each begins with a letter for its record type, so that one index serves all. Who records
//! what they did in the audit trail ([`Tx::record`]) keeps the index with it, in the same transaction.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use guanxi_domain::permission::Module;
use guanxi_domain::search::{Kind, Query, RecordType, Term, Tokens, Word};
use serde_json::Value;

use crate::condition::{Column, Condition};
use crate::connection::MultiBackend;
use crate::{AnyConnection, Result, Visibility, contact, customer, order, product, ticket, user};

mod find;
mod rebuild;
mod store;

pub use find::find;
pub(crate) use rebuild::fill;
pub use rebuild::{Rebuilt, rebuild};
pub(crate) use store::remove;

/// The record types that are searched.
const SOURCES: &[&Source] = &[
    &customer::SEARCH,
    &contact::SEARCH,
    &order::SEARCH,
    &product::SEARCH,
    &ticket::SEARCH,
    &user::SEARCH,
];

/// How a record type is searched.
pub struct Source {
    /// Also the table.
    pub record: RecordType,
    /// Who may read it finds it.
    pub module: Module,
    /// What its tokens begin with; never that of another.
    pub letter: char,
    /// Columns of text.
    pub fields: &'static [(&'static str, Kind)],
    pub title: Column,
    pub subtitle: Option<Column>,
    /// The other table that title, subtitle and `seen` take columns from.
    pub join: &'static str,
    /// Which of them somebody finds.
    pub seen: fn(&Visibility) -> Condition,
}

/// Between the values of a record in one text.
const BETWEEN: char = '\u{1f}';

impl Source {
    fn of(record: &str) -> Option<&'static Self> {
        SOURCES
            .iter()
            .copied()
            .find(|source| source.record.as_str() == record)
    }

    const fn table(&self) -> &'static str {
        self.record.as_str()
    }

    /// SQL for the values of all fields as one text.
    fn values_sql(&self) -> String {
        let values: Vec<String> = self
            .fields
            .iter()
            .map(|(name, _)| format!("COALESCE({}.{name}, '')", self.table()))
            .collect();
        values.join(&format!(" || '{BETWEEN}' || "))
    }

    /// The tokens of the values of all fields.
    fn tokens(&self, values: &str) -> Tokens {
        let kinds = self.fields.iter().map(|(_, kind)| *kind);
        Tokens::of(kinds.zip(values.split(BETWEEN)))
    }
}

/// What a search asks of the index, in the language of each database.
#[derive(Clone, Debug, PartialEq)]
pub struct Sought {
    pub(crate) sqlite: String,
    pub(crate) postgres: String,
}

impl Sought {
    fn words(source: &Source, words: &[Word]) -> Self {
        let (mut sqlite, mut postgres) = (Vec::new(), Vec::new());
        for word in words {
            let ways: Vec<Self> = word.0.iter().map(|way| Self::way(source, way)).collect();
            let join = |all: Vec<String>, or: &str| format!("({})", all.join(or));
            sqlite.push(join(
                ways.iter().map(|w| w.sqlite.clone()).collect(),
                " OR ",
            ));
            postgres.push(join(ways.into_iter().map(|w| w.postgres).collect(), " | "));
        }
        Self {
            sqlite: sqlite.join(" AND "),
            postgres: postgres.join(" & "),
        }
    }

    /// Every term holds. Tokens are letters and digits: nothing is to be escaped.
    fn way(source: &Source, terms: &[Term]) -> Self {
        let letter = source.letter;
        let (sqlite, postgres): (Vec<String>, Vec<String>) = terms
            .iter()
            .map(|term| match term {
                Term::Is(token) => (format!("\"{letter}{token}\""), format!("'{letter}{token}'")),
                Term::Begins(start) => (
                    format!("\"{letter}{start}\" *"),
                    format!("'{letter}{start}':*"),
                ),
            })
            .unzip();
        Self {
            sqlite: format!("({})", sqlite.join(" AND ")),
            postgres: format!("({})", postgres.join(" & ")),
        }
    }
}

/// The condition that every word of a text is found by one of these columns: each refers to records of a searched type.
pub(crate) fn condition(places: &[(&Source, Column)], text: &str) -> Condition {
    let Some(query) = Query::parse(text) else {
        return Condition::Never;
    };
    let found = |(source, column): &(&Source, Column), words: &[Word]| {
        Condition::Found(*column, Sought::words(source, words))
    };
    match places {
        [place] => found(place, &query.words),
        places => {
            let of_word = |word: &Word| {
                Condition::Or(
                    places
                        .iter()
                        .map(|p| found(p, std::slice::from_ref(word)))
                        .collect(),
                )
            };
            Condition::And(query.words.iter().map(of_word).collect())
        }
    }
}

/// Keeps the index with what was recorded: id and changes of each record.
pub(crate) fn follow(
    connection: &mut AnyConnection,
    record: &str,
    action: &str,
    entries: &[(&str, &Value)],
) -> Result<()> {
    let Some(source) = Source::of(record) else {
        return Ok(());
    };
    match action {
        "deleted" => {
            let ids: Vec<&str> = entries.iter().map(|(id, _)| *id).collect();
            remove(connection, &ids)
        }
        "created" => {
            let new: Vec<(String, Tokens)> = entries
                .iter()
                .map(|(id, changes)| {
                    let values = source.fields.iter().filter_map(|(name, kind)| {
                        Some((*kind, changes.get(name)?.get("new")?.as_str()?))
                    });
                    ((*id).to_owned(), Tokens::of(values))
                })
                .collect();
            store::put(connection, source, &new)
        }
        _ => {
            let concerned: Vec<&str> = entries
                .iter()
                .filter(|(_, changes)| {
                    source
                        .fields
                        .iter()
                        .any(|(name, _)| changes.get(name).is_some())
                })
                .map(|(id, _)| *id)
                .collect();
            refresh(connection, source.record, &concerned)
        }
    }
}

/// A record with the values of its fields.
#[derive(QueryableByName)]
struct Values {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    texts: String,
}

/// Indexes records as they stand in the database now.
pub(crate) fn refresh<I: AsRef<str>>(
    connection: &mut AnyConnection,
    record: RecordType,
    ids: &[I],
) -> Result<()> {
    let Some(source) = Source::of(record.as_str()) else {
        return Ok(());
    };
    for ids in ids.chunks(crate::tx::BATCH) {
        let places: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT {table}.id, {values} AS texts FROM {table} WHERE {table}.id IN ({places})",
            table = source.table(),
            values = source.values_sql(),
            places = places.join(", "),
        );
        let mut query = sql_query(sql).into_boxed::<MultiBackend>();
        for id in ids {
            query = query.bind::<Text, _>(id.as_ref());
        }
        let rows: Vec<Values> = query.load(connection)?;
        index(connection, source, rows)?;
    }
    Ok(())
}

fn index(connection: &mut AnyConnection, source: &Source, rows: Vec<Values>) -> Result<()> {
    let entries: Vec<(String, Tokens)> = rows
        .into_iter()
        .map(|row| {
            let tokens = source.tokens(&row.texts);
            (row.id, tokens)
        })
        .collect();
    store::put(connection, source, &entries)
}
