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
use diesel::{Connection, ExpressionMethods, PgConnection, RunQueryDsl, SqliteConnection};
use guanxi_domain::audit::differences;
use guanxi_domain::{AuditId, Timestamp, UserId};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::connection::Manager;
use crate::idempotency::Claim;
use crate::schema::{audit_entries, outbox_events};
use crate::{Actor, AnyConnection, Error, Result, idempotency, search, share};

/// Writes that share a commit on SQLite.
const GROUP: usize = 64;
/// Rows that one statement inserts at most.
pub(crate) const BATCH: usize = 200;
/// How often a write is repeated when PostgreSQL aborts it to break a deadlock.
const REPETITIONS: usize = 5;

/// Where a change comes from: for the audit trail.
#[derive(Clone, Debug)]
pub struct Origin {
    pub user_id: Option<UserId>,
    pub user_name: String,
    pub ip: String,
    pub request_id: String,
    /// The key of a request that must not be carried out twice.
    pub claim: Option<Claim>,
}

impl Origin {
    /// The program itself.
    pub fn system() -> Self {
        Self {
            user_id: None,
            user_name: "system".to_owned(),
            ip: String::new(),
            request_id: String::new(),
            claim: None,
        }
    }

    /// Whoever sits at the server.
    pub fn command_line() -> Self {
        Self {
            user_name: "command line".to_owned(),
            ..Self::system()
        }
    }

    /// A person, outside of a request: from the command line or a background job.
    pub fn of(actor: &Actor) -> Self {
        Self {
            user_id: Some(actor.user_id),
            user_name: actor.name.clone(),
            ..Self::system()
        }
    }
}

/// A transaction that changes something.
pub struct Tx<'a> {
    pub connection: &'a mut AnyConnection,
    pub origin: &'a Origin,
    /// When it began.
    pub now: Timestamp,
    recorded: bool,
}

