//! SQLite: the copy.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use diesel::sql_types::Text;
use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};

use super::{Content, Step, content, failed, number};
use crate::connection::{Manager, sqlite_path};
use crate::{AnyConnection, Error, Result};

/// How often to look how far the copy has come.
const LOOK: Duration = Duration::from_millis(200);

/// The file of a database that is there.
pub fn existing(url: &str) -> Result<&Path> {
    let path = Path::new(sqlite_path(url));
    if path.exists() {
        Ok(path)
    } else {
        Err(failed(format!("{}: no such database", path.display())))
    }
}

/// The same path as text, for SQL and SQLite's own functions.
pub fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .ok_or_else(|| failed(format!("{}: not UTF-8", path.display())))
}

/// Opens a file as it is, without the pragmas of a database in use.
pub fn open_plainly(path: &Path) -> Result<AnyConnection> {
    SqliteConnection::establish(text(path)?)
        .map(AnyConnection::Sqlite)
        .map_err(|e| Error::Away(e.to_string()))
}

/// Copies the database into an empty file.
pub fn copy(url: &str, to: &Path, step: Step<'_>) -> Result<Option<Content>> {
    existing(url)?;
    let manager = Manager {
        url: url.to_owned(),
        read_only: false,
    };
    let mut connection = manager.open().map_err(|e| Error::Away(e.to_string()))?;
    let expected = number(
        &mut connection,
        "SELECT page_count * page_size AS number FROM pragma_page_count, pragma_page_size",
    )?;
    let target = text(to)?.to_owned();
    let (sender, copied) = channel();
    // A thread of its own: the statement cannot be broken off, but need not be waited for.
    std::thread::Builder::new()
        .name("backup".to_owned())
        .spawn(move || {
            let result = sql_query("VACUUM INTO $1")
                .bind::<Text, _>(target)
                .execute(&mut connection);
            // Whoever asked may have gone; the file is a leftover then.
            let _ = sender.send(result.map(drop));
        })
        .map_err(failed)?;
    loop {
        match copied.recv_timeout(LOOK) {
            Ok(result) => {
                result?;
                return content(&mut open_plainly(to)?).map(Some);
            }
            Err(RecvTimeoutError::Disconnected) => return Err(failed("the copying panicked")),
            Err(RecvTimeoutError::Timeout) => {
                let written = fs::metadata(to).map_or(0, |m| m.len());
                let written = i64::try_from(written).unwrap_or(i64::MAX);
                if step(written, Some(expected)).is_break() {
                    return Ok(None);
                }
            }
        }
    }
}

/// Looks through the whole file for damage.
pub fn check(connection: &mut AnyConnection) -> Result<()> {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = Text)]
        quick_check: String,
    }

    let found: Vec<Found> = sql_query("PRAGMA quick_check(1)").load(connection)?;
    match found.first() {
        Some(row) if row.quick_check == "ok" => Ok(()),
        Some(row) => Err(failed(format!(
            "the database is damaged: {}",
            row.quick_check
        ))),
        None => Err(failed("the database could not be checked")),
    }
}

pub fn journal_mode(connection: &mut AnyConnection) -> Result<String> {
    #[derive(diesel::QueryableByName)]
    struct Mode {
        #[diesel(sql_type = Text)]
        journal_mode: String,
    }

    Ok(sql_query("PRAGMA journal_mode")
        .get_result::<Mode>(connection)?
        .journal_mode)
}
