//! Reads the event log once for all who listen on this process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use guanxi_domain::UserId;
use guanxi_persistence::event::{self, Event, Position};
use guanxi_persistence::{Db, Error};
use tokio::sync::{broadcast, oneshot};

/// How often the log is read while somebody listens.
const LOOK: Duration = Duration::from_millis(400);
/// Events that are read at a time.
pub const TAKEN: i64 = 500;
/// Batches that wait for a slow listener; one that falls behind reads the log itself.
const WAITING: usize = 16;
/// Streams at a time on this process, and of these for one person: of that many the oldest ends. A browser that left is noticed late, and
/// somebody who opens one page after the other must not be kept out by their own shadows.
const SEATS: usize = 500;
const SEATS_EACH: usize = 20;

/// What happened between two places of the log.
pub struct Batch {
    pub from: Position,
    pub to: Position,
    pub events: Vec<Event>,
}

#[derive(Default)]
struct State {
    /// By person, the oldest first. Who lets go of the sender ends the stream.
    seats: HashMap<UserId, VecDeque<(u64, oneshot::Sender<()>)>>,
    next: u64,
    stopped: bool,
    /// Gone when the process stops: that ends the streams.
    sender: Option<broadcast::Sender<Arc<Batch>>>,
}

struct Shared {
    db: Db,
    state: Mutex<State>,
    changed: Condvar,
}

/// Those who listen on this process. Its thread ends with the value.
pub struct Hub {
    shared: Arc<Shared>,
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A place among those who listen; free again when it is dropped.
pub struct Seat {
    shared: Arc<Shared>,
    user: UserId,
    number: u64,
    pub batches: broadcast::Receiver<Arc<Batch>>,
    /// Comes to its end when the seat is needed for somebody else.
    pub lost: oneshot::Receiver<()>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        if let Some(own) = state.seats.get_mut(&self.user) {
            own.retain(|(number, _)| *number != self.number);
            if own.is_empty() {
                state.seats.remove(&self.user);
            }
        }
    }
}

impl Hub {
    pub fn new(db: Db) -> Self {
        let state = State {
            sender: Some(broadcast::channel(WAITING).0),
            ..State::default()
        };
        Self {
            shared: Arc::new(Shared {
                db,
                state: Mutex::new(state),
                changed: Condvar::new(),
            }),
        }
    }

    /// Begins to read the log whenever somebody listens.
    pub fn start(&self) -> std::io::Result<()> {
        let shared = Arc::clone(&self.shared);
        std::thread::Builder::new()
            .name("events".to_owned())
            .spawn(move || shared.work())
            .map(drop)
    }

    /// Ends all streams.
    pub fn stop(&self) {
        let mut state = self.shared.lock();
        state.stopped = true;
        state.sender = None;
        self.shared.changed.notify_all();
    }

    /// A seat for somebody; `None` if all are taken.
    pub fn seat(&self, user: UserId) -> Option<Seat> {
        let mut state = self.shared.lock();
        let batches = state.sender.as_ref()?.subscribe();
        let taken: usize = state.seats.values().map(VecDeque::len).sum();
        let number = state.next;
        state.next += 1;
        let own = state.seats.entry(user).or_default();
        if own.len() >= SEATS_EACH {
            own.pop_front();
        } else if taken >= SEATS {
            return None;
        }
        let (keep, lost) = oneshot::channel();
        own.push_back((number, keep));
        self.shared.changed.notify_all();
        Some(Seat {
            shared: Arc::clone(&self.shared),
            user,
            number,
            batches,
            lost,
        })
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut place = None;
        loop {
            let mut state = self.lock();
            while state.seats.is_empty() && !state.stopped {
                place = None;
                let waited = self.changed.wait(state);
                state = waited.unwrap_or_else(PoisonError::into_inner);
            }
            if state.stopped {
                return;
            }
            drop(state);
            match self.read(place) {
                Ok(now) => place = Some(now),
                Err(error) => log::warn!("events wait: {error}"),
            }
            let state = self.lock();
            let pause = self
                .changed
                .wait_timeout_while(state, LOOK, |state| !state.stopped);
            drop(pause);
        }
    }

    /// Reads on and tells everybody; answers the new place.
    fn read(&self, place: Option<Position>) -> Result<Position, Error> {
        let Some(mut place) = place else {
            // Whoever sat down before looks up itself what happened since.
            let to = self.db.read_blocking(event::end)?;
            self.tell(Batch {
                from: to,
                to,
                events: Vec::new(),
            });
            return Ok(to);
        };
        loop {
            let events = self.db.read_blocking(|c| event::after(c, place, TAKEN))?;
            let Some(last) = events.last() else {
                return Ok(place);
            };
            let (from, to) = (place, last.position);
            // What is written meanwhile waits for the next look: streams are told in batches, not one by one.
            let all = events.len() < usize::try_from(TAKEN).unwrap_or(usize::MAX);
            place = to;
            self.tell(Batch { from, to, events });
            if all {
                return Ok(place);
            }
        }
    }

    fn tell(&self, batch: Batch) {
        if let Some(sender) = &self.lock().sender {
            // The last one may have left just now.
            let _ = sender.send(Arc::new(batch));
        }
    }
}
