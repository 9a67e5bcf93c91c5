//! The writer: every change goes through it, one transaction each, durable before it is answered.
//!
//! SQLite has one writer thread with group commit: it takes the writes that wait (up to [`GROUP`]) as savepoints into one
//! transaction, so that one fsync serves them all. PostgreSQL groups commits itself, so there each of several threads takes one
//! write at a time. The queue is bounded: when it is full a write is refused at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::{Connection, PgConnection, SqliteConnection};
use tokio::sync::oneshot;

use crate::audit::Head;
use crate::connection::Manager;
use crate::{AnyConnection, Error, Origin, Result, Tx};

/// Writes that share a commit on SQLite.
const GROUP: usize = 64;
/// How often a write is repeated when PostgreSQL aborts it to break a deadlock.
const REPETITIONS: usize = 5;

type Reply<T> = oneshot::Receiver<Result<T>>;

/// A write that waits, its result's type forgotten.
trait Task: Send {
    /// `lane`: where this writer's lane of the audit trail ends.
    fn run(&mut self, connection: &mut AnyConnection, lane: &mut Option<Head>) -> Result<()>;
    /// Tells whoever waits; `Err` if the commit failed.
    fn finish(self: Box<Self>, committed: Result<()>);
}

struct TaskOf<T, F> {
    f: F,
    origin: Origin,
    /// An audit entry is due.
    audited: bool,
    result: Option<T>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnMut(&mut Tx<'_>) -> Result<T> + Send> Task for TaskOf<T, F> {
    fn run(&mut self, connection: &mut AnyConnection, lane: &mut Option<Head>) -> Result<()> {
        let mut tx = Tx::begin(connection, &self.origin);
        let result = catch_unwind(AssertUnwindSafe(|| (self.f)(&mut tx)))
            .unwrap_or_else(|_| Err(Error::Internal("a write panicked".to_owned())))?;
        tx.end(self.audited, lane)?;
        self.result = Some(result);
        Ok(())
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        let Self { result, reply, .. } = *self;
        let answer = committed.and_then(|()| {
            result.ok_or_else(|| Error::Internal("a write has no result".to_owned()))
        });
        // Whoever waited may have gone; the write stands all the same.
        let _ = reply.send(answer);
    }
}

/// The queue and the threads that work on it.
pub(crate) struct Writer {
    queue: SyncSender<Box<dyn Task>>,
    waiting: Arc<AtomicUsize>,
}

impl Writer {
    pub fn start(manager: Manager, threads: u32, queue: usize) -> Result<Self> {
        let (sender, receiver) = sync_channel::<Box<dyn Task>>(queue);
        let receiver = Arc::new(Mutex::new(receiver));
        let waiting = Arc::new(AtomicUsize::new(0));
        for number in 0..threads {
            let worker = Worker {
                manager: manager.clone(),
                receiver: Arc::clone(&receiver),
                waiting: Arc::clone(&waiting),
                connection: None,
                lane: None,
            };
            std::thread::Builder::new()
                .name(format!("writer-{number}"))
                .spawn(move || worker.run())
                .map_err(|e| Error::Internal(format!("no thread for the writer: {e}")))?;
        }
        Ok(Self {
            queue: sender,
            waiting,
        })
    }

    fn task<T, F>(origin: Origin, audited: bool, f: F) -> (Box<dyn Task>, Reply<T>)
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        (
            Box::new(TaskOf {
                f,
                origin,
                audited,
                result: None,
                reply,
            }),
            answer,
        )
    }

    pub fn submit<T, F>(&self, origin: Origin, audited: bool, f: F) -> Result<Reply<T>>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (task, answer) = Self::task(origin, audited, f);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.queue.try_send(task).map_err(|e| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            match e {
                TrySendError::Full(_) => Error::Overloaded,
                TrySendError::Disconnected(_) => Error::Internal("the writer stopped".to_owned()),
            }
        })?;
        Ok(answer)
    }

    pub fn submit_waiting<T, F>(&self, origin: Origin, audited: bool, f: F) -> Result<Reply<T>>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (task, answer) = Self::task(origin, audited, f);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.queue.send(task).map_err(|_| {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            Error::Internal("the writer stopped".to_owned())
        })?;
        Ok(answer)
    }

    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

