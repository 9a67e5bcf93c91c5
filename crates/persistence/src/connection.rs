//! One connection type over both databases; the URL's scheme chooses.

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, ConnectionResult, PgConnection, SqliteConnection};

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Expands the same expression for each backend, for what the enum itself cannot: batches, upserts, row locks.
macro_rules! per_backend {
    ($connection:expr, $c:ident => $body:expr) => {
        match $connection {
            $crate::AnyConnection::Sqlite($c) => $body,
            $crate::AnyConnection::Postgres($c) => $body,
        }
    };
}

/// Inserts a slice of rows, many a statement: no statement has more bound values than the databases take.
macro_rules! insert_many {
    ($connection:expr, $table:expr, $rows:expr) => {
        for rows in $rows.chunks($crate::tx::BATCH) {
            per_backend!(&mut *$connection, c => diesel::insert_into($table).values(rows).execute(c))?;
        }
    };
}

/// Which database a URL names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    /// By the scheme: `postgres:` and `postgresql:`; `sqlite:` or a plain path is a file.
    pub fn of(url: &str) -> Self {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::Postgres
        } else {
            Self::Sqlite
        }
    }
}

/// The file that a SQLite URL names.
pub(crate) fn sqlite_path(url: &str) -> &str {
    url.strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))
        .unwrap_or(url)
}

/// Runs a statement outside of any pool and transaction, as CREATE DATABASE needs it.
pub fn raw_postgres(url: &str, statement: &str) -> crate::Result<()> {
    let mut connection =
        PgConnection::establish(url).map_err(|e| crate::Error::Away(e.to_string()))?;
    Ok(connection.batch_execute(statement)?)
}

/// Most statements answer a few rows in less time than it takes to start parallel workers or to compile an expression: both are
/// left to the largest, compiling to none.
const POSTGRES_SETTINGS: &str = "SET parallel_setup_cost = 20000; SET jit = off;";

/// Opens connections for a pool, each with its pragmas set.
#[derive(Clone, Debug)]
pub(crate) struct Manager {
    pub url: String,
    /// Refuses to write; for the pool of readers on SQLite.
    pub read_only: bool,
}

impl Manager {
    pub fn open(&self) -> ConnectionResult<AnyConnection> {
        match Backend::of(&self.url) {
            Backend::Postgres => {
                let mut connection = PgConnection::establish(&self.url)?;
                connection
                    .batch_execute(POSTGRES_SETTINGS)
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(AnyConnection::Postgres(connection))
            }
            Backend::Sqlite => {
                let mut connection = SqliteConnection::establish(sqlite_path(&self.url))?;
                connection
                    .batch_execute(
                        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 1073741824; \
                         PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000;",
                    )
                    .map_err(ConnectionError::CouldntSetupConfiguration)?;
                if self.read_only {
                    connection
                        .batch_execute("PRAGMA query_only = ON;")
                        .map_err(ConnectionError::CouldntSetupConfiguration)?;
                }
                Ok(AnyConnection::Sqlite(connection))
            }
        }
    }
}

impl diesel::r2d2::ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        self.open().map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), Self::Error> {
        connection
            .batch_execute("SELECT 1")
            .map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        diesel::r2d2::R2D2Connection::is_broken(connection)
    }
}
