//! Work on many customers on all cores, with the same result to the last digit on any number of them.
//!
//! Items are cut into chunks of a fixed length, whatever the number of threads; the results come back in the order of the
//! chunks, and whoever adds them up does so in that order.

/// Applies `f` to each chunk of `size` items.
pub fn map_chunks<T, R>(items: &[T], size: usize, f: impl Fn(&[T]) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    map_chunks_on(threads(), items, size, f)
}

/// Applies `f` to each item; chunks are long enough that handing them out costs nothing.
pub fn map<T, R>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let chunks = map_chunks(items, 4_096, |chunk| {
        chunk.iter().map(&f).collect::<Vec<R>>()
    });
    chunks.into_iter().flatten().collect()
}

/// The browser has one thread.
#[cfg(target_arch = "wasm32")]
const fn threads() -> usize {
    1
}

#[cfg(not(target_arch = "wasm32"))]
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn map_chunks_on<T, R>(
    threads: usize,
    items: &[T],
    size: usize,
    f: impl Fn(&[T]) -> R + Sync,
) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let chunks: Vec<&[T]> = items.chunks(size.max(1)).collect();
    if threads < 2 || chunks.len() < 2 {
        return chunks.into_iter().map(f).collect();
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(chunk) = chunks.get(index) else {
                return done;
            };
            done.push((index, f(chunk)));
        }
    };
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(chunks.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, _>| {
            worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().flat_map(join).collect()
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_the_same_on_any_number_of_threads() {
        let items: Vec<f64> = (1..100_000).map(|n| 1.0 / f64::from(n)).collect();
        let sum = |threads| -> f64 {
            map_chunks_on(threads, &items, 1_000, |chunk| chunk.iter().sum::<f64>())
                .into_iter()
                .sum()
        };
        let one = sum(1);
        for threads in [2, 3, 8] {
            assert_eq!(one.to_bits(), sum(threads).to_bits(), "{threads} threads");
        }
    }

    #[test]
    fn order_is_kept() {
        let items: Vec<u32> = (0..10_000).collect();
        assert_eq!(
            map(&items, |n| n * 2),
            items.iter().map(|n| n * 2).collect::<Vec<_>>()
        );
        assert!(map_chunks(&[] as &[u32], 10, <[u32]>::len).is_empty());
    }
}
