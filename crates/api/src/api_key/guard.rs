//! Slows down whoever tries keys, and remembers which uses have been noted.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use guanxi_domain::ApiKeyId;

/// Failures of an address before each further one has to wait.
const FREE: u32 = 3;
/// The longest wait, after which an address is forgotten.
const LONGEST: Duration = Duration::from_mins(15);
/// Addresses and keys that are remembered at most.
const REMEMBERED: usize = 10_000;
/// Between two notes of a key's use.
const NOTED: Duration = Duration::from_mins(1);

#[derive(Default)]
struct State {
    /// By address: how often it failed in a row, and when last.
    failures: HashMap<String, (u32, Instant)>,
    /// Hashes of keys that were good when they were last used here: a program that sends a wrong key must not shut out another
    /// behind the same address.
    good: HashSet<String>,
    noted: HashMap<ApiKeyId, Instant>,
}

/// What a process remembers of keys. Guessing one is out of the question; this keeps those who try from keeping the database busy.
#[derive(Default)]
pub struct KeyGuard(Mutex<State>);

fn wait(failures: u32) -> Duration {
    match failures.checked_sub(FREE) {
        None | Some(0) => Duration::ZERO,
        Some(more) => Duration::from_secs(1 << more.min(20)).min(LONGEST),
    }
}

impl KeyGuard {
    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Seconds that this address has to wait before another key is looked at.
    pub fn wait(&self, ip: &str, hash: &str, now: Instant) -> Option<i64> {
        self.with(|state| {
            if state.good.contains(hash) {
                return None;
            }
            let (failures, last) = state.failures.get(ip)?;
            let left = (*last + wait(*failures)).checked_duration_since(now)?;
            (!left.is_zero()).then(|| i64::try_from(left.as_secs()).unwrap_or(i64::MAX) + 1)
        })
    }

    /// A key that is none, or none any more.
    pub fn failed(&self, ip: &str, hash: &str, now: Instant) {
        self.with(|state| {
            state.good.remove(hash);
            if state.failures.len() >= REMEMBERED {
                state
                    .failures
                    .retain(|_, (_, last)| now.duration_since(*last) < LONGEST);
            }
            if state.failures.len() < REMEMBERED || state.failures.contains_key(ip) {
                let entry = state.failures.entry(ip.to_owned()).or_insert((0, now));
                if now.duration_since(entry.1) >= LONGEST {
                    entry.0 = 0;
                }
                *entry = (entry.0.saturating_add(1), now);
            }
        });
    }

    /// A good key. `unnoted`: its use is to be noted; true if nobody here is about to.
    pub fn succeeded(&self, hash: &str, id: ApiKeyId, unnoted: bool, now: Instant) -> bool {
        self.with(|state| {
            if !state.good.contains(hash) {
                if state.good.len() >= REMEMBERED {
                    state.good.clear();
                }
                state.good.insert(hash.to_owned());
            }
            let due = unnoted
                && state
                    .noted
                    .get(&id)
                    .is_none_or(|noted| now.duration_since(*noted) >= NOTED);
            if due {
                state.noted.insert(id, now);
            }
            due
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_slow_an_address_down() {
        let guard = KeyGuard::default();
        let begun = Instant::now();
        for number in 0..FREE {
            guard.failed("10.0.0.1", &format!("wrong {number}"), begun);
            assert_eq!(guard.wait("10.0.0.1", "another", begun), None, "{number}");
        }
        guard.failed("10.0.0.1", "wrong", begun);
        let waits =
            |after: u64| guard.wait("10.0.0.1", "another", begun + Duration::from_secs(after));
        assert!(waits(1).is_some());
        assert_eq!(waits(2), None);
        for _ in 0..30 {
            guard.failed("10.0.0.1", "wrong", begun);
        }
        assert!(waits(14 * 60).is_some());
        assert_eq!(waits(15 * 60), None);
        assert_eq!(guard.wait("10.0.0.2", "another", begun), None);
    }

    #[test]
    fn a_good_key_is_not_shut_out_by_a_wrong_one() {
        let guard = KeyGuard::default();
        let now = Instant::now();
        let id = ApiKeyId::generate();
        assert!(guard.succeeded("good", id, true, now));
        assert!(!guard.succeeded("good", id, true, now), "noted just now");
        assert!(guard.succeeded("good", id, true, now + NOTED));
        for _ in 0..10 {
            guard.failed("10.0.0.1", "wrong", now);
        }
        assert!(guard.wait("10.0.0.1", "wrong", now).is_some());
        assert_eq!(guard.wait("10.0.0.1", "good", now), None);
        // Revoked: it is one of the wrong ones now.
        guard.failed("10.0.0.1", "good", now);
        assert!(guard.wait("10.0.0.1", "good", now).is_some());
    }
}
