//! Runs background jobs: claims what is due, renews the claims while it works, notes how it went.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use guanxi_domain::job::{Job, JobKind};
use guanxi_domain::{JobId, Timestamp};
use guanxi_persistence::job::{self, Claim, Ending};
use guanxi_persistence::report::schedule;
use guanxi_persistence::{Db, Error};

use super::{Declared, JOBS};
use crate::Config;

/// Jobs that one process does at a time.
const WORKERS: usize = 2;
/// How often to look for jobs: those that another replica queued, or left behind.
const LOOK: Duration = Duration::from_secs(2);
/// How often claims are renewed: several times while one is good.
const RENEW: Duration = Duration::from_secs(5);
/// How long a stop waits for jobs to come to their next step.
const PATIENCE: Duration = Duration::from_secs(10);
/// `percent` of a job that has not told any.
const UNKNOWN: i32 = -1;

/// What a job sees while it runs.
pub struct Work<'a> {
    pub db: &'a Db,
    pub config: &'a Config,
    pub job: &'a Job,
    progress: &'a Progress,
}

impl Work<'_> {
    /// Tells how far the job has come, `done` of `all`; break off if told so.
    pub fn step(&self, done: i64, all: i64) -> ControlFlow<()> {
        let percent = done.saturating_mul(100).checked_div(all).unwrap_or(0);
        let percent = i32::try_from(percent.clamp(0, 100)).unwrap_or(UNKNOWN);
        self.progress.percent.store(percent, Ordering::Relaxed);
        self.go_on()
    }

    /// Breaks off if told so; for work that cannot tell how far it has come.
    pub fn go_on(&self) -> ControlFlow<()> {
        if self.progress.stop.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

struct Progress {
    percent: AtomicI32,
    /// Cancelled, taken over by another process, or the program stops.
    stop: AtomicBool,
}

#[derive(Default)]
struct State {
    rung: bool,
    stopped: bool,
    running: HashMap<JobId, (Claim, Arc<Progress>)>,
}

struct Shared {
    db: Db,
    config: Arc<Config>,
    /// Names this process in claims and runs.
    worker: String,
    state: Mutex<State>,
    changed: Condvar,
}

/// The background jobs of this process. Its threads end with the value.
pub struct Jobs {
    shared: Arc<Shared>,
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.shared.tell_to_stop();
    }
}

impl Jobs {
    pub fn new(db: Db, config: Arc<Config>) -> Self {
        let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "guanxi".to_owned());
        let number: u16 = rand::random();
        Self {
            shared: Arc::new(Shared {
                db,
                config,
                worker: format!("{host}-{}-{number:04x}", std::process::id()),
                state: Mutex::default(),
                changed: Condvar::new(),
            }),
        }
    }

    /// Begins to do what is due, in the background.
    pub fn start(&self) -> std::io::Result<()> {
        for number in 0..WORKERS {
            let shared = Arc::clone(&self.shared);
            std::thread::Builder::new()
                .name(format!("jobs-{number}"))
                .spawn(move || shared.work())?;
        }
        let shared = Arc::clone(&self.shared);
        std::thread::Builder::new()
            .name("jobs-clock".to_owned())
            .spawn(move || shared.keep_time())
            .map(drop)
    }

    /// Tells that a job has been queued.
    pub fn wake(&self) {
        self.shared.wake();
    }

    /// Stops the jobs at their next steps and puts them back into the queue. Blocks for a while at most.
    pub fn stop(&self) {
        self.shared.tell_to_stop();
        let until = Instant::now() + PATIENCE;
        let mut state = self.shared.lock();
        while !state.running.is_empty() && Instant::now() < until {
            state = self.shared.wait(state, Duration::from_millis(200));
        }
    }
}

