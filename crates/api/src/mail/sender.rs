//! Sends the mail that waits, in threads of their own.

use std::sync::Arc;
use std::time::Duration;

use guanxi_domain::Timestamp;
use guanxi_domain::mail::MailFault;
use guanxi_persistence::mail::sending::{self, Attempt};
use guanxi_persistence::{Db, Error};
use tokio::runtime::Runtime;

use super::smtp;
use crate::bell::Bell;

/// Mails that one process sends at a time.
const THREADS: usize = 2;
/// How often to look for mail: what another replica queued, or left behind.
const LOOK: Duration = Duration::from_secs(1);
/// How long a thread waits when the account does not work: the next mail would fare no better.
const PAUSE: Duration = Duration::from_secs(30);
/// Seconds that a claim is good for beyond what the server may take.
const MARGIN: i64 = 30;

struct Shared {
    db: Db,
    patience: Duration,
    lease: i64,
    worker: String,
    bell: Bell,
}

/// The mail's sender of this process. Its threads end with the value.
pub struct Mailer {
    shared: Arc<Shared>,
}

impl Drop for Mailer {
    fn drop(&mut self) {
        self.shared.bell.stop();
    }
}

impl Mailer {
    /// `timeout`: seconds that the server may take for a mail.
    pub fn new(db: Db, timeout: u16) -> Self {
        Self {
            shared: Arc::new(Shared {
                db,
                patience: Duration::from_secs(timeout.into()),
                lease: i64::from(timeout) + MARGIN,
                worker: format!("{}-{:08x}", std::process::id(), rand::random::<u32>()),
                bell: Bell::default(),
            }),
        }
    }

    /// Begins to send, in the background.
    pub fn start(&self) -> std::io::Result<()> {
        for number in 0..THREADS {
            let shared = Arc::clone(&self.shared);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            std::thread::Builder::new()
                .name(format!("mail-{number}"))
                .spawn(move || shared.work(number, &runtime))?;
        }
        Ok(())
    }

    /// Tells that there is something to send.
    pub fn wake(&self) {
        self.shared.bell.ring();
    }

    /// Stops after the mails that are being sent. Blocks for a while at most.
    pub fn stop(&self) {
        self.shared.bell.stop();
        self.shared.bell.wait_until_idle(self.shared.patience);
    }

    /// How long a server may take.
    pub fn patience(&self) -> Duration {
        self.shared.patience
    }

    /// Who sends what a request sends at once, and for how long it may.
    pub fn claimant(&self) -> (String, i64) {
        let worker = format!("{}/{:08x}", self.shared.worker, rand::random::<u32>());
        (worker, self.shared.lease)
    }
}

impl Shared {
    fn work(&self, number: usize, runtime: &Runtime) {
        let worker = format!("{}/{number}", self.worker);
        let mut heard = 0;
        while !self.bell.stopped() {
            let wait = match self.send_due(&worker, runtime) {
                Ok(None) => LOOK,
                Ok(Some(attempt)) if attempt.fault.is_some_and(MailFault::is_of_account) => PAUSE,
                Ok(Some(_)) => continue,
                Err(error) => {
                    log::error!("mail waits: {error}");
                    LOOK
                }
            };
            self.bell.wait(&mut heard, wait);
        }
    }

    /// Sends the mail that has waited longest; `None` if none is due.
    fn send_due(&self, worker: &str, runtime: &Runtime) -> Result<Option<Attempt>, Error> {
        let now = Timestamp::now();
        if !self.db.read_blocking(|c| sending::is_due(c, now))? {
            return Ok(None);
        }
        self.bell.busily(|| {
            let (worker, lease) = (worker.to_owned(), self.lease);
            let claim = self
                .db
                .housekeep_blocking(move |tx| sending::claim(tx, &worker, lease))?;
            let Some(claim) = claim else { return Ok(None) };
            let attempt = runtime.block_on(smtp::send(&claim, self.patience));
            tell(&claim.message_id, &attempt);
            let noted = attempt.clone();
            self.db
                .housekeep_blocking(move |tx| sending::note(tx, &claim, &noted))?;
            Ok(Some(attempt))
        })
    }
}

/// For the log: whom it was for is nobody's business there.
pub fn tell(message_id: &str, attempt: &Attempt) {
    match attempt.fault {
        None => log::info!("mail {message_id}: {}", attempt.answer),
        Some(fault) => log::warn!("mail {message_id}: {fault}: {}", attempt.answer),
    }
}
