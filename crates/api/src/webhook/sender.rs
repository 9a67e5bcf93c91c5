//! Sends messages to webhooks, in threads of their own.

use std::io::Read;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use guanxi_domain::Timestamp;
use guanxi_domain::webhook::DeliveryAttempt;
use guanxi_persistence::webhook::delivery;
use guanxi_persistence::webhook::sending::{self, Claim, Message};
use guanxi_persistence::{Db, Error};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;

use super::{Network, Targets, sign};
use crate::bell::Bell;

/// Receivers that one process sends to at a time.
const THREADS: usize = 4;
/// The thread that makes the messages: it must not wait for a slow receiver.
const MAKER: usize = 0;
/// How often to look for messages to send.
const LOOK: Duration = Duration::from_millis(500);
/// How long a receiver may take in all.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes of an answer that are kept.
const ANSWER: u64 = 2_000;

struct Shared {
    db: Db,
    targets: Targets,
    /// Made for the first message: reading the system's certificates takes its time.
    agent: OnceLock<Agent>,
    worker: String,
    bell: Bell,
}

/// The sender of this process. Its threads end with the value.
pub struct Sender {
    shared: Arc<Shared>,
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.shared.bell.stop();
    }
}

impl Sender {
    pub fn new(db: Db, networks: &[Network]) -> Self {
        let worker = format!("{}-{:08x}", std::process::id(), rand::random::<u32>());
        Self {
            shared: Arc::new(Shared {
                db,
                targets: Targets::new(networks),
                agent: OnceLock::new(),
                worker,
                bell: Bell::default(),
            }),
        }
    }

    /// Begins to send, in the background.
    pub fn start(&self) -> std::io::Result<()> {
        for number in 0..=THREADS {
            let shared = Arc::clone(&self.shared);
            std::thread::Builder::new()
                .name(format!("webhooks-{number}"))
                .spawn(move || shared.work(number))?;
        }
        Ok(())
    }

    /// Tells that there is something to send.
    pub fn wake(&self) {
        self.shared.bell.ring();
    }

    /// Stops after the messages that are being sent. Blocks for a while at most.
    pub fn stop(&self) {
        self.shared.bell.stop();
        self.shared.bell.wait_until_idle(PATIENCE);
    }
}

/// No redirects, no proxy, no connection kept: each message looks up where it goes, and goes there or nowhere.
fn agent(targets: Targets) -> Agent {
    let roots = rustls_native_certs::load_native_certs();
    for error in &roots.errors {
        log::warn!("the system's certificates: {error}");
    }
    let roots: Vec<_> = roots
        .certs
        .iter()
        .map(|der| Certificate::from_der(der).to_owned())
        .collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&roots))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .max_idle_connections(0)
        .max_response_header_size(16 * 1024)
        .timeout_global(Some(PATIENCE))
        .user_agent(concat!("Guanxi-Webhooks/", env!("CARGO_PKG_VERSION")))
        .build();
    Agent::with_parts(config, DefaultConnector::new(), targets)
}

impl Shared {
    fn work(&self, number: usize) {
        let mut heard = 0;
        while !self.bell.stopped() {
            let done = if number == MAKER {
                self.make().map(|()| false)
            } else {
                self.send_due(number)
            };
            match done {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => log::error!("webhooks wait: {error}"),
            }
            self.bell.wait(&mut heard, LOOK);
        }
    }

    /// Makes messages of what happened.
    fn make(&self) -> Result<(), Error> {
        if !self.db.read_blocking(delivery::has_news)? {
            return Ok(());
        }
        while !self.bell.stopped() && self.db.housekeep_blocking(delivery::make)? {}
        self.bell.ring();
        Ok(())
    }

    /// Sends the messages of one webhook; false if none has any that are due.
    fn send_due(&self, number: usize) -> Result<bool, Error> {
        let now = Timestamp::now();
        if !self.db.read_blocking(|c| sending::is_due(c, now))? {
            return Ok(false);
        }
        // Two threads of a process are two workers: a claim that ran out must not look like the other one's.
        let worker = format!("{}/{number}", self.worker);
        let claimed = self
            .db
            .housekeep_blocking(move |tx| sending::claim(tx, &worker))?;
        let Some(claim) = claimed else {
            return Ok(false);
        };
        self.bell.busily(|| {
            let sent = self.send_all(&claim);
            let released = self
                .db
                .housekeep_blocking(move |tx| sending::release(tx, &claim));
            sent.and(released).map(|()| true)
        })
    }

    fn send_all(&self, claim: &Claim) -> Result<(), Error> {
        for message in &claim.messages {
            if self.bell.stopped() {
                return Ok(());
            }
            let attempt = self.send(claim, message);
            let (claim, id) = (claim.clone(), message.id);
            let go_on = self
                .db
                .housekeep_blocking(move |tx| sending::note(tx, &claim, id, &attempt))?;
            if !go_on {
                return Ok(());
            }
        }
        Ok(())
    }

    fn send(&self, claim: &Claim, message: &Message) -> DeliveryAttempt {
        let (at, begun) = (Timestamp::now(), Instant::now());
        let seconds = at.micros().div_euclid(1_000_000);
        let id = message.event.as_str();
        let answer = self
            .agent
            .get_or_init(|| agent(self.targets.clone()))
            .post(&claim.input.url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds.to_string())
            .header(
                "webhook-signature",
                sign(&claim.secrets, id, seconds, &message.body),
            )
            .send(&message.body);
        let (status, error, response) = match answer {
            Ok(mut answer) => {
                let mut text = Vec::new();
                // The status is the answer; what else is said is for people who look for a fault.
                let _ = answer
                    .body_mut()
                    .as_reader()
                    .take(ANSWER)
                    .read_to_end(&mut text);
                let text = String::from_utf8_lossy(&text).replace('\0', "");
                let status = i32::from(answer.status().as_u16());
                (Some(status), None, Some(text).filter(|t| !t.is_empty()))
            }
            Err(ureq::Error::Other(error)) => (None, Some(error.to_string()), None),
            Err(error) => (None, Some(error.to_string()), None),
        };
        log::info!(
            "webhook {}: message {id}: {}",
            claim.webhook,
            status.map_or_else(|| "no answer".to_owned(), |s| s.to_string())
        );
        DeliveryAttempt {
            at,
            duration_ms: i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX),
            status,
            error,
            response,
        }
    }
}
