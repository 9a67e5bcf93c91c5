//! From customers to clusters: transforming, standardising, choosing the number, describing.

use std::ops::ControlFlow;

use super::super::numbers::count;
use super::super::parallel;
use super::lloyd::partition_while;
use super::silhouette::by_cluster;
use super::{
    Cluster, ClusterRefusal, Clusters, KMeansQuality, KMeansSettings, Missing, Partition,
    Transform, silhouette,
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

    /// How many rows lack each column: their values are not finite.
    pub fn gaps(&self) -> Vec<i64> {
        let gaps = |column: usize| {
            let cells = self.values.iter().skip(column).step_by(self.width);
            i64::try_from(cells.filter(|cell| !cell.is_finite()).count()).unwrap_or(i64::MAX)
        };
        (0..self.width).map(gaps).collect()
    }

    /// A table without gaps, and which rows it has: values that are not finite are features that a customer lacks. A feature that all
    /// lack is 0 for all.
    #[must_use]
    pub fn complete(mut self, missing: Missing) -> (Self, Vec<usize>) {
        let rows = 0..self.rows();
        match missing {
            Missing::Exclude => {
                let whole = |row: &usize| self.row(*row).iter().all(|value| value.is_finite());
                let kept: Vec<usize> = rows.filter(whole).collect();
                let values = kept.iter().flat_map(|row| self.row(*row)).copied();
                self.values = values.collect();
                (self, kept)
            }
            Missing::Median => {
                for column in 0..self.width {
                    let middle = self.median(column);
                    let cells = self.values.iter_mut().skip(column).step_by(self.width);
                    for cell in cells.filter(|cell| !cell.is_finite()) {
                        *cell = middle;
                    }
                }
                (self, rows.collect())
            }
        }
    }

    /// Of the finite values of a column; of an even number the mean of the two in the middle.
    fn median(&self, column: usize) -> f64 {
        let cells = self.values.iter().skip(column).step_by(self.width);
        let mut values: Vec<f64> = cells.copied().filter(|cell| cell.is_finite()).collect();
        values.sort_unstable_by(f64::total_cmp);
        match (values.len() / 2, values.len() % 2) {
            (0, 0) => 0.0,
            (half, 0) => f64::midpoint(values[half - 1], values[half]),
            (half, _) => values[half],
        }
    }

    /// The mean of each column; rows are added in their order.
    pub fn means(&self) -> Vec<f64> {
        let labels = vec![0; self.rows()];
        self.means_by(&labels, 1).pop().unwrap_or_default()
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

/// Clusters customers by their features, one row each, in the order of the settings' features. What is not defined is to be
/// completed before (`Table::complete`): here it is refused.
pub fn cluster(table: &Table, settings: &KMeansSettings) -> Result<Clusters, ClusterRefusal> {
    let found = cluster_while(table, settings, |_, _| ControlFlow::Continue(()))?;
    found.ok_or(ClusterRefusal::TooFewCustomers)
}

/// As [`cluster`]: `step` hears before each start how many are done, and of how many; `None` where it broke off.
pub fn cluster_while(
    table: &Table,
    settings: &KMeansSettings,
    mut step: impl FnMut(i64, i64) -> ControlFlow<()>,
) -> Result<Option<Clusters>, ClusterRefusal> {
    if table.values.iter().any(|value| !value.is_finite()) {
        return Err(ClusterRefusal::NotFinite);
    }
    if table.rows() < 2 {
        return Err(ClusterRefusal::TooFewCustomers);
    }
    let scaled = scaled(table, settings);
    if scaled.values.iter().all(|value| value.abs() < 1e-9) {
        return Err(ClusterRefusal::NoSpread);
    }
    let range = match settings.clusters {
        Some(clusters) => clusters..=clusters,
        None => settings.min_clusters..=settings.max_clusters,
    };
    let starts = i64::from(settings.restarts.max(1));
    let all = starts * (i64::from(range.end() - range.start()) + 1);
    let mut tried = Vec::new();
    let mut best: Option<(KMeansQuality, Partition)> = None;
    for (index, clusters) in (0..).zip(range) {
        let mut done = index * starts;
        let go_on = || {
            done += 1;
            step(done - 1, all)
        };
        let found = match partition_while(&scaled, clusters, settings, go_on) {
            ControlFlow::Continue(Some(found)) => found,
            ControlFlow::Continue(None) => continue,
            ControlFlow::Break(()) => return Ok(None),
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
    let (labels, centres) = by_size(&found);
    let clusters = profiles(table, &scaled, &labels, &centres, settings);
    Ok(Some(Clusters {
        clusters,
        labels,
        quality,
        tried,
    }))
}

/// Bent and standardised.
fn scaled(table: &Table, settings: &KMeansSettings) -> Table {
    let bent = Table {
        values: table
            .values
            .iter()
            .map(|value| settings.transform.bend(*value))
            .collect(),
        width: table.width,
    };
    Scale::of(&bent).apply(&bent)
}

/// What clusters are like among these customers, which need not be all that were clustered: their labels (from 0) are given, and
/// centres are the means against the mean of these customers.
pub fn describe(
    table: &Table,
    labels: &[u8],
    clusters: usize,
    settings: &KMeansSettings,
) -> Vec<Cluster> {
    let scaled = scaled(table, settings);
    let centres = scaled.means_by(labels, clusters);
    profiles(table, &scaled, labels, &centres, settings)
}

/// Numbers the clusters by size, the largest first: label of each row, centre of each cluster.
fn by_size(found: &Partition) -> (Vec<u8>, Vec<Vec<f64>>) {
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
    let labels = found.labels.iter();
    (
        labels.map(|label| renamed[usize::from(*label)]).collect(),
        order
            .iter()
            .map(|group| found.centres.row(*group).to_vec())
            .collect(),
    )
}

fn profiles(
    table: &Table,
    scaled: &Table,
    labels: &[u8],
    centres: &[Vec<f64>],
    settings: &KMeansSettings,
) -> Vec<Cluster> {
    let groups = centres.len();
    let mut sizes = vec![0_i64; groups];
    for label in labels {
        sizes[usize::from(*label)] += 1;
    }
    let all = count(labels.len()).max(1.0);
    let means = table.means_by(labels, groups);
    let silhouettes = by_cluster(scaled, labels, groups, settings);
    sizes
        .into_iter()
        .zip(means)
        .zip(centres)
        .zip(silhouettes)
        .map(|(((customers, means), centre), silhouette)| Cluster {
            customers,
            share: super::super::numbers::real(customers) / all,
            means,
            centre: centre.clone(),
            silhouette,
        })
        .collect()
}
