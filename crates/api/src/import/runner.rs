//! Runs imports, one at a time: reads the file in batches and writes each with the progress that it makes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use guanxi_domain::import::{
    Dictionaries, Import, ImportFailure, ImportRecord, ImportState, RowReader, Targets,
};
use guanxi_domain::permission::{Module, Operation};
use guanxi_domain::{ImportId, UserId};
use guanxi_persistence::import::batch::{self, Batch, BatchRow, ROUNDS};
use guanxi_persistence::import::{self, Reject, Turn};
use guanxi_persistence::{Actor, Db, Error, Origin, user};

use super::reader::{MANY_BYTES, ReadError, Reader, Row};

/// Rows that are written together, if their order ends with them.
const ROWS: usize = 2_000;
/// Rows that are written together at most, however long an order goes on.
const MAX_ROWS: usize = 10_000;
/// Rows that are written together where each is a record of its own: that takes several statements for each, and others
/// wait meanwhile.
const RECORDS: usize = 200;
/// Rows that waited for others which are tried again together.
const AGAIN: i64 = 200;
/// How often a batch is tried again when somebody else made one of its records meanwhile.
const ATTEMPTS: u32 = 5;
/// How long the background thread sleeps: other replicas leave work behind without telling.
const PAUSE: Duration = Duration::from_secs(5);
/// How long to wait before the database is asked again after it was away.
const AWAY_PAUSE: Duration = Duration::from_secs(1);

/// Why an import did not come to its end.
#[derive(Debug)]
enum Stopped {
    /// Cancelled or deleted, by somebody else.
    Elsewhere,
    /// The program is to stop; the import goes on when it starts again.
    Asked,
    /// It cannot go on.
    Failed(ImportFailure),
}

impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        log::warn!("an import cannot be read on: {error}");
        Self::Failed(error.failure())
    }
}

#[derive(Default)]
struct Bell {
    rung: bool,
    stopped: bool,
}

struct Shared {
    db: Db,
    folder: PathBuf,
    minor_digits: u8,
    bell: Mutex<Bell>,
    changed: Condvar,
}

/// Runs the imports that are due. The background thread ends with the value.
pub struct Importer {
    shared: Arc<Shared>,
}

impl Drop for Importer {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Importer {
    /// `folder` keeps the uploaded files; `minor_digits` are the decimals of the deployment's currency.
    pub fn new(db: Db, folder: PathBuf, minor_digits: u8) -> Self {
        Self {
            shared: Arc::new(Shared {
                db,
                folder,
                minor_digits,
                bell: Mutex::default(),
                changed: Condvar::new(),
            }),
        }
    }

    /// Where the file of an import lies.
    pub fn path(&self, id: ImportId) -> PathBuf {
        self.shared.path(id)
    }

    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// Begins to run imports in the background, those first that a stop interrupted.
    pub fn start(&self) -> std::io::Result<()> {
        let shared = Arc::clone(&self.shared);
        std::thread::Builder::new()
            .name("imports".to_owned())
            .spawn(move || shared.work())
            .map(drop)
    }

    /// Tells the background thread that an import is due.
    pub fn wake(&self) {
        self.shared.ring(|bell| bell.rung = true);
    }

    /// Stops after the batch that is being written.
    pub fn stop(&self) {
        self.shared.ring(|bell| bell.stopped = true);
    }

    /// Runs one import on this thread if it is its turn; `None` if another import has it.
    ///
    /// Answers the import as it stands then: finished, or ended by somebody else.
    pub fn run(
        &self,
        id: ImportId,
        mut progress: impl FnMut(&Import),
    ) -> Result<Option<Import>, Error> {
        let Some(_turn) = Turn::take(&self.shared.db)? else {
            return Ok(None);
        };
        self.shared.run(id, &mut progress)?;
        let all = guanxi_persistence::Visibility::All;
        self.shared
            .db
            .read_blocking(|c| import::get(c, &all, id))
            .map(Some)
    }
}

impl Shared {
    fn path(&self, id: ImportId) -> PathBuf {
        self.folder.join(id.as_str())
    }

