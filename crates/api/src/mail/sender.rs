//! Sends the mail that waits, in threads of their own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use guanxi_domain::Timestamp;
use guanxi_persistence::mail::sending::{self, Attempt, Claim};
use guanxi_persistence::{Db, Error};
use tokio::runtime::Runtime;

use super::smtp::{self, Patience};
use crate::bell::Bell;

/// Mails that one process sends at a time.
const THREADS: usize = 2;
/// How often to look for mail: what another replica queued, or left behind.
const LOOK: Duration = Duration::from_secs(1);
/// How long a thread waits when the account does not work: the next mail would fare no better. Twice as long each time, up to eight
/// minutes: providers lock accounts that knock too often.
const PAUSE: Duration = Duration::from_secs(30);
const PAUSE_DOUBLINGS: u32 = 4;
/// Times of a step that a server may take for what a mail says: with the default the ten minutes of RFC 5321, 4.5.3.2.6.
const CONTENT: u32 = 10;
/// Time that a claim is good for beyond what the server may take.
const MARGIN: Duration = Duration::from_secs(30);
/// How long to wait until what came of a mail is noted again, when the database did not take it.
const NOTE_AGAIN: Duration = Duration::from_secs(1);

struct Shared {
    db: Db,
    patience: Patience,
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
    /// `timeout`: seconds that the server may take until it wants to hear what a mail says.
    pub fn new(db: Db, timeout: u16) -> Self {
        let steps = Duration::from_secs(timeout.into());
        Self {
            shared: Arc::new(Shared {
                db,
                patience: Patience {
                    steps,
                    content: steps * CONTENT,
                },
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
        self.shared.bell.wait_until_idle(self.shared.patience.steps);
    }

    /// How long a server may take for what somebody waits for.
    pub fn patience(&self) -> Patience {
        let steps = self.shared.patience.steps;
        Patience {
            steps,
            content: steps,
        }
    }

    /// Who sends what a request sends at once, and for how long it may.
    pub fn claimant(&self) -> (String, i64) {
        let worker = format!("{}/{:08x}", self.shared.worker, rand::random::<u32>());
        (worker, seconds(lease(self.patience())))
    }
}

/// How long a claim is good for.
fn lease(patience: Patience) -> Duration {
    patience.whole() + MARGIN
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// After so many attempts in a row that the account was to blame for, from 1.
fn pause(attempts: u32) -> Duration {
    PAUSE * 2_u32.pow(attempts.saturating_sub(1).min(PAUSE_DOUBLINGS))
}

impl Shared {
    fn work(&self, number: usize, runtime: &Runtime) {
        let worker = format!("{}/{number}", self.worker);
        let (mut heard, mut in_vain) = (0, 0);
        while !self.bell.stopped() {
            let wait = match self.send_due(&worker, runtime) {
                Ok(None) => LOOK,
                Ok(Some(attempt)) if attempt.pauses() => {
                    in_vain += 1;
                    pause(in_vain)
                }
                Ok(Some(_)) => {
                    in_vain = 0;
                    continue;
                }
                Err(error) => {
                    log::error!("mail waits: {error}");
                    LOOK
                }
            };
            let before = heard;
            self.bell.wait(&mut heard, wait);
            if heard != before {
                // Somebody has changed the account, or wants to see whether it works again.
                in_vain = 0;
            }
        }
    }

    /// Sends the mail that has waited longest; `None` if none is due.
    fn send_due(&self, worker: &str, runtime: &Runtime) -> Result<Option<Attempt>, Error> {
        let now = Timestamp::now();
        if !self.db.read_blocking(|c| sending::is_due(c, now))? {
            return Ok(None);
        }
        self.bell.busily(|| {
            let lease = lease(self.patience);
            let until = Instant::now() + lease;
            let worker = worker.to_owned();
            let claim = self
                .db
                .housekeep_blocking(move |tx| sending::claim(tx, &worker, seconds(lease)))?;
            let Some(claim) = claim else { return Ok(None) };
            let attempt = runtime.block_on(smtp::send(&claim, self.patience));
            tell(&claim.message_id, &attempt);
            self.note(claim, &attempt, until)?;
            Ok(Some(attempt))
        })
    }

    /// Notes what came of an attempt, until the claim runs out: forgotten, the mail would be sent once more.
    fn note(&self, claim: Claim, attempt: &Attempt, until: Instant) -> Result<(), Error> {
        let claim = Arc::new(claim);
        insist(until, NOTE_AGAIN, || {
            let (claim, attempt) = (Arc::clone(&claim), attempt.clone());
            self.db
                .housekeep_blocking(move |tx| sending::note(tx, &claim, &attempt).map(drop))
        })
    }
}

/// Does something again and again until it works, or there is no time left.
fn insist<T, E: std::fmt::Display>(
    until: Instant,
    pause: Duration,
    mut f: impl FnMut() -> Result<T, E>,
) -> Result<T, E> {
    loop {
        match f() {
            Err(error) if Instant::now() + pause < until => {
                log::warn!("what came of a mail is noted again: {error}");
                std::thread::sleep(pause);
            }
            result => return result,
        }
    }
}

/// For the log. What the server said names whom the mail was for, which is nobody's business there.
pub fn tell(message_id: &str, attempt: &Attempt) {
    let (level, line) = line(message_id, attempt);
    log::log!(level, "{line}");
}

fn line(message_id: &str, attempt: &Attempt) -> (log::Level, String) {
    let code = attempt.code.map(|code| format!(" ({code})"));
    let code = code.unwrap_or_default();
    match attempt.failure {
        None => (log::Level::Info, format!("mail {message_id}: sent{code}")),
        Some(failure) => (
            log::Level::Warn,
            format!("mail {message_id}: {}{code}", failure.fault),
        ),
    }
}

#[cfg(test)]
mod tests {
    use guanxi_domain::mail::MailFault;
    use guanxi_persistence::mail::sending::{Consequence, Failure};

    use super::*;

    #[test]
    fn the_log_does_not_name_whom_a_mail_is_for() {
        let refused = Attempt {
            failure: Some(Failure {
                fault: MailFault::Refused,
                consequence: Consequence::Final,
            }),
            code: Some(550),
            answer: "permanent error (550): 5.1.1 <li.lei@example.com> unknown".to_owned(),
        };
        let told = line("<1@example.org>", &refused);
        let expected = "mail <1@example.org>: refused (550)".to_owned();
        assert_eq!(told, (log::Level::Warn, expected));
    }

    #[test]
    fn pauses_grow_and_end() {
        let seconds: Vec<u64> = (1..=7).map(|n| pause(n).as_secs()).collect();
        assert_eq!(seconds, [30, 60, 120, 240, 480, 480, 480]);
    }

    #[test]
    fn what_fails_is_done_again_while_there_is_time() {
        let far = Instant::now() + Duration::from_hours(1);
        let mut left = 3;
        let done = insist(far, Duration::ZERO, || {
            left -= 1;
            if left == 0 { Ok("done") } else { Err("away") }
        });
        assert_eq!(done, Ok("done"));
        let mut times = 0;
        let late = insist(Instant::now(), Duration::from_secs(1), || {
            times += 1;
            Err::<(), _>("away")
        });
        assert_eq!((late, times), (Err("away"), 1));
    }
}
