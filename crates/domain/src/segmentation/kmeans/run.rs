//! Runs that cluster customers, and what is told of them.

use serde::{Deserialize, Serialize};
use validator::Validate;

use super::{ClusterRefusal, Feature, KMeansQuality, KMeansSettings};
#[cfg(feature = "models")]
use super::{Table, describe};
use crate::job::JobState;
use crate::{ClusterRunId, CustomerId, Date, Field, FieldKind, FieldSet, Lang, Timestamp, UserId};

/// Customers that are drawn as points.
#[cfg(feature = "models")]
const POINTS: usize = 1_000;

/// A run that somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterRunInput {
    #[serde(default)]
    #[validate(nested)]
    pub settings: KMeansSettings,
}

/// What people change of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterChange {
    /// What the clusters are called, in their order; `null` or left out: by their number.
    #[serde(default)]
    #[validate(length(max = 20), custom(function = "check_names"))]
    pub names: Vec<Option<String>>,
}

fn check_names(names: &[Option<String>]) -> Result<(), validator::ValidationError> {
    let fine = |name: &String| name.trim() == name && (1..=40).contains(&name.chars().count());
    if names.iter().flatten().all(fine) {
        Ok(())
    } else {
        Err(validator::ValidationError::new("cluster_names"))
    }
}

/// What a cluster is called: by its name, or by its number.
pub fn cluster_label(cluster: i64, name: Option<&str>, lang: Lang) -> String {
    match (name, lang) {
        (Some(name), _) => name.to_owned(),
        (None, Lang::Zh) => format!("第 {cluster} 群"),
        (None, Lang::En) => format!("Cluster {cluster}"),
    }
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterRunHead {
    pub id: ClusterRunId,
    pub version: i64,
    pub settings: KMeansSettings,
    pub state: JobState,
    /// How far it has come, while it runs and where it can tell.
    pub percent: Option<i32>,
    /// Names of the clusters, in their order.
    pub names: Vec<Option<String>>,
    /// How many there are; `null` until it is done, 0 where it was refused.
    pub clusters: Option<i64>,
    /// Customers carry its clusters now: the filter `cluster` of customers means this run.
    pub current: bool,
    /// Its customers can still be read: those of the newest 12 that are done.
    pub kept: bool,
    pub by: Option<UserId>,
    pub by_name: String,
    pub created_at: Timestamp,
}

/// A run, as far as the caller may see its customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterRun {
    #[serde(flatten)]
    pub head: ClusterRunHead,
    /// `null` until it is done.
    pub result: Option<ClusterResult>,
}

/// What a run has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterResult {
    /// The day that the features are of.
    pub as_of: Date,
    /// Why there are no clusters.
    pub refusal: Option<ClusterRefusal>,
    /// How many clusters there are in the whole company.
    pub chosen: i64,
    #[serde(flatten)]
    pub figures: ClusterFigures,
    /// What customers lacked; `null` for who does not see all customers.
    #[serde(default)]
    pub gaps: Option<ClusterGaps>,
    /// Of the number chosen; `null` for who does not see all customers.
    pub quality: Option<KMeansQuality>,
    /// Of every number tried, ascending; empty for who does not see all customers.
    pub tried: Vec<KMeansQuality>,
    /// Since the run before; empty on the first.
    pub moves: Vec<ClusterMove>,
    pub previous_id: Option<ClusterRunId>,
    pub duration_ms: i64,
}

/// Features that customers lack, and what came of it: as `missing` of the settings says, the median stands in or they are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterGaps {
    /// Customers that are in no cluster because they lack a feature.
    pub left_out: i64,
    /// Those features that somebody lacks, in the order of the settings.
    pub features: Vec<FeatureGap>,
}

/// How many customers lack a feature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FeatureGap {
    pub feature: Feature,
    pub customers: i64,
}

