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
use crate::{
    Actor, AnyConnection, Result, Visibility, contact, customer, order, product, segment, ticket,
    user,
};

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
    &segment::SEARCH,
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
    /// Which of them somebody finds who may read the module as far as this.
    pub seen: fn(&Actor, &Visibility) -> Condition,
    /// Whose they are, where people see a part of them only: all that `seen` goes by but shares.
    pub bearers: &'static [Bearer],
}

/// A column that says whose a record is. It becomes a token too, so that the index itself passes over what somebody does not see.
pub enum Bearer {
    Person(Column),
    Department(Column),
}

impl Bearer {
    const fn column(&self) -> Column {
        match self {
            Self::Person(column) | Self::Department(column) => *column,
        }
    }

    const fn sort(&self) -> char {
        match self {
            Self::Person(_) => PERSON,
            Self::Department(_) => DEPARTMENT,
        }
    }
}

/// What the tokens of bearers begin with, after the letter of the record type: never what a word's token does (`domain::search`).
const PERSON: char = 'o';
const DEPARTMENT: char = 't';

/// The token of a person or a department. The end of an id will do: `seen` is asked all the same.
fn bearer_token(source: &Source, sort: char, id: &str) -> String {
    let end = id.rsplit('-').next().unwrap_or(id);
    format!("{}{sort}{end}", source.letter)
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

    /// SQL for whose it is, as one text.
    fn bearers_sql(&self) -> String {
        let ids: Vec<String> = self
            .bearers
            .iter()
            .map(|bearer| {
                let Column { table, name } = bearer.column();
                format!("COALESCE({table}.{name}, '')")
            })
            .collect();
        if ids.is_empty() {
            return "''".to_owned();
        }
        ids.join(&format!(" || '{BETWEEN}' || "))
    }

    /// The tokens of the values of all fields.
    fn tokens(&self, values: &str) -> Tokens {
        let kinds = self.fields.iter().map(|(_, kind)| *kind);
        Tokens::of(kinds.zip(values.split(BETWEEN)))
    }

    /// The tokens of whose it is.
    fn bearer_tokens<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let bearers = self.bearers.iter().zip(ids);
        bearers
            .filter(|(_, id)| !id.is_empty())
            .map(|(bearer, id)| bearer_token(self, bearer.sort(), id))
            .collect()
    }

    /// Whether this change makes other tokens.
    fn is_concerned(&self, changes: &Value) -> bool {
        let own = self.bearers.iter().map(Bearer::column);
        let bearers = own.map(|column| {
            if column.table == self.table() {
                column.name
            } else {
                TO_CUSTOMER
            }
        });
        let fields = self.fields.iter().map(|(name, _)| *name);
        fields
            .chain(bearers)
            .any(|name| changes.get(name).is_some())
    }

    /// Whether its bearers are those of its customer.
    fn is_borne_by_customer(&self) -> bool {
        let customers = customer::SEARCH.table();
        self.table() != customers
            && self
                .bearers
                .iter()
                .any(|bearer| bearer.column().table == customers)
    }
}

