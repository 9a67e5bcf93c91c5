//! Greedy k-means++ and Lloyd's iterations.

use std::ops::ControlFlow;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::super::numbers::count;
use super::super::parallel;
use super::{KMeansSettings, Table};

/// Rows of a chunk: fixed, so that sums do not depend on the number of threads.
const CHUNK: usize = 4_096;

/// A partition of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    pub centres: Table,
    /// The nearest centre of each row; of equally near ones the first.
    pub labels: Vec<u8>,
    /// Sum of squared distances to the centres.
    pub inertia: f64,
    pub iterations: i32,
}

pub(super) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The best of several starts; `None` with fewer different rows than clusters.
pub fn partition(table: &Table, clusters: i32, settings: &KMeansSettings) -> Option<Partition> {
    match partition_while(table, clusters, settings, || ControlFlow::Continue(())) {
        ControlFlow::Continue(found) => found,
        ControlFlow::Break(()) => None,
    }
}

/// As [`partition`], asking before each start whether to go on.
pub(super) fn partition_while(
    table: &Table,
    clusters: i32,
    settings: &KMeansSettings,
    mut go_on: impl FnMut() -> ControlFlow<()>,
) -> ControlFlow<(), Option<Partition>> {
    let clusters = usize::try_from(clusters).unwrap_or_default();
    let mut random = ChaCha8Rng::seed_from_u64(settings.seed.unsigned_abs());
    let mut best: Option<Partition> = None;
    for _ in 0..settings.restarts.max(1) {
        go_on()?;
        let Some(start) = plus_plus(table, clusters, &mut random) else {
            return ControlFlow::Continue(None);
        };
        let found = lloyd(table, start, settings.max_iterations);
        if best
            .as_ref()
            .is_none_or(|so_far| found.inertia < so_far.inertia)
        {
            best = Some(found);
        }
    }
    ControlFlow::Continue(best)
}

/// Centres drawn one after the other with a chance by their squared distance to those drawn; of ⌊2 + ln k⌋ candidates
/// each time the one that lowers the inertia most.
fn plus_plus(table: &Table, clusters: usize, random: &mut ChaCha8Rng) -> Option<Table> {
    if clusters == 0 || table.rows() < clusters {
        return None;
    }
    // ⌊2 + ln k⌋ for up to 20 clusters.
    let candidates = 2 + usize::from(clusters >= 3) + usize::from(clusters >= 8);
    let first = table.row(random.random_range(0..table.rows()));
    let mut centres = first.to_vec();
    let mut distances = vec![f64::INFINITY; table.rows()];
    let mut total = lower(table, &mut distances, first);
    while centres.len() < clusters * table.width() {
        if total <= 0.0 {
            return None;
        }
        let mut best: Option<(f64, Vec<f64>, usize)> = None;
        for _ in 0..candidates {
            let row = drawn(&distances, total * random.random::<f64>());
            let mut lowered = distances.clone();
            let inertia = lower(table, &mut lowered, table.row(row));
            if best.as_ref().is_none_or(|(so_far, ..)| inertia < *so_far) {
                best = Some((inertia, lowered, row));
            }
        }
        let (inertia, lowered, row) = best?;
        (total, distances) = (inertia, lowered);
        centres.extend_from_slice(table.row(row));
    }
    Table::new(centres, table.width())
}

/// Lowers each distance to that to a new centre where it is nearer, and adds them up.
fn lower(table: &Table, distances: &mut [f64], centre: &[f64]) -> f64 {
    let rows = table.values().chunks_exact(table.width());
    for (distance, row) in distances.iter_mut().zip(rows) {
        *distance = distance.min(squared_distance(row, centre));
    }
    distances.iter().sum()
}

/// The row at which the running sum passes `at`.
fn drawn(distances: &[f64], at: f64) -> usize {
    let mut sum = 0.0;
    let mut last = 0;
    for (row, distance) in distances.iter().enumerate() {
        if *distance > 0.0 {
            sum += distance;
            last = row;
            if sum > at {
                break;
            }
        }
    }
    last
}

