//! The silhouette of a partition (Rousseeuw 1987).

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::index;

use super::super::numbers::count;
use super::super::parallel;
use super::lloyd::squared_distance;
use super::{KMeansSettings, Table};

/// Mean over the rows of (b − a) ÷ max(a, b): a the mean distance to the rest of the own cluster, b to the nearest other one; 0 for
/// a row alone in its cluster. On a sample where there are more rows than the settings allow. `None` with fewer than two clusters.
pub fn silhouette(table: &Table, labels: &[u8], settings: &KMeansSettings) -> Option<f64> {
    Some(Sampled::of(table, labels, settings)?.mean())
}

/// As [`silhouette`], of each of so many clusters; `None` where no row of the sample is in it.
pub(super) fn by_cluster(
    table: &Table,
    labels: &[u8],
    clusters: usize,
    settings: &KMeansSettings,
) -> Vec<Option<f64>> {
    let sampled = Sampled::of(table, labels, settings);
    let of = |cluster| sampled.as_ref()?.mean_of(labels, cluster);
    (0..clusters).map(of).collect()
}

/// The rows that are looked at with their widths, in chunks of fixed length.
struct Sampled {
    rows: Vec<usize>,
    widths: Vec<Vec<f64>>,
}

impl Sampled {
    fn of(table: &Table, labels: &[u8], settings: &KMeansSettings) -> Option<Self> {
        let rows = sample(table.rows(), settings);
        let groups = labels.iter().copied().max().map_or(0, usize::from) + 1;
        let mut sizes = vec![0_usize; groups];
        for row in &rows {
            sizes[usize::from(labels[*row])] += 1;
        }
        if sizes.iter().filter(|size| **size > 0).count() < 2 {
            return None;
        }
        let widths = parallel::map_chunks(&rows, 64, |chunk| {
            let widths = chunk.iter();
            widths
                .map(|row| width(table, labels, &rows, &sizes, *row))
                .collect()
        });
        Some(Self { rows, widths })
    }

    /// Added chunk by chunk, in their order.
    fn mean(&self) -> f64 {
        let sums = self.widths.iter().map(|chunk| chunk.iter().sum::<f64>());
        sums.sum::<f64>() / count(self.rows.len())
    }

    fn mean_of(&self, labels: &[u8], cluster: usize) -> Option<f64> {
        let widths = self.rows.iter().zip(self.widths.iter().flatten());
        let (mut sum, mut rows) = (0.0, 0);
        for (_, width) in widths.filter(|(row, _)| usize::from(labels[**row]) == cluster) {
            sum += width;
            rows += 1;
        }
        (rows > 0).then(|| sum / count(rows))
    }
}

fn width(table: &Table, labels: &[u8], rows: &[usize], sizes: &[usize], row: usize) -> f64 {
    let own = usize::from(labels[row]);
    if sizes[own] < 2 {
        return 0.0;
    }
    let mut sums = vec![0.0; sizes.len()];
    for other in rows {
        let distance = squared_distance(table.row(row), table.row(*other)).sqrt();
        sums[usize::from(labels[*other])] += distance;
    }
    let within = sums[own] / count(sizes[own] - 1);
    let nearest = (0..sizes.len())
        .filter(|group| *group != own && sizes[*group] > 0)
        .map(|group| sums[group] / count(sizes[group]))
        .fold(f64::INFINITY, f64::min);
    let larger = within.max(nearest);
    if larger > 0.0 {
        (nearest - within) / larger
    } else {
        0.0
    }
}

/// The rows that are looked at, ascending.
fn sample(rows: usize, settings: &KMeansSettings) -> Vec<usize> {
    let most = usize::try_from(settings.silhouette_sample).unwrap_or(usize::MAX);
    drawn(rows, most, settings.seed)
}

/// At most so many of the rows, drawn by the seed, ascending.
pub(super) fn drawn(rows: usize, most: usize, seed: i64) -> Vec<usize> {
    if rows <= most {
        return (0..rows).collect();
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed.unsigned_abs());
    let mut chosen = index::sample(&mut random, rows, most).into_vec();
    chosen.sort_unstable();
    chosen
}