/// The column by which records refer to their customer.
const TO_CUSTOMER: &str = "customer_id";

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

    /// The same among the records of these people and departments, given as their tokens.
    fn borne_by(&self, tokens: &[String]) -> Self {
        let quoted = |quote: &str, or: &str| {
            let tokens: Vec<String> = tokens
                .iter()
                .map(|t| format!("{quote}{t}{quote}"))
                .collect();
            tokens.join(or)
        };
        Self {
            sqlite: format!("({}) AND ({})", self.sqlite, quoted("\"", " OR ")),
            postgres: format!("({}) & ({})", self.postgres, quoted("'", " | ")),
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
        "created" if !source.is_borne_by_customer() => {
            let new: Vec<Entry> = entries
                .iter()
                .map(|(id, changes)| {
                    let value = |name: &str| changes.get(name)?.get("new")?.as_str();
                    let values = source
                        .fields
                        .iter()
                        .filter_map(|(name, kind)| Some((*kind, value(name)?)));
                    let bearers = source.bearers.iter().map(Bearer::column);
                    Entry {
                        id: (*id).to_owned(),
                        tokens: Tokens::of(values),
                        bearers: source
                            .bearer_tokens(bearers.map(|c| value(c.name).unwrap_or_default())),
                    }
                })
                .collect();
            store::put(connection, source, &new)
        }
        "created" => {
            let new: Vec<&str> = entries.iter().map(|(id, _)| *id).collect();
            refresh(connection, source.record, &new)
        }
        _ => {
            let concerned: Vec<&str> = entries
                .iter()
                .filter(|(_, changes)| source.is_concerned(changes))
                .map(|(id, _)| *id)
                .collect();
            refresh(connection, source.record, &concerned)?;
            if source.record == RecordType::Customers {
                let handed_over: Vec<&str> = entries
                    .iter()
                    .filter(|(_, changes)| {
                        let mut bearers = source.bearers.iter().map(Bearer::column);
                        bearers.any(|column| changes.get(column.name).is_some())
                    })
                    .map(|(id, _)| *id)
                    .collect();
                follow_customers(connection, &handed_over)?;
            }
            Ok(())
        }
    }
}

/// Whose customers these are has changed: so it has for what is seen by whoever sees the customer.
fn follow_customers(connection: &mut AnyConnection, customers: &[&str]) -> Result<()> {
    #[derive(QueryableByName)]
    struct Id {
        #[diesel(sql_type = Text)]
        id: String,
    }

    let sources = || {
        SOURCES
            .iter()
            .filter(|source| source.is_borne_by_customer())
    };
    for customers in customers.chunks(crate::tx::BATCH) {
        for source in sources() {
            let sql = format!(
                "SELECT id FROM {} WHERE {TO_CUSTOMER} IN ({})",
                source.table(),
                places(customers.len()),
            );
            let mut query = sql_query(sql).into_boxed::<MultiBackend>();
            for customer in customers {
                query = query.bind::<Text, _>(*customer);
            }
            let ids: Vec<Id> = query.load(connection)?;
            let ids: Vec<String> = ids.into_iter().map(|row| row.id).collect();
            refresh(connection, source.record, &ids)?;
        }
    }
    Ok(())
}

/// `$1, $2, …`
fn places(number: usize) -> String {
    let places: Vec<String> = (1..=number).map(|n| format!("${n}")).collect();
    places.join(", ")
}

/// What the index is to hold of a record.
struct Entry {
    id: String,
    tokens: Tokens,
    bearers: Vec<String>,
}

/// A record with the values of its fields.
#[derive(QueryableByName)]
struct Values {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    texts: String,
    #[diesel(sql_type = Text)]
    bearers: String,
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
        let sql = format!(
            "{} WHERE {}.id IN ({}) {}",
            values_sql(source),
            source.table(),
            places(ids.len()),
            lock(connection),
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

/// The statement that reads [`Values`], up to its conditions.
fn values_sql(source: &Source) -> String {
    format!(
        "SELECT {table}.id, {values} AS texts, {bearers} AS bearers FROM {table} {join}",
        table = source.table(),
        values = source.values_sql(),
        bearers = source.bearers_sql(),
        join = if source.is_borne_by_customer() {
            source.join
        } else {
            ""
        },
    )
}

/// On PostgreSQL others write meanwhile: a row that is read here, also that of a customer, is not changed before its tokens are
/// written.
const fn lock(connection: &AnyConnection) -> &'static str {
    match connection {
        AnyConnection::Sqlite(_) => "",
        AnyConnection::Postgres(_) => "FOR SHARE",
    }
}

fn index(connection: &mut AnyConnection, source: &Source, rows: Vec<Values>) -> Result<()> {
    let entries: Vec<Entry> = rows
        .into_iter()
        .map(|row| Entry {
            tokens: source.tokens(&row.texts),
            bearers: source.bearer_tokens(row.bearers.split(BETWEEN)),
            id: row.id,
        })
        .collect();
    store::put(connection, source, &entries)
}