/// The clusters among some customers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterFigures {
    pub customers: i64,
    /// Mean of each feature over these customers, in the order of the settings.
    pub means: Vec<f64>,
    pub profiles: Vec<ClusterProfile>,
    /// At most 1,000 customers, drawn by the seed.
    pub points: Vec<ClusterPoint>,
}

/// What a cluster is like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterProfile {
    /// From 1, the largest first.
    pub cluster: i64,
    pub customers: i64,
    /// Of these customers, 0 to 1.
    pub share: f64,
    /// Mean of each feature, in the order of the settings: amounts in minor units, growth as a share.
    pub means: Vec<f64>,
    /// The centre in standard deviations from the mean of these customers: what sets the cluster apart.
    pub centre: Vec<f64>,
    /// Mean silhouette, −1 to 1; `null` where it is not defined.
    pub silhouette: Option<f64>,
}

/// A customer as a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterPoint {
    pub cluster: i64,
    /// The features, in the order of the settings.
    pub values: Vec<f64>,
}

/// How many customers went from one cluster of the run before to one of this, which need not be alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusterMove {
    /// `null`: was in none.
    pub from: Option<i64>,
    /// `null`: is in none any more.
    pub to: Option<i64>,
    pub customers: i64,
}

/// A customer in a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClusteredCustomer {
    pub customer_id: CustomerId,
    pub code: String,
    pub name: String,
    /// From 1.
    pub cluster: i64,
    /// In the run before, whose clusters need not be alike.
    pub previous: Option<i64>,
    /// The features, in the order of the settings: amounts in minor units, growth as a share.
    pub values: Vec<f64>,
}

/// The figures of customers whose clusters (from 0) are known.
#[cfg(feature = "models")]
pub fn figures(
    table: &Table,
    labels: &[u8],
    clusters: usize,
    settings: &KMeansSettings,
) -> ClusterFigures {
    let (profiles, points) = if labels.is_empty() {
        (Vec::new(), Vec::new())
    } else {
        (
            describe(table, labels, clusters, settings),
            points(table, labels, settings),
        )
    };
    ClusterFigures {
        customers: whole(labels.len()),
        means: table.means(),
        profiles: (1..)
            .zip(profiles)
            .map(|(cluster, found)| ClusterProfile {
                cluster,
                customers: found.customers,
                share: found.share,
                means: found.means,
                centre: found.centre,
                silhouette: found.silhouette,
            })
            .collect(),
        points,
    }
}

#[cfg(feature = "models")]
fn points(table: &Table, labels: &[u8], settings: &KMeansSettings) -> Vec<ClusterPoint> {
    super::silhouette::drawn(table.rows(), POINTS, settings.seed)
        .into_iter()
        .map(|row| ClusterPoint {
            cluster: i64::from(labels[row]) + 1,
            values: table.row(row).to_vec(),
        })
        .collect()
}

/// Who went from where to where: each customer's cluster before and now, counted.
#[cfg(feature = "models")]
pub fn moves(pairs: impl IntoIterator<Item = (Option<i64>, Option<i64>)>) -> Vec<ClusterMove> {
    let mut counts = std::collections::BTreeMap::new();
    for pair in pairs {
        *counts.entry(pair).or_insert(0_i64) += 1;
    }
    counts
        .into_iter()
        .map(|((from, to), customers)| ClusterMove {
            from,
            to,
            customers,
        })
        .collect()
}

#[cfg(feature = "models")]
fn whole(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The fields of a run.
pub const FIELDS: FieldSet = FieldSet {
    record: "cluster_runs",
    default_sort: "-created_at",
    fields: &[Field::new(
        "created_at",
        FieldKind::Timestamp,
        "创建时间",
        "Created",
    )],
};

/// The fields of a customer in a run.
pub const MEMBER_FIELDS: FieldSet = FieldSet {
    record: "cluster_members",
    default_sort: "cluster",
    fields: &[
        Field::new("cluster", FieldKind::Integer, "聚类", "Cluster"),
        Field::new("previous", FieldKind::Integer, "上次聚类", "Cluster before").optional(),
    ],
};