struct Worker {
    manager: Manager,
    receiver: Arc<Mutex<Receiver<Box<dyn Task>>>>,
    waiting: Arc<AtomicUsize>,
    connection: Option<AnyConnection>,
    /// Where the lane of the audit trail ends that this thread wrote in last.
    lane: Option<Head>,
}

impl Worker {
    /// Works until the queue's sender is gone.
    fn run(mut self) {
        let size = if crate::Backend::of(&self.manager.url) == crate::Backend::Sqlite {
            GROUP
        } else {
            1
        };
        while let Some(tasks) = self.take(size) {
            self.waiting.fetch_sub(tasks.len(), Ordering::Relaxed);
            self.work(tasks);
        }
    }

    /// Waits for a write and takes those that wait behind it.
    fn take(&self, size: usize) -> Option<Vec<Box<dyn Task>>> {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tasks = vec![receiver.recv().ok()?];
        while tasks.len() < size
            && let Ok(task) = receiver.try_recv()
        {
            tasks.push(task);
        }
        Some(tasks)
    }

    fn work(&mut self, tasks: Vec<Box<dyn Task>>) {
        if self.connection.is_none() {
            match self.manager.open() {
                Ok(connection) => self.connection = Some(connection),
                Err(error) => {
                    log::error!("the writer cannot reach the database: {error}");
                    for task in tasks {
                        task.finish(Err(Error::Away(error.to_string())));
                    }
                    return;
                }
            }
        }
        let Some(connection) = &mut self.connection else {
            return;
        };
        let lane = &mut self.lane;
        let broken = match connection {
            AnyConnection::Sqlite(_) => write_group(connection, lane, tasks),
            AnyConnection::Postgres(_) => tasks
                .into_iter()
                .any(|task| write_one(connection, lane, task)),
        };
        if broken {
            self.connection = None;
        }
    }
}

/// All tasks as savepoints of one transaction. True if the connection is to be thrown away.
fn write_group(
    connection: &mut AnyConnection,
    lane: &mut Option<Head>,
    tasks: Vec<Box<dyn Task>>,
) -> bool {
    if let Err(error) = begin(connection) {
        let text = error.to_string();
        for task in tasks {
            task.finish(Err(Error::Away(text.clone())));
        }
        return true;
    }
    let mut done = Vec::with_capacity(tasks.len());
    for mut task in tasks {
        match connection.transaction(|connection| task.run(connection, lane)) {
            Ok(()) => done.push(task),
            Err(error) => task.finish(Err(error)),
        }
    }
    match commit(connection) {
        Ok(()) => {
            for task in done {
                task.finish(Ok(()));
            }
            false
        }
        Err(error) => {
            let text = error.to_string();
            log::error!("a commit failed: {text}");
            for task in done {
                task.finish(Err(Error::Away(text.clone())));
            }
            true
        }
    }
}

/// One task in a transaction of its own, repeated if the database asks for it. True if the connection is broken.
fn write_one(
    connection: &mut AnyConnection,
    lane: &mut Option<Head>,
    mut task: Box<dyn Task>,
) -> bool {
    for attempt in 1.. {
        let result = connection.transaction(|connection| task.run(connection, lane));
        let repeat = matches!(&result, Err(Error::Internal(text)) if text.contains("deadlock detected") || text.contains("could not serialize"));
        if repeat && attempt < REPETITIONS {
            continue;
        }
        let broken = matches!(&result, Err(Error::Away(_)))
            || diesel::r2d2::R2D2Connection::is_broken(connection)
            || (result.is_err() && connection.batch_execute("SELECT 1").is_err());
        let result = match result {
            Err(error @ Error::Internal(_)) if broken => Err(Error::Away(error.to_string())),
            other => other,
        };
        task.finish(result);
        return broken;
    }
    false
}

fn begin(connection: &mut AnyConnection) -> diesel::QueryResult<()> {
    match connection {
        AnyConnection::Sqlite(c) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
        }
        AnyConnection::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN"),
    }
}

fn commit(connection: &mut AnyConnection) -> diesel::QueryResult<()> {
    use diesel::connection::TransactionManager;

    match connection {
        AnyConnection::Sqlite(c) => {
            <AnsiTransactionManager as TransactionManager<SqliteConnection>>::commit_transaction(c)
        }
        AnyConnection::Postgres(c) => {
            <AnsiTransactionManager as TransactionManager<PgConnection>>::commit_transaction(c)
        }
    }
}
