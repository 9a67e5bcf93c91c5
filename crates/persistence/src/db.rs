//! The database: a pool of readers and the writer.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::r2d2::Pool;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connection::{Manager, sqlite_path};
use crate::tx::{Origin, Tx};
use crate::writer::Writer;
use crate::{AnyConnection, Backend, Error, Result};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
/// Held while migrations run, so that of several replicas that start together one runs them.
pub(crate) const MIGRATION_LOCK: i64 = 0x6775_616e_7869;

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct DbConfig {
    /// `postgres://…`, or a SQLite file: `sqlite:path` or the path.
    pub url: String,
    /// Reader connections.
    pub readers: u32,
    /// Writer connections; SQLite has one whatever this says.
    pub writers: u32,
    /// Writes that may wait; one more is refused.
    pub queue: usize,
}

impl DbConfig {
    /// Sizes that were measured to do well on two cores.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            readers: 4,
            writers: 12,
            queue: 1024,
        }
    }
}

thread_local! {
    /// The connection of a thread that looks things up itself, and the database it leads to.
    static OWN: RefCell<Option<(Arc<str>, AnyConnection)>> = const { RefCell::new(None) };
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: Pool<Manager>,
    writer: Arc<Writer>,
    backend: Backend,
    url: Arc<str>,
}

impl Db {
    /// Opens the database, creating a SQLite file that does not exist, and brings its tables up to date.
    ///
    /// Blocks: call it before the server starts.
    pub fn open(config: &DbConfig) -> Result<Self> {
        let backend = Backend::of(&config.url);
        if backend == Backend::Sqlite
            && let Some(folder) = std::path::Path::new(sqlite_path(&config.url)).parent()
        {
            std::fs::create_dir_all(folder)
                .map_err(|e| Error::Away(format!("{}: {e}", folder.display())))?;
        }
        let manager = Manager {
            url: config.url.clone(),
            read_only: false,
        };
        let mut connection = manager.open().map_err(|e| Error::Away(e.to_string()))?;
        migrate(&mut connection)?;
        crate::event::settle(&mut connection)?;
        crate::audit::begin(&mut connection)?;
        drop(connection);

        let readers = Pool::builder()
            .max_size(config.readers)
            .min_idle(Some(if backend == Backend::Sqlite {
                config.readers
            } else {
                0
            }))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(5))
            .build(Manager {
                read_only: backend == Backend::Sqlite,
                ..manager.clone()
            })
            .map_err(|e| Error::Away(e.to_string()))?;
        let writer = Writer::start(
            manager,
            if backend == Backend::Sqlite {
                1
            } else {
                config.writers
            },
            config.queue,
        )?;
        let db = Self {
            readers,
            writer: Arc::new(writer),
            backend,
            url: config.url.as_str().into(),
        };
        crate::search::fill(&db)?;
        Ok(db)
    }

    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The URL it was opened with. May hold a password: never log it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a closure on a reader connection, on a thread that may block.
    ///
    /// Several queries that must agree belong in a transaction: see [`Db::snapshot`].
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.clone();
        match tokio::task::spawn_blocking(move || db.read_blocking(f)).await {
            Ok(result) => result,
            Err(error) => Err(Error::Internal(format!("a read panicked: {error}"))),
        }
    }

    /// As [`Db::read`], for a look-up of some ten microseconds: of records by their keys.
    ///
    /// On SQLite it runs at once on this thread, with a connection of the thread's own: to hand it to another thread and to be
    /// woken again takes longer than the look-up. Readers do not wait for the writer there.
    pub async fn look_up<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.backend == Backend::Postgres {
            return self.read(f).await;
        }
        OWN.with_borrow_mut(|own| {
            let connection = match own {
                Some((url, connection)) if *url == self.url => connection,
                _ => {
                    let manager = Manager {
                        url: self.url.to_string(),
                        read_only: true,
                    };
                    let opened = manager.open().map_err(|e| Error::Away(e.to_string()))?;
                    &mut own.insert((Arc::clone(&self.url), opened)).1
                }
            };
            f(connection)
        })
    }

    /// As [`Db::read`], in one transaction that sees one state.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read(|connection| in_snapshot(connection, f)).await
    }

    /// As [`Db::snapshot`], on this thread.
    pub fn snapshot_blocking<T>(
        &self,
        f: impl FnOnce(&mut AnyConnection) -> Result<T>,
    ) -> Result<T> {
        self.read_blocking(|connection| in_snapshot(connection, f))
    }

    /// As [`Db::read`], on this thread.
    pub fn read_blocking<T>(&self, f: impl FnOnce(&mut AnyConnection) -> Result<T>) -> Result<T> {
        let mut connection = self.readers.get().map_err(|e| Error::Away(e.to_string()))?;
        f(&mut connection)
    }

    /// Runs a closure on the writer in one transaction and answers after the commit.
    ///
    /// The closure may run more than once: PostgreSQL may ask for a repetition. It must leave a record of what it did
    /// ([`Tx::created`] and its like): a write without an audit entry is an error.
    pub async fn write<T: Send + 'static>(
        &self,
        origin: Origin,
        f: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let answer = self.writer.submit(origin, true, f)?;
        answer
            .await
            .map_err(|_| Error::Internal("the writer stopped".to_owned()))?
    }

    /// As [`Db::write`] for what needs no audit entry: the progress of jobs, the rotation of tokens.
    pub async fn housekeep<T: Send + 'static>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let answer = self.writer.submit(Origin::system(), false, f)?;
        answer
            .await
            .map_err(|_| Error::Internal("the writer stopped".to_owned()))?
    }

    /// As [`Db::write`] for the tokens of log-ins: a rotation leaves no audit entry, a reuse does.
    pub async fn rotate_tokens<T: Send + 'static>(
        &self,
        origin: Origin,
        f: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let answer = self.writer.submit(origin, false, f)?;
        answer
            .await
            .map_err(|_| Error::Internal("the writer stopped".to_owned()))?
    }

    /// As [`Db::write`], for a thread that may block: waits while the queue is full.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        origin: Origin,
        f: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer
            .submit_waiting(origin, true, f)?
            .blocking_recv()
            .map_err(|_| Error::Internal("the writer stopped".to_owned()))?
    }

    /// As [`Db::housekeep`], for a thread that may block: waits while the queue is full.
    pub fn housekeep_blocking<T: Send + 'static>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer
            .submit_waiting(Origin::system(), false, f)?
            .blocking_recv()
            .map_err(|_| Error::Internal("the writer stopped".to_owned()))?
    }

    /// As [`Db::housekeep_blocking`], but does not wait for the end: that is what the answer is for.
    pub(crate) fn housekeep_meanwhile<T: Send + 'static>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<Pending<T>> {
        let answer = self.writer.submit_waiting(Origin::system(), false, f)?;
        Ok(Pending(answer))
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.read(|connection| Ok(connection.batch_execute("SELECT 1")?))
            .await
    }

    /// Writes that wait just now.
    pub fn waiting_writes(&self) -> usize {
        self.writer.waiting()
    }
}