impl Tx<'_> {
    /// Records that something was made: an audit entry and an outbox event.
    pub fn created(&mut self, record: &str, id: &str, new: &impl serde::Serialize) -> Result<()> {
        let new = serde_json::to_value(new)?;
        self.record(record, id, "created", differences(&json!({}), &new))
    }

    /// Records that something was changed, with the differences.
    pub fn updated(
        &mut self,
        record: &str,
        id: &str,
        old: &impl serde::Serialize,
        new: &impl serde::Serialize,
    ) -> Result<()> {
        self.changed(record, id, "updated", old, new)
    }

    /// As [`Tx::updated`], with a word of its own for what was done: `archived`, `confirmed`.
    pub fn changed(
        &mut self,
        record: &str,
        id: &str,
        action: &str,
        old: &impl serde::Serialize,
        new: &impl serde::Serialize,
    ) -> Result<()> {
        self.record(
            record,
            id,
            action,
            differences(&serde_json::to_value(old)?, &serde_json::to_value(new)?),
        )
    }

    /// Records that something was deleted for good, with what it was.
    pub fn deleted(&mut self, record: &str, id: &str, old: &impl serde::Serialize) -> Result<()> {
        self.record(
            record,
            id,
            "deleted",
            differences(&serde_json::to_value(old)?, &json!({})),
        )
    }

    /// Records what was done: `changes` is `{field: {old, new}}`.
    pub fn record(&mut self, record: &str, id: &str, action: &str, changes: Value) -> Result<()> {
        self.begin_record()?;
        self.follow(record, action, &[(id, &changes)])?;
        let entry = AuditId::generate();
        let changes = changes.to_string();
        diesel::insert_into(audit_entries::table)
            .values((
                audit_entries::id.eq(entry),
                audit_entries::at.eq(self.now.micros()),
                audit_entries::user_id.eq(self.origin.user_id),
                audit_entries::user_name.eq(&self.origin.user_name),
                audit_entries::ip.eq(&self.origin.ip),
                audit_entries::request_id.eq(&self.origin.request_id),
                audit_entries::record_type.eq(record),
                audit_entries::record_id.eq(id),
                audit_entries::action.eq(action),
                audit_entries::changes.eq(&changes),
            ))
            .execute(self.connection)?;
        diesel::insert_into(outbox_events::table)
            .values((
                outbox_events::id.eq(entry),
                outbox_events::at.eq(self.now.micros()),
                outbox_events::kind.eq(format!("{record}.{action}")),
                outbox_events::record_id.eq(id),
                outbox_events::user_id.eq(self.origin.user_id),
                outbox_events::payload.eq(&changes),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    /// An event that concerns one person and needs no audit entry.
    pub(crate) fn announce(
        &mut self,
        record: &str,
        id: &str,
        action: &str,
        concerns: UserId,
    ) -> Result<()> {
        diesel::insert_into(outbox_events::table)
            .values((
                outbox_events::id.eq(AuditId::generate()),
                outbox_events::at.eq(self.now.micros()),
                outbox_events::kind.eq(format!("{record}.{action}")),
                outbox_events::record_id.eq(id),
                outbox_events::user_id.eq(concerns),
                outbox_events::payload.eq("{}"),
            ))
            .execute(self.connection)?;
        Ok(())
    }

    /// Keeps what goes with records in step with them.
    fn follow(&mut self, record: &str, action: &str, entries: &[(&str, &Value)]) -> Result<()> {
        search::follow(self.connection, record, action, entries)?;
        if action == "deleted" {
            let ids: Vec<&str> = entries.iter().map(|(id, _)| *id).collect();
            share::forget(self.connection, record, &ids)?;
        }
        Ok(())
    }

    /// Before the first entry of a transaction: the request that makes it has now changed something.
    fn begin_record(&mut self) -> Result<()> {
        if !self.recorded
            && let Some(claim) = &self.origin.claim
        {
            idempotency::mark(self.connection, claim)?;
        }
        self.recorded = true;
        Ok(())
    }

    /// Records that the same was done to many records of a type: id and changes of each.
    ///
    /// Statements of many rows are quicker than many statements, and slower than one for one row: it is not kept prepared.
    pub fn record_many(
        &mut self,
        record: &str,
        action: &str,
        entries: &[(String, Value)],
    ) -> Result<()> {
        let kind = format!("{record}.{action}");
        for entries in entries.chunks(BATCH) {
            self.begin_record()?;
            let followed: Vec<_> = entries
                .iter()
                .map(|(id, changes)| (id.as_str(), changes))
                .collect();
            self.follow(record, action, &followed)?;
            let entries: Vec<(AuditId, &str, String)> = entries
                .iter()
                .map(|(id, changes)| (AuditId::generate(), id.as_str(), changes.to_string()))
                .collect();
            let audit: Vec<_> = entries
                .iter()
                .map(|(entry, id, changes)| {
                    (
                        audit_entries::id.eq(entry),
                        audit_entries::at.eq(self.now.micros()),
                        audit_entries::user_id.eq(self.origin.user_id),
                        audit_entries::user_name.eq(&self.origin.user_name),
                        audit_entries::ip.eq(&self.origin.ip),
                        audit_entries::request_id.eq(&self.origin.request_id),
                        audit_entries::record_type.eq(record),
                        audit_entries::record_id.eq(*id),
                        audit_entries::action.eq(action),
                        audit_entries::changes.eq(changes),
                    )
                })
                .collect();
            per_backend!(&mut *self.connection, c => diesel::insert_into(audit_entries::table).values(&audit).execute(c))?;
            let events: Vec<_> = entries
                .iter()
                .map(|(entry, id, changes)| {
                    (
                        outbox_events::id.eq(entry),
                        outbox_events::at.eq(self.now.micros()),
                        outbox_events::kind.eq(&kind),
                        outbox_events::record_id.eq(*id),
                        outbox_events::user_id.eq(self.origin.user_id),
                        outbox_events::payload.eq(changes),
                    )
                })
                .collect();
            per_backend!(&mut *self.connection, c => diesel::insert_into(outbox_events::table).values(&events).execute(c))?;
        }
        Ok(())
    }
}

type Reply<T> = oneshot::Receiver<Result<T>>;

/// A write that waits, its result's type forgotten.
trait Task: Send {
    fn run(&mut self, connection: &mut AnyConnection) -> Result<()>;
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
    fn run(&mut self, connection: &mut AnyConnection) -> Result<()> {
        let mut tx = Tx {
            connection,
            origin: &self.origin,
            now: Timestamp::now(),
            recorded: false,
        };
        let result = catch_unwind(AssertUnwindSafe(|| (self.f)(&mut tx)))
            .unwrap_or_else(|_| Err(Error::Internal("a write panicked".to_owned())))?;
        if self.audited && !tx.recorded {
            return Err(Error::Internal("a write left no audit entry".to_owned()));
        }
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
        let broken = match connection {
            AnyConnection::Sqlite(_) => write_group(connection, tasks),
            AnyConnection::Postgres(_) => tasks.into_iter().any(|task| write_one(connection, task)),
        };
        if broken {
            self.connection = None;
        }
    }
}

/// All tasks as savepoints of one transaction. True if the connection is to be thrown away.
fn write_group(connection: &mut AnyConnection, tasks: Vec<Box<dyn Task>>) -> bool {
    if let Err(error) = begin(connection) {
        let text = error.to_string();
        for task in tasks {
            task.finish(Err(Error::Away(text.clone())));
        }
        return true;
    }
    let mut done = Vec::with_capacity(tasks.len());
    for mut task in tasks {
        match connection.transaction(|connection| task.run(connection)) {
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
fn write_one(connection: &mut AnyConnection, mut task: Box<dyn Task>) -> bool {
    for attempt in 1.. {
        let result = connection.transaction(|connection| task.run(connection));
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
