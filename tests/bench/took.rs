//! How long something takes, and how much memory.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What something takes.
pub struct Took {
    pub time: Duration,
    /// By how many MB the process grew at most. Mapped files, which the system takes back when it likes, are not counted.
    pub memory: u64,
}

pub fn timed(f: impl FnOnce()) -> Took {
    let before = memory();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(memory());
                std::thread::sleep(Duration::from_millis(20));
            }
            most
        });
        let started = Instant::now();
        f();
        let time = started.elapsed();
        done.store(true, Ordering::Relaxed);
        let most = watch.join().expect("it only reads");
        Took {
            time,
            memory: most.saturating_sub(before),
        }
    })
}

/// MB that the process holds; 0 where the kernel does not say.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let held = status.lines().find_map(|line| {
        let kilobytes = line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")?;
        kilobytes.parse::<u64>().ok()
    });
    held.unwrap_or(0) / 1_024
}
