//! From customers to clusters: transforming, standardising, choosing the number, describing.

use super::super::numbers::count;
use super::super::parallel;
use super::{
    Cluster, ClusterRefusal, Clusters, KMeansQuality, KMeansSettings, Partition, Transform,
    partition, silhouette,
};

/// Rows of equal width, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    values: Vec<f64>,
    width: usize,
}

impl Table {
    /// `None` when the values do not fill rows of this width.
    pub fn new(values: Vec<f64>, width: usize) -> Option<Self> {
        (width > 0 && values.len().is_multiple_of(width)).then_some(Self { values, width })
    }

    pub const fn width(&self) -> usize {
        self.width
    }

    pub const fn rows(&self) -> usize {
        self.values.len() / self.width
    }

    pub fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.width..(index + 1) * self.width]
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The mean of each column over the rows with a label, for each label; rows are added in their order.
    fn means_by(&self, labels: &[u8], groups: usize) -> Vec<Vec<f64>> {
        let mut sums = vec![vec![0.0; self.width]; groups];
        let mut sizes = vec![0_usize; groups];
        for (row, label) in self.values.chunks_exact(self.width).zip(labels) {
            let group = usize::from(*label);
            sizes[group] += 1;
            for (sum, value) in sums[group].iter_mut().zip(row) {
                *sum += value;
            }
        }
        for (sums, size) in sums.iter_mut().zip(&sizes) {
            for sum in sums {
                *sum /= count(*size).max(1.0);
            }
        }
        sums
    }
}

/// Mean and standard deviation (over n) of each feature, after the transformation.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub mean: Vec<f64>,
    /// 1 for a feature in which all are alike.
    pub deviation: Vec<f64>,
}

impl Transform {
    fn bend(self, value: f64) -> f64 {
        match self {
            Self::Plain => value,
            Self::Log => value.abs().ln_1p().copysign(value),
        }
    }
}

impl Scale {
    /// Of a table whose values are transformed already. Deviations are summed from the mean, so that large values lose no digits.
    pub fn of(table: &Table) -> Self {
        let rows = count(table.rows()).max(1.0);
        let fold = |f: &(dyn Fn(usize, f64) -> f64 + Sync)| -> Vec<f64> {
            let chunks = parallel::map_chunks(table.values(), table.width * 4_096, |chunk| {
                let mut sums = vec![0.0; table.width];
                for row in chunk.chunks_exact(table.width) {
                    for (column, (sum, value)) in sums.iter_mut().zip(row).enumerate() {
                        *sum += f(column, *value);
                    }
                }
                sums
            });
            chunks
                .into_iter()
                .fold(vec![0.0; table.width], |mut all, part| {
                    all.iter_mut().zip(part).for_each(|(a, p)| *a += p);
                    all
                })
        };
        let mean: Vec<f64> = fold(&|_, value| value / rows);
        let variance = fold(&|column, value| (value - mean[column]).powi(2) / rows);
        // What is left of equal values after rounding is no spread.
        let deviation = variance
            .iter()
            .zip(&mean)
            .map(|(variance, mean)| match variance.sqrt() {
                deviation if deviation > 1e-12 * mean.abs() => deviation,
                _ => 1.0,
            })
            .collect();
        Self { mean, deviation }
    }

    /// The table in standard deviations from the mean.
    #[must_use]
    pub fn apply(&self, table: &Table) -> Table {
        let mut values = table.values.clone();
        for row in values.chunks_exact_mut(table.width) {
            for ((value, mean), deviation) in row.iter_mut().zip(&self.mean).zip(&self.deviation) {
                *value = (*value - mean) / deviation;
            }
        }
        Table {
            values,
            width: table.width,
        }
    }
}

/// Clusters customers by their features, one row each, in the order of the settings' features.
pub fn cluster(table: &Table, settings: &KMeansSettings) -> Result<Clusters, ClusterRefusal> {
    if table.values.iter().any(|value| !value.is_finite()) {
        return Err(ClusterRefusal::NotFinite);
    }
    let transformed = Table {
        values: table
            .values
            .iter()
            .map(|value| settings.transform.bend(*value))
            .collect(),
        width: table.width,
    };
    let scaled = Scale::of(&transformed).apply(&transformed);
    if scaled.values.iter().all(|value| value.abs() < 1e-9) {
        return Err(ClusterRefusal::NoSpread);
    }
    let range = match settings.clusters {
        Some(clusters) => clusters..=clusters,
        None => settings.min_clusters..=settings.max_clusters,
    };
    let mut tried = Vec::new();
    let mut best: Option<(KMeansQuality, Partition)> = None;
    for clusters in range {
        let Some(found) = partition(&scaled, clusters, settings) else {
            continue;
        };
        let quality = KMeansQuality {
            clusters,
            inertia: found.inertia,
            silhouette: silhouette(&scaled, &found.labels, settings),
        };
        tried.push(quality);
        let score = |quality: &KMeansQuality| quality.silhouette.unwrap_or(-1.0);
        if best
            .as_ref()
            .is_none_or(|(so_far, _)| score(&quality) > score(so_far))
        {
            best = Some((quality, found));
        }
    }
    let (quality, found) = best.ok_or(ClusterRefusal::TooFewCustomers)?;
    Ok(described(table, &found, quality, tried))
}

/// Numbers the clusters by size, the largest first, and adds what they are like.
fn described(
    table: &Table,
    found: &Partition,
    quality: KMeansQuality,
    tried: Vec<KMeansQuality>,
) -> Clusters {
    let groups = found.centres.rows();
    let mut sizes = vec![0_i64; groups];
    for label in &found.labels {
        sizes[usize::from(*label)] += 1;
    }
    let mut order: Vec<usize> = (0..groups).collect();
    order.sort_by_key(|group| (std::cmp::Reverse(sizes[*group]), *group));
    let mut renamed = vec![0_u8; groups];
    for (new, old) in (0_u8..).zip(&order) {
        renamed[*old] = new;
    }
    let means = table.means_by(&found.labels, groups);
    let all = count(found.labels.len()).max(1.0);
    let clusters = order
        .iter()
        .map(|group| Cluster {
            customers: sizes[*group],
            share: super::super::numbers::real(sizes[*group]) / all,
            means: means[*group].clone(),
            centre: found.centres.row(*group).to_vec(),
        })
        .collect();
    Clusters {
        clusters,
        labels: found
            .labels
            .iter()
            .map(|label| renamed[usize::from(*label)])
            .collect(),
        quality,
        tried,
    }
}
