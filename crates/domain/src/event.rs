//! Events: what happened to a record.

/// The types of records whose events leave the server: to webhooks and to those who look at them.
pub const RECORDS: &[&str] = &[
    "approvals",
    "contacts",
    "customers",
    "departments",
    "imports",
    "jobs",
    "orders",
    "products",
    "roles",
    "segmentation_runs",
    "segments",
    "stock_levels",
    "tickets",
    "webhooks",
    "win_back_plans",
];

/// A hint that a record has changed, for those who look at it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// The record's type, in plural: `customers`.
    pub record: String,
    pub id: String,
    /// The version that it has now; `null` if it is gone or has none.
    pub version: Option<i64>,
    /// What was done: `updated`.
    pub action: String,
    /// Who did it; `null`: the system.
    pub by: Option<crate::UserId>,
}
