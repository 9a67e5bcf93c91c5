//! k-means: groups of customers that are alike in several features.
//!
//! Features are standardised (mean 0, standard deviation 1 over the customers given). Starts by greedy k-means++ (Arthur &
//! Vassilvitskii 2007), improved by Lloyd's iterations, restarted several times; the partition of the least inertia is kept.
//! The optima lie close together: judge a partition by its inertia and silhouette (Rousseeuw 1987), not by the sizes of its
//! clusters. Deterministic for a seed, on any number of threads.

use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::explain::Unit;

#[cfg(feature = "models")]
mod lloyd;
mod run;
#[cfg(feature = "models")]
mod silhouette;
#[cfg(feature = "models")]
mod standard;

#[cfg(feature = "models")]
pub use lloyd::{Partition, lloyd, partition};
pub use run::{
    ClusterChange, ClusterFigures, ClusterGaps, ClusterMove, ClusterPoint, ClusterProfile,
    ClusterResult, ClusterRun, ClusterRunHead, ClusterRunInput, ClusteredCustomer, FIELDS,
    FeatureGap, MEMBER_FIELDS, cluster_label,
};
#[cfg(feature = "models")]
pub use run::{figures, moves};
#[cfg(feature = "models")]
pub use silhouette::silhouette;
#[cfg(feature = "models")]
pub use standard::{Scale, Table};

choice! {
    /// What a customer is described by. Not everybody has all: without a purchase there is no recency, tenure or average order,
    /// before the second no gap, and without a full year before no growth.
    pub enum Feature {
        Recency = "recency", "距最近购买天数", "Days since the last purchase";
        Frequency = "frequency", "购买天数", "Days with a purchase";
        Monetary = "monetary", "销售额", "Sales";
        AverageOrder = "average_order", "客单价", "Average order";
        Margin = "margin", "毛利", "Margin";
        MeanGap = "mean_gap", "平均购买间隔", "Mean gap";
        Tenure = "tenure", "合作天数", "Days since the first purchase";
        Growth = "growth", "同比增长", "Growth";
        Returns = "returns", "退货额", "Returns";
        Complaints = "complaints", "投诉数", "Complaints";
    }
}

impl Feature {
    /// What its values are in: amounts in minor units, growth as a share.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Recency | Self::MeanGap | Self::Tenure => Unit::Days,
            Self::Frequency | Self::Complaints => Unit::Count,
            Self::Monetary | Self::AverageOrder | Self::Margin | Self::Returns => Unit::Money,
            Self::Growth => Unit::Share,
        }
    }
}

choice! {
    /// How a feature is bent before it is standardised. Amounts and counts are skewed: with plain values a few large customers
    /// make clusters of their own.
    pub enum Transform {
        Plain = "plain", "原值", "As it is";
        /// sign(v)·ln(1 + |v|)
        Log = "log", "对数", "Logarithm";
    }
}

choice! {
    /// What becomes of a customer who lacks a feature.
    pub enum Missing {
        /// Of those who have it: no distance comes of what is not known.
        Median = "median", "以中位数代替", "The median stands in";
        Exclude = "exclude", "该客户不参与聚类", "The customer is left out";
    }
}

/// How customers are clustered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[validate(schema(function = "check_settings"))]
pub struct KMeansSettings {
    #[validate(length(min = 1, max = 10))]
    pub features: Vec<Feature>,
    pub transform: Transform,
    pub missing: Missing,
    /// Clusters; without it the number of the best silhouette between `min_clusters` and `max_clusters`.
    #[validate(range(min = 2, max = 20))]
    pub clusters: Option<i32>,
    #[validate(range(min = 2, max = 20))]
    pub min_clusters: i32,
    #[validate(range(min = 2, max = 20))]
    pub max_clusters: i32,
    #[validate(range(min = 1, max = 100))]
    pub restarts: i32,
    #[validate(range(min = 1, max = 1_000))]
    pub max_iterations: i32,
    /// The silhouette is reckoned on this many customers, drawn by the seed.
    #[validate(range(min = 100, max = 20_000))]
    pub silhouette_sample: i32,
    #[validate(range(min = 0))]
    pub seed: i64,
}

impl Default for KMeansSettings {
    fn default() -> Self {
        Self {
            features: vec![Feature::Recency, Feature::Frequency, Feature::Monetary],
            transform: Transform::Log,
            missing: Missing::Median,
            clusters: None,
            min_clusters: 2,
            max_clusters: 8,
            restarts: 20,
            max_iterations: 300,
            silhouette_sample: 2_000,
            seed: 1,
        }
    }
}

fn check_settings(settings: &KMeansSettings) -> Result<(), ValidationError> {
    let mut error = ValidationError::new("order");
    if settings.min_clusters > settings.max_clusters {
        error.add_param("field".into(), &"max_clusters");
        return Err(error);
    }
    let mut features = settings.features.clone();
    features.sort_unstable();
    features.dedup();
    if features.len() != settings.features.len() {
        error.add_param("field".into(), &"features");
        return Err(error);
    }
    Ok(())
}

choice! {
    /// Why there are no clusters.
    pub enum ClusterRefusal {
        TooFewCustomers = "too_few_customers", "客户太少，不足以聚类", "Too few different customers for that many clusters";
        NotFinite = "not_finite", "存在无效数值", "A value is not a number";
        NoSpread = "no_spread", "所有客户的特征都相同", "All customers are alike";
    }
}

/// A cluster's profile: in the units of the features, before they were bent and standardised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cluster {
    pub customers: i64,
    /// Of all, 0 to 1.
    pub share: f64,
    /// Mean of each feature, in the order of the settings.
    pub means: Vec<f64>,
    /// The centre in standard deviations from the mean of all: what sets the cluster apart.
    pub centre: Vec<f64>,
    /// Mean silhouette of its customers, −1 to 1; `null` where it is not defined.
    pub silhouette: Option<f64>,
}

/// How well a number of clusters fits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KMeansQuality {
    pub clusters: i32,
    /// Sum of squared distances to the centres, in standardised features.
    pub inertia: f64,
    /// Mean silhouette, −1 to 1; `null` where it is not defined.
    pub silhouette: Option<f64>,
}

/// The clusters of a run, the largest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Clusters {
    pub clusters: Vec<Cluster>,
    /// The cluster of each customer, in the order given.
    pub labels: Vec<u8>,
    /// Of the number chosen.
    pub quality: KMeansQuality,
    /// Of every number tried, ascending.
    pub tried: Vec<KMeansQuality>,
}

#[cfg(feature = "models")]
pub use standard::{cluster, cluster_while, describe};

#[cfg(all(test, feature = "models"))]
mod tests;