/// What a chunk of rows adds to the centres.
struct Part {
    labels: Vec<u8>,
    sums: Vec<f64>,
    sizes: Vec<usize>,
    inertia: f64,
    /// The row farthest from its centre, within the chunk.
    farthest: (f64, usize),
}

/// Lloyd's iterations from given centres, until no row changes its cluster.
pub fn lloyd(table: &Table, start: Table, max_iterations: i32) -> Partition {
    let mut centres = start;
    let mut labels: Vec<u8> = Vec::new();
    for iteration in 1.. {
        let (sums, sizes, inertia, next, farthest) = assign(table, &centres);
        if next == labels || iteration > max_iterations {
            return Partition {
                centres,
                labels: next,
                inertia,
                iterations: iteration - 1,
            };
        }
        labels = next;
        centres = moved(table, &centres, &sums, &sizes, farthest);
    }
    unreachable!("iterations end at their limit")
}

/// The means of the clusters; one that lost all its rows starts anew at the row farthest from its centre.
fn moved(table: &Table, centres: &Table, sums: &[f64], sizes: &[usize], farthest: usize) -> Table {
    let width = table.width();
    let mut values = centres.values().to_vec();
    let mut relocated = false;
    for (cluster, size) in sizes.iter().enumerate() {
        let range = cluster * width..(cluster + 1) * width;
        if *size > 0 {
            for (value, sum) in values[range.clone()].iter_mut().zip(&sums[range]) {
                *value = sum / count(*size);
            }
        } else if !relocated {
            values[range].copy_from_slice(table.row(farthest));
            relocated = true;
        }
    }
    Table::new(values, width).unwrap_or_else(|| centres.clone())
}

type Assigned = (Vec<f64>, Vec<usize>, f64, Vec<u8>, usize);

fn assign(table: &Table, centres: &Table) -> Assigned {
    let width = table.width();
    let chunks = parallel::map_chunks(table.values(), CHUNK * width, |rows| {
        assign_chunk(rows, width, centres)
    });
    let mut sums = vec![0.0; centres.rows() * width];
    let mut sizes = vec![0; centres.rows()];
    let (mut inertia, mut farthest) = (0.0, (-1.0, 0));
    let mut labels = Vec::with_capacity(table.rows());
    for chunk in chunks {
        if chunk.farthest.0 > farthest.0 {
            farthest = (chunk.farthest.0, labels.len() + chunk.farthest.1);
        }
        labels.extend_from_slice(&chunk.labels);
        sums.iter_mut()
            .zip(&chunk.sums)
            .for_each(|(all, part)| *all += part);
        sizes
            .iter_mut()
            .zip(&chunk.sizes)
            .for_each(|(all, part)| *all += part);
        inertia += chunk.inertia;
    }
    (sums, sizes, inertia, labels, farthest.1)
}

fn assign_chunk(rows: &[f64], width: usize, centres: &Table) -> Part {
    let mut chunk = Part {
        labels: Vec::with_capacity(rows.len() / width),
        sums: vec![0.0; centres.rows() * width],
        sizes: vec![0; centres.rows()],
        inertia: 0.0,
        farthest: (-1.0, 0),
    };
    for (index, row) in rows.chunks_exact(width).enumerate() {
        let mut nearest = (f64::INFINITY, 0);
        for (cluster, centre) in centres.values().chunks_exact(width).enumerate() {
            let distance = squared_distance(row, centre);
            if distance < nearest.0 {
                nearest = (distance, cluster);
            }
        }
        let (distance, cluster) = nearest;
        chunk.inertia += distance;
        if distance > chunk.farthest.0 {
            chunk.farthest = (distance, index);
        }
        chunk.sizes[cluster] += 1;
        // At most 20 clusters.
        chunk.labels.push(u8::try_from(cluster).unwrap_or(u8::MAX));
        let sums = &mut chunk.sums[cluster * width..(cluster + 1) * width];
        sums.iter_mut()
            .zip(row)
            .for_each(|(sum, value)| *sum += value);
    }
    chunk
}
