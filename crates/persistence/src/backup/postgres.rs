//! PostgreSQL: the dump, by PostgreSQL's own programs.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};

use super::{Content, Step, Word, content, failed};
use crate::{AnyConnection, Error, Result};

/// How often to look how far the dump has come.
const LOOK: Duration = Duration::from_millis(200);

pub fn open(url: &str) -> Result<AnyConnection> {
    PgConnection::establish(url)
        .map(AnyConnection::Postgres)
        .map_err(|e| Error::Away(e.to_string()))
}

/// Dumps the database into a file. The manifest's counts and the dump are of one snapshot.
pub fn dump(url: &str, to: &Path, step: Step<'_>) -> Result<Option<Content>> {
    let mut connection = open(url)?;
    connection.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let snapshot: Word =
        sql_query("SELECT pg_export_snapshot() AS word").get_result(&mut connection)?;
    let content = content(&mut connection)?;
    let mut child = program("pg_dump", url)
        .args(["--format=custom", "--no-owner", "--no-privileges"])
        .arg(format!("--snapshot={}", snapshot.word))
        .arg("--file")
        .arg(to)
        .stdin(Stdio::null())
        .spawn()
        .map_err(|e| missing("pg_dump", &e))?;
    loop {
        if child.try_wait().map_err(failed)?.is_some() {
            return ended("pg_dump", child).map(|()| Some(content));
        }
        let written = fs::metadata(to).map_or(0, |m| m.len());
        if step(i64::try_from(written).unwrap_or(i64::MAX), None).is_break() {
            // It may have ended just now.
            let _ = child.kill();
            child.wait().map_err(failed)?;
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}

/// Loads a dump into a database without tables: all of it or nothing.
pub fn load(url: &str, mut dump: impl Read) -> Result<()> {
    let mut child = program("pg_restore", url)
        .args(["--no-owner", "--no-privileges", "--single-transaction"])
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|e| missing("pg_restore", &e))?;
    let fed = match child.stdin.take() {
        Some(mut stdin) => std::io::copy(&mut dump, &mut stdin).map(drop),
        None => Ok(()),
    };
    // When it gives up early, it says why; that the pipe broke does not.
    ended("pg_restore", child)?;
    fed.map_err(failed)
}

fn missing(program: &str, error: &std::io::Error) -> Error {
    if error.kind() == ErrorKind::NotFound {
        failed(format!(
            "{program} is not on the PATH: install PostgreSQL's client programs, of the server's version or newer"
        ))
    } else {
        failed(format!("{program}: {error}"))
    }
}

/// Waits for the end; what it complained of is the error.
fn ended(program: &str, child: Child) -> Result<()> {
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(format!("{program} failed: {}", said.trim())))
}

/// One of PostgreSQL's programs on a database. Its password goes by the environment: everybody on the machine can read command lines.
fn program(name: &str, url: &str) -> Command {
    let (url, password) = without_password(url);
    let mut command = Command::new(name);
    command
        .arg("--dbname")
        .arg(url)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command
}

fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else {
        return (url.to_owned(), None);
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (mut password, mut user_and_host) = (None, authority.to_owned());
    if let Some((user, host)) = authority.rsplit_once('@')
        && let Some((user, secret)) = user.split_once(':')
    {
        password = Some(decoded(secret));
        user_and_host = format!("{user}@{host}");
    }
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.strip_prefix("password=") {
            Some(secret) => password = Some(decoded(secret)),
            None => kept.push(pair),
        }
    }
    let question = if kept.is_empty() { "" } else { "?" };
    let url = format!(
        "{scheme}://{user_and_host}{path}{question}{}",
        kept.join("&")
    );
    (url, password)
}

/// `%40` as `@`, as libpq reads it.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match byte {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The name of the database that a URL leads to.
pub fn database(url: &str) -> Result<&str> {
    parts(url).map(|(_, name, _)| name)
}

/// The URL of another database of the same server.
pub fn with_database(url: &str, name: &str) -> Result<String> {
    let (server, _, query) = parts(url)?;
    Ok(format!("{server}/{name}{query}"))
}

/// Everything before the database's name, the name, and everything after it.
fn parts(url: &str) -> Result<(&str, &str, &str)> {
    let end = url.find('?').unwrap_or(url.len());
    let (place, query) = url.split_at(end);
    match place.rsplit_once('/') {
        // Names stand in quotes in SQL, and unescaped in other URLs.
        Some((server, name))
            if server.contains("://")
                && !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b)) =>
        {
            Ok((server, name, query))
        }
        _ => Err(failed(
            "the address of the database has to name it, in letters and digits, as in postgres://server/database",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_do_not_stand_on_command_lines() {
        let cases = [
            ("postgres://crm@db/crm", "postgres://crm@db/crm", None),
            (
                "postgres://crm:p%40ss:w@db:5432/crm?sslmode=require",
                "postgres://crm@db:5432/crm?sslmode=require",
                Some("p@ss:w"),
            ),
            (
                "postgresql://db/crm?user=crm&password=a%2fb",
                "postgresql://db/crm?user=crm",
                Some("a/b"),
            ),
            (
                "postgres://crm:100%@/crm?host=/run/postgresql",
                "postgres://crm@/crm?host=/run/postgresql",
                Some("100%"),
            ),
        ];
        for (url, bare, password) in cases {
            let expected = (bare.to_owned(), password.map(str::to_owned));
            assert_eq!(without_password(url), expected, "{url}");
        }
    }

    #[test]
    fn another_database_of_the_same_server() {
        let cases = [
            ("postgres://a:b@db:5432/crm", "postgres://a:b@db:5432/other"),
            (
                "postgres://db/crm?sslmode=require",
                "postgres://db/other?sslmode=require",
            ),
            (
                "postgres://crm@/crm?host=/run/postgresql",
                "postgres://crm@/other?host=/run/postgresql",
            ),
        ];
        for (url, other) in cases {
            assert_eq!(database(url).expect("a name"), "crm");
            assert_eq!(with_database(url, "other").expect("a URL"), other);
        }
        for bad in ["postgres://db", "postgres://db/", "postgres://"] {
            assert!(database(bad).is_err(), "{bad}");
        }
    }
}