/// A write that has been handed over.
pub(crate) struct Pending<T>(tokio::sync::oneshot::Receiver<Result<T>>);

impl<T> Pending<T> {
    /// Waits for its commit. Blocks.
    pub fn wait(self) -> Result<T> {
        let stopped = |_| Error::Internal("the writer stopped".to_owned());
        self.0.blocking_recv().map_err(stopped)?
    }
}

fn in_snapshot<T>(
    connection: &mut AnyConnection,
    f: impl FnOnce(&mut AnyConnection) -> Result<T>,
) -> Result<T> {
    connection.batch_execute(match connection {
        AnyConnection::Sqlite(_) => "BEGIN",
        AnyConnection::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    })?;
    let result = f(connection);
    connection.batch_execute("ROLLBACK")?;
    result
}

/// The newest migration that this program knows.
pub(crate) fn newest_migration(backend: Backend) -> Result<String> {
    fn newest<DB: diesel::backend::Backend>(
        source: &EmbeddedMigrations,
    ) -> diesel::migration::Result<String> {
        let migrations = MigrationSource::<DB>::migrations(source)?;
        let versions = migrations.iter().map(|m| m.name().version().to_string());
        Ok(versions.max().unwrap_or_default())
    }
    match backend {
        Backend::Sqlite => newest::<diesel::sqlite::Sqlite>(&SQLITE_MIGRATIONS),
        Backend::Postgres => newest::<diesel::pg::Pg>(&POSTGRES_MIGRATIONS),
    }
    .map_err(|e| Error::Internal(format!("migrations: {e}")))
}

/// Runs the migrations that have not been run.
pub(crate) fn migrate(connection: &mut AnyConnection) -> Result<()> {
    let failed =
        |e: Box<dyn std::error::Error + Send + Sync>| Error::Internal(format!("migration: {e}"));
    match connection {
        AnyConnection::Sqlite(connection) => {
            connection
                .run_pending_migrations(SQLITE_MIGRATIONS)
                .map_err(failed)?;
        }
        AnyConnection::Postgres(connection) => {
            connection.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
            let result = connection
                .run_pending_migrations(POSTGRES_MIGRATIONS)
                .map(drop)
                .map_err(failed);
            connection.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
            result?;
        }
    }
    Ok(())
}
