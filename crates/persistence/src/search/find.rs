//! The search over all record types.

use std::collections::HashSet;

use diesel::query_builder::{AstPass, Query as DieselQuery, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{Connection, QueryResult, RunQueryDsl};
use guanxi_domain::permission::Operation;
use guanxi_domain::search::{Matched, Query, RecordType, SearchAnswer, SearchHit, Tokens, Word};

use super::{BETWEEN, DEPARTMENT, PERSON, SOURCES, Sought, Source, bearer_token};
use crate::condition::{Column, Condition};
use crate::connection::MultiBackend;
use crate::{Actor, AnyConnection, Result, Visibility};

/// Entries of the index that are looked at, and then more of them, before it is asked for those that the caller sees.
const NEWEST: [usize; 2] = [100, 2_000];
/// Departments that the index is asked for by name; of somebody who sees more each record is looked at.
const DEPARTMENTS: usize = 100;

/// The records that a text finds, of all types that the caller may read or of these, the best first.
///
/// Whose name or code is the text comes first, then whose begins with it, then the rest; record types take turns.
pub fn find(
    connection: &mut AnyConnection,
    actor: &Actor,
    text: &str,
    types: &[RecordType],
    limit: usize,
) -> Result<SearchAnswer> {
    let Some(query) = Query::parse(text) else {
        return Ok(SearchAnswer { items: Vec::new() });
    };
    match connection {
        AnyConnection::Sqlite(_) => best(connection, actor, &query, types, limit),
        AnyConnection::Postgres(_) => connection.transaction(|connection| {
            // Of common words PostgreSQL hopes to come upon enough records by reading all entries: so it may, or read nearly all.
            diesel::sql_query("SET LOCAL enable_seqscan = off").execute(connection)?;
            best(connection, actor, &query, types, limit)
        }),
    }
}

fn best(
    connection: &mut AnyConnection,
    actor: &Actor,
    query: &Query,
    types: &[RecordType],
    limit: usize,
) -> Result<SearchAnswer> {
    let mut ranked: Vec<(Rank, &Source, Row)> = Vec::new();
    for (place, source) in SOURCES.iter().enumerate() {
        if !types.is_empty() && !types.contains(&source.record) {
            continue;
        }
        let Some(visibility) = actor.visibility(source.module, Operation::Read) else {
            continue;
        };
        let reach = Reach::of(connection, source, actor, &visibility)?;
        let found = of_source(connection, &reach, query, limit)?;
        let mut turn = (0, 0);
        for (tier, row) in found {
            turn = (tier, if tier == turn.0 { turn.1 + 1 } else { 0 });
            let rank = Rank {
                tier,
                turn: turn.1,
                source: place,
            };
            ranked.push((rank, source, row));
        }
    }
    ranked.sort_by_key(|(rank, ..)| *rank);
    let items = ranked
        .into_iter()
        .take(limit)
        .map(|(_, source, row)| hit(source, row, query))
        .collect();
    Ok(SearchAnswer { items })
}

/// What somebody may find of a record type.
struct Reach {
    source: &'static Source,
    seen: Condition,
    /// The tokens one of which the record bears, unless it was shared.
    bearers: Option<Vec<String>>,
    /// Where something was shared: what that is.
    shared: Option<Condition>,
}

impl Reach {
    fn of(
        connection: &mut AnyConnection,
        source: &'static Source,
        actor: &Actor,
        visibility: &Visibility,
    ) -> Result<Self> {
        let whole = Self {
            source,
            seen: (source.seen)(actor, visibility),
            bearers: None,
            shared: None,
        };
        if source.bearers.is_empty() {
            return Ok(whole);
        }
        let Some((person, departments)) = visibility.bearers(connection)? else {
            return Ok(whole);
        };
        if departments.len() > DEPARTMENTS {
            return Ok(whole);
        }
        let person = bearer_token(source, PERSON, person.as_str());
        let departments = departments
            .iter()
            .map(|id| bearer_token(source, DEPARTMENT, id.as_str()));
        Ok(Self {
            bearers: Some(std::iter::once(person).chain(departments).collect()),
            shared: visibility
                .only_shared()
                .map(|only| (source.seen)(actor, &only)),
            ..whole
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    tier: usize,
    turn: usize,
    source: usize,
}

/// The best of a record type with their tier: 0 is the text, 1 begins with it, 2 holds its words.
fn of_source(
    connection: &mut AnyConnection,
    reach: &Reach,
    query: &Query,
    limit: usize,
) -> Result<Vec<(usize, Row)>> {
    let source = reach.source;
    // The better ones first: of common words the many others are not asked for.
    let word = |term| Sought::words(source, &[Word(vec![vec![term]])]);
    let sought = [
        word(query.is_whole()),
        word(query.begins_whole()),
        Sought::words(source, &query.words),
    ];
    let mut rows: Vec<Row> = Vec::new();
    for sought in sought {
        if rows.len() < limit {
            let more = search_rows(connection, reach, &sought, limit)?;
            let known: HashSet<String> = rows.iter().map(|(id, ..)| id.clone()).collect();
            rows.extend(more.into_iter().filter(|(id, ..)| !known.contains(id)));
        }
    }
    let (whole, begins) = (query.is_whole(), query.begins_whole());
    let mut found: Vec<(usize, Row)> = rows
        .into_iter()
        .map(|row| {
            let tokens = source.tokens(&row.3);
            let tier = match (tokens.hold(&whole), tokens.hold(&begins)) {
                (true, _) => 0,
                (_, true) => 1,
                _ => 2,
            };
            (tier, row)
        })
        .collect();
    found.sort_by_cached_key(|(tier, (id, title, ..))| {
        (*tier, title.chars().count(), title.clone(), id.clone())
    });
    found.truncate(limit);
    Ok(found)
}

/// Id, title, subtitle and the values of all fields.
type Row = (String, String, Option<String>, String);

fn hit(source: &Source, (id, title, subtitle, values): Row, query: &Query) -> SearchHit {
    let fields = source.fields.iter().zip(values.split(BETWEEN));
    let (shown, hidden): (Vec<_>, Vec<_>) = fields
        .map(|((name, kind), value)| (*name, value, Tokens::of([(*kind, value)])))
        .partition(|(_, value, _)| *value == title || Some(*value) == subtitle.as_deref());
    // The first value that a word finds which nothing shown does.
    let unseen = |word: &&Word| !shown.iter().any(|(.., tokens)| tokens.answer_word(word));
    let matched = query.words.iter().find(unseen).and_then(|word| {
        let found = hidden.iter().find(|(.., tokens)| tokens.answer_word(word));
        found.map(|(name, value, _)| Matched {
            field: (*name).to_owned(),
            text: (*value).to_owned(),
        })
    });
    SearchHit {
        record_type: source.record,
        id,
        title,
        subtitle,
        matched,
    }
}

/// Records that are sought and seen, newer entries first on SQLite.
fn search_rows(
    connection: &mut AnyConnection,
    reach: &Reach,
    sought: &Sought,
    limit: usize,
) -> Result<Vec<Row>> {
    let borne = reach.bearers.as_ref().map(|tokens| sought.borne_by(tokens));
    let first = borne.as_ref().unwrap_or(sought);
    let lookup = |way, seen| Lookup {
        source: reach.source,
        seen,
        way,
        limit: i64::try_from(limit).unwrap_or(i64::MAX),
    };
    let on_sqlite = matches!(connection, AnyConnection::Sqlite(_));
    let mut rows: Vec<Row> = if on_sqlite {
        newest_rows(connection, &lookup, first, reach)?
    } else {
        let way = if borne.is_some() {
            Way::Sought(first)
        } else {
            Way::Planned(first)
        };
        lookup(way, &reach.seen).load(connection)?
    };
    if let Some(shared) = reach.shared.as_ref().filter(|_| rows.len() < limit) {
        let way = if on_sqlite {
            Way::Seen(sought)
        } else {
            Way::Planned(sought)
        };
        let more: Vec<Row> = lookup(way, shared).load(connection)?;
        let known: HashSet<String> = rows.iter().map(|(id, ..)| id.clone()).collect();
        rows.extend(more.into_iter().filter(|(id, ..)| !known.contains(id)));
        rows.truncate(limit);
    }
    Ok(rows)
}

/// Without statistics of its index SQLite cannot know what there is more of: entries that are sought, or records that are seen.
/// The newest entries suffice but where many of them are of records put away.
fn newest_rows<'a>(
    connection: &mut AnyConnection,
    lookup: &impl Fn(Way<'a>, &'a Condition) -> Lookup<'a>,
    sought: &'a Sought,
    reach: &'a Reach,
) -> Result<Vec<Row>> {
    for number in NEWEST {
        let entries = newest(connection, sought, number)?;
        let are_all = entries.len() < number;
        if are_all && entries.is_empty() {
            return Ok(Vec::new());
        }
        let found = lookup(Way::Entries(entries), &reach.seen);
        let limit = found.limit;
        let rows: Vec<Row> = found.load(connection)?;
        if are_all || i64::try_from(rows.len()).is_ok_and(|rows| rows >= limit) {
            return Ok(rows);
        }
    }
    Ok(lookup(Way::Seen(sought), &reach.seen).load(connection)?)
}

/// The newest entries of SQLite's index that are sought.
fn newest(connection: &mut AnyConnection, sought: &Sought, number: usize) -> Result<Vec<i64>> {
    #[derive(diesel::QueryableByName)]
    struct Entry {
        #[diesel(sql_type = BigInt)]
        entry: i64,
    }

    let entries: Vec<Entry> = diesel::sql_query(
        "SELECT rowid AS entry FROM search_index WHERE search_index MATCH $1 ORDER BY rowid DESC LIMIT $2",
    )
    .bind::<Text, _>(&sought.sqlite)
    .bind::<BigInt, _>(i64::try_from(number).unwrap_or(i64::MAX))
    .load(connection)?;
    Ok(entries.into_iter().map(|found| found.entry).collect())
}

/// In which order the tables are gone through.
enum Way<'a> {
    /// As PostgreSQL thinks best: it has statistics of the tokens.
    Planned(&'a Sought),
    /// On PostgreSQL the entries that are sought, then whether each is seen. So it is for the few that bear somebody's token:
    /// PostgreSQL takes tokens for independent, and would rather go through all that somebody sees.
    Sought(&'a Sought),
    /// On SQLite these entries, newest first, then whether each is seen.
    Entries(Vec<i64>),
    /// On SQLite all entries that are sought and whose records are seen.
    Seen(&'a Sought),
}

struct Lookup<'a> {
    source: &'static Source,
    seen: &'a Condition,
    way: Way<'a>,
    limit: i64,
}

impl Lookup<'_> {
    /// The columns of a [`Row`], and the record's table.
    fn columns(&self) -> String {
        let source = self.source;
        let table = source.table();
        let column = |column: Option<Column>| match column {
            Some(Column { table, name }) => format!("{table}.{name}"),
            None => "NULL".to_owned(),
        };
        format!(
            "SELECT {table}.id, {}, {}, {} FROM ",
            column(Some(source.title)),
            column(source.subtitle),
            source.values_sql()
        )
    }
}

impl QueryFragment<MultiBackend> for Lookup<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        // The plan follows from the words.
        out.unsafe_to_cache_prepared();
        let Source { join, .. } = self.source;
        let table = self.source.table();
        match &self.way {
            Way::Planned(sought) => {
                out.push_sql(&self.columns());
                out.push_sql(&format!(
                    "search_entries INNER JOIN {table} ON {table}.id = search_entries.record_id {join} WHERE search_entries.tokens @@ "
                ));
                out.push_bind_param::<Text, _>(&sought.postgres)?;
                out.push_sql("::tsquery AND ");
                self.seen.walk_ast(out.reborrow())?;
            }
            Way::Sought(sought) => {
                // The offset keeps it from turning the order round.
                out.push_sql("SELECT found.* FROM search_entries CROSS JOIN LATERAL (");
                out.push_sql(&self.columns());
                out.push_sql(&format!(
                    "{table} {join} WHERE {table}.id = search_entries.record_id AND "
                ));
                self.seen.walk_ast(out.reborrow())?;
                out.push_sql(" OFFSET 0) AS found WHERE search_entries.tokens @@ ");
                out.push_bind_param::<Text, _>(&sought.postgres)?;
                out.push_sql("::tsquery");
            }
            Way::Entries(entries) => {
                let entries: Vec<String> = entries.iter().map(i64::to_string).collect();
                out.push_sql(&self.columns());
                out.push_sql(&format!(
                    "search_entries CROSS JOIN {table} ON {table}.id = search_entries.record_id {join} \
                     WHERE search_entries.entry IN ({}) AND ",
                    entries.join(", ")
                ));
                self.seen.walk_ast(out.reborrow())?;
                out.push_sql(" ORDER BY search_entries.entry DESC");
            }
            Way::Seen(sought) => {
                out.push_sql(&self.columns());
                out.push_sql(&format!(
                    "search_index CROSS JOIN search_entries ON search_entries.entry = search_index.rowid \
                     CROSS JOIN {table} ON {table}.id = search_entries.record_id {join} WHERE search_index MATCH "
                ));
                out.push_bind_param::<Text, _>(&sought.sqlite)?;
                // The plus keeps it from asking the index once for each record.
                out.push_sql(&format!(
                    " AND +search_index.rowid IN (SELECT search_entries.entry FROM {table} {join} \
                     CROSS JOIN search_entries ON search_entries.record_id = {table}.id WHERE "
                ));
                self.seen.walk_ast(out.reborrow())?;
                out.push_sql(")");
            }
        }
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        Ok(())
    }
}

impl DieselQuery for Lookup<'_> {
    type SqlType = (Text, Text, Nullable<Text>, Text);
}

impl QueryId for Lookup<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<AnyConnection> for Lookup<'_> {}
