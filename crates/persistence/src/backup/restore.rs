//! Restoring: into a new database beside the old one, which then takes its place. The old one is kept under another name.

use std::fs;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use guanxi_domain::Timestamp;
use guanxi_domain::backup::Manifest;

use super::{
    COUNTED, archive, at_path, content, failed, folder, kind, number, postgres, sqlite, tables,
};
use crate::connection::{Manager, sqlite_path};
use crate::db::{migrate, newest_migration};
use crate::{AnyConnection, Backend, Result, event, raw_postgres};

/// What came of it.
#[derive(Debug)]
pub struct Restored {
    pub manifest: Manifest,
    /// Where what was there before is now: a file, or a database of the same server.
    pub previous: Option<String>,
}

/// Puts a backup in the place of a database, brought up to date. Blocks.
///
/// Nothing is touched before the backup has proved to be whole. A database that is in use is never replaced, one that somebody has
/// worked with only by `force`.
pub fn restore(url: &str, file: &Path, force: bool) -> Result<Restored> {
    let manifest = archive::verify(file)?;
    let backend = Backend::of(url);
    if manifest.database != kind(backend) {
        return Err(failed(format!(
            "{}: a backup of {}, but the configured database is {}",
            file.display(),
            manifest.database,
            kind(backend)
        )));
    }
    let newest = newest_migration(backend)?;
    if manifest.schema_version > newest {
        return Err(failed(format!(
            "{}: written by a newer version ({}, tables {}); this one knows tables up to {newest}",
            file.display(),
            manifest.product_version,
            manifest.schema_version
        )));
    }
    let previous = match backend {
        Backend::Sqlite => into_sqlite(Path::new(sqlite_path(url)), file, &manifest, force)?,
        Backend::Postgres => into_postgres(url, file, &manifest, force)?,
    };
    Ok(Restored { manifest, previous })
}

/// Marks what is kept of the time before.
fn stamp() -> String {
    let now = Timestamp::now().to_string();
    let digits: String = now.chars().take(19).filter(char::is_ascii_digit).collect();
    format!("before_restore_{digits}")
}

/// Compares with the manifest, then brings the tables up to date.
fn check_and_migrate(connection: &mut AnyConnection, manifest: &Manifest) -> Result<()> {
    let found = content(connection)?;
    let known = manifest
        .counts
        .iter()
        .filter(|(table, _)| COUNTED.contains(&table.as_str()));
    for (table, rows) in known {
        if found.counts.get(table) != Some(rows) {
            return Err(failed(format!(
                "{table}: {rows} rows were backed up, {:?} came out",
                found.counts.get(table)
            )));
        }
    }
    migrate(connection)?;
    event::settle(connection)
}

/// Refuses a database that somebody has worked with, unless forced.
fn check_empty(connection: &mut AnyConnection, force: bool, what: &str) -> Result<()> {
    let used = tables(connection)?.iter().any(|table| table == "users")
        && number(connection, "SELECT COUNT(*) AS number FROM users")? > 0;
    if used && !force {
        return Err(failed(format!(
            "{what} is not empty: --force replaces it, and keeps it under another name"
        )));
    }
    Ok(())
}

fn in_use(what: &str) -> crate::Error {
    failed(format!("{what} is in use: stop the server first"))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn into_sqlite(
    target: &Path,
    file: &Path,
    manifest: &Manifest,
    force: bool,
) -> Result<Option<String>> {
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(at_path(folder))?;
    let old = target
        .exists()
        .then(|| take_alone(target, force))
        .transpose()?;
    // No other process prepares one: each would need the database for itself.
    let new = beside(target, ".restoring");
    for suffix in ["", "-wal", "-shm", "-journal"] {
        remove_if_there(&beside(&new, suffix))?;
    }
    prepare(&new, file, manifest).inspect_err(|_| {
        // What cannot be removed now is removed by the next attempt.
        let _ = fs::remove_file(&new);
    })?;
    if old.is_none() {
        // Left by a database that somebody removed: SQLite would take it for part of the new one.
        for suffix in ["-wal", "-shm", "-journal"] {
            remove_if_there(&beside(target, suffix))?;
        }
    }
    let previous = old
        .as_ref()
        .map(|_| beside(target, &format!(".{}", stamp())));
    if let Some(previous) = &previous {
        fs::hard_link(target, previous).map_err(at_path(previous))?;
    }
    fs::rename(&new, target).map_err(at_path(target))?;
    folder::sync(folder)?;
    Ok(previous.map(|path| path.display().to_string()))
}

fn remove_if_there(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_file(path).map_err(at_path(path))?;
    }
    Ok(())
}