    fn ring(&self, change: impl FnOnce(&mut Bell)) {
        change(&mut self.bell.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    fn stopped(&self) -> bool {
        self.bell
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .stopped
    }

    /// Waits for the bell; false when it is time to stop.
    fn wait(&self, pause: Duration) -> bool {
        let bell = self.bell.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut bell, _) = self
            .changed
            .wait_timeout_while(bell, pause, |bell| !bell.rung && !bell.stopped)
            .unwrap_or_else(PoisonError::into_inner);
        bell.rung = false;
        !bell.stopped
    }

    fn work(&self) {
        loop {
            if let Err(error) = self.run_due() {
                log::error!("imports wait: {error}");
            }
            if !self.wait(PAUSE) {
                return;
            }
        }
    }

    fn run_due(&self) -> Result<(), Error> {
        let due = self.db.read_blocking(import::due)?;
        // On a replica without a common folder the file may be with another one.
        let here = |id: &ImportId| self.path(*id).exists();
        if !due.iter().any(here) {
            return Ok(());
        }
        let Some(_turn) = Turn::take(&self.db)? else {
            return Ok(());
        };
        // Asked again: what was due may have been done by whoever had the turn.
        for id in self.db.read_blocking(import::due)? {
            if self.stopped() {
                return Ok(());
            }
            if here(&id) {
                self.run(id, &mut |_| ())?;
            }
        }
        Ok(())
    }

    fn run(&self, id: ImportId, progress: &mut dyn FnMut(&Import)) -> Result<(), Error> {
        let Some(job) = self
            .db
            .housekeep_blocking(move |tx| import::start(tx, id))?
        else {
            return Ok(());
        };
        log::info!("import {id}: from row {}", job.read + 1);
        match self.run_rows(job, progress) {
            Ok(Ok(())) => log::info!("import {id}: finished"),
            Ok(Err(Stopped::Elsewhere)) => log::info!("import {id}: cancelled"),
            Ok(Err(Stopped::Asked)) => log::info!("import {id}: interrupted"),
            Ok(Err(Stopped::Failed(failure))) => self.fail(id, failure)?,
            // Nothing wrong with the import: it goes on when the database is there again.
            Err(error @ (Error::Away(_) | Error::Overloaded)) => return Err(error),
            Err(error) => {
                log::error!("import {id}: {error}");
                self.fail(id, ImportFailure::Internal)?;
            }
        }
        Ok(())
    }

    fn fail(&self, id: ImportId, failure: ImportFailure) -> Result<(), Error> {
        log::warn!("import {id}: failed: {failure}");
        self.db
            .write_blocking(Origin::system(), move |tx| import::fail(tx, id, failure))
    }

    fn run_rows(
        &self,
        mut job: Import,
        progress: &mut dyn FnMut(&Import),
    ) -> Result<Result<(), Stopped>, Error> {
        let Some(by) = job.by else {
            return Ok(Err(Stopped::Failed(ImportFailure::AccountClosed)));
        };
        let dictionaries = self.db.read_blocking(batch::dictionaries)?;
        let targets = self.db.read_blocking(|c| batch::targets(c, job.record))?;
        let (path, minor_digits) = (self.path(job.id), self.minor_digits);
        let opened = Batches::open(&path, &job, minor_digits, &targets, dictionaries);
        let mut batches = match opened {
            Ok(batches) => batches,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let mut again = Again::default();
        while job.state == ImportState::Running {
            if self.stopped() {
                return Ok(Err(Stopped::Asked));
            }
            // Asked before each batch: rights are taken away while an import runs.
            let actor = match self.actor(by, &job)? {
                Ok(actor) => actor,
                Err(failure) => return Ok(Err(Stopped::Failed(failure))),
            };
            let batch = if batches.ended {
                let (id, after) = (job.id, again.after);
                let rows = self
                    .db
                    .read_blocking(|c| import::waiting(c, id, after, AGAIN))?;
                match again.next(rows, &batches, &job, &actor) {
                    Some(batch) => batch,
                    // Another round, if the one before brought rows in that others may have waited for.
                    None if again.is_worth_it() => continue,
                    None => {
                        job = match self.finish(job.id) {
                            Ok(job) => job,
                            Err(Error::Stale | Error::NotFound) => {
                                return Ok(Err(Stopped::Elsewhere));
                            }
                            Err(other) => return Err(other),
                        };
                        progress(&job);
                        continue;
                    }
                }
            } else {
                match batches.next(&job, &actor) {
                    Ok(batch) => batch,
                    Err(error) => return Ok(Err(error.into())),
                }
            };
            let before = job.imported;
            job = match self.write(batch) {
                Ok(job) => job,
                Err(Error::Stale | Error::NotFound) => return Ok(Err(Stopped::Elsewhere)),
                Err(other) => return Err(other),
            };
            again.brought += job.imported - before;
            progress(&job);
        }
        Ok(Ok(()))
    }

    /// Whoever started the import, with the rights of this moment; or why it cannot go on.
    fn actor(&self, by: UserId, job: &Import) -> Result<Result<Actor, ImportFailure>, Error> {
        let actor = match self.db.read_blocking(|c| user::actor(c, by)) {
            Ok(actor) => actor,
            Err(Error::NotFound | Error::Conflict(_)) => {
                return Ok(Err(ImportFailure::AccountClosed));
            }
            Err(other) => return Err(other),
        };
        let may = |module, operation: &Operation| actor.permissions.allows(module, *operation);
        let operations = job.settings.mode.operations();
        if may(Module::Imports, &Operation::Create)
            && operations.iter().all(|o| may(job.record.module(), o))
        {
            Ok(Ok(actor))
        } else {
            Ok(Err(ImportFailure::RightsLost))
        }
    }

    fn finish(&self, id: ImportId) -> Result<Import, Error> {
        self.db
            .write_blocking(Origin::system(), move |tx| batch::finish(tx, id))
    }

    /// Writes a batch, again if somebody made one of its records meanwhile or the database was away.
    fn write(&self, batch: Batch) -> Result<Import, Error> {
        let mut attempt = 1;
        let origin = Origin::of(&batch.actor);
        let mut batch = Arc::new(batch);
        loop {
            let rows = Arc::clone(&batch);
            let result = self
                .db
                .write_blocking(origin.clone(), move |tx| batch::apply(tx, &rows));
            match result {
                Err(Error::Internal(cause)) if attempt < ATTEMPTS => {
                    log::warn!("a batch is tried again: {cause}");
                }
                Err(Error::Away(cause)) if attempt < ATTEMPTS => {
                    log::warn!("the database is away: {cause}");
                    if !self.wait(AWAY_PAUSE * attempt) {
                        return Err(Error::Away(cause));
                    }
                }
                other => return other,
            }
            attempt += 1;
            if attempt == ATTEMPTS {
                // A single row may be at fault: it must not keep the others out.
                batch = Arc::new(Batch {
                    lenient: true,
                    ..(*batch).clone()
                });
            }
        }
    }
}

/// Cuts a file into batches, between orders where it can.
struct Batches {
    reader: Reader,
    rows: RowReader,
    minor_digits: u8,
    /// Read already, belongs to the next batch.
    ahead: Option<Row>,
    /// The last batch has been cut.
    ended: bool,
}

impl Batches {
    fn open(
        path: &Path,
        job: &Import,
        minor_digits: u8,
        targets: &Targets,
        dictionaries: Dictionaries,
    ) -> Result<Self, Stopped> {
        let mut reader = Reader::open(path)?;
        let rows = RowReader::new(
            targets,
            reader.headers(),
            &job.mapping,
            &job.settings,
            minor_digits,
            dictionaries,
        )
        .map_err(|_| Stopped::Failed(ImportFailure::MappingInvalid))?;
        reader.skip(job.read)?;
        Ok(Self {
            reader,
            rows,
            minor_digits,
            ahead: None,
            ended: false,
        })
    }

    fn next(&mut self, job: &Import, actor: &Actor) -> Result<Batch, ReadError> {
        let (some, most) = match job.record {
            ImportRecord::Orders => (ROWS, MAX_ROWS),
            _ => (RECORDS, RECORDS),
        };
        let mut rows: Vec<BatchRow> = Vec::with_capacity(some);
        let mut bytes = 0;
        self.ended = true;
        loop {
            let row = match self.ahead.take() {
                Some(row) => Some(row),
                None => self.reader.next_row()?,
            };
            let Some(row) = row else { break };
            let goes_on = || {
                let before = rows.last();
                before.is_some_and(|before| self.rows.goes_on(&before.cells, &row.cells))
            };
            let full = rows.len() >= most || bytes >= MANY_BYTES;
            if full || (rows.len() >= some && !goes_on()) {
                self.ahead = Some(row);
                self.ended = false;
                break;
            }
            bytes += row.bytes();
            rows.push(BatchRow {
                number: row.number,
                origin: row.origin,
                parsed: self.rows.read(&row.cells),
                cells: row.cells,
                before: Vec::new(),
            });
        }
        Ok(self.batch(job, actor, rows))
    }

    fn batch(&self, job: &Import, actor: &Actor, rows: Vec<BatchRow>) -> Batch {
        Batch {
            import: job.id,
            record: job.record,
            actor: actor.clone(),
            settings: job.settings.clone(),
            minor_digits: self.minor_digits,
            read_before: job.read,
            rows,
            percent: self.reader.percent(),
            last: self.ended,
            again: false,
            lenient: false,
        }
    }
}

/// Rounds over the rows that refer to a record which a later row of the file may have made.
#[derive(Default)]
struct Again {
    /// The last row that this round has tried.
    after: i64,
    /// Rows that this round has brought in.
    brought: i64,
    rounds: u32,
}

impl Again {
    fn next(
        &mut self,
        rejects: Vec<Reject>,
        batches: &Batches,
        job: &Import,
        actor: &Actor,
    ) -> Option<Batch> {
        if self.rounds == 0 {
            // What the rows of the file brought in does not count.
            (self.rounds, self.brought) = (1, 0);
        }
        self.after = rejects.last()?.row;
        let rows = rejects.into_iter().map(|reject| {
            let parsed = batches.rows.read(&reject.cells);
            reject.again(parsed)
        });
        Some(Batch {
            again: true,
            ..batches.batch(job, actor, rows.collect())
        })
    }

    /// At the end of a round: begins another one if rows were brought in, and it was not the last.
    fn is_worth_it(&mut self) -> bool {
        let worth = self.brought > 0 && self.rounds < ROUNDS;
        *self = Self {
            rounds: self.rounds + 1,
            ..Self::default()
        };
        worth
    }
}
