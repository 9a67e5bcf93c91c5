//! Wakes threads that wait for something to do, and tells them to stop.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Default)]
struct State {
    rung: u64,
    stopped: bool,
    /// Threads that are at it.
    busy: usize,
}

/// What the threads of a worker share.
#[derive(Default)]
pub struct Bell {
    state: Mutex<State>,
    changed: Condvar,
}

impl Bell {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        let waited = self.changed.wait_timeout(state, time);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Tells that there is something to do.
    pub fn ring(&self) {
        self.lock().rung += 1;
        self.changed.notify_all();
    }

    /// Tells the threads to stop.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    pub fn stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Waits until it rings, it is time to stop, or so much time has passed. `heard`: how often it had rung when the thread looked last.
    pub fn wait(&self, heard: &mut u64, time: Duration) {
        let until = Instant::now() + time;
        let mut state = self.lock();
        while !state.stopped && state.rung == *heard {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.wait_for(state, left);
        }
        *heard = state.rung;
    }

    /// Does something that a stop waits for.
    pub fn busily<T>(&self, f: impl FnOnce() -> T) -> T {
        self.lock().busy += 1;
        let result = f();
        self.lock().busy -= 1;
        self.changed.notify_all();
        result
    }

    /// Waits until nobody is at it any more, so long at most.
    pub fn wait_until_idle(&self, patience: Duration) {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        while state.busy > 0 && Instant::now() < until {
            state = self.wait_for(state, Duration::from_millis(200));
        }
    }
}