/// The old database, locked as long as the answer lives. Its journal is a part of its file afterwards.
fn take_alone(path: &Path, force: bool) -> Result<AnyConnection> {
    let mut connection = sqlite::open_plainly(path)?;
    let name = path.display().to_string();
    // Leaving WAL takes the database for oneself, which fails while anybody has it open.
    connection
        .batch_execute("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;")
        .map_err(|error| match error.to_string() {
            text if text.contains("locked") => in_use(&name),
            text => failed(format!("{name}: {text}")),
        })?;
    if sqlite::journal_mode(&mut connection)? == "wal" {
        return Err(in_use(&name));
    }
    check_empty(&mut connection, force, &name)?;
    Ok(connection)
}

/// Writes the new file, checks it, brings it up to date, and sees to it that it is on the disk.
fn prepare(new: &Path, file: &Path, manifest: &Manifest) -> Result<()> {
    let mut from = archive::database(file, manifest)?;
    let mut to = folder::private().open(new).map_err(at_path(new))?;
    std::io::copy(&mut from, &mut to).map_err(at_path(new))?;
    drop(to);
    let manager = Manager {
        url: sqlite::text(new)?.to_owned(),
        read_only: false,
    };
    let mut connection = manager.open().map_err(failed)?;
    sqlite::check(&mut connection)?;
    check_and_migrate(&mut connection, manifest)?;
    // The last connection takes the journal along when it goes.
    drop(connection);
    if beside(new, "-wal").exists() {
        return Err(failed("the restored database could not be closed"));
    }
    fs::File::open(new)
        .and_then(|file| file.sync_all())
        .map_err(at_path(new))
}

fn into_postgres(
    url: &str,
    file: &Path,
    manifest: &Manifest,
    force: bool,
) -> Result<Option<String>> {
    const OTHERS: &str = "SELECT COUNT(*) AS number FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";

    let name = postgres::database(url)?;
    let mut old = postgres::open(url)?;
    if number(&mut old, OTHERS)? > 0 {
        return Err(in_use(name));
    }
    check_empty(&mut old, force, name)?;
    let bare = tables(&mut old)?.is_empty();
    drop(old);
    if bare {
        postgres::load(url, archive::database(file, manifest)?)?;
        check_and_migrate(&mut postgres::open(url)?, manifest)?;
        return Ok(None);
    }
    let server = postgres::with_database(url, "postgres")?;
    let new = format!("{name}_restoring");
    raw_postgres(&server, &format!("DROP DATABASE IF EXISTS \"{new}\""))?;
    raw_postgres(
        &server,
        &format!("CREATE DATABASE \"{new}\" TEMPLATE template0 ENCODING 'UTF8'"),
    )?;
    let new_url = postgres::with_database(url, &new)?;
    let previous = format!("{name}_{}", stamp());
    let swapped = postgres::load(&new_url, archive::database(file, manifest)?)
        .and_then(|()| check_and_migrate(&mut postgres::open(&new_url)?, manifest))
        .and_then(|()| rename(&server, name, &previous))
        .and_then(|()| {
            rename(&server, &new, name).inspect_err(|_| {
                // The old one back; if that fails as well, both are there under the names that the errors tell.
                let _ = rename(&server, &previous, name);
            })
        });
    if swapped.is_err() {
        // What cannot be removed now is removed by the next attempt.
        let _ = raw_postgres(&server, &format!("DROP DATABASE IF EXISTS \"{new}\""));
    }
    swapped.map(|()| Some(previous))
}

/// Fails while anybody is connected to the database.
fn rename(server: &str, from: &str, to: &str) -> Result<()> {
    raw_postgres(
        server,
        &format!("ALTER DATABASE \"{from}\" RENAME TO \"{to}\""),
    )
}
