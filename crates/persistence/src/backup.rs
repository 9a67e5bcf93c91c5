//! Backups: a consistent copy of the database in one file, made while others read and write.
//!
//! SQLite is copied by `VACUUM INTO`: one statement, so one state, in a read transaction that a writer does not wait for under WAL
//! (meanwhile the WAL cannot be wound back, so it grows by what is written). SQLite's backup interface would do the same page by page, but
//! starts over whenever another connection writes, and needs unsafe code. PostgreSQL is copied by its own `pg_dump`.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use diesel::sql_types::{BigInt, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use guanxi_domain::Timestamp;
use guanxi_domain::backup::{Backup, DatabaseKind, Manifest, Retention};

use crate::{AnyConnection, Backend, Error, Result};

mod archive;
mod folder;
mod postgres;
mod restore;
mod sqlite;

pub use folder::list;
pub use restore::{Restored, restore};

/// Tables whose rows a manifest counts.
const COUNTED: &[&str] = &[
    "audit_entries",
    "contacts",
    "customers",
    "orders",
    "products",
    "tickets",
    "users",
];

fn failed(what: impl std::fmt::Display) -> Error {
    Error::Internal(what.to_string())
}

fn at_path(path: &Path) -> impl Fn(std::io::Error) -> Error {
    move |error| failed(format!("{}: {error}", path.display()))
}

pub(crate) const fn kind(backend: Backend) -> DatabaseKind {
    match backend {
        Backend::Sqlite => DatabaseKind::Sqlite,
        Backend::Postgres => DatabaseKind::Postgres,
    }
}

/// Told while a backup is written: bytes so far, and of how many where that is known. Breaks it off.
pub type Step<'a> = &'a mut dyn FnMut(i64, Option<i64>) -> ControlFlow<()>;

/// What a copy holds.
struct Content {
    schema_version: String,
    counts: std::collections::BTreeMap<String, i64>,
}

/// Writes a backup of the database into a folder; `None` if it was broken off. Blocks.
///
/// The file appears under its name only when it is complete and on the disk. What an earlier attempt left behind is removed.
pub fn create(
    url: &str,
    folder: &Path,
    product_version: &str,
    step: Step<'_>,
) -> Result<Option<Backup>> {
    let lock = folder::Lock::take(folder)?;
    let created_at = Timestamp::now();
    let name = folder::name_at(created_at);
    let partial = lock.new_partial(&name)?;
    let backend = Backend::of(url);
    let content = match backend {
        Backend::Sqlite => sqlite::copy(url, &partial, step),
        Backend::Postgres => postgres::dump(url, &partial, step),
    };
    let content = match content {
        Ok(Some(content)) => content,
        other => {
            // What cannot be removed now is removed by the next backup.
            let _ = fs::remove_file(&partial);
            return other.map(|_| None);
        }
    };
    let manifest = archive::seal(&partial, |size, sha256| Manifest {
        format: archive::FORMAT,
        product_version: product_version.to_owned(),
        schema_version: content.schema_version,
        database: kind(backend),
        created_at,
        size,
        sha256,
        counts: content.counts,
    })?;
    lock.publish(&partial, &name)?;
    let size = fs::metadata(folder.join(&name))
        .map_err(at_path(folder))?
        .len();
    Ok(Some(Backup {
        name,
        size: i64::try_from(size).unwrap_or(i64::MAX),
        manifest: Some(manifest),
    }))
}

/// Deletes the backups that need not be kept; their names. What is no complete backup is left alone.
pub fn prune(folder: &Path, retention: Retention) -> Result<Vec<String>> {
    let _lock = folder::Lock::take(folder)?;
    let backups = list(folder)?;
    let time = |backup: &Backup| backup.manifest.as_ref().map(|m| m.created_at);
    let times: Vec<Timestamp> = backups.iter().filter_map(time).collect();
    let kept = retention.kept(&times);
    let mut gone = Vec::new();
    for backup in backups {
        if time(&backup).is_some_and(|time| !kept.contains(&time)) {
            let path = folder.join(&backup.name);
            fs::remove_file(&path).map_err(at_path(&path))?;
            gone.push(backup.name);
        }
    }
    Ok(gone)
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn number(connection: &mut AnyConnection, sql: &str) -> Result<i64> {
    Ok(sql_query(sql).get_result::<Number>(connection)?.number)
}

/// The tables of the database, without those of the database itself.
fn tables(connection: &mut AnyConnection) -> Result<Vec<String>> {
    let sql = match connection {
        AnyConnection::Sqlite(_) => {
            "SELECT name AS word FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        }
        AnyConnection::Postgres(_) => {
            "SELECT table_name::text AS word FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    };
    let rows: Vec<Word> = sql_query(sql).load(connection)?;
    Ok(rows.into_iter().map(|row| row.word).collect())
}

/// What the database holds; an error if it is not one of ours.
fn content(connection: &mut AnyConnection) -> Result<Content> {
    const MIGRATIONS: &str = "__diesel_schema_migrations";

    let tables = tables(connection)?;
    if !tables.iter().any(|table| table == MIGRATIONS) {
        return Err(failed("the database has no tables of this program"));
    }
    let newest: Option<Word> = sql_query(format!(
        "SELECT version AS word FROM {MIGRATIONS} ORDER BY version DESC LIMIT 1"
    ))
    .get_result(connection)
    .optional()?;
    let mut counts = std::collections::BTreeMap::new();
    for table in COUNTED
        .iter()
        .filter(|known| tables.iter().any(|table| table == **known))
    {
        let rows = number(
            connection,
            &format!("SELECT COUNT(*) AS number FROM {table}"),
        )?;
        counts.insert((*table).to_owned(), rows);
    }
    Ok(Content {
        schema_version: newest.map(|row| row.word).unwrap_or_default(),
        counts,
    })
}