impl Shared {
    fn wake(&self) {
        self.lock().rung = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, time);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn tell_to_stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        for (_, progress) in state.running.values() {
            progress.stop.store(true, Ordering::Relaxed);
        }
        self.changed.notify_all();
    }

    /// Sleeps for this time, or until a job is queued if `woken`; false when it is time to stop.
    fn sleep(&self, time: Duration, woken: bool) -> bool {
        let until = Instant::now() + time;
        let mut state = self.lock();
        loop {
            if state.stopped {
                return false;
            }
            if woken && std::mem::take(&mut state.rung) {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            state = self.wait(state, left);
        }
    }

    fn work(&self) {
        loop {
            match self.claim() {
                Ok(Some(claim)) => self.run(claim),
                Ok(None) => {
                    if !self.sleep(LOOK, true) {
                        return;
                    }
                }
                Err(error) => {
                    log::error!("jobs wait: {error}");
                    if !self.sleep(LOOK, false) {
                        return;
                    }
                }
            }
        }
    }

    fn claim(&self) -> Result<Option<Claim>, Error> {
        if self.lock().stopped {
            return Ok(None);
        }
        // Asked by a reader first: most of the time there is nothing to do, and writing has a queue.
        let now = Timestamp::now();
        if !self.db.read_blocking(|c| job::is_due(c, now))? {
            return Ok(None);
        }
        let worker = self.worker.clone();
        self.db
            .housekeep_blocking(move |tx| job::claim(tx, &worker))
    }

    fn run(&self, claim: Claim) {
        let (id, kind) = (claim.job.id, claim.job.kind);
        let progress = Arc::new(Progress {
            percent: AtomicI32::new(UNKNOWN),
            stop: AtomicBool::new(self.lock().stopped),
        });
        self.lock()
            .running
            .insert(id, (claim.clone(), Arc::clone(&progress)));
        log::info!("job {id} ({kind}): attempt {}", claim.job.attempts);
        let work = Work {
            db: &self.db,
            config: &self.config,
            job: &claim.job,
            progress: &progress,
        };
        let result = catch_unwind(AssertUnwindSafe(|| match declared(kind) {
            Some(declared) => (declared.run)(&work),
            None => Err(Error::Internal(format!("{kind} is not declared"))),
        }));
        let ending = match result {
            // Broken off: finished or not, it is safe to do it again.
            Ok(Ok(_)) if progress.stop.load(Ordering::Relaxed) => Ending::Interrupted,
            Ok(Ok(result)) => Ending::Done(result),
            Ok(Err(error)) => Ending::Failed(error.to_string()),
            Err(_) => Ending::Failed("it panicked".to_owned()),
        };
        match &ending {
            Ending::Done(result) => log::info!("job {id} ({kind}): done: {result}"),
            Ending::Failed(error) => log::error!("job {id} ({kind}): {error}"),
            Ending::Interrupted => log::info!("job {id} ({kind}): stopped"),
        }
        let noted = self
            .db
            .housekeep_blocking(move |tx| job::finish(tx, &claim, &ending));
        if let Err(error) = noted {
            // The claim runs out, and the job is done again.
            log::error!("job {id} ({kind}): how it went could not be noted: {error}");
        }
        self.lock().running.remove(&id);
        self.changed.notify_all();
    }

    /// Renews claims and queues what is due by its schedule.
    fn keep_time(&self) {
        let mut queued: HashMap<JobKind, Timestamp> = HashMap::new();
        loop {
            for declared in JOBS {
                let Some(schedule) = (declared.schedule)(&self.config) else {
                    continue;
                };
                let (kind, due) = (declared.kind, schedule.latest(Timestamp::now()));
                if queued.get(&kind) == Some(&due) {
                    continue;
                }
                match self
                    .db
                    .housekeep_blocking(move |tx| job::schedule(tx, kind, due))
                {
                    Ok(()) => {
                        queued.insert(kind, due);
                    }
                    Err(error) => log::error!("{kind} of {due} could not be queued: {error}"),
                }
            }
            self.queue_reports();
            if !self.sleep(RENEW, false) {
                return;
            }
            self.renew();
        }
    }

    /// Queues the reports that are to be sent by mail.
    fn queue_reports(&self) {
        let now = Timestamp::now();
        let queued = self.db.read_blocking(|c| schedule::is_due(c, now));
        let queued = queued.and_then(|due| {
            if !due {
                return Ok(0);
            }
            self.db
                .housekeep_blocking(move |tx| schedule::queue_due(tx, now))
        });
        match queued {
            Ok(0) => {}
            Ok(_) => self.wake(),
            Err(error) => log::error!("reports by mail wait: {error}"),
        }
    }

    fn renew(&self) {
        let running: Vec<_> = self.lock().running.values().cloned().collect();
        for (claim, progress) in running {
            let id = claim.job.id;
            let percent = progress.percent.load(Ordering::Relaxed);
            let percent = (percent != UNKNOWN).then_some(percent);
            match self
                .db
                .housekeep_blocking(move |tx| job::renew(tx, &claim, percent))
            {
                Ok(true) => {}
                Ok(false) => progress.stop.store(true, Ordering::Relaxed),
                Err(error) => log::error!("job {id}: the claim could not be renewed: {error}"),
            }
        }
    }
}

fn declared(kind: JobKind) -> Option<&'static Declared> {
    JOBS.iter().find(|declared| declared.kind == kind)
}
